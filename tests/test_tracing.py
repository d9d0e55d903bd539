"""Torch tensors and JAX arrays of steps against the walk."""

import itertools
import math
import subprocess
import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from helpers import RUN, SECTION_1, bound_or_reject
from hypothesis import example, given, settings
from jax import lax

from schedlang import Bound, Schedule, ScheduleError, parse
from schedlang._engines.expressions import (
    Affine,
    Applied,
    Asked,
    Expression,
    StepVariable,
    Switch,
    Take,
    Value,
    ValuePiece,
    evaluated,
)
from schedlang._engines.lowering import lowered
from schedlang._engines.tracing import Tracer
from schedlang._text.libraries import library_of
from schedlang.strategies import runs, schedules

EPS = 2.0**-23
LAST = 2**31 - 1
SMALLEST = 2.0**-126  # what is smaller than that, XLA takes for zero


def traced(bound: Bound) -> Tracer:
    """The schedule as a function of tensors and arrays."""
    return Tracer(lowered(bound.program), bound)


def tracer(text: str, total_steps: int | None = None, **run: Any) -> tuple[Bound, Tracer]:
    """A schedule bound, and traced."""
    bound = parse(text).bind(total_steps, **run)
    return bound, traced(bound)


def walked(bound: Bound, steps: Any) -> Any:
    """What the schedule means."""
    return np.array([bound.walk(int(step)) for step in steps])


def on_torch(trace: Tracer, steps: Any, dtype: torch.dtype = torch.float32) -> Any:
    """The values that torch calculates."""
    values = trace(torch.tensor(np.asarray(steps)), dtype)
    assert values.dtype == dtype
    assert values.shape == np.shape(steps)
    return values.double().numpy()


def on_jax(trace: Tracer, steps: Any) -> Any:
    """The values that JAX calculates, operation by operation."""
    values = trace(jnp.asarray(np.asarray(steps), jnp.int32))
    assert values.dtype == jnp.float32
    assert values.shape == np.shape(steps)
    return np.asarray(values, np.float64)


def jitted(trace: Tracer, steps: Any) -> Any:
    """The values that JAX calculates, traced and compiled."""
    return np.asarray(jax.jit(lambda traced: trace(traced))(jnp.asarray(np.asarray(steps), jnp.int32)), np.float64)


WAYS = [on_torch, on_jax, jitted]


def assert_exact(bound: Bound, trace: Tracer, steps: Any, ways: Any = WAYS) -> None:
    """Everywhere the very float32 that is nearest to what the walk shows."""
    expected = walked(bound, steps).astype(np.float32)
    expected[np.abs(expected) < SMALLEST] = 0
    for way in ways:
        found = way(trace, steps)
        found[np.abs(found) < SMALLEST] = 0
        wrong = np.flatnonzero(found != expected)
        assert not len(wrong), (way.__name__, steps[wrong[0]], found[wrong[0]], expected[wrong[0]])
    fine = on_torch(trace, steps, torch.float64)
    assert np.array_equal(fine, walked(bound, steps))


def assert_close(bound: Bound, trace: Tracer, steps: Any, size: float, ways: Any = WAYS) -> None:
    """Everywhere within 4 eps of the largest value."""
    expected = walked(bound, steps)
    for way in ways:
        error = np.abs(way(trace, steps) - expected)
        assert error.max() <= 4 * EPS * size, (way.__name__, steps[error.argmax()], error.max() / (EPS * size))
    error = np.abs(on_torch(trace, steps, torch.float64) - expected)
    # The walk itself loses some of float64 where a formula is steep.
    assert error.max() <= 5000 * 2.0**-52 * size, (steps[error.argmax()], error.max() / (2.0**-52 * size))


# How much float32 may lose in a formula that is not recorded as one ramp.


class Slack:
    """The error of an expression in float32, to first order, in units of half an eps."""

    def __init__(self, variable: StepVariable | None, step: int) -> None:
        self.steps = {} if variable is None else {id(variable): step}

    def of(self, value: Value) -> tuple[float, float]:
        """The value, and its error."""
        if not isinstance(value, Expression):
            return value, abs(value)
        exact = evaluated(value, self.steps)
        match value:
            case Switch():
                step = int(evaluated(Affine(0, 0, True, True, value.variable, 1, 0), self.steps))
                return self.of(next(piece.value for piece in value.pieces if step < piece.stop))
            case Applied() if not value.whole:
                inner = [self.of(operand) for operand in value.operands]
                return exact, self.operation(value.name, exact, inner)
            case _:
                return exact, abs(exact)

    def operation(self, name: str, exact: float, inner: list[tuple[float, float]]) -> float:
        (a, error), *rest = inner
        b, other = rest[0] if rest else (0.0, 0.0)
        size = abs(exact)
        match name:
            case "+" | "-":
                return error + other + size
            case "*":
                return abs(a) * other + abs(b) * error + size
            case "/":
                return error / abs(b) + abs(a) * other / b**2 + size
            case "power":
                steep = abs(b) * (size / abs(a) if a else 1.0)
                return steep * error + (abs(math.log(abs(a))) * size * other if a else 0.0) + 4 * size
            case "sqrt":
                return error / (2 * exact) + size if exact else math.inf
            case "exp":
                return size * error + 4 * size
            case "log":
                return error / abs(a) + 2 * size
            case "sin" | "cos" | "tanh":
                return error + 4
            case "abs" | "negative" | "finite" | "float":
                return error
            case "minimum" | "maximum":
                return max(error, other)
        return math.inf  # what jumps


def nearest(value: float) -> float:
    """The nearest float32."""
    with np.errstate(over="ignore"):
        return float(np.float32(value))


def assert_meant(bound: Bound, steps: Any, found: Any, eps: float = EPS) -> None:
    """Numbers are exact, everything else as close as its formula lets it be."""
    of = lowered(bound.program)
    pieces: tuple[ValuePiece, ...] = (ValuePiece(0, math.inf, of),)
    variable = next(iter(_roots(of)), None)
    if isinstance(of, Switch) and of.variable is variable:
        pieces = of.pieces
    for step, value in zip(steps, found, strict=True):
        piece = next(piece for piece in pieces if step < piece.stop)
        expected = bound.walk(int(step))
        rounded = expected if eps < EPS else nearest(expected)
        if value == rounded:
            continue
        assert isinstance(piece.value, Expression), (step, value, expected)
        assert not isinstance(piece.value, (Asked, Take)), (step, value, expected)
        ends = [piece.first] if piece.stop == math.inf else [piece.first, int(piece.stop) - 1]
        size = max(abs(bound.walk(end)) for end in (*ends, int(step)))
        slack = Slack(variable, int(step)).of(piece.value)[1]
        if eps == EPS and max(size, slack) > 1e36:
            continue  # what it is calculated from may be beyond float32
        assert abs(value - expected) <= eps * max(4 * size, 2 * slack), (step, value, expected, piece.value)


def _roots(value: Value) -> Any:
    match value:
        case Affine():
            yield from [value.variable] if value.variable.meaning is None else _roots(value.variable.meaning)
        case Applied():
            for operand in value.operands:
                yield from _roots(operand)
        case Take():
            yield from _roots(value.index)
        case Asked():
            yield from _roots(value.step)
        case Switch():
            yield from _roots(Affine(0, 0, True, True, value.variable, 1, 0))


def some(bound: Bound) -> Any:
    """Steps of a run, and behind it."""
    total = bound.total_steps
    assert total is not None
    return np.unique([*range(min(total, 100) + 3), total - 1, total, total + 1, 10 * total, 10**6, LAST - 1, LAST])


@given(schedules(), runs())
def test_generated_on_torch(schedule: Schedule, run: dict[str, Any]) -> None:
    """Generated schedules on torch, in float32 and float64."""
    bound = bound_or_reject(schedule, run)
    trace = traced(bound)
    steps = some(bound)
    try:
        found = on_torch(trace, steps)
    except ScheduleError as error:
        assert [each.code for each in error.diagnostics] == ["E412"]
        return
    assert_meant(bound, steps, found)
    assert_meant(bound, steps, on_torch(trace, steps, torch.float64), 2.0**-52)


@settings(max_examples=40)
@given(schedules(), runs())
def test_generated_on_jax(schedule: Schedule, run: dict[str, Any]) -> None:
    """Generated schedules on JAX arrays, not traced."""
    bound = bound_or_reject(schedule, run)
    trace = traced(bound)
    steps = some(bound)
    try:
        found = on_jax(trace, steps)
    except ScheduleError as error:
        assert [each.code for each in error.diagnostics] == ["E412"]
        return
    assert_meant(bound, steps, found)


# Integers.

BIG = np.array([0, 1, 2, 99, 100, 10**6, 2**24 - 1, 2**24, 2**24 + 1, 10**9 - 1, 10**9, 2**30, LAST - 1, LAST])

CONSTANT = [
    "3e-4",
    "step_fixed(0.1, [30%, 60%, 90%])",
    "step_fixed(0.9, [1, 1, 2, 2**24, 2**24 + 1, 2**31 - 2, 2**31 - 1, 2**31, 2**40])",
    "values([3, 1, 0.1]) then values([0.7, 0.2])",
    "values([3, 1, 0.1]) * 0.3",
    "hold until 10% then 5 for 1 then 0.3",
    "keyframes(0.1 @ 0, 0.3 @ 5%, 0.7 @ 80%, 0 @ 100%, shape=hold)",
    "interval(0.9, every=10%)",
    "interval(0.9999, every=0.002%)",
    "1 - 0.9 * interval(0.7, every=1%)",
    "interval(0.5, every=3%) * interval(0.3, every=7%)",
    "step_decreasing(0.99, every=0.01%, start=1, end=0.1)",
    "(interval(0.5, every=7, start=1) for 100) repeat scale 0.9",
    "(0.1 for 3 then 0.2 for 4) repeat",
    "(0.1 for 3 then 0.2 for 4) repeat scale 0.98",
    "cosine(1, 0) every 1%",
    "round(linear(32, 1024))",
    "floor(cosine(1000, 1))",
    "64 * ceil(exponential(1, 100))",
    "max(floor(linear(1, 30)), 7) + step_fixed(0.1, [30%])",
    "(round(linear(0, 30)) for 10%) repeat",
    "(round(linear(0, 30)) for 10%) repeat scale 0.5",
]


@pytest.mark.parametrize("total", [1000, LAST, 10**10])
@pytest.mark.parametrize("text", CONSTANT)
def test_constant_in_between(text: str, total: int) -> None:
    """What is constant between its changes is exact, wherever it changes, up to the last int32."""
    bound, trace = tracer(text, total)
    rows = [row.first for row in bound.phases[:50]]
    points = [place * total // 1000 for place in range(1, 1000, 7)] + [place * total // 30 for place in range(1, 30)]
    near = [point + by for point in (*rows, *points, *range(1, 25)) for by in (-1, 0, 1)]
    steps = np.unique([*BIG, *(step for step in near if 0 <= step <= LAST)])
    assert_exact(bound, trace, steps, WAYS[:2])


@pytest.mark.parametrize("every", ["46341", "1e6 + 1", "0.003%", "1e9 + 7", "12345 steps / 7", "1e6 steps / 3"])
def test_intervals_of_any_length(every: str) -> None:
    """Intervals are counted in int32 without overflow, fractions of steps included."""
    bound, trace = tracer(f"hold for 1 then interval(0.999, every={every}, start=1)", 10**8 + 1)
    steps = np.unique([*BIG, *np.random.default_rng(1).integers(0, LAST, 500)])
    assert_exact(bound, trace, steps)


def test_piecewise_constant_exactly_at_every_step() -> None:
    """Every step of a run of staircases."""
    bound, trace = tracer("step_fixed(0.3, [10%, 50%]) for 60% then interval(0.7, every=1.7%)", 2000)
    assert_exact(bound, trace, np.arange(2100))


def test_batch_sizes_at_every_step() -> None:
    """The jumps of a rounded ramp come where the walk has them."""
    for text in ("round(linear(32, 1024))", "floor(cosine(1000, 2))", "ceil(poly(1, 500, power=3)) * 8"):
        bound, trace = tracer(text, 30_000)
        assert_exact(bound, trace, np.arange(30_100), [on_torch, jitted])


SMOOTH = [
    "linear(0, 3e-4)",
    "linear(-1, 1)",
    "cosine(1, 0)",
    "cosine(1e-5, 1)",
    "poly(1, 0, power=0.3)",
    "poly(1, 0.1, power=2)",
    "poly(0, 1, power=3)",
    "poly(1, 0, power=40)",
    "exponential(1, 1e-10)",
    "exponential(1e-10, 1)",
    "one_minus_sqrt(1, 0)",
    "exponential_decay(0.5, every=10%)",
    "exponential_decay(0.1, every=0.01%)",
    "exponential_decay(3, every=10%)",
    "inv_sqrt(1%)",
    "inv_sqrt(7 steps / 3)",
    "warmup(7%) then cosine(1, 0.1)",
    "base * min((step + 1) ** -0.5, (step + 1) * 4000 ** -1.5)",
    "(cosine(1, 0) for 10%) repeat scale 0.7",
    "(linear(0, 1) for 1% then cosine for 2.5%) repeat",
    "cosine(1, 0) every 3",
    "interval(0.9999, every=0.001%)",
    "(0.1 for 3 then 0.2 for 4) repeat scale 0.999",
    "sqrt(1 - progress)",
    "exp(-5 * progress)",
    "(1 - progress) ** 3",
    "0.5 * (1 + cos(pi * progress))",
    "tanh(4 * progress - 2)",
    "log(1 + step)",
]


@pytest.mark.parametrize("total", [10, 123_457, 10**10])
@pytest.mark.parametrize("text", SMOOTH)
def test_smooth(text: str, total: int) -> None:
    """Formulas are within 4 eps of their largest value."""
    bound, trace = tracer(text, total)
    random = np.random.default_rng(0).integers(0, min(total, LAST), 300)
    near = np.array([0, 1, 2, total // 2, total // 2 + 1, total - 2, total - 1, total, total + 1, LAST - 1, LAST])
    steps = np.unique([*random, *near[near <= LAST], *BIG])
    size = max(abs(walked(bound, [*steps, total - 1, total])))
    assert_close(bound, trace, steps, size, WAYS[:2])


def test_without_an_end() -> None:
    """What grows without bound is as good near its beginning as anywhere."""
    bound, trace = tracer("exponential_decay(1.001)")
    steps = np.unique(np.geomspace(1, 88_000, 500).astype(int))
    expected = walked(bound, steps)
    for way in WAYS:
        assert np.max(np.abs(way(trace, steps) / expected - 1)) <= 5 * EPS
    assert on_torch(trace, [LAST])[0] == math.inf
    bound, trace = tracer("step ** 40")  # beyond even a float64 at the last step
    for way in WAYS:
        assert way(trace, [LAST])[0] == math.inf
        assert way(trace, [7])[0] == pytest.approx(7.0**40, rel=40 * EPS)
    for text in ("inv_sqrt(100)", "step * 2", "0.99 ** step", "step ** 2"):
        bound, trace = tracer(text)
        for step in (0, 5, 2**24 + 1, LAST):
            expected = bound.walk(step)
            for way in WAYS:
                assert abs(way(trace, step) - expected) <= 4 * EPS * abs(expected)


def test_wide_integers() -> None:
    """On torch, and on JAX with 64 bits, steps beyond int32 are exact too."""
    steps = np.array([0, 2**31, 10**10 - 1, 10**10, 10**12, 10**15, 2**53 + 1, 2**63 - 1])
    bound, trace = tracer("step_fixed(0.1, [1e10, 1e15]) * interval(0.9, every=5e9)", 10**12)
    expected = walked(bound, steps)
    assert np.array_equal(on_torch(trace, steps), expected.astype(np.float32))
    with jax.enable_x64(True):
        values = trace(jnp.asarray(steps))
        assert values.dtype == jnp.float64
        assert np.array_equal(np.asarray(values), expected)
        narrow = trace(jnp.asarray([0, 5], jnp.uint8), jnp.float32)
        assert narrow.dtype == jnp.float32
    assert set(trace._plans) == {2**63 - 1}


@pytest.mark.parametrize("kind", ["uint8", "int8", "int16", "uint16", "int32", "uint32", "int64"])
def test_integer_types(kind: str) -> None:
    """Small types are made larger first; what does not fit counts as the largest step; below zero is step 0."""
    bound, trace = tracer("cosine(1, 0) for 1000 then 7", 10**5)
    largest = np.iinfo(kind).max
    steps = np.array([0, 1, 100, largest], kind)
    expected = [bound.walk(int(step)) for step in steps]
    assert np.allclose(trace(torch.tensor(steps)).numpy(), expected, rtol=1e-6)
    if kind != "int64":
        assert np.allclose(trace(jnp.asarray(steps)), expected, rtol=1e-6)
    if kind.startswith("int"):
        assert float(trace(torch.tensor([-5], dtype=getattr(torch, kind)))[0]) == 1.0
    assert float(trace(jnp.int32(-5))) == 1.0


def test_shapes_and_types_of_values() -> None:
    """Any shape; the default float type, or the one asked for."""
    bound, trace = tracer("cosine(1, 0)", 100)
    for shape in ((), (0,), (3,), (2, 0), (2, 3, 1)):
        steps = np.arange(np.prod(shape, dtype=int)).reshape(shape)
        assert trace(torch.tensor(steps)).shape == shape
        assert trace(jnp.asarray(steps, jnp.int32)).shape == shape
    assert trace(torch.tensor(3)).dtype == torch.float32
    torch.set_default_dtype(torch.float64)
    try:
        assert trace(torch.tensor(3)).dtype == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    narrow = trace(torch.tensor([50]), torch.bfloat16)
    assert narrow.dtype == torch.bfloat16
    assert narrow == torch.tensor([bound(50)]).to(torch.bfloat16)
    assert trace(jnp.int32(3)).dtype == jnp.float32
    assert not trace(jnp.int32(3)).weak_type
    assert trace(jnp.int32(50), jnp.bfloat16) == jnp.bfloat16(bound(50))
    for steps, bad in itertools.product((torch.tensor([50]), jnp.int32(50)), (torch.int32, "int32", int, object())):
        with pytest.raises(ScheduleError, match="E413"):
            trace(steps, bad)
    for short in ("3e-4", "step"):
        assert tracer(short)[1](jnp.zeros((2, 3), jnp.int32)).shape == (2, 3)
        assert tracer(short)[1](torch.zeros((2, 3), dtype=torch.int32)).shape == (2, 3)


# Inside of JAX and torch.

FIVE = (
    "linear(0, 3e-4) for 1% then hold until 20% then cosine(end=1e-4) until 50% then hold until 90% then linear(end=0)"
)
SHAPES = [
    FIVE,
    "(poly(1, 0, power=3) for 7%) repeat",
    "interval(0.99, every=1%)",
    "inv_sqrt(3) for 5 then 1 / (step + 1)",
]


@pytest.mark.parametrize("text", SHAPES)
def test_jit_vmap_scan_and_grad(text: str) -> None:
    """A traced step gives what an array of steps does; gradients of what is around are finite."""
    bound, trace = tracer(text, 100)
    steps = jnp.arange(110, dtype=jnp.int32)
    expected = walked(bound, range(110))
    size = 4 * EPS * abs(expected).max()
    with jax.debug_nans(True), jax.debug_infs(True):
        assert np.abs(jax.vmap(jax.jit(trace))(steps) - expected).max() <= size
        assert np.abs(jax.jit(jax.vmap(trace))(steps.reshape(10, 11)) - expected.reshape(10, 11)).max() <= size

        def body(carry: Any, step: Any) -> Any:
            return carry, trace(step)

        assert np.abs(lax.scan(body, 0, steps)[1] - expected).max() <= size

        def loss(weight: Any, step: Any) -> Any:
            return jnp.sum(weight**2) * trace(step)

        slopes = jax.jit(jax.vmap(jax.grad(loss), (None, 0)))(jnp.float32(3), steps)
        assert np.abs(slopes - 6 * expected).max() <= 8 * size
        both = jax.grad(loss, argnums=(0, 1), allow_int=True)(jnp.float32(3), jnp.int32(7))
        assert math.isfinite(both[0])
        assert both[1].dtype == jax.dtypes.float0
        assert jax.eval_shape(trace, jax.ShapeDtypeStruct((4,), jnp.int16)).shape == (4,)


def test_shard_map() -> None:
    """Steps spread over devices."""
    bound, trace = tracer(FIVE, 100)
    mesh = jax.make_mesh((1,), ("x",), axis_types=(jax.sharding.AxisType.Auto,))
    spec = jax.sharding.PartitionSpec("x")
    work = jax.jit(jax.shard_map(trace, mesh=mesh, in_specs=spec, out_specs=spec))
    assert np.allclose(work(jnp.arange(100)), walked(bound, range(100)), rtol=1e-5, atol=1e-10)


def test_torch_compile() -> None:
    """Once it is prepared, torch compiles it whole, without going back to Python in between."""
    for text in (*SHAPES[:3], "(interval(0.5, every=7, start=1) for 100) repeat scale 0.9"):
        bound, trace = tracer(text, 1000)
        steps = torch.arange(1100)
        torch._dynamo.reset()
        trace(steps)
        work = torch.compile(lambda given, trace=trace: trace(given), backend="aot_eager", fullgraph=True)
        assert np.allclose(work(steps).numpy(), walked(bound, range(1100)), rtol=1e-5, atol=1e-6)


@pytest.mark.filterwarnings("ignore:`torch.jit.script_method`:DeprecationWarning")  # torch's compiler uses it
def test_torch_compile_of_one_step() -> None:
    """A single step is compiled as well, with the decompositions of torch's usual compiler, which `take` fails in."""
    bound, trace = tracer(SHAPES[0], 1000)
    trace(torch.tensor(5))
    torch._dynamo.reset()
    work = torch.compile(lambda given: trace(given), backend="aot_eager_decomp_partition", fullgraph=True)
    for step in (0, 5, 500, 1000):
        assert work(torch.tensor(step)).item() == pytest.approx(bound(step), rel=1e-6)


def test_torch_waits_for_no_device() -> None:
    """No value is looked at: tensors without values do as well."""
    for text in (*SHAPES[:3], "values([1, 2, 3])", "(interval(0.5, every=7, start=1) for 100) repeat scale 0.9"):
        _, trace = tracer(text, 1000)
        assert trace(torch.zeros(3, dtype=torch.int64, device="meta")).shape == (3,)
        assert trace(torch.zeros((), dtype=torch.int64, device="meta")).device.type == "meta"


def test_gradients_in_torch() -> None:
    """What is around has gradients; the schedule has none."""
    _, trace = tracer(FIVE, 100)
    weight = torch.tensor(3.0, requires_grad=True)
    (weight**2 * trace(torch.tensor(30))).backward()
    assert weight.grad is not None
    assert torch.isfinite(weight.grad)


# Many phases, and what has no formula.


def test_many_phases() -> None:
    """Thousands of phases are traced and compiled in seconds: templates are evaluated once."""
    names = [f"p{index}" for index in range(10)]
    made = [
        f"{name} = linear({i % 7}, {i % 5 + 1}) for {i % 3 + 2} then cosine(2, {i % 4}) for 3"
        for i, name in enumerate(names)
    ]
    text = " then ".join(names[index * (index + 1) // 2 % 10 if index % 3 else index % 10] for index in range(2000))
    bound, trace = tracer(f"{text} then 0.5 where {', '.join(made)}", 13_000)
    steps = np.arange(0, 13_100, 3)
    assert_close(bound, trace, steps, 7.0, [on_torch, jitted])
    traced = jax.make_jaxpr(trace)(jnp.int32(3))
    assert len(traced.eqns) < 200
    assert jax.jit(trace)(jnp.int32(LAST)) == np.float32(bound(LAST))


def test_few_phases_share_a_template() -> None:
    """Five phases are few operations: what differs is chosen among numbers, and one sine calculated."""
    _, trace = tracer(FIVE, 10_000)
    text = str(jax.make_jaxpr(trace)(jnp.int32(3)))
    assert text.count("sin ") == 1
    assert text.count("\n") < 50


def test_what_is_walked() -> None:
    """What has no closed formula is tabulated if it is short, and E412 if not."""
    bound, trace = tracer("cosine(1, 0) for 10 repeat 100 stretch 1.01", 3000)
    assert _asked(trace._value)
    steps = np.arange(3100)
    for way in WAYS:
        assert_meant(bound, steps, way(trace, steps))
    _, endless = tracer("cosine(1, 0) for 10 repeat stretch 1.01", 10**6)
    assert _asked(endless._value)
    for steps in (torch.tensor(3), jnp.int32(3)):
        with pytest.raises(ScheduleError, match="cannot be traced") as caught:
            endless(steps)
        assert [each.code for each in caught.value.diagnostics] == ["E412"]
        assert "bound.bake()" in str(caught.value)


def _asked(value: Value) -> bool:
    match value:
        case Asked():
            return True
        case Switch():
            return any(_asked(piece.value) for piece in value.pieces)
        case Applied():
            return any(map(_asked, value.operands))
    return False


@pytest.mark.parametrize("steps", [[1.0], [True], [1j]])
def test_not_steps(steps: list[Any]) -> None:
    """Only integers are steps: E407."""
    _, trace = tracer("cosine(1, 0)", 100)
    for library in (torch.tensor, jnp.asarray):
        with pytest.raises(ScheduleError, match="holds no steps") as caught:
            trace(library(steps))
        assert [each.code for each in caught.value.diagnostics] == ["E407"]


# Around it.


def test_library_of() -> None:
    """Whose value it is, traced or not."""
    assert library_of(torch.tensor(3)) == "torch"
    assert library_of(torch.nn.Parameter(torch.tensor(3.0))) == "torch"
    assert library_of(jnp.int32(3)) == "jax"
    seen = []
    jax.jit(lambda step: seen.append(library_of(step)) or step)(3)  # type: ignore[func-returns-value]
    assert seen == ["jax"]
    for other in (3, 3.0, np.int64(3), np.arange(3), [3], None):
        assert library_of(other) is None


def test_imports_no_library() -> None:
    """Neither library is imported by importing this, nor by asking whose value a number is."""
    code = """
import sys
import schedlang._engines.tracing as tracing
from schedlang._text.libraries import library_of
assert library_of(3) is None
assert not {"torch", "jax", "numpy"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_prepared_once() -> None:
    """A plan is made once for a width of integers, constants once for a type and a device."""
    asked = []
    bound = parse("floor(linear(0, 9)) for 50 then interval(0.9, every=3)").bind(100)

    def function(step: int) -> float:
        asked.append(step)
        return bound(step)

    trace = Tracer(lowered(bound.program), function)
    trace(torch.arange(5))
    before, constants = len(asked), len(trace._constants)
    assert before
    trace(torch.arange(9))
    assert (len(asked), len(trace._constants)) == (before, constants)
    trace(torch.arange(9), torch.float64)
    assert len(asked) == before
    jax.jit(trace)(jnp.int32(3))
    after = len(asked)
    jax.jit(lambda step: trace(step))(jnp.int32(3))
    assert len(asked) == after
    leaked = [each for each in trace._constants.values() if isinstance(each, jax.core.Tracer)]
    assert not leaked


@pytest.mark.parametrize("text", SECTION_1)
def test_front_page(text: str) -> None:
    """The texts of the front page."""
    bound, trace = tracer(text, **RUN)
    steps = np.unique([*np.linspace(0, 30_500, 700).astype(int), *(row.first for row in bound.phases), 10**6, LAST])
    size = max(abs(walked(bound, steps)))
    assert_close(bound, trace, steps, size, [on_torch, on_jax])


@settings(max_examples=25)
@given(schedules(), runs())
@example(parse("(linear(0, 1) for 7 then cosine for 3) repeat scale 0.9"), {"total_steps": 80})
def test_generated_jitted(schedule: Schedule, run: dict[str, Any]) -> None:
    """Generated schedules, traced and compiled."""
    bound = bound_or_reject(schedule, run)
    steps = some(bound)
    try:
        found = jitted(traced(bound), steps)
    except ScheduleError as error:
        assert [each.code for each in error.diagnostics] == ["E412"]
        return
    assert_meant(bound, steps, found)


def test_bound_answers_in_kind() -> None:
    """A bound schedule takes tensors and arrays, single steps and traced ones too."""
    bound = parse("warmup(10%) then cosine").bind(1000, base=3e-4)
    steps = [0, 50, 100, 500, 1000, 5000]
    expected = [bound.walk(step) for step in steps]
    for found in (bound.at(torch.tensor(steps)), bound(torch.tensor(steps)), bound(jnp.array(steps))):
        assert np.allclose(np.asarray(found), expected, rtol=1e-6, atol=0)
    assert bound.at(torch.tensor(steps), dtype=torch.float64).tolist() == pytest.approx(expected, rel=1e-15)
    assert isinstance(bound(torch.tensor(50)), torch.Tensor)
    assert jax.jit(bound)(50) == bound(jnp.int32(50)) == np.float32(bound(50))
    assert jax.vmap(bound)(jnp.array(steps)).shape == (6,)
    with pytest.raises(ScheduleError, match="E407"):
        bound(torch.tensor(0.5))
