"""Phase tables, line by line, and the bounds by which binding proves that every value of a run is finite."""

import math
from ast import literal_eval
from itertools import combinations_with_replacement
from typing import Any

import pytest
from helpers import EXAMPLES, bound_or_reject, table, told
from hypothesis import given, settings
from hypothesis import strategies as st

from schedlang import Schedule, ScheduleError, parse
from schedlang._language.program import Search
from schedlang.strategies import runs, schedules

TABLES = told("phases.txt")


@pytest.mark.parametrize(("text", "run", "lines"), TABLES, ids=[text for text, _, _ in TABLES])
def test_tables(text: str, run: dict[str, Any], lines: list[str]) -> None:
    assert table(parse(text).bind(**run)) == [literal_eval(line) for line in lines]


def test_texts() -> None:
    """Each line tells the text that made it; what is held is the last text's."""
    bound = parse("warmup(5) then keyframes(3 @ 0, 1 @ 3)").bind(10)
    assert [row.text for row in bound.phases] == ["warmup(5)", "1 @ 3", "1 @ 3"]
    assert all(row.place is not None for row in bound.phases)


@given(schedules(most=6), runs(12))
def test_bounds_hold(schedule: Schedule, run: dict[str, Any]) -> None:
    """No value of a stretch of steps lies outside its bounds, and the bounds of one step are its value."""
    program = bound_or_reject(schedule, run).program
    values = [program.at(step) for step in range(run["total_steps"] + 2)]
    for first, last in combinations_with_replacement(range(len(values)), 2):
        low, high = program.bounds(first, last, Search(10**6))
        assert low <= min(values[first : last + 1])
        assert max(values[first : last + 1]) <= high
        if first == last:
            assert low == high


BODIES = [
    "linear(2, 1)",
    "cosine(-1, 3)",
    "(linear(1, 2) every 2)",
    "(warmup(2) then 1)",
    "(3 for 1 then 1 - 2 * hold)",
]
LENGTHS = ["5", "7 steps / 2", "2 samples", "1 sample", "21 steps / 8"]
FACTORS = ["", " scale 0.9", " scale -0.8", " scale 1.2", " scale -1.1", " stretch 1.1 scale 1.1", " stretch 1.3"]


@settings(max_examples=EXAMPLES // 2)
@given(
    *map(st.sampled_from, (BODIES, LENGTHS, FACTORS)), st.sampled_from(["", " 17"]), st.sampled_from(["", "hold then "])
)
def test_bounds_of_many_copies_hold(body: str, length: str, factors: str, count: str, before: str) -> None:
    """Copies that are not visited, as they recur, differ in their factor: the extremes are among those that are."""
    text = f"{before and '0.5 for 3 then '}{body} for {length} repeat{count}{factors}{count and ' then hold'}"
    program = bound_or_reject(parse(text), {"total_steps": 120, "samples_per_step": 3}).program
    values = [program.at(step) for step in range(122)]
    for first, last in combinations_with_replacement([*range(12), *range(12, 122, 7), 120, 121], 2):
        low, high = program.bounds(first, last, Search(10**6))
        assert low <= min(values[first : last + 1]), (first, last)
        assert max(values[first : last + 1]) <= high, (first, last)


NOT_FINITE = {
    "2": "(1 / (step - 2) for 4) repeat 2",
    "0": "1 / step",
    "3": "1 for 2 then 1 / (step - 1)",
    "4": "linear(1, 0) / (step - 4)",
    "5": "1 for 2 then 1 / (step - 3) for 9 then 0",
    "7": "1 / (step - 7) every 7",
    "9": "1 / (step - 9)",
    "10": "1 / (step - 10)",
}


@pytest.mark.parametrize("step", NOT_FINITE)
def test_not_finite(step: str) -> None:
    """Binding finds the step of the run that has no finite value, wherever it is, the step at its end included."""
    with pytest.raises(ScheduleError, match=f"no finite value at step {step}:"):
        parse(NOT_FINITE[step]).bind(10)


@pytest.mark.parametrize(("text", "run", "steps"), told("overflows.txt"))
def test_copies_that_overflow(text: str, run: dict[str, Any], steps: list[str]) -> None:
    """Of however many copies, binding finds the first step whose value is too large, or that which the run ends on."""
    with pytest.raises(ScheduleError, match=f"no finite value at step {steps[0]}: the value overflows"):
        parse(text).bind(**run)
    if int(steps[0]) < run["total_steps"]:
        assert parse(text).bind(**{**run, "total_steps": int(steps[0]) - 1})


def test_not_finite_behind_the_run() -> None:
    """What no step of the run shows may be infinite."""
    assert parse("1 / (step - 11)").bind(10)(10) == -1
    assert math.isfinite(parse("1 for 5 then 1 / (step - 6)").bind(10)(10))


def test_not_finite_at_the_end_of_a_crooked_run() -> None:
    """The last step of a run of two and a half is the third."""
    with pytest.raises(ScheduleError, match="no finite value at step 3"):
        parse("1 / (step - 3)").bind("2.5ep", steps_per_epoch=1)
