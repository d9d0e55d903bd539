"""A bound schedule laid out once more, and watched: in which frames its nodes come to lie, and which parts they make.

Binding keeps the program alone, as nothing else is needed for values. Whoever has to tell what a piece of the text
became lays the schedule out again with a hook, which costs about as much as binding.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from .._bound.bound import Bound
from .._language.frame import Binding, Frame, program_of
from .._language.names import definitions_of
from .._language.nodes import Schedule
from .._language.nodes.base import Names
from .._language.program import Part

K = TypeVar("K")
V = TypeVar("V")


class ByIdentity(Generic[K, V]):
    """A table by identity: equal nodes at two places in a text are two keys.

    It holds its keys, so that no other object gets the id of one that is gone. No `MutableMapping`, whose methods are
    built on one another and take twice as long: each node of a long schedule is looked up several times.
    """

    def __init__(self) -> None:
        self._entries: dict[int, tuple[K, V]] = {}

    def __getitem__(self, key: K) -> V:
        return self._entries[id(key)][1]

    def __setitem__(self, key: K, value: V) -> None:
        self._entries[id(key)] = key, value

    def __contains__(self, key: K) -> bool:
        return id(key) in self._entries

    def get(self, key: K) -> V | None:
        entry = self._entries.get(id(key))
        return None if entry is None else entry[1]

    def setdefault(self, key: K, value: V) -> V:
        return self._entries.setdefault(id(key), (key, value))[1]

    def pop(self, key: K) -> V | None:
        entry = self._entries.pop(id(key), None)
        return None if entry is None else entry[1]

    def items(self) -> list[tuple[K, V]]:
        return list(self._entries.values())


class Relayout:
    """The layout of a bound schedule, done once more.

    A copy of a repeated body is laid out, and watched, once a value of it is asked for.
    """

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        self.body, definitions = definitions_of(bound.schedule)  # what stands before `where`, and behind it
        self.roots = (self.body, *definitions.values())
        self.names = Names({**definitions, **bound.params})
        self.binding = Binding(bound.run, self.names)
        self.frames: ByIdentity[Schedule, Frame] = ByIdentity()  # where each node came to lie first

    def watched(self, watch: Callable[[Schedule, Frame, Part], None]) -> Part:
        """The program that the schedule became; each node that was laid out is watched, after all nodes below it."""

        def see(node: Schedule, frame: Frame, part: Part) -> None:
            if not frame.peek:
                self.frames.setdefault(node, frame)
                watch(node, frame, part)

        self.binding.watch = see
        return program_of(self.body, self.binding)


class Origins(Relayout):
    """Which nodes made each part of a program, and in which frames. It holds the parts, as `ByIdentity` its keys."""

    def __init__(self, bound: Bound) -> None:
        super().__init__(bound)
        self._makers: ByIdentity[Part, list[tuple[Schedule, Frame]]] = ByIdentity()
        self.program = self.watched(lambda node, frame, part: self._makers.setdefault(part, []).append((node, frame)))

    def makers(self, part: Part) -> list[tuple[Schedule, Frame]]:
        """The nodes that made a part, innermost first, with their frames."""
        return self._makers.get(part) or []
