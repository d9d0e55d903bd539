"""Schedules in other languages: compiled, run, and compared with the walk."""

import csv
import json
import math
import re
import struct
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from test_conformance import bind, cases

from schedlang import Bound, Schedule, ScheduleError, ScheduleSet, parse
from schedlang._cli import main
from schedlang._transfer.compiling import fitting
from schedlang._transfer.compiling.code import LANGUAGES, code
from schedlang.strategies import runs, schedules

EPSILON = 2.0**-52
GCC = ("gcc", "-Wall", "-Wextra", "-Wmissing-prototypes", "-Werror", "-pedantic")

C_MAIN = """
#include <stdio.h>
#include <inttypes.h>
static double (*const all[])(int64_t) = {{{names}}};
int main(void)
{{
    int index;
    int64_t step;
    while (scanf("%d %" SCNd64, &index, &step) == 2) {{
        printf("%a\\n", all[index](step));
    }}
    return 0;
}}
"""

RUST_MAIN = """
fn main() {{
    let all: [fn(i64) -> f64; {count}] = [{names}];
    for line in std::io::stdin().lines() {{
        let line = line.unwrap();
        let (index, step) = line.split_once(' ').unwrap();
        let value = all[index.parse::<usize>().unwrap()](step.parse().unwrap());
        println!("{{:016x}}", value.to_bits());
    }}
}}
"""

JS_MAIN = """
import * as all from "./all.mjs";
import {{ readFileSync }} from "node:fs";
const names = [{names}];
const shown = [];
for (const line of readFileSync(0, "utf8").trim().split("\\n")) {{
    const [index, step] = line.split(" ").map(Number);
    try {{
        const value = all[names[index]](step);
        shown.push(Object.is(value, -0) ? "-0.0" : String(value));
    }} catch (error) {{
        if (!(error instanceof RangeError)) throw error;
        shown.push("nan");
    }}
}}
console.log(shown.join("\\n"));
"""

Questions = Sequence[tuple[int, int]]


def run(command: Iterable[str | Path], told: str = "") -> str:
    done = subprocess.run([*map(str, command)], input=told, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def in_c(bounds: Mapping[str, Bound], asked: Questions, folder: Path) -> list[float]:
    """What the functions give in C, each asked by its number."""
    source, program = folder / "all.c", folder / "all"
    source.write_text(code(bounds, "c") + C_MAIN.format(names=", ".join(bounds)))
    # What takes long is optimized less; the bits have to be the same in either mode.
    options = ("-std=gnu17", "-ffp-contract=off", "-O2") if len(bounds) < 100 else ("-std=c99", "-Og")
    run([*GCC, *options, "-o", program, source, "-lm"])
    return [float.fromhex(line) for line in run([program], lines(asked)).split()]


def in_js(bounds: Mapping[str, Bound], asked: Questions, folder: Path) -> list[float]:
    """And in JavaScript."""
    (folder / "all.mjs").write_text(code(bounds, "js"))
    (folder / "main.mjs").write_text(JS_MAIN.format(names=", ".join(f'"{name}"' for name in bounds)))
    return [float(line) for line in run(["node", folder / "main.mjs"], lines(asked)).split()]


def in_rust(bounds: Mapping[str, Bound], asked: Questions, folder: Path) -> list[float]:
    """And in Rust."""
    source, program = folder / "all.rs", folder / "all-rs"
    source.write_text(code(bounds, "rust") + RUST_MAIN.format(count=len(bounds), names=", ".join(bounds)))
    run(
        [
            "rustc",
            "--edition=2021",
            "-D",
            "warnings",
            "-A",
            "non_snake_case",
            "-C",
            "opt-level=0",
            "-o",
            program,
            source,
        ]
    )
    bits = [bytes.fromhex(line) for line in run([program], lines(asked)).split()]
    return [struct.unpack(">d", each)[0] for each in bits]


def in_python(bounds: Mapping[str, Bound], asked: Questions, folder: Path) -> list[float]:
    """And in Python that stands alone."""
    namespace: dict[str, Any] = {}
    exec(code(bounds, "python"), namespace)
    names = [*bounds]

    def value(index: int, step: int) -> float:
        try:
            return namespace[names[index]](step)
        except (ArithmeticError, ValueError):
            return math.nan

    return [value(index, step) for index, step in asked]


def in_numpy(bounds: Mapping[str, Bound], asked: Questions, folder: Path) -> list[float]:
    """And with NumPy."""
    namespace: dict[str, Any] = {}
    exec(code(bounds, "numpy"), namespace)
    names = [*bounds]
    found: list[float] = []
    for index, questions in groupby(asked, lambda each: each[0]):
        name, steps = names[index], [step for _, step in questions]
        try:
            found += namespace[name](steps).tolist()
        except OverflowError:
            for step in steps:
                try:
                    found.append(float(namespace[name](step)))
                except OverflowError:
                    found.append(math.nan)
    return found


def lines(asked: Questions) -> str:
    return "".join(f"{index} {step}\n" for index, step in asked)


RUNNERS: Mapping[str, Callable[[Mapping[str, Bound], Questions, Path], list[float]]] = {
    "c": in_c,
    "js": in_js,
    "rust": in_rust,
    "python": in_python,
    "numpy": in_numpy,
}

EXACT = ("c", "rust", "python")
"""The languages whose values are the walk's to the bit, as they ask the same library for sines and powers."""


def walked(bound: Bound, step: int) -> float:
    try:
        return bound.walk(step)
    except ScheduleError:
        return math.nan


def telling(bound: Bound) -> list[int]:
    """Steps at which something may go wrong, and some in between."""
    total = bound.end or 300
    begins = {row.first + offset for row in bound.phases[:20] for offset in (-1, 0, 1)}
    some = {total * index // 23 for index in range(24)}
    return sorted({0, 1, 2, total - 1, total, total + 1, 3 * total, 2**30 - 1, *begins, *some} - {-1})


@cache
def suite() -> tuple[dict[str, Bound], list[tuple[int, int]], list[float]]:
    """All of the conformance suite that is asked for whole numbers; which steps are asked, and what the walk gives."""
    found = [case.values[0] for name in ("values", "real", "clocks") for case in cases(name)]  # type: ignore[attr-defined]
    bounds = [(case, bind(case["text"], case["run"])) for case in found]
    whole = [(case, bound) for case, bound in bounds if bound.run.grid == 1]
    named = {f"case_{index}": bound for index, (_, bound) in enumerate(whole)}
    asked = [
        (index, step)
        for index, (case, bound) in enumerate(whole)
        for step in sorted({*telling(bound), *(step for step, _ in case["values"])})
    ]
    everything = [*named.values()]
    return named, asked, [walked(everything[index], step) for index, step in asked]


def assert_alike(
    language: str, found: Sequence[float], bounds: Sequence[Bound], asked: Questions, wanted: Sequence[float]
) -> None:
    """The values are the walk's: to the bit, or within 4 epsilon of the schedule's largest one."""
    assert len(found) == len(wanted)
    sizes: dict[int, float] = {}
    for (index, _), value in zip(asked, wanted, strict=True):
        sizes[index] = max(sizes.get(index, 0.0), abs(value))
    for (index, step), value, want in zip(asked, found, wanted, strict=True):
        if math.isnan(want) or language in EXACT:
            same = struct.pack("d", value) == struct.pack("d", want) or math.isnan(value + want)
        else:
            same = abs(value - want) <= 4 * EPSILON * sizes[index]
        assert same, (language, str(bounds[index].schedule), bounds[index].run, step, value, want)


@pytest.mark.slow
@pytest.mark.parametrize("language", RUNNERS)
def test_conformance(language: str, tmp_path: Path) -> None:
    """Each schedule of the suite, compiled and run: one file, one process."""
    bounds, asked, wanted = suite()
    assert_alike(language, RUNNERS[language](bounds, asked, tmp_path), [*bounds.values()], asked, wanted)


def test_generated(tmp_path: Path) -> None:
    """Generated schedules, also those that cannot be written, which say so."""
    bounds: dict[str, Bound] = {}

    @settings(max_examples=75, phases=[Phase.generate])
    @given(schedules(), runs())
    def collect(schedule: Schedule, told: dict[str, Any]) -> None:
        try:
            bound = parse(str(schedule)).bind(**told)
            code({"lr": bound}, "js")
        except ScheduleError as error:
            assert error.diagnostics[0].code != "E412" or bound.end is None, error
        else:
            bounds[f"case_{len(bounds)}"] = bound

    collect()
    asked = [(index, step) for index, bound in enumerate(bounds.values()) for step in telling(bound)]
    wanted = [walked([*bounds.values()][index], step) for index, step in asked]
    for language, found in RUNNERS.items():
        assert_alike(language, found(bounds, asked, tmp_path), [*bounds.values()], asked, wanted)


# What is no step, and what has no value.


def lr(text: str, total: int | None = None) -> dict[str, Bound]:
    return {"lr": parse(text).bind(total)}


@pytest.mark.parametrize("language", ["c", "js", "rust"])
def test_without_a_value(language: str, tmp_path: Path) -> None:
    """Before the run, behind what can be calculated, and where Python raises an error, there is none."""
    texts = {"1 / (step - 5)": 5, "max(log(step - 5), 0.1)": 3, "min(exp(step), 2)": 1000, "max(sqrt(step - 9), 1)": 3}
    growing = "cosine(1, 0) for 10 repeat stretch 2"  # of which 64 bits hold less than as many copies
    bounds = {f"case_{index}": parse(text).bind() for index, text in enumerate([*texts, growing, "3"])}
    none = [*enumerate(texts.values()), (5, -1), (5, 2**62)]
    some = [*((index, 10) for index in range(4)), (4, 10**15), (5, 0)]
    found = RUNNERS[language](bounds, none + some, tmp_path)
    assert all(map(math.isnan, found[: len(none)]))
    wanted = [[*bounds.values()][index].walk(step) for index, step in some]
    assert found[len(none) :] == pytest.approx(wanted, rel=1e-12)


def test_no_steps_in_javascript(tmp_path: Path) -> None:
    (tmp_path / "lr.mjs").write_text(code(lr("cosine", 10), "js"))
    script = """
        import {{ lr }} from "{path}";
        for (const step of [-1, 0.5, NaN, Infinity, 2 ** 53, "3", null, undefined, 3n, [3]]) {{
            try {{ console.log("took", step, lr(step)); }} catch (error) {{ console.log(error.name); }}
        }}
    """
    told = run(["node", "--input-type=module", "-e", script.format(path=tmp_path / "lr.mjs")])
    assert told.split() == ["RangeError"] * 10


def test_no_steps_in_python() -> None:
    made: dict[str, Any] = {}
    exec(code(lr("cosine", 10), "python"), made)
    for step, error in {-1: ValueError, 0.5: TypeError, "3": TypeError}.items():
        with pytest.raises(error):
            made["lr"](step)


def test_no_steps_in_numpy() -> None:
    made: dict[str, Any] = {}
    exec(code(lr("1 / (step - 5)"), "numpy"), made)
    for steps, error in ([[0, -1], ValueError], [[0.5], TypeError], [[2**63], ValueError], [[4, 5], OverflowError]):
        with pytest.raises(error):
            made["lr"](steps)
    assert made["lr"](7) == 0.5
    assert made["lr"]([[6, 7], [9, 15]]).tolist() == [[1.0, 0.5], [0.25, 0.1]]
    assert made["lr"]([]).shape == (0,)


@pytest.mark.parametrize("copies", [1, 16])
def test_copies_that_differ(copies: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cycles that grow are written one by one, and beyond some number are a table, where there is an end."""
    monkeypatch.setattr(fitting, "_COPIES", copies)
    bounds = lr("cosine(1, 0) for 10 repeat stretch 1.01", 1000)
    assert "walk_1" in bounds["lr"].source
    assert ("TABLE_1" in bounds["lr"].code("js")) == (copies == 1)
    asked = [(0, step) for step in range(0, 1009, 7)]
    wanted = [bounds["lr"].walk(step) for _, step in asked]
    for language in RUNNERS:
        assert_alike(language, RUNNERS[language](bounds, asked, tmp_path), [*bounds.values()], asked, wanted)


def test_copies_without_end() -> None:
    with pytest.raises(ScheduleError, match="no closed formula") as caught:
        parse("cosine(1, 0) for 10 repeat stretch 1.001").bind().code("c")
    assert caught.value.diagnostics[0].code == "E412"


WRONG = {
    "language": (("cobol",), {}, "E404"),
    "keyword": (("c",), {"name": "double"}, "E404"),
    "function": (("c",), {"name": "sin"}, "E404"),
    "reserved": (("c",), {"name": "__lr"}, "E404"),
    "made": (("js",), {"name": "part_1"}, "E404"),
    "name": (("python",), {"name": "a b"}, "E404"),
    "no language": ((["c"],), {}, "E404"),
    "no name": (("c",), {"name": 3}, "E404"),
    "empty name": (("js",), {"name": ""}, "E404"),
    "name of a table": (("json",), {"name": "lr"}, "E404"),
    "every of a function": (("c",), {"every": 2}, "E404"),
    "every": (("csv",), {"every": 0.5}, "E407"),
    "rows": (("csv",), {"every": -1}, "E407"),
}


HEADERS = """\
assert complex ctype errno fenv float inttypes limits locale math setjmp signal stdarg stdbool stddef stdint stdio
stdlib string time wchar wctype
"""


def declared() -> set[str]:
    """The functions of the standard library of C, as its headers have them, and the macros of those that we include."""
    headers = "".join(f"#include <{name}.h>\n" for name in HEADERS.split())
    functions = re.findall(r"\b([a-z]\w*)\s*\(", run(["gcc", "-std=c99", "-E", "-"], headers))
    ours = "#include <math.h>\n#include <stdint.h>\n"
    macros = re.findall(r"#define ([A-Za-z]\w*)", run(["gcc", "-std=gnu17", "-dM", "-E", "-"], ours))
    return {*functions, *macros}


@pytest.mark.parametrize("language", RUNNERS)
def test_words_of_a_language(language: str, tmp_path: Path) -> None:
    """What has a meaning is refused as a name; as a key it becomes another one, and those are functions."""
    words = declared() if language == "c" else {*LANGUAGES[language].RESERVED}
    words |= {"a b", "1st", "len(betas)", "lr_"}
    bound = parse("0.5").bind()
    source = code(dict.fromkeys(words, bound), language)
    names = re.findall(r"^(?:#|//) (\w+): 0\.5$", source, re.MULTILINE)
    assert [word for word, name in zip(words, names, strict=True) if word == name] == ["lr_"]
    for word in words - {"lr_"}:
        with pytest.raises(ScheduleError, match="cannot be the name of a function"):
            bound.code(language, name=word)
    asked = [(index, 3) for index in range(len(names))]
    assert {*RUNNERS[language](dict.fromkeys(names, bound), asked, tmp_path)} == {0.5}


def test_words_of_javascript() -> None:
    """Whatever Node takes for no name is refused."""
    words = sorted({word for each in LANGUAGES.values() for word in each.RESERVED})
    script = f"""
        for (const word of {words}) try {{ new Function(`"use strict"; function ${{word}}() {{}}`) }}
        catch (error) {{ console.log(word) }}
    """
    assert {*run(["node", "-e", script]).split()} <= LANGUAGES["js"].RESERVED


@pytest.mark.parametrize(("language", "options", "expected"), WRONG.values(), ids=WRONG)
def test_wrong(language: tuple[Any], options: dict[str, Any], expected: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse("cosine").bind(10).code(*language, **options)
    assert caught.value.diagnostics[0].code == expected
    assert caught.value.diagnostics[0].hint


def test_distance_is_told_as_a_number() -> None:
    with pytest.raises(ScheduleError, match=r"distance between steps is 1\.5, but has to be a whole number"):
        parse("cosine").bind(10).code("csv", every=Fraction(3, 2))


def test_header_tells_the_run_and_its_parameters() -> None:
    bound = parse("cosine to low").bind(100, base=2, low=0.1)
    assert bound.code("c").splitlines()[1] == "// total_steps=100, base=2.0, low='0.1'"


def test_no_end_no_table() -> None:
    with pytest.raises(ScheduleError, match="E407"):
        parse("step").bind().code("csv")
    with pytest.raises(ScheduleError, match="too long"):
        parse("cosine").bind(10**9).code("json")


def test_no_whole_steps() -> None:
    """A clock of epochs has a table, and no function."""
    bound = parse("cosine").bind("3ep", clock="ep", steps_per_epoch=10)
    with pytest.raises(ScheduleError, match="E412"):
        bound.code("c")
    assert bound.code("csv", every=0.5).splitlines()[-6:] == [
        f"{step},{bound(step)}" for step in (0, 0.5, 1, 1.5, 2, 2.5)
    ]


def test_csv(tmp_path: Path) -> None:
    """What pandas reads with `comment="#"`, and what stands in the comments."""
    bound = parse("warmup(peak) then cosine").bind(100, base=0.1, peak="10%")
    *above, names, first, second = bound.code("csv", every=50).splitlines()
    assert [names, first, second] == ["step,value", "0,0.0", f"50,{bound(50)}"]
    told = {key: json.loads(value) for key, value in (line[2:].split(": ", 1) for line in above)}
    assert told["text"] == "warmup(peak) then cosine"
    assert told["run"] == {"total_steps": 100, "base": 0.1, "params": {"peak": "10%"}}
    assert told["fingerprint"] == bound.fingerprint
    assert [phase["text"] for phase in told["phases"]] == ["warmup(peak)", "cosine"]


def test_json() -> None:
    bound = parse("warmup(10%) then cosine").bind(100, base=0.1)
    told = json.loads(bound.code("json"))
    assert told["step"] == list(range(100))
    assert told["values"] == [bound.walk(step) for step in range(100)]
    phase = {"first": 10, "stop": 100, "start": 0.1, "end": 0.0, "shape": "cosine", "text": "cosine"}
    assert told["phases"][1] == phase


# The command line.


def test_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    bound = parse("linear(1, 0)").bind(10)
    assert main(["compile", "linear(1, 0)", "--total", "10", "--to", "c", "--name", "lr"]) == 0
    assert capsys.readouterr() == (bound.code("c", name="lr"), "")
    assert main(["compile", "linear(1, 0)", "--total", "10", "--to", "js", "-o", "lr.mjs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"file": "lr.mjs", "warnings": []}
    assert Path("lr.mjs").read_text() == bound.code("js")
    assert main(["compile", "linear(1, 0)", "--total", "10", "--to", "python", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"source": bound.code("python"), "warnings": []}
    assert main(["compile", "linear(1, 0)", "--to", "csv"]) == 1
    assert "add `--total" in capsys.readouterr().err


def test_set() -> None:
    """All of a set, lists and their lengths, too."""
    texts = {"stages": {"a": 5, "b": "rest"}, "lambda": {"a": [0.1], "b": [0.1, 0.2]}, "lr": "linear(1, 0)"}
    bounds = ScheduleSet(texts).bind(10)
    made: dict[str, Any] = {}
    exec(bounds.code("python"), made)
    for step in range(12):
        values = [made[f"lambda_{index}"](step) for index in range(int(made["len_lambda"](step)))]
        assert {"lambda": values, "lr": made["lr"](step)} == bounds(step)
    assert "step,lambda.0,lambda.1,lr,len(lambda)\n0," in bounds.code("csv")
    told = json.loads(bounds.code("json"))
    assert told["lambda.1"]["values"] == [bounds["lambda.1"](step) for step in range(10)]


@pytest.mark.parametrize("key", ["lr", "学", "a b", "a\nb", 'say "x"', "a,b", "# a"])
def test_columns_of_odd_names(key: str) -> None:
    """They are read as they were written."""
    source = ScheduleSet({key: "linear(1, 0)", "b": 3}).bind(4).code("csv")
    comments = re.findall(r"^# (.*?): \S.*\n", source, re.MULTILINE)
    label = comments[0].removesuffix(".text")
    assert (json.loads(label) if label.startswith('"') else label) == key
    rows = [*csv.reader(source.splitlines(keepends=True)[len(comments) :])]
    assert rows[:2] == [["step", key, "b"], ["0", "1.0", "3.0"]]


def test_names_that_meet() -> None:
    with pytest.raises(ScheduleError, match="that of `a b` is called so, too"):
        ScheduleSet({"a b": 1, "a_b": 2}).bind(4).code("c")
    with pytest.raises(ScheduleError, match="would be called ``"):
        ScheduleSet({"学": 1}).bind(4).code("c")
    with pytest.raises(ScheduleError, match="two columns would be called `step`"):
        ScheduleSet({"step": 1, "b": 2}).bind(4).code("csv")


def test_command_of_a_section(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All schedules of a section are functions by their keys, or columns."""
    monkeypatch.chdir(tmp_path)
    Path("train.yaml").write_text("optim:\n  lr: linear(1, 0)\n  weight_decay: 0.1 for 5 then 0.2\n")
    assert main(["compile", "train.yaml:optim", "--total", "10", "--to", "csv", "--every", "5"]) == 0
    assert capsys.readouterr().out.splitlines()[-3:] == ["step,lr,weight_decay", "0,1.0,0.1", "5,0.5,0.2"]
    assert main(["compile", "train.yaml:optim", "--total", "10", "--to", "python"]) == 0
    made: dict[str, Any] = {}
    exec(capsys.readouterr().out, made)
    assert (made["lr"](5), made["weight_decay"](5)) == (0.5, 0.2)
    assert main(["compile", "train.yaml:optim.lr", "--total", "10", "--to", "python"]) == 0
    assert "def schedule(step)" in capsys.readouterr().out
    for options in (["--to", "csv", "--name", "x"], ["--to", "c", "--name", ""]):
        assert main(["compile", "train.yaml:optim.lr", "--total", "10", *options]) == 1
        assert "E404" in capsys.readouterr().err
    assert main(["compile", "train.yaml:optim", "--total", "10", "--to", "c", "--name", "x"]) == 1
    assert "`--name` is given" in capsys.readouterr().err
