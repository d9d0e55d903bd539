"""Fixes: typos are put right, other systems' words are told, several mistakes at once, and none of it takes long."""

import random
from collections import Counter

import pytest
from fuzz.typos import outcome, typos
from helpers import SECTION_1, refused, work

from schedlang import parse
from schedlang._language.nodes import PRIMITIVES
from schedlang._language.nodes.scalars import RESERVED
from schedlang._language.operations import FUNCTIONS
from schedlang._text.fixes import foreign
from schedlang._text.run import UNITS


def test_typos_are_put_right() -> None:
    """A fix of a typo is right, always; of the rest, half get an example that is right more often than not."""
    slips = [(typo, text) for text in SECTION_1 for _, typo in typos(text)]
    came = Counter(outcome(typo, text) for typo, text in random.Random(1).sample(slips, 150))
    assert came["fix wrong"] == 0
    assert came["fix right"] > 40
    assert came["example right"] > 2 * came["example wrong"]


TABLES = [
    *(("arguments", word) for word in foreign.ARGUMENTS),
    *(("calls", word) for word in foreign.CALLS),
    *(("words", word) for word in foreign.WORDS),
    *(("symbols", word) for word in foreign.SYMBOLS),
    *(("units", word) for word in foreign.UNITS),
]


@pytest.mark.parametrize(("table", "word"), TABLES)
def test_foreign_words_lead_home(table: str, word: str) -> None:
    """Each names its source, says what to do, and is no word of ours at that place."""
    found = getattr(foreign, table.upper())[word]
    assert found.systems
    assert found.here or found.note
    arguments = {argument.name for cls in PRIMITIVES.values() for argument in cls.arguments()}
    known = {
        "arguments": arguments,
        "calls": {*PRIMITIVES, *FUNCTIONS},
        "words": {*RESERVED, "@"},
        "units": set(UNITS),
        "symbols": set(found.here),
    }[table]
    assert set(found.here) <= known


@pytest.mark.parametrize("word", foreign.ARGUMENTS)
def test_foreign_arguments_are_told(word: str) -> None:
    """Wherever an argument of another system is used where ours would fit, the fix is ours."""
    for name, cls in PRIMITIVES.items():
        takes = {argument.name: argument for argument in cls.arguments()}
        if word in takes:
            continue
        problem = next(
            each for each in refused(parse, f"{name}({word}=1)").diagnostics if each.message.endswith(f"`{word}`")
        )
        assert problem.code == "E202"
        fits = any(each in takes for each in foreign.ARGUMENTS[word].here)
        if fits and foreign.ARGUMENTS[word].note is None:
            assert problem.hint is not None
            assert f"`{word}` ({foreign.ARGUMENTS[word].systems}) is called" in problem.hint


@pytest.mark.parametrize("word", foreign.CALLS)
def test_foreign_calls_are_told(word: str) -> None:
    """A schedule of another system is told what it is called, or how it is written."""
    first = refused(parse, f"{word}(1, 2)").diagnostics[0]
    assert (first.code, first.message) == ("E201", f"unknown name `{word}`")
    found = foreign.CALLS[word]
    assert first.hint is not None
    if found.note is not None:
        assert first.hint == found.note
    elif first.fix is not None:
        assert f"is called `{first.fix[0].text}` here" in first.hint


SIZE = 65_536
HOSTILE = {
    "words": "a b " * (SIZE // 4),
    "brackets": "((1)" * 90 + "5 " * 30_000,
    "unknown": "cosin(1) + " * 5900 + "1",
    "signs": "^" * SIZE,
    "phases": "warmup(5%) the " * 4000 + "cosine",
    "minus": "-" * 60_000,
    "units": "hold for 5 weeks then " * 2900 + "1",
    "arguments": "cosine(eta=1)+" * 4000 + "1",
    "calls": "f(x," * 60 + "y," * 30_000,
    "definitions": "cosine where " + ",".join(f"a{index}=b{index}" for index in range(6000)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_long_texts_are_told_soon(name: str) -> None:
    """However hostile a text is, telling what is wrong with it takes a limited number of calls a character."""

    def told() -> None:
        caught = refused(parse, HOSTILE[name][:SIZE])
        assert caught.diagnostics
        assert len(str(caught)) < 20_000

    assert work(told) < 300 * SIZE


def test_a_text_that_is_right_stays_quick() -> None:
    """Nothing that looks for fixes is loaded or run for a text without mistakes."""
    text = " then ".join(["linear(0, 1) for 5"] * 300)
    parse("1")
    assert work(lambda: parse(text, name="new")) < 1500 * 300
