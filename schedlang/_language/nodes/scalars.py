"""Numbers, amounts of time and names: the leaves of arithmetic."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from itertools import count
from typing import Any, Final, NoReturn

import attrs

from ..._text import limits
from ..._text.errors import Argument, Diagnostic, Needed, Phrase, ScheduleError, fail
from ..._text.keywords import KEYWORDS
from ..._text.meters import Metered, Picked, Unreached
from ..._text.numerals import MAGNITUDES, begins_with_zeros, decimal_text, rounded, why_zeros
from ..._text.run import (
    PERCENT,
    STEP,
    UNITS,
    Awaited,
    Changing,
    Given,
    Run,
    Unit,
    as_rational,
    depends_on,
    plain,
    shown,
)
from ..._text.source import Place
from ..clocks import (
    STEPS,
    Clock,
    MeteredRampClock,
    MeteredSeenClock,
    RampClock,
    SeenClock,
    StepClock,
    Time,
    bare,
    metered,
    simplest,
)
from ..frame import CLIMBS, Frame
from ..program import Origin, Part, Segment
from .base import BUILD, Kind, Names, Operand, Role, Schedule, atoms_of


def read_decimal(text: str, place: Place | None) -> Decimal:
    """The exact value of a number's text.

    Raises:
        ScheduleError: E108, if it has too many digits or too large an exponent; E110, if it begins with zeros.

    >>> read_decimal("1.5k", None), read_decimal("3e-4", None)
    (Decimal('1.5E+3'), Decimal('0.0003'))
    """
    if text[0] == "0" and begins_with_zeros(text):
        fail(place, *why_zeros(text))
    magnitude = MAGNITUDES.get(text[-1], 0)
    digits = (text[:-1] if magnitude else text).replace("_", "")
    exponent = digits.lower().partition("e")[2] or "0"
    if len(digits.replace(".", "")) <= limits.DIGITS and len(exponent) <= 4 and abs(int(exponent)) <= limits.DIGITS:
        value = Decimal(digits + "0" if digits.endswith(".") else digits)  # 1. is 1.0: one step or the whole run?
        sign, figures, power = value.as_tuple()
        assert isinstance(power, int)
        value = Decimal((sign, figures, power + magnitude))
        if not value or abs(value.adjusted()) <= limits.DIGITS:
            return value
    hint = f"a number has at most {limits.DIGITS} digits, and so has its power of ten"
    return fail(place, "E108", "the number is too long or too large", hint)


def within_limits(value: Fraction, place: Place | None) -> Fraction:
    """The value, if it isn't too large to calculate with exactly."""
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > limits.BITS:
        too_fine(place)
    return value


def too_fine(place: Place | None) -> NoReturn:
    """Raise E409 for a time that has too many digits."""
    fail(place, "E409", "this time is too large or too finely divided to be kept exact", "use simpler numbers")


def bare_steps(value: Fraction, node: Schedule, frame: Frame) -> Time:
    """The value of arithmetic without a unit in a duration's place, as a number of steps.

    Raises:
        ScheduleError: E303, if it isn't whole, and neither arithmetic of whole numbers that is at least 1.
    """
    length = of_steps(value, node, frame) if value else None
    if length is not None and (value.denominator == 1 or not isinstance(node, Number)):
        return frame.binding.placed(length)
    if value.denominator == 1:
        return value.numerator
    wrong = "is not a whole number of steps"
    if not isinstance(node, Number) and of_whole_numbers(node, frame):
        if abs(value) >= 1:
            return Given(value)
        wrong = "is less than a step"
    share, steps = _amount(value * 100, "%"), _amount(value, " steps")
    hint = f"write `{share}` for a share of the run, or `{steps}`" if abs(value) < 10 else f"write `{steps}`"
    if not (share and steps):
        hint = "give it a unit: `%` for a share of the run, or `steps`"
    return fail(node.place, "E303", f"`{node.written()}` {wrong}", hint)


def of_whole_numbers(node: Schedule, frame: Frame) -> bool:
    """Whether exact arithmetic has whole numbers alone in it, whatever its names stand for."""
    known, names = frame.binding.of_whole_numbers, frame.binding.names
    for leaf, _, _ in atoms_of(node):
        if isinstance(leaf, Name):
            if leaf.name not in known:
                known[leaf.name] = of_whole_numbers(names[leaf.name], frame)
            if not known[leaf.name]:
                return False
        elif not isinstance(leaf, Number) or Fraction(leaf.value).denominator != 1:
            return False
    return True


def _amount(value: Fraction, unit: str) -> str:
    """A way to write an amount, however it came out; an empty text, if that is too long."""
    value = abs(value)
    if 10**9 % value.denominator and max(value.numerator, value.denominator) <= 10**9:
        return f"{value.numerator}{unit if value.numerator > 1 else unit.removesuffix('s')} / {value.denominator}"
    if 10**18 % value.denominator == 0 and value < 10**9:
        return decimal_text(Decimal(value.numerator) / value.denominator) + unit
    return ""


@attrs.frozen(eq=False, repr=False)
class Number(Schedule):
    """A number as it is written, kept exactly; as a schedule, a constant.

    >>> from schedlang import parse
    >>> parse("10k"), str(parse("0.00030"))
    (Number(value=Decimal('1.0E+4')), '3e-4')
    """

    value: Decimal

    def text(self) -> str:
        return decimal_text(self.value)

    def kind(self, names: Names) -> Kind:
        return Kind.NUMBER

    def timeless(self, names: Names) -> bool:
        return True

    def exact(self, frame: Frame) -> Fraction:
        return Fraction(self.value)

    def number(self, frame: Frame) -> float:
        return float(self.value)

    def is_fraction(self) -> bool:
        """Whether, alone in a duration's place, it is a share of the run: strictly between 0 and 1."""
        return 0 < self.value < 1

    def is_ambiguous(self) -> bool:
        """Whether it is 1 written with a point, which could mean one step or all of the run."""
        exponent = self.value.as_tuple().exponent
        return self.value == 1 and isinstance(exponent, int) and exponent < 0

    def in_steps(self, frame: Frame, alone: bool = True) -> Time:
        if alone and self.is_fraction():  # "A number in a duration's place" in the reference
            return Fraction(self.value) * Quantity(Decimal(100), PERCENT.symbol, place=self.place).in_steps(frame)
        if alone and self.is_ambiguous():
            message = f"`{self.written()}` could be one step or the whole run"
            fail(self.place, "E303", message, "write `1 step` or `100%`")
        return bare_steps(Fraction(self.value), self, frame)

    def lay(self, frame: Frame) -> Part:
        return constant(self, frame, float(self.value))


@attrs.frozen(eq=False, repr=False)
class Quantity(Schedule):
    """An amount of time: `5%`, `30ep`, `2B tok`. `unit` is the canonical word for the unit.

    >>> from schedlang import parse
    >>> str(parse("hold for 2_000_000_000 tokens"))
    'hold for 2B tok'
    """

    value: Decimal
    unit: str

    def text(self) -> str:
        separator = "" if self.unit in ("%", "ep") else " "
        return decimal_text(self.value) + separator + self.unit

    def kind(self, names: Names) -> Kind:
        return Kind.DURATION

    def needs(self) -> Unit:
        """The unit, which knows what it needs of the run."""
        return UNITS[self.unit]

    def in_steps(self, frame: Frame, alone: bool = True) -> Time:
        unit = self.needs()
        if unit is PERCENT:
            if isinstance(frame.hundred, Metered):
                share = frame.hundred * (Fraction(self.value) / 100)
                return share.but(share, given=frame.binding.exactly, place=self.place, written=self.written()) or 0
            steps = None if frame.hundred is None else Fraction(frame.hundred) / 100
        else:
            steps = unit.steps(frame.binding.run)
            if steps is None and (counted := unit.metered(frame.binding.run)):
                amount = within_limits(Fraction(self.value) * counted[1], self.place)
                given = frame.binding.exactly or not unit.of_steps
                return Metered.of(counted[0], amount, given, self.place, self.written()) or 0
        if steps is None:
            missing(self, unit, frame.binding.run)
        time = within_limits(Fraction(self.value) * steps, self.place)
        if frame.binding.exactly:
            return frame.binding.placed(time)
        given = not unit.of_steps or (unit is STEP and time.denominator > 1)
        return Given(time) if given and time else simplest(time)

    def lay(self, frame: Frame) -> Part:
        _misplaced(self, self.written())


def unknown_rate(node: Schedule, unit: Unit, run: Run) -> Diagnostic:
    """What is wrong with a time the run says too little for."""
    return lacking(node, unit.lacks(run), unit, run)


_COUNTED: Final = "let the run count seconds: `s` as its clock"


def lacking(node: Schedule, needs: str | None, unit: Unit, run: Run) -> Diagnostic:
    """What is wrong with a time for which the run does not say that, or not once for all."""
    assert needs is not None
    if isinstance(getattr(run, needs), Changing):
        message = Phrase(f"`{node.written()}` is no fixed number of {run.unit.many}, as ", Argument(needs), " changes")
        return Diagnostic.at(node.place, "E416", message, f"give it in {run.unit.many} here")
    message = Phrase(f"`{node.written()}` needs ", Argument(needs))
    if run.clock is not None and needs != unit.needs:
        counted = f"`{node.written()}` counts {unit.many}, and the clock {run.unit.many}: it needs "
        message = Phrase(counted, Argument(needs))
    seconds = run.clock is None and needs == "seconds_per_step"
    return Diagnostic.at(node.place, "E401", message, Needed(needs, _COUNTED if seconds else None))


def missing(node: Schedule, unit: Unit, run: Run) -> NoReturn:
    """Raise the error for a time the run says too little for."""
    raise ScheduleError([unknown_rate(node, unit, run)])


def of_steps(count: Time, node: Schedule, frame: Frame) -> Time | None:
    """How long so many optimizer steps are on an axis of something else; None on that of steps.

    Raises:
        ScheduleError: E401, if the run doesn't say.
    """
    if not frame.binding.exactly:
        return None
    run = frame.binding.run
    if (counted := STEP.metered(run)) is not None:
        return Metered.of(counted[0], count, True, node.place, node.written())
    return count * (STEP.steps(run) or missing(node, STEP, run))


def apart(node: Schedule, lasting: Callable[[Schedule], Schedule], frame: Frame) -> str:
    """How to write what an event ends, so that its length does not follow from that; `lasting`: with one of its own."""
    if frame.peek:
        return CLIMBS
    every = Quantity(Decimal(100), PERCENT.symbol)
    length = Quantity(Decimal(500), frame.binding.run.unit.symbol) if frame.hundred is None else every
    ways, clause = [lasting(length)], getattr(frame.stop, "ends", None)
    if clause is not None and clause.body is node:
        name = clause.arguments()[1].attribute
        time = getattr(clause, name)
        times = time.operands if getattr(time, "function", None) == "min" else ()
        known = [each for each in times if not isinstance(each.in_steps(frame), Awaited)]
        if known:
            end = known[0] if len(known) == 1 else attrs.evolve(time, operands=known)
            ways = [attrs.evolve(clause, **{name: end})]
        elif frame.start != frame.origin and frame.hundred is not None:
            ways.append(node.until(every))
        ways = [attrs.evolve(clause, body=way) for way in ways]
    told = " or ".join(f"`{way.text()}`" for way in ways)
    return f"say how long it is, apart from where it is broken off: {told}"


MISPLACED: Final = "a length of time goes behind `for`, or into an argument that takes a duration"
"""What to do with a duration where a value belongs."""


def _misplaced(node: Schedule, what: str) -> NoReturn:
    """Raise the error for a duration where a value belongs."""
    fail(node.place, "E301", f"`{what}` is a duration, but a number belongs here", MISPLACED)


def is_metered(node: Schedule, frame: Frame) -> bool:
    """Whether a node has times in a unit whose rate changes, so that it lies differently wherever it begins."""
    run, names = frame.binding.run, frame.binding.names
    if not run.meters() or run.clock is not None:
        return run.meters() != []  # on an axis of what changes, whatever counts steps does
    for leaf, role, in_run in atoms_of(node):
        share = role in (Role.DURATION, Role.POSITION) and isinstance(leaf, Number) and leaf.is_fraction()
        if isinstance(leaf, Quantity) or share:
            unit = leaf.needs() if isinstance(leaf, Quantity) else PERCENT
            if unit.metered(run) or (unit is PERCENT and in_run and isinstance(frame.hundred, Metered)):
                return True
        elif (isinstance(leaf, Variable) and leaf.name in SO_FAR and SO_FAR[leaf.name].metered(run)) or (
            isinstance(leaf, Name) and leaf.name in names and is_metered(names[leaf.name], frame)
        ):
            return True
    return False


def is_real(node: Schedule, names: Names) -> bool:
    """Whether a node is a number of steps that has no exact value: `1500 / pi`."""
    return node.kind(names) in (Kind.NUMBER, Kind.PARAMETER) and node.irrational(names)


def length_of(node: Schedule, frame: Frame, positive: bool = False, real: bool = False, awaited: bool = False) -> Time:
    """The time that a node in a duration's place stands for, in steps.

    `real`: it may have no exact value. `awaited`: it may follow from an event that is not known yet.

    Raises:
        ScheduleError: E405, if it is negative, or if it is zero and has to be positive; E414.
    """
    length = _length_of(node, frame, positive, real)
    if isinstance(length, Picked) and length.awaited is not None and not awaited:
        depends_on(length.awaited)
    return depends_on(length) if isinstance(length, Awaited) and not awaited else length


def _length_of(node: Schedule, frame: Frame, positive: bool, real: bool) -> Time:
    known = frame.binding.lengths
    key = (id(node), positive, frame.hundred)
    if key in known:
        return known[key]
    if real and is_real(node, frame.binding.names):
        count = _nearly(node.number(frame))
        steps = of_steps(count, node, frame)
        length = count if steps is None else steps
    else:
        length = node.in_steps(frame)
        if frame.binding.exactly:
            length = frame.binding.placed(length)
    if isinstance(length, Metered):
        length = length.ahead()
    if length < 0 or (positive and length == 0):
        wanted = "above zero" if positive else "zero or more"
        hint = "use `max(…, 1)` if it depends on the run" if positive else "use `max(…, 0)` if it depends on the run"
        if isinstance(node, Name):
            hint = f"give `{node.name}` a longer time"
        run = frame.binding.run
        much = f"{time_text(length)} {length.meter.unit.symbol if isinstance(length, Metered) else 'steps'}"
        much = much if run.clock is None else run.amount(length)
        fail(node.place, "E405", f"`{node.written()}` is {much}, but has to be {wanted}", hint)
    frame.binding.nodes.append(node)
    known[key] = length = length or 0  # what takes no time has no unit
    return length


def _nearly(steps: float) -> Time:
    """A fraction that is that float, of few digits, as clocks count in its parts."""
    exactly = Fraction(steps)
    return simplest(next(near for bits in count() if float(near := exactly.limit_denominator(1 << bits)) == steps))


def time_text(time: Time) -> str:
    """A time in steps, or another rational, for a message."""
    return str(time) if time.denominator == 1 and -(10**15) < time < 10**15 else rounded(Fraction(time))


def constant(node: Origin, frame: Frame, value: float, handed: bool = False) -> Segment:
    """A segment that shows one value."""
    shape, names = ("hold", START) if handed else ("constant", frozenset[str]())
    return _segment(node, frame, STEPS, _start_formula, shape=shape, values={"start": value}, handed=names)


START: Final = frozenset({"start"})
"""What most segments are handed, if anything."""


def _segment(node: Origin, frame: Frame, clock: Clock, formula: Callable[..., Any], **facts: Any) -> Segment:
    frame.binding.count_phase(node.place)
    return Segment(frame.first, frame.last, node, declared=formula, **frame.reading(clock), **facts)


def _start_formula(k: Any, n: Any, xp: Any, start: Any) -> Any:
    return start


def _step_formula(k: Any, n: Any, xp: Any) -> Any:
    return k


def _progress_formula(k: Any, n: Any, xp: Any) -> Any:
    return k / n


VARIABLES: Final = {
    "base": "The value before the first phase, such as the optimizer's learning rate.",
    "pi": "The number π.",
    "step": "The step in the phase, counted from 0.",
    "progress": "How much of the phase has passed, from 0 to 1.",
    "run_step": "The step in the run, or in the `over` around it, counted from 0.",
    "run_progress": "How much of the run, or of the `over` around it, has passed, from 0 to 1.",
    **{
        unit.so_far: f"How many {unit.so_far.rstrip('s')}s of the run, or of the `over` around it, have passed."
        for unit in UNITS.values()
        if unit.so_far
    },
}
"""The names that need no definition, and what they are."""

SO_FAR: Final = {unit.so_far: unit for unit in UNITS.values() if unit.so_far}
"""The names of what has passed in each unit."""


def renamed(name: str) -> str:
    """What to do about a name of one's own that means something already.

    >>> renamed("cosine")
    'choose another name, for example `cosine_value`'
    >>> renamed("step")
    '`step` is the step in the phase, counted from 0: choose another name, for example `step_value`'
    """
    hint, meaning = f"choose another name, for example `{name}_value`", VARIABLES.get(name, "").removesuffix(".")
    return f"`{name}` is {meaning[0].lower()}{meaning[1:]}: {hint}" if meaning else hint


RESERVED: Final = frozenset((*KEYWORDS, *VARIABLES))
"""The words that can be neither a primitive nor a name behind `where`."""


@attrs.frozen(eq=False, repr=False)
class Variable(Schedule):
    """`base`, `pi`, `step`, `progress`, `run_step`, `run_progress`, `epoch`, `samples` or `tokens`: they are there.

    >>> from schedlang import parse
    >>> quarter = parse("progress").bind(4)
    >>> [quarter(step) for step in (0, 1, 4)]
    [0.0, 0.25, 1.0]
    >>> epochs = parse("1 for 3 then floor(epoch)").bind(9, steps_per_epoch=2.5)
    >>> [epochs(step) for step in (4, 5, 8)]
    [1.0, 2.0, 3.0]
    """

    name: str = attrs.field(validator=attrs.validators.in_(tuple(VARIABLES)))

    def text(self) -> str:
        return self.name

    def kind(self, names: Names) -> Kind:
        return Kind.NUMBER if self.timeless(names) else Kind.SCHEDULE

    def timeless(self, names: Names) -> bool:
        return self.name in ("base", "pi")

    def irrational(self, names: Names) -> bool:
        return True

    def of_run(self, names: Names) -> bool:
        return self.name in SO_FAR or self.name in ("run_step", "run_progress")

    def lay(self, frame: Frame) -> Part:
        if self.name == "base":
            return constant(self, frame, frame.binding.run.base)
        if self.name == "pi":
            return constant(self, frame, math.pi)
        formula = _step_formula if self.name in ("step", "run_step") else _progress_formula
        return _segment(self, frame, self._clock(frame), formula, shape=self.name)

    def _clock(self, frame: Frame) -> Clock:
        """The phase's, or that of the run, which counts from its origin."""
        before = frame.first - math.ceil(frame.origin)
        run = frame.binding.run
        if self.name in ("step", "run_step") and (step := of_steps(1, self, frame)) is not None:
            return frame.intervals(step, frame.start if self.name == "step" else frame.origin)
        match self.name:
            case "step":
                return STEPS
            case "progress":
                if frame.stop is None:
                    missing(self, PERCENT, run)
                if isinstance(frame.stop, Awaited) and not isinstance(frame.stop, Unreached) and frame.beyond_start:
                    depends_on(frame.stop, apart(self, self.over, frame))
                return frame.ramp(frame.stop)
            case "run_step":
                return StepClock(before)
            case "run_progress":
                if frame.hundred is None:
                    missing(self, PERCENT, run)
                if frame.binding.exactly and (counted := STEP.metered(run)):  # it counts steps
                    whole = counted[0].seen(frame.origin + frame.hundred) - counted[0].seen(frame.origin)
                    return metered(MeteredRampClock, counted[0], frame.first, frame.origin, whole)
                if frame.binding.exactly:
                    return RampClock.exact(frame.hundred, frame.first - frame.origin)
                steps = math.ceil(frame.origin + frame.hundred) - math.ceil(frame.origin)
                return RampClock(steps, before, whole=True)
        unit = SO_FAR[self.name]
        length = unit.steps(run)
        if length is not None:
            return SeenClock(length, bare(frame.first - frame.origin))
        counted = unit.metered(run)
        if counted is None:
            missing(self, unit, run)
        return metered(MeteredSeenClock, counted[0], frame.first, frame.origin, counted[1])


@attrs.frozen(eq=False, repr=False)
class Name(Schedule):
    """A name: it means what its definition behind `where`, or the parameter given to `bind`, would mean in its place.

    >>> from schedlang import parse
    >>> str(parse("warmup(w) then cosine(peak, 0) where w = 500, peak = 3e-4"))
    'warmup(w) then cosine(peak, 0) where w = 500, peak = 3e-4'
    """

    name: str

    def text(self) -> str:
        return self.name

    def kind(self, names: Names) -> Kind:
        kind: Kind = names.ask("kind", self.name, Kind.PARAMETER, lambda definition: definition.kind(names))
        return kind

    def bounded(self, names: Names) -> bool:
        return bool(names.ask("bounded", self.name, False, lambda definition: definition.bounded(names)))

    def timeless(self, names: Names) -> bool:
        return bool(names.ask("timeless", self.name, True, lambda definition: definition.timeless(names)))

    def irrational(self, names: Names) -> bool:
        return bool(names.ask("irrational", self.name, False, lambda definition: definition.irrational(names)))

    def takes(self, names: Names) -> bool:
        return bool(names.ask("takes", self.name, False, lambda definition: definition.takes(names)))

    def of_run(self, names: Names) -> bool:
        return bool(names.ask("of_run", self.name, False, lambda definition: definition.of_run(names)))

    def of_updates(self, names: Names) -> bool:
        return bool(names.ask("of_updates", self.name, False, lambda definition: definition.of_updates(names)))

    def definition(self, frame: Frame) -> Schedule:
        """What the name stands for; E402, if it has no definition and was not given."""
        frame.binding.count_expansion(self.place, 1 if type(frame.start) is int else 4)
        definition = frame.binding.names.get(self.name)
        if definition is None:
            fail(self.place, "E402", f"parameter `{self.name}` is not given", Needed(self.name))
        return definition

    def exact(self, frame: Frame) -> Fraction:
        memo = frame.binding.exact
        if self.name not in memo:
            definition = self.definition(frame)
            if isinstance(definition, Later):
                depends_on(Awaited.event(self.name, self.place))
            memo[self.name] = definition.exact(frame)
        return memo[self.name]

    def in_steps(self, frame: Frame, alone: bool = True) -> Time:
        memo, key = frame.binding.memo, (alone, self.name, frame.hundred)
        if key not in memo:
            definition = self.definition(frame)
            if isinstance(definition, Later):
                return Awaited.event(self.name, self.place)
            if definition.place is None or self.place is None:  # a parameter: the place to show is where it is used
                definition = attrs.evolve(definition, place=self.place)
            memo[key] = definition.in_steps(frame, alone)
        return memo[key]

    def number(self, frame: Frame) -> float:
        numbers = frame.binding.numbers
        if self.name not in numbers:
            definition = self.definition(frame)
            if definition.kind(frame.binding.names) is Kind.DURATION:
                _misplaced(self, self.name)
            numbers[self.name] = definition.number(frame)
        return numbers[self.name]

    def stops(self, frame: Frame) -> Time | None:
        return self.definition(frame).stops(frame)

    def belongs(self, frame: Frame) -> bool:
        return self.definition(frame).belongs(frame)

    def lay(self, frame: Frame) -> Part:
        definition = self.definition(frame)
        if definition.kind(frame.binding.names) is Kind.DURATION:
            _misplaced(self, self.name)
        return definition.lay_within(frame)


@attrs.frozen(eq=False, repr=False)
class Later(Schedule):
    """The value of a parameter that is an event: a time that is not known yet."""

    def text(self) -> str:
        return LATER

    def kind(self, names: Names) -> Kind:
        return Kind.DURATION

    def lay(self, frame: Frame) -> Part:
        _misplaced(self, LATER)


LATER: Final = "later"
"""The word for it."""


def is_later(value: object) -> bool:
    """Whether the value of a parameter, or of a definition, says that it is not known yet."""
    return isinstance(value, Later) or (isinstance(value, Name) and value.name == LATER)


def as_node(value: Operand) -> Schedule:
    """A Python value as a node: a schedule, a number, or text.

    Raises:
        ScheduleError: E313, for a number that isn't finite; and whatever is wrong with the text.
    """
    if isinstance(value, str):
        from ..parse import parse_argument  # the one call upwards: such text is read as any other is

        value = parse_argument(value)
    if isinstance(value, Schedule):
        if value.outermost:
            hint = "add it last: `.where(peak=3e-4)`"
            fail(None, "E107", "`where` stands at the end of a text, not inside of it", hint)
        return value
    given = plain(value)
    number = given if isinstance(given, (float, Decimal)) else as_rational(given)
    if number is None:
        fail(None, "E314", f"{shown(value)} cannot be part of a schedule", "use a number, a schedule or text")
    if isinstance(number, float) and not math.isfinite(number):
        fail(None, "E313", f"{number!r} is not a finite number", "use a number that a float can hold")
    decimal = _as_decimal(number)
    if not isinstance(number, float) and (as_rational(decimal) is None or math.isinf(float(decimal))):
        hint = "use a number that a float can hold"
        fail(None, "E313", f"{shown(decimal)} is not a finite number of moderate length", hint)
    if decimal.is_signed():  # a sign and a number, as in a text
        return BUILD["negative"](Number(-decimal)) if decimal else Number(Decimal(0))
    return Number(decimal)


def _as_decimal(number: float | Decimal | Fraction) -> Decimal:
    """A number as the decimal that a text would have for it; a whole one in full, which a division would round."""
    match number:
        case Decimal():
            return number
        case float():
            return Decimal(repr(float(number)))
        case _ if number.denominator == 1:
            return Decimal(number.numerator)
        case _:
            return Decimal(number.numerator) / Decimal(number.denominator)


def as_nodes(values: Any) -> tuple[Schedule, ...]:
    """Python values as nodes."""
    return tuple(as_node(value) for value in _listed(values))


def as_length(value: Operand) -> Schedule:
    """A Python value as a length of time; E303, for 1.0: one step or the whole run, no text of it would tell."""
    node = as_node(value)
    if isinstance(node, Number) and node.place is None and node.is_ambiguous():
        fail(None, "E303", "1.0 could be one step or the whole run", 'give 1 or "100%"')
    return node


def as_lengths(values: Any) -> tuple[Schedule, ...]:
    """Python values as lengths of time."""
    return tuple(as_length(value) for value in _listed(values))


def _listed(values: Any) -> Iterable[Any]:
    if isinstance(values, (str, Schedule)) or not isinstance(values, Iterable):
        fail(None, "E305", f"{values!r} is not a list", f"give `[{values}]`")
    return values


@functools.cache
def or_default(default: Any, read: Callable[[Any], Any]) -> Any:
    """What reads a field that has a default: None is as good as not giving it.

    Attrs looks at a function's signature for every field it is given to, at a converter's only once.
    """
    given = attrs.converters.optional(read)
    return attrs.Converter(given if default is None else lambda value: default if value is None else read(value))
