"""Templates: rows whose formulas have the same form share it, and differ in numbers only: a column by row for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs

from ..expressions import is_same
from .plans import Column, Node, Template
from .rows import Row

_FREE: Final = frozenset(
    {"axis", "shift", "float", "affine", "constant", "square", "abs", "minimum", "maximum", "+", "-", "*"}
    | {"sin", "cos", "tanh"}
)
"""Operations that have a finite value wherever they are asked."""

_MERGED: Final = 24
"""Among how many columns one is looked for that a new one can share."""


def shared(rows: Sequence[Row]) -> tuple[list[int], tuple[Template, ...]]:
    """Which template each row has, and the templates."""
    places: dict[Node | None, int] = {}
    for row in rows:
        if row.node is not None:
            places.setdefault(row.node, len(places))
    # Numbers are shown by a template that is there anyhow, if it has a finite value everywhere: 0 * value + number.
    hosts = [node for node in places if node is not None and not _looks(node)]
    host = min(hosts, key=lambda node: not _is_free(node), default=None)
    if host is None and any(row.node is None for row in rows):
        places.setdefault(None, len(places))
    which = [places[host if row.node is None else row.node] for row in rows]
    columns = _Columns()
    drafts = []
    for node, place in places.items():
        mine = [row if of == place else None for row, of in zip(rows, which, strict=True)]
        drafts.append(_Draft.of(node, mine, columns))
    made = columns.made()
    return which, tuple(draft.finished(made) for draft in drafts)


@attrs.frozen
class _Draft:
    """A template whose columns are not complete yet: it has their numbers."""

    node: Node | None
    scale: int
    offset: int
    clamp: list[int]
    floats: list[int]
    ints: list[int]

    @classmethod
    def of(cls, node: Node | None, rows: Sequence[Row | None], columns: _Columns) -> _Draft:
        """The template of some rows, those that have its node or show a number; None for all others."""
        own = [row if row is not None and row.node is not None else None for row in rows]
        clamps = node is not None and not all(own) and not _is_free(node)
        inside = _filled(own) if clamps else own  # where others are shown, it calculates one of its own
        scale, offset = columns.add([None if row is None else [row.scale, row.offset] for row in rows], False)
        ends = [None if row is None or not clamps else [row.axis.low, row.axis.high] for row in inside]
        clamp = columns.add(ends, True)
        floats = columns.add([None if row is None else row.floats for row in inside], False)
        ints = columns.add([None if row is None else row.ints for row in inside], True)
        return cls(node, scale, offset, clamp, floats, ints)

    def finished(self, columns: Sequence[Column]) -> Template:
        """The template."""
        floats, ints, clamp = ([columns[each] for each in numbers] for numbers in (self.floats, self.ints, self.clamp))
        node = None if self.node is None else _with_columns(self.node, floats, ints)
        return Template(node, columns[self.scale], columns[self.offset], (clamp[0], clamp[1]) if clamp else None)


class _Columns:
    """Numbers by row, None where they are of no matter: columns that agree are one."""

    def __init__(self) -> None:
        self.found: list[tuple[bool, list[Any]]] = []

    def add(self, rows: Sequence[Sequence[Any] | None], whole: bool) -> list[int]:
        """The numbers of the columns that hold what is in some rows."""
        width = next((len(row) for row in rows if row is not None), 0)
        return [self.merged([None if row is None else row[each] for row in rows], whole) for each in range(width)]

    def merged(self, values: list[Any], whole: bool) -> int:
        """The number of the column that holds some values, which may be one that is there."""
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


def _agree(column: Sequence[Any], values: Sequence[Any]) -> bool:
    return all(a is None or b is None or is_same(a, b) for a, b in zip(column, values, strict=True))


def _filled(values: Sequence[Any]) -> list[Any]:
    """The values, with that before each None in its place; at the beginning, the first one that is there."""
    before = next((value for value in values if value is not None), None)
    filled = []
    for value in values:
        before = before if value is None else value
        filled.append(before)
    return filled


def _with_columns(node: Node, floats: Sequence[Column], ints: Sequence[Column]) -> Node:
    """A node with columns in the place of places."""
    name, *rest = node
    if name == "axis":
        return node
    if name in ("plan", "rank"):
        return (name, _with_columns(rest[0], floats, ints), rest[1])
    of = floats if name in ("affine", "constant") else ints
    return (name, *(_with_columns(each, floats, ints) if isinstance(each, tuple) else of[each] for each in rest))


def _nodes(node: Node) -> Iterator[Node]:
    """A node and all that it is made of."""
    yield node
    for each in node[1:]:
        if isinstance(each, tuple):
            yield from _nodes(each)


def _is_free(node: Node) -> bool:
    """Whether a node has a finite value wherever it is asked."""
    return all(each[0] in _FREE for each in _nodes(node))


def _looks(node: Node) -> bool:
    """Whether a node looks into a table, which may hold what is not finite."""
    return any(each[0] in ("look", "plan") for each in _nodes(node))
