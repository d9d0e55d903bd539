"""What the rules behind warnings find, and how they say it."""

from __future__ import annotations

from collections.abc import Iterator

from ..._language.nodes import Schedule
from ..._language.nodes.base import children
from ..._text.errors import Diagnostic
from ..._text.source import Place, on_one_line


class Findings:
    """Collects warnings. A node that is laid out many times is `fine` if it was fine once."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, int, int], Diagnostic] = {}
        self.fine: set[tuple[str, int, int]] = set()

    def warn(
        self, code: str, node: Schedule, message: str, hint: str, index: int = 0, place: Place | None = None
    ) -> None:
        """Note a warning, of which each node gets one a code and an index."""
        self.found.setdefault((code, id(node), index), Diagnostic.at(place or node.place, code, message, hint))

    def diagnostics(self) -> list[Diagnostic]:
        """Everything found."""
        return [found for key, found in self.found.items() if key not in self.fine]


def written(node: Schedule, most: int = 40) -> str:
    """A node's text in one line, shortened if it is long."""
    text = on_one_line(node.written())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def below(node: Schedule) -> Iterator[Schedule]:
    """A node and all nodes below it."""
    todo = [node]
    while todo:
        each = todo.pop()
        yield each
        todo += [child for _, _, child in children(each)]
