"""What one needs to add a primitive to the language: see `docs/adding-a-primitive.md`."""

from .clocks import Clock, IndexClock, IntervalClock, MilestoneClock, RampClock, RateClock, StepClock
from .frame import Frame
from .nodes.base import Names, Schedule
from .nodes.composition import length_of
from .nodes.primitive import (
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
from .nodes.ramps import Ramp

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
