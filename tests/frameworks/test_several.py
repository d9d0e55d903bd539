"""Several optimizers in one scheduler, and what it tells loggers: on real loops of Muon and AdamW."""

import copy
import functools
import io
import json
import pickle
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers import codes, refused
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_optimizer_state_dict,
    set_optimizer_state_dict,
)
from torch.optim import SGD, AdamW, Muon, Optimizer
from torch.utils.tensorboard import SummaryWriter

from schedlang import ScheduleError, ScheduleSet, ScheduleWarning, parse
from schedlang.torch import Scheduler

STEPS = 40
T = "cosine"
WHERE = {"s": "warmup(5%) then cosine"}
TEXTS: dict[str, Any] = {
    "lr": {"router": "0.1 * s", "*.bias": "0 for 20% then 0.5 * (warmup(5%, end=base) then cosine)", "*": "s"},
    "momentum": {"body": "linear(0.85, 0.95)", "router": 0.9},
    "ns_steps": {"*.weight": "round(linear(6, 3))"},
    "betas[0]": {"*.bias": "0.95 until 10% then 0.9"},
    "weight_decay": "cosine(0.04, 0.4)",
}
BOUND = {
    ("lr", 0): ("warmup(5%) then cosine", 0.02),
    ("lr", 1): ("0.1 * (warmup(5%) then cosine)", 0.01),
    ("lr", 2): ("0 for 20% then 0.5 * (warmup(5%, end=base) then cosine)", 3e-3),
    ("momentum", 0): ("linear(0.85, 0.95)", 1.0),
    ("momentum", 1): ("0.9", 1.0),
    ("ns_steps", 0): ("round(linear(6, 3))", 1.0),
    ("ns_steps", 1): ("round(linear(6, 3))", 1.0),
    ("betas[0]", 2): ("0.95 until 10% then 0.9", 1.0),
    ("weight_decay", 0): ("cosine(0.04, 0.4)", 1.0),
    ("weight_decay", 1): ("cosine(0.04, 0.4)", 1.0),
    ("weight_decay", 2): ("cosine(0.04, 0.4)", 1.0),
}
"""What each key of each group has, by text and base."""
VALUES = {at: parse(text).bind(STEPS, base=base).values(0, STEPS + 5).tolist() for at, (text, base) in BOUND.items()}


def model() -> torch.nn.Module:
    torch.manual_seed(1)
    return torch.nn.ModuleDict({"body": torch.nn.Linear(3, 4), "router": torch.nn.Linear(4, 2)})


def optimizers(net: Any) -> tuple[Muon, AdamW]:
    body, router = (("body.weight", net["body"].weight), ("router.weight", net["router"].weight))
    groups = [{"params": [body], "name": "body"}, {"params": [router], "name": "router", "lr": 0.01}]
    biases = [(name, parameter) for name, parameter in net.named_parameters() if name.endswith("bias")]
    return Muon(groups, lr=0.02), AdamW(biases, lr=3e-3)


def update(net: Any, scheduler: Scheduler) -> None:
    for each in scheduler.optimizers:
        each.zero_grad()
    net["router"](
        net["body"](torch.sin(torch.arange(6.0).reshape(2, 3) + scheduler.last_epoch))
    ).square().mean().backward()
    for each in scheduler.optimizers:
        each.step()


def weights(net: torch.nn.Module) -> list[Any]:
    return [parameter.detach().tolist() for parameter in net.parameters()]


def held(scheduler: Scheduler, key: str, number: int) -> float:
    name, _, index = key.rstrip("]").partition("[")
    value = [group for each in scheduler.optimizers for group in each.param_groups][number][name]
    return float(value[int(index)] if index else value)


def expected(step: int) -> dict[tuple[str, int], float]:
    return {at: values[step] for at, values in VALUES.items()}


class Container(Optimizer):
    """torchtitan's `OptimizersContainer`: an optimizer itself, whose own groups none of its optimizers steps."""

    def __init__(self, parts: list[torch.nn.Module], optimizers: Any) -> None:
        self.model_parts, self.optimizers = parts, optimizers
        super().__init__([parameter for part in parts for parameter in part.parameters()], {"lr": 1.0})

    def __iter__(self) -> Any:
        return iter(self.optimizers)

    def __len__(self) -> int:
        return len(self.optimizers)

    def step(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        for optimizer in self.optimizers:
            optimizer.step(*args, **kwargs)

    def zero_grad(self, *args: Any, **kwargs: Any) -> None:
        for optimizer in self.optimizers:
            optimizer.zero_grad(*args, **kwargs)

    def state_dict(self) -> dict[str, Any]:
        options = StateDictOptions(flatten_optimizer_state_dict=True)
        read = functools.partial(get_optimizer_state_dict, options=options)
        return {key: value for each in map(read, self.model_parts, self.optimizers) for key, value in each.items()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        options = StateDictOptions(flatten_optimizer_state_dict=True)
        put = functools.partial(set_optimizer_state_dict, optim_state_dict=state_dict, options=options)
        list(map(put, self.model_parts, self.optimizers))


WAYS: dict[str, Callable[..., Any]] = {
    "list": lambda muon, adamw: [muon, adamw],
    "names": lambda muon, adamw: {"muon": muon, "adamw": adamw},
    "generator": lambda muon, adamw: (each for each in (muon, adamw)),
    "container": lambda muon, adamw: Container([torch.nn.Linear(1, 1)], [muon, adamw]),
    "container of names": lambda muon, adamw: Container([torch.nn.Linear(1, 1)], {"muon": muon, "adamw": adamw}),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_applied_values(way: Callable[..., Any]) -> None:
    """At each update every group of every optimizer has its schedule's value, to the bit, from its own base."""
    net = model()
    scheduler = Scheduler(way(*optimizers(net)), TEXTS, total_steps=STEPS, where=WHERE)
    for step in range(STEPS + 3):
        assert {at: held(scheduler, *at) for at in BOUND} == expected(step)
        assert scheduler.get_last_lr() == scheduler.get_lr() == [expected(step)["lr", number] for number in range(3)]
        update(net, scheduler)
        scheduler.step()
    assert scheduler.base_lrs == [0.02, 0.01, 3e-3]
    assert scheduler.optimizer is scheduler.optimizers[0]
    assert type(scheduler.optimizer.param_groups[0]["ns_steps"]) is int


ORDERS = ["muon adamw scheduler", "adamw scheduler muon", "scheduler adamw muon", "muon adamw build scheduler"]


@pytest.mark.parametrize("way", ["list", "names"])
@pytest.mark.parametrize("order", ORDERS)
def test_resume(order: str, way: str) -> None:
    """A run that was stopped goes on to the bit, whichever is loaded first."""
    net = model()
    make = WAYS[way]
    scheduler = Scheduler(make(*optimizers(net)), TEXTS, total_steps=STEPS, where=WHERE)
    stop = random.Random(order).randrange(1, STEPS)
    for step in range(STEPS):
        if step == stop:
            file = io.BytesIO()
            states = {
                name: each.state_dict() for name, each in zip(("muon", "adamw"), scheduler.optimizers, strict=True)
            }
            torch.save({"scheduler": scheduler.state_dict(), "net": net.state_dict(), **states}, file)
        update(net, scheduler)
        scheduler.step()
    file.seek(0)
    state = torch.load(file, weights_only=True)
    again = model()
    again.load_state_dict(state["net"])
    muon, adamw = optimizers(again)
    late = "build" in order
    resumed = None if late else Scheduler(make(muon, adamw), TEXTS, total_steps=STEPS, where=WHERE)
    for name in order.split():
        if name == "build":
            resumed = Scheduler(make(muon, adamw), TEXTS, total_steps=STEPS, where=WHERE)
        else:
            {"muon": muon, "adamw": adamw, "scheduler": resumed}[name].load_state_dict(state[name])  # type: ignore[union-attr]
    assert resumed is not None
    for step in range(stop, STEPS):
        assert {at: held(resumed, *at) for at in BOUND} == expected(step)
        update(again, resumed)
        resumed.step()
    assert weights(again) == weights(net)


@pytest.mark.parametrize("seed", [2, 3, 7])  # stopped when the event is due, after it, and before it is told
def test_resumed_behind_an_event(seed: int) -> None:
    """All optimizers wait for it; a run killed at any step is gone on with, to the bit, as is a branch of its past."""
    rng = random.Random(seed)
    told, stop = (rng.randrange(1, STEPS - 12) for _ in "12")
    at = told + rng.randrange(1, 8)

    def build(text: str, **params: Any) -> tuple[Any, Scheduler]:
        net = model()
        muon, adamw = optimizers(net)
        texts = {"lr": {"muon": "0.1 * s", "*": "s"}, "momentum": {"muon": "0.85 until 20 then 0.95"}}
        return net, Scheduler({"adamw": adamw, "muon": muon}, texts, STEPS, where={"s": text}, **params)

    def trained(net: Any, scheduler: Scheduler, tells: bool = False) -> tuple[list[Any], list[Any]]:
        states = []
        while scheduler.last_epoch < STEPS:
            if tells and scheduler.last_epoch == told:
                scheduler.change(cooldown=at)
            if scheduler.last_epoch == stop:
                states = [copy.deepcopy(each.state_dict()) for each in (net, *scheduler.optimizers, scheduler)]
            update(net, scheduler)
            scheduler.step()
        return states, weights(net)

    def resumed(net: Any, scheduler: Scheduler, states: list[Any], tells: bool = False) -> list[Any]:
        for each, state in rng.sample([*zip([net, *scheduler.optimizers, scheduler], states, strict=True)], k=4):
            each.load_state_dict(copy.deepcopy(state))
        return trained(net, scheduler, tells)[1]

    waiting = "warmup(3) then hold until cooldown then linear to 0 for 6"
    known = waiting.replace("cooldown", str(at))
    _, whole = trained(*build(known))
    states, ended = trained(*build(waiting, cooldown="later"), tells=True)
    assert ended == whole
    assert resumed(*build(waiting, cooldown="later"), states, tells=stop < told) == whole
    if stop <= at:
        assert resumed(*build(known, ignore="W533"), trained(*build("warmup(3) then hold"))[0]) == whole


@pytest.mark.parametrize("first", ["container", "scheduler"])
def test_torchtitan(first: str) -> None:
    """A container of optimizers, one for each part of the model, whose flat state torch reads and sets."""

    def build() -> tuple[Any, Container, Scheduler]:
        net: Any = model()
        parts = [torch.nn.ModuleDict({name: part}) for name, part in net.items()]
        container = Container(parts, [AdamW(part.parameters(), lr=0.01 * (at + 1)) for at, part in enumerate(parts)])
        texts = {"lr": {0: "s", "*": "0.5 * s"}, "weight_decay": "linear(0, 0.1)"}
        return net, container, Scheduler(container, texts, total_steps=STEPS, where=WHERE)

    net, container, scheduler = build()
    for step in range(STEPS):
        if step == 17:
            state = copy.deepcopy((net.state_dict(), container.state_dict(), scheduler.state_dict()))
        update(net, scheduler)
        scheduler.step()
    again, container, scheduler = build()
    again.load_state_dict(state[0])
    if first == "container":
        container.load_state_dict(state[1])
        scheduler.load_state_dict(state[2])
    else:
        scheduler.load_state_dict(state[2])
        container.load_state_dict(state[1])
    while scheduler.last_epoch < STEPS:
        update(again, scheduler)
        scheduler.step()
    assert weights(again) == weights(net)


# Groups that are added.


def added() -> tuple[Muon, AdamW, dict[str, Any]]:
    muon = Muon([torch.zeros(2, 2, requires_grad=True)], lr=0.02)
    adamw = AdamW([torch.zeros(2, requires_grad=True)], lr=3e-3)
    return muon, adamw, {"params": [torch.zeros(2, 2, requires_grad=True)], "initial_lr": 0.5, "lr": 0.5}


def test_a_group_is_added() -> None:
    """It goes on as the groups of its own optimizer do, and no other group gets another number."""
    muon, adamw, group = added()
    cosine, falling = parse("cosine"), parse("base * (1 - progress)")
    scheduler = Scheduler([muon, adamw], {"lr": {1: cosine, "*": falling}}, total_steps=10)
    for _ in range(4):
        scheduler.step()
    muon.add_param_group(group)
    muon.step()
    bounds = [falling.bind(10, base=0.02), cosine.bind(10, base=3e-3), falling.bind(10, base=0.5)]
    for step in range(4, 10):
        assert scheduler.get_last_lr() == [bound(step) for bound in bounds]
        assert muon.param_groups[1]["lr"] == bounds[2](step)
        scheduler.step()


def test_a_group_is_added_with_the_rate_of_another() -> None:
    """What another group of the same optimizer has now; those of another optimizer began with something else."""
    muon, adamw, group = added()
    scheduler = Scheduler([muon, adamw], "cosine", total_steps=10)
    for _ in range(5):
        scheduler.step()
    muon.add_param_group({"params": group["params"], "lr": muon.param_groups[0]["lr"]})
    assert scheduler.base_lrs == [0.02, 3e-3, 0.02]
    with pytest.warns(ScheduleWarning, match="W523"):
        rate = muon.param_groups[0]["lr"]
        adamw.add_param_group({"params": [torch.zeros(1, requires_grad=True)], "lr": rate})
        adamw.step()
    assert scheduler.base_lrs[3] == pytest.approx(0.02)


@pytest.mark.parametrize("names", [None, ("muon", "adamw")])
def test_checkpoints_tell_groups_by_their_optimizer(names: Any) -> None:
    """A group that came later has its place in a new program, and so have optimizers that have names."""

    def both(muon: Muon, adamw: AdamW, turned: bool) -> Any:
        pairs = [("muon", muon), ("adamw", adamw)]
        return dict(reversed(pairs) if turned else pairs) if names else [muon, adamw]

    muon, adamw, group = added()
    scheduler = Scheduler(both(muon, adamw, False), T, total_steps=10)
    for _ in range(4):
        scheduler.step()
    muon.add_param_group(group)
    scheduler.step()
    state = scheduler.state_dict()
    muon, adamw, group = added()
    muon.add_param_group(group)
    again = Scheduler(both(muon, adamw, True), T, total_steps=10)
    again.load_state_dict(state)
    assert sorted(again.get_last_lr()) == sorted(scheduler.get_last_lr())
    assert [muon.param_groups[1]["lr"], adamw.param_groups[0]["lr"]] == scheduler.get_last_lr()[:0:-1]


def test_another_plan_with_the_same_past() -> None:
    """It is compared for each optimizer, wherever its groups are now."""
    muon, adamw, _ = added()
    scheduler = Scheduler({"muon": muon, "adamw": adamw}, {"lr": {"muon": "hold", "*": "cosine"}}, total_steps=10)
    for _ in range(4):
        scheduler.step()
    state = scheduler.state_dict()
    muon, adamw, _ = added()
    turned = {"adamw": adamw, "muon": muon}
    past = {"lr": {"muon": "hold until 50% then linear to 0", "*": "cosine"}}
    with pytest.warns(ScheduleWarning, match="W533"):
        Scheduler(turned, past, total_steps=10).load_state_dict(state)
    other = Scheduler(turned, {"lr": {"muon": "hold until 3 then linear to 0", "*": "cosine"}}, total_steps=10)
    assert codes(other.load_state_dict, state) == ["E603"]
    other.on_mismatch = "replace"
    other.load_state_dict(state)
    assert other.get_last_lr() == scheduler.get_last_lr()[::-1]


def test_pickles_of_the_version_before() -> None:
    _, adamw, _ = added()
    scheduler = Scheduler(adamw, "cosine", total_steps=10)
    state = {name: value for name, value in scheduler.__getstate__().items() if name != "_optimizers"}
    again = Scheduler.__new__(Scheduler)
    again.__setstate__({**state, "optimizer": adamw})
    again.step()
    assert again.optimizer is adamw
    assert again.get_last_lr() == [parse("cosine").bind(10, base=3e-3)(1)]


def test_pickles() -> None:
    muon, adamw, group = added()
    scheduler = Scheduler({"muon": muon, "adamw": adamw}, "cosine", total_steps=10)
    scheduler.step()
    muon.add_param_group(group)
    for again in (copy.deepcopy(scheduler), pickle.loads(pickle.dumps(scheduler))):
        again.step()
        assert again.values() == scheduler.values_at(2)
        assert again.optimizer.param_groups[1]["lr"] == parse("cosine").bind(10, base=0.5)(2)


def test_other_optimizers() -> None:
    """A state is of the groups of certain optimizers; only names that are given later do not matter."""
    muon, adamw, group = added()
    state = Scheduler([muon, adamw], "3e-4", total_steps=10).state_dict()
    Scheduler({"muon": muon, "adamw": adamw}, "3e-4", total_steps=10).load_state_dict(state)
    alone = AdamW([torch.zeros(1), torch.zeros(2)][:1], lr=3e-3)
    for others in [alone, [muon, adamw, alone], {"1": adamw, "0": muon, "2": alone}]:
        assert codes(Scheduler(others, "3e-4", total_steps=10).load_state_dict, state) == ["E603"]
    muon.add_param_group(group)
    three = Scheduler([muon, adamw], "3e-4", total_steps=10)
    state = three.state_dict()
    muon, adamw, _ = added()
    adamw.add_param_group({"params": [torch.zeros(1)], "lr": 0.5})
    error = refused(Scheduler([muon, adamw], "3e-4", total_steps=10).load_state_dict, state)
    assert "`optimizer` in group 1 is `1` here, and was `0`" in str(error)
    keeps = Scheduler([muon, adamw], "3e-4", total_steps=10, on_mismatch="keep")
    keeps.load_state_dict({**state, "last_epoch": 3})
    assert keeps.last_epoch == 3


def test_damaged() -> None:
    muon, adamw, _ = added()
    scheduler = Scheduler([muon, adamw], "cosine", total_steps=10)
    state = scheduler.state_dict()
    for damaged in ({"optimizers": ["0"]}, {"optimizers": [0, 1]}, {"optimizers": None}, {"values": {"lr": [0.1]}}):
        assert codes(scheduler.load_state_dict, {**state, **damaged}) == ["E603"]
    run = {**state["run"], "samples_per_step": "1/0"}
    assert codes(scheduler.load_state_dict, {**state, "run": run}) == ["E603"]


@pytest.mark.parametrize("several", [False, True])
def test_groups_that_are_removed(several: bool) -> None:
    muon, adamw = optimizers(model())
    scheduler = Scheduler([adamw, muon] if several else muon, T, total_steps=10)
    muon.param_groups.pop(0)
    for ask in (scheduler.step, scheduler.values, scheduler.state_dict, muon.step):
        assert codes(ask) == ["E607"]


def test_another_first_optimizer() -> None:
    """What is set as `optimizer`, as by those that wrap or rebuild one, has the values of the step at once."""
    muon, adamw, _ = added()
    scheduler = Scheduler([muon, adamw], T, total_steps=10)
    scheduler.step()
    before = scheduler.get_last_lr()
    rebuilt, _, group = added()
    scheduler.optimizer = rebuilt
    assert scheduler.optimizers == (rebuilt, adamw)
    assert [rebuilt.param_groups[0]["lr"], adamw.param_groups[0]["lr"]] == scheduler.get_last_lr() == before
    rebuilt.add_param_group(group)
    rebuilt.step()
    assert group["lr"] == parse(T).bind(10, base=0.5)(1)
    with pytest.raises(ScheduleError, match="not an optimizer"):
        scheduler.optimizer = [muon, adamw]  # type: ignore[assignment]


# What is told of groups and optimizers.


@pytest.mark.parametrize(
    ("texts", "named", "listed"),
    [
        ({"lr": {"muon": T, "adamw": "linear"}}, None, "E602"),
        ({"lr": {"muon/*": T, "adamw/*": "linear"}}, None, "E602"),
        ({"lr": {"muon/body": T, "adamw/2": T, "mu*": T}}, None, "E602"),
        ({"lr": {0: T, 1: T, 2: T}}, None, None),
        ({"lr": T, "momentum": {"muon": 0.9}}, None, "E602"),
        ({"lr": T, "momentum": {"body": 0.9, "router": 0.8}, "betas[1]": {2: 0.9}}, None, None),
        ({"betas[0]": {"*.bias": 0.9}}, None, None),
        ({"momentum": 0.9}, "E601", "E601"),
        ({"momentum": {"*": 0.9}}, "E601", "E601"),
        ({"betas[2]": {"adamw": 0.9}}, "E601", "E601"),
        ({"betas[0]": {"muon": 0.9, "adamw": 0.8}}, "E601", "E602"),
        ({"lr": {"muon": T}}, "E602", "E602"),
        ({"lr": {"muon": T, "adamw": T, "*": T}}, "E602", "E602"),
        ({"lr": {"mun": T, "*": T}}, "E602", "E602"),
        ({"lr": {3: T, "*": T}}, "E602", "E602"),
        ({"lr": {True: T, "*": T}}, "E602", "E602"),
        ({"lr": [T, T]}, "E109", "E109"),
    ],
)
def test_groups(texts: Any, named: str | None, listed: str | None) -> None:
    muon, adamw = optimizers(model())
    for given, code in [({"muon": muon, "adamw": adamw}, named), ([muon, adamw], listed)]:
        if code is None:
            Scheduler(given, texts, total_steps=10)
        else:
            assert {*codes(Scheduler, given, texts, total_steps=10)} == {code}


HINTS: list[tuple[Any, str]] = [
    ({"momentum": 0.9}, '{"momentum": {"muon": …}}'),
    ({"momentm": 0.9}, "did you mean `momentum`?"),
    ({"lr": {"mun": T, "*": T}}, "did you mean `muon`?"),
    ({"betas[2]": {"adamw": 0.9}}, "it is `betas[0]` or `betas[1]`"),
    ({"muon": T, "adamw": T}, 'keys come first, and then groups: `{"lr": {"adamw": …}}`'),
    ({"body": {"lr": T}}, '`{"lr": {"body": …}}`'),
    ([T, T], '`{"lr": {0: "cosine", 1: "linear"}}`'),
    ({"lr": {r"\.weight$": T, "*": T}}, "no regular expression"),
    ({"lr": {"bias|gain": T, "*": T}}, "no regular expression"),
    ({"lr": {"(": T, "*": T}}, "there are `body`, `muon`"),
    ({"lr": T, "stages": {"a": "5%"}}, 'give one: `ScheduleSet({"stages": …, "lr": …})`'),
    ({"lr": {"muon": "s", "*": "0.1 * s"}, "where": {"s": "1 until c then 0", "c": "later"}}, "the ones before it"),
]


@pytest.mark.parametrize(("texts", "hint"), HINTS)
def test_hints(texts: Any, hint: str) -> None:
    muon, adamw = optimizers(model())
    found = refused(Scheduler, {"muon": muon, "adamw": adamw}, texts, total_steps=10).diagnostics
    assert hint in str(found[-1].hint)
    assert len({*found}) == len(found)


def test_a_name_of_two() -> None:
    """What names an optimizer and a group of another is refused, and both have names that are theirs alone."""
    muon, adamw = optimizers(model())
    both = {"muon": muon, "body": adamw}
    problem = refused(Scheduler, both, {"lr": {"body": T, "*": T}}, total_steps=10).diagnostics[0]
    assert problem.code == "E602"
    assert problem.hint == "write `body/*` for the optimizer, `muon/body` for the group"
    scheduler = Scheduler(both, {"lr": {"body/*": 1, "muon/body": 2, "*": 3}}, total_steps=10)
    assert scheduler.get_last_lr() == [2.0, 3.0, 1.0]


def test_a_pattern_of_a_name_and_some_parameters() -> None:
    """It may mean either, so neither is taken; unless something before it has the group."""
    muon, adamw = optimizers(model())
    muon.add_param_group({"params": [("router.gain", torch.zeros(2, 2)), ("body.gain", torch.zeros(2, 2))]})
    both = {"router_muon": muon, "adamw": adamw}
    problem = refused(Scheduler, both, {"lr": {"adamw": 2, "router*": 1}}, total_steps=10).diagnostics[0]
    assert problem.code == "E602"
    assert "write `{2: …}` before the pattern" in str(problem.hint)
    scheduler = Scheduler(both, {"lr": {"adamw": 2, 2: 3, "router*": 1}}, total_steps=10)
    assert scheduler.get_last_lr() == [1.0, 1.0, 3.0, 2.0]


def test_patterns_of_one_optimizer() -> None:
    """Behind its name: of the names of its parameters, too, if they have one."""
    muon, adamw = optimizers(model())
    muon.add_param_group({"params": [("router.gain", torch.zeros(2, 2))]})
    adamw.add_param_group({"params": [("router.scale", torch.zeros(2))]})
    both = {"muon": muon, "adamw": adamw}
    scheduler = Scheduler(both, {"lr": {"muon/router.*": 1, "adamw/*bias": 2, "*/*.scale": 3, "*": 4}}, total_steps=10)
    assert scheduler.get_last_lr() == [4.0, 1.0, 1.0, 2.0, 3.0]
    assert codes(Scheduler, both, {"lr": {"adamw/router*": 1, "*": 4}}, total_steps=10) == ["E602"]
    known = {"here": torch.zeros(1)}
    some = {"some": SGD([*known.values(), torch.zeros(1)])}
    assert Scheduler(some, {"lr": {"some/*": 1}}, 10, named_parameters=known).values() == {"lr": 1}
    assert codes(Scheduler, some, {"lr": {"he*": 1}}, 10, named_parameters=known) == ["E602"]


one, two = optimizers(model())


@pytest.mark.parametrize(
    "given",
    [
        *([], {}, None, "cosine", 3, torch.tensor(3.0)),
        *([one, one], {"a": one, "b": one}, [one, 3], [one, "adamw"], [[one, two]]),
        *({"a": one, "b": [two]}, {"muon": None}, {1: one}, {"": one}, {"a/b": one}, {"*": one}),
    ],
    ids=lambda given: repr(given)[:20],
)
def test_no_optimizers(given: Any) -> None:
    (problem,) = refused(Scheduler, given, T, total_steps=10).diagnostics
    assert problem.code == "E607"
    assert problem.hint is not None


def test_optimizers_within_others() -> None:
    container = Container([model()], [one])
    assert codes(Scheduler, [two, container], T, total_steps=10) == ["E607"]


# Shared names.


@pytest.mark.parametrize(
    ("schedules", "where", "code"),
    [
        ("s", "s = cosine", None),
        ({"lr": "s", "weight_decay": {"*": "0.1 * s"}}, {"s": "w then cosine", "w": "warmup(5)"}, "E306"),
        ({"lr": "s", "weight_decay": {"*": "0.1 * s"}}, {"w": "warmup(5)", "s": "w then cosine"}, None),
        ({"lr": {"*": "0.5 * s"}, "where": {"s": "cosine"}}, None, None),
        ({"lr": "cosine", "tokens_per_step": "8"}, None, "E604"),
        ({"lr": "s", "where": "s = cosine"}, "s = cosine", "E604"),
        ({"lr": {"*": "s", "where": {"s": "cosine"}}}, None, "E604"),
        ("cosine", "s = cosine", "E604"),
        ("s where s = linear", "s = cosine", "E604"),
        ("s", 3, "E604"),
        ("s", {"base": "cosine"}, "E604"),
        ({"where": "s = cosine"}, None, "E607"),
        ("s + cosin(1, 0)", "s = cosine", "E201"),
    ],
)
def test_shared_names(schedules: Any, where: Any, code: str | None) -> None:
    """As a `ScheduleSet` has them, for one optimizer too."""
    muon, adamw = optimizers(model())
    for given in (adamw, [muon, adamw]):
        if code is not None:
            assert code in codes(Scheduler, given, schedules, total_steps=10, where=where)
            continue
        scheduler = Scheduler(given, schedules, total_steps=10, where=where)
        again = Scheduler(given, "0", total_steps=10, on_mismatch="replace")
        again.load_state_dict(scheduler.state_dict())  # each text stands alone
        assert again.texts() == scheduler.texts()


# What was set, told.


@pytest.mark.parametrize(
    ("names", "made", "labels"),
    [
        ([None], [0.1], [""]),
        ([None, None], [0.1, 0.1], [""]),
        ([None, None], [0.1, 0.2], ["/0", "/1"]),
        (["encoder", None], [0.1, 0.2], ["/encoder", "/1"]),
        (["same", "same"], [0.1, 0.2], ["/0", "/1"]),
        (["1", None], [0.1, 0.2], ["/0", "/1"]),
        (["encoder", "decoder"], [0.1, 0.1], [""]),
    ],
)
def test_names_of_one_optimizer(names: list[str | None], made: list[float], labels: list[str]) -> None:
    """One name, if there is one number; else that of each group, or its index where names are missing or the same."""
    groups = [
        {"params": [torch.zeros(1)], "lr": rate} | ({} if name is None else {"name": name})
        for name, rate in zip(names, made, strict=True)
    ]
    scheduler = Scheduler(AdamW(groups), {"lr": "cosine", "betas[0]": 0.9}, total_steps=10)
    assert [*scheduler.values()] == [*(f"lr{label}" for label in labels), "betas.0"]
    assert [*scheduler.values().values()] == [*dict.fromkeys(made), 0.9]


NAMES: dict[str, list[str]] = {
    "list": [
        "lr/body",
        "lr/router",
        "lr/2",
        "momentum/body",
        "momentum/router",
        "ns_steps",
        "betas.0",
        "weight_decay",
    ],
    "names": [
        *("lr/muon/body", "lr/muon/router", "lr/adamw", "momentum/muon/body", "momentum/muon/router"),
        *("ns_steps", "betas.0", "weight_decay"),
    ],
}


@pytest.mark.parametrize("way", NAMES)
def test_values_are_what_is_applied(way: str, tmp_path: Path) -> None:
    """After the update and before the scheduler's step; in TensorBoard's files, too, with the plan."""
    net, scheduler, seen = spied(way)
    writer = SummaryWriter(str(tmp_path))
    writer.add_text("schedule", f"{json.dumps(scheduler.texts())} {scheduler.fingerprint}")
    for step in range(STEPS):
        for name, value in scheduler.values_at(step).items():
            writer.add_scalar(f"planned/{name}", value, step)
    for step, found in trained(net, scheduler):
        assert [*found] == [*scheduler.texts()] == NAMES[way]
        assert found == scheduler.values_at(step)
        assert all(type(value) is int for name, value in found.items() if name.startswith("ns_steps"))
        for name, value in found.items():
            writer.add_scalar(name, value, step)
    writer.close()
    logged = EventAccumulator(str(tmp_path))
    logged.Reload()
    assert {*logged.Tags()["scalars"]} == {*NAMES[way], *(f"planned/{name}" for name in NAMES[way])}
    assert scheduler.fingerprint in str(logged.Tensors("schedule/text_summary")[0])
    for name in (NAMES[way][1], f"planned/{NAMES[way][1]}"):
        told = [(event.step, event.value) for event in logged.Scalars(name)]
        assert told == [(step, float(torch.tensor(value))) for step, value in enumerate(seen)]
    assert seen == VALUES["lr", 1][:STEPS]


def spied(way: str) -> tuple[torch.nn.Module, Scheduler, list[float]]:
    """A model, its scheduler, and what the first optimizer will apply to its second group, update by update."""
    net = model()
    scheduler = Scheduler(WAYS[way](*optimizers(net)), TEXTS, total_steps=STEPS, where=WHERE)
    seen: list[float] = []
    scheduler.optimizers[0].register_step_pre_hook(lambda muon, *_: seen.append(muon.param_groups[1]["lr"]))
    return net, scheduler, seen


def trained(net: torch.nn.Module, scheduler: Scheduler) -> Iterator[tuple[int, dict[str, float]]]:
    """The number of each update, and what the scheduler says of it."""
    for _ in range(STEPS):
        update(net, scheduler)
        yield scheduler.last_epoch, scheduler.values()
        scheduler.step()


def test_mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What its file store has is what was applied, to the bit, and the texts, their hash and the plan."""
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow  # takes a second

    net, scheduler, seen = spied("names")
    mlflow.set_tracking_uri((tmp_path / "runs").as_uri())
    with mlflow.start_run() as run:
        mlflow.log_dict(scheduler.texts(), "schedules.json")
        mlflow.set_tag("schedules.fingerprint", scheduler.fingerprint)
        for step in range(STEPS):
            planned = {f"planned/{name}": value for name, value in scheduler.values_at(step).items()}
            mlflow.log_metrics(planned, step)
        for step, found in trained(net, scheduler):
            mlflow.log_metrics(found, step)
    store = mlflow.MlflowClient()
    told = store.get_run(run.info.run_id).data
    assert told.tags["schedules.fingerprint"] == scheduler.fingerprint
    assert {*told.metrics} == {*NAMES["names"], *(f"planned/{name}" for name in NAMES["names"])}
    assert mlflow.artifacts.load_dict(f"{run.info.artifact_uri}/schedules.json") == scheduler.texts()
    for name in (NAMES["names"][1], f"planned/{NAMES['names'][1]}"):
        found = store.get_metric_history(run.info.run_id, name)
        assert [(each.step, each.value) for each in found] == [*enumerate(seen)]


def test_values_of_tensors() -> None:
    """A tensor's value as it is rounded there, and a number that nobody can change by it."""
    optimizer = AdamW([torch.zeros(1)], lr=torch.tensor(0.1))
    found = Scheduler(optimizer, "cosine", total_steps=10).values()
    assert found == {"lr": float(torch.tensor(0.1))}
    assert type(found["lr"]) is float


def test_values_with_a_group_that_is_added() -> None:
    muon, adamw, group = added()
    scheduler = Scheduler({"muon": muon, "adamw": adamw}, "cosine", total_steps=10)
    assert [*scheduler.values()] == ["lr/muon", "lr/adamw"]
    muon.add_param_group(group)
    assert [*scheduler.values()] == ["lr/muon/0", "lr/adamw", "lr/muon/2"]


def test_fingerprints() -> None:
    """One of text, run, base and parameters: that of the bound set with these names, whatever else is there."""
    muon, adamw = optimizers(model())
    both = {"muon": muon, "adamw": adamw}
    scheduler = Scheduler(both, {"lr": {"muon": 0.1, "*": "warmup(w) then cosine"}}, total_steps=10, w=3)
    scheduler.step()
    texts = {"lr/muon": 0.1, "lr/adamw": "warmup(w) then cosine"}
    bases = {"lr/muon": 0.02, "lr/adamw": 3e-3}
    alike = ScheduleSet(texts).bind(10, base=bases, w=3)
    assert alike.values_at(1) == scheduler.values()
    others = [
        ScheduleSet(texts).bind(11, base=bases, w=3),
        ScheduleSet(texts).bind(10, base=bases, w=4),
        ScheduleSet(texts).bind(10, base=bases, w=3, tokens_per_step=5),
        ScheduleSet(texts).bind(10, base=0.02, w=3),
        ScheduleSet({**texts, "lr/muon": 0.2}).bind(10, base=bases, w=3),
        ScheduleSet({"lr": 0.1}).bind(10),
    ]
    other_base = ScheduleSet(texts).bind(10, base=3e-3, w=3)  # of the text that does not use it
    assert scheduler.fingerprint == alike.fingerprint == other_base.fingerprint
    assert len({each.fingerprint for each in others} - {alike.fingerprint}) == len(others)


def test_a_set_that_tells_its_rates() -> None:
    """A set's rates are those of the run, in a checkpoint, too; given once more they are refused."""
    texts = ScheduleSet(
        {
            "stages": {"a": "60 tok", "b": "rest"},
            "lr": {"a": "linear(0, 1)", "b": "linear(1, 0)"},
            "weight_decay": {"a": 10, "b": 20},
            "betas": {"a": [0.9, 0.95], "b": [0.9, "linear(0.95, 0.99)"]},
            "tokens_per_step": "weight_decay",
        }
    )

    def fresh() -> tuple[Optimizer, Scheduler]:
        optimizer = AdamW(model().parameters(), lr=1.0)
        return optimizer, Scheduler(optimizer, texts, "200 tok", ignore=["W501"])

    def played(optimizer: Optimizer, scheduler: Scheduler, steps: int) -> list[Any]:
        found = []
        for _ in range(steps):
            group = optimizer.param_groups[0]
            found.append((group["lr"], group["weight_decay"], group["betas"]))
            optimizer.step()
            scheduler.step()
        return found

    whole = played(*fresh(), 13)
    bound = texts.bind("200 tok", ignore=["W501"])
    told = [bound(step) for step in range(13)]
    assert whole == [(each["lr"], each["weight_decay"], tuple(each["betas"])) for each in told]
    first, again = fresh(), fresh()
    begun = played(*first, 5)
    again[0].load_state_dict(first[0].state_dict())
    again[1].load_state_dict(json.loads(json.dumps(first[1].state_dict())))
    assert begun + played(*again, 8) == whole
    assert codes(Scheduler, first[0], texts, "200 tok", tokens_per_step=5) == ["E604"]
