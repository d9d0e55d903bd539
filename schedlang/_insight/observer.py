"""Where each node of a schedule comes to lie: it is laid out once more, and watched.

What is odd about a node where it lies is told at once. What takes the whole schedule to see is for `linter`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from typing import Final

import attrs

from .._bound.bind import lay_out
from .._bound.bound import Bound
from .._language.frame import Binding, Frame
from .._language.names import definitions_of
from .._language.nodes import (
    Apply,
    Every,
    For,
    Keyframes,
    Name,
    Over,
    Primitive,
    Quantity,
    Repeat,
    Schedule,
    Skip,
    StepFixed,
    Then,
    Until,
    Variable,
    Warmup,
)
from .._language.nodes.arithmetic import Arithmetic, Product
from .._language.nodes.base import Names, children
from .._language.nodes.composition import length_of
from .._language.nodes.ramps import Ramp
from .._language.nodes.scalars import as_node
from .._language.nodes.steps import StepDecreasing, StepInterval
from .._language.program import Cycle, Part, Pointwise, Segment, Timeline, handed_on
from .._text.errors import ScheduleError
from .._text.numerals import counted, nearly, shortened
from .lint.findings import Findings, written

COPIES: Final = 64
"""How many copies of a repeated body are looked at."""

KEPT: Final = 8
"""How many layouts of one node are kept to be asked for values."""


class Observer:
    """Lays a schedule out again, and remembers what it sees.

    Attributes:
        shown: the nodes that are seen at any step.
        frames: where each node came to lie first.
        unknown: repeated bodies of which some copies were not looked at.
        copied: the nodes inside of a repeated body.
        cut: the nodes that the end of the run cuts.
        chains: the chains, with those of their phases that were laid out.
        bounded: the calls of pointwise functions.
        products: the products, each with the value it is handed.
        feet: the ramps that begin at 0 at the first step.
    """

    def __init__(self, bound: Bound, findings: Findings) -> None:
        self.findings = findings
        self.total = bound.total_steps
        self.body, definitions = definitions_of(bound.schedule)
        self.names = Names({**definitions, **bound.params})
        self.roots = (self.body, *definitions.values())
        self.binding = Binding(bound.run, self.names)
        self.copied = self._copied()
        self.shown: set[int] = set()
        self.frames: dict[int, Frame] = {}
        self.cut: list[tuple[Schedule, Frame]] = []
        self.chains: list[tuple[list[Schedule], Timeline]] = []
        self.bounded: list[tuple[Apply, Pointwise]] = []
        self.products: list[tuple[Product, Pointwise, float]] = []
        self.feet: list[Schedule] = []
        self.unknown: set[int] = set()
        self._latest: dict[int, Frame] = {}
        self._cycles: list[tuple[Repeat, Cycle]] = []
        self._kept: Counter[int] = Counter()

    def lay_out(self) -> Part:
        """The program, with every node seen."""
        self.binding.watch = self.watch
        program = lay_out(self.body, self.binding)
        self._visit_copies()
        return program

    def _copied(self) -> set[int]:
        """The nodes inside of a repeated body, which are laid out many times and not always where they are shown."""
        copied: set[int] = set()

        def visit(node: Schedule, inside: bool) -> None:
            if inside:
                if id(node) in copied:
                    return
                copied.add(id(node))
                if isinstance(node, Name) and node.name in self.names:
                    visit(self.names[node.name], True)
            for _, _, child in children(node):
                visit(child, inside or isinstance(node, Repeat))

        for root in self.roots:
            visit(root, False)
        return copied

    def watch(self, node: Schedule, frame: Frame, part: Part) -> None:
        """Notice where a node came to lie."""
        if frame.peek:
            return
        key = id(node)
        self._latest[key] = frame
        self.frames.setdefault(key, frame)
        last = frame.last
        if last is not None and frame.first >= last:
            return
        self.shown.add(key)
        match node:
            case Then():
                self._warmups(node, node.phases, frame)
                self._keep_chain(node, part)
            case Arithmetic():
                self._warmups(node, node.operands_in_order(), frame)
                if isinstance(node, Apply) and isinstance(part, Pointwise) and self._keep(node):
                    self.bounded.append((node, part))
                if isinstance(node, Product) and isinstance(part, Pointwise) and self._keep(node):
                    self.products.append((node, part, frame.incoming))
            case StepFixed() | Keyframes():
                self._milestones(node, frame)
            case StepInterval() | StepDecreasing():
                self._intervals(node, frame)
            case Ramp():
                self._ramp(node, frame, part)
            case Repeat() if isinstance(part, Cycle) and self._keep(node):
                self._cycles.append((node, part))
            case _:
                pass
        if isinstance(node, (For, Until, Over, Repeat, Primitive)) and not isinstance(node, (StepFixed, Keyframes)):
            self._cut(node, frame)

    def _keep(self, node: Schedule) -> bool:
        self._kept[id(node)] += 1
        return self._kept[id(node)] <= KEPT

    def _keep_chain(self, node: Then, part: Part) -> None:
        phases = [phase for phase in node.phases if self._latest.pop(id(phase), None) is not None]
        if isinstance(part, Timeline) and len(phases) == len(part.parts) and self._keep(node):
            self.chains.append((phases, part))

    def ends_the_run(self, frame: Frame) -> bool:
        """Whether the end of the run is what ends the innermost window."""
        return self.total is not None and frame.wall == self.total

    def _warmups(self, node: Schedule, parts: Iterable[Schedule], frame: Frame) -> None:
        """W511."""
        over = frame.end if isinstance(node, Arithmetic) else frame.stop  # an operand goes on holding
        if over is None:
            return
        end = math.ceil(over)
        *first, final = parts
        for part in (*first, final) if isinstance(node, Arithmetic) else first:
            here, warmup = self._latest.get(id(part)), self.leaf(part)
            if here is None or here.stop is None or not isinstance(warmup, Warmup):
                continue
            stop, key = math.ceil(here.stop), ("W511", id(warmup), 0)
            length, rest = stop - here.first, end - stop
            if not 0 < rest < length or (frame.wall is not None and frame.wall <= stop):
                self.findings.fine.add(key)
                continue
            message = f"the warm-up takes {counted(length)}, and what follows it only {rest}"
            hint = f"make it shorter, for example `{attrs.evolve(warmup, duration=Quantity(Decimal(5), '%')).text()}`"
            self.findings.warn("W511", warmup, message, hint, place=warmup.duration.place)

    def _milestones(self, node: StepFixed | Keyframes, frame: Frame) -> None:
        """W505 and W506."""
        times = node.steps if isinstance(node, StepFixed) else tuple(key.time for key in node.keys)
        places = sorted((length_of(time, frame), index) for index, time in enumerate(times))
        what = "milestone" if isinstance(node, StepFixed) else "key"
        wall, total = frame.wall, self.ends_the_run(frame)
        for place, index in places:
            step, time = math.ceil(frame.start + place), times[index]
            if wall is None or step < wall or (step == wall and not (total and what == "milestone")):
                self.findings.fine.add(("W505", id(node), index))
                continue
            end = "the end of the run" if total else "the end of its phase"
            where = end if step == wall else f"past {end} at {wall}"
            message = f"the {what} `{written(time)}` is step {step}, {where}"
            self.findings.warn("W505", node, message, f"remove it, or move it before step {wall}", index, time.place)
        for (before, one), (place, other) in pairwise(places):
            step = math.ceil(frame.start + place)
            same = step == math.ceil(frame.start + before) and (wall is None or step < wall)
            if not same or (what == "key" and before == place):
                self.findings.fine.add(("W506", id(node), other))
                continue
            first, second = sorted((one, other))
            message = f"the {what}s `{written(times[first])}` and `{written(times[second])}` are both step {step}"
            hint = "remove one of them" if what == "key" else "remove one of them, or square the factor to say so"
            self.findings.warn("W506", node, message, hint, other, times[second].place)

    def _intervals(self, node: StepInterval | StepDecreasing, frame: Frame) -> None:
        """W506."""
        every = node.time("period", frame)
        if every < 1:
            message = (
                f"`{written(node.period)}` is {counted(every, written=nearly)}: the value changes more than once a step"
            )
            self.findings.warn("W506", node, message, "make it at least a step: `every=1`", place=node.period.place)

    def _ramp(self, node: Ramp, frame: Frame, part: Part) -> None:
        """W508, and what W501 is to blame on."""
        if frame.first <= 0 and part.at(max(0, frame.first)) == 0.0:
            self.feet.append(node)
        if isinstance(node, Warmup):
            self._flat(node, frame, part)
        end = frame.stop if node.duration is None else frame.start + node.time("duration", frame)
        key, wall = ("W508", id(node), 0), frame.wall
        if end is None or wall is None or math.ceil(end) <= wall or self.ends_the_run(frame):
            self.findings.fine.add(key)
            return
        if key in self.findings.found or key in self.findings.fine or not isinstance(part, Segment):
            return
        length = math.ceil(end) - frame.first
        target, value = part.values.get("end"), handed_on(part, wall)
        goal = f" {shortened(target)}" if isinstance(target, float) and math.isfinite(target) else ""
        now = f", at {shortened(value)}" if math.isfinite(value) else ""
        played = f"{wall - frame.first} of {length} steps{now}"
        message = f"`{written(node)}` never reaches its end{goal}: it is cut after {played}"
        if node.duration is None or isinstance(node, Warmup):
            hint = f"make its phase {counted(length)} long"
        else:
            hint = f"write `{attrs.evolve(node, duration=None).text()}` to reach it in time"
        self.findings.warn("W508", node, message, hint, place=None if node.duration is None else node.duration.place)

    def _flat(self, node: Warmup, frame: Frame, part: Part) -> None:
        """W517."""
        values = part.values if isinstance(part, Segment) else {}
        start, end, key = values.get("start"), values.get("end"), ("W517", id(node), 0)
        if not (isinstance(start, float) and isinstance(end, float)) or math.isnan(start) or math.isnan(end):
            return
        if start != end or node.time("duration", frame) == 0:
            self.findings.fine.add(key)
            return
        message = f"`{written(node)}` goes nowhere: it starts and ends at {shortened(start)}"
        if node.end is None:
            goal = as_node(1) if start == self.binding.run.base else Variable("base")
            hint = f"say where it ends by `end=…`, for example `{attrs.evolve(node, end=goal).text()}`"
        else:
            hint = "let it end at another value, or write `hold`"
        self.findings.warn("W517", node, message, hint)

    def _cut(self, node: Schedule, frame: Frame) -> None:
        stop = frame.stop
        if stop is None or stop == frame.end or self.total is None or id(node) in self.copied:
            return
        if math.ceil(stop) > self.total and self.ends_the_run(frame):
            self.cut.append((node, frame))

    def leaf(self, node: Schedule) -> Schedule:
        """What a phase begins with, clauses and names taken off."""
        for _ in range(1000):
            match node:
                case For() | Until() | Over() | Skip() | Every() | Repeat():
                    node = node.body
                case Then():
                    node = node.phases[0]
                case Name() if node.name in self.names:
                    node = self.names[node.name]
                case _:
                    break
        return node

    def _visit_copies(self) -> None:
        """Lay out copies of repeated bodies, enough to have seen how they can fall."""
        left = 8 * COPIES
        while self._cycles:
            node, cycle = self._cycles.pop()
            if cycle.last is None or cycle.length == 0:
                indices = [0]
            else:
                highest = cycle.index(cycle.last - 1)
                indices = list(range(min(highest + 1, COPIES)))
                if highest >= COPIES:
                    indices.append(highest)
                    if not cycle.steady or cycle.length.denominator > COPIES - 2:
                        self.unknown.add(id(node))
            for index in indices:
                left -= 1
                if left < 0 or self._kept[id(node)] > KEPT:
                    self.unknown.add(id(node))
                    break
                try:
                    handed_on(cycle.copy(index), cycle.copy(index).first)
                except ScheduleError:  # a copy that is never shown may have no meaning
                    self.unknown.add(id(node))
