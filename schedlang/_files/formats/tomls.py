"""TOML: where each value of a file stands that Python's parser has taken."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

import attrs

from ..._text.source import Span
from .located import UNKNOWN, Branch, Decoded, Leaf, Style, Tree

_BLANKS: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY: Final = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
_DOT: Final = re.compile(r"[ \t]*\.[ \t]*")
_ATOM: Final = re.compile(r"\d{4}-\d\d-\d\d \d[^\s,\]}#]*|[^\s,\]}#]+")
_STRINGS: Final = (
    (Style.TOML_LINES, re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}', re.DOTALL), 3),
    (Style.TOML_RAW_LINES, re.compile(r"'''(?:[^']|'(?!''))*'{3,5}", re.DOTALL), 3),
    (Style.TOML, re.compile(r'"(?:[^"\\\n]|\\.)*"'), 1),
    (Style.TOML_RAW, re.compile(r"'[^'\n]*'"), 1),
)
_ESCAPES: Final = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}
_HEXADECIMAL: Final = {"u": 4, "U": 8}
_JOIN: Final = re.compile(r"\\[ \t]*\r?\n[ \t\r\n]*")


def read(text: str) -> list[Tree]:
    """The one document of a file that is TOML.

    Raises:
        tomllib.TOMLDecodeError: it isn't TOML.
        RecursionError: it is nested too deeply.
    """
    tomllib.loads(text)
    return [_Scanner(text).document()]


@attrs.define(eq=False)
class _Table:
    """A table, or a list of tables, while it grows."""

    span: Span
    mapping: bool = True
    entries: dict[str, tuple[Span, _Table | Tree]] = attrs.field(factory=dict)

    def below(self, key: str, span: Span) -> _Table:
        """The table at a key, in a list of tables the last one; made if there is none."""
        _, found = self.entries.setdefault(key, (span, _Table(span)))
        if isinstance(found, _Table) and not found.mapping:
            found = list(found.entries.values())[-1][1]
        return found if isinstance(found, _Table) else _Table(span)

    def one_more(self, key: str, span: Span) -> _Table:
        """A new table in the list of tables at a key."""
        _, found = self.entries.setdefault(key, (span, _Table(span, mapping=False)))
        made = _Table(span)
        if isinstance(found, _Table):
            found.entries[str(len(found.entries))] = (span, made)
        return made

    def tree(self) -> Branch:
        """As a tree."""
        entries = [
            (key, span, below.tree() if isinstance(below, _Table) else below)
            for key, (span, below) in self.entries.items()
        ]
        return Branch(tuple(entries), self.span, self.mapping)


class _Scanner:
    """Reads statements one behind the other."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0

    def document(self) -> Tree:
        """The whole file."""
        whole = _Table(Span(0, 0))
        table = whole
        while self._skip() < len(self._text):
            if self._text.startswith("[", self._position):
                table = self._header(whole)
            else:
                self._pair(table)
        return whole.tree()

    def _skip(self) -> int:
        found = _BLANKS.match(self._text, self._position)
        assert found is not None
        self._position = found.end()
        return self._position

    def _header(self, whole: _Table) -> _Table:
        double = self._text.startswith("[[", self._position)
        self._position += 2 if double else 1
        self._skip()
        keys = self._keys()
        self._skip()
        self._position += 2 if double else 1
        table = whole
        for key, span in keys[:-1]:
            table = table.below(key, span)
        return table.one_more(*keys[-1]) if double else table.below(*keys[-1])

    def _pair(self, table: _Table) -> None:
        keys = self._keys()
        self._skip()
        self._position += 1  # the equals sign
        for key, span in keys[:-1]:
            table = table.below(key, span)
        key, span = keys[-1]
        table.entries[key] = (span, self._value())

    def _keys(self) -> list[tuple[str, Span]]:
        keys = []
        while True:
            found = _KEY.match(self._text, self._position)
            assert found is not None
            literal = found[0]
            quoted = literal[0] in "\"'"
            keys.append((_constructed(literal) if quoted else literal, Span(*found.span())))
            dot = _DOT.match(self._text, found.end())
            self._position = found.end() if dot is None else dot.end()
            if dot is None:
                return keys

    def _value(self) -> Tree:
        start = self._skip()
        if self._text[start] == "[":
            return self._list(start)
        if self._text[start] == "{":
            return self._inline(start)
        for style, pattern, quotes in _STRINGS:
            found = pattern.match(self._text, start)
            if found is not None:
                self._position = found.end()
                return self._string(Span(*found.span()), style, quotes)
        found = _ATOM.match(self._text, start)
        assert found is not None
        self._position = found.end()
        return Leaf(_constructed(found[0]), Span(*found.span()))

    def _string(self, span: Span, style: Style, quotes: int) -> Leaf:
        value = _constructed(self._text[span.start : span.end])
        decoded = Decoded.of(_characters(self._text, span, style, quotes))
        known = decoded.text == value
        return Leaf(value, span, style, decoded.pieces if known else None)

    def _list(self, start: int) -> Tree:
        items: list[tuple[str, Span, Tree]] = []
        self._position += 1
        while self._text[self._skip()] != "]":
            if self._text[self._position] == ",":
                self._position += 1
                continue
            here = self._position
            found = self._value()
            items.append((str(len(items)), Span(here, self._position), found))
        self._position += 1
        return Branch(tuple(items), Span(start, self._position), mapping=False)

    def _inline(self, start: int) -> Tree:
        table = _Table(Span(start, start))
        self._position += 1
        while self._text[self._skip()] != "}":
            if self._text[self._position] == ",":
                self._position += 1
            else:
                self._pair(table)
        self._position += 1
        table.span = Span(start, self._position)
        return table.tree()


def _constructed(literal: str) -> Any:
    try:
        return tomllib.loads(f"x = {literal}")["x"]
    except ValueError:
        return UNKNOWN


def _characters(text: str, span: Span, style: Style, quotes: int) -> Iterator[tuple[str, int, int]]:
    position, end = span.start + quotes, span.end - quotes
    if quotes == 3:
        position += 2 if text.startswith("\r\n", position) else text.startswith("\n", position)
    escapes = style in (Style.TOML, Style.TOML_LINES)
    while position < end:
        joined = _JOIN.match(text, position, end) if quotes == 3 and escapes else None
        if joined is not None:
            position = joined.end()
        elif escapes and text[position] == "\\":
            letter = text[position + 1]
            stop = position + 2 + _HEXADECIMAL.get(letter, 0)
            digits = text[position + 2 : stop]
            yield (chr(int(digits, 16)) if digits else _ESCAPES.get(letter, "")), position, stop
            position = stop
        elif text.startswith("\r\n", position):
            yield "\n", position, position + 2
            position += 2
        else:
            yield text[position], position, position + 1
            position += 1


def encode(text: str, leaf: Leaf) -> str | None:
    """A piece of a string as it is written inside of the quotes; None if it can't be written there."""
    if leaf.style in (Style.TOML_RAW, Style.TOML_RAW_LINES):
        lines = leaf.style is Style.TOML_RAW_LINES
        fits = all(each.isprintable() or (each == "\n" and lines) for each in text) and "'" not in text
        return text if fits else None
    return _escaped(text, lines=leaf.style is Style.TOML_LINES)


def scalar(text: str, leaf: Leaf, newline: str, source: str) -> str | None:
    """A whole string in the style of another one; None if that style can't hold the text."""
    quotes = {
        Style.TOML: '"',
        Style.TOML_RAW: "'",
        Style.TOML_LINES: '"""',
        Style.TOML_RAW_LINES: "'''",
    }.get(leaf.style)
    written = encode(text, leaf)
    if quotes is None or written is None:
        return None
    raw = source[leaf.span.start : leaf.span.end]
    first = re.match(r"...(\r?\n)", raw) if len(quotes) == 3 else None
    last = re.search(r"(\r?\n[ \t]*)...\Z", raw) if len(quotes) == 3 else None
    written = written.replace("\n", newline)
    return quotes + (first[1] if first else "") + written + (last[1] if last else "") + quotes


def _escaped(text: str, lines: bool) -> str:
    out = ""
    names = {"\n": "\n" if lines else "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
    for character in text:
        if character in names:
            out += names[character]
        elif character.isprintable():
            out += character
        else:
            code = ord(character)
            out += f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return out
