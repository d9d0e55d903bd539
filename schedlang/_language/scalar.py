"""The array namespace of one number: what a formula's `xp` is when a schedule is asked for one step.

It has the names that NumPy, `jax.numpy` and `torch` have in common, so that every formula is written once. Where
`math` would raise, so does this; the caller knows the step and the place in the text and tells the user.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from math import ceil as _ceil
from math import floor as _floor
from math import pi

__all__ = [
    "abs",
    "ceil",
    "cos",
    "exp",
    "floor",
    "log",
    "maximum",
    "minimum",
    "pi",
    "power",
    "round",
    "sin",
    "sqrt",
    "take",
    "tanh",
    "where",
]

sqrt, exp, log, sin, cos, tanh = math.sqrt, math.exp, math.log, math.sin, math.cos, math.tanh
power = math.pow
abs = math.fabs

_round = round


def floor(x: float) -> float:
    """The largest whole number that is not above x."""
    return float(_floor(x))


def ceil(x: float) -> float:
    """The smallest whole number that is not below x."""
    return float(_ceil(x))


def round(x: float) -> float:
    """The nearest whole number; of two equally near, the even one."""
    return float(_round(x))


def minimum(a: float, b: float) -> float:
    """The smaller one; of 0.0 and -0.0 the first."""
    return b if b < a else a


def maximum(a: float, b: float) -> float:
    """The larger one; of 0.0 and -0.0 the first."""
    return b if b > a else a


def where(condition: bool, a: float, b: float) -> float:
    """a if the condition holds, else b."""
    return a if condition else b


def take(table: Sequence[float], index: int) -> float:
    """The value at an index."""
    return table[index]
