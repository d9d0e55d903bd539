"""A bound schedule in another language, or as a table: what `Bound.code` and `schedlang compile` give."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from ..._bound.bound import Bound
from ..._engines.writing import Module
from ..._text.errors import fail, listed
from ..._text.run import shown
from .arrays import NumPy
from .c import C
from .fitting import fitted
from .javascript import JavaScript
from .standalone import Standalone
from .tables import as_csv, as_json, told_of

_Writer: TypeAlias = Standalone | NumPy | C | JavaScript

_LANGUAGES: Final[Mapping[str, type[_Writer]]] = {"python": Standalone, "numpy": NumPy, "c": C, "js": JavaScript}

_TABLES: Final[Mapping[str, Callable[[Mapping[str, Bound], Any], str]]] = {"csv": as_csv, "json": as_json}

FORMATS: Final = (*_LANGUAGES, *_TABLES)
"""What a schedule can be written as."""

_MADE: Final = re.compile(r"(part|at|seen|round)_\d+|(TABLE|VALUES|STARTS)_\d+|x\d+|step")
"""Names that are made here."""


def named(name: Any, language: Any, otherwise: str = "schedule") -> str:
    """What one function is called.

    Raises:
        ScheduleError: E404, for what is no language, and if it is a table that would have the name.
    """
    if language not in FORMATS:
        fail(None, "E404", f"{shown(language)} is no language to write a schedule in", f"it can be {listed(FORMATS)}")
    if name is not None and language in _TABLES:
        fail(None, "E404", f"`name` is given, and a table in {language} has no function", "remove it")
    return otherwise if name is None else name


def code(bounds: Mapping[str, Bound], language: str, every: Any = 1) -> str:
    """Schedules of one run by their names: functions in another language, one of `FORMATS`, or columns of a table.

    Raises:
        ScheduleError: see `Bound.code`.
    """
    if language in _TABLES:
        return _TABLES[language](bounds, every)
    if every != 1:
        fail(None, "E404", f"`every` is given, and a function in {language} has all steps", "remove it")
    return _source(_LANGUAGES[language](), bounds)


def _source(language: _Writer, bounds: Mapping[str, Bound]) -> str:
    """The source of a module of functions."""
    module = Module(language)
    functions = {name: _function(language, module, name, bound) for name, bound in bounds.items()}
    above = [line for name, bound in bounds.items() for line in _header(name, bound)]
    return "".join(f"{language.COMMENT} {line}\n" for line in above) + "\n" + language.source(module, functions)


def _function(language: _Writer, module: Module, name: str, bound: Bound) -> str:
    _check_name(language, name)
    if bound.run.grid > 1:
        message = f"between two {bound.run.unit.many} there are others, and a function takes whole numbers"
        fail(None, "E412", message, "bind it without `clock`, or count tokens or samples")
    value, last = fitted(bound.program, bound.end, language.WHOLE)
    return language.public(name, module, value, last)


def _header(name: str, bound: Bound) -> list[str]:
    """What a function is, in lines of a comment."""
    told = told_of(bound)
    params = told["run"].pop("params", {})
    run = {**told["run"], **params}
    settings = ", ".join(f"{each}={value!r}" for each, value in run.items() if value is not None)
    return [f"{name}: {told['text']}", settings, f"schedlang {told['schedlang']}, {told['fingerprint']}"]


def _check_name(language: _Writer, name: Any) -> None:
    """Refuse what cannot be the name of the function."""
    usable = isinstance(name, str) and name.isascii() and name.isidentifier()
    if not usable or name in language.RESERVED or name in language.helpers or _MADE.fullmatch(name):
        fail(None, "E404", f"{shown(name)} cannot be the name of a function here", "give another one, such as `lr`")
