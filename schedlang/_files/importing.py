"""Modules of a project's own, which declare primitives: they are imported before its texts are read."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable
from importlib import import_module, invalidate_caches
from pathlib import Path

from .._text.errors import Diagnostic, ScheduleError
from .._text.source import Place


def load_modules(names: Iterable[tuple[str, Place | None]], folder: Path) -> None:
    """Import modules, each with the place where it is named; those in a folder come first.

    Raises:
        ScheduleError: E513, for each that cannot be imported.
    """
    problems = []
    invalidate_caches()  # of what files there are: an editor may have saved one since
    for name, place in names:
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
        try:
            import_module(name)
        except (Exception, SystemExit) as error:  # whatever code of others may raise
            problems.append(_refused(name, place, folder, error))
    if problems:
        raise ScheduleError(problems)


def _refused(name: str, place: Place | None, folder: Path, error: BaseException) -> Diagnostic:
    if isinstance(error, ModuleNotFoundError) and error.name and f"{name}.".startswith(f"{error.name}."):
        hint = f"it is looked for in `{folder}`, and where Python finds modules"
        if name.endswith(".py"):
            hint = (
                f"did you mean `{name.removesuffix('.py').replace('/', '.')}`? A module is named as `import` names it"
            )
        return Diagnostic.at(place, "E513", f"there is no module `{name}`", hint)
    frames = [each for each in traceback.extract_tb(error.__traceback__) if Path(each.filename).is_relative_to(folder)]
    where = f", line {frames[-1].lineno} of `{frames[-1].filename}`" if frames else ""
    words = error.diagnostics[0].message if isinstance(error, ScheduleError) else str(error)
    reason = f"{type(error).__name__}: {words}" if words else type(error).__name__
    message = f"`{name}` cannot be imported: {reason}{where}"
    return Diagnostic.at(place, "E513", message, f"`python -c 'import {name}'` shows the whole of it")
