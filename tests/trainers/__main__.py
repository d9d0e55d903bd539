"""Try real trainers: `python -m tests.trainers [NAME …]`. It makes an environment for each, of pinned versions.

Each trains a tiny model, is killed amid the run, and goes on from its own checkpoint, in another process. The learning
rate of every update has to be the schedule's, to the bit. Nothing but packages is downloaded.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import venv
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from .trial import KILLED

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py") if path.stem != "trial")
OURS = ("torch==2.13.0", "attrs lark numpy")
"""What every environment has before the trainer: torch first, so that nothing brings another build of it."""
QUIET = {
    "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "WANDB_MODE": "disabled",
    "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1", "AXOLOTL_DO_NOT_TRACK": "1",
}  # fmt: skip
"""No accelerator, and nobody is told of the run."""


def environment(name: str, folder: Path) -> Path:
    """The Python of a trainer's environment, made if it is not there, or of other versions."""
    trainer = import_module(f"tests.trainers.{name}")
    place, wanted = folder / name, [*OURS, *trainer.PACKAGES]
    python, made = place / "bin" / "python", place / "packages.json"
    if not made.exists() or json.loads(made.read_text()) != wanted:
        venv.create(place, clear=True, with_pip=True)
        for packages in wanted:
            pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
            subprocess.run([*pip, *packages.split()], check=True)
        made.write_text(json.dumps(wanted))
    return python


def run(name: str, python: Path, folder: Path, updates: int = 0) -> list[list[float]]:
    """The learning rates of all groups, at each update of a process that ends after so many of them."""
    applied = folder / f"applied-{updates}.jsonl"
    command = [str(python), "-m", "tests.trainers.trial", name, str(folder), str(applied), str(updates)]
    told = {**os.environ, **QUIET, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, errors="replace")
    if done.returncode != (9 if updates else 0):
        sys.exit(f"{name}: ended with {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return [json.loads(line) for line in applied.read_text().splitlines()]


def wrong(applied: list[list[float]], values: list[float]) -> str:
    """The first update whose learning rates are not the schedule's, or nothing."""
    for number, (rates, value) in enumerate(zip(applied, values, strict=True)):
        if {*rates} != {value}:
            return f"update {number} of these: {rates} instead of {value!r}"
    return ""


def outcome(name: str, python: Path) -> dict[str, Any]:
    """What came of a trainer, in a row of the table."""
    trainer = import_module(f"tests.trainers.{name}")
    values, resumes = trainer.VALUES, getattr(trainer, "RESUMES", True)
    with tempfile.TemporaryDirectory() as made:
        first = run(name, python, Path(made), KILLED if resumes else 0)
        found = wrong(first, values[: len(first)])
        row = {"updates": len(first), "resumed_at": None}
        if resumes:
            second = run(name, python, Path(made))
            begun = len(values) - len(second)
            found = found or wrong(second, values[begun:])
            found = found or ("" if 0 < begun < KILLED else f"it went on at {begun}")
            row = {"updates": len(first), "resumed_at": begun}
    package = trainer.PACKAGES[0].split()[-1] if trainer.PACKAGES[0].startswith("-") else trainer.PACKAGES[0].split()[0]
    return {"trainer": trainer.SHOWN, "package": package, **row, "result": found or "exact", "date": str(date.today())}


def main() -> None:
    """Try those that are named, or all, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.trainers", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all, if none is given")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="where environments are, and stay for the next time"
    )
    parser.add_argument("--json", action="store_true", help="print a line of JSON for each")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in NAMES]
    if unknown:
        parser.error(f"no trainer is called {', '.join(unknown)}; there are {', '.join(NAMES)}")
    with tempfile.TemporaryDirectory() as thrown_away:
        folder = asked.keep or Path(thrown_away)
        rows = []
        for name in asked.names or NAMES:
            rows.append(outcome(name, environment(name, folder.absolute())))
            if asked.json:
                print(json.dumps(rows[-1]), flush=True)
    if not asked.json:
        print(f"Python {platform.python_version()}, {platform.machine()}\n")
        print("| trainer | package | updates | goes on at | learning rate | date |\n|---|---|---|---|---|---|")
        for row in rows:
            print(f"| {' | '.join(str('–' if value is None else value) for value in row.values())} |")
    sys.exit(any(row["result"] != "exact" for row in rows))


if __name__ == "__main__":
    main()
