"""Words in colour: what the Pygments lexer and the pieces below it make of texts."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import ROOT, printed, registered
from hypothesis import given
from hypothesis import strategies as st
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.token import Error

import schedlang
from schedlang import ScheduleError, parse
from schedlang._language.highlight import WordKind, pieces
from schedlang._language.nodes import PRIMITIVES, Constant
from schedlang._language.nodes.scalars import VARIABLES
from schedlang._language.operations import FUNCTIONS
from schedlang._text import syntax
from schedlang._text.parsing import parse_syntax
from schedlang.pygments import TOKENS, ScheduleLexer
from schedlang.source import Source
from schedlang.strategies import texts

PACKAGED = Path(schedlang.__file__).parent / "grammar" / "conformance"
SUITE = PACKAGED if PACKAGED.is_dir() else Path(schedlang.__file__).parent.parent / "grammar" / "conformance"


def conformance() -> list[str]:
    found = []
    for name in ("values", "format"):
        for line in (SUITE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            found.append(json.loads(line)["text"])
    return sorted(set(found))


def by_kind(text: str) -> dict[str, WordKind]:
    """The words of a text by what they are; a word that is two things at once is the last."""
    return {text[each.span.start : each.span.end]: each.kind for each in pieces(text)}


def walk(tree: object) -> Iterator[syntax.Syntax]:
    if isinstance(tree, tuple):
        if hasattr(tree, "depth"):
            yield tree  # type: ignore[misc]
        for below in tree:
            yield from walk(below)


@given(st.one_of(st.text(), st.text(alphabet="warmup thenco(5%)[]=,#@*/-+.\n\r\tü🙂123ekep"), texts()))
def test_pieces_are_the_text(text: str) -> None:
    """Whatever the text, its pieces put together give it back, and so do the lexer's."""
    assert "".join(text[each.span.start : each.span.end] for each in pieces(text)) == text
    found = list(ScheduleLexer().get_tokens_unprocessed(text))
    assert "".join(word for _, _, word in found) == text
    assert all(text[start : start + len(word)] == word for start, _, word in found)


@given(texts())
def test_a_text_that_parses_has_no_error(text: str) -> None:
    """In a text that the language allows nothing is an error."""
    try:
        parse(text)
    except ScheduleError:
        return
    assert WordKind.ERROR not in {each.kind for each in pieces(text)}


@pytest.mark.parametrize("text", conformance())
def test_words_are_what_the_parser_takes_them_for(text: str) -> None:
    """In each text of the suite every word is painted as what the parser has it for."""
    tree = parse_syntax(Source(text))
    assert tree is not None
    kinds = {each.span: each.kind for each in pieces(text)}
    assert Error not in {kind for _, kind, _ in ScheduleLexer().get_tokens_unprocessed(text)}
    units = set()
    for node in walk(tree):
        match node:
            case syntax.Number() if not text.startswith("(", node.span.start):
                assert kinds[node.span] is WordKind.NUMBER
            case syntax.Quantity():
                assert kinds[node.unit.span] is WordKind.UNIT
                units.add(node.unit.span)
            case syntax.Named():
                assert kinds[node.name.span] is WordKind.LABEL
            case syntax.Call():
                expected = WordKind.PRIMITIVE if node.function.text in PRIMITIVES else WordKind.FUNCTION
                assert kinds[node.function.span] is expected
            case syntax.Word() if node.span in kinds and node.span not in units:
                word = node.text
                if word in PRIMITIVES:
                    assert kinds[node.span] in (WordKind.PRIMITIVE, WordKind.LABEL)
                elif word in VARIABLES:
                    assert kinds[node.span] is WordKind.VARIABLE
                elif word not in FUNCTIONS:
                    assert kinds[node.span] in (WordKind.NAME, WordKind.LABEL, WordKind.UNIT)


def test_each_word_in_its_place() -> None:
    """One word may be several things: what it is depends on where it stands."""
    text = "warmup(ep) repeat 2 then interval(0.5, every=3 ep) then min(min, base) # then\nwhere ep = 1"
    found = [
        (text[each.span.start : each.span.end], each.kind) for each in pieces(text) if each.kind is not WordKind.BLANK
    ]
    assert ("every", WordKind.LABEL) in found
    assert [kind for word, kind in found if word == "ep"] == [WordKind.NAME, WordKind.UNIT, WordKind.LABEL]
    assert [kind for word, kind in found if word == "min"] == [WordKind.FUNCTION, WordKind.NAME]
    assert [kind for word, kind in found if word == "then"] == [WordKind.KEYWORD, WordKind.KEYWORD]
    assert ("# then", WordKind.COMMENT) in found
    assert ("base", WordKind.VARIABLE) in found


def test_a_new_primitive_is_painted() -> None:
    """A primitive that somebody adds is known without a change here."""

    class Wobbly(Constant):
        """It is as `constant` is."""

        name = "wobbly"

    with registered(Wobbly):
        assert by_kind("wobbly")["wobbly"] is WordKind.PRIMITIVE
    assert by_kind("wobbly")["wobbly"] is WordKind.NAME


def test_every_kind_has_a_token() -> None:
    assert set(TOKENS) == set(WordKind)


def test_html_of_a_wrong_text() -> None:
    """What the language doesn't know is marked, and the rest is painted all the same."""
    html = highlight("warmup(5%) | cosine", ScheduleLexer(), HtmlFormatter())
    assert '<span class="err">|</span>' in html
    assert '<span class="nb">cosine</span>' in html


def test_pygments_finds_the_lexer(tmp_path: Path) -> None:
    """The lexer is called by its name once the package is installed: its entry point is one of Pygments' own kind."""
    info = tmp_path / "schedlang_lexer-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: schedlang-lexer\nVersion: 1\n", encoding="utf-8")
    points = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    lines = [f"{name} = {where}" for name, where in points["pygments.lexers"].items()]
    (info / "entry_points.txt").write_text("\n".join(["[pygments.lexers]", *lines, ""]), encoding="utf-8")
    code = "from pygments.lexers import get_lexer_by_name as g; print(type(g('schedlang')).__module__)"
    assert printed("-c", code, PYTHONPATH=f"{tmp_path}:{ROOT}").strip() == "schedlang.pygments"
