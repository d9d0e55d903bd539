"""Compiling: from a lowered program to the source of one Python function, and to the function.

The source holds names that are made here and numbers, never a word of the user's. It stands alone, so that it can be
pasted elsewhere, unless some of it has to ask the walk: then `walk_1` … are the parts that are walked.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import attrs

from .._language.operations import KERNELS, Level
from .._language.program import Part
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

_WRITTEN: Final = 100_000
"""Up to how many numbers of a table are written."""

_INDENT: Final = "    "

_FINITE: Final = '''def finite(value):
    """The value, if it is a finite number."""
    if isfinite(value):
        return value
    raise OverflowError("the schedule has no finite value at this step")
'''


@attrs.frozen
class Compiled:
    """A compiled program: `function`, from an int of at least 0, not checked, to the value; and its `source`."""

    function: Callable[[int], float]
    source: str


def compiled(value: Value) -> Compiled:
    """A lowered program as a Python function."""
    writer = _Writer()
    source = writer.module(value)
    namespace: dict[str, Any] = {**{name: part.at for name, part in writer.walks.items()}, **writer.held}
    exec(compile(source, "<schedlang>", "exec"), namespace)
    return Compiled(namespace["schedule"], source)


class _Writer:
    """Writes the source of one module."""

    def __init__(self) -> None:
        self.math: set[str] = set()
        self.bisects = self.guards = False
        self.tables: list[str] = []
        self.helpers: list[str] = []
        self.walks: dict[str, Part] = {}
        self.held: dict[str, tuple[Any, ...]] = {}  # tables that are too long to be written

    def module(self, value: Value) -> str:
        """The source of a module that defines `schedule`."""
        schedule = self.function("schedule", value)
        lines = []
        if self.guards:
            self.math.add("isfinite")
        if self.bisects:
            lines.append("from bisect import bisect_right")
        if self.math:
            lines.append(f"from math import {', '.join(sorted(self.math))}")
        sections = ["\n".join(lines) + "\n"] if lines else []
        if self.walks:
            sections.append(f"# {', '.join(self.walks)}: from schedlang, for what is no closed formula.\n")
        if self.held:
            sections.append(f"# {', '.join(self.held)}: from schedlang, as they are long.\n")
        if self.tables:
            sections.append("\n".join(self.tables) + "\n")
        functions = [*([_FINITE] if self.guards else []), *self.helpers, schedule]
        return "\n".join(sections) + ("\n\n" if sections else "") + "\n\n".join(functions)

    def function(self, name: str, value: Value) -> str:
        """A function of the step."""
        return f"def {name}({STEP.name}):\n" + "\n".join(_Function(self, {}).block(value, 1)) + "\n"

    def helper(self, switch: Switch) -> str:
        """The call of a function for a value that changes in the middle of others."""
        place, name = len(self.helpers), f"part_{len(self.helpers) + 1}"
        self.helpers.append("")
        self.helpers[place] = self.function(name, switch)
        return f"{name}({STEP.name})"

    def table(self, name: str, values: tuple[Any, ...]) -> str:
        """The name of a constant tuple."""
        name = f"{name}_{len(self.tables) + len(self.held) + 1}"
        if len(values) > _WRITTEN:
            self.held[name] = values
            return name
        shown = ", ".join(self.constant(value) for value in values)
        self.tables.append(f"{name} = ({shown}{',' if len(values) == 1 else ''})")
        return name

    def constant(self, value: float) -> str:
        """A number."""
        if isinstance(value, float) and math.isinf(value):
            self.math.add("inf")
        return repr(value)

    def walk(self, part: Part) -> str:
        """The name of a part that is walked."""
        found = next((name for name, known in self.walks.items() if known is part), f"walk_{len(self.walks) + 1}")
        self.walks[found] = part
        return found


class _Function:
    """Writes the body of one function. `named` holds what already has a name."""

    def __init__(self, writer: _Writer, named: dict[Expression | StepVariable, str], temporaries: int = 0) -> None:
        self.writer = writer
        self.named = named
        self.temporaries = temporaries

    def branch(self, value: Value, depth: int) -> list[str]:
        """The lines that return a value inside of a branch: what gets a name there has none outside."""
        return _Function(self.writer, dict(self.named), self.temporaries).block(value, depth)

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
        indent = _INDENT * depth
        if len(pieces) == 1:
            return self.branch(pieces[0].value, depth)
        if len(pieces) > _TREE and not any(isinstance(piece.value, Expression) for piece in pieces):
            return [f"{indent}return {self.looked_up(variable, pieces)}"]
        if len(pieces) <= _TREE:
            lines = []
            for piece in pieces[:-1]:
                lines.append(f"{indent}if {variable.name} < {piece.stop}:")
                lines += self.branch(piece.value, depth + 1)
            return lines + self.branch(pieces[-1].value, depth)
        middle = _middle(pieces)
        lines = [f"{indent}if {variable.name} < {pieces[middle].first}:"]
        lines += self.branches(variable, pieces[:middle], depth + 1)
        return lines + self.branches(variable, pieces[middle:], depth)

    def looked_up(self, variable: StepVariable, pieces: list[ValuePiece]) -> str:
        """Numbers one behind the other."""
        self.writer.bisects = True
        starts = self.writer.table("STARTS", tuple(piece.first for piece in pieces[1:]))
        values = self.writer.table("VALUES", tuple(piece.value for piece in pieces))
        return f"{values}[bisect_right({starts}, {variable.name})]"

    def define(self, variable: StepVariable, depth: int) -> list[str]:
        """The lines that calculate a variable, if it isn't known yet."""
        if variable.meaning is None or variable in self.named:
            return []
        lines = self.prepare(variable.meaning, depth)
        lines.append(f"{_INDENT * depth}{variable.name} = {self.text(variable.meaning, 0)}")
        self.named[variable] = variable.name
        return lines

    def leaf(self, value: Value, depth: int) -> list[str]:
        """The lines that return one closed formula."""
        lines = self.prepare(value, depth)
        shown = self.text(value, 0)
        if isinstance(value, Asked):
            self.writer.guards = True
            shown = f"finite({shown})"
        return [*lines, f"{_INDENT * depth}return {shown}"]

    def prepare(self, value: Value, depth: int) -> list[str]:
        """The lines that name what is used more than once, and calculate variables."""
        lines: list[str] = []
        uses: Counter[Expression] = Counter()
        order: list[Expression] = []

        def visit(each: Value) -> None:
            if not isinstance(each, Expression):
                return
            uses[each] += 1
            if uses[each] > 1 or each in self.named:
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
                lines.append(f"{_INDENT * depth}{name} = {self.text(each, 0)}")
                self.named[each] = name
        return lines

    def text(self, value: Value, level: int) -> str:
        """A value as an expression; in parentheses, if it binds less tightly than `level`."""
        if not isinstance(value, Expression):
            shown = self.writer.constant(value)
            return f"({shown})" if level > Level.SIGN and shown.startswith("-") else shown
        if value in self.named:
            return self.named[value]
        binds, shown = self._bare(value)
        return f"({shown})" if binds < level else shown

    def _bare(self, value: Expression) -> tuple[int, str]:
        """How tightly an expression binds, and its text."""
        match value:
            case Affine():
                return _linear(value)
            case Take():
                table = self.writer.table("TABLE", value.table)
                return Level.ATOM, f"{table}[{self.text(value.index, 0)}]"
            case Asked():
                return Level.ATOM, f"{self.writer.walk(value.part)}({self.text(value.step, 0)})"
            case Switch():
                return Level.ATOM, self.writer.helper(value)
            case Applied():
                return self._operation(value.name, value.operands)
        raise NotImplementedError

    def _operation(self, name: str, operands: tuple[Value, ...]) -> tuple[int, str]:
        if name == "power" and isinstance(operands[0], float) and operands[0] > 0:
            return Level.POWER, f"{self.text(operands[0], Level.ATOM)} ** {self.text(operands[1], Level.ATOM)}"
        kernel = KERNELS[name]
        self.writer.math.update(kernel.imports)
        self.writer.guards |= name == "finite"
        return kernel.level, kernel.written(*(partial(self.text, operand) for operand in operands))


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
