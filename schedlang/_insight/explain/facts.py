"""A few facts about the values of a bound schedule: the largest and the smallest one, the mean, the area."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Final

import attrs

from ..._bound.bound import Bound
from ..._bound.sampling import asked_steps, horizon
from ..._language.names import definitions_of
from ..._language.nodes import Name, Repeat, Schedule
from ..._language.nodes.base import children
from ..exact import blocks, exact_values

EXACT: Final = 4_000_000
"""Up to how many steps all of them are looked at for the facts."""

SAMPLES: Final = 1_000_000
"""About how many steps are looked at in a longer run."""

_FEWER: Final = 100_000  # and of what another clock counts
_NESTED: Final = 3  # up to how many repeated bodies in one another these are cheap to look at
_FEWEST: Final = 500  # how many there are however deep a step lies, with copies to be laid out for each


@attrs.frozen
class Point:
    """A step, or another place, and the value there."""

    step: int | Fraction
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

    stop: int | Fraction
    peak: Point
    lowest: Point
    mean: float
    area: float
    sampled: int | None


def facts_of(bound: Bound) -> Facts:
    """Peak, lowest value, mean and area of a bound schedule over its run."""
    stop = horizon(bound) + (bound.end is None)
    if stop > EXACT or bound.run.grid > 1:
        return _sampled_facts(bound, stop)
    values_of = exact_values(bound)
    values: list[float] = []
    for first, end in blocks(stop):
        found = values_of(first, end)
        values += found if isinstance(found, list) else found.tolist()
    top, low = max(values), min(values)
    return Facts(stop, Point(values.index(top), top), Point(values.index(low), low), *_mean(values), sampled=None)


def _mean(values: list[float]) -> tuple[float, float]:
    """The mean of values, and their sum: infinite if it is larger than a float can be."""
    try:
        area = math.fsum(values)
        return area / len(values), area
    except OverflowError:
        mean = math.fsum(value / len(values) for value in values)
        return mean, mean * len(values)


def _cheap(bound: Bound) -> int:
    """How many steps can be looked at."""
    body, definitions = definitions_of(bound.schedule)
    deep = _repeats(body, {**definitions, **bound.params}, {}) - _NESTED
    return SAMPLES if deep <= 0 else max(_FEWEST, SAMPLES >> 3 * deep)


def _repeats(node: Schedule, names: Mapping[str, Schedule], known: dict[str, int]) -> int:
    """How many repeated bodies there are in one another."""
    inside = max((_repeats(child, names, known) for _, _, child in children(node)), default=0)
    if isinstance(node, Name) and node.name in names:
        if node.name not in known:
            known[node.name] = _repeats(names[node.name], names, known)
        inside = known[node.name]
    return inside + isinstance(node, Repeat)


def _sampled_facts(bound: Bound, stop: int) -> Facts:
    most = _cheap(bound) if bound.run.clock is None else min(_cheap(bound), _FEWER)
    spread = asked_steps(0, stop, most, ())
    rows = bound.phases[: min(1000, most)]
    edges = {edge for row in rows for edge in (row.first, (row.stop or row.first + 1) - 1) if edge < stop}
    values = [bound(step) for step in spread]
    found = [*zip(spread, values, strict=True), *((step, bound(step)) for step in sorted(edges.difference(spread)))]
    top = max(found, key=lambda each: (each[1], -each[0]))
    low = min(found, key=lambda each: (each[1], each[0]))
    mean, _ = _mean(values)
    stop = stop if bound.run.grid == 1 else horizon(bound)  # what has no next place ends where it does
    try:
        area = mean * (stop / bound.run.grid)
    except OverflowError:  # the run has more steps than a float can count
        area = mean and math.copysign(math.inf, mean)
    place = bound.run.place
    peak, lowest = (Point(place(step), value) for step, value in (top, low))
    return Facts(place(stop), peak, lowest, mean, area, sampled=len(found))
