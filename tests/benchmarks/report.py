"""Tables: printed, as JSON, or written into a page between two marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import attrs

from .timing import ROUNDS, Measure, Ratio, take_turns


@attrs.frozen
class Table:
    """A table of results: `name` is that of its marks in the page, `data` the numbers behind it, one mapping a row."""

    name: str
    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    data: Sequence[dict[str, Any]]

    def markdown(self) -> str:
        """The table in Markdown.

        >>> print(Table("t", "Title", ("a", "b"), [("1", "2")], []).markdown())
        | a | b |
        |---|---|
        | 1 | 2 |
        """
        return "\n".join([_line(self.head), _line(["---"] * len(self.head)).replace(" ", ""), *map(_line, self.rows)])

    def plain(self) -> str:
        """The table for a terminal.

        >>> print(Table("t", "Title", ("a", "b"), [("1", "long")], []).plain())
        Title
          a  b
          1  long
        """
        widths = [max(map(len, column)) for column in zip(self.head, *self.rows, strict=True)]
        lines = [
            "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in (self.head, *self.rows)
        ]
        return "\n".join([self.title, *lines])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def duration(nanoseconds: float) -> str:
    """A time with three digits.

    >>> duration(36.44), duration(1234), duration(15_300_000), duration(2.5e9)
    ('36.4 ns', '1.23 µs', '15.3 ms', '2.50 s')
    """
    for unit, size in (("ns", 1), ("µs", 1e3), ("ms", 1e6)):
        if nanoseconds < 999.5 * size:
            return f"{_three(nanoseconds / size)} {unit}"
    return f"{_three(nanoseconds / 1e9)} s"


def _three(number: float) -> str:
    return f"{number:.0f}" if number >= 99.95 else f"{number:.1f}" if number >= 9.995 else f"{number:.2f}"


LIMITED = ("work", "against", "ours", "theirs", "ratio", "quartiles", "must", "aim", "")
"""The columns of a table of ratios with limits."""


@attrs.frozen
class Comparison:
    """One ratio, with its limit and its aim where there are any."""

    work: str
    against: str
    ours: float
    theirs: float
    ratio: Ratio
    must: float | None = None
    aim: float | None = None

    @classmethod
    def of(
        cls, work: str, against: str, ours: Sequence[float], theirs: Sequence[float], *limits: float | None
    ) -> Comparison:
        return cls(work, against, median(ours), median(theirs), Ratio.of(ours, theirs), *limits)

    @property
    def verdict(self) -> str:
        """How the ratio stands to the limit, by its median.

        >>> Comparison("a", "b", 1, 1, Ratio(1.1, 1, 1.2), 1.15, 1.0).verdict
        'pass'
        """
        if self.must is None:
            return ""
        if self.ratio.median > self.must:
            return "**miss**"
        return "pass" if self.aim is None or self.ratio.median > self.aim else "pass, aim met"

    def cells(self) -> tuple[str, ...]:
        return (
            self.work,
            self.against,
            duration(self.ours),
            duration(self.theirs),
            f"{self.ratio.median:.2f}",
            f"{self.ratio.low:.2f} … {self.ratio.high:.2f}",
            "" if self.must is None else f"≤ {self.must:g}",
            "" if self.aim is None else f"≤ {self.aim:g}",
            self.verdict,
        )


def compared(
    work: str, against: str, ours: Measure, theirs: Measure, *limits: float | None, rounds: int = ROUNDS
) -> Comparison:
    """Two measures that take turns."""
    found = take_turns({"ours": ours, "theirs": theirs}, rounds)
    return Comparison.of(work, against, found["ours"], found["theirs"], *limits)


def limited(name: str, title: str, comparisons: Sequence[Comparison]) -> Table:
    data = [{**attrs.asdict(each), "verdict": each.verdict.strip("*")} for each in comparisons]
    return Table(name, title, LIMITED, [each.cells() for each in comparisons], data)


def losses(tables: Sequence[Table]) -> Table:
    """Every comparison with a limit and an aim in which we take longer, by the median."""
    found = [
        (table.title, *row[:2], row[4], row[-1])
        for table in tables
        if table.head == LIMITED
        for row, data in zip(table.rows, table.data, strict=True)
        if data["aim"] is not None and data["ratio"]["median"] > 1
    ]
    return Table("losses", "Where we take longer", ("table", "work", "against", "ratio", ""), found, [])


def write(page: Path, blocks: dict[str, str]) -> None:
    """Put blocks between their marks in a page; if a mark is missing nothing is written."""
    text = page.read_text(encoding="utf-8")
    for name, block in blocks.items():
        pattern = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end of {re.escape(name)} -->)", re.DOTALL)
        if len(pattern.findall(text)) != 1:
            raise ValueError(f"{page.name} has not one place `<!-- {name} --> … <!-- end of {name} -->`")
        text = pattern.sub(lambda match, block=block: f"{match[1]}{block}\n{match[2]}", text)  # type: ignore[misc]
    page.write_text(text, encoding="utf-8")
