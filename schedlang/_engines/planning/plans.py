"""What a plan is: rows, and templates of formulas with columns of numbers in them. `tracing` evaluates it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import attrs

from ..expressions import is_same

Node: TypeAlias = tuple[Any, ...]
"""An operation: its name, what it is applied to, and numbers.

While a formula is written, its numbers, tables (as columns) and inner plans stand in its nodes. In a template, a number
is a column, and a table or an inner plan the place where the plan keeps it. Of integers: `axis`, `shift`, `times`,
`over`, `rest`, `least`, `entry`, `rank`, `sum`, `difference`, `product`. Of floats: `float`, `affine`, `look`, `plan`,
`constant`, `square`, `where`, comparisons, arithmetic, functions.
"""

ENTRIES: Final = 65_536
"""Up to how many values what depends on one integer is tabulated, and what has to be asked of the walk."""


@attrs.frozen(eq=False)
class Column:
    """Numbers by row, or the entries of a table: a constant of the traced function."""

    values: tuple[Any, ...]
    whole: bool
    same: bool

    @classmethod
    def of(cls, values: Sequence[Any], whole: bool) -> Column:
        """The column of some floats, or of some integers."""
        return cls(tuple(values), whole, all(is_same(value, values[0]) for value in values))


@attrs.frozen(eq=False)
class Template:
    """A formula that some rows share: `scale * node + offset`; no node: just the offset.

    Attributes:
        node: what is calculated, with columns in it.
        clamp: between which axis values it has to stay, because it has no value elsewhere; None: wherever.
    """

    node: Node | None
    scale: Column
    offset: Column
    clamp: tuple[Column, Column] | None


@attrs.frozen(eq=False)
class Plan:
    """What is shown along one axis.

    Attributes:
        level: how many plans this one is inside of.
        starts: where each row but the first begins.
        which: which template each row has.
        templates: the templates.
        entries, whole_entries: all tables behind one another, of floats and of integers.
        inner: plans on axes of their own, that formulas use.
    """

    level: int
    starts: Column
    which: Column
    templates: tuple[Template, ...]
    entries: Column
    whole_entries: Column
    inner: tuple[Plan, ...]


class UntraceableError(Exception):
    """There is no exact way; the message says of what."""
