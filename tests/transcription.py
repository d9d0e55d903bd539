"""How many tables of values become a line of text: `python -m tests.transcription TASKS.jsonl ANSWERS.txt [ID…]`.

A task has the `code` of a function of the step, its run `T`, `rates` and perhaps `base`; the answers are the lines that
people wrote for it, `1. warmup(20) then cosine`. For each task: how long the text is beside theirs, how much work it
took. `python -m tests.transcription conformance` takes the texts of `grammar/conformance/values.jsonl` as sources
instead, and `python -m tests.transcription oracles` the tables of other libraries in `tests/oracles`.
"""

import json
import math
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import numpy

from schedlang import ScheduleError, parse
from schedlang._transfer.transcribing.finding import find
from schedlang._transfer.transcribing.task import Task, Work

ROOT = Path(__file__).parents[1]


@attrs.frozen
class Case:
    """Values to transcribe, and the text that somebody wrote for them, if anybody did."""

    name: str
    task: Task
    human: str | None = None


def of_tasks(tasks: Path, answers: Path, wanted: list[str]) -> Iterator[Case]:
    lines = (re.match(r"(\d+)\.\s*`?(.*?)`?\s*$", line) for line in answers.read_text().splitlines())
    human = {found[1]: found[2] for found in lines if found}
    for task in map(json.loads, tasks.read_text().splitlines()):
        name = str(task["id"])
        if wanted and name not in wanted:
            continue
        known: dict[str, Any] = {"math": math}
        exec(task["code"], known)
        values = numpy.array([float(known["f"](step)) for step in range(task["T"])])
        yield Case(name, Task(values, task["T"], 0, task["rates"], task.get("base") or None), human.get(name))


def of_conformance() -> Iterator[Case]:
    for line in (ROOT / "grammar/conformance/values.jsonl").read_text().splitlines():
        case = json.loads(line)
        run = dict(case["run"])
        total, base = run.pop("total_steps", None), run.pop("base", None)
        if not isinstance(total, int) or total > 100_000 or run.pop("clock", None):
            continue
        try:
            values = parse(case["text"]).bind(total, **({} if base is None else {"base": base}), **run).values()
        except ScheduleError:
            continue
        rates = {name: rate for name, rate in run.items() if name.endswith(("_step", "_epoch"))}
        yield Case(case["id"], Task(numpy.asarray(values), total, 0, rates, base or 1.0), case["text"])


def of_oracles() -> Iterator[Case]:
    for path in sorted((ROOT / "tests/oracles").glob("*.json")):
        read = json.loads(path.read_text())
        for index, table in enumerate(read.get("tables", ()) if isinstance(read, dict) else ()):
            values = [value for value in table.get("values", ()) if isinstance(value, (int, float))]
            total = table.get("T") or table.get("total_steps") or len(values) - 1
            if len(values) > 1:
                yield Case(f"{path.stem}-{index}", Task(numpy.array(values, dtype=float), total))


def main(arguments: list[str]) -> None:
    match arguments:
        case ["conformance"]:
            cases = of_conformance()
        case ["oracles"]:
            cases = of_oracles()
        case [tasks, answers, *wanted]:
            cases = of_tasks(Path(tasks), Path(answers), wanted)
        case _:
            sys.exit(__doc__)
    count = exact = short = shorter = 0
    for case in cases:
        count += 1
        allowed = Work().left
        work, begun = Work(), time.process_time()
        found = find(case.task, work)
        spent = f"{time.process_time() - begun:5.1f} s {(allowed - work.left) / 1e6:5.1f} M"
        if not found.exact:
            print(f"{case.name:>4} {spent} none; nearest: {found.nearest and found.nearest.text} | {case.human}")
            continue
        text = found.exact[0].text
        exact += 1
        ratio = len(text) / len(case.human) if case.human else math.nan
        short += ratio <= 1.5
        shorter += ratio <= 1
        beside = f" | {case.human}" if ratio > 1.5 else ""
        print(f"{case.name:>4} {spent} {ratio:5.2f} {text}{beside}", flush=True)
    print(f"{exact} of {count} exact, {short} of at most 1.5 times the length, {shorter} of at most the same length")


if __name__ == "__main__":
    main(sys.argv[1:])
