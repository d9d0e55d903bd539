"""Value tables measured from other libraries: one line of text each."""

import json
import math
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedlang import parse

ORACLES = Path(__file__).parent / "oracles"

TEXTS = {
    # kappaschedules, the ancestor of Noether: the same to the bit
    "S.ConstantSchedule(value=0.5)": "0.5",
    "S.StepFixedSchedule(start_value=1.0, factor=0.1, steps=[0.3, 0.6, 0.9])": "step_fixed(0.1, [0.3, 0.6, 0.9])",
    "S.StepFixedSchedule(start_value=1.0, factor=0.1, steps=[0.01, 0.02, 0.03])": "step_fixed(0.1, [0.01, 0.02, 0.03])",
    "S.StepFixedSchedule(start_value=1.0, factor=0.1, steps=[0.9, 0.3, 0.6])": "step_fixed(0.1, [0.9, 0.3, 0.6])",
    "S.StepFixedSchedule(start_value=1.0, factor=0.1, steps=[0.3, 0.3, 0.6])": "step_fixed(0.1, [0.3, 0.3, 0.6])",
    "S.StepIntervalSchedule(start_value=1.0, factor=0.5, interval=0.25)": "step_interval(0.5, every=0.25)",
    "S.StepIntervalSchedule(start_value=1.0, factor=0.5, interval=0.01)": "step_interval(0.5, every=0.01)",
    "S.StepDecreasingSchedule(factor=0.1, max_value=1.0, end_value=0.0, interval=0.25)": (
        "step_decreasing(0.1, every=0.25)"
    ),
    # ramps: excluding neither end shows both, excluding the last one shows the left one, and so on
    "S.LinearDecreasingSchedule(max_value=1.0, end_value=0.0)": "linear(1, 0, inclusive=both)",
    "S.CosineDecreasingSchedule(max_value=1.0, end_value=0.0)": "cosine(1, 0, inclusive=both)",
    "S.CosineDecreasingSchedule(max_value=1.0, end_value=0.1)": "cosine(1, 0.1, inclusive=both)",
    "S.PolynomialDecreasingSchedule(max_value=1.0, end_value=0.0, power=2.0)": "poly(1, 0, power=2, inclusive=both)",
    "S.LinearDecreasingSchedule(max_value=1.0, end_value=0.0, exclude_first=True)": "linear(1, 0, inclusive=right)",
    "S.CosineDecreasingSchedule(max_value=1.0, end_value=0.0, exclude_first=True)": "cosine(1, 0, inclusive=right)",
    "S.LinearDecreasingSchedule(max_value=1.0, end_value=0.0, exclude_last=True)": "linear(1, 0, inclusive=left)",
    "S.CosineDecreasingSchedule(max_value=1.0, end_value=0.0, exclude_last=True)": "cosine(1, 0, inclusive=left)",
    "S.LinearDecreasingSchedule(max_value=1.0, end_value=0.0, exclude_first=True, exclude_last=True)": (
        "linear(1, 0, inclusive=neither)"
    ),
    "S.CosineDecreasingSchedule(max_value=1.0, end_value=0.0, exclude_first=True, exclude_last=True)": (
        "cosine(1, 0, inclusive=neither)"
    ),
    "S.LinearWarmupCosineDecaySchedule(warmup_steps=3, start_value=0.0, max_value=1.0, end_value=0.0)": (
        "warmup(3, 0, 1, inclusive=neither) then cosine(1, 0, inclusive=both)"
    ),
    # torch
    "L.LinearLR(opt, start_factor=1.0, end_factor=0.0, total_iters=T)": "linear",
    "L.CosineAnnealingLR(opt, T_max=T, eta_min=0.0)": "cosine",
    "L.CosineAnnealingLR(opt, T_max=T, eta_min=0.1)": "cosine(end=0.1)",
    "L.PolynomialLR(opt, total_iters=T, power=2.0)": "poly(power=2)",
    "L.LambdaLR(opt, lambda t: min(1.0, (t + 1) / 3))": "warmup(3, inclusive=right)",
    "L.MultiStepLR(opt, milestones=[30, 60, 90], gamma=0.1)": "step_fixed(0.1, [30, 60, 90])",
    "L.StepLR(opt, step_size=25, gamma=0.5)": "step_interval(0.5, every=25)",
    "L.ExponentialLR(opt, gamma=0.97)": "exponential_decay(0.97)",
    "L.LambdaLR(opt, lambda t: t / 5 if t < 5 else 0.5 * (1 + math.cos(math.pi * min(1.0, (t - 5) / 95))))": (
        "warmup(5) then cosine(1, 0)"
    ),
    "L.SequentialLR(opt, [L.LinearLR(opt, start_factor=0.1, total_iters=10), L.ConstantLR(opt, factor=1.0, "
    "total_iters=60), L.LinearLR(opt, start_factor=1.0, end_factor=0.0, total_iters=30)], milestones=[10, 70])": (
        "linear(0.1, 1) for 10 then hold for 60 then linear for 30"
    ),
    "L.CosineAnnealingWarmRestarts(opt, T_0=25)": "cosine(1, 0) for 25 repeat",
}

EXACT = ("StepFixedSchedule", "StepIntervalSchedule", "ConstantSchedule")
"""Noether's formulas that are ours too; `step_decreasing` is the same formula, written with fewer roundings."""


def tables() -> list[Any]:
    found = []
    for file in ("kappaschedules", "torch"):
        for table in json.loads((ORACLES / f"{file}.json").read_text())["tables"]:
            name = f"{table['peer']}-{table['schedule']}-{table['total_steps']}"
            found.append(pytest.param(table, id=name))
    return found


@pytest.mark.parametrize("table", tables())
def test_table(table: dict[str, Any]) -> None:
    """One line of text has the values that the library had, at every step."""
    bound = parse(TEXTS[table["constructor"]]).bind(table["total_steps"])
    values = table["values"]
    if table["schedule"] == "cosine_restarts":
        values = values[: table["total_steps"]]  # at the end of the run torch restarts, and we hold
    assert len(values) >= table["total_steps"]
    for step, value in enumerate(values):
        if any(name in table["constructor"] for name in EXACT):
            assert bound(step) == value
        else:
            assert math.isclose(bound(step), value, rel_tol=1e-12, abs_tol=1e-12), step


def test_every_table_is_used() -> None:
    """No text of ours is without a table."""
    assert {table.values[0]["constructor"] for table in tables()} == set(TEXTS)


# Noether's own formulas (facts about it, written straightforwardly), for drawn arguments.

FACTORS = st.floats(0.01, 2.0)
TOTALS = st.one_of(st.integers(1, 300), st.integers(1, 10**6), st.sampled_from([7919, 104_729, 999_983, 999_999]))
SHARES = st.integers(1, 9999).map(lambda share: share / 10_000)
"""Decimal fractions of at most four digits, as configs have them."""


def some_steps(total: int, places: list[Fraction]) -> list[int]:
    """Steps below the total: all of a short run, else those around some places and a few more."""
    if total <= 300:
        return list(range(total))
    around = {int(place * total) + offset for place in places for offset in (-1, 0, 1, 2)}
    around |= {random.Random(total).randrange(total) for _ in range(50)} | {0, 1, total - 1}
    return sorted(step for step in around if 0 <= step < total)


def exact(share: float) -> Fraction:
    return Fraction(repr(share))


@given(FACTORS, st.lists(SHARES, min_size=1, max_size=6), TOTALS)
def test_noether_step_fixed(factor: float, steps: list[float], total: int) -> None:
    """start·factor^(number of steps[i] <= t/T), to the bit."""
    bound = parse(f"step_fixed({factor!r}, {steps!r})").bind(total, base=0.3)
    for t in some_steps(total, [exact(step) for step in steps]):
        assert bound(t) == 0.3 * factor ** sum(step <= t / total for step in steps), t


@given(FACTORS, SHARES.filter(lambda share: share >= 0.003), TOTALS)
def test_noether_step_interval(factor: float, interval: float, total: int) -> None:
    """start·factor^int(round((t/T)/interval, 10)), to the bit."""
    bound = parse(f"step_interval({factor!r}, every={interval!r})").bind(total, base=0.3)
    for t in some_steps(total, [n * exact(interval) for n in range(1, 20)]):
        assert bound(t) == 0.3 * factor ** int(round((t / total) / interval, 10)), t


@given(FACTORS, SHARES.filter(lambda share: share >= 0.003), TOTALS, st.floats(0, 1), st.floats(0, 1))
def test_noether_step_decreasing(factor: float, interval: float, total: int, one: float, other: float) -> None:
    """max + (1 - factor^k)·(end - max), to a few roundings of the larger of its terms."""
    end, start = sorted((one, other))
    bound = parse(f"step_decreasing({factor!r}, every={interval!r}, start={start!r}, end={end!r})").bind(total)
    for t in some_steps(total, [n * exact(interval) for n in range(1, 20)]):
        power = factor ** int(round((t / total) / interval, 10))
        expected = start + (1 - power) * (end - start)
        assert math.isclose(bound(t), expected, rel_tol=1e-12, abs_tol=1e-12 * max(1, power)), t
