"""A step of our scheduler for PyTorch, beside torch's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .peers import TORCH_WARM_UP, factor, maker
from .report import Comparison, Table, limited
from .schedules import TOTAL, WARM_UP
from .timing import EMPTY, ROUNDS, loop, net, take_turns

COPIES = 3
"""How often all schedulers are made anew."""

TEXTS = {"lr": "warmup(5%) then cosine", "weight_decay": "cosine(0.04, 0.4)", "momentum": "linear(0.85, 0.95)"}
"""Three hyperparameters of each group."""


def tables() -> list[Table]:
    times: dict[str, list[float]] = {}
    for _ in range(COPIES):
        part = TOTAL // (ROUNDS + 2)  # so that the run isn't over when the last round is
        measures = {name: loop(make().step, [None] * part, "ask()", repeat=1) for name, make in SCHEDULERS.items()}
        measures[EMPTY] = loop(None, [None] * part, "pass")
        for name, found in net(take_turns(measures)).items():
            times.setdefault(name, []).extend(found)
    rows = [Comparison.of(ours, theirs, times[ours], times[theirs], must) for ours, theirs, must in COMPARED]
    return [limited("schedulers", "One step of the scheduler for PyTorch", rows)]


def optimizer(groups: int, rate: Callable[[int], float]) -> Any:
    """An optimizer of some groups, with a gradient nowhere."""
    import torch

    each = [{"params": [torch.zeros(1, requires_grad=True)], "lr": rate(number)} for number in range(groups)]
    made = torch.optim.SGD(each, momentum=0.9, weight_decay=0.04)
    made.step()
    return made


def same(number: int) -> float:
    return WARM_UP.base


def decayed(number: int) -> float:
    return WARM_UP.base * 0.75**number


def ours(groups: int, rate: Callable[[int], float], texts: Any) -> Any:
    from schedlang.torch import Scheduler

    return Scheduler(optimizer(groups, rate), texts, total_steps=TOTAL)


def of_lambda(groups: int, rate: Callable[[int], float]) -> Any:
    from torch.optim.lr_scheduler import LambdaLR

    opt = optimizer(groups, rate)
    made = LambdaLR(opt, factor(WARM_UP))
    opt.step()
    return made


def of_sequence() -> Any:
    opt = optimizer(1, same)
    made = maker("torch.optim.lr_scheduler", TORCH_WARM_UP)(opt)
    opt.step()
    return made


SCHEDULERS: dict[str, Callable[[], Any]] = {
    "1 group": lambda: ours(1, same, TEXTS["lr"]),
    "10 groups × 3 hyperparameters": lambda: ours(10, same, TEXTS),
    "10 groups × 3 hyperparameters, each group its own base": lambda: ours(10, decayed, TEXTS),
    "`LambdaLR`, 1 group": lambda: of_lambda(1, same),
    "`LambdaLR`, 10 groups": lambda: of_lambda(10, decayed),
    "`SequentialLR`, 1 group": of_sequence,
}
"""How each is set up; all are one warm-up + cosine."""

COMPARED = (
    ("1 group", "`SequentialLR`, 1 group", 0.5),
    ("1 group", "`LambdaLR`, 1 group", None),
    ("10 groups × 3 hyperparameters", "`LambdaLR`, 10 groups", 1.0),
    ("10 groups × 3 hyperparameters, each group its own base", "`LambdaLR`, 10 groups", 1.0),
)
"""What is compared with what, and what the ratio must not exceed."""
