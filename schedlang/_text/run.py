"""Runs: what a schedule has to be told before its times are steps."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final, SupportsIndex, TypeAlias

import attrs

from . import limits
from .errors import fail

Rate: TypeAlias = int | float | Fraction | Decimal | SupportsIndex
"""A positive number; a float means the decimal number it is printed as."""


def as_rational(value: object) -> Fraction | None:
    """A Python number as a rational, a float through its decimal text; None for what is none, or too large."""
    if isinstance(value, (bool, str)):
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
        item = getattr(value, "item", None)  # a NumPy scalar, or an array or tensor of one element
        inner = item() if callable(item) and getattr(value, "size", 1) == 1 else None
        return as_rational(inner) if isinstance(inner, (int, float)) else None


def shown(value: object) -> str:
    """A value for a message, shortened if it is long."""
    try:
        text = repr(value)
    except ValueError:  # an int of thousands of digits, or something that holds one
        text = f"a number of {value.bit_length()} bits" if isinstance(value, int) else f"a {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}…"


def exact(value: Rate, what: str) -> Fraction:
    """A number as a rational, a float through its decimal text: 0.1 is one tenth.

    Raises:
        ScheduleError: E404, if it isn't a finite number above zero.

    >>> exact(0.1, "steps_per_epoch")
    Fraction(1, 10)
    """
    rational = as_rational(value)
    if rational is None or rational <= 0:
        message = f"{what} is {shown(value)}, not a finite number above zero"
        fail(None, "E404", message, f"give it as {_EXAMPLES.get(what, what)}")
    return rational


def as_total(total_steps: Fraction | None) -> int | str | None:
    """The length of a run as `bind` takes it: an int, or a duration if it is not whole, as some are in epochs.

    >>> as_total(Fraction(25, 2))
    '25 steps / 2'
    """
    if total_steps is None or total_steps.denominator == 1:
        return None if total_steps is None else total_steps.numerator
    return f"{total_steps.numerator} steps / {total_steps.denominator}"


RATES: Final = ("steps_per_epoch", "samples_per_step", "tokens_per_step")
"""What of a run tells how long other units are than a step."""

_EXAMPLES: Final = {
    "total_steps": 'a whole number of steps or a duration, `total_steps=30_000` or `total_steps="90ep"`',
    "steps_per_epoch": "a number, `steps_per_epoch=1250`",
    "samples_per_step": "a number, `samples_per_step=256`",
    "tokens_per_step": "a number, `tokens_per_step=524_288`",
}


def _rate(name: str, value: Rate | None) -> Fraction | None:
    return None if value is None else exact(value, name)


def _total_steps(value: Rate | None) -> Fraction | None:
    return _rate("total_steps", value)


def _steps_per_epoch(value: Rate | None) -> Fraction | None:
    return _rate("steps_per_epoch", value)


def _samples_per_step(value: Rate | None) -> Fraction | None:
    return _rate("samples_per_step", value)


def _tokens_per_step(value: Rate | None) -> Fraction | None:
    return _rate("tokens_per_step", value)


def _finite(value: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if isinstance(value, (str, bool)) or not math.isfinite(number):
        fail(None, "E404", f"base is {shown(value)}, not a finite number", "give it as a number, `base=3e-4`")
    return number


@attrs.frozen(kw_only=True)
class Run:
    """What is known of a run; every schedule needs only what its text uses.

    Attributes:
        total_steps: how many optimizer updates the run has; its 100 %.
        steps_per_epoch: optimizer updates in one epoch; need not be whole.
        samples_per_step: samples in one optimizer update, all devices and accumulated batches together.
        tokens_per_step: tokens in one optimizer update, likewise.
        base: the value before the first phase, such as the optimizer's initial learning rate.

    Raises:
        ScheduleError: E404, if one of them isn't a finite number, or a rate not above zero.

    >>> Run(total_steps=1000, steps_per_epoch=12.5).steps_per_epoch
    Fraction(25, 2)
    """

    total_steps: Fraction | None = attrs.field(default=None, converter=_total_steps)
    steps_per_epoch: Fraction | None = attrs.field(default=None, converter=_steps_per_epoch)
    samples_per_step: Fraction | None = attrs.field(default=None, converter=_samples_per_step)
    tokens_per_step: Fraction | None = attrs.field(default=None, converter=_tokens_per_step)
    base: float = attrs.field(default=1.0, converter=_finite)


@attrs.frozen
class Unit:
    """A unit of time: how it is written, what of the run it needs, and whether that is steps in a unit."""

    symbol: str
    words: tuple[str, ...]
    needs: str | None
    of_steps: bool = True

    def steps(self, run: Run) -> Fraction | None:
        """How many steps one unit is; None if the run doesn't say. Not for `%`, whose whole a text can change."""
        if self.needs is None:
            return Fraction(1)
        rate: Fraction | None = getattr(run, self.needs)
        return None if rate is None else rate if self.of_steps else 1 / rate


STEP: Final = Unit("steps", ("steps", "step"), None)
PERCENT: Final = Unit("%", ("%",), "total_steps")
EPOCH: Final = Unit("ep", ("ep", "epochs", "epoch"), "steps_per_epoch")
SAMPLE: Final = Unit("samples", ("samples", "sample"), "samples_per_step", of_steps=False)
TOKEN: Final = Unit("tok", ("tok", "tokens", "token"), "tokens_per_step", of_steps=False)

UNITS: Final[Mapping[str, Unit]] = {word: unit for unit in (STEP, PERCENT, EPOCH, SAMPLE, TOKEN) for word in unit.words}
"""Every word that may stand behind a number, and the unit it names."""
