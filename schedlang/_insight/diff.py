"""Two bound schedules beside each other: from which step on they differ, where, and by how much.

All steps up to the later end are compared, and the step at which both have ended, whose values are held forever: so
nothing is left out. The values are those of a plain call to the last bit.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from .._bound.awaiting import until_known
from .._bound.bind import on_one_axis
from .._bound.bound import LOOKED_AT, Bound, awaited
from .._bound.sampling import asked_steps
from .._language.program import HELD, Row
from .._text.errors import Needed, fail
from .._text.rendering import columns
from .._text.run import STEP, Run, Unit, as_decimal
from .exact import blocks, comes_to_rest, exact_values, unlike
from .plain import as_plain

if TYPE_CHECKING:
    from .exact import Floats

_FEW: Final = 100_000  # places that are looked at on a long axis

_SHOWN: Final = 20  # how many stretches the text of a comparison shows


@attrs.frozen
class Difference:
    """The values of two schedules at a step.

    Attributes:
        absolute: how far they are apart.
        relative: how far they are apart as a share of the larger of the two, signs aside.

    >>> Difference(10, 2.0, 1.5).absolute, Difference(10, 2.0, 1.5).relative
    (0.5, 0.25)
    """

    step: int | Any
    old: float
    new: float
    absolute: float = attrs.field(init=False, repr=False)
    relative: float = attrs.field(init=False, repr=False)

    @absolute.default
    def _gap(self) -> float:
        return abs(self.old - self.new)

    @relative.default
    def _share(self) -> float:
        return self.absolute / (max(abs(self.old), abs(self.new)) or 1.0)

    def to_dict(self) -> dict[str, Any]:
        """The difference as plain data."""
        return as_plain(self)


@attrs.frozen
class Stretch:
    """Steps over which neither schedule changes its phase.

    Attributes:
        first: the first of the steps.
        stop: the step behind the last one; None: there is no last one, both have ended.
        old: the text of the old schedule that is in force there, or `held` behind its end.
        new: the same of the new schedule.
        largest: the largest difference; None if there is none.
    """

    first: int | Any
    stop: int | Any | None
    old: str
    new: str
    largest: Difference | None

    def to_dict(self) -> dict[str, Any]:
        """The stretch as plain data."""
        return as_plain(self)


@attrs.frozen
class Comparison:
    """What `compare` has found.

    Attributes:
        end: the step from which on both schedules have ended, and hold their values.
        tolerance: up to which share of the larger value a difference is none.
        count: at how many of the steps 0 … `end` they differ.
        first: the first difference; None if there is none.
        largest: the largest difference.
        relative: the largest difference as a share of the larger value.
        last: the values at `end`, which are held forever, be they different or not.
        stretches: all steps, in stretches: neighbours over which nothing differs are one.
    """

    end: int | Any
    tolerance: float
    count: int
    first: Difference | None
    largest: Difference | None
    relative: Difference | None
    last: Difference
    stretches: tuple[Stretch, ...]
    unit: Unit = attrs.field(default=STEP, eq=False, repr=False)  # what the runs count
    sampled: int | None = attrs.field(default=None, eq=False, repr=False)  # at how many places, if not at all of them
    proven: int | Any | None = attrs.field(default=None, eq=False, repr=False)  # below which nothing is left out then

    awaited: tuple[str, ...] = attrs.field(default=(), eq=False, repr=False)  # events that are not known yet

    def same(self, before: int | Fraction | None = None) -> bool:
        """Whether nothing differs; or nothing before that step, whatever comes then.

        Of an axis that is too long to look everywhere it is what is proven: False, if that is not known.

        >>> from schedlang import parse
        >>> old, new = (parse(text).bind(100) for text in ("cosine", "cosine over 100 until 40 then hold"))
        >>> compare(old, new).same(before=40), compare(old, new).same()
        (True, False)
        """
        known = self.proven is None or (before is not None and self.proven >= before)
        return known and (self.first is None or (before is not None and self.first.step >= before))

    def stretch(self, step: int) -> Stretch:
        """The stretch that a step lies in."""
        return next(each for each in reversed(self.stretches) if each.first <= step)

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain data: dicts, lists, numbers, texts and None."""
        sampled = {} if self.sampled is None else {"sampled": self.sampled}
        awaited = {"awaited": list(self.awaited)} if self.awaited else {}
        return {"same": self.same()} | as_plain(self) | sampled | awaited

    def __str__(self) -> str:
        """The comparison in words and two tables."""
        return "\n".join([*_comparison_lines(self), *until_known(self.awaited)])


def compare(old: Bound, new: Bound, *, tolerance: float = 0.0, before: int | Fraction | None = None) -> Comparison:
    """Compare two schedules at all steps, each bound to its own run.

    Args:
        old: a bound schedule.
        new: another one; its run may be longer or shorter: behind its end a schedule holds its last value.
        tolerance: up to which share of the larger of two values, signs aside, a difference is none.
        before: up to which step a schedule is compared that has no end; one that has is compared up to there.

    Raises:
        ScheduleError: E401, for a schedule without an end: neither has its run one, nor does it come to rest.

    >>> from schedlang import parse
    >>> old = parse("warmup(10) then cosine").bind(100, base=0.5)
    >>> new = parse("(warmup(10) then cosine) over 100 until 60 then linear to 0").bind(100, base=0.5)
    >>> found = compare(old, new)
    >>> found.first
    Difference(step=61, old=0.1980220772955602, new=0.2014232566936857)
    >>> found.same(before=60)
    True
    """
    old, new = on_one_axis(old, new)
    run = new.run
    upto = None if before is None else math.ceil(new.place(before) * run.grid)
    ends = [_resting_step(old, upto), _resting_step(new, upto)]
    end = max(ends)
    stretches, texts = _stretches(old, new, ends)
    values = [(bound, exact_values(bound)) for bound in (old, new)]
    first: Difference | None = None
    relative: Difference | None = None
    count = 0
    some, proven = _some_places(old, new, end, [stretch.first for stretch in stretches])
    for steps in [some] if some else (range(*block) for block in blocks(end + 1)):
        olds, news = (list(map(bound, some)) if some else of(steps[0], steps[-1] + 1) for bound, of in values)
        where, gaps, shares = gaps_of(olds, news, tolerance)
        if not len(where):
            continue

        def at(index: int, steps: Any = steps, where: Any = where, olds: Any = olds, news: Any = news) -> Difference:
            place = int(where[index])
            return Difference(steps[place], float(olds[place]), float(news[place]))

        count += len(where)
        first = first or at(0)
        relative = _larger(relative, at(_peak(shares)), "relative")
        # Those that the block lies in: the first of them has perhaps begun before it.
        within = bisect_right(stretches, steps[0], key=_FIRST) - 1, bisect_left(stretches, steps[-1] + 1, key=_FIRST)
        for index in range(*within):
            stretch = stretches[index]
            low = bisect_left(where, bisect_left(steps, stretch.first))
            high = len(where) if stretch.stop is None else bisect_left(where, bisect_left(steps, stretch.stop))
            if low < high:
                largest = _larger(stretch.largest, at(low + _peak(gaps[low:high])), "absolute")
                stretches[index] = attrs.evolve(stretch, largest=largest)
    found = [stretch.largest for stretch in stretches if stretch.largest is not None]
    peak = max(found, key=lambda each: (each.absolute, -each.step), default=None)
    return Comparison(
        end=run.place(end),
        tolerance=tolerance,
        first=_placed(first, run),
        largest=_placed(peak, run),
        relative=_placed(relative, run),
        last=Difference(run.place(end), old(end), new(end)),
        count=count,
        stretches=tuple(_placed_stretch(each, run) for each in _merged(stretches, texts)),
        unit=run.unit,
        sampled=len(some) if some else None,
        proven=None if proven is None else run.place(proven),
        awaited=awaited(old, new),
    )


def _some_places(old: Bound, new: Bound, end: int, edges: Iterable[int]) -> tuple[list[int], int | None]:
    """Where to look on an axis that is too long to look everywhere, and below which place nothing is left out; none,
    and None: everywhere.

    Where the two begin to be calculated otherwise every place is looked at for a while, so that the first difference is
    found where it is.
    """
    if new.run.clock is None or end <= LOOKED_AT:
        return [], None
    apart = next(unlike(old, new, 0, end + 1), None)
    begins = range(0) if apart is None else range(int(apart[0]), int(min(apart[0] + _FEW, apart[1])))
    return sorted({*asked_steps(0, end + 1, _FEW, edges), *begins}), None if apart is None else begins.stop


def _placed(difference: Difference | None, run: Run) -> Difference | None:
    """The same, its place as it is asked for."""
    return None if difference is None else Difference(run.place(difference.step), difference.old, difference.new)


def _placed_stretch(stretch: Stretch, run: Run) -> Stretch:
    stop = None if stretch.stop is None else run.place(stretch.stop)
    return attrs.evolve(stretch, first=run.place(stretch.first), stop=stop, largest=_placed(stretch.largest, run))


def _resting_step(bound: Bound, before: int | None) -> int:
    """The step from which on a schedule holds its value; if it never does, `before`."""
    end = end_of(bound)
    if end is not None:
        return end
    if before is not None:
        return before
    message = f"`{bound.schedule}` never ends, so it can't be compared to its end"
    return fail(None, "E401", message, Needed("total_steps"))


def end_of(bound: Bound) -> int | None:
    """The step from which on a schedule holds its value; None if it never does."""
    if bound.end is not None:
        return bound.end
    return bound.phases[-1].first if comes_to_rest(bound) else None


def gaps_of(old: Floats, new: Floats, tolerance: float) -> tuple[Any, Any, Any]:
    """Where two stretches of values differ, how much, and which share of the larger value that is."""
    try:
        import numpy
    except ModuleNotFoundError:
        if old == new:
            return [], [], []
        sizes = [max(abs(a), abs(b)) for a, b in zip(old, new, strict=True)]
        gaps = [abs(a - b) for a, b in zip(old, new, strict=True)]
        where = [index for index, gap in enumerate(gaps) if gap > tolerance * sizes[index]]
        return where, [gaps[index] for index in where], [gaps[index] / sizes[index] for index in where]
    with numpy.errstate(over="ignore"):
        a, b = numpy.asarray(old), numpy.asarray(new)
        gap = numpy.abs(a - b)
        size = numpy.maximum(numpy.abs(a), numpy.abs(b))
        found = numpy.flatnonzero(gap > tolerance * size)
        return found, gap[found], gap[found] / size[found]


def _peak(values: Any) -> int:
    """Where the largest of some values is, the first of them."""
    return int(values.argmax()) if hasattr(values, "argmax") else values.index(max(values))


def _larger(one: Difference | None, other: Difference, by: str) -> Difference:
    return other if one is None or getattr(other, by) > getattr(one, by) else one


# Stretches.

_FIRST: Final = attrgetter("first")


_Texts: TypeAlias = list[tuple[str | None, str | None]]
"""The texts of the old and the new schedule that are in force in each stretch; None: behind its end."""


def _stretches(old: Bound, new: Bound, ends: Sequence[int]) -> tuple[list[Stretch], _Texts]:
    """The stretches over which neither schedule changes its phase, and the texts in force there."""
    end = max(ends)
    rows = [[row for row in bound.phases if row.first < end] for bound in (old, new)]
    starts = sorted({0, end, *(row.first for each in rows for row in each), *(each for each in ends if each < end)})
    olds, news = (_texts(each, stop, starts) for each, stop in zip(rows, ends, strict=True))
    texts = list(zip(olds, news, strict=True))
    spans = zip(starts, [*starts[1:], None], texts, strict=True)
    return [_stretch(first, stop, [both]) for first, stop, both in spans], texts


def _texts(rows: Sequence[Row], end: int, starts: Iterable[int]) -> Iterator[str | None]:
    """The text in force at each of some steps; None where the last value is held."""
    for step in starts:
        row = rows[max(0, bisect_right(rows, step, key=_FIRST) - 1)] if step < end and rows else None
        yield None if row is None or row.shape == HELD else " ".join(row.text.split())


def _merged(stretches: Sequence[Stretch], texts: _Texts) -> Iterator[Stretch]:
    """All stretches; neighbours over which nothing differs as one."""
    for same, group in groupby(zip(stretches, texts, strict=True), key=lambda each: each[0].largest is None):
        run, inside = zip(*group, strict=True)
        if same:
            yield _stretch(run[0].first, run[-1].stop, inside)
        else:
            yield from run


def _stretch(first: int, stop: int | None, texts: Sequence[tuple[str | None, str | None]]) -> Stretch:
    """Steps over which nothing is known to differ, with the texts in force there one after another."""
    old, new = map(_first_text, zip(*texts, strict=True))
    return Stretch(first, stop, old, new, None)


def _first_text(texts: Sequence[str | None]) -> str:
    """The first of the texts in force one after another, and `…` for more."""
    first = HELD if texts[0] is None else texts[0]
    return f"{first} …" if any(text not in (texts[0], None) for text in texts) else first


# The text.


def _comparison_lines(comparison: Comparison) -> Iterator[str]:
    tolerance, first, unit = comparison.tolerance, comparison.first, comparison.unit
    end, sampled = as_decimal(comparison.end), comparison.sampled
    if first is None:
        within = f", up to {tolerance:g} of the larger" if tolerance else ""
        if not comparison.same():
            yield f"no difference seen at {sampled} places between 0 and {end}{within}: not proven between them"
            return
        yield f"no difference: the values at {unit.many} 0 … {end} are the same{within}, and the last is held forever"
        return
    assert comparison.largest is not None and comparison.relative is not None
    if sampled is not None:
        yield f"seen to differ from {unit.at(first.step)} on"
    else:
        yield f"the same before {unit.at(first.step)}" if first.step else f"different from the first {unit.one} on"
    forever = "" if comparison.stretches[-1].largest is None else ", and forever after the end"
    if sampled is not None:
        yield f"different at {comparison.count} of {sampled} places that were looked at, up to {end}{forever}"
    elif comparison.count == comparison.end + 1 - first.step:
        yield (
            f"different from {unit.at(first.step)} on, and forever"
            if first.step
            else f"and at every {unit.one}, forever"
        )
    else:
        yield f"different at {comparison.count} of the {unit.many} {as_decimal(first.step)} … {end}{forever}"
    differences = {
        "first difference": first,
        "largest difference": comparison.largest,
        "largest share": comparison.relative,
        "last value, held": comparison.last,
    }
    rows = [(name, *_difference_cells(each)) for name, each in differences.items()]
    yield f"\n{columns([('', unit.one, 'old', 'new', 'difference', 'share'), *rows], right=(1,))}\n"
    stretch = comparison.stretch(first.step)
    yield f"at {unit.at(first.step)}\n{columns([('  old', stretch.old), ('  new', stretch.new)], right=())}\n"
    head = ("from", "to", "largest", "at", "old", "new")
    yield columns([head, *map(_stretch_cells, comparison.stretches[:_SHOWN])], right=(0, 1, 3))
    if len(comparison.stretches) > _SHOWN:
        yield f"… {len(comparison.stretches) - _SHOWN} more stretches"


def _difference_cells(difference: Difference) -> tuple[str, ...]:
    values = as_decimal(difference.step), str(difference.old), str(difference.new)
    if not difference.absolute:
        return *values, "none", ""
    percent = 100 * difference.relative
    return *values, f"{difference.absolute:.3g}", f"{percent:.3g} %" if math.isfinite(percent) else "more than all"


def _stretch_cells(stretch: Stretch) -> tuple[str, ...]:
    stop, largest = "–" if stretch.stop is None else as_decimal(stretch.stop), stretch.largest
    found = ("same", "") if largest is None else (f"{largest.absolute:.3g}", as_decimal(largest.step))
    return as_decimal(stretch.first), stop, *found, _brief(stretch.old), _brief(stretch.new)


def _brief(text: str) -> str:
    return text if len(text) <= 36 else f"{text[:35].rstrip()}…"
