"""Config files: read with the place of each value, and edited without touching anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Final

import attrs

from ..._text.errors import Edit
from ..._text.source import Source, Span
from ..references import SUFFIXES
from . import jsons, tomls, yamls
from .located import Leaf, Style, Tree, leaves, same

FORMATS: Final[Mapping[str, ModuleType]] = dict(zip(SUFFIXES, (yamls, yamls, jsons, tomls), strict=True))
"""What reads a file, by its ending."""

_MARK: Final = "\ufeff"  # Windows begins files with it


@attrs.frozen(eq=False)
class ConfigFile:
    """A config file.

    Attributes:
        name: as the user calls it.
        text: what stands in it, its line ends as they are, but for the byte order mark.
        marked: whether it begins with a byte order mark.
        documents: its values; YAML may have several documents in a file.
    """

    name: str
    text: str
    marked: bool
    documents: tuple[Tree, ...]

    @classmethod
    def of(cls, name: str, text: str) -> ConfigFile:
        """A file with such a name and text.

        Raises:
            Exception: what its format's parser raises.
        """
        bare = text.removeprefix(_MARK)
        return cls(name, bare, bare != text, tuple(_format(name).read(bare)))

    def source(self, key: str | None = None) -> Source:
        """The whole file as the text that a diagnostic is about."""
        return Source(self.text, self.name, key)

    @property
    def newline(self) -> str:
        """How its lines end."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def leaves(self) -> list[tuple[tuple[str, ...], Leaf]]:
        """All its values that are neither mappings nor lists, with their paths."""
        return [(path, leaf) for tree in self.documents for path, _, leaf in leaves(tree)]

    # Editing.

    def edits(self, leaf: Leaf, edits: Iterable[Edit], text: str) -> tuple[Edit, ...] | None:
        """Edits of a string as edits of the file, after which the string is `text`; None if there are none."""
        edits = tuple(edits)
        mapped = []
        for edit in edits:
            written = None if leaf.pieces is None else _format(self.name).encode(edit.text, leaf)
            if written is None:
                break
            mapped.append(Edit(leaf.place(edit.span), written))
        ways = [tuple(mapped)] if len(mapped) == len(edits) else []
        if leaf.style in (Style.PLAIN, Style.SINGLE):
            ways.append((Edit(leaf.span, yamls.quoted(text)),))
        return self._first(ways, leaf, lambda value: value == text)

    def rewritten(self, leaf: Leaf, text: str, means: Callable[[str], bool]) -> tuple[Edit, ...] | None:
        """Edits that write a string anew, in its own style, so that it `means` what it should; else None."""
        written = _format(self.name).scalar(text, leaf, self.newline, self.text)
        return None if written is None else self._first([(Edit(leaf.span, written),)], leaf, means)

    def edited(self, edits: Iterable[Edit]) -> ConfigFile | None:
        """The file after edits that don't touch each other; None if it could not be read after them."""
        text = self.text
        for edit in sorted(edits, reverse=True):
            text = text[: edit.span.start] + edit.text + text[edit.span.end :]
        try:
            return attrs.evolve(self, text=text, documents=tuple(_format(self.name).read(text)))
        except Exception:  # each format's parser has its own
            return None

    def _first(
        self, ways: Iterable[tuple[Edit, ...]], leaf: Leaf, fits: Callable[[str], bool]
    ) -> tuple[Edit, ...] | None:
        """The first of several ways to edit that changes one value, as it should be, and no other."""
        before = self.leaves()
        for edits in ways:
            after = self.edited(edits)
            found = [] if after is None else after.leaves()
            if len(found) == len(before) and all(
                path == now and (_is(there, fits) if here is leaf else same(here.value, there.value))
                for (path, here), (now, there) in zip(before, found, strict=True)
            ):
                return edits
        return None

    def save(self) -> None:
        """Write the file."""
        Path(self.name).write_bytes(((_MARK if self.marked else "") + self.text).encode("utf-8"))


def _is(leaf: Leaf, fits: Callable[[str], bool]) -> bool:
    return isinstance(leaf.value, str) and fits(leaf.value)


def _format(name: str) -> ModuleType:
    return FORMATS[Path(name).suffix.lower()]


def disjoint(edits: Iterable[tuple[Edit, ...]]) -> list[Edit]:
    """The edits of those that don't touch the ones before them."""
    taken: list[Edit] = []
    for each in edits:
        if not any(_touch(one.span, other.span) for one in each for other in taken):
            taken += each
    return taken


def _touch(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end
