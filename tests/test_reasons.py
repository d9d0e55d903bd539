"""Why a schedule has its value at a step: what is told is what is calculated."""

import math
from typing import Any, ClassVar

import pytest
from helpers import RUN, SECTION_1, bound_or_reject, codes, registered
from hypothesis import given
from hypothesis import strategies as st

from schedlang import Bound, Schedule, ScheduleError, parse
from schedlang.primitives import Ramp
from schedlang.reasons import literal, why
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
    assert found.piece and str(found)


@given(schedules(), runs(), st.integers(0, 200))
def test_told_is_calculated(schedule: Schedule, run: dict[str, Any], step: int) -> None:
    """For any schedule, run and step: the printed expression, evaluated by Python, is the value to the last bit."""
    assert_told(bound_or_reject(schedule, run), step)


@pytest.mark.parametrize("text", SECTION_1)
def test_told_is_calculated_for_the_front_page(text: str) -> None:
    bound = parse(text).bind(**RUN, base=3e-4)
    for step in (0, 1, 250, 499, 500, 1234, 4500, 9000, 23_999, 24_000, 29_999, 30_000, 10**9):
        assert_told(bound, step)


STARTS = {
    "base": ("cosine", "start = 1.0, which is `base`"),
    "the phase before": ("1 for 2 then linear to 0.5 for 2 then hold", "start = 0.5, handed on by `linear to 0.5`"),
    "the copy before": ("linear to 0.5 for 3 repeat 4", "start = 0.5, handed on by the copy before"),
    "nothing": ("cosine(1, 0)", None),
    "both operands": ("2 for 2 then cosine + linear", "start = 2.0, handed on by `2`"),
}


@pytest.mark.parametrize(("text", "note"), STARTS.values(), ids=STARTS)
def test_where_a_start_comes_from(text: str, note: str | None) -> None:
    """A value that was handed on is told, and by what."""
    assert parse(text).bind(10).why(4).reasons[0].note == note


def test_in_force() -> None:
    """The part in force, where it stands, and how far it has come."""
    text = "warmup(10%) then (cosine(1, 0) every 10) for 20 repeat 3 scale 0.5"
    found = parse(text).bind(100).why(47)
    assert (found.piece, found.local, found.length, found.held) == ("cosine(1, 0)", 10, 20, False)
    assert found.place is not None
    assert found.place.text == "cosine(1, 0)"
    assert found.notes == (
        "copy 2 of 3 (`(cosine(1, 0) every 10) for 20 repeat 3 scale 0.5`), since step 30",
        "sampled (`cosine(1, 0) every 10`): shows the value of step 40",
    )
    assert found.reasons[-1].expression == "0.5000000000000001 * 0.5"
    assert "  warmup(10%) then (cosine(1, 0) every 10)" in str(found)
    assert f"\n  {' ' * 18}{'^' * 12}\n" in str(found)


def test_after_the_end() -> None:
    """Behind the end the last value is held, and the part that it comes from is told."""
    found = parse("warmup(2) then linear(1, 0.5, 4)").bind(10).why(8)
    assert (found.piece, found.local, found.length, found.held) == ("linear(1, 0.5, 4)", 4, 4, True)
    assert (found.phase.shape, found.value, found.expression) == ("held", 0.5, "0.5")
    assert found.to_dict()["start"] == 15


@pytest.mark.parametrize("text", ["linear(1, 0) for 20 samples", "keyframes(1 @ 0, 0 @ 20 samples)"])
def test_held_from_between_two_steps(text: str) -> None:
    """What is held is told to be the value at the end, which is after 2.5 steps: no number of whole steps."""
    told = str(why(parse(text).bind(10, samples_per_step=8), 9))
    assert "\nthe part in force has ended: what it shows is the value at its end\n" in told


@pytest.mark.parametrize(
    ("formula", "told"), [("value(x) = e + (s - e)·(1 - x)", "value(x) = e + (s - e)·(1 - x), at x = 1/4"), ("", None)]
)
def test_formula(formula: str, told: str | None) -> None:
    """The formula is what the primitive declares, whatever its docstring says."""

    class Slide(Ramp):
        """v(x) = …

        value(x) = another one
        """

        name: ClassVar[str] = "slide"

        @staticmethod
        def at(k: Any, n: Any, xp: Any, *, start: Any, end: Any) -> Any:
            return end + (start - end) * ((n - k) / n)

    Slide.formula = formula
    with registered(Slide):
        assert parse("slide(1, 0)").bind(4).why(1).reasons[0].formula == told


def test_no_step() -> None:
    assert codes(lambda: parse("cosine").bind(10).why(-1)) == ["E407"]


def test_literal() -> None:
    """Numbers are written in short, and are the same floats."""
    for value in (1e-5, 3e-4, 0.1 + 0.2, 5e-324, 1.7976931348623157e308, 1e15, 12_000.0, -0.0, -2.5e-7, 123456.789):
        assert math.copysign(1, float(literal(value))) == math.copysign(1, value)
        assert float(literal(value)) == value
        assert isinstance(eval(literal(value)), float)


def test_carets_on_a_line_of_several() -> None:
    """Of a text on several lines the one is shown, by its number, in which the piece begins."""
    found = str(parse("warmup(5%)  # up\nthen cosine(1,\n  0)").bind(100).why(50))
    assert "\n2 | then cosine(1,\n         ^^^^^^^^^\n" in found
