"""Errors: how they read, and that nothing else ever reaches a user."""

import copy
import multiprocessing
import pickle
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from helpers import RUN, SECTION_1, codes, refused
from hypothesis import assume, example, given
from hypothesis import strategies as st

from schedlang import Diagnostic, ScheduleError, parse, step_interval
from schedlang._language.nodes import PRIMITIVES
from schedlang._language.operations import FUNCTIONS
from schedlang._text.errors import Argument, Phrase
from schedlang._text.run import UNITS
from schedlang.strategies import schedules


def test_several_mistakes_at_once() -> None:
    """Independent mistakes in names and arguments are all told, in the order of the text."""
    assert codes(parse, "cosine(1, 0, eta=2) for 5 epcohs then bogus(3) for -2") == ["E202", "E211", "E201", "E312"]


def test_long_lines_are_cut_around_the_mistake() -> None:
    """The excerpt of a long line fits a terminal and still points at the mistake."""
    text = "1 for 1 then " * 20 + "bogus(2)" + " then 1 for 1" * 20
    excerpt, carets = str(refused(parse, text)).splitlines()[2:4]
    assert len(excerpt) < 120
    assert excerpt[carets.index("^") :].startswith("bogus(2)")


def test_source_is_named() -> None:
    """An error tells the file and key that its text came from."""
    with pytest.raises(ScheduleError, match=r"\n --> train.yaml:optim.lr:1:8\n"):
        parse("cosine(,)", name="train.yaml:optim.lr")


def test_parts() -> None:
    """A diagnostic has code, message, span and hint, and its offsets are those of the text."""
    caught = refused(parse, "hold for 5 epcohs")
    (problem,) = caught.diagnostics
    assert isinstance(problem, Diagnostic)
    assert (problem.code, problem.message) == ("E211", "`epcohs` is not a unit of time")
    assert problem.hint == "did you mean `5 epochs`?"
    assert problem.span is not None
    assert "hold for 5 epcohs"[problem.span.start : problem.span.end] == "epcohs"
    assert isinstance(caught, ValueError)


def _fail(text: str) -> None:
    parse(text).bind(10)


@pytest.mark.parametrize("text", ["cosin(1)", "cosine(", "hold for 3ep", "1 / step", "(" * 200, "x" * 70_000])
def test_pickles(text: str) -> None:
    caught = refused(_fail, text)
    again = pickle.loads(pickle.dumps(caught))
    assert str(again) == str(caught)
    assert again.diagnostics == caught.diagnostics


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
@given(pieces=st.lists(st.one_of(st.text(), st.builds(Argument, st.text(), st.none() | st.text(), st.booleans()))))
def test_phrases(copied: Callable[[Phrase], Phrase], pieces: list[str | Argument]) -> None:
    """A phrase is its text, however it is nested or copied, and calls its arguments as it is told, nothing else."""
    phrase = Phrase(*pieces)
    assert phrase == Phrase(phrase) == "".join(map(str, pieces)) == phrase.worded(str)
    for each in (Phrase(*map(Phrase, pieces)), copied(phrase)):
        assert each.pieces == tuple(pieces)
        assert each.worded(lambda argument: "") == "".join(piece for piece in pieces if isinstance(piece, str))


@pytest.mark.slow
def test_through_multiprocessing() -> None:
    """An error in a worker is the error of the caller."""
    with multiprocessing.get_context("spawn").Pool(1) as pool, pytest.raises(ScheduleError, match="E201"):
        pool.map(_fail, ["cosin(1)"])


GROUPED = """
warmup({}) then cosine; interval(0.5, every={}, start=2); step_fixed(0.1, [5%, {}, 7]); max(3, {}); {}
keyframes(1 @ {}, 0 @ 100%); hold for {} steps then 1; cosine(1, 0) for ({}) then 2; w where w = {}; -{} ** 2
"""
"""Where a number may stand."""


@given(
    st.one_of(
        st.integers(1000, 10**13).map(lambda n: (f"{n:,}", str(n))),
        st.decimals(0, 99, places=4).map(lambda n: (f"{n}".replace(".", ","), f"{n}")),
    )
)
def test_numbers_as_people_group_them(number: tuple[str, str]) -> None:
    """What has a piece that no number can be is refused wherever it stands; what it meant is shown, not put there."""
    written, meant = number
    assume(any(piece[0] == "0" and len(piece) > 1 for piece in written.split(",")[1:]))
    for text in GROUPED.strip().replace("\n", "; ").split("; "):
        (found,) = refused(parse, text.replace("{}", written)).diagnostics
        assert (found.code, found.hint, found.fix) == ("E110", f"write `{meant}`", None)
    assert codes(parse("warmup(w) then cosine").bind, 10, w=written) == ["E110"]
    assert codes(step_interval, 0.5, written) == ["E110"]


@given(st.floats(1, 1e7).filter(lambda n: not n.is_integer()))
@example(6000 / 7)
@example(1 + 2**-52)
def test_an_amount_that_is_offered_is_what_was_given(steps: float) -> None:
    """A number of steps that is not whole is offered with a unit as it is, or not at all."""
    hint = refused(parse("hold for w then 1").bind, 10, w=steps).diagnostics[0].hint or ""
    offered = dict(re.findall(r"`([^`]+?)( steps|%)`", hint))
    exact = [Fraction(parse(number).value) for number in offered]  # type: ignore[attr-defined]
    meant = [100 * Fraction(repr(steps)), Fraction(repr(steps))][steps >= 10 :]  # nothing lasts ten times the run
    assert exact == meant or (not offered and "a unit" in hint)


LANGUAGE = """
then for until rest over skip repeat stretch scale every from to where base step progress pi
start= end= steps= factor= every= duration= inclusive= shape= left both w peak a b
0 1 2 0.5 1.0 1.5 10 100 1e9 1e400 3e-4 10k 5% 5ep 2B 0.01 .5 1.
( ) ( ) [ ] , , = @ + - * / ** % # { } : ; | & $ ^ ' " \\ é ٣ 🙂
"""
WORDS = [*LANGUAGE.split(), *PRIMITIVES, *FUNCTIONS, *UNITS, "\n", "\t", "\x00", "\u00a0"]


def survives(text: str) -> None:
    """Parse, print and bind; whatever fails must fail with an error of ours."""
    try:
        schedule = parse(text)
        assert parse(str(schedule)) == schedule
        bound = schedule.bind(**{**RUN, "total_steps": 50})
        for step in (0, 1, 49, 50, 10**6):
            bound(step)
        assert bound.phases
    except ScheduleError as error:
        assert error.diagnostics
        assert str(error)
        for problem in error.diagnostics:
            assert problem.message
            if problem.span is not None and problem.source is not None and problem.source.text == text:
                assert 0 <= problem.span.start <= problem.span.end <= len(text)


@given(st.text(max_size=60))
def test_any_unicode_text(text: str) -> None:
    survives(text)


@given(st.lists(st.sampled_from(WORDS), max_size=25))
def test_token_soup(words: list[str]) -> None:
    survives(" ".join(words))


@given(st.one_of(st.sampled_from(SECTION_1), schedules(most=8).map(str)), st.data())
def test_mutated_texts(text: str, data: st.DataObject) -> None:
    """Valid texts with a few characters dropped, doubled, swapped or replaced."""
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, max(0, len(text) - 1)))
        piece: Any = data.draw(st.sampled_from([*WORDS, *"()[],=@+-*/%#0123456789.eE_ ", "", ""]))
        text = text[:at] + piece + text[at + data.draw(st.integers(0, 2)) :]
    survives(text)


@given(
    schedules(),
    st.dictionaries(
        st.sampled_from([*RUN, "base", "samples_per_step"]),
        st.one_of(st.none(), st.floats(), st.text(max_size=5), st.integers()),
    ),
)
def test_any_run(schedule: Any, run: dict[str, Any]) -> None:
    try:
        schedule.bind(**run)
    except ScheduleError as error:
        assert str(error)
