"""Whoever visits parts by their kind leaves none out: what they say covers all steps, and a new kind is refused.

What is declared by a class is refused if the class lacks something.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import attrs
import pytest
from helpers import bound_or_reject
from hypothesis import given, reject
from hypothesis import strategies as st

from schedlang import Bound, Schedule, ScheduleError, parse
from schedlang._insight.lint.rule import Rule
from schedlang._language.clocks import RampClock, RateClock
from schedlang._language.nodes.clauses import Clause, clause, time
from schedlang._language.operations import EVERYTHING, Interval
from schedlang._language.program import Part, Sampled, Search
from schedlang.strategies import runs, schedules

VALUES = Path(__file__).parents[1] / "grammar/conformance/values.jsonl"
CASES = [case for case in map(json.loads, VALUES.read_text("utf-8").splitlines()) if "values" in case]


def assert_tiles(spans: Iterable[tuple[int, int | None]], end: int | None) -> None:
    """Every step from 0 up to the end (None: all of them) lies in exactly one span."""
    reached: int | None = 0
    for first, stop in spans:
        assert first == reached, f"a hole or an overlap at {reached}: the next begins at {first}"
        assert stop is None or stop > first
        reached = stop
    assert reached == end


def assert_complete(bound: Bound) -> None:
    """The outermost sentences tell of every step there is, the phase table of every step of the run."""
    assert_tiles(((each.first, each.stop) for each in bound.explain().sentences if each.depth == 0), None)
    assert_tiles(((row.first, row.stop) for row in bound.phases), bound.total_steps)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_each_step_of_the_conformance_texts_is_told_of_once(case: dict[str, Any]) -> None:
    """No phase of a text that has values is left out by `explain` or by the phase table."""
    run = dict(case["run"])
    assert_complete(parse(case["text"]).bind(**run.pop("params", {}), **run))


@given(schedules(), runs(), st.booleans())
def test_each_step_is_told_of_once(schedule: Schedule, run: dict[str, Any], endless: bool) -> None:
    """The same of generated schedules, with and without an end of the run."""
    if endless:
        run = {**run, "total_steps": None}
    bound = bound_or_reject(schedule, run)
    try:
        bound.explain()
    except ScheduleError as error:  # without an end, values may come to be too large: that is told, and nothing else
        assert [each.code for each in error.diagnostics] == ["E406"]
        reject()
    assert_complete(bound)


@attrs.frozen
class Unheard(Part):
    """A kind of part that nobody knows."""

    def _value(self, step: int) -> float:
        return 1.0

    def _free(self, step: int) -> bool:
        return True

    def _bounds(self, first: int, last: int, search: Search) -> Interval:
        return EVERYTHING

    shape: ClassVar[str] = "unheard"


@pytest.mark.parametrize(
    "ask",
    [
        Bound.explain,
        Bound.warnings,
        lambda bound: bound.why(3),
        lambda bound: bound.when("> 0"),
        lambda bound: bound.compiled,
        lambda bound: bound.values(),
    ],
    ids=["explain", "warnings", "why", "when", "compiled", "values"],
)
def test_an_unknown_kind_of_part_is_refused(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every visitor says which kind it has no rule for, instead of leaving it out."""
    cosine = type(parse("cosine"))
    monkeypatch.setattr(cosine, "lay", lambda self, frame: Unheard(frame.first, frame.last, self))
    bound = parse("cosine for 5 then hold").bind(10)
    assert bound.walk(3) == 1.0
    with pytest.raises(TypeError, match="no rule for parts of the kind Unheard"):
        ask(bound)


@pytest.mark.parametrize(
    ("base", "fields", "message"),
    [
        (Clause, {}, "the clause New lacks `WORDS`"),
        (Clause, {"WORDS": {"backwards": "From its end."}}, "the grammar lacks `backwards`, a word of the clause New"),
        (Clause, {"WORDS": {"for": "How long."}}, "the clause `for` is declared twice"),
        (Clause, {"WORDS": {"from": "Odd."}}, "the grammar lacks `phase FROM`, the rule of the clause New"),
        (Clause, {"WORDS": {"from": "Odd."}, "x": time("how long")}, "the grammar lacks `phase FROM sum`"),
        (Sampled, {}, "the part New lacks `words`"),
        (Rule, {"story": "odd"}, "the rule New lacks `code`"),
        (Rule, {"code": "W599"}, "the rule New lacks `story`"),
        (Rule, {"code": "W599", "story": "odd", "sight": print}, "the rule New lacks `nodes`"),
    ],
)
def test_what_lacks_something_is_refused(base: Any, fields: dict[str, Any], message: str) -> None:
    """A declaration that lacks something is refused where it stands, and the message names what it is."""
    with pytest.raises(TypeError, match=message):
        clause(type("New", (base,), fields))


PLACES = st.fractions(0, 30, max_denominator=12)


@given(PLACES, st.fractions(0, 1, max_denominator=12), st.integers(0, 40), PLACES)
def test_clocks_between_steps(length: Fraction, offset: Fraction, t: int, place: Fraction) -> None:
    """A ramp from anywhere to anywhere, and time in any unit: exact at whole steps and between them."""
    ramp, rate = RampClock.exact(length, offset), RateClock(length + 1, offset)
    done = Fraction(1) if length == 0 else min(Fraction(1), (t + offset) / length)
    assert Fraction(*ramp.read(t)) == Fraction(*ramp.between(t)) == done
    assert Fraction(*rate.read(t)) == Fraction(*rate.between(t)) == (t + offset) / (length + 1)
    assert Fraction(*ramp.between(place)) == (1 if length == 0 else min(1, (place + offset) / length))
    assert Fraction(*rate.between(place)) == (place + offset) / (length + 1)
    assert all(isinstance(each, int) for clock in (ramp, rate) for each in (*clock.read(t), *clock.between(place)))
