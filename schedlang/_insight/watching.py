"""A bound schedule laid out once more, and watched: which nodes made each part of its program, and in which frames."""

from __future__ import annotations

from .._bound.bind import lay_out
from .._bound.bound import Bound
from .._language.frame import Binding, Frame
from .._language.names import definitions_of
from .._language.nodes import Schedule
from .._language.nodes.base import Names
from .._language.program import Part


class Watched:
    """A schedule whose layout was watched. A copy of a repeated body is laid out, and seen, once it is asked for.

    Attributes:
        bound: the schedule.
        names: what the names in it stand for.
        program: the program that it became.
        frames: each node that was laid out, by its id, and where it came to lie first.
    """

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        body, definitions = definitions_of(bound.schedule)
        self.names = Names({**definitions, **bound.params})
        self.frames: dict[int, tuple[Schedule, Frame]] = {}
        self._makers: dict[int, list[tuple[Schedule, Frame]]] = {}
        self._parts: list[Part] = []  # so that no other part gets the id of one that is gone
        binding = Binding(bound.run, self.names)
        binding.watch = self._see
        self.program = lay_out(body, binding)

    def _see(self, node: Schedule, frame: Frame, part: Part) -> None:
        """Notice where a node came to lie."""
        if not frame.peek:
            self._makers.setdefault(id(part), []).append((node, frame))
            self._parts.append(part)
            self.frames.setdefault(id(node), (node, frame))

    def makers(self, part: Part) -> list[tuple[Schedule, Frame]]:
        """The nodes that made a part, innermost first, with their frames."""
        return self._makers.get(id(part), [])
