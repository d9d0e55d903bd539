"""The parser: the tables beside the grammar are the grammar's, and it makes no difference whether they are used."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import lark
import pytest
from helpers import SECTION_1

import schedlang
from schedlang import ScheduleError, Source, lalr, parse, parsing, syntax
from schedlang.parsing import grammar_text, parse_syntax

PACKAGED = Path(schedlang.__file__).parent / "grammar" / "conformance"
SUITE = PACKAGED if PACKAGED.is_dir() else Path(schedlang.__file__).parent.parent / "grammar" / "conformance"

KEPT = json.loads(lalr.grammar_file(lalr.TABLES))


def suite() -> Iterator[str]:
    """Every text of the conformance suite."""
    for path in sorted(SUITE.glob("*.jsonl")):
        for case in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            yield case["text"] if "text" in case else "".join(piece * times for piece, times in case["pieces"])


def broken() -> Iterator[str]:
    """Texts with a word left out, said twice, or put in the place of another."""
    words = ["then", "for", "(", ")", "[", "@", "=", ",", "5%", "where", "to", "every", "**", "-", "$"]
    for text in SECTION_1:
        pieces = text.split(" ")
        for place in range(len(pieces)):
            for middle in ([], [pieces[place]] * 2, [words[(place + len(text)) % len(words)]]):
                yield " ".join([*pieces[:place], *middle, *pieces[place + 1 :]])


def outcome(text: str) -> object:
    """The tree of a text, or what is wrong with it."""
    try:
        return parse_syntax(Source(text))
    except ScheduleError as error:
        return error.diagnostics


@pytest.fixture
def without_tables(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], object]:
    """`outcome` by a parser made from the grammar."""
    made = lalr.made(grammar_text(), parsing.builder())
    unexpected = parsing._parser()[1]

    def found(text: str) -> object:
        with monkeypatch.context() as patched:
            patched.setattr(parsing, "_parser", lambda: (made, unexpected))
            return outcome(text)

    return found


@pytest.mark.skipif(KEPT["lark"] != lark.__version__, reason="the tables are those of another version of lark")
def test_tables_are_the_grammars() -> None:
    """The file is what `python -m schedlang.lalr` writes."""
    assert lalr.grammar_file(lalr.TABLES) == lalr.tables(grammar_text())


def test_tables_make_no_difference(without_tables: Callable[[str], object]) -> None:
    """With them and without them texts have the same trees and the same errors."""
    texts = [*suite(), *SECTION_1, *broken()]
    trees = 0
    for text in texts:
        found = outcome(text)
        assert found == without_tables(text), text
        trees += isinstance(found, syntax.Text)
    assert 100 < trees < len(texts) - 100


@pytest.mark.parametrize("key", ["grammar", "lark"])
def test_tables_of_something_else_are_not_used(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the grammar or lark is another, the parser is made from the grammar."""
    other = json.dumps({**KEPT, key: "", "data": None})
    read = lalr.grammar_file
    monkeypatch.setattr(lalr, "grammar_file", lambda name: other if name == lalr.TABLES else read(name))
    assert lalr.parser().parse("warmup(5%) then cosine").data == "start"


def test_texts_are_kept_unless_they_are_long() -> None:
    """A text read again is the same schedule; a thousand texts of the largest size would be too much to keep."""
    short, long = "1 for 5 then 2", " then ".join(["1 for 5"] * 4000)
    assert parse(short) is parse(short)
    assert parse(long) == parse(long)
    assert parse(long) is not parse(long)
