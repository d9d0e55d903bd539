"""Operations: what `+ - * / **`, the sign and `min max clip abs sqrt …` do, in every engine and to intervals.

An operation is one record, and all that is known by an operation's name is read off it: the walk, what is recorded and
the Python source that is written of it, NumPy, torch and JAX, what `why` shows, the function for Python. So a function
is added here and nowhere else, and one that lacks something is refused when this is imported.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import IntEnum
from fractions import Fraction
from functools import reduce
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

import attrs

Interval: TypeAlias = tuple[float, float]

EVERYTHING: Final[Interval] = (-math.inf, math.inf)

_MANY: Final = ("*operands",)
"""The parameters of what takes two operands or more."""

_LARGEST: Final = 1.7976931348623157e308

_EXACT: Final = 2.0**53
"""Up to where every whole number is a float."""


class Level(IntEnum):
    """How tightly Python's operators bind."""

    CHOICE = 0
    COMPARISON = 1
    SUM = 3
    PRODUCT = 4
    SIGN = 5
    POWER = 6
    ATOM = 7


class Extent(NamedTuple):
    """What is known of an operand: between which values it lies, and whether it is known never to be -0.0."""

    low: float
    high: float
    plus: bool


class Dependence(NamedTuple):
    """How values depend on the value that is handed on: whether they do, and whether they are a multiple of it.

    What depends on it and is no multiple is mixed. What does not and is one is 0.
    """

    depends: bool
    multiple: bool

    def of(self, handed: Dependence) -> Dependence:
        """The dependence on the value handed to both, if this is handed what itself depends on it as `handed`."""
        return Dependence(self.depends and handed.depends, self.multiple and (handed.multiple or not self.depends))


FREE: Final = Dependence(depends=False, multiple=False)
MULTIPLE: Final = Dependence(depends=True, multiple=True)
MIXED: Final = Dependence(depends=True, multiple=False)


def _tangled(*operands: Dependence) -> Dependence:
    return Dependence(any(each.depends for each in operands), multiple=False)


def _product(a: Dependence, b: Dependence) -> Dependence:
    """Of factors that depend on it, "Operators" in docs/language.md makes one multiple."""
    depending = [each.multiple for each in (a, b) if each.depends]
    return Dependence(bool(depending), all(depending) if depending else a.multiple or b.multiple)


class Called(NamedTuple):
    """What libraries call a kernel: NumPy (a ufunc), torch, and `jax.lax`."""

    numpy: str
    torch: str
    lax: str


def _everywhere(names: Called | str | None) -> Called | None:
    """One name stands for all."""
    return Called(names, names, names) if isinstance(names, str) else names


Outdone: TypeAlias = tuple[int, int, bool]
"""An operand that never decides, one that decides instead, and whether that one lies above."""

Slopes: TypeAlias = tuple[int | None, ...]
"""For each operand: 1 if the result never falls where it rises, -1 if it never rises, None if neither is known."""


@attrs.frozen
class Kernel:
    """One step of a calculation, as formulas ask for it (`xp.sqrt(x)`, `a + b`), and as every engine does it.

    `scalar`, what it does to numbers, is its meaning; all else is compared with it. `source` is the same in Python, of
    builtins and names of `math`, the operands being `{}`, or `{0}` …
    """

    name: str  # what array namespaces, expressions and plans call it
    scalar: Callable[..., Any]
    source: str
    called: Called | None = attrs.field(converter=_everywhere)  # in libraries; None: each engine knows by itself
    bound: Callable[..., Interval]  # between which values the result lies, by where each operand lies
    slopes: Callable[..., Slopes]  # which way the result goes with each operand, by where each operand lies
    plus: Callable[..., bool] = lambda *operands: False  # whether never -0.0, by what is known of the operands
    total: bool = False  # whether it has a finite value for all finite operands, or one too large for a float
    staircase: bool = False  # whether it is constant but where it jumps
    alike: bool = False  # whether NumPy gives the very number, of float64, but for the sign of a zero
    rounding: float = 2.0  # by how much libraries round the result, in halves of an epsilon of it
    level: int = Level.ATOM  # how tightly the source binds
    inner: tuple[int, ...] = attrs.field()  # how tightly each operand has to bind in it
    imports: frozenset[str] = attrs.field(init=False)  # of `math`; `pow` too: the builtin makes complex numbers

    @inner.default
    def _enclosed(self) -> tuple[int, ...]:
        """Nothing in parentheses or between commas comes apart; anything else has to be an atom."""
        bare = [not re.search(rf"[(,] ?{re.escape(place)}[,)]", self.source) for place in self.places()]
        return tuple(Level.ATOM if each else Level.CHOICE for each in bare)

    @imports.default
    def _from_math(self) -> frozenset[str]:
        return frozenset(name for name in re.findall(r"[a-z]\w*", self.source) if hasattr(math, name))

    def places(self) -> list[str]:
        """Where the operands stand in the source, those that stand there twice once."""
        found = re.findall(r"\{\d*\}", self.source)
        return sorted(set(found)) if "{0}" in found else found

    def written(self, *operands: Callable[[int], str]) -> str:
        """The source, of operands that are written so that they bind as tightly as they have to."""
        return self.source.format(*(write(level) for write, level in zip(operands, self.inner, strict=True)))


@attrs.frozen
class Operation:
    """What a text can do with values: a kernel, or a formula made of several.

    Between which values it lies (`bound`) lets binding prove a run finite without visiting its steps.
    """

    name: str  # how it is written
    kernel: Kernel | None = None  # None, if it has a formula of several
    parameters: tuple[str, ...] = ("operand",)  # what the operands are called in Python
    doc: str = ""  # what it gives, for whoever looks a function up
    shape: str = attrs.field(default=attrs.Factory(lambda self: self.name, takes_self=True))  # in the phase table
    words: str | None = None  # what `explain` calls its result: "the sum of" its operands
    multiple: bool = False  # whether it takes `multiple`: to multiples of what it rounds
    dependence: Callable[..., Dependence] = _tangled  # of the result on the value handed on, by that of each operand
    apply: Callable[..., Any] = attrs.field()  # its formula, of an array namespace and the operands
    bound: Callable[..., Interval] = attrs.field()
    timed: Callable[..., Any] | None = None  # the same exactly, of rationals and of lengths of time, if it takes any
    outdone: Callable[..., Iterator[Outdone]] | None = None  # if it gives one of several operands: which it never gives
    least: int = attrs.field(init=False)  # how many operands it takes at least, and at most
    most: int | None = attrs.field(init=False)

    @apply.default
    def _by_kernel(self) -> Callable[..., Any]:
        name = self._needed("apply").name
        if self.parameters == _MANY:
            return lambda xp, *operands: reduce(getattr(xp, name), operands)
        if len(self.parameters) == 1:
            return lambda xp, operand: getattr(xp, name)(operand)
        return lambda xp, *operands: getattr(xp, name)(*operands)

    @bound.default
    def _of_kernel(self) -> Callable[..., Interval]:
        bound = self._needed("bound").bound
        return (lambda *operands: reduce(bound, operands)) if self.parameters == _MANY else bound

    @least.default
    def _least(self) -> int:
        return 2 if self.parameters == _MANY else len(self.parameters)

    @most.default
    def _most(self) -> int | None:
        return None if self.parameters == _MANY else len(self.parameters)

    def __attrs_post_init__(self) -> None:
        if self.name.isidentifier() and not self.doc:
            raise TypeError(f"the operation `{self.name}` lacks `doc`")

    def _needed(self, without: str) -> Kernel:
        if self.kernel is None:
            raise TypeError(f"the operation `{self.name}` lacks `{without}`, or a kernel that has it")
        return self.kernel

    def to_multiples(self, of: float) -> Operation:
        """The same to multiples of a number above 0, which counts as the decimal that it prints as.

        Whole numbers multiply and divide, so that three times 0.1 is 0.3 and not 0.30000000000000004.
        """
        kernel = self._needed("kernel")
        ratio = Fraction(repr(of)).as_integer_ratio()
        up, down = map(float, ratio if max(ratio) <= _EXACT else (of, 1))

        def scaled(value: Any, by: float, of: float) -> Any:
            value = value if by == 1 else value * by
            return value if of == 1 else value / of

        def bound(x: Interval) -> Interval:
            low, high = kernel.bound((scaled(x[0], down, up), scaled(x[1], down, up)))
            return scaled(low, up, down), scaled(high, up, down)

        return attrs.evolve(
            self, apply=lambda xp, x: scaled(getattr(xp, kernel.name)(scaled(x, down, up)), up, down), bound=bound
        )

    def arguments(self) -> str:
        """How many operands it takes, in words."""
        plural = "one argument" if self.least == 1 else f"{('two', 'three', 'four')[self.least - 2]} arguments"
        return plural if self.most else f"{plural} or more"

    def example(self) -> str:
        """A call of it."""
        return f"{self.name}({', '.join(('a', *self.parameters[1:]) if self.most else 'ab')})"


Record = TypeVar("Record", Kernel, Operation)


def _by_name(records: Iterable[Record]) -> dict[str, Record]:
    """Records by their names, of which no two may have the same: one would be used for both."""
    found: dict[str, Record] = {}
    for record in records:
        if record.name in found:
            raise TypeError(f"there are two records of the {type(record).__name__.lower()} `{record.name}`")
        found[record.name] = record
    return found


def hull(*intervals: Interval) -> Interval:
    """The smallest interval around all of them; everything, if one is not known."""
    if any(math.isnan(end) for interval in intervals for end in interval):
        return EVERYTHING
    return min(low for low, _ in intervals), max(high for _, high in intervals)


# What several kernels have in common: bounds,


def _corners(f: Callable[[float, float], float]) -> Callable[[Interval, Interval], Interval]:
    """The bound of a function whose extremes are at the corners of the box."""

    def bound(a: Interval, b: Interval) -> Interval:
        values = [f(x, y) for x in a for y in b]
        return EVERYTHING if any(math.isnan(value) for value in values) else (min(values), max(values))

    return bound


def _rising(f: Callable[[float], float], least: float = -math.inf) -> Callable[[Interval], Interval]:
    """The bound of a function that rises wherever it is defined, which is from `least` on."""

    def bound(a: Interval) -> Interval:
        if a[0] < least or not (math.isfinite(a[0]) and math.isfinite(a[1])):
            return EVERYTHING
        try:
            return f(a[0]), f(a[1])
        except (ValueError, OverflowError):
            return EVERYTHING

    return bound


def _divided(a: Interval, b: Interval) -> Interval:
    return EVERYTHING if b[0] <= 0 <= b[1] else _corners(operator.truediv)(a, b)


def _floored(a: Interval, b: Interval) -> Interval:
    """Of integers divided by one known integer above zero."""
    low, high = (end // b[0] if math.isfinite(end) else end for end in a)
    return low, high


def _remainder(a: Interval, b: Interval) -> Interval:
    """Of integers divided by one known integer above zero."""
    return a if a[0] >= 0 and a[1] < b[0] else (0, b[0] - 1)


def _raised(a: Interval, b: Interval) -> Interval:
    if a[0] < 0 or (a[0] == 0 and b[0] < 0):
        return EVERYTHING
    try:
        return _corners(math.pow)(a, b)
    except OverflowError:
        return EVERYTHING


def _mixed(a: Interval, b: Interval, share: Interval) -> Interval:
    """Between a and b inside of them, and beyond them at a corner of the box."""
    found = [a, b]
    for end in share:
        if not 0 <= end <= 1:
            near, far, by = (a, b, end) if end < 0 else (b, a, 1 - end)
            found += [(value, value) for x in near for y in far for value in [x + (y - x) * by]]
    return hull(*found)


def _magnitude(a: Interval) -> Interval:
    return (0.0 if a[0] <= 0 <= a[1] else min(map(abs, a)), max(map(abs, a)))


def _within_floats(a: Interval) -> Interval:
    return max(a[0], -_LARGEST), min(a[1], _LARGEST)


def _wave(a: Interval) -> Interval:
    return (-1.0, 1.0) if all(map(math.isfinite, a)) else EVERYTHING


# slopes,


def _upwards(*operands: Interval) -> Slopes:
    return (1,) * len(operands)


def _unknown(*operands: Interval) -> Slopes:
    return (None,) * len(operands)


def _above_zero(a: Interval) -> Slopes:
    return (1 if a[0] >= 0 else None,)


def _by_sign(of: Interval) -> int | None:
    """The slope of a product with something."""
    return 1 if of[0] >= 0 else -1 if of[1] <= 0 else None


def _quotient(a: Interval, b: Interval) -> Slopes:
    if b[0] <= 0 <= b[1]:
        return None, None
    falls = _by_sign(a)
    return _by_sign(b), None if falls is None else -falls


def _powers(a: Interval, b: Interval) -> Slopes:
    """Where the other operand is one number: whether both rise together is nowhere asked."""
    if b[0] == b[1] and a[0] >= 0:
        return (1 if b[0] >= 0 else -1), None
    if a[0] == a[1] and a[0] > 0:
        return None, (1 if a[0] >= 1 else -1)
    return None, None


def _turns(sign: int, end: float) -> Callable[[Interval], Slopes]:
    """The slope of a wave from 0 to where it turns."""
    return lambda a: (sign if a[0] >= 0 and a[1] <= end + 1e-9 else None,)


# signs of zero,


def _always(*operands: Extent) -> bool:
    return True


def _positive(*operands: Extent) -> bool:
    return all(each.plus and each.low >= 0 for each in operands)


def _half_wave(x: Extent) -> bool:
    return _positive(x) and x.high <= math.pi


# and operands that are never given.


def _outdone(between: Sequence[Interval], above: bool) -> Iterator[Outdone]:
    """Of what gives the largest (`above`) or the smallest operand; of two that are one number, the second."""
    for index, (least, most) in enumerate(between):
        for other, its in enumerate(between):
            decides = its[0] >= most if above else its[1] <= least
            if other != index and decides and not (its == (least, most) and other > index):
                yield index, other, above
                break


def _outdone_clip(x: Interval, low: Interval, high: Interval) -> Iterator[Outdone]:
    if x[0] >= low[1]:
        yield 1, 0, True
    if x[1] <= high[0]:
        yield 2, 0, False
    if x[1] <= low[0]:
        yield 0, 1, True
    elif x[0] >= high[1]:
        yield 0, 2, False


# The kernels that only formulas and recording use.


def _infix(name: str, scalar: Callable[..., Any], level: int, **rest: Any) -> Kernel:
    sides = (level, level + 1)
    return Kernel(name, scalar, f"{{}} {name} {{}}", level=level, inner=sides, alike=True, **{"rounding": 1.0, **rest})


def _comparison(name: str, scalar: Callable[..., Any], called: Called) -> Kernel:
    unit, known = (lambda a, b: (0.0, 1.0)), {"plus": _always, "total": True, "staircase": True}
    return _infix(name, scalar, Level.COMPARISON, called=called, bound=unit, slopes=_unknown, **known)


def _finite(value: float) -> float:
    if math.isfinite(value):
        return value
    raise OverflowError("the schedule has no finite value at this step")


_FOR_RECORDING: Final = (
    # Division of integers that are not below zero, so that `div`, which cuts, is no other than `//`.
    _infix(
        "//",
        operator.floordiv,
        Level.PRODUCT,
        called=Called("floor_divide", "floor_divide", "div"),
        bound=_floored,
        slopes=lambda a, b: (1, None),
        staircase=True,
    ),
    _infix(
        "%",
        operator.mod,
        Level.PRODUCT,
        called=Called("remainder", "remainder", "rem"),
        bound=_remainder,
        slopes=_unknown,
    ),
    _comparison("<", operator.lt, Called("less", "lt", "lt")),
    _comparison("<=", operator.le, Called("less_equal", "le", "le")),
    _comparison(">", operator.gt, Called("greater", "gt", "gt")),
    _comparison(">=", operator.ge, Called("greater_equal", "ge", "ge")),
    Kernel(
        "where",
        lambda condition, a, b: a if condition else b,
        "{1} if {0} else {2}",
        None,
        lambda condition, a, b: hull(a, b),
        slopes=_unknown,
        plus=lambda condition, a, b: a.plus and b.plus,
        total=True,
        alike=True,
        level=Level.CHOICE,
        inner=(Level.COMPARISON, Level.COMPARISON, Level.CHOICE),
    ),
    Kernel("expm1", math.expm1, "expm1({})", "expm1", _rising(math.expm1), slopes=_upwards, plus=_positive),
    Kernel(
        "log1p",
        math.log1p,
        "log1p({})",
        "log1p",
        _rising(math.log1p, -1.0),
        slopes=_upwards,
        plus=_positive,
        rounding=4.0,
    ),
    Kernel("float", float, "float({})", None, lambda a: a, slopes=_upwards, plus=_positive, total=True, alike=True),
    Kernel("finite", _finite, "finite({})", None, _within_floats, slopes=_upwards, plus=_positive, alike=True),
)

# The operations.

_SIDES: Final = ("left", "right")


def _named(name: str, doc: str, bound: Callable[..., Interval], **known: Any) -> Operation:
    """A function of `math` that is called the same everywhere."""
    known = {"slopes": _upwards, **known}
    kernel = Kernel(name, getattr(math, name), f"{name}({{}})", name, bound, **known)
    return Operation(name, kernel, doc=doc)


def _stairs(name: str, doc: str, scalar: Callable[[float], int], numpy: str) -> Operation:
    """A function to whole numbers."""
    kernel = Kernel(
        name,
        lambda x: float(scalar(x)),
        f"float({name}({{}}))",
        Called(numpy, name, name),
        _rising(scalar),
        slopes=_upwards,
        total=True,
        staircase=True,
        alike=True,
    )
    return Operation(name, kernel, doc=doc, multiple=True, timed=scalar)


def _extreme(
    name: str, which: str, pick: Callable[..., Any], called: str, scalar: Callable[..., Any], *, above: bool
) -> Operation:
    """The smallest or the largest of the operands."""
    kernel = Kernel(
        called,
        scalar,
        f"{name}({{}}, {{}})",
        Called(called, called, name),
        lambda a, b: (pick(a[0], b[0]), pick(a[1], b[1])),
        slopes=_upwards,
        plus=_positive,
        total=True,
        alike=True,
        rounding=0.0,
    )
    return Operation(
        name,
        kernel,
        parameters=_MANY,
        doc=f"The {which} of two or more.",
        words=f"the {which} of",
        timed=pick,
        outdone=lambda *between: _outdone(between, above),
    )


def _operator(
    name: str,
    shape: str,
    *,
    apply: Callable[..., Any],
    words: str | None = None,
    dependence: Callable[..., Dependence] = _tangled,
    **kernel: Any,
) -> Operation:
    """An operator between its operands."""
    own = _infix(name, **kernel)
    return Operation(name, own, _SIDES, shape=shape, words=words, dependence=dependence, apply=apply, timed=own.scalar)


_ADD: Final = _operator(
    "+",
    "sum",
    apply=lambda xp, a, b: a + b,
    words="the sum of",
    scalar=operator.add,
    level=Level.SUM,
    called="add",
    bound=lambda a, b: (a[0] + b[0], a[1] + b[1]),
    slopes=_upwards,
    plus=_positive,
    total=True,
)
_SUBTRACT: Final = _operator(
    "-",
    "sum",
    apply=lambda xp, a, b: a - b,
    scalar=operator.sub,
    level=Level.SUM,
    called=Called("subtract", "sub", "sub"),
    bound=lambda a, b: (a[0] - b[1], a[1] - b[0]),
    slopes=lambda a, b: (1, -1),
    total=True,
)
_MULTIPLY: Final = _operator(
    "*",
    "product",
    apply=lambda xp, a, b: a * b,
    words="the product of",
    dependence=_product,
    scalar=operator.mul,
    level=Level.PRODUCT,
    called=Called("multiply", "mul", "mul"),
    bound=_corners(operator.mul),
    slopes=lambda a, b: (_by_sign(b), _by_sign(a)),
    plus=_positive,
    total=True,
)
_DIVIDE: Final = _operator(
    "/",
    "product",
    apply=lambda xp, a, b: a / b,
    dependence=lambda a, b: _tangled(a, b) if b.depends else a,
    scalar=operator.truediv,
    level=Level.PRODUCT,
    called=Called("divide", "div", "div"),
    bound=_divided,
    slopes=_quotient,
    plus=_positive,
    rounding=1.5,  # XLA multiplies by the reciprocal of what is known
)
POWER: Final = Operation(
    "**",
    Kernel("power", math.pow, "pow({}, {})", Called("power", "pow", "pow"), _raised, slopes=_powers, plus=_positive),
    parameters=_SIDES,
    shape="power",
)
NEGATIVE: Final = Operation(
    "-",
    Kernel(
        "negative",
        operator.neg,
        "-{}",
        Called("negative", "neg", "neg"),
        lambda a: (-a[1], -a[0]),
        slopes=lambda a: (-1,),
        total=True,
        alike=True,
        rounding=0.0,
        level=Level.SIGN,
        inner=(Level.SIGN,),
    ),
    apply=lambda xp, a: -a,
    shape="negative",
    dependence=lambda a: a,
)

INFIX: Final = _by_name((_ADD, _SUBTRACT, _MULTIPLY, _DIVIDE))

_FUNCTIONS: Final = (
    _extreme(
        "min", "smallest", min, "minimum", lambda a, b: b if b < a else a, above=False
    ),  # of 0.0 and -0.0 the first
    _extreme("max", "largest", max, "maximum", lambda a, b: b if b > a else a, above=True),
    Operation(
        "clip",
        apply=lambda xp, x, low, high: xp.minimum(xp.maximum(x, low), high),
        bound=lambda x, low, high: (min(max(x[0], low[0]), high[0]), min(max(x[1], low[1]), high[1])),
        parameters=("operand", "low", "high"),
        outdone=_outdone_clip,
        doc="The operand, at least `low` and at most `high`.",
    ),
    Operation(
        "mix",
        apply=lambda xp, a, b, share: xp.where(share <= 0.5, a + (b - a) * share, b + (a - b) * (1 - share)),
        bound=_mixed,
        parameters=("a", "b", "share"),
        doc="`a` at a share of 0, `b` at a share of 1, in between in a straight line: `a + (b - a)·share`.",
    ),
    Operation(
        "abs",
        Kernel(
            "abs",
            math.fabs,
            "fabs({})",
            "abs",
            _magnitude,
            slopes=_above_zero,
            plus=_always,
            total=True,
            alike=True,
            rounding=0.0,
        ),
        doc="Without its sign.",
    ),
    _named("sqrt", "The square root.", _rising(math.sqrt, 0.0), plus=_positive, alike=True, rounding=1.5),
    _named("exp", "e to the power of the operand.", _rising(math.exp), plus=_always),
    _named("log", "The natural logarithm.", _rising(math.log, 5e-324)),
    _named(
        "sin",
        "The sine of an angle in radians.",
        _wave,
        slopes=_turns(1, math.pi / 2),
        plus=_half_wave,
        total=True,
        alike=True,  # as of NumPy 1.26 sines and cosines of float64 are those of the C library
    ),
    _named("cos", "The cosine of an angle in radians.", _wave, slopes=_turns(-1, math.pi), total=True, alike=True),
    # XLA's is a quotient of polynomials
    _named("tanh", "The hyperbolic tangent.", _rising(math.tanh), total=True, rounding=5.0),
    _stairs("floor", "The largest whole number that is not above.", math.floor, numpy="floor"),
    _stairs("ceil", "The smallest whole number that is not below.", math.ceil, numpy="ceil"),
    _stairs("round", "The nearest whole number; of two equally near the even one.", round, numpy="rint"),
)

FUNCTIONS: Final = _by_name(_FUNCTIONS)
"""The pointwise functions by name."""

OPERATIONS: Final = (_ADD, _SUBTRACT, _MULTIPLY, _DIVIDE, POWER, NEGATIVE, *_FUNCTIONS)

KERNELS: Final = _by_name((*(each.kernel for each in OPERATIONS if each.kernel is not None), *_FOR_RECORDING))
"""All kernels by name."""
