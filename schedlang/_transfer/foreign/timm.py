"""timm: the arguments of its training script, `--sched cosine --epochs 300 …`, or a YAML file of them.

The schedule moves once an epoch, or at each step with `sched_on_updates`. Its formulas: `timm/scheduler`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, Final

import attrs

from .config import Config, written
from .pieces import BASE, Level, Ticks, call, number, plain, unknown
from .system import RATE, Rule, System, Told, Values, then

_KINDS: Final = ("cosine", "tanh", "step", "constant", "multistep", "plateau", "poly", "wsd", "rsqrt", "none")
_MARKS: Final = frozenset((
    *("epochs", "warmup_epochs", "warmup_lr", "min_lr", "decay_epochs", "decay_rate", "cooldown_epochs"),
    *("sched_on_updates", "lr_cycle_limit", "lr_k_decay", "decay_milestones", "opt"),
))  # fmt: skip
_DEFAULTS: Final = {
    "epochs": 300,
    "warmup_epochs": 5,
    "warmup_lr": Decimal("1e-5"),
    "min_lr": 0,
    "decay_rate": Decimal("0.1"),
    "decay_epochs": 90,
    "cooldown_epochs": 0,
    "lr_cycle_mul": 1,
    "lr_cycle_decay": Decimal("0.5"),
    "lr_cycle_limit": 1,
    "lr_k_decay": 1,
}
"""Those of timm's own script; the scripts of others have others."""
_TOLD: Final = ("epochs", "warmup_epochs", "warmup_lr", "min_lr", "decay_rate", "decay_epochs")
"""The defaults that differ from script to script, and so are told of where a config doesn't say them."""
_NOISE: Final = ("lr_noise", "lr_noise_pct", "lr_noise_std")


def _recognizes(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("sched") in _KINDS and not _MARKS.isdisjoint(value)


@attrs.frozen
class _Given:
    """What a config says that all its kinds have, in epochs."""

    config: Config
    ticks: Ticks
    low: Level
    warms: Fraction
    first: Level
    prefix: bool

    def take(self, key: str) -> Any:
        """A number of the config, or the script's default."""
        return _taken(self.config, key)


def _taken(config: Config, key: str, *, stays: bool = False) -> Any:
    found, default = config.number(key, stays=stays), _DEFAULTS[key]
    if found is None and key in _TOLD:
        hint = "write it down, if your script has another"
        config.note(None, f"doesn't say `{key}`: it is taken to be {default}, as in timm's own script", hint)
    return default if found is None else found


def _read(config: Config, told: Told) -> Iterator[Rule]:
    kind = config.word("sched", None, _KINDS)
    if kind is None:
        unknown(config, "timm's training script")
    _whole_words(config)
    if kind == "plateau":
        config.refuse("sched", "is `plateau`, which follows a metric", "a schedule here knows only the step")
    if config.get("lr_noise") is not None:
        config.refuse("lr_noise", "adds noise, which a schedule here has none of", "leave it out", "E606")
    config.skip(*_NOISE, "patience_epochs", "seed")
    on_updates = config.flag("sched_on_updates")
    if not on_updates and told.steps_per_epoch is not None and told.steps_per_epoch.denominator > 1:
        message = "moves once an epoch, and an epoch has no whole number of steps"
        config.refuse("sched", message, "say how many steps the loader has", "E607")
    ticks = Ticks("ep", smooth=on_updates)
    if kind == "none":
        yield Rule("hold", kind, base=config.known("lr"))
        return
    warms = Fraction(_taken(config, "warmup_epochs"))
    given = _Given(
        config,
        ticks,
        number(_taken(config, "min_lr") if kind not in ("step", "constant", "multistep") else 0),
        warms,
        number(_taken(config, "warmup_lr") if warms else 0),
        config.flag("warmup_prefix"),
    )
    text = ticks.held(_TEXTS[kind](given))
    epochs = _epochs(kind, given)
    base = config.known("lr")
    asked = {key: plain(each) for key, each in config.values.items()}
    yield Rule(text, kind, base=base, total=f"{written(epochs)}ep", values=_values(asked, base, told.steps_per_epoch))


def _several(given: _Given) -> int:
    found = given.take("lr_cycle_limit")
    if found != int(found) or not 1 <= found <= _MOST:
        given.config.refuse("lr_cycle_limit", f"is {found}, no number of cycles from 1 to {_MOST}", "write 1", "E605")
    return int(found)


_MOST: Final = 100


def _whole_words(config: Config) -> None:
    """Refuse what a command line takes as a shorter name of another argument."""
    known = (*_MARKS, *_DEFAULTS)
    for key in config.values:
        longer = [each for each in known if each.startswith(key) and key not in known and "_" in key]
        if longer:
            config.refuse(key, "is short for another argument", f"write `{longer[0]}`", "E605")


def _epochs(kind: str, given: _Given) -> Fraction:
    """How many epochs the script trains."""
    epochs = Fraction(_taken(given.config, "epochs", stays=True))
    if kind in ("cosine", "tanh", "poly"):
        several, longer = _several(given), Fraction(given.take("lr_cycle_mul"))
        epochs = sum((epochs * longer**copy for copy in range(several)), Fraction(0))
        epochs = Fraction(int(epochs)) + (given.warms if given.prefix else 0)
    elif given.prefix:
        return epochs + given.warms
    elif kind not in ("wsd", "rsqrt"):
        return epochs
    return epochs + int(given.take("cooldown_epochs"))


# Texts.


def _up(given: _Given, end: Level | None) -> str | None:
    if not given.warms:
        return None
    return call("warmup", given.ticks.time(given.warms), given.first if given.first.amount else None, end)


def _warmed(given: _Given, body: str, end: Level | None) -> str:
    """A curve behind a warm-up; without a prefix it has begun with it, and is seen only from there on.

    `end`: what the warm-up climbs to, if that is not where the curve is by then.
    """
    if not given.warms:
        return body
    seen = body if given.prefix else f"({body}) skip {given.ticks.time(given.warms)}"
    return then(_up(given, end), seen)


def _cycles(given: _Given, ramp: Callable[[Level, str | None], str]) -> str:
    """Copies of a ramp from a height, each longer and lower than the one before it."""
    epochs, several = Fraction(given.take("epochs")), _several(given)
    longer, lower = Fraction(given.take("lr_cycle_mul")), Fraction(given.take("lr_cycle_decay"))
    if longer <= 0:
        given.config.refuse("lr_cycle_mul", "is not above 0", "write 1", "E605")
    exact = "exact" if longer.denominator > 1 and several > 1 else None
    lengths = [epochs * longer**copy for copy in range(several)]
    if several > 1 and (lower == 1 or not given.low.amount):
        copies = f"{ramp(BASE, exact)} for {given.ticks.time(epochs)} repeat {several}"
        return copies + f" stretch {written(longer)}" * (longer != 1) + f" scale {written(lower)}" * (lower != 1)
    phases = [
        f"{ramp(BASE.times(lower**copy), exact)} for {given.ticks.time(length)}" for copy, length in enumerate(lengths)
    ]
    return then(*phases)


def _bent(given: _Given) -> str | None:
    power = given.take("lr_k_decay")
    return None if power == 1 else written(power)


def _cosine(given: _Given) -> str:
    ease = _bent(given)
    body = _cycles(given, lambda top, exact: call("cosine", top, given.low, ease=ease, inclusive=exact))
    return _warmed(given, body, None if given.prefix else BASE)


def _poly(given: _Given) -> str:
    ease, power = _bent(given), written(given.take("decay_rate"))
    body = _cycles(given, lambda top, exact: call("poly", top, given.low, power=power, ease=ease, inclusive=exact))
    return _warmed(given, body, None if given.prefix else BASE)


def _tanh(given: _Given) -> str:
    if given.take("lr_cycle_limit") != 1:
        given.config.refuse("lr_cycle_limit", "repeats a curve that jumps at its end", "leave it at 1")
    low = given.low
    share = "0.5 - 0.5 * tanh(10 * progress - 7)"
    curve = f"mix({low}, base, {share})" if low.amount else f"base * ({share})"
    body = f"{curve} for {given.ticks.time(Fraction(given.take('epochs')))} then {low}"
    return _warmed(given, body, BASE if given.prefix else None)


def _stairs(given: _Given) -> str:
    every, rate = Fraction(given.take("decay_epochs")), written(given.take("decay_rate"))
    return _warmed(given, call("interval", rate, every=given.ticks.time(every), start=BASE), BASE)


def _constant(given: _Given) -> str:
    return then(_up(given, None), "hold")


def _milestones(given: _Given) -> str:
    """Each of timm's milestones is met a tick early."""
    places = given.config.numbers("decay_milestones", [Decimal(each) for each in (90, 180, 270)])
    if sorted(places) != places:
        given.config.refuse("decay_milestones", "do not rise", "write them in order", "E605")
    early = [_early(given.ticks, Fraction(place)) for place in places]
    rate = written(given.take("decay_rate"))
    return _warmed(given, call("step_fixed", rate, f"[{', '.join(early)}]", start=BASE), BASE)


def _early(ticks: Ticks, place: Fraction) -> str:
    if ticks.smooth:
        return f"{ticks.time(place)} - 1" if place else "0"
    return ticks.time(max(place - 1, Fraction(0)))


def _stable(given: _Given) -> str:
    """A hold, and a decay in the last epochs; the warm-up is always a phase before both."""
    if given.config.get("lr_stable_timescale") is not None:
        given.config.note("lr_stable_timescale", "does nothing beside `wsd`", "remove it", "W527")
    rest, decay = _last_epochs(given)
    down = call(_shape(given, "1-sqrt"), end=given.low if given.low.amount else None, duration=given.ticks.time(decay))
    still = f"hold for {given.ticks.time(rest - decay)}" if rest > decay else None
    return then(_up(given, None), still, down)


def _inverse(given: _Given) -> str:
    """A curve that falls as an inverse square root from base on, and in the last epochs is multiplied by a decay."""
    scale = Fraction(given.config.number("lr_stable_timescale", given.warms))
    if scale <= 0:
        hint = "write `lr_stable_timescale`, or a warm-up"
        given.config.refuse(
            None, "needs a timescale, which is as long as the warm-up if it isn't written", hint, "E605"
        )
    rest, decay = _last_epochs(given)
    curve = call("inv_sqrt", given.ticks.time(scale))
    down = call(_shape(given, "linear"), 1, 0, given.ticks.time(decay))
    share = f"(1 for {given.ticks.time(rest - decay)} then {down})" if rest > decay else down
    if given.low.amount:
        return then(_up(given, BASE), f"{given.low} + (max({curve}, {given.low}) - {given.low}) * {share}")
    return then(_up(given, BASE), f"{curve} * {share}")


def _last_epochs(given: _Given) -> tuple[Fraction, Fraction]:
    """The epochs behind the warm-up, and those of them in which the decay is."""
    epochs, share = Fraction(given.take("epochs")), given.config.number("decay_epochs", Decimal("0.2"))
    rest = epochs if given.prefix else epochs - given.warms
    decay = Fraction(share) * rest if 0 < share < 1 else Fraction(share)
    if decay.denominator > 1 or not 0 < decay <= rest:
        message = f"is {written(share)}, of which timm makes {written(decay)} epochs of {written(rest)}"
        given.config.refuse("decay_epochs", message, "write a whole number of epochs that fits")
    return rest, decay


def _shape(given: _Given, default: str) -> str:
    shapes = {"1-sqrt": "one_minus_sqrt", "linear": "linear", "cosine": "cosine"}
    return shapes[given.config.word("lr_decay_fn", default, tuple(shapes))]


_TEXTS: Final[Mapping[str, Callable[[_Given], str]]] = {
    "cosine": _cosine,
    "poly": _poly,
    "tanh": _tanh,
    "step": _stairs,
    "constant": _constant,
    "multistep": _milestones,
    "wsd": _stable,
    "rsqrt": _inverse,
}


# The library's own values.


def _values(config: Mapping[str, Any], base: Decimal | None, known: Fraction | None) -> Values:
    """With the defaults of timm's script, which are not those of its function."""
    per_epoch = int(known or RATE)

    def values(total: int) -> list[float]:
        import torch
        from timm.scheduler import create_scheduler  # type: ignore[import-not-found]

        level = 1.0 if base is None else float(base)
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=level)
        defaults = {key: plain(str(each)) for key, each in _DEFAULTS.items()}
        if config["sched"] in ("wsd", "rsqrt"):
            defaults["decay_epochs"] = 0.2
        said = {key: each for key, each in config.items() if each is not None}
        asked = {**defaults, "decay_milestones": [90, 180, 270], **said}
        scheduler, _ = create_scheduler(SimpleNamespace(**asked), optimizer, updates_per_epoch=per_epoch)
        found: list[float] = []
        for step in range(total):
            found.append(float(optimizer.param_groups[0]["lr"]))
            scheduler.step_update(num_updates=step + 1)
            if (step + 1) % per_epoch == 0:
                scheduler.step((step + 1) // per_epoch)
        return found

    return values


TIMM: Final = System("timm", "timm's training script", "timm", _recognizes, _read)
