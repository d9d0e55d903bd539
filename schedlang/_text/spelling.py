"""Which word was meant: nearest names, by what fingers do."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Final

SOUGHT: Final = 20
"""For how many mistakes of one text other names are looked for: each is compared with all of them."""

_ROWS: Final = (("1234567890-=", 0.0), ("qwertyuiop[]", 0.5), ("asdfghjkl;'", 0.75), ("zxcvbnm,./", 1.25))
_SHIFTED: Final = dict(zip('!@#$%^&*()_+{}:"<>?', "1234567890-=[];',./", strict=True))
_KEYS: Final = {
    key: (row, column + offset) for row, (keys, offset) in enumerate(_ROWS) for column, key in enumerate(keys)
}


def neighbours(one: str, other: str) -> bool:
    """Whether two characters lie side by side on a keyboard, or on one key.

    >>> neighbours("o", "p"), neighbours("o", "0"), neighbours("(", "9"), neighbours("a", "p")
    (True, True, True, False)
    """
    first = _KEYS.get(_SHIFTED.get(one, one.lower()))
    second = _KEYS.get(_SHIFTED.get(other, other.lower()))
    if first is None or second is None:
        return False
    return abs(first[0] - second[0]) <= 1 and abs(first[1] - second[1]) <= 1


@functools.lru_cache(maxsize=8192)
def distance(word: str, other: str) -> float:
    """How many slips lead from one word to the other: a character dropped, added, replaced, or two swapped.

    What happens easily counts a little less: a neighbouring key, a character twice.

    >>> distance("cosin", "cosine"), distance("lienar", "linear"), distance("warmuo", "warmup")
    (1.0, 0.9, 0.8)
    """
    rows: list[list[float]] = [[float(column) for column in range(len(other) + 1)]]
    for row, here in enumerate(word, 1):
        line = [float(row)]
        for column, there in enumerate(other, 1):
            added = 0.8 if row > 1 and here == word[row - 2] else 1.0
            replaced = 0.0 if here == there else 0.8 if neighbours(here, there) else 1.0
            best = min(rows[row - 1][column] + added, line[-1] + 1.0, rows[row - 1][column - 1] + replaced)
            if row > 1 and column > 1 and here == other[column - 2] and word[row - 2] == there:
                best = min(best, rows[row - 2][column - 2] + 0.9)
            line.append(best)
        rows.append(line)
    return rows[-1][-1]


def near(name: str, names: Iterable[str], most: int = 3) -> list[str]:
    """Those of `names` that `name` looks like, the most alike first.

    >>> near("cosin", ["cosine", "linear", "cos"])
    ['cosine', 'cos']
    """
    name = name[:64]
    allowed = 1.0 if len(name) <= 4 else 2.0 if len(name) <= 7 else 3.0
    found = []
    for each in dict.fromkeys(names):
        if abs(len(each) - len(name)) <= allowed:
            slips = distance(name.lower(), each.lower())
            if slips <= allowed and slips < max(len(each), len(name)) - 0.5:
                found.append((slips, each[:1].lower() != name[:1].lower(), each))
    return [each for *_, each in sorted(found, key=lambda entry: entry[:2])][:most]


def misspelt(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` that `name` can only be a slip of; None if it is one itself, or might be of another.

    >>> misspelt("cosin", ["cosine", "linear"]), misspelt("Cosine", ["cosine"]), misspelt("tll", ["till", "to", "all"])
    ('cosine', 'cosine', None)
    """
    names = list(dict.fromkeys(names))
    if not 3 <= len(name) <= 40 or name in names:
        return None
    slips = sorted((distance(name.lower(), each.lower()), each) for each in names if abs(len(each) - len(name)) <= 1)
    if not slips or slips[0][0] > (1.0 if len(name) < 6 else 2.0):
        return None
    unsure = (len(slips) > 1 and slips[1][0] < slips[0][0] + 1) or too_many_digits(name, slips[0][1])
    return None if unsure else slips[0][1]


def too_many_digits(name: str, meant: str) -> bool:
    """Whether the end of a name may be the beginning of a number: `warmup5`.

    >>> too_many_digits("warmup5", "warmup"), too_many_digits("cosine3e", "cosine"), too_many_digits("star5", "start")
    (True, True, False)
    """
    return len(name) > len(meant) and name.rstrip("eE")[-1:].isdigit()


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` that `name` looks like, if any does."""
    names = list(names)
    close = near(name, names, 1)
    if close:
        return close[0]
    import difflib  # for texts with mistakes alone

    alike = difflib.get_close_matches(name, names, n=1, cutoff=0.75)
    return alike[0] if alike else None


def did_you_mean(name: str, names: Iterable[str]) -> str | None:
    """The hint that names the nearest of `names`, if there is one."""
    close = nearest(name, names)
    return None if close is None else f"did you mean `{close}`?"
