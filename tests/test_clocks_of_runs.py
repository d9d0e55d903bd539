"""Runs that are asked for tokens, samples, epochs or seconds: the same texts on another axis."""

import pickle
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy
import pytest
from helpers import bound_or_reject, refused
from hypothesis import given, settings
from hypothesis import strategies as st
from test_compiling import assert_arrays_are_walked, assert_compiled_is_walked

from schedlang import ScheduleError, ScheduleSet, parse
from schedlang.differing import compare
from schedlang.pages import page
from schedlang.svg import draw

CLOCKS = ["tok", "samples", "ep", "s"]
RUN: dict[str, Any] = {"steps_per_epoch": 4, "samples_per_step": 8, "tokens_per_step": 7, "seconds_per_step": 0.35}
OF_STEP = {"tok": 7, "samples": 8, "ep": Fraction(1, 4), "s": Fraction(7, 20)}
STEPS = ["1", "4", "9 steps", "25%", "1ep", "0.5ep", "56 tok", "16 samples", "2.1 s", "max(20%, 3)", "2 * 5", "12 / 3"]
LEAVES = [
    *("hold", "2", "base", "step * 0.1", "run_step", "progress", "run_progress", "epoch", "sin(tokens / 5)"),
    *("linear(1, 0)", "cosine to 0.1", "warmup({a})", "interval(0.5, every={a})", "step_fixed(0.5, [{a}, {b}])"),
    *("exponential_decay(0.5, every={a})", "inv_sqrt({b})", "keyframes(1 @ {a}, 0 @ {b})", "values([3, 1, 2])"),
    *(f"linear(0, 1, inclusive={ends})" for ends in ("left", "both", "right", "neither", "exact")),
]
AROUND = [
    *(
        "{f}",
        "{f} then {g}",
        "{f} for {a} then {g}",
        "{f} until {b} then {g}",
        "({f} for {a}) repeat 3",
        "{f} every {a}",
    ),
    *("({f} for {a} then {g}) over {b}", "{f} skip {a}", "max({f}, {g})", "({f}) * ({g})", "warmup({a}) then {f}"),
    *("({f} for {a}) repeat 2 stretch 2 scale 0.5", "({f} for {a} repeat) for {b} then {g}"),
]


@st.composite
def texts(draw: st.DrawFn, times: list[str] = STEPS) -> str:
    """A text whose places are all at whole steps of a run of 40."""
    time = st.sampled_from(times)
    leaf = st.builds(lambda text, a, b: text.format(a=a, b=b), st.sampled_from(LEAVES), time, time)
    around = draw(st.lists(st.sampled_from(AROUND), min_size=1, max_size=2))
    text = draw(leaf)
    for each in around:
        text = f"({each.format(f=text, g=draw(leaf), a=draw(time), b=draw(time))})"
    return text


@settings(max_examples=60)
@given(texts(), st.sampled_from(CLOCKS))
def test_another_clock_shows_the_same(text: str, clock: str) -> None:
    """What is asked for after n whole steps is what step n shows on the clock of steps, to the bit."""
    steps = bound_or_reject(text, {"total_steps": 40, **RUN})
    other = parse(text).bind(40, **RUN, clock=clock)
    places = [step * OF_STEP[clock] for step in range(44)]
    expected = [steps(step) for step in range(44)]
    assert [other.walk(place) for place in places] == [other(place) for place in places] == expected
    assert numpy.allclose(other.values(0, places[-1], OF_STEP[clock]), expected[:-1], rtol=1e-14, atol=1e-300)
    if other.ticks is not other:
        assert_compiled_is_walked(other.ticks, [int(place * other.run.grid / 3) for place in places])


def test_a_ramp_in_whole_steps_is_over_with_its_length() -> None:
    """Also where that is no whole number of them: it is held at its end."""
    ramp = "1 for 12_600 tok then linear(3, 5, 1795 tok, inclusive=left)"
    for text, beyond in ((ramp, 5), (f"{ramp} then hold", 5), (f"{ramp} for 1700 tok", 4)):
        lr = parse(text).bind("35k tok", clock="tok", tokens_per_step=1000)
        places = (12_600, 13_599, 13_600, 14_394, 14_395, 20_000)
        assert [lr.walk(place) for place in places] == [lr(place) for place in places] == [3, 3, 4, 4, beyond, beyond]
        assert lr.values(0, 21_000)[list(places)].tolist() == [3, 3, 4, 4, beyond, beyond]


@pytest.mark.parametrize("ends", ["left", "both", "right", "neither"])
def test_a_copy_in_whole_steps_is_the_phase_that_it_stands_for(ends: str) -> None:
    """Its steps are those of the run, wherever it begins; and a warm-up before it climbs to its start."""
    body = f"linear(3, 5, 4069 tok, inclusive={ends}) for 6084 tok"
    run: dict[str, Any] = {"total_steps": 39, "clock": "tok", "tokens_per_step": 1000}
    copies, chain = parse(f"{body} repeat 3").bind(**run), parse(" then ".join([body] * 3)).bind(**run)
    assert copies.values().tolist() == chain.values().tolist()
    climbing = parse(f"(warmup(4500 tok) then cosine(3, 1.5, inclusive={ends})) for 4").bind(**run)
    assert climbing(1500) == 1


@pytest.mark.parametrize("clock", ["tok", "samples"])
@settings(max_examples=30)
@given(texts())
def test_engines_agree(clock: str, text: str) -> None:
    """What is counted one by one is asked in all engines."""
    bound = bound_or_reject(text, {"total_steps": 40, **RUN, "clock": clock})
    asked = [*range(0, 340, 3), 10**12]
    assert_compiled_is_walked(bound, asked)
    assert_arrays_are_walked(bound, asked)


PLACES = [
    ("tok", "1M tok", "333_333 tok", 333_333, 333_332),
    ("tok", "1M tok", "1M tok / 3", 333_334, 333_333),
    ("samples", "90 samples", "5%", 5, 4),
    ("ep", "90ep", "1ep / 3", Fraction(1, 3), 0.3333333333333333),
    ("ep", "90ep", "0.1ep", 0.1, 0.09999999999999999),
    ("ep", "90ep", "1ep / 7 + 1ep / 9999991", Fraction(1, 7) + Fraction(1, 9999991), Fraction(1, 7)),
    ("ep", "10ep / 3", "70%", Fraction(7, 3), Decimal("2.3333333333333333333")),
    ("s", "30min", "2 min", 120, 119.99999999999999),
    ("s", "1h", "0.001 s", 0.001, Fraction(999, 10**6)),
    ("s", "1h", "0.0000000000001 s", 1e-13, 9.9e-14),
    ("s", "1h", "min(50%, 0.5h)", 1800, Decimal("1799.9999999999999999999999999")),
]


@pytest.mark.parametrize(("clock", "total", "place", "there", "before"), PLACES)
def test_each_boundary_is_where_it_is(clock: str, total: str, place: str, there: Any, before: Any) -> None:
    """Phases, milestones, intervals and keys change at their place, however little lies before it."""
    for text in (
        f"1 until {place} then 2",
        f"1 for {place} then 2",
        f"step_fixed(2, [{place}], start=1)",
        f"keyframes(1 @ 0, 2 @ {place}, shape=hold)",
        f"3 - max(1, interval(0.5, every={place}, start=2))",
    ):
        bound = parse(text).bind(total, clock=clock)
        assert (bound(before), bound(there)) == (bound.walk(before), bound.walk(there)) == (1, 2), text
    if "9999991" not in place and "0.0000000000001" not in place:  # too fine for the table
        assert parse(f"1 until {place} then 2").bind(total, clock=clock).phases[1].first == Fraction(str(there))


REFUSED = [
    ("tok", "1k tok", "warmup(10) then cosine", "E401", "`10` counts steps, and the clock tokens"),
    ("tok", "1k tok", "values([1, 2])", "E401", "tokens_per_step"),
    ("tok", "1k tok", "step / 7", "E401", "`step` counts steps"),
    ("tok", "1k tok", "1 for 5 then run_step", "E401", "tokens_per_step"),
    ("tok", "1k tok", "linear(inclusive=both)", "E401", "tokens_per_step"),
    ("tok", "1k tok", "inv_sqrt(100 * pi)", "E401", "tokens_per_step"),
    ("tok", "1k tok", "warmup(3ep) then cosine", "E401", "steps_per_epoch"),
    ("s", "1h", "warmup(3 samples) then cosine", "E401", "samples_per_step"),
    (None, 100, "warmup(3min) then cosine", "E401", "`3min` needs seconds_per_step"),
    (None, 100, "warmup(3min) then cosine", "E401", "or let the run count seconds: `s` as its clock"),
    ("ep", None, "warmup(5%) then cosine", "E401", "total_steps"),
    ("tok", 1000, "warmup(5%) then cosine", "E401", "`1000 tok` if that was meant"),
    ("ep", 90, "warmup(5%) then cosine", "E401", "`90ep` if that was meant"),
    ("min", "1h", "cosine", "E404", "clock is 'min'"),
    ("tok", "10 tok", "1 / (tokens - 7)", "E406", "no finite value at token 7"),
    ("s", "10s", "sqrt(0.5 - run_progress)", "E406", "no finite value at second 5.0"),
    ("tok", "1k tok", "1 for 2 tok - 1% then 2", "E405", "is -8 tokens"),
]


@pytest.mark.parametrize(("clock", "total", "text", "code", "words"), REFUSED)
def test_what_a_clock_cannot_tell(clock: str | None, total: Any, text: str, code: str, words: str) -> None:
    """Whatever counts steps needs to know how long they are."""
    error = refused(parse(text).bind, total, clock=clock)
    assert error.diagnostics[0].code == code
    assert words in str(error)


@pytest.mark.parametrize(
    ("clock", "place"),
    [("tok", 1.5), ("tok", -1), ("samples", "3"), ("samples", True), ("ep", -0.1), ("s", "1"), ("s", float("nan"))],
)
def test_no_places(clock: str, place: Any) -> None:
    """Tokens and samples are asked as whole numbers, epochs and seconds as numbers."""
    bound = parse("cosine").bind(f"10 {clock}", clock=clock)
    for ask in (bound, bound.walk, bound.why, lambda place: bound.values(place, 10)):
        with pytest.raises(ScheduleError, match="E407"):
            ask(place)


def test_places_in_an_array() -> None:
    """Each is what it would be alone; nobody has room for a table of all tokens."""
    seconds = parse("warmup(2min) then cosine").bind("30min", clock="s")
    places = numpy.array([[0.1, 60], [90.3, 1800]], dtype=numpy.float32)
    assert seconds.at(places).tolist() == [[seconds(0.1), 0.5], [seconds(90.3), 0.0]]
    tokens = parse("cosine").bind("1T tok", clock="tok")
    for call in (tokens.values, tokens.bake, seconds.bake, lambda: seconds.values(0, 1800, 1e-6)):
        assert "is not to be had" in str(refused(call))


def test_answers_count_what_the_run_counts() -> None:
    """Words, tables, reasons, crossings, differences and pictures speak of tokens, or of seconds."""
    tokens = parse("warmup(2k tok) then interval(0.5, every=10%) until 90% then linear").bind("1M tok", clock="tok")
    seconds = parse("warmup(2min) then cosine until 30min").bind(clock="s")
    assert tokens.explain().words.splitlines()[0].startswith("Tokens 0 – 1999: warms up")
    assert "multiplied by 0.5 every 100000 tokens" in tokens.explain().words
    assert "Seconds 120 to 1800: falls" in str(seconds.explain())
    assert seconds.explain().to_dict()["phases"][1]["first"] == 120
    assert str(tokens.why(1000)).startswith("token 1000: 0.5")
    assert (seconds.why(60.5).step, seconds.why(60.5).value) == (Fraction(121, 2), seconds(60.5))
    assert (seconds.why(60).expression, seconds.why(60.5).expression) == ("60 / 120", "121 / 240")
    assert "over seconds 0 to 1800, from" in str(seconds.explain())
    assert seconds.why(Fraction(1, 3)).value == seconds(Fraction(1, 3))
    found = seconds.when(">= 0.5")
    assert [(each.first, each.stop) for each in found.ranges] == [(60, found.ranges[0].stop)]
    assert str(found).startswith("first >= 0.5 at second 60, ")
    stairs = parse("warmup(2min) then step_fixed(0.5, [5min, 10min]) until 1h").bind(clock="s")
    assert [each.first for each in stairs.when("0.5").ranges] == [60, 720]  # where the value stays the number, too
    other = parse("warmup(2min) then linear until 30min").bind(clock="s")
    assert compare(seconds, seconds).same()
    assert compare(seconds, other).first.step > 120
    assert "seen to differ from second 120." in str(compare(seconds, other))
    line, formula = (parse(text).bind("1B tok", clock="tok") for text in ("linear(1, 0)", "1 - tokens / 1B"))
    assert compare(line, formula).same(before=100) and not compare(line, formula).same()
    assert "not proven" in str(compare(line, formula)) and compare(line, line).same()
    assert ">1500 s</text>" in draw(seconds)
    assert "second ${at / 1000000000}" in page(seconds)
    axes = tokens.plot()
    assert axes.get_xlabel() == "token"
    assert seconds.plot().get_xlim()[1] == 1800
    for call in (lambda: compare(seconds, tokens), lambda: draw({"a": seconds, "b": tokens})):
        with pytest.raises(ScheduleError, match="E418"):
            call()
    assert tokens.warnings() == ()
    assert (tokens.at_time("50%"), seconds.at_time("1.5min"), tokens.seen(7)) == (500_000, 90, {"tokens": 7})
    known = parse("cosine").bind(40, clock="s", **RUN)
    assert known.seen(Fraction(7, 20)) == {"steps": 1, "epoch": 0.25, "samples": 8, "tokens": 7}


def test_a_set_tells_its_clock() -> None:
    """Under `clock`, as it tells rates; or `bind` does."""
    texts = {"lr": "warmup(10 tok) then cosine", "wd": "linear(0.1, 0)"}
    told, plain = ScheduleSet({**texts, "clock": "tokens"}), ScheduleSet(texts)
    assert told.bind("100 tok")(5) == plain.bind("100 tok", clock="tok")(5) == {"lr": 0.5, "wd": 0.095}
    assert ScheduleSet(told.to_dict()) == told
    assert refused(ScheduleSet, {**texts, "clock": "min"}).diagnostics[0].code == "E404"
    assert refused(told.bind, "1h", clock="s").diagnostics[0].code == "E604"


RAMPS = [
    *("8 for 10 then 16", "7 + step", "round(linear(4, 16) for 60 {unit} then 9)"),
    *("1 for 4 then 2 for 3 then 9", "values([300, 9, 5])", "round(1000 - 10 * sin(step)) for 20 then 7"),
]


@pytest.mark.parametrize("clock", ["tok", "samples"])
@settings(max_examples=12)
@given(st.data())
def test_a_rate_that_changes_on_its_own_clock(clock: str, data: st.DataObject) -> None:
    """Where n steps have been seen is what step n shows, whatever the steps are; to the bit, in all engines."""
    unit = "tok" if clock == "tok" else "samples"
    text = data.draw(texts([each for each in STEPS if unit not in each]))
    rate = {f"{unit.replace('tok', 'tokens')}_per_step": data.draw(st.sampled_from(RAMPS)).format(unit=unit)}
    run = {**RUN, **rate, "total_steps": data.draw(st.sampled_from([40, "40 steps", "10ep"]))}
    steps = bound_or_reject(text, run)
    other = parse(text).bind(**run, clock=clock)
    meter = next(
        each.meter for each in (other.run.tokens_per_step, other.run.samples_per_step) if hasattr(each, "meter")
    )
    places = [meter.seen(step) for step in range(44)]
    assert [other.walk(place) for place in places] == [steps.walk(step) for step in range(44)]
    between = [*places, *range(0, 200, 7)]
    assert_compiled_is_walked(other, between)
    assert_arrays_are_walked(other, between)


def test_steps_of_many_lengths(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole numbers of them are told apart one by one, and what lies in between is walked."""
    monkeypatch.setattr("schedlang._engines.lowering._TURNED", 8)
    text = "interval(0.5, every=9.5 steps) + linear(1, 0, 40.5 steps, inclusive=both) + exponential_decay(0.9, every=7)"
    for rate in ("7 + step", "linear(3.2, 9.7)"):
        steps = parse(text).bind(60, tokens_per_step=rate)
        tokens = parse(text).bind(60, tokens_per_step=rate, clock="tok")
        seen = [steps.seen(step)["tokens"] for step in range(62)]
        if rate == "7 + step":
            assert [tokens.walk(place) for place in seen] == [steps.walk(step) for step in range(62)]
        places = [place + each for place in map(int, seen) for each in (0, 1)]
        assert_compiled_is_walked(tokens, places)
        assert_arrays_are_walked(tokens, places)


def test_steps_where_a_rate_changes_judged_one_by_one() -> None:
    """In a run of tokens: ten steps of 8, and then of 16."""
    run: dict[str, Any] = {"clock": "tok", "tokens_per_step": "8 for 10 then 16"}

    def shown(text: str, *places: int, total: int | str | None = 30) -> list[float]:
        bound = parse(text).bind(total, **run)
        return [round(bound(place), 3) for place in places]

    assert shown("warmup(20)", 0, 40, 80, 88, 240) == [0, 0.25, 0.5, 0.525, 1]
    assert shown("1 until 12 then 2", 111, 112) == [1, 2]
    assert shown("1 until 50% then 2", 159, 160) == [1, 2]  # of 30 steps
    assert shown("1 until 50% then 2", 159, 160, total="320 tok") == [1, 2]  # of 320 tokens
    assert shown("1 until 20 tok then linear(1, 0) until 12", 58, 112) == [0.5, 0]  # by steps, from 2.5 to 12
    assert shown("step", 79, 80, 95, 96) == [9, 10, 10, 11]
    assert shown("values([3, 2, 1])", 7, 8, 16) == [3, 2, 1]
    assert shown("linear(1, 0, 12, inclusive=both)", 0, 79, 80, 95, 96) == [1, 0.182, 0.091, 0.091, 0]
    assert shown("interval(0.5, every=8)", 63, 64, 175, 176) == [1, 0.5, 0.5, 0.25]
    assert shown("(tokens) every 11", 95, 96) == [0, 96]
    assert shown("(linear(1, 0) for 8) repeat", 0, 32, 64, 176) == [1, 0.5, 1, 1]
    assert shown("run_progress", 120, 240) == [0.417, 0.667]
    assert shown("hold until 100% - 2 then 0", 367, 368) == [1, 0]


def test_a_run_of_tokens_whose_steps_change_is_told_pickled_and_changed() -> None:
    run: dict[str, Any] = {"clock": "tok", "tokens_per_step": "8 for 10 then 16"}
    lr = parse("warmup(20) then hold until c then linear to 0 for 20").bind(100, **run, c="later")
    assert (lr.total_steps, lr.at_time("20"), lr.seen(240)) == (1520, 240, {"steps": 20, "tokens": 240})
    assert "20 = token 240" in str(lr.explain())
    again = pickle.loads(pickle.dumps(lr))
    assert (again.fingerprint, again.run, again.total_steps) == (lr.fingerprint, lr.run, 1520)
    assert again.change(c=30, step=400)(560) == 0.5
    assert refused(lr.change, c=30, step=401).diagnostics[0].code == "E415"


def test_a_rate_that_changes_on_the_clock_of_another_unit() -> None:
    """It is no number of what the clock counts; whoever does not need it is not asked."""
    run: dict[str, Any] = {"samples_per_step": "2 for 9 then 3"}
    for clock, other in (("tok", {"tokens_per_step": "8 for 10 then 16"}), ("tok", {"tokens_per_step": 8}), ("ep", {})):
        assert parse("warmup(10%) then cosine").bind(f"100 {clock}", clock=clock, **run, **other)(5) == 0.5
        error = refused(parse("warmup(10 samples) then cosine").bind, f"100 {clock}", clock=clock, **run, **other)
        assert (error.diagnostics[0].code, bool(error.diagnostics[0].hint)) == ("E416", True)


def test_events_come_in_what_the_run_counts() -> None:
    """An event gets its time, and the past is proven to stay."""
    tokens = parse("hold until c then linear to 0 for 20%").bind("1000 tok", clock="tok", c="later")
    seconds = parse("hold until c then linear to 0 for 20%").bind("100s", clock="s", c="later")
    assert tokens.change(c="700 tok", step=700)(800) == 0.5
    assert "`c` may come at `800 tok` or later" in str(refused(tokens.change, c="700 tok", step=800))
    assert seconds.change(c="70.5s", step=70.5)(80.5) == 0.5
    assert "second 80.5" in str(refused(seconds.change, c="70s", step=80.5))


def test_a_scheduler_goes_by_tokens_or_seconds() -> None:
    """`step` is told what was seen in all; the state has the last place, and the same past is taken."""
    torch = pytest.importorskip("torch")
    from schedlang.torch import Scheduler

    def made(text: str, **run: Any) -> Any:
        return Scheduler(torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0), text, **run)

    text = "warmup(100 tok) then hold until c then linear to 0 for 500 tok"
    first = made(text, clock="tok", c="later")
    for seen in (30, 20, 200):
        first.step(seen)
    assert first.get_last_lr() == [1.0]
    first.change(c="400 tok")
    again = made(text, clock="tok", c="later")
    again.load_state_dict(first.state_dict())
    again.step(650)
    assert (again.last_epoch, again.get_last_lr()) == (650, [0.5])
    branch = "warmup(100 tok) then hold until 200 tok then linear to 0 for 500 tok"
    with pytest.warns(UserWarning, match="W533.* the values differ from token 201 on"):
        made(branch, clock="tok").load_state_dict(first.state_dict())
    assert "token 151" in str(
        refused(made(branch.replace("200", "150"), clock="tok").load_state_dict, first.state_dict())
    )
    assert "the run counts tokens" in str(refused(again.step))
    assert refused(again.step, 1.5).diagnostics[0].code == "E607"

    timed = made("warmup(2min) then cosine until 30min", clock="s")
    timed.step(Fraction(1, 3))
    timed.step(60.5)
    later = made("warmup(2min) then cosine until 30min", clock="s")
    later.load_state_dict(timed.state_dict())
    assert later.state_dict() == timed.state_dict()
    assert (later.last_epoch, later.get_last_lr()) == (Fraction(121, 2), [60.5 / 120])
    assert refused(later.step, torch.tensor(3.0)).diagnostics[0].code == "E607"
    assert "last_epoch" in str(refused(made, "cosine", clock="tok", total_steps="9 tok", last_epoch=3))


def test_who_counts_updates_takes_no_other_clock() -> None:
    """An error, and no guess."""
    from schedlang.testing import assert_schedule

    for call in (assert_schedule, pytest.importorskip("schedlang.optax").schedule):
        assert "counts the optimizer's updates" in str(refused(call, "cosine", clock="tok"))


def test_what_a_stretched_copy_hands_on_is_at_its_exact_end() -> None:
    """The last copy of `1001 tok repeat 2 stretch 0.5` is over half-way between two tokens."""
    lr = parse("run_progress over 3000 tok over 1001 tok repeat 2 stretch 0.5").bind("3000 tok", clock="tok")
    assert lr(2000) == 500.5 / 3000


@pytest.mark.parametrize("rate", ["4", "4 for 3 then 5"])
def test_a_run_may_be_shorter_than_a_step(rate: str) -> None:
    """It counts tokens: a single one is enough, whether their rate changes or not."""
    assert parse("linear(0, 1)").bind("1 tok", clock="tok", tokens_per_step=rate)(1) == 1
    error = refused(parse("1").bind, "0.5 tok", clock="tok", tokens_per_step=rate)
    assert "at least one token" in str(error)


@pytest.mark.parametrize(("before", "rate"), [("1 for 1.3 steps then ", 10), ("", 2.5)])
def test_copies_that_count_steps_are_the_chain_wherever_they_begin(before: str, rate: float) -> None:
    """Also between two steps, or where a step is no whole number of tokens."""
    body = "(linear(1, 0, inclusive=left) for 2.4 steps then step) for 3"
    repeated, chain = (
        parse(f"{before}{text} then 9").bind("200 tok", clock="tok", tokens_per_step=rate)
        for text in (f"{body} repeat 6", " then ".join([body] * 6))
    )
    assert repeated.values().tolist() == chain.values().tolist()
