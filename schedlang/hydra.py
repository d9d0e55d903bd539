"""Hydra and OmegaConf: schedules bound by `instantiate`, from configs that have been composed.

In a config:

    lr:
      _target_: schedlang.hydra.bind
      schedule: ${optim.lr}
      total_steps: ${trainer.max_steps}
      base: 3e-4

>>> from hydra.utils import instantiate
>>> lr = instantiate({"_target_": "schedlang.hydra.bind", "schedule": "warmup(5%) then cosine", "total_steps": 1000})
>>> lr(50)
1.0
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf

from ._bound.bound import Bound
from ._bound.sets import BoundSet, ScheduleSet
from ._bound.telling import tell
from ._files.values import is_sweep
from ._language.nodes import Schedule
from ._language.parse import parse
from ._text.errors import fail
from ._text.run import Rate, takes_rates


@takes_rates
def bind(
    schedule: Any,
    total_steps: Rate | str | None = None,
    *,
    base: float | Mapping[str, float] = 1.0,
    ignore: Iterable[str] = (),
    **params: Any,
) -> Bound | BoundSet:
    """A schedule, or a set of them, bound to a run: a `_target_` for Hydra's `instantiate`.

    Args:
        schedule: a text, a number or a schedule; a mapping is a set of them, see `ScheduleSet`.
        total_steps: how long the run is: steps, or a duration (`"90ep"`).
        base: the value before the first phase; for a set also one by name. Texts such as `"3e-4"` are numbers, too.
        ignore: codes of warnings that are not wanted: `["W510"]`.
        **params: the rates, such as `steps_per_epoch=1250` (see `schedlang.Run`), and the parameters of the texts.

    Raises:
        ScheduleError: E509 for what Hydra has made a sweep of, E507 for a list, and whatever is wrong with the texts
            and the run.
    """
    read = read_config(schedule)
    if isinstance(base, DictConfig):
        base = {str(name): _number(value) for name, value in base.items()}
    if isinstance(read, ScheduleSet):
        return read.bind(total_steps, base=_number(base), ignore=ignore, **params)
    bound = read.bind(total_steps, base=_number(base), **params)
    tell([bound], ignore)
    return bound


def register(name: str = "schedlang") -> None:
    """Register a resolver of OmegaConf's: `${schedlang:${optim.lr}}` is the canonical text of the schedule.

    So a mistake is told when the config is resolved, and what is logged of a config is canonical.

    Args:
        name: what the resolver is called.

    >>> from omegaconf import OmegaConf
    >>> register()
    >>> OmegaConf.create({"lr": "warmup( 5% ) then cosine to 0", "log": "${schedlang:${lr}}"}).log
    'warmup(5%) then cosine'
    """

    def canonical(*texts: Any) -> str:
        if len(texts) != 1:
            what = "has no text" if not texts else "is cut at its commas by OmegaConf"
            hint = f"refer to the key of the text, or put it in quotes: `${{{name}:'…'}}`"
            fail(None, "E507", f"`${{{name}:…}}` {what}", hint)
        return str(read_config(texts[0]))

    OmegaConf.register_new_resolver(name, canonical, replace=True)


def read_config(value: Any) -> Schedule | ScheduleSet:
    """The schedule, or the set of them, that a value of a composed config is.

    Raises:
        ScheduleError: E509, E507, and whatever is wrong with the texts.
    """
    if isinstance(value, (DictConfig, ListConfig)):
        value = OmegaConf.to_container(value, resolve=True)
    if type(value).__name__.endswith("Sweep") or is_sweep((), value):
        hint = "quote it for Hydra, and for the shell: `'lr=\"interval(0.5, 1)\"'`"
        fail(None, "E509", "Hydra has made a sweep of the text", hint)
    if isinstance(value, (list, tuple)):
        hint = "quote it for Hydra, and for the shell: `'lr=\"linear(0, 1)\"'`"
        fail(None, "E507", f"a list instead of a text, {value!r}: YAML or Hydra cut it at its commas", hint)
    if isinstance(value, (Schedule, ScheduleSet)):
        return value
    return ScheduleSet(value) if isinstance(value, Mapping) else parse(value)


def _number(value: Any) -> Any:
    """A number, which PyYAML takes for a text if it is written as 3e-4."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value  # which is refused when it is bound
