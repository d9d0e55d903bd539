"""Hugging Face's Trainer: what its optimizer is given in real runs, what it logs, and what checkpoints bring back."""

import json
import random
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from changes import changed, rate_of
from helpers import beside, refused, values_at
from torch.optim import AdamW, Optimizer
from torch.utils.data import Dataset, IterableDataset
from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainerCallback, TrainingArguments, get_scheduler

from schedlang import ScheduleError, ScheduleWarning, parse
from schedlang._bound.telling import tell_once
from schedlang.torch import Scheduler
from schedlang.transformers import SchedulerCallback

STEPS = 100
BASE = 1e-3
TEXT = "warmup(5%) then cosine"
TEXTS = {"lr": TEXT, "weight_decay": {0: "cosine(0.04, 0.4)", 1: "0"}, "betas[1]": "0.95 until 10% then 0.999"}


def row(index: int) -> dict[str, torch.Tensor]:
    tokens = (torch.arange(5) * (index + 3)) % 11
    return {"input_ids": tokens, "labels": tokens}


class Rows(Dataset[Any]):
    def __init__(self, size: int) -> None:
        self.size = size

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        return row(index)


class Stream(IterableDataset[Any]):
    """Texts of which nobody knows how many there are."""

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        return map(row, range(200))


class Reader(TrainerCallback):
    """Writes down what the optimizer has when it makes an update."""

    def __init__(self) -> None:
        self.applied: dict[int, tuple[list[float], list[float], list[float]]] = {}

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        groups = kwargs["optimizer"].param_groups
        self.applied[state.global_step] = (
            [group["lr"] for group in groups],
            [group["weight_decay"] for group in groups],
            [group["betas"][1] for group in groups],
        )

    def rates(self) -> list[float]:
        return [rates[0] for rates, *_ in self.applied.values()]


def network() -> GPT2LMHeadModel:
    torch.manual_seed(1)
    config = GPT2Config(
        vocab_size=11, n_positions=8, n_embd=4, n_layer=1, n_head=1, bos_token_id=0, eos_token_id=0, use_cache=False
    )
    return GPT2LMHeadModel(config)


def trained(
    path: Path,
    *callbacks: TrainerCallback,
    rows: Dataset[Any] | None = None,
    model: GPT2LMHeadModel | None = None,
    optimizers: tuple[Any, Any] = (None, None),
    resume: Path | None = None,
    **options: Any,
) -> tuple[Reader, Trainer]:
    """Train, and tell what was applied."""
    reader = Reader()
    common = {"max_steps": STEPS, "learning_rate": BASE, "weight_decay": 0.1, "per_device_train_batch_size": 4}
    quiet = {"use_cpu": True, "report_to": [], "disable_tqdm": True, "save_strategy": "no", "logging_strategy": "no"}
    # Of the frameworks, pinned memory alone warns that there is no accelerator.
    arguments = TrainingArguments(str(path), dataloader_pin_memory=False, **{**common, **quiet, **options})
    trainer = Trainer(
        model or network(),
        arguments,
        train_dataset=rows or Rows(64),
        callbacks=[*callbacks, reader],
        optimizers=optimizers,
    )
    last.append(reader)
    trainer.train(resume_from_checkpoint=None if resume is None else str(resume))
    return reader, trainer


last: list[Reader] = []
"""The readers of the runs begun so far, to see that one that failed made no update."""


def given(schedules: Any, total: int = STEPS, **more: Any) -> dict[str, Any]:
    """A model, and an optimizer and scheduler of ours for it, as `trained` takes them."""
    model = network()
    optimizer = AdamW(model.parameters(), lr=BASE)
    return {"model": model, "optimizers": (optimizer, Scheduler(optimizer, schedules, total_steps=total, **more))}


def trained_by(
    way: str, path: Path, schedules: Any, total: int, on_mismatch: Any = "past", **options: Any
) -> tuple[Reader, Trainer]:
    """Train with schedules given in either way."""
    if way == "callback":
        return trained(path, SchedulerCallback(schedules, on_mismatch=on_mismatch), max_steps=total, **options)
    return trained(path, **given(schedules, total, on_mismatch=on_mismatch), max_steps=total, **options)


def values(total: int) -> dict[int, tuple[list[float], list[float], list[float]]]:
    lr = parse(TEXT).bind(total, base=BASE)
    decay = parse("cosine(0.04, 0.4)").bind(total)
    beta = parse("0.95 until 10% then 0.999").bind(total)
    return {step: ([lr(step)] * 2, [decay(step), 0.0], [beta(step)] * 2) for step in range(total)}


@pytest.mark.parametrize(
    ("size", "accumulated", "options"),
    [(64, 1, {}), (28, 2, {"max_steps": -1, "num_train_epochs": 25})],
    ids=["max_steps", "epochs, 2 accumulated of 7"],
)
def test_callback(size: int, accumulated: int, options: dict[str, Any], tmp_path: Path) -> None:
    """At each update the trainer's optimizer has the values of the bound schedules, to the bit; accumulated or not."""
    reader, _ = trained(
        tmp_path, SchedulerCallback(TEXTS), rows=Rows(size), gradient_accumulation_steps=accumulated, **options
    )
    assert reader.applied == values(STEPS)


def test_optimizers(tmp_path: Path) -> None:
    """A scheduler of ours is a scheduler to the trainer, one step an update, accumulated or not."""
    texts = {"lr": TEXT, "weight_decay": "cosine(0.04, 0.4)", "betas[1]": "0.95 until 10% then 0.999"}
    for accumulated in (1, 2):
        reader, _ = trained(tmp_path, **given(texts), gradient_accumulation_steps=accumulated)
        expected = {step: ([lr[0]], [decay[0]], [beta[0]]) for step, (lr, decay, beta) in values(STEPS).items()}
        assert reader.applied == expected


@pytest.mark.parametrize("way", ["callback", "optimizers"])
def test_logged_rates(way: str, tmp_path: Path) -> None:
    options = {"logging_strategy": "steps", "logging_steps": 1, "logging_first_step": True}
    reader, trainer = trained_by(way, tmp_path, TEXT, 30, **options)
    logged = [line["learning_rate"] for line in trainer.state.log_history if "learning_rate" in line]
    assert logged == reader.rates() == values_at(range(30), TEXT, 30, base=BASE)


def test_values_are_what_is_applied(tmp_path: Path) -> None:
    """For a logger, after the optimizer's step and before the scheduler's."""
    told: list[tuple[int, dict[str, float]]] = []

    class Logged(TrainerCallback):
        def on_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            assert callback.scheduler is not None
            told.append((state.global_step, callback.scheduler.values()))

    callback = SchedulerCallback({**TEXTS, "lr": "s"}, where={"s": TEXT})
    reader, _ = trained(tmp_path, callback, Logged(), max_steps=10)
    names = ("lr", "weight_decay/0", "weight_decay/1", "betas.1")
    assert told == [
        (step, dict(zip(names, (lr[0], *decay, beta[0]), strict=True)))
        for step, (lr, decay, beta) in reader.applied.items()
    ]


@pytest.mark.parametrize("way", ["callback", "optimizers"])
def test_resume(way: str, tmp_path: Path) -> None:
    """A run resumed from a checkpoint in the middle of an epoch is the uninterrupted one, to the bit."""
    stop = random.Random(7).randrange(1, STEPS)

    def run(path: Path, **options: Any) -> tuple[Reader, Trainer]:
        if way == "optimizers":
            return trained(path, **given({"lr": TEXT, "weight_decay": "cosine(0.04, 0.4)"}), **options)
        return trained(path, SchedulerCallback(TEXTS), **options)

    whole, one = run(tmp_path, save_strategy="steps", save_steps=stop, save_total_limit=None)
    resumed, other = run(tmp_path, resume=tmp_path / f"checkpoint-{stop}")
    assert resumed.applied == {step: each for step, each in whole.applied.items() if step >= stop}
    weights = [list(trainer.model.parameters()) for trainer in (one, other)]
    assert all(torch.equal(*pair) for pair in zip(*weights, strict=True))


@pytest.fixture(scope="module", params=["callback", "optimizers"])
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A checkpoint of step 10 of 20."""
    path = tmp_path_factory.mktemp("saved")
    trained_by(request.param, path, TEXT, 20, save_strategy="steps", save_steps=10)
    return request.param, path / "checkpoint-10"


@changed
def test_changed(saved: tuple[str, Path], text: Any, total: int, told: str, tmp_path: Path) -> None:
    """A checkpoint of another text or run is refused before the first step, and gone on from if that is asked for."""
    way, checkpoint = saved
    error = refused(trained_by, way, tmp_path, text, total, resume=checkpoint)
    assert "E603" in str(error) and told in str(error)
    assert not last[-1].applied
    reader, _ = trained_by(way, tmp_path, text, total, "keep", resume=checkpoint)
    assert reader.rates() == values_at(range(10, total), rate_of(text), total, base=BASE)


def test_the_same_past(saved: tuple[str, Path], tmp_path: Path) -> None:
    """A run that branches off a checkpoint is, to the bit, the one that had the new text and length from the first.

    The trainer catches what a scheduler of `optimizers=` warns of when it is loaded.
    """
    way, checkpoint = saved
    text = f"({TEXT}) over 20 until 10 then linear to 0"
    whole, one = trained_by(way, tmp_path, text, 15)
    tell_once.cache_clear()
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always", ScheduleWarning)
        branch, other = trained_by(way, tmp_path, text, 15, resume=checkpoint)
    heads = [str(each.message).partition("\n")[0] for each in found if str(each.message).startswith("W533")]
    told = "W533 the run goes on at step 10 with another schedule of the same past: the values differ from step 11 on"
    assert heads == ([told] if way == "callback" else [])
    assert branch.applied == {step: each for step, each in whole.applied.items() if step >= 10}
    weights = [list(trainer.model.parameters()) for trainer in (one, other)]
    assert all(torch.equal(*pair) for pair in zip(*weights, strict=True))


def test_replaced(saved: tuple[str, Path], tmp_path: Path) -> None:
    """A checkpoint's text and run can be gone on with, as well."""
    way, checkpoint = saved
    reader, _ = trained_by(way, tmp_path, "base", 30, "replace", resume=checkpoint)
    assert reader.rates() == values_at(range(10, 30), TEXT, 20, base=BASE)


def test_checkpoint_of_another_language(saved: tuple[str, Path], tmp_path: Path) -> None:
    """A checkpoint of another version of the language is compared by the value that the optimizer's has."""
    way, checkpoint = saved
    old = tmp_path / "checkpoint-10"
    shutil.copytree(checkpoint, old)
    state, scheduler = json.loads((old / "trainer_state.json").read_text()), torch.load(old / "scheduler.pt")
    for record in (state["stateful_callbacks"].get("schedlang", {}), scheduler):
        for name in ("language", "values"):
            record.pop(name, None)
    (old / "trainer_state.json").write_text(json.dumps(state))
    torch.save(scheduler, old / "scheduler.pt")
    expected = values_at(range(10, 20), TEXT, 20, base=BASE)
    reader, _ = trained_by(way, tmp_path, TEXT, 20, resume=old)
    assert reader.rates() == expected
    optimizer = torch.load(old / "optimizer.pt")
    for group in optimizer["param_groups"]:
        group["lr"] /= 2
    torch.save(optimizer, old / "optimizer.pt")
    assert "is of language 0.1" in str(refused(trained_by, way, tmp_path, TEXT, 20, resume=old))
    reader, _ = trained_by(way, tmp_path, f"({TEXT}) / 2", 20, resume=old)
    assert reader.rates() == [value / 2 for value in expected]


def test_checkpoint_of_another_scheduler(tmp_path: Path) -> None:
    """A checkpoint of the trainer's own schedule is refused, and gone on from if that is asked for."""
    trained(tmp_path, max_steps=20, save_strategy="steps", save_steps=10)
    path = tmp_path / "checkpoint-10"
    with pytest.raises(ScheduleError, match="E603"):
        trained(tmp_path, SchedulerCallback(TEXT), max_steps=20, resume=path)
    reader, _ = trained(tmp_path, SchedulerCallback(TEXT, on_mismatch="keep"), max_steps=20, resume=path)
    assert reader.rates() == values_at(range(10, 20), TEXT, 20, base=BASE)


@pytest.mark.parametrize(
    ("text", "run"),
    [
        ("warmup(2ep) then cosine", {"steps_per_epoch": 5}),
        ("warmup(160 samples) then cosine", {"samples_per_step": 16}),
        ("warmup(800 tok) then cosine", {"tokens_per_step": 80}),
    ],
    ids=["epochs", "samples", "tokens"],
)
def test_rates(text: str, run: dict[str, Any], tmp_path: Path) -> None:
    """Epochs and samples are counted in updates, as the trainer makes them: the rest of an epoch is one too."""
    told = {name: value for name, value in run.items() if name == "tokens_per_step"}
    reader, trainer = trained(
        tmp_path,
        SchedulerCallback(text, **told),
        rows=Rows(4 * 17),
        gradient_accumulation_steps=4,
        max_steps=-1,
        num_train_epochs=8,
    )
    assert trainer.state.global_step == 40
    assert reader.rates() == values_at(range(40), text, 40, base=BASE, **run)


@pytest.mark.parametrize("epochs", [{"steps_per_epoch": 7}, {"samples_per_epoch": 50}])
def test_given_rates_win(epochs: dict[str, Any], tmp_path: Path) -> None:
    """What is given isn't asked of the trainer."""
    text = "warmup(1ep) then hold for 80 samples then cosine until w then hold"
    run: dict[str, Any] = {"total_steps": 60, **epochs, "samples_per_step": "8 for 4 then 12", "w": "80%"}
    reader, _ = trained(tmp_path, SchedulerCallback(text, **run), max_steps=30)
    assert reader.rates() == values_at(range(30), text, base=BASE, **run)


def test_stream(tmp_path: Path) -> None:
    """A stream has no epochs: shares of `max_steps` are known, and a text in epochs is refused."""
    reader, _ = trained(tmp_path, SchedulerCallback(TEXTS), rows=Stream(), max_steps=20)
    assert reader.applied == values(20)
    error = refused(trained, tmp_path, SchedulerCallback("warmup(1ep) then cosine"), rows=Stream(), max_steps=20)
    assert error.diagnostics[0].hint == "give `SchedulerCallback(…, steps_per_epoch=…)`"
    assert not last[-1].applied


def test_beside_the_trainers_own(tmp_path: Path) -> None:
    """Without `lr` the callback leaves the learning rate to the trainer, which logs its own."""
    plain, _ = trained(tmp_path, max_steps=20, lr_scheduler_type="cosine", warmup_steps=5)
    reader, trainer = trained(
        tmp_path,
        SchedulerCallback({"weight_decay": "linear(0, 0.1)"}),
        max_steps=20,
        lr_scheduler_type="cosine",
        warmup_steps=5,
        logging_strategy="steps",
        logging_steps=1,
    )
    assert reader.rates() == plain.rates()
    assert [line["learning_rate"] for line in trainer.state.log_history[:-1]] == plain.rates()
    bound = parse("linear(0, 0.1)").bind(20)
    assert [decay for _, decay, _ in reader.applied.values()] == [[bound(step)] * 2 for step in range(20)]


def test_second_run(tmp_path: Path) -> None:
    """A trainer that trains again begins again, at the initial values."""
    reader, trainer = trained(tmp_path, SchedulerCallback(TEXTS), max_steps=20)
    reader.applied.clear()
    trainer.train()
    assert reader.applied == values(20)


def test_patterns_of_names(tmp_path: Path) -> None:
    """Groups are found by the names of the model's parameters, without these being handed over."""
    model = network()
    named = list(model.named_parameters())
    groups = [[each for name, each in named if ".ln_" in name], [each for name, each in named if ".ln_" not in name]]
    optimizer: Optimizer = AdamW([{"params": group} for group in groups], lr=BASE)
    callback = SchedulerCallback({"lr": TEXT, "weight_decay": {"*.ln_*": 0, "*": "linear(0, 0.1)"}})
    trained(tmp_path, callback, model=model, optimizers=(optimizer, None), max_steps=10)
    assert [group["weight_decay"] for group in optimizer.param_groups] == [0.0, 0.1]


@pytest.mark.parametrize(
    ("schedules", "options", "code"),
    [
        ("warmup(5%) then cosin", {}, "E402"),
        ({"momentum": "cosine"}, {}, "E601"),
        ({"lr": {"wte*": "cosine"}}, {}, "E602"),
        (TEXT, {"lr_scheduler_type": "cosine"}, "E607"),
        (TEXT, {"warmup_steps": 5}, "E607"),
    ],
    ids=["text", "key", "pattern", "another schedule", "another warm-up"],
)
def test_errors(schedules: Any, options: dict[str, Any], code: str, tmp_path: Path) -> None:
    """What is wrong is told before the first step."""
    with pytest.raises(ScheduleError, match=code):
        trained(tmp_path, SchedulerCallback(schedules), max_steps=10, **options)
    assert not last[-1].applied


class Adds(TrainerCallback):
    """Adds a group before the sixth update, with what the optimizer has then."""

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step == 5:
            optimizer = kwargs["optimizer"]
            lr = optimizer.param_groups[0]["lr"]
            optimizer.add_param_group({"params": [torch.nn.Parameter(torch.zeros(1))], "lr": lr})


@pytest.mark.parametrize("way", ["callback", "optimizers"])
def test_a_group_is_added(way: str, tmp_path: Path) -> None:
    """A group that is added has the schedule's values from then on; the trainer's own scheduler bears it."""
    model, options = network(), {"max_steps": 10}
    if way == "callback":
        reader, _ = trained(tmp_path, SchedulerCallback(TEXT), Adds(), model=model, **options)
    else:
        reader, _ = trained(tmp_path, Adds(), **{**given(TEXT, 10), **options})
    groups = len(reader.applied[0][0])
    for step, value in enumerate(values_at(range(10), TEXT, 10, base=BASE)):
        assert reader.applied[step][0] == [value] * (groups + (step >= 5))


def test_a_changed_rate(tmp_path: Path) -> None:
    """Another `learning_rate` is told on resume, or gone on with."""
    trained(tmp_path, SchedulerCallback(TEXT), max_steps=10, save_strategy="steps", save_steps=5)
    options = {"max_steps": 10, "learning_rate": 0.1, "resume": tmp_path / "checkpoint-5"}
    error = refused(trained, tmp_path, SchedulerCallback(TEXT), **options)
    assert "the initial `lr` in group 0 is `0.1` here, and was `0.001`" in str(error)
    reader, _ = trained(tmp_path, SchedulerCallback(TEXT, on_mismatch="keep"), **options)
    assert reader.rates() == values_at(range(5, 10), TEXT, 10, base=0.1)


def test_two_callbacks(tmp_path: Path) -> None:
    """A checkpoint has one record, so a second callback is refused before the first step."""
    callbacks = [SchedulerCallback({"lr": TEXT}), SchedulerCallback({"weight_decay": "linear"})]
    with pytest.raises(ScheduleError, match="E607"):
        trained(tmp_path, *callbacks, max_steps=4)
    assert not last[-1].applied
    trained(tmp_path, callbacks[0], max_steps=4)


def test_two_schedules(tmp_path: Path) -> None:
    """A scheduler beside the callback is refused when the trainer is built, or when it begins."""
    with pytest.raises(ScheduleError, match="E607"):
        trained(tmp_path, SchedulerCallback(TEXT), **given(TEXT))
    ours = given(TEXT, 10)
    arguments = TrainingArguments(str(tmp_path), max_steps=10, use_cpu=True, report_to=[])
    trainer = Trainer(ours["model"], arguments, train_dataset=Rows(8), optimizers=ours["optimizers"])
    trainer.add_callback(SchedulerCallback(TEXT))
    with pytest.raises(ScheduleError, match="E607"):
        trainer.train()
    trained(tmp_path, SchedulerCallback({"betas[0]": "linear(0.85, 0.9)"}), **given(TEXT, 10), max_steps=10)


@beside("transformers.txt")
def test_names(theirs: str, ours: str) -> None:
    """The texts that the page gives for the trainer's own schedules have the same values."""
    optimizer = AdamW([torch.zeros(1, requires_grad=True)], lr=BASE)
    scheduler = eval(theirs, {"get_scheduler": get_scheduler, "opt": optimizer})
    found = []
    for _ in range(100):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert found == pytest.approx(values_at(range(100), ours, 100, base=BASE), rel=1e-12, abs=1e-18)


def test_warnings_are_told_where_training_is_begun(tmp_path: Path) -> None:
    """Once, at the line outside of the trainer."""
    tell_once.cache_clear()
    with pytest.warns(ScheduleWarning, match=r"^W517 ") as found:
        for more in ({}, {}, {"ignore": ["W517"]}):
            trained(tmp_path, SchedulerCallback("0 for 1 then warmup(2) then linear", **more), max_steps=2)
    assert [each.filename for each in found if str(each.message).startswith("W517")] == [__file__]


class Firing(TrainerCallback):
    """Decides at step 8 to cool down from step 12 on."""

    def __init__(self, schedules: SchedulerCallback) -> None:
        self.schedules = schedules

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step == 8:
            self.schedules.change(cooldown=12)


def test_an_event(tmp_path: Path) -> None:
    """A run that is told when to cool down, and one that resumes it, are, to the bit, the one that knew it at first."""
    text = "hold until cooldown then linear to 0 for 6"
    whole, told, resumed = (SchedulerCallback(text, cooldown=time) for time in (12, "later", "later"))
    with pytest.raises(ScheduleError, match="E607"):
        resumed.change(cooldown=12)
    saving: dict[str, Any] = {"save_strategy": "steps", "save_steps": 10}
    one, _ = trained(tmp_path / "whole", whole, max_steps=20)
    other, _ = trained(tmp_path, told, Firing(told), max_steps=20, **saving)
    again, _ = trained(tmp_path, resumed, max_steps=20, resume=tmp_path / "checkpoint-10")
    assert other.applied == one.applied
    assert again.applied == {step: each for step, each in one.applied.items() if step >= 10}
