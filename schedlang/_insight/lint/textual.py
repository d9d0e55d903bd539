"""Warnings about what stands in a text, wherever its phases come to lie. One needs no run at all."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from ..._language.frame import Binding, Frame
from ..._language.names import definitions_of, like_a_primitive
from ..._language.nodes import (
    Apply,
    Every,
    For,
    Name,
    Number,
    Over,
    Quantity,
    Repeat,
    Schedule,
    Skip,
    Then,
    Until,
)
from ..._language.nodes.arithmetic import Arithmetic
from ..._language.nodes.base import Kind, Names, Role, children
from ..._text.errors import Diagnostic
from ..._text.numerals import counted, decimal_text, nearly
from .findings import Findings, below, written

FEW: Final = 10
"""Fewer steps than anybody means who writes a share of the run."""


class Fractions:
    """W512: a fraction where `%` was probably meant."""

    def __init__(self, binding: Binding, findings: Findings) -> None:
        self.binding, self.names, self.findings = binding, binding.names, findings

    def check(self, root: Schedule) -> None:
        """Look at all times below a node."""
        self._visit(root, True)

    def _visit(self, node: Schedule, whole: bool) -> None:
        for role, argument, child in children(node):
            if role in (Role.DURATION, Role.POSITION):
                several = argument.parameter.role in (Role.DURATIONS, Role.KEYS)
                self._time(node, child, whole, role is Role.POSITION or several)
            else:
                self._visit(child, whole and not isinstance(node, Over))

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
                    message = f"`{written(time)}` of the run is only {counted(steps, written=nearly)}"
                    self.findings.warn(
                        "W512", time, message, f"write `{decimal_text(time.value * 100)}%` if that share was meant"
                    )
            case Quantity() if 0 < time.value < 1 and time.unit == "ep" and whole and place:
                if run.total_steps is None or run.steps_per_epoch is None or not _all_fractions(owner):
                    return
                epochs = run.total_steps / run.steps_per_epoch
                if epochs >= 2:
                    message = f"`{written(time)}` is a part of the first epoch, of {nearly(epochs)}"
                    self.findings.warn(
                        "W512", time, message, f"write `{decimal_text(time.value * 100)}%` for a share of the run"
                    )
            case Arithmetic() if time.kind(self.names) is Kind.NUMBER:
                leaves = [node for node in below(time) if not isinstance(node, Arithmetic)]
                shares = [node for node in leaves if isinstance(node, Number) and node.is_fraction()]
                if shares and all(isinstance(node, Number) for node in leaves):
                    steps = time.exact(Frame(self.binding, Fraction(0), None, Fraction(0), None, None, 1.0))
                    length, share = counted(steps, written=nearly), written(shares[0])
                    message = f"`{written(time)}` is {length}, as `{share}` is a number in arithmetic"
                    hint = f"write `{decimal_text(shares[0].value * 100)}%` for a share of the run"
                    self.findings.warn("W512", time, message, hint)
            case _:
                pass


def misspelt(schedule: Schedule) -> list[Diagnostic]:
    """W515: the phases that are a free name which looks like that of a primitive."""
    body, names = definitions_of(schedule)
    found: dict[str, Diagnostic] = {}
    for name in _lone_names(body, names):
        close = like_a_primitive(name.name)
        if close is not None:
            message = f"`{name.name}` is a parameter, as no schedule is called so"
            found.setdefault(name.name, Diagnostic.at(name.place, "W515", message, f"did you mean `{close}`?"))
    return list(found.values())


def _lone_names(body: Schedule, names: Names) -> Iterator[Name]:
    """The free names that are the whole of a phase but for its clauses."""
    todo, seen = [body], set()
    while todo:
        match todo.pop():
            case Then() as chain:
                todo += chain.phases
            case For() | Until() | Over() | Skip() | Every() | Repeat() as clause:
                todo.append(clause.body)
            case Name() as name if name.name not in names:
                yield name
            case Name() as name if name.name not in seen:
                seen.add(name.name)
                todo.append(names[name.name])


def _all_fractions(owner: Schedule) -> bool:
    """Whether all times of a list are fractions: `[0.3ep, 0.6ep]`."""
    times = [child for role, _, child in children(owner) if role in (Role.DURATION, Role.POSITION)]
    return all(isinstance(time, (Quantity, Number)) and 0 < time.value < 1 for time in times)
