"""Keras: the classes of `keras.optimizers.schedules`, as Keras writes them (`class_name`, `config`), and as calls.

They say their values in numbers, so the texts have no base. Their formulas: `keras/src/optimizers/schedules`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

from .config import Config, written
from .pieces import (
    NOWHERE,
    Level,
    Piece,
    arguments_of,
    call,
    chained,
    constant,
    line,
    name_of,
    number,
    plain,
    ramp,
    unknown,
)
from .system import Rule, System, Told, Values

_NAMES: Final = ("()", "class_name", "_target_")
_FLOAT32: Final = 1e-6
_MODULES: Final = ("keras", "tf", "tensorflow")


def _kind(value: Any) -> str | None:
    found = name_of(value, _NAMES)
    if found is None or found[0] not in _SIGNATURES:
        return None
    plain_name = not found[1] and ("class_name" in value or "#0" in value or "initial_learning_rate" in value)
    known = found[1].split(".")[0] in (*_MODULES, "schedules", "optimizers")
    return found[0] if known or plain_name else None


def _read(config: Config, told: Told) -> Iterator[Rule]:
    kind = _kind(config.values)
    if kind is None:
        unknown(config, "Keras's schedules")
    config.skip(*_NAMES, "module", "registered_name", "build_config", "shared_object_id")
    below = config.below("config") if "class_name" in config.values else None
    arguments = arguments_of(config if below is None else below, _SIGNATURES[kind], kind)
    arguments.skip("name", "dtype")
    text = _KINDS[kind](arguments)
    given = {key: each for key, each in arguments.values.items() if key not in _NAMES and not key.startswith("_")}
    arguments.finish(f"`{kind}`")
    yield Rule(text, kind, values=_values(kind, given), precision=_FLOAT32)


def _first(config: Config) -> Level:
    return number(config.number("initial_learning_rate"))


def _exponential(config: Config) -> str:
    shape = "interval" if config.flag("staircase") else "exponential_decay"
    return call(
        shape, written(config.number("decay_rate")), every=config.whole("decay_steps", least=1), start=_first(config)
    )


def _stairs(config: Config) -> str:
    places, values = config.numbers("boundaries"), config.numbers("values")
    if len(places) != len(values) - 1 or not places:
        message = f"has {len(places)} for {len(values)} values"
        config.refuse("boundaries", message, "there is one less of them than of values", "E605")
    if any(place != int(place) or place < 0 for place in places) or sorted(set(places)) != places:
        config.refuse("boundaries", "do not rise", "write whole numbers of steps, the first one first", "E606")
    edges = [Fraction(0), *(Fraction(place) + 1 for place in places)]  # the value changes behind a boundary
    lengths = [*(after - before for before, after in pairwise(edges)), None]
    return chained([constant(number(each)) for each in values], lengths, NOWHERE.ticks)


def _polynomial(config: Config) -> str:
    start, end = _first(config), number(config.number("end_learning_rate", Decimal("0.0001")))
    steps, power = config.whole("decay_steps", least=1), config.number("power", Decimal(1))
    if config.flag("cycle"):
        left = f"1 - step / ({steps} * max(1, ceil(step / {steps})))"
        bent = f"({left})" if power == 1 else f"({left}) ** {written(power)}"
        return f"{end} + {number(start.amount - end.amount)} * {bent}"
    if power == 1:
        return ramp("linear", start, end, NOWHERE, steps)
    return ramp("poly", start, end, NOWHERE, steps, power=written(power))


def _inverse(config: Config) -> str:
    passed = f"step / {config.whole('decay_steps', least=1)}"
    passed = f"floor({passed})" if config.flag("staircase") else passed
    return f"{_first(config)} / (1 + {written(config.number('decay_rate'))} * {passed})"


def _cosine(config: Config) -> str:
    start, steps, low = _first(config), config.whole("decay_steps", least=1), config.number("alpha", 0)
    warms, target = config.whole("warmup_steps", 0), config.number("warmup_target")
    if target is None:
        if warms:
            config.note("warmup_steps", "does nothing without `warmup_target`", "add it, or remove this", "W527")
        return ramp("cosine", start, start.times(low), NOWHERE, steps)
    peak = number(target)
    down = Piece(ramp("cosine", peak, peak.times(low), NOWHERE, steps), peak)
    if not warms:
        return down.text
    return chained([line(start, peak, NOWHERE, warms), down], [Fraction(warms), None], NOWHERE.ticks)


def _restarts(config: Config) -> str:
    start, steps = _first(config), config.whole("first_decay_steps", least=1)
    longer, lower = config.number("t_mul", Decimal(2)), config.number("m_mul", Decimal(1))
    low = start.times(config.number("alpha", 0))
    if longer < 1:
        config.refuse("t_mul", f"is {longer}: the copies get shorter without end", "write a number of at least 1")
    floor = low if lower != 1 and low.amount else number(0)
    top, bottom = number(start.amount - floor.amount), number(low.amount - floor.amount)
    exact = "exact" if longer != int(longer) else None  # copies end between two steps
    text = f"{call('cosine', top, bottom, inclusive=exact)} for {steps} repeat"
    text += f" stretch {written(longer)}" * (longer != 1) + f" scale {written(lower)}" * (lower != 1)
    return f"{floor} + ({text})" if floor.amount else text


_KINDS: Final[Mapping[str, Callable[[Config], str]]] = {
    "ExponentialDecay": _exponential,
    "PiecewiseConstantDecay": _stairs,
    "PolynomialDecay": _polynomial,
    "InverseTimeDecay": _inverse,
    "CosineDecay": _cosine,
    "CosineDecayRestarts": _restarts,
}
_SIGNATURES: Final = {
    "ExponentialDecay": "initial_learning_rate decay_steps decay_rate | staircase",
    "PiecewiseConstantDecay": "boundaries values |",
    "PolynomialDecay": "initial_learning_rate decay_steps | end_learning_rate power cycle",
    "InverseTimeDecay": "initial_learning_rate decay_steps decay_rate | staircase",
    "CosineDecay": "initial_learning_rate decay_steps | alpha name warmup_target warmup_steps",
    "CosineDecayRestarts": "initial_learning_rate first_decay_steps | t_mul m_mul alpha",
}
"""The arguments of each by position, those before the bar without a default."""


def _values(kind: str, given: Mapping[str, Any]) -> Values:
    def values(total: int) -> list[float]:
        import keras  # type: ignore[import-untyped]

        schedule = getattr(keras.optimizers.schedules, kind)(**{key: plain(each) for key, each in given.items()})
        if keras.config.backend() != "jax":
            return [float(schedule(step)) for step in range(total)]
        import jax

        with jax.enable_x64(True):  # Keras itself calculates in float32
            found: list[float] = jax.jit(jax.vmap(schedule))(jax.numpy.arange(total, dtype="float64")).tolist()
            return found

    return values


KERAS: Final = System("keras", "Keras's schedules", "keras", lambda value: _kind(value) is not None, _read, alone=True)
