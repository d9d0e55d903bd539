"""Programs: schedules laid out on the axis of steps, and how they are walked.

Every part covers the whole steps from `first` up to `last`, and from `last` on holds the value it has there (no `last`:
it goes on forever). Asking for a value walks from the outermost part to one segment; a segment reads its clock and
evaluates one closed formula. Nothing is cached between steps but copies of a repeated body, so the value at a step does
not depend on which steps were asked before.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, lru_cache, reduce
from itertools import chain, groupby
from types import MappingProxyType
from typing import Any, ClassVar, Final, NoReturn, Protocol

import attrs

from .._text import limits
from .._text.errors import Blame, ScheduleError, blamed, fail
from .._text.meters import Meter, Metered
from .._text.source import Place
from . import scalar
from .clocks import Clock, MeteredClock, Time, earlier, ratio
from .operations import EVERYTHING, FREE, MIXED, MULTIPLE, Dependence, Interval, Operation, hull

_STRETCH: Final = 262_144
"""How many bits it may take to calculate the place of a stretched copy."""

_COPY: Final = 20
"""How many bounds laying out a copy counts as."""

_COPIES: Final = 1024
"""How many copies of a repeated body are tabulated one by one, and visited for bounds."""

KEPT: Final = 64
"""How many copies of a repeated body are kept laid out."""

HELD: Final = "held"
"""The shape of what lies behind the end of a phase."""

_WIDE: Final = 1000
"""How many bits of the place of a copy make finding it as much work as laying it out."""

_SEARCH: Final = 40_000
"""How many bounds a search for a value that isn't finite may take."""


COLUMNS: Final = ("from", "to", "starts at", "ends at", "shape", "text")
"""What heads the phase table."""


@attrs.frozen
class Row:
    """One line of the phase table.

    Attributes:
        first: the first whole step of the phase.
        stop: the whole step at which it ends (None: never); steps first … stop - 1 show it.
        start: the value at `first`.
        end: the value at `stop`: what it hands on, or holds if nothing follows. None if it never ends, or if it has no
            finite value there, which no step shows.
        shape: what it is: `linear`, `cosine`, `step_fixed`, `max`, `sum` …; `held` where a phase has ended and nothing
            follows it.
        text: the text that made it, as written.
        place: where that stands; None if it was made in Python.
    """

    first: int | Any
    stop: int | Any | None
    start: float
    end: float | None
    shape: str
    text: str
    place: Place | None = attrs.field(default=None, eq=False, repr=False)


class Origin(Protocol):
    """What a part was made of, a node or a key of one: where it stands, if it does in a text, and its text."""

    @property
    def place(self) -> Place | None: ...

    def written(self) -> str: ...


class _Handed:
    """What a product of factors that are handed 1 is multiplied by: no piece of the text says it."""

    place: Final = None

    def written(self) -> str:
        return "the value handed on"


HANDED: Final = _Handed()
"""What makes the operand that is the value handed on, where a product takes it once."""


@attrs.frozen
class Part(ABC):
    """A laid-out piece of a schedule: abstract.

    A part of a new kind needs a rule in each visitor of parts: `explain`, `why`, lint, lowering; those refuse what they
    do not know. One that shows its body's values at other steps is a `Sampled`, for which they all have one.
    """

    first: int
    last: int | None
    origin: Origin = attrs.field(repr=False, eq=False)

    def at(self, step: int) -> float:
        """The value at a step of the run, which must not lie before `first`."""
        return self._value(step if self.last is None or step < self.last else self.last)

    def free(self, step: int) -> bool:
        """Whether the value at that step is the same whatever value was handed to this part."""
        return self._free(step if self.last is None or step < self.last else self.last)

    def stated(self, step: int) -> float | None:
        """The value at a step; None if it depends on the value handed to this part."""
        return self.at(step) if self.free(step) else None

    def bounds(self, first: int, last: int, search: Search) -> Interval:
        """Values between which the part stays over the steps first … last; infinite where it can't tell."""
        search.spend()
        if self.last is not None:
            first, last = min(first, self.last), min(last, self.last)
        return self._bounds(first, last, search)

    def dependence(self) -> Dependence:
        """How its values depend on the value handed to it: by what is declared, whatever the numbers come to."""
        return MIXED

    @abstractmethod
    def _value(self, step: int) -> float: ...

    @abstractmethod
    def _free(self, step: int) -> bool: ...

    @abstractmethod
    def _bounds(self, first: int, last: int, search: Search) -> Interval: ...

    @property
    @abstractmethod
    def shape(self) -> str:
        """What it is called in the phase table."""

    @property
    def text(self) -> str:
        """The text that made it, as written."""
        return self.origin.written()

    def label(self) -> tuple[str, str, Place | None]:
        """The part's shape, text and place, for the phase table."""
        return self.shape, self.text, self.origin.place

    def rows(self, first: int, stop: int | None) -> Iterator[Row]:
        """The lines of the phase table over the steps first … stop - 1: with one more if the part ends before."""
        ends = earlier(stop, self.last)
        if ends is None or first < ends:
            yield from self._rows(first, ends)
        if ends is not None and (stop is None or max(first, ends) < stop):
            begin = max(first, ends)
            held = self.at(begin)
            yield self._row(begin, stop, start=held, end=None if stop is None else held, shape=HELD)

    def _rows(self, first: int, stop: int | None) -> Iterator[Row]:
        """The lines of what does not end before `stop`: one."""
        end = math.nan if stop is None else handed_on(self, stop)
        yield self._row(first, stop, start=self.at(first), end=None if math.isnan(end) else end)

    def _row(self, first: int, stop: int | None, **facts: Any) -> Row:
        shape, text, place = self.label()
        return Row(first, stop, **{"shape": shape, "text": text, "place": place, **facts})

    def lines(self, first: int, stop: int | None) -> int:
        """About how many lines `rows` gives, without asking for a value."""
        return 1


def no_rule(visitor: str, part: Part) -> NoReturn:
    """The default of whatever visits parts by their kind: a kind it has no rule for is never left out in silence."""
    kind = type(part).__name__
    raise TypeError(f"{visitor} has no rule for parts of the kind {kind}: write one, beside those of the other kinds")


def beyond_limits(error: ScheduleError) -> bool:
    """Whether an error is about the size of a text, and not about a value."""
    return any(blamed(problem) is Blame.SIZE for problem in error.diagnostics)


def _finite_value(origin: Origin, step: int, inputs: tuple[float, ...], compute: Callable[[], float]) -> float:
    """The computed value; if it isn't finite although all inputs are, an error where it comes from."""
    value, reason = math.inf, "the value overflows"
    hint = "keep what it is calculated from in range, for example with `min(…, 100)`, or end a phase earlier with `for`"
    try:
        value = compute()
    except OverflowError:
        pass
    except ZeroDivisionError:
        value, reason, hint = math.nan, "division by zero", "keep the divisor away from 0, for example with `max(…, 1)`"
    except ValueError:
        value, reason = math.nan, "the function has no value there"
        hint = "keep what it is given in range, for example with `max(…, 1e-6)`"
    if math.isfinite(value):
        return value
    if not all(map(math.isfinite, inputs)):
        return math.nan  # handed on by a look ahead that has no value yet: it must not be used, and isn't
    return fail(origin.place, "E406", f"no finite value at step {step}: {reason}", hint)


@attrs.frozen
class Segment(Part):
    """One closed formula on one clock."""

    clock: Clock
    declared: Callable[..., Any] = attrs.field(repr=False)  # `declared(k, n, xp, **values)`
    shape: str
    values: Mapping[str, Any] = MappingProxyType({})  # numbers, or a table of numbers
    handed: frozenset[str] = frozenset()  # which of them are the value handed to the segment
    rates: frozenset[str] = frozenset()  # which of them do not grow with the values: factors and powers
    monotone: bool = True  # whether the formula only rises or only falls with k
    ends: bool = False  # whether it is a ramp, which at k = n is exactly its `end`, and at k = 0 exactly its `start`
    held: tuple[int, int] | None = None  # k and n at `last`, if it ends between two steps

    def read(self, step: int) -> tuple[int, int]:
        """k and n at a step of the run."""
        return self.clock.read(step - self.first) if self.held is None or step != self.last else self.held

    def formula(self, k: Any, n: Any, xp: Any, **values: Any) -> Any:
        """The formula in an array namespace; at the ends of a ramp they are shown exactly, whatever rounding makes."""
        value = self.declared(k, n, xp, **values)
        return xp.where(k <= 0, values["start"], xp.where(k >= n, values["end"], value)) if self.ends else value

    def _calculate(self, k: int, n: int) -> float:
        """`formula` for two integers."""
        if self.ends and (k <= 0 or k >= n):
            return float(self.values["start" if k <= 0 else "end"])
        return float(self.declared(k, n, scalar, **self.values))

    def tabulated(self, first: int, stop: int) -> list[float]:
        """The values at the steps first … stop - 1, where it counts a unit whose rate changes; before its end.

        Raises:
            ArithmeticError, ValueError: if there is no value at one of them.
        """
        assert isinstance(self.clock, MeteredClock)
        return [self._calculate(k, n) for k, n in self.clock.reads(first, stop)]

    def _value(self, step: int) -> float:
        k, n = self.read(step)
        if k != k:  # not known yet: see `UnknownClock`
            flat = self.ends and self.values["start"] == self.values["end"]
            return float(self.values["start"]) if flat else math.nan
        try:
            value = self._calculate(k, n)
            if math.isfinite(value):
                return value
        except (ArithmeticError, ValueError):
            pass
        inputs = tuple(value for value in self.values.values() if isinstance(value, float))
        return _finite_value(self.origin, step, inputs, lambda: self._calculate(k, n))

    def _free(self, step: int) -> bool:
        if self.ends and self.handed:
            k, n = self.read(step)
            return (k >= n and "end" not in self.handed) or (k <= 0 and "start" not in self.handed)
        return not self.handed

    def dependence(self) -> Dependence:
        levels = [name for name in self.values if name not in self.rates]
        multiple = all(name in self.handed or _is_zero(self.values[name]) for name in levels)
        return Dependence(bool(self.handed), bool(levels) and multiple)

    def _bounds(self, first: int, last: int, search: Search) -> Interval:
        if first != last and not self.monotone:
            return EVERYTHING
        begins, ends = self.at(first), self.at(last)
        if math.isnan(begins) or math.isnan(ends):
            return EVERYTHING
        return (begins, ends) if begins <= ends else (ends, begins)


@attrs.frozen
class Pointwise(Part):
    """An operation, or a series of `+ -` or `* /` from left to right, on parts that run on the same clock."""

    operations: tuple[Operation, ...]
    operands: tuple[Part, ...]

    @property
    def shape(self) -> str:
        return self.operations[0].shape

    def combined(self, xp: Any, values: Sequence[Any]) -> Any:
        """The operation on the operands' values, or those of a series from left to right, in an array namespace."""
        if len(self.operations) == 1:
            return self.operations[0].apply(xp, *values)
        value = values[0]
        for operation, operand in zip(self.operations, values[1:], strict=True):
            value = operation.apply(xp, value, operand)
        return value

    def _value(self, step: int) -> float:
        inputs = tuple(operand.at(step) for operand in self.operands)
        return _finite_value(self.origin, step, inputs, lambda: float(self.combined(scalar, inputs)))

    def _free(self, step: int) -> bool:
        return all(operand.free(step) for operand in self.operands)

    def dependence(self) -> Dependence:
        first, *others = (operand.dependence() for operand in self.operands)
        if len(self.operations) == 1:
            return self.operations[0].dependence(first, *others)
        return reduce(
            lambda one, other: other[0].dependence(one, other[1]), zip(self.operations, others, strict=True), first
        )

    def _bounds(self, first: int, last: int, search: Search) -> Interval:
        if first == last:
            value = self.at(first)
            return value, value
        intervals = [operand.bounds(first, last, search) for operand in self.operands]
        if not all(math.isfinite(end) for interval in intervals for end in interval):
            return EVERYTHING  # an operand without a value is an error, whatever the operation would make of it
        if len(self.operations) == 1:
            return self.operations[0].bound(*intervals)
        interval = intervals[0]
        for operation, operand in zip(self.operations, intervals[1:], strict=True):
            interval = operation.bound(interval, operand)
        return interval if all(map(math.isfinite, interval)) else EVERYTHING


@attrs.frozen
class Sampled(Part):
    """The value that `body` has at another step: abstract.

    `sample` is the only thing to declare for one: it only rises or only falls from step to step, and is written with
    `+ - * //` on the step alone, as engines record it.
    """

    body: Part

    words: ClassVar[str]
    """What it does with the body, for `explain`, with its times by name: `{every}` is `5 steps`."""

    def __init_subclass__(cls) -> None:
        if not hasattr(cls, "words"):
            raise TypeError(f"the part {cls.__name__} lacks `words`")

    @abstractmethod
    def sample(self, step: Any) -> Any:
        """The step whose value is shown at `step`."""

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Between which steps the body is looked at from first … last."""
        one, other = self.sample(first), self.sample(last)
        return (one, other) if one <= other else (other, one)

    def _value(self, step: int) -> float:
        return self.body.at(self.sample(step))

    def _free(self, step: int) -> bool:
        return self.body.free(self.sample(step))

    def dependence(self) -> Dependence:
        return self.body.dependence()

    def _bounds(self, first: int, last: int, search: Search) -> Interval:
        return self.body.bounds(*self.span(first, last), search)


@attrs.frozen
class SampledEvery(Sampled):
    """`E every D`: the value that `body` had at the last multiple of `every`, counted from the exact `start`."""

    shape: ClassVar[str] = "every"
    words: ClassVar[str] = "changes only {every:period}, to the value that this has there"

    start: Time
    every: Time

    def sample(self, step: Any) -> Any:
        # ceil(start + q·every), q the whole samples that have passed, in units in which both are integers
        unit = self.start.denominator * self.every.denominator
        offset, length = int(self.start * unit), int(self.every * unit)
        shown = (step * unit - offset) // length * length + offset
        return (shown + unit - 1) // unit if unit > 1 else shown


@attrs.frozen
class SampledMetered(Sampled):
    """The same where `every` is so much of a unit whose rate changes; `start`: how much had been seen at the start.

    Its `sample` is not written with arithmetic alone: engines ask each of the steps that are shown.
    """

    shape: ClassVar[str] = SampledEvery.shape
    words: ClassVar[str] = SampledEvery.words

    meter: Meter
    start: Time
    every: Time

    def sample(self, step: int) -> int:
        seen = self.meter.seen(step)
        if seen is None:
            return self.first  # beyond what is known while a rate is followed
        place = self.meter.place(self.start + (seen - self.start) // self.every * self.every)
        return self.first if place is None else math.ceil(place)

    def next_sample(self, step: int) -> int:
        """The next step at which the value is another one."""
        seen = self.meter.seen(step)
        assert seen is not None
        place = self.meter.place(self.start + ((seen - self.start) // self.every + 1) * self.every)
        assert place is not None
        return math.ceil(place)


@attrs.frozen
class Timeline(Part):
    """`A then B then C`: parts in order, each from its own start, which is also the end of the one before."""

    shape: ClassVar[str] = "then"

    parts: tuple[Part, ...]
    starts: tuple[int, ...]  # the first whole step of each part; parts without one share it with the next
    frees: tuple[bool, ...]  # whether what is handed to each is the same whatever was handed to the timeline
    void: frozenset[int] = frozenset()  # which of them are exactly 0 long

    def index(self, step: int) -> int:
        """Which part is in force at a step."""
        return max(0, bisect_right(self.starts, step) - 1)

    def _value(self, step: int) -> float:
        return self.parts[self.index(step)].at(step)

    def _free(self, step: int) -> bool:
        index = self.index(step)
        return self.frees[index] or self.parts[index].free(step)

    def dependence(self) -> Dependence:
        return _in_turn(self.parts, self.void)

    def _bounds(self, first: int, last: int, search: Search) -> Interval:
        stop = max(last, self.starts[0]) + 1  # behind its end a timeline may be asked before its first part begins
        stretches = self._stretches(first, stop)
        return hull(*(part.bounds(begin, (end or stop) - 1, search) for part, begin, end in stretches))

    def label(self) -> tuple[str, str, Place | None]:
        return self.shape, *self.parts[-1].label()[1:]

    def _stretches(self, first: int, stop: int | None) -> Iterator[tuple[Part, int, int | None]]:
        """The parts with a step of their own in first … stop - 1, and where they begin and end in there."""
        low, high = self.index(first), len(self.parts) if stop is None else self.index(stop) + 1
        starts = self.starts[low:high]
        for part, start, next_start in zip(self.parts[low:high], starts, (*starts[1:], stop), strict=True):
            begin, end = max(first, start), earlier(next_start, stop)
            if end is None or begin < end:
                yield part, begin, end

    def _rows(self, first: int, stop: int | None) -> Iterator[Row]:
        return chain.from_iterable(part.rows(begin, end) for part, begin, end in self._stretches(first, stop))

    def lines(self, first: int, stop: int | None) -> int:
        stop = earlier(self.last, stop)
        if stop is not None and stop <= first:
            return 0
        return sum(part.lines(begin, end) for part, begin, end in self._stretches(first, stop))


@attrs.frozen
class Copy(Part):
    """One copy of a repeated body: its steps moved by `shift`, its values multiplied by `factor`."""

    body: Part
    shift: int
    factor: float

    @property
    def shape(self) -> str:
        return self.body.shape

    def _scaled(self, value: float, step: int) -> float:
        if self.factor == 1.0:
            return value
        return _finite_value(self.origin, step, (value,), lambda: value * self.factor)

    def _value(self, step: int) -> float:
        return self._scaled(self.body.at(step - self.shift), step)

    def _free(self, step: int) -> bool:
        return self.body.free(step - self.shift)

    def dependence(self) -> Dependence:
        return self.body.dependence()

    def _bounds(self, first: int, last: int, search: Search) -> Interval:
        ends = self.body.bounds(first - self.shift, last - self.shift, search)
        return hull(*((end * self.factor, end * self.factor) for end in ends))

    def label(self) -> tuple[str, str, Place | None]:
        return self.body.label()

    def rows(self, first: int, stop: int | None) -> Iterator[Row]:
        for row in self.body.rows(first - self.shift, None if stop is None else stop - self.shift):
            begin, end = row.first + self.shift, None if row.stop is None else row.stop + self.shift
            value = None if row.end is None or end is None else self._scaled(row.end, end)
            yield attrs.evolve(row, first=begin, stop=end, start=self._scaled(row.start, begin), end=value)

    def lines(self, first: int, stop: int | None) -> int:
        return self.body.lines(first - self.shift, None if stop is None else stop - self.shift)


@attrs.frozen(slots=False)
class Cycle(Part):
    """`E repeat n`, told apart by arithmetic: no copy exists before it is asked for.

    `lay(begin, index, incoming, final=, cut=)` lays out the copy that begins at an exact place; copies that lie alike
    share the `index` of the first of them, and `final` is whether it is the last of all.
    """

    shape: ClassVar[str] = "repeat"

    start: Time
    length: Time  # of the first copy; copy i is stretchⁱ times as long and scaleⁱ times as high
    count: int | None  # None: without end
    stretch: Fraction
    scale: float
    incoming: float  # what is handed to the first copy
    cut: Time | None  # where the window ends
    apart: int  # 1 if the first copy lies differently from the others, else 0
    recurs: bool  # whether copies that lie alike on the whole steps show the same, but for their factor
    most: int | None  # the last copy that belongs to the window; None: there is no last one
    lay: Callable[..., Part] = attrs.field(repr=False)
    metered: Metered | None = None  # the length in a unit whose rate changes, in which `start` and `length` are then

    def begin(self, index: int) -> Time:
        """The exact place at which copy `index` begins (and the one before it ends)."""
        if self.metered is not None:
            return 0 + self.metered.but(self._passed(index))  # type: ignore[no-any-return]
        return self._passed(index)

    def _passed(self, index: int) -> Time:
        """The same in the unit of the length."""
        return self.start + index * self.length if self.steady else self._begin(index)

    @cached_property
    def steady(self) -> bool:
        """Whether all copies are equally long."""
        return self.stretch == 1

    @cached_property
    def _begin(self) -> Callable[[int], Time]:
        return lru_cache(maxsize=KEPT)(
            lambda index: self.start + together(index, self.length, self.stretch, self.origin.place)
        )

    def index(self, step: Time) -> int:
        """Which copy is shown at a step, or place: the last to begin there or before that belongs to the window."""
        if self.length == 0:
            assert self.most is not None
            return self.most
        if self.metered is not None:
            seen = self.metered.meter.seen(step)
            if seen is None:
                return 0  # beyond what is known while a rate is followed
            step = seen
        index = (step - self.start) // self.length if self.steady else self._stretched_index(step)
        return max(0, index if self.most is None else min(index, self.most))

    def _stretched_index(self, step: Time) -> int:
        """Solve start + length·(sⁱ - 1)/(s - 1) <= step for the largest i: a guess in floats, settled exactly."""
        power = ratio((step - self.start) * (self.stretch - 1), self.length)
        if power <= -1:  # s < 1, past the limit that all copies together reach
            assert self.most is not None
            return self.most
        guess = max(0, math.floor(_log1p(power) / _log1p(self.stretch - 1)))
        guess = guess if self.most is None else min(guess, self.most)
        while guess > 0 and self._passed(guess) > step:
            guess -= 1
        while (self.most is None or guess < self.most) and self._passed(guess + 1) <= step:
            guess += 1
        return guess

    @cached_property
    def _kept(self) -> Callable[..., Part]:
        """`lay`, with the latest copies kept. What is not known to be handed is NaN, and one NaN is found again."""
        return lru_cache(maxsize=KEPT)(self.lay)

    def laid(self, index: int, incoming: float | None) -> Copy:
        """Copy `index`, given what is handed to it; None: not known yet.

        Copies that lie alike on the whole steps are laid out once, near step 0, and moved.
        """
        begin, end = self.begin(index), self.begin(index + 1)
        shift, key = 0, index
        cut = self._cut_of(end)
        if self.recurs and cut is None:
            shift = math.floor(begin)
            # A warm-up climbs to the next copy with a whole step, if one is left: where they are short, many have none.
            if self.count is None or self.length >= 1 or (self.count - 2 - index) * self.length >= 1:
                key = min(index, self.apart)
        known = math.nan if incoming is None else incoming
        part = self._kept(begin - shift, key, known, final=index + 1 == self.count, cut=cut)
        return self._copy(index, part, begin, end if cut is None else cut, shift)

    def _copy(self, index: int, part: Part, begin: Time, end: Time, shift: int) -> Copy:
        """A laid-out body as copy `index`."""
        factor = self.factor(index)
        return Copy(math.ceil(begin), math.ceil(end), self.origin, body=part, shift=shift, factor=factor)

    def factor(self, index: int) -> float:
        """By what the values of copy `index` are multiplied."""
        try:
            return math.pow(self.scale, index)
        except OverflowError:
            return math.inf

    def made(self, index: int, begin: Time, end: Time, incoming: float) -> tuple[Part, int]:
        """Copy `index`, laid out for good, and the step at which it ends."""
        cut = self._cut_of(end)
        part = self.lay(begin, index, incoming, final=index + 1 == self.count, cut=cut)
        stop = end if cut is None else cut
        return part if self.scale == 1.0 else self._copy(index, part, begin, stop, 0), math.ceil(stop)

    def cuts(self, index: int) -> bool:
        """Whether the window cuts copy `index`."""
        return self._cut_of(self.begin(index + 1)) is not None

    def _cut_of(self, end: Time) -> Time | None:
        """Where the window cuts a copy that ends there; None: it doesn't."""
        return self.cut if self.cut is not None and math.ceil(end) >= math.ceil(self.cut) else None

    def closed(self, index: int) -> bool:
        """Whether a copy ends on the same value whatever it is handed, so that the next need not know all before it."""
        copy = self.laid(index, None)
        assert copy.last is not None
        return copy.free(copy.last)

    def handed(self, index: int) -> float:
        """The value handed to copy `index`: what the one before it ends on."""
        known = index
        while known > 0 and not self.closed(known - 1):
            known -= 1  # how this copy falls on the whole steps, its end depends on its start
        value: float | None = None if known > 0 else self.incoming
        for before in range(max(known - 1, 0), index):
            copy = self.laid(before, value)
            assert copy.last is not None
            value = handed_on(copy, copy.last)
        assert value is not None
        return value

    @cached_property
    def copy(self) -> Callable[[int], Copy]:
        """Copy number `index`, as it is shown."""
        return lru_cache(maxsize=KEPT)(lambda index: self.laid(index, self.handed(index)))

    @cached_property
    def unhanded(self) -> Callable[[int], Copy]:
        """Copy number `index`, laid out without knowing what it is handed."""
        return lru_cache(maxsize=KEPT)(lambda index: self.laid(index, None))

    def _value(self, step: int) -> float:
        index = self.index(step)
        copy = self.unhanded(index)
        # What is handed to a copy is only asked for where it matters: each copy before it may hold cycles of its own.
        return copy.at(step) if copy.free(step) else self.copy(index).at(step)

    def _free(self, step: int) -> bool:
        index = self.index(step)
        return index > 0 or self.laid(0, None).free(step)

    def dependence(self) -> Dependence:
        first = self.laid(0, None).dependence()
        if first != MULTIPLE or self.most == 0:
            return first
        # What a copy hands on has to be 0, or a multiple, too; those that lie alike on the whole steps end alike.
        alike = self.length.denominator + 1 if self.steady and self.metered is None else None
        count = earlier(alike, self.most)
        if count is None or count > _COPIES:
            return MIXED
        return MIXED if any(_hands_on(self.laid(index, None), first) == FREE for index in range(count)) else first

    def _bounds(self, first: int, last: int, search: Search) -> Interval:
        low, high = self.index(first), self.index(last)
        if low > high:  # the last is beyond what is known while a rate is followed
            return EVERYTHING
        search.spend(self._work(high))
        # Factors rise or fall in size, of either sign: their extremes are at the ends.
        factors = [self.factor(index) for index in (low, min(low + 1, high), max(low, high - 1), high)]
        alike = self.length.denominator + 2
        recurs = self.recurs and alike < min(high - low, _COPIES)
        if low < high and not (all(map(math.isfinite, factors)) and (recurs or high - low <= _COPIES)):
            return EVERYTHING
        # Copies of one length differ only in how they fall on the whole steps, which recurs, and in their factor. Each
        # is handed a value of another factor, so that what is known of many is what they show whatever that is.
        scaled = recurs and self.scale != 1.0
        within = []
        for index in (*range(low, low + alike), high) if recurs else range(low, high + 1):
            search.spend(_COPY + self._work(index))
            copy = attrs.evolve(self.unhanded(index), factor=1.0) if scaled else self.copy(index)
            assert copy.last is not None
            begin, end = max(first, copy.first), last if index == high else copy.last - 1
            if begin <= end:
                within.append(copy.bounds(begin, end, search))
        ends = hull(*within)
        return hull(*((end * factor,) * 2 for end in ends for factor in factors)) if scaled else ends

    def _work(self, index: int) -> int:
        """As how many bounds it counts to find out where a copy begins."""
        wide = 0 if self.steady else index * self.stretch.denominator.bit_length() // _WIDE
        return _COPY * (wide + wide * wide // _COPY)

    def _counted(self, low: int, high: int) -> int:
        """About how many lines of the phase table the copies take."""
        copy = self.unhanded(low) if low < high <= low + _COPIES else None
        return (high - low + 1) * (1 if copy is None else copy.lines(copy.first, copy.last))

    def lines(self, first: int, stop: int | None) -> int:
        if stop is None:
            return 1
        counted = self._counted(self.index(first), self.index(stop))
        return counted if counted <= _COPIES else 1

    def _rows(self, first: int, stop: int | None) -> Iterator[Row]:
        low = self.index(first)
        if stop is None or self._counted(low, self.index(stop)) > _COPIES:
            yield from super()._rows(first, stop)
            return
        for index in range(low, self.index(stop) + 1):
            begin, end = max(first, math.ceil(self.begin(index))), min(stop, math.ceil(self.begin(index + 1)))
            if begin < end:
                yield from self.tabulated(index).rows(begin, end)

    def tabulated(self, index: int) -> Copy:
        """Copy `index` for the phase table: without what it is handed, if that is an error that no step shows."""
        try:
            return self.copy(index)
        except ScheduleError as error:
            if beyond_limits(error):
                raise
            return self.unhanded(index)


def merge_held(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows, with what is held as one row, however many phases without a step of their own lie in it."""
    for (shape, _), same in groupby(rows, key=lambda row: (row.shape, row.start)):
        alike = list(same)
        yield from [attrs.evolve(alike[0], stop=alike[-1].stop, end=alike[-1].end)] if shape == HELD else alike


def _is_zero(value: Any) -> bool:
    """Whether a number is 0, or all of a table."""
    return not (any(value) if isinstance(value, tuple) else value)


def _in_turn(parts: Sequence[Part], void: frozenset[int]) -> Dependence:
    """How parts that hand on to one another depend on what is handed to the first; those in `void` have no say.

    The last has one whatever its length, as it is held from its end on.
    """
    handed, depends, multiple = MULTIPLE, False, True
    for index, part in enumerate(parts):
        own = part.dependence().of(handed)
        last = index == len(parts) - 1
        if last or index not in void:
            depends, multiple = depends or own.depends, multiple and own.multiple
        if last or (depends and not multiple):
            break
        handed = _hands_on(part, own)
    return Dependence(depends, multiple)


def _hands_on(part: Part, own: Dependence) -> Dependence:
    """How what a part hands on depends: not, if it is one number whatever it is handed, else as the part."""
    if part.last is None or not part.free(part.last):
        return own
    return Dependence(depends=False, multiple=handed_on(part, part.last) == 0)


def handed_on(part: Part, step: int) -> float:
    """The value a part hands on at its end; NaN if there is none, which is an error only for whoever shows it."""
    try:
        return part.at(step)
    except ScheduleError as error:
        if beyond_limits(error):
            raise
        return math.nan


def ask(part: Part, step: int) -> float:
    """The value at a step; E406, if it isn't finite."""
    value = part.at(step)
    if math.isnan(value):
        hint = "give the phase that begins there a start of its own"
        fail(None, "E406", f"no finite value at step {step}: the phase before hands on none", hint)
    return value


def _log1p(value: Fraction) -> float:
    """The logarithm of one more than a rational, near zero and far beyond the floats."""
    if abs(value) < 0.5:
        return math.log1p(float(value))
    more = value + 1
    return math.log(more.numerator) - math.log(more.denominator)


def together(count: int, length: Time, stretch: Fraction, place: Place | None) -> Time:
    """How long so many copies are together, the first of them `length` long, exactly."""
    whole: Time | None = None
    if stretch == 1:
        whole = count * length
    elif count * max(stretch.numerator.bit_length(), stretch.denominator.bit_length()) <= _STRETCH:
        whole = length * (stretch**count - 1) / (stretch - 1)
    if whole is None or whole.numerator.bit_length() - whole.denominator.bit_length() >= limits.BITS:
        hint = "use fewer copies, shorter ones, or a `stretch` of fewer digits"
        fail(place, "E409", "the copies together are too long to be kept exact", hint)
    return whole


class Search:
    """A budget of bounds: what is left of it, and that it is over."""

    class OverError(Exception):
        """The budget is used up."""

    def __init__(self, budget: int) -> None:
        self.budget = budget

    def spend(self, amount: int = 1) -> None:
        """Count a bound, or what costs as much as some; OverError, when there were too many."""
        self.budget -= amount
        if self.budget < 0:
            raise Search.OverError


def first_not_finite(part: Part, first: int, last: int) -> None:
    """Ask the part for a value that isn't finite between two steps, if there is one, by halving what isn't proven.

    It raises E406, from the first such step found: where there are too many to be looked at, the last step is asked,
    and the search begins anew from there. Where that gives up too, the error comes when the step is asked.
    """
    for backwards in (False, True):
        search = Search(_SEARCH)
        todo = [(first, last)]
        try:
            while todo:
                low, high = todo.pop()
                try:
                    if all(map(math.isfinite, part.bounds(low, high, search))):
                        continue
                except ScheduleError as error:
                    if beyond_limits(error):
                        raise
                except ArithmeticError:
                    pass
                if low == high:
                    ask(part, low)
                    continue
                middle = (low + high) // 2
                halves = (middle + 1, high), (low, middle)
                todo += reversed(halves) if backwards else halves
            return
        except Search.OverError:
            ask(part, last)
