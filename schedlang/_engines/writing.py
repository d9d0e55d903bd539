"""Writing: from a lowered program to source in some language: what is written in which order, and what gets a name.

A language says how a line, a number, a table and a function look. Operations are written as their records say, but for
those of which the language says otherwise. The source holds names that are made here and numbers, never a word of the
user's.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar, Final

import attrs

from .._language.operations import KERNELS, Kernel, Level
from .expressions import (
    STEP,
    Affine,
    Applied,
    Asked,
    Expression,
    StepVariable,
    Switch,
    Take,
    Value,
    ValuePiece,
    changing,
    parts,
    replaced,
)

_TREE: Final = 4
"""From how many pieces on a branch is found by halving, and numbers are looked up in a table."""

_FEW: Final = 16
"""Up to how many pieces they are halved by steps, and not by number."""

_INDENT: Final = "    "


def rewritten(kernel: Kernel, source: str, level: int = Level.ATOM) -> Kernel:
    """A kernel with another source."""
    return attrs.evolve(kernel, source=source, level=level, inner=attrs.NOTHING)  # type: ignore[arg-type]


class Language(ABC):
    """How a language writes what a lowered program is made of."""

    RESERVED: ClassVar[frozenset[str]] = frozenset()  # what a function cannot be called
    kernels: ClassVar[Mapping[str, Kernel]] = KERNELS
    helpers: ClassVar[Mapping[str, str]] = {}  # the functions that are defined where something calls them
    closing: ClassVar[str | None] = None  # the line that ends a branch

    @classmethod
    def is_reserved(cls, name: str) -> bool:
        """Whether a function cannot be called so, as it has a meaning."""
        return name in cls.RESERVED

    def kernel(self, value: Applied) -> Kernel:
        """How an operation is written."""
        return self.kernels[value.name]

    @abstractmethod
    def number(self, value: float, real: bool) -> str:
        """A number; `real`, if it has to be a float."""

    def real(self, bound: tuple[int, str]) -> tuple[int, str]:
        """A whole number as a float: how tightly it binds, and its text."""
        return bound

    @abstractmethod
    def test(self, condition: str) -> str:
        """The line that begins a branch."""

    @abstractmethod
    def named(self, name: str, text: str, value: Value) -> str:
        """The line that gives a value a name."""

    @abstractmethod
    def given(self, text: str) -> str:
        """The line that returns a value."""

    @abstractmethod
    def table(self, name: str, numbers: list[str], whole: bool) -> str:
        """The definition of a constant table."""

    def entry(self, table: str, index: str) -> str:
        """An entry of a table."""
        return f"{table}[{index}]"

    @abstractmethod
    def looked_up(self, values: str, starts: str, variable: str) -> str:
        """The entry of the piece in which a variable lies."""

    @abstractmethod
    def function(self, name: str, lines: list[str]) -> str:
        """A function of the step that is used by others."""

    def body(self, module: Module, value: Value) -> list[str]:
        """The lines of a function of the step."""
        return Function(module, {}).block(value, 1)


class Module:
    """Writes the source of one module: what its functions have in common."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.words: set[str] = set()  # all that is called
        self.tables: list[str] = []
        self._named: dict[tuple[object, ...], str] = {}  # the names of tables by what is in them
        self._entries: dict[int, tuple[tuple[float, ...], str]] = {}  # the same by the `id` of what is kept with it
        self.parts: list[str] = []

    def part(self, value: Value) -> str:
        """The name of a function for a value that changes in the middle of others."""
        place, name = len(self.parts), f"part_{len(self.parts) + 1}"
        self.parts.append("")
        self.parts[place] = self.language.function(name, self.language.body(self, value))
        return name

    def table(self, name: str, values: tuple[float, ...], whole: bool = False) -> str:
        """The name of a constant table."""
        numbers = [self.number(value, not whole) for value in values]
        key = (whole, *numbers)
        if key not in self._named:
            self._named[key] = name = f"{name}_{len(self.tables) + 1}"
            self.tables.append(self.language.table(name, numbers, whole))
        return self._named[key]

    def entries(self, values: tuple[float, ...]) -> str:
        """The name of a table that many pieces may have entries of: it is looked through once."""
        if id(values) not in self._entries:
            self._entries[id(values)] = values, self.table("TABLE", values)
        return self._entries[id(values)][1]

    def number(self, value: float, real: bool) -> str:
        """A number."""
        shown = self.language.number(value, real)
        self.uses(shown)
        return shown

    def uses(self, source: str) -> None:
        """Keep in mind what some source calls."""
        for word in re.findall(r"\b[A-Za-z_]\w*", source):
            if word not in self.words:
                self.words.add(word)
                self.uses(self.language.helpers.get(word, ""))

    def helpers(self) -> list[str]:
        """The helpers that are called."""
        return [source for name, source in self.language.helpers.items() if name in self.words]

    def asked(self, value: Asked, text: Callable[[Value, int], str]) -> str:
        """What the walk is asked for."""
        raise NotImplementedError


class Function:
    """Writes the body of one function. `known` holds what already has a name."""

    def __init__(self, module: Module, known: dict[Expression | StepVariable, str], temporaries: int = 0) -> None:
        self.module = module
        self.language = module.language
        self.known = known
        self.temporaries = temporaries

    def branch(self, value: Value, depth: int) -> list[str]:
        """The lines that return a value inside of a branch: what gets a name there has none outside."""
        return type(self)(self.module, dict(self.known), self.temporaries).block(value, depth)

    def block(self, value: Value, depth: int) -> list[str]:
        """The lines that return a value."""
        switch = changing(value)
        if switch is None:
            return self.leaf(value, depth)
        lines = self.define(switch.variable, depth)
        pieces = list(switch.pieces)
        if switch is not value:
            pieces = [attrs.evolve(piece, value=replaced(value, switch, piece.value)) for piece in pieces]
        return lines + self.branches(switch.variable, pieces, depth)

    def branches(self, variable: StepVariable, pieces: list[ValuePiece], depth: int) -> list[str]:
        """The lines that find the piece and return its value."""
        if len(pieces) == 1:
            return self.branch(pieces[0].value, depth)
        if len(pieces) > _TREE and not any(isinstance(piece.value, Expression) for piece in pieces):
            return [_INDENT * depth + self.language.given(self.looked_up(variable, pieces))]
        if len(pieces) <= _TREE:
            lines = []
            for piece in pieces[:-1]:
                lines += self.test(variable, piece.stop, self.branch(piece.value, depth + 1), depth)
            return lines + self.branch(pieces[-1].value, depth)
        middle = _middle(pieces)
        below = self.branches(variable, pieces[:middle], depth + 1)
        lines = self.test(variable, pieces[middle].first, below, depth)
        return lines + self.branches(variable, pieces[middle:], depth)

    def test(self, variable: StepVariable, stop: float, lines: list[str], depth: int) -> list[str]:
        """Lines for where a variable is below a number."""
        begin = self.language.test(f"{variable.name} < {stop}")
        end = [] if self.language.closing is None else [_INDENT * depth + self.language.closing]
        return [_INDENT * depth + begin, *lines, *end]

    def looked_up(self, variable: StepVariable, pieces: list[ValuePiece]) -> str:
        """Numbers one behind the other."""
        starts = self.module.table("STARTS", tuple(piece.first for piece in pieces[1:]), whole=True)
        values = self.module.table("VALUES", tuple(piece.value for piece in pieces))  # type: ignore[misc]
        shown = self.language.looked_up(values, starts, variable.name)
        self.module.uses(shown)
        return shown

    def define(self, variable: StepVariable, depth: int) -> list[str]:
        """The lines that calculate a variable, if it isn't known yet."""
        if variable.meaning is None or variable in self.known:
            return []
        lines = self.prepare(variable.meaning, depth)
        shown = self.text(variable.meaning, 0)
        lines.append(_INDENT * depth + self.language.named(variable.name, shown, variable.meaning))
        self.known[variable] = variable.name
        return lines

    def leaf(self, value: Value, depth: int) -> list[str]:
        """The lines that return one closed formula."""
        lines = self.prepare(value, depth)
        shown = self.text(value, 0, real=True)
        if isinstance(value, Asked):
            shown = f"finite({shown})"
            self.module.uses(shown)
        return [*lines, _INDENT * depth + self.language.given(shown)]

    def prepare(self, value: Value, depth: int) -> list[str]:
        """The lines that name what is used more than once, and calculate variables."""
        lines: list[str] = []
        uses: Counter[Expression] = Counter()
        order: list[Expression] = []

        def visit(each: Value) -> None:
            if not isinstance(each, Expression):
                return
            uses[each] += 1
            if uses[each] > 1 or each in self.known:
                return
            if isinstance(each, Affine):
                lines.extend(self.define(each.variable, depth))
            if not isinstance(each, Switch):
                for part in parts(each):
                    visit(part)
            order.append(each)

        visit(value)
        for each in order:
            if uses[each] > 1 and not isinstance(each, Affine) and each is not value:
                self.temporaries += 1
                name = f"x{self.temporaries}"
                lines.append(_INDENT * depth + self.language.named(name, self.text(each, 0), each))
                self.known[each] = name
        return lines

    def text(self, value: Value, level: int, real: bool = False) -> str:
        """A value as an expression, a float if it has to be `real`; in parentheses, if it binds less than `level`."""
        if not isinstance(value, Expression):
            shown = self.module.number(value, real)
            return f"({shown})" if level > Level.SIGN and shown.startswith("-") else shown
        binds, shown = self._bound(value, real)
        return f"({shown})" if binds < level else shown

    def _bound(self, value: Expression, real: bool) -> tuple[int, str]:
        """How tightly an expression binds, and its text."""
        bound = (Level.ATOM, self.known[value]) if value in self.known else self._bare(value)
        return self.language.real(bound) if real and value.whole else bound

    def _bare(self, value: Expression) -> tuple[int, str]:
        """The same, of what has no name."""
        match value:
            case Affine():
                return _linear(value)
            case Take():
                table = self.module.entries(value.table)
                return Level.ATOM, self.language.entry(table, self.text(value.index, 0))
            case Asked():
                return Level.ATOM, self.module.asked(value, self.text)
            case Switch():
                return Level.ATOM, f"{self.module.part(value)}({STEP.name})"
            case Applied():
                return self._operation(value)
        raise NotImplementedError

    def _operation(self, value: Applied) -> tuple[int, str]:
        kernel = self.language.kernel(value)
        self.module.uses(kernel.source)
        compares = KERNELS[value.name].level == Level.COMPARISON
        real = not (value.whole or (compares and all(map(_is_whole, value.operands))))
        if kernel.source == "{}" and isinstance(value.operands[0], Expression):
            return self._bound(value.operands[0], real)
        return kernel.level, kernel.written(*(partial(self.text, operand, real=real) for operand in value.operands))


def _is_whole(value: Value) -> bool:
    return value.whole if isinstance(value, Expression) else isinstance(value, int)


def _linear(value: Affine) -> tuple[int, str]:
    """`factor * variable + offset` as a user would write it."""
    name, factor, offset = value.variable.name, value.factor, value.offset
    if factor == -1:
        return Level.SUM, f"{offset} - {name}" if offset else f"-{name}"
    binds, shown = (Level.ATOM, name) if factor == 1 else (Level.PRODUCT, f"{factor} * {name}")
    if offset == 0:
        return binds, shown
    return Level.SUM, f"{shown} {'+' if offset > 0 else '-'} {abs(offset)}"


def _middle(pieces: list[ValuePiece]) -> int:
    """Where to halve: among few pieces so that as many steps lie on either side, as what is long is asked often."""
    if len(pieces) > _FEW:
        return len(pieces) // 2
    ends = pieces[0].first + pieces[-1].first
    return min(range(1, len(pieces)), key=lambda index: abs(2 * pieces[index].first - ends))
