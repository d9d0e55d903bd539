"""optax: the factories of `optax.schedules`, as calls in Python files, or by name with their arguments.

They say their values in numbers, so the texts have no base. Their formulas: `optax/schedules/_schedule.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
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

_NAMES: Final = ("()", "_target_", "name", "type", "schedule", "fn")
_BESIDE: Final = (*_NAMES, "_partial_", "_convert_", "_recursive_")
_WHERE: Final = ("optax", "optax.schedules", "optax.schedule")
_PLAIN: Final = ("init_value", "peak_value", "#0")
"""Arguments of which one is there where a name without a module is one of these functions."""

_Made = list[tuple[Piece, Fraction | None]]
"""Phases, and how many steps each lasts; None: the rest."""


def _kind(value: Any) -> str | None:
    found = name_of(value, _NAMES)
    if found is None or found[0] not in _SIGNATURES:
        return None
    kind, where = found
    unlike = kind.endswith("_schedule") or any(key in value for key in _PLAIN)
    return kind if where in _WHERE or (not where and (kind == "join_schedules" or unlike)) else None


def _read(config: Config, told: Told) -> Iterator[Rule]:
    kind = _kind(config.values)
    if kind is None:
        unknown(config, "optax's schedules")
    values = config.values
    yield Rule(_text(_phases(config)), kind, values=_values(values))


def _text(phases: _Made) -> str:
    return chained([piece for piece, _ in phases], [lasts for _, lasts in phases], NOWHERE.ticks)


def _phases(config: Config) -> _Made:
    """The phases of a schedule, of which the last goes on."""
    kind = _kind(config.values)
    if kind is None:
        config.refuse(None, "is no schedule of optax's", "write a call of one", "E606")
    config.skip(*_BESIDE)
    arguments = arguments_of(config, _SIGNATURES[kind], kind)
    phases = _KINDS[kind](arguments)
    arguments.finish(f"`{kind}`")
    return phases


def _level(config: Config, key: str) -> Level:
    return number(config.number(key))


def _flat(config: Config) -> _Made:
    return [(constant(_level(config, "value")), None)]


def _delayed(config: Config, piece: Piece) -> _Made:
    begins = config.whole("transition_begin", 0, least=-(10**9))
    return [(constant(piece.start), Fraction(begins)), (piece, None)] if begins > 0 else [(piece, None)]


def _polynomial(config: Config, power: Decimal | None = None) -> _Made:
    start, end = _level(config, "init_value"), _level(config, "end_value")
    steps = config.whole("transition_steps", least=-(10**9))
    power = config.number("power") if power is None else power
    if steps <= 0:
        config.whole("transition_begin", 0, least=-(10**9))
        return [(constant(start), None)]
    if power == 1:
        return _delayed(config, line(start, end, NOWHERE, steps))
    text = ramp("poly", start, end, NOWHERE, steps, power=written(power))
    return _delayed(config, Piece(text, start, Fraction(steps), end))


def _linear(config: Config) -> _Made:
    return _polynomial(config, Decimal(1))


def _cosine_piece(config: Config, start: Level, end: Level, steps: int) -> Piece:
    exponent = config.number("exponent", Decimal(1))
    if exponent == 1:
        return Piece(ramp("cosine", start, end, NOWHERE, steps), start, Fraction(steps), end)
    swing = number(start.amount - end.amount)
    text = f"{swing} * {call('cosine', 1, 0, steps)} ** {written(exponent)}"
    return Piece(text if not end.amount else f"{end} + {text}", start, Fraction(steps), end)


def _cosine(config: Config) -> _Made:
    start, steps = _level(config, "init_value"), config.whole("decay_steps", least=1)
    return [(_cosine_piece(config, start, start.times(config.number("alpha", 0)), steps), None)]


def _climb(config: Config, rest: _Made) -> _Made:
    """A warm-up to where the rest begins, or to its `peak_value`."""
    start, peak, steps = _level(config, "init_value"), _level(config, "peak_value"), config.whole("warmup_steps")
    return [(line(start, peak, NOWHERE, steps), Fraction(steps)), *rest] if steps else rest


def _warmup_constant(config: Config) -> _Made:
    if config.whole("warmup_steps") == 0:
        config.number("peak_value")
        return [(constant(_level(config, "init_value")), None)]
    return _climb(config, [(constant(_level(config, "peak_value")), None)])


def _warmup_cosine(config: Config) -> _Made:
    peak, end = _level(config, "peak_value"), number(config.number("end_value", 0))
    steps = config.whole("decay_steps") - config.whole("warmup_steps")
    if steps < 1:
        message = "has to be more than `warmup_steps`, which it includes"
        config.refuse("decay_steps", message, "write the length of both together", "E605")
    if not peak.amount:
        end = number(0)
    return _climb(config, [(_cosine_piece(config, peak, end, steps), None)])


def _decay(config: Config, key: str = "init_value") -> _Made:
    start, rate = _level(config, key), config.number("decay_rate")
    steps, stairs = config.whole("transition_steps", least=-(10**9)), config.flag("staircase")
    end = None if "end_value" not in config else number(config.number("end_value"))
    if steps <= 0 or rate == 0:
        config.whole("transition_begin", 0, least=-(10**9))
        return [(constant(start), None)]
    text = call("interval" if stairs else "exponential_decay", written(rate), every=steps, start=start)
    if end is not None:
        text = f"{'max' if rate < 1 else 'min'}({text}, {end})"
    return _delayed(config, Piece(text, start, stairs=stairs))


def _warmup_decay(config: Config) -> _Made:
    return _climb(config, _decay(config, "peak_value"))


def _scales(config: Config) -> list[tuple[int, Fraction]]:
    """Boundaries and factors, in order."""
    written_ = config.get("boundaries_and_scales", {})
    if not isinstance(written_, Mapping):
        config.refuse("boundaries_and_scales", "is no mapping", "write `{boundary: factor}`", "E605")
    if any(factor is None for factor in written_.values()):
        config.refuse("boundaries_and_scales", "has a boundary without a factor", "write it", "E605")
    places = Config({str(key): key for key in written_})
    factors = Config({str(key): value for key, value in written_.items()})
    found = sorted((places.whole(key), Fraction(factors.number(key))) for key in places.values)
    if any(factor < 0 for _, factor in found):
        config.refuse("boundaries_and_scales", "has a factor below 0, which optax refuses", "write it above", "E605")
    return found


def _stairs(config: Config) -> _Made:
    start, scales = _level(config, "init_value"), _scales(config)
    if not scales:
        return [(constant(start), None)]
    if len({factor for _, factor in scales}) == 1:
        places = ", ".join(str(place) for place, _ in scales)
        text = call("step_fixed", written(scales[0][1]), f"[{places}]", start=start)
        return [(Piece(text, start, stairs=True), None)]
    return [(_keys(start, scales, "hold"), None)]


def _keys(start: Level, scales: Sequence[tuple[int, Fraction]], shape: str) -> Piece:
    keys, level = [f"{start} @ 0"], start
    for place, factor in scales:
        level = level.times(factor)
        keys.append(f"{level} @ {place}")
    return Piece(call("keyframes", *keys, shape=None if shape == "linear" else shape), start)


def _interpolated(config: Config) -> _Made:
    shape = config.word("interpolate_type", None, ("linear", "cosine"))
    return [(_keys(_level(config, "init_value"), _scales(config), shape), None)]


def _divisors(config: Config) -> tuple[Fraction, Fraction]:
    found = [Fraction(config.number(key, 25 if key == "div_factor" else 10_000)) for key in _DIVISORS]
    if not all(found):
        config.refuse(_DIVISORS[found.index(Fraction(0))], "is 0", "write a factor above 0", "E605")
    return found[0], found[1]


_DIVISORS: Final = ("div_factor", "final_div_factor")


def _one_cycle(config: Config) -> _Made:
    steps, peak, (over, under) = (
        config.whole("transition_steps", least=1),
        _level(config, "peak_value"),
        _divisors(config),
    )
    up = _place(config, "pct_start", "0.3", steps)
    return [(_keys(peak.times(1 / over), [(up, over), (steps, 1 / (over * under))], "cosine"), None)]


def _linear_one_cycle(config: Config) -> _Made:
    steps, peak, (over, under) = (
        config.whole("transition_steps", least=1),
        _level(config, "peak_value"),
        _divisors(config),
    )
    up, down = _place(config, "pct_start", "0.3", steps), _place(config, "pct_final", "0.85", steps)
    scales = sorted([(up, over), (down, 1 / over), (steps, 1 / under)])
    return [(_keys(peak.times(1 / over), scales, "linear"), None)]


def _place(config: Config, key: str, default: str, steps: int) -> int:
    """A share of the steps, cut as optax's floats cut it."""
    return int(float(config.number(key, Decimal(default))) * steps)


def _joined(config: Config) -> _Made:
    below = config.below("schedules")
    inside = [] if below is None else [_phases(each) for _, each in below.items()]
    places = config.numbers("boundaries")
    if len(places) != len(inside) - 1:
        message = f"has {len(places)} for {len(inside)} schedules"
        config.refuse("boundaries", message, "there is one less of them than of schedules", "E605")
    if any(place != int(place) or place < 0 for place in places) or sorted(places) != places:
        config.refuse("boundaries", "do not rise", "write where each schedule but the first begins", "E606")
    edges = [Fraction(0), *map(Fraction, places)]
    found: _Made = []
    for phases, before, after in zip(inside, edges, [*edges[1:], None], strict=True):
        lasts = None if after is None else after - before
        if lasts != 0:
            found += [_window(phases, lasts)] if lasts is not None else phases
    return found


def _window(phases: _Made, lasts: Fraction) -> tuple[Piece, Fraction]:
    """Phases as one, which is cut."""
    if len(phases) == 1:
        return phases[0][0], lasts
    return Piece(_text(phases), phases[0][0].start), lasts


def _restarts(config: Config) -> _Made:
    below = config.below("cosine_kwargs")
    several: list[_Made] = []
    for _, each in () if below is None else below.items():
        inner = "warmup_cosine_decay_schedule"
        several.append(_warmup_cosine(arguments_of(each, _SIGNATURES[inner], inner)))
        each.finish(f"`{inner}`")
    if not several:
        config.refuse("cosine_kwargs", "is empty", "write the arguments of each cosine", "E605")
    for phases in several:
        phases[-1] = (phases[-1][0], phases[-1][0].own)
    if len(several) > 1 and all(phases == several[0] for phases in several):
        text = _text([*several[0][:-1], (several[0][-1][0], None)])
        return [(Piece(f"({text}) repeat {len(several)}", several[0][0][0].start), None)]
    found = [phase for phases in several for phase in phases]
    return [*found[:-1], (found[-1][0], None)]


_KINDS: Final[Mapping[str, Callable[[Config], _Made]]] = {
    "constant_schedule": _flat,
    "linear_schedule": _linear,
    "polynomial_schedule": _polynomial,
    "exponential_decay": _decay,
    "cosine_decay_schedule": _cosine,
    "piecewise_constant_schedule": _stairs,
    "piecewise_interpolate_schedule": _interpolated,
    "join_schedules": _joined,
    "warmup_constant_schedule": _warmup_constant,
    "warmup_cosine_decay_schedule": _warmup_cosine,
    "warmup_exponential_decay_schedule": _warmup_decay,
    "sgdr_schedule": _restarts,
    "cosine_onecycle_schedule": _one_cycle,
    "linear_onecycle_schedule": _linear_one_cycle,
}
_SIGNATURES: Final = {
    "constant_schedule": "value",
    "linear_schedule": "init_value end_value transition_steps | transition_begin",
    "polynomial_schedule": "init_value end_value power transition_steps | transition_begin",
    "exponential_decay": "init_value transition_steps decay_rate | transition_begin staircase end_value",
    "cosine_decay_schedule": "init_value decay_steps | alpha exponent",
    "piecewise_constant_schedule": "init_value | boundaries_and_scales",
    "piecewise_interpolate_schedule": "interpolate_type init_value | boundaries_and_scales",
    "join_schedules": "schedules boundaries",
    "warmup_constant_schedule": "init_value peak_value warmup_steps",
    "warmup_cosine_decay_schedule": "init_value peak_value warmup_steps decay_steps | end_value exponent",
    "warmup_exponential_decay_schedule": "init_value peak_value warmup_steps transition_steps decay_rate"
    " | transition_begin staircase end_value",
    "sgdr_schedule": "cosine_kwargs",
    "cosine_onecycle_schedule": "transition_steps peak_value | pct_start div_factor final_div_factor",
    "linear_onecycle_schedule": "transition_steps peak_value | pct_start pct_final div_factor final_div_factor",
}
"""The arguments of each, those before the bar without a default."""


# The library's own values.


def _build(value: Any) -> Any:
    """What optax makes of a value of a config."""
    import optax  # type: ignore[import-untyped]

    kind = _kind(value)
    if kind is not None:
        by_position = [_build(value[key]) for key in value if key.startswith("#")]
        by_name = {key: _build(each) for key, each in value.items() if key not in _BESIDE and not key.startswith("#")}
        return getattr(optax, kind)(*by_position, **{key: each for key, each in by_name.items() if each is not None})
    if isinstance(value, Mapping):
        return {plain(key): _build(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_build(each) for each in value]
    return plain(value)


def _values(config: Mapping[str, Any]) -> Values:
    def values(total: int) -> list[float]:
        import jax

        with jax.enable_x64(True):
            schedule = _build(config)
            found: list[float] = jax.jit(jax.vmap(schedule))(jax.numpy.arange(total)).tolist()
            return found

    return values


OPTAX: Final = System("optax", "optax's schedules", "optax", lambda value: _kind(value) is not None, _read, alone=True)
