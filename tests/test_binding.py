"""Binding and evaluation: what the issue of the language promises, example by example, and what binding refuses."""

import array
import itertools
import subprocess
import sys
import time
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy
import pytest

from schedlang import ScheduleError, evaluate, parse


def test_chained_step_phases() -> None:
    """Milestones, then halving: exact at every boundary."""
    bound = parse("step_fixed(0.1, [0.01, 0.02]) then interval(0.5, every=100)").bind(30_000)
    assert bound(0) == bound(299) == 1
    assert bound(300) == bound(599) == 0.1
    assert bound(600) == bound(699) == 0.1**2
    assert bound(700) == 0.1**2 * 0.5
    assert bound(800) == 0.1**2 * 0.25


def test_ten_phases_of_a_tenth() -> None:
    """Exact ends add up as rationals and are snapped once."""
    bound = parse(" then ".join(f"{value} for 10%" for value in range(1, 11))).bind(1003)
    assert [row.stop for row in bound.phases] == [101, 201, 301, 402, 502, 602, 703, 803, 903, 1003]


def test_warmup_meets_what_follows() -> None:
    """A warm-up climbs to the stated start of what follows, without a jump."""
    bound = parse("warmup(500) then cosine(3e-4, 0)").bind(10_000)
    assert bound(500) == 3e-4
    assert max(abs(bound(step + 1) - bound(step)) for step in range(1000)) < 6.1e-7


def test_the_percent_that_floats_get_wrong() -> None:
    """29 % of 100 steps is step 29, as it is in rationals."""
    bound = parse("step_fixed(0, [29%])").bind(100)
    assert (bound(28), bound(29)) == (1, 0)


@pytest.mark.parametrize(
    "text",
    ["interval(0.5, every=10) then 3", "cosine(1, 0) for 100 repeat", "(linear(0, 1) for 7 then cosine for 9) repeat"],
)
def test_far_steps_cost_the_same(text: str) -> None:
    """Step 10^12 costs about what step 0 costs, also under `repeat` without a count."""
    bound = parse(text.replace(" then 3", "")).bind()

    def cost(steps: range) -> float:
        begin = time.perf_counter()
        for step in steps:
            bound(step)
        return time.perf_counter() - begin

    near = min(cost(range(300)) for _ in range(5))
    far = min(cost(range(10**12, 10**12 + 300)) for _ in range(5))
    assert far < 20 * near


def test_every_unit() -> None:
    """A duration of each unit ends where it should."""
    run: dict[str, Any] = {"total_steps": 1000, "steps_per_epoch": 12.5, "samples_per_step": 8, "tokens_per_step": 4096}
    cases = {
        "10": 10,
        "10 steps": 10,
        "5%": 50,
        "0.05": 50,
        "2ep": 25,
        "2 epochs": 25,
        "1k samples": 125,
        "1M tok": 245,
    }
    cases |= {"5% + 100": 150, "min(2%, 2000)": 20, "100% / 3": 334, "100% - 10ep": 875, "max(1ep, 1%) * 3": 38}
    for text, stop in cases.items():
        assert parse(f"1 for {text} then 2").bind(**run).phases[0].stop == stop, text


@pytest.mark.parametrize("total", ["90ep", "2 * 45ep", 180, 180.0, Fraction(180), Decimal(180), numpy.int64(180)])
def test_total_steps(total: Any) -> None:
    """The length of the run is a whole number, or a duration."""
    assert parse("cosine").bind(total, steps_per_epoch=2).total_steps == 180


def test_parameters() -> None:
    """A parameter is a number, or a duration as int or text, and means what its literal would mean in its place."""
    schedule = parse("warmup(w) then cosine(peak, 0)")
    for w in (100, "100", "10%", "100 steps", 0.1):
        assert schedule.bind(1000, w=w, peak=3e-4)(100) == 3e-4


def test_names_of_the_run_for_parameters() -> None:
    """`self` is a name like any other."""
    assert parse("self * 2").bind(self=3)(0) == 6


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "no-steps": ("cosine", {"total_steps": 0}, "E404"),
    "negative-steps": ("cosine", {"total_steps": -5}, "E404"),
    "half-a-step": ("cosine", {"total_steps": 10.5}, "E404"),
    "infinite-run": ("cosine", {"total_steps": float("inf")}, "E404"),
    "run-is-a-list": ("cosine", {"total_steps": [1]}, "E404"),
    "run-is-true": ("cosine", {"total_steps": True}, "E404"),
    "run-of-a-schedule": ("cosine", {"total_steps": "cosine"}, "E404"),
    "run-of-itself": ("cosine", {"total_steps": "50%"}, "E404"),
    "run-in-unknown-epochs": ("cosine", {"total_steps": "9ep"}, "E401"),
    "rate-of-zero": ("cosine", {"total_steps": 10, "steps_per_epoch": 0}, "E404"),
    "rate-of-text": ("cosine", {"total_steps": 10, "steps_per_epoch": "x"}, "E404"),
    "base-is-nan": ("cosine", {"total_steps": 10, "base": float("nan")}, "E404"),
    "base-is-text": ("cosine", {"total_steps": 10, "base": "x"}, "E404"),
    "missing-parameter": ("cosine(peak, 0)", {"total_steps": 10}, "E402"),
    "parameter-named-like-the-run": ("hold for total_steps", {"total_steps": 10}, "E402"),
    "unused-parameter": ("cosine", {"total_steps": 10, "peak": 1}, "E403"),
    "defined-parameter": ("cosine(peak, 0) where peak = 1", {"total_steps": 10, "peak": 1}, "E403"),
    "parameter-is-a-schedule": ("cosine(peak, 0)", {"total_steps": 10, "peak": "cosine"}, "E404"),
    "parameter-is-nan": ("cosine(peak, 0)", {"total_steps": 10, "peak": float("nan")}, "E313"),
    "parameter-is-nothing": ("cosine(peak, 0)", {"total_steps": 10, "peak": None}, "E314"),
}


@pytest.mark.parametrize(("text", "run", "code"), REFUSED.values(), ids=REFUSED)
def test_refused(text: str, run: dict[str, Any], code: str) -> None:
    """What is wrong with a run is told with a code and a hint."""
    with pytest.raises(ScheduleError) as caught:
        parse(text).bind(**run)
    assert caught.value.diagnostics[0].code == code
    assert caught.value.diagnostics[0].hint


def test_all_missing_at_once() -> None:
    """Everything that the run does not say is told in one go."""
    with pytest.raises(ScheduleError) as caught:
        parse("warmup(5%) then hold for 3ep then hold for 2 tok").bind()
    assert [problem.message for problem in caught.value.diagnostics] == [
        "`5%` needs total_steps",
        "`3ep` needs steps_per_epoch",
        "`2 tok` needs tokens_per_step",
    ]


@pytest.mark.parametrize("step", [-1, 1.5, "3", None, True, float("nan"), float("inf"), [1]])
def test_no_step(step: Any) -> None:
    """A step is a whole number of at least 0."""
    with pytest.raises(ScheduleError) as caught:
        parse("cosine").bind(10)(step)
    assert caught.value.diagnostics[0].code == "E407"


@pytest.mark.parametrize("step", [3, 3.0, numpy.int32(3), numpy.uint64(3), numpy.float64(3.0)])
def test_steps_of_all_kinds(step: Any) -> None:
    """Whatever is a whole number is a step."""
    assert parse("linear(10, 0)").bind(10)(step) == 7


def test_overflow_names_the_first_step() -> None:
    """A value that leaves the floats is found at binding, at the first step where it does."""
    with pytest.raises(ScheduleError) as caught:
        parse("warmup(5) then interval(10, every=1, start=1)").bind(10**6)
    assert caught.value.diagnostics[0].message == "no finite value at step 314: the value overflows"
    assert caught.value.diagnostics[0].span is not None


def test_overflow_without_an_end() -> None:
    """In a run without an end it is found when the step is asked."""
    bound = parse("interval(10, every=1, start=1)").bind()
    assert bound(308) == 1e308
    with pytest.raises(ScheduleError, match="no finite value at step 309"):
        bound(309)


def test_what_is_handed_on_but_not_used() -> None:
    """A value without which nothing is shown may be infinite."""
    assert parse("1 / (10 - step) for 10 then cosine(1, 0)").bind(20)(10) == 1


def test_values_and_at() -> None:
    """Ranges and arrays of steps, of any shape."""
    bound = parse("linear(10, 0)").bind(10)
    assert bound.values().tolist() == [bound(step) for step in range(10)]
    assert bound.values(2, 9, 3).tolist() == [8, 5, 2]
    assert bound.values(5, 5).tolist() == []
    assert bound.at([[3, 0], [99, 10]]).tolist() == [[7, 10], [0, 0]]
    assert bound.at(numpy.arange(0)).shape == (0,)
    assert bound.values().dtype == bound.at(3).dtype == numpy.float64
    for call in (lambda: bound.values(step=0), lambda: bound.values(start=-1), lambda: bound.at([0.5])):
        with pytest.raises(ScheduleError, match="E407"):
            call()
    with pytest.raises(ScheduleError, match="E407"):
        parse("0.1").bind().values()


def test_without_numpy() -> None:
    """Without NumPy, values are an array of doubles."""
    code = "import sys; sys.modules['numpy'] = None\nfrom schedlang import parse\nb = parse('linear(2, 0)').bind(2)\n"
    code += "print(b.values(), b.at([1, 0]))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == f"{array.array('d', [2.0, 1.0])} {array.array('d', [1.0, 2.0])}\n"


def test_dtypes_without_numpy() -> None:
    """Without NumPy there are two dtypes."""
    code = """
import sys
sys.modules["numpy"] = None
from schedlang import ScheduleError, parse
bound = parse("linear(2, 0)").bind(2)
print(bound.bake().typecode, bound.bake("float32").typecode, bound.at([1], "float32"))
for bad in ("int32", "f4", [1], int):
    try:
        bound.bake(bad)
    except ScheduleError as error:
        print(error.diagnostics[0].code)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split("\n") == ["d f array('f', [1.0])", *["E413"] * 4, ""]


def test_evaluate() -> None:
    """The plain walk: from a text and a run to the value at one step."""
    assert evaluate("warmup(w) then cosine", 5, 100, base=2, w=10) == 1.0
    assert evaluate(parse("linear(1, 0)"), 1, total_steps="2ep", steps_per_epoch=2) == 0.75


def test_numbers_for_text() -> None:
    """What YAML makes of a number is a constant."""
    assert [parse(value).bind()(7) for value in (3e-4, 1, -2, "3e-4")] == [3e-4, 1, -2, 3e-4]
    for wrong, code in ((None, "E109"), (True, "E109"), ([1], "E109"), (float("nan"), "E313")):
        with pytest.raises(ScheduleError) as caught:
            parse(wrong)  # type: ignore[arg-type]
        assert caught.value.diagnostics[0].code == code


def test_a_million_phases_from_a_few_words() -> None:
    """Repeats of repeats are arithmetic: nothing is copied, and the curve is right far out."""
    bound = parse("((linear(0, 3) for 3 repeat 1000) repeat 1000) repeat 1000").bind(10**10)
    assert [bound(10**9 + step) for step in range(4)] == [(10**9 + step) % 3 for step in range(4)]
    assert bound(3 * 10**9) == bound(10**10) == 3


def test_stretched_cycles() -> None:
    """Copies begin where the exact lengths of those before them add up to."""
    bound = parse("linear(0, 1) for 10 repeat stretch 1.5").bind()
    begins = itertools.accumulate((10 * Fraction(3, 2) ** index for index in range(20)), initial=Fraction(0))
    for begin in begins:
        assert bound(-(-begin // 1)) == 0


BEHIND_THE_RUN = {
    "warmup(3) then interval(0.5, every=1, start=2)": 2 / 3,
    "warmup(3) then exponential_decay(0.9, start=2)": 2 / 3,
    "warmup(3) then step + 3": 1.0,
    "warmup(3) then 3 - progress": 1.0,
    "warmup(3) then inv_sqrt(1, start=2)": 2 / 3,
    "warmup(3) then 1 / (step + 2)": 1 / 6,
}


@pytest.mark.parametrize("text", BEHIND_THE_RUN)
def test_warmup_longer_than_the_run(text: str) -> None:
    """What a warm-up climbs to does not depend on whether the run gets that far."""
    assert parse(text).bind(1)(1) == pytest.approx(BEHIND_THE_RUN[text], rel=1e-12)


NESTED = {
    "closed": ("linear(0, 1) for 10", "({} then 1 for 2) repeat 2"),
    "scaled": ("linear(0, 1) for 10", "({}) over 10 repeat 2 scale 1"),
    "stretched": ("linear(0, 1) for 10", "({}) for 10 repeat 2 stretch 2 scale 1"),
    "looking-ahead": ("warmup(3)", "({} then warmup(3)) repeat 2"),
    "dependent": ("step_interval(0.5, every=3) for 1", "({} then hold for 1) repeat 3"),
}


@pytest.mark.parametrize("total", [100, 100_000])
@pytest.mark.parametrize(("text", "around"), NESTED.values(), ids=NESTED)
def test_nested_repeats_are_bounded(text: str, around: str, total: int) -> None:
    """Thirty levels of `repeat` bind and have a table, or are too many phases: nothing doubles with every level."""
    for _ in range(30):
        text = around.format(text)
    begin = time.perf_counter()
    found = None
    try:
        assert parse(text).bind(total).phases
    except ScheduleError as error:
        found = error.diagnostics[0].code
    assert found in (None, "E408")
    assert time.perf_counter() - begin < 60  # doubling would take longer than the universe has


ODD_NUMBERS = [Decimal("sNaN"), Decimal("1E-9999999"), -(10**5000), numpy.array([1, 2]), numpy.array(2.5), None]


@pytest.mark.parametrize("value", ODD_NUMBERS, ids=range(len(ODD_NUMBERS)))
def test_odd_numbers(value: Any) -> None:
    """Whatever is no number of moderate size is refused everywhere with an error of ours."""
    calls = (
        lambda: parse("cosine").bind(10, steps_per_epoch=value)(numpy.array([1, 2])),
        lambda: parse("cosine").bind(10)(value),
        lambda: parse("hold for w then 1").bind(10, w=value),
        lambda: parse("cosine").bind(10).values(step=value),
    )
    for call in calls:
        with pytest.raises(ScheduleError) as caught:
            call()
        assert len(str(caught.value)) < 400


def test_what_a_copy_is_handed_may_be_wrong_where_nobody_sees_it() -> None:
    """A ramp of no length shows nothing but its end: where it begins is of no matter, in values and in the table."""
    bound = parse("-1 for 0% then exponential(end=1, duration=0%) for max(0%, 1%) repeat 3").bind(1)
    assert [bound(step) for step in range(3)] == [1, 1, 1]
    assert [(row.first, row.stop, row.end) for row in bound.phases] == [(0, 1, 1.0)]
