"""Durations of one run, exact: every amount becomes a `Fraction` of steps."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

from .tree import Amount, Function, Name, Negation, Node, Number, Power, Product, Rejected, Sum

LARGEST_POWER = 10_000
SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600}


@dataclass(frozen=True)
class Rates:
    """What the units mean in this run; None where the host said nothing."""

    base: Fraction
    steps_per_epoch: Fraction | None
    samples_per_step: Fraction | None
    tokens_per_step: Fraction | None
    seconds_per_step: Fraction | None


def first_step(place: Fraction) -> int:
    """The first whole step at or past an exact place."""
    return math.ceil(place)


@dataclass(frozen=True)
class Place:
    """A place in the run, or a length; `sharp` if one of the amounts that it is the sum of is one of samples, tokens,
    seconds or a fraction of steps."""

    at: Fraction
    sharp: bool = False

    def __add__(self, length: Place) -> Place:
        return Place(self.at + length.at, self.sharp or length.sharp)

    @property
    def first(self) -> int:
        """The first whole step there or past it."""
        return first_step(self.at)

    @property
    def boundary(self) -> Fraction:
        """Where a ramp begins, or ends, that does so there."""
        return self.at if self.sharp else Fraction(self.first)


NOWHEN = Place(Fraction(0))


@dataclass(frozen=True)
class Run:
    """What `%` and `until` refer to: the run, or the inside of an `over`."""

    origin: Place
    total: Fraction | None
    rates: Rates


@dataclass(frozen=True)
class Time:
    """An intermediate result: a bare number, or (timed) a number of steps; and whether whole numbers alone made it."""

    value: Fraction
    timed: bool
    from_whole: bool = False
    sharp: bool = False
    counted: bool = True  # in steps, as far as it is timed


def duration(node: Node, run: Run) -> Place:
    """How many steps a duration is; it cannot be negative."""
    time = _in_place(node, run)
    if time.value < 0:
        raise Rejected(f"a negative duration: {time.value}")
    return Place(time.value, time.sharp and time.value != 0)


def exact(node: Node, run: Run) -> Fraction:
    """A bare number where exact arithmetic matters: the n of `repeat`, the s of `stretch`."""
    time = _time(node, run)
    if time.timed:
        raise Rejected("a number is wanted here, not a duration")
    return time.value


def _in_place(node: Node, run: Run) -> Time:
    """What stands alone in a duration's place; a bare 0.01 is 1% there."""
    if isinstance(node, Number):
        return _bare(node, run)
    if isinstance(node, Function):
        return _chosen(node.name, [_in_place(argument, run) for argument in node.arguments])
    return _in_steps(_time(node, run))


def _chosen(name: str, times: list[Time]) -> Time:
    """`min` and `max`: which of them it is says nothing about how it was given."""
    value = (min if name == "min" else max)(time.value for time in times)
    whole = _together(value, times)
    return replace(whole, timed=True, sharp=whole.sharp and value != 0)


def _together(value: Fraction, times: list[Time]) -> Time:
    """What is calculated of some times."""
    return Time(
        value,
        any(time.timed for time in times),
        all(time.from_whole for time in times),
        any(time.sharp for time in times),
        all(time.counted for time in times),
    )


def _in_steps(time: Time) -> Time:
    """A number of steps: one of which arithmetic without a unit comes to a fraction is sharp."""
    sharp = time.sharp or (not time.timed and time.value.denominator != 1)
    return replace(time, value=_steps(time), timed=True, sharp=sharp)


def _bare(number: Number, run: Run) -> Time:
    """A bare literal alone in a duration's place."""
    if 0 < number.value < 1:
        return Time(_amount(Amount(number.value, "%"), run), True, counted=False)
    if number.value == 1 and "." in number.text:
        raise Rejected("1.0 could be a step or the whole run: write 1 or 100%")
    # Unsure: other literals with a point and a whole value (`2.0`) are taken for steps.
    return _in_steps(Time(number.value, False))


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
        case Amount(value, unit):
            sharp = unit in ("samples", "tokens", *SECONDS) or (unit == "steps" and value.denominator != 1)
            return Time(_amount(node, run), True, sharp=sharp and value != 0, counted=unit == "steps")
        case Name("base"):  # Unsure: `base` in a duration is taken for the number that it is.
            return Time(run.rates.base, False)
        case Negation(body):
            inner = _time(body, run)
            return replace(inner, value=-inner.value)
        case Sum(terms):
            return _sum([(sign, _time(term, run)) for sign, term in terms])
        case Product(factors):
            return _product([(sign, _factor(factor, run)) for sign, factor in factors])
        case Power(base, exponent):
            return _power(_time(base, run), _time(exponent, run))
        case Function(name, arguments):
            return _chosen(name, [_in_place(argument, run) for argument in arguments])
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
    terms = [(sign, _in_steps(time) if timed else time) for sign, time in terms]
    return _together(sum((sign * time.value for sign, time in terms), Fraction(0)), [time for _, time in terms])


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
    product = _together(value, [time for _, time in factors])
    sharp = product.sharp or (timed and product.counted and value.denominator != 1)
    return replace(product, sharp=sharp and value != 0)


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
        case "seconds" | "minutes" | "hours" as unit:
            return amount.value * SECONDS[unit] / _given(rates.seconds_per_step, unit, "seconds_per_step")
    return amount.value


def _given(rate: Fraction | None, unit: str, name: str) -> Fraction:
    if rate is None:
        raise Rejected(f"{unit} needs {name}")
    return rate
