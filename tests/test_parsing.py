"""The parser: the tables beside the grammar are the grammar's, and it makes no difference whether they are used."""

import functools
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lark
from helpers import SECTION_1
from hypothesis import given
from hypothesis import strategies as st

import schedlang
from schedlang import Schedule, ScheduleError, Source, parse
from schedlang._language.nodes.scalars import RESERVED
from schedlang._text import lalr, parsing, syntax
from schedlang._text.parsing import grammar_text, parse_syntax
from schedlang.strategies import schedules

PACKAGED = Path(schedlang.__file__).parent / "grammar" / "conformance"
SUITE = PACKAGED if PACKAGED.is_dir() else Path(schedlang.__file__).parent.parent / "grammar" / "conformance"

WORDS = [
    *sorted(RESERVED),
    *("cosine", "warmup", "w", "5", "5%", "1e-3", "10k"),
    *("+", "-", "*", "/", "**", "@", "=", ",", "(", ")", "[", "]", "#"),
]


def suite() -> Iterator[str]:
    """Every text of the conformance suite."""
    for path in sorted(SUITE.glob("*.jsonl")):
        for case in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            yield case["text"] if "text" in case else "".join(piece * times for piece, times in case["pieces"])


def broken() -> Iterator[str]:
    """Texts with a word left out, said twice, or put in the place of another."""
    for text in SECTION_1:
        pieces = text.split(" ")
        for place in range(len(pieces)):
            for middle in ([], [pieces[place]] * 2, [WORDS[(place + len(text)) % len(WORDS)]]):
                yield " ".join([*pieces[:place], *middle, *pieces[place + 1 :]])


def outcome(text: str) -> object:
    """The tree of a text; None if the grammar refuses it, and what is wrong if it is beyond the limits."""
    try:
        return parse_syntax(Source(text))
    except ScheduleError as error:
        return error.diagnostics


def by_lark(text: str) -> object:
    """The tree of a text by lark itself; None if it refuses it, and what is wrong if it is beyond the limits."""
    try:
        parsing.check_limits(Source(text))
        return _lark().parse(text)
    except ScheduleError as error:
        return error.diagnostics
    except lark.UnexpectedInput:
        return None
    except parsing._TooDeepError:
        return outcome(text)


@functools.cache
def _lark() -> Any:
    return lalr.lark_parser(grammar_text(), parsing._BUILDERS)


def test_tables_are_the_grammars() -> None:
    """The file is what `python -m schedlang._text.lalr` writes."""
    assert lalr.grammar_file(lalr.TABLES) == lalr.tables(grammar_text())


def test_tables_make_no_difference() -> None:
    """With them and by lark alone texts have the same trees and are refused alike."""
    texts = [*suite(), *SECTION_1, *broken()]
    trees = 0
    for text in texts:
        found = outcome(text)
        assert found == by_lark(text), text
        trees += isinstance(found, syntax.Text)
    assert 100 < trees < len(texts) - 100


@given(schedules())
def test_tables_parse_what_lark_parses(schedule: Schedule) -> None:
    """Whatever the language can say has the same tree."""
    text = str(schedule)
    tables = parsing._tables()
    assert tables is not None
    assert tables.parse(text) == by_lark(text)


@given(st.lists(st.sampled_from(WORDS), max_size=12))
def test_tables_refuse_what_lark_refuses(words: list[str]) -> None:
    """Words in any order are a tree to both or to none."""
    text = " ".join(words)
    assert outcome(text) == by_lark(text)


def test_tables_of_another_grammar_are_not_used() -> None:
    """If the grammar has changed, its parser is lark's."""
    assert lalr.kept_tables(grammar_text(), {}) is not None
    assert lalr.kept_tables(grammar_text() + " ", {}) is None


def test_lark_is_for_other_grammars() -> None:
    """Texts are parsed, and mistakes told, without lark."""
    code = """
import sys
sys.path.insert(0, {path!r})
import schedlang
schedlang.parse("warmup(5%) then cosine").bind(10_000)(250)
try:
    schedlang.parse("warmup(5%) cosine")
except schedlang.ScheduleError as error:
    assert error.diagnostics[0].code == "E107"
assert "lark" not in sys.modules
"""
    path = str(Path(schedlang.__file__).parent.parent)
    subprocess.run([sys.executable, "-c", code.format(path=path)], check=True, timeout=60)


def test_texts_are_kept_unless_they_are_long() -> None:
    """A text read again is the same schedule; a thousand texts of the largest size would be too much to keep."""
    short, long = "1 for 5 then 2", " then ".join(["1 for 5"] * 4000)
    assert parse(short) is parse(short)
    assert parse(long) == parse(long)
    assert parse(long) is not parse(long)
