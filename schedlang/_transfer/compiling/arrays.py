"""NumPy: one function of an array of steps."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Mapping
from typing import ClassVar, Final

from ..._engines.expressions import STEP, Applied, Expression, StepVariable, Value, ValuePiece
from ..._engines.writing import Function, Language, Module, rewritten
from ..._language.operations import KERNELS, Kernel, Level
from .fitting import may_fail

_SOURCES: Final[Mapping[str, tuple[str, int]]] = {
    "where": ("np.where({0}, {1}, {2})", Level.ATOM),
    "float": ("{}", Level.ATOM),
    "power": ("np.float_power({}, {})", Level.ATOM),  # of whole numbers, too
    # Python makes whole numbers of them, which know no -0.0
    "floor": ("np.floor({}) + 0.0", Level.SUM),
    "ceil": ("np.ceil({}) + 0.0", Level.SUM),
    "round": ("np.rint({}) + 0.0", Level.SUM),
}

_HELPERS: Final = {
    "finite": '''\
def finite(values):
    """The values, if they are finite numbers."""
    if np.all(np.isfinite(values)):
        return values
    raise OverflowError("the schedule has no finite value at one of these steps")
''',
    "defined": '''\
def defined(values):
    """The values, NaN in the place of what is none."""
    return np.where(np.isfinite(values), values, np.nan)
''',
    "divided": '''\
def divided(a, b):
    """NaN where Python refuses to divide."""
    return np.where(b == 0.0, np.nan, a / b)
''',
    "raised": '''\
def raised(a, b):
    """NaN where Python refuses to calculate a power."""
    return defined(np.where(np.isnan(a) | np.isnan(b), np.nan, np.float_power(a, b)))
''',
    "chosen": '''\
def chosen(step, variable, starts, pieces):
    """At each step what the piece shows in which the variable lies: a number, or a function of the steps."""
    places = np.searchsorted(starts, variable, "right")
    found = np.empty(step.shape)
    order = np.argsort(places, kind="stable")
    present, begins = np.unique(places[order], return_index=True)
    for place, here in zip(present, np.split(order, begins[1:])):
        piece = pieces[place]
        found[here] = piece(step[here]) if callable(piece) else piece
    return found
''',
}

_FUNCTION: Final = '''\
def {name}(step):
    """The values at an array of steps, whole numbers from 0 to {last}."""
    step = np.asarray(step)
    if step.size and step.dtype.kind not in "iu":
        raise TypeError(f"steps are whole numbers, not {{step.dtype}}")
    if step.size and not (step.min() >= 0 and step.max() <= {last}):
        raise ValueError("a step is a whole number from 0 to {last}")
    with np.errstate(all="ignore"):
        found = {part}(step.ravel().astype(np.int64))
    return np.full(step.size, found).reshape(step.shape)
'''


def _of_numpy(kernel: Kernel) -> Kernel:
    """A kernel that is one of NumPy's functions."""
    if kernel.called is None or kernel.level != Level.ATOM:
        return kernel
    return rewritten(kernel, f"np.{kernel.called.numpy}({', '.join(['{}'] * len(kernel.places()))})")


class _Lines(Function):
    """Writes a function of arrays, whose branches are functions of the steps that come to them."""

    def branches(self, variable: StepVariable, pieces: list[ValuePiece], depth: int) -> list[str]:
        if any(isinstance(piece.value, Expression) for piece in pieces):
            starts = ", ".join(str(piece.first) for piece in pieces[1:])
            names = ", ".join(self._piece(piece.value) for piece in pieces)
            shown = f"chosen({STEP.name}, {variable.name}, [{starts}], [{names}])"
            self.module.uses(shown)
        else:
            shown = self.looked_up(variable, pieces)
        return ["    " * depth + self.language.given(shown)]

    def _piece(self, value: Value) -> str:
        return self.module.part(value) if isinstance(value, Expression) else self.module.number(value, real=True)


class NumPy(Language):
    """Python, of NumPy's arrays."""

    COMMENT: ClassVar[str] = "#"
    WHOLE: ClassVar[int] = 2**63 - 1
    RESERVED: ClassVar[frozenset[str]] = frozenset([*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "np"])

    kernels: ClassVar[Mapping[str, Kernel]] = {name: _of_numpy(kernel) for name, kernel in KERNELS.items()} | {
        name: rewritten(KERNELS[name], *source) for name, source in _SOURCES.items()
    }
    helpers: ClassVar[Mapping[str, str]] = _HELPERS

    def body(self, module: Module, value: Value) -> list[str]:
        return _Lines(module, {}).block(value, 1)

    def kernel(self, value: Applied) -> Kernel:
        plain = self.kernels[value.name]
        if not may_fail(value):
            return plain
        special = {"/": "divided({}, {})", "power": "raised({}, {})"}
        return rewritten(plain, special.get(value.name, f"defined({plain.source})"))

    def number(self, value: float, real: bool) -> str:
        shown = repr(float(value) if real else value)
        return shown.replace("inf", "np.inf").replace("nan", "np.nan")

    def test(self, condition: str) -> str:
        raise NotImplementedError

    def named(self, name: str, text: str, value: Value) -> str:
        return f"{name} = {text}"

    def given(self, text: str) -> str:
        return f"return {text}"

    def table(self, name: str, numbers: list[str], whole: bool) -> str:
        return f"{name} = np.array([{', '.join(numbers)}])"

    def looked_up(self, values: str, starts: str, variable: str) -> str:
        return f'{values}[np.searchsorted({starts}, {variable}, "right")]'

    def function(self, name: str, lines: list[str]) -> str:
        return f"def {name}({STEP.name}):\n" + "\n".join(lines) + "\n"

    def public(self, name: str, module: Module, value: Value, last: int) -> str:
        """The function that is called from outside."""
        return _FUNCTION.format(name=name, last=last, part=module.part(value))

    def source(self, module: Module, functions: Mapping[str, str]) -> str:
        """The whole of a module."""
        tables = "\n".join(module.tables) + "\n\n" if module.tables else ""
        return f"import numpy as np\n\n{tables}\n" + "\n\n".join(
            [*module.helpers(), *module.parts, *functions.values()]
        )
