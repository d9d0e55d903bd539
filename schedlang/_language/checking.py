"""What a schedule must be before it meets a run: every rule of the language that needs no run, checked in one pass."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, Final, TypeAlias

import attrs

from .._text import limits
from .._text.errors import Candidate, Diagnostic, Edit, ScheduleError, in_order, nearest
from .._text.numerals import decimal_text
from .._text.run import PERCENT, RATES, Run
from .._text.spelling import SOUGHT
from .frame import Binding, Frame
from .names import definitions_of, names_in
from .nodes import (
    Every,
    For,
    Hold,
    Key,
    Keyframes,
    Name,
    Negative,
    Number,
    Over,
    Primitive,
    Product,
    Quantity,
    Repeat,
    Schedule,
    Skip,
    Sum,
    Then,
    Until,
    Variable,
    Warmup,
    Where,
)
from .nodes.arithmetic import Apply, Arithmetic, no_multiple
from .nodes.base import Kind, Names, Role, children
from .nodes.clauses import no_length, no_start
from .nodes.primitive import declaration_of
from .nodes.scalars import MISPLACED, SO_FAR, is_real, renamed

_TIMES: Final = (Role.DURATION, Role.POSITION)
_VALUES: Final = (Kind.NUMBER, Kind.PARAMETER)
_BOUNDS: Final = ("min", "max", "clip")
_REACHED: Final = 8  # places in different units that are kept in mind
_Form: TypeAlias = dict[str, Fraction]  # a time as an amount per unit
_RUN: Final = Run(total_steps=1, **dict.fromkeys(RATES, 1))  # type: ignore[arg-type]


def check(schedule: Schedule, argument: bool = False) -> None:
    """Check every rule that needs no run; as an `argument`, a length of time will do.

    Raises:
        ScheduleError: E1xx … E3xx, with everything that is wrong.
    """
    problems = checked(schedule, argument)
    if problems:
        raise ScheduleError(problems)


def checked(schedule: Schedule, argument: bool = False) -> list[Diagnostic]:
    """What breaks a rule that needs no run, in the order of the text."""
    body, names = definitions_of(schedule)
    checker = _Checker(names)
    if isinstance(schedule, Where):  # without definitions the parser has counted the levels
        checker.check_definitions(schedule)
    if not checker.problems:
        is_time = argument and body.kind(names) is Kind.DURATION
        checker.visit(body, Role.DURATION if is_time else Role.BODY)
        if checker.has_until:
            checker.positions(body, [{}])
        if isinstance(schedule, Where):
            checker.check_used(schedule)
    return in_order(checker.problems) if checker.problems else []


class _Checker:
    """Collects what is wrong; `names` are the definitions behind `where`."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.problems: list[Diagnostic] = []
        self.used: set[str] = set()
        self.has_until = False
        self._visited: set[tuple[str, Role]] = set()
        self._inside: tuple[Schedule | None, str] = None, ""  # what is visited, as an argument of what

    @cached_property
    def _frame(self) -> Frame:
        """The frame of a run of one step that knows every rate: what is wrong there is wrong everywhere."""
        return Frame.of_run(Binding(_RUN, self.names))

    def _problem(self, node: Schedule, code: str, message: str, hint: str | None = None) -> None:
        self.problems.append(Diagnostic.at(node.place, code, message, hint))

    def _tried(self, ask: Callable[..., object], *given: Any) -> None:
        """Ask something that raises what is wrong; parameters are not known before the run is."""
        try:
            ask(*given)
        except ScheduleError as error:
            self.problems += [each for each in error.diagnostics if each.code != "E402"]

    # Definitions.

    def check_definitions(self, schedule: Where) -> None:
        """Each definition may use the ones before it, and the nesting limit holds through names too."""
        depths: dict[str, int] = {}
        known = set(self.names)
        for definition in schedule.definitions:
            for name in names_in(definition.value):
                if name.name in known and name.name not in depths:
                    own = name.name == definition.name
                    message = f"`{name.name}` is defined by itself" if own else f"`{name.name}` is defined further on"
                    hint = "a definition may only use the ones before it"
                    self._problem(name, "E210", message, hint)
            alias = isinstance(definition.value, Name)  # a level of its own: it is looked through like any other
            depths[definition.name] = self._depth(definition.value, depths) + alias
        self._depth(schedule.body, depths)

    def _depth(self, node: Schedule, depths: Mapping[str, int]) -> int:
        def depth(below: Schedule) -> int:
            if isinstance(below, Name):
                return depths.get(below.name, 0)
            return 1 + max((depth(child) for _, _, child in children(below)), default=0)

        found = depth(node)
        if found > limits.NESTING + 2 and not self.problems:
            message = f"nested deeper than {limits.NESTING} levels, definitions included"
            self._problem(node, "E106", message, "write it flatter")
        return found

    def check_used(self, schedule: Where) -> None:
        """A definition that nothing uses is a mistake."""
        free = sorted(self.used - set(self.names))
        unused = [definition for definition in schedule.definitions if definition.name not in self.used]
        for number, definition in enumerate(unused):
            message = f"`{definition.name}` is defined but never used"
            close = nearest(definition.name, free) if number < SOUGHT else None
            hint = "use it, or remove its definition" if close is None else f"did you mean `{close}`?"
            self.problems.append(Diagnostic.at(definition.place, "E209", message, hint, close))

    # Kinds.

    def visit(self, node: Schedule, role: Role) -> None:
        """Check a node that stands where `role` belongs, and all below it."""
        if isinstance(node, Name):
            self._visit_name(node, role)
        if role in _TIMES:
            self._visit_time(node)
        elif role is Role.BODY:
            self._visit_body(node)
        else:
            self._visit_number(node, role)

    def _visit_name(self, node: Name, role: Role) -> None:
        self.used.add(node.name)
        definition = self.names.get(node.name)
        if definition is None or (node.name, role) in self._visited:
            return
        self._visited.add((node.name, role))
        fits = {Kind.DURATION: role in _TIMES, Kind.SCHEDULE: role is Role.BODY}.get(definition.kind(self.names), True)
        if fits:
            self.visit(definition, role)

    def _visit_time(self, node: Schedule) -> None:
        if isinstance(node, Quantity):
            return  # a length, whatever the run
        kind = node.kind(self.names)
        if kind is Kind.SCHEDULE:
            hint = "write a length such as `500`, `5%`, `30ep` or `2B tok`"
            found = Diagnostic.at(node.place, "E302", f"`{node.written()}` is not a duration", hint)
            amounts = [(each.place, amount) for each, amount in _amounts(node) if each.place is not None]
            if amounts:
                hint = f"`{amounts[0][1]}` is an amount of time"
                if isinstance(node, Variable):
                    hint += f", and `{node.name}` how many have passed; a parameter needs another name"
                edits = tuple(Edit(place.span, amount) for place, amount in amounts)
                found = attrs.evolve(found, hint=hint, candidates=(Candidate(edits, hint),))
            self.problems.append(found)
            return
        for _, _, child in children(node):
            self._mark_used(child)
        if kind is not Kind.PARAMETER:
            self._tried(node.in_steps, self._frame)

    def _mark_used(self, node: Schedule) -> None:
        for name in names_in(node):
            self._visit_name(name, Role.DURATION if name.kind(self.names) is Kind.DURATION else Role.NUMBER)

    def _visit_number(self, node: Schedule, role: Role) -> None:
        if isinstance(node, Number):
            self._check_finite(node)
            return
        kind = node.kind(self.names)
        if kind is Kind.DURATION:
            self._misplaced(node, "a number")
        elif kind is Kind.SCHEDULE:
            what = "changes from step to step" if _varies(node) else "is a schedule"
            own = isinstance(node, Variable) and node.name not in ("step", "progress")  # names of parameters once
            hint = renamed(node.written()) if own else "use numbers, parameters, `base` and `pi` here"
            self._problem(node, "E315", f"`{node.written()}` {what}, but {role.value} belongs here", hint)
        else:
            for _, _, child in children(node):
                self.visit(child, Role.NUMBER)

    def _misplaced(self, node: Schedule, wanted: str) -> None:
        """A length of time where something else belongs; a percentage may be meant as a share of a value."""
        message = f"`{node.written()}` is a duration, but {wanted} belongs here"
        found = Diagnostic.at(node.place, "E301", message, MISPLACED)
        factors = node.operands_in_order() if isinstance(node, Product) else [node]
        shares = [each for each in factors if isinstance(each, Quantity) and each.unit == PERCENT.symbol]
        if len(shares) == 1:
            share = _share_of(shares[0], node, *self._inside)
            number = decimal_text(shares[0].value / 100)
            found = attrs.evolve(found, hint=f"write `{number}` for the number, `{number} * base` for a share of base")
            if share is not None and shares[0].place is not None:
                candidate = Candidate((Edit(shares[0].place.span, share),), f"write `{share}`")
                found = attrs.evolve(found, candidates=(candidate,))
        self.problems.append(found)

    def _check_finite(self, node: Number) -> None:
        if math.isinf(float(node.value)):
            self._problem(node, "E313", f"`{node.written()}` is too large for a float", "use a number below 1.8e308")

    def _visit_body(self, node: Schedule) -> None:
        if isinstance(node, Quantity) or (isinstance(node, Name) and node.kind(self.names) is Kind.DURATION):
            self._misplaced(node, "a value")
            return
        passed = self._check_order(node) if isinstance(node, Keyframes) else ()
        for role, argument, child in children(node):
            if any(child is each for each in passed):
                self._mark_used(child)
                continue
            if argument.parameter.real and is_real(child, self.names):
                self.visit(child, Role.NUMBER)
                continue
            self._inside = node, argument.name
            self.visit(child, role)
            if role is Role.DURATION:
                self._check_sign(child, argument.parameter.positive)
        match node:
            case Number():
                self._check_finite(node)
            case Then():
                self._check_ends(node)
            case Repeat():
                self._check_repeat(node)
            case Primitive():
                self._check_numbers(node)
            case Apply():
                self._tried(node.check_multiple, _literal(node.multiple))
            case Product():
                self._check_factors(node)
            case Until():
                self.has_until = True

    def _check_sign(self, node: Schedule, positive: bool) -> None:
        if isinstance(node, (Number, Quantity)) and node.value > 0:
            return  # nearly every length there is
        form = self._linear(node)
        if form is None or any(share > 0 for share in form.values()):
            return
        if positive or any(share < 0 for share in form.values()):
            wanted = "above zero" if positive else "zero or more"
            hint = "write a length such as `100` or `1ep`"
            self._problem(node, "E312", f"`{node.written()}` has to be {wanted}", hint)

    def _check_order(self, node: Keyframes) -> list[Schedule]:
        """Tell of keys with the time first. Returns what stands in the keys that are told of.

        If no key has the value first for certain, those that could be either are meant as the others are.
        """
        kinds = [(key.value.kind(self.names), key.time.kind(self.names)) for key in node.keys]
        wrong = [one is Kind.DURATION and other in _VALUES for one, other in kinds]
        if not any(wrong) or any(one is other is Kind.DURATION for one, other in kinds):
            return []
        if not any(other is Kind.DURATION for _, other in kinds):
            wrong = [one is Kind.DURATION or other in _VALUES for one, other in kinds]
        meant = [key for key, swap in zip(node.keys, wrong, strict=True) if swap]
        first = next(key for key in meant if key.value.kind(self.names) is Kind.DURATION)
        turned = {_turned(key): None for key in meant if key.value != key.time}
        hint = f"a key is `value @ time`: write `{', '.join(turned)}`"
        message = f"`{first.value.written()}` is a time, but the value comes first in a key"
        edits = tuple(Edit(key.place.span, _turned(key)) for key in meant if key.place is not None)
        found = Diagnostic.at(first.value.place, "E301", message, hint)
        self.problems.append(attrs.evolve(found, candidates=(Candidate(edits, hint),) if edits else ()))
        return [each for key in meant for each in (key.value, key.time)]

    def _check_ends(self, node: Then) -> None:
        for phase in node.phases[:-1]:
            if not phase.bounded(self.names):
                text = phase.written()
                called = f"`{text}`" if len(text) < 60 else "this phase"
                self._problem(
                    phase,
                    "E306",
                    f"{called} has no end before `then`",
                    "say how long it lasts: add `for 10%`, `for 500`, or `until 80%`",
                )

    def _check_numbers(self, node: Primitive) -> None:
        """Check what is known of the numbers of a primitive: NaN stands for what is not."""
        values = {each.name: _literal(getattr(node, each.attribute)) for each in declaration_of(type(node)).numbers}
        self._tried(node.check, values)

    def _check_factors(self, node: Product) -> None:
        """Tell of a factor that takes the value handed on and is no multiple of it, beside another that takes it."""
        for factors in node.groups():
            taking = [factor for factor in factors if isinstance(self._begun(factor), Primitive)]
            wrong = [factor for factor in taking if self._has_level(self._begun(factor))]
            if len(taking) > 1 and wrong:
                other = next(factor for factor in taking if factor is not wrong[0])
                self.problems.append(no_multiple(wrong[0], other, self.names))

    def _begun(self, node: Schedule) -> Schedule | None:
        """The primitive that a factor is, under signs and clauses, if it takes the value handed on in every run."""
        node = self._resolved(node)
        while isinstance(node, (Negative, For, Until, Over, Skip, Every)):
            node = self._resolved(node.operand if isinstance(node, Negative) else node.body)
        return node if isinstance(node, Primitive) and node.takes(self.names) else None

    @staticmethod
    def _has_level(node: Schedule | None) -> bool:
        """Whether a primitive that takes the value handed on has another level than that, not 0."""
        numbers = declaration_of(type(node)).numbers if isinstance(node, Primitive) else ()
        return any(abs(_literal(getattr(node, each.attribute))) > 0 for each in numbers if each.parameter.level)

    # Repeating.

    def _check_repeat(self, node: Repeat) -> None:
        for bare in self._bare(node.body):
            what = "`until`" if isinstance(bare, Until) else "`for rest`"
            hint = "give each copy a run of its own: `(…) over 10ep repeat`"
            self._problem(bare, "E309", f"{what} means the same place in every copy of a repeated body", hint)
        if not node.body.bounded(self.names):
            self.problems.append(no_length(node.body))
        if node.stretch is not None and not isinstance(self._resolved(node.body), (For, Over)):
            hint = "write the length outermost: `(…) for 10ep repeat stretch 2`"
            message = "`stretch` needs a body `… for D` or `… over D`, whose D it stretches"
            self._problem(node.body, "E310", message, hint)
        if node.scale is not None and not self._states(node.body):
            self.problems.append(no_start(node.body))
        for argument, ask in ((node.count, node.copies), (node.stretch, node.factor)):
            if argument is not None and argument.kind(self.names) is Kind.NUMBER:
                self._tried(ask, self._frame)

    def _resolved(self, node: Schedule) -> Schedule:
        while isinstance(node, Name) and node.name in self.names:
            node = self.names[node.name]
        return node

    def _bare(self, node: Schedule) -> Iterator[Schedule]:
        """Each `until` and `for rest` that means the window a repeated body stands in."""
        if isinstance(node, Name):
            yield from self.names.ask("bare", node.name, (), lambda definition: tuple(self._bare(definition)))
        elif isinstance(node, Until):
            yield node
        elif isinstance(node, For):
            if node.time is None:
                yield node
            else:
                yield from (bare for bare in self._bare(node.body) if isinstance(bare, Until))
        elif not isinstance(node, Over):
            for role, _, child in children(node):
                if role is Role.BODY:
                    yield from self._bare(child)

    def _states(self, node: Schedule) -> bool:
        """Whether a body may state its start; binding knows which of its phases have no length."""
        match node:
            case Name():
                return bool(self.names.ask("states", node.name, True, self._states))
            case Hold():
                return False
            case Then():
                return any(self._states(phase) for phase in node.phases)
            case Skip():
                return True
            case Primitive():
                return not any(
                    each.parameter.handed and each.name == "start" and getattr(node, each.attribute) is None
                    for each in declaration_of(type(node)).numbers
                )
            case _:
                return all(self._states(child) for role, _, child in children(node) if role is Role.BODY)

    # Places in the run.

    def positions(self, node: Schedule, reached: list[_Form]) -> list[_Form]:
        """Walk through the phases with places that have been reached at least; returns those reached behind the node.

        Each place is an amount of time per unit. An `until` that lies before one of them in every run is a mistake.
        """
        match node:
            case Then():
                for phase in node.phases:
                    reached = self.positions(phase, reached)
                return reached
            case Until():
                self.positions(node.body, reached)
                place = self._linear(node.position)
                if place is None:
                    return reached
                if any(_lies_behind(place, each) for each in reached):
                    message = f"this phase begins later than `{node.position.written()}` in every run"
                    hint, instead = "use a later place, or `for` and a length", None
                    if isinstance(node.position, Negative):
                        instead = f"100% - {node.position.operand.written()}"
                        hint = f"places count from the start: write `{instead}` to count from the end"
                    self.problems.append(Diagnostic.at(node.position.place, "E307", message, hint, instead))
                return [*(each for each in reached if not _lies_behind(each, place) and each != place), place][
                    -_REACHED:
                ]
            case For(time=Schedule()):
                self.positions(node.body, reached)
                return self._moved(node.time, reached)
            case Over():
                self.positions(node.body, [{}])
                return self._moved(node.time, reached)
            case Primitive():
                return self._moved(getattr(node, "duration", None), reached)
            case Repeat():
                return reached
            case Arithmetic():  # as long as its longest operand
                behind = (place for each in node.operands_in_order() for place in self.positions(each, reached))
                return [*reached, *behind][-_REACHED:]
            case _:
                for role, _, child in children(node):
                    if role is Role.BODY:
                        self.positions(child, reached)
                return reached

    def _moved(self, time: Schedule | None, reached: list[_Form]) -> list[_Form]:
        """The places reached after some more time, if it is known."""
        form = None if time is None else self._linear(time)
        if form is None:
            return reached
        return [_plus(place, form) for place in reached]

    def _linear(self, node: Schedule, alone: bool = True) -> _Form | None:
        """A time as an amount per unit; None if it is more than that, or not known yet."""
        match node:
            case Number():
                value = Fraction(node.value)
                return {"%": 100 * value} if alone and node.is_fraction() else {"steps": value}
            case Quantity():
                return {node.unit: Fraction(node.value)}
            case Name():
                found = self.names.ask("linear", node.name, None, self._linear)
                return found if found is None else dict(found)
            case Negative():
                return _scaled(self._linear(node.operand, False), Fraction(-1))
            case Sum():
                total: _Form = {}
                for operator, term in zip(("+", *node.operators), node.operands, strict=True):
                    form = _scaled(self._linear(term, False), Fraction(1 if operator == "+" else -1))
                    if form is None:
                        return None
                    total = _plus(total, form)
                return total
            case Product():
                return self._linear_product(node)
            case _:
                return None

    def _linear_product(self, node: Product) -> _Form | None:
        form: _Form | None = {"steps": Fraction(1)}
        for operator, factor in zip(("*", *node.operators), node.operands, strict=True):
            if factor.kind(self.names) is Kind.DURATION:
                own = self._linear(factor, False)
                form = None if form is None or list(form) != ["steps"] else _scaled(own, form["steps"])
                continue
            try:
                value = factor.exact(self._frame)
            except ScheduleError:
                return None
            if operator == "/" and value == 0:
                return None
            form = _scaled(form, value if operator == "*" else 1 / value)
        return form


def _lies_behind(place: _Form, reached: _Form) -> bool:
    """Whether a place lies before one that was reached, however long the units are."""
    gaps = [reached.get(unit, 0) - place.get(unit, 0) for unit in {*place, *reached}]
    return all(gap >= 0 for gap in gaps) and any(gap > 0 for gap in gaps)


def _scaled(form: _Form | None, factor: Fraction) -> _Form | None:
    return None if form is None else {unit: share * factor for unit, share in form.items()}


def _plus(one: _Form, other: _Form) -> _Form:
    return {unit: one.get(unit, Fraction(0)) + other.get(unit, Fraction(0)) for unit in {*one, *other}}


def _amounts(node: Schedule) -> Iterator[tuple[Schedule, str]]:
    """Where how much has passed of a unit stands in the place of so much of it, and what is meant: `2 * epoch`."""
    match node:
        case Variable(name) if name in SO_FAR:
            yield node, f"1 {name.rstrip('s')}"
        case Product(
            operators=("*",), operands=(Number() as number, Variable(name)) | (Variable(name), Number() as number)
        ):
            if name in SO_FAR:
                yield node, f"{number.written()} {name.rstrip('s')}{'' if number.value == 1 else 's'}"
        case Arithmetic():
            for each in node.operands_in_order():
                yield from _amounts(each)


def _share_of(share: Quantity, node: Schedule, inside: Schedule | None, argument: str) -> str | None:
    """What a percentage, or a product with one, means as an argument of another node; None if that can't be told.

    A share of what a ramp starts at, or else of `base`; among factors, and where no level belongs, a number.
    """
    number = decimal_text(share.value / 100)
    if isinstance(node, Product) or isinstance(inside, Product):
        product = node if isinstance(node, Product) else inside
        return number if isinstance(product, Product) and "/" not in product.operators else None
    if argument in ("factor", "scale") or (isinstance(inside, Apply) and inside.function == "mix"):
        return number
    if isinstance(inside, Primitive):
        declared = declaration_of(type(inside))
        start = getattr(inside, "start", None) if argument == "end" and not isinstance(inside, Warmup) else None
        if argument in declared.rates:
            return None
        if isinstance(start, Number):
            return decimal_text(share.value / 100 * start.value) if start.value else None
        if isinstance(start, (Name, Variable)):
            return f"{number} * {start.written()}"
        if start is not None and not isinstance(start, Quantity):
            return None
    elif inside is None or (isinstance(inside, Arithmetic) and getattr(inside, "function", "") not in _BOUNDS):
        return None
    return {Decimal(0): "0", Decimal(100): "base"}.get(share.value, f"{number} * base")


def _turned(key: Key) -> str:
    """The text of a key with what stands first behind what stands second."""
    return f"{key.time.written()} @ {key.value.written()}"


def _literal(node: Schedule | None) -> float:
    """The value of a number as written; NaN for anything else."""
    if isinstance(node, Number):
        return float(node.value)
    if isinstance(node, Negative):
        return -_literal(node.operand)
    return math.nan


def _varies(node: Schedule) -> bool:
    if isinstance(node, Variable):
        return not node.timeless(Names({}))
    return any(_varies(child) for _, _, child in children(node))
