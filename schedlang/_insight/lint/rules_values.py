"""Warnings about values: zeros, jumps, signs, bounds, and what is handed on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import attrs

from ..._language.clocks import RampClock
from ..._language.frame import Frame
from ..._language.nodes import Apply, Schedule, Then, Warmup
from ..._language.nodes.ramps import Ramp
from ..._language.operations import FUNCTIONS, Interval
from ..._language.program import Part, Pointwise, Row, Search, Segment, Timeline, handed_on
from ..._text.errors import ScheduleError
from ..._text.numerals import shortened
from ..exact import row_at
from .layout import Sighting, in_force, is_constant, written_zero
from .rule import NOTHING_KNOWN, Rule, Story, quotation

_BOUNDS: Final = 4000  # how many bounds are asked for, all in all, for one rule


_ROUNDED: Final = 1 + 1e-9
"""What calculating may add to a value that is written otherwise."""

_OUTDONE: Final = {name: each.outdone for name, each in FUNCTIONS.items() if each.outdone is not None}
"""The functions that give one of their operands, and which they never give."""


class FirstUpdatesAtZero(Rule):
    code = "W501"
    story = Story(
        "the first updates have the value 0",
        "An update with a learning rate of 0 changes nothing. One at the foot of a long warm-up is no harm, so this is "
        "told if they are 1 % of the run or more. A 0 that is written, as a phase or a factor, is meant.",
        "warmup(20%) every 5% then cosine",
        "warmup(20%, inclusive=right) every 5% then cosine",
    )
    nodes = (Ramp,)
    yields = ("W504", "W517")

    def sight(self, sighting: Sighting) -> None:
        first = sighting.frame.first
        if not self.kept and first <= 0 and sighting.part.at(max(0, first)) == 0.0:
            self.kept.append(sighting)

    def conclude(self) -> None:
        rows, whole = self.layout.rows, self.layout.total
        if whole is None or not rows or rows[0].start != 0.0 or rows[0].shape in ("constant", "hold"):
            return
        try:
            zeros = _leading_zeros(self.layout.program, whole)
            asked = list(in_force(self.layout.program, self.layout.program.first))
        except NOTHING_KNOWN:
            return
        if not 0 < zeros < whole or zeros < self.layout.share * whole:
            return
        if any(written_zero(segment, self.layout.program.first) for segment in asked):
            return
        which, do = ("update has", "does") if zeros == 1 else (f"{zeros} updates have", "do")
        message = f"the first {which} the value 0 and {do} nothing"
        if not self.kept:
            self.warn(self.layout.body, message, "begin with a value above 0", place=rows[0].place)
        else:
            ramp, part = self.kept[0].node, self.kept[0].part
            hint = f"begin a step up: `{attrs.evolve(ramp, inclusive='right').text()}`"
            if (
                isinstance(part, Segment) and isinstance(part.clock, RampClock) and part.clock.unit > 1
            ):  # between two steps it begins or ends, where `inclusive` knows whole ones alone
                hint = "let it start above 0"
            self.warn(ramp, message, hint)


def _leading_zeros(program: Part, whole: int) -> int:
    """How many steps from the first on have the value 0, the first having it: by doubling, then by halving."""
    search, none, zero = Search(_BOUNDS), 1, (0.0, 0.0)
    while none < whole and program.bounds(0, none, search) == zero:
        none *= 2
    low, high = none // 2, min(none, whole)  # 0 … low - 1 are at 0
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (middle, high) if program.bounds(0, middle - 1, search) == zero else (low, middle)
    while low < whole and program.bounds(0, low, search) == zero:
        low += 1
    return low


class Jump(Rule):
    code = "W502"
    story = Story(
        "the value jumps where two phases meet",
        "By more than a factor of 10, or from or to 0. A phase that states no start goes on from the value it is "
        "handed. Not told of restarts, by `repeat` or written out with starts no higher than what was before, of "
        "milestones and keys, between two constants, from or to a 0 that is written, or where a `warmup` begins.",
        "warmup(5%, end=3e-3) then cosine(3e-5, 0)",
        "warmup(5%) then cosine(3e-3, 0)",
    )
    nodes = (Then,)
    yields = ("W516",)

    def sight(self, sighting: Sighting) -> None:
        if isinstance(sighting.part, Timeline) and len(_laid_out(sighting)) == len(sighting.part.parts):
            self.keep(sighting)

    def conclude(self) -> None:
        for sighting in self.kept:
            laid_out, chain = _laid_out(sighting), sighting.part
            assert isinstance(chain, Timeline)
            spans = zip(chain.starts, [*chain.starts[1:], chain.last], strict=True)
            shown = [index for index, (start, end) in enumerate(spans) if end is None or start < end]
            highest = 0.0
            for before, after in pairwise(shown):
                one, other, start = chain.parts[before], chain.parts[after], chain.starts[after]
                (phase, _), (following, frame) = laid_out[before], laid_out[after]
                still, constant = (is_constant(self.layout.leaf(each), self.layout) for each in (phase, following))
                try:
                    begun, left = handed_on(one, chain.starts[before]), handed_on(one, start)
                    highest = max([highest, *(abs(value) for value in (begun, left) if not math.isnan(value))])
                    if still and constant:
                        continue
                    right = _beginning(following, frame, other)
                    if not self._jumps(left, right, self.layout.jump) or not self._seen(sighting, start):
                        continue
                except ScheduleError:  # beyond the limits
                    continue
                if not self._meant(following, one, (still, constant), (left, right, highest)):
                    self._tell(following, left, right)

    def _seen(self, chain: Sighting, step: int) -> bool:
        """Whether the schedule itself jumps there: with a piece in `min` or beside a sum it need not."""
        program, part = self.layout.program, chain.part
        if chain.node in self.layout.copied or step <= program.first:
            return True
        before, after = handed_on(program, step - 1), handed_on(program, step)
        if (before, after) == (handed_on(part, step - 1), handed_on(part, step)):
            return True
        return self._jumps(before, after, self.layout.jump)

    def _jumps(self, left: float, right: float, factor: float) -> bool:
        """Whether one is larger than so many times the other; not if one is no number, nor by rounding."""
        low, high = sorted((abs(left), abs(right)))
        return high > factor * low * _ROUNDED

    def _meant(
        self, phase: Schedule, part: Part, constants: tuple[bool, bool], values: tuple[float, float, float]
    ) -> bool:
        """Whether the author has said that it jumps there: whether the phases are constants, and what stands there."""
        (still, constant), (left, right, highest) = constants, values
        leaf = self.layout.leaf(phase)
        if (still and left == 0) or (constant and right == 0) or isinstance(leaf, Warmup):
            return True
        states = constant or getattr(leaf, "start", None) is not None
        if states and abs(left) < abs(right) <= highest * _ROUNDED:  # a restart
            return True
        end = part.values.get("end", left) if isinstance(part, Segment) else left
        return not self._jumps(end, right, self.layout.jump)  # what is cut before its end jumps for that: W508

    def _tell(self, phase: Schedule, left: float, right: float) -> None:
        low, high = sorted((abs(left), abs(right)))
        leaf = self.layout.leaf(phase)
        factor = f", by a factor of {high / low:.3g}" if low > 0 and high / low < math.inf else ""
        message = f"the value jumps from {shortened(left)} to {shortened(right)} here{factor}"
        start: Schedule | None = getattr(leaf, "start", None)
        place = leaf.place if start is None else start.place
        if left == 0:
            hint = f"let the phase before end at {shortened(right)}, or write `… repeat` if it is a restart"
        elif start is not None and _goes_on(leaf):
            hint = f"write `{attrs.evolve(leaf, start=None).text()}` to go on from {shortened(left)}"
        else:
            hint = f"let it begin at {shortened(left)}, or let the phase before end at {shortened(right)}"
            place = leaf.place
        self.warn(phase, message, hint, place=place)


def _laid_out(chain: Sighting) -> list[tuple[Schedule, Frame]]:
    return [(phase, frame) for phase, frame in chain.inside if frame is not None]


def _beginning(phase: Schedule, frame: Frame, part: Part) -> float:
    """The value with which a phase begins: between two steps, too, where none shows it."""
    there = frame.ahead(frame.start, 0).but(incoming=frame.incoming)
    if there.seen is None:
        return handed_on(part, frame.first)
    binding = frame.binding
    watch, binding.watch = binding.watch, None
    try:
        return handed_on(phase.lay(there), there.first)
    finally:
        binding.watch = watch


def _goes_on(leaf: Schedule) -> bool:
    """Whether it goes on from what it is handed if it states no start."""
    return any(argument.name == "start" and argument.parameter.handed for argument in leaf.arguments())


class IdleBound(Rule):
    code = "W507"
    story = Story(
        "a bound that never takes effect",
        "An argument of `min`, `max` or `clip` that the others are always beyond.",
        "max(cosine(1, 0.1), 0.01)",
        "max(cosine(1, 0), 0.01)",
    )
    nodes = (Apply,)

    def sight(self, sighting: Sighting) -> None:
        node = sighting.node
        if node.function in _OUTDONE and node not in self.layout.copied and isinstance(sighting.part, Pointwise):
            self.keep(sighting)

    def conclude(self) -> None:
        search = Search(_BOUNDS)
        for sighting in self.kept:
            node, part = sighting.node, sighting.part
            assert isinstance(part, Pointwise)
            last = part.last if self.layout.total is None else min(part.last or self.layout.total, self.layout.total)
            if last is None:
                continue
            try:
                between = [operand.bounds(part.first, max(part.first, last), search) for operand in part.operands]
            except NOTHING_KNOWN:
                continue
            varied = any(low < high for low, high in between)
            outdone = _OUTDONE[node.function](*between) if varied else ()
            found = {index: (other, above) for index, other, above in outdone}
            for index, operand in enumerate(node.operands):
                if index in found:
                    other, above = found[index]
                    message, hint = _idle(operand, node.operands[other], between[index], between[other], above)
                    self.warn(node, message, hint, index, operand.place)
                else:
                    self.fine(node, index)


def _idle(operand: Schedule, other: Schedule, own: Interval, its: Interval, above: bool) -> tuple[str, str]:
    """Message and hint for an operand that another is always above, or below."""
    edge, side = shortened(its[0] if above else its[1]), "above" if above else "below"
    if own[0] == own[1]:
        stays = f"at {edge}" if its[0] == its[1] else f"at {edge} or {side}"
        message = f"{quotation(operand)} never takes effect: {quotation(other)} stays {stays}"
        return message, f"remove it, or make it {'more' if above else 'less'} than {edge}"
    message = f"{quotation(operand)} is never seen: {quotation(other)} is {side} all of it"
    return message, f"use {'a smaller' if above else 'a larger'} number than {quotation(other)}"


class NegativeValue(Rule):
    code = "W509"
    story = Story(
        "the value is negative",
        "Hardly any hyperparameter may be.",
        "linear(1, 0) - 0.1",
        "max(linear(1, 0) - 0.1, 0)",
    )

    def conclude(self) -> None:
        try:
            found = next(self._negatives(), None)
        except NOTHING_KNOWN:
            return
        if found is None:
            return
        step, value, row = found
        text = " ".join(row.text.split())
        hint = f"keep it above with `max({text if 0 < len(text) <= 40 else '…'}, 0)`"
        self.warn(self.layout.body, f"the value is {shortened(value)} at step {step}, below 0", hint, place=row.place)

    def _negatives(self) -> Iterator[tuple[int, float, Row]]:
        """Steps with negative values: the ends of phases, then what halving finds where bounds don't exclude it."""
        program, rows, total = self.layout.program, self.layout.rows, self.layout.total
        for row in rows:
            if row.start < 0:
                yield row.first, row.start, row
            elif row.stop is not None and row.end is not None and row.end < 0 and program.at(row.stop - 1) < 0:
                yield row.stop - 1, program.at(row.stop - 1), row
        if total is None or not rows:
            return
        search, todo = Search(_BOUNDS), [(0, total - 1)]
        while todo:
            low, high = todo.pop()
            if low > high or program.bounds(low, high, search)[0] >= 0:
                continue
            middle = (low + high) // 2
            for step in (low, high, middle):
                value = program.at(step)
                if value < 0:
                    yield step, value, row_at(rows, step) or rows[0]
            todo += [(middle + 1, high - 1), (low + 1, middle - 1)]
