"""Config files as a whole: their text, their documents, and in words of ours what is wrong with them."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import attrs

from .._text.errors import ScheduleError, fail, nearest
from .._text.extras import load_extra
from .._text.source import Place, Source, Span
from .formats import MARK, ConfigFile
from .formats.yaml_errors import explained
from .formats.yamls import read_yaml
from .references import SUFFIXES

T = TypeVar("T")


def open_file(name: str) -> ConfigFile:
    """A whole config file."""
    return file_of(name, content_of(name))


def file_of(name: str, text: str) -> ConfigFile:
    """A config file of which the text is known, as an editor has it."""
    if Path(name).suffix.lower() in (".yaml", ".yml"):
        load_extra("yaml", "reading YAML")
    return _well_formed(Source(text.removeprefix(MARK), name), lambda: ConfigFile.of(name, text))


def documents_of(name: str, text: str) -> list[Any]:
    """The values of a file's documents as its format's parser gives them; an empty file has an empty document."""
    bare = text.removeprefix(MARK)

    def documents() -> list[Any]:
        match Path(name).suffix.lower():
            case ".json":
                return [json.loads(bare)]
            case ".toml":
                return [tomllib.loads(bare)]
            case _:
                yaml = load_extra("yaml", "reading YAML")
                return read_yaml(bare, lambda loader: list(yaml.load_all(bare, Loader=loader))) or [None]

    return _well_formed(Source(bare, name), documents)


def with_places(name: str, text: str, documents: int) -> ConfigFile | None:
    try:
        file = ConfigFile.of(name, text)
    except Exception:  # places are a bonus: without them, errors point into the text
        return None
    return file if len(file.documents) == documents else None


def content_of(name: str, place: Place | None = None) -> str:
    """The text of a file, with its line ends and byte order mark as they are."""
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


def _neighbour(path: Path) -> str:
    """A hint: a config file beside it whose name is like it."""
    try:
        beside = [each for each in path.parent.iterdir() if each.is_file()]  # a link may lead nowhere
    except OSError:
        return f"there is no directory `{path.parent}` either"
    files = {each.stem: each for each in beside if each.suffix.lower() in SUFFIXES}
    close = nearest(path.stem, files)
    return f"did you mean `{files[close]}`?" if close else f"it is looked for in `{path.parent.absolute()}`"


def _well_formed(source: Source, read: Callable[[], T]) -> T:
    """What `read` makes of a file."""
    try:
        return read()
    except ScheduleError:
        raise
    except json.JSONDecodeError as error:
        _malformed(source, error.pos, error.msg[0].lower() + error.msg[1:])
    except tomllib.TOMLDecodeError as error:
        _malformed_toml(source, error)
    except RecursionError:
        _malformed(source, 0, "it is nested too deeply")
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


def _malformed(source: Source, offset: int, what: str) -> NoReturn:
    start = max(0, min(offset, len(source.text)))
    line, column = source.position(start)
    message = f"`{source.name}` cannot be read: line {line}, column {column}: {what}"
    fail(Place(source, Span(start, start + 1)), "E504", message)


def _malformed_yaml(source: Source, error: Any) -> NoReturn:
    if not hasattr(error, "problem_mark"):
        _malformed(source, getattr(error, "position", 0), getattr(error, "reason", str(error)))
    diagnostic = explained(source, error)
    if diagnostic is not None:
        raise ScheduleError([diagnostic])
    mark = error.problem_mark or error.context_mark
    _malformed(source, mark.index if mark else 0, error.problem or error.context or "it is not YAML")


def _malformed_toml(source: Source, error: tomllib.TOMLDecodeError) -> NoReturn:
    # Only Python 3.14 has the place as data; before, it stands at the end of the message.
    place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", str(error))
    text = source.text.replace("\r\n", "\n")  # as tomllib counts
    offset = len(text)
    if place is not None and place[1]:
        before = text.split("\n")[: int(place[1]) - 1]
        offset = sum(len(line) + 1 for line in before) + int(place[2]) - 1
    what = str(error)[: place.start()] if place is not None else str(error)
    _malformed(attrs.evolve(source, text=text), offset, what[0].lower() + what[1:])
