"""One call: ours, the function written by hand, and the other libraries."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from types import FunctionType
from typing import Any

import attrs

from .peers import PEERS, Peer
from .report import Comparison, Table, duration, limited
from .schedules import CASES, TOTAL, Case
from .timing import EMPTY, ROUNDS, Measure, Ratio, loop, net, take_turns

BY_HAND = "by hand"
TUNED = "by hand, tuned"
COMPILED = "bound.compiled(step)"
CHECKED = "bound(step)"
WALKED = "bound.walk(step)"

COMPARED: tuple[tuple[Any, ...], ...] = (
    (COMPILED, BY_HAND, 1.15, 1.0),
    (COMPILED, TUNED),
    (CHECKED, BY_HAND),
    (WALKED, BY_HAND),
)
"""What is compared with what, with the limit and the aim where there are any."""

COPIES = 5
"""How often all functions are made anew; each time they take turns for `ROUNDS` rounds."""


def tables() -> list[Table]:
    ours: list[Comparison] = []
    rows: list[tuple[str, ...]] = []
    data: list[dict[str, object]] = []
    for case in CASES:
        times = calls(case)
        for name, against, *limits in COMPARED:
            if against in times:
                ours.append(Comparison.of(f"{case.name}: `{name}`", against, times[name], times[against], *limits))
        for peer, found in peers(case):
            ratio = Ratio.of(found[peer.library], found[BY_HAND])
            cost, hand = median(found[peer.library]), median(found[BY_HAND])
            spread = f"{_short(ratio.low)} … {_short(ratio.high)}"
            rows.append((case.name, peer.library, peer.uses, duration(cost), _short(ratio.median), spread, peer.note))
            named = {"case": case.name, "library": peer.library, "uses": peer.uses}
            data.append({**named, "nanoseconds": cost, "by_hand": hand, **attrs.asdict(ratio)})
    return [
        limited("calls", "One call", ours),
        Table(
            "peers",
            "One step of other libraries, in multiples of the function written by hand",
            ("schedule", "library", "with", "a step takes", "times by hand", "quartiles", "note"),
            rows,
            data,
        ),
    ]


def _short(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 9.95 else f"{ratio:.1f}"


def calls(case: Case) -> dict[str, list[float]]:
    """The times of our ways to ask for one value and of the function written by hand, without the loop.

    How fast a function is depends a little on where in memory it lies. So all of them are made anew a few times.
    """
    found: dict[str, list[float]] = {}
    for _ in range(COPIES):
        for name, times in take_turns(_calls(case), ROUNDS).items():
            found.setdefault(name, []).extend(times)
    return net(found)


def _calls(case: Case) -> dict[str, Measure]:
    bound, steps = case.bind(), case.steps()
    measures: dict[str, Measure] = {
        BY_HAND: loop(_copied(case.by_hand), steps),
        COMPILED: loop(bound.compiled, steps),
        CHECKED: loop(bound, steps),
        WALKED: loop(bound.walk, steps[::4]),
        EMPTY: loop(None, steps, "pass"),
    }
    if case.tuned is not None:
        measures[TUNED] = loop(_copied(case.tuned), steps)
    return measures


def _copied(function: Callable[[int], float]) -> Callable[[int], float]:
    """A function with code of its own, as `compiled` of a schedule just bound has it."""
    assert isinstance(function, FunctionType)
    return FunctionType(function.__code__.replace(), function.__globals__)


def peers(case: Case) -> list[tuple[Peer, dict[str, list[float]]]]:
    """The times of the other libraries; each beside the function written by hand, without the loop."""
    found = []
    for peer in PEERS:
        if peer.case is case and peer.available:
            steps = [step for step in case.steps() if step < case.start + peer.stop]
            measures: dict[str, Measure] = {
                peer.library: one_peer(peer, steps),
                BY_HAND: loop(case.by_hand, steps),
                EMPTY: loop(None, steps, "pass"),
            }
            found.append((peer, net(take_turns(measures, ROUNDS))))
    return found


def one_peer(peer: Peer, steps: list[int]) -> Measure:
    """How one set-up is measured: at all the steps, or in each round over the next part of the run."""
    ask = peer.make().ask
    if peer.stepped:
        part = TOTAL // (ROUNDS + 2)
        return loop(ask, [None] * part, peer.way.call, repeat=1)
    return loop(ask, steps[:: 20 if peer.library == "optax" else 4], peer.way.call)
