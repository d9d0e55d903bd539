"""Why a schedule has its value at a step: the walk to it, with each formula and the numbers in it.

The formulas are those that the primitives declare. They are asked with numbers that remember how they were calculated
(`Term`), in an array namespace that does the same, so what is shown is what is calculated, to the last bit.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from typing import Any, Final

import attrs

from .._bound.bound import Bound, placed_row
from .._language.easing import Eased, plain
from .._language.nodes.primitive import PRIMITIVES
from .._language.nodes.scalars import VARIABLES
from .._language.operations import KERNELS, Level
from .._language.program import HANDED, HELD, Copy, Cycle, Part, Pointwise, Row, Sampled, Segment, Timeline, no_rule
from .._text.numerals import literal
from .._text.rendering import excerpt
from .._text.run import STEP, Run, Unit, as_decimal
from .._text.source import Place
from .exact import row_at
from .plain import as_plain


def _operator(name: str) -> tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]:
    """An operator, and the same with its operands the other way round."""
    return lambda left, right: _calculated(name, left, right), lambda right, left: _calculated(name, left, right)


def _comparison(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], bool]:
    return lambda left, right: bool(compare(left.value, _term(right).value))


class Term:
    """A number, the Python expression it was calculated by, and how tightly that binds.

    What is calculated with a tidy one leaves out what changes no bit of it: a sum with 0.0, a product with 1.0.
    """

    __slots__ = ("level", "text", "tidy", "value")

    def __init__(self, value: Any, text: str | None = None, level: int = Level.ATOM, tidy: bool = True) -> None:
        self.value = value
        self.text = literal(value) if text is None else text
        self.level = Level.SIGN if text is None and self.text.startswith("-") else level
        self.tidy = tidy

    def at(self, level: int) -> str:
        """The expression; in parentheses if it binds less tightly than `level`."""
        return f"({self.text})" if self.level < level else self.text

    def untidy(self) -> Term:
        """The same, but nothing is left out of what is calculated with it."""
        return Term(self.value, self.text, self.level, tidy=False)

    def __float__(self) -> float:
        return float(self.value)

    def __index__(self) -> int:
        return int(self.value)

    __int__ = __index__

    def __bool__(self) -> bool:
        return bool(self.value)

    def __hash__(self) -> int:
        return hash(self.value)

    def __neg__(self) -> Term:
        return Term(-self.value, f"-{self.at(Level.POWER)}", Level.SIGN, self.tidy)

    def __eq__(self, other: object) -> bool:
        return bool(self.value == _term(other).value)

    __add__, __radd__ = _operator("+")
    __sub__, __rsub__ = _operator("-")
    __mul__, __rmul__ = _operator("*")
    __truediv__, __rtruediv__ = _operator("/")
    __floordiv__, __rfloordiv__ = _operator("//")
    __mod__, __rmod__ = _operator("%")
    __lt__, __le__ = _comparison(operator.lt), _comparison(operator.le)
    __gt__, __ge__ = _comparison(operator.gt), _comparison(operator.ge)


def _term(number: Any) -> Term:
    known = plain(number)
    return known if isinstance(known, Term) else Term(known)


def _same_bits(a: Any, b: Any) -> bool:
    return isinstance(a, float) and isinstance(b, float) and a == b and math.copysign(1, a) == math.copysign(1, b)


_NEUTRAL: Final = {"+": "0.0", "-": "0.0", "*": "1.0", "/": "1.0"}


def _calculated(name: str, *operands: Any) -> Term:
    """What a kernel makes of numbers; of tidy ones, with what changes no bit left out."""
    terms = list(map(_term, operands))
    kernel = KERNELS[name]
    value, level = kernel.scalar(*(term.value for term in terms)), kernel.level
    tidy, left, right = all(term.tidy for term in terms) and name not in ("//", "%"), terms[0], terms[-1]
    if name == "power" and isinstance(left.value, float) and left.value > 0:
        return Term(value, f"{left.at(Level.ATOM)} ** {right.at(Level.SIGN)}", Level.POWER, tidy)
    if tidy and name in _NEUTRAL:
        if _same_bits(value, left.value) and right.text == _NEUTRAL[name]:
            return left
        if _same_bits(value, right.value) and left.text == _NEUTRAL[name] and name in "+*":
            return right
        if name == "-" and left.text == "0.0" and right.level == Level.ATOM and value != 0:
            return Term(value, f"-{right.text}", Level.SIGN)
        if name == "+" and right.text.startswith("-") and right.level >= Level.PRODUCT:
            return Term(value, f"{left.at(level)} - {right.text[1:]}", level)
    return Term(value, kernel.written(*(term.at for term in terms)), level, tidy)


class _Terms:
    """The array namespace of terms: the `xp` of a formula that is explained."""

    pi: Final = Term(math.pi, "pi")

    def __getattr__(self, name: str) -> Any:
        if name not in KERNELS:
            raise AttributeError(name)
        return partial(_calculated, name)

    @staticmethod
    def where(condition: Any, a: Any, b: Any) -> Any:
        return a if condition else b

    @staticmethod
    def take(table: Sequence[Any], index: Any) -> Any:
        return table[int(index)]


_XP: Final = _Terms()


@attrs.frozen
class Reason:
    """One line of the reasons for a value.

    Attributes:
        text: the piece of the text that it is about.
        expression: what the piece calculates, as a Python expression with the numbers in; the names in it are those
            of the module `math`.
        value: what that gives.
        formula: the formula as the reference has it; None where the text is the formula.
        note: what else has to be known: where a value comes from that was handed on, how a copy is scaled.
    """

    text: str
    expression: str
    value: float
    formula: str | None = None
    note: str | None = None

    def __str__(self) -> str:
        lines = [self.text] + [f"  {each}" for each in (self.note, self.formula) if each]
        result = f" = {literal(self.value)}" if self.expression != literal(self.value) else ""
        return "\n".join([*lines, f"  = {self.expression}{result}"])


@attrs.frozen
class Why:
    """What a schedule shows at a step, and why.

    Attributes:
        step: the step.
        value: the value there.
        piece: the piece of the text that is in force.
        place: where that stands; None if the schedule was made in Python.
        phase: the line of the phase table that the step is in; behind the end of the run, of what is held.
        local: how many steps the part in force has run: its local step. The number behind the last one if it has ended.
        length: how many steps it has; None: no end.
        held: whether it has ended, so that its last value is held.
        notes: how the step leads there: which copy of a repeated body, which step is sampled.
        reasons: what is calculated, the whole last.
        expression: the whole as one Python expression, with the names of the module `math`: it gives the value, to the
            last bit.
    """

    step: int | Fraction
    value: float
    piece: str
    place: Place | None = attrs.field(eq=False, repr=False)
    phase: Row
    local: int | Fraction
    length: int | Fraction | None
    held: bool
    notes: tuple[str, ...]
    reasons: tuple[Reason, ...]
    expression: str
    unit: Unit = attrs.field(default=STEP, eq=False, repr=False)  # what the run counts

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data: dicts, lists, numbers, texts and None."""
        start, end = (None, None) if self.place is None else self.place.span
        where = {"step": self.step, "value": self.value, "piece": self.piece, "start": start, "end": end}
        return where | as_plain(self)

    def __str__(self) -> str:
        """The answer in words, with the text and carets under the part in force."""
        lines = [f"{self.unit.at(self.step)}: {literal(self.value)}", ""]
        lines += [f"  {self.piece}"] if self.place is None else _carets(self.place)
        lines.append("")
        steps = self.unit.span(self.phase.first, self.phase.stop)
        held = self.phase.shape == HELD
        lines.append(f"held: {steps}, nothing follows" if held else f"phase: {self.phase.shape}, {steps}")
        if self.held:
            lines.append("the part in force has ended: what it shows is the value at its end")
        else:
            of = "" if self.length is None else f" of {as_decimal(self.length)}"
            lines.append(f"local {self.unit.at(self.local).replace(' ', ': ')}{of}")
        lines += self.notes
        lines += ["", *map(str, self.reasons)]
        if self.reasons[-1].expression != self.expression:
            lines += ["in one expression", f"  {self.expression}"]
        return "\n".join(lines)


def why(bound: Bound, step: Any) -> Why:
    """What a bound schedule shows at a step, and why: see `Bound.why`.

    Raises:
        ScheduleError: E407 for a step that isn't one, E406 if there is no finite value.
    """
    bound, at = bound.exactly(step)
    value, run = bound.walk(at), bound.run
    walk = _Walk(run)
    whole = walk.term(bound.program, at)
    assert walk.leaf is not None, "every schedule calculates something"
    part, local = walk.leaf
    length = None if part.last is None else part.last - part.first
    _, text, place = part.label()
    return Why(
        step=run.place(at),
        value=value,
        piece=_flat(text),
        place=place,
        phase=placed_row(_phase_row(bound, at), run),
        local=run.place(local if length is None else min(local, length)),
        length=None if length is None else run.place(length),
        held=length is not None and local >= length,
        notes=tuple(walk.notes),
        reasons=tuple(walk.reasons),
        expression=whole.text,
        unit=run.unit,
    )


def _phase_row(bound: Bound, step: int) -> Row:
    row, last = row_at(bound.phases, step), bound.phases[-1]
    return row or attrs.evolve(last, first=last.stop or 0, stop=None, start=bound.walk(step), end=None, shape=HELD)


def _carets(place: Place) -> list[str]:
    """The line of the text that a piece begins in, with its number if there are several, and carets under the piece."""
    number, column = place.source.position(place.span.start)
    line, carets = excerpt(place.source.line(number), column - 1, place.span.end - place.span.start)
    margin = f"{number} | " if "\n" in place.source.text else "  "
    return [f"{margin}{line}", f"{' ' * len(margin)}{carets}"]


def _flat(text: str) -> str:
    return unwrapped(" ".join(text.split()))


def unwrapped(text: str) -> str:
    """A text without parentheses around all of it.

    >>> unwrapped("(a + (b))"), unwrapped("(a) + (b)"), unwrapped("a")
    ('a + (b)', '(a) + (b)', 'a')
    """
    depth = 0
    for index, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0 and index < len(text) - 1:
            return text
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


class _Walk:
    """One walk to a value."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.reasons: list[Reason] = []
        self.notes: list[str] = []
        self.leaf: tuple[Part, int] | None = None  # what is in force: the first part that calculates, its local step
        self.before = "which is `base`"  # what hands on the value that the part is handed
        self.shift = 0  # from the steps of a copy of a repeated body to those of the run

    def term(self, part: Part, step: int, inner: bool = False) -> Term:
        """The value of a part at a step; `inner`: as an operand, where the whole says what is plain."""
        if isinstance(part, (Segment, Pointwise)) and self.leaf is None:
            self.leaf = part, step - part.first
        step = step if part.last is None else min(step, part.last)
        match part:
            case Segment():
                return self.segment(part, step, inner)
            case Pointwise():
                return self.pointwise(part, step, inner)
            case Timeline():
                index = part.index(step)
                if index > 0:
                    self.before = f"handed on by `{_flat(part.parts[index - 1].label()[1])}`"
                return self.term(part.parts[index], step, inner)
            case Sampled():
                seen = part.sample(step)
                self.notes.append(
                    f"sampled (`{_flat(part.text)}`): shows the value of {self.run.at(seen + self.shift)}"
                )
                return self.term(part.body, seen, inner)
            case Cycle():
                index = part.index(step)
                copy = part.unhanded(index)
                if not copy.free(step):
                    copy = part.copy(index)
                of = "" if part.count is None else f" of {part.count}"
                if index > 0:
                    self.before = "handed on by the copy before"
                self.notes.append(
                    f"copy {index + 1}{of} (`{_flat(part.text)}`), since {self.run.at(copy.first + self.shift)}"
                )
                return self.term(copy, step, inner)
            case Copy():
                return self.copy(part, step, inner)
        return no_rule("why", part)

    def segment(self, part: Segment, step: int, inner: bool) -> Term:
        k, n = part.read(step)
        # An argument is a number or a table of numbers.
        values = {
            name: tuple(map(Term, value)) if isinstance(value, tuple) else Term(value)
            for name, value in part.values.items()
        }

        def calculated(k: int, n: int) -> Term:
            return _as_float(_term(part.formula(Term(k), Term(n), _XP, **values)))

        term = calculated(k, n)
        common = math.gcd(k, n, self.run.grid)  # of ticks, which nobody has heard of
        if common > 1 and _same_bits((shorter := calculated(k // common, n // common)).value, term.value):
            k, n, term = k // common, n // common, shorter
        if not (inner and is_plain(part)):
            names = sorted(name for name in part.handed if not math.isnan(part.values[name]))
            handed = [f"{name} = {literal(part.values[name])}, {self.before}" for name in names]
            formula = _declared(part, k, n)
            self.reasons.append(Reason(_flat(part.text), term.text, term.value, formula, "; ".join(handed) or None))
        return term

    def pointwise(self, part: Pointwise, step: int, inner: bool) -> Term:
        whole: list[Term] = []
        brief: list[Term] = []
        handed_on = self.before
        shared = max((index for index, operand in enumerate(part.operands) if operand.origin is HANDED), default=-1)
        for index, operand in enumerate(part.operands):
            self.before = "as the product takes what it is handed once" if index < shared else handed_on
            before = len(self.reasons)
            term = self.term(operand, step, inner=True)
            whole.append(term.untidy())
            brief.append((term if len(self.reasons) == before else Term(term.value)).untidy())
        term = _as_float(part.combined(_XP, whole))
        if not (inner and is_plain(part)):
            note = None if shared < 0 else f"times {literal(whole[shared].value)}, {handed_on}"
            self.reasons.append(Reason(_flat(part.text), part.combined(_XP, brief).text, term.value, None, note))
        return term

    def copy(self, part: Copy, step: int, inner: bool) -> Term:
        self.shift += part.shift
        term = self.term(part.body, step - part.shift, inner)
        self.shift -= part.shift
        if part.factor == 1.0:
            return term
        factor = Term(part.factor).untidy()
        whole = term.untidy() * factor
        text = "repeat" if part.origin.place is None else _flat(part.origin.place.text)
        note = f"this copy is scaled by {literal(part.factor)}"
        self.reasons.append(Reason(text, (Term(term.value).untidy() * factor).text, float(whole.value), None, note))
        return Term(whole.value, whole.text, whole.level)


def _as_float(term: Term) -> Term:
    if isinstance(term.value, float):
        return Term(term.value, term.text, term.level)
    plain = term.text == str(term.value)  # an integer that nothing was done to
    return Term(float(term.value)) if plain else Term(float(term.value), f"float({term.text})")


def is_plain(part: Part) -> bool:
    """Whether a part is a number or a variable, or arithmetic of such: what a formula is made of."""
    if isinstance(part, Pointwise):
        return all(map(is_plain, part.operands))
    return isinstance(part, Segment) and part.shape in ("constant", "hold", *VARIABLES)


def _declared(part: Segment, k: int, n: int) -> str | None:
    """The formula that a primitive declares; of a ramp with the progress there."""
    primitive = PRIMITIVES.get(part.shape)
    if primitive is None or not primitive.formula:
        return None
    progress = f"({k}/{n})^{literal(part.declared.ease)}" if isinstance(part.declared, Eased) else f"{k}/{n}"
    return f"{primitive.formula}, at x = {progress}" if primitive.ramp else primitive.formula
