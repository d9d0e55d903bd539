"""Values of a config file and where they stand."""

from __future__ import annotations

import enum
import functools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

import attrs

from ..._text.source import Span


class ScalarStyle(enum.Enum):
    """How a value is written."""

    OTHER = "not a string"
    PLAIN = "YAML without quotes"
    SINGLE = "YAML in '…'"
    DOUBLE = 'YAML in "…"'
    LITERAL = "a YAML block behind |"
    FOLDED = "a YAML block behind >"
    JSON = "a JSON string"
    TOML = 'TOML in "…"'
    TOML_RAW = "TOML in '…'"
    TOML_LINES = 'TOML in """…"""'
    TOML_RAW_LINES = "TOML in '''…'''"


class _Unknown(enum.Enum):
    """The value of what has a tag or a type that nothing is known of."""

    VALUE = "unknown"


UNKNOWN: Final = _Unknown.VALUE

Characters: TypeAlias = Iterable[tuple[Any, int, int]]
"""What a string consists of, each with where it starts and ends in the file: an escape is one character, or none."""


BREAKS: Final = "\n\u2028\u2029"
"""What line breaks of a file are in a string."""


def pieces_of(characters: Characters, value: str) -> tuple[Span, ...] | None:
    """Where each character of a string stands, if those that were read are what the format's own parser gave."""
    read: list[str] = []
    pieces: list[Span] = []
    for text, start, end in characters:
        if text is UNKNOWN:  # an escape that only the format's own parser knows
            return None
        read.append(text)
        if len(text) == 1:  # nearly all of them
            pieces.append(Span(start, end))
        else:
            pieces += [Span(start if index == 0 else end, end) for index in range(len(text))]
    return tuple(pieces) if "".join(read) == value else None


class Scanner:
    """Reads what a file that has been parsed consists of, one thing behind the other, to know where it stands."""

    def __init__(self, text: str, blanks: re.Pattern[str]) -> None:
        self.text = text
        self.position = 0
        self._blanks = blanks

    def skip(self) -> int:
        """Where the next thing begins, behind blanks and comments."""
        self.read(self._blanks)
        return self.position

    def read(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self.text, self.position)
        assert match is not None
        self.position = match.end()
        return match

    def sequence(self, start: int, item: Callable[[], Tree]) -> Branch:
        """A list in brackets, whose items the format reads."""
        items: list[tuple[str, Span, Tree]] = []
        for _ in self.until("]"):
            tree = item()
            items.append((str(len(items)), tree.span, tree))
        return Branch(tuple(items), Span(start, self.position), mapping=False)

    def until(self, closing: str) -> Iterator[int]:
        """Behind a bracket, where each thing begins that commas separate; then behind the closing one."""
        self.position += 1
        while self.text[self.skip()] != closing:
            if self.text[self.position] == ",":
                self.position += 1
            else:
                yield self.position
        self.position += 1


@attrs.frozen(eq=False)
class Leaf:
    """A value that is neither a mapping nor a list."""

    value: Any  # what the format's parser makes of it
    span: Span  # where it stands in the file, quotes included; empty if nothing is written there
    style: ScalarStyle = ScalarStyle.OTHER  # how it is written
    reread: Callable[[], tuple[Span, ...] | None] | None = None  # finds the `pieces`: nobody asks for most of them
    indent: int = 0  # how many blanks the line begins with in which its key stands
    flow: bool = False  # whether it stands between the braces or brackets of YAML

    @functools.cached_property
    def pieces(self) -> tuple[Span, ...] | None:
        """Where each character of a string stands; None if that is not known for certain."""
        return None if self.reread is None else self.reread()

    def column(self, text: str) -> int:
        """In which column of the file's text the string begins, not counting empty lines before it."""
        assert self.pieces
        written = zip(self.value, self.pieces, strict=True)
        first = next((span.start for character, span in written if character not in BREAKS), self.pieces[0].start)
        return first - max(text.rfind("\n", 0, first), text.rfind("\r", 0, first)) - 1

    def place(self, span: Span) -> Span:
        """Where a piece of the string stands in the file; the whole value if that isn't known."""
        if self.pieces is None or span.end > len(self.pieces):
            return self.span
        if not self.pieces:
            inside = min(self.span.start + 1, self.span.end)
            return Span(inside, inside)
        if span.start < span.end:
            return Span(self.pieces[span.start].start, self.pieces[span.end - 1].end)
        offset = self.pieces[span.start - 1].end if span.start else self.pieces[0].start
        return Span(offset, offset)


@attrs.frozen(eq=False)
class Branch:
    """A mapping or a list: its entries, each with its key and where that stands."""

    entries: tuple[tuple[str, Span, Tree], ...]
    span: Span
    mapping: bool = True

    def get(self, key: str) -> Tree | None:
        """The last entry of that name, as the parsers that allow two take the last."""
        return next((tree for name, _, tree in reversed(self.entries) if name == key), None)

    def plain(self, made: dict[int, Any] | None = None) -> Any:
        """Without places: what the format's parser gives. What aliases lead to is `made` once."""
        made = {} if made is None else made
        if id(self) not in made:
            below = [tree.plain(made) if isinstance(tree, Branch) else tree.value for _, _, tree in self.entries]
            keys = [key for key, _, _ in self.entries]
            made[id(self)] = dict(zip(keys, below, strict=True)) if self.mapping else below
        return made[id(self)]


Tree: TypeAlias = Leaf | Branch


def at(tree: Tree, path: Iterable[str]) -> Tree | None:
    node: Tree | None = tree
    for key in path:
        if not isinstance(node, Branch):
            return None
        node = node.get(key)
    return node


def walk(tree: Tree) -> Iterator[tuple[tuple[str, ...], Span, Tree]]:
    """Everything, each once although YAML's aliases may lead to it by several paths, in the order of the file."""
    seen: set[int] = set()
    stack: list[tuple[tuple[str, ...], Span, Tree]] = [((), tree.span, tree)]
    while stack:
        path, span, node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield path, span, node
        if isinstance(node, Branch):
            stack += [((*path, key), where, below) for key, where, below in reversed(node.entries)]


def same_value(left: Any, right: Any) -> bool:
    return bool(left == right or (left != left and right != right))


def is_finite_number(value: Any) -> bool:
    """Whether a value is a number that a schedule can be: true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def escaped(text: str, names: Mapping[str, str], short: bool = False) -> str:
    """A text as it is written in double quotes: with names, or numbers, for what is not printable.

    YAML also has `short` numbers, of two digits.
    """
    out = ""
    for character in text:
        code = ord(character)
        if character in names:
            out += names[character]
        elif character.isprintable():
            out += character
        elif short and code < 0x100:
            out += f"\\x{code:02x}"
        else:
            out += f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return out


ESCAPED: Final = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
