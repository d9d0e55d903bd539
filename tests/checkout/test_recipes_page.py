"""The page of recipes: each text has the values that the words around it claim."""

from pathlib import Path
from typing import Any

import pytest
from helpers import told

from schedlang import parse

PAGE = " ".join((Path(__file__).parents[2] / "docs" / "recipes.md").read_text(encoding="utf-8").split())

CLAIMS = told("recipes.txt")
"""Texts of the page with values that they have in a run of 100 000 steps, 10 an epoch."""


@pytest.mark.parametrize(("text", "run", "lines"), CLAIMS, ids=[text for text, _, _ in CLAIMS])
def test_recipes_do_what_they_say(text: str, run: dict[str, Any], lines: list[str]) -> None:
    """The text is on the page, and its values are those that it is there for."""
    assert text in PAGE
    values: dict[int, float] = eval(f"{{{lines[0]}}}")
    bound = parse(text).bind(100_000, steps_per_epoch=10, **run)
    assert {step: bound(step) for step in values} == pytest.approx(values, rel=1e-3, abs=1e-9)
