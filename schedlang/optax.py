"""JAX and optax: schedules for any optax optimizer.

>>> import jax.numpy as jnp
>>> import optax
>>> from schedlang.optax import schedule
>>> lr = schedule("warmup(5%) then cosine", total_steps=1000, base=3e-4)
>>> optimizer = optax.adamw(lr)
>>> state = optimizer.init(jnp.zeros(3))
>>> lr(25) == jnp.float32(1.5e-4)
Array(True, dtype=bool)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import attrs
import jax
import jax.numpy as jnp
import numpy as np

from ._bound.bound import LOOKED_AT, Bound
from ._bound.telling import refuse_clock, tell
from ._bound.wording import worded
from ._language.nodes import Schedule as Text
from ._language.parse import as_schedule
from ._text.errors import fail
from ._text.libraries import refuse_dtype
from ._text.numerals import literal
from ._text.run import Rate, shown, takes_rates

_ROUND: Final = "round them: `round(…)`, `floor(…)` or `ceil(…)`; integers up to 2 ** 24 are exact"


def _traceable(instance: Schedule, attribute: attrs.Attribute[Bound], bound: object) -> None:
    if not isinstance(bound, Bound):
        hint = "bind a schedule first: `parse(…).bind(…)`, or call `schedlang.optax.schedule`"
        fail(None, "E607", f"{shown(bound)} is not a bound schedule", hint)
    count = jax.ShapeDtypeStruct((), jnp.int32)  # type: ignore[no-untyped-call]
    jax.eval_shape(bound.at, count)  # starts no device


def _held(instance: Schedule, attribute: attrs.Attribute[Any], dtype: Any) -> None:
    """Refuse an integer dtype for values that are no integers, or none that it or a float32 can be."""
    if dtype is None or not jnp.issubdtype(dtype, jnp.integer):
        return
    bound = instance.bound
    values = np.asarray(bound.values(0, min((bound.end or LOOKED_AT) + 1, LOOKED_AT)))
    limits = jnp.iinfo(dtype)  # type: ignore[no-untyped-call]
    for wrong, hint in (
        (np.rint(values).astype(np.float32) != values, _ROUND),
        ((values < limits.min) | (values > limits.max), f"it holds {limits.min} to {limits.max}"),
    ):
        if wrong.any():
            step = int(wrong.argmax())
            fail(
                None,
                "E607",
                f"the values are to be {dtype}, and are {literal(float(values[step]))} at step {step}",
                hint,
            )


def _identity(bound: Bound) -> tuple[Any, ...]:
    return bound.schedule, bound.run, tuple(sorted(bound.params.items(), key=lambda item: item[0]))


def _as_dtype(dtype: Any) -> Any:
    try:
        known = jnp.dtype(dtype)
    except TypeError:
        known = None
    if known is None or not (jnp.issubdtype(known, jnp.floating) or jnp.issubdtype(known, jnp.integer)):
        refuse_dtype(dtype, "dtype=jnp.float32")
    return jax.dtypes.canonicalize_dtype(known) if jnp.issubdtype(known, jnp.integer) else known


def _counts(count: Any) -> jax.Array:
    """Counts as JAX has them; floats that are whole, as people plot them, as integers."""
    if not isinstance(count, jax.core.Tracer):
        given = np.asarray(count)
        if given.dtype.kind == "f" and np.all(np.isfinite(given) & (given == np.rint(given))):
            count = given.astype(np.int64)
    return jnp.asarray(count)


@attrs.frozen
class Schedule:
    """A schedule as optax takes it: a function from the count of updates to a JAX array.

    Two are equal if text, run and parameters are.

    Attributes:
        bound: the same as a function of Python's numbers, with its phases, its values and the run.
        dtype: the dtype of the values; None for float32, or float64 where x64 is switched on.

    Raises:
        ScheduleError: E607, if it is not made from a bound schedule, or its values are to be integers and are not;
            E412, if it cannot be traced.

    >>> from schedlang import parse
    >>> Schedule(parse("linear(1, 0)").bind(4))
    schedule('linear(1, 0)', total_steps=4)
    """

    bound: Bound = attrs.field(validator=_traceable, eq=_identity, hash=True)
    dtype: Any = attrs.field(default=None, converter=attrs.converters.optional(_as_dtype), validator=_held)

    def __call__(self, count: Any) -> jax.Array:
        """The value at a count of updates, or at an array of them, of `dtype`.

        Counts may be traced. Below 0 counts as 0, as `optax.join_schedules` asks all of its schedules at all steps. A
        float is a count if it is whole, and is not traced.

        Raises:
            ScheduleError: E407 for a count that isn't an integer.
        """
        whole = self.dtype is not None and jnp.issubdtype(self.dtype, jnp.integer)
        values: jax.Array = self.bound.at(_counts(count), None if whole else self.dtype)
        return jnp.rint(values).astype(self.dtype) if whole else values

    def __repr__(self) -> str:
        run = self.bound.run
        parts = [repr(str(self.bound.schedule))]
        for field in attrs.fields(type(run)):
            value = getattr(run, field.name)
            if value != field.default:
                parts.append(f"{field.name}={value}")
        parts += [f"{name}={node}" for name, node in self.bound.params.items()]
        return f"schedule({', '.join([*parts, *([] if self.dtype is None else [f'dtype={self.dtype}'])])})"


@takes_rates
def schedule(
    text: str | float | Text,
    total_steps: Rate | str | None = None,
    *,
    base: float = 1.0,
    dtype: Any = None,
    ignore: Iterable[str] = (),
    **params: Any,
) -> Schedule:
    """A schedule for optax, from its text.

    optax's optimizers take it as `learning_rate`, `optax.inject_hyperparams` for any other hyperparameter,
    `optax.scale_by_schedule` as its function.

    Args:
        text: the schedule; a number is one too.
        total_steps: how many updates the run has, or a duration such as `"90ep"`.
        base: the value before the first phase. optax keeps none, so that it is given here.
        dtype: the dtype of the values; an integer one, for `optax.MultiSteps` and the like, if all of them are whole.
        ignore: codes of warnings that are not wanted: `["W510"]`.
        **params: the rates, such as `steps_per_epoch=1250` (see `schedlang.Run`), and the text's free names.

    Raises:
        ScheduleError: for whatever is wrong with the text or the run; E412, if the schedule cannot be traced; E607, if
            its values are to be integers and are not.

    >>> import jax
    >>> lr = schedule("warmup(w) then cosine", total_steps=1000, base=3e-4, w="5%")
    >>> lr
    schedule('warmup(w) then cosine', total_steps=1000, base=0.0003, w=5%)
    >>> lr.bound(25), jax.jit(lr)(25).dtype
    (0.00015, dtype('float32'))
    """
    with worded("schedule"):
        refuse_clock(params, "`schedule`")
        made = Schedule(as_schedule(text).bind(total_steps, base=base, **params), dtype)
    tell([made.bound], ignore)
    return made
