"""What can be transcribed, as values: functions of the step, schedulers of other libraries, lists, arrays, columns."""

from __future__ import annotations

import copy
import sys
import warnings
from collections.abc import Callable, Iterable
from numbers import Number
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy

from ..._text.errors import Argument, Phrase
from ..._text.run import shown
from .columns import Column, column, refuse

if TYPE_CHECKING:
    from .task import Floats

_ASKED_AGAIN: Final = 64
"""At how many steps a function is asked twice."""

_TOTAL: Final = Phrase("give ", Argument("total_steps", "…"))
_DETAILED: Final = 16
"""From so many bits on a number is one that was calculated."""


@attrs.frozen(eq=False)
class Reading:
    """Values of a source, one for each step.

    Attributes:
        values: the values, all of them finite.
        first_step: the step of the first.
        single: whether they were calculated in float32, or with less.
        notes: what is to be known of them.
        apart: how many steps are from one to the next.
    """

    values: Floats
    first_step: int = 0
    single: bool = False
    notes: tuple[str, ...] = ()
    apart: int = 1


def read(source: Any, total_steps: int | None, first_step: int = 0, group: int = 0) -> Reading:
    """The values of a source: at each step of the run for what can be asked, those that are there for what can't.

    Args:
        source: what `transcribe` takes.
        total_steps: how long the run is; None, if that isn't known.
        first_step: the step of the first value.
        group: which of a scheduler's parameter groups is meant.

    Raises:
        ScheduleError: E419 for what has no values that a text could have; what a table of a file lacks.
    """
    if isinstance(source, (str, bytes)):
        hint = "give `(file, column)` for a column of a CSV file, or a list of numbers"
        refuse(f"a text, {shown(source)}, has no values", hint)
    if isinstance(source, tuple) and len(source) == 2 and not isinstance(source[0], Number):
        source = column(*source, default_first=first_step)
    if isinstance(source, Column):
        if source.apart > 1:
            _needed(total_steps, source.first)
        return attrs.evolve(_checked(source.values, source.first), apart=source.apart)
    if _of_torch(source):
        return _stepped(source, _needed(total_steps, first_step), first_step, group)
    if callable(source):
        return _asked(source, range(first_step, _needed(total_steps, first_step)))
    return _listed(source, first_step)


def _needed(total_steps: int | None, first_step: int) -> int:
    if total_steps is None:
        refuse("what is asked for its values doesn't say how long the run is", _TOTAL)
    if first_step >= total_steps:
        refuse(f"the first step, {first_step}, is not in a run of {total_steps} steps", _TOTAL)
    return total_steps


def _checked(values: Floats, first_step: int, single: bool = False, notes: tuple[str, ...] = ()) -> Reading:
    wrong = numpy.flatnonzero(~numpy.isfinite(values))
    if len(wrong):
        step = first_step + int(wrong[0])
        hint = "a schedule is finite at every step; give those that are known, and the `first_step`"
        refuse(f"the value at step {step} is {values[wrong[0]]}", hint)
    return Reading(values, first_step, single or _calculated_in_single(values), notes)


def _calculated_in_single(values: Floats) -> bool:
    """Whether values that are written as doubles are float32's: each fits, and some have too many digits for chance."""
    with numpy.errstate(over="ignore"):
        if not (values.astype(numpy.float32) == values).all():
            return False
    detailed = {value for value in values.tolist() if not value.is_integer() and _bits(value) > _DETAILED}
    return len(detailed) > 1


def _bits(value: float) -> int:
    """How many binary digits a number has.

    >>> _bits(0.375), _bits(0.1)
    (2, 52)
    """
    return abs(value.as_integer_ratio()[0]).bit_length()


# Lists and arrays.


def _listed(source: Any, first_step: int) -> Reading:
    if numpy.ma.is_masked(source):
        refuse(
            "some values are masked",
            "give those that are known, and the `first_step`",
        )
    array = _as_array(source)
    if array.ndim != 1:
        what = f"{shown(source)} has" if array.ndim == 0 else f"values of the shape {array.shape} have"
        refuse(f"{what} no value for each step", "give a list of numbers, or a function of the step")
    if not len(array):
        refuse("there are no values", "give one for each step")
    values = _as_floats(array)
    return _checked(values, first_step, _is_short(array))


def _is_short(array: Any) -> bool:
    """Whether an array has floats of fewer digits than a double; bfloat16 and its like have no kind of their own."""
    return array.dtype.kind in "fV" and array.dtype.itemsize < 8


def _as_array(source: Any) -> Any:
    if isinstance(source, Iterable) and not hasattr(source, "__len__"):
        refuse(f"{shown(source)} can be read once only", "make a list of it: `list(…)`")
    try:
        return numpy.asarray(_on_cpu(source))
    except Exception:  # ragged, traced …: each library has its own
        refuse(f"{shown(source)} is no list of numbers", "give one number for each step")


def _on_cpu(value: Any) -> Any:
    """A tensor of torch where NumPy can read it, bfloat16 as float32; anything else as it is."""
    if not hasattr(value, "detach"):
        return value
    value = value.detach().cpu()
    return value.float() if value.dtype.is_floating_point and value.dtype.itemsize < 4 else value


def _as_floats(array: Any) -> Floats:
    if array.dtype.kind == "O":
        for index, each in enumerate(array):
            _number(each, index, "the list")
    elif array.dtype.kind in "bUSMmc":
        refuse(f"{shown(array[0].item())} is no number", "give one number for each step: `float(…)`")
    floats: Floats = array.astype(numpy.float64, copy=False)
    return floats


def _number(value: Any, step: int, whose: str) -> tuple[float, bool]:
    """A value as a float, and whether it has the digits of a float32 alone."""
    if type(value) is float:
        return value, False
    try:
        array = numpy.asarray(_on_cpu(value))
        number = (
            float(array) if array.ndim == 0 and array.dtype.kind in "fViuO" and not isinstance(value, str) else None
        )
    except Exception:  # no number: each library has its own way to say so
        number = None
    if number is None:
        hint = "give one number for each step"
        if callable(value) or hasattr(value, "optimizer"):
            hint = "if it makes that for a length of the run, name the lengths of a few runs as `totals`"
        refuse(f"{whose} has {shown(value)} at step {step}, which is no number", hint)
    return number, _is_short(array)


# What can be asked.


def _asked(source: Callable[[int], Any], steps: range) -> Reading:
    """The values of a function, which has to have the same ones when it is asked again, in another order."""
    values, single = _traced(source, steps) or _one_by_one(source, steps)
    largest = float(numpy.abs(values).max(initial=0.0))
    again = steps[:: -max(1, len(steps) // _ASKED_AGAIN)]
    for step, value in zip(again, _one_by_one(source, again)[0], strict=True):
        before = values[step - steps.start]
        if value != before and not _alike(value, before, largest if single else 0.0):
            message = f"the value at step {step} is {before} once, and {value} when it is asked for again"
            refuse(message, "a schedule is a function of the step alone; give a list of the values it had")
    return _checked(values, steps.start, single)


def _alike(one: float, other: float, largest: float) -> bool:
    """Whether two values are equal but for how a compiler orders operations in float32, or are both no number."""
    return (one != one and other != other) or abs(one - other) <= 4e-7 * largest


def _one_by_one(source: Callable[[int], Any], steps: range) -> tuple[Floats, bool]:
    values = numpy.empty(len(steps))
    single = False
    for index, step in enumerate(steps):
        try:
            value = source(step)
        except Exception as error:  # whatever the user's function raises
            said = f"{type(error).__name__}: {error}".rstrip(": ")
            hint = f"it is asked for the steps {min(steps)} to {max(steps)}, as whole numbers"
            refuse(f"the function fails at step {step}: {said}", hint)
        values[index], short = _number(value, step, "the function")
        single |= short
    return values, single


def _traced(source: Callable[[int], Any], steps: range) -> tuple[Floats, bool] | None:
    """All values at once, if the function gives arrays of JAX: one by one takes a millisecond each."""
    jax = sys.modules.get("jax")
    if jax is None or len(steps) < _ASKED_AGAIN:
        return None
    try:
        if not isinstance(source(steps[0]), jax.Array):
            return None
        found = numpy.asarray(jax.vmap(source)(jax.numpy.arange(steps.start, steps.stop)))
    except Exception:  # it needs numbers, as `if step < 10` does
        return None
    return (found.astype(numpy.float64), found.dtype.itemsize < 8) if found.shape == (len(steps),) else None


# Schedulers of torch.


def _of_torch(source: Any) -> bool:
    torch = sys.modules.get("torch")
    if torch is None:
        return False
    kinds = torch.optim.lr_scheduler
    if isinstance(source, kinds.ReduceLROnPlateau):
        hint = "a schedule knows only the step; give a list of the learning rates that a run had"
        refuse("ReduceLROnPlateau follows a metric", hint)
    if not isinstance(source, kinds.LRScheduler) and isinstance(getattr(source, "scheduler", None), kinds.LRScheduler):
        refuse(f"a {type(source).__name__} is no scheduler but has one", "give its `.scheduler`")
    return isinstance(source, kinds.LRScheduler)


def _stepped(scheduler: Any, total: int, first_step: int, group: int) -> Reading:
    """The learning rates of a scheduler, from the step where it stands to the end of the run; it stays as it is."""
    import torch

    groups = scheduler.optimizer.param_groups
    if not 0 <= group < len(groups):
        refuse(f"there is no parameter group {group}", f"the optimizer has {len(groups)}, the first being 0")
    first = first_step or _stands(scheduler)
    if first >= total:
        refuse(f"the scheduler stands at step {first}, where the run of {total} steps is over", _TOTAL)
    dummy = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1, device="cpu"))], lr=0.0)
    dummy.param_groups[:] = [
        {"params": [], **{key: copy.deepcopy(value) for key, value in each.items() if key != "params"}}
        for each in groups
    ]
    dummy.defaults = copy.deepcopy(scheduler.optimizer.defaults)
    try:
        ours = copy.deepcopy(scheduler, {id(scheduler.optimizer): dummy})
    except Exception as error:  # what it holds may refuse to be copied
        hint = "give a list of its learning rates, or with `totals=[…]` a function that makes one"
        refuse(f"a {type(scheduler).__name__} can't be copied: {type(error).__name__}: {error}", hint)
    values, single = numpy.empty(total - first), False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that nobody calls `optimizer.step()`
        for index in range(total - first):
            if index:
                ours.step()
            values[index], short = _number(dummy.param_groups[group]["lr"], first + index, "the scheduler")
            single |= short
    notes = list(_notes_on(scheduler, groups, group, first_step))
    return _checked(values, first, single, tuple(notes))


def _stands(scheduler: Any) -> int:
    """At which step a scheduler stands; a chained one has no count of its own."""
    step: int = scheduler.last_epoch if hasattr(scheduler, "last_epoch") else scheduler._schedulers[0].last_epoch
    return step


def _notes_on(scheduler: Any, groups: list[dict[str, Any]], group: int, first_step: int) -> Iterable[str]:
    if _stands(scheduler) and not first_step:
        yield f"the scheduler stands at step {_stands(scheduler)}: what it did before is not known"
    if len({float(each.get("initial_lr", each["lr"])) for each in groups}) > 1:
        yield f"this is parameter group {group} of {len(groups)}; another may have other learning rates"
