"""How a diagnostic looks: to people as lines of text, to tools as one line, as JSON, or as a note on GitHub."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .errors import Diagnostic

_WIDTH: Final = 100  # of an excerpt: a line of 60 000 characters is shown around its mistake


def render(diagnostic: Diagnostic, color: bool = False) -> str:
    """The diagnostic as lines of text: the message, the line it is about with a caret line, and the hint."""
    lines = [f"{diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}"]
    margin = "  "
    if diagnostic.source is not None and diagnostic.span is not None:
        number, column = diagnostic.source.position(diagnostic.span.start)
        margin = " " * (len(str(number)) + 1)
        if diagnostic.source.name is not None:
            key = "" if diagnostic.source.key is None else f" ({diagnostic.source.key})"
            lines.append(printable(f"{margin[:-1]}--> {diagnostic.source.name}:{number}:{column}{key}"))
        shown, caret = excerpt(diagnostic.source.line(number), column - 1, diagnostic.span.end - diagnostic.span.start)
        lines += [f"{margin}|", f"{number} | {shown}", f"{margin}| {caret}"]
    lines += [f"{margin}= {line}" for line in help_lines(diagnostic)]
    text = "\n".join(lines)
    return painted(text) if color else text


def help_lines(diagnostic: Diagnostic) -> list[str]:
    """What to do about it, in words, and what else to write."""
    hint = [] if diagnostic.hint is None else [f"help: {diagnostic.hint}"]
    return hint if diagnostic.example is None else [*hint, f"for example: `{diagnostic.example}`"]


def printable(text: str, also: str = "") -> str:
    """A text without characters that steer a terminal, such as the name of a file may bring along."""
    return "".join(each if each.isprintable() or each in also else "\N{REPLACEMENT CHARACTER}" for each in text)


def excerpt(line: str, column: int, length: int) -> tuple[str, str]:
    """The part of a line around a column that fits the width, and the carets below it."""
    line = "".join(character if character.isprintable() else " " for character in line)
    start, stop = 0, len(line)
    if stop > _WIDTH:
        start = max(0, min(column - _WIDTH // 2, stop - _WIDTH))
        stop = start + _WIDTH
    left, right = "… " if start else "", " …" if stop < len(line) else ""
    carets = "^" * max(1, min(column + length, stop) - column)
    return left + line[start:stop] + right, " " * (len(left) + column - start) + carets


def painted(text: str) -> str:
    """Rendered diagnostics with their heads in bold, red for errors and yellow for warnings, and so the carets."""
    text = re.sub(r"^error\[\w+\]", "\x1b[1;31m\\g<0>\x1b[0m", text, flags=re.MULTILINE)
    text = re.sub(r"^warning\[\w+\]", "\x1b[1;33m\\g<0>\x1b[0m", text, flags=re.MULTILINE)
    return re.sub(r"^( *\| *)(\^+)$", "\\1\x1b[31m\\2\x1b[0m", text, flags=re.MULTILINE)


def _position(diagnostic: Diagnostic) -> tuple[int | None, int | None]:
    """Line and column, from 1; None if there is no text."""
    if diagnostic.span is None or diagnostic.source is None:
        return None, None
    return diagnostic.source.position(diagnostic.span.start)


def render_line(diagnostic: Diagnostic) -> str:
    """The diagnostic on one line, as editors and `grep` read it: `file:line:column: error[E201]: message (help: …)`."""
    line, column = _position(diagnostic)
    name = None if diagnostic.source is None else diagnostic.source.name
    where = f"{name or '<text>'}:{line}:{column}: " if line is not None else f"{name}: " if name else ""
    helpful = "".join(f" ({line})" for line in help_lines(diagnostic))
    text = f"{where}{diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}{helpful}"
    return "".join(character if character.isprintable() else " " for character in text)


def as_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """The diagnostic as an object; offsets count from 0, lines and columns from 1."""
    span, source = diagnostic.span, diagnostic.source
    line, column = _position(diagnostic)
    edits = diagnostic.fix
    fix = edits and [{"start": edit.span.start, "end": edit.span.end, "text": edit.text} for edit in edits]
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "start": None if span is None else span.start,
        "end": None if span is None else span.end,
        "line": line,
        "column": column,
        "hint": diagnostic.hint,
        "fix": fix,
        "example": diagnostic.example,
        "source": None if source is None else source.name,
        "key": None if source is None else source.key,
    }


def render_json(diagnostic: Diagnostic) -> str:
    """The diagnostic as one line of JSON."""
    return json.dumps(as_json(diagnostic))


def render_github(diagnostic: Diagnostic, file: str | None = None) -> str:
    """The diagnostic as a command that makes GitHub show it beside the line; `file` if the source has no name.

    >>> from schedlang import Diagnostic
    >>> render_github(Diagnostic("E404", "50% is no number", hint="bind(10)"))
    '::error title=schedlang E404::50%25 is no number%0Ahelp: bind(10)'
    """
    line, column = _position(diagnostic)
    source, span = diagnostic.source, diagnostic.span
    properties: dict[str, object] = {"file": file if source is None or source.name is None else source.name}
    if source is not None and span is not None:
        last, end = source.position(max(span.start, span.end - 1))
        ends = {"endLine": last, "col": column} if last != line else {"col": column, "endColumn": end}
        properties |= {"line": line, **ends}
    properties["title"] = f"schedlang {diagnostic.code}"
    given = ",".join(f"{key}={_escaped(str(value), ':,')}" for key, value in properties.items() if value is not None)
    message = "\n".join([diagnostic.message, *help_lines(diagnostic)])
    return f"::{diagnostic.severity} {given}::{_escaped(message)}"


def _escaped(text: str, also: str = "") -> str:
    """Text for a GitHub command, in which `%`, line ends, and in properties `:` and `,` are written as percents."""
    for character in "%\r\n" + also:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


# Tables.


def columns(rows: Iterable[Sequence[str]], right: Sequence[int] = (0,), indent: str = "") -> str:
    """Rows of cells as aligned columns, those in `right` to the right.

    >>> print(columns([("step", "value"), ("0", "1.0"), ("1000", "0.5")]))
    step  value
       0  1.0
    1000  0.5
    """
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = enumerate(zip(row, widths, strict=True))
        aligned = (cell.rjust(width) if index in right else cell.ljust(width) for index, (cell, width) in cells)
        lines.append((indent + "  ".join(aligned)).rstrip())
    return "\n".join(lines)


def elided(text: str, width: int) -> str:
    """A text on one line, cut in its middle if it is longer than the width.

    >>> elided("keyframes(0 @ 0,\\n  1 @ 5%, 0 @ 100%)", 20)
    'keyframes…0 @ 100%)'
    """
    text = " ".join(text.split())
    if len(text) <= width:
        return text
    half = (width - 1) // 2
    return f"{text[:half].rstrip()}…{text[-half:].lstrip()}"
