"""Hugging Face's Trainer: a callback that schedules what its optimizer has.

>>> from schedlang.transformers import SchedulerCallback
>>> callback = SchedulerCallback({"lr": "warmup(5%) then cosine", "betas[1]": "0.95 until 10% then 0.999"})

It goes to the trainer: `Trainer(…, callbacks=[callback])`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NoReturn, cast

from torch.optim.lr_scheduler import LambdaLR, LRScheduler
from torch.utils.data import DataLoader
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_utils import has_length

from ._bound.sets import told_of
from ._bound.telling import refuse_clock
from ._bound.wording import worded
from ._text.errors import fail
from ._text.run import Rate, counted_besides, takes_rates
from .torch import NO_TEXTS, OnMismatch, Scheduler, Texts
from .torch.checkpoints import applied

_SETTINGS: Final = {
    "total_steps": "`TrainingArguments(max_steps=…)`, or `SchedulerCallback(…, total_steps=…)`",
}
_RECORD: Final = "schedlang"
"""Where the trainer's state, and so its checkpoints, has the texts and the run."""


class SchedulerCallback(TrainerCallback):
    """Sets hyperparameters of the trainer's optimizer to the values of schedules.

    A step is an update of the optimizer, as the trainer counts them. How many there are, in all and in an epoch, and
    how many samples each has, is taken from the trainer, unless it is given.

    Args:
        schedules: the texts, as for `schedlang.torch.Scheduler`; patterns mean the names of the model's parameters.
        total_steps: how many updates the run has, if not the trainer's `max_steps`.
        on_mismatch: what to do with a checkpoint of another text or run, as for `schedlang.torch.Scheduler`.
        ignore: codes of warnings that are not wanted: `["W510"]`.
        **params: the rates, such as `tokens_per_step=4096` (see `schedlang.Run`), the texts' parameters, `where`, names
            that all texts may use, and `base`, if it isn't the optimizer's learning rate.

    Raises:
        ScheduleError: when training begins, before the first step: E603 for a checkpoint of another text or run, E607
            if the trainer has two of these callbacks, or was given another schedule of the learning rate; and whatever
            `schedlang.torch.Scheduler` raises.
    """

    @takes_rates
    def __init__(
        self,
        schedules: Texts = NO_TEXTS,
        total_steps: Rate | str | None = None,
        *,
        on_mismatch: OnMismatch = "past",
        ignore: Iterable[str] = (),
        **params: Any,
    ) -> None:
        refuse_clock(params, "`SchedulerCallback`")
        self.schedules = schedules
        self.scheduler: Scheduler | None = None
        """The scheduler, once training has begun."""
        self._arguments = {"total_steps": total_steps, "on_mismatch": on_mismatch, "ignore": ignore, **params}

    def on_init_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """The trainer has no scheduler of its own yet: if there is one, it was given."""
        if kwargs["lr_scheduler"] is not None and self._has_lr():
            _refuse_second(*_GIVEN)

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Bind the schedules, and find the place where a checkpoint was saved."""
        lr_scheduler: LRScheduler = kwargs["lr_scheduler"]
        if vars(state).setdefault(_RECORD, self) is not self:  # each run has a state of its own
            hint = 'give one, with a mapping: `SchedulerCallback({"lr": "cosine", "weight_decay": "linear"})`'
            fail(None, "E607", "the trainer has two `SchedulerCallback`s, and a checkpoint has one record", hint)
        if self._has_lr():
            if isinstance(lr_scheduler, Scheduler):
                _refuse_second(*_GIVEN)
            if args.lr_scheduler_type not in ("linear", "constant") or args.get_warmup_steps(state.max_steps):
                _refuse_second("`TrainingArguments` has one", "leave out `lr_scheduler_type` and `warmup_steps`")
        counted = _counted(args, state, kwargs["train_dataloader"])
        given = self._arguments
        run = given | counted_besides({**given, **told_of(self.schedules)}, counted)
        names = kwargs["model"].named_parameters()
        last = applied(kwargs["optimizer"].param_groups)  # by a checkpoint, if there is one
        with worded("SchedulerCallback", _SETTINGS):
            scheduler = Scheduler(kwargs["optimizer"], self.schedules, named_parameters=names, **run)
        self._records = cast(dict[str, Any], state.stateful_callbacks)  # annotated as a list, and never is one
        if state.global_step:
            there = self._records.get(_RECORD, {})
            scheduler.load_state_dict({**there, "values": last, "last_epoch": state.global_step})
        self._records[_RECORD] = scheduler.state_dict()
        self.scheduler = scheduler
        self._hand_over(scheduler, state, lr_scheduler)

    def change(self, **times: Any) -> None:
        """Give events their times while the trainer trains, in a callback of your own: see `Scheduler.change`.

        Raises:
            ScheduleError: E607, if training has not begun; and as `Scheduler.change` does.
        """
        if self.scheduler is None:
            fail(None, "E607", "training has not begun, so nothing waits for an event", "give the time to the callback")
        self.scheduler.change(**times)
        self._records[_RECORD] = self.scheduler.state_dict()

    def on_pre_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Let the trainer's own scheduler know of groups that were added: it has a function for each."""
        own = kwargs["lr_scheduler"]
        if self._has_lr() and isinstance(own, LambdaLR):
            for group in kwargs["optimizer"].param_groups[len(own.base_lrs) :]:
                own.base_lrs.append(group["lr"])
                own.lr_lambdas.append(own.lr_lambdas[0])

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Set the values of the next step, after the trainer's own scheduler and before a checkpoint is saved."""
        assert self.scheduler is not None
        self._hand_over(self.scheduler, state, kwargs["lr_scheduler"])

    def _hand_over(self, scheduler: Scheduler, state: TrainerState, lr_scheduler: LRScheduler) -> None:
        scheduler.step(state.global_step)
        if not isinstance(lr_scheduler, Scheduler):
            # The trainer asks its own scheduler for the learning rate that it logs.
            lr_scheduler._last_lr = scheduler.get_last_lr()

    def _has_lr(self) -> bool:
        return not isinstance(self.schedules, Mapping) or "lr" in self.schedules


_GIVEN: Final = ("`optimizers` has a scheduler", "give the optimizer alone: `optimizers=(optimizer, None)`")


def _refuse_second(where: str, hint: str) -> NoReturn:
    fail(None, "E607", f"the learning rate has two schedules: {where}, and there is this callback's", hint)


def _counted(args: TrainingArguments, state: TrainerState, loader: DataLoader[Any]) -> dict[str, int | None]:
    """The updates of the run and of an epoch, and the samples of an update, as far as they are known."""
    accumulated = args.gradient_accumulation_steps
    # the last batches of an epoch are an update, however few they are
    epoch = -(-len(loader) // accumulated) if has_length(loader) else None
    samples = args.train_batch_size * accumulated * args.world_size
    return {"total_steps": state.max_steps, "steps_per_epoch": epoch, "samples_per_step": samples}
