"""Ignite's engine, its `LRScheduler` around ours, and its `Checkpoint`."""

from pathlib import Path
from typing import Any

from .trial import BASE, STEPS, TEXT
from .trial import VALUES as VALUES

PACKAGES = ("pytorch-ignite==0.5.5",)
SHOWN = "PyTorch-Ignite"


def train(folder: Path) -> None:
    import torch
    from ignite.engine import Engine, Events
    from ignite.handlers import Checkpoint, DiskSaver, LRScheduler

    from schedlang.torch import Scheduler

    model = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=BASE)

    def update(engine: Engine, batch: Any) -> None:
        optimizer.zero_grad()
        model(torch.ones(1, 2)).square().sum().backward()
        optimizer.step()

    trainer, scheduler = Engine(update), Scheduler(optimizer, TEXT, total_steps=STEPS)
    trainer.add_event_handler(Events.ITERATION_STARTED, LRScheduler(scheduler))
    parts = {"trainer": trainer, "model": model, "optimizer": optimizer, "scheduler": scheduler}
    saving = Checkpoint(parts, DiskSaver(str(folder / "out"), require_empty=False), n_saved=1)
    trainer.add_event_handler(Events.ITERATION_COMPLETED(every=8), saving)
    for saved in (folder / "out").glob("*.pt"):
        Checkpoint.load_objects(parts, torch.load(saved, weights_only=False))
    trainer.run(range(8), max_epochs=3)
