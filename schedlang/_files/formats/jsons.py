"""JSON: where each value of a file stands that Python's parser has taken."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from ..._text.source import Span
from .located import UNKNOWN, Branch, Decoded, Leaf, Style, Tree

_BLANKS: Final = re.compile(r"[ \t\r\n]*")
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ATOM: Final = re.compile(r"[^\s,\]}]+")
_PIECE: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)


def read(text: str) -> list[Tree]:
    """The one document of a file that is JSON.

    Raises:
        ValueError: it isn't JSON.
        RecursionError: it is nested too deeply.
    """
    json.loads(text)
    return [_Scanner(text).value()]


class _Scanner:
    """Reads values one behind the other."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0

    def value(self) -> Tree:
        """The next value."""
        start = self._skip()
        match self._text[start]:
            case "{":
                return self._branch("}", start)
            case "[":
                return self._branch("]", start)
            case '"':
                return self._string()
            case _:
                found = _ATOM.match(self._text, start)
                assert found is not None
                self._position = found.end()
                return Leaf(_constructed(found[0]), Span(*found.span()))

    def _skip(self) -> int:
        found = _BLANKS.match(self._text, self._position)
        assert found is not None
        self._position = found.end()
        return self._position

    def _string(self) -> Leaf:
        found = _STRING.match(self._text, self._skip())
        assert found is not None
        self._position = found.end()
        span = Span(*found.span())
        value = json.loads(found[0])
        decoded = Decoded.of(_characters(self._text, span))
        return Leaf(value, span, Style.JSON, decoded.pieces if decoded.text == value else None)

    def _branch(self, closing: str, start: int) -> Branch:
        entries: list[tuple[str, Span, Tree]] = []
        self._position += 1
        while self._text[self._skip()] != closing:
            if self._text[self._position] == ",":
                self._position += 1
            elif closing == "}":
                key = self._string()
                self._skip()
                self._position += 1  # the colon
                entries.append((key.value, key.span, self.value()))
            else:
                here = self._skip()
                found = self.value()
                entries.append((str(len(entries)), Span(here, self._position), found))
        self._position += 1
        return Branch(tuple(entries), Span(start, self._position), mapping=closing == "}")


def _constructed(literal: str) -> Any:
    try:
        return json.loads(literal)
    except ValueError:
        return UNKNOWN


def _characters(text: str, span: Span) -> Iterator[tuple[str, int, int]]:
    for found in _PIECE.finditer(text, span.start + 1, span.end - 1):
        yield json.loads(f'"{found[0]}"') if found[0].startswith("\\") else found[0], found.start(), found.end()


def encode(text: str, leaf: Leaf) -> str:
    """A piece of a string as it is written inside of the quotes."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def scalar(text: str, leaf: Leaf, newline: str, source: str) -> str:
    """A whole string."""
    return json.dumps(text, ensure_ascii=False)
