"""Clocks: from the whole steps since a phase began to the integers its formula is asked with.

A formula never sees a step. It sees k and n, two integers, and what they are is its clock's business: how far along a
ramp (k of n), how many milestones have passed (k), how many whole intervals (k), k/n time units. All arithmetic here
is exact; floats begin in the formula.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, Final, TypeAlias

import attrs

from .._text.meters import Meter, Metered, Unreached, by_steps, in_order, meter_of, told_of
from .._text.run import Given

Time: TypeAlias = int | Fraction
"""A length of time, or a place in the run, exactly. Whole ones are ints wherever they are made by `simplest`: all
arithmetic but division is many times faster on them. `/` of two ints would leave the rationals, so times are divided by
`ratio` alone; to a type checker `a / b` is a float, which is no Time."""


def simplest(time: Time) -> Time:
    """The same time, as an int if it is whole; one that is `Given` stays that."""
    return time.numerator if time.denominator == 1 and not isinstance(time, Given) else time


def bare(time: Time) -> Time:
    """The same time, however it was given: for what counts whole steps."""
    if isinstance(time, Metered):
        return time
    return simplest(Fraction(time)) if isinstance(time, Given) or meter_of(time) is not None else time


def as_fraction(time: Time) -> Fraction:
    """The same time, to be divided."""
    return time if isinstance(time, Fraction) else Fraction(time)


def last_of(places: Iterable[Time]) -> Time:
    """The last of places; of some at one place one that is `Given`."""
    some = list(places)
    in_order(some)
    last = max(some, key=lambda place: (place, isinstance(place, Given)))
    if isinstance(last, Unreached) or meter_of(last) is None:
        return last
    meter, since = told_of(last)
    if all(told_of(each) == (meter, since) or (meter_of(each) is None and each == since) for each in some):
        return last
    return untold(last, *map(meter_of, some))


def untold(place: Time, *meters: Meter | None) -> Time:
    """A place that says no more in which unit the time was given that leads there: there are several."""
    if isinstance(place, Unreached):
        return place.tied(place)
    if meter_of(place) is not None:
        place = Given(place) if isinstance(place, Given) else simplest(Fraction(place))
    return by_steps(place, *meters)


def boundary(place: Time) -> Time:
    """Where a ramp begins or ends that does so at a place: "Whole steps" in docs/language.md."""
    return place if isinstance(place, Given) else math.ceil(place)


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

    def between(self, t: Time) -> tuple[int, int] | None:
        """k and n at a place between the steps, or before the first; None, if only whole steps are counted."""
        return None


_SHOWN: Final = {"left": (0, 0), "both": (0, -1), "right": (1, 0), "neither": (1, 1)}
"""What `inclusive` adds to the local step, and to the length of the ramp."""


@attrs.frozen
class RampClock(Clock):
    """How far along a ramp of n whole steps: k of n. Where it ends, and behind, k is always n.

    One that begins or ends between two steps counts parts of them: `unit` to a step, `lead` before the first whole one.

    >>> [RampClock(4).read(t) for t in range(6)]
    [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4), (4, 4)]
    """

    n: int
    lead: int = 0
    unit: int = 1
    whole: bool = False  # whether it is held at whole steps alone

    @classmethod
    def exact(cls, length: Time, offset: Time) -> RampClock:
        """The clock of a ramp of any length that begins `offset` before the first whole step.

        >>> [RampClock.exact(Fraction(5, 2), Fraction(1, 3)).read(t) for t in range(4)]
        [(2, 15), (8, 15), (14, 15), (15, 15)]
        """
        unit = math.lcm(length.denominator, offset.denominator)
        return cls(int(length * unit), int(offset * unit), unit)

    @classmethod
    def showing(cls, d: int, inclusive: str) -> RampClock:
        """The clock of a ramp of d whole steps of which `inclusive` says which ends are shown.

        >>> [RampClock.showing(4, "both").read(t) for t in range(5)]
        [(0, 3), (1, 3), (2, 3), (3, 3), (3, 3)]
        """
        lead, stride = _SHOWN[inclusive]
        return cls(max(1, d + stride) if d > 0 else 0, lead, whole=True)  # one step cannot show both ends

    def read(self, t: int) -> tuple[int, int]:
        k = t * self.unit + self.lead
        if k < self.n:
            return k, self.n
        return self._end()

    def _end(self) -> tuple[int, int]:
        n = max(1, self.n)  # one that has no step is over before it begins
        return n, n

    def between(self, t: Time) -> tuple[int, int] | None:
        if self.whole:
            return None
        k = t * self.unit + self.lead
        if k < self.n and self.n > 0:
            return ratio(max(k, 0), self.n).as_integer_ratio()
        return self._end()


@attrs.frozen
class StepwiseClock(Clock):
    """A ramp at whole optimizer steps, on an axis of something else: `offset` lies before the first tick, a step is
    `every` ticks, and the ramp `lasts` so many: its last step may not be whole.

    >>> [StepwiseClock.of(RampClock(2), 1, Fraction(2), 8).read(t)[0] for t in range(5)]
    [0, 1, 1, 2, 2]
    """

    ramp: RampClock
    offset: Time
    every: Time
    ends: int  # the first tick at which it is over

    @classmethod
    def of(cls, ramp: RampClock, offset: Time, every: Time, lasts: int) -> StepwiseClock:
        """The clock that shows a ramp so."""
        return cls(ramp, offset, every, min(lasts, math.ceil((ramp.n - ramp.lead) * every - offset)))

    def read(self, t: int) -> tuple[int, int]:
        if t < self.ends:
            return (t + self.offset) // self.every + self.ramp.lead, self.ramp.n
        return self.ramp.read(self.ramp.n)


@attrs.frozen
class FixedClock(Clock):
    """The same k and n at every step: a place that is looked at."""

    k: int
    n: int

    def read(self, t: int) -> tuple[int, int]:
        return self.k, self.n

    def between(self, t: Time) -> tuple[int, int]:
        return self.k, self.n


@attrs.frozen
class StepClock(Clock):
    """The local whole step itself, and how many steps lie before the first: (t + before, 1).

    >>> StepClock().read(7), StepClock(20).read(7)
    ((7, 1), (27, 1))
    """

    before: int = 0

    def read(self, t: int) -> tuple[int, int]:
        return t + self.before, 1


STEPS: Final = StepClock()
"""Those of a phase."""


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

    >>> [IntervalClock(Fraction(0), Fraction(5, 2)).read(t)[0] for t in range(6)]
    [0, 0, 0, 1, 1, 2]
    """

    offset: Time
    every: Time

    def read(self, t: int) -> tuple[int, int]:
        return (t + self.offset) // self.every, 1  # "Whole steps": intervals count from the exact start


@attrs.frozen
class RateClock(Clock):
    """Time in units of `unit`, as a fraction: k/n = (t + offset)/unit. `offset`: how far before the first whole step
    it began.

    >>> RateClock(Fraction(5, 2)).read(4), RateClock(Fraction(5, 2), Fraction(1, 3)).read(4)
    ((8, 5), (26, 15))
    """

    unit: Time
    offset: Time = 0

    def read(self, t: int) -> tuple[int, int]:
        unit, offset = self.unit, self.offset  # no quotient: rounding is the formula's
        k = (t * offset.denominator + offset.numerator) * unit.denominator
        return k, unit.numerator * offset.denominator

    def between(self, t: Time) -> tuple[int, int]:
        return ratio(max(0, t + self.offset), self.unit).as_integer_ratio()


@attrs.frozen
class SeenClock(RateClock):
    """How much of a unit has been seen since a place; before that, less than nothing."""

    def between(self, t: Time) -> tuple[int, int]:
        return ratio(t + self.offset, self.unit).as_integer_ratio()


@attrs.frozen
class IndexClock(Clock):
    """The local whole step as an index into a table of n entries, the last one from then on: (index, n).

    >>> [IndexClock(3).read(t)[0] for t in range(5)]
    [0, 1, 2, 2, 2]
    """

    n: int

    def read(self, t: int) -> tuple[int, int]:
        return max(0, min(t, self.n - 1)), self.n


# Where a rate changes.


@attrs.frozen
class MeteredClock(Clock):
    """What has been seen of a unit since a place, step by step: abstract.

    `begin` is how much had been seen there; `start` is that place, from which on it is known where `begin` is not.
    """

    meter: Meter
    first: int
    begin: Time
    size: Time  # of what it counts: how long it is, or how much one of it

    def passed(self, t: Time) -> Time:
        """How much has been seen since."""
        return (self.meter.seen(self.first + t) or 0) - self.begin

    def read(self, t: int) -> tuple[int, int]:
        return next(self._read([self.meter.parts(self.first + t)]))

    def reads(self, first: int, stop: int) -> Iterator[tuple[int, int]]:
        """k and n at the steps first … stop - 1 of the run."""
        self.meter.at(stop)
        return self._read(self.meter.between(first, stop))

    def _read(self, amounts: Iterable[tuple[Any, int]]) -> Iterator[tuple[int, int]]:
        begin, size, scale = self.begin, self.size, self.meter.scale
        to = size.denominator
        of, less, bottom = (
            begin.denominator * to,
            begin.numerator * scale * to,
            size.numerator * scale * begin.denominator,
        )
        return (self.counted(amount * of - less * by, bottom * by) for amount, by in amounts)

    def within(self, first: int, parts: int) -> Clock:
        """The same on a stretch of steps of one rate, in parts of the meter's scale, from `first` on."""
        rate = Fraction(parts, self.meter.scale)
        passed = Fraction(self.meter.at(first), self.meter.scale) - self.begin
        return self.steady(passed - rate * (first - self.first), rate)

    def next_turn(self, step: int) -> int | None:
        """The next step of the run at which k is another, if it is one of whole numbers only."""
        return None

    def _at(self, passed: Time) -> int:
        """The first step by which so much has been seen."""
        return math.ceil(self.meter.place(self.begin + passed) or 0)

    @abstractmethod
    def counted(self, top: int, bottom: int) -> tuple[int, int]:
        """k and n once `top / bottom` of a size have been seen."""

    @abstractmethod
    def steady(self, lead: Fraction, rate: Fraction) -> Clock:
        """The same while so much is seen in each step; `lead` at local step 0."""


class MeteredRampClock(MeteredClock):
    """How far along a ramp."""

    def counted(self, top: int, bottom: int) -> tuple[int, int]:
        return (top, bottom) if top < bottom and bottom > 0 else (1, 1)

    def between(self, t: Time) -> tuple[int, int]:
        passed = self.passed(t)
        going = passed < self.size and self.size > 0
        return ratio(max(0, passed), self.size).as_integer_ratio() if going else (1, 1)

    def steady(self, lead: Fraction, rate: Fraction) -> Clock:
        size = Fraction(self.size)
        unit = math.lcm(lead.denominator, rate.denominator, size.denominator)
        n, before, step = (int(each * unit) for each in (size, lead, rate))
        common = math.gcd(n, before, step)
        return RampClock(n // common, before // common, step // common)


class MeteredRateClock(MeteredClock):
    """Time in sizes."""

    def counted(self, top: int, bottom: int) -> tuple[int, int]:
        return top, bottom

    def between(self, t: Time) -> tuple[int, int]:
        return ratio(max(0, self.passed(t)), self.size).as_integer_ratio()

    def steady(self, lead: Fraction, rate: Fraction) -> Clock:
        return RateClock(Fraction(self.size) / rate, lead / rate)


class MeteredSeenClock(MeteredRateClock):
    """How many sizes since a place; before that, less than nothing."""

    def between(self, t: Time) -> tuple[int, int]:
        return ratio(self.passed(t), self.size).as_integer_ratio()

    def steady(self, lead: Fraction, rate: Fraction) -> Clock:
        return SeenClock(Fraction(self.size) / rate, lead / rate)


class MeteredIntervalClock(MeteredClock):
    """How many whole sizes."""

    def counted(self, top: int, bottom: int) -> tuple[int, int]:
        return top // bottom, 1

    def next_turn(self, step: int) -> int:
        passed = self.passed(step - self.first)
        return self._at(passed // self.size * self.size + self.size)

    def steady(self, lead: Fraction, rate: Fraction) -> Clock:
        return IntervalClock(lead / rate, Fraction(self.size) / rate)


@attrs.frozen
class MeteredStepwiseClock(MeteredClock):
    """A ramp at whole optimizer steps, where how long those are changes; it `lasts` so many."""

    ramp: RampClock
    lasts: Time

    def counted(self, top: int, bottom: int) -> tuple[int, int]:
        k, n = top // bottom + self.ramp.lead, self.ramp.n
        return (k, n) if k < n and top < self.lasts * bottom else self.ramp.read(n)

    def next_turn(self, step: int) -> int:
        passed = self.passed(step - self.first)
        following = passed // self.size * self.size + self.size
        return self._at(min(following, self.lasts) if passed < self.lasts else following)

    def steady(self, lead: Fraction, rate: Fraction) -> Clock:
        return StepwiseClock.of(self.ramp, lead / rate, 1 / rate, math.ceil((self.lasts - lead) / rate))


@attrs.frozen
class UnknownClock(Clock):
    """One of a rate's own future: all that it knows is where it begins."""

    start: Time
    first: int

    def read(self, t: int) -> Any:
        return (0, 1) if self.first + t == self.start else (math.nan, 1)

    def between(self, t: Time) -> Any:
        return self.read(t)  # type: ignore[arg-type]


def metered(kind: type[MeteredClock], meter: Meter, first: int, start: Time, size: Time | None) -> Clock:
    """A clock that counts in the unit of a meter from a place on; `size` is None where that is not known yet."""
    begin = meter.seen(start)
    unknown = begin is None or size is None or (isinstance(start, Unreached) and start.amount is None)
    return UnknownClock(start, first) if unknown else kind(meter, first, begin, size)  # type: ignore[arg-type]
