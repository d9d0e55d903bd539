"""The words of a text by what they are, for whoever paints them: right texts, wrong ones, and half a text.

The words are the grammar's own, and what a name means is looked up where the language does, so a new primitive is known
here as soon as it is declared.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from .._text import lark_parser
from .._text.run import UNITS
from .._text.source import Span
from .nodes import PRIMITIVES
from .nodes.scalars import VARIABLES
from .operations import FUNCTIONS


class WordKind(enum.Enum):
    """What a piece of a text is."""

    KEYWORD = "keyword"
    PRIMITIVE = "primitive"
    FUNCTION = "function"
    VARIABLE = "variable"
    UNIT = "unit"
    NUMBER = "number"
    LABEL = "label"  # the name of an argument or of a definition, in front of `=`
    NAME = "name"
    OPERATOR = "operator"
    PUNCTUATION = "punctuation"
    COMMENT = "comment"
    BLANK = "blank"
    ERROR = "error"


class Piece(NamedTuple):
    """A word, a comment, or the blanks between them."""

    kind: WordKind
    span: Span


_GAP: Final = re.compile(r"#[^\n]*|[^#]+")
_PUNCTUATION: Final = frozenset("()[],")


def pieces(text: str) -> Iterator[Piece]:
    """All of a text, piece by piece.

    >>> text = "warmup(5%) then x  # slowly"
    >>> print(*(f"{each.kind.value}:{text[slice(*each.span)]}" for each in pieces(text) if each.kind.value != "blank"))
    primitive:warmup punctuation:( number:5 unit:% punctuation:) keyword:then name:x comment:# slowly
    """
    words = list(lark_parser.words(text))
    end = 0
    for index, word in enumerate(words):
        yield from _gap(text, end, word.start)
        before = words[index - 1].kind if index else ""
        behind = text[words[index + 1].start] if index + 1 < len(words) else ""
        yield Piece(_kind(word.kind, text[word.start : word.end], before, behind), Span(word.start, word.end))
        end = word.end
    yield from _gap(text, end, len(text))


def _gap(text: str, start: int, end: int) -> Iterator[Piece]:
    """What stands between two words."""
    for found in _GAP.finditer(text, start, end):
        yield Piece(WordKind.COMMENT if found[0].startswith("#") else WordKind.BLANK, Span(*found.span()))


def _kind(token: str, word: str, before: str, behind: str) -> WordKind:
    """What a word is; `before` is the token in front of it, `behind` the character that the next word begins with."""
    if token in ("", "NUMBER"):
        return WordKind.NUMBER if token else WordKind.ERROR
    if not (word[0].isalpha() or word[0] == "_"):
        return WordKind.UNIT if word in UNITS else WordKind.PUNCTUATION if word in _PUNCTUATION else WordKind.OPERATOR
    if behind == "=":
        return WordKind.LABEL
    if token != "NAME":
        return WordKind.KEYWORD
    if before == "NUMBER" and word in UNITS:
        return WordKind.UNIT
    if word in PRIMITIVES:
        return WordKind.PRIMITIVE
    if word in FUNCTIONS and behind == "(":
        return WordKind.FUNCTION
    return WordKind.VARIABLE if word in VARIABLES else WordKind.NAME
