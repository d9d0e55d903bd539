"""`ease`, `mix`, `multiple` and a timescale of any number of steps: ends, precision, engines."""

import math
from typing import Any

import numpy as np
import pytest
from helpers import EXAMPLES, codes, registered
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from schedlang import Bound, ScheduleError, functions, parse, warmup
from schedlang._language.nodes.ramps import Ramp
from schedlang.primitives import PRIMITIVES

SHAPES = [name for name, cls in PRIMITIVES.items() if issubclass(cls, Ramp) and name != "warmup"]
EASES = [1e-6, 0.01, 0.3, 0.5, 0.6, 1.5, 2, 3, 40, 1e4, 1e300]
POWERS = st.one_of(st.sampled_from([*EASES, 5e-324, 1.7e308]), st.floats(0.05, 20))

every_shape = pytest.mark.parametrize("shape", SHAPES)


def exactly(shape: str, start: Any, end: Any, x: Any) -> Any:
    """A shape as the reference has it, in many digits; `x`: the eased progress."""
    s, e = mpf(start), mpf(end)
    match shape:
        case "linear" | "poly":
            return s + (e - s) * x
        case "cosine":
            return e + (s - e) * (1 + mp.cos(mp.pi * x)) / 2
        case "exponential":
            return s * (e / s) ** x
    return s + (e - s) * mp.sqrt(x)


@every_shape
@pytest.mark.parametrize("inclusive", ["left", "both", "right", "neither"])
@given(POWERS, st.integers(1, 2000), st.sampled_from([(1, 3e-5), (3e-5, 1), (0.1, 0.1)]))
@settings(max_examples=EXAMPLES // 4)
def test_ends(shape: str, inclusive: str, ease: float, total: int, ends: tuple[float, float]) -> None:
    """Both ends to the bit, whatever the power, and everything else in between."""
    start, end = ends
    lr = parse(f"{shape}({start}, {end}, ease={ease!r}, inclusive={inclusive}) for {total} then hold").bind(total)
    plain = parse(f"{shape}({start}, {end}, inclusive={inclusive}) for {total} then hold").bind(total)
    shown = [lr(step) for step in range(total + 1)]
    assert shown[-1] == end
    assert all(min(ends) <= value <= max(ends) for value in shown)
    for step in (0, total - 1):
        if plain(step) in ends:
            assert lr(step) == plain(step)


@every_shape
def test_an_ease_of_1_is_none(shape: str) -> None:
    """To the bit, also where it is known only when bound, and in the text where it is written."""
    plain = parse(f"{shape}(1, 1e-3)").bind(997)
    assert str(parse(f"{shape}(1, 1e-3, ease=1.0)")) == f"{shape}(1, 1e-3)"
    assert parse(f"{shape}(1, 1e-3, ease=p)").bind(997, p=1).values().tolist() == plain.values().tolist()


@every_shape
@pytest.mark.parametrize("ease", [0.01, 0.3, 0.6, 1, 1.5, 2, 3, 10])
@pytest.mark.parametrize("total", [1000, 10**15])
def test_precision(shape: str, ease: float, total: int) -> None:
    """What falls to 0, or to next to it, keeps its relative precision to the last step; what rises, from the first."""
    if ease == 1 and shape != "cosine":
        return  # without `ease` the others are calculated from one of their ends
    low = 0 if shape != "exponential" else 1e-9
    falling = parse(f"{shape}(1, {low}, ease={ease})").bind(total)
    rising = parse(f"{shape}({low}, 1, ease={ease})").bind(total)
    near = [1, 2, 3, total // 5, total // 3, total // 2 - 1, total // 2, total // 2 + 1, total // 9 * 8]
    with mp.workdps(80):
        for step in sorted({*near, *(total - each for each in near)}):
            x = (mpf(step) / total) ** mpf(ease)
            for lr, ends in ((falling, (1, low)), (rising, (low, 1))):
                value = exactly(shape, *ends, x)
                if value > 1e-290:
                    assert abs(lr(step) / value - 1) < 64 * 2.0**-53 * max(1, ease), (step, lr(step))
                else:
                    assert abs(lr(step) - value) < 1e-13


def same_everywhere(lr: Bound, steps: list[int], jax: Any, torch: Any) -> None:
    """The walk, the compiled function and its source alone to the bit; arrays and libraries within what is promised."""
    walked = [lr.walk(step) for step in steps]
    namespace: dict[str, Any] = {}
    exec(lr.source, namespace)
    assert walked == [lr.compiled(step) for step in steps] == [namespace["schedule"](step) for step in steps]
    largest = max(abs(lr.walk(step)) for step in steps)
    np.testing.assert_allclose(lr.at(np.array(steps)), walked, rtol=0, atol=1e-14 * largest)
    np.testing.assert_allclose(
        lr.values(steps[0], steps[0] + 300),
        [lr.walk(s) for s in range(steps[0], steps[0] + 300)],
        rtol=0,
        atol=1e-14 * largest,
    )
    narrow = {"rtol": 0, "atol": 4 * 2.0**-23 * largest}
    np.testing.assert_allclose(lr.at(torch.tensor(steps)).double().numpy(), walked, **narrow)
    np.testing.assert_allclose(np.asarray(jax.jit(lr.at)(jax.numpy.asarray(steps)), float), walked, **narrow)
    wide = lr.at(torch.tensor(steps), torch.float64).numpy()
    np.testing.assert_allclose(wide, walked, rtol=0, atol=4 * 2.0**-52 * largest)


@pytest.mark.frameworks
@every_shape
@pytest.mark.parametrize("ease", [1e-6, 0.6, 3, 1e4])
def test_engines(shape: str, ease: float) -> None:
    jax, torch = pytest.importorskip("jax"), pytest.importorskip("torch")
    total = 30_000
    steps = [*range(60), *range(100, total - 60, 271), *range(total - 60, total + 3)]
    for ends in ("1, 1e-3", "1e-3, 1"):
        same_everywhere(parse(f"{shape}({ends}, ease={ease})").bind(total), steps, jax, torch)


@pytest.mark.frameworks
@pytest.mark.parametrize(
    "text",
    [
        "mix(1, 1e-3, progress)",
        "mix(linear(2, 3), cosine(1, 0), 1.5 * progress - 0.2)",
        "round(linear(8, 900, ease=1.7), multiple=8)",
        "floor(cosine(1, 0), multiple=0.05) + ceil(linear(1, 2, ease=0.5), multiple=0.3)",
        "inv_sqrt(1500 / pi)",
        "(warmup(30%, ease=2) then cosine(1, 0, ease=0.6)) over 3000 repeat",
    ],
)
def test_texts_in_all_engines(text: str) -> None:
    jax, torch = pytest.importorskip("jax"), pytest.importorskip("torch")
    same_everywhere(parse(text).bind(30_000), [*range(0, 30_002, 37)], jax, torch)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("linear(3, 0.5, ease=0.6)", lambda x: 3 - 2.5 * x**0.6),  # modded-nanogpt's cool-down
        ("linear(3, 0.5, ease=2.5)", lambda x: 0.5 + 2.5 * (1 - x**2.5)),  # k-decay (Zhang & Li, 2020)
        ("warmup(1000, 0, 0.3, ease=2)", lambda x: 0.3 * x * x),
        ("poly(3, 0.5, power=2, ease=3)", lambda x: 0.5 + 2.5 * (1 - x**3) ** 2),
        ("cosine(3, 0.5, ease=3)", lambda x: 0.5 + 2.5 * (1 + math.cos(math.pi * x**3)) / 2),
        ("exponential(3, 0.5, ease=3)", lambda x: 3 * (0.5 / 3) ** (x**3)),
        ("mix(3, 0.5, progress ** 2)", lambda x: 3 - 2.5 * x**2),
        ("inv_sqrt(1500 / pi)", lambda x: math.sqrt(1500 / math.pi / (1500 / math.pi + 1000 * x))),
        ("round(1000 * progress, multiple=8)", lambda x: 8 * round(1000 * x / 8)),
    ],
)
def test_formulas(text: str, meant: Any) -> None:
    lr = parse(text).bind(1000)
    for step in range(1000):
        assert math.isclose(lr(step), meant(step / 1000), rel_tol=1e-12, abs_tol=1e-12)


def test_steep_beginning() -> None:
    """A power that takes nearly all at once leaves what is left as precise as further on."""
    lr = parse("poly(5, 0, power=678, ease=1.5)").bind(64)
    for step in range(1, 60):
        assert math.isclose(lr(step), 5 * (1 - mpf(step) / 64 * (mpf(step) / 64) ** 0.5) ** 678, rel_tol=1e-11), step


def test_own_primitives() -> None:
    """A formula of k of n is eased as it is, however it calculates with them."""

    class Rex(Ramp):
        """A ramp."""

        name = "rex"

        @staticmethod
        def at(k: Any, n: Any, xp: Any, *, start: Any, end: Any) -> Any:
            return end + (start - end) * ((n - k) / (n - k / 2))

    class Odd(Ramp):
        """A ramp that uses its progress in many ways."""

        name = "odd"

        @staticmethod
        def at(k: Any, n: Any, xp: Any, *, start: Any, end: Any) -> Any:
            gone = xp.where(k < n - k, 2 * k + (k - n) + n - k, xp.where(k >= n, -k + 1 + n, 2 * k))
            half = xp.where(n - k >= k, gone - k / n, k * (1 / n)) / 2 + 0 / (n + k)
            return start + (end - start) * half + (end - start) * k / (2 * n)

    with registered(Rex), registered(Odd):
        total = 400
        rex, odd = (parse(f"{name}(2, 0, ease=2)").bind(total) for name in ("rex", "odd"))
        for step in range(total):
            x = (step / total) ** 2
            assert math.isclose(rex(step), 2 * (1 - x) / (1 - x / 2), rel_tol=1e-12)
            assert math.isclose(odd(step), 2 - 2 * x, abs_tol=1e-12)
            assert rex.walk(step) == rex(step)
        assert eval(odd.why(77).expression, vars(math).copy()) == odd(77)
        assert "walk" not in rex.source + odd.source


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300), st.floats(0, 1))
def test_mix_stays_between(a: float, b: float, share: float) -> None:
    """Exact at both ends, between them elsewhere, and constant where they are the same."""
    mix = parse("mix(a, b, share)")
    shown = [mix.bind(a=a, b=b, share=each)(0) for each in (0, share, 1)]
    assert (shown[0], shown[2]) == (a, b)
    assert min(a, b) <= shown[1] <= max(a, b)
    assert mix.bind(a=a, b=a, share=share)(0) == a


def test_mix_to_the_bit() -> None:
    assert parse("mix(0.47, 0.1, 1)").bind()(0) == 0.1 != 0.47 + (0.1 - 0.47) * 1
    assert parse("mix(0, 3, 1.5)").bind()(0) == 4.5
    assert parse("mix(1, 3, -0.5)").bind()(0) == 0


@pytest.mark.parametrize("function", ["floor", "ceil", "round"])
@given(st.integers(-(10**6), 10**6), st.integers(1, 999), st.integers(0, 3))
def test_multiples_are_decimals(function: str, count: int, digits: int, places: int) -> None:
    """A multiple of a decimal is the float next to it; a whole one stays what it is."""
    multiple, wanted = f"{digits}e-{places}", count * digits / 10**places
    lr = parse(f"{function}(x, multiple={multiple})")
    assert lr.bind(x=wanted + digits / 10**places / (-4 if function == "ceil" else 4))(0) == wanted
    assert parse(f"{function}(x, multiple={digits})").bind(x=count * digits)(0) == count * digits


def test_multiples() -> None:
    values = [parse(f"{function}(13, multiple=8)").bind()(0) for function in ("floor", "ceil", "round")]
    assert values == [8, 16, 16]
    assert [parse(f"round({x}, multiple=8)").bind()(0) for x in (4, 12, 20)] == [0, 16, 16]  # halves to even counts
    assert parse("floor(0.7, multiple=0.1)").bind()(0) == 0.7
    assert parse("round(0.31, multiple=0.1)").bind()(0) == 0.3
    assert parse("ceil(2, multiple=pi)").bind()(0) == math.pi
    assert parse("floor(step, multiple=5e-324) for 1").bind()(0) == 0
    assert codes(parse("ceil(step, multiple=1e-320)").bind, 10) == ["E406"]
    assert str(functions.round("progress * 64", multiple="m")) == "round(progress * 64, multiple=m)"
    assert str(warmup(10, ease=2)) == "warmup(10, ease=2)"


REFUSED = {
    "linear(0, 1, 10, 2)": "E205",  # by name alone
    "linear(0, 1, ease=0)": "E312",
    "linear(0, 1, ease=-2)": "E312",
    "linear(0, 1, ease=progress)": "E315",
    "linear(0, 1, ease=5%)": "E301",
    "keyframes(0 @ 0, 1 @ 5, ease=2)": "E202",
    "round(progress, 8)": "E205",
    "round(progress, multiple=0)": "E312",
    "round(progress, multiple=step)": "E315",
    "round(progress, multiple=8, multiple=9)": "E204",
    "round(multiple=8, progress)": "E212",
    "round(progress, multipel=8)": "E202",
    "abs(progress, multiple=8)": "E202",
    "mix(1, 2)": "E203",
    "inv_sqrt(1ep / pi)": "E304",
    "inv_sqrt(-1500 / pi)": "E405",
    "inv_sqrt(2.5)": "E303",
    "warmup(1500 / pi)": "E304",
    "linear(0, 1, ease=p)": "E312",
    "round(progress, multiple=p)": "E312",
}


@pytest.mark.parametrize(("text", "code"), REFUSED.items())
def test_refused(text: str, code: str) -> None:
    assert codes(lambda: parse(text).bind(10, steps_per_epoch=2, **({"p": 0} if "=p" in text else {}))) == [code]


def test_the_name_is_told() -> None:
    with pytest.raises(ScheduleError, match=r"`round\(a, multiple=8\)`"):
        parse("round(progress, 2)")
    with pytest.raises(TypeError):
        functions.round("progress", 8)  # type: ignore[call-arg]


def test_words() -> None:
    lr = parse("warmup(100, ease=2) then cosine").bind(1000)
    assert "warms up from 0 to 1, its progress to the power of 2" in str(lr.explain())
    assert "at x = (50/100)^2.0" in str(lr.why(50))
