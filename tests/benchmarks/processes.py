"""Imports and fresh processes, from an installed wheel whose modules are compiled.

A checkout would not do: it may be recompiled at every import. So the wheel is built and put into a virtual environment
of its own, with the copies of attrs, lark and plotille that are installed here, and everything there is compiled.
"""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path
from shutil import copyfile
from statistics import median

from .report import Comparison, Table, duration, limited
from .timing import Measure, take_turns

ROOT = Path(__file__).resolve().parents[2]

TIMED = """
import sys
from time import process_time_ns
begin = process_time_ns()
{work}
total = process_time_ns() - begin
import {module} as module
assert module.__cached__ and __import__("os").path.exists(module.__cached__), "not compiled"
assert module.__file__.startswith(sys.prefix), module.__file__
print(total)
"""

FRESH = """
import schedlang
imported = process_time_ns()
schedule = schedlang.parse("warmup(5%) then cosine")
parsed = process_time_ns()
bound = schedule.bind(10_000, base=3e-4)
laid = process_time_ns()
assert bound(250) == 1.5e-4
end = process_time_ns()
print(imported - begin, parsed - imported, laid - parsed, end - laid)
"""

PLOT = """
import contextlib, io
from schedlang._cli import main
with contextlib.redirect_stdout(io.StringIO()) as shown:
    assert main(["plot", "warmup(5%) then cosine", "--total", "100000"]) == 0
assert "100000" in shown.getvalue()
"""

STAGES = ("`import schedlang`", "first parse", "bind", "first value")


@contextmanager
def installed() -> Iterator[Path]:
    """The interpreter of a virtual environment with nothing but the wheel, attrs, lark and plotille."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
        _run([sys.executable, "-m", "pip", *build])
        (wheel,) = folder.glob("*.whl")
        environment = folder / "venv"
        venv.create(environment, symlinks=os.name != "nt")
        python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        site = Path(_run([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).strip())
        _run(
            [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(site), str(wheel)]
        )
        for package in ("attrs", "lark", "plotille"):
            _copy(package, site)
        compileall.compile_dir(site, quiet=1)
        yield python


def _copy(package: str, site: Path) -> None:
    for file in distribution(package).files or ():
        if ".." not in file.parts and "__pycache__" not in file.parts:
            target = site / file
            target.parent.mkdir(parents=True, exist_ok=True)
            copyfile(str(file.locate()), target)


def _run(command: list[str]) -> str:
    """Run a command without Python's settings of ours; returns what it prints."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, capture_output=True, text=True, env=settings, cwd=tempfile.gettempdir(), check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def in_process(python: Path, work: str, module: str, stages: list[list[int]] | None = None) -> Measure:
    """The time that some work takes in a fresh process, the start of the interpreter aside."""
    code = TIMED.format(work=work, module=module)

    def measure() -> float:
        printed = [[int(part) for part in line.split()] for line in _run([str(python), "-c", code]).splitlines()]
        if stages is not None:
            stages.append(printed[0])
        return printed[-1][0]

    return measure


def tables() -> list[Table]:
    stages: list[list[int]] = []
    with installed() as python:
        measures = {
            "schedlang": in_process(python, "import schedlang", "schedlang"),
            "attrs": in_process(python, "import attrs", "attrs"),
            "fresh": in_process(python, FRESH, "schedlang", stages),
            "plot": in_process(python, PLOT, "schedlang"),
            "lark": in_process(python, "import lark", "lark"),
        }
        times = take_turns(measures, 31)
    compared = []
    for ours, theirs, work, must, aim in (
        ("schedlang", "attrs", "`import schedlang`", 1.5, 1.2),
        ("fresh", "lark", "import, parse, bind, one value", 2.5, 1.5),
        ("plot", "lark", "`schedlang plot TEXT --total 100000`", 2.5, 2.0),
    ):
        compared.append(Comparison.of(work, f"`import {theirs}`", times[ours], times[theirs], must, aim))
    spent = [median(each) for each in zip(*stages[1:], strict=True)]
    rows = [(stage, duration(each)) for stage, each in zip(STAGES, spent, strict=True)]
    data = [{"stage": stage, "nanoseconds": each} for stage, each in zip(STAGES, spent, strict=True)]
    return [
        limited("processes", "Fresh processes, of an installed wheel", compared),
        Table("fresh", "What a fresh process spends its time on", ("stage", "time"), rows, data),
    ]
