"""Lark's parser of the grammar: made once, then loaded from the user's cache, and what else is asked of it.

No other module knows Lark. It is imported when the first text is parsed. Making its tables takes longer than importing
it, loading them 3 ms: so Lark saves the parser (`Lark.save`) under a name that stands for all that it depends on.
"""

from __future__ import annotations

import functools
import hashlib
import io
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from . import cache
from .grammar import grammar_text

if TYPE_CHECKING:
    from lark import Lark

END: Final = "$END"
"""The kind of the word behind the last."""

_OPTIONS: Final = {"parser": "lalr", "lexer": "basic", "maybe_placeholders": True}
# The contextual lexer would take a reserved word for a name where only a name may stand.


class Word(NamedTuple):
    """A piece of a text between blanks, by the kind of its token; "" is the kind of a character that is no token."""

    kind: str
    start: int
    end: int


def made_parser(grammar: str, builder: type | None = None) -> Lark:
    """Lark's parser of a grammar. The methods of `builder` make something of the rules while it parses; else trees."""
    import lark

    return lark.Lark(grammar, transformer=None if builder is None else builder(), **_OPTIONS)


def loaded_parser(grammar: str, builder: type | None = None) -> Lark:
    """The same from the user's cache, into which it is put if it isn't there."""
    import lark

    built = "" if builder is None else f"{builder.__module__}.{builder.__qualname__}()"
    parts = (grammar, str(_OPTIONS), built, lark.__version__, sys.version)
    name = f"{hashlib.sha256(repr(parts).encode()).hexdigest()}.lark"
    saved = cache.read(name)
    if saved is not None:
        try:
            return lark.Lark.load(io.BytesIO(saved))
        except Exception:  # whatever an unpickled file may raise: it is written anew
            pass
    parser = made_parser(grammar, builder)
    kept = io.BytesIO()
    parser.save(kept)  # the builder goes along, by its class's name
    cache.write(name, kept.getvalue())
    return parser


@functools.cache
def recognizer() -> Lark:
    """The parser for those who ask what may follow, and read no trees: copies of it must not share what is built."""
    return loaded_parser(grammar_text())


def words(text: str, start: int = 0) -> Iterator[Word]:
    """The words of a text from an offset on, without blanks and comments."""
    import lark

    while True:
        try:
            for token in tokens(text[start:]):
                yield Word(token.type, start + token.start_pos, start + token.end_pos)
            return
        except lark.UnexpectedCharacters as error:
            start += (error.pos_in_stream or 0) + 1
            yield Word("", start - 1, start)


def tokens(text: str) -> Iterator[Any]:
    """Lark's tokens of a text. `Lark.lex` would make its lexer anew each time, which takes as long as a short text."""
    lexer: Any = recognizer().parse_interactive(text).lexer_thread
    found: Iterator[Any] = lexer.lex(None)
    return found


class Progress:
    """Lark's interactive parser somewhere in a text: some words may follow what it has read, and others not."""

    def __init__(self, parser: Any = None) -> None:
        self._parser: Any = recognizer().parse_interactive() if parser is None else parser

    def copy(self) -> Progress:
        """Another one at the same place."""
        return Progress(self._parser.copy(deepcopy_values=False))

    def read(self, kind: str) -> bool:
        """Read one more word of a kind; False if it may not stand here, and then nothing can follow any more.

        When `END` may stand here, the text is complete.
        """
        import lark

        try:
            self._parser.feed_token(lark.Token(kind, ""))
        except lark.UnexpectedToken:
            return False
        return True

    def accepts(self) -> set[str]:
        """The kinds of words that may stand here."""
        kinds: set[str] = self._parser.accepts()
        return kinds
