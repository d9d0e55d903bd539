"""The table of Noether's classes and fields in its page: `python -m schedlang._transfer.porting.page` writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from .fields import Dialect, Field
from .of_noether import NOETHER

PAGE: Final = Path("docs/frameworks/noether.md")
_MARKS: Final = re.compile(r"(?s)(?<=<!-- classes -->\n).*?(?=<!-- /classes -->)")


def page(old: str, dialect: Dialect = NOETHER) -> str:
    """The page with a row for each field, between its marks; what a field is in several classes is said once."""
    head = "| class | field | Noether's default | Noether's check | here |\n|---|---|---|---|---|\n"
    return _MARKS.sub(lambda _: head + "".join(f"| {' | '.join(row)} |\n" for row in _rows(dialect)), old)


def _rows(dialect: Dialect) -> Iterator[tuple[str, ...]]:
    having: dict[tuple[str, Field], list[str]] = {}
    for kind, fields in dialect.kinds.items():
        for name, field in fields.items():
            having.setdefault((name, field), []).append(kind)
    for (name, field), kinds in sorted(having.items(), key=lambda item: -len(item[1])):
        default = "required" if field.required else "none" if field.default is None else f"`{field.default}`"
        here = f"passed over: {field.here}" if field.idle else field.here
        yield _classes(kinds, dialect), f"`{name}`", default.lower(), field.check.words, here
    for kind, (why, hint) in dialect.refused.items():
        yield _short(kind), "", "", "", f"E605: it {why}; {hint}"


def _classes(kinds: list[str], dialect: Dialect) -> str:
    """Classes as a row names them: those that lack it, if these are few."""
    others = [_short(kind) for kind in dialect.kinds if kind not in kinds]
    if len(others) < len(kinds):
        return "all" + (f" but {', '.join(others)}" if others else "")
    return ", ".join(map(_short, kinds))


def _short(kind: str) -> str:
    return f"`{kind.removesuffix('Schedule')}`"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
