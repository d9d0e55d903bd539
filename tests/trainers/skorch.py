"""skorch's `LRScheduler` with ours as its policy. Its checkpoints have no scheduler."""

from pathlib import Path

from .trial import BASE, STEPS, TEXT
from .trial import VALUES as VALUES

PACKAGES = ("skorch==1.4.0",)
SHOWN = "skorch"
RESUMES = False


def train(folder: Path) -> None:
    import torch
    from skorch import NeuralNetRegressor
    from skorch.callbacks import LRScheduler

    from schedlang.torch import Scheduler

    policy = LRScheduler(policy=Scheduler, step_every="batch", event_name="lr", schedules=TEXT, total_steps=STEPS)
    net = NeuralNetRegressor(
        torch.nn.Linear, module__in_features=2, module__out_features=1, lr=BASE, batch_size=8, max_epochs=3,
        train_split=None, callbacks=[policy], verbose=0,
    )  # fmt: skip
    net.fit(torch.ones(64, 2), torch.ones(64, 1))
    assert [batch["lr"] for epoch in net.history for batch in epoch["batches"]] == VALUES
