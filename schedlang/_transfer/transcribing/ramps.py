"""Curves as ramps: which of the language's ramps they are, from where to where, and between which values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs
import numpy

from .costs import digits
from .curves import Backwards, EasedCosine, Exponential, Line, Parabola, Power, Wave
from .fitting import Curve, refine, thinned
from .forms import Form, Window, written
from .numbers import Writer, decimal
from .task import Work

if TYPE_CHECKING:
    from .task import Floats

_MOST: Final = 5
"""In how many ways a line is looked at, which may begin and end anywhere on it."""


@attrs.frozen
class Ramp:
    """A ramp of the language, with its numbers written.

    Attributes:
        name: its primitive.
        begin: the place where it is at its start.
        end: the place where it is at its end.
        values: the values there.
        texts: these as they are written.
        bend: its argument `ease` or `power`, written, or nothing.
    """

    name: str
    begin: Fraction
    end: Fraction
    values: tuple[float, float]
    texts: tuple[str, str]
    bend: str = ""


Shape: TypeAlias = "Callable[[Floats, float, float], Floats]"
"""The values of a ramp, for how much of it is over, its start and its end."""


def _straight(gone: Floats, start: float, end: float) -> Floats:
    return start + (end - start) * gone


def _wave(gone: Floats, start: float, end: float) -> Floats:
    return end + (start - end) * numpy.cos(math.pi / 2 * gone) ** 2


def _factor(gone: Floats, start: float, end: float) -> Floats:
    if start == 0 or end / start <= 0:
        return numpy.full(len(gone), math.nan)
    return numpy.asarray(start * (end / start) ** gone)


def _eased(shape: Shape, ease: float) -> Shape:
    return lambda gone, start, end: shape(gone**ease, start, end)


def _poly(power: float) -> Shape:
    return lambda gone, start, end: end + (start - end) * (1 - gone) ** power


def ramps(curve: Curve, window: Window, writer: Writer, work: Work) -> list[Ramp]:
    """The ramps that a curve is in a window."""
    match curve:
        case Line():
            return list(_anchored("linear", _straight, curve, window, writer, work))
        case Exponential():
            return list(_anchored("exponential", _factor, curve, window, writer, work))
        case Wave():
            return _waves(curve, window, writer, work)
        case Power() | Backwards():
            return _powers(curve, window, writer, work)
        case Parabola():
            return _parabolas(curve, window, writer, work)
        case EasedCosine():
            return _eased_cosines(curve, window, writer, work)
    return []


def _ramp(
    name: str,
    shape: Shape,
    times: tuple[Fraction, Fraction],
    ends: tuple[float, float],
    window: Window,
    writer: Writer,
    work: Work,
    bend: str = "",
) -> Ramp | None:
    begin, length = float(times[0]), float(times[1] - times[0])

    def at(numbers: Sequence[float], steps: Floats) -> Floats:
        return shape(numpy.clip((steps - begin) / length, 0, 1), numbers[0], numbers[1])

    found = written(Form(ends, at, ", ".join, (True, True)), window, writer, work)
    if found is None:
        return None
    (start, end), (first, last) = found
    return Ramp(name, *times, (start, end), (first, last), bend)


def _anchors(curve: Curve, window: Window) -> Iterator[tuple[float, tuple[Fraction, Fraction]]]:
    """Between which places a curve that goes on both ways may be said to go, the roundest values first."""
    start, stop = window.start, window.stop
    early, late = [start, *(place for place in window.places if place < start)], [stop]
    late += [place for place in window.places if place > start and place != stop]
    if not window.sampled:
        early.insert(1, start - 1)
        late.insert(1, stop - 1)
    if isinstance(curve, Line) and curve.numbers[1]:
        zero = curve.origin - curve.numbers[0] / curve.numbers[1]
        if abs(zero - round(zero)) < 1e-6 and abs(zero) < 1e9:
            (early if zero <= start else late).append(Fraction(round(zero)))
    largest = float(numpy.abs(window.values).max()) or 1.0

    def ugly(place: Fraction) -> float:
        value = float(curve.at(numpy.array([float(place)]))[0])
        if not math.isfinite(value) or abs(value) > 100 * largest:
            return 99.0
        if abs(value) < 1e-13 * largest:
            return 1.0
        return next((many for many in range(1, 13) if abs(decimal(value, many)[0] - value) < 3e-13 * largest), 13)

    begins = {place: ugly(place) for place in dict.fromkeys(early)}
    ends = {place: ugly(place) for place in dict.fromkeys(late)}
    for begin, first in begins.items():
        for end, last in ends.items():
            if end <= begin:
                continue
            usual = (begin in (start, start - 1)) and (end in (stop, stop - 1))
            extra = 0.0 if (begin, end) == (start, stop) else 3.0 if usual else 4.0 if begin == start else 7.0
            yield max(0.0, first - 4) * 3 + first + max(0.0, last - 4) * 3 + last + extra, (begin, end)


def _anchored(
    name: str, shape: Shape, curve: Curve, window: Window, writer: Writer, work: Work, most: int = _MOST
) -> Iterator[Ramp]:
    ways = sorted(_anchors(curve, window), key=lambda way: way[0])
    plain = (window.start, window.stop)
    chosen = [times for _, times in ways[:most]]
    if plain not in chosen:
        chosen.append(plain)
    for times in chosen:
        ends = curve.at(numpy.array([float(times[0]), float(times[1])])).tolist()
        found = _ramp(name, shape, times, (ends[0], ends[1]), window, writer, work)
        if found is not None:
            yield found


def _waves(curve: Wave, window: Window, writer: Writer, work: Work) -> list[Ramp]:
    begin = curve.peak(float(window.steps[0]))
    end = begin + curve.half
    places = thinned(len(window.values))
    steps, values = window.steps[places], window.values[places]
    for near in window.limits(places):
        for first in writer.snapped(begin):
            for last in writer.snapped(end):
                if last <= first or last < window.steps[-1]:
                    continue
                gone = numpy.clip((steps - float(first)) / float(last - first), 0, 1)
                share = numpy.cos(math.pi / 2 * gone) ** 2
                columns = numpy.stack([share, 1 - share], axis=1)
                ends = numpy.linalg.lstsq(columns, values, rcond=None)[0]
                work.spend(4 * len(places))
                if (numpy.abs(columns @ ends - values) <= near).all():
                    found = _ramp("cosine", _wave, (first, last), (ends[0], ends[1]), window, writer, work)
                    if found is not None:
                        return [found]
    return []


def _powers(curve: Power | Backwards, window: Window, writer: Writer, work: Work) -> list[Ramp]:
    offset, size, distance, exponent = curve.numbers
    if exponent <= 0.02:
        return []
    backwards = isinstance(curve, Backwards)
    still = curve.origin + distance if backwards else curve.origin - distance
    return _bent(type(curve), still, (offset, size, exponent), window, writer, work)


def _bent(
    family: type[Power | Backwards],
    still: float,
    numbers: tuple[float, float, float],
    window: Window,
    writer: Writer,
    work: Work,
) -> list[Ramp]:
    backwards = family is Backwards
    places = thinned(len(window.values))
    steps, values = window.steps[places], window.values[places]
    for near in window.limits(places):
        for place in writer.snapped(still, 0.02):
            if (place < window.steps[-1]) if backwards else (place > window.steps[0]):
                continue
            distance = float(place) - float(steps[0]) if backwards else float(steps[0]) - float(place)
            begun = (numbers[0], numbers[1], distance, numbers[2])
            at = steps - steps[0]
            fitted = refine(family.value, begun, at, values, (False, False, True, False))
            work.spend(8 * len(places))
            if not (numpy.abs(family.value(fitted, at) - values) <= near).all():
                continue
            for many in range(1, 8):
                exponent, text = decimal(fitted[3], many)
                again = refine(family.value, (*fitted[:3], exponent), at, values, (False, False, True, True))
                work.spend(8 * len(places))
                if (numpy.abs(family.value(again, at) - values) <= near).all():
                    curve = family(float(steps[0]), again)
                    found = _bent_ramps(curve, place, text, window, writer, work)
                    if found:
                        return found
    return []


def _bent_ramps(
    curve: Power | Backwards, still: Fraction, exponent: str, window: Window, writer: Writer, work: Work
) -> list[Ramp]:
    offset, power = curve.numbers[0], curve.numbers[3]
    found = []
    backwards = isinstance(curve, Backwards)
    others = [window.start, window.start - 1] if backwards else [window.stop, window.stop - 1]
    others += [place for place in window.places if (place < window.start if backwards else place > window.stop)]
    for other in others:
        times = (other, still) if backwards else (still, other)
        if times[1] <= times[0]:
            continue
        value = float(curve.at(numpy.array([float(other)]))[0])
        if backwards:
            shape, name, bend = _poly(power), "poly", f"power={exponent}"
            ends = (value, offset)
        else:
            shape, name, bend = _eased(_straight, power), "linear", f"ease={exponent}"
            if power == 0.5:
                name, bend = "one_minus_sqrt", ""
            ends = (offset, value)
        ramp = _ramp(name, shape, times, ends, window, writer, work, bend)
        if ramp is not None:
            found.append(ramp)
    return sorted(found, key=lambda ramp: sum(digits(text) for text in ramp.texts))[:3]


def _parabolas(curve: Parabola, window: Window, writer: Writer, work: Work) -> list[Ramp]:
    value, slope, bend = curve.numbers
    vertex = curve.origin - slope / (2 * bend)
    lowest = value - slope * slope / (4 * bend)
    if vertex <= window.steps[0] + 0.5:
        return _bent(Power, vertex, (lowest, bend, 2.0), window, writer, work)
    if vertex >= window.steps[-1] - 0.5:
        return _bent(Backwards, vertex, (lowest, bend, 2.0), window, writer, work)
    return []


def _eased_cosines(curve: EasedCosine, window: Window, writer: Writer, work: Work) -> list[Ramp]:
    start, end, length, ease = curve.numbers
    begin = Fraction(curve.origin)
    for last in writer.snapped(curve.origin + length):
        for many in range(1, 6):
            power, text = decimal(ease, many)
            found = _ramp(
                "cosine", _eased(_wave, power), (begin, last), (start, end), window, writer, work, f"ease={text}"
            )
            if found is not None:
                return [found]
    return []
