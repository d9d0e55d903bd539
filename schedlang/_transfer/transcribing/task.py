"""What is to be written as a text, and how much work that may take."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs
import numpy

from ..._bound.bound import Bound
from ..._language.parse import parse

if TYPE_CHECKING:
    Floats: TypeAlias = numpy.ndarray[Any, numpy.dtype[numpy.float64]]

EXACT: Final = 1e-9
"""How far from a value a text's may be, as a share of the largest one, and be called exact."""

EXACT_SINGLE: Final = 1e-6
"""The same for values that were calculated in float32."""

RELATIVE: Final = 1e-6
"""And as a share of the value itself, wherever that is not next to nothing."""

NOTHING: Final = 1e-12
"""What is next to nothing, as a share of the largest value."""

LOST: Final = 2**-50
"""What a small value that was calculated by adding large ones may have lost: a few units in their last place."""

LOST_SINGLE: Final = 2**-22
"""The same in float32."""

BLOCK: Final = 1 << 20
"""How many values are looked at at a time, so that many take little memory."""

_NO_BASE: Final = 0.7310585786300049
"""The base where none is told: a number that no values go by, so that a text which depends on it is not equal."""


def size_of(values: Floats) -> float:
    """The largest absolute value of some, 0 if there are none."""
    return float(max(values.max(initial=0.0), -values.min(initial=0.0)))


class ExhaustedError(Exception):
    """The work that was allowed is done."""


@attrs.define
class Work:
    """How much may be tried: each evaluation costs as much as it has values, and a little for itself.

    >>> work = Work(1000)
    >>> work.spend(600), work.left
    (None, 400)
    """

    left: float = 1.2e7

    def spend(self, amount: float) -> None:
        """Do so much of it.

        Raises:
            ExhaustedError: if no more is allowed.
        """
        self.left -= amount
        if self.left < 0:
            raise ExhaustedError


@attrs.frozen(eq=False, slots=False)
class Task:
    """Values that a text is sought for.

    Attributes:
        values: one for each step, in order.
        total_steps: how long the run is, which a text's `%` and open ends refer to.
        first_step: the step of the first value; what is before it is unknown.
        rates: the rates of the run, by the names that `bind` has for them.
        base: the value before the first phase, if texts may refer to it.
        single: whether the values were calculated in float32.
        apart: how many steps are from one value to the next; then nothing is known of those between.
        digits: to how many digits the values were rounded, if a text is to be found that is as near as that allows.
    """

    values: Floats
    total_steps: int
    first_step: int = 0
    rates: Mapping[str, Any] = attrs.field(factory=dict)
    base: float | None = None
    single: bool = False
    digits: int | None = None
    apart: int = 1

    @property
    def tolerance(self) -> float:
        """How far off a value may be, as a share of the largest one."""
        if self.digits is not None:
            return 5 * 10.0**-self.digits
        return EXACT_SINGLE if self.single else EXACT

    @cached_property
    def steps(self) -> Floats:
        """The steps of the values."""
        steps = numpy.arange(self.first_step, self.first_step + len(self.values) * self.apart, self.apart)
        return steps.astype(numpy.float64, copy=False)

    def step(self, place: int) -> int:
        """The step of a value."""
        return self.first_step + place * self.apart

    @cached_property
    def largest(self) -> float:
        """The largest absolute value; 1 if all are 0."""
        return size_of(self.values) or 1.0

    def allowed(self, places: Any = slice(None)) -> Floats:
        """How far off each value may be, or those at some places."""
        size = numpy.abs(self.values[places])
        relatively = numpy.where(size > NOTHING * self.largest, max(RELATIVE, self.tolerance) * size, numpy.inf)
        return numpy.minimum(self.tolerance * self.largest, relatively)

    @property
    def noise(self) -> float:
        """How far off the values of a curve are at least, as a share of the largest one."""
        if self.digits is not None:
            return self.tolerance
        return 3e-7 if self.single else 3e-14

    @property
    def lost(self) -> float:
        """What a value that is a sum may have lost, as a share of the largest one."""
        return LOST_SINGLE if self.single else LOST

    def of(self, bound: Bound, start: int = 0, stop: int | None = None) -> Any:
        """The values of a text at the steps of this task, or from one of its places to another."""
        last = self.step((len(self.values) if stop is None else stop) - 1)
        return bound.values(self.step(start), last + 1, self.apart)

    def bind(self, text: str) -> Bound:
        """A text in the run of this task."""
        base = _NO_BASE if self.base is None else self.base
        return parse(text).bind(self.total_steps, base=base, **self.rates)
