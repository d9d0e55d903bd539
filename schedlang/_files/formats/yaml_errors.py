"""What YAML's errors mean to somebody who has written a schedule."""

from __future__ import annotations

import re
from typing import Any, Final

from ..._text.errors import Blame, Diagnostic, blamed
from ..._text.source import Source, Span
from .located import Leaf, ScalarStyle

_LINE: Final = re.compile(r"(?P<key>\s*(?:- +)*[^\s:#][^:#]*:[ \t]+)(?P<value>\S.*?)\s*$")
_STARTS: Final = {
    "%": "that begins with `%` is a directive",
    "@": "cannot begin with `@`",
    "`": "cannot begin with a backtick",
    "*": "that begins with `*` is an alias",
    "&": "that begins with `&` is an anchor",
    "!": "that begins with `!` is a tag",
    "[": "that begins with `[` is a list, and ends where that ends",
    "{": "that begins with `{` is a mapping, and ends where that ends",
    "|": "that begins with `|` is a block, whose text begins on the next line",
    ">": "that begins with `>` is a block, whose text begins on the next line",
    '"': "that begins with a quote ends at the next one",
    "'": "that begins with a quote ends at the next one",
}
_FILLED_IN: Final = re.compile(r"[:,\[]\s*(\$\{[^{}\"']*\})")  # by OmegaConf
_AT_COMMENT: Final = "YAML ended the text at ` #`: outside of quotes and blocks that begins a comment of the file's own"
_BLOCK: Final = "put the schedule into a block: write `|` behind the key, and the text on the lines below it"


def explained(source: Source, error: Any) -> Diagnostic | None:
    """E507 or E508 for an error of PyYAML's that comes of what is written around a schedule; None for any other."""
    if type(error).__name__ == "ConstructorError":
        return None
    numbers = (source.position(mark.index)[0] for mark in (error.problem_mark, error.context_mark) if mark is not None)
    diagnostics = (_cut_between_lines(source, number) or _value_refused(source, number) for number in numbers)
    return next((diagnostic for diagnostic in diagnostics if diagnostic is not None), None)


def cut_at_comment(source: Source, leaf: Leaf, diagnostic: Diagnostic) -> Diagnostic | None:
    """E507, if the text of a value lacks its end, and YAML has cut it at ` #`."""
    if leaf.style is not ScalarStyle.PLAIN or blamed(diagnostic) is not Blame.UNFINISHED:
        return None
    comment = re.compile(r"[ \t]+(#)").match(source.text, leaf.span.end)
    return None if comment is None else Diagnostic("E507", _AT_COMMENT, Span(*comment.span(1)), _BLOCK, source)


def in_quotes(text: str) -> str:
    text = " ".join(text.split())
    if '"' not in text:
        quotes = "" if len(text) > 60 or "\\" in text else f': `"{text}"`'
    else:
        quotes = f": `'{text}'`" if len(text) > 60 or "\\" in text or "'" not in text else ""
    return f"put the schedule in quotes{quotes}"


def _line_start(source: Source, number: int) -> int:
    return sum(len(line) + 1 for line in source.text.split("\n")[: number - 1])


def _value_refused(source: Source, number: int) -> Diagnostic | None:
    """What is wrong with the value that stands on a line behind its key."""
    match = _LINE.match(source.line(number))
    if match is None:
        return None
    value, start = match["value"], _line_start(source, number) + match.start("value")
    filled = _FILLED_IN.search(value) if value[0] in "[{" else None
    if filled is not None:
        message = "YAML takes the `{` of `${…}` for the beginning of a mapping"
        span = Span(start + filled.start(1), start + filled.end(1))
        return Diagnostic("E508", message, span, f'put it in quotes: `"{filled[1]}"`', source)
    broken = _broken_in_brackets(value) if value[0] in "[{" else None
    if broken is not None:
        at, text = broken
        message = f"YAML takes the `{value[at]}` in `{text}` for its own, as the text stands in braces or brackets"
        return Diagnostic("E508", message, Span(start + at, start + at + 1), in_quotes(text), source)
    opening = _STARTS.get(value[0])
    if opening is not None:
        hint = in_quotes(value.strip("\"'")) if value[0] not in "|>" else "begin the schedule on the next line"
        return Diagnostic("E508", f"a value of YAML {opening}", Span(start, start + 1), hint, source)
    colon = re.search(r":(?=\s|$)", value)
    if colon is not None:
        span = Span(start + colon.start(), start + colon.end())
        message = "YAML takes what stands before `: ` for a key"
        return Diagnostic("E508", message, span, in_quotes(value), source)
    return None


def _broken_in_brackets(value: str) -> tuple[int, str] | None:
    """The first text in braces or brackets that has brackets or a colon of its own, and where these stand in it."""
    for item in re.finditer(r"(?:[\[{,]|:[ \t])[ \t]*(?=[A-Za-z(])", value):
        text = plain_at(value, item.end())
        own = None if text is None else re.search(r"[\[{]|:(?=[ \t])", text)
        if text is not None and own is not None and 0 <= text.find("(") < own.start():
            return item.end() + own.start(), text
    return None


def plain_at(text: str, start: int) -> str | None:
    """What is written from there on in braces or brackets, up to where that ends; a call as a whole.

    >>> plain_at("{a: values([1, 2]) , b: 3}", 4), plain_at("[f(1, 2", 1)
    ('values([1, 2])', None)
    """
    depth = 0
    for index in range(start, len(text)):
        depth += (text[index] in "([{") - (text[index] in ")]}")
        if depth < 0 or (depth == 0 and text[index] == ",") or text[index - 1 : index + 1] in (" #", "\t#", "\n#"):
            return text[start:index].rstrip()
    return None


def _cut_between_lines(source: Source, number: int) -> Diagnostic | None:
    """What is wrong if a line goes on with a text that has ended on the line before it at a comment."""
    line = source.line(number)
    if number < 2 or not line[:1].isspace() or re.match(r"\s*(?:- |[^\s:#]+:(?:\s|$))", line):
        return None
    comment = re.search(r"(?<=\s)#", source.line(number - 1))
    if comment is None:
        return None
    start = _line_start(source, number - 1) + comment.start()
    return Diagnostic("E507", _AT_COMMENT, Span(start, start + 1), _BLOCK, source)
