"""A schedule as the list of its values, for configs that take numbers alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from .._bound.bind import need_base
from .._bound.telling import refuse_clock, tell
from .._language.nodes import Schedule
from .._language.parse import as_schedule
from .._text.errors import Needed, fail
from .._text.run import Rate

_MOST: Final = 10_000_000  # values: 300 MB of numbers, and 200 MB of text


def baked(
    schedule: str | float | Schedule,
    total_steps: Rate | str | None,
    told: Mapping[str, Any],
    ignore: Iterable[str] = (),
    *hint: str,
) -> list[float]:
    """The value at each step of the run; `told`: what else `bind` takes; `hint`: how to give base."""
    refuse_clock(told, "a list with a value for each step")
    bound = as_schedule(schedule).bind(total_steps, **told)
    if bound.end is None:
        fail(None, "E401", "how many values there are depends on the length of the run", Needed("total_steps"))
    if bound.end > _MOST:
        message = f"a list of {bound.end} values is too long: it may have {_MOST}"
        fail(None, "E607", message, "put the schedule itself in the place of its values")
    if told.get("base") is None:
        need_base(bound, *hint)
    tell([bound], ignore)
    return [bound(step) for step in range(bound.end)]  # to the bit what is asked step by step
