"""`schedlang check` and `schedlang format` on files: where mistakes are, how they are mended, what is found."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import sys
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import pytest
import yaml
from helpers import COMMAND, EXAMPLES, EXPECTED, cases, lines_of, refused, streams
from hypothesis import given, settings
from hypothesis import strategies as st

from schedlang import ScheduleError, parse
from schedlang._cli import main
from schedlang._files.carried import Carried
from schedlang._files.discovery import may_have_schedules, schedules_in
from schedlang._files.formats import ConfigFile
from schedlang._files.formats import ScalarStyle as Style
from schedlang._files.formats.yamls import quoted
from schedlang._files.opening import open_file
from schedlang._files.reading import read_reference as read
from schedlang._files.recognizing import Kin, Under, recognized
from schedlang._files.rewriting import reformatted
from schedlang._files.settings import Settings, find_settings
from schedlang._language.formatting import format_text

YAML, UNFORMATTED, FORMATTED = (
    (EXPECTED / f"{name}.yaml").read_text(encoding="utf-8") for name in ("mistakes", "unformatted", "formatted")
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def write(name: str, text: str) -> None:
    """Write a file, its line ends as they are."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


POINTS_INTO_THE_FILE = cases("points.jsonl")


@pytest.mark.parametrize(
    ("name", "text", "line", "column", "length"), POINTS_INTO_THE_FILE.values(), ids=POINTS_INTO_THE_FILE
)
def test_points_into_the_file(
    name: str, text: str, line: int, column: int, length: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistake has the line and the column of the file, and carets below its own characters."""
    write(name, text)
    assert main(["check", name]) == 1
    printed = capsys.readouterr().err.split("\n")
    assert printed[1].strip().startswith(f"--> {name}:{line}:{column} (")
    assert printed[3].startswith(f"{line} | ")
    assert printed[4].split("|")[1] == " " * column + "^" * length


WORDS = st.lists(st.sampled_from([*"ab#'\"\\:,%[{|>é\t", "  ", "\n", "\n\n", "then", "\U0001f600"]), max_size=12)


@given(WORDS.map("".join), st.sampled_from([Style.DOUBLE, Style.LITERAL, Style.JSON, Style.TOML, Style.TOML_LINES]))
def test_every_character_has_its_place(text: str, style: Style) -> None:
    """Whatever is written into a file by the format's own writer, each of its characters is found there."""
    if style in (Style.DOUBLE, Style.LITERAL):
        name, content = "a.yaml", yaml.dump({"k": text}, default_style='"' if style is Style.DOUBLE else "|")
    elif style is Style.JSON:
        name, content = "a.json", json.dumps({"k": text}, indent=2)
    else:
        quotes = '"' if style is Style.TOML else '"""'
        name, content = "a.toml", f"k = {quotes}{json.dumps(text, ensure_ascii=False)[1:-1]}{quotes}"
    file = ConfigFile.of(name, content)
    ((_, leaf),) = file.leaves()
    assert leaf.value == text
    assert leaf.pieces is not None
    for character, span in zip(text, leaf.pieces, strict=True):
        assert file.source()[span] == character or file.source()[span].startswith("\\") or character in " \n"


EXPLAINS_YAML = cases("explains-yaml.jsonl")


@pytest.mark.parametrize(("text", "code", "shown"), EXPLAINS_YAML.values(), ids=EXPLAINS_YAML)
def test_explains_yaml(text: str, code: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What YAML makes of a schedule that it doesn't take as text is explained where it happens."""
    write("a.yaml", text)
    assert main(["check", "a.yaml", "--format", "line"]) == 1
    (line,) = lines(capsys)
    assert line.startswith(f"a.yaml:{shown}: error[{code}]: ")
    assert "(help: " in line


REFUSES_AT_A_KEY = {
    "list": ("lr: [1, 2]", "E506"),
    "mapping": ("lr: {a: 1}", "E506"),
    "bool": ("lr: true", "E506"),
    "null": ("lr:", "E506"),
    "hydra-sweep": ("hydra:\n  sweeper:\n    params:\n      lr: interval(0.5, 1)", "E509"),
    "sweep-object": ("lr: {_target_: hydra.core.IntervalSweep, start: 1}", "E509"),
}


@pytest.mark.parametrize(("text", "code"), REFUSES_AT_A_KEY.values(), ids=REFUSES_AT_A_KEY)
def test_refuses_at_a_key(text: str, code: str) -> None:
    """What is asked for by its key has to be a schedule."""
    write("a.yaml", text)
    key = "hydra.sweeper.params.lr" if "sweeper" in text else "lr"
    (diagnostic,) = refused(read, f"a.yaml:{key}").diagnostics
    assert diagnostic.code == code
    assert diagnostic.source is not None
    assert (diagnostic.source.name, diagnostic.source.key) == ("a.yaml", key)


SESSIONS = [part.partition("\n") for part in (EXPECTED / "sessions.txt").read_text(encoding="utf-8").split("=== ")[1:]]


@pytest.mark.parametrize("session", [rest for _, _, rest in SESSIONS], ids=[title for title, _, _ in SESSIONS])
def test_sessions(session: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In a folder of its own each command prints this, and each file has become this."""
    for command, shown, code in COMMAND.findall(session):
        program, *arguments = shlex.split(command)
        if program == "schedlang":
            assert main(arguments) == int(code or 0)
            assert capsys.readouterr() == streams(shown)
        elif arguments[0] == ">":
            write(arguments[1], shown)
        else:
            assert Path(arguments[0]).read_bytes().decode() == shown


def test_settings_of_a_folder(folder: Path) -> None:
    """Those of the nearest project."""
    write("pyproject.toml", '[tool.schedlang]\nkeys = ["lr", "optim.*.wd"]\n')
    assert find_settings(folder / "conf").keys == ("lr", "optim.*.wd")


@pytest.mark.parametrize("pattern", ["old", "configs/old", "*.yaml", "configs/old/a.yaml"])
def test_what_is_left_out_is_so_from_everywhere(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Patterns are of places in the project, wherever a command runs and however it calls a file."""
    write("configs/old/a.yaml", "lr: cosin(1, 0)\n")
    write("pyproject.toml", f'[tool.schedlang]\nexclude = ["{pattern}"]\n')
    for folder, names in [(".", ["configs/old/a.yaml", "."]), ("configs/old", ["a.yaml", "../old/a.yaml", "."])]:
        monkeypatch.chdir(folder)
        assert [main(["check", name]) for name in [*names, str(Path(names[0]).absolute())]] == [0] * (len(names) + 1)


def test_keys_are_looked_for_in_one_go() -> None:
    """A long word costs as much as many short ones; a million characters would take hours otherwise."""
    assert may_have_schedules("# " + "a" * 1_000_000 + "\nlr : 1", Settings())
    assert not may_have_schedules("x: " + "ab-" * 300_000 + " " * 100_000 + "\n", Settings())


@pytest.mark.parametrize("word", ["constant", "exponential", "interval", "warmup", "values"])
def test_words_of_other_systems(word: str) -> None:
    """A word that is no schedule by itself is another system's."""
    write("a.yaml", f"lr_scheduler_type: {word}\n")
    assert main(["check", "a.yaml"]) == 0


def test_no_two_texts_are_formatted() -> None:
    assert main(["format", "cosine", "linear"]) == 2


WHOSE_A_TEXT_IS = cases("looks.jsonl")


@pytest.mark.parametrize(("text", "value", "rate", "schedule"), WHOSE_A_TEXT_IS.values(), ids=WHOSE_A_TEXT_IS)
def test_whose_a_text_is(text: str, value: str, rate: str, schedule: str) -> None:
    """Under a default key a text counts if it is a schedule of ours, or should be: below `lr`, `lr_*`, `*schedule*`."""
    assert [recognized(text, under).name for under in (Under.VALUE, Under.RATE, Under.SCHEDULE)] == [
        value,
        rate,
        schedule,
    ]
    assert recognized(text, Under.NAMED) is Kin.OURS


OTHER_SYSTEMS = cases("other-systems.jsonl")


@pytest.mark.parametrize(("name", "text"), OTHER_SYSTEMS.values(), ids=OTHER_SYSTEMS)
def test_files_of_other_systems_are_left_alone(name: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing in them is changed, and of no value is anything said; what is no YAML or JSON is no mistake."""
    write(name, text)
    assert main(["check", name, "--fix", "--format", "line"]) == 0
    assert {line.split(": ")[1] for line in lines(capsys)} <= {"warning[W531]"}
    assert main(["check", name, "--total", "10M", "--steps-per-epoch", "100"]) == 0
    assert main(["format", "."]) == 0
    assert Path(name).read_bytes() == text.encode()


THEIRS = [text for text, *kins in WHOSE_A_TEXT_IS.values() if kins == ["THEIRS"] * 3 and "${" not in text]
SHARED = ["1E-3", "6e-06", "10e-4", "0.10", "1e-4", ".5", "-1", "1_000", "linear(1.0,0.1,10000000)", "cosine", "hold"]
KEYS_OF_OTHERS = ["lr", "head_lr", "lr_schedule", "lr_scheduler_type", "weight_decay", "dropout", "schedule", "name"]


def _as_toml(content: dict[str, dict[str, Any]]) -> str:
    values = {
        key: value for key, value in content["optim"].items() if value is not None and not isinstance(value, dict)
    }
    return "[optim]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())


VALUES_OF_OTHERS = st.sampled_from(
    [*THEIRS, *SHARED, 3e-4, 7, 0, True, None, [1e-3, "1E-4"], {"type": "WarmupLR", "lr": "auto"}]
)


@given(
    st.dictionaries(st.sampled_from(KEYS_OF_OTHERS), VALUES_OF_OTHERS), st.sampled_from(["a.yaml", "a.json", "a.toml"])
)
def test_values_of_other_systems_are_left_alone(values: dict[str, Any], name: str) -> None:
    """Whatever stands under the default keys that is not ours for certain keeps its bytes, and is no mistake."""
    text = {"a.yaml": yaml.dump, "a.json": json.dumps, "a.toml": _as_toml}[name]({"optim": values})
    write(name, text)
    for command in (["check", "--fix"], ["check", "--total", "10M"], ["format"]):
        with redirect_stderr(io.StringIO()) as told:
            assert main([*command, name]) == 0
        assert not told.getvalue()
    assert Path(name).read_bytes() == text.encode()


@pytest.mark.parametrize("key", ["lr", "lr_schedule"])
@pytest.mark.parametrize(
    "text",
    [
        "CosineAnnealingLR(3e-4, 0)",
        "get_cosine_schedule_with_warmup(10, 100)",
        "torch.optim.lr_scheduler.StepLR(30, 0.1)",
        "1e-3 -> 1e-5",
        "1e-3 to 1e-5",
        "base * 0.1 ** (step // 30)",
        "1e-3 for 10 epochs; 1e-4",
        "1e-3 * (1 - step / total_steps) ** 0.9",
    ],
)
def test_schedules_in_other_words_are_errors(key: str, text: str) -> None:
    """Where a rate stands they are plainly meant as schedules; nothing of them is changed."""
    write("a.yaml", f"{key}: {text}\n")
    assert main(["check", "a.yaml", "--fix"]) == 1
    assert Path("a.yaml").read_text(encoding="utf-8") == f"{key}: {text}\n"


def test_their_calls_are_told_under_any_key() -> None:
    """A call by a name that is another library's for certain is told of, even where others have schedules too."""
    for text in ("CosineAnnealingLR(optimizer, T_max=100)", "torch.optim.lr_scheduler.StepLR(opt, 30)"):
        write("a.yaml", f"schedule: {text}\n")
        assert main(["check", "a.yaml"]) == 1


@pytest.mark.parametrize(
    ("reference", "text", "lines"),
    [
        ("a.yaml:optim.lr", "optim:\n  lr: cosine\n  wd: 0.1\n  lr: linear\n", [(2, 4)]),
        ("a.yaml:optim.lr", "optim:\n  lr: 0.1\n  lr: 0.01\n  lr: 0.2\n", [(2, 3, 4)]),
        ("a.yaml:optim.wd", "optim:\n  lr: cosine\noptim:\n  wd: 1\n  dropout: 0.1\n", [(1, 3)]),
        ("a.json:lr", '{"lr": "cosine",\n"lr": "linear"}', [(1, 2)]),
        ("a.yaml:b.lr", "a: &a {lr: cosine}\nb: {<<: *a, lr: linear}\nname: x\nname: y\n", []),
    ],
)
def test_keys_that_stand_twice(reference: str, text: str, lines: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Of schedules they are an error that tells all places; the format's parser would take the last and say nothing."""
    name = reference.partition(":")[0]
    write(name, text)
    for argument in (name, reference):
        assert main(["check", argument, "--json"]) == bool(lines)
        told = json.loads(capsys.readouterr().out)["errors"]
        assert {each["code"] for each in told} <= {"E514"}
        assert [tuple(map(int, re.findall(r"\d+", each["message"].partition("(")[2]))) for each in told] == lines


def test_own_keys_are_taken_at_their_word() -> None:
    """What stands at a key that the project names has to be a schedule; interpolations are filled in by others."""
    text = "a: {rate: true}\nb: {rate: what is this}\nc: {rate: '${a.rate}'}\nlr: cosin(1, 0)\nx: {y: [{z: hold}]}\n"
    file = ConfigFile.of("a.yaml", text)
    found = list(schedules_in(file, Settings(keys=("rate", "x.*.z"), strict=True)))
    assert [(each.path, each.schedule is None) for each in found] == [
        (("a", "rate"), True),
        (("b", "rate"), False),
        (("x", "y", "0", "z"), False),
    ]


def test_fixes(capsys: pytest.CaptureFixture[str]) -> None:
    """What has a fix is mended in the style that it is written in, and not a byte else is touched."""
    write("a.yaml", YAML)
    mended = YAML.replace("lr: cosine(1e-3, 0),", 'lr: "cosine(1e-3, 0)",').replace("linaer", "linear")
    mended = mended.replace("cosnie", "cosine")
    for wrong in ("cosin(3e-4, 0)", "'cosin(1, 0)'", "cosin(1e-3, 0)", "cosin to 0"):
        mended = mended.replace(wrong, wrong.replace("cosin", "cosine"))
    assert main(["check", "a.yaml", "--fix"]) == 1  # a word alone may be another system's
    assert Path("a.yaml").read_bytes().decode() == mended
    assert "`cosin`" in capsys.readouterr().err
    write("a.yaml", mended.replace("dropout: cosin\n", "dropout: cosine\n"))
    assert main(["check", "a.yaml"]) == 0


@pytest.mark.parametrize("text", lines_of("guesses.txt"))
def test_guesses_are_not_applied(text: str) -> None:
    """What changes a number, a sign, a unit or an operator, or adds or drops a word, is for the user to do."""
    write("a.yaml", f"lr: {text}\n")
    main(["check", "a.yaml", "--fix"])
    assert Path("a.yaml").read_text(encoding="utf-8") == f"lr: {text}\n"


FIXES_BYTE_FOR_BYTE = cases("bytes.jsonl")


@pytest.mark.parametrize(("name", "before", "after"), FIXES_BYTE_FOR_BYTE.values(), ids=FIXES_BYTE_FOR_BYTE)
def test_fixes_byte_for_byte(name: str, before: str, after: str) -> None:
    """Byte order marks, line ends, blanks and escapes stay."""
    write(name, before)
    assert main(["check", name, "--fix"]) == 0
    assert Path(name).read_bytes() == after.encode()


def test_fix_needs_files(capsys: pytest.CaptureFixture[str]) -> None:
    """There is nowhere to write the fix of a text."""
    assert main(["check", "cosin(1, 0)", "--fix"]) == 2
    assert "no texts" in capsys.readouterr().err


def test_missing_file(capsys: pytest.CaptureFixture[str]) -> None:
    """A file that isn't there is missing, not a schedule with a mistake."""
    assert main(["check", "missing.yaml"]) == 3
    assert "there is no file `missing.yaml`" in capsys.readouterr().err


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_formats_files(newline: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Schedules are written anew in the style of their values, and nothing else is touched."""
    write("a.yaml", UNFORMATTED.replace("\n", newline))
    assert main(["format", "a.yaml", "--check"]) == 1
    assert Path("a.yaml").read_bytes().decode() == UNFORMATTED.replace("\n", newline)
    changed = [f"a.yaml:optim.{key}" for key in ("lr", "head_lr", "weight_decay", "folded_lr")]
    assert lines(capsys) == [f"would format  {key}" for key in changed]
    assert main(["format", "."]) == 0
    assert Path("a.yaml").read_bytes().decode() == FORMATTED.replace("\n", newline)
    capsys.readouterr()
    assert main(["format", "a.yaml", "--check"]) == 0
    assert lines(capsys) == []


TEXTS = st.sampled_from(
    [
        "warmup(5%) then cosine to 0",
        "linear from 0 to 3e-4 for 500 # up\nthen hold until 80%\n# down\nthen cosine to 0",
        "max(cosine(1, 0) for d, w) * 2 where d = 5%, w = 3e-4",
        "keyframes(0 @ 0, # a\n1 @ 5%, 0 @ 100%) for 50% then (linear(1, 0) for 5 then hold) over 10 repeat",
    ]
)


@given(TEXTS, st.sampled_from(Style), st.sampled_from([20, 40, 100]), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=2 * EXAMPLES)
def test_formatting_in_files_is_stable(text: str, style: Style, width: int, newline: str) -> None:
    """In every style: the meaning stays, and what has been formatted isn't formatted again."""
    flat = " ".join(text.split())
    name, content = {
        Style.PLAIN: ("a.yaml", f"a:\n  lr: {flat}\n  x: 1\n"),
        Style.SINGLE: ("a.yaml", f"a:\n- lr: '{flat}'\n  x: 1\n"),
        Style.DOUBLE: ("a.yaml", f"a:\n  lr: {quoted(text)}\n  x: 1\n"),
        Style.LITERAL: ("a.yaml", "a:\n  lr: |\n    " + text.replace("\n", "\n    ") + "\n  x: 1\n"),
        Style.FOLDED: ("a.yaml", "a:\n  lr: >-\n    " + text.replace("\n", "\n\n    ") + "\n  x: 1\n"),
        Style.JSON: ("a.json", json.dumps({"lr": text, "x": 1}, indent=1)),
        Style.TOML: ("a.toml", f"lr = {quoted(text)}\nx = 1\n"),
        Style.TOML_RAW: ("a.toml", f"lr = '{flat}'\nx = 1\n"),
        Style.TOML_LINES: ("a.toml", f'lr = """\n{text}"""\nx = 1\n'),
        Style.TOML_RAW_LINES: ("a.toml", f"lr = '''\n{text}\n'''\nx = 1\n"),
        Style.OTHER: ("a.json", '{"lr": 3e-4}'),
    }[style]
    file: ConfigFile | None = ConfigFile.of(name, content.replace("\n", newline))
    for attempt in range(2):
        assert file is not None
        found = next(iter(schedules_in(file, Settings())), None)
        if found is None or found.schedule is None:
            return
        schedule = found.schedule
        try:
            before = parse(schedule.text)
        except ScheduleError:
            return  # a comment has swallowed the rest
        edits = reformatted(schedule, width)
        assert edits is None or attempt == 0
        if edits is not None:
            file = file.edited(edits)
            assert file is not None
            ((_, leaf), *others) = file.leaves()
            assert parse(leaf.value) == before
            assert [each.value for _, each in others] == [1]


@pytest.mark.parametrize("key", ["lr", "some_long_name_of_a_lr"])
@pytest.mark.parametrize("blank", ["", "  ", "\n", " \n\n"])
def test_block_behind_empty_lines_keeps_its_indentation(key: str, blank: str) -> None:
    """Where a block begins with empty lines, the column is that of its text."""
    write("a.yaml", f"{key}: |\n{blank}\n  cosine from 1.0 to 0.001\nx: 1\n")
    assert main(["format", "a.yaml"]) == 0
    assert Path("a.yaml").read_text(encoding="utf-8") == f"{key}: |\n  cosine(1, 1e-3)\nx: 1\n"


def test_carried_is_formatted_like_a_text() -> None:
    """In a block with room the lines are those of the text alone."""
    text = "linear from 0 to 3e-4 for 500 then cosine to 0"
    write("a.yaml", f"lr: |\n  {text}\n")
    carried = read("a.yaml:lr")
    assert isinstance(carried, Carried)
    (edit,) = reformatted(carried, 30) or ()
    assert edit.text == "|\n  " + format_text(text, 28).replace("\n", "\n  ") + "\n"
    assert open_file("a.yaml").text[edit.span.start :] == f"|\n  {text}\n"


@pytest.mark.parametrize("command", [["format"], ["check"], ["check", "--fix"]])
def test_an_empty_argument_is_no_folder(command: list[str]) -> None:
    """A variable of the shell that is not set doesn't stand for all files of the current folder."""
    write("a.yaml", "lr: cosin(1,0)\n")
    assert main([*command, ""]) != 0
    assert Path("a.yaml").read_text(encoding="utf-8") == "lr: cosin(1,0)\n"


def test_files_that_are_no_text(capsys: pytest.CaptureFixture[str]) -> None:
    """A file of a folder that isn't UTF-8 is told of, a pipe is passed by, and a link to nowhere isn't offered."""
    Path("a.yaml").write_bytes("lr: cosin(1, 0) # é\n".encode("latin-1"))
    os.mkfifo("b.yaml")
    Path("c.yaml").write_bytes("name: é\n".encode("latin-1"))
    Path("d.yaml").write_bytes("lr: 0.1 # é\n".encode("latin-1"))
    assert main(["check", ".", "--format", "line"]) == 1
    assert [line.partition("]")[0] for line in lines(capsys)] == ["error[E504", "warning[W531"]
    Path("dangling.yaml").symlink_to("nowhere.yaml")
    assert main(["check", "dangling.yaml"]) != 0
    assert "did you mean `dangling.yaml`" not in capsys.readouterr().err


@pytest.mark.parametrize(("command", "code"), [(["check", "--fix"], 1), (["format"], 3)])
def test_a_file_that_cannot_be_written_stops_no_other(
    command: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its mistakes are told, and why it was not written."""
    before, after = "lr: cosin from 1.0 to 0\n", "lr: cosine from 1.0 to 0\n"
    if command == ["format"]:
        before, after = after, "lr: cosine(1, 0)\n"
    for name in ("a.yaml", "b.yaml", "c.yaml"):
        write(name, before)
    os.link("b.yaml", "b")
    assert main([*command, "."]) == code
    assert [Path(name).read_text(encoding="utf-8") for name in ("a.yaml", "b.yaml", "c.yaml")] == [after, before, after]
    told = capsys.readouterr().err
    assert "cannot write `b.yaml`: the file has 2 names" in told
    assert ("--> b.yaml:1:5 (lr)" in told) == (code == 1)
    assert sorted(each.name for each in Path.cwd().iterdir()) == ["a.yaml", "b", "b.yaml", "c.yaml"]


def test_a_package_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Also of files that may be other systems': they were not looked at."""
    write("a.yaml", "lr: 0.1\n")
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert main(["check", "a.yaml"]) == 3
    assert "E502" in capsys.readouterr().err


def test_names_of_files_are_shown_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is in them."""
    write("we\nird\x1b.yaml", "lr: cosin(1, 0)\nwd: cosine from 1.0 to 0\n")
    main(["check", "we\nird\x1b.yaml"])
    main(["format", ".", "--diff"])
    main(["check", "we\nird\x1b.yaml", "--fix"])
    out, err = capsys.readouterr()
    assert "\nird" not in out + err
    assert "\x1b" not in out + err
