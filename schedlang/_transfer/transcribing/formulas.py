"""Curves as formulas, and as the primitives that are no ramps."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy

from .curves import (
    Backwards,
    Exponential,
    ExponentialOfPower,
    Gaussian,
    Hyperbola,
    Logistic,
    OffsetExponential,
    Parabola,
    Power,
    Root,
    Wave,
)
from .fitting import Curve
from .forms import Form, Window, written
from .numbers import Writer, decimal
from .task import Work

if TYPE_CHECKING:
    from .task import Floats

_PERIODS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)


def formulas(curve: Curve, window: Window, writer: Writer, work: Work) -> list[str]:
    """The texts of a curve in a window, whose `step` is 0 at the first of its steps."""
    found = []
    for form in _forms(curve, window, writer):
        texts = written(form, window, writer, work)
        if texts is not None:
            found.append(form.write(texts[1]))
    return found


def minus(text: str) -> tuple[str, str]:
    """A number's sign, as it stands between two terms, and the number without it."""
    return ("-", text[1:]) if text.startswith("-") else ("+", text)


def negative(text: str) -> str:
    """A number with the other sign."""
    return text if text == "0" else text[1:] if text.startswith("-") else f"-{text}"


def plus(offset: str, rest: str) -> str:
    """A sum, of which nothing is left if the offset is 0."""
    if offset == "0":
        return rest
    if rest.startswith("-"):
        return f"{offset} - {rest[1:]}"
    return f"{offset} + {rest}"


def atom(text: str) -> str:
    """A number as a factor or divisor."""
    return f"({text})" if " " in text or text.startswith("-") else text


def times(size: str, rest: str) -> str:
    """A product; a size of 1 says nothing."""
    if size == "1":
        return rest
    if size == "-1":
        return f"-{rest}"
    return f"{size} * {rest}"


def angle(times_pi: str, of: str) -> str:
    """`pi` times a number times something.

    >>> angle("1", "progress"), angle("2.5", "progress"), angle("20 / pi", "progress")
    ('pi * progress', '2.5 * pi * progress', '20 * progress')
    """
    return times(times_pi[: -len(" / pi")], of) if times_pi.endswith(" / pi") else times(times_pi, f"pi * {of}")


def turning(of: str, half: str) -> str:
    """`pi` times something divided by how many steps half a wave lasts.

    >>> turning("step", "100"), turning("step", "25 * pi")
    ('pi * step / 100', 'step / 25')
    """
    return f"{of} / {half[: -len(' * pi')]}" if half.endswith(" * pi") else f"pi * {of} / {atom(half)}"


def since(before: str) -> str:
    """`step` plus a number, in parentheses, or bare if that is 0."""
    if before == "0":
        return "step"
    sign, number = minus(before)
    return f"(step {sign} {number})"


def _forms(curve: Curve, window: Window, writer: Writer) -> Iterator[Form]:
    origin = float(math.ceil(window.start))  # where its `step` is 0; what is known may begin later
    shift = origin - curve.origin  # of the formula's `step` to the curve's
    match curve:
        case Exponential(numbers=(size, rate)):
            yield from _decays(size * math.exp(rate * shift), rate, 0.0, origin, window, writer)
        case OffsetExponential(numbers=(offset, size, rate)):
            yield from _decays(size * math.exp(rate * shift), rate, offset, origin, window, writer)
        case Root(numbers=(size, before)):
            yield from _roots(size, before + shift, origin)
        case Hyperbola(numbers=(offset, size, before)):
            yield from _hyperbolas(offset, size, before + shift, origin)
        case Power(numbers=(offset, size, before, exponent)):
            yield from _powers(offset, size, before + shift, exponent, origin)
        case Backwards(numbers=(offset, size, end, exponent)):
            yield _form(
                (end - shift, exponent, offset, size),
                origin,
                lambda n, k: n[2] + n[3] * numpy.maximum(n[0] - k, 0) ** n[1],
                lambda t: plus(t[2], times(t[3], f"({t[0]} - step) ** {atom(t[1])}")),
            )
        case Parabola(numbers=(value, slope, bend)):
            vertex = -slope / (2 * bend)
            yield _form(
                (-(vertex - shift), value + slope * vertex / 2, bend),
                origin,
                lambda n, k: n[1] + n[2] * (k + n[0]) ** 2,
                lambda t: plus(t[1], times(t[2], f"{since(t[0])} ** 2")),
            )
        case Logistic(numbers=(offset, size, middle, width)):
            yield from _logistics(offset, size, middle - shift, width, origin)
        case Gaussian(numbers=(value, slope, bend)):
            yield from _gaussians(value, slope, bend, shift, window, origin)
        case ExponentialOfPower(numbers=(offset, size, before, exponent)):
            yield from _exponentials(offset, size, before + shift, exponent, origin)
        case Wave():
            yield from _waves(curve, window, origin)


def _form(
    numbers: tuple[float, ...],
    origin: float,
    value: Callable[[Sequence[float], Floats], Floats],
    write: Callable[[Sequence[str]], str],
    based: tuple[bool, ...] = (),
) -> Form:
    return Form(numbers, lambda n, steps: value(n, steps - origin), write, based, again=True)


def _decays(size: float, rate: float, offset: float, origin: float, window: Window, writer: Writer) -> Iterator[Form]:
    length = float(window.stop - window.start)
    epoch = [1 / float(rate) for unit, rate in writer.rates.items() if unit == "ep"]
    periods = [period for period in (*epoch, *_PERIODS, length, writer.task.total_steps) if abs(rate * period) < 12]
    ways = []
    for period in dict.fromkeys(periods):
        factor = math.exp(rate * period)
        many = next(
            (many for many in range(1, 13) if abs(decimal(factor, many)[0] / factor - 1) < 1e-13 * max(period, 100)), 13
        )
        ways.append((many + (0 if period == 1 else 2), period))
    if not offset:
        yield _form(
            (math.exp(rate), size),
            origin,
            lambda n, k: n[1] * numpy.maximum(n[0], 1e-300) ** k,
            lambda t: times(t[1], f"{atom(t[0])} ** step"),
            (False, True),
        )
    for _, period in sorted(ways)[:2]:
        yield _decay(size, rate, offset, origin, period, writer)


def _decay(size: float, rate: float, offset: float, origin: float, period: float, writer: Writer) -> Form:
    from fractions import Fraction

    span = "" if period == 1 else f", every={writer.time(Fraction(period).limit_denominator(1000))}"
    numbers: tuple[float, ...] = (math.exp(rate * period), size)
    if offset:
        return Form(
            (*numbers, offset),
            lambda n, steps: n[2] + n[1] * numpy.maximum(n[0], 1e-300) ** ((steps - origin) / period),
            lambda t: plus(t[2], f"exponential_decay({t[0]}{span}, start={t[1]})"),
            (False, True, True),
            again=True,
        )
    return Form(
        numbers,
        lambda n, steps: n[1] * numpy.maximum(n[0], 1e-300) ** ((steps - origin) / period),
        lambda t: f"exponential_decay({t[0]}{span}, start={t[1]})",
        (False, True),
        again=True,
    )


def _roots(size: float, before: float, origin: float) -> Iterator[Form]:
    if before > 0:
        yield _form(
            (before, size / math.sqrt(before)),
            origin,
            lambda n, k: n[1] * numpy.sqrt(n[0] / (n[0] + k)),
            lambda t: f"inv_sqrt({t[0]}, start={t[1]})",
            (False, True),
        )
    yield _form(
        (before, size),
        origin,
        lambda n, k: n[1] * (n[0] + k) ** -0.5,
        lambda t: times(t[1], f"{since(t[0])} ** -0.5"),
    )
    yield _form(
        (before, size / math.sqrt(abs(before) or 1)),
        origin,
        lambda n, k: n[1] / numpy.sqrt(1 + k / n[0]),
        lambda t: f"{t[1]} / sqrt(1 + step / {atom(t[0])})",
        (False, True),
    )


def _hyperbolas(offset: float, size: float, before: float, origin: float) -> Iterator[Form]:
    def write(texts: Sequence[str]) -> str:
        before, offset, size = texts
        sign, number = minus(before)
        if sign == "-":  # A / (step - t) is -A / (t - step)
            size = size[1:] if size.startswith("-") else f"-{size}"
            return plus(offset, f"{size} / ({number} - step)")
        return plus(offset, f"{size} / {since(before)}")

    yield _form((before, offset, size), origin, lambda n, k: n[1] + n[2] / (n[0] + k), write)
    if before > 0:
        yield _form(
            (before, offset, size / before),
            origin,
            lambda n, k: n[1] + n[2] / (1 + k / n[0]),
            lambda t: plus(t[1], f"{t[2]} / (1 + step / {atom(t[0])})"),
            (False, True, True),
        )


def _powers(offset: float, size: float, before: float, exponent: float, origin: float) -> Iterator[Form]:
    yield _form(
        (before, exponent, offset, size),
        origin,
        lambda n, k: n[2] + n[3] * numpy.maximum(n[0] + k, 0) ** n[1],
        lambda t: plus(t[2], times(t[3], f"{since(t[0])} ** {t[1]}")),
    )
    if before > 0:
        yield _form(
            (before, exponent, offset, size * before**exponent),
            origin,
            lambda n, k: n[2] + n[3] * numpy.maximum(1 + k / n[0], 0) ** n[1],
            lambda t: plus(t[2], times(t[3], f"(1 + step / {atom(t[0])}) ** {t[1]}")),
            (False, False, True, True),
        )


def _logistics(offset: float, size: float, middle: float, width: float, origin: float) -> Iterator[Form]:
    def arm(middle: str, width: str) -> str:
        sign, number = minus(width)
        inner = since(negative(middle))
        if sign == "-":
            return f"exp({inner} / {number})"
        if middle == "0":
            return f"exp(-step / {number})"
        return f"exp(({middle} - step) / {number})"

    yield _form(
        (middle, width, offset, size),
        origin,
        lambda n, k: n[2] + n[3] / (1 + numpy.exp((n[0] - k) / n[1])),
        lambda t: plus(t[2], f"{t[3]} / (1 + {arm(t[0], t[1])})"),
    )
    if abs(middle / width) < 300:
        yield _form(
            (width, math.exp(middle / width), offset, size),
            origin,
            lambda n, k: n[2] + n[3] / (1 + n[1] * numpy.exp(-k / n[0])),
            lambda t: plus(t[2], f"{t[3]} / (1 + {times(t[1], arm('0', t[0]))})"),
        )
    yield _form(
        (2 * width, middle, offset + size / 2, size / 2),
        origin,
        lambda n, k: n[2] + n[3] * numpy.tanh((k - n[1]) / n[0]),
        lambda t: plus(t[2], times(t[3], f"tanh({since(negative(t[1]))} / {atom(t[0])})")),
    )


def _gaussians(value: float, slope: float, bend: float, shift: float, window: Window, origin: float) -> Iterator[Form]:
    middle = -slope / (2 * bend)
    peak = math.exp(value + slope * middle / 2)
    yield _form(
        (-(middle - shift), peak, bend),
        origin,
        lambda n, k: n[1] * numpy.exp(n[2] * (k + n[0]) ** 2),
        lambda t: times(t[1], f"exp({times(t[2], since(t[0]) + ' ** 2')})"),
    )
    length = float(window.stop - window.start)
    yield _form(
        (bend * length**2, -(middle - shift) / length, peak),
        origin,
        lambda n, k: n[2] * numpy.exp(n[0] * (k / length + n[1]) ** 2),
        lambda t: times(t[2], f"exp({times(t[0], _of_progress(t[1]) + ' ** 2')})"),
    )


def _of_progress(shift: str) -> str:
    if shift == "0":
        return "progress"
    sign, number = minus(shift)
    return f"({number} - progress)" if sign == "-" else f"(progress + {number})"


def _exponentials(offset: float, size: float, before: float, exponent: float, origin: float) -> Iterator[Form]:
    def arm(size: str, before: str, exponent: str) -> str:
        if exponent == "-1":
            return f"{size} / {since(before)}"
        return times(size, f"{since(before)} ** {exponent}")

    yield _form(
        (before, exponent, math.exp(offset), size),
        origin,
        lambda n, k: n[2] * numpy.exp(n[3] * numpy.maximum(n[0] + k, 0) ** n[1]),
        lambda t: times(t[2], f"exp({arm(t[3], t[0], t[1])})"),
    )
    yield _form(
        (before, exponent, math.exp(offset), -size / math.log(2)),
        origin,
        lambda n, k: n[2] * 0.5 ** (n[3] * numpy.maximum(n[0] + k, 0) ** n[1]),
        lambda t: times(t[2], f"0.5 ** ({arm(t[3], t[0], t[1])})"),
    )


def _waves(curve: Wave, window: Window, origin: float) -> Iterator[Form]:
    middle, half = curve.numbers[0], curve.half
    top = curve.peak(origin)
    size = float(curve.at(numpy.array([top]))[0]) - middle
    length = float(window.stop - window.start)
    if abs(origin - top) < 1e-3:
        yield _form(
            (half, middle, size),
            origin,
            lambda n, k: n[1] + n[2] * numpy.cos(math.pi * k / n[0]),
            lambda t: plus(t[1], times(t[2], f"cos({turning('step', t[0])})")),
            (False, True, True),
        )
        yield _form(
            (length / half, middle, size),
            origin,
            lambda n, k: n[1] + n[2] * numpy.cos(math.pi * n[0] * k / length),
            lambda t: plus(t[1], times(t[2], f"cos({angle(t[0], 'progress')})")),
            (False, True, True),
        )
        return
    crossing = top + half / 2
    yield _form(
        (half, origin - top, middle, size),
        origin,
        lambda n, k: n[2] + n[3] * numpy.cos(math.pi * (k + n[1]) / n[0]),
        lambda t: plus(t[2], times(t[3], f"cos({turning(since(t[1]), t[0])})")),
        (False, False, True, True),
    )
    if abs(crossing - origin) < 1e-3 or abs(crossing - half - origin) < 1e-3:
        sign = -1.0 if abs(crossing - origin) < 1e-3 else 1.0
        yield _form(
            (half, middle, sign * size),
            origin,
            lambda n, k: n[1] + n[2] * numpy.sin(math.pi * k / n[0]),
            lambda t: plus(t[1], times(t[2], f"sin({turning('step', t[0])})")),
            (False, True, True),
        )
        yield _form(
            (length / half, middle, sign * size),
            origin,
            lambda n, k: n[1] + n[2] * numpy.sin(math.pi * n[0] * k / length),
            lambda t: plus(t[1], times(t[2], f"sin({angle(t[0], 'progress')})")),
            (False, True, True),
        )
