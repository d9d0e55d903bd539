"""Errors in the words of an adapter, whose users call it, and neither `bind` nor what it calls itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import attrs

from .._text.errors import Argument, Diagnostic, Needed, Phrase, ScheduleError, Unwanted
from .._text.run import SETTINGS

_NONE: Final[Mapping[str, str]] = {}


@contextmanager
def worded(
    call: str,
    settings: Mapping[str, str] = _NONE,
    setting: str = "`{call}(…, {name}=…)`",
    param: str = "`{call}(…, {name}=…)`",
    names: Mapping[str, str] = _NONE,
) -> Iterator[None]:
    """Where what is missing of the run is to be given as `settings` says, or `setting`; and a parameter as `param`.

    `call` is what users call; `names` are the arguments of `bind` that have another name there.

    >>> from schedlang import parse
    >>> with worded("Scheduler"):
    ...     parse("warmup(w) then cosine").bind(100)
    Traceback (most recent call last):
    schedlang.ScheduleError: error[E402]: parameter `w` is not given
      |
    1 | warmup(w) then cosine
      |        ^
      = help: give `Scheduler(…, w=…)`
    """

    def argument(given: Argument) -> str:
        return str(given._replace(name=names.get(given.name, given.name)))

    def in_its_names(words: str | None) -> str | None:
        return words.worded(argument) if isinstance(words, Phrase) else words

    def reworded(found: Diagnostic) -> Diagnostic:
        if names:
            message = in_its_names(found.message) or found.message
            found = attrs.evolve(found, message=message, hint=in_its_names(found.hint))
        match found.way_out:
            case Needed(name):
                given = (setting if name in SETTINGS else param).format(call=call, name=name)
                return attrs.evolve(found, hint=found.way_out.hint(f"give {settings.get(name, given)}"))
            case Unwanted():
                return attrs.evolve(found, hint=found.way_out.hint(f"`{call}(…)`"))
        return found

    try:
        yield
    except ScheduleError as error:
        problems = [reworded(found) for found in error.diagnostics]
        if problems == [*error.diagnostics]:
            raise
        raise ScheduleError(problems) from None
