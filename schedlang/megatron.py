"""Megatron Core: a text in the place of `OptimizerParamScheduler`'s own curve of the learning rate.

    training.OptimizerParamScheduler = partial(ParamScheduler, text="warmup(1%) then cosine(end=0.1 * base)")
    training.pretrain(…)

Tried with megatron-core 0.16.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache
from math import inf
from typing import Any, Final

from megatron.core.optimizer_param_scheduler import OptimizerParamScheduler

from ._bound.bound import Bound
from ._bound.telling import codes_of, tell, tell_once
from ._bound.wording import worded
from ._insight.lint.lint import is_unwanted
from ._insight.past import branched, proven
from ._language.parse import as_schedule
from ._text.errors import fail
from ._text.run import shown

_CURVE: Final = {
    "init_lr": (0,),
    "min_lr": (0, None),
    "lr_warmup_steps": (0,),
    "lr_decay_style": ("linear", "constant"),
    "wsd_decay_steps": (None,),
}
"""What makes Megatron's own curve, and what it is if nobody asked for it."""
_OPTION: Final = '`ParamScheduler(…, options={{"{name}": …}})`'
_RECORD: Final = "schedlang"


class ParamScheduler(OptimizerParamScheduler):  # type: ignore[misc]
    """Sets the learning rate to the value of a schedule; the weight decay, and all else, as Megatron does.

    The run counts samples, as Megatron does: `lr_decay_steps`, which `--train-iters` and `--train-samples` give, is
    its length. `base` is a group's `max_lr`, so `--lr`, unless a group has its own.

    Of a checkpoint of another text or run it does what Megatron does of its own numbers: by
    `override_opt_param_scheduler` it keeps this text, by `use_checkpoint_opt_param_scheduler` it takes that of the
    checkpoint. By neither it goes on if all values up to there are the same, and else raises.

    Args:
        text: the schedule.
        options: the rates, such as `{"tokens_per_step": 4_194_304}` (see `schedlang.Run`), and the text's parameters.
        ignore: codes of warnings that are not wanted: `["W510"]`.
        **given: what `OptimizerParamScheduler` takes, by name.

    Raises:
        ScheduleError: E607, if Megatron's own curve is asked for, too, as by `--lr-warmup-iters`; E603, when a
            checkpoint is loaded; and whatever is wrong with the text or its run.
    """

    def __init__(
        self,
        optimizer: Any,
        *,
        text: str,
        options: Mapping[str, Any] | None = None,
        ignore: Iterable[str] = (),
        **given: Any,
    ) -> None:
        for name, unasked in _CURVE.items():
            if given.get(name, unasked[0]) not in unasked:
                message = f"the learning rate has two schedules: `{name}` is {shown(given[name])}, and there is a text"
                fail(None, "E607", message, f"leave out what sets `{name}`")
        self.text = text
        self.options = dict(options or {})
        self._ignored = codes_of(ignore)
        super().__init__(optimizer, **{**given, "min_lr": 0.0})  # which Megatron does not take as None
        tell(dict.fromkeys(self._bound(group) for group in optimizer.param_groups), self._ignored)

    def get_lr(self, param_group: dict[str, Any]) -> float:
        """The learning rate of a group after `num_steps` samples."""
        value: float = self._bound(param_group)(self.num_steps)
        return value

    def state_dict(self) -> dict[str, Any]:
        """Megatron's numbers, and the text and the options."""
        return {**super().state_dict(), _RECORD: {"text": self.text, "options": self.options}}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where a checkpoint was saved."""
        there = state_dict.get(_RECORD)
        if not self.override_opt_param_scheduler:
            if there is None:
                hint = "`--override-opt-param-scheduler` goes on with this text"
                fail(None, "E603", "the checkpoint is of a run without a text", hint)
            if self.use_checkpoint_opt_param_scheduler:
                self.text, self.options = there["text"], there["options"]
            else:
                self._compare(there, state_dict)
        super().load_state_dict(state_dict)

    def _compare(self, there: Mapping[str, Any], state: Mapping[str, Any]) -> None:
        total, base, step = state["lr_decay_steps"], state["max_lr"], state["num_steps"]
        old = _bound(there["text"], base, total, there["options"])
        new = _bound(self.text, self.max_lr, self.lr_decay_steps, self.options)
        found = proven(old, new, step)
        if found.step != inf and not is_unwanted("W533", self._ignored, new.schedule):
            tell_once(branched(found, new, step))

    def _bound(self, group: Mapping[str, Any]) -> Bound:
        base = group.get("max_lr", self.max_lr)
        return _bound(self.text, base, self.lr_decay_steps, self.options)


def _bound(text: str, base: float, total: int, options: Mapping[str, Any]) -> Bound:
    told = {"total_steps": f"{total} samples", "clock": "samples", **options}
    known = tuple((name, value if isinstance(value, Hashable) else str(value)) for name, value in told.items())
    return _bound_once(text, base, known)


@lru_cache
def _bound_once(text: str, base: float, told: tuple[tuple[str, Any], ...]) -> Bound:
    with worded("ParamScheduler", setting=_OPTION, param=_OPTION):
        return as_schedule(text).bind(base=base, **dict(told))
