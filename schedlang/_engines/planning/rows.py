"""Rows: what is shown over stretches of steps, with the numbers taken out of the formulas.

What is left of a formula is its form: rows with the same form can share a template. The tables that formulas look into
are put behind one another.
"""

from __future__ import annotations

from typing import Any

import attrs

from ..changes import StepAxis
from .forms import Form
from .integers import fit, shifted
from .plans import ENTRIES, Column, Node, Plan, UntraceableError


@attrs.frozen
class Row:
    """What is shown over the steps of an axis: `scale * node + offset`; no node: a number, the offset.

    Attributes:
        node: a node with places in the place of numbers, which are among the floats, or the integers.
    """

    axis: StepAxis
    node: Node | None
    scale: float
    offset: float
    floats: list[float]
    ints: list[int]


class Rows:
    """The rows of one plan, and what their formulas look into.

    Args:
        limit: the largest integer there is.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.all: list[Row] = []
        self.entries: list[float] = []
        self.whole_entries: list[int] = []
        self.inner: list[Plan] = []

    def add(self, axis: StepAxis, form: Form) -> None:
        """A form, shown over the steps of an axis."""
        if form.is_known():
            self.all.append(Row(axis, None, 0.0, form.offset, [], []))
        else:
            numbers = _Numbers(self)
            node = numbers.without(form.bare())
            self.all.append(Row(axis, node, form.scale, form.offset, numbers.floats, numbers.ints))

    def kept(self, table: Column) -> int:
        """Where the entries of a table begin among all."""
        entries: list[Any] = self.whole_entries if table.whole else self.entries
        begin = len(entries)
        entries += table.values
        if len(self.entries) > 16 * ENTRIES:
            raise UntraceableError("it takes too large a table")
        return begin


class _Numbers:
    """The numbers of one row, while they are taken out of its formula."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.floats: list[float] = []
        self.ints: list[int] = []
        self.found: dict[int, Node] = {}

    def without(self, node: Node) -> Node:
        """A node with places in the place of numbers, and without tables; one that is there twice stays one."""
        if id(node) not in self.found:
            self.found[id(node)] = self.parted(node)
        return self.found[id(node)]

    def parted(self, node: Node) -> Node:
        match node:
            case ("axis", _):
                return node
            case ("plan", place, inner):
                self.rows.inner.append(inner)
                return ("plan", self.without(place), len(self.rows.inner) - 1)
            case ("rank", place, starts):
                return ("rank", self.without(place), starts)
            case ("look", place, entries):
                return ("look", self.parted(shifted(place, self.rows.kept(entries))))
            case ("entry", place, entries):
                return ("entry", self.without(place), self.integer(self.rows.kept(entries)))
        name, *rest = node
        return (name, *map(self.operand, rest))

    def operand(self, operand: Node | float) -> Node | int:
        """A node, or the place of a number."""
        if isinstance(operand, tuple):
            return self.without(operand)
        if isinstance(operand, int):
            return self.integer(operand)
        self.floats.append(operand)
        return len(self.floats) - 1

    def integer(self, value: int) -> int:
        """The place of an integer."""
        fit(self.rows.limit, value)
        self.ints.append(value)
        return len(self.ints) - 1
