"""RL Baselines3 Zoo: `lin_3e-4`, a number that falls to 0, under any key of an algorithm's settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from .config import Config, written
from .system import Rule, System, Told, Values

_FALLING: Final = re.compile(r"lin_([0-9.]+(?:[eE][-+]?[0-9]+)?)")


def _is_falling(value: Any) -> bool:
    return isinstance(value, str) and _FALLING.fullmatch(value) is not None


def _recognizes(value: Any) -> bool:
    return isinstance(value, Mapping) and any(map(_is_falling, value.values()))


def _read(config: Config, told: Told) -> Iterator[Rule]:
    found = [key for key, value in config.values.items() if _is_falling(value)]
    for key in sorted(found, key="learning_rate".__ne__):
        match = _FALLING.fullmatch(config.word(key))
        assert match is not None
        start = Decimal(match[1])
        name = "lr" if key == "learning_rate" else key
        yield Rule(f"linear({written(start)}, 0)", "lin", name, total=told.total_steps, values=_values(match[1]))


def _values(start: str) -> Values:
    def values(total: int) -> list[float]:
        from rl_zoo3.utils import linear_schedule  # type: ignore[import-not-found]

        schedule = linear_schedule(start)
        return [float(schedule(1 - step / total)) for step in range(total)]

    return values


RL_ZOO: Final = System("rl-zoo3", "RL Baselines3 Zoo", "rl-zoo3", _recognizes, _read)
