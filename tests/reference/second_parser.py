"""A second parser of the language, by hand: recursive descent, one method a line of the grammar.

Written from the words and the terminals at the head and the foot of `grammar/schedlang.lark` and from
`grammar/README.md`, without Lark and without a look at `schedlang._text.parsing`. It says yes or no, and to a yes gives
the tree; what is wrong with a text is the first parser's business.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from schedlang._text import limits, syntax
from schedlang.source import Span

from .tree import Rejected

KEYWORDS = frozenset(["for", "until", "rest", "over", "skip", "every", "repeat"])
"""The reserved words that may be the name of an argument."""
RESERVED = KEYWORDS | {"then", "stretch", "scale", "from", "to", "where"}

_TOKEN = re.compile(
    r"""
    (?P<blank>  [ \t\r\n\f]+ | \#[^\n]* )
  | (?P<number> (?: [0-9]+(?:_[0-9]+)* (?: \. (?:[0-9]+(?:_[0-9]+)*)? )? | \.[0-9]+(?:_[0-9]+)* )
                (?: [eE][+-]?[0-9]+ )?
                (?: [kMBT] (?= (?:steps?|ep|epochs?|tok|tokens?|samples?|s|seconds?|min|minutes?|h|hours?)?
                               (?![A-Za-z0-9_]) ) )? )
  | (?P<word>   [A-Za-z_][A-Za-z0-9_]* )
  | (?P<sign>   \*\* | [-+*/%@=,()\[\]] )
    """,
    re.VERBOSE,
)


class TooMuch(Rejected):
    """The text is larger, or nested deeper, than the limits of the language allow."""


class Token(NamedTuple):
    """A word, sign or number, and where it stands; `kind` is the text itself for signs and reserved words."""

    kind: str
    text: str
    span: Span

    @property
    def word(self) -> syntax.Word:
        return syntax.Word(self.text, self.span)


def tokens(text: str) -> Iterator[Token]:
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise Rejected(f"no token at {place}")
        group, piece, place = found.lastgroup, found.group(), found.end()
        assert group is not None
        if group != "blank":
            kind = piece if group == "sign" or piece in RESERVED else group
            yield Token(kind, piece, Span(*found.span()))
    yield Token("end", "", Span(len(text), len(text)))


def parse(text: str) -> syntax.Text:
    """The tree of a text, if it is one of the language."""
    if len(text) > limits.SOURCE:
        raise TooMuch("the text is too long")
    found = list(tokens(text))
    _check_brackets(found)
    with _deep_stack():
        return Parser(found).text()


def _check_brackets(found: list[Token]) -> None:
    level = 0
    for token in found:
        level += (token.kind in ("(", "[")) - (token.kind in (")", "]"))
        if level > limits.NESTING:
            raise TooMuch("brackets are nested too deep")


@contextmanager
def _deep_stack() -> Iterator[None]:
    """Room for a few hundred levels, of half a dozen calls each."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(10_000)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


class Parser:
    """The tokens of one text, and how many of them are read."""

    def __init__(self, found: list[Token]) -> None:
        self.tokens = found
        self.place = 0
        self.level = 0

    def sees(self, *kinds: str) -> bool:
        return tuple(token.kind for token in self.tokens[self.place : self.place + len(kinds)]) == kinds

    def take(self, *kinds: str) -> Token:
        token = self.tokens[self.place]
        if token.kind not in kinds:
            raise Rejected(f"{token} instead of one of {kinds}")
        self.place += 1
        return token

    def skip(self, kind: str) -> bool:
        """Read the next token if it is of this kind, and say so."""
        found = self.sees(kind)
        self.place += found
        return found

    def span(self, first: int) -> Span:
        """From the token of number `first` to the last one read."""
        return self.tokens[first].span.to(self.tokens[self.place - 1].span)

    def made(self, cls: Callable[..., syntax.Syntax], first: int, *parts: Any, levels: int = 1) -> Any:
        """A node of these parts that begins with the token of number `first`, `levels` above the deepest of them."""
        flat = [inner for part in parts for inner in (part if type(part) is tuple else (part,))]
        depth = levels + max((part.depth for part in flat if hasattr(part, "depth")), default=0)
        if depth > limits.NESTING:
            raise TooMuch("the tree is too deep")
        return cls(*parts, self.span(first), depth)

    def items(self, item: Callable[[], Any], end: str) -> tuple[Any, ...]:
        """`item { , item } [ , ]`, up to a token of kind `end`, which is read too."""
        found = [item()]
        while not self.skip(end):
            self.take(",")
            if self.skip(end):
                break
            found.append(item())
        return tuple(found)

    def text(self) -> syntax.Text:
        """`chain [ where definition { , definition } [ , ] ]`, and nothing behind it."""
        body = self.chain()
        definitions = self.items(self.definition, "end") if self.skip("where") else ()
        if not definitions:
            self.take("end")
        return self.made(syntax.Text, 0, body, definitions, levels=0)._replace(span=body.span)

    def definition(self) -> syntax.Named:
        """`name = chain`."""
        first, name = self.place, self.take("word").word
        self.take("=")
        return self.made(syntax.Named, first, name, self.chain(), levels=0)

    def chain(self) -> syntax.Syntax:
        """`phase { then phase }`."""
        return self.chain_behind(self.place, self.body())

    def chain_behind(self, first: int, body: syntax.Syntax) -> syntax.Syntax:
        """The rest of a chain, whose first body is read."""
        phases = [self.clauses(first, body)]
        while self.skip("then"):
            phases.append(self.clauses(self.place, self.body()))
        return self.made(syntax.Chain, first, tuple(phases)) if len(phases) > 1 else phases[0]

    def clauses(self, first: int, body: syntax.Syntax) -> syntax.Syntax:
        """`{ for ( rest | sum ) | ( until | over | skip | every ) sum | repeat … }`, behind a body."""
        while True:
            if self.skip("repeat"):
                bare = any(self.sees(kind) for kind in ("number", "word", "(", "-"))
                times = self.sum() if bare else None
                stretch = self.sum() if self.skip("stretch") else None
                scale = self.sum() if self.skip("scale") else None
                body = self.made(syntax.Clause, first, "repeat", body, (times, stretch, scale))
            elif self.tokens[self.place].kind in ("for", "until", "over", "skip", "every"):
                word = self.take("for", "until", "over", "skip", "every").text
                argument = None if word == "for" and self.skip("rest") else self.sum()
                body = self.made(syntax.Clause, first, word, body, (argument,))
            else:
                return body

    def body(self) -> syntax.Syntax:
        """`sum | name from sum [ to sum ] | name to sum`."""
        if not self.sees_ramp():
            return self.sum()
        first, shape = self.place, self.take("word").word
        start = self.sum() if self.skip("from") else None
        end = self.sum() if self.skip("to") else None
        return self.made(syntax.Ramp, first, shape, start, end)

    def sees_ramp(self) -> bool:
        """Whether a ramp in words begins here."""
        return self.sees("word", "from") or self.sees("word", "to")

    def sum(self) -> syntax.Syntax:
        """`product { ( + | - ) product }`."""
        return self.series(self.product, "+", "-")

    def product(self) -> syntax.Syntax:
        """`signed { ( * | / ) signed }`."""
        return self.series(self.signed, "*", "/")

    def series(self, operand: Callable[[], syntax.Syntax], *signs: str) -> syntax.Syntax:
        """`operand { sign operand }`."""
        first, operands, operators = self.place, [operand()], []
        while self.tokens[self.place].kind in signs:
            operators.append(self.take(*signs).text)
            operands.append(operand())
        return self.made(syntax.Series, first, tuple(operands), tuple(operators)) if operators else operands[0]

    def signed(self) -> syntax.Syntax:
        """`- signed | atom [ ** signed ]`."""
        first = self.place
        self.level += 1
        if self.level > 3 * limits.NESTING:
            raise TooMuch("brackets, signs and powers are nested too deep")
        if self.skip("-"):
            node = self.made(syntax.Negative, first, self.signed())
        else:
            node = self.atom()
            if self.skip("**"):
                node = self.made(syntax.Power, first, node, self.signed())
        self.level -= 1
        return node

    def atom(self) -> syntax.Syntax:
        """`number [ unit ] | name [ ( [ argument { , argument } [ , ] ] ) ] | ( chain )`."""
        first, token = self.place, self.take("number", "word", "(")
        if token.kind == "(":
            inner = self.chain()
            self.take(")")
            return inner._replace(span=self.span(first))
        if token.kind == "number":
            if not self.sees("%") and not self.sees("word"):
                return syntax.Number(token.text, token.span)
            unit = self.take("%", "word").word
            return syntax.Quantity(token.text, unit, token.span.to(unit.span))
        if not self.skip("("):
            return token.word
        arguments = () if self.skip(")") else self.items(self.argument, ")")
        return self.made(syntax.Call, first, token.word, arguments)

    def argument(self) -> syntax.Syntax:
        """`chain | list | sum @ sum | word = ( chain | list )`."""
        first = self.place
        if self.tokens[first].kind in ("word", *KEYWORDS) and self.tokens[first + 1].kind == "=":
            name = self.take("word", *KEYWORDS).word
            self.take("=")
            value = self.list() if self.sees("[") else self.chain()
            return self.made(syntax.Named, first, name, value, levels=0)
        if self.sees("["):
            return self.list()
        ramp, body = self.sees_ramp(), self.body()
        if not ramp and self.skip("@"):
            return self.made(syntax.Key, first, body, self.sum(), levels=0)
        return self.chain_behind(first, body)

    def list(self) -> syntax.List:
        """`"[" [ sum { , sum } [ , ] ] "]"`."""
        first = self.place
        self.take("[")
        return self.made(syntax.List, first, () if self.skip("]") else self.items(self.sum, "]"), levels=0)
