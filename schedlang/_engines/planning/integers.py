"""Integers: their arithmetic, written so that no integer on the way is larger than the library's can be.

An integer is kept as `factor * node + offset` as long as it can be. A quotient whose dividend would be too large is
made of smaller ones: what can be divided before is divided before.
"""

from __future__ import annotations

from typing import Final

import attrs

from ..changes import StepAxis
from ..expressions import Affine, Applied, StepVariable, Value, whole_interval
from .plans import ENTRIES, Column, Node, UntraceableError

_TOO_LARGE: Final = "it calculates with integers that are too large"


def fit(limit: int, *integers: int) -> None:
    """Check that integers lie between -limit and limit."""
    if max(map(abs, integers)) > limit:
        raise UntraceableError(_TOO_LARGE)


def integral(name: str, *inputs: Node, by: int | None = None) -> Node:
    """An operation on integers, and on a number."""
    return Node(name, inputs, () if by is None else (by,), whole=True)


def alike(a: Node | None, b: Node | None) -> bool:
    """Whether two integers are calculated alike."""
    if a is None or b is None or a is b:
        return a is b
    return (a.name, a.numbers, a.detail) == (b.name, b.numbers, b.detail) and all(map(alike, a.inputs, b.inputs))


@attrs.frozen
class Whole:
    """An integer: `factor * node + offset`, the node between low and high; no node: just the offset.

    Attributes:
        limit: the largest integer there is.
    """

    node: Node | None
    low: int
    high: int
    factor: int = 1
    offset: int = 0
    limit: int = attrs.field(kw_only=True)

    def ends(self) -> tuple[int, int]:
        """Between which integers it lies."""
        ends = self.factor * self.low + self.offset, self.factor * self.high + self.offset
        return min(ends), max(ends)

    def scaled(self, factor: int, offset: int = 0) -> Whole:
        """`factor` times as much, and some more."""
        return attrs.evolve(self, factor=self.factor * factor, offset=self.offset * factor + offset)

    def since(self, value: int) -> Whole:
        """How much the node is above a number."""
        return attrs.evolve(self, factor=1, offset=-value)

    def counted(self, offset: int) -> Whole:
        """The node, and some more; or as much of it as fits."""
        most = max(-self.limit - self.low, min(offset, self.limit - self.high), -self.limit)
        return attrs.evolve(self, factor=1, offset=most)

    def calculated(self) -> Node:
        """The node that has its value. An axis is moved by zero too, so that rows differ in numbers only."""
        low, high = self.ends()
        fit(self.limit, low, high)
        if self.node is None:
            raise UntraceableError("an integer that does not change is calculated")
        node, offset = self.node, self.offset
        if self.factor != 1:
            fit(self.limit, high - low)
            ends = self.factor * self.low, self.factor * self.high
            if max(map(abs, (*ends, offset))) > self.limit:
                node = integral("+", node, by=-self.low)
                offset += ends[0]
            node = integral("*", node, by=self.factor)
        return integral("+", node, by=offset) if offset or node.name == "axis" else node


class Integers:
    """The integers of one formula, on some axes, between -limit and limit."""

    def __init__(self, axes: tuple[StepAxis, ...], limit: int) -> None:
        self.axes = axes
        self.limit = limit

    def of(self, value: Value) -> Whole:
        """A whole expression."""
        match value:
            case int():
                return Whole(None, 0, 0, 0, value, limit=self.limit)
            case Affine():
                return self.along(value.variable).scaled(value.factor, value.offset)
            case Applied():
                return self.operation(value.name, self.of(value.operands[0]), self.of(value.operands[1]))
        raise UntraceableError("an integer is calculated in a way not known here")

    def along(self, variable: StepVariable) -> Whole:
        """A variable: an axis, or calculated from one."""
        for level, axis in enumerate(self.axes):
            if axis.variable is variable:
                if axis.low == axis.high:
                    return self.of(axis.low)
                return Whole(Node("axis", detail=level, whole=True), axis.low, axis.high, limit=self.limit)
        assert variable.meaning is not None
        return self.of(variable.meaning)

    def operation(self, name: str, a: Whole, b: Whole) -> Whole:
        """Arithmetic."""
        if name in ("+", "-") and (a.node is None or b.node is None or alike(a.node, b.node)):
            sign = 1 if name == "+" else -1
            of = b if a.node is None else a
            return attrs.evolve(of, factor=a.factor + sign * b.factor, offset=a.offset + sign * b.offset)
        if name == "*" and b.node is None:
            return a.scaled(b.offset)
        if name == "*" and a.node is None:
            return b.scaled(a.offset)
        if name in ("//", "%"):
            return self.divided(name, a, b.offset)
        low, high = map(int, whole_interval(name, a.ends(), b.ends()))
        fit(self.limit, low, high)
        return Whole(integral(name, a.calculated(), b.calculated()), low, high, limit=self.limit)

    # Division.

    def divided(self, name: str, a: Whole, by: int) -> Whole:
        """`a // by` or `a % by`."""
        low, high = a.ends()
        if low // by == high // by:
            return self.of(low // by) if name == "//" else a.scaled(1, -(low // by) * by)
        if name == "//" and a.factor % by == 0:
            return attrs.evolve(a, factor=a.factor // by, offset=a.offset // by)
        # Whole multiples of the divisor are left out before.
        turns = a.factor // by
        less = attrs.evolve(a, factor=a.factor % by)
        turned = less.ends()[0] // by
        less = less.scaled(1, -turned * by)
        low, high = less.ends()
        if by <= self.limit and high <= self.limit:
            found = integral(name, less.calculated(), by=by)
        else:
            found = self.in_blocks(name, less, by)
        if name == "%":
            return Whole(found, 0, min(by - 1, high), limit=self.limit)
        quotient = Whole(found, low // by, high // by, 1, turned, limit=self.limit)
        if turns == 0:
            return quotient
        return self.operation("+", attrs.evolve(a, factor=turns, offset=0), quotient)

    def in_blocks(self, name: str, a: Whole, by: int) -> Node:
        """The same where the dividend is too large: whole blocks are divided before, and looked up."""
        block = (self.limit - by) // a.factor
        if block < 1 or (a.high - a.low) // block >= ENTRIES:
            return self.ranked(name, a, by)
        base = a.factor * a.low + a.offset
        sizes = [divmod(base + a.factor * place, by) for place in range(0, a.high - a.low + 1, block)]
        since = a.since(a.low).calculated()
        place = integral("//", since, by=block)
        quotients, rests = (
            Node("entry", (place,), detail=Column.of(values, True), whole=True) for values in zip(*sizes, strict=True)
        )
        within = integral("+", integral("*", integral("%", since, by=block), by=a.factor), rests)
        if name == "%":
            return integral("%", within, by=by)
        return integral("+", integral("//", within, by=by), quotients)

    def ranked(self, name: str, a: Whole, by: int) -> Node:
        """The same where not even that fits: where the quotient changes is listed."""
        low, high = (end // by for end in a.ends())
        if name != "//" or low != 0 or high >= ENTRIES:
            raise UntraceableError(_TOO_LARGE)
        starts = [-(-(by * each - a.offset) // a.factor) - a.low for each in range(1, high + 1)]
        return Node("rank", (a.since(a.low).calculated(),), detail=Column.of(starts, True), whole=True)
