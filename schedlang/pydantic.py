"""Pydantic: fields that are schedules, and sets of them.

>>> from pydantic import BaseModel
>>> from schedlang.pydantic import ScheduleField
>>> class Optim(BaseModel):
...     lr: ScheduleField
>>> optim = Optim(lr="warmup( 5% ) then cosine")
>>> optim.lr.bind(100)(5)
1.0
>>> optim.model_dump_json()
'{"lr":"warmup(5%) then cosine"}'
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final, TypeAlias

from pydantic import VERSION, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from ._bound.sets import ScheduleSet, as_set
from ._language.nodes import Schedule
from ._language.parse import as_schedule
from ._text.errors import ScheduleError

EXAMPLES = ["warmup(5%) then cosine", "linear(0, 3e-4) for 500 then cosine(3e-4, 3e-5)", 3e-4]


_NAMES_FIELDS: Final = tuple(map(int, VERSION.split(".")[:2])) >= (2, 12)
"""Whether Pydantic tells a validator the field by itself, and warns of those who do."""


class _Field:
    """How a type is read, written and described."""

    def __init__(
        self, read: Callable[[Any, str | None], Any], write: Callable[[Any], Any], described: dict[str, Any]
    ) -> None:
        self.read = read
        self.write = write
        self.described = described

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        named: dict[str, Any] = {} if _NAMES_FIELDS else {"field_name": handler.field_name}
        return core_schema.with_info_plain_validator_function(
            self._checked, serialization=core_schema.plain_serializer_function_ser_schema(self.write), **named
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return self.described

    def _checked(self, value: Any, info: ValidationInfo) -> Any:
        try:
            return self.read(value, info.field_name)
        except ScheduleError as error:
            codes = [found.code for found in error.diagnostics]
            raise PydanticCustomError("schedule", "{error}", {"error": f"\n{error}", "codes": codes}) from None


_ONE: dict[str, Any] = {
    "anyOf": [{"type": "string"}, {"type": "number"}],
    "description": "A hyperparameter schedule in the language of schedlang; a number is a constant.",
    "examples": EXAMPLES,
}

_SEVERAL: dict[str, Any] = {
    "type": "object",
    "additionalProperties": {
        "anyOf": [*_ONE["anyOf"], {"type": "array"}, {"type": "object"}],
        "description": f"{_ONE['description']} A list of such, or one for each stage.",
        "examples": EXAMPLES,
    },
    "properties": {
        "stages": {
            "type": "object",
            "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "number"}]},
            "description": "Stages, and how long each lasts.",
            "examples": [{"warm": "20%", "main": "rest"}],
        },
        "integers": {
            "type": "array",
            "items": {"type": "string"},
            "description": "The names of what is whole numbers.",
        },
        "where": {
            "anyOf": [{"type": "string"}, {"type": "object"}],
            "description": "Names that all schedules may use.",
            "examples": ["w = 5%, peak = 3e-4"],
        },
    },
    "description": "Hyperparameter schedules by name.",
    "examples": [{"lr": EXAMPLES[0], "weight_decay": 0.1}],
}

ScheduleField: TypeAlias = Annotated[Schedule, _Field(as_schedule, str, _ONE)]
"""A schedule: from a text, a number or a schedule; written as its canonical text."""

ScheduleSetField: TypeAlias = Annotated[ScheduleSet, _Field(as_set, ScheduleSet.to_dict, _SEVERAL)]
"""A set of schedules: from a mapping; written as a mapping of canonical texts."""
