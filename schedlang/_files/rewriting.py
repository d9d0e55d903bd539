"""Formatted texts in config files: laid out so that they fit into the value they stand in."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from .._language.formatting import WIDTH, format_text
from .._language.parse import parse
from .._text.errors import Edit, ScheduleError
from .carried import Carried, CarriedByStages
from .formats import ScalarStyle

_ENDLESS: Final = 1 << 30
_ONE_LINE: Final = (ScalarStyle.JSON, ScalarStyle.TOML, ScalarStyle.TOML_RAW)


def reformatted(carried: Carried, width: int = WIDTH) -> tuple[Edit, ...] | None:
    """Edits of a file that format a schedule in it, as its value's style allows; None if there is nothing to do."""
    if isinstance(carried, CarriedByStages):
        return tuple(edit for each in carried.composition.texts for edit in reformatted(each, width) or ()) or None
    file, leaf, text = carried.file, carried.leaf, carried.text
    schedule = carried.schedule()
    if carried.where is not None:
        try:
            schedule = parse(text)
        except ScheduleError:  # a schedule with the names beside it, and none without them
            return None
    if file is None or leaf is None or not leaf.pieces:
        return None
    notes = _comments_in(text)

    def means(value: str) -> bool:
        try:
            return parse(value) == schedule and _comments_in(value) == notes
        except ScheduleError:
            return False

    folds = leaf.style in (ScalarStyle.PLAIN, ScalarStyle.SINGLE, ScalarStyle.DOUBLE)
    room = max(1, width - max(leaf.column(file.text), leaf.indent + 2 if folds else 0))
    for each in (_ENDLESS,) if leaf.style in _ONE_LINE else (room, _ENDLESS):
        edits = file.rewritten(leaf, format_text(text, each, digits=True), means)
        if edits is not None and leaf.style is ScalarStyle.FOLDED:  # where the file's own folding has joined lines
            edits = file.rewritten(leaf, format_text(_joined_as_folded(text, each), each, digits=True), means) or edits
        if edits is not None:
            changes = any(file.text[edit.span.start : edit.span.end] != edit.text for edit in edits)
            return edits if changes else None
    return None


def _joined_as_folded(text: str, width: int) -> str:
    """A formatted text as a folded block gives it: lines are joined, but for comments and what is further in."""
    lines = format_text(text, width, digits=True).split("\n")
    out = lines[0]
    for before, line in pairwise(lines):
        kept = "#" in before or line.startswith(("#", " ")) or before.startswith(" ")
        out += ("\n" if kept else " ") + line
    return out


def _comments_in(text: str) -> list[str]:
    return sorted(found.rstrip() for found in re.findall(r"#[^\n]*", text))
