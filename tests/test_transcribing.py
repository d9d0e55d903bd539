"""Transcribing: values in, one line out, equal at every step."""

from fractions import Fraction

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedlang import parse
from schedlang._transfer.transcribing.checking import Checker, walked
from schedlang._transfer.transcribing.costs import cost
from schedlang._transfer.transcribing.curves import FAMILIES
from schedlang._transfer.transcribing.finding import Found, find
from schedlang._transfer.transcribing.fitting import refine
from schedlang._transfer.transcribing.numbers import Writer
from schedlang._transfer.transcribing.task import Task, Work


def table(text: str, total: int, **run: float) -> Task:
    values = numpy.asarray(parse(text).bind(total, **run).values())
    base = run.pop("base", None)
    return Task(values, total, rates=run, base=base)


def found(text: str, total: int, **run: float) -> str:
    return find(table(text, total, **run)).exact[0].text


SAME = [
    ("cosine(0.04, 0.4)", 5000, {}),
    ("cosine(6e-4, 6e-5, inclusive=both)", 1000, {}),
    ("linear(0.1, 0, inclusive=right)", 1000, {}),
    ("interval(0.973, every=2ep)", 12000, {"steps_per_epoch": 20, "base": 0.064}),
    ("linear(0, 0.2) every 1ep", 12000, {"steps_per_epoch": 20}),
    ("warmup(5%) then cosine", 999, {"base": 3e-4}),
    ("warmup(100) then hold until 8000 then linear", 10_000, {"base": 0.1}),
    ("warmup(10ep) then inv_sqrt(10ep)", 20_000, {"steps_per_epoch": 100, "base": 0.1}),
    ("warmup(100) then base * (1 + step / 200) ** -0.51", 5000, {"base": 2e-3}),
]


@pytest.mark.parametrize(("text", "total", "run"), SAME)
def test_the_text_itself_comes_back_or_one_that_is_as_short(text: str, total: int, run: dict[str, float]) -> None:
    assert cost(found(text, total, **run)) <= 1.25 * cost(text)


SHAPES = st.sampled_from(
    [
        "warmup({w}) then cosine({p}, {q})",
        "warmup({w}, inclusive=neither) then linear({p}, {q})",
        "linear({q}, {p}) for {w} then {p} until 700 then linear({p}, 0)",
        "{p} for {w} then exponential({p}, {q})",
        "step_fixed(0.1, [{w}, 500, 900], start={p})",
        "cosine({p}, {q}) for {w} repeat",
        "interval(0.7, every={w}, start={p})",
        "warmup({w}) then one_minus_sqrt({p}, {q})",
        "(linear({p}, {q})) every 25",
        "warmup({w}) then inv_sqrt({w}, start={p})",
    ]
)


@settings(max_examples=5, deadline=None)
@given(SHAPES, st.integers(20, 300), st.integers(1, 99), st.integers(2, 50))
def test_common_shapes_are_exact(shape: str, length: int, high: int, part: int) -> None:
    text = shape.format(w=length, p=high / 1000, q=high / 1000 / part)
    task = table(text, 1000)
    best = find(task).exact[0]
    assert walked(task, best.text, task.steps)


def test_each_answer_is_equal_to_the_walk() -> None:
    task = Task(numpy.array([3e-4 * min(1, (step + 1) / 50) * 0.5 ** (step // 100) for step in range(600)]), 600)
    for each in find(task).exact:
        assert walked(task, each.text, task.steps)


@settings(max_examples=2, deadline=None)
@given(st.integers(0, 399), st.sampled_from([1e-6, -1e-6, 1e-3]))
def test_a_disturbed_value_is_never_passed_over(place: int, change: float) -> None:
    """What is called exact has the disturbed value, too, and the plain line is told with the step that is odd."""
    task = table("warmup(40) then cosine(1e-3, 1e-4)", 400)
    values = task.values.copy()
    values[place] = (values[place] or 1e-3) * (1 + change)
    disturbed = Task(values, 400)
    answer = find(disturbed, Work(1e6))
    for each in answer.exact:
        got = disturbed.bind(each.text).values(0, 400)
        assert (abs(got - values) <= disturbed.allowed()).all()
    if answer.odd is not None and answer.odd.wrong == 1:
        assert answer.odd.worst_step == place


def test_an_odd_step_is_told() -> None:
    values = numpy.linspace(1, 0.5, 100)
    values[26] *= 1.000001
    odd = find(Task(values, 100)).odd
    assert odd is not None and (odd.wrong, odd.worst_step, odd.exact) == (1, 26, False)


def test_work_decides_and_not_time() -> None:
    """The same work gives the same answer, and too little of it none at all."""
    task = table("warmup(50) then cosine(1e-3, 1e-5)", 500)
    first, second = Work(), Work()
    assert find(task, first) == find(task, second)
    assert first.left == second.left
    assert find(task, Work(1000)) == Found(())


def test_base_is_referred_to_only_if_it_is_told() -> None:
    assert "hold" not in found("1 for 300 then cosine(1, 0)", 1000)
    assert found("1 for 300 then cosine(1, 0)", 1000, base=1.0) == "hold for 300 then cosine"


def test_a_warm_up_of_a_whole_curve_is_a_product() -> None:
    text = "cosine(1e-3, 0) * (warmup(30, end=1) then hold)"
    assert found(text, 300) == "cosine(1e-3, 0) * warmup(30, end=1)"


def test_the_first_step_may_be_another_one() -> None:
    """What is before the first value is unknown, and steps are those of the run."""
    bound = parse("warmup(100) then cosine(1e-3, 0)").bind(1000)
    task = Task(numpy.asarray(bound.values(1, 1000)), 1000, first_step=1)
    text = find(task).exact[0].text
    assert walked(task, text, task.steps)
    assert "1000" not in text and "99" not in text


@pytest.mark.parametrize("text", ["warmup(100) then cosine(1, 0)", "1 / (step + 40)"])
def test_a_log_may_begin_in_the_middle_of_a_curve(text: str) -> None:
    bound = parse(text).bind(1000)
    task = Task(numpy.asarray(bound.values(200, 1000)), 1000, first_step=200)
    assert walked(task, find(task).exact[0].text, task.steps)


def test_single_precision_is_told() -> None:
    """Values of float32 are no line to 1e-9, and are one to 1e-6."""
    task = table("warmup(100) then cosine(1e-3, 1e-5)", 1000)
    single = task.values.astype(numpy.float32).astype(float)
    text = find(Task(single, 1000, single=True)).exact[0].text
    assert max(abs(task.bind(text).values(0, 1000) - task.values)) <= 1e-6 * 1e-3
    assert all(sum(map(str.isdigit, number)) < 7 for number in text.split(","))


def test_tails_are_right_relatively() -> None:
    """A text is not exact if what is small is wrong, however little that is beside the largest value."""
    values = numpy.array([0.5 ** (step / 10) for step in range(365)])
    task = Task(values, 365)
    text = find(task).exact[0].text
    got = task.bind(text).values(0, 365)
    assert (abs(got - values) <= 1e-6 * values).all()


def test_a_small_value_that_is_off_alone_is_not_passed_over() -> None:
    """Of float32 2e-6 of it are less than the last digits of the largest; what all around it lost is none."""

    def wrong(values: numpy.ndarray) -> int:
        candidate = Checker(Task(values.astype(float), 200, single=True), Work()).check("cosine(1e-3, 0)")
        assert candidate is not None
        return candidate.wrong

    added = 5e-4 * (1 + numpy.cos(numpy.float32(numpy.pi) * numpy.arange(200, dtype=numpy.float32) / 200))
    rounded = numpy.asarray(parse("cosine(1e-3, 0)").bind(200).values(), dtype=numpy.float32)
    disturbed = rounded.astype(float)
    disturbed[190] *= 1 + 2e-6
    assert abs(added[190:] / rounded[190:] - 1).max() > 1e-6
    assert (wrong(added), wrong(rounded), wrong(disturbed)) == (0, 0, 1)


def test_a_sine_is_one_line() -> None:
    task = Task(0.1 * numpy.sin(numpy.arange(500) / 25), 500)
    assert find(task, Work(1e5)).exact[0].text == "0.1 * sin(20 * progress)"


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("1e-4 + ((warmup(20, end=0.0099) then linear for 20) repeat scale 0.5)", 110),
        ("warmup(10, end=3e-4) then cosine(3e-4, 0) for 110 / 3 repeat", 120),
        ("cosine(0.05, 0) for 34 repeat 4 scale 0.5", 139),
        ("warmup(3) then cosine(6e-5, 0) for 20 repeat", 80),
    ],
)
def test_copies_are_written_once(text: str, total: int) -> None:
    assert found(text, total) == text


def test_a_repeat_has_two_whole_copies() -> None:
    """One copy and a bit of the next are no repeat."""
    values = numpy.concatenate([numpy.zeros(19), [2.5e-7], numpy.zeros(10)])
    assert not any("repeat" in each.text for each in find(Task(values, 30)).exact)


def test_noise_is_no_curve() -> None:
    values = numpy.random.default_rng(0).random(200)
    assert find(Task(values, 200), Work(3e5)).exact == ()


@pytest.mark.parametrize("family", list(FAMILIES[1:]))
def test_each_family_finds_its_own_numbers(family: type) -> None:
    """From values of a formula its numbers are found again, to what rounding leaves of them."""
    numbers = {
        "Line": (1.0, -0.001),
        "Exponential": (1.0, -0.01),
        "OffsetExponential": (0.1, 0.9, -0.01),
        "Wave": (0.5, 0.3, 0.1, 0.005),
        "Power": (0.1, 2.0, 30.0, -0.51),
        "Backwards": (0.1, 1e-4, 700.0, 1.5),
        "Root": (3.0, 40.0),
        "Hyperbola": (0.2, 5.0, 20.0),
        "Parabola": (1.0, -1e-3, 1e-6),
        "Logistic": (0.0, 2.0, 200.0, 40.0),
        "Gaussian": (0.0, 0.002, -1e-5),
        "ExponentialOfPower": (0.1, -14.0, 1.0, -1.0),
        "EasedCosine": (1.0, 0.0, 500.0, 1.5),
    }[family.__name__]
    at = numpy.arange(500.0)
    values = family.value(numbers, at)
    allowed = numpy.full(500, 1e-13 * abs(values).max())
    fitted = family.fit(at, values, allowed, Work())
    assert fitted is not None and fitted.holds(at, values, allowed)


def test_refining_ends_at_the_numbers() -> None:
    at = numpy.arange(50.0)
    values = 3 * numpy.exp(-0.1 * at)
    numbers = refine(lambda n, k: n[0] * numpy.exp(n[1] * k), (2.0, -0.12), at, values)
    assert numbers == pytest.approx((3, -0.1), rel=1e-12)


@pytest.mark.parametrize(
    ("steps", "place", "text"),
    [
        (500, False, "25ep"),
        (151, False, "151"),
        (19_501, True, "100% - 499"),
        (20_000, True, "100%"),
        (1000, False, "50ep"),
    ],
)
def test_times_are_written_as_people_would(steps: int, place: bool, text: str) -> None:
    writer = Writer(Task(numpy.zeros(1000), 20_000, rates={"steps_per_epoch": 20}))
    assert writer.time(Fraction(steps), place) == text


@pytest.mark.parametrize("total", [30_000, 100_000])
@pytest.mark.parametrize("power", [0.9, 3])
def test_long_powers(total: int, power: float) -> None:
    """Of a long table the first values are on plainer curves, too, which end smoothly."""
    steps = numpy.arange(total)
    texts = [each.text for each in find(Task(1e-3 * (1 - steps / total) ** power, total)).exact]
    assert texts[0] in {f"poly(1e-3, 0{length}, power={power})" for length in ("", f", {total}")}


def test_a_decay_that_is_over_soon() -> None:
    """What is seen of it is in the first few of many values."""
    values = 1 - 0.1 ** numpy.arange(1.0, 1001.0)
    assert find(Task(values, 1000)).exact[0].text == "1 + exponential_decay(0.1, start=-0.1)"


def test_round_numbers_are_short_however_long() -> None:
    """`800000` is one digit: a text with it is found at once, and nothing else is tried."""
    steps = numpy.arange(1_000_000)
    work = Work()
    left = work.left
    values = 3e-4 * numpy.minimum(1, (1_000_000 - steps) / 200_000)
    assert find(Task(values, 1_000_000), work).exact[0].text == "3e-4 for 800000 then linear"
    assert left - work.left < 5e6
