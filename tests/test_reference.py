"""Our evaluator against an independent one, written from the description of the language alone."""

import json
import math
from typing import Any

import pytest
from helpers import MULTIPLES, RUN, SECTION_1
from hypothesis import given, reject
from hypothesis import strategies as st
from reference import Rejected, reference_value
from reference.conformance_values import OUTPUT, line_of

from schedlang import Schedule, ScheduleError, parse
from schedlang.strategies import runs, schedules

LENIENT = {"E312", "E406"}
"""Errors of ours that come early: the reference evaluates lazily and without overflow."""


ILL_CONDITIONED = ("sin(", "cos(", "floor(", "ceil(", "round(")
"""Where a last bit of the operand may decide all of the result: compared in the conformance suite only."""


def well_conditioned(schedule: Schedule) -> bool:
    """Whether rounding in a part of the schedule stays rounding in the whole."""
    return not any(function in str(schedule) for function in ILL_CONDITIONED)


@given(schedules(most=8).filter(well_conditioned), runs(40))
def test_generated_schedules(schedule: Schedule, run: dict[str, Any]) -> None:
    """On generated schedules both agree on what is valid, and on the value at every step."""
    steps = [*range(run["total_steps"] + 2), 10**9]
    bound = problem = None
    try:
        bound = schedule.bind(**run)
    except ScheduleError as error:
        problem = error
        if error.diagnostics[0].code in LENIENT:
            reject()
    try:
        expected = [float(value) for value in reference_value(str(schedule), steps, **run)]
    except Rejected as rejected:
        if "not finite" in str(rejected):
            reject()  # a value that is handed on, but shown at no step
        assert bound is None, rejected
        return
    assert bound is not None, problem
    size = max(*map(abs, expected), 1e-6)  # sin(pi) is not 0
    for step, value in zip(steps, expected, strict=True):
        assert math.isclose(bound(step), value, rel_tol=1e-9, abs_tol=1e-9 * size), (step, bound(step), value)


@given(st.lists(MULTIPLES, min_size=2, max_size=3), st.sampled_from(["*", "/"]), st.sampled_from([1.0, 0.1, 0.0, -2.0]))
def test_generated_products(factors: list[str], operator: str, base: float) -> None:
    """The same of products, quotients, and what follows a product."""
    run: dict[str, Any] = {"total_steps": 20, "steps_per_epoch": 2.5, "base": base}
    text = f"warmup(2) then {factors[0]} {operator} {' * '.join(factors[1:])} for 12 then hold * linear"
    try:
        bound = parse(text).bind(**run)
    except ScheduleError as error:
        if error.diagnostics[0].code in LENIENT:
            reject()
        with pytest.raises(Rejected):
            reference_value(text, range(22), **run)
        return
    for step, expected in enumerate(reference_value(text, range(22), **run)):
        assert math.isclose(bound(step), expected, rel_tol=1e-9, abs_tol=1e-12), step


@pytest.mark.slow
def test_conformance_values() -> None:
    """The values of the conformance suite are the reference's, to the last digit."""
    for line in OUTPUT.read_text(encoding="utf-8").splitlines():
        assert line_of(json.loads(line)) == line


@pytest.mark.slow
def test_real_schedules() -> None:
    """The reference gives the values of the code that the schedules come from."""
    for line in OUTPUT.with_name("real.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        steps, expected = zip(*case["values"], strict=True)
        found = [float(value) for value in reference_value(case["text"], steps, **case["run"])]
        size = max(map(abs, expected))
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-12 * size), case["id"]


def test_front_page() -> None:
    """On the texts of the front page both agree to 1e-12."""
    steps = [0, 1, 2, 299, 300, 301, 499, 500, 600, 699, 700, 1500, 9000, 14_999, 15_000, 29_999, 30_000, 10**9]
    for text in SECTION_1:
        bound = parse(text).bind(**RUN)
        expected = [float(value) for value in reference_value(text, steps, **RUN)]
        size = max(map(abs, expected))
        for step, value in zip(steps, expected, strict=True):
            assert math.isclose(bound(step), value, rel_tol=1e-12, abs_tol=1e-12 * size), (text, step)
