"""Fixes: typos are put right, other systems' words are told, several mistakes at once, and none of it takes long."""

import random
from collections.abc import Iterator

import pytest
from helpers import SECTION_1, refused, work

from schedlang import ScheduleError, parse
from schedlang._language.nodes import PRIMITIVES
from schedlang._language.nodes.scalars import RESERVED
from schedlang._language.operations import FUNCTIONS
from schedlang._text.fixes import foreign
from schedlang._text.run import UNITS
from schedlang._text.spelling import neighbours
from schedlang.errors import edited

_COMMON = "abcdefghijklmnopqrstuvwxyz0123456789,.()[]%*+-=@ "


def typos(text: str) -> Iterator[str]:
    """A text with one character left out, said twice, swapped with the next, or replaced by a near or common one."""
    for index, character in enumerate(text):
        before, behind = text[:index], text[index + 1 :]
        yield before + behind
        yield before + character * 2 + behind
        yield before + behind[:1] + character + behind[1:]
        for other in _COMMON:
            if other != character and (neighbours(character, other) or other in ",.() "):
                yield before + other + behind


def fixed(text: str) -> str | None:
    """A text with the fixes that its error offers; None if nothing is wrong with it."""
    try:
        parse(text)
    except ScheduleError as error:
        return edited(text, {edit for problem in error.diagnostics for edit in problem.fix or ()})
    return None


@pytest.mark.slow
def test_typos_are_put_right() -> None:
    """Of the typos that make a text invalid, 60 % get a fix that makes it valid, 40 % the text that was meant."""
    slips = [(text, typo) for text in SECTION_1 for typo in dict.fromkeys(typos(text)) if typo != text]
    wrong = valid = same = 0
    for text, typo in random.Random(1).sample(slips, 400):
        again = fixed(typo)
        if again is not None:
            wrong += 1
            valid += fixed(again) is None
            same += again == text
    assert wrong > 200
    assert valid >= 0.6 * wrong
    assert same >= 0.4 * wrong


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
