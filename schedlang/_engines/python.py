"""Python: from a lowered program to the source of one function, and to the function.

The source stands alone, so that it can be pasted elsewhere, unless some of it has to ask the walk: then `walk_1` … are
the parts that are walked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final

import attrs

from .._language.operations import KERNELS, Kernel, Level
from .._language.program import Part
from .expressions import STEP, Applied, Asked, Value
from .writing import Language, Module

_WRITTEN: Final = 100_000
"""Up to how many numbers of a table are written."""

_FINITE: Final = '''def finite(value):
    """The value, if it is a finite number."""
    if isfinite(value):
        return value
    raise OverflowError("the schedule has no finite value at this step")
'''

_POWER: Final = attrs.evolve(KERNELS["power"], source="{} ** {}", level=Level.POWER, inner=(Level.ATOM, Level.ATOM))
"""Of a positive number, where the operator gives what `pow` does."""


class Python(Language):
    """Python, and what it has in `math` and `bisect`."""

    helpers: ClassVar[Mapping[str, str]] = {"finite": _FINITE}

    def kernel(self, value: Applied) -> Kernel:
        base = value.operands[0]
        return _POWER if value.name == "power" and isinstance(base, float) and base > 0 else super().kernel(value)

    def number(self, value: float, real: bool) -> str:
        return repr(value)

    def test(self, condition: str) -> str:
        return f"if {condition}:"

    def named(self, name: str, text: str, value: Value) -> str:
        return f"{name} = {text}"

    def given(self, text: str) -> str:
        return f"return {text}"

    def table(self, name: str, numbers: list[str], whole: bool) -> str:
        return f"{name} = ({', '.join(numbers)}{',' if len(numbers) == 1 else ''})"

    def looked_up(self, values: str, starts: str, variable: str) -> str:
        return f"{values}[bisect_right({starts}, {variable})]"

    def function(self, name: str, lines: list[str]) -> str:
        return f"def {name}({STEP.name}):\n" + "\n".join(lines) + "\n"


def python_source(
    module: Module, functions: Iterable[str], imports: Iterable[str] = (), notes: Iterable[str] = ()
) -> str:
    """The source of a module of functions: imports, notes, tables, and what they call before them."""
    lines = ["from bisect import bisect_right"] if "bisect_right" in module.words else []
    if names := sorted(word for word in module.words if hasattr(math, word)):
        lines.append(f"from math import {', '.join(names)}")
    lines += imports
    sections = ["\n".join(lines) + "\n"] if lines else []
    sections += [f"# {note}\n" for note in notes]
    if module.tables:
        sections.append("\n".join(module.tables) + "\n")
    above = "\n".join(sections) + ("\n\n" if sections else "")
    return above + "\n\n".join([*module.helpers(), *module.parts, *functions])


@attrs.frozen
class Compiled:
    """A compiled program: `function`, from an int of at least 0, not checked, to the value; and its `source`."""

    function: Callable[[int], float]
    source: str


def compiled(value: Value) -> Compiled:
    """A lowered program as a Python function."""
    module = _Here(Python())
    function = module.language.function("schedule", module.language.body(module, value))
    source = python_source(module, [function], notes=module.notes())
    namespace: dict[str, Any] = {**{name: part.at for name, part in module.walks.items()}, **module.held}
    exec(compile(source, "<schedlang>", "exec"), namespace)
    return Compiled(namespace["schedule"], source)


class _Here(Module):
    """A module that is run here: it may ask the walk, and need not write what is long."""

    def __init__(self, language: Language) -> None:
        super().__init__(language)
        self.walks: dict[str, Part] = {}
        self.held: dict[str, tuple[Any, ...]] = {}

    def table(self, name: str, values: tuple[float, ...], whole: bool = False) -> str:
        if len(values) <= _WRITTEN:
            return super().table(name, values, whole)
        name = f"{name}_held_{len(self.held) + 1}"
        self.held[name] = values
        return name

    def asked(self, value: Asked, text: Callable[[Value, int], str]) -> str:
        found = next((name for name, known in self.walks.items() if known is value.part), f"walk_{len(self.walks) + 1}")
        self.walks[found] = value.part
        return f"{found}({text(value.step, 0)})"

    def notes(self) -> list[str]:
        """What the source needs from here."""
        notes = [f"{', '.join(self.walks)}: from schedlang, for what is no closed formula."] if self.walks else []
        return notes + ([f"{', '.join(self.held)}: from schedlang, as they are long."] if self.held else [])
