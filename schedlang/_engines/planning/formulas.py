"""Formulas: a recorded value as a form, part by part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias

from ..changes import StepAxis
from ..expressions import Applied, Expression, Switch, Take, Value, ValuePiece, applied
from . import tabulating
from .forms import Form, added, divided, exponential, looked_up, multiplied, power, rooted, squared
from .integers import Integers, Whole
from .plans import ENTRIES, Node, Plan, UntraceableError

Planned: TypeAlias = Callable[[tuple[StepAxis, ...], StepAxis, Sequence[ValuePiece]], Plan]
"""The plan of pieces along an axis, inside of others."""


class Formula:
    """Writes what is shown over some steps.

    Args:
        axes: what integers are counted along; the last one has the steps.
        limit: the largest integer there is.
        wide: whether floats are those that the walk calculates with; then it is done in its order.
        planned: asked where something has an axis of its own.
    """

    def __init__(self, axes: tuple[StepAxis, ...], limit: int, wide: bool, planned: Planned) -> None:
        self.axes = axes
        self.limit = limit
        self.wide = wide
        self.planned = planned
        self.integers = Integers(axes, limit)
        self.found: dict[int, Form] = {}

    def form(self, value: Value) -> Form:
        """The form of a part, written once.

        Raises:
            UntraceableError: if there is none.
        """
        if not isinstance(value, Expression):
            return Form.known(float(value))
        if id(value) not in self.found:
            self.found[id(value)] = self.written(value)
        return self.found[id(value)]

    def written(self, value: Expression) -> Form:
        if value.whole:
            return self.counted(self.integers.of(value))
        match value:
            case Take():
                index = self.integers.of(value.index)
                low, high = index.ends()
                return looked_up(index, value.table[low : high + 1], self.limit)
            case Switch():
                return self.switched(value)
            case Applied():
                return self.tabulated(value) or self.operation(value.name, value.operands)
        raise UntraceableError("a part of it has no closed formula")

    def counted(self, whole: Whole) -> Form:
        """An integer as a float."""
        if self.wide and whole.node is not None and max(map(abs, whole.ends())) <= self.limit:
            node = whole.calculated(self.limit)
            return Form.of("float", Node("shift", (node,), (0,)) if node.name == "axis" else node)
        return Form.counted(whole, self.limit)

    def switched(self, value: Switch) -> Form:
        """A value along an axis of its own."""
        whole = self.integers.along(value.variable)
        low, high = whole.ends()
        pieces = [piece for piece in value.pieces if piece.first <= high and low < piece.stop]
        if len(pieces) == 1:
            return self.form(pieces[0].value)
        inner = self.planned(self.axes, StepAxis(value.variable, low, high), pieces)
        return Form.of("plan", whole.calculated(self.limit), detail=inner)

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
            whole = Whole(Node("least", (whole.calculated(self.limit),), (last,)), low, last)
        return looked_up(whole, tabulating.entries(value, counter, low, last), self.limit)

    def operation(self, name: str, operands: tuple[Value, ...]) -> Form:
        """Arithmetic, or a function."""
        if name == "where":
            condition, a, b = operands
            if not isinstance(condition, Expression):
                return self.form(a if condition else b)
            return Form.of("where", self.form(condition).bare(), self.form(a).calculated(), self.form(b).calculated())
        forms = [self.form(operand) for operand in operands]
        if all(form.is_known() for form in forms):
            return Form.known(float(applied(name, tuple(form.offset for form in forms))))
        if name in ("finite", "float"):
            return forms[0]
        if name == "negative":
            return forms[0].times(-1.0)
        if name == "*" and operands[0] is operands[1]:
            return squared(forms[0])
        if name in _ARRANGED and not self.wide:
            return _ARRANGED[name](*forms)
        return Form.of(name, *(form.calculated() for form in forms))


def _close(name: str, a: Form) -> Form:
    return Form.of(name, a.close().calculated())


_ARRANGED: Final[Mapping[str, Callable[..., Form]]] = {
    "+": added,
    "-": lambda a, b: added(a, b.times(-1.0)),
    "*": multiplied,
    "/": divided,
    "power": power,
    "exp": exponential,
    "sqrt": rooted,
    **{name: partial(_close, name) for name in ("log", "abs", "sin", "cos", "tanh")},
}
"""What is written in another order than it is meant, so that less is lost in narrow floats."""
