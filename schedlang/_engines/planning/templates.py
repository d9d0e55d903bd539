"""Templates: rows whose formulas have the same form share it, and differ in numbers only: a column by row for each.

A formula is written down as a list of instructions, its numbers apart from it; tables are put behind one another. Rows
with the same list share a template, so that a thousand phases cost what a few do. What templates have in common is
calculated once.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import attrs

from ..._language.operations import KERNELS, Interval
from ..changes import StepAxis
from ..expressions import is_same
from .estimates import hull
from .forms import Form
from .integers import fit
from .plans import TABLE, Column, Estimate, Instruction, Node, Plan, Template, UntraceableError

_FREE: Final = frozenset(
    {"axis", "affine", "constant", "square"} | {name for name, kernel in KERNELS.items() if kernel.total}
)
"""Operations that have a finite value wherever they are asked."""

_LARGEST: Final = 3e38
"""What floats of any kind hold."""

_MERGED: Final = 24
"""Among how many columns one is looked for that a new one can share."""

Code: TypeAlias = tuple[tuple[str, tuple[int, ...], int, Any], ...]
"""Instructions, each with how many numbers it has in the place of columns."""


@attrs.frozen
class Written:
    """What is shown over the steps of an axis: `scale * value + offset`; no code: a number, the offset."""

    axis: StepAxis
    code: Code
    scale: float
    offset: float
    numbers: list[float]


class Rows:
    """The rows of one plan, which is inside of `level` others; `limit`: the largest integer there is."""

    def __init__(self, level: int, limit: int) -> None:
        self.level = level
        self.limit = limit
        self.all: list[Written] = []
        self.estimates: list[Estimate] = []
        self.close = True
        self.entries = array("d")
        self.whole_entries: list[int] = []
        self.columns: list[tuple[bool, list[Any]]] = []
        self.code: dict[Instruction, int] = {}
        self.free: dict[Code, bool] = {}
        """Whether a formula has a finite value wherever it is asked, with the numbers of all its rows."""

    def add(self, axis: StepAxis, form: Form, estimate: Estimate, close: bool) -> None:
        """A form, shown over the steps of an axis."""
        code: list[tuple[str, tuple[int, ...], int, Any]] = []
        numbers: list[float] = []
        if form.base is not None:
            self.write(form.bare(), code, numbers, {})
            written = tuple(code)
            self.free[written] = self.free.get(written, True) and _is_free(form.bare(), self.limit)
        self.all.append(Written(axis, tuple(code), form.scale, form.offset, numbers))
        self.estimates.append(estimate)
        self.close &= close

    def write(self, node: Node, code: list[Any], all_numbers: list[float], places: dict[Node, int]) -> int:
        """Which instruction calculates a node; one that is used twice is calculated once."""
        if node not in places:
            numbers, inputs, detail = node.numbers, node.inputs, node.detail
            if node.name in ("look", "entry"):
                begin = self.kept(detail)
                if inputs[0].name == "+" and inputs[0].numbers:
                    begin += int(inputs[0].numbers[0])
                    inputs = inputs[0].inputs
                numbers, detail = (begin,), None
            elif node.name == "plan":  # which goes on along the axis of this one
                inputs = (Node("axis", detail=self.level, whole=True), *inputs)
            found = tuple(self.write(each, code, all_numbers, places) for each in inputs)
            fit(self.limit, 0, *(each for each in numbers if isinstance(each, int)))
            all_numbers += numbers
            code.append((node.name, found, len(numbers), detail))
            places[node] = len(code) - 1
        return places[node]

    def kept(self, table: Column) -> int:
        """Where the entries of a table begin among all."""
        entries: Any = self.whole_entries if table.whole else self.entries
        begin = len(entries)
        entries.extend(table.values)
        if len(self.entries) > 2 * TABLE:
            raise UntraceableError("it takes too large a table")
        return begin

    def plan(self) -> Plan:
        """All of them."""
        places = {code: place for place, code in enumerate(dict.fromkeys(row.code for row in self.all if row.code))}
        # Numbers are shown by a template that is there anyhow, if it has a finite value everywhere: 0 * value + number.
        hosts = [code for code in places if not any(name in ("look", "plan") for name, *_ in code)]
        host: Code = min(hosts, key=lambda code: not self.free[code], default=())
        if not host and not all(row.code for row in self.all):
            places[()] = len(places)
        which = [places[row.code or host] for row in self.all]
        templates = [
            self.template(code, [row if of == place else None for row, of in zip(self.all, which, strict=True)])
            for code, place in places.items()
        ]
        return Plan(
            starts=Column.of([row.axis.low for row in self.all[1:]], True),
            which=Column.of(which, True),
            columns=[
                Column.of([0 if each is None else each for each in _filled(values)], whole)
                for whole, values in self.columns
            ],
            code=tuple(self.code),
            templates=templates,
            entries=Column(self.entries, False),
            whole_entries=Column(self.whole_entries, True),
            estimate=hull(self.estimates),
            close=self.close,
        )

    def template(self, code: Code, rows: Sequence[Written | None]) -> Template:
        """The template of the rows that have its code or show a number; None stands for all others."""
        own = [row if row is not None and row.code else None for row in rows]
        clamps = bool(code) and not all(own) and not self.free[code]
        inside = _filled(own) if clamps else own  # where others are shown, it calculates one of its own
        scale, offset = self.shared([None if row is None else [row.scale, row.offset] for row in rows])
        clamp = self.shared([None if row is None or not clamps else [row.axis.low, row.axis.high] for row in inside])
        columns = self.shared([None if row is None else row.numbers for row in inside])
        made: list[int] = []
        for name, inputs, count, detail in code:
            mine = clamp if name == "axis" and detail == self.level else columns[:count]
            each = Instruction(name, tuple(made[place] for place in inputs), tuple(mine), detail)
            made.append(self.code.setdefault(each, len(self.code)))
            columns = columns[count:]
        return Template(made[-1] if made else None, scale, offset)

    def shared(self, rows: Sequence[Sequence[float] | None]) -> list[int]:
        """The columns that hold what is in some rows: None is of no matter, and columns that agree are one."""
        width = next((len(row) for row in rows if row is not None), 0)
        return [self.column([None if row is None else row[each] for row in rows]) for each in range(width)]

    def column(self, values: list[Any]) -> int:
        """The column that holds some values, which may be one that is there."""
        whole = isinstance(next(value for value in values if value is not None), int)
        for index, (kind, column) in enumerate(self.columns[:_MERGED]):
            pairs = zip(column, values, strict=True)
            if kind == whole and all(a is None or b is None or is_same(a, b) for a, b in pairs):
                column[:] = [b if a is None else a for a, b in zip(column, values, strict=True)]
                return index
        self.columns.append((whole, values))
        return len(self.columns) - 1


def _filled(values: Sequence[Any]) -> list[Any]:
    """The values, with that before each None in its place; at the beginning, the first one that is there."""
    before = next((value for value in values if value is not None), None)
    filled = []
    for value in values:
        before = before if value is None else value
        filled.append(before)
    return filled


def _is_free(node: Node, limit: int) -> bool:
    """Whether a formula has a finite value wherever it is asked, up to the largest integer."""
    within: dict[Node, Interval] = {}
    try:
        _within(node, limit, within)
    except (ArithmeticError, ValueError):
        return False
    return all(each.name in _FREE and max(map(abs, ends)) < _LARGEST for each, ends in within.items())


def _within(node: Node, limit: int, found: dict[Node, Interval]) -> Interval:
    """Between which values a node and those below it lie, wherever they are asked."""
    if node not in found:
        inputs = [_within(each, limit, found) for each in node.inputs]
        inputs += [(number, number) for number in node.numbers]
        match node.name:
            case _ if node.whole or node.name not in _FREE:
                found[node] = -limit, limit
            case "constant":
                found[node] = inputs[0]
            case "affine":
                value, scale, offset = inputs
                found[node] = KERNELS["+"].bound(KERNELS["*"].bound(value, scale), offset)
            case "square":
                found[node] = KERNELS["*"].bound(*inputs, *inputs)
            case name:
                found[node] = KERNELS[name].bound(*inputs)
    return found[node]
