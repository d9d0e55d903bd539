"""Lightning: what `configure_optimizers` returns, with the length of the run taken from the trainer.

>>> import torch, lightning
>>> from schedlang.lightning import configure
>>> class Model(lightning.LightningModule):
...     def __init__(self):
...         super().__init__()
...         self.layer = torch.nn.Linear(8, 1)
...
...     def training_step(self, batch, index):
...         return self.layer(batch).square().mean()
...
...     def configure_optimizers(self):
...         optimizer = torch.optim.AdamW(self.parameters(), lr=3e-4)
...         return configure(optimizer, "warmup(5%) then cosine", self.trainer)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any, Final, TypedDict, overload

from lightning.pytorch import Trainer
from torch.optim import Optimizer
from torch.utils.data import DataLoader

from ._bound.sets import told_of
from ._bound.telling import refuse_clock
from ._bound.wording import worded
from ._text.errors import fail
from ._text.run import Rate, counted_besides, shown, takes_rates
from .torch import OnMismatch, Scheduler, Texts

_SETTINGS: Final = {"total_steps": "`Trainer(max_steps=…)`, or `configure(…, total_steps=…)`"}


_OF_EACH: Final = {
    "total_steps": "`configure(…, total_steps=…)`: the trainer's `max_steps` counts the updates of all optimizers"
}


class Stepped(TypedDict):
    """How Lightning is told of a scheduler."""

    scheduler: Scheduler
    interval: str


class Configured(TypedDict):
    """What `configure_optimizers` may return."""

    optimizer: Optimizer
    lr_scheduler: Stepped


@overload
def configure(
    optimizer: Optimizer,
    schedules: Texts,
    trainer: Trainer,
    total_steps: Rate | str | None = None,
    *,
    on_mismatch: OnMismatch = "past",
    ignore: Iterable[str] = (),
    **params: Any,
) -> Configured: ...


@overload
def configure(
    optimizer: Sequence[Optimizer] | Mapping[str, Optimizer],
    schedules: Texts,
    trainer: Trainer,
    total_steps: Rate | str | None = None,
    *,
    on_mismatch: OnMismatch = "past",
    ignore: Iterable[str] = (),
    **params: Any,
) -> tuple[list[Optimizer], list[Stepped]]: ...


@takes_rates
def configure(
    optimizer: Optimizer | Sequence[Optimizer] | Mapping[str, Optimizer],
    schedules: Texts,
    trainer: Trainer,
    total_steps: Rate | str | None = None,
    *,
    on_mismatch: OnMismatch = "past",
    ignore: Iterable[str] = (),
    **params: Any,
) -> Configured | tuple[list[Optimizer], list[Stepped]]:
    """An optimizer and its schedules, or several with one scheduler, as `configure_optimizers` returns them.

    A step is an update of the optimizer. How many there are, in all and in an epoch, and how many samples each has, is
    taken from the trainer, unless it is given.

    Args:
        optimizer: the optimizer; or several, as for `schedlang.torch.Scheduler`, with manual optimization.
        schedules: the texts, as for `schedlang.torch.Scheduler`; patterns mean the names of the module's parameters.
        trainer: the module's trainer.
        total_steps: how many updates the run has.
        on_mismatch: what to do with a checkpoint of another text or run, as for `schedlang.torch.Scheduler`.
        ignore: codes of warnings that are not wanted: `["W510"]`.
        **params: the rates (see `schedlang.Run`), the texts' parameters, `where`, names that all texts may use, and
            `base`, if it isn't the optimizer's learning rate. How many samples an update has is known if there is one
            data loader, which makes batches of one size.

    Raises:
        ScheduleError: E607 if there is no trainer that fits a module, and whatever `schedlang.torch.Scheduler` raises.
    """
    # Not `isinstance`: the package `pytorch_lightning` has a class of its own.
    if not hasattr(type(trainer), "estimated_stepping_batches"):
        fail(None, "E607", f"{shown(trainer)} is not a trainer", "in `configure_optimizers` it is `self.trainer`")
    if trainer.lightning_module is None:
        fail(None, "E607", "the trainer has no module yet", "call it in `configure_optimizers`, with `self.trainer`")
    refuse_clock(params, "`configure`")
    run = {"total_steps": total_steps, **params}
    settings = _SETTINGS
    if not any(map(_accumulates_by_epoch, trainer.callbacks)):  # type: ignore[attr-defined]
        counted = _counted(trainer)
        if _counts_others(trainer, optimizer):
            counted["total_steps"], settings = None, _OF_EACH
        run |= counted_besides({**run, **told_of(schedules)}, counted)
    with worded("configure", settings):
        scheduler = Scheduler(
            optimizer,
            schedules,
            on_mismatch=on_mismatch,
            ignore=ignore,
            named_parameters=trainer.lightning_module.named_parameters(),
            **run,
        )
    stepped: Stepped = {"scheduler": scheduler, "interval": "step"}
    if isinstance(optimizer, Optimizer):
        return {"optimizer": optimizer, "lr_scheduler": stepped}
    return [*scheduler.optimizers], [stepped]


def _counts_others(trainer: Trainer, optimizer: Any) -> bool:
    """Whether the trainer's `max_steps` may also count the updates of another optimizer, for the other parameters."""
    module = trainer.lightning_module
    if not isinstance(optimizer, Optimizer):
        return not module.automatic_optimization and trainer.max_steps > 0
    own = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    others = any(parameter.requires_grad and id(parameter) not in own for parameter in module.parameters())
    return not module.automatic_optimization and trainer.max_steps > 0 and others


def _accumulates_by_epoch(callback: object) -> bool:
    """Whether a callback is a `GradientAccumulationScheduler`, of either package."""
    return any(each.__name__ == "GradientAccumulationScheduler" for each in type(callback).__mro__)


def _counted(trainer: Trainer) -> dict[str, int | None]:
    """The updates of the run and of an epoch, and the samples of an update, each as far as it is known."""
    trainer.fit_loop.setup_data()  # otherwise the batches of an epoch are not counted yet
    total = trainer.estimated_stepping_batches
    batches = trainer.num_training_batches
    accumulated = trainer.accumulate_grad_batches
    loader = trainer.train_dataloader
    size = loader.batch_size if isinstance(loader, DataLoader) else None
    return {
        "total_steps": int(total) if isfinite(total) and total > 0 else None,
        # the last batches of an epoch are an update, however few they are
        "steps_per_epoch": -(-int(batches) // accumulated) if isfinite(batches) and batches > 0 else None,
        "samples_per_step": size * accumulated * trainer.world_size if size else None,
    }
