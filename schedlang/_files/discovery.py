"""The schedules of config files, found by their keys.

A key that the project names itself is taken at its word: what stands there has to be a schedule. Under the keys that
are looked at by default, other systems have things of their own too, so there a text counts if it is a schedule, or if
it looks like one that has a mistake in it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from .._language.names import definitions_of, like_a_primitive
from .._language.nodes import PRIMITIVES
from .._language.nodes.scalars import VARIABLES
from .._language.parse import parse
from .._text.errors import Diagnostic, ScheduleError
from .._text.source import Span
from .carried import Carried
from .formats import Branch, ConfigFile, Leaf, Tree, is_finite_number, walk
from .references import SUFFIXES
from .settings import Settings
from .values import carried_at, cut_text, is_schedule, is_sweep

_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER: Final = re.compile(r"[-+]?\.?[0-9]\S*")
_KEY: Final = re.compile(r"(?<![\w-])[\w-]+(?=[\"']?\s*[:=])")
_PASSED: Final = ("node_modules", "__pycache__", "venv", "build", "dist", "site-packages")


class FoundSchedule(NamedTuple):
    """A schedule in a file, or what is wrong with what should be one."""

    path: tuple[str, ...]
    schedule: Carried | None
    problems: tuple[Diagnostic, ...] = ()


def files_in(folder: Path, settings: Settings) -> Iterator[str]:
    """The config files below a folder that might have schedules, in the order of their names.

    Hidden folders, environments and what has been built are passed by, and so are files without any matching key.
    """
    for root, folders, names in os.walk(folder):
        here = Path(root)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in _PASSED and not settings.leaves_out(here / name)
        )
        for name in sorted(names):
            path = here / name
            if path.suffix.lower() in SUFFIXES and not settings.leaves_out(path) and _has_keys(path, settings):
                yield str(path)


def _has_keys(path: Path, settings: Settings) -> bool:
    """Whether a file is worth reading; one that is no UTF-8 but has a key is, so that somebody is told."""
    try:
        return path.is_file() and may_have_schedules(path.read_text(encoding="latin-1"), settings)
    except OSError:
        return False


def may_have_schedules(text: str, settings: Settings) -> bool:
    """Whether any key in the text of a file matches, so that it is worth reading; templates may be no YAML at all."""
    last = {pattern.rpartition(".")[2] for pattern in settings.keys}
    names = Settings(keys=tuple(last))
    return any(names.has_key((key,)) for key in set(_KEY.findall(text)))


def schedules_in(file: ConfigFile, settings: Settings) -> Iterator[FoundSchedule]:
    for document in file.documents:
        for path, _, tree in walk(document):
            if path[:2] == ("tool", "schedlang") or not settings.has_key(path):
                continue
            yield from _schedules_at(file, path, tree, settings)


def _schedules_at(file: ConfigFile, path: tuple[str, ...], tree: Tree, settings: Settings) -> Iterator[FoundSchedule]:
    value = tree.value if isinstance(tree, Leaf) else None
    plain = tree.plain() if isinstance(tree, Branch) else value
    if (isinstance(value, str) and "${" in value) or is_sweep(path, plain):
        return  # to be filled in by others
    reference = f"{file.name}:{'.'.join(path)}"
    try:
        schedule = carried_at(file, path, tree, reference)
    except ScheduleError as error:
        if settings.strict or isinstance(value, float) or cut_text(file, path, tree, reference):
            yield FoundSchedule(path, None, error.diagnostics)
        return
    if is_finite_number(value) or settings.strict or looks_like_schedule(schedule.text):
        misspelt = _misspelt(schedule)
        yield FoundSchedule(path, schedule, () if misspelt is None else (misspelt,))


def looks_like_schedule(text: str) -> bool:
    """Whether a text is a schedule, or one with mistakes: not a word of another system, nor prose.

    >>> [looks_like_schedule(text) for text in ("warmup(5%) then cosin", "cosin", "base / (1 + step)")]
    [True, True, True]
    >>> [looks_like_schedule(text) for text in ("cosine_with_restarts", "constant", "0 5 * * 1")]
    [False, False, False]
    """
    text = text.strip()
    if _WORD.fullmatch(text):
        return is_schedule(text) if text in PRIMITIVES else like_a_primitive(text) is not None
    if _NUMBER.fullmatch(text) or "%" in text:
        return True
    words = set(_WORD.findall(re.sub(r"#[^\n]*", "", text)))
    if "then" in words or any(word in PRIMITIVES or like_a_primitive(word) for word in words if len(word) > 3):
        return not re.search(r"[/\\]\w+\.\w+$", text)
    formula = bool(words & (VARIABLES.keys() - {"pi"})) or re.search(r"\w\(", text) is not None  # `2 * pi` is a number
    return formula and is_schedule(text)


def used_params(text: str, shared: Mapping[str, Any]) -> dict[str, Any]:
    """Of parameters that are for many schedules those that a text uses."""
    used = set(_WORD.findall(re.sub(r"#[^\n]*", "", text))) - set(definitions_of(parse(text))[1])
    return {name: value for name, value in shared.items() if name in used}


def _misspelt(schedule: Carried) -> Diagnostic | None:
    """A lone word, which is a parameter to the language, but in a file a primitive whose name has a mistake."""
    word = schedule.text.strip()
    close = None if not _WORD.fullmatch(word) or word in PRIMITIVES else like_a_primitive(word)
    if close is None or schedule.file is None or schedule.leaf is None:
        return None
    start = schedule.text.index(word)
    span = schedule.leaf.place(Span(start, start + len(word)))
    source = schedule.file.source(schedule.key)
    return Diagnostic("E201", f"unknown name `{word}`", span, f"did you mean `{close}`?", source)
