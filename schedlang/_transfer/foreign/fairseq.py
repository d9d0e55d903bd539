"""fairseq: `--lr-scheduler inverse_sqrt --warmup-updates 4000 …`, and the same in Hydra's YAML.

Source of the formulas: `fairseq/optim/lr_scheduler/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Final

from .config import Config, of_base, written
from .system import Rule, System, Told, Values, then

_OWN: Final = frozenset((
    *("warmup_updates", "warmup_init_lr", "total_num_update", "end_learning_rate", "lr_period_updates", "lr_shrink"),
    *("max_update", "force_anneal", "phase_ratio", "init_lr_scale", "final_lr_scale", "arch", "max_tokens", "t_mult"),
))  # fmt: skip
_OF_EPOCHS: Final = ("manual", "pass_through", "reduce_lr_on_plateau")


def _recognizes(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    scheduler = value.get("lr_scheduler")
    if isinstance(scheduler, Mapping):
        return scheduler.get("_name") in (*_TEXTS, *_OF_EPOCHS)
    return scheduler in (*_TEXTS, *_OF_EPOCHS) and not _OWN.isdisjoint(value)


def _read(config: Config, told: Told) -> Iterator[Rule]:
    inside = isinstance(config.values.get("lr_scheduler"), Mapping)
    own = config.below("lr_scheduler") if inside else config
    general = config.below("optimization", stays=True) if inside else config
    assert own is not None
    key = "_name" if inside else "lr_scheduler"
    kind = own.word(key, among=(*_TEXTS, *_OF_EPOCHS))
    if kind in _OF_EPOCHS:
        own.refuse(key, f"is `{kind}`, which does not follow the updates alone", "write a text of your own")
    rates = None if general is None else general.numbers("lr", stays=True)
    if rates is not None and len(rates) > 1:
        config.refuse(None, "a learning rate for each epoch", "write `1e-3 for 1ep then 5e-4`")
    base = None if rates is None else rates[0]
    limit = None if general is None else general.known("max_update")
    total = told.total_steps or (int(limit) if limit is not None and limit > 0 else None)
    given: dict[str, Any] = {}
    text = _TEXTS[kind](_Reader(own, given, total))
    if inside:
        own.finish(f"`{kind}`")
    yield Rule(text, kind, base=base, total=total, values=_values(kind, base, given))


class _Reader:
    """Reads arguments, and keeps them for the library."""

    def __init__(self, config: Config, given: dict[str, Any], total: int | None) -> None:
        self.config, self.given, self.total = config, given, total

    def number(self, key: str, default: str) -> Decimal:
        value: Decimal = self.config.number(key, Decimal(default))
        self.given[key] = float(value)
        return value

    def whole(self, key: str, default: int) -> int:
        value: int = self.config.whole(key, default)
        self.given[key] = value
        return value

    def needed(self, key: str) -> int:
        if self.total is None:
            hint = "give how many steps the run has: `max_update`, or `total_steps=10_000`"
            message = "depends on how long the run is"
            self.config.refuse(key if key in self.config else None, message, hint, "E607")
        return self.total

    def warm_up(self, default: int = 0, start: str | None = None, *arguments: str) -> str | None:
        steps = self.whole("warmup_updates", default)
        listed = [str(steps), *([] if start in (None, "0") else [str(start)]), *arguments]
        return f"warmup({', '.join(listed)})" if steps else None


def _fixed(reader: _Reader) -> str:
    if reader.config.get("force_anneal") is not None:
        reader.config.refuse("force_anneal", "begins at an epoch", "write `… then hold until 10ep then …`")
    reader.given["force_anneal"] = None
    reader.number("lr_shrink", "0.1")
    return then(reader.warm_up(0, None, "inclusive=right"), "hold")


def _start(reader: _Reader, otherwise: Decimal) -> str:
    """Where a warm-up begins: at `otherwise` if that is below 0."""
    start = reader.number("warmup_init_lr", "-1")
    return written(otherwise if start < 0 else start)


def _inverse_sqrt(reader: _Reader) -> str:
    steps = reader.config.whole("warmup_updates", 4000, least=1)
    return then(reader.warm_up(4000, _start(reader, Decimal(0))), f"inv_sqrt({steps})")


def _polynomial(reader: _Reader) -> str:
    if reader.config.get("force_anneal") is not None:
        reader.config.refuse("force_anneal", "begins at an epoch", "write `… then hold until 10ep then …`")
    reader.given["force_anneal"] = None
    low, power = reader.number("end_learning_rate", "0"), reader.number("power", "1")
    over = reader.config.whole("total_num_update", least=1)
    reader.given["total_num_update"] = over
    arguments = [*([f"end={written(low)}"] if low else []), *([] if power == 1 else [f"power={written(power)}"])]
    ramp = "linear" if power == 1 else "poly"
    until = "" if over is None or over == reader.total else f" until {over}"
    return then(reader.warm_up(), (f"{ramp}({', '.join(arguments)})" if arguments else ramp) + until)


def _cosine(reader: _Reader) -> str:
    low = reader.number("min_lr", "0")
    up = reader.warm_up(0, _start(reader, low))
    longer, lower = reader.number("t_mult", "1"), reader.number("lr_shrink", "0.1")
    period = reader.number("lr_period_updates", "-1")
    if period <= 0:
        return then(up, f"cosine(end={written(low)})" if low else "cosine")
    stretch = "" if longer == 1 else f" stretch {written(longer)}"
    scale = "" if lower == 1 else f" scale {written(lower)}"
    steps = written(period) + ("" if period == int(period) else " steps")
    return then(up, f"cosine(base, {written(low)}) for {steps} repeat{stretch}{scale}")


def _tri_stage(reader: _Reader) -> str:
    shares = reader.config.numbers("phase_ratio")
    if shares is not None and len(shares) != 3:
        reader.config.refuse("phase_ratio", "has not three numbers", "write the shares of all three stages", "E605")
    keys = ("warmup_steps", "hold_steps", "decay_steps")
    lengths = [reader.whole(key, 0) for key in keys]
    if shares is not None:
        lengths = [int(reader.needed("phase_ratio") * float(share)) for share in shares]
    reader.given["phase_ratio"] = None if shares is None else tuple(map(float, shares))
    up, still, down = lengths
    if not down:
        reader.config.refuse(None, "has no `decay_steps`", "add them", "E605")
    low, end = reader.number("init_lr_scale", "0.01"), reader.number("final_lr_scale", "0.01")
    first = None if not up else f"warmup({up}{'' if not low else f', {of_base(low)}'})"
    return then(first, f"hold for {still}" if still else None, f"exponential(end={of_base(end)}) for {down}")


def _triangular(reader: _Reader) -> str:
    high = reader.config.number("max_lr")
    if high is None:
        reader.config.refuse(None, "needs `max_lr`", "add it", "E605")
    reader.given["max_lr"] = float(high)
    half = reader.whole("lr_period_updates", 5000) // 2
    lower = reader.number("lr_shrink", "0.1")
    reader.given["shrink_min"] = reader.config.flag("shrink_min")
    scale = "" if lower == 1 else f" scale {written(lower)}"
    if reader.given["shrink_min"] or lower == 1:
        return f"(linear(base, {written(high)}) for {half} then linear({written(high)}, base) for {half}) repeat{scale}"
    top = written(high)  # which falls with each cycle, while base stays
    low = f"base * ((linear(1, 0) for {half} then linear(0, 1) for {half}) repeat)"
    return f"{low} + ((linear(0, {top}) for {half} then linear({top}, 0) for {half}) repeat{scale})"


def _step(reader: _Reader) -> str:
    low = reader.number("min_lr", "0")
    up = reader.warm_up(0, _start(reader, low))
    stairs = f"interval({written(reader.number('lr_decay', '0.5'))}, every={reader.whole('lr_deacy_period', 25_000)})"
    return then(up, f"max({stairs}, {written(low)})" if low else stairs)


_TEXTS: Final[Mapping[str, Callable[[_Reader], str]]] = {
    "fixed": _fixed,
    "inverse_sqrt": _inverse_sqrt,
    "polynomial_decay": _polynomial,
    "cosine": _cosine,
    "tri_stage": _tri_stage,
    "triangular": _triangular,
    "step": _step,
}


def _values(kind: str, base: Decimal | None, given: Mapping[str, Any]) -> Values:
    def values(total: int) -> list[float]:
        from fairseq.optim import FairseqOptimizer  # type: ignore[import-not-found]
        from fairseq.optim.lr_scheduler import LR_SCHEDULER_REGISTRY  # type: ignore[import-not-found]

        class Held(FairseqOptimizer):  # type: ignore[misc]
            """An optimizer that has nothing but a learning rate."""

            def __init__(self) -> None:
                self.rate = 0.0

            def get_lr(self) -> float:
                return self.rate

            def set_lr(self, rate: float) -> None:
                self.rate = rate

        limits = {"max_update": total, **given}
        if kind == "polynomial_decay" and given["total_num_update"] is None:
            limits["total_num_update"] = total
        optimizer = Held()
        scheduler = LR_SCHEDULER_REGISTRY[kind](
            SimpleNamespace(lr=[1.0 if base is None else float(base)], **limits), optimizer
        )
        return [scheduler.step_update(step) for step in range(total)]

    return values


FAIRSEQ: Final = System("fairseq", "fairseq", "fairseq", _recognizes, _read)
