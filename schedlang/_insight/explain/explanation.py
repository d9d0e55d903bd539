"""What a bound schedule does, in words, as a table, and in a few facts."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

import attrs

from ..._bound.bound import Bound, placed_row
from ..._language.program import COLUMNS, Row
from ..._text.meters import length_to
from ..._text.numerals import approximated, as_plain_number, literal, rounded
from ..._text.rendering import columns, elided
from ..._text.run import RATES, STEP, Changing, Unit, as_decimal
from ..plain import as_plain
from ..relayout import Origins
from .facts import Facts, facts_of
from .sentences import Sentence, sentences_of
from .times import Meaning, Time, amount_text, meanings_in, times_in

_WIDTH: Final = 100
_ROWS, _ROWS_LAST = 40, 10

_TIMES: Final = 20  # how many times are told of


@attrs.frozen
class Explanation:
    """What a bound schedule does: `str()` is all of it as text.

    Attributes:
        canonical: the schedule's canonical text.
        run: what is known of the run, by the names that `bind` takes; `params` are texts.
        sentences: what happens, in words.
        phases: the phase table.
        times: what each time in the text became.
        names: what the names in the text stand for.
        facts: peak, lowest value, mean and area.
        total: how long the run is, exactly; None: it has no end.
    """

    canonical: str
    run: dict[str, Any]
    sentences: tuple[Sentence, ...]
    phases: tuple[Row, ...]
    times: tuple[Time, ...]
    names: tuple[Meaning, ...]
    facts: Facts
    total: Fraction | None = attrs.field(repr=False)
    unit: Unit = attrs.field(default=STEP, eq=False, repr=False)  # what the run counts

    @property
    def words(self) -> str:
        """The sentences, one a line."""
        return "\n".join(map(str, self.sentences))

    def table(self, width: int = _WIDTH) -> str:
        """The phase table, its texts shortened to fit the width; of many phases the first and the last."""
        return _phase_table(self.phases, width)

    def to_dict(self) -> dict[str, Any]:
        """The explanation as plain data: dicts, lists, numbers, texts and None."""
        plain = as_plain(self)
        plain["words"] = plain["sentences"]
        return {name: plain[name] for name in ("canonical", "run", "phases", "words", "times", "names", "facts")}

    def shown(self, width: int = _WIDTH) -> str:
        """The explanation as text of about that width: the words, the phase table, the times, the facts, the run."""
        sections = [self.words, self.table(width)]
        if self.times:
            rows = [(elided(each.text, 40), each.how) for each in self.times[:_TIMES]]
            more = len(self.times) - len(rows)
            whole = not any(isinstance(each.steps, float) for each in self.times)
            note = f"\n  … {more} more" if more else ""
            note += "" if whole or self.unit is not STEP else "\n  what falls between two steps shows at the later one"
            sections.append("times\n" + columns(rows, right=(), indent="  ") + note)
        if self.names:
            sections.append("names\n" + columns([_name_row(each) for each in self.names], right=(), indent="  "))
        return "\n\n".join([*sections, _facts_table(self.facts, self.unit), _run_table(self.run, self.total)])

    def __str__(self) -> str:
        return self.shown()


def explain(bound: Bound) -> Explanation:
    """What a bound schedule does: see `Bound.explain`."""
    bound, run = bound.ticks, bound.run
    origins = Origins(bound)
    rates = ((name, getattr(run, name)) for name in RATES)
    return Explanation(
        canonical=str(bound.schedule),
        run={
            "total_steps": None if bound.end is None else run.place(bound.end),
            **{name: _rate(rate) for name, rate in rates},
            **({} if run.clock is None else {"clock": run.clock}),
            "base": run.base,
            "params": {name: str(value) for name, value in bound.params.items()},
        },
        sentences=tuple(sentences_of(origins)),  # before the times: it sees copies of repeated bodies
        phases=tuple(placed_row(row, run) for row in bound.phases),
        times=tuple(times_in(origins)),
        names=tuple(meanings_in(origins)),
        facts=facts_of(bound),
        total=run.total_steps,
        unit=run.unit,
    )


def _rate(rate: Fraction | Changing | None) -> int | float | str | None:
    return as_plain_number(rate) if isinstance(rate, Fraction) else None if rate is None else str(rate)


# The sections of the text.


def _phase_table(rows: Sequence[Row], width: int) -> str:
    first, last = (_ROWS - _ROWS_LAST, _ROWS_LAST) if len(rows) > _ROWS else (len(rows), 0)
    cells = [_row_cells(row) for row in (*rows[:first], *rows[len(rows) - last :])]
    widths = [max(map(len, column)) for column in zip(COLUMNS, *cells, strict=True)]
    room = width - sum(each + 2 for each in widths[:-1])
    fitting = [(*cell[:-1], elided(cell[-1], max(20, room))) for cell in cells]
    lines = columns([COLUMNS, *fitting], right=(0, 1)).split("\n")
    if last:
        lines.insert(first + 1, f"… {len(rows) - _ROWS} more phases (--json lists them all)")
    return "\n".join(lines)


def _row_cells(row: Row) -> tuple[str, ...]:
    stop, end = "–" if row.stop is None else as_decimal(row.stop), "–" if row.end is None else literal(row.end)
    return as_decimal(row.first), stop, literal(row.start), end, row.shape, " ".join(row.text.split())


def _name_row(meaning: Meaning) -> tuple[str, str]:
    same = meaning.value is None or meaning.text in (literal(meaning.value), approximated(meaning.value))
    return meaning.name, elided(meaning.text, 60) + ("" if same else f" = {literal(meaning.value or 0)}")


def _facts_table(facts: Facts, unit: Unit) -> str:
    over, those = f"over {unit.span(0, facts.stop) if facts.stop > 1 else 'steps 0 – 0'}", ""
    area = f"the sum over these {unit.many}"
    if facts.sampled is not None:
        over, those = f"estimated {over}, from {facts.sampled} of them", ", among those looked at"
        area = f"this mean times the number of {unit.many}"
    rows = [
        ("peak", literal(facts.peak.value), f"at {unit.at(facts.peak.step)}{those}"),
        ("lowest", literal(facts.lowest.value), f"at {unit.at(facts.lowest.step)}{those}"),
        ("mean", literal(facts.mean), over),
        ("area", literal(facts.area), area),
    ]
    return columns(rows, right=())


def _run_table(run: dict[str, Any], total: Fraction | None) -> str:
    rows = []
    for name, value in run.items():
        if name == "params" or value is None:
            continue
        shown = literal(value) if isinstance(value, float) else str(value)
        if name == "total_steps" and total is not None:
            told = [amount_text(counted)] if (counted := length_to(total)) else []
            told += [f"exactly {rounded(total, 16)}"] if total.denominator != 1 else []
            shown += f" ({', '.join(told)})" if told else ""
        rows.append(("total" if name == "total_steps" else name.replace("_", " "), shown))
    return "run\n" + columns([*rows, *run["params"].items()], right=(), indent="  ")
