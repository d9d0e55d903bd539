"""Events that come while a run goes on: the same schedule with a time known, and the proof that its past stays."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import attrs

from .._bound.bind import bound_again, instead_of
from .._bound.bound import Bound
from .._language.nodes.scalars import LATER
from .._text.errors import Argument, Diagnostic, Phrase, ScheduleError, fail, listed
from .exact import BLOCK
from .past import parted_in_words, parting_of


def change(bound: Bound, times: Mapping[str, Any], step: int | None = None) -> Bound:
    """A bound schedule with the times of events: see `Bound.change`."""
    problems = [_no_event(bound, name) for name in times if name not in bound.events]
    if problems:
        raise ScheduleError(problems)
    changed = _with_times(bound, times)
    if step is not None:
        past, unit = bound.place(step), bound.run.unit
        found = parting_of(bound, changed, past, past + 1)
        if not found.step > past:
            there = f"and the run is at {unit.at(past)}"
            if found.unknown:  # to look for the earliest would take as long again and again
                fail(None, "E415", f"{parted_in_words(found, bound)}, {there}", "give a later time")
            message = f"the values would differ from {unit.at(Fraction(found.step))} on, {there}"
            fail(None, "E415", message, _from_then_on(bound, times, past))
    return changed


def _with_times(bound: Bound, times: Mapping[str, Any]) -> Bound:
    """A bound schedule with times of events; E414 tells which others have to be given with them."""
    try:
        return bound_again(bound, times)
    except ScheduleError as error:
        awaited = {name for name, time in bound.events.items() if time is None and name not in times}
        raise ScheduleError([_with_another(each, awaited) for each in error.diagnostics]) from None


def _with_another(problem: Diagnostic, awaited: set[str]) -> Diagnostic:
    """What is wrong with a time, with the event that may be given with it as a way out."""
    place = problem.span
    name = None if problem.source is None or place is None else problem.source.text[place.start : place.end]
    if problem.code != "E414" or name not in awaited:
        return problem
    return attrs.evolve(problem, hint=f"give a time of `{name}` too, or {problem.hint}")


def _no_event(bound: Bound, name: str) -> Diagnostic:
    """What is wrong with a name that is none of an event."""
    if name not in bound.params:
        hint = instead_of(name, bound.events) or "give a time of an event that the text waits for"
        return Diagnostic("E403", f"the text has no parameter `{name}`", hint=hint)
    message = f"`{name}` is no event, so it cannot be changed in a run that has begun"
    hint = Phrase("what may change is bound as ", Argument(name, LATER, quoted=True), "; or bind another text")
    return Diagnostic("E404", message, hint=hint)


def _from_then_on(bound: Bound, times: Mapping[str, Any], past: int | Fraction) -> str:
    """From which step on an event may come that came too early."""
    name, *others = times
    if others:
        return f"give {listed(sorted(times))} later times"
    if not isinstance(past, int):
        return f"give `{name}` a later time"

    def stays(time: int | str) -> bool:
        try:
            changed = bound_again(bound, {name: time})
        except ScheduleError:
            return False
        return parting_of(bound, changed, past, past + 1).step > past

    unit = bound.run.unit.symbol
    low, high = -1, max(1, past)
    while not stays(f"{high} {unit}"):
        low, high = high, 2 * high
        if low > BLOCK + 4 * past:
            return "give a later time"
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (low, middle) if stays(f"{middle} {unit}") else (middle, high)
    bare = bound.run.clock is None and stays(high)
    return f"`{name}` may come at {high if bare else f'`{high} {unit}`'} or later"
