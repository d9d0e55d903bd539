"""kappaschedules: ours in theirs, theirs as ours, against the real package."""

import pickle
import sys
from typing import Any

import kappaschedules
import numpy as np
import pytest
from helpers import codes, refused, values_at
from hypothesis import given, settings
from hypothesis import strategies as st

from schedlang import ScheduleError, parse, warmup
from schedlang.kappaschedules import Schedule, from_kappaschedules

TEXTS: dict[str, str | float] = {
    "warm-up": "warmup(5%) then cosine(3e-4, 1e-6)",
    "stairs": "step_fixed(0.1, [30%, 60%], start=3)",
    "restarts": "cosine(1, 0) for 7 repeat",
    "number": 0.25,
}

NESTED = ("schedule", "schedule_configs", "values")


def values(schedule: Any, total: int) -> list[float]:
    return [schedule.get_value(step, total) for step in range(total)]


def alike(ours: list[float], theirs: list[float], size: float) -> bool:
    """Whether two curves are equal to rounding: 4 units of it, of the largest number that takes part."""
    rounding = 4 * sys.float_info.epsilon * max(size, *(abs(value) for value in theirs), 0)
    return all(abs(one - other) <= rounding for one, other in zip(ours, theirs, strict=True))


def size(config: Any) -> float:
    match config:
        case dict():
            return max(
                (size(each) for key, each in config.items() if key.endswith("value") or key in NESTED), default=0
            )
        case list():
            return max(size(each) for each in config)
        case int() | float():
            return abs(config)
        case _:
            return 0.0


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("total", [1, 10, 97, 400])
def test_values_are_those_of_the_text(text: str | float, total: int) -> None:
    """At every step of the run the object answers what the bound text does, and it is one of theirs."""
    schedule = Schedule(text)
    assert values(schedule, total) == values_at(range(total), text, total)
    assert kappaschedules.object_to_schedule(schedule) is schedule


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_in_a_sequence_of_steps(text: str | float) -> None:
    """In their SequentialStepSchedule a phase of ours is a run of its own, and what is around it is not changed."""
    phases = [{"schedule": 0.5, "end_step": 20}, {"schedule": Schedule(text), "end_step": 220}, {"schedule": 0.125}]
    found = values(kappaschedules.object_to_schedule(phases), 300)
    bound = parse(text).bind(200)
    assert found == [0.5] * 20 + [bound(step) for step in range(200)] + [0.125] * 80


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_in_a_sequence_of_percents(text: str | float) -> None:
    """In their SequentialPercentSchedule too; behind its end they keep the last value that was shown."""
    ramp = kappaschedules.LinearIncreasingSchedule()
    part = kappaschedules.SequentialPercentScheduleConfig
    theirs = kappaschedules.SequentialPercentSchedule(
        [part(ramp, end_percent=0.1), part(Schedule(text), end_percent=0.5)]
    )
    bound = parse(text).bind(120)
    shown = [bound(step) for step in range(120)]
    assert values(theirs, 301) == [*values(ramp, 30), *shown, *shown[-1:] * 151]


def test_run_and_parameters_are_given_to_the_text() -> None:
    """Base, rates and parameters reach the text, and a schedule built in Python will do."""
    schedule = Schedule(warmup("w").then(parse("cosine every 1ep")), base=3.0, w=4, steps_per_epoch=5)
    bound = parse("warmup(w) then cosine every 1ep").bind(60, base=3.0, w=4, steps_per_epoch=5)
    assert values(schedule, 60) == [bound(step) for step in range(60)]
    assert str(schedule) == "Schedule('warmup(w) then cosine every 1ep')"


def test_bound_once_for_each_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """A length that was asked about is bound already; of a thousand lengths a few are kept."""
    schedule = Schedule("linear(0, 1)")
    assert [schedule.get_value(1, total) for total in range(2, 1000)] == [1 / total for total in range(2, 1000)]
    monkeypatch.setattr(type(parse("linear(0, 1)")), "bind", None)
    assert schedule.get_value(500, 999) == 500 / 999
    with pytest.raises(TypeError):
        schedule.get_value(1, 2)


def test_pickles() -> None:
    schedule = Schedule("warmup(5%) then cosine", base=0.3)
    before = values(schedule, 50)
    assert values(pickle.loads(pickle.dumps(schedule)), 50) == before


@pytest.mark.parametrize(
    ("text", "run", "code"),
    [
        pytest.param("cosine(1, 0, stop=2)", {}, "E202", id="text"),
        pytest.param("warmup(5ep) then cosine", {"total_steps": 100}, "E401", id="rate"),
        pytest.param("cosine(peak, 0)", {"total_steps": 100}, "E402", id="parameter"),
    ],
)
def test_mistakes_are_found_at_once(text: str, run: dict[str, Any], code: str) -> None:
    """A wrong text fails when the object is made; so does what its run lacks, if the length is given."""
    assert set(codes(Schedule, text, **run)) == {code}


AMOUNTS = st.one_of(st.sampled_from([0.0, 1.0, 3e-4, 1e-6]), st.floats(-10, 10).map(lambda value: round(value, 6)))
SHARES = st.one_of(st.integers(0, 100).map(lambda part: part / 100), st.fractions(0, 1, max_denominator=60).map(float))
INNER = SHARES.filter(lambda part: 0 < part < 1)
FACTORS = st.sampled_from([0.1, 0.5, 0.9, 1.0, 1.5, 0.0])


@st.composite
def lasting(draw: st.DrawFn, config: dict[str, Any]) -> dict[str, Any]:
    """The config, perhaps with an overhang."""
    match draw(st.integers(0, 5)):
        case 0:
            return config | {"overhang_percent": draw(SHARES)}
        case 1:
            return config | {"overhang_steps": draw(st.integers(0, 30))}
        case _:
            return config


@st.composite
def single(draw: st.DrawFn) -> Any:
    low, high = sorted([draw(AMOUNTS), draw(AMOUNTS)])
    excluded = {"exclude_first": draw(st.booleans()), "exclude_last": draw(st.booleans())}
    falling, rising = {"max_value": high, "end_value": low}, {"max_value": high, "start_value": low}
    config: dict[str, Any]
    match draw(st.sampled_from(["constant", "list", "ramp", "ramp", "fixed", "interval", "down", "bool", "warmup"])):
        case "constant":
            return draw(st.sampled_from([high, {"kind": "constant_schedule", "value": high}]))
        case "list":
            return [((7 * step) % 11) / 8 for step in range(200)]
        case "ramp":
            shape = draw(st.sampled_from(["linear", "cosine", "polynomial", "inverse_sqrt"]))
            power = {"power": draw(st.sampled_from([0.0, 0.5, 1.0, 2.0]))} if shape == "polynomial" else {}
            down = draw(st.booleans())
            config = {"kind": f"{shape}_{'decreasing' if down else 'increasing'}_schedule", **excluded, **power}
            config |= falling if down else rising
        case "fixed":
            steps = draw(st.lists(INNER, min_size=1, max_size=4))
            config = {"kind": "step_fixed_schedule", "start_value": high, "factor": draw(FACTORS), "steps": steps}
        case "interval":
            config = {"kind": "step_interval_schedule", "start_value": high}
            config |= {"factor": draw(FACTORS), "interval": draw(INNER)}
        case "down":
            config = {"kind": "step_decreasing_schedule", "factor": draw(FACTORS), "interval": draw(INNER)}
            config |= falling | excluded
        case "bool":
            config = {"kind": "periodic_bool_schedule", "initial_state": draw(st.booleans())}
            config |= {"on_duration": draw(st.integers(0, 4)), "off_duration": draw(st.integers(1, 4))}
            config |= {"on_value": high, "off_value": low, "invert": draw(st.booleans())}
        case _:
            config = {"kind": "linear_warmup_cosine_decay_schedule", **rising, "end_value": low}
            config |= draw(st.sampled_from([{"warmup_steps": 7}, {"warmup_steps": 0}, {"warmup_percent": 0.05}]))
            if "warmup_percent" in config:
                config["warmup_percent"] = draw(SHARES)
    return draw(lasting(config))


@st.composite
def sequences(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> Any:
    """A list of phases, or a sequential schedule of them."""
    count = draw(st.integers(1, 4))
    percent = draw(st.booleans())
    unit = "percent" if percent else "step"
    places = sorted(draw(st.lists(SHARES if percent else st.integers(0, 60), min_size=2 * count, max_size=2 * count)))
    phases: list[dict[str, Any]] = []
    for index in range(count):
        phase: dict[str, Any] = {"schedule": draw(inner)}
        if index > 0 or draw(st.booleans()):
            phase[f"start_{unit}"] = places[2 * index]
        if draw(st.booleans()):
            phase[f"end_{unit}"] = places[2 * index + 1]
        phases.append(phase)
    if draw(st.booleans()) or not any(len(phase) > 1 for phase in phases):
        return phases
    return draw(lasting({"kind": f"sequential_{unit}_schedule", "schedule_configs": phases}))


CONFIGS = st.recursive(single(), sequences, max_leaves=6)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(CONFIGS, st.integers(1, 120))
def test_any_config(config: Any, total: int) -> None:
    """Whatever they make of a config has the values that our schedule has, wherever they have one."""
    try:
        theirs = kappaschedules.object_to_schedule(config)
        expected = values(theirs, total)
    except AssertionError:  # boundaries that are not said, or phases without a step
        return
    for given_as in (config, theirs):
        bound = from_kappaschedules(given_as, total_steps=total).bind(total)
        assert alike([bound(step) for step in range(total)], expected, size(config)), (str(bound.schedule), expected)
        assert parse(str(bound.schedule)) == bound.schedule
    try:
        anywhere = from_kappaschedules(config)
    except ScheduleError as error:
        # It needs the length; or has a phase without a step, which raises there, too, in a run that comes to it.
        assert error.diagnostics[0].code == "E607" or "the phase has no step" in error.diagnostics[0].message
        return
    bound = anywhere.bind(total)
    assert alike([bound(step) for step in range(total)], expected, size(config)), (str(anywhere), expected)


@pytest.mark.parametrize("total", [1, 7, 10, 97, 365, 1000, 7919])
@pytest.mark.parametrize(
    "theirs",
    [
        kappaschedules.ConstantSchedule(value=0.3),
        kappaschedules.StepFixedSchedule(start_value=3e-4, factor=0.1, steps=[0.29, 1 / 3, 0.6, 5 / 6, 0.9]),
        kappaschedules.StepFixedSchedule(start_value=1.0, factor=0.7, steps=[0.9, 0.3, 0.3], overhang_steps=33),
        kappaschedules.StepIntervalSchedule(start_value=3e-4, factor=0.9, interval=0.01),
        kappaschedules.StepIntervalSchedule(start_value=1.0, factor=0.3, interval=1 / 7, overhang_percent=0.3),
    ],
    ids=lambda schedule: type(schedule).__name__,
)
def test_stairs_to_the_bit(theirs: Any, total: int) -> None:
    bound = from_kappaschedules(theirs, total_steps=total).bind(total)
    assert [bound(step) for step in range(total)] == values(theirs, total)


def test_units() -> None:
    """Epochs, updates and samples become steps as theirs do: epochs multiplied, samples rounded up."""
    ramp = {"kind": "linear_increasing_schedule", "exclude_last": True}
    phases = [
        {"schedule": ramp, "end_epoch": 2},
        {"schedule": ramp, "end_update": 45},
        {"schedule": ramp, "end_sample": 1001},
        {"schedule": {"kind": "linear_warmup_cosine_decay_schedule", "warmup_steps": 20}},
    ]
    rates = {"updates_per_epoch": 15, "batch_size": 20}
    ours = from_kappaschedules(phases, **rates).bind(200)
    theirs = kappaschedules.object_to_schedule(phases, **rates)
    assert alike([ours(step) for step in range(200)], values(theirs, 200), 1)
    warm = {"kind": "linear_warmup_cosine_decay_schedule"}
    for field in ({"warmup_epochs": 2}, {"warmup_updates": 30}, {"warmup_samples": 599}):
        ours = from_kappaschedules({**warm, **field}, **rates).bind(90)
        theirs = kappaschedules.object_to_schedule({**warm, **field}, **rates)
        assert alike([ours(step) for step in range(90)], values(theirs, 90), 1)


def test_ours_around_theirs() -> None:
    """A schedule of theirs becomes a part of a text, and a text of ours a part of their list."""
    theirs = kappaschedules.StepFixedSchedule(start_value=3e-4, factor=0.1, steps=[0.5])
    assert str(warmup("5%").then(from_kappaschedules(theirs).over("90%"))) == (
        "warmup(5%) then step_fixed(0.1, [50%], start=3e-4) over 90%"
    )
    ours = from_kappaschedules([{"schedule": parse("cosine(1, 0.1)"), "end_step": 10}, {"schedule": theirs}])
    assert str(ours) == "cosine(1, 0.1) over 10 then step_fixed(0.1, [50%], start=3e-4) over max(100% - 10, 1)"


class Own(kappaschedules.ScheduleBase):  # type: ignore[misc]
    def __str__(self) -> str:
        return "Own()"


@pytest.mark.parametrize(
    ("config", "code", "message"),
    [
        (Own(), "E606", "`Own()` is not of a class of kappaschedules"),
        (Schedule("cosine"), "E606", "is not of a class of kappaschedules"),
        ({"kind": "linear_warmup_cosine_decay_schedule", "warmup_epochs": 2}, "E607", "need updates_per_epoch"),
        ([{"schedule": 1, "end_sample": 5}], "E607", "need batch_size"),
        ({"kind": "step_interval_schedule", "update_interval": 0.1}, "E605", "has no field `update_interval`"),
        ({"kind": "linear_decreasing_schedule", "interval": "epoch"}, "E605", "has no field `interval`"),
        (kappaschedules.LinearDecreasingSchedule(overhang_percent=0.1), "E607", "overhang_percent: "),
    ],
    ids=lambda value: None if isinstance(value, str) else "",
)
def test_what_is_refused(config: Any, code: str, message: str) -> None:
    """What they don't have, or what has no counterpart, is an error."""
    (found,) = refused(from_kappaschedules, config).diagnostics
    assert found.code == code
    assert message in found.message


@pytest.mark.parametrize("rate", [0, -1, "10", float("nan"), True])
@pytest.mark.parametrize("name", ["updates_per_epoch", "batch_size"])
def test_rates_are_checked(name: str, rate: Any) -> None:
    with pytest.raises(ScheduleError, match="E607"):
        from_kappaschedules(1, **{name: rate})


def test_numbers_of_numpy() -> None:
    config = {"kind": "step_interval_schedule", "start_value": np.float32(0.5), "factor": np.float64(0.1)}
    ours = from_kappaschedules(
        [{"schedule": config | {"interval": np.float64(0.25)}, "end_step": np.int64(8)}, {"schedule": 1}]
    )
    assert str(ours) == "step_interval(0.1, every=25%, start=0.5) over 8 then constant(1)"
