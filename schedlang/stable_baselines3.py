"""Stable-Baselines3: its schedules, of the progress that remains, from text.

Nothing of Stable-Baselines3 is imported: a callable is all it asks for.

>>> from schedlang.stable_baselines3 import Schedule
>>> lr = Schedule("warmup(5%) then linear", total_timesteps=1000, base=3e-4)
>>> lr(1.0), lr(0.95), lr(0.0)  # at the beginning, after 50 time steps, at the end
(0.0, 0.0003, 0.0)
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ._bound.bind import setting_called
from ._bound.bound import Bound
from ._bound.telling import refuse_clock, tell
from ._bound.wording import worded
from ._language.nodes import Schedule as Node
from ._language.parse import as_schedule
from ._text.errors import fail
from ._text.run import as_rational, shown, takes_rates, whole_number

_SLACK = 1e-3  # far above the rounding of the progress, of 2⁻⁵³ of the run, and far below a step


class Schedule:
    """What `learning_rate`, `clip_range` and the like take: a function of the progress that remains, from 1 to 0.

    A step is a time step of the environment, as `total_timesteps` counts them, over all environments. The step is
    recovered from the progress, to the integer. So the value is just what the text has at `model.num_timesteps`.

    Args:
        schedule: a text, a number, or a schedule.
        total_timesteps: the length of the run: what `learn` is given, and, if it goes on with an older run
            (`reset_num_timesteps=False`), what that has done in addition.
        base: the value before the first phase.
        ignore: codes of warnings that are not wanted: `["W510"]`.
        **params: the rates, such as `steps_per_epoch=2048`, the time steps in a rollout, and the text's parameters.

    Raises:
        ScheduleError: E607 if `total_timesteps` is missing or not a whole number above zero; and whatever is wrong with
            the text.

    Attributes:
        bound: the schedule, bound to the run.
    """

    @takes_rates
    def __init__(
        self,
        schedule: str | float | Node,
        total_timesteps: int | None = None,
        *,
        base: float = 1.0,
        ignore: Iterable[str] = (),
        **params: Any,
    ) -> None:
        refuse_clock(params, "`Schedule`")
        total = whole_number(total_timesteps)
        if total is None or total < 1:
            message = f"total_timesteps is {shown(total_timesteps)}, not a whole number above zero"
            hint = "give what `learn` is given, for example `total_timesteps=100_000`"
            if total_timesteps is None:
                message = "total_timesteps is missing"
                other = next((name for name in params if setting_called(name) == "total_steps"), None)
                hint = hint if other is None else f"`{other}` is called `total_timesteps` here"
            fail(None, "E607", message, hint)
        with worded("Schedule", names={"total_steps": "total_timesteps"}):
            self.bound: Bound = as_schedule(schedule).bind(total, base=base, **params)
        tell([self.bound], ignore)
        self._total = total

    def __call__(self, progress_remaining: float) -> float:
        """The value, when so much of the run remains.

        Raises:
            ScheduleError: E607, if that is not the progress of a run of `total_timesteps`.
        """
        remaining = as_rational(progress_remaining)
        done = math.nan if remaining is None else (1.0 - progress_remaining) * self._total
        if not (0 <= done < math.inf and abs(done - round(done)) <= _SLACK):
            message = f"a progress of {shown(progress_remaining)} is no step of a run of {self._total} time steps"
            hint = "`total_timesteps` has to be that of `learn`, together with the steps done before"
            fail(None, "E607", message, hint)
        value: float = self.bound(round(done))
        return value

    def __repr__(self) -> str:
        return f"Schedule({str(self.bound.schedule)!r}, {self._total})"
