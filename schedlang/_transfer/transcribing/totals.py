"""Values in runs of several lengths as one text: what differs between them is a share of the run."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

import attrs

from ..._language.operations import FUNCTIONS
from ..._language.parse import parse
from ..._text.errors import ScheduleError
from ..._text.numerals import MAGNITUDES
from .checking import Candidate, Checker
from .costs import cost
from .finding import Found, find
from .respelled import at_exact_places, forms
from .task import ExhaustedError, Task, Work

_POOL: Final = 24
"""How many texts of each run are looked at."""

_TRIED: Final = 100
"""How many ways to make two texts one are tried at most."""

_REWORDED: Final = 6
"""So many texts of each run are put in other words."""

_MADE: Final = 2000
"""And how many are made, of which the most natural ones are tried."""

_WAYS: Final = {"": Fraction(-1), "floor": Fraction(0), "ceil": Fraction(-1), "round": Fraction(-1, 2)}
"""How a share of the run becomes whole steps, "" being as phases begin, and from how far below."""

_PARTED: Final = 200
_TIMES: Final = 6
"""Into how many parts a run is divided at most, and how many of them are taken."""

_PARTS: Final = re.compile(r"(?<=\d\.)\d+(?=%)")
_PART: Final = 4.0
"""What a share with parts of a per cent costs in addition, for each of their digits."""

_NUMBER: Final = re.compile(r"(?<![\w.])(?:100% - \d+|\d[\d.]*(?:e[+-]?\d+)?[kMBT]?(?: / \d+(?![\w.])|%|ep\b)?)")


class Together(NamedTuple):
    """What was found for runs of several lengths.

    Attributes:
        exact: the texts that are equal at every step of each run, the most natural first.
        single: what was found for each run alone, in the order of the tasks.
        nearest: if no text is exact, the one that is exact, or nearest, in most of them, as it is in its worst run.
        total: how long that run is.
    """

    exact: tuple[Candidate, ...]
    single: tuple[Found, ...]
    nearest: Candidate | None = None
    total: int = 0


def together(tasks: Sequence[Task], work: Work | None = None) -> Together:
    """The texts that are equal to the values of all tasks, which are runs of several lengths."""
    work = work or Work()
    single = tuple(find(task, attrs.evolve(work, left=work.left / (2 * len(tasks)))) for task in tasks)
    search = _Search([Checker(task, work) for task in tasks])
    pools = [[each.text for each in found.exact[:_POOL]] for found in single]
    try:
        for text in dict.fromkeys(itertools.chain(*pools)):
            search.add(text)
        pools = [_in_all_forms(pool, task) for pool, task in zip(pools, tasks, strict=True)]
        for text in () if search.exact else dict.fromkeys(itertools.chain(*pools)):
            search.add(text)
        for texts in () if search.exact else _joined(pools, tasks):
            for text in texts:
                search.add(text)
            if search.exact:
                break
    except ExhaustedError:
        pass
    exact = sorted(search.exact, key=lambda each: (_price(each.text), each.text))
    if exact:
        return Together(tuple(exact), single)
    near = [each.text for found in single for each in (*found.exact[:1], found.nearest) if each is not None]
    worst = [each for each in map(search.worst, dict.fromkeys(near)) if each is not None]
    if not worst:
        return Together((), single)
    nearest, total = min(worst, key=lambda each: (each[0].wrong, each[0].error))
    return Together((), single, nearest, total)


@attrs.define
class _Search:
    """Compares texts with all runs."""

    checkers: list[Checker]
    exact: list[Candidate] = attrs.field(factory=list)

    def add(self, text: str) -> bool:
        """Keep a text if it is equal everywhere."""
        if not all(checker.likely(text) for checker in self.checkers):
            return False
        found = self.worst(text)
        if found is None or not found[0].exact:
            return False
        self.exact.append(attrs.evolve(found[0], text=str(parse(text))))
        return True

    def worst(self, text: str) -> tuple[Candidate, int] | None:
        """A text in the run where it is farthest off, and how long that is; None, if it is none in one of them."""
        each = [(checker.check(text), checker.task.total_steps) for checker in self.checkers]
        known = [(candidate, total) for candidate, total in each if candidate is not None]
        return max(known, key=lambda one: (one[0].wrong, one[0].error)) if len(known) == len(each) else None


def _price(text: str) -> float:
    """What a text costs that is for runs of any length."""
    return cost(text) + _PART * len("".join(_PARTS.findall(text)))


def _in_all_forms(pool: Sequence[str], task: Task) -> list[str]:
    """The texts of a run, and the most natural of them in other words."""
    others = itertools.chain.from_iterable(forms(task.bind(text)) for text in pool[:_REWORDED])
    return list(dict.fromkeys([*pool, *others]))


def _joined(pools: Sequence[Sequence[str]], tasks: Sequence[Task]) -> Iterator[list[str]]:
    """For each two texts of equal form, in the shortest and longest run, those with a share wherever numbers differ."""
    runs = tasks[0], tasks[-1]
    pairs = [pair for pair in itertools.product(pools[0], pools[-1]) if _skeleton(pair[0]) == _skeleton(pair[1])]
    for one, other in sorted(pairs, key=lambda pair: cost(pair[0]) + cost(pair[1])):
        numbers = list(zip(_NUMBER.findall(one), _NUMBER.findall(other), strict=True))
        choices = _choices(numbers, runs)
        most = max(2, int(_MADE ** (1 / max(1, len(choices)))))
        ways = itertools.product(*(sorted(each, key=_price)[:most] for each in choices.values()))
        texts = []
        for way in sorted(ways, key=lambda way: len(_rounded_in(way))):
            chosen = dict(zip(choices, way, strict=True))
            texts.append(_with_numbers(one, (chosen.get(pair, pair[0]) for pair in numbers)))
        parts = any("/" in number for pair in numbers for number in pair)  # of steps
        yield [_exactly(text) if parts else text for text in sorted(texts, key=_price)[:_TRIED]]


def _choices(numbers: Sequence[tuple[str, str]], runs: tuple[Task, Task]) -> dict[tuple[str, str], list[str]]:
    """What each two numbers may be that differ: shares of the run, and parts of what another of them leaves of it."""
    totals = Fraction(runs[0].total_steps), Fraction(runs[1].total_steps)
    same = {int(a) for a, b in numbers if a == b and a.isdecimal() and int(a) > 1} | {1}
    counts = {pair: (_steps(pair[0], runs[0]), _steps(pair[1], runs[1])) for pair in numbers if pair[0] != pair[1]}
    shares = {pair: list(_share(each, totals)) for pair, each in counts.items()}
    choices = {pair: list(_shares(each, totals, same)) for pair, each in counts.items()}
    for pair, other in itertools.permutations(counts, 2):
        left = totals[0] - counts[other][0], totals[1] - counts[other][1]
        part = _ratio(counts[pair], left) if counts[pair] != left else ""
        if part is not None:
            choices[pair] += [f"((100% - {_as_length(share)}){part})" for share in shares[other]]
    return choices


def _as_length(share: str) -> str:
    """A share as what a phase of it lasts in whole steps, from the start of the run."""
    return share if "(" in share else f"ceil({share})"


def _exactly(text: str) -> str:
    """A text whose ramps begin and end between two steps."""
    try:
        return str(at_exact_places(parse(text)))
    except ScheduleError:
        return text


def _rounded_in(numbers: Iterable[str]) -> set[str]:
    """How some of the numbers are rounded: most code rounds all in one way."""
    return {way for number in numbers for way in _WAYS if way and way in number}


def _with_numbers(text: str, numbers: Iterable[str]) -> str:
    """A text with other numbers."""
    left = iter(numbers)
    return _NUMBER.sub(lambda _: next(left), text)


def _skeleton(text: str) -> str:
    """A text without its numbers."""
    return _NUMBER.sub("#", text)


def _steps(number: str, task: Task) -> Fraction:
    """A number, `5%` and `2ep` being so many steps."""
    if number.startswith("100% - "):
        return task.total_steps - Fraction(number.removeprefix("100% - "))
    if " / " in number:
        return Fraction(number.replace(" ", ""))
    if number.endswith("%"):
        return Fraction(number[:-1]) * task.total_steps / 100
    if number.endswith("ep"):
        return Fraction(number[:-2]) * Fraction(task.rates.get("steps_per_epoch") or 1)
    return Fraction(number[:-1]) * 10 ** MAGNITUDES[number[-1]] if number[-1] in MAGNITUDES else Fraction(number)


def _shares(counts: tuple[Fraction, Fraction], totals: tuple[Fraction, Fraction], same: Iterable[int]) -> Iterator[str]:
    """What is so many steps in one run, and so many in the other: a share of it, or of it but for some steps."""
    yield from _share(counts, totals)
    one, other = counts
    left = totals[0] - one
    if left == totals[1] - other and left > 0:
        yield f"(100% - {left})"
    for steps in sorted(same):
        yield from (f"({share} - {steps})" for share in _share((one + steps, other + steps), totals))
        yield from (f"({share} + {steps})" for share in _share((one - steps, other - steps), totals))
        rest = _ratio(counts, (totals[0] - steps, totals[1] - steps))
        if rest is not None:
            yield f"((100% - {steps}){rest})"


def _share(counts: tuple[Fraction, Fraction], totals: tuple[Fraction, Fraction]) -> Iterator[str]:
    """`5%`, `floor(5%)`: the shares that are so many steps of both runs, with as few digits as there can be."""
    if not all(0 < count <= total for count, total in zip(counts, totals, strict=True)):
        return
    whole = [(Fraction(math.ceil(count)), total) for count, total in zip(counts, totals, strict=True)]
    found = False
    for digits in range(4):
        scale = 100 * 10**digits
        for way, low in _WAYS.items():
            least = math.ceil(max((count + low) / total for count, total in whole) * scale)
            shares = (Fraction(part, scale) for part in (least, least + 1))
            share = next((share for share in shares if _is_rounded(way, share, whole)), None)
            if share is not None:
                found = True
                yield _rounded(way, f"{float(100 * share):.{digits}f}%")
        if found:
            break
    for parts in range(3, _PARTED) if digits else ():
        for share in (Fraction(times, parts) for times in range(1, min(parts, _TIMES))):
            ways = [way for way in _WAYS if 1000 % share.denominator and _is_rounded(way, share, whole)]
            yield from (_rounded(way, f"{100 * share.numerator}% / {share.denominator}") for way in ways)
            if ways:
                return


def _is_rounded(way: str, share: Fraction, counts: Iterable[tuple[Fraction, Fraction]]) -> bool:
    """Whether a share of each run that is rounded so is that many steps."""
    rounded = FUNCTIONS[way or "ceil"].timed
    assert rounded is not None
    return all(rounded(share * total) == count for count, total in counts)


def _rounded(way: str, share: str) -> str:
    """A share of the run that is rounded so, as a text."""
    return f"{way}({share})" if way else share


def _ratio(counts: tuple[Fraction, Fraction], lengths: tuple[Fraction, Fraction]) -> str | None:
    """` / 3`: by what both lengths are divided; None, if it is nothing short."""
    if min(lengths) <= 0 or min(counts) <= 0:
        return None
    ratio = counts[0] / lengths[0]
    if ratio != counts[1] / lengths[1]:
        parts = round(1 / ratio)
        rounds = (math.ceil(length / parts) == math.ceil(count) for count, length in zip(counts, lengths, strict=True))
        return f" / {parts}" if parts > 1 and all(rounds) else None
    if ratio.numerator == 1:
        return "" if ratio == 1 else f" / {ratio.denominator}"
    return f" * {float(ratio)}" if float(ratio) == round(float(ratio), 4) else None
