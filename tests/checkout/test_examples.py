"""The example's training run: its files are true, it learns, and a wrong configuration stops it with the place."""

import csv
import json
import runpy
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from helpers import ROOT, python

import schedlang

SCRIPT = "examples/train_digits.py"
CONFIG = "examples/train.yaml"
KEYS = {"lr": "optim", "weight_decay": "optim", "momentum": "optim", "dropout": "model", "label_smoothing": "loss"}

SPY = """
import json, runpy, sys
import torch
sys.modules["matplotlib"] = None  # as if it were not installed
seen = []

def step(optimizer, *arguments, original=torch.optim.SGD.step):
    groups = [[group[name] for name in ("lr", "weight_decay", "momentum")] for group in optimizer.param_groups]
    seen[-1] = [*groups, *seen[-1]]
    return original(optimizer, *arguments)

def dropout(layer, values, original=torch.nn.Dropout.forward):
    if layer.training:
        seen.append([layer.p])
    return original(layer, values)

def criterion(loss, *arguments, original=torch.nn.CrossEntropyLoss.forward):
    seen[-1].append(loss.label_smoothing)
    return original(loss, *arguments)

torch.optim.SGD.step, torch.nn.Dropout.forward, torch.nn.CrossEntropyLoss.forward = step, dropout, criterion
spied, sys.argv = sys.argv[1], sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
with open(spied, "w") as file:
    json.dump(seen, file)
"""
"""Runs the script and writes down what the optimizer, the dropout and the loss had when they were called."""


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return python(*arguments, folder=ROOT)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_full_run(tmp_path: Path) -> None:
    """As configured the network learns the digits, and the run leaves a table, a report and pictures."""
    done = run(SCRIPT, "--output", tmp_path)
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert result["accuracy"] > 0.95
    assert f"{result['accuracy']:.2%}" in done.stdout
    rows = table(tmp_path / "curve.csv")
    assert len(rows) == result["steps"] == 630
    assert float(rows[-1]["loss"]) < 0.3 < 2 < float(rows[0]["loss"])
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "curve.svg").read_text(encoding="utf-8")
    for name, text in result["schedules"].items():
        assert f"\n{name}: {text}\n" in done.stdout


def test_values_are_the_schedules(tmp_path: Path) -> None:
    """At every step the table has the schedules' values, and they are what optimizer, dropout and loss really had."""
    done = run("-c", SPY, tmp_path / "seen.json", SCRIPT, "--epochs", 4, "--seed", 3, "--output", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no picture: matplotlib is not installed" in done.stdout
    assert json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))["accuracy"] > 0.8

    config = yaml.safe_load((ROOT / CONFIG).read_text(encoding="utf-8"))
    batch_size = config["run"]["batch_size"]
    facts: dict[str, Any] = {
        "total_steps": "4ep",
        "steps_per_epoch": 1347 // batch_size,
        "samples_per_step": batch_size,
    }
    bound = {}
    for name, section in KEYS.items():
        base = config["optim"]["initial"].get(name, 1.0)
        bound[name] = schedlang.parse(config[section][name]).bind(**facts, base=base)

    rows = table(tmp_path / "curve.csv")
    seen = json.loads((tmp_path / "seen.json").read_text(encoding="utf-8"))
    assert [int(row["step"]) for row in rows] == list(range(4 * (1347 // batch_size)))
    assert len(seen) == len(rows)
    for step, (row, (group, dropout, smoothing)) in enumerate(zip(rows, seen, strict=True)):
        expected = [bound[name](step) for name in KEYS]
        assert [float(row[name]) for name in KEYS] == expected
        assert [*group, dropout, smoothing] == expected


@pytest.fixture(scope="module")
def main() -> Callable[[list[str]], None]:
    """The script's `main`, for runs in this process."""
    return runpy.run_path(str(ROOT / SCRIPT))["main"]


def test_seed_decides(main: Callable[[list[str]], None], tmp_path: Path) -> None:
    """The same seed gives the same files, another seed other ones."""
    for name, seed in (("first", "1"), ("again", "1"), ("other", "2")):
        main([str(ROOT / CONFIG), "--epochs", "1", "--seed", seed, "--output", str(tmp_path / name)])
    for file in ("curve.csv", "result.json"):
        first, again, other = ((tmp_path / name / file).read_bytes() for name in ("first", "again", "other"))
        assert first == again != other


def changed(path: Path, old: str, new: str) -> Path:
    """The example's configuration with a piece replaced, written to `path`."""
    text = (ROOT / CONFIG).read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_typo_in_a_schedule(tmp_path: Path) -> None:
    """A misspelt schedule ends the run before it starts, with file, key, column, carets and a hint."""
    config = changed(tmp_path / "bad.yaml", "lr: warmup(5%) then cosine", "lr: warmup(5%) then cosin(0.3, 0)")
    done = run(SCRIPT, config, "--output", tmp_path / "output")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "error[E201]: unknown name `cosin`\n"
        f" --> {config}:optim.lr:1:17\n"
        "  |\n"
        "1 | warmup(5%) then cosin(0.3, 0)\n"
        "  |                 ^^^^^\n"
        "  = help: did you mean `cosine`?\n"
    )
    assert not (tmp_path / "output").exists()


def test_all_mistakes_are_told(main: Callable[[list[str]], None], tmp_path: Path) -> None:
    """Mistakes in several schedules are told together, each with its key."""
    config = changed(tmp_path / "bad.yaml", "every 1ep", "evry 1ep")
    config.write_text(config.read_text(encoding="utf-8").replace("for 32k samples", "for 2B tok"), encoding="utf-8")
    with pytest.raises(SystemExit) as stop:
        main([str(config), "--output", str(tmp_path / "output")])
    message = str(stop.value.code)
    assert "bad.yaml:loss.label_smoothing:1:" in message
    assert "bad.yaml:optim.momentum:1:" in message
    assert "`2B tok` needs tokens_per_step" in message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  lr: warmup", "  learning_rate: warmup", "bad.yaml:optim: unknown key `learning_rate`; known are"),
        ("  dropout:", "  dropot:", "bad.yaml:model: unknown key `dropot`; did you mean `dropout`?"),
        ("lr: 0.3,", "", "bad.yaml:optim.initial: missing key `lr`"),
        ("lr: 0.3,", "lr: a lot,", "bad.yaml:optim.initial.lr: 'a lot' is not a number"),
        ("epochs: 30", "epochs: many", "bad.yaml:run.epochs: 'many' is not a number"),
        ("epochs: 30", "epochs: 0", "a run has at least one step"),
        ("epochs: 30", "epochs: ]", "bad.yaml: "),
    ],
)
def test_other_mistakes(main: Callable[[list[str]], None], tmp_path: Path, old: str, new: str, message: str) -> None:
    """Unknown, missing and useless values end the run with a message that names the key; nothing is ignored."""
    with pytest.raises(SystemExit) as stop:
        main([str(changed(tmp_path / "bad.yaml", old, new)), "--output", str(tmp_path / "output")])
    assert message in str(stop.value.code)


def test_missing_file(main: Callable[[list[str]], None]) -> None:
    """A configuration that isn't there ends the run with a message that names it."""
    with pytest.raises(SystemExit, match=r"^no\.yaml: "):
        main(["no.yaml"])
