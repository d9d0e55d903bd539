"""TOML: where each value of a file stands that Python's parser has taken."""

from __future__ import annotations

import re
import tomllib
from typing import Any, Final

import attrs

from ..._text.source import Span
from .located import ESCAPED, UNKNOWN, Branch, Characters, Leaf, ScalarStyle, Scanner, Tree, escaped, pieces_of

_BLANKS: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY: Final = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
_ATOM: Final = re.compile(r"\d{4}-\d\d-\d\d \d[^\s,\]}#]*|[^\s,\]}#]+")
_STRINGS: Final = (
    (ScalarStyle.TOML_LINES, re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}', re.DOTALL), 3),
    (ScalarStyle.TOML_RAW_LINES, re.compile(r"'''(?:[^']|'(?!''))*'{3,5}", re.DOTALL), 3),
    (ScalarStyle.TOML, re.compile(r'"(?:[^"\\\n]|\\.)*"'), 1),
    (ScalarStyle.TOML_RAW, re.compile(r"'[^'\n]*'"), 1),
)
_TOKEN: Final = re.compile(r"\\[ \t]*\r?\n[ \t\r\n]*|\\u.{4}|\\U.{8}|\\.|\r\n|.", re.DOTALL)
_RAW_TOKEN: Final = re.compile(r"\r\n|.", re.DOTALL)


def toml_trees(text: str) -> list[Tree]:
    """The one document of a file that is TOML."""
    tomllib.loads(text)
    return [_TomlScanner(text, _BLANKS).document()]


@attrs.define(eq=False)
class _Table:
    """A table, or a list of tables, while it grows."""

    span: Span
    mapping: bool = True
    entries: dict[str, tuple[Span, _Table | Tree]] = attrs.field(factory=dict)

    def below(self, key: str, span: Span) -> _Table:
        """The table at a key, in a list of tables the last one; made if there is none."""
        _, entry = self.entries.setdefault(key, (span, _Table(span)))
        if isinstance(entry, _Table) and not entry.mapping:
            entry = list(entry.entries.values())[-1][1]
        return entry if isinstance(entry, _Table) else _Table(span)

    def one_more(self, key: str, span: Span) -> _Table:
        _, entry = self.entries.setdefault(key, (span, _Table(span, mapping=False)))
        made = _Table(span)
        if isinstance(entry, _Table):
            entry.entries[str(len(entry.entries))] = (span, made)
        return made

    def tree(self) -> Branch:
        entries = [
            (key, span, below.tree() if isinstance(below, _Table) else below)
            for key, (span, below) in self.entries.items()
        ]
        return Branch(tuple(entries), self.span, self.mapping)


class _TomlScanner(Scanner):
    def document(self) -> Tree:
        whole = _Table(Span(0, 0))
        table = whole
        while self.skip() < len(self.text):
            if self.text.startswith("[", self.position):
                table = self._header(whole)
            else:
                self._pair(table)
        return whole.tree()

    def _header(self, whole: _Table) -> _Table:
        brackets = 2 if self.text.startswith("[[", self.position) else 1
        self.position += brackets
        table, key, span = self._keys(whole)
        self.position += brackets
        return table.one_more(key, span) if brackets == 2 else table.below(key, span)

    def _pair(self, table: _Table) -> None:
        table, key, span = self._keys(table)
        self.position += 1  # the equals sign
        table.entries[key] = (span, self._value())

    def _keys(self, table: _Table) -> tuple[_Table, str, Span]:
        """The last of the keys that dots separate, where it stands, and the table that it is in."""
        self.skip()
        while True:
            literal = self.read(_KEY)
            key = _toml_value(literal[0]) if literal[0][0] in "\"'" else literal[0]
            span = Span(*literal.span())
            if self.text[self.skip()] != ".":
                return table, key, span
            self.position += 1
            self.skip()
            table = table.below(key, span)

    def _value(self) -> Tree:
        start = self.skip()
        if self.text[start] == "[":
            return self.sequence(start, self._value)
        if self.text[start] == "{":
            table = _Table(Span(start, start))
            for _ in self.until("}"):
                self._pair(table)
            table.span = Span(start, self.position)
            return table.tree()
        for style, pattern, quotes in _STRINGS:
            literal = pattern.match(self.text, start)
            if literal is not None:
                self.position = literal.end()
                return self._string(_toml_value(literal[0]), Span(*literal.span()), style, quotes)
        atom = self.read(_ATOM)
        return Leaf(_toml_value(atom[0]), Span(*atom.span()))

    def _string(self, value: str, span: Span, style: ScalarStyle, quotes: int) -> Leaf:
        return Leaf(value, span, style, lambda: pieces_of(_toml_characters(self.text, span, style, quotes), value))


def _toml_value(literal: str) -> Any:
    try:
        return tomllib.loads(f"x = {literal}")["x"]
    except ValueError:
        return UNKNOWN


def _toml_characters(text: str, span: Span, style: ScalarStyle, quotes: int) -> Characters:
    start, end = span.start + quotes, span.end - quotes
    if quotes == 3:
        start += 2 if text.startswith("\r\n", start) else text.startswith("\n", start)
    tokens = _TOKEN if style in (ScalarStyle.TOML, ScalarStyle.TOML_LINES) else _RAW_TOKEN
    for token in tokens.finditer(text, start, end):
        written = token[0]
        read = "\n" if written == "\r\n" else _toml_value(f'"""{written}"""') if len(written) > 1 else written
        yield read, *token.span()


def toml_piece(text: str, leaf: Leaf) -> str | None:
    """A piece of a string as it is written inside of the quotes; None if it can't be written there."""
    if leaf.style in (ScalarStyle.TOML_RAW, ScalarStyle.TOML_RAW_LINES):
        lines = leaf.style is ScalarStyle.TOML_RAW_LINES
        fits = all(each.isprintable() or (each == "\n" and lines) for each in text) and "'" not in text
        return text if fits else None
    return escaped(text, {**ESCAPED, "\n": "\n"} if leaf.style is ScalarStyle.TOML_LINES else ESCAPED)


def toml_scalar(text: str, leaf: Leaf, newline: str, source: str) -> str | None:
    written = toml_piece(text, leaf)
    size = next((size for style, _, size in _STRINGS if style is leaf.style), None)
    if size is None or written is None:
        return None
    raw = source[leaf.span.start : leaf.span.end]
    quotes = raw[:size]
    first = re.match(r"...(\r?\n)", raw) if len(quotes) == 3 else None
    last = re.search(r"(\r?\n[ \t]*)...\Z", raw) if len(quotes) == 3 else None
    written = written.replace("\n", newline)
    return quotes + (first[1] if first else "") + written + (last[1] if last else "") + quotes
