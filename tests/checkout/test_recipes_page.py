"""The page of recipes: each text has the values that the words around it claim."""

from pathlib import Path
from typing import Any

import pytest

from schedlang import parse

PAGE = " ".join((Path(__file__).parents[2] / "docs" / "recipes.md").read_text(encoding="utf-8").split())

STAGES: dict[int, float] = {0: 128, 20_000: 512, 40_000: 1024, 70_000: 2048, 100_000: 2048}

CLAIMS: list[tuple[str, dict[str, Any], dict[int, float]]] = [
    ("warmup(2%) then cosine(end=3e-5)", {"base": 3e-4}, {0: 0, 2000: 3e-4, 100_000: 3e-5}),
    ("warmup(2000) then hold until 80% then one_minus_sqrt to 0", {}, {2000: 1, 80_000: 1, 85_000: 0.5, 100_000: 0}),
    ("keyframes(0 @ 0, 1e-3 @ 10%, 1e-3 @ 70%, 0 @ 100%)", {}, {5000: 5e-4, 10_000: 1e-3, 70_000: 1e-3, 85_000: 5e-4}),
    ("warmup(10%) then linear to 0", {"base": 5e-5}, {10_000: 5e-5, 55_000: 2.5e-5, 100_000: 0}),
    ("warmup(4000) then inv_sqrt(4000)", {}, {4000: 1, 16_000: 0.5, 64_000: 0.25}),
    (
        "warmup(4000) then inv_sqrt(4000) until 90% then linear to 0",
        {"base": 3},
        {4000: 3, 90_000: 3 * (4 / 90) ** 0.5, 95_000: 1.5 * (4 / 90) ** 0.5, 100_000: 0},
    ),
    (
        "512 ** -0.5 * min((step + 1) ** -0.5, (step + 1) * 4000 ** -1.5)",
        {},
        {0: 512**-0.5 * 4000**-1.5, 3999: (512 * 4000) ** -0.5, 15_999: (512 * 16_000) ** -0.5},
    ),
    ("warmup(5ep, end=1) * step_fixed(0.1, [30ep, 60ep, 80ep])", {"base": 0.1}, {25: 0.05, 50: 0.1, 300: 0.01}),
    ("warmup(5ep, end=1) * interval(0.97, every=2.4ep)", {}, {12: 0.24, 25: 0.97 * 0.5, 240: 0.97**10}),
    ("cosine(1e-3, 1e-5) for 1000 repeat stretch 2", {}, {0: 1e-3, 999: 1e-5, 1000: 1e-3, 2999: 1e-5, 3000: 1e-3}),
    ("cosine(0.004, 0.1) for 30% then cosine to 4e-7", {}, {0: 0.1 / 25, 30_000: 0.1, 100_000: 0.1 / 25 / 10_000}),
    ("cosine(0.95, 0.85) for 30% then cosine to 0.95", {}, {0: 0.95, 30_000: 0.85, 100_000: 0.95}),
    (
        "1e-4 + ((linear(0, 9e-4) for 2000 then linear(9e-4, 0) for 2000) repeat scale 0.5)",
        {},
        {0: 1e-4, 2000: 1e-3, 4000: 1e-4, 6000: 5.5e-4, 8000: 1e-4, 10_000: 3.25e-4, 12_000: 1e-4},
    ),
    (
        "0 for 20% then 0.1 * (warmup(5%, end=base) then cosine)",
        {"base": 3e-4},
        {19_999: 0, 22_500: 1.5e-5, 25_000: 3e-5, 62_500: 1.5e-5, 100_000: 0},
    ),
    (
        "round(2 ** (4 * progress)) * 128",
        {},
        {0: 128, 25_000: 256, 39_000: 384, 50_000: 512, 75_000: 1024, 99_999: 2048},
    ),
    ("keyframes(128 @ 0, 512 @ 20%, 1024 @ 40%, 2048 @ 70%, shape=hold)", {}, STAGES),
    ("round(linear(32, 512) for 20% then 512) every 500", {}, {499: 32, 500: 44, 999: 44, 20_000: 512, 99_999: 512}),
    ("step_fixed(2, [5%, 10%, 15%, 20%], start=32)", {}, {4999: 32, 5000: 64, 10_000: 128, 15_000: 256, 20_000: 512}),
    (
        "0 for 2ep then linear to 0.25 until 50% then hold until 90% then linear to 0",
        {},
        {10: 0, 50_000: 0.25, 90_000: 0.25, 95_000: 0.125, 100_000: 0},
    ),
    ("0.1 until 20% then 0", {}, {0: 0.1, 19_999: 0.1, 20_000: 0}),
    ("0 until 20% then 0.1", {}, {0: 0, 19_999: 0, 20_000: 0.1}),
    ("cosine(0.04, 0.4)", {}, {0: 0.04, 50_000: 0.22, 100_000: 0.4}),
    ("warmup(2%, end=0.1) then cosine", {"base": 7}, {0: 0, 2000: 0.1, 51_000: 0.05, 100_000: 0}),
    ("cosine(0.996, 1)", {}, {0: 0.996, 100_000: 1}),
    ("min(0.999, (1 + step) / (10 + step))", {}, {0: 0.1, 89: 90 / 99, 100_000: 0.999}),
    ("exponential(1, 0.05) for 80% then hold", {}, {0: 1, 40_000: 0.05**0.5, 80_000: 0.05, 99_999: 0.05}),
    ("linear(1, 0.1, 100k)", {}, {0: 1, 50_000: 0.55, 100_000: 0.1}),
    ("(linear(0, 1) for 50% then hold) over 10k repeat", {}, {2500: 0.5, 7500: 1, 10_000: 0, 12_500: 0.5, 19_999: 1}),
    ("linear(0, 1) for 20% then hold", {}, {10_000: 0.5, 20_000: 1, 99_999: 1}),
]
"""Texts of the page with values that they have in a run of 100 000 steps, 10 an epoch."""


@pytest.mark.parametrize(("text", "run", "values"), CLAIMS, ids=[text for text, _, _ in CLAIMS])
def test_recipes_do_what_they_say(text: str, run: dict[str, Any], values: dict[int, float]) -> None:
    """The text is on the page, and its values are those that it is there for."""
    assert text in PAGE
    bound = parse(text).bind(100_000, steps_per_epoch=10, **run)
    assert {step: bound(step) for step in values} == pytest.approx(values, rel=1e-3, abs=1e-9)
