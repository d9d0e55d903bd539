"""A few facts about the values of a bound schedule: the largest and the smallest one, the mean, the area."""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, Final

import attrs

from ..._bound.bound import Bound
from ..._bound.sampling import asked_steps, horizon
from ..exact import blocks, exact_values

if TYPE_CHECKING:
    from ..exact import Floats

EXACT: Final = 4_000_000
"""Up to how many steps all of them are looked at for the facts."""

SAMPLES: Final = 1_000_000
"""About how many steps are looked at in a longer run."""


@attrs.frozen
class Point:
    """A step and the value there."""

    step: int
    value: float


@attrs.frozen
class Facts:
    """A few facts about the values.

    Attributes:
        stop: the facts are about the steps 0 … stop - 1: the run; or if it has no end, up to where it comes to rest,
            or well inside it.
        peak: the largest value that was looked at, and the first step looked at that shows it.
        lowest: the smallest such value, and the first step looked at that shows it.
        mean: the mean over the steps.
        area: the sum over the steps: the mean times their number, if not all were looked at.
        sampled: at how many steps the values were looked at, at uneven distances all over the run, and at the ends of
            phases; None: at all of them, so that all facts are exact, the mean and the area rounded once.
    """

    stop: int
    peak: Point
    lowest: Point
    mean: float
    area: float
    sampled: int | None


def facts_of(bound: Bound) -> Facts:
    """Peak, lowest value, mean and area of a bound schedule over its run."""
    stop = horizon(bound) + (bound.total_steps is None)
    if stop > EXACT:
        return _sampled_facts(bound, stop)
    values_of = exact_values(bound)
    peak = lowest = Point(0, bound(0))
    all_values: list[float] = []
    for first, end in blocks(stop):
        values = values_of(first, end)
        peak, lowest = _extreme(peak, first, values, 1), _extreme(lowest, first, values, -1)
        all_values += values if isinstance(values, list) else values.tolist()
    return Facts(stop, peak, lowest, *_mean(all_values), sampled=None)


def _mean(values: list[float]) -> tuple[float, float]:
    """The mean of values, and their sum: infinite if it is larger than a float can be."""
    try:
        area = math.fsum(values)
        return area / len(values), area
    except OverflowError:
        mean = math.fsum(value / len(values) for value in values)
        return mean, mean * len(values)


def _extreme(point: Point, first: int, values: Floats, sign: int) -> Point:
    """The point, or the first of the values that lies further up, or with `sign` -1 further down."""
    if isinstance(values, (list, array)):
        place = values.index(max(values) if sign > 0 else min(values))
    else:
        place = int(values.argmax() if sign > 0 else values.argmin())
    value = float(values[place])
    return Point(first + place, value) if sign * value > sign * point.value else point


def _sampled_facts(bound: Bound, stop: int) -> Facts:
    spread = asked_steps(0, stop, SAMPLES, ())
    edges = {
        edge for row in bound.phases[:1000] for edge in (row.first, (row.stop or row.first + 1) - 1) if edge < stop
    }
    values = [bound(step) for step in spread]
    found = [*zip(spread, values, strict=True), *((step, bound(step)) for step in sorted(edges.difference(spread)))]
    top = max(found, key=lambda each: (each[1], -each[0]))
    low = min(found, key=lambda each: (each[1], each[0]))
    mean, _ = _mean(values)
    try:
        area = mean * stop
    except OverflowError:  # the run has more steps than a float can count
        area = mean and math.copysign(math.inf, mean)
    return Facts(stop, Point(*top), Point(*low), mean, area, sampled=len(found))
