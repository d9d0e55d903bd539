"""Schedules for libraries that say how long the run is with each step."""

from __future__ import annotations

from typing import Any, Final

from .._bound.bound import Bound
from .._language.nodes import Schedule
from .._language.parse import as_schedule
from .._text.run import Rate

_KEPT: Final = 32  # lengths whose bound schedules are kept


class ByTotal:
    """A schedule for callers who say how long the run is each time they ask for a step; bound once for each length."""

    def __init__(self, schedule: str | float | Schedule, total_steps: Rate | str | None, **run: Any) -> None:
        self.schedule = as_schedule(schedule)
        self._run = run
        self._bounds: dict[int, Bound] = {}
        if total_steps is not None:
            self.schedule.bind(total_steps, **run)

    def at(self, step: int, total_steps: int) -> float:
        """The value at a step."""
        bound = self._bounds.get(total_steps)
        if bound is None:
            if len(self._bounds) >= _KEPT:
                del self._bounds[next(iter(self._bounds))]
            bound = self._bounds[total_steps] = self.schedule.bind(total_steps, **self._run)
        value: float = bound(step)
        return value
