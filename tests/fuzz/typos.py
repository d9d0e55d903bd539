"""Single-character typos in good texts: how many make them invalid, and what is offered for those."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from schedlang import Schedule, ScheduleError, parse
from schedlang.errors import edited

ROWS = ("1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./")
SHIFTED = dict(zip("1234567890-=[];',./", '!@#$%^&*()_+{}:"<>?', strict=True))
LIKE = {"0": "oO", "1": "lI", "l": "1", "o": "0", "(": "[{9", ")": "]}0", "[": "({", "]": ")}", ",": ".;", ".": ","}
LIKE |= {"*": "x", "%": "5", "@": "2", "=": ":", "-": "_–", "+": "=", " ": "_", "_": "-", "/": "\\", "\n": " "}


def neighbours(character: str) -> str:
    """What a finger hits instead of a character, or an eye takes for it.

    >>> neighbours("g")
    'ftyhvbG'
    """
    found = []
    for row, keys in enumerate(ROWS):
        at = keys.find(character.lower())
        if at < 0:
            continue
        near = [(row, at - 1), (row - 1, at), (row - 1, at + 1), (row, at + 1), (row + 1, at - 1), (row + 1, at)]
        found += [ROWS[r][c] for r, c in near if 0 <= r < len(ROWS) and 0 <= c < len(ROWS[r])]
        if character.isupper():
            found = [each.upper() for each in found]
        found.append(character.swapcase() if character.isalpha() else SHIFTED[character])
    return "".join(dict.fromkeys([*found, *LIKE.get(character, "")]))


def typos(text: str) -> Iterator[tuple[str, str]]:
    """Every single-character typo of a text, each once, and its sort."""
    known = {text}
    for sort, typo in _all(text):
        if typo not in known:
            known.add(typo)
            yield sort, typo


def _all(text: str) -> Iterator[tuple[str, str]]:
    for place, character in enumerate(text):
        before, after = text[:place], text[place + 1 :]
        yield "dropped", before + after
        yield "doubled", before + character * 2 + after
        yield "swapped with the next", before + after[:1] + character + after[1:]
        for other in neighbours(character):
            yield "replaced by a neighbour", before + other + after


OUTCOMES = ("fix right", "fix wrong", "example right", "example wrong", "nothing")


@attrs.define
class Typos:
    """Counts: all texts, those that the typo makes invalid, and of these what came of each."""

    texts: int = 0
    invalid: int = 0
    outcomes: Counter[str] = attrs.field(factory=Counter)

    def add(self, outcome: str | None) -> None:
        self.texts += 1
        if outcome is not None:
            self.invalid += 1
            self.outcomes[outcome] += 1


def offered(error: ScheduleError) -> tuple[str | None, str | None]:
    """What an error offers: the text with its fixes in it, and the example."""
    problems = error.diagnostics
    fixes = {edit for each in problems for edit in each.fix or ()}
    source = problems[0].source
    fixed = None if not fixes or source is None else edited(source.text, fixes)
    return fixed, next((each.example for each in problems if each.example is not None), None)


def outcome(typed: str, meant: str | None) -> str | None:
    """What is offered for a text by which another one was meant, or one that nobody knows; None if it is valid."""
    try:
        parse(typed)
    except ScheduleError as error:
        for kind, text in zip(("fix", "example"), offered(error), strict=True):
            if text is not None:
                return f"{kind} {'right' if meant is not None and alike(text, meant) else 'wrong'}"
        return "nothing"
    return None


RUNS = [
    {"total_steps": total, "steps_per_epoch": rate, "tokens_per_step": 1_000_000, "base": base}
    for total, rate, base in ((1000, 10, 3e-4), (330, 6, 2.0))
]
GIVEN = {"peak": 1e-3, "floor": 1e-5, "w": "10%"}


def alike(text: str, meant: str) -> bool:
    """Whether two texts mean the same: the same schedule, or the same value at every step of some runs."""
    try:
        one, other = parse(text), parse(meant)
    except ScheduleError:
        return False
    values = [(_values(one, run), _values(other, run)) for run in RUNS]
    return one == other or (values[0][1] is not None and all(ours == theirs for ours, theirs in values))


def _values(schedule: Schedule, run: Mapping[str, Any]) -> list[float] | None:
    words, defined = (re.findall(pattern, str(schedule)) for pattern in (r"\w+", r"(\w+) ="))
    free = {name: value for name, value in GIVEN.items() if name in words and name not in defined}
    try:
        bound = schedule.bind(**run, **free)
    except ScheduleError:
        return None
    return [round(bound(step), 15) for step in range(run["total_steps"] + 1)]


def measure(texts: Iterable[str]) -> dict[str, Typos]:
    """The counts by the sort of typo, and of all."""
    found: dict[str, Typos] = {}
    for text in texts:
        for sort, typo in typos(text):
            came = outcome(typo, text)
            found.setdefault(sort, Typos()).add(came)
            found.setdefault("all", Typos()).add(came)
    return {sort: found[sort] for sort in sorted(found, key=lambda sort: (sort == "all", sort))}


def of_slips(typed: Iterable[tuple[str, str | None]]) -> Typos:
    """The counts for texts that people type, each with the one that is meant; None: nobody knows."""
    found = Typos()
    for text, meant in typed:
        found.add(outcome(text, meant))
    return found
