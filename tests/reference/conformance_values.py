"""Writes the values of `grammar/conformance/values.jsonl` anew, by the reference interpreter here.

Run it in the checkout: `python -m tests.reference.conformance_values`. A case is a line: an id, a text, a run (only
what the host gives) and its values. A new case has `"places"`, a list of steps of interest, instead of values: it is
asked at each of them, at its neighbours, and at the ends. Only settled meanings belong there; what could be read in
more than one way is listed in `NOTES.md` instead.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from mpmath import mpf

from . import reference_value

OUTPUT = Path(__file__).resolve().parents[2] / "grammar" / "conformance" / "values.jsonl"

MOST_STEPS = 12
FAR = 10**9


def steps_around(places: Sequence[int], total: int | None) -> list[int]:
    """0 and 1, each place and its neighbours, the last step, T and T + 1, and a step far beyond."""
    ends = [] if total is None else [total - 1, total, total + 1]
    near = [step for place in places for step in (place, place - 1)]
    chosen = {step for step in (0, 1, *ends, FAR) if step >= 0}
    for step in (*near, *(place + 1 for place in places)):
        if len(chosen) < MOST_STEPS and step >= 0:
            chosen.add(step)
    missing = {step for step in near if step >= 0} - chosen
    assert not missing, f"too many places: {places}"
    return sorted(chosen)


def total_of(run: dict[str, Any]) -> int | None:
    """The first whole step that is past the run."""
    total = run.get("total_steps")
    if total is None or isinstance(total, int):
        return total
    return int(reference_value("step", [FAR], **run)[0])  # held at the end of the run: its length in whole steps


def double(value: mpf) -> float:
    """The nearest double, rounded once."""
    sign, mantissa, exponent, bits = value._mpf_
    if exponent + bits < -1100:
        return 0.0
    return float((-1 if sign else 1) * Fraction(int(mantissa)) * Fraction(2) ** int(exponent))


def line_of(case: dict[str, Any]) -> str:
    """A case as a line of JSON; values have 17 significant digits."""
    run = case["run"]
    new = "places" in case
    steps = steps_around(case["places"], total_of(run)) if new else [step for step, _ in case["values"]]
    values = reference_value(case["text"], steps, **run)
    pairs = ", ".join(f"[{step}, {double(value):.17g}]" for step, value in zip(steps, values, strict=True))
    head = json.dumps({name: case[name] for name in ("id", "text", "run")})
    return f'{head[:-1]}, "values": [{pairs}]}}'


def main() -> None:
    cases = [json.loads(line) for line in OUTPUT.read_text(encoding="utf-8").splitlines()]
    names = [case["id"] for case in cases]
    assert len(set(names)) == len(names), sorted(name for name in names if names.count(name) > 1)
    OUTPUT.write_text("".join(f"{line_of(case)}\n" for case in cases), encoding="utf-8")
    print(f"{len(cases)} cases")


if __name__ == "__main__":
    main()
