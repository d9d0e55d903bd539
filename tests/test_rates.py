"""Rates that are schedules: the meter of a unit whose rate changes, and what is counted by it."""

import math
import pickle
import re
from fractions import Fraction
from itertools import accumulate
from random import Random
from typing import Any

import metered
import pytest
from helpers import codes, refused
from reference import Rejected, reference_value

from schedlang import Bound, ScheduleError, ScheduleSet, parse
from schedlang._engines.expressions import Affine, Applied, StepVariable, ValuePiece, switched
from schedlang._engines.python import compiled
from schedlang._engines.quotients import shortened
from schedlang._language.program import Part
from schedlang._text.decimals import alike, decimals

DEEPSEEK = "4096 * (linear(3072, 15360) for 469B tok then 15360)"
STAIRS = "4 for 10 then 16"


def bound(text: str, total: int | str | None = 20, **rates: Any) -> Bound:
    return parse(text).bind(total, **(rates or {"samples_per_step": STAIRS}))


def shown(text: str, *steps: int, total: int | str | None = 20, **rates: Any) -> list[float]:
    return [round(bound(text, total, **rates).walk(step), 3) for step in steps]


def test_a_plan_of_tokens_is_that_of_a_simulation_step_by_step() -> None:
    """DeepSeek-V3: the batch grows for 469B tokens, the rate is constant to 10T, and 14.8T are all."""
    lr = bound("warmup(469B tok, end=2.2e-4) then hold until 10T tok then cosine(end=2.2e-5)", "14.8T tok",
               tokens_per_step=DEEPSEEK)  # fmt: skip
    assert [row.first for row in lr.phases] + [lr.total_steps] == [0, 14_998, 166_490, 242_783]
    assert [lr.at_time(time) for time in ("469B tok", "10T tok", "14.8T tok")] == [14_998, 166_490, 242_783]
    seen, step = Fraction(0), 0
    while seen < 469 * 10**9:
        batch = 4096 * (3072 + (15360 - 3072) * (float(seen) / 469e9))
        seen, step = seen + Fraction(repr(batch)), step + 1
    assert step == 14_998
    assert "10T tok = step 166490" in str(lr.explain())
    table = lr.values()
    for step in (0, 1, 7000, 14_997, 14_998, 166_490, 200_000, 242_782):
        assert lr.compiled(step) == lr.walk(step) == pytest.approx(table[step], rel=1e-15)


def test_a_share_is_told_of_the_run_in_its_unit() -> None:
    explained = str(bound("warmup(10%) then linear", "200 samples").explain())
    assert "10% of 200 samples = step 5" in explained
    assert "20 (200 samples)" in explained
    assert "10% of 20 = 2" in str(bound("warmup(10%) then linear").explain())


def test_what_is_told_of_times_without_a_fixed_number_of_steps() -> None:
    """An amount of 0 is one in any unit, and an epoch may follow the samples; a minute is 60 seconds."""
    assert "1 @ 40 samples" in str(bound("keyframes(0 @ 0 samples, 1 @ 40 samples)").explain())
    assert "10% of 200 samples" in str(bound("keyframes(0 @ 0%, 1 @ 10%)", "200 samples").explain())
    epochs = bound("warmup(1ep) then hold", samples_per_step=4, samples_per_epoch=40)
    assert "1ep × 10 steps/ep = 10" in str(epochs.explain())
    assert "1 min ÷ 0.25 min/step = 4" in str(bound("warmup(1min) then hold", seconds_per_step=15).explain())


def test_what_a_time_means_where_a_rate_changes() -> None:
    """Judged one by one, in a run of 20 steps: ten of 4 samples, ten of 16."""
    assert shown("hold until 40 samples then 0", 9, 10) == [1, 0]
    assert shown("hold until 100% - 32 samples then 0", 17, 18) == [1, 0]  # counted from the end
    assert shown("1 until 50% then 2", 9, 10) == [1, 2]  # of 20 steps
    assert shown("1 until 50% then 2", 13, 14, total="200 samples") == [
        1,
        2,
    ]  # of 200 samples
    assert shown("1 until 5 then linear(1, 0) for 60 samples", 6, 9, 10, 11, 12) == [0.933, 0.733, 0.667, 0.4, 0.133]
    assert shown("1 until 20 samples then linear(1, 0) until 15", 10, 12) == [0.5, 0.3]  # by steps, as it ends at one
    assert shown("interval(0.5, every=20 samples)", 4, 5, 10, 12, 15) == [1, 0.5, 0.25, 0.125, 0.016]
    assert shown("(linear(1, 0) for 20 samples) repeat", 0, 4, 5, 10, 11) == [1, 0.2, 1, 1, 0.2]
    assert shown("step every 40 samples", 9, 10, 12, 13) == [0, 10, 10, 13]
    assert shown("samples", 10, 11) == [40, 56]
    assert shown("epoch", 10, 11, samples_per_step=STAIRS, samples_per_epoch=32) == [1.25, 1.75]
    assert shown("1 for 1ep then 2", 7, 8, samples_per_step=STAIRS, samples_per_epoch=32) == [1, 2]
    assert shown("1 until min(7, 20 samples) then 2 until max(7, 60 samples) then 3", 4, 5, 11, 12) == [1, 2, 2, 3]
    assert shown("inv_sqrt(20 samples)", 0, 10, 15) == [1, 0.577, 0.378]
    assert shown("(1 until 50% then 2) over 80 samples", 9, 10) == [1, 2]
    assert shown("linear(1, 0) for 40 samples skip 20 samples", 0, 5) == [0.5, 0]
    epochs = {"samples_per_step": STAIRS, "samples_per_epoch": 10}
    sampled = "linear(1, 0) for 22 samples every 1ep then linear(1, 0) for 20 samples"
    assert shown(sampled, 7, 8, 9, **epochs) == [0.091, 0.9, 0.7]  # from 30 samples, as an amount of samples led there
    assert shown("keyframes(0 @ 0, 1 @ 40 samples, 0 @ 72 samples)", 5, 10, 11, 12) == [0.5, 1, 0.5, 0]
    assert shown("keyframes(1 @ 0, 0 @ 20 samples) repeat", 0, 4, 5, 10) == [1, 0.2, 1, 1]
    assert shown("(1 for 8 samples then keyframes(1 @ 0, 0 @ 12 samples)) repeat", 1, 2, 4, 5, 7) == [1, 1, 0.333, 1, 1]
    assert shown("linear(0.5, 2, 16 samples) skip 20 samples for 5 then 1", 0, 5) == [2, 1]


REFUSED = {
    "E416": [
        ("hold for 5 + 40 samples then 0", STAIRS),
        ("hold until 40 samples + 5 then 0", STAIRS),
        ("interval(0.5, every=min(5, 20 samples))", STAIRS),
        ("step every 10% + 3 samples", STAIRS),
        ("(1 for 20 samples then 2 for 5) repeat", STAIRS),
        ("exponential_decay(0.5, every=5 steps + 1 samples)", STAIRS),
    ],
    "E417": [
        ("1", "0"),
        ("1", "8 - step"),
        ("1", "linear(8, 0)"),  # at the end of the run alone
        ("1", "warmup(20 samples) then 8"),
        ("1", "linear(4, 16, 50 samples, inclusive=left)"),
        ("1", "4 until 100% - 50 samples then 8"),
        ("1", "warmup(20 samples, start=4) then (run_step + 4)"),
        ("1", "warmup(20 samples, start=4) then (linear(16, 8) for 50 samples skip 8 samples)"),
        ("1", "keyframes(2 @ 0, 12 @ 60 samples, 2 @ 3)"),
        ("1", "8 * base"),
        ("1", "hold for 5 then 8"),
        ("1", "8 until later then 16"),
        ("1", "8 until c then 16 where c = later"),
        ("1", "8 for 500 tok then 16"),
    ],
    "E401": [("hold for 5ep then 1", "8"), ("1", "8 for 1ep then 16")],
    "E402": [("1", "peak * 8")],
    "E301": [("1", "8 samples")],
    "E405": [
        ("hold for 10% - 30 samples then 1", STAIRS),
        ("linear skip 50% - 90 samples", STAIRS),
        ("(1 for 50.3% - 99 samples then 2) over 80 samples", STAIRS),
    ],
}


@pytest.mark.parametrize(("code", "text", "rate"), [(code, *pair) for code in REFUSED for pair in REFUSED[code]])
def test_what_has_no_meaning_is_refused(code: str, text: str, rate: str) -> None:
    """Mixed sums and periods, and rates that are none; each says where, and what to write."""
    with pytest.raises(ScheduleError) as caught:
        bound(text, 20, samples_per_step=rate, tokens_per_step="64 for 3 then 128")
    found = caught.value.diagnostics[0]
    assert found.code == code
    assert found.hint


def test_a_repeated_body_of_a_rate_lasts_so_many_of_one_unit() -> None:
    """A share of the run is one of samples here, also in a rate that may not name them."""
    rates = {"samples_per_step": STAIRS, "tokens_per_step": "(64 for 10% then 32 for 4) repeat"}
    with pytest.raises(ScheduleError, match="E416"):
        bound("1", "200 samples", **rates)
    rates["tokens_per_step"] = "(64 for 10% then 32 for 4) for 5% repeat"
    assert bound("1", "200 samples", **rates).seen(2) == {"steps": 2, "samples": 8, "tokens": 128}


def test_a_name_in_a_sum_is_told_what_it_has_to_be_given_in() -> None:
    text = parse("hold until c + 20 samples then 1")
    assert "give `c` in samples" in str(refused(text.bind, 20, samples_per_step=STAIRS, c=3))
    assert text.bind(20, samples_per_step=STAIRS, c="4 samples")(6) == 1


def test_a_whole_step_ramp_over_its_own_unit_is_refused() -> None:
    """As `%` is at whole steps: the one at which it ends follows from what the rate is up to there."""
    assert codes(parse("1").bind, "200 samples", samples_per_step="linear(4, 16) for 50%") == ["E417"]
    assert bound("1", "200 samples", samples_per_step="4 until 50% then 16").total_steps == 32


def test_a_rate_sampled_behind_the_ramp_that_it_samples_is_found() -> None:
    """What follows that ramp begins at a place ahead, which recording must not look for step by step."""
    rate = "(linear(6, 3, 779 samples) then hold) every 12 samples"
    lr = bound("samples", "800 samples", samples_per_step=rate)
    assert lr.seen(10)["samples"] == 59.105406322272515
    assert lr.total_steps == 186


def test_what_else_is_told_of_a_run_is_a_number_and_told_once() -> None:
    assert codes(parse("1").bind, "2min", seconds_per_step="0.5 for 10 then 1") == ["E404"]
    assert codes(parse("1").bind, 20, samples_per_step=STAIRS, samples_per_epoch=32, steps_per_epoch=4) == ["E404"]


@pytest.mark.parametrize(
    ("total", "rate", "stairs"),
    [
        (10**12, "4 for 10% then 8 for 30% then 16", {0: 4, 10**11: 8, 4 * 10**11: 16}),
        ("1e24 samples", "4 for 10% then 8", {0: 4, 25 * 10**21: 8}),
        (10**13, "4 for 1e9 then 8 for 1e12 samples then 16", {0: 4, 10**9: 8, 126 * 10**9: 16}),
        ("9k samples", "(4 for 2k samples then 8 for 1k samples) repeat", {0: 4, 500: 8, 1125: 8}),
    ],
)
def test_long_stairs_are_found_without_a_look_at_each_step(total: int | str, rate: str, stairs: dict[int, int]) -> None:
    lr = bound("1", total, samples_per_step=rate)
    for step, height in stairs.items():
        assert lr.seen(step + 1)["samples"] - lr.seen(step)["samples"] == height
        assert step == 0 or lr.seen(step)["samples"] - lr.seen(step - 1)["samples"] < height


TEXTS = (
    "warmup(20 samples) then cosine until 75 samples then linear(0.1, 0)",
    "step_fixed(0.5, [33 samples, 50%]) skip 5 samples",
    "exponential_decay(0.7, every=12 samples) + inv_sqrt(30 samples)",
    "(cosine(1, 0, ease=2) for 21 samples) repeat 3 then keyframes(0 @ 0, 2 @ 8 samples, 1 @ 25%)",
    "(samples / 7) every 10 samples",
    "(hold until 50% then one_minus_sqrt(1, 0)) over 100 samples then progress",
    "(linear(1, 0) for 6 samples) repeat stretch 2",
)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("total", [17, "131 samples"])
def test_a_rate_that_is_constant_as_a_text_is_the_number_to_the_bit(text: str, total: int | str) -> None:
    """In the walk, and in all that is made of it."""
    for rate in ("8", "0.7"):
        told = f"{rate} for 3 then {rate} for 9 samples then {rate}"
        known, followed = (bound(text, total, samples_per_step=each) for each in (float(rate), told))
        steps = range((known.total_steps or 0) + 3)
        assert [followed.walk(step) for step in steps] == [known.walk(step) for step in steps]
        assert [followed.compiled(step) for step in steps] == [known.walk(step) for step in steps]
        assert followed.values(0, len(steps)).tolist() == known.values(0, len(steps)).tolist()


RATES = (STAIRS, "8 + step", "linear(4, 16) for 60 samples then 2.5", "round(4 + samples / 9, multiple=0.5)")


WARM = "warmup(20 samples, start=4) then linear(16, 8) for 50 samples then 9"
"""A rate that climbs to what begins at a place that is not known when it does."""


@pytest.mark.frameworks
@pytest.mark.parametrize("rate", RATES)
def test_all_engines_agree_with_the_walk(rate: str) -> None:
    """Python to the bit, NumPy, torch and JAX within what they promise; where each step has another rate, too."""
    import jax
    import torch

    for text in TEXTS[:6]:
        lr = bound(text, "300 samples", samples_per_step=rate)
        steps = range((lr.total_steps or 0) + 2)
        walked = [lr.walk(step) for step in steps]
        assert list(map(lr.compiled, steps)) == walked
        assert lr.values(0, len(steps)).tolist() == pytest.approx(walked, rel=1e-14, abs=1e-14)
    assert lr.at(torch.arange(len(steps)), torch.float64).tolist() == pytest.approx(walked, rel=1e-14, abs=1e-14)
    assert lr.at(jax.numpy.arange(len(steps))).tolist() == pytest.approx(walked, rel=1e-5, abs=1e-6)


def test_a_ramp_of_each_step_is_tabulated_and_a_long_table_is_not_written() -> None:
    """So asking costs what looking up does."""
    lr = bound("cosine(1, 0)", "60M samples", samples_per_step="8 + step / 16")
    assert lr.compiled(30_000) == lr.walk(30_000)
    assert len(lr.source) < 10**7
    assert lr.values(0, 300).tolist() == [lr.walk(step) for step in range(300)]


LONG = (
    "1 until 290 samples then cosine(1, 0) for 5k samples then linear(2, 3)",
    "interval(0.5, every=70 samples) + exponential_decay(0.7, every=12 samples)",
    "inv_sqrt(30 samples) until 50% then poly(1, 0, 2) for 1k samples",
)


@pytest.mark.parametrize("text", LONG)
def test_numbers_of_many_digits_are_short_where_they_are_asked(text: str) -> None:
    """Behind a ramp exact times have as many digits as its rates: the same to the bit, by numbers that are quick."""
    lr = bound(text, 400, samples_per_step="linear(3.3, 17.1) for 70 then 16")
    steps = range(402)
    walked = [lr.walk(step) for step in steps]
    assert list(map(lr.compiled, steps)) == walked
    assert lr.values(0, 402).tolist() == pytest.approx(walked, rel=1e-14, abs=1e-14)
    assert not re.search(r"\b[0-9]{19,}\b(?!e)", re.sub(r"TABLE.* = .*|[0-9]\.[0-9]+", "", lr.source))


def test_quotients_and_floors_are_the_same_to_the_bit() -> None:
    """Of lines that rise and fall, through zero, near whole numbers and near the middle between floats."""
    random, short = Random(0), 0
    for _ in range(150):
        bottom = random.getrandbits(75) | 1 << random.choice((60, 74))
        count, first = random.choice((5, 40, 300)), random.randrange(200)
        rise = bottom // (count * random.choice((1, 2, 7))) * random.choice((1, -1)) + random.choice((0, 1, 3**20))
        begin = -rise * (first if rise > 0 else first + count) + random.choice((0, 1, bottom // 2, 3 * bottom, -1))
        name, step = random.choice(("/", "//")), StepVariable("step")
        ends = sorted(rise * each + begin for each in (first, first + count))
        line = Affine(step, rise, begin, low=ends[0], high=ends[1])
        long = Applied(name, (line, bottom), whole=name == "//")
        pieces = (ValuePiece(first, first + count + 1, long), ValuePiece(first + count + 1, math.inf, 0.0))
        value = switched(step, pieces)
        quick = shortened(value)
        short += quick is not value
        both = compiled(value).function, compiled(quick).function
        assert all(both[0](each) == both[1](each) for each in range(first, first + count + 1))
    assert short > 75


def test_texts_and_rates_at_random_are_what_the_reference_makes_of_them() -> None:
    """It follows a rate step by step with two guesses of its future, and shares no code with the layout."""
    same = 0
    assert [float(value) for value in reference_value("samples", range(4), total_steps=9, samples_per_step=WARM)] == [
        bound("samples", 9, samples_per_step=WARM).walk(step) for step in range(4)
    ]
    for seed in range(60):
        random = Random(seed)
        run, text = metered.run(random), metered.chain(random, 2, rate=False)
        try:
            lr = parse(text).bind(base=0.5, **run)
        except ScheduleError:  # what is refused here and not there depends on a future that the rounding hides
            continue
        steps = range(min(lr.total_steps or 14, 16) + 2)
        try:
            expected = [float(value) for value in reference_value(text, steps, base=0.5, **run)]
        except NotImplementedError:
            continue
        except Rejected as reason:
            pytest.fail(f"{seed}: {text} with {run} is refused by the reference: {reason}")
        assert [lr.walk(step) for step in steps] == pytest.approx(expected, rel=1e-9, abs=1e-9), (seed, text, run)
        same += 1
    assert same > 10


@pytest.mark.parametrize("rate", ["linear(3.3, 17.1)", "linear(3, 17) for 150 samples then 0.7", "8 / (1 + step)"])
def test_what_was_seen_is_the_sum_of_what_the_rates_print_as(rate: str) -> None:
    """And a place is the first step by which so much was seen."""
    lr = bound("samples", 60, samples_per_step=rate)
    rates = parse(rate).bind(60, samples_per_step=rate)
    sums = list(accumulate((Fraction(repr(rates.walk(step))) for step in range(60)), initial=Fraction(0)))
    assert [lr.walk(step) for step in range(61)] == [float(amount) for amount in sums]
    for step in range(1, 60):
        assert lr.at_time(f"{sums[step].numerator} samples / {sums[step].denominator}") == step
        assert math.isclose(lr.seen(step)["samples"], sums[step])
        assert lr.at_time(f"{lr.seen(step)['samples']} samples") == step  # no float above what was seen


def test_floats_are_what_they_print_as() -> None:
    """Side by side and one by one, of all exponents: of few digits, of many, and half way between two decimals."""
    random, fine = Random(0), 10**25
    for exponent in range(-25, 60):
        drawn = [random.choice([random.random(), random.randrange(2**14) / 2**14]) for _ in range(80)]
        values = [math.ldexp(1 + each, exponent) for each in drawn]
        short = [float(f"{each:.{random.randrange(17)}e}") for each in values]
        for some in (values, short, sorted([*values, values[0] * 2])):
            numbers, scale = decimals(some)
            assert numbers == [Fraction(repr(each)) * scale for each in some]
        printed, low, beyond = alike(values[0], fine)
        assert (low, beyond) == (2.0**exponent, 2.0 ** (exponent + 1))
        assert (printed is None) == (not -19 <= exponent < 52)
        if printed is not None:
            assert all(printed(each) == Fraction(repr(each)) * fine for each in (*values, *short) if each < beyond)


def test_it_is_pickled_fingerprinted_and_changed() -> None:
    """The run keeps the text of the rate, and of its length in that unit."""
    text = "hold until cooldown then linear to 0 for 20%"
    lr = parse(text).bind("200 samples", samples_per_step=STAIRS, cooldown="later")
    again = pickle.loads(pickle.dumps(lr))
    assert again.fingerprint == lr.fingerprint
    assert again.run == lr.run
    assert (again.total_steps, again.at_time("40 samples"), again(15)) == (20, 10, 1)
    assert [codes(again.at_time, time) for time in (10, 0.5, None, b"10")] == [["E302"]] * 4  # of which unit?
    other = parse(text).bind("200 samples", samples_per_step="4 for 10 then 12", cooldown="later")
    assert other.fingerprint != lr.fingerprint
    cooled = again.change(cooldown="120 samples", step=14)
    assert [round(cooled(step), 3) for step in (14, 15, 16, 18)] == [1, 1, 0.6, 0.0]


def test_a_rate_of_a_set_may_name_a_member() -> None:
    """Given with the set, in it, or in its file."""
    texts = {"lr": "1 until 640 tok then 2", "batch_size": "b for 10 then 16", "where": "b = 4"}
    given = ScheduleSet(texts).bind(20, tokens_per_step="16 * batch_size")
    told = ScheduleSet({**texts, "tokens_per_step": "16 * batch_size"})
    assert told.bind(20).fingerprint == given.fingerprint
    assert [given(step)["lr"] for step in (9, 10)] == [1, 2]
    assert (given.at_time("640 tok"), given.seen(10)["tokens"]) == (10, 640)
    assert ScheduleSet(told.to_dict()).bind(20).fingerprint == given.fingerprint
    assert codes(told.bind, 20, tokens_per_step=64) == ["E604"]
    assert ScheduleSet({"lr": "1 for 1ep then 0", "steps_per_epoch": 4}).bind(9)(4) == {"lr": 0}


def test_a_slow_ramp_that_is_rounded_is_not_walked_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such a batch size changes seldom, and no bound tells for how long it stays."""
    at, walked = Part.at, list[int]()
    monkeypatch.setattr(Part, "at", lambda part, step: (walked.append(step), at(part, step))[1])
    rate = "round(linear(64, 1024) for 300B tok then 1024)"
    lr = parse("warmup(64k tok) then hold").bind(20_000, tokens_per_step=rate)
    assert (lr.at_time("64k tok"), lr.seen(20_000)["tokens"]) == (1000, 64 * 20_000)
    assert len(walked) < 2000
