"""The pointwise functions, for building schedules in Python: `functions.max(cosine(), 1e-5)`.

>>> from schedlang import cosine, functions
>>> str(functions.max(cosine(3e-4, 0), 1e-5))
'max(cosine(3e-4, 0), 1e-5)'
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ._language.nodes import Apply
from ._language.nodes.base import Operand
from ._language.operations import FUNCTIONS, Operation


def _constructor(operation: Operation) -> Callable[..., Apply]:
    """A function of its operands by name, compiled as attrs compiles `__init__`: Python itself refuses wrong calls."""
    name, parameters = operation.name, operation.parameters
    takes, operands = ", ".join(parameters), "operands" if operation.most is None else f"({', '.join(parameters)},)"
    named, given = (", *, multiple=None", ", multiple") if operation.multiple else ("", "")
    namespace: dict[str, Any] = {"Apply": Apply, "__name__": __name__}
    exec(f"def {name}({takes}{named}):\n    return Apply({name!r}, {operands}{given})", namespace)
    function: Callable[..., Apply] = namespace[name]
    function.__doc__ = operation.doc
    function.__annotations__ = {each.lstrip("*"): Operand for each in parameters} | {"return": Apply}
    if operation.multiple:
        function.__annotations__["multiple"] = f"{Operand} | None"
    return function


globals().update({name: _constructor(operation) for name, operation in FUNCTIONS.items()})

__all__ = sorted(FUNCTIONS)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Callable[..., Apply]: ...
