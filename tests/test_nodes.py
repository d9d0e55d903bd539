"""Nodes as Python values: built, compared, hashed, pickled, printed; and the laws every primitive keeps."""

import copy
import math
import pickle
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import numpy
import pytest
from helpers import RUN, SECTION_1, codes, refused
from hypothesis import given
from hypothesis import strategies as st

import schedlang
from schedlang import (
    Schedule,
    ScheduleError,
    StepDecreasing,
    StepFixed,
    StepInterval,
    cosine,
    exponential,
    exponential_decay,
    functions,
    hold,
    keyframes,
    linear,
    one_minus_sqrt,
    parse,
    poly,
    step_fixed,
    step_interval,
    values,
    warmup,
)
from schedlang._language.nodes import PRIMITIVES, Cosine, Keyframes, Number, Over, Primitive, Ramp
from schedlang._language.nodes.arithmetic import Negative
from schedlang._language.nodes.base import Role
from schedlang._language.nodes.scalars import as_node
from schedlang.strategies import primitives, runs, schedules

CLASSES = list(dict.fromkeys(PRIMITIVES.values()))


@pytest.mark.parametrize("text", SECTION_1)
def test_front_page(text: str) -> None:
    """Every text of the front page parses, prints, binds and has finite values."""
    schedule = parse(text)
    assert parse(str(schedule)) == schedule
    bound = schedule.bind(**RUN)
    assert all(math.isfinite(bound(step)) for step in (0, 1, 299, 300, 15_000, 29_999, 30_000, 10**12))


BUILT: dict[str, tuple[Schedule, str]] = {
    "ramp-for": (linear(0, 1).lasting("5%").then(cosine()), "linear(0, 1) for 5% then cosine"),
    "text-and-number": (warmup("5%").then("cosine(3e-4, 0)"), "warmup(5%) then cosine(3e-4, 0)"),
    "then-a-number": (warmup(10).then(0.5), "warmup(10) then 0.5"),
    "steps": (
        step_fixed(0.1, ["1%", 0.02]).then(step_interval(0.5, every=100)),
        "step_fixed(0.1, [1%, 0.02]) then interval(0.5, every=100)",
    ),
    "operators": (2 * cosine() + 1e-5 - linear() / 3, "2 * cosine + 1e-5 - linear / 3"),
    "reversed-operators": (1 - (2 / cosine()) ** -0.5, "1 - (2 / cosine) ** -0.5"),
    "power": (2 ** hold() - -hold(), "2 ** hold - -hold"),
    "functions": (functions.max(cosine(3e-4, 0), 1e-5), "max(cosine(3e-4, 0), 1e-5)"),
    "clauses": (
        cosine(1, 0).skip(5).every("1ep").lasting("10ep").repeat(5, stretch=2, scale=0.5),
        "cosine(1, 0) skip 5 every 1ep for 10ep repeat 5 stretch 2 scale 0.5",
    ),
    "windows": (hold().until("80%").then(linear().rest()), "hold until 80% then linear for rest"),
    "over": (cosine().over("10ep").repeat(), "cosine over 10ep repeat"),
    "where": (cosine("peak", "peak / 10").where(peak=3e-4), "cosine(peak, peak / 10) where peak = 3e-4"),
    "where-twice": (cosine("a", "b").where(a=1).where(b=2), "cosine(a, b) where a = 1, b = 2"),
    "keyframes": (
        keyframes((0, 0), ("3e-4", "5%"), (0, "100%"), shape="cosine"),
        "keyframes(0 @ 0, 3e-4 @ 5%, 0 @ 100%, shape=cosine)",
    ),
    "values": (values([1, -2, 0.5]), "values([1, -2, 0.5])"),
    "end-only": (cosine(end=1e-5), "cosine to 1e-5"),
    "inclusive": (linear(0, 1, inclusive="both"), "linear(0, 1, inclusive=both)"),
    "negative-number": (linear(-1, 0), "linear(-1, 0)"),
    "none-is-not-given": (cosine(0, None), "cosine(0, 0)"),
    "none-by-name": (linear(1, end=None, duration=None, inclusive=None), "linear(1, 0)"),
    "none-for-what-is-handed-on": (cosine(None, 0.1, None), "cosine to 0.1"),
    "none-for-a-time": (exponential_decay(0.5, None), "exponential_decay(0.5)"),
    "none-for-a-shape": (keyframes((1, 0), shape=None), "keyframes(1 @ 0)"),
    "none-for-a-class": (Cosine(Number(Decimal(1)), None), "cosine(1, 0)"),
}


@pytest.mark.parametrize(("built", "text"), BUILT.values(), ids=BUILT)
def test_built_in_python(built: Schedule, text: str) -> None:
    """What is built in Python is what the text means."""
    assert built == parse(text)
    assert hash(built) == hash(parse(text))
    assert str(built) == str(parse(text))


def test_three_step_variants() -> None:
    """The three step variants are the nodes that their texts mean."""
    assert isinstance(parse("step_fixed(0.1, [1])"), StepFixed)
    assert isinstance(parse("interval(0.1, every=1)"), StepInterval)
    assert isinstance(parse("step_decreasing(0.1, every=1)"), StepDecreasing)


@given(schedules(most=10), runs())
def test_pickles_and_copies(schedule: Schedule, run: dict[str, Any]) -> None:
    """A schedule, parsed or built, survives pickle and copies; so does a bound one."""
    for original in (schedule, parse(str(schedule))):
        for again in (pickle.loads(pickle.dumps(original)), copy.deepcopy(original), copy.copy(original)):
            assert again == original
            assert str(again) == str(original)
    try:
        bound = schedule.bind(**run)
    except ScheduleError:
        return
    again = pickle.loads(pickle.dumps(bound))
    assert [again(step) for step in range(10)] == [bound(step) for step in range(10)]


def test_deepest_tree() -> None:
    """The deepest tree that the language allows compares, hashes, pickles, prints, binds and evaluates."""
    text = "max(1, 2 * " * 49 + "cosine" + ")" * 49
    schedule = parse(text)
    assert pickle.loads(pickle.dumps(schedule)) == schedule
    assert parse(str(schedule)) == schedule
    assert schedule.bind(10)(3) > 0


def test_immutable() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        cosine().end = Number(Decimal(1))  # type: ignore[misc]


def test_places() -> None:
    """A node knows where it stands in its text, which does not change what it is equal to."""
    schedule = parse("warmup(5%)   then cosine")
    assert schedule.place is not None
    assert schedule.place.text == "warmup(5%)   then cosine"
    assert schedule == parse("warmup(5%) then cosine")


REFUSED: dict[str, tuple[Any, str]] = {
    "not-finite": (lambda: linear(0, math.inf), "E313"),
    "not-a-number": (lambda: linear(0, math.nan), "E313"),
    "nothing": (lambda: cosine().then(None), "E314"),
    "boolean": (lambda: linear(0, True), "E314"),
    "list": (lambda: linear(0, [1]), "E314"),
    "single-value": (lambda: cosine(1), "E206"),
    "single-value-exponential": (lambda: exponential(1), "E206"),
    "unknown-argument": (lambda: cosine(eta_min=0), "E202"),
    "missing-argument": (lambda: step_fixed(0.1), "E203"),
    "none-for-a-list": (lambda: step_fixed(0.1, None), "E203"),
    "none-for-keys": (lambda: Keyframes(None), "E203"),
    "none-for-a-length": (lambda: Over(cosine(), None), "E314"),
    "no-list": (lambda: step_fixed(0.1, 5), "E305"),
    "no-list-of-keys": (lambda: Keyframes(5), "E305"),
    "no-values": (lambda: values(3), "E305"),
    "one-point-zero": (lambda: warmup(1.0), "E303"),
    "wrong-text": (lambda: cosine().lasting("5 parsecs"), "E211"),
    "wrong-choice": (lambda: linear(0, 1, inclusive="lft"), "E213"),
    "where-nothing": (lambda: cosine().where(), "E203"),
    "where-reserved": (lambda: cosine("a", 0).where(pi=3), "E207"),
    "where-two-words": (lambda: cosine("a", 0).where(**{"a b": 3}), "E207"),
    "where-beyond-ascii": (lambda: cosine("a", 0).where(ä=3), "E207"),
    "where-inside": (lambda: hold().lasting(1).then(cosine("a", 0).where(a=3)), "E107"),
    "keys-without-times": (lambda: keyframes(0, 1), "E305"),
}


@pytest.mark.parametrize(("make", "code"), REFUSED.values(), ids=REFUSED)
def test_refused_in_python(make: Any, code: str) -> None:
    """What a text could not say is refused in Python too, with an error of ours."""
    caught = refused(make)
    assert caught.diagnostics[0].code == code
    assert caught.diagnostics[0].hint


def test_checks_of_what_was_built() -> None:
    """What only the whole shows is found when a schedule built in Python is bound, at a place in its text."""
    assert str(refused(lambda: cosine().then(hold()).bind(10))).splitlines()[:4] == [
        "error[E306]: `cosine` has no end before `then`",
        "  |",
        "1 | cosine then hold",
        "  | ^^^^^^",
    ]


@pytest.mark.parametrize("text", SECTION_1)
def test_as_dictionaries(text: str) -> None:
    """attrs can take a node apart, with the place in the text where it stands, as libraries do with defaults."""
    node = parse(text)
    found = attrs.asdict(node)
    assert found["place"]["source"]["text"] == text
    assert found["place"]["span"] == node.place.span  # type: ignore[union-attr]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.name)
def test_declared_once(cls: type[Primitive]) -> None:
    """Every primitive is documented, has documented arguments, a constructor of its name, and a working example."""
    assert cls.__doc__
    assert f"\n    {cls.formula}\n" in cls.__doc__ if cls.formula else cls.name == "keyframes"
    assert ">>> " in cls.__doc__
    assert all(argument.parameter.doc for argument in cls.arguments())
    assert parse(cls.example())
    assert getattr(schedlang, cls.name)
    assert attrs.has(cls)


@given(st.data())
def test_every_primitive_is_generated(data: st.DataObject) -> None:
    """The strategies reach primitives from the registry, in texts that mean what was generated."""
    node = data.draw(primitives())
    assert type(node) in CLASSES
    assert parse(str(node)) == node


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.name)
def test_in_the_conformance_suite(cls: type[Primitive]) -> None:
    from test_conformance import cases

    assert any(cls.name in case.values[0]["text"] for case in cases("values"))


@pytest.mark.parametrize("cls", [cls for cls in CLASSES if issubclass(cls, Ramp)], ids=lambda cls: cls.name)
@given(start=st.floats(1e-6, 1e3), end=st.floats(1e-6, 1e3), n=st.integers(1, 1000))
def test_end_points_are_exact(cls: type[Ramp], start: float, end: float, n: int) -> None:
    """Every ramp is its start at its first step and its end at its last, to the last bit."""
    bound = parse(f"{cls.name}(start={start!r}, end={end!r}, duration={n})").bind(n)
    assert bound(0) == start
    assert bound(n) == bound(10**12) == end


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.name)
def test_roles(cls: type[Primitive]) -> None:
    """Numbers reach the formula under their names; nothing else has to be told of an argument."""
    named = {argument.name for argument in cls.arguments() if argument.parameter.role is Role.NUMBER}
    assert all(name.isidentifier() for name in named)


def test_numbers_from_python_stay_exact() -> None:
    """Whole numbers of any length keep all their digits, a sign is a node of its own, and zero has none."""
    assert as_node(10**35 + 7) == Number(Decimal(10**35 + 7))
    assert as_node(Fraction(10**35 + 7)) == Number(Decimal(10**35 + 7))
    assert as_node(Fraction(3, 8)) == Number(Decimal("0.375"))
    assert as_node(0.1) == Number(Decimal("0.1"))
    assert as_node(numpy.int64(5)) == Number(Decimal(5))
    assert as_node(-2) == Negative(Number(Decimal(2)))
    assert as_node(-0.0) == Number(Decimal(0))
    assert as_node(Decimal("-0")) == Number(Decimal(0))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (True, "E314"),
        (None, "E314"),
        (1j, "E314"),
        (object(), "E314"),
        (float("inf"), "E313"),
        (Decimal("1e400"), "E313"),
    ],
)
def test_no_numbers_from_python(value: Any, code: str) -> None:
    """What is no number that a float can hold is refused."""
    assert codes(as_node, value)[0] == code


def test_one_point_zero_from_python() -> None:
    """1.0 could be one step or the whole run, wherever a length of time goes."""
    for build in (linear(0, 1).lasting, linear(0, 1).over, linear(0, 1).skip, linear(0, 1).every, linear(0, 1).until):
        with pytest.raises(ScheduleError, match="E303"):
            build(1.0)
    assert str(linear(0, 1).lasting(1)) == "linear(0, 1) for 1"


@pytest.mark.parametrize("shape", [linear, cosine, poly, exponential, one_minus_sqrt])
def test_ends_of_ramps_are_exact(shape: Any) -> None:
    """A ramp begins and ends on the very numbers it is given, though its formula may miss them by a bit."""
    for start, end in ((0.1, 3), (3, 0.1), (0.3, 0.7), (1e-9, 0.9)):
        bound = shape(start, end).bind(7)
        assert (bound(0), bound(7), bound.walk(0), bound.walk(7)) == (start, end, start, end)
