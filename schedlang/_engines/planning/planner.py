"""The planner: each stretch of a program becomes a row, and all that lies along one axis a plan."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

from ..._text.errors import fail
from ..changes import StepAxis
from ..expressions import Expression, StepVariable, Switch, Value, ValuePiece, roots
from .forms import Form
from .formulas import Formula
from .pieces import Pieces, clipped
from .plans import Column, Plan, UntraceableError
from .rows import Rows
from .templates import shared

ROWS: Final = 300_000
"""How many rows one schedule may take."""


def plan(value: Value, function: Callable[[int], float], limit: int) -> Plan:
    """A lowered program for integers between -limit and limit; `function` is the same program for one step.

    Raises:
        ScheduleError: E412, if there is none.
    """
    try:
        return _Planner(function, limit).plan(value)
    except UntraceableError as error:
        fix = "look its values up: `bound.bake()` gives a table"
        fail(None, "E412", f"this schedule cannot be traced: {error}", fix)


class _Planner:
    """Makes the plan of one program."""

    def __init__(self, function: Callable[[int], float], limit: int) -> None:
        self.pieces = Pieces(function, limit)
        self.limit = limit
        self.count = 0

    def plan(self, value: Value) -> Plan:
        """The plan of the whole program."""
        variable = next(roots(value), StepVariable("step"))
        pieces: tuple[ValuePiece, ...] = (ValuePiece(0, math.inf, value),)
        if isinstance(value, Switch) and value.variable is variable:
            pieces = value.pieces
        return self.along((), StepAxis(variable, 0, self.limit), pieces)

    def along(self, outer: tuple[StepAxis, ...], axis: StepAxis, pieces: Sequence[ValuePiece]) -> Plan:
        """The plan of pieces along an axis."""
        rows = Rows(self.limit)
        for inside, value in clipped(axis, pieces):
            for stretch, shown in self.pieces.of(inside, value):
                self.count += 1
                if self.count > ROWS:
                    raise UntraceableError("it changes too often")
                rows.add(stretch, self.form((*outer, stretch), shown))
        which, templates = shared(rows.all)
        return Plan(
            len(outer),
            Column.of([row.axis.low for row in rows.all[1:]], True),
            Column.of(which, True),
            templates,
            Column.of(rows.entries, False),
            Column.of(rows.whole_entries, True),
            tuple(rows.inner),
        )

    def form(self, axes: tuple[StepAxis, ...], value: Value) -> Form:
        """What is shown along the last one of some axes."""
        if not isinstance(value, Expression):
            return Form.known(float(value))
        return Formula(axes, self.limit, self.pieces.shown, self.along).of(value)
