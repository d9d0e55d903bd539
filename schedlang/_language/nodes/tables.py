"""Schedules that are written out point by point: `keyframes` and `values`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from itertools import compress, pairwise
from typing import Any, ClassVar, Final

import attrs

from ..._text.errors import fail
from ..._text.meters import in_order, meter_of
from ..._text.run import Given, shown
from ..._text.source import Place
from ..clocks import Clock, FixedClock, IndexClock, MilestoneClock, Time, boundary, last_of, untold
from ..frame import Frame
from ..program import Part, Segment, Timeline
from .base import PARAMETER, Names, Operand, Parameter, Role, Schedule
from .primitive import Primitive, choice, numbers, primitive
from .ramps import Cosine, Exponential, Linear, geometric_problem
from .scalars import as_node, length_of, of_steps


@attrs.frozen
class Key:
    """`value @ time`."""

    value: Schedule = attrs.field(converter=as_node)
    time: Schedule = attrs.field(converter=as_node)
    place: Place | None = attrs.field(default=None, kw_only=True, eq=False, repr=False)

    def written(self) -> str:
        """The text that made the key."""
        return f"{self.value} @ {self.time}" if self.place is None else self.place.text


_PAIRS: Final = 'give pairs of value and time: `keyframes((0, 0), (3e-4, "5%"))`'


def _as_keys(keys: Iterable[Key | tuple[Operand, Operand]] | None) -> tuple[Key, ...]:
    """Keys, or pairs of value and time, as keys; E305, for anything else."""
    if keys is None:
        return ()
    if not isinstance(keys, Iterable):
        fail(None, "E305", f"{shown(keys)} is no list of keys", _PAIRS)
    return tuple(key if isinstance(key, Key) else _key_of(key) for key in keys)


def _key_of(pair: object) -> Key:
    if not isinstance(pair, tuple) or len(pair) != 2:
        fail(None, "E305", f"{shown(pair)} is not a key", _PAIRS)
    return Key(*pair)


_SHAPES: Final[Mapping[str, Callable[..., Any]]] = {
    "linear": Linear.at,
    "cosine": Cosine.at,
    "exponential": Exponential.at,
    "hold": Linear.at,
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
        default=(), converter=_as_keys, metadata={PARAMETER: Parameter(Role.KEYS, "the keys", required=True)}
    )
    shape: str = choice("the shape between keys", "linear", "cosine", "exponential", "hold", default="linear")

    def _placed(self, frame: Frame) -> list[tuple[Time, Key]]:
        times = [(length_of(key.time, frame), key) for key in self.keys]
        placed = [(frame.start + time if time else frame.start, key) for time, key in times]
        in_order([place for place, _ in placed])
        return sorted(placed, key=lambda pair: pair[0])

    def bounded(self, names: Names) -> bool:
        return True

    def stops(self, frame: Frame) -> Time | None:
        return last_of(place for place, _ in self._placed(frame))

    def clock(self, frame: Frame) -> Clock:
        raise NotImplementedError  # each ramp between two keys has its own

    def lay(self, frame: Frame) -> Part:
        placed = self._placed(frame)
        keys = [(boundary(place), key, key.value.number(frame)) for place, key in placed]
        at, key, value = keys[0]
        segments = [self._segment(frame.but(stop=at), key, (value, value))]
        for index, ((begin, held, start), (end, key, value)) in enumerate(pairwise(keys)):
            since, until = placed[index][0], placed[index + 1][0]
            meters = meter_of(until), meter_of(since)
            if any(meters):  # one between keys in several units goes by steps
                end = until if meters[0] is meters[1] or since == frame.start else untold(until, *meters)
            here = frame.but(start=begin, stop=end)
            segments.append(self._segment(here, held if self.shape == "hold" else key, (start, value), held))
        at, key, value = keys[-1]
        segments.append(self._segment(frame.but(start=at, stop=at), key, (value, value)))
        place = frame.seen if frame.sees else frame.over
        if isinstance(place, Given):  # the keys behind it have no say in what is there
            shown = (key <= place for key, _, _ in keys)
            segments = [segments[0], *compress(segments[1:], shown)]
            if frame.sees and (there := segments[-1].clock.between(place - segments[-1].first)):
                segments[-1] = attrs.evolve(segments[-1], last=frame.last, clock=FixedClock(*there), held=None)
        starts = tuple(segment.first for segment in segments)
        return Timeline(
            frame.first, frame.last, self, parts=tuple(segments), starts=starts, frees=(True,) * len(starts)
        )

    def _segment(self, frame: Frame, key: Key, values: tuple[float, float], before: Key | None = None) -> Segment:
        """The ramp up to a key from the one `before`, or what a key holds, over a frame."""
        start, value = values
        origin = self if key.place is None else key
        frame.binding.count_phase(origin.place)
        bends = start != value
        problem = geometric_problem(start, value) if bends and self.shape == "exponential" else None
        if problem is None and math.isinf(value - start):
            problem = f"from {start:g} to {value:g} is further than a float reaches", "use smaller numbers"
        if problem is not None:
            fail(origin.place if start or before is None else before.place, "E312", *problem)
        assert frame.stop is not None
        return Segment(
            first=frame.first,
            last=frame.last,
            origin=origin,
            declared=_SHAPES[self.shape if bends else "linear"],
            values={"start": start, "end": start if self.shape == "hold" else value},
            ends=True,
            **frame.reading(frame.ramp(frame.stop)),
            shape=f"keyframes {self.shape}",
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
    formula: ClassVar[str] = "value(t) = values[min(t, number of values - 1)]"
    words: ClassVar[str] = "shows one value a step: {values}"

    values: tuple[Schedule, ...] = numbers("the values")

    def bounded(self, names: Names) -> bool:
        return True

    def stops(self, frame: Frame) -> Time | None:
        return frame.start + (of_steps(len(self.values), self, frame) or len(self.values))

    def clock(self, frame: Frame) -> Clock:
        step = of_steps(1, self, frame)
        if step is not None:
            return MilestoneClock(
                tuple(math.ceil(frame.start + step * index) - frame.first for index in range(1, len(self.values)))
            )
        return IndexClock(len(self.values))

    def numbers(self, frame: Frame) -> tuple[dict[str, Any], frozenset[str]]:
        return {"values": tuple(value.number(frame) for value in self.values)}, frozenset()

    @staticmethod
    def at(k: Any, n: Any, xp: Any, *, values: Any) -> Any:
        return xp.take(values, k)
