"""Primitives in words, from their declarations: for the command line and for editors."""

from __future__ import annotations

import inspect

from .nodes import Apply, Primitive
from .nodes.base import Argument, Role
from .operations import FUNCTIONS


def signature_of(cls: type[Primitive]) -> str:
    """How it is called; `…` stands for what is found out if the argument is not given.

    >>> from schedlang._language.nodes import PRIMITIVES
    >>> signature_of(PRIMITIVES["cosine"])
    'cosine(start=…, end=0, duration=…, ease=1, inclusive=…)'
    """
    arguments = [argument_of(argument) for argument in cls.arguments()]
    return f"{cls.name}({', '.join(arguments)})" if arguments else cls.name


def argument_of(argument: Argument) -> str:
    """An argument as it stands in a signature."""
    if argument.parameter.role is Role.KEYS:
        return "value @ time, …"
    if argument.parameter.required:
        return argument.name
    return f"{argument.name}={default_of(argument) or '…'}"


def named_by(function: str) -> tuple[Argument, ...]:
    """The arguments that a pointwise function takes by name."""
    takes = function in FUNCTIONS and FUNCTIONS[function].multiple
    return tuple(each for each in Apply.arguments() if each.parameter.keyword and takes)


def default_of(argument: Argument) -> str | None:
    """What an argument is if it is not given; None if that is found out."""
    return None if argument.default in (None, ()) else str(argument.default)


def doc_of(cls: type[Primitive]) -> str:
    """The docstring: what it is, its formula, an example."""
    return inspect.getdoc(cls) or ""


def summary_of(cls: type[Primitive]) -> str:
    """The first line of the docstring."""
    return doc_of(cls).partition("\n")[0]


def about(argument: Argument) -> str:
    """What an argument means, with its choices and its default."""
    notes = [argument.parameter.doc]
    if argument.parameter.choices:
        notes.append(f"one of {', '.join(argument.parameter.choices)}")
    default = default_of(argument)
    if default is not None:
        notes.append(f"{default} if not given")
    return "; ".join(notes)
