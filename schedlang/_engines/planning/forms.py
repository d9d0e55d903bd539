"""Forms: floats as `scale * base + offset`, and their arithmetic.

Numbers are multiplied and added in float64 before, so that one multiplication and one addition are left for the narrow
float. If the base is an integer, what can be added to it is added while it is one: close to where the value is zero
nothing is lost then, though the steps that it is calculated from may be large. An error of an exponent is one of the
value, times the value: so exponents are counted from where the value is largest, and are small where the value isn't.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from typing import Any, Final

import attrs

from ..expressions import is_same
from .integers import Whole, alike, integral
from .plans import ENTRIES, Column, Node, UntraceableError

_LARGEST: Final = 3.4e38
"""About the largest float32."""


@attrs.frozen
class Form:
    """A float: `scale * base + offset`; no base: just the offset. An integer as the base has the factor 1."""

    scale: float
    offset: float
    base: Whole | Node | None = None

    @classmethod
    def known(cls, value: float) -> Form:
        """A number."""
        return cls(0.0, value)

    @classmethod
    def of(cls, name: str, *inputs: Node, detail: Any = None) -> Form:
        """What an operation gives."""
        return cls(1.0, 0.0, Node(name, inputs, detail=detail))

    @classmethod
    def counted(cls, whole: Whole) -> Form:
        """An integer as a float; close to where it is zero, nothing is lost."""
        if whole.node is None:
            return cls.known(float(whole.offset))
        shift = whole.offset // abs(whole.factor)
        count = whole.counted(shift if whole.factor > 0 else -shift)
        return cls(float(whole.factor), float(whole.offset - whole.factor * count.offset), count)

    def is_known(self) -> bool:
        """Whether it is just a number."""
        return self.base is None

    def bare(self) -> Node:
        """What is multiplied and moved."""
        assert self.base is not None
        return Node("float", (self.base.calculated(),)) if isinstance(self.base, Whole) else self.base

    def calculated(self) -> Node:
        """The node that has its value."""
        if self.is_known():
            return Node("constant", numbers=(self.offset,))
        if not isinstance(self.base, Whole) and is_same(self.scale, 1.0) and self.offset == 0:
            return self.bare()
        return Node("affine", (self.bare(),), (self.scale, self.offset))

    def times(self, by: float) -> Form:
        """So many times as much."""
        return attrs.evolve(self, scale=self.scale * by, offset=self.offset * by)

    def close(self) -> Form:
        """The same form, so that nothing is lost where it is close to zero: for what is steep there."""
        if not isinstance(self.base, Whole) or self.scale == 0 or not math.isfinite(self.offset / self.scale):
            return self
        moved = self.base.counted(self.base.offset + math.floor(self.offset / self.scale + 1e-9))
        rest = self.offset - self.scale * (moved.offset - self.base.offset)
        return Form(self.scale, 0.0 if abs(rest) <= 4e-16 * abs(self.offset) else rest, moved)


def looked_up(index: Whole, values: Sequence[float]) -> Form:
    """The entry of a table whose first one belongs to the least index."""
    if index.node is None:
        return Form.known(values[0])
    place = index.scaled(1, -index.ends()[0]).calculated()
    return Form.of("look", place, detail=Column(array("d", values), False))


def added(a: Form, b: Form) -> Form:
    """The sum; not both are known."""
    if a.is_known() or b.is_known():
        return attrs.evolve(b if a.is_known() else a, offset=a.offset + b.offset)
    if isinstance(a.base, Whole) and isinstance(b.base, Whole) and alike(a.base.node, b.base.node):
        further = b.base.offset - a.base.offset
        if abs(further) < 2**53:
            return Form(a.scale + b.scale, a.offset + b.offset + b.scale * further, a.base)
    one, other = (attrs.evolve(each, offset=0.0).calculated() for each in (a, b))
    return Form(1.0, a.offset + b.offset, Node("+", (one, other)))


def multiplied(a: Form, b: Form) -> Form:
    """The product; not both are known."""
    if a.is_known() or b.is_known():
        of, by = (b, a.offset) if a.is_known() else (a, b.offset)
        return of.times(by) if by else Form.known(0.0)
    if a.offset == 0 and b.offset == 0:
        scale = a.scale * b.scale
        if 1e-30 < abs(scale) < 1e30:
            return Form(scale, 0.0, Node("*", (a.bare(), b.bare())))
    return Form.of("*", a.close().calculated(), b.close().calculated())


def squared(form: Form) -> Form:
    """The square."""
    return Form.of("square", form.close().calculated())


def divided(a: Form, b: Form) -> Form:
    """The quotient; not both are known."""
    if b.is_known():
        if b.offset == 0:
            raise UntraceableError("it divides by zero")
        return attrs.evolve(a, scale=a.scale / b.offset, offset=a.offset / b.offset)
    divisor = b.close().calculated()
    if a.is_known():
        return Form(a.offset, 0.0, Node("/", (Node("constant", numbers=(1.0,)), divisor)))
    return Form.of("/", a.close().calculated(), divisor)


def rooted(form: Form) -> Form:
    """The square root."""
    form = form.close()
    if form.offset == 0 and form.scale > 0:
        return Form(math.sqrt(form.scale), 0.0, Node("sqrt", (form.bare(),)))
    return Form.of("sqrt", form.calculated())


def power(a: Form, b: Form, endless: bool) -> Form:
    """a to the power of b; not both are known."""
    if a.is_known():
        if a.offset > 0:
            return exponential(b, math.log(a.offset), a.offset)
        raise UntraceableError("it raises a number that is not above zero")
    if b.is_known():
        return _known_power(a, b.offset, endless)
    return Form.of("power", a.close().calculated(), b.calculated())


def _known_power(form: Form, exponent: float, endless: bool) -> Form:
    """A form to the power of a number."""
    if exponent in (0.0, 1.0):
        return form if exponent else Form.known(1.0)
    if exponent == 0.5:
        return rooted(form)
    form = form.close()
    if exponent == 2.0:
        return Form.of("square", form.calculated())
    steep = None
    if isinstance(form.base, Whole) and abs(exponent) > 2 and not (endless and (exponent > 0) == (form.scale > 0)):
        steep = _steep_power(form, form.base, exponent)
    return steep or Form.of("power", form.calculated(), Node("constant", numbers=(exponent,)))


def _steep_power(form: Form, count: Whole, exponent: float) -> Form | None:
    """A steep power as (1 - u)^p = exp(p log1p(-u)), u counted from where the value is largest; None: it cannot be."""
    low, high = sorted(form.scale * end + form.offset for end in count.ends())
    most = high if exponent > 0 else low
    if low < 0 or most <= 0 or math.isinf(scale := _raised(most, exponent)):
        return None
    anchor = count.high if (exponent > 0) == (form.scale > 0) else count.low
    less = Form(form.scale / most, 0.0, count.since(anchor)).calculated()
    if exponent > 0 and low < 1e-6 * most:  # where u is 1 it may be calculated as a little more, which has no logarithm
        less = Node("maximum", (less, Node("constant", numbers=(-1.0,))))
    return Form(scale, 0.0, Node("exp", (Node("affine", (Node("log1p", (less,)),), (exponent, 0.0)),)))


def exponential(form: Form, rate: float = 1.0, base: float = math.e) -> Form:
    """exp(rate * form), which is base to the power of the form; the form is not known."""
    if rate == 0:
        return Form.known(1.0)
    if isinstance(form.base, Whole):
        return _counted_exponential(form, form.base, form.scale * rate, base)
    if form.offset:
        scale = _raised(base, form.offset)
        if 0 < scale < _LARGEST:
            return Form(scale, 0.0, Node("exp", (Form(form.scale * rate, 0.0, form.base).calculated(),)))
    return Form.of("exp", form.times(rate).calculated())


def _counted_exponential(form: Form, count: Whole, steep: float, base: float) -> Form:
    """The exponential of a count, which is counted from where the value is largest."""
    anchor = count.high if steep > 0 else count.low
    scale = _raised(base, form.scale * (anchor + count.offset) + form.offset)
    if scale > _LARGEST:
        return _growing_exponential(form, count, steep, base)
    return Form(scale, 0.0, Node("exp", (Form(steep, 0.0, count.since(anchor)).calculated(),)))


def _growing_exponential(form: Form, count: Whole, steep: float, base: float) -> Form:
    """The same for what grows beyond the floats: steps in which it does little are counted apart."""
    block = max(1, min(int(0.5 / abs(steep)), count.limit)) if steep else count.limit
    first = form.scale * (count.low + count.offset) + form.offset
    values: list[float] = []
    while len(values) * block <= count.high - count.low:
        values.append(_raised(base, first + form.scale * block * len(values)))
        if len(values) > ENTRIES:
            raise UntraceableError("it grows too fast")
        if math.isinf(values[-1]) or values[-1] > 1e300:
            break
    since = count.since(count.low).calculated()
    place = integral("minimum", integral("//", since, by=block), by=len(values) - 1)
    begins = looked_up(Whole(place, 0, len(values) - 1, limit=count.limit), values)
    within = Form(steep, 0.0, Whole(integral("%", since, by=block), 0, block - 1, limit=count.limit))
    return Form.of("*", begins.calculated(), Node("exp", (within.calculated(),)))


def _raised(base: float, exponent: float) -> float:
    """A power of numbers; infinite, if it is larger than a float can be."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf
