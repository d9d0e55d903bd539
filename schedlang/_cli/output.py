"""What goes out: columns, JSON, colours, errors."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import Any, Final, TextIO

from .._text.errors import Diagnostic
from .._text.rendering import as_json, columns, elided, painted, render

_OUTSIDE: Final = ("E501", "E502")
"""Codes of what is not wrong with a schedule: files that can't be read, and packages that are missing."""


def print_json(value: Any) -> None:
    print(json.dumps(value))


def in_color(stream: TextIO, args: Namespace) -> bool:
    """Whether to write colours: as `--color` says, else to a terminal, unless NO_COLOR is set."""
    if args.color != "auto":
        return bool(args.color == "always")
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def print_errors(diagnostics: Sequence[Diagnostic], args: Namespace) -> None:
    """Print errors: as text to stderr, or with `--json` as an object to stdout."""
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


__all__ = ["as_json", "columns", "elided", "exit_code", "in_color", "print_errors", "print_json"]
