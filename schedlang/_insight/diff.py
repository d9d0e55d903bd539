"""Two bound schedules beside each other: from which step on they differ, where, and by how much.

All steps up to the later end are compared, and the step at which both have ended, whose values are held forever: so
nothing is left out. The values are those of a plain call to the last bit. They are calculated on arrays, except where
a library's `exp` or `pow` might differ from Python's.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import attrs

from .._bound.bound import Bound
from .._engines.expressions import Affine, Applied, Value, parts
from .._engines.lowering import lowered
from .._language.program import HELD, Row
from .._text.errors import fail
from .._text.rendering import columns

if TYPE_CHECKING:
    import numpy

    Floats = numpy.ndarray[Any, Any] | array[float] | list[float]

BLOCK: Final = 2**18
"""How many steps are compared at a time."""

SHOWN: Final = 20
"""How many stretches the text of a comparison shows."""


@attrs.frozen
class Difference:
    """The values of two schedules at a step.

    >>> Difference(10, 2.0, 1.5).absolute, Difference(10, 2.0, 1.5).relative
    (0.5, 0.25)
    """

    step: int
    old: float
    new: float

    @property
    def absolute(self) -> float:
        """How far they are apart."""
        return abs(self.old - self.new)

    @property
    def relative(self) -> float:
        """How far they are apart as a share of the larger of the two, signs aside."""
        size = max(abs(self.old), abs(self.new))
        return self.absolute / size if size else 0.0

    def to_dict(self) -> dict[str, Any]:
        """The difference as plain data."""
        return attrs.asdict(self) | {"absolute": self.absolute, "relative": self.relative}


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

    first: int
    stop: int | None
    old: str
    new: str
    largest: Difference | None

    def to_dict(self) -> dict[str, Any]:
        """The stretch as plain data."""
        return attrs.asdict(self, recurse=False) | {"largest": None if self.largest is None else self.largest.to_dict()}


@attrs.frozen
class Comparison:
    """What `compare` has found.

    Attributes:
        end: the step from which on both schedules have ended, and hold their values.
        tolerance: up to which share of the larger value a difference is none.
        first: the first difference; None if there is none.
        largest: the largest difference.
        relative: the largest difference as a share of the larger value.
        last: the values at `end`, which are held forever, be they different or not.
        count: at how many of the steps 0 … `end` they differ.
        stretches: all steps, in stretches: neighbours over which nothing differs are one.
    """

    end: int
    tolerance: float
    first: Difference | None
    largest: Difference | None
    relative: Difference | None
    last: Difference
    count: int
    stretches: tuple[Stretch, ...]

    def same(self, before: int | None = None) -> bool:
        """Whether nothing differs; or nothing before that step, whatever comes then.

        >>> from schedlang import parse
        >>> old, new = (parse(text).bind(100) for text in ("cosine", "cosine over 100 until 40 then hold"))
        >>> compare(old, new).same(before=40), compare(old, new).same()
        (True, False)
        """
        return self.first is None or (before is not None and self.first.step >= before)

    def stretch(self, step: int) -> Stretch:
        """The stretch that a step lies in."""
        return next(each for each in reversed(self.stretches) if each.first <= step)

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain data: dicts, lists, numbers, texts and None."""
        found = {name: getattr(self, name) for name in ("first", "largest", "relative", "last")}
        return {
            "same": self.same(),
            "end": self.end,
            "tolerance": self.tolerance,
            "count": self.count,
            **{name: None if each is None else each.to_dict() for name, each in found.items()},
            "stretches": [each.to_dict() for each in self.stretches],
        }

    def __str__(self) -> str:
        """The comparison in words and two tables."""
        return "\n".join(_comparison_lines(self))


def compare(old: Bound, new: Bound, *, tolerance: float = 0.0, before: int | None = None) -> Comparison:
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
    ends = [_resting_step(old, before), _resting_step(new, before)]
    end = max(ends)
    cuts = _cuts(old, new, ends)
    largest: list[Difference | None] = [None] * len(cuts)
    first: Difference | None = None
    relative: Difference | None = None
    count = 0
    exact = is_exact(old), is_exact(new)
    for begin in range(0, end + 1, BLOCK):
        stop = min(end + 1, begin + BLOCK)
        values = exact_values(old, begin, stop, exact[0]), exact_values(new, begin, stop, exact[1])
        where, gaps, shares = _gaps(*values, tolerance)
        if not len(where):
            continue

        def at(index: int, begin: int = begin, where: Any = where, values: Any = values) -> Difference:
            place = int(where[index])
            return Difference(begin + place, float(values[0][place]), float(values[1][place]))

        count += len(where)
        first = first or at(0)
        relative = _larger(relative, at(_peak(shares)), "relative")
        for index in range(max(0, bisect_left(cuts, begin + 1, key=_first) - 1), len(cuts)):
            if cuts[index][0] >= stop:
                break
            low = bisect_left(where, cuts[index][0] - begin)
            high = len(where) if index + 1 == len(cuts) else bisect_left(where, cuts[index + 1][0] - begin)
            if low < high:
                largest[index] = _larger(largest[index], at(low + _peak(gaps[low:high])), "absolute")
    found = [each for each in largest if each is not None]
    return Comparison(
        end=end,
        tolerance=tolerance,
        first=first,
        largest=max(found, key=lambda each: (each.absolute, -each.step), default=None),
        relative=relative,
        last=Difference(end, old(end), new(end)),
        count=count,
        stretches=tuple(_stretches(cuts, largest)),
    )


def _resting_step(bound: Bound, before: int | None) -> int:
    """The step from which on a schedule holds its value; if it never does, `before`."""
    if bound.total_steps is not None:
        return bound.total_steps
    last = bound.phases[-1]
    if last.shape not in ("hold", "constant", HELD):
        if before is not None:
            return before
        message = f"`{bound.schedule}` never ends, so it can't be compared to its end"
        fail(None, "E401", message, "bind the schedule with `total_steps=…`")
    return last.first


def is_exact(bound: Bound) -> bool:
    """Whether arrays have the very bits of a plain call: whether there is no `exp` or `pow`."""
    waiting: list[Value | None] = [lowered(bound.program)]
    seen: set[int] = set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen or value is None:
            continue
        seen.add(id(value))
        if isinstance(value, Applied) and value.name in ("exp", "power"):
            return False
        if isinstance(value, Affine):
            waiting.append(value.variable.meaning)
        waiting += parts(value)
    return True


def exact_values(bound: Bound, first: int, stop: int, exact: bool) -> Floats:
    """The values at the steps first … stop - 1, to the last bit those of a plain call."""
    return bound.values(first, stop) if exact else [bound(step) for step in range(first, stop)]


def _gaps(old: Floats, new: Floats, tolerance: float) -> tuple[Any, Any, Any]:
    """Where two stretches of values differ, how much, and which share of the larger value that is."""
    try:
        import numpy
    except ImportError:
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

_Cut = tuple[int, int | None, str, str]


def _first(cut: _Cut) -> int:
    return cut[0]


def _cuts(old: Bound, new: Bound, ends: Sequence[int]) -> list[_Cut]:
    """The stretches over which neither schedule changes its phase, with the texts in force there."""
    end = max(ends)
    rows = [[row for row in bound.phases if row.first < end] for bound in (old, new)]
    starts = sorted({0, end, *(row.first for each in rows for row in each), *(each for each in ends if each < end)})
    texts = [list(_texts(each, stop, starts)) for each, stop in zip(rows, ends, strict=True)]
    return list(zip(starts, [*starts[1:], None], *texts, strict=True))


def _texts(rows: Sequence[Row], end: int, starts: Iterable[int]) -> Iterator[str]:
    """The text in force at each of some steps, in order."""
    index = 0
    for step in starts:
        while index + 1 < len(rows) and rows[index + 1].first <= step:
            index += 1
        held = step >= end or not rows or rows[index].shape == HELD
        yield HELD if held else " ".join(rows[index].text.split())


def _stretches(cuts: Sequence[_Cut], largest: Sequence[Difference | None]) -> Iterator[Stretch]:
    """All stretches; neighbours over which nothing differs as one."""
    for same, group in groupby(zip(cuts, largest, strict=True), key=lambda pair: pair[1] is None):
        pairs = list(group)
        if same:
            old, new = _first_text([cut[2] for cut, _ in pairs]), _first_text([cut[3] for cut, _ in pairs])
            yield Stretch(pairs[0][0][0], pairs[-1][0][1], old, new, None)
        else:
            yield from (Stretch(*cut, difference) for cut, difference in pairs)


def _first_text(texts: Sequence[str]) -> str:
    """The first of the texts in force one after another, and `…` for more."""
    return f"{texts[0]} …" if any(text not in (texts[0], HELD) for text in texts) else texts[0]


# The text.


def _comparison_lines(comparison: Comparison) -> Iterator[str]:
    end, tolerance, first = comparison.end, comparison.tolerance, comparison.first
    if first is None:
        within = f", up to {tolerance:g} of the larger" if tolerance else ""
        yield f"no difference: the values at steps 0 … {end} are the same{within}, and the last is held forever"
        return
    assert comparison.largest is not None and comparison.relative is not None
    yield f"the same before step {first.step}" if first.step else "different from the first step on"
    if comparison.count == end + 1 - first.step:
        yield f"different from step {first.step} on, and forever" if first.step else "and at every step, forever"
    else:
        forever = "" if comparison.stretches[-1].largest is None else ", and forever after the end"
        yield f"different at {comparison.count} of the steps {first.step} … {end}{forever}"
    rows = [
        ("", "step", "old", "new", "difference", "share"),
        ("first difference", *_difference_cells(first)),
        ("largest difference", *_difference_cells(comparison.largest)),
        ("largest share", *_difference_cells(comparison.relative)),
        ("last value, held", *_difference_cells(comparison.last)),
    ]
    yield f"\n{columns(rows, right=(1,))}\n"
    stretch = comparison.stretch(first.step)
    yield f"at step {first.step}\n{columns([('  old', stretch.old), ('  new', stretch.new)], right=())}\n"
    head = ("from", "to", "largest", "at", "old", "new")
    yield columns([head, *map(_stretch_cells, comparison.stretches[:SHOWN])], right=(0, 1, 3))
    if len(comparison.stretches) > SHOWN:
        yield f"… {len(comparison.stretches) - SHOWN} more stretches"


def _difference_cells(difference: Difference) -> tuple[str, ...]:
    values = str(difference.step), str(difference.old), str(difference.new)
    if not difference.absolute:
        return *values, "none", ""
    percent = 100 * difference.relative
    return *values, f"{difference.absolute:.3g}", f"{percent:.3g} %" if math.isfinite(percent) else "more than all"


def _stretch_cells(stretch: Stretch) -> tuple[str, ...]:
    stop, largest = "–" if stretch.stop is None else str(stretch.stop), stretch.largest
    found = ("same", "") if largest is None else (f"{largest.absolute:.3g}", str(largest.step))
    return str(stretch.first), stop, *found, _brief(stretch.old), _brief(stretch.new)


def _brief(text: str) -> str:
    return text if len(text) <= 36 else f"{text[:35].rstrip()}…"
