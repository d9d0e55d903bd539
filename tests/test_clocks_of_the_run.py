"""`run_step`, `run_progress`, `epoch`, `samples`, `tokens`: from where they count, and that every engine counts so."""

import math
from fractions import Fraction
from typing import Any

import numpy
import pytest
from helpers import EXAMPLES, bound_or_reject, codes, refused
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import Rejected, reference_value
from test_compiling import assert_arrays_are_walked, assert_compiled_is_walked

from schedlang import ScheduleError, parse

CLOCKS = ["run_step", "run_progress", "epoch", "samples", "tokens"]
RUN: dict[str, Any] = {"steps_per_epoch": 2.5, "samples_per_step": 3, "tokens_per_step": 0.7}

FORMULAS = [
    *CLOCKS,
    "(run_step - step)",
    "(epoch * progress + samples)",
    "max(run_progress, 0.3)",
    "mix(1, 0.1, run_progress)",
    "(2 - run_progress) ** 2",
]
SHAPES = [
    "{f} for {a} repeat {n}",
    "{f} for {a} repeat {n} then {g}",
    "({f} + linear(1, 0)) for {a} repeat {n} scale 0.5",
    "({f}) for {a} repeat {n} stretch 2",
    "({f} over {a}) repeat",
    "({f} over {a}) skip {b} for 7 then {g}",
    "(hold * 0.5 + {f}) for {a} repeat {n}",
    "({f} every 2) for {a} repeat {n}",
    "(warmup({b}) then {f}) for {a} repeat {n}",
    "warmup({b}) then {f} for {a} then {g}",
    "(({f} for 2 repeat 2 then {g} for {b}) repeat {n})",
    "(({f} for {a} repeat) over 12 then {g} for {b}) over 20 repeat",
    "({f} skip {b}) for {a} then {g}",
    "(({f} every {a}) skip {b}) for 6 then {g}",
    "x for {a} then 2 * x where x = {f} for {b}",
    "({f} for {a} then cosine(end=0.1) for {b}) repeat",
]
TIMES = ["1", "3", "5", "2.5 steps", "7 samples", "0.4ep", "1.1 tok", "11%", "5 / 2", "0.7 samples"]


@pytest.fixture(scope="module")
def tracing() -> Any:
    """What compares torch and JAX with the walk."""
    return pytest.importorskip("test_tracing")


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A text that asks the run's clocks, in repeated bodies above all."""
    formula, time = st.sampled_from(FORMULAS), st.sampled_from(TIMES)
    shape, count = draw(st.sampled_from(SHAPES)), draw(st.sampled_from(["2", "5", "40"]))
    return shape.format(f=draw(formula), g=draw(formula), a=draw(time), b=draw(time), n=count)


@settings(max_examples=2 * EXAMPLES)
@given(texts(), st.integers(1, 90))
def test_generated(text: str, total: int) -> None:
    """The walk is the reference, and what is compiled, and calculated on arrays, is the walk."""
    bound = bound_or_reject(parse(text), {"total_steps": total, **RUN, "base": 0.5})
    steps = [*range(total + 2), 10**9]
    assert_compiled_is_walked(bound, steps)
    assert_arrays_are_walked(bound, steps)
    try:
        expected = [float(value) for value in reference_value(text, steps, total_steps=total, **RUN, base=0.5)]
    except Rejected as rejected:
        assert "not finite" in str(rejected), text
        return
    size = max(map(abs, expected))
    numpy.testing.assert_allclose([bound(step) for step in steps], expected, 1e-11, 1e-11 * size)


@pytest.mark.frameworks
@settings(max_examples=EXAMPLES // 2)
@given(text=texts(), total=st.integers(1, 90))
def test_generated_in_libraries(tracing: Any, text: str, total: int) -> None:
    bound = bound_or_reject(parse(text), {"total_steps": total, **RUN, "base": 0.5})
    tracing.assert_promise(bound, numpy.arange(total + 3), [tracing.TORCH, tracing.DOUBLE, tracing.JIT])


@pytest.mark.frameworks
@pytest.mark.parametrize(
    "text",
    [
        "floor(epoch)",
        "1 for 100 then ((cosine(1, 0) * (1 - run_progress)) for 1000 repeat)",
        "((cosine(1, 0) * (1 - run_progress)) for 400 repeat)",
        "((cosine(1, 0) * (1 - run_progress)) for 40 repeat) until 60k then 1",
        "((run_step / 1000 + epoch) over 777 repeat) * (1 + samples / 1e6)",
        "base * ((run_step ** 2 + 7500 ** 2) / 7500 ** 2) ** -0.25 * (epoch ** 2 / 3.5 ** 2 + 1) ** -0.25",
        "min(0.02, 4.6 * (tokens + 1) ** -0.51)",
    ],
)
def test_long_runs(tracing: Any, text: str) -> None:
    """Where copies are many, floors are many and tokens are large."""
    bound = parse(text).bind(100_000, steps_per_epoch=312.6, samples_per_step=256, tokens_per_step=2**22)
    steps = [*range(300), *range(300, 100_003, 1709), 4688, 4689, 99_999, 100_000]
    assert_compiled_is_walked(bound, steps)
    assert_arrays_are_walked(bound, steps)
    tracing.assert_promise(bound, numpy.array(steps), [tracing.TORCH, tracing.DOUBLE, tracing.JIT])


@pytest.mark.parametrize(("rate", "step", "epoch"), [(312.6, 4689, 15), (4.9, 147, 30), (1.1, 33, 30), (0.3, 3, 10)])
def test_whole_epochs_are_whole(rate: float, step: int, epoch: int) -> None:
    """What a float's quotient misses by a bit is the epoch all the same."""
    lr = parse("floor(epoch)").bind(10_000, steps_per_epoch=rate)
    assert lr(step) == lr.at([step])[0] == epoch
    for each in (*range(0, 10_000, 7), step - 1):
        assert lr(each) == each / Fraction(str(rate)) // 1


def test_from_where_they_count() -> None:
    """From the run, or the nearest `over`: whole steps from its first, amounts from where it begins exactly."""

    def shown(text: str, total: Any = 10, **rates: Any) -> list[float]:
        return [float(value) for value in parse(text).bind(total, **rates).values()]

    assert shown("1 for 3 then run_step") == [1, 1, 1, 3, 4, 5, 6, 7, 8, 9]
    assert shown("1 for 3 then step") == [1, 1, 1, 0, 1, 2, 3, 4, 5, 6]
    assert shown("(epoch) over 5 repeat", 8, steps_per_epoch=4) == [0, 0.25, 0.5, 0.75, 1, 0, 0.25, 0.5]
    assert shown("hold for 12 samples then (samples) over 4", 5, samples_per_step=8) == [1, 1, 4, 12, 20]
    assert shown("hold for 12 samples then (8 * run_step) over 4", 5, samples_per_step=8) == [1, 1, 0, 8, 16]
    assert shown("(1 for 50% then run_progress) over 6 then 9", 7) == [1, 1, 1, 0.5, 4 / 6, 5 / 6, 9]
    assert shown("run_progress", "2.5ep", steps_per_epoch=3) == [step / 8 for step in range(8)]
    assert shown("(run_step) for 2 repeat", 5) == [0, 1, 2, 3, 4]
    assert shown("(run_step) skip 2", 3) == [0, 1, 2]


def test_held() -> None:
    """Behind the end of a phase they stay where they were at its end; behind the run, at its end."""
    lr = parse("run_step for 3 then 7").bind(10)
    assert [lr(step) for step in (2, 3)] == [2, 7]
    assert parse("max(run_step for 3, 0)").bind(10)(9) == 3
    assert parse("run_progress").bind(10)(10**9) == 1
    assert parse("epoch").bind(10, steps_per_epoch=4)(10**9) == 2.5
    assert parse("(epoch for 5 samples) + 0 * step").bind(10, steps_per_epoch=4, samples_per_step=2)(9) == 0.625


def infinite(step: int) -> float:
    """ModernBERT's `CosineInverseSqrtScheduler`, Stable LM 2's infinite schedule, in 6000 steps from a base of 8e-4."""
    delay = 1500 * (1 - math.pi) / math.pi

    def height(since: int) -> float:
        if since <= 1500:
            return 0.5 * (1 + math.cos(math.pi * since / 3000))
        return 0.5 * math.sqrt(1500 + delay) / math.sqrt(since + delay)

    if step >= 5400:
        return 8e-4 * height(5200) * (6000 - step) / 600
    return 8e-4 * (step / 200 if step < 200 else height(step - 200))


def eden(step: int) -> float:
    """icefall's Eden, with 312.6 steps to an epoch."""
    epoch = step / Fraction("312.6") // 1
    warm = min(1, 0.5 + 0.5 * step / 500)
    factor = ((step**2 + 7500**2) / 7500**2) ** -0.25 * ((epoch**2 + 3.5**2) / 3.5**2) ** -0.25
    return 8e-4 * factor * warm


def power(step: int) -> float:
    """The power scheduler (Shen et al., 2024) of the tokens seen, from where a warm-up of 100 steps leads to it."""
    return min(0.02, 4 * 1024 * (2**22 * max(step, 100)) ** -0.51) * min(1, step / 100)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (
            "(warmup(200) then cosine for 3000) until 1700"
            " then (base / 2 * (1 + pi * (run_step - 1700) / 1500) ** -0.5) until 5400 then linear to 0",
            infinite,
        ),
        (
            "(warmup(200) then cosine for 3000) until 1700"
            " then (base / 2 * (1 + pi * (6000 * run_progress - 1700) / 1500) ** -0.5) until 90% then linear to 0",
            infinite,
        ),
        (
            "warmup(200) then cosine(duration=3000) until 1700 then inv_sqrt(1500 / pi) until 90% then linear to 0",
            infinite,
        ),
        (
            "base * (run_step ** 2 / 7500 ** 2 + 1) ** -0.25 * (floor(epoch) ** 2 / 3.5 ** 2 + 1) ** -0.25"
            " * (warmup(500, 0.5, 1) then 1)",
            eden,
        ),
        ("warmup(100) then min(0.02, 4 * 1024 * tokens ** -0.51)", power),
    ],
)
def test_schedules_that_people_use(text: str, meant: Any) -> None:
    lr = parse(text).bind(6000, base=8e-4, steps_per_epoch=312.6, tokens_per_step=2**22)
    for step in range(6000):
        assert lr(step) == pytest.approx(meant(step), rel=1e-11, abs=1e-18), step


def test_a_billion_copies() -> None:
    """Copies that show the run's clock are laid out where they lie, when they are asked for."""
    lr = parse("((cosine(1, 0) + run_step) for 10 repeat)").bind()
    for step in (0, 7, 12_345_678_905, 10**15 + 3):
        assert lr(step) == lr.walk(step) == pytest.approx((1 + math.cos(math.pi * (step % 10) / 10)) / 2 + step)
    inside = parse("((cosine(1, 0) + run_step) over 10 repeat)").bind()
    assert "walk" not in inside.source
    assert inside(10**15 + 3) == inside(3)


REFUSED = {
    "cosine(epoch, 0)": "E315",
    "linear(0, 1, ease=run_progress)": "E315",
    "cosine every epoch": "E302",
    "hold for 2 * epoch then 1": "E302",
    "epoch where epoch = 3": "E207",
    "run_step(3)": "E201",
    "epoch": "E401",
    "samples + tokens": "E401",
    "run_progress": "E401",
}


@pytest.mark.parametrize(("text", "code"), REFUSED.items())
def test_refused(text: str, code: str) -> None:
    assert codes(lambda: parse(text).bind())[0] == code


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cosine every epoch", "cosine every 1 epoch"),
        ("hold for 2 * epoch then 1", "hold for 2 epochs then 1"),
        ("hold until 5k * samples then 1", "hold until 5k samples then 1"),
        ("hold for tokens * 2M + 3 then 1", "hold for 2M tokens + 3 then 1"),
        ("warmup(epoch) then cosine", "warmup(1 epoch) then cosine"),
        ("step_fixed(0.1, [30 * epoch, 60ep])", "step_fixed(0.1, [30 epochs, 60ep])"),
    ],
)
def test_amounts_are_shown(text: str, shown: str) -> None:
    assert [each.example for each in refused(parse, text).diagnostics] == [shown]


def test_parameters_of_these_names() -> None:
    """They were parameters; whoever gives one is told what it means now."""
    with pytest.raises(ScheduleError, match="in a text `epoch` is how many epochs of the run"):
        parse("cosine * 0.9 ** epoch").bind(10, steps_per_epoch=2, epoch=3)
    with pytest.raises(ScheduleError, match="did you mean `tokens_per_step`"):
        parse("cosine").bind(10, tokens=3)
