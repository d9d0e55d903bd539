"""Accelerate: what is applied on two processes with accumulated batches, and what checkpoints bring back."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from launching import launch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch.optim import SGD, AdamW
from torch.utils.data import DataLoader, TensorDataset

from schedlang import ScheduleError, ScheduleWarning, parse
from schedlang._bound.telling import tell_once
from schedlang.torch import Scheduler

SCRIPT = Path(__file__).with_name("accelerated.py")
TEXT = "warmup(2ep) then hold for 640 samples then cosine"
BASE = 1e-3
EPOCHS = 20
UPDATES = 6  # of an epoch: 17 batches, 3 accumulated
STOP = random.Random(7).randrange(1, EPOCHS * UPDATES)


def told(output: Path) -> list[dict[str, Any]]:
    paths = [output / f"applied-{rank}.json" for rank in range(2)]
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def values(steps: range) -> list[list[float]]:
    run = {"total_steps": EPOCHS * UPDATES, "steps_per_epoch": UPDATES, "samples_per_step": 4 * 3 * 2}
    lr, decay = parse(TEXT).bind(**run, base=BASE), parse("cosine(0.04, 0.4)").bind(**run)
    return [[lr(step), decay(step)] for step in steps]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an uninterrupted run on two processes wrote down."""
    output = tmp_path_factory.mktemp("whole")
    launch(2, SCRIPT, output, output, f"--epochs={EPOCHS}", f"--save={STOP}")
    return output


def test_applied_values(whole: Path) -> None:
    """On two processes, with 3 of 17 batches accumulated, each update has the values of the bound schedules."""
    for each in told(whole):
        assert (each["processes"], each["updates"]) == (2, UPDATES)
        assert each["applied"] == values(range(EPOCHS * UPDATES))


@pytest.mark.parametrize("prepared", ["step by step", "split batches"])
def test_prepared(prepared: str, tmp_path: Path) -> None:
    """A prepared scheduler makes one step an update if the accelerator is told so, or if it splits batches."""
    launch(2, SCRIPT, tmp_path, tmp_path, f"--prepared={prepared}", "--epochs=5")
    run = {"total_steps": 30, "steps_per_epoch": UPDATES, "samples_per_step": 24}
    bound = parse(TEXT).bind(**run, base=BASE)
    for each in told(tmp_path):
        assert [lr for lr, _ in each["applied"]] == [bound(step) for step in range(30)]


def test_processes_that_disagree(whole: Path) -> None:
    """Each finds out by itself that the other was told another time, once an event was told alike."""
    assert [each["disagreed"] for each in told(whole)] == [["E607"], ["E607"]]


def test_resume(whole: Path, tmp_path: Path) -> None:
    """A run resumed in the middle of an epoch is the uninterrupted one, to the bit."""
    launch(2, SCRIPT, tmp_path, tmp_path, f"--epochs={EPOCHS}", f"--resume={whole}")
    for each, other in zip(told(tmp_path), told(whole), strict=True):
        assert each["applied"] == values(range(STOP, EPOCHS * UPDATES))
        assert each["weights"] == other["weights"]


@pytest.mark.parametrize("order", ["optimizer prepared first", "scheduler built first"])
def test_one_process(order: str, tmp_path: Path) -> None:
    """The scheduler may be built before or after `prepare`, and checkpoints hold what it needs, at once when loaded."""

    def build(text: str = "warmup(5%) then cosine", **more: Any) -> tuple[Accelerator, Any, Scheduler, Any, Any]:
        accelerator = Accelerator(cpu=True, gradient_accumulation_steps=2)
        model = torch.nn.Linear(3, 1)
        optimizer: Any = torch.optim.AdamW(model.parameters(), lr=BASE)
        if order == "scheduler built first":
            scheduler = Scheduler(optimizer, text, total_steps=20, **more)
        model, optimizer, loader = accelerator.prepare(
            model, optimizer, DataLoader(TensorDataset(torch.ones(80, 3)), batch_size=2)
        )
        if order == "optimizer prepared first":
            scheduler = Scheduler(optimizer, text, total_steps=20, **more)
        accelerator.register_for_checkpointing(scheduler)
        return accelerator, optimizer, scheduler, model, loader

    accelerator, optimizer, scheduler, model, loader = build()
    bound = parse("warmup(5%) then cosine").bind(20, base=BASE)
    for (inputs,) in loader:
        with accelerator.accumulate(model):
            accelerator.backward(model(inputs).square().mean())
            assert optimizer.param_groups[0]["lr"] == bound(scheduler.last_epoch)
            optimizer.step()
            if accelerator.sync_gradients:
                scheduler.step()
            optimizer.zero_grad()
        if scheduler.last_epoch == 11 and accelerator.sync_gradients:
            accelerator.save_state(str(tmp_path / "state"))
    assert scheduler.last_epoch == 20
    accelerator, optimizer, scheduler, *_ = build()
    accelerator.load_state(str(tmp_path / "state"))
    assert (scheduler.last_epoch, optimizer.param_groups[0]["lr"]) == (11, bound(11))
    accelerator, *_ = build("warmup(5%) then linear")
    with pytest.raises(ScheduleError, match="E603"):
        accelerator.load_state(str(tmp_path / "state"))
    accelerator, optimizer, *_ = build("warmup(5%) then linear", on_mismatch="keep")
    accelerator.load_state(str(tmp_path / "state"))
    assert optimizer.param_groups[0]["lr"] == parse("warmup(5%) then linear").bind(20, base=BASE)(11)


def test_the_same_past(tmp_path: Path) -> None:
    """A run that branches off a saved state is, to the bit, the one that had the new text from the first."""
    trunk, stop = "warmup(5) then hold", random.Random(7).randrange(6, 12)
    branch = f"{trunk} until {stop} then cosine to 0 for 7"

    def trained(text: str, begin: int, end: int) -> list[torch.Tensor]:
        accelerator = Accelerator(cpu=True)
        torch.manual_seed(1)
        model = torch.nn.Linear(3, 1)
        model, optimizer = accelerator.prepare(model, torch.optim.AdamW(model.parameters(), lr=BASE))
        scheduler = Scheduler(optimizer, text)
        accelerator.register_for_checkpointing(scheduler)
        if begin:
            accelerator.load_state(str(tmp_path / "state"))
        for step in range(begin, end):
            accelerator.backward(model(torch.sin(torch.arange(3.0) + step)).square().mean())
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad()
        if text == trunk:
            accelerator.save_state(str(tmp_path / "state"))
        return list(model.parameters())

    whole = trained(branch, 0, 20)
    trained(trunk, 0, stop)
    tell_once.cache_clear()
    with pytest.warns(ScheduleWarning, match=f"W533 .* at step {stop} .* differ from step {stop + 1} on"):
        resumed = trained(branch, stop, 20)
    assert all(map(torch.equal, resumed, whole))


def test_several_optimizers(tmp_path: Path) -> None:
    """Prepared ones, in one scheduler: what trackers are told is what is applied, and checkpoints go on to the bit."""
    texts = {"lr": {"adamw": "0 for 3 then s", "*": "0.1 * s"}, "where": {"s": "cosine(base, 0)"}}
    stop = random.Random(8).randrange(1, 10)

    def trained(begin: int) -> tuple[list[torch.Tensor], list[float]]:
        accelerator = Accelerator(cpu=True, gradient_accumulation_steps=2, log_with="tensorboard", project_dir=tmp_path)
        accelerator.init_trackers(f"from {begin}")
        torch.manual_seed(1)
        model = torch.nn.Linear(3, 1)
        adamw, sgd = AdamW([model.bias], lr=BASE), SGD([model.weight], lr=0.1, momentum=0.9)
        model, sgd, adamw = accelerator.prepare(model, sgd, adamw)
        scheduler = Scheduler({"sgd": sgd, "adamw": adamw}, texts, total_steps=10)
        accelerator.register_for_checkpointing(scheduler)
        seen: list[float] = []
        adamw.optimizer.register_step_pre_hook(lambda each, *_: seen.append(each.param_groups[0]["lr"]))
        if begin:
            accelerator.load_state(str(tmp_path / "state"))
        for batch in range(2 * begin, 20):
            with accelerator.accumulate(model):
                accelerator.backward(model(torch.sin(torch.arange(3.0) + batch)).square().mean())
                for each in (sgd, adamw):
                    each.step()
                if accelerator.sync_gradients:
                    accelerator.log(scheduler.values(), step=scheduler.last_epoch)
                    scheduler.step()
                for each in (sgd, adamw):
                    each.zero_grad()
            if not begin and batch == 2 * stop - 1:
                accelerator.save_state(str(tmp_path / "state"))
        accelerator.end_training()
        logged = EventAccumulator(str(tmp_path / f"from {begin}"))
        logged.Reload()
        told = [(event.step, event.value) for event in logged.Scalars("lr/adamw")]
        assert told == [(begin + at, float(torch.tensor(value))) for at, value in enumerate(seen)]
        return list(model.parameters()), seen

    (whole, applied), (resumed, rest) = trained(0), trained(stop)
    bound = parse("0 for 3 then cosine(base, 0)").bind(10, base=BASE)
    assert applied == [bound(step) for step in range(10)]
    assert rest == applied[stop:]
    assert all(map(torch.equal, resumed, whole))


def test_a_prepared_scheduler_is_told_tokens() -> None:
    """It hands on what has been seen."""
    optimizer = SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = Scheduler(optimizer, "warmup(100 tok) then cosine", total_steps="1000 tok", clock="tok")
    _, prepared = Accelerator(cpu=True).prepare(optimizer, scheduler)
    prepared.step(30)
    assert scheduler.get_last_lr() == [0.3]
    with pytest.raises(ScheduleError, match="E607"):
        prepared.step()
