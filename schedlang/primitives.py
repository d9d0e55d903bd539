"""What one needs to add a primitive to the language: see `docs/adding-a-primitive.md`."""

from ._language.clocks import Clock, IndexClock, IntervalClock, MilestoneClock, RampClock, RateClock, StepClock
from ._language.frame import Frame
from ._language.nodes.base import Names, Schedule
from ._language.nodes.primitive import (
    PRIMITIVES,
    Primitive,
    choice,
    duration,
    durations,
    number,
    numbers,
    primitive,
    unregister,
)
from ._language.nodes.ramps import Ramp
from ._language.nodes.scalars import length_of

__all__ = [
    "PRIMITIVES",
    "Clock",
    "Frame",
    "IndexClock",
    "IntervalClock",
    "MilestoneClock",
    "Names",
    "Primitive",
    "Ramp",
    "RampClock",
    "RateClock",
    "Schedule",
    "StepClock",
    "choice",
    "duration",
    "durations",
    "length_of",
    "number",
    "numbers",
    "primitive",
    "unregister",
]
