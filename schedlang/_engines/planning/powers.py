"""Powers and exponentials of forms.

An error of the exponent is one of the value, times the value. So exponents are counted from where the value is largest,
which is calculated before, in float64: the exponent is small where the value isn't.
"""

from __future__ import annotations

import math
from typing import Final

import attrs

from .forms import Count, Form, looked_up, rooted
from .integers import Whole
from .plans import ENTRIES, Node, UntraceableError

_LARGEST: Final = 3.4e38
"""About the largest float32."""


def power(a: Form, b: Form) -> Form:
    """a to the power of b; not both are known."""
    if a.is_known():
        if a.offset > 0:
            return exponential(b, math.log(a.offset), a.offset)
        raise UntraceableError("it raises a number that is not above zero")
    if b.is_known():
        return _known_power(a, b.offset)
    return Form.of(("power", a.close().calculated(), b.calculated()))


def _known_power(form: Form, exponent: float) -> Form:
    """A form to the power of a number."""
    if exponent in (0.0, 1.0):
        return form if exponent else Form.known(1.0)
    if exponent == 0.5:
        return rooted(form)
    form = form.close()
    if exponent == 2.0:
        return Form.of(("square", form.calculated()))
    steep = _steep_power(form, form.base, exponent) if isinstance(form.base, Count) and abs(exponent) > 2 else None
    return steep or Form.of(("power", form.calculated(), ("constant", exponent)))


def _steep_power(form: Form, count: Count, exponent: float) -> Form | None:
    """A steep power as (1 - u)^p = exp(p log1p(-u)), u counted from where the value is largest; None: it cannot be."""
    low, high = sorted(form.scale * (each + count.shift) + form.offset for each in (count.low, count.high))
    most = high if exponent > 0 else low
    if low < 0 or most <= 0 or math.isinf(scale := _raised(most, exponent)):
        return None
    anchor = count.high if (exponent > 0) == (form.scale > 0) else count.low
    moved = Form(form.scale / most, 0.0, attrs.evolve(count, shift=-anchor))
    return Form(scale, 0.0, ("exp", ("affine", ("log1p", moved.calculated()), exponent, 0.0)))


def exponential(form: Form, rate: float = 1.0, base: float = math.e) -> Form:
    """exp(rate * form), which is base to the power of the form; the form is not known."""
    if rate == 0:
        return Form.known(1.0)
    if isinstance(form.base, Count):
        return _counted_exponential(form, form.base, form.scale * rate, base)
    if form.offset:
        scale = _raised(base, form.offset)
        if 0 < scale < _LARGEST:
            return Form(scale, 0.0, ("exp", Form(form.scale * rate, 0.0, form.base).calculated()))
    return Form.of(("exp", form.times(rate).calculated()))


def _counted_exponential(form: Form, count: Count, steep: float, base: float) -> Form:
    """The exponential of a count, which is counted from where the value is largest."""
    anchor = count.high if steep > 0 else count.low
    scale = _raised(base, form.scale * (anchor + count.shift) + form.offset)
    if scale > _LARGEST:
        return _growing_exponential(form, count, steep, base)
    return Form(scale, 0.0, ("exp", Form(steep, 0.0, attrs.evolve(count, shift=-anchor)).calculated()))


def _growing_exponential(form: Form, count: Count, steep: float, base: float) -> Form:
    """The same for what grows beyond the floats: steps in which it does little are counted apart."""
    block = max(1, min(int(0.5 / abs(steep)), count.limit)) if steep else count.limit
    first = form.scale * (count.low + count.shift) + form.offset
    values: list[float] = []
    while len(values) * block <= count.high - count.low:
        values.append(_raised(base, first + form.scale * block * len(values)))
        if len(values) > ENTRIES:
            raise UntraceableError("it grows too fast")
        if math.isinf(values[-1]) or values[-1] > 1e300:
            break
    since = Whole(count.node, count.low, count.high).above_least().calculated(count.limit)
    place: Node = ("least", ("over", since, block), len(values) - 1)
    begins = looked_up(Whole(place, 0, len(values) - 1), values, count.limit)
    within = Form(steep, 0.0, Count(("rest", since, block), 0, block - 1, count.limit))
    return Form.of(("*", begins.calculated(), ("exp", within.calculated())))


def _raised(base: float, exponent: float) -> float:
    """A power of numbers; infinite, if it is larger than a float can be."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf
