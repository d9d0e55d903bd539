"""What the command line is told of a schedule and its run."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from .._bound.bind import bind
from .._bound.bound import Bound
from .._files.carried import Carried
from .._files.references import is_reference
from .._language.nodes import Schedule
from .._language.parse import parse
from .._text.errors import Diagnostic, ScheduleError, fail
from .arguments import OPTIONS

T = TypeVar("T")
U = TypeVar("U")


def carried_of(argument: str) -> Carried:
    """The text that an argument stands for: itself, what is at `FILE:KEY`, or for `-` what standard input gives."""
    if argument == "-":
        try:
            return Carried(sys.stdin.read(), "<stdin>")
        except UnicodeDecodeError:
            fail(None, "E501", "what comes from standard input is not UTF-8 text")
    if not is_reference(argument):
        return Carried(argument)
    from .._files.reading import read_reference

    return read_reference(argument)


def schedule_of(carried: Carried) -> Schedule:
    """The schedule that a text means."""
    with carried.places():
        return parse(carried.text, name=carried.name)


def has_run(args: Namespace) -> bool:
    return bool(args.param) or any(getattr(args, name) is not None for name in OPTIONS)


def bound_of(carried: Carried, args: Namespace) -> Bound:
    """The schedule of a text, bound to the run that the options tell."""
    schedule = schedule_of(carried)
    with carried.places():
        return bind(schedule, **run_of(args))


def bounds_of(texts: Sequence[Carried], args: Namespace) -> list[Bound]:
    """The schedules of texts, all bound to the run that the options tell; a parameter has to be used by one of them."""
    if len(texts) == 1:
        return [bound_of(texts[0], args)]
    from .._bound.sets import bind_with, unused_params

    schedules = all_of(schedule_of, texts)
    run = run_of(args)
    base, params = run.pop("base"), run.pop("params")
    problems = unused_params(params, schedules)
    if problems:
        raise ScheduleError(problems)

    def bound(pair: tuple[Carried, Schedule]) -> Bound:
        text, schedule = pair
        with text.places():
            return bind_with(schedule, run, base, params)

    return all_of(bound, zip(texts, schedules, strict=True))


def all_of(make: Callable[[T], U], given: Iterable[T]) -> list[U]:
    """What is made of each."""
    made: list[U] = []
    problems: list[Diagnostic] = []
    for each in given:
        try:
            made.append(make(each))
        except ScheduleError as error:
            problems += error.diagnostics
    if problems:
        raise ScheduleError(dict.fromkeys(problems))
    return made


def run_of(args: Namespace) -> dict[str, Any]:
    """What the options tell of a run, as arguments of `bind`."""
    rates = {name: getattr(args, name) for name in OPTIONS}
    return rates | {"base": 1.0 if args.base is None else args.base, "params": dict(args.param)}
