"""Rust: one function, of its standard library."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar, Final

import attrs

from ..._engines.expressions import STEP, Applied, Value
from ..._engines.writing import rewritten
from ..._language.operations import KERNELS, Kernel, Level
from .braced import Braced, type_of
from .fitting import is_below_zero, may_fail

_SOURCES: Final[Mapping[str, tuple[str, int]]] = {
    "float": ("{}", Level.ATOM),
    "negative": ("-{}", Level.SIGN),
    "finite": ("if_finite({})", Level.ATOM),
    "power": ("f64::powf({}, {})", Level.ATOM),
    "minimum": ("minimum({}, {})", Level.ATOM),
    "maximum": ("maximum({}, {})", Level.ATOM),
    "abs": ("f64::abs({})", Level.ATOM),
    "log": ("f64::ln({})", Level.ATOM),
    "expm1": ("f64::exp_m1({})", Level.ATOM),
    "log1p": ("f64::ln_1p({})", Level.ATOM),
    # Python makes whole numbers of them, which know no -0.0
    "floor": ("f64::floor({}) + 0.0", Level.SUM),
    "ceil": ("f64::ceil({}) + 0.0", Level.SUM),
    "round": ("rint({}) + 0.0", Level.SUM),
} | {name: (f"f64::{name}({{}})", Level.ATOM) for name in ("sqrt", "exp", "sin", "cos", "tanh")}

_BARE: Final[Mapping[str, tuple[str, int]]] = {
    "where": ("if {0} {{ {1} }} else {{ {2} }}", Level.CHOICE),
    # behind `as f64` a `<` begins a list of types
    "<": ("{1} > {0}", Level.SUM),
    "<=": ("{1} >= {0}", Level.SUM),
}
"""And how tightly their operands have to bind."""

_HELPERS: Final = {
    "if_finite": """\
/// The value if it is a finite number, else NAN.
fn if_finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}
""",
    "divided": """\
/// NAN where Python refuses to divide.
fn divided(a: f64, b: f64) -> f64 {
    if b == 0.0 { f64::NAN } else { a / b }
}
""",
    "raised": """\
/// NAN where Python refuses to calculate a power.
fn raised(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { if_finite(a.powf(b)) }
}
""",
    "minimum": """\
/// The smaller one, NAN if either is; of 0.0 and -0.0 the first.
fn minimum(a: f64, b: f64) -> f64 {
    if b < a || b.is_nan() { b } else { a }
}
""",
    "maximum": """\
/// The larger one, NAN if either is; of 0.0 and -0.0 the first.
fn maximum(a: f64, b: f64) -> f64 {
    if b > a || b.is_nan() { b } else { a }
}
""",
    "rint": """\
/// The nearest whole number; of two equally near the even one.
fn rint(x: f64) -> f64 {
    let whole = 4503599627370496.0;
    if x.is_nan() || x.abs() >= whole {
        x
    } else if x < 0.0 {
        x - whole + whole
    } else {
        x + whole - whole
    }
}
""",
}

_FLOORED: Final = {
    "//": rewritten(KERNELS["//"], "i64::div_euclid({}, {})"),
    "%": rewritten(KERNELS["%"], "i64::rem_euclid({}, {})"),
}
"""Of what may lie below 0, where Rust cuts and Python rounds down."""

_PLAIN: Final = {"//": rewritten(KERNELS["//"], "{} / {}", Level.PRODUCT)}

_PARTIAL: Final = {
    "/": rewritten(KERNELS["/"], "divided({}, {})"),
    "power": rewritten(KERNELS["power"], "raised({}, {})"),
}

_RESERVED: Final = """\
Self abstract as async await become bool box break char const continue crate do dyn else enum extern f32 f64 false final
fn for gen i128 i16 i32 i64 i8 if impl in isize let loop macro main match mod move mut override priv pub ref return self
static str struct super trait true try type typeof u128 u16 u32 u64 u8 union unsafe unsized use usize virtual where
while yield _
"""

_FUNCTION: Final = """\
/// The value at a step from 0 to {last}, NAN at others.
pub fn {name}(step: i64) -> f64 {{
    if step < 0 || step > {last} {{
        return f64::NAN;
    }}
{body}
}}
"""


class Rust(Braced):
    """Rust, as of 1.52."""

    WHOLE: ClassVar[int] = 2**63 - 1
    RESERVED: ClassVar[frozenset[str]] = frozenset(_RESERVED.split())

    kernels: ClassVar[Mapping[str, Kernel]] = {
        **KERNELS,
        **{name: rewritten(KERNELS[name], *source) for name, source in _SOURCES.items()},
        **{
            name: attrs.evolve(KERNELS[name], source=source, inner=(inner,) * len(KERNELS[name].inner))
            for name, (source, inner) in _BARE.items()
        },
    }
    helpers: ClassVar[Mapping[str, str]] = _HELPERS
    outside: ClassVar[str] = _FUNCTION

    def kernel(self, value: Applied) -> Kernel:
        plain = self.kernels[value.name]
        if value.whole and value.name in _FLOORED:
            below = is_below_zero(value.operands[0])
            return _FLOORED[value.name] if below else _PLAIN.get(value.name, plain)
        if not may_fail(value):
            return plain
        return _PARTIAL.get(value.name) or rewritten(plain, f"if_finite({plain.source})")

    def number(self, value: float, real: bool) -> str:
        if isinstance(value, int):
            return str(value) if not real else repr(float(value))
        if math.isnan(value):
            return "f64::NAN"
        return repr(value).replace("inf", "f64::INFINITY").replace("e+", "e")

    def real(self, bound: tuple[int, str]) -> tuple[int, str]:
        binds, shown = bound
        return Level.PRODUCT, f"{shown} as f64" if binds >= Level.ATOM else f"({shown}) as f64"

    def test(self, condition: str) -> str:
        return f"if {condition} {{"

    def named(self, name: str, text: str, value: Value) -> str:
        return f"let {name}: {type_of(value, 'bool', 'i64', 'f64')} = {text};"

    def table(self, name: str, numbers: list[str], whole: bool) -> str:
        return f"static {name}: [{'i64' if whole else 'f64'}; {len(numbers)}] = [{', '.join(numbers)}];"

    def entry(self, table: str, index: str) -> str:
        return f"{table}[({index}) as usize]"

    def looked_up(self, values: str, starts: str, variable: str) -> str:
        return f"{values}[{starts}.partition_point(|first| *first <= {variable})]"

    def function(self, name: str, lines: list[str]) -> str:
        return f"fn {name}({STEP.name}: i64) -> f64 {{\n" + "\n".join(lines) + "\n}\n"
