"""The values of a bound schedule, block by block, to the last bit those of a plain call, but for the sign of a zero.

They are calculated on arrays, except where NumPy's function may differ from Python's in the last bit.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from .._bound.bound import Bound
from .._engines.expressions import Affine, Applied, Value, parts
from .._engines.lowering import lowered
from .._language.operations import KERNELS
from .._language.program import HELD, Row

if TYPE_CHECKING:
    import numpy

    Floats = numpy.ndarray[Any, Any] | array[float] | list[float]

BLOCK: Final = 2**18  # how many steps are looked at at a time


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


def blocks(stop: int) -> Iterator[tuple[int, int]]:
    """The steps below `stop`, so many at a time."""
    return ((first, min(stop, first + BLOCK)) for first in range(0, stop, BLOCK))


def comes_to_rest(bound: Bound) -> bool:
    """Whether a schedule in a run without an end holds its value from its last phase on."""
    return bound.phases[-1].shape in ("hold", "constant", HELD)


def row_at(rows: Sequence[Row], step: int) -> Row | None:
    """The line of a phase table that a step is in; None behind the last one."""
    return next((row for row in rows if row.first <= step and (row.stop is None or step < row.stop)), None)
