"""The values themselves, with text, run and phases, as CSV and JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, TypeAlias

from ... import __version__
from ..._bound.bound import Bound
from ..._language.program import Row
from ..._text.errors import Needed, fail
from ..._text.numerals import as_plain_number
from ..._text.run import as_decimal, as_rational, as_total, shown

_MOST: Final = 10_000_000  # rows

Place: TypeAlias = int | Fraction


def told_of(bound: Bound) -> dict[str, Any]:
    """Text, run and hash of a schedule, and the version that wrote them, as plain data."""
    run = bound.run
    rates = {name: rate for name, rate in run.rates().items() if rate is not None}
    plain = {name: as_plain_number(each) if isinstance(each, Fraction) else str(each) for name, each in rates.items()}
    params = {name: str(value) for name, value in bound.params.items()}
    return {
        "text": str(bound.schedule),
        "run": {"total_steps": as_total(run), **plain, "base": run.base, **({"params": params} if params else {})},
        "fingerprint": bound.fingerprint,
        "schedlang": __version__,
    }


def as_csv(bounds: Mapping[str, Bound], every: Any) -> Iterator[str]:
    """A table with a column of places and one for each schedule, below lines that begin with `#`, line by line."""
    places, counted = _places([*bounds.values()], every), _counted(bounds)
    if len(bounds) > 1 and counted in bounds:
        fail(None, "E404", f"two columns would be called `{counted}`", "call the schedule otherwise, or write `json`")
    return _csv_lines(bounds, places)


def _csv_lines(bounds: Mapping[str, Bound], places: Sequence[Place]) -> Iterator[str]:
    for name, bound in bounds.items():
        prefix = f"{_label(name)}." if len(bounds) > 1 else ""
        for key, value in {**told_of(bound), "phases": _phases(bound)}.items():
            yield f"# {prefix}{key}: {json.dumps(value)}\n"
    yield ",".join([_counted(bounds), *(map(_cell, bounds) if len(bounds) > 1 else ["value"])]) + "\n"
    for place in places:
        yield ",".join([as_decimal(place), *(repr(bound(place)) for bound in bounds.values())]) + "\n"


def as_json(bounds: Mapping[str, Bound], every: Any) -> Iterator[str]:
    """An object of each schedule with its values, by name if there are several, piece by piece."""
    return _json_pieces(bounds, _places([*bounds.values()], every))


def _json_pieces(bounds: Mapping[str, Bound], places: Sequence[Place]) -> Iterator[str]:
    for index, (name, bound) in enumerate(bounds.items()):
        if len(bounds) > 1:
            yield f"{', ' if index else '{'}{json.dumps(name)}: "
        yield json.dumps(told_of(bound) | {"phases": _phases(bound)}).removesuffix("}")
        yield from _list(_counted(bounds), map(as_plain_number, places))
        yield from _list("values", map(bound, places))
        yield "}"
    yield "}\n" if len(bounds) > 1 else "\n"


def _list(key: str, numbers: Iterable[float]) -> Iterator[str]:
    """What has a key and is a list, behind others of an object."""
    yield f', "{key}": ['
    for index, number in enumerate(numbers):
        yield f", {number!r}" if index else repr(number)
    yield "]"


def _label(name: str) -> str:
    """A name before a dot: in quotes, if it has something else than letters and digits."""
    return name if re.fullmatch(r"\w+", name) else json.dumps(name)


def _cell(name: str) -> str:
    """A name at the head of a column."""
    return f'"{name.replace(chr(34), chr(34) * 2)}"' if re.search('[",\r\n]', name) else name


def _counted(bounds: Mapping[str, Bound]) -> str:
    """What the run counts."""
    return next(iter(bounds.values())).run.unit.one


def _places(bounds: Sequence[Bound], every: Any) -> Sequence[Place]:
    """The places from 0 up to the end of the run that are so far apart.

    Raises:
        ScheduleError: E407, if they are not to be counted.
    """
    run = bounds[0].run
    distance = as_rational(every)
    if distance is None or distance <= 0 or (run.unit.whole and distance.denominator > 1):
        told = shown(every) if distance is None else as_decimal(distance)
        wanted = "a whole number of at least 1" if run.unit.whole else "a number above 0"
        message = f"the distance between {run.unit.many} is {told}, but has to be {wanted}"
        fail(None, "E407", message, "give 1, or a larger number")
    totals = [bound.total_steps for bound in bounds if bound.total_steps is not None]
    if not totals:
        fail(None, "E407", "the run has no end, and so has the table", Needed("total_steps"))
    count = math.ceil(max(totals) / distance)
    if count > _MOST:
        message = f"a table of {count} rows is too long: it may have {_MOST}"
        fail(None, "E407", message, f"let `every` be {math.ceil(max(totals) / _MOST)} or more")
    if distance.denominator == 1:
        return range(0, count * int(distance), int(distance))
    return [index * distance for index in range(count)]


def _phases(bound: Bound) -> list[dict[str, Any]]:
    """The phase table as plain data."""
    return [_phase(row) for row in bound.phases]


def _phase(row: Row) -> dict[str, Any]:
    first, stop = (each if each is None else as_plain_number(each) for each in (row.first, row.stop))
    return {"first": first, "stop": stop, "start": row.start, "end": row.end, "shape": row.shape, "text": row.text}
