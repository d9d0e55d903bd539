"""What is wrong with a schedule: one class of diagnostics, one exception that carries them, one renderer.

Codes are stable: E1xx syntax and limits of the text, E2xx names and arguments, E3xx kinds, units and ranges,
E4xx binding to a run and evaluation, E5xx configuration files.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, NoReturn

import attrs

from .source import Place, Source, Span

_MOST = 20  # diagnostics that an error's text shows; `diagnostics` has all
_WIDTH = 100  # of an excerpt: a line of 60 000 characters is shown around its mistake


class Edit(NamedTuple):
    """A piece of a text, and what to write in its place."""

    span: Span
    text: str


@attrs.frozen
class Diagnostic:
    """One mistake, or, if its code begins with W, a warning.

    Attributes:
        code: which kind of mistake it is.
        message: what is wrong, in a few words.
        span: where: offsets in `source.text`; None if there is no text.
        hint: a way out, in words.
        source: the text.
        fix: edits of the text that make this mistake go away, tried out; None if there are none.
    """

    code: str
    message: str
    span: Span | None = None
    hint: str | None = None
    source: Source | None = attrs.field(default=None, repr=False)
    fix: tuple[Edit, ...] | None = None

    @property
    def severity(self) -> Literal["error", "warning"]:
        """How bad it is."""
        return "warning" if self.code.startswith("W") else "error"

    def fixed(self) -> str | None:
        """The text with the fix in it; None if there is no fix."""
        if self.fix is None or self.source is None:
            return None
        text = self.source.text
        for edit in sorted(self.fix, reverse=True):
            text = text[: edit.span.start] + edit.text + text[edit.span.end :]
        return text

    @classmethod
    def at(cls, place: Place | None, code: str, message: str, hint: str | None = None) -> Diagnostic:
        """A diagnostic for the node at `place`."""
        if place is None:
            return cls(code, message, hint=hint)
        return cls(code, message, place.span, hint, place.source)

    def __str__(self) -> str:
        return render(self)


class ScheduleError(ValueError):
    """Everything that can be wrong with a schedule's text, its arguments, its run or a step.

    Attributes:
        diagnostics: what is wrong, in the order of the text; never empty.

    >>> import schedlang
    >>> try:
    ...     schedlang.parse("warmup(5%) then cosin(3e-4, 0)")
    ... except schedlang.ScheduleError as error:
    ...     print(error)
    error[E201]: unknown name `cosin`
      |
    1 | warmup(5%) then cosin(3e-4, 0)
      |                 ^^^^^
      = help: did you mean `cosine`?
    """

    __module__ = "schedlang"  # where users import it from, and read it in a traceback

    diagnostics: tuple[Diagnostic, ...]

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        rendered = [render(diagnostic) for diagnostic in self.diagnostics[:_MOST]]
        if len(self.diagnostics) > _MOST:
            rendered.append(f"and {len(self.diagnostics) - _MOST} more")
        return "\n\n".join(rendered)

    def __reduce__(self) -> tuple[type[ScheduleError], tuple[tuple[Diagnostic, ...]]]:
        return type(self), (self.diagnostics,)


def fail(place: Place | None, code: str, message: str, hint: str | None = None) -> NoReturn:
    """Raise a ScheduleError with one diagnostic.

    Raises:
        ScheduleError: always.
    """
    raise ScheduleError([Diagnostic.at(place, code, message, hint)])


def render(diagnostic: Diagnostic) -> str:
    """The diagnostic as lines of text: the message, the line it is about with a caret line, and the hint."""
    lines = [f"error[{diagnostic.code}]: {diagnostic.message}"]
    margin = "  "
    if diagnostic.source is not None and diagnostic.span is not None:
        number, column = diagnostic.source.position(diagnostic.span.start)
        margin = " " * (len(str(number)) + 1)
        if diagnostic.source.name is not None:
            lines.append(f"{margin[:-1]}--> {diagnostic.source.name}:{number}:{column}")
        excerpt, caret = _excerpt(
            diagnostic.source.line(number), column - 1, diagnostic.span.end - diagnostic.span.start
        )
        lines += [f"{margin}|", f"{number} | {excerpt}", f"{margin}| {caret}"]
    if diagnostic.hint is not None:
        lines.append(f"{margin}= help: {diagnostic.hint}")
    return "\n".join(lines)


def _excerpt(line: str, column: int, length: int) -> tuple[str, str]:
    """The part of a line around a column that fits the width, and the carets below it."""
    line = "".join(character if character.isprintable() else " " for character in line)
    start, stop = 0, len(line)
    if stop > _WIDTH:
        start = max(0, min(column - _WIDTH // 2, stop - _WIDTH))
        stop = start + _WIDTH
    left, right = "… " if start else "", " …" if stop < len(line) else ""
    carets = "^" * max(1, min(column + length, stop) - column)
    return left + line[start:stop] + right, " " * (len(left) + column - start) + carets


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` that `name` looks like, if any does."""
    import difflib  # for texts with mistakes alone

    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    return close[0] if close else None


def listed(words: Iterable[str]) -> str:
    """Words as a sentence lists them: `a`, `b` or `c`."""
    quoted = [f"`{word}`" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
