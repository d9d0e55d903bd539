"""Changes: where a value that is constant in between changes, though it is calculated from what isn't.

`round(linear(32, 1024))` is a staircase. Where its stairs are follows from the float64 it is calculated from: a narrow
float would put some of them elsewhere. What only rises, or only falls, is searched by halving.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import attrs

from .expressions import COMPARISONS, Affine, Applied, Asked, Expression, StepVariable, Switch, Value, evaluated, parts

CHANGES: Final = 4096
"""Up to how many changes a value that is constant in between becomes rows of numbers."""


@attrs.frozen
class StepAxis:
    """A variable that pieces lie along, between two of its values."""

    variable: StepVariable
    low: int
    high: int


class TooManyError(Exception):
    """There are too many changes, or they cannot be told."""


class Changes:
    """Where values change along one axis."""

    def __init__(self, axis: StepAxis) -> None:
        self.axis = axis
        self.budget = CHANGES
        self.directions: dict[int, int | None] = {}

    def of(self, value: Value) -> set[int] | None:
        """The steps at which a value that is constant in between changes; None, if it isn't, or too often does."""
        try:
            return self.within(value)
        except TooManyError:
            return None

    def within(self, value: Value) -> set[int]:
        """The same.

        Raises:
            TooManyError: if there are none, or too many.
        """
        if not isinstance(value, Expression):
            return set()
        match value:
            case Affine() if value.variable is self.axis.variable:
                if self.axis.low == self.axis.high:
                    return set()
                raise TooManyError
            case Affine():
                return set() if value.variable.meaning is None else self.within(value.variable.meaning)
            case Asked():
                raise TooManyError
            case Switch():
                found = self.within(Affine(0, 0, True, True, value.variable, 1, 0))
                return found | self.union([piece.value for piece in value.pieces])
            case Applied(name="//" | "floor" | "ceil" | "round" | "<" | "<=" | ">" | ">="):
                try:
                    return self.union(value.operands)
                except TooManyError:
                    return self.jumps(value)
        return self.union(parts(value))

    def union(self, values: Sequence[Value]) -> set[int]:
        """Where any of them changes."""
        return set().union(*map(self.within, values))

    def jumps(self, value: Applied) -> set[int]:
        """Where something that only rises, or only falls, changes."""
        if value.name in COMPARISONS:
            inner = [each for each in value.operands if isinstance(each, Expression)]
            rises = self.direction(inner[0]) if len(inner) == 1 else None
        else:
            rises = self.direction(value.operands[0])
        if rises is None:
            raise TooManyError
        if value.name == "//" and isinstance(value.operands[0], Affine) and isinstance(value.operands[1], int):
            top, by = value.operands[0], value.operands[1]
            if top.variable is self.axis.variable and top.factor > 0:
                low, high = ((top.factor * end + top.offset) // by for end in (self.axis.low, self.axis.high))
                self.spend(high - low)
                return {-(-(by * each - top.offset) // top.factor) for each in range(low + 1, high + 1)}
        ends = [(step, self.at(value, step)) for step in (self.axis.low, self.axis.high)]
        if abs(ends[0][1] - ends[1][1]) > CHANGES:
            raise TooManyError
        found: set[int] = set()
        waiting = [(*ends[0], *ends[1])]
        while waiting:
            first, before, last, after = waiting.pop()
            if before == after:
                continue
            if last == first + 1:
                self.spend(1)
                found.add(last)
                continue
            middle = (first + last) // 2
            between = self.at(value, middle)
            waiting += [(first, before, middle, between), (middle, between, last, after)]
        return found

    def spend(self, changes: int) -> None:
        """Count changes.

        Raises:
            TooManyError: if there are too many by now.
        """
        self.budget -= changes
        if self.budget < 0:
            raise TooManyError

    def at(self, value: Value, step: int) -> float:
        try:
            return evaluated(value, {id(self.axis.variable): step})
        except (ArithmeticError, ValueError, KeyError, AssertionError):
            raise TooManyError from None

    def direction(self, value: Value) -> int | None:
        """1 for what never falls, -1 for what never rises, 0 for neither; None: not known."""
        if not isinstance(value, Expression):
            return 0
        if id(value) not in self.directions:
            self.directions[id(value)] = self._direction(value)
        return self.directions[id(value)]

    def _direction(self, value: Expression) -> int | None:
        if isinstance(value, Affine):
            sign = 1 if value.factor > 0 else -1
            if value.variable is self.axis.variable:
                return sign
            inner = self.direction(value.variable.meaning) if value.variable.meaning is not None else None
            return None if inner is None else sign * inner
        if not isinstance(value, Applied):
            return None
        ways = [self.direction(operand) for operand in value.operands]
        if all(way == 0 for way in ways):
            return 0
        if any(way is None for way in ways):
            return None
        spans = [self.span(operand) for operand in value.operands]
        lows, highs = [min(span) for span in spans], [max(span) for span in spans]
        a = ways[0]
        b = ways[1] if len(ways) > 1 else 0
        assert a is not None and b is not None
        match value.name:
            case "floor" | "ceil" | "round" | "sqrt" | "exp" | "log" | "tanh" | "float" | "finite":
                return a
            case "negative":
                return -a
            case "+" | "minimum" | "maximum":
                return _both(a, b)
            case "-":
                return _both(a, -b)
            case "//":
                return a
            case "*":
                return _both(_times(a, lows[1], highs[1]), _times(b, lows[0], highs[0]))
            case "/" if lows[1] > 0 or highs[1] < 0:
                return _both(_times(a, lows[1], highs[1]), _times(-b, lows[0], highs[0]))
            case "sin" if lows[0] >= 0 and highs[0] <= math.pi / 2 + 1e-9:
                return a
            case "cos" if lows[0] >= 0 and highs[0] <= math.pi + 1e-9:
                return -a
            case "abs" if lows[0] >= 0:
                return a
            case "power" if b == 0 and lows[0] >= 0 and not isinstance(value.operands[1], Expression):
                return a if value.operands[1] >= 0 else -a
            case "power" if a == 0 and lows[0] > 0:
                return b if lows[0] >= 1 else -b
        return None

    def span(self, value: Value) -> tuple[float, float]:
        """The values, of what only rises or only falls, at both ends of the axis."""
        if not isinstance(value, Expression):
            return value, value
        return self.at(value, self.axis.low), self.at(value, self.axis.high)


def _both(a: int | None, b: int | None) -> int | None:
    """The direction of what depends on two things."""
    if a is None or b is None or a * b < 0:
        return None
    return a or b


def _times(way: int, low: float, high: float) -> int | None:
    """The direction of a product with something between two numbers, which doesn't change."""
    return way if low >= 0 else -way if high <= 0 else 0 if way == 0 else None
