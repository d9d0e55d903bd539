"""Clocks: from the whole steps since a phase began to the integers its formula is asked with.

A formula never sees a step. It sees k and n, two integers, and what they are is its clock's business: how far along a
ramp (k of n), how many milestones have passed (k), how many whole intervals (k), k/n time units. All arithmetic here
is exact; floats begin in the formula.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from fractions import Fraction
from typing import Final, TypeAlias

import attrs

Time: TypeAlias = int | Fraction
"""A length of time, or a place in the run, exactly. Whole ones are ints wherever they are made by `simplest`: all
arithmetic but division is many times faster on them. `/` of two ints would leave the rationals, so times are divided by
`ratio` alone; to a type checker `a / b` is a float, which is no Time."""


def simplest(time: Time) -> Time:
    """The same time, as an int if it is whole."""
    return time.numerator if time.denominator == 1 else time


def ratio(dividend: Time, divisor: Time) -> Fraction:
    """The exact quotient of two times."""
    return Fraction(dividend) / divisor


def earlier(a: int | None, b: int | None) -> int | None:
    """The earlier of two steps, None being never."""
    return b if a is None else a if b is None else min(a, b)


@attrs.frozen
class Clock(ABC):
    """Local whole step t >= 0 to (k, n)."""

    @abstractmethod
    def read(self, t: int) -> tuple[int, int]:
        """k and n at local step t."""


_LEAD: Final = {"left": 0, "both": 0, "right": 1, "neither": 1}
_STRIDE: Final = {"left": 0, "both": -1, "right": 0, "neither": 1}


@attrs.frozen
class RampClock(Clock):
    """How far along a ramp of d whole steps: k of n.

    `inclusive` says which of the two ends are shown at whole steps. At local step d, which is the value handed on, k is
    always n.

    >>> [RampClock(4).read(t) for t in range(6)]
    [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4), (4, 4)]
    >>> [RampClock(4, "both").read(t) for t in range(5)]
    [(0, 3), (1, 3), (2, 3), (3, 3), (3, 3)]
    """

    d: int
    inclusive: str = "left"

    def read(self, t: int) -> tuple[int, int]:
        n = max(1, self.d + _STRIDE[self.inclusive])  # a single step cannot show both ends
        return (n, n) if t >= self.d else (min(t + _LEAD[self.inclusive], n), n)


@attrs.frozen
class StepClock(Clock):
    """The local whole step itself: (t, 1).

    >>> StepClock().read(7)
    (7, 1)
    """

    def read(self, t: int) -> tuple[int, int]:
        return t, 1


STEPS: Final = StepClock()
"""The one there need be."""


@attrs.frozen
class MilestoneClock(Clock):
    """How many of the milestones, sorted local whole steps, have been reached: (count, 1).

    >>> [MilestoneClock((3, 3, 5)).read(t)[0] for t in range(6)]
    [0, 0, 0, 2, 2, 3]
    """

    milestones: tuple[int, ...]

    def read(self, t: int) -> tuple[int, int]:
        return bisect_right(self.milestones, t), 1


@attrs.frozen
class IntervalClock(Clock):
    """How many whole intervals have passed: (floor((t + offset) / every), 1).

    `offset` is what lies between the phase's exact start and its first whole step, at least 0 and below 1.

    >>> from fractions import Fraction
    >>> [IntervalClock(Fraction(0), Fraction(5, 2)).read(t)[0] for t in range(6)]
    [0, 0, 0, 1, 1, 2]
    """

    offset: Time
    every: Time

    def read(self, t: int) -> tuple[int, int]:
        return (t + self.offset) // self.every, 1  # "Whole steps": intervals count from the exact start


@attrs.frozen
class RateClock(Clock):
    """Whole steps in units of `unit`, as a fraction: k/n = t/unit.

    >>> from fractions import Fraction
    >>> RateClock(Fraction(5, 2)).read(4)
    (8, 5)
    """

    unit: Time

    def read(self, t: int) -> tuple[int, int]:
        return t * self.unit.denominator, self.unit.numerator  # no quotient: rounding is the formula's


@attrs.frozen
class IndexClock(Clock):
    """The local whole step as an index into a table of n entries, the last one from then on: (index, n).

    >>> [IndexClock(3).read(t)[0] for t in range(5)]
    [0, 1, 2, 2, 2]
    """

    n: int

    def read(self, t: int) -> tuple[int, int]:
        return min(t, self.n - 1), self.n
