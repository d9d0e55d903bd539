"""The schedules of config files, found by their keys, and which names something declares for them.

Whose a text under a key is `recognizing` decides.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from .._bound.sets import WHERE
from .._bound.stages import STAGES
from .._language.names import definitions_of, free_names, like_a_primitive
from .._language.nodes import Name, Schedule
from .._language.nodes.scalars import VARIABLES
from .._language.unknown import about, with_our_names
from .._text.errors import Diagnostic, Edit, Meant, ScheduleError, edited
from .._text.source import Span
from .._text.spelling import SOUGHT, distance, near
from .carried import Carried
from .formats import Branch, ConfigFile, Leaf, Tree, at, walk
from .noether import found_at, is_certain
from .recognizing import (
    Kin,
    Under,
    is_alone,
    is_call_of_theirs,
    is_prose,
    is_template,
    misspelt,
    recognized,
    speaks_of_the_run,
)
from .references import SUFFIXES
from .sections import FoundSchedule, Section, members_of_section
from .settings import Settings
from .staged import is_by_stages, told_beside
from .values import carried_at, cut_text, given_twice, is_schedule, is_sweep

_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY: Final = re.compile(r"(?<![\w-])[\w-]+(?=[\"']?\s*[:=])")
_VALUE: Final = re.compile(
    r"[\"']?[ \t]*[:=][ \t]*(?:[|>][-+0-9]*[ \t]*)?\n?[ \t]*"
    r"(?:\"([^\"\n]*)\"|'([^'\n]*)'|([^\n]*?)(?=,\s*[\"']?[\w-]+[\"']?\s*:|\n|\Z))"
)
"""What stands behind a key, as far as a line tells."""

_PASSED: Final = ("node_modules", "__pycache__", "venv", "build", "dist", "site-packages")
_MISREAD: Final = re.compile(r"[-+]?(?:0[0-7_]+|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?)")


def files_in(folder: Path, settings: Settings) -> Iterator[str]:
    """The config files below a folder, in the order of their names, and the folders that can't be read.

    Hidden folders, environments and what has been built are passed by.
    """
    unread: list[str] = []
    for root, folders, names in os.walk(folder, onerror=lambda error: unread.append(str(error.filename))):
        here = Path(root)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in _PASSED and not settings.leaves_out(here / name)
        )
        for name in sorted(names):
            path = here / name
            if path.suffix.lower() in SUFFIXES and not settings.leaves_out(path) and path.is_file():
                yield str(path)
    yield from unread


def may_have_schedules(text: str, settings: Settings) -> bool:
    """Whether any key in the text of a file matches, so that it is worth reading; templates may be no YAML at all."""
    last = _by_last_part(settings)
    found = set(_KEY.findall(text))
    keys = any(last.has_key((key,)) for key in found) or (STAGES in found and not settings.strict)
    return keys or (not settings.strict and "noether.core.schedules." in text)


def has_text_of_ours(text: str, settings: Settings, problems: Iterable[Diagnostic]) -> bool:
    """Whether a file that can't be read has a schedule of ours in it, as far as its lines tell.

    A value at which it can't be read may be one that is no YAML as it stands.
    """
    last = _by_last_part(settings)
    numbers = {each.source.position(each.span.start)[0] for each in problems if each.source and each.span}
    ends = [-1, *(found.start() for found in re.finditer(r"\n|\Z", text))]
    refused = [range(ends[number - 1] + 1, ends[number] + 1) for number in numbers if number < len(ends)]
    for key in _KEY.finditer(text):
        under, found = last.under((key[0],)), _VALUE.match(text, key.end())
        if under is None or found is None:
            continue
        value = re.sub(r"\s(?:#|//).*", "", next(filter(None, found.groups()), "")).strip()
        kin = recognized(value, under)
        shown = kin is Kin.SHARED and not re.fullmatch(r"[\w.+-]*", value.rstrip(" ,}]"))
        odd = under >= Under.VALUE and re.match(r"[\"']?\s*[:=]\s*[^\w\s.+-]", text[key.end() : found.end()])
        here = odd and not is_template(value) and any(key.start() in line for line in refused)
        if kin is Kin.OURS or shown or here:
            return True
    return False


def _by_last_part(settings: Settings) -> Settings:
    last = dict.fromkeys(pattern.rpartition(".")[2] for pattern in settings.keys)
    return Settings(keys=tuple(last), strict=settings.strict)


def schedules_in(file: ConfigFile, settings: Settings, given: Collection[str] = ()) -> Iterator[FoundSchedule]:
    """The schedules of a file, and what should be some; `given` are names that have a value from elsewhere."""
    return (found for found in texts_in(file, settings, given) if found.kin is not Kin.THEIRS)


def texts_in(file: ConfigFile, settings: Settings, given: Collection[str] = ()) -> Iterator[FoundSchedule]:
    """The same, and other systems' texts that stand under such keys."""
    for document in file.documents:
        sections: dict[tuple[str, ...], Section] = {}
        used = set()  # the sections that have schedules
        configs: set[tuple[str, ...]] = set()
        composed: set[tuple[str, ...]] = set()  # what is given by stages or in lists
        for path, _, tree in walk(document):
            if configs and any(path[:end] in configs for end in range(len(path))):
                continue
            if isinstance(tree, Branch) and is_certain(tree) and (settings.has_key(path) or not settings.strict):
                configs.add(path)
                used.add(path[:-1])
                yield _config_at(file, path, tree)
                continue
            beside = Section.at(file, path, tree)
            if beside is not None and _is_ours(beside, settings):
                sections[path] = beside
            if isinstance(tree, Branch) and tree.mapping:
                keys = _composed(path, tree, settings)
                composed.update((*path, key) for key in keys)
                stages = tree.get(STAGES)
                read = [key for key, below in keys.items() if not (_is_filled_in(below) or _is_filled_in(stages))]
                for found in members_of_section(file, path, tree, read) if read else ():
                    used.add(path)
                    yield found._replace(declared=declared(document, found.path, settings).union(given))
            under = settings.under(path)
            if under is None or path[:2] == ("tool", "schedlang") or path in composed:
                continue
            if any(path[:end] in sections and path[end] == WHERE for end in range(len(path))):
                continue  # a name, and no schedule
            names = declared(document, path, settings).union(given)
            for found in _texts_at(file, path, tree, under, names):
                used.add(path[:-1])
                yield found._replace(schedule=found.schedule and told_beside(found.schedule, path, document))
        for path, section in sections.items():
            problems = section.problems() if path in used else ()
            if problems:
                yield FoundSchedule((*path, WHERE), None, problems)


def _config_at(file: ConfigFile, path: tuple[str, ...], tree: Branch) -> FoundSchedule:
    """A config of Noether's, and what is certainly wrong with it; as a schedule, if all of it is known."""
    problems, carried = found_at(file, path, tree, f"{file.name}:{'.'.join(path)}")
    plain = None if carried is None else attrs.evolve(carried, notes=())  # which are about the text that it becomes
    return FoundSchedule(path, plain, problems, Kin.CONFIG)


def _composed(path: tuple[str, ...], section: Branch, settings: Settings) -> dict[str, Tree]:
    """What a mapping has that is given by stages, and lists under the keys that the project names, by these keys."""
    found = {}
    for key, _, tree in section.entries:
        named = settings.strict and settings.has_key((*path, key))
        is_list = isinstance(tree, Branch) and not tree.mapping and not is_sweep((*path, key), None)
        if (is_by_stages(section, tree) and (named or not settings.strict)) or (named and is_list):
            found[key] = tree
    return found


def _is_filled_in(tree: Tree | None) -> bool:
    """Whether others fill something in."""
    return tree is not None and any(
        isinstance(leaf, Leaf) and isinstance(leaf.value, str) and "${" in leaf.value for _, _, leaf in walk(tree)
    )


def _is_ours(section: Section, settings: Settings) -> bool:
    """Whether a section's `where` is one of ours: a text mentions its names, or it reads as one beside a schedule."""
    if section.is_used():
        return True
    under = ((text, settings.under((*section.path, key))) for key, text in section.texts())
    return any(each is not None and recognized(text, each) is Kin.OURS for text, each in under) and section.is_right()


def declared(document: Tree, path: tuple[str, ...], settings: Settings) -> frozenset[str]:
    """The names that have a value at a key: from the settings, and from `where` beside it."""
    names = set(settings.run_of(path).get("params", {}))
    match at(document, (*path[:-1], WHERE)):
        case Branch(entries=entries):
            names.update(name for name, _, _ in entries)
        case Leaf(value=str(text)):
            names.update(re.findall(rf"({_WORD.pattern})\s*=", text))
    return frozenset(names)


def _texts_at(
    file: ConfigFile, path: tuple[str, ...], tree: Tree, under: Under, names: frozenset[str]
) -> Iterator[FoundSchedule]:
    value = tree.value if isinstance(tree, Leaf) else None
    plain = tree.plain() if isinstance(tree, Branch) else value
    if (isinstance(value, str) and "${" in value) or is_sweep(path, plain):
        return  # to be filled in by others
    reference = f"{file.name}:{'.'.join(path)}"
    twice = given_twice(file, path) if isinstance(tree, Leaf) else None
    if twice is not None:
        if under is Under.NAMED or recognized(str(value), under) is not Kin.THEIRS:
            yield FoundSchedule(path, None, (twice,))
        return
    try:
        schedule = carried_at(file, path, tree, reference)
    except ScheduleError as error:
        if under is Under.NAMED or isinstance(value, float) or cut_text(file, path, tree, reference):
            yield FoundSchedule(path, None, error.diagnostics)
        return
    kin = recognized(schedule.text, under)
    if under is Under.SCHEDULE and is_prose(schedule.text, names) and not is_call_of_theirs(schedule.text):
        kin = Kin.THEIRS
    misread = tuple(_misread(schedule)) if under >= Under.VALUE else ()
    found = FoundSchedule(path, schedule, misread, kin, names)
    if kin is Kin.SHARED:
        word = _misspelt(schedule)
        if word is not None:
            found = found._replace(problems=(word,))
        elif _is_of_names(found) and (under < Under.RATE or not speaks_of_the_run(schedule.text)):
            found = found._replace(kin=Kin.THEIRS)
    yield found


def _is_of_names(found: FoundSchedule) -> bool:
    """Whether it is a schedule of names that nothing declares."""
    try:
        return found.schedule is not None and bool(found.undeclared(found.schedule.schedule()))
    except ScheduleError:
        return False


def _misread(carried: Carried) -> Iterator[Diagnostic]:
    """A number that YAML 1.1, and so PyYAML, reads otherwise than it looks."""
    file, leaf = carried.file, carried.leaf
    if file is None or leaf is None or not isinstance(leaf.value, (int, float)):
        return
    written = file.text[leaf.span.start : leaf.span.end]
    if _MISREAD.fullmatch(written) and leaf.value != 0:
        base = 60 if ":" in written else 8
        message = f"`{written}` is {leaf.value}: YAML 1.1 reads it to the base {base}"
        yield Diagnostic(
            "W532", message, leaf.span, f"write `{leaf.value}` if that was meant", file.source(carried.key)
        )


def used_params(schedule: Schedule, shared: Mapping[str, Any]) -> dict[str, Any]:
    """Of parameters that are for many schedules those that one has."""
    free = free_names(schedule)
    return {name: value for name, value in shared.items() if name in free}


def _misspelt(schedule: Carried) -> Diagnostic | None:
    """A lone word, which is a parameter to the language, but in a file a primitive whose name has a mistake."""
    word = schedule.text.strip()
    close = misspelt(word) if _WORD.fullmatch(word) and not is_alone(word) else None
    if close is None or schedule.file is None or schedule.leaf is None:
        return None
    start = schedule.text.index(word)
    span = schedule.leaf.place(Span(start, start + len(word)))
    source = schedule.file.source(schedule.key)
    return Diagnostic("E201", f"unknown name `{word}`", span, f"did you mean `{close}`?", source)


def unknown_names(
    unknown: Iterable[Name], schedule: Schedule, known: Collection[str], *, others_alone: bool = False
) -> list[Diagnostic]:
    """What is wrong with names that nothing declares; `known` are those that something does.

    `others_alone`: only what is wrong with those that mean something in other systems.
    """
    names = {*known, *definitions_of(schedule)[1]}
    elsewhere = [(each, about(each, schedule) if index < SOUGHT else None) for index, each in enumerate(unknown)]
    found = [_unknown_name(name, there, names) for name, there in elsewhere if there or not others_alone]
    if not found:
        return []
    first, *others = found
    return [first if first.fix else attrs.evolve(first, example=with_our_names(schedule, known)), *others]


def _unknown_name(name: Name, elsewhere: str | None, known: set[str]) -> Diagnostic:
    word, place = name.name, name.place
    message, close = f"nothing declares the parameter `{word}`", near(word, {*known, *VARIABLES})
    if len(word) == 1:  # `p` is hardly meant to be `pi`
        close = [each for each in close if each in known]
    if place is None:
        return Diagnostic("E402", message)
    primitive = None if close else like_a_primitive(word)
    if primitive is not None and is_schedule(edited(place.source.text, [Edit(place.span, primitive)])):
        close = [primitive]
    if not close or (elsewhere and close[0] not in known):
        places = "in `[tool.schedlang.run]`, a `where` in the text or beside it"
        hint = elsewhere or f"declare it: `params = {{{word} = …}}` {places}, or `--param {word}=…`"
        return Diagnostic.at(place, "E402", message, hint)
    problem = Diagnostic.at(place, "E201", f"unknown name `{word}`", str(Meant(close[0])))
    alike = len(word) > 3 and distance(word, close[0]) <= 1 and not re.search(r"\d", word + close[0])
    used = close[0] in known and close[0] in _WORD.findall(place.source.text)  # where both stand, both may be meant
    edits = (Edit(place.span, close[0]),)
    if len(close) == 1 and alike and not used and is_schedule(edited(place.source.text, edits)):
        problem = attrs.evolve(problem, fix=edits)
    return problem
