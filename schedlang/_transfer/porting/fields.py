"""The kinds of schedule, and the fields that each has."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, NamedTuple

from ..._text.errors import listed, nearest
from ..._text.run import shown
from .dialects import Dialect, Lengths
from .sites import Site, wrong
from .values import (
    read_factor,
    read_flag,
    read_list,
    read_number,
    read_numbers,
    read_overhang,
    read_percent,
    read_share,
    read_shares,
    read_whole,
)


class Field(NamedTuple):
    """A field of a config: how it is read, and its value if it is left out."""

    read: Callable[[str, Any], Any]
    default: Any = None
    required: bool = False


_LENGTH: Final = {"overhang_percent": Field(read_overhang), "overhang_steps": Field(read_whole)}
_ENDS: Final = {"exclude_first": Field(read_flag, False), "exclude_last": Field(read_flag, False)}
_FALLING: Final = {**_LENGTH, **_ENDS, "max_value": Field(read_number, 1.0), "end_value": Field(read_number, 0.0)}
_RISING: Final = {**_LENGTH, **_ENDS, "start_value": Field(read_number, 0.0), "max_value": Field(read_number, 1.0)}
_POWER: Final = {"power": Field(read_number, 1.0)}
_FACTOR: Final = Field(read_factor, required=True)
_EVERY: Final = Field(read_share, required=True)
_START: Final = Field(read_number, required=True)
_STEPS: Final = Field(read_shares, required=True)
_SEQUENCE: Final = {**_LENGTH, "schedule_configs": Field(read_list, required=True)}

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
        "initial_state": Field(read_flag, required=True),
        "off_value": Field(read_number, 0.0),
        "on_value": Field(read_number, 1.0),
        "off_duration": Field(read_whole, 1),
        "on_duration": Field(read_whole, 1),
        "invert": Field(read_flag, False),
    },
    "SequentialPercentSchedule": _SEQUENCE,
    "SequentialStepSchedule": _SEQUENCE,
}
"""The kinds and their fields."""

_SPELLED: Final = {name.lower(): name for name in FIELDS}


def read_kind(written: Any, dialect: Dialect, site: Site) -> str:
    """Which kind a config says it is.

    Raises:
        ScheduleError: E605.
    """
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
    """The fields of a config of some kind, each read.

    Raises:
        ScheduleError: E605, E606 or E607.
    """
    renamed = dialect.renamed.get(kind, {})
    called = {key: renamed.get(key, (key,)) for key in FIELDS[kind]}
    known = {word: key for key, words in called.items() for word in words}
    values: dict[str, Any] = {}
    for written, value in given.items():
        word, unit = _in_steps(written, known, lengths.units)
        path = site.inside(written)
        if word not in known:
            close = nearest(written, known)
            hint = f"did you mean `{close}`?" if close is not None else f"it has {listed(known)}"
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


def _in_steps(written: str, known: Collection[str], units: Collection[str]) -> tuple[str, str]:
    """What a field is called in steps, and the unit that it is in."""
    head, _, unit = written.rpartition("_")
    in_steps = f"{head}_steps"
    if written not in known and in_steps in known and unit.removesuffix("s") in units:
        return in_steps, unit.removesuffix("s")
    return written, "step"
