"""`schedlang diff`: two schedules beside each other."""

from __future__ import annotations

import math
from argparse import Namespace

from .._bound.bind import bind, length_of_run
from .._bound.bound import Bound
from .._bound.sets import unused_params
from .._insight.diff import Comparison, compare
from .._text.errors import ScheduleError, fail
from .._text.run import Run
from .arguments import OPTIONS
from .output import print_errors, print_json
from .runs import carried_of, known_run, run_of


def diff_texts(args: Namespace) -> int:
    """`diff`: 0 if nothing differs (before `--before`), 1 if something does, 2 if that can't be said."""
    try:
        old, new = _bounds(args)
        before = None if args.before is None else _step(args)
        comparison = compare(old, new, tolerance=args.tolerance, before=before)
    except ScheduleError as error:
        print_errors(error.diagnostics, args)
        return 2
    same = comparison.same(before)
    if args.json:
        print_json(comparison.to_dict() | ({} if before is None else {"before": before, "same_before": same}))
    else:
        print(comparison if before is None else _past(comparison, before))
    return 0 if same else 1


def _bounds(args: Namespace) -> tuple[Bound, Bound]:
    """Both schedules, each bound to its run; a parameter has to be used by one of them."""
    carried = [carried_of(args.old), carried_of(args.new)]
    schedules = [each.schedule() for each in carried]
    problems = unused_params(dict(args.param), schedules)
    if problems:
        raise ScheduleError(problems)
    others = {name: getattr(args, f"new_{OPTIONS[name][2:].replace('-', '_')}") for name in OPTIONS}
    bounds = []
    for text, schedule, new in zip(carried, schedules, ({}, others), strict=True):
        run = known_run(text, schedule, args) or {}
        run |= {name: value for name, value in new.items() if value is not None}
        with text.places():
            bounds.append(bind(schedule, **run))
    return bounds[0], bounds[1]


def _step(args: Namespace) -> int:
    """The step of `--before`, which may be a length of time."""
    rates = {name: value for name, value in run_of(args).items() if name not in ("total_steps", "base", "params")}
    try:
        step = length_of_run(args.before, Run(**rates), "the step")
    except ScheduleError as error:
        hint = "give a step, or a length of time but a share: `--before 40k`, `--before 30ep`"
        fail(None, "E404", f"--before: {error.diagnostics[0].message}", hint)
    assert step is not None
    return math.ceil(step)


def _past(comparison: Comparison, before: int) -> str:
    if comparison.same(before):
        return f"the same before step {before}"
    assert comparison.first is not None
    first = comparison.first
    stretch = comparison.stretch(first.step)
    return (
        f"different before step {before}: from step {first.step} on\n"
        f"  old  {first.old}  {stretch.old}\n"
        f"  new  {first.new}  {stretch.new}"
    )
