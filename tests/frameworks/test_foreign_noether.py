"""Noether's and kappaschedules's configs in the frame of the others, compared with kappaschedules at every step."""

import copy
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from helpers import refused

from schedlang import ScheduleError
from schedlang._files.foreign import foreign_in
from schedlang._transfer.foreign import told_of
from schedlang.foreign import from_config

FALL: dict[str, Any] = {"max_value": 0.5, "end_value": "1e-2"}
WARM: dict[str, Any] = {"max_value": 0.5, "end_value": 0.1}


def of(kind: str, **fields: Any) -> dict[str, Any]:
    return {"kind": f"noether.core.schedules.{kind}Schedule", **fields}


NOETHER: list[Any] = [
    of("Constant", value=0.5),
    of("Custom", values=[0.1 * step for step in range(101)]),
    of("LinearDecreasing", **FALL),
    of("CosineDecreasing", **FALL, exclude_first=True, exclude_last=True),
    of("PolynomialIncreasing", max_value=1, power=2, overhang_steps=7, end_value=3),
    of("StepFixed", factor=0.1, steps=[0.3, 0.6]),
    of("StepInterval", factor=0.5, start_value=2, update_interval=0.25),
    of("StepDecreasing", factor=0.1, **FALL, decreases_interval=0.2),
    of("LinearWarmupCosineDecay", **WARM, warmup_percent=0.29),
    of("LinearWarmupCosineDecay", **WARM, warmup_steps=10, start_value=0.05),
    of(
        "SequentialStep",
        schedule_configs=[
            {"schedule": of("LinearIncreasing", max_value=1), "end_step": 20},
            {"schedule": of("StepInterval", factor=0.5, update_interval=0.5)},
        ],
    ),
]
PHASES = [
    {"schedule": {"kind": "linear_increasing_schedule", "max_value": 0.5}, "end_epoch": 2},
    {"schedule": {"kind": "cosine_decreasing_schedule", "max_value": 0.5}},
]
KAPPASCHEDULES: list[Any] = [
    PHASES,
    {"kind": "kappaschedules.StepIntervalSchedule", "start_value": "1", "factor": 0.5, "interval": 0.1},
    {"()": "ks.InverseSqrtDecreasingSchedule", "max_value": 0.5},
    {"kind": "periodic_bool_schedule", "initial_state": True, "on_duration": 3},
]


@pytest.mark.parametrize(("config", "system"), [
    *((config, "noether") for config in NOETHER), *((config, "kappaschedules") for config in KAPPASCHEDULES)
])  # fmt: skip
def test_every_step_is_equal(config: Any, system: str) -> None:
    found = from_config(config, total_steps=101, steps_per_epoch=10)
    proof = found.proof()
    assert found.system == system
    assert proof.equal and str(proof).startswith("equal at all 101 steps with kappaschedules "), (found.text, proof)


@pytest.mark.parametrize(
    "config",
    [
        of("SqrtDecreasing", max_value=1),
        of("LinearDecreasing", max_value=1, interval="epoch"),
        of("SequentialStep", schedule_configs=[{"schedule": of("SqrtDecreasing", max_value=1)}]),
    ],
)
def test_what_kappaschedules_lacks_is_not_compared(config: Any) -> None:
    assert from_config(config, total_steps=100).proof().equal is None


def test_in_files(tmp_path: Path) -> None:
    """Where they stand, with what `${…}` leads to; each is replaced as a whole, and mistakes have their places."""
    file = tmp_path / "a.yaml"
    file.write_text(
        "optim:\n  lr: 1e-3\n"
        "  schedule_config: {kind: noether.core.schedules.CosineDecreasingSchedule, max_value: '${optim.lr}'}\n"
        "  weight_decay_schedule: {kind: ConstantSchedule, value: 0.1}\n"
        "wrong:\n  kind: LinearDecreasingSchedule\n  max_value: 1\n  end_valeu: 3\n"
        "other: {kind: torch.optim.AdamW, schedule: {kind: WhateverSchedule}}\n"
    )
    lr, decay, wrong = foreign_in(str(file), told_of(None, {}))
    assert [(each.schedules[0].name, each.schedules[0].text) for each in (lr, decay)] == [
        ("lr", "cosine(1e-3, 0, inclusive=both)"),
        ("weight_decay", "constant(0.1)"),
    ]
    assert lr.schedules[0].replaces == ("optim.schedule_config",)
    (problem,) = wrong.problems
    assert problem.code == "E605" and problem.source is not None and problem.span is not None
    assert problem.source.position(problem.span.start)[0] == 8


@pytest.mark.parametrize(
    ("config", "code"),
    [
        (of("LinearDecreasing"), "E605"),
        (of("Nothing"), "E605"),
        ({"()": "LinearDecreasingScheduleConfig", "#0": 1}, "E605"),
        (of("SequentialPercent", schedule_configs=[{"schedule": 1.0, "end_percent": 0.5}, {"schedule": 0.5}]), "E607"),
    ],
)
def test_refusals(config: Any, code: str) -> None:
    assert refused(from_config, config).diagnostics[0].code == code


def test_notes_are_told() -> None:
    """W527 for what does nothing there, W528 for lengths in which floats round otherwise."""
    notes = from_config(of("LinearWarmupCosineDecay", **WARM, warmup_percent=0.29, weight_decay=0.7)).notes
    assert sorted(each.code for each in notes) == ["W527", "W528"]


ODD: tuple[Any, ...] = (
    None,
    [],
    {},
    "x",
    -1,
    0,
    2.5,
    1e308,
    float("nan"),
    True,
    [1],
    "1e-3",
    "${a}",
    10**30,
    {"a": 1},
    3j,
)


def test_odd_values_are_read_or_refused() -> None:
    draw = random.Random(3)
    for _ in range(150):
        config = copy.deepcopy(draw.choice([each for each in NOETHER + KAPPASCHEDULES if isinstance(each, dict)]))
        config[draw.choice(list(config))] = draw.choice(ODD)
        with suppress(ScheduleError):
            assert from_config(config, draw.choice(("noether", "kappaschedules")), total_steps=50).text
