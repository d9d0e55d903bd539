"""Decimals: what floats print as, exactly, many at a time.

A float prints as the shortest decimal that rounds to it, and of the shortest ones as the nearest. Floats of one
exponent lie equally far apart. So two grids are enough for all of them: the finest whose decimals lie further apart
than floats, of which no float has more than one, and the next finer, of which each has some. A block of such floats
lies in one long integer, a lane of 128 bits each, and what is done to that is done to all of them. So it takes a
quarter of the time that `repr` takes.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import groupby, islice
from struct import pack
from sys import byteorder
from typing import Final

WHOLE: Final = 1e16
"""From where on what a float prints as may be another whole number than it is."""

_BLOCK: Final = 1024
"""How many floats lie in one integer."""

_FEWEST: Final = 32
"""For how many floats of one exponent that is worth it."""

_LANE: Final = 128
"""How many bits each has there,"""

_WIDTH: Final = 57
"""and how many at most what it prints as."""

_FRACTION: Final = 52
_BIAS: Final = 1023 + _FRACTION
_SHIFTS: Final = range(1, 72) if byteorder == "little" else range(0)
"""Of how many bits behind the point there is room in a lane."""


def decimals(values: Sequence[float]) -> tuple[list[int], int]:
    """What positive floats print as: whole numbers, and the scale that they are parts of.

    >>> decimals([0.5, 2.0, 0.75])
    ([2, 8, 3], 4)
    """
    if all(map(float.is_integer, values)) and max(values) < WHOLE:
        return list(map(int, values)), 1
    found = [some for first in range(0, len(values), _BLOCK) for some in _block(values[first : first + _BLOCK])]
    scale = math.lcm(*(each for _, each in found))
    numbers: list[int] = []
    for some, each in found:
        numbers += some if each == scale else map((scale // each).__mul__, some)
    if any(number % 10 for number in islice(numbers, _BLOCK)):
        return numbers, scale
    common = math.gcd(scale, *numbers)
    return [number // common for number in numbers], scale // common


def _block(values: Sequence[float]) -> Iterator[tuple[list[int], int]]:
    """The same, piece by piece of one exponent."""
    behind = _behind(values[0])
    found = _side_by_side(values, behind) if behind in _SHIFTS and len(values) >= _FEWEST else None
    if found is not None:
        yield found
        return
    begin = 0
    for behind, same in groupby(map(_behind, values)):
        some = values[begin : begin + len(list(same))]
        begin += len(some)
        found = _side_by_side(some, behind) if behind in _SHIFTS and len(some) >= _FEWEST else None
        yield _one_by_one(some) if found is None else found


def _behind(value: float) -> int:
    """How many bits floats of its exponent have behind the point."""
    return _FRACTION + 1 - math.frexp(value)[1]


def _one_by_one(values: Iterable[float]) -> tuple[list[int], int]:
    exact = [Fraction(repr(value)) for value in values]
    scale = math.lcm(*(each.denominator for each in exact))
    return [each.numerator * (scale // each.denominator) for each in exact], scale


@lru_cache(maxsize=8)
def _lanes(count: int, behind: int) -> tuple[int, ...]:
    """What is the same for all blocks of so many floats with so many bits behind the point, in each lane."""
    one = int.from_bytes((1).to_bytes(_LANE // 8, "little") * count, "little")
    power = len(str(1 << behind)) - 1
    half, reach, top = 1 << behind - 1, 10**power + 1 >> 1, 1 << _LANE - 1
    return (
        power,
        one,
        one * (_BIAS - behind - 1 << _FRACTION),
        one * ((1 << _LANE) - (1 << _FRACTION)),
        one * half,
        one * ((1 << _WIDTH) - 1),
        one * (top - half + reach - 1),
        one * (top - half - reach),
        one * (11 * half),
        one * ((1 << behind) - 1),
    )


def _side_by_side(values: Sequence[float], behind: int) -> tuple[list[int], int] | None:
    """The same of floats that have so many bits behind the point; None, if some have others."""
    count = len(values)
    power, one, exponent, upper, half, mask, above, below, eleven, rest = _lanes(count, behind)
    packed = pack(f"={count}d", *values)
    lanes = array("Q", bytes(count * _LANE // 8))
    lanes[::2] = array("Q", packed)
    significands = int.from_bytes(lanes, "little") - exponent
    if significands & upper != one << _FRACTION:
        return None
    # Each times 10**power, in units of a float's last bit, to the nearest whole number.
    exact = significands * 10**power + half
    coarse = (exact >> behind) & mask
    off = exact - (coarse << behind)
    # Where that is no nearer than half that bit there is one more digit: between -5 and 5, so counted from -10.
    missed = (((off + above) ^ (off + below)) >> _LANE - 1 & one) ^ one
    exact = 10 * off + eleven
    digits = (exact >> behind) & missed * 15
    if bytes(max(0, behind - power - 2) // 8) in packed:  # else none lies halfway, where it is the even one
        digits -= ((exact & rest) + rest >> behind & one ^ one) & digits
    found = array("Q", ((coarse - missed) * 10 + digits).to_bytes(count * _LANE // 8, "little"))
    return found[::2].tolist(), 10 ** (power + 1)


def alike(value: float, scale: int) -> tuple[Callable[[float], int] | None, float, float]:
    """What each float of the same exponent as a value prints as, in parts of a scale; from which on, and before which
    floats have that. None in its place, where that is not known, or a scale is too coarse for it."""
    behind = _behind(value)
    low = math.ldexp(0.5, _FRACTION + 1 - behind)
    if behind not in _SHIFTS or scale % 10 ** len(str(1 << behind)):
        return None, low, 2 * low
    power = len(str(1 << behind)) - 1
    half, rest, moved = 1 << behind - 1, (1 << behind) - 1, 2.0**behind
    first, last = half - (10**power + 1) // 2 + 1, half + (10**power + 1) // 2 - 1
    coarse = int(10**power)
    fine = 10 * coarse
    to_coarse, to_fine = scale // coarse, scale // fine

    def printed(value: float) -> int:
        significand = int(value * moved)
        exact = significand * coarse + half
        if first <= exact & rest <= last:
            return (exact >> behind) * to_coarse
        exact = significand * fine + half
        if exact & rest:
            return (exact >> behind) * to_fine
        return (exact >> behind & -2) * to_fine  # half way: the even one

    return printed, low, 2 * low
