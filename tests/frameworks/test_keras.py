"""Keras 3 on its JAX and torch back ends: what optimizers really apply, in `fit`, saved and loaded."""

import itertools
import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from helpers import beside, codes, printed, python, refused

import schedlang
from schedlang import Bound, ScheduleWarning, parse
from schedlang._bound.telling import tell_once
from schedlang._text.grammar import LANGUAGE
from schedlang.keras import Schedule, reschedule

STEPS = 300
EPS = 2.0**-23
RUN: dict[str, Any] = {"total_steps": 288, "steps_per_epoch": 32, "tokens_per_step": 1000, "base": 3e-4}

TEXTS = [
    "warmup(5%) then cosine",
    "warmup(0) then linear to 1e-4 until 17k tok then hold until 100% - 10% then one_minus_sqrt to 0",
    "cosine(1e-3, 1e-5) for 20 repeat 4 stretch 2 scale 0.5 then linear to 0",
    "step_fixed(0.1, [0.01, 0.02]) then interval(0.5, every=100)",
]
CUTS = {TEXTS[0]: 203, TEXTS[2]: 77}
"""At which step runs are cut."""

SCRIPT = '''
import json, os, sys
from pathlib import Path
import numpy as np
import keras
from keras import ops
from schedlang.keras import Schedule

RUN, TEXTS, CUTS, STEPS = json.loads(sys.argv[1])
OTHERS = Path(sys.argv[3])  # models that the other back end saved
FOLDER = Path(sys.argv[2])


@keras.saving.register_keras_serializable()
class Recording(keras.optimizers.SGD):
    """SGD that keeps the learning rate that it has applied."""

    def build(self, variables):
        super().build(variables)
        self.applied = self.add_variable((), name="applied")

    def update_step(self, gradient, variable, learning_rate):
        super().update_step(gradient, variable, learning_rate)
        self.applied.assign(ops.cast(learning_rate, self.applied.dtype))


@keras.saving.register_keras_serializable()
class Decayed(keras.optimizers.SGD):
    """SGD whose weight decay is a schedule: as docs/frameworks/keras.md tells."""

    weight_decay = property(
        lambda self: self.decay(self._iterations), lambda self, value: setattr(self, "decay", value)
    )

    def get_config(self):
        return {**super().get_config(), "weight_decay": keras.saving.serialize_keras_object(self.decay)}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        decay = keras.saving.deserialize_keras_object(config["weight_decay"])
        return super().from_config({**config, "weight_decay": decay}, custom_objects)


class Spy(keras.callbacks.Callback):
    """Reads something after every batch, and saves the model after some of them."""

    def __init__(self, read, saves=()):
        super().__init__()
        self.read, self.saves, self.seen = read, dict(saves), []

    def on_train_batch_end(self, batch, logs=None):
        if keras.backend.backend() == "jax":
            self.model.jax_state_sync()
        self.seen.append(self.read(self.model))
        if len(self.seen) in self.saves:
            self.model.save(self.saves[len(self.seen)])


def weight(model):
    return float(ops.convert_to_numpy(model.layers[-1].kernel)[0, 0])


def moved(targets, prediction):
    """A loss whose gradient is 1."""
    return ops.mean(prediction)


def still(targets, prediction):
    """A loss whose gradient is 0."""
    return 0 * ops.mean(prediction)


def model(optimizer, loss, initial="zeros"):
    made = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer=initial)])
    made.compile(optimizer, loss)
    return made


def fitted(model, steps, read, saves=()):
    spy = Spy(read, saves)
    x = np.ones((2 * steps, 1), "float32")
    model.fit(x, 2 * x, batch_size=2, epochs=1, shuffle=False, verbose=0, callbacks=[spy])
    return spy.seen


def applied(model):
    return float(ops.convert_to_numpy(model.optimizer.applied))


result = {"applied": {}, "resumed": {}, "weights": {}}
for text in TEXTS:
    made = model(Recording(Schedule(text, **RUN)), "mse")
    cut, path = CUTS.get(text), FOLDER / f"{TEXTS.index(text)}.keras"
    result["applied"][text] = fitted(made, STEPS, applied, {cut: path} if cut else {})
    if cut:
        again = keras.models.load_model(path)
        result["resumed"][text] = fitted(again, STEPS - cut, applied)
        result["weights"][text] = [weight(made), weight(again)]

result["elsewhere"] = {}
for text, cut in CUTS.items() if OTHERS.exists() else ():
    again = keras.models.load_model(OTHERS / f"{TEXTS.index(text)}.keras")
    again.jit_compile = False  # else torch would compile, as JAX does
    result["elsewhere"][text] = fitted(again, STEPS - cut, applied)

dyadic = "warmup(32) then linear to 0"
result["sgd"] = fitted(model(keras.optimizers.SGD(Schedule(dyadic, 160)), moved), STEPS, weight)

lr = Schedule(dyadic, 160, gradient_accumulation_steps=2)
accumulated = model(keras.optimizers.SGD(lr, gradient_accumulation_steps=2), moved)
result["accumulated"] = fitted(accumulated, STEPS, weight)

decayed = model(Decayed(1.0, weight_decay=Schedule("linear(0, 0.1)", 288)), still, "ones")
decayed.save(FOLDER / "decayed.keras", zipped=True)
result["decayed"] = fitted(decayed, STEPS, weight)
result["decay"] = repr(Decayed.from_config(decayed.optimizer.get_config()).decay)

if keras.backend.backend() == "torch":
    keras.config.set_floatx("float64")
    lr = Schedule(TEXTS[0], **RUN)
    values = [lr(ops.convert_to_tensor(step)) for step in range(STEPS)]
    result["double"] = [value.item() for value in values]
    result["dtypes"] = sorted({str(value.dtype) for value in values})
print(json.dumps(result))
'''


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process for each back end found; the second goes on with what the first one saved, too."""
    folders = {name: tmp_path_factory.mktemp(name) for name in ("jax", "torch")}
    found = {}
    for name, other in (("jax", "nothing"), ("torch", folders["jax"])):
        given = [json.dumps([RUN, TEXTS, CUTS, STEPS]), folders[name], other]
        found[name] = json.loads(printed("-c", SCRIPT, *given, KERAS_BACKEND=name, JAX_PLATFORMS="cpu"))
    return found


back_ends = pytest.mark.parametrize("back_end", ["jax", "torch"])


def assert_applied(found: Any, bound: Bound, first: int = 0, eps: float = EPS) -> None:
    """Values are within 4 eps of the largest."""
    meant = np.array([bound(step) for step in range(first, first + len(found))])
    size = max(abs(bound(step)) for step in range(STEPS))
    error = np.abs(np.asarray(found) - meant)
    assert error.max() <= 4 * eps * size, (int(error.argmax()), error.max() / eps)


@back_ends
@pytest.mark.parametrize("text", TEXTS)
def test_applied_at_every_step(results: Any, back_end: str, text: str) -> None:
    """The learning rate that the optimizer applies in `fit` is the schedule's, at every step."""
    found = results[back_end]["applied"][text]
    assert len(found) == STEPS
    assert_applied(found, parse(text).bind(**RUN))


@back_ends
@pytest.mark.parametrize("text", CUTS)
def test_resumed_to_the_bit(results: Any, back_end: str, text: str) -> None:
    """A model saved in the middle of a run and loaded goes on as if nothing had been: rates and weights, to the bit."""
    found = results[back_end]
    assert found["resumed"][text] == found["applied"][text][CUTS[text] :]
    assert found["weights"][text][0] == found["weights"][text][1] != 0


@pytest.mark.parametrize("text", CUTS)
def test_resumed_on_another_back_end(results: Any, text: str) -> None:
    """What was saved on JAX goes on on torch, in another process."""
    assert len(results["torch"]["elsewhere"][text]) == STEPS - CUTS[text]
    assert_applied(results["torch"]["elsewhere"][text], parse(text).bind(**RUN), CUTS[text])


def dyadic() -> list[float]:
    """Where a weight stands after each update, if its gradient is 1."""
    bound = parse("warmup(32) then linear to 0").bind(160)
    return [-sum(bound(step) for step in range(done)) for done in range(1, STEPS + 1)]


@back_ends
def test_sgd_as_it_is(results: Any, back_end: str) -> None:
    """Keras' own SGD moves a weight by the schedule's very values, where these are exact in float32."""
    assert results[back_end]["sgd"] == dyadic()


@back_ends
def test_accumulated_gradients(results: Any, back_end: str) -> None:
    """With accumulated gradients a step is an update, not a batch, if the schedule is told how many."""
    assert results[back_end]["accumulated"][1::2] == dyadic()[: STEPS // 2]


@back_ends
def test_weight_decay(results: Any, back_end: str) -> None:
    """Another hyperparameter as a property of the optimizer: applied in compiled steps too, and saved with them."""
    weights = [1.0, *results[back_end]["decayed"]]
    found = [1 - after / before for before, after in itertools.pairwise(weights)]
    bound = parse("linear(0, 0.1)").bind(288)
    assert all(abs(value - bound(step)) <= 4 * EPS for step, value in enumerate(found))
    assert results[back_end]["decay"] == "Schedule('linear(0, 0.1)', total_steps=288, base=1.0)"


def test_double_precision(results: Any) -> None:
    assert results["torch"]["dtypes"] == ["torch.float64"]
    assert_applied(results["torch"]["double"], parse(TEXTS[0]).bind(**RUN), eps=2.0**-52)


@pytest.mark.parametrize(
    ("made", "config"),
    [
        (lambda: Schedule("cosine", 100), {"text": "cosine", "total_steps": 100}),
        (lambda: Schedule("cosine # down", "100 steps"), {"text": "cosine", "total_steps": 100}),
        (lambda: Schedule(3e-4), {"text": "3e-4"}),
        (
            lambda: Schedule(schedlang.cosine(1, 0), 9, base=0.1),
            {"text": "cosine(1, 0)", "total_steps": 9, "base": 0.1},
        ),
        (
            lambda: Schedule("warmup(w) then cosine to f", "3ep", steps_per_epoch=2.5, params={"w": "1ep", "f": 1e-5}),
            {
                "text": "warmup(w) then cosine(end=f)",
                "total_steps": "3ep",
                "steps_per_epoch": 2.5,
                "params": {"w": "1ep", "f": "1e-5"},
            },
        ),
        (
            lambda: Schedule("warmup(1ep) then 1", steps_per_epoch=Fraction(100, 3), gradient_accumulation_steps=4),
            {"text": "warmup(1ep) then 1", "steps_per_epoch": "100/3", "gradient_accumulation_steps": 4},
        ),
    ],
    ids=["text", "canonical", "number", "built", "parameters", "thirds"],
)
def test_config(made: Any, config: dict[str, Any]) -> None:
    """A config has all that was given, survives JSON, and makes the same schedule."""
    one = made()
    found = {key: value for key, value in one.get_config().items() if value not in (None, {}, [])}
    assert found == {"base": 1.0, "language": LANGUAGE, **config}
    again = Schedule.from_config(json.loads(json.dumps(one.get_config())))
    assert again.get_config() == one.get_config()
    assert again.bound.run == one.bound.run
    assert [again.bound(step) for step in range(120)] == [one.bound(step) for step in range(120)]


def test_config_of_another_language() -> None:
    """Keras keeps no values to compare, so a text of another version of the language is warned of."""
    config = Schedule("warmup(2) then hold", 10).get_config()
    del config["language"]
    for given, language in ((config, "0.1"), ({**config, "language": "0.3"}, "0.3")):
        with pytest.warns(UserWarning, match=rf"`warmup\(2\) then hold` is of language {language}"):
            assert Schedule.from_config(given).get_config()["language"] == LANGUAGE


def test_registered() -> None:
    """Keras finds the class by its name in a config."""
    packed = json.loads(json.dumps(keras.saving.serialize_keras_object(Schedule("cosine", 100))))
    assert packed["registered_name"] == "schedlang>Schedule"
    assert isinstance(keras.saving.deserialize_keras_object(packed), Schedule)


def test_repr() -> None:
    made = Schedule("warmup(w) then cosine", 100, base=3e-4, params={"w": "5%"})
    assert repr(made) == "Schedule('warmup(w) then cosine', total_steps=100, base=0.0003, params={'w': '5%'})"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"text": "warmup(5%) then cosin(3e-4, 0)", "total_steps": 100}, "E201"),
        ({"text": "warmup(5ep) then cosine", "total_steps": 100}, "E401"),
        ({"text": "cosine"}, "E401"),
        ({"text": "cosine", "total_steps": 100, "params": {"peak": 3}}, "E403"),
        ({"text": "cosine(1, 0) for 10 repeat stretch 1.01", "total_steps": 10**6}, "E412"),
        ({"text": "cosine", "total_steps": 100, "gradient_accumulation_steps": 0}, "E607"),
        ({"text": "cosine", "total_steps": 100, "gradient_accumulation_steps": 2.5}, "E607"),
        ({"text": "cosine", "total_steps": 100, "gradient_accumulation_steps": True}, "E607"),
        ({"text": "cosine", "totl_steps": 100}, "E607"),
        ({"text": "cosine", "total_steps": 100, "verbose": True}, "E607"),
        ({"total_steps": 100}, "E607"),
        ({"text": "peak * cosine", "total_steps": 100, "params": ["a"]}, "E607"),
        ({"text": "peak * cosine", "total_steps": 100, "params": "peak=3"}, "E607"),
        ({"text": "peak * cosine", "total_steps": 100, "params": {1: 2}}, "E607"),
        ({"text": "cosine", "total_steps": 100, "steps_per_epoch": "many"}, "E404"),
    ],
    ids=lambda given: given if isinstance(given, str) else None,
)
def test_refused_before_the_first_step(given: dict[str, Any], code: str) -> None:
    """What is wrong is told when the schedule is made from arguments or a config."""
    raised = refused(Schedule.from_config, given)
    assert [found.code for found in raised.diagnostics] == [code]
    assert raised.diagnostics[0].hint


def test_other_back_ends() -> None:
    """A back end that isn't JAX or torch is refused with a way out."""
    code = "from schedlang.keras import Schedule; Schedule('cosine', 100)"
    done = python("-c", code, KERAS_BACKEND="numpy")
    assert "error[E607]: Keras runs on its back end `numpy`" in done.stderr
    assert "KERAS_BACKEND=jax" in done.stderr


def small(lr: Any, loss: Any = lambda _, prediction: keras.ops.mean(prediction), **options: Any) -> Any:
    """A model whose weight moves by the learning rate, if the loss is left as it is."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(lr, **options), loss)
    return model


def weight_after(model: Any, steps: int, **given: Any) -> float:
    x = np.ones((steps, 1), np.float32)
    model.fit(x, x, batch_size=1, verbose=0, **given)
    return float(model.layers[-1].kernel.value[0, 0])


def test_another_schedule_needs_compiling() -> None:
    """A schedule that is changed after `fit` counts when the model is compiled again, from the step it is at."""
    model = small(Schedule("1"))
    assert weight_after(model, 4) == -4
    model.optimizer.learning_rate = Schedule("step_fixed(0.5, [6])", base=16)
    model.compile(model.optimizer, model.loss)
    assert weight_after(model, 4) == -4 - 16 - 16 - 8 - 8


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # Keras and NumPy 2
def test_another_schedule_with_the_same_past(tmp_path: Path) -> None:
    """A saved model goes on with a branch to the bit as if it had been trained with it, and with no other past."""
    more = {"gradient_accumulation_steps": 2}
    step = random.Random(7).randrange(6, 12)
    cut = 2 * step

    def made(text: str) -> Schedule:
        return Schedule(text, base=0.01, **more)

    trunk, branch = "warmup(5) then hold", f"warmup(5) then hold until {step} then cosine to 0 for 7"
    whole, begun = (small(made(text), "mse", **more) for text in (branch, trunk))
    weights = [weight_after(whole, 40), weight_after(begun, cut)]
    begun.save(tmp_path / "trunk.keras")
    again = keras.models.load_model(tmp_path / "trunk.keras")
    for other in (f"warmup(5) then hold until {step - 1} then linear to 0 for 9", "warmup(6) then hold"):
        assert f"and the run is at step {step}" in str(refused(reschedule, again.optimizer, made(other)))
        assert str(again.optimizer._learning_rate.bound.schedule) == trunk
    tell_once.cache_clear()
    with pytest.warns(ScheduleWarning, match=f"W533 .* at step {step} .* differ from step {step + 1} on"):
        reschedule(again.optimizer, made(branch))
    assert weight_after(again, 40 - cut) == weights[0] != weights[1]


class Deciding(keras.callbacks.Callback):
    """Decides after 6 updates to cool down from step 8 on."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if batch == 5:
            if keras.backend.backend() == "jax":  # its compiled step keeps what it was compiled with
                assert codes(reschedule, self.model.optimizer, Schedule("1")) == ["E607"]
            reschedule(self.model, Schedule("hold until c then 0", params={"c": 8}, ignore=["W533"]))


def test_an_event_while_fitting() -> None:
    """It counts from the next update on, and in the next `fit`."""
    model = small(Schedule("hold until c then 0", params={"c": "later"}))
    assert weight_after(model, 12, callbacks=[Deciding()]) == -8
    reschedule(model, Schedule("hold until 8 then 0 until 14 then 1", ignore=["W533"]))
    assert weight_after(model, 4) == -10


def test_a_past_that_nobody_knows() -> None:
    """An optimizer without a schedule of ours, or one that counts otherwise, is given none; nor is what is none."""
    lr = Schedule("1")
    for optimizer, schedule, code in (
        (keras.optimizers.SGD(0.1), lr, "E603"),
        (keras.optimizers.SGD(lr), Schedule("1", gradient_accumulation_steps=2), "E603"),
        (keras.optimizers.SGD(lr), lr.bound, "E607"),
        (lr, lr, "E607"),
    ):
        assert codes(reschedule, optimizer, schedule) == [code]
    scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(lr))
    reschedule(scaled, Schedule("1 for 9 then 0", ignore=["W533"]))
    assert str(scaled.inner_optimizer._learning_rate.bound.schedule) == "1 for 9 then 0"


@pytest.mark.parametrize(
    "callback",
    [
        keras.callbacks.LearningRateScheduler(lambda epoch: 1e-3),
        keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=0, min_delta=1e9),
    ],
    ids=["scheduler", "plateau"],
)
def test_callbacks_do_not_interfere(callback: Any) -> None:
    """Keras refuses callbacks that would set the rate beside a schedule."""
    with pytest.raises(TypeError, match="LearningRateSchedule"):
        weight_after(small(Schedule("1")), 4, epochs=3, callbacks=[callback])


PAGE = Path(__file__).parents[2] / "docs" / "frameworks" / "keras.md"


@beside("keras.txt")
def test_schedules_of_keras(theirs: str, ours: str) -> None:
    """Each text of the page's table has the curve of Keras' schedule beside it, up to the end of the run."""
    if PAGE.exists():  # tests of the wheel come without pages
        assert f"| `{ours}` |" in PAGE.read_text(encoding="utf-8")
    schedule = eval(theirs, dict(vars(keras.optimizers.schedules)))
    bound = Schedule(ours, 1000).bound
    for step in [*range(0, 1000, 101), 299, 300, 599, 600, 999]:
        # Keras' restarts lose some bits, as they count in floats.
        assert abs(float(schedule(step)) - bound(step)) <= 16 * EPS * 1e-3, step


def test_milestones_come_a_step_earlier() -> None:
    """A boundary of `PiecewiseConstantDecay` counts from the step behind it, a milestone of ours from itself."""
    theirs = keras.optimizers.schedules.PiecewiseConstantDecay([30], [1.0, 0.1])
    ours = Schedule("step_fixed(0.1, [30])")
    assert [float(theirs(step)) for step in (29, 30, 31)] == pytest.approx([1, 1, 0.1])
    assert [float(ours(step)) for step in (29, 30, 31)] == pytest.approx([1, 0.1, 0.1])
