"""The rules behind `schedlang.linting`: a schedule is laid out once more, and each node tells where it came to lie."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any, Final

import attrs

from .binding import Bound, lay_out
from .checking import definitions_of
from .errors import Diagnostic, ScheduleError
from .frame import Binding, Frame
from .nodes import (
    Apply,
    Constant,
    Every,
    For,
    Hold,
    Keyframes,
    Name,
    Number,
    Over,
    Primitive,
    Quantity,
    Repeat,
    Schedule,
    Skip,
    StepFixed,
    Then,
    Until,
    Warmup,
)
from .nodes.arithmetic import Arithmetic
from .nodes.base import Kind, Names, Role, children
from .nodes.composition import length_of
from .nodes.ramps import Ramp
from .nodes.scalars import decimal_text
from .nodes.steps import StepDecreasing, StepInterval
from .operations import Interval
from .program import Cycle, Part, Pointwise, Row, Search, Segment, Timeline, handed_on, merged
from .source import Place

JUMP: Final = 10.0
"""The factor from which on a jump is told."""

SHARE: Final = 0.01
"""The share of the run that counts as much."""

COPIES: Final = 64
"""How many copies of a repeated body are looked at."""

KEPT: Final = 8
"""How many layouts of one node are kept to be asked for values."""

BOUNDS: Final = 4000
"""How many bounds are asked for, all in all, for one rule."""

FEW: Final = 10
"""Fewer steps than anybody means who writes a share of the run."""


def _written(node: Schedule, most: int = 40) -> str:
    """A node's text in one line, shortened if it is long."""
    text = " ".join(re.sub(r"#[^\n]*", "", node.written()).split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _number(value: float) -> str:
    """A value as the language writes it, with few digits."""
    return "-" * (value < 0) + decimal_text(Decimal(f"{abs(value):.4g}")) if math.isfinite(value) else str(value)


def _count(steps: int | Fraction, what: str = "step") -> str:
    return f"{steps if isinstance(steps, int) else f'{float(steps):.4g}'} {what}{'' if steps == 1 else 's'}"


class Linter:
    """Lays a schedule out again, and collects what it sees."""

    def __init__(self, bound: Bound, jump: float, share: float) -> None:
        self.jump, self.share = jump, share
        self.total = bound.total_steps
        self.body, definitions = definitions_of(bound.schedule)
        self.names = Names({**definitions, **bound.params})
        self.roots = (self.body, *definitions.values())
        self.binding = Binding(bound.run, self.names)
        self.copied = self._copied()
        self.found: dict[tuple[str, int, int], Diagnostic] = {}
        self.fine: set[tuple[str, int, int]] = set()
        self.shown: set[int] = set()
        self.frames: dict[int, Frame] = {}
        self.latest: dict[int, Frame] = {}
        self.cut: list[tuple[Schedule, Frame]] = []
        self.chains: list[tuple[list[Schedule], Timeline]] = []
        self.bounded: list[tuple[Apply, Pointwise]] = []
        self.feet: list[Schedule] = []
        self.cycles: list[tuple[Repeat, Cycle]] = []
        self.unknown: set[int] = set()
        self.kept: Counter[int] = Counter()

    def diagnostics(self) -> list[Diagnostic]:
        """Everything found."""
        self.binding.watch = self.watch
        program = lay_out(self.body, self.binding)
        self._visit_copies()
        try:
            rows = tuple(merged(program.rows(0, self.total)))
        except ScheduleError:  # in a run without an end, a value may turn out not to be finite only here
            rows = ()
        rules: tuple[Callable[[], None], ...] = (
            lambda: self._zero(program, rows),
            self._jumps,
            self._never,
            self._cuts,
            self._bounds,
            lambda: self._negative(program, rows),
            lambda: self._short(program),
            self._fractions,
        )
        for rule in rules:
            try:
                rule()
            except (ScheduleError, ArithmeticError, Search.OverError):
                continue  # where there is no value, or it takes too long to find out, there is nothing to warn of
        return [found for key, found in self.found.items() if key not in self.fine]

    def warn(
        self, code: str, node: Schedule, message: str, hint: str, index: int = 0, place: Place | None = None
    ) -> None:
        """Note a warning, of which each node gets one."""
        self.found.setdefault((code, id(node), index), Diagnostic.at(place or node.place, code, message, hint))

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

    # What is noticed while the schedule is laid out.

    def watch(self, node: Schedule, frame: Frame, part: Part) -> None:
        """Notice where a node came to lie."""
        if frame.peek:
            return
        key = id(node)
        self.latest[key] = frame
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
            case StepFixed() | Keyframes():
                self._milestones(node, frame)
            case StepInterval() | StepDecreasing():
                self._intervals(node, frame)
            case Ramp():
                self._ramp(node, frame, part)
            case Repeat() if isinstance(part, Cycle) and self._keep(node):
                self.cycles.append((node, part))
            case _:
                pass
        if isinstance(node, (For, Until, Over, Repeat, Primitive)) and not isinstance(node, (StepFixed, Keyframes)):
            self._cut(node, frame)

    def _keep(self, node: Schedule) -> bool:
        self.kept[id(node)] += 1
        return self.kept[id(node)] <= KEPT

    def _keep_chain(self, node: Then, part: Part) -> None:
        phases = [phase for phase in node.phases if self.latest.pop(id(phase), None) is not None]
        if isinstance(part, Timeline) and len(phases) == len(part.parts) and self._keep(node):
            self.chains.append((phases, part))

    def _ends_the_run(self, frame: Frame) -> bool:
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
            here, warmup = self.latest.get(id(part)), self._leaf(part)
            if here is None or here.stop is None or not isinstance(warmup, Warmup):
                continue
            stop, key = math.ceil(here.stop), ("W511", id(warmup), 0)
            length, rest = stop - here.first, end - stop
            if not 0 < rest < length or (frame.wall is not None and frame.wall <= stop):
                self.fine.add(key)
                continue
            message = f"the warm-up takes {_count(length)}, and what follows it only {rest}"
            hint = f"make it shorter, for example `{attrs.evolve(warmup, duration=Quantity(Decimal(5), '%')).text()}`"
            self.warn("W511", warmup, message, hint, place=warmup.duration.place)

    def _milestones(self, node: StepFixed | Keyframes, frame: Frame) -> None:
        """W505 and W506."""
        times = node.steps if isinstance(node, StepFixed) else tuple(key.time for key in node.keys)
        places = sorted((length_of(time, frame), index) for index, time in enumerate(times))
        what = "milestone" if isinstance(node, StepFixed) else "key"
        wall, total = frame.wall, self._ends_the_run(frame)
        for place, index in places:
            step, time = math.ceil(frame.start + place), times[index]
            if wall is None or step < wall or (step == wall and not (total and what == "milestone")):
                self.fine.add(("W505", id(node), index))
                continue
            end = "the end of the run" if total else "the end of its phase"
            where = end if step == wall else f"past {end} at {wall}"
            message = f"the {what} `{_written(time)}` is step {step}, {where}"
            self.warn("W505", node, message, f"remove it, or move it before step {wall}", index, time.place)
        for (before, one), (place, other) in pairwise(places):
            step = math.ceil(frame.start + place)
            same = step == math.ceil(frame.start + before) and (wall is None or step < wall)
            if not same or (what == "key" and before == place):
                self.fine.add(("W506", id(node), other))
                continue
            first, second = sorted((one, other))
            message = f"the {what}s `{_written(times[first])}` and `{_written(times[second])}` are both step {step}"
            hint = "remove one of them" if what == "key" else "remove one of them, or square the factor to say so"
            self.warn("W506", node, message, hint, other, times[second].place)

    def _intervals(self, node: StepInterval | StepDecreasing, frame: Frame) -> None:
        """W506."""
        every = node.time("period", frame)
        if every < 1:
            message = f"`{_written(node.period)}` is {_count(every)}: the value changes more than once a step"
            self.warn("W506", node, message, "make it at least a step: `every=1`", place=node.period.place)

    def _ramp(self, node: Ramp, frame: Frame, part: Part) -> None:
        """W508, and what W501 is to blame on."""
        if frame.first <= 0 and part.at(max(0, frame.first)) == 0.0:
            self.feet.append(node)
        end = frame.stop if node.duration is None else frame.start + node.time("duration", frame)
        key, wall = ("W508", id(node), 0), frame.wall
        if end is None or wall is None or math.ceil(end) <= wall or self._ends_the_run(frame):
            self.fine.add(key)
            return
        if key in self.found or key in self.fine or not isinstance(part, Segment):
            return
        length = math.ceil(end) - frame.first
        target, value = part.values.get("end"), handed_on(part, wall)
        goal = f" {_number(target)}" if isinstance(target, float) and math.isfinite(target) else ""
        now = f", at {_number(value)}" if math.isfinite(value) else ""
        played = f"{wall - frame.first} of {length} steps{now}"
        message = f"`{_written(node)}` never reaches its end{goal}: it is cut after {played}"
        if node.duration is None or isinstance(node, Warmup):
            hint = f"make its phase {_count(length)} long"
        else:
            hint = f"write `{attrs.evolve(node, duration=None).text()}` to reach it in time"
        self.warn("W508", node, message, hint, place=None if node.duration is None else node.duration.place)

    def _cut(self, node: Schedule, frame: Frame) -> None:
        stop = frame.stop
        if stop is None or stop == frame.end or self.total is None or id(node) in self.copied:
            return
        if math.ceil(stop) > self.total and self._ends_the_run(frame):
            self.cut.append((node, frame))

    # What is asked when everything lies in its place.

    def _leaf(self, node: Schedule) -> Schedule:
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
        while self.cycles:
            node, cycle = self.cycles.pop()
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
                if left < 0 or self.kept[id(node)] > KEPT:
                    self.unknown.add(id(node))
                    break
                try:
                    handed_on(cycle.copy(index), cycle.copy(index).first)
                except ScheduleError:  # a copy that is never shown may have no meaning
                    self.unknown.add(id(node))

    def _zero(self, program: Part, rows: tuple[Row, ...]) -> None:
        """W501."""
        if not rows or rows[0].start != 0.0 or rows[0].shape in ("constant", "hold"):
            return
        whole = self.total or rows[0].stop or 0
        search, none, zero = Search(BOUNDS), 1, (0.0, 0.0)  # at least one update is at 0
        while none < whole and program.bounds(0, none, search) == zero:
            none *= 2
        low, high = none // 2, min(none, whole)  # 0 … low - 1 are at 0
        while low + 1 < high:
            middle = (low + high) // 2
            low, high = (middle, high) if program.bounds(0, middle - 1, search) == zero else (low, middle)
        while low < whole and program.bounds(0, low, search) == zero:
            low += 1
        if not 0 < low < whole or low < self.share * whole:
            return
        node = self.feet[0] if self.feet else None
        which = "update has" if low == 1 else f"{low} updates have"
        message = f"the first {which} the value 0 and {'does' if low == 1 else 'do'} nothing"
        if isinstance(node, Ramp):
            hint = f"begin a step up: `{attrs.evolve(node, inclusive='right').text()}`"
        else:
            hint = "begin with a value above 0"
        blamed = self.body if node is None else node
        self.warn("W501", blamed, message, hint, place=rows[0].place if node is None else None)

    def _jumps(self) -> None:
        """W502."""
        for phases, part in self.chains:
            ends = [*part.starts[1:], part.last]
            shown = [
                index
                for index, (start, end) in enumerate(zip(part.starts, ends, strict=True))
                if end is None or start < end
            ]
            for before, after in pairwise(shown):
                one, other = part.parts[before], part.parts[after]
                if all(isinstance(each, Segment) and each.shape == "constant" for each in (one, other)):
                    continue
                self._jump(phases[after], handed_on(one, part.starts[before + 1]), handed_on(other, part.starts[after]))

    def _jump(self, phase: Schedule, left: float, right: float) -> None:
        low, high = sorted((abs(left), abs(right)))
        if not high > self.jump * low:  # also where one of them is no number
            return
        leaf = self._leaf(phase)
        if isinstance(leaf, Warmup):
            return
        factor = f", by a factor of {high / low:.3g}" if low > 0 and high / low < math.inf else ""
        message = f"the value jumps from {_number(left)} to {_number(right)} here{factor}"
        start: Any = getattr(leaf, "start", None)
        if left == 0:
            hint = f"let the phase before end at {_number(right)}, or write `… repeat` if it is a restart"
            blamed = start.place if isinstance(start, Schedule) else leaf.place
            self.warn("W502", phase, message, hint, place=blamed)
        elif isinstance(start, Schedule) and self._handed(leaf):
            changed: Any = leaf
            without = attrs.evolve(changed, start=None).text()
            self.warn("W502", phase, message, f"write `{without}` to go on from {_number(left)}", place=start.place)
        else:
            hint = f"let it begin at {_number(left)}, or let the phase before end at {_number(right)}"
            self.warn("W502", phase, message, hint, place=leaf.place)

    def _handed(self, leaf: Schedule) -> bool:
        """Whether a primitive goes on from what it is handed if it states no start."""
        return any(argument.name == "start" and argument.parameter.handed for argument in leaf.arguments())

    def _never(self) -> None:
        """W503."""
        zero, end = Fraction(0), self.binding.run.total_steps
        root = Frame(self.binding, zero, end, zero, end, end, self.binding.run.base)

        def visit(node: Schedule) -> None:
            if id(node) not in self.shown or id(node) in self.unknown:
                return
            if isinstance(node, Then):
                for shown, group in groupby(node.phases, lambda phase: id(phase) in self.shown):
                    if not shown:
                        self._never_played(node, [phase for phase in group if not self._left_out(phase, root)])
            for role, _, child in children(node):
                if role is Role.BODY:
                    visit(child)

        for each in self.roots:
            visit(each)

    def _left_out(self, phase: Schedule, root: Frame) -> bool:
        """Whether a phase has a length of exactly zero."""
        if any(isinstance(node, (Until, Skip)) for node in _below(phase)):
            return False
        try:
            return phase.length(root) == 0
        except ScheduleError:
            return False

    def _never_played(self, chain: Then, phases: list[Schedule]) -> None:
        if not phases:
            return
        first, last = phases[0], phases[-1]
        place = first.place
        if place is not None and last.place is not None:
            place = Place(place.source, place.span.to(last.place.span))
        more = f" and {_count(len(phases) - 1, 'phase')} behind it" if len(phases) > 1 else ""
        what = f"`{_written(first)}`{more} never play{'' if more else 's'}"
        frame, window = self.frames.get(id(first)), self.frames[id(chain)]
        hint = "make what stands before it shorter, or the run longer"
        if frame is not None and frame.stop is not None and frame.stop > frame.start:
            why = f"no whole step falls into {_count(Fraction(frame.stop - frame.start))}"
            hint = "make it longer than a step, or remove it"
        elif frame is not None and isinstance(first, Until):
            passed = Fraction(frame.origin + first.position.in_steps(frame))
            which = f"`{_written(first.position)}` is step {math.ceil(passed)}"
            why = f"{which}, which has passed when it begins at {frame.first}"
            hint = f"use a place past step {frame.first}, or `for` and a length"
        elif frame is not None and frame.wall is not None and frame.first < frame.wall:
            why, hint = f"nothing is left of it at step {frame.first}", "give it a length, or remove it"
        elif self._ends_the_run(window):
            why = f"the run is over at step {self.total}, before it begins"
        else:
            why = f"its window of {_count((window.wall or 0) - window.first)} is over before it begins"
            hint = "make what stands before it shorter, or the window longer"
        self.warn("W503", first, f"{what}: {why}", hint, place=place)

    def _cuts(self) -> None:
        """W504."""
        nodes = {id(node) for node, _ in self.cut}
        for node, frame in self.cut:
            if any(id(below) in nodes for below in _below(node) if below is not node):
                continue  # the smaller piece is to blame
            assert frame.stop is not None and self.total is not None
            stop = math.ceil(frame.stop)
            played, length = self.total - frame.first, stop - frame.first
            message = f"`{_written(node)}` is cut by the end of the run after {played} of its {length} steps"
            if isinstance(node, (For, Until)):
                rest = For(node.body, None).text()
                hint = (
                    f"write `{rest}` to end with the run" if len(rest) <= 60 else "write `for rest` to end with the run"
                )
            else:
                hint = f"make it shorter, or the run {stop} steps long"
            self.warn("W504", node, message, hint)

    def _bounds(self) -> None:
        """W507."""
        search = Search(BOUNDS)
        for node, part in self.bounded:
            last = part.last if self.total is None else min(part.last or self.total, self.total)
            if node.function not in ("min", "max", "clip") or id(node) in self.copied or last is None:
                continue
            between = [operand.bounds(part.first, max(part.first, last), search) for operand in part.operands]
            beyond = dict(_beyond(node.function, between)) if any(low < high for low, high in between) else {}
            for index in range(len(node.operands)):
                if index not in beyond:
                    self.fine.add(("W507", id(node), index))
                    continue
                other, above = beyond[index]
                self._bound(node, index, node.operands[other], between[index], between[other], above)

    def _bound(self, node: Apply, index: int, other: Schedule, own: Interval, its: Interval, above: bool) -> None:
        """The warning for an operand that another is always above, or below."""
        operand, edge = node.operands[index], its[0] if above else its[1]
        if own[0] == own[1]:
            stays = "at" if its[0] == its[1] else f"at {_number(edge)} or {'above' if above else 'below'}"
            stays = f"at {_number(edge)}" if stays == "at" else stays
            message = f"`{_written(operand)}` never takes effect: `{_written(other)}` stays {stays}"
            hint = f"remove it, or make it {'more' if above else 'less'} than {_number(edge)}"
        else:
            message = (
                f"`{_written(operand)}` is never seen: `{_written(other)}` is {'above' if above else 'below'} all of it"
            )
            hint = f"use {'a smaller' if above else 'a larger'} number than `{_written(other)}`"
        self.warn("W507", node, message, hint, index, operand.place)

    def _negative(self, program: Part, rows: tuple[Row, ...]) -> None:
        """W509."""
        for row in rows:
            if row.start < 0:
                self._below_zero(row.start, row.first, row)
                return
            if row.stop is not None and row.end is not None and row.end < 0 and program.at(row.stop - 1) < 0:
                self._below_zero(program.at(row.stop - 1), row.stop - 1, row)
                return
        if self.total is None or not rows:
            return
        search, todo = Search(BOUNDS), [(0, self.total - 1)]
        while todo:
            low, high = todo.pop()
            if low > high:
                continue
            least = program.bounds(low, high, search)[0]
            if least >= 0:
                continue
            middle = (low + high) // 2
            for step in (low, high, middle):
                value = program.at(step)
                if value < 0:
                    row = next(
                        (row for row in rows if row.first <= step and (row.stop is None or step < row.stop)), rows[0]
                    )
                    self._below_zero(value, step, row)
                    return
            todo += [(middle + 1, high - 1), (low + 1, middle - 1)]

    def _below_zero(self, value: float, step: int, row: Row) -> None:
        message = f"the value is {_number(value)} at step {step}, below 0"
        text = " ".join(row.text.split())
        hint = f"keep it above with `max({text}, 0)`" if 0 < len(text) <= 40 else "keep it above with `max(…, 0)`"
        self.warn("W509", self.body, message, hint, place=row.place)

    def _short(self, program: Part) -> None:
        """W510."""
        frame = self.frames.get(id(self.body))
        if self.total is None or frame is None or frame.stop is None:
            return
        stop = math.ceil(frame.stop)
        rest = self.total - stop
        last = self._last(self.body)
        if rest <= self.share * self.total or self._stays(self.body):
            return
        value = handed_on(program, self.total)
        holds = f"{_number(value)}" if math.isfinite(value) else "its value"
        part = f"{100 * rest / self.total:.3g} % of the run"
        message = f"the schedule ends at step {stop}, and holds {holds} for the other {_count(rest)}, {part}"
        rest_of = For(last.body, None).text() if isinstance(last, For) else ""
        way = f", or `{rest_of}` to go on to its end" if 0 < len(rest_of) <= 40 else ""
        if isinstance(last, Repeat) and last.count is not None:
            way = ", or `repeat` without a number to go on to its end"
        self.warn("W510", last, message, f"add `then hold` if that is meant{way}")

    def _last(self, node: Schedule) -> Schedule:
        """The last phase of a chain."""
        while isinstance(node, Then) or (isinstance(node, Name) and node.name in self.names):
            node = node.phases[-1] if isinstance(node, Then) else self.names[node.name]
        return node

    def _stays(self, node: Schedule) -> bool:
        """Whether what ends there would have stayed where it is anyway."""
        node = self._last(node)
        match node:
            case For() | Until() | Over() | Skip() | Every():
                return self._stays(node.body)
            case Arithmetic():
                operands = node.operands_in_order()
                return all(map(self._stays, operands)) or any(
                    isinstance(self._leaf(operand), StepFixed) for operand in operands
                )
            case Hold() | Constant() | Number() | StepFixed():
                return True
            case _:
                return node.aside(self.names)

    def _fractions(self) -> None:
        """W512."""

        def visit(node: Schedule, whole: bool) -> None:
            for role, argument, child in children(node):
                if role in (Role.DURATION, Role.POSITION):
                    several = argument.parameter.role in (Role.DURATIONS, Role.KEYS)
                    self._time(node, child, whole, role is Role.POSITION or several)
                else:
                    visit(child, whole and not isinstance(node, Over))

        for root in self.roots:
            visit(root, True)

    def _time(self, owner: Schedule, time: Schedule, whole: bool, place: bool) -> None:
        """W512 for what stands in a duration's place."""
        run = self.binding.run
        match time:
            case Apply():
                for operand in time.operands:
                    self._time(owner, operand, whole, place)
            case Quantity() if 0 < time.value < 1 and time.unit == "%" and whole and run.total_steps is not None:
                steps = Fraction(time.value) * run.total_steps / 100
                if steps < FEW:
                    message = f"`{_written(time)}` of the run is only {_count(steps)}"
                    self.warn(
                        "W512", time, message, f"write `{decimal_text(time.value * 100)}%` if that share was meant"
                    )
            case Quantity() if 0 < time.value < 1 and time.unit == "ep" and whole and place:
                if run.total_steps is None or run.steps_per_epoch is None or not _all_fractions(owner):
                    return
                epochs = run.total_steps / run.steps_per_epoch
                if epochs >= 2:
                    message = f"`{_written(time)}` is a part of the first epoch, of {_count(epochs)[: -len(' steps')]}"
                    self.warn(
                        "W512", time, message, f"write `{decimal_text(time.value * 100)}%` for a share of the run"
                    )
            case Arithmetic() if time.kind(self.names) is Kind.NUMBER:
                leaves = [node for node in _below(time) if not isinstance(node, Arithmetic)]
                shares = [node for node in leaves if isinstance(node, Number) and node.is_fraction()]
                if shares and all(isinstance(node, Number) for node in leaves):
                    steps = time.exact(Frame(self.binding, Fraction(0), None, Fraction(0), None, None, 1.0))
                    message = (
                        f"`{_written(time)}` is {_count(steps)}, as `{_written(shares[0])}` is a number in arithmetic"
                    )
                    hint = f"write `{decimal_text(shares[0].value * 100)}%` for a share of the run"
                    self.warn("W512", time, message, hint)
            case _:
                pass


def _all_fractions(owner: Schedule) -> bool:
    """Whether all times of a list are fractions: `[0.3ep, 0.6ep]`."""
    times = [child for role, _, child in children(owner) if role in (Role.DURATION, Role.POSITION)]
    return all(isinstance(time, (Quantity, Number)) and 0 < time.value < 1 for time in times)


def _below(node: Schedule) -> Iterator[Schedule]:
    """A node and all nodes below it."""
    todo = [node]
    while todo:
        each = todo.pop()
        yield each
        todo += [child for _, _, child in children(each)]


def _beyond(function: str, between: list[Interval]) -> Iterator[tuple[int, tuple[int, bool]]]:
    """The operands that never decide, each with one that decides instead, and whether that one lies above."""
    if function == "clip":
        (least, most), low, high = between
        if least >= low[1]:
            yield 1, (0, True)
        if most <= high[0]:
            yield 2, (0, False)
        if most <= low[0]:
            yield 0, (1, True)
        elif least >= high[1]:
            yield 0, (2, False)
        return
    above = function == "max"
    for index, (least, most) in enumerate(between):
        for other, (its_least, its_most) in enumerate(between):
            decides = its_least >= most if above else its_most <= least
            equal = (its_least, its_most) == (least, most)
            if other != index and decides and not (equal and other > index):
                yield index, (other, above)
                break
