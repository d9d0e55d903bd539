"""What goes out: columns, JSON, colours, errors."""

from __future__ import annotations

import json
import os
import re
import sys
from argparse import Namespace
from collections.abc import Iterable, Sequence
from typing import Any, Final, TextIO

import attrs

from .._text.errors import Diagnostic
from .._text.rendering import as_json, columns, elided, painted, render
from .arguments import OPTIONS

_RATES: Final = [name for name in OPTIONS if name != "base"]

_OUTSIDE: Final = ("E501", "E502")
"""Codes of what is not wrong with a schedule: files that can't be read, and packages that are missing."""


def print_json(value: Any) -> None:
    print(json.dumps(value))


def in_color(stream: TextIO, args: Namespace) -> bool:
    """Whether to write colours: as `--color` says, else to a terminal, unless NO_COLOR is set."""
    if args.color != "auto":
        return bool(args.color == "always")
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def print_errors(diagnostics: Iterable[Diagnostic], args: Namespace) -> None:
    """Print errors, in options: as text to stderr, or with `--json` as an object to stdout."""
    diagnostics = in_options(diagnostics)
    if args.json:
        print_json({"errors": [as_json(diagnostic) for diagnostic in diagnostics]})
        return
    text = "\n\n".join(_printable(render(diagnostic)) for diagnostic in diagnostics)
    print(painted(text) if in_color(sys.stderr, args) else text, file=sys.stderr)


def exit_code(diagnostics: Sequence[Diagnostic]) -> int:
    """1 if something is wrong with a schedule, its run or its config; 3 if it is all outside."""
    return 3 if all(diagnostic.code in _OUTSIDE for diagnostic in diagnostics) else 1


def _printable(text: str) -> str:
    """Text without the characters that steer a terminal, which the name of a file may bring along."""
    return "".join(
        character if character.isprintable() or character == "\n" else "\N{REPLACEMENT CHARACTER}" for character in text
    )


def in_options(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Errors that speak of options where the library's speak of its arguments."""
    return [_in_options(diagnostic) for diagnostic in diagnostics]


def _in_options(diagnostic: Diagnostic) -> Diagnostic:
    source, message, hint = diagnostic.source, diagnostic.message, diagnostic.hint
    if source is not None and source.name is not None:
        name = source.name.removeprefix("parameter ")
        source = attrs.evolve(source, name=OPTIONS.get(name, name if name == source.name else f"--param {name}"))
    if diagnostic.code in ("E401", "E402", "E403", "E404"):
        message = re.sub(rf"\b({'|'.join(_RATES)})\b", lambda match: OPTIONS[match[1]], message)
        hint = None if hint is None else _hint_in_options(hint)
    return attrs.evolve(diagnostic, message=message, hint=hint, source=source)


def _hint_in_options(hint: str) -> str:
    """A hint such as "bind the schedule with `total_steps=…`" as "add `--total …`"."""

    def option(match: re.Match[str]) -> str:
        name, value = match.groups()
        return f"`{OPTIONS[name]} {value}`" if name in OPTIONS else f"`--param {name}={value}`"

    hint = re.sub(r"`(\w+)=\"?([^`\"]+)\"?`", option, hint)
    return hint.replace("bind the schedule with", "add").replace("from the call", "from the command line")


__all__ = ["as_json", "columns", "elided", "exit_code", "in_color", "in_options", "print_errors", "print_json"]
