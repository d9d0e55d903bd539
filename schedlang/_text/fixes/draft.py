"""A text with edits in it that knows where each of its characters comes from."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import Edit
from ..source import Span


class Draft(NamedTuple):
    """A text with edits in it. `origin` says where each of its characters stood in the user's text; -1: nowhere."""

    text: str
    origin: tuple[int, ...] | range

    @classmethod
    def of(cls, text: str) -> Draft:
        """The user's text itself."""
        return cls(text, range(len(text)))

    def edited(self, start: int, end: int, text: str) -> Draft:
        """With one more edit."""
        middle = (-1,) * len(text)
        origin = (*self.origin[:start], *middle, *self.origin[end:])
        return Draft(self.text[:start] + text + self.text[end:], origin)

    def span(self, span: Span) -> Span | None:
        """A span of the draft in the user's text; None if an edit lies in it, or it is none of the user's text."""
        start, end = span
        if start == end:
            if start > 0 and self.origin[start - 1] >= 0:
                return Span(self.origin[start - 1] + 1, self.origin[start - 1] + 1)
            if start < len(self.origin) and self.origin[start] >= 0:
                return Span(self.origin[start], self.origin[start])
            return Span(0, 0) if not self.origin else None
        first, last = self.origin[start], self.origin[min(end, len(self.origin)) - 1]
        whole = first >= 0 and last - first == min(end, len(self.origin)) - 1 - start
        return Span(first, last + 1) if whole and -1 not in self.origin[start:end] else None

    def touched(self, span: Span) -> bool:
        """Whether an edit lies beside a span."""
        before, behind = self.origin[max(0, span.start - 1) : span.start + 1], self.origin[span.end - 1 : span.end + 1]
        return any(-1 in pair or (len(pair) == 2 and pair[1] - pair[0] != 1) for pair in (before, behind))

    def edits(self, text: str) -> tuple[Edit, ...]:
        """The edits that lead from the user's text to this one."""
        found, written, at = [], "", 0
        for character, origin in [*zip(self.text, self.origin, strict=True), ("", len(text))]:
            if origin >= 0 and (written or origin > at):
                found.append(Edit(Span(at, origin), written))
            at = at if origin < 0 else origin + 1
            written = written + character if origin < 0 else ""
        return tuple(found)
