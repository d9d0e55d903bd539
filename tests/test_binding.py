"""Binding and evaluation: what the issue of the language promises, example by example, and what binding refuses."""

import itertools
import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import attrs
import numpy
import pytest
from helpers import codes, printed, refused, told, work

from schedlang import Run, Schedule, ScheduleError, ScheduleSet, cosine, evaluate, keyframes, parse
from schedlang._bound.bind import bind
from schedlang._bound.bound import WALKED
from schedlang._language.nodes.scalars import VARIABLES
from schedlang._text.grammar import LANGUAGE
from schedlang._text.limits import DIGITS
from schedlang._text.run import RATES, SETTINGS, TOLD, UNITS, as_rational


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
    for start in ("3 - linear(0, 1)", "3 - linear(0, 1, inclusive=exact)"):  # also where that is between two steps
        assert parse(f"warmup(1ep) then {start}").bind(40, steps_per_epoch=7.5)(4) == 1.5
    sampled = parse("warmup(2.3 steps) then warmup(1) every 2.4 steps then 4").bind(10)  # shows 2.8 first, at step 3
    assert sampled(1) == pytest.approx(2.8 / 2.3)


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

    bound.values(0, 100)  # compiled
    for ask in (bound, bound.walk):
        near = work(lambda ask=ask: [ask(step) for step in range(300)])
        far = work(lambda ask=ask: [ask(step) for step in range(10**12, 10**12 + 300)])
        assert far < 2 * near


def test_every_unit() -> None:
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


@pytest.mark.parametrize(
    ("text", "stop"),
    [
        ("1 for n + 10% then 2", 3),
        ("1 for n * 10% then 2", 2),
        ("1 for 40% / n then 2", 2),
        ("hold until 100% - n then 2", 8),
        ("1 for max(n, 5%) then 2", 2),
        ("1 for n + 4 samples then 2", 3),
        ("1 for w then 2 where w = n + 1ep", 4),
        ("1 for n + x then 2 where x = 3 steps", 5),
        ("warmup(n + 10%, end=2) then 2", 3),
    ],
)
def test_parameters_beside_durations(text: str, stop: int) -> None:
    """A parameter calculates with lengths of time that have a unit, as a number or a length in its place would."""
    bound = parse(text).bind(10, steps_per_epoch=2, samples_per_step=8, n=2)
    assert next(step for step in range(10) if bound(step) == 2) == stop
    assert codes(lambda: parse(text).bind(10, steps_per_epoch=2, samples_per_step=8)) == ["E402"]


def test_names_of_the_run_for_parameters() -> None:
    """`self` is a name like any other."""
    assert parse("self * 2").bind(self=3)(0) == 6


REFUSED = told("unbound.txt")


@pytest.mark.parametrize(("text", "run", "lines"), REFUSED, ids=[f"{text}, {run}" for text, run, _ in REFUSED])
def test_refused(text: str, run: dict[str, Any], lines: list[str]) -> None:
    """What is wrong with a run is told with a code and a hint."""
    first, *_ = refused(lambda: parse(text).bind(**run)).diagnostics
    assert [first.code] == lines
    assert first.hint


MISSING: dict[str, tuple[str, list[str]]] = {
    "units": ("warmup(5%) then hold for 3ep then hold for 2 tok", ["`5%`", "`3ep`", "`2 tok`"]),
    "definitions": ("warmup(a) then hold for b then 1 where a = 5%, b = 3ep", ["`5%`", "`3ep`"]),
    "fraction": ("warmup(0.05) then hold for 3ep then 1", ["`0.05`", "`3ep`"]),
    "inside-a-clause": ("(hold for 5%) skip 3ep", ["`5%`", "`3ep`"]),
    "share-of-a-window": ("(hold for 5%) over 3ep", ["`3ep`"]),
    "parameters": ("cosine(a, b)", ["`a`", "`b`"]),
}


@pytest.mark.parametrize(("text", "missing"), MISSING.values(), ids=MISSING)
def test_all_missing_at_once(text: str, missing: list[str]) -> None:
    """Everything that the run does not say is told in one go."""
    messages = [problem.message for problem in refused(lambda: parse(text).bind()).diagnostics]
    assert len(messages) == len(missing)
    assert all(each in message for each, message in zip(missing, messages, strict=True))


@pytest.mark.parametrize("step", [-1, 1.5, "3", None, True, float("nan"), float("inf"), [1]])
def test_no_step(step: Any) -> None:
    assert codes(lambda: parse("cosine").bind(10)(step))[0] == "E407"


@pytest.mark.parametrize("step", [3, 3.0, numpy.int32(3), numpy.uint64(3), numpy.float64(3.0)])
def test_steps_of_all_kinds(step: Any) -> None:
    assert parse("linear(10, 0)").bind(10)(step) == 7


def test_overflow_names_the_first_step() -> None:
    """A value that leaves the floats is found at binding, at the first step where it does."""
    caught = refused(lambda: parse("warmup(5) then interval(10, every=1, start=1)").bind(10**6))
    assert caught.diagnostics[0].message == "no finite value at step 314: the value overflows"
    assert caught.diagnostics[0].span is not None


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


WITHOUT_NUMPY = """
import sys
sys.modules["numpy"] = None
from schedlang import ScheduleError, parse
bound = parse("linear(2, 0)").bind(2)
print(bound.values(), bound.at([1, 0]))
print(bound.bake().typecode, bound.bake("float32").typecode, bound.at([1], "float32"))
print(bound.bake().tolist(), bound.values(0, 5, 2).tolist(), bound.at((0, 9)).tolist())
for bad in ("int32", "f4", [1], int):
    try:
        bound.bake(bad)
    except ScheduleError as error:
        print(error.diagnostics[0].code)
"""


def test_without_numpy() -> None:
    """Values and tables are arrays of doubles, there are two dtypes, and steps may be any numbers."""
    assert printed("-c", WITHOUT_NUMPY).splitlines() == [
        "array('d', [2.0, 1.0]) array('d', [1.0, 2.0])",
        "d f array('f', [1.0])",
        "[2.0, 1.0, 0.0] [2.0, 0.0, 0.0] [2.0, 0.0]",
        *["E413"] * 4,
    ]


def test_evaluate() -> None:
    """The plain walk: from a text and a run to the value at one step."""
    assert evaluate("warmup(w) then cosine", 5, 100, base=2, w=10) == 1.0
    assert evaluate(parse("linear(1, 0)"), 1, total_steps="2ep", steps_per_epoch=2) == 0.75


def test_numbers_for_text() -> None:
    """What YAML makes of a number is a constant."""
    assert [parse(value).bind()(7) for value in (3e-4, 1, -2, "3e-4")] == [3e-4, 1, -2, 3e-4]
    for wrong, code in ((None, "E109"), (True, "E109"), ([1], "E109"), (float("nan"), "E313")):
        caught = refused(parse, wrong)  # type: ignore[arg-type]
        assert caught.diagnostics[0].code == code
    for mapping, hint in (({"lr": "cosine"}, "ScheduleSet"), ({"kind": "x.LinearSchedule"}, "from_noether")):
        assert hint in str(refused(parse, mapping))  # type: ignore[arg-type]


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


@pytest.mark.slow
@pytest.mark.parametrize(("text", "around"), NESTED.values(), ids=NESTED)
def test_nested_repeats_are_bounded(text: str, around: str) -> None:
    """Thirty levels of `repeat` bind and have a table, or are too many phases: nothing doubles with every level."""
    for _ in range(30):
        text = around.format(text)
    found = None
    try:
        assert parse(text).bind(100_000).phases  # doubling would take longer than the universe has
    except ScheduleError as error:
        found = error.diagnostics[0].code
    assert found in (None, "E408")


def test_looks_ahead_pass_each_phase_once() -> None:
    """What many warm-ups without a length look at is looked at once: nothing is quadratic in their number."""
    for text in ("warmup(0) then hold for 0", "(warmup(0) then hold for 0)", "warmup(0) then 2 for 1 then hold for 0"):
        few, many = (work(parse(" then ".join([text] * count)).bind) for count in (10, 40))
        assert many < 5 * few


COPIES = [
    ("hold for 7 repeat", 10**12),
    ("hold over 33.3% for 7 repeat", 10**12),
    ("step_fixed(0, [100% / 3]) over 10 repeat", 10**12),
    ("(interval(0, every=10%) over 1 repeat)", 10**9),
    ("interval(1, every=2) over 1 tok repeat", 101),
    ("interval(1, every=2) over 1 tok repeat", 24),
]


@pytest.mark.parametrize(("text", "total"), COPIES)
def test_copies_are_counted_before_they_are_made(text: str, total: int) -> None:
    """The run and the body tell how many there are: none is laid out where there are too many."""
    schedule = parse(text)
    assert work(lambda: codes(schedule.bind, total, tokens_per_step=4096) == ["E408"]) < 10_000


@pytest.mark.slow
def test_a_limit_is_told_where_it_is_reached() -> None:
    """Not at the phase that what is too large hands its value to."""
    text = "((1 for 1 then (hold + 1) for 1 repeat) for 1000 repeat stretch 2) for 300000 then 7 * hold"
    (problem,) = refused(lambda: parse(text).bind(400_000)).diagnostics
    assert problem.code == "E408"
    assert problem.span is not None
    assert problem.span.start < text.index("repeat")


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
        assert len(str(refused(call))) < 400


def library(text: str) -> Any:
    """What a line of the table says, of NumPy, torch or JAX."""
    names = {"np": "numpy", "torch": "torch", "jnp": "jax.numpy"}
    return eval(text, {name: pytest.importorskip(of) for name, of in names.items() if f"{name}." in text} | NUMBERS)


NUMBERS = {"Fraction": Fraction, "Decimal": Decimal}

_FIVE = "5|5.0|Fraction(5)|Decimal(5)|np.int64(5)|np.uint8(5)|np.float32(5)|np.array(5)|np.array(5.0)"
_TENTH = "0.1|Fraction(1, 10)|Decimal('0.1')|np.float64(0.1)|np.float32(0.1)|np.float16(0.1)|np.array(0.1, np.float32)"
TAKEN = {
    5: [*_FIVE.split("|"), "torch.tensor(5)", "torch.tensor(5.0)", "jnp.int32(5)"],
    0.1: [*_TENTH.split("|"), "torch.tensor(0.1)", "torch.tensor(0.1, dtype=torch.bfloat16)", "jnp.float32(0.1)"],
}
"""What stands for a number: a float, of whatever precision, for the decimal that it prints as."""

NOT_TAKEN = ["True", "np.True_", "np.array(True)", "torch.tensor(True)", "jnp.bool_(True)", "'5'", "b'5'", "5j"]
NOT_TAKEN += ["np.array([5])", "np.array([[5]])", "torch.tensor([5])", "jnp.array([5])", "[5]", "np.str_('5')"]
NOT_TAKEN += ["float('nan')", "float('inf')", "np.float32('nan')", "torch.tensor(float('inf'))", "object()"]

WANTED: dict[str, Callable[[Any], Any]] = {
    "steps_per_epoch": lambda number: parse("cosine").bind(9, steps_per_epoch=number).run.steps_per_epoch,
    "tokens_per_step": lambda number: parse("cosine").bind(9, tokens_per_step=number).run.tokens_per_step,
    "base": lambda number: parse("cosine").bind(9, base=number)(0),
    "parameter": lambda number: parse("2 * w").bind(9, w=number)(0) / 2,
    "argument": lambda number: cosine(number, 0).bind(9)(0),
    "key": lambda number: keyframes((number, 0), (7, 9)).bind(9)(0),
    "total_steps": lambda number: parse("cosine").bind(number).total_steps,
    "total_timesteps": lambda number: pytest.importorskip("schedlang.stable_baselines3").Schedule("1", number)._total,
    "set": lambda number: ScheduleSet({"lr": "hold"}).bind(9, base=number)["lr"](0),
    "call": lambda number: parse("step").bind(9)(number),
    "walk": lambda number: parse("step").bind(9).walk(number),
    "why": lambda number: parse("step").bind(9).why(number).value,
    "at": lambda number: parse("step").bind(9).at(number),
    "start": lambda number: parse("step").bind(9).values(number, 6)[0],
    "stop": lambda number: len(parse("step").bind(9).values(0, number)),
    "distance": lambda number: parse("step").bind(9).values(0, 9, number)[1],
}
"""All places in which a number can be given."""

WHOLE = ("total_steps", "total_timesteps", "call", "walk", "why", "at", "start", "stop", "distance")
READ = ("parameter", "argument", "key", "total_steps", "tokens_per_step")
"""Where a text is no number, but read."""

OF_A_LIBRARY = ("call", "at")
"""Where an array or a tensor is asked for all its steps, which then have to be integers."""


@pytest.mark.frameworks
@pytest.mark.parametrize("place", WANTED)
def test_what_a_number_is(place: str) -> None:
    """One rule for all places: what has no dimensions and holds a number, other than true and false, is one."""
    for number, texts in TAKEN.items():
        for text in texts:
            if (number == 5 or place not in WHOLE) and not (place in OF_A_LIBRARY and text == "torch.tensor(5.0)"):
                assert float(WANTED[place](library(text))) == number, text
            else:
                refused(WANTED[place], library(text))
    for text in NOT_TAKEN:
        read = place in READ and text in ("'5'", "np.str_('5')")
        asked = place in OF_A_LIBRARY and "[5]" in text and (place == "at" or "np.array" not in text.replace("jnp", ""))
        if not read and not asked:
            refused(WANTED[place], library(text))


def test_what_a_copy_is_handed_may_be_wrong_where_nobody_sees_it() -> None:
    """A ramp of no length shows nothing but its end: where it begins is of no matter, in values and in the table."""
    bound = parse("-1 for 0% then exponential(end=1, duration=0%) for max(0%, 1%) repeat 3").bind(1)
    assert [bound(step) for step in range(3)] == [1, 1, 1]
    assert [(row.first, row.stop, row.end) for row in bound.phases] == [(0, 1, 1.0)]


RATIONALS: list[tuple[Any, Fraction | None]] = [
    (10**17 + 1, Fraction(10**17 + 1)),
    (Fraction(1, 3), Fraction(1, 3)),
    (0.1, Fraction(1, 10)),
    (Decimal("0.3"), Fraction(3, 10)),
    (numpy.float32(0.5), Fraction(1, 2)),
    (numpy.float64(0.1), Fraction(1, 10)),
    (numpy.array([7]), None),
    (numpy.array(7), Fraction(7)),
    (numpy.array(2.5), Fraction(5, 2)),
    (SimpleNamespace(item=lambda: 2.5), None),
    (numpy.array([7, 8]), None),
    (numpy.array([]), None),
    (numpy.array(["7"]), None),
    (numpy.array([[None]]), None),
    (10**DIGITS - 1, Fraction(10**DIGITS - 1)),
    (10**DIGITS, None),
    (1 - 10**DIGITS, Fraction(1 - 10**DIGITS)),
    (-(10**DIGITS), None),
    (Decimal(f"1e{DIGITS}"), Fraction(10**DIGITS)),
    (Decimal(f"1e{DIGITS + 1}"), None),
    (Decimal(f"1e-{DIGITS}"), Fraction(1, 10**DIGITS)),
    (Decimal(f"1e-{DIGITS + 1}"), None),
    (Decimal("1" * DIGITS), Fraction(int("1" * DIGITS))),
    (Decimal("1" + "." + "1" * DIGITS), None),
    (Decimal("Infinity"), None),
    (Decimal("NaN"), None),
    (float("inf"), None),
    (True, None),
    ("1", None),
    ([1], None),
]


@pytest.mark.parametrize(("value", "rational"), RATIONALS, ids=range(len(RATIONALS)))
def test_numbers_of_the_host_are_exact(value: Any, rational: Fraction | None) -> None:
    """A Python number is the rational that it is, or is printed as, up to the limit on digits."""
    assert as_rational(value) == rational


def test_a_run_by_itself() -> None:
    """What is not told of a run is not known, and before the first phase the value is 1."""
    run = Run()
    assert (run.total_steps, run.steps_per_epoch, run.samples_per_step, run.tokens_per_step) == (None,) * 4
    assert run.base == 1.0
    assert {unit.steps(run) for unit in UNITS.values() if unit.needs is not None} == {None}
    assert Run(base=10**400 // 10**390).base == 1e10


LENGTHS: dict[str, tuple[Any, Fraction]] = {
    "half-an-epoch": ("2.5ep", Fraction(5, 2)),
    "one": (1, Fraction(1)),
    "sum": ("1ep + 3", Fraction(4)),
    "samples": ("20 samples", Fraction(5, 2)),
    "whole-samples": ("24 samples", Fraction(3)),
    "steps": ("7 steps / 2", Fraction(7, 2)),
}


@pytest.mark.parametrize(("total", "steps"), LENGTHS.values(), ids=LENGTHS)
def test_lengths_of_runs(total: Any, steps: Fraction) -> None:
    """The length of a run is exact; its last step is the first past it, and a pickle has the same."""
    bound = parse("linear(1, 0)").bind(total, steps_per_epoch=1, samples_per_step=8)
    assert bound.run.total_steps == steps
    assert bound.total_steps == -(-steps // 1)
    again = pickle.loads(pickle.dumps(bound))
    assert again.run == bound.run
    assert [again(step) for step in range(5)] == [bound(step) for step in range(5)]


def test_runs_whose_ends_differ() -> None:
    """Equally long, and yet not the same: one ends between two steps, the other at the step behind it."""
    run = {"steps_per_epoch": 1, "samples_per_step": 8}
    one, other = (parse("linear(1, 0)").bind(total, **run).run for total in ("20 samples", "2.5ep"))
    assert one.total_steps == other.total_steps
    assert one != other


def test_pickle_of_another_language() -> None:
    """What another version of the language pickled is warned of; it may lack fields that nodes have by now."""
    bound = parse("linear(1, 0) for 5 then hold").bind(10)
    make, (schedule, run, params, language, _) = bound.__reduce__()
    assert language == LANGUAGE
    ramp = pickle.loads(pickle.dumps(schedule)).phases[0].body
    assert isinstance(ramp, Schedule)
    object.__delattr__(ramp, "ease")
    with pytest.warns(UserWarning, match=r"`linear\(1, 0\)` is of language 0\.1"):
        again = make(ramp, run, params)
    assert [again(step) for step in range(11)] == [parse("linear(1, 0)").bind(10)(step) for step in range(11)]


def test_pickle_without_a_length() -> None:
    assert pickle.loads(pickle.dumps(parse("step").bind(base=2))).run == Run(base=2)


def test_the_walk_is_asked_first() -> None:
    """The first steps are walked, so that asking a few times compiles nothing; then the function takes over."""
    bound = parse("linear(64, 0)").bind(64)
    assert [bound(step) for step in range(WALKED)] == list(range(64, 0, -1))
    assert "_compiled" not in bound.__dict__
    assert bound(64) == 0
    assert "_compiled" in bound.__dict__
    assert [bound(step) for step in range(WALKED)] == list(range(64, 0, -1))


def test_arrays_of_all_kinds() -> None:
    """Integers of every width are steps; a dtype is what it says; ragged lists are none."""
    bound = parse("linear(10, 0)").bind(10)
    for dtype in (numpy.int8, numpy.uint8, numpy.uint16, numpy.int32, numpy.uint32, numpy.int64, numpy.uint64):
        assert bound.at(numpy.array([3, 9, 200 % 128], dtype=dtype)).tolist() == [7, 1, 0], dtype
    assert bound.at(numpy.array([2**64 - 1], dtype=numpy.uint64)).tolist() == [0]
    assert bound.at([3.0, 4.0]).tolist() == [7, 6]
    assert bound.at([1], dtype=numpy.float32).dtype == numpy.float32
    steps = numpy.array([5, 2])
    assert bound.at(steps).tolist() == [5, 8]
    assert steps.tolist() == [5, 2]
    with pytest.raises(ScheduleError, match="E407"):
        bound.at([[1], [2, 3]])


def test_ranges() -> None:
    """Ranges as Python's: with a distance, beyond the end, empty, from the end on."""
    bound = parse("linear(10, 0)").bind(10)
    assert bound.values(step=4).tolist() == [10, 6, 2]
    assert bound.values(8, 13).tolist() == [2, 1, 0, 0, 0]
    assert bound.values(8, 13, 3).tolist() == [2, 0]
    assert bound.values(stop=1).tolist() == [10]
    assert bound.values(stop=0).tolist() == []
    assert bound.values(9, 5, 2).tolist() == []
    assert bound.values(0, 3, 10**30).tolist() == [10]
    assert parse("0.1").bind().values(stop=2).tolist() == [0.1, 0.1]
    with pytest.raises(ScheduleError, match="E407"):
        bound.values(step=0.5)


def test_asking_uses_nothing_up() -> None:
    """Copies that are laid out when they are asked for don't count towards the limit on phases together."""
    bound = parse(f"values([{', '.join(['1'] * 2000)}]) for 2000 repeat stretch 2").bind()
    for _ in range(7):
        for index in range(200):
            assert bound.walk(2000 * (2**index - 1)) == 1


def test_warmups_look_through_warmups() -> None:
    """A warm-up without a length, in a phase that has one, shows its end at once: where what follows it begins."""
    bound = parse("warmup(3) then warmup(0) for 2 then 7 for 2 then 9").bind(10, base=3)
    assert [bound(step) for step in (0, 3, 4, 5, 7)] == [0, 7, 7, 7, 9]
    deep = parse("warmup(0) for 1 then " * 40 + "6 for 1 then 9").bind(100)
    assert [deep(step) for step in (0, 39, 40, 41)] == [6, 6, 6, 9]


@pytest.mark.slow
def test_many_names() -> None:
    """Aliases and expansions of definitions have a limit, and nothing is quadratic in the number of names."""
    aliases = ", ".join(f"a{i} = a{i - 1}" for i in range(1, 400))
    assert codes(parse, f"a399 where a0 = 1, {aliases}") == ["E106"]
    doubled = ", ".join(f"a{i} = (a{i - 1} every 2) + (a{i - 1} every 3)" for i in range(1, 41))
    assert codes(parse(f"a40 where a0 = cosine, {doubled}").bind, 1000) == ["E408"]
    calls = []
    for count in (50, 200):
        unused = f"1 where {', '.join(f'name{i} = 1' for i in range(count))}"
        missing = " + ".join(f"learningrate{i}" for i in range(count))
        given = {f"learningratx{i}": 1 for i in range(count)}
        calls.append(
            work(lambda unused=unused: refused(lambda: parse(unused)))
            + work(lambda missing=missing, given=given: refused(lambda: parse(missing).bind(9, **given)))
        )
    assert calls[1] < 8 * calls[0]


@pytest.mark.parametrize(
    ("given", "meant"), [("total", "total_steps"), ("total_step", "total_steps"), ("lr", "base"), ("bas", "base")]
)
def test_names_of_the_run_are_suggested(given: str, meant: str) -> None:
    """What others call it, and what is misspelt."""
    caught = refused(lambda: parse("cosine").bind(**{given: 10}))  # type: ignore[arg-type]
    assert f"did you mean `{meant}`?" in str(caught)


@pytest.mark.parametrize(("text", "meant"), [("0.9 ** epoc", "epoch"), ("run_steps", "run_step"), ("token", "tokens")])
def test_names_of_the_clock_are_suggested(text: str, meant: str) -> None:
    assert f"did you mean `{meant}`?" in str(refused(parse(text).bind, 10))


def test_numbers_that_no_float_holds() -> None:
    """They are told in few digits, and counted exactly."""
    assert "not 3.33333e+399" in str(refused(parse, "(0 for 10) repeat 10 ** 400 / 3"))
    bound = parse("keyframes(0 @ 0, 1 @ 10 ** 400)").bind()
    assert bound.values(0, 3).tolist() == bound.at([0, 1, 2]).tolist() == [bound(0), bound(1), bound(2)]
    explanation = parse("linear(0, 1) for 10 repeat 3 stretch 10 ** 400").bind(1000).explain()
    assert "e+400 times as long" in str(explanation)


def test_names_of_the_run_are_no_parameters() -> None:
    """Nobody is told to write what stands there."""
    caught = refused(bind, parse("cosine"), 9, params={"base": 3})
    assert "leave it out" in str(caught)
    assert "did you mean" not in str(caught)


def test_a_unit_is_declared_in_all_its_places() -> None:
    """Each field of a run can be asked for, each rate is one's unit, and the grammar takes each unit behind `5k`."""
    fields = tuple(field.name for field in attrs.fields(Run))
    assert tuple(SETTINGS) == fields[:-1] == ("total_steps", *TOLD, "base")
    assert fields[-1] == "grid"
    assert {unit.needs for unit in UNITS.values()} | {"samples_per_epoch"} == {None, "total_steps", *RATES}
    for word in UNITS:
        assert parse(f"1 for 5k{word} then 2") == parse(f"1 for 5000 {word} then 2")


@pytest.mark.parametrize("name", VARIABLES)
def test_names_of_the_language_are_told(name: str) -> None:
    """Whoever gives or defines what was a parameter in another version is told what it means now."""
    meaning = VARIABLES[name][1:].removesuffix(".")
    refusals = [
        refused(parse, f"2 * {name} where {name} = 3"),
        refused(parse("cosine").where, **{name: 3}),
        refused(ScheduleSet, {"lr": "cosine", "where": {name: 3}}),
        *([] if name in SETTINGS else [refused(parse(f"2 * {name}").bind, 10, **{name: 3})]),
    ]
    assert [each.diagnostics[0].code for each in refusals] == ["E207", "E207", "E604", "E403"][: len(refusals)]
    for each in refusals:
        hint = each.diagnostics[0].hint or ""
        assert f"`{name}` is" in hint and meaning in hint and f"`{name}_value`" in hint


def test_a_schedule_is_no_function() -> None:
    """Asked for a value before it is bound, it says so."""
    with pytest.raises(TypeError, match=r"before it meets a run: bind it first, `\.bind\(1000\)\(5\)`"):
        parse("cosine")(5)  # type: ignore[arg-type]
