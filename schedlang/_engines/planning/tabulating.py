"""Tabulating: which values are better looked up than calculated, and by which integer.

A narrow float to the power of an integer is not the float that the walk shows, and its error grows with the power. But
if nothing else than that integer goes into a value, all its values can be known before.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator

import attrs

from ..expressions import Affine, Applied, Asked, Expression, StepVariable, Switch, Take, Value, parts
from .pieces import number_or_nan


def needs_the_walk(value: Value) -> bool:
    """Whether the walk has to be asked, other than along an axis of its own."""
    if isinstance(value, Asked):
        return True
    return not isinstance(value, Switch) and any(needs_the_walk(part) for part in parts(value))


def counter(value: Value) -> Expression | None:
    """The one integer that a value with a power, or an entry of a table, depends on; None: it is to be calculated."""
    counters = {_key(each): each for each in _integers(value)}
    if len(counters) != 1 or not _steps_down(value):
        return None
    (found,) = counters.values()
    return attrs.evolve(found, factor=1, offset=0) if isinstance(found, Affine) else found


def entries(value: Value, by: Expression, low: int, high: int) -> list[float]:
    """The values where its counter is low … high; NaN for errors."""
    if isinstance(by, Affine):
        variable = by.variable
    else:
        variable = StepVariable("index", None, low, high)
        value = _replaced(value, _key(by), variable)
    return [number_or_nan(value, variable, index) for index in range(low, high + 1)]


def settled(value: Value) -> int | None:
    """After how many of an integer's values nothing changes any more, because powers of it have become zero."""
    longest = 0
    stack: list[Value] = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, Applied) and each.name == "power" and not isinstance(each.operands[0], Expression):
            exponent = each.operands[1]
            if isinstance(exponent, Expression) and exponent.whole and 0 <= each.operands[0] < 1:
                if isinstance(exponent, Affine) and (exponent.factor < 1 or exponent.offset < 0):
                    return None
                rate = math.log(each.operands[0]) if each.operands[0] else -800.0
                longest = max(longest, math.ceil(800 / -rate) + 1)
                continue
        if isinstance(each, Expression) and each.whole:
            return None
        stack += parts(each)
    return longest


def _integers(value: Value) -> Iterator[Expression]:
    """The integers that a float is calculated from."""
    if isinstance(value, Expression) and value.whole:
        yield value
    else:
        for part in parts(value):
            yield from _integers(part)
        if isinstance(value, Switch):
            yield Affine(0, 0, True, True, value.variable, 1, 0)


def _key(integer: Value) -> Hashable:
    """The same for the same integers; those linear in one variable count as one."""
    match integer:
        case Affine():
            return id(integer.variable)
        case Applied():
            return integer.name, *map(_operand_key, integer.operands)
    return integer


def _operand_key(operand: Value) -> Hashable:
    if isinstance(operand, Affine):
        return _key(operand), operand.factor, operand.offset
    return _key(operand)


def _replaced(value: Value, key: Hashable, variable: StepVariable) -> Value:
    """The expression with a variable in the place of an integer."""
    if isinstance(value, Expression) and value.whole:
        return Affine(value.low, value.high, True, True, variable, 1, 0) if _key(value) == key else value
    match value:
        case Applied():
            operands = tuple(_replaced(operand, key, variable) for operand in value.operands)
            return Applied(value.low, value.high, False, value.plus, value.name, operands)
        case Take():
            inner = _replaced(value.index, key, variable)
            assert isinstance(inner, Expression)
            return attrs.evolve(value, index=inner)
    return value


def _steps_down(value: Value) -> bool:
    """Whether an integer power, or an entry of a table, is part of a value."""
    match value:
        case Switch():
            return False
        case Take():
            return True
        case Applied(name="power", operands=(base, exponent)) if not isinstance(base, Expression):
            if isinstance(exponent, Expression) and exponent.whole:
                return True
    return any(_steps_down(part) for part in parts(value))
