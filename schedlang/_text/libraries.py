"""Libraries of arrays: whose value is it, and can values be of that dtype?"""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from .errors import fail
from .run import shown


def library_of(steps: Any) -> str | None:
    """Whose value it is: "torch", "jax", or None. Neither is imported."""
    for library, name in (("torch", "Tensor"), ("jax", "Array")):
        kind = getattr(sys.modules.get(library), name, None)
        if kind is not None and isinstance(steps, kind):
            return library
    return None


def refuse_dtype(dtype: Any, example: str) -> NoReturn:
    """Say that values can't be of a dtype, and which would do."""
    fail(None, "E413", f"dtype is {shown(dtype)}, which is not one for values", f"give a floating one, `{example}`")
