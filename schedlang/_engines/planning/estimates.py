"""Estimates: how far off a formula may be, calculated in floats of a library: a bound, not a guess.

For every operation of a formula: between which values its result lies, and how far it may be from what exact arithmetic
gives, to first order. An operation passes on the errors of what it is applied to, times how steep it is there, and adds
its own rounding. Both the error and the error in parts of the value are kept: sums need the one, products and powers
the other, and whichever gives less counts. What is not known here may be off by anything.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final

import attrs

from ..._language.operations import KERNELS
from ..changes import StepAxis
from ..expressions import whole_interval
from .forms import Form
from .plans import Estimate, Node, complete

_ALLOWED: Final = 8.0
"""By how many halves of an epsilon, times the largest value of the phase, a value may be off: 4 epsilons."""

_OWN: Final = {"square": 1.0}
"""By how much libraries round what is no kernel, as the records of kernels have it."""


def estimated(form: Form, axes: Sequence[StepAxis], wide: bool, largest: Callable[[], float]) -> tuple[Estimate, bool]:
    """The estimate of a form, and whether it is within 4 epsilons of what is meant, wherever it is asked.

    The last axis is looked at in parts, if need be, as errors may be largest elsewhere than values are.
    """
    node = form.calculated()
    if node.name == "plan":
        return node.detail.estimate, node.detail.close
    *outer, (low, high) = [(axis.low, axis.high) for axis in axes]
    found = _Estimates([*outer, (low, high)], wide).of(node)
    if found.relative <= _ALLOWED or found.error <= _ALLOWED * largest():
        return found, True
    away = [2**power for power in range((high - low).bit_length())]
    cuts = sorted({low, high, *(low + by for by in away), *(high - by for by in away)})
    ends = list(pairwise(cuts)) or [(low, high)]
    parts = [_Estimates([*outer, each], wide).of(node) for each in ends]
    close = all(part.relative <= _ALLOWED or part.error <= _ALLOWED * largest() for part in parts)
    return hull(parts), close


def hull(estimates: Sequence[Estimate]) -> Estimate:
    """One estimate for all."""
    return Estimate(
        min(each.low for each in estimates),
        max(each.high for each in estimates),
        max(each.error for each in estimates),
        max(each.relative for each in estimates),
    )


class _Estimates:
    """The estimates of a formula's nodes, where the axes are between given integers."""

    def __init__(self, axes: Sequence[tuple[int, int]], wide: bool) -> None:
        self.axes = axes
        self.wide = wide
        self.found: dict[Node, Estimate] = {}

    def of(self, node: Node) -> Estimate:
        if node not in self.found:
            inputs = [self.of(each) for each in node.inputs]
            try:
                lost = any(math.isinf(each.error) for each in inputs)
                self.found[node] = _ANYTHING if lost else self.calculated(node, inputs)
            except (ArithmeticError, ValueError):
                self.found[node] = _ANYTHING
        return self.found[node]

    def calculated(self, node: Node, inputs: list[Estimate]) -> Estimate:
        match node.name, node.numbers:
            case "axis", _:
                return Estimate(*self.axes[node.detail])
            case "entry", _:
                return Estimate(min(node.detail.values), max(node.detail.values))
            case "rank", _:
                return Estimate(0, len(node.detail.values))
            case name, numbers if node.whole:
                a, b = (*((each.low, each.high) for each in inputs), *((number, number) for number in numbers))
                return Estimate(*whole_interval(name, a, b))
            case "float", _:
                exact = max(abs(inputs[0].low), abs(inputs[0].high)) <= 2 ** (53 if self.wide else 24)
                return inputs[0] if exact else self.rounded(inputs[0], 1.0)
            case "affine", (scale, offset):
                if scale != 1:
                    product = _product(inputs[0], self.number(scale))
                    inputs = [self.rounded(product, 0.0 if math.frexp(scale)[0] in (0.5, -0.5) else 1.0)]
                return self.rounded(_sum(inputs[0], self.number(offset)), 1.0) if offset else inputs[0]
            case "constant", (value,):
                return self.number(value)
            case "look", _:
                return self.rounded(Estimate(min(node.detail.values), max(node.detail.values)), 1.0)
            case "plan", _:
                assert isinstance(node.detail.estimate, Estimate)
                return node.detail.estimate
        steep = _STEEP[node.name]
        if steep is None:
            return _ANYTHING
        own = _OWN[node.name] if node.name in _OWN else KERNELS[node.name].rounding
        if self.wide and own >= 2:  # a function, which the walk has rounded as well
            own += 1
        return self.rounded(steep(*inputs), own)

    def number(self, value: float) -> Estimate:
        """A number of a formula, which is rounded if the floats are narrow."""
        exact = self.wide or struct.unpack("f", struct.pack("f", value))[0] == value
        return self.rounded(Estimate(value, value), 0.0 if exact else 1.0)

    def rounded(self, value: Estimate, own: float) -> Estimate:
        """What is left of a value when it is rounded; of both errors, what the other one says."""
        largest = _widest(value)
        if not largest < (1.7e308 if self.wide else 3.4e38):
            return _ANYTHING
        relative = value.relative + own
        error = min(value.error + own * largest, relative * largest)
        least = max(value.low, -value.high, 0.0)
        return attrs.evolve(value, error=error, relative=min(relative, error / least) if least else relative)


_ANYTHING: Final = Estimate(-math.inf, math.inf, math.inf, math.inf)


def _widest(value: Estimate) -> float:
    return max(abs(value.low), abs(value.high))


def _sum(a: Estimate, b: Estimate) -> Estimate:
    alike = min(a.low, b.low) >= 0 or max(a.high, b.high) <= 0
    relative = max(a.relative, b.relative) if alike else math.inf
    return Estimate(a.low + b.low, a.high + b.high, a.error + b.error, relative)


def _negative(a: Estimate) -> Estimate:
    return Estimate(-a.high, -a.low, a.error, a.relative)


def _product(a: Estimate, b: Estimate) -> Estimate:
    ends = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    return Estimate(min(ends), max(ends), _widest(a) * b.error + _widest(b) * a.error, a.relative + b.relative)


def _quotient(a: Estimate, b: Estimate) -> Estimate:
    least = max(b.low, -b.high)
    if least <= 0:
        raise ZeroDivisionError
    ends = [x / y for x in (a.low, a.high) for y in (b.low, b.high)]
    error = (a.error + _widest(a) / least * b.error) / least
    return Estimate(min(ends), max(ends), error, a.relative + b.relative)


def _square(a: Estimate) -> Estimate:
    least = max(a.low, -a.high, 0.0)
    return Estimate(least**2, _widest(a) ** 2, 2 * _widest(a) * a.error, 2 * a.relative)


def _power(a: Estimate, b: Estimate) -> Estimate:
    """The power is a's error, `b` times, and b's, `log(a)` times, in parts of it; a^b·|log(a)| <= 1/(e·b) up to 1."""
    ends = [math.pow(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]  # ValueError below zero
    if a.low <= 0 < b.low and a.high <= 1 and b.error:
        error = b.high * a.relative * max(ends) + b.error / (math.e * b.low)
        return Estimate(min(ends), max(ends), error, math.inf)
    logarithm = max(abs(math.log(a.low)), abs(math.log(a.high))) * b.error if b.error else 0.0
    steep = b.low == b.high >= 1 and not b.error
    error = b.high * a.high ** (b.high - 1) * a.error if steep else math.inf
    return Estimate(min(ends), max(ends), error, _widest(b) * a.relative + logarithm)


def _exp(a: Estimate) -> Estimate:
    """What is off by a part of the exponent is off by `|a| exp(a)` times that: little, where the exponent is large."""
    most = max(abs(a.low) * math.exp(a.low), abs(a.high) * math.exp(a.high), math.exp(-1) if a.low < -1 < a.high else 0)
    error = min(a.error * math.exp(a.high), a.relative * most)
    return Estimate(math.exp(a.low), math.exp(a.high), error, a.error)


def _expm1(a: Estimate) -> Estimate:
    worst = a.high * math.exp(a.high) / math.expm1(a.high) if a.high > 0 else 1.0
    return Estimate(math.expm1(a.low), math.expm1(a.high), a.error * math.exp(a.high), a.relative * worst)


def _log(a: Estimate) -> Estimate:
    return Estimate(math.log(a.low), math.log(a.high), a.relative, math.inf)


def _log1p(a: Estimate) -> Estimate:
    low = a.low - a.error * _HALF
    worst = low / ((1 + low) * math.log1p(low)) if low < 0 else 1.0
    return Estimate(math.log1p(a.low), math.log1p(a.high), a.error / (1 + low), a.relative * worst)


def _sqrt(a: Estimate) -> Estimate:
    error = a.error / (2 * math.sqrt(a.low)) if a.low > 0 else math.inf
    return Estimate(math.sqrt(a.low), math.sqrt(a.high), error, a.relative / 2)


def _sin(a: Estimate) -> Estimate:
    if _widest(a) > math.pi / 2:
        return Estimate(-1.0, 1.0, a.error, math.inf)
    slope = math.cos(max(a.low, -a.high, 0.0)) + a.error * _HALF
    return Estimate(math.sin(a.low), math.sin(a.high), slope * a.error, a.relative)


def _cos(a: Estimate) -> Estimate:
    slope = math.sin(min(_widest(a), math.pi / 2)) + a.error * _HALF
    if 0 <= a.low <= a.high <= math.pi:
        return Estimate(math.cos(a.high), math.cos(a.low), slope * a.error, math.inf)
    return Estimate(-1.0, 1.0, slope * a.error, math.inf)


def _tanh(a: Estimate) -> Estimate:
    slope = 1 - math.tanh(max(a.low, -a.high, 0.0)) ** 2 + a.error * _HALF
    return Estimate(math.tanh(a.low), math.tanh(a.high), slope * a.error, a.relative)


def _abs(a: Estimate) -> Estimate:
    return Estimate(max(a.low, -a.high, 0.0), _widest(a), a.error, a.relative)


def _least(a: Estimate, b: Estimate) -> Estimate:
    error, relative = max(a.error, b.error), max(a.relative, b.relative)
    return Estimate(min(a.low, b.low), min(a.high, b.high), error, relative)


_HALF: Final = 2.0**-24
"""Half an epsilon of float32: how far from where it is meant a slope may be asked for."""

_STEEP: Final[Mapping[str, Callable[..., Estimate] | None]] = complete(
    "what becomes of the errors",
    {
        **dict.fromkeys(("%", "==", "where", "float", "finite"), None),
        **dict.fromkeys((name for name, kernel in KERNELS.items() if kernel.staircase), None),
        "+": _sum,
        "-": lambda a, b: _sum(a, _negative(b)),
        "*": _product,
        "/": _quotient,
        "square": _square,
        "sqrt": _sqrt,
        "exp": _exp,
        "expm1": _expm1,
        "log": _log,
        "log1p": _log1p,
        "sin": _sin,
        "cos": _cos,
        "tanh": _tanh,
        "power": _power,
        "abs": _abs,
        "negative": _negative,
        "minimum": _least,
        "maximum": lambda a, b: _negative(_least(_negative(a), _negative(b))),
    },
)
"""What the errors of operands become by an operation, before it rounds; None: anything, as at a jump."""
