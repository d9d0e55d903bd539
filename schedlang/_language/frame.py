"""Frames: where a node stands while it is laid out on the axis of steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NoReturn

import attrs

from .._text import limits
from .._text.errors import fail
from .._text.meters import Meter, Metered, Reached, Unreached, length_to
from .._text.run import STEP, Awaited, Given, Run, depends_on
from .._text.source import Place
from .clocks import (
    Clock,
    FixedClock,
    IntervalClock,
    MeteredClock,
    MeteredIntervalClock,
    MeteredRampClock,
    MeteredRateClock,
    MeteredStepwiseClock,
    RampClock,
    RateClock,
    StepwiseClock,
    Time,
    bare,
    metered,
)

if TYPE_CHECKING:
    from .nodes.base import Names, Schedule
    from .program import Part

_WORK: Final = limits.PHASES + limits.PHASES // 4
"""How much work laying out may be: one for a phase, kept or only laid out to see how it ends, more for a `repeat`."""

_EXPANSIONS: Final = 5 * limits.PHASES // 2
"""How often the definition of a name is entered, asking for lengths included, before a text counts as too large.

From a place that is not whole it counts four times, as rationals take their time."""


_PARTS: Final = 10**6
"""Into how many parts the ticks of a clock may be divided, so that its places are at ticks."""

_LOOKED: Final = 1_000_000
"""How far a look ahead looks for where an event may come, in a run without an end."""


CLIMBS: Final = "what it climbs to depends on where that begins: give the warm-up an `end`"
"""What to do about a warm-up that looks ahead to what begins when an event comes."""


class Binding:
    """What all frames of one binding share: the run, the names, and how much has been laid out.

    Once it is `sealed`, the counts begin anew for each copy of a repeated body that is laid out: they come and go.

    `lengths`, `sharing` and `climbing` have what is known by the `id` of a node. `nodes` owns those nodes: an id is
    given anew once its object is gone.
    """

    def __init__(self, run: Run, names: Names, total: Time | None = None) -> None:
        self.run = run
        self.total = run.total_steps if total is None else total
        if run.grid > 1 and self.total is not None:
            self.total = self.total * run.grid
        self.names = names
        self.numbers: dict[str, float] = {}
        self.exact: dict[str, Fraction] = {}
        self.of_whole_numbers: dict[str, bool] = {}
        self.memo: dict[tuple[bool, str, Time | None], Time] = {}
        self.lengths: dict[tuple[int, bool, Time | None], Time] = {}
        self.sharing: dict[tuple[Hashable, ...], int] = {}
        self.climbing: dict[int, bool] = {}
        self.nodes: list[Schedule] = []
        self.phases = self.work = self.copies = 0
        self.sealed = self.looked = False
        self.exactly = run.clock is not None  # whether each place is where it is, and not at a first whole step
        self.parts = 0 if run.grid == 1 else 1  # into how many parts places divide a tick; 0: no matter
        # Events that come, and after which share of what is left of the window.
        self.rehearsal: dict[str, Fraction] = {}
        self.expansions = 0
        self.watch: Callable[[Schedule, Frame, Part], None] | None = None

    def placed(self, time: Time) -> Time:
        """A time as the axis has it: on that of another clock than steps each is where it is."""
        if not self.exactly or isinstance(time, (int, Given)):
            return time
        if self.parts and (parts := math.lcm(self.parts, time.denominator)) < _PARTS:
            self.parts = parts
        return time.numerator if time.denominator == 1 else Given(time)

    def begin_copy(self) -> None:
        """Before a copy is laid out; set `copies` back by one after it."""
        if self.sealed and self.copies == 0:
            self.phases = self.work = self.expansions = 0
        self.copies += 1

    def count_phase(self, place: Place | None, phases: int = 1, work: int = 1) -> None:
        """Raise E408 once more phases have been laid out than the language allows, or they took too much work."""
        self.phases += phases
        self.work += work
        self.foresee(place)

    def foresee(self, place: Place | None, phases: int = 0, work: int = 0) -> None:
        """Raise E408 if so many phases more, at least, and so much work, would be too much: before it is done."""
        if self.phases + phases > limits.PHASES or self.work + work > _WORK:
            hint = "give the repeated body a start and an end of its own, so that its copies need not be told apart"
            fail(place, "E408", f"more than {limits.PHASES} phases", hint)

    def count_expansion(self, place: Place | None, times: int) -> None:
        """Raise E408 once names have been expanded more often than a text of bounded cost can need."""
        self.expansions += times
        if self.expansions > _EXPANSIONS:
            fail(place, "E408", "the definitions behind `where` expand to too much", "use each name fewer times")


@attrs.frozen(slots=False)
class Frame:
    """Where a node stands.

    Attributes:
        binding: what is shared.
        origin: where "the run" begins; places behind `until` count from here.
        hundred: how long "the run" is: its 100 %. None: unknown.
        start: where the node begins, exactly.
        end: where the innermost window ends, exactly. None: never.
        cut: where the first of all enclosing windows ends, exactly. None: never.
        incoming: the value handed on by the phase before; NaN in a look ahead.
        stop: where the node ends, exactly: after its own length, or if it has none with the window. None: never.
        empty: whether the innermost window has no whole step.
        following: asks for the value that what follows the phase states as its start.
        blind: inside a body with `scale`, where warm-ups look nowhere.
        peek: a look ahead: only the last whole step before `wall` matters, and ramps show their start at their first.
        seen: the place that is looked at, if it lies before that step: between two.
        looks: how many looks ahead led here.
        first: the first whole step at or past the start.
        last: the whole step at which the node is over: its own, or where a window cuts it.
        wall: the first whole step that some enclosing window does not reach.
    """

    binding: Binding
    origin: Time
    hundred: Time | None
    start: Time
    end: Time | None
    cut: Time | None
    incoming: float
    stop: Time | None = None
    empty: bool = False
    following: Callable[[], float | None] | None = None
    blind: bool = False
    peek: bool = False
    seen: Time | None = None
    looks: int = 0
    first: int = attrs.field(init=False)
    last: int | None = attrs.field(init=False)
    wall: int | None = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        _settle(self.__dict__)

    @classmethod
    def of_run(cls, binding: Binding) -> Frame:
        """The frame of the whole run: its window is the run, which begins at step 0 with `base`."""
        total = binding.total
        hundred = None if total is None else total.numerator if total.denominator == 1 else binding.placed(total)
        end = hundred
        if isinstance(total, Metered):
            hundred, end = total, 0 + total
        elif isinstance(total, Given | Reached) and (counted := length_to(total)):
            hundred, end = counted, total
        return cls(binding, origin=0, hundred=hundred, start=0, end=end, cut=end, incoming=binding.run.base, stop=end)

    def but(self, **changes: Any) -> Frame:
        """This frame with some attributes changed: `attrs.evolve`, ten times as fast, as every phase needs some."""
        frame = Frame.__new__(Frame)
        facts = frame.__dict__
        facts.update(self.__dict__)
        facts.update(changes)
        _settle(facts)
        return frame

    @property
    def over(self) -> Time | None:
        """Where the node is over, exactly: by itself, or where a window cuts it. None: never."""
        return self.cut if self.stop is None or (self.cut is not None and self.cut < self.stop) else self.stop

    def ramp(self, stop: Time, inclusive: str | None = None, step: Time | None = None) -> Clock:
        """The clock of a ramp from the frame's start to a place: from boundary to boundary.

        `step`: how long an optimizer step is, on an axis of something else.
        """
        meter = stop.meter if isinstance(stop, Reached) else None
        # Looked at where it begins, a ramp shows its start, wherever that is between two steps.
        exact = inclusive == "exact" and (self.beyond_start or isinstance(self.start, Given))
        if meter is not None and (inclusive is None or exact):
            return self._metered_ramp(meter, stop, exact)
        if isinstance(stop, Unreached) and self.beyond_start:
            return metered(MeteredRampClock, stop.meter, self.first, self.first, None)
        if isinstance(stop, Awaited) and self.beyond_start:
            depends_on(stop, "say how long it is, apart from where it is broken off: `… over 100%`")
        if inclusive is not None and not exact:
            shown = "left" if self.peek else inclusive
            if isinstance(step, Metered):
                start, end = step.meter.seen(self.start), step.meter.seen(stop)
                assert start is not None and end is not None
                ramp = RampClock.showing(math.ceil(end) - math.ceil(start), shown)
                return MeteredStepwiseClock(step.meter, self.first, start, 1, ramp, bare(end) - bare(start))
            if step is not None:
                steps = math.ceil(stop / step) - math.ceil(self.start / step)
                lasts = math.ceil(stop) - self.first
                return StepwiseClock.of(RampClock.showing(steps, shown), bare(self.first - self.start), step, lasts)
            return RampClock.showing(math.ceil(stop) - self.first, shown)
        begin = self.start if exact or isinstance(self.start, Given) else self.first
        end = stop if exact or isinstance(stop, Given) else math.ceil(stop)
        if isinstance(begin, int) and isinstance(end, int):
            return RampClock(end - begin)
        return RampClock.exact(end - begin, self.first - begin)

    def _metered_ramp(self, meter: Meter, stop: Time, exact: bool) -> Clock:
        """The clock of a ramp that goes by a unit whose rate changes, as its length was given in that."""
        begin = self.start if exact or isinstance(self.start, Given) else self.first
        given = exact or (stop.given if isinstance(stop, Unreached) else isinstance(stop, Given))
        since, until = meter.seen(begin), None
        if given:
            until = meter.seen(stop)
        elif not isinstance(stop, Unreached):  # at its first whole step
            until = meter.seen(math.ceil(stop))
        size = None if since is None or until is None else until - since
        return metered(MeteredRampClock, meter, self.first, begin, size)

    def rate(self, unit: Time) -> Clock:
        """The clock of a formula that begins at the frame's start, in units of time."""
        if isinstance(unit, Metered):
            return self._counting(MeteredRateClock, unit, self.start if isinstance(self.start, Given) else self.first)
        return RateClock(unit, self.offset())

    def intervals(self, every: Time, since: Time | None = None) -> Clock:
        """The clock that counts whole intervals from the frame's exact start, or another place."""
        since = self.start if since is None else since
        if isinstance(every, Metered):
            return self._counting(MeteredIntervalClock, every, since)
        return IntervalClock(bare(self.first - since), every)

    def _counting(self, kind: type[MeteredClock], size: Metered, start: Time) -> Clock:
        if not size.simple:
            size.refuse_period()
        return metered(kind, size.meter, self.first, start, Fraction(size))

    @property
    def beyond_start(self) -> bool:
        """Whether more is asked for than the value at the start."""
        at_start = self.start in (self.first, self.seen) or not isinstance(self.start, Given)
        return not (self.peek and self.wall == self.first + 1 and at_start)

    def offset(self) -> Time:
        """How long before the first whole step a formula begins."""
        return self.first - self.start if isinstance(self.start, Given) else 0

    @property
    def sees(self) -> bool:
        """Whether a look ahead to a place between two steps looks at this."""
        return self.seen is not None and ((over := self.over) is None or over > self.seen)

    def reading(self, clock: Clock) -> dict[str, Any]:
        """How a segment asks its formula: by its clock; between two steps where it ends there, or is looked at."""
        place = self.seen if self.sees else self.over
        if isinstance(place, Awaited):
            place = place.settled()
        if isinstance(place, Awaited) or not isinstance(place, Given) or place.denominator == 1:
            return {"clock": clock}
        there = clock.between(place - self.first)
        return {"clock": FixedClock(*there)} if there and self.sees else {"clock": clock, "held": there}

    def key(self) -> tuple[Hashable, ...]:
        """What tells frames apart, but for the value handed on, and what follows."""
        times = self.origin, self.hundred, self.start, self.end, self.cut, self.stop, self.seen
        return *times, *map(type, times), self.empty, self.blind, self.peek

    def _one_step(self) -> Time:
        """How long an optimizer step is, or a tick, if nobody says so."""
        if not self.binding.exactly:
            return 1
        counted = STEP.metered(self.binding.run)
        return STEP.steps(self.binding.run) or 1 if counted is None else Metered.of(counted[0], 1)

    def window(self, end: Time, **changes: Any) -> Frame:
        """The frame of a body to which `end` is the end of everything, and its own if it has no length."""
        # "What is cut off": a window that reaches past one around it keeps its own end for open ends, but is cut there.
        cut = self.cut
        end = self.binding.placed(end)
        if not (isinstance(end, Awaited) and end.is_open(self.start)):
            here = end.settled() if isinstance(end, Awaited) else end
            cut = here if cut is None else min(here, cut)
        return self.but(end=end, stop=end, cut=cut, empty=cut is not None and math.ceil(cut) <= self.first, **changes)

    def reach(self, place: Time, clause: Any) -> Time:
        """Where a clause ends that ends at a place, or if that has passed, at once."""
        if isinstance(place, Awaited) and not isinstance(place, Unreached):
            if place.name in self.binding.rehearsal:
                left = _LOOKED if self.wall is None else max(0, self.wall - self.first)
                return self.first + max(1, math.floor(left * self.binding.rehearsal[place.name]))
            place = place.of(clause)
        return max(self.start, place)

    def ahead(self, at: Time, looks: int) -> Frame:
        """The frame of a look ahead to what begins at an exact place: "Looking ahead is laying out" in the docs.

        It is cut to one step, and NaN stands for the value handed on, so that a start that depends on it shows. `looks`
        is how many looks ahead led to it: each may look on, and without a limit what there is to look at would double.
        """
        if looks >= limits.LOOKS:
            too_many_looks()
        self.binding.looked = True
        end = self.end
        at = at.settled() if isinstance(at, Awaited) else self.binding.placed(at)
        if end is not None and math.ceil(end) <= math.ceil(at):
            # What begins there does not depend on whether the run gets so far.
            end = at + self._one_step()
        return self.but(
            start=at,
            end=end,
            cut=math.ceil(at) + 1,
            empty=False,
            incoming=math.nan,
            following=None,
            peek=True,
            seen=at if isinstance(at, Given) and at.denominator > 1 else None,
            looks=looks + 1,
        )


def program_of(body: Schedule, binding: Binding) -> Part:
    """The body of a text, laid out from the first step of the run to its end."""
    try:
        part = body.lay_out(Frame.of_run(binding))
    except RecursionError:  # deeper than nesting alone leads
        too_many_looks()
    binding.sealed = True
    return part


def _settle(facts: dict[str, Any]) -> None:
    """What follows from a frame's times: kept as attributes, as each is asked for several times."""
    stop, cut = facts["stop"], facts["cut"]
    start = facts["start"]
    if isinstance(start, Awaited):
        facts["start"] = start = start.settled()
    binding = facts["binding"]
    if binding.exactly:
        facts["start"] = start = binding.placed(start)
        facts["stop"] = stop = None if stop is None else binding.placed(stop)
    # "Whole steps" in docs/language.md: rounded from exact places only, so neighbours neither overlap nor leave a gap.
    facts["first"] = math.ceil(start)
    facts["wall"] = wall = None if cut is None else math.ceil(cut)
    last = wall if stop is None or (isinstance(stop, Awaited) and stop.is_open(start)) else math.ceil(stop)
    facts["last"] = last if wall is None or last is None or last < wall else wall


def steps_of(length: Time, frame: Frame) -> Time:
    """How many steps a length of time is from where a node begins."""
    return bare(frame.start + length) - bare(frame.start) if isinstance(length, Metered) else length


def look(ahead: Callable[[Time], float | None], place: Awaited, frame: Frame, since: Time) -> float | None:
    """What a look ahead finds where an event comes, if that is the same wherever that is, from `since` on.

    Raises:
        ScheduleError: E414, if that depends on where it is.
    """
    found = ahead(place)
    if not isinstance(since, Awaited):
        begin = math.floor(since) + 1
        stop = (frame.wall or begin + _LOOKED) if place.is_open(since) else math.ceil(place)
        span = max(0, stop - begin)
        for at in (begin, Given(2 * begin + 1, 2), begin + span // 3, begin + 2 * span // 3, max(begin, stop - 1)):
            if repr(ahead(at)) != repr(found):
                depends_on(place, CLIMBS)
    return found


def too_many_looks() -> NoReturn:
    """Raise the error for warm-ups that look ahead through warm-ups that look ahead."""
    fail(None, "E408", "too many warm-ups look ahead through one another", "give the warm-ups an `end=`")
