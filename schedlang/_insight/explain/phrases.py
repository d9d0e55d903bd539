"""What a formula does, in words: those of its primitive, with the arguments and the values filled in."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..._language.clocks import RampClock
from ..._language.frame import Frame
from ..._language.nodes import PRIMITIVES, Primitive, Schedule
from ..._language.nodes.base import Role
from ..._language.program import Segment, handed_on
from ..._text.numerals import approximated, counted

LISTED: Final = 8
"""Up to how many numbers are listed; of more, the first ones."""


def phrase(part: Segment, first: int, stop: int | None, makers: Sequence[tuple[Schedule, Frame]], shift: int) -> str:
    """What a formula does over the steps first … stop - 1.

    Args:
        part: the formula.
        first: the first of the steps.
        stop: the step behind the last one; None: there is no last one.
        makers: the nodes that made the part, with their frames.
        shift: how many steps of the run come before step 0 of the part.
    """
    cls = PRIMITIVES.get(part.shape.rpartition(" ")[2])
    if cls is None:
        of = "the step within its phase" if part.shape == "step" else "the progress through its phase"
        return f"is {of}, from {approximated(part.at(first))}"
    begins, ends = part.at(first), math.nan if stop is None else handed_on(part, stop)
    words = _filled(cls, part, part.last if part.ends else stop, makers, shift)
    if part.ends:
        return _ramp(cls, part, first, ends, words)
    text = words or _follows(cls, begins, ends)
    if not words or not cls.monotone or math.isnan(ends) or begins == ends:
        return text
    return f"{text}, {'up' if ends > begins else 'down'} to {approximated(ends)}"


def _ramp(cls: type[Primitive], part: Segment, first: int, ends: float, words: str) -> str:
    """What a ramp does; where it is entered late, or cut off, also that."""
    values = _shown(part)
    start, end = values["start"], values["end"]
    if start == end:
        return f"stays at {approximated(end)}"
    text = words or _follows(cls, start, end)
    if first > part.first:
        text += f", entered after {counted(first - part.first)} at {approximated(part.at(first))}"
    if not math.isnan(ends) and ends != end:
        text += f", and is cut off at {approximated(ends)}"
    return text


def _filled(
    cls: type[Primitive], part: Segment, stop: int | None, makers: Sequence[tuple[Schedule, Frame]], shift: int
) -> str:
    """A primitive's words with its arguments in."""
    if not cls.words:
        return ""
    values = _shown(part)
    fields = {name: _argument(value) for name, value in values.items()}
    fields.setdefault("value", fields.get("start", ""))  # of a number alone, which is a constant
    start, end = values.get("start"), values.get("end")
    if isinstance(start, float) and isinstance(end, float):
        fields["goes"] = "rises" if end > start else "falls"
    for node, frame in makers:
        if isinstance(node, cls):
            fields |= _times(node, frame, stop, shift)
            break
    return cls.words.format_map(fields)


def _shown(part: Segment) -> Mapping[str, Any]:
    """The numbers of a formula; the start of a ramp that doesn't show it is the first value that it shows."""
    if isinstance(part.clock, RampClock) and part.clock.inclusive in ("right", "neither"):
        return {**part.values, "start": handed_on(part, part.first)}
    return part.values


def _times(node: Primitive, frame: Frame, stop: int | None, shift: int) -> dict[str, str]:
    """The arguments of a primitive that are times: in steps, or as those steps of the run that are reached."""
    found = {}
    for argument in node.arguments():
        if argument.parameter.role is Role.DURATION and getattr(node, argument.attribute) is not None:
            found[argument.name] = counted(node.time(argument.attribute, frame))
        elif argument.parameter.role is Role.DURATIONS:
            times = getattr(node, argument.attribute)
            places = sorted(math.ceil(frame.start + each.in_steps(frame)) for each in times)
            found[argument.name] = _steps([place + shift for place in places if stop is None or place <= stop])
    return found


def _steps(places: list[int]) -> str:
    """Some steps as a list; a long one shortened."""
    words = [str(place) for place in places]
    if not words:
        return "none of its steps"
    if len(words) == 1:
        return f"step {words[0]}"
    if len(words) > LISTED:
        return f"steps {', '.join(words[: LISTED - 1])} … {words[-1]} ({len(words)} in all)"
    return f"steps {', '.join(words[:-1])} and {words[-1]}"


def _follows(cls: type[Primitive], begins: float, ends: float) -> str:
    """The words for a primitive that declares none."""
    to = "" if math.isnan(ends) else f" to {approximated(ends)}"
    return f"follows `{cls.name}` from {approximated(begins)}{to}"


def _argument(value: Any) -> str:
    if isinstance(value, tuple):
        shown = [approximated(each) for each in value[:LISTED]]
        return ", ".join(shown) + (f" … ({len(value)} in all)" if len(value) > LISTED else "")
    return approximated(value)
