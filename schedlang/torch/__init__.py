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

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Final, Literal, TypeAlias
from weakref import WeakMethod

import attrs
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from .._bound.bound import Bound
from .._bound.sets import KEYS, WHERE, BoundSet, ScheduleSet, bind_with, read_all, unused_params
from .._bound.telling import codes_of, tell, tell_once
from .._bound.wording import worded
from .._insight.lint.lint import is_unwanted
from .._insight.past import branched
from .._language.nodes import Schedule
from .._language.nodes.scalars import LATER
from .._language.parse import as_schedule, parse, placed
from .._text.errors import Diagnostic, ScheduleError, ScheduleWarning, fail, listed, nearest
from .._text.grammar import FIRST, LANGUAGE
from .._text.run import (
    STEP,
    TOLD,
    Changing,
    Rate,
    Unit,
    as_rational,
    plain,
    shown,
    split_rates,
    takes_rates,
    whole_number,
)
from .bases import (
    Base,
    as_number,
    base_at_start,
    base_of_added,
    called,
    defaults_of,
    depends,
    given,
    guessed,
    levelled,
    not_whole,
    unknown,
)
from .checkpoints import Record, Values, applied, mismatch, outdated
from .keys import Key, copied, read_key, unwrapped
from .matching import Assignment, Rules, match, named_apart
from .optimizers import Optimizers, Several
from .ranks import SETTLED, Ranks

Text: TypeAlias = str | float | Schedule
"""What one hyperparameter of one group does."""

Texts: TypeAlias = Text | Mapping[str, Text | Mapping[str | int, Text]]
"""The learning rate of all groups; or for each key of the groups a text, or one for each pattern of groups."""

NO_TEXTS: Final[Mapping[str, Text]] = {}
"""What is given where nothing is, which is refused as an error of ours."""

Where: TypeAlias = str | Mapping[str, Text]
"""Names that all texts may use: `"w = 5%, peak = 3e-4"`, or a mapping."""

OnMismatch: TypeAlias = Literal["past", "error", "keep", "replace"]
"""What to do with a checkpoint of another text or run."""

_MISMATCHES: Final = ("past", "error", "keep", "replace")
_ARGUMENTS: Final = ("total_steps", *TOLD, "base", "where", "last_epoch", "on_mismatch", "named_parameters", "ignore")
_STEP_ALONE: Final = (
    "a schedule depends on the step alone: call `step()`, without a loss, a metric or a fraction of an epoch; "
    "epochs stand in the text: `for 10ep`"
)
_ARGUMENT: Final = "the argument of `step`"
_BRANCHED: Final = 'if that is not meant: `on_mismatch="error"` refuses it'
_COUNTS: Final = "it counts the optimizer's updates"
_Key: Final = Key  # as pickled schedulers name it


class Scheduler(LRScheduler):
    """Sets hyperparameters of an optimizer's groups to the values of schedules.

    It is a scheduler of torch's: what takes one of them takes it. A step is an update of the optimizer; `last_epoch`,
    as torch calls it, is how many were done. The value is a function of that number alone.

    `base` is the initial value, which a group keeps as `initial_lr`, `initial_weight_decay` …, in checkpoints too. A
    whole number that an optimizer counts with, such as `ns_steps`, stays an int.

    Args:
        optimizer: the optimizer; or several, as a list, a mapping from names, or a container that has `optimizers`.
        schedules: a text, for the learning rate of all groups; or a mapping from the groups' keys, `lr`,
            `weight_decay`, `betas[0]` …, to texts. Instead of a text there may be a mapping from groups to texts: a
            group's `name`, its optimizer's, its index (those of all optimizers count), or a pattern, such as `*.bias`,
            of its parameters' names. The first that matches counts; `*` matches every group.
        total_steps: how many updates the run has, or a duration: `"90ep"`.
        base: the initial learning rate of all groups, or of each, if it isn't what the groups have; or a mapping from
            keys to such.
        where: names that all texts may use, as in a `ScheduleSet`; they may stand among the keys of `schedules` too.
        last_epoch: updates done so far, less one: -1 for a run that begins.
        on_mismatch: what `load_state_dict` does with a checkpoint of another text or run: `"past"` takes it if all
            values up to its step are the same, and else it is an error; `"error"`; `"keep"` this scheduler's, at the
            checkpoint's step; `"replace"` them by the checkpoint's.
        named_parameters: `model.named_parameters()`, or a dict of it, for patterns, unless the optimizer was made from
            it.
        ignore: codes of warnings that are not wanted: `["W510"]`.
        **params: the rates, such as `steps_per_epoch=1250` (see `schedlang.Run`; accumulated batches and processes
            count together), and the texts' parameters.

    Raises:
        ScheduleError: E601 for a key that a group lacks, E602 for a group without a text or a pattern without a group,
            E607 for an argument that is wrong, for a `base` that is not known in the middle of a run, and for values
            that are not whole where the optimizer counts; and whatever is wrong with a text or its run.

    >>> import torch
    >>> optimizer = torch.optim.SGD([torch.zeros(3, requires_grad=True)], lr=0.1, momentum=0.9, weight_decay=1e-4)
    >>> scheduler = Scheduler(
    ...     optimizer, {"lr": "warmup(5%) then cosine", "momentum": "linear(0.85, 0.95)"}, total_steps=100
    ... )
    >>> optimizer.param_groups[0]["lr"], optimizer.param_groups[0]["momentum"]
    (0.0, 0.85)
    """

    _last: Values | None = None  # what the optimizer's checkpoint had, until the next step
    _unsure: Record | None = None  # a checkpoint that did not tell, if it was loaded before the optimizer's
    _defaults: Mapping[str, float | None] = {}  # what the optimizer gives to groups that are given nothing else
    _brought: frozenset[tuple[str, int]] = frozenset()  # the bases that the groups had from a checkpoint
    _assigned: Assignment
    _planned = 0  # how many groups are bound
    _far: float = math.inf  # beyond which step `step()` is called too often
    _ignored: frozenset[str] = frozenset()  # codes of warnings that are not wanted
    _events: frozenset[str] = frozenset()  # parameters that were `later`, and have a time by now
    _ranks: Ranks | None = None  # the processes that are told of events, if there are several
    _unsettled = 0  # how many updates later all of them were told

    @takes_rates
    def __init__(
        self,
        optimizer: Several,
        schedules: Texts = NO_TEXTS,
        total_steps: Rate | str | None = None,
        *,
        base: Base | Mapping[str, Base] | None = None,
        last_epoch: int = -1,
        where: Where | None = None,
        on_mismatch: OnMismatch = "past",
        named_parameters: Iterable[tuple[str, Tensor]] | Mapping[str, Tensor] | None = None,
        ignore: Iterable[str] = (),
        **params: Any,
    ) -> None:
        # Not `super().__init__`: it replaces `optimizer.step` to be able to warn about the order of calls.
        if on_mismatch not in _MISMATCHES:
            hint = f"did you mean `{nearest(str(on_mismatch), _MISMATCHES) or 'past'}`?"
            fail(None, "E607", f"on_mismatch is {shown(on_mismatch)}, not {listed(_MISMATCHES)}", hint)
        self._optimizers = Optimizers(optimizer)
        self.on_mismatch = on_mismatch
        own, self._params = split_rates(params)
        rates: Mapping[str, Any] = schedules.told(own, total_steps) if isinstance(schedules, ScheduleSet) else own
        told = {name: str(rate) if isinstance(rate, Changing) else rate for name, rate in rates.items()}
        self._rates: dict[str, Any] = {"total_steps": total_steps, **told}
        self._names = _names_of(named_parameters)
        self._rules = _rules(schedules, where)
        self._defaults = defaults_of(self._rules, self._optimizers)
        self.last_epoch: Any = _position(last_epoch, "last_epoch", -1) + 1
        if self.last_epoch and rates.get("clock") not in (None, *STEP.words):
            hint = "load the `state_dict`, or call `step` with the place"
            fail(None, "E607", "last_epoch is a number of updates, and the run counts something else", hint)
        self._step_count = 1
        self._bases = given(base, self._rules, len(self._groups()))
        self._brought = frozenset(
            (key.text, number)
            for key in self._rules
            for number, group in enumerate(self._groups())
            if key.has_initial(group) and key.text not in self._bases
        )
        self._ignored = codes_of(ignore)
        self._bind()
        self._tell_bound()
        self._tell_levelled()
        self._listen(self.optimizers)
        self._apply()
        if any(bound.events for bound in self._assigned.distinct):
            self._ranks = Ranks.of(self._rules)

    def __repr__(self) -> str:
        rules = {
            key.text: str(rows[0][1]) if rows[0][0] == "*" else {group: str(schedule) for group, schedule in rows}
            for key, rows in self._rules.items()
            if rows
        }
        only = len(rules) == 1 and isinstance(rules.get("lr"), str)
        told = {name: value for name, value in {**self._rates, **self._params}.items() if value is not None}
        run = [f"{name}={shown(value)}" for name, value in told.items()]
        return f"Scheduler({', '.join([repr(rules['lr'] if only else rules), *run])})"

    # What torch's schedulers offer.

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer; the first, if there are several."""
        return self._optimizers.first

    @optimizer.setter
    def optimizer(self, optimizer: Optimizer) -> None:
        self._optimizers.begin_with(optimizer)
        self._listen([optimizer])
        self._bind()
        self._apply()

    @property
    def optimizers(self) -> tuple[Optimizer, ...]:
        """All optimizers, one or several."""
        return self._optimizers.each

    @property
    def base_lrs(self) -> list[float | Tensor]:  # type: ignore[override]
        """The initial learning rate of each group."""
        self._bind_added()
        return [copied(group.get("initial_lr", group["lr"])) for group in self._groups()]

    @property
    def _last_lr(self) -> list[float]:  # type: ignore[override]
        """As numbers; some ask for it instead of calling `get_last_lr`."""
        return [float(group["lr"]) for group in self._groups()]

    def get_last_lr(self) -> list[float | Tensor]:
        """The learning rate of each group, as it is set."""
        return [copied(group["lr"]) for group in self._groups()]

    def get_lr(self) -> list[float | Tensor]:
        """The learning rate of each group at the current step, as the schedule has it."""
        bounds = self.bounds.get("lr")
        if bounds is None:
            return self.get_last_lr()
        return [
            bound(self.last_epoch) if bound else group["lr"]
            for bound, group in zip(bounds, self._groups(), strict=True)
        ]

    def step(self, epoch: Any = None, *more: Any, **others: Any) -> None:
        """Go on to the next step, after an update of the optimizer.

        Args:
            epoch: the step to go to, if it isn't the next one. In a run that counts something else, how much of it has
                been seen, or has passed, by now: it has to be given, and may be less than before.
            *more: nothing: a step is one number.
            **others: nothing: `metrics`, as `ReduceLROnPlateau` takes it, is refused.

        Raises:
            ScheduleError: E607, if that is no step, such as a loss.
        """
        if more or others:
            given = listed(others) if others else f"{1 + len(more)} values"
            fail(None, "E607", f"`step` is given {given}", _STEP_ALONE)
        unit = self._unit
        if epoch is None and unit is not STEP:
            hint = f"give how many there have been by now: `step({unit.many}_so_far)`"
            fail(None, "E607", f"the run counts {unit.many}, and `step` does not know how many", hint)
        self.last_epoch = self.last_epoch + 1 if epoch is None else self._place(epoch, _ARGUMENT)
        self._last = self._unsure = None
        self._step_count += 1
        self._apply()
        if self._unsettled:
            self._unsettled -= 1
            if not self._unsettled and self._ranks is not None:
                self._ranks.settled()

    def change(self, **times: Any) -> None:
        """Give events their times, from now on: see `schedlang.Bound.change`. Checkpoints have them.

        All processes that train together have to do so at the same step, with the same times. Where they have found one
        another by `torch.distributed`, it is an error if one does otherwise; if one does nothing, two updates later.

        Raises:
            ScheduleError: E415, for a time that would alter a value up to now; E607, for another than in another
                process; and as `Bound.change` does. Nothing is changed then.

        >>> import torch
        >>> optimizer = torch.optim.SGD([torch.zeros(3, requires_grad=True)], lr=0.1)
        >>> scheduler = Scheduler(optimizer, "hold until cooldown then linear to 0 for 100", cooldown="later")
        >>> scheduler.change(cooldown=50)
        >>> scheduler.values_at(100)
        {'lr': 0.05}
        """
        bounds = [bound for row in self.bounds.values() for bound in row if bound is not None]
        problems = unused_params(times, [bound.schedule for bound in bounds])
        if problems:
            raise ScheduleError(problems)
        told: dict[str, str] = {}
        for bound in dict.fromkeys(bounds):
            own = {name: time for name, time in times.items() if name in bound.params}
            if own:
                changed = bound.change(self.last_epoch, **own)
                told |= {name: str(changed.params[name]) for name in own}
        if self._ranks is not None:
            self._ranks.told(self.last_epoch, told)
            self._unsettled = SETTLED
        before = self._params, self._events
        self._give(times)
        try:
            self._bind()
        except ScheduleError:
            self._params, self._events = before
            raise

    @property
    def events(self) -> dict[str, Schedule | None]:
        """The parameters that were given as `later`, and the time of each, or None: see `schedlang.Bound.events`."""
        every = dict.fromkeys(bound for row in self.bounds.values() for bound in row if bound is not None)
        return {name: time for bound in every for name, time in bound.events.items()}

    def _give(self, times: Mapping[str, Any]) -> None:
        self._params, self._events = {**self._params, **times}, self._events.union(times)

    @property
    def _unit(self) -> Unit:
        """What the run counts."""
        return next((bound.run.unit for bound in self._assigned.distinct), STEP)

    def _place(self, value: Any, what: str) -> Any:
        """A step, or another place of the run."""
        unit = self._unit
        if unit.whole:
            return _position(value, what, 0, unit)
        place = None if isinstance(value, Tensor) else as_rational(value)
        if place is None or place < 0:
            fail(
                None, "E607", f"{what} is {shown(value)}, and no number of {unit.many}", f"it counts {unit.many} so far"
            )
        return place.numerator if place.denominator == 1 else place

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
        place = self.last_epoch if isinstance(self.last_epoch, int) else str(self.last_epoch)
        torchs = {"last_epoch": place, "_step_count": self._step_count, "_last_lr": self._last_lr}
        return {**torchs, **self._record(self.last_epoch).state()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where a checkpoint was saved; the optimizer's values are set at once, so either may be loaded first.

        Raises:
            ScheduleError: E603, if the checkpoint's texts or run are others and `on_mismatch` refuses them, or if it is
                damaged. Nothing is changed then.
        """
        if not isinstance(state_dict, Mapping) or not isinstance(state_dict.get("last_epoch"), (int, str)):
            hint = "give what `state_dict` of a scheduler returned"
            fail(None, "E603", "the checkpoint has no `last_epoch`, so it is not one of a scheduler", hint)
        step = self._saved_place(state_dict["last_epoch"])
        there = Record.read(state_dict)
        self._bind_added()
        there = None if there is None else there.arranged(self._optimizers.owners())
        before = self._bases, self._params, self._events
        self._bases = self._changed_bases(there)
        self._give(self._replayed(there))
        try:
            self._bind()
            self._compare(there, step)
        except (ScheduleError, ScheduleWarning):  # the latter, if a filter makes errors of warnings
            self._bases, self._params, self._events = before
            self._bind()
            raise
        self.last_epoch = step
        count = state_dict.get("_step_count")
        self._step_count = step + 1 if self._unit is STEP else count if isinstance(count, int) else 1
        self._apply()

    def _saved_place(self, place: int | str) -> Any:
        """The place of the run that a checkpoint has."""
        try:
            saved = Fraction(place) if isinstance(place, str) else place
        except (ValueError, ZeroDivisionError):
            fail(
                None,
                "E603",
                "the checkpoint's `last_epoch` is damaged",
                "give what `state_dict` of a scheduler returned",
            )
        return self._place(saved, "the checkpoint's last_epoch")

    def _replayed(self, there: Record | None) -> dict[str, str]:
        """The times of events that a checkpoint knows, and that are not known here."""
        known = {} if there is None else {name: there.params[name] for name in there.events}
        return {name: time for name, time in known.items() if time != LATER and self.events.get(name, time) is None}

    def _compare(self, there: Record | None, step: int) -> None:
        """Raise E603, or do what else is to be done about it, if a checkpoint of a step is of another text or run."""
        here = self._record(step)
        there = None if there is None else there.alongside(here)
        last = self._last if there is None or there.values is None else there.values
        found = None if self.on_mismatch == "keep" else mismatch(self.bounds, here, there, step, last)
        if found is not None and self.on_mismatch == "past" and found.parting.step > step:
            if found.bound is not None and not math.isinf(found.parting.step):
                self._tell(branched(found.parting, found.bound, step, _BRANCHED), found.bound)
        elif found is not None:
            fits = there is not None and there.fits(len(self._groups()), here.optimizers)
            if self.on_mismatch != "replace" or there is None or not fits or outdated(there, step, last):
                raise ScheduleError([found.problem])
            self._replace(there)
        self._unsure = there if last is None else None

    def _changed_bases(self, there: Record | None) -> dict[str, list[float | None]]:
        """The bases, of which those that a checkpoint brought may have another default in the program by now."""
        bases = {key: list(row) for key, row in self._bases.items()}
        owners = self._optimizers.owners()
        for key, number in self._brought:
            default = called(key, owners[number] if owners else None)
            was, now = None if there is None else there.defaults.get(default), self._defaults.get(default)
            if was is not None and now is not None and bases[key][number] == was:
                bases[key][number] = now
        return bases

    def _refuse_others(self, there: Record | None, last: Values | None) -> None:
        """Raise E603, if a record of this step is of another text or run."""
        found = mismatch(self.bounds, self._record(self.last_epoch), there, self.last_epoch, last)
        if found is not None:
            raise ScheduleError([found.problem])

    def _record(self, step: int) -> Record:
        return Record.of(self.bounds, self._bases, self._defaults, step, self._optimizers.owners())

    def _replace(self, there: Record) -> None:
        """Take the texts and the run of a checkpoint, or change nothing."""
        rules: dict[Key, Rules] = {
            read_key(key): [(number, parse(text)) for number, text in enumerate(row) if text is not None]
            for key, row in there.texts.items()
        }
        bases = {key: list(row) for key, row in there.bases.items()}
        before = self._rules, self._bases, self._rates, self._params, self._events, self._defaults
        self._rules, self._bases, self._rates, self._params = rules, bases, there.rates(), dict(there.params)
        self._events, self._defaults = frozenset(there.events), there.defaults
        try:
            self._bind()
        except ScheduleError:
            self._rules, self._bases, self._rates, self._params, self._events, self._defaults = before
            raise

    def __getstate__(self) -> dict[str, Any]:
        self._bind_added()
        return {key: value for key, value in self.__dict__.items() if key not in ("_assigned", "_ranks")} | {
            "_language": LANGUAGE
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "_optimizers" not in state:  # in the pickles of 0.1
            self._optimizers = Optimizers(state["optimizer"])
        self.__dict__.update(state)
        self._bind()
        self._listen(self.optimizers)
        if self.on_mismatch != "keep":
            there = attrs.evolve(self._record(self.last_epoch), language=state.get("_language", FIRST))
            self._refuse_others(there, applied(self._groups()))

    # What is set.

    @property
    def bounds(self) -> Mapping[str, tuple[Bound | None, ...]]:
        """The bound schedules of each key, group by group; None for a group that lacks the key."""
        self._bind_added()
        return self._assigned.bounds()

    def values(self) -> dict[str, float]:
        """What is set now, in a flat dict for a logger: `lr`, `betas.0`; or, where groups have several curves,
        `lr/NAME` for each.

        After `optimizer.step()` and before `scheduler.step()` it is what was applied in update `last_epoch`. The name
        is the group's, or its index, if not each has a name of its own; of optimizers that have names, it is the
        optimizer's, if all of its groups have one curve, else `muon/decoder`.

        >>> import torch
        >>> optimizer = torch.optim.SGD([torch.zeros(3, requires_grad=True)], lr=0.1, momentum=0.9)
        >>> Scheduler(optimizer, {"lr": "cosine", "momentum": 0.9}, total_steps=100).values()
        {'lr': 0.1, 'momentum': 0.9}
        """
        groups = self._groups()
        return {name: as_number(key.of(groups[number])) for name, (key, number, _) in self._told().items()}

    def values_at(self, step: int) -> dict[str, float]:
        """What the schedules give at any step, by the names of `values`."""
        return self._as_set().values_at(step)

    def texts(self) -> dict[str, str]:
        """The canonical texts, by the names of `values`."""
        return {name: str(bound.schedule) for name, (_, _, bound) in self._told().items()}

    @property
    def fingerprint(self) -> str:
        """A hash of texts and run: that of a bound set with the names of `values`; see `Bound.fingerprint`."""
        return self._as_set().fingerprint

    def _as_set(self) -> BoundSet:
        return BoundSet(tuple((name, bound) for name, (_, _, bound) in self._told().items()))

    def _told(self) -> dict[str, tuple[Key, int, Bound]]:
        """What is set, by the names of `values`."""
        self._bind_added()
        if not self._assigned.told:
            groups, bounds = self._optimizers.as_matched(self._names), self._assigned.bounds()
            self._assigned.told = {
                f"{key.logged}/{name}" if name else key.logged: (key, number, bound)
                for key in self._rules
                for name, number, bound in named_apart(bounds[key.text], groups)
            }
        return self._assigned.told

    def _groups(self) -> list[dict[str, Any]]:
        return self._optimizers.groups

    def _apply(self) -> None:
        groups = self._bind_added()
        self._assigned.apply(groups, self.last_epoch)
        if self.last_epoch > self._far:
            bound, self._far = self._assigned.distinct[0], math.inf  # once
            self._tell(_far_beyond(bound), bound)

    def _bind_added(self) -> list[dict[str, Any]]:
        """The groups; if some were added since, they are bound too, and their values set."""
        groups, planned = self._groups(), self._planned
        if len(groups) != planned:
            told = self._bind()
            self._assigned.apply(groups, self.last_epoch, planned)
            for bound, found in told:
                self._tell(found, bound)
            self._tell_levelled()
        return groups

    @worded("Scheduler")
    def _bind(self) -> list[tuple[Bound | None, Diagnostic]]:
        """Find out which schedule each hyperparameter of each group has, and bind it; what is to be told of that."""
        groups = self._optimizers.as_matched(self._names)
        if len(groups) < self._planned:
            message = f"there were {self._planned} param groups to be scheduled, and now there are {len(groups)}"
            fail(None, "E607", message, "build a new scheduler, with `last_epoch`; a group is frozen by its text: `0`")
        found = self._matched()
        bases, unsure, guesses = self._find_bases(found)
        assigned = Assignment(found, bases, self._bound)
        bounds = assigned.bounds()
        problems = [problem for key in found for problem in not_whole(key, self._optimizers, bounds[key.text])]
        for key, number in unsure:
            if depends(bounds[key.text][number]):
                problems.append(unknown(key, groups[number], self.last_epoch))
        if problems:
            raise ScheduleError(problems)
        for key, row in found.items():  # not before all is known to be right
            for number, (group, schedule) in enumerate(zip(self._groups(), row, strict=True)):
                if schedule is not None:
                    key.keep_initial(group)
                    if key.kind(self._optimizers.of(number), group) is float:
                        key.widen(group)
            key.part(self._groups())
        self._bases = bases
        self._keep_bases()
        self._planned = len(groups)
        self._assigned = assigned
        totals = [bound.total_steps for bound in assigned.distinct if bound.total_steps is not None]
        self._far = max(totals) * 3 // 2 if totals else math.inf
        return [
            (bounds[key.text][number], guessed(key, groups[number], self.last_epoch, taken))
            for (key, number), taken in guesses.items()
            if depends(bounds[key.text][number])
        ]

    def _find_bases(
        self, found: Mapping[Key, list[Schedule | None]]
    ) -> tuple[dict[str, list[float | None]], list[tuple[Key, int]], dict[tuple[Key, int], str]]:
        """What each group began with; which of that is not known; and of groups that were added, which are guesses."""
        count, step = len(self._groups()), self.last_epoch
        before = self._assigned.bounds() if 0 < self._planned < count else {}
        bases = {key.text: [*self._bases.get(key.text, ())] for key in found}
        unsure: list[tuple[Key, int]] = []
        guesses: dict[tuple[Key, int], str] = {}
        for key, row in found.items():
            for number in range(len(bases[key.text]), count):
                base, schedule = None, row[number]
                if schedule is not None and before:
                    known = enumerate(before[key.text])
                    alike = [(bound, other) for other, bound in known if bound is not None and row[other] == schedule]
                    alike = [pair for pair in alike if self._optimizers.of(pair[1]) is self._optimizers.of(number)]
                    base, taken = base_of_added(key, self._optimizers, number, alike, step, self._bound)
                    if taken is not None:
                        guesses[key, number] = taken
                elif schedule is not None:
                    base, sure = base_at_start(key, self._optimizers, number, step)
                    unsure += [] if sure else [(key, number)]
                bases[key.text].append(base)
        return bases, unsure, guesses

    def _bound(self, schedule: Schedule, base: float) -> Bound:
        return bind_with(schedule, self._rates, base, self._params, self._events)

    def _tell_bound(self) -> None:
        """Warn of what is bound."""
        for key, places in self._assigned.columns:
            bounds = (self._assigned.distinct[place] for place in dict.fromkeys(places) if place is not None)
            tell(bounds, self._ignored, rate=key.text == "lr")

    def _tell_levelled(self) -> None:
        """Warn where groups that began at several values get one curve."""
        for key, row in self.bounds.items():
            for bound, found in levelled(key, row, self._bases[key]):
                self._tell(found, bound)

    def _tell(self, found: Diagnostic, bound: Bound | None) -> None:
        if not is_unwanted(found.code, self._ignored, None if bound is None else bound.schedule):
            tell_once(found)

    def _matched(self) -> dict[Key, list[Schedule | None]]:
        """The schedule of each key of each group; all that is wrong is told at once."""
        schedules = [schedule for rules in self._rules.values() for _, schedule in rules]
        problems = unused_params(self._params, schedules, _ARGUMENTS)
        groups = self._optimizers.as_matched(self._names)
        found: dict[Key, list[Schedule | None]] = {}
        for key, rules in self._rules.items():
            try:
                found[key] = match(key, rules, groups)
            except ScheduleError as error:
                problems += error.diagnostics
        if problems:
            raise ScheduleError(problems)
        return found

    def _listen(self, optimizers: Iterable[Optimizer]) -> None:
        """Ask optimizers to tell when a checkpoint was loaded into them, and before they make an update."""
        loaded, added = WeakMethod(self._loaded), WeakMethod(self._bind_added)

        def after_loading(optimizer: Optimizer) -> None:
            scheduler = loaded()
            if scheduler is not None:
                scheduler()

        def before_step(optimizer: Optimizer, args: Any, kwargs: Any) -> None:
            scheduler = added()
            if scheduler is not None:
                scheduler()

        # Wrappers that call themselves optimizers, such as Accelerate's, have no hooks.
        for each in optimizers:
            inner = unwrapped(each)
            if hasattr(inner, "_optimizer_load_state_dict_post_hooks"):
                inner.register_load_state_dict_post_hook(after_loading)
                inner.register_step_pre_hook(before_step)

    def _loaded(self) -> None:
        """A checkpoint was loaded into the optimizer: this scheduler's values and bases are what counts."""
        if len(self._optimizers.each) == 1:  # states of several have the values
            self._last = applied(self._groups())
        for key in self._rules:
            key.part(self._groups())
        self._keep_bases()
        self._apply()
        there, self._unsure = self._unsure, None
        if there is not None and outdated(there, self.last_epoch, self._last) and self.on_mismatch != "keep":
            self._refuse_others(there, self._last)

    def _keep_bases(self) -> None:
        for key in self._rules:
            for group, base in zip(self._groups(), self._bases[key.text], strict=False):
                if base is not None and key.initial(group) != base:
                    key.keep(group, base)


def _far_beyond(bound: Bound) -> Diagnostic:
    """The warning about a run that goes on long after its end."""
    message = f"the run has {bound.total_steps} steps, and `step()` was called half as often again"
    hint = "call it once after each update of the optimizer, not after each batch; or give the length of the run"
    if bound.run.clock is not None:
        message = f"the run has {bound.run.unit.amount(bound.total_steps or 0)}, and half as many more have gone by"
        hint = "give `step` what was seen in all; or give the length of the run"
    return Diagnostic.at(placed(bound.schedule).place, "W522", message, hint)


def _rules(schedules: Any, where: Where | None) -> dict[Key, Rules]:
    """What is scheduled, for which groups, by which schedule."""
    if isinstance(schedules, ScheduleSet):
        schedules = _by_key(schedules)
    if not isinstance(schedules, Mapping):
        schedules = {"lr": schedules if where or isinstance(schedules, (list, tuple)) else as_schedule(schedules)}
    if WHERE in schedules and where is not None:
        fail(None, "E604", "`where` is given twice", "write all names in one of them")
    shared = schedules.get(WHERE, {}) if where is None else where
    for key, value in schedules.items():
        if key in (*KEYS, *TOLD) and key != WHERE:
            fail(None, "E604", f"`{key}` belongs to a set", f'give one: `ScheduleSet({{"{key}": …, "lr": …}})`')
        if key != WHERE and isinstance(value, Mapping) and WHERE in value:
            hint = 'write it beside the keys: `{"lr": {…}, "where": {…}}`'
            fail(None, "E604", f"`{key}` has a `where` of its own, among its groups", hint)
    rows = [
        (key, group, f"{key}.{group}" if isinstance(value, Mapping) else key, text)
        for key, value in schedules.items()
        if key != WHERE
        for group, text in (value.items() if isinstance(value, Mapping) else [("*", value)])
    ]
    for _, _, name, text in rows:
        if isinstance(text, (list, tuple)):
            hint = 'one for each group is `{"lr": {0: "cosine", 1: "linear"}}`, of each number `{"betas[0]": "0.9"}`'
            fail(None, "E109", f"{name}: a schedule is text or a number, not {type(text).__name__}", hint)
    rules: dict[Key, Rules] = {read_key(key): [] for key in schedules if key != WHERE}
    if not rules:
        fail(None, "E607", "there is no schedule", 'give a text, or a mapping: `{"lr": "cosine"}`')
    read = read_all([(called, text) for _, _, called, text in rows], shared)
    for (key, group, _, _), schedule in zip(rows, read, strict=True):
        rules[read_key(key)].append((group, schedule))
    return rules


def _by_key(schedules: ScheduleSet) -> dict[str, Text]:
    """The schedules of a set by the keys of groups: those of a list `betas` are for `betas[0]`, `betas[1]` …"""
    for name, _ in schedules.shape.counts():
        hint = "give each stage as many schedules"
        fail(None, "E607", f"the list `{name}` is not always as long, and that of a group is", hint)
    keys = {
        item: f"{listed.name}[{index}]" for listed in schedules.shape.lists for index, item in enumerate(listed.items())
    }
    return {keys.get(name, name): schedule for name, schedule in schedules.items()}


def _position(value: Any, what: str, least: int, unit: Unit = STEP) -> int:
    step = None if isinstance(value, Tensor) or isinstance(plain(value), float) else whole_number(value)  # a loss
    if step is None:
        hint = _STEP_ALONE if what == _ARGUMENT else _COUNTS
        hint = hint if unit is STEP else f"it counts {unit.many} so far, as a whole number"
        fail(None, "E607", f"{what} is {shown(value)}, not a {unit.one}", hint)
    if step < least:
        hint = _COUNTS if unit is STEP else f"it counts {unit.many} so far"
        fail(None, "E607", f"{what} is {step}, but has to be at least {least}", hint)
    return step


def _names_of(named: Iterable[tuple[str, Tensor]] | Mapping[str, Tensor] | None) -> dict[Tensor, str]:
    """The names of parameters."""
    try:
        given = named.items() if isinstance(named, Mapping) else named or ()
        pairs = [(name, parameter) for name, parameter in given]
    except (TypeError, ValueError):
        pairs = [(None, None)]
    if not all(isinstance(name, str) and isinstance(parameter, Tensor) for name, parameter in pairs):
        fail(None, "E607", "named_parameters are no names with their parameters", "give `model.named_parameters()`")
    return {parameter: name for name, parameter in pairs}
