"""C: one function of C99, of `math.h` and `stdint.h`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import ClassVar, Final

from ..._engines.expressions import STEP, Applied, Value
from ..._engines.writing import Module, rewritten
from ..._language.operations import KERNELS, Kernel, Level
from .braced import Braced, type_of
from .fitting import is_below_zero, may_fail

_SOURCES: Final[Mapping[str, tuple[str, int]]] = {
    "where": ("{0} ? {1} : {2}", Level.CHOICE),
    "float": ("{}", Level.ATOM),
    "negative": ("-{}", Level.SIGN),
    "finite": ("if_finite({})", Level.ATOM),
    "minimum": ("minimum({}, {})", Level.ATOM),
    "maximum": ("maximum({}, {})", Level.ATOM),
    # Python makes whole numbers of them, which know no -0.0
    "floor": ("floor({}) + 0.0", Level.SUM),
    "ceil": ("ceil({}) + 0.0", Level.SUM),
    "round": ("rint({}) + 0.0", Level.SUM),
}

_HELPERS: Final = {
    "if_finite": """\
/* The value if it is a finite number, else NAN. */
static double if_finite(double value)
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
    return isnan(a) || isnan(b) ? NAN : if_finite(pow(a, b));
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

_WORDS: Final = """\
auto break case char const continue default do double else enum extern float for goto if inline int long main register
restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
alignas alignof and and_eq asm assert bitand bitor bool compl complex constexpr errno false imaginary linux noreturn not
not_eq nullptr offsetof or or_eq stderr stdin stdout true typeof typeof_unqual unix va_arg va_copy va_end va_start xor
xor_eq
"""

_MATH: Final = """\
acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh drem erf erfc exp exp2 expm1 fabs fdim finite floor
fma fmax fmin fmod frexp gamma hypot ilogb isinf isnan j0 j1 jn ldexp lgamma lgamma_r llrint llround log log10 log1p
log2 logb lrint lround modf nan nearbyint nextafter nexttoward pow remainder remquo rint round scalb scalbln scalbn
significand sin sinh sqrt tan tanh tgamma trunc y0 y1 yn
"""

_LIBRARY: Final = """\
abort abs asctime atexit atof atoi atol atoll bsearch btowc calloc clearerr clock ctime difftime div exit fclose feof
ferror fflush fgetc fgetpos fgets fgetwc fgetws fopen fputc fputs fputwc fputws fread free freopen fseek fsetpos ftell
fwide fwrite getc getchar getenv gets getwc getwchar gmtime imaxabs imaxdiv labs ldiv llabs lldiv localeconv localtime
longjmp malloc mblen mbrlen mbrtowc mbsinit mbsrtowcs mbstowcs mbtowc memchr memcmp memcpy memmove memset mktime perror
putc putchar puts putwc putwchar qsort raise rand realloc remove rename rewind setbuf setjmp setlocale setvbuf signal
srand strcat strchr strcmp strcoll strcpy strcspn strerror strftime strlen strncat strncmp strncpy strpbrk strrchr
strspn strstr strtod strtof strtoimax strtok strtol strtold strtoll strtoul strtoull strtoumax strxfrm system time
tmpfile tmpnam tolower toupper ungetc ungetwc wcrtomb wctob wctomb wctrans wctype signgam
"""

_PATTERNS: Final = re.compile(
    r"""
    _[A-Z_].*  # the compiler's own
    | (FP_|M_|U?INT|PRI|SCN|SIG_|SIZE_|PTRDIFF_|WCHAR_|WINT_|HUGE_VAL|MATH_|math_)\w*(?<!_)
    | NAN | INFINITY | OVERFLOW | UNDERFLOW
    | u?int(\d+|_fast\d+|_least\d+|max|ptr)_t | (double|float|size|ptrdiff|wchar|time|clock|fpos|fenv)_t
    | v?(f|s|sn|fw|sw|w)?(printf|scanf) | (isw?|fpc)[a-z]+ | (tow|wcs|wmem)[a-z]+ | fe[a-z]+(except|round|env|flag)
    | signbit | (cabs|carg|cimag|conj|cproj|creal)[fl]?
    """,
    re.VERBOSE,
)


def _spellings(name: str) -> list[str]:
    """A function of `math.h` and its kin for other floats."""
    return [name, f"{name}f", f"{name}l", f"c{name}", f"c{name}f", f"c{name}l"]


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


class C(Braced):
    """C99."""

    WHOLE: ClassVar[int] = 2**63 - 1
    RESERVED: ClassVar[frozenset[str]] = frozenset(
        [*_WORDS.split(), *_LIBRARY.split(), *(each for name in _MATH.split() for each in _spellings(name))]
    )

    kernels: ClassVar[Mapping[str, Kernel]] = KERNELS | {
        name: rewritten(KERNELS[name], *source) for name, source in _SOURCES.items()
    }
    helpers: ClassVar[Mapping[str, str]] = _HELPERS
    outside: ClassVar[str] = _FUNCTION

    @classmethod
    def is_reserved(cls, name: str) -> bool:
        return name in cls.RESERVED or _PATTERNS.fullmatch(name) is not None

    def kernel(self, value: Applied) -> Kernel:
        if value.whole and value.name in _FLOORED:
            below = is_below_zero(value.operands[0])
            return _FLOORED[value.name] if below else _PLAIN.get(value.name, self.kernels[value.name])
        if not may_fail(value):
            return self.kernels[value.name]
        plain = self.kernels[value.name]
        return _PARTIAL.get(value.name) or rewritten(plain, f"if_finite({plain.source})")

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
        return f"const {type_of(value, 'int', 'int64_t', 'double')} {name} = {text};"

    def table(self, name: str, numbers: list[str], whole: bool) -> str:
        return f"static const {'int64_t' if whole else 'double'} {name}[{len(numbers)}] = {{{', '.join(numbers)}}};"

    def looked_up(self, values: str, starts: str, variable: str) -> str:
        return f"{values}[piece({starts}, sizeof {starts} / sizeof *{starts}, {variable})]"

    def function(self, name: str, lines: list[str]) -> str:
        return f"static double {name}(int64_t {STEP.name})\n{{\n" + "\n".join(lines) + "\n}\n"

    def source(self, module: Module, functions: Mapping[str, str]) -> str:
        """The whole of a module."""
        declared = "".join(f"double {name}(int64_t step);\n" for name in functions)
        tables = ["\n".join(module.tables) + "\n"] if module.tables else []
        inner = [*module.helpers(), *reversed(module.parts)]
        return "\n".join([_TOP, declared, *tables, *inner, *functions.values()])
