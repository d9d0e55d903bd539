"""What the page to play with is told: the same Python, outside of a browser."""

import json
import signal
import subprocess
import sys
import urllib.request
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
import yaml
from helpers import SECTION_1, python
from hypothesis import given
from hypothesis import strategies as st

from schedlang import ScheduleError, evaluate, parse
from schedlang._bound.bind import bind
from schedlang._editors.play.answers import answer
from schedlang._editors.play.bundling import PACKAGES

RUN = {
    "total_steps": "30k",
    "base": "3e-4",
    "steps_per_epoch": "300",
    "samples_per_step": "256",
    "tokens_per_step": "1M",
}
BOUND: dict[str, Any] = {
    "total_steps": 30_000,
    "base": 3e-4,
    "steps_per_epoch": 300,
    "samples_per_step": 256,
    "tokens_per_step": 1_000_000,
}


def told(text: str, run: dict[str, str] | None = None, **request: Any) -> dict[str, Any]:
    asked = {"text": text, "run": RUN if run is None else run, **request}
    return json.loads(answer(json.dumps(asked)))


@pytest.mark.parametrize("text", SECTION_1)
def test_points_are_values(text: str) -> None:
    """Every drawn point is the value at its step, to the last bit, also of a part of the run."""
    bound = parse(text).bind(**BOUND)
    for window in ({}, {"start": 400, "stop": 700}):
        curve = told(text, **window)["curve"]
        assert curve["values"] == [bound(step) for step in curve["steps"]]
        assert (curve["steps"][0], curve["steps"][-1]) == (window.get("start", 0), window.get("stop", 30_000))


def test_code_alone() -> None:
    """The schedule in JavaScript, or nothing: all else that is told of a text takes longer."""
    run = {"total_steps": "1000", "base": "0.1"}
    found = told("warmup(w) then cosine", run, params={"w": "5%"}, only="code")
    assert found == {"code": parse("warmup(w) then cosine").bind(1000, base=0.1, w="5%").code("js")}
    many = "cosine(1, 0) for 10 repeat stretch 1.001"  # which takes longer than all else that is told of it
    for text in ("cosin", "warmup(w)", many, f"values([{', '.join('12345678')}{', 0.123456789' * 5000}])"):
        assert told(text, run, only="code") == {"code": None}


@pytest.mark.parametrize("text", SECTION_1)
def test_phases_are_those_of_the_table(text: str) -> None:
    """Phases are told as they are, and a span is where the text of the phase stands."""
    found = told(text)
    rows = parse(text).bind(**BOUND).phases[:64]
    assert [(each["first"], each["stop"], each["start"], each["end"], each["text"]) for each in found["phases"]] == [
        (row.first, row.stop, row.start, row.end, row.text) for row in rows
    ]
    for each in found["phases"]:
        assert each["span"] is None or text[slice(*each["span"])] == each["text"]
    assert {mark["piece"] for mark in found["marks"]} <= {each["piece"] for each in found["phases"]}


@pytest.mark.slow
@pytest.mark.parametrize("text", SECTION_1)
def test_sliders_stand_where_they_say(text: str) -> None:
    """A slider is at what the text says, and whatever it writes instead is still read, as a number in that place."""
    found = told(text)["numbers"]
    assert found or not any(character.isdigit() for character in text)
    for number in found:
        start, end = number["span"]
        assert text[start:end] == number["choices"][number["position"]]
        for choice in number["choices"][::9] + number["choices"][-1:]:
            other = told(text[:start] + choice + text[end:], columns=2)
            assert other["canonical"] is not None or other["diagnostics"][0]["code"].startswith("E3"), choice
            assert len(other["numbers"]) == len(found)


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("warmup(5%) then cosin(3e-4, 0)", "warmup(5%) then cosine(3e-4, 0)"),
        ("cosine(1, 0", "cosine(1, 0)"),
        ("# 😀\ncosin(1, 0)", "# 😀\ncosine(1, 0)"),
    ],
)
def test_fixes_make_sense(text: str, fixed: str) -> None:
    fixes = [each["fixed"] for each in told(text)["diagnostics"] if each["fixed"] is not None]
    assert fixes
    assert fixes == [fixed]
    for each in fixes:
        parse(each)


def test_fixes_of_several_mistakes_lead_to_none() -> None:
    """Applying the first fix again and again mends the text."""
    text = "warmup(5%) then cosin(3e-4, 0"
    for _ in range(2):
        text = next(each["fixed"] for each in told(text)["diagnostics"])
    assert text == "warmup(5%) then cosine(3e-4, 0)"
    assert told(text)["diagnostics"] == []


def test_warnings_say_what_to_write() -> None:
    (found,) = told("0 for 20 then warmup(10) then cosine")["diagnostics"]
    assert (found["code"], found["severity"]) == ("W517", "warning")
    assert (found["hint"], found["example"]) == (
        "say where it ends by `end=…`",
        "0 for 20 then warmup(10, end=base) then cosine",
    )


def test_mistakes_say_what_they_are_about() -> None:
    """Those of the run and of parameters are told with the field they belong to."""
    run = {**RUN, "total_steps": "10 kk", "base": "high", "steps_per_epoch": "-3"}
    assert {each["about"] for each in told("cosine for 5ep", run)["diagnostics"]} == {
        "total_steps",
        "base",
        "steps_per_epoch",
    }
    assert [each["about"] for each in told("warmup(w)", params={"w": "5%%"})["diagnostics"]] == ["params.w"]
    assert [(each["about"], each["hint"]) for each in told("warmup(w)")["diagnostics"]] == [
        ("text", "fill it in below the text")
    ]
    assert [each["code"] for each in told("warmup(40k) then cosine")["diagnostics"]] == ["W504"]


def test_a_missing_parameter_may_be_a_word() -> None:
    """The page offers the name that was probably meant; else, and for the run, it points to its fields."""
    (found,) = told("warmup(5%) then cosin")["diagnostics"]
    assert (found["code"], found["example"]) == ("E402", "warmup(5%) then cosine")
    assert found["hint"] == "did you mean `cosine`?"
    (found,) = told("hold * 0.5 + 0.1 for 2 repeat", {})["diagnostics"]
    assert found["hint"] == "fill it in below the text, or say how many: `repeat 5`"
    (found,) = told("cosine", {})["diagnostics"]
    assert (found["hint"], found["fixed"]) == ("fill it in below the text", None)


def test_fields_that_a_text_needs() -> None:
    """Only what the text, the length of the run and the parameters use is asked for."""
    found = told("warmup(w) then cosine(peak, 0) for 5ep", {"total_steps": "1B tok"}, params={"w": "5k samples"})
    assert found["params"] == ["w", "peak"]
    assert found["needs"] == ["steps_per_epoch", "samples_per_step", "tokens_per_step"]
    assert told("cosine")["needs"] == []
    assert told("linear(1, 0) for 5ep then " * 50 + "0")["needs"] == ["steps_per_epoch"]
    assert told("cosine then")["params"] is None


def test_a_mistake_is_told_once() -> None:
    """A wrong rate is told for its own field, not for the length that uses it, too."""
    for text in ("cosine", "cosine for 5ep"):
        found = told(text, {"total_steps": "90ep", "steps_per_epoch": "0"})
        assert [(each["code"], each["about"]) for each in found["diagnostics"]] == [("E404", "steps_per_epoch")]


@pytest.mark.slow
def test_of_many_mistakes_the_first_are_told() -> None:
    """Of thousands of them nobody wants to see more than some, and how many there are."""
    text = "cosine(1, 0, 9) for 5 then " * 2300 + "0"
    found = told(text)
    assert found["curve"] is not None
    assert len(found["diagnostics"]) == 20
    assert found["diagnostics_left_out"] == len(parse(text).bind(**BOUND).warnings()) - 20 > 2000
    assert told("warmup(40k) then cosine")["diagnostics_left_out"] == 0


def test_a_field_that_is_not_shown_does_no_harm() -> None:
    """A rate that nothing needs has no field on the page: a mistake in it could not be seen, and is none."""
    found = told("cosine", {**RUN, "steps_per_epoch": "high"})
    assert (found["diagnostics"], found["needs"]) == ([], [])


def test_offsets_are_those_of_a_browser() -> None:
    """A browser counts a character beyond U+FFFF twice."""
    text = "cosine(1, 0) # 😀😀\n for 5% then 0.25"
    units = text.encode("utf-16-le")
    found = told(text)
    words = [units[2 * start : 2 * end].decode("utf-16-le") for start, end, _ in found["tokens"]]
    assert words == ["cosine", "1", "0", "# 😀😀\n ", "for", "5", "%", "then", "0.25"]
    spans = [each["span"] for each in found["phases"]]
    assert [units[2 * start : 2 * end].decode("utf-16-le") for start, end in spans] == ["cosine(1, 0)", "0.25"]


HOSTILE = [
    "",
    " ",
    "#",
    "\x00",
    "\ud800",
    "(" * 70_000,
    "1" * 70_000,
    "cosine then " * 5000,
    "1e400",
    "-" * 5000 + "1",
    "1 / 0",
    "0 for 1 repeat 1e9 scale base",
    "<script>alert(1)</script>",
    "x where x = x",
    "9" * 400 + "ep",
    "warmup(if) then cosine",
]


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("total", ["30k", "", "1e300", "0", "\ud800", "5%", "cosine", "-1", "1/3"])
def test_there_is_always_an_answer(text: str, total: str) -> None:
    """Whatever comes in by a link, what goes out is an answer, and has a curve or says why not."""
    found = told(text, {**RUN, "total_steps": total})
    assert (found["curve"] is None) == any(each["severity"] == "error" for each in found["diagnostics"])


@given(st.text(max_size=40), st.text(max_size=10), st.text(max_size=10))
def test_there_is_an_answer_to_anything(text: str, total: str, other: str) -> None:
    """The same for what Hypothesis finds."""
    found = told(text, {"total_steps": total, "base": other}, params={"a": other})
    assert (found["curve"] is None) == any(each["severity"] == "error" for each in found["diagnostics"])


TAKEN = [
    *((text, {}) for text in SECTION_1),
    ("warmup(w) then cosine(peak, 0)", {"w": "5%", "peak": "1e-3"}),
    ("warmup(if)", {"if": "500"}),
    ("yes", {"yes": "0.5"}),
    ("optimizer * cosine", {"optimizer": "2"}),
    ("schedules * warmup(text) then self where schedules = -if", {"text": "5%", "self": "1e-5", "if": "-3"}),
    ("warmup(last_epoch) then linear(total_steps, 0)", {"last_epoch": "0.02", "total_steps": "0.5"}),
]


def run_as_pasted(text: str, params: dict[str, str]) -> None:
    """Run what is copied of a schedule as it stands; it gives the schedule's values."""
    import torch

    found = told(text, params=params)["snippets"]
    values = {name: each if "%" in each else float(each) for name, each in params.items()}
    bound = bind(parse(text), **BOUND, params=values)

    config = yaml.safe_load(found["yaml"])
    assert parse(config["lr"]) == parse(text)

    model = torch.nn.Linear(2, 1)
    names: dict[str, Any] = {"model": model, "batches": range(7)}
    model.weight.grad = torch.zeros_like(model.weight)
    exec(found["pytorch"], names)
    assert names["optimizer"].param_groups[0]["lr"] == bound(7)

    names = {}
    exec(found["optax"], names)
    assert names["lr"].bound(700) == bound(700)
    assert float(names["lr"](700)) == pytest.approx(bound(700), rel=1e-6)

    names = {}
    exec(found["python"], names)
    assert [names["schedule"](step) for step in (0, 700, 10**6)] == [bound(0), bound(700), bound(10**6)]


@pytest.mark.slow
@pytest.mark.parametrize(("text", "params"), TAKEN)
def test_snippets_run(text: str, params: dict[str, str]) -> None:
    """What is copied is run as it stands, and gives the schedule's values."""
    run_as_pasted(text, params)


@pytest.mark.slow
def test_parameters_called_like_arguments() -> None:
    """A parameter may be called like any argument of what is called in a snippet, if a text may use the name."""
    from schedlang.optax import schedule
    from schedlang.torch import Scheduler

    every = [each for called in (Scheduler.__init__, schedule) for each in signature(called).parameters.values()]
    names = {each.name for each in every if each.kind is not each.VAR_KEYWORD} - {
        "base",
        "where",
    }  # which are no parameters
    assert len(names) > 8
    for name in names:
        run_as_pasted(f"{name} * cosine", {name: "2"})


@pytest.mark.slow
def test_serves_until_interrupted(site: Path) -> None:
    """`schedlang play` says where the page is, serves it by the right types, and ends like any command on Ctrl-C."""
    given = ["--no-browser", "warmup(w) then cosine", "--param", "w=5%", "--json"]
    command = [sys.executable, "-m", "schedlang", "play", *given]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background ignores it
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        signal.signal(signal.SIGINT, before)
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())["address"]
        page, _, told_of = address.partition("#")
        assert told_of == "text=warmup%28w%29%20then%20cosine&params.w=5%25"
        kinds = {
            "": "text/html; charset=utf-8",
            "main.js": "text/javascript; charset=utf-8",
            "vendor/pyodide/pyodide.mjs": "text/javascript; charset=utf-8",
            "vendor/pyodide/pyodide.asm.wasm": "application/wasm",
        }
        for path, kind in kinds.items():
            with urllib.request.urlopen(page + path) as response:
                assert response.headers["Content-Type"] == kind
                assert len(response.read()) > 1000
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130


def built_with(cache: Path) -> subprocess.CompletedProcess[str]:
    """The page built of what a cache has, where there is no program."""
    command = ["-m", "schedlang", "play", "--build", cache / "site"]
    return python(*command, XDG_CACHE_HOME=str(cache), PATH=str(cache))


def test_page_without_npm(tmp_path: Path) -> None:
    """A machine that has neither the packages nor npm is told what to install."""
    done = built_with(tmp_path)
    assert done.returncode == 3
    assert "error[E502]" in done.stderr
    assert "schedlang[play]" in done.stderr


def test_a_kept_package_that_was_changed_is_not_used(tmp_path: Path, site: Path) -> None:
    """What is in the cache is compared with its hash, every time."""
    kept = tmp_path / "schedlang"
    kept.mkdir()
    for package in PACKAGES:
        (kept / f"{package.name}-{package.version}.tgz").write_bytes(b"something else")
    done = built_with(tmp_path)
    assert done.returncode == 3


def test_building_twice_gives_the_same_bytes(site: Path, tmp_path: Path) -> None:
    from schedlang._editors.play.bundling import build

    build(tmp_path)
    files = sorted(path.relative_to(site) for path in site.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert all((site / path).read_bytes() == (tmp_path / path).read_bytes() for path in files)
    assert not any("http://" in (site / path).read_text() for path in files if path.suffix in (".html", ".css"))


def test_evaluate_agrees() -> None:
    """The drawn values are those of the walk, which is what a text means."""
    text = "warmup(5%) then cosine"
    curve = told(text)["curve"]
    assert curve["values"][::50] == [evaluate(parse(text), step, **BOUND) for step in curve["steps"][::50]]
    with pytest.raises(ScheduleError):
        parse("cosin(1, 0)")
