"""`schedlang diff`: two schedules beside each other."""

from __future__ import annotations

import math
from argparse import Namespace
from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from .._bound.bound import Bound
from .._bound.runs import length_of_run, run_told
from .._bound.sets import unused_params
from .._files.carried import Carried
from .._insight.diff import Comparison, compare
from .._language.names import free_names
from .._language.nodes import Number
from .._language.parse import parse_argument
from .._text.errors import ScheduleError, fail, listed
from .._text.numerals import as_plain_number
from .._text.run import UNITS
from .arguments import OPTIONS
from .output import print_errors, print_json
from .runs import all_meant, known_run, run_of


def diff_texts(args: Namespace) -> int:
    """`diff`: 0 if nothing differs (before `--before`), 1 if something does, 2 if that can't be said."""
    try:
        old, new = _by_member(args.old, args), _by_member(args.new, args, **_new_run(args))
        _refuse_set_and_text(old, new, args)
        olds, news = _bounds([old, new], args)
        before = None if args.before is None else _step(args)
        compared = {
            member: compare(olds[member], news[member], tolerance=args.tolerance, before=before)
            for member in olds
            if member in news
        }
    except ScheduleError as error:
        print_errors(error.diagnostics, args)
        return 2
    lone = {"old": [*(old.keys() - new.keys())], "new": [*(new.keys() - old.keys())]}
    if args.json:
        told = {member: _as_json(comparison, before) for member, comparison in compared.items()}
        print_json(told[None] if None in told else {"schedules": told} | {f"{each}_only": lone[each] for each in lone})
    else:
        texts = [(member, str(each) if before is None else _past(each, before)) for member, each in compared.items()]
        lines = [text if member is None else f"== {member}\n{text}" for member, text in texts]
        lines += [f"== {member}\nin the {each} set alone" for each in lone for member in lone[each]]
        print("\n\n".join(lines))
    codes = [_code(each, before) for each in compared.values()]
    return 1 if any(lone.values()) or 1 in codes else max(codes, default=0)


def _code(comparison: Comparison, before: int | Fraction | None) -> int:
    """What `diff` exits with."""
    first = comparison.first
    unseen = first is None or (before is not None and first.step >= before)
    return 0 if comparison.same(before) else 2 if unseen else 1


def _as_json(comparison: Comparison, before: int | Fraction | None) -> dict[str, Any]:
    past = {} if before is None else {"before": as_plain_number(before), "same_before": comparison.same(before)}
    return comparison.to_dict() | past


def _by_member(argument: str, args: Namespace, **run: Any) -> dict[str | None, Carried]:
    """What an argument stands for: one text, or all of a section by their keys."""
    return {each.member: each.carried for each in all_meant([argument], args, **run)}


def _new_run(args: Namespace) -> dict[str, Any]:
    """What is told of the run of the new schedule alone."""
    told = {name: getattr(args, f"new_{OPTIONS[name][2:].replace('-', '_')}") for name in OPTIONS}
    return {name: value for name, value in told.items() if value is not None}


def _refuse_set_and_text(old: Collection[str | None], new: Collection[str | None], args: Namespace) -> None:
    if (None in old) == (None in new):
        return
    several, members = (args.old, old) if None in new else (args.new, new)
    hint = f"name the one that is meant: {listed(f'{several}.{member}' for member in members)}"
    fail(None, "E506", f"`{several}` is a set of schedules, and the other is one", hint)


def _bounds(sides: Sequence[Mapping[str | None, Carried]], args: Namespace) -> Iterator[dict[str | None, Bound]]:
    """The schedules of both sides, each bound to its run; a parameter has to be used by one of them."""
    schedules = [{member: text.schedule() for member, text in side.items()} for side in sides]
    problems = unused_params(dict(args.param), [each for side in schedules for each in side.values()])
    problems += unused_params(dict(args.new_param), [*schedules[1].values()])
    if problems:
        raise ScheduleError(problems)
    params: tuple[dict[str, Any], ...] = {}, dict(args.new_param)
    for side, known, new, own in zip(sides, schedules, ({}, _new_run(args)), params, strict=True):
        bounds = {}
        for member, text in side.items():
            run, free = (known_run(text, known[member], args) or {}) | new, free_names(known[member])
            run["params"] = run.get("params", {}) | {name: value for name, value in own.items() if name in free}
            bounds[member] = text.bind(known[member], **run)
        yield bounds


def _step(args: Namespace) -> int | Fraction:
    """The step of `--before`, which may be a length of time; a number alone is what the clock counts."""
    rates = {name: value for name, value in run_of(args).items() if name not in ("total_steps", "base", "params")}
    clock = rates.get("clock")
    try:
        alone = clock is not None and isinstance(parse_argument(args.before), Number)
        before = f"{args.before} {clock}" if alone else args.before
        step = length_of_run(before, run_told(None, rates), "the step")
    except ScheduleError as error:
        hint = "give a step, or a length of time but a share: `--before 40k`, `--before 30ep`"
        fail(None, "E404", f"--before: {error.diagnostics[0].message}", hint)
    assert step is not None
    return math.ceil(step) if clock is None or UNITS[clock].whole else step


def _past(comparison: Comparison, before: int | Fraction) -> str:
    unit = comparison.unit
    if comparison.same(before):
        return f"the same before {unit.at(before)}"
    first, proven = comparison.first, comparison.proven
    if proven is not None and (first is None or first.step >= before):
        return f"no difference seen before {unit.at(before)}, but proven before {unit.at(proven)} alone"
    assert first is not None
    stretch = comparison.stretch(first.step)
    return (
        f"different before {unit.at(before)}: from {unit.at(first.step)} on\n"
        f"  old  {first.old}  {stretch.old}\n"
        f"  new  {first.new}  {stretch.new}"
    )
