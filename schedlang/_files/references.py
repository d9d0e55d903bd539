"""Texts that stand for others: `train.yaml:optim.lr`, and what one knows of a text that was read from a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from .._text.errors import Diagnostic, ScheduleError
from .._text.source import Span

if TYPE_CHECKING:
    from .formats import ConfigFile, Leaf

SUFFIXES: Final = (".yaml", ".yml", ".json", ".toml")
"""How the names of config files end."""


def is_reference(text: str) -> bool:
    """Whether a text is `FILE:KEY`, or the name of a config file, and not a schedule: the language has no colon.

    >>> is_reference("train.yaml:optim.lr"), is_reference("warmup(5%) then cosine")
    (True, False)
    """
    return re.match(r"[^#]*:", text) is not None or Path(text).suffix.lower() in SUFFIXES


@attrs.frozen(eq=False)
class Carried:
    """The text of a schedule, and the file it stands in.

    Attributes:
        text: the text.
        name: what it is called: `train.yaml:optim.lr`, or None for a text that comes from no file.
        file: the file.
        key: its key in the file.
        leaf: the value in the file; None if it isn't known where that is.
    """

    text: str
    name: str | None = None
    file: ConfigFile | None = None
    key: str | None = None
    leaf: Leaf | None = None

    @contextmanager
    def places(self) -> Iterator[None]:
        """Let errors in the text point into the file.

        Raises:
            ScheduleError: what is raised inside, with the places changed.
        """
        try:
            yield
        except ScheduleError as error:
            raise ScheduleError([self.in_file(diagnostic) for diagnostic in error.diagnostics]) from None

    def in_file(self, diagnostic: Diagnostic) -> Diagnostic:
        """A diagnostic of the text as one of the file, its fix too."""
        source, file, leaf = diagnostic.source, self.file, self.leaf
        if file is None or leaf is None or source is None or (source.text, source.name) != (self.text, self.name):
            return diagnostic
        cut = self._cut_at_comment(diagnostic)
        if cut is not None:
            return cut
        span = None if diagnostic.span is None else leaf.place(diagnostic.span)
        fixed = diagnostic.fixed()
        fix = None
        if fixed is not None and diagnostic.fix is not None and isinstance(leaf.value, str):
            fix = file.edits(leaf, diagnostic.fix, fixed)
        return attrs.evolve(diagnostic, span=span, source=file.source(self.key), fix=fix)

    def _cut_at_comment(self, diagnostic: Diagnostic) -> Diagnostic | None:
        """E507, if the text lacks its end and YAML has cut it at ` #`."""
        from .formats import Style
        from .formats.yaml_errors import AT_COMMENT, BLOCK

        assert self.file is not None
        assert self.leaf is not None
        if self.leaf.style is not Style.PLAIN or diagnostic.code not in ("E103", "E104"):
            return None
        behind = re.compile(r"[ \t]+#").match(self.file.text, self.leaf.span.end)
        if behind is None:
            return None
        span = Span(behind.end() - 1, behind.end())
        return Diagnostic("E507", AT_COMMENT, span, BLOCK, self.file.source(self.key))


def split(reference: str) -> tuple[str, str]:
    """File and key: the key stands behind the first colon that follows a known ending, else behind the first one."""
    found = re.match(r"(.*?\.(?:ya?ml|json|toml)):(.*)", reference, re.DOTALL | re.IGNORECASE)
    if found is not None:
        return found[1], found[2]
    file, _, key = reference.partition(":")
    return file, key
