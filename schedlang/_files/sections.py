"""Sections of config files: schedules beside a `where` whose names they share, as `ScheduleSet.load` takes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import attrs

from .._bound.sets import WHERE, unused_names
from .._bound.stages import STAGES, InFile, Member, Wrong
from .._language.names import definitions_of, free_names, names_in
from .._language.nodes import Name, Schedule
from .._language.parse import parse_with
from .._text.errors import Diagnostic, ScheduleError
from .._text.source import Place
from .._text.spelling import near
from .carried import Carried, Shared
from .formats import Branch, ConfigFile, Leaf, Tree, walk
from .recognizing import Kin
from .staged import InSection, laid_section, rates_of_section
from .values import shared_at


class FoundSchedule(NamedTuple):
    """A schedule in a file, or what is wrong with what should be one."""

    path: tuple[str, ...]
    schedule: Carried | None
    problems: tuple[Diagnostic, ...] = ()  # errors, or warnings alone
    kin: Kin = Kin.OURS
    declared: frozenset[str] = frozenset()  # the names that the file or the settings give a value

    def carried(self) -> Carried:
        """The schedule.

        Raises:
            ScheduleError: with what is wrong, if there is none.
        """
        if self.schedule is None:
            raise ScheduleError(self.problems)
        return self.schedule

    def undeclared(self, schedule: Schedule, given: Collection[str] = ()) -> list[Name]:
        """The free names of what it says to which nothing gives a value, each where it stands first."""
        body, names = definitions_of(schedule)
        free = free_names(schedule) - self.declared - {*given}
        found = (name for node in (body, *names.values()) for name in names_in(node) if name.name in free)
        return list({name.name: name for name in found}.values())


def schedules_of_section(file: ConfigFile, path: tuple[str, ...], branch: Branch) -> Iterator[FoundSchedule]:
    """Everything in a mapping as a schedule, as a `ScheduleSet` takes it, and what is wrong with its `where`."""
    found = [*_laid(file, path, branch)]
    rates = [*_found(path, rates_of_section(InSection(file, path, branch)))]
    yield from [*found, *rates]
    if rates and not found:
        hint = 'give at least one: `{"lr": "cosine"}`'
        problem = Diagnostic("E604", "a set of schedules has no schedule", hint=hint)
        yield FoundSchedule(path, None, (problem.placed(Place(file.source(".".join(path)), branch.span)),))
    section = Section.at(file, path, branch)
    problems = () if section is None else section.problems()
    if problems:
        yield FoundSchedule((*path, WHERE), None, problems)


def members_of_section(
    file: ConfigFile, path: tuple[str, ...], branch: Branch, keys: Collection[str]
) -> list[FoundSchedule]:
    """What stands at some keys of a mapping: schedules, those of lists, and what is made of stages."""
    return [*_laid(file, path, branch, keys)]


def _laid(
    file: ConfigFile, path: tuple[str, ...], branch: Branch, only: Collection[str] | None = None
) -> Iterator[FoundSchedule]:
    laid = laid_section(file, path, branch)
    if laid.problems:
        yield FoundSchedule((*path, STAGES), None, laid.problems)
    yield from _found(path, (each for each in laid.members if only is None or each.path[0] in only))


def _found(path: tuple[str, ...], members: Iterable[Member]) -> Iterator[FoundSchedule]:
    for member in members:
        below = (*path, member.name)
        match member.given:
            case InFile(carried):
                yield FoundSchedule(below, carried, kin=Kin.CONFIG if carried.is_config else Kin.OURS)
            case Wrong(problems):
                yield FoundSchedule(below, None, problems)


@attrs.frozen(eq=False)
class Section:
    """A mapping of a file that has a `where`."""

    file: ConfigFile
    path: tuple[str, ...]
    branch: Branch
    shared: Shared

    @classmethod
    def at(cls, file: ConfigFile, path: tuple[str, ...], tree: Tree) -> Section | None:
        shared = shared_at(file, path, tree)
        return cls(file, path, tree, shared) if shared is not None and isinstance(tree, Branch) else None

    def texts(self) -> Iterator[tuple[str, str]]:
        """What may be schedules, by their keys; in lists, groups and stages, too, and how long those last."""
        for key, _, tree in self.branch.entries:
            if key == WHERE:
                continue
            for path, _, leaf in walk(tree):
                if isinstance(leaf, Leaf) and isinstance(leaf.value, str):
                    yield ".".join((key, *path)), leaf.value

    def is_used(self) -> bool:
        """Whether any text mentions any of the names."""
        return any(self.shared.for_text(text) is not None for _, text in self.texts())

    def is_right(self) -> bool:
        """Whether the names are well defined."""
        try:
            return bool(self.shared.names)
        except ScheduleError:
            return False

    def problems(self) -> tuple[Diagnostic, ...]:
        """What is wrong with the names: with what they stand for, or that no text uses them."""
        try:
            names = self.shared.names
        except ScheduleError as error:
            return error.diagnostics
        members = {}
        unread: set[str] = set()
        for key, text in self.texts():
            try:
                members[key] = parse_with(text, None, names, argument=True)
            except ScheduleError:  # which is told of the text
                unread |= names.keys() if self.shared.for_text(text) is not None else set()
        unused = unused_names(names, members)
        free = {each for schedule in members.values() for each in free_names(schedule)}
        unread |= {name for name in unused if near(name, free)}  # a slip in a text, which is told there
        return tuple(each.placed(self.shared.place) for name, each in unused.items() if name not in unread)
