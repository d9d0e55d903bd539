"""The families of curves: each has a formula, and numbers to begin with. A new one is a class here."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy

from .fitting import Curve, spaced

if TYPE_CHECKING:
    from .task import Floats


class Still(Curve):
    """The same value all the time."""

    free = 1
    refined = False

    @staticmethod
    def value(numbers: Sequence[float], at: Floats) -> Floats:
        return numpy.full(len(at), numbers[0])

    @staticmethod
    def guesses(at: Floats, values: Floats) -> Iterator[tuple[float, ...]]:
        yield (float(values[0]),)


class Line(Curve):
    """A value, and what is added at each step."""

    free = 2
    refined = False

    @staticmethod
    def value(numbers: Sequence[float], at: Floats) -> Floats:
        return numbers[0] + numbers[1] * at

    @staticmethod
    def guesses(at: Floats, values: Floats) -> Iterator[tuple[float, ...]]:
        slope = float(values[-1] - values[0]) / float(at[-1] - at[0])
        yield float(values[0]) - slope * float(at[0]), slope


class Exponential(Curve):
    """A value, and the logarithm of what it is multiplied by at each step."""

    free = 2

    @staticmethod
    def value(numbers: Sequence[float], at: Floats) -> Floats:
        return numbers[0] * numpy.exp(numbers[1] * at)

    @staticmethod
    def guesses(at: Floats, values: Floats) -> Iterator[tuple[float, ...]]:
        large = numpy.nonzero(numpy.abs(values) > 1e-4 * numpy.abs(values).max())[0]
        if len(large) < 2 or values[large[0]] * values[large[-1]] <= 0:
            return
        first, last = large[0], large[-1]
        rate = math.log(values[last] / values[first]) / float(at[last] - at[first])
        yield float(values[first]) * math.exp(-rate * float(at[first])), rate


class OffsetExponential(Curve):
    """c + A·exp(r·k): numbers c, A, r."""

    free = 3

    @staticmethod
    def value(numbers: Sequence[float], at: Floats) -> Floats:
        offset, size, rate = numbers
        return offset + size * numpy.exp(rate * at)

    @staticmethod
    def guesses(at: Floats, values: Floats) -> Iterator[tuple[float, ...]]:
        for part in (values, values[: max(3, len(values) // 4)], values[: max(3, len(values) // 16)]):
            first, second, third = spaced(part, 3)
            distance = float(spaced(at[: len(part)], 3)[1] - at[0])
            if second == first or (third - second) / (second - first) <= 0 or third - second == second - first:
                continue
            factor = (third - second) / (second - first)
            size = float((second - first) / (factor - 1))
            yield float(first) - size, size, math.log(factor) / distance


class Wave(Curve):
    """c + a·cos(w·k) + b·sin(w·k): numbers c, a, b, w."""

    free = 4

    @staticmethod
    def value(numbers: Sequence[float], at: Floats) -> Floats:
        middle, even, odd, pace = numbers
        return middle + even * numpy.cos(pace * at) + odd * numpy.sin(pace * at)

    @staticmethod
    def guesses(at: Floats, values: Floats) -> Iterator[tuple[float, ...]]:
        for part in (1, 2):
            count = len(values) // part
            if count < 5:
                continue
            four = spaced(values[:count], 4)
            distance = float(spaced(at[:count], 4)[1] - at[0])
            if four[2] == four[1]:
                continue
            turn = ((four[3] - four[0]) / (four[2] - four[1]) - 1) / 2
            if not -1 < turn < 1:
                continue
            pace = math.acos(turn) / distance
            yield (*_linear(Wave._columns(pace, at), values), pace)

    @staticmethod
    def _columns(pace: float, at: Floats) -> Floats:
        return numpy.stack([numpy.ones(len(at)), numpy.cos(pace * at), numpy.sin(pace * at)], axis=1)

    @property
    def amplitude(self) -> float:
        """How far it is from its middle at most."""
        return math.hypot(self.numbers[1], self.numbers[2])

    @property
    def half(self) -> float:
        """How many steps half a wave lasts."""
        return math.pi / abs(self.numbers[3])

    def peak(self, near: float) -> float:
        """The turning point that is last before a step, or there."""
        _, even, odd, pace = self.numbers
        turning = self.origin + math.atan2(odd, even) / pace
        return turning + math.floor((near - turning) / self.half + 1e-6) * self.half


def _linear(columns: Floats, values: Floats) -> list[float]:
    if not numpy.isfinite(columns).all():
        return [math.nan] * columns.shape[1]
    found: list[float] = numpy.linalg.lstsq(columns, values, rcond=1e-15)[0].tolist()
    return found


class Power(Curve):
    """c + A·(k + t)^q, with t ≥ 0, of one sign all along: numbers c, A, t, q."""

    free = 4
    costly = True

    @staticmethod
    def value(numbers: Sequence[float], at: Floats) -> Floats:
        offset, size, before, exponent = numbers
        return offset + size * numpy.maximum(at + before, 0.0) ** exponent

    @staticmethod
    def guesses(at: Floats, values: Floats) -> Iterator[tuple[float, ...]]:
        yield from _power_guesses(at, values)


def _power_guesses(at: Floats, values: Floats) -> Iterator[tuple[float, ...]]:
    """Numbers of c + A·(k + t)^q: of usual ones those that are nearest, and what the derivatives say."""
    if len(at) < 5:
        return
    yield from _from_start(at, values)
    length = float(at[-1])
    ways = []
    for before in (0.0, 1.0, length / 10, length, 5 * length):
        for exponent in _USUAL:
            size, offset = _through_ends(at, values, before, exponent)
            if not math.isfinite(size):
                continue
            off = numpy.abs(offset + size * (at + before) ** exponent - values).max()
            if off < math.inf:
                ways.append((float(off), (offset, size, before, exponent)))
    yield from (numbers for _, numbers in sorted(ways)[:2])
    yield from derived(at, values)


def _from_start(at: Floats, values: Floats) -> Iterator[tuple[float, ...]]:
    """If it begins where t is 0, the logarithm of what is added is a line in the logarithm of k."""
    middle, added = len(at) // 2, values - values[0]
    if at[0] == 0 and added[-1] != 0 and added[middle] / added[-1] > 0:
        exponent = math.log(added[middle] / added[-1]) / math.log(at[middle] / at[-1])
        if 0.02 < exponent < 40:
            yield float(values[0]), float(added[-1]) / float(at[-1]) ** exponent, 0.0, exponent


def derived(at: Floats, values: Floats) -> Iterator[tuple[float, ...]]:
    """Numbers of c + A·(k + t)^q from the values' derivatives: y'/y'' is a line, of slope 1 / (q - 1), and 0 at -t."""
    count = len(values)
    for part in (1, 3):
        if count // part < 9:
            continue
        every = max(1, (count // part - 1) // 8)
        nodes, points = values[: count // part : every][:9], at[: count // part : every][:9]
        width = float(points[1] - points[0])
        first = (nodes[2:] - nodes[:-2]) / (2 * width)
        second = (nodes[2:] - 2 * nodes[1:-1] + nodes[:-2]) / width**2
        if not (second != 0).all():
            continue
        slope, start = numpy.polyfit(points[1:-1], first / second, 1)
        if slope == 0:
            continue
        exponent, before = 1 + 1 / float(slope), float(start) / float(slope)
        if not abs(exponent) < 40 or exponent in (0.0, 1.0):
            continue
        if before <= -float(points[0]):
            before = float(width) / 100
        size, offset = _through_ends(at, values, before, exponent)
        yield offset, size, before, exponent


def _through_ends(at: Floats, values: Floats, before: float, exponent: float) -> tuple[float, float]:
    if exponent < 0 and at[0] + before <= 0:
        return math.nan, math.nan
    base = numpy.maximum(at + before, 0.0) ** exponent
    if not numpy.isfinite(base).all() or base[-1] == base[0]:
        return math.nan, math.nan
    size = float((values[-1] - values[0]) / (base[-1] - base[0]))
    return size, float(values[0]) - size * float(base[0])


_USUAL: Final = (0.5, 2.0, 3.0, 1.5, -0.5, -1.0)


class Backwards(Curve):
    """c + A·(t - k)^q, with t after all of it: numbers c, A, t, q."""

    free = 4
    costly = True

    @staticmethod
    def value(numbers: Sequence[float], at: Floats) -> Floats:
        offset, size, end, exponent = numbers
        return offset + size * numpy.maximum(end - at, 0.0) ** exponent

    @staticmethod
    def guesses(at: Floats, values: Floats) -> Iterator[tuple[float, ...]]:
        last = float(at[-1])
        for offset, size, before, exponent in _power_guesses(last - at[::-1], values[::-1]):
            yield offset, size, before + last, exponent


class Root(Curve):
    """A / sqrt(k + t): numbers A, t."""

    free = 2

    @staticmethod
    def value(numbers: Sequence[float], at: Floats) -> Floats:
        size, before = numbers
        return size / numpy.sqrt(numpy.maximum(at + before, 0.0))

    @staticmethod
    def guesses(at: Floats, values: Floats) -> Iterator[tuple[float, ...]]:
        if not (values != 0).all():
            return
        ends = values[0] ** -2.0, values[-1] ** -2.0
        slope = float((ends[1] - ends[0]) / (at[-1] - at[0]))
        if slope > 0:
            yield math.copysign(slope**-0.5, values[0]), float(ends[0]) / slope - float(at[0])


class Hyperbola(Curve):
    """c + A / (k + t): numbers c, A, t, which may be before or behind all of it."""

    free = 3

    @staticmethod
    def value(numbers: Sequence[float], at: Floats) -> Floats:
        offset, size, before = numbers
        return offset + size / (at + before)

    @staticmethod
    def guesses(at: Floats, values: Floats) -> Iterator[tuple[float, ...]]:
        for part in (values, values[: max(3, len(values) // 8)]):
            first, second, third = spaced(part, 3)
            width = float(spaced(at[: len(part)], 3)[1] - at[0])
            down, up = float(second - first), float(third - second)
            if up == down or up == 0:
                continue
            # of c + A/u at u, u + w, u + 2w the differences are as (u + 2w) to u
            start = 2 * width * up / (down - up)
            if start == 0 or start == -width or start == -2 * width:
                continue
            size = down / (1 / (start + width) - 1 / start)
            yield float(first) - size / start, size, start - float(at[0])


class Parabola(Curve):
    """c + b·k + a·k²: numbers c, b, a."""

    free = 3
    refined = False

    @staticmethod
    def value(numbers: Sequence[float], at: Floats) -> Floats:
        return numbers[0] + at * (numbers[1] + at * numbers[2])

    @staticmethod
    def guesses(at: Floats, values: Floats) -> Iterator[tuple[float, ...]]:
        if len(at) < 4:
            return
        first, second, third = spaced(values, 3)
        width = float(spaced(at, 3)[1] - at[0])
        bend = float(third - 2 * second + first) / (2 * width**2)
        slope = float(4 * second - 3 * first - third) / (2 * width)
        if bend and abs(bend * at[-1]) > 1e-6 * abs(slope):
            yield float(first), slope, bend


class Logistic(Curve):
    """c + A / (1 + exp((m - k) / w)): numbers c, A, m, w."""

    free = 4
    costly = True

    @staticmethod
    def value(numbers: Sequence[float], at: Floats) -> Floats:
        offset, size, middle, width = numbers
        return offset + size / (1 + numpy.exp((middle - at) / width))

    @staticmethod
    def guesses(at: Floats, values: Floats) -> Iterator[tuple[float, ...]]:
        ends = float(values[0]), float(values[-1])
        span = ends[1] - ends[0]
        if span == 0:
            return
        seen: set[float] = set()
        for low in (0.0, -abs(span), ends[0], -ends[1], ends[1], 1.0):
            if low in seen:
                continue
            seen.add(low)
            raised = values - low
            if not (raised[1:] != 0).all() or not (raised[1:] * raised[-1] > 0).all():
                continue
            # 1/(y - c) is B + C·exp(r·k)
            for offset, size, rate in OffsetExponential.guesses(at[1:], 1 / raised[1:]):
                if offset and size / offset > 0:
                    yield low, 1 / offset, -math.log(size / offset) / rate, -1 / rate


class Gaussian(Curve):
    """exp(c + b·k + a·k²): numbers c, b, a."""

    free = 3

    @staticmethod
    def value(numbers: Sequence[float], at: Floats) -> Floats:
        return numpy.exp(Parabola.value(numbers, at))

    @staticmethod
    def guesses(at: Floats, values: Floats) -> Iterator[tuple[float, ...]]:
        if (values > 0).all():
            yield from Parabola.guesses(at, numpy.log(values))


class ExponentialOfPower(Curve):
    """exp(c + A·(k + t)^q): numbers c, A, t, q."""

    free = 4
    costly = True

    @staticmethod
    def value(numbers: Sequence[float], at: Floats) -> Floats:
        return numpy.exp(Power.value(numbers, at))

    @staticmethod
    def guesses(at: Floats, values: Floats) -> Iterator[tuple[float, ...]]:
        if (values > 0).all():
            yield from _power_guesses(at, numpy.log(values))


class EasedCosine(Curve):
    """e + (s - e)·(1 + cos(pi·(k/d)^p)) / 2, from the origin on: numbers s, e, d, p."""

    free = 4
    costly = True

    @staticmethod
    def value(numbers: Sequence[float], at: Floats) -> Floats:
        start, end, length, ease = numbers
        return end + (start - end) * (1 + numpy.cos(math.pi * (numpy.maximum(at, 0.0) / length) ** ease)) / 2

    @staticmethod
    def guesses(at: Floats, values: Floats) -> Iterator[tuple[float, ...]]:
        first, last = float(values[0]), float(values[-1])
        if first == last or len(values) < 9:
            return
        for end in dict.fromkeys([0.0, last]):
            share = numpy.clip(2 * (values[1:-1] - end) / (first - end) - 1, -1, 1)
            gone = numpy.arccos(share) / math.pi
            good = (gone > 1e-3) & (gone < 0.999)
            if good.sum() < 4:
                continue
            ease, shift = numpy.polyfit(numpy.log(at[1:-1][good]), numpy.log(gone[good]), 1)
            if 0.05 < ease < 20:
                yield first, end, math.exp(-shift / ease), float(ease)


FAMILIES: Final[tuple[type[Curve], ...]] = (
    Still,
    Line,
    Exponential,
    Wave,
    Parabola,
    Root,
    Hyperbola,
    OffsetExponential,
    Gaussian,
    Power,
    Backwards,
    Logistic,
    ExponentialOfPower,
    EasedCosine,
)
"""All families, the simple ones first."""
