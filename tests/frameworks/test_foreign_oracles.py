"""Configs of systems that the tests do not have, compared with what their libraries made of them."""

import copy
import json
import random
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

import pytest
from helpers import refused
from oracles.foreign import CASES, FILE, run_of

from schedlang import ScheduleError
from schedlang.foreign import from_config

TABLES = json.loads(FILE.read_text(encoding="utf-8"))


def test_all_cases_are_there() -> None:
    """Whoever adds a case writes the file."""
    assert [[each["system"], each["config"], each["run"]] for each in TABLES] == json.loads(json.dumps(CASES))


@pytest.mark.parametrize("table", TABLES, ids=lambda each: f"{each['system']}-{each['text']}")
def test_values_are_those_of_the_library(table: dict[str, Any]) -> None:
    found = from_config(table["config"], table["system"], **table["run"])
    assert found.text == table["text"]
    bound = found.bind(table["total"], **run_of(found, table["run"]))
    largest = max(map(abs, table["values"]))
    for step, value in zip(table["steps"], table["values"], strict=True):
        assert abs(bound(step) - value) <= 1e-9 * largest, (step, value)


@pytest.mark.skipif(find_spec("mmengine") is not None, reason="it is installed")
def test_a_library_that_is_not_there_is_told() -> None:
    table = TABLES[0]
    found = from_config(table["config"], table["system"], **table["run"])
    assert str(found.proof()) == "not compared: mmengine is not installed"


def of(kind: str, **arguments: Any) -> dict[str, Any]:
    return {"type": kind, **arguments}


UP = of("LinearLR", start_factor=0.1, begin=0, end=50, by_epoch=False)


@pytest.mark.parametrize(
    ("config", "code", "words"),
    [
        ([of("ReduceOnPlateauLR", begin=0)], "E606", "follows a metric"),
        ([of("LinearLR", begin=0)], "E607", "until the run ends"),
        ([of("LinearLR", begin=0, end=5), of("MyLR", begin=5)], "E606", "`MyLR` is not known"),
        ([of("LinearLR", begin=5, end=5)], "E605", "not behind"),
        ([of("LinearLR", begin=0, end=5, start_factor=0)], "E605", "is 0"),
        ([of("MultiStepLR", begin=0, milestone=[3])], "E605", "lacks `milestones`"),
        ([of("StepLR", begin=0, step_size=3, gama=1)], "E605", "gama"),
        ([of("StepLR", begin=0, step_size=3, by_epoch=False, convert_to_iter_based=True)], "E605", "converts epochs"),
        ([UP, of("CosineAnnealingLR", by_epoch=False, T_max=100, eta_min=0.1)], "E606", "no share"),
        ([of("CosineAnnealingLR", by_epoch=False, T_max=9, eta_min=0.1, eta_min_ratio=0.1)], "E605", "exclude"),
        ([of("ExponentialLR", begin=0, end=9, gamma=0.5), of("LinearLR", begin=9, end=20)], "E606", "no short number"),
    ],
)
def test_refusals_of_mmengine(config: Any, code: str, words: str) -> None:
    (found,) = refused(lambda: from_config(config, "mmengine")).diagnostics
    assert found.code == code
    assert words in found.message


def test_a_config_of_mmengine(tmp_path: Any) -> None:
    """A Python file, with the run and the optimizer in it."""
    from schedlang._files.foreign import foreign_in
    from schedlang._transfer.foreign import told_of

    file = tmp_path / "config.py"
    file.write_text(
        "_base_ = ['../base.py']\nmax_epochs = 12\n"
        "train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs, val_interval=1)\n"
        "param_scheduler = [\n"
        "    dict(type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=500),\n"
        "    dict(type=MultiStepLR, begin=0, end=max_epochs, by_epoch=True, milestones=[8, 11], gamma=0.1)]\n"
        "optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.02, momentum=0.9))\n"
    )
    (found,) = foreign_in(str(file), told_of(None, {}))
    (schedule,) = found.schedules
    assert schedule.text == "linear(1e-3, 1, 500, inclusive=both) * step_fixed(0.1, [8ep, 11ep])"
    assert (schedule.base, schedule.total_steps) == (0.02, "12ep")
    assert schedule.replaces == ("param_scheduler",)
    assert [note.message for note in schedule.notes] == ["`_base_` is not followed"]


@pytest.mark.parametrize(
    ("config", "code", "words"),
    [
        ({"sched": "plateau", "epochs": 9}, "E606", "follows a metric"),
        ({"sched": "cosine", "epochs": 9, "lr_noise": [0.4]}, "E606", "adds noise"),
        ({"sched": "tanh", "epochs": 9, "lr_cycle_limit": 2}, "E606", "jumps at its end"),
        ({"sched": "cosine", "epochs": 9, "warmup_epoch": 3}, "E605", "is short for"),
        ({"sched": "rsqrt", "epochs": 9, "warmup_epochs": 0, "decay_epochs": 2}, "E605", "needs a timescale"),
        ({"sched": "wsd", "epochs": 9, "warmup_epochs": 2, "decay_epochs": 9}, "E606", "of which timm makes"),
        ({"sched": "multistep", "epochs": 9, "decay_milestones": [5, 3]}, "E605", "do not rise"),
        ({"name": "cosine_with_warmup", "t_warmup": "5 weeks", "t_max": "1dur"}, "E605", "no time of Composer's"),
        ({"_target_": "composer.optim.StepScheduler", "gamma": 0.1}, "E605", "lacks `step_size`"),
        ({"_target_": "composer.optim.LinearScheduler", "t_maxx": "1dur"}, "E605", "t_maxx"),
        (
            {
                "scheduler": {"name": "cosine_with_warmup", "t_warmup": "5ba"},
                "max_duration": "9ba",
                "scale_schedule_ratio": 2,
            },
            "E606",
            "scale_schedule_ratio",
        ),
        ({"_component_": "torchtune.modules.get_cosine_schedule_with_warmup"}, "E605", "num_warmup_steps"),
    ],
)
def test_refusals_of_others(config: dict[str, Any], code: str, words: str) -> None:
    (found,) = refused(lambda: from_config(config)).diagnostics
    assert found.code == code
    assert words in found.message


def test_defaults_of_timm_are_told() -> None:
    """Scripts have others: only what the config says is certain."""
    found = from_config("--sched cosine --epochs 300 --lr 1e-3 --warmup-epochs 20 --min-lr 1e-5")
    assert found.text == "(warmup(20ep, 1e-5, base) then cosine(base, 1e-5) for 300ep skip 20ep) every 1ep"
    assert (found.base, found.total_steps) == (1e-3, "300ep")
    assert [note.message for note in found.notes] == [
        "doesn't say `warmup_lr`: it is taken to be 0.00001, as in timm's own script"
    ]


def test_a_config_of_llm_foundry_says_how_long_the_run_is() -> None:
    found = from_config(
        {
            "scheduler": {"name": "cosine_with_warmup", "t_warmup": "0.06dur", "alpha_f": 0.1},
            "max_duration": "3.2e3ba",
            "optimizer": {"name": "decoupled_adamw", "lr": "6e-4"},
        }
    )
    assert (found.text, found.total_steps, found.base) == ("warmup(6%) then cosine(end=0.1 * base)", 3200, 6e-4)
    assert found.replaces == ("scheduler",)


ODD = (None, [], {}, "x", -1, 0, 1, 2.5, 1e308, float("nan"), True, [1], "1e-3", "${a}", 10**30, "1e999", {"a": 1}, 3j)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to all that is in a config."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in entries:
        yield (*path, key)
        yield from places(below, (*path, key))


def test_odd_values_are_read_or_refused() -> None:
    """Never anything but a ScheduleError."""
    draw = random.Random(7)
    for _ in range(250):
        system, config, run = copy.deepcopy(draw.choice(CASES))
        *outer, last = draw.choice(list(places(config)))
        inside = config
        for key in outer:
            inside = inside[key]
        inside[last] = draw.choice(ODD)
        with suppress(ScheduleError):
            assert from_config(config, system, **run).text
