"""PyTorch: a scheduler whose values come from text.

>>> import torch
>>> from schedlang.torch import Scheduler
>>> optimizer = torch.optim.AdamW([torch.zeros(3, requires_grad=True)], lr=3e-4)
>>> scheduler = Scheduler(optimizer, "warmup(5%) then cosine", total_steps=1000)
>>> for step in range(25):
...     optimizer.step()  # after your forward and backward
...     scheduler.step()
>>> scheduler.get_last_lr()
[0.00015]
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import Any, Final, Literal, TypeAlias
from weakref import WeakMethod

import attrs
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from .binding import Bound
from .checking import parse
from .errors import Diagnostic, ScheduleError, fail, listed, nearest
from .nodes import Schedule
from .run import Rate, shown
from .sets import bind_with, unused_params

Text: TypeAlias = str | float | Schedule
"""What one hyperparameter of one group does."""

Texts: TypeAlias = Text | Mapping[str, Text | Mapping[str | int, Text]]
"""The learning rate of all groups; or for each key of the groups a text, or one for each pattern of groups."""

OnMismatch: TypeAlias = Literal["error", "keep", "replace"]
"""What to do with a checkpoint of another text or run."""

_MISMATCHES: Final = ("error", "keep", "replace")
_RATES: Final = ("total_steps", "steps_per_epoch", "samples_per_step", "tokens_per_step")
_ARGUMENTS: Final = (*_RATES, "last_epoch", "on_mismatch", "named_parameters")
_COMPARED: Final = 1_000_000
"""How many steps are compared to tell where two schedules part."""
_BLOCK: Final = 65_536
"""How many of them at once."""


class Scheduler(LRScheduler):
    """Sets hyperparameters of an optimizer's groups to the values of schedules.

    It is a scheduler of torch's: what takes one of them takes it. A step is an update of the optimizer; `last_epoch`,
    as torch calls it, is how many were done. The value is a function of that number alone.

    `base` is the initial value, which a group keeps as `initial_lr`, `initial_weight_decay` …, in checkpoints too.

    Args:
        optimizer: the optimizer.
        schedules: a text, for the learning rate of all groups; or a mapping from the groups' keys, `lr`,
            `weight_decay`, `betas[0]` …, to texts. Instead of a text there may be a mapping from groups to texts: a
            group's `name`, its index, or a pattern, such as `*.bias`, of its parameters' names. The first that matches
            counts; `*` matches every group.
        total_steps: how many updates the run has, or a duration: `"90ep"`.
        steps_per_epoch: updates in one epoch, accumulated batches counted once; need not be whole.
        samples_per_step: samples in one update, all processes and accumulated batches together.
        tokens_per_step: tokens in one update, likewise.
        last_epoch: updates done so far, less one: -1 for a run that begins.
        on_mismatch: what `load_state_dict` does with a checkpoint of another text or run: `"error"`; `"keep"` this
            scheduler's, at the checkpoint's step; `"replace"` them by the checkpoint's.
        named_parameters: `model.named_parameters()`, for patterns, unless the optimizer was made from it.
        params: the texts' parameters.

    Raises:
        ScheduleError: E601 for a key that a group lacks, E602 for a group without a text or a pattern without a group,
            E607 for an argument that is wrong; and whatever is wrong with a text or its run.

    >>> import torch
    >>> optimizer = torch.optim.SGD([torch.zeros(3, requires_grad=True)], lr=0.1, momentum=0.9, weight_decay=1e-4)
    >>> scheduler = Scheduler(
    ...     optimizer, {"lr": "warmup(5%) then cosine", "momentum": "linear(0.85, 0.95)"}, total_steps=100
    ... )
    >>> optimizer.param_groups[0]["lr"], optimizer.param_groups[0]["momentum"]
    (0.0, 0.85)
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedules: Texts,
        *,
        total_steps: Rate | str | None = None,
        steps_per_epoch: Rate | None = None,
        samples_per_step: Rate | None = None,
        tokens_per_step: Rate | None = None,
        last_epoch: int = -1,
        on_mismatch: OnMismatch = "error",
        named_parameters: Iterable[tuple[str, Tensor]] | None = None,
        **params: Any,
    ) -> None:
        # Not `super().__init__`: it replaces `optimizer.step` to be able to warn about the order of calls.
        if not isinstance(optimizer, Optimizer):
            fail(
                None,
                "E607",
                f"{shown(optimizer)} is not an optimizer",
                "give one of `torch.optim`, and then the schedules",
            )
        if on_mismatch not in _MISMATCHES:
            hint = f"did you mean `{nearest(str(on_mismatch), _MISMATCHES) or 'error'}`?"
            fail(None, "E607", f"on_mismatch is {shown(on_mismatch)}, not {listed(_MISMATCHES)}", hint)
        self.optimizer = optimizer
        self.on_mismatch = on_mismatch
        self._rates = {
            "total_steps": total_steps,
            "steps_per_epoch": steps_per_epoch,
            "samples_per_step": samples_per_step,
            "tokens_per_step": tokens_per_step,
        }
        self._params = params
        self._names = {parameter: name for name, parameter in named_parameters or ()}
        self._rules = _rules(schedules)
        self._bases: dict[str, list[float | None]] = {}
        self.last_epoch = _position(last_epoch, "last_epoch", -1) + 1
        self._step_count = 1
        self._plan()
        self._listen()
        self._apply()

    # What torch's schedulers offer.

    @property
    def base_lrs(self) -> list[float | Tensor]:  # type: ignore[override]
        """The initial learning rate of each group."""
        return [_copied(group.get("initial_lr", group["lr"])) for group in self.optimizer.param_groups]

    def get_last_lr(self) -> list[float | Tensor]:
        """The learning rate of each group, as it is set."""
        return [_copied(group["lr"]) for group in self.optimizer.param_groups]

    def get_lr(self) -> list[float | Tensor]:
        """The learning rate of each group at the current step, as the schedule has it."""
        bounds = self.bounds.get("lr")
        if bounds is None:
            return self.get_last_lr()
        return [
            bound(self.last_epoch) if bound else group["lr"]
            for bound, group in zip(bounds, self._groups(), strict=True)
        ]

    def step(self, epoch: int | None = None) -> None:
        """Go on to the next step, after an update of the optimizer.

        Args:
            epoch: the step to go to, if it isn't the next one.

        Raises:
            ScheduleError: E607, if that is no step, such as a loss.
        """
        self.last_epoch = self.last_epoch + 1 if epoch is None else _position(epoch, "the argument of `step`", 0)
        self._step_count += 1
        self._apply()

    def _initial_step(self) -> None:
        """As `SequentialLR` asks for it."""
        self._step_count = 0
        self.step()

    def _update_lr(self, epoch: int | None = None) -> None:
        """As `SequentialLR` asks for it."""
        self.step(epoch)

    # Checkpoints.

    def state_dict(self) -> dict[str, Any]:
        """The step, the texts and the run: numbers and strings, which `torch.load(weights_only=True)` can read."""
        return {"last_epoch": self.last_epoch, "_step_count": self._step_count, **self._record()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where a checkpoint was saved; the optimizer's values are set at once, so either may be loaded first.

        Raises:
            ScheduleError: E603, if the checkpoint's texts or run are others, and `on_mismatch` is `"error"`.
        """
        if not isinstance(state_dict.get("last_epoch"), int):
            hint = "give what `state_dict` of a scheduler returned"
            fail(None, "E603", "the checkpoint has no `last_epoch`, so it is not one of a scheduler", hint)
        step = _position(state_dict["last_epoch"], "the checkpoint's last_epoch", 0)
        differences = self._differences(state_dict, step)
        if differences and self.on_mismatch == "error":
            raise ScheduleError(differences)
        if differences and self.on_mismatch == "replace":
            self._replace(state_dict)
        self.last_epoch = step
        self._step_count = step + 1
        self._apply()

    def __getstate__(self) -> dict[str, Any]:
        made = ("_functions", "_distinct", "_columns")
        return {key: value for key, value in self.__dict__.items() if key not in made}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._plan()
        self._listen()

    # What is set.

    @property
    def bounds(self) -> Mapping[str, tuple[Bound | None, ...]]:
        """The bound schedules of each key, group by group; None for a group that lacks the key."""
        rows = zip(self._rules, self._columns, strict=True)
        return {
            key.text: tuple(None if place is None else self._distinct[place] for place in places)
            for key, (_, _, places) in rows
        }

    def _groups(self) -> list[dict[str, Any]]:
        groups: list[dict[str, Any]] = self.optimizer.param_groups
        return groups

    def _apply(self) -> None:
        """Set the values of the current step."""
        groups = self.optimizer.param_groups
        if len(groups) != self._planned:
            self._plan()  # groups were added since
        step = self.last_epoch
        try:
            values = [function(step) for function in self._functions]
        except (ArithmeticError, ValueError):
            values = [bound(step) for bound in self._distinct]  # which tells where in the text there is no value
        for name, index, places in self._columns:
            if index is not None:
                _put_all(groups, name, index, places, values)
                continue
            for group, place in zip(groups, places, strict=True):
                if place is None:
                    continue
                here = group[name]
                if type(here) is not float and isinstance(here, Tensor):
                    here.fill_(values[place])  # it stays the tensor that a graph or a compiled step holds
                else:
                    group[name] = values[place]

    def _plan(self) -> None:
        """Find out which schedule each hyperparameter of each group has, and bind it."""
        groups = self._groups()
        known: dict[tuple[Schedule, float], int] = {}
        distinct: list[Bound] = []
        bases: dict[str, list[float | None]] = {}
        columns: list[tuple[str, int | None, list[int | None]]] = []
        found = self._found()
        for key, row in found.items():
            remembered = self._bases.get(key.text, [])
            new = [key.initial(group) if schedule else None for schedule, group in zip(row, groups, strict=True)]
            bases[key.text] = [*remembered, *new[len(remembered) :]]
            places: list[int | None] = []
            for schedule, base in zip(row, bases[key.text], strict=True):
                if schedule is None or base is None:
                    places.append(None)
                    continue
                place = known.setdefault((schedule, base), len(distinct))
                if place == len(distinct):
                    distinct.append(bind_with(schedule, self._rates, base, self._params))
                places.append(place)
            columns.append((key.name, key.index, places))
        for key, row in found.items():  # not before all is known to be right
            for group, schedule in zip(groups, row, strict=True):
                if schedule is not None:
                    key.keep_initial(group)
        self._bases = bases
        self._planned = len(groups)
        self._columns = columns
        self._distinct = distinct
        self._functions: list[Callable[[int], float]] = [bound.compiled for bound in distinct]

    def _found(self) -> dict[_Key, list[Schedule | None]]:
        """The schedule of each key of each group.

        Raises:
            ScheduleError: E403, E601 and E602, with all that is wrong.
        """
        schedules = [schedule for rules in self._rules.values() for _, schedule in rules]
        problems = unused_params(self._params, schedules, _ARGUMENTS)
        found: dict[_Key, list[Schedule | None]] = {}
        for key, rules in self._rules.items():
            try:
                found[key] = _matched(key, rules, self._groups(), self._names)
            except ScheduleError as error:
                problems += error.diagnostics
        if problems:
            raise ScheduleError(problems)
        return found

    def _listen(self) -> None:
        """Ask the optimizer to tell when a checkpoint was loaded into it."""
        method = WeakMethod(self._loaded)

        def loaded(optimizer: Optimizer) -> None:
            scheduler = method()
            if scheduler is not None:
                scheduler()

        # Wrappers that call themselves optimizers, such as Accelerate's, have no hooks.
        if hasattr(self.optimizer, "_optimizer_load_state_dict_post_hooks"):
            self.optimizer.register_load_state_dict_post_hook(loaded)

    def _loaded(self) -> None:
        """A checkpoint was loaded into the optimizer: this scheduler's values and bases are what counts."""
        self._keep_bases()
        self._apply()

    def _keep_bases(self) -> None:
        for key in self._rules:
            for group, base in zip(self._groups(), self._bases[key.text], strict=False):
                if base is not None and key.initial(group) != base:
                    key.keep(group, base)

    # What a checkpoint says of texts and run.

    def _record(self) -> dict[str, Any]:
        """The texts and the run, as strings and numbers."""
        run = self._distinct[0].run
        total = run.total_steps
        return {
            "texts": {
                key: [None if bound is None else str(bound.schedule) for bound in row]
                for key, row in self.bounds.items()
            },
            "bases": {key: list(row) for key, row in self._bases.items()},
            "run": {
                "total_steps": None if total is None else _steps(total),
                **{name: _text(getattr(run, name)) for name in _RATES[1:]},
            },
            "params": {name: str(value) for bound in self._distinct for name, value in bound.params.items()},
        }

    def _differences(self, state: Mapping[str, Any], step: int) -> list[Diagnostic]:
        """How a checkpoint's texts and run differ from these."""
        here = self._record()
        if not here.keys() <= state.keys():
            hint = '`on_mismatch="keep"` goes on with this scheduler\'s text at its step'
            return [Diagnostic("E603", "the checkpoint is not one of `schedlang.torch.Scheduler`", hint=hint)]
        told = [
            *_compared("texts", "the text of", here, state),
            *_compared("run", "", here, state),
            *_compared("params", "parameter", here, state),
        ]
        bases = _compared("bases", "the base of", here, state)
        if not told and not bases:
            return []
        parted, known = self._parted(state)
        if not told and parted is None and known:
            return []  # other bases do not matter to texts that do not use them
        told += bases
        if parted is not None:
            told.append(f"the values differ from step {parted} on, and the checkpoint is at step {step}")
        hint = '`on_mismatch="keep"` goes on with this text and run at its step, `on_mismatch="replace"` with its own'
        return [Diagnostic("E603", f"the checkpoint is of another schedule: {'; '.join(told)}", hint=hint)]

    def _parted(self, state: Mapping[str, Any]) -> tuple[int | None, bool]:
        """The first step at which a checkpoint's values are others, if there is one; and whether all were compared."""
        first: int | None = None
        seen = set()
        for key, row in self.bounds.items():
            texts, bases = state["texts"].get(key, []), state["bases"].get(key, [])
            if len(texts) != len(row) or len(bases) != len(row):
                return None, False
            for bound, text, base in zip(row, texts, bases, strict=True):
                if bound is None or text is None or (id(bound), text, base) in seen:
                    continue
                seen.add((id(bound), text, base))
                try:
                    other = bind_with(parse(text), _rates(state["run"]), base, state["params"])
                except ScheduleError:
                    return None, False
                ends = [each.total_steps for each in (bound, other)]
                stop = _COMPARED if None in ends else min(max(end for end in ends if end is not None) + 1, _COMPARED)
                parted = _parting(bound, other, stop if first is None else first)
                first = first if parted is None else parted
        return first, True

    def _replace(self, state: Mapping[str, Any]) -> None:
        """Take the texts and the run of a checkpoint."""
        if not self._record().keys() <= state.keys() or any(
            len(row) != len(self._groups()) for row in state["texts"].values()
        ):
            raise ScheduleError(self._differences(state, 0))
        self._rules = {
            _key(key): [(number, parse(text)) for number, text in enumerate(row) if text is not None]
            for key, row in state["texts"].items()
        }
        self._bases = {key: list(row) for key, row in state["bases"].items()}
        self._rates = _rates(state["run"])
        self._params = dict(state["params"])
        self._plan()
        self._keep_bases()


def _parting(one: Bound, other: Bound, stop: int) -> int | None:
    """The first step below `stop` at which two schedules have other values."""
    for start in range(0, stop, _BLOCK):
        end = min(start + _BLOCK, stop)
        ours, theirs = (each.values(start, end).tolist() for each in (one, other))
        if ours != theirs:
            return next(step for step, pair in enumerate(zip(ours, theirs, strict=True), start) if pair[0] != pair[1])
    return None


@attrs.frozen
class _Key:
    """A number in each group: `lr`, or one of several, `betas[0]`."""

    text: str
    name: str
    index: int | None

    def of(self, group: Mapping[str, Any]) -> Any:
        """What stands there."""
        return group[self.name] if self.index is None else group[self.name][self.index]

    def fits(self, group: Mapping[str, Any]) -> bool:
        """Whether there is a number."""
        try:
            value = self.of(group)
        except (KeyError, IndexError, TypeError):
            return False
        return _is_number(value)

    def initial(self, group: Mapping[str, Any]) -> float:
        """The value that the group began with."""
        initial = group.get(f"initial_{self.name}", group[self.name])
        return float(initial if self.index is None else initial[self.index])

    def keep_initial(self, group: dict[str, Any]) -> None:
        """Let the group keep the value that it begins with."""
        value = group[self.name]
        group.setdefault(f"initial_{self.name}", _copied(value) if self.index is None else tuple(map(_copied, value)))

    def keep(self, group: dict[str, Any], base: float) -> None:
        """Keep another value as the one that the group began with."""
        name = f"initial_{self.name}"
        if self.index is None:
            group[name] = base
        else:
            _put(group, name, self.index, base)


_Rules: TypeAlias = list[tuple[str | int, Schedule]]
"""Groups and their schedules, in the order in which they are tried."""

_KEY: Final = re.compile(r"(\w+)(?:\[(\d+)\])?")


def _key(text: str) -> _Key:
    """A key as it is written.

    Raises:
        ScheduleError: E601.
    """
    found = _KEY.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        fail(None, "E601", f"`{text}` is not a key of param groups", "write it as `lr`, or as `betas[0]`")
    return _Key(text, found[1], None if found[2] is None else int(found[2]))


def _rules(schedules: Texts) -> dict[_Key, _Rules]:
    """What is scheduled, for which groups, by which schedule.

    Raises:
        ScheduleError: for what is wrong with a text; E607 if there is none.
    """
    if not isinstance(schedules, Mapping):
        return {_key("lr"): [("*", _schedule(schedules, None))]}
    rules: dict[_Key, _Rules] = {}
    for text, value in schedules.items():
        if isinstance(value, Mapping):
            rules[_key(text)] = [(group, _schedule(each, f"{text}.{group}")) for group, each in value.items()]
        else:
            rules[_key(text)] = [("*", _schedule(value, text))]
    if not rules:
        fail(None, "E607", "there is no schedule", 'give a text, or a mapping: `{"lr": "cosine"}`')
    return rules


def _schedule(text: Text, name: str | None) -> Schedule:
    return text if isinstance(text, Schedule) else parse(text, name=name)


def _matched(
    key: _Key, rules: _Rules, groups: list[dict[str, Any]], names: Mapping[Tensor, str]
) -> list[Schedule | None]:
    """The schedule of each group, which is that of the first rule that matches; None for a group that lacks the key.

    Raises:
        ScheduleError: E601 and E602.
    """
    everyone = [pattern for pattern, _ in rules] == ["*"]
    found: list[Schedule | None] = []
    problems: list[Diagnostic] = []
    used: set[str | int] = set()
    for number, group in enumerate(groups):
        if not key.fits(group):
            if everyone or key.name in group or not any(key.fits(each) for each in groups):
                raise ScheduleError([_no_number(key, number, group)])
            found.append(None)
            continue
        pattern, schedule = next((rule for rule in rules if _matches(rule[0], number, group, names)), (None, None))
        if pattern is None:
            hint = f'give it one: `{{{number}: "cosine"}}`; or one for the rest, last: `{{"*": "base"}}`'
            message = f"group {_called(number, group)} has no schedule for `{key.text}`"
            problems.append(Diagnostic("E602", message, hint=hint))
        else:
            used.add(pattern)
        found.append(schedule)
    problems += [_unused(key, pattern, groups, names) for pattern, _ in rules if pattern not in used]
    if problems:
        raise ScheduleError(problems)
    return found


def _matches(pattern: str | int, number: int, group: Mapping[str, Any], names: Mapping[Tensor, str]) -> bool:
    """Whether a pattern means a group.

    Raises:
        ScheduleError: E602, if it means some of its parameters, and not the others.
    """
    if not isinstance(pattern, str):
        return pattern == number
    name = group.get("name")
    if pattern == "*" or (isinstance(name, str) and (name == pattern or fnmatchcase(name, pattern))):
        return True
    own = _parameters(group, names)
    matched = [each for each in own if fnmatchcase(each, pattern)]
    if matched and len(matched) < len(group["params"]):
        others = [each for each in own if each not in matched]
        rest = f", and not `{others[0]}`" if others else ""
        fail(
            None,
            "E602",
            f"`{pattern}` means `{matched[0]}` of group {_called(number, group)}{rest}",
            "a group has one value: put these parameters into a group of their own",
        )
    return bool(matched)


def _parameters(group: Mapping[str, Any], names: Mapping[Tensor, str]) -> list[str]:
    """The names of a group's parameters, as far as they are known."""
    if "param_names" in group:
        return list(group["param_names"])
    return [names[parameter] for parameter in group["params"] if parameter in names]


def _called(number: int, group: Mapping[str, Any]) -> str:
    return f"{number} (`{group['name']}`)" if "name" in group else str(number)


def _no_number(key: _Key, number: int, group: Mapping[str, Any]) -> Diagnostic:
    """What is wrong with a key that a group lacks."""
    where = f"group {_called(number, group)}"
    value = group.get(key.name)
    if key.name not in group:
        close = nearest(key.text, _numbers(group))
        hint = f"did you mean `{close}`?" if close else f"it has {', '.join(f'`{each}`' for each in _numbers(group))}"
        return Diagnostic("E601", f"{where} has no `{key.text}`", hint=hint)
    if isinstance(value, (tuple, list)):
        each = listed(f"{key.name}[{index}]" for index in range(len(value)))
        return Diagnostic("E601", f"`{key.text}` of {where} is not one number", hint=f"it is {each}")
    hint = f"it has {', '.join(f'`{each}`' for each in _numbers(group))}"
    return Diagnostic("E601", f"`{key.text}` of {where} is not a number: `{key.name}` is {shown(value)}", hint=hint)


def _unused(key: _Key, pattern: str | int, groups: list[dict[str, Any]], names: Mapping[Tensor, str]) -> Diagnostic:
    """What is wrong with a pattern that no group is left for."""
    for number, group in enumerate(groups):
        if key.fits(group) and _matches(pattern, number, group, names):
            message = f"`{pattern}` of `{key.text}` is not used: patterns before it have all its groups"
            return Diagnostic("E602", message, hint="write it before them, or remove it")
    message = f"`{pattern}` of `{key.text}` matches no group"
    known = [group["name"] for group in groups if isinstance(group.get("name"), str)]
    parameters = [name for group in groups for name in _parameters(group, names)]
    if not isinstance(pattern, str):
        hint = f"groups are counted from 0 to {len(groups) - 1}"
    elif pattern.isdigit():
        hint = f"an index is a number: `{{{pattern}: …}}`"
    elif close := nearest(pattern, [*known, *parameters]):
        hint = f"did you mean `{close}`?"
    elif known or parameters:
        hint = f"there are {', '.join(f'`{name}`' for name in [*known, *parameters][:8])}"
    else:
        hint = (
            "parameters have names if the optimizer is made from `model.named_parameters()`; or give `named_parameters`"
        )
    return Diagnostic("E602", message, hint=hint)


def _numbers(group: Mapping[str, Any]) -> list[str]:
    """The keys of a group that can be scheduled."""
    found = []
    for name, value in group.items():
        if name == "params" or name.startswith("initial_"):
            continue
        if _is_number(value):
            found.append(name)
        elif isinstance(value, (tuple, list)):
            found += [f"{name}[{index}]" for index, each in enumerate(value) if _is_number(each)]
    return found


def _is_number(value: Any) -> bool:
    if isinstance(value, Tensor):
        return value.numel() == 1 and value.is_floating_point()
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _copied(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, Tensor) else value


def _put(group: dict[str, Any], name: str, index: int, value: float) -> None:
    """Set one of several numbers."""
    _put_all([group], name, index, [0], [value])


def _put_all(
    groups: list[dict[str, Any]], name: str, index: int, places: list[int | None], values: list[float]
) -> None:
    """Set one of several numbers in each group; groups that shared a tuple share the next one."""
    old = new = last = None
    for group, place in zip(groups, places, strict=True):
        if place is None:
            continue
        several = group[name]
        if several is not old or place != last:
            here = several[index]
            if type(here) is not float and isinstance(here, Tensor):
                here.fill_(values[place])
                continue
            old, last = several, place
            new = type(several)([*several[:index], values[place], *several[index + 1 :]])
        group[name] = new


def _position(value: Any, what: str, least: int) -> int:
    """A step that was given.

    Raises:
        ScheduleError: E607.
    """
    try:
        if isinstance(value, (bool, Tensor)):
            raise TypeError
        step = operator.index(value)
    except TypeError:
        hint = "a schedule depends on the step alone: call `step()`, without a loss or a metric"
        fail(None, "E607", f"{what} is {shown(value)}, not a step", hint)
    if step < least:
        fail(None, "E607", f"{what} is {step}, but has to be at least {least}", "it counts the optimizer's updates")
    return step


def _text(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


def _steps(total: Fraction) -> str:
    """A length of a run, which need not be whole if it was given in epochs, as text."""
    return str(total.numerator) if total.denominator == 1 else f"{total.numerator} steps / {total.denominator}"


def _rates(run: Mapping[str, str | None]) -> dict[str, Any]:
    """The run of a checkpoint, to bind with."""
    rates: dict[str, Any] = {
        name: None if text is None else Fraction(text) for name, text in run.items() if name != "total_steps"
    }
    return {"total_steps": run["total_steps"], **rates}


def _compared(part: str, what: str, here: Mapping[str, Any], there: Mapping[str, Any]) -> list[str]:
    """How one part of a checkpoint's record differs, in words."""
    told = []
    for name in {**here[part], **there[part]}:
        ours, theirs = here[part].get(name), there[part].get(name)
        if ours == theirs:
            continue
        called = f"{what} `{name}`".strip()
        if not isinstance(ours, list) or not isinstance(theirs, list):
            told.append(f"{called} is {_said(ours)} here, and was {_said(theirs)}")
        elif len(ours) != len(theirs):
            told.append(f"{called} is for {len(ours)} groups here, and was for {len(theirs)}")
        else:
            first = next(index for index, pair in enumerate(zip(ours, theirs, strict=True)) if pair[0] != pair[1])
            where = "" if len(ours) == 1 else f" in group {first}"
            told.append(f"{called}{where} is {_said(ours[first])} here, and was {_said(theirs[first])}")
    return told


def _said(value: Any) -> str:
    if isinstance(value, list):
        value = value[0]
    return "not given" if value is None else f"`{value}`"
