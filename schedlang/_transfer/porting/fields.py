"""What may stand in a config: how each library writes it, the kinds of schedule, their fields, and single values.

Whatever is read takes the path of a value, for errors, and the value, and raises a ScheduleError: E605 for what the
library doesn't have, E606 for what has no counterpart here, E607 where more has to be known of the run.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import Any, Final, NamedTuple, NoReturn

from ..._text.errors import fail, listed, nearest
from ..._text.run import as_rational, shown
from ..._text.spelling import did_you_mean


class Site(NamedTuple):
    """Where in a config something stands, and what is known there."""

    path: str  # the keys that lead to it
    total: int | None  # how many steps it has, if that doesn't depend on the run
    first: int | None = None  # the step of the sequence at which it begins, if it is in one
    depth: int = 0

    def inside(self, key: str | int) -> str:
        if isinstance(key, int):
            return f"{self.path}[{key}]"
        return f"{self.path}.{key}" if self.path else key


def wrong(path: str, message: str, hint: str, code: str = "E605") -> NoReturn:
    """Refuse what stands at a path; E605: the library doesn't have it."""
    fail(None, code, f"{path}: {message}" if path else message, hint)


def need_total(path: str, value: Any) -> NoReturn:
    """Refuse what can't be known without the length of the run."""
    message = f"what `{value}` leads to depends on the length of the run, and on how it is rounded there"
    wrong(path, message, "give how many steps the run has: `total_steps=10_000`", "E607")


def refuse_unresolved(path: str, value: Any) -> None:
    """Refuse an interpolation of OmegaConf's that nobody has resolved; alone, a part of a config cannot be."""
    if isinstance(value, str) and "${" in value:
        hint = "resolve it in the whole config: `OmegaConf.to_container(config, resolve=True)`, and give its part"
        wrong(path, f"`{value}` is not resolved", hint)


_LARGEST: Final = Fraction(sys.float_info.max)


def read_number(path: str, value: Any) -> float:
    """A finite number, as which a text is taken, too, that PyYAML should have taken for one."""
    refuse_unresolved(path, value)
    if isinstance(value, str):
        with suppress(ValueError):  # PyYAML reads `1e-3` as a text
            value = float(value)
    number = as_rational(value)
    if number is None or abs(number) > _LARGEST:
        wrong(path, f"`{shown(value)}` is not a number", "write a number such as `0.1`")
    return float(number) if isinstance(value, float) or number.denominator > 1 else int(number)


def _number_that(
    fits: Callable[[float], bool], problem: str, hint: str, code: str = "E605"
) -> Callable[[str, Any], float]:
    def read(path: str, value: Any) -> float:
        number = read_number(path, value)
        if not fits(number):
            wrong(path, f"`{value}` {problem}", hint, code)
        return number

    return read


_KEYFRAMES: Final = "write a text of your own: `keyframes(…)`"
_NO_SHARE: Final = ("is not between 0 and 1", "write a share of the run: `0.01` for 1 %")

_read_factor: Final = _number_that(lambda factor: factor >= 0, "changes the sign at each step", _KEYFRAMES, "E606")
read_percent: Final = _number_that(lambda share: 0 <= share <= 1, *_NO_SHARE)
_read_share: Final = _number_that(lambda share: 0 < share < 1, *_NO_SHARE)
_read_overhang: Final = _number_that(
    lambda share: share >= 0, "would make the run shorter", "end the schedule earlier with `for`", "E606"
)
"""The share of the run by which it is prolonged."""


def read_whole(path: str, value: Any) -> int:
    number = read_number(path, value)
    if number != int(number) or number < 0:
        wrong(path, f"`{value}` is not a whole number of steps", "write a whole number of at least 0")
    return int(number)


def _read_flag(path: str, value: Any) -> bool:
    if not isinstance(value, bool):
        wrong(path, f"`{shown(value)}` is neither true nor false", "write `true` or `false`")
    return value


def _read_list(path: str, value: Any) -> Sequence[Any]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence) or not value:
        wrong(path, f"`{shown(value)}` is not a list with something in it", f"write `[{shown(value)}]`")
    return value


def _list_of(read: Callable[[str, Any], float]) -> Callable[[str, Any], list[float]]:
    return lambda path, value: [read(f"{path}[{index}]", each) for index, each in enumerate(_read_list(path, value))]


read_numbers: Final = _list_of(read_number)
_read_shares: Final = _list_of(_read_share)


class Dialect(NamedTuple):
    """How a library writes its configs."""

    system: str
    renamed: Mapping[str, Mapping[str, tuple[str, ...]]]  # for a kind, what it calls some fields, by our names of them
    intervals: bool  # whether `interval` says how often a value is looked up
    units: tuple[str, ...]  # in what fields and boundaries that are in steps may be given, too


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


class Lengths:
    """In which units lengths are given, and what is known of the run that turns them into steps."""

    def __init__(self, units: tuple[str, ...], updates_per_epoch: float | None, batch_size: int | None) -> None:
        self.units = units
        self._rates = {"updates_per_epoch": updates_per_epoch, "batch_size": batch_size}
        for name, rate in self._rates.items():
            if rate is not None and (as_rational(rate) or 0) <= 0:
                wrong("", f"{name} is {shown(rate)}, not a number above zero", f"give it as `{name}=100`", "E607")

    def scaled(self, unit: str, value: Any, path: str) -> Any:
        """A number of epochs or samples as steps, as there: epochs multiplied, samples rounded up."""
        if unit not in ("epoch", "sample"):
            return value
        rate = "updates_per_epoch" if unit == "epoch" else "batch_size"
        given = self._rates[rate]
        if given is None:
            wrong(path, f"`{value}` {unit}s need {rate}", f"give it: `{rate}=…`", "E607")
        return read_number(path, value) * given if unit == "epoch" else math.ceil(read_number(path, value) / given)


class Field(NamedTuple):
    """A field of a config: how it is read, and its value if it is left out."""

    read: Callable[[str, Any], Any]
    default: Any = None
    required: bool = False


_LENGTH: Final = {"overhang_percent": Field(_read_overhang), "overhang_steps": Field(read_whole)}
_ENDS: Final = {"exclude_first": Field(_read_flag, False), "exclude_last": Field(_read_flag, False)}
_FALLING: Final = {**_LENGTH, **_ENDS, "max_value": Field(read_number, 1.0), "end_value": Field(read_number, 0.0)}
_RISING: Final = {**_LENGTH, **_ENDS, "start_value": Field(read_number, 0.0), "max_value": Field(read_number, 1.0)}
_POWER: Final = {"power": Field(read_number, 1.0)}
_FACTOR: Final = Field(_read_factor, required=True)
_EVERY: Final = Field(_read_share, required=True)
_START: Final = Field(read_number, required=True)
_STEPS: Final = Field(_read_shares, required=True)
_SEQUENCE: Final = {**_LENGTH, "schedule_configs": Field(_read_list, required=True)}

FIELDS: Final[dict[str, dict[str, Field]]] = {
    "ConstantSchedule": {**_LENGTH, "value": _START},
    "CustomSchedule": {**_LENGTH, "values": Field(read_numbers, required=True)},
    "LinearDecreasingSchedule": _FALLING,
    "LinearIncreasingSchedule": _RISING,
    "CosineDecreasingSchedule": _FALLING,
    "CosineIncreasingSchedule": _RISING,
    "PolynomialDecreasingSchedule": {**_FALLING, **_POWER},
    "PolynomialIncreasingSchedule": {**_RISING, **_POWER},
    "InverseSqrtDecreasingSchedule": _FALLING,
    "InverseSqrtIncreasingSchedule": _RISING,
    "StepFixedSchedule": {**_LENGTH, "start_value": _START, "factor": _FACTOR, "steps": _STEPS},
    "StepIntervalSchedule": {**_LENGTH, "start_value": _START, "factor": _FACTOR, "interval": _EVERY},
    "StepDecreasingSchedule": {**_FALLING, "factor": _FACTOR, "interval": _EVERY},
    "LinearWarmupCosineDecaySchedule": {
        **_LENGTH,
        "warmup_steps": Field(read_whole),
        "warmup_percent": Field(read_percent),
        "start_value": Field(read_number, 0.0),
        "max_value": Field(read_number, 1.0),
        "end_value": Field(read_number, 1e-6),
    },
    "PeriodicBoolSchedule": {
        **_LENGTH,
        "initial_state": Field(_read_flag, required=True),
        "off_value": Field(read_number, 0.0),
        "on_value": Field(read_number, 1.0),
        "off_duration": Field(read_whole, 1),
        "on_duration": Field(read_whole, 1),
        "invert": Field(_read_flag, False),
    },
    "SequentialPercentSchedule": _SEQUENCE,
    "SequentialStepSchedule": _SEQUENCE,
}
"""The kinds and their fields."""

_SPELLED: Final = {name.lower(): name for name in FIELDS}


def read_kind(written: Any, dialect: Dialect, site: Site) -> str:
    if not isinstance(written, str):
        wrong(site.inside("kind"), f"`{shown(written)}` is not the name of a schedule", "write it as a text")
    name = _SPELLED.get(_bare(written))
    if name is None:
        close = nearest(_bare(written), _SPELLED)
        hint = f"did you mean `{_SPELLED[close]}`?" if close is not None else f"it has {listed(FIELDS)}"
        wrong(site.inside("kind"), f"{dialect.system} has no schedule `{written}`", hint)
    return name


def _bare(text: str) -> str:
    """A kind as it is looked up: without its module, its underscores, its case and the ends `Config`, `Schedule`."""
    bare = text.rpartition(".")[2].replace("_", "").lower().removesuffix("config").removesuffix("schedule")
    return f"{bare}schedule"


def read_fields(kind: str, given: Mapping[str, Any], dialect: Dialect, lengths: Lengths, site: Site) -> dict[str, Any]:
    """The fields of a config of some kind, each read."""
    renamed = dialect.renamed.get(kind, {})
    called = {key: renamed.get(key, (key,)) for key in FIELDS[kind]}
    known = {word: key for key, words in called.items() for word in words}
    values: dict[str, Any] = {}
    for written, value in given.items():
        word, unit, path = written, "step", site.inside(written)
        head, _, last = written.rpartition("_")
        if written not in known and f"{head}_steps" in known and last.removesuffix("s") in lengths.units:
            word, unit = f"{head}_steps", last.removesuffix("s")
        if word not in known:
            hint = did_you_mean(written, known) or f"it has {listed(known)}"
            wrong(path, f"`{kind}` has no field `{written}`", hint)
        key = known[word]
        if key in values:
            wrong(path, f"`{word}` is given twice", "remove one of both")
        if value is not None:
            values[key] = FIELDS[kind][key].read(path, lengths.scaled(unit, value, path))
    for key, field in FIELDS[kind].items():
        if field.required and key not in values:
            wrong(site.path, f"`{kind}` lacks its field `{called[key][0]}`", "add it")
        values.setdefault(key, field.default)
    return values
