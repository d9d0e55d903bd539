"""The page of warnings has the stories that the linter has."""

from pathlib import Path
from typing import Any

import pytest

from schedlang.linting import STORIES

PAGE = (Path(__file__).parents[2] / "docs" / "warnings.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("code", "story"), STORIES.items(), ids=STORIES)
def test_warnings_are_documented(code: str, story: Any) -> None:
    """Each code has a section with its story and its examples."""
    section = PAGE.partition(f"\n### {code}\n")[2].partition("\n##")[0]
    prose, _, examples = section.partition("```text\n")
    title = story.title[0].upper() + story.title[1:]
    assert " ".join(prose.split()) == f"{title}. {story.why}"
    assert examples.startswith(f"# gets it\n{story.wrong}\n# does not\n{story.right}\n")
