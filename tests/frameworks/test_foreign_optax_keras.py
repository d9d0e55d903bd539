"""optax's factories and Keras's schedules by name as texts, compared with the real ones at every step."""

from typing import Any

import pytest
from helpers import refused

from schedlang.foreign import from_config


def optax(kind: str, **arguments: Any) -> dict[str, Any]:
    return {"_target_": f"optax.{kind}", **arguments}


def keras(kind: str, **arguments: Any) -> dict[str, Any]:
    """As `keras.optimizers.schedules.serialize` writes it."""
    return {
        "module": "keras.optimizers.schedules",
        "class_name": kind,
        "config": {**arguments, "name": kind},
        "registered_name": None,
    }


UP = {"init_value": 0, "peak_value": 1e-3, "warmup_steps": 50}
DOWN = {"init_value": 1e-3, "end_value": 1e-5, "transition_steps": 400}
FIRST = {"initial_learning_rate": 0.1}
KINDS = [
    (optax("constant_schedule", value=0.1), "0.1"),
    (optax("linear_schedule", **DOWN), "linear(1e-3, 1e-5, 400)"),
    (optax("linear_schedule", **DOWN, transition_begin=30), "1e-3 for 30 then linear(1e-3, 1e-5, 400)"),
    (optax("polynomial_schedule", **DOWN, power=2), "poly(1e-3, 1e-5, 400, power=2)"),
    (
        optax("exponential_decay", init_value=1, transition_steps=30, decay_rate=0.9),
        "exponential_decay(0.9, every=30, start=1)",
    ),
    (
        optax("exponential_decay", init_value=1, transition_steps=30, decay_rate=0.9, staircase=True, end_value=0.2),
        "max(step_interval(0.9, every=30, start=1), 0.2)",
    ),
    (
        optax("exponential_decay", init_value=0.1, transition_steps=300, decay_rate=1.1, end_value=0.12),
        "min(exponential_decay(1.1, every=300, start=0.1), 0.12)",
    ),
    (optax("cosine_decay_schedule", init_value=0.1, decay_steps=300, alpha=0.1), "cosine(0.1, 0.01, 300)"),
    (
        optax("cosine_decay_schedule", init_value=0.1, decay_steps=300, alpha=0.1, exponent=1.5),
        "0.01 + 0.09 * cosine(1, 0, 300) ** 1.5",
    ),
    (
        optax("piecewise_constant_schedule", init_value=0.1, boundaries_and_scales={100: 0.1, "200": 0.1}),
        "step_fixed(0.1, [100, 200], start=0.1)",
    ),
    (
        optax("piecewise_constant_schedule", init_value=0.1, boundaries_and_scales={100: 0.1, 200: 0.5}),
        "keyframes(0.1 @ 0, 0.01 @ 100, 5e-3 @ 200, shape=hold)",
    ),
    (
        optax("piecewise_interpolate_schedule", interpolate_type="cosine", init_value=1, boundaries_and_scales={90: 2}),
        "keyframes(1 @ 0, 2 @ 90, shape=cosine)",
    ),
    (optax("warmup_constant_schedule", **UP), "warmup(50) then 1e-3"),
    (
        optax("warmup_cosine_decay_schedule", **UP, decay_steps=500, end_value=1e-5),
        "warmup(50) then cosine(1e-3, 1e-5, 450)",
    ),
    (
        optax("warmup_cosine_decay_schedule", **UP, decay_steps=500, exponent=2),
        "warmup(50) then 1e-3 * cosine(1, 0, 450) ** 2",
    ),
    (
        optax("warmup_exponential_decay_schedule", **UP, transition_steps=100, decay_rate=0.5, transition_begin=20),
        "warmup(50) then 1e-3 for 20 then exponential_decay(0.5, every=100, start=1e-3)",
    ),
    (
        optax("sgdr_schedule", cosine_kwargs=[{**UP, "decay_steps": 200}] * 2),
        "(warmup(50) then cosine(1e-3, 0, 150)) repeat 2",
    ),
    (
        optax("cosine_onecycle_schedule", transition_steps=500, peak_value=0.1),
        "keyframes(4e-3 @ 0, 0.1 @ 150, 4e-7 @ 500, shape=cosine)",
    ),
    (
        optax("linear_onecycle_schedule", transition_steps=501, peak_value=0.1),
        "keyframes(4e-3 @ 0, 0.1 @ 150, 4e-3 @ 425, 4e-7 @ 501)",
    ),
    (
        optax(
            "join_schedules",
            schedules=[
                optax("linear_schedule", init_value=0, end_value=1e-3, transition_steps=100),
                optax("constant_schedule", value=1e-3),
                optax("cosine_decay_schedule", init_value=1e-3, decay_steps=200),
            ],
            boundaries=[100, 300],
        ),
        "warmup(100) then 1e-3 for 200 then cosine(1e-3, 0, 200)",
    ),
    (
        {"()": "optax.warmup_cosine_decay_schedule", "#0": 0.0, "#1": 1e-3, "#2": 10, "decay_steps": 100},
        "warmup(10) then cosine(1e-3, 0, 90)",
    ),
    (
        keras("ExponentialDecay", **FIRST, decay_steps=100, decay_rate=0.9),
        "exponential_decay(0.9, every=100, start=0.1)",
    ),
    (
        keras("ExponentialDecay", **FIRST, decay_steps=100, decay_rate=0.9, staircase=True),
        "step_interval(0.9, every=100, start=0.1)",
    ),
    (
        keras("PiecewiseConstantDecay", boundaries=[100, 200], values=[1.0, 0.5, 0.1]),
        "1 for 101 then 0.5 for 100 then 0.1",
    ),
    (keras("PolynomialDecay", **FIRST, decay_steps=300), "linear(0.1, 1e-4, 300)"),
    (
        keras("PolynomialDecay", **FIRST, decay_steps=300, power=2.0, end_learning_rate=0.01, cycle=True),
        "0.01 + 0.09 * (1 - step / (300 * max(1, ceil(step / 300)))) ** 2",
    ),
    (
        keras("InverseTimeDecay", **FIRST, decay_steps=30, decay_rate=0.5, staircase=True),
        "0.1 / (1 + 0.5 * floor(step / 30))",
    ),
    (
        keras("CosineDecay", **FIRST, decay_steps=300, alpha=0.1, warmup_target=0.2, warmup_steps=40),
        "warmup(40, 0.1) then cosine(0.2, 0.02, 300)",
    ),
    (keras("CosineDecayRestarts", **FIRST, first_decay_steps=30), "cosine(0.1, 0) for 30 repeat stretch 2"),
    (
        keras("CosineDecayRestarts", **FIRST, first_decay_steps=30, t_mul=1.5, m_mul=0.9, alpha=0.1),
        "0.01 + (cosine(0.09, 0, inclusive=exact) for 30 repeat stretch 1.5 scale 0.9)",
    ),
]


@pytest.mark.parametrize(("config", "text"), KINDS, ids=lambda each: each if isinstance(each, str) else "")
def test_every_step_is_equal(config: dict[str, Any], text: str) -> None:
    found = from_config(config, total_steps=700)
    assert found.text == text
    assert found.proof().equal, str(found.proof())


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("optax.warmup_cosine_decay_schedule(0.0, 1e-3, 500, 10_000)", "warmup(500) then cosine(1e-3, 0, 9500)"),
        (
            "optax.join_schedules([optax.constant_schedule(1), optax.linear_schedule(1, 0, 9)], boundaries=[3])",
            "1 for 3 then linear(1, 0, 9)",
        ),
        ("keras.optimizers.schedules.PolynomialDecay(0.1, 300, power=2.)", "poly(0.1, 1e-4, 300, power=2)"),
        ("[dict(type='LinearLR', begin=0, end=50, by_epoch=False)]", "linear(base / 3, base, 50, inclusive=both)"),
    ],
)
def test_calls_in_the_words_of_python(call: str, text: str) -> None:
    assert from_config(call).text == text


def test_what_keras_writes_is_read(tmp_path: Any) -> None:
    """An optimizer's config has the schedule below its learning rate."""
    import json

    from keras import optimizers

    from schedlang._files.foreign import foreign_in
    from schedlang._transfer.foreign import told_of

    schedule = optimizers.schedules.CosineDecay(0.1, 1000, warmup_target=0.3, warmup_steps=50)
    file = tmp_path / "optimizer.json"
    file.write_text(json.dumps(optimizers.serialize(optimizers.Adam(schedule))))
    (found,) = foreign_in(str(file), told_of(None, {}))
    assert found.key == "config.learning_rate"
    assert found.schedules[0].text == "warmup(50, 0.1) then cosine(0.3, 0, 1000)"


def test_refusals() -> None:
    def diagnostic(config: Any) -> Any:
        return refused(lambda: from_config(config)).diagnostics[0]

    assert diagnostic(optax("linear_schedule", init_value=0)).code == "E605"
    slip = diagnostic(optax("linear_schedule", **DOWN, transition_start=3))
    assert slip.code == "E605"
    assert diagnostic(optax("warmup_cosine_decay_schedule", **UP, decay_steps=50)).code == "E605"
    assert diagnostic(optax("join_schedules", schedules=[], boundaries=[3])).code == "E605"
    assert diagnostic(optax("join_schedules", schedules=[{"a": 1}], boundaries=[])).code == "E606"
    assert diagnostic(keras("CosineDecayRestarts", **FIRST, first_decay_steps=30, t_mul=0.5)).code == "E606"
    assert diagnostic(keras("PiecewiseConstantDecay", boundaries=[9], values=[1])).code == "E605"
    assert diagnostic(keras("CosineDecay", **FIRST, decay_steps=30, alpa=1)).hint == "did you mean `alpha`?"
