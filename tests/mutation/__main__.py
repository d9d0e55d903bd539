"""`python -m tests.mutation`: make mistakes in the code, and see whether the tests notice."""

from __future__ import annotations

import argparse
import ast
import importlib.abc
import importlib.machinery
import io
import json
import os
import random
import resource
import signal
import sys
import time
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

from .mutants import MODULES, PACKAGE, Mutant, mutants, mutated, shown

TESTS = Path(__file__).parent.parent
STAGES = {
    "conformance": ["test_conformance.py", "test_reference.py", "-m", "not slow"],
    "tests": ["test_binding.py", "test_phases.py", "test_nodes.py", "test_conformance.py", "-m", "not slow"],
}
"""What judges: a few seconds that most mistakes don't survive, then what is slower. What takes long is left out."""
SECONDS = 120
MEMORY = 6 * 2**30


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--module", action="append", metavar="NAME", help="such as _language/nodes/ramps")
    parser.add_argument("--sample", type=int, metavar="N", help="at most so many mutants a module (default: all)")
    parser.add_argument("--seed", type=int, default=0, help="where chance begins (default: 0)")
    parser.add_argument("--line", type=int, help="only mutants of this line")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="add all results here; what is there isn't judged again"
    )
    parser.add_argument("--list", action="store_true", help="only say which mutants there are")
    return parser.parse_args()


class Mistaken(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a syntax tree."""

    def __init__(self, path: Path, tree: ast.Module) -> None:
        self.name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        self.path, self.tree = path, tree

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        return importlib.machinery.ModuleSpec(name, self, origin=str(self.path))

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(self.path)
        exec(compile(self.tree, str(self.path), "exec"), module.__dict__)


def noticed(stage: str, mistake: Mistaken | None) -> str | None:
    """What of a stage noticed the mistake, in a process of its own: "" if nothing did, None if it took too long."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        signal.setitimer(signal.ITIMER_REAL, SECONDS)  # nobody handles the signal, so the process ends
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        if mistake is not None:
            sys.meta_path.insert(0, mistake)
        os.write(writer, tried(STAGES[stage])[:4000].encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    return answer if status == 0 else None


def tried(arguments: list[str]) -> str:
    """Run pytest in this process: the first test that fails, or nothing."""
    import pytest

    files = [str(TESTS / each) if each.endswith(".py") else each for each in arguments]
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()):
        code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--tb=no", "--assert=plain", *files])
    failed = [line for line in out.getvalue().splitlines() if line.startswith(("FAILED", "ERROR"))]
    return "" if code == 0 else (failed or [f"pytest {code}"])[0][:150]


def judged(path: Path, tree: ast.Module) -> dict[str, str]:
    for stage in STAGES:
        found = noticed(stage, Mistaken(path, tree))
        if found is None:
            return {"result": "timed out", "by": stage}
        if found:
            return {"result": "killed", "by": found}
    return {"result": "survived", "by": ""}


def wanted(asked: argparse.Namespace, module: str, source: str) -> list[Mutant]:
    found = [mutant for mutant in mutants(source) if asked.line in (None, mutant.line)]
    if asked.sample is not None and asked.sample < len(found):
        found = sorted(random.Random(f"{asked.seed} {module}").sample(found, asked.sample))
    if asked.out is not None and asked.out.exists():
        rows = [json.loads(line) for line in asked.out.read_text().splitlines()]
        done = {row["shown"] for row in rows if row["module"] == module}
        found = [mutant for mutant in found if shown(source, mutant) not in done]
    return found


def main() -> int:
    asked = options()
    figures: dict[str, Counter[str]] = {}
    import hypothesis  # noqa: F401 - what every process needs is loaded once; not schedlang
    import mpmath  # noqa: F401
    import numpy  # noqa: F401
    import pytest  # noqa: F401

    os.environ["HYPOTHESIS_PROFILE"] = "quick"
    for stage in () if asked.list else STAGES:
        if noticed(stage, None) != "":
            raise SystemExit(f"without any mistake the stage {stage} fails")
    for module in asked.module or MODULES:
        path = PACKAGE / f"{module}.py"
        source = path.read_text(encoding="utf-8")
        figures[module] = counted = Counter()
        for mutant in wanted(asked, module, source):
            if asked.list:
                print(f"{module}:{mutant.line} {shown(source, mutant)}")
                continue
            started = time.perf_counter()
            result = judged(path, mutated(source, mutant.node, mutant.change))
            counted[result["result"]] += 1
            row = {"module": module, "line": mutant.line, "shown": shown(source, mutant), **result}
            row["seconds"] = round(time.perf_counter() - started, 1)
            if asked.out is not None:
                with asked.out.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(row, ensure_ascii=False) + "\n")
            if result["result"] == "survived":
                print(f"{module}:{mutant.line} {row['shown']}", flush=True)
    print("\n| module | mutants | killed | timed out | survived |\n|---|---|---|---|---|")
    for module, counted in figures.items():
        print(
            f"| {module} | {counted.total()} | {counted['killed']} | {counted['timed out']} | {counted['survived']} |"
        )
    return 1 if any(counted["survived"] for counted in figures.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
