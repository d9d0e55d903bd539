"""Values that are a product or a sum: one factor is taken off, and the rest is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import attrs
import numpy

from ..._text.errors import ScheduleError
from ..._text.numerals import literal
from .chains import joined, ways_of
from .curves import FAMILIES, Still
from .numbers import decimal
from .pieces import Piece, begun, cut
from .problem import Problem, bodied, enclosed
from .repeats import repeats
from .stairs import Stairs

if TYPE_CHECKING:
    from .task import Floats

DEEPEST: Final = 1
"""How many factors are taken off, one after the other."""

_SIMPLE: Final = 8
"""Of so many pieces is what is left."""

_BODY: Final = 3
"""Of so many pieces is a copy over a floor at most."""

Attempts = Callable[[Problem], Iterator[str]]


def peels(problem: Problem, pieces: Sequence[Piece] | None, attempts: Attempts) -> Iterator[str]:
    """Texts that are products or sums, given what else is tried on what is left."""
    if problem.depth >= DEEPEST or problem.apart > 1 or problem.closed or len(problem.values) < 16:
        return
    yield from _fading(problem, attempts)
    if pieces is not None:
        for peel in (_last, _earlier, copied):
            yield from peel(problem, pieces, attempts)
        yield from _ramped(problem, pieces, attempts)
        return
    first = begun(problem.steps, problem.values, problem.near, problem.work, 4, thorough=False)
    yield from _ends(problem, attempts)
    yield from _earlier(problem, first, attempts)
    yield from _ramped(problem, first, attempts)


def _ends(problem: Problem, attempts: Attempts) -> Iterator[str]:
    """The values end on a curve that goes back to the beginning."""
    count = len(problem.values)
    for start in (count // 16, count // 8, count // 4, count // 2):
        part = slice(start, None)
        for family in FAMILIES[1:]:
            if family.costly:
                continue
            curve = family.fit(problem.steps[part], problem.values[part], problem.near[part], problem.work)
            if curve is not None:
                yield from _last(problem, [Piece(0, start, curve, 0), Piece(start, count, curve, start)], attempts, 0)
                return


def _product(
    problem: Problem, factor: str, values: Floats, attempts: Attempts, pieces: int, offset: str = ""
) -> Iterator[str]:
    """What is left of the values when a factor is taken off, written, times that factor."""
    with numpy.errstate(all="ignore"):
        shifted = problem.values - (float(offset) if offset else 0.0)
        rest = shifted / values
        noise = problem.near / numpy.abs(values)
    unknown = ~(numpy.isfinite(rest) & (numpy.abs(values) > 1e-9 * numpy.abs(values).max()))
    if unknown.sum() > 2 or len(rest) < 8:
        return
    for place in numpy.nonzero(unknown)[0][::-1]:
        rest[place] = 2 * rest[place + 1] - rest[place + 2] if place + 2 < len(rest) else rest[place - 1]
        noise[place] = numpy.inf
    most = min(_SIMPLE, pieces - 1) if pieces else 2 * _SIMPLE
    rest = _settled(rest, noise)
    ahead = f"{offset} + " if offset else ""

    def multiplied(text: str) -> str:
        return f"{ahead}{factor}" if text == "1" else f"{ahead}{enclosed(factor)} * {enclosed(text)}"

    def wrap(text: str) -> str:
        return problem.wrap(multiplied(text))

    inner = attrs.evolve(problem, values=rest, wrap=wrap, depth=problem.depth + 1, floor=noise, most=most)
    yield from map(multiplied, attempts(inner))


def _settled(values: Floats, noise: Floats) -> Floats:
    """Values that are equal but for what a division left, made equal."""
    steady = numpy.minimum(noise, 2**-48 * float(numpy.abs(values).max()))
    moves = numpy.abs(numpy.diff(values)) > steady[1:]
    begins = numpy.concatenate([[0], numpy.nonzero(moves)[0] + 1])
    settled: Floats = numpy.repeat(values[begins], numpy.diff([*begins, len(values)]))
    return settled


def _last(problem: Problem, pieces: Sequence[Piece], attempts: Attempts, many: int | None = None) -> Iterator[str]:
    """The last curve goes back to the beginning, and there is a factor on it at first."""
    last = pieces[-1]
    if len(pieces) < 2 or (len(pieces) > _SIMPLE and last.stop - last.first < len(problem.values) // 2):
        return
    curve = last.curve
    if isinstance(curve, (Still, Stairs)):
        return
    values = curve.at(problem.steps)
    if not numpy.isfinite(values).all():
        return
    text = _whole(problem.alone(values), [Piece(0, len(values), curve, 0)])
    exact = None if text is None else _values(problem, text)
    if text is not None and exact is not None:
        yield from _product(problem, text, exact, attempts, len(pieces) if many is None else many)


def _earlier(problem: Problem, pieces: Sequence[Piece], attempts: Attempts) -> Iterator[str]:
    """A curve goes on to the end, and there is a factor on it from some place on."""
    for index in range(min(3, len(pieces) - 1)):
        curve = pieces[index].curve
        if isinstance(curve, (Still, Stairs)):
            continue
        stop = pieces[index].stop
        if stop - pieces[index].first < 16:
            continue
        text = _whole(problem.alone(problem.values[:stop]), pieces[: index + 1])
        values = None if text is None else _values(problem, text)
        if text is not None and values is not None:
            whole = pieces[-1].stop == len(problem.values)
            yield from _product(problem, text, values, attempts, len(pieces) if whole else 0)


def _values(problem: Problem, text: str) -> Floats | None:
    """The values of a text in the run."""
    bound = problem.checker.bound(text)
    try:
        return None if bound is None else numpy.asarray(bound.at(problem.steps.astype(numpy.int64)))
    except ScheduleError:
        return None


def copied(problem: Problem, pieces: Sequence[Piece], attempts: Attempts) -> Iterator[str]:
    """Copies of a body, each with a size of its own, over a floor."""
    yield from _raised(problem, pieces)
    starts = [piece.first for piece in pieces]
    if problem.apart > 1 or problem.closed or len(starts) < 3 or starts[0] != 0:
        return
    period = starts[1]
    if period < 8 or any(start % period for start in starts):
        return
    floor = float(problem.values.min())
    for offset in dict.fromkeys((0.0, floor, _rounded(floor))):
        body = problem.values[:period] - offset
        if body[0] == 0:
            continue
        values = numpy.resize(body / body[0], len(problem.values))
        alone = problem.alone(values)
        text = _repeat(alone, period)
        if text is not None:
            yield from _product(problem, text, values, attempts, len(pieces), "" if offset == 0 else literal(offset))


def _raised(problem: Problem, pieces: Sequence[Piece]) -> Iterator[str]:
    """Copies that rise less each time, over a floor that stays."""
    floor = float(problem.values.min())
    if problem.apart > 1 or problem.closed or floor == 0:
        return
    for offset in dict.fromkeys((_rounded(floor), floor)):
        rest = problem.values - offset
        ends = [end for piece in pieces[1 : 2 + _BODY] for end in (piece.earliest, piece.first)]
        if not any(_scaled(rest, end, problem.allowed(slice(end, 2 * end))) for end in dict.fromkeys(ends)):
            continue
        ahead = f"{literal(offset)} + "

        def wrap(text: str, ahead: str = ahead) -> str:
            return problem.wrap(ahead + enclosed(text))

        inner = attrs.evolve(problem, values=rest, wrap=wrap, depth=problem.depth + 1, floor=problem.near)
        yield from (ahead + enclosed(text) for text in repeats(inner, inner.pieces or ()))
        return


def _scaled(values: Floats, period: int, allowed: Floats) -> bool:
    """Whether the second of several copies is the first one times something else than 1."""
    body, again = values[:period], values[period : 2 * period]
    peak = int(numpy.abs(body).argmax()) if period else 0
    if period < 3 or len(again) < period or body[peak] == 0:
        return False
    scale = again[peak] / body[peak]
    return abs(scale - 1) > 1e-6 and bool((numpy.abs(again - scale * body) <= allowed).all())


def _rounded(value: float) -> float:
    return float(f"{value:.1g}")


def _repeat(problem: Problem, period: int) -> str | None:
    part = slice(0, period)
    length = Fraction(period)
    inner = attrs.evolve(
        problem,
        steps=problem.steps[part],
        values=problem.values[part],
        stop=length,
        floor=problem.part(part),
        wrap=lambda body: f"{bodied(body)} repeat",
        closed=True,
        inner=True,
    )
    found = cut(inner.steps, inner.values, inner.near, inner.work)
    ways = None if found is None or len(found) > 4 else ways_of(inner, found, Fraction(0))
    body = None if ways is None else joined(inner, ways)
    return None if body is None else f"{bodied(body)} repeat"


def _fading(problem: Problem, attempts: Attempts) -> Iterator[str]:
    """What comes back to its smallest value again and again, and rises less each time by a factor of every step."""
    floor = float(problem.values.min())
    rest = problem.values - floor
    touched = numpy.nonzero(rest <= problem.near)[0]
    if len(touched) < 3 or touched[0] != 0 or touched[1] < 4 or len(set(numpy.diff(touched))) > 1:
        return
    period = int(touched[1])
    peak = int(rest[:period].argmax())
    fading = float(rest[peak + period] / rest[peak]) ** (1 / period)
    near = 1e-9 / len(rest)
    ways = (decimal(fading, many) for many in range(1, 13))
    factor, text = next((way for way in ways if abs(way[0] / fading - 1) < near), (1.0, ""))
    if factor != 1:
        offset = literal(floor) if floor else ""
        yield from _product(problem, f"{text} ** step", factor**problem.steps, attempts, 0, offset)


def _ramped(problem: Problem, pieces: Sequence[Piece], attempts: Attempts) -> Iterator[str]:
    """A warm-up on something else, which is seen alone once the warm-up is over."""
    steps = problem.steps
    lengths = dict.fromkeys(int(steps[piece.first]) for piece in [*pieces[1:4], *pieces[-1:]])
    for length in lengths:
        for ahead, inclusive in ((0, ""), (1, ", inclusive=right")):
            for last in dict.fromkeys((length, length + ahead)):
                if last < 2:
                    continue
                values = numpy.minimum(1.0, (steps + ahead) / last)
                text = f"warmup({problem.writer.time(Fraction(last))}, end=1{inclusive})"
                yield from _product(problem, text, values, attempts, len(pieces))
                if problem.values[0] and not ahead:
                    yield from _product(problem, text, values, attempts, len(pieces), literal(float(problem.values[0])))


def _whole(problem: Problem, pieces: Sequence[Piece]) -> str | None:
    ways = ways_of(problem, pieces, None)
    return None if ways is None else joined(problem, ways)
