"""From syntax tree to schedule nodes: what names mean and which arguments calls take.

All mistakes are collected: a part that can't be read leaves a hole, a name that nothing can be called, so that the rest
can be read and checked all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise, zip_longest
from typing import Any, Final, TypeVar, assert_never

from .._text import syntax
from .._text.errors import Candidate, Diagnostic, Edit, ScheduleError, listed
from .._text.fixes import foreign
from .._text.fixes.foreign import Foreign, Measure, says
from .._text.keywords import KEYWORDS
from .._text.numerals import Grouped, decimal_text, grouped, why_grouped
from .._text.run import PERCENT, UNITS
from .._text.source import Place, Source, Span
from .._text.spelling import SOUGHT, distance, misspelt, near, nearest, too_many_digits
from .names import HOLE
from .nodes import (
    CLAUSES,
    PRIMITIVES,
    Apply,
    Definition,
    Key,
    Keyframes,
    Name,
    Negative,
    Number,
    Power,
    Primitive,
    Product,
    Quantity,
    Ramp,
    Schedule,
    Sum,
    Then,
    Variable,
    Where,
)
from .nodes.base import Argument, Role
from .nodes.primitive import declaration_of
from .nodes.scalars import RESERVED, VARIABLES, read_decimal, renamed
from .operations import FUNCTIONS

_FEW: Final = 16  # arguments of a call that are looked at for a comma too many

T = TypeVar("T")


class Reader:
    """Reads the syntax tree of one source; `problems` collects what is wrong, and `holes` where nothing can be read."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Diagnostic] = []
        self.holes: list[Span] = []
        self._grouped = grouped(source.text) if "," in source.text else {}
        self._told: set[Span] = set()  # of them
        self._tree: syntax.Text | None = None
        self._gaps = 0  # problems after which the arguments of a call are not all known

    def _problem(
        self,
        span: Span,
        code: str,
        message: str,
        hint: str | None = None,
        candidates: Iterable[Candidate] = (),
        *,
        whole: bool = False,
    ) -> None:
        """Tell what is wrong; `whole`: the arguments of the call around it are all known in spite of that."""
        self._gaps += not whole
        self.problems.append(Diagnostic(code, message, span, hint, self.source, candidates=tuple(candidates)))

    def _place(self, tree: syntax.Syntax) -> Place:
        return Place(self.source, tree.span)

    def text(self, tree: syntax.Text) -> Schedule:
        """The schedule that a whole text means."""
        self._tree = tree
        body = self.node(tree.body)
        if not tree.definitions:
            return body
        definitions = []
        seen: set[str] = set()
        for each in tree.definitions:
            value = self.node(each.value)
            if self._check_name(each, seen):
                definitions.append(Definition(each.name.text, value, place=self._place(each.name)))
        return Where(body, tuple(definitions), place=self._place(tree)) if definitions else body

    def _check_name(self, definition: syntax.Named, seen: set[str]) -> bool:
        """Whether something may be called so; `seen` are the names before it."""
        name, span = definition.name.text, definition.name.span
        if name in RESERVED or name in PRIMITIVES:
            self._problem(span, "E207", f"`{name}` already means something and cannot be defined", renamed(name))
            return False
        if name not in seen:
            seen.add(name)
            return True
        whole = Span(span.start, definition.span.end)
        before = self.source.text.rfind(",", 0, whole.start)
        removed = Candidate((Edit(Span(before, whole.end), ""),), f"remove `{self.source[whole]}`")
        self._problem(span, "E208", f"`{name}` is defined twice", "remove one of the definitions", [removed])
        return False

    def node(self, tree: syntax.Syntax) -> Schedule:
        """The node that a tree means; a hole if something is wrong with it."""
        place = Place(self.source, tree.span)
        found: Schedule | None = None
        match tree:
            case syntax.Number():
                value = self._decimal(tree, place)
                found = None if value is None else Number(value, place=place)
            case syntax.Quantity():
                found = self._quantity(tree, place)
            case syntax.Word():
                found = self._name(tree, place)
            case syntax.Call():
                found = self._call(tree, place)
            case syntax.Negative():
                found = Negative(self.node(tree.operand), place=place)
            case syntax.Power():
                found = self._tried(Power, self.node(tree.left), self.node(tree.right), place=place)
            case syntax.Series():
                kind = Sum if tree.operators[0] in "+-" else Product
                found = kind.joined(self._all(tree.operands), tree.operators, place=place)
            case syntax.Ramp():
                found = self._ramp(tree, place)
            case syntax.Clause():
                found = self._clause(tree, place)
            case syntax.Chain():
                found = Then.of(*self._all(tree.phases), place=place)
            case syntax.List():
                inner = [self.source[item.span] for item in tree.items]
                candidates = [_instead(tree.span, inner[0], f"write `{inner[0]}`")] if len(inner) == 1 else []
                self._problem(tree.span, "E305", "a list does not belong here", "write a single value", candidates)
            case syntax.Key():
                message = "a key `value @ time` belongs into `keyframes(…)`"
                self._problem(tree.span, "E305", message, "write a single value")
            case syntax.Named() | syntax.Text():
                raise AssertionError(tree)
            case _:
                assert_never(tree)
        if found is not None:
            return found
        self.holes.append(place.span)
        return Name(HOLE, place=place)

    def _all(self, trees: Iterable[syntax.Syntax]) -> list[Schedule]:
        """The nodes of some trees."""
        return [self.node(tree) for tree in trees]

    def _tried(self, make: Callable[..., T], *given: Any, **named: Any) -> T | None:
        """What `make` returns; None and a problem, if it raises one."""
        try:
            return make(*given, **named)
        except ScheduleError as error:
            self.problems += error.diagnostics
            self._gaps += 1
            return None

    def _decimal(self, tree: syntax.Number | syntax.Quantity, place: Place) -> Decimal | None:
        """The value of a number's text."""
        if self._grouped:
            whole = self._grouped.get(self.source.text.find(tree.text, tree.span.start))  # it may stand in brackets
            if whole is not None and tree.span.start > whole.span.start:
                self._tell_grouped(whole)
                return None
        return self._tried(read_decimal, tree.text, place)

    def _tell_grouped(self, whole: Grouped) -> None:
        if whole.span not in self._told:
            self._told.add(whole.span)
            self.holes.append(whole.span)
            self._problem(whole.span, *why_grouped(self.source[whole.span], whole.written))

    def _arguments_of(self, tree: syntax.Call) -> Sequence[syntax.Syntax]:
        """The arguments of a call; of a number with commas in it only the first piece is one."""
        if not self._grouped:
            return tree.arguments
        found = []
        for argument in tree.arguments:
            whole = self._grouped.get(argument.span.start)
            if whole is None or argument.span.start == whole.span.start:
                found.append(argument)
            else:
                self._tell_grouped(whole)
        return found

    def _quantity(self, tree: syntax.Quantity, place: Place) -> Schedule | None:
        word = tree.unit.text
        unit = UNITS.get(word)
        if unit is None:
            self._unknown_unit(tree)
            return None
        value = self._decimal(tree, place)
        return None if value is None else Quantity(value, unit.symbol, place=place)

    def _unknown_unit(self, tree: syntax.Quantity) -> None:
        word, span = tree.unit.text, tree.unit.span
        *symbols, last = sorted({f"`{unit.symbol}`": unit for unit in UNITS.values()}, key=lambda each: each != "`%`")
        hint = f"units are {', '.join(symbols)} and {last}"
        apart = span.start > tree.span.start + len(tree.text)
        candidates: list[Candidate] = [] if apart else _digits(tree)
        known = foreign.UNITS.get(word) if len(self.problems) < SOUGHT else None
        if known is not None:
            hint, candidates = self._known_unit(tree, known)
        surely = misspelt(word, [*UNITS, *KEYWORDS, *PRIMITIVES, *FUNCTIONS, *foreign.UNITS])
        if word in PRIMITIVES or word in FUNCTIONS:
            start = Span(span.start, span.start)
            candidates.append(_instead(start, "then " if apart else " then ", f"add `then` before `{word}`"))
        seek = known is None and not candidates and len(word) > 1 and len(self.problems) < SOUGHT
        seek = seek and (apart or word[1:] not in UNITS)  # `3pep`, for `30ep`
        for close in near(word, [*UNITS, *KEYWORDS]) if seek else ():
            blank = "" if apart or close in UNITS else " "
            meant = f"did you mean `{tree.text}{' ' if apart else blank}{close}`?"
            candidates.append(_instead(span, blank + close, meant, close == surely))
        if not apart and word in _MAGNITUDES:
            candidates.append(_instead(span, _MAGNITUDES[word], hint))
        self._problem(span, "E211", f"`{word}` is not a unit of time", hint, candidates, whole=True)

    def _known_unit(self, tree: syntax.Quantity, known: Foreign) -> tuple[str, list[Candidate]]:
        """A hint at what another system's unit is here, and the amount in ours, if that is one."""
        from .translating import amount_of

        word, amount = tree.unit.text, amount_of(tree)
        if known.here:
            candidates = [
                _instead(tree.unit.span, each, says(word, known, each), _spelt(word, each))
                for each in known.here
                if len(word) == 1 or _spelt(word, each)
            ]
            return says(word, known, known.here[0]), candidates
        if amount is None:
            return known.note or "", []
        hint = f"`{word}` ({known.systems}) is a share of the run: write `{amount.text}`"
        return hint, [_instead(tree.span, amount.text, hint)]

    def _name(self, tree: syntax.Word, place: Place) -> Schedule | None:
        if tree.text in VARIABLES:
            return Variable(tree.text, place=place)
        if tree.text in PRIMITIVES:
            return self._primitive(PRIMITIVES[tree.text], syntax.Call(tree, (), tree.span, 1), place)
        return Name(tree.text, place=place)

    def _ramp(self, tree: syntax.Ramp, place: Place) -> Schedule | None:
        name = tree.shape.text
        cls = PRIMITIVES.get(name)
        if cls is None or not (cls.pair and issubclass(cls, Ramp)):
            shapes = [each for each, other in PRIMITIVES.items() if other.pair and issubclass(other, Ramp)]
            others = foreign.CALLS if cls is None else {}
            hint, candidates = self._meant(tree.shape, others, shapes, f"write {listed(shapes)}")
            message = f"`{name}` is not a ramp that goes from one value to another"
            self._problem(tree.shape.span, "E201", message, hint, candidates, whole=True)
            self._all(value for value in (tree.start, tree.end) if value is not None)
            return None
        if tree.end is None:
            end = Span(tree.span.end, tree.span.end)
            added = Candidate((Edit(end, " to 0"),), f"write `{place.text} to 0`")
            self._problem(end, "E203", "the ramp does not say where it goes", f"write `{place.text} to 0`", [added])
            return None
        start = None if tree.start is None else self.node(tree.start)
        return self._tried(cls, start=start, end=self.node(tree.end), place=place)

    def _clause(self, tree: syntax.Clause, place: Place) -> Schedule | None:
        if tree.word not in CLAUSES:
            raise NotImplementedError(f"the clause `{tree.word}` is in the grammar, but no node stands for it")
        arguments = [None if each is None else self.node(each) for each in tree.arguments]
        return self._tried(CLAUSES[tree.word], self.node(tree.body), *arguments, place=place)

    def _meant(
        self, name: syntax.Word, others: Mapping[str, Foreign], known: Iterable[str], hint: str
    ) -> tuple[str, list[Candidate]]:
        """A hint at what an unknown name may mean, and names that it may have been meant for, the likeliest first."""
        word = name.text
        if len(self.problems) >= SOUGHT:
            return hint, []
        names = list(known)
        found = others.get(word) or others.get(word.lower())
        if found is not None:
            here = [each for each in found.here if each in names]
            hint = found.note or (says(word, found, here[0]) if here else hint)
            return hint, [_instead(name.span, each, says(word, found, each), each in FUNCTIONS) for each in here]
        surely = misspelt(word, [*names, *others])
        close = near(word, names) or [each for each in (nearest(word.lower(), names),) if each is not None]
        close = [each for each in close if not too_many_digits(word, each)]
        candidates = [_instead(name.span, each, f"did you mean `{each}`?", each == surely) for each in close]
        for each in near(word, others, 1) if not close and len(word) > 4 else ():
            if distance(word.lower(), each.lower()) <= 1:
                hint = others[each].note or says(each, others[each], others[each].here[0])
        return hint, candidates

    # Calls.

    def _call(self, tree: syntax.Call, place: Place) -> Schedule | None:
        name = tree.function.text
        if name in PRIMITIVES:
            return self._primitive(PRIMITIVES[name], tree, place)
        if name in FUNCTIONS:
            return self._function(tree, place)
        if name in RESERVED:
            hint = f"write `{name}` without parentheses"
            candidates = [] if tree.arguments else [_instead(tree.span, name, hint, certain=True)]
            self._problem(tree.function.span, "E201", f"`{name}` is not a function", hint, candidates, whole=True)
        else:
            there = "`schedlang primitives` lists what there is"
            hint, candidates = self._meant(tree.function, foreign.CALLS, [*PRIMITIVES, *FUNCTIONS], there)
            known = name in foreign.CALLS and len(self.problems) < SOUGHT
            if known and not any(each.certain for each in candidates):
                candidates = self._as_ours(tree, hint)
            self._problem(tree.function.span, "E201", f"unknown name `{name}`", hint, candidates, whole=True)
            if name in foreign.FORMS and candidates:
                return None  # all that it is given is understood
            cls = PRIMITIVES.get(_likeliest(candidates) or "") if name not in foreign.CALLS else None
            if cls is not None:  # what is wrong with the call it was meant to be
                self._primitive(cls, tree, place)
                return None
        for argument in self._arguments_of(tree):
            self._loose(argument)
        return None

    def _as_ours(self, tree: syntax.Call, hint: str) -> list[Candidate]:
        """The text that has the values of another system's call, if that is known."""
        from .translating import text_of

        text = text_of(tree, self.source, self._begins_with(tree)) or self._by_name(tree)
        if text is None:
            return []
        known = foreign.CALLS[tree.function.text]
        if not known.here:
            hint = f"`{tree.function.text}` ({known.systems}) is a text of its own here"
        alone = (self._tree is not None and tree is self._tree.body) or re.fullmatch(
            r"\w*(\([^()]*\))?", text
        ) is not None
        return [_instead(tree.span, text if alone else f"({text})", hint)]

    def _by_name(self, tree: syntax.Call) -> str | None:
        """A call all of whose arguments are named, and the same values here; None, if it is no such call.

        Only where what is not given is the same everywhere.
        """
        from .translating import value_of

        word = tree.function.text
        alike = [each for each in foreign.CALLS[word].here if each in _DEFAULTS_ALIKE and word not in foreign.FORMS]
        here = alike[0] if alike else None
        written = []
        for each in tree.arguments:
            if here is None or not isinstance(each, syntax.Named):
                return None
            takes = declaration_of(PRIMITIVES[here]).named
            known = foreign.argument(each.name.text)
            ours = [name for name in (each.name.text, *(known.here if known else ())) if name in takes]
            value = value_of(each.value, Measure.VALUE if known is None else known.measure, self.source)
            if not ours or value is None or not value.same or (known is not None and known.note):
                return None
            written.append(f"{ours[0]}={value.text}")
        return f"{here}({', '.join(written)})" if written else None

    def _function(self, tree: syntax.Call, place: Place) -> Schedule | None:
        name, takes = tree.function.text, ["multiple"] if FUNCTIONS[tree.function.text].multiple else []
        given, named = list(self._arguments_of(tree)), dict[str, syntax.Syntax]()
        for argument in given:
            if not isinstance(argument, syntax.Named):
                if named:
                    hint = f"write `{name}(…, {next(iter(named))}=…)`"
                    message = "an argument by position stands behind one by name"
                    self._problem(argument.span, "E212", message, hint)
                    return None
                continue
            word = argument.name.text
            if word not in takes:
                message = f"`{name}` has no argument `{word}`"
                if takes:
                    hint, candidates = self._meant(argument.name, foreign.ARGUMENTS, takes, f"it takes {listed(takes)}")
                else:
                    span = Span(argument.span.start, argument.value.span.start)
                    hint = f"write `{self.source[argument.value.span]}` without a name"
                    candidates = [_instead(span, "", hint)]
                self._problem(argument.name.span, "E202", message, hint, candidates, whole=True)
                return None
            if word in named:
                self._problem(argument.span, "E204", f"`{word}` is given twice", "remove one of them")
                return None
            named[word] = argument.value
        operands = tuple(self._all(each for each in given if not isinstance(each, syntax.Named)))
        return self._tried(Apply, name, operands, *map(self.node, named.values()), place=place)

    def _primitive(self, cls: type[Primitive], tree: syntax.Call, place: Place) -> Schedule | None:
        before, gaps = len(self.problems), self._gaps
        given = self._arguments(cls, tree)
        values: dict[str, Any] = {}
        for argument, value in given.values():
            values[argument.name] = self._value(cls, argument, value)
        if declaration_of(cls).takes_keys:
            values["keys"] = self._keys(tree)
        if len(self.problems) == before:
            return self._tried(cls, **values, place=place)
        if None not in values.values() and self._gaps == gaps:
            self._tried(cls, **values, place=place)  # for what else is wrong
        return None

    def _arguments(self, cls: type[Primitive], tree: syntax.Call) -> dict[str, tuple[Argument, syntax.Syntax]]:
        """The arguments of a call by name."""
        declared = declaration_of(cls)
        takes, by_position, takes_keys = declared.named, declared.positional, declared.takes_keys
        given: dict[str, tuple[Argument, syntax.Syntax]] = {}
        before = len(self.problems)
        position = 0
        named = False
        for tree_argument in self._arguments_of(tree):
            if isinstance(tree_argument, syntax.Named):
                named = True
                self._named_argument(cls, tree_argument, takes, given, tree)
            elif takes_keys and isinstance(tree_argument, syntax.Key):
                continue
            elif named:
                hint = "give it first, or by its name"
                free = [each.name for each in by_position if each.name not in given]
                at, value = Span(tree_argument.span.start, tree_argument.span.start), self.source[tree_argument.span]
                candidates = [_instead(at, f"{name}=", f"write `{name}={value}`") for name in free]
                message = "an argument by position stands behind one by name"
                self._problem(tree_argument.span, "E212", message, hint, candidates)
                self._loose(tree_argument)
            elif position >= len(by_position):
                message, hint = self._too_many(cls, by_position, tree_argument)
                self._problem(tree_argument.span, "E205", message, hint, self._decimal_commas(tree))
                self._loose(tree_argument)
            else:
                given[by_position[position].name] = (by_position[position], tree_argument)
                position += 1
        single = cls.pair and position == 1 and "end" not in given and len(self.problems) == before
        if single and isinstance(given["start"][1], syntax.Quantity):
            self._lone_time(cls, given.pop("start")[1])
        elif single and not isinstance(given["start"][1], (syntax.Key, syntax.List)):
            span = given["start"][1].span
            message = f"`{cls.name}` with a single value: is it the start or the end?"
            self._problem(span, "E206", message, cls.pair_hint(self.source[span]))
        return given

    def _lone_time(self, cls: type[Primitive], tree: syntax.Syntax) -> None:
        """Tell of a ramp whose only argument is a length of time, where it takes the value at its start."""
        before, time = len(self.problems), self.source[tree.span]
        self.node(tree)
        if len(self.problems) > before:
            return  # it is no length of time yet
        hint = f"write `{cls.name}(duration={time})` for how long it is"
        if isinstance(tree, syntax.Quantity) and tree.unit.text == PERCENT.symbol:
            share = decimal_text(read_decimal(tree.text, None) / 100)
            hint += f", `{cls.name}(end={share} * base)` for a share of base at its end"
        self._problem(tree.span, "E301", f"`{time}` is a duration, but a number belongs here", hint)

    def _named_argument(
        self,
        cls: type[Primitive],
        tree: syntax.Named,
        takes: dict[str, Argument],
        given: dict[str, tuple[Argument, syntax.Syntax]],
        call: syntax.Call,
    ) -> None:
        name = tree.name.text
        if name not in takes:
            self._unknown_argument(cls, tree, takes, given, call)
        elif name in given:
            comma = self.source.text.rfind(",", 0, tree.span.start)
            hint = f"remove `{self.source[tree.span]}`"
            removed = _instead(Span(comma, tree.span.end), "", hint)
            candidates = [*self._decimal_commas(call), removed]
            self._problem(tree.span, "E204", f"`{name}` is given twice", "remove one of them", candidates)
            self._loose(tree.value)
        else:
            given[name] = (takes[name], tree.value)

    def _unknown_argument(
        self,
        cls: type[Primitive],
        tree: syntax.Named,
        takes: dict[str, Argument],
        given: dict[str, tuple[Argument, syntax.Syntax]],
        call: syntax.Call,
    ) -> None:
        from .translating import value_of

        name = tree.name.text
        if name in foreign.EXCLUDING and "inclusive" in takes and tree is not self._excluding(call)[0]:
            return  # it is told with the first
        hint = f"it takes {listed(takes)}" if takes else "it takes no arguments"
        left = [each for each in takes if each not in given]
        known = foreign.argument(name) if len(self.problems) < SOUGHT else None
        if known is None:
            hint, candidates = self._meant(tree.name, foreign.ARGUMENTS, left, hint)
            meant = _likeliest(candidates)
        elif known.note == foreign.WARMUP and cls.name != "warmup":
            hint, meant = known.note, None
            candidates = (
                self._warmed_up(tree, known, call) if issubclass(cls, Ramp) and "start" not in known.here else []
            )
        else:
            here = next((each for each in known.here if each in left), None)
            already = next((each for each in known.here if each in given), None)
            if known.note is not None and known.note != foreign.WARMUP:
                hint = known.note
            elif here is not None:
                hint = says(name, known, here)
            elif already is not None:
                hint = f"{says(name, known, already)}, and it is given already"
            elif "duration" in known.here and (lasts := value_of(tree.value, known.measure, self.source)) is not None:
                hint = f"how long a phase lasts stands behind it: `… for {lasts.text}`"
            if here == "inclusive":
                candidates = self._ends(tree, call)
            else:
                candidates = [] if here is None else self._valued(tree, known, here, cls, call)
            meant = here if candidates and candidates[0].certain else None
        message = f"`{call.function.text}` has no argument `{name}`"
        self._problem(tree.name.span, "E202", message, hint, candidates, whole=meant is not None)
        if meant is None:
            self._loose(tree.value)
        else:
            given[meant] = (takes[meant], tree.value)

    def _valued(
        self, tree: syntax.Named, known: Foreign, here: str, cls: type[Primitive], call: syntax.Call
    ) -> list[Candidate]:
        """Another system's argument with the value that it has here, if that is known; certain if it is the same."""
        from .translating import value_of

        if known.measure is Measure.TOTAL and not self._begins_with(call):
            return []
        start = None if here == "start" else self._start_of(cls, call)
        value = value_of(tree.value, known.measure, self.source, start)
        if value is None:
            return []
        if value.same:
            same = known._replace(measure=Measure.VALUE)
            return [_instead(tree.name.span, here, says(tree.name.text, same, here), certain=True)]
        return [_instead(tree.span, f"{here}={value.text}", says(tree.name.text, known, here))]

    def _ends(self, tree: syntax.Named, call: syntax.Call) -> list[Candidate]:
        """Noether's words for the ends that a ramp leaves out as ours for those it shows."""
        said = self._excluding(call)
        flags = {each.name.text: self.source[each.value.span].lower() for each in said}
        if len(flags) < len(said) or not {*flags.values()} <= {"true", "false"}:
            return []
        first, last = (flags.get(end) == "true" for end in foreign.EXCLUDING)
        written = f"inclusive={foreign.INCLUSIVE[first, last]}"
        edits = [Edit(tree.span, written)]
        for one, other in pairwise(call.arguments):
            if other is not tree and other in said:
                edits.append(Edit(Span(one.span.end, other.span.end), ""))
        return [Candidate(tuple(edits), f"write `{written}`")]

    def _excluding(self, call: syntax.Call) -> list[syntax.Named]:
        return [
            each for each in call.arguments if isinstance(each, syntax.Named) and each.name.text in foreign.EXCLUDING
        ]

    def _begins_with(self, call: syntax.Syntax) -> bool:
        """Whether a call is the first phase of the text."""
        body = None if self._tree is None else self._tree.body
        return call is (body.phases[0] if isinstance(body, syntax.Chain) else body)

    def _start_of(self, cls: type[Primitive], call: syntax.Call) -> syntax.Syntax | None:
        """What a call says that it starts at, in our words or in others'; None if that is `base`."""
        position = [each.name for each in declaration_of(cls).positional]
        for tree, name in zip_longest(call.arguments, position[: len(call.arguments)]):
            if isinstance(tree, syntax.Named):
                known = foreign.argument(tree.name.text)
                same = known is not None and known.here == ("start",) and known.measure is Measure.VALUE
                if tree.name.text == "start" or same:
                    return tree.value
            elif name == "start":
                return tree
        return None

    def _warmed_up(self, tree: syntax.Named, known: Foreign, call: syntax.Call) -> list[Candidate]:
        """The warm-up that a ramp is given as an argument as a phase before it, if the text begins with the ramp."""
        from .translating import value_of

        value = value_of(tree.value, known.measure, self.source)
        names = [each.name.text for each in call.arguments if isinstance(each, syntax.Named) and each is not tree]
        long = any("duration" in (name, *getattr(foreign.argument(name), "here", ())) for name in names)
        if value is None or long or not self._begins_with(call) or len(call.arguments) - len(names) > 3:
            return []
        index = next(index for index, each in enumerate(call.arguments) if each is tree)
        if len(call.arguments) == 1:
            removed = Span(call.function.span.end, call.span.end)
        elif index:
            removed = Span(call.arguments[index - 1].span.end, tree.span.end)
        else:
            removed = Span(tree.span.start, call.arguments[1].span.start)
        begin = Span(call.span.start, call.span.start)
        return [Candidate((Edit(begin, f"warmup({value.text}) then "), Edit(removed, "")), foreign.WARMUP)]

    def _decimal_commas(self, tree: syntax.Call) -> list[Candidate]:
        """Numbers that may have a comma for a point: `0,5`."""
        found = []
        for one, other in pairwise(self._arguments_of(tree)[:_FEW]):
            between = Span(one.span.end, other.span.start)
            digits = (self.source[one.span] + self.source[other.span]).isdecimal()
            if digits and self.source[between] == ",":
                number = f"{self.source[one.span]}.{self.source[other.span]}"
                found.append(_instead(between, ".", f"did you mean `{number}`?"))
        return found

    def _loose(self, tree: syntax.Syntax) -> None:
        """Read an argument that goes nowhere, to see what is wrong with it."""
        if not isinstance(tree, (syntax.List, syntax.Key, syntax.Named)):
            self.node(tree)

    def _too_many(self, cls: type[Primitive], by_position: list[Argument], tree: syntax.Syntax) -> tuple[str, str]:
        if issubclass(cls, Keyframes):
            return "a keyframe needs a time", "write `value @ time`, for example `0 @ 0, 3e-4 @ 5%`"
        if not by_position:
            return f"`{cls.name}` takes no arguments", f"write `{cls.name}`, or `{self.source[tree.span]}` alone"
        count = "one argument" if len(by_position) == 1 else f"{len(by_position)} arguments"
        takes = listed(each.name for each in by_position)
        return f"`{cls.name}` takes at most {count} by position", f"it takes {takes}"

    def _value(self, cls: type[Primitive], argument: Argument, tree: syntax.Syntax) -> Any:
        role = argument.parameter.role
        if role is Role.CHOICE:
            return self._choice(argument, tree)
        if role in (Role.NUMBERS, Role.DURATIONS):
            if not isinstance(tree, syntax.List):
                instead = f"[{self.source[tree.span]}]"
                candidate = _instead(tree.span, instead, f"write `{instead}`")
                alone = not re.match(r"\s*,\s*[\d.]", self.source.text[tree.span.end :])  # else they may belong to it
                hint = candidate.hint if alone else f"write all of them in one list: `{cls.example()}`"
                self._problem(tree.span, "E305", f"`{argument.name}` is {role.value}", hint, [candidate] * alone)
                return None
            if not tree.items:
                self._problem(tree.span, "E203", f"`{argument.name}` is empty", f"write `{cls.example()}`")
            return self._all(tree.items)
        return self.node(tree)

    def _choice(self, argument: Argument, tree: syntax.Syntax) -> str | None:
        choices = argument.parameter.choices
        if isinstance(tree, syntax.Word) and tree.text in choices:
            return tree.text
        close = near(tree.text, choices) if isinstance(tree, syntax.Word) else []
        surely = misspelt(self.source[tree.span], choices) if close else None
        candidates = [_instead(tree.span, each, f"did you mean `{each}`?", each == surely) for each in close]
        message = f"`{argument.name}` is {listed(choices)}, not `{self.source[tree.span]}`"
        self._problem(tree.span, "E213", message, f"write `{argument.name}={choices[0]}`", candidates)
        return None

    def _keys(self, tree: syntax.Call) -> tuple[Key, ...]:
        keys = (each for each in tree.arguments if isinstance(each, syntax.Key))
        return tuple(Key(self.node(key.value), self.node(key.time), place=self._place(key)) for key in keys)


_DEFAULTS_ALIKE: Final = ("cosine", "interval", "step_fixed")
"""What is called with the same values, if they are named, whichever system it is of."""

_MAGNITUDES: Final = {"K": "k", "b": "B", "G": "B"}


def _instead(span: Span, text: str, hint: str, certain: bool = False) -> Candidate:
    return Candidate((Edit(span, text),), hint, certain)


def _spelt(unit: str, here: str) -> bool:
    """Whether another system's unit is ours with another name, and no slip of another one of ours."""
    return len(unit) > 1 and all(UNITS[each].symbol == UNITS[here].symbol for each in near(unit, UNITS))


def _likeliest(names: list[Candidate]) -> str | None:
    """The first of the names that may be written instead of another."""
    return names[0].edits[0].text if names else None


_LOOK_ALIKES: Final = {"o": "0", "O": "0", "l": "1", "I": "1"}


def _digits(tree: syntax.Quantity) -> list[Candidate]:
    """A number with a letter in it that looks like a digit: `1o0`."""
    word = tree.unit.text
    if word[0] not in _LOOK_ALIKES or not (len(word) == 1 or word[1:].isdecimal() or word[1:] in UNITS):
        return []
    number = tree.text + _LOOK_ALIKES[word[0]] + word[1:]
    return [_instead(Span(tree.span.start, tree.unit.span.end), number, f"did you mean `{number}`?")]
