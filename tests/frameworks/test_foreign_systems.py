"""Configs of Axolotl, DeepSpeed, Megatron, NeMo, fairseq and RL Zoo, against values that their libraries gave."""

import json
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from helpers import refused
from oracles.systems import CONFIGS, FILE, TOTAL

from schedlang._transfer.foreign import Told, imported, recognized, system_called
from schedlang.foreign import from_config

ORACLE = json.loads(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("table", ORACLE["tables"], ids=lambda each: f"{each['system']}-{each['name']}")
def test_values_of_the_library(table: dict[str, Any]) -> None:
    """The text has the values that the library gave, to 1e-9 of the largest; the system is recognized."""
    system = recognized(table["config"])
    assert system is not None and system.name == table["system"]
    (found,) = (each for each in imported(table["config"], system, Told(TOTAL)) if each.name == table["name"])
    bound = found.bind()
    largest = max(map(abs, table["values"].values()))
    for step, value in table["values"].items():
        assert abs(bound(int(step)) - value) <= 1e-9 * largest, (found.text, step)


def test_every_config_has_its_values() -> None:
    """The file has a table of each config: nothing was left out when it was written."""
    told = [(each["system"], each["config"]) for each in ORACLE["tables"]]
    assert all((name, json.loads(json.dumps(config))) in told for name in CONFIGS for config in CONFIGS[name])


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ("--lr-decay-style cosine --lr-warmup-iters 2000 --min-lr 3e-5", "warmup(2000) then cosine(end=3e-5)"),
        ("--lr-decay-style cosine --lr-warmup-fraction 0.01 --train-iters 1000", "warmup(1%) then cosine"),
        (
            "--lr-decay-style cosine --lr-warmup-fraction 0.01",
            "warmup(1%, inclusive=exact) then cosine(inclusive=exact)",
        ),
        (
            "--lr-decay-style WSD --lr-wsd-decay-style linear --lr-wsd-decay-iters 200",
            "hold until 100% - 200 then linear",
        ),
        (
            "--lr-decay-style linear --lr-warmup-samples 5000 --train-samples 100000",
            "warmup(5000 samples) then linear",
        ),
        ({"base_model": "x", "learning_rate": 1, "warmup_steps": 10, "cosine_min_lr_ratio": 0.1},
         "warmup(10) then cosine(end=0.1 * base)"),
        ({"base_model": "x", "learning_rate": 1}, "warmup(min(floor(3%), 100)) then cosine"),
        ({"sched": {"name": "CosineAnnealing", "warmup_ratio": 0.1}},
         "warmup(floor(10%), inclusive=neither) then cosine"),
        ({"sched": {"name": "CosineAnnealing", "warmup_steps": 500, "min_lr": "1e-6"}},
         "warmup(500, inclusive=neither) then cosine(end=1e-6)"),
        ({"model": {"optim": {"lr": 1, "sched": {"name": "WarmupAnnealing", "warmup_ratio": 0.1}}},
          "trainer": {"max_steps": 200}}, "warmup(20, inclusive=neither) then linear"),
        ("--lr-scheduler inverse_sqrt --warmup-updates 4000", "warmup(4000) then inv_sqrt(4000)"),
        ("--lr-scheduler polynomial_decay --warmup-updates 9 --total-num-update 80", "warmup(9) then linear until 80"),
        ({"learning_rate": "lin_3e-4", "n_steps": 128}, "linear(3e-4, 0)"),
        ({"name": "inv_sqrt_with_warmup", "t_warmup": "50ba", "t_scale": "70ba", "t_cooldown": "60ba",
          "alpha_f_decay": 0.2}, "warmup(50, 0, base) then 0.2 * base + inv_sqrt(70, start=0.8 * base) "
         "until 100% - 60 then linear(duration=60)"),
        ({"scheduler": {"type": "WarmupLR", "params": {"warmup_num_steps": "100", "warmup_type": "linear"}}},
         "0 for 1 then warmup(100, 0, base) then base"),
        ({"base_model": "x", "learning_rate": 1, "warmup_ratio": 0.1}, "warmup(floor(10%)) then cosine"),
        ({"base_model": "x", "learning_rate": 1, "warmup_ratio": 0.1, "max_steps": 777},
         "warmup(floor(10%)) then cosine"),
        ({"base_model": "x", "learning_rate": 1, "warmup_ratio": 0.1, "max_steps": 770}, "warmup(10%) then cosine"),
        ({"base_model": "x", "learning_rate": 1, "warmup_ratio": 0.1, "max_steps": 19}, "warmup(2) then cosine"),
        ({"base_model": "x", "learning_rate": 1, "warmup_ratio": 0.0}, "cosine"),
    ],
)  # fmt: skip
def test_natural_texts(config: Any, text: str) -> None:
    """The text is the one that somebody would write."""
    assert from_config(config).text == text


@pytest.mark.parametrize(
    ("config", "code", "words"),
    [
        ("--lr-decay-style cosin --lr-warmup-iters 5", "E605", "did you mean `cosine`?"),
        ("--lr-decay-style WSD", "E605", "needs `lr_wsd_decay_iters`"),
        ("--lr-decay-style cosine --lr-warmup-iters 5 --lr-warmup-fraction 0.1", "E605", "stands beside"),
        ("--lr-decay-style cosine --lr-warmup-samples 5 --train-iters 10", "E605", "write `lr_warmup_iters`"),
        ("--lr-decay-style inverse-square-root --lr-warmup-fraction 0.1", "E607", "`train_iters`"),
        ("--train-iters 9 --train-samples 9 --lr-decay-style linear", "E605", "remove one of both"),
        ("--lr-decay-style linear --step-batch-size-schedule 0:16", "E606", "lets the batch grow"),
        ("--lr-decay-style linear --train-iters 9 --rampup-batch-size 1 1 9", "E606", "lets the batch grow"),
        ("--weight-decay-incr-style linear --lr-decay-style linear", "E605", "needs both ends"),
        (
            {"base_model": "x", "lr_scheduler": "inverse_sqrt", "learning_rate": 1, "warmup_ratio": 0.1},
            "E607",
            "needs a timescale",
        ),
        ({"base_model": "x", "lr_scheduler": "rexx", "learning_rate": 1}, "E605", "did you mean `rex`?"),
        ({"base_model": "x", "learning_rate": 1, "warmup_steps": 1, "warmup_ratio": 0.1}, "E605", "remove one"),
        ({"base_model": "x", "learning_rate": 1, "jagged_restart_steps": 9}, "E606", "`repeat`"),
        ({"base_model": "x", "lr_scheduler": "rex", "learning_rate": 1, "warmup_steps": 5}, "E607", "the run"),
        ({"scheduler": {"type": "WarmupLR", "params": {"warmup_num_steps": "auto"}}}, "E607", "Hugging Face fills in"),
        ({"scheduler": {"type": "WarmupLR", "params": {"warmup_steps": 3}}}, "E605", "is nothing that `WarmupLR` has"),
        ({"scheduler": {"type": "WarmupDecayLR", "params": {}}}, "E605", "needs `total_num_steps`"),
        ({"scheduler": {"type": "OneCycle", "params": {"cycle_min_lr": 1}}}, "E605", "needs `cycle_max_lr`"),
        ({"sched": {"name": "CosineAnnealin"}}, "E605", "did you mean `CosineAnnealing`?"),
        ({"sched": {"name": "CosineAnnealing", "warmup": 3}}, "E605", "is nothing that"),
        ({"sched": {"name": "SquareRootAnnealing", "warmup_ratio": 0.1}}, "E607", "`max_steps`"),
        ({"sched": {"name": "NoamAnnealing"}}, "E605", "needs `d_model`"),
        ({"sched": {"name": "ExponentialLR", "gamma": 0.9, "warmup_steps": 5}}, "E605", "torch's scheduler"),
        (
            {
                "name": "inv_sqrt_with_warmup",
                "t_warmup": "0.1dur",
                "t_scale": "9ba",
                "t_cooldown": "9ba",
                "t_max": "100ba",
            },
            "E605",
            "LLM Foundry refuses",
        ),
        ("--lr-scheduler reduce_lr_on_plateau --max-update 9", "E606", "does not follow the updates alone"),
        ("--lr-scheduler fixed --force-anneal 3", "E606", "begins at an epoch"),
        ("--lr-scheduler cosine --lr 1 2 --max-update 9", "E606", "for each epoch"),
    ],
)
def test_what_is_refused(config: Any, code: str, words: str) -> None:
    """What a system doesn't have, what has no counterpart, and what more has to be known for."""
    error = refused(from_config, config)
    assert [each.code for each in error.diagnostics] == [code]
    assert words in str(error)


def test_a_share_that_is_rounded_down() -> None:
    """The text for all lengths of the run has the values of the one for each, but where a note says otherwise."""
    for config, least in (
        ({"base_model": "x", "learning_rate": 1, "warmup_ratio": 0.1}, 20),
        ({"base_model": "x", "learning_rate": 1, "warmup_ratio": "0.03", "lr_scheduler": "constant_with_warmup"}, 67),
        ({"name": "linear_decay_with_warmup", "t_warmup": "0.0625dur", "alpha_f": 0.1}, 1),
        ({"name": "cosine_with_warmup", "t_warmup": "0.05dur", "t_max": "0.7dur"}, 1),
        ({"base_model": "x", "learning_rate": 1}, 67),
        ({"sched": {"name": "WarmupAnnealing", "warmup_ratio": 0.07}}, 1),
    ):
        for total in (1, 10, 33, 34, 777, 3500):
            one, each = from_config(config).bind(total, base=1), from_config(config, total_steps=total).bind(base=1)
            steps = range(total) if total < 99 else (1, 2, *range(90, 110), total - 1)
            alike = [one(step) == pytest.approx(each(step), abs=1e-12) for step in steps]
            assert all(alike) or total < least, (config, total)


def test_options_as_keys() -> None:
    """A mapping of the options of a command line, as Megatron's own tests have them."""
    found = from_config({"--lr-decay-style": "cosine", "--lr-warmup-fraction": 0.01, "--lr-warmup-samples": 0,
                         "--train-iters": 1000, "--lr": 1})  # fmt: skip
    assert (found.system, found.text, found.total_steps) == ("megatron", "warmup(1%) then cosine", 1000)


def test_several_hyperparameters() -> None:
    """A config may have schedules of several; they are asked for by name."""
    config = {"weight_decay_incr_style": "linear", "start_weight_decay": 0, "end_weight_decay": 0.1, "train_iters": 9}
    assert from_config(config, "megatron", name="weight_decay").text == "linear(0, 0.1)"
    zoo = {"clip_range": "lin_0.2", "learning_rate": "lin_1e-3"}
    assert [each.name for each in imported(zoo, system_called("rl-zoo3"))] == ["lr", "clip_range"]


def test_what_another_file_may_have() -> None:
    """A style that is not written is told as the default; a batch that is not known is none of the iterations'."""
    found = from_config({"lr_warmup_iters": 5, "global_batch_size": "${BATCH}"}, "megatron")
    assert found.text == "warmup(5) then linear" and not found.rates
    assert [each.message for each in found.notes] == ["`lr_decay_style` is not written, so it is `linear`"]


def test_samples_stay_samples() -> None:
    """A run of samples is one of samples, and a batch that grows is told."""
    config = "--lr-decay-style cosine --train-samples 100000 --global-batch-size 100 --lr 1"
    found = from_config(config)
    assert found.total_steps == "100000 samples" and found.rates == {"samples_per_step": 100}
    assert found.bind()(500) == pytest.approx(0.5)
    for growing in ("--rampup-batch-size 10 10 1000", "--step-batch-size-schedule 0:16"):
        grown = from_config(f"{config} {growing}")
        assert not grown.rates and [each.code for each in grown.notes] == ["W534"]


def test_the_library_is_given_what_stands_elsewhere_in_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the name of it."""
    given: dict[str, Any] = {}
    made = SimpleNamespace(step=lambda: None)
    lr_scheduler = SimpleNamespace(AVAILABLE_SCHEDULERS={"NoamAnnealing": lambda _, **more: given.update(more) or made})
    monkeypatch.setitem(sys.modules, "nemo.core.optim", SimpleNamespace(lr_scheduler=lr_scheduler))
    optim = {"lr": 1, "sched": {"name": "NoamAnnealing", "d_model": "${size}", "warmup_steps": 9}}
    (found,) = imported(optim, system_called("nemo"), path=("optim",), root={"size": 512, "optim": optim})
    assert found.values(3) == [1.0] * 3
    assert given == {"d_model": 512, "warmup_steps": 9}
