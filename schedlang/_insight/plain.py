"""Answers as plain data."""

from __future__ import annotations

from typing import Any

import attrs


def as_plain(answer: Any) -> dict[str, Any]:
    """An answer as dicts, lists, numbers, texts and None; without the places of texts, which stand in the texts."""
    return attrs.asdict(
        answer,
        filter=lambda field, _: field.name != "place",
        value_serializer=lambda _, __, value: list(value) if isinstance(value, tuple) else value,
    )
