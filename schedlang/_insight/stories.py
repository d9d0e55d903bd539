"""The stories of all codes: what each means, and what to do.

`schedlang explain-error E203` tells one of them, and `python -m schedlang._insight.stories` writes `docs/errors.md` and
the sections of `docs/warnings.md`. Those of errors stand in `errors.toml`, and in no other list; those of warnings with
the rules that tell them.
"""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final, NamedTuple

from .lint.lint import STORIES as WARNINGS
from .lint.rule import OF_ADAPTERS


class Entry(NamedTuple):
    """What a code is about."""

    title: str
    why: str  # and what to do
    wrong: str | None = None  # a text that gets this code alone, if a short one does
    right: str | None = None  # the text put right
    run: Mapping[str, Any] | None = None  # what both are bound to, unless the text alone is wrong
    show: str | None = None  # an example of another kind, in words: a file, a call


_RUN_OF_WARNINGS: Final[Mapping[str, Any]] = {"total_steps": 1000, "steps_per_epoch": 100}


def _read_entries() -> Iterator[tuple[str, Entry]]:
    table = resources.files(__package__).joinpath("errors.toml").read_text(encoding="utf-8")
    for code, fields in tomllib.loads(table).items():
        yield code, Entry(**fields | {"why": " ".join(fields["why"].split())})
    for code, story in WARNINGS.items():
        yield code, Entry(*story[:4], _RUN_OF_WARNINGS if story.by_run else None)


STORIES: Final[dict[str, Entry]] = dict(_read_entries())
"""The stories by their codes."""

_GROUPS: Final = {
    "E1": "The text",
    "E2": "Names and arguments",
    "E3": "Kinds, units and ranges",
    "E4": "Binding and evaluation",
    "E5": "Config files",
    "E6": "Frameworks and sets of schedules",
    "W5": "Warnings",
}


def story(code: str) -> str:
    """The story of a code, for a terminal.

    >>> print(story("E101"))
    E101: the text is empty
    <BLANKLINE>
    Blanks and comments alone are no schedule. For a constant write its number.
    <BLANKLINE>
    wrong:
        # lr: 3e-4
    <BLANKLINE>
    right:
        3e-4  # lr
    """
    entry = STORIES[code]
    lines = [f"{code}: {entry.title}", "", *textwrap.wrap(entry.why, 80, break_on_hyphens=False)]
    if entry.wrong is not None and entry.right is not None:
        run = _run_text(entry)
        lines += ["", f"wrong{run}:", f"    {entry.wrong}", "", f"right{run}:", f"    {entry.right}"]
    if entry.show is not None:
        lines += ["", "for example:", f"    {entry.show}"]
    return "\n".join(lines)


def _run_text(entry: Entry) -> str:
    if entry.run is None:
        return ""
    steps, epoch = entry.run["total_steps"], entry.run.get("steps_per_epoch")
    return f", in a run of {steps} steps" + ("" if epoch is None else f", {epoch} an epoch")


def page_of_errors() -> str:
    """`docs/errors.md`."""
    parts = [
        "# Errors and warnings\n\n"
        "All codes, what they mean, and what to do. The same is told by `schedlang explain-error E203`. Codes don't "
        "change.\n\n"
        "*Written by `python -m schedlang._insight.stories`.*\n"
    ]
    for prefix, title in _GROUPS.items():
        codes = sorted(code for code in STORIES if code.startswith(prefix))
        parts += [f"## {title}\n"] if codes else []
        parts += [_page_section(code, STORIES[code]) for code in codes]
    return "\n".join(parts)


def _page_section(code: str, entry: Entry) -> str:
    lines = [f"### {code}: {entry.title}\n", f"{entry.why}\n"]
    if entry.wrong is not None and entry.right is not None:
        lines += [f"Wrong{_run_text(entry)}:\n\n```\n{entry.wrong}\n```\n", f"Right:\n\n```\n{entry.right}\n```\n"]
    if entry.show is not None:
        lines.append(f"For example {entry.show}.\n")
    return "\n".join(lines)


def page_of_warnings(old: str) -> str:
    """`docs/warnings.md` with a section for each warning, amid what is written there by hand."""
    sections = []
    for code, told in WARNINGS.items():
        prose = textwrap.fill(f"{told.title[0].upper()}{told.title[1:]}. {told.why}", 118, break_on_hyphens=False)
        examples = f"```text\n# gets it\n{told.wrong}\n# does not\n{told.right}\n```"
        sections.append(f"### {code}\n\n{prose}\n\n{examples}\n\n")
    for code in sorted(OF_ADAPTERS):
        each = STORIES[code]
        prose = f"{each.title[0].upper()}{each.title[1:]}. {each.why} For example {each.show}."
        sections.append(f"### {code}\n\n{textwrap.fill(prose, 118, break_on_hyphens=False)}\n\n")
    return re.sub(r"(?ms)^### W.*?(?=^## )", lambda _: "".join(sections), old, count=1)


if __name__ == "__main__":
    by_hand = Path("docs/warnings.md")
    by_hand.write_text(page_of_warnings(by_hand.read_text(encoding="utf-8")), encoding="utf-8")
    Path("docs/errors.md").write_text(page_of_errors(), encoding="utf-8")
