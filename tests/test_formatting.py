"""The formatter: canonical text on lines, with its comments."""

from __future__ import annotations

import re

import pytest
from helpers import EXAMPLES, SECTION_1
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


LAYOUT = {
    "fits": ("cosine(start=1,)", 100, "cosine(1, 0)"),
    "comment-behind": ("cosine # slowly", 100, "cosine  # slowly"),
    "comment-above": ("\n# why\n\ncosine(\n1, 0)\n", 100, "# why\ncosine(1, 0)"),
    "comment-below": ("cosine\n\n# done\n", 100, "cosine\n# done"),
    "comment-on-a-phase": ("warmup(5%) # up\nthen cosine # down", 100, "warmup(5%)  # up\nthen cosine  # down"),
    "comments-behind-and-above": (
        "warmup(5%) # up\n# and\n# then\nthen cosine",
        100,
        "warmup(5%)  # up\n# and\n# then\nthen cosine",
    ),
    "comments-on-arguments": (
        "keyframes( # points\n0 @ 0,\n3e-4 @ 5%, # peak\n0 @ 100%) for rest # all",
        100,
        "keyframes(\n  # points\n  0 @ 0,\n  3e-4 @ 5%,  # peak\n  0 @ 100%,\n) for rest  # all",
    ),
    "comments-on-definitions": (
        "max(a, b) where a = 1, # one\nb = 2 # two",
        100,
        "max(a, b)\nwhere\n  a = 1,  # one\n  b = 2,  # two",
    ),
    "chain-in-parentheses": (
        "(linear(0, 1) for 10% then cosine) over 10ep repeat 3 then hold",
        30,
        "(\n  linear(0, 1) for 10%\n  then cosine\n) over 10ep repeat 3\nthen hold",
    ),
    "chain-among-arguments": (
        "max(cosine(1, 0) for 5 then linear(1, 2), 5e-3)",
        30,
        "max(\n  cosine(1, 0) for 5\n    then linear(1, 2),\n  5e-3,\n)",
    ),
    "list-of-numbers": ("values([1, 2, 3, 4, 5, 6, 7, 8, 9])", 20, "values([\n  1, 2, 3, 4, 5, 6,\n  7, 8, 9,\n])"),
}


@pytest.mark.parametrize(("text", "width", "formatted"), LAYOUT.values(), ids=LAYOUT)
def test_layout(text: str, width: int, formatted: str) -> None:
    assert format_text(text, width) == formatted


def test_refuses() -> None:
    with pytest.raises(ScheduleError, match="unknown name `cosin`"):
        format_text("cosin(1, 0)")
