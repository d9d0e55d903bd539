"""C: one function of C99, of `math.h` and `stdint.h`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar, Final

from ..._engines.expressions import STEP, Applied, Expression, Value
from ..._engines.writing import Language, Module, rewritten
from ..._language.operations import KERNELS, Kernel, Level
from .fitting import is_below_zero, may_fail

_SOURCES: Final[Mapping[str, tuple[str, int]]] = {
    "where": ("{0} ? {1} : {2}", Level.CHOICE),
    "float": ("{}", Level.ATOM),
    "negative": ("-{}", Level.SIGN),
    "minimum": ("minimum({}, {})", Level.ATOM),
    "maximum": ("maximum({}, {})", Level.ATOM),
    # Python makes whole numbers of them, which know no -0.0
    "floor": ("floor({}) + 0.0", Level.SUM),
    "ceil": ("ceil({}) + 0.0", Level.SUM),
    "round": ("rint({}) + 0.0", Level.SUM),
}

_HELPERS: Final = {
    "finite": """\
/* The value if it is a finite number, else NAN. */
static double finite(double value)
{
    return isfinite(value) ? value : NAN;
}
""",
    "divided": """\
/* NAN where Python refuses to divide. */
static double divided(double a, double b)
{
    return b == 0.0 ? NAN : a / b;
}
""",
    "raised": """\
/* NAN where Python refuses to calculate a power. */
static double raised(double a, double b)
{
    return isnan(a) || isnan(b) ? NAN : finite(pow(a, b));
}
""",
    "minimum": """\
/* The smaller one, NAN if either is; of 0.0 and -0.0 the first. */
static double minimum(double a, double b)
{
    return b < a || isnan(b) ? b : a;
}
""",
    "maximum": """\
/* The larger one, NAN if either is; of 0.0 and -0.0 the first. */
static double maximum(double a, double b)
{
    return b > a || isnan(b) ? b : a;
}
""",
    "floor_divided": """\
/* Rounded down, b being above zero. */
static int64_t floor_divided(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}
""",
    "remainder_of": """\
/* At least 0, b being above zero. */
static int64_t remainder_of(int64_t a, int64_t b)
{
    return a % b < 0 ? a % b + b : a % b;
}
""",
    "piece": """\
/* In which piece a step lies, by the first steps of all but the first one. */
static int64_t piece(const int64_t *starts, int64_t count, int64_t step)
{
    int64_t low = 0, high = count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (step < starts[middle]) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}
""",
}

_PLAIN: Final = {"//": rewritten(KERNELS["//"], "{} / {}", Level.PRODUCT)}
_FLOORED: Final = {
    "//": rewritten(KERNELS["//"], "floor_divided({}, {})"),
    "%": rewritten(KERNELS["%"], "remainder_of({}, {})"),
}
"""Of what may lie below 0, where C cuts and Python rounds down."""

_PARTIAL: Final = {
    "/": rewritten(KERNELS["/"], "divided({}, {})"),
    "power": rewritten(KERNELS["power"], "raised({}, {})"),
}

_RESERVED: Final = """\
auto break case char const continue default do double else enum extern float for goto if inline int long main register
restrict return short signed sizeof static struct switch typedef union unsigned void volatile while asm typeof bool
true false NAN INFINITY HUGE_VAL int64_t double_t float_t isnormal signbit fpclassify rint lrint llrint round lround
llround nearbyint scalbn scalbln ilogb logb fdim fmax fmin nan nexttoward tgamma j0 j1 jn y0 y1 yn gamma signgam
"""

_TOP: Final = """\
#include <math.h>
#include <stdint.h>

#if defined(__clang__) || !defined(__GNUC__)
#pragma STDC FP_CONTRACT OFF /* GCC does not know it: -std=c99 or -ffp-contract=off says the same */
#endif
"""

_FUNCTION: Final = """\
double {name}(int64_t step)
{{
    if (step < 0 || step > {last}) {{
        return NAN;
    }}
{body}
}}
"""


class C(Language):
    """C99."""

    COMMENT: ClassVar[str] = "//"
    WHOLE: ClassVar[int] = 2**63 - 1
    RESERVED: ClassVar[frozenset[str]] = frozenset([*_RESERVED.split(), *dir(math)])

    kernels: ClassVar[Mapping[str, Kernel]] = KERNELS | {
        name: rewritten(KERNELS[name], *source) for name, source in _SOURCES.items()
    }
    helpers: ClassVar[Mapping[str, str]] = _HELPERS
    closing: ClassVar[str | None] = "}"

    def kernel(self, value: Applied) -> Kernel:
        if value.whole and value.name in _FLOORED:
            below = is_below_zero(value.operands[0])
            return _FLOORED[value.name] if below else _PLAIN.get(value.name, self.kernels[value.name])
        if not may_fail(value):
            return self.kernels[value.name]
        plain = self.kernels[value.name]
        return _PARTIAL.get(value.name) or rewritten(plain, f"finite({plain.source})")

    def number(self, value: float, real: bool) -> str:
        if isinstance(value, int):
            return str(value) if not real else repr(float(value))
        if math.isnan(value):
            return "NAN"
        return repr(value).replace("inf", "INFINITY")

    def real(self, bound: tuple[int, str]) -> tuple[int, str]:
        binds, shown = bound
        return Level.SIGN, f"(double){shown}" if binds >= Level.ATOM else f"(double)({shown})"

    def test(self, condition: str) -> str:
        return f"if ({condition}) {{"

    def named(self, name: str, text: str, value: Value) -> str:
        compares = isinstance(value, Applied) and KERNELS[value.name].level == Level.COMPARISON
        whole = isinstance(value, Expression) and value.whole
        return f"const {'int' if compares else 'int64_t' if whole else 'double'} {name} = {text};"

    def given(self, text: str) -> str:
        return f"return {text};"

    def table(self, name: str, numbers: list[str], whole: bool) -> str:
        return f"static const {'int64_t' if whole else 'double'} {name}[{len(numbers)}] = {{{', '.join(numbers)}}};"

    def looked_up(self, values: str, starts: str, variable: str) -> str:
        return f"{values}[piece({starts}, sizeof {starts} / sizeof *{starts}, {variable})]"

    def function(self, name: str, lines: list[str]) -> str:
        return f"static double {name}(int64_t {STEP.name})\n{{\n" + "\n".join(lines) + "\n}\n"

    def public(self, name: str, module: Module, value: Value, last: int) -> str:
        """The function that is called from outside."""
        return _FUNCTION.format(name=name, last=last, body="\n".join(self.body(module, value)))

    def source(self, module: Module, functions: Mapping[str, str]) -> str:
        """The whole of a module."""
        declared = "".join(f"double {name}(int64_t step);\n" for name in functions)
        tables = ["\n".join(module.tables) + "\n"] if module.tables else []
        inner = [*module.helpers(), *reversed(module.parts)]
        return "\n".join([_TOP, declared, *tables, *inner, *functions.values()])
