"""cattrs: attributes that are schedules, and sets of them.

>>> import attrs, cattrs
>>> from schedlang import Schedule
>>> from schedlang.cattrs import register
>>> @attrs.frozen
... class Optim:
...     lr: Schedule
>>> converter = register(cattrs.Converter())
>>> optim = converter.structure({"lr": "warmup( 5% ) then cosine"}, Optim)
>>> converter.unstructure(optim)
{'lr': 'warmup(5%) then cosine'}
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import cattrs

from ._bound.sets import ScheduleSet, as_set
from ._language.nodes import Schedule
from ._language.parse import as_schedule

C = TypeVar("C", bound=cattrs.BaseConverter)


def register(converter: C) -> C:
    """Let a converter read schedules from texts and numbers, sets of them from mappings, and write canonical texts.

    Each error is a `ScheduleError`, in an exception group of cattrs where it makes one.

    Returns:
        The same converter.
    """
    _teach(converter, Schedule, as_schedule, str)
    _teach(converter, ScheduleSet, as_set, ScheduleSet.to_dict)
    return converter


def _teach(converter: cattrs.BaseConverter, cls: type, read: Callable[[Any], Any], write: Callable[[Any], Any]) -> None:
    """Let it read and write a class and those derived from it."""

    def meant(kind: Any) -> bool:
        return isinstance(kind, type) and issubclass(kind, cls)

    converter.register_structure_hook_func(meant, lambda value, _: read(value))
    converter.register_unstructure_hook_func(meant, write)
