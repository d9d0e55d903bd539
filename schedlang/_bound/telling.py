"""The warnings of what adapters bind, as Python's own: each once a process, at the line of whoever asked for it."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from .._text.errors import Diagnostic, ScheduleWarning, fail
from .._text.run import STEP, shown
from .bound import Bound

_KEPT: Final = 1024  # warnings that are known to have been told
_FRAMEWORKS: Final = (
    "torch keras lightning pytorch_lightning transformers accelerate hydra omegaconf antlr4 noether kappaschedules"
)
_PASSED: Final = frozenset(("schedlang", *_FRAMEWORKS.split()))
"""The packages that stand between us and the line that a user wrote."""


def refuse_clock(told: Mapping[str, Any], who: str) -> None:
    """Refuse a run that counts something else than who asks for its values does: optimizer updates."""
    if told.get("clock") not in (None, *STEP.words):
        hint = "leave `clock` out and tell the rates, or ask the bound schedule yourself: see `docs/changing-a-run.md`"
        fail(None, "E607", f"{who} counts the optimizer's updates, and the run {shown(told['clock'])}", hint)


def tell(
    bounds: Iterable[Bound],
    ignore: Iterable[str] = (),
    *,
    rate: bool = True,
    place: Callable[[Diagnostic], Diagnostic] = lambda found: found,
) -> None:
    """Let Python warn of what an adapter has bound; `ignore`: the codes that are not wanted.

    `rate`: whether it is a learning rate. An update for which another number is 0 does something, unlike W501 says.
    `place`: says where it stands.
    """
    codes = codes_of(ignore) if rate else codes_of(ignore) | {"W501"}
    for bound in bounds:
        for found in bound.warnings(codes):
            tell_once(place(found))


def codes_of(ignore: Iterable[str]) -> frozenset[str]:
    """Codes as adapters take them; one alone, too."""
    codes = [ignore] if isinstance(ignore, str) else [*ignore] if isinstance(ignore, Iterable) else [ignore]
    if not all(isinstance(code, str) for code in codes):
        fail(None, "E607", f"ignore is {shown(ignore)}, not codes of warnings", 'give a list of them: `["W510"]`')
    return frozenset(codes)


@lru_cache(maxsize=_KEPT)
def tell_once(found: Diagnostic) -> None:
    """Let Python warn, if it was not told in this process; if a filter makes an error of it, whenever it is found."""
    warnings.warn(ScheduleWarning(found), stacklevel=_users_level())


def _users_level() -> int:
    """The `stacklevel` at which whoever calls this warns at a user's line."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _PASSED:
        frame, level = frame.f_back, level + 1
    return level
