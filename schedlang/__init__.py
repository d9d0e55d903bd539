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

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._bound.public import (
        Bound,
        BoundSet,
        Diagnostic,
        Row,
        Run,
        Schedule,
        ScheduleError,
        ScheduleSet,
        Source,
        Span,
        StepDecreasing,
        StepFixed,
        StepInterval,
        constant,
        constructor,
        cosine,
        evaluate,
        exponential,
        exponential_decay,
        hold,
        inv_sqrt,
        keyframes,
        linear,
        one_minus_sqrt,
        parse,
        poly,
        primitive,
        step_decreasing,
        step_fixed,
        step_interval,
        values,
        warmup,
    )

__version__ = "0.1.0"

__all__ = [
    "Bound",
    "BoundSet",
    "Diagnostic",
    "Row",
    "Run",
    "Schedule",
    "ScheduleError",
    "ScheduleSet",
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


def __dir__() -> list[str]:
    return __all__


if not TYPE_CHECKING:  # a checker would take any name for granted

    def __getattr__(name: str) -> object:
        """Load everything when the first name is asked for, so that importing schedlang alone costs next to nothing."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from ._bound import public

        globals().update({each: getattr(public, each) for each in __all__})
        return globals()[name]
