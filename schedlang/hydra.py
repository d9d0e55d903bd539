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
from typing import Any, Final, cast

from omegaconf import DictConfig, ListConfig, OmegaConf

from ._bound.bound import Bound
from ._bound.sets import BoundSet, ScheduleSet
from ._bound.telling import tell
from ._bound.wording import worded
from ._files.values import is_sweep
from ._language.nodes import Schedule
from ._language.parse import parse
from ._text.errors import fail, listed
from ._text.run import Rate, takes_rates
from ._transfer.baking import baked

_BESIDE: Final = "`{name}: …` beside `schedule`"


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
    with worded("schedlang.hydra.bind", setting=_BESIDE, param=_BESIDE):
        if isinstance(read, ScheduleSet):
            return read.bind(total_steps, base=_number(base), ignore=ignore, **params)
        bound = read.bind(total_steps, base=_number(base), **params)
    tell([bound], ignore)
    return bound


def register(name: str = "schedlang") -> None:
    """Register a resolver of OmegaConf's, for what is known when a config is resolved.

    `${schedlang:TEXT}` is the canonical text of a schedule. So a mistake is told when the config is resolved, and what
    is logged of a config is canonical. `${schedlang:TEXT,TOTAL,{base:3e-4}}` is the list of its values, one for each of
    so many steps, for configs that take nothing but numbers. The mapping has what else `bind` takes; without it, base
    is not known.

    A text stands in quotes, as OmegaConf cuts what is not at its commas, or is referred to: `${schedlang:${optim.lr}}`.

    Args:
        name: what the resolver is called.

    >>> from omegaconf import OmegaConf
    >>> register()
    >>> config = OmegaConf.create({
    ...     "lr": "warmup( 2 ) then cosine to 0", "log": "${schedlang:${lr}}",
    ...     "peak": 8, "values": "${schedlang:'warmup(2) then linear', 4, {base:${peak}}}",
    ... })
    >>> config.log, config["values"]
    ('warmup(2) then cosine', [0.0, 4.0, 8.0, 4.0])
    """

    def resolve(*given: Any) -> str | list[float]:
        match given:
            case [text]:
                return str(read_config(text))
            case [str() as text, *_] if any(text.count(one) != text.count(other) for one, other in ("()", "[]")):
                problem = f"`{text}` is cut at its commas by OmegaConf"
            case [text, total_steps]:
                return _values(text, total_steps, {}, name)
            case [text, total_steps, Mapping() as told]:
                return _values(text, total_steps, told, name)
            case _:
                problem = f"`${{{name}:…}}` takes a text, and perhaps a number of steps and a mapping"
        hint = f"refer to the key of the text, or put it in quotes: `${{{name}:'…'}}`"
        return fail(None, "E507", problem, f"{hint}, `${{{name}:'…',1000,{{base:3e-4}}}}`")

    OmegaConf.register_new_resolver(name, resolve, replace=True)


def _values(text: Any, total_steps: Any, told: Mapping[Any, Any], name: str) -> list[float]:
    """What `${schedlang:TEXT,TOTAL,{…}}` is."""
    schedule = read_config(text)
    if isinstance(schedule, ScheduleSet):
        fail(None, "E507", f"a set of schedules instead of a text, {listed(schedule)}", "refer to one of its keys")
    if total_steps is None:
        hint = f"where it is not known, give it in epochs: `${{{name}:…,90ep,{{steps_per_epoch:1250}}}}`"
        fail(None, "E507", "the number of steps is null", hint)
    if isinstance(told, DictConfig):
        told = cast("dict[str, Any]", OmegaConf.to_container(told, resolve=True))
    given = {str(key): value for key, value in told.items() if value is not None}
    if "total_steps" in given:
        fail(None, "E507", "the number of steps is given twice", "remove it from the mapping")
    if "base" in given:
        given["base"] = _number(given["base"])
    return baked(
        schedule, total_steps, given, given.pop("ignore", ()), f"give it, `${{{name}:TEXT,TOTAL,{{base:3e-4}}}}`"
    )


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
