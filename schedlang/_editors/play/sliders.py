"""The numbers of a text, each with others that may be tried in its place: what the page makes sliders of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final, NamedTuple, assert_never

from ..._language.nodes import CLAUSES, PRIMITIVES
from ..._language.nodes.base import Role
from ..._language.nodes.scalars import read_decimal
from ..._text import syntax
from ..._text.errors import ScheduleError
from ..._text.numerals import decimal_text
from ..._text.parsing import parse_syntax
from ..._text.run import PERCENT, UNITS
from ..._text.source import Source, Span

_MOST: Final = 24  # sliders of one text
_MANTISSAS: Final = [Decimal(text) for text in ("1", "1.2", "1.5", "2", "2.5", "3", "4", "5", "6", "7", "8", "9")]
_TIMES: Final = (Role.DURATION, Role.POSITION)


class Slider(NamedTuple):
    """A number in a text.

    Attributes:
        span: where the number stands, without its unit.
        label: what it is: `warmup duration`, `until`.
        unit: the word, or sign, behind it; the empty string if there is none.
        choices: what may be written there instead, from small to large; what is written there now among them.
        position: which of them that is.
    """

    span: Span
    label: str
    unit: str
    choices: tuple[str, ...]
    position: int

    def as_json(self, offset: Callable[[int], int]) -> dict[str, Any]:
        return self._asdict() | {"span": (offset(self.span.start), offset(self.span.end))}


class _Spot(NamedTuple):
    text: str
    start: int
    unit: str
    role: Role
    label: str


def sliders(text: str) -> list[Slider]:
    """The numbers of a text, in its order; none, if the grammar does not allow it.

    Raises:
        ScheduleError: E105 and E106, if the text is beyond the limits.

    >>> [(each.label, each.choices[each.position], each.unit) for each in sliders("warmup(5%) then cosine to 1e-5")]
    [('warmup duration', '5', '%'), ('cosine to', '1e-5', '')]
    """
    tree = parse_syntax(Source(text))
    if tree is None:
        return []
    spots = sorted(_spots(tree, Role.BODY, ""), key=lambda spot: spot.start)[:_MOST]
    heights = [abs(float(spot.text)) for spot in spots if spot.role not in _TIMES and _is_plain_number(spot.text)]
    top = max((height for height in heights if 0 < height <= 1), default=1.0)
    found = []
    for spot in spots:
        try:
            value = read_decimal(spot.text, None)
        except ScheduleError:  # more digits than a number may have
            continue
        others = {each for each in _others(value, spot, Decimal(repr(top))) if each != value}
        choices = sorted([*others, value])
        index = choices.index(value)
        words = [spot.text if place == index else decimal_text(each) for place, each in enumerate(choices)]
        span = Span(spot.start, spot.start + len(spot.text))
        found.append(Slider(span, spot.label, spot.unit, tuple(words), index))
    return found


def _is_plain_number(text: str) -> bool:
    return len(text) < 30 and text[-1] not in "kMBT"


# Which numbers there are, and what they are.


def _spots(tree: syntax.Syntax, role: Role, label: str) -> Iterator[_Spot]:
    """The numbers below a part of a text, which has a role and a label itself."""
    match tree:
        case syntax.Number():
            yield _Spot(tree.text, tree.span.start, "", role, label or "value")
        case syntax.Quantity():
            yield _Spot(tree.text, tree.span.start, tree.unit.text, Role.DURATION, label or "time")
        case syntax.Word():
            pass
        case syntax.Call():
            yield from _in_call(tree, role, label)
        case syntax.Named():
            yield from _spots(tree.value, role, tree.name.text)
        case syntax.Key():
            yield from _spots(tree.value, Role.NUMBER, "key value")
            yield from _spots(tree.time, Role.POSITION, "key time")
        case syntax.List():
            for item in tree.items:
                yield from _spots(item, role, label)
        case syntax.Negative():
            yield from _spots(tree.operand, role, label)
        case syntax.Power():
            yield from _spots(tree.left, role, label)
            yield from _spots(tree.right, role, "power")
        case syntax.Series():
            for operand in tree.operands:
                yield from _spots(operand, role, label)
        case syntax.Ramp():
            for word, part in (("from", tree.start), ("to", tree.end)):
                if part is not None:
                    yield from _spots(part, Role.NUMBER, f"{tree.shape.text} {word}")
        case syntax.Clause():
            yield from _spots(tree.body, role, label)
            for argument, part in zip(CLAUSES[tree.word].arguments()[1:], tree.arguments, strict=True):
                if part is not None:
                    yield from _spots(
                        part, argument.parameter.role, argument.name if argument.parameter.named else tree.word
                    )
        case syntax.Chain():
            for phase in tree.phases:
                yield from _spots(phase, role, label)
        case syntax.Text():
            yield from _spots(tree.body, role, label)
            for definition in tree.definitions:
                yield from _spots(definition, Role.NUMBER, "")
        case _:
            assert_never(tree)


def _in_call(tree: syntax.Call, role: Role, label: str) -> Iterator[_Spot]:
    cls = PRIMITIVES.get(tree.function.text)
    takes = [] if cls is None else [each for each in cls.arguments() if each.parameter.role is not Role.CHOICE]
    for index, given in enumerate(tree.arguments):
        if isinstance(given, syntax.Named):
            argument = next((each for each in takes if each.name == given.name.text), None)
            value: syntax.Syntax = given.value
        else:
            argument = takes[index] if index < len(takes) else None
            value = given
        name = tree.function.text
        if argument is None:
            yield from _spots(value, role, label or name)
        else:
            yield from _spots(value, argument.parameter.role, f"{name} {argument.name}")


# What may be tried instead.


def _others(value: Decimal, spot: _Spot, top: Decimal) -> Iterator[Decimal]:
    time = spot.role in (*_TIMES, Role.DURATIONS) or spot.unit
    if UNITS.get(spot.unit) is PERCENT:
        yield from (Decimal(half) / 2 for half in range(20))
        yield from map(Decimal, range(10, 101))
    elif time and 0 < value < 1 and not spot.unit:  # a share of the run
        yield from (Decimal(percent) / 100 for percent in range(1, 100))
    elif time or spot.role is Role.COUNT:
        yield from (each for each in _ladder(max(value, Decimal(1)), 20) if each == each.to_integral_value())
    elif value == 0:
        yield from _ladder(top, 1000, over=1)
    elif Decimal("0.05") <= value < 1:
        yield from (Decimal(percent) / 100 for percent in range(101))
    elif 1 <= value <= 10:
        yield from (Decimal(tenth) / 10 for tenth in range(101))
    else:
        yield Decimal(0)
        yield from _ladder(value, 100)


def _ladder(value: Decimal, factor: int, over: int | None = None) -> Iterator[Decimal]:
    """Round numbers around another one, from one factor below it to one above."""
    low, high = value / factor, value * (factor if over is None else over)
    for exponent in range(low.adjusted(), high.adjusted() + 1):
        for mantissa in _MANTISSAS:
            if low <= (each := mantissa.scaleb(exponent)) <= high:
                yield each
