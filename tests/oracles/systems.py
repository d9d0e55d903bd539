"""Configs of systems that are not installed beside the tests, and the values that their own libraries gave.

`python -m tests.oracles.systems NAME …` asks the libraries that are installed where it is run for the values of these
systems, and writes them into `systems.json`. NeMo and fairseq take much that has nothing to do with a schedule, such
as an old Python, and RL Zoo a dozen packages: their schedulers' modules are loaded alone, with nothing behind the names
that they import.
"""

import importlib.metadata
import json
import sys
import types
from pathlib import Path
from typing import Any

from schedlang._transfer.foreign import Told, imported, system_called

FILE = Path(__file__).parent / "systems.json"
TOTAL = 60
STEPS = (0, 1, 2, 3, 5, 8, 9, 10, 11, 20, 31, 44, 58, 59)

_AXOLOTL: dict[str, Any] = {"base_model": "x", "learning_rate": 3e-4}
_DEEPSPEED: dict[str, Any] = {"optimizer": {"params": {"lr": 3e-4}}}
_WARM: dict[str, Any] = {"warmup_num_steps": 9, "warmup_type": "linear"}
_FALL: dict[str, Any] = {**_WARM, "total_num_steps": 50}
_MEGATRON: dict[str, Any] = {"lr": 3e-4, "min_lr": 1e-5, "train_iters": 60}
_SAMPLES: dict[str, Any] = {"lr": 3e-4, "min_lr": 1e-5, "train_samples": 1930, "global_batch_size": 32}
_WSD: dict[str, Any] = {"lr_decay_style": "WSD", "lr_wsd_decay_iters": 13, "lr_warmup_iters": 9}
_FAIRSEQ: dict[str, Any] = {"lr": 5e-4, "max_update": 60, "warmup_updates": 9}

_SCHEDS: list[tuple[str, dict[str, Any]]] = [
    ("CosineAnnealing", {}),
    ("CosineAnnealing", {"min_lr": 1e-5, "constant_steps": 20}),
    ("WarmupAnnealing", {"min_lr": 1e-5}),
    ("PolynomialDecayAnnealing", {"power": 2, "min_lr": 1e-5}),
    ("SquareAnnealing", {}),
    ("SquareRootAnnealing", {"min_lr": 1e-4}),
    ("InverseSquareRootAnnealing", {}),
    ("NoamAnnealing", {"d_model": 256, "min_lr": 1e-6}),
    ("WarmupHoldAnnealLinear", {"min_lr": 1e-5, "hold_steps": 20}),
    ("WarmupHoldAnnealLinear", {"min_lr": 1e-5}),
    ("WarmupHoldAnnealOneMinusSquareRoot", {"min_lr": 1e-5, "hold_ratio": 0.333}),
    ("PolynomialHoldDecayAnnealing", {"min_lr": 1e-5, "hold_steps": 20, "power": 3}),
    ("NoamHoldAnnealing", {"hold_ratio": 0.2, "decay_rate": 1.0}),
    ("WarmupPolicy", {}),
    ("WarmupHoldPolicy", {"hold_steps": 20}),
]

CONFIGS: dict[str, list[dict[str, Any]]] = {
    "axolotl": [
        {**_AXOLOTL, **warm_up, **config}
        for warm_up in ({"warmup_steps": 9}, {"warmup_ratio": 0.07}, {})
        for config in (
            {"lr_scheduler": "one_cycle"},
            {"lr_scheduler": "one_cycle", "lr_scheduler_kwargs": {"pct_start": 0.285, "anneal_strategy": "linear"}},
            {"lr_scheduler": "rex"},
            {"lr_scheduler": "rex", "cosine_min_lr_ratio": 0.1},
            {"cosine_min_lr_ratio": 0.1},
            {"cosine_min_lr_ratio": 0.1, "cosine_constant_lr_ratio": 0.777},
            {"lr_quadratic_warmup": True},
        )
    ],
    "deepspeed": [
        {**_DEEPSPEED, "scheduler": {"type": kind, "params": params}}
        for kind, params in (
            ("WarmupLR", {}),
            ("WarmupLR", _WARM),
            ("WarmupLR", {"warmup_num_steps": 9, "warmup_min_lr": 1e-5, "warmup_max_lr": 2e-4}),
            ("WarmupDecayLR", {"warmup_num_steps": 9, "total_num_steps": 50}),
            ("WarmupDecayLR", {**_FALL, "warmup_min_lr": 1e-6, "warmup_max_lr": 3e-4}),
            ("WarmupCosineLR", {"warmup_num_steps": 9, "total_num_steps": 50}),
            ("WarmupCosineLR", {**_FALL, "warmup_min_ratio": 0.1, "cos_min_ratio": 0.05}),
            ("OneCycle", {"cycle_min_lr": 1e-4, "cycle_max_lr": 1e-3, "cycle_first_step_size": 20}),
            (
                "OneCycle",
                {
                    "cycle_min_lr": 1e-4,
                    "cycle_max_lr": 1e-3,
                    "cycle_first_step_size": 9,
                    "cycle_second_step_size": 20,
                    "decay_lr_rate": 0.1,
                    "decay_step_size": 7,
                },
            ),
            ("LRRangeTest", {}),
            ("LRRangeTest", {"lr_range_test_step_size": 7, "lr_range_test_staircase": True}),
        )
    ],
    "megatron": [
        *({**_MEGATRON, "lr_decay_style": style, "lr_warmup_iters": 9} for style in ("constant", "linear", "cosine")),
        {**_MEGATRON, "lr_decay_style": "cosine", "lr_warmup_fraction": 0.075, "lr_decay_iters": 50},
        {**_MEGATRON, "lr_decay_style": "cosine", "lr_warmup_fraction": 0.1, "lr_warmup_init": 1e-6},
        {**_MEGATRON, "lr_decay_style": "inverse-square-root", "lr_warmup_iters": 9, "lr_decay_iters": 50},
        *({**_MEGATRON, **_WSD, "lr_wsd_decay_style": style} for style in ("exponential", "linear", "cosine")),
        {**_MEGATRON, **_WSD, "lr_wsd_decay_style": "minus_sqrt", "lr_decay_iters": 50},
        {**_SAMPLES, "lr_decay_style": "cosine", "lr_warmup_samples": 300},
        {**_SAMPLES, "lr_decay_style": "linear", "lr_warmup_samples": 300, "lr_decay_samples": 1500},
        {**_SAMPLES, "lr_decay_style": "WSD", "lr_warmup_samples": 300, "lr_wsd_decay_samples": 450},
        {**_MEGATRON, "weight_decay_incr_style": "cosine", "start_weight_decay": 0.01, "end_weight_decay": 0.1},
    ],
    "nemo": [
        *(
            {"lr": 1e-3, "sched": {"name": kind, "warmup_steps": 9, "max_steps": TOTAL, **given}}
            for kind, given in _SCHEDS
        ),
        {"lr": 1e-3, "sched": {"name": "ExponentialLR", "gamma": 0.97}},
        {
            "lr": 1e-3,
            "sched": {"name": "CyclicLR", "base_lr": 1e-4, "max_lr": 1e-3, "step_size_up": 7, "cycle_momentum": False},
        },
    ],
    "rl-zoo3": [{"learning_rate": "lin_7.3e-4", "clip_range": "lin_0.2", "n_steps": 128}],
    "fairseq": [
        *({**_FAIRSEQ, "lr_scheduler": kind} for kind in ("fixed", "inverse_sqrt", "polynomial_decay")),
        *({**_FAIRSEQ, "lr_scheduler": kind} for kind in ("cosine", "step")),
        {**_FAIRSEQ, "lr_scheduler": "polynomial_decay", "power": 2, "end_learning_rate": 1e-5, "total_num_update": 50},
        {**_FAIRSEQ, "lr_scheduler": "cosine", "min_lr": 1e-5, "lr_period_updates": 20, "lr_shrink": 0.5},
        {**_FAIRSEQ, "lr_scheduler": "cosine", "warmup_init_lr": 1e-7, "lr_period_updates": 9, "t_mult": 2},
        {**_FAIRSEQ, "lr_scheduler": "step", "min_lr": 1e-4, "lr_deacy_period": 10},
        {"lr": 5e-4, "lr_scheduler": "triangular", "max_lr": 1e-2, "lr_period_updates": 20, "lr_shrink": 0.5},
        {"lr": 5e-4, "lr_scheduler": "triangular", "max_lr": 1e-2, "lr_period_updates": 20, "shrink_min": True},
        {"lr": 5e-4, "max_update": 60, "lr_scheduler": "tri_stage", "phase_ratio": [0.25, 0.25, 0.5]},
        {
            "lr_scheduler": {"_name": "tri_stage", "warmup_steps": 9, "decay_steps": 30, "final_lr_scale": 0.05},
            "optimization": {"lr": [5e-4], "max_update": 60},
        },
    ],
}


def _tables(name: str) -> list[dict[str, Any]]:
    system = system_called(name)
    found = []
    for config in CONFIGS[name]:
        for each in imported(config, system, Told(TOTAL)):
            values = each.values(TOTAL)
            at = {str(step): values[step] for step in STEPS}
            found.append({"system": name, "config": config, "name": each.name, "values": at})
    return found


class _Nothing(types.ModuleType):
    """A module in which every name stands for something that does nothing."""

    def __getattr__(self, name: str) -> Any:
        if name == "__path__":
            return []
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {"__init__": lambda self, *given, **named: None, "warning": print})


def _alone(package: str, folder: str, *empty: str) -> None:
    """Lets the modules of a package's folder be imported without what is around them."""
    root = Path(str(importlib.metadata.distribution(package).locate_file("")))
    parts = folder.split(".")
    for depth in range(1, len(parts) + 1):
        name = ".".join(parts[:depth])
        sys.modules[name] = module = types.ModuleType(name)
        module.__path__ = [str(root.joinpath(*parts[:depth]))]
    for name in empty:
        sys.modules[name] = _Nothing(name)


def _fairseq_alone() -> None:
    _alone("fairseq", "fairseq.optim", "fairseq.dataclass", "fairseq.dataclass.utils", "fairseq.registry")
    registry: dict[str, type] = {}

    def register(name: str, dataclass: Any = None) -> Any:
        return lambda made: registry.setdefault(name, made)

    registers = sys.modules["fairseq.registry"]
    registers.setup_registry = lambda *given, **named: (None, register, registry, {})  # type: ignore[attr-defined]
    sys.modules["fairseq"].registry = registers  # type: ignore[attr-defined]
    sys.modules["fairseq.optim"].FairseqOptimizer = type("FairseqOptimizer", (), {})  # type: ignore[attr-defined]


def _zoo_alone() -> None:
    """What rl_zoo3 imports beside Stable-Baselines3 has nothing to do with schedules."""
    _alone(
        "rl_zoo3", "rl_zoo3", *("gymnasium", "huggingface_hub", "huggingface_sb3", "sb3_contrib", "stable_baselines3")
    )
    for inside in ("base_class", "callbacks", "env_util", "sb2_compat", "sb2_compat.rmsprop_tf_like", "vec_env"):
        sys.modules[f"stable_baselines3.common.{inside}"] = _Nothing(inside)
    sys.modules["stable_baselines3.common"] = _Nothing("stable_baselines3.common")


def _nemo_alone() -> None:
    _alone("nemo-toolkit", "nemo.core.optim", *(f"nemo.{name}" for name in ("core.classes", "core.classes.common")))
    for stub in ("nemo.core.config", "nemo.core.config.schedulers", "nemo.utils", "nemo.utils.model_utils"):
        sys.modules[stub] = _Nothing(stub)


ALONE = {"nemo": _nemo_alone, "fairseq": _fairseq_alone, "rl-zoo3": _zoo_alone}


if __name__ == "__main__":
    kept = json.loads(FILE.read_text()) if FILE.exists() else {"versions": {}, "tables": []}
    for chosen in sys.argv[1:] or CONFIGS:
        ALONE.get(chosen, lambda: None)()
        kept["versions"][chosen] = importlib.metadata.version(system_called(chosen).package)
        kept["tables"] = [each for each in kept["tables"] if each["system"] != chosen] + _tables(chosen)
    lines = ",\n".join(json.dumps(each) for each in kept["tables"])
    FILE.write_text(f'{{"versions": {json.dumps(kept["versions"])}, "tables": [\n{lines}\n]}}\n', encoding="utf-8")
