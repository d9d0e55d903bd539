"""torchtitan: a config for the trainer's `lr_scheduler`, whose schedules come from text.

    Trainer.Config(…, lr_scheduler=Schedules.Config(schedules="warmup(5%) then cosine"))

Tried with torchtitan 0.3.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Final

from torchtitan.components.optimizer.lr_scheduler import LRSchedulersContainer

from ._bound.telling import refuse_clock
from ._bound.wording import worded
from ._text.errors import fail
from ._text.run import shown
from .torch import Scheduler

_OPTION: Final = '`Schedules.Config(options={{"{name}": …}})`'


class Schedules(Scheduler):
    """All schedules of torchtitan's optimizers, in the place of its `LRSchedulersContainer`."""

    @dataclass(kw_only=True, slots=True)
    class Config(LRSchedulersContainer.Config):  # type: ignore[misc]
        """What the trainer's `lr_scheduler` may be.

        Args:
            schedules: the texts, as for `schedlang.torch.Scheduler`.
            options: its other arguments: the rates, such as `{"tokens_per_step": 65536}`, parameters, `on_mismatch` …
            total_steps: how many updates the run has, if not `training.steps`.

        Raises:
            ScheduleError: when the trainer is made: E607 if a field of torchtitan's own schedule is given too; and
                whatever `schedlang.torch.Scheduler` raises.
        """

        schedules: Any = "base"
        options: dict[str, Any] = field(default_factory=dict)
        warmup_steps: int = 0

        def build(self, *, optimizers: Any, training_steps: int) -> Schedules:
            """The scheduler of a run, as the trainer asks for it."""
            own = {each.name for each in fields(LRSchedulersContainer.Config)} - {"total_steps"}
            for each in fields(self):
                value = getattr(self, each.name)
                if each.name in own and value != each.default:
                    message = f"the learning rate has two schedules: `{each.name}` is {shown(value)}, beside the texts"
                    fail(None, "E607", message, f"leave out `{each.name}`")
            refuse_clock(self.options, "`Schedules.Config`")
            total = training_steps if self.total_steps is None else self.total_steps
            with worded("Schedules.Config", setting=_OPTION, param=_OPTION):
                return Schedules(optimizers, self.schedules, **{"total_steps": total, **self.options})

    def get_metrics(self) -> dict[str, float]:
        """What the trainer logs before an update: all that is set for it."""
        return self.values()
