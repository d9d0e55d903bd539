"""Noether: an object with the interface of its schedules, and its configs as text.

Nothing of Noether is imported: an object that answers `get_value` is all it asks for.

>>> from schedlang.noether import Schedule, from_noether, to_noether
>>> lr = Schedule("warmup(5%) then cosine(3e-4, 0)")
>>> lr.get_value(25, 1000)
0.00015
>>> print(from_noether({"kind": "noether.core.schedules.CosineDecreasingSchedule", "max_value": 3e-4}))
cosine(3e-4, 0, inclusive=both)
>>> to_noether("linear(4, 0)", total_steps=4)
{'kind': 'noether.core.schedules.CustomSchedule', 'values': [4.0, 3.0, 2.0, 1.0]}
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any, Final, NamedTuple

from ._bound.bind import need_base
from ._bound.bound import Bound
from ._bound.runs import run_told
from ._bound.sets import ScheduleSet, told_of
from ._bound.telling import codes_of, refuse_clock, tell_once
from ._language import nodes
from ._language.parse import as_schedule
from ._text.errors import ScheduleError, fail
from ._text.run import TOLD, Rate, counted_besides, shown, takes_rates
from ._transfer.baking import baked
from ._transfer.by_total import Bindable, ByTotal
from ._transfer.porting import NOETHER, ConfigReader, loaded

_CLASSES: Final = "noether.core.schedules"
_KIND: Final = re.compile(r"""(?m)^[^#]*\bkind["']?\s*:""")


class Schedule(ByTotal[Any]):
    """A schedule with `get_value(step, total_steps)`.

    It is bound once for each length that it is asked about. At `total_steps`, and behind it, the last value is held.

    Args:
        schedule: a text, a number, a schedule, or a config that `from_noether` takes. A config becomes a schedule anew
            for each length of the run, with Noether's own boundaries.
        total_steps: the length of the run, to find what is wrong with it now and not at the first step.
        base: the value before the first phase, such as the optimizer's `lr`; needed if the values depend on it.
        ignore: codes of warnings that are not wanted: `["W510"]`.
        **params: the rates, such as `steps_per_epoch=1250` (see `schedlang.Run`), and the text's parameters.

    Raises:
        ScheduleError: whatever is wrong with the text; E607 if base is needed.

    >>> lr = Schedule("warmup(5%) then cosine", total_steps=1000, base=3e-4)
    >>> [lr.get_value(step, total_steps=1000) for step in (0, 25, 50, 1000)]
    [0.0, 0.00015, 0.0003, 0.0]
    >>> lr = Schedule({"kind": "LinearWarmupCosineDecaySchedule", "warmup_percent": 0.29, "max_value": 3e-4})
    >>> [lr.get_value(28, total_steps) for total_steps in (101, 1010)]
    [0.0003, 2.9692832764505117e-05]
    """

    _needs_base = True  # what Noether asks for is the learning rate itself, not a multiple of it

    def get_value(self, step: int, total_steps: int, abs_step: int | None = None) -> float:
        """The value at a step of a run, or of a phase, of so many steps; `abs_step` is not needed.

        Raises:
            ScheduleError: whatever the text lacks in such a run; E407, for what is not a step.
        """
        return self._at(step, total_steps)

    def _read(self, given: Any) -> Bindable:
        return _Config(given, self._ignore) if _is_config(given) else as_schedule(given)


class _Config:
    """A config of Noether's, which becomes a schedule for each length of the run."""

    def __init__(self, config: Any, ignore: Iterable[str]) -> None:
        self._config, self._ignore = deepcopy(loaded(config)), ignore  # whoever changes theirs means another
        try:
            ConfigReader(NOETHER).schedule(self._config, None)
        except ScheduleError as error:
            if error.diagnostics[0].code != "E607":  # the length, which is known when it is bound
                raise

    def bind(self, total_steps: Rate | str, **arguments: Any) -> Bound:
        """The schedule that it is in a run, for that run."""
        length = run_told(total_steps, {name: arguments[name] for name in TOLD if name in arguments}).total_steps
        total = None if length is None else math.ceil(length)
        schedule = _converted(self._config, total, arguments.get("steps_per_epoch"), self._ignore)
        return schedule.bind(total_steps, **arguments)

    def __str__(self) -> str:
        return str(self._config)


def _is_config(given: Any) -> bool:
    """Whether it is a config, and no schedule of ours, whose texts have no colon."""
    if isinstance(given, str):
        return _KIND.search(given) is not None
    return isinstance(given, (Mapping, Sequence)) or hasattr(given, "model_dump")


def from_noether(
    config: str | float | Mapping[str, Any] | Sequence[Any],
    *,
    total_steps: int | None = None,
    steps_per_epoch: Rate | None = None,
    ignore: Iterable[str] = (),
) -> nodes.Schedule:
    """A config of Noether as a schedule of ours, with equal values at every step of the run.

    Args:
        config: a mapping with a `kind`, as a `dict` or an object of pydantic's or OmegaConf's; a number, a list of
            phases, or any of these as YAML text.
        total_steps: how many steps the run has. Without it the text holds for runs of any length; where Noether's
            floats round a boundary otherwise in some of them, the warning W528 says in which. Needed for phases in
            percent, and for an `overhang_percent` of what has shares of the run itself, such as stairs.
        steps_per_epoch: how many steps an epoch has, for `interval: epoch` in a run that ends inside of one.
        ignore: codes of warnings that are not wanted: `["W527"]`.

    Raises:
        ScheduleError: E605 for a kind, field or value that Noether doesn't have, E606 for one that has no counterpart
            here, E607 if `total_steps` is needed; E502 or E504, if a text cannot be read.

    >>> print(from_noether({
    ...     "kind": "noether.core.schedules.StepFixedSchedule",
    ...     "factor": 0.1, "start_value": 3e-4, "steps": [0.01, 0.02, 0.03],
    ... }))
    step_fixed(0.1, [1%, 2%, 3%], start=3e-4)
    >>> print(from_noether(\"\"\"
    ... kind: noether.core.schedules.LinearWarmupCosineDecaySchedule
    ... warmup_percent: 0.05
    ... max_value: 1e-3
    ... end_value: 1e-6
    ... \"\"\"))
    linear(0, 1e-3, inclusive=neither) for max(5% - 1, 0) then cosine(1e-3, 1e-6, inclusive=both)
    """
    return _converted(config, total_steps, steps_per_epoch, codes_of(ignore))


def _converted(
    config: Any, total_steps: int | None, steps_per_epoch: Rate | None, unwanted: Iterable[str]
) -> nodes.Schedule:
    reader = ConfigReader(NOETHER, steps_per_epoch)
    schedule = reader.schedule(config, total_steps)
    for found in reader.told:
        if found.code not in unwanted:
            tell_once(found)
    return schedule


@takes_rates
def to_noether(
    schedule: str | float | nodes.Schedule,
    *,
    total_steps: Rate | str,
    base: float | None = None,
    ignore: Iterable[str] = (),
    **params: Any,
) -> dict[str, Any]:
    """A schedule as a config of Noether's: a `CustomSchedule` that lists the value at each step of the run.

    The list is for runs of just this length: in a longer one Noether raises an IndexError behind its end, and of a
    shorter one it plays the beginning. A million steps are a list of a million numbers, 20 MB of JSON. A number, such
    as 3e-4, is a `ConstantSchedule`, for runs of any length.

    Its `interval` is `update`; what is to change with the epochs alone is said in the text: `cosine every 1ep`.

    Args:
        schedule: a text, a number, or a schedule.
        total_steps: how many optimizer updates the run has, or a duration, `"90ep"`.
        base: the value before the first phase, such as the optimizer's `lr`; needed if the values depend on it.
        ignore: codes of warnings that are not wanted: `["W510"]`.
        **params: the rates, such as `steps_per_epoch=1250` (see `schedlang.Run`), and the text's parameters.

    Raises:
        ScheduleError: E607 if base is needed; and whatever is wrong with the text.

    >>> to_noether("warmup(2) then linear", total_steps=4, base=8)["values"]
    [0.0, 4.0, 8.0, 4.0]
    >>> to_noether(3e-4, total_steps=1000)
    {'kind': 'noether.core.schedules.ConstantSchedule', 'value': 0.0003}
    """
    node = as_schedule(schedule)
    values = baked(node, total_steps, params if base is None else {"base": base, **params}, ignore)
    if isinstance(node, (nodes.Number, nodes.Constant)):  # in a run of any other length, too
        return {"kind": f"{_CLASSES}.ConstantSchedule", "value": values[0]}
    return {"kind": f"{_CLASSES}.CustomSchedule", "values": values}


def install(model: Any, schedules: Mapping[str, Any], *, ignore: Iterable[str] = (), **params: Any) -> None:
    """Put schedules of ours into the optimizers of a model of Noether's, and of its submodels, in the place of theirs.

    Call it in the `before_training` of a callback, where the optimizers are there, and resumed. The config keeps a
    schedule that Noether takes, in whose place ours is put.

    The run is the one that Noether counts: its updates are the 100 % of the texts; the updates of an epoch and the
    samples of an update are known. Base is what the config says: the optimizer's `lr`, to which Noether scales the
    learning rates of all its groups, and its `weight_decay`. In a run without updates, which only evaluates, nothing is
    changed.

    Args:
        model: the `self.model` of a callback, or a submodel of it.
        schedules: what `ScheduleSet` takes, for `lr`, for `weight_decay`, or for both.
        ignore: codes of warnings that are not wanted: `["W510"]`.
        **params: the parameters of the texts, and rates that Noether does not know.

    Raises:
        ScheduleError: E604 for other names; E607 if there is no place for a schedule, no base, or nothing that would
            change; and whatever is wrong with the texts and the run. Then nothing is changed.
    """
    texts = ScheduleSet(schedules, known=_PLACES)
    for listed in texts.shape.lists:
        fail(None, "E604", f"`{listed.name}` is a list of schedules, and Noether takes one", "give a text")
    for name, _ in texts.rates:
        fail(None, "E604", f"`{name}` stands among the schedules", f"give `install(…, {name}=…)`")
    for name in ("base", "total_steps"):
        if name in params:
            fail(None, "E607", f"`{name}` is given twice: Noether's run has it", "remove it")
    if not hasattr(model, "get_named_models"):
        fail(None, "E607", f"{shown(model)} is not a model of Noether", "give the `self.model` of a callback")
    refuse_clock({"clock": texts.clock, **params}, "`install`")
    optimizers = [each.optimizer for each in model.get_named_models().values() if each.optimizer is not None]
    if not optimizers:
        fail(None, "E607", "the model has no optimizer yet", "call this in the `before_training` of a callback")
    placed = [each for optimizer in optimizers for each in _placed(optimizer, texts, ignore, params)]
    for wrapper, bound in placed:
        wrapper.schedule = _Played(bound)


class _Played:
    """A bound schedule, with the interface of Noether's."""

    def __init__(self, bound: Bound) -> None:
        self._bound = bound

    def get_value(self, step: int, total_steps: int) -> float:
        value: float = self._bound(step)
        return value

    def __repr__(self) -> str:
        return f"Schedule({str(self._bound.schedule)!r})"


class _Place(NamedTuple):
    """Where Noether keeps a schedule: the attribute of its optimizer, and the field of the config."""

    attribute: str
    field: str


_PLACES: Final = {
    "lr": _Place("schedule", "schedule_config"),
    "weight_decay": _Place("weight_decay_schedule", "weight_decay_schedule"),
}


def _placed(
    optimizer: Any, texts: ScheduleSet, ignore: Iterable[str], params: Mapping[str, Any]
) -> list[tuple[Any, Bound]]:
    """What holds each schedule of an optimizer of Noether's, and ours for it."""
    wrappers = {name: getattr(optimizer, _PLACES[name].attribute) for name in texts}
    for name, wrapper in wrappers.items():
        if wrapper is None:
            hint = f"write one, `{_PLACES[name].field}: {{kind: {_CLASSES}.ConstantSchedule, value: 0}}`"
            fail(None, "E607", f"the config has no schedule of `{name}` in whose place ours could be put", hint)
        if wrapper.interval != "update":
            hint = "remove its `interval`, and write `every 1ep` in the text"
            fail(None, "E607", f"the schedule of `{name}` that is replaced is asked once an epoch", hint)
    counter = optimizer.update_counter
    if counter is None:
        fail(None, "E607", "the optimizer counts no updates", "call this in the `before_training` of a callback")
    if not _reaches_inside(optimizer.torch_optim):
        problem = (
            "what is set for Muon does not reach the two optimizers inside of it: their state was loaded, and with it"
        )
        hint = "give it theirs before: `muon.param_groups = muon._muon.param_groups + muon._secondary.param_groups`"
        fail(None, "E607", f"{problem} they got groups of their own", hint)
    if "weight_decay" in texts and all(group["exclude_from_wd"] for group in optimizer.torch_optim.param_groups):
        problem = "no group of the optimizer has a weight decay, and Noether leaves it at 0 then"
        fail(None, "E607", problem, "give the optimizer's config its `weight_decay`")
    if counter.end_iteration.update == 0:  # nothing asks for a value
        return []
    known = {"steps_per_epoch": counter.updates_per_epoch, "samples_per_step": counter.effective_batch_size}
    bases = {name: base for name in texts if (base := _base_of(name, optimizer)) is not None}
    bounds = texts.bind(
        counter.end_iteration.update,
        base=bases,
        ignore=ignore,
        **{**params, **counted_besides({**params, **told_of(texts)}, known)},
    )
    for name in texts.keys() - bases.keys():
        need_base(bounds[name], "write the values into the text, as those of the groups differ")
    return [(wrappers[name], bounds[name]) for name in texts]


def _reaches_inside(optimizer: Any) -> bool:
    """Whether the groups of an optimizer are those of the optimizers inside of it, as Noether's Muon has them."""
    inside = [getattr(optimizer, name, None) for name in ("_muon", "_secondary")]
    known = {id(group) for group in optimizer.param_groups}
    return all(id(group) in known for each in inside if each is not None for group in each.param_groups)


def _base_of(name: str, optimizer: Any) -> float | None:
    """What an optimizer's config says of the learning rate or the weight decay, if that is one number."""
    groups = optimizer.torch_optim.param_groups
    if name == "lr":  # of the group whose learning rate Noether's value is; before 2026.4.0 it had no `initial_lr`
        return float(next(groups[0][key] for key in ("initial_lr", "original_lr", "lr") if key in groups[0]))
    found = {float(group["weight_decay"]) for group in groups if not group["exclude_from_wd"]}
    return found.pop() if len(found) == 1 else None
