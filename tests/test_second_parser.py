"""Two parsers of one language, Lark's and one by hand: they take and refuse the same texts, and give the same trees."""

from pathlib import Path
from random import Random

import pytest
from fuzz.mutation import CHARACTERS, Mutator, pieces
from fuzz.target import same_tree
from fuzz.vocabulary import SPELLED, WEIGHTED, corpus, suite
from helpers import SECTION_1, lines_of
from hypothesis import example, given
from hypothesis import strategies as st
from reference import second_parser

from schedlang import Schedule, Source
from schedlang._text.parsing import parse_syntax
from schedlang.strategies import schedules

VALID = [*SECTION_1, *corpus()]

GOOD_AND_BAD = [
    *((line[2:], line[0] == "+") for line in lines_of("corners.txt")),
    ("cosine # note\r then 1", True),
    ("", False),
    ("1 thené 2", False),
    ("co\u00a0sine", False),
    ("٣", False),
]
"""Corners of the grammar, and whether the grammar allows them."""


@pytest.mark.parametrize(("text", "good"), GOOD_AND_BAD)
def test_corners(text: str, good: bool) -> None:
    assert same_tree(text)
    if good:
        assert repr(second_parser.parse(text)) == repr(parse_syntax(Source(text)))
    else:
        with pytest.raises(second_parser.Rejected):
            second_parser.parse(text)


def test_it_is_another_parser() -> None:
    """It has nothing of the first one in it: no Lark, none of its tables, none of its code."""
    code = Path(second_parser.__file__).read_text(encoding="utf-8").split('"""', 2)[2]
    assert "lark" not in code
    assert "lalr" not in code
    assert "parsing" not in code


@pytest.mark.slow
def test_conformance_suite() -> None:
    """The same trees for all of its texts, those at and over the limits included."""
    texts = [*suite(), *SECTION_1, *corpus()]
    for text in texts:
        assert same_tree(text), text[:200]
    assert len(texts) > 800


@pytest.mark.slow
def test_every_token_left_out_doubled_swapped_and_replaced() -> None:
    """In the texts of the front page: each token without chance."""
    for text in SECTION_1:
        parts = pieces(text)
        for place, part in enumerate(parts):
            before, after = parts[:place], parts[place + 1 :]
            others = [[], [part, part], *([word] for word in SPELLED), [*after[:1], part]]
            for number, middle in enumerate(others):
                changed = "".join([*before, *middle, *(after[1:] if number == len(others) - 1 else after)])
                assert same_tree(changed), changed


@given(schedules(most=8))
def test_generated_schedules(schedule: Schedule) -> None:
    """What a schedule prints, both take, and for the same."""
    assert repr(second_parser.parse(str(schedule))) == repr(parse_syntax(Source(str(schedule))))


@given(st.one_of(st.sampled_from(VALID), schedules(most=6).map(str)), st.randoms(use_true_random=False))
def test_mutated_texts(text: str, chance: Random) -> None:
    assert same_tree(Mutator(chance, VALID).mutated(text))


@given(st.lists(st.sampled_from(WEIGHTED), max_size=25), st.sampled_from([" ", ""]))
def test_token_soup(words: list[str], between: str) -> None:
    assert same_tree(between.join(words))


@given(st.text(st.one_of(st.sampled_from(CHARACTERS), st.characters()), max_size=30))
@example("\x85cosine")
@example("cosine\u2028then 1")
def test_any_characters(text: str) -> None:
    assert same_tree(text)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_many_texts(seed: int) -> None:
    """Thousands of texts of the fuzzer's own; a good part of each sort is valid, and not all."""
    mutator = Mutator(Random(seed), VALID, most=3000)
    good = 0
    for _ in range(1000):
        text = mutator.text()
        assert same_tree(text), text
        good += _accepted(text)
    assert 100 < good < 900


def _accepted(text: str) -> bool:
    try:
        second_parser.parse(text)
    except second_parser.Rejected:
        return False
    return True
