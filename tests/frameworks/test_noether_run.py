"""Schedules in a run of Noether's: its closed configs and its calls, and the two ways in.

Its package is not installed, for its licence. What stands for it below is written from facts about it: a union of
configs that literal kinds tell apart, an optimizer that scales its groups from what they began with, and a trainer that
asks for the schedules before each update.
"""

import json
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import torch
import yaml
from helpers import codes, refused
from hydra import compose, initialize_config_dir
from hypothesis import given, settings
from omegaconf import OmegaConf
from omegaconf.errors import InterpolationResolutionError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schedlang import Schedule as Node
from schedlang import ScheduleError, ScheduleSet, parse
from schedlang.hydra import register
from schedlang.noether import Schedule, from_noether, install, to_noether
from schedlang.strategies import runs, schedules

CLASSES = "noether.core.schedules."


# The configs.


class Config(BaseModel):
    interval: Literal["update", "epoch"] = "update"


class Constant(Config):
    kind: Literal["noether.core.schedules.ConstantSchedule"]
    value: float


class Custom(Config):
    kind: Literal["noether.core.schedules.CustomSchedule"]
    values: list[float]


class WarmupCosine(Config):
    kind: Literal["noether.core.schedules.LinearWarmupCosineDecaySchedule"]
    max_value: float
    end_value: float = 1e-6
    warmup_percent: float


AnySchedule = Annotated[Constant | Custom | WarmupCosine, Field(discriminator="kind")]


class OptimizerConfig(BaseModel):
    model_config = ConfigDict(extra="forbid")

    lr: float = Field(gt=0)
    weight_decay: float = 0.0
    schedule_config: AnySchedule | None = None
    weight_decay_schedule: AnySchedule | None = None


# The calls.


class Counter:
    def __init__(self, update: int, total: int, updates_per_epoch: int) -> None:
        self.update, self.updates_per_epoch, self.effective_batch_size = update, updates_per_epoch, 8
        self.end_iteration = Iteration(total, total // updates_per_epoch)


class Iteration:
    def __init__(self, update: int, epoch: int) -> None:
        self.update, self.epoch = update, epoch


class Played:
    """What a config becomes."""

    def __init__(self, config: Any) -> None:
        self.config = config

    def get_value(self, step: int, total_steps: int) -> float:
        assert 0 <= step <= total_steps
        value: float = self.config.value if isinstance(self.config, Constant) else self.config.values[step]
        return value


class Wrapper:
    """Asks a schedule for the value of the present update, or of the first of its epoch."""

    def __init__(self, config: Config, counter: Counter | None) -> None:
        self.schedule: Any = Played(config)
        self.update_counter, self.interval = counter, config.interval

    def get_value(self) -> float:
        counter = self.update_counter
        assert counter is not None
        step, total = counter.update, counter.end_iteration.update
        if self.interval == "epoch":
            each = counter.updates_per_epoch
            step, total = step // each * each, counter.end_iteration.epoch * each
        value: float = self.schedule.get_value(step=step, total_steps=total)
        return value


class Optimizer:
    def __init__(self, config: OptimizerConfig, groups: list[dict[str, Any]], counter: Counter | None) -> None:
        self.update_counter = counter
        options = {"lr": config.lr, "weight_decay": config.weight_decay}
        self.torch_optim = torch.optim.SGD(
            [{"params": [torch.nn.Parameter(torch.ones(1))]} | g for g in groups], **options
        )
        groups = self.torch_optim.param_groups
        for group in groups:
            group["initial_lr"] = group["lr"]
        self.reference = groups[0]["initial_lr"]
        self.schedule = self.weight_decay_schedule = None
        if config.schedule_config is not None:
            self.schedule = Wrapper(config.schedule_config, counter)
        if config.weight_decay_schedule is not None:
            self.weight_decay_schedule = Wrapper(config.weight_decay_schedule, counter)
            for group in groups:
                group["exclude_from_wd"] = group["weight_decay"] == 0

    def schedule_step(self) -> None:
        groups = self.torch_optim.param_groups
        if self.schedule is not None:
            ratio = self.schedule.get_value() / self.reference
            for group in groups:
                group["lr"] = group["initial_lr"] * ratio * group.get("lr_scale", 1)
        if self.weight_decay_schedule is not None:
            for group in groups:
                if not group["exclude_from_wd"]:
                    group["weight_decay"] = self.weight_decay_schedule.get_value()


class Model:
    """A model with an optimizer of its own; or, if it is frozen, without."""

    def __init__(self, config: dict[str, Any] | None, *groups: dict[str, Any]) -> None:
        self.config = None if config is None else OptimizerConfig.model_validate(config)
        self.groups = list(groups) or [{}]
        self.optimizer: Optimizer | None = None

    def get_named_models(self) -> dict[str, Any]:
        return {"model": self}

    def begin(self, counter: Counter | None) -> None:
        if self.config is not None:
            self.optimizer = Optimizer(self.config, self.groups, counter)


class Composite:
    def __init__(self, **submodels: Model) -> None:
        self.submodels = submodels

    def get_named_models(self) -> dict[str, Any]:
        named = {name: model.get_named_models() for name, model in self.submodels.items()}
        return {f"{name}.{key}": model for name, inner in named.items() for key, model in inner.items()}


Groups = list[list[dict[str, float]]]


def train(
    model: Any, total: int, callback: Callable[[Any], None] = lambda model: None, start: int = 0, each: int = 10
) -> Iterator[Groups]:
    """The groups of all optimizers as they are in each update, from one on."""
    counter = Counter(start, total, each)
    named = model.get_named_models().values()
    for submodel in named:
        submodel.begin(counter)
    callback(model)
    optimizers = [submodel.optimizer for submodel in named if submodel.optimizer is not None]
    while counter.update < total:
        for optimizer in optimizers:
            optimizer.schedule_step()
        yield [[dict(group) for group in optimizer.torch_optim.param_groups] for optimizer in optimizers]
        for optimizer in optimizers:
            optimizer.torch_optim.step()
        counter.update += 1


# The union is closed.


@pytest.mark.parametrize(
    "schedule",
    [
        "warmup(5%) then cosine",
        {"kind": "schedlang.noether.Schedule", "schedule": "cosine(3e-4, 0)"},
        Schedule("cosine(3e-4, 0)"),
        parse("cosine(3e-4, 0)"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_closed_union(schedule: Any) -> None:
    """A text, a foreign kind and an object all fail; so does a field more."""
    with pytest.raises(ValidationError):
        OptimizerConfig(lr=3e-4, schedule_config=schedule)
    with pytest.raises(ValidationError):
        OptimizerConfig(lr=3e-4, schedule=schedule)  # type: ignore[call-arg]


# Two ways in.

RATES = {"steps_per_epoch": 10, "samples_per_step": 8}
PLACEHOLDER = {"kind": f"{CLASSES}ConstantSchedule", "value": 1.0}


def baked(text: Any, total: int, base: float) -> tuple[dict[str, Any], None]:
    return to_noether(text, total_steps=total, base=base, **RATES), None


def installed(text: Any, total: int, base: float) -> tuple[dict[str, Any], Any]:
    return PLACEHOLDER, text


WAYS = {"baked": baked, "installed": installed}

TEXTS = [
    "warmup(5%) then cosine",
    "warmup(2ep) then hold until 80% then one_minus_sqrt to 0",
    "warmup(5ep) * step_fixed(0.1, [6ep, 800 samples])",
    "linear every 1ep",
    "cosine(3e-4, 1e-6)",
    "base * min((step + 1) ** -0.5, (step + 1) * 40 ** -1.5)",
    "hold",
    "2e-4",
]


def close(one: float, other: float, size: float) -> bool:
    return abs(one - other) <= 4 * sys.float_info.epsilon * size


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("total", [97, 200])
def test_both_ways(text: str, total: int, way: str) -> None:
    """Each group gets the text's value times its scale at each update, from the beginning and from the middle."""
    lr, decay = 3e-4, 0.1
    config: dict[str, Any] = {"lr": lr, "weight_decay": decay}
    config["schedule_config"], ours = WAYS[way](text, total, lr)
    config["weight_decay_schedule"], decayed = WAYS[way]("linear(base, 0.01)", total, decay)
    texts = {"lr": ours, "weight_decay": decayed}
    groups = {}, {"lr": 0.02, "lr_scale": 0.5}, {"lr_scale": 0.25, "weight_decay": 0.0}  # the second as Muon has them
    expected = parse(text).bind(total, base=lr, **RATES)
    expected_decay = parse("linear(base, 0.01)").bind(total, base=decay)
    largest = max(expected(step) for step in range(total))

    def callback(model: Model) -> None:
        if ours is not None:
            install(model, texts)

    for start in (0, 1, total // 2, total - 1):
        found = list(train(Model(config, *groups), total, callback, start))
        assert len(found) == total - start
        for step, [[first, second, third]] in enumerate(found, start):
            value = expected(step)
            assert close(first["lr"], value, largest)
            assert close(second["lr"], 0.5 * 0.02 * value / lr, largest * 0.02 / lr)
            assert close(third["lr"], 0.25 * value, largest)
            assert first["weight_decay"] == second["weight_decay"] == expected_decay(step)
            assert third["weight_decay"] == 0


def test_composite() -> None:
    """Each submodel's learning rate is the base of its own schedule; one that is frozen has none."""
    config = {"schedule_config": PLACEHOLDER}
    model = Composite(one=Model({"lr": 1e-3, **config}), two=Model({"lr": 2e-4, **config}), three=Model(None))
    bound = parse("warmup(10%) then cosine").bind(50)
    for step, [[one], [two]] in enumerate(
        train(model, 50, lambda model: install(model, {"lr": "warmup(10%) then cosine"}))
    ):
        assert close(one["lr"], 1e-3 * bound(step), 1e-3)
        assert close(two["lr"], 2e-4 * bound(step), 2e-4)

    def each_its_own(model: Composite) -> None:
        install(model.submodels["one"], {"lr": "linear"})
        install(model.submodels["two"], {"lr": "hold"})

    for step, [[one], [two]] in enumerate(train(model, 50, each_its_own)):
        assert close(one["lr"], 1e-3 * (1 - step / 50), 1e-3)
        assert close(two["lr"], 2e-4, 2e-4)


def test_sets_and_parameters() -> None:
    """What a set of schedules takes, `where` and parameters that one of the texts has."""
    config = {"lr": 1e-3, "weight_decay": 0.1, "schedule_config": PLACEHOLDER, "weight_decay_schedule": PLACEHOLDER}
    texts = {"lr": "warmup(w) then linear", "weight_decay": "linear(base, least)", "where": "w = 5"}
    *_, [[last]] = train(Model(config), 20, lambda model: install(model, texts, least=0.05))
    assert last["weight_decay"] == parse("linear(0.1, 0.05)").bind(20)(19)
    *_, [[same]] = train(Model(config), 20, lambda model: install(model, ScheduleSet(texts), least=0.05))
    assert same["lr"] == last["lr"]


def test_interval_epoch() -> None:
    """A list that is looked up once an epoch shows the value at its first update; a text says so: `every 1ep`."""
    text, total = "linear(1, 0)", 97
    config = {"lr": 1.0, "schedule_config": to_noether(text, total_steps=total) | {"interval": "epoch"}}
    bound = parse(f"({text}) every 1ep").bind(total, steps_per_epoch=10)
    for step, [[group]] in enumerate(train(Model(config), total)):
        assert group["lr"] == bound(step) == parse(text).bind(total)(step // 10 * 10)
    ours = {"lr": 1.0, "schedule_config": PLACEHOLDER}
    for step, [[group]] in enumerate(
        train(Model(ours), total, lambda model: install(model, {"lr": f"{text} every 1ep"}))
    ):
        assert group["lr"] == bound(step)


def optimizer_like(**changes: Any) -> Any:
    """A model with an optimizer, some of whose config and groups are as given."""
    groups = changes.pop("groups", [{}])
    counter = changes.pop("counter", Counter(0, 100, 10))
    config = {"lr": 1e-3, "weight_decay": 0.1, "schedule_config": PLACEHOLDER, "weight_decay_schedule": PLACEHOLDER}
    model = Model(config | changes, *groups)
    model.begin(counter)
    return model


LINEAR = {"lr": "linear"}
DECAY = {"weight_decay": "linear"}
IN_EPOCHS = PLACEHOLDER | {"interval": "epoch"}

REFUSED: dict[str, tuple[Any, dict[str, Any], str, str]] = {
    "another name": (optimizer_like(), {"alpha": "linear"}, "E604", "alpha"),
    "no schedule": (optimizer_like(), {}, "E604", "lr"),
    "a mistake": (optimizer_like(), {"lr": "cosin(1, 0)"}, "E201", "cosine"),
    "a rate": (optimizer_like(), {"lr": "warmup(5 tok) then cosine"}, "E401", "tokens_per_step"),
    "a rate of a set": (optimizer_like(), LINEAR | {"tokens_per_step": 5}, "E604", "install(…, tokens_per_step=…)"),
    "a clock of a set": (optimizer_like(), LINEAR | {"clock": "s"}, "E607", "leave `clock` out"),
    "no model": (torch.nn.Linear(1, 1), LINEAR, "E607", "self.model"),
    "no optimizer": (Model({"lr": 1.0}), LINEAR, "E607", "before_training"),
    "no counter": (optimizer_like(counter=None), LINEAR, "E607", "before_training"),
    "no place": (optimizer_like(schedule_config=None), LINEAR, "E607", "schedule_config: {kind: noether"),
    "no place of decay": (optimizer_like(weight_decay_schedule=None), DECAY, "E607", "weight_decay_schedule: {"),
    "epochs": (optimizer_like(schedule_config=IN_EPOCHS), LINEAR, "E607", "every 1ep"),
    "no decay": (optimizer_like(weight_decay=0.0), {"weight_decay": "linear(0.1, 0)"}, "E607", "its `weight_decay`"),
    "several decays": (optimizer_like(groups=[{}, {"weight_decay": 0.2}]), DECAY, "E607", "differ"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_install_refuses(case: str) -> None:
    """And leaves all as it was."""
    model, texts, code, hint = REFUSED[case]
    (found,) = refused(install, model, texts).diagnostics
    assert found.code == code
    assert hint in f"{found.hint} {found.message}"
    if getattr(model, "optimizer", None) is not None and model.optimizer.schedule is not None:
        assert isinstance(model.optimizer.schedule.schedule, Played)


@pytest.mark.parametrize("given", [{"base": 1.0}, {"total_steps": 10}])
def test_install_knows_the_run(given: dict[str, Any]) -> None:
    """What Noether says is not said a second time."""
    assert codes(install, optimizer_like(), LINEAR, **given) == ["E607"]


def test_muon_after_a_resume() -> None:
    """The optimizers inside of one have groups of their own then, which Noether does not change."""
    model = optimizer_like(groups=[{}, {"lr": 0.02}])
    muon = model.optimizer.torch_optim
    muon._muon, muon._secondary = (torch.optim.SGD([group]) for group in muon.param_groups)
    install(model, LINEAR)
    muon._muon.load_state_dict(muon._muon.state_dict())
    (found,) = refused(install, model, LINEAR).diagnostics
    assert found.code == "E607"
    exec(str(found.hint).split("`")[1])
    install(model, LINEAR)
    model.optimizer.update_counter.update = 50
    model.optimizer.schedule_step()
    assert muon._muon.param_groups[0]["lr"] == 0.5e-3


def test_run_without_updates() -> None:
    """One that only evaluates is no mistake: no schedule is asked for anything."""
    model = optimizer_like(counter=Counter(0, 0, 10))
    install(model, LINEAR)
    assert isinstance(model.optimizer.schedule.schedule, Played)


def test_decays_that_differ() -> None:
    """They matter to texts that use base alone."""
    model = optimizer_like(groups=[{}, {"weight_decay": 0.2}])
    install(model, {"weight_decay": "linear(0.1, 0)"})
    assert "linear(0.1, 0)" in repr(model.optimizer.weight_decay_schedule.schedule)


@pytest.mark.parametrize("keys", [{"original_lr": 2.0, "lr": 1.0}, {"lr": 2.0}])
def test_groups_before_2026_4(keys: dict[str, float]) -> None:
    """They kept what they began with only where a scale had changed it."""
    model = optimizer_like()
    group = model.optimizer.torch_optim.param_groups[0]
    del group["initial_lr"]
    group.update(keys)
    install(model, {"lr": "linear"})
    assert model.optimizer.schedule.schedule.get_value(50, 100) == 1.0


# Values as a list.


@settings(derandomize=True, deadline=None, max_examples=25)
@given(schedules(), runs())
def test_to_noether(schedule: Node, run: dict[str, Any]) -> None:
    """The very values of the schedule, which JSON and YAML keep, and which are read as what they are."""
    bound = bound_or_none(schedule, run)
    if bound is None:
        return
    steps = range(math.ceil(bound.run.total_steps))
    config = to_noether(schedule, **{"base": 1.0, **run})
    if config["kind"] == f"{CLASSES}CustomSchedule":
        assert config["values"] == [bound(step) for step in steps]
    else:
        assert [config["value"]] * len(steps) == [bound(step) for step in steps]
    assert json.loads(json.dumps(config)) == config
    assert yaml.safe_load(yaml.safe_dump(config)) == config
    again = from_noether(config).bind(len(steps))
    assert [again(step) for step in steps] == [bound(step) for step in steps]


def bound_or_none(schedule: Node, run: dict[str, Any]) -> Any:
    try:
        return schedule.bind(**run)
    except ScheduleError:  # values that are not finite, and the like
        return None


def test_other_lengths() -> None:
    """In a longer run Noether finds no value behind the end of the list; a constant holds in any."""
    config = {"lr": 1.0, "schedule_config": to_noether("linear(1, 0)", total_steps=10)}
    with pytest.raises(IndexError):
        list(train(Model(config), 11))
    assert len(list(train(Model(config), 9))) == 9
    for number in (0.5, "0.5", "constant(0.5)"):
        config = {"lr": 1.0, "schedule_config": to_noether(number, total_steps=10)}
        assert [group["lr"] for [[group]] in train(Model(config), 30)] == [0.5] * 30


@pytest.mark.parametrize(
    ("text", "run", "code"),
    [
        ("warmup(5%) then cosine", {"total_steps": 10}, "E607"),
        ("base", {"total_steps": 10}, "E607"),
        ("cosine(1, 0)", {"total_steps": None}, "E401"),
        ("cosine(1, 0)", {"total_steps": 10**12}, "E607"),
        ("cosine(1, 0)", {"total_steps": 0}, "E404"),
        ("cosin(1, 0)", {"total_steps": 10}, "E201"),
        ("cosine(peak, 0)", {"total_steps": 10}, "E402"),
        ("cosine(1, 0)", {"total_steps": "2ep"}, "E401"),
    ],
)
def test_to_noether_refuses(text: str, run: dict[str, Any], code: str) -> None:
    assert codes(to_noether, text, **run) == [code]


@pytest.mark.parametrize(
    "text", ["warmup(5%) then cosine", "hold", "base / 2", "linear(end=0.1)", "warmup(5ep) then hold"]
)
def test_base_is_needed(text: str) -> None:
    """When the object is made, whether or not it knows the length; where it lacks more, at the first step."""
    assert codes(Schedule, text) == ["E607"]
    assert codes(Schedule, text, total_steps=100, **RATES) == ["E607"]
    bound = parse(text).bind(100, base=0.5, **RATES)
    assert Schedule(text, base=0.5, **RATES).get_value(0, 100) == bound(0)
    late = Schedule(f"({text}) over w")
    assert codes(late.get_value, 0, 100)[0] in ("E401", "E402")


# The resolver.


@pytest.fixture(autouse=True)
def resolver() -> None:
    register()


RUN = {"lr": 3e-4, "text": "warmup(2) then cosine(1e-3, 0)", "n": 6, "run": {"base": "3e-4", "steps_per_epoch": 3}}

RESOLVED = [
    ("${schedlang:${text},${n}}", RUN["text"], 6, {}),
    ("${schedlang:'warmup(2) then cosine',${n},{base:${lr}}}", "warmup(2) then cosine", 6, {"base": 3e-4}),
    ('${schedlang:"step_fixed(0.1, [1, 2], start=1)", 3}', "step_fixed(0.1, [1, 2], start=1)", 3, {}),
    ("${schedlang:'cosine(${lr}, 0)', 3}", "cosine(3e-4, 0)", 3, {}),
    ("${schedlang:cosine,${n},{base:1,ignore:[W501]}}", "cosine", 6, {}),
    ("${schedlang:'cosine(peak, 0)',${n},{peak:2}}", "cosine(2, 0)", 6, {}),
    ("${schedlang:'warmup(1ep) then linear',2ep,${run}}", "warmup(1ep) then linear", 6, {**RATES, "base": 3e-4}),
    ("${schedlang:3e-4,3}", "3e-4", 3, {}),
]


@pytest.mark.parametrize(("written", "text", "total", "told"), RESOLVED)
def test_resolver(written: str, text: str, total: int, told: dict[str, Any]) -> None:
    if "steps_per_epoch" in told:
        told = told | {"steps_per_epoch": 3}
    bound = parse(text).bind(total, **told)
    assert OmegaConf.create(RUN | {"values": written})["values"] == [bound(step) for step in range(total)]


UNRESOLVED = [
    ("${schedlang:'warmup(2) then cosine',6}", "E607", "{base:3e-4}", "1 | warmup(2) then cosine\n"),
    ("${schedlang:'cosin(1, 0)',6}", "E201", "did you mean `cosine`", "1 | cosin(1, 0)\n"),
    ("${schedlang:linear\\(0, 1\\),6}", "E507", "in quotes", "linear(0"),
    ("${schedlang:cosine,6,${lr}}", "E507", "{base:3e-4}", ""),
    ("${schedlang:cosine,6,{base:1},7}", "E507", "{base:3e-4}", ""),
    ("${schedlang:cosine,6,{total_steps:6}}", "E507", "given twice", ""),
    ("${schedlang:cosine,null,{base:1}}", "E507", "steps_per_epoch", ""),
    ("${schedlang:${run},6}", "E507", "one of its keys", ""),
    ("${schedlang:cosine,6,{base:1,w:2}}", "E403", "`w`", ""),
    ("${schedlang:cosine,six,{base:1}}", "E404", "length of time", ""),
    ("${schedlang:'cosine(1, 0)',1000000000000}", "E607", "too long", ""),
]


@pytest.mark.parametrize(("written", "code", "hint", "shown"), UNRESOLVED)
def test_resolver_refuses(written: str, code: str, hint: str, shown: str) -> None:
    with pytest.raises(InterpolationResolutionError) as caught:
        _ = OmegaConf.create(RUN | {"values": written})["values"]
    told = str(caught.value)
    assert code in told
    assert hint in told
    assert shown in told


NOETHER_YAML = """
trainer: {max_updates: 50}
schedule: warmup(10%) then cosine
model:
  optimizer_config:
    lr: 3e-4
    schedule_config:
      kind: noether.core.schedules.CustomSchedule
      values: ${schedlang:${schedule}, ${trainer.max_updates}, {base:${model.optimizer_config.lr}}}
"""


@pytest.mark.parametrize("overrides", [[], ["trainer.max_updates=20"], ['schedule="linear(1e-3, 0)"']])
def test_composed_by_hydra(tmp_path: Path, overrides: list[str]) -> None:
    """From a file and what the command line says, resolved to YAML as Noether does, to the values of a run."""
    (tmp_path / "train.yaml").write_text(NOETHER_YAML)
    with initialize_config_dir(str(tmp_path), version_base=None):
        composed = compose("train", overrides=overrides)
    config = yaml.safe_load(OmegaConf.to_yaml(composed, resolve=True))
    optimizer = config["model"]["optimizer_config"]
    total, lr = config["trainer"]["max_updates"], float(optimizer["lr"])
    bound = parse(config["schedule"]).bind(total, base=lr)
    found = train(Model(optimizer), total)
    assert all(close(group["lr"], bound(step), 1e-3) for step, [[group]] in enumerate(found))
