"""optax and JAX: what optimizers really apply, in loops, in scans and on several devices."""

import json
import pickle
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from helpers import beside, codes, printed, refused
from jax import lax

import schedlang
from schedlang import Bound, parse
from schedlang.differing import require_same_past
from schedlang.optax import Schedule, schedule

STEPS = 330
RUN: dict[str, Any] = {"total_steps": 320, "steps_per_epoch": 32, "tokens_per_step": 1000, "base": 3e-4}
EPS = 2.0**-23
FINE = 2.0**-52

TEXTS = [
    "warmup(5%) then cosine",
    "warmup(0) then cosine",
    "warmup(1) then cosine(3e-4, 3e-5)",
    "warmup(17k tok) then hold until 100% - 10% then one_minus_sqrt to 0",
    "(cosine(1, 0) for 2ep) repeat scale 0.5",
    "base * min((step + 1) ** -0.5, (step + 1) * 40 ** -1.5)",
    "cosine(1e-3, 1e-5) for 20 repeat 4 stretch 2 scale 0.5 then linear to 0",
    "keyframes(0 @ 0, 3e-4 @ 5%, 3e-4 @ 80%, 0 @ 100%)",
    "exponential_decay(0.5, every=10%)",
]
STAIRS = [
    "3e-4",
    "step_fixed(0.1, [30%, 60%, 90%])",
    "step_fixed(0.1, [0.01, 0.02]) then interval(0.5, every=100)",
    "cosine every 1ep",
    "round(linear(32, 1024))",
]
"""What is constant in between: it is the very float32 that is nearest."""


def assert_applied(found: Any, bound: Bound, eps: float = EPS) -> None:
    """Values are within 4 eps of the largest."""
    meant = np.array([bound(step) for step in range(len(found))])
    error = np.abs(np.asarray(found, np.float64) - meant)
    assert error.max() <= 4 * eps * np.abs(meant).max(), (int(error.argmax()), error.max() / eps)


def trained(optimizer: Any, steps: int, seen: Callable[[Any, Any], Any], begun: Any = None) -> tuple[list[Any], Any]:
    """A line fitted to four points: what was seen of each update and state, and the last parameters and state."""
    x = jnp.arange(4.0)
    params = {"slope": jnp.zeros(()), "offset": jnp.zeros(())}
    params, state = (params, optimizer.init(params)) if begun is None else begun

    @jax.jit
    def step(params: Any, state: Any) -> Any:
        grads = jax.grad(lambda p: jnp.mean((p["slope"] * x + p["offset"] - 2 * x - 1) ** 2))(params)
        updates, state = optimizer.update(grads, state, params)
        return optax.apply_updates(params, updates), state, updates

    found = []
    for _ in range(steps):
        params, state, updates = step(params, state)
        found.append(seen(updates, state))
    return found, (params, state)


def rate(_: Any, state: Any) -> Any:
    """The learning rate in the state of `inject_hyperparams`: the one that was applied."""
    return state.hyperparams["learning_rate"]


@pytest.mark.parametrize("text", [*TEXTS, *STAIRS])
def test_applied_at_every_step(text: str) -> None:
    """The learning rate that Adam is given in a jitted loop is the schedule's, at every step."""
    lr = schedule(text, **RUN)
    found, (_, state) = trained(optax.inject_hyperparams(optax.adamw)(learning_rate=lr), STEPS, rate)
    assert_applied(found, lr.bound)
    if text in STAIRS:
        assert found == [np.float32(lr.bound(step)) for step in range(STEPS)]
    assert int(state.count) == STEPS


@pytest.mark.parametrize("text", [TEXTS[0], STAIRS[1]])
def test_scales_updates(text: str) -> None:
    """What plain SGD and `scale_by_schedule` move a parameter by, where its gradient is 1."""
    lr = schedule(text, **RUN)
    for optimizer, sign in ((optax.sgd(lr), -1), (optax.scale_by_schedule(lr), 1)):
        state = optimizer.init(jnp.zeros(()))
        update = jax.jit(optimizer.update)
        found = []
        for _ in range(STEPS):
            moved, state = update(jnp.ones(()), state)
            found.append(sign * moved)
        assert_applied(found, lr.bound)


@pytest.mark.skipif(not hasattr(jax, "enable_x64"), reason="an older JAX is told so when it starts")
@pytest.mark.parametrize("text", TEXTS)
def test_double_precision(text: str) -> None:
    """With 64 bits the values are those of Python, but for the last bits."""
    with jax.enable_x64(True):
        lr = schedule(text, **RUN)
        found, _ = trained(optax.inject_hyperparams(optax.sgd)(learning_rate=lr), STEPS, rate)
        assert found[0].dtype == jnp.float64
        assert_applied(found, lr.bound, FINE)


def test_several_hyperparameters() -> None:
    """Each hyperparameter has a schedule of its own; a number is one too."""
    schedules = {
        "learning_rate": schedule(TEXTS[0], 320, base=3e-4),
        "weight_decay": schedule("linear(0, 0.1)", 320),
        "b1": schedule("linear(0.85, 0.95)", 320),
        "b2": schedule(0.99),
    }
    optimizer = optax.inject_hyperparams(optax.adamw)(**schedules)
    found, _ = trained(optimizer, STEPS, lambda _, state: {name: state.hyperparams[name] for name in schedules})
    for name, each in schedules.items():
        assert_applied([values[name] for values in found], each.bound)


@pytest.mark.parametrize("text", [TEXTS[0], TEXTS[4]])
def test_in_a_scan(text: str) -> None:
    lr = schedule(text, **RUN)
    optimizer = optax.inject_hyperparams(optax.sgd)(learning_rate=lr)

    def step(carry: Any, _: None) -> Any:
        params, state = carry
        updates, state = optimizer.update(2 * params, state, params)
        return (optax.apply_updates(params, updates), state), rate(updates, state)

    @jax.jit
    def run(params: Any) -> Any:
        return lax.scan(step, (params, optimizer.init(params)), None, length=STEPS)[1]

    assert_applied(run(jnp.ones(3)), lr.bound)


def test_counts_of_all_kinds() -> None:
    """Python's and NumPy's counts, arrays, traced and mapped ones: always a JAX array of their shape."""
    lr = schedule(TEXTS[0], **RUN)
    for count in (16, np.int64(16), np.uint8(16), np.array(16), jnp.int32(16), jnp.uint32(16)):
        assert isinstance(lr(count), jax.Array)
        assert lr(count).shape == ()
        assert lr(count) == np.float32(3e-4)
    assert_applied(jax.vmap(lr)(jnp.arange(STEPS)), lr.bound)
    assert_applied(lr(np.arange(STEPS)), lr.bound)
    assert lr(-5) == lr(jnp.int32(-5)) == 0
    assert lr(2**31 - 1) == 0


def test_inside_a_gradient() -> None:
    """A schedule inside a differentiated function is a constant."""
    lr = schedule(TEXTS[0], **RUN)
    assert jax.grad(lambda x: x * lr(16))(2.0) == np.float32(3e-4)


@pytest.mark.parametrize("text", [TEXTS[0], TEXTS[4], STAIRS[2]])
def test_resumed_to_the_bit(text: str) -> None:
    """A run that is cut at a random step and goes on from its saved state is the uninterrupted one, to the bit."""

    def made() -> Any:
        return optax.inject_hyperparams(optax.adamw)(learning_rate=schedule(text, **RUN))

    cut = random.Random(text).randrange(1, STEPS)
    whole, (params, _) = trained(made(), STEPS, rate)
    before, saved = trained(made(), cut, rate)
    loaded = jax.tree.map(jnp.asarray, pickle.loads(pickle.dumps(jax.tree.map(np.asarray, saved))))
    after, (again, state) = trained(made(), STEPS - cut, rate, loaded)
    assert whole == [*before, *after]
    assert params == again
    assert int(state.count) == STEPS


def test_another_schedule_with_the_same_past() -> None:
    """A branch of which that is proved goes on to the bit as if it had been so from the beginning."""
    cut = random.Random(7).randrange(40, 60)
    trunk, branch = (
        schedule(text, base=0.01, ignore=["W501"])
        for text in ("warmup(9) then hold", f"warmup(9) then hold until {cut} then one_minus_sqrt to 0 for 20")
    )
    _, saved = trained(optax.adamw(trunk), cut, lambda *_: None)
    assert require_same_past(trunk.bound, branch.bound, cut) == cut + 1
    assert codes(require_same_past, trunk.bound, branch.bound, cut + 1) == ["E603"]
    _, (resumed, _) = trained(optax.adamw(branch), 90 - cut, lambda *_: None, saved)
    _, (whole, _) = trained(optax.adamw(branch), 90, lambda *_: None)
    assert resumed == whole


def test_state_is_a_count() -> None:
    """The schedule leaves nothing in the optimizer's state but optax's own count."""
    state = optax.sgd(schedule("cosine", 10)).init(jnp.zeros(2))
    assert [leaf.dtype for leaf in jax.tree.leaves(state)] == [jnp.int32]


# optax's combinators.


def test_joined_by_optax() -> None:
    """`optax.join_schedules` around ours: each counts from its own boundary."""
    ours, theirs = schedule("warmup(10) then cosine", 200, base=3e-4), optax.linear_schedule(1e-3, 0, 100)
    joined = optax.join_schedules([ours, theirs, ours], [50, 130])
    found, _ = trained(optax.inject_hyperparams(optax.sgd)(learning_rate=joined), STEPS, rate)
    assert_applied(found[:50], ours.bound)
    assert np.allclose(found[50:130], [theirs(count) for count in range(80)], rtol=1e-6, atol=0)
    assert_applied(found[130:], ours.bound)
    assert [joined(step) for step in (0, 40, 140)] == [ours(step) for step in (0, 40, 10)]


def test_in_a_chain() -> None:
    """In a chain, behind clipping and Adam, each update is Adam's, scaled by the schedule."""
    lr = schedule(TEXTS[0], **RUN)
    adam = optax.chain(optax.clip_by_global_norm(1.0), optax.scale_by_adam())
    chained = optax.chain(adam, optax.scale_by_learning_rate(lr))
    gradient = jnp.float32(0.5)
    mine, bare = chained.init(gradient), adam.init(gradient)
    found = []
    for _ in range(STEPS):
        moved, mine = chained.update(gradient, mine)
        direction, bare = adam.update(gradient, bare)
        found.append(-moved / direction)
    assert_applied(found, lr.bound)


def test_a_schedule_for_each_layer() -> None:
    """`optax.multi_transform` gives each layer a schedule of its own."""
    slow, fast = schedule("linear(1e-3, 0)", **RUN), schedule("step_fixed(0.5, [50%])", **RUN)
    inject = optax.inject_hyperparams(optax.sgd)
    optimizer = optax.multi_transform(
        {"slow": inject(learning_rate=slow), "fast": inject(learning_rate=fast)}, {"slope": "slow", "offset": "fast"}
    )

    def rates(_: Any, state: Any) -> Any:
        return [rate(_, state.inner_states[name].inner_state) for name in ("slow", "fast")]

    found, _ = trained(optimizer, STEPS, rates)
    assert_applied([values[0] for values in found], slow.bound)
    assert_applied([values[1] for values in found], fast.bound)


def test_accumulated_gradients() -> None:
    """With `optax.MultiSteps` a step is an update, not a batch."""
    lr = schedule("warmup(5%) then cosine", 100, base=3e-4)
    optimizer = optax.MultiSteps(optax.inject_hyperparams(optax.sgd)(learning_rate=lr), every_k_schedule=4)
    found, _ = trained(optimizer, 400, lambda _, state: rate(_, state.inner_opt_state))
    assert_applied(found[3::4], lr.bound)


def test_skipped_updates() -> None:
    """An update that `optax.apply_if_finite` leaves out is no step."""
    optimizer = optax.apply_if_finite(optax.sgd(schedule("linear(1, 0)", 4)), 5)
    state = optimizer.init(jnp.zeros(()))
    moved = []
    for gradient in (1.0, jnp.nan, 1.0, 1.0):
        update, state = optimizer.update(jnp.float32(gradient), state)
        moved.append(float(update))
    assert moved == [-1, 0, -0.75, -0.5]


def test_low_precision_gradients() -> None:
    """optax rounds the rate to the type of the gradient that it is multiplied with."""
    optimizer = optax.sgd(schedule("linear(1e-3, 0)", 100))
    weight = jnp.ones((), jnp.bfloat16)
    update, _ = optimizer.update(weight, optimizer.init(weight))
    assert update == -jnp.bfloat16(1e-3)


def test_large_counts() -> None:
    """Beyond 2²⁴ counts are exact, where floats aren't."""
    at = 2**24 + 1
    lr = schedule(f"step_fixed(0.5, [{at}])", 2**26)
    assert [float(lr(at + by)) for by in (-1, 0, 1)] == [1.0, 0.5, 0.5]
    every = schedule("interval(0.5, every=1000001)", 2**26)
    for k in (1, 17, 40):
        assert [float(every(1_000_001 * k + by)) for by in (-1, 0)] == [0.5 ** (k - 1), 0.5**k]


@pytest.mark.parametrize("length", [0, 1])
def test_warmup_of_no_length(length: int) -> None:
    """A warm-up of no step is none, and one of a step begins at 0."""
    lr = schedule(f"warmup({length}) then cosine", 100, base=3e-4)
    assert lr(length) == np.float32(3e-4)
    assert lr(0) == (0 if length else np.float32(3e-4))


def test_ramp_of_no_length() -> None:
    """A ramp of optax's that takes no step stays at its start; ours is at its end."""
    assert optax.linear_schedule(0.0, 1e-3, 0)(5) == 0
    assert schedule("linear(0, 1e-3) for 0 then hold")(0) == np.float32(1e-3)


PAGE = Path(__file__).parents[2] / "docs" / "frameworks" / "jax.md"
CYCLE = {"init_value": 0.0, "peak_value": 1e-3, "warmup_steps": 10, "decay_steps": 100, "end_value": 0.0}


@beside("optax.txt")
def test_schedules_of_optax(theirs: str, ours: str) -> None:
    """Each text of the page's table has the curve of optax's schedule beside it, up to the end of the run."""
    if PAGE.exists():  # tests of the wheel come without pages
        assert f"| `{ours}` |" in PAGE.read_text(encoding="utf-8")
    counts = jnp.arange(1000)
    values = jax.vmap(eval(theirs, {**vars(optax), "CYCLE": CYCLE}))(counts)
    assert np.allclose(values, schedule(ours, 1000)(counts), rtol=0, atol=4 * EPS * 1e-3)


# Several devices.

DEVICES = """
import json, sys
import jax, jax.numpy as jnp, numpy as np, optax
from jax import lax
from jax.sharding import Mesh, PartitionSpec as P
from schedlang.optax import schedule

text, run, steps, way = json.loads(sys.argv[1])
lr = schedule(text, **run)
optimizer = optax.inject_hyperparams(optax.sgd)(learning_rate=lr)
devices = jax.device_count()
assert devices == 4
target = jnp.arange(8.0).reshape(4, 2)

def step(params, state, target):
    grads = lax.pmean(jax.grad(lambda p: jnp.mean((p - target) ** 2))(params), "data")
    updates, state = optimizer.update(grads, state, params)
    return optax.apply_updates(params, updates), state, state.hyperparams["learning_rate"].reshape(1)

params = jnp.zeros(2)
state = optimizer.init(params)
if way == "pmap":
    params, state = jax.tree.map(lambda leaf: jnp.stack([leaf] * devices), (params, state))
    step = jax.pmap(step, axis_name="data")
else:
    mesh = Mesh(np.array(jax.devices()), ("data",))
    step = jax.jit(jax.shard_map(
        step, mesh=mesh, in_specs=(P(), P(), P("data")), out_specs=(P(), P(), P("data")), check_vma=False
    ))
seen = []
for _ in range(steps):
    params, state, rates = step(params, state, target)
    seen.append(np.asarray(rates).ravel().tolist())
print(json.dumps(seen))
"""


@pytest.mark.parametrize("way", ["pmap", *(["shard_map"] if hasattr(jax, "shard_map") else [])])
def test_on_several_devices(way: str) -> None:
    """Four devices agree on every value, to the bit, and with the schedule."""
    text = "warmup(17k tok) then cosine(3e-4, 0) for 3ep repeat scale 0.5"
    devices = {"XLA_FLAGS": "--xla_force_host_platform_device_count=4", "JAX_PLATFORMS": "cpu"}
    given = json.dumps([text, RUN, STEPS, way])
    seen = json.loads(printed("-W", "error", "-c", DEVICES, given, **devices))
    assert all(len(rates) == 4 and len(set(rates)) == 1 for rates in seen)
    assert_applied([rates[0] for rates in seen], schedule(text, **RUN).bound)


def test_equal_by_text_and_run() -> None:
    """Schedules are equal, and have one hash, if their text, run and parameters are the same."""
    one = schedule("warmup(w) then cosine", 1000, base=3e-4, w="5%")
    same = schedule("warmup( w ) then cosine()  # the same", "1000 steps", base=3e-4, w="5%")
    assert one == same
    assert hash(one) == hash(same)
    assert pickle.loads(pickle.dumps(one)) == one
    others = [
        schedule("warmup(w) then cosine", 1000, base=3e-4, w="6%"),
        schedule("warmup(w) then cosine", 1001, base=3e-4, w="5%"),
        schedule("warmup(w) then linear", 1000, base=3e-4, w="5%"),
    ]
    assert len({one, *others}) == 4


def test_static_argument() -> None:
    """As a static argument of `jit` an equal schedule needs no new compilation."""
    traces = []

    def value(lr: Schedule, count: Any) -> Any:
        traces.append(lr)
        return lr(count)

    asked = jax.jit(value, static_argnums=0)
    for _ in range(2):
        assert asked(schedule("linear(1, 0)", 4), 3) == 0.25
    assert len(traces) == 1


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        (lambda: schedule("cosine", 10), "schedule('cosine', total_steps=10)"),
        (
            lambda: schedule("warmup(w) then cosine", "3ep", steps_per_epoch=2.5, base=0.1, w=2),
            "schedule('warmup(w) then cosine', total_steps=15/2, steps_per_epoch=5/2, base=0.1, w=2)",
        ),
        (lambda: Schedule(parse("3e-4").bind()), "schedule('3e-4')"),
    ],
    ids=["total", "all", "constant"],
)
def test_repr(made: Callable[[], Schedule], shown: str) -> None:
    assert repr(made()) == shown


def test_made_from_a_schedule() -> None:
    """A schedule built in Python is taken as a text is, and so is a bound one."""
    built = schedlang.warmup("5%").then(schedlang.cosine())
    assert schedule(built, 100) == schedule("warmup(5%) then cosine", 100) == Schedule(built.bind(100))


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: schedule("warmup(5%) then cosin(3e-4, 0)", 100), "E201"),
        (lambda: schedule("warmup(5ep) then cosine", 100), "E401"),
        (lambda: schedule("cosine"), "E401"),
        (lambda: schedule("cosine", 0), "E404"),
        (lambda: schedule("cosine", 100, peak=3), "E403"),
        (lambda: schedule("cosine", 100, base=jnp.nan), "E404"),
        (lambda: schedule(optax.linear_schedule(1, 0, 10), 100), "E109"),
        (lambda: schedule("cosine(1, 0) for 10 repeat stretch 1.01", 10**6), "E412"),
        (lambda: Schedule("cosine"), "E607"),  # type: ignore[arg-type]
        (lambda: Schedule(parse("cosine")), "E607"),  # type: ignore[arg-type]
        (lambda: schedule("linear(8, 1)", 100, dtype=jnp.int32), "E607"),
        (lambda: schedule("20_000_001", dtype=jnp.int32), "E607"),
        (lambda: schedule("300", dtype=jnp.uint8), "E607"),
        (lambda: schedule("linear(-5, 5)", 10, dtype=jnp.uint8), "E607"),
        (lambda: schedule("3000000000", dtype=int), "E607"),
        (lambda: schedule("1", dtype=bool), "E413"),
        (lambda: schedule("1", dtype="in"), "E413"),
        (lambda: schedule("cosine", 100)(0.5), "E407"),
        (lambda: schedule("cosine", 100)(jnp.linspace(0, 100, 7)), "E407"),
        (lambda: jax.jit(schedule("cosine", 100))(0.5), "E407"),
    ],
    ids=[
        "unknown name",
        "no epochs",
        "no total",
        "total of 0",
        "parameter",
        "base",
        "a schedule of optax",
        "not traceable",
        "text",
        "not bound",
        "no integers",
        "integers that float32 lacks",
        "integers that are too large",
        "integers below 0",
        "integers without x64",
        "a switch",
        "no dtype",
        "count",
        "counts",
        "traced count",
    ],
)
def test_refused_before_the_first_step(call: Callable[[], Any], code: str) -> None:
    """What is wrong is told when the schedule is made; a count that is none, when it is traced."""
    raised = refused(call)
    assert [found.code for found in raised.diagnostics] == [code]
    assert raised.diagnostics[0].hint


def test_integers() -> None:
    """With an integer dtype the values are what `optax.MultiSteps` takes, and what shapes are made of."""
    every = schedule("1 for 5 then 2", 100, dtype=jnp.int32)
    assert repr(every) == "schedule('1 for 5 then 2', total_steps=100, dtype=int32)"
    assert every != schedule("1 for 5 then 2", 100)
    optimizer = optax.MultiSteps(optax.sgd(0.1), every_k_schedule=every)
    weights = jnp.ones(2)
    state = optimizer.init(weights)
    update = jax.jit(optimizer.update)
    done = []
    for _ in range(12):
        _, state = update(weights, state, weights)
        done.append(int(state.gradient_step))
    assert done == [1, 2, 3, 4, 5, 5, 6, 6, 7, 7, 8, 8]
    assert every(jnp.arange(7)).dtype == jnp.int32
    assert schedule("1", 100, dtype=jnp.bfloat16)(3).dtype == jnp.bfloat16


def test_whole_floats_are_counts() -> None:
    """As people plot them; a traced float isn't known to be whole."""
    lr = schedule("cosine", 100)
    assert lr(3.0) == lr(np.float32(3)) == lr(np.float64(3)) == lr(3)
    assert (lr(jnp.linspace(0, 100, 101)) == lr(jnp.arange(101))).all()


def test_starts_no_device() -> None:
    """Making a schedule starts no device, so that `jax.distributed.initialize` may come later."""
    code = """
from schedlang.optax import schedule
from jax._src import xla_bridge
schedule("warmup(5%) then cosine", 1000)
assert not xla_bridge.backends_are_initialized()
"""
    printed("-c", code)
