"""Changes: where a value that is constant in between changes, though it is calculated from what isn't.

`round(linear(32, 1024))` is a staircase. Where its stairs are follows from the float64 it is calculated from: a narrow
float would put some of them elsewhere. What only rises, or only falls, is searched by halving.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from .._language.operations import KERNELS, Interval
from .expressions import Affine, Applied, Asked, Expression, StepVariable, Switch, Value, evaluated, parts

_CHANGES: Final = 4096
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
        self.budget = _CHANGES
        self.directions: dict[Expression, int | None] = {}

    def of(self, value: Value) -> set[int] | None:
        """The steps at which a value that is constant in between changes; None, if it isn't, or too often does."""
        try:
            return self.within(value)
        except TooManyError:
            return None

    def within(self, value: Value) -> set[int]:
        match value:
            case Affine(variable=variable) if variable is self.axis.variable:
                if self.axis.low < self.axis.high:
                    raise TooManyError
            case Affine(variable=variable):
                return set() if variable.meaning is None else self.within(variable.meaning)
            case Asked():
                raise TooManyError
            case Switch():
                return self.union([Affine(value.variable), *parts(value)])
            case Applied() if KERNELS[value.name].staircase:
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
        inner = [each for each in value.operands if isinstance(each, Expression)]
        if len(inner) != 1 or self.direction(inner[0]) is None:
            raise TooManyError
        axis = self.axis
        match value:
            case Applied(name="//", operands=(Affine(variable=axis.variable) as top, int(by))) if top.factor > 0:
                low, high = ((top.factor * end + top.offset) // by for end in (axis.low, axis.high))
                self.spend(high - low)  # solved, as what rises at a known rate needs no search
                return {-(-(by * each - top.offset) // top.factor) for each in range(low + 1, high + 1)}
        ends = [(step, self.at(value, step)) for step in (axis.low, axis.high)]
        # Stairs are whole numbers, so there are no more of them than that; counted before any is searched.
        if abs(ends[0][1] - ends[1][1]) > _CHANGES:
            raise TooManyError
        found: set[int] = set()
        waiting = [(*ends[0], *ends[1])]
        while waiting:
            first, before, last, after = waiting.pop()
            if before == after:  # nothing between: what only rises does not come back
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
        """Count changes, as long as there are not too many."""
        self.budget -= changes
        if self.budget < 0:
            raise TooManyError

    def at(self, value: Value, step: int) -> float:
        try:
            return evaluated(value, {self.axis.variable: step})
        except (ArithmeticError, ValueError, KeyError, AssertionError):
            raise TooManyError from None

    def direction(self, value: Value) -> int | None:
        """1 for what never falls, -1 for what never rises, 0 for neither; None: not known."""
        if not isinstance(value, Expression):
            return 0
        if value not in self.directions:
            self.directions[value] = self._direction(value)
        return self.directions[value]

    def _direction(self, value: Expression) -> int | None:
        if isinstance(value, Affine):
            meaning = value.variable.meaning
            inner = 1 if value.variable is self.axis.variable else None if meaning is None else self.direction(meaning)
            return None if inner is None else inner if value.factor > 0 else -inner
        if not isinstance(value, Applied):
            return None
        ways = [way for operand in value.operands if (way := self.direction(operand)) is not None]
        if len(ways) < len(value.operands):
            return None
        if not any(ways):
            return 0
        slopes = KERNELS[value.name].slopes(*map(self.span, value.operands))
        found = {None if slope is None else way * slope for way, slope in zip(ways, slopes, strict=True) if way}
        return found.pop() if len(found) == 1 else None

    def span(self, value: Value) -> Interval:
        """Between which values something lies that only rises, or only falls, along the axis."""
        if not isinstance(value, Expression):
            return value, value
        first, last = self.at(value, self.axis.low), self.at(value, self.axis.high)
        return min(first, last), max(first, last)
