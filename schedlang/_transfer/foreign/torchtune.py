"""torchtune: the schedule that its recipes have, as `_component_` with its arguments.

Its formula: `torchtune/training/lr_schedulers.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from .config import Config, written
from .pieces import name_of, required
from .system import Rule, System, Told, Values, multiplied, then

_KIND: Final = "get_cosine_schedule_with_warmup"
_NAMES: Final = ("_component_",)


def _recognizes(value: Any) -> bool:
    found = name_of(value, _NAMES)
    return found is not None and found[0] == _KIND


def _read(config: Config, told: Told) -> Iterator[Rule]:
    config.word("_component_")
    required(config, "num_warmup_steps", _KIND)
    steps, cycles = config.whole("num_warmup_steps"), config.number("num_cycles", Decimal("0.5"))
    total = config.whole("num_training_steps", least=1)
    if config.number("last_epoch", -1) != -1:
        config.refuse("last_epoch", "begins in the middle of a run", "remove it: a schedule knows every step")
    config.finish(f"`{_KIND}`")
    if total is not None and told.total_steps is not None and told.total_steps > total:
        config.note("num_training_steps", f"is {total}, behind which it rises again there", "the text stays at 0")
    end = f" until {total}" if total is not None and total != told.total_steps else ""
    wave = "cosine"
    if cycles != Decimal("0.5"):
        turn = "" if 2 * cycles == 1 else f"{written(2 * cycles)} * "
        wave = f"(base * (0.5 + 0.5 * cos({turn}pi * progress)))"
    warm_up = f"warmup({steps})" if steps else None
    yield Rule(then(warm_up, wave + end), _KIND, total=total, values=_values(steps, total, float(cycles)))


def _values(steps: int, stop: int | None, cycles: float) -> Values:
    def values(total: int) -> list[float]:
        import torch
        from torchtune.training.lr_schedulers import (  # type: ignore[import-not-found]
            get_cosine_schedule_with_warmup,
        )

        total = total if stop is None else min(total, stop)
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
        made = get_cosine_schedule_with_warmup(optimizer, steps, stop or total, cycles)
        return list(multiplied(made.lr_lambdas[0], None)(total))

    return values


TORCHTUNE: Final = System("torchtune", "torchtune's schedule", "torchtune", _recognizes, _read, alone=True)
