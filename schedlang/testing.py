"""Assertions about schedules, for the tests of whoever uses them.

>>> from schedlang.testing import assert_schedule
>>> lr = assert_schedule("warmup(5%) then cosine", total=1000, base=3e-4, peak=3e-4, peak_at="5%", ends_at=0)
>>> lr(25)
0.00015
>>> assert_schedule("warmup(5%) then cosine(3e-4, 3e-5)", total=1000, starts_at=0, ends_at=0)
Traceback (most recent call last):
    ...
AssertionError: a schedule is not what was asserted
error[ends_at]: expected 0, found 3e-5 at step 1000
  |
1 | warmup(5%) then cosine(3e-4, 3e-5)
  |                 ^^^^^^^^^^^^^^^^^^
"""

from __future__ import annotations

import inspect
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, zip_longest
from typing import Any, TypeAlias

import attrs

from ._bound.bind import bind, setting_called
from ._bound.bound import Bound
from ._bound.telling import refuse_clock
from ._bound.wording import worded
from ._files.carried import Carried
from ._files.reading import read_reference
from ._insight.exact import row_at
from ._language.frame import Binding, Frame
from ._language.names import free_names
from ._language.nodes import Schedule
from ._language.nodes.base import Names
from ._language.nodes.scalars import as_node
from ._language.parse import as_schedule, parse_argument
from ._language.program import Segment, Timeline
from ._text.errors import Diagnostic, nearest
from ._text.run import SETTINGS, Rate, split_rates, takes_rates

Tested: TypeAlias = "str | float | Schedule | Bound | tuple[str | os.PathLike[str], str]"
"""A text, a number, a schedule, a bound schedule, or a config file and a key in it."""

Moment: TypeAlias = "int | str"
"""A step, or a place in the run as a text: `"5%"`, `"30ep"`."""

_CHUNK = 1 << 16
_NAMES = {"total_steps": "total"}
"""The arguments of `bind` that have another name here."""


@takes_rates
def assert_schedule(
    schedule: Tested,
    *,
    total: Rate | str | None = None,
    base: float | None = None,
    params: Mapping[str, Any] | None = None,
    starts_at: float | None = None,
    ends_at: float | None = None,
    at: Mapping[Moment, float] | None = None,
    peak: float | None = None,
    peak_at: Moment | None = None,
    never_negative: bool = False,
    never_below: float | None = None,
    never_above: float | None = None,
    non_decreasing_until: Moment | None = None,
    non_increasing_after: Moment | None = None,
    phases: int | Sequence[str] | None = None,
    continuous: bool = False,
    no_warnings: bool = False,
    ignore: Iterable[str] = (),
    tolerance: float = 1e-9,
    **more_params: Any,
) -> Bound:
    """Assert properties of a schedule in a run; all that fail are told at once, each with step and place in the text.

    Args:
        schedule: a text, a schedule, a bound schedule, or a pair of config file and key.
        total: how long the run is, as `bind` takes it. It, `base` and the rates are not for a bound schedule.
        base: the value before the first phase; 1.0 if not given.
        params: the text's parameters, if one is called like something that is asserted here.
        starts_at: the value at step 0.
        ends_at: the value at the end of the run, which is held from then on.
        at: values at steps, or at places in the run: `{0: 0, "5%": 3e-4}`.
        peak: the largest value.
        peak_at: where it is reached first.
        never_negative: whether no value may be below 0.
        never_below: what no value may be below.
        never_above: what no value may be above.
        non_decreasing_until: up to where the value may not fall.
        non_increasing_after: from where on the value may not rise.
        phases: how many phases are shown, or their shapes in order: `["warmup", "cosine"]`.
        continuous: whether each phase has to begin at the value that the phase before it ends on.
        no_warnings: whether `Bound.warnings` must have nothing to say.
        ignore: codes of warnings that may be there.
        tolerance: how far apart values may be that count as equal, as a share of the largest of the run.
        **more_params: the rates, such as `steps_per_epoch=1250` (see `schedlang.Run`), and the text's parameters.

    Returns:
        The bound schedule, for further questions.

    Raises:
        AssertionError: with everything that isn't as asserted.
        TypeError: for an argument that is neither known here nor a parameter of the text.
        ScheduleError: if there is something wrong with the schedule itself.
    """
    asserted = locals().copy()
    __tracebackhide__ = True  # pytest shows the lines that matter, and not these
    rates, more_params = split_rates(more_params)
    refuse_clock(rates, "`assert_schedule`")
    run = {"total_steps": total, **rates, "base": base}
    given = {name: value for name, value in run.items() if value is not None}
    bound, carried = _bound(schedule, given, {**(params or {}), **more_params}, asserted)
    check = _Check(bound, tolerance)
    last = bound.end
    floor = 0.0 if never_negative else None
    limits = (("never_above", never_above, 1), ("never_below", never_below, -1), ("never_negative", floor, -1))
    wanted = {"ends_at": ends_at, "peak": peak, "peak_at": peak_at, **{name: limit for name, limit, _ in limits}}
    wanted["non_increasing_after"] = non_increasing_after
    needs = [name for name, value in wanted.items() if value is not None]
    if last is None and needs:
        raise TypeError(f"assert_schedule() needs `total=…` to tell `{needs[0]}`")
    if starts_at is not None:
        check.equal("starts_at", 0, starts_at)
    if ends_at is not None and last is not None:
        check.equal("ends_at", last, ends_at)
    for moment, value in (at or {}).items():
        check.equal("at", check.step(moment), value, f" at {moment!r}")
    for name, limit, sign in reversed(limits):
        if limit is not None:
            check.bounded(name, limit, sign)
    if peak is not None or peak_at is not None:
        check.peak(peak, peak_at)
    if non_decreasing_until is not None:
        check.monotone("non_decreasing_until", 0, check.step(non_decreasing_until), 1)
    if non_increasing_after is not None and last is not None:
        check.monotone("non_increasing_after", check.step(non_increasing_after), last, -1)
    if phases is not None:
        check.phases(phases)
    if continuous:
        check.continuous()
    if no_warnings:
        check.failures += bound.warnings(ignore)
    if check.failures:
        failures = check.failures if carried is None else [carried.in_file(failure) for failure in check.failures]
        raise AssertionError("\n".join(["a schedule is not what was asserted", *map(str, failures)]))
    return bound


def assert_levels(schedule: str | Schedule, *, total: Rate | str = 100, **rates: Any) -> None:
    """Assert that a primitive's values grow with its levels: with all of them doubled, they are doubled.

    Levels are the value handed on, and all numbers but those declared with `level=False`. In a product, factors that
    depend on the value handed on are handed 1 instead, if the declarations say that they are multiples of it.

    Args:
        schedule: a call of the primitive, as a text or a schedule.
        total: how long the run is, as `bind` takes it; its first 1000 steps are looked at.
        **rates: the rates, such as `steps_per_epoch=1250`.

    Raises:
        AssertionError: with the step and both values.

    >>> assert_levels("poly(3, 1, power=2)")
    """
    program = as_schedule(schedule).bind(total, **rates).program
    parts = program.parts if isinstance(program, Timeline) else (program,)
    for part in parts:
        if not isinstance(part, Segment):
            raise TypeError(f"assert_levels() takes a call of one primitive, not `{schedule}`")
        levels = {name: value for name, value in part.values.items() if name not in part.rates}
        doubled = {
            name: tuple(map(_double, value)) if isinstance(value, tuple) else _double(value)
            for name, value in levels.items()
        }
        other = attrs.evolve(part, values={**part.values, **doubled})
        last = part.first + 1000 if part.last is None else min(part.last, part.first + 1000)
        for step in range(part.first, last + 1):
            value, found = part.at(step), other.at(step)
            if not math.isclose(found, 2 * value, rel_tol=1e-9, abs_tol=1e-300):
                message = (
                    f"at step {step} `{part.text}` shows {_shown(value)}, and {_shown(found)} if all levels are doubled"
                )
                raise AssertionError(f"{message}: declare what is none with `level=False`")


def _double(value: float) -> float:
    return 2 * value


def _bound(
    schedule: Tested, run: dict[str, Any], params: dict[str, Any], asserted: Mapping[str, Any]
) -> tuple[Bound, Carried | None]:
    """The schedule bound to its run, and the file it is from."""
    __tracebackhide__ = True
    if isinstance(schedule, Bound):
        if run or params:
            name = next(iter(run or params))
            raise TypeError(f"the schedule is bound already: give {name!r} to `bind`, or the text to assert_schedule()")
        return schedule, None
    if not isinstance(schedule, tuple):
        return _bind(as_schedule(schedule), run, params, asserted), None
    file, key = schedule
    carried = read_reference(f"{os.fspath(file)}:{key}")
    with carried.places():
        return _bind(carried.schedule(), carried.run_with(run), params, asserted), carried


def _bind(schedule: Schedule, run: Mapping[str, Any], params: Mapping[str, Any], asserted: Mapping[str, Any]) -> Bound:
    __tracebackhide__ = True
    free = free_names(schedule)
    arguments = inspect.signature(assert_schedule).parameters
    known = [*arguments][1:-1]
    for name in sorted(free.intersection(known).difference(params)):
        if asserted.get(name) is not arguments[name].default:
            raise TypeError(f"{name!r} is a parameter of the text: give it as params={{{name!r}: …}}")
    for name in params:
        if name not in free:
            called = setting_called(name)
            close = _NAMES.get(called, called) if called else nearest(name, [*free, *known])
            hint = f"; did you mean {close!r}?" if close else ""
            raise TypeError(f"assert_schedule() got an unexpected keyword argument {name!r}{hint}")
    apart = {name: f'`assert_schedule(…, params={{"{name}": …}})`' for name in known if name not in SETTINGS}
    with worded("assert_schedule", apart | {"total_steps": "`assert_schedule(…, total=…)`"}, names=_NAMES):
        return bind(schedule, **run, params=params)


class _Check:
    """What was asked of one bound schedule, and what failed."""

    def __init__(self, bound: Bound, tolerance: float) -> None:
        self.bound = bound
        self.rows = bound.phases
        self.failures: list[Diagnostic] = []
        ends = [abs(end) for row in self.rows for end in (row.start, row.end) if end is not None]
        self.slack = tolerance * max(ends, default=0.0)
        self.tolerance = tolerance

    def step(self, moment: Moment) -> int:
        """The step at a place in the run."""
        if not isinstance(moment, str):
            return moment
        frame = Frame.of_run(Binding(self.bound.run, Names({})))
        return math.ceil(0 + parse_argument(moment).in_steps(frame))

    def fail(self, what: str, message: str, step: int | None) -> None:
        """Note a failure at the phase that is shown at a step, or at the last one."""
        place = None if step is None else (row_at(self.rows, step) or self.rows[-1]).place
        self.failures.append(Diagnostic.at(place, what, message))

    def same(self, one: float, other: float) -> bool:
        return math.isclose(one, other, rel_tol=self.tolerance, abs_tol=self.slack)

    def equal(self, what: str, step: int, expected: float, where: str = "") -> None:
        found = self.bound(step)
        if not self.same(found, expected):
            self.fail(what, f"expected {_shown(expected)}{where}, found {_shown(found)} at step {step}", step)

    def values(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, float]]:
        """Steps and their values, the end of the run included."""
        end = stop if stop is not None else self.bound.end or 0
        for begin in range(start, end + 1, _CHUNK):
            values = self.bound.values(begin, min(begin + _CHUNK, end + 1)).tolist()
            yield from enumerate(values, start=begin)

    def bounded(self, what: str, limit: float, sign: int) -> None:
        """No value beyond a limit: the first one is told, and the worst."""
        beyond = [(step, value) for step, value in self.values() if sign * (value - limit) > self.slack]
        if beyond:
            first, value = beyond[0]
            worst, most = max(beyond, key=lambda pair: sign * pair[1])
            further = f", and {_shown(most)} at step {worst}" if worst != first else ""
            side = "above" if sign > 0 else "below"
            message = f"expected nothing {side} {_shown(limit)}, found {_shown(value)} at step {first}{further}"
            self.fail(what, message, first)

    def peak(self, expected: float | None, moment: Moment | None) -> None:
        top = max(value for _, value in self.values())
        step = next(step for step, value in self.values() if value >= top - self.slack)
        if expected is not None and not self.same(top, expected):
            self.fail("peak", f"expected {_shown(expected)}, found {_shown(top)} at step {step}", step)
        if moment is not None and step != self.step(moment):
            where = f"step {self.step(moment)}" + (f" ({moment})" if isinstance(moment, str) else "")
            self.fail("peak_at", f"expected the peak at {where}, found it at step {step}, with {_shown(top)}", step)

    def monotone(self, what: str, start: int, stop: int, sign: int) -> None:
        for (_, before), (step, value) in pairwise(self.values(start, stop)):
            if sign * (value - before) < -self.slack:
                word = "rise" if sign < 0 else "fall"
                span = f"after step {start}" if sign < 0 else f"until step {stop}"
                change = f"from {_shown(before)} to {_shown(value)} at step {step}"
                self.fail(what, f"expected the value not to {word} {span}, found it going {change}", step)
                return

    def phases(self, expected: int | Sequence[str]) -> None:
        shapes = [row.shape for row in self.rows]
        if isinstance(expected, int):
            if len(shapes) != expected:
                self.fail("phases", f"expected {expected}, found {len(shapes)}: {', '.join(shapes)}", None)
        elif shapes != list(expected):
            pairs = enumerate(zip_longest(shapes, expected))
            wrong = next(index for index, (shape, other) in pairs if shape != other)
            message = f"expected {', '.join(expected)}, found {', '.join(shapes)}"
            self.fail("phases", message, self.rows[wrong].first if wrong < len(shapes) else None)

    def continuous(self) -> None:
        for row, following in pairwise(self.rows):
            if row.end is not None and not self.same(row.end, following.start):
                change = f"from {_shown(row.end)} to {_shown(following.start)} at step {following.first}"
                self.fail("continuous", f"expected no jump, found one {change}", following.first)


def _shown(value: float) -> str:
    """A value as short as it can be told from another."""
    try:
        return str(as_node(value))
    except ValueError:
        return repr(value)
