"""Composer and LLM Foundry: schedulers with times such as `100ba` and `0.1dur`, by class or by LLM Foundry's name.

Their formulas: `composer/optim/scheduler.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

import attrs

from ..._text.fixes import foreign
from ..._text.numerals import decimal_text
from .config import Config, written
from .lengths import share_of_run
from .pieces import BASE, Level, arguments_of, call, name_of, plain, unknown
from .system import RATE, Rule, System, Told, Values, then

_NAMES: Final = ("()", "_target_", "name", "type")
_BESIDE: Final = (*_NAMES, "_partial_", "_convert_", "_recursive_")
_INVERSE: Final = "InverseSquareRootWithWarmupScheduler"
"""LLM Foundry's own."""
_FOUNDRY: Final = {
    "cosine_with_warmup": "CosineAnnealingWithWarmupScheduler",
    "linear_decay_with_warmup": "LinearWithWarmupScheduler",
    "constant_with_warmup": "ConstantWithWarmupScheduler",
    "inv_sqrt_with_warmup": _INVERSE,
}
"""What LLM Foundry calls them."""
_OWN: Final = frozenset(("t_warmup", "t_max", "alpha_f", "alpha_i", "t_0", "decay_period", "step_size", "milestones"))
_TIME: Final = re.compile(r"\s*([0-9][0-9_]*(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)\s*([a-z]+)\s*")


def _kind(value: Any) -> str | None:
    found = name_of(value, _NAMES)
    if found is None:
        return None
    kind, where = found
    if kind in _FOUNDRY:
        return (
            _FOUNDRY[kind] if any(isinstance(each, str) and _TIME.fullmatch(each) for each in value.values()) else None
        )
    if kind not in _SIGNATURES:
        return None
    composer = where.split(".")[0] == "composer"
    times = any(_TIME.fullmatch(each) for key, each in value.items() if isinstance(each, str) and key in _OWN)
    return kind if composer or times or (not where and kind.endswith("WithWarmupScheduler")) else None


def _recognizes(value: Any) -> bool:
    if _kind(value) is not None:
        return True
    return isinstance(value, Mapping) and "max_duration" in value and _kind(value.get("scheduler")) is not None


class _Run(NamedTuple):
    """What is known of the run."""

    told: Told
    length: str | None  # as a duration
    theirs: str | None  # as Composer writes it


def _read(config: Config, told: Told) -> Iterator[Rule]:
    inside, base, run = config, None, _Run(told, None, None)
    if _kind(config.values) is None:
        below = config.below("scheduler")
        if below is None:
            unknown(config, "Composer's schedulers")
        inside = below
        if config.is_written("max_duration"):
            duration = config.get("max_duration", stays=True)
            duration = f"{duration}ep" if isinstance(duration, int) else duration
            text = _duration(config, "max_duration", run, duration)
            run = run._replace(length=text, theirs=str(duration))
        else:
            config.skip("max_duration")
        scaled = config.number("scale_schedule_ratio", Decimal(1))
        if scaled != 1:
            config.refuse("scale_schedule_ratio", f"is {scaled}", "scale the times themselves, and import that")
        optimizer = config.values.get("optimizer")
        if isinstance(optimizer, Mapping) and isinstance(optimizer.get("lr"), (int, float, str)):
            inner = config.below("optimizer", stays=True)
            base = None if inner is None else inner.known("lr")
    kind = _kind(inside.values)
    if kind is None:
        unknown(inside, "Composer's schedulers")
    inside.skip(*_BESIDE)
    for key in _NAMES:
        if isinstance(inside.values.get(key), str):
            inside.word(key)
    arguments = arguments_of(inside, _SIGNATURES[kind], kind)
    arguments.skip("scale_warmup")
    text = _TEXTS[kind](arguments, run)
    arguments.finish(f"`{kind}`")
    given = {key: each for key, each in arguments.values.items() if key not in _BESIDE and each is not None}
    total = None if run.length is None else int(run.length) if run.length.isdecimal() else run.length
    package = "llm-foundry" if kind == _INVERSE else None
    yield Rule(text, kind, base=base, total=total, values=_values(kind, given, base, run), package=package)


# Times.


def _time(config: Config, key: str, run: _Run, default: str | None = None) -> str:
    return _duration(config, key, run, config.get(key, default))


def _duration(config: Config, key: str, run: _Run, value: Any) -> str:
    """A time of Composer's as a duration."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    unit = None if found is None else found[2]
    if found is None or unit not in (*_UNITS, "dur"):
        config.refuse(key, f"is `{value}`, no time of Composer's", "write such as `100ba`, `2ep` or `0.1dur`", "E605")
    amount = Decimal(found[1].replace("_", ""))
    if unit == "dur":
        if amount == 1 or not amount:
            return "100%" if amount else "0"
        return _share(config, key, amount, run)
    if amount != int(amount):
        config.refuse(key, f"is `{value}`, of which Composer takes whole numbers", "write a whole number", "E605")
    if unit in ("ba", "iter"):
        return str(int(amount))
    here = foreign.UNITS[unit].here[0] if unit in foreign.UNITS else unit
    return f"{decimal_text(amount)}{here}" if here == "ep" else f"{decimal_text(amount)} {here}"


def _share(config: Config, key: str, share: Decimal, run: _Run) -> str:
    """A share of the run, which Composer cuts to whole batches, samples or tokens."""
    found = None if run.theirs is None else _TIME.fullmatch(run.theirs)
    if found is not None and found[2] in ("tok", "sp"):
        return _duration(config, key, run, f"{int(float(share) * _whole(found))}{found[2]}")
    total = run.told.total_steps
    if found is not None and total is None:
        length, per_epoch = _whole(found), run.told.steps_per_epoch
        total = length if found[2] == "ba" else None if per_epoch is None else int(length * per_epoch)
    told = attrs.evolve(run.told, total_steps=total)
    return share_of_run(config, key, share, told, lambda all_: int(float(share) * all_), down=True)


def _whole(time: re.Match[str]) -> int:
    return int(Decimal(time[1].replace("_", "")))


_UNITS: Final = ("ba", "ep", "sp", "tok", "iter")


def _until(time: str) -> str:
    """Up to a place, which the end of the run need not be told."""
    return "" if time == "100%" else f" until {time}"


# Texts.


def _level(config: Config, key: str, default: int = 0) -> Level:
    return BASE.times(config.number(key, default))


def _down(shape: str, start: Level, end: Level, time: str, power: str | None) -> str:
    """A ramp up to a place in the run, from what it finds if that is base."""
    first = None if start.same(BASE) else start
    return call(shape, start=first, end=end if end.amount else None, power=power) + _until(time)


def _alone(shape: str, config: Config, run: _Run, start: Level = BASE, power: str | None = None) -> str:
    return _down(shape, start, _level(config, "alpha_f"), _time(config, "t_max", run, "1dur"), power)


def _power(config: Config, default: int | None = None) -> tuple[str, str | None]:
    power = config.number("power", default)
    return ("linear", None) if power == 1 else ("poly", written(power))


def _warmed(config: Config, run: _Run, body: str, peak: Level = BASE) -> str:
    time = _time(config, "t_warmup", run)
    end = None if peak.same(BASE) else peak
    return body if time == "0" else then(call("warmup", time, end=end), body)


def _polynomial(config: Config, run: _Run) -> str:
    shape, power = _power(config)
    return _alone(shape, config, run, power=power)


def _polynomial_with_warmup(config: Config, run: _Run) -> str:
    shape, power = _power(config, 2)
    return _warmed(config, run, _alone(shape, config, run, power=power))


def _linear_with_warmup(config: Config, run: _Run) -> str:
    peak = _level(config, "alpha_i", 1)
    return _warmed(config, run, _alone("linear", config, run, peak), peak)


def _constant(config: Config, run: _Run) -> str:
    level, time = _level(config, "alpha", 1), _time(config, "t_max", run, "1dur")
    if level.same(BASE):
        return "hold"
    return str(level) if time == "100%" else f"{level} until {time} then base"


def _constant_with_warmup(config: Config, run: _Run) -> str:
    _time(config, "t_max", run, "1dur")
    level = _level(config, "alpha", 1)
    return _warmed(config, run, "hold" if level.same(BASE) else str(level), level)


def _stairs(config: Config, run: _Run) -> str:
    gamma = written(config.number("gamma", Decimal("0.1")))
    return call("interval", gamma, every=_time(config, "step_size", run))


def _milestones(config: Config, run: _Run) -> str:
    places = config.get("milestones")
    if not isinstance(places, (list, tuple)) or not places:
        config.refuse("milestones", "is no list of times", "write such as `[30ep, 60ep]`", "E605")
    listed = ", ".join(_duration(config, "milestones", run, each) for each in places)
    return call("step_fixed", written(config.number("gamma", Decimal("0.1"))), f"[{listed}]")


def _milestones_with_warmup(config: Config, run: _Run) -> str:
    """While the warm-up lasts no milestone is met; behind it, all are that have passed."""
    time, stairs = _time(config, "t_warmup", run), _milestones(config, run)
    return stairs if time == "0" else f"{call('warmup', time, end='base')} then {stairs[:-1]}, start=base) skip {time}"


def _decay(config: Config, run: _Run) -> str:
    gamma = written(config.number("gamma"))
    return call("exponential_decay", gamma, every=_time(config, "decay_period", run, "1ep"))


def _inverse(config: Config, run: _Run) -> str:
    """An inverse square root that falls to a share of base, and a line from there on."""
    warm, scale, cool = (_time(config, f"t_{phase}", run) for phase in ("warmup", "scale", "cooldown"))
    stop, lowest = _time(config, "t_max", run, "1dur"), _level(config, "alpha_f_cooldown")
    low = Fraction(config.number("alpha_f_decay", 0))
    if low < lowest.amount:
        config.refuse("alpha_f_decay", "is below `alpha_f_cooldown`", "write a larger one", "E605")
    for key, time in (("t_warmup", warm), ("t_scale", scale), ("t_cooldown", cool)):
        if "%" in time or (time == "0" and key == "t_scale"):
            config.refuse(key, f"is `{config.get(key)}`, which LLM Foundry refuses", "write such as `100ba`", "E605")
    curve = call("inv_sqrt", scale)
    curve = curve if not low else f"{BASE.times(low)} + {call('inv_sqrt', scale, start=BASE.times(1 - low))}"
    down = None if cool == "0" else call("linear", end=lowest if lowest.amount else None, duration=cool)
    up = None if warm == "0" else call("warmup", warm, end=BASE)
    return then(up, curve if down is None else f"{curve} until {stop} - {cool}", down)


def _restarts(config: Config, run: _Run) -> str:
    longer = config.number("t_mult", Decimal(1))
    if longer != int(longer) or longer < 1:
        config.refuse("t_mult", f"is {longer}, by which Composer cuts to whole numbers", "write a whole number")
    wave = f"{call('cosine', BASE, _level(config, 'alpha_f'))} for {_time(config, 't_0', run)} repeat"
    return wave if longer == 1 else f"{wave} stretch {int(longer)}"


_TEXTS: Final[Mapping[str, Callable[[Config, _Run], str]]] = {
    "StepScheduler": _stairs,
    "MultiStepScheduler": _milestones,
    "ConstantScheduler": _constant,
    "LinearScheduler": lambda config, run: _alone("linear", config, run, _level(config, "alpha_i", 1)),
    "ExponentialScheduler": _decay,
    "CosineAnnealingScheduler": lambda config, run: _alone("cosine", config, run),
    "CosineAnnealingWarmRestartsScheduler": _restarts,
    "PolynomialScheduler": _polynomial,
    "MultiStepWithWarmupScheduler": _milestones_with_warmup,
    "ConstantWithWarmupScheduler": _constant_with_warmup,
    "LinearWithWarmupScheduler": _linear_with_warmup,
    "CosineAnnealingWithWarmupScheduler": lambda config, run: _warmed(config, run, _alone("cosine", config, run)),
    "PolynomialWithWarmupScheduler": _polynomial_with_warmup,
    _INVERSE: _inverse,
}
_SIGNATURES: Final = {
    "StepScheduler": "step_size | gamma",
    "MultiStepScheduler": "milestones | gamma",
    "ConstantScheduler": "| alpha t_max",
    "LinearScheduler": "| alpha_i alpha_f t_max",
    "ExponentialScheduler": "gamma | decay_period",
    "CosineAnnealingScheduler": "| t_max alpha_f",
    "CosineAnnealingWarmRestartsScheduler": "t_0 | t_mult alpha_f",
    "PolynomialScheduler": "power | t_max alpha_f",
    "MultiStepWithWarmupScheduler": "t_warmup milestones | gamma scale_warmup",
    "ConstantWithWarmupScheduler": "t_warmup | alpha t_max scale_warmup",
    "LinearWithWarmupScheduler": "t_warmup | alpha_i alpha_f t_max scale_warmup",
    "CosineAnnealingWithWarmupScheduler": "t_warmup | t_max alpha_f scale_warmup",
    "PolynomialWithWarmupScheduler": "t_warmup | power t_max alpha_f scale_warmup",
    _INVERSE: "t_warmup t_scale t_cooldown | t_max alpha_f_decay alpha_f_cooldown",
}
"""The arguments of each by position, those before the bar without a default."""


# The library's own values.


def _values(kind: str, given: Mapping[str, Any], base: Decimal | None, run: _Run) -> Values:
    level, told = 1.0 if base is None else float(base), run.told

    def values(total: int) -> list[float]:
        from composer.core import Time, Timestamp  # type: ignore[import-not-found]
        from composer.optim import scheduler as schedulers  # type: ignore[import-not-found]

        if kind == _INVERSE:
            from llmfoundry.optim import scheduler as schedulers  # type: ignore[import-not-found]
        rule = getattr(schedulers, kind)(**{key: plain(each) for key, each in given.items()})
        rates = [int(each or RATE) for each in (told.steps_per_epoch, told.samples_per_step, told.tokens_per_step)]
        per_epoch, samples, tokens = rates
        stop = f"{total}ba"
        if run.theirs is not None and run.theirs.endswith("tok"):
            stop = f"{total * tokens}tok"
        found = []
        for step in range(total):
            now = Timestamp(epoch=step // per_epoch, batch=step, sample=step * samples, token=step * tokens)
            state = SimpleNamespace(max_duration=Time.from_timestring(stop), dataloader_len=per_epoch, timestamp=now)
            found.append(level * rule(state))
        return found

    return values


COMPOSER: Final = System("composer", "Composer's schedulers", "mosaicml", _recognizes, _read)
