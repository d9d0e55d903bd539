"""The testing kit: strategies for texts and broken texts, and `assert_schedule`."""

import json
import re
from pathlib import Path
from typing import Any, ClassVar

import pytest
from helpers import EXAMPLES, SECTION_1, bound_or_reject, codes, lines_of, python, registered
from hypothesis import given, settings
from hypothesis import strategies as st

from schedlang import Schedule, ScheduleError, parse
from schedlang.primitives import Clock, Frame, Primitive, StepClock, number
from schedlang.strategies import BREAKAGES, broken_texts, primitives, runs, schedules, spellings, texts
from schedlang.testing import assert_levels, assert_schedule


@given(schedules(), st.data())
def test_spellings_mean_the_schedule(schedule: Schedule, data: st.DataObject) -> None:
    assert parse(data.draw(spellings(schedule))) == schedule


@given(texts(st.sampled_from(SECTION_1).map(parse)))
def test_texts_are_valid(text: str) -> None:
    """Texts of given schedules, with names too, can be read, and mean one of them."""
    assert parse(text) in [parse(each) for each in SECTION_1]


def test_texts_have_variety() -> None:
    """Comments, newlines, words, aliases, underscores and trailing commas all occur."""
    missing = {"#", "\n", "\t", "from", "(?<!_)interval", "epoch", "0_0", r",\s*\)"}

    @settings(max_examples=100)
    @given(texts(st.just(parse("linear(1, 0) for 30000 then step_interval(0.5, every=3 epochs)"))))
    def look(text: str) -> None:
        missing.difference_update([part for part in missing if re.search(part, text)])

    look()
    assert not missing


@settings(max_examples=EXAMPLES // 2)  # of which each is broken in all ways
@given(texts())
def test_breakages_break(text: str) -> None:
    """Each way to break a text does, with the code that it says, whatever the text."""
    for breakage in BREAKAGES:
        assert breakage.code in set(codes(parse, breakage.make(text))), breakage.mistake


@given(broken_texts())
def test_broken_texts_are_refused(text: str) -> None:
    with pytest.raises(ScheduleError):
        parse(text)


@given(primitives(), runs())
def test_values_grow_with_levels(schedule: Schedule, run: dict[str, Any]) -> None:
    """What the primitives declare of their numbers is so."""
    total = run.pop("total_steps")
    bound_or_reject(schedule, {"total_steps": total, **run})
    assert_levels(schedule, total=total, **run)


class Sink(Primitive):
    """It falls by `by` at each step."""

    name: ClassVar[str] = "sink"

    start: Schedule | None = number("where it begins", handed=True)
    by: Schedule = number("what the share of the start is that it falls by", default=0.1)

    def clock(self, frame: Frame) -> Clock:
        return StepClock()

    @staticmethod
    def at(k: Any, n: Any, xp: Any, *, start: Any, by: Any) -> Any:
        return start * (1 - by * k)


def test_a_level_that_is_none_is_told() -> None:
    """A number that values do not grow with has to say so; until then a product refuses it, and the kit tells why."""
    with registered(Sink):
        told = "at step 1 `sink(1, 0.5)` shows 0.5, and 0 if all levels are doubled: declare what is none"
        with pytest.raises(AssertionError, match=re.escape(told)):
            assert_levels("sink(1, 0.5)")
        assert codes(parse, "warmup(3) * sink") == ["E316"]
    with pytest.raises(TypeError, match="a call of one primitive"):
        assert_levels("cosine + 1")


# assert_schedule.


def failures(*args: Any, **asserted: Any) -> list[str]:
    """The lines that tell what isn't as asserted."""
    with pytest.raises(AssertionError) as raised:
        assert_schedule(*args, **asserted)
    return [line.removeprefix("error[") for line in str(raised.value).splitlines() if line.startswith("error[")]


WSD = "warmup(5%) then hold until 80% then linear to 0"


def test_what_holds_passes() -> None:
    """Everything that is true of a schedule may be asserted, and the bound schedule comes back."""
    lr = assert_schedule(
        WSD,
        total=1000,
        base=3e-4,
        starts_at=0,
        ends_at=0,
        at={25: 1.5e-4, "50%": 3e-4, "90%": 1.5e-4, 10**9: 0},
        peak=3e-4,
        peak_at="5%",
        never_negative=True,
        never_below=0,
        never_above=3e-4,
        non_decreasing_until="80%",
        non_increasing_after=50,
        phases=["warmup", "hold", "linear"],
        continuous=True,
        no_warnings=True,
    )
    assert lr(50) == 3e-4
    assert_schedule(lr, phases=3)


CASES = [json.loads(line) for line in lines_of("asserted.jsonl")]


@pytest.mark.parametrize(("asserted", "expected"), CASES, ids=[next(iter(asserted)) for asserted, _ in CASES])
def test_failures_tell_step_and_values(asserted: dict[str, Any], expected: str) -> None:
    assert failures(WSD, total=1000, **asserted) == [expected]


def test_jumps_negative_values_and_warnings() -> None:
    """The assertions that are just switched on."""
    assert failures("linear(0, 1) for 50% then cosine(0.5, -0.5)", total=100, continuous=True, never_negative=True) == [
        "never_negative]: expected nothing below 0, found -0.03139525976465679 at step 76, and -0.5 at step 100",
        "continuous]: expected no jump, found one from 1 to 0.5 at step 50",
    ]
    with pytest.raises(AssertionError, match=r"warning\[W511\]: the warm-up takes 600 steps"):
        assert_schedule("warmup(60%) then cosine", total=1000, no_warnings=True)
    assert_schedule("warmup(60%) then cosine", total=1000, no_warnings=True, ignore=["W511"])


def test_all_failures_at_once_with_places() -> None:
    """The error shows each phase that failed."""
    with pytest.raises(AssertionError) as raised:
        assert_schedule("warmup(10) then cosine(3e-4, 3e-5)", total=100, starts_at=1e-5, ends_at=0)
    assert (
        str(raised.value)
        == """a schedule is not what was asserted
error[starts_at]: expected 1e-5, found 0 at step 0
  |
1 | warmup(10) then cosine(3e-4, 3e-5)
  | ^^^^^^^^^^
error[ends_at]: expected 0, found 3e-5 at step 100
  |
1 | warmup(10) then cosine(3e-4, 3e-5)
  |                 ^^^^^^^^^^^^^^^^^^"""
    )


def test_schedule_in_a_file(tmp_path: Path) -> None:
    """A file and a key name a schedule; failures point into the file."""
    file = tmp_path / "train.yaml"
    file.write_text("optim:\n  lr: warmup(5%) then cosine(peak, 0)\n", encoding="utf-8")
    assert_schedule((file, "optim.lr"), total=100, params={"peak": 3e-4}, peak=3e-4)
    with pytest.raises(AssertionError) as raised:
        assert_schedule((str(file), "optim.lr"), total=100, params={"peak": 3e-4}, ends_at=1)
    assert "train.yaml:2:23 (optim.lr)" in str(raised.value)
    file.write_text("optim:\n  lr: warmup(5%) then cosin\n", encoding="utf-8")
    with pytest.raises(ScheduleError, match=r"train\.yaml:2:23"):
        assert_schedule((file, "optim.lr"), total=100)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"peek": 1}, "unexpected keyword argument 'peek'; did you mean 'peak'?"),
        ({"total_steps": 100}, "unexpected keyword argument 'total_steps'; did you mean 'total'?"),
        ({"T_max": 100}, "unexpected keyword argument 'T_max'; did you mean 'total'?"),
        ({"lr": 1}, "unexpected keyword argument 'lr'; did you mean 'base'?"),
        ({"zzz": 100}, "unexpected keyword argument 'zzz'"),
        ({"ends_at": 0}, "needs `total=…` to tell `ends_at`"),
    ],
)
def test_wrong_arguments(given: dict[str, Any], message: str) -> None:
    """What is neither known nor a parameter is a TypeError."""
    with pytest.raises(TypeError, match=re.escape(message)):
        assert_schedule("hold", **given)


@pytest.mark.parametrize(
    ("text", "given", "words"),
    [
        ("cosine", {}, ["`cosine` needs total", "give `assert_schedule(…, total=…)`"]),
        ("1 for 3ep then 2", {"total": 9}, ["give `assert_schedule(…, steps_per_epoch=…)`"]),
        ("cosine", {"total": 0}, ["total is 0", '`total=30_000` or `total="90ep"`']),
        ("cosine(qqq, 0)", {"total": 9}, ["give `assert_schedule(…, qqq=…)`"]),
        ("cosine(peak, 0)", {"total": 9}, ["`peak` is not given", 'give `assert_schedule(…, params={"peak": …})`']),
    ],
)
def test_errors_name_its_arguments(text: str, given: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(ScheduleError) as caught:
        assert_schedule(text, **given)
    assert [each for each in words if each not in str(caught.value)] == []
    assert "total_steps" not in str(caught.value)


def test_a_report_of_pytest_has_the_lines_that_matter(tmp_path: Path) -> None:
    """The call and what is wrong, and nothing of ours."""
    test = "from schedlang.testing import *\ndef test_it():\n    assert_schedule('cosine', total=9, peak=3)\n"
    (tmp_path / "test_it.py").write_text(test, encoding="utf-8")
    shown = python("-m", "pytest", "test_it.py", folder=tmp_path, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1").stdout
    assert "error[peak]: expected 3, found 1 at step 0" in shown
    assert "def assert_schedule" not in shown
    assert "testing.py" not in shown


def test_arguments_that_clash() -> None:
    """A parameter called like an assertion has its own place, and a bound schedule takes no run."""
    with pytest.raises(TypeError, match=re.escape("'peak' is a parameter of the text: give it as params={'peak': …}")):
        assert_schedule("cosine(peak, 0)", total=10, peak=1)
    with pytest.raises(TypeError, match="the schedule is bound already: give 'total_steps' to `bind`"):
        assert_schedule(parse("3").bind(), total=10)
    assert_schedule("warmup(w) then hold", total=10, w=2, peak_at=2)


@given(schedules(), runs())
def test_true_of_any(schedule: Schedule, run: dict[str, Any]) -> None:
    """What is read off a curve may be asserted of it."""
    try:
        bound = schedule.bind(**run)
    except ScheduleError:
        return
    values = bound.bake().tolist()
    assert_schedule(bound, starts_at=values[0], ends_at=values[-1], peak=max(values), never_below=min(values))
