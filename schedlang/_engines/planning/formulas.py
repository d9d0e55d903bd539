"""Formulas: a recorded value as a form, part by part."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias

import attrs

from ..._language.operations import KERNELS
from ..changes import StepAxis
from ..expressions import (
    Applied,
    Expression,
    StepVariable,
    Switch,
    Take,
    Value,
    ValuePiece,
    applied,
    is_switch,
    nodes,
    parts,
)
from .forms import Form, added, divided, exponential, looked_up, multiplied, power, rooted, squared
from .integers import Integers, Whole, alike, integral
from .pieces import number_or_nan
from .plans import ENTRIES, Plan, UntraceableError, complete

Planned: TypeAlias = Callable[[tuple[StepAxis, ...], StepAxis, Sequence[ValuePiece]], Plan]
"""The plan of pieces along an axis, inside of others."""


class Formula:
    """Writes what is shown over some steps, those of the last of some axes.

    Args:
        limit: the largest integer there is.
        wide: whether floats are those that the walk calculates with; then it is done in its order.
        endless: whether it is shown for ever, so that what rises is largest where nobody ever comes.
        planned: asked where something has an axis of its own.
    """

    def __init__(self, axes: tuple[StepAxis, ...], limit: int, wide: bool, endless: bool, planned: Planned) -> None:
        self.axes = axes
        self.limit = limit
        self.wide = wide
        self.endless = endless
        self.planned = planned
        self.integers = Integers(axes, limit)
        self.found: dict[Expression, Form] = {}

    def form(self, value: Value) -> Form:
        """The form of a part, written once."""
        if not isinstance(value, Expression):
            return Form.known(float(value))
        if value not in self.found:
            self.found[value] = self.written(value)
        return self.found[value]

    def written(self, value: Expression) -> Form:
        if value.whole:
            return self.counted(self.integers.of(value))
        match value:
            case Take():
                index = self.integers.of(value.index)
                low, high = index.ends()
                return looked_up(index, value.table[low : high + 1])
            case Switch():
                return self.switched(value)
            case Applied():
                return self.tabulated(value) or self.operation(value.name, value.operands)
        raise UntraceableError("a part of it has no closed formula")

    def counted(self, whole: Whole) -> Form:
        """An integer as a float."""
        if self.wide and whole.node is not None and max(map(abs, whole.ends())) <= self.limit:
            return Form.of("float", whole.calculated())
        return Form.counted(whole)

    def switched(self, value: Switch) -> Form:
        """A value along an axis of its own."""
        whole = self.integers.along(value.variable)
        low, high = whole.ends()
        pieces = [piece for piece in value.pieces if piece.first <= high and low < piece.stop]
        if len(pieces) == 1:
            return self.form(pieces[0].value)
        inner = self.planned(self.axes, StepAxis(value.variable, low, high), pieces)
        return Form.of("plan", whole.calculated(), detail=inner)

    def tabulated(self, value: Applied) -> Form | None:
        """A value with a power, or an entry of a table, that depends on one counted integer only; None: on more.

        A narrow float to the power of an integer is not the float that the walk shows, and its error grows with the
        power; stairs are exact. But if nothing else than that integer goes into a value, all its values can be known.
        """
        every = list(nodes(value, lambda each: each.whole))
        if any(map(is_switch, every)) or not any(isinstance(each, Take) or _is_power(each) for each in every):
            return None
        integers = (each for each in every if isinstance(each, Expression) and each.whole)
        counted: dict[StepVariable | Expression, Whole] = {each: self.integers.of(each) for each in integers}
        varying = [whole for whole in counted.values() if whole.node is not None]
        if not varying or not all(alike(whole.node, varying[0].node) for whole in varying):
            return None
        index = varying[0].since(0)
        last = int(max(index.low, min(index.high, _settled(value, counted))))
        if last - index.low >= ENTRIES:
            return None
        if last < index.high:
            index = attrs.evolve(index, node=integral("minimum", index.calculated(), by=last), high=last)
        places = ({key: of.factor * at + of.offset for key, of in counted.items()} for at in range(index.low, last + 1))
        return looked_up(index, [number_or_nan(value, at) for at in places])

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
        if name in ("finite", "float"):  # traced code cannot raise, and calculates in floats anyway
            return forms[0]
        if name == "negative":
            return forms[0].times(-1.0)
        if name == "*" and operands[0] is operands[1]:
            return squared(forms[0])
        if name == "power" and not self.wide:
            return power(forms[0], forms[1], self.endless)
        arranged = None if self.wide else _ARRANGED[name]
        return Form.of(name, *(form.calculated() for form in forms)) if arranged is None else arranged(*forms)


def _close(name: str, a: Form) -> Form:
    return Form.of(name, a.close().calculated())


_ARRANGED: Final[Mapping[str, Callable[..., Form] | None]] = complete(
    "the order to write it in",
    {
        **{name: partial(_close, name) for name, kernel in KERNELS.items() if len(kernel.places()) == 1},
        **dict.fromkeys((name for name, kernel in KERNELS.items() if kernel.staircase), None),
        **dict.fromkeys(("%", "where", "minimum", "maximum", "power"), None),
        "+": added,
        "-": lambda a, b: added(a, b.times(-1.0)),
        "*": multiplied,
        "/": divided,
        "exp": exponential,
        "sqrt": rooted,
    },
)
"""In which order an operation is written, so that less is lost in narrow floats; None: in that in which it is meant."""


def _is_power(value: Value) -> bool:
    """Whether it is a known number to the power of an integer."""
    match value:
        case Applied(name="power", operands=(base, Expression(whole=True))):
            return not isinstance(base, Expression)
    return False


def _settled(value: Value, counted: Mapping[StepVariable | Expression, Whole]) -> float:
    """From which counted integer on nothing changes any more, because powers of it have become zero."""
    if isinstance(value, Expression) and value.whole:
        return math.inf
    if isinstance(value, Applied) and _is_power(value):
        base, exponent = value.operands
        assert isinstance(exponent, Expression)
        whole = counted[exponent]
        if not isinstance(base, Expression) and 0 <= base < 1 and whole.factor >= 1:
            least = math.ceil(800 / -math.log(base)) + 1 if base else 1  # exp(-800) is zero in float64, too
            return (least - whole.offset) // whole.factor + 1
    return max((_settled(part, counted) for part in parts(value)), default=-math.inf)
