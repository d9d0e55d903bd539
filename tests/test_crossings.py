"""When a condition on the value holds: what looking at every step says."""

import math
import operator
from typing import Any

import pytest
from helpers import RUN, SECTION_1, bound_or_reject, codes
from hypothesis import given
from hypothesis import strategies as st

from schedlang import Bound, Schedule, parse
from schedlang._insight import when as crossings
from schedlang.crossings import when
from schedlang.strategies import runs, schedules

COMPARED = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq}


def by_looking(values: list[float], sign: str, threshold: float) -> list[tuple[int, int | None]]:
    """The ranges of steps at which a condition holds, the last value being held forever."""
    found: list[tuple[int, int | None]] = []
    begun = None
    for step, value in enumerate(values):
        if COMPARED[sign](value, threshold):
            begun = step if begun is None else begun
        elif begun is not None:
            found.append((begun, step))
            begun = None
    return found if begun is None else [*found, (begun, None)]


def assert_looked(bound: Bound, sign: str, threshold: float) -> None:
    """The ranges are those found by looking at every step."""
    total = bound.total_steps
    assert total is not None
    values = [bound(step) for step in range(total + 1)]
    found = when(bound, f"{sign} {threshold!r}")
    assert found.complete
    assert [(each.first, each.stop) for each in found.ranges] == by_looking(values, sign, threshold)
    for each in found.ranges:
        assert (each.start, each.end) == (values[each.first], values[-1 if each.stop is None else each.stop - 1])
    crossed = [step for step in range(1, total + 1) if (values[step - 1] >= threshold) != (values[step] >= threshold)]
    assert [each.first for each in when(bound, repr(threshold)).ranges] == crossed


@given(schedules(), runs(), st.sampled_from(sorted(COMPARED)), st.data())
def test_when_is_what_looking_says(schedule: Schedule, run: dict[str, Any], sign: str, data: st.DataObject) -> None:
    """For any schedule and run, with a number that it shows or any other, in one look or by halving."""
    bound = bound_or_reject(schedule, run)
    if bound.total_steps is None:
        bound = bound_or_reject(schedule, {**run, "total_steps": 50})
    assert bound.total_steps is not None
    shown = bound(data.draw(st.integers(0, bound.total_steps)))
    threshold = data.draw(st.sampled_from([shown, 0.0, 0.5, shown / 2, math.nextafter(shown, math.inf)]))
    if threshold == 0 or 1e-300 < abs(threshold) < 1e300:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(crossings, "BLOCK", data.draw(st.sampled_from([1, 5, 2**18])))
            assert_looked(bound, sign, threshold)


@pytest.mark.slow
@pytest.mark.parametrize("sign", COMPARED)
@pytest.mark.parametrize("text", SECTION_1)
def test_when_by_halving(text: str, sign: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where bounds prove the answer for whole stretches it is the same as by looking at each step."""
    monkeypatch.setattr(crossings, "BLOCK", 16)
    bound = parse(text).bind(**{**RUN, "total_steps": 3000}, base=3e-4)
    for threshold in (1e-5, bound(700), bound(3000), 0.25):
        assert_looked(bound, sign, threshold)


def test_long_run() -> None:
    """A billion steps are answered for without looking at all of them."""
    bound = parse("warmup(5%) then cosine").bind(1_000_000_000, base=3e-4)
    found = when(bound, "< 1e-5")
    (rising, falling) = found.ranges
    assert (rising.first, falling.stop) == (0, None)
    assert rising.stop is not None
    assert bound(rising.stop - 1) < 1e-5 <= bound(rising.stop)
    assert bound(falling.first) < 1e-5 <= bound(falling.first - 1)


def test_in_words() -> None:
    """The first step comes first, then the ranges; a number alone is crossed."""
    bound = parse("warmup(10) then hold for 10 then linear").bind(40, base=1)
    assert str(when(bound, ">= .5")) == ("first >= 0.5 at step 5, where it is 0.5\n  steps 5 – 30: 0.5 → 0.5")
    assert str(when(bound, "< 0.3")) == (
        "first < 0.3 at step 0, where it is 0.0\n  steps 0 – 2: 0.0 → 0.2\n  from step 35 on, forever: 0.25 → 0.0"
    )
    assert str(when(bound, "0.26")) == "first crosses 0.26 at step 3, where it is 0.3\n  at steps 3, 35"
    assert str(when(bound, "> 1")) == "never > 1.0"
    assert not when(bound, "> 1")
    assert when(bound, "== 1").to_dict() == {
        "condition": "== 1.0",
        "holds": True,
        "first": 10,
        "end": 40,
        "complete": True,
        "ranges": [{"first": 10, "stop": 21, "start": 1.0, "end": 1.0}],
    }


def test_without_an_end() -> None:
    """A run without an end is complete where the schedule comes to rest, and else looked at for a while."""
    assert when(parse("linear(1, 0, 100)").bind(), "< 0.5").ranges[-1].stop is None
    found = when(parse("inv_sqrt(100)").bind(), "< 0.5")
    assert (found.first, found.complete, found.ranges[-1].stop) == (301, False, found.end + 1)
    assert "the run has no end" in str(found)


@pytest.mark.parametrize(
    "condition", ["", "<", "< cosine", "<> 3", "below 1e-5", "< 5%", "< 1e999", "=> 1", "< a", None, 5]
)
def test_no_condition(condition: Any) -> None:
    assert codes(when, parse("cosine").bind(10), condition) == ["E404"]
