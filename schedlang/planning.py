"""Plans: a lowered program made ready for libraries whose integers are bounded, and whose floats may be narrow.

A plan is a table: one row for each stretch of steps. What is constant for a while becomes rows of numbers, which are
what the walk shows. Every other row is a formula, written so that it can be calculated with narrow floats: whatever can
be known before is calculated before, in float64, and differences of large numbers are taken in integers. Rows whose
formulas have the same form share a template and differ in its numbers only, so that a thousand phases cost what a
few do. Nothing here knows a library.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NoReturn, TypeAlias

import attrs

from .changes import Axis, Changes
from .errors import fail
from .expressions import (
    Affine,
    Apply,
    Asked,
    Comparison,
    Expression,
    Piece,
    Switch,
    Take,
    Value,
    Variable,
    applied,
    binary,
    changing,
    number,
    parts,
    replaced,
    roots,
    same,
    variables,
    whole_interval,
)

Node: TypeAlias = tuple[Any, ...]
"""An operation: its name, what it is applied to, and numbers.

In a row, a number is a place among the row's numbers; in a template, a column. Of integers: `axis`, `shift`, `times`,
`over`, `rest`, `least`, `entry`, `rank`, `sum`, `difference`, `product`. Of floats: `float`, `affine`, `look`, `plan`,
`constant`, `square`, `where`, comparisons, arithmetic, functions.
"""

ENTRIES: Final = 65_536
"""Up to how many values what depends on one integer is tabulated, and what has to be asked of the walk."""

ROWS: Final = 300_000
"""How many rows one schedule may take."""

LARGEST: Final = 3.4e38
"""About the largest float32."""

_FREE: Final = frozenset(
    {"axis", "shift", "float", "affine", "constant", "square", "abs", "minimum", "maximum", "+", "-", "*"}
    | {"sin", "cos", "tanh"}
)
"""Operations that have a finite value wherever they are asked."""

_MERGED: Final = 24
"""Among how many columns one is looked for that a new one can share."""


@attrs.frozen(eq=False)
class Column:
    """Numbers by row, or the entries of a table: a constant of the traced function."""

    values: tuple[Any, ...]
    whole: bool
    same: bool


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


def plan(value: Value, function: Callable[[int], float], limit: int) -> Plan:
    """A lowered program for integers between -limit and limit; `function` is the same program for one step.

    Raises:
        ScheduleError: E412, if there is none.
    """
    try:
        return _Planner(function, limit).plan(value)
    except UntraceableError as error:
        untraceable(str(error))


def untraceable(reason: str) -> NoReturn:
    """Raise E412.

    Raises:
        ScheduleError: always.
    """
    fail(None, "E412", f"this schedule cannot be traced: {reason}", "look its values up: `bound.bake()` gives a table")


@attrs.frozen
class _Whole:
    """An integer: `factor * node + offset`, the node between low and high; no node: just the offset."""

    node: Node | None
    low: int
    high: int
    factor: int
    offset: int

    def ends(self) -> tuple[int, int]:
        """Between which integers it lies."""
        ends = self.factor * self.low + self.offset, self.factor * self.high + self.offset
        return min(ends), max(ends)

    def scaled(self, factor: int, offset: int = 0) -> _Whole:
        """`factor` times as much, and some more."""
        return attrs.evolve(self, factor=self.factor * factor, offset=self.offset * factor + offset)


@attrs.frozen
class _Form:
    """A float: `scale * base + offset`. The base is a node, or `shift` more than an integer node from low to high."""

    scale: float
    offset: float
    node: Node | None = None
    whole: bool = False
    shift: int = 0
    low: int = 0
    high: int = 0

    def known(self) -> bool:
        """Whether it is just a number."""
        return self.node is None

    def ends(self) -> tuple[float, float]:
        """Its values at both ends of the integer that it is made of."""
        first, last = (self.scale * (each + self.shift) + self.offset for each in (self.low, self.high))
        return min(first, last), max(first, last)


@attrs.define
class _Row:
    """A row before the templates are known; no node: a number, the offset."""

    first: int
    last: int
    node: Node | None
    scale: float
    offset: float
    floats: list[float]
    ints: list[int]


class _Planner:
    """Makes the plan of one program."""

    def __init__(self, function: Callable[[int], float], limit: int) -> None:
        self.function = function
        self.limit = limit
        self.count = 0

    def plan(self, value: Value) -> Plan:
        """The plan of the whole program."""
        variable = next(roots(value), Variable("step"))
        pieces: tuple[Piece, ...] = (Piece(0, math.inf, value),)
        if isinstance(value, Switch) and value.variable is variable:
            pieces = value.pieces
        return self.along((), Axis(variable, 0, self.limit), pieces)

    def along(self, outer: tuple[Axis, ...], axis: Axis, pieces: Sequence[Piece]) -> Plan:
        """The plan of pieces along an axis."""
        table = _Table(self, len(outer))
        rows: list[_Row] = []
        for piece in pieces:
            first, last = max(piece.first, axis.low), int(min(piece.stop - 1, axis.high))
            if first <= last:
                inside = Axis(axis.variable, first, last)
                rows += self.rows(table, (*outer, inside), piece.value)
        return table.finished(rows)

    def rows(self, table: _Table, axes: tuple[Axis, ...], value: Value) -> Iterator[_Row]:
        """The rows of one piece."""
        for axis, each in self.pieces(axes[-1], value):
            self.count += 1
            if self.count > ROWS:
                raise UntraceableError("it changes too often")
            if isinstance(each, Expression):
                yield _Formula(table, (*axes[:-1], axis)).row(each)
            else:
                yield _Row(axis.low, axis.high, None, 0.0, float(each), [], [])

    def pieces(self, axis: Axis, value: Value) -> Iterator[tuple[Axis, Value]]:
        """One piece, as numbers if it is constant for long enough, or as what has to be calculated."""
        value = hoisted(value)
        if not isinstance(value, Expression):
            yield axis, value
            return
        if isinstance(value, Switch) and value.variable is axis.variable:
            for piece in value.pieces:
                first, last = max(piece.first, axis.low), int(min(piece.stop - 1, axis.high))
                if first <= last:
                    yield from self.pieces(Axis(axis.variable, first, last), piece.value)
            return
        changes = Changes(axis).of(value)
        if changes is None:
            yield axis, self.recurring(value)
        else:
            yield from self.between(axis, value, changes)

    def recurring(self, value: Expression) -> Value:
        """What changes only now and then along a variable that recurs, as a switch on that."""
        for variable in {id(each): each for each in variables(value)}.values():
            if isinstance(value, Switch) or variable.meaning is None:
                continue
            axis = Axis(variable, variable.low, int(min(variable.high, self.limit)))
            changes = Changes(axis).of(value)
            if changes:
                pieces = tuple(
                    Piece(inside.low, inside.high + 1, shown) for inside, shown in self.between(axis, value, changes)
                )
                return Switch(value.low, value.high, False, value.plus, variable, pieces)
        return value

    def between(self, axis: Axis, value: Expression, changes: set[int]) -> Iterator[tuple[Axis, Value]]:
        """What is shown between changes: numbers, or what still depends on other variables."""
        others = any(not _depends(each, axis.variable) for each in variables(value))
        begins = [axis.low, *sorted(changes)]
        for begin, end in zip(begins, [*begins[1:], axis.high + 1], strict=True):
            shown = fixed(value, axis.variable, begin) if others else self.shown(axis.variable, value, begin)
            yield Axis(axis.variable, begin, end - 1), shown

    def shown(self, variable: Variable, value: Value, step: int) -> float:
        """What is shown where a variable has a value; NaN, if that is an error."""
        try:
            if variable.meaning is None:
                return self.function(step)
            return number(value, {id(variable): step})
        except (ArithmeticError, ValueError):  # a ScheduleError is a ValueError
            return math.nan


class _Table:
    """The rows of one plan."""

    def __init__(self, planner: _Planner, level: int) -> None:
        self.planner = planner
        self.level = level
        self.entries: list[float] = []
        self.whole_entries: list[int] = []
        self.inner: list[Plan] = []

    def finished(self, rows: list[_Row]) -> Plan:
        """The plan."""
        keys: dict[Node | None, int] = {}
        for row in rows:
            if row.node is not None:
                keys.setdefault(row.node, len(keys))
        # Numbers are shown by a template that is there anyhow, if it has a finite value everywhere: 0 * value + number.
        hosts = [each for each in keys if each is not None and not _reads(each)]
        host = min(hosts, key=lambda each: not _free(each), default=None)
        if host is None and any(row.node is None for row in rows):
            keys.setdefault(None, len(keys))
        which = [keys[host if row.node is None else row.node] for row in rows]
        columns = _Columns()
        templates = [self.template(columns, rows, which, place, node, len(keys)) for node, place in keys.items()]
        made = columns.made()
        return Plan(
            self.level,
            _column([row.first for row in rows[1:]], True),
            _column(which, True),
            tuple(template(made) for template in templates),
            _column(self.entries, False),
            _column(self.whole_entries, True),
            tuple(self.inner),
        )

    @staticmethod
    def template(
        columns: _Columns, rows: list[_Row], which: list[int], place: int, node: Node | None, templates: int
    ) -> Callable[[Mapping[int, Column]], Template]:
        """A template, as soon as the columns are there."""
        mine = [row if of == place else None for row, of in zip(rows, which, strict=True)]
        own = [row for row in mine if row is not None and row.node is not None]
        alone = templates == 1 and len(own) == len(rows)
        clamps = node is not None and not alone and not _free(node)
        if clamps:  # rows of other templates calculate one of its own
            filled, before = [], own[0]
            for row in mine:
                before = row if row is not None and row.node is not None else before
                filled.append(before)
            inside: list[Any] = filled
        else:
            inside = [row if row is not None and row.node is not None else None for row in mine]

        def column(take: Callable[[_Row], Any], of: Sequence[_Row | None], whole: bool) -> int:
            return columns.add([None if row is None else take(row) for row in of], whole)

        scale = column(lambda row: row.scale, mine, False)
        offset = column(lambda row: row.offset, mine, False)
        clamp = [column(take, inside, True) for take in (lambda row: row.first, lambda row: row.last)] if clamps else []
        shape = own[0] if own else _Row(0, 0, None, 0.0, 0.0, [], [])
        floats = [column(lambda row, j=j: row.floats[j], inside, False) for j in range(len(shape.floats))]  # type: ignore[misc]
        ints = [column(lambda row, j=j: row.ints[j], inside, True) for j in range(len(shape.ints))]  # type: ignore[misc]

        def made(found: Mapping[int, Column]) -> Template:
            filled = (
                None
                if node is None
                else _filled(node, [found[each] for each in floats], [found[each] for each in ints])
            )
            between = (found[clamp[0]], found[clamp[1]]) if clamp else None
            return Template(filled, found[scale], found[offset], between)

        return made


class _Columns:
    """Numbers by row, None where they are of no matter: columns that agree are one."""

    def __init__(self) -> None:
        self.found: list[tuple[bool, list[Any]]] = []

    def add(self, values: list[Any], whole: bool) -> int:
        """The number of the column that holds the values."""
        for index, (kind, column) in enumerate(self.found[:_MERGED]):
            if kind == whole and all(a is None or b is None or same(a, b) for a, b in zip(column, values, strict=True)):
                column[:] = [b if a is None else a for a, b in zip(column, values, strict=True)]
                return index
        self.found.append((whole, values))
        return len(self.found) - 1

    def made(self) -> dict[int, Column]:
        """The columns; what is of no matter is as in the row before."""
        columns = {}
        for index, (whole, values) in enumerate(self.found):
            before = next((value for value in values if value is not None), 0)
            filled = []
            for value in values:
                before = before if value is None else value
                filled.append(before)
            columns[index] = _column(filled, whole)
        return columns


def _column(values: Sequence[Any], whole: bool) -> Column:
    return Column(tuple(values), whole, all(same(value, values[0]) for value in values))


def _nodes(node: Node) -> Iterator[Node]:
    """A node and all that it is made of."""
    yield node
    for each in node[1:]:
        if isinstance(each, tuple):
            yield from _nodes(each)


def _filled(node: Node, floats: Sequence[Column], ints: Sequence[Column]) -> Node:
    """A node with columns in the place of numbers."""
    name, *rest = node
    if name == "axis":
        return node
    if name in ("plan", "rank"):
        return (name, _filled(rest[0], floats, ints), rest[1])
    of = floats if name in ("affine", "constant") else ints
    return (name, *(_filled(each, floats, ints) if isinstance(each, tuple) else of[each] for each in rest))


def _free(node: Node) -> bool:
    """Whether a node has a finite value wherever it is asked."""
    return all(each[0] in _FREE for each in _nodes(node))


def _reads(node: Node) -> bool:
    """Whether a node looks into a table, which may hold what is not finite."""
    return any(each[0] in ("look", "plan") for each in _nodes(node))


# One formula.


class _Formula:
    """Writes one row."""

    def __init__(self, table: _Table, axes: tuple[Axis, ...]) -> None:
        self.table = table
        self.axes = axes
        self.limit = table.planner.limit
        self.floats: list[float] = []
        self.ints: list[int] = []
        self.known: dict[int, _Form] = {}

    def row(self, value: Expression) -> _Row:
        """The row that shows a value."""
        axis = self.axes[-1]
        form = self.short(value) or self.form(value)
        node = None if form.known() else self.base(form)
        scale = 0.0 if form.known() else form.scale
        return _Row(axis.low, axis.high, node, scale, form.offset, self.floats, self.ints)

    def number(self, value: float) -> int:
        """The place of a float of the row's."""
        self.floats.append(value)
        return len(self.floats) - 1

    def integer(self, value: int) -> int:
        """The place of an integer of the row's."""
        if not -self.limit <= value <= self.limit:
            raise UntraceableError("it calculates with integers that are too large")
        self.ints.append(value)
        return len(self.ints) - 1

    # Tables.

    def short(self, value: Expression) -> _Form | None:
        """What cannot be recorded, of the walk: as a table, if it is short."""
        if not _asks(value):
            return None
        axis = self.axes[-1]
        if axis.high - axis.low >= ENTRIES:
            raise UntraceableError(f"from step {axis.low} on it has no closed formula")
        others = [each for each in variables(value) if each is not axis.variable]
        if any(not _depends(each, axis.variable) for each in others):
            raise UntraceableError("a repeated part of it has no closed formula")
        shown = self.table.planner.shown
        values = [shown(axis.variable, value, step) for step in range(axis.low, axis.high + 1)]
        return self.looked_up(_Whole(("axis", len(self.axes) - 1), axis.low, axis.high, 1, 0), values)

    def looked_up(self, index: _Whole, values: Sequence[float]) -> _Form:
        """The entry of a table whose first one belongs to the least index."""
        begin = len(self.table.entries)
        self.table.entries += values
        if len(self.table.entries) > 16 * ENTRIES:
            raise UntraceableError("it takes too large a table")
        if index.node is None:
            return _Form(0.0, values[0])
        node = self.exactly(index.scaled(1, begin - index.ends()[0]))
        return _Form(1.0, 0.0, ("look", node))

    def tabulated(self, value: Apply) -> _Form | None:
        """A value that depends on one counted integer only, as a table."""
        leaves = {_key(leaf): leaf for leaf in _leaves(value)}
        if len(leaves) != 1 or not _steps_down(value):
            return None
        leaf = next(iter(leaves.values()))
        counted = self.whole(
            Affine(leaf.low, leaf.high, True, True, leaf.variable, 1, 0) if isinstance(leaf, Affine) else leaf
        )
        low, high = counted.ends()
        settled = _settled(value)
        last = high if settled is None else min(high, low + settled)
        if last - low >= ENTRIES:
            return None
        index = Variable("index", None, low, high)
        by = leaf.variable if isinstance(leaf, Affine) else None
        values = []
        for entry in range(low, last + 1):
            try:
                if by is not None:
                    values.append(number(value, {id(by): entry}))
                else:
                    values.append(number(_put(value, _key(leaf), index), {id(index): entry}))
            except (ArithmeticError, ValueError):
                values.append(math.nan)
        if last < high:
            node = self.exactly(counted)
            counted = _Whole(("least", node, self.integer(last)), low, last, 1, 0)
        return self.looked_up(counted, values)

    # Integers.

    def whole(self, value: Value) -> _Whole:
        """A whole expression."""
        match value:
            case int():
                return _Whole(None, 0, 0, 0, value)
            case Affine():
                return self.counted(value.variable).scaled(value.factor, value.offset)
            case Apply():
                return self.calculated(value.name, self.whole(value.operands[0]), self.whole(value.operands[1]))
        raise UntraceableError("an integer is calculated in a way not known here")

    def counted(self, variable: Variable) -> _Whole:
        """A variable."""
        for level, axis in enumerate(self.axes):
            if axis.variable is variable:
                if axis.low == axis.high:
                    return _Whole(None, 0, 0, 0, axis.low)
                return _Whole(("axis", level), axis.low, axis.high, 1, 0)
        assert variable.meaning is not None
        return self.whole(variable.meaning)

    def calculated(self, name: str, a: _Whole, b: _Whole) -> _Whole:
        """Arithmetic."""
        if name in ("+", "-") and (a.node is None or b.node is None or a.node == b.node):
            sign = 1 if name == "+" else -1
            of = b if a.node is None else a
            return _Whole(of.node, of.low, of.high, a.factor + sign * b.factor, a.offset + sign * b.offset)
        if name == "*" and b.node is None:
            return a.scaled(b.offset)
        if name == "*" and a.node is None:
            return b.scaled(a.offset)
        if name in ("//", "%"):
            return self.divided(name, a, b.offset)
        low, high = whole_interval(name, a.ends(), b.ends())
        word = {"+": "sum", "-": "difference", "*": "product"}[name]
        return self.fitting(_Whole((word, self.exactly(a), self.exactly(b)), int(low), int(high), 1, 0))

    def divided(self, name: str, a: _Whole, by: int) -> _Whole:
        """`a // by` or `a % by`."""
        low, high = a.ends()
        if low // by == high // by:
            return _Whole(None, 0, 0, 0, low // by) if name == "//" else a.scaled(1, -(low // by) * by)
        if name == "//" and a.factor % by == 0:
            return _Whole(a.node, a.low, a.high, a.factor // by, a.offset // by)
        # Whole multiples of the divisor are left out before.
        turns = a.factor // by
        less = attrs.evolve(a, factor=a.factor % by)
        turned = less.ends()[0] // by
        less = less.scaled(1, -turned * by)
        low, high = less.ends()
        if by <= self.limit and high <= self.limit:
            node = self.exactly(less)
            word = "over" if name == "//" else "rest"
            found: Node = (word, node, self.integer(by))
        else:
            found = self.in_blocks(name, less, by)
        if name == "%":
            return _Whole(found, 0, min(by - 1, high), 1, 0)
        quotient = _Whole(found, low // by, high // by, 1, turned)
        if turns == 0:
            return quotient
        return self.calculated("+", attrs.evolve(a, factor=turns, offset=0), quotient)

    def in_blocks(self, name: str, a: _Whole, by: int) -> Node:
        """The same where the dividend is too large: whole blocks are divided before, and looked up."""
        block = (self.limit - by) // a.factor
        if block < 1 or (a.high - a.low) // block >= ENTRIES:
            return self.ranked(name, a, by)
        base = a.factor * a.low + a.offset
        sizes = [divmod(base + a.factor * place, by) for place in range(0, a.high - a.low + 1, block)]
        since = self.exactly(_Whole(a.node, a.low, a.high, 1, -a.low))
        length = self.integer(block)
        place: Node = ("over", since, length)
        within: Node = ("times", ("rest", since, length), self.integer(a.factor))
        within = ("sum", within, self.entry(place, [rest for _, rest in sizes]))
        if name == "%":
            return ("rest", within, self.integer(by))
        return ("sum", ("over", within, self.integer(by)), self.entry(place, [whole for whole, _ in sizes]))

    def ranked(self, name: str, a: _Whole, by: int) -> Node:
        """The same where not even that fits: where the quotient changes is listed."""
        low, high = (end // by for end in a.ends())
        if name != "//" or low != 0 or high >= ENTRIES:
            raise UntraceableError("it calculates with integers that are too large")
        starts = [-(-(by * each - a.offset) // a.factor) - a.low for each in range(1, high + 1)]
        return ("rank", self.exactly(_Whole(a.node, a.low, a.high, 1, -a.low)), _column(starts, True))

    def entry(self, place: Node, values: list[int]) -> Node:
        """An integer from a table."""
        begin = len(self.table.whole_entries)
        self.table.whole_entries += values
        return ("entry", place, self.integer(begin))

    def fitting(self, whole: _Whole) -> _Whole:
        """The integer, if it fits.

        Raises:
            UntraceableError: if it doesn't.
        """
        if not all(-self.limit <= end <= self.limit for end in whole.ends()):
            raise UntraceableError("it calculates with integers that are too large")
        return whole

    def exactly(self, whole: _Whole) -> Node:
        """The node of an integer that fits."""
        low, high = self.fitting(whole).ends()
        assert whole.node is not None
        node, offset = whole.node, whole.offset
        if whole.factor != 1:
            if high - low > self.limit:
                raise UntraceableError("it calculates with integers that are too large")
            ends = whole.factor * whole.low, whole.factor * whole.high
            if not all(-self.limit <= end <= self.limit for end in (*ends, offset)):
                node = ("shift", node, self.integer(-whole.low))
                offset += ends[0]
            node = ("times", node, self.integer(whole.factor))
        return ("shift", node, self.integer(offset)) if offset else node

    # Floats.

    def form(self, value: Value) -> _Form:
        """A value, as something that is multiplied and moved last."""
        if not isinstance(value, Expression):
            return _Form(0.0, float(value))
        if id(value) not in self.known:
            self.known[id(value)] = self.found(value)
        return self.known[id(value)]

    def found(self, value: Expression) -> _Form:
        if value.whole:
            return self.from_whole(self.whole(value))
        match value:
            case Take():
                index = self.whole(value.index)
                low, high = index.ends()
                return self.looked_up(index, value.table[low : high + 1])
            case Switch():
                return self.switched(value)
            case Comparison():
                a, b = (self.node(self.form(each)) for each in value.operands)
                return _Form(1.0, 0.0, (value.name, a, b))
            case Apply():
                return self.tabulated(value) or self.operation(value.name, value.operands)
        raise UntraceableError("a part of it has no closed formula")

    def from_whole(self, whole: _Whole) -> _Form:
        """An integer; close to where it is zero, nothing is lost."""
        if whole.node is None:
            return _Form(0.0, float(whole.offset))
        size = abs(whole.factor)
        shift = whole.offset // size if whole.factor > 0 else -(whole.offset // size)
        shift = self.shifted(shift, whole.low, whole.high)
        rest = whole.offset - whole.factor * shift
        return _Form(float(whole.factor), float(rest), whole.node, True, shift, whole.low, whole.high)

    def shifted(self, shift: int, low: int, high: int) -> int:
        """A shift, or as much of it as fits."""
        return max(-self.limit - low, min(shift, self.limit - high), -self.limit)

    def switched(self, value: Switch) -> _Form:
        """A value along an axis of its own."""
        whole = self.counted(value.variable)
        low, high = whole.ends()
        pieces = [piece for piece in value.pieces if piece.first <= high and low < piece.stop]
        if len(pieces) == 1:
            return self.form(pieces[0].value)
        inner = self.table.planner.along(self.axes, Axis(value.variable, low, high), pieces)
        self.table.inner.append(inner)
        return _Form(1.0, 0.0, ("plan", self.exactly(whole), len(self.table.inner) - 1))

    def base(self, form: _Form) -> Node:
        """What a form multiplies and moves."""
        assert form.node is not None
        if not form.whole:
            return form.node
        node = ("shift", form.node, self.integer(form.shift)) if form.shift or form.node[0] == "axis" else form.node
        return ("float", node)

    def node(self, form: _Form) -> Node:
        """The form, calculated."""
        if form.known():
            return ("constant", self.number(form.offset))
        if not form.whole and same(form.scale, 1.0) and form.offset == 0:
            return self.base(form)
        return ("affine", self.base(form), self.number(form.scale), self.number(form.offset))

    def close(self, form: _Form) -> _Form:
        """The same form, so that nothing is lost where it is close to zero: for what is steep there."""
        if not form.whole or form.scale == 0 or not math.isfinite(form.offset / form.scale):
            return form
        more = math.floor(form.offset / form.scale + 1e-9)
        more = self.shifted(form.shift + more, form.low, form.high) - form.shift
        rest = form.offset - form.scale * more
        rest = 0.0 if abs(rest) <= 4e-16 * abs(form.offset) else rest
        return attrs.evolve(form, shift=form.shift + more, offset=rest)

    def operation(self, name: str, operands: tuple[Value, ...]) -> _Form:
        """Arithmetic, or a function."""
        if name == "where":
            condition, a, b = operands
            if not isinstance(condition, Expression):
                return self.form(a if condition else b)
            found = "where", self.base(self.form(condition)), self.node(self.form(a)), self.node(self.form(b))
            return _Form(1.0, 0.0, found)
        forms = [self.form(operand) for operand in operands]
        if all(form.known() for form in forms):
            return _Form(0.0, float(applied(name, tuple(form.offset for form in forms))))
        match name:
            case "finite" | "float":
                return forms[0]
            case "negative":
                return attrs.evolve(forms[0], scale=-forms[0].scale, offset=-forms[0].offset)
            case "+" | "-":
                return self.added(forms[0], forms[1], 1 if name == "+" else -1)
            case "*":
                return self.multiplied(forms[0], forms[1], operands[0] is operands[1])
            case "/":
                return self.quotient(forms[0], forms[1])
            case "power":
                return self.power(forms[0], forms[1])
            case "exp":
                return self.exponential(forms[0], 1.0)
            case "sqrt":
                return self.root(forms[0])
        nodes = [self.node(self.close(form) if name in ("log", "abs") else form) for form in forms]
        return _Form(1.0, 0.0, (name, *nodes))

    def added(self, a: _Form, b: _Form, sign: int) -> _Form:
        """The sum or the difference."""
        b = attrs.evolve(b, scale=sign * b.scale, offset=sign * b.offset)
        if a.known() or b.known():
            of = b if a.known() else a
            return attrs.evolve(of, offset=a.offset + b.offset)
        if a.whole and b.whole and a.node == b.node and abs(b.shift - a.shift) < 2**53:
            return attrs.evolve(a, scale=a.scale + b.scale, offset=a.offset + b.offset + b.scale * (b.shift - a.shift))
        one, other = (self.node(attrs.evolve(each, offset=0.0)) for each in (a, b))
        return _Form(1.0, a.offset + b.offset, ("+", one, other))

    def multiplied(self, a: _Form, b: _Form, square: bool) -> _Form:
        """The product."""
        if a.known() or b.known():
            of, by = (b, a.offset) if a.known() else (a, b.offset)
            if by == 0:
                return _Form(0.0, 0.0)
            return attrs.evolve(of, scale=of.scale * by, offset=of.offset * by)
        if square:
            return _Form(1.0, 0.0, ("square", self.node(self.close(a))))
        if a.offset == 0 and b.offset == 0:
            scale = a.scale * b.scale
            if 1e-30 < abs(scale) < 1e30:
                return _Form(scale, 0.0, ("*", self.base(a), self.base(b)))
        return _Form(1.0, 0.0, ("*", self.node(self.close(a)), self.node(self.close(b))))

    def quotient(self, a: _Form, b: _Form) -> _Form:
        """The quotient."""
        if b.known():
            if b.offset == 0:
                raise UntraceableError("it divides by zero")
            return attrs.evolve(a, scale=a.scale / b.offset, offset=a.offset / b.offset)
        b = self.close(b)
        if a.known():
            return _Form(a.offset, 0.0, ("/", ("constant", self.number(1.0)), self.node(b)))
        return _Form(1.0, 0.0, ("/", self.node(self.close(a)), self.node(b)))

    def root(self, form: _Form) -> _Form:
        """The square root."""
        form = self.close(form)
        if form.offset == 0 and form.scale > 0:
            return _Form(math.sqrt(form.scale), 0.0, ("sqrt", self.base(form)))
        return _Form(1.0, 0.0, ("sqrt", self.node(form)))

    def power(self, a: _Form, b: _Form) -> _Form:
        """a to the power of b."""
        if a.known():
            if a.offset > 0:
                return self.exponential(b, math.log(a.offset), a.offset)
            raise UntraceableError("it raises a number that is not above zero")
        if not b.known():
            return _Form(1.0, 0.0, ("power", self.node(self.close(a)), self.node(b)))
        exponent = b.offset
        if exponent in (0.0, 1.0):
            return a if exponent else _Form(0.0, 1.0)
        if exponent == 0.5:
            return self.root(a)
        a = self.close(a)
        if exponent == 2.0:
            return _Form(1.0, 0.0, ("square", self.node(a)))
        low, high = a.ends()
        if a.whole and (exponent > 2 or exponent < -2) and low >= 0:
            # (1 - u)^p = exp(p log1p(-u)), u counted from where the value is largest
            most = high if exponent > 0 else low
            anchor = a.high if (exponent > 0) == (a.scale > 0) else a.low
            if most > 0 and math.isfinite(scale := most**exponent):
                moved = attrs.evolve(a, shift=-anchor, scale=a.scale / most, offset=0.0)
                logarithm = ("log1p", self.node(moved))
                return _Form(scale, 0.0, ("exp", ("affine", logarithm, self.number(exponent), self.number(0.0))))
        return _Form(1.0, 0.0, ("power", self.node(a), ("constant", self.number(exponent))))

    def exponential(self, form: _Form, rate: float, base: float = math.e) -> _Form:
        """exp(rate * form), which is base to the power of the form; counted from where it is largest."""
        if rate == 0:
            return _Form(0.0, 1.0)
        if not form.whole:
            if form.node is not None and form.offset:
                scale = _power(base, form.offset)
                if 0 < scale < LARGEST:
                    of = self.node(attrs.evolve(form, scale=form.scale * rate, offset=0.0))
                    return _Form(scale, 0.0, ("exp", of))
            of = self.node(attrs.evolve(form, scale=form.scale * rate, offset=form.offset * rate))
            return _Form(1.0, 0.0, ("exp", of))
        steep = form.scale * rate
        anchor = form.high if steep > 0 else form.low
        scale = _power(base, form.scale * (anchor + form.shift) + form.offset)
        if scale > LARGEST:
            return self.octaves(form, steep, base)
        moved = attrs.evolve(form, shift=-anchor, scale=steep, offset=0.0)
        return _Form(scale, 0.0, ("exp", self.node(moved)))

    def octaves(self, form: _Form, steep: float, base: float) -> _Form:
        """The same for what grows beyond the floats: steps in which it does little are counted apart."""
        block = max(1, min(int(0.5 / abs(steep)), self.limit)) if steep else self.limit
        first = form.scale * (form.low + form.shift) + form.offset
        values: list[float] = []
        while len(values) * block <= form.high - form.low:
            values.append(_power(base, first + form.scale * block * len(values)))
            if len(values) > ENTRIES:
                raise UntraceableError("it grows too fast")
            if math.isinf(values[-1]) or values[-1] > 1e300:
                break
        since = self.exactly(_Whole(form.node, form.low, form.high, 1, -form.low))
        length = self.integer(block)
        place = ("least", ("over", since, length), self.integer(len(values) - 1))
        table = self.looked_up(_Whole(place, 0, len(values) - 1, 1, 0), values)
        within = _Form(steep, 0.0, ("rest", since, length), True, 0, 0, block - 1)
        return _Form(1.0, 0.0, ("*", self.node(table), ("exp", self.node(within))))


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf


# What expressions are made of.


def hoisted(value: Value) -> Value:
    """An expression around one value that changes along a variable, as one that changes; else as it is."""
    switch = changing(value)
    if switch is None or value is switch:
        return value
    try:
        pieces = tuple(attrs.evolve(piece, value=replaced(value, switch, piece.value)) for piece in switch.pieces)
    except (ArithmeticError, ValueError):
        return value
    return attrs.evolve(switch, pieces=pieces)


def fixed(value: Value, variable: Variable, step: int) -> Value:
    """An expression where a variable is known."""
    match value:
        case Affine() if value.variable is variable:
            return value.factor * step + value.offset
        case Apply():
            operands = tuple(fixed(operand, variable, step) for operand in value.operands)
            if all(a is b for a, b in zip(operands, value.operands, strict=True)):
                return value
            try:
                return binary(value.name, *operands) if value.whole else applied(value.name, operands)
            except (ArithmeticError, ValueError):
                return math.nan
        case Take():
            index = fixed(value.index, variable, step)
            return value.table[index] if isinstance(index, int) else value
    return value


def _depends(variable: Variable, on: Variable) -> bool:
    """Whether a variable is calculated from another one alone."""
    if variable is on:
        return True
    return variable.meaning is not None and all(_depends(each, on) for each in variables(variable.meaning))


def _asks(value: Value) -> bool:
    """Whether the walk has to be asked, other than along an axis of its own."""
    if isinstance(value, Asked):
        return True
    return not isinstance(value, Switch) and any(_asks(part) for part in parts(value))


def _leaves(value: Value) -> Iterator[Any]:
    """The integers that a float is calculated from."""
    if isinstance(value, Expression) and value.whole:
        yield value
    else:
        for part in parts(value):
            yield from _leaves(part)
        if isinstance(value, Switch):
            yield Affine(0, 0, True, True, value.variable, 1, 0)


def _key(leaf: Value) -> Any:
    """The same for the same integers; those linear in one variable count as one."""
    match leaf:
        case Affine():
            return id(leaf.variable)
        case Apply():
            return (
                leaf.name,
                *(
                    (_key(each), each.factor, each.offset) if isinstance(each, Affine) else _key(each)
                    for each in leaf.operands
                ),
            )
    return leaf


def _put(value: Value, key: Any, index: Variable) -> Value:
    """The expression with a variable in the place of an integer."""
    if isinstance(value, Expression) and value.whole:
        return Affine(value.low, value.high, True, True, index, 1, 0) if _key(value) == key else value
    match value:
        case Apply():
            operands = tuple(_put(operand, key, index) for operand in value.operands)
            return Apply(value.low, value.high, False, value.plus, value.name, operands)
        case Take():
            inner = _put(value.index, key, index)
            assert isinstance(inner, Expression)
            return attrs.evolve(value, index=inner)
    return value


def _steps_down(value: Value) -> bool:
    """Whether an integer power, or an entry of a table, is part of a value."""
    if isinstance(value, Switch):
        return False
    if isinstance(value, Take):
        return True
    if isinstance(value, Apply) and value.name == "power":
        base, exponent = value.operands
        if not isinstance(base, Expression) and isinstance(exponent, Expression) and exponent.whole:
            return True
    return any(_steps_down(part) for part in parts(value))


def _settled(value: Value) -> int | None:
    """After how many of an integer's values nothing changes any more, because powers of it have become zero."""
    longest = 0
    stack: list[Value] = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, Apply) and each.name == "power" and not isinstance(each.operands[0], Expression):
            exponent = each.operands[1]
            if isinstance(exponent, Expression) and exponent.whole and 0 <= each.operands[0] < 1:
                if isinstance(exponent, Affine) and (exponent.factor < 1 or exponent.offset < 0):
                    return None
                rate = math.log(each.operands[0]) if each.operands[0] else -800.0
                longest = max(longest, math.ceil(800 / -rate) + 1)
                continue
        if isinstance(each, Expression) and each.whole:
            return None
        stack += parts(each)
    return longest
