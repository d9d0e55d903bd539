"""Values cut into pieces, each of which is one curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import attrs
import numpy

from .curves import FAMILIES, Line, Still, Wave
from .fitting import Curve, longest
from .stairs import Runs, stairs_of
from .task import BLOCK, NOTHING, Work

if TYPE_CHECKING:
    from .task import Floats

_WIDTH: Final = 4096
_SEEN: Final = 64
"""Of more values the noise is that of so many blocks."""

MOST: Final = 64
"""Into how many pieces values are cut."""

_FEW: Final = 10
"""Among so many pieces those that take long to find are sought."""

_SURE: Final = 8
"""So many equal values are a still piece, whatever comes behind."""

_SETTLED: Final = 64
"""A curve through so many values that ends at a bend is the one that they are: a smooth one doesn't have that bend."""

_SMOOTH: Final = 8.0
"""By how much an error grows at twice the distance if a curve was only near to another one."""

_NEAR: Final = 100.0
"""So many times what is allowed a curve is off soon behind its end if it was only near to another one: less than for
any bend that is seen."""

_LARGE: Final = 60.0
"""A wave that is larger than what is seen of it by so much imitates another curve."""


@attrs.frozen
class Piece:
    """One curve, and the places in the table that it has.

    Attributes:
        first: its first place.
        stop: the place behind its last one.
        curve: the curve.
        earliest: the first place at which it might as well begin: those from there on are on the piece before it, too.
    """

    first: int
    stop: int
    curve: Curve
    earliest: int


def noise(values: Floats, largest: float, least: float) -> float:
    """How far off the values of one curve are by rounding, as a share of the largest one."""
    if len(values) < 8:
        return least
    starts = [0] if len(values) <= _SEEN * _WIDTH else numpy.linspace(0, len(values) - _WIDTH, _SEEN).astype(int)
    width = _WIDTH if len(starts) > 1 else len(values)
    moves = numpy.concatenate([numpy.diff(values[start : start + width], 4) for start in starts])
    fourth = float(numpy.median(numpy.abs(moves))) / 5.6 / largest
    return max(least, 12 * fourth if fourth < 1e-9 else 0.0)


def allowance(values: Floats, largest: float, level: float, lost: float) -> Floats:
    """How far off each value may be at a level of noise, and if so much of the largest one is lost in adding."""
    lost = min(level, lost) * largest
    found = numpy.empty(len(values))
    for first in range(0, len(values), BLOCK):
        block = slice(first, first + BLOCK)
        size = numpy.abs(values[block])
        relatively = numpy.where(size > NOTHING * largest, max(1e-7, 3 * level) * size, level * largest)
        found[block] = numpy.minimum(level * largest, numpy.maximum(relatively, lost))
    return found


def cut(
    steps: Floats, values: Floats, allowed: Floats, work: Work, most: int = MOST, thorough: bool = True
) -> list[Piece] | None:
    """The values in pieces, from left to right the longest each; None, if these are too many."""
    pieces = begun(steps, values, allowed, work, most, thorough)
    return pieces if pieces and pieces[-1].stop == len(values) else None


def begun(steps: Floats, values: Floats, allowed: Floats, work: Work, most: int, thorough: bool = True) -> list[Piece]:
    """The first of these pieces."""
    ends = Runs(values)
    found: list[tuple[int, int, Curve]] = []
    first, count = 0, len(values)
    while first < count:
        if len(found) >= most:
            break
        rest, run = slice(first, None), ends[first] - first
        stairs = stairs_of(steps, values, allowed, ends, first)
        if stairs is not None:
            found.append((first, first + stairs[1], stairs[0]))
            first += stairs[1]
            continue
        several = thorough and len(found) < _FEW
        curve, length = _longest_piece(steps[rest], values[rest], allowed[rest], run, work, several)
        found += _halves(steps, first, first + length, curve)
        first += length
    pieces = []
    for index, (begin, stop, curve) in enumerate(found):
        earliest = begin
        before = found[index - 1][0] if index else 0
        if index and begin - before > 1:
            stretch = slice(begin - 1, before, -1)
            earliest = begin - curve.reach(steps[stretch], values[stretch], allowed[stretch])
        pieces.append(Piece(begin, stop, curve, earliest))
    return pieces


def _longest_piece(
    steps: Floats, values: Floats, allowed: Floats, run: int, work: Work, thorough: bool
) -> tuple[Curve, int]:
    count = len(values)
    still = Still(float(steps[0]), (float(values[0]),))
    if (
        run == count
        or (run >= _SURE and allowed[0] < 1e-9 * abs(values[0]) + 1e-300)
        or (run >= _SURE and values[0] == 0)
    ):
        return still, run
    best: tuple[Curve, int] = (still, still.reach(steps, values, allowed))
    for family in FAMILIES[1:]:
        if (family.costly or best[1] >= _SETTLED) and not _doubtful(best, steps, values, allowed):
            break
        if family.costly and not thorough:
            break
        work.spend(family.free * 400)
        found = longest(family, steps, values, allowed, work)
        if found is None or found[1] < family.free + 3 or not _plausible(found[0], values[: found[1]]):
            continue
        if found[1] - best[1] > max(0, found[0].free - best[0].free):
            best = found
        if best[1] == count and not family.costly:
            break
    return best


def _doubtful(best: tuple[Curve, int], steps: Floats, values: Floats, allowed: Floats) -> bool:
    """Whether a curve ends as one does that is only near to what the values are: smoothly."""
    curve, length = best
    count = len(values)
    if length == count:
        return False
    if length < 8:
        return True
    apart = max(1, min(length // 8, (count - length) // 3))
    near, far = length + apart, length + 2 * apart
    if far >= count:
        return length < 12
    once = abs(float(curve.at(steps[near : near + 1])[0]) - values[near])
    twice = abs(float(curve.at(steps[far : far + 1])[0]) - values[far])
    return bool(twice > _SMOOTH * once or once <= _NEAR * allowed[near])


def _plausible(curve: Curve, values: Floats) -> bool:
    if isinstance(curve, Wave):
        return bool(curve.amplitude < _LARGE * (values.max() - values.min()))
    return True


def _halves(steps: Floats, first: int, stop: int, curve: Curve) -> list[tuple[int, int, Curve]]:
    """A piece; a wave that turns as half waves."""
    if not isinstance(curve, Wave):
        return [(first, stop, curve)]
    turning = curve.peak(float(steps[first])) + curve.half
    found: list[tuple[int, int, Curve]] = []
    begin = first
    while turning < steps[stop - 1] - 1e-3 and len(found) < MOST:
        place = int(numpy.searchsorted(steps, turning - 1e-3))
        if place > begin:
            found.append((begin, place, curve))
            begin = place
        turning += curve.half
    found.append((begin, stop, curve))
    return found


def short_ramp(steps: Floats, values: Floats, allowed: Floats, pieces: Sequence[Piece]) -> list[Piece] | None:
    """Pieces that begin with a few values on a line to where the first long piece begins, as one; None for others."""
    long = next((index for index, piece in enumerate(pieces) if piece.stop - piece.first >= _SURE), 0)
    many = pieces[long].first
    if not 1 < many < _SURE:
        return None
    part = slice(0, many + 1)
    slope = float(values[many] - values[0]) / float(steps[many] - steps[0])
    line = Line(float(steps[0]), (float(values[0]), slope))
    if slope == 0 or not line.holds(steps[part], values[part], allowed[part]):
        return None
    return [Piece(0, many, line, 0), attrs.evolve(pieces[long], earliest=many), *pieces[long + 1 :]]


def whole_waves(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces whose waves aren't cut where they turn."""
    found: list[Piece] = []
    for piece in pieces:
        if found and piece.curve is found[-1].curve:
            found[-1] = attrs.evolve(found[-1], stop=piece.stop)
        else:
            found.append(piece)
    return found
