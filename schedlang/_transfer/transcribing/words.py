"""A piece in words: what may be left out, and how its length is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import attrs

from .costs import cost
from .curves import Still
from .forms import Form, Window, written
from .formulas import formulas
from .numbers import Writer
from .pieces import Piece
from .ramps import Ramp, ramps
from .stairs import Stairs, stairs_texts
from .task import Work

_START: Final = re.compile(r", start=[^(),]*\)")


@attrs.frozen
class Place:
    """Where a piece stands in its chain.

    Attributes:
        start: where it begins, exactly.
        stop: where it ends.
        last: whether it is the last one, which need not say how long it is.
        inner: whether places of the run mean nothing here.
    """

    start: Fraction
    stop: Fraction
    last: bool
    inner: bool


def lasting(body: str, place: Place, writer: Writer, open_ended: bool = True) -> Iterator[str]:
    """A phase with the ways to say when it ends."""
    if place.last and open_ended:
        yield body
        return
    yield f"{body} for {writer.time(place.stop - place.start)}"
    if not place.inner and place.start > 0:
        yield f"{body} until {writer.time(place.stop, place=True)}"


def words(piece: Piece, window: Window, place: Place, writer: Writer, work: Work) -> list[str]:
    """The ways to write a piece, those that say everything first; nothing, if it can't be written."""
    curve = piece.curve
    if isinstance(curve, Still):
        return _still(curve, window, place, writer, work)
    if isinstance(curve, Stairs):
        return list(_stairs(curve, window, place, writer, work))
    explicit: list[str] = []
    shorter: list[str] = []
    for ramp in ramps(curve, window, writer, work):
        for text, says_all in _ramp(ramp, place, window, writer):
            (explicit if says_all else shorter).append(text)
    for formula in formulas(curve, window, writer, work):
        explicit += lasting(formula, place, writer)
        without = _START.sub(")", formula)
        if without != formula:
            shorter += lasting(without, place, writer)
    return [*sorted(dict.fromkeys(explicit), key=cost), *sorted(dict.fromkeys(shorter), key=cost)]


def _still(curve: Still, window: Window, place: Place, writer: Writer, work: Work) -> list[str]:
    form = Form((curve.numbers[0],), lambda n, steps: Still.value(n, steps), lambda t: t[0], (True,))
    found = written(form, window, writer, work)
    if found is None:
        return []
    text = found[1][0]
    return [*lasting(text, place, writer), *lasting("hold", place, writer)]


def _stairs(curve: Stairs, window: Window, place: Place, writer: Writer, work: Work) -> Iterator[str]:
    for body, kind in stairs_texts(curve, window, place.inner, writer, work):
        begin = Fraction(curve.begins[-1]) if kind else place.start
        whole = bool(kind) or " every " not in body
        for text in lasting(body, attrs.evolve(place, start=begin), writer):
            yield text
            without = _START.sub(")", text) if whole else text
            if without != text:
                yield without


def _ramp(ramp: Ramp, place: Place, window: Window, writer: Writer) -> Iterator[tuple[str, bool]]:
    start, stop = place.start, place.stop
    first, last = ramp.texts
    inclusive = _inclusive(ramp, place, window)
    extra = [f"inclusive={inclusive}"] if inclusive else []
    bent = [ramp.bend] if ramp.bend else []
    plain = (ramp.begin, ramp.end) == (start, stop)
    real = plain and (start.denominator > 1 or stop.denominator > 1)
    if real and not _kept_real(writer, start, stop):
        extra = ["inclusive=exact"]
    if plain or inclusive:
        rising = abs(ramp.values[1]) > abs(ramp.values[0])
        if (
            ramp.name == "linear"
            and rising
            and not (place.last and place.stop == stop and start == 0 and not place.inner)
        ):
            yield from _warmups(ramp, place, [*bent, *extra], writer)
        for body, says_all in _bodies(ramp, [*bent, *extra]):
            for text in lasting(body, place, writer):
                yield text, says_all
        return
    length = writer.time(ramp.end - ramp.begin)
    if ramp.begin == start:
        closed = not place.last
        call = f"{ramp.name}({', '.join([first, last, length, *bent])})"
        end = [] if last == "0" else [f"end={last}"]
        short = f"{ramp.name}({', '.join([*end, f'duration={length}', *bent])})"
        for body, says_all in ((call, True), (short, False)):
            for text in lasting(body, place, writer, open_ended=not closed):
                yield text, says_all
        if place.last and ramp.end > stop:
            for body, says_all in _bodies(ramp, bent):
                for text in lasting(body, attrs.evolve(place, stop=ramp.end), writer, open_ended=False):
                    yield text, says_all
    elif ramp.begin < start:
        gone = writer.time(start - ramp.begin)
        call = f"{ramp.name}({', '.join([first, last, length, *bent])}) skip {gone}"
        for text in lasting(call, place, writer):
            yield text, True


def _kept_real(writer: Writer, start: Fraction, stop: Fraction) -> bool:
    """Whether places between two steps are told in a unit that keeps them there."""
    times = [writer.time(place, place=True) for place in (start, stop) if place.denominator > 1]
    return not any("%" in time for time in times)


def _inclusive(ramp: Ramp, place: Place, window: Window) -> str:
    if window.sampled or place.start.denominator > 1 or place.stop.denominator > 1:
        return ""
    return {
        (place.start, place.stop - 1): "both",
        (place.start - 1, place.stop - 1): "right",
        (place.start - 1, place.stop): "neither",
    }.get((ramp.begin, ramp.end), "")


def _warmups(ramp: Ramp, place: Place, extra: list[str], writer: Writer) -> Iterator[tuple[str, bool]]:
    first, last = ramp.texts
    length = writer.time(place.stop - place.start, place=place.start == 0)
    start = [] if first == "0" else [first]
    named = [f"end={last}"] if not start else [last]
    yield f"warmup({', '.join([length, *start, *named, *extra])})", True
    yield f"warmup({', '.join([length, *start, *extra])})", False


def _bodies(ramp: Ramp, extra: list[str]) -> Iterator[tuple[str, bool]]:
    first, last = ramp.texts
    yield f"{ramp.name}({', '.join([first, last, *extra])})", True
    if last == "0":
        yield f"{ramp.name}({', '.join(extra)})" if extra else ramp.name, False
    elif extra:
        yield f"{ramp.name}({', '.join([f'end={last}', *extra])})", False
    else:
        yield f"{ramp.name} to {last}", False
