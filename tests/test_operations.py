"""Every operation in every engine. Cases are made from the records: a new one is tried without being listed."""

import builtins
import itertools
import math
import operator
import random
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import cache
from numbers import Rational
from typing import Any, NamedTuple

import numpy as np
import pytest
from helpers import EXAMPLES, codes
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schedlang import Bound, ScheduleError, functions, parse
from schedlang._engines.expressions import Expression
from schedlang._engines.lowering import lowered
from schedlang._engines.planning.plans import complete
from schedlang._insight.exact import exact_values
from schedlang._language import scalar
from schedlang._language.operations import FUNCTIONS, KERNELS, OPERATIONS, Called, Extent, Kernel, Operation

STEPS = 200  # more than are walked before the schedule is compiled
EPS = {"float32": 2.0**-23, "float64": 2.0**-52}
OPERANDS = ["(1 + step) / 8", "cosine(3, 0.5)", "(20 - step) / 7", "2.5", "sin(step / 3)"]
NUMBERS = [-20.75, -3.0, -1.0, -0.5, -0.0, 0.0, 0.25, 0.5, 1.0, 1.5, 2.5, 7.3, 40.0]

every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each.name} {each.shape}")
every_function = pytest.mark.parametrize("operation", FUNCTIONS.values(), ids=FUNCTIONS)
every_kernel = pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS)


def independent(operation: Operation) -> Callable[..., float] | None:
    """What Python itself calls so, if it does."""
    signs = {"+": operator.add, "*": operator.mul, "/": operator.truediv, "**": operator.pow}
    if operation.name in FUNCTIONS:
        return getattr(math, operation.name, None) or getattr(builtins, operation.name, None)
    return (operator.neg if operation.least == 1 else operator.sub) if operation.name == "-" else signs[operation.name]


def written(operation: Operation, operands: list[str]) -> str:
    if operation.name in FUNCTIONS:
        return f"{operation.name}({', '.join(operands)})"
    return f"-({operands[0]})" if len(operands) == 1 else f"({operands[0]}) {operation.name} ({operands[1]})"


@cache
def schedules(operation: Operation) -> list[tuple[str, list[str], Bound, list[float]]]:
    """The operation on whatever it has a value for: the text, its operands, the schedule and what the walk gives."""
    found = []
    counts = {operation.least, operation.least + 1} if operation.most is None else {operation.least}
    for count in sorted(counts):
        for operands in itertools.permutations(OPERANDS, count):
            text = written(operation, list(operands))
            try:
                bound = parse(text).bind(STEPS)
                found.append((text, list(operands), bound, [bound.walk(step) for step in range(STEPS)]))
            except ScheduleError as error:
                assert {each.code for each in error.diagnostics} == {"E406"}, text  # it has no value there
    assert found, f"no operand of {operation.name} gives a value: add one that does"
    return found


@every_operation
def test_walk(operation: Operation) -> None:
    """The walk gives what Python itself gives, where that has a function of the same name."""
    meaning = independent(operation)
    for _, operands, _, expected in schedules(operation):
        inner = [parse(operand).bind(STEPS) for operand in operands]
        for step in (0, 7, 199):
            values = [each.walk(step) for each in inner]
            if meaning is not None:
                assert expected[step] == meaning(*values)


AT_HALVES = ["step / 2", "2.5", "(step - 9) / 4", "step", "cosine(3, 0.5)", "sin(step / 3)"]
"""Operands that are exact halves and whole numbers, oftener than a plan lists jumps, and others."""

AFAR = ["(step - 9007199254740993) / 2", "linear(0, 7)", "step", "0.5"]
"""And those that are so where steps are large, up to where floats no longer hold them, in a run that is as long."""

NEAR = [*range(48), *range(9_000, 9_024), 19_999, 20_000]
LARGE = [2**power + by for power in (24, 31, 53, 62, 63) for by in (-1, 0, 1, 2)]


class Group(NamedTuple):
    """Schedules that are asked together, at which steps, and what the walk gives there."""

    bounds: list[Bound]
    steps: list[int]
    expected: list[list[float]]


@cache
def groups(operation: Operation) -> list[Group]:
    """The operation at its halves and jumps, as it is and in a formula that is no staircase.

    The first group has an end, which is what all engines promise to hold; the second has one far away, and steps of any
    size; the third has none, and small steps.
    """
    afar = _group(operation, 2**63 + 9, AFAR, [*range(9), *LARGE, 10**20])
    found = [
        _group(operation, 20_000, AT_HALVES, NEAR + LARGE),
        afar,
        _group(operation, None, AT_HALVES[:4], NEAR[:48]),
    ]
    assert found[0].bounds, f"no operand of {operation.name} gives a value: add one that does"
    return found


def _group(operation: Operation, total: int | None, operands: list[str], steps: list[int]) -> Group:
    group = Group([], steps, [])
    orders = list(itertools.permutations(operands, operation.least))
    for chosen in orders[:: -(-len(orders) // 4)]:
        inner = written(operation, list(chosen))
        for text in (inner, f"sqrt(abs({inner})) + 0.1"):
            try:
                bound = parse(text).bind(total)
                group.expected.append([bound.walk(step) for step in steps])
                group.bounds.append(bound)
            except ScheduleError as error:
                assert {each.code for each in error.diagnostics} == {"E406"}, text  # it has no value there
    return group


class Engine(NamedTuple):
    """A way to ask schedules for values at steps of at most `last`, in floats of some epsilon."""

    ask: Callable[[list[Bound], list[int]], Iterable[Any]]
    last: float = math.inf
    eps: float = 0.0


def by_source(bound: Bound) -> Callable[[int], float]:
    """The source alone, executed."""
    namespace: dict[str, Any] = {}
    exec(bound.source, namespace)
    function: Callable[[int], float] = namespace["schedule"]
    return function


def in_stretches(bound: Bound, steps: list[int]) -> list[float]:
    """What `values` gives, over stretches of two hundred steps around each."""
    return [bound.values(max(step - 99, 0), step + 101)[min(step, 99)] for step in steps]


def at(steps: Callable[[list[int]], Any], *dtype: Any) -> Callable[[list[Bound], list[int]], Iterable[Any]]:
    """Asked all together, with steps made into an array."""
    return lambda bounds, numbers: [bound.at(steps(numbers), *dtype) for bound in bounds]


def single(function: Callable[[Bound], Callable[[int], Any]]) -> Callable[[list[Bound], list[int]], Iterable[Any]]:
    """Asked step by step."""
    return lambda bounds, steps: [list(map(function(bound), steps)) for bound in bounds]


def torch_engine(kind: str) -> Engine:
    torch = pytest.importorskip("torch")
    return Engine(at(torch.tensor, getattr(torch, kind)), 2**63 - 1, EPS[kind])


def jax_engine(jitted: bool, wide: bool = False, optax: bool = False) -> Engine:
    jax = pytest.importorskip("jax")
    schedule = pytest.importorskip("schedlang.optax").Schedule if optax else lambda bound: bound.at

    def ask(bounds: list[Bound], steps: list[int]) -> list[Any]:
        with jax.enable_x64(wide):
            asked = [schedule(bound) for bound in bounds]
            every = lambda given: [each(given) for each in asked]  # noqa: E731
            found = (jax.jit(every) if jitted else every)(jax.numpy.asarray(steps, "int64" if wide else "int32"))
            return [np.asarray(each) for each in found]

    return Engine(ask, 2**63 - 1 if wide else 2**31 - 1, EPS["float64" if wide else "float32"])


ENGINES: dict[str, Callable[[], Engine]] = {
    "call": lambda: Engine(single(lambda bound: bound)),
    "compiled": lambda: Engine(single(lambda bound: bound.compiled)),
    "source": lambda: Engine(single(by_source)),
    "list": lambda: Engine(at(list)),
    "uint64": lambda: Engine(at(lambda steps: np.array(steps, np.uint64)), 2**64 - 1),
    "int64": lambda: Engine(at(lambda steps: np.array(steps[::-1])[::-1]), 2**63 - 1),
    "values": lambda: Engine(lambda bounds, steps: [in_stretches(bound, steps) for bound in bounds]),
    "torch": lambda: torch_engine("float32"),
    "torch float64": lambda: torch_engine("float64"),
    "jax": lambda: jax_engine(jitted=False),
    "jax.jit": lambda: jax_engine(jitted=True),
    "jax.jit float64": lambda: jax_engine(jitted=True, wide=True),
    "optax": lambda: jax_engine(jitted=False, optax=True),
    "optax, jitted": lambda: jax_engine(jitted=True, optax=True),
}
"""All that give values, beside the walk."""


@pytest.mark.parametrize(
    "engine",
    [pytest.param(name, marks=pytest.mark.frameworks if index > 6 else ()) for index, name in enumerate(ENGINES)],
)
@every_operation
def test_engines(operation: Operation, engine: str) -> None:
    """At halves, at jumps and at large steps every engine gives what the walk gives, as exactly as it promises.

    Python, and what NumPy calculates alike, to the bit; torch and JAX within 4 epsilons of the largest value, stairs
    to the bit, and without an end, near its beginning, within some roundings.
    """
    ask, last, eps = ENGINES[engine]()
    for number, (bounds, steps, expected) in enumerate(groups(operation)):
        if eps and number == 1:
            continue  # floats of 24 bits hold no such steps, and nothing is promised
        asked = [step for step in steps if step <= last]
        for bound, values, found in zip(bounds, expected, ask(bounds, asked), strict=True):
            meant = np.array([value for step, value in zip(steps, values, strict=True) if step <= last])
            size = np.abs(meant)
            if not eps:
                exact = engine in ("call", "compiled", "source") or exact_values(bound) == bound.values
                allowed = 0 * size if exact else 16 * EPS["float64"] * size
            elif number == 2:
                allowed = np.where(size < 1e18, 64 * eps * np.maximum(size, 1), np.inf)  # its square may overflow
            else:
                stairs = (
                    operation.shape == bound.program.shape
                    and operation.kernel is not None
                    and operation.kernel.staircase
                )
                allowed = 0 * size if stairs else np.full_like(size, 4 * eps * np.abs(bound.values()).max())
            wrong = np.flatnonzero(~(np.abs(np.asarray(found, np.float64) - meant) <= allowed))
            assert not len(wrong), (str(bound.schedule), asked[wrong[0]], found[wrong[0]], meant[wrong[0]])


@every_operation
def test_why(operation: Operation) -> None:
    """The expression that `why` shows is calculated by Python to the very value; the last reason is of the whole."""
    for _, _, bound, expected in schedules(operation):
        for step in (0, 3, 111):
            why = bound.why(step)
            assert eval(why.expression, vars(math).copy()) == expected[step], why.expression
            assert why.reasons[-1].value == expected[step]


@every_operation
def test_words(operation: Operation) -> None:
    """`explain` tells of it, the phase table has its shape, and `when` finds the steps that the walk finds."""
    for text, _, bound, expected in schedules(operation)[:4]:
        assert operation.shape in {row.shape for row in bound.phases}
        assert bound.explain().words
        middle = (min(expected) + max(expected)) / 2
        stretches = bound.when(f"> {middle!r}").ranges
        inside = {step for each in stretches for step in range(each.first, STEPS if each.stop is None else each.stop)}
        assert inside == {step for step in range(STEPS) if expected[step] > middle}, text


@every_operation
def test_recorded_bounds(operation: Operation) -> None:
    """What is recorded lies where the expression says that it does."""
    for _, _, bound, expected in schedules(operation):
        of = lowered(bound.program)
        if isinstance(of, Expression):
            assert of.low <= min(expected)
            assert max(expected) <= of.high


@every_function
def test_constructors(operation: Operation) -> None:
    """The function for Python makes what the text makes, by the names of its operands too, and says what it is."""
    construct = getattr(functions, operation.name)
    operands = ["step", "0.5", "cosine"][: operation.least]
    assert str(construct(*operands)) == str(parse(written(operation, operands)))
    if operation.most is not None:
        assert construct(**dict(zip(operation.parameters, operands, strict=True))) == construct(*operands)
        with pytest.raises(TypeError, match=rf"^{operation.name}\(\) missing"):
            construct()
    assert construct.__doc__ == operation.doc


@every_function
def test_wrong_number_of_operands(operation: Operation) -> None:
    """Too few operands are refused with an example that is none."""
    given = "" if operation.least == 1 else "1"
    assert codes(parse, f"{operation.name}({given})")[0] in {"E203", "E102"}
    assert str(parse(operation.example().replace("(a", "(step").replace(" b)", " 1)").replace("low, high", "0, 1")))


def values_of(kernel: Kernel) -> Iterator[tuple[tuple[float, ...], Any]]:
    """Operands, and what the kernel makes of them, where it makes something of them."""
    whole = kernel.name in ("//", "%")
    numbers = [3, 7, 12] if whole else NUMBERS
    conditions = [[True, False]] if kernel.name == "where" else []
    pools = [*conditions, *[numbers] * (len(kernel.places()) - len(conditions))]
    for operands in itertools.product(*pools):
        try:
            yield operands, kernel.scalar(*operands)
        except (ArithmeticError, ValueError):
            assert not kernel.total


def is_same(a: Any, b: Any) -> bool:
    """The same number, to the bit."""
    return bool(a == b) and math.copysign(1, a) == math.copysign(1, b)


@every_kernel
def test_source(kernel: Kernel) -> None:
    """The source gives what the kernel gives, and imports what it needs; operands are kept together."""
    allowed: dict[str, Any] = {name: getattr(math, name) for name in kernel.imports}
    allowed |= {"finite": KERNELS["finite"].scalar} if kernel.name == "finite" else {}
    for operands, expected in values_of(kernel):
        names = dict(zip("abc", operands, strict=False))
        plain = kernel.written(*(lambda level, name=name: name for name in names))
        assert is_same(eval(plain, allowed | names), expected), (plain, operands)
        sums = kernel.written(
            *(lambda level, name=name: f"({name} or 0)" if level else f"{name} or 0" for name in names)
        )
        assert is_same(eval(sums, allowed | names), expected) or not all(operands), (sums, operands)


@pytest.mark.frameworks
@every_kernel
def test_libraries(kernel: Kernel) -> None:
    """NumPy, torch and JAX call it as the record says, and get the same."""
    torch, jax = pytest.importorskip("torch"), pytest.importorskip("jax")
    if kernel.called is None:
        assert kernel.name in ("where", "float", "finite")
        return
    ufunc = getattr(np, kernel.called.numpy)
    assert isinstance(ufunc, np.ufunc)
    for operands, expected in values_of(kernel):
        if kernel.name == "round" and abs(operands[0]) % 1 == 0.5:
            continue  # lax rounds halves as it is told to
        if not abs(expected) < 1e30:
            continue  # not to be held in float32
        for one in (
            ufunc(*operands),
            getattr(torch, kernel.called.torch)(*(torch.tensor(each) for each in operands)),
            getattr(jax.lax, kernel.called.lax)(*(jax.numpy.asarray(each) for each in operands)),
        ):
            assert float(one) == pytest.approx(float(expected), rel=1e-5, abs=1e-6), operands


@st.composite
def boxes(draw: st.DrawFn, count: int) -> list[tuple[Extent, float, float]]:
    """Some ranges, each with two numbers in it, the larger one last."""
    found = []
    for _ in range(count):
        three = st.lists(st.one_of(st.sampled_from(NUMBERS), st.floats(-50, 50)), min_size=4, max_size=4)
        low, first, last, high = sorted(draw(three))
        ends = low, first, last, high
        found.append((Extent(low, high, not any(is_same(each, -0.0) for each in ends)), first, last))
    return found


def result(kernel: Kernel, operands: list[float]) -> float:
    """What a kernel gives; where it gives nothing, nothing is claimed."""
    try:
        return float(kernel.scalar(*operands))
    except (ArithmeticError, ValueError):
        assume(False)
        raise


@every_kernel
@settings(max_examples=2 * EXAMPLES // 5)
@given(data=st.data())
def test_claims(kernel: Kernel, data: st.DataObject) -> None:
    """A value lies within the bound, goes the way of the slopes, is never the zero that was ruled out, and is there."""
    count = len(kernel.places())
    if kernel.name in ("//", "%"):
        ints = st.integers(-1000, 1000)
        low, value, other, high = sorted(data.draw(st.lists(ints, min_size=4, max_size=4)))
        by = data.draw(st.integers(1, 50))
        box = [(Extent(low, high, True), float(value), float(other)), (Extent(by, by, True), float(by), float(by))]
    else:
        box = data.draw(boxes(count))
    values = [first for _, first, _ in box]
    value = result(kernel, values)
    ranges = [(each.low, each.high) for each, _, _ in box]
    low, high = kernel.bound(*ranges)
    assert low <= value <= high or math.isnan(low) or math.isnan(high)
    if kernel.total:
        assert math.isfinite(value)
    if kernel.plus(*(each for each, _, _ in box)):
        assert not is_same(value, -0.0)
    for index, slope in enumerate(kernel.slopes(*ranges)):
        if slope is not None:
            moved = result(kernel, [*values[:index], box[index][2], *values[index + 1 :]])
            tiny = 4 * EPS["float64"] * max(abs(value), abs(moved))  # math.pow may lose the last bit
            assert slope * (moved - value) >= -tiny


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if each.kernel is None or each.most is None], ids=lambda each: each.name
)
@settings(max_examples=2 * EXAMPLES // 5)
@given(data=st.data())
def test_bounds(operation: Operation, data: st.DataObject) -> None:
    """What proves a run finite holds: a value lies between the bounds that the operands' bounds give."""
    counts = st.just(operation.least) if operation.most else st.integers(2, 4)
    box = data.draw(boxes(data.draw(counts)))
    try:
        value = operation.apply(scalar, *(first for _, first, _ in box))
    except (ArithmeticError, ValueError):
        return
    if operation.name == "clip" and box[1][1] > box[2][1]:
        return
    low, high = operation.bound(*((each.low, each.high) for each, _, _ in box))
    assert low <= value <= high


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.least > 1], ids=lambda each: each.name)
@settings(max_examples=2 * EXAMPLES // 5)
@given(data=st.data())
def test_outdone(operation: Operation, data: st.DataObject) -> None:
    """What gives one of its operands says which it never gives: those may be anything within their bounds."""
    box = data.draw(boxes(operation.least if operation.most else data.draw(st.integers(2, 4))))
    between, values = [(each.low, each.high) for each, _, _ in box], [first for _, first, _ in box]
    if operation.outdone is None:
        odd = [2.25, 3.5, 5.75][: operation.least]
        assert operation.apply(scalar, *odd) not in odd, f"{operation.name} lacks `outdone`"
        return
    if operation.name == "clip" and between[1][1] > between[2][0]:
        return
    found = list(operation.outdone(*between))
    decisive = values.copy()
    for index, other, above in found:
        decisive[index] = box[index][2]
        low, high = (index, other) if above else (other, index)
        assert between[low][1] <= between[high][0]
    if len({index for index, _, _ in found}) < len(values):
        assert operation.apply(scalar, *decisive) == operation.apply(scalar, *values)


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.timed], ids=lambda each: each.name)
@given(times=st.lists(st.fractions(-100, 100, max_denominator=100).filter(bool), min_size=2, max_size=2))
def test_timed(operation: Operation, times: list[Fraction]) -> None:
    """What it does to lengths of time is what it does to values, exactly."""
    assert operation.timed is not None
    times = times[: operation.least]
    exact = operation.timed(*times)
    assert isinstance(exact, Rational)
    assert operation.apply(scalar, *map(float, times)) == pytest.approx(float(exact), rel=1e-12, abs=1e-12)


@every_operation
def test_exactly(operation: Operation) -> None:
    """Values for which somebody asks exactly are the walk's, whatever NumPy's function makes of them."""
    for _, _, bound, expected in schedules(operation):
        assert list(exact_values(bound)(0, STEPS)) == expected


@every_kernel
def test_alike(kernel: Kernel) -> None:
    """NumPy has the very number where the record says so."""
    if kernel.called is None or not kernel.alike:
        return
    random.seed(0)
    operands = [np.array([random.uniform(0, 9) for _ in range(10_000)]) for _ in kernel.places()]
    operands = [np.ceil(each) for each in operands] if kernel.name in ("//", "%") else operands
    found = getattr(np, kernel.called.numpy)(*operands)
    assert found.tolist() == list(map(kernel.scalar, *(each.tolist() for each in operands)))


def test_what_planning_lacks_is_refused() -> None:
    """A kernel that a table of planning leaves out is named as soon as that is imported."""
    with pytest.raises(TypeError, match="planning lacks the price of `exp` or `tanh`"):
        complete("the price", {name: None for name in KERNELS if name not in ("exp", "tanh")})


@pytest.mark.parametrize("kernel", [each for each in KERNELS.values() if each.staircase], ids=lambda each: each.name)
def test_staircases(kernel: Kernel) -> None:
    for value in (-7.3, 0.2, 3.6):
        if len(kernel.places()) == 1:
            assert kernel.scalar(value) == kernel.scalar(value + 1e-9)
        else:
            assert kernel.scalar(value, 2) == kernel.scalar(value + 1e-9, 2)


def test_names() -> None:
    """A function's name is a word, under which Python has it, too."""
    assert all(name.isidentifier() for name in FUNCTIONS)
    assert set(functions.__all__) == set(FUNCTIONS)


def test_what_lacks_something_is_refused() -> None:
    """A record that lacks something cannot be made, and the message names what it is."""
    names = ["name", "scalar", "source", "called", "bound", "slopes"]
    whole: dict[str, Any] = {"name": "half", "scalar": lambda x: x / 2, "source": "{} / 2", "called": "half"}
    whole |= {"bound": lambda a: a, "slopes": lambda a: (1,)}
    for missing in names:
        with pytest.raises(TypeError, match=f"'{missing}'"):
            Kernel(**{name: value for name, value in whole.items() if name != missing})
    with pytest.raises(TypeError, match="the operation `half` lacks `doc`"):
        Operation("half", Kernel(**whole))
    with pytest.raises(TypeError, match="the operation `half` lacks `apply`"):
        Operation("half", doc="Half of it.")
    with pytest.raises(TypeError, match="the operation `half` lacks `bound`"):
        Operation("half", doc="Half of it.", apply=lambda xp, x: x / 2)
    assert Kernel(**whole).called == Called("half", "half", "half")
