"""What can be transcribed: each kind of source has the values that it shows, and what has none is told so."""

from __future__ import annotations

import itertools
import json
import math
import random
import signal
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy
import pytest

from schedlang import ScheduleError, parse, transcribe
from schedlang._cli import main
from schedlang._transfer.transcribing.answer import transcribed
from schedlang._transfer.transcribing.checking import Checker
from schedlang._transfer.transcribing.columns import column
from schedlang._transfer.transcribing.finding import attempts, find
from schedlang._transfer.transcribing.peels import peels
from schedlang._transfer.transcribing.problem import Problem
from schedlang._transfer.transcribing.respelled import forms
from schedlang._transfer.transcribing.sources import read
from schedlang._transfer.transcribing.task import Task, Work


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(ScheduleError) as caught:
        call()
    return str(caught.value)


@pytest.mark.parametrize(
    ("source", "single"),
    [
        ([0.5, 0.25, 3], False),
        (numpy.array([1, 2, 3]), False),
        (numpy.linspace(0, 0.3, 9, dtype=numpy.float32), True),
        (numpy.linspace(0, 0.3, 9, dtype=numpy.float32).tolist(), True),  # its doubles bear the digits of floats
        ([0.5**step for step in range(30)], False),  # each is a float, too, and exact
        (numpy.float16([0.1, 0.2]), True),
    ],
)
def test_lists(source: Any, single: bool) -> None:
    """A value for each step, with as many digits as they were calculated with."""
    reading = read(source, None)
    assert reading.values.tolist() == [float(value) for value in source]
    assert reading.single == single


def endless() -> Iterator[float]:
    while True:
        yield 0.1


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ([], "there are no values"),
        ([0.1, math.nan], "the value at step 1 is nan"),
        ([0.1, None], "None at step 1"),
        (["0.1"], "'0.1' is no number"),
        ([0.1, "0.2"], "is no number"),
        ([True], "True is no number"),
        ([1j], "is no number"),
        ([[1, 2]], "the shape (1, 2)"),
        ([1, [2, 3]], "no list of numbers"),
        (3, "3 has no value for each step"),
        (None, "None has no value"),
        ("cosine", "a text, 'cosine', has no values"),
        (endless(), "can be read once only"),
        (numpy.ma.masked_array([1, 2], [0, 1]), "some values are masked"),
        (lambda step: 1 / step, "fails at step 0: ZeroDivisionError"),
        (lambda step: "0.1", "'0.1' at step 0"),
        (lambda step: [0.1], "[0.1] at step 0"),
        (lambda step: None, "None at step 0"),
        (lambda step: math.inf, "the value at step 0 is inf"),
        (lambda step: random.random(), "when it is asked for again"),
        (list(range(102)), "there are values of 102 steps, and the run has 100"),
    ],
)
def test_what_has_no_values(source: Any, told: str) -> None:
    """It is told what is wrong, and where."""
    assert told in refused(lambda: transcribe(source, 100))


def test_a_function_is_one_of_the_step_alone() -> None:
    """One that counts its calls is found out."""
    calls = iter(range(10**6))
    assert "asked for again" in refused(lambda: transcribe(lambda step: 1 / (1 + next(calls)), 100))
    assert "how long the run is" in refused(lambda: transcribe(lambda step: 0.1))
    assert "the first step, 100" in refused(lambda: transcribe(lambda step: 0.1, 100, first_step=100))


def test_what_the_run_is_told() -> None:
    """Lengths are told as to `bind`, and what is no step is refused."""
    assert transcribe(lambda step: 1 - step / 20, "2ep", steps_per_epoch=10).text == "linear(1, 0)"
    assert "first_step is -1" in refused(lambda: transcribe([1.0], first_step=-1))
    with pytest.raises(TypeError, match="step_per_epoch"):
        transcribe([1.0], step_per_epoch=3)


@pytest.mark.parametrize(
    ("text", "wanted", "values", "first"),
    [
        ("0.1\n0.2\n", None, [0.1, 0.2], 0),
        ("lr\n0.1\n0.2\n", "lr", [0.1, 0.2], 0),
        ("step,lr\n5,0.1\n6,0.2\n", None, [0.1, 0.2], 5),
        ('"Step","run - lr"\n"0","0.1"\n"1",""\n', "run - lr", [0.1], 0),
        ("a\tb\n1\t2\n1\t3\n", 2, [2, 3], 0),
        ("0 0.1\n1 0.2\n", 2, [0.1, 0.2], 0),
        ("step;lr\n0;1e-3\n0;1e-3\n1;2e-3\n", "lr", [1e-3, 2e-3], 0),
        ("\ufeffWall time,Step,Value\n1.5,0,0.1\n1.6,1,0.2\n", "Value", [0.1, 0.2], 0),
    ],
)
def test_columns(tmp_path: Path, text: str, wanted: Any, values: list[float], first: int) -> None:
    """Separators, headers and steps are found; what was written twice counts once."""
    file = tmp_path / "log.csv"
    file.write_text(text, encoding="utf-8")
    found = column(file, wanted)
    assert (found.values.tolist(), found.first, found.apart) == (values, first, 1)


@pytest.mark.parametrize(
    ("text", "wanted", "told"),
    [
        ("", None, "has no values"),
        ("lr\n", None, "nothing below"),
        ("lr,loss\n1,2\n", None, "name one: `lr` or `loss`"),
        ("lr,loss\n1,2\n", "lrr", "did you mean `lr`?"),
        ("lr,loss\n1,2\n", "3", "give `lr` or `loss`"),
        ("lr,lr\n1,2\n", "lr", "several columns are called `lr`"),
        ("step,lr\n0,1\n10,2\n", "lr", "log.csv:3: step 10 comes after step 0"),
        ("step,lr\n0,1\n10,2\n30,3\n", "lr", "log.csv:4: step 30 comes after step 10"),
        ("step,lr\n0,1\n0.5,2\n", "lr", "`0.5` is no step"),
        ("step,lr\n0,1\n0,2\n", "lr", "step 0 comes after step 0"),
        ("lr\n0.1\nnan\n", "lr", "log.csv:3: `nan` is no finite number"),
        ("lr,loss\n0.1,1\n,2\n", "lr", "log.csv:3: the value is missing"),
        ("0;0,1\n1;0,2\n", 2, "with a point"),
    ],
)
def test_what_is_no_column(tmp_path: Path, text: str, wanted: Any, told: str) -> None:
    """What is wrong with a table is told with its line."""
    file = tmp_path / "log.csv"
    file.write_text(text, encoding="utf-8")
    assert told in refused(lambda: column(file, wanted))
    assert "can't be read" in refused(lambda: column(tmp_path / "none.csv"))


def test_totals() -> None:
    """Two runs tell a share from a number of steps, and a share that is rounded down."""

    def decay(at: Callable[[int], int]) -> Callable[[int], Callable[[int], float]]:
        return lambda total: lambda step: 0.1 if step < at(total) else 0.01

    run: dict[str, Any] = {"total_steps": 1000, "totals": [1370]}
    assert transcribe(decay(lambda total: 300), **run).text == "0.1 for 300 then 0.01"
    assert transcribe(decay(lambda total: total * 3 // 10), **run).text == "0.1 for 30% then 0.01"
    assert transcribe(decay(lambda total: total - 30), **run).text == "0.1 for 100% - 30 then 0.01"
    for rounded, text in ((math.floor, "floor(35%)"), (math.ceil, "35%")):
        at = partial(lambda total, rounded: rounded(Fraction(total * 7, 20)), rounded=rounded)
        assert transcribe(decay(at), **run).text == f"0.1 for {text} then 0.01"
    assert transcribe(decay(lambda total: total // 3), **run).text == "0.1 for floor(100% / 3) then 0.01"
    mapping = transcribe({100: [1.0] * 50 + [2.0] * 50, 137: [1.0] * 69 + [2.0] * 68})
    assert mapping.text == "1 for 50% then 2"


def test_totals_of_ramps_that_have_whole_steps() -> None:
    """A ramp of a share of the run has whole steps, or is where it is; the last one may have to say where that is."""

    def warmed(total: int) -> Callable[[int], float]:
        return lambda step: 3e-4 * min(1.0, (1 + step) / (1 + int(total * 0.05)))

    def climbing(total: int) -> Callable[[int], float]:
        return lambda step: 3e-4 * min(1.0, step / int(total * 0.05))

    def one_cycle(total: int) -> Callable[[int], float]:
        peak = 0.3 * total - 1

        def value(step: int) -> float:
            x = step / peak if step < peak else 1 + (step - peak) / (total - 1 - peak)
            return 0.05 - 0.05 * math.cos(math.pi * x)

        return value

    run: dict[str, Any] = {"total_steps": 1000, "totals": [1370]}
    found = transcribe(climbing, **run)
    assert found.exact and found.text == "warmup(floor(5%), 0, 3e-4)"
    assert transcribe(warmed, **run).exact
    found = transcribe(one_cycle, **run)
    assert found.exact and found.text == "cosine(0, 0.1, inclusive=both) for 30% then cosine(inclusive=right)"
    between = transcribe(one_cycle, total_steps=203, totals=[271])
    exact = "cosine(0, 0.1, inclusive=exact) for 30% - 1 then cosine(duration=70%, inclusive=exact)"
    assert between.exact and between.text == exact
    kept = transcribe(lambda total: lambda step: 0.5 ** (step // (total // 7)), **run)
    assert kept.exact and kept.text == "step_interval(0.5, every=floor(100% / 7), start=1)"
    half = transcribe(lambda total: lambda step: 1 + math.cos(math.pi * step / (total // 2)), 200, totals=[271])
    assert half.exact and half.text == "cosine(2, 0) for floor(50%) then cosine(0, 2, floor(50%))"


@pytest.mark.parametrize(
    ("text", "other"),
    [
        (
            "linear(4, 1) for 50 then hold until 80 then cosine",
            "linear(4, 1) for 50 then hold for 30 then cosine(1, 0, 20)",
        ),
        ("warmup(20, end=2) then cosine(end=1, inclusive=both)", "warmup(20) then cosine(2, 1, 79)"),
        ("warmup(10) then cosine(2, 0) for 45 then cosine(2, 0)", "warmup(10) then cosine(2, 0) for 45 repeat 2"),
        ("cosine(4, 0) for 25 repeat scale 0.5", "cosine(4, 0) for 25 repeat 4 scale 0.5"),
        ("(linear(1, 0) for 100 / 3 then linear(1, 0) for 100 / 3) repeat", "linear(1, 0) for 100 / 3 repeat"),
        (
            "cosine(2, 1, inclusive=both) for 20 then cosine(inclusive=right)",
            "cosine(2, 1) for 19 then cosine(1, 0, 80)",
        ),
        ("exponential(1, 2 ** -10)", None),
        ("exponential(1, 9.765625e-4)", "exponential_decay(0.5, every=10, start=1)"),
        ("exponential(1, 9.765625e-4) every 10", "step_interval(0.5, every=10, start=1)"),
        ("2 / (1 + exp((step - 60) / 5))", "2 / (1 + exp((run_progress - 0.6) / 0.05))"),
        ("step_fixed(0.1, [30, 60]) then hold", None),
    ],
)  # fmt: skip
def test_other_words(text: str, other: str | None) -> None:
    """A text in other words has the same values."""
    bound = parse(text).bind(100)
    found = [*forms(bound)]
    assert other is None or other in found
    for each in found:
        assert parse(each).bind(100).values() == pytest.approx(bound.values(), rel=1e-5, abs=1e-12), each


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (
            lambda t, total: 0.5 + 0.5 * math.cos(math.pi * (3 * t / total % 1)),
            "cosine(1, 0, inclusive=exact) for 100% / 3 repeat",
        ),
        (
            lambda t, total: t / 20 if t < 20 else 0.5 + 0.5 * math.cos(math.pi * (2 * (t - 20) / (total - 20) % 1)),
            "warmup(20, inclusive=exact) then cosine(1, 0, inclusive=exact) for (100% - 20) / 2 repeat",
        ),
        (
            lambda t, total: min(t / math.ceil(0.1 * total), 1, (total - t) / 30),
            "keyframes(0 @ 0, 1 @ 10%, 1 @ 100% - 30, 0 @ 100%)",
        ),
    ],
)
def test_totals_of_other_forms(value: Callable[[int, int], float], text: str) -> None:
    """Two runs whose texts are of other forms, as their places are whole steps in one of them alone."""
    found = transcribe(lambda total: lambda step: value(step, total), 200, totals=[275])
    assert (found.text, found.exact) == (text, True)


def test_cycles_that_fade() -> None:
    """A cycle over a floor that each step makes smaller by a factor."""

    def cycle(step: int) -> float:
        return 1e-4 + 9.9e-3 * (1 - abs(step % 200 / 100 - 1)) * 0.9994**step

    task = Task(numpy.array([cycle(step) for step in range(500)]), 500)
    problem = Problem(Checker(task, Work()), task.steps, task.values, Fraction(500))
    found = [problem.check(text) for text in itertools.islice(peels(problem, None, attempts), 2)]
    assert any(each and each.exact and each.text.startswith("1e-4 + 0.9994 ** step * (") for each in found)


def test_values_without_a_line() -> None:
    """Where nothing is equal the nearest text is told, and how far off it is; where anything would be, that."""
    dice = random.Random(3)
    noise = [dice.random() for _ in range(200)]
    found = find(Task(numpy.array(noise), 200), Work(1e6)).nearest
    assert found is not None and not found.exact
    bound = parse(found.text).bind(200)
    assert abs(bound(found.worst_step) - noise[found.worst_step]) == pytest.approx(found.error)
    assert found.error == pytest.approx(max(abs(bound(step) - value) for step, value in enumerate(noise)))
    assert found.error <= max(noise) - min(noise)
    listed = transcribe(noise[:20], 20)
    assert any("20 values are too few to prove a shape of" in note for note in listed.notes)
    assert not transcribe([0.1] * 30 + [0.01] * 30, 60).notes


def test_totals_that_have_no_text_in_common() -> None:
    """Each run's own is told."""
    found = transcribe({100: [1.0] * 100, 137: [2.0] * 137})
    assert not found.exact
    assert found.notes[-2:] == ("a run of 100 steps alone has 1", "a run of 137 steps alone has 2")
    assert "no values for a run of 99 steps" in refused(lambda: transcribe({100: [1.0] * 100}, 99))
    assert "have a source each" in refused(lambda: transcribe([1.0] * 100, 100, totals=[137]))
    assert "fails for a run of 100 steps" in refused(lambda: transcribe(lambda total: 1 / 0, 100, totals=[137]))


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A column, a function and one that makes functions; exit codes say how near the text is."""
    monkeypatch.chdir(tmp_path)
    rows = [f"{step},{0.1 if step < 50 else 0.01}\n" for step in range(100)]
    Path("log.csv").write_text("step,lr\n" + "".join(rows))
    Path("ours_of_transcribing.py").write_text("def make(total):\n    return lambda step: 1 - step / total\n")
    assert main(["transcribe", "log.csv", "--column", "lr"]) == 0
    assert capsys.readouterr() == ("0.1 for 50 then 0.01\n", "")
    assert main(["transcribe", "ours_of_transcribing:make", "--totals", "100,137", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["text"], told["exact"], told["interrupted"]) == ("linear(1, 0)", True, False)
    assert main(["transcribe", "log.csv", "--column", "loss"]) == 2
    assert main(["transcribe", "none.csv"]) == 3
    assert main(["transcribe", "ours_of_transcribing:made", "--total", "9"]) == 2
    assert "has no `made`" in capsys.readouterr().err


def test_interrupted(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Ctrl-C stops the search, and what was found so far is shown, with exit code 130."""
    monkeypatch.chdir(tmp_path)
    Path("log.csv").write_text("".join(f"{0.1 if step < 50 else 0.01}\n" for step in range(100)))
    monkeypatch.setattr(
        "schedlang._transfer.transcribing.task.Work.spend", lambda *_: signal.raise_signal(signal.SIGINT)
    )
    assert main(["transcribe", "log.csv"]) == 130
    assert "interrupted" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"base": math.nan}, "E404"),
        ({"base": "0.1"}, "E404"),
        ({"steps_per_epoch": 0}, "E404"),
        ({"tokens_per_step": math.nan}, "E404"),
    ],
)
def test_a_base_or_rate_that_is_none_is_refused(told: dict[str, Any], code: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        transcribe([0.1] * 20, **told)
    assert caught.value.diagnostics[0].code == code


def test_one_other_total_is_one_however_it_is_told() -> None:
    """A text of digits is a length, not one for each of them."""

    def made(total: int) -> Callable[[int], float]:
        return lambda step: 1.0 if step < total * 0.8 else 0.1

    assert {transcribe(made, 100, totals=other).text for other in (137, "137", [137])} == {"1 for 80% then 0.1"}  # type: ignore[arg-type]
    assert "the mapping is empty" in refused(lambda: transcribe({}))


def test_nothing_is_exact_next_to_the_least_float() -> None:
    """There a share of the values is 0, and 0 / 0 is no reason to call anything equal."""
    values = numpy.array([5e-324 * (50 - step) for step in range(50)])
    values[7:9] = 5e-324, 4e-323
    found = transcribe(values)
    assert not found.exact or parse(found.text or "0").bind(50).values().tolist() == values.tolist()


def test_what_makes_a_source_is_asked_for_one_where_a_total_is_told() -> None:
    """The same length twice is one run; without lengths it is no function of the step, and it is told how to say so."""

    def made(total: int) -> Callable[[int], float]:
        return lambda step: 1.0 if step < total * 0.8 else 0.1

    assert transcribe(made, totals=[100]).exact
    assert transcribe(made, 100, totals=[100]).text == "1 for 80 then 0.1"
    assert "a few runs as `totals`" in refused(lambda: transcribe(made, 100))


def test_rounded_values_have_a_text_that_is_equal_once_it_is_rounded() -> None:
    bound = parse("warmup(20) then linear").bind(150, base=3e-4)
    rounded = [float(f"{value:.5e}") for value in bound.values()]
    found = transcribed(rounded, None, None, 0, (), 0, {}, Work(2e5))
    assert found.text is not None and not found.exact
    assert [float(f"{value:.5e}") for value in parse(found.text).bind(150).values()] == rounded
    assert 0 < found.error < 1e-9 and "rounded to 6 digits" in found.notes[0]


def test_every_tenth_step_tells_of_these_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bound = parse("warmup(50) then cosine").bind(500, base=3e-4)
    file = tmp_path / "log.csv"
    file.write_text("step,lr\n" + "".join(f"{step},{bound(step)}\n" for step in range(10, 501, 10)))
    found = transcribe((file, "lr"), 500)
    assert found.text is not None and (found.exact, found.worst_step) == (False, None)
    again = parse(found.text).bind(500, base=1.0)
    assert max(abs(again(step) - bound(step)) for step in range(10, 501, 10)) < 1e-12
    assert "only one step in 10 is known" in str(found)
    assert main(["transcribe", str(file), "--column", "lr", "--total", "500"]) == 1
    assert capsys.readouterr().out == f"{found.text}\n"
