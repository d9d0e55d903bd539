"""The laws of the language, on generated schedules: values and phase tables."""

import math
from decimal import Decimal
from typing import Any

from helpers import assert_same, bound_or_reject, close, curve, parsed_or_reject, table
from hypothesis import given
from hypothesis import strategies as st

from schedlang import Schedule, hold, linear, parse
from schedlang._language import functions
from schedlang._language.nodes import For, Number, Product, Quantity, Sum, Then
from schedlang._language.nodes.base import Names
from schedlang.strategies import durations, numbers, runs, schedules

ANY = schedules()
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


@given(ANY, ANY, ANY, TIME, TIME, RUN)
def test_then_is_associative(
    a: Schedule, b: Schedule, c: Schedule, d: Schedule, e: Schedule, run: dict[str, Any]
) -> None:
    """(A then B) then C is A then (B then C)."""
    first, second = bounded(a, d), bounded(b, e)
    left = parsed_or_reject(f"(({first}) then ({second})) then ({c})")
    right = parse(f"({first}) then (({second}) then ({c}))")
    assert left == right
    assert_same(left, right, run)


@given(ANY, ANY, TIME, RUN)
def test_hold_for_0_is_the_identity_of_then(a: Schedule, b: Schedule, d: Schedule, run: dict[str, Any]) -> None:
    """`hold for 0` before, between and behind phases changes nothing."""
    first, nothing = bounded(a, d), hold().lasting(0)
    assert_same(first.then(b), Then.of(nothing, first, nothing, b), run)
    assert_same(first, Then.of(first, nothing), run)


@given(ANY, TIME, RUN)
def test_repeat_1_is_the_identity(a: Schedule, d: Schedule, run: dict[str, Any]) -> None:
    """E repeat 1 is E."""
    body = bounded(a, d)
    assert_same(body, body.repeat(1), run)
    assert_same(body.then(2), body.repeat(1).then(2), run)


@given(ANY, TIME, st.integers(1, 4), st.integers(1, 4), RUN)
def test_repeat_adds(a: Schedule, d: Schedule, m: int, n: int, run: dict[str, Any]) -> None:
    """E repeat m + n is E repeat m then E repeat n."""
    body = bounded(a, d)
    assert_same(body.repeat(m + n), body.repeat(m).then(body.repeat(n)), run)


@given(ANY, TIME, st.integers(1, 4), st.integers(1, 4), RUN)
def test_repeat_multiplies(a: Schedule, d: Schedule, m: int, n: int, run: dict[str, Any]) -> None:
    """(E repeat m) repeat n is E repeat m·n."""
    body = bounded(a, d)
    assert_same(body.repeat(m).repeat(n), body.repeat(m * n), run)


@given(ANY, TIME, st.integers(1, 5), RUN)
def test_repeat_is_then(a: Schedule, d: Schedule, n: int, run: dict[str, Any]) -> None:
    """E repeat n is E then E then …, written out."""
    body = bounded(a, d)
    assert_same(body.repeat(n), Then.of(*[body] * n), run)


@given(ANY, RUN)
def test_skip_0_is_the_identity(a: Schedule, run: dict[str, Any]) -> None:
    """E skip 0 is E, also behind another phase."""
    assert_same(a, a.skip(0), run)
    assert_same(linear(1, 2).lasting(3).then(a), linear(1, 2).lasting(3).then(a.skip(0)), run)


@given(ANY, TIME, TIME, RUN)
def test_skip_adds(a: Schedule, d: Schedule, e: Schedule, run: dict[str, Any]) -> None:
    """(E skip a) skip b is E skip a + b."""
    apart = a.skip(d).skip(e)
    together = parsed_or_reject(f"({a}) skip {Sum.joined([functions.max(d, 0), functions.max(e, 0)], ['+'])}")
    assert_same(apart, together, run)


@given(numbers(positive=False), numbers(positive=False), st.integers(1, 60), st.data())
def test_linear_splits(a: Schedule, c: Schedule, n: int, data: st.DataObject) -> None:
    """A straight line is the two straight lines through any of its points."""
    j = data.draw(st.integers(0, n))
    whole = parse(f"linear({a}, {c}) for {n}").bind(n)
    middle = whole(j)
    parts = linear(a, middle).lasting(j).then(linear(middle, c).lasting(n - j)).bind(n)
    size = max(abs(whole(0)), abs(whole(n)), 1e-300)
    assert all(close(parts(step), whole(step), size) for step in range(n + 2))


@given(ANY, ANY, RUN)
def test_sums_and_products_commute(a: Schedule, b: Schedule, run: dict[str, Any]) -> None:
    """A + B is B + A, A * B is B * A."""
    for left, right in ((a + b, b + a), (a * b, b * a)):
        one, other = bound_or_reject(left, run), bound_or_reject(right, run)
        assert curve(one) == curve(other)
        assert table(one) == table(other)


@given(ANY, RUN)
def test_parentheses_never_change_meaning(a: Schedule, run: dict[str, Any]) -> None:
    """(E) is E, wherever it stands."""
    assert parse(f"(({a}))") == parse(str(a))
    for around in ("({}) then 3", "({}) for 5", "({}) skip 2", "({}) over 7", "({}) + 1", "max({}, 1)"):
        if not a.bounded(Names({})) and "then" in around:
            continue
        one, other = parse(around.format(a)), parse(around.format(f"(({a}))"))
        assert one == other
        assert_same(one, other, run)


PERCENTS = st.integers(0, 100).map(lambda share: Quantity(Decimal(share), "%"))


def scales(schedule: Schedule) -> bool:
    """Whether the law is about the schedule: all in `%`, defaults included, inclusive=left, boundaries whole."""
    text = str(schedule)
    others = ("values", "exponential_decay", "inclusive", "stretch")
    return not any(word in text for word in others) and text.count(" over ") <= 1


@given(
    schedules(times=PERCENTS, varying=False).filter(scales),
    st.integers(1, 3),
    st.integers(2, 7),
)
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


@given(numbers(positive=False), st.integers(1, 5))
def test_products_of_numbers_are_numbers(a: Schedule, n: int) -> None:
    """Arithmetic on numbers is a constant schedule."""
    product = Product.of(a, "*", Number(Decimal(n)))
    assert product.bind()(7) == a.bind()(0) * n
