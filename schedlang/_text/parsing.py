"""From text to syntax tree."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from . import limits, syntax
from .errors import fail
from .grammar import grammar_text
from .lark_parser import loaded_parser
from .source import Place, Source, Span
from .syntax import Syntax

if TYPE_CHECKING:
    from lark import Lark

BRACKETS: Final = re.compile(r"#[^\n]*|[()\[\]]")  # and comments, in which there are none
_FLATTEN: Final = "name a part of it behind `where` and use the name"


def parse_syntax(source: Source) -> syntax.Text | None:
    """The syntax tree of a text; None if the grammar does not allow it, `recovery` knows why."""
    from lark import UnexpectedInput

    check_limits(source)
    try:
        tree: syntax.Text = _parser().parse(source.text)  # type: ignore[assignment]  # our builder makes no `Tree`
        return tree
    except UnexpectedInput:
        return None
    except _TooDeepError as error:
        (span,) = error.args
    return fail(Place(source, span), "E106", f"nested deeper than {limits.NESTING} levels", _FLATTEN)


@functools.cache
def _parser() -> Lark:
    return loaded_parser(grammar_text(), Builder)


def check_limits(source: Source) -> None:
    """Refuse long texts and deep nesting before the parser builds anything of them."""
    length = len(source.text)
    if length > limits.SOURCE:
        message = f"the text has {length} characters, more than the {limits.SOURCE} that are allowed"
        hint = "use `repeat` for what recurs, or `values`/`keyframes` built in Python"
        fail(Place(source, Span(limits.SOURCE, limits.SOURCE + 1)), "E105", message, hint)
    if source.text.count("(") + source.text.count("[") <= limits.NESTING:
        return
    depth = 0
    for match in BRACKETS.finditer(source.text):
        if match[0] in "([":
            depth += 1
            if depth > limits.NESTING:
                message = f"brackets are nested deeper than {limits.NESTING} levels"
                fail(Place(source, Span(*match.span())), "E106", message, _FLATTEN)
        elif match[0] in ")]":
            depth = max(0, depth - 1)


Parts: TypeAlias = list[Any]


class _TooDeepError(Exception):
    """Raised while the tree grows, with the span of what is too deep."""


def _around(first: Any, last: Any) -> Span:
    return Span(first.start_pos, last.end_pos)


def _word(token: Any) -> syntax.Word:
    return syntax.Word(token.value, Span(token.start_pos, token.end_pos))


def _level(span: Span, *below: Syntax | None) -> int:
    """One more than the deepest of `below`."""
    depth = 1
    for part in below:
        if part is not None and part.depth >= depth:
            depth = part.depth + 1
    if depth > limits.NESTING:
        raise _TooDeepError(span)
    return depth


class Builder:
    """What the grammar's rules build, each by its name, from its parts: tokens, what rules built, None for what is left
    out of `[…]`.

    Lark calls them while it parses, a few times for every word of a text.
    """

    def number(self, parts: Parts) -> Syntax:
        (token,) = parts
        return syntax.Number(token.value, Span(token.start_pos, token.end_pos))

    def quantity(self, parts: Parts) -> Syntax:
        token, unit = parts
        return syntax.Quantity(token.value, _word(unit), _around(token, unit))

    def name(self, parts: Parts) -> Syntax:
        return _word(parts[0])

    word = name

    def call(self, parts: Parts) -> Syntax:
        name, _, arguments, close = parts
        span = _around(name, close)
        given = arguments or ()
        return syntax.Call(_word(name), given, span, _level(span, *given))

    arguments = tuple

    def key(self, parts: Parts) -> Syntax:
        value, time = parts
        return syntax.Key(value, time, value.span.to(time.span), max(value.depth, time.depth))

    def named(self, parts: Parts) -> Syntax:
        name, value = parts
        return syntax.Named(name, value, name.span.to(value.span), value.depth)

    def definition(self, parts: Parts) -> Syntax:
        name, value = parts
        return self.named([_word(name), value])

    def list(self, parts: Parts) -> Syntax:
        opening, *rest, closing = parts
        items = tuple(item for item in rest if item is not None)
        return syntax.List(items, _around(opening, closing), max((item.depth for item in items), default=0))

    def group(self, parts: Parts) -> Syntax:
        opening, inner, closing = parts
        group: Syntax = inner._replace(span=_around(opening, closing))
        return group

    def negative(self, parts: Parts) -> Syntax:
        sign, operand = parts
        span = Span(sign.start_pos, operand.span.end)
        return syntax.Negative(operand, span, _level(span, operand))

    def power(self, parts: Parts) -> Syntax:
        left, right = parts
        span = left.span.to(right.span)
        return syntax.Power(left, right, span, _level(span, left, right))

    def sum(self, parts: Parts) -> Syntax:
        operands = tuple(parts[::2])
        span = operands[0].span.to(operands[-1].span)
        operators = tuple(operator.value for operator in parts[1::2])
        return syntax.Series(operands, operators, span, _level(span, *operands))

    product = sum

    def ramp_in_words(self, parts: Parts) -> Syntax:
        shape, start, end = parts
        span = Span(shape.start_pos, (end or start).span.end)
        return syntax.Ramp(_word(shape), start, end, span, _level(span, start, end))

    def ramp_to(self, parts: Parts) -> Syntax:
        shape, end = parts
        return self.ramp_in_words([shape, None, end])

    def clause(self, parts: Parts) -> Syntax:
        body, word, *given = parts
        arguments = tuple(None if hasattr(part, "end_pos") else part for part in given)  # `rest` is a token
        ends = [
            part.end_pos if hasattr(part, "end_pos") else part.span.end for part in (word, *given) if part is not None
        ]
        span = Span(body.span.start, ends[-1])
        return syntax.Clause(word.value, body, arguments, span, _level(span, body, *arguments))

    def chain(self, parts: Parts) -> Syntax:
        phases = tuple(parts)
        span = phases[0].span.to(phases[-1].span)
        return syntax.Chain(phases, span, _level(span, *phases))

    def start(self, parts: Parts) -> syntax.Text:
        body, *definitions = parts
        given = tuple(definition for definition in definitions if definition is not None)
        return syntax.Text(body, given, body.span, max(part.depth for part in (body, *given)))
