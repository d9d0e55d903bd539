"""Which fixes are certain: those that may be applied without asking.

A fix that leads to a text that parses is a guess as long as another text could have been meant. It is certain if it
only spells the same thing right: every number, unit, sign and operator stays, no word comes or goes, and what changes
is the spelling of words, a symbol that means but one thing here, or a bracket that was never closed.
"""

from __future__ import annotations

import re
from typing import Final

_TOKEN: Final = re.compile(r"\.?\d(?:[eE][+-](?=\d)|[\w.])*%?|[^\W\d]\w*|\*\*|\S")
_WORD: Final = re.compile(r"[^\W\d]\w*")
_SHORTEST: Final = 3  # letters of a word that can be taken for another
_SYMBOLS: Final = {"^": "**", "{": "(", "}": ")", "->": " then ", "=>": " then "}
_SYMBOL: Final = re.compile("|".join(map(re.escape, sorted(_SYMBOLS, key=len, reverse=True))))


def certain(before: str, after: str) -> bool:
    """Whether a text is another one, spelt right.

    >>> certain("cosin(1, 0", "cosine(1, 0)"), certain("linear(1, 0) -> hold", "linear(1, 0) then hold")
    (True, True)
    >>> certain("+3e-4", "-3e-4"), certain("5m tok", "5 tok"), certain("warmup(9) cosine", "warmup(9) then cosine")
    (False, False, False)
    """
    written = _TOKEN.findall(_SYMBOL.sub(lambda symbol: _SYMBOLS[symbol[0]], before))
    meant = _TOKEN.findall(after)
    if len(meant) < 2:
        return False  # a word alone may be another system's
    place = 0
    for token in meant:
        ours = written[place] if place < len(written) else ""
        if token == ours or (_WORD.match(token) and _WORD.match(ours) and len(ours) >= _SHORTEST):
            place += 1
        elif token not in (")", "]"):
            return False
    return place == len(written)
