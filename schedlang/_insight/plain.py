"""Answers as plain data."""

from __future__ import annotations

from typing import Any

import attrs


def as_plain(answer: Any) -> dict[str, Any]:
    """An answer as dicts, lists, numbers, texts and None; without what another field tells."""
    return attrs.asdict(
        answer,
        filter=lambda field, _: bool(field.eq),
        value_serializer=lambda _, __, value: list(value) if isinstance(value, tuple) else value,
    )
