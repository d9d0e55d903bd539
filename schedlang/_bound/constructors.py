"""Constructors for building schedules in Python, derived from the declarations of the primitives."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from .._language.nodes import Primitive
from .._language.nodes.base import Role
from .._text.errors import fail, listed

P = TypeVar("P", bound=Primitive)


def constructor(cls: type[P]) -> Callable[..., P]:
    """A function that makes a primitive from numbers, texts and schedules, with the arguments it has in a text.

    Raises:
        ScheduleError: by the function, for arguments that a text could not have.

    >>> from schedlang._language.nodes import Linear
    >>> linear = constructor(Linear)
    >>> str(linear(0, 3e-4, "5%"))
    'linear(0, 3e-4, 5%)'
    """
    arguments = cls.arguments()
    takes_keys = any(argument.parameter.role is Role.KEYS for argument in arguments)
    signature = inspect.Signature([_parameter(argument) for argument in arguments], return_annotation=cls)

    def construct(*positional: Any, **named: Any) -> P:
        try:
            given = signature.bind(*positional, **named)
        except TypeError as error:
            hint = f"it takes {listed(signature.parameters)}" if signature.parameters else "it takes no arguments"
            fail(None, "E202", f"`{cls.name}`: {error}", hint)
        if cls.pair and len(positional) == 1 and "end" not in named:
            message = f"`{cls.name}` with a single value: is it the start or the end?"
            fail(None, "E206", message, cls.pair_hint(str(positional[0])))
        if takes_keys:
            return cls(**{arguments[0].name: positional, **named})
        return cls(**given.arguments)

    construct.__name__ = construct.__qualname__ = cls.name
    construct.__doc__ = cls.__doc__
    construct.__module__ = "schedlang"
    construct.__signature__ = signature  # type: ignore[attr-defined]
    return construct


def _parameter(argument: Any) -> inspect.Parameter:
    if argument.parameter.role is Role.KEYS:
        return inspect.Parameter(argument.name, inspect.Parameter.VAR_POSITIONAL)
    by_name = argument.parameter.keyword
    kind = inspect.Parameter.KEYWORD_ONLY if by_name else inspect.Parameter.POSITIONAL_OR_KEYWORD
    default = None if argument.parameter.required else argument.default
    return inspect.Parameter(argument.name, kind, default=default)
