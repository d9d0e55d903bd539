"""Lightning: what optimizers are given in real fits, what checkpoints bring back, and what is counted."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import lightning
import pytest
import pytorch_lightning
import torch
from changes import changed, rate_of
from helpers import refused, values_at
from lightning.pytorch.callbacks import (
    BaseFinetuning,
    Callback,
    GradientAccumulationScheduler,
    LearningRateMonitor,
    ModelCheckpoint,
)
from lightning.pytorch.loggers import CSVLogger
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

from schedlang import ScheduleError, ScheduleSet, ScheduleWarning, parse
from schedlang._bound.telling import tell_once
from schedlang.lightning import configure
from schedlang.torch import Scheduler

pytestmark = [
    pytest.mark.filterwarnings("ignore:The 'train_dataloader' does not have many workers"),
    pytest.mark.filterwarnings("ignore:`isinstance\\(treespec, LeafSpec\\)` is deprecated"),
    pytest.mark.filterwarnings("ignore:The `srun` command is available"),
    pytest.mark.filterwarnings("ignore:You're resuming from a checkpoint that ended before the epoch ended"),
    pytest.mark.filterwarnings("ignore:Be aware that when using `ckpt_path`, callbacks used to create the checkpoint"),
    pytest.mark.filterwarnings("ignore:You are trying to `self.log\\(\\)`"),
]

STEPS = 320
TEXT = "warmup(5%) then cosine"
TEXTS = {"lr": TEXT, "weight_decay": "cosine(0.04, 0.4)", "betas[1]": "0.95 until 10% then 0.999"}


class Stream(IterableDataset[Any]):
    """Rows of which nobody knows how many there are."""

    def __iter__(self) -> Iterator[list[torch.Tensor]]:
        return iter([[torch.arange(3.0)]] * 100)


class Model(lightning.LightningModule):
    """A tiny network that writes down what its optimizer has at each update."""

    def __init__(self, schedules: Any, **arguments: Any) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.layer = torch.nn.Linear(3, 1)
        self.schedules = schedules
        self.arguments = arguments
        self.applied: dict[int, tuple[float, float, float]] = {}

    def training_step(self, batch: Any, index: int) -> torch.Tensor:
        return self.layer(torch.sin(batch[0] + self.global_step)).square().mean()

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        group = optimizer.param_groups[0]
        self.applied[self.trainer.global_step] = (group["lr"], group["weight_decay"], group["betas"][1])

    def rates(self) -> list[float]:
        """The learning rates that were applied."""
        return [lr for lr, *_ in self.applied.values()]

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.AdamW(self.parameters(), lr=1e-3)
        return configure(optimizer, self.schedules, self.trainer, **self.arguments)


class Plain(Model):
    """The same with the scheduler itself, as one of torch's."""

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.AdamW(self.parameters(), lr=1e-3)
        scheduler = Scheduler(optimizer, self.schedules, total_steps=self.trainer.estimated_stepping_batches)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


def trainer(path: Path, *callbacks: Callback, **options: Any) -> lightning.Trainer:
    quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False, "accelerator": "cpu"}
    saves = any(isinstance(each, ModelCheckpoint) for each in callbacks)
    options = {"max_epochs": -1, "max_steps": STEPS, "enable_checkpointing": saves, **quiet, **options}
    return lightning.Trainer(default_root_dir=path, callbacks=list(callbacks), **options)


def loader(size: int = 64, batch: int = 4) -> DataLoader[Any]:
    """Batches of equal rows, as a loader does not go on in the middle of an epoch, but begins again."""
    return DataLoader(TensorDataset(torch.arange(3.0).expand(size, 3)), batch_size=batch)


def values(total: int, steps: range, **run: Any) -> dict[int, tuple[float, float, float]]:
    bases = {"lr": 1e-3, "weight_decay": 1e-2, "betas[1]": 0.999}
    bounds = [parse(text).bind(total, base=bases[key], **run) for key, text in TEXTS.items()]
    return {step: (bounds[0](step), bounds[1](step), bounds[2](step)) for step in steps}


@pytest.mark.parametrize("kind", [Model, Plain], ids=["configure", "Scheduler"])
@pytest.mark.parametrize(
    ("size", "accumulated", "options"),
    [
        (64, 1, {}),
        (4 * 17, 4, {"max_steps": -1, "max_epochs": 64}),
    ],
    ids=["max_steps", "epochs, 4 accumulated of 17"],
)
def test_applied_values(
    kind: type[Model], size: int, accumulated: int, options: dict[str, Any], tmp_path: Path
) -> None:
    """At each update of a fit the optimizer has the values of the bound schedules, to the bit; accumulated or not."""
    model = kind(TEXTS)
    fit = trainer(tmp_path, accumulate_grad_batches=accumulated, **options)
    fit.fit(model, loader(size))
    assert fit.global_step >= STEPS
    assert model.applied == values(fit.global_step, range(fit.global_step))


@pytest.mark.parametrize("kind", [Model, Plain], ids=["configure", "Scheduler"])
def test_resume(kind: type[Model], tmp_path: Path) -> None:
    """A fit resumed from a checkpoint in the middle of an epoch has the uninterrupted one's values and weights."""
    stop = random.Random(7).randrange(1, STEPS)
    whole = kind(TEXTS)
    trainer(tmp_path).fit(whole, loader())
    saving = ModelCheckpoint(tmp_path, filename="{step}", every_n_train_steps=stop, save_top_k=-1)
    trainer(tmp_path, saving).fit(kind(TEXTS), loader())
    resumed = kind(TEXTS)
    trainer(tmp_path).fit(resumed, loader(), ckpt_path=tmp_path / f"step={stop}.ckpt")
    assert resumed.applied == {step: each for step, each in whole.applied.items() if step >= stop}
    assert torch.equal(resumed.layer.weight, whole.layer.weight)


def saved(path: Path) -> Path:
    """A checkpoint of a short fit, at step 10 of 20."""
    saving = ModelCheckpoint(path, filename="{step}", every_n_train_steps=10, save_top_k=-1)
    trainer(path, saving, max_steps=20).fit(Model(TEXT), loader())
    return path / "step=10.ckpt"


@changed
def test_changed(text: Any, total: int, told: str, tmp_path: Path) -> None:
    """A checkpoint of another text or run is refused before the first step, and gone on from if that is asked for."""
    path = saved(tmp_path)
    model = Model(text)
    error = refused(trainer(tmp_path, max_steps=total).fit, model, loader(), ckpt_path=path)
    assert "E603" in str(error) and told in str(error)
    assert not model.applied
    model = Model(text, on_mismatch="keep")
    trainer(tmp_path, max_steps=total).fit(model, loader(), ckpt_path=path)
    assert model.rates() == values_at(range(10, total), rate_of(text), total, base=1e-3)


def test_the_same_past(tmp_path: Path) -> None:
    """A fit that branches off a checkpoint is, to the bit, the one that had the new text and length from the first."""
    path, text = saved(tmp_path), f"({TEXT}) over 20 until 10 then linear to 0"
    whole, branch = Model(text), Model(text)
    trainer(tmp_path, max_steps=15).fit(whole, loader())
    tell_once.cache_clear()
    with pytest.warns(ScheduleWarning, match="W533 .* at step 10 .* differ from step 11 on"):
        trainer(tmp_path, max_steps=15).fit(branch, loader(), ckpt_path=path)
    assert branch.applied == {step: each for step, each in whole.applied.items() if step >= 10}
    assert torch.equal(branch.layer.weight, whole.layer.weight)


@pytest.mark.parametrize(
    ("options", "text", "run"),
    [
        ({"max_steps": 40}, "warmup(2ep) then cosine", {"total_steps": 40, "steps_per_epoch": 17}),
        (
            {"max_steps": 40, "accumulate_grad_batches": 4},
            "warmup(2ep) then cosine",
            {"total_steps": 40, "steps_per_epoch": 5},
        ),
        (
            {"max_steps": -1, "max_epochs": 8, "accumulate_grad_batches": 4},
            "warmup(160 samples) then cosine",
            {"total_steps": 40, "samples_per_step": 16},
        ),
    ],
    ids=["epochs", "epochs, accumulated", "samples, accumulated"],
)
def test_rates(options: dict[str, Any], text: str, run: dict[str, Any], tmp_path: Path) -> None:
    """Epochs and samples are counted in updates, as the trainer makes them: the rest of an epoch is one too."""
    model = Model(text)
    trainer(tmp_path, **options).fit(model, loader(4 * 17))
    assert model.rates() == values_at(range(40), text, **run, base=1e-3)


@pytest.mark.parametrize("epochs", [{"steps_per_epoch": 7}, {"samples_per_epoch": 50}])
def test_given_rates_win(epochs: dict[str, Any], tmp_path: Path) -> None:
    """What is given isn't asked of the trainer."""
    text = "warmup(1ep) then hold for 80 samples then cosine until 200 tok then hold"
    run = {"total_steps": 60, **epochs, "samples_per_step": "8 for 4 then 12", "tokens_per_step": 5}
    own = {name: run[name] for name in ("total_steps", "tokens_per_step")}
    told = ScheduleSet({"lr": text, **{name: rate for name, rate in run.items() if name not in own}})
    for model in (Model(text, **run), Model(told, **own)):
        trainer(tmp_path, max_steps=50).fit(model, loader())
        assert model.rates() == values_at(range(50), text, **run, base=1e-3)


def test_no_length(tmp_path: Path) -> None:
    """A stream has no epochs: steps and shares of `max_steps` are known, and a text in epochs is refused."""
    model = Model(TEXTS)
    trainer(tmp_path, max_steps=20).fit(model, DataLoader(Stream(), batch_size=4))
    assert model.applied == values(20, range(20))
    model = Model("warmup(1ep) then cosine")
    with pytest.raises(ScheduleError, match="steps_per_epoch"):
        trainer(tmp_path, max_steps=20).fit(model, DataLoader(Stream(), batch_size=4))
    assert not model.applied


@pytest.mark.filterwarnings("ignore:`max_epochs` was not set")
def test_no_total(tmp_path: Path) -> None:
    """A run without an end has no percentages, which is told before the first step."""
    model = Model(TEXT)
    (problem,) = refused(trainer(tmp_path, max_steps=-1).fit, model, loader()).diagnostics
    assert problem.hint == "give `Trainer(max_steps=…)`, or `configure(…, total_steps=…)`"
    assert not model.applied


def test_accumulation_that_changes(tmp_path: Path) -> None:
    """The trainer's estimate isn't believed if the accumulation changes by epoch: the total is to be given."""
    changing = {"max_steps": -1, "max_epochs": 3}
    model = Model(TEXT)
    with pytest.raises(ScheduleError, match="total_steps"):
        trainer(tmp_path, GradientAccumulationScheduler({1: 4}), **changing).fit(model, loader())
    assert not model.applied
    model = Model(TEXT, total_steps=16 + 4 + 4)
    fit = trainer(tmp_path, GradientAccumulationScheduler({1: 4}), **changing)
    fit.fit(model, loader())
    assert fit.global_step == 24
    assert model.rates() == values_at(range(24), TEXT, 24, base=1e-3)


def test_accumulation_that_changes_in_the_other_package() -> None:
    """The callback of the package `pytorch_lightning` is another class, and is noticed just as well."""

    class Ours(pytorch_lightning.LightningModule):
        def configure_optimizers(self) -> Any:
            parameter = torch.nn.Parameter(torch.zeros(1))
            return configure(torch.optim.SGD([parameter], lr=0.1), TEXT, self.trainer)

        def training_step(self, batch: Any, index: int) -> None:
            raise AssertionError("a step was made")

    changing = pytorch_lightning.callbacks.GradientAccumulationScheduler({0: 1, 1: 3})
    quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False, "accelerator": "cpu"}
    fit = pytorch_lightning.Trainer(max_epochs=3, callbacks=[changing], enable_checkpointing=False, **quiet)
    with pytest.raises(ScheduleError, match="total_steps"):
        fit.fit(Ours(), loader())


class Two(Model):
    """Two optimizers that make an update each for every batch, by hand."""

    def __init__(self, schedules: Any, **arguments: Any) -> None:
        super().__init__(schedules, **arguments)
        self.automatic_optimization = False
        self.found: list[list[float]] = []

    def training_step(self, batch: Any, index: int) -> None:  # type: ignore[override]
        optimizers = self.optimizers()
        self.found.append([each.param_groups[0]["lr"] for each in optimizers])
        for each in optimizers:
            each.zero_grad()
            self.manual_backward(self.layer(batch[0]).square().mean())
            each.step()
        for scheduler in self.lr_schedulers():
            scheduler.step()

    def configure_optimizers(self) -> Any:
        both = [[self.layer.weight], [self.layer.bias]]
        optimizers = [torch.optim.AdamW(parameters, lr=1e-3) for parameters in both]
        return [configure(each, self.schedules, self.trainer, **self.arguments) for each in optimizers]


def test_two_optimizers(tmp_path: Path) -> None:
    """`max_steps` counts the updates of both, so it is the length of neither one's run; epochs are."""
    (problem,) = refused(trainer(tmp_path, max_steps=20).fit, Two(TEXT), loader()).diagnostics
    assert problem.hint is not None
    assert problem.hint.startswith("give `configure(…, total_steps=…)`: the trainer's `max_steps` counts")
    for options, given in [({"max_steps": 20}, {"total_steps": 10}), ({"max_steps": -1, "max_epochs": 1}, {})]:
        model = Two(TEXT, **given)
        trainer(tmp_path, **options).fit(model, loader(40))
        assert model.found == [[rate] * 2 for rate in values_at(range(10), TEXT, 10, base=1e-3)]
    trainer(tmp_path, max_steps=20).fit(Two("linear(1e-3, 0, 5) then hold"), loader())


class Together(Two):
    """Two optimizers with one scheduler."""

    def configure_optimizers(self) -> Any:
        both = {"weight": self.layer.weight, "bias": self.layer.bias}
        optimizers = {name: torch.optim.AdamW([parameter], lr=1e-3) for name, parameter in both.items()}
        return configure(optimizers, self.schedules, self.trainer, **self.arguments)

    def training_step(self, batch: Any, index: int) -> None:
        self.log_dict(scheduler_of(self).values())
        super().training_step(batch, index)

    def lr_schedulers(self) -> Any:
        return [scheduler_of(self)]


def scheduler_of(module: lightning.LightningModule) -> Scheduler:
    """The scheduler as Lightning gives it."""
    return cast(Scheduler, lightning.LightningModule.lr_schedulers(module))


def test_two_optimizers_with_one_scheduler(tmp_path: Path) -> None:
    """Manual optimization, `self.optimizers()` of which are Lightning's wrappers; checkpoints, and what is logged."""
    texts = {"lr": {"weight": "0.1 * s", "*": "s"}}
    where = {"s": TEXT}
    found = [values_at(range(10), text, 10, base=1e-3) for text in (f"0.1 * ({TEXT})", TEXT)]
    expected = list(zip(*found, strict=True))
    (problem,) = refused(trainer(tmp_path, max_steps=20).fit, Together(texts, where=where), loader()).diagnostics
    assert problem.hint is not None
    assert problem.hint.startswith("give `configure(…, total_steps=…)`")
    model = Together(texts, where=where, total_steps=10)
    logger = CSVLogger(tmp_path)
    monitor = LearningRateMonitor(logging_interval="step")
    trainer(tmp_path, monitor, logger=logger, max_steps=20, log_every_n_steps=1).fit(model, loader())
    assert [tuple(each) for each in model.found] == expected
    with (Path(logger.log_dir) / "metrics.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for columns in (("lr/weight", "lr/bias"), ("lr-AdamW", "lr-AdamW-1")):
        found = [tuple(float(row[name]) for name in columns) for row in rows if row[columns[0]]]
        assert found == [pytest.approx(each) for each in expected]
    stopped = trainer(tmp_path, max_steps=8)
    stopped.fit(Together(texts, where=where, total_steps=10), loader())
    stopped.save_checkpoint(tmp_path / "stopped.ckpt")
    again = Together(texts, where=where, total_steps=10)
    trainer(tmp_path, max_steps=20).fit(again, loader(), ckpt_path=tmp_path / "stopped.ckpt")
    assert [tuple(each) for each in again.found] == expected[4:]
    assert [each.tolist() for each in again.parameters()] == [each.tolist() for each in model.parameters()]


class Unfreezes(BaseFinetuning):
    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def freeze_before_training(self, pl_module: Any) -> None:
        self.freeze(pl_module.layer)

    def finetune_function(self, pl_module: Any, epoch: int, optimizer: Any) -> None:
        if epoch == 2:
            self.unfreeze_and_add_param_group(pl_module.layer, optimizer, initial_denom_lr=self.share)


@pytest.mark.parametrize("share", [1, 10])
def test_unfreezing(share: float, tmp_path: Path) -> None:
    """What `BaseFinetuning` adds with the rate that there is, or a share, goes on with it from its first update on."""
    found: list[list[float]] = []

    class Frozen(Model):
        def __init__(self) -> None:
            super().__init__("interval(0.5, every=1ep)")
            self.head = torch.nn.Linear(1, 1)

        def training_step(self, batch: Any, index: int) -> torch.Tensor:
            return self.head(super().training_step(batch, index).reshape(1)).sum()

        def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
            found.append([group["lr"] for group in optimizer.param_groups])

        def configure_optimizers(self) -> Any:
            return configure(torch.optim.SGD(self.head.parameters(), lr=0.1), self.schedules, self.trainer)

    trainer(tmp_path, Unfreezes(share), max_steps=-1, max_epochs=4).fit(Frozen(), loader(8))
    expected = [[0.1]] * 2 + [[0.05]] * 2 + [[0.025, 0.025 / share]] * 2 + [[0.0125, 0.0125 / share]] * 2
    assert found == [pytest.approx(each) for each in expected]


def test_learning_rate_monitor(tmp_path: Path) -> None:
    """LearningRateMonitor logs what is applied, weight decay too."""
    logger = CSVLogger(tmp_path)
    monitor = LearningRateMonitor(logging_interval="step", log_weight_decay=True)
    model = Model(TEXTS)
    trainer(tmp_path, monitor, logger=logger, max_steps=30, log_every_n_steps=1).fit(model, loader())
    with (Path(logger.log_dir) / "metrics.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for place, name in enumerate(["lr-AdamW", "lr-AdamW-weight_decay"]):
        logged = [float(row[name]) for row in rows]
        assert logged == pytest.approx([each[place] for each in model.applied.values()], rel=1e-6)
        assert len(logged) == 30


def test_patterns_of_names(tmp_path: Path) -> None:
    """Groups are found by the names of the module's parameters, without these being handed over."""

    class Grouped(Model):
        def configure_optimizers(self) -> Any:
            groups = [{"params": [self.layer.weight]}, {"params": [self.layer.bias]}]
            return configure(torch.optim.AdamW(groups, lr=1e-3), self.schedules, self.trainer)

    model = Grouped({"lr": TEXT, "weight_decay": {"layer.weight": "linear(0, 0.1)", "*bias": 0}})
    fit = trainer(tmp_path, max_steps=10)
    fit.fit(model, loader())
    assert [group["weight_decay"] for group in fit.optimizers[0].param_groups] == [0.1, 0.0]


@pytest.mark.parametrize(
    ("schedules", "code"),
    [("warmup(5%) then cosin", "E402"), ({"momentum": "cosine"}, "E601"), ({"lr": {"layr*": "cosine"}}, "E602")],
    ids=["text", "key", "pattern"],
)
def test_errors(schedules: Any, code: str, tmp_path: Path) -> None:
    """What is wrong is told before the first step."""
    model = Model(schedules)
    with pytest.raises(ScheduleError, match=code):
        trainer(tmp_path, max_steps=10).fit(model, loader())
    assert not model.applied


def test_no_trainer() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    with pytest.raises(ScheduleError, match="E607"):
        configure(optimizer, "cosine", 100)  # type: ignore[arg-type]


def test_no_fit(tmp_path: Path) -> None:
    """A trainer that fits no module knows nothing of the run."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    with pytest.raises(ScheduleError, match="E607"):
        configure(optimizer, "cosine", trainer(tmp_path))


def test_warnings_are_told_where_optimizers_are_configured(tmp_path: Path) -> None:
    """Once, however often that is."""
    tell_once.cache_clear()
    with pytest.warns(ScheduleWarning, match=r"^W517 ") as found:
        for more in ({}, {}, {"ignore": ["W517"]}):
            trainer(tmp_path, max_steps=4).fit(Model("0 for 1 then warmup(2) then linear", **more), loader(8))
    assert [each.filename for each in found if str(each.message).startswith("W517")] == [__file__]


class Firing(Callback):
    """Decides at step 8 to cool down from step 12 on."""

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        if trainer.global_step == 8:
            pl_module.lr_schedulers().change(cooldown=12)


def test_an_event(tmp_path: Path) -> None:
    """A fit that is told when to cool down, and one that resumes it, are, to the bit, the one that knew it at first."""
    text = "hold until cooldown then linear to 0 for 6"
    whole, told, resumed = (Model(text, cooldown=time) for time in (12, "later", "later"))
    saving = ModelCheckpoint(tmp_path, filename="{step}", every_n_train_steps=10, save_top_k=-1)
    trainer(tmp_path, max_steps=20).fit(whole, loader())
    trainer(tmp_path, saving, Firing(), max_steps=20).fit(told, loader())
    trainer(tmp_path, max_steps=20).fit(resumed, loader(), ckpt_path=tmp_path / "step=10.ckpt")
    assert told.applied == whole.applied
    assert resumed.applied == {step: each for step, each in whole.applied.items() if step >= 10}
    assert torch.equal(told.layer.weight, whole.layer.weight)
    assert torch.equal(resumed.layer.weight, whole.layer.weight)
