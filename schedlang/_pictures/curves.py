"""What a picture of schedules shows, whoever draws it: points of the curves, phases, axes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import attrs

from .._bound.bound import Bound
from .._language.program import HELD, Part, Row, Search
from .._text.errors import fail
from .axes import Axis, linear_axis, logarithmic_axis, step_axis

Point: TypeAlias = tuple[int, float]

_FARTHEST: Final = 10**300
"""The last step that is drawn: those that no float holds have no place in a picture."""

_ASKED: Final = 2**15  # steps asked for one curve
_BOUNDS: Final = 256  # bounds asked of a program to prove what a column shows
_UNPROVEN: Final = 20  # columns of which nothing is proven, after which it isn't tried any more
_FEW: Final = 4  # steps that are asked rather than proven
_SIZES: Final = (120, 20_000)  # pixels that a picture is wide and high
_ENDLESS: Final = 10_000  # steps of a run without any end
_EDGES: Final = 500  # phases whose first and last steps are asked, whatever else is
_SPANS: Final = 64  # phases that are marked


@attrs.frozen
class Curve:
    """One schedule in a picture.

    Attributes:
        name: what it is called, and whether a logarithmic axis shows nothing of it; empty if it is the only one.
        bound: the schedule.
        lines: its points, each a step and the value there; more than one line where a logarithmic axis interrupts it.
    """

    name: str
    bound: Bound
    lines: tuple[tuple[Point, ...], ...]


@attrs.frozen
class Phase:
    """A phase in a picture.

    Attributes:
        first: its first step in the picture.
        stop: the step at which it ends, or the picture does.
        row: the line of the phase table.
        kind: 0, 1, …: the same for phases that the same piece of text made.
    """

    first: int
    stop: int
    row: Row
    kind: int


@attrs.frozen
class Picture:
    """What is to be drawn.

    Attributes:
        curves: the schedules, at least one.
        phases: those of a single schedule, if they are not too many to be marked.
        steps: the axis of steps.
        values: the axis of values.
    """

    curves: tuple[Curve, ...]
    phases: tuple[Phase, ...]
    steps: Axis
    values: Axis


def picture(
    curves: Bound | Mapping[str, Bound],
    columns: int,
    ticks: tuple[int, int],
    *,
    start: int = 0,
    stop: int | None = None,
    log: bool = False,
) -> Picture:
    """What a picture of schedules shows over the steps start … stop.

    Args:
        curves: a bound schedule, or several by name.
        columns: how many points side by side can be told apart.
        ticks: at most so many on the axis of steps, and on that of values.
        start: the first step.
        stop: the last step: if not given, the end of the longest run.
        log: whether the axis of values is logarithmic; values that are not above zero are left out.

    Raises:
        ScheduleError: E411, if nothing can be drawn.

    >>> from schedlang import parse
    >>> shown = picture(parse("warmup(10) then cosine").bind(100, base=4e-4), 40, (5, 4))
    >>> shown.values.labels, shown.curves[0].lines[0][:3], [phase.row.text for phase in shown.phases]
    (('0', '1e-4', '2e-4', '3e-4', '4e-4'), ((0, 0.0), (1, 4e-05), (2, 8e-05)), ['warmup(10)', 'cosine'])
    """
    named = named_curves(curves)
    end = max(map(horizon, named.values())) if stop is None else stop
    if stop is not None and stop < start:
        fail(
            None, "E411", f"the picture would end at step {stop}, before it starts at step {start}", "give a later stop"
        )
    end = max(end, start + 1)
    if end > _FARTHEST:
        fail(None, "E411", "the run has more steps than an axis can have", "draw its beginning: give a stop")
    traced = {name: trace(bound, start, end, columns, log=log) for name, bound in named.items()}
    lines = {name: tuple(_lines(points, log)) for name, points in traced.items()}
    told = {name: f"{name} (nothing above 0)" if name and not lines[name] else name for name in named}
    drawn = tuple(Curve(told[name], bound, lines[name]) for name, bound in named.items())
    shown = [value for curve in drawn for line in curve.lines for _, value in line]
    if not shown:
        fail(None, "E411", "no value is above zero, so a logarithmic axis has nothing to show", "use a linear one")
    values = (logarithmic_axis if log else linear_axis)(min(shown), max(shown), ticks[1])
    phases = phases_of(drawn[0].bound, start, end) if len(drawn) == 1 else ()
    return Picture(drawn, phases, step_axis(start, end, ticks[0]), values)


def named_curves(curves: Bound | Mapping[str, Bound]) -> dict[str, Bound]:
    """Schedules by name; of a single one that is empty.

    Raises:
        ScheduleError: E411, for what is no bound schedule, and no mapping to some.
    """
    named = {"": curves} if isinstance(curves, Bound) else dict(curves) if isinstance(curves, Mapping) else None
    if not named or not all(isinstance(bound, Bound) for bound in named.values()):
        what = f"{type(curves).__name__!r} is" if named is None else "these are"
        message = f"{what} neither a bound schedule nor a mapping from names to bound schedules"
        fail(None, "E411", message, "bind the schedule: `schedule.bind(total_steps=…)`")
    return named


def check_size(width: int, height: int) -> None:
    """Refuse the size of a picture in pixels that nobody could read, or no memory hold.

    Raises:
        ScheduleError: E411.
    """
    if not (_SIZES[0] <= width <= _SIZES[1] and _SIZES[0] <= height <= _SIZES[1]):
        hint = f"give {_SIZES[0]} to {_SIZES[1]} pixels"
        fail(None, "E411", f"a picture of {width} × {height} pixels cannot be drawn", hint)


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


def trace(bound: Bound, start: int, stop: int, columns: int, *, log: bool = False) -> list[Point]:
    """Points of the curve that look like all of it when drawn so many columns wide: no more than four a column.

    Of each column the first step, the last one, and those with the lowest and the highest value are kept. Where the
    bounds of the program prove that nothing lies above or below these, no other step is asked; elsewhere every step is
    if they are no more than 32 768, so that no repeat, however short, hides between the points; of longer runs that
    many, and the edges of phases.

    For a logarithmic axis these are the points above zero; of a column that has none, the first one.

    >>> from schedlang import parse
    >>> trace(parse("linear(0, 1) for 10 repeat").bind(100), 0, 100, 2)
    [(0, 0.0), (9, 0.9), (49, 0.9), (50, 0.0), (59, 0.9), (99, 0.9), (100, 1.0)]
    """
    span = stop - start  # few values are walked: a function is compiled for many
    if span <= 4 * columns:
        return [(step, bound.walk(step)) for step in range(start, stop + 1)]
    edges = {edge for row in bound.phases[:_EDGES] for edge in (row.first, (row.stop or row.first) - 1)}
    begins = [start + span * column // columns for column in range(columns + 1)]
    inside: dict[int, list[int]] = {}
    for edge in edges:
        if start <= edge < stop:
            inside.setdefault((edge - start) * columns // span, []).append(edge)
    points: list[Point] = []
    unproven = 0
    for column in range(columns):
        first, last = begins[column], begins[column + 1] - 1
        steps = _telling(bound.program, first, last, log) if unproven < _UNPROVEN else None
        if steps is None:
            unproven += 1
            asked = asked_steps(first, last + 1, _ASKED // columns, inside.get(column, ()))
            points += _told(asked, _values(bound, asked), log)
        else:
            points += _told(steps, list(map(bound.walk, steps)), log)
    return [*points, (stop, bound.walk(stop))]


def phases_of(bound: Bound, start: int, stop: int) -> tuple[Phase, ...]:
    """The phases of a picture over the steps start … stop; none if they are too many to be told apart.

    >>> from schedlang import parse
    >>> bound = parse("(linear(0, 1) for 10 then cosine to 0 for 20) repeat").bind(100)
    >>> [(phase.first, phase.stop, phase.kind) for phase in phases_of(bound, 0, 50)]
    [(0, 10, 0), (10, 30, 1), (30, 40, 0), (40, 50, 1)]
    """
    kinds: dict[object, int] = {}
    phases = []
    for row in bound.phases:
        first, end = max(row.first, start), stop if row.stop is None else min(row.stop, stop)
        if first < end:
            kind = kinds.setdefault(row.place or row.text, len(kinds))
            phases.append(Phase(first, end, row, kind))
            if len(phases) > _SPANS:
                return ()
    return tuple(phases)


def _telling(program: Part, first: int, last: int, log: bool) -> Sequence[int] | None:
    """Steps between which no value lies outside of those that they have; None if that isn't proven soon.

    On a logarithmic axis a value that is not above zero proves nothing about those above zero.
    """
    search = Search(_BOUNDS)
    found: list[int] = []
    todo = [(first, last)]
    try:
        while todo:
            first, last = todo.pop()
            ends = program.at(first), program.at(last)
            low, high = program.bounds(first, last, search)
            hidden = log and min(ends) <= 0 < max(ends)
            if min(ends) <= low and high <= max(ends) and not hidden:
                found += sorted({first, last})
            elif last - first < _FEW:
                found += range(first, last + 1)
            else:
                middle = (first + last) // 2
                todo += [(middle + 1, last), (first, middle)]
    except (Search.OverError, ArithmeticError, ValueError):
        return None
    return found


def asked_steps(first: int, stop: int, most: int, edges: Iterable[int]) -> Sequence[int]:
    """All steps of a column; of one with too many so many, at uneven distances, its ends and those edges included."""
    width = stop - first
    if width <= most:
        return range(first, stop)
    # By the golden ratio, in 64 bits, so that a period of the curve meets every one of its places.
    apart = (index * 0x9E3779B97F4A7C15 % 2**64 for index in range(most))
    spread = (first + (index * width + (each * width >> 64)) // most for index, each in enumerate(apart))
    return sorted({first, stop - 1, *spread, *edges})


def _values(bound: Bound, steps: Sequence[int]) -> list[float]:
    try:
        return list(map(bound.compiled, steps))
    except (ArithmeticError, ValueError):
        return list(map(bound, steps))  # which tells where in the text there is no value


def _told(steps: Sequence[int], values: Sequence[float], log: bool) -> Iterable[Point]:
    """The first point, the last one, the lowest and the highest; for a logarithmic axis of those above zero."""
    points = list(zip(steps, values, strict=True))
    points = [point for point in points if point[1] > 0] or points[:1] if log else points
    by_value = [value for _, value in points]
    kept = {0, len(points) - 1, by_value.index(min(by_value)), by_value.index(max(by_value))}
    return [points[place] for place in sorted(kept)]


def _lines(points: list[Point], log: bool) -> Iterator[tuple[Point, ...]]:
    """The points; for a logarithmic axis the stretches of them that are above zero."""
    if not log:
        yield tuple(points)
        return
    line: list[Point] = []
    for point in [*points, (0, 0.0)]:
        if point[1] > 0:
            line.append(point)
        elif line:
            yield tuple(line)
            line = []
