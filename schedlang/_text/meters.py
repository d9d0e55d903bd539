"""Meters: how much of a unit has been seen at each place of a run whose steps are not all equally long.

A rate that changes, such as the batch size of a ramp, makes a unit a piecewise linear function of the steps. All of it
is exact. A time in such a unit is no number of steps before it is known where it begins: it is `Metered`.
"""

from __future__ import annotations

import math
import operator
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, repeat
from typing import Any, Final, NoReturn

from . import limits
from .decimals import WHOLE, alike, decimals
from .errors import Phrase, fail
from .run import FAR, STEP, Awaited, Given, Unit, as_decimal
from .source import Place, Source

CHANGES: Final = 2_000_000
"""How often a rate may change."""


class Meter:
    """How much of a unit has been seen, as far as anybody asked.

    `runs` adds rates, some at a time. As long as it does, what it asks beyond them is not known: `seen` is None, and a
    place is an `Unreached` one. `pending` says which place, in steps and in the unit, was asked for first. Where that
    is not enough to tell what the next rate depends on, it is `undecided`, and there is a `guess` at all further rates.
    """

    def __init__(self, unit: Unit, runs: Callable[[], Iterator[None]] | None = None) -> None:
        self.unit = unit
        self.runs = runs
        self.running: Iterator[None] | None = None
        self.busy = False
        self.asked = 0
        self.context: str | None = None  # what else is told of the run
        self.by_itself = False  # whether a rate depends on what was seen before it,
        self.presumed = False  # and was found by guesses of what is ahead of it
        self.undecided = False
        self.guess: int | None = None
        self.pending: tuple[float, float | Fraction] = math.inf, math.inf
        self.source: Source | None = None  # the text of the rate, as long as it is followed,
        self.blame: Place | None = None  # and what in it comes first that is not known yet
        self.starts: list[int] = []  # from which steps on the rate is another one,
        self.rates: list[int] = []  # which, in parts of `scale`,
        self.amounts: list[int] = [0]  # and what has been seen there; the last is that at `known`
        self.scale = 1
        self.powers: dict[int, int] = {}  # what one is that has so many digits behind the point, in its parts
        self.now: Any = None  # what stands for what has been seen while a rate that is followed is recorded
        self.known: float = 0  # of how many steps the rate is known

    def __reduce__(self) -> tuple[Any, ...]:
        return Meter, (self.unit,)

    @property
    def rate(self) -> str:
        """What changes: the name of the rate."""
        assert self.unit.needs is not None
        return self.unit.needs

    @cached_property
    def turned(self) -> Turned:
        """The other way round: what counts steps on the axis of what this one counts."""
        return Turned(self)

    # Asking.

    def seen(self, place: Fraction | int) -> Fraction | int | None:
        """How much has been seen at a place."""
        self.asked += 1
        if isinstance(place, Reached) and place.meter is self:
            return place.amount
        if isinstance(place, Awaited):
            return None
        below = math.floor(place)
        if not self._reaches(math.ceil(place) if place > 0 else 1):
            if below == place == self.known:
                return _simple(Fraction(self.amounts[-1], self.scale))
            if self.guess is not None:
                return _simple(Fraction(self.amounts[-1], self.scale) + self.guess * (place - int(self.known)))
            self.pending = min(self.pending[0], math.ceil(place)), self.pending[1]
            return None
        index = max(0, bisect_right(self.starts, below) - 1)
        return _simple((self.amounts[index] + self.rates[index] * (place - self.starts[index])) / Fraction(self.scale))

    def between(self, first: int, stop: int) -> Iterator[tuple[int, int]]:
        """What `parts` gives at the steps first … stop - 1, which are known."""
        index = max(0, bisect_right(self.starts, first) - 1)
        while first < stop:
            start, rate, amount = self.starts[index], self.rates[index], self.amounts[index]
            index += 1
            end = min(stop, self.starts[index]) if index < len(self.starts) else stop
            yield from zip(range(amount + rate * (first - start), amount + rate * (end - start), rate), repeat(1))
            first = end

    def at(self, step: Any) -> Any:
        """The same at a step, in parts of `scale`."""
        if self.now is not None and type(step) is not int:  # recorded
            return self.now
        if (step >= self.known or not self.rates) and not self._reaches(max(step, 1)):
            if self.guess is not None:
                return self.amounts[-1] + self.guess * self.scale * (step - int(self.known))
            if step < 0:
                self.undecided = True
            if step > self.known:
                self.pending = min(self.pending[0], step), self.pending[1]
            return self.amounts[-1]  # of the step of which the rate is asked for
        index = max(0, bisect_right(self.starts, step) - 1)
        return self.amounts[index] + self.rates[index] * (step - self.starts[index])

    def parts(self, step: Any) -> tuple[Any, int]:
        """The same as a quotient: how many such parts of `scale`, and by how much they are to be divided."""
        return self.at(step), 1

    def place(self, amount: Fraction | int) -> Fraction | int | None:
        """Where so much has been seen; None: nobody knows yet."""
        self.asked += 1
        scaled = amount * self.scale
        while not (self.known == math.inf or (scaled <= self.amounts[-1] and self.rates)):
            if not self._more():
                if amount == 0:
                    return 0
                if self.guess is not None:
                    return _simple(int(self.known) + (amount - Fraction(self.amounts[-1], self.scale)) / self.guess)
                if amount < 0:
                    self.undecided = True
                else:
                    self.pending = self.pending[0], min(self.pending[1], amount)
                return None
            scaled = amount * self.scale
        index = max(0, bisect_right(self.amounts, scaled, hi=len(self.starts)) - 1)
        return _simple(self.starts[index] + Fraction(scaled - self.amounts[index]) / self.rates[index])

    def stretches(self, first: int, stop: float) -> Iterator[tuple[int, float, int]]:
        """From where to where between two steps the rate is which, in parts of `scale`."""
        self.at(first + 1)
        index = max(0, bisect_right(self.starts, first) - 1)
        while first < stop:
            if index + 1 == len(self.starts) and self.known < stop:
                self.at(int(self.known) + 1)
            end = self.starts[index + 1] if index + 1 < len(self.starts) else self.known
            yield first, min(end, stop), self.rates[index]
            if end == math.inf:
                return
            first, index = int(end), index + (index + 1 < len(self.starts))

    def _reaches(self, step: int) -> bool:
        while self.known < step:
            if not self._more():
                return False
        return bool(self.rates)

    # Growing.

    def _more(self) -> bool:
        """Find out more rates; False, if that is being done."""
        if self.busy or self.runs is None:
            return False
        self.busy = True
        try:
            if self.running is None:
                self.starts, self.rates, self.amounts, self.known = [], [], [0], 0
                self.running = self.runs()
            next(self.running)
        except BaseException:
            self.running = None
            raise
        finally:
            self.busy = False
        return True

    def add(self, values: Sequence[float], count: float) -> None:
        """Append rates, the last of them for so many steps; math.inf: for good."""
        assert self.known < math.inf
        scaled = self._scaled(values)
        known, total = int(self.known), self.amounts.pop()
        if len(scaled) > 1 and not any(map(operator.eq, scaled, scaled[1:])) and self.rates[-1:] != scaled[:1]:
            self.starts += range(known, known + len(scaled))
            self.rates += scaled
            self.amounts += accumulate(scaled, initial=total)
            total = self.amounts.pop()
        else:
            for step, rate in enumerate(scaled, known):
                if self.rates[-1:] != [rate]:
                    self.starts.append(step)
                    self.rates.append(rate)
                    self.amounts.append(total)
                total += rate
        total += 0 if count == math.inf else (int(count) - 1) * scaled[-1]
        self.known = math.inf if count == math.inf else known + len(scaled) + int(count) - 1
        self.amounts.append(total)
        self.limit()

    def limit(self) -> None:
        """Raise E408 once a rate has changed more often than it may."""
        if len(self.starts) > CHANGES:
            hint = "let it change less often, for example `every 100`"
            fail(self.blame, "E408", f"{self.unit.needs} changes more than {CHANGES} times", hint)

    def follow(self, rate_at: Callable[[int], float], told: dict[str, Any], stop: int, high: float) -> None:
        """Append the rates up to a step, each of them of the step and of what has been seen there, which is `told`.

        It ends before the first that is not above 0, once more than `high` has been seen, and behind one that takes a
        finer scale.
        """
        starts, rates, amounts, powers, scale = self.starts, self.rates, self.amounts, self.powers, self.scale
        step, amount, rate, before = int(self.known), amounts.pop(), rates[-1], math.nan
        printed, least, beyond = alike(rate / scale, scale)
        try:
            while step < stop and amount <= high:
                told["seen"] = amount
                value = rate_at(step)
                if value != before:
                    if not value > 0:
                        break
                    if scale == 1 and value < WHOLE and value.is_integer():
                        found = int(value)
                    elif least <= value < beyond and printed is not None:
                        found = printed(value)
                    else:
                        printed, least, beyond = alike(value, scale)
                        whole, _, parts = repr(value).partition(".")
                        power = powers.get(len(parts))
                        if power is None or "e" in parts:
                            amounts.append(amount)
                            self.known = step
                            self.add([value], 1)
                            amount, step = amounts.pop(), step + 1
                            break
                        found = int(whole + parts) * power
                    if found != rate:
                        starts.append(step)
                        rates.append(found)
                        amounts.append(amount)
                        rate = found
                    before = value
                amount += rate
                step += 1
        finally:
            amounts.append(amount)
            self.known = step

    def _scaled(self, values: Sequence[float]) -> list[int]:
        """Rates in parts of `scale`, which may have to become finer."""
        numbers, scale = decimals(values)
        self._refine(scale)
        return numbers if scale == self.scale else list(map((self.scale // scale).__mul__, numbers))

    def _refine(self, scale: int) -> None:
        """Let `scale` be a multiple of another."""
        finer = math.lcm(scale, self.scale)
        if finer.bit_length() > limits.BITS:
            message = f"{self.unit.needs} is too finely divided to be kept exact"
            fail(self.blame, "E409", message, "round it: `round(…)`")
        if finer != self.scale:
            by, self.scale = finer // self.scale, finer
            self.powers = {digits: finer // 10**digits for digits in range(20) if finer % 10**digits == 0}
            self.rates[:] = [rate * by for rate in self.rates]
            self.amounts[:] = [amount * by for amount in self.amounts]


class Turned(Meter):
    """How many steps there have been at each place of an axis of what a meter counts, such as tokens."""

    def __init__(self, of: Meter) -> None:
        super().__init__(STEP)
        self.of = of

    def __reduce__(self) -> tuple[Any, ...]:
        return getattr, (self.of, "turned")

    @property
    def rate(self) -> str:
        return self.of.rate

    def seen(self, place: Fraction | int) -> Fraction | int | None:
        self.asked += 1
        if isinstance(place, Reached) and place.meter is self:
            return place.amount
        return None if isinstance(place, Awaited) else self.of.place(place)

    def place(self, amount: Fraction | int) -> Fraction | int | None:
        self.asked += 1
        return self.of.seen(amount)

    def at(self, step: Any) -> Any:
        return self.of.place(step)

    def parts(self, step: Any) -> tuple[Any, int]:
        of, scaled = self.of, step * self.of.scale
        if not of.rates or (of.known < math.inf and scaled > of.amounts[-1]):
            found = Fraction(self.at(step))
            return found.numerator, found.denominator
        index = max(0, bisect_right(of.amounts, scaled, hi=len(of.starts)) - 1)
        return of.starts[index] * of.rates[index] + scaled - of.amounts[index], of.rates[index]

    def between(self, first: int, stop: int) -> Iterator[tuple[int, int]]:
        return map(self.parts, range(first, stop))

    def stretches(self, first: int, stop: float) -> Iterator[tuple[int, float, Any]]:
        of = self.of
        steps = of.stretches(math.floor(self.at(first)), math.inf)
        while first < stop:
            _, end, parts = next(steps)
            tick = math.inf if end == math.inf else math.ceil(of.seen(int(end)))  # type: ignore[arg-type]
            if tick > first:
                yield first, min(tick, stop), Fraction(of.scale, parts)
                first = int(min(tick, stop))


def _simple(value: Fraction | int) -> Fraction | int:
    return value.numerator if value.denominator == 1 else value


# Places.


class Reached:
    """What a place knows that was found by a meter: abstract."""

    __slots__ = ()

    meter: Meter
    amount: Fraction | int  # what has been seen there
    since: Fraction | int  # where the sum of times in that unit began that leads there


class _GivenPlace(Reached, Given):
    """Where it is, as times in samples and tokens are."""

    __slots__ = ("amount", "meter", "since")

    def __reduce__(self) -> tuple[Any, ...]:
        return _place, (_GivenPlace, Fraction(self), self.meter, self.amount, 0)


def _unmetered(calculate: Callable[[Any, Any], Any]) -> Any:
    """An operation of rationals that leaves what is `Given`, or `Metered`, to that."""
    return lambda one, other: NotImplemented if isinstance(other, Given) else calculate(one, other)


class _WholePlace(Reached, Fraction):
    """One at the first whole step, as shares are."""

    __slots__ = ("amount", "meter", "since")

    __add__, __sub__ = _unmetered(Fraction.__add__), _unmetered(Fraction.__sub__)

    def __reduce__(self) -> tuple[Any, ...]:
        return _place, (_WholePlace, Fraction(self), self.meter, self.amount, 0)


class Unreached(Reached, Awaited):
    """One that is not known while a rate is followed: far away, and before any that has more in front of it.

    Where it is not even known how much has been seen there, `amount` is None: it is about where it would be.
    """

    __slots__ = ("amount", "meter", "since")

    def settled(self) -> Fraction | int:
        return self

    def tied(self, time: Fraction | int, *others: object) -> Unreached:
        found: Unreached = _place(Unreached, Fraction(time), self.meter, None, -1)
        found.name, found.place, found.given = self.name, self.place, self.given
        return found

    def refuse(self, hint: str = "") -> NoReturn:
        own_future(self.meter, self.place)


def own_future(meter: Meter, place: Place | None) -> NoReturn:
    """Raise the error for a rate that would depend on what it is later."""
    message = Phrase(f"{meter.rate} would follow from its own future")
    hint = (
        f"a rate follows from what was seen before: use stairs, or ramps whose lengths are in {meter.unit.symbol}, "
        "without `inclusive`, and give a warm-up an `end`"
    )
    fail(place, "E417", message, hint)


def _place(cls: Any, value: Fraction | int, meter: Meter, amount: Any, since: Fraction | int) -> Any:
    made = cls(value)
    made.meter, made.amount, made.since = meter, amount, since
    return made


def meter_of(place: object) -> Meter | None:
    """The meter in whose unit the time was given that leads to a place."""
    return place.meter if isinstance(place, Reached) else None


def by_steps(place: Fraction | int, *meters: Meter | None) -> Fraction | int:
    """A place to which times in several units lead: whoever goes there goes by steps."""
    turned = next((meter for meter in meters if isinstance(meter, Turned)), None)
    if turned is None or isinstance(place, Awaited):
        return place
    return _place(_GivenPlace, Fraction(place), turned, turned.seen(Fraction(place)), -1)  # type: ignore[no-any-return]


def in_order(places: Sequence[Fraction | int]) -> None:
    """Whoever tells which of some places comes first is told where nobody knows that yet: their meter is undecided."""
    unreached = next((each for each in places if isinstance(each, Unreached)), None)
    if unreached is not None:
        meter = unreached.meter
        meter.undecided |= any(
            place.amount is None if isinstance(place, Unreached) else place > meter.known
            for place in places
            if len(places) > 1
        )


def told_of(place: object) -> tuple[Any, ...]:
    """In which unit, and from where on, the times were given that lead to a place."""
    return (place.meter, place.since) if isinstance(place, Reached) else ()


# Lengths.


def _refused(self: Metered, *others: object) -> NoReturn:
    self.refuse()


class Metered(Given):
    """An amount of a unit whose rate changes: added to a place, it leads to another. Its value is the amount.

    Attributes:
        meter: what the unit is counted by.
        given: whether it leads to where it is, and not to the first whole step from there, as shares do.
        share: what it is counted from, besides: in `100% - 32 samples` the share.
        place: where in the text it stands.
        written: what stands there.
        forward: whether it may not lead back.
    """

    __slots__ = ("forward", "given", "meter", "place", "share", "written")

    is_length = True

    meter: Meter
    forward: bool
    given: bool
    share: Fraction | int
    place: Place | None
    written: str

    @classmethod
    def of(
        cls,
        meter: Meter,
        amount: Fraction | int,
        given: bool = True,
        place: Place | None = None,
        written: str = "",
        share: Fraction | int = 0,
    ) -> Metered:
        """So much of a unit."""
        made = cls(amount)
        made.meter, made.given, made.share, made.place, made.written = meter, given, share, place, written
        made.forward = False
        return made

    def but(self, amount: Fraction | int, **changes: Any) -> Metered:
        """Another amount of the same unit."""
        facts = {"given": self.given, "share": self.share, "place": self.place, "written": self.written, **changes}
        return self.of(self.meter, amount, **facts)

    def ahead(self) -> Metered:
        """The same as a length: it may not lead back."""
        if self.simple:
            return self
        made = self * 1
        made.forward = True
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Metered.of, (self.meter, Fraction(self), self.given, None, self.written, self.share)

    @property
    def simple(self) -> bool:
        """Whether it is counted from wherever it begins."""
        return not isinstance(self.share, Metered) and self.share == 0

    def refuse(self) -> NoReturn:
        """Raise the error for a time that is wanted as a number of steps, which it has none of."""
        what = f"`{self.written}`" if self.written else f"a time in {self.meter.unit.symbol}"
        message = Phrase(f"{what} is no fixed number of steps, as {self.meter.rate} changes")
        fail(self.place, "E416", message, "give it in steps here")

    def refuse_period(self) -> NoReturn:
        """Raise the error for what recurs, but is given in several units."""
        several_units(self, "what recurs is given in one unit")

    # From a place to a place.

    def after(self, start: Fraction | int) -> Fraction | int:
        """The place that is so much later."""
        meter, begin = self.meter, start
        if not self.simple:
            start = start + self.share
        if isinstance(start, Awaited) and not isinstance(start, Unreached):
            return start.tied(start, self)
        amount, since = meter.seen(start), start
        if isinstance(start, Reached) and start.meter is meter:
            since = start.since
        if not self.simple:
            since = -1
        if meter.blame is None and self.place is not None and self.place.source is meter.source:
            meter.blame = self.place
        if amount is None:  # a place ahead of a rate that is being followed
            meter.undecided |= Fraction(self) < 0
            return self._unreached(max(FAR, math.ceil(start)) + 1, None, since)
        reached = _simple(Fraction(amount) + Fraction(self))
        found = meter.place(reached)
        given = self.given or isinstance(start, Given)
        if found is None:
            return self._unreached(FAR + math.ceil(reached), reached if self.simple else None, since)
        if self.forward and not isinstance(begin, Awaited) and found < begin:
            message = f"`{self.written}` leads back, to step {as_decimal(found)}, but has to be zero or more"
            fail(self.place, "E405", message, "use `max(…, 0)` if it depends on the run")
        if not self.simple:
            return by_steps(Given(found) if given else found, meter)
        return _place(_GivenPlace if given else _WholePlace, found, meter, reached, since)  # type: ignore[no-any-return]

    def _unreached(self, value: Fraction | int, amount: Fraction | int | None, since: Fraction | int) -> Unreached:
        found: Unreached = _place(Unreached, Fraction(value), self.meter, amount, since)
        found.name, found.place, found.given = self.written, self.place, self.given
        return found

    # Arithmetic.

    def __radd__(self, start: Any) -> Any:
        return self.after(start)

    def __add__(self, other: Any) -> Any:
        return self.after(other) if not isinstance(other, Metered) else self.refuse()

    def __rsub__(self, start: Any) -> Any:
        return (-self).after(start)

    def __mul__(self, factor: Any) -> Metered:  # type: ignore[override]
        return self.but(Fraction(self) * Fraction(factor), share=self.share * factor)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Any) -> Metered:  # type: ignore[override]
        return self * (1 / Fraction(divisor))

    def __neg__(self) -> Metered:
        return self * -1

    def __lt__(self, other: Any) -> bool:
        return self.simple and Fraction(self) < other

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Metered):
            mine, its = (
                (each.meter, Fraction(each), each.given, each.share, type(each.share)) for each in (self, other)
            )
            return mine == its
        return self.simple and other == 0 and Fraction(self) == 0

    def __hash__(self) -> int:  # type: ignore[override]
        return hash((id(self.meter), Fraction(self), self.given))

    def __bool__(self) -> bool:
        return not self.simple or self.numerator != 0

    __sub__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _refused
    __ceil__ = __floor__ = __round__ = __trunc__ = __float__ = __pow__ = __rpow__ = _refused  # type: ignore[assignment]


def length_to(place: object) -> Metered | None:
    """From the start of the run to a place that a meter found, as a share is taken of it."""
    if isinstance(place, Reached) and place.amount is not None:
        return Metered.of(place.meter, place.amount, given=False)
    return None


def several_units(time: Metered, hint: str) -> NoReturn:
    """Raise the error for a time in several units where that has no meaning."""
    message = Phrase(f"`{time.written}` is in several units, and {time.meter.rate} changes")
    fail(time.place, "E416", message, hint)


class Picked(Metered):
    """The least or the most of times in several units: which that is shows where they begin."""

    __slots__ = ("options", "pick")

    options: tuple[Fraction | int, ...]
    pick: Callable[..., Any]

    @classmethod
    def among(
        cls,
        meter: Meter,
        pick: Callable[..., Any],
        options: Sequence[Fraction | int],
        place: Place | None,
        written: str,
    ) -> Picked:
        """One of some times, picked by `min` or `max`."""
        made = cls(1)
        made.meter, made.given, made.share, made.place, made.written = meter, False, 0, place, written
        made.forward = False
        made.options, made.pick = tuple(options), pick
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Picked.among, (self.meter, self.pick, self.options, None, self.written)

    @property
    def simple(self) -> bool:
        return False

    @property
    def awaited(self) -> Awaited | None:
        """An event among them."""
        return next((each for each in self.options if isinstance(each, Awaited)), None)

    def after(self, start: Fraction | int) -> Fraction | int:
        places = [start + option for option in self.options]
        in_order(places)
        picked: Fraction | int = self.pick(*places)
        if isinstance(picked, Unreached):
            return self._unreached(picked, None, -1)
        awaited = next((each for each in places if isinstance(each, Awaited) and not isinstance(each, Unreached)), None)
        if awaited is not None:
            return awaited.tied(picked, *places)
        given = any(isinstance(each, Given) for each in places)
        return by_steps(Given(picked) if given else _simple(Fraction(picked)), self.meter)

    def __mul__(self, factor: Any) -> Metered:  # type: ignore[override]
        pick = self.pick if factor >= 0 else max if self.pick is min else min
        return self.among(self.meter, pick, [each * factor for each in self.options], self.place, self.written)

    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Picked) and (self.pick, self.options) == (other.pick, other.options)

    def __hash__(self) -> int:  # type: ignore[override]
        return hash((self.pick, self.options))
