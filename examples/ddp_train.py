"""Train on several processes, be killed, and go on with another number of them: the schedule does not notice.

    torchrun --standalone --nproc_per_node=2 examples/ddp_train.py --output runs/ddp --die-at 40
    torchrun --standalone --nproc_per_node=3 examples/ddp_train.py --output runs/ddp

With three processes an update takes half as many samples again, so an epoch has fewer updates, and step 40 is another
place in the run. What stays is how many samples were seen. So that is what the checkpoint keeps, and the step follows
from it. The texts below are in epochs, samples and tokens, and mean the same for any number of processes.

Schedules are functions of the step: all processes have the same values, and none of them has to be told.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import signal
import sys
from fractions import Fraction
from pathlib import Path

import torch
from torch import distributed, nn

import schedlang
from schedlang.torch import Scheduler

SCHEDULES = {
    "lr": "warmup(700 samples) then cosine(0.05, 0.01) until 3ep then linear to 0",
    "weight_decay": "linear(0, 0.01)",
    "momentum": "0.8 for 16k tok then 0.9",
}
SAMPLES, EPOCHS, TOKENS = 600, 5, 16
"""How many samples there are, how often each is seen, and how many tokens it has."""
BATCH = 8
"""Samples in one batch of one process."""
EVERY = 7
"""After how many updates a checkpoint is written."""


def run_of(processes: int) -> dict[str, str | int | Fraction]:
    """What the schedules have to be told of a run on so many processes."""
    samples = BATCH * processes
    return {
        "total_steps": f"{EPOCHS}ep",
        "steps_per_epoch": Fraction(SAMPLES, samples),  # need not be whole, and must not be rounded
        "samples_per_step": samples,
        "tokens_per_step": samples * TOKENS,
    }


def sample(number: int) -> torch.Tensor:
    """Which sample is seen as the n-th of the run: each epoch has an order of its own, the same on any machine."""
    epoch, position = divmod(number, SAMPLES)
    order = torch.randperm(SAMPLES, generator=torch.Generator().manual_seed(epoch))
    return order[position]


def train(output: Path, die_at: int | None) -> None:
    """Begin, or go on where the last checkpoint was written."""
    rank, processes = distributed.get_rank(), distributed.get_world_size()
    torch.manual_seed(0)
    inputs = torch.randn(SAMPLES, 4)
    targets = inputs.prod(dim=1, keepdim=True)
    model = nn.parallel.DistributedDataParallel(nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1)))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=0.01)
    checkpoint = output / "checkpoint.pt"
    seen = 0
    state = None
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.module.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        seen = state["samples"]
    run = run_of(processes)
    step = seen // (BATCH * processes)  # updates of this size that were done, rounded down to a whole one
    scheduler = Scheduler(optimizer, SCHEDULES, **run, last_epoch=step - 1)
    if state is not None and state["scheduler"]["texts"] != scheduler.state_dict()["texts"]:
        sys.exit("the checkpoint was written with other schedules")
    total = scheduler.bounds["lr"][0].total_steps
    with (output / f"log-{processes}-{rank}.jsonl").open("w", encoding="utf-8") as log:
        for step in range(scheduler.last_epoch, total):
            if step == die_at:
                os.kill(os.getpid(), signal.SIGKILL)  # as a machine would that is taken away
            group = optimizer.param_groups[0]
            line = {"step": step, "samples": seen, **{key: group[key] for key in SCHEDULES}}
            first = seen + rank * BATCH
            batch = torch.stack([sample(number) for number in range(first, first + BATCH)])
            loss = (model(inputs[batch]) - targets[batch]).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            seen += BATCH * processes
            log.write(json.dumps({**line, "loss": loss.item()}) + "\n")
            log.flush()
            if rank == 0 and ((step + 1) % EVERY == 0 or step + 1 == total):
                written = {
                    "model": model.module.state_dict(),
                    "optimizer": optimizer.state_dict(),
                    "scheduler": scheduler.state_dict(),
                    "samples": seen,
                }
                torch.save(written, checkpoint.with_suffix(".new"))
                checkpoint.with_suffix(".new").replace(checkpoint)
    if rank == 0:
        print(f"{processes} processes: {total} updates, {seen} samples, loss {loss.item():.4f}")


def main() -> None:
    """Read the command line, and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("runs/ddp"), metavar="DIR", help="default: %(default)s")
    parser.add_argument("--die-at", type=int, metavar="STEP", help="be killed before this step")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    distributed.init_process_group("gloo")
    try:
        train(options.output, options.die_at)
    except schedlang.ScheduleError as error:
        sys.exit(str(error))
    finally:
        gc.collect()  # the wrapped model holds the group, whose threads have to end before the interpreter does
        distributed.destroy_process_group()


if __name__ == "__main__":
    main()
