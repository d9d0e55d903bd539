"""Writes values.jsonl: what a text is worth at chosen steps, by the reference interpreter here.

Run it in the checkout: `python -m tests.reference.conformance_values`. A case is an id, a text, a run (only what the
host gives) and the places of interest; `steps_around` turns the places into the steps that are asked. The groups
follow the page on the language. Only settled meanings are in here; what could be read in more than one way is listed
in tests/reference/NOTES.md instead.
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

Run = dict[str, Any]
Case = tuple[str, str, Run, Sequence[int]]
Group = tuple[str, str, Sequence[Case]]


def run(total: int | str | None = None, **given: Any) -> Run:
    """What the host gives; `params` are the other names."""
    return ({} if total is None else {"total_steps": total}) | given


T10 = run(10)
T100 = run(100)
T1000 = run(1000)
BASE = run(100, base=0.1)
EPOCHS = run(1000, steps_per_epoch=10)
OPEN = run()

WARMUP_COSINE = "warmup(500) then cosine(3e-4, 0)"
PHASES = " then ".join(f"{index} for 10%" for index in range(10))
NOAM = "base * min((step + 1) ** -0.5, (step + 1) * 4000 ** -1.5)"
W_PEAK_FLOOR = "warmup(w) then cosine(peak, floor) where w = 500M tok, peak = 3e-4, floor = peak / 10"
THREE_EPOCHS = run(30, steps_per_epoch=10)

SECTION_1: Sequence[Case] = (
    ("text-cosine", "cosine", run(1000, base=0.1), [500]),
    ("text-warmup-cosine", "warmup(5%) then cosine", run(1000, base=0.1), [50]),
    ("text-linear-then-cosine", "linear(0, 3e-4) for 500 then cosine(3e-4, 3e-5)", run(2000), [500, 1250]),
    (
        "text-words-only",
        "linear from 0 to 3e-4 for 2% then hold until 80% then linear to 0",
        T1000,
        [20, 800],
    ),
    ("text-steps-then-interval", "step_fixed(0.1, [0.01, 0.02]) then interval(0.5, every=100)", run(30000), [300, 600]),
    (
        "text-steps-then-interval-later",
        "step_fixed(0.1, [0.01, 0.02]) then interval(0.5, every=100)",
        run(30000),
        [700, 800],
    ),
    (
        "text-warmup-times-milestones",
        "warmup(5ep) * step_fixed(0.1, [30ep, 60ep, 80ep])",
        run("90ep", steps_per_epoch=10, base=0.4),
        [50, 300],
    ),
    (
        "text-warmup-times-milestones-later",
        "warmup(5ep) * step_fixed(0.1, [30ep, 60ep, 80ep])",
        run("90ep", steps_per_epoch=10, base=0.4),
        [600, 800, 900],
    ),
    (
        "text-step-decreasing",
        "step_decreasing(0.1, every=1%, start=1e-3, end=1e-6)",
        T1000,
        [10, 20],
    ),
    ("text-cycles-in-epochs", "(cosine(1, 0) for 10ep) repeat 5", run(600, steps_per_epoch=10), [100, 500]),
    (
        "text-sgdr",
        "cosine(1e-3, 1e-5) for 1000 repeat 4 stretch 2 scale 0.5",
        run(20000),
        [1000, 3000],
    ),
    (
        "text-sgdr-later",
        "cosine(1e-3, 1e-5) for 1000 repeat 4 stretch 2 scale 0.5",
        run(20000),
        [7000, 15000],
    ),
    (
        "text-little-run-again-and-again",
        "(linear(0, 1) for 10% then cosine) over 10ep repeat",
        EPOCHS,
        [10, 100],
    ),
    (
        "text-wsd",
        "warmup(min(2%, 2000)) then hold until 100% - 10% then one_minus_sqrt to 0",
        T1000,
        [20, 900],
    ),
    (
        "text-wsd-long",
        "warmup(min(2%, 2000)) then hold until 100% - 10% then one_minus_sqrt to 0",
        run(1_000_000),
        [2000, 900_000],
    ),
    ("text-floor", "max(cosine(3e-4, 0), 1e-5)", T1000, [500, 882]),
    ("text-keyframes", "keyframes(0 @ 0, 3e-4 @ 5%, 3e-4 @ 80%, 0 @ 100%)", T1000, [50, 800]),
    ("text-drq-linear", "linear(1.0, 0.1, 100000)", OPEN, [50000, 100000]),
    ("text-cosine-every-epoch", "cosine every 1ep", EPOCHS, [10, 500]),
    ("text-cosine-skip", "warmup(500) then cosine(1, 0, 100%) skip 500", T1000, [500, 750]),
    ("text-noam", NOAM, run(100_000, base=0.01), [4000]),
    ("text-noam-open", NOAM, run(base=0.01), [3999]),
    ("text-where", W_PEAK_FLOOR, run(2000, tokens_per_step=1_000_000), [500, 1250]),
)

NUMBERS: Sequence[Case] = (
    ("number-exponent", "3e-4", T10, []),
    ("number-exponent-upper", "3E-4", T10, []),
    ("number-leading-point", ".5", T10, []),
    ("number-trailing-point", "1.", T10, []),
    ("number-underscore", "10_000", T10, []),
    ("number-k", "10k", T10, []),
    ("number-M", "5M", T10, []),
    ("number-B", "2B", T10, []),
    ("number-T", "1T", T10, []),
    ("number-fraction-with-suffix", "1.5k", T10, []),
    ("number-many-digits", "0.1000000000000000055511151231257827", T10, []),
    ("number-negative", "-0.5", T10, []),
    ("comment-and-newlines", "linear(0, 1) for 5 # up\nthen hold # stay", T10, [5]),
    ("trailing-commas", "step_fixed(0.1, [2, 4,],)", T10, [2, 4]),
    ("trailing-comma-in-where", "a then b where a = 1 for 3, b = 2,", T10, [3]),
    ("blanks-do-not-matter", "\n  warmup ( 5 )\n\tthen\r\n cosine ( 1 , 0 )  ", T10, [5]),
)

ARITHMETIC: Sequence[Case] = (
    ("power-binds-tighter-than-minus", "-2 ** 2", T10, []),
    ("power-groups-right", "2 ** 3 ** 2", T10, []),
    ("power-of-negative-exponent", "2 ** -1", T10, []),
    ("power-before-product", "3 * 2 ** 3", T10, []),
    ("zero-to-the-zero", "0 ** 0", T10, []),
    ("product-before-sum", "1 + 2 * 3", T10, []),
    ("minus-groups-left", "10 - 4 - 3", T10, []),
    ("divide-groups-left", "16 / 4 / 2", T10, []),
    ("divide-then-multiply", "16 / 4 * 2", T10, []),
    ("parentheses-in-arithmetic", "(1 + 2) * 3", T10, []),
    ("double-minus", "--3", T10, []),
    ("minus-of-a-schedule", "-linear(1, 0)", T10, [5]),
    ("pi", "pi", T10, []),
    ("base-is-one", "base", T10, []),
    ("base-of-the-host", "base / 4", run(10, base=0.1), []),
    ("base-stays-the-same-later", "0.5 for 5 then base", run(10, base=3), [5]),
    ("step-counts-from-the-phase", "0 for 4 then step", T10, [4]),
    ("step-in-a-run-without-end", "step / 1000", OPEN, []),
    ("progress-of-the-run", "progress", T10, [5]),
    ("progress-of-the-phase", "1 for 4 then progress for 4 then 7", T10, [4, 8]),
    ("progress-of-the-last-phase", "1 for 4 then progress", T10, [4]),
    ("progress-in-until", "(1 - progress) until 50% then progress", T10, [5]),
    ("formula-of-the-schedule", "base * (1 - progress) ** 0.9", BASE, [50]),
    ("triangle-wave", "1 - abs(2 * progress - 1)", T10, [5]),
    ("progress-of-a-crooked-phase", "progress for 2.5ep then 9", run(10, steps_per_epoch=1), [2, 3]),
)

FUNCTIONS: Sequence[Case] = (
    ("function-min", "min(linear(0, 1), 0.5)", T10, [5]),
    ("function-min-of-three", "min(linear(0, 1), 0.5, linear(1, 0))", T10, [5]),
    ("function-max", "max(cosine(1, 0), 0.25)", T10, [6]),
    ("function-clip", "clip(linear(0, 1), 0.2, 0.7)", T10, [2, 7]),
    ("function-abs", "abs(linear(-1, 1))", T10, [5]),
    ("function-sqrt", "sqrt(linear(0, 1))", T10, [5]),
    ("function-exp", "exp(-step)", T10, [5]),
    ("function-log", "log(step + 1)", T10, [5]),
    ("function-sin", "sin(pi * progress)", run(12), [6]),
    ("function-cos", "cos(pi * progress)", run(12), [4]),
    ("function-tanh", "tanh(step / 4)", T10, [5]),
    ("function-floor", "floor(step / 4)", T10, [4, 8]),
    ("function-ceil", "ceil(step / 4)", T10, [4, 8]),
    ("function-floor-of-negative", "floor(-step / 4)", T10, [4, 8]),
    ("function-round-half-to-even", "round(step / 2)", T10, [3, 5]),
    ("function-round-of-negative", "round(-step / 2)", T10, [3, 5]),
    ("function-of-constants-in-an-argument", "linear(max(1, 2), sqrt(4) / 4)", T10, [5]),
    ("function-name-reused-as-a-name", "max(linear(1, 0), floor) where floor = 0.25", T10, [8]),
)

DURATIONS: Sequence[Case] = (
    ("duration-bare", "1 for 4 then 2", T10, [4]),
    ("duration-steps", "1 for 4 steps then 2", T10, [4]),
    ("duration-exponent-form", "1 for 1e1 then 2", run(20), [10]),
    ("duration-suffix", "1 for 1k then 2", run(2000), [1000]),
    ("duration-percent", "1 for 5% then 2", T100, [5]),
    ("duration-percent-fraction", "1 for 2.5% then 2", T100, [3]),
    ("duration-percent-29-of-100", "1 for 29% then 2", T100, [29]),
    ("duration-percent-57-of-100", "1 for 57% then 2", T100, [57]),
    ("duration-percent-tiny", "1 for 0.1% then 2", T1000, [1]),
    ("duration-percent-rounds-up", "1 for 10% then 2", run(101), [11]),
    ("duration-ep", "1 for 3ep then 2", EPOCHS, [30]),
    ("duration-epochs", "1 for 3 epochs then 2", EPOCHS, [30]),
    ("duration-half-an-epoch", "1 for 0.5ep then 2", EPOCHS, [5]),
    ("duration-epoch-of-fractional-steps", "1 for 3ep then 2", run(30, steps_per_epoch=2.5), [8]),
    ("duration-tokens", "1 for 2B tokens then 2", run(1000, tokens_per_step=4_000_000), [500]),
    ("duration-tok", "1 for 2M tok then 2", run(1000, tokens_per_step=524_288), [4]),
    ("duration-samples", "1 for 512k samples then 2", run(4000, samples_per_step=256), [2000]),
    ("duration-samples-round-up", "1 for 1000 samples then 2", run(100, samples_per_step=256), [4]),
    ("duration-sum-of-kinds", "1 for 5% + 100 then 2", T1000, [150]),
    ("duration-difference-of-kinds", "1 until 100% - 2ep then 2", EPOCHS, [980]),
    ("duration-times-number", "1 for 2 * 5% then 2", T100, [10]),
    ("duration-divided", "1 for 100% / 3 then 2", T100, [34]),
    ("duration-third-plus-third-plus-third", "1 for 100% / 3 + 100% / 3 + 100% / 3 then 2 for 0", T100, [34]),
    ("duration-bare-arithmetic", "1 for 2 * 3 + 4 then 2", T100, [10]),
    ("duration-bare-arithmetic-whole-quotient", "1 for 100 / 4 then 2", T100, [25]),
    ("duration-bare-power", "1 for 2 ** 5 then 2", T100, [32]),
    ("duration-min-percent-wins", "1 for min(2%, 2000) then 2", T1000, [20]),
    ("duration-min-steps-win", "1 for min(2%, 2000) then 2", run(200_000), [2000]),
    ("duration-max", "1 for max(2%, 50) then 2", T1000, [50]),
    ("duration-min-of-a-fraction", "1 for min(0.02, 2000) then 2", T1000, [20]),
    ("duration-fraction-of-the-run", "1 for 0.25 then 2", T100, [25]),
    ("duration-fraction-of-the-run-in-parentheses", "1 for (0.25) then 2", T100, [25]),
    ("duration-fraction-small", "1 for 1e-2 then 2", T1000, [10]),
    ("duration-fraction-as-an-argument", "warmup(0.1) then hold", T100, [10]),
    ("duration-fractions-in-a-list", "step_fixed(0.1, [0.3, 0.6, 0.9])", T10, [3, 6, 9]),
    ("duration-list-of-mixed-kinds", "step_fixed(0.1, [0.3, 50, 90%])", T100, [30, 50, 90]),
    ("duration-number-times-percent", "1 for 0.5 * 100% then 2", T100, [50]),
    ("duration-zero", "1 for 0 then 2", T10, []),
    ("duration-exact-thirds-add-up", "1 for 100% / 3 then 2 for 100% / 3 then 3 for 100% / 3", T100, [34, 67]),
    ("duration-exact-tenths-1", PHASES, run(1003), [101, 201]),
    ("duration-exact-tenths-2", PHASES, run(1003), [301, 402]),
    ("duration-exact-tenths-3", PHASES, run(1003), [502, 602]),
    ("duration-exact-tenths-4", PHASES, run(1003), [703, 803]),
    ("duration-exact-tenths-5", PHASES, run(1003), [903, 1003]),
    ("duration-many-hundredths", "linear(0, 1) for 1% repeat 100", run(950), [10, 19, 941]),
    ("total-in-epochs", "cosine(1, 0)", run("9ep", steps_per_epoch=11), [50]),
    ("total-in-tokens", "linear(1, 0)", run("100M tok", tokens_per_step=1_000_000), [50]),
    ("total-as-text", "linear(1, 0)", run("100"), [50]),
    ("run-of-one-step", "linear(1, 0)", run(1), []),
    ("run-of-one-step-warmup-cosine", "warmup(5%) then cosine", run(1), []),
    ("duration-zero-needs-no-total", "1 for 0 then 2", OPEN, [1]),
    ("duration-less-by-a-number", "1 for 10 + -4 then 2", T10, [6]),
    ("duration-less-by-a-time", "1 for 9 + -(2ep) then 2", run(10, steps_per_epoch=2), [5]),
    ("duration-negative-power", "1 for 8 * 2 ** -1 then 2", T10, [4]),
    ("duration-power-of-zero", "1 for 3 + 0 ** 0 then 2", T10, [4]),
    ("duration-times-a-smallest-number", "1 for 2ep * min(2, 3) then 2", run(10, steps_per_epoch=1), [4]),
    ("duration-times-a-largest-number", "1 for 2ep * max(2, 3) then 2", run(10, steps_per_epoch=1), [6]),
)

NAMES: Sequence[Case] = (
    ("where-number", "linear(peak, 0) where peak = 2", T10, [5]),
    ("where-duration", "1 for w then 2 where w = 40%", T10, [4]),
    ("where-schedule", "up then down where up = linear(0, 1) for 4, down = cosine(1, 0)", T10, [4]),
    ("where-later-uses-earlier", "linear(peak, floor) where peak = 3e-4, floor = peak / 10", T10, [5]),
    ("where-keeps-its-own-parentheses", "2 * a where a = 1 + 2", T10, []),
    ("where-chain-as-an-operand", "2 * a where a = linear(0, 1) for 4 then linear(3, 0)", T10, [4]),
    ("where-fraction-means-percent-in-its-place", "1 for w then 2 where w = 0.4", T10, [4]),
    ("where-percent-means-the-run-around-its-place", "(1 for w then 2) over 50 then 3 where w = 10%", T100, [5, 50]),
    ("where-name-used-twice", "a then 0 for 2 then a where a = linear(1, 0) for 3", T10, [3, 5]),
    ("parameter-number", "linear(peak, 0)", run(10, params={"peak": 0.3}), [5]),
    ("parameter-number-as-text", "linear(peak, 0)", run(10, params={"peak": "3e-4"}), [5]),
    ("parameter-steps", "warmup(w) then cosine(1, 0)", run(1000, params={"w": 500}), [500]),
    ("parameter-duration-as-text", "warmup(w) then cosine(1, 0)", run(1000, params={"w": "5%"}), [50]),
    ("parameter-as-a-phase", "linear(0, 1) for 4 then x", run(10, params={"x": 0.25}), [4]),
    ("parameter-as-a-count", "linear(0, 1) for 2 repeat n", run(10, params={"n": 3}), [2, 4, 6]),
    ("parameter-in-a-definition", "cosine(peak, floor) where floor = peak / 10", run(10, params={"peak": 0.2}), [5]),
    ("parameter-in-an-expression", "x * linear(1, 0)", run(10, params={"x": 3}), [5]),
    ("names-in-keyframes", "keyframes(0 @ 0, peak @ w)", run(10, params={"peak": 2, "w": "50%"}), [5]),
)

HANDING_ON: Sequence[Case] = (
    ("first-phase-begins-at-base", "cosine", BASE, [50]),
    ("hold-first-holds-base", "hold", BASE, [50]),
    ("hold-stays", "linear(0, 2) for 30 then hold", BASE, [30]),
    ("ramp-begins-where-the-last-ended", "linear(0, 2) for 30 then linear(end=1)", BASE, [30]),
    ("ramp-begins-at-the-held-value", "2 for 10 then hold for 20 then linear to 0", BASE, [30]),
    ("cosine-without-arguments-goes-to-zero", "3 for 40 then cosine", BASE, [40]),
    ("milestones-from-the-value-handed-on", "3 for 40 then step_fixed(0.1, [20])", BASE, [40, 60]),
    ("interval-from-the-value-handed-on", "3 for 40 then interval(0.5, every=20)", BASE, [40, 60]),
    ("drop-on-the-boundary-counts", "interval(0.5, every=10) for 40 then hold", BASE, [30, 40]),
    ("milestone-on-the-boundary-counts", "step_fixed(0.1, [40]) then hold", BASE, [40]),
    ("milestone-past-the-end-does-not-count", "step_fixed(0.1, [40]) for 30 then hold", BASE, [30, 40]),
    ("decay-hands-on-its-value-at-d", "exponential_decay(0.5, every=10) for 20 then hold", BASE, [20]),
    ("formula-hands-on-its-value-at-d", "(step / 10) for 5 then hold", BASE, [5]),
    ("keyframes-hand-on-the-last-key", "keyframes(1 @ 0, 5 @ 10) then linear to 0", BASE, [10]),
    ("values-hand-on-the-last", "values([1, 2, 4]) then linear to 0", BASE, [3]),
    ("operands-receive-the-same-value", "3 for 10 then linear(end=0) * 2 + hold", BASE, [10]),
    ("step-fixed-ends-at-its-last-milestone", "step_fixed(0.5, [10, 20]) then linear to 0", BASE, [10, 20]),
    ("milestones-are-not-sorted", "step_fixed(0.5, [20, 10]) then linear to 0", BASE, [10, 20]),
)

BOUNDARIES: Sequence[Case] = (
    ("boundary-from-the-exact-ends", "1 for 2.5ep then 2 for 2.5ep then 3", run(20, steps_per_epoch=1), [3, 5]),
    (
        "ramp-over-the-whole-steps-of-its-phase",
        "1 for 2.5ep then linear(0, 1) for 5ep",
        run(12, steps_per_epoch=1),
        [3, 8],
    ),
    (
        "milestone-counted-from-the-exact-start",
        "1 for 2.5ep then step_fixed(0.1, [2.5ep, 3.1ep])",
        run(12, steps_per_epoch=1),
        [3, 5, 6],
    ),
    (
        "interval-counted-from-the-exact-start",
        "1 for 0.5ep then interval(0.5, every=1.5ep)",
        run(12, steps_per_epoch=1),
        [2, 4, 5],
    ),
    ("interval-of-a-third", "interval(0.5, every=100% / 3)", T100, [34, 67]),
    ("interval-29-percent", "interval(0.5, every=29%)", T100, [29, 58, 87]),
    ("interval-one-percent-of-365", "interval(0.5, every=1%)", run(365), [4, 8, 11]),
    ("decreasing-interval-exact", "step_decreasing(0.5, every=100% / 3)", T100, [34, 67]),
    ("every-exact", "linear(1, 0) every 100% / 3", T100, [34, 67]),
    ("step-counts-whole-steps", "1 for 2.5ep then step", run(12, steps_per_epoch=1), [3]),
    ("values-count-whole-steps", "1 for 2.5ep then values([5, 6, 7])", run(12, steps_per_epoch=1), [3, 6]),
    ("decay-counts-whole-steps", "1 for 2.5ep then exponential_decay(0.5)", run(12, steps_per_epoch=1), [3, 5]),
    ("phase-between-two-steps-shows-nothing", "1 for 2.2ep then 2 for 0.5ep then 3", run(8, steps_per_epoch=1), [3]),
    (
        "phase-between-two-steps-hands-on-its-end",
        "1 for 2.2ep then linear(5, 6) for 0.5ep then hold",
        run(8, steps_per_epoch=1),
        [3],
    ),
    ("run-that-ends-between-two-steps", "linear(1, 0)", run("2.5ep", steps_per_epoch=3), [7]),
    ("cut-not-squeezed", "linear(0, 10) for 20", T10, [5]),
    ("cut-in-the-second-phase", "1 for 5 then linear(0, 10) for 20", T10, [5]),
    ("cut-milestones", "step_fixed(0.1, [5, 15])", T10, [5]),
    ("cut-warmup", "warmup(20) then cosine", T10, [5]),
    ("cut-keyframes", "keyframes(0 @ 0, 1 @ 20)", T10, [5]),
    ("cut-by-for", "(linear(0, 10) for 20) for 5 then hold", T10, [5]),
    ("cut-by-until", "(linear(0, 10) for 20) until 50% then hold", T10, [5]),
    ("shorter-than-its-for", "(linear(0, 1) for 3) for 6 then 5", T10, [3, 6]),
)

END_OF_WINDOW: Sequence[Case] = (
    ("end-repeat-does-not-restart", "cosine(1, 0) for 5 repeat 3", run(5), []),
    ("end-repeat-does-not-restart-later", "cosine(1, 0) for 5 repeat 3", T10, [5]),
    ("end-endless-repeat-does-not-restart", "cosine(1, 0) for 5 repeat", T10, [5]),
    ("end-repeat-cut-in-a-copy", "cosine(1, 0) for 4 repeat", T10, [4, 8]),
    ("end-warmup-ends-at-its-peak", "warmup(10) then cosine", run(10, base=0.1), []),
    ("end-warmup-ends-at-a-stated-peak", "warmup(10) then cosine(3, 0)", T10, []),
    ("end-next-phase-does-not-belong", "linear(0, 1) for 10 then 7 for 3 then 8", T10, []),
    ("end-phase-without-length-belongs", "linear(0, 1) for 10 then 7 for 0", T10, []),
    ("end-two-phases-without-length-belong", "linear(0, 1) for 10 then 7 for 0 then 8 for 0 then 9 for 3", T10, []),
    ("end-parts-of-a-chain-are-asked", "linear(0, 1) for 10 then (7 for 0 then 8 for 3)", T10, []),
    ("end-parts-of-a-repeat-are-asked", "(7 for 0 then linear(0, 1) for 5) repeat 3", T10, [5]),
    ("end-for-around-them-is-asked-as-a-whole", "linear(0, 1) for 10 then (7 for 0 then 8 for 3) for 3", T10, []),
    ("end-of-for", "(cosine(1, 0) for 5 then linear(3, 2)) for 5 then hold", T10, [5]),
    ("end-of-for-part-without-length", "(cosine(1, 0) for 5 then 4 for 0 then linear(3, 2)) for 5 then hold", T10, [5]),
    ("end-of-for-repeat", "(cosine(1, 0) for 2 repeat) for 6 then hold", T10, [2, 6]),
    ("end-of-until", "(cosine(1, 0) for 5 then linear(3, 2)) until 50% then hold", T10, [5]),
    ("end-of-over", "(cosine(1, 0) for 50% then linear(3, 2) for 50% then 9) over 6 then hold", T10, [3, 6]),
    ("end-inner-window-longer-than-the-run", "(cosine(1, 0) for 5 repeat) for 20", run(5), []),
    ("end-of-an-operand", "2 * (cosine(1, 0) for 5 repeat)", T10, [5]),
    (
        "end-window-without-a-step-keeps-everything",
        "1 for 5 then (hold for 0 then linear(3, 2)) for 0 then hold",
        T10,
        [5],
    ),
    ("end-window-without-a-step-is-its-end", "1 for 5 then (linear(3, 2)) for 0 then hold", T10, [5]),
    ("end-sum-without-length-belongs", "linear(0, 1) for 10 then 2 * (7 for 0)", T10, []),
    ("after-the-end-cosine", "cosine(1, 0.1)", T10, []),
    ("after-the-end-open-formula", "step", T10, []),
    ("after-the-end-interval", "interval(0.5, every=5)", T10, [5]),
    ("after-the-end-inv-sqrt", "inv_sqrt(4, start=1)", T10, []),
    ("after-the-end-of-a-run-without-end", "linear(0, 1) for 5", OPEN, [5]),
    ("window-end-operand-until", "1 for 10 then (2 until 10) * step_fixed(0.1, [0])", T10, [9]),
    ("window-end-skipped-into-its-end", "1 for 10 then ((2 for 5 then 3 for 0) + 0) skip 5", T10, [9]),
    ("window-end-operands-of-no-length", "1 for 10 then (2 for 0 then 3 for 0) + 0", T10, [9]),
    ("window-end-nothing-left", "1 for 10 then 2 for rest then 3 for 0", T10, [9]),
    ("window-end-hardly-anything-left", "1 for 9.5ep then 2 for rest then 3 for 0", run(10, steps_per_epoch=1), [9]),
    ("window-end-passed", "1 for 12 then 2 for rest then 3 for 0", T10, [9]),
    ("window-end-skip-nothing", "1 for 10 then (2 for 0 then 3 for 5) skip 0", T10, [9]),
    ("window-end-skip-something", "1 for 10 then (2 for 0 then 3 for 5) skip 1", T10, [9]),
)

PASSED: Sequence[Case] = (
    ("passed-run-ends-earlier-in-the-text", "warmup(2000) then hold until 80%", T1000, [800]),
    ("passed-and-more-follows", "warmup(2000) then hold until 80% then linear to 0", T1000, [800]),
    ("passed-shorter-warmup", "warmup(900) then hold until 80% then linear to 0", T1000, [800, 900]),
    ("passed-hold-has-no-length", "linear(0, 1) for 6 then hold until 30% then linear to 0", T10, [6]),
    ("passed-number-has-no-length", "linear(0, 1) for 6 then 5 until 30% then linear(1, 0)", T10, [6]),
    ("until-here-has-no-length", "linear(0, 1) for 6 then hold until 60% then linear to 0", T10, [6]),
    ("until-not-yet-passed", "linear(0, 1) for 6 then hold until 70% then linear to 0", T10, [6, 7]),
)

CLAUSES: Sequence[Case] = (
    ("for-length", "linear(1, 0) for 5 then 7", T10, [5]),
    ("for-rest", "1 for 4 then cosine(1, 0) for rest", T10, [4]),
    ("for-rest-of-the-innermost-window", "(1 for 2 then linear(1, 0) for rest) for 6 then 7", T10, [2, 6]),
    ("for-opens-a-window", "(linear(0, 1) for 2 then cosine(1, 0)) for 6 then 7", T10, [2, 6]),
    ("for-keeps-percent-of-the-run", "(1 for 10% then linear(1, 0)) for 50 then 7", T100, [10, 50]),
    ("for-keeps-until-in-the-run", "1 for 10 then (2 until 20% then 3) for 50 then 7", T100, [20, 60]),
    ("for-twice", "linear(1, 0) for 4 for 6 then 7", T10, [4, 6]),
    ("until-percent", "1 until 30% then 2", T10, [3]),
    ("until-steps", "1 until 3 then 2", T10, [3]),
    ("until-is-a-place-not-a-length", "1 for 3 then 2 until 5 then 3", T10, [3, 5]),
    ("until-epochs", "1 until 2ep then 2", THREE_EPOCHS, [20]),
    ("until-difference", "1 until 100% - 3 then 2", T10, [7]),
    ("until-opens-a-window", "(1 for 2 then linear(1, 0)) until 60% then 7", T10, [2, 6]),
    ("over-rescales-percent", "(1 for 50% then linear(1, 0)) over 40 then 7", T100, [20, 40]),
    ("over-rescales-until", "1 for 10 then (2 until 50% then 3) over 40 then 7", T100, [30, 50]),
    ("over-until-in-steps-from-its-start", "1 for 10 then (2 until 5 then 3) over 40 then 7", T100, [15, 50]),
    ("over-rescales-rest", "(1 for 10 then linear(1, 0) for rest) over 40 then 7", T100, [10, 40]),
    ("over-rescales-an-open-end", "cosine(1, 0) over 40 then 7", T100, [20, 40]),
    ("over-its-own-length-is-of-the-run-around", "(1 for 50% then 2) over 40% then 7", T100, [20, 40]),
    ("over-in-over", "((1 for 50% then 2) over 50% then 3) over 40 then 7", T100, [10, 20, 40]),
    ("over-holds-when-the-text-is-shorter", "(linear(0, 1) for 10%) over 40 then hold", T100, [4, 40]),
    ("over-longer-than-the-run", "linear(1, 0) over 20", T10, [5]),
    ("over-fractional-thirds", "(linear(0, 1) for 50% then 2) over 100% / 3 repeat", T100, [17, 34]),
    ("over-in-a-run-without-end", "(linear(0, 1) for 10% then cosine) over 100", OPEN, [10, 100]),
    ("for-over-precedence-left-to-right", "linear(1, 0) for 50% over 10 then 7", T100, [5, 10]),
    ("skip-with-for", "cosine(1, 0) skip 5 for 10", run(15), [5, 10]),
    ("skip-of-a-for", "(cosine(1, 0) for 10) skip 5 then 7", T10, [5]),
    ("skip-of-the-rest", "linear(1, 0) skip 10", T10, [5]),
    ("skip-with-natural-length", "linear(1, 0, 20) skip 5 then 7", run(20), [15]),
    ("skip-in-the-middle", "1 for 5 then linear(end=0) skip 5", T10, [5]),
    ("skip-a-chain", "(1 for 3 then 2 for 3 then 3 for 3) skip 4 then 7", T10, [2, 5]),
    ("skip-milestones", "step_fixed(0.1, [5, 8], start=1) skip 4 then hold", T10, [1, 4]),
    ("skip-a-repeat", "(linear(0, 1) for 4 repeat) skip 2", T10, [2, 6]),
    ("skip-step", "step skip 100", T10, []),
    ("skip-percent", "linear(1, 0) skip 100%", T10, [5]),
    ("skip-nothing", "linear(1, 0) skip 0", T10, [5]),
    ("skip-twice", "step skip 2 skip 3", T10, []),
    ("skip-all-of-it-before-another", "3 for 5 then (linear(1, 0.5) for 4) skip 4 then hold", T10, [5]),
    ("skip-exactly", "linear(0, 1, 4ep) skip 1ep then 7", run(20, steps_per_epoch=2.5), [8]),
    ("every-samples-and-holds", "linear(1, 0) every 4", T10, [4, 8]),
    ("every-epoch", "cosine(1, 0) every 1ep", THREE_EPOCHS, [10, 20]),
    ("every-counts-from-the-phase", "1 for 3 then linear(1, 0) every 4", T10, [3, 7]),
    ("every-length-rounds-up", "linear(1, 0) for 6 every 4 then 7", T10, [4, 8]),
    ("every-length-is-a-multiple", "linear(1, 0) for 8 every 4 then hold", T10, [4, 8]),
    ("every-natural-length-rounds-up", "linear(1, 0, 6) every 4 then 7", T10, [4, 8]),
    ("every-then-for", "linear(1, 0) every 4 for 6 then hold", T10, [4, 6]),
    ("every-hands-on-the-sample", "linear(1, 0, 12) every 4 for 6 then hold", T10, [4, 6]),
    ("every-of-a-sum", "(linear(1, 0) + 1) every 4", T10, [4, 8]),
    ("every-step", "step every 3", T10, [3, 6]),
    ("for-rest-without-an-end", "interval(0.5, every=3) for rest", OPEN, [3, 6]),
    ("skip-all-of-it", "3 for 5 then (linear(1, 0.5) for 4) skip 4 then 7", T10, [5]),
    ("skip-more-than-all-of-it", "3 for 5 then (linear(1, 0.5) for 4) skip 6 then 7", T10, [5]),
)

REPEATS: Sequence[Case] = (
    (
        "repeat-sampled-off-the-grid",
        "(linear(end=0.5) every 1.3ep for 2.9ep) repeat",
        run(60, steps_per_epoch=1),
        [18, 21, 24],
    ),
    ("repeat-stretch-by-three", "1 for 1 repeat stretch 3 scale 0.5", T1000, [4, 40, 121]),
    ("repeat-n", "linear(0, 1) for 3 repeat 2 then 7", T10, [3, 6]),
    ("repeat-once", "linear(0, 1) for 3 repeat 1 then 7", T10, [3]),
    ("repeat-holds-its-end", "linear(0, 1) for 3 repeat 2", T10, [3, 6]),
    ("repeat-without-n-fills-the-run", "linear(0, 1) for 4 repeat", T10, [4, 8]),
    ("repeat-without-n-fills-its-window", "(linear(0, 1) for 2 repeat) for 5 then 7", T10, [2, 5]),
    ("repeat-hands-on-from-copy-to-copy", "linear(end=0.5) for 3 repeat 2 then 7", T10, [3, 6]),
    ("repeat-halves-again-and-again", "interval(0.5, every=2) for 2 repeat", T10, [2, 4, 6]),
    ("repeat-a-chain", "(linear(0, 1) for 2 then linear(1, 0) for 2) repeat 2 then 7", T10, [2, 4, 8]),
    ("repeat-of-a-repeat", "(1 for 1 then (2 for 1) repeat 2) repeat 2 then 7", T10, [1, 3, 6]),
    ("repeat-repeat", "linear(0, 1) for 2 repeat 2 repeat 2 then 7", T10, [2, 4, 8]),
    ("repeat-exact-ends-add-up", "linear(0, 1) for 100% / 7 repeat 7", T100, [15, 29]),
    ("repeat-natural-length", "linear(0, 1, 3) repeat 2 then 7", T10, [3, 6]),
    ("repeat-keyframes", "keyframes(0 @ 0, 1 @ 2, 0 @ 4) repeat 2 then 7", T10, [2, 4, 8]),
    ("repeat-values", "values([1, 2, 3]) repeat", T10, [3, 6]),
    ("repeat-stretch", "cosine(1, 0) for 2 repeat 3 stretch 2 then 7", run(20), [2, 6, 14]),
    ("repeat-stretch-over", "(1 for 50% then 0) over 2 repeat 3 stretch 2 then 7", run(20), [1, 4, 10]),
    ("repeat-stretch-fraction", "linear(0, 1) for 4 repeat 3 stretch 1.5 then 7", run(25), [4, 10, 19]),
    ("repeat-stretch-shrinks", "linear(0, 1) for 8 repeat 3 stretch 0.5 then 7", run(20), [8, 12, 14]),
    ("repeat-stretch-percent", "linear(0, 1) for 10% repeat 3 stretch 2 then 7", T100, [10, 30, 70]),
    ("repeat-scale", "linear(1, 0) for 3 repeat 3 scale 0.5 then 7", T10, [3, 6]),
    (
        "repeat-scale-does-not-add-up-inside",
        "(linear(1, 0.5) for 2 then hold for 2) repeat 2 scale 0.5",
        T10,
        [2, 4, 8],
    ),
    ("repeat-scale-hands-on-what-it-shows", "linear(1, 0.5) for 3 repeat 2 scale 0.5 then hold", T10, [3, 6]),
    ("repeat-endless-stretch-scale", "cosine(1, 0) for 100 repeat stretch 2 scale 0.5", T1000, [100, 300, 700]),
    ("repeat-endless-in-a-run-without-end-asked-early", "linear(1, 0) for 5 repeat 3", OPEN, [5, 10, 15]),
    ("repeat-a-billion-times", "linear(1, 0) for 5 repeat 1B", run(20), [5, 10]),
    ("repeat-in-an-operand", "linear(1, 0) * (linear(0, 1) for 2 repeat)", T10, [2, 4]),
    ("repeat-law-m-plus-n", "linear(end=0.5) for 3 repeat 2 then linear(end=0.5) for 3 repeat 1", T10, [6]),
    ("repeat-scale-warm-up-looks-nowhere", "(warmup(2) then 5 for 2) repeat 2 scale 0.5", run(10, base=3), [2, 4, 6]),
    (
        "repeat-stretch-warm-up-looks-at-the-next-copy",
        "(linear(5, 1) for 50% then warmup(50%)) over 4 repeat 2 stretch 2 then 9",
        run(20),
        [2, 4, 12],
    ),
    ("repeat-stretch-a-name", "b repeat 2 stretch 2 then 7 where a = linear(0, 1) for 2, b = a", T10, [2, 6]),
    ("repeat-warm-ups-of-no-length", "warmup(0) repeat 2 then 5", run(10, base=2), [1]),
    (
        "repeat-warm-ups-shorter-than-a-step",
        "(warmup(0.7ep) then 4 for 0.2ep) repeat 9 then 5",
        run(10, steps_per_epoch=1, base=2),
        [2, 5, 8],
    ),
)

OPERANDS: Sequence[Case] = (
    ("sum-one-clock", "3 for 4 then linear(0, 1) + linear(1, 3)", T10, [4]),
    ("sum-longest-operand", "linear(0, 1, 2) + linear(0, 1, 4) then 7", T10, [2, 4]),
    ("sum-shorter-operand-holds", "(linear(0, 1) for 2) + (linear(0, 1) for 4) then 7", T10, [2, 4]),
    ("product-number-left-aside", "2 * linear(1, 0, 4) then 7", T10, [4]),
    ("product-number-arithmetic-left-aside", "(1 + 2) * linear(1, 0, 4) then 7", T10, [4]),
    ("product-base-left-aside", "base * linear(1, 0, 4) then 7", run(10, base=3), [4]),
    ("product-parameter-left-aside", "x * linear(1, 0, 4) then 7", run(10, params={"x": 2}), [4]),
    ("product-hold-left-aside", "3 for 2 then hold * linear(1, 0, 4) then 7", T10, [2, 6]),
    ("max-number-left-aside", "max(linear(1, 0, 4), 0.25) then 7", T10, [4]),
    ("max-of-two-lengths", "max(linear(1, 0, 4), linear(0.2, 0.5, 6)) then 7", T10, [4, 6]),
    ("minus-has-its-operand-s-length", "-linear(1, 0, 4) then 7", T10, [4]),
    ("power-has-its-operand-s-length", "linear(1, 0, 4) ** 2 then 7", T10, [4]),
    ("function-has-its-operand-s-length", "sqrt(linear(1, 0, 4)) then 7", T10, [4]),
    ("sum-none-if-an-operand-has-none", "linear(1, 0, 4) + cosine(1, 0)", T10, [4]),
    ("product-with-a-formula", "linear(0, 1, 4) * (step + 1) ** -0.5", T10, [4]),
    ("product-warmup-milestones", "warmup(4) * step_fixed(0.5, [3, 6]) then 7", T10, [3, 6]),
    ("product-warmup-ends-at-the-incoming-value", "3 for 2 then warmup(4) * 2", T10, [2, 6]),
    ("product-of-chains", "(1 for 2 then 2 for 2) * (3 for 3 then 4 for 2) then 7", T10, [2, 3, 5]),
    ("sum-of-differing-windows", "(cosine(1, 0) for 4) + linear(0, 1)", T10, [4]),
    ("difference", "linear(1, 0) - 0.25 for 4 then 7", T10, [4]),
    ("quotient", "1 / (step + 1)", T10, []),
    ("noam-as-a-product", "warmup(4, end=1) * inv_sqrt(4, start=1)", run(20), [4]),
    ("for-binds-looser-than-plus", "linear(1, 0) + 1 for 4 then 7", T10, [4]),
    ("chain-in-an-argument", "max((1 for 4 then 2), linear(0, 3))", T10, [4, 7]),
)

INCLUSIVE = ("left", "both", "right", "neither")
RAMPS = ("linear", "cosine", "poly", "exponential", "one_minus_sqrt")
RAMP_CASES: Sequence[Case] = (
    *((f"{ramp}-start-end", f"{ramp}(1, 0.1)", T10, [5]) for ramp in RAMPS),
    *((f"{ramp}-from-the-incoming-value", f"2 for 2 then {ramp}(end=0.1)", T10, [2]) for ramp in RAMPS),
    *((f"{ramp}-upwards", f"{ramp}(0.1, 3)", T10, [5]) for ramp in RAMPS),
    *((f"{ramp}-third-argument", f"{ramp}(1, 0.1, 4) then 7", T10, [4]) for ramp in RAMPS),
    *((f"{ramp}-duration-by-name", f"{ramp}(1, 0.1, duration=40%) then 7", T10, [4]) for ramp in RAMPS),
    *((f"{ramp}-duration-shorter-than-for", f"{ramp}(1, 0.1, 4) for 6 then 7", T10, [4, 6]) for ramp in RAMPS),
    *((f"{ramp}-duration-longer-than-for", f"{ramp}(1, 0.1, 8) for 6 then hold", T10, [6]) for ramp in RAMPS),
    *((f"{ramp}-words-from-to", f"{ramp} from 2 to 0.5 for 6 then {ramp} to 1", T10, [6]) for ramp in RAMPS),
    *((f"{ramp}-no-length-is-its-end", f"{ramp}(1, 0.1) for 0 then hold", T10, []) for ramp in RAMPS),
    *((f"{ramp}-one-step", f"{ramp}(1, 0.1) for 1 then hold", T10, []) for ramp in RAMPS),
    *((f"{ramp}-constant", f"{ramp}(0.3, 0.3)", T10, [5]) for ramp in RAMPS),
    *((f"{ramp}-long", f"{ramp}(3e-4, 1e-9)", run(1_000_000), [500_000]) for ramp in RAMPS),
    *(
        (f"{ramp}-inclusive-{word}", f"{ramp}(1, 0.1, inclusive={word}) for 5 then hold", T10, [3, 5])
        for ramp in RAMPS
        for word in INCLUSIVE
    ),
    *(
        (f"linear-one-step-inclusive-{word}", f"linear(1, 0, inclusive={word}) for 1 then hold", T10, [])
        for word in INCLUSIVE
    ),
    *(
        (f"warmup-inclusive-{word}", f"warmup(4, 0.1, 1, inclusive={word}) then hold", T10, [3, 4])
        for word in INCLUSIVE
    ),
    *(
        (f"linear-duration-inclusive-{word}", f"linear(1, 0, 4, inclusive={word}) for 6 then hold", T10, [3, 6])
        for word in INCLUSIVE
    ),
    *((f"{ramp}-end-zero-by-default", f"{ramp}(start=1)", T10, [5]) for ramp in RAMPS if ramp != "exponential"),
    ("linear-bare", "linear", run(10, base=3), [5]),
    ("one-minus-sqrt-bare", "one_minus_sqrt", run(10, base=3), [5]),
    ("poly-power-two", "poly(1, 0.1, power=2)", T10, [5]),
    ("poly-power-fourth-argument", "poly(1, 0.1, 8, 2) then 7", T10, [8]),
    ("poly-power-fraction", "poly(1, 0, power=0.5)", T10, [5]),
    ("poly-power-by-name-with-both-ends", "poly(start=2, end=1, power=3)", T10, [5]),
    ("poly-upwards-power-two", "poly(0, 1, power=2)", T10, [5]),
    ("exponential-negative", "exponential(-1, -0.01)", T10, [5]),
    ("exponential-decades", "exponential(1, 1e-5)", T10, [5]),
    ("cosine-near-its-end", "cosine(1, 0)", run(1_000_000), [999_999]),
    ("cosine-near-its-end-with-a-floor", "cosine(1, 1e-3)", run(1_000_000), [999_900]),
    ("end-point-exact-linear", "linear(0.1, 0.7)", run(3), []),
    ("end-point-exact-cosine", "cosine(0.1, 0.7)", run(3), []),
    ("end-point-exact-poly", "poly(0.1, 0.7, power=2)", run(3), []),
    ("end-point-exact-exponential", "exponential(0.1, 0.7)", run(3), []),
    ("end-point-exact-one-minus-sqrt", "one_minus_sqrt(0.1, 0.7)", run(3), []),
    ("linear-large", "linear(1.7e308, 1e308)", T10, [5]),
    ("exponential-large", "exponential(1e200, 1e250)", T10, [5]),
    ("exponential-below-zero", "exponential(-1, -16)", T10, [5]),
)

WARMUPS: Sequence[Case] = (
    ("warmup-alone-climbs-to-base", "warmup(5)", run(10, base=0.1), [5]),
    ("warmup-start", "warmup(5, 0.5) then hold", T10, [5]),
    ("warmup-start-and-end", "warmup(5, 0.5, 2) then hold", T10, [5]),
    ("warmup-end-by-name", "warmup(5, end=2) then hold", T10, [5]),
    ("warmup-of-no-length-is-its-peak", "warmup(0) then cosine", run(10, base=3), []),
    ("warmup-of-no-length-alone", "warmup(0)", run(10, base=3), []),
    ("warmup-of-one-step", "warmup(1) then cosine", T10, []),
    ("warmup-climbs-to-what-follows", WARMUP_COSINE, run(1000, base=7), [500]),
    ("warmup-climbs-to-base-before-a-bare-ramp", "warmup(5) then cosine", run(10, base=0.1), [5]),
    ("warmup-climbs-to-base-before-hold", "warmup(5) then hold", run(10, base=0.1), [5]),
    ("warmup-climbs-to-a-number", "warmup(5) then 3", T10, [5]),
    ("warmup-climbs-to-constant", "warmup(5) then constant(3)", T10, [5]),
    ("warmup-climbs-to-base-over-ten", "warmup(5) then base / 10", run(10, base=3), [5]),
    ("warmup-climbs-to-words", "warmup(5) then linear from 3 to 0", T10, [5]),
    ("warmup-climbs-to-start-by-name", "warmup(5) then cosine(start=3)", T10, [5]),
    ("warmup-climbs-to-milestones-start", "warmup(5) then step_fixed(0.1, [2], start=3)", T10, [5, 7]),
    ("warmup-climbs-to-interval-start", "warmup(5) then interval(0.5, 2, 3)", T10, [5, 7]),
    ("warmup-climbs-to-decreasing-start", "warmup(5) then step_decreasing(0.5, 2, start=3)", T10, [5, 7]),
    ("warmup-climbs-to-decay-start", "warmup(5) then exponential_decay(0.5, start=3)", T10, [5]),
    ("warmup-climbs-to-inv-sqrt-start", "warmup(5) then inv_sqrt(5, start=3)", T10, [5]),
    ("warmup-climbs-to-the-first-key", "warmup(5) then keyframes(3 @ 0, 1 @ 3)", T10, [5, 8]),
    ("warmup-climbs-to-the-value-before-the-first-key", "warmup(5) then keyframes(3 @ 2, 1 @ 3)", T10, [5, 8]),
    ("warmup-climbs-to-the-first-value", "warmup(5) then values([3, 2])", T10, [5]),
    ("warmup-climbs-to-a-formula", "warmup(5) then 3 * (step + 4) ** -0.5", T10, [5]),
    ("warmup-climbs-to-a-product", "warmup(5) then 2 * cosine(3, 0)", T10, [5]),
    ("warmup-climbs-to-a-maximum", "warmup(5) then max(cosine(3, 0), 1)", T10, [5]),
    ("warmup-not-to-a-formula-of-hold", "warmup(5) then 2 * hold", T10, [5]),
    ("warmup-not-to-a-maximum-with-a-bare-ramp", "warmup(5) then max(cosine, 3)", T10, [5]),
    ("warmup-not-to-milestones-without-start", "warmup(5) then step_fixed(0.1, [2])", T10, [5, 7]),
    ("warmup-climbs-to-a-parameter", "warmup(5) then cosine(peak, 0)", run(10, params={"peak": 3}), [5]),
    ("warmup-looks-into-parentheses", "warmup(5) then (linear(3, 2) for 2 then hold)", T10, [5, 7]),
    ("warmup-looks-out-of-parentheses", "(hold for 2 then warmup(3)) then cosine(3, 0)", T10, [2, 5]),
    ("warmup-looks-through-for", "warmup(5) then cosine(3, 0) for 3 then hold", T10, [5, 8]),
    ("warmup-looks-out-of-for", "(warmup(3)) for 5 then cosine(3, 0)", T10, [3, 5]),
    ("warmup-looks-through-until", "warmup(5) then 3 until 80% then linear to 0", T10, [5, 8]),
    ("warmup-looks-through-over", "warmup(5) then (3 for 50% then 2) over 4 then 1", T10, [5, 7]),
    ("warmup-looks-through-repeat", "warmup(4) then cosine(3, 0) for 3 repeat 2", T10, [4, 7]),
    ("warmup-looks-through-every", "warmup(4) then cosine(3, 0) every 2", T10, [4, 6]),
    ("warmup-looks-behind-skip", "warmup(4) then linear(3, 0, 12) skip 4", run(12), [4]),
    ("warmup-passes-hold-for-nothing", "warmup(5) then hold for 0 then cosine(3, 0)", T10, [5]),
    ("warmup-passes-warmup-of-nothing", "warmup(5) then warmup(0) then cosine(3, 0)", T10, [5]),
    ("warmup-passes-a-place-already-passed", "warmup(5) then 9 until 30% then cosine(3, 0)", T10, [5]),
    ("warmup-looks-from-copy-to-copy", "(cosine(2, 0) for 2 then warmup(2)) repeat 2 then 5", T10, [2, 4, 8]),
    ("warmup-in-a-repeated-body", "(warmup(2) then cosine(2, 0) for 3) repeat", T10, [2, 5]),
    ("warmup-to-an-inclusive-right-ramp", "warmup(5) then linear(3, 0, inclusive=right)", T10, [5]),
    ("warmup-to-a-warmup", "warmup(3, end=1) then warmup(3, 1, 2) then hold", T10, [3, 6]),
    ("warmup-looks-at-a-warmup-with-a-start", "warmup(3) then warmup(3, 2, 1) then hold", T10, [3, 6]),
    ("warmup-last-operand-looks-nowhere", "warmup(4) + 0 then cosine(3, 0)", T10, [4]),
    ("warmup-in-a-chain-operand-looks-inside", "2 * (warmup(4) then cosine(3, 0))", T10, [4]),
    ("warmup-end-of-a-chain-operand-looks-nowhere", "(1 for 2 then warmup(3)) * 2 then cosine(9, 0)", T10, [2, 5]),
    (
        "warmup-end-of-a-scaled-body-looks-nowhere",
        "(linear(1, 2) for 2 then warmup(2)) repeat 2 scale 0.5",
        T10,
        [2, 4],
    ),
    ("warmup-percent", "warmup(5%) then cosine(1, 0)", run(1003), [51]),
)

STEPS: Sequence[Case] = (
    ("step-fixed", "step_fixed(0.1, [3, 6])", T10, [3, 6]),
    ("step-fixed-start", "step_fixed(0.1, [3, 6], 2)", T10, [3, 6]),
    ("step-fixed-by-name", "step_fixed(factor=0.1, steps=[3, 6], start=2)", T10, [3, 6]),
    ("step-fixed-milestone-at-zero", "step_fixed(0.1, [0, 6])", T10, [6]),
    ("step-fixed-same-milestone-twice", "step_fixed(0.1, [3, 3])", T10, [3]),
    ("step-fixed-percent", "step_fixed(0.5, [29%, 57%])", T100, [29, 57]),
    ("step-fixed-growing", "step_fixed(2, [3, 6])", T10, [3, 6]),
    ("step-fixed-held-by-for", "step_fixed(0.1, [3]) for 6 then 7", T10, [3, 6]),
    ("step-interval", "step_interval(0.5, every=3)", T10, [3, 6]),
    ("step-interval-alias", "interval(0.5, 3, 2)", T10, [3, 6]),
    ("step-interval-in-a-run-without-end", "interval(0.5, every=100)", OPEN, [100, 200]),
    ("step-interval-epochs", "interval(0.5, every=1ep)", THREE_EPOCHS, [10, 20]),
    ("step-interval-fraction", "interval(0.5, every=0.25)", T10, [3, 5, 8]),
    ("step-interval-every-step", "interval(0.9, every=1)", T10, [5]),
    ("step-decreasing", "step_decreasing(0.5, 3, 2, 1)", T10, [3, 6]),
    ("step-decreasing-to-zero", "step_decreasing(0.5, every=3)", T10, [3, 6]),
    ("step-decreasing-from-the-incoming-value", "2 for 4 then step_decreasing(0.5, every=2, end=1)", T10, [4, 6]),
    ("step-decreasing-equal-ends", "step_decreasing(0.5, 3, 1, 1)", T10, [3]),
)

DECAYS: Sequence[Case] = (
    ("exponential-decay", "exponential_decay(0.9)", T10, [5]),
    ("exponential-decay-every", "exponential_decay(0.5, every=4)", T10, [4]),
    ("exponential-decay-percent", "exponential_decay(0.5, every=25%)", T10, [5]),
    ("exponential-decay-start", "exponential_decay(0.5, 4, 2)", T10, [4]),
    ("exponential-decay-open", "exponential_decay(0.5, every=100, start=2)", OPEN, [100]),
    ("inv-sqrt", "inv_sqrt(4)", T10, [4]),
    ("inv-sqrt-start", "inv_sqrt(4, 2)", T10, [4]),
    ("inv-sqrt-percent", "inv_sqrt(10%, start=2)", T100, [30]),
    ("inv-sqrt-fraction-of-a-step", "inv_sqrt(0.5ep)", run(10, steps_per_epoch=5), [5]),
    ("inv-sqrt-open", "warmup(100) then inv_sqrt(100)", OPEN, [100, 400]),
)

TABLES: Sequence[Case] = (
    ("keyframes-linear", "keyframes(0 @ 0, 1 @ 4, 0.5 @ 10)", T10, [4]),
    ("keyframes-before-the-first", "keyframes(2 @ 3, 1 @ 6)", T10, [3, 6]),
    ("keyframes-after-the-last", "keyframes(0 @ 0, 1 @ 4)", T10, [4]),
    ("keyframes-one-key", "keyframes(2 @ 3)", T10, [3]),
    ("keyframes-later-key-wins", "keyframes(0 @ 0, 1 @ 4, 3 @ 4, 2 @ 8)", T10, [4, 8]),
    ("keyframes-percent", "keyframes(0 @ 0, 1 @ 29%, 0 @ 100%)", T100, [29]),
    ("keyframes-fractions", "keyframes(0 @ 0, 1 @ 0.29, 0 @ 100%)", T100, [29]),
    ("keyframes-keys-are-boundaries", "keyframes(0 @ 0, 3 @ 2.5ep, 0 @ 5ep)", run(10, steps_per_epoch=1), [3, 5]),
    (
        "keyframes-from-an-exact-start",
        "1 for 0.5ep then keyframes(0 @ 0, 3 @ 2.2ep, 0 @ 5ep)",
        run(10, steps_per_epoch=1),
        [1, 3, 6],
    ),
    ("keyframes-local-clock", "5 for 3 then keyframes(0 @ 0, 1 @ 4) then hold", T10, [3, 7]),
    ("keyframes-cosine", "keyframes(0 @ 0, 1 @ 4, 0.5 @ 8, shape=cosine)", T10, [4, 8]),
    ("keyframes-exponential", "keyframes(1 @ 0, 0.01 @ 4, 1 @ 8, shape=exponential)", T10, [4, 8]),
    ("keyframes-hold", "keyframes(1 @ 0, 2 @ 4, 3 @ 8, shape=hold)", T10, [4, 8]),
    ("keyframes-linear-by-name", "keyframes(1 @ 0, 2 @ 4, shape=linear)", T10, [4]),
    ("keyframes-arithmetic", "keyframes(base / 2 @ 0, base * 2 @ 50% - 1, -1 @ 8)", run(10, base=3), [4, 8]),
    ("values-then-hold", "values([3, 1, 2])", T10, [3]),
    ("values-one", "values([3])", T10, []),
    ("values-longer-than-the-run", "values([1, 2, 3, 4, 5, 6])", run(4), []),
    ("values-arithmetic", "values([base / 2, 2 ** 0.5, -pi])", run(10, base=3), [3]),
    ("values-then-a-phase", "values([3, 1, 2]) then linear to 0", T10, [3]),
    ("constant", "constant(0.25)", T10, []),
    ("constant-by-phases", "constant(0.25) for 4 then constant(0.5)", T10, [4]),
)

LAWS: Sequence[Case] = (
    ("law-then-groups-left", "(1 for 2 then 2 for 2) then linear(end=5)", T10, [2, 4]),
    ("law-then-groups-right", "1 for 2 then (2 for 2 then linear(end=5))", T10, [2, 4]),
    ("law-hold-for-nothing-first", "hold for 0 then linear(end=5)", T10, [5]),
    ("law-hold-for-nothing-last", "linear(end=5) for 5 then hold for 0", T10, [5]),
    ("law-hold-for-nothing-between", "linear(end=5) for 5 then hold for 0 then linear(end=7)", T10, [5]),
    ("law-split-a-line", "linear(0, 4) for 4 then linear(4, 10) for 6", T10, [4]),
    ("law-scaled-run", "warmup(10%) then hold until 80% then cosine to 0", T100, [10, 80]),
    ("law-scaled-run-ten-times", "warmup(10%) then hold until 80% then cosine to 0", T1000, [100, 800]),
    ("law-parentheses", "((((warmup(10%)))) then ((hold) until (80%)) then (cosine to 0))", T100, [10, 80]),
    ("law-no-phase-of-length-zero-shows", "1 for 0 then 2 for 0 then 3 for 5 then 4 for 0 then 5", T10, [5]),
)

PEERS: Sequence[Case] = (
    ("peer-one-cycle", "linear(0.04, 1) for 30% then cosine to 0.0004", T100, [30]),
    ("peer-one-cycle-cosine", "cosine(0.04, 1) for 30% then cosine to 4e-6", T100, [30]),
    ("peer-trapezoid", "linear(0, 1) for 20% then hold until 80% then linear to 0", T100, [20, 80]),
    ("peer-warmup-restarts", "warmup(10) then cosine(1, 0) for 30 repeat 3", T100, [10, 40, 70]),
    ("peer-polynomial-decay", "warmup(10) then poly(1, 1e-7, power=1)", T100, [10]),
    ("peer-multistep-with-warmup", "warmup(5ep, 0.1) * step_fixed(0.1, [1ep, 2ep])", THREE_EPOCHS, [10, 20]),
    ("peer-ema-momentum", "cosine(0.996, 1)", T1000, [500]),
    ("peer-beta-annealing", "(linear(0, 1) for 50% then 1) over 25 repeat 4", T100, [13, 25]),
    ("peer-entropy-coefficient", "keyframes(0.01 @ 0, 0.001 @ 2B tok)", run(4000, tokens_per_step=1_000_000), [2000]),
    ("peer-kappa-linear", "linear(1, 0, inclusive=both)", T10, [5]),
    ("peer-kappa-exclude-last", "linear(1, 0, inclusive=left)", T10, [5]),
    ("peer-kappa-exclude-first", "linear(1, 0, inclusive=right)", T10, [5]),
    ("peer-kappa-exclude-both", "linear(1, 0, inclusive=neither)", T10, [5]),
    ("peer-kappa-warmup-cosine", "warmup(3, inclusive=neither) then cosine(inclusive=both)", T10, [3]),
)

MUTANTS: Sequence[Case] = (
    ("window-of-half-a-step", "(1 for 0.2ep then 2) over 0.5ep then hold", run(steps_per_epoch=1), [1]),
    ("scaled-warmup-looks-nowhere", "warmup(2) for 2 repeat 2 scale 0.5 then 7", T10, [2, 3]),
    ("every-without-a-length", "1 for 3 then (linear(1, 0) every 3)", T10, [3, 6]),
    ("hold-in-copies", "linear(0, 1) for 3 then (hold for 2) repeat 3", T10, [3, 5]),
    (
        "copies-without-a-step-at-the-end",
        "(warmup(0) for 0.15ep then 5 for 0.15ep) repeat 5 then 7",
        run(steps_per_epoch=1),
        [1, 2],
    ),
    (
        "many-copies-without-a-step-at-the-end",
        "(warmup(0) for 0.15ep then 5 for 0.15ep) repeat 1000 then 7",
        run(steps_per_epoch=1),
        [150, 299],
    ),
)

GROUPS: Sequence[Group] = (
    ("section 1", "Every text of section 1 of the page.", SECTION_1),
    ("numbers", "Numbers in all spellings, comments, blanks and trailing commas.", NUMBERS),
    ("arithmetic", "Precedence as in Python; base, step, progress, pi.", ARITHMETIC),
    ("functions", "The pointwise functions.", FUNCTIONS),
    ("durations", "Every unit, mixed kinds, bare fractions; exact, from the decimal text.", DURATIONS),
    ("names", "`where` and parameters.", NAMES),
    ("handing on", "A phase that states no start begins at the value the phase before it ended on.", HANDING_ON),
    ("boundaries", "The exact ends add up and are snapped once; a phase is cut, never squeezed.", BOUNDARIES),
    ("end of a window", "What would begin at the end of a window does not belong to it.", END_OF_WINDOW),
    ("passed places", "An `until` that has passed gives its phase no length.", PASSED),
    ("clauses", "for, until, over, skip, every.", CLAUSES),
    ("repeat", "repeat with and without a number, stretch and scale.", REPEATS),
    ("operands", "Sums, products and functions: one clock, one incoming value, the longest length.", OPERANDS),
    ("ramps", "The five ramps, `inclusive`, exact end points.", RAMP_CASES),
    ("warm-up", "A warm-up climbs to the start of what follows, if that states one.", WARMUPS),
    ("steps", "The three step variants.", STEPS),
    ("decays", "exponential_decay and inv_sqrt.", DECAYS),
    ("tables", "keyframes, values, constant.", TABLES),
    ("laws", "Both sides of the laws of section 5.", LAWS),
    ("peers", "Schedules that other libraries have.", PEERS),
    ("mutants", "What mutation testing found untested.", MUTANTS),
)


def steps_around(places: Sequence[int], total: int | None) -> list[int]:
    """0 and 1, each place and its neighbours, the last step, T and T + 1, and a step far beyond."""
    ends = [] if total is None else [total - 1, total, total + 1]
    fixed = {step for step in (0, 1, *ends, FAR) if step >= 0}
    near = [step for place in places for step in (place, place - 1)]
    after = [place + 1 for place in places]
    chosen = set(fixed)
    for step in (*near, *after):
        if len(chosen) < MOST_STEPS and step >= 0:
            chosen.add(step)
    missing = {step for step in near if step >= 0} - chosen
    assert not missing, f"too many places: {places}"
    return sorted(chosen)


def total_of(given: Run) -> int | None:
    """The first whole step that is past the run."""
    total = given.get("total_steps")
    if total is None or isinstance(total, int):
        return total
    length = reference_value("step", [FAR], **given)[0]  # held at the end of the run: its length in whole steps
    return int(length)


def double(value: mpf) -> float:
    """The nearest double, rounded once."""
    sign, mantissa, exponent, bits = value._mpf_
    if exponent + bits < -1100:
        return 0.0
    return float((-1 if sign else 1) * Fraction(int(mantissa)) * Fraction(2) ** int(exponent))


def line_of(case: Case) -> str:
    """A case as a line of JSON; values have 17 significant digits."""
    name, text, given, places = case
    steps = steps_around(places, total_of(given))
    values = reference_value(text, steps, **given)
    pairs = ", ".join(f"[{step}, {double(value):.17g}]" for step, value in zip(steps, values, strict=True))
    head = json.dumps({"id": name, "text": text, "run": given})
    return f'{head[:-1]}, "values": [{pairs}]}}'


def main() -> None:
    """Write the file beside this script."""
    cases = [case for _, _, group in GROUPS for case in group]
    names = [name for name, _, _, _ in cases]
    assert len(set(names)) == len(names), sorted(name for name in names if names.count(name) > 1)
    lines = [line_of(case) for case in cases]
    for line in lines:
        json.loads(line)
    OUTPUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} cases in {len(GROUPS)} groups")


if __name__ == "__main__":
    main()
