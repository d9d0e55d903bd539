"""Quotients: those of whole numbers too long for the processor, by shorter numbers that give the same.

Where a rate of many digits has been, exact times have as many. `(a * step + b) / c` with numbers of 80 bits takes
Python three times as long as with short ones, and NumPy has none. Over the steps that a piece has, floats or shorter
whole numbers come close enough, if no quotient lies too near to where the rounding turns. How many do is counted,
without a look at each step, by a sum of floors, as Euclid's algorithm goes. If one does, all stays as it is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Final

import attrs

from .expressions import (
    Affine,
    Applied,
    Expression,
    StepVariable,
    Switch,
    Take,
    Value,
    ValuePiece,
    affine,
    evaluated,
    is_switch,
    nodes,
)

_LONG: Final = 1 << 53
"""From where on a whole number is long."""

_BITS: Final = 60
"""How many bits shorter ones have at most."""

_FINER: Final = 5
"""How many bits more are tried at a time: the fewer there are, the less it takes."""

_TABLE: Final = 1 << 14
"""Over how many steps others are looked up."""


def shortened(value: Value) -> Value:
    """A lowered program without long quotients, as far as that changes no bit of its values."""
    if not any(_is_long(each) for each in nodes(value)):
        return value
    spans: dict[Applied, tuple[int, float]] = {}
    _see(value, {}, spans)
    found = {each: _shortened(each, first, int(stop)) for each, (first, stop) in spans.items() if stop < math.inf}
    return _replaced(value, {each: short for each, short in found.items() if short is not None})


def _quotient(value: Value) -> tuple[Affine, int] | None:
    """What is linear, and the number that divides it or is divided by it."""
    match value:
        case Applied(name="/" | "//", operands=((Affine() as line, int(other)) | (int(other), Affine() as line))):
            return line, other
    return None


def _is_long(value: Value) -> bool:
    parts = _quotient(value)
    return parts is not None and max(abs(parts[0].low), abs(parts[0].high), abs(parts[1])) >= _LONG


def _see(value: Value, pieces: Mapping[StepVariable, ValuePiece], spans: dict[Applied, tuple[int, float]]) -> None:
    """Find the long quotients, and from which value of their variable on, and before which, each is asked for.

    An expression may be part of several pieces, and of a point more than it was recorded for.
    """
    for each in nodes(value, is_switch):
        if isinstance(each, Switch):
            for piece in each.pieces:
                _see(piece.value, {**pieces, each.variable: piece}, spans)
        elif isinstance(each, Applied) and _is_long(each) and (parts := _quotient(each)) is not None:
            piece = pieces.get(parts[0].variable, _ANYWHERE)
            first, stop = spans.get(each, (piece.first, piece.stop))
            spans[each] = min(first, piece.first), max(stop, piece.stop)


_ANYWHERE: Final = ValuePiece(0, math.inf, 0.0)


def _replaced(value: Value, found: dict[Expression, Value]) -> Value:
    """The value with others in the place of some of those it is made of; `found` grows."""
    if not isinstance(value, Expression):
        return value
    if value not in found:
        changed: Value = value
        match value:
            case Applied():
                operands = tuple(_replaced(each, found) for each in value.operands)
                changed = attrs.evolve(value, operands=operands)
            case Take() if isinstance(index := _replaced(value.index, found), Expression):
                changed = attrs.evolve(value, index=index)
            case Switch():
                pieces = (attrs.evolve(each, value=_replaced(each.value, found)) for each in value.pieces)
                changed = attrs.evolve(value, pieces=tuple(pieces))
        found[value] = changed
    return found[value]


def _shortened(value: Applied, first: int, stop: int) -> Value | None:
    parts = _quotient(value)
    assert parts is not None
    line = _Line(*parts, first, stop - 1)
    if value.name == "//":
        return line.floor(value)
    short = line.quotient(value) if value.operands[0] is line.top else None
    return line.looked_up(value) if short is None else short


@attrs.frozen
class _Line:
    """`top / bottom`, or the other way round, over the variable of `top` from `first` to `last`."""

    top: Affine
    bottom: int
    first: int
    last: int

    @property
    def room(self) -> int:
        """How many bits its whole part needs, and that of what it is the sum of."""
        most = max(abs(self.top.factor) * self.last, abs(self.top.offset)) // abs(self.bottom)
        return most.bit_length() + 1

    def floor(self, value: Applied) -> Value | None:
        """With the next higher numbers over a power of two, if no quotient lies that near below a whole number."""
        top, bottom = self.top, self.bottom
        if bottom <= 0 or self.first < 0:
            return None
        begin = top.factor * self.first + top.offset
        for power in range((self.last + 1).bit_length() + _FINER, _BITS - self.room, _FINER):
            off = -((-bottom * (self.last + 1)) >> power)
            if not _near(self.last - self.first + 1, top.factor, begin, bottom, off, -1):
                factor, offset = (-((-each << power) // bottom) for each in (top.factor, top.offset))
                ends = sorted(factor * end + offset for end in (self.first, self.last))
                return attrs.evolve(value, operands=(affine(top.variable, factor, offset, *ends), 1 << power))
        return None

    def quotient(self, value: Applied) -> Value | None:
        """As a sum of two floats, if none of the quotients lies as near to the middle between two floats as it is off.

        The one is exact: all it is made of are multiples of `2**-grid`. The other is what that leaves.
        """
        top, bottom = self.top, self.bottom
        grid = 53 - self.room if bottom > 0 and self.first >= 0 else 0
        off = Fraction(self.last + 1, 1 << 52 + grid)
        if grid < 1 or not self.is_clear(off):
            return None
        step = affine(top.variable, 1, 0, self.first, self.last)
        times = [Fraction(each, bottom) for each in (top.factor, top.offset)]
        exact = [Fraction(round(each * (1 << grid)), 1 << grid) for each in times]
        left = [each - high for each, high in zip(times, exact, strict=True)]
        sums = (_plus(Applied("*", (step, float(slope))), float(start)) for slope, start in (exact, left))
        return attrs.evolve(value, name="+", operands=tuple(sums))

    def looked_up(self, value: Applied) -> Value | None:
        """One by one, if they are not too many."""
        if not 0 < self.last - self.first < _TABLE or self.first < 0:
            return None
        try:
            numbers = [evaluated(value, {self.top.variable: step}) for step in range(self.first, self.last + 1)]
        except ArithmeticError:
            return None
        index = Affine(self.top.variable, 1, -self.first, low=0, high=self.last - self.first)
        return Take(tuple(numbers), index, low=value.low, high=value.high, plus=value.plus)

    def is_clear(self, off: Fraction) -> bool:
        """Whether all quotients are above zero, and none is as near to where it would be rounded otherwise."""
        top, bottom, count = self.top, self.bottom, self.last - self.first + 1
        rise = abs(top.factor)
        begin = top.factor * (self.first if top.factor > 0 else self.last) + top.offset
        if begin <= 0:
            return False
        done = 0
        while done < count:  # floats between a power of two and the next are equally far apart
            least = rise * done + begin
            power = least.bit_length() - bottom.bit_length()
            power -= least < Fraction(2) ** power * bottom
            if power > 52 or off >= Fraction(2) ** (power - 54):
                return False
            stop = min(count, math.ceil((Fraction(2) ** (power + 1) * bottom - begin) / rise))
            shift = 53 - power
            near = math.ceil(off * (bottom << shift))
            start = (least << shift) - bottom
            if _near(stop - done, rise << shift, start, 2 * bottom, near, near):
                return False
            done = stop
        return True


def _plus(value: Value, number: float) -> Value:
    if number == 0:
        return value
    return Applied("+", (value, number)) if number > 0 else Applied("-", (value, -number))


def _near(count: int, rise: int, begin: int, period: int, below: int, above: int) -> bool:
    """Whether one of the numbers `rise * i + begin`, i below `count`, is so near to a multiple of `period`."""
    if below + above + 1 >= period:
        return True
    return _floors(count, rise, begin + below, period) > _floors(count, rise, begin - above - 1, period)


def _floors(count: int, rise: int, begin: int, by: int) -> int:
    """The sum of `(rise * i + begin) // by` over all i below `count`."""
    total = 0
    while True:
        total += count * (count - 1) // 2 * (rise // by) + count * (begin // by)
        rise, begin = rise % by, begin % by
        most = rise * count + begin
        if most < by:
            return total
        count, begin = divmod(most, by)
        rise, by = by, rise
