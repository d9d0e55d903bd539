"""Durations of one run, exact: every amount becomes a `Fraction` of steps."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

from .tree import Amount, Function, Name, Negation, Node, Number, Power, Product, Rejected, Sum

LARGEST_POWER = 10_000
SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600}
ROUNDED = {"floor": math.floor, "ceil": math.ceil, "round": round}


@dataclass(frozen=True)
class Rates:
    """What the units mean in this run; None where the host said nothing."""

    base: Fraction
    steps_per_epoch: Fraction | None
    samples_per_step: Fraction | Meter | None
    tokens_per_step: Fraction | Meter | None
    seconds_per_step: Fraction | None
    samples_per_epoch: Fraction | None = None


@dataclass(frozen=True, eq=False)
class Meter:
    """A rate that changes: what each step has of a unit; `after` is what all have behind those."""

    unit: str
    rates: list[Fraction]
    after: Fraction

    def rate(self, step: int) -> Fraction:
        return self.rates[max(0, step)] if step < len(self.rates) else self.after

    def seen(self, at: Fraction) -> Fraction:
        """How much has been seen at a place; before the run as in its first step."""
        if at < 0:
            return self.rate(0) * at
        whole = math.floor(at)
        known = sum(self.rates[:whole], Fraction(0)) + max(0, whole - len(self.rates)) * self.after
        return known + self.rate(whole) * (at - whole)

    def where(self, amount: Fraction) -> Fraction:
        """The place at which so much has been seen."""
        if amount < 0:
            return amount / self.rate(0)
        step, seen = 0, Fraction(0)
        while step < len(self.rates) and seen + self.rates[step] < amount:
            seen += self.rates[step]
            step += 1
        return step + (amount - seen) / self.rate(step)


def first_step(place: Fraction) -> int:
    """The first whole step at or past an exact place."""
    return math.ceil(place)


@dataclass(frozen=True)
class Place:
    """A place in the run, or a length; `sharp` if one of the amounts that it is the sum of is one of samples, tokens,
    seconds or a fraction of steps."""

    at: Fraction
    sharp: bool = False
    meter: Meter | None = None  # by which it was found

    def __add__(self, length: Place | Length) -> Place:
        if isinstance(length, Length):
            return length.after(self)
        return Place(self.at + length.at, self.sharp or length.sharp)

    def times(self, factor: Fraction) -> Place:
        """So many times the length."""
        return Place(self.at * factor, self.sharp)

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
class Length:
    """An amount of a unit whose rate changes: where it leads to shows where it begins.

    `since` is the share of the run that it is counted from; `choices` are those of which it is the least or the most.
    """

    meter: Meter
    amount: Fraction
    sharp: bool
    since: Place | Length | None = None
    choices: tuple[str, tuple[Place | Length, ...]] | None = None

    @property
    def at(self) -> Fraction:
        """Whether it is nothing, or less, is all that this is for."""
        return self.amount if self.plain else Fraction(1)

    @property
    def plain(self) -> bool:
        """Whether it is in one unit."""
        return self.since is None and self.choices is None

    def after(self, start: Place) -> Place:
        """Where it leads to."""
        if self.choices is not None:
            name, lengths = self.choices
            places = [start + length for length in lengths]
            at = (min if name == "min" else max)(place.at for place in places)
            if name == "last":
                meters = {id(place.meter): place.meter for place in places}
                there = [place for place in places if place.at == at]
                meter = places[0].meter if len(meters) == 1 else None
                return Place(at, any(place.sharp for place in there), meter)
            return Place(at, any(place.sharp for place in places))
        if self.since is not None:
            start = start + self.since
        at = self.meter.where(self.meter.seen(start.at) + self.amount)
        return Place(at, self.sharp or start.sharp, self.meter if self.since is None else None)

    def times(self, factor: Fraction) -> Length:
        """So many times as much."""
        since = None if self.since is None else self.since.times(factor)
        choices = self.choices
        if choices is not None:
            turned = {"min": "max", "max": "min"} if factor < 0 else {}
            choices = turned.get(choices[0], choices[0]), tuple(each.times(factor) for each in choices[1])
        return replace(self, amount=self.amount * factor, since=since, choices=choices)


@dataclass(frozen=True)
class Run:
    """What `%` and `until` refer to: the run, or the inside of an `over`."""

    origin: Place
    total: Fraction | Length | None
    rates: Rates


@dataclass(frozen=True)
class Time:
    """An intermediate result: a bare number, or (timed) a number of steps; and whether whole numbers alone made it."""

    value: Fraction
    timed: bool
    from_whole: bool = False
    sharp: bool = False
    counted: bool = True  # in steps, as far as it is timed
    length: Length | None = None  # in a unit whose rate changes: `value` is the amount
    shares: bool = False  # of the run, as far as it is timed
    rounds: bool = False  # as far as it is not timed


def duration(node: Node, run: Run) -> Place | Length:
    """How many steps a duration is; it cannot be negative."""
    time = _in_place(node, run)
    if time.length is not None and not time.length.plain:
        return time.length
    if time.length is not None and time.value > 0:
        return replace(time.length, amount=time.value, sharp=time.sharp)
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
    if isinstance(node, Function) and node.name in ROUNDED:
        return _to_steps(node, _in_place(node.arguments[0], run), run)
    if isinstance(node, Function):
        return _chosen(node.name, [_in_place(argument, run) for argument in node.arguments])
    return _in_steps(_time(node, run))


def _to_steps(node: Function, time: Time, run: Run) -> Time:
    """A length in whole steps, or in multiples of so many; a fraction of them is sharp."""
    if time.length is not None:
        raise Rejected("no fixed number of steps")
    value = _rounded(node, time.value, run)
    return Time(value, True, sharp=value.denominator != 1, shares=time.shares)


def _rounded(node: Function, value: Fraction, run: Run) -> Fraction:
    of = Fraction(1) if node.multiple is None else exact(node.multiple, run)
    if of <= 0:
        raise Rejected("multiples of nothing")
    return ROUNDED[node.name](value / of) * of


def _chosen(name: str, times: list[Time]) -> Time:
    """`min` and `max`: which of them it is says nothing about how it was given."""
    counted = [time.length for time in times if time.length is not None]
    if counted:
        one = all(time.value == 0 or (time.length is not None and time.length.plain) for time in times)
        if not one or not all(length.meter is counted[0].meter for length in counted):
            lengths = tuple(_as_length(time) for time in times)
            return Time(Fraction(1), True, length=Length(counted[0].meter, Fraction(1), False, choices=(name, lengths)))
    value = (min if name == "min" else max)(time.value for time in times)
    whole = _together(value, times)
    return replace(whole, timed=True, sharp=whole.sharp and value != 0)


def _as_length(time: Time) -> Place | Length:
    if time.length is None:
        return Place(time.value, time.sharp)
    return replace(time.length, amount=time.value, sharp=time.sharp)


def _together(value: Fraction, times: list[Time]) -> Time:
    """What is calculated of some times."""
    return Time(
        value,
        any(time.timed for time in times),
        all(time.from_whole for time in times),
        any(time.sharp for time in times),
        all(time.counted for time in times),
        next((time.length for time in times if time.length is not None), None),
        all(time.shares for time in times if time.timed),
        any(time.rounds for time in times),
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
    if not time.timed and time.rounds and not time.from_whole:
        raise Rejected("what is rounded could be a share of the run")
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
            sharp, share = sharp and value != 0, unit == "%"
            meter = _meter(node, run)
            if meter is not None:
                length = Length(meter, Fraction(0), False)
                amount = value if unit != "epochs" else value * run.rates.samples_per_epoch
                if unit == "%":
                    assert isinstance(run.total, Length)
                    amount = value * run.total.amount / 1
                return Time(amount, True, sharp=sharp, counted=False, length=length, shares=share)
            return Time(_amount(node, run), True, sharp=sharp, counted=unit == "steps", shares=share)
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
        case Function(name, (argument,)) if name in ROUNDED:
            time = _time(argument, run)
            if time.timed:
                return _to_steps(node, time, run)
            whole = time.from_whole and (node.multiple is None or _time(node.multiple, run).from_whole)
            return Time(_rounded(node, time.value, run), False, whole, rounds=True)
        case Function(name, arguments):
            return _chosen(name, [_in_place(argument, run) for argument in arguments])
    raise Rejected("a duration is wanted here")


def _factor(node: Node, run: Run) -> Time:
    """A factor: `min` and `max` of bare numbers are a number there (unsure: the page does not say)."""
    if isinstance(node, Function) and node.name not in ROUNDED:
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
    if any(time.length is not None for _, time in terms):
        return _counted_sum([(sign, _in_steps(time)) for sign, time in terms if time.value != 0])
    terms = [(sign, _in_steps(time) if timed else time) for sign, time in terms]
    return _together(sum((sign * time.value for sign, time in terms), Fraction(0)), [time for _, time in terms])


def _counted_sum(terms: list[tuple[int, Time]]) -> Time:
    """Where a rate changes, a sum is in one unit, or a share of the run plus or minus one."""
    if any(time.length is not None and not time.length.plain and time.length.choices for _, time in terms):
        raise Rejected("a sum of what several units are compared for")
    meters = {id(time.length.meter): time.length.meter for _, time in terms if time.length is not None}
    shared = [(sign, time) for sign, time in terms if time.shares]
    others = [(sign, time) for sign, time in terms if not time.shares]
    if any(time.length is not None and time.length.since is not None for _, time in terms) and len(terms) > 1:
        raise NotImplementedError
    if any(time.length is None for _, time in others):
        raise Rejected("a sum in several units")
    if len({id(time.length.meter) for _, time in others if time.length is not None}) > 1:
        raise Rejected("a sum in several units")
    all_one = len(meters) == 1 and all(time.length is not None for _, time in terms)
    amount = sum((sign * time.value for sign, time in others), Fraction(0))
    share = sum((sign * time.value for sign, time in shared), Fraction(0))
    sharp = any(time.sharp for _, time in terms)
    meter = next(iter(meters.values()))
    if all_one:
        return Time(amount + share, True, sharp=sharp, counted=False, length=Length(meter, amount + share, sharp))
    inner = next((time.length for _, time in shared if time.length is not None), None)
    since = Place(share) if inner is None else Length(inner.meter, share, False)
    own = others[0][1].length
    assert own is not None
    length = Length(own.meter, amount, any(time.sharp for _, time in others), since=since)
    return Time(Fraction(1), True, sharp=True, counted=False, length=length)


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
    if product.length is not None:
        if not product.length.plain:
            by = value
            return replace(product, value=Fraction(1), length=product.length.times(by))
        return replace(product, sharp=product.sharp and value != 0)
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
    return replace(_together(base.value ** int(exponent.value), [base, exponent]), sharp=False)


def _meter(amount: Amount, run: Run) -> Meter | None:
    """The meter of a unit, if its rate changes."""
    rates = run.rates
    found = {
        "samples": rates.samples_per_step,
        "tokens": rates.tokens_per_step,
        "epochs": rates.samples_per_step if rates.samples_per_epoch is not None else None,
        "%": run.total.meter if isinstance(run.total, Length) else None,
    }.get(amount.unit)
    return found if isinstance(found, Meter) else None


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
