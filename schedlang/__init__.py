"""schedlang: the language for hyperparameter schedules.

A schedule is one line of text, and a pure function of the step.

>>> import schedlang
>>> lr = schedlang.parse("warmup(5%) then cosine").bind(total_steps=10_000, base=3e-4)
>>> lr(0), lr(250), lr(500), lr(10_000)
(0.0, 0.00015, 0.0003, 0.0)
>>> print(lr.schedule)
warmup(5%) then cosine

Or in Python:

>>> from schedlang import cosine, warmup
>>> warmup("5%").then(cosine()) == lr.schedule
True
"""

from .binding import Bound, evaluate
from .checking import parse
from .errors import Diagnostic, ScheduleError
from .nodes import Constant as constant
from .nodes import Cosine as cosine
from .nodes import Exponential as exponential
from .nodes import ExponentialDecay as exponential_decay
from .nodes import Hold as hold
from .nodes import InvSqrt as inv_sqrt
from .nodes import Keyframes as keyframes
from .nodes import Linear as linear
from .nodes import OneMinusSqrt as one_minus_sqrt
from .nodes import Poly as poly
from .nodes import Schedule, StepDecreasing, StepFixed, StepInterval, primitive
from .nodes import StepDecreasing as step_decreasing
from .nodes import StepFixed as step_fixed
from .nodes import StepInterval as step_interval
from .nodes import Values as values
from .nodes import Warmup as warmup
from .program import Row
from .run import Run
from .source import Source, Span

__version__ = "0.1.0"

__all__ = [
    "Bound",
    "Diagnostic",
    "Row",
    "Run",
    "Schedule",
    "ScheduleError",
    "Source",
    "Span",
    "StepDecreasing",
    "StepFixed",
    "StepInterval",
    "constant",
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


def __dir__() -> list[str]:
    return __all__
