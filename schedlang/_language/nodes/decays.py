"""Decays without an end: `exponential_decay` and `inv_sqrt`."""

from __future__ import annotations

from typing import Any, ClassVar

from ..clocks import Clock
from ..frame import Frame
from .base import Schedule
from .primitive import START_DOC, Primitive, duration, number, primitive
from .steps import Multiplied


@primitive
class ExponentialDecay(Multiplied):
    """Multiplies by `factor` every so often, continuously in between.

    value(t) = s·factor^(t/every)

    >>> from schedlang import parse
    >>> lr = parse("exponential_decay(0.25, every=40%)").bind(10)
    >>> [lr(step) for step in (0, 2, 4, 8)]
    [1.0, 0.5, 0.25, 0.0625]
    """

    name: ClassVar[str] = "exponential_decay"
    formula: ClassVar[str] = "value(t) = s·factor^(t/every)"
    words: ClassVar[str] = "starts at {start} and is multiplied by {factor} {every:period}, smoothly in between"

    period: Schedule = duration("in what time", default=1, named=True, positive=True, alias="every")
    start: Schedule | None = number(START_DOC, default=None, handed=True, named=True)

    def clock(self, frame: Frame) -> Clock:
        return frame.rate(self.time("period", frame))

    @staticmethod
    def at(k: Any, n: Any, xp: Any, *, factor: Any, start: Any) -> Any:
        return start * xp.power(factor, k / n)


@primitive
class InvSqrt(Primitive):
    """The inverse square root of time, as in Vaswani et al. (2017) and Zhai et al. (2022).

    value(t) = s·√(n/(n + t)), n = timescale in steps

    >>> from schedlang import parse
    >>> lr = parse("inv_sqrt(100)").bind()
    >>> lr(0), lr(300)
    (1.0, 0.5)
    """

    name: ClassVar[str] = "inv_sqrt"
    formula: ClassVar[str] = "value(t) = s·√(n/(n + t)), n = timescale in steps"
    words: ClassVar[str] = (
        "starts at {start} and falls with the inverse square root of time, to 1/√2 of that in {timescale}"
    )
    monotone: ClassVar[bool] = True

    timescale: Schedule = duration("the time in which it falls to 1/√2", required=True, positive=True, real=True)
    start: Schedule | None = number(START_DOC, default=None, handed=True, named=True)

    def clock(self, frame: Frame) -> Clock:
        return frame.rate(self.time("timescale", frame))

    @staticmethod
    def at(k: Any, n: Any, xp: Any, *, start: Any) -> Any:
        return start * xp.sqrt(n / (n + k))
