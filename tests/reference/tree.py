"""The tree of a text: plain frozen records, one class a construction of the language."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any


class Rejected(Exception):  # noqa: N818
    """The page calls this text, or this binding of it, an error; the message says why."""


class Node:
    """Any part of a text."""


@dataclass(frozen=True)
class Number(Node):
    """A number as written; `text` is kept because `1.0` and `1` differ where a duration is wanted."""

    value: Fraction
    text: str


@dataclass(frozen=True)
class Amount(Node):
    """A number with a unit: `5%`, `30ep`, `2B tok`."""

    value: Fraction
    unit: str


@dataclass(frozen=True)
class Name(Node):
    """A bare word; after checking only `base`, `step`, `progress` and `pi` are left."""

    name: str


@dataclass(frozen=True)
class Items(Node):
    """A list in brackets."""

    values: tuple[Node, ...]


@dataclass(frozen=True)
class Key(Node):
    """`value @ time`, an argument of `keyframes`."""

    value: Node
    time: Node


@dataclass(frozen=True)
class Call(Node):
    """`name(...)` as parsed: positional values, then named ones."""

    name: str
    positional: tuple[Node, ...]
    named: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Words(Node):
    """`linear from A to B` or `linear to B`."""

    ramp: str
    start: Node | None
    end: Node


@dataclass(frozen=True)
class Sum(Node):
    """Terms with their signs, +1 or -1."""

    terms: tuple[tuple[int, Node], ...]


@dataclass(frozen=True)
class Product(Node):
    """Factors, each multiplied (`*`) or divided by (`/`)."""

    factors: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Negation(Node):
    """Unary minus."""

    body: Node


@dataclass(frozen=True)
class Power(Node):
    """`base ** exponent`."""

    base: Node
    exponent: Node


@dataclass(frozen=True)
class Function(Node):
    """A pointwise function of its arguments (made by checking)."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Primitive(Node):
    """A primitive with its arguments by name; what was not given is absent (made by checking)."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Chain(Node):
    """`A then B then ...`."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class For(Node):
    """`E for D` (`duration` is None for `for rest`); `times` is what `stretch` multiplies D by."""

    body: Node
    duration: Node | None
    times: Fraction = Fraction(1)


@dataclass(frozen=True)
class Until(Node):
    """`E until P`."""

    body: Node
    place: Node


@dataclass(frozen=True)
class Over(Node):
    """`E over D`; `times` is what `stretch` multiplies D by."""

    body: Node
    duration: Node
    times: Fraction = Fraction(1)


@dataclass(frozen=True)
class Skip(Node):
    """`E skip D`."""

    body: Node
    duration: Node


@dataclass(frozen=True)
class Every(Node):
    """`E every D`."""

    body: Node
    duration: Node


@dataclass(frozen=True)
class Repeat(Node):
    """`E repeat n stretch s scale c`; what was not given is None."""

    body: Node
    count: Node | None
    stretch: Node | None
    scale: Node | None


@dataclass(frozen=True)
class Text(Node):
    """A whole text: the schedule and the definitions after `where`."""

    schedule: Node
    definitions: tuple[tuple[str, Node], ...]
