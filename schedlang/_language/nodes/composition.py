"""What holds phases together: `then`, and `where` around a whole text."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeAlias

import attrs

from ..._text.errors import fail
from ..._text.run import PERCENT, Awaited
from ..._text.source import Place
from ..clocks import Time
from ..frame import Frame, look
from ..program import Part, Timeline, handed_on
from . import base
from .base import BUILD, Names, Operand, Schedule, below
from .scalars import RESERVED, Number, as_node, as_nodes, constant, missing, renamed

_Sight: TypeAlias = tuple[int, Time, int]
"""From where a warm-up looks: the number of a phase, where it begins, and how many looks led there."""


@attrs.frozen(eq=False, repr=False)
class Then(Schedule):
    """`A then B then C`: each phase begins where the one before ends, with the value that one ends on.

    >>> from schedlang import parse
    >>> str(parse("(a for 1 then b for 2) then c"))
    'a for 1 then b for 2 then c'
    """

    LEVEL: ClassVar[int] = base.CHAIN

    phases: tuple[Schedule, ...] = attrs.field(converter=as_nodes, metadata=below("the phases"))

    @classmethod
    def of(cls, *phases: Operand, **place: Any) -> Then:
        """The chain of these phases; a chain among them is taken apart, as `then` is associative."""
        flat: list[Schedule] = []
        for each in phases:
            phase = each if isinstance(each, Schedule) else as_node(each)
            flat += phase.phases if isinstance(phase, Then) else (phase,)
        return cls(tuple(flat), **place)

    def text(self) -> str:
        return " then ".join(phase.text_at(base.CLAUSE) for phase in self.phases)

    def bounded(self, names: Names) -> bool:
        return self.phases[-1].bounded(names)

    def stops(self, frame: Frame) -> Time | None:
        here = frame
        for phase in self.phases[:-1]:
            stop = phase.stops(here)
            here = here.but(start=_rest(phase, here) if stop is None else stop)
        return self.phases[-1].stops(here)

    def belongs(self, frame: Frame) -> bool:
        # "What belongs to a window" holds for each phase: one of them is enough.
        here = frame
        for phase in self.phases:
            if phase.belongs(here):
                return True
            stop = phase.stops(here)
            if stop is None:
                return False
            here = here.but(start=stop)
            if here.cut is not None and here.start > here.cut:
                return False
        return False

    def lay(self, frame: Frame) -> Part:
        parts: list[Part] = []
        starts: list[int] = []
        frees: list[bool] = []
        void: list[int] = []
        begin, free, incoming = frame.start, False, frame.incoming
        here = frame
        seen: dict[_Sight, float | None] = {}
        for number, phase in enumerate(self.phases, 1):
            # A phase is cut by every window around it, and nothing behind the first of their ends is laid out.
            if frame.cut is not None and begin > frame.cut:
                break
            last = number == len(self.phases)
            # "Time is rational": the exact end is the next start, rounded only where a part meets the whole steps.
            stop = phase.stops(here)
            if stop is None:
                stop = frame.end if last else _rest(phase, here)
            # Nearly every phase begins inside of all windows; the rule for those that don't takes a walk through them.
            if here.wall is None or here.first < here.wall or phase.belongs(here):
                here = here.but(stop=stop, following=self._following(frame, number, (begin, stop), frame.looks, seen))
                if here.seen is not None and here.last == here.first and not last:
                    here = here.but(seen=None)  # looking ahead passes what has no whole step, but for the end of it
                part = phase.lay(here) if here.binding.watch is None else phase.lay_within(here)
                parts.append(part)
                starts.append(here.first)
                frees.append(free)
                if stop == begin:
                    void.append(len(frees) - 1)
                if not last and here.last is not None:
                    incoming = handed_on(part, here.last)
                    free = free or part.free(here.last)
            if last or stop is None or (isinstance(stop, Awaited) and stop.is_open(begin)):
                break  # what follows an event that is not known yet does not play
            begin = stop
            here = frame.but(start=begin, incoming=incoming)
        if not parts:
            return constant(self, frame, frame.incoming, handed=True)
        facts = tuple(parts), tuple(starts), tuple(frees), frozenset(void)
        return Timeline(frame.first, frame.last, self, *facts)

    def _following(
        self, frame: Frame, index: int, before: tuple[Time, Time | None], looks: int, seen: dict[_Sight, float | None]
    ) -> Callable[[], float | None] | None:
        """What the first phase with a length from `index` on states as its start; `before`: from where to where the
        phase before `index` lasts.

        `seen` has what was found, from each phase that was passed: many looks pass the same.
        """
        since, begin = before
        if frame.blind or begin is None:
            return None

        def ahead(at: Time) -> float | None:
            passed, found = [], None
            for number in range(index, len(self.phases)):
                if (number, at, looks) in seen:
                    found = seen[number, at, looks]
                    break
                passed.append((number, at, looks))
                phase, here = self.phases[number], frame.ahead(at, looks)
                after = phase.stops(here)
                # "What a warm-up climbs to": phases without a whole step are passed.
                if after is None or math.ceil(after) > here.first:
                    following = self._following(frame, number + 1, (at, after), here.looks, seen)
                    stop = here.end if after is None else after
                    there = here.but(stop=stop, following=following)
                    part = phase.lay(there) if there.binding.watch is None else phase.lay_within(there)
                    found = part.stated(there.first)
                    break
                at = after
            else:
                found = None if frame.following is None else frame.following()
            seen.update(dict.fromkeys(passed, found))
            return found

        return (lambda: look(ahead, begin, frame, since)) if isinstance(begin, Awaited) else (lambda: ahead(begin))


def _rest(phase: Schedule, frame: Frame) -> Time:
    """Where the window ends."""
    if frame.end is None:
        missing(phase, PERCENT, frame.binding.run)
    return max(frame.start, frame.end)  # a chain may be past the end of its window: it is cut, not refused


@attrs.frozen
class Definition:
    """`name = value` behind `where`."""

    name: str
    value: Schedule = attrs.field(converter=as_node)
    place: Place | None = attrs.field(default=None, kw_only=True, eq=False, repr=False)

    def text(self) -> str:
        """The value as canonical text; the point of `1.0`, which decides what it may be, stays."""
        ambiguous = isinstance(self.value, Number) and self.value.is_ambiguous()
        return "1.0" if ambiguous else self.value.text_at(base.CHAIN)


@attrs.frozen(eq=False, repr=False)
class Where(Schedule):
    """`E where name = value, …`: names for numbers, lengths of time and whole schedules; the outermost node of a text.

    >>> from schedlang import cosine, parse
    >>> str(cosine("peak", 0).where(peak=3e-4))
    'cosine(peak, 0) where peak = 3e-4'
    """

    LEVEL: ClassVar[int] = 0
    outermost: ClassVar[bool] = True

    body: Schedule = attrs.field(converter=as_node, metadata=below("what is played"))
    definitions: tuple[Definition, ...] = ()

    @classmethod
    def of(cls, body: Operand, definitions: Mapping[str, Operand]) -> Where:
        """The body with these definitions; those it already has stay in front.

        Raises:
            ScheduleError: E203 for no definition, E207 for a name that already means something.
        """
        node = body if isinstance(body, Where) else as_node(body)
        if not definitions:
            fail(None, "E203", "`where` needs a definition", "write `.where(peak=3e-4)`")
        for name in definitions:
            if name in RESERVED or not (name.isidentifier() and name.isascii()):
                fail(None, "E207", f"`{name}` cannot be a name", renamed(name))
        given = tuple(Definition(name, value) for name, value in definitions.items())
        if isinstance(node, Where):
            return cls(node.body, (*node.definitions, *given))
        return cls(node, given)

    def text(self) -> str:
        definitions = ", ".join(f"{each.name} = {each.text()}" for each in self.definitions)
        return f"{self.body.text_at(base.CHAIN)} where {definitions}"

    def names(self) -> dict[str, Schedule]:
        """The definitions by name."""
        return {each.name: each.value for each in self.definitions}

    def lay(self, frame: Frame) -> Part:
        return self.body.lay_within(frame)


BUILD.update({"then": Then.of, "where": Where.of})
