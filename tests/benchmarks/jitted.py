"""The value at a traced step under `jax.jit`, in float32: ours and `optax.join_schedules`."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from .peers import FLOAT32, OPTAX_FIVE, OPTAX_WARM_UP, WrongValueError, maker
from .report import Comparison, Table, compared, limited
from .schedules import FIVE, TOTAL, WARM_UP, Case
from .timing import Measure, loop, once, wall

SCANNED = 100_000
"""Steps of a loop that is jitted as a whole."""

IN_LOOP = f"each step of a `lax.scan` of {SCANNED:_}"
COMPILE = "trace and compile"
LIMITED = (IN_LOOP, COMPILE)
"""What has a limit. A call from Python has none: most of it is JAX's own way into a function, as the row beside an
empty function shows."""


def tables() -> list[Table]:
    joined, warm = (maker("optax", code)() for code in (OPTAX_FIVE, OPTAX_WARM_UP))
    found = [*_compare(FIVE, "`optax.join_schedules`", joined, 1.0, 0.7)]
    found += _compare(WARM_UP, "`optax.warmup_cosine_decay_schedule`", warm, None, None)
    return [limited("jitted", "The value at a traced step, jitted, on the CPU, in float32", found)]


def _compare(case: Case, name: str, theirs: Any, must: float | None, aim: float | None) -> list[Comparison]:
    bound = case.bind()
    check(case, theirs)
    empty = one_call(lambda step: 0.0)
    found = [compared(f"{case.name}: one call", "an empty jitted function", one_call(bound.at), empty)]
    for work, ours, others in (
        ("one call", one_call(bound.at), one_call(theirs)),
        (IN_LOOP, scanned(bound.at), scanned(theirs)),
        (COMPILE, trace_and_compile(bound.at), trace_and_compile(theirs)),
        ("trace only", trace(bound.at), trace(theirs)),
        ("bind, trace and compile", _lowered(lambda: case.bind().at, compiled), trace_and_compile(theirs)),
    ):
        limits = (must, aim) if work in LIMITED else (None, None)
        found.append(compared(f"{case.name}: {work}", name, ours, others, *limits))
    return found


def _jax() -> tuple[Any, Any]:
    return import_module("jax"), import_module("jax.numpy")


def check(case: Case, theirs: Any) -> None:
    """Compare our jitted values with those of the other library, and both with the exact ones, as float32 explains."""
    jax, jnp = _jax()
    bound = case.bind()
    exact = bound.values(0, TOTAL + 100)
    for name, value in (("ours", bound.at), ("theirs", theirs)):
        found = np.asarray(jax.jit(jax.vmap(value))(jnp.arange(TOTAL + 100)))
        if found.dtype != np.float32 or not np.abs(found - exact).max() <= FLOAT32 * np.abs(exact).max():
            raise WrongValueError(f"{case.name}, jitted, {name}: the values are not those of the schedule")


def one_call(value: Callable[[Any], Any]) -> Measure:
    """A jitted function called with a step that is on the device, until the value is there."""
    jax, jnp = _jax()
    steps = [jnp.asarray(step, jnp.int32) for step in FIVE.steps(200)]
    return loop(jax.jit(lambda step: value(step)), steps, "ask(step).block_until_ready()", clock=wall)


def scanned(value: Callable[[Any], Any]) -> Measure:
    """One step of a jitted loop, in which nothing but the value is calculated."""
    jax, jnp = _jax()

    def body(total: Any, step: Any) -> tuple[Any, None]:
        return total + value(step), None

    work = jax.jit(lambda steps: jax.lax.scan(body, jnp.float32(0), steps)[0])
    steps = jnp.arange(SCANNED, dtype=jnp.int32) % 10_200
    measure = once(lambda: work(steps).block_until_ready(), wall)
    return lambda: measure() / SCANNED


def compiled(lowered: Any) -> Any:
    """What the compiler makes of it."""
    return lowered.compile()


def trace_and_compile(value: Callable[[Any], Any]) -> Measure:
    """From a function that JAX has never seen to an executable."""
    return _lowered(lambda: value, compiled)


def trace(value: Callable[[Any], Any]) -> Measure:
    """From a function that JAX has never seen to what the compiler gets."""
    return _lowered(lambda: value, lambda lowered: lowered)


def _lowered(make: Callable[[], Callable[[Any], Any]], then: Callable[[Any], Any]) -> Measure:
    """To make a function, have JAX trace it, and go on from there; all caches are emptied before."""
    jax, jnp = _jax()
    step = jax.ShapeDtypeStruct((), jnp.int32)

    def work() -> Any:
        value = make()
        return then(jax.jit(lambda traced: value(traced)).lower(step))

    measure = once(work, wall)

    def measured() -> float:
        jax.clear_caches()
        return measure()

    return measured
