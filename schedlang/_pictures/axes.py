"""Axes of pictures: where ticks are, and what they say, as the language writes numbers."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import attrs

from .._text.numerals import decimal_text

_FAR: Final = 0.75  # the share of the largest value above which all are far from 0
_NICE: Final = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@attrs.frozen
class PictureAxis:
    """An axis: its ends, where its ticks are, and what they say."""

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]
    log: bool = False

    def share(self, value: float) -> float:
        """How far along the axis a value lies: 0 at its lower end, 1 at its upper one."""
        low, high, at = (math.log10(end) if self.log else end for end in (self.low, self.high, value))
        if math.isinf(high - low):
            low, high, at = low / 4, high / 4, at / 4
        return (at - low) / (high - low)

    def dot(self, value: float, dots: int) -> int:
        return round(self.share(value) * (dots - 1))

    def marks(self) -> Iterator[tuple[float, str]]:
        return zip(self.ticks, self.labels, strict=True)


def linear_axis(low: float, high: float, most: int) -> PictureAxis:
    """An axis with round ticks, one of them at its lower end; it has 0 on it unless the values are all far from it.

    >>> linear_axis(1e-4, 3e-4, 5).labels, linear_axis(2.5e-4, 2.9e-4, 5).labels
    (('0', '1e-4', '2e-4', '3e-4'), ('2.5e-4', '2.6e-4', '2.7e-4', '2.8e-4', '2.9e-4'))
    """
    if low == high or 0 < low < _FAR * high or _FAR * low < high < 0:
        low, high = min(low, 0.0), max(high, 0.0) or float(low == 0)
    exact_low, exact_high = Decimal(repr(low)), Decimal(repr(high))
    step = _tick_distance(exact_low, exact_high, most)
    begin = _floor(exact_low / step) * step
    ticks = [tick for tick in _multiples(begin, exact_high, step) if math.isfinite(float(tick))]
    return _axis(max(float(begin), -sys.float_info.max), high, ticks)


def logarithmic_axis(low: float, high: float, most: int) -> PictureAxis:
    """An axis with ticks at powers of ten; where those are few, also at 3 times powers, or else evenly.

    >>> logarithmic_axis(1e-5, 3e-4, 6).labels, logarithmic_axis(1e-9, 1, 5).labels
    (('1e-5', '3e-5', '1e-4', '3e-4'), ('1e-8', '1e-6', '1e-4', '0.01', '1'))
    """
    if low == high:
        low, high = low / 2 or low, min(high * 2, sys.float_info.max)
    exact_low, exact_high = Decimal(repr(low)), Decimal(repr(high))
    exponents = range(exact_low.adjusted(), exact_high.adjusted() + 1)
    every = -(-len(exponents) // max(1, most)) if len(exponents) > 3 else 1
    factors = (1,) if len(exponents) > 3 else (1, 3)
    marks = [factor * Decimal(10) ** exponent for exponent in exponents if exponent % every == 0 for factor in factors]
    ticks = [mark for mark in marks if exact_low <= mark <= exact_high]
    if len(ticks) < 2:
        ticks = _multiples(exact_low, exact_high, _tick_distance(exact_low, exact_high, most))
    return _axis(low, high, ticks, log=True)


def step_axis(start: int, stop: int, most: int, grid: int = 1, unit: str = "") -> PictureAxis:
    """An axis of steps, or of what is divided into `grid` ticks, with marks at round ones; the last tells the unit.

    >>> step_axis(0, 10_000, 6).labels, step_axis(0, 15, 4, grid=10, unit="s").labels
    (('0', '2000', '4000', '6000', '8000', '10000'), ('0', '0.5', '1', '1.5 s'))
    """
    low, high = Decimal(start) / grid, Decimal(stop) / grid
    step = max(Decimal(1) if grid == 1 else Decimal(0), _tick_distance(low, high, most))
    ticks = [tick for tick in _multiples(low, high, step) if grid > 1 or tick == tick.to_integral_value()]
    labels = [decimal_text(tick) for tick in ticks]
    if unit and labels:
        labels[-1] += f" {unit}"
    return PictureAxis(start, stop, tuple(float(tick * grid) for tick in ticks), tuple(labels))


def _axis(low: float, high: float, ticks: list[Decimal], *, log: bool = False) -> PictureAxis:
    return PictureAxis(low, high, tuple(map(float, ticks)), tuple(map(decimal_text, ticks)), log)


def _tick_distance(low: Decimal, high: Decimal, most: int) -> Decimal:
    """The smallest distance of 1, 2, 2.5 or 5 times a power of ten that gives at most so many ticks."""
    least = (high - low) / max(1, most)
    unit = Decimal(10) ** least.adjusted()
    return next(nice * unit for nice in _NICE if nice * unit >= least)


def _multiples(low: Decimal, high: Decimal, step: Decimal) -> list[Decimal]:
    return [count * step for count in range(-_floor(-low / step), _floor(high / step) + 1)]


def _floor(value: Decimal) -> int:
    return int(value.to_integral_value("ROUND_FLOOR"))
