"""Pieces: over which steps a value is one number, and over which it has to be calculated.

Numbers are found here, by asking the walk. What is constant for a while along a variable that recurs, as the steps of a
repeated body do, is a switch along that.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping

import attrs

from ..changes import Changes, StepAxis
from ..expressions import (
    Affine,
    Applied,
    Expression,
    StepVariable,
    Switch,
    Take,
    Value,
    ValuePiece,
    applied,
    binary,
    changing,
    evaluated,
    replaced,
    variables,
)


class Pieces:
    """The pieces of a program's values: `function` gives one, `limit` is the largest integer there is."""

    def __init__(self, function: Callable[[int], float], limit: int) -> None:
        self.function = function
        self.limit = limit

    def of(self, axis: StepAxis, value: Value) -> Iterator[tuple[StepAxis, Value]]:
        """A value along an axis: numbers where it is constant for long enough, else what has to be calculated."""
        value = _hoisted(value)
        if not isinstance(value, Expression):
            yield axis, value
        elif isinstance(value, Switch) and value.variable is axis.variable:
            for inside, piece in clipped(axis, value.pieces):
                yield from self.of(inside, piece.value)
        else:
            changes = Changes(axis).of(value)
            if changes is None:
                yield axis, self.recurring(value)
            else:
                yield from self.between(axis, value, changes)

    def recurring(self, value: Expression) -> Value:
        """What changes only now and then along a variable that recurs, as a switch on that."""
        for variable in dict.fromkeys(variables(value)):
            if isinstance(value, Switch) or variable.meaning is None:
                continue
            axis = StepAxis(variable, variable.low, int(min(variable.high, self.limit)))
            changes = Changes(axis).of(value)
            if changes:
                shown = self.between(axis, value, changes)
                pieces = tuple(ValuePiece(inside.low, inside.high + 1, each) for inside, each in shown)
                return Switch(variable, pieces, low=value.low, high=value.high, plus=value.plus)
        return value

    def between(self, axis: StepAxis, value: Value, changes: set[int]) -> Iterator[tuple[StepAxis, Value]]:
        """What is shown between changes: numbers, or what still depends on other variables."""
        others = any(not depends(each, axis.variable) for each in variables(value))
        begins = [axis.low, *sorted(changes)]
        for begin, end in zip(begins, [*begins[1:], axis.high + 1], strict=True):
            shown = fixed(value, axis.variable, begin) if others else self.shown(axis.variable, value, begin)
            yield StepAxis(axis.variable, begin, end - 1), shown

    def shown(self, variable: StepVariable, value: Value, step: int) -> float:
        """What is shown where a variable has a value; NaN, if that is an error."""
        if variable.meaning is not None:
            return number_or_nan(value, {variable: step})
        try:
            return self.function(step)
        except (ArithmeticError, ValueError):  # a ScheduleError is a ValueError
            return math.nan


def clipped(axis: StepAxis, pieces: Iterable[ValuePiece]) -> Iterator[tuple[StepAxis, ValuePiece]]:
    """The pieces that lie on an axis, and where."""
    for piece in pieces:
        first, last = max(piece.first, axis.low), int(min(piece.stop - 1, axis.high))
        if first <= last:
            yield StepAxis(axis.variable, first, last), piece


def number_or_nan(value: Value, steps: Mapping[StepVariable | Expression, int]) -> float:
    """What an expression gives where variables, or parts of it, are known; NaN, if that is an error."""
    try:
        return evaluated(value, steps)
    except (ArithmeticError, ValueError):
        return math.nan


def _hoisted(value: Value) -> Value:
    """An expression around one value that changes along a variable, as one that changes; else as it is."""
    switch = changing(value)
    if switch is None or value is switch:
        return value
    try:
        pieces = tuple(attrs.evolve(piece, value=replaced(value, switch, piece.value)) for piece in switch.pieces)
    except (ArithmeticError, ValueError):
        return value
    return attrs.evolve(switch, pieces=pieces)


def fixed(value: Value, variable: StepVariable, step: int) -> Value:
    """An expression where a variable is known."""
    match value:
        case Affine() if value.variable is variable:
            return value.factor * step + value.offset
        case Applied():
            operands = tuple(fixed(operand, variable, step) for operand in value.operands)
            if all(map(operator.is_, operands, value.operands)):
                return value
            try:
                return binary(value.name, *operands) if value.whole else applied(value.name, operands)
            except (ArithmeticError, ValueError):
                return math.nan
        case Take():
            index = fixed(value.index, variable, step)
            return value.table[index] if isinstance(index, int) else value
    return value


def depends(variable: StepVariable, on: StepVariable) -> bool:
    """Whether a variable is calculated from another one alone."""
    if variable is on:
        return True
    return variable.meaning is not None and all(depends(each, on) for each in variables(variable.meaning))
