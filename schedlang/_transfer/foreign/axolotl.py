"""Axolotl: `lr_scheduler` with Hugging Face's types and its own, and the `cosine_…` that bend a cosine.

Source of the formulas: `axolotl/utils/schedulers.py`, of which is chosen: `core/trainers/mixins/scheduler.py`, of the
warm-up: `core/builders/base.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any, Final

import attrs

from .config import Config, of_base, percent, written
from .hugging_face import FOLLOWS_A_METRIC, TYPES, WarmUp, arguments_in, as_number, ramp_up, text_of, values_of
from .lengths import share_of_run, total_of
from .system import Rule, System, Told, Values, then

_OWN: Final = ("one_cycle", "rex")
_MARKS: Final = frozenset(("base_model", "micro_batch_size", "cosine_min_lr_ratio", "cosine_constant_lr_ratio"))
_OF_A_COSINE: Final = ("cosine_min_lr_ratio", "cosine_constant_lr_ratio", "lr_quadratic_warmup")
_DEFAULT: Final = Decimal("0.03")  # of the run is the warm-up, if nothing is said,
_MOST: Final = 100  # and at most so many steps
_MOMENTUM: Final = "cycles the first beta, too, between 0.85 and 0.95"


def _recognizes(value: Any) -> bool:
    if not isinstance(value, Mapping) or _MARKS.isdisjoint(value):
        return False
    return isinstance(value.get("lr_scheduler"), str) or ("base_model" in value and "learning_rate" in value)


def _read(config: Config, told: Told) -> Iterator[Rule]:
    kind = config.word("lr_scheduler", "cosine", (*TYPES, *_OWN))
    if kind in FOLLOWS_A_METRIC:
        hint = "there is no such thing here: a schedule knows only the step"
        config.refuse("lr_scheduler", f"is `{kind}`, which follows a metric", hint)
    if config.get("jagged_restart_steps") is not None:
        config.refuse("jagged_restart_steps", "warms up anew at each restart", "write the phases as a `repeat`")
    base = config.known("learning_rate")
    total = total_of(config, told, "max_steps", "num_epochs")
    told = attrs.evolve(told, total_steps=total if isinstance(total, int) else None)
    warm_up, kwargs = _warm_up(config, told), arguments_in(config)
    common = {"base": base, "total": total}
    own = _own(config, kind, warm_up, kwargs, told, 1.0 if base is None else float(base))
    if own is not None:
        yield Rule(own[0], kind, values=own[1], **common)
        return
    for key in _OF_A_COSINE:
        if config.get(key):
            config.note(key, f"does nothing beside `{kind}`", "remove it", "W527")
    text, given = text_of(kind, kwargs, warm_up, told), dict(kwargs.values)
    kwargs.finish(f"`{kind}`")
    yield Rule(text, kind, values=values_of(kind, base, warm_up, given), package="transformers", **common)


def _warm_up(config: Config, told: Told) -> WarmUp:
    """A share is rounded down, and a single step counts as two."""
    part, share = config.number("warmup_steps"), config.share("warmup_ratio")
    if part is not None and 0 < part < 1:  # Hugging Face takes it for a share, and rounds it up
        return _share(config, "warmup_steps", part, told, lambda total: math.ceil(total * float(part)))
    steps = config.whole("warmup_steps")
    if steps is not None and share is not None:
        config.refuse("warmup_ratio", "stands beside `warmup_steps`", "remove one of both", "E605")
    if steps is not None:
        steps = _no_single(steps)
        return WarmUp(str(steps), steps, lambda total: steps)
    if share is not None:
        return _share(config, "warmup_ratio", share, told, lambda total: _no_single(int(float(share) * total)), True)
    if told.total_steps is None:
        config.note(None, _UNSAID, "give the length of your run: the text is then that of this run", "W528")
        return WarmUp(f"min(floor(3%), {_MOST})", None, _unsaid)
    steps = _unsaid(told.total_steps)
    return WarmUp(str(steps), steps, _unsaid)


def _unsaid(total: int) -> int:
    return _no_single(min(int(0.03 * total), _MOST))


def _no_single(steps: int) -> int:
    return 2 if steps == 1 else steps


def _share(
    config: Config, key: str, share: Decimal, told: Told, counted: Callable[[int], int], down: bool = False
) -> WarmUp:
    total = told.total_steps
    text = share_of_run(config, key, share, told, counted, down)
    return WarmUp(text if share else "0", None if total is None else counted(total), counted)


_UNSAID: Final = "no warm-up is written, so it is 3 % of the run, and 2 steps instead of 1 in runs of 34 to 66 steps"


def _own(
    config: Config, kind: str, warm_up: WarmUp, kwargs: Config, told: Told, level: float
) -> tuple[str, Values] | None:
    """The text and the values of a schedule that Hugging Face doesn't have."""
    if warm_up.steps is None and (kind in _OWN or any(config.get(key) for key in _OF_A_COSINE)):
        _total(config, told)
    steps, low = warm_up.steps or 0, config.share("cosine_min_lr_ratio") if kind in ("cosine", "rex") else None
    if kind == "one_cycle":
        return _one_cycle(config, kwargs, steps, told, level)
    if kind == "rex":
        total = _total(config, told)
        rest = total - steps
        text = f"mix({of_base(low or 0)}, base, z / (0.1 + 0.9 * z)) where z = 1 - (step + 1) / {rest}"
        values = partial(_stepped, _rex, level, {"min_lr": level * float(low or 0), "steps": steps})
        return then(ramp_up(warm_up, "end=base", "inclusive=right"), text), values
    if kind != "cosine":
        return None
    if config.flag("lr_quadratic_warmup"):
        text = then(ramp_up(warm_up, "ease=2"), "cosine")
        return text, partial(_stepped, _cosine, level, {"which": "quadratic_warmup", "steps": steps})
    constant = config.share("cosine_constant_lr_ratio")
    if not low:
        return None
    fall = f"cosine(end={of_base(low)})"
    given: dict[str, Any] = {"steps": steps, "min_lr_ratio": float(low)}
    if not constant:
        return then(ramp_up(warm_up), fall), partial(_stepped, _cosine, level, {"which": "min_lr", **given})
    given |= {"which": "warmup_decay_constant", "constant_lr_ratio": float(constant)}
    over = int(_total(config, told) * float(constant))
    if over <= steps:
        config.refuse("cosine_constant_lr_ratio", "is reached before the warm-up is over", "make it larger")
    exact = Fraction(constant) * _total(config, told)
    place = percent(constant) if exact == over else str(over)
    return then(ramp_up(warm_up), f"{fall} until {place}"), partial(_stepped, _cosine, level, given)


def _total(config: Config, told: Told) -> int:
    if told.total_steps is None:
        hint = "give how many steps the run has: `total_steps=10_000`"
        config.refuse(None, "the length of the run is a part of the formula", hint, "E607")
    return told.total_steps


def _one_cycle(config: Config, kwargs: Config, steps: int, told: Told, level: float) -> tuple[str, Values]:
    """torch's, whose climb ends one step earlier than it is told, as does the run."""
    total = _total(config, told)
    given = {key: as_number(value) for key, value in kwargs.values.items() if value is not None}
    share = kwargs.share("pct_start")
    climb = (Fraction(steps) if share is None else Fraction(share) * total) - 1
    strategy = kwargs.word("anneal_strategy", "cos", ("cos", "linear"))
    first, last = kwargs.number("div_factor", Decimal(25)), kwargs.number("final_div_factor", Decimal(10_000))
    if kwargs.flag("three_phase"):
        kwargs.refuse("three_phase", "adds a phase", "leave it out")
    kwargs.finish("`one_cycle`")
    config.note("lr_scheduler", _MOMENTUM, 'write `"betas[0]": …` if that was meant', "W527")
    shape = "cosine" if strategy == "cos" else "linear"
    low, start = of_base(1 / Fraction(first) / Fraction(last)), of_base(1 / Fraction(first))
    length = f"{int(climb)}" if climb == int(climb) else f"{written(climb)} steps"
    values = partial(_stepped, _torch_one_cycle, level, {"steps": steps, **given})
    if climb < 0:
        return f"{shape}(base, {low}, 100%) skip 1", values
    return f"{shape}({start}, base) for {length} then {shape}(end={low}) until 100% - 1", values


# The library's own values.


def _stepped(make: Callable[..., Any], level: float, given: Mapping[str, Any], total: int) -> list[float]:
    import torch

    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=level)
    scheduler = make(optimizer, level, total, **given)
    found = []
    for _ in range(total):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step() if len(found) < total else None
    return found


def _rex(optimizer: Any, level: float, total: int, *, min_lr: float, steps: int) -> Any:
    from axolotl.utils.schedulers import RexLR

    return RexLR(optimizer, max_lr=level, min_lr=min_lr, total_steps=total, num_warmup_steps=steps)


def _cosine(optimizer: Any, level: float, total: int, *, which: str, steps: int, **given: Any) -> Any:
    from axolotl.utils import schedulers

    make = getattr(schedulers, f"get_cosine_schedule_with_{which}")
    return make(optimizer, num_warmup_steps=steps, num_training_steps=total, **given)


def _torch_one_cycle(optimizer: Any, level: float, total: int, *, steps: int, **given: Any) -> Any:
    from torch.optim.lr_scheduler import OneCycleLR

    given = {"pct_start": steps / total, "anneal_strategy": "cos", **given}
    return OneCycleLR(optimizer, max_lr=level, total_steps=total, **given)


AXOLOTL: Final = System("axolotl", "Axolotl", "axolotl", _recognizes, _read)
