"""The subcommands that ask schedules: `eval`, `table`, `explain`."""

from __future__ import annotations

import shutil
import sys
from argparse import Namespace
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, Final

from .._bound.bound import Bound
from .._bound.sampling import horizon
from .._files.carried import Carried
from .._text.errors import ScheduleError
from .._text.rendering import columns
from .output import points_as_json, print_errors, print_json
from .runs import Meant, all_meant, bound_of, bounds_of, carried_of

_TELLING: Final = 12  # steps that eval shows unasked
_CHUNK: Final = 4096  # steps that table asks at once
_ENDS: Final = 3  # values in the JSON of explain, of each end of the run


def print_values(args: Namespace) -> int:
    bound = bound_of(carried_of(args.text), args)
    values = [(step, bound(step)) for step in list(chain(*args.steps)) or _telling_steps(bound)]
    if args.json:
        print_json({"values": points_as_json(values)})
    else:
        print(columns([("step", "value"), *((str(step), str(value)) for step, value in values)]))
    return 0


def print_table(args: Namespace) -> int:
    bound = bound_of(carried_of(args.text), args)
    stop = horizon(bound) if args.stop is None else args.stop
    if args.points is None:
        values = _chunked(bound, args.start, stop, args.every)
    else:
        values = ((step, bound(step)) for step in _spaced(args.start, stop - 1, args.points))
    if args.json:
        print_json({"values": points_as_json(values)})
        return 0
    separator = "\t" if args.format == "tsv" else ","
    rows = (f"{step}{separator}{value}\n" for step, value in values)
    first = list(islice(rows, 1))  # loads what it takes, where Ctrl-C would end in an error of that library
    print("step", "value", sep=separator)
    sys.stdout.writelines(chain(first, rows))
    return 0


def explain_texts(args: Namespace) -> int:
    """`explain`: all of it, or what `--when` and `--step` ask for."""
    if args.when is None:
        meant = all_meant(args.texts)
        bounds = bounds_of([each.carried for each in meant], args)
        _print_answers(
            [_answer(each.carried, bound, args) for each, bound in zip(meant, bounds, strict=True)], meant, args
        )
        return 0
    try:
        meant = all_meant(args.texts)
        crossings = [bound.when(args.when) for bound in bounds_of([each.carried for each in meant], args)]
    except ScheduleError as error:
        print_errors(error.diagnostics, args)
        return 2
    asked = zip(meant, crossings, strict=True)
    answers = [{"text": text.carried.text} | each.to_dict() if args.json else each for text, each in asked]
    _print_answers(answers, meant, args)
    return 0 if all(crossings) else 1


def _answer(carried: Carried, bound: Bound, args: Namespace) -> Any:
    if args.step is not None:
        why = bound.why(args.step)
        return {"text": carried.text} | why.to_dict() if args.json else why
    explanation = bound.explain()
    if args.json:
        end = horizon(bound)
        steps = sorted({*range(min(_ENDS, end)), *range(max(0, end - _ENDS), end)})
        values = points_as_json((step, bound(step)) for step in steps)
        return {"text": carried.text} | explanation.to_dict() | {"values": values}
    text = explanation.shown(shutil.get_terminal_size((100, 24)).columns)
    whole = explanation.canonical == carried.text.strip()
    return text if whole else f"{text}\n\ncanonical text\n  {explanation.canonical}"


def _print_answers(answers: list[Any], meant: list[Meant], args: Namespace) -> None:
    if args.json:
        print_json(answers[0] if len(answers) == 1 else {"schedules": answers})
    elif len(answers) == 1:
        print(answers[0])
    else:
        print("\n\n".join(f"== {each.argument}\n{answer}" for each, answer in zip(meant, answers, strict=True)))


# Steps.


def _spaced(first: int, last: int, count: int) -> list[int]:
    """At most so many steps from first to last, evenly spaced."""
    gaps = min(max(0, last - first), count - 1)
    return [first + index * (last - first) // gaps for index in range(gaps + 1)] if gaps else [first]


def _telling_steps(bound: Bound) -> list[int]:
    """A few steps that tell a schedule: where its phases begin, their middles, and the end."""
    end = horizon(bound)
    begins = [row.first for row in bound.phases if row.first < end]
    steps = {*begins, end, *(sum(pair) // 2 for pair in zip(begins, [*begins[1:], end], strict=True))}
    return sorted(steps) if len(steps) <= _TELLING else _spaced(0, end, _TELLING - 1)


def _chunked(bound: Bound, start: int, stop: int, every: int) -> Iterator[tuple[int, float]]:
    """Step and value from start on, in chunks, so that a long table starts at once and needs no memory."""
    for begin in range(start, stop, _CHUNK * every):
        end = min(stop, begin + _CHUNK * every)
        yield from zip(range(begin, end, every), bound.values(begin, end, every).tolist(), strict=True)
