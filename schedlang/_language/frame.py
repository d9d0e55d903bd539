"""Frames: where a node stands while it is laid out on the axis of steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from .._text import limits
from .._text.errors import fail
from .._text.run import Run
from .._text.source import Place

if TYPE_CHECKING:
    from .nodes.base import Names, Schedule
    from .program import Part

WORK: Final = limits.PHASES + limits.PHASES // 4
"""How much work laying out may be: one for a phase, kept or only laid out to see how it ends, more for a `repeat`."""

EXPANSIONS: Final = 5 * limits.PHASES // 2
"""How often the definition of a name is entered, asking for lengths included, before a text counts as too large.

From a place that is not whole it counts four times, as rationals take their time."""


def slim(time: Fraction) -> Fraction:
    """A time as an int if it is whole: the same number, and everything but division is many times faster.

    Whoever divides a time writes `Fraction(time) / …`: dividing ints would leave the rationals.
    """
    return cast(Fraction, time.numerator) if time.denominator == 1 else time


class Binding:
    """What all frames of one binding share: the run, the names, and how much has been laid out."""

    def __init__(self, run: Run, names: Names) -> None:
        self.run = run
        self.names = names
        self.numbers: dict[str, float] = {}
        self.memo: dict[tuple[object, str, Fraction | None], Fraction] = {}
        self.lengths: dict[tuple[int, bool, Fraction | None], Fraction] = {}
        self.phases = self.work = self.copies = 0
        self.sealed = False
        self.expansions = 0
        self.watch: Callable[[Schedule, Frame, Part], None] | None = None

    def seal(self) -> None:
        """Count anew for each copy of a repeated body that is laid out from here on: they come and go."""
        self.sealed = True

    def begin_copy(self) -> None:
        """Before a copy is laid out; set `copies` back by one after it."""
        if self.sealed and self.copies == 0:
            self.phases = self.work = self.expansions = 0
        self.copies += 1

    def count_phase(self, place: Place | None, phases: int = 1, work: int = 1) -> None:
        """Raise E408 once more phases have been laid out than the language allows, or they took too much work."""
        self.phases += phases
        self.work += work
        if self.phases > limits.PHASES or self.work > WORK:
            hint = "give the repeated body a start and an end of its own, so that its copies need not be told apart"
            fail(place, "E408", f"more than {limits.PHASES} phases", hint)

    def count_expansion(self, place: Place | None, times: int) -> None:
        """Raise E408 once names have been expanded more often than a text of bounded cost can need."""
        self.expansions += times
        if self.expansions > EXPANSIONS:
            fail(place, "E408", "the definitions behind `where` expand to too much", "use each name fewer times")


@attrs.frozen(slots=False)
class Frame:
    """Where a node stands. Its times are exact; whole ones are ints (see `slim`).

    Attributes:
        binding: what is shared.
        origin: where "the run" begins; places behind `until` count from here.
        hundred: how long "the run" is: its 100 %. None: unknown.
        start: where the node begins, exactly.
        end: where the innermost window ends, exactly. None: never.
        stop: where the node ends, exactly: after its own length, or if it has none with the window. None: never.
        cut: where the first of all enclosing windows ends, exactly. None: never.
        empty: whether the innermost window has no whole step.
        incoming: the value handed on by the phase before; NaN in a look ahead.
        following: asks for the value that what follows the phase states as its start.
        blind: inside a body with `scale`, where warm-ups look nowhere.
        peek: a look ahead: only the last whole step before `wall` matters, and ramps show their start at their first.
        looks: how many looks ahead led here.
    """

    binding: Binding
    origin: Fraction
    hundred: Fraction | None
    start: Fraction
    end: Fraction | None
    cut: Fraction | None
    incoming: float
    stop: Fraction | None = None
    empty: bool = False
    following: Callable[[], float | None] | None = None
    blind: bool = False
    peek: bool = False
    looks: int = 0

    def but(self, **changes: Any) -> Frame:
        """This frame with some attributes changed: `attrs.evolve`, ten times as fast, as every phase needs some."""
        frame = Frame.__new__(Frame)
        frame.__dict__.update(self.__dict__)
        frame.__dict__.update(changes)
        return frame

    @property
    def first(self) -> int:
        """The first whole step at or past the start."""
        return math.ceil(self.start)

    @property
    def last(self) -> int | None:
        """The whole step at which the node is over: its own, or where a window cuts it."""
        return earlier(None if self.stop is None else math.ceil(self.stop), self.wall)

    @property
    def wall(self) -> int | None:
        """The first whole step that some enclosing window does not reach."""
        return None if self.cut is None else math.ceil(self.cut)

    def steps(self, length: Fraction) -> int:
        """How many whole steps something of that length has here."""
        return math.ceil(self.start + length) - self.first

    def window(self, end: Fraction) -> Frame:
        """The frame of a body to which `end` is the end of everything, and its own if it has no length."""
        cut = end if self.cut is None else min(end, self.cut)
        return self.but(end=end, stop=end, cut=cut, empty=math.ceil(cut) <= self.first)


def earlier(a: int | None, b: int | None) -> int | None:
    """The earlier of two steps, None being never."""
    return b if a is None else a if b is None else min(a, b)
