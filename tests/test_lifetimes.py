"""A schedule keeps nobody alive: what a caller holds goes when it returns, without a cyclic collection.

An exception that is kept holds its traceback, that the frames of all callers, and so a model on a GPU.
"""

import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from helpers import printed

from schedlang import Bound, ScheduleError, ScheduleSet, evaluate, parse
from schedlang.differing import compare

TEXTS = [
    "warmup(5%) then cosine",
    "3e-4",
    "(1 + sin(step / 7)) for 5 then (cosine for 3) repeat",
    "cosine(1, 0) for 10 repeat 100 stretch 1.01",
    "max(round(step / 2), step ** 0.5 / 3) every 7",
    "warmup(3) for 5 then warmup(0) then 1 / linear(1, 0) for 10 then cosine(1, 0)",
]


class Held:
    """What a caller has, such as a model."""


def outlives(act: Callable[[Held], object]) -> bool:
    """Whether what a caller holds, which it may give to others, is still there when it has returned."""

    def caller() -> weakref.ref[Held]:
        held = Held()
        act(held)
        return weakref.ref(held)

    enabled = gc.isenabled()
    gc.disable()
    try:
        return caller()() is not None
    finally:
        if enabled:
            gc.enable()


ASKED: dict[str, Callable[[Bound], object]] = {
    "bind": lambda bound: bound,
    "call": lambda bound: list(map(bound, range(1000))),
    "walk": lambda bound: bound.walk(7),
    "values": lambda bound: (bound.values(), bound.values(3, 999, 5)),
    "at": lambda bound: (bound.at([3, 1]), bound.at(range(900)), bound.at([2**70])),
    "source": lambda bound: bound.source,
    "compiled": lambda bound: bound.compiled(5),
    "phases": lambda bound: bound.phases,
    "explain": lambda bound: str(bound.explain()),
    "why": lambda bound: str(bound.why(7)),
    "when": lambda bound: str(bound.when("< 1e-5")),
    "warnings": lambda bound: bound.warnings(),
    "bake": lambda bound: bound.bake(),
    "svg": lambda bound: bound._repr_svg_(),
    "html": lambda bound: bound._repr_html_(),
}
"""What a bound schedule can be asked."""


def wrong(call: Callable[[], object]) -> None:
    """Make a call that is refused; read and show the error."""
    try:
        call()
    except ScheduleError as error:
        assert str(error)
        assert [problem.fixed() for problem in error.diagnostics]
        return
    raise AssertionError("it is not refused")


REFUSED: dict[str, Callable[[], object]] = {
    "syntax": lambda: parse("warmup(5% then cosine"),
    "name": lambda: parse("warmup(5%) then cosin(1, 0)"),
    "several": lambda: parse("warmup(5%, x=1) then cosine(1) then poly(power=) for 3"),
    "rate": lambda: parse("1 for 3ep then 2").bind(100),
    "not finite": lambda: parse("1 / (step - 5)").bind(10),
    "too many": lambda: parse("hold for 1 repeat").bind(10**6),
    "step": lambda: parse("cosine").bind(10)(-1),
    "later": lambda: [parse("1 / (step - 500)").bind()(step) for step in range(900)],
    "values": lambda: parse("1 / (step - 500)").bind().values(0, 900),
    "condition": lambda: parse("cosine").bind(10).when("x"),
}
"""What is refused."""

OTHERS: dict[str, Callable[[], object]] = {
    "set": lambda: ScheduleSet({"lr": "cosine", "wd": "linear(0, x)"}).bind(100, x=2)["lr"].values(),
    "evaluate": lambda: evaluate("warmup(5%) then cosine", 7, 100),
    "differing": lambda: str(compare(*(parse(text).bind(100) for text in TEXTS[:2]))),
    "canonical": lambda: [str(parse(text)) for text in TEXTS],
}


def ways() -> dict[str, Callable[[Held], object]]:
    """All ways in that need no framework."""
    asked = {
        f"{name} {number}": lambda _, ask=ask, text=text: ask(parse(text).bind(1000, base=3e-4))
        for name, ask in ASKED.items()
        for number, text in enumerate(TEXTS)
    }
    others = {name: lambda _, call=call: call() for name, call in OTHERS.items()}
    return {**asked, **others, **{name: lambda _, call=call: wrong(call) for name, call in REFUSED.items()}}


@pytest.mark.parametrize("way", ways())
def test_what_a_caller_holds_goes(way: str) -> None:
    act = ways()[way]
    assert not outlives(act)
    assert not outlives(act)  # what is kept from the first time is asked now


@pytest.mark.slow
def test_the_first_time_in_a_process() -> None:
    """What is imported, or prepared once, keeps nobody either."""
    here = f"gc.disable(); sys.path.insert(0, {str(Path(__file__).parent)!r}); import test_lifetimes as t"
    asked = "print([name for name, act in t.ways().items() if t.outlives(act)])"
    assert printed("-c", f"import gc, sys; {here}; {asked}") == "[]\n"


def with_torch(held: Held) -> None:
    import torch

    from schedlang.torch import Scheduler

    def optimizer() -> Any:
        made = torch.optim.SGD([torch.zeros(3, requires_grad=True)], lr=0.1)
        vars(made)["held"] = held
        return made

    one = optimizer()
    scheduler = Scheduler(one, TEXTS[0], total_steps=100)
    for _ in range(80):
        one.step()
        scheduler.step()
    scheduler.load_state_dict(scheduler.state_dict())
    one.load_state_dict(one.state_dict())
    wrong(lambda: Scheduler(optimizer(), "linear", total_steps=9).load_state_dict(scheduler.state_dict()))
    wrong(lambda: Scheduler(optimizer(), {"momentun": "linear"}, total_steps=9))


def with_tensors(held: Held) -> None:
    import jax
    import torch

    for text in TEXTS:
        bound = parse(text).bind(100)
        bound.at(torch.arange(9))
        bound.at(jax.numpy.arange(9))
        jax.jit(jax.vmap(bound))(jax.numpy.arange(9))
    wrong(lambda: parse("cosine(1, 0) for 10 repeat stretch 1.01").bind(10**6).at(torch.tensor(3)))


def with_optax(held: Held) -> None:
    import jax
    import optax

    from schedlang.optax import schedule

    optimizer, weights = optax.adam(schedule(TEXTS[0], 100, base=0.1)), jax.numpy.ones(2)
    state = optimizer.init(weights)
    jax.jit(optimizer.update)(weights, state)
    optimizer.update(weights, state)


def with_keras(held: Held) -> None:
    import keras

    from schedlang.keras import Schedule

    optimizer, weight = keras.optimizers.SGD(Schedule(TEXTS[0], 100)), keras.Variable([1.0])
    optimizer.apply([weight.value], [weight])


def with_stable_baselines(held: Held) -> None:
    from schedlang.stable_baselines3 import Schedule

    assert Schedule(TEXTS[0], 100)(0.5) > 0


def with_accelerate(held: Held) -> None:
    import torch
    from accelerate import Accelerator

    from schedlang.torch import Scheduler

    accelerator, optimizer = Accelerator(cpu=True), torch.optim.SGD([torch.zeros(3, requires_grad=True)], lr=0.1)
    prepared = accelerator.prepare(optimizer, Scheduler(optimizer, TEXTS[0], total_steps=9))
    for each in prepared:
        each.step()


def with_transformers(held: Held) -> None:
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments

    from schedlang.transformers import SchedulerCallback

    rows = [{"input_ids": torch.arange(4), "labels": torch.arange(4)}] * 8
    model = GPT2LMHeadModel(GPT2Config(vocab_size=11, n_positions=8, n_embd=8, n_layer=1, n_head=1))
    with TemporaryDirectory() as folder:
        run = TrainingArguments(folder, max_steps=2, report_to=[], use_cpu=True, save_strategy="no", disable_tqdm=True)
        Trainer(model, run, train_dataset=rows, callbacks=[SchedulerCallback(TEXTS[0])]).train()


def with_lightning(held: Held) -> None:
    import lightning
    import torch

    from schedlang.lightning import configure

    class Model(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(1, 1)

        def training_step(self, batch: Any, index: int) -> Any:
            return self.layer(batch).sum()

        def configure_optimizers(self) -> Any:
            return configure(torch.optim.SGD(self.parameters(), lr=0.1), TEXTS[0], self.trainer)

    names = ("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary")
    trainer = lightning.Trainer(max_steps=2, accelerator="cpu", **dict.fromkeys(names, False))
    trainer.fit(Model(), torch.utils.data.DataLoader(torch.ones(4, 1)))


def with_matplotlib(held: Held) -> None:
    from matplotlib import pyplot

    for text in TEXTS:
        pyplot.close(parse(text).bind(1000).plot().figure)


ADAPTERS = {name: act for name, act in globals().items() if name.startswith("with_")}


@pytest.mark.frameworks
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("way", ADAPTERS)
def test_adapters_keep_nobody(way: str) -> None:
    """Asked for the second time: of the first time torch, Keras and matplotlib keep something themselves."""
    ADAPTERS[way](Held())
    assert not outlives(ADAPTERS[way])
