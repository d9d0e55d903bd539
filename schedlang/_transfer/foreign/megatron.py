"""Megatron-LM: `--lr-decay-style`, `--lr-warmup-…`, `--lr-wsd-decay-…`, `--min-lr`, and a weight decay that increases.

Megatron counts samples. Where the run is told in iterations each of them is a batch, so that both are the same. Source
of the formulas: `megatron/core/optimizer_param_scheduler.py`, of defaults: `megatron/training/training.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

import attrs

from .config import Config, percent, written
from .system import RATE, Rule, System, Told, Values, then

_STYLES: Final = ("constant", "linear", "cosine", "inverse-square-root", "WSD")
_WSD_STYLES: Final = ("exponential", "linear", "cosine", "minus_sqrt")
_INCREASES: Final = ("constant", "linear", "cosine")
_OWN: Final = frozenset((
    *("lr_decay_style", "lr_decay_iters", "lr_decay_samples", "lr_warmup_fraction", "lr_warmup_samples"),
    *("lr_warmup_iters", "lr_wsd_decay_style", "lr_wsd_decay_iters", "lr_wsd_decay_samples"),
))  # fmt: skip
_GROWING: Final = ("rampup_batch_size", "step_batch_size_schedule")
_RESTART: Final = ("override_opt_param_scheduler", "use_checkpoint_opt_param_scheduler")


class _Axis(NamedTuple):
    """In what the lengths are given: `iters` or `samples`."""

    unit: str
    suffix: str  # of a time in a text
    total: int | None  # how long the run is, in the unit
    decay: int | None  # where the decay is over

    def time(self, amount: Fraction | int) -> str:
        if amount == int(amount):
            return f"{int(amount)}{self.suffix}"
        return f"{written(Fraction(amount))}{self.suffix or ' steps'}"

    @property
    def open(self) -> bool:
        """Whether the decay is over where the run is."""
        return self.decay is None or self.decay == self.total


def _recognizes(value: Any) -> bool:
    return isinstance(value, Mapping) and ("weight_decay_incr_style" in value or not _OWN.isdisjoint(value))


def _read(config: Config, told: Told) -> Iterator[Rule]:
    config.skip(*_RESTART)
    base, low = config.known("lr"), config.number("min_lr", Decimal(0))
    style = config.word("lr_decay_style", "linear", _STYLES)
    if "lr_decay_style" not in config:
        config.note("lr_decay_style", "is not written, so it is `linear`", "see whether another file has it")
    axis = _axis(config, told)
    growing = next((key for key in _GROWING if key in config), None)
    if growing is not None and axis.unit == "samples":
        hint = "tell how many samples a step has as a schedule, `samples_per_step=…`: the text is in samples, and stays"
        config.note(growing, "lets the batch grow", hint)
        config.skip(*_GROWING)
    elif growing is not None:
        hint = "write its lengths in samples, and tell the batch as `samples_per_step`"
        config.refuse(growing, "lets the batch grow, and samples are what is counted", hint)
    batch = None if growing else _run_of(config, "global_batch_size") or told.samples_per_step
    length, text_length = _warm_up(config, axis)
    start = config.number("lr_warmup_init", Decimal(0))
    up = None if length == 0 else f"warmup({text_length}{f', {written(start)}' if start else ''})"
    exact = up is not None and "inclusive=exact" in up
    down, stable, wsd = _decay(config, style, axis, length, low, exact, batch)
    total = axis.total if axis.unit == "iters" or axis.total is None else f"{axis.total} samples"
    rates = {} if batch is None else {"samples_per_step": batch}
    given: dict[str, Any] = {
        "init_lr": float(start),
        "max_lr": 1.0 if base is None else float(base),
        "min_lr": float(low),
        "lr_decay_style": style,
        "lr_wsd_decay_style": stable,
    }
    probed = RATE if axis.unit == "samples" else 1
    lengths = _Lengths(axis, length, config.share("lr_warmup_fraction"), wsd, batch or probed)
    common = {"base": base, "total": total, "rates": rates}
    rising = _weight_decay(config, axis)
    given |= rising[1] if rising else {"start_wd": 0.0, "end_wd": 0.0, "wd_incr_style": "constant"}
    yield Rule(then(up, down), style, values=lengths.values(given, "lr"), **common)
    if rising is not None:
        values = lengths.values(given, "weight_decay")
        yield Rule(rising[0], given["wd_incr_style"], "weight_decay", values=values, **common)


def _axis(config: Config, told: Told) -> _Axis:
    if "train_iters" in config and "train_samples" in config:
        config.refuse("train_samples", "stands beside `train_iters`", "remove one of both", "E605")
    iters, samples = _run_of(config, "train_iters"), _run_of(config, "train_samples")
    given = [key for key in sorted(_OWN) if key in config]
    counted = "train_samples" in config or any(key.endswith("_samples") for key in given)
    in_samples = "train_iters" not in config and counted
    unit = "samples" if in_samples else "iters"
    for key in given:
        if key.endswith("_iters" if in_samples else "_samples"):
            if key.startswith("lr_warmup_") and config.number(key) == 0:
                continue  # as Megatron's own default
            other = "train_samples" if in_samples else "train_iters"
            config.refuse(key, f"does not go with `{other}`", f"write `{key.rpartition('_')[0]}_{unit}`", "E605")
    if in_samples:
        decay = config.whole("lr_decay_samples", least=1)
        return _Axis(unit, " samples", samples, samples if decay is None else decay)
    decay = config.whole("lr_decay_iters", least=1)
    total = told.total_steps or iters
    return _Axis(unit, "", total, (iters or told.total_steps) if decay is None else decay)


def _run_of(config: Config, key: str) -> int | None:
    return None if config.known(key) is None else config.whole(key, least=1, stays=True)


def _warm_up(config: Config, axis: _Axis) -> tuple[Fraction | int | None, str]:
    """How long the warm-up is, None if that depends on the run, and the same as the argument of one."""
    share = config.share("lr_warmup_fraction")
    length = config.whole(f"lr_warmup_{axis.unit}", 0)
    if share is None:
        return length, axis.time(length)
    if length:
        config.refuse("lr_warmup_fraction", f"stands beside `lr_warmup_{axis.unit}`", "remove one of both", "E605")
    if axis.decay is None:  # there it is not rounded
        return None if share else 0, f"{percent(share)}, inclusive=exact"
    exact = Fraction(share) * axis.decay
    if exact == int(exact) and axis.open and axis.unit == "iters":
        return exact, percent(share)
    return exact, axis.time(exact)


def _decay(
    config: Config, style: str, axis: _Axis, length: Fraction | int | None, low: Decimal, exact: bool, batch: Any
) -> tuple[str, str | None, int | None]:
    """What follows the warm-up; in a stable one, how it falls in the end, and in how long."""
    floor = written(low)
    until = "" if axis.open or axis.decay is None else f" until {axis.time(axis.decay)}"
    if style == "WSD":
        return _stable(config, axis, floor, until)
    for key in ("lr_wsd_decay_style", f"lr_wsd_decay_{axis.unit}"):
        if key in config:
            config.note(key, f"does nothing beside `{style}`", "remove it", "W527")
            config.skip(key)
    if style == "constant":
        return "hold", None, None
    if style == "inverse-square-root":
        if length is None:
            hint = "give how many steps the run has: `train_iters`, `total_steps=10_000`"
            config.refuse("lr_warmup_fraction", "is what the curve depends on", hint, "E607")
        return _inverse_sqrt(axis, length, low, until, batch), None, None
    arguments = [*([f"end={floor}"] if low else []), *(["inclusive=exact"] if exact else [])]
    return (f"{style}({', '.join(arguments)})" if arguments else style) + until, None, None


def _inverse_sqrt(axis: _Axis, length: Fraction | int, low: Decimal, until: str, batch: Any) -> str:
    curve = f"inv_sqrt({axis.time(length)})"
    if not length:  # as if the warm-up had been one sample
        curve = f"base * max({written(Fraction(batch or 1))} * step, 1) ** -0.5"
    if low:
        curve = f"max({curve}, {written(low)})"
    if not until or axis.decay is None:
        return curve
    over = axis.decay + 1 if axis.unit == "iters" else axis.decay
    return f"({curve}) until {axis.time(over)} then {written(low)}"


def _stable(config: Config, axis: _Axis, floor: str, until: str) -> tuple[str, str, int]:
    key = f"lr_wsd_decay_{axis.unit}"
    if key not in config:
        config.refuse("lr_decay_style", f"is `WSD`, which needs `{key}`", "add it", "E605")
    fall = config.whole(key, least=1)
    style = config.word("lr_wsd_decay_style", "exponential", _WSD_STYLES)
    start = axis.time(axis.decay - fall) if axis.decay is not None and until else f"100% - {axis.time(fall)}"
    if style == "exponential":
        curve = f"mix({floor}, base, 2 * 0.5 ** progress - 1)"
        ends = f" for {axis.time(fall)} then {floor}" if until else ""
    else:
        curve = {"linear": "linear", "cosine": "cosine", "minus_sqrt": "one_minus_sqrt"}[style]
        curve += "" if floor == "0" else f"(end={floor})"
        ends = f" for {axis.time(fall)}" if until else ""
    return f"hold until {start} then {curve}{ends}", style, fall


def _weight_decay(config: Config, axis: _Axis) -> tuple[str, dict[str, Any]] | None:
    style = config.word("weight_decay_incr_style", "constant", _INCREASES)
    if style == "constant":
        return None
    start, end = config.number("start_weight_decay"), config.number("end_weight_decay")
    if start is None or end is None:
        config.refuse("weight_decay_incr_style", f"is `{style}`, which needs both ends", "add them", "E605")
    given = {"start_wd": float(start), "end_wd": float(end), "wd_incr_style": style}
    return f"{style}({written(start)}, {written(end)})", given


@attrs.frozen
class _Lengths:
    """The lengths of a run as Megatron counts them, in samples, and its own values."""

    axis: _Axis
    warm_up: Fraction | int | None
    share: Decimal | None
    fall: int | None
    batch: Any

    def values(self, given: Mapping[str, Any], name: str) -> Values:
        def values(total: int) -> list[float]:
            from megatron.core.optimizer_param_scheduler import (
                OptimizerParamScheduler,
            )

            scale = 1 if self.axis.unit == "samples" else self.batch
            run = self.axis.total if self.axis.total is not None else total
            decay = self.axis.decay if self.axis.decay is not None else total
            warm_up = self.warm_up if self.share is None else float(self.share) * decay
            groups: list[dict[str, Any]] = [{}]
            scheduler = OptimizerParamScheduler(
                SimpleNamespace(param_groups=groups),
                lr_warmup_steps=(warm_up or 0) * scale,
                lr_decay_steps=decay * scale,
                wd_incr_steps=run * scale,
                wsd_decay_steps=None if self.fall is None else self.fall * scale,
                **given,
            )
            found = []
            for _ in range(total):
                found.append(groups[0][name])
                scheduler.step(int(self.batch))
            return found

        return values


MEGATRON: Final = System(
    "megatron",
    "Megatron-LM",
    "megatron-core",
    _recognizes,
    _read,
    others=frozenset(("cuda_graph_warmup_steps", "overlap_p2p_communication_warmup_flush")),
)
