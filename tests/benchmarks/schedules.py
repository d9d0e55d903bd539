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

import numpy as np

import schedlang

TOTAL = 10_000
"""The steps of the run in which single values are asked."""

FAR = 10**9
"""The step at which the cycle is asked."""

MILESTONES = sorted(random.Random(0).sample(range(1, TOTAL), 100))
"""A hundred steps without a pattern."""

Array = Any


LEVELS = np.array([0.1, 0.01, 0.001, 0.0001])
LISTED_LEVELS = [0.1 * 0.95**passed for passed in range(101)]
HUNDRED_EDGES = np.array(MILESTONES)
HUNDRED_LEVELS = 0.1 * 0.95 ** np.arange(101)


class Case:
    """One schedule in all its forms.

    `by_hand` is the function of one step of a run of `TOTAL` steps, `tuned` the fastest one that we could write, at the
    price of being read with difficulty. `sliced` gives all values of a run of so many steps, filled in slice by slice,
    `picked` those at an array of steps.
    """

    name: str
    written: str
    base = 1.0
    far = False  # whether it has no end, and is asked from step `FAR` on
    by_hand: Callable[[int], float]
    tuned: Callable[[int], float] | None = None
    sliced: Callable[[int], Array]
    picked: Callable[[Array, int], Array]

    def text(self, total: int) -> str:
        """The text, for a run of so many steps."""
        return self.written

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


class Constant(Case):
    name = "constant"
    written = "3e-4"

    @staticmethod
    def by_hand(_step: int) -> float:
        return 3e-4

    @staticmethod
    def sliced(total: int) -> Array:
        return np.full(total, 3e-4)

    @staticmethod
    def picked(steps: Array, _total: int) -> Array:
        return np.full(steps.shape, 3e-4)


class ThreeMilestones(Case):
    name = "three milestones"
    written = "step_fixed(0.1, [30%, 60%, 90%])"
    base = 0.1

    @staticmethod
    def by_hand(step: int) -> float:
        if step < 3_000:
            return 0.1
        if step < 6_000:
            return 0.01
        if step < 9_000:
            return 0.001
        return 0.0001

    @staticmethod
    def sliced(total: int) -> Array:
        first, second, third = total * 3 // 10, total * 6 // 10, total * 9 // 10
        values = np.empty(total)
        values[:first] = 0.1
        values[first:second] = 0.01
        values[second:third] = 0.001
        values[third:] = 0.0001
        return values

    @staticmethod
    def picked(steps: Array, total: int) -> Array:
        edges = np.array([total * 3 // 10, total * 6 // 10, total * 9 // 10])
        return LEVELS[np.searchsorted(edges, steps, side="right")]


class WarmUp(Case):
    name = "warm-up + cosine"
    written = "warmup(5%) then cosine"
    base = 3e-4

    @staticmethod
    def by_hand(step: int) -> float:
        if step < 500:
            return 3e-4 * step / 500
        if step < 10_000:
            return 0.5 * 3e-4 * (1.0 + cos(pi * (step - 500) / 9_500))
        return 0.0

    @staticmethod
    def tuned(step: int) -> float:
        if step < 500:
            return step * 6e-7
        if step < 10_000:
            return 1.5e-4 + 1.5e-4 * cos((step - 500) * 0.00033069396353576774)
        return 0.0

    @staticmethod
    def sliced(total: int) -> Array:
        first = total // 20
        values = np.empty(total)
        np.multiply(np.arange(first), 3e-4 / first, out=values[:first])
        rest = values[first:]
        np.multiply(np.arange(total - first), pi / (total - first), out=rest)
        np.cos(rest, out=rest)
        rest += 1.0
        rest *= 0.5 * 3e-4
        return values

    @staticmethod
    def picked(steps: Array, total: int) -> Array:
        first = total // 20
        angle = (np.minimum(steps, total) - first) * (pi / (total - first))
        return np.where(steps < first, steps * (3e-4 / first), 0.5 * 3e-4 * (1.0 + np.cos(angle)))


class FivePhases(Case):
    name = "five phases"
    written = "warmup(2%) then hold until 30% then cosine to 1e-4 until 60% then hold until 80% then linear to 0"
    base = 3e-4

    @staticmethod
    def by_hand(step: int) -> float:
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

    @staticmethod
    def tuned(step: int) -> float:
        if step < 6_000:
            if step < 3_000:
                return step * 1.5e-6 if step < 200 else 3e-4
            return 2e-4 + 1e-4 * cos((step - 3_000) * 0.0010471975511965976)
        if step < 8_000:
            return 1e-4
        return (10_000 - step) * 5e-8 if step < 10_000 else 0.0

    @staticmethod
    def sliced(total: int) -> Array:
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

    @staticmethod
    def picked(steps: Array, total: int) -> Array:
        first, second, third, fourth = total // 50, total * 3 // 10, total * 6 // 10, total * 8 // 10
        wave = 1e-4 + 0.5 * 2e-4 * (1.0 + np.cos((steps - second) * (pi / (third - second))))
        fall = np.maximum(total - steps, 0) * (1e-4 / (total - fourth))
        late = np.where(steps < third, wave, np.where(steps < fourth, 1e-4, fall))
        return np.where(steps < first, steps * (3e-4 / first), np.where(steps < second, 3e-4, late))


class HundredMilestones(Case):
    name = "100 milestones"
    base = 0.1

    def text(self, total: int) -> str:
        return f"step_fixed(0.95, [{', '.join(str(milestone * (total // TOTAL)) for milestone in MILESTONES)}])"

    @staticmethod
    def by_hand(step: int) -> float:
        return 0.1 * 0.95 ** bisect_right(MILESTONES, step)

    @staticmethod
    def tuned(step: int) -> float:
        return LISTED_LEVELS[bisect_right(MILESTONES, step)]

    @staticmethod
    def sliced(total: int) -> Array:
        values = np.empty(total)
        begin = 0
        for passed, milestone in enumerate(MILESTONES):
            end = milestone * (total // TOTAL)
            values[begin:end] = 0.1 * 0.95**passed
            begin = end
        values[begin:] = 0.1 * 0.95**100
        return values

    @staticmethod
    def picked(steps: Array, total: int) -> Array:
        return HUNDRED_LEVELS[np.searchsorted(HUNDRED_EDGES * (total // TOTAL), steps, side="right")]


class Cycle(Case):
    name = "cycle at step 10⁹"
    written = "cosine(1e-3, 1e-5) for 1000 repeat"
    far = True

    @staticmethod
    def by_hand(step: int) -> float:
        return 1e-5 + 0.5 * 9.9e-4 * (1.0 + cos(pi * (step % 1_000) / 1_000))

    @staticmethod
    def tuned(step: int) -> float:
        return 5.05e-4 + 4.95e-4 * cos(step % 1_000 * 0.0031415926535897933)

    @staticmethod
    def sliced(total: int) -> Array:
        copy = np.cos(np.arange(1_000) * (pi / 1_000))
        copy += 1.0
        copy *= 0.5 * 9.9e-4
        copy += 1e-5
        return np.resize(copy, total)

    @staticmethod
    def picked(steps: Array, _total: int) -> Array:
        return 1e-5 + 0.5 * 9.9e-4 * (1.0 + np.cos((steps % 1_000) * (pi / 1_000)))


CASES = CONSTANT, THREE, WARM_UP, FIVE, HUNDRED, CYCLE = (
    Constant(),
    ThreeMilestones(),
    WarmUp(),
    FivePhases(),
    HundredMilestones(),
    Cycle(),
)
"""The schedules of all tables."""
