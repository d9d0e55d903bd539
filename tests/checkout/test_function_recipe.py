"""The recipes of the page on architecture, followed: each adds something to a copy of the package and uses it there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import schedlang

PACKAGE = Path(schedlang.__file__).parent
PAGE = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text(encoding="utf-8")


def steps(heading: str) -> list[str]:
    """The blocks of one recipe that are to be written somewhere: not run as they stand, so `py`, not `python`."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"```py\n(.*?)\n```", section, re.DOTALL)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package, to change."""
    shutil.copytree(PACKAGE.parent / "grammar", tmp_path / "grammar")
    return Path(shutil.copytree(PACKAGE, tmp_path / "schedlang", ignore=shutil.ignore_patterns("__pycache__")))


def insert(path: Path, before: str, text: str) -> None:
    """Write something into a file, before what stands there once."""
    source = path.read_text(encoding="utf-8")
    assert source.count(before) == 1, before
    path.write_text(source.replace(before, text + before), encoding="utf-8")


def run(copy: Path, program: str) -> str:
    """What a program prints that finds the copy and no other."""
    environment = {**os.environ, "PYTHONPATH": str(copy.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=copy.parent, timeout=300)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


END_OF_FUNCTIONS = ")\n\nFUNCTIONS: Final"

SIGN = """
import math
from pathlib import Path

import numpy as np

import schedlang
from schedlang import parse

assert Path(schedlang.__file__).parent == Path.cwd() / "schedlang"


def sign(x):
    return float((x > 0) - (x < 0))


steps = range(200)
many = parse("sign(sin(step)) + 1").bind(10**6)
for text, meaning in {
    "sign(step - 5) + 1": lambda step: sign(step - 5) + 1,
    "sign(sin(step)) + 1": lambda step: sign(math.sin(step)) + 1,
    "2 * sign(0.5 - cosine) * cosine": None,
}.items():
    lr = parse(text).bind(1000)
    walked = [lr.walk(step) for step in steps]
    assert meaning is None or walked == [meaning(step) for step in steps]
    assert [lr(step) for step in steps] == walked
    assert lr.at(np.arange(5)).tolist() == walked[:5]
    assert np.allclose(lr.at(np.arange(200)), walked, rtol=1e-15)
    assert np.allclose(lr.values()[:200], walked, rtol=1e-15)
    for step in (0, 5, 9):
        assert eval(lr.why(step).expression, vars(math).copy()) == walked[step]
    assert "sign(" in str(lr.explain())
    above = [range(each.first, each.stop or 1000) for each in lr.when("> 1").ranges]
    assert [any(step in each for each in above) for step in steps] == [value > 1 for value in walked]
    for library in LIBRARIES:
        if library == "torch":
            import torch

            assert np.allclose(lr.at(torch.arange(200)).numpy(), walked, rtol=1e-6, atol=1e-6)
        else:
            import jax

            assert np.allclose(jax.jit(lr.at)(jax.numpy.arange(200)), walked, rtol=1e-6, atol=1e-6)
assert many.at(np.arange(50)).tolist() == [many(step) for step in range(50)]

from schedlang._language import functions

assert str(functions.sign("step - 5")) == "sign(step - 5)"
"""


@pytest.mark.frameworks
def test_function(copy: Path) -> None:
    """A function is one record in one file; every engine, `why`, `explain`, `when` and Python then have it."""
    (record,) = steps("How to add a function")
    insert(copy / "_language" / "operations.py", END_OF_FUNCTIONS, f"{record},\n")
    run(copy, f"LIBRARIES = ['torch', 'jax']\n{SIGN}")


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("Called(", "'bound'"),  # what stands behind it moves up
        ("slopes=", "'slopes'"),
        ("doc=", "the operation `sign` lacks `doc`"),
    ],
)
def test_incomplete_function(copy: Path, line: str, named: str) -> None:
    """A record without one of its lines is refused on import, by a message that names what it lacks."""
    (record,) = steps("How to add a function")
    lines = record.splitlines(keepends=True)
    kept = [each for each in lines if not each.strip().startswith(line)]
    assert len(kept) == len(lines) - 1
    insert(copy / "_language" / "operations.py", END_OF_FUNCTIONS, f"{''.join(kept)},\n")
    with pytest.raises(AssertionError, match=re.escape(named)):
        run(copy, "from schedlang import parse")
