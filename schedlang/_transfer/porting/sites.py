"""Where in a config something stands, and errors about it."""

from __future__ import annotations

from typing import Any, NamedTuple, NoReturn

from ..._text.errors import fail


class Site(NamedTuple):
    """Where in a config something stands, and what is known there.

    Attributes:
        path: the keys that lead to it.
        total: how many steps it has, None if that depends on the run.
        first: the step of the sequence at which it begins, None if it is in none.
    """

    path: str
    total: int | None
    first: int | None = None
    depth: int = 0

    def inside(self, key: str | int) -> str:
        """The path of a key."""
        if isinstance(key, int):
            return f"{self.path}[{key}]"
        return f"{self.path}.{key}" if self.path else key


def wrong(path: str, message: str, hint: str, code: str = "E605") -> NoReturn:
    """Refuse what stands at a path; E605: the library doesn't have it.

    Raises:
        ScheduleError: always.
    """
    fail(None, code, f"{path}: {message}" if path else message, hint)


def need_total(path: str, value: Any) -> NoReturn:
    """Refuse what can't be known without the length of the run.

    Raises:
        ScheduleError: always.
    """
    message = f"what `{value}` leads to depends on the length of the run, and on how it is rounded there"
    wrong(path, message, "give how many steps the run has: `total_steps=10_000`", "E607")
