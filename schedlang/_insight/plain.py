"""Answers as plain data."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import attrs


def _plain_value(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else float(value) if isinstance(value, Fraction) else value


def as_plain(answer: Any) -> dict[str, Any]:
    """An answer as dicts, lists, numbers, texts and None; without what another field tells."""
    return attrs.asdict(
        answer,
        filter=lambda field, _: bool(field.eq),
        value_serializer=lambda _, __, value: _plain_value(value),
    )
