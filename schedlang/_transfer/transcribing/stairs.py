"""Values that stay for a while and jump: stairs, each in the ways that the language has for them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy

from .curves import Exponential, Line, Wave
from .fitting import Curve
from .forms import Form, Window, written
from .numbers import Writer, decimal
from .ramps import ramps
from .task import Work

if TYPE_CHECKING:
    from .task import Floats

_FEW: Final = 12
"""So many levels are written one by one."""

_JUMP: Final = 100.0
"""How much more than is allowed by noise a level differs from the next."""


class Stairs(Curve):
    """Levels, and the steps at which they begin: numbers are these, one after the other."""

    free = 1
    refined = False

    @staticmethod
    def value(numbers: Sequence[float], at: Floats) -> Floats:
        many = len(numbers) // 2
        begins, levels = numpy.array(numbers[:many]), numpy.array(numbers[many:])
        found: Floats = levels[numpy.maximum(numpy.searchsorted(begins, at, side="right") - 1, 0)]
        return found

    @staticmethod
    def guesses(at: Floats, values: Floats) -> Iterator[tuple[float, ...]]:
        yield from ()

    @property
    def begins(self) -> list[int]:
        """The steps at which its levels begin."""
        many = len(self.numbers) // 2
        return [round(self.origin + begin) for begin in self.numbers[:many]]

    @property
    def levels(self) -> list[float]:
        """Its levels."""
        return list(self.numbers[len(self.numbers) // 2 :])


class Runs:
    """For each place the place behind the values equal to it that follow."""

    def __init__(self, values: Floats) -> None:
        self._changes = values[1:] != values[:-1]

    def __getitem__(self, place: int) -> int:
        rest = self._changes[place:]
        step = int(rest.argmax()) if len(rest) else 0
        return place + 1 + (step if step < len(rest) and rest[step] else len(rest))


def stairs_of(steps: Floats, values: Floats, allowed: Floats, ends: Runs, first: int) -> tuple[Stairs, int] | None:
    """The stairs that begin at a place, if at least three levels follow one another, and how many values they have."""
    begins = [first]
    count = len(values)
    while True:
        begin = begins[-1]
        end = ends[begin]
        if end - begin < 2 and end < count:
            begins.pop()
            break
        if end == count:
            begins.append(count)
            break
        if abs(values[end] - values[begin]) <= _JUMP * allowed[begin]:
            begins.pop()
            break
        begins.append(end)
    if begins[-1:] != [count] and begins:
        begins.append(ends[begins[-1]])
    if len(begins) < 4:
        return None
    *places, stop = begins
    origin = float(steps[first])
    numbers = [float(steps[place]) - origin for place in places] + [float(values[place]) for place in places]
    return Stairs(origin, tuple(numbers)), stop - first


def stairs_texts(curve: Stairs, window: Window, inner: bool, writer: Writer, work: Work) -> list[tuple[str, str]]:
    """The bodies that stairs are, each with what its last phase is to be given a length as; nothing for the whole."""
    found = []
    levels, begins = curve.levels, curve.begins
    texts = _level_texts(levels, window, writer, work)
    places = [window.start, *(Fraction(begin) for begin in begins[1:])]
    if len(levels) <= _FEW:
        phases = []
        for text, begin, end in zip(texts, places, places[1:], strict=False):
            length = f"{text} for {writer.time(end - begin)}"
            until = f"{text} until {writer.time(end, place=True)}"
            phases.append(length if inner or len(length) <= len(until) else until)
        found.append((" then ".join([*phases, texts[-1]]), "chain"))
    gone = [place - window.start for place in places[1:]]
    for body in (*_ratios(levels, gone, texts[0], window, writer), *_towards(levels, gone, window, writer)):
        found.append((body, ""))
    found += [(body, "") for body in _sampled(curve, gone, window, writer, work)]
    return found


def _level_texts(levels: Sequence[float], window: Window, writer: Writer, work: Work) -> list[str]:
    texts = []
    for level in levels[: _FEW + 1] if len(levels) > _FEW else levels:
        form = Form((level,), lambda n, steps: numpy.full(len(steps), n[0]), ", ".join, (True,))
        place = int(numpy.abs(window.values - level).argmin())
        one = slice(place, place + 1)
        single = Window(
            window.steps[one], window.values[one], window.near[one], window.allowed[one], window.start, window.stop
        )
        found = written(form, single, writer, work)
        texts.append(found[1][0] if found else repr(level))
    return texts


def _ratios(
    levels: Sequence[float], gone: Sequence[Fraction], start: str, window: Window, writer: Writer
) -> Iterator[str]:
    if not all(level > 0 for level in levels):
        return
    drops = [math.log(after / before) for before, after in pairwise(levels)]
    sign = drops[0] > 0
    if any((drop > 0) != sign for drop in drops):
        return
    large = [abs(drop) for drop, level in zip(drops, levels[1:], strict=False) if level > 1e-3 * max(levels)]
    if not large:
        return
    least = min(large)
    counts = [max(1, round(abs(drop) / least)) for drop in drops]
    total, many = sum(abs(drop) for drop in drops), sum(counts)
    factor = math.exp((total if sign else -total) / many)
    text = _factor_text(factor, levels, counts)
    if text is None:
        return
    milestones = [place for place, count in zip(gone, counts, strict=True) for _ in range(count)]
    length = window.stop - window.start
    for period in _periods(milestones, length, writer):
        yield f"interval({text}, every={period}, start={start})"
    if len(milestones) <= 2 * _FEW:
        listed = ", ".join(writer.time(place) for place in milestones)
        yield f"step_fixed({text}, [{listed}], start={start})"


def _factor_text(factor: float, levels: Sequence[float], counts: Sequence[int]) -> str | None:
    for many in range(1, 14):
        tried, text = decimal(factor, many)
        level, good = levels[0], True
        for after, count in zip(levels[1:], counts, strict=True):
            level *= tried**count
            good = good and abs(level - after) <= 1e-9 * abs(levels[0]) and abs(level - after) <= 5e-7 * abs(after)
        if good:
            return text
    whole = Fraction(factor).limit_denominator(100)
    return f"{whole.numerator} / {whole.denominator}" if abs(float(whole) - factor) < 1e-13 else None


def _periods(milestones: Sequence[Fraction], length: Fraction, writer: Writer) -> Iterator[str]:
    """How often stairs drop, if that is regular: every x, with the j-th milestone at the first step from j·x on."""
    lowest = max(Fraction(place - 1, index) for index, place in enumerate(milestones, 1))
    highest = min(place / index for index, place in enumerate(milestones, 1))
    least = max(lowest, Fraction(length - 1, len(milestones) + 1))  # none before the end
    for low in dict.fromkeys((least, lowest)):
        if low >= highest:
            continue
        whole = highest if highest.denominator == 1 else Fraction(math.floor(highest))
        if low < whole <= highest:
            yield writer.time(whole)
        for unit, rate in writer.rates.items():
            for many in (1, 2, 3):
                amount = Fraction(f"{float(highest * rate):.{many - 1}e}")
                if low < amount / rate <= highest:
                    yield decimal(float(amount), many)[1] + unit
                    break
        total = writer.task.total_steps
        for parts in (1, 10, 100, 1000, 10_000):
            share = Fraction(math.floor(highest * 100 * parts / total), parts)
            if low < share * total / 100 <= highest:
                yield f"{float(share):g}%"
                break
        for parts in range(2, 200):
            if low < Fraction(total, parts) <= highest:
                yield f"100% / {parts}"
                break


def _towards(levels: Sequence[float], gone: Sequence[Fraction], window: Window, writer: Writer) -> Iterator[str]:
    """Stairs whose distance to an end is multiplied."""
    if len(levels) < 4:
        return
    first, second, third = levels[:3]
    bend = first + third - 2 * second
    if not bend:
        return
    end = (first * third - second * second) / bend
    if not abs(end) < 100 * max(map(abs, levels)) or first == end:
        return
    factor = (second - end) / (first - end)
    size = max(map(abs, levels))
    if not 0 < factor < 1 or end > first:
        return
    off = max(abs(end + (first - end) * factor**index - level) for index, level in enumerate(levels))
    if off > 1e-8 * size:
        return
    numbers = [_short(number, 1e-11 * size) for number in (factor, first, end)]
    for period in _periods(gone, window.stop - window.start, writer):
        yield f"step_decreasing({numbers[0]}, every={period}, start={numbers[1]}, end={numbers[2]})"


def _short(number: float, near: float) -> str:
    ways = (decimal(number, many) for many in range(1, 12))
    return next((text for value, text in ways if abs(value - number) < near), decimal(number, 12)[1])


def _sampled(curve: Stairs, gone: Sequence[Fraction], window: Window, writer: Writer, work: Work) -> Iterator[str]:
    """Stairs that are a ramp seen once in so many steps."""
    apart = math.gcd(*(int(place) for place in gone)) if all(place.denominator == 1 for place in gone) else 1
    if apart < 2 or len(gone) < 3 or int(gone[-1]) // apart > 100_000:
        return
    start = float(window.start)
    steps = numpy.arange(start, float(window.steps[-1]) + 1, apart)
    places = numpy.searchsorted(window.steps, steps)
    places = numpy.minimum(places, len(window.steps) - 1)
    values, near = window.values[places], window.near[places]
    part = Window(steps, values, near, window.allowed[places], window.start, window.stop, window.places, sampled=True)
    for family in (Line, Exponential, Wave):
        found = family.fit(steps, values, near, work)
        if found is None:
            continue
        for ramp in ramps(found, part, writer, work):
            if ramp.begin == window.start:
                first, last = ramp.texts
                length = "" if ramp.end == window.stop else f", {writer.time(ramp.end - ramp.begin)}"
                yield f"{ramp.name}({first}, {last}{length}) every {writer.time(Fraction(apart))}"
        return
