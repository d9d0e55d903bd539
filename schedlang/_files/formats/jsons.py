"""JSON: where each value of a file stands that Python's parser has taken."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from ..._text.source import Span
from .located import UNKNOWN, Branch, Characters, Leaf, ScalarStyle, Scanner, Tree, pieces_of

_BLANKS: Final = re.compile(r"[ \t\r\n]*")
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ATOM: Final = re.compile(r"[^\s,\]}]+")
_TOKEN: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)  # first the two halves of a character beyond U+FFFF, which are one


def json_trees(text: str) -> list[Tree]:
    """The one document of a file that is JSON."""
    json.loads(text)
    return [_JsonScanner(text, _BLANKS).value()]


class _JsonScanner(Scanner):
    def value(self) -> Tree:
        start = self.skip()
        match self.text[start]:
            case "{":
                entries: list[tuple[str, Span, Tree]] = []
                for _ in self.until("}"):
                    key = self._string()
                    self.skip()
                    self.position += 1  # the colon
                    entries.append((key.value, key.span, self.value()))
                return Branch(tuple(entries), Span(start, self.position))
            case "[":
                return self.sequence(start, self.value)
            case '"':
                return self._string()
            case _:
                atom = self.read(_ATOM)
                return Leaf(_loaded(atom[0]), Span(*atom.span()))

    def _string(self) -> Leaf:
        self.skip()
        literal = self.read(_STRING)
        span = Span(*literal.span())
        value = json.loads(literal[0])
        return Leaf(value, span, ScalarStyle.JSON, lambda: pieces_of(self._characters(span), value))

    def _characters(self, span: Span) -> Characters:
        for token in _TOKEN.finditer(self.text, span.start + 1, span.end - 1):
            yield _loaded(f'"{token[0]}"') if len(token[0]) > 1 else token[0], *token.span()


def _loaded(literal: str) -> Any:
    try:
        return json.loads(literal)
    except ValueError:
        return UNKNOWN


def json_piece(text: str, leaf: Leaf) -> str:
    """A piece of a string as it is written inside of the quotes."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def json_scalar(text: str, leaf: Leaf, newline: str, source: str) -> str:
    return json.dumps(text, ensure_ascii=False)
