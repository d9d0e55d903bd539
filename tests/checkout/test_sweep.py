"""The sweep of the examples: it finds texts, the same ones for the same seed."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from schedlang import parse

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "sweep.py"


def printed(*arguments: str) -> list[list[str]]:
    """The loss and the text of each line."""
    run = subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=True, timeout=120)
    return [line.split("  ", 1) for line in run.stdout.splitlines()]


def test_sweep_prints_texts_by_their_loss() -> None:
    """Each line is a loss and a whole text that gives it; the best come first, and a seed makes a sweep repeatable."""
    lines = printed("--trials", "12", "--seed", "1")
    losses = [float(loss) for loss, _ in lines]
    assert losses == sorted(losses)
    assert len(lines) > 1
    script = runpy.run_path(str(SCRIPT))
    for loss, text in lines:
        parse(text).bind(script["STEPS"])
        mean = sum(script["final_loss"](text, {}, seed) for seed in range(3)) / 3
        assert mean == pytest.approx(float(loss), rel=0.05)  # numbers are printed shorter than they are
    assert printed("--trials", "12", "--seed", "1") == lines
