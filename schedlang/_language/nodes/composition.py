"""Compositions: `then`, and the clauses `for until over skip every repeat`; and `where`.

Each class holds one rule of the language: what the clause does to the frame of its body.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, ClassVar, NoReturn

import attrs

from ..._text import limits
from ..._text.errors import Diagnostic, ScheduleError, fail
from ..._text.numerals import rounded
from ..._text.run import PERCENT
from ..._text.source import Place
from ..frame import Frame, slim
from ..program import Cycle, Part, Sampled, Timeline, check_stretch, handed_on
from . import base
from .base import PARAMETER, Kind, Names, Operand, Parameter, Role, Schedule, laid, place
from .scalars import LENGTH, NODE, OPTIONAL, RESERVED, TIME, Name, Number, as_node, as_nodes, constant, missing


def _field(role: Role, doc: str, *, positive: bool = False) -> Any:
    read: Any = LENGTH if role in (Role.DURATION, Role.POSITION) else NODE
    return attrs.field(converter=read, metadata={PARAMETER: Parameter(role, doc, required=True, positive=positive)})


def _optional(role: Role, doc: str) -> Any:
    read: Any = TIME if role is Role.DURATION else OPTIONAL
    return attrs.field(default=None, converter=read, metadata={PARAMETER: Parameter(role, doc)})


def length_of(node: Schedule, frame: Frame, positive: bool = False) -> Fraction:
    """The time that a node in a duration's place stands for, in steps.

    Raises:
        ScheduleError: E405, if it is negative, or if it is zero and has to be positive.
    """
    known = frame.binding.lengths
    key = (id(node), positive, frame.hundred)
    if key in known:
        return known[key]
    length = node.in_steps(frame)
    if length < 0 or (positive and length == 0):
        wanted = "above zero" if positive else "zero or more"
        hint = "use `max(…, 1)` if it depends on the run" if positive else "use `max(…, 0)` if it depends on the run"
        if isinstance(node, Name):
            hint = f"give `{node.name}` a longer time"
        fail(node.place, "E405", f"`{node.written()}` is {_shown(length)} steps, but has to be {wanted}", hint)
    known[key] = length
    return length


def _shown(value: Fraction) -> str:
    return str(value) if value.denominator == 1 and abs(value) < 10**15 else rounded(value)


@attrs.frozen(eq=False, repr=False)
class Then(Schedule):
    """`A then B then C`: each phase begins where the one before ends, with the value that one ends on.

    >>> from schedlang import parse
    >>> str(parse("(a for 1 then b for 2) then c"))
    'a for 1 then b for 2 then c'
    """

    LEVEL: ClassVar[int] = base.CHAIN

    phases: tuple[Schedule, ...] = attrs.field(
        converter=as_nodes, metadata={PARAMETER: Parameter(Role.BODY, "the phases", required=True)}
    )

    @classmethod
    def of(cls, *phases: Operand, **place: Any) -> Then:
        """The chain of these phases; a chain among them is taken apart, as `then` is associative."""
        flat: list[Schedule] = []
        for phase in map(as_node, phases):
            flat += phase.phases if isinstance(phase, Then) else (phase,)
        return cls(tuple(flat), **place)

    def text(self) -> str:
        return " then ".join(phase.text_at(base.CLAUSE) for phase in self.phases)

    def bounded(self, names: Names) -> bool:
        return self.phases[-1].bounded(names)

    def length(self, frame: Frame) -> Fraction | None:
        here = frame
        for index, phase in enumerate(self.phases):
            length = phase.length(here)
            if length is None:
                if index == len(self.phases) - 1:
                    return None
                length = _rest(phase, here)
            here = here.but(start=here.start + length)
        return here.start - frame.start

    def belongs(self, frame: Frame) -> bool:
        """The parts are asked, not the whole."""
        here = frame
        for phase in self.phases:
            if phase.belongs(here):
                return True
            length = phase.length(here)
            if length is None:
                return False
            here = here.but(start=here.start + length)
            if here.cut is not None and here.start > here.cut:
                return False
        return False

    def lay(self, frame: Frame) -> Part:
        parts: list[Part] = []
        starts: list[int] = []
        frees: list[bool] = []
        here, free, incoming = frame, False, frame.incoming
        for index, phase in enumerate(self.phases):
            if here.cut is not None and here.start > here.cut:
                break
            last = index == len(self.phases) - 1
            length = phase.length(here)
            if length is None and not last:
                length = _rest(phase, here)
            stop = frame.end if length is None else here.start + length
            if phase.belongs(here):
                here = here.but(stop=stop, following=self._following(frame, index + 1, stop))
                part = laid(phase, here)
                parts.append(part)
                starts.append(here.first)
                frees.append(free)
                ends = None if last else here.last
                if ends is not None:
                    free = part.free(ends) or free
                    incoming = handed_on(part, ends)
            if last or stop is None:
                break
            here = here.but(start=stop, incoming=incoming)
        if not parts:
            return constant(self, frame, frame.incoming, handed=True)
        return Timeline(frame.first, frame.last, tuple(parts), tuple(starts), tuple(frees))

    def _following(self, frame: Frame, index: int, stop: Fraction | None) -> Callable[[], float | None] | None:
        """What the first phase with a length from `index` on, the first begun at `stop`, states as its start."""
        if frame.blind or stop is None:
            return None

        def look() -> float | None:
            at = stop
            for ahead in range(index, len(self.phases)):
                phase, here = self.phases[ahead], _ahead(frame, at)
                length = phase.length(here)
                after = None if length is None else at + length
                if not phase.is_empty(here):
                    further = frame.but(looks=here.looks)
                    return stated(phase, here.but(following=self._following(further, ahead + 1, after)))
                at += length or 0
            return None if frame.following is None else frame.following()

        return look


def _ahead(frame: Frame, at: Fraction) -> Frame:
    """The frame of a look ahead to what begins at an exact place."""
    if frame.looks >= limits.LOOKS:
        too_many_looks()
    end = frame.end
    if end is not None and math.ceil(end) <= math.ceil(at):
        end = at + 1  # what begins there does not depend on whether the run gets so far
    return frame.but(
        start=at,
        end=end,
        cut=Fraction(math.ceil(at) + 1),
        empty=False,
        incoming=math.nan,
        following=None,
        peek=True,
        looks=frame.looks + 1,
    )


def too_many_looks() -> NoReturn:
    """Raise the error for warm-ups that look ahead through warm-ups that look ahead."""
    fail(None, "E408", "too many warm-ups look ahead through one another", "give the warm-ups an `end=`")


def stated(node: Schedule, ahead: Frame) -> float | None:
    """The value a node states as its start; None if its first value depends on the value handed on."""
    part = place(node, ahead)
    return part.at(ahead.first) if part.free(ahead.first) else None


def _rest(phase: Schedule, frame: Frame) -> Fraction:
    """What is left of the window."""
    if frame.end is None:
        missing(phase, PERCENT)
    return max(Fraction(0), frame.end - frame.start)


@attrs.frozen(eq=False, repr=False)
class For(Schedule):
    """`E for D`: E lasts D, and an open end in it, or `rest`, ends there. `length` is None for `E for rest`.

    >>> from schedlang import parse
    >>> lr = parse("(warmup(2) then cosine) for 6").bind(1000)
    >>> lr(2), lr(6), lr(999)
    (1.0, 0.0, 0.0)
    """

    LEVEL: ClassVar[int] = base.CLAUSE

    body: Schedule = _field(Role.BODY, "what is played")
    time: Schedule | None = _optional(Role.DURATION, "how long")

    def text(self) -> str:
        return f"{self.body.text_at(self.LEVEL)} for {'rest' if self.time is None else self.time.text_at(base.SUM)}"

    def bounded(self, names: Names) -> bool:
        return True

    def length(self, frame: Frame) -> Fraction | None:
        return None if self.time is None else length_of(self.time, frame)

    def lay(self, frame: Frame) -> Part:
        return place(self.body, frame if frame.stop is None else frame.window(frame.stop))

    def stretched(self, factor: Fraction, frame: Frame) -> Part:
        """The body for `factor` times as long."""
        assert self.time is not None
        return place(self.body, frame.window(frame.start + factor * length_of(self.time, frame)))


@attrs.frozen(eq=False, repr=False)
class Until(Schedule):
    """`E until P`: E lasts until a place in the run; if that has passed, E has no length.

    >>> from schedlang import parse
    >>> lr = parse("warmup(10) then hold until 80% then linear to 0").bind(100)
    >>> lr(10), lr(80), lr(90), lr(100)
    (1.0, 1.0, 0.5, 0.0)
    """

    LEVEL: ClassVar[int] = base.CLAUSE

    body: Schedule = _field(Role.BODY, "what is played")
    position: Schedule = _field(Role.POSITION, "until where in the run")

    def text(self) -> str:
        return f"{self.body.text_at(self.LEVEL)} until {self.position.text_at(base.SUM)}"

    def bounded(self, names: Names) -> bool:
        return True

    def length(self, frame: Frame) -> Fraction | None:
        return max(Fraction(0), frame.origin + self.position.in_steps(frame) - frame.start)

    def stands_alone(self) -> bool:
        return False

    def lay(self, frame: Frame) -> Part:
        assert frame.stop is not None
        return place(self.body, frame.window(frame.stop))


@attrs.frozen(eq=False, repr=False)
class Over(Schedule):
    """`E over D`: E as if D were the whole run: its `%`, `until`, `rest` and open end are D's.

    >>> from schedlang import parse
    >>> lr = parse("(linear(0, 1) for 50% then cosine) over 4").bind(1000)
    >>> lr(1), lr(2), lr(4)
    (0.5, 1.0, 0.0)
    """

    LEVEL: ClassVar[int] = base.CLAUSE

    body: Schedule = _field(Role.BODY, "what is played")
    time: Schedule = _field(Role.DURATION, "what is the whole run to it")

    def text(self) -> str:
        return f"{self.body.text_at(self.LEVEL)} over {self.time.text_at(base.SUM)}"

    def bounded(self, names: Names) -> bool:
        return True

    def length(self, frame: Frame) -> Fraction | None:
        return length_of(self.time, frame)

    def lay(self, frame: Frame) -> Part:
        return self.stretched(Fraction(1), frame)

    def stretched(self, factor: Fraction, frame: Frame) -> Part:
        """The body over `factor` times as long."""
        length = factor * length_of(self.time, frame)
        inner = frame.but(origin=frame.start, hundred=length)
        return place(self.body, inner.window(frame.start + length))


@attrs.frozen(eq=False, repr=False)
class Skip(Schedule):
    """`E skip D`: E as if it had begun D earlier, with the same end.

    >>> from schedlang import parse
    >>> lr = parse("linear(10, 0) skip 5 for 5").bind(100)
    >>> lr(0), lr(1), lr(5)
    (5.0, 4.0, 0.0)
    """

    LEVEL: ClassVar[int] = base.CLAUSE

    body: Schedule = _field(Role.BODY, "what is played")
    time: Schedule = _field(Role.DURATION, "how much of it has already run")

    def text(self) -> str:
        return f"{self.body.text_at(self.LEVEL)} skip {self.time.text_at(base.SUM)}"

    def bounded(self, names: Names) -> bool:
        return self.body.bounded(names)

    def _earlier(self, frame: Frame) -> Frame:
        return frame.but(start=frame.start - length_of(self.time, frame))

    def stands_alone(self) -> bool:
        return self.body.stands_alone()

    def length(self, frame: Frame) -> Fraction | None:
        begun = self._earlier(frame)
        length = self.body.length(begun)
        return None if length is None else max(Fraction(0), begun.start + length - frame.start)

    def belongs(self, frame: Frame) -> bool:
        return self.body.belongs(frame) if length_of(self.time, frame) == 0 else super().belongs(frame)

    def lay(self, frame: Frame) -> Part:
        return place(self.body, self._earlier(frame))


@attrs.frozen(eq=False, repr=False)
class Every(Schedule):
    """`E every D`: sample and hold: the value E had at the last multiple of D.

    >>> from schedlang import parse
    >>> lr = parse("linear(1, 0) every 5").bind(10)
    >>> lr(0), lr(4), lr(5), lr(10)
    (1.0, 1.0, 0.5, 0.0)
    """

    LEVEL: ClassVar[int] = base.CLAUSE

    body: Schedule = _field(Role.BODY, "what is sampled")
    time: Schedule = _field(Role.DURATION, "how often", positive=True)

    def text(self) -> str:
        return f"{self.body.text_at(self.LEVEL)} every {self.time.text_at(base.SUM)}"

    def bounded(self, names: Names) -> bool:
        return self.body.bounded(names)

    def stands_alone(self) -> bool:
        return self.body.stands_alone()

    def length(self, frame: Frame) -> Fraction | None:
        length = self.body.length(frame)
        if length is None:
            return None
        every = length_of(self.time, frame, positive=True)
        return math.ceil(Fraction(length) / every) * every

    def lay(self, frame: Frame) -> Part:
        every = length_of(self.time, frame, positive=True)
        return Sampled(frame.first, frame.last, place(self.body, frame), frame.start, every, self.written(), self.place)


@attrs.frozen(eq=False, repr=False)
class Repeat(Schedule):
    """`E repeat n stretch s scale c`: E again and again, copy i sⁱ times as long and cⁱ times as high.

    >>> from schedlang import parse
    >>> lr = parse("cosine(1, 0) for 100 repeat stretch 2 scale 0.5").bind()
    >>> lr(0), lr(100), lr(300), lr(700)
    (1.0, 0.5, 0.25, 0.125)
    """

    LEVEL: ClassVar[int] = base.CLAUSE

    body: Schedule = _field(Role.BODY, "what is repeated")
    count: Schedule | None = _optional(Role.COUNT, "how often; without it, until the window ends")
    stretch: Schedule | None = _optional(Role.NUMBER, "how many times as long each copy is as the one before")
    scale: Schedule | None = _optional(Role.NUMBER, "how many times as high each copy is as the one before")

    def text(self) -> str:
        parts = [self.body.text_at(self.LEVEL), "repeat"]
        for word, value in (("", self.count), ("stretch ", self.stretch), ("scale ", self.scale)):
            if value is not None:
                parts.append(word + value.text_at(base.SUM))
        return " ".join(parts)

    def bounded(self, names: Names) -> bool:
        return self.count is not None

    def copies(self, frame: Frame) -> int | None:
        """How many copies there are.

        Raises:
            ScheduleError: E312, if that isn't a whole number above zero.
        """
        if self.count is None:
            return None
        if self.count.kind(frame.binding.names) is Kind.DURATION:
            message = f"`{self.count.written()}` is a duration, but a number of copies belongs here"
            fail(self.count.place, "E301", message, "give a whole number: `repeat 5`")
        count = self.count.exact(frame)
        if count < 1 or count.denominator != 1:
            hint = "give a whole number of at least 1, or none to go on until the window ends"
            fail(self.count.place, "E312", f"`repeat` takes a whole number of copies, not {_shown(count)}", hint)
        return int(count)

    def factor(self, frame: Frame) -> Fraction:
        """How many times as long each copy is as the one before, exactly.

        Raises:
            ScheduleError: E312, if it isn't above zero, or below one without a count.
        """
        if self.stretch is None:
            return Fraction(1)
        stretch = self.stretch.exact(frame)
        if stretch <= 0:
            fail(
                self.stretch.place, "E312", f"`stretch` has to be above zero, not {_shown(stretch)}", "use 2 to double"
            )
        if stretch < 1 and self.count is None:
            message = "copies that get shorter and shorter never fill the window"
            fail(self.stretch.place, "E312", message, "say how many: `repeat 5 stretch …`")
        return stretch

    def _total(self, length: Fraction, count: int, stretch: Fraction) -> Fraction:
        if stretch == 1:
            return count * length
        check_stretch(stretch, count, None if self.stretch is None else self.stretch.place)
        return length * (stretch**count - 1) / (stretch - 1)

    def length(self, frame: Frame) -> Fraction | None:
        count = self.copies(frame)
        if count is None:
            return None
        return self._total(self._body_length(frame), count, self.factor(frame))

    def _body_length(self, frame: Frame) -> Fraction:
        # Without `until` and `rest`, which no repeated body may hold, it is the same wherever the body begins.
        known, key = frame.binding.lengths, (id(self), False, frame.hundred)
        if key not in known:
            length = self.body.length(frame)
            if length is None:
                endless(self.body)
            known[key] = slim(length)
        return known[key]

    def belongs(self, frame: Frame) -> bool:
        """The copies are asked, not the whole; the first of them decides, as the others begin later."""
        return self.body.belongs(frame)

    def lay(self, frame: Frame) -> Part:
        count, length, stretch = self.copies(frame), self._body_length(frame), self.factor(frame)
        if count is None and length == 0:
            message = f"`{self.body.written()}` has no length in this run, so repeating it never ends"
            fail(self.body.place, "E410", message, "repeat it a number of times: `repeat 5`")
        scale = 1.0 if self.scale is None else self.scale.number(frame)

        blind = frame.blind or self.scale is not None

        def lay(begin: Fraction, index: int, incoming: float, final: bool, cut: Fraction | None) -> Part:
            """Copy `index`, as if it began at an exact place."""
            stop = begin + length if stretch == 1 else begin + length * stretch**index
            left = None if count is None else count - 1 - index
            here = frame.but(
                start=begin,
                stop=stop,
                cut=cut,
                empty=frame.empty and index == 0,
                incoming=incoming,
                following=None
                if blind
                else frame.following
                if final
                else self._next_copy(frame, begin, stop, stretch, left),
                blind=blind,
            )
            frame.binding.begin_copy()
            try:
                if stretch == 1:
                    return laid(self.body, here)
                body = self.body
                while isinstance(body, Name):
                    body = body.definition(frame)
                assert isinstance(body, (For, Over))
                return body.stretched(stretch**index, here)
            finally:
                frame.binding.copies -= 1

        cycle = Cycle(
            frame.first,
            frame.last,
            frame.start,
            length,
            count,
            stretch,
            scale,
            frame.incoming,
            frame.cut,
            int(frame.empty),
            None if count is None else count - 1,
            lay,
            self.place,
            self.written(),
        )
        cycle = attrs.evolve(cycle, most=self._last_copy(cycle, frame))
        if frame.peek and frame.cut is not None and cycle.index(frame.cut - 1) == 0:
            return cycle.laid(0, None)  # all that a look ahead sees; laying out more would double with every level
        if self.scale is not None:
            self._check_start(frame)
        counted = frame.binding.phases
        frame.binding.count_phase(self.place, phases=0, work=20)
        if self._is_closed(cycle):
            return cycle
        frame.binding.phases = counted  # the copy laid out to see how it ends does not stay
        return self._copied(cycle, frame)

    @staticmethod
    def _is_closed(cycle: Cycle) -> bool:
        """Whether copies end on the same value whatever they are handed. The shortest one that hands on decides."""
        if cycle.most == 0:
            return True
        shortest = 0 if cycle.most is None or cycle.stretch >= 1 else cycle.most - 1
        return cycle.closed(shortest)

    def _last_copy(self, cycle: Cycle, frame: Frame) -> int | None:
        """The last copy that belongs to the window; None: there is no last one."""
        if frame.cut is None or cycle.length == 0:
            return cycle.most
        index = cycle.index(frame.cut)
        while index > 0 and math.ceil(cycle.begin(index)) == frame.wall and not self._copy_belongs(cycle, frame, index):
            index -= 1
        return index

    def _copy_belongs(self, cycle: Cycle, frame: Frame, index: int) -> bool:
        here = frame.but(start=cycle.begin(index))
        if self.stretch is None:
            return self.body.belongs(here)
        return frame.empty or here.steps(cycle.begin(index + 1) - here.start) == 0

    def _next_copy(
        self, frame: Frame, begin: Fraction, stop: Fraction, stretch: Fraction, left: int | None
    ) -> Callable[[], float | None]:
        """What the next copy with a whole step states as its start, if there is one among those that are left.

        `begin` and `stop` are those of the copy before.
        """

        def look() -> float | None:
            frame.binding.count_phase(self.place, phases=0, work=2)  # it takes as long as laying out two
            further, length = 1, (stop - begin) * stretch
            if stretch == 1 and length > 0:
                further = int((math.ceil(stop) - begin) // length)
            ahead = _ahead(frame, stop + (further - 1) * length)
            if ahead.steps(length) > 0 and (left is None or further <= left):
                return stated(self.body, ahead)
            return None if frame.following is None else frame.following()

        return look

    def _check_start(self, frame: Frame) -> None:
        """A scaled body must state its start."""
        ahead = _ahead(frame, frame.start).but(blind=True)
        if stated(self.body, ahead) is None:
            raise ScheduleError([no_start(self.body)])

    def _copied(self, cycle: Cycle, frame: Frame) -> Part:
        """The copies one by one, as each depends on the value the one before it ends on."""
        if cycle.count is None and cycle.last is None:
            message = f"each copy of `{self.body.written()}` depends on all before it, and there is no end to them"
            fail(self.place, "E401", message, "bind the schedule with `total_steps=…`, or say how many: `repeat 5`")
        parts: list[Part] = []
        starts: list[int] = []
        index, begin, incoming = 0, frame.start, frame.incoming
        while cycle.most is None or index <= cycle.most:
            end = cycle.begin(index + 1)
            if begin.denominator != 1:  # rationals take several times as long as integers
                frame.binding.count_phase(self.place, phases=0)
            part, last = cycle.made(index, begin, end, incoming)
            parts.append(part)
            starts.append(math.ceil(begin))
            incoming = handed_on(part, last)
            index, begin = index + 1, end
        return Timeline(frame.first, frame.last, tuple(parts), tuple(starts), (False,) * len(parts))


def no_length(body: Schedule) -> Diagnostic:
    """What is wrong with a repeated body that has no length."""
    hint = "say how long it is: `… for 10ep repeat`, or `(…) over 10ep repeat`"
    message = f"`{body.written()}` has no length of its own, so it cannot be repeated"
    return Diagnostic.at(body.place, "E308", message, hint)


def endless(body: Schedule) -> NoReturn:
    """Raise the error for a repeated body that has no length."""
    raise ScheduleError([no_length(body)])


def no_start(body: Schedule) -> Diagnostic:
    """What is wrong with a scaled body that states no start."""
    hint = "give it one, for example `cosine(1, 0)` instead of `cosine`"
    message = f"`scale` needs a body that states its start, `{body.written()}` doesn't"
    return Diagnostic.at(body.place, "E311", message, hint)


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

    body: Schedule = _field(Role.BODY, "what is played")
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
                fail(None, "E207", f"`{name}` cannot be a name", f"choose another name, for example `{name}_value`")
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
        return laid(self.body, frame)
