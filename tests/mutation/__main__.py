"""`python -m tests.mutation`: make mistakes in the code, and see whether the tests notice."""

from __future__ import annotations

import argparse
import json
import os
import pickle
import random
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from . import judging
from .mutants import Mutant, mutants, mutated, shown

ROOT = Path(__file__).parent.parent.parent
MODULES = ["clocks", "run", "frame", "binding", "program", "nodes/scalars", "nodes/arithmetic", "nodes/composition"]
MODULES += ["nodes/base", "nodes/ramps", "nodes/steps", "nodes/tables", "nodes/decays"]
SECONDS = {"quick": 20, "suite": 120, "watch": 90}
MEMORY = 6 * 2**30


def options() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--module", action="append", metavar="NAME", help="such as nodes/ramps; may be repeated")
    parser.add_argument("--sample", type=int, metavar="N", help="at most so many mutants a module (default: all)")
    parser.add_argument("--seed", type=int, default=0, help="where chance begins (default: 0)")
    parser.add_argument("--line", type=int, help="only mutants of this line")
    parser.add_argument("--quick", action="store_true", help="without pytest: conformance and reference only")
    parser.add_argument("--watch", type=int, default=0, metavar="N", help="show texts on which survivors can be seen")
    parser.add_argument("--again", type=Path, metavar="FILE", help="only the survivors of an earlier --out")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="add all results here, as lines of JSON; those that are there already are not judged again",
    )
    parser.add_argument("--list", action="store_true", help="only say which mutants there are")
    return parser.parse_args()


def in_child(work: Callable[[], Any], seconds: float) -> Any:
    """What `work` returns in a process of its own; None if it takes too long or dies."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _work(work, writer, seconds)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return pickle.loads(answer) if answer else None


def _work(work: Callable[[], Any], writer: int, seconds: float) -> NoReturn:
    signal.setitimer(signal.ITIMER_REAL, seconds)  # nobody handles the signal, so the process ends
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    sys.stderr = sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
    try:
        try:
            answer = pickle.dumps(work())
        except Exception:
            traceback.print_exc(file=sys.__stderr__)
            raise
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(answer)
    finally:
        os._exit(0)


def noticed(checks: Callable[[judging.Sample], Any], sample: judging.Sample) -> str:
    """What noticed the mistake; an empty text if nothing did."""
    try:
        return next((found for found in checks(sample) if found), "")
    except BaseException as error:
        return f"{type(error).__name__}: {error}"[:150]


class Judge:
    """Judges mutants; everything that they share is made once."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.asked = asked
        self.sample = in_child(lambda: judging.sampled(300, 0), 300)
        self.watch = in_child(lambda: judging.watched(asked.watch, 1), 300) if asked.watch else []
        known = lambda: [judging.behaviour(text, run) for text, run in self.watch]  # noqa: E731
        self.known = in_child(known, 600)
        import hypothesis
        import mpmath  # noqa: F401
        import numpy  # noqa: F401
        import pytest  # noqa: F401

        hypothesis.settings.register_profile(
            "mutation",
            deadline=None,
            derandomize=True,
            max_examples=10,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        assert "schedlang" not in sys.modules
        for checks in (judging.quick, judging.suite):
            found = in_child(lambda checks=checks: noticed(checks, self.sample), 600)
            if found != "":
                raise SystemExit(f"without any mistake: {found}")

    def judge(self, module: str, source: str, mutant: Mutant) -> dict[str, Any]:
        """What came of one mutant."""
        tree = mutated(source, mutant.node, mutant.change)
        name, path = f"schedlang.{module.replace('/', '.')}", ROOT / "schedlang" / f"{module}.py"

        def attempt(checks: Callable[[judging.Sample], Any]) -> Callable[[], str]:
            def work() -> str:
                judging.mistake(name, path, tree)
                return noticed(checks, self.sample)

            return work

        stages = [("quick", judging.quick)] + ([] if self.asked.quick else [("suite", judging.suite)])
        for stage, checks in stages:
            found = in_child(attempt(checks), SECONDS[stage])
            if found is None:
                return {"result": "timed out", "by": stage}
            if found:
                return {"result": "killed", "by": found}
        result = {"result": "survived", "by": ""}
        if self.watch:

            def compare() -> str | None:
                judging.mistake(name, path, tree)
                return judging.differs(self.watch, self.known)

            result["seen"] = in_child(compare, SECONDS["watch"])
        return result


def wanted(asked: argparse.Namespace, module: str, source: str) -> list[Mutant]:
    """The mutants of a module that are judged."""
    found = list(mutants(source))
    if asked.line is not None:
        found = [mutant for mutant in found if mutant.line == asked.line]
    if asked.again is not None:
        earlier = [json.loads(line) for line in asked.again.read_text().splitlines()]
        again = {row["shown"] for row in earlier if row["module"] == module and row["result"] == "survived"}
        found = [mutant for mutant in found if shown(source, mutant) in again]
    elif asked.sample is not None and asked.sample < len(found):
        found = sorted(random.Random(f"{asked.seed} {module}").sample(found, asked.sample))
    if asked.out is not None and asked.out.exists():
        rows = [json.loads(line) for line in asked.out.read_text().splitlines()]
        done = {row["shown"] for row in rows if row["module"] == module}
        found = [mutant for mutant in found if shown(source, mutant) not in done]
    return found


def main() -> int:
    """Judge the mutants and print a table."""
    asked = options()
    modules = asked.module or MODULES
    sources = {module: (ROOT / "schedlang" / f"{module}.py").read_text(encoding="utf-8") for module in modules}
    if asked.list:
        for module, source in sources.items():
            print(module, len(list(mutants(source))))
        return 0
    judge = Judge(asked)
    figures: dict[str, Counter[str]] = {}
    for module, source in sources.items():
        figures[module] = counted = Counter()
        for mutant in wanted(asked, module, source):
            started = time.perf_counter()
            result = judge.judge(module, source, mutant)
            counted[result["result"]] += 1
            name = shown(source, mutant)
            row = {
                "module": module,
                "line": mutant.line,
                "shown": name,
                **result,
                "seconds": round(time.perf_counter() - started, 1),
            }
            if asked.out is not None:
                with asked.out.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(row, ensure_ascii=False) + "\n")
            if result["result"] == "survived":
                print(f"{module}:{mutant.line} {name}", flush=True)
                if result.get("seen"):
                    print(f"    {result['seen']}", flush=True)
    print("\n| module | mutants | killed | timed out | survived |\n|---|---|---|---|---|")
    for module, counted in figures.items():
        total = counted.total()
        print(f"| {module} | {total} | {counted['killed']} | {counted['timed out']} | {counted['survived']} |")
    return 1 if any(counted["survived"] for counted in figures.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
