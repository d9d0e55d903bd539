"""Plots of bound schedules in a terminal."""

# Around 3e-4 none of three labels its axis well: plotext 6 (5 and 6 share no call) writes 2.25e-4 as `2.2e-4`, uniplot
# marks two values, plotille `0.00030429`. So plotille, small and without dependencies, draws, and the ticks are ours.

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

import attrs

from .binding import Bound
from .configs import load_extra
from .errors import fail
from .nodes.scalars import decimal_text
from .program import HELD

_PER_DOT: Final = 8  # steps asked for each column of dots
_EDGES: Final = 500  # phases whose first and last steps are asked as well
_X_SPACE: Final = 12  # columns between two labels
_Y_TICKS: Final = 6  # on the axis of values, at most
_ENDLESS: Final = 10_000  # steps of a run without any end
_NICE: Final = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


def horizon(bound: Bound) -> int:
    """Where to stop looking at a run: its end; if it has none, where the last phase begins to hold, or well inside it.

    >>> from schedlang import parse
    >>> horizon(parse("cosine").bind(300)), horizon(parse("linear(1, 0, 400)").bind()), horizon(parse("0.1").bind())
    (300, 400, 10000)
    """
    if bound.total_steps is not None:
        return bound.total_steps
    last = bound.phases[-1]
    return last.first if last.shape in ("hold", HELD) and last.first else 10 * last.first or _ENDLESS


def sample(bound: Bound, start: int, stop: int, count: int) -> list[int]:
    """The steps from start to stop that show the curve: `count` evenly spaced ones, and the edges of phases.

    >>> from schedlang import parse
    >>> sample(parse("warmup(10) then cosine").bind(300), 0, 300, 4)
    [0, 9, 10, 100, 200, 299, 300]
    """
    span = stop - start
    gaps = min(span, max(1, count - 1)) or 1
    even = {start + index * span // gaps for index in range(gaps + 1)}
    edges = {edge for row in bound.phases[:_EDGES] for edge in (row.first, (row.stop or row.first) - 1)}
    return sorted(even | {edge for edge in edges if start <= edge <= stop})


def plot(
    bound: Bound,
    width: int = 80,
    height: int = 20,
    *,
    start: int = 0,
    stop: int | None = None,
    log: bool = False,
    color: bool = False,
) -> str:
    """The curve of a bound schedule over the steps start … stop as lines of text, with an axis on the left and below.

    Args:
        bound: the schedule.
        width: columns of the whole.
        height: rows of the whole.
        start: the first step.
        stop: the last step: if not given, the end of the run.
        log: whether the values go on a logarithmic axis; those that are not above zero are left out.
        color: whether the curve is coloured, by terminal codes.

    Raises:
        ScheduleError: E502, if plotille is not installed; E411, if a logarithmic axis has no value above zero to show.
    """
    stop = max(horizon(bound) if stop is None else stop, start + 1)
    points = [(step, bound(step)) for step in sample(bound, start, stop, 2 * _PER_DOT * width)]
    if log:
        points = [(step, value) for step, value in points if value > 0]
        if not points:
            fail(None, "E411", "no value is above zero, so a logarithmic axis has nothing to show", "use a linear one")
    rows = max(3, height - 2)
    values = [value for _, value in points]
    y_axis = (_logarithmic if log else _linear)(min(values), max(values), max(3, min(_Y_TICKS, rows // 2)))
    margin = max(map(len, y_axis.labels)) + 1
    columns = max(8, width - margin - 1)
    x_axis = _x_axis(start, stop, columns)
    dots = [(x_axis.dot(step, 2 * columns), y_axis.dot(value, 4 * rows)) for step, value in points]
    labels = {rows - 1 - y_axis.dot(tick, 4 * rows) // 4: label for tick, label in y_axis.marks()}
    lines = [_row(line, labels.get(row, ""), margin, color) for row, line in enumerate(_curve(dots, columns, rows))]
    return "\n".join([*lines, *_below(x_axis, columns, margin)])


def _curve(dots: Sequence[tuple[int, int]], columns: int, rows: int) -> list[str]:
    """A line through dots, of which a character has two by four, as lines of text."""
    canvas = load_extra("plotille", "plotting").Canvas(columns, rows, 0, 0, 2 * columns, 4 * rows)
    for (x, y), (next_x, next_y) in zip(dots, dots[1:] or dots, strict=False):
        canvas.line(x, y, next_x, next_y)
    lines: list[str] = canvas.plot(linesep="\n").split("\n")
    return lines


@attrs.frozen
class _Axis:
    """An axis: its ends, where its ticks are, and what they say."""

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]
    log: bool = False

    def dot(self, value: float, dots: int) -> int:
        """On which of so many dots a value lies."""
        low, high, at = (math.log10(each) if self.log else each for each in (self.low, self.high, value))
        return round((at / 2 - low / 2) / (high / 2 - low / 2) * (dots - 1))

    def marks(self) -> Iterator[tuple[float, str]]:
        """Each tick with its label."""
        return zip(self.ticks, self.labels, strict=True)


def _row(line: str, label: str, margin: int, color: bool) -> str:
    curve = line.replace("\u2800", " ")
    curve = f"\x1b[36m{curve}\x1b[0m" if color else curve.rstrip()
    return f"{label:>{margin - 1}} {'┤' if label else '│'}{curve}"


def _below(axis: _Axis, columns: int, margin: int) -> list[str]:
    """The axis of steps, and its labels, which are centred below their ticks where there is room."""
    line, labels = ["─"] * columns, " " * margin
    for tick, label in axis.marks():
        column = axis.dot(tick, 2 * columns) // 2
        line[column] = "┬"
        begin = min(margin + 1 + column - (len(label) - 1) // 2, margin + 1 + columns - len(label))
        if begin > len(labels) or tick == axis.ticks[0]:
            labels = labels.ljust(begin) + label
    return [" " * margin + "└" + "".join(line), labels]


# Ticks.


def _step(low: Decimal, high: Decimal, most: int) -> Decimal:
    """The smallest distance of 1, 2, 2.5 or 5 times a power of ten that gives at most so many ticks."""
    least = (high - low) / max(1, most)
    unit = Decimal(10) ** least.adjusted()
    return next(nice * unit for nice in _NICE if nice * unit >= least)


def _multiples(low: Decimal, high: Decimal, step: Decimal) -> list[Decimal]:
    """The multiples of a step from low to high."""
    return [count * step for count in range(-_floor(-low / step), _floor(high / step) + 1)]


def _floor(value: Decimal) -> int:
    return int(value.to_integral_value("ROUND_FLOOR"))


def _linear(low: float, high: float, most: int) -> _Axis:
    """An axis with round ticks, one of them at its lower end; that of a single value also shows 0."""
    if low == high:
        low, high = min(low, 0.0), max(low, 0.0) or float(low == 0)
    exact_low, exact_high = Decimal(repr(low)), Decimal(repr(high))
    step = _step(exact_low, exact_high, most)
    begin = _floor(exact_low / step) * step
    ticks = _multiples(begin, exact_high, step)
    return _Axis(float(begin), high, tuple(map(float, ticks)), _labels(ticks))


def _logarithmic(low: float, high: float, most: int) -> _Axis:
    """An axis with ticks at powers of ten; where those are few, also at 3 times powers, or else evenly."""
    if low == high:
        low, high = low / 2, high * 2
    exact_low, exact_high = Decimal(repr(low)), Decimal(repr(high))
    exponents = range(exact_low.adjusted(), exact_high.adjusted() + 1)
    every = -(-len(exponents) // max(1, most)) if len(exponents) > 3 else 1
    factors = (1,) if len(exponents) > 3 else (1, 3)
    marks = [factor * Decimal(10) ** exponent for exponent in exponents if exponent % every == 0 for factor in factors]
    ticks = [mark for mark in marks if exact_low <= mark <= exact_high]
    if len(ticks) < 2:
        ticks = _multiples(exact_low, exact_high, _step(exact_low, exact_high, most))
    return _Axis(low, high, tuple(map(float, ticks)), _labels(ticks), log=True)


def _x_axis(start: int, stop: int, columns: int) -> _Axis:
    low, high = Decimal(start), Decimal(stop)
    step = max(Decimal(1), _step(low, high, columns // _X_SPACE))
    ticks = [tick for tick in _multiples(low, high, step) if tick == tick.to_integral_value()]
    return _Axis(start, stop, tuple(map(float, ticks)), _labels(ticks))


def _labels(ticks: Sequence[Decimal]) -> tuple[str, ...]:
    """Values as the language writes them, exactly."""
    return tuple(("-" if tick < 0 else "") + decimal_text(tick) for tick in ticks)
