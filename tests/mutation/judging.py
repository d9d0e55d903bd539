"""Whether the tests notice a mistake: what runs in the process that has it."""

from __future__ import annotations

import ast
import doctest
import importlib
import importlib.abc
import importlib.machinery
import io
import json
import math
import os
import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

from reference import Rejected, reference_value

TESTS = Path(__file__).parent.parent
SUITE = TESTS.parent / "grammar" / "conformance"

DOCTESTS = ("clocks", "run", "program", "binding", "frame", "nodes.scalars", "nodes.arithmetic", "nodes.composition")
DOCTESTS += ("nodes.base", "nodes.ramps", "nodes.steps", "nodes.tables", "nodes.decays", "nodes.constants")

PYTEST = ["test_binding.py", "test_phases.py", "test_conformance.py::test_limits", "test_nodes.py"]
SLOW = ("nested_repeats_are_bounded", "far_steps_cost", "every_primitive_is_generated", "pickles_and_copies")
"""Tests that take seconds: left out."""
HEAVY = ("copies-over", "copies-at", "doubling-names", "nothing_up")
"""Tests of limits that take seconds: left out but for `frame`, which counts."""

Sample = list[tuple[str, dict[str, Any], list[int], list[float] | None]]
"""Generated texts with a run, steps, and the reference's values there; None: refused."""


class _Mistaken(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a syntax tree."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self.name, self.path, self.tree = name, path, tree

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        return importlib.machinery.ModuleSpec(name, self, origin=str(self.path))

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(self.path)
        exec(compile(self.tree, str(self.path), "exec"), module.__dict__)


def mistake(name: str, path: Path, tree: ast.Module) -> None:
    """From here on the module is the one with the mistake."""
    sys.meta_path.insert(0, _Mistaken(name, path, tree))


def lines(name: str) -> list[dict[str, Any]]:
    """The cases of a file of the conformance suite."""
    return [json.loads(line) for line in (SUITE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def quick(sample: Sample) -> Iterator[str | None]:
    """What most mistakes don't survive; for each check None, or what noticed."""
    import schedlang
    from schedlang import ScheduleError, evaluate, parse

    for name in DOCTESTS:
        module = importlib.import_module(f"schedlang.{name}")
        with redirect_stdout(io.StringIO()):
            yield f"doctest {name}" if doctest.testmod(module).failed else None
    for case in lines("values"):
        run = {name: value for name, value in case["run"].items() if name != "params"}
        run |= case["run"].get("params", {})
        bound = parse(case["text"]).bind(**run)
        size = max(abs(value) for _, value in case["values"])
        for step, value in case["values"]:
            ok = math.isclose(bound(step), value, rel_tol=1e-12, abs_tol=1e-12 * size)
            yield None if ok else f"values {case['id']}"
        step, value = case["values"][0]
        ok = math.isclose(evaluate(case["text"], step, **run), value, rel_tol=1e-12, abs_tol=1e-12 * size)
        yield None if ok else f"values {case['id']}"
    for case in lines("errors"):
        run = dict(case.get("run", {}))
        run |= run.pop("params", {})
        try:
            schedule = parse(case["text"])
            if "run" in case:
                schedule.bind(**run)
            yield f"errors {case['id']}"
        except ScheduleError as error:
            first = error.diagnostics[0]
            assert first.span is not None
            found = (first.code, first.span.start, first.span.end)
            yield None if found == (case["code"], case["start"], case["end"]) else f"errors {case['id']}"
    for case in lines("format"):
        yield None if str(parse(case["text"])) == case["canonical"] else f"format {case['id']}"
    for text, run, steps, expected in sample:
        try:
            bound = schedlang.parse(text).bind(**run)
            values = [bound(step) for step in steps]
        except ScheduleError as error:
            early = error.diagnostics[0].code in ("E312", "E406")
            yield f"reference accepts {text}" if expected is not None and not early else None
            continue
        if expected is not None:
            size = max(*map(abs, expected), 1e-6)
            pairs = zip(values, expected, strict=True)
            same = all(math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9 * size) for one, other in pairs)
            yield None if same else f"reference {text}"
        else:
            yield f"reference refuses {text}"


def suite(_: Sample) -> Iterator[str | None]:
    """The tests themselves, with few examples for each property."""
    import pytest

    os.environ["HYPOTHESIS_PROFILE"] = "mutation"
    left_out = (
        SLOW if "schedlang._language.frame" in [getattr(each, "name", "") for each in sys.meta_path] else SLOW + HEAVY
    )
    arguments = ["-x", "-q", "-p", "no:cacheprovider", "--tb=no", "--assert=plain"]
    arguments += ["-k", " and ".join(f"not {each}" for each in left_out)]
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()):
        code = pytest.main([*arguments, *(str(TESTS / name) for name in PYTEST)])
    failed = [line for line in out.getvalue().splitlines() if line.startswith(("FAILED", "ERROR"))]
    yield None if code == 0 else (failed or [f"pytest {code}"])[0][:150]


def generated(count: int, seed: int) -> list[tuple[str, dict[str, Any]]]:
    """Texts with runs."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded

    from schedlang.strategies import runs, schedules

    found: list[tuple[str, dict[str, Any]]] = []

    @seeded(seed)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(schedules(most=8), runs(40))
    def collect(schedule: Any, run: dict[str, Any]) -> None:
        found.append((str(schedule), run))

    collect()
    return found


UNSTEADY = ("sin(", "cos(", "floor(", "ceil(", "round(")


def sampled(count: int, seed: int) -> Sample:
    """Generated texts with what the reference says of them; those both see alike."""
    from schedlang import ScheduleError, parse

    sample: Sample = []
    for text, run in generated(count, seed):
        if any(word in text for word in UNSTEADY):
            continue
        steps = [*range(run["total_steps"] + 2), 10**9]
        expected: list[float] | None = None
        try:
            expected = [float(value) for value in reference_value(text, steps, **run)]
        except Rejected as rejected:
            if "not finite" in str(rejected):
                continue
        try:
            parse(text).bind(**run)
        except ScheduleError as error:
            if error.diagnostics[0].code in ("E312", "E406"):
                continue
        sample.append((text, run, steps, expected))
    return sample


RUNS: list[dict[str, Any]] = [
    {"total_steps": 37, "steps_per_epoch": 3.5, "samples_per_step": 8, "tokens_per_step": 300, "base": 0.7},
    {"total_steps": 1003, "steps_per_epoch": 12.5, "samples_per_step": 8, "tokens_per_step": 4096, "base": 3e-4},
    {"total_steps": 1, "steps_per_epoch": 1, "samples_per_step": 1, "tokens_per_step": 1, "base": -2.0},
    {"steps_per_epoch": 12.5, "samples_per_step": 8, "tokens_per_step": 4096},
    {"total_steps": 10**12, "steps_per_epoch": 7, "samples_per_step": 3, "tokens_per_step": 10**9, "base": 0.0},
]
STEPS = [
    *range(42),
    49,
    50,
    51,
    99,
    100,
    101,
    199,
    200,
    201,
    500,
    501,
    502,
    1000,
    1001,
    1002,
    1003,
    1004,
    10**9,
    10**12,
]


def watched(count: int, seed: int) -> list[tuple[str, dict[str, Any]]]:
    """Texts with runs, on which behaviour with and without the mistake is compared."""
    from fuzz.growing import Grower

    from schedlang import ScheduleError, parse

    rng = random.Random(seed)
    found: list[tuple[str, dict[str, Any]]] = []
    for kind in ("values", "errors"):
        for case in lines(kind):
            if case.get("run") is not None:
                run = dict(case["run"])
                found.append((case["text"], run | run.pop("params", {})))
    found += generated(count, seed)
    while len(found) < 3 * count:
        text = Grower(rng, rng.randint(1, 8)).text()
        try:
            parse(text)
        except ScheduleError:
            continue
        found.append((text, rng.choice(RUNS)))
    return found


def behaviour(text: str, run: dict[str, Any]) -> str:
    """All that can be seen of a text in a run."""
    from schedlang import ScheduleError, parse

    seen: list[Any] = []
    try:
        schedule = parse(text)
        given: dict[str, Any] = dict(run)
        bound = None
        for _ in range(4):  # names that the text has, which are not given
            try:
                bound = schedule.bind(**given)
                break
            except ScheduleError as error:
                missing = [each for each in error.diagnostics if each.code == "E402"]
                if not missing:
                    raise
                given |= {each.message.split("`")[1]: 10 for each in missing}
        assert bound is not None
        rows = bound.phases
        seen.append([(row.first, row.stop, row.start, row.end, row.shape, row.text) for row in rows])
        for step in STEPS:
            try:
                seen.append(bound.walk(step))
            except ScheduleError as error:
                seen.append([each.code for each in error.diagnostics])
    except ScheduleError as error:
        seen.append([(each.code, each.message, each.span) for each in error.diagnostics])
    except Exception as error:
        seen.append(type(error).__name__)
    return repr(seen)


def differs(watch: Sequence[tuple[str, dict[str, Any]]], known: Sequence[str]) -> str | None:
    """The first text on which the mistake can be seen."""
    for (text, run), before in zip(watch, known, strict=True):
        after = behaviour(text, run)
        if after != before:
            return f"{text}  {run}\n      was {_around(before, after)}\n      now {_around(after, before)}"
    return None


def _around(one: str, other: str) -> str:
    at = next((index for index, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    return one[max(0, at - 60) : at + 120]
