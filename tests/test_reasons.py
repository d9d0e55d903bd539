"""Why a schedule has its value at a step: what is told is what is calculated."""

import math
from typing import Any

import pytest
from helpers import RUN, SECTION_1, bound_or_reject
from hypothesis import given
from hypothesis import strategies as st

from schedlang import Bound, Schedule, ScheduleError, parse
from schedlang.reasons import why
from schedlang.strategies import runs, schedules

NAMES = {name: getattr(math, name) for name in dir(math) if not name.startswith("_")}


def assert_told(bound: Bound, step: int) -> None:
    """Each told expression gives in Python what it is said to give, and the last one the value at the step."""
    try:
        value = bound(step)
    except ScheduleError:
        return
    found = why(bound, step)
    assert found.value == value == eval(found.expression, dict(NAMES))
    for reason in found.reasons:
        assert eval(reason.expression, dict(NAMES)) == reason.value
    assert found.reasons[-1].value == value
    assert found.text and str(found)


@given(schedules(), runs(), st.integers(0, 200))
def test_told_is_calculated(schedule: Schedule, run: dict[str, Any], step: int) -> None:
    """For any schedule, run and step: the printed expression, evaluated by Python, is the value to the last bit."""
    assert_told(bound_or_reject(schedule, run), step)


@pytest.mark.parametrize("text", SECTION_1)
def test_told_is_calculated_for_the_front_page(text: str) -> None:
    """So it is for the texts of the front page."""
    bound = parse(text).bind(**RUN, base=3e-4)
    for step in (0, 1, 250, 499, 500, 1234, 4500, 9000, 23_999, 24_000, 29_999, 30_000, 10**9):
        assert_told(bound, step)
