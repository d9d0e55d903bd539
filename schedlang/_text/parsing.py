"""From text to syntax tree."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, Final

from . import lalr, limits, syntax
from .errors import Diagnostic, ScheduleError
from .lalr import grammar_text
from .source import Source, Span
from .syntax import Syntax

_BRACKETS: Final = re.compile(r"#[^\n]*|[()\[\]]")
_FLATTEN: Final = "name a part of it behind `where` and use the name"


def parse_syntax(source: Source) -> syntax.Text | None:
    """The syntax tree of a text; None if the grammar does not allow it, `recovery` knows why.

    Raises:
        ScheduleError: E105 and E106, if the text is beyond the limits.

    >>> text = parse_syntax(Source("cosine"))
    >>> text and text.body
    Word(text='cosine', span=Span(start=0, end=6), depth=0)
    """
    check_limits(source)
    try:
        tree: syntax.Text | None = parser().parse(source.text)
    except _TooDeepError as error:
        raise _error(source, error.span, "E106", f"nested deeper than {limits.NESTING} levels", _FLATTEN) from None
    return tree


def parser() -> lalr.Tables:
    """The parser of the grammar."""
    return _tables() or _lark_tables()


@functools.cache
def _tables() -> lalr.Tables | None:
    """The parser of the kept tables, read once."""
    return lalr.kept_tables(grammar_text(), _BUILDERS)


@functools.cache
def _lark_tables() -> lalr.Tables:
    """The parser of tables made anew: the kept ones are of another grammar."""
    return lalr.made_tables(grammar_text(), _BUILDERS)


def _error(source: Source, span: Span, code: str, message: str, hint: str | None = None) -> ScheduleError:
    return ScheduleError([Diagnostic(code, message, span, hint, source)])


def check_limits(source: Source) -> None:
    """Refuse long texts and deep nesting before the parser builds anything of them.

    Raises:
        ScheduleError: E105 and E106.
    """
    length = len(source.text)
    if length > limits.SOURCE:
        message = f"the text has {length} characters, more than the {limits.SOURCE} that are allowed"
        hint = "use `repeat` for what recurs, or `values`/`keyframes` built in Python"
        raise _error(source, Span(limits.SOURCE, limits.SOURCE + 1), "E105", message, hint)
    if source.text.count("(") + source.text.count("[") <= limits.NESTING:
        return
    depth = 0
    for match in _BRACKETS.finditer(source.text):
        if match[0] in "([":
            depth += 1
            if depth > limits.NESTING:
                message = f"brackets are nested deeper than {limits.NESTING} levels"
                raise _error(source, Span(*match.span()), "E106", message, _FLATTEN)
        elif match[0] in ")]":
            depth = max(0, depth - 1)


def unpaired(text: str) -> tuple[Span, str, str] | None:
    """The first bracket without its partner: where, what is wrong, and the bracket that is missing or belongs there.

    >>> unpaired("cosine(1, 0")
    (Span(start=6, end=7), '`(` is never closed', ')')
    """
    opened: list[re.Match[str]] = []
    for match in _BRACKETS.finditer(text):
        character = match[0]
        if character in "([":
            opened.append(match)
        elif character in ")]":
            opening = "(" if character == ")" else "["
            if not opened:
                return Span(*match.span()), f"`{character}` closes nothing", opening
            if opened.pop()[0] != opening:
                return Span(*match.span()), f"`{character}` closes the wrong bracket", ")" if opening == "[" else "]"
    if not opened:
        return None
    last = opened[-1]
    return Span(*last.span()), f"`{last[0]}` is never closed", ")" if last[0] == "(" else "]"


class _TooDeepError(Exception):
    """Raised while the tree grows."""

    def __init__(self, span: Span) -> None:
        super().__init__(span)
        self.span = span


# What the grammar's rules build, each from the list of its own parts: tokens, what rules built, and None for what is
# left out of `[…]`. They run a few times for every word of a text, so they are plain.


def _span(token: Any) -> Span:
    return Span(token.start_pos, token.end_pos)


def _around(first: Any, last: Any) -> Span:
    return Span(first.start_pos, last.end_pos)


def _word(token: Any) -> syntax.Word:
    return syntax.Word(str(token), Span(token.start_pos, token.end_pos))


def _level(span: Span, *below: Syntax | None) -> int:
    """One more than the deepest of `below`."""
    depth = 1
    for part in below:
        if part is not None and part.depth >= depth:
            depth = part.depth + 1
    if depth > limits.NESTING:
        raise _TooDeepError(span)
    return depth


def _number(parts: list[Any]) -> Syntax:
    (token,) = parts
    return syntax.Number(str(token), Span(token.start_pos, token.end_pos))


def _quantity(parts: list[Any]) -> Syntax:
    token, unit = parts
    return syntax.Quantity(str(token), _word(unit), _around(token, unit))


def _name(parts: list[Any]) -> Syntax:
    return _word(parts[0])


def _call(parts: list[Any]) -> Syntax:
    name, _, arguments, close = parts
    span = _around(name, close)
    given = arguments or ()
    return syntax.Call(_word(name), given, span, _level(span, *given))


def _arguments(parts: list[Any]) -> tuple[Syntax, ...]:
    return tuple(parts)


def _key(parts: list[Any]) -> Syntax:
    value, time = parts
    return syntax.Key(value, time, value.span.to(time.span), max(value.depth, time.depth))


def _named(parts: list[Any]) -> Syntax:
    name, value = parts
    return syntax.Named(name, value, name.span.to(value.span), value.depth)


def _definition(parts: list[Any]) -> Syntax:
    name, value = parts
    return _named([_word(name), value])


def _list(parts: list[Any]) -> Syntax:
    opening, *rest, closing = parts
    items = tuple(item for item in rest if item is not None)
    return syntax.List(items, _around(opening, closing), max((item.depth for item in items), default=0))


def _group(parts: list[Any]) -> Syntax:
    opening, inner, closing = parts
    group: Syntax = inner._replace(span=_around(opening, closing))
    return group


def _negative(parts: list[Any]) -> Syntax:
    sign, operand = parts
    span = Span(sign.start_pos, operand.span.end)
    return syntax.Negative(operand, span, _level(span, operand))


def _power(parts: list[Any]) -> Syntax:
    left, right = parts
    span = left.span.to(right.span)
    return syntax.Power(left, right, span, _level(span, left, right))


def _series(parts: list[Any]) -> Syntax:
    operands = tuple(parts[::2])
    span = operands[0].span.to(operands[-1].span)
    return syntax.Series(operands, tuple(map(str, parts[1::2])), span, _level(span, *operands))


def _ramp(parts: list[Any]) -> Syntax:
    shape, start, end = parts
    span = Span(shape.start_pos, (end or start).span.end)
    return syntax.Ramp(_word(shape), start, end, span, _level(span, start, end))


def _ramp_to(parts: list[Any]) -> Syntax:
    shape, end = parts
    return _ramp([shape, None, end])


def _clause(parts: list[Any]) -> Syntax:
    body, word, *given = parts
    arguments = tuple(None if hasattr(part, "end_pos") else part for part in given)  # `rest` is a token
    ends = [part.end_pos if hasattr(part, "end_pos") else part.span.end for part in (word, *given) if part is not None]
    span = Span(body.span.start, ends[-1])
    return syntax.Clause(str(word), body, arguments, span, _level(span, body, *arguments))


def _chain(parts: list[Any]) -> Syntax:
    phases = tuple(parts)
    span = phases[0].span.to(phases[-1].span)
    return syntax.Chain(phases, span, _level(span, *phases))


def _start(parts: list[Any]) -> syntax.Text:
    body, *definitions = parts
    given = tuple(definition for definition in definitions if definition is not None)
    return syntax.Text(body, given, body.span, max(part.depth for part in (body, *given)))


_BUILDERS: Final[dict[str, Callable[[list[Any]], Any]]] = {
    "number": _number,
    "quantity": _quantity,
    "name": _name,
    "word": _name,
    "call": _call,
    "arguments": _arguments,
    "key": _key,
    "named": _named,
    "definition": _definition,
    "list": _list,
    "group": _group,
    "negative": _negative,
    "power": _power,
    "sum": _series,
    "product": _series,
    "ramp_in_words": _ramp,
    "ramp_to": _ramp_to,
    "clause": _clause,
    "chain": _chain,
    "start": _start,
}
"""The builders by their rules."""

__all__ = ["check_limits", "grammar_text", "parse_syntax", "parser", "unpaired"]
