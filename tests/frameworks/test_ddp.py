"""The example of training on several processes: killed at a random step, resumed on another number of processes."""

import json
import random
import runpy
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers import ROOT, python
from launching import launch

from schedlang import ScheduleError, parse
from schedlang.torch import Scheduler

SCRIPT = ROOT / "examples" / "ddp_train.py"
EXAMPLE: dict[str, Any] = runpy.run_path(str(SCRIPT))
BASES = {"lr": 0.05, "weight_decay": 0.01, "momentum": 0.9}
DIES = random.Random(5).randrange(20, 160)


def logs(output: Path, processes: int) -> list[list[dict[str, float]]]:
    """What each process says that its optimizer had, step by step."""
    paths = [output / f"log-{processes}-{rank}.jsonl" for rank in range(processes)]
    return [[json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] for path in paths]


def check(found: list[list[dict[str, float]]], processes: int, torn: int = 0) -> None:
    """All processes had the values of the schedules at each step, without being told by one another.

    Where one process was killed, torchrun kills the others at once, which may have so many lines less by then.
    """
    run = EXAMPLE["run_of"](processes)
    bounds = {key: parse(text).bind(**run, base=BASES[key]) for key, text in EXAMPLE["SCHEDULES"].items()}
    for lines in found:
        for line in lines:
            assert {key: line[key] for key in bounds} == {key: bound(line["step"]) for key, bound in bounds.items()}
            assert 0 <= line["samples"] - line["step"] * run["samples_per_step"] < run["samples_per_step"]
    fewest, most = min(map(len, found)), max(map(len, found))
    assert most - fewest <= torn
    values = [[{**line, "loss": None} for line in lines[:fewest]] for lines in found]
    assert all(lines == values[0] for lines in values)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is left of a run on two processes that was killed."""
    output = tmp_path_factory.mktemp("killed")
    call = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", SCRIPT, "--output", output]
    done = python(*call, "--die-at", DIES)
    assert done.returncode != 0
    assert "SIGKILL" in done.stderr
    found = logs(output, 2)
    check(found, 2, torn=1)
    assert [line["step"] for line in max(found, key=len)] == list(range(DIES))
    return output


@pytest.mark.parametrize("processes", [1, 3])
def test_resumed_on_another_number_of_processes(killed: Path, tmp_path: Path, processes: int) -> None:
    """What the texts say in epochs, samples and tokens holds, and no sample is skipped or seen twice."""
    output = tmp_path / "resumed"
    shutil.copytree(killed, output)
    seen = torch.load(output / "checkpoint.pt", weights_only=True)["samples"]
    assert seen == DIES // EXAMPLE["EVERY"] * EXAMPLE["EVERY"] * 16
    launch(processes, SCRIPT, tmp_path, "--output", output)
    found = logs(output, processes)
    check(found, processes)
    run = EXAMPLE["run_of"](processes)
    size = run["samples_per_step"]
    lines = found[0]
    total = parse("cosine").bind(**run).total_steps
    assert total is not None
    assert [line["step"] for line in lines] == list(range(seen // size, total))
    assert [line["samples"] for line in lines] == list(range(seen, seen + len(lines) * size, size))
    assert lines[-1]["samples"] + size >= EXAMPLE["EPOCHS"] * EXAMPLE["SAMPLES"]
    everything = [line for line in logs(killed, 2)[0] if line["samples"] < seen] + lines
    change = next(line["samples"] for line in everything if line["momentum"] == 0.9)
    assert abs(change - 16_000 / EXAMPLE["TOKENS"]) <= max(size, 16)
    top = max(everything, key=lambda line: line["lr"])
    assert abs(top["samples"] - 700) <= max(size, 16)


def test_a_plain_load_is_refused(killed: Path) -> None:
    """To load the scheduler's own state on another number of processes is an error that says what is different."""
    state = torch.load(killed / "checkpoint.pt", weights_only=True)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.05, momentum=0.9, weight_decay=0.01)
    scheduler = Scheduler(optimizer, EXAMPLE["SCHEDULES"], **EXAMPLE["run_of"](3))
    with pytest.raises(ScheduleError, match="`samples_per_step` is `24` here, and was `16`") as raised:
        scheduler.load_state_dict(state["scheduler"])
    assert raised.value.diagnostics[0].code == "E603"
    same = Scheduler(optimizer, EXAMPLE["SCHEDULES"], **EXAMPLE["run_of"](2))
    same.load_state_dict(state["scheduler"])
    assert same.last_epoch * 16 == state["samples"]
