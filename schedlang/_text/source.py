"""Texts and places in them."""

from __future__ import annotations

import re
from typing import NamedTuple

import attrs


class Span(NamedTuple):
    """A piece of a text, from offset `start` up to, not including, offset `end`.

    >>> Span(0, 6)
    Span(start=0, end=6)
    """

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of `other`."""
        return Span(self.start, other.end)


def on_one_line(text: str) -> str:
    """A text on one line, without its comments, so that it means the same.

    >>> on_one_line("warmup(5%)  # first\\nthen cosine")
    'warmup(5%) then cosine'
    """
    return " ".join(re.sub(r"#[^\n]*", "", text).split())


def abridged(text: str, most: int = 40) -> str:
    """A text on one line, cut if it is long."""
    text = on_one_line(text)
    return text if len(text) <= most else f"{text[: most - 1]}…"


@attrs.frozen
class Source:
    """A text and where it came from.

    Attributes:
        text: the text; of a schedule in a file that whole file, if its places there are known.
        name: the file, or what else the text is called; None for a text of the user's own.
        key: the key of the schedule that it is about, in a file.
    """

    text: str
    name: str | None = None
    key: str | None = None
    parameter: str | None = attrs.field(default=None, eq=False, repr=False)  # whose value it is, of a schedule

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1.

        >>> Source("warmup(5%)\\nthen cosine").position(16)
        (2, 6)
        """
        before = self.text[:offset]
        return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1

    def line(self, number: int) -> str:
        """The line of that number, without its end."""
        return self.text.split("\n")[number - 1].removesuffix("\r")

    def mentions(self, span: Span) -> int:
        """How often the word that stands there stands in the text."""
        return len(re.findall(rf"\b{re.escape(self[span])}\b", self.text))

    def __getitem__(self, span: Span) -> str:
        return self.text[span.start : span.end]


@attrs.frozen
class Place:
    """A span of a source: where a node stands."""

    source: Source
    span: Span

    @property
    def text(self) -> str:
        """The text that stands there."""
        return self.source[self.span]
