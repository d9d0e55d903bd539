"""Parsing: a new text, the same text again, and a very long one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import schedlang
from schedlang._text.grammar import grammar_text

from .report import Comparison, Table, compared, limited
from .schedules import WARM_UP
from .timing import Measure, clock, loop, once, take_turns

BATCH = 20
"""How many new texts are parsed in one measurement."""

NUMBERS = count(10_000)
"""Texts with numbers that were not used before are new."""

LONG, SHORT = 4_000, 400
"""How many phases the long texts have."""


def fifteen_tokens(number: int) -> str:
    """A text of fifteen tokens.

    >>> fifteen_tokens(500)
    'warmup(500) then hold for 10k then cosine(3e-4, 0)'
    """
    return f"warmup({number}) then hold for 10k then cosine(3e-4, 0)"


def tables() -> list[Table]:
    return [
        limited("parsing", "Parsing, warm", [new_text(), same_text()]),
        limited("growth", f"{LONG} phases against {SHORT}", growth()),
    ]


def bare_lark() -> Any:
    """Lark with our grammar, building its own tree; checked to see fifteen tokens."""
    from lark import Lark

    lark = Lark(grammar_text(), parser="lalr", lexer="basic", maybe_placeholders=True)
    tokens = list(lark.lex(fifteen_tokens(500)))
    assert len(tokens) == 15, tokens
    return lark


def over_new_texts(parse: Callable[[str], Any]) -> Measure:
    """The time of parsing one text that was never seen before."""

    def measure() -> float:
        texts = [fifteen_tokens(next(NUMBERS)) for _ in range(BATCH)]
        begin = clock()
        for text in texts:
            parse(text)
        return (clock() - begin) / BATCH

    return measure


def new_text() -> Comparison:
    """Parse and check a new text, against lark that only builds a tree."""
    work = "parse and check 15 tokens, a new text"
    ours, theirs = over_new_texts(schedlang.parse), over_new_texts(bare_lark().parse)
    return compared(work, "bare lark, into a tree", ours, theirs, 2.2, 1.2, rounds=51)


def same_text() -> Comparison:
    """Parse a text again; 2 µs beside a call of 100 ns are 20 times."""
    again = loop(schedlang.parse, [fifteen_tokens(500)] * 1000)
    call = loop(WARM_UP.by_hand, WARM_UP.steps(1000))
    return compared("the same text again", "one call of warm-up + cosine by hand", again, call, 20, rounds=51)


def long_text(phases: int, number: int) -> str:
    """A chain of so many phases, half of them curves; a new text for each number.

    >>> long_text(4, 3)
    '3 for 9 then cosine for 9 then 2 for 9 then cosine for 9'
    """
    values = [number, *(index % 9 + 1 for index in range(1, phases // 2))]
    return " then ".join(f"{value} for 9 then cosine for 9" for value in values)


def growth() -> list[Comparison]:
    """Ten times as many phases: parse, bind, compile, and one call."""
    stages: dict[int, dict[str, list[float]]] = {LONG: {}, SHORT: {}}

    def measure(phases: int) -> Measure:
        numbers: Iterator[int] = NUMBERS

        def measured() -> float:
            text = long_text(phases, next(numbers))
            begin = clock()
            schedule = schedlang.parse(text)
            parsed = clock()
            bound = schedule.bind(9 * phases)
            laid = clock()
            _ = bound.compiled
            end = clock()
            for stage, taken in (("parse", parsed - begin), ("bind", laid - parsed), ("compile", end - laid)):
                stages[phases].setdefault(stage, []).append(taken)
            return end - begin

        return measured

    found = take_turns({"long": measure(LONG), "short": measure(SHORT)}, 15)
    comparisons = [_grown("parse, bind and compile", found["long"], found["short"], 12)]
    for stage in ("parse", "bind", "compile"):
        comparisons.append(_grown(f"of that: {stage}", stages[LONG][stage][1:], stages[SHORT][stage][1:], None))
    long, short = (schedlang.parse(long_text(phases, 1)).bind(9 * phases) for phases in (LONG, SHORT))
    against, ours, theirs = f"{SHORT} phases", _all_over(long, LONG), _all_over(short, SHORT)
    comparisons.append(compared("one call", against, ours, theirs, 1.5, rounds=51))
    comparisons.append(compared("all values", against, once(long.values), once(short.values), rounds=15))
    return comparisons


def _all_over(bound: schedlang.Bound, phases: int) -> Measure:
    steps = [index * 9 * phases // 2000 for index in range(2000)]
    return loop(bound.compiled, steps)


def _grown(work: str, long: list[float], short: list[float], must: float | None) -> Comparison:
    return Comparison.of(work, f"{SHORT} phases", long, short, must)
