"""OLMo-core: a scheduler of its train modules, registered under the name `schedlang`.

    TransformerTrainModuleConfig(…, scheduler=Schedule(text="warmup(2000) then cosine"))

Tried with OLMo-core 3.0.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from olmo_core.optim import Scheduler
from torch import Tensor

from ._bound.bound import Bound
from ._bound.telling import tell
from ._bound.wording import worded
from ._language.parse import as_schedule

_OPTION: Final = '`Schedule(options={{"{name}": …}})`'


@dataclass
class Schedule(Scheduler):  # type: ignore[misc]
    """A learning rate as OLMo-core asks for it: at the count of steps, or of tokens, with those of this update.

    So the first update has the value of step 1, and the last one that of `total_steps`. With `units="tokens"` the run
    is the trainer's `max_tokens` long, and counts tokens. `base` is the `initial_lr` of a group. Checkpoints have
    nothing of it: the value depends on the trainer's count alone.

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
        told = {"total_steps": f"{t_max} {self.units}", "clock": str(self.units), **self.options}
        known = tuple((name, value if isinstance(value, Hashable) else str(value)) for name, value in told.items())
        value: float = _bound(self.text, float(initial_lr), known, tuple(self.ignore))(current)
        return value


Scheduler.register("schedlang")(Schedule)  # no decorator: the site is built where there is no OLMo-core


@lru_cache
def _bound(text: str, base: float, told: tuple[tuple[str, Any], ...], ignore: tuple[str, ...]) -> Bound:
    with worded("Schedule", setting=_OPTION, param=_OPTION):
        bound = as_schedule(text).bind(base=base, **dict(told))
    tell([bound], ignore)
    return bound
