"""What goes out: columns, JSON, colours, errors."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, TextIO, TypeVar

import attrs

from .._text.errors import Argument, Blame, Diagnostic, Needed, Phrase, Unwanted, blamed
from .._text.rendering import as_json, painted, printable, render
from .arguments import OPTIONS

T = TypeVar("T")


def print_json(value: Any) -> None:
    print(json.dumps(value))


def points_as_json(points: Iterable[tuple[int | Fraction, float]]) -> list[dict[str, Any]]:
    return [{"step": float(step) if isinstance(step, Fraction) else step, "value": value} for step, value in points]


def in_color(stream: TextIO, args: Namespace) -> bool:
    """Whether to write colours: as `--color` says, else to a terminal, unless NO_COLOR is set."""
    if args.color != "auto":
        return bool(args.color == "always")
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def print_errors(diagnostics: Iterable[Diagnostic], args: Namespace) -> None:
    """Print errors, in options: as text to stderr, or with `--json` as an object to stdout."""
    if args.json:
        print_json({"errors": [as_json(each) for each in in_options(diagnostics)]})
        return
    _print_text(in_options(diagnostics), args)


def _print_text(diagnostics: Iterable[Diagnostic], args: Namespace) -> None:
    text = "\n\n".join(map(render, diagnostics))
    text = printable(text, "\n")
    print(painted(text) if in_color(sys.stderr, args) else text, file=sys.stderr)


def print_warnings(warnings: Sequence[Diagnostic], args: Namespace) -> None:
    """Print warnings, in options, to stderr below what stdout shows; with `--json` they are part of that."""
    if warnings and not args.json:
        sys.stdout.flush()
        _print_text(warnings, args)


def warnings_as_json(warnings: Iterable[Diagnostic]) -> dict[str, Any]:
    return {"warnings": list(map(as_json, warnings))}


def exit_code(diagnostics: Sequence[Diagnostic]) -> int:
    """1 if something is wrong with a schedule, its run or its config; 3 if it is all outside."""
    return 3 if all(blamed(diagnostic) is Blame.OUTSIDE for diagnostic in diagnostics) else 1


def in_options(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Errors that speak of options where the library's speak of its arguments."""
    return [_in_options(diagnostic) for diagnostic in diagnostics]


def _in_options(diagnostic: Diagnostic) -> Diagnostic:
    source, way_out = diagnostic.source, diagnostic.way_out
    if source is not None and source.name is not None:
        name = OPTIONS.get(source.name, source.name)
        source = attrs.evolve(source, name=name if source.parameter is None else f"--param {source.parameter}")
    match way_out:
        case Needed():
            hint: str | None = way_out.hint(f"add {_option(Argument(way_out.name, '…'))}")
        case Unwanted():
            hint = way_out.hint("the command line")
        case _:
            hint = _with_options(diagnostic.hint)
    return attrs.evolve(diagnostic, message=_with_options(diagnostic.message), hint=hint, source=source)


def _with_options(words: T) -> T | str:
    return words.worded(_option) if isinstance(words, Phrase) else words


def _option(argument: Argument) -> str:
    """`total_steps=…` as `--total …`."""
    name, value = argument.name, argument.value
    if value is None:
        return OPTIONS.get(name, name)
    return f"`{OPTIONS[name]} {value}`" if name in OPTIONS else f"`--param {name}={value}`"
