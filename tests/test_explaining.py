"""What a schedule does, in words and in facts."""

import json
import math
import string
from typing import Any, ClassVar

import pytest
from helpers import RUN, SECTION_1, bound_or_reject
from hypothesis import given
from hypothesis import strategies as st

from schedlang import Bound, Schedule, ScheduleError, parse
from schedlang._language.nodes import PRIMITIVES
from schedlang.explaining import explain
from schedlang.facts import Point, facts_of
from schedlang.primitives import Ramp, duration, number, primitive, unregister
from schedlang.sentences import SENTENCES
from schedlang.strategies import runs, schedules

WORDS = {
    "cosine": (
        "Steps 0 – 29999: falls along a cosine from 3e-4 to 0 (`cosine`).\n"
        "From step 30000 on: the run is over, and the value stays at 0."
    ),
    "warmup(5%) then cosine": (
        "Steps 0 – 1499: warms up in a straight line from 0 to 3e-4 (`warmup(5%)`; 5% of 30000 = 1500).\n"
        "Steps 1500 – 29999: falls along a cosine from 3e-4 to 0 (`cosine`).\n"
        "From step 30000 on: the run is over, and the value stays at 0."
    ),
    "linear(0, 3e-4) for 500 then cosine(3e-4, 3e-5)": (
        "Steps 0 – 499: rises in a straight line from 0 to 3e-4 (`linear(0, 3e-4) for 500`).\n"
        "Steps 500 – 29999: falls along a cosine from 3e-4 to 3e-5 (`cosine(3e-4, 3e-5)`).\n"
        "From step 30000 on: the run is over, and the value stays at 3e-5."
    ),
    "linear from 0 to 3e-4 for 2% then hold until 80% then linear to 0": (
        "Steps 0 – 599: rises in a straight line from 0 to 3e-4 (`linear from 0 to 3e-4 for 2%`; 2% of 30000 "
        "= 600).\n"
        "Steps 600 – 23999: stays at 3e-4 (`hold until 80%`; 80% of 30000 = 24000).\n"
        "Steps 24000 – 29999: falls in a straight line from 3e-4 to 0 (`linear to 0`).\n"
        "From step 30000 on: the run is over, and the value stays at 0."
    ),
    "step_fixed(0.1, [0.01, 0.02]) then interval(0.5, every=100)": (
        "Steps 0 – 599: starts at 3e-4 and is multiplied by 0.1 at steps 300 and 600, down to 3e-6 "
        "(`step_fixed(0.1, [0.01, 0.02])`; 0.01 of 30000 = 300; 0.02 of 30000 = 600).\n"
        "Steps 600 – 29999: starts at 3e-6 and is multiplied by 0.5 every 100 steps, down to about 9.425e-95 "
        "(`interval(0.5, every=100)`).\n"
        "From step 30000 on: the run is over, and the value stays at about 9.425e-95."
    ),
    "warmup(5ep) * step_fixed(0.1, [30ep, 60ep, 80ep])": (
        "Steps 0 – 23999: is the product of these (`warmup(5ep) * step_fixed(0.1, [30ep, 60ep, 80ep])`):\n"
        "  Steps 0 – 1499: warms up in a straight line from 0 to 3e-4 (`warmup(5ep)`; 5ep × 300 steps/ep = "
        "1500).\n"
        "  Steps 1500 – 23999: stays at 3e-4, as `warmup(5ep)` is over.\n"
        "  Steps 0 – 23999: starts at 3e-4 and is multiplied by 0.1 at steps 9000, 18000 and 24000, down to "
        "3e-7 (`step_fixed(0.1, [30ep, 60ep, 80ep])`; 30ep × 300 steps/ep = 9000; 60ep × 300 steps/ep = "
        "18000; 80ep × 300 steps/ep = 24000).\n"
        "From step 24000 on: stays at 9e-11."
    ),
    "step_decreasing(0.1, every=1%, start=1e-3, end=1e-6)": (
        "Steps 0 – 29999: starts at 1e-3, and its distance to 1e-6 is multiplied by 0.1 every 300 steps, "
        "down to 1e-6 (`step_decreasing(0.1, every=1%, start=1e-3, end=1e-6)`; 1% of 30000 = 300).\n"
        "From step 30000 on: the run is over, and the value stays at 1e-6."
    ),
    "(cosine(1, 0) for 10ep) repeat 5": (
        "Steps 0 – 14999: plays this 5 times, every 3000 steps (`(cosine(1, 0) for 10ep) repeat 5`):\n"
        "  Steps 0 – 2999: falls along a cosine from 1 to 0 (`cosine(1, 0) for 10ep`; 10ep × 300 steps/ep = "
        "3000).\n"
        "From step 15000 on: stays at 0."
    ),
    "cosine(1e-3, 1e-5) for 1000 repeat 4 stretch 2 scale 0.5": (
        "Steps 0 – 14999: plays this 4 times, from steps 0, 1000, 3000, 7000, each 2 times as long and 0.5 "
        "times as high as the one before (`cosine(1e-3, 1e-5) for 1000 repeat 4 stretch 2 scale 0.5`):\n"
        "  Steps 0 – 999: falls along a cosine from 1e-3 to 1e-5 (`cosine(1e-3, 1e-5)`).\n"
        "From step 15000 on: stays at 1.25e-6."
    ),
    "(linear(0, 1) for 10% then cosine) over 10ep repeat": (
        "Steps 0 – 29999: plays this 10 times, every 3000 steps (`(linear(0, 1) for 10% then cosine) over "
        "10ep repeat`):\n"
        "  Steps 0 – 299: rises in a straight line from 0 to 1 (`linear(0, 1) for 10%`; 10% of 3000 = 300).\n"
        "  Steps 300 – 2999: falls along a cosine from 1 to 0 (`cosine`).\n"
        "From step 30000 on: the run is over, and the value stays at 0."
    ),
    "warmup(min(2%, 2000)) then hold until 100% - 10% then one_minus_sqrt to 0": (
        "Steps 0 – 599: warms up in a straight line from 0 to 3e-4 (`warmup(min(2%, 2000))`; 2% of 30000 = "
        "600; min(2%, 2000) = 600).\n"
        "Steps 600 – 26999: stays at 3e-4 (`hold until 100% - 10%`; 100% of 30000 = 30000; 10% of 30000 = "
        "3000; 100% - 10% = 27000).\n"
        "Steps 27000 – 29999: falls with the square root of the progress from 3e-4 to 0 (`one_minus_sqrt to "
        "0`).\n"
        "From step 30000 on: the run is over, and the value stays at 0."
    ),
    "max(cosine(3e-4, 0), 1e-5)": (
        "Steps 0 – 29999: is the largest of these (`max(cosine(3e-4, 0), 1e-5)`):\n"
        "  Steps 0 – 29999: falls along a cosine from 3e-4 to 0 (`cosine(3e-4, 0)`).\n"
        "  Steps 0 – 29999: stays at 1e-5.\n"
        "From step 30000 on: the run is over, and the value stays at 1e-5."
    ),
    "keyframes(0 @ 0, 3e-4 @ 5%, 3e-4 @ 80%, 0 @ 100%)": (
        "Steps 0 – 1499: rises in a straight line from 0 to 3e-4 (`3e-4 @ 5%`).\n"
        "Steps 1500 – 23999: stays at 3e-4 (`3e-4 @ 80%`).\n"
        "Steps 24000 – 29999: falls in a straight line from 3e-4 to 0 (`0 @ 100%`).\n"
        "From step 30000 on: the run is over, and the value stays at 0."
    ),
    "linear(1.0, 0.1, 100000)": (
        "Steps 0 – 29999: falls in a straight line from 1 to 0.1, and is cut off at 0.73 (`linear(1.0, 0.1, "
        "100000)`).\n"
        "From step 30000 on: the run is over, and the value stays at 0.73."
    ),
    "cosine every 1ep": (
        "Steps 0 – 29999: changes only every 300 steps, to the value that this has there (`cosine every "
        "1ep`; 1ep × 300 steps/ep = 300):\n"
        "  Steps 0 – 29999: falls along a cosine from 3e-4 to 0 (`cosine`).\n"
        "From step 30000 on: the run is over, and the value stays at 0."
    ),
    "warmup(500) then cosine(1, 0, 100%) skip 500": (
        "Steps 0 – 499: warms up in a straight line from 0 to about 0.9993 (`warmup(500)`).\n"
        "Steps 500 – 29999: falls along a cosine from 1 to 0, entered after 500 steps at about 0.9993 "
        "(`cosine(1, 0, 100%) skip 500`; 100% of 30000 = 30000).\n"
        "From step 30000 on: the run is over, and the value stays at 0."
    ),
    "base * min((step + 1) ** -0.5, (step + 1) * 4000 ** -1.5)": (
        "Steps 0 – 29999: follows the formula `base * min((step + 1) ** -0.5, (step + 1) * 4000 ** -1.5)`: "
        "from about 1.186e-9 to about 1.732e-6.\n"
        "From step 30000 on: the run is over, and the value stays at about 1.732e-6."
    ),
    "warmup(w) then cosine(peak, floor) where w = 500M tok, peak = 3e-4, floor = peak / 10": (
        "Steps 0 – 499: warms up in a straight line from 0 to 3e-4 (`warmup(w)`; 500M tok ÷ 1000000 tok/step "
        "= 500).\n"
        "Steps 500 – 29999: falls along a cosine from 3e-4 to 3e-5 (`cosine(peak, floor)`).\n"
        "From step 30000 on: the run is over, and the value stays at 3e-5."
    ),
}


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
    """So they are for the texts of the front page."""
    assert_facts(parse(text).bind(**RUN, base=3e-4))


TOLD = {
    "a second copy that does another thing": (
        "linear for 50 repeat 3",
        {"total_steps": 300},
        "Steps 0 – 149: plays this 3 times, every 50 steps (`linear for 50 repeat 3`):\n"
        "  Steps 0 – 49: falls in a straight line from 1 to 0 (`linear for 50`).\n"
        "  Steps 50 – 99: stays at 0 (`linear for 50`).\n"
        "From step 150 on: stays at 0.",
    ),
    "copies that differ one by one": (
        "(hold * 0.5 for 2) repeat 2",
        {"total_steps": 6},
        "Steps 0 – 3: plays the same 2 times, each from the value that the one before ends on "
        "(`(hold * 0.5 for 2) repeat 2`):\n"
        "  Steps 0 – 1: stays at 0.5 (`hold * 0.5 for 2`).\n"
        "  Steps 2 – 3: stays at 0.25 (`hold * 0.5 for 2`).\n"
        "From step 4 on: stays at 0.25.",
    ),
    "without an end": (
        "cosine(1, 0) for 100 repeat",
        {},
        "From step 0 on: plays this again and again, every 100 steps (`cosine(1, 0) for 100 repeat`):\n"
        "  Steps 0 – 99: falls along a cosine from 1 to 0 (`cosine(1, 0) for 100`).",
    ),
    "cut off": (
        "warmup(2000) then cosine",
        {"total_steps": 1000},
        "Steps 0 – 999: warms up in a straight line from 0 to 1, and is cut off at 0.5 (`warmup(2000)`).\n"
        "From step 1000 on: the run is over, and the value stays at 0.5.",
    ),
    "milestones that are never reached": (
        "step_fixed(0.5, [1ep, 3ep]) for 2ep then step_fixed(0.5, [90]) for 2ep",
        {"total_steps": 80, "steps_per_epoch": 10},
        "Steps 0 – 19: starts at 1 and is multiplied by 0.5 at step 10, down to 0.5 (`step_fixed(0.5, [1ep, 3ep]) for "
        "2ep`; 1ep × 10 steps/ep = 10; 3ep × 10 steps/ep = 30; 2ep × 10 steps/ep = 20).\n"
        "Steps 20 – 39: starts at 0.5 and is multiplied by 0.5 at none of its steps (`step_fixed(0.5, [90]) for 2ep`; "
        "2ep × 10 steps/ep = 20).\n"
        "From step 40 on: stays at 0.5.",
    ),
    "every step": (
        "interval(0.5, every=1)",
        {"total_steps": 3},
        "Steps 0 – 2: starts at 1 and is multiplied by 0.5 every step, down to 0.125 (`interval(0.5, every=1)`).\n"
        "From step 3 on: the run is over, and the value stays at 0.125.",
    ),
    "a ramp that does not show its start": (
        "linear(0, 1, inclusive=right) for 10 then linear(2, 0, inclusive=neither) for 3 then cosine(1, 0)",
        {"total_steps": 50},
        "Steps 0 – 9: rises in a straight line from 0.1 to 1 (`linear(0, 1, inclusive=right) for 10`).\n"
        "Steps 10 – 12: falls in a straight line from 1.5 to 0 (`linear(2, 0, inclusive=neither) for 3`).\n"
        "Steps 13 – 49: falls along a cosine from 1 to 0 (`cosine(1, 0)`).\n"
        "From step 50 on: the run is over, and the value stays at 0.",
    ),
    "a formula": (
        "1 for 10 then step * 2",
        {"total_steps": 50},
        "Steps 0 – 9: stays at 1 (`1 for 10`).\n"
        "Steps 10 – 49: follows the formula `step * 2`, `step` being 0 at step 10: from 0 to 80.\n"
        "From step 50 on: the run is over, and the value stays at 80.",
    ),
    "a parameter, and an exact total": (
        "warmup(w) then hold until 90% then linear to 0",
        {"total_steps": "3ep", "steps_per_epoch": 351, "samples_per_step": 64, "w": "2k samples"},
        "Steps 0 – 31: warms up in a straight line from 0 to 1 (`warmup(w)`; "
        "2000 samples ÷ 64 samples/step = 31.25).\n"
        "Steps 32 – 947: stays at 1 (`hold until 90%`; 90% of 1053 = 947.7).\n"
        "Steps 948 – 1052: falls in a straight line from 1 to 0 (`linear to 0`).\n"
        "From step 1053 on: the run is over, and the value stays at 0.",
    ),
}


@pytest.mark.parametrize(("text", "run", "words"), TOLD.values(), ids=TOLD)
def test_told(text: str, run: dict[str, Any], words: str) -> None:
    """What else there is to say, whole."""
    assert parse(text).bind(**run).explain().words == words


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
    made = primitive(Bump)
    try:
        bound = parse("bump(2, 0)").bind(10)
        assert bound.explain().sentences[0].text == told
        assert bound.why(5).expression == "2.0 - 2.0 * (5 / 10) + 3.0 * sin(5 / 10 * pi)"
    finally:
        unregister(made)


BUILT_IN = {cls.name: cls for cls in PRIMITIVES.values()}


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_primitives_have_words(name: str) -> None:
    """Every primitive declares words, in which nothing but its arguments stands in braces."""
    cls = BUILT_IN[name]
    fields = {field for _, field, _, _ in string.Formatter().parse(cls.words) if field is not None}
    assert fields <= {"goes", *(argument.name for argument in cls.arguments())} | (
        {"start"} if name == "hold" else set()
    )
    assert cls.words or name == "keyframes"  # which is told by the ramps between its keys
