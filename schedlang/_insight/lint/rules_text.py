"""Warnings about what stands in a text, wherever its phases come to lie, and in its comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Final

from ..._language.frame import Frame, steps_of
from ..._language.names import definitions_of, like_a_primitive
from ..._language.nodes import Apply, Clause, Name, Number, Quantity, Schedule, Then, Warmup
from ..._language.nodes.arithmetic import Arithmetic
from ..._language.nodes.base import Kind, Names, Role, children
from ..._language.nodes.decays import ExponentialDecay
from ..._language.nodes.steps import Multiplied, StepInterval
from ..._text.errors import Diagnostic, ScheduleError, nearest
from ..._text.numerals import counted, decimal_text, nearly
from ..._text.source import Place
from .layout import Sighting
from .rule import OF_ADAPTERS, RULES, Comment, Rule, Story, below, quotation

_FEW: Final = 10  # fewer steps than anybody means who writes a share of the run


class BareFraction(Rule):
    code = "W512"
    story = Story(
        "a fraction where `%` was probably meant",
        "A bare `0.8` is 80 % of the run, but neither `0.8ep` nor `0.8%` is, and in arithmetic it is a number.",
        "warmup(0.05%) then cosine",
        "warmup(0.05) then cosine",
    )

    def conclude(self) -> None:
        for root in self.layout.roots:
            self._visit(root, True)

    def _visit(self, node: Schedule, whole: bool) -> None:
        """`whole`: 100 % is the whole run."""
        for role, argument, child in children(node):
            if role in (Role.DURATION, Role.POSITION):
                several = argument.parameter.role in (Role.DURATIONS, Role.KEYS)
                self._time(node, child, whole, role is Role.POSITION or several)
            else:
                self._visit(child, whole and not node.own_run)

    def _time(self, owner: Schedule, time: Schedule, whole: bool, place: bool) -> None:
        """What stands in a duration's place; `place`: in that of a place in the run."""
        run = self.layout.run
        match time:
            case Apply():
                for operand in time.operands:
                    self._time(owner, operand, whole, place)
            case Quantity() if 0 < time.value < 1 and time.unit == "%" and whole and run.total_steps is not None:
                steps = Fraction(time.value) * run.total_steps / 100
                if steps < _FEW:
                    message = f"{quotation(time)} of the run is only {counted(steps, written=nearly)}"
                    self.warn(time, message, f"write `{_percent(time.value)}` if that share was meant")
            case Quantity() if 0 < time.value < 1 and time.unit == "ep" and whole and place:
                if run.total_steps is None or run.steps_per_epoch is None or not _all_fractions(owner):
                    return
                epochs = run.total_steps / run.steps_per_epoch
                if epochs >= 2:
                    message = f"{quotation(time)} is a part of the first epoch, of {nearly(epochs)}"
                    self.warn(time, message, f"write `{_percent(time.value)}` for a share of the run")
            case Arithmetic() if time.kind(self.layout.names) is Kind.NUMBER:
                self._arithmetic(time)
            case _:
                pass

    def _arithmetic(self, time: Arithmetic) -> None:
        leaves = [node for node in below(time) if not isinstance(node, Arithmetic)]
        shares = [node for node in leaves if isinstance(node, Number) and node.is_fraction()]
        if not shares or not all(isinstance(node, Number) for node in leaves):
            return
        try:
            steps = time.exact(Frame.of_run(self.layout.binding))
        except ScheduleError:  # in a phase that never plays nobody has asked how long it is
            return
        length = counted(steps, written=nearly)
        message = f"{quotation(time)} is {length}, as {quotation(shares[0])} is a number in arithmetic"
        self.warn(time, message, f"write `{_percent(shares[0].value)}` for a share of the run")


def _percent(share: Decimal) -> str:
    return f"{decimal_text(share * 100)}%"


def _all_fractions(owner: Schedule) -> bool:
    """Whether all times of a list are fractions: `[0.3ep, 0.6ep]`."""
    times = [child for role, _, child in children(owner) if role in (Role.DURATION, Role.POSITION)]
    return all(isinstance(time, (Quantity, Number)) and 0 < time.value < 1 for time in times)


class CutByAComma(Rule):
    code = "W526"
    story = Story(
        "a number that a comma cuts in two",
        "`0,95` are two arguments, 0 and 95. Told where nobody means that: of a warm-up without a length that has a "
        "start, and of a factor of 0, if there is no blank behind the comma.",
        "warmup(0,1) then cosine",
        "warmup(0.1) then cosine",
    )

    def conclude(self) -> None:
        for node in (each for root in self.layout.roots for each in below(root)):
            cut = _CUT.match(node.written()) if isinstance(node, (Warmup, Multiplied)) else None
            if cut is not None:
                number = f"0.{cut[2]}"
                message = f"`0,{cut[2]}` are two arguments, 0 and {cut[2]}"
                instead = [(node, f"{cut[1]}{number}{cut[3]}")]
                self.warn(node, message, f"write `{number}` for one number", instead=instead)


_CUT: Final = re.compile(r"(\w+\()0,(\d+)(?![\w.%])(.*)", re.DOTALL)


class GroupedByAPoint(Rule):
    code = "W529"
    story = Story(
        "a time that is written like a thousand times as much",
        "In some languages a point groups the digits of a number: `10.000` are ten thousand there, and ten here. Told "
        "of times in steps, samples or tokens, with three zeros behind the point and nothing else.",
        "warmup(10.000) then cosine",
        "warmup(10) then cosine",
    )

    def conclude(self) -> None:
        nodes = (each for root in self.layout.roots for each in below(root))
        times = [each for node in nodes for role, _, each in children(node) if role in (Role.DURATION, Role.POSITION)]
        found = [(time, grouped) for time in times if (grouped := self._grouped(time)) is not None]
        instead = [(time, f"{grouped[1]}_000{grouped[2]}") for time, grouped in found]
        for (time, several), (_, grouped) in zip(instead, found, strict=True):
            ten = grouped[1] + grouped[2]
            message = f"{quotation(time)} is {ten}, and no thousand times that"
            self.warn(time, message, f"write `{several}`, or `{ten}`", instead=instead)

    def _grouped(self, time: Schedule) -> re.Match[str] | None:
        counted_in = time.unit if isinstance(time, Quantity) else "" if isinstance(time, Number) else "%"
        return None if counted_in in ("%", "ep") else _GROUPED.match(time.written())


_GROUPED: Final = re.compile(r"([1-9]\d{0,2})\.000(?![\d.eEkMBT])(.*)", re.DOTALL)


class FactorLast(Rule):
    code = "W530"
    story = Story(
        "a decay whose factor is its start",
        "Its first argument is the factor, and its third where it starts: optax, Keras and others have them the other "
        "way round. Told if the first is 0.01 or less, the third at least 0.5 and less than 1, none of the three is "
        "named, and the run has three such times or more.",
        "exponential_decay(1e-3, 100, 0.9)",
        "exponential_decay(0.9, 100, 1e-3)",
    )
    nodes = (StepInterval, ExponentialDecay)

    def sight(self, sighting: Sighting) -> None:
        node, values = sighting.node, getattr(sighting.part, "values", {})
        written, total = _THREE.match(node.written()), self.layout.total
        factor, start = values.get("factor", 1.0), values.get("start", 1.0)
        few = total is not None and 3 * steps_of(node.time("period", sighting.frame), sighting.frame) > total
        if written is None or few or not (0 < factor <= 0.01 and 0.5 <= start < 1):
            self.fine(node)
            return
        name, first, every, third = (part.strip() for part in written.groups())
        instead = f"{name}({third}, {every}, {first})"
        message = f"{quotation(node)} begins at {third}, and is {first} times as much each time"
        self.warn(
            node, message, f"its first argument is the factor; did you mean `{instead}`?", instead=[(node, instead)]
        )


_THREE: Final = re.compile(r"(\w+)\(([^=,()]+),([^=,()]+),([^=,()]+),?\s*\)$")


class UnknownCode(Rule):
    code = "W513"
    story = Story(
        "a warning that doesn't exist is switched off",
        "Codes of warnings are W501 and so on.",
        "cosine # schedlang: ignore W999",
        "cosine",
    )

    @classmethod
    def in_comment(cls, comment: Comment, found: frozenset[str]) -> Iterator[Diagnostic]:
        return (cls.of(code, place) for code, place in comment.codes if code not in RULES.keys() | OF_ADAPTERS)

    @classmethod
    def of(cls, code: str, place: Place | None) -> Diagnostic:
        """The warning about a code in a comment, or if it has no place, one given to `warnings`."""
        close = nearest(code.upper(), sorted(RULES))
        hint = f"did you mean `{close}`?" if close else f"codes of warnings are {min(RULES)} … {max(RULES)}"
        return Diagnostic.at(place, cls.code, f"there is no warning `{code}`", hint)


class IdleComment(Rule):
    code = "W514"
    story = Story(
        "a comment that switches nothing off",
        "What it was written for is gone, so it may go too, before it hides something else.",
        "cosine # schedlang: ignore W503",
        "cosine",
    )

    @classmethod
    def in_comment(cls, comment: Comment, found: frozenset[str]) -> Iterator[Diagnostic]:
        idle = [(code, place) for code, place in comment.codes if code in RULES and code not in found]
        if not comment.codes and not found:
            idle = [("warning", comment.place)]
        for code, place in idle:
            yield Diagnostic.at(place, cls.code, f"there is no {code} here to be ignored", "remove it")


class MisspeltPrimitive(Rule):
    code = "W515"
    story = Story(
        "a name that looks like a misspelt schedule",
        "A name that nothing defines is a parameter, and a parameter is a schedule, too: a constant. As the whole of a "
        "phase, and this close to the name of a primitive, it is hardly meant so. Told where there is no run: in one, "
        "a parameter that is not given is an error, and one that is given was meant.",
        "warmup(5%) then cosin",
        "warmup(5%) then cosine",
        by_run=False,
    )

    @classmethod
    def in_text(cls, schedule: Schedule) -> Iterator[Diagnostic]:
        body, names = definitions_of(schedule)
        blamed: set[str] = set()
        for name in _lone_names(body, names):
            close = like_a_primitive(name.name)
            if close is not None and name.name not in blamed:
                blamed.add(name.name)
                message = f"`{name.name}` is a parameter, as no schedule is called so"
                yield Diagnostic.at(name.place, cls.code, message, f"did you mean `{close}`?")


def _lone_names(body: Schedule, names: Names) -> Iterator[Name]:
    """The free names that are the whole of a phase but for its clauses."""
    todo, entered = [body], set()
    while todo:
        match todo.pop():
            case Then() as chain:
                todo += chain.phases
            case Clause() as clause:
                todo.append(clause.body)
            case Name() as name if name.name not in names:
                yield name
            case Name() as name if name.name not in entered:
                entered.add(name.name)
                todo.append(names[name.name])
