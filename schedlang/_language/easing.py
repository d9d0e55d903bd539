"""Easing: the formula of a ramp, asked with its progress to a power.

What it leaves is as precise as the power itself: near the end 1 - x^p is -expm1(p·log x), and the logarithm comes from
what is left of x where that is little. So a formula that keeps its relative precision near an end keeps it eased.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import attrs


def _of(calculate: Callable[..., Any]) -> Callable[..., Any]:
    """An operator on the share that has gone."""
    return lambda self, *others: calculate(self.gone, *map(plain, others))


def _compared(calculate: Callable[[Any, Any], Any], below: bool) -> Callable[[Any, Any], Any]:
    """A comparison; of what has gone with what is left, it is known without looking at them."""
    return lambda self, other: (
        self.less is below
        if isinstance(other, Share) and other.gone is self.left
        else calculate(self.gone, plain(other))
    )


class Share:
    """How much of an eased ramp has gone, in the place of a k whose n is 1: `n - k` is what is left, no difference.

    `less`: whether that is less than what is left.
    """

    __slots__ = ("gone", "left", "less")

    def __init__(self, gone: Any, left: Any, less: bool) -> None:
        self.gone = gone
        self.left = left
        self.less = less

    def __rsub__(self, whole: Any) -> Any:
        if isinstance(whole, float) and whole == 1:
            return Share(self.left, self.gone, not self.less)
        return whole - self.gone

    __truediv__, __rtruediv__ = _of(operator.truediv), _of(lambda a, b: b / a)
    __mul__ = __rmul__ = _of(operator.mul)
    __add__ = __radd__ = _of(operator.add)
    __sub__, __neg__, __float__ = _of(operator.sub), _of(operator.neg), _of(float)
    __lt__, __le__ = _compared(operator.lt, True), _compared(operator.le, True)
    __gt__, __ge__ = _compared(operator.gt, False), _compared(operator.ge, False)


def plain(number: Any) -> Any:
    """A number; of a share, what has gone."""
    return number.gone if isinstance(number, Share) else number


@attrs.frozen
class Eased:
    """A formula `(k, n, xp, …)` of the progress k/n, asked with that to the power of `ease`.

    It is given twice: as it is calculated from its start, and from its end, which is asked where most has gone.
    """

    from_start: Callable[..., Any]
    from_end: Callable[..., Any]
    ease: float
    _middle: tuple[int, int] = attrs.field(init=False)
    """Where half has gone, as a fraction: exactly, so that the sides are told apart in whole numbers."""

    @_middle.default
    def _halved(self) -> tuple[int, int]:
        return float(0.5 ** (1 / self.ease)).as_integer_ratio()

    def __call__(self, k: Any, n: Any, xp: Any, **values: Any) -> Any:
        top, bottom = self._middle
        if k <= n * top // bottom:
            gone = xp.power(k / n, self.ease)
            return self.from_start(Share(gone, 1.0 - gone, True), 1.0, xp, **values)
        left = -xp.expm1(self.ease * (xp.log(k / n) if 2 * k < n else xp.log1p((k - n) / n)))
        return self.from_end(Share(1.0 - left, left, False), 1.0, xp, **values)
