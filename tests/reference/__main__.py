"""Self-check: `python -m tests.reference [folder with the measured tables]`.

Every text of section 1 is evaluated; facts that follow from the page by hand are compared; and where a table
measured from another library is one line of the language, the two are compared to 1e-12.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from . import Rejected, reference_value

TEXTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("cosine", {"total_steps": 1000, "base": 0.1}),
    ("warmup(5%) then cosine", {"total_steps": 1000, "base": 0.1}),
    ("linear(0, 3e-4) for 500 then cosine(3e-4, 3e-5)", {"total_steps": 2000}),
    ("linear from 0 to 3e-4 for 2% then hold until 80% then linear to 0", {"total_steps": 1000}),
    ("step_fixed(0.1, [0.01, 0.02]) then interval(0.5, every=100)", {"total_steps": 30000}),
    ("warmup(5ep) * step_fixed(0.1, [30ep, 60ep, 80ep])", {"total_steps": "90ep", "steps_per_epoch": 10}),
    ("step_decreasing(0.1, every=1%, start=1e-3, end=1e-6)", {"total_steps": 1000}),
    ("(cosine(1, 0) for 10ep) repeat 5", {"total_steps": 500, "steps_per_epoch": 10}),
    ("cosine(1e-3, 1e-5) for 1000 repeat 4 stretch 2 scale 0.5", {"total_steps": 15000}),
    ("(linear(0, 1) for 10% then cosine) over 10ep repeat", {"total_steps": 1000, "steps_per_epoch": 10}),
    ("warmup(min(2%, 2000)) then hold until 100% - 10% then one_minus_sqrt to 0", {"total_steps": 1000}),
    ("max(cosine(3e-4, 0), 1e-5)", {"total_steps": 1000}),
    ("keyframes(0 @ 0, 3e-4 @ 5%, 3e-4 @ 80%, 0 @ 100%)", {"total_steps": 1000}),
    ("linear(1.0, 0.1, 100000)", {}),
    ("cosine every 1ep", {"total_steps": 1000, "steps_per_epoch": 10}),
    ("warmup(500) then cosine(1, 0, 100%) skip 500", {"total_steps": 1000}),
    ("base * min((step + 1) ** -0.5, (step + 1) * 4000 ** -1.5)", {}),
    (
        "warmup(w) then cosine(peak, floor) where w = 500M tok, peak = 3e-4, floor = peak / 10",
        {"total_steps": 2000, "tokens_per_step": 1_000_000},
    ),
)

PHASES = " then ".join(f"{index} for 10%" for index in range(10))
ENDS = (101, 201, 301, 402, 502, 602, 703, 803, 903)
Facts = tuple[str, dict[str, Any], dict[int, Any]]
FACTS: tuple[Facts, ...] = (
    (
        "step_fixed(0.1, [0.01, 0.02]) then interval(0.5, every=100)",
        {"total_steps": 30000},
        {0: 1, 299: 1, 300: 0.1, 599: 0.1, 600: 0.01, 699: 0.01, 700: 0.005, 800: 0.0025},
    ),
    (PHASES, {"total_steps": 1003}, {end - 1: index for index, end in enumerate(ENDS)}),
    (PHASES, {"total_steps": 1003}, {end: index + 1 for index, end in enumerate(ENDS)} | {1002: 9, 1003: 9}),
    (
        "warmup(500) then cosine(3e-4, 0)",
        {"total_steps": 1000, "base": 7},
        {0: 0, 250: 1.5e-4, 499: 2.994e-4, 500: 3e-4, 750: 1.5e-4, 1000: 0, 10**9: 0},
    ),
    ("cosine(1, 0) for 5 repeat 3", {"total_steps": 5}, {0: 1, 5: 0, 6: 0, 10**9: 0}),
    ("cosine(1, 0) for 5 repeat 3", {"total_steps": 15}, {0: 1, 5: 1, 10: 1, 15: 0}),
    ("warmup(10) then cosine", {"total_steps": 10}, {0: 0, 5: 0.5, 9: 0.9, 10: 1, 11: 1}),
    ("warmup(0)", {"total_steps": 10, "base": 3}, {0: 3, 10: 3}),
    ("warmup(2000) then hold until 80%", {"total_steps": 1000}, {0: 0, 1000: 0.5, 2000: 0.5}),
    ("cosine skip 5 for 10", {"total_steps": 10}, {0: 0.75, 5: 0.25, 10: 0}),
    ("warmup(500) then cosine(1, 0, 100%) skip 500", {"total_steps": 1000}, {0: 0, 250: 0.25, 500: 0.5, 1000: 0}),
    ("step_fixed(0.1, [29%])", {"total_steps": 100}, {28: 1, 29: 0.1}),
    ("linear(1, 0) for 10 every 4", {"total_steps": 20}, {0: 1, 3: 1, 4: 0.6, 7: 0.6, 8: 0.2, 11: 0.2, 12: 0}),
    ("linear(0, 10) for 10 then hold", {"total_steps": 5}, {4: 4, 5: 5, 6: 5}),
    ("linear(0, 1, inclusive=both) for 5", {}, {0: 0, 2: 0.5, 4: 1, 5: 1}),
    ("linear(0, 1, inclusive=right) for 5", {}, {0: 0.2, 3: 0.8, 4: 1, 5: 1}),
    ("linear(0, 1, inclusive=neither) for 4", {}, {0: 0.2, 3: 0.8, 4: 1}),
    ("cosine(1, 0) for 5 repeat 3 stretch 2 scale 0.5", {}, {0: 1, 5: 0.5, 10: 0.25, 15: 0.25, 25: 0.125, 35: 0}),
)

ORACLES = {
    ("torch", "linear"): "linear(1, 0)",
    ("torch", "cosine"): "cosine(1, 0)",
    ("torch", "cosine_to_0.1"): "cosine(1, 0.1)",
    ("torch", "polynomial_p2"): "poly(1, 0, power=2)",
    ("torch", "warmup3_lambda_plus1"): "min(1, (step + 1) / 3)",
    ("torch", "multistep"): "step_fixed(0.1, [30, 60, 90])",
    ("torch", "interval"): "step_interval(0.5, every=25)",
    ("torch", "exponential"): "exponential_decay(0.97)",
    ("torch", "warmup_cosine_lambda"): "warmup(5) then cosine",
    ("torch", "wsd"): "warmup(10, 0.1) then hold for 60 then linear to 0",
    ("torch", "cosine_restarts"): "cosine(1, 0) for 25 repeat",
    ("kappaschedules", "constant"): "0.5",
    ("kappaschedules", "multistep"): "step_fixed(0.1, [0.3, 0.6, 0.9])",
    ("kappaschedules", "multistep_doc_example"): "step_fixed(0.1, [0.01, 0.02, 0.03])",
    ("kappaschedules", "multistep_unsorted"): "step_fixed(0.1, [0.9, 0.3, 0.6])",
    ("kappaschedules", "multistep_duplicate"): "step_fixed(0.1, [0.3, 0.3, 0.6])",
    ("kappaschedules", "interval"): "step_interval(0.5, every=0.25)",
    ("kappaschedules", "interval_1pct"): "step_interval(0.5, every=0.01)",
    ("kappaschedules", "step_decreasing"): "step_decreasing(0.1, every=0.25)",
    ("kappaschedules", "linear"): "linear(1, 0, inclusive=both)",
    ("kappaschedules", "linear_exclude_first"): "linear(1, 0, inclusive=right)",
    ("kappaschedules", "linear_exclude_last"): "linear(1, 0, inclusive=left)",
    ("kappaschedules", "linear_exclude_first_exclude_last"): "linear(1, 0, inclusive=neither)",
    ("kappaschedules", "cosine"): "cosine(1, 0, inclusive=both)",
    ("kappaschedules", "cosine_to_0.1"): "cosine(1, 0.1, inclusive=both)",
    ("kappaschedules", "cosine_exclude_first"): "cosine(1, 0, inclusive=right)",
    ("kappaschedules", "cosine_exclude_last"): "cosine(1, 0, inclusive=left)",
    ("kappaschedules", "cosine_exclude_first_exclude_last"): "cosine(1, 0, inclusive=neither)",
    ("kappaschedules", "polynomial_p2"): "poly(1, 0, power=2, inclusive=both)",
    ("kappaschedules", "warmup_cosine_steps"): "warmup(3, inclusive=neither) then cosine(inclusive=both)",
}
# At step T torch restarts once more; the page holds the end ("ends at 0, not at a restart"), so T is left out there.
RESTARTS = ("cosine_restarts",)
# torch multiplies the current value again and again; its tables drift from the formula by a little.
TOLERANCE = 1e-12


def check_texts() -> int:
    """Every text of section 1 has a value at its first steps, its end and far beyond."""
    failures = 0
    for text, run in TEXTS:
        started = time.perf_counter()
        try:
            values = reference_value(text, [0, 1, 499, 500, 1000, 10**9], **run)
            shown = " ".join(f"{float(value):.6g}" for value in values)
        except Rejected as error:
            failures, shown = failures + 1, f"REJECTED {error}"
        print(f"{text}\n    {shown}   ({1000 * (time.perf_counter() - started):.0f} ms)")
    return failures


def check_facts() -> int:
    """What the page says, or what follows from it by hand."""
    failures = 0
    for text, run, expected in FACTS:
        values = reference_value(text, list(expected), **run)
        for step, value in zip(expected, values, strict=True):
            if abs(float(value) - expected[step]) > 1e-15 * max(1.0, abs(expected[step])):
                failures += 1
                print(f"WRONG {text} {run} at {step}: {float(value)}, expected {expected[step]}")
    return failures


def check_tables(folder: Path) -> int:
    """Tables measured from other libraries."""
    failures = compared = left_out = 0
    for path in sorted(folder.glob("*.json")):
        for table in json.loads(path.read_text())["tables"]:
            text = ORACLES.get((table["peer"], table["schedule"]))
            if text is None:
                left_out += 1
                print(f"no text for {table['peer']} {table['constructor']}")
                continue
            measured = table["values"]
            if table["schedule"] in RESTARTS:
                measured = measured[:-1]
            values = reference_value(text, range(len(measured)), total_steps=table["total_steps"])
            worst = max(abs(float(a) - b) for a, b in zip(values, measured, strict=True))
            compared += 1
            if worst > TOLERANCE:
                failures += 1
                print(f"DIFFERS by {worst:.3g}: {text} for {table['constructor']}, T = {table['total_steps']}")
    print(f"{compared} tables compared, {left_out} without a text, {failures} differ")
    return failures


def main() -> int:
    """Run all checks; the exit status is 1 if any fails."""
    shared = Path(__file__).resolve().parents[3] / "shared" / "oracles"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else shared
    failures = check_texts() + check_facts() + check_tables(folder)
    print("all well" if not failures else f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
