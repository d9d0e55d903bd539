"""The files of the folder `grammar`."""

from __future__ import annotations

import functools
import pkgutil
import warnings
from typing import Final

from .errors import Diagnostic, ScheduleError

LANGUAGE: Final = "0.2"
"""The version of the language: another one may give a text other values."""
FIRST: Final = "0.1"
"""The version of the language that what was saved by it does not tell."""


def warn_of_another(language: str, text: object) -> None:
    """Let Python warn of a text that another version of the language saved."""
    if language != LANGUAGE:
        message = f"`{text}` is of language {language}, and may mean something else in {LANGUAGE}"
        warnings.warn(f"{message}: see docs/language-0.2.md, and save it anew", stacklevel=3)


def grammar_file(name: str) -> str:
    """A file of the folder `grammar`: from the wheel, or from beside the package in a checkout."""
    for folder in ("grammar", "../grammar"):
        try:
            return (pkgutil.get_data("schedlang", f"{folder}/{name}") or b"").decode("utf-8")
        except OSError:
            continue
    message = f"schedlang is installed without its file `grammar/{name}`"
    raise ScheduleError([Diagnostic("E502", message, hint="install schedlang anew")])


@functools.cache
def grammar_text() -> str:
    """The text of the grammar."""
    return grammar_file("schedlang.lark")
