"""A document: the schedules in it, and what is wrong with them."""

from __future__ import annotations

import functools
import re
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

import attrs

from ..._bound.bound import Bound
from ..._files.carried import Carried
from ..._files.discovery import may_have_schedules, schedules_in, unknown_names, used_params
from ..._files.formats import ScalarStyle, disjoint
from ..._files.opening import file_of
from ..._files.recognizing import Kin
from ..._files.references import SUFFIXES
from ..._files.rewriting import reformatted
from ..._files.sections import FoundSchedule
from ..._files.settings import Settings
from ..._insight.lint.lint import warnings
from ..._language.nodes import Schedule
from ..._text.errors import Diagnostic, Edit, ScheduleError
from ..._text.source import Span
from .positions import Lines
from .strings import plain_text, python_strings

_SUFFIXES: Final = {"yaml": ".yaml", "json": ".json", "toml": ".toml", "python": ".py", "schedlang": ".sched"}
_KEY: Final = re.compile(r"(?:^|(?<=[\s{,]))[\"']?([\w\-]+)[\"']?\s*[:=]\s*[\"']?")
_CALL: Final = re.compile(r"\bparse\(\s*[rR]?([\"'])((?:(?!\1).)*)$")


class Inside(NamedTuple):
    """A place in a schedule: its text, which may be cut there, the offset, and the schedule if it is a whole one."""

    text: str
    offset: int
    found: FoundSchedule | None


@attrs.frozen(eq=False, slots=False)
class Document:
    """A document as an editor shows it."""

    name: str  # of its file; the ending tells the format
    text: str
    settings: Settings = attrs.field(factory=Settings)
    language: str = ""  # what the editor takes it for, which counts if the ending tells nothing

    @property
    def suffix(self) -> str:
        """The ending of its kind of file; empty if nothing is known of it."""
        suffix = Path(self.name).suffix.lower()
        return suffix if suffix in (*SUFFIXES, ".py", ".sched") else _SUFFIXES.get(self.language, "")

    @functools.cached_property
    def _read(self) -> tuple[tuple[FoundSchedule, ...], tuple[Diagnostic, ...]]:
        name = self.name if Path(self.name).suffix.lower() == self.suffix else self.name + self.suffix
        if self.suffix == ".py":
            return tuple(python_strings(name, self.text)), ()
        if self.suffix == ".sched":
            return tuple(plain_text(name, self.text)), ()
        if not self.suffix or not may_have_schedules(self.text, self.settings):
            return (), ()
        try:
            return tuple(schedules_in(file_of(name, self.text), self.settings)), ()
        except ScheduleError as error:
            return (), error.diagnostics

    @property
    def schedules(self) -> tuple[FoundSchedule, ...]:
        return self._read[0]

    @functools.cached_property
    def diagnostics(self) -> tuple[tuple[Diagnostic, Span], ...]:
        located = [(each, each.span or Span(0, 0)) for each in self._read[1]]
        for schedule in self.schedules:
            leaf = None if schedule.schedule is None else schedule.schedule.leaf
            whole = Span(0, 0) if leaf is None else leaf.span
            located += [(each, (each.span if self._ours(each) else None) or whole) for each in self._wrong(schedule)]
        return tuple(located)

    def _ours(self, diagnostic: Diagnostic) -> bool:
        return diagnostic.source is not None and diagnostic.source.text == self.text

    def _wrong(self, found: FoundSchedule) -> tuple[Diagnostic, ...]:
        carried = found.schedule
        if carried is None or found.problems or found.kin is Kin.CONFIG:
            return found.problems
        try:
            whole = carried.schedule()
            unknown = found.undeclared(whole) if self.suffix in SUFFIXES else ()  # code gives names values itself
            if unknown:
                return tuple(carried.in_file(each) for each in unknown_names(unknown, whole, found.declared))
            schedule: Schedule | Bound = whole
            try:
                schedule = self._bound(found, carried) or schedule
            except ScheduleError as error:
                if self.suffix in SUFFIXES:  # elsewhere the code knows more of the run
                    return tuple(carried.in_file(each) for each in error.diagnostics)
        except ScheduleError as error:
            return error.diagnostics
        return tuple(carried.in_file(each) for each in warnings(schedule, self.settings.ignore))

    def _bound(self, found: FoundSchedule, carried: Carried) -> Bound | None:
        given = carried.untold(self.settings.run_of(found.path))
        if not given:
            return None
        schedule = carried.schedule()
        given["params"] = used_params(schedule, given.get("params", {}))
        return carried.bind(schedule, **given)

    def bound(self, found: FoundSchedule) -> Bound | None:
        """A schedule bound to the run that the settings know; None if there is none, or one that doesn't suit it."""
        try:
            return None if found.schedule is None else self._bound(found, found.schedule)
        except ScheduleError:
            return None

    def formatted(self) -> list[Edit]:
        """Edits that format the schedules; those that are wrong, and numbers and words, stay as they are."""
        edits = []
        for found in self.schedules:
            if found.schedule is None or found.problems:
                continue
            if found.kin is Kin.OURS or "(" in found.schedule.text:
                with suppress(ScheduleError):
                    if self.suffix not in SUFFIXES or not found.undeclared(found.schedule.schedule()):
                        edits.append(reformatted(found.schedule))
        return disjoint(filter(None, edits))

    def fixable(self) -> Iterator[tuple[Diagnostic, Span, tuple[Edit, ...]]]:
        """The mistakes that an edit of this document mends, with their places and that edit."""
        for each, where in self.diagnostics:
            if each.fix and self._ours(each):
                yield each, where, each.fix

    def all_fixes(self) -> list[Edit]:
        """What mends at once as many mistakes as can be mended at once."""
        return disjoint(fix for _, _, fix in self.fixable())

    def inside(self, offset: int) -> Inside | None:
        """The schedule at an offset; if there is none yet, what has been typed of one behind its key."""
        for found in self.schedules:
            leaf = None if found.schedule is None else found.schedule.leaf
            if leaf is None or not leaf.pieces or not isinstance(leaf.value, str) or offset < leaf.pieces[0].start:
                continue
            if offset <= leaf.pieces[-1].end:
                return Inside(leaf.value, bisect_left([piece.end for piece in leaf.pieces], offset + 1), found)
            behind = self.text[leaf.pieces[-1].end : offset]
            if leaf.style in (ScalarStyle.PLAIN, ScalarStyle.LITERAL, ScalarStyle.FOLDED) and not behind.strip(" \t"):
                return Inside(leaf.value + behind, len(leaf.value + behind), found)
        return self._typed(Lines(self.text).line_until(offset))

    def _typed(self, line: str) -> Inside | None:
        if self.suffix == ".py":
            call = _CALL.search(line) if "schedlang" in self.text else None
            return None if call is None else Inside(call[2], len(call[2]), None)
        if self.suffix == ".sched":
            return Inside(line, len(line), None)
        for key in _KEY.finditer(line) if self.suffix in SUFFIXES else ():
            typed = line[key.end() :]
            if self.settings.has_key((key[1],)) and not re.search(r"[\"':]", typed):
                return Inside(typed, len(typed), None)
        return None
