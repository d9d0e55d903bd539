"""The numbers of a text, each with others that may be tried in its place: what the page makes sliders of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeAlias, assert_never

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
    """A number in a text."""

    span: Span  # without its unit
    label: str  # what it is: `warmup duration`, `until`
    unit: str  # the word, or sign, behind it; empty if there is none
    choices: tuple[str, ...]  # what may be written there, from small to large, what is written there now among it
    position: int  # which of them that is

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
    values = (spot.text for spot in spots if spot.role not in _TIMES)
    heights = [abs(float(text)) for text in values if len(text) < 30 and text[-1] not in "kMBT"]
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


# Which numbers there are, and what they are.


def _spots(tree: syntax.Syntax | None, role: Role, label: str) -> Iterator[_Spot]:
    """The numbers in a part of a text, which has a role and a label itself."""
    if isinstance(tree, syntax.Number):
        yield _Spot(tree.text, tree.span.start, "", role, label or "value")
    elif isinstance(tree, syntax.Quantity):
        yield _Spot(tree.text, tree.span.start, tree.unit.text, Role.DURATION, label or "time")
    elif tree is not None and not isinstance(tree, syntax.Word):
        for part in _parts(tree, role, label):
            yield from _spots(*part)


_Part: TypeAlias = tuple[syntax.Syntax | None, Role, str]


def _parts(tree: syntax.Syntax, role: Role, label: str) -> Iterator[_Part]:
    """What stands in a part of a text, each with its role and its label."""
    match tree:
        case syntax.Call():
            yield from (_argument(tree, index, role, label) for index in range(len(tree.arguments)))
        case syntax.Named():
            yield tree.value, role, tree.name.text
        case syntax.Key():
            yield from ((tree.value, Role.NUMBER, "key value"), (tree.time, Role.POSITION, "key time"))
        case syntax.Power():
            yield from ((tree.left, role, label), (tree.right, role, "power"))
        case syntax.Ramp():
            ends = (("from", tree.start), ("to", tree.end))
            yield from ((part, Role.NUMBER, f"{tree.shape.text} {word}") for word, part in ends)
        case syntax.Clause():
            yield tree.body, role, label
            for argument, part in zip(CLAUSES[tree.word].arguments()[1:], tree.arguments, strict=True):
                yield part, argument.parameter.role, argument.name if argument.parameter.named else tree.word
        case syntax.Text():
            yield tree.body, role, label
            yield from ((definition, Role.NUMBER, "") for definition in tree.definitions)
        case syntax.List(parts) | syntax.Series(parts) | syntax.Chain(parts):
            yield from ((part, role, label) for part in parts)
        case syntax.Negative():
            yield tree.operand, role, label
        case syntax.Number() | syntax.Quantity() | syntax.Word():
            pass
        case _:
            assert_never(tree)


def _argument(call: syntax.Call, index: int, role: Role, label: str) -> _Part:
    name, given = call.function.text, call.arguments[index]
    cls = PRIMITIVES.get(name)
    takes = () if cls is None else cls.arguments()
    if isinstance(given, syntax.Named):
        found, given = [each for each in takes if each.name == given.name.text], given.value
    else:
        found = [each for each in takes if not each.parameter.keyword][index : index + 1]
    return (given, found[0].parameter.role, f"{name} {found[0].name}") if found else (given, role, label or name)


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
