"""`schedlang explain`: what a schedule does, when it is below a number, and why it has a value."""

from __future__ import annotations

import shutil
from argparse import Namespace
from typing import Any, Final

from .._bound.bound import Bound
from .._bound.sampling import horizon
from .._files.carried import Carried
from .._text.errors import ScheduleError
from .output import print_errors, print_json
from .runs import all_of, bounds_of, carried_of, in_options

_ENDS: Final = 3  # values in the JSON of each end of the run


def explain(args: Namespace) -> int:
    """`explain`: all of it, or what `--when` and `--step` ask for."""
    if args.when is None:
        texts = _bounds(args)
        _print([_answer(carried, bound, args) for carried, bound in texts], texts, args)
        return 0
    try:
        texts = _bounds(args)
        found = [bound.when(args.when) for _, bound in texts]
    except ScheduleError as error:
        print_errors(in_options(error.diagnostics), args)
        return 2
    _print(
        [
            {"text": each.text} | one.to_dict() if args.json else one
            for (each, _), one in zip(texts, found, strict=True)
        ],
        texts,
        args,
    )
    return 0 if all(found) else 1


def _answer(carried: Carried, bound: Bound, args: Namespace) -> Any:
    """What there is to say of a schedule: a text, or with `--json` an object."""
    if args.step is not None:
        why = bound.why(args.step)
        return {"text": carried.text} | why.to_dict() if args.json else why
    found = bound.explain()
    if args.json:
        values = [{"step": step, "value": bound(step)} for step in _ends(bound)]
        return {"text": carried.text} | found.to_dict() | {"values": values}
    text = found.shown(shutil.get_terminal_size((100, 24)).columns)
    return text if found.canonical == carried.text.strip() else f"{text}\n\ncanonical text\n  {found.canonical}"


def _print(answers: list[Any], texts: list[tuple[Carried, Bound]], args: Namespace) -> None:
    """Print the answers; of several each below its argument."""
    if args.json:
        print_json(answers[0] if len(answers) == 1 else {"schedules": answers})
    elif len(answers) == 1:
        print(answers[0])
    else:
        print("\n\n".join(f"== {argument}\n{answer}" for argument, answer in zip(args.texts, answers, strict=True)))


def _bounds(args: Namespace) -> list[tuple[Carried, Bound]]:
    """The schedules, each bound to the run."""
    carried = all_of(carried_of, args.texts)
    return list(zip(carried, bounds_of(carried, args), strict=True))


def _ends(bound: Bound) -> list[int]:
    """The first steps of a run, and the last."""
    end = horizon(bound)
    return sorted({*range(min(_ENDS, end)), *range(max(0, end - _ENDS), end)})
