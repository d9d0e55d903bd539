"""The schedules of Noether, and their fields: those of its release 2026.4.0, and of the commits after it.

`python -m schedlang._transfer.porting.page` writes the table of them in `docs/frameworks/noether.md`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from .fields import (
    AT_LEAST_0,
    FLAG,
    NUMBER,
    OVERHANG,
    OVERHANG_STEPS,
    PERCENT,
    SHARE,
    WHOLE_AT_LEAST_0,
    Check,
    Dialect,
    Field,
    Fields,
    Site,
    list_of,
    one_of,
    read_list,
    read_number,
    wrong,
)

_SECTIONS: Final = ("schedule_config", "weight_decay_schedule", "alpha_schedule")


_POINTS: Final = "write `[[0, 1], [0.3, 0.5], [1, 0]]`: a share, its value"
_POINT: Final = "write `[0.5, 1.0]`: a share, its value"


def _read_points(path: str, value: Any) -> list[tuple[float, float]]:
    points = []
    for index, each in enumerate(read_list(path, value, _POINTS)):
        here = f"{path}[{index}]"
        if len(read_list(here, each, _POINT)) != 2:
            wrong(here, "a point is a share of the run and a value", _POINT)
        points.append((PERCENT.read(f"{here}[0]", each[0]), read_number(f"{here}[1]", each[1])))
    shares = [share for share, _ in points]
    if len(points) < 2 or shares[0] != 0 or shares[-1] != 1 or shares != sorted(shares):
        wrong(path, "the shares do not go from 0 to 1", _POINTS)
    return points


_IN_SEQUENCES: Final = "only phases of a sequence begin and end somewhere; here `for` and `then` say that"


def _read_interval(path: str, value: Any) -> str:
    if isinstance(value, float):
        hint = "the length of a stair is called `update_interval` or, of `StepDecreasingSchedule`, `decreases_interval`"
        wrong(path, f"`{value}` is neither `update` nor `epoch`", hint)
    return str(_INTERVAL.read(path, value))


_INTERVAL: Final = one_of("update", "epoch")
_BASE: Final[Fields] = {
    "overhang_percent": Field(OVERHANG, here="`over 100% + …`; E606 below 0, where the run would be shorter"),
    "overhang_steps": Field(OVERHANG_STEPS, here="`over 100% + 50`; E606 below 0; not beside `overhang_percent`"),
    "interval": Field(Check(_read_interval, _INTERVAL.words), "update", here="`every 1ep`"),
    "start_value": Field(AT_LEAST_0, 0.0, idle=True, here="it does not say where such a schedule starts"),
    "end_value": Field(AT_LEAST_0, 1e-6, idle=True, here="it does not say where such a schedule ends"),
    "weight_decay": Field(NUMBER, 0.0, idle=True, here="it is the optimizer's `weight_decay` that counts"),
    **{
        f"{end}_{unit}": Field(check, idle=True, here=_IN_SEQUENCES)
        for unit, check in (("percent", PERCENT), ("step", WHOLE_AT_LEAST_0))
        for end in ("start", "end")
    },
}
_MAX: Final = (
    "write `max_value: 1e-3`, the optimizer's `lr`: Noether has no default for it any more, as one of 1.0 was a "
    "learning rate that nobody meant"
)


def _max(check: Check, here: str) -> Fields:
    return {"max_value": Field(check, required=True, here=here, missing=_MAX)}


_ENDS: Final[Fields] = {
    "exclude_first": Field(FLAG, False, here="`inclusive=right`, with `exclude_last` too `neither`"),
    "exclude_last": Field(FLAG, False, here="no `inclusive`; without both fields `inclusive=both`"),
}
_FALLING: Final[Fields] = {
    **_BASE,
    **_ENDS,
    **_max(AT_LEAST_0, "where it starts"),
    "end_value": Field(AT_LEAST_0, 0.0, here="where it ends; not above `max_value`"),
    "start_value": Field(AT_LEAST_0, 0.0, idle=True, here="it falls from `max_value`"),
}
_RISING: Final[Fields] = {
    **_BASE,
    **_ENDS,
    "start_value": Field(NUMBER, 0.0, here="where it starts; not above `max_value`"),
    **_max(NUMBER, "where it ends"),
    "end_value": Field(AT_LEAST_0, 1e-6, idle=True, here="it rises to `max_value`"),
}
_POWER: Final[Fields] = {"power": Field(NUMBER, 1.0, here="`power`; E606 below 0")}
_FACTOR: Final[Fields] = {
    "factor": Field(AT_LEAST_0, required=True, here="the first argument", missing="write `factor: 0.1`")
}
_START: Final[Fields] = {"start_value": Field(NUMBER, 1.0, here="`start`")}
_WARM: Final[Fields] = {
    **_BASE,
    "warmup_steps": Field(WHOLE_AT_LEAST_0, here="`for 100`; either this or `warmup_percent`"),
    "warmup_percent": Field(PERCENT, here="`for max(5% - 1, 0)`, rounded down as there"),
    "start_value": Field(AT_LEAST_0, 0.0, here="where the warm-up starts; not above `max_value`"),
    **_max(AT_LEAST_0, "where the warm-up ends"),
}
_SEQUENCE: Final[Fields] = {
    "overhang_percent": _BASE["overhang_percent"],
    "overhang_steps": _BASE["overhang_steps"],
    "interval": _BASE["interval"],
    "schedule_configs": Field(
        Check(read_list, "not empty"),
        required=True,
        here="`… then …`; in Noether only Python can build it",
        missing="write a list of phases",
    ),
}

_KINDS: Final[dict[str, Fields]] = {
    "ConstantSchedule": {
        **_BASE,
        "value": Field(NUMBER, required=True, here="`constant(…)`", missing="write `value: 1e-3`"),
    },
    "CustomSchedule": {
        **_BASE,
        "values": Field(
            list_of(NUMBER),
            required=True,
            here="`values([…])`",
            missing="write a value for each step: `values: [1e-3, 5e-4]`",
        ),
    },
    "LinearDecreasingSchedule": _FALLING,
    "LinearIncreasingSchedule": _RISING,
    "CosineDecreasingSchedule": _FALLING,
    "CosineIncreasingSchedule": _RISING,
    "PolynomialDecreasingSchedule": {**_FALLING, **_POWER},
    "PolynomialIncreasingSchedule": {**_RISING, **_POWER},
    "SqrtDecreasingSchedule": _FALLING,
    "StepDecreasingSchedule": {
        **_FALLING,
        **_FACTOR,
        "decreases_interval": Field(
            SHARE,
            required=True,
            key="every",
            here="`every=1%`",
            missing="write a share of the run: `decreases_interval: 0.01`",
        ),
    },
    "StepFixedSchedule": {
        **_BASE,
        **_START,
        **_FACTOR,
        "steps": Field(
            list_of(SHARE), required=True, here="`[30%, 60%]`", missing="write shares of the run: `steps: [0.3, 0.6]`"
        ),
    },
    "StepIntervalSchedule": {
        **_BASE,
        **_START,
        **_FACTOR,
        "update_interval": Field(
            SHARE,
            required=True,
            key="every",
            here="`every=1%`",
            missing="write a share of the run: `update_interval: 0.01`",
        ),
    },
    "LinearWarmupCosineDecaySchedule": {
        **_WARM,
        "end_value": Field(AT_LEAST_0, 1e-6, here="where it ends; not above `max_value`"),
    },
    "WarmupStableDecaySchedule": {
        **_WARM,
        "cooldown_steps": Field(WHOLE_AT_LEAST_0, here="`until 100% - 50`; with `warmup_steps`"),
        "cooldown_percent": Field(PERCENT, here="`until max(90% - 1, 0)`; with `warmup_percent`, at most 1 together"),
        "cooldown_shape": Field(
            one_of("sqrt", "linear", "cosine"), "sqrt", here="`one_minus_sqrt`, `linear`, `cosine`"
        ),
        "end_value": Field(AT_LEAST_0, 0.0, here="where it ends; not above `max_value`"),
    },
    "PiecewiseLinearSchedule": {
        **_BASE,
        "control_points": Field(
            Check(_read_points, "at least two, shares from 0 to 1 in order"),
            required=True,
            here="a chain of `linear(…, inclusive=exact) until 30%`",
            missing="write `control_points: [[0, 1], [0.3, 0.5], [1, 0]]`",
        ),
    },
    "SequentialPercentSchedule": _SEQUENCE,
    "SequentialStepSchedule": _SEQUENCE,
}

_ABSTRACT: Final = (
    "is a base class in Noether, which has no values",
    "give a class with a shape: `LinearDecreasingSchedule`",
)
_NO_CLASS: Final = "is a config of Noether's without a class, so no run can play it"
_ELSEWHERE: Final = (
    "is a schedule of kappaschedules, and none of Noether's",
    "give it to `schedlang.kappaschedules.from_kappaschedules`, or write a text: `inv_sqrt(1, start=1e-3)`",
)
_REFUSED: Final = {
    "ScheduleBase": _ABSTRACT,
    "ProgressSchedule": _ABSTRACT,
    "DecreasingProgressSchedule": _ABSTRACT,
    "IncreasingProgressSchedule": _ABSTRACT,
    "SchedulerConfig": (_NO_CLASS, "give `LinearWarmupCosineDecaySchedule`, which has a `warmup_percent`, too"),
    "PeriodicBoolSchedule": (_NO_CLASS, "write a text: `(constant(1) for 1 then constant(0) for 1) repeat`"),
    "InverseSqrtDecreasingSchedule": _ELSEWHERE,
    "InverseSqrtIncreasingSchedule": _ELSEWHERE,
}


def _checked(kind: str, given: Mapping[str, Any], site: Site) -> None:
    """Refuse fields that do not go together there, and `start_value` where `max_value` is meant."""
    start = _KINDS[kind].get("start_value")
    if (
        start is not None
        and start.idle
        and "start_value" in given
        and "max_value" in _KINDS[kind].keys() - given.keys()
    ):
        hint = f"its first value is called `max_value`: write `max_value: {given['start_value']}`"
        wrong(site.inside("start_value"), f"`{kind}` does not start at `start_value`, and lacks `max_value`", hint)
    ends = {unit: (given.get(f"start_{unit}"), given.get(f"end_{unit}")) for unit in ("step", "percent")}
    for unit, (first, last) in ends.items():
        if (first is None) != (last is None):
            wrong(site.path, f"one of `start_{unit}` and `end_{unit}` is missing", "Noether wants both, or none")
        if first and last and first >= last:
            wrong(
                site.inside(f"start_{unit}"),
                f"`start_{unit}` is not below `end_{unit}`",
                "both do nothing: remove them",
            )
    if None not in ends["step"] + ends["percent"]:
        wrong(site.path, "`start_step` and `start_percent` exclude each other", "they do nothing: remove them")


_KIND: Final = re.compile(r"(?:noether|ksuit)\.[\w.]+|[A-Z]\w*Schedule(?:Config)?")


def is_kind(kind: str) -> bool:
    """Whether a `kind` names a schedule of Noether's, known or new.

    >>> is_kind("noether.core.schedules.NewSchedule"), is_kind("LinearDecreasingSchedule"), is_kind("SomeSchedule")
    (True, True, False)
    """
    known = kind.removesuffix("Config") in {*_KINDS, *_REFUSED}
    return _KIND.fullmatch(kind) is not None and (".schedules." in kind or known)


NOETHER: Final = Dialect(
    "Noether", _KINDS, ("step",), _REFUSED, _checked, _SECTIONS, any_length=True, per_epoch="steps_per_epoch"
)
