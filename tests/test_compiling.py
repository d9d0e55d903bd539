"""Compiled source and NumPy arrays against the walk, on generated schedules."""

import ast
import builtins
import math
import struct
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, ClassVar

import numpy
import pytest
from helpers import RUN, SECTION_1, bound_or_reject, printed, refused, registered, told
from hypothesis import given
from hypothesis import strategies as st

from schedlang import Bound, Schedule, ScheduleError, parse
from schedlang._language.clocks import StepClock
from schedlang._language.frame import Frame
from schedlang.primitives import Clock, Primitive, number
from schedlang.strategies import runs, schedules

EPSILON = 2.0**-52


def bits(value: float) -> bytes:
    return struct.pack("d", value)


def steps_of(bound: Bound) -> list[int]:
    """Steps where something may go wrong: all of a short run, the ends of every phase, far behind the end."""
    total = bound.total_steps or 500
    ends = {row.first + offset for row in bound.phases if row.first < 10**6 for offset in (-1, 0, 1)}
    near = range(min(total + 3, 600))
    far = (10 * total, 10**6 + 7, 10**9, 2**31 - 1, 2**53 + 1, 10**20)
    return sorted({*near, *(total + each for each in range(-2, 3)), *ends, *far} - {-2, -1})


def walked(bound: Bound, step: int) -> float | str:
    """The value by walking, or the code of the error."""
    try:
        return bound.walk(step)
    except ScheduleError as error:
        return error.diagnostics[0].code


def assert_compiled_is_walked(bound: Bound, steps: list[int]) -> None:
    """Compiled values are walked ones to the last bit; where there is none, neither has one."""
    for step in steps:
        expected = walked(bound, step)
        if isinstance(expected, str):
            with pytest.raises((ArithmeticError, ValueError)):
                bound.compiled(step)
            with pytest.raises(ScheduleError):
                bound(step)
        else:
            assert bits(bound.compiled(step)) == bits(expected) == bits(bound(step)), step


def assert_arrays_are_walked(bound: Bound, steps: list[int]) -> None:
    """NumPy's values are walked ones: to the bit without `exp` and `pow`, else within 4 epsilon of the curve's size."""
    expected = [walked(bound, step) for step in steps]
    if any(isinstance(value, str) for value in expected):
        with pytest.raises(ScheduleError):
            bound.at(steps)
        return
    size = max(map(abs, expected), default=0.0)  # type: ignore[arg-type]
    found = bound.at(steps)
    assert found.dtype == numpy.float64
    exact = (
        not {"pow", "exp", "expm1", "log", "log1p", "tanh"} & used_functions(bound.source) and "**" not in bound.source
    )
    for value, wanted in zip(found.tolist(), expected, strict=True):
        assert value == wanted if exact else abs(value - wanted) <= 4 * EPSILON * size  # type: ignore[operator]


def used_functions(source: str) -> set[str]:
    return {
        node.func.id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


@given(schedules(), runs())
def test_compiled_is_walked(schedule: Schedule, run: dict[str, Any]) -> None:
    """On every generated schedule, at every step tried, to the last bit."""
    bound = bound_or_reject(schedule, run)
    assert_compiled_is_walked(bound, steps_of(bound))


@given(schedules(), runs(), st.randoms())
def test_arrays_are_walked(schedule: Schedule, run: dict[str, Any], random: Any) -> None:
    """Steps in order, in any order, and far apart."""
    bound = bound_or_reject(schedule, run)
    steps = [step for step in steps_of(bound) if step < 2**62]
    random.shuffle(steps)
    assert_arrays_are_walked(bound, steps)
    total = bound.total_steps or 500
    assert_arrays_are_walked(bound, list(range(total + 3)))


@given(schedules(), runs(), st.integers(0, 50), st.integers(0, 300), st.integers(1, 7))
def test_values_is_at(schedule: Schedule, run: dict[str, Any], start: int, length: int, every: int) -> None:
    bound = bound_or_reject(schedule, run)
    steps = numpy.arange(start, start + length, every)
    try:
        expected = bound.at(steps)
    except ScheduleError:
        with pytest.raises(ScheduleError):
            bound.values(start, start + length, every)
        return
    found = bound.values(start, start + length, every)
    assert found.shape == expected.shape
    size = numpy.abs(expected).max(initial=0.0)
    assert numpy.abs(found - expected).max(initial=0.0) <= 4 * EPSILON * size


@given(schedules(), runs())
def test_source_stands_alone(schedule: Schedule, run: dict[str, Any]) -> None:
    """Pasted elsewhere, the source gives the same values, unless it says that it needs a walk."""
    bound = bound_or_reject(schedule, run)
    if "walk_1" in bound.source:
        assert bound.source.count("# walk_1") == 1
        return
    namespace: dict[str, Any] = {}
    exec(bound.source, namespace)
    for step in (0, 1, 7, 50):
        expected = walked(bound, step)
        if not isinstance(expected, str):
            assert bits(namespace["schedule"](step)) == bits(expected)


NAMES = {"schedule", "step", "finite", "value", "bisect_right", "OverflowError", "isfinite", "inf"}
PREFIXES = ("x", "at_", "seen_", "round_", "part_", "walk_", "STARTS_", "VALUES_", "TABLE_")


def names_of(source: str) -> Iterator[str]:
    """Every name in a source, imports and arguments included."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.alias(name=name) | ast.FunctionDef(name=name):
                yield name


@given(schedules(), runs())
def test_source_holds_names_of_ours_and_numbers(schedule: Schedule, run: dict[str, Any]) -> None:
    """No text of the user's gets into the source."""
    source = bound_or_reject(schedule, run).source
    for name in names_of(source):
        assert name in NAMES or hasattr(math, name) or hasattr(builtins, name) or name.startswith(PREFIXES), name
    constants = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    texts = [constant for constant in constants if isinstance(constant, str)]
    assert set(texts) <= {"The value, if it is a finite number.", "the schedule has no finite value at this step"}


@pytest.mark.slow
@pytest.mark.parametrize("text", SECTION_1)
def test_front_page_is_compiled_without_a_walk(text: str) -> None:
    bound = parse(text).bind(**RUN) if "ep" in text or "tok" in text or "%" in text else parse(text).bind(30_000)
    assert "walk_" not in bound.source
    assert_compiled_is_walked(bound, [*range(0, 31_000, 13), 29_999, 30_000, 10**9])
    assert_arrays_are_walked(bound, [*range(31_000)])


@pytest.mark.slow
@pytest.mark.parametrize(("text", "run"), [(text, run) for text, run, _ in told("far.txt")])
def test_compiled_is_walked_far_along(text: str, run: dict[str, Any]) -> None:
    """Repeated bodies and fractional times, over thousands of steps and far behind."""
    bound = parse(text).bind(**run)
    steps = [*range(3000), *range(10**6, 10**6 + 300), *range(10**9, 10**9 + 100)]
    assert_compiled_is_walked(bound, steps)
    assert_arrays_are_walked(bound, steps)
    assert_arrays_are_walked(bound, list(range(5, 2900)))
    assert "walk_" not in bound.source


@pytest.mark.parametrize(
    "text", ["(hold * 0.9) for 10 repeat 50", "(linear(0, 1) for 1000 samples then hold for 2000 samples) repeat"]
)
def test_copies_that_all_differ(text: str) -> None:
    """A repeat whose copies are handed different values, or fall differently on the whole steps, is right as well."""
    bound = parse(text).bind(1000, samples_per_step=999) if "samples" in text else parse(text).bind(1000)
    assert_compiled_is_walked(bound, list(range(1010)))
    assert_arrays_are_walked(bound, list(range(1010)))


def test_values_beyond_53_bits_are_walked() -> None:
    """Steps that float64 does not hold give what a walk gives."""
    bound = parse("inv_sqrt(1000 samples)").bind(samples_per_step=3 * 10**12)
    steps = [0, 1, 2**51, 2**53 - 1, 2**53 + 1, 2**62, 2**63 - 1]
    assert bound.at(steps).tolist() == [bound.walk(step) for step in steps]
    assert bound.values(2**53, 2**53 + 5).tolist() == [bound.walk(2**53 + each) for each in range(5)]


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("interval(0.5, every=10ep, start=1) for 5ep repeat stretch 1.2", 100_000),
        ("interval(0.5, every=100, start=1) for 100 repeat stretch 1.5", 10**9),
        ("interval(0.5, every=25%, start=1) over 10 repeat 20 stretch 1.1", 250),
        ("step_decreasing(0.5, every=25%, start=1) over 10 repeat stretch 1.1", 1000),
    ],
)
def test_finely_divided_places(text: str, total: int) -> None:
    """Copies begin at fractions whose numerators no int64 holds."""
    bound = parse(text).bind(total, steps_per_epoch=10)
    near = {0, 160, 655_249_123, *(row.first for row in bound.phases[-40:])}
    steps = sorted({step + by for step in near for by in (0, 1, 5)})
    assert bound.at(steps).tolist() == [bound.walk(step) for step in steps]
    last = max(0, total - 3000)
    assert bound.values(last, total).tolist() == [bound.walk(step) for step in range(last, total)]


@pytest.mark.parametrize(
    "steps",
    [
        range(2**63 - 10, 2**63, 2),
        range(2**63 - 2, 2**63 + 3, 2),
        range(10**19, 10**19 + 5, 2),
        range(0, 10**19, 10**18),
    ],
)
@pytest.mark.parametrize("text", ["inv_sqrt(1000)", "linear(1, 0) for 10 repeat"])
def test_strides_beyond_64_bits(steps: range, text: str) -> None:
    """Steps that no array of integers holds, some way apart."""
    bound = parse(text).bind()
    expected = [bound.walk(step) for step in steps]
    assert bound.values(steps.start, steps.stop, steps.step).tolist() == expected
    assert bound.at(list(steps)).tolist() == expected


def test_no_value_tells_where() -> None:
    """Where there is no finite value, every way of asking raises the same error."""
    bound = parse("exponential_decay(2, every=1)").bind()
    for ask in (bound, bound.walk, bound.at, lambda step: bound.values(step, step + 1)):
        error = refused(ask, [5000] if ask == bound.at else 5000)
        assert error.diagnostics[0].code == "E406"
        assert "step 5000" in error.diagnostics[0].message


def test_a_clock_that_cannot_be_recorded_is_walked() -> None:
    """A clock that takes a rational apart is asked step by step."""

    class Odd(Clock):
        def read(self, t: int) -> tuple[int, int]:
            turns = t / Fraction(7, 2) % 1
            return turns.numerator, turns.denominator

    class Wave(Primitive):
        """A sawtooth."""

        name: ClassVar[str] = "sawtooth"
        height: Schedule = number("how high", required=True)

        def clock(self, frame: Frame) -> Clock:
            return Odd()

        @staticmethod
        def at(k: Any, n: Any, xp: Any, *, height: Any) -> Any:
            return height * (k / n)

    with registered(Wave):
        bound = parse("sawtooth(2) for 50 then sawtooth(1) * linear(1, 0)").bind(100)
        assert "walk_1" in bound.source
        assert_compiled_is_walked(bound, list(range(110)))
        assert_arrays_are_walked(bound, list(range(110)))


def test_a_formula_with_branches_and_comparisons() -> None:
    """Python branches on k, and `where` on floats."""

    class Bent(Primitive):
        """Bent."""

        name: ClassVar[str] = "bent"
        height: Schedule = number("how high", required=True)

        def clock(self, frame: Frame) -> Clock:
            return StepClock()

        @staticmethod
        def at(k: Any, n: Any, xp: Any, *, height: Any) -> Any:
            if 2 * k < 31:
                return height
            x = xp.sqrt(1 + k)
            return xp.where(x > 6.3, xp.minimum(x, 8.5), height * xp.abs(xp.sin(x)))

    with registered(Bent):
        bound = parse("bent(2)").bind(100)
        assert "walk_" not in bound.source
        assert_compiled_is_walked(bound, list(range(110)))
        assert_arrays_are_walked(bound, list(range(110)))


def test_4000_phases() -> None:
    """A long text is one function, and its values are right everywhere."""
    bound = parse(" then ".join(f"{phase % 9} for 5" for phase in range(4000))).bind(20_000)
    assert "walk_" not in bound.source
    assert_compiled_is_walked(bound, list(range(20_003)))
    assert_arrays_are_walked(bound, list(range(20_003)))
    steps = numpy.random.default_rng(0).integers(0, 10**6, 5000)
    assert bound.at(steps).tolist() == [bound.walk(step) for step in steps.tolist()]


def test_cycles_are_arithmetic() -> None:
    """A billion copies cost what one costs."""
    bound = parse("(warmup(10) then cosine(1, 0) for 90) repeat 1B then hold").bind(10**12)
    assert len(bound.source) < 3000
    for step in (5, 10**9 + 5, 10**11 - 1, 10**11, 10**12):
        assert bits(bound.compiled(step)) == bits(bound.walk(step))


WITHOUT_AVX512 = """
import sys
import pytest
from numpy.lib.introspect import opt_func_info
used = {name: list(each.values())[0]["current"] for name, each in opt_func_info("^(sin|exp|power)$", "float64").items()}
print("NumPy uses", used)
if any("X86_V4" in each or "AVX512" in each for each in used.values()):
    sys.exit("AVX-512 is still in use")
names = "test_arrays_are_walked or test_values_is_at or far_along or front_page"
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:xdist", sys.argv[1], "-k", names]))
"""


@pytest.mark.slow
def test_arrays_without_avx512() -> None:
    """The tests of this file that compare arrays, with NumPy told not to use AVX-512, and seen not to use it."""
    features = [
        name
        for name in numpy._core._multiarray_umath.__cpu_dispatch__
        if name.startswith(("X86_V4", "AVX512")) and numpy._core._multiarray_umath.__cpu_features__.get(name)
    ]
    # Laws were tried on the usual number a moment ago; here it is NumPy that differs.
    environment = {"HYPOTHESIS_PROFILE": "few", "NPY_DISABLE_CPU_FEATURES": " ".join(features)}
    said = printed("-c", WITHOUT_AVX512, __file__, **environment)
    assert "NumPy uses" in said
    assert " passed" in said


@pytest.mark.parametrize(
    "text",
    [
        " + ".join(["step"] * 3000),
        "(" * 45 + "step" + " * 0.5 + 1)" * 45,
        "-".join(["-(step"] * 40) + ")" * 40,
        " then ".join(f"({' * '.join(['progress'] * 30)}) for 3" for _ in range(50)),
        "max(" + ", ".join(f"linear(0, {each}) for {each}" for each in range(1, 300)) + ")",
        "(((cosine(1, 0) for 3 samples) repeat 7 then 1 for 2 samples) repeat 9) * (linear(1, 2) for 5 samples repeat)",
    ],
)
def test_long_and_deep_texts(text: str) -> None:
    """What is too long or too deep for one formula is walked; all of it in bounded time."""
    bound = parse(text).bind(300, samples_per_step=7)
    assert_compiled_is_walked(bound, [0, 1, 17, 299, 300, 10**6])
    assert_arrays_are_walked(bound, [0, 1, 17, 299, 300, 10**6])


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("(round(cosine(end=1, inclusive=both)) every 1 over 7) repeat", None),
        ("warmup(1e399) then hold", None),
        ("cosine(1, 0) for 5e308 repeat", None),
        ("step for 2" + " repeat 10 scale 0.5" * 10, None),
        ("step for 2" + " repeat 10 scale 0.5" * 40, 10**12),
    ],
)
def test_what_fuzzing_found(text: str, total: int | None) -> None:
    """Numbers beyond the floats, what must be asked for its error, and nests of repeats."""
    assert_compiled_is_walked(parse(text).bind(total), [0, 1, 3, 5, 6, 7, 999, 1003, 10**9])


@pytest.mark.parametrize("text", SECTION_1)
def test_bake_is_the_walk(text: str) -> None:
    """A table of every step of a run and its end, rounded once to the dtype that was asked for."""
    bound = parse(text).bind(400, steps_per_epoch=4, tokens_per_step=10_000_000)
    expected = [bound.walk(step) for step in range(401)]
    assert bound.bake().tolist() == expected
    assert bound.bake("float32").tolist() == numpy.array(expected, dtype="float32").tolist()


BAD_DTYPES = ["int32", int, "flaot32", "complex64", "S8", ..., [1], "", ("f8", -1), "(2,", numpy.dtype(bool)]


@pytest.mark.parametrize("dtype", BAD_DTYPES, ids=str)
def test_bad_dtypes(dtype: Any) -> None:
    """Values are floats: other dtypes, and what is none, are refused in words of ours."""
    bound = parse("linear(1, 0)").bind(4)
    for call in (lambda: bound.bake(dtype), lambda: bound.at([1, 2], dtype)):
        caught = refused(call)
        assert str(caught).startswith("error[E413]: dtype is ")
        assert "float32" in str(caught)


@pytest.mark.parametrize("dtype", [float, "f2", numpy.float32, numpy.dtype(">f4"), "longdouble", None])
def test_good_dtypes(dtype: Any) -> None:
    """All floating ones, however they are written."""
    bound = parse("linear(1, 0)").bind(4)
    assert bound.bake(dtype).dtype == bound.at([1, 2], dtype).dtype == numpy.dtype(dtype)


def test_bake_needs_an_end() -> None:
    for text in ("0.1", "cosine(1, 0, 10)"):
        with pytest.raises(ScheduleError, match="E407"):
            parse(text).bind().bake()
