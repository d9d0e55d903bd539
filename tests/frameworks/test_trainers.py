"""Trainers that are not installed here: our side of the interface that each published, which stand-ins write down.

The real ones are tried by `python -m tests.trainers`.
"""

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest
import torch

from schedlang import ScheduleError, ScheduleWarning, parse
from schedlang.torch import Scheduler

STEPS = 24
BASE = 1e-3
TEXT = "warmup(25%) then cosine(end=0.1 * base)"
VALUES = parse(TEXT).bind(STEPS, base=BASE).values().tolist()


@contextmanager
def refused(code: str, told: str) -> Iterator[None]:
    """An error of ours with this code, that says this."""
    with pytest.raises(ScheduleError) as caught:
        yield
    assert [each.code for each in caught.value.diagnostics] == [code]
    assert told in str(caught.value)


def adam(**options: Any) -> torch.optim.Optimizer:
    matrix, bias = torch.nn.Parameter(torch.zeros(2, 2)), torch.nn.Parameter(torch.zeros(2))
    return torch.optim.AdamW([{"params": [matrix]}, {"params": [bias], "weight_decay": 0.0}], lr=BASE, **options)


def standing_in(monkeypatch: pytest.MonkeyPatch, name: str, ours: str, **offers: Any) -> Any:
    """Our module for a trainer, imported while there is a module that offers what stands in for the trainer's."""
    parts = name.split(".")
    for depth in range(1, len(parts)):
        monkeypatch.setitem(sys.modules, ".".join(parts[:depth]), ModuleType(parts[depth - 1]))
    module = ModuleType(name)
    vars(module).update(offers)
    monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.delitem(sys.modules, f"schedlang.{ours}", raising=False)
    imported = import_module(f"schedlang.{ours}")
    monkeypatch.setitem(sys.modules, f"schedlang.{ours}", imported)  # and is gone behind the test
    return imported


# Axolotl: the hooks of `axolotl.integrations.base.BasePlugin` as published in 0.19.0, 2026.


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Any:
    module = standing_in(monkeypatch, "axolotl.integrations.base", "axolotl", BasePlugin=type("BasePlugin", (), {}))
    return module.SchedulePlugin()


def of_axolotl(**arguments: Any) -> Any:
    told = {"train_batch_size": 2, "gradient_accumulation_steps": 2, "world_size": 2, **arguments}
    model = torch.nn.Linear(2, 2)
    return SimpleNamespace(args=SimpleNamespace(**told), model=model)


def test_axolotl_makes_the_scheduler_of_the_config(plugin: Any) -> None:
    cfg = {"plugins": ["schedlang.axolotl.SchedulePlugin"], "schedules": TEXT}
    plugin.register(cfg)
    validated = import_module("schedlang.axolotl").ScheduleArgs(**cfg)
    optimizer = adam()
    scheduler = plugin.create_lr_scheduler(
        cfg=validated, trainer=of_axolotl(), optimizer=optimizer, num_training_steps=STEPS
    )
    for value in VALUES:
        assert [group["lr"] for group in optimizer.param_groups] == [value, value]
        scheduler.step()


def test_axolotl_counts_the_samples_and_is_told_the_rest(plugin: Any) -> None:
    cfg = SimpleNamespace(schedules="warmup(80 samples) then hold until 2ep then 0", schedule_options={})
    with refused("E401", "`schedule_options: {steps_per_epoch: …}`"):
        plugin.create_lr_scheduler(cfg, of_axolotl(), adam(), STEPS)
    cfg.schedule_options = {"steps_per_epoch": 12, "ignore": ["W501"]}
    scheduler = plugin.create_lr_scheduler(cfg, of_axolotl(), adam(), STEPS + 12)
    assert scheduler.values_at(5)["lr"] == BASE / 2
    assert scheduler.values_at(24)["lr"] == 0


@pytest.mark.parametrize(
    ("cfg", "told"),
    [
        ({}, "no schedule of the learning rate"),
        ({"schedules": {"weight_decay": "linear"}}, "no schedule of the learning rate"),
        ({"schedules": TEXT, "lr_scheduler": "cosine", "warmup_steps": 0}, "leave out `lr_scheduler`, `warmup_steps`"),
    ],
)
def test_axolotl_refuses_what_has_no_schedule_or_two(plugin: Any, cfg: dict[str, Any], told: str) -> None:
    with refused("E607", told):
        plugin.register(cfg)


# OLMo-core: `Scheduler`, a registered dataclass, and `Callback`, which a checkpoint has the state of, as published in
# 3.0.0, 2026.


@dataclass
class OlmosScheduler:
    lr_field: str = "lr"
    initial_lr_field: str = "initial_lr"
    units: str = "steps"
    registered: ClassVar[dict[str, type]] = {}

    @classmethod
    def register(cls, name: str) -> Any:
        return lambda made: cls.registered.setdefault(name, made)


def olmos(monkeypatch: pytest.MonkeyPatch) -> Any:
    callbacks = ModuleType("olmo_core.train.callbacks")
    callbacks.Callback = type("Callback", (), {"trainer": None})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "olmo_core.train", ModuleType("olmo_core.train"))
    monkeypatch.setitem(sys.modules, callbacks.__name__, callbacks)
    OlmosScheduler.registered.clear()
    return standing_in(monkeypatch, "olmo_core.optim", "olmo_core", Scheduler=OlmosScheduler)


def test_olmo_core_asks_for_the_step_with_this_update(monkeypatch: pytest.MonkeyPatch) -> None:
    made = olmos(monkeypatch).Schedule
    assert OlmosScheduler.registered["schedlang"] is made
    steps = made(text=TEXT)
    bound = parse(TEXT).bind(STEPS, base=BASE)
    assert [steps.get_lr(BASE, step, STEPS) for step in range(1, STEPS + 1)] == [
        bound(step) for step in range(1, STEPS + 1)
    ]
    assert steps.get_lr(torch.tensor(0.5), STEPS, STEPS) == 0.05
    tokens = made(text="warmup(2k tok) then linear(base, 0)", units="tokens", ignore=["W501"])
    assert [tokens.get_lr(1.0, seen, 10_000) for seen in (1000, 6000, 10_000)] == [0.5, 0.5, 0]
    epochs = made(text="base for 1ep then 0.5 * base")
    with refused("E401", "steps_per_epoch"):
        epochs.get_lr(1.0, 1, STEPS)
    assert made(text=epochs.text, options={"steps_per_epoch": 12}).get_lr(1.0, 12, STEPS) == 0.5
    with pytest.raises(ScheduleError):
        made(text="warmup(w) then 1", options={"w": ["5%"]}).get_lr(1.0, 1, STEPS)


def test_olmo_core_keeps_the_text_in_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    module = olmos(monkeypatch)

    def record(text: str, max_steps: int = STEPS, keep: bool = False, **options: Any) -> Any:
        groups = [{"lr": 0.0, "initial_lr": BASE}, {"lr": 0.5}]
        parts = SimpleNamespace(
            scheduler=module.Schedule(text=text, **options), optim=SimpleNamespace(param_groups=groups)
        )
        made = module.ScheduleRecord(keep=keep)
        made.trainer = SimpleNamespace(
            train_module=parts, max_steps=max_steps, max_tokens=STEPS * 100, global_step=10,
            global_train_tokens_seen=1000,
        )  # fmt: skip
        made.post_attach()
        return made

    begun = "warmup(25%) then hold"
    state = record(begun).state_dict()
    assert state == {"text": begun, "options": {}, "length": "24 steps", "bases": [BASE, 0.5]}
    record(begun).load_state_dict(state)
    with pytest.warns(ScheduleWarning, match="the values differ from step 13 on"):
        record("warmup(25%) then hold until 12 then linear to 0").load_state_dict(state)
    record("warmup(25%) then hold until 12 then linear to 0", ignore=["W533"]).load_state_dict(state)
    with refused("E603", "the values differ from step 1 on, and the run is at step 10"):
        record(begun, max_steps=STEPS * 2).load_state_dict(state)
    record(begun, max_steps=STEPS * 2, keep=True).load_state_dict(state)
    with refused("E603", "counts steps, and this one counts tokens"):
        record(begun, units="tokens").load_state_dict(state)
    tokens = record(begun, units="tokens").state_dict()
    with refused("E603", "and the run is at token 1000"):
        record("warmup(5%) then hold", units="tokens").load_state_dict(tokens)
    with refused("E607", "the scheduler has no text"):
        made = module.ScheduleRecord()
        made.trainer = SimpleNamespace(train_module=SimpleNamespace(scheduler=None))
        made.post_attach()


# Megatron Core: `OptimizerParamScheduler` as published in 0.16.1, 2026: it sets what these two methods answer.


class MegatronsScheduler:
    def __init__(self, optimizer: Any, **given: Any) -> None:
        vars(self).update(given, optimizer=optimizer, num_steps=0)
        self.step(0)

    def get_lr(self, param_group: dict[str, Any]) -> float:
        raise NotImplementedError

    def step(self, increment: int) -> None:
        self.num_steps += increment
        for group in self.optimizer.param_groups:
            group["lr"] = self.get_lr(group)

    def state_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("max_lr", "lr_decay_steps", "num_steps")}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.step(state_dict["num_steps"])


@pytest.fixture
def megatron(monkeypatch: pytest.MonkeyPatch) -> Any:
    name = "megatron.core.optimizer_param_scheduler"
    module = standing_in(monkeypatch, name, "megatron", OptimizerParamScheduler=MegatronsScheduler)

    def made(optimizer: Any, text: str = TEXT, **given: Any) -> Any:
        told = {"max_lr": BASE, "min_lr": 0.0, "lr_decay_steps": STEPS * 8, "lr_decay_style": "linear", "init_lr": 0.0}
        flags = {"override_opt_param_scheduler": False, "use_checkpoint_opt_param_scheduler": False}
        return module.ParamScheduler(optimizer, text=text, **{**told, **flags, **given})

    return made


def test_megatron_counts_samples(megatron: Any) -> None:
    optimizer = adam()
    optimizer.param_groups[1]["max_lr"] = BASE / 2
    scheduler = megatron(optimizer)
    bounds = [parse(TEXT).bind(f"{STEPS * 8} samples", clock="samples", base=base) for base in (BASE, BASE / 2)]
    for step in range(STEPS):
        assert [group["lr"] for group in optimizer.param_groups] == [bound(step * 8) for bound in bounds]
        scheduler.step(increment=8)


def test_megatron_takes_none_for_no_curve(megatron: Any) -> None:
    assert megatron(adam(), min_lr=None).min_lr == 0


def test_megatron_goes_on_as_its_flags_say(megatron: Any) -> None:
    begun = megatron(adam())
    begun.step(100)
    state = begun.state_dict()
    same = megatron(adam())
    same.load_state_dict(state)
    assert same.num_steps == 100
    assert same.optimizer.param_groups[0]["lr"] == begun.optimizer.param_groups[0]["lr"]
    told = megatron(adam(), options={"tokens_per_step": 100, "samples_per_step": 8})
    told.load_state_dict(state)
    assert told.optimizer.param_groups[0]["lr"] == begun.optimizer.param_groups[0]["lr"]
    with refused("E603", "the values differ from sample 0 on"):
        megatron(adam(), "cosine").load_state_dict(state)
    with refused("E603", "of a run without a text"):
        megatron(adam()).load_state_dict({"num_steps": 100})
    kept = megatron(adam(), "cosine", override_opt_param_scheduler=True)
    kept.load_state_dict(state)
    assert kept.text == "cosine"
    taken = megatron(adam(), "cosine", use_checkpoint_opt_param_scheduler=True)
    taken.load_state_dict(state)
    assert taken.optimizer.param_groups[0]["lr"] == begun.optimizer.param_groups[0]["lr"]


@pytest.mark.parametrize(
    "own", [{"lr_warmup_steps": 100}, {"min_lr": 1e-5}, {"lr_decay_style": "cosine"}, {"wsd_decay_steps": 10}]
)
def test_megatron_refuses_two_curves(megatron: Any, own: dict[str, Any]) -> None:
    with refused("E607", f"`{next(iter(own))}` is"):
        megatron(adam(), **own)


# torchtitan: the config of its `LRSchedulersContainer` as published in 0.3.0, 2026.


@dataclass(kw_only=True, slots=True)
class TitansConfig:
    warmup_steps: int = 200
    total_steps: int | None = None
    decay_ratio: float | None = None
    decay_type: str = "linear"


@pytest.fixture
def schedules(monkeypatch: pytest.MonkeyPatch) -> Any:
    name = "torchtitan.components.optimizer.lr_scheduler"
    container = SimpleNamespace(Config=TitansConfig)
    return standing_in(monkeypatch, name, "torchtitan", LRSchedulersContainer=container).Schedules


def test_torchtitan_builds_it_of_a_config(schedules: Any) -> None:
    container = SimpleNamespace(optimizers=[adam(), torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)])
    built = schedules.Config(schedules=TEXT).build(optimizers=container, training_steps=STEPS)
    assert isinstance(built, Scheduler)
    for value in VALUES:
        assert built.get_last_lr()[:2] == [value, value]
        assert value in built.get_metrics().values()
        built.step()
    for config in (
        schedules.Config(schedules=TEXT, total_steps=12),
        schedules.Config(schedules=TEXT, options={"total_steps": 12}),
    ):
        assert config.build(optimizers=[adam()], training_steps=STEPS).values_at(12) == {"lr": 0.1 * BASE}


def test_torchtitan_refuses_two_schedules(schedules: Any) -> None:
    with refused("E607", "`decay_ratio` is 0.8"):
        schedules.Config(schedules=TEXT, decay_ratio=0.8).build(optimizers=[adam()], training_steps=STEPS)
    with refused("E401", '`Schedules.Config(options={"steps_per_epoch": …})`'):
        schedules.Config(schedules="warmup(1ep) then 1").build(optimizers=[adam()], training_steps=STEPS)


# kohya's sd-scripts: how `get_scheduler_fix` reads its arguments, as published in February 2026.


def kohyas(optimizer: torch.optim.Optimizer, kind: str, arguments: list[str]) -> Any:
    module, _, name = kind.rpartition(".")
    given = {}
    for argument in arguments:
        key, value = argument.split("=")
        given[key] = ast.literal_eval(value)
    return getattr(import_module(module), name)(optimizer, **given)


def test_kohyas_arguments() -> None:
    optimizer = adam()
    arguments = [f"schedules='{TEXT}'".replace("end=", r"end\x3d"), f"total_steps={STEPS}"]
    scheduler = kohyas(optimizer, "schedlang.torch.Scheduler", arguments)
    for value in VALUES:
        assert [group["lr"] for group in optimizer.param_groups] == [value, value]
        scheduler.step()
