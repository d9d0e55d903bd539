"""Trainers that no extra of the package brings along: `pytest tests/trainers.py` tries those that are installed.

Each takes our scheduler where it takes one of torch's, without an adapter.
"""

from typing import Any

import pytest
import torch

from schedlang import parse
from schedlang.torch import Scheduler

STEPS = 27
TEXT = "warmup(20%) then cosine"
VALUES = parse(TEXT).bind(STEPS, base=0.1).values()


def scheduler(optimizer: torch.optim.Optimizer) -> Scheduler:
    return Scheduler(optimizer, TEXT, total_steps=STEPS)


def test_ignite() -> None:
    """Its `LRScheduler` steps ours before each iteration, and simulates it."""
    engine, handlers = pytest.importorskip("ignite.engine"), pytest.importorskip("ignite.handlers")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    seen = []

    def update(_: Any, batch: int) -> None:
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()

    trainer = engine.Engine(update)
    ours = handlers.LRScheduler(scheduler(optimizer))
    trainer.add_event_handler(engine.Events.ITERATION_STARTED, ours)
    trainer.run(range(9), max_epochs=3)
    assert seen == list(VALUES)
    fresh = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    simulated = handlers.LRScheduler.simulate_values(STEPS, scheduler(fresh))
    assert [value for _, value in simulated] == list(VALUES)


def test_skorch() -> None:
    """Its `LRScheduler` makes ours as a policy, steps it after each batch, and writes its values down."""
    skorch, callbacks = pytest.importorskip("skorch"), pytest.importorskip("skorch.callbacks")
    policy = callbacks.LRScheduler(
        policy=Scheduler, step_every="batch", event_name="lr", schedules=TEXT, total_steps=STEPS
    )
    net = skorch.NeuralNetRegressor(
        torch.nn.Linear, module__in_features=2, module__out_features=1, lr=0.1, batch_size=8, max_epochs=3,
        train_split=None, callbacks=[policy], verbose=0,
    )  # fmt: skip
    net.fit(torch.ones(72, 2), torch.ones(72, 1))
    assert [batch["lr"] for epoch in net.history for batch in epoch["batches"]] == list(VALUES)
