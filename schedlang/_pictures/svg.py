"""Pictures of bound schedules as SVG, made without any other package."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import accumulate, groupby
from typing import Final, Literal, TypeAlias

import attrs

from .._bound.bound import Bound
from .._language.program import HELD, Row
from .._text.run import Run
from .._text.source import on_one_line
from .layout import Picture, StepValue, check_size, cut_short, picture

Theme: TypeAlias = Literal["auto", "light", "dark"]

_CHARACTER: Final = 6.65  # width of one, of a font of 11 pixels whose characters are all as wide
_LINE: Final = 16  # height of a line of text
_LABELS: Final = 34  # height of what stands below the curve
_PRECISE: Final = 0.04  # pixels by which a line may miss a point
_LOW: Final = 240  # pixels; a picture that is lower has fewer lines above the curve
_COLORS: Final = 6
_DASHES: Final = ("", ' stroke-dasharray="7 4"', ' stroke-dasharray="2 4"')  # of curves beyond as many
_SAMPLES: Final = ("━━", "╍╍", "┉┉")

_PALETTE: Final = {
    "card": ("#ffffff", "#0d1117"),
    "frame": ("#d0d7de", "#3d444d"),
    "ink": ("#57606a", "#9198a1"),
    "grid": ("#d8dee4", "#2a313c"),
    "edge": ("#8c959f", "#656c76"),
    "0": ("#0969da", "#58a6ff"),
    "1": ("#bc4c00", "#f0883e"),
    "2": ("#1a7f37", "#3fb950"),
    "3": ("#8250df", "#bc8cff"),
    "4": ("#bf3989", "#f778ba"),
    "5": ("#7d5d00", "#d9b12f"),
}
LIGHT: Final = {name: light for name, (light, _) in _PALETTE.items()}
DARK: Final = {name: dark for name, (_, dark) in _PALETTE.items()}
_STYLE: Final = """\
.schedlang text{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;\
fill:var(--schedlang-ink);white-space:pre}
.schedlang .card{fill:var(--schedlang-card);stroke:var(--schedlang-frame)}
.schedlang .grid{stroke:var(--schedlang-grid);stroke-dasharray:2 4;fill:none}
.schedlang .edge{stroke:var(--schedlang-edge);stroke-dasharray:1 3;fill:none}
.schedlang .axis{stroke:var(--schedlang-edge);fill:none}
.schedlang .line{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.schedlang .area{fill:currentColor;fill-opacity:.11;stroke:none}
.schedlang .end{fill:currentColor;stroke:var(--schedlang-card);stroke-width:1}
.schedlang .ink{fill:currentColor}"""


@attrs.frozen
class PlotArea:
    """Where the curves are, in pixels."""

    left: float
    top: float
    right: float
    bottom: float
    drawing: Picture

    def x(self, step: float) -> float:
        return self.left + (self.right - self.left) * self.drawing.steps.share(step)

    def y(self, value: float) -> float:
        return self.bottom - (self.bottom - self.top) * self.drawing.values.share(value)


def draw(
    curves: Bound | Mapping[str, Bound],
    *,
    width: int = 720,
    height: int = 300,
    start: int = 0,
    stop: int | None = None,
    log: bool = False,
    theme: Theme = "auto",
) -> str:
    """Curves over the steps start … stop as an SVG element.

    A single schedule has the areas below its phases shaded, each in the colour of the piece of its text that made it;
    their names, and points where they begin and end. Several schedules have a legend.

    Args:
        curves: a bound schedule, or several by name.
        width: in pixels.
        height: in pixels.
        start: the first step.
        stop: the last step: if not given, the end of the longest run.
        log: whether the values go on a logarithmic axis; those that are not above zero are left out.
        theme: whether it is light, dark, or as the reader's system asks. The colours are the CSS variables
            `--schedlang-card`, `-frame`, `-ink`, `-grid`, `-edge` and `-0` … `-5`, which a page may set as well.

    Raises:
        ScheduleError: E411, if nothing can be drawn.

    >>> from schedlang import parse
    >>> draw(parse("warmup(5%) then cosine").bind(1000))[:46]
    '<svg xmlns="http://www.w3.org/2000/svg" class='
    """
    check_size(width, height)
    ticks = max(1, (width - 60) // 90), max(3, height // 45)
    drawing = picture(curves, width, ticks, start=start, stop=stop, log=log)
    left = max(map(len, drawing.values.labels)) * _CHARACTER + 26
    last = len(drawing.steps.labels[-1]) * _CHARACTER / 2
    right = width - max(18, last + 8)
    heading = _heading(drawing, max(8, int((width - left - 14) / _CHARACTER)), 3 if height >= _LOW else 1)
    lines = max(1, min(5, (height - _LOW // 2) // 32))
    names = drawing.captions(max(1, (right - left) / _CHARACTER), lines)
    if heading and [name.text for name in names] == [_text_of(drawing.curves[0].bound)]:
        names = ()  # the heading says it
    above = max((name.line + 1 for name in names), default=0)
    top = 18 + _LINE * (len(heading) + above) + (6 if heading else 0)
    area = PlotArea(left, top, right, max(height - _LABELS, top + 40), drawing)
    height = max(height, round(area.bottom + _LABELS))
    title = " / ".join(
        f"{curve.name}: {_text_of(curve.bound)}" if curve.name else _text_of(curve.bound) for curve in drawing.curves
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="schedlang schedlang-{theme}" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" style="max-width:100%;height:auto" '
        f'data-frame="{left:.1f} {right:.1f} {start} {drawing.stop}">',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}\n{_variables(theme)}</style>",
        f'<rect class="card" x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8"/>',
    ]
    for number, line in enumerate(heading):
        parts.append(f'<text x="{left:.1f}" y="{24 + _LINE * number}">{line}</text>')
    parts += _grid(area)
    parts += _phase_areas(area) if drawing.phases else _curve_lines(area)
    for name in names:
        x, y = area.x(name.phase.first), top - 8 - _LINE * name.line
        begin = left + name.begin * _CHARACTER
        if name.phase.first > start or name.line:
            parts.append(f'<path class="edge" d="M{x:.1f} {y + 3:.1f}V{area.bottom:.1f}"/>')
        parts.append(
            f'<text class="ink" {_hue(name.phase.kind)} x="{begin:.1f}" y="{y:.1f}">{escape(name.text)}</text>'
        )
    return "\n".join([*parts, "</svg>"])


# The curves.


def _phase_areas(area: PlotArea) -> Iterator[str]:
    for phase in area.drawing.phases:
        yield f"<g {_hue(phase.kind)}><title>{escape(_phase_title(phase.row, area.drawing.run))}</title>"
        for points in area.drawing.lines_of(phase):
            path = _line_path(area, points)
            begin, end = (f"{area.x(points[at][0]):.2f} {area.bottom:.2f}" for at in (0, -1))
            yield f'<path class="area" d="M{begin}L{path[1:]}L{end}Z"/>'
            yield f'<path class="line" d="{path}"/>'
        yield "</g>"
    for step, value, kind in area.drawing.ends():
        at = f'cx="{area.x(step):.1f}" cy="{area.y(value):.1f}" r="3.5"'
        yield f'<circle class="end" {_hue(kind)} {at}><title>{area.drawing.run.at(step)}: {value!r}</title></circle>'


def _curve_lines(area: PlotArea) -> Iterator[str]:
    """Curves over one another, or one with so many phases that they are not marked."""
    for index, curve in enumerate(area.drawing.curves):
        yield f"<g {_hue(index)}><title>{escape(curve.name or _text_of(curve.bound))}</title>"
        dashes = _DASHES[index // _COLORS % len(_DASHES)]
        yield from (f'<path class="line"{dashes} d="{_line_path(area, line)}"/>' for line in curve.lines)
        yield "</g>"


def _line_path(area: PlotArea, points: Sequence[StepValue]) -> str:
    """A line through points, without those that lie on a straight line between others."""
    corners = [*_corners([(area.x(step), area.y(value)) for step, value in points])]
    corners = corners * 2 if len(corners) == 1 else corners  # a line that leads nowhere is drawn as a dot
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in corners)


def _corners(dots: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """As few dots as may be so that lines between them pass all others, above or below, by less than what one sees."""
    corner = last = dots[0]
    low, high = -math.inf, math.inf  # the slopes at which a line from the corner passes all dots behind it
    yield corner
    for dot in dots[1:]:
        least, slope, most = _slopes(corner, dot)
        if not low <= slope <= high:
            corner, low, high = last, -math.inf, math.inf
            yield corner
            least, _, most = _slopes(corner, dot)
        low, high, last = max(low, least), min(high, most), dot
    if len(dots) > 1:
        yield last


def _slopes(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float, float]:
    """Of the lines from a dot that pass another one just above, meet it, and pass it just below."""
    run = max(other[0] - one[0], 1e-9)  # of steps that no float tells apart it is 0
    return (other[1] - _PRECISE - one[1]) / run, (other[1] - one[1]) / run, (other[1] + _PRECISE - one[1]) / run


# What stands around them.


def _grid(area: PlotArea) -> Iterator[str]:
    for tick, label in area.drawing.values.marks():
        y = area.y(tick)
        yield f'<path class="grid" d="M{area.left:.1f} {y:.1f}H{area.right:.1f}"/>'
        yield f'<text x="{area.left - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
    yield f'<path class="axis" d="M{area.left:.1f} {area.bottom:.1f}H{area.right:.1f}"/>'
    for tick, label in area.drawing.steps.marks():
        x = area.x(tick)
        yield f'<path class="axis" d="M{x:.1f} {area.bottom:.1f}v4"/>'
        yield f'<text x="{x:.1f}" y="{area.bottom + 18:.1f}" text-anchor="middle">{label}</text>'


def _heading(drawing: Picture, room: int, most: int) -> list[str]:
    """The legend of several curves; the text of a single one, each piece in the colour of the phase that it made."""
    if len(drawing.curves) > 1:
        return _legend_tspans([curve.name for curve in drawing.curves], room)
    text = _text_of(drawing.curves[0].bound)
    hues = _hues(drawing, text)
    lines = textwrap.wrap(text, room, break_on_hyphens=False)
    begins = accumulate((len(line) + 1 for line in lines), initial=0)
    colored = [_colored_line(line, hues[begin:]) for line, begin in zip(lines, begins, strict=False)]
    return colored if len(lines) <= most else [*colored[: most - 1], f"{colored[most - 1]} …"]


def _legend_tspans(names: Sequence[str], room: int) -> list[str]:
    lines: list[str] = []
    used = room
    for index, name in enumerate(names):
        name = cut_short(name, room - 3)
        if used + len(name) + 6 > room:
            lines.append("")
            used = 0
        sample = _SAMPLES[index // _COLORS % len(_SAMPLES)]
        lines[-1] += f'{"   " * bool(used)}<tspan class="ink" {_hue(index)}>{sample} {escape(name)}</tspan>'
        used += len(name) + 6
    return lines


def _hues(drawing: Picture, text: str) -> list[int | None]:
    """For each character of the text of a schedule the phase that the smallest piece around it made."""
    hues: list[int | None] = [None] * len(text)
    whole = drawing.curves[0].bound.schedule.place
    made = [(phase.row.place, phase.kind) for phase in drawing.phases if phase.row.shape != HELD]
    pieces = {place.span: kind for place, kind in made if place and whole and place.source == whole.source}
    for span, kind in sorted(pieces.items(), key=lambda piece: piece[0].start - piece[0].end):
        assert whole is not None
        begin, end = (_flat_length(whole.source.text[whole.span.start : offset]) for offset in span)
        hues[begin:end] = [kind] * (end - begin)
    return hues


def _colored_line(line: str, hues: Sequence[int | None]) -> str:
    tspans = ""
    for hue, characters in groupby(zip(line, hues, strict=False), key=lambda pair: pair[1]):
        piece = escape("".join(character for character, _ in characters))
        tspans += piece if hue is None else f'<tspan class="ink" {_hue(hue)}>{piece}</tspan>'
    return tspans


def _hue(kind: int) -> str:
    return f'style="color:var(--schedlang-{kind % _COLORS})"'


def _text_of(bound: Bound) -> str:
    place = bound.schedule.place
    return on_one_line(str(bound.schedule) if place is None else place.text)


def _flat_length(text: str) -> int:
    """How long the beginning of a text is when it stands on one line."""
    return len(on_one_line(f"{text}|")) - 1


def _phase_title(row: Row, run: Run) -> str:
    steps = run.unit.span(run.place(row.first), None if row.stop is None else run.place(row.stop), "…")
    return f"{on_one_line(row.text)}: {steps}, {row.start!r}{'' if row.end is None else f' → {row.end!r}'}"


def _variables(theme: Theme) -> str:
    """The colours, as CSS variables; `:where` lets a page's own win."""
    light, dark = (f":where(.schedlang-{theme}){{{css_colors(colors)}}}" for colors in (LIGHT, DARK))
    return {"light": light, "dark": dark}.get(theme, f"{light}\n@media (prefers-color-scheme:dark){{{dark}}}")


def css_colors(colors: Mapping[str, str]) -> str:
    return ";".join(f"--schedlang-{name}:{value}" for name, value in colors.items())
