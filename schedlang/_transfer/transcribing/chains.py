"""Pieces joined by `then`: where each begins, and the cheapest words with which the whole is still equal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final

import numpy

from .costs import cost
from .curves import Backwards, EasedCosine, Line, Power, Still, Wave
from .fitting import Curve
from .forms import Window
from .numbers import decimal
from .pieces import Piece
from .problem import Problem, bodied
from .words import Place, words

_MOVED: Final = 8
"""Of so many pieces the boundaries are moved."""

_TRIED: Final = 14
"""How many ways to write one piece are tried."""


def chains(problem: Problem, pieces: Sequence[Piece]) -> list[str]:
    """Texts of these pieces that are equal at the steps that are looked at first, the cheapest one first."""
    options = _boundaries(problem, pieces)
    places = [each[0] for each in options]
    best = _with_places(problem, pieces, places)
    found = [] if best is None else [best]
    if len(pieces) > _MOVED or problem.depth:
        return found
    for index, others in enumerate(options):
        for other in others[1:]:
            moved = [*places[:index], other, *places[index + 1 :]]
            text = _with_places(problem, pieces, moved)
            if text is None:
                continue
            found.append(text)
            if best is None or cost(text) < cost(best):
                best, places = text, moved
    return sorted(dict.fromkeys(found), key=cost)


def plain(problem: Problem, pieces: Sequence[Piece]) -> str | None:
    """These pieces with all that they have said, whether that is equal or not."""
    ways = ways_of(problem, pieces)
    return None if ways is None else " then ".join(each[0] for each in ways)


def keyframes(problem: Problem, pieces: Sequence[Piece]) -> str | None:
    """Lines that join, told by the points between them."""
    if len(pieces) < 3 or problem.closed or not all(isinstance(piece.curve, (Line, Still)) for piece in pieces):
        return None
    places = [each[0] for each in _boundaries(problem, pieces)]
    keys = []
    for index, place in enumerate(places):
        curve = pieces[max(0, index - 1)].curve
        still = isinstance(curve, Still)
        if index in (0, len(pieces)) and still:
            continue  # before the first key its value is held, behind the last one, too
        key = _key(problem, curve, [place - 1, place] if index == len(pieces) else [place])
        if key is None:
            return None
        keys.append(key)
    text = f"keyframes({', '.join(keys)})"
    return text if problem.likely(text) else None


def _key(problem: Problem, curve: Curve, places: Sequence[Fraction]) -> str | None:
    ways = []
    for place in places:
        value = float(curve.at(numpy.array([float(place)]))[0])
        for many in range(1, 11):
            short, text = decimal(value, many)
            if abs(short - value) <= 1e-12 * problem.largest:
                text = "0" if abs(value) <= 1e-14 * problem.largest else text
                ways.append((many, f"{text} @ {problem.writer.time(place, place=True)}"))
                break
    return min(ways)[1] if ways else None


def _with_places(problem: Problem, pieces: Sequence[Piece], places: Sequence[Fraction]) -> str | None:
    ways = [_words(problem, pieces, places, index, problem.closed) for index in range(len(pieces))]
    return joined(problem, ways) if all(ways) else None


def ways_of(
    problem: Problem, pieces: Sequence[Piece], start: Fraction | None = None, stop: Fraction | None = None
) -> list[list[str]] | None:
    """The ways to write each of some pieces, which begin and, if that is told, end at places of their own."""
    places = [each[0] for each in _boundaries(problem, pieces)]
    if start is not None:
        places[0] = start
    if stop is not None:
        places[-1] = stop
    closed = problem.closed or stop is not None
    ways = [_words(problem, pieces, places, index, closed) for index in range(len(pieces))]
    return ways if all(ways) else None


def joined(problem: Problem, ways: Sequence[Sequence[str]]) -> str | None:
    """Phases, each in the cheapest of its ways with which all is equal; None, if it is with none."""
    now = _begun(problem, ways)
    if now is None:
        return None
    for order in (range(len(ways) - 1, -1, -1), range(len(ways))):
        for index in order:
            now = _cheapened(problem, ways[index], now, index)
    last = len(now) - 1
    if last and not problem.closed:  # what a chain ends on is held anyway
        shorter = now[:last]
        bare = re.sub(r" (for|until) [^,()]*$", "", shorter[-1])
        for end in (bare, shorter[-1]):
            tried = [*shorter[:-1], end]
            if cost(end) <= cost(now[last - 1]) and problem.likely(" then ".join(tried)):
                now = tried
                break
    return " then ".join(_again(problem, now))


def _again(problem: Problem, phases: list[str]) -> list[str]:
    """Phases, the last of which are one that is repeated, though its copies begin between two steps."""
    if len(phases) < 3 or problem.closed or not phases[-2].startswith(f"{phases[-1]} for "):
        return phases
    repeated = f"{bodied(phases[-2])} repeat"
    tried = ([*phases[:first], repeated] for first in range(len(phases) - 2))
    return next((each for each in tried if problem.likely(" then ".join(each))), phases)


def _begun(problem: Problem, ways: Sequence[Sequence[str]]) -> list[str] | None:
    """One way for each phase with which all is equal."""
    now = [each[0] for each in ways]
    if problem.likely(" then ".join(now)):
        return now
    for index, each in enumerate(ways):
        for way in each[1:6]:
            tried = [*now[:index], way, *now[index + 1 :]]
            if problem.likely(" then ".join(tried)):
                return tried
    return None


def _cheapened(problem: Problem, ways: Sequence[str], now: list[str], index: int) -> list[str]:
    price = cost(now[index])
    cheaper = sorted((way for way in ways if cost(way) < price), key=cost)
    for way in cheaper[:_TRIED]:
        tried = [*now[:index], way, *now[index + 1 :]]
        if problem.likely(" then ".join(tried)):
            return tried
    return now


def _words(
    problem: Problem, pieces: Sequence[Piece], places: Sequence[Fraction], index: int, closed: bool
) -> list[str]:
    piece = pieces[index]
    start, stop = places[index], places[index + 1]
    first = int(numpy.searchsorted(problem.steps, float(start) - 1e-9))
    end = int(numpy.searchsorted(problem.steps, float(stop) - 1e-9))
    if index == len(pieces) - 1 and stop == problem.stop:
        end = len(problem.steps)
    if end <= first:
        return []
    part = slice(first, end)
    others = {*places, Fraction(0), Fraction(problem.task.total_steps), problem.stop} - {start, stop}
    window = Window(
        problem.steps[part],
        problem.values[part],
        problem.near[part],
        problem.allowed(part),
        start,
        stop,
        tuple(sorted(others)),
        problem.apart > 1,
    )
    last = index == len(pieces) - 1 and not closed
    return words(piece, window, Place(start, stop, last, problem.inner), problem.writer, problem.work)


def _boundaries(problem: Problem, pieces: Sequence[Piece]) -> list[list[Fraction]]:
    """Where each piece may begin, and the last one end: where its ramp does, as late, or as early as can be."""
    first = problem.steps[pieces[0].first]
    options = [[Fraction(0) if first == problem.task.first_step else Fraction(int(first))]]
    for left, right in pairwise(pieces):
        lowest, highest = (int(problem.steps[place]) for place in (right.earliest, right.first))
        lowest = max(lowest, int(options[-1][0]) + 1)
        natural = _boundary(problem, left.curve, right.curve, lowest, highest)
        options.append(list(dict.fromkeys((natural, Fraction(highest), Fraction(lowest)))))
    stop = pieces[-1].stop
    options.append([problem.stop if stop == len(problem.steps) else Fraction(int(problem.steps[stop]))])
    return options


def _boundary(problem: Problem, left: Curve, right: Curve, lowest: int, highest: int) -> Fraction:
    apart = problem.apart
    for natural in (*_begins(right, highest), *_ends(left, highest)):
        if lowest - apart < natural <= highest + 1e-3:
            place = _placed(problem, natural)
            if place is not None and lowest <= -(-place // 1) <= highest:
                return place
    if apart == 1 and not (isinstance(left, Still) and isinstance(right, Still)):
        crossing = _crossing(left, right, lowest - 1, highest)
        place = None if crossing is None else _placed(problem, crossing)
        if place is not None and lowest <= -(-place // 1) <= highest:
            return place
    return Fraction(lowest)


def _placed(problem: Problem, place: float) -> Fraction | None:
    """A place that was calculated, if it is a whole step, or one that can be told in units."""
    if abs(place - round(place)) < 2e-3:
        return Fraction(round(place))
    if problem.apart > 1:
        return None
    for exact in problem.writer.snapped(place):
        if exact.denominator > 1 and exact.denominator < 10**9 and abs(float(exact) - place) < 1e-3:
            return exact
    return None


def _begins(curve: Curve, highest: int) -> list[float]:
    match curve:
        case Wave():
            return [curve.peak(highest)]
        case Power():
            return [curve.origin - curve.numbers[2]]
        case EasedCosine():
            return [curve.origin]
    return []


def _ends(curve: Curve, highest: int) -> list[float]:
    match curve:
        case Wave():
            return [curve.peak(highest), curve.peak(highest - 0.5) + curve.half]
        case Backwards():
            return [curve.origin + curve.numbers[2]]
    return []


def _crossing(left: Curve, right: Curve, low: float, high: float) -> float | None:
    def apart(place: float) -> float:
        at = numpy.array([place])
        return float(left.at(at)[0] - right.at(at)[0])

    below, above = apart(low), apart(high)
    if above == 0:
        return high
    if not below * above < 0:
        return None
    for _ in range(60):
        middle = (low + high) / 2
        if apart(middle) * below > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
