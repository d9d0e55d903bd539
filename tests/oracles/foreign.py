"""Configs of other systems whose libraries the tests do not have, and what these libraries make of them.

`python -m tests.oracles.foreign`, where they are installed, compares each config at every step, and writes
`foreign.json`: the values at a few steps. `tests/frameworks/test_foreign_oracles.py` compares those.
"""

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "foreign.json"


def _of(kind: str, **arguments: Any) -> dict[str, Any]:
    return {"type": kind, **arguments}


EPOCHS = {"by_epoch": True}
STEPS = {"by_epoch": False}
CONVERTED = {"by_epoch": True, "convert_to_iter_based": True}
UP = _of("LinearLR", start_factor=1e-3, begin=0, end=50, **STEPS)
UP_IN_EPOCHS = _of("LinearLR", start_factor=0.1, begin=0, end=5, **EPOCHS)
MMENGINE: list[Any] = [
    [UP, _of("MultiStepLR", begin=0, end=12, milestones=[8, 11], gamma=0.1, **EPOCHS)],
    [UP, _of("CosineAnnealingLR", eta_min=0.01, begin=10, end=20, T_max=10, **CONVERTED)],
    [_of("LinearLR", start_factor=1e-4, begin=0, end=5, **CONVERTED),
     _of("CosineAnnealingLR", eta_min=1e-5, begin=5, end=30, T_max=25, **CONVERTED)],
    [UP_IN_EPOCHS, _of("CosineAnnealingLR", eta_min=1e-5, begin=5, end=30, T_max=25, **EPOCHS)],
    [UP_IN_EPOCHS, _of("ConstantLR", factor=1, begin=5, end=10, **EPOCHS),
     _of("CosineAnnealingLR", begin=10, end=20, eta_min=0.1, **EPOCHS)],
    [_of("LinearLR", start_factor=0.01, begin=0, end=5, **CONVERTED),
     _of("CosineAnnealingLR", eta_min=0.05, begin=5, T_max=20, end=20, **CONVERTED),
     _of("ConstantLR", factor=1, begin=20, end=30, **EPOCHS)],
    [_of("mmdet.QuadraticWarmupLR", begin=0, end=5, **CONVERTED),
     _of("CosineAnnealingLR", eta_min=0.05, begin=5, T_max=25, end=25, **CONVERTED),
     _of("ConstantLR", factor=1, begin=25, end=30, **EPOCHS)],
    [_of("PolyLR", eta_min=1e-4, power=0.9, begin=0, end=300, **STEPS)],
    [UP, _of("PolyLR", eta_min=0, power=1.0, begin=50, end=300, **STEPS)],
    _of("MultiStepLR", milestones=[3, 6], by_epoch=True),
    [_of("StepLR", step_size=3, gamma=0.5, **EPOCHS)],
    [_of("StepLR", step_size=30, gamma=0.5, begin=0, end=90, **STEPS)],
    [_of("ExponentialLR", gamma=0.9, begin=0, end=20, **EPOCHS)],
    [_of("ExponentialLR", gamma=0.99, begin=0, end=20, **CONVERTED)],
    [UP, _of("ExponentialLR", gamma=0.95, begin=50, end=100, **STEPS)],
    [UP, _of("StepLR", step_size=10, gamma=0.95, begin=0, end=100, **STEPS)],
    [_of("ConstantLR", factor=0.1, begin=0, end=50, **STEPS),
     _of("LinearLR", start_factor=1, end_factor=0.1, begin=60, end=100, **STEPS)],
    [_of("CosineAnnealingLR", T_max=20, **EPOCHS)],
    [_of("CosineAnnealingLR", T_max=100, eta_min_ratio=0.05, **STEPS)],
    [_of("CosineRestartLR", periods=[10, 12], restart_weights=[1, 0.5], eta_min=0.01, **EPOCHS)],
    [_of("CosineRestartLR", periods=[100, 120], restart_weights=[1, 0.5], eta_min=0.01, **STEPS)],
    [_of("CosineRestartLR", periods=[10, 12], restart_weights=[1, 0.5], eta_min=0.01, **CONVERTED)],
    [_of("OneCycleLR", eta_max=0.1, total_steps=300, **STEPS)],
    [_of("CosineAnnealingMomentum", T_max=100, eta_min=0.5, begin=0, end=100, **STEPS)],
    [_of("LinearParamScheduler", param_name="weight_decay", end_factor=0.1, begin=0, end=100, **STEPS)],
    {"param_scheduler": [UP], "train_cfg": {"max_epochs": 12}, "optim_wrapper": {"optimizer": {"lr": 0.02}}},
]  # fmt: skip
TIMM: list[Any] = [
    {"lr": 0.5, "warmup_epochs": 5, "warmup_lr": 0.01, "epochs": 30, **behind, **moving, **kind}
    for behind in ({}, {"warmup_prefix": True})
    for moving in ({}, {"sched_on_updates": True})
    for kind in (
        {"sched": "cosine", "min_lr": 1e-3, "cooldown_epochs": 5},
        {"sched": "cosine", "min_lr": 0.1, "lr_k_decay": 1.5},
        {"sched": "cosine", "lr_cycle_limit": 3, "epochs": 12, "min_lr": 0},
        {"sched": "cosine", "lr_cycle_limit": 3, "lr_cycle_mul": 2, "epochs": 8, "min_lr": 1e-3},
        {"sched": "cosine", "lr_cycle_limit": 2, "lr_cycle_mul": 1.5, "lr_cycle_decay": 1, "epochs": 9},
        {"sched": "poly", "decay_rate": 2, "lr_k_decay": 0.5, "min_lr": 1e-3},
        {"sched": "tanh", "min_lr": 1e-3},
        {"sched": "step", "decay_epochs": 2.4, "decay_rate": 0.97},
        {"sched": "constant"},
        {"sched": "multistep", "decay_milestones": [10, 20], "decay_rate": 0.1},
        {"sched": "wsd", "epochs": 25},
        {"sched": "wsd", "decay_epochs": 8, "lr_decay_fn": "linear", "min_lr": 1e-3},
        {"sched": "rsqrt", "epochs": 25},
        {"sched": "rsqrt", "decay_epochs": 8, "lr_decay_fn": "cosine", "lr_stable_timescale": 3, "min_lr": 0.25},
    )
]


def _composer(kind: str, **arguments: Any) -> dict[str, Any]:
    return {"_target_": f"composer.optim.{kind}", **arguments}


BATCHES = {"t_warmup": "50ba"}
COMPOSER: list[Any] = [
    _composer("StepScheduler", step_size="3ep"),
    _composer("StepScheduler", step_size="30ba", gamma=0.5),
    _composer("MultiStepScheduler", milestones=["3ep", "60ba"]),
    _composer("ConstantScheduler", alpha=0.5, t_max="40ba"),
    _composer("LinearScheduler", alpha_i=0.5, alpha_f=0.1, t_max="0.5dur"),
    _composer("ExponentialScheduler", gamma=0.9),
    _composer("ExponentialScheduler", gamma=0.9, decay_period="7ba"),
    _composer("CosineAnnealingScheduler", t_max="1_001sp", alpha_f=0.1),
    _composer("CosineAnnealingWarmRestartsScheduler", t_0="5ep", t_mult=2),
    _composer("PolynomialScheduler", power=2, alpha_f=0.1),
    _composer("MultiStepWithWarmupScheduler", **BATCHES, milestones=["3ep", "15ep"]),
    _composer("ConstantWithWarmupScheduler", **BATCHES),
    _composer("ConstantWithWarmupScheduler", **BATCHES, alpha=0.5),
    _composer("LinearWithWarmupScheduler", **BATCHES, alpha_i=0.5, t_max="400ba"),
    _composer("CosineAnnealingWithWarmupScheduler", **BATCHES, alpha_f=0.1),
    _composer("CosineAnnealingWithWarmupScheduler", t_warmup="0.07dur", alpha_f=0.1),
    _composer("CosineAnnealingWithWarmupScheduler", t_warmup="0.055dur"),
    _composer("PolynomialWithWarmupScheduler", t_warmup="0.5dur"),
    {"name": "cosine_with_warmup", **BATCHES, "alpha_f": 0.1},
    {
        "scheduler": {"name": "cosine_with_warmup", "t_warmup": "1001tok"},
        "max_duration": "3_000tok",
        "optimizer": {"lr": 1},
    },
    {
        "scheduler": {"name": "linear_decay_with_warmup", "t_warmup": "0.055dur", "alpha_f": 0.02},
        "max_duration": "3000tok",
    },
    {"scheduler": {"name": "constant_with_warmup", "t_warmup": "50ba"}, "max_duration": "30ep"},
]
TORCHTUNE = [
    {"_component_": "torchtune.training.lr_schedulers.get_cosine_schedule_with_warmup", "num_warmup_steps": 100},
    {
        "_component_": "torchtune.modules.get_cosine_schedule_with_warmup",
        "num_warmup_steps": 9,
        "num_training_steps": 200,
    },
    {"_component_": "torchtune.modules.get_cosine_schedule_with_warmup", "num_warmup_steps": 10, "num_cycles": 1},
]
KNOWN = {"total_steps": 300, "steps_per_epoch": 10, "samples_per_step": 10, "tokens_per_step": 10}
CASES: list[tuple[str, Any, dict[str, Any]]] = [
    ("mmengine", config, {"total_steps": total, "steps_per_epoch": 10}) for config in MMENGINE for total in (None, 300)
]
CASES += [
    ("mmengine", config, {"total_steps": 300, "steps_per_epoch": 10})
    for config in (
        [UP, _of("CosineAnnealingLR", eta_min=1e-5, begin=10, **EPOCHS)],
        [UP, _of("PolyLR", eta_min=1e-5, begin=50, **STEPS)],
        [_of("LinearLR", start_factor=1, end_factor=0.1, **CONVERTED)],
    )
]
CASES += [("timm", config, {"total_steps": 420, "steps_per_epoch": 10}) for config in TIMM]
CASES += [("composer", config, KNOWN) for config in COMPOSER]
CASES += [("torchtune", config, {"total_steps": 300}) for config in TORCHTUNE]


def main() -> None:
    """Write the file."""
    from schedlang.foreign import from_config

    tables = []
    for system, config, run in CASES:
        found = from_config(config, system, **run)
        proof = found.proof()
        if not proof.equal:
            raise SystemExit(f"{system} {config} {run}: {found.text}: {proof}")
        total = proof.totals[0]
        edges = {each.first + near for each in found.bind(total, **run_of(found, run)).phases for near in (-1, 0, 1, 2)}
        steps = sorted({step for step in (*edges, *range(3, total, total // 7), total - 1) if 0 <= step < total})
        assert found._rule.values is not None
        values = found._rule.values(total)
        tables.append({
            "system": system,
            "library": proof.with_,
            "config": config,
            "run": run,
            "text": found.text,
            "total": total,
            "steps": steps,
            "values": [values[step] for step in steps],
        })  # fmt: skip
        print(found.text, proof, sep="\n  ")
    FILE.write_text("[\n" + ",\n".join(map(json.dumps, tables)) + "\n]\n", encoding="utf-8")


def run_of(found: Any, run: dict[str, Any]) -> dict[str, Any]:
    """What a text is bound with, to be compared: what is told, and a base of 1 if the config has none."""
    rates = {key: value for key, value in run.items() if key.endswith(("_epoch", "_step"))}
    return {**found.rates, **rates, "base": 1.0 if found.base is None else found.base}


if __name__ == "__main__":
    main()
