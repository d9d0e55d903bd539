"""`python -m tests.round_trip N SEED`: N generated texts, out as C and JavaScript, and back from the values of these.

Each text is bound to two lengths of the run, compiled to both languages with gcc and node, transcribed from the values
at both lengths (else of the first alone), and the text that is found is walked. Tells how many come back as the same
text, and as another one of equal values; lists all but the former; the exit code is 1 if a compiled value is another
one, or a text that is called equal is not.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy

from schedlang import Bound, ScheduleError, parse, transcribe
from schedlang._transfer.compiling.code import code
from tests.transcription_claims import Table, bound, holds, tables

C_LOOP = 'for (step = 0; step < {total}; step++) {{ printf("%a\\n", {name}(step)); }}\n'
C_MAIN = "\n#include <stdio.h>\nint main(void)\n{{\nint64_t step;\n{loops}return 0;\n}}\n"
JS_LINE = "console.log(JSON.stringify(Array.from({{ length: {total} }}, (_, step) => {name}(step))));\n"

Bounds = Mapping[str, Bound]
Values = dict[str, list[float]]


def run(*command: str | Path) -> list[str]:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def in_c(bounds: Bounds, folder: Path) -> Values:
    """What each function gives in C, from the first step to the last."""
    loops = "".join(C_LOOP.format(name=name, total=known.total_steps) for name, known in bounds.items())
    (folder / "all.c").write_text(code(bounds, "c") + C_MAIN.format(loops=loops))
    run("gcc", "-std=c99", "-o", folder / "all", folder / "all.c", "-lm")
    shown = iter(run(folder / "all"))
    return {name: [float.fromhex(next(shown)) for _ in range(length(known))] for name, known in bounds.items()}


def in_js(bounds: Bounds, folder: Path) -> Values:
    """And in JavaScript."""
    asked = "".join(JS_LINE.format(name=name, total=known.total_steps) for name, known in bounds.items())
    (folder / "all.mjs").write_text(code(bounds, "js") + asked)
    return {name: json.loads(line) for name, line in zip(bounds, run("node", folder / "all.mjs"), strict=True)}


def length(known: Bound) -> int:
    assert isinstance(known.total_steps, int)
    return known.total_steps


def at_two_lengths(table: Table) -> list[Bound]:
    """The schedule of a table at its length, and at one that has nothing in common with it; none if it has no code."""
    found = [bound(table.text, total) for total in (table.total, table.total * 137 // 100)]
    try:
        return [known for known in found if known is not None and known.code("js") and len(known.values())]
    except ScheduleError:
        return []


def texts(count: int, start: int) -> list[list[Bound]]:
    """As many texts, of the shapes that people use and of hypothesis' own about as many of each."""
    found = [at_two_lengths(table) for table in tables(2 * count, start)]
    usable = [pair for pair in found if len(pair) == 2]
    return usable[:: max(1, len(usable) // count)][:count]


def differs(values: list[float], known: Bound, epsilons: int) -> bool:
    """Whether a value is farther from the walk than so many epsilon of the largest."""
    wanted = [known.walk(step) for step in range(len(values))]
    return any(abs(a - b) > epsilons * 2.0**-52 * max(map(abs, wanted)) for a, b in zip(values, wanted, strict=True))


def main(count: int, start: int) -> int:
    pairs = texts(count, start)
    bounds = {f"text_{index}_{which}": pair[which] for index, pair in enumerate(pairs) for which in (0, 1)}
    with tempfile.TemporaryDirectory() as folder:
        languages = {"C": (in_c(bounds, Path(folder)), 0), "JavaScript": (in_js(bounds, Path(folder)), 4)}
    seen: Counter[str] = Counter()
    for index, pair in enumerate(pairs):
        for language, (given, epsilons) in languages.items():
            values = [given[f"text_{index}_{which}"] for which in (0, 1)]
            result = came_back(pair, values, epsilons)
            seen[f"{language}: {result.partition(':')[0]}"] += 1
            if result != "the same text":
                print(f"{language}: {pair[0].schedule} | {length(pair[0])} | {result}", flush=True)
    print(*(f"{times:7}  {kind}" for kind, times in sorted(seen.items())), sep="\n")
    return int(any("wrong" in kind for kind in seen))


def came_back(pair: list[Bound], values: list[list[float]], epsilons: int) -> str:
    """What came of a text, by its values at two lengths."""
    if any(differs(each, known, epsilons) for each, known in zip(values, pair, strict=True)):
        return "wrong value"
    both: dict[Any, list[float]] = dict(zip(map(length, pair), values, strict=True))
    for source in (both, dict([*both.items()][:1])):
        found = transcribe(source)
        if found.exact and found.text is not None:
            break
    else:
        return f"no equal text: {found.text}"
    if not all(holds(Table("", total, numpy.array(each)), found.text) for total, each in source.items()):
        return f"wrong claim: {found.text}"
    if parse(found.text) == parse(str(pair[0].schedule)):
        return "the same text"
    return f"another text, equal at {'both lengths' if source is both else 'one length alone'}: {found.text}"


if __name__ == "__main__":
    asked, first = (int(each) for each in (*sys.argv[1:], *("60", "0")[len(sys.argv) - 1 :]))
    sys.exit(main(asked, first))
