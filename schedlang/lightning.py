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

from math import isfinite
from typing import Any, TypedDict

from lightning.pytorch import Trainer
from torch.optim import Optimizer
from torch.utils.data import DataLoader

from ._text.errors import fail
from ._text.run import Rate, shown
from .torch import OnMismatch, Scheduler, Texts


class Stepped(TypedDict):
    """How Lightning is told of a scheduler."""

    scheduler: Scheduler
    interval: str


class Configured(TypedDict):
    """What `configure_optimizers` may return."""

    optimizer: Optimizer
    lr_scheduler: Stepped


def configure(
    optimizer: Optimizer,
    schedules: Texts,
    trainer: Trainer,
    *,
    total_steps: Rate | str | None = None,
    steps_per_epoch: Rate | None = None,
    samples_per_step: Rate | None = None,
    tokens_per_step: Rate | None = None,
    on_mismatch: OnMismatch = "error",
    **params: Any,
) -> Configured:
    """An optimizer and its schedules, as `configure_optimizers` returns them.

    A step is an update of the optimizer. How many there are, in all and in an epoch, and how many samples each has, is
    taken from the trainer, unless it is given.

    Args:
        optimizer: the optimizer.
        schedules: the texts, as for `schedlang.torch.Scheduler`; patterns mean the names of the module's parameters.
        trainer: the module's trainer.
        total_steps: how many updates the run has.
        steps_per_epoch: updates in one epoch.
        samples_per_step: samples in one update, on all devices together; known if there is one data loader, which
            makes batches of one size.
        tokens_per_step: tokens in one update.
        on_mismatch: what to do with a checkpoint of another text or run, as for `schedlang.torch.Scheduler`.
        params: the texts' parameters.

    Raises:
        ScheduleError: E607 if there is no trainer that fits a module, and whatever `schedlang.torch.Scheduler` raises.
    """
    # Not `isinstance`: the package `pytorch_lightning` has a class of its own.
    if not hasattr(type(trainer), "estimated_stepping_batches"):
        fail(None, "E607", f"{shown(trainer)} is not a trainer", "in `configure_optimizers` it is `self.trainer`")
    if trainer.lightning_module is None:
        fail(None, "E607", "the trainer has no module yet", "call it in `configure_optimizers`, with `self.trainer`")
    if not any(map(_accumulates_by_epoch, trainer.callbacks)):  # type: ignore[attr-defined]
        total, epoch, samples = _counted(trainer)
        total_steps = total if total_steps is None else total_steps
        steps_per_epoch = epoch if steps_per_epoch is None else steps_per_epoch
        samples_per_step = samples if samples_per_step is None else samples_per_step
    scheduler = Scheduler(
        optimizer,
        schedules,
        total_steps=total_steps,
        steps_per_epoch=steps_per_epoch,
        samples_per_step=samples_per_step,
        tokens_per_step=tokens_per_step,
        on_mismatch=on_mismatch,
        named_parameters=trainer.lightning_module.named_parameters(),
        **params,
    )
    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


def _accumulates_by_epoch(callback: object) -> bool:
    """Whether a callback is a `GradientAccumulationScheduler`, of either package."""
    return any(each.__name__ == "GradientAccumulationScheduler" for each in type(callback).__mro__)


def _counted(trainer: Trainer) -> tuple[int | None, int | None, int | None]:
    """The updates of the run and of an epoch, and the samples of an update, each as far as it is known."""
    trainer.fit_loop.setup_data()  # otherwise the batches of an epoch are not counted yet
    total = trainer.estimated_stepping_batches
    batches = trainer.num_training_batches
    accumulated = trainer.accumulate_grad_batches
    loader = trainer.train_dataloader
    size = loader.batch_size if isinstance(loader, DataLoader) else None
    return (
        int(total) if isfinite(total) and total > 0 else None,
        # the last batches of an epoch are an update, however few they are
        -(-int(batches) // accumulated) if isfinite(batches) and batches > 0 else None,
        size * accumulated * trainer.world_size if size else None,
    )
