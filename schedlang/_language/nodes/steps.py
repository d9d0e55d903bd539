"""Staircases: the three step schedules of Noether.

All count, from the phase's exact start, how many times the value has changed, and change it at the first whole step
at or past the exact place. `factor` is not negative.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from ..clocks import Clock, MilestoneClock, Time, last_of
from ..frame import Frame
from .base import Names, Schedule
from .primitive import START_DOC, Primitive, duration, durations, family, number, primitive
from .scalars import length_of


@family
class Multiplied(Primitive):
    """A value that is multiplied by a factor as time goes on: abstract."""

    monotone: ClassVar[bool] = True

    factor: Schedule = number("what the value is multiplied by, not negative", required=True, level=False)

    def check(self, values: Mapping[str, float]) -> None:
        if values["factor"] < 0:
            message = f"`factor` is {values['factor']:g}, but has to be at least 0"
            self.refuse("factor", message, "use 0.1 to divide by ten")


@primitive
class StepFixed(Multiplied):
    """Multiplies by `factor` at each of some milestones, which may stand in any order.

    value(t) = s·factor^(number of milestones <= t)

    Source: `noether.core.schedules.step.StepFixedSchedule`; torch calls it `MultiStepLR`.

    >>> from schedlang import parse
    >>> lr = parse("step_fixed(0.5, [30%, 60%])").bind(10)
    >>> [lr(step) for step in (0, 2, 3, 5, 6, 10)]
    [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]
    """

    name: ClassVar[str] = "step_fixed"
    formula: ClassVar[str] = "value(t) = s·factor^(number of milestones <= t)"
    words: ClassVar[str] = "starts at {start} and is multiplied by {factor} at {steps}"

    steps: tuple[Schedule, ...] = durations("the milestones, counted from the start of the phase")
    start: Schedule | None = number(START_DOC, default=None, handed=True, named=True)

    def _milestones(self, frame: Frame) -> list[Time]:
        """Their places."""
        return sorted(frame.start + length_of(step, frame) for step in self.steps)

    def bounded(self, names: Names) -> bool:
        return True

    def stops(self, frame: Frame) -> Time | None:
        return last_of(self._milestones(frame))

    def clock(self, frame: Frame) -> Clock:
        return MilestoneClock(tuple(math.ceil(place) - frame.first for place in self._milestones(frame)))

    @staticmethod
    def at(k: Any, n: Any, xp: Any, *, factor: Any, start: Any) -> Any:
        return start * xp.power(factor, k)


@family
class _Interval(Multiplied):
    """Changes at equal intervals, counted from the exact start: abstract."""

    period: Schedule = duration("how often", required=True, named=True, positive=True, alias="every")
    start: Schedule | None = number(START_DOC, default=None, handed=True, named=True)

    def clock(self, frame: Frame) -> Clock:
        return frame.intervals(self.time("period", frame))


@primitive
class StepInterval(_Interval):
    """Multiplies by `factor` again and again, at equal intervals.

    value(t) = s·factor^⌊t/every⌋

    Source: `noether.core.schedules.step.StepIntervalSchedule`; torch calls it `StepLR`.

    >>> from schedlang import parse
    >>> lr = parse("interval(0.5, every=30%)").bind(10)
    >>> [lr(step) for step in (0, 2, 3, 5, 6, 9)]
    [1.0, 1.0, 0.5, 0.5, 0.25, 0.125]
    """

    name: ClassVar[str] = "step_interval"
    formula: ClassVar[str] = "value(t) = s·factor^⌊t/every⌋"
    words: ClassVar[str] = "starts at {start} and is multiplied by {factor} {every:period}"
    aliases: ClassVar[tuple[str, ...]] = ("interval",)

    @staticmethod
    def at(k: Any, n: Any, xp: Any, *, factor: Any, start: Any) -> Any:
        return start * xp.power(factor, k)


@primitive
class StepDecreasing(_Interval):
    """Multiplies the distance to `end` by `factor` again and again, at equal intervals.

    value(t) = e + (s - e)·factor^⌊t/every⌋, for e <= s

    Source: `noether.core.schedules.step.StepDecreasingSchedule`.

    >>> from schedlang import parse
    >>> lr = parse("step_decreasing(0.5, every=30%, start=9, end=1)").bind(10)
    >>> [lr(step) for step in (0, 2, 3, 5, 6, 9)]
    [9.0, 9.0, 5.0, 5.0, 3.0, 2.0]
    """

    name: ClassVar[str] = "step_decreasing"
    formula: ClassVar[str] = "value(t) = e + (s - e)·factor^⌊t/every⌋, for e <= s"
    words: ClassVar[str] = "starts at {start}, and its distance to {end} is multiplied by {factor} {every:period}"

    end: Schedule = number("the value it approaches, not above the start", default=0, named=True)

    def check(self, values: Mapping[str, float]) -> None:
        super().check(values)
        start, end = values["start"], values["end"]
        if end > start:
            hint = "swap them, or use `linear` or `cosine` to rise"
            self.refuse("end", f"`step_decreasing` cannot rise: its end {end:g} is above its start {start:g}", hint)
        if math.isinf(end - start):
            self.refuse("end", f"from {start:g} to {end:g} is further than a float reaches", "use smaller numbers")

    @staticmethod
    def at(k: Any, n: Any, xp: Any, *, factor: Any, start: Any, end: Any) -> Any:
        return end + (start - end) * xp.power(factor, k)
