"""What a project says of its schedules: the table `[tool.schedlang]` of its `pyproject.toml`."""

from __future__ import annotations

import functools
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase, translate
from pathlib import Path
from typing import Any, Final, NoReturn, TypeAlias

import attrs

from .._text.errors import fail, listed
from .._text.hyperparameters import LEARNING_RATES, MOMENTA, WEIGHT_DECAYS
from .._text.run import SETTINGS
from .._text.source import Place
from .._text.spelling import did_you_mean
from .formats import ConfigFile, at
from .importing import load_modules
from .opening import open_file
from .recognizing import Under

KEYS: Final = (
    *(pattern for name in LEARNING_RATES for pattern in (name, f"*_{name}")),
    "lr_*",
    *WEIGHT_DECAYS,
    "*_weight_decay",
    *MOMENTA,
    "dropout",
    "*_dropout",
    "drop_path",
    "drop_path_rate",
    "temperature",
    "*schedule*",
)
"""The keys under which a file has schedules if the project names none."""

_SAYING: Final = {"lr_*": Under.RATE, "*schedule*": Under.SCHEDULE}
"""What those keys say of what stands there that don't say that it is a value."""

ABOUT_FILES: Final = ("W531", "W532")
"""The codes of warnings that are about files."""

_Match: TypeAlias = Callable[[str], re.Match[str] | None]

_TABLE: Final = "tool.schedlang"
_NAMES: Final = ("keys", "exclude", "ignore", "imports", "run", "runs")


@attrs.frozen
class Settings:
    """What a project says of its schedules."""

    # patterns of the keys that have schedules: of the last part of a key, or of the whole if there is a dot.
    keys: tuple[str, ...] = KEYS
    strict: bool = False  # whether the project has named them, so that what stands there has to be a schedule
    exclude: tuple[str, ...] = ()  # patterns of files and folders to leave out
    ignore: tuple[str, ...] = ()  # codes of warnings that are not wanted
    # what is known of the run of every schedule: arguments of `bind`, free names among them.
    run: Mapping[str, Any] = attrs.field(factory=dict)
    runs: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)  # the same for the keys of a pattern
    imports: tuple[str, ...] = ()  # modules that declare primitives
    file: ConfigFile | None = attrs.field(default=None, eq=False)  # where all of this stands

    def has_key(self, path: tuple[str, ...]) -> bool:
        """Whether schedules stand at such a key."""
        last, whole = _expressions(self.keys)
        return bool(path) and (last(path[-1]) or whole(".".join(path))) is not None

    def under(self, path: tuple[str, ...]) -> Under | None:
        """What such a key says of what stands there; None if no schedule does."""
        if not self.has_key(path):
            return None
        if self.strict:
            return Under.NAMED
        return max(_SAYING.get(pattern, Under.VALUE) for pattern in self.keys if _fits(path, pattern))

    def run_of(self, path: tuple[str, ...]) -> dict[str, Any]:
        """What is known of the run of the schedule at a key; nothing, if there is no run."""
        settings = dict(self.run)
        for pattern, given in self.runs.items():
            if _fits(path, pattern):
                params = {**settings.get("params", {}), **given.get("params", {})}
                settings |= given
                if params:
                    settings["params"] = params
        return settings

    @property
    def ignored_in_texts(self) -> list[str]:
        """The codes among those that are not about files."""
        return [code for code in self.ignore if code not in ABOUT_FILES]

    def load_modules(self, more: Iterable[str] = ()) -> None:
        """Import the modules that are named, and some more, from the folder of the settings.

        Raises:
            ScheduleError: E513, for each that cannot be imported.
        """
        place = None if self.file is None else _place(self.file, ("imports",))
        names = [*((name, place) for name in self.imports), *((name, None) for name in more)]
        if names:
            load_modules(names, Path.cwd() if self.file is None else Path(self.file.name).absolute().parent)

    def leaves_out(self, file: Path) -> bool:
        """Whether a file or folder is passed by, or what it stands in."""
        if not self.exclude:
            return False
        here = Path.cwd() if self.file is None else Path(self.file.name).absolute().parent
        file = Path(os.path.abspath(file))  # noqa: PTH100 - links are passed by as they are called
        within = file.relative_to(here) if file.is_relative_to(here) else file
        names = [name for each in (within, *within.parents) for name in (each.as_posix(), each.name)]
        return any(fnmatchcase(name, each) for name in names if name for each in self.exclude)


@functools.lru_cache(maxsize=8)
def _expressions(patterns: tuple[str, ...]) -> tuple[_Match, _Match]:
    """What matches any of those patterns that are of the last part of a key, and any of the others."""
    parts = ([each for each in patterns if ("." in each) is dotted] for dotted in (False, True))
    last, whole = (re.compile("|".join(map(translate, each)) or r"(?!)").match for each in parts)
    return last, whole


def _fits(path: tuple[str, ...], pattern: str) -> bool:
    return bool(path) and fnmatchcase(".".join(path) if "." in pattern else path[-1], pattern)


def find_settings(folder: Path) -> Settings:
    """The settings of the project that a folder belongs to: the nearest `pyproject.toml` with the table decides."""
    for each in (folder, *folder.parents):
        path = each / "pyproject.toml"
        if path.is_file() and "schedlang" in path.read_text(encoding="utf-8", errors="replace"):
            relative = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
            file = open_file(str(relative))
            tools = tomllib.loads(file.text).get("tool")
            if isinstance(tools, dict) and "schedlang" in tools:
                return _settings(tools["schedlang"], file)
    return Settings()


def _settings(table: Any, file: ConfigFile) -> Settings:
    _expect(isinstance(table, dict), file, (), "a table")
    _known(table, _NAMES, file, ())
    lists = {name: table[name] for name in ("keys", "exclude", "ignore", "imports") if name in table}
    for name, value in lists.items():
        fine = isinstance(value, list) and all(isinstance(each, str) for each in value)
        _expect(fine, file, (name,), "a list of strings")
    run = _run(table.get("run", {}), file, ("run",))
    runs = table.get("runs", {})
    _expect(isinstance(runs, dict), file, ("runs",), "a table of tables")
    by_key = {pattern: _run(given, file, ("runs", pattern)) for pattern, given in runs.items()}
    given = {name: tuple(lists[name]) for name in lists}
    return Settings(strict="keys" in table, run=run, runs=by_key, file=file, **given)


def _run(value: Any, file: ConfigFile, path: tuple[str, ...]) -> dict[str, Any]:
    _expect(isinstance(value, dict), file, path, "a table")
    _known(value, (*SETTINGS, "params"), file, path)
    params = value.get("params", {})
    _expect(isinstance(params, dict), file, (*path, "params"), "a table")
    for below, given in ((path, {key: each for key, each in value.items() if key != "params"}), (path, params)):
        for name, each in given.items():
            fine = isinstance(each, (int, float, str)) and not isinstance(each, bool)
            _expect(fine, file, (*below, name), "a number, or a duration as a string")
    return dict(value)


def _known(table: Mapping[str, Any], names: tuple[str, ...], file: ConfigFile, path: tuple[str, ...]) -> None:
    for name in table:
        if name not in names:
            hint = did_you_mean(name, names) or f"there is {listed(names)}"
            _refuse(file, (*path, name), f"`{'.'.join((_TABLE, *path))}` has no setting `{name}`", hint)


def _expect(fine: bool, file: ConfigFile, path: tuple[str, ...], what: str) -> None:
    if not fine:
        _refuse(file, path, f"`{'.'.join((_TABLE, *path))}` has to be {what}", None)


def _refuse(file: ConfigFile, path: tuple[str, ...], message: str, hint: str | None) -> NoReturn:
    fail(_place(file, path), "E510", message, hint)


def _place(file: ConfigFile, path: tuple[str, ...]) -> Place:
    """Where a setting stands; the whole file, if that isn't known."""
    parent = at(file.documents[0], ("tool", "schedlang", *path[:-1]))
    for name, span, _ in getattr(parent, "entries", ()):
        if path and name == path[-1]:
            return Place(file.source(".".join(("tool.schedlang", *path))), span)
    return Place(file.source(), file.documents[0].span)
