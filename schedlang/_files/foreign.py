"""Configs of other systems in files: config files, Python files and shell scripts, none of which is run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import attrs

from .._text.errors import Diagnostic, ScheduleError, fail, listed
from .._text.source import Place, Source, Span
from .._transfer.foreign import Imported, System, Told, dotted, imported, recognized
from .formats import MARK, Branch, Leaf, Tree, at, walk
from .formats.pythons import python_trees
from .formats.shells import shell_trees
from .opening import content_of, file_of
from .references import SUFFIXES

SCRIPTS: Final = (".py", ".sh", ".bash", ".slurm", ".sbatch")
"""How the names of scripts end that are looked through."""


@attrs.frozen
class Found:
    """A config of another system in a file.

    Attributes:
        place: where it stands.
        key: the keys that lead to it; empty for what is not below a key.
        system: whose it is.
        schedules: what it says, the learning rate's first.
        problems: what is wrong with it.
    """

    place: Place
    key: str
    system: System
    schedules: tuple[Imported, ...] = ()
    problems: tuple[Diagnostic, ...] = ()


def foreign_in(name: str, told: Told, systems: Sequence[System] | None = None) -> list[Found]:
    """The configs of other systems in a file; `systems`: of these alone.

    Raises:
        ScheduleError: if the file cannot be read.
    """
    text = content_of(name)
    bare = text.removeprefix(MARK)
    source = Source(bare, name)
    inside: set[Span] = set()
    found: dict[Span, Found] = {}
    for document in _trees(name, text, source):
        for tree, one, read in _found(document, source, told, systems):
            found.setdefault(tree.span, one)
            inside |= read
    return [one for span, one in found.items() if span not in inside]


def _trees(name: str, text: str, source: Source) -> Sequence[Tree]:
    suffix = Path(name).suffix.lower()
    if suffix in SUFFIXES:
        return file_of(name, text).documents
    if suffix == ".py":
        return _python(name, source)
    if suffix not in SCRIPTS:
        hint = f"its name ends in {listed((*SUFFIXES, *SCRIPTS))}"
        fail(None, "E503", f"`{name}` is no file that is looked through", hint)
    return shell_trees(source.text)


def _python(name: str, source: Source) -> Sequence[Tree]:
    try:
        return python_trees(source.text)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None) or 1
        start = sum(len(each) + 1 for each in source.text.split("\n")[: line - 1])
        message = f"`{name}` cannot be read: {getattr(error, 'msg', None) or error}"
        fail(Place(source, Span(start, start + 1)), "E504", message)


def _found(
    document: Tree, source: Source, told: Told, systems: Sequence[System] | None
) -> Iterator[tuple[Branch, Found, set[Span]]]:
    """The configs of a document, but those inside of what was read of another, which stands where the spans say."""
    read: list[tuple[str, ...]] = []
    root = document.plain() if isinstance(document, Branch) else None
    for path, span, tree in walk(document):
        if isinstance(tree, Leaf) or any(path[: len(each)] == each for each in read):
            continue
        plain = tree.plain()
        system = recognized(plain, systems)
        if system is None:
            continue
        place = Place(attrs.evolve(source, key=".".join(path) or None), _start(span, tree))

        def where(below: tuple[str, ...], tree: Branch = tree, place: Place = place, first: int = len(path)) -> Place:
            return Place(place.source, _span(tree, below[first:], place.span))

        try:
            schedules = imported(plain, system, told, path, where, root)
        except ScheduleError as error:
            yield tree, Found(place, dotted(path), system, problems=error.diagnostics), _below(tree, [()])
            read.append(path)
            continue
        taken = {each.path for one in schedules for each in one.taken}
        read += taken
        if schedules:
            inside = _below(tree, [each[len(path) :] for each in taken])
            yield tree, Found(place, dotted(path), system, tuple(schedules)), inside


def _below(tree: Branch, paths: Iterable[tuple[str, ...]]) -> set[Span]:
    """Where the mappings and lists stand that are at paths and below, but the whole."""
    found = [below for path in paths for _, _, below in walk(at(tree, path) or tree)]
    return {each.span for each in found if isinstance(each, Branch) and each is not tree}


def _start(span: Span, tree: Branch) -> Span:
    """Where a config begins, for people: at its first key if it has none of its own."""
    return tree.entries[0][1] if span == tree.span and tree.entries else span


def _span(tree: Branch, path: tuple[str, ...], otherwise: Span) -> Span:
    """Where the value at a path stands, or its key, if that is a mapping or nothing is written there."""
    *outer, last = path or ("",)
    parent = at(tree, outer)
    if not isinstance(parent, Branch):
        return otherwise
    for key, span, below in parent.entries:
        if key == last:
            return below.span if isinstance(below, Leaf) and below.span.start < below.span.end else span
    return otherwise if not outer else _span(tree, tuple(outer), otherwise)
