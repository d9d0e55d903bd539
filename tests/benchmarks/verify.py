"""Before anything is timed: everything that is compared gives the same values."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .peers import PEERS, Peer, WrongValueError, verify
from .schedules import CASES, TOTAL, Case

TOLERANCE = 1e-12
"""How far a function written by hand may be from our values, relative to the largest one."""


def check_case(case: Case, total: int = 100_000) -> None:
    """Compare the functions written by hand for one schedule with our values."""
    bound = case.bind()
    steps = sorted({*case.steps(), *range(case.start, case.start + TOTAL + 2)})
    _same(case, "by hand", [case.by_hand(step) for step in steps], [bound(step) for step in steps])
    if case.tuned is not None:
        _same(case, "tuned", [case.tuned(step) for step in steps], [bound(step) for step in steps])
    _same(case, "compiled", [bound.compiled(step) for step in steps], [bound(step) for step in steps])
    bound = case.bind(total)
    _same(case, "slices", case.sliced(total), bound.values(case.start, case.start + total))
    some = np.random.default_rng(2).integers(case.start, case.start + total + total // 50, 20_000)
    _same(case, "picked", case.picked(some, total), bound.at(some))
    if not case.far:
        _same(case, "baked", bound.bake()[:-1], bound.values())
    few = some[:200]
    _same(case, "walked", [bound.walk(int(step)) for step in few], bound.at(few))


def _same(case: Case, what: str, others: Iterable[float], ours: Iterable[float]) -> None:
    theirs, mine = np.asarray(others), np.asarray(ours)
    if theirs.shape != mine.shape or not np.abs(theirs - mine).max() <= TOLERANCE * np.abs(mine).max():
        raise WrongValueError(f"{case.name}, {what}: the values are not those of the schedule")


def check_all(cases: Iterable[Case] = CASES) -> list[Peer]:
    """Check all schedules, and all set-ups of the libraries that are installed; returns those that are not."""
    for case in cases:
        check_case(case)
    missing = [peer for peer in PEERS if not peer.available]
    for peer in PEERS:
        if peer not in missing:
            verify(peer)
    return missing
