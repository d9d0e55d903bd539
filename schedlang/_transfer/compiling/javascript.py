"""JavaScript: an ES module with one function, which runs in browsers and in Node."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import ClassVar, Final

from ..._engines.expressions import STEP, Applied, Value
from ..._engines.writing import rewritten
from ..._language.operations import KERNELS, Kernel, Level
from .braced import Braced
from .fitting import FLOATS, is_below_zero, may_fail

_SOURCES: Final[Mapping[str, tuple[str, int]]] = {
    "where": ("{0} ? {1} : {2}", Level.CHOICE),
    "float": ("{}", Level.ATOM),
    "negative": ("-{}", Level.SIGN),
    "finite": ("finite({})", Level.ATOM),
    "abs": ("Math.abs({})", Level.ATOM),
    "minimum": ("minimum({}, {})", Level.ATOM),
    "maximum": ("maximum({}, {})", Level.ATOM),
    # Python makes whole numbers of them, which know no -0
    "floor": ("Math.floor({}) + 0", Level.SUM),
    "ceil": ("Math.ceil({}) + 0", Level.SUM),
    "round": ("rint({}) + 0", Level.SUM),
    "//": ("Math.floor({0} / {1})", Level.ATOM),  # exact, as both are whole and below 2⁵³
}

_HELPERS: Final = {
    "finite": """\
// The value, if it is a finite number.
function finite(value) {
    if (Number.isFinite(value)) return value;
    throw new RangeError("the schedule has no finite value at this step");
}
""",
    "divided": """\
// Refuses to divide by 0.
function divided(a, b) {
    return b === 0 ? finite(NaN) : a / b;
}
""",
    "minimum": """\
// The smaller one; of 0 and -0 the first.
function minimum(a, b) {
    return b < a ? b : a;
}
""",
    "maximum": """\
// The larger one; of 0 and -0 the first.
function maximum(a, b) {
    return b > a ? b : a;
}
""",
    "rint": """\
// The nearest whole number; of two equally near the even one.
function rint(x) {
    const whole = 4503599627370496;
    return Math.abs(x) >= whole ? x : x < 0 ? x - whole + whole : x + whole - whole;
}
""",
    "remainder": """\
// At least 0, b being above 0.
function remainder(a, b) {
    const rest = a % b;
    return rest < 0 ? rest + b : rest;
}
""",
    "piece": """\
// In which piece a step lies, by the first steps of all but the first one.
function piece(starts, step) {
    let [low, high] = [0, starts.length];
    while (low < high) {
        const middle = (low + high) >> 1;
        if (step < starts[middle]) high = middle;
        else low = middle + 1;
    }
    return low;
}
""",
}

_REMAINDER: Final = rewritten(KERNELS["%"], "remainder({}, {})")
"""Of what may lie below 0, where JavaScript cuts and Python rounds down."""

_RESERVED: Final = """\
arguments await break case catch class const continue debugger default delete do else enum eval export extends false
finally for function if implements import in instanceof interface let new null package private protected public return
static super switch this throw true try typeof var void while with yield Infinity Math NaN Number RangeError undefined
document location top window
"""

_FUNCTION: Final = """\
export function {name}(step) {{
    if (!(Number.isInteger(step) && step >= 0 && step <= {last})) {{
        throw new RangeError(`a step is a whole number from 0 to {last}, not ${{step}}`);
    }}
{body}
}}
"""


def _of_math(kernel: Kernel) -> Kernel:
    """A kernel that is called the same in `Math`."""
    if not kernel.imports:
        return kernel
    return rewritten(kernel, re.sub(r"\b([a-z]\w*)\(", r"Math.\1(", kernel.source), kernel.level)


class JavaScript(Braced):
    """JavaScript, as of ES2015."""

    WHOLE: ClassVar[int] = FLOATS - 1
    RESERVED: ClassVar[frozenset[str]] = frozenset(_RESERVED.split())

    kernels: ClassVar[Mapping[str, Kernel]] = {name: _of_math(kernel) for name, kernel in KERNELS.items()} | {
        name: rewritten(KERNELS[name], *source) for name, source in _SOURCES.items()
    }
    helpers: ClassVar[Mapping[str, str]] = _HELPERS
    outside: ClassVar[str] = _FUNCTION

    def kernel(self, value: Applied) -> Kernel:
        plain = self.kernels[value.name]
        if value.name == "%" and is_below_zero(value.operands[0]):
            return _REMAINDER
        if not may_fail(value):
            return plain
        return rewritten(plain, "divided({}, {})" if value.name == "/" else f"finite({plain.source})")

    def number(self, value: float, real: bool) -> str:
        if isinstance(value, float):
            if math.isnan(value):
                return "NaN"
            if value.is_integer() and abs(value) < FLOATS and (value or math.copysign(1, value) > 0):
                return str(int(value))
        return repr(value).replace("inf", "Infinity")

    def test(self, condition: str) -> str:
        return f"if ({condition}) {{"

    def named(self, name: str, text: str, value: Value) -> str:
        return f"const {name} = {text};"

    def table(self, name: str, numbers: list[str], whole: bool) -> str:
        return f"const {name} = [{', '.join(numbers)}];"

    def looked_up(self, values: str, starts: str, variable: str) -> str:
        return f"{values}[piece({starts}, {variable})]"

    def function(self, name: str, lines: list[str]) -> str:
        return f"function {name}({STEP.name}) {{\n" + "\n".join(lines) + "\n}\n"
