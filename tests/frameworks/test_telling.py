"""Adapters tell the warnings of what they bind: once, with the code first, at the line that a user wrote."""

import copy
import pickle
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import keras
import pytest
import torch
from helpers import printed, refused
from hydra.utils import instantiate

import schedlang.hydra
import schedlang.kappaschedules
import schedlang.keras
import schedlang.noether
import schedlang.optax
import schedlang.stable_baselines3
from schedlang import ScheduleSet, ScheduleWarning, parse
from schedlang._bound.telling import codes_of, tell_once
from schedlang.torch import Scheduler

TEXT = "0 for 20 then warmup(10) then cosine"
"""Stays at 0 for the whole run, which is W517."""


def optimizer(*rates: float) -> torch.optim.Optimizer:
    groups = [{"params": [torch.zeros(2, requires_grad=True)], "lr": rate} for rate in rates or (0.1,)]
    return torch.optim.SGD(groups, lr=0.1, weight_decay=0.1)


ADAPTERS: dict[str, Callable[..., Any]] = {
    "torch": lambda text, **more: Scheduler(optimizer(), text, total_steps=200, **more),
    "torch, groups": lambda text, ignore=(): Scheduler(
        optimizer(0.1, 0.2, 0.1), {"lr": text}, total_steps=200, ignore={*codes_of(ignore), "W521"}
    ),
    "optax": lambda text, **more: schedlang.optax.schedule(text, 200, **more),
    "keras": lambda text, **more: schedlang.keras.Schedule(text, 200, **more),
    "stable_baselines3": lambda text, **more: schedlang.stable_baselines3.Schedule(text, 200, **more),
    "kappaschedules": lambda text, **more: schedlang.kappaschedules.Schedule(text, **more).get_value(0, 200),
    "noether": lambda text, **more: schedlang.noether.Schedule(text, total_steps=200, base=1, **more),
    "hydra": lambda text, **more: instantiate(
        {"_target_": "schedlang.hydra.bind", "schedule": text, "total_steps": 200, **more}
    ),
    "hydra, a set": lambda text, **more: schedlang.hydra.bind({"lr": text}, 200, **more),
    "set": lambda text, **more: ScheduleSet({"lr": text}).bind(200, **more),
}

each = pytest.mark.parametrize("adapter", ADAPTERS)


@pytest.fixture(autouse=True)
def untold() -> Iterator[None]:
    """As in a process that has not told anything."""
    tell_once.cache_clear()
    yield
    tell_once.cache_clear()


def told(build: Callable[[], object], *filters: str) -> list[warnings.WarningMessage]:
    """What Python is told, and what its filters let through."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        for each in filters:
            warnings.filterwarnings("ignore", each)
        build()
    return found


@each
def test_told_once_at_the_users_line(adapter: str) -> None:
    found = told(lambda: [ADAPTERS[adapter](TEXT) for _ in range(3)])
    (only,) = [warning for warning in found if issubclass(warning.category, ScheduleWarning)]
    assert (only.filename, str(only.message).partition(" ")[0]) == (__file__, "W517")
    (found_there,) = parse(TEXT).bind(200).warnings()
    assert only.message.diagnostic.message == found_there.message
    assert found_there.hint in str(only.message)
    assert f"1 | {TEXT}" in str(only.message)


@each
def test_silenced(adapter: str) -> None:
    """By the argument, by a comment in the text, and by Python's filters; a code that does not exist is told."""
    build = ADAPTERS[adapter]
    assert not told(lambda: build(TEXT, ignore=["W517"]))
    assert not told(lambda: build(f"{TEXT}  # schedlang: ignore W517"))
    assert not told(lambda: build(TEXT), "W517")
    assert [str(each.message)[:4] for each in told(lambda: build("linear", ignore="W617"))] == ["W513"]


@pytest.mark.parametrize("ignore", [517, None, [517]])
def test_no_codes(ignore: Any) -> None:
    """One code is taken as a list of it, also where warnings are asked for; what is none, is refused."""
    bound = parse(TEXT).bind(200)
    assert bound.warnings("W517") == bound.warnings(["W517"]) == ()
    for refuse in (bound.warnings, lambda ignore: Scheduler(optimizer(), TEXT, 200, ignore=ignore)):
        assert [found.code for found in refused(refuse, ignore).diagnostics] == ["E607"]


def test_each_warning_of_each_text() -> None:
    """Another text, another run with other numbers: another warning. The same text for another key is another place."""
    texts = {"lr": TEXT, "weight_decay": "warmup(500) then cosine"}
    found = told(lambda: Scheduler(optimizer(), texts, total_steps=200))
    assert sorted(str(each.message)[:4] for each in found) == ["W504", "W517"]
    assert "--> weight_decay:1:" in "".join(str(each.message) for each in found)
    for total, count in ((200, 1), (300, 1), (200, 0), (300, 0)):
        assert len(told(lambda total=total: Scheduler(optimizer(), texts["weight_decay"], total_steps=total))) == count


def test_an_update_without_weight_decay_does_something() -> None:
    texts = {"weight_decay": "linear(0, 0.1)", "lr": "linear(0, 0.1)"}
    (only,) = told(lambda: Scheduler(optimizer(), texts, total_steps=50))
    assert str(only.message).startswith("W501 ")
    assert not told(lambda: Scheduler(optimizer(), {"weight_decay": "linear(0, 0.2)"}, total_steps=50))


def test_made_an_error() -> None:
    """Where a filter makes an error of a warning, it is one whenever it is found, and the optimizer is as before."""
    for _ in range(2):
        made = optimizer()
        with warnings.catch_warnings(), pytest.raises(ScheduleWarning, match=r"^W517 "):
            warnings.simplefilter("error")
            Scheduler(made, TEXT, total_steps=200)
        assert made.param_groups[0]["lr"] == 0.1


def test_what_was_built_before_tells_nothing() -> None:
    """Copies, pickles and checkpoints: their texts were told of where they were built."""
    scheduler = Scheduler(optimizer(), TEXT, total_steps=200, ignore=["W517"])
    again = Scheduler(optimizer(), TEXT, total_steps=200, ignore=["W517"])
    assert not told(lambda: (copy.deepcopy(scheduler), pickle.loads(pickle.dumps(scheduler))))
    assert not told(lambda: again.load_state_dict(scheduler.state_dict()))


def test_plain_bind_is_silent() -> None:
    assert not told(lambda: parse(TEXT).bind(200))
    assert [each.code for each in parse(TEXT).bind(200).warnings()] == ["W517"]


def test_keras_keeps_what_is_ignored() -> None:
    """In a config, so that a model which is loaded does not tell of it."""
    config = schedlang.keras.Schedule(TEXT, 200, ignore="W517").get_config()
    assert config["ignore"] == ["W517"]
    assert not told(lambda: keras.optimizers.schedules.deserialize(
        {"class_name": "schedlang>Schedule", "config": config}
    ))  # fmt: skip


SCRIPT = """
from schedlang import ScheduleSet
for rate in (0.1, 0.2):
    ScheduleSet({"lr": "0 for 20 then warmup(10) then cosine"}).bind(200, base=rate)
"""


def test_of_a_process() -> None:
    """What a user sees, and the switch of Python's that hides it."""
    shown = printed("-c", f"import sys; sys.stderr = sys.stdout\n{SCRIPT}")
    assert shown.startswith("<string>:5: ScheduleWarning: W517 `warmup(10)` goes nowhere")
    assert shown.count("W517") == 1
    assert not printed("-W", "ignore:W517", "-c", f"import sys; sys.stderr = sys.stdout\n{SCRIPT}")


WAYS_OUT = {
    "torch": ("give `Scheduler(…, w=…)`", "give `Scheduler(…, steps_per_epoch=…)`"),
    "optax": ("give `schedule(…, w=…)`", "give `schedule(…, steps_per_epoch=…)`"),
    "keras": ('give `Schedule(…, params={"w": …})`', "give `Schedule(…, steps_per_epoch=…)`"),
    "stable_baselines3": ("give `Schedule(…, w=…)`", "give `Schedule(…, steps_per_epoch=…)`"),
}


@pytest.mark.parametrize("adapter", WAYS_OUT)
def test_errors_speak_of_the_adapter(adapter: str) -> None:
    """What is missing is to be given to what the user called; nobody has called `bind`."""
    for text, hint in zip(("warmup(w) then cosine", "1 for 5ep then 0"), WAYS_OUT[adapter], strict=True):
        assert refused(ADAPTERS[adapter], text).diagnostics[0].hint == hint
