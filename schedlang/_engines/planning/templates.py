"""Templates: rows whose formulas have the same form share it, and differ in numbers only: a column by row for each.

A formula is written down as a list of instructions, its numbers apart from it; tables are put behind one another. Rows
with the same list share a template, so that a thousand phases cost what a few do.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import attrs

from ..._language.operations import KERNELS
from ..changes import StepAxis
from ..expressions import is_same
from .forms import Form
from .integers import fit
from .plans import TABLE, Column, Instruction, Node, Template, UntraceableError

_FREE: Final = frozenset(
    {"axis", "shift", "affine", "constant", "square"} | {name for name, kernel in KERNELS.items() if kernel.total}
)
"""Operations that have a finite value wherever they are asked."""

_MERGED: Final = 24
"""Among how many columns one is looked for that a new one can share."""

Code: TypeAlias = tuple[tuple[str, tuple[int, ...], int, Any], ...]
"""Instructions, each with how many numbers it has in the place of columns."""


@attrs.frozen
class Row:
    """What is shown over the steps of an axis: `scale * value + offset`; no code: a number, the offset."""

    axis: StepAxis
    code: Code
    scale: float
    offset: float
    numbers: list[float]


class Rows:
    """The rows of one plan, and what their formulas look into.

    Args:
        limit: the largest integer there is.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.all: list[Row] = []
        self.entries = array("d")
        self.whole_entries: list[int] = []

    def add(self, axis: StepAxis, form: Form) -> None:
        """A form, shown over the steps of an axis."""
        written = _Written(self)
        if not form.is_known():
            written.place(form.bare())
        self.all.append(Row(axis, tuple(written.code), form.scale, form.offset, written.numbers))

    def kept(self, table: Column) -> int:
        """Where the entries of a table begin among all."""
        entries: Any = self.whole_entries if table.whole else self.entries
        begin = len(entries)
        entries.extend(table.values)
        if len(self.entries) > 2 * TABLE:
            raise UntraceableError("it takes too large a table")
        return begin

    def shared(self) -> tuple[list[int], tuple[Template, ...]]:
        """Which template each row has, and the templates."""
        places: dict[Code, int] = {}
        for row in self.all:
            if row.code:
                places.setdefault(row.code, len(places))
        # Numbers are shown by a template that is there anyhow, if it has a finite value everywhere: 0 * value + number.
        hosts = [code for code in places if not any(name in ("look", "plan") for name, *_ in code)]
        host: Code = min(hosts, key=lambda code: not _is_free(code), default=())
        if not host and not all(row.code for row in self.all):
            places[()] = len(places)
        which = [places[row.code or host] for row in self.all]
        columns = _Columns()
        drafts = []
        for code, place in places.items():
            mine = [row if of == place else None for row, of in zip(self.all, which, strict=True)]
            drafts.append(_draft(code, mine, columns))
        made = columns.made()
        return which, tuple(
            _template(code, *([made[column] for column in part] for part in draft))
            for code, draft in zip(places, drafts, strict=True)
        )


class _Written:
    """A formula as it is written down."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.code: list[tuple[str, tuple[int, ...], int, Any]] = []
        self.numbers: list[float] = []
        self.places: dict[int, int] = {}

    def place(self, node: Node) -> int:
        """Which instruction calculates a node; one that is used twice is calculated once."""
        if id(node) not in self.places:
            numbers, inputs, detail = node.numbers, node.inputs, node.detail
            if node.name in ("look", "entry"):
                begin = self.rows.kept(detail)
                if inputs[0].name == "shift":
                    begin += int(inputs[0].numbers[0])
                    inputs = inputs[0].inputs
                numbers, detail = (begin,), None
            places = tuple(map(self.place, inputs))
            fit(self.rows.limit, 0, *(each for each in numbers if isinstance(each, int)))
            self.numbers += numbers
            self.code.append((node.name, places, len(numbers), detail))
            self.places[id(node)] = len(self.code) - 1
        return self.places[id(node)]


def _draft(code: Code, rows: Sequence[Row | None], columns: _Columns) -> tuple[list[int], list[int], list[int]]:
    """The columns of a template: scale and offset, the ends between which it is asked, its numbers.

    Its rows are those that have its code or show a number; None stands for all others.
    """
    own = [row if row is not None and row.code else None for row in rows]
    clamps = bool(code) and not all(own) and not _is_free(code)
    inside = _filled(own) if clamps else own  # where others are shown, it calculates one of its own
    moved = columns.add([None if row is None else [row.scale, row.offset] for row in rows])
    clamp = columns.add([None if row is None or not clamps else [row.axis.low, row.axis.high] for row in inside])
    return moved, clamp, columns.add([None if row is None else row.numbers for row in inside])


def _template(code: Code, moved: list[Column], clamp: list[Column], numbers: list[Column]) -> Template:
    instructions = []
    for name, inputs, count, detail in code:
        instructions.append(Instruction(name, inputs, tuple(numbers[:count]), detail))
        numbers = numbers[count:]
    return Template(tuple(instructions), moved[0], moved[1], (clamp[0], clamp[1]) if clamp else None)


class _Columns:
    """Numbers by row, None where they are of no matter: columns that agree are one."""

    def __init__(self) -> None:
        self.found: list[tuple[bool, list[Any]]] = []

    def add(self, rows: Sequence[Sequence[float] | None]) -> list[int]:
        """The numbers of the columns that hold what is in some rows."""
        width = next((len(row) for row in rows if row is not None), 0)
        return [self.merged([None if row is None else row[each] for row in rows]) for each in range(width)]

    def merged(self, values: list[Any]) -> int:
        """The number of the column that holds some values, which may be one that is there."""
        whole = isinstance(next(value for value in values if value is not None), int)
        for index, (kind, column) in enumerate(self.found[:_MERGED]):
            if kind == whole and all(
                a is None or b is None or is_same(a, b) for a, b in zip(column, values, strict=True)
            ):
                column[:] = [b if a is None else a for a, b in zip(column, values, strict=True)]
                return index
        self.found.append((whole, values))
        return len(self.found) - 1

    def made(self) -> list[Column]:
        """The columns."""
        return [
            Column.of([0 if each is None else each for each in _filled(values)], whole) for whole, values in self.found
        ]


def _filled(values: Sequence[Any]) -> list[Any]:
    """The values, with that before each None in its place; at the beginning, the first one that is there."""
    before = next((value for value in values if value is not None), None)
    filled = []
    for value in values:
        before = before if value is None else value
        filled.append(before)
    return filled


def _is_free(code: Code) -> bool:
    """Whether a formula has a finite value wherever it is asked."""
    return all(name in _FREE for name, *_ in code)
