"""The subcommands `check` and `format`, for texts, keys of config files, whole files, and folders of them."""

from __future__ import annotations

import difflib
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any, Final, NamedTuple

from .._bound.bind import bind
from .._bound.sets import unused_params
from .._files.carried import Carried
from .._files.discovery import FoundSchedule, files_in, may_have_schedules, schedules_in, used_params
from .._files.formats import ConfigFile, disjoint
from .._files.opening import content_of, open_file
from .._files.reading import read_reference
from .._files.references import is_reference, split
from .._files.rewriting import reformatted
from .._files.settings import Settings, find_settings
from .._files.values import is_schedule
from .._insight.lint.lint import warnings
from .._language.formatting import WIDTH, format_text, without_blank_lines
from .._language.parse import parse
from .._text.errors import Diagnostic, Edit, ScheduleError
from .._text.numerals import counted
from .._text.rendering import as_json, elided, render_github, render_json, render_line
from .output import exit_code, in_options, print_errors, print_json
from .runs import carried_of, has_run, run_of, schedule_of

_ROUNDS: Final = 10  # as one fix may bring to light what another is for
_RENDERERS: Final = {"line": render_line, "github": render_github, "json": render_json}


class _Checked(NamedTuple):
    """A schedule that was looked at: what it is called, its canonical text if it is right, and what is wrong."""

    name: str
    canonical: str | None
    problems: tuple[Diagnostic, ...]


def check_texts(args: Namespace) -> int:
    """`check`: all that is wrong with any of the schedules."""
    settings = find_settings(Path.cwd())
    if args.fix and not all(argument != "-" and _is_file(argument) for argument in args.texts):
        print("error: --fix changes files, so give it files, folders or FILE:KEY, and no texts", file=sys.stderr)
        return 2
    checked: list[_Checked] = []
    for argument in args.texts:
        results, fixed = [], 0
        for unit in _units(argument, settings):
            mended, more = _check_unit(unit, settings, args)
            results += more
            fixed += mended
        checked += results
        _print_result(argument, results, fixed, args)
    problems = in_options(problem for each in checked for problem in each.problems)
    texts = [each.canonical for each in checked if each.canonical is not None]
    if args.param and len(texts) == len(checked):  # else one of those that can't be read may use a parameter
        unused = in_options(unused_params(dict(args.param), map(parse, texts)))
        _print_problems(unused, args)
        problems += unused
    errors = [problem for problem in problems if problem.severity == "error"]
    if args.json:
        schedules = [{"argument": each.name, "canonical": each.canonical} for each in checked]
        notes = [as_json(problem) for problem in problems if problem.severity == "warning"]
        print_json({"schedules": schedules, "errors": list(map(as_json, errors)), "warnings": notes})
    return exit_code(errors) if errors else 0


def _print_problems(problems: list[Diagnostic], args: Namespace) -> None:
    if args.json:
        return
    if args.format != "text":
        for problem in in_options(problems):
            print(_RENDERERS[args.format](problem))
    elif problems:
        print_errors(problems, args)


def _print_result(argument: str, results: list[_Checked], fixed: int, args: Namespace) -> None:
    problems = [problem for each in results for problem in each.problems]
    _print_problems(problems, args)
    if args.json or args.format != "text":
        return
    notes = [f"{fixed} fixed"] if fixed else []
    if all(problem.severity == "warning" for problem in problems):
        if len(results) != 1 or results[0].name != argument:
            notes.insert(0, counted(len(results), "schedule"))
        print(f"ok  {elided(argument, 100)}" + (f"  ({', '.join(notes)})" if notes else ""))
    elif notes:
        print(f"{notes[0]} in {argument}", file=sys.stderr)


# What an argument stands for.


class _Unit(NamedTuple):
    """What is read at once: a "text", the "key" of a file, or a whole "file"."""

    name: str
    kind: str


def _is_file(argument: str) -> bool:
    return is_reference(argument) or _is_folder(argument)


def _is_folder(argument: str) -> bool:
    """Whether an argument is a folder, and not a schedule such as `cosine` for which there also is one."""
    if not argument.strip():
        return False  # a variable of the shell that is not set; it is no folder to write into
    try:
        return Path(argument).is_dir() and not is_schedule(argument)
    except (OSError, ValueError):
        return False


def _units(argument: str, settings: Settings) -> Iterator[_Unit]:
    if _is_folder(argument):
        yield from (_Unit(name, "file") for name in files_in(Path(argument), settings))
    elif argument != "-" and is_reference(argument):
        yield _Unit(argument, "key" if split(argument)[1] or ":" in argument else "file")
    else:
        yield _Unit(argument, "text")


def _schedules_of(unit: _Unit, settings: Settings) -> tuple[ConfigFile | None, list[FoundSchedule]]:
    """The schedules that are meant, and their file; one without any, or whose places aren't known, is None."""
    if unit.kind == "text":
        return None, [FoundSchedule((), carried_of(unit.name))]
    if unit.kind == "file":
        if not may_have_schedules(content_of(unit.name), settings):
            return None, []
        file = open_file(unit.name)
        return file, list(schedules_in(file, settings))
    schedule = read_reference(unit.name)
    return schedule.file, [FoundSchedule(tuple((schedule.key or "").split(".")), schedule)]


# Checking.


def _check_unit(unit: _Unit, settings: Settings, args: Namespace) -> tuple[int, list[_Checked]]:
    """How many mistakes were mended, and what was looked at."""
    try:
        rounds = range(_ROUNDS if args.fix else 0)
        fixed = sum(takewhile(bool, (_fix(unit, settings, args) for _ in rounds)))
        _, entries = _schedules_of(unit, settings)
        return fixed, [_check(_called(unit, each), each, settings, args) for each in entries]
    except ScheduleError as error:
        return 0, [_Checked(unit.name, None, error.diagnostics)]


def _called(unit: _Unit, entry: FoundSchedule) -> str:
    return f"{unit.name}:{'.'.join(entry.path)}" if unit.kind == "file" else unit.name


def _check(name: str, entry: FoundSchedule, settings: Settings, args: Namespace) -> _Checked:
    carried = entry.schedule
    if carried is None or entry.problems:
        return _Checked(name, None, entry.problems)
    try:
        schedule = schedule_of(carried)
        run = _run(entry, carried, settings, args)
        with carried.places():
            bound = schedule if run is None else bind(schedule, **run)
    except ScheduleError as error:
        return _Checked(name, None, error.diagnostics)
    noted = tuple(carried.in_file(each) for each in warnings(bound, settings.ignore))
    return _Checked(name, str(schedule), noted)


def _run(entry: FoundSchedule, carried: Carried, settings: Settings, args: Namespace) -> dict[str, Any] | None:
    """What is known of the run of a schedule: from the options, else from the settings, or nothing.

    Parameters that are for many schedules are for those that use them.
    """
    from_settings = settings.run_of(entry.path) if carried.file is not None else {}
    if not from_settings and not has_run(args):
        return None
    known = from_settings | {name: value for name, value in run_of(args).items() if value is not None}
    if args.base is None:
        known["base"] = from_settings.get("base", 1.0)
    known["params"] = used_params(carried.text, from_settings.get("params", {}) | dict(args.param))
    return known


def _fix(unit: _Unit, settings: Settings, args: Namespace) -> int:
    """Mend in a file what can be mended at once; returns how much that is."""
    problems: list[Diagnostic] = []
    try:
        file, entries = _schedules_of(unit, settings)
        for each in entries:
            problems += _check("", each, settings, args).problems
    except ScheduleError as error:  # the value at a key can't be read, but it may be known how to mend it
        problems += error.diagnostics
        file = open_file(split(unit.name)[0])
    if file is None:
        return 0
    sure = (each for each in problems if each.source is not None and each.source.text == file.text)
    fixes = [each.fix for each in sure if each.fix]
    for some in (disjoint(fixes), list(fixes[0]) if fixes else []):
        after = file.edited(some) if some else None
        if after is not None:
            after.save(file)
            return sum(set(each) <= set(some) for each in fixes)
    return 0


# Formatting.


def format_texts(args: Namespace) -> int:
    """`format`: canonical text, printed; or written into the files that it stands in."""
    files = [argument != "-" and _is_file(argument) for argument in args.texts]
    if not all(files):
        if len(files) > 1:
            print("error: format takes one text, or any number of files", file=sys.stderr)
            return 2
        return _format_text(args)
    settings = find_settings(Path.cwd())
    changed: list[str] = []
    problems: list[Diagnostic] = []
    for argument in args.texts:
        for unit in _units(argument, settings):
            try:
                changed += _format_file(unit, settings, args, problems)
            except ScheduleError as error:
                problems += error.diagnostics
    if args.json:
        print_json({"changed": changed, "errors": [as_json(each) for each in problems]})
    else:
        for name in changed if not args.diff else ():
            print(f"{'would format' if args.check else 'formatted'}  {name}")
        print_errors(problems, args) if problems else None
    return exit_code(problems) if problems else int(bool(changed) and (args.check or args.diff))


def _format_text(args: Namespace) -> int:
    (argument,) = args.texts
    carried = carried_of(argument)
    text = format_text(carried.text, args.width or WIDTH, name=carried.name)
    start, end = without_blank_lines(carried.text)
    written = carried.text[start:end]
    changes = text != written
    if args.json:
        print_json({"text": text})
    elif args.diff:
        sys.stdout.writelines(_diff(written, text, carried.name or "text"))
    elif not args.check:
        print(f"{carried.text[:start]}{text}{carried.text[end:]}".removesuffix("\n"))
    return int(changes and (args.check or args.diff))


def _format_file(unit: _Unit, settings: Settings, args: Namespace, problems: list[Diagnostic]) -> list[str]:
    edits: list[tuple[Edit, ...]] = []
    changed = []
    file, schedules = _schedules_of(unit, settings)
    for entry in schedules:
        problems += entry.problems
        if entry.schedule is None or entry.problems:
            continue
        try:
            with entry.schedule.places():
                edit = reformatted(entry.schedule, args.width or WIDTH)
        except ScheduleError as error:
            problems += error.diagnostics
            continue
        if edit is not None:
            edits.append(edit)
            changed.append(_called(unit, entry))
    after = file.edited(disjoint(edits)) if file is not None and edits else None
    if file is None or after is None:
        return []
    if args.diff:
        sys.stdout.writelines(_diff(file.text, after.text, file.name))
    elif not args.check:
        after.save(file)
    return changed


def _diff(before: str, after: str, name: str) -> Iterable[str]:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for line in difflib.unified_diff(old, new, name, name):
        yield line if line.endswith("\n") else f"{line}\n"
