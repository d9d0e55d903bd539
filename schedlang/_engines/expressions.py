"""Expressions: what is recorded when a clock is read, and a formula asked, for a step that is not known yet.

A recorded step goes through the same clocks and the same formulas as a number does. What comes out is an expression:
which operations, in which order. Numbers that are known are calculated on the way, by the same operations, so an
expression gives what the walk gives, to the last bit. Each expression knows between which values it lies; a comparison
that this decides is decided while recording, and one of whole numbers that it does not decide raises `TurnError`, which
says at which step the answer changes: whoever records then does so for the steps before and behind it apart.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, TypeAlias

import attrs

from .._language.easing import Share, plain
from .._language.operations import EVERYTHING, INFIX, KERNELS, Extent, Interval
from .._language.program import Part

Value: TypeAlias = "Expression | int | float"


class TurnError(Exception):
    """A comparison whose answer changes at a step: recorded values before it, and from it on, differ in kind."""

    def __init__(self, variable: StepVariable, step: int) -> None:
        super().__init__(variable.name, step)
        self.variable = variable
        self.step = step


class OpaqueError(Exception):
    """A calculation that cannot be recorded: whoever wanted it asks the walk instead."""


@attrs.frozen(eq=False)
class StepVariable:
    """A whole number that steps are counted in, from `low` to `high`: `STEP`, or one calculated from it (`meaning`)."""

    name: str
    meaning: Expression | None = None
    low: int = 0
    high: float = math.inf


STEP: Final = StepVariable("step")
"""The step that is asked for."""

SEEN: Final = StepVariable("seen")
"""What has been seen by then, of a unit whose rate is being followed."""


def _binary(name: str) -> Callable[[Any, Any], Any]:
    return lambda left, right: binary(name, left, right)


def _reflected(name: str) -> Callable[[Any, Any], Any]:
    return lambda right, left: binary(name, left, right)


def _comparison(name: str) -> Callable[[Any, Any], Any]:
    return lambda left, right: _compared(name, left, right)


class _Recorded:
    """What Python's operators do to what is not known yet."""

    __slots__ = ()
    __hash__ = object.__hash__  # by identity, so that a dict finds an expression without comparing it

    def __eq__(self, other: object) -> bool:
        raise OpaqueError("a recorded value cannot be compared for equality")

    def __bool__(self) -> bool:
        raise OpaqueError("a recorded value is neither true nor false")

    def __float__(self) -> float:
        raise OpaqueError("a recorded value is no float yet")

    def __index__(self) -> int:
        raise OpaqueError("a recorded value is no int yet")

    __int__ = __round__ = __floor__ = __ceil__ = __trunc__ = __index__

    __add__, __radd__ = _binary("+"), _reflected("+")
    __sub__, __rsub__ = _binary("-"), _reflected("-")
    __mul__, __rmul__ = _binary("*"), _reflected("*")
    __truediv__, __rtruediv__ = _binary("/"), _reflected("/")
    __floordiv__, __mod__ = _binary("//"), _binary("%")
    __lt__, __le__, __gt__, __ge__ = _comparison("<"), _comparison("<="), _comparison(">"), _comparison(">=")


@attrs.frozen(eq=False)
class Expression(_Recorded):
    """A recorded value: abstract (not an ABC, whose isinstance is slow).

    Attributes:
        low, high: between which values it lies; infinite where that is not known.
        whole: whether it is an integer.
        plus: whether it is known never to be -0.0.
    """

    low: float = attrs.field(default=-math.inf, kw_only=True)
    high: float = attrs.field(default=math.inf, kw_only=True)
    whole: bool = attrs.field(default=False, kw_only=True)
    plus: bool = attrs.field(default=False, kw_only=True)

    def __neg__(self) -> Any:
        return binary("-", 0, self) if self.whole else apply("negative", self)


@attrs.frozen(eq=False)
class Affine(Expression):
    """`factor * variable + offset`: a whole number."""

    variable: StepVariable
    factor: int = 1
    offset: int = 0
    whole: bool = attrs.field(default=True, init=False)
    plus: bool = attrs.field(default=True, init=False)


@attrs.frozen(eq=False)
class Applied(Expression):
    """An operation on values: arithmetic, a function, `where`, a comparison."""

    name: str
    operands: tuple[Value, ...]


@attrs.frozen(eq=False)
class Take(Expression):
    """An entry of a table."""

    table: tuple[float, ...]
    index: Expression


@attrs.frozen(eq=False)
class Asked(Expression):
    """What a part shows at a step, asked of the walk: for what cannot be recorded."""

    part: Part
    step: Expression


@attrs.frozen
class ValuePiece:
    """The values of `variable` from `first` up to, not including, `stop` (math.inf: all) and what is shown there.

    Attributes:
        phase: the same for all pieces of one phase of the text; None: not known.
    """

    first: int
    stop: float
    value: Value
    phase: int | None = None


@attrs.frozen(eq=False)
class Switch(Expression):
    """One value after the other, along a variable: at least two pieces without gaps between them."""

    variable: StepVariable
    pieces: tuple[ValuePiece, ...]


def switched(variable: StepVariable, pieces: Sequence[ValuePiece]) -> Value:
    """Pieces along a variable as one value."""
    values = [piece.value for piece in pieces]
    if len(values) == 1:
        return values[0]
    low, high = min(map(_low_of, values)), max(map(_high_of, values))
    return Switch(variable, tuple(pieces), low=low, high=high, plus=all(map(is_plus, values)))


@attrs.frozen(eq=False)
class Ratio(_Recorded):
    """A whole expression over a whole number: an exact time while a clock is read."""

    top: Any
    bottom: int

    @classmethod
    def of(cls, value: Any) -> Ratio:
        """A whole number, rational or ratio as a ratio."""
        if isinstance(value, Ratio):
            return value
        if isinstance(value, Fraction):
            return cls(value.numerator, value.denominator)
        if isinstance(value, int) or (isinstance(value, Expression) and value.whole):
            return cls(value, 1)
        raise OpaqueError("exact times are whole numbers and rationals")

    def combined(self, name: str, that: Ratio) -> Any:
        """`self + that`, `self - that`, `self * that` or `self // that`."""
        if name in ("+", "-"):
            top = KERNELS[name].scalar(self.top * that.bottom, that.top * self.bottom)
            return Ratio(top, self.bottom * that.bottom)
        if name == "*":
            return Ratio(self.top * that.top, self.bottom * that.bottom)
        if name == "//" and isinstance(that.top, int) and that.top > 0:
            return self.top * that.bottom // (self.bottom * that.top)
        raise OpaqueError("exact times are divided by known ones, without a rest")


# What is known of a value.


def _low_of(value: Value) -> float:
    """The least a value can be."""
    return value.low if isinstance(value, Expression) else value


def _high_of(value: Value) -> float:
    """The most a value can be."""
    return value.high if isinstance(value, Expression) else value


def _is_whole(value: Value) -> bool:
    """Whether a value is an integer."""
    return value.whole if isinstance(value, Expression) else isinstance(value, int)


def is_plus(value: Value) -> bool:
    """Whether a value is known never to be -0.0."""
    if isinstance(value, Expression):
        return value.plus
    return value != 0 or math.copysign(1, value) > 0


def _is_finite(value: Value) -> bool:
    """Whether a value is known to be finite."""
    return -math.inf < _low_of(value) and _high_of(value) < math.inf


def _has_value(value: Value) -> bool:
    """Whether a value is there at every step, and finite; else it has to be asked, which tells where it isn't."""
    return _is_finite(value) and not any(
        isinstance(each, Asked) or (isinstance(each, Applied) and each.name == "finite") for each in nodes(value)
    )


def is_same(a: Value, b: Value) -> bool:
    """Whether two values are the same number, to the bit, or the same expression."""
    if isinstance(a, Expression) or isinstance(b, Expression):
        return a is b
    return a == b and (a != 0 or math.copysign(1, a) == math.copysign(1, b))


def interval(value: Value) -> Interval:
    """Between which floats a value lies."""
    try:
        return float(_low_of(value)), float(_high_of(value))
    except OverflowError:
        return EVERYTHING


# Whole numbers.


def affine(variable: StepVariable, factor: int, offset: int, low: float, high: float) -> Value:
    """`factor * variable + offset`, between low and high; a number, if it can be one only."""
    if factor == 0:
        return offset
    return int(low) if low == high else Affine(variable, factor, offset, low=low, high=high)


def _whole(name: str, a: Value, b: Value) -> Value:
    """Integer arithmetic; linear in one variable as long as it can be."""
    match name, a, b:
        case "+", Expression(), int(0):
            return a
        case "+", Affine(), int():
            return affine(a.variable, a.factor, a.offset + b, a.low + b, a.high + b)
        case (("+" | "*"), int(), Affine()):
            return _whole(name, b, a)
        case "-", Affine(), int():
            return affine(a.variable, a.factor, a.offset - b, a.low - b, a.high - b)
        case "-", int(), Affine():
            return affine(b.variable, -b.factor, a - b.offset, a - b.high, a - b.low)
        case "*", Affine(), int():
            low, high = sorted((times(a.low, b), times(a.high, b)))
            return affine(a.variable, a.factor * b, a.offset * b, low, high)
        case (("+" | "-"), Affine(), Affine()) if a.variable is b.variable:
            sign = 1 if name == "+" else -1
            factor = a.factor + sign * b.factor
            offset = a.offset + sign * b.offset
            if factor == 0:
                return offset
            first = (a.low if a.factor > 0 else a.high) + sign * (b.low if b.factor > 0 else b.high)
            last = (a.high if a.factor > 0 else a.low) + sign * (b.high if b.factor > 0 else b.low)
            if math.isnan(last):
                last = math.inf if factor > 0 else -math.inf
            return affine(a.variable, factor, offset, min(first, last), max(first, last))
    low, high = whole_interval(name, (_low_of(a), _high_of(a)), (_low_of(b), _high_of(b)))
    if low == high:
        return int(low)
    if name == "//" and b == 1:
        return a
    if name == "%" and _low_of(a) >= 0 and _high_of(a) < _low_of(b):
        return a
    return Applied(name, (a, b), low=low, high=high, whole=True, plus=True)


def times(a: float, b: float) -> float:
    """The product of two ends of intervals, where nothing times infinity is nothing."""
    return 0 if a == 0 or b == 0 else a * b


def whole_interval(name: str, a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    """Between which integers `a + b`, `a - b`, `a * b`, `a // b` or `a % b` lies, from where a and b lie."""
    if name == "*":
        products = [times(x, y) for x in a for y in b]
        return min(products), max(products)
    if name in ("//", "%") and (b[0] != b[1] or b[0] <= 0):
        raise OpaqueError("integers are divided by known integers above zero")
    return KERNELS[name].bound(a, b)


# Operations.

_COMPARISONS: Final = ("<", "<=", ">", ">=")


def _check(*operands: Any) -> None:
    """Refuse what is no number."""
    for each in operands:
        if isinstance(each, bool) or not isinstance(each, (int, float, Expression)):
            raise OpaqueError("only numbers can be calculated with")


def apply(name: str, *operands: Value) -> Value:
    """An operation on values, at least one of them recorded, as floats."""
    kernel = KERNELS[name]
    low, high = kernel.bound(*map(interval, operands))
    square = name == "*" and operands[0] is operands[1]
    if square:
        low = max(low, 0.0)
    if math.isnan(low) or math.isnan(high):
        low, high = EVERYTHING
    extents = (Extent(_low_of(each), _high_of(each), is_plus(each)) for each in operands)
    plus = low > 0 or high < 0 or square or kernel.plus(*extents)
    return Applied(name, operands, low=low, high=high, plus=plus)


def applied(name: str, operands: tuple[Value, ...]) -> Value:
    """An operation on values that may be known.

    Raises:
        ArithmeticError, ValueError: if they are known, and it has no value for them.
    """
    if name == "finite":
        return guarded(operands[0])
    if not any(isinstance(operand, Expression) for operand in operands):
        value: Value = KERNELS[name].scalar(*operands)
        return value
    if name in INFIX:
        return _simpler(name, *operands)
    if name in _COMPARISONS:
        return _compared(name, *operands)
    if name == "where" and isinstance(operands[0], bool):
        return operands[1] if operands[0] else operands[2]
    return apply(name, *operands)


def binary(name: str, a: Any, b: Any) -> Any:
    """`a + b`, `a - b`, `a * b`, `a / b`, `a // b` or `a % b` of values, at least one of them recorded."""
    for each in (a, b):
        if isinstance(each, (Fraction, Ratio)):
            return Ratio.of(a).combined(name, Ratio.of(b))
        if isinstance(each, Share):
            return binary(name, plain(a), plain(b))
        _check(each)
    if _is_whole(a) and _is_whole(b) and name != "/":
        return _whole(name, a, b)
    if name in ("//", "%"):
        raise OpaqueError("only whole numbers are divided with a remainder")
    return _simpler(name, a, b)


def _is(value: Value, number: float) -> bool:
    """Whether a value is that number, and not -0.0 for 0.0."""
    return isinstance(value, float) and value == number and is_plus(value)


def _simpler(name: str, a: Value, b: Value) -> Value:
    """Float arithmetic, without what changes no bit."""
    match name:
        case "+":
            if _is(a, 0.0) and is_plus(b) and not _is_whole(b):
                return b
            if _is(b, 0.0) and is_plus(a) and not _is_whole(a):
                return a
            if isinstance(b, Applied) and b.name == "*" and isinstance(b.operands[0], float) and b.operands[0] < 0:
                return apply("-", a, binary("*", -b.operands[0], b.operands[1]))
        case "-":
            if _is(b, 0.0) and not _is_whole(a):
                return a
        case "*":
            if _is(a, 1.0) and not _is_whole(b):
                return b
            if _is(b, 1.0) and not _is_whole(a):
                return a
            for zero, other in ((a, b), (b, a)):
                if _is(zero, 0.0) and is_plus(other) and _low_of(other) >= 0 and _has_value(other):
                    return 0.0
        case "/":
            if isinstance(b, (int, float)) and b == 1 and not _is_whole(a):
                return a
    return apply(name, a, b)


def _compared(name: str, a: Value, b: Value) -> bool | Undecided:
    """A comparison: decided, if the values' ranges decide it."""
    _check(a, b)
    scalar = KERNELS[name].scalar
    if _is_whole(a) and _is_whole(b):
        a, b = _whole("-", a, b), 0
    if scalar(_low_of(a), _high_of(b)) == scalar(_high_of(a), _low_of(b)):
        return bool(scalar(_low_of(a), _high_of(b)))
    return Undecided(name, (a, b), low=0, high=1, plus=True)


@attrs.frozen(eq=False)
class Undecided(Applied):
    """A comparison that is not decided."""

    def turn(self) -> None:
        """Raise a `TurnError` where it turns from false to true or back, if it is linear in one variable."""
        left, right = self.operands
        if isinstance(left, Affine) and not isinstance(right, Expression) and right == 0:
            # factor * v + offset crosses zero: from which v on is it at least zero, or above it (below, if it falls)?
            strict = (self.name in ("<=", ">")) == (left.factor > 0)
            factor, offset = (left.factor, left.offset) if left.factor > 0 else (-left.factor, -left.offset)
            raise TurnError(left.variable, -offset // factor + 1 if strict else -(offset // factor))

    def __bool__(self) -> bool:
        self.turn()
        raise OpaqueError("this comparison is not decided")


class Recorder:
    """The array namespace that records: the `xp` of a formula that is asked for a step not known yet."""

    pi: Final = math.pi

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in KERNELS:
            raise AttributeError(name)

        def record(*operands: Any) -> Any:
            _check(*operands)
            return applied(name, operands)

        return record

    @staticmethod
    def where(condition: Any, a: Any, b: Any) -> Any:
        """a where the condition holds, else b."""
        if isinstance(condition, Undecided):
            condition.turn()
            return apply("where", condition, a, b)
        return a if condition else b

    @staticmethod
    def minimum(a: Any, b: Any) -> Any:
        """The smaller one, known if the ranges don't overlap."""
        return _extreme("minimum", a, b, _low_of(b) >= _high_of(a), _high_of(b) < _low_of(a))

    @staticmethod
    def maximum(a: Any, b: Any) -> Any:
        """The larger one, known if the ranges don't overlap."""
        return _extreme("maximum", a, b, _high_of(b) <= _low_of(a), _low_of(b) > _high_of(a))

    @staticmethod
    def take(table: Sequence[float], index: Any) -> Any:
        """The value at an index."""
        if not isinstance(index, Expression):
            return table[index]
        entries = tuple(map(float, table))
        if not (index.whole and index.low >= 0 and index.high < len(entries)):
            raise OpaqueError("the index has to lie in the table")
        finite = all(map(math.isfinite, entries))
        low, high = (min(entries), max(entries)) if finite else EVERYTHING
        return Take(entries, index, low=low, high=high, plus=all(map(is_plus, entries)))


def _extreme(name: str, a: Any, b: Any, first: bool, second: bool) -> Any:
    if not isinstance(a, Expression) and not isinstance(b, Expression):
        return KERNELS[name].scalar(a, b)
    if (first or second) and _has_value(b if first else a) and _is_finite(a) and _is_finite(b):
        return a if first else b
    return apply(name, a, b)


def guarded(value: Value) -> Value:
    """A value that raises ArithmeticError where it is not finite: as it is, if it always is."""
    if isinstance(value, Expression):
        return value if _is_finite(value) else apply("finite", value)
    if not math.isfinite(value):
        raise OpaqueError("the value is not finite")
    return value


def as_float(value: Value) -> Value:
    """A value as a float."""
    if not isinstance(value, Expression):
        return float(value)
    return Applied("float", (value,), low=value.low, high=value.high, plus=True) if value.whole else value


def evaluated(value: Value, steps: Mapping[StepVariable | Expression, int]) -> float:
    """What an expression gives when its variables, or parts of it, have the given values.

    Raises:
        ArithmeticError, ValueError: as the operations do.
    """
    found: dict[StepVariable | Expression, Any] = dict(steps)

    def ask(each: Value) -> Any:
        if not isinstance(each, Expression):
            return each
        if each not in found:
            found[each] = find(each)
        return found[each]

    def look(variable: StepVariable) -> int:
        if variable in steps:
            return steps[variable]
        assert variable.meaning is not None
        return int(ask(variable.meaning))

    def find(each: Expression) -> Any:
        match each:
            case Affine():
                return each.factor * look(each.variable) + each.offset
            case Take():
                return each.table[ask(each.index)]
            case Asked():
                return each.part.at(ask(each.step))
            case Switch():
                step = look(each.variable)
                return ask(next(piece.value for piece in each.pieces if step < piece.stop))
            case Applied(name="finite"):
                return ask(each.operands[0])
            case Applied():
                return KERNELS[each.name].scalar(*map(ask, each.operands))
        raise NotImplementedError

    return float(ask(value))


# What expressions are made of.


def parts(value: Value) -> tuple[Value, ...]:
    """The values that one is made of."""
    match value:
        case Applied():
            return value.operands
        case Take():
            return (value.index,)
        case Asked():
            return (value.step,)
        case Switch():
            return tuple(piece.value for piece in value.pieces)
    return ()


def nodes(value: Value, ends: Callable[[Expression], bool] | None = None) -> Iterator[Value]:
    """A value and all that it is made of, numbers too, each expression once; nothing that is inside of what `ends`."""
    waiting, seen = [value], set[Expression]()
    while waiting:
        each = waiting.pop()
        if isinstance(each, Expression):
            if each in seen:
                continue
            seen.add(each)
            if ends is None or not ends(each):
                waiting += reversed(parts(each))
        yield each


def is_switch(value: Value) -> bool:
    """Whether a value changes along a variable by itself."""
    return isinstance(value, Switch)


def variables(value: Value) -> Iterator[StepVariable]:
    """The variables an expression is made of, some of them more than once."""
    return (each.variable for each in nodes(value) if isinstance(each, (Affine, Switch)))


def asks(value: Value, ends: Callable[[Expression], bool] | None = None) -> bool:
    """Whether the walk has to be asked for some of it."""
    return any(isinstance(each, Asked) for each in nodes(value, ends))


def changing(value: Value) -> Switch | None:
    """The one value in an expression that changes along a variable; None if there is none, or more than one."""
    found = [each for each in nodes(value, is_switch) if isinstance(each, Switch)]
    return found[0] if len(found) == 1 else None


def replaced(value: Value, switch: Switch, by: Value) -> Value:
    """The expression with the value of one piece in the place of the whole.

    Raises:
        ArithmeticError, ValueError: if all is known then, and it has no value.
    """
    if value is switch:
        return by
    if not isinstance(value, Applied) or value.whole:
        return value
    operands = tuple(replaced(operand, switch, by) for operand in value.operands)
    return value if all(map(operator.is_, operands, value.operands)) else applied(value.name, operands)
