"""The page of warnings has the stories that the rules declare."""

from pathlib import Path

from schedlang._insight.stories import page_of_warnings
from schedlang.linting import STORIES

PAGE = Path(__file__).parents[2] / "docs" / "warnings.md"


def test_warnings_are_documented() -> None:
    """`docs/warnings.md` is what `python -m schedlang._insight.stories docs/warnings.md` makes of it."""
    page = PAGE.read_text(encoding="utf-8")
    assert all(f"\n### {code}\n" in page for code in STORIES)
    assert page == page_of_warnings(page)
