"""Hypothesis strategies for schedules and runs, derived from the registry of primitives.

Every primitive, one's own included, is generated from its declared arguments. Needs `hypothesis`.

>>> from hypothesis import given
>>> from schedlang import parse
>>> from schedlang.strategies import schedules
>>> @given(schedules())
... def test_round_trip(schedule):
...     assert parse(str(schedule)) == schedule
>>> test_round_trip()
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from .errors import ScheduleError
from .nodes import (
    PRIMITIVES,
    Apply,
    Every,
    For,
    Hold,
    Key,
    Negative,
    Number,
    Over,
    Power,
    Primitive,
    Product,
    Quantity,
    Repeat,
    Schedule,
    Skip,
    Sum,
    Then,
    Until,
    Variable,
)
from .nodes.base import Argument, Names, Role
from .operations import FUNCTIONS
from .run import UNITS

_NOTHING = Names({})


def numbers(*, positive: bool = True) -> st.SearchStrategy[Schedule]:
    """Numbers as people write them: few digits, moderate powers of ten; zero and negative ones too if asked."""
    digits = st.integers(1, 999)
    plain = st.builds(lambda figures, power: Number(Decimal(figures).scaleb(power)), digits, st.integers(-6, 0))
    if positive:
        return plain
    return st.one_of(plain, st.just(Number(Decimal(0))), plain.map(Negative))


def durations(*, units: tuple[str, ...] = tuple(UNITS), most: int = 60) -> st.SearchStrategy[Schedule]:
    """Lengths of time in the given units (words of the language): simple ones, and arithmetic of them."""
    symbols = sorted({UNITS[unit].symbol for unit in units})
    whole = st.integers(0, most).map(lambda value: Number(Decimal(value)))
    share = st.integers(0, 1000).map(lambda value: Quantity(Decimal(value).scaleb(-1), "%"))
    simple: list[st.SearchStrategy[Schedule]] = []
    for symbol in symbols:
        if symbol == "%":
            simple += [share, st.integers(1, 99).map(lambda value: Number(Decimal(value).scaleb(-2)))]
        elif symbol == "steps":
            simple += [whole, st.integers(0, most).map(lambda value: Quantity(Decimal(value), "steps"))]
        else:
            amounts = st.integers(0, 10 * most).map(lambda value: Decimal(value).scaleb(-1))
            simple.append(st.builds(Quantity, amounts, st.just(symbol)))
    atoms = st.one_of(simple)
    quantities = atoms.filter(lambda node: isinstance(node, Quantity))
    return st.one_of(
        atoms,
        st.builds(lambda left, right: Sum.of(left, "+", right), quantities, quantities),
        st.builds(lambda left, right: Product.of(left, "/", right), quantities, st.integers(1, 5)),
        st.builds(
            lambda function, parts: Apply(function, tuple(parts)), _TIMED, st.lists(atoms, min_size=2, max_size=3)
        ),
    )


_TIMED = st.sampled_from(("min", "max"))


def _argument(argument: Argument, times: st.SearchStrategy[Schedule]) -> st.SearchStrategy[Any]:
    """Values for one argument of a primitive."""
    parameter = argument.parameter
    found: st.SearchStrategy[Any]
    match parameter.role:
        case Role.NUMBER:
            found = numbers(positive=argument.name not in ("start", "end"))
        case Role.CHOICE:
            found = st.sampled_from(parameter.choices)
        case Role.NUMBERS:
            found = st.lists(numbers(positive=False), min_size=1, max_size=4)
        case Role.DURATIONS:
            found = st.lists(times, min_size=1, max_size=4)
        case Role.KEYS:
            found = st.lists(st.builds(Key, numbers(positive=False), times), min_size=1, max_size=4).map(tuple)
        case _:
            found = times
    return found if parameter.required else st.one_of(st.just(argument.default), found)


def _valid(make: Callable[..., Primitive]) -> Callable[[dict[str, Any]], Primitive | None]:
    """`make`, with None for what the primitive refuses."""

    def attempt(values: dict[str, Any]) -> Primitive | None:
        from .checking import check

        try:
            node = make(**values)
            check(node)
        except ScheduleError:
            return None
        return node

    return attempt


def primitives(times: st.SearchStrategy[Schedule] | None = None) -> st.SearchStrategy[Schedule]:
    """Calls of every registered primitive with arguments it accepts; `times` generates their durations."""
    lengths = durations() if times is None else times
    calls: list[st.SearchStrategy[Any]] = []
    for cls in dict.fromkeys(PRIMITIVES.values()):
        arguments = {argument.name: _argument(argument, lengths) for argument in cls.arguments()}
        calls.append(st.fixed_dictionaries(arguments).map(_valid(cls)))
    return st.one_of(calls).filter(lambda node: node is not None)


def _expressions(inner: st.SearchStrategy[Schedule]) -> st.SearchStrategy[Schedule]:
    """Pointwise arithmetic of schedules, mostly finite."""
    functions = st.sampled_from([name for name in FUNCTIONS if name not in ("clip", "log", "sqrt", "exp")])

    def apply(function: str, operands: list[Schedule]) -> Schedule:
        operation = FUNCTIONS[function]
        count = max(operation.least, min(len(operands), operation.most or len(operands)))
        return Apply(function, tuple((operands * 3)[:count]))

    pairs = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        st.builds(apply, functions, pairs),
        st.builds(lambda of, low, gap: Apply("clip", (of, low, Sum.of(low, "+", gap))), inner, numbers(), numbers()),
        st.builds(lambda parts: Sum.joined(parts, ["+", "-"][: len(parts) - 1]), pairs),
        st.builds(lambda parts: Product.joined(parts, ["*"] * (len(parts) - 1)), pairs),
        st.builds(lambda part, by: Product.of(part, "/", by), inner, numbers()),
        st.builds(
            lambda part, power: Power(Apply("abs", (part,)), power),
            inner,
            st.sampled_from([Number(Decimal(2)), Number(Decimal("0.5"))]),
        ),
        inner.map(Negative),
    )


def _bounded(node: Schedule, length: Schedule) -> Schedule:
    """The node if it ends by itself, else for a length of time."""
    return node if node.bounded(_NOTHING) else For(node, length)


def _compositions(
    inner: st.SearchStrategy[Schedule], times: st.SearchStrategy[Schedule]
) -> st.SearchStrategy[Schedule]:
    """`then` and the clauses around schedules."""
    positive = times.map(lambda time: Apply("max", (time, Quantity(Decimal(1), "%"))))

    def chain(phases: list[Schedule], lengths: list[Schedule]) -> Schedule:
        ends = [_bounded(phase, length) for phase, length in zip(phases[:-1], lengths, strict=False)]
        return Then.of(*ends, phases[-1])

    def repeat(body: Schedule, length: Schedule, count: int | None, scale: Schedule | None) -> Schedule:
        return Repeat(For(body, length), None if count is None else Number(Decimal(count)), None, scale)

    return st.one_of(
        st.builds(chain, st.lists(inner, min_size=2, max_size=4), st.lists(times, min_size=3, max_size=3)),
        st.builds(For, inner, st.one_of(st.none(), times)),
        st.builds(Until, inner, times),
        st.builds(Over, inner, times),
        st.builds(Skip, inner, times),
        st.builds(Every, inner, positive),
        st.builds(repeat, inner, positive, st.one_of(st.none(), st.integers(1, 4)), st.one_of(st.none(), numbers())),
        st.builds(
            lambda body, length, stretch: Repeat(For(body, length), Number(Decimal(3)), stretch),
            inner,
            positive,
            numbers(),
        ),
    )


def schedules(
    *, times: st.SearchStrategy[Schedule] | None = None, most: int = 6, varying: bool = True
) -> st.SearchStrategy[Schedule]:
    """Schedules of every shape that the language knows and that need no names; they pass every check before binding.

    Args:
        times: generates the durations; by default in every unit.
        most: about how many leaves a schedule has.
        varying: whether `step` occurs.
    """
    from .checking import check

    lengths = durations() if times is None else times
    variables = [Variable(name) for name in ("base", "pi", "progress", *(("step",) if varying else ()))]
    leaves = st.one_of(primitives(lengths), numbers(positive=False), st.sampled_from([*variables, Hold()]))

    def passes(node: Schedule) -> bool:
        try:
            check(node)
        except ScheduleError:
            return False
        return True

    return st.recursive(
        leaves,
        lambda inner: st.one_of(_compositions(inner, lengths), _compositions(inner, lengths), _expressions(inner)),
        max_leaves=most,
    ).filter(passes)


def runs(most: int = 80) -> st.SearchStrategy[dict[str, Any]]:
    """The keyword arguments of `Schedule.bind` for short runs that know every rate."""
    return st.fixed_dictionaries(
        {
            "total_steps": st.integers(1, most),
            "steps_per_epoch": st.one_of(st.integers(1, 20), st.sampled_from([2.5, 0.75])),
            "samples_per_step": st.integers(1, 8),
            "tokens_per_step": st.integers(1, 8),
            "base": st.sampled_from([1.0, 0.1, 3e-4]),
        }
    )
