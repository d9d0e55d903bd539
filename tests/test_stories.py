"""The stories of the codes: complete, true, and written down."""

import json
import re
from pathlib import Path

import pytest

import schedlang
from schedlang import ScheduleError, parse
from schedlang._cli import main
from schedlang._insight.stories import STORIES, page_of_errors, story

PACKAGE = Path(schedlang.__file__).parent
ERRORS = sorted(code for code, told in STORIES.items() if code.startswith("E") and told.wrong is not None)
PAGE = PACKAGE.parent / "docs" / "errors.md"


def codes_of(text: str, run: object) -> set[str]:
    try:
        schedule = parse(text)
        if isinstance(run, dict):
            schedule.bind(**run)
    except ScheduleError as error:
        return {problem.code for problem in error.diagnostics}
    return set()


@pytest.mark.parametrize("code", ERRORS)
def test_wrong_is_wrong_and_right_is_right(code: str) -> None:
    """The wrong example gets that code and no other, the right one none."""
    told = STORIES[code]
    assert told.wrong is not None
    assert told.right is not None
    assert codes_of(told.wrong, told.run) == {code}
    assert (codes_of(told.right, told.run) - {"E402"}) == set()  # a name of the reader's own


def test_every_code_has_a_story() -> None:
    """Each code that the package uses is told of, and no other."""
    used = set()
    for path in PACKAGE.rglob("*.py"):
        if path.name != "stories.py":
            used.update(re.findall(r'"([EW][1-6][0-9][0-9])"', path.read_text(encoding="utf-8")))
    assert used <= set(STORIES)
    assert {code for code in STORIES if code.startswith("E")} - used <= {"E202"}


@pytest.mark.skipif(not PAGE.exists(), reason="the pages are not installed")
def test_page_is_up_to_date() -> None:
    """`docs/errors.md` is what `python -m schedlang._insight.stories` writes."""
    assert PAGE.read_text(encoding="utf-8") == page_of_errors()


@pytest.mark.parametrize("code", STORIES)
def test_explain_error(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The command line tells each story, by its code in any spelling."""
    assert main(["explain-error", code.lower()]) == 0
    assert capsys.readouterr().out == story(code) + "\n"
    assert main(["explain-error", f"[{code}]", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == STORIES[code].title
