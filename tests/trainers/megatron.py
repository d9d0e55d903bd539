"""Megatron Core's scheduler with torch's optimizer, whose groups have the keys that those of Megatron's have.

Its own optimizers, and the attention of its models, need CUDA. Megatron-LM, which has the trainer, is no package.
"""

from pathlib import Path

from .trial import BASE, STEPS, TEXT
from .trial import VALUES as VALUES

PACKAGES = ("megatron-core==0.16.1",)
SHOWN = "Megatron Core"
BATCH = 4


def train(folder: Path) -> None:
    import torch

    from schedlang.megatron import ParamScheduler

    model = torch.nn.Linear(8, 1)
    common = {"max_lr": BASE, "min_lr": 0.0, "lr_mult": 1.0}
    wide = [each for each in model.parameters() if each.ndim > 1]
    narrow = [each for each in model.parameters() if each.ndim < 2]
    groups = [{"params": wide, "wd_mult": 1.0, **common}, {"params": narrow, "wd_mult": 0.0, **common}]
    optimizer = torch.optim.AdamW(groups, lr=BASE, weight_decay=0.1)
    total = STEPS * BATCH
    scheduler = ParamScheduler(
        optimizer, text=TEXT, init_lr=0.0, max_lr=BASE, min_lr=0.0, lr_warmup_steps=0, lr_decay_steps=total,
        lr_decay_style="linear", start_wd=0.1, end_wd=0.1, wd_incr_steps=total, wd_incr_style="constant",
        use_checkpoint_opt_param_scheduler=False,
    )  # fmt: skip
    saved, done = folder / "checkpoint.pt", 0
    parts = {"model": model, "optimizer": optimizer, "scheduler": scheduler}
    if saved.exists():
        state = torch.load(saved, weights_only=False)
        done = state.pop("iteration")
        for name, part in parts.items():
            part.load_state_dict(state[name])
    for iteration in range(done, STEPS):
        optimizer.zero_grad()
        model(torch.ones(BATCH, 8)).square().mean().backward()
        optimizer.step()
        scheduler.step(increment=BATCH)
        assert [group["weight_decay"] for group in optimizer.param_groups] == [0.1, 0.0]
        if iteration == 9:
            torch.save({"iteration": iteration + 1} | {name: part.state_dict() for name, part in parts.items()}, saved)
