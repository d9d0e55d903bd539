"""The syntax tree: what was written and where, before anybody asks what it means.

Every class is one form of the grammar: a named tuple, the cheapest frozen value there is, as each text makes dozens.
`depth` counts the levels below a node, so that the nesting limit holds while the tree grows and no recursion over it
can run deep.
"""

from typing import NamedTuple, TypeAlias

from .source import Span


class Number(NamedTuple):
    """`3e-4`, `10k`."""

    text: str
    span: Span
    depth: int = 0


class Word(NamedTuple):
    """A word of its own: a name, a unit."""

    text: str
    span: Span
    depth: int = 0


class Quantity(NamedTuple):
    """`5%`, `30ep`: a number and the word, or sign, behind it."""

    text: str
    unit: Word
    span: Span
    depth: int = 0


class Call(NamedTuple):
    """`name(argument, …)`."""

    function: Word
    arguments: "tuple[Syntax, ...]"
    span: Span
    depth: int


class Named(NamedTuple):
    """`name=value`, in a call or behind `where`."""

    name: Word
    value: "Syntax"
    span: Span
    depth: int


class Key(NamedTuple):
    """`value @ time`."""

    value: "Syntax"
    time: "Syntax"
    span: Span
    depth: int


class List(NamedTuple):
    """`[a, b]`."""

    items: "tuple[Syntax, ...]"
    span: Span
    depth: int


class Negative(NamedTuple):
    """`-a`."""

    operand: "Syntax"
    span: Span
    depth: int


class Power(NamedTuple):
    """`a ** b`."""

    left: "Syntax"
    right: "Syntax"
    span: Span
    depth: int


class Series(NamedTuple):
    """`a + b - c` or `a * b / c`: operands, and the operators between them."""

    operands: "tuple[Syntax, ...]"
    operators: tuple[str, ...]
    span: Span
    depth: int


class Ramp(NamedTuple):
    """`linear from a to b`, `linear to b`, and the incomplete `linear from a`."""

    shape: Word
    start: "Syntax | None"
    end: "Syntax | None"
    span: Span
    depth: int


class Clause(NamedTuple):
    """`body word argument …`: an argument that may be left out and is, or is `rest`, is None."""

    word: str
    body: "Syntax"
    arguments: "tuple[Syntax | None, ...]"
    span: Span
    depth: int


class Chain(NamedTuple):
    """`a then b`."""

    phases: "tuple[Syntax, ...]"
    span: Span
    depth: int


class Text(NamedTuple):
    """A whole text: its chain and the definitions behind `where`."""

    body: "Syntax"
    definitions: tuple[Named, ...]
    span: Span
    depth: int


Syntax: TypeAlias = (
    Number | Quantity | Word | Call | Named | Key | List | Negative | Power | Series | Ramp | Clause | Chain | Text
)
