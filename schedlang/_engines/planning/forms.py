"""Forms: floats as `scale * base + offset`, and their arithmetic.

Numbers are multiplied and added in float64 before, so that one multiplication and one addition are left for the narrow
float. If the base is an integer, what can be added to it is added while it is one: close to where the value is zero
nothing is lost then, though the steps that it is calculated from may be large.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs

from ..expressions import is_same
from .integers import Whole
from .plans import Column, Node, UntraceableError


@attrs.frozen
class Count:
    """An integer that a float is calculated from: `shift` more than a node between low and high.

    Attributes:
        limit: the largest integer there is.
    """

    node: Node
    low: int
    high: int
    limit: int
    shift: int = 0

    def moved(self, by: int) -> Count:
        """So much more, or as much of it as fits."""
        room = -self.limit - self.low, self.limit - self.high
        return attrs.evolve(self, shift=max(room[0], min(self.shift + by, room[1]), -self.limit))

    def calculated(self) -> Node:
        """The node of the float. An axis is shifted by zero too, so that rows differ in numbers only."""
        return ("float", ("shift", self.node, self.shift) if self.shift or self.node[0] == "axis" else self.node)


@attrs.frozen
class Form:
    """A float: `scale * base + offset`; no base: just the offset."""

    scale: float
    offset: float
    base: Count | Node | None = None

    @classmethod
    def known(cls, value: float) -> Form:
        """A number."""
        return cls(0.0, value)

    @classmethod
    def of(cls, node: Node) -> Form:
        """What a node gives."""
        return cls(1.0, 0.0, node)

    @classmethod
    def counted(cls, whole: Whole, limit: int) -> Form:
        """An integer as a float; close to where it is zero, nothing is lost."""
        if whole.node is None:
            return cls.known(float(whole.offset))
        size = abs(whole.factor)
        shift = whole.offset // size if whole.factor > 0 else -(whole.offset // size)
        count = Count(whole.node, whole.low, whole.high, limit).moved(shift)
        return cls(float(whole.factor), float(whole.offset - whole.factor * count.shift), count)

    def is_known(self) -> bool:
        """Whether it is just a number."""
        return self.base is None

    def bare(self) -> Node:
        """What is multiplied and moved."""
        assert self.base is not None
        return self.base.calculated() if isinstance(self.base, Count) else self.base

    def calculated(self) -> Node:
        """The node that has its value."""
        if self.is_known():
            return ("constant", self.offset)
        if not isinstance(self.base, Count) and is_same(self.scale, 1.0) and self.offset == 0:
            return self.bare()
        return ("affine", self.bare(), self.scale, self.offset)

    def times(self, by: float) -> Form:
        """So many times as much."""
        return attrs.evolve(self, scale=self.scale * by, offset=self.offset * by)

    def close(self) -> Form:
        """The same form, so that nothing is lost where it is close to zero: for what is steep there."""
        if not isinstance(self.base, Count) or self.scale == 0 or not math.isfinite(self.offset / self.scale):
            return self
        moved = self.base.moved(math.floor(self.offset / self.scale + 1e-9))
        rest = self.offset - self.scale * (moved.shift - self.base.shift)
        return Form(self.scale, 0.0 if abs(rest) <= 4e-16 * abs(self.offset) else rest, moved)


def looked_up(index: Whole, values: Sequence[float], limit: int) -> Form:
    """The entry of a table whose first one belongs to the least index."""
    if index.node is None:
        return Form.known(values[0])
    place = index.scaled(1, -index.ends()[0]).calculated(limit)
    return Form.of(("look", place, Column.of(values, False)))


def added(a: Form, b: Form) -> Form:
    """The sum; not both are known."""
    if a.is_known() or b.is_known():
        return attrs.evolve(b if a.is_known() else a, offset=a.offset + b.offset)
    if isinstance(a.base, Count) and isinstance(b.base, Count) and a.base.node == b.base.node:
        further = b.base.shift - a.base.shift
        if abs(further) < 2**53:
            return Form(a.scale + b.scale, a.offset + b.offset + b.scale * further, a.base)
    one, other = (attrs.evolve(each, offset=0.0).calculated() for each in (a, b))
    return Form(1.0, a.offset + b.offset, ("+", one, other))


def multiplied(a: Form, b: Form) -> Form:
    """The product; not both are known."""
    if a.is_known() or b.is_known():
        of, by = (b, a.offset) if a.is_known() else (a, b.offset)
        return of.times(by) if by else Form.known(0.0)
    if a.offset == 0 and b.offset == 0:
        scale = a.scale * b.scale
        if 1e-30 < abs(scale) < 1e30:
            return Form(scale, 0.0, ("*", a.bare(), b.bare()))
    return Form.of(("*", a.close().calculated(), b.close().calculated()))


def squared(form: Form) -> Form:
    """The square."""
    return Form.of(("square", form.close().calculated()))


def divided(a: Form, b: Form) -> Form:
    """The quotient; not both are known."""
    if b.is_known():
        if b.offset == 0:
            raise UntraceableError("it divides by zero")
        return attrs.evolve(a, scale=a.scale / b.offset, offset=a.offset / b.offset)
    divisor = b.close().calculated()
    if a.is_known():
        return Form(a.offset, 0.0, ("/", ("constant", 1.0), divisor))
    return Form.of(("/", a.close().calculated(), divisor))


def rooted(form: Form) -> Form:
    """The square root."""
    form = form.close()
    if form.offset == 0 and form.scale > 0:
        return Form(math.sqrt(form.scale), 0.0, ("sqrt", form.bare()))
    return Form.of(("sqrt", form.calculated()))
