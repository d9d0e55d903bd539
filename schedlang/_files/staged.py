"""Sections of files with stages and lists: where their values stand, and the text that each schedule is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, partial
from typing import Any, TypeVar

import attrs

from .._bound.sets import CLOCK, KEYS, WHERE, names_of, rates_told, reader
from .._bound.stages import REST, STAGES, InFile, Laid, Member, Origin, Path, Staged, Wrong, laid_out
from .._language.names import free_names
from .._language.nodes import Quantity, Schedule
from .._language.parse import parse_argument, parse_with
from .._text.errors import Diagnostic, ScheduleError, fail
from .._text.run import RATES, TOLD, Run
from .._text.source import Place
from .carried import Carried, CarriedByStages, Told
from .formats import Branch, ConfigFile, Leaf, Tree, at, is_finite_number
from .noether import is_config
from .opening import documents_of
from .values import carried_at, cut_text, names_a_class, shared_at

T = TypeVar("T")


class InSection(Origin):
    """A mapping in a file."""

    def __init__(self, file: ConfigFile, path: Path, branch: Branch) -> None:
        self.file = file
        self.path = path
        self.branch = branch
        self.shared = shared_at(file, path, branch)

    @property
    def name(self) -> str:
        return f"{self.file.name}:{'.'.join(self.path)}"

    def place(self, path: Path) -> Place | None:
        parent = at(self.branch, path[:-1])
        spans = [span for key, span, _ in parent.entries if key == path[-1]] if isinstance(parent, Branch) else []
        return Place(self.file.source(".".join((*self.path, *path))), spans[-1]) if spans else None

    def is_text(self, path: Path, value: Any) -> bool:
        tree = at(self.branch, path)
        return isinstance(tree, Branch) and (is_config(tree) or names_a_class(tree))

    def given(self, path: Path, value: Any) -> Any:
        return InFile(self._carried(path))

    def where(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {str(name): self.given((WHERE, str(name)), each) for name, each in value.items()}
        return self._carried((WHERE,)).text if WHERE in [key for key, _, _ in self.branch.entries] else value

    def cut(self, path: Path, value: Any) -> Diagnostic | None:
        tree = at(self.branch, path)
        pieces: list[tuple[Path, Tree]] = []
        if isinstance(tree, Branch):
            pieces += (((*path, key), each) for key, _, each in tree.entries if isinstance(each, Leaf) or each.mapping)
        if tree is not None and (isinstance(tree, Leaf) or tree.mapping):  # a list is its items
            pieces.insert(0, (path, tree))
        found = (cut_text(self.file, (*self.path, *here), each, self._reference(here)) for here, each in pieces)
        cut = next((each for each in found if each is not None), None) or super().cut(path, value)
        return None if cut is None else cut.placed(self.place(path))

    def text(self, member: Member) -> Any:
        return _text_of(member, self)

    def _reference(self, path: Path) -> str:
        return f"{self.file.name}:{'.'.join((*self.path, *path))}"

    def _carried(self, path: Path) -> Carried:
        tree = at(self.branch, path)
        assert tree is not None
        carried = carried_at(self.file, (*self.path, *path), tree, self._reference(path))
        if len(path) == 1 or self.shared is None or path[0] == WHERE:
            return carried
        return attrs.evolve(carried, where=self.shared.for_text(carried.text))

    def rate(self, name: str) -> CarriedRate:
        """The text of a rate."""
        carried = self._carried((name,))
        return CarriedRate(carried.text, carried.name, carried.file, carried.key, carried.leaf, section=self)

    def members(self, keys: Iterable[str]) -> Laid:
        """What stands at some keys, as a set takes it; what is given by stages as the text that it is."""
        laid = laid_out(self.plain, [key for key in keys if key not in (*KEYS, *TOLD)], self.name, self)
        whole = laid.shape.whole
        texts = (attrs.evolve(each, given=_text_of(each, self, each.name in whole)) for each in laid.members)
        return attrs.evolve(laid, members=tuple(texts))

    @cached_property
    def plain(self) -> dict[str, Any]:
        """All that stands in it."""
        return {str(key): value for key, value in plain_of(self.file, self.path, self.branch).items()}

    def names_for(self, text: str) -> dict[str, Schedule]:
        """What the text of a rate may name: what it mentions of the section, and what is shared there."""
        words = re.findall(r"\w+", text)
        members = self.members(key for key in self.plain if key in words).members
        named = names_of((each.name, _schedule_of(each)) for each in members)
        return named if self.shared is None else {**named, **self.shared.names}


@attrs.frozen(eq=False)
class CarriedRate(Carried):
    """The text of a rate in a file, which may name what stands beside it."""

    section: InSection = attrs.field(kw_only=True)

    @property
    def is_rate(self) -> bool:
        return True

    def schedule(self) -> Schedule:
        with self.places():
            return parse_with(self.text, self.name, self.section.names_for(self.text))


def _schedule_of(member: Member) -> Schedule:
    match member.given:
        case InFile(carried):
            return carried.schedule()
        case _:
            raise ScheduleError(member.given.problems)


@attrs.frozen(eq=False, slots=False)
class SectionTold(Told):
    """What a section tells of its run.

    Where nobody says that it is a set, what is no rate of ours is passed by.
    """

    section: InSection
    is_set: bool = True

    @property
    def names(self) -> list[str]:
        return [CLOCK] * (self.clock is not None) + [name for name, _ in self.rates]

    @cached_property
    def rates(self) -> list[tuple[str, Schedule]]:
        """The rates.

        Raises:
            ScheduleError: with what is wrong with any of them.
        """
        names = [key for key, _, _ in self.section.branch.entries if key in RATES]
        return [(name, rate) for name in names for rate in self._of(partial(self._rate, name))]

    @cached_property
    def clock(self) -> str | None:
        """What it counts.

        Raises:
            ScheduleError: if it is none of the units.
        """
        return next(self._of(self._clock), None)

    def _of(self, read: Callable[[], T]) -> Iterator[T]:
        try:
            yield read()
        except ScheduleError:
            if self.is_set:
                raise

    def _rate(self, name: str) -> Schedule:
        rate = self.section.rate(name).schedule()
        if not self.is_set:
            Run(**{name: self.section.plain[name]}) if not isinstance(self.section.plain[name], str) else None
            unused = free_names(rate)
            if unused:
                fail(rate.place, "E402", f"nothing declares the parameter `{next(iter(unused))}`")
        return rate

    def _clock(self) -> str | None:
        try:
            return Run(clock=self.section.plain.get(CLOCK)).clock
        except ScheduleError as error:
            raise ScheduleError([each.placed(self.section.place((CLOCK,))) for each in error.diagnostics]) from None

    def run_with(self, run: Mapping[str, Any]) -> dict[str, Any]:
        others = {name: run[name] for name in TOLD if run.get(name) is not None}
        total = run.get("total_steps")
        asked = (total, *others.items())
        if asked not in self._found:
            try:
                self._found[asked] = rates_told(self.rates, self.clock, others, total, self.section.names_for)
            except ScheduleError as error:
                raise ScheduleError(map(self._in_file, error.diagnostics)) from None
        return {**run, **self._found[asked]}

    def _in_file(self, diagnostic: Diagnostic) -> Diagnostic:
        for name in self.names:
            if name != CLOCK:
                diagnostic = self.section.rate(name).in_file(diagnostic)
        return diagnostic

    @cached_property
    def _found(self) -> dict[Any, dict[str, Any]]:
        return {}


def plain_of(file: ConfigFile, path: Path, branch: Branch) -> Mapping[Any, Any]:
    """A mapping of a file as its format's parser gives it, whose keys are not all texts."""
    for document, tree in zip(documents_of(file.name, file.text), file.documents, strict=False):
        if at(tree, path) is branch:
            for part in path:
                document = _below(document, part)
            if isinstance(document, Mapping):
                return document
    plain: Mapping[Any, Any] = branch.plain()
    return plain


def _below(value: Any, part: str) -> Any:
    if isinstance(value, Mapping):
        return next((each for key, each in value.items() if str(key) == part), None)
    return value[int(part)] if isinstance(value, list) and part.isdecimal() and int(part) < len(value) else None


def laid_section(file: ConfigFile, path: Path, branch: Branch) -> Laid:
    """What a mapping of a file has, as a set takes it; what is given by stages as the text that it is."""
    section = InSection(file, path, branch)
    laid = section.members(section.plain)
    counts = [Member(f"len({name})", (name,), given) for name, given in laid.shape.counts()]
    lengths = [attrs.evolve(each, given=_text_of(each, section, True)) for each in counts]
    told = SectionTold(section)
    return attrs.evolve(laid, members=tuple(_with(told, each) for each in (*laid.members, *lengths)))


def _with(told: Told, member: Member) -> Member:
    match member.given:
        case InFile(carried):
            return attrs.evolve(member, given=InFile(attrs.evolve(carried, told=told)))
    return member


def rates_of_section(section: InSection) -> Iterator[Member]:
    """The rates and the clock that a mapping of a file tells, and what is wrong with them."""
    for name in [key for key, _, _ in section.branch.entries if key in TOLD]:
        try:
            if name != CLOCK:
                yield Member(name, (name,), InFile(section.rate(name)))
            else:
                SectionTold(section).clock  # noqa: B018 - which is checked
        except ScheduleError as error:
            yield Member(name, (name,), Wrong(error.diagnostics))


def told_beside(carried: Carried, path: Path, document: Tree) -> Carried:
    """A text of a file with what the mapping that it stands in tells of its run."""
    section = at(document, path[:-1]) if path else None  # a file may be one config
    if carried.file is None or not isinstance(section, Branch) or not section.mapping:
        return carried
    beside = InSection(carried.file, path[:-1], section)
    read = beside.rate(path[-1]) if path[-1] in RATES else carried
    return attrs.evolve(read, told=SectionTold(beside, is_set=False))


def _text_of(member: Member, origin: InSection, whole: bool = False) -> InFile | Wrong:
    given = member.given
    if isinstance(given, Staged):
        shared = origin.shared
        try:
            composition = given.composed(reader({} if shared is None else shared.names))
        except ScheduleError as error:
            return Wrong(error.diagnostics)
        where = None if shared is None else shared.for_text(composition.text)
        key = ".".join((*origin.path, member.name))
        text = CarriedByStages(
            composition.text, composition.name, origin.file, key, where=where, composition=composition
        )
        given = InFile(text)
    return InFile(attrs.evolve(given.carried, whole=True)) if whole and isinstance(given, InFile) else given


def is_by_stages(section: Branch, tree: Tree) -> bool:
    """Whether what stands in a mapping has a value for one of its stages."""
    stages = section.get(STAGES)
    if not (isinstance(tree, Branch) and tree.mapping and isinstance(stages, Branch) and stages.mapping):
        return False
    names = {name for name, _, _ in stages.entries}
    lengths = (each.value for _, _, each in stages.entries if isinstance(each, Leaf))
    return any(key in names for key, _, _ in tree.entries) and any(map(_is_length, lengths))


def _is_length(value: Any) -> bool:
    try:
        return value == REST or is_finite_number(value) or isinstance(parse_argument(value), Quantity)
    except (ScheduleError, TypeError):
        return False
