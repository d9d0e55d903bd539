"""Honest stopwatches: everything that is compared takes turns, and a ratio is the median of the rounds' ratios."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import perf_counter_ns, thread_time_ns
from typing import Any

import attrs

ROUNDS = 25
"""How often everything is measured; never less than 15."""

SLICE = 2_000_000
"""How long one measurement of something fast takes at least, in nanoseconds."""


@attrs.frozen
class Ratio:
    """How many times as long one thing takes as another: the median of the rounds, and its quartiles."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, ours: Sequence[float], others: Sequence[float]) -> Ratio:
        """The ratio of two series measured in the same rounds.

        >>> Ratio.of([1, 2, 4, 6], [1, 1, 1, 1])
        Ratio(median=3.0, low=1.75, high=4.5)
        """
        ratios = [one / other for one, other in zip(ours, others, strict=True)]
        low, median, high = statistics.quantiles(ratios, n=4, method="inclusive")
        return cls(median, low, high)


Measure = Callable[[], float]
"""Does something once, or many times, and says how many nanoseconds one time took."""


@contextmanager
def undisturbed() -> Iterator[None]:
    """Without the garbage collector, and with what there is hidden from it: collecting all of torch takes long."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def take_turns(measures: Mapping[str, Measure], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Measure each in every round; the one that begins changes, and an unmeasured round warms all of them up.

    >>> sorted(take_turns({"a": lambda: 1.0, "b": lambda: 2.0}, 2).items())
    [('a', [1.0, 1.0]), ('b', [2.0, 2.0])]
    """
    names = list(measures)
    found: dict[str, list[float]] = {name: [] for name in names}
    for name in names:
        measures[name]()
    with undisturbed():
        for number in range(rounds):
            shift = number % len(names)
            turn = names[shift:] + names[:shift]
            for name in reversed(turn) if number % 2 else turn:
                found[name].append(measures[name]())
    return found


clock = thread_time_ns
"""What single-threaded work is measured with: it stands still while another process has the core."""

wall = perf_counter_ns
"""What everything else is measured with: work of several threads."""


def once(work: Callable[[], Any], clock: Callable[[], int] = clock) -> Measure:
    """The time of one call; for work of a millisecond or more."""

    def measure() -> float:
        begin = clock()
        result = work()
        end = clock()
        del result  # giving memory back is not part of it
        return end - begin

    return measure


def compiled(template: str, call: str, clock: Callable[[], int] = clock) -> Any:
    """A function of its own for one expression.

    Every loop gets its own code, because the interpreter specialises the place of a call for what is called there: if
    two functions took turns at one place, both would be slowed down.
    """
    names: dict[str, Any] = {}
    exec(template.format(call=call), {"clock": clock}, names)
    return names["function"]


LOOP = """
def function(ask, steps, passes):
    begin = clock()
    for _ in passes:
        for step in steps:
            {call}
    return clock() - begin
"""

ONCE = """
def function(ask, step):
    return {call}
"""


def loop(
    ask: Any, steps: Sequence[Any], call: str = "ask(step)", repeat: int | None = None, clock: Callable[[], int] = clock
) -> Measure:
    """The time of one call in a loop over steps, the loop included: the same for all, see `EMPTY`.

    It goes over the steps so often that it takes a while, or `repeat` times.
    """
    function = compiled(LOOP, call, clock)
    if repeat is None:
        function(ask, steps[:100], range(1))
        repeat = max(1, round(SLICE / max(1, function(ask, steps, range(1)))))
    passes = range(repeat)

    def measure() -> float:
        taken: int = function(ask, steps, passes)
        return taken / (len(passes) * len(steps))

    return measure


EMPTY = "(an empty loop)"
"""The name of the loop that does nothing; `net` takes it off the others."""


def net(found: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """The times of calls without the loop around them: less the median of the empty loop, the same for all.

    >>> net({"a": [50.0, 60.0], EMPTY: [10.0, 10.0]})
    {'a': [40.0, 50.0]}
    """
    empty = statistics.median(found[EMPTY])
    return {name: [each - empty for each in times] for name, times in found.items() if name != EMPTY}
