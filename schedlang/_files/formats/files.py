"""Config files: read with the place of each value, and edited without touching anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from pathlib import Path
from typing import Final, NamedTuple

import attrs

from ..._text.errors import Diagnostic, Edit, edited
from ..._text.source import Source
from ..references import SUFFIXES
from ..writing import replace
from .jsons import json_piece, json_scalar, json_trees
from .located import Leaf, ScalarStyle, Tree, same_value, walk
from .tomls import toml_piece, toml_scalar, toml_trees
from .yaml_errors import cut_at_comment
from .yamls import quoted, yaml_piece, yaml_scalar, yaml_trees

MARK: Final = "\ufeff"
"""The byte order mark, with which Windows begins files."""


class _Format(NamedTuple):
    """How a format is read and written: documents of a text, and a piece of a string, and a whole one in its style."""

    trees: Callable[[str], list[Tree]]
    piece: Callable[[str, Leaf], str | None]
    scalar: Callable[[str, Leaf, str, str], str | None]


_YAML: Final = _Format(yaml_trees, yaml_piece, yaml_scalar)
_JSON: Final = _Format(json_trees, json_piece, json_scalar)
_TOML: Final = _Format(toml_trees, toml_piece, toml_scalar)
_FORMATS: Final = dict(zip(SUFFIXES, (_YAML, _YAML, _JSON, _TOML), strict=True))


@attrs.frozen(eq=False)
class ConfigFile:
    """A config file."""

    name: str  # as the user calls it
    text: str  # what stands in it, its line ends as they are, but for the byte order mark
    marked: bool  # whether it begins with a byte order mark
    documents: tuple[Tree, ...]  # its values; YAML may have several documents in a file

    @classmethod
    def of(cls, name: str, text: str) -> ConfigFile:
        """A file with such a name and text."""
        bare = text.removeprefix(MARK)
        return cls(name, bare, bare != text, tuple(_format_of(name).trees(bare)))

    def source(self, key: str | None = None) -> Source:
        return Source(self.text, self.name, key)

    @property
    def content(self) -> str:
        """All that stands in it."""
        return (MARK if self.marked else "") + self.text

    @property
    def newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    def leaves(self) -> list[tuple[tuple[str, ...], Leaf]]:
        return [(path, leaf) for tree in self.documents for path, _, leaf in walk(tree) if isinstance(leaf, Leaf)]

    def cut_at_comment(self, leaf: Leaf, diagnostic: Diagnostic, key: str | None) -> Diagnostic | None:
        """What a mistake in a value's text comes of, if the format has cut that text."""
        return cut_at_comment(self.source(key), leaf, diagnostic)

    # Editing.

    def edits(self, leaf: Leaf, edits: Iterable[Edit], text: str) -> tuple[Edit, ...] | None:
        """Edits of a string as edits of the file, after which the string is `text`; None if there are none."""
        edits = tuple(edits)
        mapped = []
        for edit in edits:
            written = None if leaf.pieces is None else _format_of(self.name).piece(edit.text, leaf)
            if written is None:
                break
            mapped.append(Edit(leaf.place(edit.span), written))
        ways = [tuple(mapped)] if len(mapped) == len(edits) else []
        if leaf.style in (ScalarStyle.PLAIN, ScalarStyle.SINGLE):
            ways.append((Edit(leaf.span, quoted(text)),))
        return self._first(ways, leaf, lambda value: value == text)

    def rewritten(self, leaf: Leaf, text: str, means: Callable[[str], bool]) -> tuple[Edit, ...] | None:
        """Edits that write a string anew, in its own style, so that it `means` what it should; else None."""
        written = _format_of(self.name).scalar(text, leaf, self.newline, self.text)
        return None if written is None else self._first([(Edit(leaf.span, written),)], leaf, means)

    def edited(self, edits: Iterable[Edit]) -> ConfigFile | None:
        """The file after edits that don't touch each other; None if it could not be read after them."""
        text = edited(self.text, edits)
        try:
            return attrs.evolve(self, text=text, documents=tuple(_format_of(self.name).trees(text)))
        except Exception:  # each format's parser has its own
            return None

    def _first(
        self, ways: Iterable[tuple[Edit, ...]], leaf: Leaf, fits: Callable[[str], bool]
    ) -> tuple[Edit, ...] | None:
        """The first of several ways to edit that changes one value, as it should be, and no other."""
        before = self.leaves()
        for edits in ways:
            after = self.edited(edits)
            leaves = [] if after is None else after.leaves()
            if len(leaves) == len(before) and all(
                path == now
                and type(here.value) is type(there.value)
                and (fits(there.value) if here is leaf else same_value(here.value, there.value))
                for (path, here), (now, there) in zip(before, leaves, strict=True)
            ):
                return edits
        return None

    def save(self, before: ConfigFile) -> None:
        """Write it, if the file still is what it was before."""
        replace(self.name, before.content.encode("utf-8"), self.content.encode("utf-8"))


def _format_of(name: str) -> _Format:
    return _FORMATS[Path(name).suffix.lower()]


def disjoint(edits: Iterable[tuple[Edit, ...]]) -> list[Edit]:
    """The edits of those that don't touch the ones before them."""
    taken: list[Edit] = []
    for each in edits:
        if not any(one.start <= other.end and other.start <= one.end for (one, _), (other, _) in product(each, taken)):
            taken += each
    return taken
