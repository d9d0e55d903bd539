"""A training run with Accelerate, which `test_accelerate.py` launches: two processes, accumulated batches, checkpoints.

Each process writes down what its optimizer had at each update.
"""

import argparse
import json
import os
from datetime import timedelta
from pathlib import Path

import torch
from accelerate import Accelerator, DataLoaderConfiguration
from torch.utils.data import DataLoader, TensorDataset

from schedlang import ScheduleError
from schedlang.torch import Scheduler, ranks

ranks.PATIENCE = timedelta(seconds=1)

# 17 batches for each process: the last accumulation of an epoch is a short one.
BATCHES = 17
ACCUMULATED = 3


def disagreed(process: int) -> list[str]:
    """What is wrong with events that all processes are told alike, and then each otherwise."""
    found = []
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)
    scheduler = Scheduler(optimizer, "hold until cooldown then linear to 0", 100, cooldown="later")
    torch.distributed.barrier()  # as the updates of a training are
    for cooldown in (20, 30 + process):
        try:
            scheduler.change(cooldown=cooldown)
            scheduler.step()
            scheduler.step()
        except ScheduleError as error:
            found.append(error.diagnostics[0].code)
    return found


def main() -> None:
    """Train, and write down what was applied."""
    parser = argparse.ArgumentParser()
    parser.add_argument("output", type=Path)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--prepared", choices=["not", "step by step", "split batches"], default="not")
    parser.add_argument("--save", type=int, help="after how many updates a checkpoint is saved")
    parser.add_argument("--resume", type=Path, help="the folder that another run was given")
    arguments = parser.parse_args()

    split = arguments.prepared == "split batches"
    accelerator = Accelerator(
        cpu=True,
        gradient_accumulation_steps=ACCUMULATED,
        step_scheduler_with_optimizer=arguments.prepared != "step by step",
        dataloader_config=DataLoaderConfiguration(split_batches=split),
    )
    processes = accelerator.num_processes
    batch = 4 * (processes if split else 1)
    torch.manual_seed(1)
    model = torch.nn.Linear(3, 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    rows = torch.sin(torch.arange(3.0 * 4 * processes * BATCHES)).reshape(-1, 3)
    model, optimizer, loader = accelerator.prepare(model, optimizer, DataLoader(TensorDataset(rows), batch_size=batch))
    updates = -(-len(loader) // ACCUMULATED)
    scheduler = Scheduler(
        optimizer,
        {"lr": "warmup(2ep) then hold for 640 samples then cosine", "weight_decay": "cosine(0.04, 0.4)"},
        total_steps=updates * arguments.epochs,
        steps_per_epoch=updates,
        samples_per_step=loader.total_batch_size * ACCUMULATED,
    )
    if arguments.prepared == "not":
        accelerator.register_for_checkpointing(scheduler)
        stepped = scheduler
    else:
        stepped = accelerator.prepare(scheduler)
    done = 0
    if arguments.resume:
        accelerator.load_state(str(arguments.resume / "state"))
        done = scheduler.last_epoch
    applied = []
    for epoch in range(done // updates, arguments.epochs):
        batches = loader
        if epoch == done // updates and done % updates:
            batches = accelerator.skip_first_batches(loader, done % updates * ACCUMULATED)
        for (inputs,) in batches:
            with accelerator.accumulate(model):
                accelerator.backward(model(inputs).square().mean())
                group = optimizer.param_groups[0]
                if accelerator.sync_gradients:
                    applied.append([group["lr"], group["weight_decay"]])
                optimizer.step()
                if accelerator.sync_gradients:
                    stepped.step()
                optimizer.zero_grad()
            if arguments.save == scheduler.last_epoch and accelerator.sync_gradients:
                accelerator.save_state(str(arguments.output / "state"))
    told = {
        "applied": applied,
        "processes": processes,
        "updates": updates,
        "weights": accelerator.unwrap_model(model).weight.tolist(),
        "disagreed": disagreed(accelerator.process_index),
    }
    path = arguments.output / f"applied-{accelerator.process_index}.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    accelerator.wait_for_everyone()
    # Not `end_training`: about one in fifteen times gloo's threads abort the process as it ends, after all is done.
    os._exit(0)


if __name__ == "__main__":
    main()
