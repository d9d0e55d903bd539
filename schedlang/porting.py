"""Configs of Noether and kappaschedules as schedules: what `from_noether` and `from_kappaschedules` share.

Both libraries know the same kinds of schedule. A config is a mapping with a `kind`, a number, a list of numbers, or a
list of phases. Its steps are counted from 0 to T - 1, and inside of a phase from 0 again, T being the phase's length.
So a phase whose text speaks of `%` plays `over` its length, and any other plays `for` it.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any, Final, Literal, NamedTuple, NoReturn, TypeAlias

from . import public as shapes
from .binding import Bound
from .checking import parse, parse_argument
from .errors import fail, listed, nearest
from .extras import load_extra
from .nodes import Schedule
from .nodes.base import Operand
from .run import Rate, as_rational, shown

_DIGITS: Final = 9  # of a share; one with more was calculated, and is taken for the fraction it stands for
_TERMS: Final = 10**6
_KEPT: Final = 32  # lengths whose bound schedules are kept
_LARGEST: Final = Fraction(sys.float_info.max)
_NESTED: Final = 24  # levels of a config

Mode: TypeAlias = Literal["step", "percent"]
"""In what the boundaries of a sequence are given."""


class ByTotal:
    """A schedule for callers who say how long the run is each time they ask for a step; bound once for each length."""

    def __init__(self, schedule: str | float | Schedule, total_steps: Rate | str | None, **run: Any) -> None:
        self.schedule = schedule if isinstance(schedule, Schedule) else parse(schedule)
        self._run = run
        self._bounds: dict[int, Bound] = {}
        if total_steps is not None:
            self.schedule.bind(total_steps, **run)

    def at(self, step: int, total_steps: int) -> float:
        """The value at a step."""
        bound = self._bounds.get(total_steps)
        if bound is None:
            if len(self._bounds) >= _KEPT:
                del self._bounds[next(iter(self._bounds))]
            bound = self._bounds[total_steps] = self.schedule.bind(total_steps, **self._run)
        value: float = bound(step)
        return value


class Dialect(NamedTuple):
    """How a library writes its configs.

    Attributes:
        system: its name.
        renamed: for a kind, what it calls some fields, by the names that are used here.
        intervals: whether `interval` says how often a value is looked up.
        units: in what fields and boundaries that are in steps may be given, too.
    """

    system: str
    renamed: Mapping[str, Mapping[str, tuple[str, ...]]]
    intervals: bool
    units: tuple[str, ...]


KAPPASCHEDULES: Final = Dialect("kappaschedules", {}, False, ("step", "update", "epoch", "sample"))
NOETHER: Final = Dialect(
    "Noether",
    {
        "StepIntervalSchedule": {"interval": ("update_interval",)},
        "StepDecreasingSchedule": {"interval": ("decreases_interval", "decay_interval")},
    },
    True,
    ("step",),
)


class Piece(NamedTuple):
    """A schedule made of a config, and what its surroundings need to know.

    Attributes:
        node: the schedule.
        relative: whether it speaks of `%`.
        timeless: whether its values do not depend on how long it is.
        ended: whether its last step shows the value that it hands on.
    """

    node: Schedule
    relative: bool = False
    timeless: bool = False
    ended: bool = False


class Site(NamedTuple):
    """Where in a config something stands, and what is known there.

    Attributes:
        path: the keys that lead to it.
        total: how many steps it has, None if that depends on the run.
        first: the step of the sequence at which it begins, None if it is in none.
    """

    path: str
    total: int | None
    first: int | None = None
    depth: int = 0

    def inside(self, key: str | int) -> str:
        """The path of a key."""
        if isinstance(key, int):
            return f"{self.path}[{key}]"
        return f"{self.path}.{key}" if self.path else key


def _wrong(path: str, message: str, hint: str, code: str = "E605") -> NoReturn:
    fail(None, code, f"{path}: {message}" if path else message, hint)


def _number(path: str, value: Any) -> float:
    if isinstance(value, str):
        if "${" in value:
            hint = "resolve the config first: `OmegaConf.to_container(config, resolve=True)`"
            _wrong(path, f"`{value}` is not a number yet", hint)
        with suppress(ValueError):  # PyYAML reads `1e-3` as a text
            value = float(value)
    number = as_rational(value)
    if number is None or abs(number) > _LARGEST:
        _wrong(path, f"`{shown(value)}` is not a number", "write a number such as `0.1`")
    return float(number) if isinstance(value, float) or number.denominator > 1 else int(number)


def _factor(path: str, value: Any) -> float:
    factor = _number(path, value)
    if factor < 0:
        _wrong(path, f"`{value}` changes the sign at each step", "write a text of your own: `keyframes(…)`", "E606")
    return factor


def _share(path: str, value: Any) -> float:
    share = _number(path, value)
    if not 0 < share < 1:
        _wrong(path, f"`{value}` is not between 0 and 1", "write a share of the run: `0.01` for 1 %")
    return share


def _percent(path: str, value: Any) -> float:
    share = _number(path, value)
    if not 0 <= share <= 1:
        _wrong(path, f"`{value}` is not between 0 and 1", "write a share of the run: `0.01` for 1 %")
    return share


def _overhang(path: str, value: Any) -> float:
    share = _number(path, value)
    if share < 0:
        _wrong(path, f"`{value}` would make the run shorter", "end the schedule earlier with `for`", "E606")
    return share


def _whole(path: str, value: Any) -> int:
    number = _number(path, value)
    if number != int(number) or number < 0:
        _wrong(path, f"`{value}` is not a whole number of steps", "write a whole number of at least 0")
    return int(number)


def _flag(path: str, value: Any) -> bool:
    if not isinstance(value, bool):
        _wrong(path, f"`{shown(value)}` is neither true nor false", "write `true` or `false`")
    return value


def _items(path: str, value: Any) -> Sequence[Any]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence) or not value:
        _wrong(path, f"`{shown(value)}` is not a list with something in it", f"write `[{shown(value)}]`")
    return value


def _total(total_steps: Any) -> int | None:
    if total_steps is None:
        return None
    if isinstance(total_steps, bool) or not isinstance(total_steps, int) or total_steps < 1:
        hint = "give how many steps the run has: `total_steps=10_000`"
        _wrong("", f"total_steps is {shown(total_steps)}, not a whole number above zero", hint, "E607")
    return total_steps


def _need_total(path: str, value: Any) -> NoReturn:
    message = f"what `{value}` leads to depends on the length of the run, and on how it is rounded there"
    _wrong(path, message, "give how many steps the run has: `total_steps=10_000`", "E607")


def _numbers(path: str, value: Any) -> list[float]:
    return [_number(f"{path}[{index}]", each) for index, each in enumerate(_items(path, value))]


def _shares(path: str, value: Any) -> list[float]:
    return [_share(f"{path}[{index}]", each) for index, each in enumerate(_items(path, value))]


class Field(NamedTuple):
    """A field of a config: how it is read, and its value if it is left out."""

    read: Callable[[str, Any], Any]
    default: Any = None
    required: bool = False


_LENGTH: Final = {"overhang_percent": Field(_overhang), "overhang_steps": Field(_whole)}
_ENDS: Final = {"exclude_first": Field(_flag, False), "exclude_last": Field(_flag, False)}
_FALLING: Final = {**_LENGTH, **_ENDS, "max_value": Field(_number, 1.0), "end_value": Field(_number, 0.0)}
_RISING: Final = {**_LENGTH, **_ENDS, "start_value": Field(_number, 0.0), "max_value": Field(_number, 1.0)}
_POWER: Final = {"power": Field(_number, 1.0)}
_FACTOR: Final = Field(_factor, required=True)
_EVERY: Final = Field(_share, required=True)
_START: Final = Field(_number, required=True)
_SEQUENCE: Final = {**_LENGTH, "schedule_configs": Field(_items, required=True)}

FIELDS: Final[dict[str, dict[str, Field]]] = {
    "ConstantSchedule": {**_LENGTH, "value": _START},
    "CustomSchedule": {**_LENGTH, "values": Field(_numbers, required=True)},
    "LinearDecreasingSchedule": _FALLING,
    "LinearIncreasingSchedule": _RISING,
    "CosineDecreasingSchedule": _FALLING,
    "CosineIncreasingSchedule": _RISING,
    "PolynomialDecreasingSchedule": {**_FALLING, **_POWER},
    "PolynomialIncreasingSchedule": {**_RISING, **_POWER},
    "InverseSqrtDecreasingSchedule": _FALLING,
    "InverseSqrtIncreasingSchedule": _RISING,
    "StepFixedSchedule": {**_LENGTH, "start_value": _START, "factor": _FACTOR, "steps": Field(_shares, required=True)},
    "StepIntervalSchedule": {**_LENGTH, "start_value": _START, "factor": _FACTOR, "interval": _EVERY},
    "StepDecreasingSchedule": {**_FALLING, "factor": _FACTOR, "interval": _EVERY},
    "LinearWarmupCosineDecaySchedule": {
        **_LENGTH,
        "warmup_steps": Field(_whole),
        "warmup_percent": Field(_percent),
        "start_value": Field(_number, 0.0),
        "max_value": Field(_number, 1.0),
        "end_value": Field(_number, 1e-6),
    },
    "PeriodicBoolSchedule": {
        **_LENGTH,
        "initial_state": Field(_flag, required=True),
        "off_value": Field(_number, 0.0),
        "on_value": Field(_number, 1.0),
        "off_duration": Field(_whole, 1),
        "on_duration": Field(_whole, 1),
        "invert": Field(_flag, False),
    },
    "SequentialPercentSchedule": _SEQUENCE,
    "SequentialStepSchedule": _SEQUENCE,
}
"""The kinds and their fields."""

_SPELLED: Final = {name.lower(): name for name in FIELDS}


_INCLUSIVE: Final = {
    (False, False): "both",
    (False, True): "left",
    (True, False): "right",
    (True, True): "neither",
}
"""Which ends are shown, by `exclude_first` and `exclude_last`."""


def _bare(text: str) -> str:
    """A kind as it is looked up: without its module, its underscores, its case and the ends `Config`, `Schedule`."""
    bare = text.rpartition(".")[2].replace("_", "").lower().removesuffix("config").removesuffix("schedule")
    return f"{bare}schedule"


def share(value: float) -> Operand:
    """A share of the run as a duration.

    One with many digits was calculated: it is the fraction that gives the same float, if there is a simple one.

    >>> str(share(0.01)), str(share(5 / 6))
    ('1%', '100% * 5 / 6')
    """
    written = Decimal(repr(value))
    if len(written.as_tuple().digits) > _DIGITS:
        fraction = Fraction(value).limit_denominator(_TERMS)
        if fraction.numerator / fraction.denominator == value:
            return parse_argument(f"100% * {fraction.numerator} / {fraction.denominator}")
    return parse_argument(f"{written * 100:f}%")


class Reader:
    """Reads configs of one dialect.

    Args:
        dialect: how they are written.
        updates_per_epoch: optimizer updates in an epoch.
        batch_size: samples in an update.
        described: the config of an object of the library; whatever else it is given it returns.
    """

    def __init__(
        self,
        dialect: Dialect,
        updates_per_epoch: float | None = None,
        batch_size: int | None = None,
        described: Callable[[Any], Any] = lambda config: config,
    ) -> None:
        self._dialect = dialect
        self._rates = {"updates_per_epoch": updates_per_epoch, "batch_size": batch_size}
        for name, rate in self._rates.items():
            if rate is not None and (as_rational(rate) or 0) <= 0:
                _wrong("", f"{name} is {shown(rate)}, not a number above zero", f"give it as `{name}=100`", "E607")
        self._described = described

    def schedule(self, config: Any, total_steps: int | None) -> Schedule:
        """The schedule that a config means, or a YAML text with one.

        Raises:
            ScheduleError: E605, E606, E607; E502 or E504, if a text can't be read.
        """
        total = _total(total_steps)
        if isinstance(config, str):
            yaml = load_extra("yaml", "reading YAML")
            try:
                config = yaml.safe_load(config)
            except yaml.YAMLError as error:
                fail(None, "E504", f"this is not YAML: {error}", "give a mapping, or the text of one")
        return self._read(config, Site("", total)).node

    def _read(self, config: Any, site: Site) -> Piece:
        if site.depth > _NESTED:
            fail(None, "E106", "the config is nested too deeply", f"at most {_NESTED} schedules may be in one another")
        site = site._replace(depth=site.depth + 1)
        if isinstance(config, Schedule):
            return Piece(config, relative=True)
        config = self._described(config)
        if isinstance(config, (int, float)) and not isinstance(config, bool):
            return Piece(shapes.constant(_number(site.path, config)), timeless=True, ended=True)
        if isinstance(config, Mapping):
            return self._mapping(config, site)
        if isinstance(config, Sequence) and not isinstance(config, (str, bytes)) and config:
            if any(isinstance(each, Mapping) for each in config):
                return self._sequence(config, self._mode(config, site), site)
            return Piece(shapes.values(_numbers(site.path, config)), timeless=True)
        hint = "give a mapping with a `kind`, a number, a list of numbers, or a list of phases"
        _wrong(site.path, f"`{shown(config)}` is not a schedule of {self._dialect.system}", hint)

    # One schedule.

    def _mapping(self, config: Mapping[Any, Any], site: Site) -> Piece:
        if set(config) == {"schedule_config"}:
            return self._read(config["schedule_config"], site._replace(path=site.inside("schedule_config")))
        if "kind" not in config:
            _wrong(site.path, "`kind` is missing", f"say which schedule it is: {listed(list(FIELDS)[:3])} …")
        name = self._kind(config["kind"], site)
        fields = {str(key): value for key, value in config.items() if key != "kind"}
        epochs = self._looked_up_in_epochs(name, fields, site)
        values = self._fields(name, fields, site)
        more = self._overhang(values, site)
        longer = site if site.total is None else site._replace(total=site.total + (more or 0))
        piece = self._make(name, values, longer)
        if piece.timeless:
            more = 0
        elif more is None:
            _need_total(site.inside("overhang_percent"), values["overhang_percent"])
        if more:
            piece = Piece(piece.node.over(f"100% + {more}"), relative=True)
        return Piece(piece.node.every("1ep"), relative=True) if epochs else piece

    def _kind(self, written: Any, site: Site) -> str:
        if not isinstance(written, str):
            _wrong(site.inside("kind"), f"`{shown(written)}` is not the name of a schedule", "write it as a text")
        name = _SPELLED.get(_bare(written))
        if name is None:
            close = nearest(_bare(written), _SPELLED)
            hint = f"did you mean `{_SPELLED[close]}`?" if close is not None else f"it has {listed(FIELDS)}"
            _wrong(site.inside("kind"), f"{self._dialect.system} has no schedule `{written}`", hint)
        return name

    def _looked_up_in_epochs(self, name: str, fields: dict[str, Any], site: Site) -> bool:
        """Whether the value changes at the beginning of an epoch alone."""
        if not self._dialect.intervals or fields.get("interval") is None:
            return False
        interval = fields.pop("interval")
        if interval not in ("update", "epoch"):
            others = self._dialect.renamed.get(name, {}).get("interval")
            hint = "write `update` or `epoch`" if others is None else f"its length is called `{others[0]}`"
            _wrong(site.inside("interval"), f"`{interval}` is neither `update` nor `epoch`", hint)
        if interval == "epoch" and site.first is not None:
            hint = "put it on the whole, or write `every 1ep` in a text"
            _wrong(site.inside("interval"), "`epoch` has no counterpart inside of a sequence", hint, "E606")
        return bool(interval == "epoch")

    def _fields(self, name: str, given: Mapping[str, Any], site: Site) -> dict[str, Any]:
        """The fields of a config, each read."""
        renamed = self._dialect.renamed.get(name, {})
        called = {key: renamed.get(key, (key,)) for key in FIELDS[name]}
        known = {word: key for key, words in called.items() for word in words}
        values: dict[str, Any] = {}
        for written, value in given.items():
            word, unit = self._in_steps(written, known)
            path = site.inside(written)
            if word not in known:
                close = nearest(written, known)
                hint = f"did you mean `{close}`?" if close is not None else f"it has {listed(known)}"
                _wrong(path, f"`{name}` has no field `{written}`", hint)
            key = known[word]
            if key in values:
                _wrong(path, f"`{word}` is given twice", "remove one of both")
            if value is not None:
                values[key] = FIELDS[name][key].read(path, self._scaled(unit, value, path))
        for key, field in FIELDS[name].items():
            if field.required and key not in values:
                _wrong(site.path, f"`{name}` lacks its field `{called[key][0]}`", "add it")
            values.setdefault(key, field.default)
        return values

    def _in_steps(self, written: str, known: Collection[str]) -> tuple[str, str]:
        """What a field is called in steps, and the unit that it is in."""
        head, _, unit = written.rpartition("_")
        in_steps = f"{head}_steps"
        if written not in known and in_steps in known and unit.removesuffix("s") in self._dialect.units:
            return in_steps, unit.removesuffix("s")
        return written, "step"

    def _scaled(self, unit: str, value: Any, path: str) -> Any:
        """A number of epochs or samples as steps, as there: epochs multiplied, samples rounded up."""
        if unit not in ("epoch", "sample"):
            return value
        rate = "updates_per_epoch" if unit == "epoch" else "batch_size"
        given = self._rates[rate]
        if given is None:
            _wrong(path, f"`{value}` {unit}s need {rate}", f"give it: `{rate}=…`", "E607")
        return _number(path, value) * given if unit == "epoch" else math.ceil(_number(path, value) / given)

    def _overhang(self, values: Mapping[str, Any], site: Site) -> int | None:
        """By how many steps the run is prolonged; None if that depends on its length, which isn't known."""
        part, steps = values["overhang_percent"], values["overhang_steps"]
        if part is not None and steps is not None:
            _wrong(site.path, "`overhang_percent` and `overhang_steps` exclude each other", "remove one of both")
        if part is None or part == 0:
            return int(steps or 0)
        return None if site.total is None else int(site.total * part)

    def _make(self, name: str, values: Mapping[str, Any], site: Site) -> Piece:
        match name:
            case "ConstantSchedule":
                return Piece(shapes.constant(values["value"]), timeless=True, ended=True)
            case "CustomSchedule":
                return Piece(shapes.values(values["values"]), timeless=True)
            case "PeriodicBoolSchedule":
                return _periodic(values, site)
            case "StepFixedSchedule":
                steps = [share(step) for step in sorted(values["steps"])]
                return Piece(shapes.step_fixed(values["factor"], steps, values["start_value"]), relative=True)
            case "StepIntervalSchedule":
                every = share(values["interval"])
                return Piece(shapes.step_interval(values["factor"], every, values["start_value"]), relative=True)
            case "StepDecreasingSchedule":
                return _step_decreasing(values, *_ends(values, site))
            case "InverseSqrtDecreasingSchedule" | "InverseSqrtIncreasingSchedule":
                return _inverse_sqrt(*_ends(values, site), values["exclude_first"], site.first)
            case "LinearWarmupCosineDecaySchedule":
                return self._warmup_cosine(values, site)
            case "SequentialStepSchedule" | "SequentialPercentSchedule":
                mode: Mode = "step" if name == "SequentialStepSchedule" else "percent"
                inside = site._replace(path=site.inside("schedule_configs"))
                return self._sequence(values["schedule_configs"], mode, inside)
            case _:
                return _ramp(name, values, site)

    def _warmup_cosine(self, values: Mapping[str, Any], site: Site) -> Piece:
        if (values["warmup_steps"] is None) == (values["warmup_percent"] is None):
            _wrong(site.path, "it needs either `warmup_steps` or `warmup_percent`", "give one of both")
        mode: Mode = "percent" if values["warmup_steps"] is None else "step"
        start, high, end = values["start_value"], values["max_value"], values["end_value"]
        rise = {"kind": "linear_increasing", "exclude_first": start == 0, "exclude_last": True}
        fall = {"kind": "cosine_decreasing", "max_value": high, "end_value": end}
        until = values["warmup_steps" if mode == "step" else "warmup_percent"]
        warmup = {"schedule": {**rise, "start_value": start, "max_value": high}, f"end_{mode}": until}
        return self._sequence([warmup, {"schedule": fall}], mode, site)

    # Sequences.

    def _mode(self, configs: Sequence[Any], site: Site) -> Mode:
        """Whether a list of phases is in steps or in shares of the run."""
        keys = {str(key) for config in configs if isinstance(config, Mapping) for key in config}
        if keys.isdisjoint(_boundaries(("percent",))):
            return "step"
        if not keys.isdisjoint(_boundaries(self._dialect.units)):
            _wrong(site.path, "some phases are in percent, some in steps", "write all of them in one of both")
        return "percent"

    def _sequence(self, configs: Sequence[Any], mode: Mode, site: Site) -> Piece:
        units = ("percent",) if mode == "percent" else self._dialect.units
        given = [self._boundaries(config, units, site.inside(index)) for index, config in enumerate(configs)]
        phases = _phases(_propagated(given), mode, site)
        parts: list[Schedule] = []
        placed = _Placed([])
        if phases[0].start > 0:  # until it begins, the first phase shows its first value
            parts.append(self._first_value(phases[0], site).lasting(phases[0].start))
        for index, phase in enumerate(phases):
            last = index == len(phases) - 1
            lasts = None if last else phases[index + 1].start - phase.start
            if lasts != 0 and not (parts and site.total is not None and phase.start >= site.total):
                placed = self._placed(phase, lasts, site)
                parts += placed.parts
        return Piece(reduce(Schedule.then, parts), placed.relative, ended=placed.ended)

    def _boundaries(self, config: Any, units: tuple[str, ...], path: str) -> _Given:
        if not isinstance(config, Mapping) or "schedule" not in config:
            _wrong(path, "a phase is a mapping with a `schedule`", "write `{schedule: …, end_step: …}`")
        ends: dict[str, Any] = {"start": None, "end": None}
        known = _boundaries(units)
        for written, value in config.items():
            if written == "schedule" or value is None:
                continue
            here = f"{path}.{written}"
            if written not in known:
                close = nearest(str(written), known)
                hint = f"did you mean `{close}`?" if close is not None else f"it has `schedule`, {listed(known)}"
                _wrong(here, f"a phase has no field `{written}`", hint)
            end, _, unit = written.partition("_")
            if ends[end] is not None:
                _wrong(here, f"its {end} is given twice", "remove one of both")
            ends[end] = _percent(here, value) if unit == "percent" else _whole(here, self._scaled(unit, value, here))
        return _Given(path, config["schedule"], ends["start"], ends["end"])

    def _piece(self, phase: _Phase, site: Site, length: int | None, first: int) -> Piece:
        return self._read(phase.config, Site(f"{phase.path}.schedule", length, first, site.depth))

    def _first_value(self, phase: _Phase, site: Site) -> Schedule:
        """What a phase shows at its first step."""
        if phase.length is None:
            _need_total(phase.path, phase.start)
        length = max(phase.length, 1)
        return _value(self._piece(phase, site, length, 0), length, 0)

    def _placed(self, phase: _Phase, lasts: int | None, site: Site) -> _Placed:
        """A phase that is followed by another after so many steps, or, if None, by nothing."""
        length = phase.length
        if length is not None and length <= 0:
            if not phase.kept:
                _wrong(phase.path, "the phase has no step, and the next does not begin where it does", "remove it")
            still = self._first_value(phase, site)
            return _Placed([still if lasts is None else still.lasting(lasts)], ended=True)
        piece = self._piece(phase, site, length, phase.start)
        if piece.timeless and piece.ended:
            return _Placed([piece.node if lasts is None else piece.node.lasting(lasts)], ended=True)
        if lasts is None and (length is None or phase.stop == site.total):
            if phase.start == 0 or not piece.relative:
                return _Placed([piece.node], piece.relative, piece.ended)
            rest = f"max(100% - {phase.start}, 1)" if length is None else str(length)
            return _Placed([piece.node.over(rest)], relative=length is None)
        if length is None:  # laid out over all of the run, and cut by the next
            return _Placed([_window(piece, "100%").lasting(lasts or 0)], relative=True)
        node = _window(piece, str(length))
        if lasts is not None and lasts <= length:
            return _Placed([node if lasts == length else node.lasting(lasts)])
        kept = shapes.hold() if piece.ended else _value(piece, length, length - 1)  # not what it would have come to
        ended = site.total is not None and site.total > phase.start + length
        return _Placed([node, kept if lasts is None else kept.lasting(lasts - length)], ended=ended)


class _Given(NamedTuple):
    """A phase as it is given."""

    path: str
    config: Any
    start: Any
    end: Any


class _Phase(NamedTuple):
    """A phase in whole steps; `stop` is None if it lasts as long as a run of which the length isn't known.

    `kept`: if it has no step, its first value is shown.
    """

    path: str
    config: Any
    start: int
    stop: int | None
    kept: bool

    @property
    def length(self) -> int | None:
        return None if self.stop is None else self.stop - self.start


class _Placed(NamedTuple):
    """Phases for a chain; `relative` and `ended` as of a Piece."""

    parts: list[Schedule]
    relative: bool = False
    ended: bool = False


def _boundaries(units: Collection[str]) -> list[str]:
    """What the boundaries of a phase are called."""
    return [f"{end}_{unit}" for end in ("start", "end") for unit in units]


def _propagated(given: list[_Given]) -> list[_Given]:
    """The phases, each with a start, and with an end that only the last may lack."""
    phases: list[_Given] = []
    place: Any = 0
    for index, phase in enumerate(given):
        last = index == len(given) - 1
        start = place if phase.start is None else phase.start
        if start is None:
            _wrong(phase.path, "where the phase begins is not said", "give it a start, or the one before it an end")
        end = given[index + 1].start if phase.end is None and not last else phase.end
        before = phases[-1].end if phases and phases[-1].end is not None else 0
        if start < before or (end is not None and end < start):
            hint = "let each phase end where the next begins"
            _wrong(phase.path, "the boundaries of the phases are not in order", hint)
        phases.append(phase._replace(start=start, end=end))
        place = end
    return phases


def _phases(given: list[_Given], mode: Mode, site: Site) -> list[_Phase]:
    """The phases in whole steps, rounded as there."""
    if mode == "step":  # where an end of 0 counts as none
        return [_Phase(*each[:3], each.end or site.total, False) for each in given]
    if site.total is None:
        _need_total(given[0].path, given[0].end)
    total = site.total
    phases = []
    for phase in given:
        end = 1.0 if phase.end is None else phase.end
        stop = total if end == 1.0 else int((total - 1) * end)
        phases.append(_Phase(phase.path, phase.config, int((total - 1) * phase.start), stop, True))
    return phases


def _value(piece: Piece, length: int, step: int) -> Schedule:
    """What a piece of some length shows at a step, as a constant."""
    return shapes.constant(piece.node.bind(length)(step))


def _window(piece: Piece, length: str) -> Schedule:
    return piece.node.over(length) if piece.relative else piece.node.lasting(length)


def _ends(values: Mapping[str, Any], site: Site) -> tuple[float, float]:
    """The first and the last value of what falls or rises."""
    high = values["max_value"]
    falling = "end_value" in values
    key = "end_value" if falling else "start_value"
    low = values[key]
    if low > high:
        _wrong(site.inside(key), f"`{key}` is {low}, above `max_value`, which is {high}", "swap them")
    return (high, low) if falling else (low, high)


def _ramp(name: str, values: Mapping[str, Any], site: Site) -> Piece:
    start, end = _ends(values, site)
    inclusive = _INCLUSIVE[values["exclude_first"], values["exclude_last"]]
    node: Schedule
    if name.startswith("Linear"):
        node = shapes.linear(start, end, inclusive=inclusive)
    elif name.startswith("Cosine"):
        node = shapes.cosine(start, end, inclusive=inclusive)
    elif values["power"] > 0:
        node = shapes.poly(start, end, power=values["power"], inclusive=inclusive)
    elif values["power"] == 0:  # 0 to the power of 0 is 1 there: the end is not reached
        return Piece(shapes.constant(start), timeless=True, ended=True)
    else:
        hint = "write a formula of your own: `(1 - progress) ** -0.5`"
        _wrong(site.inside("power"), f"`{values['power']}` is negative", hint, "E606")
    return Piece(node, ended=inclusive in ("both", "right") and site.total != 1)


def _step_decreasing(values: Mapping[str, Any], start: float, end: float) -> Piece:
    """What is excluded makes its run longer, too: by a step, of which the first is not shown, or by one at the end."""
    node: Schedule = shapes.step_decreasing(values["factor"], share(values["interval"]), start, end)
    excluded = values["exclude_first"] + values["exclude_last"]
    if excluded:
        node = node.over(f"100% + {excluded}")
    return Piece(node.skip(1) if values["exclude_first"] else node, relative=True)


def _inverse_sqrt(start: float, end: float, exclude_first: bool, first: int | None) -> Piece:
    """From the start to the end as √(m/(t + c)): in a sequence m is the step at which it begins.

    `exclude_first` moves one of two clocks alone, which makes its first values odd there, and so here.
    """

    def curve(m: int, c: int) -> Schedule:
        way = start - end
        falling = shapes.inv_sqrt(c, way) if m == c else parse(f"{way!r} * sqrt({m} / (step + {c}))")
        return falling if end == 0 else end + falling

    if first is None or first == 0:
        node = curve(1, 2) if exclude_first else curve(1, 1)
        if first == 0 and exclude_first:
            node = node.lasting(1).then(curve(1, 1))
    elif exclude_first:
        node = curve(1, 2) if first == 1 else curve(first - 1, first)
    else:
        node = curve(first, first)
    return Piece(node, timeless=True)


def _periodic(values: Mapping[str, Any], site: Site) -> Piece:
    on, off = values["on_value"], values["off_value"]
    if values["invert"]:
        on, off = off, on
    halves = [(on, values["on_duration"]), (off, values["off_duration"])]
    halves = [half for half in (halves if values["initial_state"] else halves[::-1]) if half[1] > 0]
    if not halves:
        _wrong(site.path, "`on_duration` and `off_duration` are both 0", "give one of them a step")
    (value, long), (other, longer) = halves[0], halves[-1]
    if len(halves) == 1:
        return Piece(shapes.constant(value), timeless=True, ended=True)
    return Piece(
        shapes.constant(value).lasting(long).then(shapes.constant(other).lasting(longer)).repeat(), timeless=True
    )
