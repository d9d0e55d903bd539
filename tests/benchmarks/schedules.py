"""The six schedules: each as a text, and as the functions that a good engineer would write instead of it.

The functions of one step are for a run of `TOTAL` steps and have every constant written out. The array functions are
for runs of any length; how long the constants take to calculate does not matter beside a million steps.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable
from math import cos, pi
from typing import Any

import attrs
import numpy as np

import schedlang

TOTAL = 10_000
"""The steps of the run in which single values are asked."""

FAR = 10**9
"""The step at which the cycle is asked."""

MILESTONES = sorted(random.Random(0).sample(range(1, TOTAL), 100))
"""A hundred steps without a pattern."""

Array = Any


@attrs.frozen
class Case:
    """One schedule in all its forms.

    Attributes:
        name: what the tables call it.
        text: its text, for a run of so many steps.
        base: what it is bound with.
        by_hand: the function of one step, for a run of `TOTAL` steps.
        sliced: all values of a run of so many steps, filled in slice by slice.
        picked: the values at an array of steps, of a run of so many steps.
        far: whether it has no end, and is asked from step `FAR` on.
        tuned: the fastest function of one step that we could write, at the price of being read with difficulty.
    """

    name: str
    text: Callable[[int], str]
    base: float
    by_hand: Callable[[int], float]
    sliced: Callable[[int], Array]
    picked: Callable[[Array, int], Array]
    far: bool = False
    tuned: Callable[[int], float] | None = None

    @property
    def start(self) -> int:
        """The first step asked."""
        return FAR if self.far else 0

    def bind(self, total: int = TOTAL) -> schedlang.Bound:
        """The schedule bound to a run."""
        return schedlang.parse(self.text(total)).bind(None if self.far else total, base=self.base)

    def steps(self, count: int = 2000) -> list[int]:
        """Steps from all over the run, in no order, a few of them behind its end.

        >>> max(CASES[0].steps()) > TOTAL
        True
        """
        end = TOTAL * 102 // 100
        spread = [self.start + index * end // count for index in range(count)]
        random.Random(1).shuffle(spread)
        return spread


def constant(_step: int) -> float:
    """`3e-4`."""
    return 3e-4


def constant_sliced(total: int) -> Array:
    """All values of `constant`."""
    return np.full(total, 3e-4)


def constant_picked(steps: Array, _total: int) -> Array:
    """Some values of `constant`."""
    return np.full(steps.shape, 3e-4)


def three_milestones(step: int) -> float:
    """`step_fixed(0.1, [30%, 60%, 90%])` from 0.1."""
    if step < 3_000:
        return 0.1
    if step < 6_000:
        return 0.01
    if step < 9_000:
        return 0.001
    return 0.0001


def three_milestones_sliced(total: int) -> Array:
    """All values of `three_milestones`."""
    first, second, third = total * 3 // 10, total * 6 // 10, total * 9 // 10
    values = np.empty(total)
    values[:first] = 0.1
    values[first:second] = 0.01
    values[second:third] = 0.001
    values[third:] = 0.0001
    return values


LEVELS = np.array([0.1, 0.01, 0.001, 0.0001])


def three_milestones_picked(steps: Array, total: int) -> Array:
    """Some values of `three_milestones`."""
    edges = np.array([total * 3 // 10, total * 6 // 10, total * 9 // 10])
    return LEVELS[np.searchsorted(edges, steps, side="right")]


def warmup_cosine(step: int) -> float:
    """`warmup(5%) then cosine` from 3e-4."""
    if step < 500:
        return 3e-4 * step / 500
    if step < 10_000:
        return 0.5 * 3e-4 * (1.0 + cos(pi * (step - 500) / 9_500))
    return 0.0


def warmup_cosine_tuned(step: int) -> float:
    """The same with factors calculated beforehand."""
    if step < 500:
        return step * 6e-7
    if step < 10_000:
        return 1.5e-4 + 1.5e-4 * cos((step - 500) * 0.00033069396353576774)
    return 0.0


def warmup_cosine_sliced(total: int) -> Array:
    """All values of `warmup_cosine`."""
    first = total // 20
    values = np.empty(total)
    np.multiply(np.arange(first), 3e-4 / first, out=values[:first])
    rest = values[first:]
    np.multiply(np.arange(total - first), pi / (total - first), out=rest)
    np.cos(rest, out=rest)
    rest += 1.0
    rest *= 0.5 * 3e-4
    return values


def warmup_cosine_picked(steps: Array, total: int) -> Array:
    """Some values of `warmup_cosine`."""
    first = total // 20
    angle = (np.minimum(steps, total) - first) * (pi / (total - first))
    return np.where(steps < first, steps * (3e-4 / first), 0.5 * 3e-4 * (1.0 + np.cos(angle)))


def five_phases(step: int) -> float:
    """`warmup(2%) then hold until 30% then cosine to 1e-4 until 60% then hold until 80% then linear to 0`."""
    if step < 200:
        return 3e-4 * step / 200
    if step < 3_000:
        return 3e-4
    if step < 6_000:
        return 1e-4 + 0.5 * 2e-4 * (1.0 + cos(pi * (step - 3_000) / 3_000))
    if step < 8_000:
        return 1e-4
    if step < 10_000:
        return 1e-4 * (10_000 - step) / 2_000
    return 0.0


def five_phases_tuned(step: int) -> float:
    """The same with a decision tree, and with factors calculated beforehand."""
    if step < 6_000:
        if step < 3_000:
            return step * 1.5e-6 if step < 200 else 3e-4
        return 2e-4 + 1e-4 * cos((step - 3_000) * 0.0010471975511965976)
    if step < 8_000:
        return 1e-4
    return (10_000 - step) * 5e-8 if step < 10_000 else 0.0


def five_phases_sliced(total: int) -> Array:
    """All values of `five_phases`."""
    first, second, third, fourth = total // 50, total * 3 // 10, total * 6 // 10, total * 8 // 10
    values = np.empty(total)
    np.multiply(np.arange(first), 3e-4 / first, out=values[:first])
    values[first:second] = 3e-4
    wave = values[second:third]
    np.multiply(np.arange(third - second), pi / (third - second), out=wave)
    np.cos(wave, out=wave)
    wave += 1.0
    wave *= 0.5 * 2e-4
    wave += 1e-4
    values[third:fourth] = 1e-4
    np.multiply(np.arange(total - fourth, 0, -1), 1e-4 / (total - fourth), out=values[fourth:])
    return values


def five_phases_picked(steps: Array, total: int) -> Array:
    """Some values of `five_phases`."""
    first, second, third, fourth = total // 50, total * 3 // 10, total * 6 // 10, total * 8 // 10
    wave = 1e-4 + 0.5 * 2e-4 * (1.0 + np.cos((steps - second) * (pi / (third - second))))
    fall = np.maximum(total - steps, 0) * (1e-4 / (total - fourth))
    late = np.where(steps < third, wave, np.where(steps < fourth, 1e-4, fall))
    return np.where(steps < first, steps * (3e-4 / first), np.where(steps < second, 3e-4, late))


def hundred_milestones(step: int) -> float:
    """`step_fixed(0.95, […])` from 0.1 with a hundred milestones."""
    return 0.1 * 0.95 ** bisect_right(MILESTONES, step)


def hundred_milestones_tuned(step: int) -> float:
    """The same with a table of the levels."""
    return LISTED_LEVELS[bisect_right(MILESTONES, step)]


def hundred_milestones_sliced(total: int) -> Array:
    """All values of `hundred_milestones`."""
    values = np.empty(total)
    begin = 0
    for passed, milestone in enumerate(MILESTONES):
        end = milestone * (total // TOTAL)
        values[begin:end] = 0.1 * 0.95**passed
        begin = end
    values[begin:] = 0.1 * 0.95**100
    return values


LISTED_LEVELS = [0.1 * 0.95**passed for passed in range(101)]
HUNDRED_EDGES = np.array(MILESTONES)
HUNDRED_LEVELS = 0.1 * 0.95 ** np.arange(101)


def hundred_milestones_picked(steps: Array, total: int) -> Array:
    """Some values of `hundred_milestones`."""
    return HUNDRED_LEVELS[np.searchsorted(HUNDRED_EDGES * (total // TOTAL), steps, side="right")]


def hundred_milestones_text(total: int) -> str:
    """The text of `hundred_milestones`."""
    return f"step_fixed(0.95, [{', '.join(str(milestone * (total // TOTAL)) for milestone in MILESTONES)}])"


def cycle(step: int) -> float:
    """`cosine(1e-3, 1e-5) for 1000 repeat`."""
    return 1e-5 + 0.5 * 9.9e-4 * (1.0 + cos(pi * (step % 1_000) / 1_000))


def cycle_tuned(step: int) -> float:
    """The same with factors calculated beforehand."""
    return 5.05e-4 + 4.95e-4 * cos(step % 1_000 * 0.0031415926535897933)


def cycle_sliced(total: int) -> Array:
    """Values of `cycle`, from the beginning of a copy: one copy, again and again."""
    copy = np.cos(np.arange(1_000) * (pi / 1_000))
    copy += 1.0
    copy *= 0.5 * 9.9e-4
    copy += 1e-5
    return np.resize(copy, total)


def cycle_picked(steps: Array, _total: int) -> Array:
    """Some values of `cycle`."""
    return 1e-5 + 0.5 * 9.9e-4 * (1.0 + np.cos((steps % 1_000) * (pi / 1_000)))


FIVE_PHASES = "warmup(2%) then hold until 30% then cosine to 1e-4 until 60% then hold until 80% then linear to 0"

CONSTANT = Case("constant", lambda total: "3e-4", 1.0, constant, constant_sliced, constant_picked)
THREE = Case(
    "three milestones",
    lambda total: "step_fixed(0.1, [30%, 60%, 90%])",
    0.1,
    three_milestones,
    three_milestones_sliced,
    three_milestones_picked,
)
WARM_UP = Case(
    "warm-up + cosine",
    lambda total: "warmup(5%) then cosine",
    3e-4,
    warmup_cosine,
    warmup_cosine_sliced,
    warmup_cosine_picked,
    tuned=warmup_cosine_tuned,
)
FIVE = Case(
    "five phases",
    lambda total: FIVE_PHASES,
    3e-4,
    five_phases,
    five_phases_sliced,
    five_phases_picked,
    tuned=five_phases_tuned,
)
HUNDRED = Case(
    "100 milestones",
    hundred_milestones_text,
    0.1,
    hundred_milestones,
    hundred_milestones_sliced,
    hundred_milestones_picked,
    tuned=hundred_milestones_tuned,
)
CYCLE = Case(
    "cycle at step 10⁹",
    lambda total: "cosine(1e-3, 1e-5) for 1000 repeat",
    1.0,
    cycle,
    cycle_sliced,
    cycle_picked,
    far=True,
    tuned=cycle_tuned,
)

CASES = (CONSTANT, THREE, WARM_UP, FIVE, HUNDRED, CYCLE)
"""The schedules of all tables."""
