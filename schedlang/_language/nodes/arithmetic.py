"""Arithmetic: `+ - * / **`, the sign and the pointwise functions, on values and on lengths of time.

As schedules, operands run on the same clock and receive the same incoming value; the whole is as long as the longest
operand, if all have a length, and an operand whose length is over holds its last value.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import chain, pairwise
from typing import Any, ClassVar, Final, NoReturn, Self

import attrs

from ..._text import limits
from ..._text.errors import Candidate, Diagnostic, Edit, ScheduleError, fail
from ..._text.meters import Metered, Picked, several_units
from ..._text.run import PERCENT, STEP, Awaited, Given, depends_on, tied
from ..._text.source import abridged
from ..clocks import Time, as_fraction, last_of, simplest
from ..frame import Frame
from ..operations import FUNCTIONS, INFIX, NEGATIVE, POWER, Dependence, Operation
from ..program import HANDED, Part, Pointwise, beyond_limits
from . import base
from .base import BUILD, PARAMETER, Kind, Names, Operand, Parameter, Role, Schedule, below
from .primitive import Primitive
from .scalars import (
    Name,
    Number,
    Quantity,
    as_node,
    as_nodes,
    bare_steps,
    constant,
    of_steps,
    of_whole_numbers,
    too_fine,
    within_limits,
)

_TIMED: Final = {each.name: each.timed for each in (*INFIX.values(), *FUNCTIONS.values()) if each.timed is not None}
"""What is calculated exactly."""


_LARGE: Final = 10**9  # whatever is larger is told as this much


@attrs.frozen(eq=False, repr=False)
class Arithmetic(Schedule):
    """An operation on operands: abstract."""

    def operands_in_order(self) -> tuple[Schedule, ...]:
        """All operands."""
        return tuple(operand for role, _, operand in base.children(self) if role is Role.BODY)

    @abstractmethod
    def operations(self, frame: Frame) -> tuple[Operation, ...]:
        """The operation, or those of a series from left to right."""

    def kind(self, names: Names) -> Kind:
        kinds = {operand.kind(names) for operand in self.operands_in_order()}
        return next((kind for kind in (Kind.SCHEDULE, Kind.DURATION, Kind.PARAMETER) if kind in kinds), Kind.NUMBER)

    def timeless(self, names: Names) -> bool:
        return all(names.timeless(operand) for operand in self.operands_in_order())

    def _deciding(self, names: Names) -> Iterator[Schedule]:
        """The operands that say how long the whole is."""
        return (operand for operand in self.operands_in_order() if not names.timeless(operand))

    def bounded(self, names: Names) -> bool:
        deciding = list(self._deciding(names))
        return bool(deciding) and all(operand.bounded(names) for operand in deciding)

    def stands_alone(self) -> bool:
        return all(operand.stands_alone() for operand in self.operands_in_order())

    def stops(self, frame: Frame) -> Time | None:
        stops: list[Time] = []
        for operand in self._deciding(frame.binding.names):
            stop = operand.stops(frame)
            if stop is None:
                return None
            stops.append(stop)
        return last_of(stops) if stops else None

    def lay(self, frame: Frame) -> Part:
        frame.binding.count_phase(self.place)
        inner = frame.but(following=None)
        parts = tuple(operand.lay_out(inner) for operand in self.operands_in_order())
        return Pointwise(frame.first, frame.last, self, operations=self.operations(frame), operands=parts)


@attrs.frozen(eq=False, repr=False)
class Series(Arithmetic):
    """Operands joined from left to right by operators of one precedence: abstract."""

    operands: tuple[Schedule, ...] = attrs.field(converter=as_nodes, metadata=below("the operands"))
    operators: tuple[str, ...]

    @classmethod
    def of(cls, left: Operand, operator: str, right: Operand) -> Self:
        """`left operator right`; a series on the left goes on, as (a + b) + c is a + b + c."""
        return cls.joined([as_node(left), as_node(right)], [operator])

    @classmethod
    def joined(cls, operands: Sequence[Schedule], operators: Sequence[str], **place: Any) -> Self:
        """The series of these operands, a series in the first place taken apart."""
        first = operands[0]
        if isinstance(first, cls):
            return cls((*first.operands, *operands[1:]), (*first.operators, *operators), **place)
        return cls(tuple(operands), tuple(operators), **place)

    def text(self) -> str:
        first, *others = self.operands
        behind = zip(self.operators, (operand.text_at(self.LEVEL + 1) for operand in others), strict=True)
        return " ".join([first.text_at(self.LEVEL), *chain.from_iterable(behind)])

    def operations(self, frame: Frame) -> tuple[Operation, ...]:
        return tuple(INFIX[operator] for operator in self.operators)

    def exact(self, frame: Frame) -> Fraction:
        return self._calculated(lambda operand: operand.exact(frame), frame.binding.names)

    def in_steps(self, frame: Frame, alone: bool = True) -> Time:
        if self.kind(frame.binding.names) is Kind.NUMBER:
            return _number_of_steps(self, frame)
        return simplest(self._calculated(self._term(frame), frame.binding.names))

    def _term(self, frame: Frame) -> Callable[[Schedule], Time]:
        """How an operand is read where the whole is a length of time."""
        return lambda operand: operand.in_steps(frame, alone=False)

    def _calculated(self, read: Callable[[Schedule], Time], names: Names) -> Fraction:
        result = as_fraction(read(self.operands[0]))
        for sign, operand in zip(self.operators, self.operands[1:], strict=True):
            value = as_fraction(read(operand))
            if sign == "/" and value == 0:
                fail(operand.place, "E304", f"`{self.written()}` divides by zero", "divide by a number other than 0")
            if sign == "-" and isinstance(value, Awaited):
                depends_on(value)
            if sign in ("+", "-") and (isinstance(result, Metered) or isinstance(value, Metered)):
                return self._in_one_unit([read(each) for each in self.operands], names)
            result = within_limits(_TIMED[sign](result, value), self.place)
        return result

    def _in_one_unit(self, times: Sequence[Time], names: Names) -> Fraction:
        """A sum where the rate of a unit changes: "Rates that change" in the reference."""
        awaited = next((time for time in times if isinstance(time, Awaited)), None)
        if awaited is not None:
            return awaited
        shares: list[Time] = []
        counted: list[Metered] = []
        total = Fraction(0)
        for sign, operand, time in zip(("+", *self.operators), self.operands, times, strict=True):
            signed = -time if sign == "-" else time
            if isinstance(signed, Metered) and not isinstance(signed, Picked):
                counted.append(signed)
                if not signed.simple:
                    shares.append(signed.share)
            elif not isinstance(signed, Metered) and (time == 0 or is_share(operand, names)):
                total += signed
            else:
                self._several(times)
        mine = [each for each in counted if each.meter is counted[0].meter]
        others = [each for each in counted if each.meter is not counted[0].meter]
        amount: Fraction = sum(map(Fraction, mine), Fraction(0))
        given = any(each.given for each in counted)
        if others:  # a share of the run that was given in one of these units, and an amount of the other
            if any(each.given for each in mine):
                mine, others = others, mine
            if any(each.given for each in mine) or not all(each.meter is others[0].meter for each in others):
                self._several(times)
            shares.append(mine[0].but(sum(map(Fraction, mine), Fraction(0)), given=False))
            amount = sum(map(Fraction, others), Fraction(0))
            counted = others
        shares += [total] if total else []
        if len(shares) > 1 and any(isinstance(share, Metered) for share in shares):
            self._several(times)
        share = shares[0] if len(shares) == 1 else sum(shares, Fraction(0)) if shares else 0
        written = self.written()
        found = Metered.of(counted[0].meter, amount, given, self.place, written, share)
        return found or Fraction(0)

    def _several(self, times: Sequence[Time]) -> NoReturn:
        counted = next(time for time in times if isinstance(time, Metered))
        unit = counted.meter.unit.symbol
        hint = "write a sum in one unit"
        if counted.meter.unit is not STEP:  # on another clock a share of steps has no place that others count from
            hint += f", or a share of the run plus or minus one: `100% - 32 {unit}`"
        for each, time in zip(self.operands, times, strict=True):
            if isinstance(each, Name) and not isinstance(time, Metered):
                hint = f"give `{each.name}` in {unit}, as the rest is"
        several_units(counted.but(counted, place=self.place, written=self.written()), hint)


@attrs.frozen(eq=False, repr=False)
class Sum(Series):
    """`a + b - c`.

    >>> from schedlang import parse
    >>> str(parse("(a + b) - (c + d)"))
    'a + b - (c + d)'
    """

    LEVEL: ClassVar[int] = base.SUM


@attrs.frozen(eq=False, repr=False)
class Product(Series):
    """`a * b / c`.

    >>> from schedlang import parse
    >>> str(parse("(a * b) / (c * d)"))
    'a * b / (c * d)'
    """

    LEVEL: ClassVar[int] = base.PRODUCT

    def groups(self) -> list[tuple[Schedule, ...]]:
        """The operands that are factors of one product: no divisor is one, nor stands one between them."""
        divisors = [index for index, sign in enumerate(self.operators, 1) if sign == "/"]
        spans = zip([-1, *divisors], [*divisors, len(self.operands)], strict=True)
        return [self.operands[before + 1 : stop] for before, stop in spans]

    def lay(self, frame: Frame) -> Part:
        # Where the value handed on is not known, what depends on it is NaN, and the rest the same whatever it is.
        if math.isnan(frame.incoming) or sum(map(frame.binding.names.takes, self.operands)) < 2:
            return super().lay(frame)
        frame.binding.count_phase(self.place)
        inner = frame.but(following=None)
        parts, shared = self._laid(inner)
        operations = list(self.operations(frame))
        if shared and frame.incoming != 1.0:
            parts.insert(shared, constant(HANDED, inner, frame.incoming, handed=True))
            operations.insert(shared - 1, INFIX["*"])
        return Pointwise(frame.first, frame.last, self, operations=tuple(operations), operands=tuple(parts))

    def _laid(self, frame: Frame) -> tuple[list[Part], int]:
        """The operands, and behind how many of them the product is multiplied by the value handed on; 0: it is not."""
        known, key = frame.binding.sharing, (id(self), *frame.key())
        if key in known:  # nested products would be laid out again and again to see it
            one = frame.but(incoming=1.0)
            parts = [each.lay_out(one if index < known[key] else frame) for index, each in enumerate(self.operands)]
            return parts, known[key]
        factors = [_Factor(operand, frame) for operand in self.operands]
        shared = known[key] = self._sharing(factors, frame)
        frame.binding.nodes.append(self)
        for index, factor in enumerate(factors):
            if index < shared and factor.refused:
                factor.hand(1.0)
            elif index >= shared and factor.dependence.depends and not factor.refused and frame.incoming != 1.0:
                factor.hand(frame.incoming)
        return [factor.shown() for factor in factors], shared

    def _sharing(self, factors: list[_Factor], frame: Frame) -> int:
        """Behind how many operands all of several factors have come that depend on the value handed on; 0: nowhere."""
        quotients = [factors[0].dependence]  # how all that stands up to each operand depends on it
        for sign, factor in zip(self.operators, factors[1:], strict=True):
            quotients.append(INFIX[sign].dependence(quotients[-1], factor.dependence))
        divisors = [index for index, sign in enumerate(self.operators, 1) if sign == "/"]
        for cut, stop in reversed([*pairwise([0, *divisors, len(factors)])]):
            found = [(cut, quotients[cut]), *((index, factors[index].dependence) for index in range(cut + 1, stop))]
            taking = [(index, dependence.multiple) for index, dependence in found if dependence.depends]
            if len(taking) > 1:
                wrong = [] if frame.peek else [index for index, multiple in taking if not multiple]
                if wrong:
                    other = next(index for index, _ in taking if index != wrong[0])
                    one, beside = self._factor(wrong[0], cut), self._factor(other, cut)
                    raise ScheduleError([no_multiple(one, beside, frame.binding.names)])
                return taking[-1][0] + 1  # behind the last of them, so that `c * (a * b)` is `a * b * c` to the bit
            if not quotients[cut].depends:
                break
        return 0

    def _factor(self, index: int, cut: int) -> Schedule:
        """A factor behind the divisor `cut`; the first is all up to there."""
        return Product(self.operands[: cut + 1], self.operators[:cut]) if 0 < cut == index else self.operands[index]

    def _term(self, frame: Frame) -> Callable[[Schedule], Time]:
        names = frame.binding.names
        times = [factor for factor in self.operands if factor.kind(names) is Kind.DURATION]
        divided = [factor for sign, factor in zip(self.operators, self.operands[1:], strict=True) if sign == "/"]
        wrong = [*times[1:], *(time for time in times if any(time is factor for factor in divided))]
        if wrong:
            self._refuse(wrong[0], alone=wrong == times)

        def read(factor: Schedule) -> Time:
            return factor.in_steps(frame, alone=False) if factor.kind(names) is Kind.DURATION else factor.exact(frame)

        return read

    def in_steps(self, frame: Frame, alone: bool = True) -> Time:
        time = super().in_steps(frame, alone)
        if isinstance(time, Awaited) and time < 0:
            depends_on(time)
        fraction = time.denominator > 1 and not isinstance(time, Given) and _in_steps_alone(self, frame.binding.names)
        return Given(time) if fraction else time if time else 0

    def _refuse(self, time: Schedule, alone: bool) -> NoReturn:
        """Raise E304 for a second time or a divisor; `alone`: for the only time there is."""
        share, message = time.written(), f"a duration is multiplied or divided by a number, not by `{time.written()}`"
        if not (alone and len(self.operands) == 2 and share[:1].isdigit()):
            fail(time.place, "E304", message, "write a number here")
        number = share.rstrip("%abcdefghijklmnopqrstuvwxyz ")  # `1/3 ep`: the unit belongs to the first number
        instead = f"{self.operands[0].written()}{share[len(number) :]} / {number}"
        found = Diagnostic.at(time.place, "E304", message, f"write `{instead}`")
        if self.place is not None:
            candidate = Candidate((Edit(self.place.span, instead),), f"write `{instead}`")
            found = attrs.evolve(found, candidates=(candidate,))
        raise ScheduleError([found])


class _Factor:
    """A factor that is laid out to see how it depends on the value handed on, and then perhaps once more.

    It is handed 1; or, if it refuses that, what there is.
    """

    def __init__(self, node: Schedule, frame: Frame) -> None:
        self._node, self._frame = node, frame
        self._phases = 0
        self.refused = False
        try:
            self.hand(1.0 if frame.binding.names.takes(node) else frame.incoming)
        except ScheduleError as error:
            if beyond_limits(error):
                raise
            self.refused = True
            self.hand(frame.incoming)

    def hand(self, value: float) -> None:
        """Lay it out; what was laid out before is neither seen nor counted as phases, only as work."""
        frame, binding = self._frame, self._frame.binding
        binding.phases -= self._phases
        counted, watch = binding.phases, binding.watch
        self._seen: list[tuple[Schedule, Frame, Part]] = []
        if watch is not None:
            binding.watch = lambda *sight: self._seen.append(sight)
        try:
            self._part = self._node.lay_out(frame if value == frame.incoming else frame.but(incoming=value))
            self._phases = binding.phases - counted
            if frame.peek:  # one step is seen
                self.dependence = Dependence(not self._part.free(frame.first), multiple=True)
            else:
                self.dependence = self._part.dependence()
        finally:
            binding.watch, binding.phases = watch, counted + self._phases

    def shown(self) -> Part:
        """As it was laid out last; now that it stays, it is seen."""
        for sight in self._seen:
            assert self._frame.binding.watch is not None
            self._frame.binding.watch(*sight)
        return self._part


def no_multiple(factor: Schedule, other: Schedule, names: Names) -> Diagnostic:
    """What is wrong with a factor that depends on the value handed on, and is no multiple of it, beside another."""
    wrong, beside = (f"`{abridged(node.written())}`" for node in (factor, other))
    message = f"{beside} and {wrong} both depend on the value handed on, and {wrong} is no multiple of it"
    hint = "let it begin at a number, and not at the value handed on"
    begins = first_taking(factor, names)
    taken = begins.taken() if isinstance(begins, Primitive) else ()
    if taken:
        given: dict[str, Any] = {taken[0].attribute: 1}
        article = "an" if taken[0].name == "end" else "a"
        hint = f"give it {article} `{taken[0].name}`, for example `{attrs.evolve(begins, **given).text()}`"
    place = factor.place
    if isinstance(factor, Product) and place is None:  # a quotient in a longer product
        first, last = factor.operands[0].place, factor.operands[-1].place
        place = None if first is None or last is None else attrs.evolve(first, span=first.span.to(last.span))
    return Diagnostic.at(place, "E316", message, hint)


def first_taking(node: Schedule, names: Names) -> Schedule:
    """What in a factor, a phase or a body first depends on the value handed on; arithmetic is not looked into."""
    while not isinstance(node, Primitive):
        found = names.get(node.name) if isinstance(node, Name) else None
        below = [child for role, _, child in base.children(node) if role is Role.BODY and names.takes(child)]
        if found is None and (not below or (isinstance(node, Arithmetic) and not isinstance(node, Negative))):
            break
        node = below[0] if found is None else found
    return node


def _number_of_steps(node: Schedule, frame: Frame) -> Time:
    """Arithmetic without a unit as a number of steps.

    Raises:
        ScheduleError: E303, if it rounds what could be a share of the run, of which nothing would be left.
    """
    if _rounds(node, frame.binding.names) and not of_whole_numbers(node, frame):
        hint = "give what is rounded a unit: `%` for a share of the run, or `steps`"
        fail(node.place, "E303", f"`{node.written()}` rounds what could be a share of the run", hint)
    return bare_steps(node.exact(frame), node, frame)


def _rounds(node: Schedule, names: Names) -> bool:
    """Whether something is rounded in exact arithmetic."""
    if isinstance(node, Name):
        return bool(names.ask("rounds", node.name, False, lambda value: _rounds(value, names)))
    if isinstance(node, Apply) and FUNCTIONS[node.function].multiple:
        return True
    return any(_rounds(each, names) for _, _, each in base.children(node))


def _in_steps_alone(node: Schedule, names: Names, share: bool = False) -> bool:
    """Whether all times in a node are numbers of steps; `share`: it stands where a number below 1 is a share."""
    match node:
        case Apply(function) if FUNCTIONS[function].multiple:
            return True
        case Quantity():
            return node.needs() is STEP
        case Number():
            return not (share and node.is_fraction())
        case Name():
            asked = f"in steps alone, {share}"
            return bool(names.ask(asked, node.name, True, lambda value: _in_steps_alone(value, names, share)))
    return all(_in_steps_alone(each, names, isinstance(node, Apply)) for _, _, each in base.children(node))


@attrs.frozen(eq=False, repr=False)
class Negative(Arithmetic):
    """`-a`."""

    LEVEL: ClassVar[int] = base.SIGN

    operand: Schedule = attrs.field(converter=as_node, metadata=below("an operand"))

    def text(self) -> str:
        return f"-{self.operand.text_at(base.SIGN)}"

    def operations(self, frame: Frame) -> tuple[Operation, ...]:
        return (NEGATIVE,)

    def exact(self, frame: Frame) -> Fraction:
        return -self.operand.exact(frame)

    def in_steps(self, frame: Frame, alone: bool = True) -> Time:
        time = self.operand.in_steps(frame, alone=False)
        return depends_on(time) if isinstance(time, Awaited) else -time


@attrs.frozen(eq=False, repr=False)
class Power(Arithmetic):
    """`a ** b`, which binds to the right and tighter than a sign on its left.

    >>> from schedlang import parse
    >>> str(parse("-a ** (-b) ** c"))
    '-a ** (-b) ** c'
    """

    LEVEL: ClassVar[int] = base.POWER

    left: Schedule = attrs.field(converter=as_node, metadata=below("an operand"))
    right: Schedule = attrs.field(converter=as_node, metadata=below("an operand"))

    def text(self) -> str:
        return f"{self.left.text_at(base.ATOM)} ** {self.right.text_at(base.SIGN)}"

    def operations(self, frame: Frame) -> tuple[Operation, ...]:
        return (POWER,)

    def irrational(self, names: Names) -> bool:
        root = isinstance(self.right, Number) and self.right.value % 1 != 0
        return root or super().irrational(names)

    def exact(self, frame: Frame) -> Fraction:
        left, right = self.left.exact(frame), self.right.exact(frame)
        if right.denominator != 1:
            return super().exact(frame)
        if left == 0 and right < 0:
            fail(self.place, "E304", f"`{self.written()}` divides by zero", "use a power of at least 0")
        size = max(left.numerator.bit_length(), left.denominator.bit_length())
        if size * abs(right) > limits.BITS:
            too_fine(self.place)
        return left ** int(right)

    def in_steps(self, frame: Frame, alone: bool = True) -> Time:
        return _number_of_steps(self, frame)


@attrs.frozen(eq=False, repr=False)
class Apply(Arithmetic):
    """A pointwise function: `max(a, b)`, `sqrt(a)` …

    >>> from schedlang import parse
    >>> str(parse("max(cosine(3e-4, 0), 1e-5,)"))
    'max(cosine(3e-4, 0), 1e-5)'
    """

    function: str
    operands: tuple[Schedule, ...] = attrs.field(converter=as_nodes, metadata=below("the operands"))
    multiple: Schedule | None = attrs.field(
        default=None,
        converter=attrs.converters.optional(as_node),
        metadata={
            PARAMETER: Parameter(Role.NUMBER, "to multiples of what, a number above 0", named=True, keyword=True)
        },
    )

    def __attrs_post_init__(self) -> None:
        operation = FUNCTIONS[self.function]
        count = len(self.operands)
        if count < operation.least or (operation.most is not None and count > operation.most):
            message = f"`{self.function}` takes {operation.arguments()}, not {count}"
            code, hint = "E203" if count < operation.least else "E205", f"write `{operation.example()}`"
            if operation.multiple and count == 2:
                message = f"`{self.function}` takes {operation.arguments()} by position, not {count}"
                hint = f"to multiples of 8 is `{self.function}(a, multiple=8)`, to two decimals `multiple=0.01`"
            fail(self.place, code, message, hint)
        if self.multiple is not None and not operation.multiple:
            fail(self.place, "E202", f"`{self.function}` has no argument `multiple`", f"write `{operation.example()}`")

    def check_multiple(self, of: float) -> None:
        """Raise E312 for a multiple of nothing, or of less; NaN, what is not known yet, passes."""
        if self.multiple is not None and of <= 0:
            message = f"`multiple` is {of:g}, but has to be above 0"
            fail(self.multiple.place, "E312", message, "use 1 for whole numbers, 0.01 for two decimals")

    def text(self) -> str:
        given = [operand.text_at(base.CHAIN) for operand in self.operands]
        if self.multiple is not None:
            given.append(f"multiple={self.multiple.text_at(base.CHAIN)}")
        return f"{self.function}({', '.join(given)})"

    def operations(self, frame: Frame) -> tuple[Operation, ...]:
        operation = FUNCTIONS[self.function]
        if self.multiple is None:
            return (operation,)
        of = self.multiple.number(frame)
        self.check_multiple(of)
        return (operation.to_multiples(of),)

    def irrational(self, names: Names) -> bool:
        return self.function not in _TIMED or super().irrational(names)

    def exact(self, frame: Frame) -> Fraction:
        if self.function not in _TIMED:
            return super().exact(frame)
        of = self._multiple(frame)
        value = _TIMED[self.function](*(operand.exact(frame) / of for operand in self.operands)) * of
        return within_limits(Fraction(value), self.place)

    def _multiple(self, frame: Frame) -> Fraction:
        """To multiples of what it rounds exactly; 1 for what doesn't."""
        if self.multiple is None:
            return Fraction(1)
        if self.multiple.kind(frame.binding.names) is Kind.DURATION:
            message = f"`{self.multiple.written()}` is a duration, but a number of steps belongs here"
            fail(self.multiple.place, "E301", message, "write a number without a unit: `multiple=100`")
        of = self.multiple.exact(frame)
        if of <= 0:
            self.check_multiple(float(max(of, Fraction(-_LARGE))))
        return of

    def in_steps(self, frame: Frame, alone: bool = True) -> Time:
        if self.function not in _TIMED:
            return super().in_steps(frame, alone)
        if FUNCTIONS[self.function].multiple:
            if not alone and self.kind(frame.binding.names) is Kind.NUMBER:
                return _number_of_steps(self, frame)
            return self._rounded(self.operands[0].in_steps(frame), frame)
        times = [operand.in_steps(frame) for operand in self.operands]
        if any(isinstance(each, Metered) for each in times):
            return self._picked(times)
        time: Time = _TIMED[self.function](*times)
        return tied(time, *times) if time else time

    def _rounded(self, time: Time, frame: Frame) -> Time:
        """A length of time in whole optimizer steps, or in multiples of so many."""
        of = self._multiple(frame)
        size = of_steps(of, self, frame) or of
        if isinstance(time, Metered) and isinstance(size, Metered) and time.simple and time.meter is size.meter:
            return time.but(_TIMED[self.function](Fraction(time) / of) * of)
        for each in (time, size):
            if isinstance(each, Metered):
                each.refuse()
        rounded = within_limits(_TIMED[self.function](as_fraction(time) / size) * as_fraction(size), self.place)
        if isinstance(time, Awaited):
            return time.tied(rounded)
        return simplest(rounded) if rounded.denominator == 1 or frame.binding.exactly else Given(rounded)

    def _picked(self, times: Sequence[Time]) -> Time:
        """The least or the most of times in units whose rates change."""
        counted = next(each for each in times if isinstance(each, Metered))
        simple = [each for each in times if isinstance(each, Metered) and each.simple and each.meter is counted.meter]
        if len(simple) + sum(not isinstance(each, Metered) and each == 0 for each in times) == len(times):
            amount = _TIMED[self.function](*map(Fraction, times))
            given = any(each.given for each in simple)
            return counted.but(amount, given=given, place=self.place, written=self.written()) or 0
        return Picked.among(counted.meter, _TIMED[self.function], times, self.place, self.written())


def is_share(node: Schedule, names: Names) -> bool:
    """Whether a length of time is a share of the run: of nothing but `%`, and numbers."""
    shares = False
    for leaf, _, _ in base.atoms_of(node):
        if isinstance(leaf, Quantity):
            if leaf.needs() is not PERCENT:
                return False
            shares = True
        elif isinstance(leaf, Name) and leaf.name in names and leaf.kind(names) is Kind.DURATION:
            if not is_share(names[leaf.name], names):
                return False
            shares = True
    return shares


BUILD.update({"+": Sum.of, "*": Product.of, "**": Power, "negative": Negative})
