"""The tree of a text: plain frozen records, one class a construction of the language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any


class Rejected(Exception):  # noqa: N818
    """The page calls this text, or this binding of it, an error; the message says why."""


class Node:
    """Any part of a text: a frozen record of its fields."""

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True)(cls)


def mapped(node: Node, change: Callable[[Node], Node]) -> Node:
    """The node with every node right below it changed."""

    def of(value: Any) -> Any:
        if isinstance(value, Node):
            return change(value)
        return tuple(map(of, value)) if isinstance(value, tuple) else value

    return replace(node, **{each.name: of(getattr(node, each.name)) for each in fields(node)})  # type: ignore[type-var, arg-type]


class Number(Node):
    """A number as written; `text` is kept because `1.0` and `1` differ where a duration is wanted."""

    value: Fraction
    text: str


class Amount(Node):
    """A number with a unit: `5%`, `30ep`, `2B tok`."""

    value: Fraction
    unit: str


class Name(Node):
    """A bare word; after checking only those that the language gives are left."""

    name: str


class Items(Node):
    values: tuple[Node, ...]


class Key(Node):
    """`value @ time`, an argument of `keyframes`."""

    value: Node
    time: Node


class Call(Node):
    """`name(...)` as parsed: positional values, then named ones."""

    name: str
    positional: tuple[Node, ...]
    named: tuple[tuple[str, Node], ...]


class Words(Node):
    """`linear from A to B` or `linear to B`."""

    ramp: str
    start: Node | None
    end: Node


class Sum(Node):
    """Terms with their signs, +1 or -1."""

    terms: tuple[tuple[int, Node], ...]


class Product(Node):
    """Factors, each multiplied (`*`) or divided by (`/`)."""

    factors: tuple[tuple[str, Node], ...]


class Negation(Node):
    body: Node


class Power(Node):
    base: Node
    exponent: Node


class Function(Node):
    """A pointwise function of its arguments, to multiples of a number if it is given one (made by checking)."""

    name: str
    arguments: tuple[Node, ...]
    multiple: Node | None = None


class Primitive(Node):
    """A primitive with its arguments by name; what was not given is absent (made by checking)."""

    name: str
    arguments: dict[str, Any]


class Chain(Node):
    parts: tuple[Node, ...]


class For(Node):
    """`E for D` (`duration` is None for `for rest`); `times` is what `stretch` multiplies D by."""

    body: Node
    duration: Node | None
    times: Fraction = Fraction(1)


class Until(Node):
    body: Node
    place: Node


class Over(Node):
    """`E over D`; `times` is what `stretch` multiplies D by."""

    body: Node
    duration: Node
    times: Fraction = Fraction(1)


class Skip(Node):
    body: Node
    duration: Node


class Every(Node):
    body: Node
    duration: Node


class Repeat(Node):
    """`E repeat n stretch s scale c`; what was not given is None."""

    body: Node
    count: Node | None
    stretch: Node | None
    scale: Node | None


class Text(Node):
    """A whole text: the schedule and the definitions after `where`."""

    schedule: Node
    definitions: tuple[tuple[str, Node], ...]
