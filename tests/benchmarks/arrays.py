"""A million values: ours and NumPy written by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from schedlang import Bound

from .report import Table, compared, limited
from .schedules import CASES, FIVE, WARM_UP, Case
from .timing import Measure, once

MANY = 1_000_000
"""How many values are asked for."""

RUNS = {"10⁶": 10**6, "10⁸": 10**8}
"""The lengths of the runs from which unsorted steps are drawn."""


def tables() -> list[Table]:
    slices = [compared(case.name, "NumPy, in slices", *in_order(case), 1.2, 1.0) for case in CASES]
    picked = [
        compared(f"{case.name}, run of {name}", _picked_by(case), *unsorted(case, run), 1.2, 0.7)
        for name, run in RUNS.items()
        for case in CASES
        if run == MANY or not case.far
    ]
    anew = "five phases, bound anew each time"
    slices.append(compared(anew, "NumPy, in slices", *in_order(FIVE, anew=True)))
    picked.append(compared(f"{anew}, run of 10⁶", "NumPy, `where`", *unsorted(FIVE, MANY, anew=True)))
    return [
        limited("values", "All 10⁶ values of a run: `bound.values()`", slices),
        limited("at", "10⁶ values at unsorted steps: `bound.at(steps)`", picked),
    ]


def _picked_by(case: Case) -> str:
    if case in (WARM_UP, FIVE):
        return "NumPy, `where`"
    return "NumPy, `searchsorted`" if "milestones" in case.name else "NumPy, one formula"


def _binding(case: Case, run: int, anew: bool) -> Callable[[], Bound]:
    """The schedule of a case, bound once and for all or each time it is asked for."""
    bound = case.bind(run)
    return lambda: case.bind(run) if anew else bound


def in_order(case: Case, anew: bool = False) -> tuple[Measure, Measure]:
    """All values of a run of a million steps, or a million values from the far step on."""
    bound = _binding(case, MANY, anew)
    return once(lambda: bound().values(case.start, case.start + MANY)), once(lambda: case.sliced(MANY))


def unsorted(case: Case, run: int, anew: bool = False) -> tuple[Measure, Measure]:
    """The values at a million unsorted steps of a run."""
    bound = _binding(case, run, anew)
    steps = np.random.default_rng(0).integers(case.start, case.start + run, MANY)
    return once(lambda: bound().at(steps)), once(lambda: case.picked(steps, run))
