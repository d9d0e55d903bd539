"""The names in a text: which of them it defines behind `where`, and which it leaves to the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .._text.spelling import nearest
from .nodes import PRIMITIVES, Name, Schedule, Where
from .nodes.base import Names, atoms_of
from .nodes.composition import Definition
from .nodes.scalars import is_later

HOLE: Final = "?"
"""What stands for a part that can't be read."""


def definitions_of(schedule: Schedule) -> tuple[Schedule, Names]:
    """A text's body and what the names behind `where` stand for."""
    if isinstance(schedule, Where):
        return schedule.body, Names(schedule.names())
    return schedule, Names({})


def with_definitions(schedule: Schedule, definitions: Mapping[str, Schedule]) -> Schedule:
    """A text with those of some definitions that it needs, in front of its own."""
    names = needed(schedule, definitions)
    if not names:
        return schedule
    body, own = definitions_of(schedule)
    whole = {**{name: definitions[name] for name in names if name not in own}, **own}
    return Where(body, tuple(Definition(name, value) for name, value in whole.items()), place=schedule.place)


def needed(schedule: Schedule, definitions: Mapping[str, Schedule]) -> list[str]:
    """Which of some definitions a text needs, in their order: later ones may use earlier ones."""
    used = free_names(schedule) if definitions else set()
    for name in reversed(list(definitions)):
        if name in used:
            used |= free_names(definitions[name])
    return [name for name in definitions if name in used]


def free_names(schedule: Schedule) -> set[str]:
    """The names of a text that are parameters.

    >>> from schedlang import parse
    >>> free_names(parse("warmup(w) then cosine(peak, low) where low = peak / 10")) == {"w", "peak"}
    True
    """
    body, names = definitions_of(schedule)
    events = {name for name, value in names.items() if is_later(value)}
    known = [node for node in names.values() if not is_later(node)]
    return {name.name for node in (body, *known) for name in names_in(node)} - (names.keys() - events)


def names_in(node: Schedule) -> list[Name]:
    """Every name that stands in a node, definitions aside."""
    return [atom.node for atom in atoms_of(node) if isinstance(atom.node, Name)]


def like_a_primitive(word: str) -> str | None:
    """The primitive whose name a word is close to, if there is one.

    >>> like_a_primitive("cosin"), like_a_primitive("peak")
    ('cosine', None)
    """
    close = nearest(word, PRIMITIVES)
    return close if close is not None and abs(len(close) - len(word)) < 2 else None
