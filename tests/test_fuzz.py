"""Nothing but a value or a ScheduleError: for any text, and for any Python value in any argument.

`tests/fuzz` does the same with texts by the million; here are the first few hundred, and what it has found.
"""

import operator
import pickle
import re
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from fuzz import report, typos
from fuzz.contract import violations
from fuzz.mutation import Mutator, pieces
from fuzz.running import fuzz
from fuzz.tally import Finding, Tally
from fuzz.target import examine
from fuzz.vocabulary import WEIGHTED, corpus, crashes, dictionary, suite
from helpers import SECTION_1, refused
from hypothesis import example, given
from hypothesis import strategies as st

import schedlang
from schedlang import Bound, Diagnostic, Schedule, ScheduleError, Source, Span, evaluate, parse
from schedlang._language.nodes import PRIMITIVES
from schedlang._text.run import SETTINGS
from schedlang.strategies import schedules

HERE = Path(schedlang.__file__).parent
VALID = [*SECTION_1, *(text for text in suite() if len(text) < 500)]


def survives(text: str) -> None:
    """All that can be done with a text goes well, or fails as it should; how long it takes is told by a fuzz run."""
    assert [found for found in examine(text).findings if found[0] != "too slow"] == []


@given(st.text(max_size=60))
@example("\ud800")
@example("`")
@example("\r\n\x85\u2028")
def test_any_text(text: str) -> None:
    survives(text)


@given(st.lists(st.sampled_from(WEIGHTED), max_size=25), st.sampled_from([" ", ""]))
def test_token_soup(words: list[str], between: str) -> None:
    """The words of the language, of its primitives and their arguments, in any order."""
    survives(between.join(words))


@given(st.one_of(st.sampled_from(VALID), schedules(most=6).map(str)), st.randoms(use_true_random=False))
def test_mutated_texts(text: str, chance: Random) -> None:
    survives(Mutator(chance, VALID).mutated(text))


@given(st.integers(0, 2**64))
def test_grown_texts(seed: int) -> None:
    """Texts that the grammar allows, with arguments that primitives have."""
    survives(Mutator(Random(seed), VALID).grown())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_large_texts(seed: int) -> None:
    """Texts that say one thing very often."""
    mutator = Mutator(Random(seed), VALID, most=20_000)
    for _ in range(8):
        survives(mutator.large())


@pytest.mark.slow
@pytest.mark.parametrize("text", crashes(), ids=lambda text: ascii(text)[1:30])
def test_what_was_found(text: str) -> None:
    survives(text)


# Python values.

HUGE = [10**400, -(10**400), 10**5000, 2**63, 2**64, -(2**63), -1, 0, 10**18]
NUMPY = [np.float64(0.1), np.float32("nan"), np.float16("inf"), np.int8(-1), np.int64(5), np.uint64(2**64 - 1)]
NUMPY += [np.bool_(True), np.array(3), np.array([1, 2]), np.array([]), np.array("5%"), np.complex128(1j), np.str_("5%")]
TEXTS = ["5%", "1", "cosine", "(", "", "10ep", "1e999", "x", "-1", "1 then 2", "5 %%", "\ud800", "step", "9" * 500]
OTHERS = [
    Decimal("NaN"),
    Decimal("sNaN"),
    Decimal("-Infinity"),
    Decimal("1e999999"),
    Decimal("1e-999999"),
    1j,
    object(),
]
OTHERS += [{}, {1, 2}, {"a": 1}, range(3), int, len, ..., NotImplemented, b"5%", bytearray(b"1"), memoryview(b"1")]
OTHERS += [Fraction(1, 3), Fraction(10**500, 3), parse("cosine"), parse("5 * step"), Span(0, 1), Source("x"), Path("x")]

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.fractions(),
    st.decimals(),
    st.text(max_size=6),
    st.sampled_from(TEXTS),
    st.sampled_from(HUGE),
    st.sampled_from(NUMPY),
    st.sampled_from(OTHERS),
    st.binary(max_size=3),
)
ANYTHING = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=3),
    st.tuples(SCALARS, SCALARS),
    st.lists(st.tuples(SCALARS, SCALARS), max_size=2),
    st.lists(st.lists(SCALARS, max_size=2), max_size=2),
)


def attempt(call: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """What a call returns; None if it raises a ScheduleError, which has to be as it should be."""
    try:
        return call(*given, **named)
    except ScheduleError as error:
        assert violations(error) == []
        assert str(error)
        return None


def meets_a_run(made: Any) -> None:
    """What was made of strange values is a schedule like any other: it prints, is read again, and can be bound."""
    if isinstance(made, Schedule):
        again = attempt(parse, str(made))
        assert again is None or again == made
        assert pickle.loads(pickle.dumps(made)) == made
        assert hash(made) == hash(made)
        assert repr(made)
        bound = attempt(made.bind, 20, steps_per_epoch=2, samples_per_step=1, tokens_per_step=1)
        if bound is not None:
            attempt(bound, 3)


@given(ANYTHING, st.sampled_from([None, "", "train.yaml:lr", "é", "\ud800"]))
def test_parse(text: Any, name: str | None) -> None:
    meets_a_run(attempt(parse, text, name=name))


BOUND = [
    parse(text)
    for text in ("warmup(w) then cosine(peak, 0)", "cosine every 1ep", "hold", "1 for 5 samples then 2 for w")
]


@given(st.sampled_from(BOUND), st.dictionaries(st.sampled_from([*SETTINGS, "w", "peak", "x", "cosine", ""]), ANYTHING))
def test_bind(schedule: Schedule, run: dict[str, Any]) -> None:
    bound = attempt(schedule.bind, **run)
    if bound is not None:
        attempt(bound, 0)
        assert isinstance(pickle.loads(pickle.dumps(bound)), Bound)
    attempt(evaluate, schedule, 0, **run)


@given(st.sampled_from(BOUND), ANYTHING)
def test_each_rate(schedule: Schedule, value: Any) -> None:
    """Anything for one argument of `bind` where the others are as they should be."""
    good = {"total_steps": 10, "steps_per_epoch": 2, "samples_per_step": 2, "tokens_per_step": 2, "w": 3, "peak": 2}
    used = {name: given for name, given in good.items() if name not in ("w", "peak") or f"{name}" in str(schedule)}
    for name in used:
        attempt(schedule.bind, **{**used, name: value})


@given(st.sampled_from(sorted(PRIMITIVES)), st.data())
def test_constructors(name: str, data: st.DataObject) -> None:
    """Anything for every argument of every primitive, by position and by name."""
    construct = getattr(schedlang, name, None) or schedlang.constructor(PRIMITIVES[name])
    names = [argument.name for argument in PRIMITIVES[name].arguments()]
    positional = data.draw(st.lists(ANYTHING, max_size=len(names) + 1))
    named = data.draw(st.dictionaries(st.sampled_from([*names, "x"]), ANYTHING, max_size=3))
    meets_a_run(attempt(construct, *positional, **named))


@given(st.sampled_from(sorted(PRIMITIVES)), st.data())
def test_node_classes(name: str, data: st.DataObject) -> None:
    """Anything for every field of every primitive's class; what the signature refuses is a TypeError, as ever."""
    arguments = PRIMITIVES[name].arguments()
    given = {argument.name: data.draw(ANYTHING) for argument in arguments if data.draw(st.booleans())}
    try:
        made = attempt(PRIMITIVES[name], **given)
    except TypeError as error:
        assert "missing" in str(error), error
        assert any(argument.parameter.required and argument.name not in given for argument in arguments)
    else:
        meets_a_run(made)


METHODS = ["then", "lasting", "until", "over", "skip", "every", "repeat"]
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
STARTS = [parse(text) for text in ("cosine", "cosine(1, 0) for 5", "1 + step", "w where w = 5")]


@given(st.sampled_from(STARTS), st.sampled_from(METHODS), ANYTHING)
def test_methods(schedule: Schedule, method: str, value: Any) -> None:
    meets_a_run(attempt(getattr(schedule, method), value))
    meets_a_run(attempt(schedule.repeat, 2, stretch=value))
    meets_a_run(attempt(schedule.repeat, 2, scale=value))
    meets_a_run(attempt(schedule.where, w=value))


@given(st.sampled_from(STARTS), st.sampled_from(OPERATORS), ANYTHING)
def test_operators(schedule: Schedule, combine: Callable[[Any, Any], Any], value: Any) -> None:
    meets_a_run(attempt(combine, schedule, value))
    if not isinstance(value, (np.ndarray, np.generic, Fraction)):  # they ask their elements, or for a float
        meets_a_run(attempt(combine, value, schedule))


ASKED = [parse(text).bind(10) for text in ("cosine", "1 / (step - 12)", "(1 for 1) repeat scale 2", "step ** step")]


@given(st.sampled_from(ASKED), ANYTHING)
def test_steps(bound: Bound, step: Any) -> None:
    for call in (bound, bound.walk, bound.at):
        attempt(call, step)
    attempt(bound.values, step, 20)
    attempt(bound.values, 0, 20, step)


# Errors.

BROKEN = [
    "",
    "cosin",
    "cosine(",
    "1 then",
    "warmup(5%) them cosine",
    "\ud800",
    "`",
    "cosine(1, 0, eta=2) for 5 epcohs",
    "1e999",
]
BROKEN += ["a\nb", "$", "(" * 200, "x" * 70_000, "cosine(1)", "linear(5%, 1)", "1 where a = a"]


def fails(text: str) -> None:
    parse(text).bind(10)


@pytest.mark.slow
def test_through_multiprocessing() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        for text, future in [(text, pool.submit(fails, text)) for text in BROKEN]:
            here = refused(fails, text)
            error = future.exception()
            assert type(error) is ScheduleError
            assert error.diagnostics == here.diagnostics
            assert str(error) == str(here)
            assert violations(error) == []


BAD = {
    "no code": Diagnostic("E1", "bad"),
    "no message": Diagnostic("E100", ""),
    "a span outside its source": Diagnostic("E100", "bad", Span(1, 3), source=Source("ab")),
    "a span without a source": Diagnostic("E100", "bad", Span(1, 3)),
    "a capital letter first in the message": Diagnostic("E100", "Bad"),
    "a name of the grammar's in the message": Diagnostic("E100", "expected RPAR here"),
    "a name of the grammar's in the hint": Diagnostic("E100", "bad", hint="write one of $END, _THEN"),
    "Python in the message": Diagnostic("E100", "bad: TypeError"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_errors_are_seen(what: str) -> None:
    """What errors are checked for is seen where it is."""
    (found,) = violations(ScheduleError([BAD[what]]))
    assert found.startswith(f"{what}: ")


def test_dictionary() -> None:
    """Each word is a line that libFuzzer reads."""
    lines = set(dictionary().splitlines())
    assert all(re.fullmatch(r'"([\w%.=]|\\x[0-9a-f]{2})+"', line, re.ASCII) for line in lines)
    assert lines >= {'"cosine"', '"then"', '"start="', '"5%"', r'"\x2a\x2a"', r'"\x0a"'}


def test_front_page_is_in_the_corpus() -> None:
    """Mutation begins with the texts of the front page, among others."""
    assert set(SECTION_1) <= set(corpus())


@given(st.text(max_size=40))
def test_pieces(text: str) -> None:
    assert "".join(pieces(text)) == text


@pytest.mark.slow
def test_runs(tmp_path: Path) -> None:
    """A process fuzzes for a moment, and says what it did; the figures go between their marks."""
    tallies = fuzz(1, 50, 4, ["blind"])
    total = tallies["blind"]
    assert total.texts >= 50
    assert total.valid
    assert sum(total.codes.values())
    assert total.slowest[0][0] > 0
    assert not any("kills" in what or "hangs" in what for what in total.findings)
    page = tmp_path / "page.md"
    for _ in range(2):
        report.write(page, "fuzzing", report.figures(tallies, 1.0, 1))
    assert page.read_text(encoding="utf-8").count("| valid schedules |") == 1
    assert "findings: " in report.printed(tallies, 1.0)


def test_findings_add_up() -> None:
    """Of findings of one sort the shortest is kept, and how many there were."""
    one, other = Tally(texts=2), Tally(texts=3)
    one.note(Finding("hangs", "longer", ""))
    other.note(Finding("hangs", "long", ""))
    other.note(Finding("hangs", "longest", ""))
    total = Tally.of_data((one + other).as_data())
    assert (total.texts, total.findings["hangs"]) == (5, Finding("hangs", "long", "", 3))


def test_typos() -> None:
    """Each typo once; those that parse don't count."""
    found = dict(reversed(pair) for pair in typos.typos("cos"))
    assert {found[typo] for typo in ("os", "cos"[:2], "csoo")[:2]} == {"dropped"}
    assert (found["ocs"], found["coos"], found["cis"]) == (
        "swapped with the next",
        "doubled",
        "replaced by a neighbour",
    )
    measured = typos.measure(["cosine(1, 0)"])
    assert measured["all"].texts == sum(counts.texts for sort, counts in measured.items() if sort != "all")
    assert 0 < measured["all"].invalid == measured["all"].outcomes.total() < measured["all"].texts
    assert not measured["all"].outcomes["fix wrong"]


@given(st.text(), st.text())
def test_messages_are_lines(message: str, hint: str) -> None:
    """Whatever of a text is quoted, a message and a hint are one line each."""
    made = Diagnostic("E100", message, hint=hint)
    assert len(made.message.splitlines()) <= 1
    assert len((made.hint or "").splitlines()) <= 1


def test_long_quotations_are_shortened() -> None:
    """What is quoted of a long text does not make a message without end."""
    assert len(Diagnostic("E100", f"`{'x' * 5000}` is bad").message) < 130
