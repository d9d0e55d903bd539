"""NeMo: `optim: {lr: …, sched: {name: CosineAnnealing, …}}`.

Its warm-ups begin above 0: at step t they are at (t + 1)/(n + 1). Source of the formulas:
`nemo/core/optim/lr_scheduler.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any, Final

import attrs

from .config import Config, written
from .lengths import share_of_run
from .pieces import Ticks
from .pytorch import cyclic_text
from .system import Rule, System, Told, Values, then

_OF_LIGHTNING: Final = ("last_epoch", "monitor", "reduce_on_plateau", "iters_per_batch", "t_max_epochs")


def _recognizes(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    model = value.get("model")
    optim = model.get("optim") if isinstance(model, Mapping) else None
    return _has_schedule(value) or (isinstance(optim, Mapping) and _has_schedule(optim))


def _has_schedule(value: Mapping[str, Any]) -> bool:
    sched = value.get("sched")
    return isinstance(sched, Mapping) and isinstance(sched.get("name"), str)


def _read(config: Config, told: Told) -> Iterator[Rule]:
    model, trainer = config.below("model", stays=True), config.below("trainer", stays=True)
    optim = config if "sched" in config or model is None else model.below("optim", stays=True)
    sched = None if optim is None else optim.below("sched")
    assert optim is not None and sched is not None
    kind = sched.word("name", among=(*_TEXTS, *_OTHERS))
    if kind in _OTHERS:
        sched.refuse("name", f"is `{kind}`, which is not read", "write the text")
    base = optim.known("lr")
    limits = [_steps(sched), _steps(trainer)]
    total = told.total_steps or limits[0] or limits[1]
    told = attrs.evolve(told, total_steps=total)
    for key in _OF_LIGHTNING:
        sched.get(key, stays=True)
    phases = _Phases(sched, told)
    text = _TEXTS[kind](phases)
    sched.finish(f"`{kind}`")
    given = {key: sched.get(key) for key in sched.values if key not in ("name", "max_steps", *_OF_LIGHTNING)}
    yield Rule(text, kind, base=base, total=total, values=_values(kind, base, given))


def _steps(config: Config | None) -> int | None:
    steps = None if config is None else config.known("max_steps")
    return int(steps) if steps is not None and steps > 0 else None


class _Phases:
    """The lengths of a schedule's phases."""

    def __init__(self, sched: Config, told: Told) -> None:
        self.config = sched
        self.total = told.total_steps
        self.told = told
        self.low = sched.number("min_lr")

    @property
    def warm_up(self) -> int:
        """How many steps the warm-up has."""
        return self.length("warmup")

    def length(self, phase: str) -> int:
        """How many steps a phase has; a share is rounded down."""
        steps, share = self.config.whole(f"{phase}_steps"), self.config.share(f"{phase}_ratio")
        if steps is not None and share is not None:
            self.config.refuse(f"{phase}_ratio", f"stands beside `{phase}_steps`", "remove one of both", "E605")
        if share is None:
            return steps or 0
        return _part(float(share), self.needed(f"{phase}_ratio"))

    def needed(self, key: str | None) -> int:
        """How long the run is."""
        if self.total is None:
            hint = "give how many steps the run has: `max_steps`, or `total_steps=10_000`"
            self.config.refuse(key, "depends on the length of the run", hint, "E607")
        return self.total

    def floor(self, default: str = "0") -> str:
        return default if self.low is None else written(self.low)

    def up(self, then_at_base: bool = True) -> str | None:
        """The warm-up; if nothing is at base behind it, with the step that is."""
        share = self.config.share("warmup_ratio")
        if then_at_base and share and self.total is None and "warmup_steps" not in self.config:
            counted = partial(_part, float(share))
            time = share_of_run(self.config, "warmup_ratio", share, self.told, counted, down=True)
            return f"warmup({time}, inclusive=neither)"
        if not self.warm_up:
            return None
        if then_at_base:
            return f"warmup({self.warm_up}, inclusive=neither)"
        return f"warmup({self.warm_up + 1}, end=base, inclusive=right)"

    def to_floor(self, shape: str, *arguments: str, default: str = "0") -> str:
        """A ramp from base to the floor."""
        low = self.floor(default)
        listed = [*([] if low == "0" else [f"end={low}"]), *arguments]
        return f"{shape}({', '.join(listed)})" if listed else shape

    def above_floor(self, curve: str, default: str = "0") -> str:
        """A ramp to 0 that stops at the floor."""
        low = self.floor(default)
        return curve if low == "0" else f"max({curve}, {low})"


def _part(share: float, total: int) -> int:
    return int(share * total)


def _cosine(phases: _Phases) -> str:
    still = phases.length("constant")
    if not still:
        return then(phases.up(), phases.to_floor("cosine"))
    up = None if not phases.warm_up else f"warmup({phases.warm_up})"  # here it begins at 0
    return then(up, f"{phases.to_floor('cosine')} until 100% - {still}")


def _linear(phases: _Phases) -> str:
    return then(phases.up(), phases.to_floor("linear"))


def _poly(phases: _Phases) -> str:
    power = phases.config.number("power", Decimal(1))
    if phases.config.flag("cycle"):
        phases.config.refuse("cycle", "makes the decay longer each time that it is over", "leave it out")
    arguments = [] if power == 1 else [f"power={written(power)}"]
    return then(phases.up(), phases.to_floor("linear" if power == 1 else "poly", *arguments))


def _square(phases: _Phases) -> str:
    return then(phases.up(), phases.above_floor("poly(power=2)", "1e-5"))


def _square_root(phases: _Phases) -> str:
    skipped = f" skip {phases.warm_up + 1}" if phases.warm_up else ""
    curve = f"poly(base, 0, duration=100%, power=0.5){skipped}"  # it began with the run
    return then(phases.up(False), phases.above_floor(f"({curve})"))


def _inverse_sqrt(phases: _Phases) -> str:
    return then(phases.up(), f"inv_sqrt({phases.warm_up + 1})")


def _noam(phases: _Phases) -> str:
    size = phases.config.whole("d_model", least=1)
    if size is None:
        phases.config.refuse(None, "needs `d_model`", "add it", "E605")
    steps, scale = phases.warm_up, "base" if size == 1 else f"base * {size} ** -0.5"
    if not steps:
        return phases.above_floor(f"{scale} * max(step, 1) ** -0.5")
    up = f"{scale} * max(step, 1) * {steps} ** -1.5 for {steps + 1}"
    return then(up, phases.above_floor(f"{scale} * (step + {steps + 1}) ** -0.5"))


def _held(phases: _Phases, ramp: Callable[[str], str]) -> str:
    """Warm up, hold, and fall; `ramp` gives the fall, its arguments being added."""
    still = phases.length("hold")
    if not still and phases.warm_up:  # the fall began with the run
        return then(phases.up(False), ramp(f"duration=100%) skip {phases.warm_up + 1}"))
    return then(phases.up(), f"hold for {still}" if still else None, ramp(""))


def _held_linear(phases: _Phases) -> str:
    low = phases.floor()
    return _held(phases, lambda more: f"linear(base, {low}, {more}" if more else phases.to_floor("linear"))


def _held_sqrt(phases: _Phases) -> str:
    def ramp(more: str) -> str:
        return phases.above_floor(f"(one_minus_sqrt(base, 0, {more})" if more else "one_minus_sqrt")

    return _held(phases, ramp)


def _held_poly(phases: _Phases) -> str:
    power = phases.config.number("power", Decimal(1))
    if phases.config.flag("cycle"):
        phases.config.refuse("cycle", "makes the decay longer each time that it is over", "leave it out")
    if not phases.length("hold") and phases.warm_up:
        phases.config.refuse(None, "has no `hold_steps`, and falls in less than the run then", "add them")
    arguments = [] if power == 1 else [f"power={written(power)}"]
    return _held(phases, lambda more: phases.to_floor("linear" if power == 1 else "poly", *arguments))


def _held_noam(phases: _Phases) -> str:
    rate, still = phases.config.number("decay_rate", Decimal("0.5")), phases.length("hold")
    if not phases.warm_up:
        phases.config.refuse(None, "needs a warm-up", "add `warmup_steps`", "E605")
    steps = phases.warm_up
    power = f"base * ({steps} / (step + {steps})) ** {written(rate)}"
    curve = f"inv_sqrt({steps})" if rate == Decimal("0.5") else power
    return then(phases.up(), f"hold for {still}" if still else None, phases.above_floor(curve))


def _stairs(phases: _Phases) -> str:
    _torchs(phases)
    every = phases.config.whole("step_size", least=1)
    if every is None:
        phases.config.refuse(None, "needs `step_size`", "add it", "E605")
    return f"interval({written(phases.config.number('gamma', Decimal('0.1')))}, every={every})"


def _torchs(phases: _Phases) -> None:
    """Refuse what torch's classes don't take."""
    for key in ("warmup_steps", "warmup_ratio", "min_lr"):
        if key in phases.config:
            phases.config.refuse(key, "is nothing that torch's scheduler has", "remove it", "E605")


def _exponential(phases: _Phases) -> str:
    _torchs(phases)
    gamma = phases.config.number("gamma")
    if gamma is None:
        phases.config.refuse(None, "needs `gamma`", "add it", "E605")
    return f"exponential_decay({written(gamma)})"


def _cyclic(phases: _Phases) -> str:
    _torchs(phases)
    if phases.config.flag("cycle_momentum", True):
        phases.config.note("cycle_momentum", "moves the momentum, too, which is not read", "import it as torch's")
    phases.config.skip("base_momentum", "max_momentum")
    return cyclic_text(phases.config, Ticks())


def _warm_and_held(phases: _Phases) -> str:
    phases.length("hold")  # it is base before and behind it
    return then(phases.up(), "hold")


_OTHERS: Final = ("ReduceLROnPlateau", "T5InverseSquareRootAnnealing")
_TEXTS: Final[Mapping[str, Callable[[_Phases], str]]] = {
    "CosineAnnealing": _cosine,
    "WarmupAnnealing": _linear,
    "PolynomialDecayAnnealing": _poly,
    "SquareAnnealing": _square,
    "SquareRootAnnealing": _square_root,
    "InverseSquareRootAnnealing": _inverse_sqrt,
    "NoamAnnealing": _noam,
    "WarmupHoldAnnealLinear": _held_linear,
    "WarmupHoldAnnealOneMinusSquareRoot": _held_sqrt,
    "PolynomialHoldDecayAnnealing": _held_poly,
    "NoamHoldAnnealing": _held_noam,
    "StepLR": _stairs,
    "ExponentialLR": _exponential,
    "CyclicLR": _cyclic,
    "WarmupHoldPolicy": _warm_and_held,
    "WarmupPolicy": lambda phases: then(phases.up(), "hold"),
}


def _values(kind: str, base: Decimal | None, given: Mapping[str, Any]) -> Values:
    def values(total: int) -> list[float]:
        import torch
        from nemo.core.optim import lr_scheduler  # type: ignore[import-not-found]

        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0 if base is None else float(base))
        numbers = {key: float(value) if isinstance(value, str) else value for key, value in given.items()}
        if kind in lr_scheduler.__dict__:
            numbers["max_steps"] = total
        scheduler = lr_scheduler.AVAILABLE_SCHEDULERS[kind](optimizer, **numbers)
        found = []
        for _ in range(total):
            found.append(float(optimizer.param_groups[0]["lr"]))
            optimizer.step()
            scheduler.step()
        return found

    return values


NEMO: Final = System("nemo", "NeMo", "nemo-toolkit", _recognizes, _read)
