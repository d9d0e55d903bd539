"""Schedules for libraries that say how long the run is with each step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Final, Generic, Protocol, TypeVar

from .._bound.bind import need_base
from .._bound.bound import Bound
from .._bound.telling import codes_of, refuse_clock, tell
from .._language.nodes import Schedule
from .._language.parse import as_schedule
from .._text.errors import ScheduleError
from .._text.run import RATES, Rate, counted_besides, takes_rates

_PROBED: Final = {name: 10 for name in RATES if name != "samples_per_epoch"}
"""The rates of a run in which a text is looked at before its own."""

_KEPT: Final = 32  # lengths whose bound schedules are kept


class Bindable(Protocol):
    """What becomes values once the length of the run is known."""

    @property
    def bind(self) -> Callable[..., Bound]:
        """Its values in a run, for what `Schedule.bind` is given."""


G = TypeVar("G")
"""What a schedule may be made of."""


class ByTotal(Generic[G]):
    """A schedule for callers who say how long the run is each time they ask for a step; bound once for each length."""

    _needs_base: ClassVar[bool] = False  # whether a text whose values depend on base is refused without one

    @takes_rates
    def __init__(
        self,
        schedule: G,
        *,
        total_steps: Rate | str | None = None,
        base: float | None = None,
        ignore: Iterable[str] = (),
        **params: Any,
    ) -> None:
        super().__init__()  # of the library's own class, which may stand behind this one
        refuse_clock(params, type(self).__name__)
        self._arguments = params if base is None else {"base": base, **params}
        self._ignore = codes_of(ignore)
        self._schedule = self._read(schedule)
        self._bounds: dict[int, Bound] = {}
        if total_steps is not None:
            self._bind(total_steps)
        elif self._needs_base and base is None and isinstance(self._schedule, Schedule):
            try:
                bound = self._schedule.bind(1000, **{**params, **counted_besides(params, _PROBED)})
            except ScheduleError:  # it lacks more, which is told when it is bound for a run
                return
            need_base(bound)

    def _read(self, given: Any) -> Bindable:
        return as_schedule(given)

    def _at(self, step: int, total_steps: int) -> float:
        bound = self._bounds.get(total_steps)
        if bound is None:
            if len(self._bounds) >= _KEPT:
                del self._bounds[next(iter(self._bounds))]
            bound = self._bounds[total_steps] = self._bind(total_steps)
        value: float = bound(step)
        return value

    def _bind(self, total_steps: Rate | str) -> Bound:
        bound = self._schedule.bind(total_steps, **self._arguments)
        if self._needs_base and "base" not in self._arguments:
            need_base(bound)
        if isinstance(self._schedule, Schedule):  # a text that was made of a config nobody has written
            tell([bound], self._ignore)
        return bound

    def __repr__(self) -> str:
        return f"Schedule({str(self._schedule)!r})"
