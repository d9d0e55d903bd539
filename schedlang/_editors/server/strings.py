"""Schedules outside of config files: strings in Python code, and plain text that is one schedule.

In Python the strings count that stand in a call of something imported from schedlang: the first argument of `parse` at
its word, and other arguments, and values of mappings given as arguments, if they look like a schedule.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

import attrs

from ..._files.carried import Carried
from ..._files.formats import ConfigFile, Leaf, ScalarStyle
from ..._files.formats.located import pieces_of
from ..._files.recognizing import Kin, Under, recognized
from ..._files.references import is_reference
from ..._files.sections import FoundSchedule
from ..._language.formatting import without_blank_lines
from ..._text.errors import Edit
from ..._text.run import SETTINGS
from ..._text.source import Span
from .positions import Lines

_LITERAL: Final = re.compile(
    r"(?P<prefix>[rRuU]?)(?P<quote>'''|\"\"\"|'|\")(?P<body>(?:\\(?:\r\n|[\s\S])|(?!(?P=quote))[\s\S])*)(?P=quote)"
)
_BETWEEN: Final = re.compile(r"(?:\s|\\\r?\n|#[^\r\n]*)*")
_ESCAPE: Final = re.compile(
    r"\\(?:\r\n|[\r\n\\'\"abfnrtv]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|[0-3]?[0-7]{1,2})"
)
_DURATION: Final = re.compile(r"\s*[\d._]+\s*\w*%?\s*")
_PYTHON: Final = frozenset("'\"\\\r\n{}")

CharacterStream = Iterator[tuple[str, int, int]]


@attrs.frozen(eq=False)
class Strings(ConfigFile):
    """A file whose schedules are written as they are, but for characters that may not be in them."""

    unwritable: frozenset[str] = frozenset()

    def edits(self, leaf: Leaf, edits: Iterable[Edit], text: str) -> tuple[Edit, ...] | None:
        edits = tuple(edits)
        if leaf.pieces is None or any(self.unwritable & set(edit.text) for edit in edits):
            return None
        return tuple(Edit(leaf.place(edit.span), edit.text) for edit in edits)

    def rewritten(self, leaf: Leaf, text: str, means: Callable[[str], bool]) -> tuple[Edit, ...] | None:
        if not leaf.pieces:
            return None
        whole = Span(leaf.pieces[0].start, leaf.pieces[-1].end)
        plain = self.text[whole.start : whole.end] == leaf.value  # no escapes, and one literal
        if not plain or self.unwritable & (set(text) | set(leaf.value)) or not means(text):
            return None
        return (Edit(whole, text),)


@attrs.frozen(eq=False)
class PlainText(Strings):
    """A file that is one schedule. Formatting leaves the blank lines around it, and how its lines end."""

    def rewritten(self, leaf: Leaf, text: str, means: Callable[[str], bool]) -> tuple[Edit, ...] | None:
        text = text.replace("\n", self.newline)
        return (Edit(without_blank_lines(self.text), text),) if means(text) else None


def plain_text(name: str, text: str) -> list[FoundSchedule]:
    file = PlainText(name, text, False, ())
    pieces = tuple(Span(index, index + 1) for index in range(len(text)))
    leaf = Leaf(text, Span(0, len(text)), ScalarStyle.LITERAL, lambda: pieces)
    return [FoundSchedule((), Carried(text, name, file, None, leaf))] if text.strip() else []


def python_strings(name: str, text: str) -> list[FoundSchedule]:
    """The schedules in Python code; none while it can't be parsed.

    >>> code = "from schedlang import parse\\nlr = parse('warmup(5%) then cosin')"
    >>> [found.schedule.text for found in python_strings("train.py", code) if found.schedule]
    ['warmup(5%) then cosin']
    """
    if "schedlang" not in text:
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # escapes that Python doesn't know
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    file = Strings(name, text, False, (), _PYTHON)
    lines = Lines(text, "utf-8")
    schedules = []
    for node in _schedules(tree):
        start = lines.offset(node.lineno - 1, node.col_offset)
        end = lines.offset((node.end_lineno or node.lineno) - 1, node.end_col_offset or 0)
        value = str(node.value)
        leaf = Leaf(value, Span(start, end), reread=partial(_pieces, text, start, end, value))
        schedules.append(FoundSchedule((), Carried(value, name, file, None, leaf)))
    return schedules


def _schedules(tree: ast.Module) -> list[ast.Constant]:
    names = _imported(tree)
    found: dict[tuple[int, int], ast.Constant] = {}
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not _root(call.func) & names:
            continue
        function = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        given = [(index == 0 and function == "parse", each) for index, each in enumerate(call.args)]
        given += [(False, each.value) for each in call.keywords if each.arg not in (*SETTINGS, "name")]
        for sure, each in given:
            for string in _strings(each):
                value = str(string.value)
                if sure or (not _DURATION.fullmatch(value) and recognized(value, Under.VALUE) is not Kin.THEIRS):
                    found[string.lineno, string.col_offset] = string
    return [each for _, each in sorted(found.items()) if not is_reference(str(each.value))]


def _imported(tree: ast.Module) -> set[str]:
    """What names from schedlang are called here."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            ours = [each for each in node.names if each.name.partition(".")[0] == "schedlang"]
            names |= {each.asname or "schedlang" for each in ours}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "schedlang":
            names |= {each.asname or each.name for each in node.names}
    return names


def _root(function: ast.expr) -> set[str]:
    while isinstance(function, ast.Attribute):
        function = function.value
    return {function.id} if isinstance(function, ast.Name) else set()


def _strings(node: ast.expr) -> Iterator[ast.Constant]:
    """A string, or the strings that are values of a mapping, or of mappings in it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    elif isinstance(node, ast.Dict):
        for each in node.values:
            yield from _strings(each)


# Where the characters of a string stand.


def _pieces(text: str, start: int, end: int, value: str) -> tuple[Span, ...] | None:
    return pieces_of(_literal_characters(text, start, end), value)


def _literal_characters(text: str, start: int, end: int) -> CharacterStream:
    position = start
    while position < end:
        literal = _LITERAL.match(text, position, end)
        if literal is None:
            return
        yield from _body_characters(text, *literal.span("body"), raw=literal["prefix"] in ("r", "R"))
        between = _BETWEEN.match(text, literal.end(), end)
        position = between.end() if between is not None else end


def _body_characters(text: str, start: int, end: int, raw: bool) -> CharacterStream:
    while start < end:
        escape = None if raw else _ESCAPE.match(text, start, end)
        stop = start + 1 + text.startswith("\r\n", start, end) if escape is None else escape.end()
        meant = ast.literal_eval(f'"{escape[0]}"') if escape is not None else text[start].replace("\r", "\n")
        if meant:  # nothing, of a backslash at the end of a line
            yield meant, start, stop
        start = stop
