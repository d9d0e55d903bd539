"""The example on several devices of JAX: another number of them changes the steps, but not the curve."""

import csv
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import ROOT, python

from schedlang import parse

SCRIPT = "examples/jax_devices.py"
TEXT = "warmup(1ep) then hold until 9600 samples then cosine to 0"


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return python("-W", "error", SCRIPT, *arguments, folder=ROOT)


def curve(folder: Path) -> list[dict[str, str]]:
    with (folder / "curve.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A run on four devices from beginning to end."""
    folder = tmp_path_factory.mktemp("whole")
    done = run("--devices", 4, "--output", folder)
    assert done.returncode == 0, done.stderr
    return curve(folder)


def test_learns(whole: Any) -> None:
    """The loss falls, and the table has a row for every step."""
    assert [int(row["step"]) for row in whole] == list(range(360))
    assert float(whole[0]["loss"]) > 0.6
    assert np.mean([float(row["loss"]) for row in whole[-30:]]) < 0.2


def test_goes_on_with_another_number_of_devices(whole: Any, tmp_path: Path, devices: int = 3) -> None:
    """Resumed on fewer devices the run has smaller and more steps, and at the same sample the same rate."""
    for arguments in (["--devices", 4, "--until", 4], ["--devices", devices]):
        done = run(*arguments, "--output", tmp_path)
        assert done.returncode == 0, done.stderr
    rows = curve(tmp_path)
    assert rows[:120] == whole[:120]
    assert rows[120]["samples"] == whole[120]["samples"] == "7680"
    assert int(rows[120]["step"]) == 7680 // (16 * devices)
    assert len(rows) == 120 + 8 * 1920 // (16 * devices)

    for row in rows:
        batch = 16 * int(row["devices"])
        lr = parse(TEXT).bind("12ep", steps_per_epoch=Fraction(1920, batch), samples_per_step=batch, base=0.02)
        assert abs(float(row["lr"]) - lr(int(row["step"]))) <= 4 * 2.0**-23 * 0.02

    was = {row["samples"]: float(row["lr"]) for row in whole}
    shared = [row for row in rows if row["samples"] in was]
    assert len(shared) >= 200
    assert all(abs(float(row["lr"]) - was[row["samples"]]) <= 4 * 2.0**-23 * 0.02 for row in shared)
    assert np.mean([float(row["loss"]) for row in rows[-30:]]) < 0.2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["warmup(1e) then cosine"], "error[E211]: `e` is not a unit of time"),
        (["--devices", 7], "1920 samples are no whole number of batches on 7 devices"),
    ],
    ids=["unit", "devices"],
)
def test_refused(tmp_path: Path, arguments: list[Any], message: str) -> None:
    """What is wrong with the text or the devices ends the run before it starts."""
    done = run(*arguments, "--output", tmp_path / "output")
    assert done.returncode != 0
    assert message in done.stderr
    assert not (tmp_path / "output").exists()


def test_other_schedule(tmp_path: Path) -> None:
    """A checkpoint of another schedule is not gone on from."""
    assert run("--until", 1, "--output", tmp_path).returncode == 0
    done = run("--until", 2, "--output", tmp_path, "warmup(2ep) then cosine")
    assert done.returncode == 1
    assert f"checkpoint.pickle is of another schedule: {parse(TEXT)}" in done.stderr
