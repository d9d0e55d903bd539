"""The rules behind `schedlang.linting`: what is odd about a schedule, now that each node has told where it lies."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any, Final

import attrs

from ..._bound.bound import Bound
from ..._language.frame import Frame
from ..._language.nodes import (
    Apply,
    Constant,
    Every,
    For,
    Hold,
    Name,
    Number,
    Over,
    Repeat,
    Schedule,
    Skip,
    StepFixed,
    Then,
    Until,
    Variable,
    Warmup,
)
from ..._language.nodes.arithmetic import Arithmetic
from ..._language.nodes.base import Role, children
from ..._language.nodes.ramps import Ramp
from ..._language.nodes.scalars import as_node
from ..._language.nodes.tables import Keyframes
from ..._language.operations import Interval
from ..._language.program import Part, Row, Search, Segment, handed_on, merged
from ..._text.errors import Diagnostic, ScheduleError
from ..._text.numerals import counted, nearly, shortened
from ..._text.source import Place
from ..observer import Observer
from .findings import Findings, below, written
from .textual import Fractions

JUMP: Final = 10.0
"""The factor from which on a jump is told."""

SHARE: Final = 0.01
"""The share of the run that counts as much."""

BOUNDS: Final = 4000
"""How many bounds are asked for, all in all, for one rule."""


class Linter:
    """Lays a schedule out again, and says what is odd about what it sees."""

    def __init__(self, bound: Bound, jump: float, share: float) -> None:
        self.jump, self.share = jump, share
        self.findings = Findings()
        self.seen = Observer(bound, self.findings)
        self.total, self.body, self.names = self.seen.total, self.seen.body, self.seen.names

    def diagnostics(self) -> list[Diagnostic]:
        """Everything found."""
        program = self.seen.lay_out()
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
            self._squares,
            lambda: self._negative(program, rows),
            lambda: self._short(program),
            self._fractions,
        )
        for rule in rules:
            try:
                rule()
            except (ScheduleError, ArithmeticError, Search.OverError):
                continue  # where there is no value, or it takes too long to find out, there is nothing to warn of
        return self.findings.diagnostics()

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
        node = self.seen.feet[0] if self.seen.feet else None
        which = "update has" if low == 1 else f"{low} updates have"
        message = f"the first {which} the value 0 and {'does' if low == 1 else 'do'} nothing"
        if isinstance(node, Ramp):
            hint = f"begin a step up: `{attrs.evolve(node, inclusive='right').text()}`"
        else:
            hint = "begin with a value above 0"
        blamed = self.body if node is None else node
        self.findings.warn("W501", blamed, message, hint, place=rows[0].place if node is None else None)

    def _jumps(self) -> None:
        """W502."""
        for phases, part in self.seen.chains:
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
        leaf = self.seen.leaf(phase)
        if isinstance(leaf, Warmup):
            return
        factor = f", by a factor of {high / low:.3g}" if low > 0 and high / low < math.inf else ""
        message = f"the value jumps from {shortened(left)} to {shortened(right)} here{factor}"
        start: Any = getattr(leaf, "start", None)
        if left == 0:
            hint = f"let the phase before end at {shortened(right)}, or write `… repeat` if it is a restart"
            blamed = start.place if isinstance(start, Schedule) else leaf.place
            self.findings.warn("W502", phase, message, hint, place=blamed)
        elif isinstance(start, Schedule) and self._handed(leaf):
            changed: Any = leaf
            without = attrs.evolve(changed, start=None).text()
            self.findings.warn(
                "W502", phase, message, f"write `{without}` to go on from {shortened(left)}", place=start.place
            )
        else:
            hint = f"let it begin at {shortened(left)}, or let the phase before end at {shortened(right)}"
            self.findings.warn("W502", phase, message, hint, place=leaf.place)

    def _handed(self, leaf: Schedule) -> bool:
        """Whether a primitive goes on from what it is handed if it states no start."""
        return any(argument.name == "start" and argument.parameter.handed for argument in leaf.arguments())

    def _never(self) -> None:
        """W503."""
        zero, end = Fraction(0), self.seen.binding.run.total_steps
        root = Frame(self.seen.binding, zero, end, zero, end, end, self.seen.binding.run.base)

        def visit(node: Schedule) -> None:
            if id(node) not in self.seen.shown or id(node) in self.seen.unknown:
                return
            if isinstance(node, Then):
                for shown, group in groupby(node.phases, lambda phase: id(phase) in self.seen.shown):
                    if not shown:
                        self._never_played(node, [phase for phase in group if not self._left_out(phase, root)])
            for role, _, child in children(node):
                if role is Role.BODY:
                    visit(child)

        for each in self.seen.roots:
            visit(each)

    def _left_out(self, phase: Schedule, root: Frame) -> bool:
        """Whether a phase has a length of exactly zero."""
        if any(isinstance(node, (Until, Skip)) for node in below(phase)):
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
        more = f" and {counted(len(phases) - 1, 'phase')} behind it" if len(phases) > 1 else ""
        what = f"`{written(first)}`{more} never play{'' if more else 's'}"
        frame, window = self.seen.frames.get(id(first)), self.seen.frames[id(chain)]
        hint = "make what stands before it shorter, or the run longer"
        if frame is not None and frame.stop is not None and frame.stop > frame.start:
            why = f"no whole step falls into {counted(Fraction(frame.stop - frame.start), written=nearly)}"
            hint = "make it longer than a step, or remove it"
        elif frame is not None and isinstance(first, Until):
            passed = Fraction(frame.origin + first.position.in_steps(frame))
            which = f"`{written(first.position)}` is step {math.ceil(passed)}"
            why = f"{which}, which has passed when it begins at {frame.first}"
            hint = f"use a place past step {frame.first}, or `for` and a length"
        elif frame is not None and frame.wall is not None and frame.first < frame.wall:
            why, hint = f"nothing is left of it at step {frame.first}", "give it a length, or remove it"
        elif self.seen.ends_the_run(window):
            why = f"the run is over at step {self.total}, before it begins"
        else:
            why = f"its window of {counted((window.wall or 0) - window.first)} is over before it begins"
            hint = "make what stands before it shorter, or the window longer"
        self.findings.warn("W503", first, f"{what}: {why}", hint, place=place)

    def _cuts(self) -> None:
        """W504."""
        nodes = {id(node) for node, _ in self.seen.cut}
        for node, frame in self.seen.cut:
            if any(id(below) in nodes for below in below(node) if below is not node):
                continue  # the smaller piece is to blame
            assert frame.stop is not None and self.total is not None
            stop = math.ceil(frame.stop)
            played, length = self.total - frame.first, stop - frame.first
            message = f"`{written(node)}` is cut by the end of the run after {played} of its {length} steps"
            if isinstance(node, (For, Until)):
                rest = For(node.body, None).text()
                hint = (
                    f"write `{rest}` to end with the run" if len(rest) <= 60 else "write `for rest` to end with the run"
                )
            else:
                hint = f"make it shorter, or the run {stop} steps long"
            self.findings.warn("W504", node, message, hint)

    def _bounds(self) -> None:
        """W507."""
        search = Search(BOUNDS)
        for node, part in self.seen.bounded:
            last = part.last if self.total is None else min(part.last or self.total, self.total)
            if node.function not in ("min", "max", "clip") or id(node) in self.seen.copied or last is None:
                continue
            between = [operand.bounds(part.first, max(part.first, last), search) for operand in part.operands]
            beyond = dict(_beyond(node.function, between)) if any(low < high for low, high in between) else {}
            for index in range(len(node.operands)):
                if index not in beyond:
                    self.findings.fine.add(("W507", id(node), index))
                    continue
                other, above = beyond[index]
                self._bound(node, index, node.operands[other], between[index], between[other], above)

    def _bound(self, node: Apply, index: int, other: Schedule, own: Interval, its: Interval, above: bool) -> None:
        """The warning for an operand that another is always above, or below."""
        operand, edge = node.operands[index], its[0] if above else its[1]
        if own[0] == own[1]:
            stays = "at" if its[0] == its[1] else f"at {shortened(edge)} or {'above' if above else 'below'}"
            stays = f"at {shortened(edge)}" if stays == "at" else stays
            message = f"`{written(operand)}` never takes effect: `{written(other)}` stays {stays}"
            hint = f"remove it, or make it {'more' if above else 'less'} than {shortened(edge)}"
        else:
            message = (
                f"`{written(operand)}` is never seen: `{written(other)}` is {'above' if above else 'below'} all of it"
            )
            hint = f"use {'a smaller' if above else 'a larger'} number than `{written(other)}`"
        self.findings.warn("W507", node, message, hint, index, operand.place)

    def _squares(self) -> None:
        """W516."""
        for node, part, handed in self.seen.products:
            if handed in (0.0, 1.0) or not math.isfinite(handed):
                continue
            ends = part.first + 2 if part.last is None else part.last
            steps = (part.first, (part.first + ends) // 2, ends)
            signs = ("*", *node.operators)
            taking = [
                factor
                for sign, factor, operand in zip(signs, node.operands, part.operands, strict=True)
                if sign == "*" and (self._is_base(factor, handed) or not all(map(operand.free, steps)))
            ]
            if len(taking) > 1:
                self._squared(taking[0], taking[1], handed)

    def _is_base(self, factor: Schedule, handed: float) -> bool:
        """Whether a factor is `base`, where that is what is handed on."""
        return isinstance(factor, Variable) and factor.name == "base" and handed == self.seen.binding.run.base

    def _squared(self, one: Schedule, other: Schedule, handed: float) -> None:
        """The warning for two factors that both take the value handed to their product."""
        leaf: Any = self.seen.leaf(other)
        both = f"`{written(one)}` and `{written(other)}`"
        message = f"{both} both take the {shortened(handed)} handed to them: their product has it twice"
        if isinstance(one, Variable) or isinstance(other, Variable):
            hint = "remove `base`"
        elif isinstance(leaf, Warmup):
            hint = f"write `{attrs.evolve(leaf, end=as_node(1)).text()}`"
        elif self._handed(leaf):
            hint = f"write `{attrs.evolve(leaf, start=as_node(1)).text()}`"
        else:
            hint = "let one of them start at 1"
        self.findings.warn("W516", other, message, hint, place=leaf.place)

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
        message = f"the value is {shortened(value)} at step {step}, below 0"
        text = " ".join(row.text.split())
        hint = f"keep it above with `max({text}, 0)`" if 0 < len(text) <= 40 else "keep it above with `max(…, 0)`"
        self.findings.warn("W509", self.body, message, hint, place=row.place)

    def _short(self, program: Part) -> None:
        """W510."""
        frame = self.seen.frames.get(id(self.body))
        if self.total is None or frame is None or frame.stop is None:
            return
        stop = math.ceil(frame.stop)
        rest = self.total - stop
        last = self._last(self.body)
        if rest <= self.share * self.total or self._stays(self.body):
            return
        value = handed_on(program, self.total)
        holds = f"{shortened(value)}" if math.isfinite(value) else "its value"
        part = f"{100 * rest / self.total:.3g} % of the run"
        message = f"the schedule ends at step {stop}, and holds {holds} for the other {counted(rest)}, {part}"
        rest_of = For(last.body, None).text() if isinstance(last, For) else ""
        way = f", or `{rest_of}` to go on to its end" if 0 < len(rest_of) <= 40 else ""
        if isinstance(last, Repeat) and last.count is not None:
            way = ", or `repeat` without a number to go on to its end"
        self.findings.warn("W510", last, message, f"add `then hold` if that is meant{way}")

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
                    isinstance(self.seen.leaf(operand), StepFixed) for operand in operands
                )
            case Hold() | Constant() | Number() | StepFixed() | Keyframes(shape="hold"):
                return True
            case _:
                return node.aside(self.names)

    def _fractions(self) -> None:
        """W512."""
        fractions = Fractions(self.seen.binding, self.findings)
        for root in self.seen.roots:
            fractions.check(root)


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
