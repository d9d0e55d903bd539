"""What a picture of schedules shows, whoever draws it: points of the curves, phases, axes, and names of the phases."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, product
from typing import Any, Final, TypeAlias, TypeVar

import attrs

from .._bound.awaiting import waits
from .._bound.bind import on_one_axis
from .._bound.bound import Bound
from .._bound.sampling import asked_steps, horizon
from .._language.program import HELD, Part, Row, Search
from .._text.errors import fail
from .._text.run import Run
from .._text.source import on_one_line
from .axes import PictureAxis, linear_axis, logarithmic_axis, step_axis

K = TypeVar("K")
StepValue: TypeAlias = tuple[int, float]

_FARTHEST: Final = 10**300  # the last step that is drawn: steps that no float holds have no place in a picture
_ASKED: Final = 2**15  # steps asked for one curve
_BOUNDS: Final = 256  # bounds asked of a program to prove what a column shows
_UNPROVEN: Final = 20  # columns of which nothing is proven, after which it isn't tried any more
_FEW: Final = 4  # steps that are asked rather than proven
_SIZES: Final = (120, 20_000)  # pixels that a picture is wide and high
_EDGES: Final = 500  # phases whose first and last steps are asked, whatever else is
_SPANS: Final = 64  # phases that are marked
_CAPTIONS: Final = 10  # names of phases


@attrs.frozen
class Curve:
    """One schedule in a picture."""

    name: str  # and whether a logarithmic axis shows nothing of it; empty if it is the only one
    bound: Bound
    lines: tuple[tuple[StepValue, ...], ...]  # its points; several where a logarithmic axis interrupts it


@attrs.frozen
class PhaseSpan:
    """A phase in a picture: from its first step there to where it ends, or the picture does.

    Phases that the same piece of text made are of one `kind`: 0, 1, …
    """

    first: int
    stop: int
    row: Row
    kind: int


@attrs.frozen
class Caption:
    """The name of a phase."""

    phase: PhaseSpan
    text: str
    edge: float  # where the phase begins, in characters from the left
    begin: float  # where the text begins, so too; left of the edge at the right end of a picture
    line: int  # on which line it stands, counted from the curve up


@attrs.frozen
class Picture:
    """What is to be drawn: curves, the phases of a single one if they are not too many to be marked, and both axes."""

    curves: tuple[Curve, ...]
    phases: tuple[PhaseSpan, ...]
    steps: PictureAxis
    values: PictureAxis
    run: Run  # what the axis of steps counts

    @property
    def start(self) -> int:
        return int(self.steps.low)

    @property
    def stop(self) -> int:
        return int(self.steps.high)

    def lines_of(self, phase: PhaseSpan) -> Iterator[Sequence[StepValue]]:
        """What a phase shows, and the point that begins the next; of the last one also what is held behind it."""
        stop = self.stop if phase is self.phases[-1] else phase.stop
        for line in self.curves[0].lines:
            begin, end = (bisect_left(line, (step,)) for step in (phase.first, stop))
            if begin < len(line) and line[begin][0] <= stop:
                yield line[begin : end + 1]

    def ends(self) -> Iterator[tuple[int, float, int]]:
        """Where phases begin, and where the picture ends: the steps, the values there, and kinds of phases."""
        kinds = {phase.first: phase.kind for phase in self.phases}
        kinds.setdefault(self.stop, self.phases[-1].kind)
        values = ((step, self.curves[0].bound(step), kind) for step, kind in kinds.items())
        return (each for each in values if each[1] > 0 or not self.values.log)

    def captions(self, width: float, lines: int = 5) -> tuple[Caption, ...]:
        """Names for phases, each at the left edge of its phase, on at most so many lines above one another.

        None stands on another one or on the line that leads down from another one. A phase that the same text made as
        one before it has no second name, nor has a phase that only holds what is left at the end; one that waits for
        an event has. Where there are too many names or lines, those of the shortest phases are left out. The width is
        counted in characters.

        >>> from schedlang import parse
        >>> shown = picture(parse("warmup(5%) then hold until 90% then linear to 0").bind(1000), 60, (5, 5))
        >>> [(caption.text, caption.begin, caption.line) for caption in shown.captions(60)]
        [('warmup(5%)', 0.0, 1), ('hold', 3.0, 0), ('linear to 0', 49, 0)]
        """
        firsts: dict[int, PhaseSpan] = {}
        for phase in self.phases:
            if phase.row.shape != HELD:
                firsts.setdefault(phase.kind, phase)
        waiting = [phase for phase in self.phases if waits(phase.row) and firsts.get(phase.kind) is not phase]
        named = sorted([*firsts.values(), *waiting], key=lambda phase: phase.first)
        while True:
            placed = self._placed(named, width)
            if len(named) <= _CAPTIONS and all(caption.line < lines for caption in placed) and not _crossed(placed):
                return placed
            named.remove(min(named, key=lambda phase: phase.stop - phase.first))

    def _placed(self, phases: Sequence[PhaseSpan], width: float) -> tuple[Caption, ...]:
        """From the last name to the first, each beside the one before if it fits there, or else on the next line up."""
        placed: list[Caption] = []
        line, free = 0, width
        for phase in reversed(phases):
            text = cut_short(on_one_line(phase.row.text), int(width))
            edge = width * (phase.first - self.start) / (self.stop - self.start)
            begin = max(0.0, min(edge, width - len(text)))
            if begin + len(text) > free:
                line += 1
            placed.append(Caption(phase, text, edge, begin, line))
            free = begin - 1
        return tuple(placed[::-1])


def _crossed(placed: Sequence[Caption]) -> bool:
    """Whether the line that leads down from a name goes through another one."""
    return any(
        low.line < high.line and low.begin - 1 < high.edge < low.begin + len(low.text) + 1
        for low, high in product(placed, repeat=2)
    )


def picture(
    curves: Bound | Mapping[str, Bound],
    columns: int,
    ticks: tuple[int, int],
    *,
    start: int = 0,
    stop: int | None = None,
    log: bool = False,
) -> Picture:
    """What a picture of schedules shows over the steps start … stop, or to the end of the longest run.

    Args:
        curves: a bound schedule, or several by name.
        columns: how many points side by side can be told apart.
        ticks: at most so many on the axis of steps, and on that of values.
        start: the first step.
        stop: the last step.
        log: whether the axis of values is logarithmic; values that are not above zero are left out.
    """
    named, start, stop = in_ticks(named_curves(curves), start, stop)
    run = next(iter(named.values())).run
    if stop is not None and stop < start:
        message = f"the picture would end at {run.at(stop)}, before it starts at {run.at(start)}"
        fail(None, "E411", message, "give a later stop")
    end = end_of(named, start, stop)
    if end > _FARTHEST:
        fail(None, "E411", "the run has more steps than an axis can have", "draw its beginning: give a stop")
    drawn = []
    for name, bound in named.items():
        points = trace(bound, start, end, columns, log=log)
        lines = tuple(_lines_above_zero(points)) if log else (tuple(points),)
        drawn.append(Curve(f"{name} (nothing above 0)" if name and not lines else name, bound, lines))
    values = [value for curve in drawn for line in curve.lines for _, value in line]
    if not values:
        fail(None, "E411", "no value is above zero, so a logarithmic axis has nothing to show", "use a linear one")
    axis = (logarithmic_axis if log else linear_axis)(min(values), max(values), ticks[1])
    phases = phases_of(drawn[0].bound, start, end) if len(drawn) == 1 else ()
    return Picture(tuple(drawn), phases, step_axis(start, end, ticks[0], run.grid, run.clock or ""), axis, run)


def named_curves(curves: Bound | Mapping[str, Bound]) -> dict[str, Bound]:
    """Schedules by name; of a single one that is empty."""
    named = {"": curves} if isinstance(curves, Bound) else dict(curves) if isinstance(curves, Mapping) else None
    if not named or not all(isinstance(bound, Bound) for bound in named.values()):
        what = f"{type(curves).__name__!r} is" if named is None else "these are"
        message = f"{what} neither a bound schedule nor a mapping from names to bound schedules"
        fail(None, "E411", message, "bind the schedule: `schedule.bind(total_steps=…)`")
    return named


def in_ticks(named: Mapping[K, Bound], start: Any, stop: Any) -> tuple[dict[K, Bound], int, int | None]:
    """Schedules as they are asked for ticks of one axis, and the ticks of two places."""
    bounds = on_one_axis(*named.values())
    start, stop = (
        None if place is None else int(bounds[0].place(place) * bounds[0].run.grid) for place in (start, stop)
    )
    return dict(zip(named, bounds, strict=True)), start, stop


def end_of(named: Mapping[Any, Bound], start: int, stop: int | None) -> int:
    return max(max(map(horizon, named.values())) if stop is None else stop, start + 1)


def check_size(width: int, height: int) -> None:
    """Refuse the size of a picture in pixels that nobody could read, or no memory hold."""
    least, most = _SIZES
    if min(width, height) < least or max(width, height) > most:
        message = f"a picture of {width} × {height} pixels cannot be drawn"
        fail(None, "E411", message, f"give {least} to {most} pixels")


# Points of a curve.


def trace(bound: Bound, start: int, stop: int, columns: int, *, log: bool = False) -> list[StepValue]:
    """Points of the curve that look like all of it when drawn so many columns wide: no more than four a column.

    Of each column the first step, the last one, and those with the lowest and the highest value are kept. Where the
    bounds of the program prove that nothing lies above or below these, no other step is asked; elsewhere every step is
    if they are no more than 32 768, so that no repeat, however short, hides between the points; of longer runs that
    many, and the edges of phases.

    For a logarithmic axis these are the points above zero; of a column that has none, the first one.

    >>> from schedlang import parse
    >>> trace(parse("linear(0, 1) for 10 repeat").bind(100), 0, 100, 2)
    [(0, 0.0), (49, 0.9), (50, 0.0), (99, 0.9), (100, 1.0)]
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
    points: list[StepValue] = []
    unproven = 0
    for column in range(columns):
        first, last = begins[column], begins[column + 1] - 1
        steps = _proving_steps(bound.program, first, last, log) if unproven < _UNPROVEN else None
        if steps is None:
            unproven += 1
            asked = asked_steps(first, last + 1, _ASKED // columns, inside.get(column, ()))
            points += _outline(asked, _values_at(bound, asked), log)
        else:
            points += _outline(steps, list(map(bound.walk, steps)), log)
    return [*points, (stop, bound.walk(stop))]


def _proving_steps(program: Part, first: int, last: int, log: bool) -> Sequence[int] | None:
    """Steps between which no value lies outside of those that they have; None if that isn't proven soon.

    On a logarithmic axis a value that is not above zero proves nothing about those above zero.
    """
    search = Search(_BOUNDS)
    steps: list[int] = []
    stretches = [(first, last)]
    try:
        while stretches:
            first, last = stretches.pop()
            ends = program.at(first), program.at(last)
            low, high = program.bounds(first, last, search)
            hidden = log and min(ends) <= 0 < max(ends)
            if min(ends) <= low and high <= max(ends) and not hidden:
                steps += sorted({first, last})
            elif last - first < _FEW:
                steps += range(first, last + 1)
            else:
                middle = (first + last) // 2
                stretches += [(middle + 1, last), (first, middle)]
    except (Search.OverError, ArithmeticError, ValueError):
        return None
    return steps


def _values_at(bound: Bound, steps: Sequence[int]) -> list[float]:
    try:
        return list(map(bound.compiled, steps))
    except (ArithmeticError, ValueError):
        return list(map(bound, steps))  # which tells where in the text there is no value


def _outline(steps: Sequence[int], values: Sequence[float], log: bool) -> Iterable[StepValue]:
    """The first point, the last one, the lowest and the highest; for a logarithmic axis of those above zero."""
    points = list(zip(steps, values, strict=True))
    points = [point for point in points if point[1] > 0] or points[:1] if log else points
    heights = [value for _, value in points]
    kept = {0, len(points) - 1, heights.index(min(heights)), heights.index(max(heights))}
    return [points[index] for index in sorted(kept)]


def _lines_above_zero(points: list[StepValue]) -> Iterator[tuple[StepValue, ...]]:
    return (tuple(line) for above, line in groupby(points, lambda point: point[1] > 0) if above)


# Phases.


def phases_of(bound: Bound, start: int, stop: int) -> tuple[PhaseSpan, ...]:
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
            phases.append(PhaseSpan(first, end, row, kind))
            if len(phases) > _SPANS:
                return ()
    return tuple(phases)


def cut_short(text: str, width: int) -> str:
    """A text, or its beginning and `…`."""
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"
