"""From text to syntax tree."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NoReturn

from . import lalr, limits, syntax
from .errors import Diagnostic, ScheduleError
from .lalr import grammar_text
from .source import Source, Span
from .syntax import Syntax

if TYPE_CHECKING:
    from lark import Lark, Token, UnexpectedInput

_BRACKETS: Final = re.compile(r"#[^\n]*|[()\[\]]")

_EXPECTED: Final = {
    "NAME": "a name",
    "NUMBER": "a number",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "COMMA": "`,`",
    "EQUAL": "`=`",
    "$END": "the end",
}
"""How a terminal is called in an error; the rest (`then`, operators) are left out where a phrase below covers them."""


def parse_syntax(source: Source) -> syntax.Text:
    """The syntax tree of a text.

    Raises:
        ScheduleError: E101 … E107, the first thing in the text that the grammar does not allow.

    >>> parse_syntax(Source("cosine")).body
    Word(text='cosine', span=Span(start=0, end=6), depth=0)
    """
    _check_size(source)
    _check_brackets(source)
    try:
        tables = _tables()
        tree = None if tables is None else tables.parse(source.text)
        text: syntax.Text = _by_lark(source) if tree is None else tree
    except _TooDeepError as error:
        raise _error(source, error.span, "E106", f"nested deeper than {limits.NESTING} levels", _FLATTEN) from None
    return text


@functools.cache
def _tables() -> lalr.Tables | None:
    """The parser of the kept tables, read once."""
    return lalr.kept_tables(grammar_text(), _BUILDERS)


def _by_lark(source: Source) -> Any:
    """The tree of a text, by lark: it knows what it expected where a text has none."""
    from lark import UnexpectedInput

    try:
        return _lark().parse(source.text)
    except UnexpectedInput as error:
        _unexpected(source, error)


@functools.cache
def _lark() -> Lark:
    """Lark's parser, made once."""
    return lalr.lark_parser(grammar_text(), _BUILDERS)


_FLATTEN: Final = "name a part of it behind `where` and use the name"


def _error(source: Source, span: Span, code: str, message: str, hint: str | None = None) -> ScheduleError:
    return ScheduleError([Diagnostic(code, message, span, hint, source)])


def _check_size(source: Source) -> None:
    length = len(source.text)
    if length > limits.SOURCE:
        message = f"the text has {length} characters, more than the {limits.SOURCE} that are allowed"
        hint = "use `repeat` for what recurs, or `values`/`keyframes` built in Python"
        raise _error(source, Span(limits.SOURCE, limits.SOURCE + 1), "E105", message, hint)


def _check_brackets(source: Source) -> None:
    """Refuse deep nesting and unpaired brackets before the parser builds anything of them."""
    opened: list[re.Match[str]] = []
    for match in _BRACKETS.finditer(source.text):
        character = match[0]
        if character in "([":
            opened.append(match)
            if len(opened) > limits.NESTING:
                message = f"brackets are nested deeper than {limits.NESTING} levels"
                raise _error(source, Span(*match.span()), "E106", message, _FLATTEN)
        elif character in ")]":
            opening = "(" if character == ")" else "["
            if not opened:
                message = f"`{character}` closes nothing"
                raise _error(source, Span(*match.span()), "E104", message, f"remove it, or add `{opening}` before it")
            if opened.pop()[0] != opening:
                expected = ")" if opening == "[" else "]"
                message = f"`{character}` closes the wrong bracket"
                raise _error(source, Span(*match.span()), "E104", message, f"write `{expected}` here")
    if opened:
        last = opened[-1]
        closing = ")" if last[0] == "(" else "]"
        span = Span(*last.span())
        raise _error(source, span, "E104", f"`{last[0]}` is never closed", f"add `{closing}` where the list ends")


def _unexpected(source: Source, error: UnexpectedInput) -> NoReturn:
    """Tell a lexer's or parser's refusal in the user's words."""
    text = source.text
    token: Token | None = getattr(error, "token", None)
    if token is None:
        start = error.pos_in_stream or 0
        character = text[start]
        shown = character if character.isprintable() else f"U+{ord(character):04X}"
        hint = _CHARACTER_HINTS.get(character, "remove it")
        raise _error(source, Span(start, start + 1), "E102", f"`{shown}` means nothing here", hint) from None
    accepted: set[str] = getattr(error, "accepts", None) or set()
    if not text.strip() or not re.sub(r"#[^\n]*", "", text).strip():
        hint = "write a schedule, for example `cosine` or `warmup(5%) then cosine`"
        raise _error(source, Span(0, len(text)), "E101", "the text is empty", hint) from None
    expected = _expected(accepted)
    if token.type == "$END":
        end = len(text.rstrip())
        raise _error(source, Span(end, end), "E103", "the text ends too early", f"expected {expected} here") from None
    start = token.start_pos or 0
    span = Span(start, start + len(token))
    word = f"`{token}`"
    if token.type not in _EXPECTED and str(token).isalpha() and "NAME" in accepted:
        message, hint = f"{word} is a reserved word and cannot be a name", f"expected {expected} here"
    else:
        message, hint = f"unexpected {word}", f"expected {expected} here"
    raise _error(source, span, "E107", message, hint) from None


_CHARACTER_HINTS: Final = {
    "^": "a power is written `**`",
    "{": "group with `(` and `)`",
    "}": "group with `(` and `)`",
    ">": "phases are joined by `then`, a ramp goes `from` one value `to` another",
    "|": "phases are joined by `then`",
    ";": "phases are joined by `then`, arguments by `,`",
    ":": "a keyframe is written `value @ time`, an argument `name=value`",
    '"': "a schedule needs no quotes",
    "'": "a schedule needs no quotes",
    ".": "write a number with a digit beside the point: `0.5` or `.5`",
    "$": "a parameter is just its name: `peak`, given as `bind(peak=…)`",
}


def _expected(accepted: set[str]) -> str:
    """What may stand here, in words."""
    if "NUMBER" in accepted and "NAME" in accepted:
        return "a schedule, a number or a name" if "MINUS" in accepted else "a number or a name"
    parts = [words for name, words in _EXPECTED.items() if name in accepted]
    if "PLUS" in accepted or "STAR" in accepted:
        parts.insert(0, "an operator")
    if "_THEN" in accepted:
        parts.insert(0, "`then`")
    if not parts:
        parts = sorted(f"`{name.lstrip('_').lower()}`" for name in accepted)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"


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
    body, word, argument = parts
    given = None if getattr(argument, "type", None) == "REST" else argument
    span = Span(body.span.start, argument.end_pos if given is None else given.span.end)
    return syntax.Clause(str(word), body, given, span, _level(span, body, given))


def _repeat(parts: list[Any]) -> Syntax:
    body, word, times, stretch, scale = parts
    end = max([word.end_pos, *(part.span.end for part in (times, stretch, scale) if part is not None)])
    span = Span(body.span.start, end)
    return syntax.Repeat(body, times, stretch, scale, span, _level(span, body, times, stretch, scale))


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
    "repeat": _repeat,
    "chain": _chain,
    "start": _start,
}
"""The builders by their rules."""

__all__ = ["grammar_text", "parse_syntax"]
