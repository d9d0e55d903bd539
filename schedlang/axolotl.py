"""Axolotl: a plugin that takes the learning rate's schedule, and others, from the config.

    plugins: [schedlang.axolotl.SchedulePlugin]
    schedules: warmup(5%) then cosine

Tried with axolotl 0.19.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from axolotl.integrations.base import BasePlugin
from pydantic import BaseModel
from torch.optim import Optimizer

from ._bound.telling import refuse_clock
from ._bound.wording import worded
from ._text.errors import fail
from ._text.run import counted_besides
from .torch import Scheduler

_OTHERS: Final = (
    "lr_scheduler", "lr_scheduler_kwargs", "warmup_steps", "warmup_ratio", "cosine_min_lr_ratio",
    "cosine_constant_lr_ratio", "lr_quadratic_warmup", "lr_div_factor", "jagged_restart_steps",
)  # fmt: skip
"""The keys of Axolotl that make a schedule of the learning rate, or change one."""


class ScheduleArgs(BaseModel):
    """The plugin's keys in a config of Axolotl.

    Attributes:
        schedules: the texts, as for `schedlang.torch.Scheduler`.
        schedule_options: its other arguments: the rates, such as `{steps_per_epoch: 1250}`, parameters, `on_mismatch` …
    """

    schedules: Any = None
    schedule_options: dict[str, Any] | None = None


class SchedulePlugin(BasePlugin):  # type: ignore[misc]
    """Gives the trainer a `schedlang.torch.Scheduler`, which its checkpoints have the state of."""

    def get_input_args(self) -> str:
        """Where the plugin's keys are declared."""
        return "schedlang.axolotl.ScheduleArgs"

    def register(self, cfg: Mapping[str, Any]) -> None:
        """Look at the config as it is written, before a model is loaded.

        Raises:
            ScheduleError: E607, if there is no schedule, or the learning rate has another one, too.
        """
        schedules = cfg.get("schedules")
        if schedules is None or (isinstance(schedules, Mapping) and "lr" not in schedules):
            hint = "write `schedules: warmup(5%) then cosine`, or leave out the plugin"
            fail(None, "E607", "the config has the plugin, and no schedule of the learning rate", hint)
        others = [key for key in _OTHERS if cfg.get(key) is not None]
        if others:
            message = f"the learning rate has two schedules: that of `schedules`, and the config has `{others[0]}`"
            fail(None, "E607", message, f"leave out {', '.join(f'`{key}`' for key in others)}")

    def create_lr_scheduler(self, cfg: Any, trainer: Any, optimizer: Optimizer, num_training_steps: int) -> Scheduler:
        """The scheduler of the run.

        Raises:
            ScheduleError: as `schedlang.torch.Scheduler` does.
        """
        arguments, options = trainer.args, dict(cfg.schedule_options or {})
        refuse_clock(options, "`SchedulePlugin`")
        samples = arguments.train_batch_size * arguments.gradient_accumulation_steps * arguments.world_size
        run = counted_besides(options, {"total_steps": num_training_steps, "samples_per_step": samples})
        option = "`schedule_options: {{{name}: …}}`"
        with worded("SchedulePlugin", setting=option, param=option):
            return Scheduler(
                optimizer, cfg.schedules, named_parameters=trainer.model.named_parameters(), **options, **run
            )
