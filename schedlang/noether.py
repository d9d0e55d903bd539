"""Noether: an object with the interface of its schedules, and its configs as text.

Nothing of Noether is imported: an object that answers `get_value` is all it asks for.

>>> from schedlang.noether import Schedule, from_noether
>>> lr = Schedule("warmup(5%) then cosine(3e-4, 0)")
>>> lr.get_value(25, 1000)
0.00015
>>> print(from_noether({"kind": "noether.core.schedules.CosineDecreasingSchedule", "max_value": 3e-4}))
cosine(3e-4, 0, inclusive=both)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ._bound.telling import codes_of, tell_once
from ._language import nodes
from ._transfer.by_total import ByTotal
from ._transfer.porting import NOETHER, ConfigReader


class Schedule(ByTotal):
    """A schedule with `get_value(step, total_steps)`.

    It is bound once for each length that it is asked about. At `total_steps`, and behind it, the last value is held.

    Args:
        schedule: a text, a number, or a schedule.
        total_steps: the length of the run, to find what is wrong with it now and not at the first step.
        base: the value before the first phase.
        ignore: codes of warnings that are not wanted: `["W510"]`.
        **params: the rates, such as `steps_per_epoch=1250` (see `schedlang.Run`), and the text's parameters.

    Raises:
        ScheduleError: whatever is wrong with the text.

    >>> lr = Schedule("warmup(5%) then cosine", total_steps=1000, base=3e-4)
    >>> [lr.get_value(step, total_steps=1000) for step in (0, 25, 50, 1000)]
    [0.0, 0.00015, 0.0003, 0.0]
    """

    def get_value(self, step: int, total_steps: int, abs_step: int | None = None) -> float:
        """The value at a step of a run, or of a phase, of so many steps; `abs_step` is not needed.

        Raises:
            ScheduleError: whatever the text lacks in such a run; E407, for what is not a step.
        """
        return self._at(step, total_steps)


def from_noether(
    config: str | float | Mapping[str, Any] | Sequence[Any],
    *,
    total_steps: int | None = None,
    steps_per_epoch: int | None = None,
    ignore: Iterable[str] = (),
) -> nodes.Schedule:
    """A config of Noether as a schedule of ours, with equal values at every step of the run.

    Args:
        config: a mapping with a `kind`, as a `dict` or an object of pydantic's or OmegaConf's; a number, a list of
            phases, or any of these as YAML text.
        total_steps: how many steps the run has. Without it the text holds for runs of any length; where Noether's
            floats round a boundary otherwise in some of them, the warning W528 says in which. Needed for phases in
            percent, and for an `overhang_percent` of stairs.
        steps_per_epoch: how many steps an epoch has, for `interval: epoch` in a run that ends inside of one.
        ignore: codes of warnings that are not wanted: `["W527"]`.

    Raises:
        ScheduleError: E605 for a kind, field or value that Noether doesn't have, E606 for one that has no counterpart
            here, E607 if `total_steps` is needed; E502 or E504, if a text cannot be read.

    >>> print(from_noether({
    ...     "kind": "noether.core.schedules.StepFixedSchedule",
    ...     "factor": 0.1, "start_value": 3e-4, "steps": [0.01, 0.02, 0.03],
    ... }))
    step_fixed(0.1, [1%, 2%, 3%], start=3e-4)
    >>> print(from_noether(\"\"\"
    ... kind: noether.core.schedules.LinearWarmupCosineDecaySchedule
    ... warmup_percent: 0.05
    ... max_value: 1e-3
    ... end_value: 1e-6
    ... \"\"\"))
    linear(0, 1e-3, inclusive=neither) for max(5% - 1, 0) then cosine(1e-3, 1e-6, inclusive=both)
    """
    reader = ConfigReader(NOETHER, steps_per_epoch)
    schedule = reader.schedule(config, total_steps)
    unwanted = codes_of(ignore)
    for found in reader.told:
        if found.code not in unwanted:
            tell_once(found)
    return schedule
