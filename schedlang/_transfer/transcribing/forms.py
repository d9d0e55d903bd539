"""A way to write a curve, with its numbers still to be written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy

from .fitting import refine, thinned
from .numbers import Writer
from .task import Work

if TYPE_CHECKING:
    from .task import Floats


_FIRST: Final = 8
"""So many values are looked at all of them: of what is over soon nothing else is seen."""


@attrs.frozen
class Window:
    """Where a piece stands in the run, and its values.

    Attributes:
        steps: its steps.
        values: its values.
        near: how far off they may be by what was found.
        allowed: how far off they may be by what the task demands.
        start: the place where it begins, exactly.
        stop: the place where it ends, exactly.
        places: other places of the run that a ramp may begin or end at.
        sampled: whether only some steps of the run are seen, at equal distances.
    """

    steps: Floats
    values: Floats
    near: Floats
    allowed: Floats
    start: Fraction
    stop: Fraction
    places: tuple[Fraction, ...] = ()
    sampled: bool = False

    def limits(self, places: Any) -> tuple[Floats, Floats]:
        """How far off a way to write it may be at some places, first of all, and at most."""
        near = self.near[places]
        allowed = numpy.maximum(self.allowed[places] / 10, near)
        return numpy.minimum(3 * near, allowed), allowed


@attrs.frozen
class Form:
    """A formula in words, with its numbers.

    Attributes:
        numbers: as they were fitted.
        at: the values at some steps, for such numbers.
        write: the text, for these numbers as texts.
        based: which of them may be told by `base`.
        again: whether the others are fitted again when one of them has been written.
    """

    numbers: tuple[float, ...]
    at: Callable[[Sequence[float], Floats], Floats]
    write: Callable[[Sequence[str]], str]
    based: tuple[bool, ...] = ()
    again: bool = False


@attrs.define
class _Numbers:
    """The numbers of a form while they are being written, one after the other."""

    form: Form
    steps: Floats
    values: Floats
    near: Floats
    allowed: Floats
    work: Work
    now: list[float]
    index: int = 0
    _fitted: dict[float, list[float]] = attrs.field(factory=dict)

    def off(self, numbers: Sequence[float]) -> Floats:
        """How far off the values are with such numbers."""
        self.work.spend(len(self.steps) // 4)
        with numpy.errstate(all="ignore"):
            apart: Floats = numpy.abs(self.form.at(numbers, self.steps) - self.values)
        return apart

    def fits(self, tried: float, loosely: bool) -> bool:
        """Whether the number that is looked at may be this one."""
        limit = self.allowed if loosely else self.near
        return bool((self.off(self._with(tried)) <= limit).all())

    def _with(self, tried: float) -> list[float]:
        """The numbers, one of which is tried; those that are not written yet are fitted again."""
        if tried in self._fitted:
            return self._fitted[tried]
        now, index = self.now, self.index
        numbers = [*now[:index], tried, *now[index + 1 :]]
        near = abs(tried - now[index]) <= 0.02 * abs(now[index]) + 1e-2
        if self.form.again and near and index + 1 < len(now):
            fixed = [each <= index for each in range(len(now))]
            numbers = list(refine(self.form.at, numbers, self.steps, self.values, fixed))
        self._fitted[tried] = numbers
        return numbers

    def settle(self, number: float) -> None:
        """Write a number, and go on to the next."""
        self.now = self._with(number)
        self._fitted = {}
        self.index += 1


def written(form: Form, window: Window, writer: Writer, work: Work) -> tuple[list[float], list[str]] | None:
    """The numbers of a form, as short as the values allow, and their texts; None, if it doesn't have the values."""
    places = numpy.union1d(numpy.arange(min(_FIRST, len(window.values))), thinned(len(window.values)))
    near, allowed = window.limits(places)
    numbers = _Numbers(form, window.steps[places], window.values[places], near, allowed, work, list(form.numbers))
    if not (numbers.off(form.numbers) <= allowed).all():
        return None
    texts = []
    for index in range(len(form.numbers)):
        based = bool(form.based and form.based[index])
        number, text = writer.number(numbers.now[index], numbers.fits, based)
        numbers.settle(number)
        texts.append(text)
    return numbers.now, texts
