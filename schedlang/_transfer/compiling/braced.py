"""What C, JavaScript and Rust have in common: blocks in braces, and one function that is called from outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ..._engines.expressions import Applied, Expression, Value
from ..._engines.writing import Language, Module
from ..._language.operations import KERNELS, Level


class Braced(Language):
    """Such a language. `outside` is the text of the function that is called, with places for name, last and body."""

    COMMENT: ClassVar[str] = "//"

    closing: ClassVar[str | None] = "}"
    outside: ClassVar[str]

    def given(self, text: str) -> str:
        return f"return {text};"

    def public(self, name: str, module: Module, value: Value, last: int) -> str:
        """The function that is called from outside."""
        return self.outside.format(name=name, last=last, body="\n".join(self.body(module, value)))

    def source(self, module: Module, functions: Mapping[str, str]) -> str:
        """The whole of a module."""
        tables = ["\n".join(module.tables) + "\n"] if module.tables else []
        return "\n".join([*tables, *module.helpers(), *module.parts, *functions.values()])


def type_of(value: Value, truth: str, whole: str, real: str) -> str:
    """Which of three types a value has: what compares, a whole number, or a float."""
    if isinstance(value, Applied) and KERNELS[value.name].level == Level.COMPARISON:
        return truth
    return whole if isinstance(value, Expression) and value.whole else real
