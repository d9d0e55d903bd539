"""An independent interpreter of the schedule language: plain, slow, exact in time, sixty digits in value.

It was written from the page on the language alone and shares no code with the package under test but the classes of its
syntax, into which the second parser reads. `NOTES.md` beside
this file lists the places where the page could be read in more than one way.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction

from mpmath import mp, mpf

from . import formulas
from .checking import checked, exact_number
from .playing import Context, Curve, Window, nowhere, play
from .reading import parse, parse_sum
from .timing import NOWHEN, Length, Meter, Place, Rates, Run, duration
from .tree import Node, Rejected

__all__ = ["Rejected", "reference_value"]

DEEPEST_RECURSION = 20_000


_NEVER = 10**30
"""When an event comes that is not known yet: whether anything before depends on that is not looked into here."""


def reference_value(
    text: str,
    steps: Iterable[int],
    *,
    total_steps: int | str | None = None,
    steps_per_epoch: str | int | float | None = None,
    samples_per_step: str | int | float | None = None,
    tokens_per_step: str | int | float | None = None,
    seconds_per_step: str | int | float | None = None,
    samples_per_epoch: str | int | float | None = None,
    base: str | int | float = 1,
    params: Mapping[str, object] | None = None,
) -> list[mpf]:
    """The values of a text at these steps, or `Rejected` where the page calls something an error.

    Numbers of the host are taken by their decimal digits. A value that is not finite is noticed only at a step that
    is asked for (or where it is handed on), not at every step of the run.
    """
    wanted = [_checked_step(step) for step in steps]
    with mp.workdps(formulas.DIGITS), _deep_recursion():
        rates = Rates(
            _finite_number(base, "base"),
            _rate(steps_per_epoch, "steps_per_epoch"),
            _rate(None if _is_text(samples_per_step) else samples_per_step, "samples_per_step"),
            _rate(None if _is_text(tokens_per_step) else tokens_per_step, "tokens_per_step"),
            _rate(seconds_per_step, "seconds_per_step"),
            _rate(samples_per_epoch, "samples_per_epoch"),
        )
        rates = _with_epochs(rates)
        texts = {"samples_per_step": samples_per_step, "tokens_per_step": tokens_per_step}
        followed = {
            name: _followed(name, str(text), total_steps, rates, max(wanted, default=0))
            for name, text in texts.items()
            if _is_text(text)
        }
        rates = replace(rates, **followed)
        known = {name: _NEVER if value == "later" else value for name, value in (params or {}).items()}
        schedule = checked(parse(text), known)
        total = _total(total_steps, rates)
        curve = _played(schedule, rates, total, max(wanted, default=0))
        return [formulas.finite(curve(Fraction(step))) for step in wanted]


def _no_base() -> mpf:
    raise Rejected("a rate begins with the value before the first phase")


def _played(
    schedule: Node,
    rates: Rates,
    length: Place | Length | None,
    horizon: int,
    incoming: Callable[[], mpf] | None = None,
) -> Curve:
    """A text in a run of that length."""
    total = None if length is None else NOWHEN + length
    share = replace(length, sharp=False) if isinstance(length, Length) else None if total is None else total.at
    context = Context(
        run=Run(NOWHEN, share, rates),
        start=NOWHEN,
        incoming=incoming or (lambda: formulas.real(rates.base)),
        window_end=total,
        cuts=() if total is None else (Window(NOWHEN, total),),
        follow=nowhere,
        horizon=horizon,
    )
    return play(schedule, context)


def _is_text(rate: object) -> bool:
    return isinstance(rate, str) and not rate.replace(".", "").isdigit()


def _with_epochs(rates: Rates) -> Rates:
    """Epochs of so many samples, where each step has as many."""
    if rates.samples_per_epoch is None or rates.samples_per_step is None:
        return rates
    assert isinstance(rates.samples_per_step, Fraction)
    return replace(rates, steps_per_epoch=rates.samples_per_epoch / rates.samples_per_step, samples_per_epoch=None)


_GUESSES = (Fraction(1), Fraction(97, 7))
"""What all steps may have that are not known yet: a rate that differs by that would depend on its own future."""


def _followed(name: str, text: str, total_steps: int | str | None, rates: Rates, horizon: int) -> Meter:
    """A rate, followed step by step up to the end of the run, or where else it is asked."""
    schedule = checked(parse(text), {})
    known: list[Fraction] = []
    while True:
        values, ends = [], []
        for guess in _GUESSES:
            told = replace(rates, **{name: Meter(name, known, guess)})
            length = _total(total_steps, told)
            curve = _played(schedule, told, length, len(known), _no_base)
            values.append(formulas.finite(curve(Fraction(len(known)))))
            ends.append(None if length is None else (NOWHEN + length).first)
        if values[0] != values[1]:
            raise Rejected(f"{name} follows from its own future at step {len(known)}")
        rate = Fraction(repr(float(values[0])))
        if rate <= 0:
            raise Rejected(f"{name} is not above 0 at step {len(known)}")
        known.append(rate)
        stop = horizon + 1 if ends[0] is None else ends[0]
        if ends[0] == ends[1] and len(known) > stop:
            return Meter(name, known, rate)
        if len(known) > 400:
            raise NotImplementedError("the reference follows 400 steps")


@contextmanager
def _deep_recursion() -> Iterator[None]:
    """A hundred brackets are several hundred calls."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, DEEPEST_RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def _checked_step(step: int) -> int:
    """A step is a whole number, at least 0."""
    if isinstance(step, bool) or not isinstance(step, int) or step < 0:
        raise Rejected(f"not a step: {step!r}")
    return step


def _finite_number(value: str | int | float, name: str) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise Rejected(f"{name} is not a number: {value!r}")
    return exact_number(value)


def _rate(value: str | int | float | None, name: str) -> Fraction | None:
    if value is None:
        return None
    rate = _finite_number(value, name)
    if rate <= 0:
        raise Rejected(f"{name} must be positive: {value!r}")
    return rate


def _total(total_steps: int | str | None, rates: Rates) -> Place | Length | None:
    """The length of the run, which may itself be a duration."""
    if total_steps is None:
        return None
    if isinstance(total_steps, bool) or not isinstance(total_steps, (int, str)):
        raise Rejected(f"total_steps is neither a number of steps nor a duration: {total_steps!r}")
    total = duration(parse_sum(str(total_steps)), Run(NOWHEN, None, rates))
    if isinstance(total, Place) and total.at < 1:
        raise Rejected("a run has at least one step")
    return total
