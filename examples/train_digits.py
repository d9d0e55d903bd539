"""Train a small network on scikit-learn's digits; every value that changes comes from the texts in a YAML file.

    python examples/train_digits.py                       # 30 epochs in a few seconds, on the CPU
    python examples/train_digits.py my.yaml --epochs 5 --seed 1 --output runs/first

What schedlang needs is in `bind_schedules`, and in the few lines of `train` that ask `schedule(step)`.
Into the output folder go `curve.csv` (each step's values and loss), `result.json` and, with matplotlib, a picture.
"""

from __future__ import annotations

import argparse
import csv
import difflib
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import yaml
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.nn import functional

import schedlang

SETTINGS = {"run": ("epochs", "batch_size", "seed"), "data": ("test_fraction",), "model": ("hidden",)}
SCHEDULES = {"optim": ("lr", "weight_decay", "momentum"), "model": ("dropout",), "loss": ("label_smoothing",)}


class ConfigError(Exception):
    """A configuration that can't be used; the message names file and key."""


def read_config(path: Path) -> dict[str, Any]:
    """The sections of a configuration file: with all the keys that are needed, and no others."""
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: {error}") from error
    check_keys(f"{path}", config, [*SETTINGS, *(section for section in SCHEDULES if section not in SETTINGS)])
    for section, found in config.items():
        settings = SETTINGS.get(section, ("initial",) if section == "optim" else ())
        check_keys(f"{path}:{section}", found, [*settings, *SCHEDULES.get(section, ())])
        for key in SETTINGS.get(section, ()):
            if type(found[key]) not in (int, float) or found[key] < 0:
                raise ConfigError(f"{path}:{section}.{key}: {found[key]!r} is not a number of at least 0")
    check_keys(f"{path}:optim.initial", config["optim"]["initial"], SCHEDULES["optim"])
    for key, value in config["optim"]["initial"].items():
        try:
            config["optim"]["initial"][key] = float(value)  # PyYAML reads 1e-3 as text
        except (TypeError, ValueError) as error:
            raise ConfigError(f"{path}:optim.initial.{key}: {value!r} is not a number") from error
    return config


def check_keys(where: str, found: Any, known: Sequence[str]) -> None:
    """Check that a mapping has exactly the known keys: a mistyped one must not be ignored."""
    if not isinstance(found, dict):
        raise ConfigError(f"{where}: expected the keys {', '.join(known)}")
    for key in found:
        if key not in known:
            close = difflib.get_close_matches(str(key), known, n=1)
            hint = f"did you mean `{close[0]}`?" if close else f"known are {', '.join(known)}"
            raise ConfigError(f"{where}: unknown key `{key}`; {hint}")
    for key in known:
        if key not in found:
            raise ConfigError(f"{where}: missing key `{key}`")


def bind_schedules(config: Mapping[str, Any], path: Path, facts: Mapping[str, Any]) -> dict[str, schedlang.Bound]:
    """Every schedule of the configuration, bound to the run; all that is wrong with them is told at once."""
    schedules = {}
    problems: dict[schedlang.Diagnostic, None] = {}
    for section, keys in SCHEDULES.items():
        for key in keys:
            base = config["optim"]["initial"].get(key, 1.0)
            try:
                schedule = schedlang.parse(config[section][key], name=f"{path}:{section}.{key}")
                schedules[key] = schedule.bind(**facts, base=base)
            except schedlang.ScheduleError as error:
                problems.update(dict.fromkeys(error.diagnostics))
    if problems:
        raise schedlang.ScheduleError(problems)
    return schedules


class Network(nn.Module):
    """64 pixels, a hidden layer, 10 digits."""

    def __init__(self, hidden: int) -> None:
        """A network with `hidden` units."""
        super().__init__()
        self.first = nn.Linear(64, hidden)
        self.dropout = nn.Dropout(0.0)
        self.last = nn.Linear(hidden, 10)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """The score of each digit."""
        return self.last(self.dropout(functional.relu(self.first(pixels))))


def load_data(test_fraction: float) -> tuple[torch.Tensor, ...]:
    """Pixels (0 … 1) and digits to train on, then those held out; always the same split."""
    pixels, digits = load_digits(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(
        pixels / 16, digits, test_size=test_fraction, random_state=0, stratify=digits
    )
    as_pixels = [torch.tensor(each, dtype=torch.float32) for each in (train_x, test_x)]
    as_digits = [torch.tensor(each, dtype=torch.int64) for each in (train_y, test_y)]
    return as_pixels[0], as_digits[0], as_pixels[1], as_digits[1]


def train(
    model: Network,
    optimizer: torch.optim.Optimizer,
    schedules: Mapping[str, schedlang.Bound],
    pixels: torch.Tensor,
    digits: torch.Tensor,
    batch_size: int,
    seed: int,
) -> list[dict[str, float]]:
    """Train for the whole run; return what was really used at each step, and the loss."""
    shuffle = torch.Generator().manual_seed(seed)
    steps_per_epoch = len(pixels) // batch_size
    log = []
    model.train()
    for step in range(schedules["lr"].total_steps or 0):
        if step % steps_per_epoch == 0:
            order = torch.randperm(len(pixels), generator=shuffle)
        start = step % steps_per_epoch * batch_size
        batch = order[start : start + batch_size]

        for group in optimizer.param_groups:
            for name in ("lr", "weight_decay", "momentum"):
                group[name] = schedules[name](step)
        model.dropout.p = schedules["dropout"](step)
        criterion = nn.CrossEntropyLoss(label_smoothing=schedules["label_smoothing"](step))

        loss = criterion(model(pixels[batch]), digits[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

        group = optimizer.param_groups[0]
        used = {name: group[name] for name in ("lr", "weight_decay", "momentum")}
        used |= {"dropout": model.dropout.p, "label_smoothing": criterion.label_smoothing}
        log.append({"step": step, **used, "loss": loss.item()})
    return log


@torch.no_grad()
def accuracy(model: Network, pixels: torch.Tensor, digits: torch.Tensor) -> float:
    """The share of digits that are recognised."""
    model.eval()
    return (model(pixels).argmax(dim=1) == digits).double().mean().item()


def print_phases(schedules: Mapping[str, schedlang.Bound]) -> None:
    """Print, for each schedule, its text and what it means for this run."""
    for name, schedule in schedules.items():
        print(f"\n{name}: {schedule.schedule}")
        for row in schedule.phases:
            end = row.start if row.end is None else row.end
            print(f"  steps {row.first:>5} … {(row.stop or 0) - 1:<5} {row.start:>9.4g} → {end:<9.4g}  {row.text}")


def write_log(log: list[dict[str, float]], path: Path) -> None:
    """Write the log as CSV; every float with all its digits."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(log[0]))
        writer.writeheader()
        writer.writerows({name: repr(value) for name, value in row.items()} for row in log)


def draw(log: list[dict[str, float]], schedules: Mapping[str, schedlang.Bound], output: Path) -> list[Path]:
    """Draw each value and the loss over the steps, phases shaded; no files if matplotlib isn't installed."""
    try:
        import matplotlib
    except ImportError:
        return []
    matplotlib.use("Agg")
    from matplotlib import pyplot

    names = [*schedules, "loss"]
    figure, panels = pyplot.subplots(len(names), 1, figsize=(9, 1.5 * len(names)), sharex=True, layout="constrained")
    for name, panel in zip(names, panels, strict=True):
        color = "tab:gray" if name == "loss" else "tab:blue"
        curve = [row[name] for row in log]
        panel.plot([row["step"] for row in log], curve, color=color, linewidth=1.5, drawstyle="steps-post")
        if 0 < 1000 * min(curve) < max(curve):
            panel.set_yscale("log")
        panel.set_ylabel(name, fontsize=8)
        panel.spines[["top", "right"]].set_visible(False)
        if name in schedules:
            panel.set_title(str(schedules[name].schedule), fontsize=8, family="monospace", loc="left")
            for row in schedules[name].phases[1::2]:
                panel.axvspan(row.first, row.stop or len(log), color="tab:blue", alpha=0.08, linewidth=0)
    panels[-1].set_xlabel("step")
    files = [output / "curve.svg", output / "curve.png"]
    for file in files:
        figure.savefig(file, dpi=150)
    pyplot.close(figure)
    return files


def run(path: Path, output: Path, epochs: int | None, seed: int | None) -> None:
    """Read the configuration, train, evaluate, write."""
    config = read_config(path)
    epochs = config["run"]["epochs"] if epochs is None else epochs
    seed = config["run"]["seed"] if seed is None else seed
    batch_size = config["run"]["batch_size"]

    torch.set_num_threads(1)  # the network is small; and one thread adds up in one order
    torch.manual_seed(seed)
    train_x, train_y, test_x, test_y = load_data(config["data"]["test_fraction"])
    steps_per_epoch = len(train_x) // max(1, batch_size)  # whole batches only: every step sees as many samples
    facts = {"total_steps": f"{epochs}ep", "steps_per_epoch": steps_per_epoch, "samples_per_step": batch_size}
    schedules = bind_schedules(config, path, facts)
    print(f"{epochs} epochs of {steps_per_epoch} steps, {batch_size} samples each")
    print_phases(schedules)

    model = Network(config["model"]["hidden"])
    optimizer = torch.optim.SGD(model.parameters(), **config["optim"]["initial"])
    began = time.perf_counter()
    log = train(model, optimizer, schedules, train_x, train_y, batch_size, seed)
    seconds = time.perf_counter() - began
    reached = accuracy(model, test_x, test_y)
    print(f"\naccuracy on {len(test_y)} held-out digits: {reached:.2%}   (trained in {seconds:.1f} s)")

    result = {
        "accuracy": reached,
        "test_samples": len(test_y),
        "steps": len(log),
        "epochs": epochs,
        "seed": seed,
        "schedules": {name: str(schedule.schedule) for name, schedule in schedules.items()},
    }
    output.mkdir(parents=True, exist_ok=True)
    table, report = output / "curve.csv", output / "result.json"
    write_log(log, table)
    report.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    drawn = draw(log, schedules, output)
    print("written:", *(file.name for file in (table, report, *drawn)), "in", output)
    if not drawn:
        print("no picture: matplotlib is not installed (pip install matplotlib)")


def main(arguments: list[str] | None = None) -> None:
    """Read the command line, and run; what is wrong with the configuration ends it with a message and exit code 1."""
    here = Path(os.path.relpath(Path(__file__).parent))
    parser = argparse.ArgumentParser(description="Train on scikit-learn's digits, every schedule from a YAML file.")
    parser.add_argument("config", nargs="?", type=Path, default=here / "train.yaml", help="default: %(default)s")
    parser.add_argument("--output", type=Path, default=here / "output", metavar="DIR", help="default: %(default)s")
    parser.add_argument("--epochs", type=int, help="instead of the configuration's")
    parser.add_argument("--seed", type=int, help="instead of the configuration's")
    options = parser.parse_args(arguments)
    try:
        run(options.config, options.output, options.epochs, options.seed)
    except (ConfigError, schedlang.ScheduleError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
