"""Stages of a set of schedules: hyperparameters that are given once a stage, lists of them, and whole numbers.

A hyperparameter with stages is a chain: `(text) for LENGTH` of each stage, one behind the other.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from .._language.names import definitions_of, with_definitions
from .._language.nodes import For, Schedule, Then
from .._language.nodes.base import CLAUSE, SUM
from .._language.nodes.composition import Definition
from .._language.parse import parse_with
from .._language.program import Row
from .._text.errors import Diagnostic, Edit, ScheduleError, fail
from .._text.errors import listed as enumerated
from .._text.libraries import library_of
from .._text.numerals import literal
from .._text.run import plain, shown
from .._text.source import Place, Source, Span
from .._text.spelling import did_you_mean
from .bound import Bound, first_not_whole

if TYPE_CHECKING:
    from .._files.carried import Carried

STAGES: Final = "stages"
"""The key of the stages and how long each lasts."""

INTEGERS: Final = "integers"
"""The key of the names of what is whole numbers."""

REST: Final = "rest"
"""What the last stage may last."""

_LENGTH: Final = "write how long it lasts, such as `5%` or `2000`, or `rest` for the last"
_EXAMPLE: Final = "write `stages: {a: 20%, b: rest}`, and `lr: {a: cosine, b: 0.1}`"

Path: TypeAlias = tuple[str, ...]
"""Keys, one in the other."""

Read: TypeAlias = Callable[[Any, str, bool], Schedule]
"""What reads what is given, is called so, and perhaps is a length of time."""


@attrs.frozen
class InFile:
    """A text that stands in a file."""

    carried: Carried


class Origin:
    """Where a mapping comes from: one that was made in Python, which has no places."""

    def place(self, path: Path) -> Place | None:
        """Where a key stands, or an item of a list."""
        return None

    def is_text(self, path: Path, value: Any) -> bool:
        """Whether a mapping is a schedule, as the configs of other systems are."""
        return False

    def given(self, path: Path, value: Any) -> Any:
        """A value as the text that it is.

        Raises:
            ScheduleError: if it is none.
        """
        return value

    def where(self, value: Any) -> Any:
        """What stands under the key of the shared names, its texts as they are given."""
        return value

    def text(self, member: Member) -> Any:
        """What a schedule is given as, once all of the mapping is known."""
        return member.given

    def cut(self, path: Path, value: Any) -> Diagnostic | None:
        """What is wrong with a value that is half a call, or has one in it; E507."""
        if _is_list(value):
            written = [*map(_written, value)]
            pieces = [written[index:] for index in range(len(written))]
        elif isinstance(value, Mapping):
            keys = [*value]
            lone = [key if value[key] is None else None for key in keys]
            pieces = [[value[key], *lone[index + 1 :]] for index, key in enumerate(keys)]
        else:
            return None
        for each in pieces:
            whole = _whole_of(each)
            if whole is not None:
                message = f"`{'.'.join(path)}` has `{each[0]}`, which is half a call: YAML cut it at its comma"
                return Diagnostic("E507", message, hint=f'put the schedule in quotes: `"{whole}"`')
        return None


IN_PYTHON: Final = Origin()


def _written(item: Any) -> Any:
    """An item of a list as a text, if it has a colon that YAML took for its own: `keyframes(0: 1`."""
    if isinstance(item, Mapping) and len(item) == 1:
        ((key, value),) = item.items()
        return f"{key}: {value}"
    return item


def _whole_of(pieces: Sequence[Any]) -> str | None:
    """The call whose pieces stand at the beginning."""
    if not isinstance(pieces[0], str) or pieces[0].count("(") <= pieces[0].count(")"):
        return None
    for count in range(2, len(pieces) + 1):
        if not isinstance(pieces[count - 1], (str, int, float)):
            return None
        text = ", ".join(map(str, pieces[:count]))
        if text.count("(") == text.count(")"):
            return text
    return None


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


# What stands in a mapping.


class _Absent(enum.Enum):
    """What stands for an item that a list does not have in a stage."""

    ITEM = "absent"


@attrs.frozen
class Wrong:
    """What cannot be read, and why."""

    problems: tuple[Diagnostic, ...]


@attrs.frozen
class Member:
    """A schedule of a set, or one of the schedules of a list, as it is given."""

    name: str  # `lr`; of the first in a list `betas.0`
    path: Path  # of its key
    given: Any  # a text, a number, a schedule, `InFile`, `Staged` or `Wrong`


@attrs.frozen
class Listed:
    """A hyperparameter that is a list of schedules."""

    name: str
    count: int  # how many schedules there are
    sizes: tuple[int, ...] = attrs.field(default=(), eq=False)  # how many of them are in it, in each stage
    counts: Any = None  # how many are in it at a step, a schedule, bound or as it is given; None: always all of them

    def items(self) -> list[str]:
        """What its schedules are called."""
        return [f"{self.name}.{index}" for index in range(self.count)]


@attrs.frozen
class Laid:
    """What a mapping has, as it is given."""

    members: tuple[Member, ...]
    shape: Shape
    problems: tuple[Diagnostic, ...]  # that are none of a single member


def laid_out(texts: Mapping[Any, Any], keys: Iterable[str], name: str | None, origin: Origin) -> Laid:
    """The schedules that a mapping has at some keys, beside its stages."""
    return _Layout(texts, name, origin).laid(keys)


class _Layout:
    """Takes a mapping apart."""

    def __init__(self, texts: Mapping[Any, Any], name: str | None, origin: Origin) -> None:
        self.texts = texts
        self.name = name
        self.origin = origin
        self.problems: list[Diagnostic] = []
        self.stages: dict[str, Any] = {}
        self.names: list[str] = []  # of the stages, right or wrong
        self.known = STAGES in texts

    def laid(self, keys: Iterable[str]) -> Laid:
        if self.known:
            self._stages(self.texts[STAGES])
        members: list[Member] = []
        lists: list[Listed] = []
        keys = list(keys)
        for key in keys:
            try:
                found, several = self._members(key, self.texts[key])
            except ScheduleError as error:
                found, several = [Member(key, (key,), Wrong(error.diagnostics))], []
            members += found
            lists += several
        staged = [each.path[0] for each in members if isinstance(each.given, Staged)]
        if self.stages and not staged and not any(isinstance(each.given, Wrong) for each in members):
            self._wrong((STAGES,), "no value is given by stages", _EXAMPLE)
        taken = Counter([*keys, *(item for each in lists for item in each.items())])
        for item in [item for item in taken if taken[item] > 1]:
            self._wrong((item,), f"`{item}` is also what an item of a list is called", "give it another name")
        shape = Shape(tuple(lists), self._integers(keys), tuple(self.stages), frozenset(staged))
        return Laid(tuple(members), shape, tuple(self.problems))

    def _wrong(self, path: Path, message: str, hint: str | None) -> None:
        self.problems.append(_wrong(self.origin, path, message, hint))

    def _stages(self, given: Any) -> None:
        """The stages, by their names."""
        path: Path = (STAGES,)
        if not isinstance(given, Mapping) or not given:
            kind = "empty" if given is None or given == {} else f"{shown(given)}, not a mapping"
            self._wrong(path, f"`{STAGES}` is {kind}", _EXAMPLE)
            return
        cut = self.origin.cut(path, given)
        if cut is not None:
            self.problems.append(cut)
            return
        self.names = list(map(str, given))
        for number, (stage, length) in enumerate(given.items(), 1):
            here = (*path, str(stage))
            written = f"`{STAGES}.{stage}`"
            if not isinstance(stage, str) or not stage.strip():
                self._wrong(here, f"{shown(stage)} is not a name of a stage", 'names are texts: `"1": 20%`')
            elif length is None or isinstance(length, (bool, Mapping)) or _is_list(length):
                kind = "empty" if length is None else f"{shown(length)}, not a length of time"
                self._wrong(here, f"{written} is {kind}", _LENGTH)
            else:
                is_rest = isinstance(length, str) and length.strip() == REST
                try:
                    read = self.origin.given(here, length)
                except ScheduleError as error:
                    self.problems += error.diagnostics
                    continue
                self.stages[stage] = REST if is_rest else read
                if is_rest and number < len(given):
                    self._wrong(here, f"{written} is `rest`, and there are stages behind it", "say how long it lasts")

    def _members(self, key: str, value: Any) -> tuple[list[Member], list[Listed]]:
        """What stands at a key: a schedule, a list of them, or either by stages."""
        path = (key,)
        cut = self.origin.cut(path, value)
        if cut is not None:
            raise ScheduleError([cut])
        self._refuse_slips(key, value)
        if self.known and isinstance(value, Mapping) and not self.origin.is_text(path, value):
            return self._staged(key, value)
        if not _is_list(value):
            return [Member(key, path, self.origin.given(path, value))], []
        if not value:
            self._refuse_empty(key)
        items = [(*path, str(index)) for index in range(len(value))]
        given = self._all(dict(zip(items, value, strict=True)))
        listed = Listed(key, len(items))
        members = [Member(name, at, given[at]) for name, at in zip(listed.items(), items, strict=True)]
        return members, [listed]

    def _refuse_slips(self, key: str, value: Any) -> None:
        """Refuse `stage: {a: 20%, b: rest}` and `integer: [batch_size]`, which are no schedules."""
        names = _is_list(value) and all(isinstance(each, str) and each in self.texts for each in value)
        meant = STAGES if isinstance(value, Mapping) else INTEGERS if names else None
        hint = None if meant is None or meant in self.texts else did_you_mean(key, [meant])
        if hint is not None:
            kind = "a mapping" if meant == STAGES else "a list of names"
            self._refuse((key,), f"`{key}` is {kind}, not a schedule", hint)

    def _refuse(self, path: Path, message: str, hint: str | None) -> None:
        raise ScheduleError([_wrong(self.origin, path, message, hint)])

    def _all(self, values: Mapping[Path, Any]) -> dict[Path, Any]:
        """Values as they are given, by their keys; with all that is wrong with any of them."""
        found: dict[Path, Any] = {}
        problems: list[Diagnostic] = []
        for path, value in values.items():
            try:
                found[path] = self.origin.given(path, value)
            except ScheduleError as error:
                problems += error.diagnostics
        if problems:
            raise ScheduleError(dict.fromkeys(problems))
        return found

    def _staged(self, key: str, value: Mapping[Any, Any]) -> tuple[list[Member], list[Listed]]:
        path = (key,)
        stages = self.names
        if not stages:  # which is told of
            return [Member(key, path, Wrong(()))], []
        value = {str(stage): each for stage, each in value.items()}
        problems: list[Diagnostic] = []
        for stage in [stage for stage in value if stage not in stages]:
            message = f"`{key}` has a value for `{stage}`, which is no stage"
            problems.append(_wrong(self.origin, (*path, stage), message, _instead(stage, stages)))
        lacking = [stage for stage in stages if stage not in value]
        if lacking and value:
            message = (
                f"`{key}` has no value for {'the stages' if len(lacking) > 1 else 'the stage'} {enumerated(lacking)}"
            )
            problems.append(_wrong(self.origin, path, message, "give each stage one, or one for all of them"))
        elif not value:
            problems.append(_wrong(self.origin, path, f"`{key}` is empty", "give each stage a value"))
        kinds = {stage: _is_list(each) for stage, each in value.items()}
        if len({*kinds.values()}) > 1:
            one, other = (next(stage for stage in kinds if kinds[stage] is kind) for kind in (True, False))
            message = f"`{key}` is a list in the stage `{one}`, and none in `{other}`"
            problems.append(_wrong(self.origin, (*path, other), message, "write a list of one: `[1]`"))
        for stage, each in value.items():
            cut = self.origin.cut((*path, stage), each)
            problems += [] if cut is None else [cut]
        if problems:
            raise ScheduleError(problems)
        if not any(kinds.values()):
            given = self._all({(*path, stage): value[stage] for stage in stages})
            return [Member(key, path, self._chain(key, given))], []
        return self._staged_list(key, {stage: value[stage] for stage in stages})

    def _refuse_empty(self, key: str) -> None:
        self._refuse((key,), f"`{key}` is an empty list", "give it schedules: `[1, 0.5]`")

    def _staged_list(self, key: str, value: Mapping[str, Sequence[Any]]) -> tuple[list[Member], list[Listed]]:
        path = (key,)
        count = max(map(len, value.values()))
        if not count:
            self._refuse_empty(key)
        given = self._all(
            {(*path, stage, str(index)): each for stage in value for index, each in enumerate(value[stage])}
        )
        counts: dict[Path, int] = {(*path, stage): len(each) for stage, each in value.items()}
        ragged = len({*counts.values()}) > 1
        listed = Listed(key, count, tuple(counts.values()), self._chain(f"len({key})", counts) if ragged else None)
        members = []
        for index, name in enumerate(listed.items()):
            own = [(*path, stage, str(index)) for stage in value]
            members.append(Member(name, path, self._chain(name, {each: given.get(each, _Absent.ITEM) for each in own})))
        return members, [listed]

    def _chain(self, name: str, given: Mapping[Path, Any]) -> Staged:
        pieces = [
            (self._called((STAGES, path[1])), self.stages.get(path[1], REST), self._called(path), value)
            for path, value in given.items()
        ]
        return Staged(self._called((name,)), tuple(pieces), self.origin.place((next(iter(given))[0],)))

    def _called(self, path: Path) -> str:
        return called(".".join(path), self.name)

    def _integers(self, keys: Sequence[str]) -> frozenset[str]:
        """The names of what is whole numbers."""
        path = (INTEGERS,)
        given = self.texts.get(INTEGERS, ())
        if not _is_list(given):
            self._wrong(path, f"`{INTEGERS}` is {shown(given)}, not a list", f"write `{INTEGERS}: [batch_size]`")
            return frozenset()
        for index, name in enumerate(given):
            here = (*path, str(index))
            if not isinstance(name, str) or name not in keys:
                written = f"`{name}`" if isinstance(name, str) else shown(name)
                message = f"`{INTEGERS}` has {written}, which is no schedule of the set"
                self._wrong(here, message, _instead(str(name), keys))
            elif name in [*given][:index]:
                self._wrong(here, f"`{INTEGERS}` has `{name}` twice", "keep one of them")
        return frozenset(keys).intersection(name for name in given if isinstance(name, str))


def called(key: str, name: str | None) -> str:
    """What a key is called of a mapping that is called so: `train.yaml:optim`."""
    return key if name is None else f"{name}{'' if name.endswith(':') else '.'}{key}"


def _wrong(origin: Origin, path: Path, message: str, hint: str | None) -> Diagnostic:
    return Diagnostic("E604", message, hint=hint).placed(origin.place(path))


def _instead(name: str, names: Sequence[str]) -> str:
    """What may be written for a name that there isn't."""
    there = f"there {'are' if len(names) > 1 else 'is'} {enumerated(names)}" if names else "remove it"
    return did_you_mean(name, names) or there


# What stages make of texts.


@attrs.frozen
class Staged:
    """A hyperparameter, or one item of a list, that is given by stages."""

    name: str  # what it is called
    # For each stage what its length is called, the length, what the value is called, and that, or `_Absent`.
    pieces: tuple[tuple[str, Any, str, Any], ...]
    place: Place | None = None  # of its key

    def schedule(self, shared: Mapping[str, Schedule], read: Read) -> Schedule:
        """What it means, with those of some shared names that it needs.

        Raises:
            ScheduleError: with what is wrong with any of the pieces, or with them together.
        """
        composition = self.composed(read)
        try:
            return parse_with(composition.text, composition.name, shared)
        except ScheduleError as error:
            raise ScheduleError(map(composition.original, error.diagnostics)) from None

    def composed(self, read: Read) -> Composition:
        """The one text that it means.

        Raises:
            ScheduleError: with what is wrong with any of the pieces alone.
        """
        problems: list[Diagnostic] = []
        text, parts = "", []

        def add(name: str, given: Any, is_length: bool) -> None:
            nonlocal text
            try:
                part = _Part.of(name, given, len(text), is_length, read)
            except ScheduleError as error:
                problems.extend(error.diagnostics)
                return
            text += part.text
            parts.append(part)

        for length_name, length, name, value in self.pieces:
            text += " then " if text else ""
            if value is _Absent.ITEM:
                text += "hold"
            else:
                add(name, value, False)
            text += " for "
            if length == REST:
                text += REST
            else:
                add(length_name, length, True)
        if problems:
            raise ScheduleError(problems)
        return Composition(text, self.name, tuple(parts), self.place)


@attrs.frozen
class _Part:
    """A piece of a composed text, and where it was read."""

    text: str  # with the parentheses that it needs
    inside: Span  # where in the composed text what was read stands
    source: Source  # what was read
    carried: Carried | None
    is_length: bool

    @classmethod
    def of(cls, name: str, given: Any, start: int, is_length: bool, read: Read) -> _Part:
        carried = given.carried if isinstance(given, InFile) else None
        try:
            body = read(given, name, is_length)
        except ScheduleError as error:
            place = None if carried is None else carried.place
            raise ScheduleError([each.placed(place) for each in error.diagnostics]) from None
        if carried is not None:
            text, name = carried.text, carried.name or name
        else:
            text = given if isinstance(given, str) else str(body) if isinstance(given, Schedule) else repr(plain(given))
        written, level = text, SUM if is_length else CLAUSE
        if "#" in text:  # a comment ends with its line
            written = f"({text}\n)"
        elif level > body.LEVEL:
            written = f"({text})"
        begin = start + (written != text)
        return cls(written, Span(begin, begin + len(text)), Source(text, name), carried, is_length)

    def original(self, diagnostic: Diagnostic, span: Span) -> Diagnostic:
        """What is wrong with the composed text, at a span of it in this piece, as of what was read."""
        inside = self.inside

        def here(there: Span) -> Span:
            return Span(*(min(max(end, inside.start), inside.end) - inside.start for end in there))

        edits = diagnostic.fix or ()
        fits = all(inside.start <= edit.span.start and edit.span.end <= inside.end for edit in edits)
        fix = tuple(Edit(here(edit.span), edit.text) for edit in edits) if edits and fits else None
        found = attrs.evolve(diagnostic, source=self.source, span=here(span), fix=fix, example=None, candidates=())
        return found if self.carried is None else self.carried.in_file(found)


@attrs.frozen
class Composition:
    """The text that the stages of a hyperparameter make."""

    text: str
    name: str
    parts: tuple[_Part, ...]
    place: Place | None

    @property
    def texts(self) -> list[Carried]:
        """The texts of the stages that stand in a file."""
        return [part.carried for part in self.parts if part.carried is not None and not part.is_length]

    def original(self, diagnostic: Diagnostic) -> Diagnostic:
        """What is wrong with it as of what was read: the text of a stage, perhaps in a file."""
        source, span = diagnostic.source, diagnostic.span
        if source is None or span is None or (source.text, source.name) != (self.text, self.name):
            return diagnostic
        for part in self.parts:
            if span.start < part.inside.end and part.inside.start < max(span.end, span.start + 1):
                return part.original(diagnostic, span)
        if self.place is None:
            return diagnostic
        return attrs.evolve(diagnostic, source=None, span=None, fix=None, example=None).placed(self.place)


# What a set tells of its values.


@attrs.frozen
class Shape:
    """How the values of a set are told: which are lists, which whole numbers; and which were given by stages."""

    lists: tuple[Listed, ...] = attrs.field(default=(), eq=frozenset)
    integers: frozenset[str] = frozenset()
    stages: tuple[str, ...] = attrs.field(default=(), eq=False)
    staged: frozenset[str] = attrs.field(default=frozenset(), eq=False)

    @property
    def whole(self) -> frozenset[str]:
        """The schedules whose values are whole numbers."""
        items = (item for listed in self.lists if listed.name in self.integers for item in listed.items())
        return self.integers.union(items)

    def counts(self) -> list[tuple[str, Any]]:
        """How many items lists have, by their names, of those that do not always have all of them."""
        return [(listed.name, listed.counts) for listed in self.lists if listed.counts is not None]

    def counted(self, counts: Mapping[str, Any]) -> Shape:
        """The same where that is something else: bound, or bound to something else."""
        lists = (attrs.evolve(each, counts=counts.get(each.name)) for each in self.lists)
        return attrs.evolve(self, lists=tuple(lists))

    def flat(self, values: dict[str, Any], step: Any, unit: str) -> dict[str, Any]:
        """Those values that there are at a step, or whatever the run counts, whole numbers as such."""
        counts = self.counts()
        if counts and library_of(step):
            message = f"how long the list `{counts[0][0]}` is depends on the step, which is a tensor or traced"
            fail(None, "E412", message, "ask `at`, or each item by its name: " + f'`values["{counts[0][0]}.0"]`')
        there = {listed.name: listed.items() for listed in self.lists}
        absent = {item for name, count in counts for item in there[name][int(count(step)) :]}
        whole = self.whole
        return {
            name: _whole(name, value, f"{unit} {step}") if name in whole else value
            for name, value in values.items()
            if name not in absent
        }

    def nested(self, flat: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
        """Those values by the names of hyperparameters, where some are lists; `names`: of all schedules, in order."""
        lists = self._lists()
        found: dict[str, Any] = {}
        for name in names:
            if name not in lists:
                found[name] = flat[name]
                continue
            items = found.setdefault(lists[name].name, [])
            items += [flat[name]] if name in flat else []
        return found

    def _lists(self) -> dict[str, Listed]:
        """The lists by the names of their items."""
        return {item: listed for listed in self.lists for item in listed.items()}

    def by_schedule(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What is given by the names of hyperparameters by those of their schedules."""
        items = {listed.name: listed.items() for listed in self.lists}
        spread = {item: given[name] for name in given if name in items for item in items[name]}
        return spread | {name: value for name, value in given.items() if name not in items}

    def not_whole(self, bounds: Mapping[str, Bound]) -> Iterator[Diagnostic]:
        """What is wrong with values that are not whole numbers, where they shall be."""
        for name in sorted(self.whole & bounds.keys()):
            yield from not_whole(name, bounds[name])

    def to_dict(self, members: Mapping[str, Schedule]) -> dict[str, Any]:
        """Canonical texts, as a set takes them."""
        lists = self._lists()
        staged = [name for name in members if (lists[name].name if name in lists else name) in self.staged]
        shared = {name: each for key in staged for name, each in definitions_of(members[key])[1].items()}
        texts: dict[str, Any] = {}
        for name, schedule in members.items():
            body, names = definitions_of(schedule)
            if name in staged:
                texts[name] = dict(zip(self.stages, (text for text, _ in _phases(body)), strict=True))
            else:
                texts[name] = str(with_definitions(body, {each: names[each] for each in names if each not in shared}))
        told: dict[str, Any] = {}
        if staged:
            lengths = (length for _, length in _phases(definitions_of(members[staged[0]])[0]))
            told[STAGES] = dict(zip(self.stages, lengths, strict=True))
        told |= self.nested(texts, members)
        for listed in self.lists:
            items = told[listed.name]
            if listed.name in self.staged:
                sizes = zip(self.stages, listed.sizes, strict=True)
                told[listed.name] = {stage: [each[stage] for each in items[:size]] for stage, size in sizes}
        if self.integers:
            told[INTEGERS] = sorted(self.integers)
        if shared:
            told["where"] = {name: Definition(name, value).text() for name, value in shared.items()}
        return told


def _phases(body: Schedule) -> list[tuple[str, str]]:
    """The text and the length of each stage, of a schedule that was made of them."""
    phases = body.phases if isinstance(body, Then) else (body,)
    return [(str(each.body), REST if each.time is None else str(each.time)) for each in phases if isinstance(each, For)]


def _whole(name: str, value: Any, at: str) -> Any:
    """A value as the whole number that it is; of a library of arrays as it is."""
    if not isinstance(value, float):
        return value
    if not value.is_integer():
        raise ScheduleError([_not_whole(name, value, at, None)])
    return int(value)


def not_whole(name: str, bound: Bound) -> Iterator[Diagnostic]:
    """What is wrong with a schedule whose values are to be whole numbers, at the first step at which one is not.

    Of a long run the first steps are looked at, and some of each phase.
    """
    ticks = bound.ticks
    tick = first_not_whole(bound)
    if tick is None:
        tick = next((each for row in ticks.phases for each in _some(row) if not ticks(each).is_integer()), None)
    if tick is not None:
        place = next((row.place for row in reversed(ticks.phases) if row.first <= tick), None)
        yield _not_whole(name, ticks(tick), bound.run.at(tick), place)


def _some(row: Row) -> tuple[int, ...]:
    """Some steps of a phase."""
    last = row.first if row.stop is None else max(row.first, row.stop - 1)
    return row.first, min(row.first + 1, last), (row.first + last) // 2, last


def _not_whole(name: str, value: float, at: str, place: Place | None) -> Diagnostic:
    message = f"`{name}` is to be a whole number, and is {literal(value)} at {at}"
    return Diagnostic.at(place, "E604", message, "round it: `round(…)`, `floor(…)` or `ceil(…)`")
