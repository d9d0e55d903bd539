"""Optional packages, imported when they are needed."""

from __future__ import annotations

import importlib
from typing import Any

from .errors import fail


def load_extra(package: str, purpose: str, extra: str = "cli") -> Any:
    """An optional package, imported."""
    try:
        return importlib.import_module(package)
    except ImportError:
        hint = f"run `pip install 'schedlang[{extra}]'`"
        fail(None, "E502", f"{purpose} needs the package `{package}`, which is not installed", hint)
