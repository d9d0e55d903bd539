"""Noether: the interface of its schedules, and its configs against its formulas.

Its package is not installed, for its licence; the formulas below are facts about it, written down straightforwardly.
kappaschedules, its ancestor, has the same values: see `test_kappaschedules.py` for real objects.
"""

import math
import pickle
import re
import sys
import warnings
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import kappaschedules
import numpy as np
import omegaconf
import pydantic
import pytest
import yaml
from helpers import EXPECTED, codes, refused, told
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schedlang import ScheduleError, ScheduleWarning, cosine, parse
from schedlang._bound.telling import tell_once
from schedlang._transfer.porting import NOETHER, ConfigReader
from schedlang._transfer.porting.page import page
from schedlang.noether import Schedule, from_noether

Formula = Callable[[int, int], float]
SEED = "noether.core.schedules."


def close(one: float, other: float, size: float) -> bool:
    return abs(one - other) <= 4 * sys.float_info.epsilon * max(size, abs(other))


# Its formulas: t is the step, T the length.


def ramp(shape: Callable[[float], float], start: float, end: float, first: bool, last: bool) -> Formula:
    """A ramp, and what `exclude_first` and `exclude_last` do to it."""

    def value(t: int, total: int) -> float:
        total, t = total + last, t
        if first:
            total, t = total + 1, t + 1
        return start + (end - start) * shape(t / max(1, total - 1))

    return value


SHAPES: dict[str, Callable[[float], float]] = {
    "Linear": lambda x: x,
    "Cosine": lambda x: 1 - (1 + math.cos(math.pi * x)) / 2,
    "Polynomial": lambda x: 1 - (1 - x) ** 2.0,
    "Sqrt": math.sqrt,
}


def step_fixed(start: float, factor: float, steps: list[float]) -> Formula:
    """start·factor to the number of milestones that have passed."""
    return lambda t, total: start * factor ** sum(step <= t / total for step in steps)


def step_interval(start: float, factor: float, interval: float) -> Formula:
    """start·factor to the number of intervals that have passed."""
    return lambda t, total: start * factor ** int(round((t / total) / interval, 10))


def step_decreasing(high: float, end: float, factor: float, interval: float, first: bool, last: bool) -> Formula:
    """The same of the distance to the end; what is excluded is not shown of a longer run."""

    def value(t: int, total: int) -> float:
        passed = int(round(((t + first) / (total + first + last)) / interval, 10))
        return high + (1 - factor**passed) * (end - high)

    return value


def warmup_stable_decay(start: float, high: float, end: float, shape: str, bounds: Callable[[int], Any]) -> Formula:
    """A warm-up to the first of two steps, the peak to the second, and from there the way down, whole."""

    def value(t: int, total: int) -> float:
        warm, cool = bounds(total)
        if t < warm:
            return ramp(SHAPES["Linear"], start, high, start == 0, True)(t, warm)
        return high if t < cool else ramp(SHAPES[shape], high, end, False, False)(t - cool, total - cool)

    return value


def piecewise(points: list[list[float]]) -> Formula:
    """Through points that are shares of the run; at a share of several the last, but at 0 the first. It is exact."""
    exact = [(Fraction(str(share)), Fraction(str(value))) for share, value in points]

    def value(t: int, total: int) -> float:
        part = Fraction(t, total)
        last = max(index for index, (share, _) in enumerate(exact) if share <= part) if t else 0
        (share, here), (until, there) = exact[last : last + 2]
        return float(here if until == share else here + (part - share) / (until - share) * (there - here))

    return value


def formula(config: dict[str, Any]) -> Formula:
    """The values of the config of a schedule of any class, without overhang and interval."""
    kind = config["kind"].rpartition(".")[2].removesuffix("Schedule")
    field = {"start_value": 1.0 if kind.startswith("Step") else 0.0, "end_value": 0.0, "power": 1.0, **config}.get
    high, start, end, first, last = map(
        field, ("max_value", "start_value", "end_value", "exclude_first", "exclude_last")
    )
    factor = field("factor")
    match kind:
        case "Constant":
            return lambda t, total: config["value"]
        case "Custom":
            return lambda t, total: config["values"][t]
        case "StepFixed":
            return step_fixed(start, factor, config["steps"])
        case "StepInterval":
            return step_interval(start, factor, config["update_interval"])
        case "StepDecreasing":
            return step_decreasing(high, end, factor, config["decreases_interval"], bool(first), bool(last))
        case "PiecewiseLinear":
            return piecewise(config["control_points"])
        case "LinearWarmupCosineDecay":
            warm, end = field("warmup_percent"), config.get("end_value", 1e-6)
            return warmup_stable_decay(start, high, end, "Cosine", lambda total: (int(warm * (total - 1)),) * 2)
        case "WarmupStableDecay":
            shares = field("warmup_percent"), 1.0 - config["cooldown_percent"]
            shape = config.get("cooldown_shape", "sqrt").title()
            return warmup_stable_decay(
                start, high, end, shape, lambda total: [int(each * (total - 1)) for each in shares]
            )
    falls = kind.endswith("Decreasing")
    power = field("power")
    shape = SHAPES.get(kind.removesuffix("Decreasing").removesuffix("Increasing"))
    curve = (lambda x: 1 - (1 - x) ** power) if kind.startswith("Polynomial") else shape
    return ramp(curve, *((high, end) if falls else (start, high)), bool(first), bool(last))


# Drawn configs.

VALUES = st.one_of(st.sampled_from([1e-3, 3e-4, 1.0]), st.floats(1e-6, 10).map(lambda value: round(value, 6)))
FACTORS = st.floats(0.01, 1.5).map(lambda value: round(value, 3))
SHARES = st.one_of(
    st.integers(1, 999).map(lambda share: share / 1000),
    st.fractions(0, 1, max_denominator=100).filter(lambda share: 0 < share < 1).map(float),
)
TOTALS = st.one_of(st.integers(1, 400), st.sampled_from([1000, 4096, 7919]))
PLACES = ["", SEED, "noether.core.schedules.step.", "noether.core.schemas.schedules."]


def some_steps(total: int) -> list[int]:
    """All steps of a short run, and of a long one the first, the last and many between."""
    return sorted({*range(min(total, 150)), *range(0, total, 13), total - 1})


@settings(derandomize=True, deadline=None, max_examples=50)
@given(VALUES, FACTORS, st.lists(SHARES, min_size=1, max_size=5), TOTALS, st.sampled_from(PLACES))
def test_step_fixed(start: float, factor: float, steps: list[float], total: int, place: str) -> None:
    """The values of StepFixedSchedule are the same to the bit, for any length."""
    config = {"kind": f"{place}StepFixedSchedule", "start_value": start, "factor": factor, "steps": steps}
    bound = from_noether(config).bind(total)
    theirs = step_fixed(start, factor, steps)
    assert all(bound(t) == theirs(t, total) for t in some_steps(total))


@settings(derandomize=True, deadline=None, max_examples=50)
@given(VALUES, FACTORS, SHARES, TOTALS)
def test_step_interval(start: float, factor: float, interval: float, total: int) -> None:
    """The values of StepIntervalSchedule are the same to the bit, for any length."""
    config = {"kind": SEED + "StepIntervalSchedule", "start_value": start, "factor": factor}
    bound = from_noether(config | {"update_interval": interval}).bind(total)
    theirs = step_interval(start, factor, interval)
    assert all(bound(t) == theirs(t, total) for t in some_steps(total))


@settings(derandomize=True, deadline=None, max_examples=50)
@given(VALUES, VALUES, FACTORS, SHARES, st.booleans(), st.booleans(), TOTALS)
def test_step_decreasing(
    one: float, other: float, factor: float, interval: float, first: bool, last: bool, total: int
) -> None:
    """The values of StepDecreasingSchedule are the same to rounding, for any length."""
    high, end = max(one, other), min(one, other)
    config = {"kind": SEED + "StepDecreasingSchedule", "max_value": high, "end_value": end, "factor": factor}
    config |= {"exclude_first": first, "exclude_last": last}
    bound = from_noether(config | {"decreases_interval": interval}).bind(total)
    theirs = step_decreasing(high, end, factor, interval, first, last)
    assert all(close(bound(t), theirs(t, total), high) for t in some_steps(total))


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.sampled_from([(shape, down) for shape in SHAPES for down in (False, True) if down or shape != "Sqrt"]),
    VALUES,
    VALUES,
    st.booleans(),
    st.booleans(),
    TOTALS,
    st.integers(0, 50),
    st.integers(0, 200).map(lambda percent: percent / 100),
)
def test_ramps(
    shape_and_way: tuple[str, bool],
    one: float,
    other: float,
    first: bool,
    last: bool,
    total: int,
    steps: int,
    percent: float,
) -> None:
    """The ramps, with all exclusions, with and without an overhang, in steps and in percent."""
    (shape, down), high, low = shape_and_way, max(one, other), min(one, other)
    config: dict[str, Any] = {"kind": f"{SEED}{shape}{'Decreasing' if down else 'Increasing'}Schedule"}
    config |= {"exclude_first": first, "exclude_last": last, "max_value": high}
    config |= {"end_value" if down else "start_value": low} | ({"power": 2.0} if shape == "Polynomial" else {})
    start, end = (high, low) if down else (low, high)
    theirs = ramp(SHAPES[shape], start, end, first, last)
    plain = from_noether(config).bind(total)
    longer = from_noether(config | {"overhang_steps": steps}).bind(total)
    parted = from_noether(config | {"overhang_percent": percent}, total_steps=total).bind(total)
    at_any = any_length(config | {"overhang_percent": percent}, total)
    for t in some_steps(total):
        assert close(plain(t), theirs(t, total), high)
        assert close(longer(t), theirs(t, total + steps), high)
        assert close(parted(t), theirs(t, total + int(total * percent)), high)
        assert at_any is None or close(at_any(t), parted(t), high)
    assert all(plain(t) == end for t in (total, total + 1, 10**9))  # where its own line goes on, and its cosine rises


def any_length(config: dict[str, Any], total: int) -> Any:
    """What is made of a config without the run's length, for a run that it is told to hold in; else None."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        tell_once.cache_clear()
        schedule = from_noether(config)
    return None if found and odd(config, total) else schedule.bind(total)


def odd(config: dict[str, Any], total: int) -> bool:
    """Whether a float product of Noether is not the exact one in a run of some length."""
    percents = [("warmup_percent", 1, 0), ("cooldown_percent", 1, 1), ("overhang_percent", 0, 0)]
    given = [(config[key], less, of) for key, less, of in percents if config.get(key) is not None]
    return any(
        int((abs(of - share)) * (total - less)) != math.floor(abs(of - Fraction(str(share))) * (total - less))
        for share, less, of in given
    )


HUNDREDTHS = st.integers(0, 100).map(lambda percent: percent / 100)
WARM = {"kind": SEED + "LinearWarmupCosineDecaySchedule", "end_value": 1e-6}
STABLE = {"kind": SEED + "WarmupStableDecaySchedule", "end_value": 1e-6}


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.one_of(SHARES, HUNDREDTHS, st.just(1.0)), st.sampled_from([0.0, 1e-5]), VALUES, TOTALS)
def test_warmup_cosine(warmup: float, start: float, peak: float, total: int) -> None:
    """The warm-up is excluded at its end, and at its beginning if it begins at 0; percents are rounded down.

    One of 100 % is laid out over all of the run, and the last step shows the peak, as real objects do.
    """
    peak = max(peak, 1e-5)
    config = {**WARM, "start_value": start, "max_value": peak}
    steps = int(warmup * (total - 1))
    theirs = warmup_stable_decay(start, peak, 1e-6, "Cosine", lambda _: (steps, steps))
    in_percent = kappaschedules.LinearWarmupCosineDecaySchedule(
        warmup_percent=warmup, start_value=start, max_value=peak, end_value=1e-6
    )
    in_steps = from_noether(config | {"warmup_steps": steps}).bind(total)
    runs = [from_noether(config | {"warmup_percent": warmup}, total_steps=total).bind(total)]
    runs.append(any_length(config | {"warmup_percent": warmup}, total) or runs[0])
    for t in some_steps(total):
        assert close(in_steps(t), theirs(t, total), peak)
        assert all(close(run(t), in_percent.get_value(t, total), peak) for run in runs)


@settings(derandomize=True, deadline=None, max_examples=20)
@given(
    HUNDREDTHS, HUNDREDTHS, st.sampled_from([0.0, 1e-5]), VALUES, st.sampled_from(["sqrt", "linear", "cosine"]), TOTALS
)
def test_warmup_stable_decay(one: float, other: float, start: float, peak: float, shape: str, total: int) -> None:
    """In percent, and in steps, which may be more than the run has: then the way down has begun already."""
    warm, cool = (one, other) if one + other <= 1 else (1 - one, round(1 - other, 2))
    peak = max(peak, 1e-5)
    config = {**STABLE, "start_value": start, "max_value": peak, "cooldown_shape": shape}
    in_percent = config | {"warmup_percent": warm, "cooldown_percent": cool}
    bounds = int(warm * (total - 1)), int((1.0 - cool) * (total - 1))
    theirs = warmup_stable_decay(start, peak, 1e-6, shape.title(), lambda _: bounds)
    runs = [from_noether(in_percent, total_steps=total).bind(total)]
    runs.append(any_length(in_percent, total) or runs[0])
    steps = int(one * 200), int(other * 200)
    in_steps = config | {"warmup_steps": steps[0], "cooldown_steps": steps[1]}
    also = warmup_stable_decay(start, peak, 1e-6, shape.title(), lambda total: (steps[0], total - steps[1]))
    known = [from_noether(in_steps).bind(total), from_noether(in_steps, total_steps=total).bind(total)]
    for t in some_steps(total):
        assert all(close(run(t), theirs(t, total), peak) for run in runs)
        assert all(close(run(t), also(t, total), peak) for run in known)


@pytest.mark.parametrize(
    "lengths",
    [
        {"warmup_percent": 0.1, "cooldown_percent": 0.3},
        {"warmup_percent": 0.0, "cooldown_percent": 0.3},
        {"warmup_steps": 5, "cooldown_steps": 20},
        {"warmup_percent": 1 / 3, "cooldown_percent": 1 - 1 / 3},
    ],
    ids=str,
)
def test_warmup_stable_decay_in_a_sequence(lengths: dict[str, float]) -> None:
    """It is laid out over its phase, wherever that begins, and whatever follows."""
    config = {**STABLE, "max_value": 1, **lengths}
    alone = from_noether(config, total_steps=80).bind(80)
    phases: list[Any] = [{"schedule": 0.5, "end_step": 20}, {"schedule": config, "end_step": 100}]
    for total, more in ((100, []), (120, [{"schedule": 0.25}])):
        bound = from_noether([*phases, *more], total_steps=total).bind(total)
        assert [bound(t) for t in range(20, 100)] == [alone(t) for t in range(80)]


POINTS = st.lists(st.tuples(HUNDREDTHS, st.floats(-2, 2).map(lambda value: round(value, 3))), min_size=2, max_size=8)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(POINTS, TOTALS, st.integers(0, 50))
@example([(0, -1), (0, -1), (0, 1), (1, 0)], 100, 0)
def test_piecewise(points: list[tuple[float, float]], total: int, more: int) -> None:
    """Between two points the line is exact, wherever between two steps they are; jumps are where they are there."""
    shares = [0.0, *sorted(share for share, _ in points[1:-1]), 1.0]
    through = [[share, value] for share, (_, value) in zip(shares, points, strict=True)]
    config = {"kind": SEED + "PiecewiseLinearSchedule", "control_points": through, "overhang_steps": more}
    bound, theirs = from_noether(config).bind(total), piecewise(through)
    assert all(close(bound(t), theirs(t, total + more), 2) for t in some_steps(total))


@pytest.mark.parametrize("percent", [0.05, 0.29, 0.58, 1 / 3, 0.07])
def test_lengths_that_floats_change(percent: float) -> None:
    """The boundary is that of Noether at every length, but for those that are named, and then it is a step later."""
    config = {**WARM, "max_value": 1, "warmup_percent": percent}
    reader = ConfigReader(NOETHER)
    schedule = reader.schedule(config, None)
    named = [] if percent == 1 / 3 else [total for total in range(1, 10_001) if odd(config, total)]
    for total in [*range(1, 300), *named[:5], 9999, 10_000, 10_001, 30_000]:
        begins = next(row.first for row in schedule.bind(total).phases if row.shape == "cosine")
        assert begins == int(percent * (total - 1)) + (total in named)
    assert all(f"of {', '.join(map(str, named[:3]))}" in found.message for found in reader.told)
    assert [found.code for found in reader.told] == ["W528"] * bool(named)


REAL = yaml.safe_load((EXPECTED / "noether-configs.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("config", REAL, ids=lambda config: str(list(config.values()))[22:])
def test_real_configs(config: dict[str, Any]) -> None:
    """Those of its recipes and documentation are read as they are, have its values at all lengths, and nothing odd."""
    reader = ConfigReader(NOETHER)
    schedule, theirs = reader.schedule(config, None), formula(config)
    assert not reader.told
    for total in (1, 2, 10, 97, 1000, 30_000):
        bound = schedule.bind(total)
        for t in range(0, min(total, len(config.get("values", range(total)))), 1 if total <= 1000 else 17):
            assert close(bound(t), theirs(t, total), config.get("max_value", 1))


@pytest.mark.parametrize(
    "config",
    [
        {"kind": "CosineDecreasingSchedule", "max_value": 1e-3},
        {"kind": "LinearIncreasingSchedule", "max_value": 1e-3, "overhang_steps": 7},
        {"kind": "StepFixedSchedule", "factor": 0.5, "steps": [0.3, 0.5]},
        {**WARM, "max_value": 1e-3, "warmup_percent": 0.29},
        {**STABLE, "max_value": 1e-3, "warmup_percent": 0.29, "cooldown_percent": 0.2},
        {"kind": "PiecewiseLinearSchedule", "control_points": [[0, 1], [0.3, 0], [1, 1]]},
    ],
    ids=lambda config: config["kind"],
)
def test_epochs(config: dict[str, Any]) -> None:
    """With `interval: epoch` the value is the one at the beginning of the epoch, in a run of the epochs that end."""
    theirs, more = formula(config), config.get("overhang_steps", 0)
    for total in (10, 90, 97, 100, 1009):
        reader = ConfigReader(NOETHER, 10)
        bound = reader.schedule({**config, "interval": "epoch"}, total).bind(total, steps_per_epoch=10)
        whole = total // 10 * 10
        assert all(close(bound(t), theirs(t // 10 * 10, whole + more), 1) for t in range(whole))
        assert [found.code for found in reader.told] == ["W528"] * (whole != total)


def test_config_of_its_own() -> None:
    """A config that is changed after a schedule was made of it changes nothing; lengths are numbers of any type."""
    config = {**WARM, "max_value": 1, "warmup_percent": 0.29}
    lr, whole = Schedule(config), from_noether(config, total_steps=101)
    config["max_value"] = 2
    assert lr.get_value(28, 101) == 1
    config["max_value"] = 1
    assert from_noether(config, total_steps=np.int64(101)) == from_noether(config, total_steps=101.0) == whole  # type: ignore[arg-type]


def test_epochs_in_any_run() -> None:
    """Without the lengths it is told that a run has to end with an epoch; a run without one is refused."""
    config = {"kind": "CosineDecreasingSchedule", "max_value": 1e-3}
    assert str(from_noether(config | {"interval": "update"})) == "cosine(1e-3, 0, inclusive=both)"
    with pytest.warns(ScheduleWarning, match="W528 interval"):
        assert str(from_noether(config | {"interval": "epoch"})) == "cosine(1e-3, 0, inclusive=both) every 1ep"
    assert codes(lambda: from_noether(config | {"interval": "epoch"}, total_steps=9, steps_per_epoch=10)) == ["E607"]
    assert codes(lambda: from_noether(config | {"interval": "epoch"}, total_steps=9, steps_per_epoch=1.5)) == ["E607"]


class Base(pydantic.BaseModel):
    """A model with the fields of the base class."""

    kind: str
    overhang_percent: float | None = None
    overhang_steps: int | None = None
    start_value: float = 0.0
    end_value: float = 1e-6
    weight_decay: float | None = 0.0
    start_percent: float | None = None
    end_percent: float | None = None
    start_step: int | None = None
    end_step: int | None = None
    interval: str = "update"
    warmup_percent: float | None = None
    warmup_steps: int | None = None
    max_value: float = 0.0


class Optimizer(pydantic.BaseModel):
    schedule_config: Base | None = None
    weight_decay_schedule: Base | None = None


MODEL = Base(kind=SEED + "LinearWarmupCosineDecaySchedule", max_value=1e-3, warmup_percent=0.05)


@pytest.mark.parametrize(
    "config",
    [
        MODEL,
        MODEL.model_dump(),
        MODEL.model_dump(exclude_unset=True),
        {"schedule_config": MODEL},
        omegaconf.OmegaConf.create({"lr": 1e-3, "optim": {**MODEL.model_dump(), "max_value": "${lr}"}}).optim,
    ],
)
def test_objects(config: Any) -> None:
    """Objects of pydantic's and OmegaConf's, and what these dump, are read with all fields of the base class."""
    text = "linear(0, 1e-3, inclusive=neither) for max(5% - 1, 0) then cosine(1e-3, 1e-6, inclusive=both)"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert str(from_noether(config)) == text


def test_objects_that_are_no_schedules() -> None:
    (found,) = refused(from_noether, Optimizer(schedule_config=MODEL)).diagnostics
    assert found.hint == "give its `schedule_config`"
    for lacking, hint in (("${lr}", "whole config"), ("???", "a value in place of")):
        config = omegaconf.OmegaConf.create({"kind": "ConstantSchedule", "value": lacking})
        (found,) = refused(from_noether, config).diagnostics
        assert found.code == "E605" and hint in (found.hint or "")


@pytest.mark.parametrize(
    ("fields", "about"),
    [
        ({"start_step": 100, "end_step": 200}, ["start_step", "end_step"]),
        ({"weight_decay": 0.05}, ["weight_decay"]),
        ({"start_value": 0.5}, ["start_value"]),
        ({"start_value": 2.0}, []),
        ({"start_value": 0.0, "weight_decay": 0.0}, []),
    ],
)
def test_what_does_nothing_is_told(fields: dict[str, Any], about: list[str]) -> None:
    """A field of the base class that nothing looks at, if it says anything that the schedule doesn't."""
    config = {"kind": "LinearDecreasingSchedule", "max_value": 2.0, **fields}
    tell_once.cache_clear()
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        assert str(from_noether(config)) == "linear(2, 0, inclusive=both)"
    assert [re.match("W527 (\\w+): ", str(each.message))[1] for each in found] == about  # type: ignore[index]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        from_noether(config, ignore=["W527"])


TABLE = [(text, yaml.safe_load("\n".join(lines))) for text, _, lines in told("noether.txt")]


@pytest.mark.parametrize(("text", "config"), TABLE, ids=[text for text, _ in TABLE])
def test_texts(text: str, config: dict[str, Any]) -> None:
    """The text that a config becomes, given as a mapping, as YAML text, and as OmegaConf has it."""
    assert str(from_noether(config)) == text
    assert str(from_noether(yaml.safe_dump(config))) == text
    assert str(from_noether(omegaconf.OmegaConf.create(config))) == text
    assert parse(text) == from_noether(config)


def test_number_that_yaml_takes_for_a_text() -> None:
    assert str(from_noether("3e-4")) == "constant(3e-4)"


@pytest.mark.parametrize(
    "kind",
    [
        "StepFixedSchedule",
        "StepFixedScheduleConfig",
        "step_fixed_schedule",
        "step_fixed",
        "noether.core.schedules.StepFixedSchedule",
        "noether.core.schedules.step.StepFixedSchedule",
        "noether.core.schemas.schedules.StepFixedScheduleConfig",
    ],
)
def test_kinds(kind: str) -> None:
    """A kind is a class by its path or its name, or what kappaschedules calls it."""
    config = {"kind": kind, "start_value": 1, "factor": 0.1, "steps": [0.5]}
    assert str(from_noether(config)) == "step_fixed(0.1, [50%], start=1)"


def test_shares_that_were_calculated() -> None:
    """A share that is the float of a fraction means the fraction: its step is reached in whole numbers, as there."""
    share, total = 5 / 6, 6
    assert Fraction(str(share)) > Fraction(5, 6)  # as a decimal it is too late by one step
    config = {"kind": "StepFixedSchedule", "start_value": 1.0, "factor": 0.5, "steps": [share]}
    bound = from_noether(config).bind(total)
    assert [bound(t) for t in range(total)] == [step_fixed(1.0, 0.5, [share])(t, total) for t in range(total)]


def test_works_without_total_in_any_run() -> None:
    """A text made without total_steps has the values of a config in runs of any length."""
    rise = {"schedule": {"kind": "linear_increasing_schedule", "max_value": 1, "exclude_first": True}, "end_step": 20}
    stairs = {"kind": "step_decreasing_schedule", "max_value": 1, "factor": 0.5, "interval": 0.2}
    theirs = kappaschedules.object_to_schedule([rise, {"schedule": dict(stairs), "start_step": 30}])
    stairs["decreases_interval"] = stairs.pop("interval")
    ours = from_noether([rise, {"schedule": stairs, "start_step": 30}])
    for total in (1, 10, 20, 29, 30, 31, 35, 100, 777):
        bound = ours.bind(total)
        assert all(close(bound(t), theirs.get_value(t, total), 1) for t in range(total))


REFUSED = [
    *((yaml.safe_load(config), *lines) for config, _, lines in told("noether-refuses.txt")),
    ({"kind": "ConstantSchedule", "value": 10**400}, "E605: is not a number", "such as"),
]


@pytest.mark.parametrize(("config", "message", "hint"), REFUSED, ids=lambda each: str(each)[:60])
def test_what_is_refused(config: Any, message: str, hint: str) -> None:
    """What Noether does not have, or ignores, is an error that says where it stands and what is meant."""
    (found,) = refused(from_noether, config).diagnostics
    code, _, words = message.partition(": ")
    assert found.code == code
    assert words in found.message
    assert hint in (found.hint or "")


def test_nesting_is_limited() -> None:
    config: list[Any] = []
    config.append({"schedule": config, "end_step": 5})
    with pytest.raises(ScheduleError, match="E106"):
        from_noether(config)


@pytest.mark.parametrize("total", [0, -1, 2.5, True, "100"])
def test_total_steps_is_checked(total: Any) -> None:
    with pytest.raises(ScheduleError, match="E607"):
        from_noether({"kind": "LinearDecreasingSchedule", "max_value": 1}, total_steps=total)


# Its interface.


def test_interface() -> None:
    """The object answers `get_value(step, total_steps)` for all steps, also at and behind the end."""
    schedule = Schedule("warmup(5%) then cosine(3e-4, 1e-6)")
    for total in (1, 7, 300):
        bound = parse("warmup(5%) then cosine(3e-4, 1e-6)").bind(total)
        assert [schedule.get_value(t, total) for t in range(total + 3)] == [bound(t) for t in range(total + 3)]
    assert schedule.get_value(step=300, total_steps=300) == 1e-6
    assert repr(schedule) == "Schedule('warmup(5%) then cosine(3e-4, 1e-6)')"


def test_interface_takes_schedules() -> None:
    """What `from_noether` gives goes into the object, next to texts and schedules."""
    schedule = Schedule(
        from_noether({"kind": "LinearDecreasingSchedule", "max_value": 1}).every("1ep"), steps_per_epoch=2
    )
    assert [schedule.get_value(t, 5) for t in range(5)] == [1.0, 1.0, 0.5, 0.5, 0.0]
    assert Schedule(cosine("peak", 0), peak=2).get_value(10, 10) == 0.0
    again = pickle.loads(pickle.dumps(schedule))
    assert again.get_value(2, 5) == 0.5


CONFIGS = [
    {**WARM, "max_value": 1e-3, "warmup_percent": 0.29},
    {**STABLE, "max_value": 1e-3, "warmup_percent": 0.29, "cooldown_percent": 0.71, "overhang_percent": 0.1},
    {"kind": "StepIntervalSchedule", "factor": 0.5, "update_interval": 0.1, "overhang_percent": 0.1},
    [{"schedule": 0.5, "end_percent": 0.29}, {"schedule": {"kind": "LinearDecreasingSchedule", "max_value": 1}}],
    {"schedule_config": {"kind": "CosineDecreasingSchedule", "max_value": 1e-3, "interval": "epoch"}},
]


@pytest.mark.parametrize("config", CONFIGS, ids=range(len(CONFIGS)))
def test_interface_takes_configs(config: Any) -> None:
    """A config, also as YAML, is what it is in a run of each length; nothing is told of the text that it becomes."""
    schedules = [Schedule(each, steps_per_epoch=5) for each in (config, yaml.safe_dump(config))]
    schedules.append(pickle.loads(pickle.dumps(schedules[0])))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for total in (10, 100, 101, 1000, 10):  # which end with an epoch, all but one
            if total % 5 and "schedule_config" in config:
                continue
            bound = from_noether(config, total_steps=total, steps_per_epoch=5).bind(total, steps_per_epoch=5)
            for schedule in schedules:
                assert [schedule.get_value(t, total) for t in range(total)] == bound.values().tolist()


def test_interface_takes_objects() -> None:
    tell_once.cache_clear()
    schedule = Schedule(MODEL, total_steps="2ep", steps_per_epoch=500)
    assert schedule.get_value(49, 1000) == 1e-3 > schedule.get_value(50, 1000)
    assert schedule.get_value(98, 2000) < schedule.get_value(99, 2000) == 1e-3
    with warnings.catch_warnings():  # it is told of the runs that it is asked about alone
        warnings.simplefilter("error")
        Schedule(CONFIGS[4], steps_per_epoch=300)
        Schedule(CONFIGS[0])
    assert repr(Schedule(CONFIGS[2])).startswith("Schedule(\"{'kind': 'StepInterval")


@pytest.mark.parametrize(
    ("text", "run", "step", "code"),
    [
        ({"kind": "LinearDecreasingSchedule"}, {}, 0, "E605"),
        ("kind: LinearDecreasingSchedule", {}, 0, "E605"),
        ({"kind": "LinearDecreasingSchedule", "max_value": 1, "interval": "epoch"}, {}, 0, "E401"),
        ({"kind": "LinearDecreasingSchedule", "max_value": 1}, {}, -1, "E407"),
        ({"kind": "LinearDecreasingSchedule", "max_value": 1}, {"peak": 3}, 0, "E403"),
        ("lr: cosine(1, 0)", {}, 0, "E102"),
        ("warmup(5%) the cosine", {}, 0, "E107"),
        ("linear for 5ep", {"total_steps": 9}, 0, "E401"),
        ("1", {}, -1, "E407"),
    ],
)
def test_interface_refuses(text: str, run: dict[str, Any], step: int, code: str) -> None:
    """A wrong text, a run that lacks something, and what is not a step are errors of ours."""
    assert code in codes(lambda: Schedule(text, **run).get_value(step, 10))


PAGE = (Path(__file__).parents[2] / "docs" / "frameworks" / "noether.md").read_text(encoding="utf-8")


def test_table_of_fields() -> None:
    """It is what `python -m schedlang._transfer.porting.page` writes, and follows the declarations."""
    assert page(PAGE) == PAGE
    constant = NOETHER.kinds["ConstantSchedule"]
    changed = {
        **NOETHER.kinds,
        "ConstantSchedule": constant | {"value": constant["value"]._replace(default=0.5, required=False)},
    }
    assert "| `Constant` | `value` | `0.5` | a number | `constant(…)` |" in page(PAGE, NOETHER._replace(kinds=changed))
    assert all(f"`{kind.removesuffix('Schedule')}`" in PAGE for kind in (*NOETHER.kinds, *NOETHER.refused))


def rows() -> list[Any]:
    """The rows of the table on the page, where a whole config stands."""
    return [pytest.param(*row, id=row[1]) for row in re.findall(r"(?m)^\| (`kind: .*`) \| `(.*)` \|$", PAGE)]


@pytest.mark.parametrize(("fields", "text"), rows())
def test_page(fields: str, text: str) -> None:
    config = yaml.safe_load("{" + fields.replace("`", "") + "}")
    assert str(from_noether(config)) == text


def test_page_has_the_kinds() -> None:
    """Most kinds have a row, the three step schedules among them."""
    shown = " ".join(row.id or "" for row in rows())
    assert len(rows()) == 13
    assert all(name in shown for name in ("step_fixed", "step_interval", "step_decreasing"))
