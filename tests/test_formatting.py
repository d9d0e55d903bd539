"""The formatter: canonical text on lines, with its comments."""

from __future__ import annotations

import re

import pytest
from helpers import EXAMPLES, SECTION_1, cases
from hypothesis import given, settings
from hypothesis import strategies as st

from schedlang import ScheduleError, parse
from schedlang._language.formatting import format_text
from schedlang.strategies import schedules


def comments(text: str) -> list[str]:
    """The comments of a text, sorted, as some may change places."""
    return sorted(found.rstrip() for found in re.findall(r"#[^\n]*", text))


@st.composite
def written(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> str:
    """A text with odd blanks, newlines and comments between its words."""
    text = draw(texts)
    blanks = st.sampled_from(
        ["", "", "", " ", "\n", "\n\n  ", "\t", " # a\n", "  # b b \n", "\n# c\n", "\n  # d\n # e\n"]
    )
    pieces = []
    position = 0
    for found in re.finditer(r"[(),\[\]@]|\s+", text):
        pieces.append(text[position : found.start()])
        position = found.end()
        pieces.append(found[0].strip() or " ")
        pieces.append(draw(blanks))
    pieces += [text[position:], draw(st.sampled_from(["", "", "\n", " # z", "\n# y", "\n# x\n# w\n"]))]
    return draw(st.sampled_from(["", "", "\n", "# v\n"])) + "".join(pieces)


DEFINED = (
    "max(a, cosine(b, 0, d) for d then linear(b, a)) * 1 then a where d = 5%, b = 3e-4, a = cosine(1, 0) for d + 1"
)

TEXTS = st.one_of(
    schedules(most=10).map(str),
    st.sampled_from([*SECTION_1, DEFINED]),
    schedules().map(lambda s: f"({s}) * x where x = 1"),
)


@settings(max_examples=2 * EXAMPLES)
@given(written(TEXTS), st.sampled_from([1, 20, 40, 100]))
def test_laws(text: str, width: int) -> None:
    """Formatting keeps the meaning and every comment, breaks lines where it says, and twice is once."""
    try:
        schedule = parse(text)
    except ScheduleError:
        return
    formatted = format_text(text, width)
    assert parse(formatted) == schedule
    assert comments(formatted) == comments(text)
    assert format_text(formatted, width) == formatted
    assert not re.search(r"[ \t]$", formatted, re.MULTILINE)
    if "#" not in text and len(str(schedule)) <= width:
        assert formatted == str(schedule)


@given(TEXTS)
def test_blanks_mean_nothing(text: str) -> None:
    """Without comments, only the canonical text and the width decide."""
    try:
        schedule = parse(text)
    except ScheduleError:
        return
    assert format_text(text.replace(" ", "\n "), 50) == format_text(str(schedule), 50)


LAYOUT = cases("layouts.jsonl")


@pytest.mark.parametrize(("text", "width", "formatted"), LAYOUT.values(), ids=LAYOUT)
def test_layout(text: str, width: int, formatted: str) -> None:
    assert format_text(text, width) == formatted


def test_refuses() -> None:
    with pytest.raises(ScheduleError, match="unknown name `cosin`"):
        format_text("cosin(1, 0)")
