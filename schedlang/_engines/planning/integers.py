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

_WORDS: Final = {"+": "sum", "-": "difference", "*": "product", "//": "over", "%": "rest"}
"""What operations on integers are called in nodes."""


@attrs.frozen
class Whole:
    """An integer: `factor * node + offset`, the node between low and high; no node: just the offset."""

    node: Node | None
    low: int
    high: int
    factor: int = 1
    offset: int = 0

    @classmethod
    def known(cls, value: int) -> Whole:
        """A number."""
        return cls(None, 0, 0, 0, value)

    def ends(self) -> tuple[int, int]:
        """Between which integers it lies."""
        ends = self.factor * self.low + self.offset, self.factor * self.high + self.offset
        return min(ends), max(ends)

    def scaled(self, factor: int, offset: int = 0) -> Whole:
        """`factor` times as much, and some more."""
        return attrs.evolve(self, factor=self.factor * factor, offset=self.offset * factor + offset)

    def above_least(self) -> Whole:
        """How much the node is above the least that it can be."""
        return Whole(self.node, self.low, self.high, 1, -self.low)

    def calculated(self, limit: int) -> Node:
        """The node that has its value, in integers between -limit and limit.

        Raises:
            UntraceableError: if there is none.
        """
        low, high = self.ends()
        fit(limit, low, high)
        if self.node is None:
            raise UntraceableError("an integer that does not change is calculated")
        node, offset = self.node, self.offset
        if self.factor != 1:
            fit(limit, high - low)
            ends = self.factor * self.low, self.factor * self.high
            if max(map(abs, (*ends, offset))) > limit:
                node = Node("shift", (node,), (-self.low,))
                offset += ends[0]
            node = Node("times", (node,), (self.factor,))
        return shifted(node, offset)


def fit(limit: int, *integers: int) -> None:
    """Check that integers lie between -limit and limit.

    Raises:
        UntraceableError: if one doesn't.
    """
    if max(map(abs, integers)) > limit:
        raise UntraceableError(_TOO_LARGE)


def shifted(node: Node, by: int) -> Node:
    """An integer node, and some more."""
    if by and node.name == "shift":
        node, by = node.inputs[0], int(node.numbers[0]) + by
    return Node("shift", (node,), (by,)) if by else node


class Integers:
    """The integers of one formula, on some axes, between -limit and limit."""

    def __init__(self, axes: tuple[StepAxis, ...], limit: int) -> None:
        self.axes = axes
        self.limit = limit

    def of(self, value: Value) -> Whole:
        """A whole expression."""
        match value:
            case int():
                return Whole.known(value)
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
                    return Whole.known(axis.low)
                return Whole(Node("axis", detail=level), axis.low, axis.high)
        assert variable.meaning is not None
        return self.of(variable.meaning)

    def operation(self, name: str, a: Whole, b: Whole) -> Whole:
        """Arithmetic."""
        if name in ("+", "-") and (a.node is None or b.node is None or a.node == b.node):
            sign = 1 if name == "+" else -1
            of = b if a.node is None else a
            return Whole(of.node, of.low, of.high, a.factor + sign * b.factor, a.offset + sign * b.offset)
        if name == "*" and b.node is None:
            return a.scaled(b.offset)
        if name == "*" and a.node is None:
            return b.scaled(a.offset)
        if name in ("//", "%"):
            return self.divided(name, a, b.offset)
        low, high = whole_interval(name, a.ends(), b.ends())
        node = Node(_WORDS[name], (a.calculated(self.limit), b.calculated(self.limit)))
        fit(self.limit, int(low), int(high))
        return Whole(node, int(low), int(high))

    # Division.

    def divided(self, name: str, a: Whole, by: int) -> Whole:
        """`a // by` or `a % by`."""
        low, high = a.ends()
        if low // by == high // by:
            return Whole.known(low // by) if name == "//" else a.scaled(1, -(low // by) * by)
        if name == "//" and a.factor % by == 0:
            return Whole(a.node, a.low, a.high, a.factor // by, a.offset // by)
        # Whole multiples of the divisor are left out before.
        turns = a.factor // by
        less = attrs.evolve(a, factor=a.factor % by)
        turned = less.ends()[0] // by
        less = less.scaled(1, -turned * by)
        low, high = less.ends()
        if by <= self.limit and high <= self.limit:
            found = Node(_WORDS[name], (less.calculated(self.limit),), (by,))
        else:
            found = self.in_blocks(name, less, by)
        if name == "%":
            return Whole(found, 0, min(by - 1, high))
        quotient = Whole(found, low // by, high // by, 1, turned)
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
        since = a.above_least().calculated(self.limit)
        place = Node("over", (since,), (block,))

        def entry(values: list[int]) -> Node:
            return Node("entry", (place,), detail=Column.of(values, True))

        within = Node("times", (Node("rest", (since,), (block,)),), (a.factor,))
        within = Node("sum", (within, entry([rest for _, rest in sizes])))
        if name == "%":
            return Node("rest", (within,), (by,))
        return Node("sum", (Node("over", (within,), (by,)), entry([quotient for quotient, _ in sizes])))

    def ranked(self, name: str, a: Whole, by: int) -> Node:
        """The same where not even that fits: where the quotient changes is listed."""
        low, high = (end // by for end in a.ends())
        if name != "//" or low != 0 or high >= ENTRIES:
            raise UntraceableError(_TOO_LARGE)
        starts = [-(-(by * each - a.offset) // a.factor) - a.low for each in range(1, high + 1)]
        return Node("rank", (a.above_least().calculated(self.limit),), detail=Column.of(starts, True))
