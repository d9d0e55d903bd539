"""What a program has to be before it is written for a machine that has no whole numbers of any size, and no walk."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from ..._engines.expressions import (
    STEP,
    Affine,
    Applied,
    Asked,
    Expression,
    StepVariable,
    Switch,
    Take,
    Value,
    affine,
    asks,
    guarded,
    interval,
    nodes,
    parts,
    variables,
    whole_interval,
)
from ..._engines.lowering import lowered
from ..._language.operations import KERNELS, Level
from ..._language.program import Part
from ..._text.errors import ScheduleError, fail

FLOATS: Final = 2**53
"""Up to where every whole number is a float."""

_TABULATED: Final = 1_000_000
"""How many steps that only the walk can tell are put into a table."""

_SHORTEST: Final = 1_000_000
"""How many steps there have to be at least of a run without an end."""

_COPIES: Final = 16
"""How many times as many repeated parts are written one by one as where the walk can be asked."""


def fitted(program: Part, end: int | None, whole: int | None) -> tuple[Value, int]:
    """A program, lowered, without what is asked of the walk, and the last step at which it can be calculated.

    Args:
        program: the program.
        end: the step at which the run ends, which has to be within reach.
        whole: up to where the language has whole numbers; None: all of them. Where they meet floats it is 2⁵³.

    Raises:
        ScheduleError: E412, for what cannot be.
    """
    stop = math.inf if whole is None else FLOATS
    value = lowered(program, stop=stop)
    if asks(value):
        value = _told(lowered(program, stop=stop, copies=_COPIES))
    if whole is None:
        return value, 0
    last, least = FLOATS - 1, _SHORTEST if end is None else end
    while not _fits(_until(value, last), last, whole):
        last //= 2
        if last < least:
            message = "the schedule calculates with whole numbers beyond those that the language has"
            fail(None, "E412", message, "write it as `python`, or its values as `csv` or `json`")
    value = _until(value, last)
    for condition in nodes(value):
        if isinstance(condition, Applied) and condition.name == "where":
            _check_condition(condition)
    return value, last


def is_closed(program: Part) -> bool:
    """Whether nothing of a program has to be asked of the walk: then it is soon written, and short."""
    return not asks(lowered(program, stop=FLOATS))


def may_fail(value: Applied) -> bool:
    """Whether Python may raise an error for an operation, where others give an infinity or NaN."""
    if value.whole:
        return False
    if value.name == "/":
        low, high = interval(value.operands[1])
        return low <= 0 <= high
    kernel = KERNELS[value.name]
    partial = kernel.staircase or not kernel.total
    return partial and value.name != "finite" and kernel.level == Level.ATOM and not _is_bounded(value)


def is_below_zero(value: Value) -> bool:
    """Whether a value may lie below 0."""
    return interval(value)[0] < 0


def _is_bounded(value: Value) -> bool:
    return all(map(math.isfinite, interval(value)))


def _check_condition(value: Applied) -> None:
    """Refuse a comparison with what may have no value, unless the value that is chosen by it has none either."""
    condition, *branches = value.operands
    for each in parts(condition):
        if not isinstance(each, Expression) or each.whole or _is_bounded(each):
            continue
        if not all(any(each is part for part in nodes(branch)) for branch in branches):
            fail(None, "E412", "a comparison is made with what may have no value", "write its values as `csv`")


# What is asked of the walk.


def _told(value: Value) -> Value:
    """The value, with tables in the place of what is asked of the walk."""
    done: dict[Expression, Value] = {}

    def tell(each: Value) -> Value:
        if not isinstance(each, Expression):
            return each
        if each not in done:
            done[each] = told(each)
        return done[each]

    def told(each: Expression) -> Value:
        match each:
            case Asked():
                return _tabulated(each)
            case Applied():
                return attrs.evolve(each, operands=tuple(map(tell, each.operands)))
            case Switch():
                pieces = tuple(attrs.evolve(piece, value=tell(piece.value)) for piece in each.pieces)
                return attrs.evolve(each, pieces=pieces)
        return each

    return tell(value)


def _tabulated(value: Asked) -> Value:
    """A table of all that is asked of the walk."""
    low, high = value.step.low, value.step.high
    if not isinstance(value.step, Affine) or high - low >= _TABULATED:
        message = "the schedule is no closed formula from some step on, as its repeated parts depend on one another"
        fail(None, "E412", message, "tell how long the run is, up to a million steps; or write its values as `csv`")
    table = tuple(_walked(value, step) for step in range(int(low), int(high) + 1))
    index = affine(value.step.variable, value.step.factor, value.step.offset - int(low), 0, high - low)
    if not isinstance(index, Expression):
        return table[0]
    finite = all(map(math.isfinite, table))
    bounds = (min(table), max(table)) if finite else (-math.inf, math.inf)
    return guarded(Take(table, index, low=bounds[0], high=bounds[1]))


def _walked(value: Asked, step: int) -> float:
    try:
        return value.part.at(step)
    except (ScheduleError, ArithmeticError, ValueError):
        return math.nan


# Whole numbers.


def _until(value: Value, last: int) -> Value:
    """The value without the pieces behind the last step."""
    if not isinstance(value, Switch) or value.variable is not STEP:
        return value
    pieces = [piece for piece in value.pieces if piece.first <= last]
    return pieces[0].value if len(pieces) == 1 else attrs.evolve(value, pieces=tuple(pieces))


def _fits(value: Value, last: int, whole: int) -> bool:
    """Whether all whole numbers are exact up to a step."""
    sizes = _Sizes(last)
    meanings = {each.meaning for each in _all_variables(value) if each.meaning is not None}
    if not all(sizes.largest(each) <= whole for each in _wholes([value, *meanings])):
        return False
    return all(sizes.largest(each) <= FLOATS for each in _as_floats(value))


def _all_variables(value: Value) -> Iterator[StepVariable]:
    """The variables of a value, and those that they are calculated of."""
    for each in variables(value):
        yield each
        if each.meaning is not None:
            yield from _all_variables(each.meaning)


def _wholes(values: Iterable[Value]) -> Iterator[Value]:
    return (each for value in values for each in nodes(value) if isinstance(each, Expression) and each.whole)


def _as_floats(value: Value) -> Iterator[Value]:
    """The whole numbers that become floats."""
    for each in nodes(value):
        if isinstance(each, Applied) and not each.whole:
            for operand in each.operands:
                if isinstance(operand, int):
                    if float(operand) != operand:
                        yield operand
                elif isinstance(operand, Expression) and operand.whole:
                    yield operand


class _Sizes:
    """Between which numbers whole values lie, up to a step."""

    def __init__(self, last: int) -> None:
        self.last = last

    def largest(self, value: Value) -> float:
        """The largest number, but for its sign, on the way to a whole value."""
        if not isinstance(value, Affine):
            return max(map(abs, (*self.span(value), *(end for part in parts(value) for end in self.span(part)))))
        low, high = self.span(value)
        ends = (low, high, low - value.offset, high - value.offset, value.offset, value.factor)
        return max(map(abs, ends))

    def span(self, value: Value) -> tuple[float, float]:
        """Between which numbers a whole value lies."""
        match value:
            case Affine():
                variable = value.variable
                low, high = (0, self.last) if variable.meaning is None else self.span(variable.meaning)
                low, high = max(low, variable.low), min(high, variable.high)
                first, second = sorted(value.factor * end + value.offset for end in (low, high))
            case Applied():
                first, second = whole_interval(value.name, *map(self.span, value.operands))
            case _:
                return value, value  # type: ignore[return-value]
        low, high = max(first, value.low), min(second, value.high)
        return (low, high) if low <= high else (value.low, value.low)
