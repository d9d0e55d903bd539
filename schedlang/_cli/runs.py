"""What the command line is told of a schedule and its run."""

from __future__ import annotations

import math
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from .._bound.bound import Bound
from .._bound.runs import run_told
from .._bound.sets import unused_params
from .._files.carried import Carried
from .._files.references import SUFFIXES, is_reference, split
from .._language.names import free_names
from .._language.nodes import Schedule
from .._text.errors import Diagnostic, ScheduleError, fail, listed
from .._text.run import RATES
from .._text.source import on_one_line
from .arguments import OPTIONS
from .output import in_options

if TYPE_CHECKING:  # a text of the command line needs no files
    from .._files.noether import Length

T = TypeVar("T")
U = TypeVar("U")


def carried_of(argument: str) -> Carried:
    """The text that an argument stands for: itself, what is at `FILE:KEY`, or for `-` what standard input gives."""
    if argument == "-":
        try:
            return Carried(sys.stdin.read(), "<stdin>")
        except UnicodeDecodeError:
            fail(None, "E501", "what comes from standard input is not UTF-8 text")
    if is_file(argument):
        hint = f"the name of one ends in {listed(SUFFIXES)}; if a text was meant, put it in brackets"
        fail(None, "E503", f"`{argument}` is a file, but no config file", hint)
    if not is_reference(argument):
        return Carried(argument)
    from .._files.reading import read_reference

    return read_reference(argument)


def is_file(argument: str) -> bool:
    """Whether an argument is the name of a file that is no config file; such are never read as texts."""
    try:
        return argument != "-" and not is_reference(argument) and Path(argument).is_file()
    except (OSError, ValueError):
        return False


class Meant(NamedTuple):
    """A text that an argument stands for, and how it is called: as the argument, or as the key of a section that is."""

    argument: str
    carried: Carried
    member: str | None = None  # what a section calls it


def all_meant(arguments: Sequence[str], args: Namespace, **run: Any) -> list[Meant]:
    """The texts that arguments stand for: `FILE:SECTION` is all that stands in it; `run` is what else is told of it."""
    return [each for some in all_of(lambda each: _meant(each, args, run), arguments) for each in some]


def _meant(argument: str, args: Namespace, run: Mapping[str, Any]) -> list[Meant]:
    if argument != "-" and is_reference(argument):
        from .._files.reading import read_section

        section = read_section(argument, length=length_told(argument, args, run))
        problems = [problem for found in section for problem in found.problems]
        if problems:
            raise ScheduleError(problems)
        alone = [".".join(found.path) for found in section] == [split(argument)[1]]
        return [
            Meant(str(found.schedule.name), found.schedule, None if alone else found.path[-1])
            for found in section
            if found.schedule is not None and (alone or not found.schedule.is_rate)
        ]
    return [Meant(argument, carried_of(argument))]


def names_of(meant: Sequence[Meant]) -> list[str]:
    """What several are called, each by a name of its own: their texts or keys."""
    names: list[str] = []
    for text, _, _ in meant:
        name = split(text)[1] if is_reference(text) else on_one_line(text)
        if name in names:
            name = text if text not in names else f"{name} ({len(names) + 1})"
        names.append(name)
    return names


def has_run(args: Namespace) -> bool:
    return bool(args.param) or any(getattr(args, name) is not None for name in OPTIONS)


def length_told(reference: str, args: Namespace, run: Mapping[str, Any] = MappingProxyType({})) -> Length | None:
    """What is told of the length of the run of what stands at `FILE:KEY`; what is wrong with it is told by `bind`."""
    from .._files.noether import Length

    options = run_of(args) if hasattr(args, "total_steps") else {}  # to format takes no run
    given = {name: value for name, value in {**options, **run}.items() if value is not None}
    told = args.settings.run_of(tuple(split(reference)[1].split("."))) | given
    try:
        known = run_told(told.get("total_steps"), {name: told[name] for name in RATES if name in told})
    except ScheduleError:
        return None
    if known.total_steps is None or "clock" in told:
        return None
    rate = known.steps_per_epoch
    return Length(math.ceil(known.total_steps), rate if isinstance(rate, Fraction) else None)


def known_run(
    carried: Carried, schedule: Schedule, args: Namespace, path: tuple[str, ...] | None = None
) -> dict[str, Any] | None:
    """What is known of the run of a schedule: from the options, else for what is in a file from the settings; or None.

    Parameters are for those that use them.
    """
    path = tuple((carried.key or "").split(".")) if path is None else path
    from_settings = carried.untold(args.settings.run_of(path)) if carried.file is not None else {}
    if not from_settings and not has_run(args):
        return None
    known = from_settings | {name: value for name, value in run_of(args).items() if value is not None}
    if args.base is None:
        known["base"] = from_settings.get("base", 1.0)
    free = free_names(schedule)
    params = from_settings.get("params", {}) | dict(args.param)
    return known | {"params": {name: value for name, value in params.items() if name in free}}


def bounds_of(texts: Sequence[Carried], args: Namespace) -> list[Bound]:
    """The schedules of texts, all bound to the run that is known; a parameter has to be used by one of them."""
    schedules = all_of(lambda text: text.schedule(), texts)
    problems = unused_params(dict(args.param), schedules) if len(texts) > 1 else []
    if problems:
        raise ScheduleError(problems)

    def bound(pair: tuple[Carried, Schedule]) -> Bound:
        text, schedule = pair
        run = known_run(text, schedule, args) or {}
        if len(texts) == 1 and args.param:
            run["params"] |= dict(args.param)
        return text.bind(schedule, **run)

    return all_of(bound, zip(texts, schedules, strict=True))


def warnings_of(texts: Sequence[Carried], bounds: Sequence[Bound], args: Namespace) -> list[Diagnostic]:
    """What is allowed in the schedules of texts, and yet probably not meant, in options."""
    from .._insight.lint.lint import warnings

    unwanted = args.settings.ignored_in_texts
    found = [each for text in texts for each in text.notes if each.code not in unwanted]
    found += [
        text.in_file(each) for text, bound in zip(texts, bounds, strict=True) for each in warnings(bound, unwanted)
    ]
    return in_options(dict.fromkeys(found))


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
