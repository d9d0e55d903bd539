"""The schedules of kappaschedules, and their fields."""

from __future__ import annotations

from typing import Final

from .fields import (
    FACTOR,
    FLAG,
    NUMBER,
    OVERHANG,
    OVERHANG_STEPS,
    PERCENT,
    SHARE,
    WHOLE,
    Check,
    Dialect,
    Field,
    Fields,
    list_of,
    read_list,
)

_LENGTH: Final = {"overhang_percent": Field(OVERHANG), "overhang_steps": Field(OVERHANG_STEPS)}
_ENDS: Final = {"exclude_first": Field(FLAG, False), "exclude_last": Field(FLAG, False)}
_FALLING: Final = {**_LENGTH, **_ENDS, "max_value": Field(NUMBER, 1.0), "end_value": Field(NUMBER, 0.0)}
_RISING: Final = {**_LENGTH, **_ENDS, "start_value": Field(NUMBER, 0.0), "max_value": Field(NUMBER, 1.0)}
_POWER: Final = {"power": Field(NUMBER, 1.0)}
_FACTOR: Final = Field(FACTOR, required=True)
_EVERY: Final = Field(SHARE, required=True, key="every")
_START: Final = Field(NUMBER, required=True)
_SEQUENCE: Final = {**_LENGTH, "schedule_configs": Field(Check(read_list, "a list"), required=True)}

_KINDS: Final[dict[str, Fields]] = {
    "ConstantSchedule": {**_LENGTH, "value": _START},
    "CustomSchedule": {**_LENGTH, "values": Field(list_of(NUMBER), required=True)},
    "LinearDecreasingSchedule": _FALLING,
    "LinearIncreasingSchedule": _RISING,
    "CosineDecreasingSchedule": _FALLING,
    "CosineIncreasingSchedule": _RISING,
    "PolynomialDecreasingSchedule": {**_FALLING, **_POWER},
    "PolynomialIncreasingSchedule": {**_RISING, **_POWER},
    "InverseSqrtDecreasingSchedule": _FALLING,
    "InverseSqrtIncreasingSchedule": _RISING,
    "StepFixedSchedule": {
        **_LENGTH,
        "start_value": _START,
        "factor": _FACTOR,
        "steps": Field(list_of(SHARE), required=True),
    },
    "StepIntervalSchedule": {**_LENGTH, "start_value": _START, "factor": _FACTOR, "interval": _EVERY},
    "StepDecreasingSchedule": {**_FALLING, "factor": _FACTOR, "interval": _EVERY},
    "LinearWarmupCosineDecaySchedule": {
        **_LENGTH,
        "warmup_steps": Field(WHOLE),
        "warmup_percent": Field(PERCENT),
        "start_value": Field(NUMBER, 0.0),
        "max_value": Field(NUMBER, 1.0),
        "end_value": Field(NUMBER, 1e-6),
    },
    "PeriodicBoolSchedule": {
        **_LENGTH,
        "initial_state": Field(FLAG, required=True),
        "off_value": Field(NUMBER, 0.0),
        "on_value": Field(NUMBER, 1.0),
        "off_duration": Field(WHOLE, 1),
        "on_duration": Field(WHOLE, 1),
        "invert": Field(FLAG, False),
    },
    "SequentialPercentSchedule": _SEQUENCE,
    "SequentialStepSchedule": _SEQUENCE,
}

_ELSEWHERE: Final = (
    "is a schedule of Noether, and none of kappaschedules",
    "give it to `schedlang.noether.from_noether`",
)
_REFUSED: Final = dict.fromkeys(
    ("SqrtDecreasingSchedule", "WarmupStableDecaySchedule", "PiecewiseLinearSchedule"), _ELSEWHERE
)

KAPPASCHEDULES: Final = Dialect("kappaschedules", _KINDS, ("step", "update", "epoch", "sample"), _REFUSED)
