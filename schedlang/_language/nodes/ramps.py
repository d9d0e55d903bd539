"""Ramps: from a start to an end, along five shapes; and `warmup`.

With x = k/n the progress through the ramp, s its start and e its end, every ramp is exactly s at x = 0 and exactly e at
x = 1. `inclusive` says which ends are shown at whole steps: `left` (x = t/d), `both` (t/(d-1)), `right` ((t+1)/d) or
`neither` ((t+1)/(d+1)), for a ramp of d whole steps. With `ease=p` x^p takes the place of x: see `easing`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import attrs

from ..._text.meters import Unreached
from ..._text.run import PERCENT, Awaited, depends_on
from ..clocks import Clock, Time
from ..frame import Frame
from .base import Names, Schedule
from .primitive import START_DOC, Primitive, choice, duration, family, number, primitive
from .scalars import apart, length_of, missing, of_steps

_END = "the value at the end"
_DURATION = "how long the ramp is; if not given, as long as its phase"
_NOT_ZERO = "use a small number such as `1e-6` for 0, or another shape, such as `cosine`"
_EASE = "the power of its progress, above 0: above 1 it begins slowly, below 1 fast"
_INCLUSIVE = "which ends are shown at whole steps"


@family
class Ramp(Primitive):
    """From a start to an end: abstract. A shape needs a `name` and a formula `at`; whatever else it takes comes behind.

    A shape that leaves the range between its start and its end must set `monotone` to False.
    """

    monotone: ClassVar[bool] = True
    pair: ClassVar[bool] = True
    ramp: ClassVar[bool] = True

    start: Schedule | None = number(START_DOC, default=None, handed=True)
    end: Schedule | None = number(_END, default=0)
    duration: Schedule | None = duration(_DURATION, default=None)
    ease: Schedule = number(_EASE, default=1, level=False, keyword=True)
    inclusive: str | None = choice(_INCLUSIVE, "left", "both", "right", "neither", "exact", default=None)

    def bounded(self, names: Names) -> bool:
        return self.duration is not None

    def of_updates(self, names: Names) -> bool:
        return self._in_updates

    @property
    def _in_updates(self) -> bool:
        return self.inclusive not in (None, "exact")

    def stops(self, frame: Frame) -> Time | None:
        return None if self.duration is None else frame.start + length_of(self.duration, frame)

    def clock(self, frame: Frame) -> Clock:
        if frame.stop is None:
            missing(self, PERCENT, frame.binding.run)
        if isinstance(frame.stop, Awaited) and not isinstance(frame.stop, Unreached) and frame.beyond_start:
            depends_on(frame.stop, apart(self, lambda length: attrs.evolve(self, duration=length), frame))
        return frame.ramp(frame.stop, self.inclusive, of_steps(1, self, frame) if self._in_updates else None)

    def check(self, values: Mapping[str, float]) -> None:
        start, end = values["start"], values["end"]
        if math.isinf(end - start) and math.isfinite(start) and math.isfinite(end):
            self.refuse("end", f"from {start:g} to {end:g} is further than a float reaches", "use smaller numbers")
        if values["ease"] <= 0:
            hint = "use 2 to begin slowly, 0.5 to begin fast"
            self.refuse("ease", f"`ease` is {values['ease']:g}, but has to be above 0", hint)


@primitive
class Linear(Ramp):
    """A straight line.

    value(x) = s + (e - s)·x

    >>> from schedlang import parse
    >>> lr = parse("linear(0, 1)").bind(4)
    >>> [lr(step) for step in range(6)]
    [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
    """

    name: ClassVar[str] = "linear"
    formula: ClassVar[str] = "value(x) = s + (e - s)·x"
    words: ClassVar[str] = "{goes}{line} from {start} to {end}"

    @staticmethod
    def at(k: Any, n: Any, xp: Any, *, start: Any, end: Any) -> Any:
        return start + (end - start) * (k / n)

    @staticmethod
    def from_end(k: Any, n: Any, xp: Any, *, start: Any, end: Any) -> Any:
        return end + (start - end) * ((n - k) / n)


@primitive
class Cosine(Ramp):
    """Half a cosine wave: slow at both ends, fast in the middle (Loshchilov & Hutter, 2017, without restarts).

    value(x) = e + (s - e)·(1 + cos πx)/2

    Calculated as sin² of half the angle from the nearer end, which keeps its relative precision where the ramp comes
    close to zero.

    >>> from schedlang import parse
    >>> lr = parse("cosine(1, 0)").bind(4)
    >>> [round(lr(step), 6) for step in range(6)]
    [1.0, 0.853553, 0.5, 0.146447, 0.0, 0.0]
    """

    name: ClassVar[str] = "cosine"
    formula: ClassVar[str] = "value(x) = e + (s - e)·(1 + cos πx)/2"
    words: ClassVar[str] = "{goes} along a cosine from {start} to {end}"

    @staticmethod
    def at(k: Any, n: Any, xp: Any, *, start: Any, end: Any) -> Any:
        rising = k <= n - k
        wave = xp.sin(xp.where(rising, k / n, (n - k) / n) * (xp.pi / 2))
        gone = wave * wave
        return xp.where(rising, start + (end - start) * gone, end + (start - end) * gone)


@primitive
class Poly(Ramp):
    """A polynomial: with a power above 1 fast at first, with one below 1 fast at last.

    value(x) = e + (s - e)·(1 - x)^power

    >>> from schedlang import parse
    >>> lr = parse("poly(1, 0, power=2)").bind(4)
    >>> [lr(step) for step in range(6)]
    [1.0, 0.5625, 0.25, 0.0625, 0.0, 0.0]
    """

    name: ClassVar[str] = "poly"
    formula: ClassVar[str] = "value(x) = e + (s - e)·(1 - x)^power"
    words: ClassVar[str] = "{goes} along a polynomial of power {power} from {start} to {end}"

    power: Schedule = number("the exponent, at least 0", default=1, level=False, named=True)

    def check(self, values: Mapping[str, float]) -> None:
        super().check(values)
        if values["power"] < 0:
            message = f"`power` is {values['power']:g}, but has to be at least 0"
            self.refuse("power", message, "use 1 for a straight line")

    @staticmethod
    def at(k: Any, n: Any, xp: Any, *, start: Any, end: Any, power: Any) -> Any:
        return end + (start - end) * xp.power((n - k) / n, power)

    @staticmethod
    def from_start(k: Any, n: Any, xp: Any, *, start: Any, end: Any, power: Any) -> Any:
        gone = -xp.expm1(power * xp.log1p(-(k / n)))
        return xp.where(gone <= 0.5, start + (end - start) * gone, Poly.at(k, n, xp, start=start, end=end, power=power))


@primitive
class Exponential(Ramp):
    """A geometric progression: every step multiplies by the same factor.

    value(x) = s·(e/s)^x, for s and e of the same sign and not zero

    >>> from schedlang import parse
    >>> lr = parse("exponential(1, 0.0625)").bind(4)
    >>> [lr(step) for step in range(6)]
    [1.0, 0.5, 0.25, 0.125, 0.0625, 0.0625]
    """

    name: ClassVar[str] = "exponential"
    formula: ClassVar[str] = "value(x) = s·(e/s)^x, for s and e of the same sign and not zero"
    words: ClassVar[str] = "{goes} exponentially from {start} to {end}"

    start: Schedule | None = number(START_DOC, default=None, handed=True)
    end: Schedule | None = number("the value at the end, not 0", default=None, required=True)
    duration: Schedule | None = duration(_DURATION, default=None)

    def check(self, values: Mapping[str, float]) -> None:
        super().check(values)
        problem = geometric_problem(values["start"], values["end"])
        if problem is not None:
            self.refuse("start" if values["start"] == 0 and self.start is not None else "end", *problem)

    @staticmethod
    def at(k: Any, n: Any, xp: Any, *, start: Any, end: Any) -> Any:
        return start * xp.power(end / start, k / n)


def geometric_problem(start: float, end: float) -> tuple[str, str] | None:
    """Why no geometric progression leads from start to end, if none does, and a hint; NaN is not known yet."""
    if start != 0 and end != 0 and (math.isnan(start) or math.isnan(end)):
        return None
    if start == 0 or end == 0 or (start < 0) != (end < 0):
        shown = "its start" if math.isnan(start) else f"{start:g}"
        problem = f"an exponential cannot go from {shown} to {end:g}: neither may be 0, nor their signs differ"
        return problem, _NOT_ZERO if start == 0 or end == 0 else "use another shape, such as `cosine`"
    if not 0 < end / start < math.inf:
        return (
            f"an exponential from {start:g} to {end:g} is further than a float reaches",
            "use numbers that are closer",
        )
    return None


@primitive
class OneMinusSqrt(Ramp):
    """One minus the square root of progress: the cooldown of Hägele et al. (2024), steep at first.

    value(x) = s + (e - s)·√x

    >>> from schedlang import parse
    >>> lr = parse("one_minus_sqrt(1, 0)").bind(4)
    >>> [round(lr(step), 6) for step in range(6)]
    [1.0, 0.5, 0.292893, 0.133975, 0.0, 0.0]
    """

    name: ClassVar[str] = "one_minus_sqrt"
    formula: ClassVar[str] = "value(x) = s + (e - s)·√x"
    words: ClassVar[str] = "{goes} with the square root of the progress from {start} to {end}"

    @staticmethod
    def at(k: Any, n: Any, xp: Any, *, start: Any, end: Any) -> Any:
        return start + (end - start) * xp.sqrt(k / n)

    @staticmethod
    def from_end(k: Any, n: Any, xp: Any, *, start: Any, end: Any) -> Any:
        return end + (start - end) * ((n - k) / n / (1 + xp.sqrt(k / n)))


@primitive
class Warmup(Ramp):
    """A straight line up to where what follows begins.

    value(x) = s + (e - s)·x

    Its end, if not given, is the start of what follows if that states one, else the value handed on.

    >>> from schedlang import parse
    >>> lr = parse("warmup(20%) then cosine(3e-4, 0)").bind(10)
    >>> lr(0), lr(1), lr(2)
    (0.0, 0.00015, 0.0003)
    """

    name: ClassVar[str] = "warmup"
    formula: ClassVar[str] = "value(x) = s + (e - s)·x"
    words: ClassVar[str] = "warms up{line} from {start} to {end}"
    pair: ClassVar[bool] = False

    duration: Schedule = duration("how long it is", default=None, required=True)
    start: Schedule = number("the value at the beginning", default=0)
    end: Schedule | None = number(
        "the value at the end; if not given, where what follows begins", default=None, handed=True
    )

    def numbers(self, frame: Frame) -> tuple[dict[str, float], frozenset[str]]:
        values, handed = super().numbers(frame)
        # Where a look ahead asks for its start alone, looking on would go through the whole text.
        unseen = frame.peek and not (frame.beyond_start or self.is_empty(frame))
        if "end" in handed and frame.following is not None and not unseen:
            stated = frame.following()
            if stated is not None:
                return {**values, "end": stated}, handed - {"end"}
        return values, handed

    at, from_end = staticmethod(Linear.at), staticmethod(Linear.from_end)
