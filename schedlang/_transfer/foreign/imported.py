"""Configs of other systems as schedules, and the proof that these have the same values."""

from __future__ import annotations

import importlib.metadata
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Literal

import attrs

from ..._bound.bound import Bound
from ..._language.nodes import Schedule
from ..._language.parse import parse
from ..._text.errors import Diagnostic, ScheduleError, fail, listed
from ..._text.run import Rate, exact, shown
from ..._text.source import Place
from ..._text.spelling import nearest
from ..porting.reader import loaded
from .arguments import arguments_of
from .calls import read_calls
from .config import CALLED, SPREAD, Config, Path, Taken, Where, dotted, filled_in
from .system import INTERVALS, NOTHING, RATE, TOLD_RATES, Rule, System, Told
from .systems import SYSTEMS

_TRIED: Final = (1000, 9973)
"""Lengths that a text is compared in if nobody knows how long the run is."""

_EXACT: Final = 1e-9
_SUSPECT: Final = re.compile(r"warm_?up|sched|anneal|cool_?down|(?:^|_)lr(?:_|$)|(?:^|_)decay_(?:st|it|sa|fr)", re.I)
"""Keys that look as if they said something of a schedule."""


@attrs.frozen
class Proof:
    """What came of comparing a text with the library whose config it was made of, step by step.

    Attributes:
        with_: the library and its version; None if it was not compared.
        totals: the lengths of the runs in which it was.
        equal: whether all values are equal, to `precision` of the largest; None if it was not compared.
        worst_step: where they differ most; None if they are equal to the bit.
        error: by how much, there.
        reason: why it was not compared.
        precision: how near is equal: 1e-6 where the library calculates in float32.
    """

    with_: str | None = None
    totals: tuple[int, ...] = ()
    equal: bool | None = None
    worst_step: int | None = None
    error: float = 0.0
    reason: str | None = None
    precision: float = _EXACT

    def __str__(self) -> str:
        """One line.

        >>> print(Proof("transformers 5.24.0", (1000,), True))
        equal at all 1000 steps with transformers 5.24.0
        """
        if self.equal is None:
            return f"not compared: {self.reason}"
        steps = " and of ".join(map(str, self.totals))
        runs = f"at all {steps} steps" if len(self.totals) == 1 else f"in runs of {steps} steps"
        if self.equal:
            return f"equal {runs} with {self.with_}" + ("" if self.precision == _EXACT else f", to {self.precision:g}")
        return f"differs from {self.with_} by {self.error:.3g} at step {self.worst_step} of {self.totals[-1]}"


@attrs.frozen
class Imported:
    """A schedule that a config of another system has, as a text of ours.

    Attributes:
        text: the text, to be bound with `base`.
        system: the system's name, and `title` what people call it.
        kind: what the system calls the schedule.
        name: the hyperparameter that it is of, such as `lr` or `weight_decay`.
        base: the value before the first phase, if the config says it.
        total_steps: how long the run is, if that was told or the config says it: whole steps or a duration, `"3ep"`.
        rates: what else is known of the run.
        read: the keys that were read, with their values.
        replaces: those of them that the text takes the place of.
        notes: what is true but odd, such as keys that look like those of a schedule and were not read.
        first_step: the step of the system's first value.
    """

    text: str
    system: str
    title: str
    kind: str
    name: str
    base: float | None
    total_steps: int | str | None
    rates: Mapping[str, Any]
    read: Mapping[str, Any]
    replaces: tuple[str, ...]
    notes: tuple[Diagnostic, ...]
    first_step: int
    _rule: Rule = attrs.field(repr=False, eq=False)
    _package: str = attrs.field(repr=False, eq=False)
    taken: tuple[Taken, ...] = attrs.field(repr=False, eq=False)

    @property
    def schedule(self) -> Schedule:
        """The text as a schedule."""
        return parse(self.text)

    def bind(self, total_steps: Rate | str | None = None, **arguments: Any) -> Bound:
        """The schedule in a run: the config's own, as far as nothing else is given.

        Raises:
            ScheduleError: whatever the run lacks.
        """
        total = self.total_steps if total_steps is None else total_steps
        known = {**self.rates, **({} if self.base is None else {"base": self.base})}
        return self.schedule.bind(total, **{**known, **arguments})

    def values(self, total_steps: int) -> Sequence[float]:
        """What the system's own library gives at steps 0 … total_steps - 1.

        Raises:
            ImportError: if it is not installed.
        """
        if self._rule.values is None:
            raise ImportError(f"{self.title} has no library that could be asked")
        return self._rule.values(total_steps)

    def proof(self, total_steps: int | None = None) -> Proof:
        """Whether the text has the values that the system's own library has, at every step.

        Args:
            total_steps: how long the run is, if neither the config nor the import has said it. If nobody says it, runs
                of 1000 and 9973 steps are compared.
        """
        if self._rule.values is None:
            return Proof(reason=f"{self.title} has no library that could be asked")
        proven: list[Proof] = []
        for length, steps in self._totals(total_steps):
            try:
                theirs = self.values(steps)
            except ImportError as error:
                return Proof(reason=_lacking(self._package, error))
            except Exception as error:  # the library's own refusal
                return Proof(
                    reason=f"{self._package} refuses it: {type(error).__name__}: {' '.join(str(error).split())}"
                )
            found = self._compared(theirs, length)
            if not found.equal:
                return found
            proven.append(found)
        worst = max(proven, key=lambda each: each.error)
        return attrs.evolve(worst, totals=tuple(dict.fromkeys(each.totals[0] for each in proven)))

    def _totals(self, total_steps: int | None) -> list[tuple[int | str, int]]:
        """The lengths of runs to compare in, as they are given and in steps."""
        if total_steps is not None:
            return [(total_steps, total_steps)]
        if self.total_steps is not None:
            with suppress(ScheduleError):  # if what it takes to make steps of epochs is known
                steps = parse("hold").bind(self.total_steps, **self.rates).end
                return [(self.total_steps, steps or 1)]
        return [(steps, steps) for steps in _TRIED]

    def _compared(self, theirs: Sequence[float], length: int | str) -> Proof:
        probes = dict.fromkeys(TOLD_RATES, RATE)
        base = 1.0 if self.base is None else self.base
        bound = self.schedule.bind(length, **{**probes, **self.rates, "base": base})
        ours = [bound(step) for step in range(len(theirs))]
        with_ = f"{self._package} {_version(self._package)}"
        largest = max((abs(value) for value in theirs if math.isfinite(value)), default=0.0)
        errors = [abs(one - other) for one, other in zip(ours, theirs, strict=True)]
        errors = [math.inf if math.isnan(error) else error for error in errors]
        step = max(range(len(theirs)), key=errors.__getitem__)
        precision, worst = self._rule.precision, step if errors[step] else None
        equal = errors[step] <= precision * largest
        return Proof(with_, (len(theirs),), equal, worst, errors[step], precision=precision)


def _version(package: str) -> str:
    return _installed(package) or "of an unknown version"


def _installed(package: str) -> str | None:
    """Which version of a package is installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _lacking(package: str, error: ImportError) -> str:
    """Why a library could not be asked: it isn't there, or what it imports isn't."""
    if _installed(package) is None:
        return f"{package} is not installed"
    return f"{package} is installed, but cannot be imported: {' '.join(str(error).split())}"


def system_called(name: str) -> System:
    """The system of that name.

    Raises:
        ScheduleError: E605 if there is none.
    """
    if name not in SYSTEMS:
        close = nearest(name, SYSTEMS)
        hint = f"did you mean `{close}`?" if close else f"there are {listed(sorted(SYSTEMS))}"
        fail(None, "E605", f"`{shown(name)}` is no system whose configs are read", hint)
    return SYSTEMS[name]


def recognized(value: Any, among: Iterable[System] | None = None) -> System | None:
    """The first system that says a value is one of its configs."""
    if not isinstance(value, (Mapping, list, tuple)) or not value:
        return None
    named = _named(value)
    return next((each for each in (SYSTEMS.values() if among is None else among) if each.recognizes(named)), None)


def _named(value: Any) -> Any:
    """A mapping of the options of a command line, `--lr-decay-style: cosine`, by the names that they have there."""
    names = _options_of(value)
    return {names.get(key, key): each for key, each in value.items()} if names else value


def _options_of(value: Any) -> dict[str, str]:
    keys = [key for key in value if isinstance(key, str) and key.startswith("--")] if isinstance(value, Mapping) else []
    return {key: key.lstrip("-").replace("-", "_") for key in keys}


def imported(
    values: Any,
    system: System,
    told: Told = NOTHING,
    path: Path = (),
    where: Where = lambda path: None,
    root: Any = None,
) -> list[Imported]:
    """The schedules of a config, the learning rate's first; `root`: all of the file, in which `${…}` is looked up.

    Raises:
        ScheduleError: whatever is wrong with it.
    """
    values = filled_in(values, values if root is None else root)
    config, options = Config(values, path, where), _options_of(values)
    config = config.renamed(options) if options else config
    rules = list(system.read(config, told))
    for key in config.unread():
        if key == SPREAD:
            config.tell(Diagnostic.at(config.place(key), "W534", _MORE, "see whether it changes the schedule"))
        if _SUSPECT.search(key) and key not in system.others and config.values[key] not in (None, False):
            config.note(key, "was not read", f"see whether it changes the schedule; {system.title} may not know it")
    taken = tuple(config.taken)
    cut = [note for rule in rules for note in _cut(rule, told, where(path))]
    gone = [each.path for each in taken if not each.stays and each.path[-1:] != (CALLED,)]
    if system.alone and (path or CALLED in config.values):
        gone = [path] if path else []
    return [
        Imported(
            text=str(parse(rule.text)),
            system=system.name,
            title=system.title,
            kind=rule.kind,
            name=rule.name,
            base=None if rule.base is None else float(rule.base),
            total_steps=rule.total or told.total_steps,
            rates={**rule.rates, **_rates(told)},
            read={dotted(each.path): each.value for each in taken},
            replaces=tuple(dotted(path) for path in gone if not any(path[: len(one)] == one != path for one in gone)),
            notes=(*config.notes, *cut),
            first_step=rule.first_step,
            rule=rule,
            package=rule.package or system.package,
            taken=taken,
        )
        for rule in rules
    ]


_MORE: Final = "what is taken over from elsewhere was not read"
_CUT: Final = ("W503", "W504", "W505")
"""Warnings of phases that the end of the run cuts, or that never play."""


def _cut(rule: Rule, told: Told, place: Place | None) -> Iterator[Diagnostic]:
    """What is told of a text whose phases do not fit into the run, if that is known."""
    total, rates = rule.total or told.total_steps, {**rule.rates, **_rates(told)}
    if total is None:
        return
    with suppress(ScheduleError):  # if what it takes to make steps of epochs is not known
        bound = parse(rule.text).bind(total, base=1.0 if rule.base is None else float(rule.base), **rates)
        for found in bound.warnings():
            if found.code in _CUT:
                yield Diagnostic.at(place, found.code, f"in `{rule.text}`, {found.message}", found.hint)


def _rates(told: Told) -> dict[str, Any]:
    return {name: getattr(told, name) for name in TOLD_RATES if getattr(told, name) is not None}


def from_config(
    config: Mapping[str, Any] | Sequence[Any] | str,
    system: str | None = None,
    *,
    name: str | None = None,
    total_steps: int | None = None,
    steps_per_epoch: Rate | None = None,
    samples_per_step: Rate | None = None,
    tokens_per_step: Rate | None = None,
    interval: Literal["step", "epoch"] | None = None,
) -> Imported:
    """The schedule that a config of another system has, as a text with equal values at every step.

    Args:
        config: a mapping or a list as the system has it, the same as YAML or JSON, or command-line arguments, as one
            text or a list of words.
        system: whose config it is, if that is not plain: `transformers`, `megatron` …
        name: the hyperparameter, if the config has schedules of several; the learning rate's if it is left out.
        total_steps: how many optimizer updates the run has, if the config doesn't say it.
        steps_per_epoch: optimizer updates in an epoch.
        samples_per_step: samples in an update.
        tokens_per_step: tokens in an update.
        interval: whether a scheduler of torch's is stepped at each step, or once an epoch.

    Raises:
        ScheduleError: E605 for what the system doesn't have, E606 for what has no counterpart here, E607 if more has to
            be known of the run.

    >>> found = from_config({"lr_scheduler_type": "cosine", "warmup_ratio": 0.05, "learning_rate": 3e-4})
    >>> print(found.text)
    warmup(5%) then cosine
    >>> found.base, found.replaces
    (0.0003, ('lr_scheduler_type', 'warmup_ratio'))
    """
    values = _values(config)
    chosen = recognized(values) if system is None else system_called(system)
    if chosen is None:
        hint = f"say whose it is: `system=…`, one of {listed(sorted(SYSTEMS))}"
        fail(None, "E605", "no system is known that has such a config", hint)
    rates = zip(TOLD_RATES, (steps_per_epoch, samples_per_step, tokens_per_step), strict=True)
    found = imported(values, chosen, told_of(total_steps, dict(rates), interval))
    chosen_of = [each for each in found if name is None or each.name == name]
    if not chosen_of:
        names = [each.name for each in found]
        hint = f"it has one of {listed(names)}" if names else "it has none"
        fail(None, "E605", f"the config has no schedule of `{name}`" if name else "the config has no schedule", hint)
    return chosen_of[0]


def told_of(total_steps: Any, rates: Mapping[str, Any], interval: Any = None) -> Told:
    """What is told of a run.

    Raises:
        ScheduleError: E404 or E607 for what is no length and no rate.
    """
    if interval not in (None, *INTERVALS):
        fail(None, "E607", f"interval is {shown(interval)}", f"it is {listed(INTERVALS)}")
    known = {key: None if rate is None else exact(rate, key) for key, rate in rates.items()}
    return Told(_total(total_steps), interval=interval, **known)


def _total(total_steps: Any) -> int | None:
    if total_steps is None:
        return None
    total = exact(total_steps, "total_steps")
    if total.denominator != 1 or total < 1:
        hint = "give how many steps the run has: `total_steps=10_000`"
        fail(None, "E607", f"total_steps is {shown(total_steps)}, not a whole number above zero", hint)
    return int(total)


def _values(config: Any) -> Any:
    if isinstance(config, str) and re.match(r"\s*-{1,2}[A-Za-z]", config) and not re.match(r"\s*- ", config):
        config = config.split()
    words = isinstance(config, (list, tuple)) and config and all(isinstance(each, str) for each in config)
    called = read_calls(config) if isinstance(config, str) else None
    return arguments_of(config) if words else loaded(config) if called is None else called
