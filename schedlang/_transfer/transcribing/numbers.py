"""Numbers and times as people would write them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Final

import attrs

from ..._text.numerals import decimal_text
from ..._text.run import as_rational
from .costs import cost, digits
from .task import Task

_SHORT: Final = 6
"""Up to how many digits a number is looked at before fractions and roots are."""

_DENOMINATORS: Final = 2000

_ROUND: Final = 3
"""A number of steps with so many digits that say something may be written as a share of the run."""


def decimal(value: float, many: int) -> tuple[float, str]:
    """A value with so many digits, and its text."""
    short = Decimal(f"{value:.{many - 1}e}")
    return float(short), decimal_text(short)


def _fraction(value: float) -> Iterator[tuple[float, str]]:
    exact = Fraction(value).limit_denominator(_DENOMINATORS)
    if exact.denominator > 1 and abs(exact.numerator) < 10 * _DENOMINATORS:
        yield exact.numerator / exact.denominator, f"{exact.numerator} / {exact.denominator}"


def _special(value: float) -> Iterator[tuple[float, str]]:
    """Fractions, roots, and multiples and parts of pi near a value."""
    sign, size = ("-" if value < 0 else ""), abs(value)
    yield from _fraction(value)
    for many in (1, 2, 3, 4):
        squared, text = decimal(size * size, many)
        yield math.copysign(math.sqrt(squared), value), f"{sign}sqrt({text})"
    for many in (1, 2, 3):
        times, text = decimal(size / math.pi, many)
        yield math.copysign(times * math.pi, value), f"{sign}{text} * pi"
        part, text = decimal(size * math.pi, many)
        yield math.copysign(part / math.pi, value), f"{sign}{text} / pi"
    inverse, text = decimal(1 / size, 4) if size > 1e-300 else (1.0, "1")
    yield math.copysign(1 / inverse, value), f"{sign}1 / {text}"


Judge = Callable[[float, bool], bool]
"""Whether a number may be written so: whether the curve is still as near as it was found to be, or, if that is asked
for, as near as the task demands."""


@attrs.frozen(slots=False)
class Writer:
    """Writes the numbers and times of a task; values by `base` only if they are not what is left of a product."""

    task: Task
    based: bool = True

    def number(self, value: float, fits: Judge, based: bool = False) -> tuple[float, str]:
        """The shortest way to write a number, and what it is then.

        Args:
            value: the number as it was fitted.
            fits: whether another one will do.
            based: whether it may be told by `base`.
        """
        for tried, text in self._ways(value, based):
            if fits(tried, False):
                return tried, text
        if fits(0.0, True):
            return 0.0, "0"
        for many in range(1, 18):
            tried, text = decimal(value, many)
            if fits(tried, True):
                return tried, text
        return value, decimal(value, 17)[1]

    def _ways(self, value: float, based: bool) -> Iterator[tuple[float, str]]:
        yield 0.0, "0"
        if value == 0:
            return
        base = self.task.base
        if base and based and self.based:
            yield from _by_base(value, base)
        for many in range(1, _SHORT + 1):
            yield decimal(value, many)
        yield from sorted(_special(value), key=lambda way: cost(way[1]))

    @cached_property
    def rates(self) -> dict[str, Fraction]:
        """How many of each unit a step has, where that never changes; of epochs a part."""
        found = {}
        for name, unit in (
            ("steps_per_epoch", "ep"),
            ("tokens_per_step", " tok"),
            ("samples_per_step", " samples"),
            ("samples_per_epoch", "ep"),
        ):
            rate = as_rational(self.task.rates[name]) if self.task.rates.get(name) is not None else None
            if rate is None or rate <= 0:
                continue
            if name == "samples_per_epoch":
                samples = as_rational(self.task.rates.get("samples_per_step"))
                rate = rate / samples if samples else None
            if rate is not None:
                found[unit] = 1 / rate if unit == "ep" else rate
        return found

    def time(self, steps: Fraction | int, place: bool = False) -> str:
        """A length of time, or a place in the run, given exactly in steps: in steps, epochs, samples, or a share."""
        ways = list(self.times(Fraction(steps), place))
        return ways[0] if ways else decimal_text(Decimal(f"{float(steps):.12g}")) + " steps"

    def times(self, steps: Fraction, place: bool = False) -> Iterator[str]:
        """The ways to write a time, the natural ones first."""
        whole = steps.denominator == 1
        if steps == 0:
            yield "0"
            return
        plain = str(steps.numerator) if abs(steps) < 10**6 else decimal_text(Decimal(steps.numerator))
        many = digits(plain) if whole else 99
        total = self.task.total_steps
        if place and steps == total:
            yield "100%"
            return
        ways: list[tuple[float, str]] = []
        for unit, rate in self.rates.items():
            amount = steps * rate
            text = _exact(amount)
            if text is None:
                continue
            if unit != "ep" and amount % 1000 == 0 and 10_000 <= amount < 10**6:
                text = f"{amount // 1000}k"
            if unit == "ep":
                if amount.denominator == 1 or ((amount * 2).denominator == 1 and many > 2):
                    ways.append((-1.0, f"{text}ep"))
            elif digits(text) <= min(many, 4) or not whole:
                ways.append((0.0 if digits(text) < many or not whole else 2.0, text + unit))
        share = _exact(steps * 100 / total)
        if share is not None and digits(share) <= 4 and steps < total:
            if many >= _ROUND and digits(share) <= _ROUND - 1 and whole:
                ways.append((0.5 + digits(share) / 10, f"{share}%"))
            elif whole and digits(share) <= many:
                ways.append((3.0, f"{share}%"))
        rest = total - steps
        if place and whole and 0 < rest < total and many > 2:
            left = next(self.times(rest))
            if digits(left) < many - 1 and "%" not in left:
                ways.append((0.8, f"100% - {left}"))
        if whole:
            ways.append((1.0, plain))
        elif steps.denominator <= 12:
            ways.append(
                (3.0, f"{steps.numerator} / {steps.denominator}" if steps > 1 else f"{_exact(steps) or ''} steps")
            )
        elif _exact(steps):
            ways.append((4.0, f"{_exact(steps)} steps"))
        yield from (text for _, text in sorted(ways, key=lambda way: way[0]))

    def snapped(self, steps: float, near: float = 1e-3) -> list[Fraction]:
        """Exact times near one that was fitted: whole steps, whole samples or tokens, parts of a step."""
        whole = Fraction(round(steps))
        ways = []
        for unit, rate in self.rates.items():
            if unit == "ep":
                continue
            for many in range(1, 12):
                amount = Fraction(decimal(steps * float(rate), many)[1].translate(_PLAIN)) if steps > 0 else Fraction(0)
                if abs(float(amount / rate) - steps) < near / 10:
                    ways.append(amount / rate)
                    break
        if abs(steps - whole) < max(near, 1e-9 * abs(steps)) or not ways:
            ways.insert(0, whole)
        else:
            ways.append(whole)
        part = Fraction(steps).limit_denominator(12)
        ways += [part, Fraction(f"{steps:.9g}"), Fraction(steps)]
        return list(dict.fromkeys(ways))


_PLAIN: Final = str.maketrans({"k": "e3", "M": "e6", "B": "e9", "T": "e12"})


def _exact(amount: Fraction) -> str | None:
    """An amount as a decimal, if it is one of few digits."""
    scaled = amount * 10**4
    if scaled.denominator != 1:
        return None
    return decimal_text(Decimal(scaled.numerator) / 10**4)


def _by_base(value: float, base: float) -> Iterator[tuple[float, str]]:
    share = value / base
    for many in (1, 2, 3):
        times, text = decimal(share, many)
        if times == 1:
            yield base, "base"
        elif times:
            if abs(times) < 1:
                part, below = decimal(1 / times, 2)
                if abs(part * times - 1) < 1e-12 and part == int(part):
                    yield base / part, f"base / {below}"
            yield times * base, f"{text} * base"
