"""PyTorch: what real optimizers are given over real training loops, and what checkpoints bring back."""

import contextlib
import copy
import io
import math
import pickle
import random
import warnings
from collections.abc import Callable
from typing import Any

import numpy
import pytest
import torch
from helpers import EXAMPLES, beside, cases, codes, refused
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim import lr_scheduler as torch_lr

from schedlang import ScheduleError, ScheduleWarning, constant, cosine, linear, parse, warmup
from schedlang._bound.telling import tell_once
from schedlang._cli import main
from schedlang._text.grammar import LANGUAGE
from schedlang.differing import compare, require_same_past
from schedlang.torch import Scheduler

RELEASE = tuple(map(int, torch.__version__.split(".")[:2]))
STEPS = 320
TEXT = "warmup(5%) then cosine"
WSD = "warmup(20) then hold until 80% then linear to 0"


def model() -> torch.nn.Module:
    """A tiny network, the same each time."""
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))


def data(step: int) -> torch.Tensor:
    return torch.sin(torch.arange(6.0).reshape(2, 3) + step)


def update(net: torch.nn.Module, optimizer: Optimizer, step: int) -> None:
    optimizer.zero_grad()
    net(data(step)).square().mean().backward()
    optimizer.step()


def weights(net: torch.nn.Module) -> list[Any]:
    return [parameter.detach().tolist() for parameter in net.parameters()]


def read(optimizer: Optimizer, key: str) -> list[float]:
    """The values of a key that an optimizer's groups really have."""
    name, _, index = key.rstrip("]").partition("[")
    found = [group[name][int(index)] if index else group[name] for group in optimizer.param_groups]
    return [float(value) for value in found]


def halves(net: torch.nn.Module) -> list[dict[str, Any]]:
    """A network's parameters in two named groups with learning rates of their own."""
    weight = [parameter for name, parameter in net.named_parameters() if name.endswith("weight")]
    bias = [parameter for name, parameter in net.named_parameters() if name.endswith("bias")]
    return [{"params": weight, "name": "weights", "lr": 0.02}, {"params": bias, "name": "biases", "lr": 0.05}]


Case = tuple[Callable[[torch.nn.Module], Optimizer], Any]

CASES: dict[str, Case] = {
    "SGD, lr": (lambda net: SGD(net.parameters(), lr=0.05), TEXT),
    "SGD, lr and momentum": (
        lambda net: SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True),
        {"lr": WSD, "momentum": "linear(0.85, 0.95)"},
    ),
    "AdamW, four keys": (
        lambda net: AdamW(net.parameters(), lr=1e-3),
        {"lr": TEXT, "weight_decay": "cosine(0.04, 0.4)", "betas[0]": "linear to 0.8", "betas[1]": "0.99 for 9 then 1"},
    ),
    "AdamW, groups by name": (
        lambda net: AdamW(halves(net)),
        {"lr": TEXT, "weight_decay": {"weights": "linear(0, 0.1)", "biases": 0}},
    ),
    "Adam, groups by index": (
        lambda net: Adam(halves(net), betas=(0.8, 0.9)),
        {"lr": {0: TEXT, "*": "base * 0.5"}, "eps": "exponential(1e-6, 1e-8)"},
    ),
    "fused": (lambda net: AdamW(net.parameters(), lr=1e-2, fused=True), {"lr": TEXT, "weight_decay": "linear(0, 0.1)"}),
    "tensor lr": (lambda net: SGD(net.parameters(), lr=torch.tensor(0.05, dtype=torch.float64)), TEXT),
    "fused, tensor lr": (lambda net: Adam(net.parameters(), lr=torch.tensor(1e-2), fused=True), TEXT),
    "tensor betas": (
        lambda net: AdamW(net.parameters(), lr=torch.tensor(1e-2), betas=(torch.tensor(0.9), torch.tensor(0.99))),
        {"lr": TEXT, "betas[0]": "linear(0.85, 0.95)"},
    ),
}

if RELEASE < (2, 4):  # its fused optimizers want a GPU
    CASES = {name: case for name, case in CASES.items() if "fused" not in name}

every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def as_held(value: float, held: Any) -> float:
    """A value as a number or a tensor of some dtype holds it."""
    return float(torch.tensor(value, dtype=held.dtype)) if isinstance(held, torch.Tensor) else value


@every_case
def test_applied_values(case: Case) -> None:
    """At each step of a training run the optimizer has the values of the bound schedules, to the bit."""
    make, texts = case
    net = model()
    optimizer = make(net)
    texts = texts if isinstance(texts, dict) else {"lr": texts}
    initial = {key: read(optimizer, key) for key in texts}
    scheduler = Scheduler(optimizer, texts, total_steps=STEPS)
    groups = range(len(optimizer.param_groups))
    bounds: dict[str, list[Any]] = {}
    for key, text in texts.items():
        each = list(text.values()) if isinstance(text, dict) else [text for _ in groups]
        bounds[key] = [parse(one).bind(STEPS, base=initial[key][group]) for group, one in enumerate(each)]
    for step in range(STEPS + 20):
        assert scheduler.last_epoch == step
        for key, row in bounds.items():
            name, _, index = key.rstrip("]").partition("[")
            for group, bound in zip(optimizer.param_groups, row, strict=True):
                held = group[name][int(index)] if index else group[name]
                assert float(held) == as_held(bound(step), held), (key, step)
        update(net, optimizer, step)
        scheduler.step()


def checkpoint(net: torch.nn.Module, optimizer: Optimizer, scheduler: Scheduler) -> io.BytesIO:
    file = io.BytesIO()
    state = {"net": net.state_dict(), "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}
    torch.save(state, file)
    file.seek(0)
    return file


@every_case
@pytest.mark.parametrize("order", ["optimizer first", "scheduler first", "optimizer before the scheduler is built"])
def test_resume(case: Case, order: str) -> None:
    """A run resumed at a random step is the uninterrupted one to the bit, in whatever order things are loaded."""
    make, texts = case
    texts = texts if isinstance(texts, dict) else {"lr": texts}
    stop = random.Random(order).randrange(1, STEPS)
    net = model()
    optimizer = make(net)
    scheduler = Scheduler(optimizer, texts, total_steps=STEPS)
    file = io.BytesIO()
    values = []
    for step in range(STEPS):
        if step == stop:
            file = checkpoint(net, optimizer, scheduler)
        values.append([read(optimizer, key) for key in texts])
        update(net, optimizer, step)
        scheduler.step()
    state = torch.load(file, weights_only=True)
    again = model()
    again.load_state_dict(state["net"])
    optimizer = make(again)
    if order == "optimizer before the scheduler is built":
        optimizer.load_state_dict(state["optimizer"])
    scheduler = Scheduler(optimizer, texts, total_steps=STEPS)
    if order == "optimizer first":
        optimizer.load_state_dict(state["optimizer"])
    scheduler.load_state_dict(state["scheduler"])
    if order == "scheduler first":
        optimizer.load_state_dict(state["optimizer"])
    for step in range(stop, STEPS):
        assert [read(optimizer, key) for key in texts] == values[step], step
        update(again, optimizer, step)
        scheduler.step()
    assert weights(again) == weights(net)


@pytest.mark.parametrize("fresh", [True, False], ids=["fresh optimizer", "loaded optimizer"])
def test_last_epoch(fresh: bool) -> None:
    """`last_epoch=N-1` begins at step N, with an optimizer made anew too, where torch's own are silently wrong."""
    optimizer = SGD(model().parameters(), lr=0.5)
    if not fresh:
        first = SGD(model().parameters(), lr=0.5)
        scheduler = Scheduler(first, TEXT, total_steps=100)
        for _ in range(60):
            first.step()
            scheduler.step()
        optimizer.load_state_dict(first.state_dict())
    scheduler = Scheduler(optimizer, TEXT, total_steps=100, last_epoch=59)
    assert scheduler.last_epoch == 60
    assert scheduler.base_lrs == [0.5]
    bound = parse(TEXT).bind(100, base=0.5)
    assert scheduler.get_last_lr() == [bound(60)]
    scheduler.step()
    assert scheduler.get_last_lr() == scheduler.get_lr() == [bound(61)]


def test_a_tensor_stays_the_same() -> None:
    """A learning rate that is a tensor is written into, and what the user is handed are copies."""
    rate = torch.tensor(0.5)
    optimizer = Adam(model().parameters(), lr=rate)
    scheduler = Scheduler(optimizer, "linear to 0", total_steps=10)
    before = scheduler.get_last_lr()
    scheduler.step()
    assert optimizer.param_groups[0]["lr"] is rate
    assert float(rate) == pytest.approx(0.45)
    assert float(before[0]) == 0.5
    assert float(scheduler.base_lrs[0]) == 0.5


def test_groups_that_share_a_tensor() -> None:
    """Torch gives its default tensor to all groups: each has a value of its own, and the first keeps the tensor."""
    rate = torch.tensor(0.1, dtype=torch.float64)
    beta = torch.tensor(0.9, dtype=torch.float64)
    optimizer = Adam([{"params": [each]} for each in model().parameters()], lr=rate, betas=(beta, torch.tensor(0.99)))
    texts = ["cosine", "linear", "0.5", "base * 0.5"]
    schedules = {"lr": dict(enumerate(texts)), "betas[0]": dict(enumerate(texts))}
    scheduler = Scheduler(optimizer, schedules, total_steps=10)
    for step in range(12):
        for key, base in [("lr", 0.1), ("betas[0]", 0.9)]:
            assert read(optimizer, key) == [parse(text).bind(10, base=base)(step) for text in texts]
        scheduler.step()
    assert optimizer.param_groups[0]["lr"] is rate
    assert optimizer.param_groups[0]["betas"][0] is beta


def test_a_group_is_added_that_shares_a_tensor() -> None:
    """A group added later has torch's default tensor, and its base is what that tensor began with."""
    rate, first, second = (torch.tensor(value, dtype=torch.float64) for value in (0.1, 0.5, 0.9))
    optimizer = Adam([torch.zeros(1, requires_grad=True)], lr=rate, betas=(first, second))
    text = "cosine"
    scheduler = Scheduler(optimizer, {"lr": text, "betas[0]": text, "betas[1]": text}, total_steps=10)
    for _ in range(5):
        scheduler.step()
    optimizer.add_param_group({"params": [torch.zeros(1, requires_grad=True)]})
    scheduler.step()
    for key, base in [("lr", 0.1), ("betas[0]", 0.5), ("betas[1]", 0.9)]:
        assert read(optimizer, key) == [parse(text).bind(10, base=base)(6)] * 2
    assert [float(base) for base in scheduler.base_lrs] == [0.1, 0.1]


def test_loaded_groups_share_no_tensor() -> None:
    optimizer = Adam([{"params": [torch.zeros(1)]}, {"params": [torch.zeros(1)]}], lr=torch.tensor(0.5))
    state = optimizer.state_dict()
    scheduler = Scheduler(optimizer, {"lr": {0: "cosine", 1: "0.25"}}, total_steps=10)
    optimizer.load_state_dict(state)
    assert read(optimizer, "lr") == scheduler.get_lr() == [0.5, 0.25]


def test_a_tensor_that_requires_a_gradient() -> None:
    rate = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    optimizer = SGD(model().parameters(), lr=rate)
    scheduler = Scheduler(optimizer, "linear to 0", total_steps=10)
    scheduler.step()
    assert optimizer.param_groups[0]["lr"] is rate
    assert rate.requires_grad
    assert rate.item() == 0.45


@pytest.mark.filterwarnings("ignore:`torch.jit.script_method`:DeprecationWarning")  # torch's compiler uses it
def test_compiled_step() -> None:
    """A compiled step, with the eager back end, sees every value, and is not compiled again for each."""
    import torch._dynamo

    torch._dynamo.reset()
    compiled = 0

    def backend(graph: Any, _: Any) -> Any:
        nonlocal compiled
        compiled += 1
        return graph.forward

    weight = torch.zeros(1, requires_grad=True)
    optimizer = SGD([weight], lr=torch.tensor(1.0, dtype=torch.float64), foreach=False)
    scheduler = Scheduler(optimizer, "linear(1, 0)", total_steps=STEPS)
    weight.grad = torch.ones(1)
    step = torch.compile(optimizer.step, backend=backend)
    bound = parse("linear(1, 0)").bind(STEPS)
    for number in range(STEPS):
        before = weight.item()
        step()
        assert weight.item() == pytest.approx(before - bound(number), rel=1e-5)
        if number == 5:
            so_far = compiled
        scheduler.step()
    assert compiled == so_far <= 4
    torch._dynamo.reset()


def lrs(text: Any, steps: int, base: float = 1.0, **run: Any) -> list[float]:
    """The learning rates that a real optimizer has over some steps."""
    net = model()
    optimizer = SGD(net.parameters(), lr=base)
    scheduler = Scheduler(optimizer, text, **run)
    found = []
    for step in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        update(net, optimizer, step)
        scheduler.step()
    return found


NESTED = "(linear(0, 1) for 20 then hold) for 100 then (cosine(1, 0.5) for 100 then linear to 0)"
ALIKE: dict[str, tuple[Any, str]] = {
    "a phase of no steps, `SequentialLR` with a milestone of 0": ("hold until 0 then cosine", "cosine"),
    "a sequence in a sequence, where phases of nested `SequentialLR` start in the wrong place": (
        NESTED,
        "linear(0, 1) for 20 then hold until 100 then cosine(1, 0.5) for 100 then linear to 0",
    ),
    "built in Python": (warmup("5%").then(cosine()), TEXT),
}


@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE)
def test_alike(one: Any, other: str) -> None:
    """Two schedules that are one."""
    assert lrs(one, 300, total_steps=300) == lrs(other, 300, total_steps=300)


@pytest.mark.parametrize(("steps", "first"), [(0, [1.0, 1.0]), (1, [0.0, 1.0]), (2, [0.0, 0.5])])
def test_short_warm_ups(steps: int, first: list[float]) -> None:
    """Warm-ups of no step, of one, and of two; there is no division by zero and no step too many."""
    assert lrs(f"warmup({steps}) then 1", 2, total_steps=10) == first


def test_cosine_past_its_end() -> None:
    """After its end a cosine holds; torch's rises again."""
    found = lrs("cosine", 500, total_steps=300)
    assert found[300:] == [0.0] * 200
    optimizer = SGD(model().parameters(), lr=1.0)
    own = torch_lr.CosineAnnealingLR(optimizer, 300)
    for _ in range(500):
        optimizer.step()
        own.step()
    assert own.get_last_lr()[0] > 0.5


def test_restarts_times_a_ramp() -> None:
    """Restarts and a ramp are multiplied step by step; `ChainedScheduler` multiplies into what restarts overwrite."""
    text = "(cosine(1, 0.1) for 50 repeat) * linear(1, 0.5)"
    found = lrs(text, 300, total_steps=300)
    for step, value in enumerate(found):
        wave = 0.1 + 0.9 * (1 + math.cos(math.pi * (step % 50) / 50)) / 2
        assert value == pytest.approx(wave * (1 - 0.5 * step / 300), rel=1e-12)


def test_epochs_of_uneven_length() -> None:
    """Epochs of a length that is no whole number of updates: each boundary is where the samples say, with no drift."""
    samples, batch = 1000, 48
    found = lrs("step_fixed(0.1, [1ep, 2ep, 10ep])", 300, total_steps="14ep", steps_per_epoch=samples / batch)
    drops = [step for step in range(1, 300) if found[step] < found[step - 1]]
    assert drops == [math.ceil(epoch * samples / batch) for epoch in (1, 2, 10)]


@pytest.mark.parametrize(("processes", "accumulated"), [(1, 1), (2, 1), (1, 4), (4, 2)])
def test_processes_and_accumulation(processes: int, accumulated: int) -> None:
    """A step is an update of the optimizer, however many processes and batches it takes: the samples are the same."""
    batch, seen = 8, processes * accumulated * 8
    net = model()
    optimizer = SGD(net.parameters(), lr=1.0)
    scheduler = Scheduler(
        optimizer, "warmup(640 samples) then linear to 0", total_steps="25_600 samples", samples_per_step=seen
    )
    samples = 0
    for number in range(300 * accumulated):
        if number % accumulated == 0:
            expected = min(samples, 640) / 640 if samples < 640 else max(0.0, 1 - (samples - 640) / (25_600 - 640))
            assert optimizer.param_groups[0]["lr"] == pytest.approx(expected, abs=1e-12)
            optimizer.zero_grad()
        net(data(number)).square().mean().backward()
        samples += processes * batch
        if number % accumulated == accumulated - 1:
            optimizer.step()
            scheduler.step()


@beside("torch.txt")
def test_torchs_schedulers_in_our_words(theirs: str, ours: str) -> None:
    """The table of names in the documentation: where torch's schedulers are right, the texts have their values."""
    optimizer = SGD(model().parameters(), lr=0.5)
    scheduler = eval(theirs, {**vars(torch_lr), "opt": optimizer})
    for value in lrs(ours, 300, base=0.5, total_steps=301):
        assert optimizer.param_groups[0]["lr"] == pytest.approx(value, rel=1e-6, abs=1e-9)
        optimizer.step()
        scheduler.step()


def test_no_drift() -> None:
    """The value at a step is the same bit for bit, however it was come to."""
    optimizer = SGD(model().parameters(), lr=0.3)
    scheduler = Scheduler(optimizer, TEXT, total_steps=20_000)
    for _ in range(15_000):
        scheduler.step()
    other = SGD(model().parameters(), lr=0.3)
    assert Scheduler(other, TEXT, total_steps=20_000, last_epoch=14_999).get_last_lr() == scheduler.get_last_lr()
    scheduler.step(3)
    assert scheduler.get_last_lr() == [parse(TEXT).bind(20_000, base=0.3)(3)]


def test_inside_of_torchs_own() -> None:
    """It drops into `ChainedScheduler` and `SequentialLR`, should somebody need one of them."""
    net = model()
    optimizer = SGD(net.parameters(), lr=1.0, momentum=0.5)
    chained = torch_lr.ChainedScheduler(
        [
            Scheduler(optimizer, "linear to 0", total_steps=100),
            Scheduler(optimizer, {"momentum": "linear to 1"}, total_steps=100),
        ]
    )
    for step in range(50):
        update(net, optimizer, step)
        chained.step()
    assert read(optimizer, "lr") == [0.5]
    assert read(optimizer, "momentum") == [0.75]
    optimizer = SGD(net.parameters(), lr=1.0)
    parts = [Scheduler(optimizer, "linear(0, 1) for 10 then hold"), Scheduler(optimizer, "linear to 0", total_steps=40)]
    both = torch_lr.SequentialLR(optimizer, parts, milestones=[10])
    found = []
    for step in range(60):
        found += read(optimizer, "lr")
        update(net, optimizer, step)
        both.step()
    assert found == lrs("linear(0, 1) for 10 then linear(1, 0)", 60, total_steps=50)


def saved(text: Any = "cosine", steps: int = 100, **run: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The states of an optimizer and a scheduler after some steps."""
    optimizer = SGD(model().parameters(), lr=0.5, momentum=0.9)
    scheduler = Scheduler(optimizer, text, **{"total_steps": 300, **run})
    for _ in range(steps):
        optimizer.step()
        scheduler.step()
    return optimizer.state_dict(), scheduler.state_dict()


WARM = "warmup(w) then cosine"
UP_TO = "base until {} then linear to 0"
OTHERS: dict[str, tuple[Any, dict[str, Any], Any, dict[str, Any], list[str]]] = {
    "length": (
        *("cosine", {}, "cosine", {"total_steps": 400}),
        ["`total_steps` is `400` here, and was `300`", "from step 1 on"],
    ),
    "text": (
        "cosine",
        {},
        "linear to 0",
        {},
        ["the text of `lr` is `linear` here, and was `cosine`", "from step 1 on"],
    ),
    "rate": ("cosine", {}, "cosine", {"samples_per_step": 8}, ["`samples_per_step` is `8` here, and was not given"]),
    "keys": ("cosine", {}, {"momentum": "0.9"}, {}, ["the text of `lr` is not given here, and was `cosine`"]),
    "parameter": (WARM, {"w": "5%"}, WARM, {"w": 30}, ["parameter `w` is `30` here, and was `5%`"]),
    "where schedules part": (
        *(UP_TO.format(200), {}, UP_TO.format(250), {}),
        ["differ from step 201 on, and the checkpoint is at step 100"],
    ),
}


@pytest.mark.parametrize(("was", "run_was", "text", "run", "told"), OTHERS.values(), ids=OTHERS)
def test_another_schedule_is_an_error(
    was: Any, run_was: dict[str, Any], text: Any, run: dict[str, Any], told: list[str]
) -> None:
    """A checkpoint of another text or run is refused before a step is done, and the error says how it differs."""
    _, state = saved(was, **run_was)
    optimizer = SGD(model().parameters(), lr=0.5, momentum=0.9)
    scheduler = Scheduler(optimizer, text, **{"total_steps": 300, "on_mismatch": "error", **run})
    before = [read(optimizer, key) for key in ("lr", "momentum")]
    (problem,) = refused(scheduler.load_state_dict, state).diagnostics
    assert problem.code == "E603"
    assert all(each in problem.message for each in told), problem.message
    assert scheduler.last_epoch == 0
    assert [read(optimizer, key) for key in ("lr", "momentum")] == before


@pytest.mark.parametrize("on_mismatch", ["error", "replace"])
def test_other_groups(on_mismatch: Any) -> None:
    """A checkpoint of an optimizer with other groups cannot be loaded."""
    _, state = saved()
    optimizer = SGD([{"params": [each]} for each in model().parameters()], lr=0.5)
    scheduler = Scheduler(optimizer, "cosine", total_steps=300, on_mismatch=on_mismatch)
    with pytest.raises(ScheduleError, match="the text of `lr` is for 4 groups here, and was for 1"):
        scheduler.load_state_dict(state)
    with pytest.raises(ScheduleError, match="the text of `lr` is for 1 group here, and was for 4"):
        Scheduler(one(), "cosine", 300).load_state_dict(scheduler.state_dict())
    assert scheduler.last_epoch == 0


@pytest.mark.parametrize("optimizer_last", [False, True])
def test_keep(optimizer_last: bool) -> None:
    """`keep` goes on with the new text and run at the checkpoint's step; their values are set at once."""
    of_optimizer, state = saved()
    optimizer = SGD(model().parameters(), lr=0.25, momentum=0.9)
    scheduler = Scheduler(optimizer, "linear to 0", total_steps=400, on_mismatch="keep")
    loaded = [(optimizer, of_optimizer), (scheduler, state)]
    for each, its_state in reversed(loaded) if optimizer_last else loaded:
        each.load_state_dict(its_state)
    bound = parse("linear to 0").bind(400, base=0.25)
    for step in range(100, 420):
        assert read(optimizer, "lr") == [bound(step)]
        optimizer.step()
        scheduler.step()
    assert scheduler.base_lrs == [0.25]


@pytest.mark.parametrize("optimizer_last", [False, True])
def test_replace(optimizer_last: bool) -> None:
    """`replace` goes on with the checkpoint's texts, run, parameters and bases; what is saved then is the same."""
    text = {"lr": {0: "warmup(w) then cosine until 3ep"}, "momentum": "linear to 0.8"}
    of_optimizer, state = saved(text, total_steps="7ep", steps_per_epoch=42.5, w="5%")
    optimizer = SGD(model().parameters(), lr=0.25, momentum=0.7)
    scheduler = Scheduler(optimizer, "linear to 0", total_steps=400, on_mismatch="replace")
    loaded = [(optimizer, of_optimizer), (scheduler, state)]
    for each, its_state in reversed(loaded) if optimizer_last else loaded:
        each.load_state_dict(its_state)
    lr = parse("warmup(w) then cosine until 3ep").bind("7ep", steps_per_epoch=42.5, base=0.5, w="5%")
    momentum = parse("linear to 0.8").bind("7ep", steps_per_epoch=42.5, base=0.9)
    assert scheduler.state_dict() == state
    for step in range(100, 400):
        assert read(optimizer, "lr") == [lr(step)]
        assert read(optimizer, "momentum") == [momentum(step)]
        scheduler.step()


@pytest.mark.parametrize(("text", "matters"), [("cosine", True), ("linear(0.1, 0)", False)])
def test_another_base(text: str, matters: bool) -> None:
    """Another initial value matters to texts that use it, and to no others."""
    _, state = saved(text)
    scheduler = Scheduler(SGD(model().parameters(), lr=0.25), text, total_steps=300)
    if matters:
        with pytest.raises(ScheduleError, match="the initial `lr` is") as raised:
            scheduler.load_state_dict(state)
        assert raised.value.diagnostics[0].code == "E603"
    else:
        scheduler.load_state_dict(state)
        assert scheduler.last_epoch == 100


def aged(state: dict[str, Any], language: str | None, values: list[float] | None) -> dict[str, Any]:
    """A scheduler's state as another version of the language saved it, which had these values."""
    told = {"language": language, "values": None if values is None else {"lr": values}}
    kept = {name: value for name, value in state.items() if name not in told}
    return {**kept, **{name: value for name, value in told.items() if value is not None}}


AGED = pytest.mark.parametrize(
    ("language", "told", "optimizer_last"),
    [(None, False, False), (None, False, True), ("0.1", True, False), ("0.3", True, True)],
    ids=["0.1", "0.1, optimizer last", "told", "told, optimizer last"],
)


def resumed(
    text: str, value: float, language: str | None, told: bool, optimizer_last: bool, was: str = "cosine", **options: Any
) -> list[float]:
    """The learning rate with a text, gone on from another version's checkpoint of step 100, whose rate was `value`."""
    of_optimizer, state = saved(was)
    of_optimizer["param_groups"][0]["lr"] = value
    state = aged(state, language, [value] if told else None)
    optimizer = SGD(model().parameters(), lr=0.5, momentum=0.9)
    scheduler = Scheduler(optimizer, text, **{"total_steps": 300, **options})
    loaded: list[tuple[Any, Any]] = [(optimizer, of_optimizer), (scheduler, state)]
    for each, its_state in reversed(loaded) if optimizer_last else loaded:
        each.load_state_dict(its_state)
    assert scheduler.state_dict()["language"] == LANGUAGE
    return read(optimizer, "lr")


@AGED
def test_checkpoint_of_another_language(language: str | None, told: bool, optimizer_last: bool) -> None:
    """A checkpoint of another version of the language is compared by the value that it last applied."""
    way = (language, told, optimizer_last)
    same = parse("cosine").bind(300, base=0.5)(100)
    assert resumed("cosine", same, *way) == [same]
    assert resumed("cosine", same * (1 + 1e-7), *way) == [same], "a tensor may have rounded it"
    if told or not optimizer_last:
        assert resumed("cosine / 3", same / 3, *way) == [same / 3], "the text was written anew"
    for text in ("cosine", "linear"):
        found = refused(resumed, text, same / 3, *way).diagnostics[0]
        assert found.code == "E603"
        assert (
            text == "linear" or f"of language {language or 0.1}, and its texts may mean something else" in found.message
        )
    with pytest.raises(ScheduleError, match="the text of `lr` is"):  # the text means what it did, and is another
        resumed("cosine + 0", same, *way)
    with pytest.raises(ScheduleError, match=r"language 0\.1, .* `total_steps` is `301` here"):
        resumed("cosine / 3", same / 3, None, False, False, total_steps=301)
    with pytest.raises(ScheduleError, match="may mean something else"):
        resumed("linear", same / 3, *way, on_mismatch="replace")
    assert resumed("linear", same / 3, *way, on_mismatch="keep") == [parse("linear").bind(300, base=0.5)(100)]


def test_length_of_another_language() -> None:
    """0.1 wrote a length in epochs as one in steps: it is the same run."""
    run = {"total_steps": "3ep", "steps_per_epoch": 2.5}
    of_optimizer, state = saved("linear", steps=3, **run)
    state = aged({**state, "run": {**state["run"], "total_steps": "15 steps / 2"}}, None, None)
    for optimizer_last in (False, True):
        optimizer = SGD(model().parameters(), lr=0.5, momentum=0.9)
        scheduler = Scheduler(optimizer, "linear", **run)
        loaded: list[tuple[Any, Any]] = [(optimizer, of_optimizer), (scheduler, state)]
        for each, its_state in reversed(loaded) if optimizer_last else loaded:
            each.load_state_dict(its_state)
        assert read(optimizer, "lr") == [parse("linear").bind(8, base=0.5)(3)]


def test_pickle_of_another_language() -> None:
    """So is a pickled scheduler."""
    scheduler = Scheduler(SGD(model().parameters(), lr=0.5), "cosine", total_steps=300)
    for _ in range(100):
        scheduler.step()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("schedlang.torch.LANGUAGE", "0.1")
        same = pickle.dumps(scheduler)
        scheduler.optimizer.param_groups[0]["lr"] = 0.1
        other = pickle.dumps(scheduler)
    assert pickle.loads(same).get_last_lr() == [scheduler.bounds["lr"][0](100)]  # type: ignore[misc]
    with pytest.raises(ScheduleError, match=r"of language 0\.1"):
        pickle.loads(other)


def test_a_checkpoint_of_torchs_own() -> None:
    """A checkpoint of another scheduler is refused; `keep` takes its step."""
    optimizer = SGD(model().parameters(), lr=0.5)
    own = torch_lr.LambdaLR(optimizer, lambda step: 1.0)
    for _ in range(10):
        optimizer.step()
        own.step()
    with pytest.raises(ScheduleError, match="not one of") as raised:
        Scheduler(optimizer, "cosine", total_steps=20).load_state_dict(own.state_dict())
    assert raised.value.diagnostics[0].code == "E603"
    with pytest.raises(ScheduleError, match="not one of"):
        Scheduler(optimizer, "cosine", total_steps=20, on_mismatch="replace").load_state_dict(own.state_dict())
    kept = Scheduler(optimizer, "cosine", total_steps=20, on_mismatch="keep")
    kept.load_state_dict(own.state_dict())
    assert kept.last_epoch == 10
    with pytest.raises(ScheduleError, match="no `last_epoch`"):
        kept.load_state_dict({})


DAMAGED = cases("damaged.jsonl")


@pytest.mark.parametrize("on_mismatch", ["past", "error", "keep", "replace"])
@pytest.mark.parametrize("damage", [damage for (damage,) in DAMAGED.values()], ids=DAMAGED)
def test_damaged_checkpoints(damage: Any, on_mismatch: Any) -> None:
    """What no scheduler saved is refused by our error, and nothing is changed; `keep` needs no texts that mean much."""
    _, state = saved(total_steps=200)
    if isinstance(damage, dict):
        rates = {name: text for name, text in damage.items() if name == "steps_per_epoch"}
        damage = {**state, **({"run": {**state["run"], **rates}} if rates else damage)}
    pair = [SGD(model().parameters(), lr=0.5) for _ in range(2)]
    scheduler, untouched = (Scheduler(each, "linear", total_steps=300, on_mismatch=on_mismatch) for each in pair)
    try:
        scheduler.load_state_dict(damage)
    except ScheduleError:
        assert scheduler.state_dict() == untouched.state_dict()
        assert read(pair[0], "lr") == read(pair[1], "lr")
        for optimizer in pair:  # a new group is bound by the same rules, in the same run
            optimizer.add_param_group({"params": [torch.zeros(1, requires_grad=True)], "lr": 0.1})
        scheduler.step()
        untouched.step()
        assert read(pair[0], "lr") == read(pair[1], "lr")
        assert scheduler.state_dict() == untouched.state_dict()
    else:
        assert on_mismatch == "keep"
        assert scheduler.last_epoch == 100


by_copying = pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))], ids=["copy", "pickle"]
)


@by_copying
def test_copies(copied: Callable[[Any], Any]) -> None:
    """A copy goes on by itself, with an optimizer of its own."""
    scheduler = Scheduler(SGD(model().parameters(), lr=0.5), {"lr": "warmup(w) then cosine"}, total_steps=300, w="5%")
    for _ in range(100):
        scheduler.step()
    other = copied(scheduler)
    assert other.state_dict() == scheduler.state_dict()
    other.step()
    assert other.optimizer is not scheduler.optimizer
    assert read(scheduler.optimizer, "lr") == [scheduler.bounds["lr"][0](100)]  # type: ignore[misc]
    assert read(other.optimizer, "lr") == [scheduler.bounds["lr"][0](101)]  # type: ignore[misc]
    other.optimizer.load_state_dict(SGD(model().parameters(), lr=0.7).state_dict())
    assert read(other.optimizer, "lr") == [scheduler.bounds["lr"][0](101)]  # type: ignore[misc]


@by_copying
def test_copies_know_names(copied: Callable[[Any], Any]) -> None:
    """The names of parameters that were handed over are known to copies too."""
    net = model()
    optimizer = SGD([{"params": [each]} for each in net.parameters()], lr=0.5)
    texts = {"lr": {"*.bias": "1", "*.weight": "linear to 0"}}
    scheduler = Scheduler(optimizer, texts, total_steps=10, named_parameters=net.named_parameters())
    other = copied(scheduler)
    other.step()
    assert read(other.optimizer, "lr") == [0.45, 1.0, 0.45, 1.0]


ADDED: dict[str, tuple[str, dict[str, Any], float, str | None]] = {
    "what the others have now": ("linear", {"lr": 0.45}, 0.5, None),
    "a tenth of it": ("linear", {"lr": 0.45 / 10}, 0.05, None),
    "what it would have begun with": ("linear", {"lr": 0.45, "initial_lr": 0.3}, 0.3, None),
    "the default": ("linear", {}, 0.01, "0.01, is taken for what it began with"),
    "what the others began with": ("linear", {"lr": 0.5}, 0.5, "0.5, is taken for what it began with"),
    "less than the others have": ("linear", {"lr": 0.18}, 0.2, "0.18, is taken for what it has now"),
    "more than they ever have": ("linear", {"lr": 0.9}, 1.0, "0.9, is taken for what it has now"),
    "more, in a warm-up": ("warmup(20) then linear", {"lr": 0.4}, 0.4, "0.4, is taken for what it began with"),
    "less, in a warm-up": ("warmup(20) then linear", {"lr": 0.1}, 0.2, "0.1, is taken for what it has now"),
    "half, in a warm-up": ("warmup(20) then linear", {"lr": 0.125}, 0.25, None),
    "where base is no factor": ("base + 1 - step / 100", {"lr": 0.7}, 0.7, "0.7, is taken for what it began with"),
    "where all have nothing": ("0 for 20 then base", {"lr": 0.1}, 0.1, "0.1, is taken for what it began with"),
    "where it does not matter": ("linear(1, 0)", {"lr": 0.1}, 0.1, None),
}


@pytest.mark.parametrize(("text", "given", "base", "told"), ADDED.values(), ids=ADDED)
def test_a_group_is_added(text: str, given: dict[str, Any], base: float, told: str | None) -> None:
    """A group added later is scheduled from its first update on, and its checkpoint can be loaded.

    Its rate is what it has now, as with torch's own, unless the schedule has yet to rise. A guess is told.
    """
    optimizer = SGD([{"params": [torch.zeros(1, requires_grad=True)], "lr": 0.5}], lr=0.01)
    scheduler = stepped(optimizer, text, 10, ignore=["W501", "W517", "W521"])
    weight = torch.zeros(1, requires_grad=True, dtype=torch.float64)
    optimizer.add_param_group({"params": [weight], **given})
    weight.grad = torch.ones(1, dtype=torch.float64)
    tell_once.cache_clear()
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        optimizer.step()
    assert [told is not None and told in str(each.message) for each in found] == ([] if told is None else [True])
    bounds = [parse(text).bind(100, base=base) for base in (0.5, base)]
    assert weight.item() == pytest.approx(-bounds[1](10))
    for step in range(10, 20):
        assert scheduler.get_last_lr() == pytest.approx([bound(step) for bound in bounds])
        scheduler.step()
    again = SGD([{"params": [torch.zeros(1)], "lr": lr} for lr in scheduler.base_lrs])
    resumed = Scheduler(again, text, 100, ignore=["W521"])
    resumed.load_state_dict(scheduler.state_dict())
    assert resumed.get_last_lr() == scheduler.get_last_lr()


ONE_RATE = "`lr` is `linear(0.3, 0)` for groups that began at 0.02 to 0.05"
TOO_FAR = "the run has 10 steps, and `step()` was called half as often again"
GUESSED = "group 2 was added at step 1: its `lr`, 0.3, is taken for what it has now"


def warned(texts: Any, steps: int = 1, total: int = 10, added: dict[str, Any] | None = None, **more: Any) -> list[str]:
    """What is told of a scheduler by itself, with a group that is perhaps added after a step."""
    tell_once.cache_clear()
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        optimizer = two()
        scheduler = Scheduler(optimizer, texts, total, **more)
        for step in range(steps):
            optimizer.step()
            scheduler.step()
            if step == 0 and added:
                optimizer.add_param_group({"params": [torch.zeros(1)], **added})
    told = [each.message.diagnostic for each in found if isinstance(each.message, ScheduleWarning)]
    assert all(each.hint for each in told)
    return [f"{each.code} {each.message}" for each in told]


WARNED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "one rate for all": ({"texts": "linear(0.3, 0)"}, [f"W521 {ONE_RATE}"]),
    "one rate by a pattern": ({"texts": {"lr": {"*": "linear(0.3, 0)"}}}, [f"W521 {ONE_RATE}"]),
    "a text for each": ({"texts": {"lr": {0: "linear(0.3, 0)", 1: "linear(0.2, 0)"}}}, []),
    "of base": ({"texts": "linear(base, 0)"}, []),
    "one that began alike": ({"texts": {"weight_decay": "linear(0.1, 0)"}}, []),
    "not wanted": ({"texts": "linear(0.3, 0)", "ignore": ["W521"]}, []),
    "not wanted, in the text": ({"texts": "linear(0.3, 0) # schedlang: ignore W521"}, []),
    "some steps beyond the end": ({"texts": "linear", "steps": 15}, []),
    "too many": ({"texts": "linear", "steps": 40}, [f"W522 {TOO_FAR}"]),
    "too many, in several texts": (
        {"texts": {"lr": "linear", "weight_decay": "cosine"}, "steps": 40},
        [f"W522 {TOO_FAR}"],
    ),
    "too many, which is known": ({"texts": "linear", "steps": 40, "ignore": "W522"}, []),
    "a rate of its own": ({"texts": "linear", "steps": 3, "added": {"lr": 0.3}}, [f"W523 {GUESSED}"]),
    "a rate of its own that is said": ({"texts": "linear", "steps": 3, "added": {"lr": 0.3, "initial_lr": 0.4}}, []),
    "a rate of its own, and no base": ({"texts": "0.1 * 2", "steps": 3, "added": {"lr": 0.3}, "ignore": "W521"}, []),
}


@pytest.mark.parametrize(("case", "expected"), WARNED.values(), ids=WARNED)
def test_warnings(case: dict[str, Any], expected: list[str]) -> None:
    """What only the adapter can know is told once, unless it is not wanted."""
    assert warned(**case) == expected


def test_each_text_is_told_that_its_run_is_over() -> None:
    """Once a text, and not once a process; of one that was built in Python, too."""
    tell_once.cache_clear()
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        for texts in ("linear", "cosine", "linear", linear(1, 0)):
            scheduler = Scheduler(two(), texts, 10, ignore=["W521"])
            for _ in range(20):
                scheduler.step()
    told = [each.message.diagnostic for each in found if isinstance(each.message, ScheduleWarning)]
    assert [(each.code, each.source.text) for each in told] == [
        ("W522", "linear"),
        ("W522", "cosine"),
        ("W522", "linear(1, 0)"),
    ]


def test_a_warning_is_pythons() -> None:
    with pytest.warns(ScheduleWarning, match=r"^W521 `lr` is `linear\(0.3, 1e-4\)` for groups"):
        Scheduler(two(), "linear(0.3, 1e-4)", 10)


def test_a_group_is_added_and_no_step_done() -> None:
    """A group added since the last step is known to `get_lr`, and is in checkpoints and copies."""
    optimizer = one(0.5)
    scheduler = stepped(optimizer, "linear to 0", 1)

    def add(base: float) -> None:
        optimizer.add_param_group({"params": [torch.zeros(1, requires_grad=True)], "lr": 1, "initial_lr": base})

    add(0.1)
    assert scheduler.get_lr() == [parse("linear to 0").bind(100, base=base)(1) for base in (0.5, 0.1)]
    add(0.2)
    assert scheduler.state_dict()["bases"] == {"lr": [0.5, 0.1, 0.2]}
    add(0.3)
    assert copy.deepcopy(scheduler).base_lrs == [0.5, 0.1, 0.2, 0.3]
    again = SGD([{"params": [torch.zeros(1)], "lr": lr} for lr in (0.5, 0.1, 0.2, 0.3)])
    Scheduler(again, "linear to 0", total_steps=100).load_state_dict(scheduler.state_dict())


def test_a_group_is_added_that_no_pattern_means() -> None:
    """A group added later that no pattern means is an error at the next step."""
    optimizer = SGD([{"params": [torch.zeros(1)], "name": "head"}], lr=0.5)
    scheduler = Scheduler(optimizer, {"lr": {"head": "linear to 0"}}, total_steps=100)
    optimizer.add_param_group({"params": [torch.zeros(1)], "name": "body"})
    with pytest.raises(ScheduleError, match=r"group 1 \(`body`\) has no schedule for `lr`") as raised:
        scheduler.step()
    assert raised.value.diagnostics[0].code == "E602"


knows_names = pytest.mark.skipif(RELEASE < (2, 6), reason="torch's optimizers know no names yet")


def by_name(net: torch.nn.Module) -> Optimizer:
    """An optimizer that knows its parameters' names, each parameter in a group of its own."""
    return AdamW([{"params": [(name, parameter)]} for name, parameter in net.named_parameters()], lr=0.1)


PATTERNS: dict[str, tuple[dict[str | int, Any], list[str]]] = {
    "names": ({"*.bias": "1", "*": "2"}, ["2", "1", "2", "1"]),
    "the first match counts": ({"0.*": "1", "*.bias": "2", "*": "3"}, ["1", "1", "3", "2"]),
    "indices": ({1: "1", 3: "2", "*weight": "3"}, ["3", "1", "3", "2"]),
    "whole names": ({"0.weight": "1", "*": "2"}, ["1", "2", "2", "2"]),
    "schedules and numbers": ({"0.weight": constant(1), "*": 2}, ["constant(1)", "2", "2", "2"]),
}


@pytest.mark.parametrize(("patterns", "expected"), PATTERNS.values(), ids=PATTERNS)
@pytest.mark.parametrize(
    "handed",
    [pytest.param(False, id="names of the optimizer", marks=knows_names), pytest.param(True, id="names handed over")],
)
def test_patterns(patterns: dict[str | int, Any], expected: list[str], handed: bool) -> None:
    """Groups are found by index and by the names of their parameters; the first pattern that matches counts."""
    net = model()
    if handed:
        optimizer: Optimizer = AdamW([{"params": [parameter]} for parameter in net.parameters()], lr=0.1)
        names = net.named_parameters()
        scheduler = Scheduler(optimizer, {"lr": patterns}, total_steps=10, named_parameters=names)
    else:
        scheduler = Scheduler(by_name(net), {"lr": patterns}, total_steps=10)
    assert [str(bound.schedule) for bound in scheduler.bounds["lr"] if bound is not None] == expected


def test_a_key_that_some_groups_lack() -> None:
    """With patterns a group may lack the key; a text for all groups needs it in all."""
    optimizer = SGD([{"params": [torch.zeros(1)], "noise": 0.5}, {"params": [torch.zeros(1)]}], lr=0.1)
    scheduler = Scheduler(optimizer, {"noise": {0: "linear to 0"}}, total_steps=10)
    scheduler.step()
    assert [group.get("noise") for group in optimizer.param_groups] == [0.45, None]
    with pytest.raises(ScheduleError, match="group 1 has no `noise`"):
        Scheduler(optimizer, {"noise": "linear to 0"}, total_steps=10)


def two() -> Optimizer:
    return AdamW(halves(model()))


BAD = {
    "a key that is a number": [{0: "cosine"}, {}, "E601", "`0` is not a key"],
    "no such group": [{"lr": {7: "1", "*": "2"}}, {}, "E602", "`7` of `lr` matches no group"],
    **cases("bad-groups.jsonl"),
}


@pytest.mark.parametrize(("texts", "run", "code", "message"), BAD.values(), ids=BAD)
def test_bad_input(texts: Any, run: dict[str, Any], code: str, message: str) -> None:
    """Everything that is wrong is told when the scheduler is built, by our error, with a hint; nothing is changed."""
    optimizer = two()
    before = copy.deepcopy([{**group, "params": None} for group in optimizer.param_groups])
    problem = refused(Scheduler, optimizer, texts, **{"total_steps": 100, **run}).diagnostics[0]
    assert problem.code.startswith(code)
    assert message in problem.message
    assert problem.hint
    assert [{**group, "params": None} for group in optimizer.param_groups] == before


def test_no_text_at_all() -> None:
    assert codes(Scheduler, two(), total_steps=100) == ["E607"]


@pytest.mark.parametrize(
    ("theirs", "ours"), [("learning_rate", "lr"), ("wd", "weight_decay"), ("beta2", "betas[1]"), ("lrr", "lr")]
)
def test_what_others_call_the_keys(theirs: str, ours: str) -> None:
    (problem,) = refused(Scheduler, two(), {theirs: "cosine"}, 100).diagnostics
    assert problem.hint == f"did you mean `{ours}`?"


def test_all_mistakes_are_told() -> None:
    texts = {"lr": {"weights": "cosine"}, "momentum": "cosine", "eps": {"*": 1, 0: 2}}
    assert codes(Scheduler, two(), texts, total_steps=100) == ["E602", "E601", "E602"]


@knows_names
def test_a_pattern_for_half_a_group() -> None:
    """A pattern that means some of a group's parameters and not the others is an error."""
    net = model()
    optimizer = AdamW(net.named_parameters())
    with pytest.raises(ScheduleError, match=r"`\*.bias` means `0.bias` of group 0, and not `0.weight`") as raised:
        Scheduler(optimizer, {"lr": {"*.bias": "1", "*": "2"}}, total_steps=100)
    assert raised.value.diagnostics[0].code == "E602"


def test_no_optimizer() -> None:
    """Arguments in the wrong order, or a model instead of its optimizer, are told."""
    with pytest.raises(ScheduleError, match="is not an optimizer"):
        Scheduler(TEXT, two(), total_steps=100)  # type: ignore[arg-type]


@pytest.mark.parametrize("argument", [0.25, torch.tensor(0.25), torch.tensor(2), True, "2", float("nan")], ids=repr)
def test_a_loss_is_no_step(argument: Any) -> None:
    """A loss, as `ReduceLROnPlateau` takes one, is an error, and the step stays what it was."""
    scheduler = Scheduler(two(), TEXT, total_steps=100)
    with pytest.raises(ScheduleError, match="not a step") as raised:
        scheduler.step(argument)
    assert raised.value.diagnostics[0].code == "E607"
    assert "a fraction of an epoch" in str(raised.value)
    assert "`step` is given `metrics`" in str(refused(scheduler.step, metrics=argument))
    assert "`step` is given 2 values" in str(refused(scheduler.step, 1, argument))
    assert scheduler.last_epoch == 0


def test_it_is_a_scheduler_of_torchs() -> None:
    """What asks whether it is a scheduler of torch's is told that it is; the optimizer's `step` stays its own."""
    optimizer = two()
    scheduler = Scheduler(optimizer, TEXT, total_steps=100)
    assert isinstance(scheduler, torch_lr.LRScheduler)
    assert "step" not in vars(optimizer)
    scheduler.step()  # before `optimizer.step`, of which torch warns, and warnings are errors here
    assert scheduler.last_epoch == 1


def test_names_of_parameters() -> None:
    """They may come as pairs or as a dict; anything else is an error of ours."""
    net = model()
    rules = {"lr": {"0.*": "cosine", "*": "linear"}}
    for names in (net.named_parameters(), dict(net.named_parameters())):
        optimizer = SGD([{"params": net[0].parameters()}, {"params": net[2].parameters()}], lr=0.1)
        assert len(Scheduler(optimizer, rules, total_steps=10, named_parameters=names).get_last_lr()) == 2
    for wrong in (net.parameters(), 5, ["weight"], [("weight", 1)]):
        optimizer = SGD(net.parameters(), lr=0.1)
        with pytest.raises(ScheduleError, match="E607"):
            Scheduler(optimizer, "cosine", total_steps=10, named_parameters=wrong)  # type: ignore[arg-type]


def one(lr: float = 0.1, **more: Any) -> SGD:
    """An optimizer with a group."""
    return SGD([torch.zeros(1, requires_grad=True)], lr=lr, **more)


def stepped(optimizer: Optimizer, schedules: Any, steps: int, **more: Any) -> Scheduler:
    """A scheduler after some steps of 100."""
    scheduler = Scheduler(optimizer, schedules, 100, **more)
    for _ in range(steps):
        scheduler.step()
    return scheduler


BASES = {
    "one": [0.4, [0.4, 0.4]],
    "one each": [[0.4, 0.8], [0.4, 0.8]],
    "by key": [{"lr": torch.tensor(0.5)}, [0.5, 0.5]],
    "of another key": [{"weight_decay": 0.5}, [0.02, 0.05]],
    "too many": [[1, 2, 3], "`base` has 3 numbers for `lr`, and there are 2 groups"],
    "no number": ["0.1", "the base of `lr` is '0.1', not a finite number"],
    "not finite": [[0.1, math.inf], "not a finite number"],
    "no such key": [{"weight_deca": 1}, "`base` is given for `weight_deca`, which has no schedule"],
}


@pytest.mark.parametrize(("base", "expected"), BASES.values(), ids=BASES)
def test_base(base: Any, expected: Any) -> None:
    """What is given is what schedules begin at, and what the groups keep."""
    texts = {"lr": "linear", "weight_decay": "linear"}
    if isinstance(expected, str):
        (problem,) = refused(Scheduler, two(), texts, 100, base=base).diagnostics
        assert problem.code == "E607" and problem.hint and expected in problem.message
        return
    scheduler = Scheduler(two(), texts, 100, base=base)
    assert scheduler.base_lrs == expected == scheduler.get_last_lr()
    scheduler.step(50)
    assert scheduler.get_last_lr() == [each / 2 for each in expected]


def test_a_base_that_nobody_knows() -> None:
    """Gone on with in the middle, a learning rate that was set since is not taken for the one the run began with."""
    state = one(0.5).state_dict()
    state["param_groups"][0]["lr"] = 0.2
    optimizer = one(0.5)
    optimizer.load_state_dict(state)
    (problem,) = refused(Scheduler, optimizer, "linear", 100, last_epoch=59).diagnostics
    assert problem.code == "E607" and "the base of `lr` is not known in group 0" in problem.message
    assert "initial_lr" not in optimizer.param_groups[0]
    assert codes(Scheduler, two(), "linear", 100, last_epoch=59) == ["E607"] * 2, "rates of their own"
    assert Scheduler(one(0.5), "linear", 100, last_epoch=59).get_last_lr() == [0.2], "nothing was set"
    assert Scheduler(optimizer, "linear(1, 0)", 100, last_epoch=59).get_last_lr() == [0.4], "it does not matter"
    again = one(0.5)
    again.load_state_dict(state)
    assert Scheduler(again, "linear", 100, last_epoch=59, base=0.5).get_last_lr() == [0.2]


@pytest.mark.parametrize("key", ["lr", "weight_decay"])
@pytest.mark.parametrize(("on_mismatch", "value"), [("error", None), ("keep", 0.06), ("replace", 0.3)])
@pytest.mark.parametrize("first", ["optimizer", "scheduler", "optimizer, before the scheduler is built"])
def test_a_default_that_was_changed(first: str, on_mismatch: Any, value: float | None, key: str) -> None:
    """A learning rate that the program changes is told on resume, or taken, in whatever order things are loaded."""

    def build(rate: float) -> Optimizer:
        return one(**{"lr": 0.7, key: rate})

    optimizer = build(0.5)
    state = stepped(optimizer, {key: "linear"}, 40).state_dict()
    again = build(0.1)
    if "built" in first:
        again.load_state_dict(optimizer.state_dict())
    scheduler = Scheduler(again, {key: "linear"}, 100, on_mismatch=on_mismatch)
    if first == "optimizer":
        again.load_state_dict(optimizer.state_dict())
    if value is None:
        assert f"the initial `{key}` is `0.1` here, and was `0.5`" in str(refused(scheduler.load_state_dict, state))
    else:
        scheduler.load_state_dict(state)
        if first == "scheduler":
            again.load_state_dict(optimizer.state_dict())
        assert read(again, key) == [pytest.approx(value)]


def test_a_base_that_is_said_wins() -> None:
    """Over a default that was changed, and what a checkpoint of the optimizer brought."""
    optimizer = one(0.5)
    state = stepped(optimizer, "linear", 40).state_dict()
    again = one(0.1)
    again.load_state_dict(optimizer.state_dict())
    scheduler = Scheduler(again, "linear", 100, base=0.5)
    scheduler.load_state_dict(state)
    assert scheduler.get_last_lr() == [0.3]
    scheduler = Scheduler(again, "linear", 100, base=0.2)
    assert "the initial `lr` is `0.2` here, and was `0.5`" in str(refused(scheduler.load_state_dict, state))


def test_a_default_that_was_not_recorded() -> None:
    """A state of an earlier version, without the default and torch's `_last_lr`, is loaded as ever."""
    optimizer = one(0.5)
    state = stepped(optimizer, "linear", 40).state_dict()
    assert state.pop("_last_lr") == [0.3]
    assert state.pop("defaults") == {"lr": 0.5}
    scheduler = Scheduler(optimizer, "linear", 100)
    scheduler.load_state_dict(state)
    assert scheduler._last_lr == scheduler.get_last_lr() == [0.3]


def test_bases_that_part_late() -> None:
    """Another base is refused also where it matters behind what is compared step by step."""
    for text, same in [("1 for 1.5M then base", False), ("1 for 1.5M then 2", True)]:
        state = Scheduler(one(0.1), text, 3_000_000).state_dict()
        scheduler = Scheduler(one(0.2), text, 3_000_000, on_mismatch="error")
        if same:
            scheduler.load_state_dict(state)
        else:
            assert "the initial `lr` is `0.2` here" in str(refused(scheduler.load_state_dict, state))


def test_integers() -> None:
    """What an optimizer counts with stays an int; what is only written as one becomes a float."""
    optimizer = torch.optim.LBFGS([torch.zeros(1, requires_grad=True)], lr=1, max_iter=4)
    scheduler = Scheduler(optimizer, {"max_iter": "3 until 50% then 2", "lr": "linear"}, 10)
    for step in range(12):
        assert repr(read(optimizer, "lr")) == repr([1 - min(step, 10) / 10])
        held = optimizer.param_groups[0]["max_iter"]
        assert repr(held) == ("3" if step < 5 else "2")
        optimizer.step(lambda: optimizer.param_groups[0]["params"][0].sum())
        scheduler.step()
    (problem,) = refused(Scheduler, optimizer, {"max_iter": "linear(3, 2)"}, 10).diagnostics
    assert (
        problem.code == "E607" and "`max_iter` of group 0 is an integer, and would be 2.9 at step 1" in problem.message
    )


class Undeclared(Optimizer):
    """An optimizer that does not say of what type its hyperparameters are."""

    def __init__(self, params, lr=1, order=3, start=0) -> None:  # type: ignore[no-untyped-def]
        super().__init__(params, {"lr": lr, "order": order, "start": start})


def test_integers_that_are_not_declared() -> None:
    def build() -> Optimizer:
        return Undeclared([torch.zeros(1)])

    scheduler = Scheduler(build(), {"lr": "linear", "order": "round(linear)", "start": "floor(step / 3)"}, 10)
    scheduler.step(5)
    assert repr([scheduler.optimizer.param_groups[0][key] for key in ("lr", "order", "start")]) == "[0.5, 2, 1]"
    assert "`order` of group 0" in str(refused(Scheduler, build(), {"order": "linear"}, 10))
    scheduler = Scheduler(build(), {"start": "step / 4"}, 10)  # 0 may be either
    scheduler.step(5)
    assert scheduler.optimizer.param_groups[0]["start"] == 1.25


def test_shown() -> None:
    net = model()
    scheduler = Scheduler(SGD(net.parameters(), lr=0.1), "warmup(w) then cosine", "9ep", steps_per_epoch=7, w="5%")
    assert repr(scheduler) == "Scheduler('warmup(w) then cosine', total_steps='9ep', steps_per_epoch=7, w='5%')"
    scheduler = Scheduler(two(), {"lr": "cosine", "weight_decay": {"weights": "linear(0, 1)", 1: 0}}, 90)
    texts = "{'lr': 'cosine', 'weight_decay': {'weights': 'linear(0, 1)', 1: '0'}}"
    assert repr(scheduler) == f"Scheduler({texts}, total_steps=90)"


def test_numbers_of_numpy() -> None:
    scheduler = Scheduler(SGD(model().parameters(), lr=numpy.float32(0.5)), "linear", total_steps=10)
    assert scheduler.get_last_lr() == [0.5]


@settings(max_examples=EXAMPLES // 10)
@given(
    st.sampled_from(
        ["hold until c then linear to 0 for 20", "min(cosine, (1 until c then 0.3))", "0.2 for c then base"]
    ),
    st.integers(0, 50),
    st.integers(0, 50),
)
def test_an_event_alters_no_past(text: str, time: int, step: int) -> None:
    """`Bound.change` and a load agree on the step from which on an event, once it has come, changes the values."""
    awaited, come = (parse(text).bind(60, base=0.5, c=each) for each in ("later", time))
    first = next((each for each in range(100) if awaited(each) != come(each)), None)
    state = Scheduler(one(0.5), text, 60, c="later", base=0.5, last_epoch=step - 1).state_dict()
    scheduler = Scheduler(one(0.5), text, 60, c=time)
    if first is None or first > step:
        scheduler.load_state_dict(state)
        assert scheduler.get_last_lr() == [awaited.change(step=step, c=time)(step)]
    else:
        for call in (lambda: awaited.change(step=step, c=time), lambda: scheduler.load_state_dict(state)):
            assert f"differ from step {first} on" in str(refused(call))


TRUNK = "warmup(20) then hold"
TOLD = "W533 the run goes on at step 100 with another schedule of the same past: the values {}"
ON = "differ from step {} on"
WEIGHTED = {"lr": TRUNK, "momentum": "0.9"}
LATE = "hold until 100 then (1 for 1.5M then base)"
PASTS: dict[str, tuple[Any, dict[str, Any], Any, dict[str, Any], str | None]] = {
    "the next step": (TRUNK, {}, f"{TRUNK} until 100 then linear to 0", {}, TOLD.format(ON.format(101))),
    "the last step": (TRUNK, {}, f"{TRUNK} until 99 then linear to 0", {}, None),
    "a bit at the next step": (TRUNK, {}, f"({TRUNK}) + (0 for 101 then 6e-17)", {}, TOLD.format(ON.format(101))),
    "a bit at the last step": (TRUNK, {}, f"({TRUNK}) + (0 for 100 then 6e-17)", {}, None),
    "a bit at the first step": ("base", {}, "0.5000000000000001 for 1 then base", {}, None),
    "a longer run": ("cosine over 300", {}, "cosine over 300", {"total_steps": 400}, ""),
    "that parts behind its end": (
        *("cosine over 300", {}, "cosine over 300 then linear to 1", {"total_steps": 400}),
        TOLD.format(ON.format(301)),
    ),
    "the same for ever": ("cosine", {}, "cosine + 0", {"samples_per_step": 8}, ""),
    "a parameter": (
        *(f"{TRUNK} until cooldown then linear to 0", {"cooldown": 250}),
        *(f"{TRUNK} until cooldown then linear to 0", {"cooldown": 200}),
        TOLD.format(ON.format(201)),
    ),
    "a base that matters later": (
        *("0.1 for 150 then base", {}, "0.1 for 150 then base", {"base": 0.2}),
        TOLD.format(ON.format(150)),
    ),
    "a base that matters": (TRUNK, {}, TRUNK, {"base": 0.2}, None),
    "far behind": (
        *("1", {}, "1 for 1.5M then 2", {"total_steps": 2_000_000}),
        TOLD.format(ON.format(1_500_000)),
    ),
    "calculated in another way": (
        *("1", {}, "1 + 1e-300 * step", {"total_steps": 2_000_000}),
        TOLD.format("are the same below step 1000101, and no more are compared"),
    ),
    "two keys": (
        *(WEIGHTED, {}, {"lr": f"{TRUNK} until 150 then 0", "momentum": "0.9 until 120 then 0.8"}, {}),
        TOLD.format(ON.format(120)),
    ),
    "of two keys one": (WEIGHTED, {}, {"lr": TRUNK, "momentum": "0.9 until 100 then 0.8"}, {}, None),
    "a key that is new": (TRUNK, {}, {"lr": TRUNK, "momentum": "0.9 until 150 then 0.8"}, {}, None),
    "a key that is gone": (WEIGHTED, {}, TRUNK, {}, None),
}


@pytest.mark.parametrize("on_mismatch", ["past", "error"])
@pytest.mark.parametrize(("was", "run_was", "text", "run", "told"), PASTS.values(), ids=PASTS)
def test_the_same_past(
    was: Any, run_was: dict[str, Any], text: Any, run: dict[str, Any], told: str | None, on_mismatch: Any
) -> None:
    """Another schedule is gone on with if all that was applied is the same, and tells where it parts; else it isn't."""
    of_optimizer, state = saved(was, **run_was)
    optimizer = SGD(model().parameters(), lr=0.5, momentum=0.9)
    run = {"total_steps": 300, "ignore": ["W501", "W503", "W510"], **run}
    scheduler = Scheduler(optimizer, text, on_mismatch=on_mismatch, **run)
    optimizer.load_state_dict(of_optimizer)
    tell_once.cache_clear()
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        if told is None or on_mismatch == "error":
            (problem,) = refused(scheduler.load_state_dict, state).diagnostics
            assert problem.code == "E603" and scheduler.last_epoch == 0
            assert ('on_mismatch="past"' in str(problem.hint)) == (told is not None)
            last = "from step 100 on" in problem.message
            assert ("let the text differ from step 101 on: step 100 has its value already" in str(problem.hint)) == last
        else:
            scheduler.load_state_dict(state)
            assert scheduler.last_epoch == 100
            assert scheduler.get_last_lr() == [float(state["values"]["lr"][0])]
    heads = [str(each.message).partition("\n")[0] for each in found]
    assert heads == ([told] if told and on_mismatch == "past" else [])


PIECES = ["base", "linear(1, 0)", "cosine", "hold", "exponential(1, 0.1)", "interval(0.5, every=7)"]
CHAINS = st.lists(st.tuples(st.sampled_from(PIECES), st.integers(1, 30)), min_size=1, max_size=3).map(
    lambda parts: " then ".join(f"{body} for {length}" for body, length in parts)
)
BRANCHES = st.tuples(CHAINS, st.integers(0, 60), st.sampled_from(["{0}", "({0}) over 60 until {1} then linear to 0"]))


@settings(max_examples=EXAMPLES // 4)
@given(CHAINS, BRANCHES | st.tuples(CHAINS, st.just(0), st.just("{0}")), st.booleans(), st.integers(0, 70))
def test_all_agree_on_where_schedules_part(old: str, branch: tuple[str, int, str], of_old: bool, step: int) -> None:
    """`compare`, `diff --before`, `require_same_past` and a load find the very step that asking one by one finds."""
    text, at, form = branch
    new = form.format(old if of_old else text, at)
    olds, news = (parse(each).bind(60, base=0.5) for each in (old, new))
    first = next((each for each in range(200) if olds(each) != news(each)), None)
    same = first is None or first > step
    assert compare(olds, news).same(before=step + 1) == same
    found = compare(olds, news).first
    assert (None if found is None else found.step) == first
    with contextlib.redirect_stdout(io.StringIO()):
        run = ["--total", "60", "--base", "0.5"]
        assert main(["diff", old, new, *run, "--before", str(step + 1)]) == (0 if same else 1)
    saved = Scheduler(one(0.5), old, 60, last_epoch=step - 1).state_dict()
    scheduler = Scheduler(one(0.5), new, 60)
    if same:
        assert require_same_past(olds, news, step) == first
        scheduler.load_state_dict(saved)
        assert scheduler.get_last_lr() == [news(step)]
    else:
        for call in (lambda: require_same_past(olds, news, step), lambda: scheduler.load_state_dict(saved)):
            assert f"the values differ from step {first} on" in str(refused(call))


@pytest.mark.parametrize("seed", range(3))
def test_a_branch_is_as_if_it_had_been_so_from_the_first(seed: int) -> None:
    """Killed on the trunk and behind it, at random steps, a run is the new text's uninterrupted one, to the bit."""
    chance = random.Random(seed)
    stop, again = chance.randrange(20, 60), chance.randrange(60, 70)
    trunk = {"lr": "warmup(20) then hold", "momentum": "0.5"}
    branch = {
        "lr": f"warmup(20) then hold until {stop} then one_minus_sqrt to 0 for 10",
        "momentum": f"0.5 until {stop + 1} then linear(0.5, 0.9) for 20",
    }

    def trained(texts: Any, begin: int, end: int, begun: bytes | None = None) -> tuple[list[Any], bytes]:
        net = model()
        optimizer = SGD(net.parameters(), lr=0.1, momentum=0.9)
        scheduler = Scheduler(optimizer, texts, 80)
        parts = [net, optimizer, scheduler]
        if begun is not None:
            states = torch.load(io.BytesIO(begun), weights_only=True)
            for part, state in chance.sample([*zip(parts, states, strict=True)], 3):
                part.load_state_dict(state)
        for step in range(begin, end):
            update(net, optimizer, step)
            scheduler.step()
        kept = io.BytesIO()
        torch.save([part.state_dict() for part in parts], kept)
        return weights(net), kept.getvalue()

    whole, _ = trained(branch, 0, 80)
    _, checkpoint = trained(trunk, 0, stop)
    _, checkpoint = trained(branch, stop, again, checkpoint)
    resumed, _ = trained(branch, again, 80, checkpoint)
    assert resumed == whole
    assert refused(trained, {**branch, "momentum": "0.5 until 19 then 0.6"}, again, 80, checkpoint)


def test_a_past_that_cannot_be_proved() -> None:
    """A past is refused that is too long, without values, or not what was applied, even if nothing differs."""
    for texts, steps, told in [
        (("1", "1 + 0 * step"), 10**8, "the values are the same below step 1000000, and no more are compared"),
        (("exp(step)", "exp(step) + 0"), 1000, "no finite value"),
        (("1", "1 + 0"), 7, "its texts do not give what was last applied"),
    ]:
        state = Scheduler(one(), texts[0], last_epoch=4).state_dict() | {"last_epoch": steps}
        if steps == 7:
            state["values"] = {"lr": [2.0]}
        scheduler = Scheduler(one(), texts[1])
        assert told in str(refused(scheduler.load_state_dict, state))
    state["values"] = {"lr": [1.0]}
    scheduler.load_state_dict(state)
    assert scheduler.last_epoch == 7


def test_a_warning_that_is_an_error_changes_nothing() -> None:
    """A filter that makes errors of warnings refuses another text, and nothing is changed then."""
    _, state = saved("hold")
    scheduler = Scheduler(one(0.5), "hold until 150 then linear to 0", 300)
    tell_once.cache_clear()
    with warnings.catch_warnings(), pytest.raises(ScheduleWarning, match="W533"):
        warnings.simplefilter("error")
        scheduler.load_state_dict(state)
    assert scheduler.last_epoch == 0
    scheduler = Scheduler(one(0.5), "hold until 150 then linear to 0  # schedlang: ignore W533", 300)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scheduler.load_state_dict(state)
