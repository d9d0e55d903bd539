"""Python that stands alone."""

from __future__ import annotations

import builtins
import keyword
import math
from collections.abc import Mapping
from typing import ClassVar, Final

from ..._engines.expressions import Value
from ..._engines.python import Python, python_source
from ..._engines.writing import Module

_FUNCTION: Final = '''\
def {name}(step):
    """The value at a step, a whole number of at least 0."""
    step = index(step)
    if step < 0:
        raise ValueError(f"step {{step}} lies before the run")
{body}
'''


class Standalone(Python):
    """Python, of its standard library alone."""

    COMMENT: ClassVar[str] = "#"
    WHOLE: ClassVar[None] = None
    RESERVED: ClassVar[frozenset[str]] = frozenset(
        [*keyword.kwlist, *keyword.softkwlist, *dir(math), *dir(builtins), "bisect_right", "index"]
    )

    def public(self, name: str, module: Module, value: Value, last: int) -> str:
        """The function that is called from outside."""
        return _FUNCTION.format(name=name, body="\n".join(self.body(module, value)))

    def source(self, module: Module, functions: Mapping[str, str]) -> str:
        """The whole of a module."""
        return python_source(module, [*functions.values()], imports=["from operator import index"])
