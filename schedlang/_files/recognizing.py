"""Whose a text in a config file is: the one place where that is decided.

Under the keys that are looked at by default other systems have things of their own, so what stands there is checked if
it is ours or could be, and rewritten if it is ours for certain. Keys that the project names are taken at their word.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Collection
from typing import Final

from .._language.names import like_a_primitive
from .._language.nodes import PRIMITIVES, Clause, Name, Quantity, Schedule, Then
from .._language.nodes.base import children
from .._language.nodes.primitive import Primitive
from .._language.nodes.scalars import VARIABLES
from .._language.operations import FUNCTIONS
from .._language.parse import parse
from .._text.errors import ScheduleError
from .._text.fixes.foreign import CALLS, UNITS
from .._text.keywords import CLAUSE_RULES, KEYWORDS
from .._text.run import UNITS as OUR_UNITS
from .._text.spelling import SOUGHT


class Kin(enum.Enum):
    """Whose a text is."""

    OURS = "a schedule of ours, right or wrong"
    SHARED = "one that may as well be another system's: a number, words, a call of numbers; or that should be ours"
    THEIRS = "another system's"
    CONFIG = "a config of Noether's, which is read, and never written"


class Under(enum.IntEnum):
    """What a key says of what stands under it."""

    SCHEDULE = 0  # a schedule, in whatever words
    RATE = 1  # one of learning rates
    VALUE = 2  # a number, or what it becomes
    NAMED = 3  # what the project says it is: a schedule of ours


_WORD: Final = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_CALL: Final = re.compile(r"(?<![\w.])(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*)\s*\(")
_WHOLE_CALL: Final = re.compile(r"(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*)\s*\(.*\)", re.DOTALL)
_LITERAL: Final = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_LITERAL_CALL: Final = re.compile(rf"\w+\s*\(\s*(?:(?:\w+\s*=\s*)?{_LITERAL}\s*(?:,\s*|(?=\))))*\)")
_JOINED: Final = re.compile(r"[\w.]+(?:[-+/][\w.]+)+")
_LIST: Final = re.compile(rf"(?=.*[.eE]){_LITERAL}(?:\s*,\s*{_LITERAL})+")
_NEARLY_NUMBER: Final = re.compile(r"[-+−–.]?[0-9][-+−–*/^%.,:_eE0-9 ]*")
_AMOUNT: Final = re.compile(r"[-+]?[\d._]+(?:e[-+]?\d+)?\s*([A-Za-z%]+)")
_ARROW: Final = re.compile(rf"(?<![\w.]){_LITERAL}\s*(?:[-=~]+>|→|⇒|\.\.+|…)\s*{_LITERAL}")
_CLAUSES: Final = {*CLAUSE_RULES, "from", "to"}
_CLAUSE: Final = re.compile(
    rf"from\s+{_LITERAL}\s+to\s+{_LITERAL}|{_LITERAL}(?:\s*@\s*\d|%?\s+(?:{'|'.join(_CLAUSES)}|every)\s+{_LITERAL})"
)
_OURS: Final = frozenset((*KEYWORDS, *PRIMITIVES, *FUNCTIONS, *VARIABLES, *OUR_UNITS))
_FORMULA: Final = re.compile(r"[-+*/^]")
_TEMPLATE: Final = re.compile(r"\{\{|\{%|\$|<\w+>|\A([@%])\w+\1\Z|\blambda\b|\A[\w./\\-]*[/\\]\w+\.\w+\Z")
_SPEAKING: Final = re.compile(
    r"(?i)cos(?=_|$)|cosine|lin(?=_|$)|linear|poly|anneal|warm|decay|sched|cycl|plateau|lr(?=_|$)"
)


def recognized(text: str, under: Under) -> Kin:
    """Whose the text of a value is.

    >>> [recognized(text, Under.VALUE).name for text in ("warmup(5%) then cosin", "cosine", "0.1", "lin_3e-4")]
    ['OURS', 'SHARED', 'SHARED', 'THEIRS']
    """
    if under is Under.NAMED:
        return Kin.OURS
    text = re.sub(r"#[^\n]*", "", text).strip()
    if not text or is_template(text):
        return Kin.THEIRS
    if _WORD.fullmatch(text):
        return Kin.SHARED if is_alone(text) or misspelt(text) else Kin.THEIRS
    for each in dict.fromkeys((text, text.lower())):
        schedule = _parsed(each)
        kin = None if schedule is None else _kin_of_schedule(each, schedule)
        if kin is not None and (each == text or kin is Kin.OURS):
            return kin
    return _kin_of_mistake(text, under)


def is_prose(text: str, declared: Collection[str]) -> bool:
    """Whether a text is a sentence: words alone, or mostly, that mean nothing here.

    >>> [is_prose(text, ()) for text in ("step until done", "sleep 5 then run", "warmup then cosin", "warmup(w)")]
    [True, True, False, False]
    """
    words = [word for word in _WORD.findall(text) if word not in declared]
    known = sum(word in _OURS or _is_primitive(word) for word in words[:SOUGHT])
    unknown = len(words) - known
    return unknown > 0 if re.search(r"[\d()\[\]%@=*+]", text) is None else known < unknown


def is_template(text: str) -> bool:
    """Whether a text is filled in or run by something else, or is a path."""
    return _TEMPLATE.search(text) is not None


def is_alone(word: str) -> bool:
    """Whether a word is a whole schedule."""
    return word in PRIMITIVES and not isinstance(_parsed(word), (Name, type(None)))


def misspelt(word: str) -> str | None:
    """The schedule that a lone word means which has a mistake in it, if it isn't just as likely another system's."""
    close = like_a_primitive(word) if len(word) > 4 and word not in CALLS and word.replace("_", "").isalpha() else None
    spelled = word.lower().replace("_", "")
    return close if close is not None and is_alone(close) and spelled != close.replace("_", "") else None


def speaks_of_the_run(text: str) -> bool:
    """Whether a text has a word such as `step`, `progress` or `base` in it."""
    return not {*_WORD.findall(text)}.isdisjoint(VARIABLES.keys() - {"pi"})


def _parsed(text: str) -> Schedule | None:
    try:
        return parse(text)
    except ScheduleError:
        return None


def _kin_of_schedule(text: str, schedule: Schedule) -> Kin:
    if _is_certain(schedule):
        if _JOINED.fullmatch(text):  # `linear-decay` is a word of others, and no difference
            return Kin.SHARED if re.search(r"\d", text) else Kin.THEIRS
        return Kin.SHARED if _LITERAL_CALL.fullmatch(text) else Kin.OURS  # such calls others read too, in their way
    formula = speaks_of_the_run(text) or _CALL.search(text) is not None
    return Kin.SHARED if formula or not _WORD.search(text) else Kin.THEIRS


def _is_certain(schedule: Schedule) -> bool:
    todo = [schedule]
    while todo:
        node = todo.pop()
        if isinstance(node, (Then, Clause, Quantity, Primitive)):
            return True
        todo += [child for _, _, child in children(node)]
    return False


def _kin_of_mistake(text: str, under: Under) -> Kin:
    """Whose a text is that is no schedule as it stands."""
    words = dict.fromkeys(_WORD.findall(text))
    calls = list(dict.fromkeys(_CALL.findall(text)))[:SOUGHT]
    ours = any(_is_primitive(word) for word in [*words][:SOUGHT]) or not PRIMITIVES.keys().isdisjoint(words)
    counted = re.search(r"\d", text) is not None
    if _LITERAL_CALL.fullmatch(text) and calls[0] in PRIMITIVES:  # with arguments of their own, perhaps
        return Kin.THEIRS if under is Under.SCHEDULE else Kin.SHARED
    if any(_is_primitive(call) for call in calls) or ("then" in words and (ours or counted)):
        return Kin.OURS
    if ours and (counted or under is Under.VALUE):  # else words about a schedule
        certain = words.keys() & _CLAUSES or re.search(r"\d\s*%", text)
        return Kin.OURS if certain else Kin.SHARED
    if under is Under.SCHEDULE:
        return Kin.SHARED if is_call_of_theirs(text) else Kin.THEIRS
    known = any(call in CALLS or _SPEAKING.search(call) for call in calls)
    formula = counted and speaks_of_the_run(text) and _FORMULA.search(text) is not None
    if known or formula or _ARROW.search(text) or _CLAUSE.match(text):
        return Kin.SHARED
    if under is Under.VALUE and not _LIST.fullmatch(text):
        amount = _AMOUNT.fullmatch(text)
        unit = amount is not None and (amount[1] in OUR_UNITS or amount[1] in UNITS)
        return Kin.SHARED if unit or "%" in text or _NEARLY_NUMBER.fullmatch(text) else Kin.THEIRS
    return Kin.THEIRS


def is_call_of_theirs(text: str) -> bool:
    """Whether a text is a call of what another system calls a schedule, by a name that means nothing else."""
    call = _WHOLE_CALL.fullmatch(text)
    return call is not None and call[1] in CALLS and (call[1][0].isupper() or call[1].startswith("get_"))


def _is_primitive(word: str) -> bool:
    """Whether a word is the name of a primitive, or that with a mistake that no other system would make."""
    if word in PRIMITIVES:
        return True
    close = like_a_primitive(word) if len(word) > 3 and word not in CALLS and word not in VARIABLES else None
    return close is not None and word.lower().replace("_", "") != close.replace("_", "")
