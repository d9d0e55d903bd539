"""Columns of numbers in CSV files, as trainers and their dashboards write them."""

from __future__ import annotations

import csv
import math
import os
import re
import sys
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

import numpy

from ..._text.errors import Phrase, fail, listed
from ..._text.spelling import nearest

if TYPE_CHECKING:
    from .task import Floats

_SEPARATORS: Final = "\t;|, "
_STEPS: Final = re.compile(r"(?:^|[/_. ])(?:_?step|steps|global_?step|iters?|iterations?|updates?)$", re.I)
_SPACED: Final = 3  # so many steps tell the distance between them
_MOST: Final = 12  # names that an error lists


def refuse(message: str, hint: str | Phrase) -> NoReturn:
    """Raise the error for what can't be transcribed."""
    fail(None, "E419", message, hint)


class Column(NamedTuple):
    """Values of a file, the step of the first, and how many steps are from one to the next."""

    values: Floats
    first: int
    apart: int = 1


class _Table(NamedTuple):
    name: str
    header: list[str] | None
    rows: list[tuple[int, list[str]]]  # each with the number of its line

    def refuse(self, line: int | None, message: str, hint: str) -> NoReturn:
        refuse(f"{self.name}{'' if line is None else f':{line}'}: {message}", hint)


def column(
    file: str | os.PathLike[str],
    wanted: str | int | None = None,
    steps: str | int | None = None,
    default_first: int = 0,
) -> Column:
    """The values of a column, one for each step, or for one in so many.

    Args:
        file: the name of a file; `-` for standard input.
        wanted: the column: its name, or its number, the first being 1. None if there is only one beside the steps.
        steps: the column of the steps; None for one that is called so, such as `step` or `global_step`, if any is.
        default_first: the step of the first value, if there is no such column.

    Raises:
        ScheduleError: E501 for a file that can't be read; E419 for a column that isn't there, a cell that is no number,
            and steps that aren't at equal distances.
    """
    table = _read(file)
    found_steps = _index(table, steps) if steps is not None else _steps_of(table, wanted)
    index = _index(table, wanted) if wanted is not None else _only(table, found_steps)
    cells = [(line, row[index] if index < len(row) else "", row) for line, row in table.rows]
    if found_steps is None:
        return Column(numpy.array([_float(table, line, cell) for line, cell, _ in cells]), default_first)
    told = [(line, _step(table, line, row, found_steps), cell) for line, cell, row in cells if cell.strip()]
    if not told:
        table.refuse(None, "the column is empty", "name another column")
    numbers: dict[int, float] = {}
    first = told[0][1]
    apart = next((step - first for _, step, _ in told if step != first), 1)
    if len({step for _, step, _ in told}) < _SPACED:
        apart = 1
    for line, step, cell in told:
        value = _float(table, line, cell)
        if step in numbers and numbers[step] == value:
            continue  # written twice, as some loggers do
        if apart < 1 or step != first + apart * len(numbers):
            hint = "log the value at each step, or at equal distances"
            table.refuse(line, f"step {step} comes after step {max(numbers, default=step)}", hint)
        numbers[step] = value
    return Column(numpy.array([*numbers.values()]), first, apart)


def _read(file: str | os.PathLike[str]) -> _Table:
    name = "<stdin>" if file == "-" else str(file)
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        fail(None, "E501", f"{name} is not UTF-8 text", "save it as UTF-8")
    except (OSError, ValueError) as error:
        fail(None, "E501", f"{name} can't be read: {getattr(error, 'strerror', None) or error}")
    try:
        rows = _split(text)
    except csv.Error as error:
        refuse(f"{name} is no CSV file: {error}", "write one value a line, or columns with commas between")
    if not rows:
        refuse(f"{name} has no values", "write one value a line, or columns with commas between")
    header = None if any(map(_is_number, rows[0][1])) else [cell.strip() for cell in rows[0][1]]
    table = _Table(name, header, rows[header is not None :])
    if not table.rows:
        table.refuse(None, "there is a header, and nothing below", "write one value a line")
    return table


def _split(text: str) -> list[tuple[int, list[str]]]:
    """The rows by the separator that makes the most columns of the first ones, and as many in each."""

    def rows(separator: str, text: str) -> list[tuple[int, list[str]]]:
        reader = csv.reader(StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
        return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]

    sample = "\n".join(text.splitlines()[:20])
    widths = {each: {len(row) for _, row in rows(each, sample)} for each in _SEPARATORS}
    even = [each for each in _SEPARATORS if len(widths[each]) == 1]
    return rows(max(even, key=lambda each: max(widths[each]), default=","), text)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _index(table: _Table, wanted: str | int) -> int:
    width = max(len(row) for _, row in table.rows)
    header = table.header or []
    if wanted in header:
        if header.count(str(wanted)) > 1:
            table.refuse(None, f"several columns are called `{wanted}`", "give its number, the first being 1")
        return header.index(str(wanted))
    number = int(wanted) if str(wanted).isdecimal() else 0
    if not 1 <= number <= width:
        close = nearest(str(wanted), header)
        known = listed(header[:_MOST]) if header else f"a number from 1 to {width}, as there is no header"
        table.refuse(None, f"there is no column `{wanted}`", f"did you mean `{close}`?" if close else f"give {known}")
    return number - 1


def _steps_of(table: _Table, wanted: Any) -> int | None:
    """Where the steps stand, if a column is called so; without a header the first of two that counts."""
    if table.header is not None:
        return next((i for i, name in enumerate(table.header) if name != wanted and _STEPS.search(name)), None)
    cells = [row[0].strip() for _, row in table.rows]
    if str(wanted) == "1" or not all(len(row) > 1 for _, row in table.rows) or not all(map(str.isdecimal, cells)):
        return None
    return 0


def _only(table: _Table, steps: int | None) -> int:
    others = [index for index in range(max(len(row) for _, row in table.rows)) if index != steps]
    if len(others) != 1:
        header = table.header
        names = listed(header[i] for i in others[:_MOST] if i < len(header)) if header else "the first is 1"
        table.refuse(None, "there are several columns", f"name one: {names}")
    return others[0]


def _float(table: _Table, line: int, cell: str) -> float:
    value = float(cell) if _is_number(cell) else math.nan
    if not math.isfinite(value):
        what = f"`{cell.strip()}` is no finite number" if cell.strip() else "the value is missing"
        table.refuse(line, what, "write a number, such as `3e-4`" + (", with a point" if "," in cell else ""))
    return value


def _step(table: _Table, line: int, row: Sequence[str], index: int) -> int:
    cell = row[index].strip() if index < len(row) else ""
    step = float(cell) if _is_number(cell) else -1.0
    if step < 0 or not step.is_integer():
        table.refuse(line, f"`{cell}` is no step", "write a whole number from 0 on")
    return int(step)
