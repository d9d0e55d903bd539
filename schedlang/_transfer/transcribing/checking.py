"""Whether a text is equal to the values of a task: at a few steps first, at all of them last."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import attrs
import numpy

from ..._bound.bound import Bound
from ..._text.errors import ScheduleError
from .costs import cost
from .task import Task, Work

if TYPE_CHECKING:
    from .task import Floats

_BLOCK: Final = 1 << 20
"""How many values are compared at a time."""

_BINDING: Final = 4000
"""What reading and binding a text costs, in values."""

_PROBES: Final = 256
"""How many steps are looked at first, and how many of those where the values bend most."""


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
        bends = numpy.abs(numpy.diff(values, 2))
        sharp = numpy.argpartition(bends, -_PROBES)[-_PROBES:]
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
            values = bound.at(probes + self.task.first_step)
        except ScheduleError:  # no finite value
            return False
        return bool((numpy.abs(values - self.task.values[probes]) <= self.task.allowed[probes]).all())

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
        for start in range(0, count, _BLOCK):
            stop = min(start + _BLOCK, count)
            try:
                values = bound.values(task.first_step + start, task.first_step + stop)
            except ScheduleError:
                return None
            off = numpy.abs(values - task.values[start:stop])
            with numpy.errstate(all="ignore"):  # of values next to the least float nothing may be lost
                share = numpy.where(off == 0, 0.0, off / task.allowed[start:stop])
            place = int(share.argmax())
            wrong += int((share > 1).sum())
            if share[place] > worst:
                worst, at, error = float(share[place]), start + place, float(off[place])
        return Candidate(text, worst <= 1, task.first_step + at, error, wrong)


def walked(task: Task, text: str, steps: Floats) -> bool:
    """Whether the walk, which is what a text means, has these values, too."""
    bound = task.bind(text)
    places = (steps - task.first_step).astype(numpy.int64)
    return all(
        abs(bound.walk(int(step)) - task.values[place]) <= task.allowed[place]
        for step, place in zip(steps, places, strict=True)
    )
