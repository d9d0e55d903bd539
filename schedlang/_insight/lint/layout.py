"""How a schedule comes to lie, for the rules: which nodes some step shows, those in copies of what is repeated too."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, Final

import attrs

from ..._bound.bound import Bound
from ..._language.frame import Frame
from ..._language.nodes import Clause, Constant, Name, Repeat, Schedule, Then
from ..._language.nodes.arithmetic import Arithmetic
from ..._language.nodes.base import Kind, children
from ..._language.program import (
    Copy,
    Cycle,
    Part,
    Pointwise,
    Row,
    Sampled,
    Segment,
    Timeline,
    handed_on,
    merge_held,
    no_rule,
)
from ..._text.errors import Edit, ScheduleError, edited
from ..._text.run import Awaited
from ..._text.source import on_one_line
from ..relayout import ByIdentity, Relayout

_COPIES: Final = 64  # how many copies of a repeated body are looked at
_LONG: Final = 2000  # characters of a text that is hardly shown as an example, without its comments
KEPT: Final = 8  # how many layouts of one node are looked at more closely, such as for values


def in_force(part: Part, step: int) -> Iterator[Segment]:
    """The formulas that are asked for the value at a step."""
    match part:
        case Segment():
            yield part
        case Pointwise():
            for operand in part.operands:
                yield from in_force(operand, step)
        case Sampled():
            yield from in_force(part.body, part.sample(step))
        case Timeline():
            yield from in_force(part.parts[part.index(step)], step)
        case Copy():
            yield from in_force(part.body, step - part.shift)
        case Cycle():
            yield from in_force(part.copy(part.index(step)), step)
        case _:
            no_rule("lint", part)


def written_zero(segment: Segment, step: int) -> bool:
    """Whether a formula is a 0 that its author wrote, be it twice, as of keys."""
    if segment.handed or segment.at(step) != 0:
        return False
    values = segment.values
    return segment.shape == "constant" or values.get("start", 0) == values.get("end", math.nan)


def is_constant(leaf: Schedule, layout: Layout) -> bool:
    """Whether a phase that begins with this is a constant, such as `0.1 * base`."""
    return isinstance(leaf, Constant) or leaf.kind(layout.names) is Kind.NUMBER


@attrs.frozen
class Sighting:
    """A node that came to lie where some step shows it, and what it became."""

    node: Any
    frame: Frame
    part: Part
    inside: Sequence[tuple[Schedule, Frame | None]] = ()
    """The phases of a chain, or the operands of arithmetic, each with its frame if it was laid out for this."""


def ends_of(sighting: Sighting) -> tuple[float, float] | None:
    """Where a ramp starts and ends, if that is known."""
    values = sighting.part.values if isinstance(sighting.part, Segment) else {}
    start, end = values.get("start"), values.get("end")
    if not (isinstance(start, float) and isinstance(end, float)) or math.isnan(start) or math.isnan(end):
        return None
    return start, end


class Layout(Relayout):
    """The layout of a bound schedule, and how much is much."""

    program: Part
    rows: tuple[Row, ...]

    def __init__(self, bound: Bound, jump: float, share: float | Fraction, copies: int = _COPIES) -> None:
        super().__init__(bound)
        self._most = copies
        self.jump = jump  # from which factor on a jump is told
        self.share = Fraction(str(share)) if math.isfinite(share) else share  # of a run of 10³²⁰ steps, too
        self.run, self.total = bound.run, bound.end
        self.shown: ByIdentity[Schedule, Frame] = ByIdentity()  # those seen at any step, with the first frame of each
        self.copied: ByIdentity[Schedule, bool] = ByIdentity()  # those in repeated bodies, laid out many times
        self.unknown: ByIdentity[Schedule, Cycle] = ByIdentity()  # repeated bodies of which not all copies were seen
        for root in self.roots:
            self._find_copied(root, False)
        self._latest: ByIdentity[Schedule, Frame] = ByIdentity()
        self._cycles: list[tuple[Schedule, Cycle]] = []
        self._repeats: Counter[int] = Counter()  # by the ids of nodes that the relayout keeps alive

    def lay_out(self, shows: Callable[[type[Schedule]], Iterable[Callable[[Sighting], None]]]) -> None:
        """Lay it out, and show each node to those who want to see its kind."""

        def watch(node: Schedule, frame: Frame, part: Part) -> None:
            self._latest[node] = frame
            last = frame.last
            if last is not None and frame.first >= last:
                return
            self.shown.setdefault(node, frame)
            sighting = Sighting(node, frame, part, self._inside(node))
            for show in shows(type(node)):
                show(sighting)
            match part:
                case Cycle() if isinstance(node, Repeat):
                    self._repeats[id(node)] += 1
                    if self._repeats[id(node)] <= KEPT:
                        self._cycles.append((node, part))
                case Segment() | Pointwise() | Sampled() | Timeline() | Copy() | Cycle():
                    pass  # what is in them was laid out before them, and so was seen
                case _:
                    no_rule("lint", part)

        self.program = self.watched(watch)
        self._look_at_copies()
        try:
            self.rows = tuple(merge_held(self.program.rows(0, self.total)))
        except ScheduleError:  # in a run without an end, a value may turn out not to be finite only here
            self.rows = ()

    def _inside(self, node: Schedule) -> list[tuple[Schedule, Frame | None]]:
        match node:
            case Then():  # a phase that is left out this time must not show the frame of another time
                return [(phase, self._latest.pop(phase)) for phase in node.phases]
            case Arithmetic():
                return [(operand, self._latest.get(operand)) for operand in node.operands_in_order()]
            case _:
                return []

    def _find_copied(self, node: Schedule, inside: bool) -> None:
        if inside:
            if node in self.copied:
                return
            self.copied[node] = True
            if isinstance(node, Name) and node.name in self.names:
                self._find_copied(self.names[node.name], True)
        for _, _, child in children(node):
            self._find_copied(child, inside or isinstance(node, Repeat))

    def _look_at_copies(self) -> None:
        """Lay out copies of repeated bodies, enough to have seen how they can fall."""
        left = 8 * self._most
        while self._cycles:
            node, cycle = self._cycles.pop()
            for index in self._copies(node, cycle):
                left -= 1
                if left < 0 or self._repeats[id(node)] > KEPT:
                    self.unknown[node] = cycle
                    break
                try:
                    handed_on(cycle.copy(index), cycle.copy(index).first)
                except ScheduleError:  # a copy that is never shown may have no meaning
                    self.unknown[node] = cycle

    def _copies(self, node: Schedule, cycle: Cycle) -> list[int]:
        if cycle.last is None or cycle.length == 0:
            return [0]
        highest = cycle.index(cycle.last - 1)
        if highest < self._most:
            return list(range(highest + 1))
        if not cycle.recurs or cycle.length.denominator > self._most - 2:
            self.unknown[node] = cycle
        return [*range(self._most), highest]

    # What rules ask.

    def ends_the_run(self, frame: Frame) -> bool:
        """Whether the end of the run is what ends the innermost window."""
        return self.total is not None and frame.wall == self.total

    def cut_by_the_run(self, node: Schedule, frame: Frame) -> bool:
        """Whether the run is over before a piece that has a length of its own is."""
        if frame.stop is None or frame.stop == frame.end or self.total is None or node in self.copied:
            return False
        if isinstance(frame.stop, Awaited) and frame.stop.is_open(frame.start):
            return False
        return math.ceil(frame.stop) > self.total and self.ends_the_run(frame)

    def rewritten(self, instead: Sequence[tuple[Schedule, str]]) -> str | None:
        """The whole text with something else where nodes stand; None if it isn't known where they do."""
        whole = self.bound.schedule.place
        edits = [(node.place, text) for node, text in instead]
        if whole is None or any(place is None or place.source is not whole.source for place, _ in edits):
            return None
        behind = (root.place for root in self.roots)  # definitions, if they stand in this text
        end = max(place.span.end for place in behind if place is not None and place.source is whole.source)
        if end - whole.span.start > _LONG:
            return None
        text = edited(whole.source.text[:end], [Edit(place.span, text) for place, text in edits if place is not None])
        return on_one_line(text[whole.span.start :])

    def leaf(self, node: Schedule) -> Any:
        """What a phase begins with, clauses and names taken off."""
        for _ in range(1000):
            match node:
                case Clause():
                    node = node.body
                case Then():
                    node = node.phases[0]
                case Name() if node.name in self.names:
                    node = self.names[node.name]
                case _:
                    break
        return node
