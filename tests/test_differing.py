"""Two schedules beside each other: `compare`, and `schedlang diff`."""

import json
import math
from typing import Any, ClassVar

import pytest
from helpers import EXAMPLES, bound_or_reject, codes, printed, registered
from hypothesis import given, settings
from hypothesis import strategies as st

from schedlang import Schedule, ScheduleError, parse
from schedlang._cli import main
from schedlang._insight.past import Parting, parting
from schedlang.differing import compare
from schedlang.primitives import Ramp
from schedlang.strategies import schedules

PIECES = ["1", "linear(1, 0)", "cosine", "hold", "exponential(1, 0.1)", "interval(0.5, every=7)"]
CHAINS = st.lists(st.tuples(st.sampled_from(PIECES), st.integers(0, 40)), min_size=1, max_size=4).map(
    lambda parts: " then ".join(f"{body} for {length}" for body, length in parts)
)


@given(CHAINS, CHAINS, st.integers(1, 80), st.integers(1, 80))
def test_brute_force_finds_the_same(one: str, other: str, old_total: int, new_total: int) -> None:
    """First, largest and last difference, their number and the stretches are those that asking every step finds."""
    old, new = parse(one).bind(old_total), parse(other).bind(new_total)
    found = compare(old, new)
    end = max(old_total, new_total)
    assert found.end == end
    differing = [step for step in range(end + 1) if old(step) != new(step)]
    assert found.count == len(differing)
    assert found.same() == (not differing)
    assert [found.same(before) for before in range(end + 2)] == [
        all(step >= before for step in differing) for before in range(end + 2)
    ]
    assert (found.last.old, found.last.new) == (old(10**9), new(10**9))
    if differing:
        assert found.first is not None and found.largest is not None and found.relative is not None
        assert found.first.step == differing[0]
        assert (found.first.old, found.first.new) == (old(differing[0]), new(differing[0]))
        assert found.largest.absolute == max(abs(old(step) - new(step)) for step in differing)
    for each in found.stretches:
        steps = range(each.first, end + 1 if each.stop is None else each.stop)
        gaps = [abs(old(step) - new(step)) for step in steps]
        assert (each.largest is None) == (not any(gaps))
        if each.largest is not None:
            assert each.largest.absolute == max(gaps)
    assert [each.stop for each in found.stretches[:-1]] == [each.first for each in found.stretches[1:]]
    assert json.loads(json.dumps(found.to_dict()))["same"] == found.same()
    assert str(found)


@given(schedules())
def test_nothing_differs_from_itself(schedule: Schedule) -> None:
    bound = bound_or_reject(
        schedule, {"total_steps": 200, "steps_per_epoch": 10, "samples_per_step": 2, "tokens_per_step": 3}
    )
    try:
        assert compare(bound, bound).same()
    except ScheduleError as error:
        assert {each.code for each in error.diagnostics} == {"E406"}


def test_tolerance() -> None:
    """Differences up to a share of the larger value are none."""
    old, new = parse("linear(1, 0)").bind(100), parse("linear(1, 0) * 1.01").bind(100)
    assert not compare(old, new, tolerance=0.009).same()
    assert compare(old, new, tolerance=0.011).same()


def test_runs_without_an_end() -> None:
    """What comes to rest has an end; what never does can't be compared."""
    assert compare(parse("linear(1, 0, 5)").bind(), parse("linear(1, 0) for 5 then 0").bind()).same()
    assert codes(compare, parse("interval(0.5, every=3)").bind(), parse("1").bind())[0] == "E401"


def test_long_runs_take_little_memory() -> None:
    """Ten million steps are compared in blocks."""
    found = compare(parse("warmup(5%) then cosine").bind(10**7), parse("warmup(5%) then cosine").bind(10**7 + 1))
    assert found.first is not None
    assert found.first.step < 10**6


def test_without_numpy() -> None:
    script = (
        "import sys; sys.modules['numpy'] = None\n"
        "from schedlang import parse; from schedlang.differing import compare\n"
        "print(compare(parse('cosine').bind(60), parse('cosine until 40 then hold').bind(70)))"
    )
    expected = compare(parse("cosine").bind(60), parse("cosine until 40 then hold").bind(70))
    assert printed("-c", script) == f"{expected}\n"


def test_command_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "1", "1 for 5 then 2", "--total", "10", "--json", "--before", "3"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert told["first"] == {"step": 5, "old": 1.0, "new": 2.0, "absolute": 1.0, "relative": 0.5}
    assert (told["same"], told["same_before"], told["count"], told["end"]) == (False, True, 6, 10)


def test_a_word_is_no_end() -> None:
    """A phase whose text is `held` is a phase like others, not the end of the schedule."""

    class Keep(Ramp):
        """A straight line."""

        name: ClassVar[str] = "keep"
        aliases: ClassVar[tuple[str, ...]] = ("held",)

        @staticmethod
        def at(k: Any, n: Any, xp: Any, *, start: Any, end: Any) -> Any:
            return start + (end - start) * (k / n)

    with registered(Keep):
        bound = parse("1 for 2 then held").bind(8)
        (stretch,) = compare(bound, bound).stretches
    assert (stretch.old, stretch.new) == ("1 …", "1 …")


def test_before_a_step_nothing_has_to_end() -> None:
    """A schedule without an end is compared up to where the past is asked for."""
    old, new = (parse(text).bind() for text in ("inv_sqrt(400)", "inv_sqrt(400) until 900 then linear to 0 for 50"))
    with pytest.raises(ScheduleError):
        compare(old, new)
    found = compare(old, new, before=900)
    assert found.same(before=900)
    assert not compare(old, new, before=920).same(before=920)


@settings(max_examples=EXAMPLES // 4)
@given(schedules(), st.sampled_from([120, 121, 150]), st.sampled_from(["{0}", "({0}) over 120 until 70 then hold"]))
def test_schedules_part_where_asking_every_step_says(schedule: Schedule, total: int, form: str) -> None:
    """What is calculated in the same way is not looked at: it is the same."""
    run = {"steps_per_epoch": 10, "samples_per_step": 2, "tokens_per_step": 3}
    old = bound_or_reject(schedule, {"total_steps": 120, **run})
    new = bound_or_reject(parse(form.format(schedule)), {"total_steps": total, **run})
    first = next((step for step in range(160) if old(step) != new(step)), None)
    for past in (0, 50, 150):
        assert parting(old, new, past) == Parting(math.inf if first is None else first)
