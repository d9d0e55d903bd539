"""Pieces that come again and again, written once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final

import attrs
import numpy

from .chains import joined, ways_of
from .numbers import decimal
from .pieces import Piece, cut
from .problem import Problem, bodied

_LOOKED_AT: Final = 5
"""At how many pieces a repeated body may begin, and how many pieces it may have, twice over."""


@attrs.frozen
class Copies:
    """A stretch of the values that is one body, again and again.

    Attributes:
        first: the piece that the first copy begins with.
        begin: the place where it begins.
        period: how long a copy is.
        count: how many there are, if something else follows.
        scale: what the values of a copy are multiplied by for the next.
        stop: the place behind the last copy.
    """

    first: int
    begin: int
    period: int
    count: int | None
    scale: float
    stop: int


def copies(problem: Problem, pieces: Sequence[Piece]) -> list[Copies]:
    """The stretches of at least two whole copies, those that take in most first."""
    found = []
    values = problem.values
    for first in range(min(_LOOKED_AT, len(pieces))):
        for begin in dict.fromkeys((pieces[first].earliest, pieces[first].first)):
            for second in range(first + 1, min(first + 2 * _LOOKED_AT, len(pieces))):
                for start in dict.fromkeys((pieces[second].earliest, pieces[second].first)):
                    period = start - begin
                    if period >= 3 and begin + 2 * period <= len(values):
                        each = _copies(problem, first, begin, period)
                        found += [each] if each is not None else []
        if found:
            break
    return sorted(found, key=lambda each: (each.begin - each.stop, each.period))[:3]


def _copies(problem: Problem, first: int, begin: int, period: int) -> Copies | None:
    values = problem.values
    body, again = values[begin:-period], values[begin + period :]
    peak = int(numpy.abs(body[:period]).argmax())
    if body[peak] == 0:
        return None
    scale = float(again[peak] / body[peak])
    scale = 1.0 if abs(scale - 1) < 1e-9 else scale
    for count in (period, len(again)):  # most are no copies, which the first one tells
        allowed = problem.allowed(slice(begin + period, begin + period + count)) * max(1.0, abs(scale))
        off = numpy.abs(again[:count] - scale * body[:count]) > allowed
        matched = int(off.argmax()) if off.any() else count
        if matched < period:
            return None
    stop = begin + period + matched
    if stop == len(values):
        return Copies(first, begin, period, None, scale, stop)
    many = (period + matched) // period
    return Copies(first, begin, period, many, scale, begin + many * period)


def repeats(problem: Problem, pieces: Sequence[Piece]) -> Iterator[str]:
    """Texts with a `repeat`."""
    for each in copies(problem, pieces):
        yield from _repeated(problem, pieces, each)


def _repeated(problem: Problem, pieces: Sequence[Piece], each: Copies) -> Iterator[str]:
    apart, begin, period = problem.apart, each.begin, each.period
    start = Fraction(int(problem.steps[begin])) if begin else Fraction(0)
    head = ways_of(problem, pieces[: each.first], None, start) if each.first else []
    rest = [piece for piece in pieces if piece.first >= each.stop]
    if head is None or (each.count is not None and not rest):
        return
    tail = ways_of(problem, rest, Fraction(int(problem.steps[each.stop]))) if rest else []
    if tail is None:
        return
    length = Fraction(period * apart)
    part = slice(begin, begin + period)
    count = "" if each.count is None else f" {each.count}"
    scale = "" if each.scale == 1 else f" scale {_scale(each.scale)}"
    before, behind = [ways[0] for ways in head], [ways[0] for ways in tail]

    def repeated(body: str) -> str:
        return f"{bodied(body)} repeat{count}{scale}"

    inner = attrs.evolve(
        problem,
        steps=problem.steps[part] - problem.steps[begin],
        values=problem.values[part],
        stop=length,
        floor=problem.part(part),
        wrap=lambda body: problem.wrap(" then ".join([*before, repeated(body), *behind])),
        closed=True,
        inner=True,
    )
    found = cut(inner.steps, inner.values, inner.near, inner.work)
    if found is None or len(found) > len(pieces):
        return
    ways = ways_of(inner, found, Fraction(0))
    body = None if ways is None else joined(inner, ways)
    if body is not None:
        text = joined(problem, [*head, [repeated(body)], *tail])
        if text is not None:
            yield text


def _scale(scale: float) -> str:
    for many in range(1, 13):
        value, text = decimal(scale, many)
        if abs(value - scale) < 1e-12 * abs(scale):
            return text
    return decimal(scale, 13)[1]


def stretched(problem: Problem, pieces: Sequence[Piece]) -> Iterator[str]:
    """Texts with a `repeat` whose copies grow."""
    for size in (1, 2, 3):
        firsts = [piece.first for piece in pieces[::size]]
        if len(firsts) < 3:
            continue
        lengths = numpy.diff([*firsts]).astype(float)
        growth = lengths[1] / lengths[0]
        grown = [after / before for before, after in pairwise(lengths)]
        if growth <= 1 or any(abs(each - growth) > 0.02 for each in grown):
            continue
        yield from _stretched(problem, pieces[:size], int(lengths[0]), growth, firsts)


def _stretched(
    problem: Problem, pieces: Sequence[Piece], period: int, growth: float, firsts: Sequence[int]
) -> Iterator[str]:
    peaks = [float(numpy.abs(problem.values[begin : begin + 2]).max()) for begin in firsts[:3]]
    scale = peaks[1] / peaks[0] if peaks[0] else 1.0
    factor = "" if abs(scale - 1) < 1e-9 else f" scale {_scale(scale)}"
    part = slice(0, period)
    length = Fraction(period * problem.apart)
    text = problem.writer.time(length)
    by = decimal(growth, 2)[1]
    inner = attrs.evolve(
        problem,
        steps=problem.steps[part],
        values=problem.values[part],
        stop=length,
        floor=problem.part(part),
        wrap=lambda body: problem.wrap(f"{bodied(body)} for {text} repeat stretch {by}{factor}"),
        inner=True,
    )
    ways = ways_of(inner, pieces, Fraction(0))
    body = None if ways is None else joined(inner, ways)
    if body is not None:
        yield f"{bodied(body)} for {text} repeat stretch {by}{factor}"
