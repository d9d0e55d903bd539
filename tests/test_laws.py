"""The laws of the language, on generated schedules: values and phase tables."""

import ast
import math
import operator
import re
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import attrs
import pytest
from helpers import MULTIPLES, bound_or_reject, close, codes, curve, table
from hypothesis import given, note, reject, settings
from hypothesis import strategies as st

import schedlang
from schedlang import Schedule, ScheduleError, functions, hold, linear, parse
from schedlang._language.nodes import For, Key, Number, Product, Quantity, Ramp, Sum, Then
from schedlang._language.nodes.base import Names
from schedlang.strategies import durations, numbers, runs, schedules

ANY = st.one_of(schedules(), st.builds("{} * {}".format, MULTIPLES, MULTIPLES).map(parse))
TIME = durations()
RUN = runs()


def bounded(schedule: Schedule, length: Schedule) -> Schedule:
    """The schedule, for a length of time if it has no end of its own."""
    return schedule if schedule.bounded(Names({})) else For(schedule, length)


@given(ANY)
def test_text_round_trip(schedule: Schedule) -> None:
    """A schedule's text means the schedule, and is its own canonical form."""
    again = parse(str(schedule))
    assert again == schedule
    assert hash(again) == hash(schedule)
    assert str(again) == str(schedule)


EPS = 2.0**-52

Sides = Iterable[tuple[Schedule | str, Schedule | str]]
"""Two schedules each that mean the same, or their texts."""


class Drawn(NamedTuple):
    """What all laws are tried on: drawing it takes longer than comparing."""

    a: Schedule
    b: Schedule
    c: Schedule
    d: Schedule
    e: Schedule
    m: int
    n: int

    @property
    def body(self) -> Schedule:
        """A schedule with an end."""
        return bounded(self.a, self.d)


def then_is_associative(x: Drawn) -> Sides:
    """(A then B) then C is A then (B then C)."""
    first, second = x.body, bounded(x.b, x.e)
    left, right = f"(({first}) then ({second})) then ({x.c})", f"({first}) then (({second}) then ({x.c}))"
    try:
        parse(left)
    except ScheduleError:
        return  # a phase may be over before it begins
    assert parse(left) == parse(right)
    yield left, right


def hold_for_0_is_the_identity_of_then(x: Drawn) -> Sides:
    """`hold for 0` before, between and behind phases changes nothing."""
    nothing = hold().lasting(0)
    yield x.body.then(x.b), Then.of(nothing, x.body, nothing, x.b)
    yield x.body, Then.of(x.body, nothing)


def repeat_1_is_the_identity(x: Drawn) -> Sides:
    """E repeat 1 is E."""
    yield x.body, x.body.repeat(1)
    yield x.body.then(2), x.body.repeat(1).then(2)


def repeat_adds(x: Drawn) -> Sides:
    """E repeat m + n is E repeat m then E repeat n."""
    yield x.body.repeat(x.m + x.n), x.body.repeat(x.m).then(x.body.repeat(x.n))


def repeat_multiplies(x: Drawn) -> Sides:
    """(E repeat m) repeat n is E repeat m·n."""
    yield x.body.repeat(x.m).repeat(x.n), x.body.repeat(x.m * x.n)


def repeat_is_then(x: Drawn) -> Sides:
    """E repeat n is E then E then …, written out."""
    yield x.body.repeat(x.n + 1), Then.of(*[x.body] * (x.n + 1))


def skip_0_is_the_identity(x: Drawn) -> Sides:
    """E skip 0 is E, also behind another phase."""
    first = linear(1, 2).lasting(3)
    yield x.a, x.a.skip(0)
    yield first.then(x.a), first.then(x.a.skip(0))


def skip_adds(x: Drawn) -> Sides:
    """(E skip a) skip b is E skip a + b."""
    together = Sum.joined([functions.max(x.d, 0), functions.max(x.e, 0)], ["+"])
    yield x.a.skip(x.d).skip(x.e), f"({x.a}) skip {together}"


def sums_and_products_commute(x: Drawn) -> Sides:
    """A + B is B + A, A * B is B * A."""
    yield x.a + x.b, x.b + x.a
    yield x.a * x.b, x.b * x.a


def parentheses_never_change_meaning(x: Drawn) -> Sides:
    """(E) is E, wherever it stands."""
    assert parse(f"(({x.a}))") == parse(str(x.a))
    chained = ["({}) then 3"] if x.a.bounded(Names({})) else []
    for around in (*chained, "({}) for 5", "({}) skip 2", "({}) over 7", "({}) + 1", "max({}, 1)"):
        left, right = around.format(x.a), around.format(f"(({x.a}))")
        assert parse(left) == parse(right)
        yield left, right


LAWS = (
    then_is_associative,
    hold_for_0_is_the_identity_of_then,
    repeat_1_is_the_identity,
    repeat_adds,
    repeat_multiplies,
    repeat_is_then,
    skip_0_is_the_identity,
    skip_adds,
    sums_and_products_commute,
    parentheses_never_change_meaning,
)


def test_laws() -> None:
    """Both sides of each law have the same values and phase tables in a run, to the last bit."""
    tried = Counter[str]()
    broken: list[Callable[[Drawn], Sides]] = []  # while the example is made smaller, only the law that it breaks

    def holds(law: Callable[[Drawn], Sides], drawn: Drawn, run: dict[str, Any]) -> None:
        for left, right in law(drawn):
            with suppress(ScheduleError):  # the run doesn't suit these two; it may suit the next ones
                one, other = (parse(str(side)).bind(**run) for side in (left, right))
                assert curve(one) == curve(other)
                assert table(one) == table(other)
                tried[law.__name__] += 1

    @given(st.builds(Drawn, ANY, ANY, ANY, TIME, TIME, st.integers(1, 4), st.integers(1, 4)), RUN)
    def all_hold(drawn: Drawn, run: dict[str, Any]) -> None:
        for law in broken or LAWS:
            note(f"{law.__name__}: {law.__doc__}")
            try:
                holds(law, drawn, run)
            except Exception:
                broken[:] = [law]
                raise

    all_hold()
    assert all(tried[law.__name__] >= settings.default.max_examples // 2 for law in LAWS), tried


@given(numbers(positive=False), numbers(positive=False), st.integers(1, 60), st.data())
def test_linear_splits(a: Schedule, c: Schedule, n: int, data: st.DataObject) -> None:
    """A straight line is the two straight lines through any of its points."""
    j = data.draw(st.integers(0, n))
    whole = parse(f"linear({a}, {c}) for {n}").bind(n)
    middle = whole(j)
    parts = linear(a, middle).lasting(j).then(linear(middle, c).lasting(n - j)).bind(n)
    size = max(abs(whole(0)), abs(whole(n)), 1e-300)
    assert all(close(parts(step), whole(step), size) for step in range(n + 2))


SMALL = {"total_steps": 20, "steps_per_epoch": 2.5}
FACTORS = st.lists(MULTIPLES, min_size=3, max_size=3)
LEVELS = st.sampled_from([0.1, 3e-4, 7.0, -0.3])


@given(FACTORS, LEVELS)
def test_a_product_takes_what_it_is_handed_once(factors: list[str], base: float) -> None:
    """Products are their factors, handed 1, times what is handed to the product: from left to right, to the bit."""
    alone = [curve(bound_or_reject(parse(factor), SMALL)) for factor in factors]
    for count in (2, 3):
        whole = curve(parse(" * ".join(factors[:count])).bind(**SMALL, base=base))
        assert whole == [math.prod(values) * base for values in zip(*alone[:count], strict=True)]


@given(FACTORS, LEVELS)
def test_products_are_associative(factors: list[str], base: float) -> None:
    """(A * B) * C is A * (B * C), up to rounding."""
    a, b, c = factors
    one, other = (curve(parse(text).bind(**SMALL, base=base)) for text in (f"({a} * {b}) * {c}", f"{a} * ({b} * {c})"))
    for value, expected in zip(one, other, strict=True):
        assert math.isclose(value, expected, rel_tol=4 * EPS, abs_tol=1e-300)


@given(FACTORS, st.integers(0, 9), LEVELS)
def test_what_follows_changes_no_bit(factors: list[str], length: int, base: float) -> None:
    """A phase of a factor, or of the whole, shows the same whatever multiple stands behind it."""
    a, b, c = factors
    for text, more in (
        ("({a} for {n}) * {c}", "({a} for {n} then hold for 1 then {b}) * {c}"),
        ("({a} * {c}) for {n}", "({a} * {c}) for {n} then {b}"),
    ):
        one, other = (
            curve(bound_or_reject(parse(each.format(a=a, b=b, c=c, n=length)), {**SMALL, "base": base}))
            for each in (text, more)  # of a base below 0, `step_decreasing` has no end that it does not rise to
        )
        assert one[:length] == other[:length]


AMOUNTS = st.integers(1, 200)


@given(
    st.sampled_from(["linear", "exponential"]),
    st.tuples(numbers(), numbers()),
    st.tuples(st.integers(0, 30), AMOUNTS, AMOUNTS, st.integers(0, 20)),
    st.integers(1, 20),
)
def test_a_ramp_goes_on_where_it_is_cut(
    shape: str, ends: tuple[Schedule, Schedule], samples: tuple[int, int, int, int], rate: int
) -> None:
    """What is cut at any sample, between steps too, and goes on to where it was going, is the same ramp."""
    (start, end), (before, first, second, behind) = ends, samples
    ramp = f"{shape}({start}, {end}, {first + second} samples)"
    cut = f"{ramp} for {first} samples then {shape}(end={end}) for {second} samples"
    run = {"total_steps": 2 + sum(samples) // rate, "samples_per_step": rate}
    one, other = (
        bound_or_reject(parse(f"9 for {before} samples then {text} then hold for {behind} samples"), run)
        for text in (ramp, cut)
    )
    size = max(map(abs, curve(one)))
    assert all(close(value, expected, size) for value, expected in zip(curve(other), curve(one), strict=True))


@given(ANY, RUN)
def test_the_unit_of_the_total_says_nothing(schedule: Schedule, run: dict[str, Any]) -> None:
    """A run of whole steps is the same, whatever unit its length is given in."""
    bound = bound_or_reject(schedule, run)
    for unit in ("samples", "tok"):
        rate = run["samples_per_step" if unit == "samples" else "tokens_per_step"]
        same = schedule.bind(**{**run, "total_steps": f"{run['total_steps'] * rate} {unit}"})
        assert (curve(same), table(same)) == (curve(bound), table(bound))


IN_SAMPLES = st.integers(0, 100).map(lambda amount: Quantity(Decimal(amount), "samples"))


@given(schedules(times=IN_SAMPLES), RUN)
def test_which_step_is_whose_depends_on_no_unit(schedule: Schedule, run: dict[str, Any]) -> None:
    """Phases have the same steps whether their times, as exact, are given in samples or in epochs."""
    text = re.sub(r" samples", "ep", str(schedule))
    samples = bound_or_reject(schedule, run)
    epochs = bound_or_reject(parse(text), {**run, "steps_per_epoch": Fraction(1, run["samples_per_step"])})
    one, other = ({row[:2] + row[4:] for row in table(each) if row[4] != "held"} for each in (samples, epochs))
    assert one == other


def told(node: Any, word: str) -> Any:
    """The schedule, and every ramp in it that doesn't say which ends it shows told so."""
    if isinstance(node, tuple):
        return tuple(told(each, word) for each in node)
    if not isinstance(node, (Schedule, Key)):
        return node
    fields = {field.alias: told(getattr(node, field.name), word) for field in attrs.fields(type(node)) if field.init}
    if isinstance(node, Ramp) and node.inclusive is None:
        fields["inclusive"] = word
    return attrs.evolve(node, **fields)


WHOLE = st.integers(0, 30).map(lambda steps: Number(Decimal(steps)))


@pytest.mark.parametrize("word", ["left", "exact"])
@given(schedules(times=WHOLE, varying=False).filter(lambda schedule: "stretch" not in str(schedule)), RUN)
def test_whole_boundaries_are_shown_alike(word: str, schedule: Schedule, run: dict[str, Any]) -> None:
    """Where all boundaries are whole steps, `inclusive=left` and `exact`, written out, change nothing."""
    bound, same = bound_or_reject(schedule, run), bound_or_reject(told(schedule, word), run)
    assert (curve(same), table(same)) == (curve(bound), table(bound))


PERCENTS = st.integers(0, 100).map(lambda share: Quantity(Decimal(share), "%"))


def scales(schedule: Schedule) -> bool:
    """Whether the law is about the schedule: all in `%`, defaults included, inclusive=left, boundaries whole."""
    text = str(schedule)
    others = ("values", "exponential_decay", "inclusive", "stretch")
    return not any(word in text for word in others) and text.count(" over ") <= 1


@given(schedules(times=PERCENTS, varying=False).filter(scales), st.integers(1, 3), st.integers(2, 7))
def test_scale_invariance(schedule: Schedule, times: int, k: int) -> None:
    """A text all in % bound to k·T steps and asked at k·t is itself bound to T and asked at t."""
    total = 10_000 * times
    small = bound_or_reject(schedule, {"total_steps": total})
    large = bound_or_reject(schedule, {"total_steps": k * total})
    for step in (*range(0, total + 2, 89), *range(0, total + 1, 100), 10 * total):
        value, expected = large(k * step), small(step)
        assert math.isclose(value, expected, rel_tol=1e-12, abs_tol=0), (step, value, expected)


@given(ANY, RUN, st.lists(st.integers(0, 100), max_size=30))
def test_no_memory(schedule: Schedule, run: dict[str, Any], asked: list[int]) -> None:
    """The value at a step does not depend on which steps were asked before."""
    bound = bound_or_reject(schedule, run)
    before = {step: bound(step) for step in asked}
    fresh = bound_or_reject(schedule, run)
    assert {step: fresh(step) for step in reversed(asked)} == before


@given(ANY, RUN)
def test_total_and_held(schedule: Schedule, run: dict[str, Any]) -> None:
    """Every step has a finite value, and the last one holds after the end."""
    values = curve(bound_or_reject(schedule, run))
    assert all(map(math.isfinite, values))
    assert len(set(values[-5:])) == 1


@given(ANY, RUN)
def test_phase_table_covers_the_run(schedule: Schedule, run: dict[str, Any]) -> None:
    """The phases follow one another from the first step to the last, and begin and end on the curve."""
    bound = bound_or_reject(schedule, run)
    stop = 0
    for row in bound.phases:
        assert row.first == stop
        assert row.stop is not None
        assert row.stop > row.first
        assert row.start == bound(row.first)
        stop = row.stop
    assert stop == bound.total_steps


OPERATIONS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def exactly(node: ast.expr) -> Fraction:
    """Arithmetic of whole numbers, exactly, as Python reads it."""
    if isinstance(node, ast.BinOp):
        return OPERATIONS[type(node.op)](exactly(node.left), exactly(node.right))
    assert isinstance(node, ast.Constant)
    return Fraction(str(node.value))


def _joined(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds("{} {} {}".format, part, st.sampled_from("+-*/"), part)


@given(st.recursive(st.integers(1, 20).map(str), _joined, max_leaves=5))
def test_whole_numbers_are_steps_exactly(text: str) -> None:
    """Arithmetic of whole numbers is as many steps as it comes to, from 1 on; what lies between 0 and 1 is refused."""
    try:
        length = exactly(ast.parse(text, mode="eval").body)
    except ZeroDivisionError:
        reject()
    total = max(1, math.ceil(length) + 1)
    around = ["1 for {} then 2", "1 until {} then 2", "1 for n then 2 where n = {}"]
    for each in around if set(text) & set("+-") else [*around, "1 for {} + 0% then 2"]:
        made = each.format(text)
        if length < 0 or (length < 1 and length.denominator != 1):
            assert codes(schedlang.evaluate, made, 0, total)[0] in ("E303", "E307", "E312")
        else:
            bound = parse(made).bind(total)
            assert [bound(step) for step in range(total + 1)] == [1 + (step >= length) for step in range(total + 1)]


@given(numbers(positive=False), st.integers(1, 5))
def test_products_of_numbers_are_numbers(a: Schedule, n: int) -> None:
    """Arithmetic on numbers is a constant schedule."""
    product = Product.of(a, "*", Number(Decimal(n)))
    assert product.bind()(7) == a.bind()(0) * n
