"""Hugging Face's configs as texts, compared with `transformers.get_scheduler` at every step."""

import math
import warnings
from typing import Any

import pytest
import torch
from helpers import codes, refused
from transformers import optimization

from schedlang.foreign import from_config

STABLE: dict[str, Any] = {"num_decay_steps": 20, "min_lr_ratio": 0.1}
KINDS: list[tuple[str, dict[str, Any]]] = [
    ("linear", {}),
    ("cosine", {}),
    ("cosine", {"num_cycles": 1.5}),
    ("cosine", {"num_cycles": 0.3}),
    ("cosine_with_restarts", {}),
    ("cosine_with_restarts", {"num_cycles": 3}),
    ("cosine_with_restarts", {"num_cycles": 2.5}),
    ("cosine_with_restarts", {"num_cycles": 49}),
    ("polynomial", {}),
    ("polynomial", {"power": 2, "lr_end": "1e-6"}),
    ("polynomial", {"power": 0.5, "lr_end": 0}),
    ("constant", {}),
    ("constant_with_warmup", {}),
    ("inverse_sqrt", {}),
    ("inverse_sqrt", {"timescale": 50}),
    ("cosine_with_min_lr", {"min_lr": 1e-5}),
    ("cosine_with_min_lr", {"min_lr_rate": 0.1, "num_cycles": 1.25}),
    ("cosine_warmup_with_min_lr", {"min_lr_rate": 0.1}),
    ("cosine_warmup_with_min_lr", {"min_lr": 1e-6, "warmup_lr_rate": 0.2}),
    ("warmup_stable_decay", {"num_decay_steps": 20}),
    (
        "warmup_stable_decay",
        {**STABLE, "decay_type": "1-sqrt", "warmup_type": "1-sqrt"},
    ),
    (
        "warmup_stable_decay",
        {**STABLE, "decay_type": "linear", "warmup_type": "cosine"},
    ),
    ("warmup_stable_decay", {**STABLE, "num_stable_steps": 30, "num_cycles": 1.3}),
]
WARM_UPS: list[dict[str, Any]] = [
    {},
    {"warmup_steps": 1},
    {"warmup_steps": 7},
    {"warmup_steps": 0.1},
    {"warmup_ratio": 0.07},  # 8 of 100 steps in floats
    {"warmup_ratio": "1e-2", "warmup_steps": 9},
]


@pytest.mark.parametrize(("kind", "kwargs"), KINDS, ids=str)
def test_every_step_is_equal(kind: str, kwargs: dict[str, Any]) -> None:
    """Each kind, with each warm-up, in runs of several lengths."""
    for warm_up in WARM_UPS:
        config = {"lr_scheduler_type": kind, "lr_scheduler_kwargs": kwargs, "learning_rate": 3e-4, **warm_up}
        for total in (100, 131, 300) if warm_up == WARM_UPS[-2] else (100, 131):
            found = from_config(config, total_steps=total)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # `num_stable_steps` beside the total, which the trainer always gives
                proof = found.proof()
            assert proof.equal, (found.text, warm_up, total, str(proof))


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"lr_scheduler_type": "cosine", "warmup_ratio": 0.03}, "warmup(3%) then cosine"),
        ({"lr_scheduler_type": "linear", "warmup_steps": 500}, "warmup(500) then linear"),
        ({"lr_scheduler_type": "constant_with_warmup", "warmup_steps": 0.05}, "warmup(5%) then hold"),
        ({"lr_scheduler_type": "inverse_sqrt", "warmup_steps": 10}, "warmup(10) then inv_sqrt(10)"),
        (
            {"lr_scheduler_type": "cosine_with_min_lr", "lr_scheduler_kwargs": '{"min_lr": 1e-5}'},
            "cosine(end=1e-5)",
        ),
        (
            {"lr_scheduler_type": "warmup_stable_decay", "lr_scheduler_kwargs": {"num_decay_steps": 200}},
            "hold until 100% - 200 then cosine",
        ),
        ({"warmup_ratio": 0.1, "learning_rate": 1, "num_train_epochs": 3}, "warmup(10%) then linear"),
        ({"lr_scheduler_type": "cosine", "num_warmup_steps": 9, "max_train_steps": 90}, "warmup(9) then cosine"),
    ],
)
def test_natural_texts(config: dict[str, Any], text: str) -> None:
    """The text is the one that somebody would write."""
    assert from_config(config).text == text


@pytest.mark.parametrize(
    ("config", "code", "words"),
    [
        ({"lr_scheduler_type": "cosin"}, "E605", "did you mean `cosine`?"),
        ({"lr_scheduler_type": "greedy"}, "E606", "which follows a metric"),
        ({"lr_scheduler_type": "reduce_lr_on_plateau"}, "E606", "which follows a metric"),
        (
            {"lr_scheduler_type": "cosine", "lr_scheduler_kwargs": {"num_cycle": 1}},
            "E605",
            "did you mean `num_cycles`?",
        ),
        ({"lr_scheduler_type": "linear", "lr_scheduler_kwargs": {"power": 1}}, "E605", "is nothing that `linear` has"),
        ({"lr_scheduler_type": "cosine", "lr_scheduler_kwargs": "num_cycles=1"}, "E605", "which is not JSON"),
        ({"lr_scheduler_type": "cosine", "warmup_steps": -5}, "E605", "is -5"),
        ({"lr_scheduler_type": "cosine", "warmup_ratio": 5}, "E605", "not between 0 and 1"),
        ({"lr_scheduler_type": "cosine", "warmup_ratio": "a lot"}, "E605", "not a number"),
        ({"lr_scheduler_type": "cosine", "warmup_steps": "${w}"}, "E606", "filled in elsewhere"),
        ({"lr_scheduler_type": "cosine_with_min_lr"}, "E605", "needs `min_lr` or `min_lr_rate`"),
        (
            {"lr_scheduler_type": "cosine_with_min_lr", "lr_scheduler_kwargs": {"min_lr": 0, "min_lr_rate": 0}},
            "E605",
            "exclude each other",
        ),
        ({"lr_scheduler_type": "warmup_stable_decay"}, "E605", "needs `num_decay_steps`"),
        ({"lr_scheduler_type": "inverse_sqrt", "warmup_ratio": 0.1}, "E607", "total_steps=10_000"),
    ],
)
def test_what_is_refused(config: dict[str, Any], code: str, words: str) -> None:
    """What it doesn't have, what has no counterpart, and what more has to be known for."""
    error = refused(from_config, config)
    assert [each.code for each in error.diagnostics] == [code]
    assert words in str(error)


def test_what_is_told() -> None:
    """Keys that do nothing there, that nobody knows, and shares that floats round otherwise in some runs."""
    config = {"lr_scheduler_type": "constant", "warmup_steps": 5, "warmup_stepz": 7, "lr_scheduler_args": {"a": 1}}
    assert [each.code for each in from_config(config).notes] == ["W527", "W534", "W534"]
    noted = from_config({"lr_scheduler_type": "cosine", "warmup_ratio": 0.07}).notes
    assert [each.code for each in noted] == ["W528"] and "of 100, 200" in noted[0].message
    assert not from_config({"lr_scheduler_type": "cosine", "warmup_ratio": 0.07}, total_steps=101).notes


def test_what_the_config_knows_of_the_run() -> None:
    """Its length in steps or epochs; what is told comes first."""
    config = {"lr_scheduler_type": "cosine", "num_train_epochs": 3, "max_steps": -1}
    assert from_config(config).total_steps == "3ep"
    assert from_config({**config, "max_steps": 700}).total_steps == 700
    assert from_config({**config, "max_steps": 700}, total_steps=70).total_steps == 70
    assert from_config(config, steps_per_epoch=100).bind()(150) == pytest.approx(0.5)
    assert from_config({"lr_scheduler_type": "cosine"}).total_steps is None


@pytest.mark.parametrize(
    "arguments",
    [
        "constant_schedule(opt)",
        "constant_schedule_with_warmup(opt, 10)",
        "linear_schedule_with_warmup(opt, 10, 100)",
        "cosine_schedule_with_warmup(opt, 10, 100, 1.5)",
        "cosine_with_hard_restarts_schedule_with_warmup(opt, 10, num_training_steps=100, num_cycles=3)",
        "polynomial_decay_schedule_with_warmup(opt, 10, 100, 1e-3, 2.0)",
        "inverse_sqrt_schedule(opt, 10, timescale=50)",
        "cosine_with_min_lr_schedule_with_warmup(opt, 10, 100, min_lr_rate=0.1)",
        "wsd_schedule(opt, 10, 20, 100, min_lr_ratio=0.1)",
        "scheduler('cosine_with_min_lr', opt, 10, 100, scheduler_specific_kwargs={'min_lr': 1e-3})",
    ],
)
def test_calls_of_the_functions(arguments: str) -> None:
    """A call is read as Python reads it: the function itself gives the same values."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = eval(f"optimization.get_{arguments}", {"optimization": optimization, "opt": optimizer})
    ours = from_config(f"transformers.get_{arguments}").bind(100, base=1.0)
    expected = [theirs.lr_lambdas[0](step) for step in range(100)]
    assert [ours(step) for step in range(100)] == pytest.approx(expected, abs=1e-9)


def test_a_call_has_the_length_of_its_run() -> None:
    """A length that the call says is no other; one that it doesn't say is told."""
    call = "get_linear_schedule_with_warmup(opt, 10, 100)"
    assert from_config(call).total_steps == 100
    assert codes(from_config, call, total_steps=50) == ["E605"]
    hydra = {"_target_": "transformers.get_linear_schedule_with_warmup", "_partial_": True, "num_warmup_steps": 5}
    assert (from_config(hydra).text, from_config(hydra, total_steps=50).total_steps) == ("warmup(5) then linear", 50)


def test_a_value_that_is_none_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    found = from_config({"lr_scheduler_type": "constant"}, total_steps=3)
    monkeypatch.setattr(type(found), "values", lambda self, total: [1.0, math.nan, 1.0])
    proof = found.proof()
    assert (proof.equal, proof.worst_step) == (False, 1)


def test_a_share_that_is_rounded_down() -> None:
    """Axolotl's is proven in runs of any length, told or not."""
    config = {"base_model": "x", "learning_rate": 2e-5, "warmup_ratio": 0.03}
    for total, text in ((None, "floor(3%)"), (777, "floor(3%)"), (700, "3%")):
        found = from_config(config, total_steps=total)
        assert found.text == f"warmup({text}) then cosine"
        assert found.proof().equal
