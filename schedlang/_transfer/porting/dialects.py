"""How each library writes its configs, and in which units it takes lengths."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from ..._text.run import as_rational, shown
from .sites import wrong
from .values import read_number


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


class Lengths:
    """In which units lengths are given, and what is known of the run that turns them into steps.

    Args:
        units: the units.
        updates_per_epoch: optimizer updates in an epoch.
        batch_size: samples in an update.

    Raises:
        ScheduleError: E607.
    """

    def __init__(self, units: tuple[str, ...], updates_per_epoch: float | None, batch_size: int | None) -> None:
        self.units = units
        self._rates = {"updates_per_epoch": updates_per_epoch, "batch_size": batch_size}
        for name, rate in self._rates.items():
            if rate is not None and (as_rational(rate) or 0) <= 0:
                wrong("", f"{name} is {shown(rate)}, not a number above zero", f"give it as `{name}=100`", "E607")

    def scaled(self, unit: str, value: Any, path: str) -> Any:
        """A number of epochs or samples as steps, as there: epochs multiplied, samples rounded up.

        Raises:
            ScheduleError: E607.
        """
        if unit not in ("epoch", "sample"):
            return value
        rate = "updates_per_epoch" if unit == "epoch" else "batch_size"
        given = self._rates[rate]
        if given is None:
            wrong(path, f"`{value}` {unit}s need {rate}", f"give it: `{rate}=…`", "E607")
        return read_number(path, value) * given if unit == "epoch" else math.ceil(read_number(path, value) / given)
