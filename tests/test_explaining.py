"""What a schedule does, in words and in facts."""

import json
import math
from typing import Any

import pytest
from helpers import RUN, SECTION_1, bound_or_reject
from hypothesis import given

from schedlang import Bound, Schedule, ScheduleError, explaining, parse
from schedlang.explaining import explain, facts_of
from schedlang.strategies import runs, schedules

WORDS: dict[str, str] = {}


@pytest.mark.parametrize("text", SECTION_1)
def test_words(text: str) -> None:
    """The texts of the front page in words, all of them."""
    assert explain(parse(text).bind(**RUN, base=3e-4)).words == WORDS[text]


def assert_facts(bound: Bound) -> None:
    """The facts are those found by looking at every step of the run."""
    total = bound.total_steps
    assert total is not None
    values = [bound(step) for step in range(total)]
    facts = facts_of(bound)
    assert (facts.stop, facts.sampled) == (total, None)
    assert facts.peak == explaining.Point(values.index(max(values)), max(values))
    assert facts.lowest == explaining.Point(values.index(min(values)), min(values))
    assert facts.area == math.fsum(values)
    assert facts.mean == math.fsum(values) / total


@given(schedules(), runs())
def test_any_schedule_is_explained(schedule: Schedule, run: dict[str, Any]) -> None:
    """Whatever the schedule and the run: sentences follow one another without gaps, and facts are exact."""
    bound = bound_or_reject(schedule, run)
    try:
        found = explain(bound)
    except ScheduleError as error:  # in a run without an end a value may not be finite
        assert bound.total_steps is None
        assert [problem.code for problem in error.diagnostics] == ["E406"]
        return
    outer = [each for each in found.sentences if each.depth == 0]
    assert outer[0].first == 0
    assert outer[-1].stop is None
    assert [each.stop for each in outer[:-1]] == [each.first for each in outer[1:]]
    assert json.loads(json.dumps(found.to_dict())) == found.to_dict()
    assert found.words in str(found)
    if bound.total_steps is not None:
        assert_facts(bound)


@pytest.mark.parametrize("text", SECTION_1)
def test_facts_of_the_front_page(text: str) -> None:
    """So they are for the texts of the front page."""
    assert_facts(parse(text).bind(**RUN, base=3e-4))
