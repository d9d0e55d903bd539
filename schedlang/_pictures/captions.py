"""Where the names of phases stand above a curve: each at the left edge of its phase, on lines above one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from .._language.program import HELD
from .._text.source import on_one_line
from .curves import Phase

_MOST: Final = 10  # names


@attrs.frozen
class Caption:
    """A name of a phase.

    Attributes:
        phase: the phase.
        text: what is written, on one line.
        edge: where the phase begins, in characters from the left.
        begin: where the text begins, so too; left of the edge at the right end of a picture.
        line: on which line it stands, counted from the curve up.
    """

    phase: Phase
    text: str
    edge: float
    begin: float
    line: int


def captions(phases: Sequence[Phase], start: int, stop: int, width: float, lines: int = 5) -> tuple[Caption, ...]:
    """Names for phases, none of which stands on another one or on the line that leads down from another one.

    A phase that the same text made as one before it has no second name, nor has a phase that only holds what is left at
    the end. Where there are too many names or lines, those of the shortest phases are left out.

    Args:
        phases: the phases, in order.
        start: the first step of the picture.
        stop: its last step.
        width: of the picture, in characters.
        lines: how many there may be.

    >>> from schedlang import parse
    >>> from schedlang._pictures.curves import phases_of
    >>> phases = phases_of(parse("warmup(5%) then hold until 90% then linear to 0").bind(1000), 0, 1000)
    >>> [(found.text, found.begin, found.line) for found in captions(phases, 0, 1000, 60)]
    [('warmup(5%)', 0.0, 1), ('hold', 3.0, 0), ('linear to 0', 49, 0)]
    """
    firsts: dict[int, Phase] = {}
    for phase in phases:
        if phase.row.shape != HELD:
            firsts.setdefault(phase.kind, phase)
    named = list(firsts.values())
    while True:
        found = _placed(named, start, stop, width)
        if len(named) <= _MOST and all(each.line < lines for each in found) and not _crossed(found):
            return found
        named.remove(min(named, key=lambda phase: phase.stop - phase.first))


def _placed(phases: Sequence[Phase], start: int, stop: int, width: float) -> tuple[Caption, ...]:
    """From the last name to the first, each beside the one before if it fits there, or else on the next line up."""
    found: list[Caption] = []
    line, free = 0, width
    for phase in reversed(phases):
        text = _cut(on_one_line(phase.row.text), int(width))
        edge = width * (phase.first - start) / (stop - start)
        begin = max(0.0, min(edge, width - len(text)))
        if begin + len(text) > free:
            line += 1
        found.append(Caption(phase, text, edge, begin, line))
        free = begin - 1
    return tuple(found[::-1])


def _crossed(found: Sequence[Caption]) -> bool:
    """Whether the line that leads down from a name goes through another one."""
    return any(
        low.line < high.line and low.begin - 1 < high.edge < low.begin + len(low.text) + 1
        for low in found
        for high in found
    )


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"
