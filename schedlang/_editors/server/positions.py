"""Lines and columns as editors count them: from 0, lines as the protocol ends them, columns in units of an encoding."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

_BREAK: Final = re.compile(r"\r\n|\r|\n")
_BYTES: Final = {"utf-8": 1, "utf-16": 2, "utf-32": 4}


class Change(NamedTuple):
    """What a piece of a text becomes: from one line and column to another; without them all of it."""

    start: tuple[int, int] | None
    end: tuple[int, int] | None
    text: str


class Lines:
    """The lines of a text.

    >>> lines = Lines("🙂: a\\nlr: b")
    >>> lines.position(3), lines.offset(0, 4), lines.position(9)
    ((0, 4), 3, (1, 4))
    """

    def __init__(self, text: str, encoding: str = "utf-16") -> None:
        self._text = text
        self._encoding = f"{encoding}-le" if encoding != "utf-8" else encoding
        self._unit = _BYTES[encoding]
        breaks = list(_BREAK.finditer(text))
        self._starts = [0, *(line_break.end() for line_break in breaks)]
        self._ends = [*(line_break.start() for line_break in breaks), len(text)]

    def _units(self, start: int, end: int) -> int:
        return len(self._text[start:end].encode(self._encoding, "surrogatepass")) // self._unit

    def position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset) - 1
        return line, self._units(self._starts[line], min(offset, self._ends[line]))

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column; what is past the end of the line or of the text is that end."""
        if line >= len(self._starts):
            return len(self._text)
        start, end = self._starts[max(line, 0)], self._ends[max(line, 0)]
        if self._units(start, end) <= column:
            return end
        units = 0
        for offset in range(start, end):
            if units >= column:
                return offset
            units += self._units(offset, offset + 1)
        return end

    def line_until(self, offset: int) -> str:
        return self._text[self._starts[bisect_right(self._starts, offset) - 1] : offset]


def changed(text: str, changes: Sequence[Change], encoding: str = "utf-16") -> str:
    """A text after changes, each of what the one before it has left.

    >>> changed("lr: cosin", [Change((0, 9), (0, 9), "e")])
    'lr: cosine'
    """
    for change in changes:
        if change.start is None or change.end is None:
            text = change.text
            continue
        lines = Lines(text, encoding)
        text = text[: lines.offset(*change.start)] + change.text + text[lines.offset(*change.end) :]
    return text
