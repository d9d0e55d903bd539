"""The subcommands about one schedule. Each takes the arguments, prints, and returns the exit code."""

from __future__ import annotations

import shutil
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain
from typing import Any, Final

import attrs

from ..binding import Bound
from ..curves import horizon
from ..program import Row
from .output import columns, elided, print_json
from .runs import OPTIONS, bound_of, carried_of

_TELLING: Final = 12  # steps that eval shows unasked
_CHUNK: Final = 4096  # steps that table asks at once
_PHASES: Final = 40  # lines of the phase table
_PHASES_LAST: Final = 10  # of which at its end, if there are more
_ENDS: Final = 3  # values that explain shows of each end


def evaluate(args: Namespace) -> int:
    """`eval`: values at steps."""
    bound = _bound(args)
    _print_values(bound, list(chain(*args.steps)) or _telling(bound), args)
    return 0


def table(args: Namespace) -> int:
    """`table`: step and value, one a line, as they are found."""
    bound = _bound(args)
    stop = horizon(bound) if args.stop is None else args.stop
    if args.points is None:
        values = _every(bound, args.start, stop, args.every)
    else:
        values = ((step, bound(step)) for step in _spaced(args.start, stop - 1, args.points))
    if args.json:
        print_json({"values": [{"step": step, "value": value} for step, value in values]})
        return 0
    separator = "\t" if args.format == "tsv" else ","
    print("step", "value", sep=separator)
    sys.stdout.writelines(f"{step}{separator}{value}\n" for step, value in values)
    return 0


def explain(args: Namespace) -> int:
    """`explain`: the phase table, the run, and the first and last values."""
    carried = carried_of(args.text)
    bound = bound_of(carried, args)
    schedule = bound.schedule
    steps = _ends(bound)
    if args.json:
        print_json(
            {
                "text": carried.text,
                "canonical": str(schedule),
                "run": _run_json(bound),
                "phases": [attrs.asdict(row, filter=lambda field, _: field.name != "place") for row in bound.phases],
                "values": [{"step": step, "value": bound(step)} for step in steps],
            }
        )
        return 0
    print(_phase_table(bound.phases), "", _run_table(bound), "", _values_table(bound, steps), sep="\n")
    if str(schedule) != carried.text.strip():
        print("", "canonical text", f"  {schedule}", sep="\n")
    return 0


def _bound(args: Namespace) -> Bound:
    return bound_of(carried_of(args.text), args)


# Steps.


def _spaced(first: int, last: int, count: int) -> list[int]:
    """At most so many steps from first to last, evenly spaced."""
    gaps = min(max(0, last - first), count - 1)
    return [first + index * (last - first) // gaps for index in range(gaps + 1)] if gaps else [first]


def _telling(bound: Bound) -> list[int]:
    """A few steps that tell a schedule: where its phases begin, their middles, and the end."""
    end = horizon(bound)
    begins = [row.first for row in bound.phases if row.first < end]
    steps = {*begins, end, *(sum(pair) // 2 for pair in zip(begins, [*begins[1:], end], strict=True))}
    return sorted(steps) if len(steps) <= _TELLING else _spaced(0, end, _TELLING - 1)


def _ends(bound: Bound) -> list[int]:
    """The first steps of a run, and the last."""
    end = horizon(bound)
    return sorted({*range(min(_ENDS, end)), *range(max(0, end - _ENDS), end)})


def _every(bound: Bound, start: int, stop: int, every: int) -> Iterator[tuple[int, float]]:
    """Step and value from start on, in chunks, so that a long table starts at once and needs no memory."""
    for begin in range(start, stop, _CHUNK * every):
        end = min(stop, begin + _CHUNK * every)
        yield from zip(range(begin, end, every), bound.values(begin, end, every).tolist(), strict=True)


# Tables.


def _print_values(bound: Bound, steps: Sequence[int], args: Namespace) -> None:
    if args.json:
        print_json({"values": [{"step": step, "value": bound(step)} for step in steps]})
    else:
        print(columns([("step", "value"), *((str(step), str(bound(step))) for step in steps)]))


def _phase_table(rows: Sequence[Row]) -> str:
    first, last = (_PHASES - _PHASES_LAST, _PHASES_LAST) if len(rows) > _PHASES else (len(rows), 0)
    cells = [_phase(row) for row in (*rows[:first], *rows[len(rows) - last :])]
    head = ("from", "to", "starts at", "ends at", "shape", "text")
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    room = shutil.get_terminal_size((100, 24)).columns - sum(width + 2 for width in widths[:-1])
    cut = [(*cell[:-1], elided(cell[-1], max(20, room))) for cell in cells]
    lines = columns([head, *cut], right=(0, 1)).split("\n")
    if last:
        lines.insert(first + 1, f"… {len(rows) - _PHASES} more phases (--json lists them all)")
    return "\n".join(lines)


def _phase(row: Row) -> tuple[str, ...]:
    stop, end = "–" if row.stop is None else str(row.stop), "–" if row.end is None else str(row.end)
    return str(row.first), stop, str(row.start), end, row.shape, " ".join(row.text.split())


def _run_table(bound: Bound) -> str:
    given = _run_json(bound)
    params = given.pop("params")
    rows = [(OPTIONS[name][2:].replace("-", " "), str(value)) for name, value in given.items() if value is not None]
    exact = bound.run.total_steps
    if exact is not None and exact.denominator != 1:
        rows[0] = (rows[0][0], f"{rows[0][1]} (exactly {_number(exact)})")
    return "run\n" + columns([*rows, *params.items()], right=(), indent="  ")


def _values_table(bound: Bound, steps: Sequence[int]) -> str:
    cells = [(str(step), str(bound(step))) for step in steps]
    if len(steps) == 2 * _ENDS and steps[_ENDS] > steps[_ENDS - 1] + 1:
        cells.insert(_ENDS, ("…", "…"))
    return columns([("step", "value"), *cells])


def _run_json(bound: Bound) -> dict[str, Any]:
    run = bound.run
    return {
        "total_steps": bound.total_steps,
        "steps_per_epoch": _number(run.steps_per_epoch),
        "samples_per_step": _number(run.samples_per_step),
        "tokens_per_step": _number(run.tokens_per_step),
        "base": run.base,
        "params": {name: str(value) for name, value in bound.params.items()},
    }


def _number(value: Fraction | None) -> int | float | None:
    """A rate as a number that prints well."""
    if value is None:
        return None
    return value.numerator if value.denominator == 1 else float(value)
