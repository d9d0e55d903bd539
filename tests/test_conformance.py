"""The conformance suite of the language, run against this implementation."""

import json
import math
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import schedlang
from schedlang import Bound, ScheduleError, parse

PACKAGED = Path(schedlang.__file__).parent / "grammar" / "conformance"
SUITE = PACKAGED if PACKAGED.is_dir() else Path(schedlang.__file__).parent.parent / "grammar" / "conformance"


@cache
def cases(name: str) -> list[Any]:
    lines = (SUITE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [pytest.param(case, id=case["id"]) for case in map(json.loads, lines)]


def bind(text: str, run: Mapping[str, Any]) -> Bound:
    rest = {name: value for name, value in run.items() if name != "params"}
    return parse(text).bind(**rest, **run.get("params", {}))


@pytest.mark.parametrize("case", cases("values"))
def test_values(case: dict[str, Any]) -> None:
    bound = bind(case["text"], case["run"])
    size = max(abs(value) for _, value in case["values"])
    for step, value in case["values"]:
        assert math.isclose(bound(step), value, rel_tol=1e-12, abs_tol=1e-12 * size), step


@pytest.mark.parametrize("case", cases("clocks"))
def test_clocks(case: dict[str, Any]) -> None:
    """The text has these values at places of another clock."""
    bound = bind(case["text"], case["run"])
    for place, value in case["values"]:
        asked = Fraction(place) if isinstance(place, str) else place
        assert math.isclose(bound(asked), value, rel_tol=1e-12, abs_tol=1e-12), place


@pytest.mark.parametrize("case", cases("real"))
def test_real(case: dict[str, Any]) -> None:
    """The schedule of somebody's training code, at every step of the run, by the code itself."""
    theirs: dict[str, Any] = {"math": math}
    exec(case["code"], theirs)
    expected = [theirs["f"](step) for step in range(case["run"]["total_steps"])]
    assert case["values"] == [[step, expected[step]] for step, _ in case["values"]]
    found = bind(case["text"], case["run"]).values()
    size = max(map(abs, expected))
    far = [step for step, wanted in enumerate(expected) if not abs(found[step] - wanted) <= 1e-12 * size]
    assert not far, (far[0], found[far[0]], expected[far[0]])


@pytest.mark.parametrize("case", cases("format"))
def test_format(case: dict[str, Any]) -> None:
    """The text has this canonical form, which is its own and means the same."""
    schedule = parse(case["text"])
    assert str(schedule) == case["canonical"]
    assert parse(case["canonical"]) == schedule
    assert str(parse(case["canonical"])) == case["canonical"]


@pytest.mark.parametrize("case", cases("errors"))
def test_errors(case: dict[str, Any]) -> None:
    """The text is refused with this code, at this place, with a hint."""
    with pytest.raises(ScheduleError) as caught:
        if "run" in case:
            parse(case["text"])
            bind(case["text"], case["run"])
        else:
            parse(case["text"])
    first = caught.value.diagnostics[0]
    assert first.span is not None
    assert (first.code, first.span.start, first.span.end) == (case["code"], case["start"], case["end"])
    assert first.hint
    if "run" in case:
        parse(case["text"])


@pytest.mark.slow
@pytest.mark.parametrize("case", cases("limits"))
def test_limits(case: dict[str, Any]) -> None:
    """The text is within the limits, or refused with this code."""
    text = "".join(piece * times for piece, times in case["pieces"])
    code = None
    try:
        schedule = parse(text)
        if "run" in case:
            schedule.bind(**case["run"])
    except ScheduleError as error:
        code = error.diagnostics[0].code
        assert len(str(error)) < 1000
    assert code == case["code"]
