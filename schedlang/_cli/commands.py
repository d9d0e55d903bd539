"""The subcommands about one schedule. Each takes the arguments, prints, and returns the exit code."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

from .._bound.bound import Bound
from .._bound.sampling import horizon
from .output import columns, print_json
from .runs import bound_of, carried_of

_TELLING: Final = 12  # steps that eval shows unasked
_CHUNK: Final = 4096  # steps that table asks at once


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
