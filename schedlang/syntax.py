"""The syntax tree: what was written and where, before anybody asks what it means.

Every class is one form of the grammar. `depth` counts the levels below a node, so that the nesting limit holds while
the tree grows and no recursion over it can run deep.
"""

from __future__ import annotations

from typing import TypeAlias

import attrs

from .source import Span


@attrs.frozen
class Number:
    """`3e-4`, `10k`."""

    text: str
    span: Span
    depth: int = 0


@attrs.frozen
class Quantity:
    """`5%`, `30ep`: a number and the word, or sign, behind it."""

    text: str
    unit: Word
    span: Span
    depth: int = 0


@attrs.frozen
class Word:
    """A word of its own: a name, a unit, an operator."""

    text: str
    span: Span
    depth: int = 0


@attrs.frozen
class Call:
    """`name(argument, …)`."""

    function: Word
    arguments: tuple[Syntax, ...]
    span: Span
    depth: int


@attrs.frozen
class Named:
    """`name=value`, in a call or behind `where`."""

    name: Word
    value: Syntax
    span: Span
    depth: int


@attrs.frozen
class Key:
    """`value @ time`."""

    value: Syntax
    time: Syntax
    span: Span
    depth: int


@attrs.frozen
class List:
    """`[a, b]`."""

    items: tuple[Syntax, ...]
    span: Span
    depth: int


@attrs.frozen
class Negative:
    """`-a`."""

    operand: Syntax
    span: Span
    depth: int


@attrs.frozen
class Power:
    """`a ** b`."""

    left: Syntax
    right: Syntax
    span: Span
    depth: int


@attrs.frozen
class Series:
    """`a + b - c` or `a * b / c`: operands, and the operators between them."""

    operands: tuple[Syntax, ...]
    operators: tuple[Word, ...]
    span: Span
    depth: int


@attrs.frozen
class Ramp:
    """`linear from a to b`, `linear to b`, and the incomplete `linear from a`."""

    shape: Word
    start: Syntax | None
    end: Syntax | None
    span: Span
    depth: int


@attrs.frozen
class Clause:
    """`body for D`, `until P`, `over D`, `skip D`, `every D`; `for rest` has no argument."""

    word: Word
    body: Syntax
    argument: Syntax | None
    span: Span
    depth: int


@attrs.frozen
class Repeat:
    """`body repeat n stretch s scale c`, each part of it optional."""

    word: Word
    body: Syntax
    count: Syntax | None
    stretch: Syntax | None
    scale: Syntax | None
    span: Span
    depth: int


@attrs.frozen
class Chain:
    """`a then b`."""

    phases: tuple[Syntax, ...]
    span: Span
    depth: int


@attrs.frozen
class Text:
    """A whole text: its chain and the definitions behind `where`."""

    body: Syntax
    definitions: tuple[Named, ...]
    span: Span
    depth: int


Syntax: TypeAlias = (
    Number
    | Quantity
    | Word
    | Call
    | Named
    | Key
    | List
    | Negative
    | Power
    | Series
    | Ramp
    | Clause
    | Repeat
    | Chain
    | Text
)
