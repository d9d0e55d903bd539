"""Tracing: a lowered program on torch tensors, and on JAX arrays, traced or not.

The formulas are those of the plan (see `planning`), evaluated once for all libraries; what differs is what the
operations are called, and that is all that the two namespaces here know. No library is imported before a value of it is
given. No value is looked at, so that nothing waits for a device, and everything can be traced.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from .._language.operations import KERNELS, Called
from .._text.errors import fail
from .._text.libraries import library_of, refuse_dtype
from .expressions import Value, is_same
from .planning import Column, Instruction, Plan, plan

_SOME: Final = 64
"""Up to how many rows are counted one by one."""

_LARGEST: Final = (2 - 2**-24) * 2.0**127
"""What is larger rounds to an infinite float32."""

Array: TypeAlias = Any
"""An array of the library, or a number of its own type."""


class Tracer:
    """A lowered program as a function of a tensor, or a traced array, of steps; `source` is the same for numbers."""

    def __init__(self, value: Value, source: Callable[[int], float]) -> None:
        self._value = value
        self._source = source
        self._plans: dict[tuple[int, bool], Plan] = {}
        self._constants: dict[Any, Any] = {}

    def __call__(self, steps: Any, dtype: Any = None) -> Any:
        """The values at an integer tensor or array of steps, in its library, on its device, and of its shape.

        Steps are not looked at, so that those below zero cannot be refused: they count as step 0. What is prepared for
        a library is prepared at the first call; `torch.compile(fullgraph=True)` wants that to have been before.
        """
        xp: Namespace = (Torch if library_of(steps) == "torch" else Jax)(steps, dtype, self._constants)
        key = xp.limit, xp.wide
        if key not in self._plans:
            self._plans[key] = plan(self._value, self._source, *key)
        return xp.finished(_Followed(self._plans[key], xp, (xp.steps,)).values())


class _Followed:
    """A plan, followed for all steps; its own axis is the last one."""

    def __init__(self, plan: Plan, xp: Namespace, axes: tuple[Array, ...]) -> None:
        self.plan = plan
        self.xp = xp
        self.axes = axes
        self.picked: dict[int, Array] = {}
        rows = len(plan.which.values)
        self.begun: list[Array] | None = None
        """Whether each row but the first has begun; else `places` has the row of each step."""
        if rows <= xp.few:
            self.begun = [xp.operation(">=", [axes[-1], xp.number(start, True)]) for start in plan.starts.values]
        elif rows > 1:
            self.places = xp.rank(plan.starts, axes[-1])

    def values(self) -> Array:
        """What is shown."""
        xp, templates = self.xp, self.plan.templates
        found: list[Array] = []
        for step in self.plan.code:
            found.append(self.calculated(step, [found[place] for place in step.inputs]))
        alike = len({(each.value is None, each.scale, each.offset) for each in templates}) == 1
        alike = alike and templates[0].value is not None  # then they are moved together, when one of them is picked
        shown = []
        for each in templates:
            value = self.pick(each.offset) if each.value is None else found[each.value]
            shown.append(value if alike or each.value is None else self.moved(value, each.scale, each.offset))
        values = shown[0]
        if len(shown) > 1:
            which = self.picked_of(self.plan.which)
            for place, value in enumerate(shown[1:], 1):
                here = xp.operation("==", [which, xp.number(place, True)])
                values = xp.operation("where", [here, xp.filled(value), xp.filled(values)])
        return xp.filled(self.moved(values, templates[0].scale, templates[0].offset) if alike else values)

    def pick(self, place: int) -> Array:
        """The value of a column for each step."""
        if place not in self.picked:
            self.picked[place] = self.picked_of(self.plan.columns[place])
        return self.picked[place]

    def picked_of(self, column: Column) -> Array:
        if column.same:
            return self.xp.number(column.values[0], column.whole)
        if self.begun is None:
            return self.xp.take(self.xp.constant(column), self.places)
        runs = [0, *(row for row in range(1, len(column.values)) if not is_same(*column.values[row - 1 : row + 1]))]
        return self.halved(column, runs, self.begun)

    def halved(self, column: Column, runs: list[int], begun: list[Array]) -> Array:
        """The value of a column that changes at some rows: found by halving, as choices in a chain take longer."""
        if len(runs) == 1:
            return self.xp.filled(self.xp.number(column.values[runs[0]], column.whole))
        middle = len(runs) // 2
        before, after = (self.halved(column, some, begun) for some in (runs[:middle], runs[middle:]))
        return self.xp.operation("where", [begun[runs[middle] - 1], after, before])

    def moved(self, value: Array, scale: int, offset: int) -> Array:
        """`scale * value + offset`, without what changes nothing."""
        by = self.plan.columns[scale]
        if not by.same or by.values[0] != 1:
            value = self.xp.operation("*", [value, self.pick(scale)])
        return self.shifted(value, offset)

    def shifted(self, value: Array, offset: int) -> Array:
        by = self.plan.columns[offset]
        return value if by.same and by.values[0] == 0 else self.xp.operation("+", [value, self.pick(offset)])

    def calculated(self, of: Instruction, inputs: list[Array]) -> Array:
        """What an instruction gives."""
        xp = self.xp
        match of.name:
            case "axis":
                axis = self.axes[of.detail]
                for bound, column in zip(("maximum", "minimum"), of.columns, strict=False):
                    axis = xp.operation(bound, [axis, self.pick(column)])
                return axis
            case "+" if of.columns:
                return self.shifted(inputs[0], *of.columns)
            case "affine":
                return self.moved(inputs[0], *of.columns)
            case "look" | "entry":
                table = self.plan.entries if of.name == "look" else self.plan.whole_entries
                return xp.take(xp.constant(table), self.shifted(inputs[0], *of.columns))
            case "constant":
                return self.pick(*of.columns)
            case "rank":
                return xp.rank(of.detail, inputs[0])
            case "plan":
                return _Followed(of.detail, xp, (*self.axes[:-1], *inputs)).values()
            case "square":
                return xp.operation("*", [inputs[0], inputs[0]])
            case "where":
                return xp.operation("where", [inputs[0], *map(xp.filled, inputs[1:])])
        return xp.operation(of.name, [*inputs, *map(self.pick, of.columns)])


def _not_steps(kind: Any) -> None:
    fail(
        None,
        "E407",
        f"an array of {kind} holds no steps",
        "a step is a whole number of at least 0: give an array of integers",
    )


_CALLED: Final = {name: kernel.called for name, kernel in KERNELS.items() if kernel.called is not None} | {
    "==": Called("equal", "eq", "eq"),
    "where": Called("where", "where", "select"),
}
"""What libraries call the operations of plans: kernels, `==`, and `where`, which is no ufunc of NumPy's."""


class Torch:
    """torch: every integer type becomes int64.

    Attributes:
        steps: the steps as integers of at least zero, of a type that reaches to `limit`.
        wide: whether it is calculated in float64, else in float32.
        few: up to how many rows are told apart by comparisons, where that is cheaper than looking into a table.
    """

    few = 0
    limit = 2**63 - 1

    def __init__(self, steps: Any, dtype: Any, constants: dict[Any, Any]) -> None:
        import torch

        self.constants = constants
        self.torch = torch
        kind = steps.dtype
        if kind == torch.bool or kind.is_floating_point or kind.is_complex:
            _not_steps(kind)
        if dtype is not None and not (isinstance(dtype, torch.dtype) and dtype.is_floating_point):
            refuse_dtype(dtype, "dtype=torch.float32")
        self.dtype = torch.get_default_dtype() if dtype is None else dtype
        self.wide = self.dtype == torch.float64
        self.real = torch.float64 if self.wide else torch.float32
        self.device = steps.device
        self.steps = steps.to(torch.int64).clamp(min=0)

    def constant(self, column: Column) -> Array:
        """All the values of a column, as an array."""
        kind = self.torch.int64 if column.whole else self.real
        key = column, kind, self.device
        if key not in self.constants:
            wide = self.torch.int64 if column.whole else self.torch.float64
            if isinstance(column.values, array):
                values = self.torch.frombuffer(column.values, dtype=wide)
            else:
                values = self.torch.tensor(column.values, dtype=wide)
            self.constants[key] = values.to(dtype=kind, device=self.device)
        return self.constants[key]

    def number(self, value: float, whole: bool) -> Array:
        """One number."""
        beyond = not whole and self.real == self.torch.float32 and abs(value) > _LARGEST
        return math.copysign(math.inf, value) if beyond else value

    def filled(self, value: Array) -> Array:
        """A number as an array of the shape that the steps have."""
        if isinstance(value, self.torch.Tensor):
            return value
        return self.torch.full(self.steps.shape, value, dtype=self.real, device=self.device)

    def take(self, table: Array, places: Array) -> Array:
        """Entries of a table."""
        return self.torch.index_select(table, 0, places.reshape(-1)).reshape(places.shape)

    def rank(self, starts: Column, places: Array) -> Array:
        """How many of the starts are not above each place."""
        return self.torch.bucketize(places, self.constant(starts), right=True)

    def operation(self, name: str, operands: list[Array]) -> Array:
        """An operation by its name in plans."""
        if name == "float":
            return operands[0].to(self.real)
        if name in ("minimum", "maximum") and not all(map(self.torch.is_tensor, operands)):
            value, bound = operands if self.torch.is_tensor(operands[0]) else reversed(operands)
            return self.torch.clamp(value, **{"min" if name == "maximum" else "max": bound})
        if not self.torch.is_tensor(operands[0]) and name in ("/", "-", "*", "+", "<", "<=", ">", ">="):
            operands = [self.torch.full((), operands[0], dtype=self.real, device=self.device), *operands[1:]]
        return getattr(self.torch, _CALLED[name].torch)(*operands)

    def finished(self, values: Array) -> Array:
        """The values in the type that was asked for."""
        return values.to(self.dtype)


class Jax:
    """JAX: integers are int32, or int64 with `jax_enable_x64`. `jax.lax` is traced faster than `jax.numpy`."""

    few = 8

    def __init__(self, steps: Any, dtype: Any, constants: dict[Any, Any]) -> None:
        import jax
        import numpy

        self.constants = constants
        self.lax = jax.lax
        self.numpy = numpy
        kind = steps.dtype
        if not numpy.issubdtype(kind, numpy.integer):
            _not_steps(kind)
        wide = jax.dtypes.canonicalize_dtype(numpy.int64) == numpy.int64
        self.whole = numpy.dtype(numpy.int64 if wide else numpy.int32)
        self.limit = 2**63 - 1 if wide else 2**31 - 1
        if not _is_float_of_jax(jax, dtype):
            refuse_dtype(dtype, "dtype=jax.numpy.float32")
        self.dtype = jax.dtypes.canonicalize_dtype(numpy.float64 if dtype is None else dtype)
        self.wide = self.dtype == numpy.float64
        self.real = numpy.dtype(numpy.float64 if self.wide else numpy.float32)
        if kind.kind == "u":
            if kind.itemsize >= self.whole.itemsize:
                steps = self.lax.min(steps, kind.type(self.limit))
            self.steps = self.lax.convert_element_type(steps, self.whole)
        else:
            self.steps = self.lax.max(self.lax.convert_element_type(steps, self.whole), self.whole.type(0))
        self.shape = self.steps.shape

    def constant(self, column: Column) -> Array:
        kind = self.whole if column.whole else self.real
        key = column, kind
        if key not in self.constants:
            with self.numpy.errstate(over="ignore"):
                self.constants[key] = self.numpy.array(column.values, kind)
        return self.constants[key]

    def number(self, value: float, whole: bool) -> Array:
        if whole:
            return self.whole.type(value)
        with self.numpy.errstate(over="ignore"):
            return self.real.type(value)

    def filled(self, value: Array) -> Array:
        if self.shape == value.shape:
            return value
        return self.lax.full(self.shape, value)

    def take(self, table: Array, places: Array) -> Array:
        lax = self.lax
        numbers = lax.GatherDimensionNumbers(offset_dims=(), collapsed_slice_dims=(0,), start_index_map=(0,))
        indices = lax.expand_dims(places, (len(places.shape),))
        return lax.gather(table, indices, numbers, (1,), mode="promise_in_bounds")

    def rank(self, starts: Column, places: Array) -> Array:
        lax, one = self.lax, self.whole.type(1)
        count = len(starts.values)
        if count <= _SOME:
            last = len(places.shape)
            shape = (*places.shape, count)
            each = lax.broadcast_in_dim(places, shape, tuple(range(last)))
            every = lax.broadcast_in_dim(self.constant(starts), shape, (last,))
            begun = lax.convert_element_type(lax.ge(each, every), self.whole)
            return lax.reduce(begun, self.whole.type(0), lax.add, (last,))
        # Binary search for the last row that has begun, the first one having begun always.
        size = 1 << (count.bit_length() - 1)
        table = self.constant(starts)
        found = lax.full(places.shape, self.whole.type(0))
        while size:
            further = lax.add(found, self.whole.type(size))
            begun = lax.ge(places, self.take(table, lax.min(lax.sub(further, one), self.whole.type(count - 1))))
            begun = lax.bitwise_and(begun, lax.le(further, self.whole.type(count)))
            found = lax.select(begun, further, found)
            size //= 2
        return found

    def operation(self, name: str, operands: list[Array]) -> Array:
        if name == "float":
            return self.lax.convert_element_type(operands[0], self.real)
        if name == "round":  # by itself it rounds half away from zero
            return self.lax.round(operands[0], self.lax.RoundingMethod.TO_NEAREST_EVEN)
        if name == "log1p":  # XLA's is off by 120 eps in float64 between -1/2 and -1/4, where 1 + x is as good as exact
            one, quarter = (self.lax.full_like(operands[0], value) for value in (1, -0.25))
            far = self.lax.lt(operands[0], quarter)
            return self.lax.select(far, self.lax.log(one + operands[0]), self.lax.log1p(operands[0]))
        return getattr(self.lax, _CALLED[name].lax)(*operands)

    def finished(self, values: Array) -> Array:
        return values if values.dtype == self.dtype else self.lax.convert_element_type(values, self.dtype)


Namespace: TypeAlias = Torch | Jax
"""What a library calls things."""


def _is_float_of_jax(jax: Any, dtype: Any) -> bool:
    """Whether JAX can make floats of a dtype; None is its own choice."""
    try:
        return dtype is None or bool(jax.dtypes.issubdtype(jax.dtypes.canonicalize_dtype(dtype), jax.numpy.floating))
    except (TypeError, ValueError):
        return False
