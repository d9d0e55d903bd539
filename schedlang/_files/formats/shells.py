"""Shell scripts as trees: what they say of themselves, without being run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeAlias

from ..._text.source import Span
from ..._transfer.foreign import SPREAD
from ..._transfer.foreign.arguments import options_in, value_of
from .located import UNKNOWN, Branch, Leaf, Tree

_TOKEN: Final = re.compile(
    r"""(?P<skip>\\\r?\n|[ \t\r]+|(?<![^\s;&|()])\#[^\n]*)
    |(?P<redirect>[0-9]*[<>]+&?[ \t]*[^\s;&|()]*)
    |(?P<end>[;&|\n]+)
    |(?P<bracket>[()])
    |(?P<word>(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|\$\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|
        \$\{(?:[^{}"]|"(?:\\.|[^"\\])*"|\{[^{}]*\})*\}|[^\s"'\\;&|()])+)
    |(?P<other>.)""",
    re.DOTALL | re.VERBOSE,
)
_ASSIGNED: Final = re.compile(r"(?P<name>[A-Za-z_]\w*)(?P<more>\+?)=(?P<value>.*)", re.DOTALL)
_VARIABLE: Final = re.compile(r"\$(?:\{(?P<name>\w+)(?:\[[@*]\])?(?::?-(?P<default>[^}]*))?\}|(?P<bare>[A-Za-z_]\w*))")
_OPEN: Final = re.compile(r"\$(?:[@*]|\w+|\{[^}]*\})")
_BEFORE_ASSIGNMENTS: Final = ("export", "local", "readonly", "declare", "-a", "then", "else", "do")


def shell_trees(text: str) -> list[Tree]:
    """The options of each command of a script, as a mapping, each dot of a key leading one mapping further down.

    Variables and arrays of the script stand for what it assigns to them, if that is once. Options that no command uses
    are a mapping of their own. A word of which something is not known has no value here.
    """
    return _Shell(text).trees()


Word: TypeAlias = tuple[str, Span]
"""What a word of a script is worth, and where it stands."""


class _Shell:
    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[str, list[Word] | None] = {}  # None: assigned twice
        self._used: set[str] = set()

    def trees(self) -> list[Tree]:
        commands = [self._expanded(command) for command in self._commands(Span(0, len(self._text)))]
        left = [words or [] for name, words in self._known.items() if name not in self._used]
        return [tree for words in (*commands, *left) if words and (tree := _options(words)) is not None]

    def _commands(self, inside: Span) -> Iterator[list[tuple[Span, list[Span] | None]]]:
        """Where the words of each command stand, and with an assignment where those of its array do."""
        words: list[tuple[Span, list[Span] | None]] = []
        array: list[Span] | None = None
        for token in _TOKEN.finditer(self._text, *inside):
            span = Span(*token.span())
            match token.lastgroup:
                case "word" if array is not None:
                    array.append(span)
                case "word":
                    words.append((span, None))
                case "bracket" if token[0] == "(" and words and _ASSIGNED.fullmatch(self._text[slice(*words[-1][0])]):
                    array = []
                    words[-1] = (words[-1][0], array)
                case "bracket" if array is not None:
                    array = None
                case "end" | "bracket" if array is None:
                    yield words
                    words = []
        yield words

    def _expanded(self, command: list[tuple[Span, list[Span] | None]]) -> list[Word]:
        """The words of a command with what its variables stand for; of assignments none."""
        found: list[Word] = []
        for span, array in command:
            written = self._text[slice(*span)]
            assigned = None if found else _ASSIGNED.fullmatch(written)
            if assigned is not None:
                start = span.start + assigned.start("value")
                self._assign(assigned, self._words(Span(start, span.end)) if array is None else self._all(array))
            elif found or written not in _BEFORE_ASSIGNMENTS:
                found += self._values(span)
        return found

    def _assign(self, assigned: re.Match[str], words: list[Word]) -> None:
        name, itself = assigned["name"], self._known.get(assigned["name"])
        if assigned["more"] or (itself and words[: len(itself)] == itself and len(words) > len(itself)):
            words = words if assigned["more"] else words[len(itself or ()) :]
            self._known[name] = [*(self._known.get(name) or []), *words]
        else:
            same = name not in self._known or self._known[name] == words
            self._known[name] = words if same else None

    def _all(self, spans: Iterable[Span]) -> list[Word]:
        return [word for span in spans for word in self._values(span)]

    def _words(self, span: Span) -> list[Word]:
        """The words that a value has, which may stand in quotes."""
        written = self._text[slice(*span)]
        if written[:1] in ("'", '"') and written[-1:] == written[:1] and re.search(r"\s", written):
            inside = Span(span.start + 1, span.end - 1)
            return [word for command in self._commands(inside) for each, _ in command for word in self._values(each)]
        return self._values(span)

    def _values(self, span: Span) -> list[Word]:
        """What a word is worth: several words, if it is a variable that has several."""
        written = self._text[slice(*span)]
        alone = _VARIABLE.fullmatch(written.strip('"'))
        if alone is not None:
            words = self._variable(alone)
            return [(written, span)] if words is None else [(words[0][0], span)] if len(words) == 1 else words
        if not written.startswith("'"):
            written = _VARIABLE.sub(self._inside, written)
        try:
            return [(value, span) for value in shlex.split(written)[:1]]
        except ValueError:
            return [(written, span)]

    def _variable(self, variable: re.Match[str]) -> list[Word] | None:
        name, default = variable["name"] or variable["bare"], variable["default"]
        self._used.add(name)
        words = self._known.get(name)
        if words is None and name not in self._known and default:
            return [(default, Span(*variable.span()))]
        return words

    def _inside(self, variable: re.Match[str]) -> str:
        words = self._variable(variable)
        return words[0][0] if words is not None and len(words) == 1 else variable[0]


def _options(words: list[Word]) -> Branch | None:
    """The options of a command; a variable of which nothing is known may have more of them."""
    inside: dict[str, Any] = {}
    more: list[tuple[str, Span, Tree]] = []
    for option in options_in([word for word, _ in words]):
        while len(option.values) > 1 and _OPEN.fullmatch(option.values[-1][0]):
            span = words[option.values.pop()[1]][1]
            more = [(SPREAD, span, Leaf(UNKNOWN, span))]
        *outer, last = option.key.split(".")
        node = inside
        for key in outer:
            below = node.get(key)
            node[key] = node = below if isinstance(below, dict) else {}
        node[last] = option
    if not inside:
        return None
    found = _branch(inside, words)
    return Branch((*found.entries, *more), found.span)


def _branch(inside: dict[str, Any], words: list[tuple[str, Span]]) -> Branch:
    entries: list[tuple[str, Span, Tree]] = []
    for key, each in inside.items():
        if isinstance(each, dict):
            below = _branch(each, words)
            entries.append((key, below.entries[0][1], below))
            continue
        span = words[each.word][1]
        places = [words[number][1] for _, number in each.values] or [span]
        whole = Span(places[0].start, places[-1].end)
        texts = [value for value, _ in each.values]
        if len(texts) > 1:
            written = enumerate(zip(texts, places, strict=True))
            items = ((str(index), where, _leaf(text, where)) for index, (text, where) in written)
            entries.append((key, span, Branch(tuple(items), whole, mapping=False)))
        else:
            entries.append((key, span, _leaf(value_of(texts), whole)))
    return Branch(tuple(entries), Span(words[0][1].start, words[-1][1].end))


def _leaf(value: Any, span: Span) -> Leaf:
    return Leaf(UNKNOWN if isinstance(value, str) and re.search(r"\$[\w{(]", value) else value, span)
