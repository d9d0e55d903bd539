"""What a schedule does, in words and in facts."""

import json
import math
import string
from typing import Any, ClassVar

import pytest
from helpers import RUN, SECTION_1, bound_or_reject, registered, told, work
from hypothesis import given
from hypothesis import strategies as st

from schedlang import Bound, Schedule, ScheduleError, parse
from schedlang._language.nodes import PRIMITIVES
from schedlang.explaining import explain
from schedlang.facts import Point, facts_of
from schedlang.primitives import Ramp, duration, number
from schedlang.sentences import SENTENCES
from schedlang.strategies import runs, schedules

WORDS = told("explained.txt")


@pytest.mark.parametrize(("text", "run", "lines"), WORDS, ids=[text for text, _, _ in WORDS])
def test_words(text: str, run: dict[str, Any], lines: list[str]) -> None:
    """The texts of the front page in words, and what else there is to say."""
    assert explain(parse(text).bind(**(run or {**RUN, "base": 3e-4}))).words == "\n".join(lines)


def test_front_page_is_told() -> None:
    assert {text for text, run, _ in WORDS if not run} == set(SECTION_1)


def assert_facts(bound: Bound) -> None:
    """The facts are those found by looking at every step of the run."""
    total = bound.total_steps
    assert total is not None
    values = [bound(step) for step in range(total)]
    facts = facts_of(bound)
    assert (facts.stop, facts.sampled) == (total, None)
    assert facts.peak == Point(values.index(max(values)), max(values))
    assert facts.lowest == Point(values.index(min(values)), min(values))
    assert facts.area == math.fsum(values)
    assert facts.mean == math.fsum(values) / total


@given(schedules(), runs(), st.booleans())
def test_any_schedule_is_explained(schedule: Schedule, run: dict[str, Any], endless: bool) -> None:
    """Whatever the schedule and the run: sentences follow one another without gaps, and facts are exact."""
    bound = bound_or_reject(schedule, {**run, "total_steps": None} if endless else run)
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
    assert_facts(parse(text).bind(**RUN, base=3e-4))


def test_many_phases() -> None:
    """Of many phases the first and the last are told, and of many times a few are shown."""
    text = " then ".join(f"linear to {index % 3} for 1%" for index in range(100))
    found = parse(text).bind(1000).explain()
    assert len(found.sentences) == 12 + 1 + 3 + 1
    assert str(found.sentences[12]) == "Steps 120 – 969: 85 more phases like these."
    assert "\n  … 80 more\n" in str(found)
    assert len(found.times) == 100


def test_more_than_can_be_told() -> None:
    """Repeated bodies inside of repeated bodies are told within bounds."""
    body = "linear(1, 0) for 1"
    for _ in range(20):
        body = f"({body}) repeat 2"
    assert len(parse(body).bind(100).explain().sentences) < SENTENCES


def test_times_and_names() -> None:
    """What every time became is told, each once; and what the names stand for."""
    text = "warmup(w) then cosine(peak, end=p) until 100% - 10% then hold where w = min(2%, 2k), peak = 3e-4"
    found = parse(text).bind(30_000, p=1e-5).explain()
    assert [(each.text, each.steps, each.how) for each in found.times] == [
        ("w", 600, "2% of 30000 = 600; w = 600"),
        ("100% - 10%", 27_000, "100% of 30000 = 30000; 10% of 30000 = 3000; 100% - 10% = 27000"),
    ]
    assert [(each.name, each.text, each.value) for each in found.names] == [
        ("w", "min(2%, 2k)", 600),
        ("peak", "3e-4", 3e-4),
        ("p", "1e-5", 1e-5),
    ]


@pytest.mark.slow
def test_long_run() -> None:
    """Of a run too long to look at every step the facts say at how many they looked."""
    found = parse("warmup(5%) then cosine").bind(10**9, base=3e-4).explain()
    assert (found.facts.peak.step, found.facts.peak.value) == (50_000_000, 3e-4)
    assert found.facts.lowest == Point(0, 0.0)
    assert found.facts.mean == pytest.approx(1.5e-4, rel=1e-5)
    assert found.facts.sampled is not None
    assert f"from {found.facts.sampled} of them" in str(found)
    assert "at step 0, among those looked at" in str(found)


@pytest.mark.slow
@pytest.mark.parametrize(("period", "total"), [(30, 30_000_000), (7, 21_000_000), (1000, 10**9), (4096, 5_000_000)])
def test_long_run_that_repeats(period: int, total: int) -> None:
    """A period that fits the steps looked at is seen in all its places."""
    facts = parse(f"cosine(1, 0) for {period} repeat").bind(total).explain().facts
    one = parse("cosine(1, 0)").bind(period).values()
    assert facts.mean == pytest.approx(math.fsum(one) / period, rel=1e-3)
    assert facts.area == facts.mean * total
    assert facts.peak == Point(0, 1.0)
    assert facts.lowest.value == min(one)
    assert facts.lowest.step % period == period - 1


def test_repeats_in_one_another_are_bounded() -> None:
    """Where each step looked at lies in fourteen repeated bodies, fewer are looked at."""
    text = "linear(0, 1) for 10"
    for _ in range(13):
        text = f"({text}) over 10 repeat 2 scale 1"
    bound = parse(f"({text}) repeat").bind(10**9)
    assert work(lambda: str(bound.explain())) < 5_000_000
    assert bound.explain().facts.mean == pytest.approx(0.45, abs=0.1)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", "follows `bump` from 2 to 0"),
        ("{goes} over a bump of {height} to {end} in {width}", "falls over a bump of 3 to 0 in 5 steps"),
    ],
)
def test_a_new_primitive(words: str, told: str) -> None:
    """A primitive that declares words is told in them; one that declares none by its name."""

    class Bump(Ramp):
        """A bump."""

        name: ClassVar[str] = "bump"
        height: Schedule = number("how high", default=3, named=True)
        width: Schedule = duration("how wide", default=5, named=True)

        @staticmethod
        def at(k: Any, n: Any, xp: Any, *, start: Any, end: Any, height: Any) -> Any:
            return start + (end - start) * (k / n) + height * xp.sin(k / n * xp.pi)

    Bump.words = words
    with registered(Bump):
        bound = parse("bump(2, 0)").bind(10)
        assert bound.explain().sentences[0].text == told
        assert bound.why(5).expression == "2.0 - 2.0 * (5 / 10) + 3.0 * sin(5 / 10 * pi)"


def test_words_that_end_with_a_colon() -> None:
    """A colon ends the line of a sentence that others go into, not of one whose primitive's words end with one."""

    class Odd(Ramp):
        """Odd."""

        name: ClassVar[str] = "odd"
        words: ClassVar[str] = "goes like this:"

        @staticmethod
        def at(k: Any, n: Any, xp: Any, *, start: Any, end: Any) -> Any:
            return start + (end - start) * (k / n)

    with registered(Odd):
        first, second, *_ = parse("odd(1, 0) + 1").bind(10).explain().words.splitlines()
    assert first.endswith("these (`odd(1, 0) + 1`):")
    assert second == "  Steps 0 – 9: goes like this: (`odd(1, 0)`)."


BUILT_IN = {cls.name: cls for cls in PRIMITIVES.values()}


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_primitives_have_words(name: str) -> None:
    """Every primitive declares words, in which nothing but its arguments stands in braces."""
    cls = BUILT_IN[name]
    fields = {field for _, field, _, _ in string.Formatter().parse(cls.words) if field is not None}
    assert fields <= {"goes", "line", *(argument.name for argument in cls.arguments())} | (
        {"start"} if name == "hold" else set()
    )
    assert cls.words or name == "keyframes"  # which is told by the ramps between its keys
