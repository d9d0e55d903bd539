"""Pictures of bound schedules with matplotlib, which the extra `schedlang[plot]` has."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from .._bound.bound import Bound
from .._text.errors import ScheduleError, fail
from .._text.extras import load_extra
from .._text.numerals import decimal_text
from .layout import Picture, StepValue, check_size, cut_short, picture
from .svg import Theme

_COLUMNS: Final = 1500
_SIZE: Final = 8  # points, of the names of phases
_CHARACTER: Final = 0.602 * _SIZE  # width of one of DejaVu Sans Mono
_LINE: Final = 1.35 * _SIZE
_SAMPLE: Final = 6  # characters, of the line beside a name and the space around it
_STYLES: Final = {"light": "default", "auto": "default", "dark": "dark_background"}


def plot(
    curves: Bound | Mapping[str, Bound],
    ax: Any = None,
    *,
    start: int = 0,
    stop: int | None = None,
    log: bool = False,
    phases: bool = True,
    **kwargs: Any,
) -> Any:
    """Draw curves over the steps start … stop into matplotlib axes.

    A single schedule has its phases shaded and named, and points where they begin and end; several have a legend. The
    colours are those of matplotlib's style.

    Args:
        curves: a bound schedule, or several by name.
        ax: the axes; if not given, those of a new figure.
        start: the first step.
        stop: the last step: if not given, the end of the longest run.
        log: whether the values go on a logarithmic axis.
        phases: whether those of a single schedule are marked: not wanted where several are drawn one after the other.
        **kwargs: for the lines, as `Axes.plot` takes them.

    Returns:
        The axes.

    Raises:
        ScheduleError: E502, if matplotlib is not installed; E411, if nothing can be drawn.
    """
    drawing = picture(curves, _COLUMNS, (6, 6), start=start, stop=stop, log=log)
    if ax is None:
        _, ax = load_extra("matplotlib.pyplot", "plotting with matplotlib", "plot").subplots(layout="constrained")
    marked = phases and bool(drawing.phases)
    for curve in drawing.curves:
        chosen = {"label": _without_formulas(curve.name)} if curve.name else {}
        if not marked or {"color", "c"} & set(kwargs):
            for line in curve.lines or [()]:
                steps, values = _places(line, drawing)
                [drawn] = ax.plot(steps, values, **(chosen | kwargs))
                chosen = {"color": drawn.get_color()}  # the rest of a curve that a logarithmic axis interrupts
    if marked:
        _mark(ax, drawing, kwargs)
    ends = (place / drawing.run.grid for place in (drawing.start, drawing.stop))
    ax.update_datalim([(place, 1) for place in ends], updatey=False)  # also where nothing is above zero
    ax.margins(x=0)
    if len(drawing.curves) > 1:
        _name_curves(ax, drawing)
    _label_axes(ax, drawing)
    return ax


def save(
    file: str | Path,
    curves: Bound | Mapping[str, Bound],
    *,
    width: int = 720,
    height: int = 300,
    theme: Theme = "light",
    start: int = 0,
    stop: int | None = None,
    log: bool = False,
) -> None:
    """Write a picture of curves to a file, in whatever format its ending says that matplotlib can write.

    Args:
        file: the file: `.png`, `.pdf` …
        curves: a bound schedule, or several by name.
        width: in pixels, of which a PNG has twice as many, so that it's sharp on every screen.
        height: in pixels, so too.
        theme: "light" (also for "auto", as such a file has one look only) or "dark".
        start: the first step.
        stop: the last step: if not given, the end of the longest run.
        log: whether the values go on a logarithmic axis.

    Raises:
        ScheduleError: E502, if matplotlib is not installed; E411, if nothing can be drawn.
    """
    check_size(width, height)
    figures = load_extra("matplotlib.figure", "a picture of this kind", "plot")
    with load_extra("matplotlib.style", "a picture of this kind", "plot").context(_STYLES[theme]):  # not the user's own
        figure = figures.Figure(figsize=(width / 100, height / 100), dpi=100, layout="constrained")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of characters that the font lacks, it draws a box, as others do
            try:
                plot(curves, figure.add_subplot(), start=start, stop=stop, log=log)
                figure.savefig(file, dpi=200)
            except ScheduleError:
                raise
            except (ValueError, OverflowError) as error:
                hint = "write an `.svg`, which needs no matplotlib"
                fail(None, "E411", f"matplotlib cannot draw this ({error})", hint)


def _places(points: Sequence[StepValue], drawing: Picture) -> tuple[list[float], list[float]]:
    """Points as matplotlib takes them: places as they are asked for, and values."""
    grid = drawing.run.grid
    return [step if grid == 1 else step / grid for step, _ in points], [value for _, value in points]


def _mark(ax: Any, drawing: Picture, kwargs: dict[str, Any]) -> None:
    """Shade phases, name them and mark where they begin and end; draw their lines, each in its colour."""
    for phase in drawing.phases:
        color = f"C{phase.kind % 10}"
        for points in drawing.lines_of(phase):
            steps, values = _places(points, drawing)
            if not {"color", "c"} & set(kwargs):
                ax.plot(steps, values, color=color, **kwargs)
            ax.fill_between(steps, values, drawing.values.low, color=color, alpha=0.13, linewidth=0)
    for step, value, kind in drawing.ends():
        ax.plot(*_places([(step, value)], drawing), "o", color=f"C{kind % 10}", markersize=4, clip_on=False)
    for name in drawing.captions(_room(ax)):
        ax.annotate(
            _without_formulas(name.text),
            (name.phase.first / drawing.run.grid, 1),
            xycoords=("data", "axes fraction"),
            xytext=((name.begin - name.edge) * _CHARACTER, 5 + _LINE * name.line),
            textcoords="offset points",
            color=f"C{name.phase.kind % 10}",
            family="monospace",
            size=_SIZE,
        )
        if name.phase.first > drawing.start:
            ax.axvline(name.phase.first / drawing.run.grid, color="gray", linewidth=0.8, linestyle=":", zorder=0)


def _name_curves(ax: Any, drawing: Picture) -> None:
    """A legend above the axes, where no curve is; if that would take half of the height, among them."""
    room = _room(ax)
    columns = max(1, int(room // (max(len(curve.name) for curve in drawing.curves) + _SAMPLE)))
    lines = -(-len(drawing.curves) // columns)
    above: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2, "ncols": columns}
    fits = lines * _LINE < ax.get_position().height * ax.figure.get_figheight() * 72 / 2
    legend = ax.legend(**(above if fits else {}), frameon=not fits, prop={"family": "monospace", "size": _SIZE})
    most = max(8, int(room - _SAMPLE))
    for text in legend.get_texts():
        text.set_text(cut_short(text.get_text(), most))


def _room(ax: Any) -> float:
    """The width of axes, in characters."""
    width: float = ax.get_position().width * ax.figure.get_figwidth() * 72
    return width / _CHARACTER


def _label_axes(ax: Any, drawing: Picture) -> None:
    ticker = load_extra("matplotlib.ticker", "plotting with matplotlib", "plot")
    ax.set_xlabel(drawing.run.unit.one)
    ax.xaxis.set_major_formatter(ticker.FuncFormatter(_label))
    if drawing.values.log:
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(ticker.FixedLocator(drawing.values.ticks))
        ax.yaxis.set_minor_formatter(ticker.NullFormatter())
    ax.yaxis.set_major_formatter(ticker.FuncFormatter(_label))


def _without_formulas(text: str) -> str:
    """A text in which matplotlib sees no formula, and no label to be hidden."""
    escaped = text.replace("$", r"\$")
    return f" {escaped}" if escaped.startswith("_") else escaped


def _label(value: float, _: object) -> str:
    return decimal_text(Decimal(f"{value:.12g}"))
