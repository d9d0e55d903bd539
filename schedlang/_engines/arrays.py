"""Arrays: a lowered program on NumPy arrays of steps.

The expressions are those that the scalar source is written from. Each piece is calculated for its own steps only, and
in blocks that stay in the processor's cache. Steps that do not come in order are sorted into the pieces first.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy

from .._language.operations import KERNELS
from .expressions import (
    Affine,
    Applied,
    Asked,
    Expression,
    StepVariable,
    Switch,
    Take,
    Value,
    ValuePiece,
    roots,
    variables,
    whole_interval,
)

if TYPE_CHECKING:
    Floats: TypeAlias = numpy.ndarray[Any, numpy.dtype[numpy.float64]]
    Integers: TypeAlias = numpy.ndarray[Any, numpy.dtype[numpy.int64]]

BLOCK: Final = 16384
"""How many values are calculated at a time."""

_COUNT: Final = numpy.arange(BLOCK, dtype=numpy.float64)

KEPT: Final = 2**16
"""Up to how many values of what recurs are kept from one call to the next."""

SHORT: Final = 48
"""Pieces of so few steps are asked step by step."""

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

    def values(self, first: int, stop: int) -> Floats:
        """The values at the steps first … stop - 1."""
        found = numpy.empty(max(stop - first, 0))
        if stop > first:
            with numpy.errstate(all="ignore"):
                self._fill(self.value, _root(self.value), first, found)
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
                block = steps[begin : begin + _SCATTERED]
                self._scatter(self.value, _root(self.value), block, found[begin : begin + _SCATTERED])
        return found

    # In order.

    def _fill(self, value: Value, variable: StepVariable | None, first: int, out: Floats) -> None:
        """Write the values where `variable` is first, first + 1, … into `out`."""
        if not isinstance(value, Switch) or value.variable is not variable:
            self._stretch(value, variable, first, out)
            return
        begin, stop = 0, first + len(out)
        for piece in islice(value.pieces, bisect_right(value.pieces, first, key=_stop), None):
            if piece.first >= stop:
                break
            end = int(piece.stop) - first if piece.stop < stop else len(out)
            if isinstance(piece.value, Expression):
                self._stretch(piece.value, variable, first + begin, out[begin:end])
            else:
                out[begin:end] = piece.value
            begin = end

    def _stretch(self, value: Value, variable: StepVariable | None, first: int, out: Floats) -> None:
        """Write the values of one piece into `out`."""
        if not isinstance(value, Expression):
            out[:] = value
            return
        if variable is not None and variable.meaning is None and len(out) <= SHORT:
            out[:] = [self.function(step) for step in range(first, first + len(out))]
            return
        try:
            if isinstance(value, Switch) and self._turning(value, variable, first, out):
                return
            uses = _uses(value)
            for begin in range(0, len(out), BLOCK):
                block = out[begin : begin + BLOCK]
                _Block(self, variable, first + begin, len(block), uses).into(value, block)
            return
        except InexactError:
            if variable is not None and variable.meaning is not None:
                raise
        out[:] = [self.function(step) for step in range(first, first + len(out))]

    def _turning(self, value: Switch, variable: StepVariable | None, first: int, out: Floats) -> bool:
        """Write what recurs into `out`: it is calculated once."""
        period = self.period(value, len(out))
        if period is None or not isinstance(value.variable.meaning, Applied):
            return False
        since = value.variable.meaning.operands[0]
        if not isinstance(since, Affine) or since.variable is not variable or since.factor != 1:
            return False
        place, written = (first + since.offset) % len(period), 0
        while written < len(out):
            if place == 0 and len(out) - written >= 2 * len(period):
                turns = (len(out) - written) // len(period)
                out[written : written + turns * len(period)].reshape(turns, len(period))[:] = period
                written += turns * len(period)
                continue
            some = min(len(period) - place, len(out) - written)
            out[written : written + some] = period[place : place + some]
            written, place = written + some, 0
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
        self._fill(switch, variable, 0, found)
        if length <= KEPT:
            self.periods[switch] = found
        return found

    # In any order.

    def _scatter(self, value: Value, variable: StepVariable | None, steps: Integers, out: Floats) -> None:
        """Write the values where `variable` is `steps` into `out`."""
        if not isinstance(value, Switch) or value.variable is not variable:
            self._scattered(value, variable, steps, out)
            return
        pieces = value.pieces
        if not any(isinstance(piece.value, Expression) for piece in pieces):
            out[:] = _entries(numpy.array([piece.value for piece in pieces]), _places(pieces, steps))
            return
        for piece, here in _sorted(pieces, steps):
            if here.size == steps.size:
                self._scattered(piece.value, variable, steps, out)
            elif not isinstance(piece.value, Expression):
                out[here] = piece.value
            else:
                found = numpy.empty(here.size)
                self._scattered(piece.value, variable, steps[here], found)
                out[here] = found

    def _scattered(self, value: Value, variable: StepVariable | None, steps: Integers, out: Floats) -> None:
        """Write the values of one piece."""
        if not isinstance(value, Expression):
            out[:] = value
            return
        try:
            _Block(self, variable, steps, len(steps), _uses(value)).into(value, out)
            return
        except InexactError:
            if variable is not None and variable.meaning is not None:
                raise
        out[:] = [self.function(step) for step in steps.tolist()]


_SCATTERED: Final = 2 * BLOCK
"""How many steps in any order are looked at together."""

_FEW: Final = 8
"""Up to how many pieces each is looked for among all steps."""


def _sorted(pieces: tuple[ValuePiece, ...], steps: Integers) -> Iterator[tuple[ValuePiece, Any]]:
    """Each piece that some steps lie in, and where those stand."""
    if len(pieces) <= _FEW:
        for piece in pieces:
            inside = steps >= piece.first
            if piece.stop != math.inf:
                inside &= steps < piece.stop
            here = numpy.flatnonzero(inside)
            if here.size:
                yield piece, here
        return
    places = _places(pieces, steps)
    order = numpy.argsort(places, kind="stable")
    found, begins = numpy.unique(places[order], return_index=True)
    for place, here in zip(found.tolist(), numpy.split(order, begins[1:]), strict=True):
        yield pieces[place], here


def _places(pieces: tuple[ValuePiece, ...], steps: Integers) -> Any:
    """In which piece each step lies."""
    if len(pieces) > 2 * _FEW:
        return numpy.searchsorted(numpy.array([piece.first for piece in pieces[1:]]), steps, "right")
    places = numpy.zeros(len(steps), dtype=numpy.int8)
    for piece in pieces[1:]:
        places += steps >= piece.first
    return places.astype(numpy.intp)


def _root(value: Value) -> StepVariable | None:
    """The variable of the step that is asked for."""
    return next(roots(value), None)


def _stop(piece: ValuePiece) -> Any:
    return piece.stop


def _entries(table: Floats, places: Integers) -> Floats:
    """The entries of a table; all places lie in it, so that NumPy need not check."""
    found: Floats = numpy.take(table, places, mode="clip")
    return found


def _uses(value: Value) -> Mapping[Applied, int]:
    """How often each operation's result is used, by id."""
    seen: dict[Applied, int] = {}

    def count(each: Value) -> None:
        if isinstance(each, Applied):
            seen[each] = seen.get(each, 0) + 1
            if seen[each] == 1:
                for operand in each.operands:
                    count(operand)

    count(value)
    return seen


class _Block:
    """The steps that one expression is calculated for: a stretch begun at an int, or an array."""

    def __init__(
        self, evaluator: Evaluator, variable: StepVariable | None, steps: Any, size: int, uses: Mapping[Applied, int]
    ) -> None:
        self.evaluator = evaluator
        self.uses = uses
        self.variable = variable
        self.steps = steps
        self.size = size
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
        found = self.exactly(value, out) if value.whole else self.calculated(value, out)
        if isinstance(value, Applied) and self.uses.get(value, 0) > 1:
            self.shared[value] = found
        return found

    def calculated(self, value: Expression, out: Floats | None) -> Any:
        """The values of what is no integer."""
        match value:
            case Take():
                return _entries(numpy.array(value.table), self.integer(value.index))
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
            mine = out if self.uses.get(value, 0) <= 1 else None
            free = mine is not None and not any(each is mine for each in operands)
            operands.append(self.real(operand, mine if free else None))
        if out is None or self.uses.get(value, 0) > 1:
            out = numpy.empty(self.size)
        return _UFUNCS[value.name](*operands, out=out)

    def powers(self, base: float, exponents: Integers) -> Any:
        """A number to integer powers: each once, as a walk would."""
        low, high = int(exponents.min()), int(exponents.max())
        if high - low >= max(self.size // 4, 64):
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
        if value.variable is self.variable and isinstance(self.steps, int):
            out = numpy.empty(self.size)
            self.evaluator._fill(value, self.variable, self.steps, out)
            return out
        places = self.whole(value.variable)
        period = self.evaluator.period(value, 4 * BLOCK)
        if period is not None:
            return _entries(period, places)
        out = numpy.empty(self.size)
        inner = variables(value)
        if any(other is not value.variable for other in inner):
            for piece, here in _sorted(value.pieces, places):
                assert self.variable is not None
                steps = self.whole(self.variable)[here]
                some = _Block(self.evaluator, self.variable, steps, len(steps), _uses(piece.value))
                out[here] = some.real(piece.value)
            return out
        self.evaluator._scatter(value, value.variable, places, out)
        return out

    # Integers.

    def whole(self, variable: StepVariable) -> Integers:
        """What a variable is."""
        if variable not in self.integers:
            if variable is self.variable:
                found = numpy.arange(self.steps, self.steps + self.size) if isinstance(self.steps, int) else self.steps
            else:
                assert variable.meaning is not None
                found = self.integer(variable.meaning)
            self.integers[variable] = found
        return self.integers[variable]

    def span(self, value: Value) -> tuple[int, int]:
        """Between which integers a whole value lies on these steps."""
        match value:
            case int():
                return value, value
            case Affine():
                if value.variable is self.variable and isinstance(self.steps, int):
                    ends = self.steps, self.steps + self.size - 1
                elif value.variable is self.variable:
                    ends = int(self.steps.min()), int(self.steps.max())
                else:
                    assert value.variable.meaning is not None
                    ends = self.span(value.variable.meaning)
                both = sorted(value.factor * end + value.offset for end in ends)
                return both[0], both[1]
            case Applied():
                low, high = whole_interval(value.name, *map(self.span, value.operands))
                return int(low), int(high)
        raise NotImplementedError

    def integer(self, value: Value) -> Any:
        """The values of a whole expression as int64.

        Raises:
            InexactError: if they don't fit.
        """
        if not isinstance(value, Expression):
            return value
        low, high = self.span(value)
        if low < -(2**62) or high > 2**62:
            raise InexactError
        if isinstance(value, Affine):
            found = self.whole(value.variable)
            scaled = found if value.factor == 1 else found * value.factor
            return scaled + value.offset if value.offset else scaled
        assert isinstance(value, Applied)
        return _UFUNCS[value.name](*map(self.integer, value.operands))

    def exactly(self, value: Expression, out: Floats | None) -> Any:
        """The values of a whole expression as float64, without rounding.

        Raises:
            InexactError: if they don't fit.
        """
        low, high = self.span(value)
        if low < -_EXACT or high > _EXACT:
            raise InexactError
        if isinstance(value, Affine) and value.variable is self.variable and isinstance(self.steps, int):
            begin = float(value.factor * self.steps + value.offset)
            count = _COUNT[: self.size] if abs(value.factor) == 1 else _COUNT[: self.size] * abs(value.factor)
            return numpy.add(begin, count, out=out) if value.factor > 0 else numpy.subtract(begin, count, out=out)
        return self.integer(value).astype(numpy.float64)
