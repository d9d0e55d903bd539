"""Lowering: from a laid-out program to one expression in the step, piece by piece.

Each kind of part has one rule. Clocks and formulas are not known here: they are recorded (see `expressions`). What
cannot be recorded becomes a question to the walk.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import groupby, islice
from typing import Final, TypeAlias

import attrs

from .._language.clocks import MeteredClock
from .._language.program import Copy, Cycle, Part, Pointwise, Sampled, SampledMetered, Segment, Timeline, no_rule
from .._text.errors import ScheduleError
from .._text.meters import Turned
from .expressions import (
    SEEN,
    STEP,
    Affine,
    Applied,
    Asked,
    Expression,
    OpaqueError,
    Recorder,
    StepVariable,
    TurnError,
    Value,
    ValuePiece,
    affine,
    as_float,
    asks,
    evaluated,
    guarded,
    is_plus,
    is_same,
    nodes,
    switched,
)

_PIECES: Final = 30_000
"""How many pieces may be made on the way: a program that needs more is walked."""

_COPY: Final = 8
"""How many pieces laying out a copy of a repeated body counts as."""

_NESTED: Final = 6
"""How many repeats inside of one another are lowered: each multiplies what has to be laid out."""

_UNROLLED: Final = 64
"""How many copies of a repeated body that all differ are lowered one by one."""

_PLACED: Final = 256
"""And of one that shows how far the run is, whose copies all differ in that."""

_SAMPLES: Final = 4096
"""How many samples, or turns of a clock, are told apart whose distances are not alike."""

_ALIKE: Final = 1024
"""How many copies may differ in how they fall on the whole steps, before all of them count as different."""

_RATES: Final = 64
"""Up to how many rates of a unit are told apart, and for how many steps one lasts that is told apart from many."""

_TABULATED: Final = 1 << 20
"""How many changes of a rate are looked at, each of which may take a value in a table."""

_TURNED: Final = 512
"""And on an axis of the unit, of which a step is many: what comes behind them is walked."""

_DEEP: Final = 80
"""How many operations may be nested in one another, before Python could not read the source."""

_XP: Final = Recorder()


class _TooLargeError(Exception):
    """The program is too large: all of it is walked."""


@attrs.frozen
class Window:
    """Where a part is looked at: its steps first … stop - 1 (math.inf: all); step s is `variable + offset`."""

    variable: StepVariable
    offset: int
    first: int
    stop: float

    def but(self, first: float, stop: float) -> Window:
        """The part of the window from `first` to `stop`."""
        return attrs.evolve(self, first=int(max(first, self.first)), stop=min(stop, self.stop))

    def moved(self, by: int) -> Window:
        """The same steps, counted from `by` on."""
        return Window(self.variable, self.offset - by, self.first - by, self.stop - by)

    def step(self) -> Value:
        """The part's step."""
        return affine(self.variable, 1, self.offset, self.first, self.stop - 1)

    def piece(self, value: Value) -> ValuePiece:
        """One value for all of the window."""
        return ValuePiece(self.first - self.offset, self.stop - self.offset, value)


Pick: TypeAlias = Callable[[int], Copy]


class Lowering:
    """One program being lowered."""

    def __init__(self, copies: int = 1) -> None:
        self.more_copies = copies  # how many times as many are lowered one by one
        self.pieces = 0
        self.names = 0
        self.phases = 0
        self.depth = 0

    def spend(self, pieces: int) -> None:
        """Count pieces, or what takes as long as some."""
        self.pieces += pieces
        if self.pieces > _PIECES:
            raise _TooLargeError

    def variable(self, name: str, meaning: Value, low: int, high: float) -> StepVariable:
        """A variable of its own name."""
        if not isinstance(meaning, Expression):
            raise OpaqueError("it does not vary")
        self.names += 1
        return StepVariable(f"{name}_{self.names}", meaning, low, high)

    def lower(self, part: Part, window: Window) -> list[ValuePiece]:
        """What the part shows in a window that is not empty, piece by piece."""
        ends = math.inf if part.last is None else part.last
        pieces = []
        if window.first < ends:
            inside = window.but(window.first, ends)
            try:
                found = self.inside(part, inside)
                if isinstance(part, (Segment, Pointwise, Sampled)):  # one line of the phase table
                    self.phases += 1
                    found = [attrs.evolve(piece, phase=self.phases) for piece in found]
                pieces += found
            except (OpaqueError, ScheduleError, OverflowError):  # not to be recorded, laid out or held in a float
                pieces.append(_asked(part, inside))
        if window.stop > ends:
            held = window.but(ends, window.stop)
            try:
                pieces.append(held.piece(_known(part, int(max(ends, window.first)))))
            except OpaqueError:
                pieces.append(_asked(part, held))
        pieces = joined(pieces)
        self.spend(len(pieces))
        return pieces

    def inside(self, part: Part, window: Window) -> list[ValuePiece]:
        """The pieces before the part is over."""
        match part:
            case Segment():
                return _segment(part, window)
            case Timeline():
                return self.timeline(part, window)
            case Pointwise():
                return self.pointwise(part, window)
            case Sampled():
                return self.sampled(part, window)
            case Copy():
                return self.copy(part, window)
            case Cycle():
                return self.cycle(part, window)
        return no_rule("lowering", part)

    def timeline(self, part: Timeline, window: Window) -> list[ValuePiece]:
        """The parts one behind the other."""
        pieces: list[ValuePiece] = []
        begins = (window.first, *part.starts[1:])
        for each, begin, stop in zip(part.parts, begins, (*part.starts[1:], math.inf), strict=True):
            here = window.but(begin, stop)
            if here.first < here.stop:
                pieces += self.lower(each, here)
        return pieces

    def pointwise(self, part: Pointwise, window: Window) -> list[ValuePiece]:
        """The operation on what the operands show, over the pieces that all of them have in common."""
        operands = [self.lower(operand, window) for operand in part.operands]
        places = [0] * len(operands)
        pieces: list[ValuePiece] = []
        first, end = window.first - window.offset, window.stop - window.offset
        while first < end:
            here = [operand[place] for operand, place in zip(operands, places, strict=True)]
            stop = min(piece.stop for piece in here)
            pieces.append(ValuePiece(first, stop, self.applied(part, [piece.value for piece in here])))
            places = [place + (piece.stop == stop) for place, piece in zip(places, here, strict=True)]
            first = int(stop) if stop < end else end  # type: ignore[assignment]
            self.spend(1)
        return pieces

    @staticmethod
    def applied(part: Pointwise, values: list[Value]) -> Value:
        """The operation, or those of a series from left to right."""
        try:
            value = part.combined(_XP, values) if len(values) < _DEEP else None
        except (ArithmeticError, ValueError):
            raise OpaqueError("the operation has no value") from None
        if value is None or _is_deeper(value, _DEEP):
            raise OpaqueError("too deep to be written down")
        return guarded(as_float(value))

    def sampled(self, part: Sampled, window: Window) -> list[ValuePiece]:
        """The body, looked at from the step that is shown."""
        if window.stop == math.inf:
            low, high = part.sample(window.first), math.inf
        else:
            low, high = part.span(window.first, int(window.stop) - 1)
        if low == high:
            return [window.piece(_known(part.body, low))]
        if isinstance(part, SampledMetered):
            if part.meter.now is not None:
                raise OpaqueError("where it is sampled is not known yet")
            return self.samples(part, window)
        seen = self.variable("seen", part.sample(window.step()), low, high)
        return [window.piece(switched(seen, self.lower(part.body, Window(seen, 0, low, high + 1))))]

    def samples(self, part: SampledMetered, window: Window) -> list[ValuePiece]:
        """What is shown between two samples, one after the other."""
        pieces: list[ValuePiece] = []
        first = window.first
        while first < window.stop:
            self.spend(1)
            if len(pieces) == _SAMPLES:
                return [*pieces, _asked(part, window.but(first, window.stop))]
            stop = part.next_sample(first)
            pieces.append(window.but(first, stop).piece(_known(part, first)))
            first = stop
        return pieces

    def copy(self, part: Copy, window: Window) -> list[ValuePiece]:
        """The body, moved and multiplied."""
        pieces = self.lower(part.body, window.moved(part.shift))
        return [attrs.evolve(piece, value=scaled(piece.value, part.factor)) for piece in pieces]

    # Repeated bodies.

    def cycle(self, part: Cycle, window: Window) -> list[ValuePiece]:
        """The copies, if they are not inside of too many others."""
        if self.depth >= _NESTED:
            raise _TooLargeError
        self.depth += 1
        try:
            return self.copies(part, window)
        finally:
            self.depth -= 1

    def copies(self, part: Cycle, window: Window) -> list[ValuePiece]:
        """The copies: those that differ one by one, those that are alike by the place in the cycle."""
        low = part.index(window.first)
        high: float = math.inf if part.most is None else part.most
        if window.stop < math.inf:
            high = max(low, part.index(int(window.stop) - 1))  # while a rate is followed, that step is not known yet
        period = part.length.denominator
        if part.length > 0 and part.recurs and period <= _ALIKE and high - low >= 3 * period + 3:
            # What a copy is handed, which may tell it from the others, is of no matter if none of it is shown.
            for pick in (part.unhanded, part.copy) if part.scale == 1.0 else (part.unhanded,):
                try:
                    begin, end = _alike(part, pick, low, high)
                    return [
                        *self.unrolled(part, window, low, begin),
                        self.turning(part, pick, window.but(*_extent(part, begin, end)), begin),
                        *self.unrolled(part, window, end, high + 1),
                    ]
                except OpaqueError:
                    continue
        return self.unrolled(part, window, low, high + 1)

    def unrolled(self, part: Cycle, window: Window, low: float, stop: float) -> list[ValuePiece]:
        """The copies `low` … `stop` - 1 one by one; what is left when there are too many is walked."""
        pieces: list[ValuePiece] = []
        if low == math.inf:
            return pieces
        low = int(low)
        most = low + self.more_copies * (_UNROLLED if part.recurs or not part.steady else _PLACED)
        for index in range(low, int(min(stop, most))):
            here = window.but(*_extent(part, index, math.inf if index == part.most else index + 1))
            if here.first < here.stop:
                self.spend(_COPY)
                pieces += self.lower(part.copy(index), here)
        if stop > most:
            pieces.append(_asked(part, window.but(*_extent(part, most, math.inf))))
        return pieces

    def turning(self, part: Cycle, pick: Pick, window: Window, begin: int) -> ValuePiece:
        """All the copies in a window, from copy `begin` on, which are alike: one value of the place in the cycle."""
        first, period = math.ceil(part.begin(begin)), part.length.denominator
        span = int(part.length * period)
        since = window.step() - first
        place = self.variable("at", since % span, 0, span - 1)
        pieces: list[ValuePiece] = []
        rounds = since // span
        if isinstance(rounds, Expression):  # a variable, so that it is calculated once
            counted = self.variable("round", rounds, int(rounds.low), rounds.high)
            rounds = affine(counted, 1, 0, rounds.low, rounds.high)
        for index in range(begin, begin + period):
            copy_first, copy_stop = _extent(part, index, index + 1)
            if copy_first == copy_stop:
                continue
            self.spend(_COPY)
            copy = pick(index)
            inside = Window(place, 0, copy_first - first, copy_stop - first).moved(copy.shift - first)
            for piece in self.lower(copy.body, inside):
                if asks(piece.value):
                    raise OpaqueError("a copy that is walked depends on the one before")
                factor = 1.0 if period == 1 else _power(part.scale, rounds * period + index)
                pieces.append(attrs.evolve(piece, value=scaled(piece.value, factor)))
        self.spend(len(pieces))
        value = switched(place, pieces)
        return window.piece(value if period > 1 else scaled(value, _power(part.scale, rounds + begin)))


def _extent(part: Cycle, begin: int, end: float) -> tuple[int, float]:
    """The steps of the copies `begin` … `end` - 1: from which one on, and before which."""
    return math.ceil(part.begin(begin)), math.inf if end == math.inf else math.ceil(part.begin(int(end)))


def _power(scale: float, index: Value) -> Value:
    """What copy `index` is multiplied by."""
    factor: Value = 1.0 if scale == 1.0 else _XP.power(scale, index)
    return factor


def _alike(part: Cycle, pick: Pick, low: int, high: float) -> tuple[int, float]:
    """From which copy up to which every copy equals the one a period before it."""
    period = part.length.denominator
    last = high
    if high == part.most:
        last -= 1  # it looks at what follows the whole
    while low < last < math.inf and part.cuts(int(last)):
        last -= 1
    for begin in (low, low + 1, low + 2) if pick is part.copy else (max(low, part.apart),):
        # A body that is handed, and so shows, what that one period before is is kept and found again.
        if begin + 2 * period <= last and (
            pick is not part.copy
            or all(part.copy(index).body is part.copy(index + period).body for index in range(begin, begin + period))
        ):
            return begin, last + 1
    raise OpaqueError("the copies differ")


# Formulas.


def _segment(part: Segment, window: Window) -> list[ValuePiece]:
    """The formula; where it counts a unit whose rate changes, recorded for each of its rates, or tabulated."""
    if not isinstance(part.clock, MeteredClock) or part.clock.meter.now is not None:
        return _formula(part, window)
    pieces: list[ValuePiece] = []
    most = _TURNED if isinstance(part.clock.meter, Turned) else _TABULATED
    stretches = list(islice(part.clock.meter.stretches(window.first, window.stop), most + 1))
    if most == _TURNED < len(stretches) and part.clock.next_turn(window.first) is not None:
        return _stairs(part, part.clock, window)
    few = len(stretches) <= _RATES
    for short, some in groupby(stretches, lambda each: not few and each[1] - each[0] < _RATES):
        same = list(some)
        if short:
            pieces += _tabulated(part, window.but(same[0][0], same[-1][1]))
            continue
        for first, stop, rate in same:
            here = window.but(first, stop)
            try:
                pieces += _formula(attrs.evolve(part, clock=part.clock.within(first, rate)), here)
            except OpaqueError:
                pieces.append(_asked(part, here))
    if stretches[-1][1] < window.stop:
        pieces.append(_asked(part, window.but(stretches[-1][1], window.stop)))
    return pieces


def _stairs(part: Segment, clock: MeteredClock, window: Window) -> list[ValuePiece]:
    """What is shown between two turns of a clock of whole numbers, one after the other."""
    pieces: list[ValuePiece] = []
    first: float = window.first
    while first < window.stop:
        if len(pieces) == _SAMPLES:
            return [*pieces, _asked(part, window.but(first, window.stop))]
        stop = clock.next_turn(int(first))
        assert stop is not None and stop > first
        pieces.append(window.but(first, stop).piece(_known(part, int(first))))
        first = stop
    return pieces


def _tabulated(part: Segment, window: Window) -> list[ValuePiece]:
    """The values one by one."""
    try:
        values = part.tabulated(window.first, int(window.stop))
    except (ArithmeticError, ValueError):
        return [_asked(part, window)]
    return [window.piece(_XP.take(values, window.step() - window.first))]


def _formula(part: Segment, window: Window) -> list[ValuePiece]:
    """The formula, recorded on as many stretches of steps as it takes."""
    waiting = [window]
    found: list[tuple[Window, Value]] = []
    while waiting:
        here = waiting.pop()
        try:
            found.append((here, _recorded(part, here.moved(part.first).step())))
        except TurnError as turn:
            step = turn.step + here.offset
            if turn.variable is SEEN:
                raise
            if turn.variable is not here.variable or not here.first < step < here.stop:
                raise OpaqueError("a turn outside of the window") from None
            waiting += [here.but(step, here.stop), here.but(here.first, step)]
        if len(found) + len(waiting) > _PIECES:
            raise _TooLargeError
    return _without_points(window.variable, [here.piece(value) for here, value in found])


def _recorded(part: Segment, local: Value) -> Value:
    try:
        k, n = part.clock.read(local)  # type: ignore[arg-type]
        value = part.formula(k, n, _XP, **part.values)
        if any(isinstance(each, float) and math.isnan(each) for each in part.values.values()) and any(
            not isinstance(each, Expression) and math.isnan(each) for each in nodes(value)
        ):
            raise OpaqueError("the value handed on is not known")
    except (ArithmeticError, ValueError, TypeError, AttributeError):
        raise OpaqueError("the formula cannot be recorded, or has no value") from None
    return guarded(as_float(value))


def _is_deeper(value: Value, levels: int) -> bool:
    """Whether more operations than that are nested in one another."""
    if not isinstance(value, Applied):
        return False
    return levels == 0 or any(_is_deeper(operand, levels - 1) for operand in value.operands)


def _without_points(variable: StepVariable, pieces: list[ValuePiece]) -> list[ValuePiece]:
    """Pieces, with what is shown at a single step given to a neighbour that shows the same there."""
    kept: list[ValuePiece] = []
    for index, piece in enumerate(pieces):
        if piece.stop == piece.first + 1 and not isinstance(piece.value, Expression):
            if kept and _shows(kept[-1].value, variable, piece.first, piece.value):
                kept[-1] = ValuePiece(kept[-1].first, piece.stop, _including(kept[-1].value, piece.value))
                continue
            following = pieces[index + 1] if index + 1 < len(pieces) else None
            if following and _shows(following.value, variable, piece.first, piece.value):
                pieces[index + 1] = ValuePiece(piece.first, following.stop, _including(following.value, piece.value))
                continue
        kept.append(piece)
    return kept


def _including(value: Value, also: float) -> Value:
    """An expression of which it is known that it can be one more number."""
    if not isinstance(value, Expression):
        return value
    plus = value.plus and is_plus(also)
    return attrs.evolve(value, low=min(value.low, also), high=max(value.high, also), plus=plus)


def _shows(value: Value, variable: StepVariable, step: int, wanted: float) -> bool:
    """Whether an expression gives that very float at a step it was not recorded for."""
    try:
        return is_same(evaluated(value, {variable: step}), wanted)
    except (ArithmeticError, ValueError):
        return False


def joined(pieces: list[ValuePiece]) -> list[ValuePiece]:
    """The pieces, with neighbours that show the same number made one."""
    kept: list[ValuePiece] = []
    for piece in pieces:
        if kept and is_same(kept[-1].value, piece.value):
            kept[-1] = attrs.evolve(kept[-1], stop=piece.stop)
        else:
            kept.append(piece)
    return kept


def scaled(value: Value, factor: Value) -> Value:
    """A copy's value, multiplied."""
    if not isinstance(factor, Expression) and factor == 1.0:
        return value
    if isinstance(value, Asked):
        return guarded(Applied("*", (value, factor)))
    return guarded(as_float(value * factor))


def _known(part: Part, step: int) -> float:
    try:
        value = part.at(step)
    except ScheduleError:
        raise OpaqueError("there is no value") from None
    if math.isnan(value):
        raise OpaqueError("there is no value")
    return value


def _asked(part: Part, window: Window) -> ValuePiece:
    """What the walk shows, asked when it is wanted; a single step at once, if it has a value."""
    step = window.step()
    if not isinstance(step, Expression):
        try:
            return window.piece(_known(part, int(step)))
        except OpaqueError:
            step = Affine(window.variable, 1, window.offset, low=step, high=step)
    return window.piece(Asked(part, step))


def lowered(program: Part, first: int = 0, stop: float = math.inf, copies: int = 1) -> Value:
    """A program as one value of `STEP`, from step 0 on, or for the steps first … stop - 1.

    With `copies`, so many times as many copies of what is repeated are told apart before the walk is asked for them.
    """
    window = Window(STEP, 0, first, stop)
    try:
        pieces = Lowering(copies).lower(program, window)
    except (OpaqueError, OverflowError, _TooLargeError):
        pieces = [_asked(program, window)]
    return switched(STEP, pieces)
