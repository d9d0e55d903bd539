"""Runs: what a schedule has to be told before its times are steps."""

from __future__ import annotations

import inspect
import math
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any, Final, NoReturn, SupportsIndex, TypeAlias, TypedDict, TypeVar, cast

import attrs

from . import limits
from .errors import Argument, Phrase, fail
from .source import Place

F = TypeVar("F", bound=Callable[..., Any])

Rate: TypeAlias = int | float | Fraction | Decimal | SupportsIndex
"""A positive number; a float means the decimal number it is printed as."""


def _kept(calculate: Callable[[Any, Any], Any]) -> Any:
    """An operation of rationals whose result is `Given` as well."""

    def calculated(one: Given, other: Any) -> Any:
        if isinstance(other, Given) and other.is_length:
            return NotImplemented  # it knows what it makes of a place
        result = calculate(one, other)
        return result if result is NotImplemented else Given(result)

    return calculated


class Given(Fraction):
    """A time in steps given in samples, tokens, seconds or a fraction of steps, and sums of such with any other.

    Ramps begin and end where it is; where any other time is, they do at the first whole step.

    >>> Given(5, 2) + 1, Fraction(1, 4) - Given(1, 4), 3 * Given(1, 2)
    (Given(7, 2), Given(0, 1), Given(3, 2))
    """

    __slots__ = ()

    is_length = False
    """Whether it is an amount of a unit whose rate changes: see `meters`."""

    __add__, __radd__ = _kept(Fraction.__add__), _kept(Fraction.__radd__)
    __sub__, __rsub__ = _kept(Fraction.__sub__), _kept(Fraction.__rsub__)
    __mul__, __rmul__ = _kept(Fraction.__mul__), _kept(Fraction.__rmul__)
    __truediv__ = _kept(Fraction.__truediv__)

    def __neg__(self) -> Given:
        return Given(super().__neg__())


def _tied(calculate: Callable[[Any, Any], Any]) -> Any:
    """An operation of rationals whose result follows from the same event."""

    def calculated(one: Awaited, other: Any) -> Any:
        if isinstance(other, Given) and other.is_length:
            return NotImplemented
        result = calculate(one, other)
        return result if result is NotImplemented else one.tied(result, other)

    return calculated


class Awaited(Given):
    """A time that follows from an event of which nobody knows yet when it comes.

    It is far away, unless a text bounds it: `min(cooldown, 80%)`. What lasts that long is laid out, and must not depend
    on how long that is.
    """

    __slots__ = ("ends", "given", "name", "place")

    name: str
    place: Place | None  # where in the text that stands
    given: bool  # whether it is one that is `Given`
    ends: Any  # the clause that ends there, if it is known

    @classmethod
    def event(cls, name: str, place: Place | None) -> Awaited:
        """When an event comes."""
        return cls._of(Fraction(FAR), name, place, given=False)

    @classmethod
    def _of(cls, time: Fraction, name: str, place: Place | None, given: bool) -> Awaited:
        made = cls(time)
        made.name, made.place, made.given, made.ends = name, place, given, None
        return made

    def of(self, clause: Any) -> Awaited:
        """The same, as that at which a clause ends."""
        made = self.tied(self)
        made.ends = clause
        return made

    def is_open(self, start: Fraction | int) -> bool:
        """Whether it is not known yet how long it is from a place to this one."""
        return self >= start + _NEVER

    def settled(self) -> Fraction | int:
        """The same time, whatever it follows from, for what begins there; as it is, if that is not known yet."""
        if self >= _NEVER:
            return self
        return Given(self) if self.given else self.numerator if self.denominator == 1 else Fraction(self)

    def tied(self, time: Fraction | int, *others: object) -> Awaited:
        """A time that follows from this one, and from others."""
        given = any(each.given if isinstance(each, Awaited) else isinstance(each, Given) for each in (self, *others))
        return self._of(Fraction(time), self.name, self.place, given)

    def refuse(self, hint: str = "") -> NoReturn:
        """Raise the error for values that would depend on when the event comes."""
        message = f"`{self.name}` is not known yet, and the values before it would depend on it"
        hint = hint or "an event stands behind `until` or `for`, as it is or in `cooldown + 100`: give a time here"
        fail(self.place, "E414", message, hint)

    __add__, __radd__ = _tied(Fraction.__add__), _tied(Fraction.__radd__)
    __sub__, __rsub__ = _tied(Fraction.__sub__), _tied(Fraction.__rsub__)
    __mul__, __rmul__ = _tied(Fraction.__mul__), _tied(Fraction.__rmul__)
    __truediv__ = _tied(Fraction.__truediv__)


FAR: Final = math.factorial(60)
"""How far away an event is that is not known yet: whole steps, however it is divided."""

_NEVER: Final = 1 << 100  # from how many steps on nobody asks


def tied(time: Fraction | int, *sources: Fraction | int) -> Fraction | int:
    """A time, given as those are of which it was calculated."""
    awaited = next((each for each in sources if isinstance(each, Awaited)), None)
    if awaited is not None:
        return awaited.tied(time, *sources)
    return Given(time) if any(isinstance(each, Given) for each in sources) else time


def depends_on(time: Awaited, hint: str = "") -> NoReturn:
    """Raise the error for values that would depend on when an event comes that is not known yet."""
    time.refuse(hint)


def plain(value: object) -> object:
    """A value as Python has it: what a NumPy scalar holds, or an array or tensor that has no dimension.

    A float means the decimal number that it prints as, of whatever precision it is: `np.float32(0.1)` is 0.1. None for
    what has dimensions, or no value yet.
    """
    if isinstance(value, (int, float)) or not (hasattr(value, "item") and hasattr(value, "dtype")):
        return value
    try:
        held = value.item() if getattr(value, "shape", None) == () else None
    except Exception:  # traced, or on no device: each library has its own
        return None
    return _as_printed(value, held) if isinstance(held, float) else held


def _as_printed(value: Any, held: float) -> float:
    """The shortest decimal that is the same number in the precision of an array or tensor."""
    if not hasattr(value, "new_tensor"):
        return float(str(value.dtype.type(held)))
    decimals = (float(f"{held:.{digits}g}") for digits in range(1, 17))
    return next((each for each in decimals if value.new_tensor(each).item() == held), held)


def as_rational(value: object) -> Fraction | None:
    """A number as a rational, a float through its decimal text; None for what is none, or too large: see `Run`."""
    value = plain(value)
    if isinstance(value, bool):
        return None
    try:
        if isinstance(value, Decimal):
            small = value.is_finite() and abs(value.adjusted()) <= limits.DIGITS
            return Fraction(value) if small and len(value.as_tuple().digits) <= limits.DIGITS else None
        if isinstance(value, float):
            return Fraction(repr(float(value)))
        rational = value if isinstance(value, Fraction) else Fraction(operator.index(value))  # type: ignore[arg-type]
        return rational if abs(rational) < 10**limits.DIGITS else None
    except (TypeError, ValueError, OverflowError):
        return None


def shown(value: object) -> str:
    """A value for a message, shortened if it is long."""
    try:
        text = repr(value)
    except ValueError:  # an int of thousands of digits, or something that holds one
        text = f"a number of {value.bit_length()} bits" if isinstance(value, int) else f"a {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}…"


def exact(value: Rate, what: str) -> Fraction:
    """A number as a rational, a float through its decimal text: 0.1 is one tenth.

    >>> exact(0.1, "steps_per_epoch")
    Fraction(1, 10)
    """
    rational = as_rational(value)
    if rational is None or rational <= 0:
        _refuse(what, f"{shown(value)}, not a finite number above zero")
    return rational


def _refuse(what: str, why: str) -> NoReturn:
    """Raise the error for a number that is told of a run under some name."""
    known = SETTINGS.get(what)
    called = what if known is None else Argument(what)
    fail(None, "E404", Phrase(called, f" is {why}"), Phrase("give it as ", what if known is None else known.hint))


@attrs.frozen
class Changing:
    """A rate that is a schedule, and the meter of its unit, once it has met a run."""

    schedule: Any
    meter: Any = attrs.field(default=None, eq=False, repr=False)

    def __str__(self) -> str:
        return str(self.schedule)


class Rates(TypedDict, total=False):
    """How long other units are than a step, and what is counted: keywords of whatever binds, which everything else
    passes on."""

    steps_per_epoch: Rate | None
    samples_per_step: Rate | str | Changing | None
    tokens_per_step: Rate | str | Changing | None
    samples_per_epoch: Rate | None
    seconds_per_step: Rate | None
    clock: str | None


TOLD: Final = tuple(Rates.__annotations__)
"""All that is told of a run but how long it is and where it begins."""

RATES: Final = tuple(name for name in TOLD if name != "clock")

CHANGING: Final = ("samples_per_step", "tokens_per_step")
"""Those that may be schedules."""


def split_rates(arguments: Mapping[str, Any]) -> tuple[Rates, dict[str, Any]]:
    """The rates and the clock among keywords, and the others: parameters of texts."""
    rates = {name: value for name, value in arguments.items() if name in TOLD}
    return cast(Rates, rates), {name: value for name, value in arguments.items() if name not in TOLD}


def counted_besides(told: Mapping[str, Any], counted: Mapping[str, Any]) -> dict[str, Any]:
    """What a trainer counts of a run, as far as nothing else is told of it.

    >>> counted_besides({"samples_per_epoch": 50_000}, {"steps_per_epoch": 12, "samples_per_step": 8})
    {'samples_per_step': 8}
    """
    known = {name for name, value in told.items() if value is not None}
    epochs = {"steps_per_epoch", "samples_per_epoch"} & known and {"steps_per_epoch"}
    return {name: count for name, count in counted.items() if name not in known | epochs}


def takes_rates(function: F) -> F:
    """Show the rates in the signature of a function whose `**` takes them together with the parameters of a text.

    `**run: Unpack[Rates]` alone would forbid those, which may have any name (PEP 728 would allow both).
    """
    signature = inspect.signature(function)
    *own, rest = signature.parameters.values()
    by_name = inspect.Parameter.KEYWORD_ONLY
    rates = [inspect.Parameter(name, by_name, default=None, annotation=Rates.__annotations__[name]) for name in TOLD]
    function.__signature__ = signature.replace(parameters=[*own, *rates, rest])  # type: ignore[attr-defined]
    return function


def whole_number(value: Any) -> int | None:
    """The integer that a number is, of whatever type; None for what is none, such as True."""
    value = plain(value)
    if isinstance(value, (float, Fraction, Decimal)):
        rational = as_rational(value)
        return None if rational is None or rational.denominator != 1 else rational.numerator
    try:
        return None if isinstance(value, bool) else operator.index(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _rate(value: Rate | None, name: str = "") -> Fraction | None:
    return None if value is None else exact(value, name)


def _known(value: Any, what: str) -> Fraction | Changing:
    return value if isinstance(value, Changing) else exact(value, what)


def _finite(value: float) -> float:
    number = as_rational(value)
    try:
        return float(value if isinstance(value, float) and number is not None else number)  # type: ignore[arg-type]
    except (TypeError, OverflowError):  # no number, or none that a float can hold
        _refuse("base", f"{shown(value)}, not a finite number")


def _converters_named(_: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """The fields, their converters knowing whose they are; mypy allows plain functions alone, which don't."""
    given = attrs.converters.optional
    return [
        field.evolve(converter=given(partial(_known, what=field.name)))
        if field.converter is _rate  # type: ignore[comparison-overlap]
        else field
        for field in fields
    ]


def _clock(word: str) -> str | None:
    """The symbol of the unit that a clock counts; None for that of steps."""
    unit = UNITS.get(word) if isinstance(word, str) else None
    if unit is None or unit.symbol not in _CLOCKS:
        _refuse("clock", f"{shown(word)}, which no run is counted in")
    return None if unit is STEP else unit.symbol


@attrs.frozen(kw_only=True, field_transformer=_converters_named)
class Run:
    """What is known of a run; every schedule needs only what its text uses.

    A number is an int, a float, a Fraction, a Decimal, a NumPy scalar, or an array or tensor without dimensions. A
    float, of whatever precision, means the decimal number that it prints as. True and False, texts, and what has
    dimensions are no numbers. The same holds for parameters, for steps, and for what adapters are given.

    Attributes:
        total_steps: how many optimizer updates the run has; its 100 %. On another clock, how many of its units.
        steps_per_epoch: optimizer updates in one epoch; need not be whole.
        samples_per_step: samples in one optimizer update, all devices and accumulated batches together; a number, or
            the text of a schedule, whose value at a step says how many that one has.
        tokens_per_step: tokens in one optimizer update, likewise.
        samples_per_epoch: samples in one epoch, for epochs that follow them, in place of `steps_per_epoch`.
        seconds_per_step: how long one optimizer update takes.
        clock: the unit in which the run is asked and counted: "tok", "samples", "ep" or "s"; None for "steps".
        base: the value before the first phase, such as the optimizer's initial learning rate.

    Raises:
        ScheduleError: E404, if one of them isn't a finite number, or a rate not above zero.

    >>> Run(total_steps=1000, steps_per_epoch=12.5).steps_per_epoch
    Fraction(25, 2)
    """

    total_steps: Fraction | None = attrs.field(
        default=None, converter=_rate, eq=lambda total: (total, isinstance(total, Given))
    )
    steps_per_epoch: Fraction | None = attrs.field(default=None, converter=_rate)
    samples_per_step: Fraction | Changing | None = attrs.field(default=None, converter=_rate)
    tokens_per_step: Fraction | Changing | None = attrs.field(default=None, converter=_rate)
    samples_per_epoch: Fraction | None = attrs.field(default=None, converter=_rate)
    seconds_per_step: Fraction | None = attrs.field(default=None, converter=_rate)
    clock: str | None = attrs.field(default=None, converter=attrs.converters.optional(_clock))
    base: float = attrs.field(default=1.0, converter=_finite)
    grid: int = attrs.field(default=1, eq=False, repr=False)  # into how many ticks of the axis a unit of it is divided

    @property
    def unit(self) -> Unit:
        """What the clock counts."""
        return STEP if self.clock is None else UNITS[self.clock]

    @property
    def length(self) -> Fraction | None:
        """How long the run is, in ticks of the axis."""
        return None if self.total_steps is None else self.total_steps * self.grid

    def place(self, tick: int | Fraction) -> int | Fraction:
        """A place of the axis as it is asked for."""
        place = Fraction(tick, self.grid)
        return place.numerator if place.denominator == 1 else place

    def at(self, tick: int | Fraction) -> str:
        """A place of the axis in words: `step 500`, `second 12.5`."""
        return self.unit.at(Fraction(tick, self.grid))

    def amount(self, ticks: int | Fraction) -> str:
        """A length of time in words: `1 step`, `12.5 seconds`."""
        return self.unit.amount(Fraction(ticks) / self.grid)

    def rates(self) -> dict[str, Any]:
        """The rates by name, and the clock; those that the first records do not have only if they were told."""
        told = {name: getattr(self, name) for name in TOLD}
        return {name: each for name, each in told.items() if each is not None or name in TOLD[:3]}

    def clock_rate(self) -> Changing | None:
        """The rate of what the clock counts one by one, if that changes."""
        rate = getattr(self, self.unit.needs) if self.unit.whole and self.unit.needs else None
        return rate if isinstance(rate, Changing) else None

    def meters(self) -> list[Any]:
        """The meters of units whose rates change; on an axis of one of those, that of the steps."""
        if self.clock is not None:
            rate = self.clock_rate()
            return [] if rate is None else [rate.meter.turned]
        return [rate.meter for name in CHANGING if isinstance(rate := getattr(self, name), Changing)]


def as_decimal(number: int | Fraction) -> str:
    """A rational as a decimal, as near as 12 digits behind the point get."""
    if isinstance(number, int):
        return str(number)
    whole, rest = divmod(round(number * 10**_DIGITS), 10**_DIGITS)
    return f"{whole}.{rest:0{_DIGITS}}".rstrip("0").rstrip(".") if rest else str(whole)


_DIGITS: Final = 12


def ticked(run: Run, grid: int = 1) -> Run:
    """The run on an axis on which each whole step is a whole tick, as is each decimal of a few digits; and whatever is
    on a given one."""
    if run.unit.whole:
        return run
    updates = run.unit.in_updates(run)
    return attrs.evolve(run, grid=math.lcm(_GRID, grid, 1 if updates is None else updates.numerator))


_GRID: Final = 10**9


def as_total(run: Run) -> int | str | None:
    """The length of a run as `bind` takes it: an int, or a duration if it is not whole, as some are in epochs.

    >>> as_total(Run(total_steps=Given(25, 2))), as_total(Run(total_steps=Fraction(25, 2), steps_per_epoch=5))
    ('25 steps / 2', '5ep / 2')
    """
    total, unit = run.total_steps, " steps"
    metered = getattr(total, "meter", None)
    if metered is not None:
        total, unit = Fraction(total.amount), f" {metered.unit.symbol}"  # type: ignore[union-attr]
        if run.samples_per_epoch is not None and not isinstance(run.total_steps, Given):
            total, unit = total / run.samples_per_epoch, "ep"
    elif total is None or (total.denominator == 1 and run.clock is None):
        return None if total is None else total.numerator
    elif run.clock is not None:
        unit = run.clock if run.clock == "ep" else f" {run.clock}"
    elif run.steps_per_epoch is not None and not isinstance(total, Given):
        total, unit = total / run.steps_per_epoch, "ep"
    return f"{total.numerator}{unit}" if total.denominator == 1 else f"{total.numerator}{unit} / {total.denominator}"


@attrs.frozen
class Setting:
    """A field of `Run` as whoever is asked for it sees it."""

    name: str
    meaning: str
    example: str = attrs.field(kw_only=True)
    aliases: tuple[str, ...] = attrs.field(kw_only=True)  # what others call it
    note: str = attrs.field(default="", kw_only=True)  # what else to know, in few words
    kinds: Phrase | None = attrs.field(default=None, kw_only=True)  # what it may be, if it isn't just a number

    @property
    def hint(self) -> Phrase:
        """How it is given."""
        return self.kinds or Phrase("a number, ", Argument(self.name, self.example))


IN_STEPS: Final = Argument("total_steps", "30_000")
IN_EPOCHS: Final = Argument("total_steps", "90ep", quoted=True)
_TOTALS: Final = ("total", "steps", "num_steps", "max_steps", "training_steps", "num_training_steps")
_EPOCHS: Final = ("epoch_steps", "iters_per_epoch", "batches_per_epoch")
_BATCHES: Final = ("batch_size", "global_batch_size", "samples")
_INITIAL: Final = ("lr", "base_lr", "initial_lr", "peak_lr", "max_lr")

_SETTINGS: Final = (
    Setting(
        "total_steps",
        "how long it is",
        note=": 30000, 30k, or a duration such as 90ep",
        example="30_000",
        aliases=_TOTALS,
        kinds=Phrase("a whole number of steps or a duration, ", IN_STEPS, " or ", IN_EPOCHS),
    ),
    Setting("steps_per_epoch", "optimizer updates in an epoch", example="1250", aliases=_EPOCHS),
    Setting("samples_per_step", "samples in an update", note=", all devices together", example="256", aliases=_BATCHES),
    Setting(
        "tokens_per_step",
        "tokens in an update",
        note=", likewise: 524288, 500k",
        example="524_288",
        aliases=("tokens", "tokens_per_batch"),
    ),
    Setting(
        "samples_per_epoch",
        "samples in an epoch",
        note=", for epochs that follow the samples",
        example="1_281_167",
        aliases=("dataset_size", "num_samples"),
    ),
    Setting("seconds_per_step", "seconds that an update takes", example="0.35", aliases=()),
    Setting(
        "clock",
        "what is counted",
        note=": steps (the default), tok, samples, ep or s",
        example="tok",
        aliases=(),
        kinds=Phrase("one of steps, tok, samples, ep and s, ", Argument("clock", "tok", quoted=True)),
    ),
    Setting("base", "the value before the first phase", note=" (default: 1)", example="3e-4", aliases=_INITIAL),
)

SETTINGS: Final = {setting.name: setting for setting in _SETTINGS}
"""The fields of `Run`, by their names."""


@attrs.frozen
class Unit:
    """A unit of time."""

    symbol: str  # how canonical texts write it
    words: tuple[str, ...]  # how it may be written
    meaning: str  # what is counted
    needs: str | None  # which field of `Run` says how long it is
    of_steps: bool = True  # whether that is steps in a unit, or units in a step; places in those are where they are
    so_far: str = ""  # what formulas call how much of it has passed
    size: int = 1  # how many of those that the rate counts it is
    whole: bool = True  # whether a clock that counts it has no places in between

    @property
    def many(self) -> str:
        """What several are called in words."""
        return max(self.words, key=len)

    @property
    def one(self) -> str:
        """What one is called in words."""
        return self.many.removesuffix("s")

    def at(self, place: int | Fraction) -> str:
        """A place in words: `step 500`, `second 12.5`."""
        return f"{self.one} {as_decimal(place)}"

    def amount(self, length: int | Fraction) -> str:
        """A length of time in words: `1 step`, `12.5 seconds`."""
        return f"{as_decimal(length)} {self.one if length == 1 else self.many}"

    def span(self, first: int | Fraction, stop: int | Fraction | None, to: str = "–") -> str:
        """From a place to before another in words: `steps 0 – 499`; of what has no next one, `seconds 0 to 12.5`."""
        if stop is None:
            return f"from {self.at(first)} on"
        if not self.whole:
            return f"{self.many} {as_decimal(first)} to {as_decimal(stop)}"
        return self.at(first) if stop == first + 1 else f"{self.many} {as_decimal(first)} {to} {as_decimal(stop - 1)}"

    def steps(self, run: Run) -> Fraction | None:
        """How many ticks of the run's axis, such as steps, one unit is; None if the run doesn't say, or that changes.
        Not for `%`, whose whole a text can change."""
        if run.clock is None:
            return self.in_updates(run)
        if self.needs is not None and self.needs == run.unit.needs:
            return Fraction(run.grid * self.size)
        mine, clock = self._in_samples(run), run.unit._in_samples(run)
        if mine is None or clock is None:
            mine, clock = self.in_updates(run), run.unit.in_updates(run)
        return None if mine is None or clock is None else mine / clock * run.grid

    def in_updates(self, run: Run) -> Fraction | None:
        """How many optimizer updates one unit is, if that is told and does not change."""
        if self.needs is None:
            return Fraction(1)
        rate: Fraction | Changing | None = getattr(run, self.needs)
        if rate is None and self.by_samples(run) and isinstance(run.samples_per_step, Fraction):
            return run.samples_per_epoch / run.samples_per_step  # type: ignore[operator]
        if rate is None or isinstance(rate, Changing):
            return None
        return self.size * (rate if self.of_steps else 1 / rate)

    def _in_samples(self, run: Run) -> Fraction | None:
        """How many samples one unit is, if that needs no rate of steps."""
        if self.needs == "samples_per_step":
            return Fraction(1)
        return run.samples_per_epoch if self.by_samples(run) else None

    def by_samples(self, run: Run) -> bool:
        """Whether it is a number of samples: an epoch of which that is told."""
        return self.needs == "steps_per_epoch" and run.samples_per_epoch is not None and run.steps_per_epoch is None

    def metered(self, run: Run) -> tuple[Any, Fraction] | None:
        """The meter of what it is counted in, and how much of that one is, where the rate changes.

        On an axis of tokens or samples whose rate changes, the meter of the steps; nothing, if it lies there as is.
        """
        if run.clock is not None:
            counted, updates = run.clock_rate(), self.in_updates(run)
            if counted is None or updates is None or self is PERCENT or self.steps(run) is not None:
                return None
            return counted.meter.turned, updates
        if self.by_samples(run):
            rate, one = run.samples_per_step, run.samples_per_epoch
        else:
            rate, one = None if self.needs is None else getattr(run, self.needs), Fraction(1)
        return (rate.meter, one) if isinstance(rate, Changing) and one is not None else None

    def lacks(self, run: Run) -> str | None:
        """What the run would have to say, and doesn't, or not once for all."""
        if run.clock is None or self is PERCENT:
            needs = self._rate_of(run)
            return None if needs is None or getattr(run, needs) is not None else needs
        if self.steps(run) is not None or self.metered(run) is not None:
            return None
        needed = (self._rate_of(run), run.unit._rate_of(run))
        return next(each for each in needed if each and not isinstance(getattr(run, each), Fraction))

    def _rate_of(self, run: Run) -> str | None:
        return "samples_per_step" if self.by_samples(run) else self.needs


STEP: Final = Unit("steps", ("steps", "step"), "Optimizer updates.", None)
PERCENT: Final = Unit("%", ("%",), "A share of the run, in hundredths; inside `over D` of D.", "total_steps")

_UNITS: Final = (
    STEP,
    PERCENT,
    Unit("ep", ("ep", "epochs", "epoch"), "Epochs.", "steps_per_epoch", so_far="epoch", whole=False),
    Unit(
        "samples",
        ("samples", "sample"),
        "Samples, of all devices together.",
        "samples_per_step",
        of_steps=False,
        so_far="samples",
    ),
    Unit(
        "tok",
        ("tok", "tokens", "token"),
        "Tokens, of all devices together.",
        "tokens_per_step",
        of_steps=False,
        so_far="tokens",
    ),
    *(
        Unit(
            symbol,
            (symbol, many, many[:-1]),
            f"{many.capitalize()} of the run.",
            "seconds_per_step",
            False,
            size=size,
            whole=False,
        )
        for symbol, many, size in (("s", "seconds", 1), ("min", "minutes", 60), ("h", "hours", 3600))
    ),
)

UNITS: Final[Mapping[str, Unit]] = {word: unit for unit in _UNITS for word in unit.words}
"""Every word that may stand behind a number, and the unit it names."""

_CLOCKS: Final = (STEP.symbol, "ep", "samples", "tok", "s")
