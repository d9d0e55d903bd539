"""Phase tables, line by line, and the bounds by which binding proves that every value of a run is finite."""

import math
from itertools import combinations_with_replacement
from typing import Any

import pytest
from helpers import bound_or_reject
from hypothesis import given

from schedlang import Schedule, ScheduleError, parse
from schedlang._language.program import Search
from schedlang.strategies import runs, schedules

Line = tuple[int, int | None, float, float | None, str]

TABLES: dict[str, tuple[str, dict[str, Any], list[Line]]] = {
    "open": ("interval(0.5, every=3)", {}, [(0, None, 1, None, "step_interval")]),
    "open-behind": ("1 for 3 then 2", {}, [(0, 3, 1, 1, "constant"), (3, None, 2, None, "constant")]),
    "held-open": ("linear(1, 0, 4)", {}, [(0, 4, 1, 0, "linear"), (4, None, 0, None, "held")]),
    "held": ("linear(1, 0, 4)", {"total_steps": 9}, [(0, 4, 1, 0, "linear"), (4, 9, 0, 0, "held")]),
    "held-at-the-end": ("linear(1, 0, 4)", {"total_steps": 4}, [(0, 4, 1, 0, "linear")]),
    "cut": ("linear(1, 0, 4) then 5", {"total_steps": 2}, [(0, 2, 1, 0.5, "linear")]),
    "held-twice-and-then": (
        "((linear(0, 1) for 2) for 4) for 6 then 5",
        {"total_steps": 10},
        [(0, 2, 0, 1, "linear"), (2, 6, 1, 1, "held"), (6, 10, 5, 5, "constant")],
    ),
    "held-in-three-and-then": (
        "(1 for 2 for 4 then 1 for 0 for 2) for 8 then 5",
        {"total_steps": 10},
        [(0, 2, 1, 1, "constant"), (2, 8, 1, 1, "held"), (8, 10, 5, 5, "constant")],
    ),
    "hold": ("linear(0, 1) for 2 then hold", {"total_steps": 4}, [(0, 2, 0, 1, "linear"), (2, 4, 1, 1, "hold")]),
    "no-step": ("linear(1, 0, 0)", {"total_steps": 2}, [(0, 2, 0, 0, "held")]),
    "no-step-between": (
        "1 for 2 then 5 for 0 then 2 for 0.9ep then 7 for 0.1ep then 3",
        {"total_steps": 4, "steps_per_epoch": 1},
        [(0, 2, 1, 1, "constant"), (2, 3, 2, 2, "constant"), (3, 4, 3, 3, "constant")],
    ),
    "held-once": (
        "(1 for 2 then 7 for 0) then 7 for 0",
        {"total_steps": 5},
        [(0, 2, 1, 1, "constant"), (2, 5, 7, 7, "held")],
    ),
    "sum": ("linear(0, 1, 2) + linear(0, 1, 4)", {"total_steps": 6}, [(0, 4, 0, 2, "sum"), (4, 6, 2, 2, "held")]),
    "every": ("linear(4, 0, 4) every 3", {"total_steps": 9}, [(0, 6, 4, 0, "every"), (6, 9, 0, 0, "held")]),
    "keyframes": (
        "keyframes(1 @ 2, 3 @ 4, 2 @ 4)",
        {"total_steps": 6},
        [(0, 2, 1, 1, "keyframes linear"), (2, 4, 1, 3, "keyframes linear"), (4, 6, 2, 2, "held")],
    ),
    "copies": (
        "linear(1, 0) for 3 repeat 2",
        {"total_steps": 8},
        [(0, 3, 1, 0, "linear"), (3, 6, 1, 0, "linear"), (6, 8, 0, 0, "held")],
    ),
    "copies-open": ("linear(1, 0) for 3 repeat", {}, [(0, None, 1, None, "repeat")]),
    "copies-cut": (
        "linear(1, 0) for 3 repeat",
        {"total_steps": 8},
        [(0, 3, 1, 0, "linear"), (3, 6, 1, 0, "linear"), (6, 8, 1, 1 - 2 / 3, "linear")],
    ),
    "copies-behind": (
        "5 for 2 then linear(1, 0) for 3 repeat scale 0.5",
        {"total_steps": 9},
        [
            (0, 2, 5, 5, "constant"),
            (2, 5, 1, 0, "linear"),
            (5, 8, 0.5, 0, "linear"),
            (8, 9, 0.25, 0.25 * (1 - 1 / 3), "linear"),
        ],
    ),
    "copies-stretched": (
        "linear(2, 1) for 2 repeat 3 stretch 2 scale 0.5",
        {"total_steps": 20},
        [(0, 2, 2, 1, "linear"), (2, 6, 1, 0.5, "linear"), (6, 14, 0.5, 0.25, "linear"), (14, 20, 0.25, 0.25, "held")],
    ),
    "copies-of-fractions": (
        "linear(1, 0) for 2.5ep repeat",
        {"total_steps": 10, "steps_per_epoch": 1},
        [(0, 3, 1, 0, "linear"), (3, 5, 1, 0, "linear"), (5, 8, 1, 0, "linear"), (8, 10, 1, 0, "linear")],
    ),
    "copies-with-held-ends": (
        "(linear(1, 0, 1) + 0) for 2 repeat 2",
        {"total_steps": 4},
        [(0, 1, 1, 0, "sum"), (1, 2, 0, 0, "held"), (2, 3, 1, 0, "sum"), (3, 4, 0, 0, "held")],
    ),
    "copies-handed-on": (
        "linear(end=0.5) for 2 repeat 2",
        {"total_steps": 5, "base": 2},
        [(0, 2, 2, 0.5, "linear"), (2, 4, 0.5, 0.5, "linear"), (4, 5, 0.5, 0.5, "held")],
    ),
    "copies-one-by-one": (
        "interval(0.5, every=1) for 2 repeat 2",
        {"total_steps": 5},
        [(0, 2, 1, 0.25, "step_interval"), (2, 4, 0.25, 0.0625, "step_interval"), (4, 5, 0.0625, 0.0625, "held")],
    ),
    "copies-without-an-end": (
        "(1 / (2 - step) for 2) repeat 2 scale 0.5 then 3",
        {"total_steps": 6},
        [(0, 2, 0.5, None, "product"), (2, 4, 0.25, None, "product"), (4, 6, 3, 3, "constant")],
    ),
    "copies-at-most": ("1 for 1 repeat 2000", {"total_steps": 2000}, [(0, 2000, 1, 1, "repeat")]),
}


@pytest.mark.parametrize(("text", "run", "lines"), TABLES.values(), ids=TABLES)
def test_tables(text: str, run: dict[str, Any], lines: list[Line]) -> None:
    found = [(row.first, row.stop, row.start, row.end, row.shape) for row in parse(text).bind(**run).phases]
    assert found == lines


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


def test_not_finite_behind_the_run() -> None:
    """What no step of the run shows may be infinite."""
    assert parse("1 / (step - 11)").bind(10)(10) == -1
    assert math.isfinite(parse("1 for 5 then 1 / (step - 6)").bind(10)(10))


def test_not_finite_at_the_end_of_a_crooked_run() -> None:
    """The last step of a run of two and a half is the third."""
    with pytest.raises(ScheduleError, match="no finite value at step 3"):
        parse("1 / (step - 3)").bind("2.5ep", steps_per_epoch=1)
