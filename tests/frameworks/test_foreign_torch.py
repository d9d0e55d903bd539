"""torch's schedulers by name as texts, compared with the real ones at every step."""

from typing import Any

import pytest
from helpers import refused

from schedlang.foreign import from_config


def of(kind: str, **arguments: Any) -> dict[str, Any]:
    return {"_target_": f"torch.optim.lr_scheduler.{kind}", **arguments}


UP = of("LinearLR", start_factor=0.1, total_iters=5)
KINDS: list[dict[str, Any]] = [
    of("LinearLR"),
    of("LinearLR", start_factor=1, end_factor="1e-2", total_iters=70),
    of("ConstantLR", factor=0.5),
    of("PolynomialLR", total_iters=30),
    of("PolynomialLR", total_iters=200, power=2),
    of("CosineAnnealingLR", T_max=100, eta_min=1e-3),
    of("CosineAnnealingLR", T_max=40),
    of("ExponentialLR", gamma=0.99),
    of("StepLR", step_size=30, gamma=0.5),
    of("MultiStepLR", milestones=[30, 60, 60, 0]),
    of("CosineAnnealingWarmRestarts", T_0=10),
    of("CosineAnnealingWarmRestarts", T_0=10, T_mult=2, eta_min=0.1),
    of("OneCycleLR", max_lr=0.1, total_steps=100, pct_start=0.25),
    of("OneCycleLR", max_lr=0.1, epochs=4, steps_per_epoch=25, anneal_strategy="linear", three_phase=True),
    *(of("CyclicLR", base_lr=0.01, max_lr=0.1, step_size_up=13, step_size_down=7, mode=mode, gamma=0.999)
      for mode in ("triangular", "triangular2", "exp_range")),
    of("SequentialLR", schedulers=[UP, of("CosineAnnealingLR", T_max=95)], milestones=[5]),
    of("SequentialLR", schedulers=[UP, of("CosineAnnealingLR", T_max=30)], milestones=[5]),
    of("SequentialLR", schedulers=[UP, of("ExponentialLR", gamma=0.9), of("StepLR", step_size=10),
                                   of("CosineAnnealingWarmRestarts", T_0=10)], milestones=[3, 20, 55]),
    of("SequentialLR", schedulers=[of("ConstantLR", factor=0.1), of("LinearLR", start_factor=1, end_factor=0.2),
                                   of("MultiStepLR", milestones=[7])], milestones=[10, 40]),
    of("SequentialLR", schedulers=[UP, of("ConstantLR", factor=0.3), of("PolynomialLR", total_iters=20)],
       milestones=[5, 40]),
    of("ChainedScheduler", schedulers=[UP, of("ExponentialLR", gamma=0.99)]),
    of("ChainedScheduler", schedulers=[UP, of("CosineAnnealingLR", T_max=200)]),
    of("ChainedScheduler", schedulers=[of("ConstantLR"), of("StepLR", step_size=5), of("MultiStepLR", milestones=[9])]),
    of("SequentialLR", milestones=[5], schedulers=[{"()": "LinearLR", "#0": "opt", "#1": 0.1, "total_iters": 5},
                                                   of("ExponentialLR", gamma=0.9)]),
]  # fmt: skip


@pytest.mark.parametrize("config", KINDS, ids=lambda each: each["_target_"].rpartition(".")[2])
def test_every_step_is_equal(config: dict[str, Any]) -> None:
    """Stepped at each step and once an epoch, in runs that are shorter and longer than what the config plans."""
    for total, run in [
        (101, {"interval": "step"}),
        (150, {"interval": "epoch", "steps_per_epoch": 2}),
        (60, {"interval": "epoch", "steps_per_epoch": 1}),
    ]:
        found = from_config(config, total_steps=total, **run)
        proof = found.proof()
        assert proof.equal, (found.text, total, run, str(proof))


def test_momentum_is_a_schedule_of_its_own() -> None:
    for config in KINDS[12:17]:
        found = from_config(config, total_steps=100, interval="step", name="momentum")
        assert found.proof().equal, (found.text, str(found.proof()))


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (
            of("SequentialLR", schedulers=[UP, of("CosineAnnealingLR", T_max=95)], milestones=[5]),
            "warmup(5, 0.1 * base) then cosine",
        ),
        (of("CosineAnnealingLR", T_max=100), "cosine"),
        (of("LinearLR"), "linear(base / 3, base, 5)"),
        ({"class_path": "StepLR", "init_args": {"step_size": "30"}}, "step_interval(0.1, every=30)"),
        ({"type": "MultiStepLR", "milestones": [30], "last_epoch": -1}, "step_fixed(0.1, [30])"),
        ({"()": "lr_scheduler.StepLR", "#0": "optimizer", "#1": 30, "gamma": 0.5}, "step_interval(0.5, every=30)"),
        ({"scheduler": of("StepLR", step_size=30), "interval": "epoch"}, "step_interval(0.1, every=30ep)"),
        ([{"scheduler": of("StepLR", step_size=30)}], "step_interval(0.1, every=30)"),
        ({"scheduler": of("StepLR", step_size=30), "frequency": 5, "name": "lr"}, "step_interval(0.1, every=150)"),
    ],
)
def test_texts(config: dict[str, Any], text: str) -> None:
    interval = None if "interval" in config else "step"
    assert from_config(config, total_steps=100, interval=interval).text == text


def test_a_cosine_that_rises_again_is_told() -> None:
    found = from_config(of("CosineAnnealingLR", T_max=50), interval="step")
    assert found.text == "cosine(duration=50)"
    assert "rises again" in found.notes[0].message
    assert found.proof().totals == (51,)
    longer = from_config(of("CosineAnnealingLR", T_max=50), interval="step", total_steps=200)
    assert longer.text == "(cosine(base, 0) for 50 then cosine(0, base) for 50) repeat"


def test_refusals() -> None:
    def diagnostic(config: Any, **run: Any) -> Any:
        return refused(lambda: from_config(config, **{"interval": "step", **run})).diagnostics[0]

    neither = diagnostic(of("CosineAnnealingLR", T_max=50), interval=None)
    assert neither.code == "E607"
    assert "`cosine(duration=50)`" in str(neither.hint) and "`cosine(duration=50ep) every 1ep`" in str(neither.hint)
    assert diagnostic(of("CosineAnnealingLR", T_max=50), interval="batch").code == "E607"
    assert diagnostic(of("StepLR", step_size=5), interval="epoch", steps_per_epoch=1.25).code == "E607"
    several = diagnostic({"_target_": "my.SequentialLR", "schedulers": [UP, of("StepLR", step_size=5)]}["schedulers"])
    assert (several.code, "how they are joined" in several.message) == ("E606", True)
    assert diagnostic(of("ReduceLROnPlateau", patience=3)).code == "E606"
    assert diagnostic(of("LambdaLR")).code == "E606"
    assert diagnostic(of("StepLR")).code == "E605"
    slip = diagnostic(of("StepLR", step_size=3, gama=0.5))
    assert (slip.code, slip.hint) == ("E605", "did you mean `gamma`?")
    assert diagnostic(of("LinearLR", start_factor=0)).code == "E605"
    assert diagnostic(of("LinearLR", total_iters=0)).code == "E606"
    assert diagnostic(of("StepLR", step_size=3, last_epoch=5)).code == "E606"
    assert diagnostic(of("SequentialLR", schedulers=[UP, UP], milestones=[])).code == "E605"
    assert diagnostic(of("SequentialLR", schedulers=[UP, UP, UP], milestones=[9, 5])).code == "E605"
    inside = diagnostic(of("SequentialLR", schedulers=[UP, of("OneCycleLR", max_lr=1, total_steps=9)], milestones=[5]))
    assert inside.code == "E606"
    chained = diagnostic(of("ChainedScheduler", schedulers=[UP, of("CosineAnnealingLR", T_max=9, eta_min=0.1)]))
    assert chained.code == "E606"
