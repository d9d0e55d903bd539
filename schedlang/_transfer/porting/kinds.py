"""The kinds of schedule, each made of the values of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

from ..._bound import public as shapes
from ..._language.nodes import Schedule
from ..._language.nodes.base import Operand
from ..._language.parse import parse, parse_argument
from .fields import Site, wrong

_DIGITS: Final = 9  # of a share; one with more was calculated, and is taken for the fraction it stands for
_TERMS: Final = 10**6


class Ported(NamedTuple):
    """A schedule made of a config, and what its surroundings need to know."""

    node: Schedule
    relative: bool = False  # whether it speaks of `%`
    timeless: bool = False  # whether its values do not depend on how long it is
    ended: bool = False  # whether its last step shows the value that it hands on


_INCLUSIVE: Final = {(False, False): "both", (False, True): None, (True, False): "right", (True, True): "neither"}
"""Which ends are shown, by `exclude_first` and `exclude_last`; the default, as boundaries are whole there."""


def make(kind: str, values: Mapping[str, Any], site: Site) -> Ported:
    """A schedule of a kind that has no other schedules in it.

    Raises:
        ScheduleError: E605 for values that do not go together, E606 for those that have no counterpart here.
    """
    match kind:
        case "ConstantSchedule":
            return Ported(shapes.constant(values["value"]), timeless=True, ended=True)
        case "CustomSchedule":
            return Ported(shapes.values(values["values"]), timeless=True)
        case "PeriodicBoolSchedule":
            return _periodic(values, site)
        case "StepFixedSchedule":
            steps = [duration(step) for step in sorted(values["steps"])]
            return Ported(shapes.step_fixed(values["factor"], steps, values["start_value"]), relative=True)
        case "StepIntervalSchedule":
            every = duration(values["interval"])
            return Ported(shapes.step_interval(values["factor"], every, values["start_value"]), relative=True)
        case "StepDecreasingSchedule":
            return _step_decreasing(values, *_ends(values, site))
        case "InverseSqrtDecreasingSchedule" | "InverseSqrtIncreasingSchedule":
            return _inverse_sqrt(*_ends(values, site), values["exclude_first"], site.first)
        case _:
            return _ramp(kind, values, site)


def duration(share: float) -> Operand:
    """A share of the run as a duration.

    One with many digits was calculated: it is the fraction that gives the same float, if there is a simple one.

    >>> str(duration(0.01)), str(duration(5 / 6))
    ('1%', '100% * 5 / 6')
    """
    written = Decimal(repr(share))
    if len(written.as_tuple().digits) > _DIGITS:
        fraction = Fraction(share).limit_denominator(_TERMS)
        if fraction.numerator / fraction.denominator == share:
            return parse_argument(f"100% * {fraction.numerator} / {fraction.denominator}")
    return parse_argument(f"{written * 100:f}%")


def _ends(values: Mapping[str, Any], site: Site) -> tuple[float, float]:
    """The first and the last value of what falls or rises."""
    high = values["max_value"]
    falling = "end_value" in values
    key = "end_value" if falling else "start_value"
    low = values[key]
    if low > high:
        wrong(site.inside(key), f"`{key}` is {low}, above `max_value`, which is {high}", "swap them")
    return (high, low) if falling else (low, high)


def _ramp(kind: str, values: Mapping[str, Any], site: Site) -> Ported:
    start, end = _ends(values, site)
    inclusive = _INCLUSIVE[values["exclude_first"], values["exclude_last"]]
    node: Schedule
    if kind.startswith("Linear"):
        node = shapes.linear(start, end, inclusive=inclusive)
    elif kind.startswith("Cosine"):
        node = shapes.cosine(start, end, inclusive=inclusive)
    elif values["power"] > 0:
        node = shapes.poly(start, end, power=values["power"], inclusive=inclusive)
    elif values["power"] == 0:  # 0 to the power of 0 is 1 there: the end is not reached
        return Ported(shapes.constant(start), timeless=True, ended=True)
    else:
        hint = "write a formula of your own: `(1 - progress) ** -0.5`"
        wrong(site.inside("power"), f"`{values['power']}` is negative", hint, "E606")
    return Ported(node, ended=inclusive in ("both", "right") and site.total != 1)


def _step_decreasing(values: Mapping[str, Any], start: float, end: float) -> Ported:
    """What is excluded makes its run longer, too: by a step, of which the first is not shown, or by one at the end."""
    node: Schedule = shapes.step_decreasing(values["factor"], duration(values["interval"]), start, end)
    excluded = values["exclude_first"] + values["exclude_last"]
    if excluded:
        node = node.over(f"100% + {excluded}")
    return Ported(node.skip(1) if values["exclude_first"] else node, relative=True)


def _inverse_sqrt(start: float, end: float, exclude_first: bool, first: int | None) -> Ported:
    """From the start to the end as √(m/(t + c)): in a sequence m is the step at which it begins.

    `exclude_first` moves one of two clocks alone, which makes its first values odd there, and so here.
    """

    def curve(m: int, c: int) -> Schedule:
        way = start - end
        falling = shapes.inv_sqrt(c, way) if m == c else parse(f"{way!r} * sqrt({m} / (step + {c}))")
        return falling if end == 0 else end + falling

    if first is None or first == 0:
        node = curve(1, 2) if exclude_first else curve(1, 1)
        if first == 0 and exclude_first:
            node = node.lasting(1).then(curve(1, 1))
    elif exclude_first:
        node = curve(1, 2) if first == 1 else curve(first - 1, first)
    else:
        node = curve(first, first)
    return Ported(node, timeless=True)


def _periodic(values: Mapping[str, Any], site: Site) -> Ported:
    on, off = values["on_value"], values["off_value"]
    if values["invert"]:
        on, off = off, on
    halves = [(on, values["on_duration"]), (off, values["off_duration"])]
    halves = [half for half in (halves if values["initial_state"] else halves[::-1]) if half[1] > 0]
    if not halves:
        wrong(site.path, "`on_duration` and `off_duration` are both 0", "give one of them a step")
    (value, long), (other, longer) = halves[0], halves[-1]
    if len(halves) == 1:
        return Ported(shapes.constant(value), timeless=True, ended=True)
    return Ported(
        shapes.constant(value).lasting(long).then(shapes.constant(other).lasting(longer)).repeat(), timeless=True
    )
