"""Which phases wait for an event that is not known yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from .._language.names import definitions_of, names_in
from .._language.nodes import For, Schedule, Until
from .._language.nodes.base import Names, children
from .._language.program import Row
from .._text.source import Span


def marked(schedule: Schedule, awaited: Iterable[str], rows: Iterable[Row], end: int | None) -> Iterator[Row]:
    """The lines of a phase table up to `end`; those that wait for an event say so."""
    body, names = definitions_of(schedule)
    events = {*awaited}
    waiting = [each for root in (body, *names.values()) for each in _waiting(root, events, names)]
    for row in rows:
        place = row.place
        around = [
            clause
            for clause in waiting
            if place and clause.place and clause.place.source is place.source and _lies(place.span, clause.place.span)
        ]
        if around and row.stop == end:
            innermost = min(around, key=lambda clause: len(clause.written()))
            row = attrs.evolve(row, text=f"{innermost.written()}, not yet")
        yield row


def _lies(span: Span, around: Span) -> bool:
    return around.start <= span.start and span.end <= around.end


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
