"""Several schedules of one run, by the names of what they are for: learning rate, weight decay, dropout …"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Self, SupportsIndex, TypeAlias

import attrs

from .._language.checking import check
from .._language.frame import Binding, Frame
from .._language.names import definitions_of, free_names, with_definitions
from .._language.nodes import Schedule
from .._language.nodes.base import Kind, Names
from .._language.nodes.scalars import RESERVED, VARIABLES, renamed
from .._language.parse import parse, parse_with
from .._text.errors import Argument, Diagnostic, Phrase, ScheduleError, fail, listed
from .._text.hyperparameters import LEARNING_RATES, spelt
from .._text.lark_parser import words
from .._text.run import CHANGING, RATES, SETTINGS, TOLD, Rate, Rates, Run, shown, split_rates, takes_rates
from .._text.spelling import did_you_mean
from .bind import bind, instead_of
from .bound import Bound, digest
from .runs import run_told
from .stages import IN_PYTHON, INTEGERS, STAGES, InFile, Origin, Read, Shape, Staged, Wrong, called, laid_out
from .telling import tell
from .wording import worded

if TYPE_CHECKING:
    import numpy as numpy_


Text: TypeAlias = str | float | SupportsIndex | Schedule
"""What is taken for a schedule: a text, a number, which is a constant, or a schedule."""

WHERE: Final = "where"
"""The key of the shared names. The language keeps the word for itself, so nothing else is called so."""

KEYS: Final = (WHERE, STAGES, INTEGERS)
"""The keys of a set that are no schedules."""

_SHARED: Final = "`bind(…, {name}=…)`, or define it for all texts under the key `where`"
CLOCK: Final = "clock"
"""Under which key a set tells what its run counts."""

_RATE: Final = re.compile(rf"(?<![A-Za-z0-9])(?:{spelt(LEARNING_RATES)})(?![A-Za-z0-9])")
"""The name of a learning rate."""


class Files:
    """Where the texts of a set stand in a file, for errors; copies of a set that are loaded elsewhere know none."""

    def __init__(self, texts: Iterable[InFile]) -> None:
        self._texts = tuple(texts)

    def __reduce__(self) -> tuple[Any, ...]:
        return Files, ((),)

    def in_file(self, diagnostic: Diagnostic) -> Diagnostic:
        """A diagnostic of one of the texts as one of the file."""
        placed = (each.carried.in_file(diagnostic) for each in self._texts)
        return next((each for each in placed if each is not diagnostic), diagnostic)

    @contextmanager
    def places(self) -> Iterator[None]:
        """Let errors in the texts point into the file."""
        try:
            yield
        except ScheduleError as error:
            raise ScheduleError(map(self.in_file, error.diagnostics)) from None


@attrs.frozen(init=False, repr=False)
class ScheduleSet(Mapping[str, Schedule]):
    """Several named schedules, such as a section of a config has: a mapping from names to schedules.

    Under the key `where` stand names that all texts may use, as a text or as a mapping. Each text gets the definitions
    that it needs, in front of its own. A rate such as `tokens_per_step` is told in the same way, and may name the
    others: `4096 * batch_size`; so is the run's `clock`. Under `stages` stand stages and how long each lasts, for
    hyperparameters that are mappings from them. A list is a schedule for each item, `betas.0` …, and its value a list.
    Under `integers` stand the names of what is whole numbers.

    Args:
        texts: a text, a number or a schedule for each name, a list of such, or one for each stage; and perhaps rates,
            `where`, `stages` and `integers`.
        known: the names that there may be; None for any.
        name: where the mapping comes from, for errors: `train.yaml:optim`.

    Raises:
        ScheduleError: with everything that is wrong: E604 for the set itself, and whatever is wrong with its texts.

    >>> schedules = ScheduleSet({
    ...     "lr": "warmup(w) then cosine(peak, 0)",
    ...     "weight_decay": 0.1,
    ...     "where": "w = 10%, peak = 3e-4",
    ... })
    >>> print(schedules["lr"])
    warmup(w) then cosine(peak, 0) where w = 10%, peak = 3e-4
    >>> values = schedules.bind(total_steps=1000)
    >>> values(100)
    {'lr': 0.0003, 'weight_decay': 0.1}
    """

    members: tuple[tuple[str, Schedule], ...] = attrs.field(eq=frozenset)
    shape: Shape = Shape()
    rates: tuple[tuple[str, Schedule], ...] = attrs.field(default=(), eq=frozenset)
    clock: str | None = None
    files: Files = attrs.field(factory=lambda: Files(()), eq=False)

    def __init__(
        self, texts: Mapping[str, Any], *, known: Iterable[str] | None = None, name: str | None = None
    ) -> None:
        self._read(texts, known, name, IN_PYTHON)

    def _read(self, texts: Mapping[str, Any], known: Iterable[str] | None, name: str | None, origin: Origin) -> None:
        given: Any = texts
        if not isinstance(given, Mapping):
            hint = 'give a mapping from names to texts: `{"lr": "cosine"}`'
            fail(None, "E604", f"a set of schedules is a mapping, not {shown(given)}", hint)
        problems = _unknown(texts, known)
        told = [key for key in texts if key in RATES]
        keys = [key for key in texts if isinstance(key, str) and key not in (*KEYS, *TOLD)]
        laid = laid_out(texts, keys, name, origin)
        whole = [(STAGES, Wrong(laid.problems))] if laid.problems else []
        counts = laid.shape.counts()
        found: list[Schedule] = []
        rates: list[Schedule] = []
        with _collected(problems):
            clock = Run(clock=texts.get(CLOCK)).clock
        with _collected(problems):
            members = [(each.name, origin.text(each)) for each in laid.members]
            given_rates = [(key, _given(origin, key, texts[key])) for key in told]
            given_all = [*whole, *members, *counts, *given_rates]
            found = read_all(given_all, origin.where(texts.get(WHERE, {})), name, rates=len(told))
            found, rates = found[: len(found) - len(told)], found[len(found) - len(told) :]
        if not problems and not found:
            hint = 'give at least one: `{"lr": "cosine"}`'
            problems.append(Diagnostic("E604", "a set of schedules has no schedule", hint=hint))
        if problems:
            raise ScheduleError(problems)
        names = [each.name for each in laid.members]
        shape = laid.shape.counted(dict(zip((each for each, _ in counts), found[len(names) :], strict=True)))
        members_read = tuple(zip(names, found, strict=False))
        files = Files(each for _, each in (*members, *given_rates) if isinstance(each, InFile))
        self.__attrs_init__(members_read, shape, tuple(zip(told, rates, strict=True)), clock, files)

    @classmethod
    def load(cls, reference: str, *, known: Iterable[str] | None = None) -> Self:
        """The set at `FILE:KEY`, a mapping in a YAML, JSON or TOML file; errors point into the file.

        Raises:
            ScheduleError: E501 to E511 if there is no such mapping, and what the class itself raises.
        """
        from .._files.reading import read_mapping

        made = cls.__new__(cls)
        texts, origin = read_mapping(reference)
        made._read(texts, known, reference, origin)
        return made

    def __getitem__(self, name: str) -> Schedule:
        return dict(self.members)[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.members)

    def __len__(self) -> int:
        return len(self.members)

    def __repr__(self) -> str:
        return f"ScheduleSet({self.to_dict()!r})"

    def to_dict(self) -> dict[str, Any]:
        """The canonical texts, each with the definitions it needs, so that each stands alone.

        Of a set with stages the texts of these, with the definitions that they need under `where`.
        """
        told = {name: str(rate) for name, rate in self.rates} | ({} if self.clock is None else {CLOCK: self.clock})
        return self.shape.to_dict(dict(self.members)) | told

    @takes_rates
    def bind(
        self,
        total_steps: Rate | str | None = None,
        *,
        base: float | Mapping[str, float] = 1.0,
        ignore: Iterable[str] = (),
        **params: Any,
    ) -> BoundSet:
        """All schedules for one run; see `Schedule.bind`. Their warnings are told as Python's: see `ScheduleWarning`.

        Args:
            total_steps: how long the run is: steps, or a duration (`"90ep"`).
            base: the value before the first phase: one for all, or by name; 1.0 where there is none.
            ignore: codes of warnings that are not wanted: `["W510"]`.
            **params: the rates, such as `steps_per_epoch=1250` (see `Run`), and the parameters of the texts. Each of
                these has to be used by one of them.

        Raises:
            ScheduleError: E403, E4xx, with what is wrong with all of the schedules.
        """
        rates, params = split_rates(params)
        run = {"total_steps": total_steps, **self.told(rates, total_steps)}
        problems = unused_params(params, self.values())
        given = base if isinstance(base, Mapping) else dict.fromkeys(self, base)
        bases = self.shape.by_schedule(given)
        for name in bases.keys() - self.keys():
            hint = did_you_mean(str(name), self) or f"there are {listed(self)}"
            problems.append(Diagnostic("E604", f"`base` is given for `{name}`, which is not in the set", hint=hint))
        bounds: list[tuple[str, Bound]] = []
        for name, schedule in self.members:
            with _collected(problems), self.files.places(), worded("bind", param=_SHARED):
                bounds.append((name, bind_with(schedule, run, bases.get(name, 1.0), params)))
        if problems:
            raise ScheduleError(dict.fromkeys(problems))  # what is wrong with the run, once
        counts = {name: bind_with(schedule, run, 1.0, params) for name, schedule in self.shape.counts()}
        bound_set = BoundSet(tuple(bounds), self.shape.counted(counts), self.files)
        for name, bound in bounds:
            tell([bound], ignore, rate=_RATE.search(name) is not None, place=self.files.in_file)
        return bound_set

    def told(self, rates: Rates, total_steps: Rate | str | None) -> dict[str, Any]:
        """The rates of the set, and those that `bind` was given; followed once for all members."""
        with self.files.places():
            return rates_told(self.rates, self.clock, rates, total_steps, lambda _: names_of(self.members))


def rates_told(
    rates: Iterable[tuple[str, Schedule]],
    clock: str | None,
    others: Mapping[str, Any],
    total_steps: Rate | str | None,
    names: Callable[[str], Mapping[str, Schedule]],
) -> dict[str, Any]:
    """What a set tells of its run, and what others do; `names`: what a text of theirs may name."""
    given: dict[str, Any] = {name: rate for name, rate in others.items() if rate is not None}
    if clock is not None and given.setdefault(CLOCK, clock) != clock:
        fail(None, "E604", Phrase(Argument(CLOCK), " is given, and the set tells it, too"), "remove one of them")
    for name, rate in rates:
        if name in given:
            message = Phrase(Argument(name), " is given, and the set tells it, too")
            fail(rate.place, "E604", message, "remove one of them")
        number = rate.number(Frame.of_run(Binding(Run(), Names({})))) if rate.kind(Names({})) is Kind.NUMBER else None
        if number is not None and not number > 0:
            hint = Phrase("give it as ", SETTINGS[name].hint)
            fail(rate.place, "E404", Phrase(Argument(name), f" is {rate}, not a number above zero"), hint)
        given[name] = rate if number is None or name in CHANGING else Decimal(repr(number))
    for name, rate in given.items():
        if isinstance(rate, str) and name in RATES:
            given[name] = _read(rate, name, names(rate))
    if not any(isinstance(rate, Schedule) for rate in given.values()):
        return given
    run = run_told(total_steps, given)
    return {name: getattr(run, name) for name in given}


def told_of(schedules: object) -> dict[str, Schedule]:
    """The rates that schedules tell of their run themselves, as a set may."""
    return dict(schedules.rates) if isinstance(schedules, ScheduleSet) else {}


def names_of(members: Iterable[tuple[str, Schedule]]) -> dict[str, Schedule]:
    """What a rate may name: the members of a set, by name, and what they are made of."""
    found: dict[str, Schedule] = {}
    for name, schedule in members:
        body, names = definitions_of(schedule)
        for inner, value in {**names, name: body}.items():
            if name.isidentifier() and inner not in RESERVED:
                found.setdefault(inner, value)
    return found


@attrs.frozen(eq=False)
class BoundSet(Mapping[str, Bound]):
    """Several schedules bound to one run: a function of the step that gives all values, and a mapping by name.

    >>> values = ScheduleSet({"lr": "linear(1, 0)", "dropout": 0.1}).bind(4)
    >>> values(1)
    {'lr': 0.75, 'dropout': 0.1}
    >>> values["lr"](2)
    0.5
    """

    bounds: tuple[tuple[str, Bound], ...]
    shape: Shape = Shape()
    files: Files = attrs.field(factory=lambda: Files(()))

    def __attrs_post_init__(self) -> None:
        problems = [*self.shape.not_whole(dict(self.bounds))] if self.shape.integers else []
        if problems:
            raise ScheduleError(map(self.files.in_file, problems))

    def __call__(self, step: Any) -> dict[str, Any]:
        """All values at a step, which may be a tracer: see `Bound`. What is a list of schedules is a list of values."""
        if self.shape.lists or self.shape.integers:
            return self.shape.nested(self._flat(step), self)
        return {name: bound(step) for name, bound in self.bounds}

    def _flat(self, step: Any) -> dict[str, Any]:
        values = {name: bound(step) for name, bound in self.bounds}
        return self.shape.flat(values, step, self.bounds[0][1].run.unit.one)

    def __getitem__(self, name: str) -> Bound:
        return dict(self.bounds)[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.bounds)

    def __len__(self) -> int:
        return len(self.bounds)

    def values_at(self, step: int) -> dict[str, float]:
        """All values at a step, in a flat dict for a logger: of a list `betas.0`, `betas.1` …"""
        return {name: value if isinstance(value, int) else float(value) for name, value in self._flat(step).items()}

    def seen(self, step: int) -> dict[str, int | float]:
        """How much the run has seen at a step: see `Bound.seen`."""
        return self.bounds[0][1].seen(step)

    def at_time(self, time: str) -> int | Fraction:
        """The first step by which a time has passed: see `Bound.at_time`."""
        return self.bounds[0][1].at_time(time)

    @property
    def fingerprint(self) -> str:
        """A hash of names, texts and run: see `Bound.fingerprint`."""
        told: list[Any] = [(name, bound.fingerprint) for name, bound in sorted(self.items())]
        told += [(name, counts.fingerprint) for name, counts in self.shape.counts()]
        return digest([*told, sorted(self.shape.integers)] if self.shape.integers else told)

    @property
    def total_steps(self) -> int | Fraction | None:
        """How many steps the run has, or of what else its clock counts; None if that was not given."""
        return self.bounds[0][1].total_steps

    def curves(self, start: int = 0, stop: int | None = None, step: int = 1) -> dict[str, numpy_.ndarray | Any]:
        """The values of each schedule at the steps start, start + step, …: see `Bound.values`.

        >>> [float(value) for value in ScheduleSet({"lr": "linear(1, 0)"}).bind(4).curves()["lr"]]
        [1.0, 0.75, 0.5, 0.25]
        """
        return {name: bound.values(start, stop, step) for name, bound in self.bounds}

    def at(self, steps: Any, dtype: Any = None) -> dict[str, Any]:
        """The values of each schedule at an array of steps: see `Bound.at`."""
        return {name: bound.at(steps, dtype) for name, bound in self.bounds}

    def code(self, language: str, *, every: Rate = 1) -> str:
        """All schedules as functions of one file, which are called like their keys, or as columns of one table.

        What is no letter and no digit in a key is `_` in the name of a function, and behind a word of the language
        there is another one: `lambda_`. A list has a function for each item; one whose length changes has another,
        `len_betas`. Whole numbers are floats, too.

        Args:
            language: see `Bound.code`.
            every: of a table: every which step.

        Raises:
            ScheduleError: see `Bound.code`; E404, if two functions or columns would be called the same.

        >>> from schedlang import ScheduleSet
        >>> found = ScheduleSet({"lr": "linear(1, 0)", "betas": [0.9, 0.95]}).bind(4).code("csv", every=2)
        >>> found.splitlines()[-3:]
        ['step,lr,betas.0,betas.1', '0,1.0,0.9,0.95', '2,0.5,0.9,0.95']
        """
        from .._transfer.compiling.code import code

        lengths = {f"len({name})": count for name, count in self.shape.counts()}
        return code({**dict(self.bounds), **lengths}, language, every)

    def change(self, /, step: int | None = None, **times: Any) -> BoundSet:
        """The schedules once an event has come, those that wait for it: see `Bound.change`."""
        problems = unused_params(times, [bound.schedule for _, bound in self.bounds])
        if problems:
            raise ScheduleError(problems)

        def changed(bound: Bound) -> Bound:
            own = {event: time for event, time in times.items() if event in bound.params}
            return bound.change(step, **own) if own else bound

        with self.files.places():
            counts = {name: changed(bound) for name, bound in self.shape.counts()}
            bounds = tuple((name, changed(bound)) for name, bound in self.bounds)
        return BoundSet(bounds, self.shape.counted(counts), self.files)

    def warnings(self, ignore: Iterable[str] = ()) -> tuple[Diagnostic, ...]:
        """The warnings about all schedules; the source of each tells its name."""
        codes = tuple(ignore)
        return tuple(self.files.in_file(found) for _, bound in self.bounds for found in bound.warnings(codes))


# What other hosts of several schedules need, too.


def as_set(given: Mapping[str, Any], name: str | None = None) -> ScheduleSet:
    """What hosts take for a set of schedules: a mapping, read, or a set, as it is."""
    return given if isinstance(given, ScheduleSet) else ScheduleSet(given, name=name)


def bind_with(
    schedule: Schedule, run: Mapping[str, Any], base: float, params: Mapping[str, Any], events: Iterable[str] = ()
) -> Bound:
    """A schedule bound to a run, of which the length and rates are given, with those of the parameters that it has."""
    free = free_names(schedule)
    own = {name: value for name, value in params.items() if name in free}
    return bind(schedule, **run, base=base, params=own, events=events)


def unused_params(params: Iterable[str], schedules: Iterable[Schedule], others: Iterable[str] = ()) -> list[Diagnostic]:
    """What is wrong with parameters that none of some schedules has; `others` are words that may have been meant."""
    free = {name for schedule in schedules for name in free_names(schedule)}
    problems = []
    for name in params:
        if name not in free:
            hint = instead_of(name, [*sorted(free), *others]) or "remove it, or use it in a text"
            problems.append(Diagnostic("E403", f"no text has a parameter `{name}`", hint=hint))
    return problems


def read_all(
    texts: Sequence[tuple[str, Any]], where: Any, name: str | None = None, *, rates: int = 0
) -> list[Schedule]:
    """What texts mean, by what they are called, each with those of some shared definitions that it needs.

    So many of the last of them are `rates`, which may name the others, too.

    Raises:
        ScheduleError: with everything that is wrong.
    """
    problems: list[Diagnostic] = []
    shared: dict[str, Schedule] = {}
    found: list[Schedule] = []
    with _collected(problems):
        shared = shared_names(where, name)
    for key, text in texts[: len(texts) - rates]:
        with _collected(problems):
            found.append(_read(text, called(key, name), shared))
    named = names_of(zip((key for key, _ in texts), found, strict=False)) if rates and not problems else {}
    for key, text in texts[len(texts) - rates :] if not problems else ():
        with _collected(problems):
            found.append(_read(text, called(key, name), {**named, **shared}))
    if not problems:
        problems += unused_names(shared, dict(enumerate(found))).values()
        for (key, _), schedule in zip(texts, found, strict=True):
            problems += defined_again(key, schedule, shared)
    if problems:
        raise ScheduleError(dict.fromkeys(problems))  # what is wrong with a shared name, once
    return found


# Reading.


@contextmanager
def _collected(problems: list[Diagnostic]) -> Iterator[None]:
    """Where what is wrong is put among the problems."""
    try:
        yield
    except ScheduleError as error:
        problems += error.diagnostics


def _read(text: Any, name: str, shared: Mapping[str, Schedule], argument: bool = False) -> Schedule:
    """A schedule, or an argument, from what stands for one in a mapping."""
    if isinstance(text, Wrong):
        raise ScheduleError(text.problems)
    if isinstance(text, Staged):
        return text.schedule(shared, reader(shared))
    if isinstance(text, Schedule):
        whole = with_definitions(text, shared)
        check(whole, argument)
        return whole
    if isinstance(text, InFile):
        with text.carried.places():
            return parse_with(text.carried.text, text.carried.name, shared, argument)
    if isinstance(text, Mapping) and "kind" not in text:
        stages = f'`"{STAGES}": {{"a": "50%", "b": "rest"}}`'
        hint = f"give one text; one for each stage takes `{STAGES}` beside it: {stages}"
        fail(None, "E109", f"{name}: a schedule is text or a number, not {type(text).__name__}", hint)
    return parse_with(text, name, shared, argument) if isinstance(text, str) else parse(text, name=name)


def _given(origin: Origin, key: str, value: Any) -> Any:
    try:
        return origin.given((key,), value)
    except ScheduleError as error:
        return Wrong(error.diagnostics)


def reader(shared: Mapping[str, Schedule]) -> Read:
    """What reads the texts of stages beside some shared names, which have no others."""
    return lambda given, name, argument: _defined(given, name, shared, argument)


def _unknown(texts: Mapping[str, Any], known: Iterable[str] | None) -> list[Diagnostic]:
    names = None if known is None else [known] if isinstance(known, str) else list(known)
    problems = []
    for key in texts:
        if not isinstance(key, str) or not key:
            hint = 'names are texts: `{"lr": "cosine"}`'
            problems.append(Diagnostic("E604", f"{shown(key)} is not a name of a schedule", hint=hint))
        elif names is not None and key not in (*KEYS, *TOLD) and key not in names:
            there = f"there {'are' if len(names) > 1 else 'is'} {listed(names)}" if names else "there is nothing at all"
            message = f"there is nothing called `{key}` to be scheduled"
            problems.append(Diagnostic("E604", message, hint=did_you_mean(key, names) or there))
    return problems


def shared_names(where: Any, name: str | None) -> dict[str, Schedule]:
    """The shared definitions, by name."""
    where_name = called(WHERE, name)
    if isinstance(where, str):
        where = _split(where)
    elif not isinstance(where, Mapping):
        fail(None, "E604", f"`{where_name}` is {shown(where)}", "write `where: w = 5%, peak = 3e-4`, or a mapping")
    problems: list[Diagnostic] = []
    found: dict[str, Schedule] = {}
    for key, value in where.items():
        if not isinstance(key, str) or key in RESERVED or not (key.isidentifier() and key.isascii()):
            spelt = "a name has letters, digits and `_`, and is no word of the language"
            hint = renamed(key) if str(key) in VARIABLES else spelt
            problems.append(Diagnostic("E604", f"`{key}` cannot be a name of `{where_name}`", hint=hint))
            continue
        with _collected(problems):
            found[key] = _defined(value, f"{where_name}.{key}", found)
    if problems:
        raise ScheduleError(problems)
    return found


def _defined(value: Any, name: str, shared: Mapping[str, Schedule], argument: bool = True) -> Schedule:
    """What stands for a schedule, a number or a length of time, without the shared names that it needs.

    Raises:
        ScheduleError: E604 if it has a `where` of its own, and whatever is wrong with it.
    """
    body, names = definitions_of(_read(value, name, shared, argument))
    if names.keys() - shared.keys():
        fail(None, "E604", f"`{name}` has a `where` of its own", "write its names before it")
    return body


def _split(text: str) -> dict[str, str]:
    """`a = 1, b = f(2, 3)` by its names."""
    text = re.sub(r"#[^\n]*", "", text)  # comments
    pieces, depth, start = [], 0, 0
    for word in words(text):
        character = text[word.start : word.end]
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            pieces.append(text[start : word.start])
            start = word.end
    found: dict[str, str] = {}
    for piece in [*pieces, text[start:]]:
        name, sign, value = (part.strip() for part in piece.partition("="))
        if not name and not sign and len(pieces) and piece is not pieces[0]:
            continue  # a comma behind the last one
        if not sign or not name or name in found:
            message = f"`{name}` is defined twice" if name in found else f"`{piece.strip()}` is no definition"
            fail(None, "E604", f"{message} in `where`", "write `where: w = 5%, peak = 3e-4`")
        found[name] = value
    return found


def unused_names(shared: Mapping[str, Schedule], members: Mapping[Any, Schedule]) -> dict[str, Diagnostic]:
    """What is wrong with the shared names that no text uses."""
    problems = {}
    definitions = [definitions_of(schedule)[1] for schedule in members.values()]
    used = {name for names in definitions for name in names if names[name] is shared.get(name)}
    for name in [name for name in shared if name not in used]:
        free = {each for schedule in members.values() for each in free_names(schedule)}
        hint = did_you_mean(name, free) or "remove it, or use it in a text"
        problems[name] = Diagnostic("E604", f"no text uses `{name}`, which `where` defines", hint=hint)
    return problems


def defined_again(key: str, schedule: Schedule, shared: Mapping[str, Schedule]) -> list[Diagnostic]:
    """What is wrong with a text that defines shared names again."""
    names = definitions_of(schedule)[1]
    problems = []
    for name in [name for name in names if name in shared and names[name] is not shared[name]]:
        message = f"`{key}` defines `{name}`, and so does the set's `where`"
        problems.append(Diagnostic("E604", message, hint="remove one of them, or give it another name"))
    return problems
