"""What hyperparameters began with: given, kept by a group, or found; and which of them count in whole numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from torch import Tensor

from .._bound.bind import uses_base
from .._bound.bound import LOOKED_AT, Bound, first_not_whole
from .._language.nodes import Schedule
from .._text.errors import Diagnostic, fail, listed
from .._text.numerals import approximated, literal
from .._text.run import as_rational, plain, shown
from .._text.source import abridged
from .._text.spelling import did_you_mean
from .keys import Key
from .matching import Group
from .optimizers import Optimizers

Base: TypeAlias = float | Sequence[float]
"""The initial value of a hyperparameter: one for all groups, or one for each."""

NOW: Final = "has now"
BEGAN: Final = "began with"


def given(base: Base | Mapping[str, Base] | None, keys: Iterable[Key], groups: int) -> dict[str, list[float | None]]:
    """The initial values that are given, for each group.

    Raises:
        ScheduleError: E607.
    """
    known = [key.text for key in keys]
    rows: dict[str, list[float | None]] = {}
    for name, value in (base if isinstance(base, Mapping) else {} if base is None else {"lr": base}).items():
        if name not in known:
            hint = did_you_mean(str(name), known) or f"there is one for {listed(known)}"
            fail(None, "E607", f"`base` is given for `{name}`, which has no schedule", hint)
        row = list(value) if isinstance(value, (list, tuple)) else [value] * groups
        if any(as_rational(_detached(each)) is None for each in row):
            message = f"the base of `{name}` is {shown(value)}, not a finite number"
            fail(None, "E607", message, "give one for all groups, or a list with one for each")
        if len(row) != groups:
            there = "there is 1 group" if groups == 1 else f"there are {groups} groups"
            fail(None, "E607", f"`base` has {len(row)} numbers for `{name}`, and {there}", "give one for each group")
        rows[name] = [as_float(each) for each in row]
    return rows


def as_float(value: Any) -> float | None:
    """A number or a tensor of one; None for None."""
    held: Any = plain(_detached(value))
    return None if held is None else float(held)


def as_number(value: Any) -> float:
    """The number that a group holds, as Python has it."""
    return value if type(value) is int else float(_detached(value))


def _detached(value: Any) -> Any:
    return value.detach() if isinstance(value, Tensor) else value


def base_at_start(key: Key, optimizers: Optimizers, number: int, step: int) -> tuple[float, bool]:
    """What a group of a new scheduler began with, which goes on at a step; and whether that is sure.

    In the middle of a run a group that keeps no initial value has one that was set since, but for the optimizer's
    default. A tensor is no proof, as the default is the same one.
    """
    known = _told(key, optimizers, number)
    value, default = key.initial(known), key.default(optimizers.of(number))
    return value, not step or key.has_initial(known) or (not isinstance(default, Tensor) and value == default)


def base_of_added(
    key: Key,
    optimizers: Optimizers,
    number: int,
    alike: Sequence[tuple[Bound, int]],
    step: int,
    bind: Callable[[Schedule, float], Bound],
) -> tuple[float, str | None]:
    """What a group that is added later began with; and as what its value is taken, if that is not sure.

    What another group has now was read from it, and a whole part of that, too. What others began with is what it would
    have begun with, and so is the default, which it has if it is given none. Anything else is what it has now, as with
    torch's own, in proportion to those `alike`: the schedules and numbers of groups that have the same text;
    unless these have less and have yet to rise, as nobody wants it to rise so.
    """
    known = _told(key, optimizers, number)
    value = key.initial(known)
    if key.has_initial(known) or not alike:
        return value, None if key.has_initial(known) or not step else BEGAN
    here = {bound.run.base: (bound, float(key.of(optimizers.groups[other]))) for bound, other in alike}
    same = [base for base, (_, now) in here.items() if now == value]
    if same:
        return (same[0], None) if len(same) == 1 else (value, BEGAN)
    if not step:
        return value, None
    if value in here or value == key.default(optimizers.of(number)):
        return value, BEGAN
    bound, now = next(iter(here.values()))
    tick = math.ceil(bound.place(step) * bound.run.grid)
    stop = tick + LOOKED_AT if bound.end is None else min(bound.end + 1, tick + LOOKED_AT)
    if now > 0 and (0 < value <= now or max(bound.ticks.values(tick, max(stop, tick + 1)).tolist()) <= now):
        base = bound.run.base * (value / now)
        if math.isclose(bind(bound.schedule, base)(step), value, rel_tol=1e-6):
            times = now / value
            return base, None if math.isclose(times, round(times), rel_tol=1e-9) and value < now else NOW
    return value, BEGAN


def defaults_of(keys: Iterable[Key], optimizers: Optimizers) -> dict[str, float | None]:
    """What each optimizer gives to groups that are given nothing else."""
    labels: Sequence[str | None] = optimizers.labels() or [None]
    return {
        called(key.text, label): as_float(key.default(each))
        for key in keys
        for label, each in zip(labels, optimizers.each, strict=True)
    }


def called(key: str, label: str | None) -> str:
    """A key of one of several optimizers."""
    return key if label is None else f"{key} of {label}"


def _told(key: Key, optimizers: Optimizers, number: int) -> dict[str, Any]:
    """A group, with what another says that has the same tensor."""
    groups = optimizers.groups
    return key.owners(groups)[number] | groups[number]


def depends(bound: Bound | None) -> bool:
    """Whether it matters what a hyperparameter began with."""
    return bound is not None and uses_base(bound)


def unknown(key: Key, group: Group, step: int) -> Diagnostic:
    """What is wrong if a run is gone on with and nothing says what it began with."""
    message = f"the base of `{key.text}` is not known in group {group.called}: the run goes on at step {step}, and "
    message += f"{literal(key.initial(group.options))} was perhaps set since"
    example = "base=3e-4" if key.text == "lr" else f'base={{"{key.text}": 0.1}}'
    return Diagnostic("E607", message, hint=f"say what the group began with: `{example}`, or one for each group, `[…]`")


def guessed(key: Key, group: Group, step: int, taken: str) -> Diagnostic:
    """The warning about a group that was added, of which nobody says what it began with."""
    value = approximated(float(key.of(group.options)))
    message = f"group {group.called} was added at step {step}: its `{key.text}`, {value}, is taken for what it {taken}"
    hint = f'write what it would have begun with into the group: `"initial_{key.name}": …`'
    return Diagnostic("W523", message, hint=hint)


def levelled(
    key: str, row: Sequence[Bound | None], bases: Sequence[float | None]
) -> Iterator[tuple[Bound, Diagnostic]]:
    """The warnings about groups that began at several values and get one curve."""
    began: dict[Schedule, dict[float, Bound]] = {}
    for bound, base in zip(row, bases, strict=True):
        if bound is not None and base is not None:
            began.setdefault(bound.schedule, {})[base] = bound
    for schedule, bounds in began.items():
        bound, values = next(iter(bounds.values())), [approximated(base) for base in sorted(bounds)]
        if len(values) > 1 and not uses_base(bound):
            message = f"`{key}` is `{abridged(str(schedule))}` for groups that began at {values[0]} to {values[-1]}"
            hint = "write `base` for what each group began with, such as `cosine(base, 0)`, or give each its own text"
            yield bound, Diagnostic("W521", message, hint=hint)


def not_whole(key: Key, optimizers: Optimizers, bounds: Sequence[Bound | None]) -> list[Diagnostic]:
    """What is wrong with values that are not whole, where the optimizer counts."""
    problems = []
    for number, (group, bound) in enumerate(zip(optimizers.groups, bounds, strict=True)):
        if bound is None or key.kind(optimizers.of(number), group) is not int:
            continue
        step = first_not_whole(bound)
        if step is not None:
            message = (
                f"`{key.text}` of group {number} is an integer, and would be {literal(bound(step))} at step {step}"
            )
            problems.append(Diagnostic("E607", message, hint="round it: `round(…)`, `floor(…)` or `ceil(…)`"))
    return problems
