"""Where to look at a bound schedule that has too many steps to look at all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from .._language.program import HELD
from .bound import Bound

_ENDLESS: Final = 10_000  # steps of a run without any end
_GOLDEN: Final = 0x9E3779B97F4A7C15  # 2**64 divided by the golden ratio


def horizon(bound: Bound) -> int:
    """Where to stop looking at a run, in ticks of its axis: its end; if it has none, where the last phase begins to
    hold, or well inside it.

    >>> from schedlang import parse
    >>> horizon(parse("cosine").bind(300)), horizon(parse("linear(1, 0, 400)").bind()), horizon(parse("0.1").bind())
    (300, 400, 10000)
    """
    bound = bound.ticks
    if bound.end is not None:
        return bound.end
    last, endless = bound.phases[-1], _ENDLESS * bound.run.grid
    if None in bound.events.values():  # what waits is to be seen
        return 2 * last.first or endless
    return last.first if last.shape in ("hold", HELD) and last.first else 10 * last.first or endless


def asked_steps(first: int, stop: int, most: int, edges: Iterable[int]) -> Sequence[int]:
    """All steps of a stretch; of one with too many so many, at uneven distances, its ends and those edges included."""
    width = stop - first
    if width <= most:
        return range(first, stop)
    # Even distances would meet a repeat always at the same places, and show none of the others. By the golden ratio the
    # places differ as much as they can; in integers of 64 bits, as no float holds steps beyond 2**53.
    jitter = (index * _GOLDEN % 2**64 for index in range(most))
    spread = (first + (index * width + (part * width >> 64)) // most for index, part in enumerate(jitter))
    return sorted({first, stop - 1, *spread, *edges})
