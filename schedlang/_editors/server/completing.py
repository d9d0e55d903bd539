"""What may be typed at a place in a schedule.

The parser runs over the words in front of the place, and says which kinds of words may follow. Where it refuses one, it
begins anew with the next, so that half a text is completed, too.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import attrs

from ... import functions
from ..._language.describing import about, argument_of, doc_of, named_by, signature_of
from ..._language.highlight import WordKind, pieces
from ..._language.nodes import PRIMITIVES, Primitive, Ramp
from ..._language.nodes.base import Argument, Role
from ..._language.nodes.scalars import VARIABLES
from ..._language.operations import FUNCTIONS
from ..._text import lark_parser
from ..._text.keywords import KEYWORDS
from ..._text.lark_parser import Progress, Word
from ..._text.run import UNITS
from .manual import KEYWORD_DOCS, unit_doc


class Item(NamedTuple):
    """Something that may be typed."""

    label: str
    kind: WordKind
    detail: str  # its signature, or what it is in few words
    doc: str
    text: str  # what to write for it


class Completion(NamedTuple):
    """What may be typed, and how many characters in front of the place are the beginning of it."""

    typed: int
    items: tuple[Item, ...]


@attrs.define
class _Bracket:
    """A bracket that is open; the outermost one is the text."""

    function: str = ""  # the word in front of it
    given: list[str | None] = attrs.field(factory=list)  # names of arguments, and None for each comma
    reserved: str = ""  # the last reserved word in it

    def left(self, cls: type[Primitive]) -> list[Argument]:
        taken = [each for each in cls.arguments() if each.parameter.role is not Role.KEYS]
        by_position = [each.name for each in taken if not each.parameter.keyword]
        named = [each for each in self.given if each is not None]
        gone = {*named, *by_position[: max(0, len(self.given) - 2 * len(named))]}
        return [each for each in taken if each.name not in gone]


def complete(text: str, offset: int) -> Completion:
    """What may be typed at an offset of a text.

    >>> [item.label for item in complete("warmup(5", 8).items][:4]
    ['steps', 'step', '%', 'ep']
    >>> [item.label for item in complete("warm", 4).items if item.label.startswith("warm")]
    ['warmup']
    >>> [item.label for item in complete("cosine(1, 0, incl", 17).items if item.kind is WordKind.LABEL]
    ['duration', 'ease', 'inclusive']
    """
    before = text[:offset]
    last = list(pieces(before))[-1:]
    if last and last[0].kind is WordKind.COMMENT:
        return Completion(0, ())
    words = list(lark_parser.words(before))
    typed = 0
    if words and words[-1].end == offset and before[words[-1].start].isidentifier():
        typed = offset - words.pop().start
    touching = bool(words) and words[-1].end == offset - typed
    return Completion(typed, tuple(_items(text, before, words, touching)))


def _items(text: str, before: str, words: list[Word], touching: bool) -> Iterator[Item]:
    """What may follow some words; `touching`: with no blank behind the last of them."""
    previous = words[-1].kind if words else ""
    written = [before[each.start : each.end] for each in words]
    progress = Progress()
    brackets = [_Bracket()]
    for index, word in enumerate(words):
        if not progress.read(word.kind):
            progress = Progress()
            if not progress.read(word.kind):
                progress = Progress()
        if word.kind in ("LPAR", "LSQB"):
            brackets.append(_Bracket(written[index - 1] if index and word.kind == "LPAR" else ""))
        elif word.kind in ("RPAR", "RSQB"):
            brackets = brackets[:-1] or [_Bracket()]
        elif word.kind.strip("_").lower() in KEYWORDS:
            brackets[-1].reserved = word.kind
        elif written[index] == "=" and index:
            brackets[-1].given.append(written[index - 1])
        elif written[index] == ",":
            brackets[-1].reserved = ""
            brackets[-1].given.append(None)
    kinds, here = progress.accepts(), brackets[-1]
    if previous == "NUMBER":
        if here.reserved not in ("_FROM", "_TO"):  # where values stand
            yield from (Item(each, WordKind.UNIT, "unit", unit_doc(each), each) for each in UNITS)
        if touching:
            return
    cls = PRIMITIVES.get(here.function)
    if previous == "EQUAL" and cls is not None and len(words) > 1:
        chosen = [each for each in cls.arguments() if each.name == written[-2] and each.parameter.choices]
        for each in chosen:
            doc = each.parameter.doc
            yield from (Item(choice, WordKind.NAME, each.name, doc, choice) for choice in each.parameter.choices)
        if chosen:
            return
    inside = len(brackets) > 1
    begins = inside and previous in ("LPAR", "COMMA")
    if begins and cls is not None:
        for each in here.left(cls):
            yield Item(each.name, WordKind.LABEL, argument_of(each), about(each), f"{each.name}=")
    elif begins and previous == "COMMA":
        for each in named_by(here.function):
            if each.name not in here.given:
                yield Item(each.name, WordKind.LABEL, argument_of(each), about(each), f"{each.name}=")
    if "NAME" in kinds and previous != "NUMBER":
        if previous == "_WHERE" or (previous == "COMMA" and not inside):
            return
        yield from _value_names(text, len(before))
    if not begins:
        shape = PRIMITIVES.get(written[-1]) if words else None
        ramp = shape is not None and shape.pair and issubclass(shape, Ramp)
        unfit = set() if ramp else {"_FROM"} if here.reserved == "_FROM" else {"_FROM", "_TO"}
        for keyword, doc in KEYWORD_DOCS.items():
            if {keyword.upper(), f"_{keyword.upper()}"} & (kinds - unfit):
                yield Item(keyword, WordKind.KEYWORD, "keyword", doc, keyword)


def _value_names(text: str, offset: int) -> Iterator[Item]:
    """What can be a value: names behind `where`, primitives, functions and what needs no definition."""
    for name in _defined_names(text, offset):
        yield Item(name, WordKind.NAME, "defined behind `where`", "", name)
    for name, cls in PRIMITIVES.items():
        required = any(argument.parameter.required for argument in cls.arguments())
        yield Item(name, WordKind.PRIMITIVE, signature_of(cls), doc_of(cls), f"{name}(" if required else name)
    for name in FUNCTIONS:
        doc = inspect.getdoc(getattr(functions, name)) or ""
        yield Item(name, WordKind.FUNCTION, f"{name}(…)", doc, f"{name}(")
    for name, doc in VARIABLES.items():
        yield Item(name, WordKind.VARIABLE, "of the run", doc, name)


def _defined_names(text: str, offset: int) -> Iterable[str]:
    """The names that a text defines, as far as they mean something at an offset: in a definition those before it."""
    names: list[str] = []
    depth, where = 0, len(text)
    for piece in pieces(text):
        word = text[piece.span.start : piece.span.end]
        depth += (word in "([") - (word in ")]") if piece.kind is WordKind.PUNCTUATION and word != "," else 0
        if piece.kind is WordKind.KEYWORD and word == "where":  # which stands in no bracket
            depth, where = 0, piece.span.start
        if piece.span.start >= offset > where:
            return names[:-1]
        if where < len(text) and depth == 0 and piece.kind is WordKind.LABEL:
            names.append(word)
    return names[:-1] if offset > where else names
