"""`parse`: from a text to the schedule that it means, checked."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, SupportsIndex

from .._text import limits
from .._text.errors import Blame, Diagnostic, ScheduleError, blamed, fail, in_order
from .._text.parsing import parse_syntax
from .._text.run import UNITS, as_rational, plain, shown
from .._text.source import Source, Span
from .checking import checked
from .names import with_definitions
from .nodes import PRIMITIVES, Schedule
from .nodes.scalars import RESERVED
from .operations import FUNCTIONS
from .reading import Reader

_NONE: Final[Mapping[str, Schedule]] = {}
_CACHED: Final = 1024  # texts that are kept with their schedules
_SHORT: Final = 4096  # characters; longer texts are not kept, as a thousand of them would fill the memory


def parse(text: str | float | SupportsIndex, *, name: str | None = None) -> Schedule:
    """The schedule that a text means.

    Args:
        text: the text; a number, as YAML may have made of it, is a constant.
        name: where the text comes from, for errors: `train.yaml:optim.lr`.

    Raises:
        ScheduleError: with everything that is wrong with the text.

    >>> schedule = parse("warmup(5%) then cosine")
    >>> lr = schedule.bind(total_steps=1000, base=3e-4)
    >>> lr(0), lr(50), lr(1000)
    (0.0, 0.0003, 0.0)
    """
    if isinstance(text, str):
        return _parsed(str(text), name, False)
    given = plain(text)
    if isinstance(given, bool) or not (isinstance(given, float) or hasattr(given, "__index__")):
        where = "" if name is None else f"{name}: "
        fail(None, "E109", f"{where}a schedule is text or a number, not {type(text).__name__}", _instead_of(text))
    try:
        number = float(given) if isinstance(given, float) else given.__index__()
    except TypeError:
        fail(None, "E109", f"a schedule is text or a number, not {type(text).__name__}", _instead_of(text))
    if isinstance(number, int) and as_rational(number) is None:
        fail(None, "E313", f"{shown(number)} is too large for a float", "use a number below 1.8e308")
    if isinstance(number, float) and not math.isfinite(number):
        fail(None, "E313", f"{number} is not a finite number", "use a number that a float can hold")
    return _parsed(repr(number), name, False)


def _instead_of(given: object) -> str:
    """What to do about something that is neither text nor number."""
    if given is None:
        return 'write a text, or a number; a time that is not known yet is "later"'
    if not isinstance(given, Mapping):
        return 'write it in quotes: "cosine"'
    if "kind" in given:
        return (
            "give what `schedlang.noether.from_noether`, or `from_kappaschedules`, makes of it, if it is one of theirs"
        )
    return 'give one text; several make a set: `schedlang.ScheduleSet({"lr": "cosine"})`'


def as_schedule(given: str | float | SupportsIndex | Schedule, name: str | None = None) -> Schedule:
    """What hosts take for a schedule: a text or a number, read, or a schedule, as it is."""
    return given if isinstance(given, Schedule) else parse(given, name=name)


def placed(schedule: Schedule) -> Schedule:
    """A schedule whose nodes know where they stand in its text; as it is, if that is longer than a text may be."""
    if schedule.place is not None:
        return schedule
    text = str(schedule)
    return parse(text) if len(text) <= limits.SOURCE else schedule


def parse_argument(text: str, *, name: str | None = None, parameter: str | None = None) -> Schedule:
    """A part of a schedule, which may also be a length of time: `5%`; perhaps the value of a parameter.

    >>> str(parse_argument("5 %"))
    '5%'
    """
    return _parsed(text, name if parameter is None else f"parameter {parameter}", True, parameter)


def _parsed(text: str, name: str | None, argument: bool, parameter: str | None = None) -> Schedule:
    if len(text) <= _SHORT:
        return _kept(text, name, argument, parameter, PRIMITIVES.changes)
    return _meant(Source(text, name, parameter=parameter), argument)


@lru_cache(maxsize=_CACHED)
def _kept(text: str, name: str | None, argument: bool, parameter: str | None, primitives: int) -> Schedule:
    return _meant(Source(text, name, parameter=parameter), argument)


def parse_with(text: str, name: str | None, definitions: Mapping[str, Schedule], argument: bool = False) -> Schedule:
    """The schedule that a text means where some names are defined already; those that it uses go along with it.

    Later definitions may use earlier ones. As an `argument`, a length of time will do.

    >>> str(parse_with("up then cosine", None, {"peak": parse("3"), "up": parse("warmup(5)")}))
    'up then cosine where up = warmup(5)'
    """
    return _meant(Source(text, name), argument, definitions)


def _meant(source: Source, argument: bool, definitions: Mapping[str, Schedule] = _NONE) -> Schedule:
    schedule, problems = _meaning(source, argument, definitions)
    if schedule is None or problems:

        def problems_of(source: Source) -> list[Diagnostic] | None:
            return _meaning(source, argument, definitions)[1]

        def found() -> list[Diagnostic]:
            from .._text.fixes.diagnosing import diagnose  # nobody else needs it

            callables = frozenset((*PRIMITIVES, *FUNCTIONS))
            return diagnose(source, problems, problems_of, callables, callables | RESERVED | UNITS.keys())

        raise ScheduleError(later=found)
    return schedule


def _meaning(
    source: Source, argument: bool, definitions: Mapping[str, Schedule]
) -> tuple[Schedule | None, list[Diagnostic] | None]:
    """What a text means, and what is wrong with it; neither, if the grammar refuses it.

    Where something can't be read there is a hole in the schedule; what is wrong with the rest is told all the same.
    """
    tree = parse_syntax(source)
    if tree is None:
        return None, None
    reader = Reader(source)
    schedule = reader.text(tree)
    if definitions:
        schedule = with_definitions(schedule, definitions)
    problems = checked(schedule, argument)
    if not reader.problems:
        return schedule, _without_guesses(problems, schedule)
    holes = sorted(reader.holes)
    for problem in problems:
        span = problem.span
        if span is None or _meets(span, holes):
            continue
        if blamed(problem) is Blame.UNUSED and source.mentions(span) > 1:
            continue  # used in a hole
        reader.problems.append(problem)
    return schedule, _without_guesses(in_order(reader.problems), schedule)


def _without_guesses(problems: list[Diagnostic], schedule: Schedule) -> list[Diagnostic]:
    if not any(problem.candidates for problem in problems):
        return problems
    from .translating import without_guesses  # nobody else needs it

    return without_guesses(problems, schedule)


def _meets(span: Span, holes: list[Span]) -> bool:
    """Whether a span has characters with one of some holes in common; the holes are in order, and nested at most."""
    behind = bisect_left(holes, Span(span.end, 0))
    return any(hole.end > span.start for hole in holes[max(0, behind - limits.NESTING) : behind])
