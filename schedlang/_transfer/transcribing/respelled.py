"""Texts with the same values, written so that those of runs of other lengths can have the same form.

Where places come to lie in one run may let it be written shorter there than in others: four phases of 250 steps are a
`repeat` in a run of 1000, and a line that is broken off one step before its end has another end.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import pairwise, product
from typing import Any, Final

import attrs

from ..._bound.bound import Bound
from ..._language.frame import Binding, Frame
from ..._language.nodes import Every, For, Hold, Number, Ramp, Repeat, Schedule, Then, Until, Warmup
from ..._language.nodes.base import Names
from ..._language.parse import parse
from ..._text.numerals import decimal_text

_INTERVALS: Final = (1, 10, 20, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000, 10_000)
"""In how many steps a decay is told to fall by a factor."""

_DIGITS: Final = 4
"""How many digits such a factor has."""

_GROUPED: Final = 4
"""From so many phases on, no group of them is looked for that comes again."""

_STEPS: Final = re.compile(r"\(step - (?P<since>[\d.]+)\) / (?P<by>[\d.]+|\(-[\d.]+\))")


@attrs.frozen
class _Phase:
    """What plays from one place to another, exactly; `own`: it says itself how long it is."""

    body: Schedule
    start: Fraction
    stop: Fraction
    own: bool = False

    @property
    def length(self) -> Fraction:
        """How long it is."""
        return self.stop - self.start


def forms(bound: Bound) -> Iterator[str]:
    """A text in other words: each length, or each place told; what a phase begins at, and how long a ramp goes on."""
    frame = Frame.of_run(Binding(bound.run, Names({})))
    chain = _phases(bound.schedule, frame, bound.end)
    if not chain:
        return
    for phases in (chain, *_shorter_by_one(chain), *_decaying(chain)):
        told = _with_starts(phases)
        for places, full in product((False, True), (True, False)):
            yield _text(told, places, full)
        last = told[-1]
        yield from _repeated(told[:-1], last, frame) if isinstance(last.body, Repeat) else _folded(told)
    yield from _by_progress(chain, Fraction(bound.end or 0))


def _phases(node: Schedule, frame: Frame, end: int | None = None) -> list[_Phase]:
    """The phases of a text; none, if it isn't known where each of them ends."""
    nodes = node.phases if isinstance(node, Then) else (node,)
    found: list[_Phase] = []
    place = Fraction(0)
    for node in nodes:
        match node:
            case For(body, time) if time is not None:
                phase = _Phase(body, place, place + Fraction(time.in_steps(frame)))
            case Until(body, position):
                phase = _Phase(body, place, Fraction(position.in_steps(frame)))
            case Ramp() if node.duration is not None:
                phase = _Phase(node, place, place + Fraction(node.duration.in_steps(frame)), own=True)
            case _ if node is nodes[-1] and end is not None:
                phase = _Phase(node, place, Fraction(end))
            case _:
                return []
        found.append(phase)
        place = phase.stop
    return found


def _with_starts(phases: Sequence[_Phase]) -> list[_Phase]:
    """The phases, with what each ramp begins at, as far as that is told by what stands before it."""
    told: list[_Phase] = []
    level: Schedule | None = None
    for phase in phases:
        body = phase.body
        if isinstance(body, Ramp) and not isinstance(body, Warmup) and body.start is None and level is not None:
            body = attrs.evolve(body, start=level)
            before = told[-1].body
            if isinstance(before, Warmup):
                told[-1] = attrs.evolve(told[-1], body=attrs.evolve(before, end=None))
        told.append(attrs.evolve(phase, body=body))
        level = body.end if isinstance(body, Ramp) else body if isinstance(body, Number) else level
        level = level if isinstance(body, (Ramp, Number, Hold)) else None
    return told


def _text(phases: Sequence[_Phase], places: bool, full: bool) -> str:
    """The phases as a text; `places`: with places in place of lengths, `full`: with the length of an open ramp."""
    *before, last = phases
    body = last.body
    if full and isinstance(body, Ramp) and body.duration is None and body.inclusive in (None, "both", "exact"):
        length = last.length - (body.inclusive == "both")
        body = attrs.evolve(body, duration=_time(length), inclusive=None)
    return str(_chained([*(_ended(phase, places) for phase in before), body]))


def _ended(phase: _Phase, places: bool = False) -> Schedule:
    if phase.own:
        return phase.body
    return Until(phase.body, _time(phase.stop)) if places else For(phase.body, _time(phase.length))


def _time(time: Fraction) -> Any:
    """So many steps, as what a text has for it."""
    whole = time.denominator == 1
    return Number(Decimal(time.numerator)) if whole else f"{time.numerator} / {time.denominator}"


def _shorter_by_one(phases: Sequence[_Phase]) -> Iterator[list[_Phase]]:
    """A ramp that shows both ends lasts one step less, and what does not show its start begins there."""
    if len(phases) < 2:
        return
    lead, last = (phase.body for phase in phases[-2:])
    if isinstance(lead, Ramp) and isinstance(last, Ramp) and (lead.inclusive, last.inclusive) == ("both", "right"):
        stop = phases[-2].stop - 1
        first = attrs.evolve(phases[-2], body=attrs.evolve(lead, inclusive=None), stop=stop)
        yield [*phases[:-2], first, attrs.evolve(phases[-1], body=attrs.evolve(last, inclusive="both"), start=stop)]


def _folded(phases: Sequence[_Phase]) -> Iterator[str]:
    """Equal phases at the end, or groups of such, as a `repeat`."""
    for size, first in product(range(1, _GROUPED), range(len(phases) - 1)):
        part, group = phases[first:], phases[first : first + size]
        copies, odd = divmod(len(part), size)
        if odd or copies < 2 or part[-1].length > group[-1].length:
            continue
        pairs = [(phase, group[at % size]) for at, phase in enumerate(part)]
        alike = all(phase.body == other.body for phase, other in pairs)
        scale = 1 if alike else _scale(part) if size == 1 else None
        if scale is not None and all(phase.length == other.length for phase, other in pairs[:-1]):
            body = _chained(_ended(phase) for phase in group)
            for count in (None, copies):
                last = body.repeat(count, scale=None if scale == 1 else scale)
                yield str(_chained([*map(_ended, phases[:first]), last]))
            return


def _repeated(before: Sequence[_Phase], phase: _Phase, frame: Frame) -> Iterator[str]:
    """A `repeat` whose body is one thing several times with that once, and with the number of copies."""
    node = phase.body
    assert isinstance(node, Repeat)
    inner = _phases(node.body, frame)
    if not inner or node.stretch is not None:
        return
    told = _with_starts(inner[:1] if len({(each.body, each.length) for each in inner}) == 1 else inner)
    body = _chained(map(_ended, told))
    copies = phase.length / told[-1].stop if told[-1].stop else Fraction(0)
    counts = [node.count, *([int(copies)] if node.count is None and copies.denominator == 1 < copies else [])]
    yield from (str(_chained([*map(_ended, before), body.repeat(count, scale=node.scale)])) for count in counts)


def _chained(phases: Iterable[Schedule]) -> Schedule:
    several = tuple(phases)
    return several[0] if len(several) == 1 else Then.of(*several)


def _scale(phases: Sequence[_Phase]) -> float | None:
    """How many times as high each of some ramps to 0 is as the one before it; None, if they aren't alike."""
    first = phases[0].body
    starts = []
    for phase in phases:
        body = phase.body
        if not (isinstance(body, Ramp) and isinstance(first, Ramp) and isinstance(body.start, Number)):
            return None
        if attrs.evolve(body, start=first.start) != first or not isinstance(body.end, Number) or body.end.value:
            return None
        starts.append(body.start.value)
    scales = [float(after / before) for before, after in pairwise(starts) if before]
    return scales[0] if len(scales) == len(starts) - 1 and max(scales) - min(scales) < 1e-9 else None


def _decaying(phases: Sequence[_Phase]) -> Iterator[list[_Phase]]:
    """An exponential at the end as what falls by a factor in so many steps, and has no end."""
    last = phases[-1]
    ramp, every = (last.body.body, last.body.time) if isinstance(last.body, Every) else (last.body, None)
    if not isinstance(ramp, Ramp) or ramp.name != "exponential" or ramp.inclusive is not None or ramp.start is None:
        return
    if not (isinstance(ramp.start, Number) and isinstance(ramp.end, Number) and last.length):
        return
    falls = math.log(ramp.end.value / ramp.start.value) / float(last.length)
    if every is not None and not (isinstance(every, Number) and every.value == int(every.value)):
        return
    for steps in _INTERVALS if every is None else [int(every.value)]:
        factor = math.exp(falls * steps)
        short = Decimal(f"{factor:.{_DIGITS}g}")
        if 0 < short != 1 and abs(math.log(float(short)) - falls * steps) * float(last.length) / steps < 1e-5:
            name = "exponential_decay" if every is None else "step_interval"
            body = parse(f"{name}({decimal_text(short)}, every={steps}, start={ramp.start.text()})")
            yield [*phases[:-1], attrs.evolve(last, body=body)]


def _by_progress(phases: Sequence[_Phase], total: Fraction) -> Iterator[str]:
    """A formula of the step, counted in `run_progress` instead."""

    def replaced(found: re.Match[str], start: Fraction) -> str:
        numbers = (Fraction(found["since"]) + start) / total, Fraction(found["by"].strip("()")) / total
        since, by = (decimal_text(Decimal(f"{float(each):.{_DIGITS}g}")) for each in numbers)
        return f"(run_progress - {since}) / {by if numbers[1] > 0 else f'({by})'}"

    written = []
    for phase in phases:
        body = _STEPS.sub(partial(replaced, start=phase.start), phase.body.text())
        written.append(attrs.evolve(phase, body=parse(body)))
    if written != [*phases]:
        yield _text(written, places=False, full=False)


def at_exact_places(node: Any) -> Any:
    """A schedule whose ramps begin and end where they are, and not at whole steps, if they don't say anything else."""
    if type(node) is tuple:
        return tuple(map(at_exact_places, node))
    if not isinstance(node, Schedule):
        return node
    kept = {each.alias: getattr(node, each.name) for each in attrs.fields(type(node)) if each.init}
    below = {name: at_exact_places(child) for name, child in kept.items()}
    changed = {name: child for name, child in below.items() if child != kept[name]}
    if isinstance(node, Ramp) and node.inclusive is None:
        changed["inclusive"] = "exact"
    return attrs.evolve(node, **changed) if changed else node
