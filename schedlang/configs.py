"""Schedules in config files: `train.yaml:optim.lr` names a file, and a key in it.

YAML, JSON and TOML are read. Keys are separated by dots, a number is an index into a list, and where a key itself
contains dots the longest one that fits is tried first. Errors have the codes E501 to E506.
"""

from __future__ import annotations

import datetime
import importlib
import json
import math
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

from .checking import parse
from .errors import Diagnostic, ScheduleError, fail, listed, nearest
from .nodes import Name
from .source import Place, Source, Span

_LISTED: Final = 8  # keys in a hint
_SEARCHED: Final = 2000  # leaves of a file that are looked at for a hint


def load_extra(package: str, purpose: str, extra: str = "cli") -> Any:
    """An optional package, imported.

    Raises:
        ScheduleError: E502, with the command that installs it.

    >>> load_extra("json", "reading JSON").loads("1")
    1
    """
    try:
        return importlib.import_module(package)
    except ImportError:
        hint = f"run `pip install 'schedlang[{extra}]'`"
        fail(None, "E502", f"{purpose} needs the package `{package}`, which is not installed", hint)


def is_reference(text: str) -> bool:
    """Whether a text is `FILE:KEY`, or the name of a config file, and not a schedule: the language has no colon.

    >>> is_reference("train.yaml:optim.lr"), is_reference("warmup(5%) then cosine")
    (True, False)
    """
    if ":" in text:
        return True
    path = Path(text)
    try:
        return path.suffix.lower() in _READERS and path.is_file()
    except (OSError, ValueError):  # too long for a file name, or with a NUL in it
        return False


def read_text(reference: str) -> Source:
    """The schedule's text at `FILE:KEY`; the reference is its name, so errors in the text tell file and key.

    Raises:
        ScheduleError: E501 (no such file), E502 (PyYAML is missing), E503 (not a config file), E504 (not well-formed),
            E505 (no such key), E506 (the value isn't a schedule's text).
    """
    file, key = _split(reference)
    asked = Source(reference)
    place = Place(asked, Span(0, len(file)))
    path = Path(file)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        hint = f"a reference is `FILE:KEY`, and FILE ends in {listed(_READERS)}; the text of a schedule has no `:`"
        fail(place, "E503", f"`{file}` is not a config file", hint)
    content = reader(Source(_content(path, place), file))
    if not key:
        _refuse_file(file, content, place)
    found = _find(content, key, file, asked)
    place = Place(asked, Span(len(file) + 1, len(reference)))
    return Source(_text(found.value, found.parent, place, reference), reference)


def _split(reference: str) -> tuple[str, str]:
    """File and key: the key stands behind the first colon that follows a known ending, else behind the first one."""
    found = re.match(r"(.*?\.(?:ya?ml|json|toml)):(.*)", reference, re.DOTALL | re.IGNORECASE)
    if found is not None:
        return found[1], found[2]
    file, _, key = reference.partition(":")
    return file, key


def _content(path: Path, place: Place) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        fail(place, "E501", f"there is no file `{path}`", _neighbour(path))
    except UnicodeDecodeError as error:
        fail(place, "E504", f"`{path}` is not UTF-8 text (byte {error.start})", "save it as UTF-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        fail(place, "E501", f"cannot read `{path}`: {reason}")


def _neighbour(path: Path) -> str:
    """A hint: a config file beside it whose name is like it."""
    try:
        files = {each.stem: each for each in path.parent.iterdir() if each.suffix.lower() in _READERS}
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


def _read_yaml(source: Source) -> Any:
    yaml = load_extra("yaml", "reading YAML")
    try:
        return yaml.safe_load(source.text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        hint = 'put the schedule in quotes: `lr: "…"`' if isinstance(error, yaml.scanner.ScannerError) else None
        _malformed(source, mark.index if mark else 0, error.problem or error.context or "it is not YAML", hint)
    except yaml.reader.ReaderError as error:
        _malformed(source, error.position, error.reason)
    except ValueError as error:  # a date such as 2024-13-01
        _malformed(source, 0, str(error))
    except RecursionError:
        _malformed(source, 0, "it is nested too deeply")


def _read_json(source: Source) -> Any:
    try:
        return json.loads(source.text)
    except json.JSONDecodeError as error:
        _malformed(source, error.pos, error.msg[0].lower() + error.msg[1:])
    except ValueError as error:  # an integer of thousands of digits
        _malformed(source, 0, str(error))
    except RecursionError:
        _malformed(source, 0, "it is nested too deeply")


def _read_toml(source: Source) -> Any:
    try:
        return tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", str(error))
        offset = len(source.text)
        if found is not None and found[1]:
            before = source.text.split("\n")[: int(found[1]) - 1]
            offset = sum(len(line) + 1 for line in before) + int(found[2]) - 1
        what = str(error)[: found.start()] if found is not None else str(error)
        _malformed(source, offset, what[0].lower() + what[1:])
    except ValueError as error:
        _malformed(source, 0, str(error))
    except RecursionError:
        _malformed(source, 0, "it is nested too deeply")


_READERS: Final[Mapping[str, Callable[[Source], Any]]] = {
    ".yaml": _read_yaml,
    ".yml": _read_yaml,
    ".json": _read_json,
    ".toml": _read_toml,
}


# Keys.


class _Reached(NamedTuple):
    """How far a key leads: the value there, the mapping or list it stands in, and how many parts of the key it took."""

    value: Any
    parent: Any
    used: int


def _find(content: Any, key: str, file: str, asked: Source) -> _Reached:
    """What stands at a key.

    Raises:
        ScheduleError: E505.
    """
    parts = tuple(key.split("."))
    found = _walk(_Reached(content, None, 0), parts)
    if found.used == len(parts):
        return found
    where, rest = ".".join(parts[: found.used]), ".".join(parts[found.used :])
    message = f"`{where}` in `{file}` has no key `{rest}`" if where else f"`{file}` has no key `{rest}`"
    if not isinstance(found.value, Mapping):
        message += f": it is {_kind(found.value)}"
    place = Place(asked, Span(len(asked.text) - len(rest), len(asked.text)))
    close = nearest(key, [path for path, _ in _leaves(content)])
    return fail(place, "E505", message, f"did you mean `{file}:{close}`?" if close else _there_is(found.value))


def _walk(reached: _Reached, parts: tuple[str, ...]) -> _Reached:
    """As far as the rest of a key leads from there: in steps as long as possible."""
    best = reached
    for end in range(len(parts), reached.used, -1):
        entry = _entry(reached.value, ".".join(parts[reached.used : end]))
        if entry is not None:
            found = _walk(_Reached(entry[0], reached.value, end), parts)
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


def _there_is(value: Any) -> str | None:
    """A hint: which keys a value has."""
    if not isinstance(value, Mapping) or not value:
        return None
    return f"there is {_some([str(key) for key in value])}"


def _some(names: list[str]) -> str:
    more = len(names) - _LISTED
    return f"{listed(names[:_LISTED])}, and {more} more" if more > 0 else listed(names)


def _refuse_file(file: str, content: Any, place: Place) -> NoReturn:
    """Refuse a file without a key, and list the keys of its schedules: texts first, then numbers."""
    texts, numbers = [], []
    for key, value in _leaves(content):
        if isinstance(value, str) and _is_schedule(value):
            texts.append(key)
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            numbers.append(key)
    keys = [f"{file}:{key}" for key in texts + numbers]
    hint = f"write {_some(keys)}" if keys else "none of its values is a schedule"
    fail(place, "E505", f"no key says which schedule of `{file}` is meant", hint)


def _is_schedule(text: str) -> bool:
    """Whether a text is a schedule, and not any word, such as `adam`, that would do as a parameter."""
    try:
        schedule = parse(text)
    except ScheduleError:
        return False
    return not isinstance(schedule, Name)


# Values.


def _text(value: Any, parent: Any, place: Place, reference: str) -> str:
    """A value as the text of a schedule.

    Raises:
        ScheduleError: E506, if it is neither text nor a number.
    """
    cut = _cut(value, parent)
    if cut is not None:
        hint = f'put the schedule in quotes: `"{cut}"`'
        fail(place, "E506", f"YAML cut the text of `{reference}` at a comma, as it stands in braces or brackets", hint)
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        hint = 'a schedule is text or a number: `"warmup(5%) then cosine"`, `3e-4`'
        schedules = [key for key, each in _leaves(value) if isinstance(each, str) and _is_schedule(each)]
        if schedules:
            hint = f"write {_some([f'{reference}.{key}' for key in schedules])}"
        fail(place, "E506", f"`{reference}` is {_kind(value)}, not a schedule", hint)
    if isinstance(value, float) and not math.isfinite(value):
        fail(place, "E506", f"`{reference}` is {value}, not a finite number", "use a number that a float can hold")
    return repr(value)


def _cut(value: Any, parent: Any) -> str | None:
    """The whole of a text that YAML cut at its commas: `{lr: f(1, 2)}` is `{"lr": "f(1", "2)": None}`."""
    if isinstance(value, str) and isinstance(parent, Mapping):
        pieces = list(parent.items())
        start = next(index for index, (_, each) in enumerate(pieces) if each is value)
        return _joined([value, *_lone(pieces[start + 1 :])])
    if isinstance(value, Mapping):
        pieces = list(value.items())
        return _joined(_lone(pieces)) if len(_lone(pieces)) == len(pieces) else None
    if isinstance(value, list) and all(isinstance(each, (str, int, float)) for each in value):
        return _joined([str(each) for each in value])
    return None


def _lone(pieces: list[tuple[Any, Any]]) -> list[str]:
    """The keys of entries without a value, up to the first that has one."""
    lone = []
    for key, value in pieces:
        if value is not None:
            break
        lone.append(str(key))
    return lone


def _joined(pieces: list[str]) -> str | None:
    """The fewest pieces, from the first on, that make a text whose parentheses match, if the first alone doesn't."""
    if not pieces or pieces[0].count("(") <= pieces[0].count(")"):
        return None
    for count in range(2, len(pieces) + 1):
        text = ", ".join(pieces[:count])
        if text.count("(") == text.count(")"):
            return text
    return None


def _kind(value: Any) -> str:
    """What a value of a config file is, in words."""
    match value:
        case None:
            return "empty"
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
