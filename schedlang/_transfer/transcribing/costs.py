"""How natural a text is: what it costs to write, and to read."""

from __future__ import annotations

import re
from typing import Final

_TOKENS: Final = re.compile(r"(?P<number>\d[\d_]*\.?\d*(?:e-?\d+)?)|(?P<word>[a-z_]+)|(?P<sign>[^\s\w])", re.IGNORECASE)

_SHORT: Final = 5
"""So many digits has a short number at most."""

_UNITS: Final = {"ep", "tok", "samples", "k", "M", "B", "T"}

_WORDS: Final = {
    "inclusive": 1.0,
    "exact": 0.5,
    "both": 0.5,
    "left": 0.5,
    "right": 0.5,
    "neither": 0.5,
    "base": 2.5,
    "hold": 2.0,
    "step": 5.0,
}


def natural(text: str) -> bool:
    """Whether all numbers of a text are short, so that they aren't there by chance.

    >>> natural("warmup(800000, end=1e-3)"), natural("1.00001e-6 for 3")
    (True, False)
    """
    return all(digits(found["number"]) <= _SHORT for found in _TOKENS.finditer(text) if found["number"])


def digits(number: str) -> int:
    """How many digits of a number say something.

    >>> [digits(number) for number in ("0.0003", "3e-4", "12500", "0")]
    [1, 1, 3, 1]
    """
    return len(number.partition("e")[0].replace(".", "").replace("_", "").strip("0")) or 1


def numbers(text: str) -> int:
    """How many numbers a text has.

    >>> numbers("warmup(5%, end=1e-3) then cosine")
    2
    """
    return sum(found["number"] is not None for found in _TOKENS.finditer(text))


def cost(text: str) -> float:
    """What a text costs: so much for a word, a sign and a number, and more for each digit beyond the fourth.

    >>> cost("warmup(20, inclusive=neither)") < cost("linear(2.857143e-5, 6e-4) for 20")
    True
    >>> cost("linear(0, 1, inclusive=right)") < cost("linear(0.01, 1.01)")
    True
    """
    total = 0.0
    for found in _TOKENS.finditer(text):
        token = found[0]
        if found["number"]:
            many = digits(token)
            total += 2 + 1.5 * many + 3 * max(0, many - 4)
        elif found["word"]:
            total += 0.5 if token in _UNITS else _WORDS.get(token, 3.0)
        else:
            total += 1.5 if token == "/" else 1.0 if token in "+-*" else 0.5
    return total
