"""Curves through values: their numbers, refined until nothing gets better, and how far along the values they hold."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

import attrs
import numpy

from .task import BLOCK, Work

if TYPE_CHECKING:
    from .task import Floats

THIN: Final = 65
"""At how many places of a long stretch a curve is fitted."""

_REFINEMENTS: Final = 12

_ROUGHLY: Final = 1e-3
"""How far off a cheap family's guess may be, as a share of the values' range."""

_NUDGE: Final = 1e-7

_FELT: Final = 1e-10
"""What of a change of values is felt, as a share of the largest."""


def thinned(count: int, most: int = THIN) -> Any:
    """Places in a stretch of so many values, evenly spread, its ends included."""
    if count <= most:
        return numpy.arange(count)
    return numpy.linspace(0, count - 1, most).astype(numpy.int64)


def spaced(values: Floats, many: int) -> Floats:
    """So many values of a stretch, at equal distances, as far as these go."""
    return values[:: (len(values) - 1) // (many - 1)][:many]


def refine(
    value: Callable[[Sequence[float], Floats], Floats],
    numbers: Sequence[float],
    at: Floats,
    values: Floats,
    fixed: Sequence[bool] | None = None,
) -> tuple[float, ...]:
    """The numbers of a formula with which it is nearest to some values, from numbers near those (Gauss-Newton).

    A step that makes it worse is halved; numbers of which none gets better are left as they are.
    """
    free = [index for index in range(len(numbers)) if fixed is None or not fixed[index]]
    now = numpy.array(numbers, dtype=numpy.float64)
    if not free:
        return tuple(now.tolist())
    with numpy.errstate(all="ignore"):
        left = values - value(now.tolist(), at)
        worst = _size(left)
        size_of_values = float(numpy.abs(values).max(initial=0.0))
        for done in range(_REFINEMENTS):
            if not worst > 0:
                break
            seen = values - left
            columns = [_slope(value, now, index, at, seen, size_of_values) for index in free]
            slopes = numpy.stack(columns, axis=1)
            sizes = numpy.sqrt((slopes * slopes).sum(axis=0))
            if not numpy.isfinite(sizes).all() or not (sizes > 0).all():
                break
            try:
                change = numpy.linalg.lstsq(slopes / sizes, left, rcond=1e-15)[0] / sizes
            except numpy.linalg.LinAlgError:
                break
            better = False
            for _ in range(5):
                tried = now.copy()
                tried[free] += change
                rest = values - value(tried.tolist(), at)
                size = _size(rest)
                if size < worst:
                    better = True
                    break
                change = change / 3
            if not better:
                break
            gain = size / worst
            now, left, worst = tried, rest, size
            if gain > (0.9 if done < 6 else 0.3):  # near to what it is for, it comes nearer fast
                break
    return tuple(now.tolist())


def _slope(
    value: Callable[[Sequence[float], Floats], Floats], now: Floats, index: int, at: Floats, values: Floats, size: float
) -> Floats:
    """By how much the values of a formula change with one of its numbers; one that is nearly 0 is nudged by more."""
    nudge = _NUDGE * abs(now[index]) or _NUDGE
    for _ in range(6):
        nudged = now.copy()
        nudged[index] += nudge
        change = value(nudged.tolist(), at) - values
        if not float(numpy.abs(change).max()) < _FELT * size:
            break
        nudge *= 1000
    slope: Floats = change / nudge
    return slope


def _size(left: Floats) -> float:
    size = float((left * left).sum())
    return size if numpy.isfinite(size) else numpy.inf


@attrs.frozen
class Curve(ABC):
    """A formula with numbers, from an origin on: what one piece of the values is."""

    origin: float
    numbers: tuple[float, ...]

    free: ClassVar[int]
    """How many numbers it has that values decide."""

    costly: ClassVar[bool] = False
    """Whether it is sought only where the cheap ones don't reach."""

    refined: ClassVar[bool] = True
    """Whether what is guessed has to be refined."""

    @staticmethod
    @abstractmethod
    def value(numbers: Sequence[float], at: Floats) -> Floats:
        """The formula, so far from the origin."""

    @staticmethod
    @abstractmethod
    def guesses(at: Floats, values: Floats) -> Iterator[tuple[float, ...]]:
        """Numbers to begin with, for values at equal distances."""

    def at(self, steps: Floats) -> Floats:
        """Its values at some steps, also outside of where it was fitted."""
        with numpy.errstate(all="ignore"):
            return self.value(self.numbers, steps - self.origin)

    @classmethod
    def fit(cls, steps: Floats, values: Floats, allowed: Floats, work: Work) -> Self | None:
        """The curve through some values, if there is one that is everywhere as near as is allowed."""
        count = len(values)
        if count <= cls.free:
            return None
        places = thinned(count)
        at, seen, near = steps[places] - steps[0], values[places], allowed[places]
        stride = max(1, (count - 1) // (THIN - 1))
        even = values[::stride]
        roughly = max(_ROUGHLY * float(seen.max() - seen.min()), float(near.max()))
        with numpy.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", numpy.exceptions.RankWarning)
            for guessed in _finite(cls.guesses(steps[::stride] - steps[0], even)):
                if not cls.costly and not numpy.abs(cls.value(guessed, at) - seen).max() <= roughly:
                    continue  # what is calculated from a few of the values is near already
                work.spend(8 * len(places))
                numbers = refine(cls.value, guessed, at, seen) if cls.refined else guessed
                if not (numpy.abs(cls.value(numbers, at) - seen) <= near).all():
                    continue
                curve = cls(float(steps[0]), tuple(map(float, numbers)))
                if count == len(places) or curve.holds(steps, values, allowed):
                    return curve
        return None

    def holds(self, steps: Floats, values: Floats, allowed: Floats) -> bool:
        """Whether it is as near as is allowed everywhere."""
        return self.reach(steps, values, allowed) == len(values)

    def reach(self, steps: Floats, values: Floats, allowed: Floats) -> int:
        """How many of some values it goes through, from the first one on."""
        count = len(values)
        done, block = 0, 256
        while done < count:
            stop = min(count, done + block)
            holds = numpy.abs(self.at(steps[done:stop]) - values[done:stop]) <= allowed[done:stop]
            if not holds.all():
                return done + int(holds.argmin())
            done, block = stop, min(4 * block, BLOCK)
        return count


def _finite(guesses: Iterator[tuple[float, ...]]) -> Iterator[tuple[float, ...]]:
    """The guesses that are numbers; there are no more where one can't be calculated."""
    try:
        for guessed in guesses:
            if numpy.isfinite(guessed).all():
                yield guessed
    except (ArithmeticError, ValueError):
        return


def longest(
    family: type[Curve], steps: Floats, values: Floats, allowed: Floats, work: Work
) -> tuple[Curve, int] | None:
    """The curve of a family that goes through most of some values, from the first one on, and through how many.

    Windows grow by 1.6. Small windows of long curves often tell too little, so one that fails ends nothing.
    """
    count = len(values)
    best: tuple[Curve, int] | None = None
    size = min(count, family.free + 3)
    failed = 0
    while True:
        if best is None or size > best[1]:
            found = family.fit(steps[:size], values[:size], allowed[:size], work)
            if found is not None:
                reached = found.reach(steps, values, allowed)
                if best is None or reached > best[1]:
                    best, failed = (found, reached), 0
            elif best is not None:
                failed += 1
        if size == count or failed >= 3:
            break
        size = min(count, max(size + 1, int(size * (2.2 if family.costly else 1.6))))
    while best is not None and best[1] < count:
        work.spend(best[1] // 4)
        found = family.fit(steps[: best[1]], values[: best[1]], allowed[: best[1]], work)
        if found is None:
            break
        reached = found.reach(steps, values, allowed)
        if reached <= best[1]:
            best = (found, best[1])
            break
        best = (found, reached)
    return best
