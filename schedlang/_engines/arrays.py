"""Arrays: a lowered program on NumPy arrays of steps.

The expressions are those that the scalar source is written from. Each piece is calculated for its own steps only, and
in blocks that stay in the processor's cache. Steps that do not come in order are sorted into the pieces first.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy

from .._language.operations import KERNELS
from .expressions import (
    STEP,
    Affine,
    Applied,
    Asked,
    Expression,
    StepVariable,
    Switch,
    Take,
    Value,
    ValuePiece,
    variables,
    whole_interval,
)

if TYPE_CHECKING:
    Floats: TypeAlias = numpy.ndarray[Any, numpy.dtype[numpy.float64]]
    Integers: TypeAlias = numpy.ndarray[Any, numpy.dtype[numpy.int64]]
    Steps: TypeAlias = range | Integers  # one after the other, or in any order

BLOCK: Final = 16384
"""How many values are calculated at a time, of steps that come in order."""

_SCATTERED: Final = 2 * BLOCK
"""And of steps in any order."""

_COUNT: Final = numpy.arange(BLOCK, dtype=numpy.float64)

KEPT: Final = 2**16
"""Up to how many values of what recurs are kept from one call to the next."""

_SHORT: Final = 48
"""Pieces of so few steps are asked step by step."""

_FEW: Final = 8
"""Up to how many pieces each is looked for among all steps."""

_EXACT: Final = 2**53
"""Up to where float64 holds every integer, and so divides integers as Python does."""

_UFUNCS: Final[Mapping[str, Any]] = {
    name: getattr(numpy, kernel.called.numpy) for name, kernel in KERNELS.items() if kernel.called is not None
}


class InexactError(Exception):
    """A value that NumPy's numbers cannot hold exactly: it has to be asked step by step."""


class Evaluator:
    """One lowered program; `function` is the same for one step."""

    def __init__(self, value: Value, function: Callable[[int], float]) -> None:
        self.value = value
        self.function = function
        self.periods: dict[Switch, Floats] = {}
        self.tables: dict[Take, Floats] = {}

    def values(self, first: int, stop: int) -> Floats:
        """The values at the steps first … stop - 1."""
        found = numpy.empty(max(stop - first, 0))
        if stop > first:
            with numpy.errstate(all="ignore"):
                self.write(self.value, STEP, range(first, stop), found)
        return found

    def at(self, steps: Integers, first: int) -> Floats:
        """The values at steps in any order, the least of which is `first`, at least 0: a flat array."""
        if steps.size == 0 or not isinstance(self.value, Expression):
            return numpy.full(steps.size, self.value if steps.size else 0.0)
        last = int(steps.max())
        if last - first < steps.size:
            return _entries(self.values(first, last + 1), steps - first if first else steps)
        found = numpy.empty(steps.size)
        with numpy.errstate(all="ignore"):
            for begin in range(0, steps.size, _SCATTERED):
                block = slice(begin, begin + _SCATTERED)
                self.write(self.value, STEP, steps[block], found[block])
        return found

    def write(self, value: Value, variable: StepVariable, steps: Steps, out: Floats) -> None:
        """Write the values where `variable` is `steps` into `out`."""
        if not isinstance(value, Switch) or value.variable is not variable:
            self._write_piece(value, variable, steps, out)
            return
        pieces = value.pieces
        if isinstance(steps, range):
            found: Iterator[tuple[ValuePiece, Any]] = _in_order(pieces, steps)
        elif any(isinstance(piece.value, Expression) for piece in pieces):
            found = _sorted(pieces, steps)
        else:
            out[:] = _entries(numpy.array([piece.value for piece in pieces]), _places(pieces, steps))
            return
        for piece, here in found:
            if not isinstance(piece.value, Expression):
                out[here] = piece.value
            elif isinstance(here, slice):
                self._write_piece(piece.value, variable, steps[here], out[here])
            else:
                some = numpy.empty(here.size)
                self._write_piece(piece.value, variable, steps[here], some)
                out[here] = some

    def _write_piece(self, value: Value, variable: StepVariable, steps: Steps, out: Floats) -> None:
        """Write the values of one piece into `out`."""
        if not isinstance(value, Expression):
            out[:] = value
            return
        in_order = isinstance(steps, range)
        if not (in_order and variable is STEP and len(out) <= _SHORT):
            try:
                if self._turning(value, variable, steps, out):
                    return
                uses = _uses(value)
                if not in_order:
                    _Block(self, variable, steps, uses).into(value, out)
                    return
                for begin in range(0, len(out), BLOCK):
                    block = slice(begin, begin + BLOCK)
                    _Block(self, variable, steps[block], uses).into(value, out[block])
                return
            except InexactError:
                if variable is not STEP:
                    raise
        out[:] = [self.function(step) for step in (steps if isinstance(steps, range) else steps.tolist())]

    def _turning(self, value: Value, variable: StepVariable, steps: Steps, out: Floats) -> bool:
        """Write what recurs in steps that come in order into `out`: it is calculated once."""
        if not isinstance(steps, range) or not isinstance(value, Switch):
            return False
        period = self.period(value, len(out))
        if period is None or not isinstance(value.variable.meaning, Applied):
            return False
        since = value.variable.meaning.operands[0]
        if not isinstance(since, Affine) or since.variable is not variable or since.factor != 1:
            return False
        turned = numpy.roll(period, -((steps.start + since.offset) % len(period)))
        turns, rest = divmod(len(out), len(period))
        out[: turns * len(period)].reshape(turns, len(period))[:] = turned
        out[turns * len(period) :] = turned[:rest]
        return True

    def period(self, switch: Switch, wanted: int) -> Floats | None:
        """All the values of a switch on the place in a cycle, if they recur, and within as many steps as are wanted."""
        if switch in self.periods:
            return self.periods[switch]
        variable = switch.variable
        meaning = variable.meaning
        if not isinstance(meaning, Applied) or meaning.name != "%" or not math.isfinite(variable.high):
            return None
        length = int(variable.high) + 1
        if length > wanted or any(other is not variable for other in variables(switch)):
            return None
        found = numpy.empty(length)
        self.write(switch, variable, range(length), found)
        if length <= KEPT:
            self.periods[switch] = found
        return found


def _in_order(pieces: tuple[ValuePiece, ...], steps: range) -> Iterator[tuple[ValuePiece, slice]]:
    """Each piece that some steps lie in, and where those stand, of steps one after the other."""
    for piece in islice(pieces, bisect_right(pieces, steps.start, key=attrgetter("stop")), None):
        if piece.first >= steps.stop:
            return
        end = int(piece.stop) if piece.stop < steps.stop else steps.stop
        yield piece, slice(max(piece.first - steps.start, 0), end - steps.start)


def _sorted(pieces: tuple[ValuePiece, ...], steps: Integers) -> Iterator[tuple[ValuePiece, Any]]:
    """The same of steps in any order."""
    if len(pieces) <= _FEW:
        for piece in pieces:
            inside = steps >= piece.first
            if piece.stop != math.inf:
                inside &= steps < piece.stop
            here = numpy.flatnonzero(inside)
            if here.size:
                yield piece, here if here.size < steps.size else slice(None)
        return
    places = _places(pieces, steps)
    order = numpy.argsort(places, kind="stable")
    found, begins = numpy.unique(places[order], return_index=True)
    for place, here in zip(found.tolist(), numpy.split(order, begins[1:]), strict=True):
        yield pieces[place], here if here.size < steps.size else slice(None)


def _places(pieces: tuple[ValuePiece, ...], steps: Integers) -> Any:
    """In which piece each step lies."""
    if len(pieces) > 2 * _FEW:
        return numpy.searchsorted(numpy.array([piece.first for piece in pieces[1:]]), steps, "right")
    places = numpy.zeros(len(steps), dtype=numpy.int8)
    for piece in pieces[1:]:
        places += steps >= piece.first
    return places.astype(numpy.intp)


def _entries(table: Floats, places: Integers) -> Floats:
    """The entries of a table; all places lie in it, so that NumPy need not check."""
    found: Floats = numpy.take(table, places, mode="clip")
    return found


def _uses(value: Value) -> Mapping[Expression, int]:
    """How often each operation's result is used."""
    uses: dict[Expression, int] = {}
    waiting = [value]
    for each in waiting:
        if isinstance(each, Applied):
            uses[each] = uses.get(each, 0) + 1
            if uses[each] == 1:
                waiting += each.operands
    return uses


class _Block:
    """The steps that one expression is calculated for."""

    def __init__(
        self, evaluator: Evaluator, variable: StepVariable, steps: Steps, uses: Mapping[Expression, int]
    ) -> None:
        self.evaluator = evaluator
        self.uses = uses
        self.variable = variable
        self.steps = steps
        self.integers: dict[StepVariable, Integers] = {}
        self.shared: dict[Expression, Any] = {}

    def into(self, value: Expression, out: Floats) -> None:
        """Write the values into `out`."""
        found = self.real(value, out)
        if found is not out:
            out[:] = found

    def real(self, value: Value, out: Floats | None = None) -> Any:
        """The values as float64, in `out` if it is given and they are calculated."""
        if not isinstance(value, Expression):
            if isinstance(value, int) and abs(value) > _EXACT:
                raise InexactError
            return value
        if value in self.shared:
            return self.shared[value]
        shared = self.uses.get(value, 0) > 1
        found = self.calculated(value, None if shared else out)
        if shared:
            self.shared[value] = found
        return found

    def calculated(self, value: Expression, out: Floats | None) -> Any:
        if value.whole:
            return self.exactly(value, out)
        match value:
            case Take():
                tables = self.evaluator.tables
                if value not in tables:
                    tables[value] = numpy.array(value.table)
                return _entries(tables[value], self.integer(value.index))
            case Asked():
                return numpy.array([value.part.at(step) for step in self.integer(value.step).tolist()])
            case Switch():
                return self.switch(value)
            case Applied():
                return self.operation(value, out)
        raise NotImplementedError

    def operation(self, value: Applied, out: Floats | None) -> Any:
        """An operation on float64."""
        match value.name:
            case "where":
                condition, a, b = value.operands
                return numpy.where(self.condition(condition), self.real(a), self.real(b))
            case "float":
                return self.real(value.operands[0])
            case "finite":
                found = self.real(value.operands[0], out)
                if not numpy.all(numpy.isfinite(found)):
                    raise InexactError  # the walk tells where and why
                return found
            case "power" if not isinstance(value.operands[0], Expression):
                exponent = value.operands[1]
                if isinstance(exponent, Expression) and exponent.whole:
                    return self.powers(value.operands[0], self.integer(exponent))
        operands: list[Any] = []
        for operand in value.operands:
            taken = any(each is out for each in operands)
            operands.append(self.real(operand, None if taken else out))
        return _UFUNCS[value.name](*operands, out=numpy.empty(len(self.steps)) if out is None else out)

    def powers(self, base: float, exponents: Integers) -> Any:
        """A number to integer powers: each once, as a walk would."""
        low, high = int(exponents.min()), int(exponents.max())
        if high - low >= max(len(self.steps) // 4, 64):
            return numpy.power(base, exponents.astype(numpy.float64))
        try:
            table = numpy.array([math.pow(base, exponent) for exponent in range(low, high + 1)])
        except ArithmeticError:
            raise InexactError from None
        return _entries(table, exponents - low)

    def condition(self, value: Value) -> Any:
        """A comparison."""
        if not isinstance(value, Applied):
            return value
        return _UFUNCS[value.name](*map(self.real, value.operands))

    def switch(self, value: Switch) -> Any:
        """A value that changes along a variable."""
        if value.variable is self.variable and isinstance(self.steps, range):
            out = numpy.empty(len(self.steps))
            self.evaluator.write(value, self.variable, self.steps, out)
            return out
        places = self.whole(value.variable)
        period = self.evaluator.period(value, 4 * BLOCK)
        if period is not None:
            return _entries(period, places)
        out = numpy.empty(len(self.steps))
        if any(other is not value.variable for other in variables(value)):
            for piece, here in _sorted(value.pieces, places):
                steps = self.whole(self.variable)[here]
                out[here] = _Block(self.evaluator, self.variable, steps, _uses(piece.value)).real(piece.value)
            return out
        self.evaluator.write(value, value.variable, places, out)
        return out

    # Integers.

    def whole(self, variable: StepVariable) -> Integers:
        """What a variable is."""
        if variable not in self.integers:
            if variable is not self.variable:
                assert variable.meaning is not None
                found = self.integer(variable.meaning)
            else:
                found = numpy.arange(self.steps.start, self.steps.stop) if isinstance(self.steps, range) else self.steps
            self.integers[variable] = found
        return self.integers[variable]

    def span(self, value: Value) -> tuple[int, int]:
        """Between which integers a whole value lies on these steps."""
        match value:
            case int():
                return value, value
            case Affine():
                if value.variable is not self.variable:
                    assert value.variable.meaning is not None
                    ends = self.span(value.variable.meaning)
                elif isinstance(self.steps, range):
                    ends = self.steps[0], self.steps[-1]
                else:
                    ends = int(self.steps.min()), int(self.steps.max())
                both = sorted(value.factor * end + value.offset for end in ends)
                return both[0], both[1]
            case Applied():
                low, high = whole_interval(value.name, *map(self.span, value.operands))
                return int(low), int(high)
        raise NotImplementedError

    def integer(self, value: Value) -> Any:
        """The values of a whole expression as int64."""
        if not isinstance(value, Expression):
            return value
        offset = value.offset if isinstance(value, Affine) else 0
        sizes = [abs(each) for end in self.span(value) for each in (end, end - offset, offset)]
        if max(sizes) > 2**62 or (isinstance(value, Affine) and abs(value.factor) > 2**62):
            raise InexactError
        if isinstance(value, Affine):
            found = self.whole(value.variable)
            scaled = found if value.factor == 1 else found * value.factor
            return scaled + value.offset if value.offset else scaled
        assert isinstance(value, Applied)
        return _UFUNCS[value.name](*map(self.integer, value.operands))

    def exactly(self, value: Expression, out: Floats | None) -> Any:
        """The values of a whole expression as float64, without rounding."""
        low, high = self.span(value)
        if low < -_EXACT or high > _EXACT:
            raise InexactError
        if isinstance(value, Affine) and value.variable is self.variable and isinstance(self.steps, range):
            begin = float(value.factor * self.steps.start + value.offset)
            count = _COUNT[: len(self.steps)]
            if abs(value.factor) != 1:
                count = count * abs(value.factor)
            return numpy.add(begin, count, out=out) if value.factor > 0 else numpy.subtract(begin, count, out=out)
        return self.integer(value).astype(numpy.float64)
