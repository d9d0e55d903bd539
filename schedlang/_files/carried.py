"""What is known of a schedule's text that was read from somewhere: the file, and where in it each character stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from .._text.errors import Diagnostic, ScheduleError

if TYPE_CHECKING:  # a text of the command line is carried too, and needs no formats
    from .formats import ConfigFile, Leaf


@attrs.frozen(eq=False)
class Carried:
    """The text of a schedule, and the file it stands in."""

    text: str
    name: str | None = None  # what it is called: `train.yaml:optim.lr`, or None for a text that comes from no file
    file: ConfigFile | None = None
    key: str | None = None  # in the file
    leaf: Leaf | None = None  # the value in the file; None if it isn't known where that is

    @contextmanager
    def places(self) -> Iterator[None]:
        """Let errors in the text point into the file."""
        try:
            yield
        except ScheduleError as error:
            raise ScheduleError([self.in_file(diagnostic) for diagnostic in error.diagnostics]) from None

    def in_file(self, diagnostic: Diagnostic) -> Diagnostic:
        """A diagnostic of the text as one of the file, its fix too."""
        source, file, leaf = diagnostic.source, self.file, self.leaf
        if file is None or leaf is None or source is None or (source.text, source.name) != (self.text, self.name):
            return diagnostic
        cut = file.cut_at_comment(leaf, diagnostic, self.key)
        if cut is not None:
            return cut
        span = None if diagnostic.span is None else leaf.place(diagnostic.span)
        fixed = diagnostic.fixed()
        fix = None
        if fixed is not None and diagnostic.fix is not None and isinstance(leaf.value, str):
            fix = file.edits(leaf, diagnostic.fix, fixed)
        return attrs.evolve(diagnostic, span=span, source=file.source(self.key), fix=fix)
