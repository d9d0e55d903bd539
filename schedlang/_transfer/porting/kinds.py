"""The kinds of schedule, each made of the values of its fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, reduce
from itertools import pairwise
from typing import Any, Final, NamedTuple

from ..._bound import public as shapes
from ..._language.nodes import Schedule
from ..._language.nodes.base import Operand
from ..._language.parse import parse, parse_argument
from .fields import Site, wrong

_DIGITS: Final = 9  # of a share; one with more was calculated, and is taken for the fraction it stands for
_TERMS: Final = 10**6
LONGEST: Final = 10**6  # steps of a run, up to which it is known where floats round otherwise
_PLACES: Final = 340  # behind the point; more than a float has


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
            every = duration(values["every"])
            return Ported(shapes.step_interval(values["factor"], every, values["start_value"]), relative=True)
        case "StepDecreasingSchedule":
            return _step_decreasing(values, *_ends(values, site))
        case "PiecewiseLinearSchedule":
            return Ported(_piecewise(values["control_points"]), relative=True)
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
    return parse_argument(_of_run(meant(share)))


def meant(share: float) -> Fraction:
    """The share of the run that a float stands for."""
    written = Decimal(repr(share))
    if len(written.as_tuple().digits) > _DIGITS:
        fraction = Fraction(share).limit_denominator(_TERMS)
        if fraction.numerator / fraction.denominator == share:
            return fraction
    return Fraction(written)


def _of_run(share: Fraction) -> str:
    decimal = _decimal(share * 100)
    return f"100% * {share.numerator} / {share.denominator}" if decimal is None else f"{decimal}%"


def _decimal(number: Fraction) -> str | None:
    """A fraction as a decimal number; None if it has no end."""
    digits = next((digits for digits in range(_PLACES) if 10**digits % number.denominator == 0), None)
    return (
        None if digits is None else f"{Decimal(number.numerator * 10**digits // number.denominator).scaleb(-digits):f}"
    )


def _ends(values: Mapping[str, Any], site: Site) -> tuple[float, float]:
    """The first and the last value of what falls or rises."""
    high = values["max_value"]
    falling = "end_value" in values
    low = _low("end_value" if falling else "start_value", values, site)
    return (high, low) if falling else (low, high)


def _low(key: str, values: Mapping[str, Any], site: Site) -> float:
    low: float = values[key]
    if low > values["max_value"]:
        high = values["max_value"]
        hint = "swap them" if low not in (0.0, 1e-6) else f"write `{key}: {min(high, 0)}`, or a larger `max_value`"
        wrong(site.inside(key), f"`{key}` is {low}, above `max_value`, which is {high}", hint)
    return low


def _ramp(kind: str, values: Mapping[str, Any], site: Site) -> Ported:
    start, end = _ends(values, site)
    inclusive = _INCLUSIVE[values["exclude_first"], values["exclude_last"]]
    node: Schedule
    if inclusive is None and site.fractional:
        inclusive = "left"
    if kind.startswith("Linear"):
        node = shapes.linear(start, end, inclusive=inclusive)
    elif kind.startswith("Sqrt"):
        node = shapes.one_minus_sqrt(start, end, inclusive=inclusive)
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
    node: Schedule = shapes.step_decreasing(values["factor"], duration(values["every"]), start, end)
    excluded = values["exclude_first"] + values["exclude_last"]
    if excluded:
        node = node.over(f"100% + {excluded}")
    return Ported(node.skip(1) if values["exclude_first"] else node, relative=True)


def _piecewise(points: Sequence[tuple[float, float]]) -> Schedule:
    """A line between each two points, from where the first is to where the second is, exactly."""
    pieces: list[Schedule] = []
    for (share, value), (until, other) in pairwise(points):
        if share < until:
            piece = shapes.constant(value) if value == other else shapes.linear(value, other, inclusive="exact")
            pieces.append(piece if until == 1 else piece.until(duration(until)))
    node = reduce(Schedule.then, pieces)
    first, *_, last = (value for share, value in [points[0], *points] if share == 0)
    if first != last:  # the first step, and it alone, shows the first of those at 0
        return shapes.constant(first).lasting(1).then(node.skip(1))
    return node


# Phases whose boundaries are shares of the run, rounded down.


def rounded_down(share: Fraction, less: int) -> str:
    """A text for ⌊share · (T - less)⌋ in runs of T steps, for what begins at its first whole step.

    A share a/b of T - less is a whole number of b-ths, so it is rounded down if (b - 1)/b are taken off, and then up.

    >>> [rounded_down(Fraction(percent, 100), 1) for percent in (5, 15, 100)]
    ['max(5% - 1, 0)', 'max(15% - 1.1 steps, 0)', '100% - 1']
    """
    off = share * less + 1 - Fraction(1, share.denominator)
    if off == 0:
        return _of_run(share)
    decimal = _decimal(off)
    steps = f"{off.numerator} steps / {off.denominator}" if decimal is None else f"{decimal} steps"
    text = f"{_of_run(share)} - {off if off.denominator == 1 else steps}"
    return text if share == 1 else f"max({text}, 0)"


def warmed_up(values: Mapping[str, Any], warm: int | str, cool: int | str, site: Site, skip: str = "0") -> Ported:
    """A warm-up to the step `warm`, the peak to `cool`, and the way down from there on.

    Where `cool` comes first, the way down has begun by `warm`; `skip` says how long ago, where that depends on the run.
    """
    start, high, low = _low("start_value", values, site), values["max_value"], _low("end_value", values, site)
    parts: list[Schedule] = []
    if warm != 0:
        inclusive = "neither" if start == 0 else "left" if isinstance(warm, str) or site.fractional else None
        rise: Schedule = shapes.linear(start, high, inclusive=inclusive)
        if values["warmup_percent"] == 1 and "cooldown_shape" not in values:  # as long as the run, and cut by the peak
            rise = rise.over("100%" if site.total is None else str(site.total))
        parts.append(rise.lasting(warm))
    stays = cools = shows_end = True
    if isinstance(warm, int) and isinstance(cool, int) and site.total is not None:
        stays, skip = cool > warm, str(max(warm - cool, 0))
        cools = max(warm, cool) < site.total or not parts
        shows_end = max(warm, cool, cool + 1) < site.total
    if stays and cool != warm:
        parts.append(shapes.constant(high).until(cool) if cools else shapes.constant(high))
    if cools:
        shape = _SHAPES[values.get("cooldown_shape", "cosine")]
        fall: Schedule = shape(high, low, inclusive="both")
        parts.append(fall if skip == "0" else fall.skip(skip))
    relative = isinstance(warm, str) or isinstance(cool, str) or (stays and cools and cool != warm)  # `until`
    return Ported(reduce(Schedule.then, parts), relative, ended=shows_end)


_SHAPES: Final[Mapping[str, Callable[..., Schedule]]] = {
    "sqrt": shapes.one_minus_sqrt,
    "linear": shapes.linear,
    "cosine": shapes.cosine,
}


@lru_cache
def rounded_otherwise(share: float, exact: Fraction, less: int) -> tuple[int, ...]:
    """The lengths of up to a million steps for which the library's float product isn't the exact one, rounded down.

    Where the exact one is whole the float may be too small; else it is too near to it to matter.

    >>> rounded_otherwise(0.05, Fraction(5, 100), 1), rounded_otherwise(0.29, Fraction(29, 100), 1)[:3]
    ((), (101, 201, 401))
    """
    above, below = exact.numerator, exact.denominator
    if below <= _TERMS and share >= exact:
        return ()
    counts = range(below if below <= _TERMS else 1, LONGEST + 1 - less, below if below <= _TERMS else 1)
    return tuple(count + less for count in counts if int(share * count) != above * count // below)


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
