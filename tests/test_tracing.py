"""Torch tensors and JAX arrays of steps: what is promised of their values, against the walk."""

import itertools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from helpers import RUN, SECTION_1, bound_or_reject, lines_of, printed, work
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jax import lax

from schedlang import Bound, Schedule, ScheduleError, parse
from schedlang.strategies import runs, schedules

LAST = 2**31 - 1
SMALLEST = 2.0**-126  # what is smaller than that, XLA takes for zero
COUNT = 192  # as many steps each time: JAX compiles an operation anew for every shape


class Way(NamedTuple):
    """A library and a type of its values."""

    name: str
    eps: float
    ask: Callable[[Bound, Any], Any]


def with_64_bits(bound: Bound, steps: Any) -> Any:
    """What JAX calculates in float64."""
    with jax.enable_x64(True):
        return jax.jit(lambda traced: bound.at(traced))(jnp.asarray(steps))


TORCH = Way("torch", 2.0**-23, lambda bound, steps: bound.at(torch.tensor(steps)))
DOUBLE = Way("torch, float64", 2.0**-52, lambda bound, steps: bound.at(torch.tensor(steps), torch.float64))
JAX = Way("jax", 2.0**-23, lambda bound, steps: bound.at(jnp.asarray(steps, jnp.int32)))
JIT = Way("jax.jit", 2.0**-23, lambda bound, steps: jax.jit(lambda x: bound.at(x))(jnp.asarray(steps, jnp.int32)))
X64 = Way("jax.jit, float64", 2.0**-52, with_64_bits)
HALF = Way("torch, bfloat16", 2.0**-7, lambda bound, steps: bound.at(torch.tensor(steps), torch.bfloat16).double())
WAYS = [TORCH, DOUBLE, JIT]


def bound_to(text: str, total_steps: int | None = None, **run: Any) -> Bound:
    return parse(text).bind(total_steps, **run)


def some(bound: Bound, count: int = COUNT) -> Any:
    """Steps of a run: where phases change, where integers and floats become too small, behind the end, and others."""
    total = min(bound.total_steps or LAST, LAST)
    starts = [row.first for row in itertools.islice(bound.phases, 20)]
    near = {start + by for start in (*starts, total // 2, total) for by in (-1, 0, 1)}
    near |= {1, 2, 99, 10 * total, 10**6, 2**24 - 1, 2**24, 2**24 + 1, 2**30, LAST - 1, LAST}
    random = np.random.default_rng(total).integers(0, total, count, endpoint=True).tolist()
    steps = [*sorted(step for step in near if 0 <= step <= LAST), *random]
    return np.array(steps[:count])


def largest(bound: Bound, steps: Any, expected: Any) -> tuple[Any, Any]:
    """The largest value of the phase that each step is in, and whether the phase has no other."""
    size, same = np.abs(expected), np.ones(len(steps), bool)  # behind the end of the run
    for row in bound.phases:
        stop = LAST + 1 if row.stop is None else row.stop
        inside = (steps >= row.first) & (steps < stop)
        if inside.any():
            ends = [row.start, row.start if row.end is None else row.end]
            values = bound.values(row.first, stop) if stop - row.first < 2**21 else [*expected[inside], *ends]
            size[inside] = np.abs(values).max()
            same[inside] = (np.array(values) == values[0]).all()
    return size, same


def assert_promise(bound: Bound, steps: Any, ways: list[Way]) -> None:
    """All are within 4 epsilons, times the largest value of the phase; what is constant is exact."""
    expected = np.array([bound.walk(int(step)) for step in steps])
    size, same = largest(bound, steps, expected)
    for way in ways:
        found = np.asarray(way.ask(bound, steps), np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            rounded = expected if way.eps < 2.0**-23 else expected.astype(np.float32).astype(float)
            error = np.where(found == rounded, 0.0, np.abs(found - expected))
        # A number that float32 rounds to infinity is infinite; one that is just not may be.
        error[(size > 3e38) & (way.eps >= 2.0**-23)] = 0
        wrong = np.flatnonzero(~(error <= np.where(same & (way is not HALF), 0, 4 * way.eps * size) + SMALLEST))
        assert not len(wrong), (way.name, [(steps[i], found[i], expected[i], size[i]) for i in wrong[:3]])


def assert_exact(bound: Bound, steps: Any, ways: list[Way]) -> None:
    """Everywhere the very float that is nearest to what the walk shows."""
    expected = np.array([bound.walk(int(step)) for step in steps])
    for way in ways:
        found = np.asarray(way.ask(bound, steps), np.float64)
        rounded = expected if way.eps < 2.0**-23 else expected.astype(np.float32)
        wrong = np.flatnonzero((found != rounded) & (np.maximum(np.abs(found), np.abs(rounded)) >= SMALLEST))
        assert not len(wrong), (way.name, steps[wrong[0]], found[wrong[0]], rounded[wrong[0]])


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """A function, a power, a product or a sum of formulas, with a value wherever it is asked."""
    numbers = st.sampled_from(["0.001", "0.1", "1 / 7", "0.9", "3", "2 * pi", "100"])
    return st.one_of(
        st.builds("{}({})".format, st.sampled_from(["sin", "cos", "tanh", "abs", "floor", "round"]), inner),
        st.builds("exp(-abs({}))".format, inner),
        st.builds("log(1 + abs({}))".format, inner),
        st.builds("sqrt(abs({}))".format, inner),
        st.builds("(1 + abs({})) ** {}".format, inner, st.sampled_from(["-0.5", "0.3", "2", "-3"])),
        st.builds("{} ** -abs(tanh({}))".format, st.sampled_from(["0.5", "10"]), inner),
        st.builds("({} * {})".format, numbers, inner),
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/"]), st.one_of(inner, numbers)),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
        st.builds("({} every {})".format, inner, st.sampled_from(["7", "1%", "3 steps / 2"])),
    )


FORMULAS = st.recursive(
    st.sampled_from(
        ["step / 7", "progress", "step / 1000", "cosine", "((linear(0, 1) for 7) repeat)", "(step + 1) * 0.01"]
    ),
    grown,
    max_leaves=4,
)
AROUND = st.sampled_from(
    ["{}", "{}", "warmup(5%) then {}", "({} for 10%) repeat", "({} for 7) repeat scale 0.9", "1e-3 * {}"]
)


def test_logarithms_of_xla() -> None:
    """What is left of an eased ramp keeps its relative precision in float64, too, where XLA's own `log1p` does not."""
    lr = bound_to("linear(1, 0, ease=0.2)", 1000)
    found = np.asarray(with_64_bits(lr, np.arange(1000)))
    assert np.abs(found / lr.values(0, 1000) - 1).max() < 8 * 2.0**-52


@given(AROUND, FORMULAS, st.sampled_from([10, 1000, 30_000, 1_000_000]))
@settings(max_examples=20)
@example("{}", "sin(step / 7)", 1_000_000)
@example("{}", "1 + sin(step / 100)", 1_000_000)
@example("{}", "0.5 * (1 + cos(pi * step / 100))", 100_000)
@example("{}", "base * (1 + 0.1 * sin(2 * pi * step / 1000))", 1_000_000)
@example("{}", "tanh(step / 3 - 300)", 10_000)
@example("({} for 10%) repeat scale 0.5", "1 + sin(step / 7)", 100_000)
@example("{}", "cosine * exponential(1, 0.1)", 100_000)
@example("{}", "(1e6 + sin(step)) - 1e6", 30_000)
@example("{}", "progress - floor(tanh(step))", 1000)
@example("{}", "progress + floor(1000 * tanh(step / 500))", 100_000)
@example("{}", "1 / (1 - tanh(step / 500))", 9000)
@example("{}", "log(1 - tanh(step / 500))", 8000)
def test_promise(around: str, formula: str, total: int) -> None:
    """Whatever the formula, in a run with an end: what floats cannot hold is looked up."""
    try:
        bound = bound_to(around.format(formula), total)
        bound.values()
    except ScheduleError as error:  # a value that is not finite, or a sum of lengths that does not fit
        assert [each.code for each in error.diagnostics] == ["E406"], formula
        return
    assert_promise(bound, some(bound), [*WAYS, X64])


def test_promise_at_every_step() -> None:
    """In whatever type is asked for."""
    bound = bound_to("warmup(7%) then 0.3 * (1 + sin(step / 7)) until 80% then cosine to 0.1", 3000)
    assert_promise(bound, np.arange(3200), [*WAYS, JAX, X64, HALF])


@pytest.mark.parametrize("way", [TORCH, DOUBLE, JAX])
@given(schedules(), runs())
@settings(max_examples=30)
def test_generated(way: Way, schedule: Schedule, run: dict[str, Any]) -> None:
    """Schedules of all kinds, except those that are refused."""
    bound = bound_or_reject(schedule, run)
    try:
        bound.at(torch.tensor(0))
    except ScheduleError as error:
        assert [each.code for each in error.diagnostics] == ["E412"]
        return
    assert_promise(bound, some(bound), [way])


@settings(max_examples=15)
@given(schedules(), runs())
@example(parse("(linear(0, 1) for 7 then cosine for 3) repeat scale 0.9"), {"total_steps": 80})
def test_generated_jitted(schedule: Schedule, run: dict[str, Any]) -> None:
    """The same, traced and compiled."""
    test_generated.hypothesis.inner_test(JIT, schedule, run)  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", SECTION_1)
def test_front_page(text: str) -> None:
    bound = bound_to(text, **RUN)
    assert_promise(bound, some(bound, 700), [*WAYS, JAX])


@pytest.mark.parametrize("total", [10, 123_457, 10**10])
@pytest.mark.parametrize("text", lines_of("smooth.txt"))
def test_smooth(text: str, total: int) -> None:
    """Ramps and what is like them need no table: runs that are too long for one keep the promise too."""
    bound = bound_to(text, total)
    assert_promise(bound, some(bound), [TORCH, JAX] if total > 10**6 else [*WAYS, JAX])


def test_tables_only_where_they_are_needed() -> None:
    """A ramp is calculated, and so takes no more memory in a long run; a wave is looked up."""
    for text, looks in {"warmup(5%) then cosine": False, "exponential(1, 1e-3)": False, "sin(step / 7)": True}.items():
        graph = str(jax.make_jaxpr(bound_to(text, 10**5).at)(jnp.int32(3)))
        assert ("gather" in graph) is looks, text


@pytest.mark.parametrize("then", ["then 0.5", "then 0.5 for 5 then 7", "then cosine(0.5, 1)"])
def test_numbers_beside_formulas_that_overflow(then: str) -> None:
    """A formula that is asked where a number is shown gives some finite float, wherever that is."""
    rising = " * ".join(f"(step + {number})" for number in range(1, 7))
    bound = bound_to(f"({rising} * 1e-12) for 100 {then}", 10**9)
    assert_promise(bound, some(bound), [*WAYS, JAX])


def test_without_an_end() -> None:
    """What grows without bound is as good near its beginning as anywhere; waves lose what their argument has lost."""
    bound = bound_to("exponential_decay(1.001)")
    steps = np.unique(np.geomspace(1, 88_000, 500).astype(int))
    expected = np.array([bound.walk(int(step)) for step in steps])
    for way in (TORCH, JAX, JIT):
        assert np.max(np.abs(np.asarray(way.ask(bound, steps)) / expected - 1)) <= 5 * way.eps
    assert bound.at(torch.tensor(LAST)) == math.inf
    for text, step, expected in (("step ** 40", LAST, math.inf), ("step ** 40", 7, 7.0**40)):
        for way in (TORCH, JAX, JIT):
            assert float(way.ask(bound_to(text), step)) == pytest.approx(expected, rel=40 * way.eps)
    for text in ("inv_sqrt(100)", "step * 2", "0.99 ** step", "step ** 2"):
        bound = bound_to(text)
        for step, way in itertools.product((0, 5, 2**24 + 1, LAST), (TORCH, JAX, JIT)):
            assert abs(float(way.ask(bound, step)) - bound.walk(step)) <= 4 * way.eps * abs(bound.walk(step))
    wave = bound_to("sin(step / 7)")
    for way in (TORCH, JIT):
        for step in (10, 1000, 100_000):
            assert abs(float(way.ask(wave, step)) - wave.walk(step)) <= way.eps * (step / 7 + 4)


@pytest.mark.parametrize("total", [1000, 10**10])
@pytest.mark.parametrize("text", lines_of("stairs.txt"))
def test_constant_in_between(text: str, total: int) -> None:
    """What is constant between its changes is exact, wherever it changes, up to the last int32."""
    bound = bound_to(text, total)
    points = [place * total // 1000 for place in range(1, 1000, 19)] + [place * total // 30 for place in range(1, 30)]
    near = {point + by for point in (*points, *range(1, 25)) for by in (-1, 0, 1)}
    steps = [*some(bound, 64), *sorted(step for step in near if 0 <= step <= LAST)]
    assert_exact(bound, np.resize(steps, 320), [TORCH, DOUBLE, JAX])


@pytest.mark.parametrize("every", ["46341", "1e6 + 1", "0.003%", "1e9 + 7", "12345 steps / 7", "1e6 steps / 3"])
def test_intervals_of_any_length(every: str) -> None:
    """Intervals are counted in int32 without overflow, fractions of steps included."""
    bound = bound_to(f"hold for 1 then interval(0.999, every={every}, start=1)", 10**8 + 1)
    assert_exact(bound, np.random.default_rng(1).integers(0, LAST, 500), WAYS)


@pytest.mark.parametrize(
    "text",
    [
        "step_fixed(0.3, [10%, 50%]) for 60% then interval(0.7, every=1.7%)",
        "round(linear(32, 1024))",
        "floor(cosine(1000, 2))",
        "ceil(poly(1, 500, power=3)) * 8",
    ],
)
def test_stairs_at_every_step(text: str) -> None:
    """Jumps come where the walk has them, those of batch sizes too."""
    assert_exact(bound_to(text, 10_000), np.arange(10_100), WAYS)


def test_wide_integers() -> None:
    """On torch, and on JAX with 64 bits, steps beyond int32 are exact too."""
    steps = np.array([0, 2**31, 10**10 - 1, 10**10, 10**12, 10**15, 2**53 + 1, 2**63 - 1])
    bound = bound_to("step_fixed(0.1, [1e10, 1e15]) * interval(0.9, every=5e9)", 10**12)
    assert_exact(bound, steps, [TORCH, DOUBLE, X64])
    with jax.enable_x64(True):
        assert bound.at(jnp.asarray(steps)).dtype == jnp.float64
        assert bound.at(jnp.asarray([0, 5], jnp.uint8), jnp.float32).dtype == jnp.float32


@pytest.mark.parametrize("kind", ["uint8", "int8", "int16", "uint16", "int32", "uint32", "int64"])
def test_integer_types(kind: str) -> None:
    """Small types are made larger first; what does not fit counts as the largest step; below zero is step 0."""
    bound = bound_to("cosine(1, 0) for 1000 then 7", 10**5)
    steps = np.array([0, 1, 100, np.iinfo(kind).max], kind)
    expected = [bound.walk(int(step)) for step in steps]
    assert np.allclose(bound.at(torch.tensor(steps)), expected, rtol=1e-6)
    if kind != "int64":
        assert np.allclose(bound.at(jnp.asarray(steps)), expected, rtol=1e-6)
    if kind.startswith("int"):
        assert bound.at(torch.tensor(-5, dtype=getattr(torch, kind))) == 1.0
    assert bound.at(jnp.int32(-5)) == 1.0


def test_shapes_and_types_of_values() -> None:
    """Any shape; the default float type, or the one asked for."""
    bound = bound_to("cosine(1, 0)", 100)
    for text in ("cosine(1, 0)", "3e-4", "step", "sin(step)"):
        of = bound_to(text, 100)
        for shape in ((), (0,), (3,), (2, 0), (2, 3, 1)):
            steps = np.arange(np.prod(shape, dtype=int)).reshape(shape)
            assert of.at(torch.tensor(steps)).shape == shape
            assert jax.jit(of.at)(jnp.asarray(steps, jnp.int32)).shape == shape
    assert bound.at(torch.tensor(3)).dtype == torch.float32
    torch.set_default_dtype(torch.float64)
    try:
        assert bound.at(torch.tensor(3)).dtype == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    narrow = bound.at(torch.tensor([50]), torch.bfloat16)
    assert narrow.dtype == torch.bfloat16
    assert narrow == torch.tensor([bound(50)]).to(torch.bfloat16)
    assert bound.at(jnp.int32(3)).dtype == jnp.float32
    assert not bound.at(jnp.int32(3)).weak_type
    assert bound.at(jnp.int32(50), jnp.bfloat16) == jnp.bfloat16(bound(50))
    for steps, bad in itertools.product((torch.tensor([50]), jnp.int32(50)), (torch.int32, "int32", int, object())):
        with pytest.raises(ScheduleError, match="E413"):
            bound.at(steps, bad)


# Inside of JAX and torch.

FIVE = (
    "linear(0, 3e-4) for 1% then hold until 20% then cosine(end=1e-4) until 50% then hold until 90% then linear(end=0)"
)
SHAPES = [
    FIVE,
    "(poly(1, 0, power=3) for 7%) repeat",
    "interval(0.99, every=1%)",
    "inv_sqrt(3) for 5 then 1 / (step + 1)",
    "0.5 * (1 + sin(step / 7))",
]
NESTED = "(interval(0.5, every=7, start=1) for 100) repeat scale 0.9"


@pytest.mark.parametrize("text", SHAPES)
def test_jit_vmap_scan_and_grad(text: str) -> None:
    """A traced step gives what an array of steps does; gradients of what is around are finite, tables or not."""
    bound = bound_to(text, 100)
    steps = jnp.arange(110, dtype=jnp.int32)
    expected = np.array([bound.walk(step) for step in range(110)])
    size = 4 * 2.0**-23 * abs(expected).max()
    with jax.debug_nans(True), jax.debug_infs(True):
        assert np.abs(jax.vmap(jax.jit(bound.at))(steps) - expected).max() <= size
        assert np.abs(jax.jit(jax.vmap(bound.at))(steps.reshape(10, 11)).ravel() - expected).max() <= size
        assert np.abs(lax.scan(lambda carry, step: (carry, bound.at(step)), 0, steps)[1] - expected).max() <= size

        def loss(weight: Any, step: Any) -> Any:
            return jnp.sum(weight**2) * bound.at(step)

        slopes = jax.jit(jax.vmap(jax.grad(loss), (None, 0)))(jnp.float32(3), steps)
        assert np.abs(slopes - 6 * expected).max() <= 8 * size
        both = jax.grad(loss, argnums=(0, 1), allow_int=True)(jnp.float32(3), jnp.int32(7))
        assert math.isfinite(both[0])
        assert both[1].dtype == jax.dtypes.float0
        assert jax.eval_shape(bound.at, jax.ShapeDtypeStruct((4,), jnp.int16)).shape == (4,)
    weight = torch.tensor(3.0, requires_grad=True)
    (weight**2 * bound.at(torch.tensor(30))).backward()
    assert weight.grad is not None
    assert torch.isfinite(weight.grad)


def test_shard_map() -> None:
    bound = bound_to(FIVE, 100)
    mesh = jax.make_mesh((1,), ("x",), axis_types=(jax.sharding.AxisType.Auto,))
    spec = jax.sharding.PartitionSpec("x")
    spread = jax.jit(jax.shard_map(bound.at, mesh=mesh, in_specs=spec, out_specs=spec))
    assert np.allclose(spread(jnp.arange(100)), bound.values(), rtol=1e-5, atol=1e-10)


@pytest.mark.filterwarnings("ignore:`torch.jit.script_method`:DeprecationWarning")  # torch's compiler uses it
@pytest.mark.parametrize("text", [SHAPES[0], SHAPES[4], NESTED])
def test_torch_compile(text: str) -> None:
    """Once it is prepared, torch compiles it whole, without going back to Python in between, also for a single step.

    The decompositions of torch's usual compiler are those that `take` fails in.
    """
    bound = bound_to(text, 1000)
    steps = torch.arange(1100)
    bound.at(steps)
    torch._dynamo.reset()
    compiled = torch.compile(lambda given: bound.at(given), backend="aot_eager_decomp_partition", fullgraph=True)
    assert np.allclose(compiled(steps).numpy(), [bound.walk(step) for step in range(1100)], rtol=1e-5, atol=1e-6)
    assert compiled(torch.tensor(500)).item() == pytest.approx(bound(500), rel=1e-6)


def test_torch_waits_for_no_device() -> None:
    """No value is looked at: tensors without values do as well."""
    for text in (*SHAPES, "values([1, 2, 3])", NESTED):
        bound = bound_to(text, 1000)
        assert bound.at(torch.zeros(3, dtype=torch.int64, device="meta")).shape == (3,)
        assert bound.at(torch.zeros((), dtype=torch.int64, device="meta")).device.type == "meta"


def test_many_phases() -> None:
    """Thousands of phases are traced and compiled in seconds: templates are evaluated once."""
    names = [f"p{index}" for index in range(10)]
    made = [
        f"{name} = linear({i % 7}, {i % 5 + 1}) for {i % 3 + 2} then cosine(2, {i % 4}) for 3"
        for i, name in enumerate(names)
    ]
    text = " then ".join(names[index * (index + 1) // 2 % 10 if index % 3 else index % 10] for index in range(2000))
    bound = bound_to(f"{text} then 0.5 where {', '.join(made)}", 13_000)
    steps = np.arange(0, 13_100, 3)
    expected = np.array([bound.walk(int(step)) for step in steps])
    for way in (TORCH, DOUBLE, JIT):
        assert np.abs(np.asarray(way.ask(bound, steps), float) - expected).max() <= 4 * way.eps * 7
    assert len(jax.make_jaxpr(bound.at)(jnp.int32(3)).eqns) < 200
    assert jax.jit(bound.at)(jnp.int32(LAST)) == np.float32(bound(LAST))


def test_few_phases_share_a_template() -> None:
    """Five phases are few operations: what differs is chosen among numbers, and one sine calculated."""
    text = str(jax.make_jaxpr(bound_to(FIVE, 10_000).at)(jnp.int32(3)))
    assert text.count("sin ") == 1
    assert text.count("\n") < 50


def test_what_is_walked() -> None:
    """What has no closed formula is looked up if it is short, and E412 if not."""
    bound = bound_to("cosine(1, 0) for 10 repeat 100 stretch 1.01", 3000)
    assert "walk_1" in bound.source
    assert_promise(bound, np.arange(3100), [*WAYS, JAX])
    endless = bound_to("cosine(1, 0) for 10 repeat stretch 1.01", 10**6)
    for steps in (torch.tensor(3), jnp.int32(3)):
        with pytest.raises(ScheduleError, match="cannot be traced") as caught:
            endless.at(steps)
        assert [each.code for each in caught.value.diagnostics] == ["E412"]
        assert "bound.bake()" in str(caught.value)


def test_not_steps() -> None:
    bound = bound_to("cosine(1, 0)", 100)
    for array, steps in itertools.product((torch.tensor, jnp.asarray), ([1.0], [True], [1j])):
        with pytest.raises(ScheduleError, match="holds no steps") as caught:
            bound.at(array(steps))
        assert [each.code for each in caught.value.diagnostics] == ["E407"]


def test_answers_in_kind() -> None:
    """A bound schedule takes tensors, parameters and arrays, single steps and traced ones, and numbers of Python's."""
    bound = bound_to("warmup(10%) then cosine", 1000, base=3e-4)
    steps = [0, 50, 100, 500, 1000, 5000]
    for found in (bound(torch.tensor(steps)), bound(jnp.array(steps))):
        assert np.allclose(np.asarray(found), [bound.walk(step) for step in steps], rtol=1e-6, atol=0)
    frozen = torch.nn.Parameter(torch.tensor(50), requires_grad=False)
    assert isinstance(bound(torch.tensor(50)), torch.Tensor)
    assert isinstance(bound(frozen), torch.Tensor)
    assert jax.jit(bound)(50) == bound(jnp.int32(50)) == np.float32(bound(50))
    for other in (50, 50.0, np.int64(50)):
        assert isinstance(bound(other), float)
    assert isinstance(bound.at([50]), np.ndarray)
    with pytest.raises(ScheduleError, match="E407"):
        bound(torch.tensor(0.5))


def test_imports_no_library() -> None:
    """Neither library is imported by asking for a value, nor NumPy."""
    code = """
import sys
import schedlang._engines.tracing
from schedlang import parse
assert parse("sin(step / 7)").bind(100)(3)
assert not {"torch", "jax", "numpy"} & set(sys.modules)
"""
    printed("-c", code)


def test_prepared_once() -> None:
    """What is looked up is calculated once, and nothing that belongs to a trace is kept."""
    for text in ("sin(step / 7)", "floor(linear(0, 9)) for 50 then interval(0.9, every=3)"):
        bound = bound_to(text, 1000)
        for steps in (torch.arange(5), jnp.arange(5)):
            first = work(lambda bound=bound, steps=steps: bound.at(steps))  # type: ignore[misc]
            again = work(lambda bound=bound, steps=steps: bound.at(steps))  # type: ignore[misc]
            assert again < first / 3
        with jax.checking_leaks():
            inside = jax.jit(lambda step, bound=bound: bound.at(step))(jnp.int32(3))
        assert bound.at(jnp.int32(3)) == inside
