"""Hugging Face: `lr_scheduler_type` and what belongs to it, in TrainingArguments, YAML, JSON and calls.

TRL, LLaMA-Factory and others take the same arguments. Source of the formulas: `transformers/optimization.py`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

import attrs

from .config import CALLED, SPREAD, Config, of_base, written
from .lengths import share_of_run, total_of
from .pieces import called, name_of, required
from .system import Rule, System, Told, Values, then

TYPES: Final = (
    "linear",
    "cosine",
    "cosine_with_restarts",
    "polynomial",
    "constant",
    "constant_with_warmup",
    "inverse_sqrt",
    "reduce_lr_on_plateau",
    "cosine_with_min_lr",
    "cosine_warmup_with_min_lr",
    "warmup_stable_decay",
    "greedy",
)
FOLLOWS_A_METRIC: Final = ("reduce_lr_on_plateau", "greedy")
_WITHOUT_KWARGS: Final = ("linear", "constant", "constant_with_warmup")
_SHAPES: Final = ("linear", "cosine", "1-sqrt")
_RESTARTS: Final = 49
"""From so many cycles on, some restart comes a step late there: 49 * (1 / 49) is below 1 in floats."""

_MARKS: Final = frozenset(("per_device_train_batch_size", "num_train_epochs", "gradient_accumulation_steps"))

_TRAINING_ARGUMENTS: Final = ("TrainingArguments", "Seq2SeqTrainingArguments")
_OF_TRL: Final = ("SFTConfig", "DPOConfig", "GRPOConfig", "RewardConfig", "KTOConfig", "RLOOConfig", "ORPOConfig")
_RUN: Final = ("num_warmup_steps", "num_training_steps")
_FUNCTIONS: Final = {
    "get_constant_schedule": ("constant", ("last_epoch",)),
    "get_constant_schedule_with_warmup": ("constant_with_warmup", ("num_warmup_steps", "last_epoch")),
    "get_linear_schedule_with_warmup": ("linear", (*_RUN, "last_epoch")),
    "get_cosine_schedule_with_warmup": ("cosine", (*_RUN, "num_cycles", "last_epoch")),
    "get_cosine_with_hard_restarts_schedule_with_warmup": (
        "cosine_with_restarts",
        (*_RUN, "num_cycles", "last_epoch"),
    ),
    "get_polynomial_decay_schedule_with_warmup": ("polynomial", (*_RUN, "lr_end", "power", "last_epoch")),
    "get_inverse_sqrt_schedule": ("inverse_sqrt", ("num_warmup_steps", "timescale", "last_epoch")),
    "get_cosine_with_min_lr_schedule_with_warmup": (
        "cosine_with_min_lr",
        (*_RUN, "num_cycles", "last_epoch", "min_lr", "min_lr_rate"),
    ),
    "get_wsd_schedule": (
        "warmup_stable_decay",
        (
            "num_warmup_steps",
            "num_decay_steps",
            "num_training_steps",
            "num_stable_steps",
            "warmup_type",
            "decay_type",
            "min_lr_ratio",
            "num_cycles",
            "last_epoch",
        ),
    ),
}
"""The functions that make a scheduler: its type, and their arguments by position behind the optimizer."""

_GIVEN: Final = frozenset(name for _, names in _FUNCTIONS.values() for name in names) - {*_RUN, "last_epoch"}


class WarmUp(NamedTuple):
    """How long the warm-up is: as a duration, `5%`, and in steps as far as that is known."""

    text: str
    steps: int | None
    counted: Callable[[int], int]  # in a run of so many steps, as its library counts them


def _recognizes(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    if value.get("lr_scheduler_type") is not None or _function_of(value) is not None:
        return True
    trls = _name(value) in _OF_TRL and ("learning_rate" in value or not _MARKS.isdisjoint(value))
    if _name(value) in _TRAINING_ARGUMENTS or trls:
        return "lr_scheduler" not in value and SPREAD not in value
    warms_up = value.get("warmup_ratio") is not None or value.get("warmup_steps") is not None
    return warms_up and "learning_rate" in value and not _MARKS.isdisjoint(value) and "lr_scheduler" not in value


def _name(value: Mapping[str, Any]) -> str | None:
    """What is called, without the module that it is from."""
    found = name_of(value, (CALLED, "_target_"))
    return None if found is None else found[0]


def _function_of(value: Mapping[str, Any]) -> str | None:
    """The function of transformers that is called; other libraries have a `get_scheduler`, too."""
    name = _name(value)
    if name == "get_scheduler":
        return name if "num_warmup_steps" in value or {value.get("name"), value.get("#0")} & set(TYPES) else None
    return name if name in _FUNCTIONS else None


def _kind(config: Config, key: str, default: str | None = None) -> Any:
    kind = config.word(key, default, TYPES)
    if kind in FOLLOWS_A_METRIC:
        hint = "there is no such thing here: a schedule knows only the step"
        config.refuse(key, f"is `{kind}`, which follows a metric", hint)
    return kind


def _read(config: Config, told: Told) -> Iterator[Rule]:
    function = _function_of(config.values)
    return _arguments(config, told) if function is None else _function(config, function, told)


def _function(config: Config, function: str, told: Told) -> Iterator[Rule]:
    """A call of one of the functions; the length that it is given is the run, if it is written there."""
    config.skip("_target_", "_partial_")
    if function == "get_scheduler":
        config = called(config, ("name", "optimizer", "num_warmup_steps", "num_training_steps"))
        required(config, "name", function)
        kind = _kind(config, "name")
        kwargs = config.below("scheduler_specific_kwargs") or Config({})
    else:
        kind, names = _FUNCTIONS[function]
        config = kwargs = called(config, ("optimizer", *names))
    config.skip("optimizer")
    if "last_epoch" in config and config.number("last_epoch") != -1:
        config.refuse("last_epoch", "begins in the middle of a run", "remove it: a schedule knows every step")
    steps = config.whole("num_warmup_steps", 0)
    total = told.total_steps
    if config.known("num_training_steps") is not None:
        total = config.whole("num_training_steps", least=1, stays=True)
    if told.total_steps not in (None, total):
        message = f"is {total}, and the run was told to have {told.total_steps} steps"
        config.refuse("num_training_steps", message, "leave the length of the run away", "E605")
    warm_up = WarmUp(str(steps), steps, lambda total: steps)
    text = text_of(kind, kwargs, warm_up, attrs.evolve(told, total_steps=total))
    given = {key: each for key, each in kwargs.values.items() if key in _GIVEN}
    kwargs.finish(f"`{kind}`")
    config.finish(f"`{function}`")
    yield Rule(text, kind, total=total, values=values_of(kind, None, warm_up, given))


def _arguments(config: Config, told: Told) -> Iterator[Rule]:
    kind = _kind(config, "lr_scheduler_type", "linear")
    base = config.known("learning_rate")
    limit = "max_train_steps" if "max_train_steps" in config else "max_steps"
    total = total_of(config, told, limit, "num_train_epochs")
    told = attrs.evolve(told, total_steps=total if isinstance(total, int) else None)
    warm_up = _warm_up(config, told)
    kwargs = arguments_in(config)
    if kind in _WITHOUT_KWARGS and kwargs.values:
        kwargs.finish(f"`{kind}`")
    if kind == "constant" and warm_up.text != "0":
        key = "warmup_steps" if "warmup_steps" in config else "warmup_ratio"
        config.note(
            key, "does nothing beside `constant`", "write `constant_with_warmup` if a warm-up was meant", "W527"
        )
    text = text_of(kind, kwargs, warm_up, told)
    given = {key: kwargs.values[key] for key in kwargs.values}
    kwargs.finish(f"`{kind}`")
    yield Rule(text, kind, base=base, total=total, values=values_of(kind, base, warm_up, given))


def _warm_up(config: Config, told: Told) -> WarmUp:
    """What is said in steps comes before what is said as a share; below 1 it is a share, as of transformers 5."""
    name = "num_warmup_steps" if "num_warmup_steps" in config else "warmup_steps"  # in scripts without a trainer
    steps, ratio = config.number(name, Decimal(0)), config.share("warmup_ratio", Decimal(0))
    counted = partial(_counted, {"warmup_steps": float(steps or ratio), "warmup_ratio": float(ratio)})
    if steps < 0:
        config.refuse(name, f"is {steps}", "write a number of at least 0", "E605")
    if steps >= 1:
        if ratio:
            config.note("warmup_ratio", "does nothing beside `warmup_steps`", "remove it", "W527")
        return WarmUp(str(int(steps)), int(steps), counted)
    share, key = (steps, name) if steps else (ratio, "warmup_ratio")
    if not share:
        return WarmUp("0", 0, counted)
    text = share_of_run(config, key, share, told, lambda total: math.ceil(total * float(share)))
    length = None if told.total_steps is None else math.ceil(told.total_steps * float(share))
    return WarmUp("100%" if share == 1 else text, length, counted)


def arguments_in(config: Config) -> Config:
    """The arguments of a schedule, which a command line has as JSON."""
    written = config.get("lr_scheduler_kwargs")
    if isinstance(written, str):
        try:
            written = json.loads(written)
        except ValueError:
            config.refuse("lr_scheduler_kwargs", f"is `{written}`, which is not JSON", "write a mapping", "E605")
        return Config(written, ("lr_scheduler_kwargs",))
    return config.below("lr_scheduler_kwargs") or Config({}, ("lr_scheduler_kwargs",))


# Texts.


def text_of(kind: str, kwargs: Config, warm_up: WarmUp, told: Told) -> str:
    """What a type of schedule is here."""
    return _TEXTS.get(kind, _plain)(kind, kwargs, warm_up, told)


def ramp_up(warm_up: WarmUp, *arguments: str) -> str | None:
    """The phase of the warm-up, if there is one."""
    return None if warm_up.text == "0" else f"warmup({', '.join((warm_up.text, *arguments))})"


def _plain(kind: str, kwargs: Config, warm_up: WarmUp, told: Told) -> str:
    shape = {"linear": "linear", "constant": "hold", "constant_with_warmup": "hold"}[kind]
    return then(None if kind == "constant" else ramp_up(warm_up), shape)


def _wave(kwargs: Config, low: str) -> str:
    """A cosine of so many waves, half of one being the usual one."""
    cycles = kwargs.number("num_cycles", Decimal("0.5"))
    if cycles == Decimal("0.5"):
        return "cosine" if low == "0" else f"cosine(end={low})"
    turn = "" if 2 * cycles == 1 else f"{written(2 * cycles)} * "
    share = f"0.5 + 0.5 * cos({turn}pi * progress)"
    return f"base * ({share})" if low == "0" else f"mix({low}, base, {share})"


def _cosine(kind: str, kwargs: Config, warm_up: WarmUp, told: Told) -> str:
    return then(ramp_up(warm_up), _wave(kwargs, "0"))


def _floor(kwargs: Config, kind: str) -> str:
    low, rate = kwargs.number("min_lr"), kwargs.number("min_lr_rate")
    if low is not None and rate is not None:
        kwargs.refuse("min_lr", "and `min_lr_rate` exclude each other", "remove one of both", "E605")
    if low is None and rate is None:
        kwargs.refuse(None, f"needs `min_lr` or `min_lr_rate` for `{kind}`", "add one of both", "E605")
    return of_base(rate) if low is None else written(low)


def _cosine_with_floor(kind: str, kwargs: Config, warm_up: WarmUp, told: Told) -> str:
    low = _floor(kwargs, kind)
    if kind == "cosine_with_min_lr":
        return then(ramp_up(warm_up), _wave(kwargs, low))
    rate = kwargs.number("warmup_lr_rate")  # here the first step is no more at 0, and the last at the end
    up = ["inclusive=right"] if rate is None else [of_base(rate), "inclusive=both"]
    if kwargs.number("num_cycles", Decimal("0.5")) != Decimal("0.5"):
        kwargs.refuse("num_cycles", "bends a cosine that begins a step late", "leave it at 0.5")
    end = "" if low == "0" else f"end={low}, "
    return then(ramp_up(warm_up, *up), f"cosine({end}inclusive=right)")


def _restarts(kind: str, kwargs: Config, warm_up: WarmUp, told: Told) -> str:
    cycles = kwargs.number("num_cycles", Decimal(1))
    if cycles == 1:
        return _cosine(kind, Config({}), warm_up, told)
    if cycles <= 0:
        kwargs.refuse("num_cycles", f"is {cycles}", "write a number above 0", "E605")
    known = warm_up.steps is not None
    if cycles != int(cycles) or cycles >= _RESTARTS or not known:
        turns = f"{written(cycles)} * progress"
        return then(ramp_up(warm_up), f"base * (0.5 + 0.5 * cos(pi * ({turns} - floor({turns}))))")
    whole = warm_up._replace(text=str(warm_up.steps))  # what a copy lasts is exact, and so has to be where they begin
    rest = "100%" if warm_up.steps == 0 else f"(100% - {warm_up.steps})"
    return then(ramp_up(whole), f"cosine(base, 0, inclusive=exact) for {rest} / {int(cycles)} repeat {int(cycles)}")


def _polynomial(kind: str, kwargs: Config, warm_up: WarmUp, told: Told) -> str:
    low, power = kwargs.number("lr_end", Decimal("1e-7")), kwargs.number("power", Decimal(1))
    ramp = "linear" if power == 1 else "poly"
    arguments = [f"end={written(low)}"] * bool(low) + [f"power={written(power)}"] * (power != 1)
    return then(ramp_up(warm_up), f"{ramp}({', '.join(arguments)})" if arguments else ramp)


def _inverse_sqrt(kind: str, kwargs: Config, warm_up: WarmUp, told: Told) -> str:
    scale = kwargs.whole("timescale", least=1)
    if scale is None and warm_up.steps is None:
        hint = "give how many steps the run has: `total_steps=10_000`, or a `timescale`"
        kwargs.refuse(None, "needs a timescale, which is the warm-up's length in steps", hint, "E607")
    return then(ramp_up(warm_up), f"inv_sqrt({scale or warm_up.steps or 10_000})")


def _stable(kind: str, kwargs: Config, warm_up: WarmUp, told: Told) -> str:
    if "num_decay_steps" not in kwargs:
        kwargs.refuse(None, f"needs `num_decay_steps` for `{kind}`", "add it", "E605")
    decay, stays = kwargs.whole("num_decay_steps"), kwargs.whole("num_stable_steps")
    low = kwargs.number("min_lr_ratio", Decimal(0))
    up, down = kwargs.word("warmup_type", "linear", _SHAPES), kwargs.word("decay_type", "cosine", _SHAPES)
    below = of_base(low)
    first = None
    if warm_up.text != "0":
        start = [] if low == 0 else [below]
        first = ramp_up(warm_up, *start)
        if up != "linear":  # the mirror image of a decay
            power = ", power=0.5" if up == "1-sqrt" else ""
            first = f"{'cosine' if up == 'cosine' else 'poly'}({below}, base{power}) for {warm_up.text}"
    if stays is None and told.total_steps is not None and told.total_steps < decay + (warm_up.steps or 0):
        message = f"and the warm-up take {decay + (warm_up.steps or 0)} steps, and the run has {told.total_steps}"
        kwargs.refuse("num_decay_steps", message, "make them shorter")
    still = f"hold until 100% - {decay}" if stays is None else f"hold for {stays}" if stays else None
    if down == "cosine":
        fall = _wave(kwargs, below)
    else:
        kwargs.number("num_cycles")
        shape = "linear" if down == "linear" else "one_minus_sqrt"
        fall = shape if low == 0 else f"{shape}(end={below})"
    if not decay:
        return then(first, still, below)
    if "progress" in fall:  # it need not end where it is held
        return then(first, still, f"({fall}) for {decay}", below)
    return then(first, still, fall if stays is None else f"{fall} for {decay}")


_TEXTS: Final = {
    "cosine": _cosine,
    "cosine_with_restarts": _restarts,
    "polynomial": _polynomial,
    "inverse_sqrt": _inverse_sqrt,
    "cosine_with_min_lr": _cosine_with_floor,
    "cosine_warmup_with_min_lr": _cosine_with_floor,
    "warmup_stable_decay": _stable,
}


# The library's own values.


def _counted(given: Mapping[str, float], total: int) -> int:
    from transformers import TrainingArguments

    steps: int = TrainingArguments.get_warmup_steps(SimpleNamespace(**given), total)  # type: ignore[arg-type]
    return steps


def values_of(kind: str, base: Decimal | None, warm_up: WarmUp, kwargs: Mapping[str, Any]) -> Values:
    """The values of `get_scheduler`."""
    level = 1.0 if base is None else float(base)

    def values(total: int) -> list[float]:
        import torch
        from transformers import get_scheduler

        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=level)
        numbers = {key: as_number(value) for key, value in kwargs.items() if value is not None}
        scheduler = get_scheduler(
            kind, optimizer, warm_up.counted(total), total, scheduler_specific_kwargs=numbers or None
        )
        rule = scheduler.lr_lambdas[0]
        return [level * rule(step) for step in range(total)]

    return values


def as_number(value: Any) -> Any:
    """A number that PyYAML or a command line has as a text."""
    if not isinstance(value, str):
        return value
    for read in (int, float):
        try:
            return read(value)
        except ValueError:
            continue
    return value


HUGGING_FACE: Final = System(
    "transformers",
    "Hugging Face's TrainingArguments",
    "transformers",
    _recognizes,
    _read,
    others=frozenset(("embedding_learning_rate", "lr_scheduler", "learning_rate")),
)
