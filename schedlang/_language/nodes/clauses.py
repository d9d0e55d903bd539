"""The clauses: `for until over skip every repeat`. Each is one rule: what it does to the frame of its body.

A clause is one class decorated with `@clause`. Its fields, declared with `time` and `argument`, are what stands behind
its word. Text, reading, formatting, completion, strategies and what others know of it are derived from that; what it
does not say of itself holds as for its body alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from fractions import Fraction
from itertools import count
from typing import Any, ClassVar, Final, TypeVar, dataclass_transform

import attrs

from ..._text import limits
from ..._text.errors import Diagnostic, Needed, ScheduleError, fail
from ..._text.keywords import CLAUSE_RULES, KEYWORDS
from ..._text.meters import Metered, Unreached, by_steps, length_to, meter_of, several_units, told_of
from ..._text.run import Awaited, Given, as_decimal, tied
from ..clocks import Time, bare, ratio, simplest, untold
from ..frame import Frame, look
from ..program import Cycle, Part, SampledEvery, SampledMetered, Timeline, handed_on, together
from . import base
from .base import BUILD, PARAMETER, Argument, Kind, Names, Parameter, Role, Schedule, below
from .scalars import Name, as_length, as_node, is_metered, length_of, of_steps, or_default, time_text

_ALIKE: Final = 64
"""How many places between two steps are tried at which a copy may begin."""


def time(doc: str, *, role: Role = Role.DURATION, positive: bool = False, absent: str = "") -> Any:
    """A time behind the word of a clause; with `absent`, the word that stands for none, it may be None."""
    metadata = {PARAMETER: Parameter(role, doc, required=not absent, positive=positive, absent=absent)}
    if absent:
        return attrs.field(default=None, converter=or_default(None, as_length), metadata=metadata)
    return attrs.field(converter=as_length, metadata=metadata)


def argument(role: Role, doc: str, *, named: bool = False) -> Any:
    """A number behind the word of a clause that may be left out; `named`: behind a word of its own, its name."""
    metadata = {PARAMETER: Parameter(role, doc, named=named)}
    return attrs.field(default=None, converter=or_default(None, as_node), metadata=metadata)


C = TypeVar("C", bound="Clause")


@dataclass_transform(frozen_default=True, field_specifiers=(time, argument, attrs.field))
def _abstract(cls: type[C]) -> type[C]:
    return attrs.frozen(cls, eq=False, repr=False)


@_abstract
class Clause(Schedule):
    """A body, and what is done to it: abstract. Whatever a clause does not say of itself is as of its body."""

    LEVEL: ClassVar[int] = base.CLAUSE

    WORDS: ClassVar[Mapping[str, str]]
    """Its reserved words, the first its own, each with a line for those who ask what it means."""

    body: Schedule = attrs.field(converter=as_node, metadata=below("what is played"))

    @classmethod
    def word(cls) -> str:
        """The word that stands behind the body."""
        return next(iter(cls.WORDS))

    @classmethod
    def opening(cls) -> list[str]:
        """Those of its words that something has to follow."""
        given = cls.arguments()[1:]
        needed = [cls.word()] if given and (given[0].parameter.required or given[0].parameter.absent) else []
        return needed + [each.name for each in given if each.parameter.named]

    def text(self) -> str:
        words = [self.body.text_at(self.LEVEL), self.word()]
        for each in self.arguments()[1:]:
            value = getattr(self, each.attribute)
            if value is not None:
                words += [each.name, value.text_at(base.SUM)] if each.parameter.named else [value.text_at(base.SUM)]
            elif each.parameter.absent:
                words.append(each.parameter.absent)
        return " ".join(words)

    def bounded(self, names: Names) -> bool:
        return self.body.bounded(names)

    def stops(self, frame: Frame) -> Time | None:
        return self.body.stops(frame)

    def stands_alone(self) -> bool:
        return self.body.stands_alone()


CLAUSES: Final[dict[str, type[Clause]]] = {}
"""Every clause by its word."""


def _in_grammar(argument: Argument) -> str:
    """An argument of a clause as the grammar has it."""
    if argument.parameter.named:
        return f"[_{argument.name.upper()} sum]"
    if argument.parameter.absent:
        return f"({argument.parameter.absent.upper()} | sum)"
    return "sum" if argument.parameter.required else "[sum]"


@dataclass_transform(frozen_default=True, field_specifiers=(time, argument, attrs.field))
def clause(cls: type[C]) -> type[C]:
    """Make a class a clause of the language."""
    words = vars(cls).get("WORDS")
    if not words:
        raise TypeError(f"the clause {cls.__name__} lacks `WORDS`")
    for word in words:
        if word not in KEYWORDS:
            raise TypeError(f"the grammar lacks `{word}`, a word of the clause {cls.__name__}")
    if cls.word() in BUILD:
        raise TypeError(f"the clause `{cls.word()}` is declared twice")
    frozen: type[C] = attrs.frozen(cls, eq=False, repr=False)
    behind = " ".join(map(_in_grammar, frozen.arguments()[1:]))
    if CLAUSE_RULES.get(frozen.word()) != behind:
        rule = f"phase {frozen.word().upper()} {behind}".strip()
        raise TypeError(f"the grammar lacks `{rule}`, the rule of the clause {cls.__name__}")
    CLAUSES[frozen.word()] = BUILD[frozen.word()] = frozen
    return frozen


@clause
class For(Clause):
    """`E for D`: E lasts D, and an open end in it, or `rest`, ends there. `time` is None for `E for rest`.

    >>> from schedlang import parse
    >>> lr = parse("(warmup(2) then cosine) for 6").bind(1000)
    >>> lr(2), lr(6), lr(999)
    (1.0, 0.0, 0.0)
    """

    WORDS: ClassVar[Mapping[str, str]] = {
        "for": "`a for D`: how long a phase lasts; `for rest`: to the end.",
        "rest": "`for rest`: to the end of the run.",
    }

    time: Schedule | None = time("how long", absent="rest")

    def bounded(self, names: Names) -> bool:
        return True

    def stops(self, frame: Frame) -> Time | None:
        return None if self.time is None else frame.reach(frame.start + self._length(frame), self)

    def _length(self, frame: Frame) -> Time:
        assert self.time is not None
        return length_of(self.time, frame, awaited=True)

    def stands_alone(self) -> bool:
        return True

    def lay(self, frame: Frame) -> Part:
        return self.body.lay_out(frame if frame.stop is None else frame.window(frame.stop))

    def stretched(self, factor: Time, frame: Frame) -> Part:
        """The body for `factor` times as long."""
        return self.body.lay_out(frame.window(frame.start + factor * self._length(frame)))


@clause
class Until(Clause):
    """`E until P`: E lasts until a place in the run; if that has passed, E has no length.

    >>> from schedlang import parse
    >>> lr = parse("warmup(10) then hold until 80% then linear to 0").bind(100)
    >>> lr(10), lr(80), lr(90), lr(100)
    (1.0, 1.0, 0.5, 0.0)
    """

    WORDS: ClassVar[Mapping[str, str]] = {"until": "`a until P`: where in the run a phase ends."}

    position: Schedule = time("until where in the run", role=Role.POSITION)

    def bounded(self, names: Names) -> bool:
        return True

    def stops(self, frame: Frame) -> Time | None:
        return frame.reach(frame.origin + self.position.in_steps(frame), self)

    def stands_alone(self) -> bool:
        return False

    def lay(self, frame: Frame) -> Part:
        assert frame.stop is not None
        return self.body.lay_out(frame.window(frame.stop))


@clause
class Over(Clause):
    """`E over D`: E as if D were the whole run: its `%`, `until`, `rest` and open end are D's.

    >>> from schedlang import parse
    >>> lr = parse("(linear(0, 1) for 50% then cosine) over 4").bind(1000)
    >>> lr(1), lr(2), lr(4)
    (0.5, 1.0, 0.0)
    """

    WORDS: ClassVar[Mapping[str, str]] = {"over": "`a over D`: D is the whole run to what stands in front of it."}

    own_run: ClassVar[bool] = True

    time: Schedule = time("what is the whole run to it")

    def bounded(self, names: Names) -> bool:
        return True

    def stops(self, frame: Frame) -> Time | None:
        return frame.start + length_of(self.time, frame)

    def stands_alone(self) -> bool:
        return True

    def lay(self, frame: Frame) -> Part:
        return self.stretched(1, frame)

    def stretched(self, factor: Time, frame: Frame) -> Part:
        """The body over `factor` times as long."""
        length = factor * length_of(self.time, frame)
        end, hundred = frame.start + length, length
        if isinstance(length, Metered) and not length.simple:  # in several units: by steps
            hundred = length_to(end) or bare(end)
            if isinstance(hundred, Metered):
                hundred = hundred.but(Fraction(hundred) - Fraction(hundred.meter.seen(frame.start) or 0))
            else:
                hundred -= bare(frame.start)
        return self.body.lay_out(frame.window(end, origin=frame.start, hundred=hundred))


@clause
class Skip(Clause):
    """`E skip D`: E as if it had begun D earlier, with the same end.

    >>> from schedlang import parse
    >>> lr = parse("linear(10, 0) skip 5 for 5").bind(100)
    >>> lr(0), lr(1), lr(5)
    (5.0, 4.0, 0.0)
    """

    WORDS: ClassVar[Mapping[str, str]] = {"skip": "`a skip D`: as if it had begun D earlier, with the same end."}

    time: Schedule = time("how much of it has already run")

    def _earlier(self, frame: Frame) -> Frame:
        start = frame.start - length_of(self.time, frame)
        if start > frame.start:
            message = f"`{self.time.written()}` leads ahead, to step {as_decimal(start)}, but has to be zero or more"
            fail(self.time.place, "E405", message, "use `max(…, 0)` if it depends on the run")
        return frame.but(start=start)

    def stops(self, frame: Frame) -> Time | None:
        stop = self.body.stops(self._earlier(frame))
        return None if stop is None else max(frame.start, stop)

    def belongs(self, frame: Frame) -> bool:
        # `skip 0` changes nothing, so the parts of its body are asked as they would be without it.
        return self.body.belongs(frame) if length_of(self.time, frame) == 0 else super().belongs(frame)

    def lay(self, frame: Frame) -> Part:
        return self.body.lay_out(self._earlier(frame))


@clause
class Every(Clause):
    """`E every D`: sample and hold: the value E had at the last multiple of D.

    >>> from schedlang import parse
    >>> lr = parse("linear(1, 0) every 5").bind(10)
    >>> lr(0), lr(4), lr(5), lr(10)
    (1.0, 1.0, 0.5, 0.0)
    """

    WORDS: ClassVar[Mapping[str, str]] = {"every": "`a every D`: the value is taken at each multiple of D, and held."}

    time: Schedule = time("how often", positive=True)

    def stops(self, frame: Frame) -> Time | None:
        stop = self.body.stops(frame)
        if stop is None:
            return None
        every = length_of(self.time, frame, positive=True)
        if isinstance(every, Metered):
            seen, until = every.meter.seen(frame.start), every.meter.seen(stop)
            if seen is None or until is None:
                return stop if isinstance(stop, Awaited) else every.after(frame.start)
            if isinstance(stop, Given) and every.simple:  # one of the amounts that it follows from is enough
                every = every.but(every, given=True)
            shown = (every * math.ceil(ratio(until - seen, Fraction(every)))).after(frame.start)
            return shown if meter_of(stop) is every.meter else untold(shown, every.meter)
        # The last sample is shown for as long as the others.
        shown = tied(frame.start + math.ceil(ratio(stop - frame.start, every)) * every, stop)
        return by_steps(shown, meter_of(stop))

    def lay(self, frame: Frame) -> Part:
        every = bare(length_of(self.time, frame, positive=True))
        if isinstance(every, Metered) and not every.simple:
            every.refuse_period()
        body = self.body.lay_out(frame.but(seen=None))  # it is asked at whole steps alone
        if isinstance(every, Metered):
            begin = every.meter.seen(frame.start)
            if begin is None:
                return body  # ahead of a rate that is being followed: nobody asks for more than its start
            size = simplest(Fraction(every))
            return SampledMetered(frame.first, frame.last, self, body=body, meter=every.meter, start=begin, every=size)
        return SampledEvery(frame.first, frame.last, self, body=body, start=bare(frame.start), every=every)


@clause
class Repeat(Clause):
    """`E repeat n stretch s scale c`: E again and again, copy i sⁱ times as long and cⁱ times as high.

    >>> from schedlang import parse
    >>> lr = parse("cosine(1, 0) for 100 repeat stretch 2 scale 0.5").bind()
    >>> lr(0), lr(100), lr(300), lr(700)
    (1.0, 0.5, 0.25, 0.125)
    """

    WORDS: ClassVar[Mapping[str, str]] = {
        "repeat": "`a repeat n`: n times one after the other; without n to the end.",
        "stretch": "`repeat n stretch s`: each copy is s times as long as the one before it.",
        "scale": "`repeat n scale c`: each copy's values are c times those of the one before it.",
    }

    count: Schedule | None = argument(Role.COUNT, "how often; without it, until the window ends")
    stretch: Schedule | None = argument(
        Role.NUMBER, "how many times as long each copy is as the one before", named=True
    )
    scale: Schedule | None = argument(Role.NUMBER, "how many times as high each copy is as the one before", named=True)

    def bounded(self, names: Names) -> bool:
        return self.count is not None

    def copies(self, frame: Frame) -> int | None:
        """How many copies there are; E312, if that isn't a whole number above zero."""
        if self.count is None:
            return None
        if self.count.kind(frame.binding.names) is Kind.DURATION:
            message = f"`{self.count.written()}` is a duration, but a number of copies belongs here"
            fail(self.count.place, "E301", message, "give a whole number: `repeat 5`")
        count = self.count.exact(frame)
        if count < 1 or count.denominator != 1:
            hint = "give a whole number of at least 1, or none to go on until the window ends"
            fail(self.count.place, "E312", f"`repeat` takes a whole number of copies, not {time_text(count)}", hint)
        return int(count)

    def factor(self, frame: Frame) -> Fraction:
        """How many times as long each copy is as the one before; E312, if it can't be."""
        if self.stretch is None:
            return Fraction(1)
        stretch = self.stretch.exact(frame)
        if stretch <= 0:
            message = f"`stretch` has to be above zero, not {time_text(stretch)}"
            fail(self.stretch.place, "E312", message, "use 2 to double")
        if stretch < 1 and self.count is None:
            message = "copies that get shorter and shorter never fill the window"
            fail(self.stretch.place, "E312", message, "say how many: `repeat 5 stretch …`")
        return stretch

    def stops(self, frame: Frame) -> Time | None:
        count = self.copies(frame)
        if count is None:
            return None
        place = None if self.stretch is None else self.stretch.place
        length = self._body_length(frame)
        if isinstance(length, Metered):
            return length.but(together(count, Fraction(length), self.factor(frame), place)).after(frame.start)
        return frame.start + together(count, length, self.factor(frame), place)

    def _body_length(self, frame: Frame) -> Time:
        # E309: without `until` and `rest`, which no repeated body may hold, it is the same wherever the body begins.
        known, key = frame.binding.lengths, (id(self), False, frame.hundred)
        if key not in known:
            meters = frame.binding.run.meters()
            if isinstance(frame.hundred, Metered):  # what a rate follows may have no other
                meters = [frame.hundred.meter, *meters]
            asked = sum(meter.asked for meter in meters)
            length = self.body.stops(frame.but(start=0))
            if length is None:
                raise ScheduleError([no_length(self.body)])
            if asked != sum(meter.asked for meter in meters):
                counted, (_, since) = length_to(length), told_of(length) or (None, -1)
                place, written = self.body.place, self.body.written()
                if counted is None or since != 0:
                    time = Metered.of(meters[0], 1, place=place, written=written)
                    several_units(time, "what is repeated lasts so many of one unit")
                given = length.given if isinstance(length, Unreached) else isinstance(length, Given)
                length = counted.but(counted, given=given, place=place, written=written)
            frame.binding.nodes.append(self)
            known[key] = simplest(length)
        return known[key]

    def stands_alone(self) -> bool:
        return True

    def belongs(self, frame: Frame) -> bool:
        """The copies are asked, not the whole; the first of them decides, as the others begin later."""
        return self.body.belongs(frame)

    def lay(self, frame: Frame) -> Part:
        count, length, stretch = self.copies(frame), self._body_length(frame), self.factor(frame)
        if count is None and length == 0:
            message = f"`{self.body.written()}` has no length in this run, so repeating it never ends"
            fail(self.body.place, "E410", message, "repeat it a number of times: `repeat 5`")
        # `scale` multiplies what a warm-up climbs to, so one that looked at the next copy would climb too low: E311.
        blind = frame.blind or self.scale is not None

        metered = length if isinstance(length, Metered) else None
        if metered is not None:
            metered = metered.but(metered, given=metered.given or isinstance(frame.start, Given))
        given = isinstance(length, Given) and (metered is None or metered.given)
        apart = frame.empty or (given and not isinstance(frame.start, Given))
        seen: dict[tuple[Time, int | None], float | None] = {}

        def lay(begin: Time, index: int, incoming: float, *, final: bool, cut: Time | None) -> Part:
            if metered is None:
                begin = Given(begin) if isinstance(frame.start, Given) or (given and index > 0) else begin
            elif index == 0:
                begin = frame.start
            stop = begin + length if stretch == 1 else begin + length * stretch**index
            left, empty = None if count is None else count - 1 - index, frame.empty and index == 0
            following = None
            if not blind:
                size = None if metered is None else metered * stretch ** (index + 1)
                following = frame.following
                if not final:
                    following = self._next_copy(frame, (begin, stop), stretch, left, size, seen)
            here = frame.but(
                start=begin, stop=stop, cut=cut, empty=empty, incoming=incoming, following=following, blind=blind
            )
            frame.binding.begin_copy()
            try:
                if stretch == 1:
                    return self.body.lay_within(here)
                body = self.body
                while isinstance(body, Name):
                    body = body.definition(frame)
                assert isinstance(body, (For, Over))  # E310
                return body.stretched(stretch**index, here)
            finally:
                frame.binding.copies -= 1

        cycle = Cycle(
            first=frame.first,
            last=frame.last,
            origin=self,
            start=bare(frame.start) if metered is None else metered.meter.seen(frame.start) or 0,
            length=bare(length) if metered is None else simplest(Fraction(length)),
            count=count,
            stretch=stretch,
            scale=1.0 if self.scale is None else self.scale.number(frame),
            incoming=frame.incoming,
            cut=frame.cut,
            apart=int(apart),
            recurs=stretch == 1 and self._recurs(length, frame) and (count is None or not self._climbs(frame, length)),
            most=None if count is None else count - 1,
            lay=lay,
            metered=metered,
        )
        cycle = attrs.evolve(cycle, most=self._last_copy(cycle, frame))
        if isinstance(length, Awaited) and length.is_open(0):  # there is only the first
            return lay(frame.start, 0, frame.incoming, final=count == 1, cut=frame.cut)
        if frame.peek and frame.cut is not None and cycle.index(frame.cut - 1) == 0:
            return cycle.laid(0, None)  # all that a look ahead sees; laying out more would double with every level
        if self.scale is not None:  # E311: a scaled body must state its start
            ahead = frame.ahead(frame.start, frame.looks).but(blind=True)
            if self.body.lay_out(ahead).stated(ahead.first) is None:
                raise ScheduleError([no_start(self.body)])
        # "Repeat is arithmetic": if the end of a copy does not depend on what it is handed, none but those asked for is
        # ever laid out. Else each needs the one before it, and all are laid out now, within E408.
        counted = frame.binding.phases
        frame.binding.count_phase(self.place, phases=0, work=20)
        shortest = 0 if cycle.most is None or stretch >= 1 else cycle.most - 1  # of the copies that hand on
        if cycle.most == 0 or cycle.closed(shortest):
            return cycle
        frame.binding.phases = counted  # the copy laid out to see how it ends does not stay
        return self._copied(cycle, frame)

    def _recurs(self, length: Time, frame: Frame) -> bool:
        """Whether a copy that is as long shows the same wherever it begins."""
        names = frame.binding.names
        if names.of_run(self.body) or is_metered(self.body, frame):
            return False
        step = of_steps(1, self, frame) if names.of_updates(self.body) else None
        # It is moved by whole ticks of the axis: they have to be whole steps as well.
        return step is None or (step.denominator == 1 and length % step == frame.start % step == 0)

    def _last_copy(self, cycle: Cycle, frame: Frame) -> int | None:
        """The last copy that belongs to the window; None: there is no last one."""
        if frame.cut is None or cycle.length == 0:
            return cycle.most
        if cycle.metered is not None and cycle.metered.meter.seen(frame.cut) is None:
            return cycle.most
        index = cycle.index(frame.cut)
        while index > 0 and math.ceil(cycle.begin(index)) == frame.wall and not self._copy_belongs(cycle, frame, index):
            index -= 1
        return index

    def _copy_belongs(self, cycle: Cycle, frame: Frame, index: int) -> bool:
        here = frame.but(start=cycle.begin(index))
        if self.stretch is None:
            return self.body.belongs(here)
        return frame.empty or math.ceil(cycle.begin(index + 1)) == here.first

    def _next_copy(
        self,
        frame: Frame,
        copy: tuple[Time, Time],
        stretch: Fraction,
        left: int | None,
        size: Metered | None,
        seen: dict[tuple[Time, int | None], float | None],
    ) -> Callable[[], float | None]:
        """What the next with a whole step of the copies left behind `copy`, from begin to stop, states as its start.

        `seen` has what was found, by where that one begins and how many are behind it.
        """
        begin, stop = copy

        def next_copy() -> float | None:
            frame.binding.count_phase(self.place, phases=0, work=2)  # it takes as long as laying out two
            further = 1
            if stretch == 1 and length > 0:  # copies shorter than a step: the first that has one, without asking each
                further = int((math.ceil(stop) - begin) // length) if size is None else passed(math.ceil(stop))
            if left is not None and further > left:
                return None if frame.following is None else frame.following()
            at, behind = stop + (further - 1) * length, None if left is None else left - further

            def ahead(place: Time) -> float | None:
                return found(place, behind)

            return look(ahead, at, frame, begin) if isinstance(at, Awaited) else ahead(at)

        def passed(step: int) -> int:
            assert size is not None
            meter = size.meter
            until, since = meter.seen(step), meter.seen(begin)
            return 1 if until is None or since is None else max(1, (until - since) // Fraction(size))

        def found(at: Time, behind: int | None) -> float | None:
            ahead = frame.ahead(at, frame.looks)
            if math.ceil(ahead.start + length) <= ahead.first:
                return None if frame.following is None else frame.following()
            if (at, behind) not in seen:
                start, climbs = self._begins(ahead)
                if climbs:
                    looking, further = frame.but(looks=ahead.looks), None if size is None else size * stretch
                    next_one = self._next_copy(looking, (at, at + length), stretch, behind, further, seen)
                    start = self.body.lay_out(ahead.but(following=next_one)).stated(ahead.first)
                if len(seen) >= limits.PHASES:
                    seen.clear()
                seen[at, behind] = start
            return seen[at, behind]

        length = (stop - begin) * stretch if size is None else size
        return next_copy

    def _begins(self, ahead: Frame) -> tuple[float | None, bool]:
        """What a copy that is looked at states as its start, and whether that depends on the next one's."""
        asked: list[float] = []

        def next_start() -> float:
            asked.append(1.0)
            return asked[0]

        start = self.body.lay_out(ahead.but(following=next_start)).stated(ahead.first)
        if not asked:
            return start, False
        alone = self.body.lay_out(ahead).stated(ahead.first)
        return alone, start != alone

    def _climbs(self, frame: Frame, length: Time) -> bool:
        """Whether where a copy begins depends on where the next one does: then no two of several are alike."""
        known = frame.binding.climbing
        if id(self) not in known:
            counted = frame.binding.phases
            begins = (frame.start + number * length for number in range(1, 1 + min(length.denominator, _ALIKE)))
            with suppress(ScheduleError):  # of a copy that the run may not reach
                known[id(self)] = any(self._begins(frame.ahead(begin, frame.looks))[1] for begin in begins)
            frame.binding.phases = counted
            frame.binding.nodes.append(self)
        return known.setdefault(id(self), False)

    def _copied(self, cycle: Cycle, frame: Frame) -> Part:
        """The copies one by one, as each depends on the value the one before it ends on."""
        if cycle.count is None and cycle.last is None:
            message = f"each copy of `{self.body.written()}` depends on all before it, and there is no end to them"
            fail(self.place, "E401", message, Needed("total_steps", "say how many: `repeat 5`"))
        if cycle.most is not None:
            alike = cycle.steady and cycle.metered is None
            copies, apart = cycle.most + 1, cycle.length.denominator if alike else 1
            whole = -(-copies // apart)  # so many begin at a whole step at most
            frame.binding.foresee(self.place, copies, 2 * copies - whole)
        parts: list[Part] = []
        starts: list[int] = []
        end, incoming = frame.start, frame.incoming
        for index in count() if cycle.most is None else range(cycle.most + 1):
            begin, end = end, cycle.begin(index + 1)
            if type(begin) is not int:  # rationals take several times as long as integers
                frame.binding.count_phase(self.place, phases=0)
            part, last = cycle.made(index, begin, end, incoming)
            parts.append(part)
            starts.append(math.ceil(begin))
            incoming = handed_on(part, last)
        void = frozenset(range(len(parts)) if cycle.length == 0 else ())
        return Timeline(frame.first, frame.last, self, tuple(parts), tuple(starts), (False,) * len(parts), void)


def no_length(body: Schedule) -> Diagnostic:
    """What is wrong with a repeated body that has no length."""
    hint = "say how long it is: `… for 10ep repeat`, or `(…) over 10ep repeat`"
    message = f"`{body.written()}` has no length of its own, so it cannot be repeated"
    return Diagnostic.at(body.place, "E308", message, hint)


def no_start(body: Schedule) -> Diagnostic:
    """What is wrong with a scaled body that states no start."""
    hint = "give it one, for example `cosine(1, 0)` instead of `cosine`"
    message = f"`scale` needs a body that states its start, `{body.written()}` doesn't"
    return Diagnostic.at(body.place, "E311", message, hint)


BUILD["lasting"] = lambda body, length: For(body, as_node(length))  # of None, which is not a length, `for rest`
