"""msgspec: fields that hold schedules, and sets of them, by its hooks.

>>> import msgspec
>>> from schedlang.msgspec import Text, dec_hook, enc_hook
>>> class Optim(msgspec.Struct):
...     lr: Text
>>> optim = msgspec.json.decode(b'{"lr": "warmup( 5% ) then cosine"}', type=Optim, dec_hook=dec_hook)
>>> optim.lr.schedule.bind(100)(5)
1.0
>>> msgspec.json.encode(optim, enc_hook=enc_hook)
b'{"lr":"warmup(5%) then cosine"}'

msgspec reads and writes every attrs class by its fields, and asks no hook. Schedules are attrs classes; so a field has
one of the types below, which hold a schedule or a set.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._bound.sets import as_set
from ._language.nodes import Schedule
from ._language.parse import as_schedule


class Text:
    """A schedule in a field.

    Args:
        schedule: a text, a number, or a schedule.

    Raises:
        ScheduleError: with all that is wrong with the text.
    """

    __slots__ = ("schedule",)

    def __init__(self, schedule: str | float | Schedule) -> None:
        self.schedule = as_schedule(schedule)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.schedule == other.schedule

    def __hash__(self) -> int:
        return hash(self.schedule)

    def __repr__(self) -> str:
        return f"Text({str(self.schedule)!r})"


class Texts:
    """A set of schedules in a field.

    Args:
        schedules: a mapping as `ScheduleSet` takes it, or a set.

    Raises:
        ScheduleError: with all that is wrong with the texts.
    """

    __slots__ = ("schedules",)

    def __init__(self, schedules: Mapping[str, Any]) -> None:
        self.schedules = as_set(schedules)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Texts) and self.schedules == other.schedules

    def __hash__(self) -> int:
        return hash(self.schedules)

    def __repr__(self) -> str:
        return f"Texts({self.schedules.to_dict()!r})"


def dec_hook(kind: type, value: Any) -> Any:
    """What msgspec asks for a value of a type that it doesn't know.

    Raises:
        ScheduleError: which msgspec raises as its `ValidationError`, with the same message and the field's path.
        NotImplementedError: for a type that isn't ours, so that your own hook can go on.
    """
    if kind in (Text, Texts):
        return kind(value)
    raise NotImplementedError(f"schedlang knows nothing of {kind}")


def enc_hook(value: Any) -> Any:
    """What msgspec asks for a value that it can't write: canonical texts.

    Raises:
        NotImplementedError: for a value that isn't ours.
    """
    if isinstance(value, Text):
        return str(value.schedule)
    if isinstance(value, Texts):
        return value.schedules.to_dict()
    raise NotImplementedError(f"schedlang knows nothing of {type(value)}")
