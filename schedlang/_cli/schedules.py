"""The subcommands that ask schedules: `eval`, `table`, `explain`."""

from __future__ import annotations

import shutil
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

from .._bound.bind import on_one_axis
from .._bound.bound import Bound
from .._bound.sampling import horizon
from .._pictures.layout import in_ticks
from .._text.errors import Diagnostic, ScheduleError, fail
from .._text.rendering import columns
from .._text.run import as_decimal
from .output import points_as_json, print_errors, print_json, print_warnings, warnings_as_json
from .runs import Meant, all_meant, bounds_of, warnings_of

if TYPE_CHECKING:
    from .._insight.explain.explanation import Explanation
    from .._insight.when import Crossings
    from .._insight.why import Why

_TELLING: Final = 12  # steps that eval shows unasked
_POINTS: Final = 1001  # lines of a table of what another clock counts, unasked
_CHUNK: Final = 4096  # steps that table asks at once
_ENDS: Final = 3  # values in the JSON of explain, of each end of the run


def print_values(args: Namespace) -> int:
    bounds, whole, warnings = _asked(args)
    steps = list(chain(*args.steps)) or _telling_places(list(bounds.values()))
    rows = [*_as_told(((step, [bound(step) for bound in bounds.values()]) for step in steps), whole)]
    if args.json:
        _print_points(bounds, rows, warnings)
    else:
        shown = ((as_decimal(step), *map(str, values)) for step, values in rows)
        print(columns([(_counted(bounds), *bounds), *shown]))
    print_warnings(warnings, args)
    return 0


def print_table(args: Namespace) -> int:
    bounds, whole, warnings = _asked(args)
    ticked, start, last = in_ticks(bounds, args.start, args.stop)
    run = ticked[next(iter(ticked))].run
    stop = max(map(horizon, ticked.values())) if last is None else last
    points = _POINTS if args.every is None and run.clock is not None else None
    if (count := args.points or points) is None:
        distance = (args.every or 1) * run.grid
        if distance % 1:
            message = f"--every is {as_decimal(args.every)}, which is no whole number of {run.unit.many}"
            fail(None, "E407", message, "give one of at least 1")
        rows = _chunked(list(ticked.values()), start, stop, int(distance))
    else:
        steps = _spaced(start, stop - (run.clock is None), count)
        rows = ((step, [bound(step) for bound in ticked.values()]) for step in steps)
    told = _as_told(((run.place(step), values) for step, values in rows), whole)
    if args.json:
        _print_points(bounds, list(told), warnings)
        return 0
    separator = "\t" if args.format == "tsv" else ","
    lines = (separator.join((as_decimal(step), *map(str, values))) + "\n" for step, values in told)
    first = list(islice(lines, 1))  # loads what it takes, where Ctrl-C would end in an error of that library
    print(_counted(bounds), *bounds, sep=separator)
    sys.stdout.writelines(chain(first, lines))
    print_warnings(warnings, args)
    return 0


def _as_told(
    rows: Iterable[tuple[int | Fraction, list[float]]], whole: Sequence[bool]
) -> Iterator[tuple[int | Fraction, list[float]]]:
    """Rows of values, with whole numbers as such where they are to be."""
    for step, values in rows:
        pairs = zip(values, whole, strict=True)
        yield step, [int(value) if as_int and value.is_integer() else value for value, as_int in pairs]


def _asked(args: Namespace) -> tuple[dict[str, Bound], list[bool], list[Diagnostic]]:
    """The schedule that is asked, called `value`, or all of a section by their keys; which are to be whole numbers; and
    their warnings."""
    meant = all_meant([args.text], args)
    texts = [each.carried for each in meant]
    bounds = bounds_of(texts, args)
    names = [each.member or "value" for each in meant]
    return dict(zip(names, bounds, strict=True)), [each.whole for each in texts], warnings_of(texts, bounds, args)


def _print_points(
    bounds: Mapping[str, Bound], rows: Sequence[tuple[int | Fraction, Sequence[float]]], warnings: Sequence[Diagnostic]
) -> None:
    points = [points_as_json((step, values[index]) for step, values in rows) for index in range(len(bounds))]
    told = {"values": points[0]} if [*bounds] == ["value"] else {"schedules": dict(zip(bounds, points, strict=True))}
    print_json(told | warnings_as_json(warnings))


def explain_texts(args: Namespace) -> int:
    """`explain`: all of it, or what `--when` and `--step` ask for."""
    try:
        meant = all_meant(args.texts, args)
        bounds = bounds_of([each.carried for each in meant], args)
        crossings = [] if args.when is None else [bound.when(args.when) for bound in bounds]
    except ScheduleError as error:
        if args.when is None:
            raise
        print_errors(error.diagnostics, args)
        return 2
    _print_answers(meant, bounds, crossings or [_answer(bound, args) for bound in bounds], args)
    return 0 if all(crossings) else 1


def _answer(bound: Bound, args: Namespace) -> Explanation | Why:
    return bound.explain() if args.step is None else bound.why(args.step)


def _as_json(text: str, bound: Bound, answer: Explanation | Why | Crossings) -> dict[str, Any]:
    from .._insight.explain.explanation import Explanation  # who asks for values need not wait for it

    told = {"text": text} | answer.to_dict()
    if isinstance(answer, Explanation):
        end, ticked, run = horizon(bound), bound.ticks, bound.run
        steps = sorted({*range(min(_ENDS, end)), *range(max(0, end - _ENDS), end)}) if run.grid == 1 else [0, end]
        told["values"] = points_as_json((run.place(step), ticked(step)) for step in steps)
    return told


def _as_text(text: str, answer: Explanation | Why | Crossings) -> str:
    from .._insight.explain.explanation import Explanation

    if not isinstance(answer, Explanation):
        return str(answer)
    shown = answer.shown(shutil.get_terminal_size((100, 24)).columns)
    return shown if answer.canonical == text.strip() else f"{shown}\n\ncanonical text\n  {answer.canonical}"


def _print_answers(
    meant: Sequence[Meant], bounds: Sequence[Bound], answers: Sequence[Explanation | Why | Crossings], args: Namespace
) -> None:
    warnings = [warnings_of([each.carried], [bound], args) for each, bound in zip(meant, bounds, strict=True)]
    texts = [each.carried.text for each in meant]
    if args.json:
        told = [_as_json(*each) for each in zip(texts, bounds, answers, strict=True)]
        told = [each | warnings_as_json(found) for each, found in zip(told, warnings, strict=True)]
        print_json(told[0] if len(told) == 1 else {"schedules": told})
        return
    shown = [_as_text(*each) for each in zip(texts, answers, strict=True)]
    if len(shown) > 1:
        shown = [f"== {each.argument}\n{answer}" for each, answer in zip(meant, shown, strict=True)]
    print("\n\n".join(shown))
    print_warnings([each for found in warnings for each in found], args)


# Steps.


def _spaced(first: int, last: int, count: int) -> list[int]:
    """At most so many steps from first to last, evenly spaced."""
    gaps = min(max(0, last - first), count - 1)
    return [first + index * (last - first) // gaps for index in range(gaps + 1)] if gaps else [first]


def _counted(bounds: Mapping[str, Bound]) -> str:
    """What the runs count."""
    return bounds[next(iter(bounds))].run.unit.one


def _telling_places(bounds: Sequence[Bound]) -> list[int | Fraction]:
    """A few places that tell schedules."""
    ticked = on_one_axis(*bounds)
    return [ticked[0].run.place(step) for step in _telling_steps(ticked)]


def _telling_steps(bounds: Sequence[Bound]) -> list[int]:
    """A few steps that tell schedules: where their phases begin, the middles, and the end."""
    end = max(map(horizon, bounds))
    begins = sorted({row.first for bound in bounds for row in bound.phases if row.first < end})
    steps = {*begins, end, *(sum(pair) // 2 for pair in zip(begins, [*begins[1:], end], strict=True))}
    return sorted(steps) if len(steps) <= _TELLING else _spaced(0, end, _TELLING - 1)


def _chunked(bounds: Sequence[Bound], start: int, stop: int, every: int) -> Iterator[tuple[int, list[float]]]:
    """Step and values from start on, in chunks, so that a long table starts at once and needs no memory."""
    for begin in range(start, stop, _CHUNK * every):
        end = min(stop, begin + _CHUNK * every)
        values = zip(*(bound.values(begin, end, every).tolist() for bound in bounds), strict=True)
        yield from zip(range(begin, end, every), map(list, values), strict=True)
