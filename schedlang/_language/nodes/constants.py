"""Schedules that don't move: `constant(c)` and `hold`."""

from __future__ import annotations

from typing import Any, ClassVar

from ..clocks import STEPS, Clock
from ..frame import Frame
from .base import Names, Schedule
from .primitive import Primitive, family, number, primitive
from .scalars import START


@family
class _Still(Primitive):
    """A value that stays the same: abstract."""

    monotone: ClassVar[bool] = True

    def timeless(self, names: Names) -> bool:
        return True

    def clock(self, frame: Frame) -> Clock:
        return STEPS


@primitive
class Constant(_Still):
    """The same value at every step; a number alone means the same.

    value(t) = value

    >>> from schedlang import parse
    >>> lr = parse("constant(0.1)").bind()
    >>> lr(0), lr(10**9)
    (0.1, 0.1)
    """

    name: ClassVar[str] = "constant"
    formula: ClassVar[str] = "value(t) = value"
    words: ClassVar[str] = "stays at {value}"

    value: Schedule = number("the value at every step", required=True)

    @staticmethod
    def at(k: Any, n: Any, xp: Any, *, value: Any) -> Any:
        return value


@primitive
class Hold(_Still):
    """The value handed on by the phase before, at every step.

    value(t) = start

    >>> from schedlang import parse
    >>> lr = parse("linear(0, 3) for 3 then hold for 3 then linear to 0").bind(9)
    >>> [lr(step) for step in (0, 3, 5, 6, 9)]
    [0.0, 3.0, 3.0, 3.0, 0.0]
    """

    name: ClassVar[str] = "hold"
    formula: ClassVar[str] = "value(t) = start"
    words: ClassVar[str] = "stays at {start}"

    def takes(self, names: Names) -> bool:
        return True

    def numbers(self, frame: Frame) -> tuple[dict[str, float], frozenset[str]]:
        return {"start": frame.incoming}, START

    @staticmethod
    def at(k: Any, n: Any, xp: Any, *, start: Any) -> Any:
        return start
