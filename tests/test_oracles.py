"""Value tables measured from other libraries: one line of text each."""

import json
import math
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from helpers import told
from hypothesis import given
from hypothesis import strategies as st

from schedlang import parse

ORACLES = Path(__file__).parent / "oracles"

TEXTS = {theirs: ours for theirs, _, (ours,) in told("oracles.txt")}
"""Of kappaschedules, the ancestor of Noether, and of torch. A ramp of theirs that excludes neither end shows both, one
that excludes the last shows the left one, and so on."""

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
