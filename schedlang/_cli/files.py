"""The subcommands `check` and `format`, for texts, keys of config files, whole files, and folders of them."""

from __future__ import annotations

import difflib
import sys
from argparse import Namespace
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import attrs

from .._bound.bound import Bound
from .._bound.sets import unused_params
from .._files.carried import Carried
from .._files.discovery import (
    declared,
    files_in,
    has_text_of_ours,
    may_have_schedules,
    texts_in,
    unknown_names,
)
from .._files.formats import ConfigFile, disjoint
from .._files.opening import content_of, file_of
from .._files.reading import read_section
from .._files.recognizing import Kin
from .._files.references import is_reference, split
from .._files.rewriting import reformatted
from .._files.sections import FoundSchedule
from .._files.settings import Settings
from .._files.values import is_schedule
from .._insight.lint.lint import warnings
from .._language.formatting import WIDTH, format_text, without_blank_lines
from .._language.nodes import Number, Schedule
from .._language.nodes.arithmetic import Negative
from .._language.parse import parse
from .._text.errors import Diagnostic, Edit, ScheduleError
from .._text.numerals import counted
from .._text.rendering import as_json, elided, printable, render_github, render_json, render_line
from .output import exit_code, in_options, print_errors, print_json
from .runs import carried_of, is_file, known_run, length_told

_ROUNDS: Final = 10  # as one fix may bring to light what another is for
_LISTED: Final = 8  # texts that were passed by
_RENDERERS: Final = {"line": render_line, "github": render_github, "json": render_json}


class _Checked(NamedTuple):
    """A schedule that was looked at: what it is called, its canonical text if it is right, and what is wrong."""

    name: str
    canonical: str | None
    problems: tuple[Diagnostic, ...]
    counts: bool = True  # as a schedule, and not as a number that every system reads


@attrs.define
class _Result:
    """What came of an argument, or of one of its files."""

    checked: list[_Checked] = attrs.field(factory=list)
    notes: list[Diagnostic] = attrs.field(factory=list)  # what is wrong, but with no schedule
    passed: list[tuple[str, str]] = attrs.field(factory=list)  # what other systems have there, and its text
    fixed: int = 0
    left: str | None = None  # why nothing was looked at

    @property
    def problems(self) -> list[Diagnostic]:
        return [*self.notes, *(problem for each in self.checked for problem in each.problems)]

    @classmethod
    def of(cls, several: Sequence[_Result]) -> _Result:
        """What came of several together."""
        if len(several) == 1:
            return several[0]
        whole = cls(fixed=sum(each.fixed for each in several))
        for each in several:
            whole.checked += each.checked
            whole.notes += each.notes
            whole.passed += each.passed
        return whole


def check_texts(args: Namespace) -> int:
    """`check`: all that is wrong with any of the schedules."""
    settings = args.settings
    if args.fix and not all(argument != "-" and _is_file(argument) for argument in args.texts):
        print("error: --fix changes files, so give it files, folders or FILE:KEY, and no texts", file=sys.stderr)
        return 2
    results = []
    for argument in args.texts:
        result = _Result.of([_check_unit(unit, settings, args) for unit in _units(argument, settings)])
        _print_result(argument, result, args)
        results.append(result)
    whole = _Result.of(results)
    problems = in_options(whole.problems)
    texts = [each.canonical for each in whole.checked if each.canonical is not None]
    if args.param and len(texts) == len(whole.checked):  # else one of those that can't be read may use a parameter
        unused = in_options(unused_params(dict(args.param), map(parse, texts)))
        _print_problems(unused, args)
        problems += unused
    errors = [problem for problem in problems if problem.severity == "error"]
    if args.json:
        schedules = [{"argument": each.name, "canonical": each.canonical} for each in whole.checked]
        notes = [as_json(problem) for problem in problems if problem.severity == "warning"]
        passed = [{"argument": name, "text": text} for name, text in whole.passed]
        print_json({"schedules": schedules, "errors": list(map(as_json, errors)), "warnings": notes, "passed": passed})
    return exit_code(errors) if errors else 0


def _print_problems(problems: list[Diagnostic], args: Namespace) -> None:
    if args.json:
        return
    if args.format != "text":
        for problem in in_options(problems):
            print(_RENDERERS[args.format](problem))
    elif problems:
        print_errors(problems, args)


def _print_result(argument: str, result: _Result, args: Namespace) -> None:
    _print_problems(result.problems, args)
    if args.json or args.format != "text":
        return
    fixed = [f"{result.fixed} fixed"] if result.fixed else []
    if all(problem.severity == "warning" for problem in result.problems):
        alone = len(result.checked) == 1 and result.checked[0].name == argument
        notes = fixed if alone else [*_counts(result), *fixed, *_passed(result)]
        word = "passed by" if result.left else "ok"
        print(f"{word}  {printable(elided(argument, 100))}" + (f"  ({', '.join(notes)})" if notes else ""))
    elif fixed:
        print(f"{fixed[0]} in {printable(argument)}", file=sys.stderr)


def _counts(result: _Result) -> Iterator[str]:
    """How much was found."""
    if result.left is not None:
        yield result.left
        return
    schedules = sum(each.counts for each in result.checked)
    yield counted(schedules, "schedule")
    if not schedules and result.checked:
        yield counted(len(result.checked), "number")


def _passed(result: _Result) -> Iterator[str]:
    """What was found, and is another system's."""
    texts = list(dict.fromkeys(f"`{printable(elided(text, 40))}`" for _, text in result.passed))
    if texts:
        more = [f"and {len(texts) - _LISTED} more"] if len(texts) > _LISTED else []
        yield f"passed by: {', '.join([*texts[:_LISTED], *more])}"


# What an argument stands for.


class _Unit(NamedTuple):
    """What is read at once: a "text", the "key" of a file, a whole "file", or one "found" in a folder."""

    name: str
    kind: str


@attrs.frozen
class _Read:
    """What a unit is."""

    found: Sequence[FoundSchedule] = ()
    file: ConfigFile | None = None  # one without any schedules, or whose places aren't known, is None
    problems: Sequence[Diagnostic] = ()  # with the whole
    left: str | None = None


def _is_file(argument: str) -> bool:
    return is_reference(argument) or _is_folder(argument) or is_file(argument)


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
        yield from (_Unit(name, "found") for name in files_in(Path(argument), settings))
    elif argument != "-" and is_reference(argument):
        yield _Unit(argument, "key" if split(argument)[1] or ":" in argument else "file")
    else:
        yield _Unit(argument, "text")


def _read(unit: _Unit, settings: Settings, args: Namespace, content: str | None = None) -> _Read:
    """The schedules that are meant; `content` is what their file holds, if that is known."""
    given = [name for name, _ in getattr(args, "param", ())]
    try:
        match unit.kind:
            case "text":
                return _Read([FoundSchedule((), carried_of(unit.name))])
            case "key":
                return _read_key(unit.name, settings, args, given, content)
            case _:
                return _read_file(unit, settings, given, content)
    except ScheduleError as error:
        return _Read(problems=error.diagnostics)


def _read_key(reference: str, settings: Settings, args: Namespace, given: Sequence[str], content: str | None) -> _Read:
    try:
        found = read_section(reference, content, length_told(reference, args))
    except ScheduleError as error:
        name = split(reference)[0]
        mended = any(each.fix for each in error.diagnostics)  # the value can't be read, but is known how to mend it
        file = file_of(name, content_of(name) if content is None else content) if mended else None
        return _Read(file=file, problems=error.diagnostics)
    file = next((each.schedule.file for each in found if each.schedule is not None), None)
    documents = () if file is None else file.documents
    names = [frozenset(given).union(*(declared(tree, each.path, settings) for tree in documents)) for each in found]
    return _Read([each._replace(declared=known) for each, known in zip(found, names, strict=True)], file)


def _read_file(unit: _Unit, settings: Settings, given: Sequence[str], content: str | None) -> _Read:
    if unit.kind == "file" and settings.leaves_out(Path(unit.name)):
        return _Read(left="the settings leave it out")
    wrong = None
    if content is None:
        try:
            content = content_of(unit.name)
        except ScheduleError as error:
            if error.diagnostics[0].code != "E504":
                raise
            wrong, content = error, Path(unit.name).read_text(encoding="latin-1")  # which reads whatever bytes
        if not may_have_schedules(content, settings):
            return _Read(left="it has no key of schedules")
    try:
        if wrong is not None:
            raise wrong
        file = file_of(unit.name, content)
    except ScheduleError as error:
        if error.diagnostics[0].code == "E502" or has_text_of_ours(content, settings, error.diagnostics):
            raise
        hint = "it is passed by, as nothing in it looks like a schedule"
        noted = [attrs.evolve(each, code="W531", hint=hint) for each in error.diagnostics]
        return _Read(problems=noted, left="it cannot be read")
    return _Read(list(texts_in(file, settings, given)), file)


def _called(unit: _Unit, found: FoundSchedule) -> str:
    file, key = split(unit.name) if unit.kind == "key" else (unit.name, "")
    path = ".".join(found.path)
    return unit.name if path == key else f"{file}:{path}"


# Checking.


def _check_unit(unit: _Unit, settings: Settings, args: Namespace) -> _Result:
    """What was looked at, and mended if that is asked for: the file is read once, and written once."""
    read = before = _read(unit, settings, args)
    result = unmended = _checked(unit, read, settings, args)
    for _ in range(_ROUNDS if args.fix else 0):
        after, fixed = _mended(read.file, result.problems)
        if after is None:
            break
        read = _read(unit, settings, args, after.content)
        result = attrs.evolve(_checked(unit, read, settings, args), fixed=result.fixed + fixed)
    if read.file is not None and before.file is not None and read is not before:
        try:
            read.file.save(before.file)
        except ScheduleError as error:
            unmended.notes += error.diagnostics
            return unmended
    return result


def _checked(unit: _Unit, read: _Read, settings: Settings, args: Namespace) -> _Result:
    theirs = [each for each in read.found if each.kin is Kin.THEIRS]
    texts = [(_called(unit, each), each.schedule.text) for each in theirs if each.schedule is not None]
    ours = [_check(_called(unit, each), each, settings, args) for each in read.found if each.kin is not Kin.THEIRS]
    notes = [each for each in read.problems if each.code not in settings.ignore]
    return _Result(_each_once(ours), notes, texts, left=read.left)


def _each_once(checked: list[_Checked]) -> list[_Checked]:
    """With what is wrong with several, such as a name that they share, at the first of them."""
    told: set[Diagnostic] = set()
    left = []
    for each in checked:
        left.append(each._replace(problems=tuple(problem for problem in each.problems if problem not in told)))
        told.update(each.problems)
    return left


def _check(name: str, found: FoundSchedule, settings: Settings, args: Namespace) -> _Checked:
    carried = found.schedule
    if found.kin is Kin.CONFIG:
        problems = found.problems if carried is None else (*found.problems, *carried.notes)
        told = tuple(each for each in dict.fromkeys(problems) if each.code not in settings.ignore)
        return _Checked(name, None if carried is None else carried.text, told)
    if carried is None or any(each.severity == "error" for each in found.problems):
        return _Checked(name, None, found.problems)
    try:
        schedule = carried.schedule()
        _refuse_undeclared(found, carried, schedule, dict(args.param))
        bound = _bound(schedule, found, carried, args)
    except ScheduleError as error:
        return _Checked(name, None, tuple(_for_certain(each, found.kin) for each in error.diagnostics))
    number = isinstance(schedule.operand if isinstance(schedule, Negative) else schedule, Number)
    # To others -1 may well mean `none`.
    noted = () if number and found.kin is Kin.SHARED else warnings(bound, settings.ignored_in_texts)
    told = (*found.problems, *(_for_certain(carried.in_file(each), found.kin) for each in noted))
    return _Checked(name, str(schedule), tuple(each for each in told if each.code not in settings.ignore), not number)


def _refuse_undeclared(found: FoundSchedule, carried: Carried, schedule: Schedule, given: Collection[str] = ()) -> None:
    """Refuse names that nothing declares; `given` are those on the command line, for its texts."""
    unknown = found.undeclared(schedule, () if carried.file is not None else given)
    # Of a text alone, what nobody else calls so may be given elsewhere.
    problems = unknown_names(unknown, schedule, found.declared, others_alone=carried.file is None)
    if problems:
        raise ScheduleError(map(carried.in_file, problems))


def _for_certain(problem: Diagnostic, kin: Kin) -> Diagnostic:
    """A mistake without its fix, if the text may be another system's."""
    return problem if kin is Kin.OURS else attrs.evolve(problem, fix=None)


def _bound(schedule: Schedule, found: FoundSchedule, carried: Carried, args: Namespace) -> Bound | Schedule:
    """A schedule bound to what is known of its run; itself, if that is nothing, or parameters alone."""
    known = known_run(carried, schedule, args, found.path)
    if known is None or carried.is_rate:
        return schedule
    try:
        return carried.bind(schedule, **known)
    except ScheduleError as error:
        if known.keys() - {"params", "base"} or any(each.code != "E401" for each in error.diagnostics):
            raise
        return schedule


def _mended(file: ConfigFile | None, problems: list[Diagnostic]) -> tuple[ConfigFile | None, int]:
    """A file in which is mended what can be mended at once, and how much that is; None if it is nothing."""
    if file is None:
        return None, 0
    fixes = [each.fix for each in problems if each.fix and each.source is not None and each.source.text == file.text]
    for some in (disjoint(fixes), list(fixes[0]) if fixes else []):
        after = file.edited(some) if some else None
        if after is not None:
            return after, sum(set(each) <= set(some) for each in fixes)
    return None, 0


# Formatting.


def format_texts(args: Namespace) -> int:
    """`format`: canonical text, printed; or written into the files that it stands in."""
    files = [argument != "-" and _is_file(argument) for argument in args.texts]
    if not all(files):
        if len(files) > 1:
            print("error: format takes one text, or any number of files", file=sys.stderr)
            return 2
        return _format_text(args)
    settings = args.settings
    changed: list[str] = []
    problems: list[Diagnostic] = []
    for argument in args.texts:
        for unit in _units(argument, settings):
            try:
                changed += _format_file(unit, settings, args, problems)
            except ScheduleError as error:
                problems += error.diagnostics
    errors = [each for each in problems if each.severity == "error"]
    if args.json:
        print_json({"changed": changed, "errors": [as_json(each) for each in errors]})
    else:
        for name in changed if not args.diff else ():
            print(f"{'would format' if args.check else 'formatted'}  {printable(name)}")
        print_errors(problems, args) if problems else None
    return exit_code(errors) if errors else int(bool(changed) and (args.check or args.diff))


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
    read = _read(unit, settings, args)
    problems += (each for each in read.problems if each.code not in settings.ignore)
    for found in read.found:
        if found.kin in (Kin.THEIRS, Kin.CONFIG):
            continue
        problems += (each for each in found.problems if each.severity == "error")
        if found.schedule is None or found.problems:
            continue
        try:
            _refuse_undeclared(found, found.schedule, found.schedule.schedule())
            with found.schedule.places():
                edit = reformatted(found.schedule, args.width or WIDTH)
        except ScheduleError as error:
            problems += error.diagnostics
            continue
        if edit is not None and found.kin is Kin.OURS:
            edits.append(edit)
            changed.append(_called(unit, found))
    after = read.file.edited(disjoint(edits)) if read.file is not None and edits else None
    if read.file is None or after is None:
        return []
    if args.diff:
        sys.stdout.writelines(_diff(read.file.text, after.text, read.file.name))
    elif not args.check:
        after.save(read.file)
    return changed


def _diff(before: str, after: str, name: str) -> Iterable[str]:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    name = printable(name)
    for line in difflib.unified_diff(old, new, name, name):
        yield line if line.endswith("\n") else f"{line}\n"
