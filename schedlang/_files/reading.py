"""Schedules in config files: `train.yaml:optim.lr` names a file, and a key in it.

YAML, JSON and TOML are read. Keys are separated by dots, a number is an index into a list, and where a key itself
contains dots the longest one that fits is tried first. Of several documents in a YAML file one has to have the key.
Errors have the codes E501 to E509 and E511, and point into the file.
"""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn, TypeVar

import attrs

from .._language.nodes import Name
from .._language.parse import parse
from .._text.errors import Diagnostic, Edit, ScheduleError, fail, listed, nearest
from .._text.extras import load_extra
from .._text.source import Place, Source, Span
from .formats import UNKNOWN, Branch, ConfigFile, Leaf, Style, Tree, at, finite
from .formats.yaml_errors import explained, in_quotes
from .references import SUFFIXES, Carried, split

T = TypeVar("T")

_LISTED: Final = 8  # keys in a hint
_SEARCHED: Final = 2000  # leaves of a file that are looked at for a hint


def read_text(reference: str) -> Source:
    """The schedule's text at `FILE:KEY`, with the reference as its name; see `read`.

    Raises:
        ScheduleError: E501 to E509, E511.
    """
    carried = read(reference)
    return Source(carried.text, carried.name)


def read(reference: str) -> Carried:
    """The schedule's text at `FILE:KEY`; errors in it tell file, key, line and column.

    Raises:
        ScheduleError: E501 (no such file), E502 (PyYAML is missing), E503 (not a config file), E504 (not well-formed),
            E505 (no such key), E506 (the value isn't a schedule's text), E507 (YAML has cut the text), E508 (YAML can't
            read the text), E509 (a sweep), E511 (several documents have the key).
    """
    name, key = split(reference)
    asked = Source(reference)
    place = Place(asked, Span(0, len(name)))
    if Path(name).suffix.lower() not in SUFFIXES:
        hint = f"a reference is `FILE:KEY`, and FILE ends in {listed(SUFFIXES)}; the text of a schedule has no `:`"
        fail(place, "E503", f"`{name}` is not a config file", hint)
    text = content_of(name, place)
    documents = _well_formed(Source(text, name), lambda: _plain(name, text))
    if not key:
        _refuse_file(name, documents, place)
    file = _located(name, text, len(documents))
    found = _find(documents, key, file, asked)
    tree = None if file is None else at(file.documents[found.document], found.path)
    if file is not None and tree is not None:
        return carried(file, found.path, tree, reference)
    place = Place(asked, Span(len(name) + 1, len(reference)))
    return Carried(_text(found.value, place, reference), reference)


def read_mapping(reference: str) -> dict[tuple[str, ...], Carried]:
    """The texts of the mapping at `FILE:KEY` by their keys, and by two keys those of a mapping inside.

    Raises:
        ScheduleError: as `read` does, and E506 if there is no mapping.
    """
    name, key = split(reference)
    place = Place(Source(reference), Span(0, len(name)))
    if Path(name).suffix.lower() not in SUFFIXES:
        fail(
            place,
            "E503",
            f"`{name}` is not a config file",
            f"a reference is `FILE:KEY`, and FILE ends in {listed(SUFFIXES)}",
        )
    text = content_of(name, place)
    documents = _well_formed(Source(text, name), lambda: _plain(name, text))
    found = documents[0] if not key and len(documents) == 1 else _find(documents, key, None, place.source).value
    if not isinstance(found, Mapping):
        hint = "name the key of a mapping from names to schedules"
        fail(place, "E506", f"`{reference}` is {_kind(found)}, not a mapping", hint)
    paths: list[tuple[str, ...]] = []
    for each, value in found.items():
        paths += [(str(each), str(inner)) for inner in value] if isinstance(value, Mapping) else [(str(each),)]
    return {path: read(f"{name}:{'.'.join((key, *path) if key else path)}") for path in paths}


def open_file(name: str, place: Place | None = None) -> ConfigFile:
    """A whole config file.

    Raises:
        ScheduleError: E501, E502, E504, E507, E508.
    """
    return file_of(name, content_of(name, place))


def file_of(name: str, text: str) -> ConfigFile:
    """A config file of which the text is known, as an editor has it.

    Raises:
        ScheduleError: E502, E504, E507, E508.
    """
    if Path(name).suffix.lower() in (".yaml", ".yml"):
        load_extra("yaml", "reading YAML")
    return _well_formed(Source(text.removeprefix(_MARK), name), lambda: ConfigFile.of(name, text))


def carried(file: ConfigFile, path: tuple[str, ...], tree: Tree, reference: str) -> Carried:
    """The text that a value of a file is.

    Raises:
        ScheduleError: E506, E507, E509, if it is none.
    """
    key = ".".join(path)
    source = file.source(key)
    parents = (each for document in file.documents if isinstance(each := at(document, path[:-1]), Branch))
    parent = next((each for each in parents if any(below is tree for _, _, below in each.entries)), None)
    where = tree.span if tree.span.start < tree.span.end else _key_span(parent, tree)
    cut = _cut_at_comma(tree, parent)
    if cut is not None:
        text, end = cut
        comma = re.compile(r"\s*,").match(file.text, end)
        span = where if comma is None else Span(comma.end() - 1, comma.end())
        message = f"YAML cut the text of `{reference}` at a comma, as it stands in braces or brackets"
        fix = _quoting(file, tree, parent, text) if isinstance(tree, Leaf) else None
        raise ScheduleError([Diagnostic("E507", message, span, in_quotes(text), source, fix, certain=True)])
    place = Place(source, where)
    value = tree.plain() if isinstance(tree, Branch) else tree.value
    if is_sweep(path, value):
        message = f"`{reference}` is a sweep of Hydra's: a list of runs, not a schedule"
        fail(place, "E509", message, "name the key that the sweep is for")
    return Carried(_text(value, place, reference), reference, file, key, tree if isinstance(tree, Leaf) else None)


def is_sweep(path: Iterable[str], value: Any) -> bool:
    """Whether a value is one of those over which Hydra sweeps."""
    keys = tuple(path)
    if ("hydra", "sweeper") in pairwise(keys):
        return True
    target = str(value.get("_target_", "")) if isinstance(value, Mapping) else ""
    return target.endswith(("ChoiceSweep", "IntervalSweep", "RangeSweep"))


_MARK: Final = "\ufeff"


def content_of(name: str, place: Place | None = None) -> str:
    """The text of a file, with its line ends and byte order mark as they are.

    Raises:
        ScheduleError: E501, E504.
    """
    path = Path(name)
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        fail(place, "E501", f"there is no file `{path}`", _neighbour(path))
    except UnicodeDecodeError as error:
        fail(place, "E504", f"`{path}` is not UTF-8 text (byte {error.start})", "save it as UTF-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        fail(place, "E501", f"cannot read `{path}`: {reason}")


def _located(name: str, text: str, documents: int) -> ConfigFile | None:
    try:
        file = ConfigFile.of(name, text)
    except Exception:  # places are a bonus: without them, errors point into the text
        return None
    return file if len(file.documents) == documents else None


def _neighbour(path: Path) -> str:
    """A hint: a config file beside it whose name is like it."""
    try:
        beside = [each for each in path.parent.iterdir() if each.is_file()]  # a link may lead nowhere
        files = {each.stem: each for each in beside if each.suffix.lower() in SUFFIXES}
    except OSError:
        return f"there is no directory `{path.parent}` either"
    close = nearest(path.stem, files)
    return f"did you mean `{files[close]}`?" if close else f"it is looked for in `{path.parent.absolute()}`"


# Formats.


def _malformed(source: Source, offset: int, what: str, hint: str | None = None) -> NoReturn:
    start = max(0, min(offset, len(source.text)))
    line, column = source.position(start)
    message = f"`{source.name}` cannot be read: line {line}, column {column}: {what}"
    raise ScheduleError([Diagnostic("E504", message, Span(start, start + 1), hint, source)])


def _plain(name: str, text: str) -> list[Any]:
    """The values of a file's documents as its format's parser gives them; an empty file has an empty document."""
    text = text.removeprefix(_MARK)
    match Path(name).suffix.lower():
        case ".json":
            return [json.loads(text)]
        case ".toml":
            return [tomllib.loads(text)]
        case _:
            return list(load_extra("yaml", "reading YAML").safe_load_all(text)) or [None]


def _well_formed(source: Source, read: Callable[[], T]) -> T:
    """What `read` makes of a file.

    Raises:
        ScheduleError: E504, or E507 and E508 if that says more.
    """
    source = attrs.evolve(source, text=source.text.removeprefix(_MARK))
    try:
        return read()
    except json.JSONDecodeError as error:
        _malformed(source, error.pos, error.msg[0].lower() + error.msg[1:])
    except tomllib.TOMLDecodeError as error:
        _malformed_toml(source, error)
    except RecursionError:
        _malformed(source, 0, "it is nested too deeply")
    except ScheduleError:
        raise
    except ValueError as error:  # an integer of thousands of digits, a date such as 2024-13-01
        if not hasattr(error, "reason"):
            _malformed(source, 0, str(error))
        _malformed_yaml(source, error)
    except (LookupError, AttributeError, TypeError):  # PyYAML's, for `!!bool maybe` and the like
        _malformed(source, 0, "a tag does not fit its value")
    except Exception as error:
        if not type(error).__module__.startswith("yaml"):
            raise
        _malformed_yaml(source, error)


def _malformed_yaml(source: Source, error: Any) -> NoReturn:
    if not hasattr(error, "problem_mark"):
        _malformed(source, getattr(error, "position", 0), getattr(error, "reason", str(error)))
    found = explained(source, error)
    if found is not None:
        raise ScheduleError([found])
    mark = error.problem_mark or error.context_mark
    _malformed(source, mark.index if mark else 0, error.problem or error.context or "it is not YAML")


def _malformed_toml(source: Source, error: tomllib.TOMLDecodeError) -> NoReturn:
    found = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", str(error))
    text = source.text.replace("\r\n", "\n")
    source = attrs.evolve(source, text=text)
    offset = len(text)
    if found is not None and found[1]:
        before = text.split("\n")[: int(found[1]) - 1]
        offset = sum(len(line) + 1 for line in before) + int(found[2]) - 1
    what = str(error)[: found.start()] if found is not None else str(error)
    _malformed(source, offset, what[0].lower() + what[1:])


# Keys.


class _Reached(NamedTuple):
    """How far a key leads: the value there, its keys, how many parts of the key they took, and in which document."""

    value: Any
    path: tuple[str, ...]
    used: int
    document: int


def _find(documents: list[Any], key: str, located: ConfigFile | None, asked: Source) -> _Reached:
    """What stands at a key, in the one document that has it.

    Raises:
        ScheduleError: E505 if there is none, E511 if there are more.
    """
    file = split(asked.text)[0]
    parts = tuple(key.split("."))
    reached = [_walk(_Reached(content, (), 0, index), parts) for index, content in enumerate(documents)]
    found = max(reached, key=lambda each: (each.used, isinstance(each.value, Mapping)))
    whole = [each for each in reached if each.used == len(parts)]
    if len(whole) > 1:
        _refuse_several(whole, key, located, asked)
    if whole:
        return found
    where, rest = ".".join(parts[: found.used]), ".".join(parts[found.used :])
    message = f"`{where}` in `{file}` has no key `{rest}`" if where else f"`{file}` has no key `{rest}`"
    if not isinstance(found.value, Mapping):
        message += f": it is {_kind(found.value)}"
    place = Place(asked, Span(len(asked.text) - len(rest), len(asked.text)))
    close = nearest(key, [path for content in documents for path, _ in _leaves(content)])
    there = [each.value for each in reached if each.used == found.used]
    return fail(place, "E505", message, f"did you mean `{file}:{close}`?" if close else _there_is(there))


def _refuse_several(found: list[_Reached], key: str, located: ConfigFile | None, asked: Source) -> NoReturn:
    """Refuse a key that several documents of a file have."""
    file = split(asked.text)[0]
    numbers = [str(each.document + 1) for each in found]
    message = f"`{file}` has `{key}` in documents {_joined(numbers)}"
    if located is not None:
        trees = [at(located.documents[each.document], each.path) for each in found]
        lines = [str(located.source().position(tree.span.start)[0]) for tree in trees if tree is not None]
        message += f" (lines {_joined(lines)})"
    place = Place(asked, Span(len(file) + 1, len(asked.text)))
    fail(place, "E511", message, f"put each document into a file of its own, or check all of `{file}`")


def _joined(numbers: list[str]) -> str:
    """Numbers as a sentence lists them."""
    some = numbers[:_LISTED] if len(numbers) <= _LISTED else [*numbers[: _LISTED - 1], "so on"]
    return f"{', '.join(some[:-1])} and {some[-1]}"


def _walk(reached: _Reached, parts: tuple[str, ...]) -> _Reached:
    """As far as the rest of a key leads from there: in steps as long as possible."""
    best = reached
    for end in range(len(parts), reached.used, -1):
        key = ".".join(parts[reached.used : end])
        entry = _entry(reached.value, key)
        if entry is not None:
            found = _walk(_Reached(entry[0], (*reached.path, key), end, reached.document), parts)
            if found.used == len(parts):
                return found
            best = max(best, found, key=lambda each: each.used)
    return best


def _entry(value: Any, key: str) -> tuple[Any] | None:
    """The value at one key of a mapping, or one index of a list."""
    if isinstance(value, Mapping):
        for each, item in value.items():
            if str(each) == key:
                return (item,)
    if isinstance(value, list) and key.isdecimal() and len(key) < 10 and int(key) < len(value):
        return (value[int(key)],)
    return None


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """The key and value of everything below a value that is neither a mapping nor a list, but not of too much."""
    stack = [(path, value)]
    for _ in range(_SEARCHED):
        if not stack:
            return
        path, value = stack.pop()
        if isinstance(value, Mapping):
            stack += [((*path, str(key)), item) for key, item in reversed(list(value.items()))]
        elif isinstance(value, list):
            stack += [((*path, str(index)), item) for index, item in reversed(list(enumerate(value)))]
        elif path:
            yield ".".join(path), value


def _there_is(values: list[Any]) -> str | None:
    """A hint: which keys some values have."""
    keys = [str(key) for value in values if isinstance(value, Mapping) for key in value]
    return f"there is {_some(list(dict.fromkeys(keys)))}" if keys else None


def _some(names: list[str]) -> str:
    more = len(names) - _LISTED
    return f"{listed(names[:_LISTED])}, and {more} more" if more > 0 else listed(names)


def _refuse_file(file: str, documents: list[Any], place: Place) -> NoReturn:
    """Refuse a file without a key, and list the keys of its schedules: texts first, then numbers."""
    texts, numbers = [], []
    for key, value in (leaf for content in documents for leaf in _leaves(content)):
        if isinstance(value, str) and is_schedule(value):
            texts.append(key)
        elif finite(value):
            numbers.append(key)
    found = Counter(texts + numbers)
    only = [key for key, count in found.items() if count == 1]
    keys = [f"{file}:{key}" for key in only or found]
    hint = f"write {_some(keys)}" if keys else "none of its values is a schedule"
    fail(place, "E505", f"no key says which schedule of `{file}` is meant", hint)


def is_schedule(text: str) -> bool:
    """Whether a text is a schedule, and not any word, such as `adam`, that would do as a parameter."""
    try:
        schedule = parse(text)
    except ScheduleError:
        return False
    return not isinstance(schedule, Name)


# Values.


def _text(value: Any, place: Place, reference: str) -> str:
    """A value as the text of a schedule.

    Raises:
        ScheduleError: E506, if it is neither text nor a number.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        hint = 'a schedule is text or a number: `"warmup(5%) then cosine"`, `3e-4`'
        schedules = [key for key, each in _leaves(value) if isinstance(each, str) and is_schedule(each)]
        if schedules:
            hint = f"write {_some([f'{reference}.{key}' for key in schedules])}"
        fail(place, "E506", f"`{reference}` is {_kind(value)}, not a schedule", hint)
    if not finite(value):
        fail(place, "E506", f"`{reference}` is {value}, not a finite number", "use a number that a float can hold")
    return repr(value)


def _key_span(parent: Branch | None, tree: Tree) -> Span:
    """Where the key of a value stands that has nothing written."""
    entries = () if parent is None else parent.entries
    return next((span for _, span, below in entries if below is tree), tree.span)


def _cut_at_comma(tree: Tree, parent: Branch | None) -> tuple[str, int] | None:
    """The whole of a text that YAML cut at its commas, and where its first piece ends.

    `{lr: f(1, 2)}` is `{"lr": "f(1", "2)": None}`, `{f(1, 2)}` is `{"f(1": None, "2)": None}`.
    """
    pieces: list[tuple[str, int]] = []
    match tree:
        case Leaf(value=str(), flow=True, style=Style.PLAIN) if parent is not None:
            entries = list(parent.entries)
            start = next((index for index, entry in enumerate(entries) if entry[2] is tree), len(entries))
            pieces = [(tree.value, tree.span.end), *_lone(entries[start + 1 :], parent.mapping)]
        case Branch(entries=entries):
            lone = _lone(entries, tree.mapping)
            pieces = lone if len(lone) == len(entries) else []
    if not pieces or pieces[0][0].count("(") <= pieces[0][0].count(")"):
        return None
    for count in range(2, len(pieces) + 1):
        text = ", ".join(piece for piece, _ in pieces[:count])
        if text.count("(") == text.count(")"):
            return text, pieces[0][1]
    return None


def _lone(entries: Iterable[tuple[str, Span, Tree]], mapping: bool) -> list[tuple[str, int]]:
    """The keys of entries without a value, up to the first that has one; of a list the items, up to a list."""
    lone = []
    for key, span, tree in entries:
        if not isinstance(tree, Leaf) or (mapping and tree.value is not None):
            break
        if tree.style not in (Style.PLAIN, Style.OTHER):
            break
        lone.append((key if mapping else str(tree.value), span.end))
    return lone


def _quoting(file: ConfigFile, tree: Leaf, parent: Branch | None, text: str) -> tuple[Edit, ...] | None:
    """Edits that put the whole of a cut text in quotes, if that makes a schedule of it."""
    end = tree.span.end
    for _, span, _ in () if parent is None else parent.entries:
        raw = file.text[tree.span.start : span.end]
        if span.end > end and " ".join(raw.split()) == text and '"' not in raw and "\\" not in raw:
            end = span.end
            break
    edits = (Edit(Span(tree.span.start, tree.span.start), '"'), Edit(Span(end, end), '"'))
    after = file.edited(edits)
    values = [] if after is None else [leaf.value for _, leaf in after.leaves()]
    return edits if end > tree.span.end and is_schedule(text) and text in values else None


def _kind(value: Any) -> str:
    """What a value of a config file is, in words."""
    match value:
        case None:
            return "empty"
        case _ if value is UNKNOWN:
            return "of a type of its own"
        case bool():
            return "true" if value else "false"
        case str():
            return "text"
        case int() | float():
            return "a number"
        case Mapping():
            return "a mapping" if value else "an empty mapping"
        case list():
            return f"a list of {len(value)}" if value else "an empty list"
        case datetime.date() | datetime.time():
            return "a date or time"
        case _:
            return f"a {type(value).__name__}"
