"""A call in Python's words as a mapping, without being run."""

from __future__ import annotations

import ast
from typing import Any

from .config import CALLED, POSITION, SPREAD


def read_calls(text: str) -> Any:
    """What a Python expression with calls says; None if the text is none.

    A call is a mapping of its arguments by their names, `dict(…)` of its entries, and a name is its text.

    >>> read_calls("optax.linear_schedule(1e-3, end_value=0, transition_steps=10_000)")
    {'()': 'optax.linear_schedule', '#0': 0.001, 'end_value': 0, 'transition_steps': 10000}
    >>> read_calls("[dict(type='LinearLR', end=5)]"), read_calls("lr_scheduler_type: cosine")
    ([{'type': 'LinearLR', 'end': 5}], None)
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return _read(tree) if any(isinstance(each, ast.Call) for each in ast.walk(tree)) else None


def _read(node: ast.expr) -> Any:
    match node:
        case ast.Call(func=func, args=arguments, keywords=keywords):
            name = ast.unparse(func)
            found = {} if name == "dict" else {CALLED: name}
            found |= {
                SPREAD if isinstance(each, ast.Starred) else f"{POSITION}{index}": _read(each)
                for index, each in enumerate(arguments)
            }
            return found | {each.arg or SPREAD: _read(each.value) for each in keywords}
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_read(each) for each in items]
        case ast.Dict(keys=keys, values=values):
            return {SPREAD if key is None else _read(key): _read(each) for key, each in zip(keys, values, strict=True)}
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ast.unparse(node)
