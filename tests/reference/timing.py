"""Durations of one run, exact: every amount becomes a `Fraction` of steps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from .tree import Amount, Function, Name, Negation, Node, Number, Power, Product, Rejected, Sum

LARGEST_POWER = 10_000


@dataclass(frozen=True)
class Rates:
    """What the units mean in this run; None where the host said nothing."""

    base: Fraction
    steps_per_epoch: Fraction | None
    samples_per_step: Fraction | None
    tokens_per_step: Fraction | None


@dataclass(frozen=True)
class Run:
    """What `%` and `until` refer to: the run, or the inside of an `over`."""

    origin: Fraction
    total: Fraction | None
    rates: Rates


@dataclass(frozen=True)
class Time:
    """An intermediate result: a bare number, or (timed) a number of steps; and whether whole numbers alone made it."""

    value: Fraction
    timed: bool
    from_whole: bool = False


def duration(node: Node, run: Run) -> Fraction:
    """How many steps a duration is; it cannot be negative."""
    steps = _in_place(node, run)
    if steps < 0:
        raise Rejected(f"a negative duration: {steps}")
    return steps


def exact(node: Node, run: Run) -> Fraction:
    """A bare number where exact arithmetic matters: the n of `repeat`, the s of `stretch`."""
    time = _time(node, run)
    if time.timed:
        raise Rejected("a number is wanted here, not a duration")
    return time.value


def _in_place(node: Node, run: Run) -> Fraction:
    """What stands alone in a duration's place; a bare 0.01 is 1% there."""
    if isinstance(node, Number):
        return _bare(node, run)
    if isinstance(node, Function):
        choose = min if node.name == "min" else max
        return choose(_in_place(argument, run) for argument in node.arguments)
    return _steps(_time(node, run))


def _bare(number: Number, run: Run) -> Fraction:
    """A bare literal alone in a duration's place."""
    if 0 < number.value < 1:
        return _amount(Amount(number.value, "%"), run)
    if number.value == 1 and "." in number.text:
        raise Rejected("1.0 could be a step or the whole run: write 1 or 100%")
    # Unsure: other literals with a point and a whole value (`2.0`) are taken for steps.
    return _steps(Time(number.value, False))


def _steps(time: Time) -> Fraction:
    """A bare number must be whole to be steps, or arithmetic of whole numbers that comes to a step or more."""
    if not time.timed and time.value.denominator != 1 and not (time.from_whole and abs(time.value) >= 1):
        raise Rejected(f"not a whole number of steps: {time.value}")
    return time.value


def _time(node: Node, run: Run) -> Time:
    """Arithmetic of numbers and durations."""
    match node:
        case Number(value):
            return Time(value, False, value.denominator == 1)
        case Amount():
            return Time(_amount(node, run), True)
        case Name("base"):  # Unsure: `base` in a duration is taken for the number that it is.
            return Time(run.rates.base, False)
        case Negation(body):
            inner = _time(body, run)
            return Time(-inner.value, inner.timed, inner.from_whole)
        case Sum(terms):
            return _sum([(sign, _time(term, run)) for sign, term in terms])
        case Product(factors):
            return _product([(sign, _factor(factor, run)) for sign, factor in factors])
        case Power(base, exponent):
            return _power(_time(base, run), _time(exponent, run))
        case Function(name, arguments):
            times = [_in_place(argument, run) for argument in arguments]
            return Time(min(times) if name == "min" else max(times), True)
    raise Rejected("a duration is wanted here")


def _factor(node: Node, run: Run) -> Time:
    """A factor: `min` and `max` of bare numbers are a number there (unsure: the page does not say)."""
    if isinstance(node, Function):
        times = [_time(argument, run) for argument in node.arguments]
        if not any(time.timed for time in times):
            values = [time.value for time in times]
            return Time(
                min(values) if node.name == "min" else max(values), False, all(each.from_whole for each in times)
            )
    return _time(node, run)


def _sum(terms: list[tuple[int, Time]]) -> Time:
    """Steps if any term is a duration; bare numbers beside one must be whole."""
    timed = any(time.timed for _, time in terms)
    total = sum((sign * (_steps(time) if timed else time.value) for sign, time in terms), Fraction(0))
    return Time(total, timed, all(time.from_whole for _, time in terms))


def _product(factors: list[tuple[str, Time]]) -> Time:
    """At most one factor is a duration, and none divides by one."""
    value, timed = Fraction(1), False
    for sign, time in factors:
        if time.timed and (timed or sign == "/"):
            raise Rejected("durations are multiplied and divided by numbers only")
        if sign == "/" and time.value == 0:
            raise Rejected("division by zero")
        value = value * time.value if sign == "*" else value / time.value
        timed = timed or time.timed
    return Time(value, timed, all(time.from_whole for _, time in factors))


def _power(base: Time, exponent: Time) -> Time:
    """Whole powers of numbers stay exact; others would not be rational."""
    if base.timed or exponent.timed:
        raise Rejected("a power of a duration")
    if exponent.value.denominator != 1 or abs(exponent.value) > LARGEST_POWER:
        raise Rejected("a power in a duration must be a whole one")
    if base.value == 0 and exponent.value < 0:
        raise Rejected("division by zero")
    return Time(base.value ** int(exponent.value), False, base.from_whole and exponent.from_whole)


def _amount(amount: Amount, run: Run) -> Fraction:
    rates = run.rates
    match amount.unit:
        case "%":
            return amount.value * _given(run.total, "%", "total_steps")
        case "epochs":
            return amount.value * _given(rates.steps_per_epoch, "epochs", "steps_per_epoch")
        case "samples":
            return amount.value / _given(rates.samples_per_step, "samples", "samples_per_step")
        case "tokens":
            return amount.value / _given(rates.tokens_per_step, "tokens", "tokens_per_step")
    return amount.value


def _given(rate: Fraction | None, unit: str, name: str) -> Fraction:
    if rate is None:
        raise Rejected(f"{unit} needs {name}")
    return rate


def first_step(place: Fraction) -> int:
    """The first whole step at or past an exact place."""
    return math.ceil(place)
