"""Pointwise operations: what `+ - * / **`, the sign and `min max clip abs sqrt …` do to values, and to intervals.

An operation's `apply` is its one formula over an array namespace; its `bound` says between which values the result
lies when the operands lie in given intervals, which lets binding prove a run finite without visiting its steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import attrs

Interval: TypeAlias = tuple[float, float]

EVERYTHING: Final[Interval] = (-math.inf, math.inf)


@attrs.frozen
class Operation:
    """A pointwise function of at least `least` and at most `most` (None: any number of) operands.

    `shape` is what the phase table calls it, `words` what `explain` calls its result: "the sum of" its operands.
    """

    name: str
    shape: str
    apply: Callable[..., Any]
    bound: Callable[..., Interval]
    least: int = 1
    most: int | None = 1
    words: str | None = None


def hull(*intervals: Interval) -> Interval:
    """The smallest interval around all of them; everything, if one is not known."""
    if any(math.isnan(end) for interval in intervals for end in interval):
        return EVERYTHING
    return min(low for low, _ in intervals), max(high for _, high in intervals)


def _corners(f: Callable[[float, float], float]) -> Callable[[Interval, Interval], Interval]:
    """The bound of a function whose extremes are at the corners of the box."""

    def bound(a: Interval, b: Interval) -> Interval:
        values = [f(x, y) for x in a for y in b]
        return EVERYTHING if any(math.isnan(value) for value in values) else (min(values), max(values))

    return bound


def _rising(f: Callable[[float], float], least: float = -math.inf) -> Callable[[Interval], Interval]:
    """The bound of a function that rises wherever it is defined, which is from `least` on."""

    def bound(a: Interval) -> Interval:
        if a[0] < least or not (math.isfinite(a[0]) and math.isfinite(a[1])):
            return EVERYTHING
        try:
            return f(a[0]), f(a[1])
        except (ValueError, OverflowError):
            return EVERYTHING

    return bound


def _divided(a: Interval, b: Interval) -> Interval:
    if b[0] <= 0 <= b[1]:
        return EVERYTHING
    return _corners(lambda x, y: x / y)(a, b)


def _raised(a: Interval, b: Interval) -> Interval:
    if a[0] < 0 or (a[0] == 0 and b[0] < 0):
        return EVERYTHING
    try:
        return _corners(math.pow)(a, b)
    except OverflowError:
        return EVERYTHING


def _magnitude(a: Interval) -> Interval:
    return (0.0 if a[0] <= 0 <= a[1] else min(map(abs, a)), max(map(abs, a)))


def _wave(a: Interval) -> Interval:
    return (-1.0, 1.0) if all(map(math.isfinite, a)) else EVERYTHING


def _folded(xp: Any, name: str, first: Any, *rest: Any) -> Any:
    for other in rest:
        first = getattr(xp, name)(first, other)
    return first


ADD: Final = Operation("+", "sum", lambda xp, a, b: a + b, lambda a, b: (a[0] + b[0], a[1] + b[1]), 2, 2, "the sum of")
SUBTRACT: Final = Operation("-", "sum", lambda xp, a, b: a - b, lambda a, b: (a[0] - b[1], a[1] - b[0]), 2, 2)
MULTIPLY: Final = Operation(
    "*", "product", lambda xp, a, b: a * b, _corners(lambda x, y: x * y), 2, 2, "the product of"
)
DIVIDE: Final = Operation("/", "product", lambda xp, a, b: a / b, _divided, 2, 2)
POWER: Final = Operation("**", "power", lambda xp, a, b: xp.power(a, b), _raised, 2, 2)
NEGATIVE: Final = Operation("-", "negative", lambda xp, a: -a, lambda a: (-a[1], -a[0]))

INFIX: Final = {operation.name: operation for operation in (ADD, SUBTRACT, MULTIPLY, DIVIDE)}

FUNCTIONS: Final = {
    operation.name: operation
    for operation in (
        Operation(
            "min",
            "min",
            lambda xp, *values: _folded(xp, "minimum", *values),
            lambda *of: (min(low for low, _ in of), min(high for _, high in of)),
            2,
            None,
            "the smallest of",
        ),
        Operation(
            "max",
            "max",
            lambda xp, *values: _folded(xp, "maximum", *values),
            lambda *of: (max(low for low, _ in of), max(high for _, high in of)),
            2,
            None,
            "the largest of",
        ),
        Operation(
            "clip",
            "clip",
            lambda xp, x, low, high: xp.minimum(xp.maximum(x, low), high),
            lambda x, low, high: (min(max(x[0], low[0]), high[0]), min(max(x[1], low[1]), high[1])),
            3,
            3,
        ),
        Operation("abs", "abs", lambda xp, x: xp.abs(x), _magnitude),
        Operation("sqrt", "sqrt", lambda xp, x: xp.sqrt(x), _rising(math.sqrt, 0.0)),
        Operation("exp", "exp", lambda xp, x: xp.exp(x), _rising(math.exp)),
        Operation("log", "log", lambda xp, x: xp.log(x), _rising(math.log, 5e-324)),
        Operation("sin", "sin", lambda xp, x: xp.sin(x), _wave),
        Operation("cos", "cos", lambda xp, x: xp.cos(x), _wave),
        Operation("tanh", "tanh", lambda xp, x: xp.tanh(x), _rising(math.tanh)),
        Operation("floor", "floor", lambda xp, x: xp.floor(x), _rising(math.floor)),
        Operation("ceil", "ceil", lambda xp, x: xp.ceil(x), _rising(math.ceil)),
        Operation("round", "round", lambda xp, x: xp.round(x), _rising(round)),
    )
}
"""The pointwise functions by name; `round` rounds half to even."""
