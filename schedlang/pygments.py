"""Schedules in colour wherever Pygments paints: Sphinx, MkDocs, Jupyter Book, a terminal.

>>> from pygments import highlight
>>> from pygments.formatters import RawTokenFormatter
>>> print(highlight("warmup(5%)", ScheduleLexer(), RawTokenFormatter()).decode().replace("\\t", " "), end="")
Token.Name.Builtin 'warmup'
Token.Punctuation '('
Token.Literal.Number '5'
Token.Keyword.Type '%'
Token.Punctuation ')'
Token.Text.Whitespace '\\n'
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from pygments.lexer import Lexer
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, Punctuation, Whitespace

from ._language.highlight import WordKind, pieces

TOKENS: Final[dict[WordKind, Any]] = {
    WordKind.KEYWORD: Keyword,
    WordKind.PRIMITIVE: Name.Builtin,
    WordKind.FUNCTION: Name.Function,
    WordKind.VARIABLE: Name.Builtin.Pseudo,
    WordKind.UNIT: Keyword.Type,
    WordKind.NUMBER: Number,
    WordKind.LABEL: Name.Attribute,
    WordKind.NAME: Name,
    WordKind.OPERATOR: Operator,
    WordKind.PUNCTUATION: Punctuation,
    WordKind.COMMENT: Comment.Single,
    WordKind.BLANK: Whitespace,
    WordKind.ERROR: Error,
}
"""What Pygments calls the kinds of words."""


class ScheduleLexer(Lexer):  # type: ignore[misc,unused-ignore]  # Pygments comes with types or without
    """The lexer `schedlang`."""

    name = "schedlang"
    aliases: ClassVar[list[str]] = ["schedlang", "schedule"]
    filenames: ClassVar[list[str]] = ["*.sched"]
    mimetypes: ClassVar[list[str]] = ["text/x-schedlang"]
    version_added = ""

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, Any, str]]:
        """Each piece of a text with where it starts and what it is."""
        for piece in pieces(text):
            yield piece.span.start, TOKENS[piece.kind], text[piece.span.start : piece.span.end]
