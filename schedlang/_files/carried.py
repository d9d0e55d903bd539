"""What is known of a schedule's text that was read from somewhere: the file, and where in it each character stands."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs

from .._bound.bind import bind
from .._bound.bound import Bound
from .._bound.sets import WHERE, defined_again, shared_names
from .._bound.stages import Composition, InFile, not_whole
from .._language.nodes import Schedule
from .._language.parse import parse, parse_with
from .._text.errors import Diagnostic, ScheduleError
from .._text.source import Place

if TYPE_CHECKING:  # a text of the command line is carried too, and needs no formats
    from .formats import ConfigFile, Leaf


class Told(ABC):
    """What a section of a file tells of its run, as a set does."""

    @property
    @abstractmethod
    def names(self) -> list[str]:
        """What it tells: rates, and what is counted."""

    @abstractmethod
    def run_with(self, run: Mapping[str, Any]) -> dict[str, Any]:
        """That, and what else is told of the run.

        Raises:
            ScheduleError: if both tell it, and with what is wrong with any of it.
        """


@attrs.frozen(eq=False)
class Carried:
    """The text of a schedule, and the file it stands in."""

    text: str
    name: str | None = None  # what it is called: `train.yaml:optim.lr`, or None for a text that comes from no file
    file: ConfigFile | None = None
    key: str | None = None  # in the file
    leaf: Leaf | None = None  # the value in the file; None if it isn't known where that is
    where: Shared | None = None  # what stands beside it under `where`, if it uses any of that
    notes: tuple[Diagnostic, ...] = ()  # warnings about a config
    whole: bool = False  # whether its values are to be whole numbers
    told: Told | None = None  # what the section tells of its run

    @property
    def is_config(self) -> bool:
        """Whether the file has no text there, but a config of another system, which means the same."""
        return self.file is not None and self.leaf is None

    @property
    def is_rate(self) -> bool:
        """Whether it is what a section tells of its run, and nothing that is scheduled."""
        return False

    @property
    def place(self) -> Place | None:
        """Where the value stands in the file, if that is known."""
        return None if self.file is None or self.leaf is None else Place(self.file.source(self.key), self.leaf.span)

    def schedule(self) -> Schedule:
        """The schedule that the text means, with the names beside it that it uses.

        Raises:
            ScheduleError: with whatever is wrong with the text and those names.
        """
        with self.places():
            if self.where is None:
                return parse(self.text, name=self.name)
            schedule = parse_with(self.text, self.name, self.where.names)
            again = defined_again(str(self.name), schedule, self.where.names)
            if again:
                raise ScheduleError([each.placed(self.place) for each in again])
            return schedule

    def bind(self, schedule: Schedule, **run: Any) -> Bound:
        """What it means bound to a run.

        Raises:
            ScheduleError: with what is wrong with the run, or with values that are not whole.
        """
        run = self.run_with(run)
        with self.places():
            bound = bind(schedule, **run)
            problems = [*not_whole((self.key or "").rpartition(".")[2], bound)] if self.whole else []
            if problems:
                raise ScheduleError(problems)
            return bound

    def run_with(self, run: Mapping[str, Any]) -> dict[str, Any]:
        """What is told of the run elsewhere, and beside the text."""
        return {**run} if self.told is None else self.told.run_with(run)

    def untold(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Of what is told of the run of many that which nothing beside the text tells of its own."""
        told = self.told.names if self.told is not None and settings else ()
        return {name: value for name, value in settings.items() if name not in told}

    def alone(self) -> str:
        """A text that means the same alone."""
        return self.text if self.where is None else str(self.schedule())

    @contextmanager
    def places(self) -> Iterator[None]:
        """Let errors in the text point into the file."""
        try:
            yield
        except ScheduleError as error:
            raise ScheduleError([self.in_file(diagnostic) for diagnostic in error.diagnostics]) from None

    def in_file(self, diagnostic: Diagnostic) -> Diagnostic:
        """A diagnostic of the text as one of the file, its fix too."""
        source, file, leaf = diagnostic.source, self.file, self.leaf
        if file is None or leaf is None or source is None or (source.text, source.name) != (self.text, self.name):
            return diagnostic if self.where is None else self.where.in_file(diagnostic)
        cut = file.cut_at_comment(leaf, diagnostic, self.key)
        if cut is not None:
            return cut
        span = None if diagnostic.span is None else leaf.place(diagnostic.span)
        fixed = diagnostic.fixed()
        fix = None
        if fixed is not None and diagnostic.fix is not None and isinstance(leaf.value, str):
            fix = file.edits(leaf, diagnostic.fix, fixed)
        return attrs.evolve(diagnostic, span=span, source=file.source(self.key), fix=fix)


@attrs.frozen(eq=False)
class CarriedByStages(Carried):
    """The text that the stages of a hyperparameter make, in a file."""

    composition: Composition = attrs.field(kw_only=True)

    @property
    def is_config(self) -> bool:
        return False

    def in_file(self, diagnostic: Diagnostic) -> Diagnostic:
        found = self.composition.original(diagnostic)
        return found if found is not diagnostic else Carried.in_file(self, diagnostic)


@attrs.frozen(eq=False, slots=False)
class Shared:
    """What stands under the key `where` of a section: names that its texts share, as in a `ScheduleSet`."""

    name: str  # `train.yaml:optim.where`
    given: Any  # a text, or a mapping from names to what is carried; something else, if it is wrong
    place: Place | None = None  # of the key

    @cached_property
    def names(self) -> dict[str, Schedule]:
        """What the names stand for.

        Raises:
            ScheduleError: with whatever is wrong with any of them.
        """
        texts = self.given
        if isinstance(texts, Mapping):
            texts = {name: InFile(each) if isinstance(each, Carried) else each for name, each in texts.items()}
        try:
            return shared_names(texts, self.name.removesuffix(f".{WHERE}"))
        except ScheduleError as error:
            raise ScheduleError([each.placed(self.place) for each in error.diagnostics]) from None

    @property
    def keys(self) -> set[str]:
        """How the names are spelt, right or wrong."""
        return set(self.given if isinstance(self.given, Mapping) else re.findall(r"(\w+)\s*=", str(self.given)))

    def for_text(self, text: str) -> Shared | None:
        """These, if a text mentions any of them."""
        return None if self.keys.isdisjoint(re.findall(r"\w+", re.sub(r"#[^\n]*", "", text))) else self

    def in_file(self, diagnostic: Diagnostic) -> Diagnostic:
        carried = self.given.values() if isinstance(self.given, Mapping) else ()
        for each in carried:
            if isinstance(each, Carried) and diagnostic.source is not None and diagnostic.source.name == each.name:
                return each.in_file(diagnostic)
        return diagnostic
