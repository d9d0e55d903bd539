"""kappaschedules: a schedule of ours as one of theirs, and theirs as text.

>>> import kappaschedules
>>> from schedlang.kappaschedules import Schedule, from_kappaschedules
>>> lr = kappaschedules.object_to_schedule([
...     {"schedule": Schedule("warmup(5%) then cosine(3e-4, 1e-5)"), "end_step": 800},
...     {"schedule": 1e-5},
... ])
>>> lr.get_value(20, 1000), lr.get_value(900, 1000)
(0.00015, 1e-05)
>>> print(from_kappaschedules(kappaschedules.CosineDecreasingSchedule(max_value=3e-4)))
cosine(3e-4, 0, inclusive=both)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import kappaschedules  # type: ignore[import-untyped]
from kappaschedules import schedules as theirs

from ._language import nodes
from ._text.errors import fail
from ._text.run import shown
from ._transfer.by_total import ByTotal
from ._transfer.porting import KAPPASCHEDULES, ConfigReader


class Schedule(ByTotal[str | float | nodes.Schedule], kappaschedules.ScheduleBase):  # type: ignore[misc]
    """A schedule of kappaschedules whose values come from text: sequences of theirs take it.

    In a sequence, a phase is a run of its own: 100 % is the phase, and `base` is what is given here.

    Args:
        schedule: a text, a number, or a schedule.
        total_steps: the length of the run, to find what is wrong with it now and not at the first step.
        base: the value before the first phase; 1 if none is given.
        ignore: codes of warnings that are not wanted: `["W510"]`.
        **params: the rates, such as `steps_per_epoch=1250` (see `schedlang.Run`), and the text's parameters.

    Raises:
        ScheduleError: whatever is wrong with the text.

    >>> Schedule("linear", base=3e-4).get_value(500, 1000)
    0.00015
    """

    def _get_value(self, step: int, total_steps: int, abs_step: int | None = None) -> float:
        return self._at(step, total_steps)

    __str__ = ByTotal.__repr__


def from_kappaschedules(
    config: float | str | Mapping[str, Any] | Sequence[Any] | kappaschedules.ScheduleBase,
    *,
    total_steps: int | None = None,
    updates_per_epoch: float | None = None,
    batch_size: int | None = None,
) -> nodes.Schedule:
    """What `object_to_schedule` takes, or a schedule that it made, as a schedule of ours with equal values.

    Args:
        config: a mapping with a `kind`, a number, a list of numbers, a list of phases, or a schedule of theirs. A phase
            may be a schedule of ours. A text is read as YAML.
        total_steps: how many steps the run has. Needed for phases in percent, for `warmup_percent` and
            `overhang_percent`, whose boundaries are rounded there.
        updates_per_epoch: optimizer updates in an epoch, for fields and boundaries in epochs.
        batch_size: samples in an update, for those in samples.

    Raises:
        ScheduleError: E605 for a kind, field or value that they don't have, E606 for one that has no counterpart here,
            E607 if one of the other arguments is needed.

    >>> print(from_kappaschedules([
    ...     {"schedule": {"kind": "linear_increasing_schedule", "exclude_last": True}, "end_epoch": 5},
    ...     {"schedule": {"kind": "step_fixed_schedule", "start_value": 1, "factor": 0.1, "steps": [0.5]}},
    ... ], updates_per_epoch=100))
    linear(0, 1) for 500 then step_fixed(0.1, [50%], start=1) over max(100% - 500, 1)
    """
    return ConfigReader(KAPPASCHEDULES, updates_per_epoch, batch_size, _described).schedule(config, total_steps)


def _described(config: Any) -> Any:
    """The config of a schedule of theirs; anything else as it is."""
    if not isinstance(config, kappaschedules.ScheduleBase):
        return config
    name = type(config).__name__
    if getattr(theirs, name, None) is not type(config):
        hint = "give the text itself, or, for a class of your own, `schedlang.values([… for each step])`"
        fail(None, "E606", f"`{shown(config)}` is not of a class of kappaschedules", hint)
    found = {"kind": name, "overhang_percent": config.overhang_percent, "overhang_steps": config.overhang_steps}
    fields = KAPPASCHEDULES.kinds[name]
    if "schedule_configs" in fields:
        return {**found, "schedule_configs": [vars(each) for each in config.schedule_configs]}
    if isinstance(config, theirs.LinearWarmupCosineDecaySchedule):
        phases = config.schedule.schedule_configs
        return {**found, "kind": type(config.schedule).__name__, "schedule_configs": [vars(each) for each in phases]}
    if hasattr(config, "delta"):  # of what falls or rises, the end is kept as a difference
        low, high = ("end_value", "max_value") if "end_value" in fields else ("max_value", "start_value")
        found |= {high: config.start_value, low: config.start_value + config.delta}
    return found | {key: getattr(config, key) for key in fields if key not in found and hasattr(config, key)}
