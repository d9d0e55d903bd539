"""Warnings about where phases, milestones and ramps come to lie in the run."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from itertools import groupby, pairwise
from typing import TypeAlias

import attrs

from ..._language.clocks import Time, ratio
from ..._language.frame import Frame, steps_of
from ..._language.nodes import (
    Constant,
    Hold,
    Keyframes,
    Name,
    Number,
    Primitive,
    Quantity,
    Schedule,
    StepFixed,
    Then,
    Warmup,
)
from ..._language.nodes.arithmetic import Apply, Arithmetic
from ..._language.nodes.base import Role, children
from ..._language.nodes.clauses import Clause, For, Over, Repeat, Skip, Until
from ..._language.nodes.ramps import Ramp
from ..._language.nodes.scalars import length_of
from ..._language.nodes.steps import StepDecreasing, StepInterval
from ..._language.program import Part, Segment, Timeline, handed_on
from ..._text.errors import Diagnostic, ScheduleError
from ..._text.numerals import counted, nearly, shortened
from ..._text.run import Given
from ..._text.source import Place
from .layout import Layout, Sighting
from .rule import Rule, Story, below, quotation


class NeverPlayed(Rule):
    code = "W503"
    story = Story(
        "a phase never plays",
        "The run or a window is over before it begins, its place has passed, or no whole step falls into it. Not told "
        "of a length of exactly 0, which is a way to leave a phase out.",
        "warmup(500) then hold until 30% then cosine",
        "warmup(500) then hold until 80% then cosine",
    )

    def conclude(self) -> None:
        root = Frame.of_run(self.layout.binding)
        for node in self.layout.roots:
            self._visit(node, root)

    def _visit(self, node: Schedule, root: Frame) -> None:
        if node not in self.layout.shown or node in self.layout.unknown:
            return
        if isinstance(node, Then):
            before: list[Schedule] = []
            for shown, group in groupby(node.phases, self.layout.shown.__contains__):
                phases = [phase for phase in group if shown or not _left_out(phase, root)]
                if not shown and phases and not any(map(self._is_cut, before[-1:])):
                    self._never_played(node, phases)
                before = phases
        for role, _, child in children(node):
            if role is Role.BODY:
                self._visit(child, root)

    def _is_cut(self, phase: Schedule) -> bool:
        """Whether W504 tells that the end of the run cuts a phase, or W505, where it has milestones."""
        return self.layout.cut_by_the_run(phase, self.layout.shown[phase])

    def _never_played(self, chain: Then, phases: list[Schedule]) -> None:
        first, place, last = phases[0], phases[0].place, phases[-1].place
        if place is not None and last is not None:
            place = Place(place.source, place.span.to(last.span))
        why, hint = self._reason(first, self.layout.frames.get(first), self.layout.frames[chain])
        play = "never plays" if len(phases) == 1 else "never play"
        self.warn(first, f"{_and_more(phases)} {play}: {why}", hint, place=place)

    def _reason(self, phase: Schedule, frame: Frame | None, window: Frame) -> tuple[str, str]:
        if frame is not None and frame.stop is not None and frame.stop > frame.start:
            length = counted(frame.stop - frame.start, written=nearly)
            return f"no whole step falls into {length}", "make it longer than a step, or remove it"
        if frame is not None and isinstance(phase, Until):
            passed = math.ceil(frame.origin + phase.position.in_steps(frame))
            why = f"{quotation(phase.position)} is step {passed}, which has passed when it begins at {frame.first}"
            return why, f"use a place past step {frame.first}, or `for` and a length"
        if frame is not None and frame.wall is not None and frame.first < frame.wall:
            return f"nothing is left of it at step {frame.first}", "give it a length, or remove it"
        hint = "make what stands before it shorter, or the {} longer"
        if self.layout.ends_the_run(window):
            return f"the run is over at step {self.layout.total}, before it begins", hint.format("run")
        steps = counted((window.wall or 0) - window.first)
        return f"its window of {steps} is over before it begins", hint.format("window")


def _left_out(phase: Schedule, root: Frame) -> bool:
    if any(isinstance(node, (Until, Skip)) for node in below(phase)):
        return False
    try:
        return phase.stops(root) == root.start
    except ScheduleError:  # its length takes another frame to tell
        return False


class CutByTheRun(Rule):
    code = "W504"
    story = Story(
        "a phase is cut by the end of the run",
        "The schedule is longer than the run. A phase is never squeezed, so the run ends in the middle of it.",
        "warmup(100) then cosine(1, 0) for 2000",
        "warmup(100) then cosine(1, 0)",
    )
    nodes = (For, Until, Over, Repeat, Primitive, Then)

    def __init__(self, layout: Layout) -> None:
        super().__init__(layout)
        self._behind: list[tuple[Schedule, list[Schedule]]] = []  # phases that are cut, each with those behind it

    def sight(self, sighting: Sighting) -> None:
        node, frame = sighting.node, sighting.frame
        if isinstance(node, Then):
            phases = [phase for phase, _ in sighting.inside]
            for index, (phase, here) in enumerate(sighting.inside):
                if here is not None and self.layout.cut_by_the_run(phase, here):
                    self._behind.append((phase, phases[index + 1 :]))
        elif not isinstance(node, (StepFixed, Keyframes)) and self.layout.cut_by_the_run(node, frame):
            self.kept.append(sighting)  # W505 tells of the milestones of the others

    def conclude(self) -> None:
        cut = {id(sighting.node) for sighting in self.kept}
        # Of several pieces the smallest is to blame; of operands side by side that which asks for the longest run.
        smallest = [
            each for each in self.kept if not any(id(one) in cut for one in below(each.node) if one is not each.node)
        ]
        if not smallest:
            return
        sighting = max(smallest, key=lambda each: each.frame.stop or 0)
        node, frame = sighting.node, sighting.frame
        assert frame.stop is not None and self.layout.total is not None
        stop = math.ceil(frame.stop)
        played, length = self.layout.total - frame.first, stop - frame.first
        hint = f"make it shorter, or the run {stop} steps long"
        if isinstance(node, (For, Until)):
            rest = For(node.body, None).text()
            hint = f"write `{rest if len(rest) <= 60 else 'for rest'}` to end with the run"
        message = f"{quotation(node)} is cut by the end of the run after {played} of its {length} steps"
        root = Frame.of_run(self.layout.binding)
        behind = (rest for phase, rest in self._behind if any(one is node for one in below(phase)))
        never = [phase for rest in behind for phase in rest if not _left_out(phase, root)]
        if never:
            hint = "make it shorter, or the run longer"
            message += f", and {_and_more(never)} never play{'s' if len(never) == 1 else ''}"
        self.warn(node, message, hint)


def _and_more(phases: list[Schedule]) -> str:
    more = f" and {counted(len(phases) - 1, 'phase')} behind it" if len(phases) > 1 else ""
    return quotation(phases[0]) + more


class MilestonePastTheEnd(Rule):
    code = "W505"
    story = Story(
        "a milestone or key past the end",
        "It lies behind the end of the run or of its phase, so it changes nothing.",
        "step_fixed(0.1, [3ep, 6ep, 30ep])",
        "step_fixed(0.1, [3ep, 6ep, 9ep])",
    )
    nodes = (StepFixed, Keyframes)
    yields = ("W525",)

    def sight(self, sighting: Sighting) -> None:
        node, frame = sighting.node, sighting.frame
        what, times, places = _milestones(node, frame)
        wall, total = frame.wall, self.layout.ends_the_run(frame)
        for place, index in places:
            step, time = math.ceil(frame.start + place), times[index]
            if wall is None or step < wall or (step == wall and not (total and what == "milestone")):
                self.fine(node, index)
                continue
            end = "the end of the run" if total else "the end of its phase"
            where = end if step == wall else f"past {end} at {wall}"
            message = f"the {what} {quotation(time)} is step {step}, {where}"
            self.warn(node, message, f"remove it, or move it before step {wall}", index, time.place)

    def diagnostics(self) -> Iterator[Diagnostic]:
        for told in self.told():
            first, more = told[0], len(told) - 1
            if more and first.hint is not None:
                message = f"{first.message}, and so {'is' if more == 1 else 'are'} {more} more"
                hint = first.hint.replace("remove it, or move it", "remove them, or move them")
                first = attrs.evolve(first, message=message, hint=hint)
            yield first


def _milestones(node: StepFixed | Keyframes, frame: Frame) -> tuple[str, tuple[Schedule, ...], list[tuple[Time, int]]]:
    """What its milestones are called, their times, and their places in order, each with its index."""
    fixed = isinstance(node, StepFixed)
    times = node.steps if isinstance(node, StepFixed) else tuple(key.time for key in node.keys)
    places = sorted((steps_of(length_of(time, frame), frame), index) for index, time in enumerate(times))
    return "milestone" if fixed else "key", times, places


_Stairs: TypeAlias = StepFixed | StepInterval | StepDecreasing | Keyframes


class MilestonesBehindAWarmup(Rule):
    code = "W525"
    story = Story(
        "milestones behind a warm-up",
        "They count from the start of their phase, and most other systems count from the start of the run: behind "
        "`warmup(5ep)` the milestone `30ep` is at the end of epoch 35. Told if it lies behind the warm-up either way, "
        "of keys if the first does, and of `interval` and `step_decreasing` if one interval is longer than that. Not "
        "told of texts with `skip`, `over` or `until`, whose authors have thought of places.",
        "warmup(1ep) then step_fixed(0.1, [3ep, 6ep])",
        "warmup(1ep) then step_fixed(0.1, [3ep, 6ep]) skip 1ep",
    )
    nodes = (Then,)

    def sight(self, sighting: Sighting) -> None:
        chain, frame, part = sighting.node, sighting.frame, sighting.part
        if frame.start != 0 or chain in self.layout.copied or not isinstance(part, Timeline):
            return
        if isinstance(self.layout.leaf(chain.phases[0]), Ramp) and _rises(part.parts[0]):
            self.kept.append(sighting)

    def conclude(self) -> None:
        if any(isinstance(node, (Skip, Over, Until)) for root in self.layout.roots for node in below(root)):
            return
        for sighting in self.kept:
            for index, (phase, frame) in enumerate(sighting.inside[1:], 1):
                if frame is None or phase not in self.layout.shown:
                    break
                stairs = list(self._stairs_in(phase, set()))
                for each, bare in stairs:
                    self._look(each, frame, [before for before, _ in sighting.inside[:index]], bare)
                if stairs or not isinstance(self.layout.leaf(phase), (Hold, Constant, Number)):
                    break

    def _stairs_in(self, phase: Schedule, seen: set[int], bare: bool = True) -> Iterator[tuple[_Stairs, bool]]:
        """The stairs that a phase begins with, or their multiples; and whether a clause may stand behind each."""
        leaf = self.layout.leaf(phase)
        if id(leaf) in seen:
            return
        seen.add(id(leaf))
        if isinstance(leaf, _Stairs):
            yield leaf, bare
        elif isinstance(leaf, Arithmetic):
            for operand in leaf.operands_in_order():
                yield from self._stairs_in(operand, seen, isinstance(leaf, Apply))

    def _look(self, stairs: _Stairs, frame: Frame, before: list[Schedule], bare: bool) -> None:
        begins = frame.first
        if begins == 0:  # behind nothing
            return
        behind = begins + 1  # where it lies behind the warm-up, counted from the run too
        if isinstance(stairs, (StepFixed, Keyframes)):
            what, times, places = _milestones(stairs, frame)
            first, index = places[0]
            time, what = times[index], f"{what}s count"
            if isinstance(stairs, Keyframes):
                behind = begins  # a key may be where that ends
                if frame.start + places[-1][0] == self.layout.total:  # the phase ends with the last: well counted
                    return
        elif len(before) > 1:
            return
        else:
            first, time, what = steps_of(stairs.time("period", frame), frame), stairs.period, "intervals count"
        if math.ceil(first) < behind:
            return
        step = math.ceil(frame.start + first)
        where, rate = f"step {step}", self.layout.run.steps_per_epoch
        if isinstance(time, Quantity) and time.unit == "ep" and rate is not None:
            where += f", epoch {nearly(ratio(step, rate))}"
        message = f"{what} from step {begins}, where their phase begins: {quotation(time)} is {where}"
        hint = "if they shall count from the start of the run, `skip` what lies before"
        instead: list[tuple[Schedule, str]] = []
        lengths = [_length(each) for each in before]
        shares = [isinstance(each, Number) and each.is_fraction() for each in lengths]  # which in a sum are numbers
        if None not in lengths and (len(before) == 1 or not any(shares)):
            skipped = " + ".join(each.written() for each in lengths if each is not None)
            hint = f"if they shall count from the start of the run, write `… skip {skipped}`"
            later = f"{stairs.written()} skip {skipped}"
            instead = [(stairs, later if bare else f"({later})")]
        self.warn(stairs, message, hint, instead=instead)


def _rises(part: Part) -> bool:
    start, end = (part.values.get(name) for name in ("start", "end")) if isinstance(part, Segment) else (None, None)
    return isinstance(start, float) and isinstance(end, float) and abs(start) < abs(end)


def _length(phase: Schedule) -> Schedule | None:
    """How long a phase is, as it is written."""
    if isinstance(phase, For):
        return phase.time
    return phase.duration if isinstance(phase, Ramp) else None


class MilestonesOnOneStep(Rule):
    code = "W506"
    story = Story(
        "two milestones on one step",
        "The value changes twice at once, or of two keys the first is never seen.",
        "step_fixed(0.1, [30%, 3ep])",
        "step_fixed(0.1, [30%, 6ep])",
    )
    nodes = (StepFixed, Keyframes, StepInterval, StepDecreasing)
    yields = ("W512",)  # a period that is no share of the run

    def sight(self, sighting: Sighting) -> None:
        node, frame = sighting.node, sighting.frame
        if isinstance(node, (StepInterval, StepDecreasing)):
            period = steps_of(node.time("period", frame), frame)
            if period < 1:
                length = counted(period, written=nearly)
                message = f"{quotation(node.period)} is {length}: the value changes more than once a step"
                self.warn(node, message, "make it at least a step: `every=1`", place=node.period.place)
            return
        what, times, places = _milestones(node, frame)
        for (before, one), (place, other) in pairwise(places):
            step = math.ceil(frame.start + place)
            same = step == math.ceil(frame.start + before) and (frame.wall is None or step < frame.wall)
            if not same or (what == "key" and before == place):
                self.fine(node, other)
                continue
            first, second = sorted((one, other))
            both = f"{quotation(times[first])} and {quotation(times[second])}"
            message = f"the {what}s {both} are both step {step}"
            if isinstance(before, Given) or isinstance(place, Given):
                message = f"no whole step falls between the {what}s {both}: both show first at step {step}"
            hint = "remove one of them" if what == "key" else "remove one of them, or square the factor to say so"
            self.warn(node, message, hint, other, times[second].place)


class UnreachedEnd(Rule):
    code = "W508"
    story = Story(
        "a ramp never reaches its end",
        "Its phase is shorter than the ramp, which is cut and not squeezed. Not told of `(…) over 100k until 40k`, "
        "which says both.",
        "linear(1, 0.1, 500) for 250 then hold",
        "linear(1, 0.1) for 250 then hold",
    )
    nodes = (Ramp,)

    def sight(self, sighting: Sighting) -> None:
        node, frame, part = sighting.node, sighting.frame, sighting.part
        end = frame.stop if node.duration is None else node.stops(frame)
        wall = frame.wall
        if end is None or wall is None or not _cut_before(end, frame) or self.layout.ends_the_run(frame):
            self.fine(node)
            return
        if (
            self.settled(node)
            or not isinstance(part, Segment)
            or (node.duration is None and id(node) in self._windowed)
        ):
            return
        assert frame.cut is not None
        length, played = _between(frame, end), _between(frame, frame.cut)
        target, value = part.values.get("end"), handed_on(part, wall)
        goal = f" {shortened(target)}" if isinstance(target, float) and math.isfinite(target) else ""
        now = f", at {shortened(value)}" if math.isfinite(value) else ""
        if node.duration is None or isinstance(node, Warmup):
            hint = f"make its phase {counted(length, written=nearly)} long"
        else:
            hint = f"write `{attrs.evolve(node, duration=None).text()}` to reach it in time"
        after = f"{nearly(played)} of {counted(length, written=nearly)}"
        message = f"{quotation(node)} never reaches its end{goal}: it is cut after {after}{now}"
        self.warn(node, message, hint, place=None if node.duration is None else node.duration.place)

    @cached_property
    def _windowed(self) -> set[int]:
        """What stands in an `over` that a clause around it cuts, by the ids of nodes, which the layout keeps alive."""
        nodes = (node for root in self.layout.roots for node in below(root))
        cut = (node for node in nodes if isinstance(node, (For, Until)) and isinstance(node.body, Over))
        return {id(inner) for node in cut for inner in below(node)}


def _cut_before(end: Time, frame: Frame) -> bool:
    """Whether a window cuts a ramp before its end: judged at the exact places where these are given, else in steps."""
    assert frame.cut is not None
    if isinstance(end, Given) or isinstance(frame.cut, Given):
        return frame.cut < end
    return math.ceil(frame.cut) < math.ceil(end)


def _between(frame: Frame, end: Time) -> Time:
    """How long a ramp goes on to a place: from boundary to boundary."""
    begin = frame.start if isinstance(frame.start, Given) else frame.first
    return (end if isinstance(end, Given) else math.ceil(end)) - begin


class ShorterThanTheRun(Rule):
    code = "W510"
    story = Story(
        "the schedule is shorter than the run",
        "Its last value is held for more than 1 % of the run. Write `then hold` if that is meant. Not told of "
        "`step_fixed`, which stays where its last milestone brings it.",
        "warmup(5%) then cosine(1, 0.1) for 50%",
        "warmup(5%) then cosine(1, 0.1) for 50% then hold",
    )
    yields = ("W508",)

    def conclude(self) -> None:
        body, total = self.layout.body, self.layout.total
        frame = self.layout.frames.get(body)
        if total is None or frame is None or frame.stop is None:
            return
        stop = math.ceil(frame.stop)
        rest = total - stop
        if rest <= self.layout.share * total or self._stays(body):
            return
        try:
            value = handed_on(self.layout.program, total)
        except ScheduleError:  # what ends the run is beyond the limits, which is an error where it is asked for
            return
        last, way = self._last(body), ""
        if isinstance(last, Repeat) and last.count is not None:
            way = ", or `repeat` without a number to go on to its end"
        elif isinstance(last, For):
            whole = For(last.body, None).text()
            way = f", or `{whole}` to go on to its end" if 0 < len(whole) <= 40 else ""
        held = shortened(value) if math.isfinite(value) else "its value"
        part = f"{100 * rest / total:.3g} % of the run"
        message = f"the schedule ends at step {stop}, and holds {held} for the other {counted(rest)}, {part}"
        self.warn(last, message, f"add `then hold` if that is meant{way}")

    def _last(self, node: Schedule) -> Schedule:
        while isinstance(node, Then) or (isinstance(node, Name) and node.name in self.layout.names):
            node = node.phases[-1] if isinstance(node, Then) else self.layout.names[node.name]
        return node

    def _stays(self, node: Schedule) -> bool:
        """Whether what ends there would have stayed where it is anyway."""
        node = self._last(node)
        match node:
            case Clause() if not isinstance(node, Repeat):
                return self._stays(node.body)
            case Arithmetic():
                operands = node.operands_in_order()
                fixed = (isinstance(self.layout.leaf(operand), StepFixed) for operand in operands)
                return all(map(self._stays, operands)) or any(fixed)
            case Hold() | Constant() | Number() | StepFixed() | Keyframes(shape="hold"):
                return True
            case _:
                return node.timeless(self.layout.names)


class LongWarmup(Rule):
    code = "W511"
    story = Story(
        "a warm-up is longer than what follows it",
        "Often it was meant for a longer run, or in another unit.",
        "warmup(600) then cosine",
        "warmup(60) then cosine",
    )
    nodes = (Then, Arithmetic)

    def sight(self, sighting: Sighting) -> None:
        frame = sighting.frame
        arithmetic = isinstance(sighting.node, Arithmetic)
        over = frame.end if arithmetic else frame.stop  # an operand goes on holding
        if over is None:
            return
        for index, (child, here) in enumerate(sighting.inside if arithmetic else sighting.inside[:-1]):
            warmup = self.layout.leaf(child)
            if here is None or here.stop is None or not isinstance(warmup, Warmup):
                continue
            if not arithmetic and sighting.inside[index + 1][0] not in self.layout.shown:
                continue  # W503 tells of what never plays behind it
            stop = math.ceil(here.stop)
            length, rest = stop - here.first, math.ceil(over) - stop
            if not 0 < rest < length or (frame.wall is not None and frame.wall <= stop):
                self.fine(warmup)
                continue
            message = f"the warm-up takes {counted(length)}, and what follows it only {rest}"
            shorter = attrs.evolve(warmup, duration=Quantity(Decimal(5), "%")).text()
            self.warn(warmup, message, f"make it shorter, for example `{shorter}`", place=warmup.duration.place)
