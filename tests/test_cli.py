"""The command line, as a user sees it."""

from __future__ import annotations

import inspect
import io
import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from helpers import COMMAND, EXPECTED, ROOT, SECTION_1, cases, printed, streams

from schedlang.__main__ import main as command
from schedlang._cli import main
from schedlang._language.nodes import PRIMITIVES
from schedlang._text.run import RATES

RUN = ["--total", "30k", "--steps-per-epoch", "312.5", "--tokens-per-step", "524288", "--base", "3e-4"]


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 80 columns, and a directory with a config file, to work in."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.yaml").write_text(
        "optim:\n  lr: linear from 0 to 0.5 for 5% then linear\n  wd: 0.1\n  bad: cosin(1, 0)\n", encoding="utf-8"
    )


def started(*arguments: str, stdout: Any = subprocess.PIPE) -> subprocess.Popen[str]:
    environment, pipe = {**os.environ, "PYTHONPATH": str(ROOT)}, subprocess.PIPE
    command = [sys.executable, "-m", "schedlang", *arguments]
    return subprocess.Popen(command, stdin=pipe, stdout=stdout, stderr=pipe, text=True, env=environment)


COMMANDS = COMMAND.findall((EXPECTED / "commands.txt").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("command", "shown", "code"), COMMANDS, ids=[command for command, _, _ in COMMANDS])
def test_prints(command: str, shown: str, code: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each command prints exactly this; with --json the object counts."""
    assert main(shlex.split(command)[1:]) == int(code or 0)
    out, err = capsys.readouterr()
    if command.endswith("--json"):
        expected = json.loads(shown)
        if "run" in expected:
            expected["run"] = {**dict.fromkeys(RATES), **expected["run"]}
        assert (json.loads(out), err) == (expected, "")
    else:
        assert (out, err) == streams(shown)


@pytest.mark.parametrize(
    ("rate", "steps"),
    [("500k", "20"), ("0.5M", "20"), ("5e2k", "20"), ("500_000", "20"), ("+5e5", "20"), ("333.3k", "30.00300030003")],
)
def test_rates_as_the_language_writes_them(rate: str, steps: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A rate may end in k, M, B or T as `--total` may, and is exact."""
    assert main(["explain", "1 for 10M tok then 0", "--total", "10k", "--tokens-per-step", rate, "--json"]) == 0
    (time,) = json.loads(capsys.readouterr().out)["times"]
    assert f"{time['steps']:.13g}" == steps


def test_steps_as_the_language_writes_them(capsys: pytest.CaptureFixture[str]) -> None:
    """As `--total` does, and exactly."""
    assert main(["eval", "step", "1.5k", "2k:4k:1k", "--total", "10k", "--json"]) == 0
    assert [each["step"] for each in json.loads(capsys.readouterr().out)["values"]] == [1500, 2000, 3000]
    assert main(["table", "step", "--total", "1M", "--every", "250k", "--json"]) == 0
    assert [each["step"] for each in json.loads(capsys.readouterr().out)["values"]][:2] == [0, 250_000]
    assert [main(["eval", "step", wrong, "--total", "10k"]) for wrong in ("5kk", "k", "-1k")] == [2, 2, 2]


def test_explain_elides(capsys: pytest.CaptureFixture[str]) -> None:
    """Long texts and long phase tables are cut in their middles."""
    longest = "max(" + ", ".join(f"cosine({n}, 0)" for n in range(1, 30)) + ")"
    assert main(["explain", f"{longest} for 10 repeat 50", "--total", "500"]) == 0
    told, printed = capsys.readouterr().out.split("\n\n")[:2]
    assert told.startswith("Steps 0 – 499: plays this 50 times, every 10 steps (`max(cosine(1, 0), cosine(2, 0), ")
    lines = printed.split("\n")
    assert lines[0] == "from   to  starts at  ends at  shape  text"
    assert lines[30:33] == [
        " 290  300  29.0       0.0      max    max(cosine(1, 0), co…, 0), cosine(29, 0))",
        "… 10 more phases (--json lists them all)",
        " 400  410  29.0       0.0      max    max(cosine(1, 0), co…, 0), cosine(29, 0))",
    ]


def test_explain_when(capsys: pytest.CaptureFixture[str]) -> None:
    """`--when` returns 2 after an error, of the text, of the condition, or of parameters."""
    run = ["--total", "10k", "--base", "3e-4"]
    assert main(["explain", "warmup(5%) then cosin", *run, "--when", "> 1e-3"]) == 2
    assert main(["explain", "cosine", *run, "--when", "below 1e-3"]) == 2
    assert "error[E404]: 'below 1e-3' is not a condition on the value" in capsys.readouterr().err
    assert main(["explain", "linear", "cosine", "--total", "4", "--param", "p=1"]) == 1
    assert "E403" in capsys.readouterr().err


def test_explain_step(capsys: pytest.CaptureFixture[str]) -> None:
    """`--step` shows the part in force, and the formula with the numbers in, the parts of a composition first."""
    assert main(["explain", "train.yaml:optim.lr", "--total", "80", "--step", "99", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["value"], found["piece"], found["held"], found["expression"]) == (0.0, "linear", True, "0.0")
    assert found["phase"]["shape"] == "held"
    assert main(["explain", "linear", "--total", "4", "--step", "-1"]) == 2


def test_plot_fits_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A plot is as wide as the terminal and 20 rows high if nothing else is asked."""
    assert main(["plot", "cosine", "--total", "1000"]) == 0
    lines = capsys.readouterr().out.split("\n")[:-1]
    assert (max(map(len, lines)), len(lines)) == (80, 20)


COLORS = {
    "terminal": ("", "auto", True),
    "NO_COLOR": ("1", "auto", False),
    "never": ("", "never", False),
    "always": ("1", "always", True),
}


@pytest.mark.parametrize(("no_color", "option", "colored"), COLORS.values(), ids=COLORS)
def test_colors(no_color: str, option: str, colored: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal gets colours unless NO_COLOR is set, or an option says otherwise."""
    terminals = [io.StringIO(), io.StringIO()]
    for name, terminal in zip(("stdout", "stderr"), terminals, strict=True):
        monkeypatch.setattr(terminal, "isatty", lambda: True)
        monkeypatch.setattr(sys, name, terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", no_color)
    assert main(["plot", "cosine", "--total", "10", "--color", option]) == 0
    assert main(["format", "cosin(1, 0)", "--color", option]) == 1
    found = [terminal.getvalue() for terminal in terminals]
    assert [("\x1b[36m" in found[0]), ("\x1b[1;31merror[E201]\x1b[0m" in found[1])] == [colored, colored]
    assert colored or "\x1b" not in "".join(found)


def test_a_name_that_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """What is shown of an argument has no control characters."""
    assert main(["format", "\u001b[31m:lr"]) == 1
    assert capsys.readouterr() == (
        "",
        "error[E503]: `\ufffd[31m` is not a config file\n"
        "  |\n"
        "1 |  [31m:lr\n"
        "  | ^^^^^\n"
        "  = help: a reference is `FILE:KEY`, and FILE ends in `.yaml`, `.yml`, `.json` or `.toml`; "
        "the text of a schedule has no `:`\n",
    )


@pytest.mark.parametrize("rate", ["k", "infk", "0k", "500 k", "5e9999k", "5k tok", "500K", "five", ""])
def test_wrong_rates(rate: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is no number above zero is refused as other mistakes in the command line are."""
    assert main(["table", "1", "--steps-per-epoch", rate]) == 2
    wrong = f"argument --steps-per-epoch: '{rate}' is not a number above zero"
    assert capsys.readouterr().err.rstrip().split("\n")[-1].partition("error: ")[2] == wrong
    assert main(["eval", "1", "0", "--total", "9", "--tokens-per-step", rate]) > 0  # the text of a schedule, and wrong


def test_a_rate_may_be_a_text(capsys: pytest.CaptureFixture[str]) -> None:
    """The batch that grows, as a text beside the learning rate's."""
    run = ["--total", "20", "--samples-per-step", "4 for 10 then 16"]
    assert main(["explain", "1 until 40 samples then 2", *run]) == 0
    assert "40 samples = step 10" in capsys.readouterr().out
    assert main(["eval", "1", "0", "--total", "9", "--samples-per-step", "4 for"]) == 1
    assert "--samples-per-step:1:6" in capsys.readouterr().err


WRONG_COMMAND_LINES = cases("command-lines.jsonl")


@pytest.mark.parametrize(("arguments", "message"), WRONG_COMMAND_LINES.values(), ids=WRONG_COMMAND_LINES)
def test_wrong_command_lines(arguments: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake in the command line itself is exit code 2, and the last line says which."""
    assert main(shlex.split(arguments)) == 2
    assert capsys.readouterr().err.rstrip().split("\n")[-1].partition("error: ")[2] == message


@pytest.mark.parametrize("text", SECTION_1)
@pytest.mark.parametrize("command", ["eval", "table", "explain", "plot", "format", "check"])
def test_every_command_on_every_text(command: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The texts of the front page work everywhere, and with --json there is one JSON object."""
    options = [] if command == "format" else RUN
    options = [*options, "--every", "997"] if command == "table" else options
    assert main([command, text, *options]) == 0
    assert "error" not in capsys.readouterr().err  # `check` warns of what is shorter than the run
    assert main([command, text, *options, "--json"]) == 0
    assert isinstance(json.loads(capsys.readouterr().out), dict)


def test_json_of_a_primitive(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json a primitive is the object that the help describes."""
    assert main(["primitives", "hold", "--json"]) == 0
    summary = "The value handed on by the phase before, at every step."
    hold = {"name": "hold", "aliases": [], "signature": "hold", "summary": summary, "arguments": []}
    hold["doc"] = inspect.getdoc(PRIMITIVES["hold"])
    assert json.loads(capsys.readouterr().out) == {"primitives": [hold]}


def test_json_errors_without_a_place(capsys: pytest.CaptureFixture[str]) -> None:
    """What has no place in a text has null for it."""
    assert main(["check", "cosine", "--total", "0", "--json"]) == 1
    (error,) = json.loads(capsys.readouterr().out)["errors"]
    assert [error[key] for key in ("code", "start", "end", "line", "column", "source")] == ["E404", *[None] * 5]


def test_primitives(capsys: pytest.CaptureFixture[str]) -> None:
    """`primitives` lists each primitive once, with its signature and a line of what it does."""
    assert main(["primitives"]) == 0
    lines = capsys.readouterr().out.split("\n")
    assert lines[lines.index("step_interval(factor, every, start=…)") + 1].startswith(
        "    Multiplies by `factor` again"
    )
    names = [line.partition("(")[0] for line in lines if line and not line.startswith(" ")]
    assert names == list(dict.fromkeys(cls.name for cls in PRIMITIVES.values()))


@pytest.mark.parametrize("name", PRIMITIVES)
def test_primitive_in_full(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`primitives NAME` shows every argument and the docstring of any primitive, also under another name."""
    assert main(["primitives", name]) == 0
    printed = capsys.readouterr().out
    assert all(f"  {argument.name} " in printed for argument in PRIMITIVES[name].arguments())
    assert printed.rstrip().endswith((inspect.getdoc(PRIMITIVES[name]) or "").rstrip())


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    assert "primitives" in capsys.readouterr().out


SAYS_WHAT_TO_INSTALL = {
    "yaml": ("yaml", ["format", "train.yaml:optim.lr"], "reading YAML"),
    "plotille": ("plotille", ["plot", "cosine", "--total", "10"], "plotting"),
    "shtab": ("shtab", ["completion", "bash"], "completion"),
}


@pytest.mark.parametrize(("package", "arguments", "purpose"), SAYS_WHAT_TO_INSTALL.values(), ids=SAYS_WHAT_TO_INSTALL)
def test_says_what_to_install(
    package: str,
    arguments: list[str],
    purpose: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A command whose package is missing says so, with the command that installs it."""
    monkeypatch.setitem(sys.modules, package, None)
    assert main(arguments) == 3
    assert capsys.readouterr().err == (
        f"error[E502]: {purpose} needs the package `{package}`, which is not installed\n"
        "  = help: run `pip install 'schedlang[cli]'`\n"
    )


def test_reads_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """- stands for what comes from standard input, comments and newlines and all."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("warmup(5%)  # first\nthen cosine\n"))
    assert main(["format", "-"]) == 0
    assert capsys.readouterr().out == "warmup(5%)  # first\nthen cosine\n"


@pytest.mark.parametrize(
    ("text", "formatted"),
    [
        ("cosine", "cosine\n"),
        ("cosine\n", "cosine\n"),
        ("\n \ncosine\n\n", "\n \ncosine\n\n"),
        ("\n cosine( 1,0 ) \n", "\ncosine(1, 0)\n"),
    ],
)
def test_blank_lines_around_stay(
    text: str, formatted: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What comes from standard input is formatted as editors format a file: blank lines around it are left."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    assert main(["format", "-"]) == 0
    assert capsys.readouterr().out == formatted
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    assert main(["format", "--check", "-"]) == (0 if text.strip() == formatted.strip() else 1)


def test_does_not_show_a_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Should schedlang itself fail, that is one line and an exit code of its own."""
    monkeypatch.setattr("schedlang._cli.plots.bounds_of", lambda *_: 1 // 0)
    assert main(["plot", "cosine", "--total", "10"]) == 70
    assert capsys.readouterr().err == (
        "error: schedlang itself failed (ZeroDivisionError: integer division or modulo by zero); please report it\n"
    )


@pytest.mark.parametrize("command", ["eval", "table", "explain", "plot", "format", "check", "primitives", "completion"])
def test_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The help of each subcommand has its JSON and an example."""
    assert main([command, "--help"]) == 0
    printed = capsys.readouterr().out
    assert "with --json:\n  {" in printed
    assert f"example:\n  schedlang {command} " in printed


def test_help_documents_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    printed = capsys.readouterr().out
    assert all(f"\n  {code:<5}" in printed for code in (0, 1, 2, 3, 70, 130, 141))


MODULE = {
    "values": ("eval 'linear(1, 0)' --total 4 2", 0, ("step  value\n   2  0.5\n", "")),
    "error": (
        "table 0 --stop 1 --param x=1",
        1,
        ("", "error[E403]: the text has no parameter `x`\n  = help: remove it, or use it in the text\n"),
    ),
}


@pytest.mark.parametrize(("arguments", "code", "printed"), MODULE.values(), ids=MODULE)
def test_module(arguments: str, code: int, printed: tuple[str, str]) -> None:
    """`python -m schedlang` is the same command line, and its exit code the process's."""
    with started(*shlex.split(arguments)) as process:
        assert process.communicate(timeout=60) == printed
    assert process.returncode == code


def test_reader_stops() -> None:
    """When nobody reads on, as behind `| head`, the command ends quietly."""
    with started("table", "0.1", "--stop", "1000000") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "step\tvalue\n"
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


def test_interrupt() -> None:
    """Ctrl-C ends the command quietly."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background ignores it
    try:
        with started("table", "0.1", "--stop", "100000000") as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "step\tvalue\n"
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
    finally:
        signal.signal(signal.SIGINT, before)
    assert (process.returncode, errors) == (130, "")


def test_interrupt_while_it_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted:
        def __getattr__(self, name: str) -> None:
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "schedlang._cli", Interrupted())
    assert command() == 130


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_full_disk(unbuffered: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written is an error in one line."""
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    with Path("/dev/full").open("w", encoding="utf-8") as full, started("format", "cosine", stdout=full) as process:
        assert process.communicate(timeout=60) == (None, "error: No space left on device\n")
    assert process.returncode == 3


def test_library_imports_nothing_of_this() -> None:
    """`import schedlang` imports neither the command line nor what only it needs."""
    names = [
        "schedlang._cli",
        "schedlang.plotting",
        "schedlang._files.reading",
        "argparse",
        "yaml",
        "plotille",
        "shtab",
    ]
    code = f"import schedlang, sys; print([name for name in {names} if name in sys.modules])"
    assert printed("-c", code) == "[]\n"


def test_a_file_is_no_parameter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a file is called says nothing of what it is: it is shown by its name."""
    monkeypatch.chdir(tmp_path)
    Path("parameter w.yaml").write_text("lr: cosine(1,, 0)\n", encoding="utf-8")
    assert main(["check", "parameter w.yaml:lr"]) == 1
    assert "--> parameter w.yaml:1:" in capsys.readouterr().err
