"""The values of a bound schedule, block by block, to the last bit those of a plain call, but for the sign of a zero.

They are calculated on arrays, except where NumPy's function may differ from Python's in the last bit.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from .._bound.bound import Bound
from .._engines.expressions import (
    STEP,
    Affine,
    Applied,
    Expression,
    StepVariable,
    Switch,
    Take,
    Value,
    ValuePiece,
    is_same,
    parts,
)
from .._engines.lowering import lowered
from .._language.operations import KERNELS
from .._language.program import HELD, Row

if TYPE_CHECKING:
    import numpy

    Floats = numpy.ndarray[Any, Any] | array[float] | list[float]

BLOCK: Final = 2**18  # how many steps are looked at at a time
_FIRST: Final = attrgetter("first")


def exact_values(bound: Bound) -> Callable[[int, int], Floats]:
    """What gives the values at the steps first … stop - 1."""
    return bound.values if _same_on_arrays(bound) else lambda first, stop: list(map(bound, range(first, stop)))


def _same_on_arrays(bound: Bound) -> bool:
    """Whether arrays have the very numbers of a plain call: whether all its operations do."""
    waiting: list[Value | None] = [lowered(bound.program)]
    seen: set[int] = set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen or value is None:
            continue
        seen.add(id(value))
        if isinstance(value, Applied) and not KERNELS[value.name].alike:
            return False
        if isinstance(value, Affine):
            waiting.append(value.variable.meaning)
        waiting += parts(value)
    return True


def unlike(old: Bound, new: Bound, start: int, stop: float) -> Iterator[tuple[float, float]]:
    """The steps start … stop - 1 at which two schedules do not calculate the same, in order, as ranges.

    At all others their values are the same, without looking at one of them.
    """
    sides = [_pieces(lowered(bound.program)) for bound in (old, new)]
    inside = {piece.first for pieces in sides for piece in pieces if start < piece.first < stop}
    edges = [start, *sorted(inside), stop] if start < stop else []
    known: dict[tuple[int, int], bool] = {}
    begun: float = start
    for first, close in pairwise(edges):
        one, other = (pieces[bisect_right(pieces, first, key=_FIRST) - 1].value for pieces in sides)
        if _alike(one, other, known):
            if begun < first:
                yield begun, first
            begun = close
    if begun < stop:
        yield begun, stop


def _pieces(value: Value) -> Sequence[ValuePiece]:
    """What is shown one after the other along the step."""
    if isinstance(value, Switch) and value.variable is STEP:
        return value.pieces
    return (ValuePiece(0, math.inf, value),)


def _alike(one: Value, other: Value, known: dict[tuple[int, int], bool]) -> bool:
    """Whether two values are calculated in the same way, from the same numbers; `known`: of those seen, by identity."""
    if not isinstance(one, Expression) or not isinstance(other, Expression):
        return type(one) is type(other) and is_same(one, other)
    pair = id(one), id(other)
    if pair not in known:
        known[pair] = one is other or _made_alike(one, other, known)
    return known[pair]


def _made_alike(one: Expression, other: Expression, known: dict[tuple[int, int], bool]) -> bool:
    """Whether two expressions are the same operation on values that are alike."""
    match one, other:
        case Affine(), Affine():
            numbers = (one.factor, one.offset) == (other.factor, other.offset)
            return numbers and _counted_alike(one.variable, other.variable, known)
        case Switch(), Switch():
            ends = [[(piece.first, piece.stop) for piece in each.pieces] for each in (one, other)]
            if ends[0] != ends[1] or not _counted_alike(one.variable, other.variable, known):
                return False
        case Take(), Take():
            if one.table != other.table:
                return False
        case Applied(), Applied():
            if (one.name, one.whole, len(one.operands)) != (other.name, other.whole, len(other.operands)):
                return False
        case _:  # what is asked of the walk is not looked into
            return False
    return all(_alike(*pair, known) for pair in zip(parts(one), parts(other), strict=True))


def _counted_alike(one: StepVariable, other: StepVariable, known: dict[tuple[int, int], bool]) -> bool:
    """Whether two whole numbers that steps are counted in are the same."""
    if one.meaning is None or other.meaning is None:
        return one is other
    return _alike(one.meaning, other.meaning, known)


def blocks(stop: int) -> Iterator[tuple[int, int]]:
    """The steps below `stop`, so many at a time."""
    return ((first, min(stop, first + BLOCK)) for first in range(0, stop, BLOCK))


def comes_to_rest(bound: Bound) -> bool:
    """Whether a schedule in a run without an end holds its value from its last phase on."""
    return bound.phases[-1].shape in ("hold", "constant", HELD)


def row_at(rows: Sequence[Row], step: int) -> Row | None:
    """The line of a phase table that a step is in; None behind the last one."""
    return next((row for row in rows if row.first <= step and (row.stop is None or step < row.stop)), None)
