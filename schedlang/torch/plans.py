"""What a scheduler sets: the bound schedule of each number of each param group."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import attrs

from .._bound.bound import Bound
from .._language.nodes import Schedule
from .keys import Key

Bounds: TypeAlias = Mapping[str, tuple[Bound | None, ...]]
"""The bound schedules of each key, group by group; None for a group that lacks the key."""


@attrs.frozen(eq=False)
class Plan:
    """Which schedule each number of each group has; one that several have is bound and asked once.

    Attributes:
        distinct: the schedules.
        functions: the same, compiled.
        columns: each key, with the place of each group's schedule among them; None for a group that lacks the key.
    """

    distinct: list[Bound]
    functions: list[Callable[[int], float]]
    columns: list[tuple[Key, list[int | None]]]

    @classmethod
    def of(
        cls,
        schedules: Mapping[Key, Sequence[Schedule | None]],
        bases: Mapping[str, Sequence[float | None]],
        bind: Callable[[Schedule, float], Bound],
    ) -> Plan:
        """The plan for the schedules and the initial values of each key of each group."""
        known: dict[tuple[Schedule, float], int] = {}
        distinct: list[Bound] = []
        columns = []
        for key, row in schedules.items():
            places: list[int | None] = []
            for schedule, base in zip(row, bases[key.text], strict=True):
                if schedule is None or base is None:
                    places.append(None)
                    continue
                place = known.setdefault((schedule, base), len(distinct))
                if place == len(distinct):
                    distinct.append(bind(schedule, base))
                places.append(place)
            columns.append((key, places))
        return cls(distinct, [bound.compiled for bound in distinct], columns)

    def apply(self, groups: Sequence[dict[str, Any]], step: int) -> None:
        """Set the values of a step."""
        try:
            values = [function(step) for function in self.functions]
        except (ArithmeticError, ValueError):
            values = [bound(step) for bound in self.distinct]  # which tells where in the text there is no value
        for key, places in self.columns:
            key.put(groups, places, values)

    def bounds(self) -> Bounds:
        """The same by the texts of the keys."""
        return {
            key.text: tuple(None if place is None else self.distinct[place] for place in places)
            for key, places in self.columns
        }
