"""DeepSpeed's JSON: `scheduler: {type: WarmupDecayLR, params: …}`.

Its scheduler takes its first step behind the first update, from before the beginning of the curve: so the first value
is seen twice. Source of the formulas: `deepspeed/runtime/lr_schedules.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from .config import Config, of_base, written
from .system import Rule, System, Told, Values, then

_TYPES: Final = ("WarmupLR", "WarmupDecayLR", "WarmupCosineLR", "OneCycle", "LRRangeTest")
_AUTO: Final = "auto"
_MOMENTUM: Final = ("cycle_min_mom", "cycle_max_mom", "decay_mom_rate", "cycle_momentum")


def _recognizes(value: Any) -> bool:
    scheduler = value.get("scheduler") if isinstance(value, Mapping) else None
    return isinstance(scheduler, Mapping) and scheduler.get("type") in _TYPES


def _read(config: Config, told: Told) -> Iterator[Rule]:
    scheduler = config.below("scheduler")
    assert scheduler is not None
    kind = scheduler.word("type", among=_TYPES)
    params = scheduler.below("params") or Config({}, ("scheduler", "params"))
    optimizer = config.below("optimizer", stays=True)
    settings = None if optimizer is None else optimizer.below("params", stays=True)
    base = None if settings is None or settings.values.get("lr") == _AUTO else settings.known("lr")
    text, total, given = _TEXTS[kind](params, base, told)
    params.finish(f"`{kind}`")
    yield Rule(text, kind, base=base, total=told.total_steps or total, values=_values(kind, base, given))


_Read = tuple[str, int | None, dict[str, Any]]
"""A text, how long the run is, and what the library is given."""


def _length(params: Config, key: str, default: int | None, least: int = 1) -> int:
    if params.get(key) == _AUTO:
        hint = "import the file that has Hugging Face's arguments, or write a number"
        params.refuse(key, "is `auto`, which Hugging Face fills in from its arguments", hint, "E607")
    length = params.whole(key, default, least=least)
    if length is None:
        params.refuse(None, f"needs `{key}`", "add it", "E605")
    return int(length)


def _level(params: Config, key: str, auto: Decimal | None, default: Decimal | None) -> Decimal | None:
    return auto if params.get(key) == _AUTO else params.number(key, default)


def _total(params: Config, told: Told) -> int:
    if params.get("total_num_steps") == _AUTO and told.total_steps is not None:
        return told.total_steps
    return _length(params, "total_num_steps", None)


def _climb(params: Config, low: str, peak: str) -> tuple[str, int, str]:
    """The warm-up from a level to another, and its length; a step of `low` comes first."""
    steps = max(2, _length(params, "warmup_num_steps", 1000))
    rise = params.word("warmup_type", "log", ("log", "linear"))
    if rise == "linear":
        start = "" if low == "0" else f", {low}"
        up = f"{low} for 1 then warmup({steps}{start}, end={peak})"
    elif low == "0":
        up = f"0 for 1 then {peak} * log(step + 1) / log({steps}) for {steps}"
    else:
        up = f"{low} for 1 then mix({low}, {peak}, log(step + 1) / log({steps})) for {steps}"
    return up, steps, rise


def _warm_up(params: Config, base: Decimal | None, told: Told, decays: bool = False) -> _Read:
    low = _level(params, "warmup_min_lr", Decimal(0), Decimal(0)) or Decimal(0)
    high = _level(params, "warmup_max_lr", None, Decimal("0.001") if decays else None)
    peak = "base" if high is None or high == base else written(high)
    up, steps, rise = _climb(params, written(low), peak)
    given: dict[str, Any] = {"warmup_min_lr": float(low), "warmup_num_steps": steps, "warmup_type": rise}
    if high is not None or decays:
        given["warmup_max_lr"] = float(high) if high is not None else 1.0 if base is None else float(base)
    if not decays:
        return f"{up} then {peak}", None, given
    total = _total(params, told)
    given["total_num_steps"] = total
    if total <= steps:
        params.refuse("total_num_steps", "is over before the warm-up is", "make it larger")
    return f"{up} then linear({peak}, {written(low)}) for {total - steps}", total, given


def _decay(params: Config, base: Decimal | None, told: Told) -> _Read:
    return _warm_up(params, base, told, decays=True)


def _cosine(params: Config, base: Decimal | None, told: Told) -> _Read:
    low = params.number("warmup_min_ratio", Decimal(0))
    end = params.number("cos_min_ratio", Decimal("0.0001"))
    up, steps, rise = _climb(params, of_base(low), "base")
    up = "0" + up[up.index(" for 1 then") :]  # the first is 0 whatever the ratio is
    total = _total(params, told)
    if total <= steps:
        params.refuse("total_num_steps", "is over before the warm-up is", "make it larger")
    given: dict[str, Any] = {"warmup_min_ratio": float(low), "cos_min_ratio": float(end)}
    given |= {"warmup_num_steps": steps, "warmup_type": rise, "total_num_steps": total}
    return f"{up} then cosine(base, {of_base(end)}, inclusive=right) for {total - steps}", total, given


def _one_cycle(params: Config, base: Decimal | None, told: Told) -> _Read:
    for key in ("cycle_min_lr", "cycle_max_lr"):
        if key not in params:
            params.refuse(None, f"needs `{key}`", "add it", "E605")
    low, high = params.number("cycle_min_lr"), params.number("cycle_max_lr")
    first = _length(params, "cycle_first_step_size", 2000)
    second = _length(params, "cycle_second_step_size", first)
    rate, every = params.number("decay_lr_rate", Decimal(0)), params.whole("decay_step_size", 0)
    for key in ("cycle_first_stair_count", "cycle_second_stair_count"):
        if params.whole(key, 0):
            params.refuse(key, "makes stairs", "leave it out, and write `floor(…)` or `every` around the text")
    for key in _MOMENTUM:
        if key in params and params.get(key) is not False:
            params.note(key, "moves the first beta, and is not read", 'write a schedule of `"betas[0]"`')
    falls = f"{written(low)} / (1 + {written(rate)} * step / {every})" if rate and every else written(low)
    up = f"linear({written(low)}, {written(high)}) for {first}"
    down = f"linear({written(high)}, {written(low)}) for {second}"
    given = {"cycle_min_lr": float(low), "cycle_max_lr": float(high), "cycle_first_step_size": first}
    given |= {"cycle_second_step_size": second, "decay_lr_rate": float(rate), "decay_step_size": every}
    return then(up, down, falls), None, {**given, "cycle_momentum": False}


def _range_test(params: Config, base: Decimal | None, told: Told) -> _Read:
    low = params.number("lr_range_test_min_lr", Decimal("0.001"))
    size = params.whole("lr_range_test_step_size", 2000, least=1)
    rate, stairs = params.number("lr_range_test_step_rate", Decimal(1)), params.flag("lr_range_test_staircase")
    time = f"floor(step / {size})" if stairs else f"step / {size}"
    factor = "" if rate == 1 else f"{written(rate)} * "
    given = {"lr_range_test_min_lr": float(low), "lr_range_test_step_size": size}
    given |= {"lr_range_test_step_rate": float(rate), "lr_range_test_staircase": stairs}
    return f"{written(low)} * (1 + {factor}{time})", None, given


_TEXTS: Final = {
    "WarmupLR": _warm_up,
    "WarmupDecayLR": _decay,
    "WarmupCosineLR": _cosine,
    "OneCycle": _one_cycle,
    "LRRangeTest": _range_test,
}


def _values(kind: str, base: Decimal | None, given: Mapping[str, Any]) -> Values:
    def values(total: int) -> list[float]:
        import torch
        from deepspeed.runtime import lr_schedules  # type: ignore[import-not-found]

        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0 if base is None else float(base))
        scheduler = getattr(lr_schedules, kind)(optimizer, **given)
        found = []
        for _ in range(total):
            found.append(float(optimizer.param_groups[0]["lr"]))
            scheduler.step()
        return found

    return values


DEEPSPEED: Final = System("deepspeed", "DeepSpeed", "deepspeed", _recognizes, _read)
