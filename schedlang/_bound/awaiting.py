"""Which phases wait for an event that is not known yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs

from .._language.names import definitions_of, names_in
from .._language.nodes import For, Schedule, Until
from .._language.nodes.base import Names, children
from .._language.program import Row
from .._text.errors import listed
from .._text.source import Place

_NOT_YET: Final = ", not yet"


def until_known(names: Sequence[str]) -> Iterator[str]:
    """The line behind an answer that holds before events come."""
    if names:
        yield f"as long as {listed(names)} does not come"


def waits(row: Row) -> bool:
    """Whether a line of a phase table says that it waits for an event."""
    return row.text.endswith(_NOT_YET)


def marked(schedule: Schedule, awaited: Iterable[str], rows: Iterable[Row]) -> Iterator[Row]:
    """The lines of a phase table; those that wait for an event, the last of what lasts until then, say so."""
    body, names = definitions_of(schedule)
    events = {*awaited}
    waiting = [each for root in (body, *names.values()) for each in _waiting(root, events, names)]
    lines = list(rows)
    around = [[clause for clause in waiting if _lies(row.place, clause.place)] for row in lines]
    for row, here, behind in zip(lines, around, [*around[1:], []], strict=True):
        ending = [clause for clause in here if all(clause is not other for other in behind)]
        within = [clause for clause in waiting if not here and _lies(clause.place, row.place)]
        if ending:
            innermost = min(ending, key=lambda clause: len(clause.written()))
            row = attrs.evolve(row, text=f"{innermost.written()}{_NOT_YET}")
        elif within:
            row = attrs.evolve(row, text=f"{row.text}; {within[0].written()}{_NOT_YET}")
        yield row


def _lies(place: Place | None, around: Place | None) -> bool:
    if place is None or around is None or place.source is not around.source:
        return False
    return around.span.start <= place.span.start and place.span.end <= around.span.end


def _waiting(node: Schedule, events: set[str], names: Names) -> Iterator[For | Until]:
    """The clauses below a node that last until an event."""
    time = node.time if isinstance(node, For) else node.position if isinstance(node, Until) else None
    if isinstance(node, (For, Until)) and time is not None and _follows(time, events, names):
        yield node
    for _, _, child in children(node):
        yield from _waiting(child, events, names)


def _follows(time: Schedule, events: set[str], names: Names) -> bool:
    """Whether a time follows from an event."""
    used = [each.name for each in names_in(time)]
    return any(name in events or (name in names and _follows(names[name], events, names)) for name in used)
