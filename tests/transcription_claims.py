"""`python -m tests.transcription_claims N SEED`: whether "exact" is true of N generated schedules that were disturbed.

Half of them are of the shapes that people use, half are hypothesis' own. The values of each are transcribed with one
disturbance: a value times 1 + 1e-6 (of float32: 2e-6), a value off by 2e-9 of the largest (of float32: 2e-6), or all of
them one step late; of one in ten as they are. Whoever says "exact" is checked by walking the text: at each step within
the tolerance of the largest value, and within 1e-6 of the value itself, wherever that is above 1e-12 of the largest.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy
from hypothesis import HealthCheck, given, seed, settings

from schedlang import Bound, ScheduleError, parse
from schedlang._transfer.transcribing.finding import find
from schedlang._transfer.transcribing.task import Task, Work
from schedlang.strategies import schedules

WORK = 1e5, 1e5, 1e5, 1e5, 3e5, 3e6
"""How much may be tried for each, by chance, which is a small part of what `transcribe` allows."""

PLAIN = 0.1
"""The share of those that are not disturbed."""

FLOAT32 = 0.25
"""The share of those that are rounded to float32."""


class Table(NamedTuple):
    text: str
    total: int
    values: numpy.ndarray
    single: bool = False
    disturbed: str = ""


def number(chance: random.Random) -> float:
    return chance.choice([1, 2, 3, 5, 6, 8]) * 10.0 ** -chance.randint(0, 5)


def shape(chance: random.Random, total: int) -> str:
    """A text of a shape that people use."""
    peak, share, n = number(chance), chance.choice([2, 5, 10, 20]), chance.randint(3, max(4, total // 4))
    low = chance.choice(["0", f"{peak / 10:g}", f"{peak / 100:g}"])
    warm = chance.choice(["", f"warmup({share}%, end={peak:g}) then ", f"warmup({n}, end={peak:g}) then "])
    factor = chance.choice(["0.1", "0.5", "0.9", "0.3"])
    power = chance.choice(["2", "0.5", "0.9"])
    return warm + chance.choice(
        [
            f"{peak:g}",
            f"linear({peak:g}, {low})",
            f"cosine({peak:g}, {low})",
            f"poly({peak:g}, {low}, power={power})",
            f"exponential({peak:g}, {peak / 100:g})",
            f"{peak:g} for {share}% then linear({peak:g}, {low})",
            f"{peak:g} until {100 - share}% then one_minus_sqrt({peak:g}, {low})",
            f"{peak:g} * interval({factor}, every={n})",
            f"{peak:g} * step_fixed({factor}, [50%, 75%])",
            f"cosine({peak:g}, {low}) for {n} repeat",
            f"linear({peak:g}, {low}) for {share}% then {low}",
            f"{peak:g} for {n} then {peak / 10:g} for {n} then {low}",
        ]
    )


def bound(text: str, total: int) -> Bound | None:
    try:
        return parse(text).bind(total, base=1.0, steps_per_epoch=10, samples_per_step=4, tokens_per_step=64)
    except ScheduleError:
        return None


def tables(count: int, start: int) -> Iterator[Table]:
    """Undisturbed tables."""
    chance = random.Random(start)
    texts: list[tuple[str, int]] = []

    @seed(start)
    @settings(max_examples=count // 2, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(schedules())
    def collect(schedule: object) -> None:
        texts.append((str(schedule), chance.randint(15, 100)))

    collect()
    for _ in range(count - count // 2):
        total = chance.randint(15, 200)
        texts.append((shape(chance, total), total))
    for text, total in texts:
        known = bound(text, total)
        if known is None:
            continue
        try:
            values = numpy.array([known.walk(step) for step in range(total)])
        except ScheduleError:
            continue
        if numpy.isfinite(values).all() and 1e-200 < numpy.abs(values).max(initial=0.0) < 1e200:
            single = chance.random() < FLOAT32 and 1e-30 < numpy.abs(values).max() < 1e30
            yield Table(text, total, values.astype(numpy.float32).astype(float) if single else values, single)


def disturbed(table: Table, chance: random.Random) -> Table:
    values, place = table.values.copy(), chance.randrange(table.total)
    how = chance.choice(["value", "largest", "shift"])
    if how == "value":
        values[place] *= 1 + (2e-6 if table.single else 1e-6)
    elif how == "largest":
        values[place] += (2e-6 if table.single else 2e-9) * numpy.abs(values).max()
    else:
        values = numpy.concatenate([values[:1], values[:-1]])
    return table._replace(values=values, disturbed=how)


def holds(table: Table, text: str) -> bool:
    """Whether a text is equal, asked of the walk, with the tolerances written down once more."""
    known = parse(text).bind(table.total, base=123.0)
    largest = float(numpy.abs(table.values).max())
    tolerance = (1e-6 if table.single else 1e-9) * largest
    for step, value in enumerate(table.values.tolist()):
        small = abs(value) <= 1e-12 * largest
        allowed = tolerance if small else min(tolerance, 1e-6 * abs(value))
        if not abs(known.walk(step) - value) <= allowed * (1 + 1e-9):
            return False
    return True


def tally(count: int, start: int, work: Sequence[float] = WORK) -> tuple[Counter[str], list[str]]:
    """What came of so many: how often each, and the texts of which something is wrong."""
    seen: Counter[str] = Counter()
    wrong: list[str] = []
    chance = random.Random(-1 - start)
    for plain in tables(count, start):
        table = plain if chance.random() < PLAIN else disturbed(plain, chance)
        kind = f"{'float32, ' if table.single else ''}{table.disturbed or 'undisturbed'}"
        seen["tables"] += 1
        seen[kind] += 1
        told = f"{table.text!r} {table.total} {kind}"
        try:
            found = find(Task(table.values, table.total, single=table.single), Work(chance.choice(work)))
        except Exception as error:
            seen["crash"] += 1
            wrong.append(f"crash {type(error).__name__}: {error}: {told}")
            continue
        claimed = [each.text for each in found.exact[:3]]
        seen[f"{kind}: exact"] += bool(claimed)
        seen["same text"] += bool(claimed and not table.disturbed and parse(claimed[0]) == parse(table.text))
        false = next((text for text in claimed if not holds(table, text)), None)
        if false is not None:
            seen["false claim"] += 1
            wrong.append(f"false {false!r}: {told}")
    return seen, wrong


if __name__ == "__main__":
    asked, first = (int(each) for each in (*sys.argv[1:], *("1000", "0")[len(sys.argv) - 1 :]))
    found, mistakes = tally(asked, first)
    for name, times in sorted(found.items()):
        print(f"{times:7}  {name}")
    print(*mistakes, sep="\n")
    sys.exit(bool(mistakes))
