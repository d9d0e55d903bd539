"""From text to tree, by the second parser; and the exact values of the numbers in it."""

from __future__ import annotations

import re
from fractions import Fraction

from schedlang._text import syntax

from . import second_parser
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

RAMPS = ("linear", "cosine", "poly", "exponential", "one_minus_sqrt")
CLAUSES = {"for": For, "until": Until, "over": Over, "skip": Skip, "every": Every, "repeat": Repeat}
UNITS = {
    **dict.fromkeys(("steps", "step"), "steps"),
    **dict.fromkeys(("epochs", "epoch", "ep"), "epochs"),
    **dict.fromkeys(("samples", "sample"), "samples"),
    **dict.fromkeys(("tokens", "token", "tok"), "tokens"),
    **dict.fromkeys(("seconds", "second", "s"), "seconds"),
    **dict.fromkeys(("minutes", "minute", "min"), "minutes"),
    **dict.fromkeys(("hours", "hour", "h"), "hours"),
}
POWERS_OF_1000 = {"k": 3, "M": 6, "B": 9, "T": 12}
LARGEST_EXPONENT = 400  # a double ends at 1e308; beyond this a number is 0 or not finite anyway
LARGEST_DOUBLE = Fraction(2**1024 - 2**970)
NUMBER = re.compile(r"(?P<mantissa>[0-9_.]+)(?:[eE](?P<exponent>[+-]?[0-9_]+))?(?P<suffix>[kMBT])?")


def number_value(text: str) -> Fraction:
    """The exact value of a number's text, such as `3e-4`, `10_000` or `2B`."""
    match = NUMBER.fullmatch(text)
    if match is None:
        raise Rejected(f"not a number: {text!r}")
    exponent = int((match["exponent"] or "0").replace("_", "")[:9])
    if abs(exponent) > LARGEST_EXPONENT:
        raise Rejected(f"the exponent of {text!r} is out of bounds")
    exponent += POWERS_OF_1000.get(match["suffix"] or "", 0)
    whole, point, fraction = match["mantissa"].replace("_", "").partition(".")
    if (len(whole) > 1 and whole[0] == "0") or (whole == "0" and not point and int(match["exponent"] or 0) != 0):
        raise Rejected(f"{text!r} begins with zeros")
    value = Fraction(int((whole + fraction) or "0"), 10 ** len(fraction)) * Fraction(10) ** exponent
    if value > LARGEST_DOUBLE:
        raise Rejected(f"{text!r} is not finite")
    return value


def parse(text: str) -> Text:
    read = second_parser.parse(text)
    return Text(node(read.body), tuple((each.name.text, node(each.value)) for each in read.definitions))


def parse_sum(text: str) -> Node:
    """The tree of a text that is arithmetic alone, such as a parameter or the length of a run."""
    parser = second_parser.Parser(list(second_parser.tokens(text)))
    found = parser.sum()
    parser.take("end")
    return node(found)


def optional(read: syntax.Syntax | None) -> Node | None:
    return None if read is None else node(read)


def node(read: syntax.Syntax) -> Node:
    match read:
        case syntax.Number():
            return Number(number_value(read.text), read.text)
        case syntax.Quantity():
            value, unit = number_value(read.text), read.unit.text
            if unit != "%" and unit not in UNITS:
                raise Rejected(f"unknown unit {unit!r}")
            return Amount(value / 100, "%") if unit == "%" else Amount(value, UNITS[unit])
        case syntax.Word():
            return Name(read.text)
        case syntax.Call():
            return call(read)
        case syntax.List():
            return Items(tuple(map(node, read.items)))
        case syntax.Key():
            return Key(node(read.value), node(read.time))
        case syntax.Ramp():
            if read.shape.text not in RAMPS or read.end is None:
                raise Rejected(f"{read.shape.text} is no ramp with an end")
            return Words(read.shape.text, optional(read.start), node(read.end))
        case syntax.Negative():
            return Negation(node(read.operand))
        case syntax.Power():
            return Power(node(read.left), node(read.right))
        case syntax.Series():
            return series([node(each) for each in read.operands], read.operators)
        case syntax.Chain():
            return Chain(tuple(map(node, read.phases)))
        case syntax.Clause():
            return CLAUSES[read.word](node(read.body), *map(optional, read.arguments))
    raise AssertionError(read)


def series(operands: list[Node], operators: tuple[str, ...]) -> Node:
    """Terms or factors, each with its sign."""
    if operators[0] in "+-":
        return Sum(tuple(zip((1, *(1 if sign == "+" else -1 for sign in operators)), operands, strict=True)))
    return Product(tuple(zip(("*", *operators), operands, strict=True)))


def call(read: syntax.Call) -> Call:
    """A call: positional arguments come first, and no name comes twice."""
    name = read.function.text
    named = [(each.name.text, node(each.value)) for each in read.arguments if isinstance(each, syntax.Named)]
    positional = [node(each) for each in read.arguments if not isinstance(each, syntax.Named)]
    if any(isinstance(each, syntax.Named) for each in read.arguments[: len(positional)]):
        raise Rejected(f"a positional argument of {name} follows a named one")
    if len(dict(named)) < len(named):
        raise Rejected(f"an argument of {name} is given twice")
    return Call(name, tuple(positional), tuple(named))
