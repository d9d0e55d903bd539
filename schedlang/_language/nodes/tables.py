"""Schedules that are written out point by point: `keyframes` and `values`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, ClassVar, Final

import attrs

from ..._text.errors import fail
from ..._text.run import shown
from ..._text.source import Place
from ..clocks import Clock, IndexClock, RampClock
from ..frame import Frame, earlier
from ..program import Part, Segment, Timeline
from .base import PARAMETER, Names, Operand, Parameter, Role, Schedule
from .composition import length_of
from .primitive import Primitive, choice, numbers, primitive
from .ramps import NOT_ZERO, Cosine, Exponential, Linear, Ramp, geometric_problem
from .scalars import Number, as_node


@attrs.frozen
class Key:
    """`value @ time`."""

    value: Schedule = attrs.field(converter=as_node)
    time: Schedule = attrs.field(converter=as_node)
    place: Place | None = attrs.field(default=None, kw_only=True, eq=False, repr=False)


_PAIRS: Final = 'give pairs of value and time: `keyframes((0, 0), (3e-4, "5%"))`'


def as_keys(keys: Iterable[Key | tuple[Operand, Operand]] | None) -> tuple[Key, ...]:
    """Keys, or pairs of value and time, as keys.

    Raises:
        ScheduleError: E305, for anything else.
    """
    if keys is None:
        return ()
    if not isinstance(keys, Iterable):
        fail(None, "E305", f"{shown(keys)} is no list of keys", _PAIRS)
    return tuple(key if isinstance(key, Key) else _key(key) for key in keys)


def _key(pair: object) -> Key:
    if not isinstance(pair, tuple) or len(pair) != 2:
        fail(None, "E305", f"{shown(pair)} is not a key", _PAIRS)
    return Key(*pair)


_SHAPES: Final[Mapping[str, Ramp]] = {
    "linear": Linear(),
    "cosine": Cosine(),
    "exponential": Exponential(end=Number(Decimal(1))),
    "hold": Linear(),
}


@primitive
class Keyframes(Primitive):
    """Through keys `value @ time`, with a ramp between each two.

    Before the first key the value is the first key's, after the last the last one's. Keys may stand in any order; of
    two at one time the later one wins. Each key's time is exact, and the ramp between two keys runs over the whole
    steps between them. `shape=hold` keeps each value until the next key.

    >>> from schedlang import parse
    >>> lr = parse("keyframes(0 @ 0, 4 @ 20%, 4 @ 60%, 0 @ 100%)").bind(10)
    >>> [lr(step) for step in (0, 1, 2, 6, 8, 10)]
    [0.0, 2.0, 4.0, 4.0, 2.0, 0.0]
    """

    name: ClassVar[str] = "keyframes"

    keys: tuple[Key, ...] = attrs.field(
        default=(), converter=as_keys, metadata={PARAMETER: Parameter(Role.KEYS, "the keys", required=True)}
    )
    shape: str = choice("the shape between keys", "linear", "cosine", "exponential", "hold", default="linear")

    def _sorted(self, frame: Frame) -> list[tuple[Fraction, Key]]:
        return sorted(((length_of(key.time, frame), key) for key in self.keys), key=lambda pair: pair[0])

    def bounded(self, names: Names) -> bool:
        return True

    def length(self, frame: Frame) -> Fraction | None:
        return self._sorted(frame)[-1][0]

    def clock(self, frame: Frame) -> Clock:
        raise NotImplementedError  # each ramp between two keys has its own

    def lay(self, frame: Frame) -> Part:
        keys = [(math.ceil(frame.start + time), key, key.value.number(frame)) for time, key in self._sorted(frame)]
        first = keys[0]
        segments = [self._segment(frame, frame.first, first[0], first[1], first[2], first[2])]
        for (begin, held, start), (end, key, value) in pairwise(keys):
            segments.append(self._segment(frame, begin, end, held if self.shape == "hold" else key, start, value))
        last = keys[-1]
        segments.append(self._segment(frame, last[0], last[0], last[1], last[2], last[2]))
        starts = tuple(segment.first for segment in segments)
        return Timeline(frame.first, frame.last, tuple(segments), starts, (True,) * len(segments))

    def _segment(self, frame: Frame, begin: int, end: int, key: Key, start: float, value: float) -> Segment:
        """The ramp up to a key, or what a key holds, over the whole steps begin … end - 1."""
        place = key.place or self.place
        frame.binding.count_phase(place)
        bends = start != value
        problem = geometric_problem(start, value) if bends and self.shape == "exponential" else None
        if problem is None and math.isinf(value - start):
            problem = f"from {start:g} to {value:g} is further than a float reaches"
        if problem is not None:
            fail(place, "E312", problem, NOT_ZERO)
        return Segment(
            begin,
            earlier(end, frame.wall),
            RampClock(end - begin),
            _SHAPES[self.shape if bends else "linear"].formula,
            {"start": start, "end": start if self.shape == "hold" else value},
            frozenset(),
            True,
            True,
            f"keyframes {self.shape}",
            place,
            self.written() if key.place is None else key.place.text,
        )


@primitive
class Values(Primitive):
    """One value a step, then the last one for good.

    value(t) = values[min(t, number of values - 1)]

    >>> from schedlang import parse
    >>> lr = parse("values([3, 1, 2])").bind(10)
    >>> [lr(step) for step in (0, 1, 2, 3, 10)]
    [3.0, 1.0, 2.0, 2.0, 2.0]
    """

    name: ClassVar[str] = "values"
    words: ClassVar[str] = "shows one value a step: {values}"

    values: tuple[Schedule, ...] = numbers("the values")

    def bounded(self, names: Names) -> bool:
        return True

    def length(self, frame: Frame) -> Fraction | None:
        return Fraction(len(self.values))

    def clock(self, frame: Frame) -> Clock:
        return IndexClock(len(self.values))

    def numbers(self, frame: Frame) -> tuple[dict[str, Any], frozenset[str]]:
        return {"values": tuple(value.number(frame) for value in self.values)}, frozenset()

    @staticmethod
    def at(k: Any, n: Any, xp: Any, *, values: Any) -> Any:
        return xp.take(values, k)
