"""Formulas: a recorded value as a form, part by part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from ..changes import StepAxis
from ..expressions import (
    Applied,
    Expression,
    StepVariable,
    Switch,
    Take,
    Undecided,
    Value,
    ValuePiece,
    applied,
    variables,
)
from . import tabulating
from .forms import Form, added, divided, looked_up, multiplied, rooted, squared
from .integers import Integers, Whole
from .pieces import depends
from .plans import ENTRIES, Plan, UntraceableError
from .powers import exponential, power

Shown: TypeAlias = Callable[[StepVariable, Value, int], float]
"""What is shown where a variable has a value."""

Planned: TypeAlias = Callable[[tuple[StepAxis, ...], StepAxis, Sequence[ValuePiece]], Plan]
"""The plan of pieces along an axis, inside of others."""


class Formula:
    """Writes what is shown over some steps.

    Args:
        axes: what integers are counted along; the last one has the steps.
        limit: the largest integer there is.
        shown: asked where there is no formula.
        planned: asked where something has an axis of its own.
    """

    def __init__(self, axes: tuple[StepAxis, ...], limit: int, shown: Shown, planned: Planned) -> None:
        self.axes = axes
        self.limit = limit
        self.shown = shown
        self.planned = planned
        self.integers = Integers(axes, limit)
        self.found: dict[int, Form] = {}

    def of(self, value: Expression) -> Form:
        """The form of all that is shown."""
        return self.walked(value) if tabulating.needs_the_walk(value) else self.form(value)

    def walked(self, value: Expression) -> Form:
        """What cannot be recorded, of the walk: as a table, if it is short."""
        axis = self.axes[-1]
        if axis.high - axis.low >= ENTRIES:
            raise UntraceableError(f"from step {axis.low} on it has no closed formula")
        if any(not depends(each, axis.variable) for each in variables(value)):
            raise UntraceableError("a repeated part of it has no closed formula")
        values = [self.shown(axis.variable, value, step) for step in range(axis.low, axis.high + 1)]
        return looked_up(Whole(("axis", len(self.axes) - 1), axis.low, axis.high), values, self.limit)

    def form(self, value: Value) -> Form:
        """The form of a part, written once."""
        if not isinstance(value, Expression):
            return Form.known(float(value))
        if id(value) not in self.found:
            self.found[id(value)] = self.written(value)
        return self.found[id(value)]

    def written(self, value: Expression) -> Form:
        if value.whole:
            return Form.counted(self.integers.of(value), self.limit)
        match value:
            case Take():
                index = self.integers.of(value.index)
                low, high = index.ends()
                return looked_up(index, value.table[low : high + 1], self.limit)
            case Switch():
                return self.switched(value)
            case Undecided():
                a, b = (self.form(each).calculated() for each in value.operands)
                return Form.of((value.name, a, b))
            case Applied():
                return self.tabulated(value) or self.operation(value.name, value.operands)
        raise UntraceableError("a part of it has no closed formula")

    def switched(self, value: Switch) -> Form:
        """A value along an axis of its own."""
        whole = self.integers.along(value.variable)
        low, high = whole.ends()
        pieces = [piece for piece in value.pieces if piece.first <= high and low < piece.stop]
        if len(pieces) == 1:
            return self.form(pieces[0].value)
        inner = self.planned(self.axes, StepAxis(value.variable, low, high), pieces)
        return Form.of(("plan", whole.calculated(self.limit), inner))

    def tabulated(self, value: Applied) -> Form | None:
        """A value that depends on one counted integer only, as a table; None: it is to be calculated."""
        counter = tabulating.counter(value)
        if counter is None:
            return None
        whole = self.integers.of(counter)
        low, high = whole.ends()
        settled = tabulating.settled(value)
        last = high if settled is None else min(high, low + settled)
        if last - low >= ENTRIES:
            return None
        if last < high:
            whole = Whole(("least", whole.calculated(self.limit), last), low, last)
        return looked_up(whole, tabulating.entries(value, counter, low, last), self.limit)

    def operation(self, name: str, operands: tuple[Value, ...]) -> Form:
        """Arithmetic, or a function."""
        if name == "where":
            condition, a, b = operands
            if not isinstance(condition, Expression):
                return self.form(a if condition else b)
            return Form.of(("where", self.form(condition).bare(), self.form(a).calculated(), self.form(b).calculated()))
        forms = [self.form(operand) for operand in operands]
        if all(form.is_known() for form in forms):
            return Form.known(float(applied(name, tuple(form.offset for form in forms))))
        match name:
            case "finite" | "float":
                return forms[0]
            case "negative":
                return forms[0].times(-1.0)
            case "+":
                return added(forms[0], forms[1])
            case "-":
                return added(forms[0], forms[1].times(-1.0))
            case "*" if operands[0] is operands[1]:
                return squared(forms[0])
            case "*":
                return multiplied(forms[0], forms[1])
            case "/":
                return divided(forms[0], forms[1])
            case "power":
                return power(forms[0], forms[1])
            case "exp":
                return exponential(forms[0])
            case "sqrt":
                return rooted(forms[0])
            case "log" | "abs":
                return Form.of((name, forms[0].close().calculated()))
        return Form.of((name, *(form.calculated() for form in forms)))
