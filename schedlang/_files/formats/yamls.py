"""YAML: PyYAML's nodes, whose scalars are read anew to know where each of their characters stands."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from ..._text.source import Span
from .located import BREAKS, ESCAPED, UNKNOWN, Branch, Characters, Leaf, ScalarStyle, Tree, escaped, pieces_of

T = TypeVar("T")

_STYLES: Final = {
    None: ScalarStyle.PLAIN,
    "": ScalarStyle.PLAIN,  # libyaml's word for it
    "'": ScalarStyle.SINGLE,
    '"': ScalarStyle.DOUBLE,
    "|": ScalarStyle.LITERAL,
    ">": ScalarStyle.FOLDED,
}
_BREAK: Final = r"(?:\r\n|[\r\n\x85\u2028\u2029])"
_BREAKS: Final = rf"{_BREAK}(?:[ \t]*{_BREAK})*[ \t]*"
_FOLD: Final = rf"[ \t]*{_BREAKS}"
_TOKENS: Final = {
    ScalarStyle.PLAIN: re.compile(rf"{_FOLD}|."),
    ScalarStyle.SINGLE: re.compile(rf"{_FOLD}|''|."),
    ScalarStyle.DOUBLE: re.compile(rf"{_FOLD}|\\x..|\\u.{{4}}|\\U.{{8}}|\\{_BREAKS}|\\.|."),
}
_KEPT: Final = re.compile(f"[{BREAKS}]*")
_FOLDED: Final = re.compile(f"[{BREAKS}]+| ?")
_HEADER: Final = re.compile(rf"[|>]([+-]?)([1-9]?)([+-]?)[ \t]*(?:#[^\r\n]*)?({_BREAK}|\Z)")
_PROPERTIES: Final = re.compile(r"(?:[&!]\S*\s+){1,2}")
_TEXT: Final = "tag:yaml.org,2002:str"
_MERGE: Final = "tag:yaml.org,2002:merge"


def yaml_trees(text: str) -> list[Tree]:
    """The documents of a file."""
    import yaml

    # Kept, as the maker tells them apart by their ids.
    nodes = read_yaml(text, lambda loader: list(yaml.compose_all(text, Loader=loader)))
    made = _Maker(text, yaml)
    return [made.tree(node, 0, False) for node in nodes if node is not None]


def read_yaml(text: str, read: Callable[[Any], T]) -> T:
    """What one of PyYAML's loaders makes of a text: that of libyaml where it is there, twenty times as fast.

    What libyaml refuses the other one judges, whose errors are told.
    """
    import yaml

    if yaml.__with_libyaml__ and "\ufeff" not in text:  # which it doesn't count
        try:
            return read(yaml.CSafeLoader)
        except Exception:  # a text with half a character is UnicodeEncodeError
            pass
    return read(yaml.SafeLoader)


class _Maker:
    """Makes trees of PyYAML's nodes; a node that an alias leads to again is the same tree again."""

    def __init__(self, text: str, yaml: Any) -> None:
        self._text = text
        self._yaml = yaml
        self._constructor = yaml.SafeLoader("")
        self._made: dict[int, Tree] = {}
        self._open: set[int] = set()

    def tree(self, node: Any, indent: int, flow: bool) -> Tree:
        if id(node) not in self._made:
            start, end = _where(node)
            properties = _PROPERTIES.match(self._text, start, end)  # its anchor and its tag
            span = Span(start if properties is None else properties.end(), end)
            if id(node) in self._open:  # an alias to what it stands in
                return Leaf(UNKNOWN, span)
            self._open.add(id(node))
            if isinstance(node, self._yaml.ScalarNode):
                self._made[id(node)] = self._leaf(node, span, indent, flow)
            else:
                self._made[id(node)] = self._branch(node, span, indent, flow or bool(node.flow_style))
        return self._made[id(node)]

    def _branch(self, node: Any, span: Span, indent: int, flow: bool) -> Tree:
        if isinstance(node, self._yaml.SequenceNode):
            inside = indent if flow else node.start_mark.column
            items = ((str(index), _where(item), self.tree(item, inside, flow)) for index, item in enumerate(node.value))
            return Branch(tuple(items), span, mapping=False)
        own: list[tuple[str, Span, Tree]] = []
        merged: dict[str, tuple[str, Span, Tree]] = {}  # one a key: nested merges would bring each many times
        for key, value in node.value:
            inside = indent if flow else key.start_mark.column
            below = self.tree(value, inside, flow)
            if key.tag == _MERGE:
                for each in reversed(_merged(below)):
                    merged.update((entry[0], entry) for entry in each.entries)
            else:
                name = str(self._constructed(key)) if isinstance(key, self._yaml.ScalarNode) else "?"
                own.append((name, _where(key), below))
        for key, _, _ in own:
            merged.pop(key, None)  # which it overrides
        return Branch((*merged.values(), *own), span)

    def _constructed(self, node: Any) -> Any:
        if node.tag == _TEXT:  # nearly all of them
            return node.value
        try:
            return self._constructor.construct_object(node)
        except Exception:  # a tag that doesn't fit is KeyError, AttributeError …
            return UNKNOWN

    def _leaf(self, node: Any, span: Span, indent: int, flow: bool) -> Leaf:
        value = self._constructed(node)
        if not isinstance(value, str):
            return Leaf(value, span, indent=indent, flow=flow)
        style = _STYLES[node.style]
        return Leaf(value, span, style, lambda: _pieces(self._text, span, style, value), indent=indent, flow=flow)


def _pieces(text: str, span: Span, style: ScalarStyle, value: str) -> tuple[Span, ...] | None:
    readings = (pieces_of(characters, value) for characters in _readings(text, span, style, value))
    return next((pieces for pieces in readings if pieces is not None), None)


def _where(node: Any) -> Span:
    return Span(node.start_mark.index, node.end_mark.index)


def _merged(tree: Tree) -> list[Branch]:
    if isinstance(tree, Leaf):
        return []
    return [tree] if tree.mapping else [each for _, _, each in tree.entries if isinstance(each, Branch)]


def _readings(text: str, span: Span, style: ScalarStyle, value: str) -> Iterator[Characters]:
    """The ways to read a scalar anew: one, but where a block has to say how far it is indented.

    Such a number counts from the indentation of the parent, which PyYAML's nodes do not tell; so all are tried.
    """
    if style in _TOKENS:
        quotes = style is not ScalarStyle.PLAIN
        tokens = _TOKENS[style].finditer(text, span.start + quotes, span.end - quotes)
        yield ((_read(token[0]), *token.span()) for token in tokens)
        return
    header = _HEADER.match(text, span.start)
    if header is not None:
        first = re.compile(rf"(?:[ ]*{_BREAK})*([ ]*)").match(text, header.end())
        most = len(first[1]) if first is not None else 0
        for indent in range(most, 0, -1) if header[2] else (most,):
            yield _block_characters(text, Span(header.start(4), span.end), indent, value)


@functools.lru_cache(maxsize=1024)
def _read(token: str) -> str:
    """What a character stands for in a scalar that is no block, or line breaks, an escape, two quotes."""
    import yaml

    if len(token) == 1 and token.isprintable():
        return token
    text: str = "a'b" if token == "''" else yaml.safe_load(f'"a{token}b"')
    return text[1:-1]


def _block_characters(text: str, span: Span, indent: int, value: str) -> Characters:
    """The characters of a block scalar from the end of its header on.

    What line breaks become, the lines around them decide, and the header: here the value tells. A blank it can only be
    in front of a line that begins with none.
    """
    blanks = f"[ ]{{0,{indent}}}"
    tokens = re.compile(rf"({_BREAK}(?:{blanks}{_BREAK})*{blanks})(?P<further>(?=[ \t]))?|.")
    one_break = re.compile(_BREAK)
    place = 0
    for token in tokens.finditer(text, *span):
        if token[1] is None:
            place += 1
            yield token[0], *token.span()
            continue
        taken = (_FOLDED if token["further"] is None else _KEPT).match(value, place)
        read = "" if taken is None else taken[0]
        place += len(read)
        if read in ("", " "):
            yield read, *token.span()
            continue
        # Folded, the first of several breaks is none; at the end, those behind the first may be cut off.
        breaks = [found.span() for found in one_break.finditer(text, *token.span())]
        kept = breaks[: len(read)] if token.end() == span.end else breaks[-len(read) :]
        yield from ((each, *where) for each, where in zip(read, kept, strict=False))


# Encoding.


def yaml_piece(text: str, leaf: Leaf) -> str | None:
    """A piece of a string as it is written inside of a scalar; None if it can't be written there."""
    if leaf.style is ScalarStyle.DOUBLE:
        return quoted(text)[1:-1]
    if not _printable(text) or ("\n" in text and leaf.style is not ScalarStyle.LITERAL):
        return None
    if leaf.style is ScalarStyle.SINGLE:
        return text.replace("'", "''")
    return text


def yaml_scalar(text: str, leaf: Leaf, newline: str, source: str) -> str | None:
    if not text or not _printable(text):
        return None
    inside = " " * (leaf.indent + 2)
    if leaf.style in (ScalarStyle.LITERAL, ScalarStyle.FOLDED):
        return _as_block(text, leaf, newline, source)
    if "#" in text and "\n" in text:
        return quoted(text) if leaf.style is ScalarStyle.DOUBLE else None
    joined = (newline + inside).join(text.split("\n"))
    match leaf.style:
        case ScalarStyle.DOUBLE:
            return quoted(text) if set('"\\') & set(text) else f'"{joined}"'
        case ScalarStyle.SINGLE:
            return "'" + joined.replace("'", "''") + "'"
        case ScalarStyle.PLAIN:
            return joined
        case _:
            return None


def _as_block(text: str, leaf: Leaf, newline: str, source: str) -> str | None:
    raw = source[leaf.span.start : leaf.span.end]
    header = _HEADER.match(raw)
    if header is None or leaf.pieces is None or not leaf.pieces:
        return None
    indent = " " * leaf.column(source)
    lines = text.split("\n")
    out = header[0]
    for index, line in enumerate(lines):
        if leaf.style is ScalarStyle.FOLDED and index and ("#" in lines[index - 1] or line.startswith("#")):
            further = line.startswith(" ") or lines[index - 1].startswith(" ")
            out += "" if further else newline
        out += indent + line + newline
    content = max(span.end for character, span in zip(leaf.value, leaf.pieces, strict=True) if character != "\n")
    behind = source[content : leaf.span.end]
    return out[: -len(newline)] + behind


def quoted(text: str) -> str:
    r"""A text in double quotes, on one line.

    >>> print(quoted('cosine  # "slow"\n'))
    "cosine  # \"slow\"\n"
    """
    return f'"{escaped(text, ESCAPED, short=True)}"'


def _printable(text: str) -> bool:
    return all(character.isprintable() or character == "\n" for character in text)
