"""When a schedule is below a number, or above: all steps at which that holds.

Every step is looked at, except over stretches for which the bounds of the program prove, with a margin for rounding,
that the answer is the same all along. So a billion steps of a cosine take a few thousand values, and the answer is that
of looking at all of them.
"""

from __future__ import annotations

import math
import operator
import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING, Any, Final

import attrs

from .._bound.awaiting import until_known
from .._bound.bind import bind
from .._bound.bound import Bound, awaited
from .._bound.sampling import horizon
from .._language.nodes import Negative, Number
from .._language.parse import parse
from .._language.program import Search, beyond_limits
from .._text.errors import ScheduleError, fail
from .._text.numerals import literal
from .._text.run import STEP, Unit, as_decimal
from .exact import BLOCK, comes_to_rest, exact_values
from .plain import as_plain

if TYPE_CHECKING:
    from .exact import Floats

_MARGIN: Final = 1e-9  # how far from the number, as a share of the values, bounds have to stay to prove something

_BUDGET: Final = 20_000

_SHOWN: Final = 20  # how many ranges the text of an answer shows

_CONDITION: Final = re.compile(r"\s*(<=|>=|==|<|>|)\s*(.*?)\s*", re.DOTALL)

_COMPARED: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}


@attrs.frozen
class Range:
    """Neighbouring steps at all of which a condition holds, as many as there are.

    Attributes:
        first: the first of them.
        stop: the step behind the last one; None: there is no last one.
        start: the value at the first.
        end: the value at the last, or that is held forever.
    """

    first: int | Fraction
    stop: int | Fraction | None
    start: float
    end: float


@attrs.frozen
class Crossings:
    """At which steps a condition holds.

    Attributes:
        condition: the condition, such as `< 1e-5`; a number alone asks where the value crosses it.
        end: the step from which on the schedule holds its value, or up to which it was looked at.
        complete: whether nothing comes after `end` that was not looked at: only a schedule that goes on forever in a
            run without an end is looked at for a while.
        ranges: the ranges, in order; for a number alone each is one step, at which the value has come to the other
            side.
    """

    condition: str
    end: int | Fraction
    complete: bool
    ranges: tuple[Range, ...]
    unit: Unit = attrs.field(default=STEP, eq=False, repr=False)  # what the run counts
    awaited: tuple[str, ...] = attrs.field(default=(), eq=False, repr=False)  # events that are not known yet

    def __bool__(self) -> bool:
        """Whether the condition ever holds."""
        return bool(self.ranges)

    @property
    def first(self) -> int | Fraction | None:
        """The first step at which it holds; None: never."""
        return self.ranges[0].first if self.ranges else None

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data: dicts, lists, numbers, texts and None."""
        told = {"condition": self.condition, "holds": bool(self), "first": self.first} | as_plain(self)
        return told | ({"awaited": list(self.awaited)} if self.awaited else {})

    def __str__(self) -> str:
        """The answer in words: the first step first."""
        return "\n".join([*_answer_lines(self), *until_known(self.awaited)])


def _answer_lines(crossings: Crossings) -> Iterator[str]:
    ranges, unit, sign = crossings.ranges, crossings.unit, crossings.condition.rpartition(" ")[0]
    condition = f"{'' if sign else 'crosses '}{crossings.condition}"
    looked = (
        "" if crossings.complete else f" (looked at {unit.many} 0 – {as_decimal(crossings.end)}; the run has no end)"
    )
    if not ranges:
        yield f"never {condition}{looked}"
        return
    yield f"first {condition} at {unit.at(ranges[0].first)}, where it is {literal(ranges[0].start)}{looked}"
    more = len(ranges) - _SHOWN
    if sign:
        yield from (_range_text(steps, sign, unit) for steps in ranges[:_SHOWN])
        if more > 0:
            yield f"  … {more} more ranges"
    elif len(ranges) > 1:
        steps = ", ".join(as_decimal(steps.first) for steps in ranges[:_SHOWN])
        yield f"  at {unit.many} {steps}{f' … and {more} more times' if more > 0 else ''}"


def _range_text(steps: Range, sign: str, unit: Unit) -> str:
    single = unit.whole and steps.stop == steps.first + 1
    which = unit.span(steps.first, steps.stop) + (", forever" if steps.stop is None else "")
    same = steps.start == steps.end and (single or sign == "==")
    return f"  {which}: {literal(steps.start)}" + ("" if same else f" → {literal(steps.end)}")


def when(bound: Bound, condition: str) -> Crossings:
    """At which steps a condition on the value holds: see `Bound.when`.

    Raises:
        ScheduleError: E404 for a condition that is none; E406, if there is no finite value.
    """
    found = _CONDITION.fullmatch(condition) if isinstance(condition, str) else None
    sign, text = found.groups() if found else ("", "")
    threshold = _threshold(text, condition)
    run, bound = bound.run, bound.ticks
    end, complete = bound.end, True  # up to which step to look, and whether nothing changes behind it
    if end is None:
        end, complete = horizon(bound), comes_to_rest(bound)
    values, holds = exact_values(bound), _COMPARED[sign or ">="]
    flips: list[int] = []  # the steps at which the answer becomes another one than at the step before
    last: bool | None = None
    for first, stop, known in _proven_stretches(bound, threshold, end + 1, sign):
        answers = _answers(values(first, stop), holds, threshold) if known is None else [known]
        if answers[0] != last:
            flips.append(first)
        flips += [first + index for index in _changes(answers)]
        last = bool(answers[-1])
    begins = holds(bound(0), threshold)

    def ranged(first: int, stop: int | None, last: int) -> Range:
        return Range(run.place(first), None if stop is None else run.place(stop), bound(first), bound(last))

    if not sign:
        ranges = tuple(ranged(step, step + 1, step) for step in flips[1:])
        return Crossings(literal(threshold), run.place(end), complete, ranges, run.unit, awaited(bound))
    edges = flips if begins else flips[1:]
    forever = None if complete else end + 1
    ranges = tuple(
        ranged(first, forever if stop is None else stop, end if stop is None else stop - 1)
        for first, stop in zip_longest(edges[::2], edges[1::2])
    )
    return Crossings(f"{sign} {literal(threshold)}", run.place(end), complete, ranges, run.unit, awaited(bound))


def _threshold(text: str, condition: str) -> float:
    hint = 'give a comparison with a number, or a number to be crossed: `"< 1e-5"`, `">= 10k"`, `"1e-5"`'
    try:
        node = parse(text)
    except ScheduleError:
        node = None
    inner = node.operand if isinstance(node, Negative) else node
    if node is None or not isinstance(inner, Number):
        fail(None, "E404", f"{condition!r} is not a condition on the value", hint)
    return bind(node).walk(0)


def _proven_stretches(bound: Bound, threshold: float, stop: int, sign: str) -> Iterator[tuple[int, int, bool | None]]:
    """The steps below `stop` in stretches, in order, each with the answer if it is known to be the same all along."""
    waiting = [(0, stop)]
    while waiting:
        first, end = waiting.pop()
        if end - first <= BLOCK:
            yield first, end, None
            continue
        known = _proven(bound, (first, end - 1), threshold, sign)
        if known is not None:
            yield first, end, known
            continue
        middle = (first + end) // 2
        waiting += [(middle, end), (first, middle)]


def _proven(bound: Bound, steps: tuple[int, int], threshold: float, sign: str) -> bool | None:
    """The answer for all steps between two, if their bounds prove that it is the same, and rounding can't change it."""
    try:
        low, high = bound.program.bounds(*steps, Search(_BUDGET))
    except (ScheduleError, Search.OverError, ArithmeticError) as error:
        if isinstance(error, ScheduleError) and beyond_limits(error):
            raise
        return None
    if low == high:
        return bool(_COMPARED[sign or ">="](low, threshold))
    margin = _MARGIN * max(abs(low), abs(high))
    if not math.isfinite(margin) or low - margin <= threshold <= high + margin:
        return None
    if sign == "==":
        return False
    above = low > threshold
    return not above if sign in ("<", "<=") else above


def _answers(values: Floats, holds: Callable[[Any, Any], Any], threshold: float) -> Any:
    return (
        [holds(value, threshold) for value in values] if isinstance(values, (list, array)) else holds(values, threshold)
    )


def _changes(answers: Any) -> Iterable[int]:
    """The places at which an answer is another one than that before."""
    if isinstance(answers, list):
        return (index for index, (before, answer) in enumerate(pairwise(answers), 1) if answer != before)
    import numpy

    changes: list[int] = (numpy.flatnonzero(answers[1:] != answers[:-1]) + 1).tolist()
    return changes
