"""What every error owes its reader, whoever caused it."""

import pickle
import re

from schedlang import Diagnostic, ScheduleError

from .vocabulary import TERMINALS

_TERMINALS = re.compile(rf"(?<![A-Za-z_])(?:{'|'.join(TERMINALS)}|\$END|__ANON\w*|[Ll]ark)(?![A-Za-z_])")
_PYTHON = re.compile(r"Traceback|\b(?:Type|Value|Attribute|Key|Index|Recursion|Memory|Assertion)Error\b")
_VALUE = re.compile(r"None\b|True\b|False\b|NaN\b|NotImplemented\b|Ellipsis\b|[A-Za-z]+\(")
"""A value of Python's, which a message may begin with."""


def violations(error: ScheduleError) -> list[str]:
    """What is wrong with an error, in a word and its message."""
    if type(error) is not ScheduleError:
        return [f"an error of another class: {type(error)}"]
    found = []
    if not error.diagnostics:
        found.append("no diagnostics")
    again = pickle.loads(pickle.dumps(error))
    if type(again) is not ScheduleError or again.diagnostics != error.diagnostics or str(again) != str(error):
        found.append("pickling changes it")
    for diagnostic in error.diagnostics:
        found += [f"{what}: {diagnostic!r}" for what in _of_one(diagnostic)]
    return found


def _of_one(diagnostic: Diagnostic) -> list[str]:
    found = []
    if not re.fullmatch(r"[EW][1-9]\d\d", diagnostic.code):
        found.append("no code")
    if not diagnostic.message:
        found.append("no message")
    if diagnostic.source is not None and diagnostic.span is not None:
        start, end = diagnostic.span
        if not 0 <= start <= end <= len(diagnostic.source.text):
            found.append("a span outside its source")
    elif diagnostic.span is not None:
        found.append("a span without a source")
    fix = getattr(diagnostic, "fix", None)
    if fix is not None and not _fits(diagnostic, fix):
        found.append("a fix outside its source")
    for name, words in (("message", diagnostic.message), ("hint", diagnostic.hint or "")):
        if words[:1].isupper() and not _VALUE.match(words):
            found.append(f"a capital letter first in the {name}")
        if "\n" in words or "\r" in words:
            found.append(f"a {name} of several lines")
        if len(words) > 2000:
            found.append(f"a {name} without end")
        own = re.sub(r"`[^`]*`|\"[^\"]*\"|'[^']*'", "", words)
        inner = [match[0] for match in _TERMINALS.finditer(own)]
        if inner:
            source = "" if diagnostic.source is None else diagnostic.source.text
            if not all(each in source for each in inner):
                found.append(f"a name of the grammar's in the {name}")
        if _PYTHON.search(own):
            found.append(f"Python in the {name}")
    return found


def _fits(diagnostic: Diagnostic, fix: tuple[tuple[tuple[int, int], str], ...]) -> bool:
    """Whether the edits are in order, apart from one another, and inside the text."""
    if diagnostic.source is None:
        return False
    place = 0
    for (start, end), replacement in fix:
        if not (place <= start <= end and isinstance(replacement, str)):
            return False
        place = end
    return place <= len(diagnostic.source.text)
