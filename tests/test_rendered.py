"""Errors as users see them, whole: each case was read by a human. `python -m tests.errors` writes them anew."""

import pickle
from typing import Any

import pytest
from errors import cases, error_of, rendered
from helpers import refused

from schedlang import Diagnostic, ScheduleError, parse
from schedlang.errors import edited, render, render_github, render_json, render_line

CASES = [pytest.param(case, id=case["id"]) for case in cases()]


def problems_of(text: str) -> set[tuple[str, str]]:
    try:
        parse(text)
    except ScheduleError as error:
        return {(problem.code, problem.message) for problem in error.diagnostics}
    return set()


@pytest.mark.parametrize("case", CASES)
def test_rendered(case: dict[str, Any]) -> None:
    assert "\n".join(rendered(case)) == "\n".join(case["error"])


@pytest.mark.parametrize("case", CASES)
def test_errors_survive(case: dict[str, Any]) -> None:
    """Errors pickle, looked at before or not, and their parts are where they say."""
    error = error_of(case)
    assert str(pickle.loads(pickle.dumps(error))) == str(error_of(case))
    for problem in error.diagnostics:
        assert problem.code[0] == "E"
        assert not problem.message[0].isupper()
        assert not problem.candidates
        assert problem.hint
        if problem.source is not None and problem.span is not None and problem.source.text == case["text"]:
            assert 0 <= problem.span.start <= problem.span.end <= len(case["text"])
            assert problem.source.name == case.get("name")
        for line in (render_line(problem), render_json(problem), render_github(problem)):
            assert "\n" not in line


@pytest.mark.parametrize("case", CASES)
def test_fixes_fix(case: dict[str, Any]) -> None:
    """With all fixes together the text parses, and what they are for is gone."""
    problems = [each for each in error_of(case).diagnostics if each.source and each.source.text == case["text"]]
    edits = {edit for problem in problems for edit in problem.fix or ()}
    if edits:
        left = problems_of(edited(case["text"], edits))
        assert not left & {(problem.code, problem.message) for problem in problems if problem.fix is not None}
        if all(problem.fix is not None for problem in problems if problem.code.startswith("E1")):
            assert not [code for code, _ in left if code.startswith("E1")]


def test_there_are_enough() -> None:
    assert len({case["id"] for case in cases()}) == len(cases()) >= 150


def test_looks() -> None:
    """The same diagnostic for terminals, editors, tools and GitHub."""
    (problem,) = refused(parse, "warmup(5%) then cosin(1, 0)", name="a,b.yaml:lr").diagnostics
    where = "a,b.yaml:lr:1:17"
    assert render_line(problem) == f"{where}: error[E201]: unknown name `cosin` (help: did you mean `cosine`?)"
    assert render_github(problem) == (
        "::error file=a%2Cb.yaml%3Alr,line=1,col=17,endColumn=21,title=schedlang E201"
        "::unknown name `cosin`%0Ahelp: did you mean `cosine`?"
    )
    assert '"fix": [{"start": 16, "end": 21, "text": "cosine"}]' in render_json(problem)
    assert render(problem, color=True).startswith("\x1b[1;31merror[E201]\x1b[0m: ")
    warning = render(Diagnostic("W501", "odd"), color=True)
    assert warning == "\x1b[1;33mwarning[W501]\x1b[0m: odd"
