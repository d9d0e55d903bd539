"""The sweep of the examples: it finds texts, the same ones for the same seed."""

import runpy
from pathlib import Path

import pytest
from helpers import printed

from schedlang import parse

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "sweep.py"


def found() -> list[list[str]]:
    """The loss and the text of each line."""
    return [line.split("  ", 1) for line in printed(SCRIPT, "--trials", "12", "--seed", "1").splitlines()]


def test_sweep_prints_texts_by_their_loss() -> None:
    """Each line is a loss and a whole text that gives it; the best come first, and a seed makes a sweep repeatable."""
    lines = found()
    losses = [float(loss) for loss, _ in lines]
    assert losses == sorted(losses)
    assert len(lines) > 1
    script = runpy.run_path(str(SCRIPT))
    for loss, text in lines:
        parse(text).bind(script["STEPS"])
        mean = sum(script["final_loss"](text, {}, seed) for seed in range(3)) / 3
        assert mean == pytest.approx(float(loss), rel=0.05)  # numbers are printed shorter than they are
    assert found() == lines
