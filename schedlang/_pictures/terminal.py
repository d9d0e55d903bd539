"""Plots of bound schedules in a terminal."""

# Around 3e-4 none of three labels its axis well: plotext 6 (5 and 6 share no call) writes 2.25e-4 as `2.2e-4`, uniplot
# marks two values, plotille `0.00030429`. So plotille, small and without dependencies, draws, and the ticks are ours.

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, pairwise
from typing import Final, NamedTuple, TypeAlias

from .._bound.bound import Bound
from .._text.extras import load_extra
from .axes import PictureAxis
from .layout import Caption, Picture, StepValue, picture

Dot: TypeAlias = tuple[int, int]

_X_SPACE: Final = 12  # columns between two labels
_Y_TICKS: Final = 6  # on the axis of values, at most
_COLORS: Final = (36, 33, 32, 35, 34, 31)  # of phases, or of curves: cyan, yellow, green, magenta, blue, red
_EMPTY: Final = 0x2800  # the braille character without dots


class Style(NamedTuple):
    """How a curve is told from others without colours: how many dots it shows, then leaves out, and so on."""

    dots: tuple[int, ...]
    sample: str


_STYLES: Final = (Style((1,), "───"), Style((5, 3), "╌╌╌"), Style((1, 3), "···"), Style((7, 3, 1, 3), "─·─"))


def plot(
    curves: Bound | Mapping[str, Bound],
    width: int = 80,
    height: int = 20,
    *,
    start: int = 0,
    stop: int | None = None,
    log: bool = False,
    color: bool = False,
) -> str:
    """Curves over the steps start … stop as lines of text, with an axis on the left and below.

    A single schedule has the names of its phases above it, as far as there is room, and dotted lines where they begin.
    Several have a legend; without colours their lines are whole, dashed or dotted.

    Args:
        curves: a bound schedule, or several by name.
        width: columns of the whole.
        height: rows of the whole.
        start: the first step.
        stop: the last step: if not given, the end of the run.
        log: whether the values go on a logarithmic axis; those that are not above zero are left out.
        color: whether phases, or curves, have colours, by terminal codes.

    Raises:
        ScheduleError: E502, if plotille is not installed; E411, if nothing can be drawn.
    """
    ticks = max(1, round((width - 6) / _X_SPACE)), max(3, min(_Y_TICKS, (height - 2) // 2))
    drawing = picture(curves, 2 * width, ticks, start=start, stop=stop, log=log)
    margin = max(map(len, drawing.values.labels)) + 1
    columns = max(8, width - margin - 1)
    names = drawing.captions(columns, max(0, (height - 5) // 3))
    heading = _legend_lines(drawing, columns, color) + _caption_lines(names, columns)
    above = [" " * (margin + 1) + line for line in heading]
    rows = max(3, height - 2 - len(above))
    labels = {rows - 1 - drawing.values.dot(tick, 4 * rows) // 4: label for tick, label in drawing.values.marks()}
    cells = _cell_lines(drawing, columns, rows, color)
    sides = [f"{labels.get(row, ''):>{margin - 1}} {'┤' if row in labels else '│'}" for row in range(rows)]
    lines = [side + line.rstrip() for side, line in zip(sides, cells, strict=True)]
    return "\n".join([*above, *lines, *_below(drawing.steps, columns, margin)])


# The curves.


def _cell_lines(drawing: Picture, columns: int, rows: int, color: bool) -> list[str]:
    """The curves as lines of text, each character of which has two by four dots; what begins later is on top."""
    codes = [[_EMPTY] * columns for _ in range(rows)]
    colors = [[0] * columns for _ in range(rows)]
    for points, hue, style in _layers(drawing, color):
        dots = [(drawing.steps.dot(step, 2 * columns), drawing.values.dot(value, 4 * rows)) for step, value in points]
        for row, line in enumerate(_braille(dots, columns, rows, style)):
            for column, character in enumerate(line):
                if ord(character) != _EMPTY:
                    codes[row][column] |= ord(character)
                    colors[row][column] = hue
    edges = {drawing.steps.dot(phase.first, 2 * columns) // 2 for phase in drawing.phases[1:]}
    edges = edges if 4 * len(edges) <= columns else set()
    return [
        "".join(
            _painted_cell(code, hue if color else 0, column in edges)
            for column, (code, hue) in enumerate(zip(*line, strict=True))
        )
        for line in zip(codes, colors, strict=True)
    ]


def _layers(drawing: Picture, color: bool) -> Iterator[tuple[Sequence[StepValue], int, Style]]:
    """What is drawn one after the other: the phases of a single curve, or curves."""
    for phase in drawing.phases:
        yield from ((line, _COLORS[phase.kind % len(_COLORS)], _STYLES[0]) for line in drawing.lines_of(phase))
    for index, curve in enumerate(() if drawing.phases else drawing.curves):
        style = _STYLES[0 if color else index % len(_STYLES)]
        yield from ((line, _COLORS[index % len(_COLORS)], style) for line in curve.lines)


def _braille(dots: Sequence[Dot], columns: int, rows: int, style: Style) -> list[str]:
    canvas = load_extra("plotille", "plotting").Canvas(columns, rows, xmax=2 * columns, ymax=4 * rows)
    pattern = [visible for length, visible in zip(style.dots, cycle((True, False))) for _ in range(length)]
    for (x, y), visible in zip(_dots_between(dots), cycle(pattern)):
        if visible:
            canvas.point(x, y)
    lines: list[str] = canvas.plot(linesep="\n").split("\n")
    return lines


def _dots_between(dots: Sequence[Dot]) -> Iterator[Dot]:
    yield dots[0]
    for (x, y), (next_x, next_y) in pairwise(dots):
        gaps = max(abs(next_x - x), abs(next_y - y))
        for gap in range(1, gaps + 1):
            yield x + round((next_x - x) * gap / gaps), y + round((next_y - y) * gap / gaps)


def _painted_cell(code: int, hue: int, edge: bool) -> str:
    if code == _EMPTY:
        return "┊" if edge else " "
    return f"\x1b[{hue}m{chr(code)}\x1b[0m" if hue else chr(code)


# What stands around them.


def _legend_lines(drawing: Picture, columns: int, color: bool) -> list[str]:
    if len(drawing.curves) == 1:
        return []
    lines: list[str] = []
    room = 0
    for index, curve in enumerate(drawing.curves):
        sample = _STYLES[0 if color else index % len(_STYLES)].sample
        painted = f"\x1b[{_COLORS[index % len(_COLORS)]}m{sample}\x1b[0m" if color else sample
        name = textwrap.shorten(curve.name, columns - 4, placeholder="…")
        if len(name) + 7 > room:
            lines.append("")
            room = columns + 3
        lines[-1] += ("   " if lines[-1] else "") + f"{painted} {name}"
        room -= len(name) + 7
    return lines


def _caption_lines(names: Sequence[Caption], columns: int) -> list[str]:
    lines = []
    for number in range(max((name.line for name in names), default=-1), -1, -1):
        line = [" "] * columns
        for name in names:
            if name.line == number:
                begin = min(int(name.begin), columns - len(name.text))
                line[begin : begin + len(name.text)] = name.text
            elif name.line > number:
                line[min(int(name.edge), columns - 1)] = "┊"
        lines.append("".join(line).rstrip())
    return lines


def _below(axis: PictureAxis, columns: int, margin: int) -> list[str]:
    """The axis of steps, and its labels, which are centred below their ticks where there is room."""
    line, labels = ["─"] * columns, " " * margin
    for tick, label in axis.marks():
        column = axis.dot(tick, 2 * columns) // 2
        line[column] = "┬"
        begin = min(margin + 1 + column - (len(label) - 1) // 2, margin + 1 + columns - len(label))
        if begin > len(labels) or tick == axis.ticks[0]:
            labels = labels.ljust(begin) + label
    return [" " * margin + "└" + "".join(line), labels]
