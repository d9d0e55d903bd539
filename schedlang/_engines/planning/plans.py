"""What a plan is: rows, and one list of instructions with columns of numbers in them. `tracing` follows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

import attrs

from ..._language.operations import KERNELS
from ..._text.errors import listed
from ..expressions import is_same

T = TypeVar("T")

ENTRIES: Final = 65_536
"""Up to how many values what depends on one integer is tabulated, and what has to be asked of the walk."""

TABLE: Final = 2**22
"""Up to how many steps of a run are looked up, all together: 16 MiB of float32, and some seconds when first asked."""

_OWN: Final = frozenset(
    # Of integers; of floats, `affine` being (scale, offset); and what only whoever follows a plan asks for.
    {"axis", "entry", "rank"} | {"affine", "look", "plan", "constant", "square"} | {"=="}
)
"""The instructions that are no kernels."""

if taken := KERNELS.keys() & _OWN:
    raise TypeError(f"no kernel can be called {taken}, as are instructions of plans")


def complete(what: str, table: Mapping[str, T]) -> Mapping[str, T]:
    """A table of planning by the names of kernels, refused if one is missing; `what` is what it tells of them."""
    if lacking := KERNELS.keys() - table.keys():
        raise TypeError(f"planning lacks {what} of {listed(sorted(lacking))}")
    return table


class UntraceableError(Exception):
    """There is no exact way; the message says of what."""


@attrs.frozen(eq=False)
class Column:
    """Numbers by row, or the entries of a table: a constant of the traced function."""

    values: Sequence[Any]
    whole: bool
    same: bool = False

    @classmethod
    def of(cls, values: Sequence[Any], whole: bool) -> Column:
        """The column of some floats, or of some integers."""
        # Not `==`, to which -0.0 is 0.0.
        return cls(tuple(values), whole, all(is_same(value, values[0]) for value in values))


@attrs.frozen(eq=False)
class Node:
    """An operation while its formula is written, on what its inputs give, and then on its numbers.

    It is that of a kernel, or one in `OWN`.

    Attributes:
        numbers: what may differ from row to row, floats or integers.
        detail: the level of an axis, the entries of a table, the starts of a rank, the plan of an inner axis.
        whole: whether it is an integer.
    """

    name: str
    inputs: tuple[Node, ...] = ()
    numbers: tuple[float, ...] = ()
    detail: Any = None
    whole: bool = False


@attrs.frozen
class Instruction:
    """An operation on what earlier instructions gave, and then on columns, both by their places in the plan."""

    name: str
    inputs: tuple[int, ...]
    columns: tuple[int, ...]
    detail: Any


@attrs.frozen
class Template:
    """A formula that some rows share: `scale * value + offset`, all three by their places; no value: the offset."""

    value: int | None
    scale: int
    offset: int


@attrs.frozen
class Estimate:
    """Between which values a number lies, and how far off it may be calculated, in half an epsilon.

    Attributes:
        error: the error itself, `error * eps / 2`.
        relative: the error in parts of the value.
    """

    low: float
    high: float
    error: float = 0.0
    relative: float = 0.0


@attrs.frozen(eq=False)
class Plan:
    """What is shown along one axis.

    Attributes:
        starts: where each row but the first begins.
        which: which template each row has.
        entries, whole_entries: all tables behind one another, of floats and of integers.
        estimate: of all its rows together.
        close: whether each of them is within what is promised of its phase.
    """

    starts: Column
    which: Column
    columns: Sequence[Column]
    code: Sequence[Instruction]
    templates: Sequence[Template]
    entries: Column
    whole_entries: Column
    estimate: Estimate
    close: bool
