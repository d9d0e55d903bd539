"""Numbers as texts: as the language writes them, as Python and the language both read them, and shortened for prose."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from .source import Span

MAGNITUDES: Final = {"k": 3, "M": 6, "B": 9, "T": 12}
"""The letters behind a number, and the powers of ten they stand for."""

_ZEROS: Final = re.compile(r"0_?[0-9]|0[eE][+-]?0*[1-9]")


def begins_with_zeros(number: str) -> bool:
    """Whether a number's text is one that nobody means: a 0 before a digit, or a bare 0 with an exponent other than 0.

    >>> [begins_with_zeros(number) for number in ("000", "05", "00.5", "0_1", "0e-4", "0", "0.5", "0e+00", "0.0e-4")]
    [True, True, True, True, True, False, False, False, False]
    """
    return _ZEROS.match(number) is not None


class Grouped(NamedTuple):
    """A number with commas in it, which are no part of a number here: where it stands, and how it is written."""

    span: Span
    written: str


_THOUSANDS: Final = r"[1-9][0-9]{0,2}(?:(?:, ?000){1,5}|(?:,[0-9]{2,3}){0,5},[0-9]{3})(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?"
_COMMA_AS_POINT: Final = r"[0-9]+,0(?:[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)"
_COMMA: Final = re.compile(", ?")
_GROUPED: Final = re.compile(
    rf"(?<![\w.])(?<![0-9.][eE][+-])(?:(?P<thousands>{_THOUSANDS})|{_COMMA_AS_POINT})(?![0-9_])"
)


def grouped(text: str) -> dict[int, Grouped]:
    """The numbers of a text as people group them, `2,000` and `0,05`, by the offset of each of their pieces.

    Those of which no piece begins with zeros may be several numbers: `1,500`.

    >>> [each.written for each in grouped("f(2,000) + g(1,500, 0,05, 3,0e-4, 1e-4,05) + h(1,000,000)").values()]
    ['2000', '2000', '0.05', '0.05', '3.0e-4', '3.0e-4', '1000000', '1000000', '1000000']
    """
    found = {}
    for match in _GROUPED.finditer(text):
        starts = [match.start(), *(comma.end() for comma in _COMMA.finditer(text, *match.span()))]
        if any(_ZEROS.match(text, start) for start in starts[1:]):
            written = _COMMA.sub("" if match["thousands"] else ".", match[0])
            found.update(dict.fromkeys(starts, Grouped(Span(*match.span()), written)))
    return found


def why_grouped(text: str, written: str) -> tuple[str, str, str]:
    """The error for such a number: its code, what is wrong, and what to write."""
    return "E110", f"`{text}` is not one number: a comma stands between two", f"write `{written}`"


def why_zeros(number: str) -> tuple[str, str, str]:
    """The error for a number that begins with zeros: its code, what is wrong, and what to write.

    >>> why_zeros("05"), why_zeros("00.5")[2], why_zeros("000")[2]
    (('E110', '`05` begins with a 0 before another digit', 'write `5`, or `0.5`'), 'write `0.5`', 'write `0`')
    """
    if not number[1:2].isdigit() and number[1:2] != "_":
        return "E110", f"`{number}` is 0, whatever its exponent", "write `0`"
    plain = re.sub("^0[0_]*(?=[0-9])", "", number)
    point = f", or `0.{number[1:].lstrip('_')}`" if "." not in number and plain != "0" else ""
    return "E110", f"`{number}` begins with a 0 before another digit", f"write `{plain}`{point}"


def decimal_text(value: Decimal) -> str:
    """A short way to write a number: plain, with an exponent, or if it is large and whole with k, M, B or T.

    >>> [decimal_text(Decimal(text)) for text in ("0.0003", "0.010", "30000", "5E+8", "2.5e9", "-1e20", "0")]
    ['3e-4', '0.01', '30000', '500M', '2.5B', '-1e20', '0']
    """
    _, figures, power = value.as_tuple()
    assert isinstance(power, int)
    digits = "".join(map(str, figures)).lstrip("0")
    stripped = digits.rstrip("0")
    if not stripped:
        return "0"
    sign = "-" * (value < 0)
    power += len(digits) - len(stripped)
    if power >= 0 and len(stripped) + power <= 6:
        return sign + stripped + "0" * power
    if power >= 0 and len(stripped) + power <= 15:
        ways = [_positional(stripped, power)]
        ways += [_positional(stripped, power - exponent) + suffix for suffix, exponent in MAGNITUDES.items()]
    else:
        ways = [_positional(stripped, power), _scientific(stripped, power)]
    return sign + min(ways, key=len)


def _positional(digits: str, power: int) -> str:
    if power >= 0:
        return digits + "0" * power
    point = len(digits) + power
    return f"0.{'0' * -point}{digits}" if point <= 0 else f"{digits[:point]}.{digits[point:]}"


def _scientific(digits: str, power: int) -> str:
    fraction = f".{digits[1:]}" if digits[1:] else ""
    return f"{digits[0]}{fraction}e{power + len(digits) - 1}"


def literal(value: float) -> str:
    """A number as Python and the language both read it: the shortest text that is this very float.

    >>> [literal(value) for value in (0.0003, 0.5, 1.0, 500, 1e22, -1.5e-5)]
    ['3e-4', '0.5', '1.0', '500', '1e+22', '-1.5e-5']
    """
    if isinstance(value, int) or not math.isfinite(value):
        return str(value)
    text = decimal_text(Decimal(repr(value)))
    return text if ("." in text or "e-" in text) and text[-1].isdigit() else repr(value)


def shortened(value: float) -> str:
    """A value as the language writes it, in at most four digits.

    >>> shortened(0.0003), shortened(-1.23456e-5), shortened(math.inf)
    ('3e-4', '-1.235e-5', 'inf')
    """
    return decimal_text(Decimal(f"{value:.4g}")) if math.isfinite(value) else str(value)


def approximated(value: float) -> str:
    """A value in at most four digits, and `about` if that is not all of it.

    >>> approximated(0.0003), approximated(1.23456e-5), approximated(-0.5)
    ('3e-4', 'about 1.235e-5', '-0.5')
    """
    whole = math.isclose(float(f"{value:.4g}"), value, rel_tol=1e-12)
    return shortened(value) if whole else f"about {shortened(value)}"


def rounded(value: Fraction | int, digits: int = 6) -> str:
    """A rational in so many digits, also one that no float holds.

    >>> rounded(Fraction(20, 3)), rounded(Fraction(10**400, 3))
    ('6.66667', '3.33333e+399')
    """
    try:
        return f"{float(value):.{digits}g}"
    except OverflowError:
        return f"{Decimal(value.numerator) / Decimal(value.denominator):.{digits - 1}e}"


def exactly(amount: Fraction | int) -> str:
    """A whole amount in full, another one in ten digits."""
    return str(int(amount)) if amount == int(amount) else rounded(amount, 10)


def nearly(amount: Fraction | int) -> str:
    """An amount in four digits; if it is an int, such as a step of the run, in full."""
    return str(amount) if isinstance(amount, int) else rounded(amount, 4)


def counted(amount: Fraction | int, unit: str = "step", written: Callable[[Fraction | int], str] = exactly) -> str:
    """So many steps, or of whatever else.

    >>> counted(1), counted(Fraction(20, 3)), counted(Fraction(20, 3), written=nearly), counted(3, "phase")
    ('1 step', '6.666666667 steps', '6.667 steps', '3 phases')
    """
    return f"{written(amount)} {unit}{'' if amount == 1 else 's'}"


def period(steps: Fraction | int) -> str:
    """How often something is that is every so many steps: `every step`, `every 300 steps`."""
    return f"every {'step' if steps == 1 else counted(steps)}"


def as_plain_number(value: Fraction | int) -> int | float:
    """An exact number as one that prints well; to a large one its fraction makes no difference."""
    return float(value) if value.denominator != 1 and abs(value.numerator) < 2**53 * value.denominator else round(value)
