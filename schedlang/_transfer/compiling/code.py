"""A bound schedule in another language, or as a table: what `Bound.code` and `schedlang compile` give."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from ..._bound.bound import Bound
from ..._engines.writing import Module
from ..._text.errors import fail, listed
from ..._text.run import shown
from .arrays import NumPy
from .c import C
from .fitting import fitted
from .javascript import JavaScript
from .rust import Rust
from .standalone import Standalone
from .tables import as_csv, as_json, told_of

_Writer: TypeAlias = Standalone | NumPy | C | JavaScript | Rust

LANGUAGES: Final[Mapping[str, type[_Writer]]] = {
    "python": Standalone,
    "numpy": NumPy,
    "c": C,
    "js": JavaScript,
    "rust": Rust,
}

_TABLES: Final[Mapping[str, Callable[[Mapping[str, Bound], Any], Iterator[str]]]] = {"csv": as_csv, "json": as_json}

FORMATS: Final = (*LANGUAGES, *_TABLES)
"""What a schedule can be written as."""

_MADE: Final = re.compile(r"(part|at|seen|round)_\d+|(TABLE|VALUES|STARTS)_\d+|x\d+|step")
"""Names that are made here."""


def named(name: Any, language: Any, otherwise: str = "schedule") -> str:
    """What one function is called.

    Raises:
        ScheduleError: E404, for what is no language, and for what cannot be called so.
    """
    _check_language(language)
    if name is None:
        return otherwise
    if language in _TABLES:
        fail(None, "E404", f"`name` is given, and a table in {language} has no function", "remove it")
    reason = _unusable(LANGUAGES[language], name)
    if reason:
        hint = "give another one, such as `lr`"
        fail(None, "E404", f"{shown(name)} cannot be the name of a function in {language}: {reason}", hint)
    found: str = name
    return found


def code(bounds: Mapping[str, Bound], language: Any, every: Any = 1) -> str:
    """Schedules of one run by their names: functions in another language, one of `FORMATS`, or columns of a table.

    Raises:
        ScheduleError: see `Bound.code`.
    """
    return "".join(in_pieces(bounds, language, every))


def in_pieces(bounds: Mapping[str, Bound], language: Any, every: Any = 1) -> Iterator[str]:
    """The same, one piece behind the other: nobody has to hold a long table."""
    _check_language(language)
    if language in _TABLES:
        return _TABLES[language](bounds, every)
    if every != 1:
        fail(None, "E404", f"`every` is given, and a function in {language} has all steps", "remove it")
    writer = LANGUAGES[language]()
    return iter([_source(writer, dict(zip(_functions(writer, bounds, language), bounds.values(), strict=True)))])


def _check_language(language: Any) -> None:
    if language not in FORMATS:
        fail(None, "E404", f"{shown(language)} is no language to write a schedule in", f"it can be {listed(FORMATS)}")


def _source(language: _Writer, bounds: Mapping[str, Bound]) -> str:
    """The source of a module of functions."""
    module = Module(language)
    functions = {name: _function(language, module, name, bound) for name, bound in bounds.items()}
    above = [line for name, bound in bounds.items() for line in _header(name, bound)]
    return "".join(f"{language.COMMENT} {line}\n" for line in above) + "\n" + language.source(module, functions)


def _function(language: _Writer, module: Module, name: str, bound: Bound) -> str:
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


# What functions are called.


def _functions(writer: _Writer, keys: Iterable[str], language: str) -> list[str]:
    """Keys as the names of functions: what is no letter or digit as `_`, and another one behind a word of the language.

    Raises:
        ScheduleError: E404, if two of them were called the same, or one would have no name.
    """
    names: dict[str, str] = {}
    for key in keys:
        name = re.sub(r"\W+", "_", re.sub(r"\W+$", "", key, flags=re.ASCII), flags=re.ASCII)
        name = f"_{name}" if name[:1].isdigit() else name
        name = f"{name}_" if name and _unusable(writer, name) else name
        reason = _unusable(writer, name) or (f"that of `{names[name]}` is called so, too" if name in names else "")
        if reason:
            message = f"the function of `{key}` would be called `{name}`: {reason}"
            fail(None, "E404", message, "call it otherwise, or write each by itself")
        names[name] = key
    return [*names]


def _unusable(writer: _Writer | type[_Writer], name: Any) -> str:
    """Why something cannot be the name of a function, or nothing."""
    if not (isinstance(name, str) and name.isascii() and name.isidentifier()):
        return "a name has letters, digits and `_` alone, and begins with no digit"
    if _MADE.fullmatch(name) or name in writer.helpers:
        return "something else in the source may be called so"
    return "it has a meaning of its own there" if writer.is_reserved(name) else ""
