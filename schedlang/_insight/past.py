"""A run that goes on with another schedule: whether all that was applied so far is the same, and where the two part."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Final

import attrs

from .._bound.bind import on_one_axis
from .._bound.bound import LOOKED_AT, Bound
from .._text.errors import Diagnostic, ScheduleError, fail
from .diff import end_of, gaps_of
from .exact import BLOCK, exact_values, unlike

_COMPARED: Final = 10**8
"""How many steps of a past are compared one by one: for 10 s, or 100 s where no array has Python's numbers."""

_FEW: Final = 2**10
"""How many steps are looked at first: most schedules part soon, or at the step asked for."""


@attrs.frozen(order=True)
class Parting:
    """Where two schedules part; the least of several is where the first of them do.

    Attributes:
        step: all values below it are the same; infinite if all are.
        unknown: whether it is not known if they differ there.
    """

    step: float | Fraction
    unknown: bool = False


def parting(old: Bound, new: Bound, past: int, stop: float = math.inf) -> Parting:
    """Where two schedules on one axis part: all its ticks up to `past` are compared, and as many below `stop` as can be
    looked at.

    Raises:
        ScheduleError: E406, if there is no finite value up to `past`.
    """
    ends = [end_of(bound) for bound in (old, new)]
    end = math.inf if None in ends else max(each for each in ends if each is not None) + 1
    begun, limit = past + 1, min(end, stop)
    found = _parting(old, new, 0, min(begun, limit), _COMPARED)
    if found is None:
        try:
            found = _parting(old, new, begun, limit, LOOKED_AT)
        except ScheduleError:  # no value behind the past: that is told when it is asked for
            return Parting(begun, unknown=True)
    return found or (Parting(math.inf) if limit == end else Parting(limit, unknown=True))


def _parting(old: Bound, new: Bound, start: int, stop: float, most: int) -> Parting | None:
    """Where two schedules part from a step on, below `stop`; None if they don't. Where they do not calculate the same,
    up to so many steps are compared."""
    for first, close in unlike(old, new, start, stop):
        reach = int(close if close - first <= most else min(close, first + LOOKED_AT))
        most -= reach - int(first)
        values = exact_values(old), exact_values(new)
        begin, size = int(first), _FEW
        while begin < reach:
            end = min(reach, begin + size)
            olds, news = (of(begin, end) for of in values)
            where, _, _ = gaps_of(olds, news, 0.0)
            if len(where):
                return Parting(begin + int(where[0]))
            begin, size = end, min(2 * size, BLOCK)
        if reach < close:
            return Parting(reach, unknown=True)
    return None


def require_same_past(old: Bound, new: Bound, step: Any) -> int | Fraction | None:
    """Make sure that a run at a step may go on with another schedule: all values up to that step have to be the same.

    Both are compared at each step, to the bit; the value at `step` is the one that the next update has.

    Returns:
        The first step at which the values differ; None if there is none, or none within a million steps.

    Raises:
        ScheduleError: E603, for another past, or one that is too long to be compared; E406, if there is no value.

    >>> from schedlang import parse
    >>> old = parse("warmup(10) then hold").bind(base=0.5)
    >>> new = parse("warmup(10) then hold until 60 then linear to 0 for 30").bind(base=0.5)
    >>> require_same_past(old, new, 60)
    61
    >>> require_same_past(old, new, 61)
    Traceback (most recent call last):
    schedlang.ScheduleError: error[E603]: the values differ from step 61 on, and the run is at step 61
      = help: write the text so that its values up to there are the same: see `docs/changing-a-run.md`
    """
    found = proven(old, new, step)
    return None if found.unknown or isinstance(found.step, float) else found.step


def parting_of(old: Bound, new: Bound, step: Any, stop: float | Fraction = math.inf) -> Parting:
    """Where two schedules part, as it is asked for: compared as by `parting`, up to a step and below another."""
    old, new = on_one_axis(old, new)
    run = new.run
    found = parting(
        old,
        new,
        math.ceil(new.place(step) * run.grid),
        float(stop) * run.grid if math.isinf(stop) else math.ceil(stop * run.grid),
    )
    return found if math.isinf(found.step) else attrs.evolve(found, step=run.place(int(found.step)))


def proven(old: Bound, new: Bound, step: Any) -> Parting:
    """Where two schedules part, which has to be behind a step.

    Raises:
        ScheduleError: as `require_same_past` does.
    """
    found, place = parting_of(old, new, step), new.place(step)
    if found.step <= place:
        hint = "write the text so that its values up to there are the same: see `docs/changing-a-run.md`"
        fail(None, "E603", f"{parted_in_words(found, new)}, and the run is at {new.run.unit.at(place)}", hint)
    return found


def parted_in_words(found: Parting, bound: Bound) -> str:
    """Where two schedules part, if they do; one of them."""
    assert not isinstance(found.step, float)
    at = bound.run.unit.at(found.step)
    return (
        f"the values are the same below {at}, and no more are compared"
        if found.unknown
        else f"the values differ from {at} on"
    )


def branched(found: Parting, bound: Bound, step: Any, hint: str | None = None) -> Diagnostic:
    """The warning about a run that goes on at a step with another schedule, whose past is the same."""
    at = f"the run goes on at {bound.run.unit.at(bound.place(step))} with another schedule of the same past"
    message = f"{at}: {parted_in_words(found, bound)}"
    return Diagnostic("W533", message, hint=hint)
