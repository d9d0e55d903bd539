"""OLMo-core: a scheduler of its train modules, registered under the name `schedlang`.

    TransformerTrainModuleConfig(…, scheduler=Schedule(text="warmup(2000) then cosine"))

Tried with OLMo-core 3.0.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf
from typing import Any, Final

from olmo_core.optim import Scheduler
from olmo_core.train.callbacks import Callback
from torch import Tensor

from ._bound.bound import Bound
from ._bound.telling import codes_of, tell, tell_once
from ._bound.wording import worded
from ._insight.lint.lint import is_unwanted
from ._insight.past import branched, proven
from ._language.parse import as_schedule
from ._text.errors import fail

_OPTION: Final = '`Schedule(options={{"{name}": …}})`'


@dataclass
class Schedule(Scheduler):  # type: ignore[misc]
    """A learning rate as OLMo-core asks for it: at the count of steps, or of tokens, with those of this update.

    So the first update has the value of step 1, and the last one that of `total_steps`. With `units="tokens"` the run
    is the trainer's `max_tokens` long, and counts tokens. `base` is the `initial_lr` of a group. The value depends on
    the trainer's count alone; a `ScheduleRecord` keeps the text in checkpoints.

    Args:
        text: the schedule.
        options: the rates, such as `{"steps_per_epoch": 1250}` (see `schedlang.Run`), and the text's parameters.
        ignore: codes of warnings that are not wanted: `["W510"]`.

    Raises:
        ScheduleError: at the first update, for whatever is wrong with the text or the run.
    """

    text: str = "base"
    options: dict[str, Any] = field(default_factory=dict)
    ignore: list[str] = field(default_factory=list)

    def get_lr(self, initial_lr: float | Tensor, current: int, t_max: int) -> float:
        """The value after `current` steps or tokens, of `t_max`."""
        known = _known(f"{t_max} {self.units}", self.options)
        value: float = _told(self.text, float(initial_lr), known, codes_of(self.ignore))(current)
        return value


Scheduler.register("schedlang")(Schedule)  # no decorator: the site is built where there is no OLMo-core


@dataclass
class ScheduleRecord(Callback):  # type: ignore[misc]
    """A callback that keeps text and run in the trainer's checkpoints: `callbacks={"schedule": ScheduleRecord()}`.

    A checkpoint of another text or run is gone on with if all values up to there are the same, and a warning tells from
    where on they differ. One without a record is gone on with.

    Args:
        keep: go on with this text and run, whatever the checkpoint's are.

    Raises:
        ScheduleError: E607, when the trainer is made, if its scheduler is no `Schedule`; E603, when a checkpoint of
            another past is loaded.
    """

    keep: bool = False

    def post_attach(self) -> None:
        """Look at the trainer's scheduler."""
        if not isinstance(self._schedule, Schedule):
            hint = 'give the train module `scheduler=Schedule(text="…")`, or leave out the record'
            fail(None, "E607", "`ScheduleRecord` is among the callbacks, and the scheduler has no text", hint)

    @property
    def _schedule(self) -> Any:
        return self.trainer.train_module.scheduler

    def state_dict(self) -> dict[str, Any]:
        """The text, its options and run, and what is `base` for each group."""
        schedule, trainer = self._schedule, self.trainer
        length = trainer.max_steps if schedule.units == "steps" else trainer.max_tokens
        groups = trainer.train_module.optim.param_groups
        rates = [group.get(schedule.initial_lr_field, group.get(schedule.lr_field)) for group in groups]
        return {
            "text": schedule.text,
            "options": dict(schedule.options),
            "length": f"{length} {schedule.units}",
            "bases": [*map(float, rates)],
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Compare a checkpoint's text and run with those of this process."""
        here = self.state_dict()
        if self.keep or state_dict == here:
            return
        units = [each["length"].split()[1] for each in (state_dict, here)]
        if units[0] != units[1]:
            message = f"the checkpoint is of a run that counts {units[0]}, and this one counts {units[1]}"
            fail(None, "E603", message, "`ScheduleRecord(keep=True)` goes on with this text")
        step = self.trainer.global_step if units[1] == "steps" else self.trainer.global_train_tokens_seen
        for pair in dict.fromkeys(zip(state_dict["bases"], here["bases"], strict=False)):
            old, new = (
                _bound(told["text"], base, _known(told["length"], told["options"]))
                for told, base in zip((state_dict, here), pair, strict=True)
            )
            found = proven(old, new, step)
            if found.step != inf and not is_unwanted("W533", codes_of(self._schedule.ignore), new.schedule):
                tell_once(branched(found, new, step))


def _known(length: str, options: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """What is known of a run, as something that a cache takes."""
    told = {"total_steps": length, "clock": length.split()[1], **options}
    return tuple((name, value if isinstance(value, Hashable) else str(value)) for name, value in told.items())


def _bound(text: str, base: float, known: tuple[tuple[str, Any], ...]) -> Bound:
    with worded("Schedule", setting=_OPTION, param=_OPTION):
        return as_schedule(text).bind(base=base, **dict(known))


@lru_cache
def _told(text: str, base: float, known: tuple[tuple[str, Any], ...], ignore: frozenset[str]) -> Bound:
    bound = _bound(text, base, known)
    tell([bound], ignore)
    return bound
