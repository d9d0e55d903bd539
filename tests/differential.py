"""Every engine against the walk, on generated texts by the ten thousand: `python tests/differential.py --texts 50000`.

Each text is bound to a generated run and asked at its first steps, around the ends of its phases, and far behind the
end: compiled to the bit, NumPy to the bit or 4 eps, torch within the promise; every `--jax`-th text under `jax.jit` in
both precisions, every `--reference`-th by the interpreter in `tests/reference`, where its rounding does not grow. It
tells how many texts used which form, so that one that no text used is seen, and each text that differs; the exit code
is 1 if one does.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from typing import Any

import numpy
from helpers import bound_or_reject
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import UnsatisfiedAssumption
from reference import reference_value
from test_compiling import assert_arrays_are_walked, assert_compiled_is_walked, walked
from test_reference import well_conditioned
from test_tracing import DOUBLE, JIT, TORCH, X64, assert_promise

from schedlang import Bound, Schedule
from schedlang._language.nodes import CLAUSES, PRIMITIVES
from schedlang._language.nodes.scalars import VARIABLES
from schedlang._language.operations import FUNCTIONS
from schedlang._text.run import UNITS
from schedlang.strategies import runs, schedules

STEPS = 40
"""At how many steps each text is asked."""

FORMS = {
    **{word: rf"\b{word}\b(?!=)" for word in (*PRIMITIVES, *CLAUSES, *FUNCTIONS)},
    **{name: rf"(?<![\d.] )\b{name}\b(?!=)" for name in VARIABLES},
    **{f"in {unit.symbol}": rf"\d ?{re.escape(unit.symbol)}(?!\w)" for unit in UNITS.values()},
    **{name: rf"\b{name}" for name in ("ease=", "multiple=", "inclusive=left", "inclusive=exact")},
    "a fraction of steps": r"\d\.\d+ step|\d / \d",
    "a product": r" \* ",
    "a quotient": r" / ",
}
"""What a text may use, each as it is found in canonical text."""


def steps_of(bound: Bound, random: numpy.random.Generator) -> list[int]:
    """The first steps, those around the ends of phases, the end, far behind it, and others."""
    total = bound.total_steps
    assert total is not None
    ends = [row.first for row in bound.phases[:10]]
    near = {each + by for each in (*ends, total) for by in (-1, 0, 1)} | {0, 1, 2, 10 * total, 10**9}
    chosen = sorted(step for step in near if step >= 0)[-STEPS:]
    others: list[int] = random.integers(0, total + 2, max(0, STEPS - len(chosen))).tolist()
    return chosen + others


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=50_000, help="how many texts")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other texts")
    parser.add_argument("--jax", type=int, default=25, help="every how many texts JAX compiles one")
    parser.add_argument("--reference", type=int, default=10, help="every how many texts the interpreter is asked")
    args = parser.parse_args()
    random, begun = numpy.random.default_rng(args.seed), time.monotonic()
    asked: Counter[str] = Counter()
    forms: Counter[str] = Counter()
    wrong: list[str] = []

    @seed(args.seed)
    @settings(
        max_examples=args.texts,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(schedules(most=8), runs(60))
    def differ(schedule: Schedule, run: dict[str, Any]) -> None:
        bound = bound_or_reject(schedule, run)
        text, steps = str(schedule), steps_of(bound, random)
        asked["texts"] += 1
        forms.update(form for form, pattern in FORMS.items() if re.search(pattern, text))
        try:
            assert_compiled_is_walked(bound, steps)
            assert_arrays_are_walked(bound, steps)
            asked.update({"compiled": len(steps), "NumPy": len(steps)})
            if not all(isinstance(walked(bound, step), float) for step in steps):
                return
            ways = [TORCH, DOUBLE] + [JIT, X64] * (asked["texts"] % args.jax == 0)
            traced = numpy.minimum(steps, 2**31 - 1)
            assert_promise(bound, traced, ways)
            asked.update({way.name: len(steps) for way in ways})
            if asked["texts"] % args.reference == 0 and well_conditioned(schedule):
                expected = [float(value) for value in reference_value(text, steps, **run)]
                size = max(map(abs, expected))
                numpy.testing.assert_allclose([bound(step) for step in steps], expected, 1e-9, 1e-9 * size)
                asked["reference"] += len(steps)
        except UnsatisfiedAssumption:
            raise
        except Exception as error:  # whatever it is, the text is told, and the others go on
            wrong.append(text)
            print(f"{text!r} {run}: {type(error).__name__}: {str(error)[:300]}", flush=True)
        if asked["texts"] % 1000 == 0:
            print(f"{asked['texts']} texts, {time.monotonic() - begun:.0f} s, {len(wrong)} wrong", flush=True)

    differ()
    values = sum(count for engine, count in asked.items() if engine != "texts")
    print(f"{values} values of {asked['texts']} texts: {dict(asked)}")
    print(f"forms: {dict(sorted(forms.items(), key=lambda pair: pair[1]))}; never: {sorted(FORMS.keys() - forms)}")
    print(f"{len(wrong)} texts differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
