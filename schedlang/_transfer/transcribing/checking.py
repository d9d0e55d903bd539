"""Whether a text is equal to the values of a task: at a few steps first, at all of them last."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy

from ..._bound.bound import Bound
from ..._text.errors import ScheduleError
from .costs import cost, natural
from .task import BLOCK, Task, Work

if TYPE_CHECKING:
    from .task import Floats

_BINDING: Final = 4000
"""What reading and binding a text costs, in values."""

_PROBES: Final = 256
"""How many steps are looked at first, and how many of those where the values bend most."""

_AROUND: Final = 4
"""So many values before and behind one tell how much digits it has lost."""

_ROUGH: Final = 16.0
"""By how much more than from one of these to the next it may be off."""


@attrs.frozen
class Candidate:
    """A text, and how far it is from the values.

    Attributes:
        text: the text.
        exact: whether each value is as near as the task demands.
        worst_step: the step where it is farthest off, of what is allowed there.
        error: how far it is off there.
        wrong: at how many steps it is farther off than is allowed.
    """

    text: str
    exact: bool
    worst_step: int
    error: float
    wrong: int

    @property
    def cost(self) -> float:
        """What the text costs."""
        return cost(self.text)


@attrs.define(slots=False)
class Checker:
    """Compares texts with the values of a task, and remembers what came out."""

    task: Task
    work: Work
    _seen: dict[str, Candidate | None] = attrs.field(factory=dict)
    _likely: dict[str, bool] = attrs.field(factory=dict)

    @cached_property
    def _probes(self) -> numpy.ndarray[tuple[int], numpy.dtype[numpy.int64]]:
        """Places in the table: evenly spread ones, and those around its sharpest bends and jumps."""
        values = self.task.values
        count = len(values)
        if count <= 2 * _PROBES:
            return numpy.arange(count)
        spread = numpy.linspace(0, count - 1, _PROBES).astype(numpy.int64)
        sharp = numpy.concatenate([_sharp(values, first) for first in range(0, count, BLOCK)])
        bends = numpy.abs(values[sharp] - 2 * values[sharp + 1] + values[sharp + 2])
        sharp = sharp[numpy.argpartition(bends, -_PROBES)[-_PROBES:]]
        around = numpy.concatenate([sharp, sharp + 1, sharp + 2])
        return numpy.unique(numpy.concatenate([spread, around, numpy.arange(8), numpy.arange(count - 8, count)]))

    def bound(self, text: str) -> Bound | None:
        """A text in the run; None, if it is none."""
        self.work.spend(_BINDING)
        try:
            return self.task.bind(text)
        except ScheduleError:
            return None

    def likely(self, text: str) -> bool:
        """Whether a text is equal at the steps that are looked at first."""
        known = self._likely.get(text)
        if known is None:
            known = self._likely[text] = self._compare(text)
        return known

    def _compare(self, text: str) -> bool:
        bound = self.bound(text)
        if bound is None:
            return False
        probes = self._probes
        self.work.spend(2 * len(probes))
        try:
            values = bound.at(self.task.first_step + probes * self.task.apart)
        except ScheduleError:  # no finite value
            return False
        allowed = numpy.maximum(self.task.allowed(probes), self.task.lost * self.task.largest)
        return bool((numpy.abs(values - self.task.values[probes]) <= allowed).all())

    def check(self, text: str) -> Candidate | None:
        """A text compared with every value; None, if it is none."""
        if text not in self._seen:
            self._seen[text] = self._check(text)
        return self._seen[text]

    def _check(self, text: str) -> Candidate | None:
        bound = self.bound(text)
        if bound is None:
            return None
        task = self.task
        count = len(task.values)
        self.work.spend(count)
        worst, at, error, wrong = -1.0, 0, 0.0, 0
        for start in range(0, count, BLOCK):
            stop = min(start + BLOCK, count)
            try:
                values = task.of(bound, start, stop)
            except ScheduleError:
                return None
            share = shares(task, text, values, start)
            place = int(share.argmax())
            wrong += int((share > 1).sum())
            if share[place] > worst:
                error = abs(float(values[place]) - float(task.values[start + place]))
                worst, at = float(share[place]), start + place
        return Candidate(text, worst <= 1, task.step(at), error, wrong)

    def walks(self, text: str) -> bool:
        """Whether the walk, which is what a text means, has the values at the steps that are looked at first."""
        return walked(self.task, text, self.task.steps[self._probes])


def _sharp(values: Floats, first: int) -> numpy.ndarray[tuple[int], numpy.dtype[numpy.int64]]:
    """The places before the sharpest bends in a block of the values."""
    bends = numpy.abs(numpy.diff(values[first : first + BLOCK + 2], 2))
    many = min(_PROBES, len(bends))
    return first + numpy.argpartition(bends, -many)[len(bends) - many :] if many else numpy.arange(0)


def shares(task: Task, text: str, values: Any, start: int = 0) -> Floats:
    """How far off the values of a text are from a place on, as shares of what is allowed.

    A small value that was calculated by adding large ones has lost digits, of which no text knows. That is seen where
    those around it are as far off, this way and that: one that is off alone, or as its neighbours are, is wrong. And
    so are all those of a text whose numbers are long, as what was fitted to the values is near to them anyway.
    """
    stop = start + len(values)
    apart = values - task.values[start:stop]
    off, lost = numpy.abs(apart), task.lost * task.largest
    with numpy.errstate(all="ignore"):  # of values next to the least float nothing may be lost
        share: Floats = numpy.where(off == 0, 0.0, off / task.allowed(slice(start, stop)))
    places = numpy.nonzero((share > 1) & (off <= lost))[0]
    if len(places) and natural(text):
        rounding = (2**-23 if task.single else 2**-52) * numpy.abs(values[1:])
        moves = numpy.pad(numpy.maximum(numpy.abs(numpy.diff(apart)) - rounding, 0), _AROUND + 1)
        around = [*range(-_AROUND - 1, -1), *range(1, _AROUND + 1)]  # those moves that the value has no part in
        rough = numpy.sort(moves[places[:, None] + _AROUND + 1 + numpy.array(around)], axis=1)[:, -2]
        rough = off[places] <= _ROUGH * rough
        share[places[rough]] = off[places[rough]] / lost
    return share


def walked(task: Task, text: str, steps: Floats) -> bool:
    """Whether the walk, which is what a text means, has these values, too."""
    bound = task.bind(text)
    places = ((steps - task.first_step) // task.apart).astype(numpy.int64)
    return all(
        abs(bound.walk(int(step)) - task.values[place]) <= max(task.allowed(place), task.lost * task.largest)
        for step, place in zip(steps, places, strict=True)
    )
