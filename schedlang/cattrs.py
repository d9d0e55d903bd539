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

from typing import Any, TypeVar

import cattrs

from ._bound.sets import ScheduleSet
from ._language.nodes import Schedule
from ._language.parse import parse

C = TypeVar("C", bound=cattrs.BaseConverter)


def register(converter: C) -> C:
    """Let a converter read schedules from texts and numbers, sets of them from mappings, and write canonical texts.

    Each error is a `ScheduleError`, in an exception group of cattrs where it makes one.

    Returns:
        The same converter.
    """
    converter.register_structure_hook_func(lambda kind: _is(kind, Schedule), _schedule)
    converter.register_unstructure_hook_func(lambda kind: _is(kind, Schedule), str)
    converter.register_structure_hook_func(lambda kind: _is(kind, ScheduleSet), _set)
    converter.register_unstructure_hook_func(lambda kind: _is(kind, ScheduleSet), ScheduleSet.to_dict)
    return converter


def _is(kind: Any, wanted: type) -> bool:
    return isinstance(kind, type) and issubclass(kind, wanted)


def _schedule(value: Any, _: type) -> Schedule:
    return value if isinstance(value, Schedule) else parse(value)


def _set(value: Any, _: type) -> ScheduleSet:
    return value if isinstance(value, ScheduleSet) else ScheduleSet(value)
