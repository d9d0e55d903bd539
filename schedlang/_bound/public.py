"""The names that `schedlang` offers, which it loads when the first of them is asked for."""

from .._language.nodes import (
    Constant,
    Cosine,
    Exponential,
    ExponentialDecay,
    Hold,
    InvSqrt,
    Keyframes,
    Linear,
    OneMinusSqrt,
    Poly,
    Schedule,
    StepDecreasing,
    StepFixed,
    StepInterval,
    Values,
    Warmup,
    primitive,
)
from .._language.parse import parse
from .._language.program import Row
from .._text.errors import Diagnostic, ScheduleError, ScheduleWarning
from .._text.run import Run
from .._text.source import Source, Span
from .bind import evaluate
from .bound import Bound
from .constructors import constructor
from .sets import BoundSet, ScheduleSet

constant = constructor(Constant)
hold = constructor(Hold)
linear = constructor(Linear)
cosine = constructor(Cosine)
poly = constructor(Poly)
exponential = constructor(Exponential)
one_minus_sqrt = constructor(OneMinusSqrt)
warmup = constructor(Warmup)
step_fixed = constructor(StepFixed)
step_interval = constructor(StepInterval)
step_decreasing = constructor(StepDecreasing)
exponential_decay = constructor(ExponentialDecay)
inv_sqrt = constructor(InvSqrt)
keyframes = constructor(Keyframes)
values = constructor(Values)


__all__ = [
    "Bound",
    "BoundSet",
    "Diagnostic",
    "Row",
    "Run",
    "Schedule",
    "ScheduleError",
    "ScheduleSet",
    "ScheduleWarning",
    "Source",
    "Span",
    "StepDecreasing",
    "StepFixed",
    "StepInterval",
    "constant",
    "constructor",
    "cosine",
    "evaluate",
    "exponential",
    "exponential_decay",
    "hold",
    "inv_sqrt",
    "keyframes",
    "linear",
    "one_minus_sqrt",
    "parse",
    "poly",
    "primitive",
    "step_decreasing",
    "step_fixed",
    "step_interval",
    "values",
    "warmup",
]
