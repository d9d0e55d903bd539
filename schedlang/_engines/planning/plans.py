"""What a plan is: rows, and templates of formulas with columns of numbers in them. `tracing` evaluates it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs

from ..expressions import is_same

ENTRIES: Final = 65_536
"""Up to how many values what depends on one integer is tabulated, and what has to be asked of the walk."""

TABLE: Final = 2**22
"""Up to how many steps of a run are looked up, all together: 16 MiB of float32."""


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
        return cls(tuple(values), whole, all(is_same(value, values[0]) for value in values))


@attrs.frozen
class Node:
    """An operation while its formula is written.

    Of integers: `axis`, `shift`, `times`, `over`, `rest`, `least`, `entry`, `rank`, `sum`, `difference`, `product`. Of
    floats: `float`, `affine` (scale, offset), `look`, `plan`, `constant`, `square`, `where`, comparisons, arithmetic,
    functions.

    Attributes:
        numbers: what may differ from row to row, floats or integers.
        detail: the level of an axis, the entries of a table, the starts of a rank, the plan of an inner axis.
    """

    name: str
    inputs: tuple[Node, ...] = ()
    numbers: tuple[float, ...] = ()
    detail: Any = None


@attrs.frozen(eq=False)
class Instruction:
    """An operation of a template: on what earlier instructions gave, and with columns in the place of numbers."""

    name: str
    inputs: tuple[int, ...]
    columns: tuple[Column, ...]
    detail: Any


@attrs.frozen(eq=False)
class Template:
    """A formula that some rows share: `scale * value + offset`, the value of its last instruction.

    Attributes:
        code: what is calculated; empty: there is just the offset.
        clamp: between which axis values it has to stay, because it has no value elsewhere; None: wherever.
    """

    code: tuple[Instruction, ...]
    scale: Column
    offset: Column
    clamp: tuple[Column, Column] | None


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
        level: how many plans this one is inside of.
        starts: where each row but the first begins.
        which: which template each row has.
        templates: the templates.
        entries, whole_entries: all tables behind one another, of floats and of integers.
        estimate: of all its rows together.
        close: whether each of them is within what is promised of its phase.
    """

    level: int
    starts: Column
    which: Column
    templates: tuple[Template, ...]
    entries: Column
    whole_entries: Column
    estimate: Estimate
    close: bool
