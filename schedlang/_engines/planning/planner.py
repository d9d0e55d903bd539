"""The planner: each stretch of a program becomes a row, and all that lies along one axis a plan."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import groupby
from typing import Final

from ..._text.errors import fail
from ..changes import StepAxis
from ..expressions import STEP, Expression, Switch, Value, ValuePiece, asks, is_switch, variables
from .estimates import estimated
from .forms import Form, looked_up
from .formulas import Formula
from .integers import Integers
from .pieces import Pieces, clipped, depends
from .plans import ENTRIES, TABLE, Estimate, Plan, UntraceableError
from .templates import Rows

_ROWS: Final = 300_000
"""How many rows one schedule may take."""


def plan(value: Value, source: Callable[[int], float], limit: int, wide: bool) -> Plan:
    """A lowered program for integers between -limit and limit, and for floats that are wide (float64) or narrow.

    `source` is the program as a function of a number: it gives the values that are looked up.

    Raises:
        ScheduleError: E412, if there is none.
    """
    try:
        return _Planner(source, limit, wide).plan(value)
    except UntraceableError as error:
        fix = "look its values up: `bound.bake()` gives a table"
        fail(None, "E412", f"this schedule cannot be traced: {error}", fix)


class _Planner:
    """Makes the plan of one program."""

    def __init__(self, source: Callable[[int], float], limit: int, wide: bool) -> None:
        self.pieces = Pieces(source, limit)
        self.limit = limit
        self.wide = wide
        self.count = 0
        self.left = TABLE

    def plan(self, value: Value) -> Plan:
        """The plan of the whole program."""
        pieces: tuple[ValuePiece, ...] = (ValuePiece(0, math.inf, value),)
        if isinstance(value, Switch) and value.variable is STEP:
            pieces = value.pieces
        return self.along((), StepAxis(STEP, 0, self.limit), pieces)

    def along(self, outer: tuple[StepAxis, ...], axis: StepAxis, pieces: Sequence[ValuePiece]) -> Plan:
        """The plan of pieces along an axis."""
        rows = Rows(len(outer), self.limit)
        for _, phase in groupby(clipped(axis, pieces), key=lambda clip: clip[1].phase or object()):
            clips = list(phase)
            stretches = [each for inside, piece in clips for each in self.pieces.of(inside, piece.value)]
            endless = clips[-1][1].stop == math.inf and axis.high == self.limit
            largest = cache(partial(self.largest, stretches))
            for stretch, value in stretches:
                self.count += 1
                if self.count > _ROWS:
                    raise UntraceableError("it changes too often")
                form, found = self.row((*outer, stretch), value, endless and stretch.high == self.limit, largest)
                rows.add(stretch, form, *found)
        return rows.plan()

    def row(
        self, axes: tuple[StepAxis, ...], value: Value, endless: bool, largest: Callable[[], float]
    ) -> tuple[Form, tuple[Estimate, bool]]:
        """What is shown along the last one of some axes, how far off it may be, and whether that is what is promised.

        A formula that is not within what is promised is looked up, where its steps have an end and are not too many.
        """
        if not isinstance(value, Expression):
            return Form.known(float(value)), (Estimate(value, value, abs(value), 1.0), True)
        try:
            if asks(value, is_switch):
                where = f"from step {axes[-1].low} on it" if len(axes) == 1 else "a repeated part of it"
                raise UntraceableError(f"{where} has no closed formula")
            form = Formula(axes, self.limit, self.wide, endless, self.along).form(value)
        except UntraceableError:
            if not self.is_short(axes, value):
                raise
        else:
            found = estimated(form, axes, self.wide, largest)
            if found[1] or not self.is_short(axes, value):
                return form, found
        form = self.table(axes, value)
        return form, estimated(form, axes, self.wide, largest)

    def is_short(self, axes: tuple[StepAxis, ...], value: Value) -> bool:
        """Whether a value can be looked up by the last one of some axes."""
        axis = axes[-1]
        # What lies along an axis of its own is evaluated as a tree, and some is walked, which is slow.
        most = ENTRIES if len(axes) > 1 or asks(value, is_switch) else self.left
        return axis.high - axis.low < most and all(depends(each, axis.variable) for each in variables(value))

    def table(self, axes: tuple[StepAxis, ...], value: Value) -> Form:
        """The values at all steps of an axis, rounded once; NaN where there is none."""
        axis = axes[-1]
        self.left -= axis.high - axis.low + 1 if len(axes) == 1 else 0
        # Not from NumPy, whose last bits differ: `floor` or a difference may make a whole number of one.
        steps = range(axis.low, axis.high + 1)
        values = array("d", [self.pieces.shown(axis.variable, value, step) for step in steps])
        return looked_up(Integers(axes, self.limit).along(axis.variable), values)

    def largest(self, stretches: Sequence[tuple[StepAxis, Value]]) -> float:
        """The largest value of a phase, as far as looking at some of its steps tells."""
        found = [0.0]
        for axis, value in stretches:
            if not isinstance(value, Expression):
                found.append(abs(value))
            elif all(depends(each, axis.variable) for each in variables(value)):
                steps = {axis.low, (axis.low + axis.high) // 2, axis.high}
                found += [abs(self.pieces.shown(axis.variable, value, step)) for step in steps]
        return max(each for each in found if math.isfinite(each))
