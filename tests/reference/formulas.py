"""The formulas of the page, on mpmath numbers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from mpmath import mp, mpf

from .tree import Function, Negation, Node, Power, Product, Rejected, Sum

DIGITS = 60


def real(value: Fraction | int) -> mpf:
    fraction = Fraction(value)
    return mpf(fraction.numerator) / fraction.denominator


def finite(value: mpf) -> mpf:
    """A value that a double can hold."""
    if not isinstance(value, mpf) or not mp.isfinite(value) or abs(value) > mpf(2) ** 1024 - mpf(2) ** 970:
        raise Rejected("a value that is not finite, or not real")
    return value


def share(gone: Fraction, length: Fraction, inclusive: str = "left") -> Fraction:
    """x: how much of a ramp of such a length is done; a ramp without one is at its end."""
    if length <= 0:
        return Fraction(1)
    match inclusive:
        case "both":
            x = gone / max(1, length - 1)
        case "right":
            x = (gone + 1) / length
        case "neither":
            x = Fraction(1) if gone >= length else (gone + 1) / (length + 1)
        case _:
            x = gone / length
    return min(Fraction(1), max(Fraction(0), x))


def ramp(
    shape: str,
    start: Callable[[], mpf],
    end: Callable[[], mpf],
    x: Fraction,
    power: mpf | None = None,
    ease: mpf | int = 1,
) -> mpf:
    """A ramp; at x = 0 it is the start, at x = 1 the end, and neither is asked for where it does not matter."""
    if shape == "exponential" and _sign(end()) * _sign(start()) <= 0:
        raise Rejected("exponential wants two ends of the same sign, and none is zero")
    if x == 0:
        return start()
    if x == 1:
        return end()
    return finite(_ramp_inside(shape, start(), end(), real(x) ** ease, power))


def _sign(value: mpf) -> int:
    return int(value > 0) - int(value < 0)


def _ramp_inside(shape: str, s: mpf, e: mpf, x: mpf, power: mpf | None) -> mpf:
    """The column of the table, for 0 < x < 1."""
    match shape:
        case "linear":
            return s + (e - s) * x
        case "cosine":
            return e + (s - e) * (1 + mp.cos(mp.pi * x)) / 2
        case "poly":
            return e + (s - e) * (1 - x) ** power
        case "exponential":
            return s * (e / s) ** x
        case "one_minus_sqrt":
            return s + (e - s) * mp.sqrt(x)
    raise AssertionError(shape)


def between(shape: str, left: mpf, right: mpf, x: Fraction) -> mpf:
    if shape == "hold" or left == right:
        return left
    return ramp(shape, lambda: left, lambda: right, x)


def step_decreasing(s: mpf, e: mpf, factor: mpf, count: int) -> mpf:
    if e > s:
        raise Rejected("step_decreasing ends above its start")
    return finite(e + (s - e) * factor**count)


def exponential_decay(s: mpf, factor: mpf, exponent: Fraction) -> mpf:
    """Continuous decay; a factor that is not positive has no real powers."""
    return finite(s * power(factor, real(exponent)))


def power(base: mpf, exponent: mpf) -> mpf:
    """base ** exponent, real and finite or an error."""
    if base == 0 and exponent < 0:
        raise Rejected("0 to a negative power")
    if base == 0 or base == 1 or exponent == 0:
        return mpf(1) if exponent == 0 or base == 1 else mpf(0)
    if base < 0 and exponent != mp.floor(exponent):
        raise Rejected("a fractional power of a negative number")
    if abs(exponent * mp.log(abs(base))) > 800:  # e ** 800 is beyond every double; e ** -800 is 0 as one
        if exponent * mp.log(abs(base)) > 0:
            raise Rejected("a power that is not finite")
        return mp.exp(exponent * mp.log(abs(base))) * (-1 if base < 0 and int(exponent) % 2 else 1)
    return finite(base**exponent)


def combine(node: Node, values: list[mpf], multiple: mpf | None = None) -> mpf:
    match node:
        case Sum(terms):
            total = mpf(0)
            for (sign, _), value in zip(terms, values, strict=True):
                total += sign * value
            return finite(total)
        case Product(factors):
            result = mpf(1)
            for (operator, _), value in zip(factors, values, strict=True):
                if operator == "/" and value == 0:
                    raise Rejected("division by zero")
                result = result * value if operator == "*" else result / value
            return finite(result)
        case Negation():
            return -values[0]
        case Power():
            return power(values[0], values[1])
        case Function(name) if multiple is not None:
            if multiple <= 0:
                raise Rejected("multiples of nothing")
            return finite(apply(name, [values[0] / multiple]) * multiple)
        case Function(name):
            return finite(apply(name, values))
    raise AssertionError(node)


def apply(name: str, values: list[mpf]) -> mpf:
    value = values[0]
    match name:
        case "min":
            return min(values)
        case "max":
            return max(values)
        case "clip":
            # Unsure: bounds in the wrong order are not called an error; this is NumPy's answer.
            return min(max(value, values[1]), values[2])
        case "mix":
            return value + (values[1] - value) * values[2]
        case "abs":
            return abs(value)
        case "floor" | "ceil" | "round":
            return whole(name, value)
        case "sqrt":
            if value < 0:
                raise Rejected("the square root of a negative number")
            return mp.sqrt(value)
        case "log":
            if value <= 0:
                raise Rejected("the logarithm of a number that is not positive")
            return mp.log(value)
        case "exp":
            return power(+mp.e, value)
    return getattr(mp, name)(value)  # sin, cos, tanh


def whole(name: str, value: mpf) -> mpf:
    """floor, ceil and round (half to even) of what is meant: 0.1 * 30 is 3, however many digits are kept."""
    halves = mp.nint(2 * value)
    if abs(2 * value - halves) <= mpf(10) ** (-DIGITS // 2) * max(1, abs(value)):
        value = halves / 2
    if name == "floor":
        return mp.floor(value)
    if name == "ceil":
        return mp.ceil(value)
    below = mp.floor(value)
    rest = value - below
    if rest != mpf(1) / 2:
        return below if rest < mpf(1) / 2 else below + 1
    return below if int(below) % 2 == 0 else below + 1
