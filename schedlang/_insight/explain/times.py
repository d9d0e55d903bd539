"""What became of the times in a text, and of its names."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import Final

import attrs

from ..._language.frame import Frame
from ..._language.nodes import Apply, Name, Number, Quantity, Schedule
from ..._language.nodes.base import Kind, Role, children
from ..._language.nodes.scalars import is_real
from ..._text.errors import ScheduleError
from ..._text.meters import Metered
from ..._text.numerals import as_plain_number, decimal_text, exactly
from ..._text.rendering import elided
from ..._text.run import PERCENT, Awaited
from ..relayout import Origins

_TIMES: Final = (Role.DURATION, Role.POSITION)


@attrs.frozen
class Time:
    """What a time in the text became.

    Attributes:
        text: the time, as written.
        steps: how many steps that is; not whole where it is not. None: that is not known yet.
        how: how it became that: `5% of 10000 = 500`.
    """

    text: str
    steps: int | float | None
    how: str


@attrs.frozen
class Meaning:
    """What a name in the text stands for: one behind `where`, or a parameter.

    Attributes:
        name: the name.
        text: what it was given as.
        value: the number, or the number of steps; None for a name of a whole schedule.
    """

    name: str
    text: str
    value: int | float | None


def times_in(origins: Origins) -> Iterator[Time]:
    """What each time in the text became, in the order of the text."""
    found: dict[tuple[int, str, str], Time] = {}
    for node, frame in origins.frames.items():
        for role, child in times_of(node):
            length = became(child, frame, role)
            if length is not None:
                start = -1 if child.place is None else child.place.span.start
                found.setdefault((start, length.text, length.how), length)
    yield from (found[key] for key in sorted(found, key=lambda key: key[0]))


def meanings_in(origins: Origins) -> Iterator[Meaning]:
    """What the names in the text stand for."""
    _, frame = origins.frames.items()[0]
    for name, node in origins.names.items():
        text = " ".join(node.written().split()) if name not in origins.bound.params else str(node)
        value: int | float | None = None
        with suppress(ScheduleError):  # a number that the text never uses as one, in place of a time
            match node.kind(origins.names):
                case Kind.DURATION:
                    steps = node.in_steps(frame)
                    value = None if isinstance(steps, (Awaited, Metered)) else as_plain_number(steps)
                case Kind.NUMBER:
                    value = node.number(frame)
        yield Meaning(name, text, value)


def times_of(node: Schedule) -> Iterator[tuple[Role, Schedule]]:
    """The times that a node has: lengths and places."""
    return ((role, child) for role, _, child in children(node) if role in _TIMES)


def became(node: Schedule, frame: Frame, role: Role) -> Time | None:
    """What a time became; None if it is a plain number of steps."""
    if is_real(node, frame.binding.names):
        return None
    length = node.in_steps(frame)
    if isinstance(length, Metered):
        text, at_place = " ".join(node.written().split()), role is Role.POSITION
        place = (frame.origin if at_place else frame.start) + length
        if isinstance(place, Awaited):
            return Time(text, None, f"{'until' if at_place else 'for'} `{elided(text, 40)}`, not yet")
        at = frame.binding.run.at
        since = "" if at_place or frame.start == 0 else f" from {at(math.ceil(frame.start))} on"
        after = Fraction(place) - (frame.origin if at_place else frame.start)
        of = f" of {amount_text(frame.hundred)}" if _is_share(node) and isinstance(frame.hundred, Metered) else ""
        return Time(text, as_plain_number(after), f"{elided(text, 40)}{of}{since} = {at(math.ceil(place))}")
    amounts = list(dict.fromkeys(_amounts(node, frame, True)))
    text, steps = " ".join(node.written().split()), node.in_steps(frame)
    if isinstance(steps, Awaited):
        awaited = f"{'until' if role is Role.POSITION else 'for'} `{elided(text, 40)}`, not yet"
        if steps.is_open(0):
            return Time(text, None, awaited)
        return Time(text, as_plain_number(steps), "; ".join([*amounts, f"{awaited}: {exactly(steps)} at most"]))
    if not amounts:
        return None
    if len(amounts) > 1 or not _is_amount(node, frame):
        shown = frame.binding.run.amount(steps) if frame.binding.exactly else _steps_or_run(steps)
        amounts.append(f"{elided(text, 40)} = {shown}")
    return Time(text, as_plain_number(frame.binding.run.place(steps)), "; ".join(amounts))


def amount_text(length: Metered) -> str:
    """An amount of a unit whose rate changes: `14.8T tok`."""
    amount = Fraction(length)
    written = decimal_text(Decimal(amount.numerator)) if amount.denominator == 1 else exactly(amount)
    return f"{written} {length.meter.unit.symbol}"


def _is_share(node: Schedule) -> bool:
    return node.is_fraction() if isinstance(node, Number) else isinstance(node, Quantity) and node.needs() is PERCENT


def _is_amount(node: Schedule, frame: Frame) -> bool:
    """Whether a time is a number with a unit, or a share, or the name of such."""
    names = frame.binding.names
    while isinstance(node, Name) and node.name in names:
        node = names[node.name]
    return isinstance(node, (Quantity, Number))


def _amounts(node: Schedule, frame: Frame, alone: bool) -> Iterator[str]:
    """How each amount with a unit that a time is made of became steps."""
    names = frame.binding.names
    match node:
        case Name() if node.name in names:
            yield from _amounts(names[node.name], frame, alone)
        case Number() if alone and node.is_fraction():
            yield _share_text(node, frame)
        case Quantity():
            unit = node.needs()
            if unit is PERCENT:
                yield _share_text(node, frame)
            elif frame.binding.exactly:
                if unit is not frame.binding.run.unit:
                    yield f"{node} = {frame.binding.run.amount(node.in_steps(frame))}"
            elif unit.needs is not None and (updates := unit.in_updates(frame.binding.run)) is not None:
                # Where that changes, an amount that is a number of steps is 0 and says it all.
                per_step = f"÷ {exactly(1 / updates)} {unit.symbol}/step"
                how = f"× {exactly(updates)} steps/{unit.symbol}" if unit.of_steps else per_step
                yield f"{node} {how} = {_steps_or_run(node.in_steps(frame))}"
        case _:
            for _, _, child in children(node):
                yield from _amounts(child, frame, isinstance(node, Apply))


def _share_text(node: Number | Quantity, frame: Frame) -> str:
    if frame.binding.exactly and frame.hundred is not None:
        run = frame.binding.run
        return f"{node} of {run.amount(frame.hundred)} = {run.amount(node.in_steps(frame))}"
    whole = amount_text(frame.hundred) if isinstance(frame.hundred, Metered) else _steps_or_run(frame.hundred)
    return f"{node} of {whole} = {_steps_or_run(node.in_steps(frame))}"


def _steps_or_run(steps: Fraction | int | None) -> str:
    """A number of steps; None: all of them."""
    return "the run" if steps is None else exactly(steps)
