"""Texts with the same values, written so that those of runs of other lengths can have the same form.

Where the end of a ramp comes to lie in one run may let it be written shorter there than in others.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs

from ..._bound.bound import Bound
from ..._language.nodes import For, Number, Ramp, Schedule, Then, Warmup


def in_full(bound: Bound) -> Iterator[str]:
    """A text whose last phase is a ramp, with where that begins and how long it is."""
    schedule = bound.schedule
    *before, last = schedule.phases if isinstance(schedule, Then) else (schedule,)
    if not isinstance(last, Ramp) or bound.end is None:
        return
    length = bound.end - bound.phases[-1].first
    lead = before[-1] if before else None
    ramp = lead.body if isinstance(lead, For) else lead
    match last.inclusive:
        case None | "exact":
            pass
        case "both":
            length -= 1
        case "right" if isinstance(lead, For) and isinstance(ramp, Ramp) and ramp.inclusive == "both":
            # What is shown at both ends in so many steps lasts one less, and the next begins there.
            ramp = attrs.evolve(ramp, inclusive=None)
            lead = attrs.evolve(lead, body=ramp, time=_whole(bound.phases[-1].first - bound.phases[-2].first - 1))
        case _:
            return
    start = last.start
    if isinstance(ramp, Ramp) and start is None and ramp.end is not None:
        start = ramp.end
        if lead is ramp and isinstance(ramp, Warmup):
            lead = attrs.evolve(ramp, end=None)
    full = attrs.evolve(last, start=start, duration=last.duration or _whole(length), inclusive=None)
    yield str(full if lead is None else Then.of(*before[:-1], lead, full))


def _whole(steps: int) -> Number:
    return Number(Decimal(steps))


def at_exact_places(node: Any) -> Any:
    """A schedule whose ramps begin and end where they are, and not at whole steps, if they don't say anything else."""
    if type(node) is tuple:
        return tuple(map(at_exact_places, node))
    if not isinstance(node, Schedule):
        return node
    kept = {each.alias: getattr(node, each.name) for each in attrs.fields(type(node)) if each.init}
    below = {name: at_exact_places(child) for name, child in kept.items()}
    changed = {name: child for name, child in below.items() if child != kept[name]}
    if isinstance(node, Ramp) and node.inclusive is None:
        changed["inclusive"] = "exact"
    return attrs.evolve(node, **changed) if changed else node
