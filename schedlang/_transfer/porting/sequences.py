"""Sequences: phases one after the other, as a chain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, NamedTuple

from ..._bound import public as shapes
from ..._language.nodes import Schedule
from .kinds import Piece
from .phases import Phase
from .sites import Site, need_total, wrong


class _Placed(NamedTuple):
    """Phases for a chain; `relative` and `ended` as of a Piece."""

    parts: list[Schedule]
    relative: bool = False
    ended: bool = False


class Chain(NamedTuple):
    """Places phases one after the other.

    Attributes:
        site: where their sequence stands.
        read: the schedule that a config means somewhere.
    """

    site: Site
    read: Callable[[Any, Site], Piece]

    def piece(self, phases: Sequence[Phase]) -> Piece:
        """All phases of the sequence.

        Raises:
            ScheduleError: E605 for a phase without a step, E607 if the length of the run is needed; and whatever is
                wrong with their configs.
        """
        parts: list[Schedule] = []
        placed = _Placed([])
        if phases[0].start > 0:  # until it begins, the first phase shows its first value
            parts.append(self._first_value(phases[0]).lasting(phases[0].start))
        for index, phase in enumerate(phases):
            last = index == len(phases) - 1
            lasts = None if last else phases[index + 1].start - phase.start
            if lasts != 0 and not (parts and self.site.total is not None and phase.start >= self.site.total):
                placed = self._placed(phase, lasts)
                parts += placed.parts
        return Piece(reduce(Schedule.then, parts), placed.relative, ended=placed.ended)

    def _played(self, phase: Phase, length: int | None, first: int) -> Piece:
        return self.read(phase.config, Site(f"{phase.path}.schedule", length, first, self.site.depth))

    def _first_value(self, phase: Phase) -> Schedule:
        """What a phase shows at its first step."""
        if phase.length is None:
            need_total(phase.path, phase.start)
        length = max(phase.length, 1)
        return _value(self._played(phase, length, 0), length, 0)

    def _placed(self, phase: Phase, lasts: int | None) -> _Placed:
        """A phase that is followed by another after so many steps, or, if None, by nothing."""
        length = phase.length
        if length is not None and length <= 0:
            if not phase.kept:
                wrong(phase.path, "the phase has no step, and the next does not begin where it does", "remove it")
            still = self._first_value(phase)
            return _Placed([still if lasts is None else still.lasting(lasts)], ended=True)
        piece = self._played(phase, length, phase.start)
        if piece.timeless and piece.ended:
            return _Placed([piece.node if lasts is None else piece.node.lasting(lasts)], ended=True)
        if lasts is None and (length is None or phase.stop == self.site.total):
            if phase.start == 0 or not piece.relative:
                return _Placed([piece.node], piece.relative, piece.ended)
            rest = f"max(100% - {phase.start}, 1)" if length is None else str(length)
            return _Placed([piece.node.over(rest)], relative=length is None)
        if length is None:  # laid out over all of the run, and cut by the next
            return _Placed([_window(piece, "100%").lasting(lasts or 0)], relative=True)
        node = _window(piece, str(length))
        if lasts is not None and lasts <= length:
            return _Placed([node if lasts == length else node.lasting(lasts)])
        kept = shapes.hold() if piece.ended else _value(piece, length, length - 1)  # not what it would have come to
        ended = self.site.total is not None and self.site.total > phase.start + length
        return _Placed([node, kept if lasts is None else kept.lasting(lasts - length)], ended=ended)


def _value(piece: Piece, length: int, step: int) -> Schedule:
    """What a piece of some length shows at a step, as a constant."""
    return shapes.constant(piece.node.bind(length)(step))


def _window(piece: Piece, length: str) -> Schedule:
    return piece.node.over(length) if piece.relative else piece.node.lasting(length)
