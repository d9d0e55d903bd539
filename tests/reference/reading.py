"""From text to tree: a lexer and a recursive descent parser, one function a line of the grammar.

text      = sequence [ "where" NAME "=" sequence { "," NAME "=" sequence } [","] ]
sequence  = phase { "then" phase }
phase     = body { clause }
clause    = "for" (sum | "rest") | "until" sum | "over" sum | "skip" sum | "every" sum
          | "repeat" [sum] [ "stretch" sum ] [ "scale" sum ]
body      = RAMP [ "from" sum ] "to" sum | sum
sum       = product { ("+" | "-") product }
product   = unary { ("*" | "/") unary }
unary     = "-" unary | power
power     = atom [ "**" unary ]
atom      = NUMBER [ "%" | UNIT ] | NAME [ "(" arguments ")" ] | "(" sequence ")"
argument  = [ NAME "=" ] ( list | sequence [ "@" sum ] )
list      = "[" [ sequence { "," sequence } [","] ] "]"
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from .tree import (
    Amount,
    Call,
    Chain,
    Every,
    For,
    Items,
    Key,
    Name,
    Negation,
    Node,
    Number,
    Over,
    Power,
    Product,
    Rejected,
    Repeat,
    Skip,
    Sum,
    Text,
    Until,
    Words,
)

Item = TypeVar("Item")

RAMPS = ("linear", "cosine", "poly", "exponential", "one_minus_sqrt")
CLAUSES = ("for", "until", "over", "skip", "repeat", "every")
RESERVED = {"where", "then", *CLAUSES, "stretch", "scale", "rest", "from", "to"}
UNITS = {
    "steps": "steps",
    "step": "steps",
    "epochs": "epochs",
    "epoch": "epochs",
    "ep": "epochs",
    "samples": "samples",
    "sample": "samples",
    "tokens": "tokens",
    "token": "tokens",
    "tok": "tokens",
}
POWERS_OF_1000 = {"k": 3, "M": 6, "B": 9, "T": 12}
LONGEST_SOURCE = 65_536
DEEPEST_NESTING = 100
LARGEST_EXPONENT = 400  # a double ends at 1e308; beyond this a number is 0 or not finite anyway
LARGEST_DOUBLE = Fraction(2**1024 - 2**970)

DIGITS = r"[0-9](?:_?[0-9])*"
MANTISSA = rf"(?:{DIGITS}(?:\.(?:{DIGITS})?)?|\.{DIGITS})"
NUMBER = re.compile(rf"(?P<mantissa>{MANTISSA})(?:[eE](?P<exponent>[+-]?{DIGITS}))?(?P<suffix>[kMBT](?![A-Za-z0-9_]))?")
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
BLANK = re.compile(r"(?:[ \t\r\n\f]+|#[^\n]*)+")
SIGNS = ("**", "+", "-", "*", "/", "(", ")", "[", "]", ",", "=", "@", "%")


@dataclass(frozen=True)
class Token:
    """A piece of the text; `kind` is number, word, sign or end."""

    kind: str
    text: str
    offset: int
    value: Fraction = Fraction(0)


def number_value(text: str) -> Fraction:
    """The exact value of a number's text, such as `3e-4`, `10_000` or `2B`."""
    match = NUMBER.fullmatch(text)
    if match is None:
        raise Rejected(f"not a number: {text!r}")
    exponent = int((match["exponent"] or "0").replace("_", "")[:9])
    if abs(exponent) > LARGEST_EXPONENT:
        raise Rejected(f"the exponent of {text!r} is out of bounds")
    exponent += POWERS_OF_1000.get(match["suffix"] or "", 0)
    mantissa = match["mantissa"].replace("_", "")
    whole, _, fraction = mantissa.partition(".")
    value = Fraction(int((whole + fraction) or "0"), 10 ** len(fraction)) * Fraction(10) ** exponent
    if value > LARGEST_DOUBLE:
        raise Rejected(f"{text!r} is not finite")
    return value


def tokens_of(text: str) -> list[Token]:
    """Cut the text into tokens; brackets are counted here."""
    if len(text) > LONGEST_SOURCE:
        raise Rejected(f"longer than {LONGEST_SOURCE} characters")
    tokens: list[Token] = []
    offset = depth = 0
    while offset < len(text):
        blank = BLANK.match(text, offset)
        if blank:
            offset = blank.end()
            continue
        token = _token_at(text, offset)
        tokens.append(token)
        offset += len(token.text)
        depth += (token.text in "([") - (token.text in ")]")
        if depth > DEEPEST_NESTING:
            raise Rejected(f"brackets nest deeper than {DEEPEST_NESTING}")
    tokens.append(Token("end", "", len(text)))
    return tokens


def _token_at(text: str, offset: int) -> Token:
    """The token that begins at this offset."""
    number = NUMBER.match(text, offset)
    if number:
        end = number.end()
        if end < len(text) and (text[end] == "." or text[end].isdigit() or text[end] == "_"):
            raise Rejected(f"malformed number at {offset}")
        return Token("number", number.group(), offset, number_value(number.group()))
    word = WORD.match(text, offset)
    if word:
        return Token("word", word.group(), offset)
    for sign in SIGNS:
        if text.startswith(sign, offset):
            return Token("sign", sign, offset)
    raise Rejected(f"unexpected character {text[offset]!r} at {offset}")


class Parser:
    """Reads the tokens from left to right, one method a line of the grammar."""

    def __init__(self, text: str) -> None:
        """Begin at the first token."""
        self.tokens = tokens_of(text)
        self.index = 0

    @property
    def here(self) -> Token:
        """The token to be read next."""
        return self.tokens[self.index]

    @property
    def ahead(self) -> Token:
        """The token after that."""
        return self.tokens[min(self.index + 1, len(self.tokens) - 1)]

    def take(self) -> Token:
        """Read one token."""
        token = self.here
        self.index = min(self.index + 1, len(self.tokens) - 1)
        return token

    def at(self, *texts: str) -> bool:
        """Whether the next token is one of these signs or words."""
        return self.here.kind in ("sign", "word") and self.here.text in texts

    def accept(self, *texts: str) -> Token | None:
        """Read the next token if it is one of these."""
        return self.take() if self.at(*texts) else None

    def expect(self, text: str) -> None:
        """Read this sign or word, or reject the text."""
        if not self.accept(text):
            raise Rejected(f"expected {text!r} at {self.here.offset}, found {self.here.text!r}")

    def text(self) -> Text:
        """A whole text."""
        schedule = self.sequence()
        definitions: list[tuple[str, Node]] = []
        if self.accept("where"):
            definitions = self.listed(self.definition, lambda: self.here.kind == "end")
            if not definitions:
                raise Rejected("nothing is defined after `where`")
        if self.here.kind != "end":
            raise Rejected(f"unexpected {self.here.text!r} at {self.here.offset}")
        return Text(schedule, tuple(definitions))

    def listed(self, item: Callable[[], Item], closed: Callable[[], bool]) -> list[Item]:
        """Items between commas, a trailing comma allowed, up to where `closed` says."""
        items: list[Item] = []
        while not closed():
            items.append(item())
            if not self.accept(","):
                break
        return items

    def definition(self) -> tuple[str, Node]:
        """`name = ...` after `where`."""
        if self.here.kind != "word":
            raise Rejected(f"expected a name at {self.here.offset}")
        name = self.take().text
        self.expect("=")
        return name, self.sequence()

    def sequence(self) -> Node:
        """Phases with `then` between them."""
        parts = [self.phase()]
        while self.accept("then"):
            parts.append(self.phase())
        return parts[0] if len(parts) == 1 else Chain(tuple(parts))

    def phase(self) -> Node:
        """A body and its clauses, applied from left to right."""
        node = self.body()
        while clause := self.accept(*CLAUSES):
            node = self.clause(clause.text, node)
        return node

    def clause(self, word: str, body: Node) -> Node:
        """The rest of a clause after its word."""
        match word:
            case "for":
                return For(body, None if self.accept("rest") else self.sum())
            case "until":
                return Until(body, self.sum())
            case "over":
                return Over(body, self.sum())
            case "skip":
                return Skip(body, self.sum())
            case "every":
                return Every(body, self.sum())
        begins_sum = self.here.kind == "number" or self.at("-", "(")
        count = self.sum() if begins_sum or self.at_name() else None
        stretch = self.sum() if self.accept("stretch") else None
        scale = self.sum() if self.accept("scale") else None
        return Repeat(body, count, stretch, scale)

    def at_name(self) -> bool:
        """Whether a word that is not reserved comes next."""
        return self.here.kind == "word" and self.here.text not in RESERVED

    def body(self) -> Node:
        """A ramp in words, or arithmetic."""
        if self.at(*RAMPS) and self.ahead.kind == "word" and self.ahead.text in ("from", "to"):
            ramp = self.take().text
            start = self.sum() if self.accept("from") else None
            self.expect("to")
            return Words(ramp, start, self.sum())
        return self.sum()

    def sum(self) -> Node:
        """Terms with + or - between them."""
        terms = [(1, self.product())]
        while sign := self.accept("+", "-"):
            terms.append((1 if sign.text == "+" else -1, self.product()))
        return terms[0][1] if len(terms) == 1 else Sum(tuple(terms))

    def product(self) -> Node:
        """Factors with * or / between them."""
        factors = [("*", self.unary())]
        while sign := self.accept("*", "/"):
            factors.append((sign.text, self.unary()))
        return factors[0][1] if len(factors) == 1 else Product(tuple(factors))

    def unary(self) -> Node:
        """Minus signs bind more loosely than **, as in Python."""
        if self.accept("-"):
            return Negation(self.unary())
        return self.power()

    def power(self) -> Node:
        """** groups to the right, and its exponent may have a minus sign."""
        base = self.atom()
        return Power(base, self.unary()) if self.accept("**") else base

    def atom(self) -> Node:
        """A number, a duration, a name, an application, or anything in parentheses."""
        if self.here.kind == "number":
            return self.number()
        if self.accept("("):
            inside = self.sequence()
            self.expect(")")
            return inside
        if self.at_name():
            word = self.take().text
            return self.call(word) if self.accept("(") else Name(word)
        raise Rejected(f"expected a value at {self.here.offset}, found {self.here.text!r}")

    def number(self) -> Node:
        """A number and its unit, if it has one."""
        token = self.take()
        if self.accept("%"):
            return Amount(token.value / 100, "%")
        if self.here.kind == "word" and self.here.text in UNITS:
            return Amount(token.value, UNITS[self.take().text])
        if self.here.kind in ("word", "number") and self.here.offset == token.offset + len(token.text):
            raise Rejected(f"unknown unit {self.here.text!r} at {self.here.offset}")
        return Number(token.value, token.text)

    def call(self, name: str) -> Call:
        """The arguments, after the opening parenthesis."""
        arguments = self.listed(self.argument, lambda: self.at(")"))
        self.expect(")")
        positional = [value for key, value in arguments if key is None]
        named = [(key, value) for key, value in arguments if key is not None]
        if [key for key, _ in arguments] != [None] * len(positional) + [key for key, _ in named]:
            raise Rejected(f"a positional argument of {name} follows a named one")
        if len(dict(named)) < len(named):
            raise Rejected(f"an argument of {name} is given twice")
        return Call(name, tuple(positional), tuple(named))

    def argument(self) -> tuple[str | None, Node]:
        """One argument, with its name if it has one."""
        name = None
        if self.here.kind == "word" and self.ahead.text == "=":
            name = self.take().text
            self.expect("=")
        if self.accept("["):
            values = self.listed(self.sequence, lambda: self.at("]"))
            self.expect("]")
            return name, Items(tuple(values))
        value = self.sequence()
        return name, Key(value, self.sum()) if self.accept("@") else value


def parse(text: str) -> Text:
    """The tree of a text."""
    return Parser(text).text()
