"""Helpers of the tests."""

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import reject, settings
from hypothesis import strategies as st

import schedlang
from schedlang import Bound, Schedule, ScheduleError, parse
from schedlang.primitives import Primitive, primitive, unregister

EXPECTED = Path(__file__).parent / "expected"
"""Expected texts, whole."""


def lines_of(name: str) -> list[str]:
    """The lines of a file of such texts, one each."""
    return (EXPECTED / name).read_text(encoding="utf-8").splitlines()


SECTION_1 = lines_of("front-page.txt")
"""The texts of the front page: whatever else changes, these work."""

RUN: dict[str, Any] = {"total_steps": 30_000, "steps_per_epoch": 300, "tokens_per_step": 1_000_000}


EXAMPLES = settings.default.max_examples
"""How many a law is tried on, which the profile says: few while editing; a law that asks for others takes its share."""


ROOT = Path(schedlang.__file__).parents[1]
"""The folder that the package lies in."""


_MULTIPLES = st.sampled_from(
    [
        *("hold", "linear", "cosine", "poly(power=2)", "one_minus_sqrt", "linear(duration=4)", "warmup(3)"),
        *(
            "warmup(30%)",
            "interval(0.7, every=2)",
            "step_fixed(0.3, [2, 20%])",
            "step_decreasing(0.5, every=0.6ep)",
        ),
        *("exponential_decay(0.7, every=2)", "inv_sqrt(3)", "(warmup(2) then cosine)", "(hold for 0 then hold)"),
    ]
)

_AROUND = st.sampled_from(
    [
        *(
            "-{0}",
            "{0} / 3",
            "{0} * {1}",
            "2 * {0}",
            "{0} * cosine(1, 0.2)",
            "{0} / (step + 1)",
            "({0} for 4 then {1})",
        ),
        *("({0} for 20% then {1} for 3)", "(1 * {0} for 0 then {1})", "({0} over 6)"),
        *("({0} for 4 repeat)", "({0} for 1ep repeat 3)", "({0} over 1ep repeat 2 stretch 2)", "({0} skip 2)"),
        *("({0} every 2)", "({0} until 50% over 6)", "((warmup(2) then {0}) for 6 repeat scale 0.5)", "({0} for rest)"),
    ]
)

MULTIPLES = st.recursive(
    _MULTIPLES,
    lambda inner: st.builds(lambda around, *parts: f"({around})".format(*parts), _AROUND, inner, inner),
    max_leaves=5,
)
"""Texts of what depends on the value handed on, and is a multiple of it."""


def refused(call: Callable[..., object], *given: Any, **named: Any) -> ScheduleError:
    """The error of ours that a call has to raise."""
    with pytest.raises(ScheduleError) as caught:
        call(*given, **named)
    return caught.value


def codes(call: Callable[..., object], *given: Any, **named: Any) -> list[str]:
    """The codes of all that is wrong with a call."""
    return [each.code for each in refused(call, *given, **named).diagnostics]


def python(*arguments: object, folder: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Another process of Python's, which finds the package, and what this one was told to find."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )


def printed(*arguments: object, folder: Path | None = None, **environment: str) -> str:
    """What another process of Python's prints, which has to end well."""
    done = python(*arguments, folder=folder, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def cases(name: str) -> dict[str, list[Any]]:
    """The cases of a file, by their ids: a list in JSON each."""
    return {case: values for case, *values in map(json.loads, lines_of(name))}


def told(name: str) -> list[tuple[str, dict[str, Any], list[str]]]:
    """The blocks of a file: a text, its run if one stands above it, and the lines of what is told of it."""
    found = []
    for block in (EXPECTED / name).read_text(encoding="utf-8").strip().split("\n\n"):
        lines = block.split("\n")
        run = eval(f"dict({lines.pop(0)[2:]})") if lines[0].startswith("# ") else {}
        found.append((lines.pop(0), run, lines))
    return found


COMMAND = re.compile(r"(?ms)^\$ (.*?)\n(.*?)(?:^\[(\d)\]\n)?(?:^\n)?(?=^\$ |\Z)")
"""A command in a file of sessions, what it shows, and its exit code if that isn't 0."""


def streams(shown: str) -> tuple[str, str]:
    """What goes to stdout, and what to stderr: errors and warnings as people read them."""
    out, *told = re.split(r"(?m)^(?=error\[|warning\[)", shown)
    return out, "".join(told)


def beside(name: str) -> pytest.MarkDecorator:
    """For a test of each pair in a file: what another library calls it, and the text that means the same."""
    return pytest.mark.parametrize(("theirs", "ours"), [(theirs, ours) for theirs, _, (ours,) in told(name)])


def values_at(steps: Iterable[int], text: str | Schedule, *total: Any, **run: Any) -> list[float]:
    """The values of a text in a run."""
    bound = parse(text).bind(*total, **run)
    return [bound(step) for step in steps]


@contextmanager
def registered(cls: type[Primitive]) -> Iterator[None]:
    """With a primitive that is forgotten afterwards."""
    made = primitive(cls)
    try:
        yield
    finally:
        unregister(made)


def bound_or_reject(schedule: Schedule, run: Mapping[str, Any]) -> Bound:
    """The schedule bound, read anew from its text; Hypothesis looks elsewhere if the run doesn't suit it."""
    try:
        return parse(str(schedule)).bind(**run)
    except ScheduleError:
        reject()


def table(bound: Bound) -> list[tuple[Any, ...]]:
    """The phase table, texts aside."""
    return [(row.first, row.stop, row.start, row.end, row.shape) for row in bound.phases]


def curve(bound: Bound) -> list[float]:
    """The value at every step of the run, and behind it."""
    total = bound.total_steps
    assert total is not None
    return [bound(step) for step in (*range(total + 3), 10 * total, 10**12)]


def close(value: float, expected: float, size: float = 1.0, tolerance: float = 1e-12) -> bool:
    """Whether two values agree to a tolerance, relative to the size of the curve they lie on."""
    return math.isclose(value, expected, rel_tol=tolerance, abs_tol=tolerance * size)


def work(call: Callable[[], object]) -> int:
    """How many functions are called and left while `call` runs: what it costs, the same on every machine and load."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(before)
    return count
