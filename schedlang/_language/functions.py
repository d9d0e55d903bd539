"""The pointwise functions, for building schedules in Python: `functions.max(cosine(), 1e-5)`.

>>> from schedlang import cosine, functions
>>> str(functions.max(cosine(3e-4, 0), 1e-5))
'max(cosine(3e-4, 0), 1e-5)'
"""

from __future__ import annotations

from .nodes import Apply
from .nodes.base import Operand


def min(*operands: Operand) -> Apply:
    """The smallest of two or more."""
    return Apply("min", operands)


def max(*operands: Operand) -> Apply:
    """The largest of two or more."""
    return Apply("max", operands)


def clip(operand: Operand, low: Operand, high: Operand) -> Apply:
    """The operand, at least `low` and at most `high`."""
    return Apply("clip", (operand, low, high))


def abs(operand: Operand) -> Apply:
    """Without its sign."""
    return Apply("abs", (operand,))


def sqrt(operand: Operand) -> Apply:
    """The square root."""
    return Apply("sqrt", (operand,))


def exp(operand: Operand) -> Apply:
    """e to the power of the operand."""
    return Apply("exp", (operand,))


def log(operand: Operand) -> Apply:
    """The natural logarithm."""
    return Apply("log", (operand,))


def sin(operand: Operand) -> Apply:
    """The sine of an angle in radians."""
    return Apply("sin", (operand,))


def cos(operand: Operand) -> Apply:
    """The cosine of an angle in radians."""
    return Apply("cos", (operand,))


def tanh(operand: Operand) -> Apply:
    """The hyperbolic tangent."""
    return Apply("tanh", (operand,))


def floor(operand: Operand) -> Apply:
    """The largest whole number that is not above."""
    return Apply("floor", (operand,))


def ceil(operand: Operand) -> Apply:
    """The smallest whole number that is not below."""
    return Apply("ceil", (operand,))


def round(operand: Operand) -> Apply:
    """The nearest whole number; of two equally near the even one."""
    return Apply("round", (operand,))


__all__ = ["abs", "ceil", "clip", "cos", "exp", "floor", "log", "max", "min", "round", "sin", "sqrt", "tanh"]
