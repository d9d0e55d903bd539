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
from helpers import ROOT, SECTION_1, printed

from schedlang._cli import main
from schedlang._language.nodes import PRIMITIVES

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
    """`python -m schedlang` in a process of its own."""
    environment, pipe = {**os.environ, "PYTHONPATH": str(ROOT)}, subprocess.PIPE
    command = [sys.executable, "-m", "schedlang", *arguments]
    return subprocess.Popen(command, stdin=pipe, stdout=stdout, stderr=pipe, text=True, env=environment)


PRINTS = {
    "eval-steps-and-ranges": (
        "eval 'linear(1, 0)' --total 8 0 3 5:8:2",
        "step  value\n   0  1.0\n   3  0.625\n   5  0.375\n   7  0.125\n",
    ),
    "eval-options-between-steps": ("eval 'linear(1, 0)' 0 --total 8 3", "step  value\n   0  1.0\n   3  0.625\n"),
    "eval-telling-steps": (
        "eval 'warmup(50%) then cosine' --total 8",
        "step  value\n   0  0.0\n   2  0.5\n   4  1.0\n   6  0.5000000000000001\n   8  0.0\n",
    ),
    "eval-without-a-total": ("eval 'linear(1, 0, 100)'", "step  value\n   0  1.0\n  50  0.5\n 100  0.0\n"),
    "eval-a-parameter-and-a-total-in-epochs": (
        "eval 'cosine(peak, 0)' 0 --param peak=3e-4 --total 2ep --steps-per-epoch 1.5",
        "step  value\n   0  0.0003\n",
    ),
    "eval-a-parameter-that-is-a-duration": (
        "eval 'hold for d then 0' 5 --param d=50% --total 10",
        "step  value\n   5  0.0\n",
    ),
    "eval-text-that-begins-with-a-minus": ("eval --total 4 -- -cosine 0", "step  value\n   0  -1.0\n"),
    "eval-a-number-in-a-config": ("eval train.yaml:optim.wd 0", "step  value\n   0  0.1\n"),
    "table": ("table 'linear(1, 0)' --total 4", "step\tvalue\n0\t1.0\n1\t0.75\n2\t0.5\n3\t0.25\n"),
    "table-every-as-csv": (
        "table 'linear(1, 0)' --total 8 --every 3 --format csv",
        "step,value\n0,1.0\n3,0.625\n6,0.25\n",
    ),
    "table-points": (
        "table 'linear(1, 0)' --total 9 --points 3",
        "step\tvalue\n0\t1.0\n4\t0.5555555555555556\n8\t0.11111111111111116\n",
    ),
    "table-range": ("table 'linear(1, 0, 4)' --start 3 --stop 6", "step\tvalue\n3\t0.25\n4\t0.0\n5\t0.0\n"),
    "format": ("format 'linear from 1 to 0 for 0.5'", "linear(1, 0) for 0.5\n"),
    "format-in-a-config": ("format train.yaml:optim.lr", "formatted  train.yaml:optim.lr\n"),
    "check": ("check cosine train.yaml:optim.lr", "ok  cosine\nok  train.yaml:optim.lr\n"),
    "version": ("--version", "schedlang 0.1.0\n"),
}


@pytest.mark.parametrize(("arguments", "printed"), PRINTS.values(), ids=PRINTS)
def test_prints(arguments: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each command prints exactly this, nothing to stderr, and returns 0."""
    assert main(shlex.split(arguments)) == 0
    assert capsys.readouterr() == (printed, "")


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    """`explain` tells in words, shows the phase table, times, facts and the run, and canonical text that differs."""
    assert main(["explain", "train.yaml:optim.lr", "--total", "2ep", "--steps-per-epoch", "39.75"]) == 0
    assert capsys.readouterr().out == (
        "Steps 0 – 3: rises in a straight line from 0 to 0.5 (`linear from 0 to 0.5 for 5%`; 5% of 79.5 = 3.975).\n"
        "Steps 4 – 79: falls in a straight line from 0.5 to 0 (`linear`).\n"
        "From step 80 on: the run is over, and the value stays at 0.\n"
        "\n"
        "from  to  starts at  ends at  shape   text\n"
        "   0   4  0.0        0.5      linear  linear from 0 to 0.5\n"
        "   4  80  0.5        0.0      linear  linear\n"
        "\n"
        "times\n"
        "  5%  5% of 79.5 = 3.975\n"
        "  what falls between two steps shows at the later one\n"
        "\n"
        "peak    0.5   at step 4\n"
        "lowest  0.0   at step 0\n"
        "mean    0.25  over steps 0 – 79\n"
        "area    20.0  the sum over these steps\n"
        "\n"
        "run\n"
        "  total            80 (exactly 79.5)\n"
        "  steps per epoch  39.75\n"
        "  base             1.0\n"
        "\n"
        "canonical text\n"
        "  linear(0, 0.5) for 5% then linear\n"
    )


@pytest.mark.parametrize(
    ("rate", "steps"),
    [("500k", "20"), ("0.5M", "20"), ("5e2k", "20"), ("500_000", "20"), ("+5e5", "20"), ("333.3k", "30.00300030003")],
)
def test_rates_as_the_language_writes_them(rate: str, steps: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A rate may end in k, M, B or T as `--total` may, and is exact."""
    assert main(["explain", "1 for 10M tok then 0", "--total", "10k", "--tokens-per-step", rate, "--json"]) == 0
    (time,) = json.loads(capsys.readouterr().out)["times"]
    assert f"{time['steps']:.13g}" == steps


def test_explain_without_an_end(capsys: pytest.CaptureFixture[str]) -> None:
    """A run without an end has dashes for it, and shows its parameters."""
    assert main(["explain", "warmup(w) then hold", "--param", "w=2"]) == 0
    assert capsys.readouterr().out == (
        "Steps 0 – 1: warms up in a straight line from 0 to 1 (`warmup(w)`).\n"
        "From step 2 on: stays at 1 (`hold`).\n"
        "\n"
        "from  to  starts at  ends at  shape   text\n"
        "   0   2  0.0        1.0      warmup  warmup(w)\n"
        "   2   –  1.0        –        hold    hold\n"
        "\n"
        "names\n"
        "  w  2\n"
        "\n"
        "peak    1.0  at step 2\n"
        "lowest  0.0  at step 0\n"
        "mean    0.5  over steps 0 – 2\n"
        "area    1.5  the sum over these steps\n"
        "\n"
        "run\n"
        "  base  1.0\n"
        "  w     2\n"
    )


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
    """`--when` tells the first step and all ranges; 0 if it ever holds, 1 if never, 2 after an error."""
    run = ["--total", "10k", "--base", "3e-4"]
    assert main(["explain", "warmup(5%) then cosine", *run, "--when", "< 1e-5"]) == 0
    assert capsys.readouterr() == (
        "first < 1e-5 at step 0, where it is 0.0\n"
        "  steps 0 – 16: 0.0 → 9.6e-6\n"
        "  from step 8890 on, forever: 9.992584823110844e-6 → 0.0\n",
        "",
    )
    assert main(["explain", "warmup(5%) then cosine", *run, "--when", "> 1e-3"]) == 1
    assert capsys.readouterr() == ("never > 1e-3\n", "")
    assert main(["explain", "warmup(5%) then cosin", *run, "--when", "> 1e-3"]) == 2
    assert main(["explain", "cosine", *run, "--when", "below 1e-3"]) == 2
    assert "error[E404]: 'below 1e-3' is not a condition on the value" in capsys.readouterr().err


def test_explain_when_of_several(capsys: pytest.CaptureFixture[str]) -> None:
    """Of several texts each is told, also as JSON; 0 only if the condition holds for each of them."""
    call = ["explain", "linear", "linear(p, 0)", "--total", "4", "--param", "p=0.25", "--when"]
    assert main([*call, ">= 0.25"]) == 0
    assert capsys.readouterr().out == (
        "== linear\n"
        "first >= 0.25 at step 0, where it is 1.0\n"
        "  steps 0 – 3: 1.0 → 0.25\n"
        "\n"
        "== linear(p, 0)\n"
        "first >= 0.25 at step 0, where it is 0.25\n"
        "  step 0: 0.25\n"
    )
    assert main([*call, "> 0.5", "--json"]) == 1
    first = {"first": 0, "stop": 2, "start": 1.0, "end": 0.75}
    shared = {"condition": "> 0.5", "end": 4, "complete": True}
    assert json.loads(capsys.readouterr().out) == {
        "schedules": [
            {"text": "linear", **shared, "holds": True, "first": 0, "ranges": [first]},
            {"text": "linear(p, 0)", **shared, "holds": False, "first": None, "ranges": []},
        ]
    }
    assert main(["explain", "linear", "cosine", "--total", "4", "--param", "p=1"]) == 1
    assert "E403" in capsys.readouterr().err


def test_explain_step(capsys: pytest.CaptureFixture[str]) -> None:
    """`--step` shows the part in force, and the formula with the numbers in, the parts of a composition first."""
    assert main(["explain", "warmup(10%) * 0.5 then hold", "--total", "100", "--step", "4"]) == 0
    assert capsys.readouterr().out == (
        "step 4: 0.2\n"
        "\n"
        "  warmup(10%) * 0.5 then hold\n"
        "  ^^^^^^^^^^^^^^^^^\n"
        "\n"
        "phase: product, steps 0 – 9\n"
        "local step: 4 of 10\n"
        "\n"
        "warmup(10%)\n"
        "  end = 1.0, which is `base`\n"
        "  value(x) = s + (e - s)·x, at x = 4/10\n"
        "  = 4 / 10 = 0.4\n"
        "warmup(10%) * 0.5\n"
        "  = 0.4 * 0.5 = 0.2\n"
        "in one expression\n"
        "  4 / 10 * 0.5\n"
    )
    assert main(["explain", "train.yaml:optim.lr", "--total", "80", "--step", "99", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["value"], found["piece"], found["held"], found["expression"]) == (0.0, "linear", True, "0.0")
    assert found["phase"]["shape"] == "held"
    assert main(["explain", "linear", "--total", "4", "--step", "-1"]) == 2


PLOT = """\
       cosine
3e-4 ┤ ⢰⠉⠉⠉⠒⠒⠦⠤⣀⡀
     │ ⢸┊       ⠉⠑⠢⣀⡀
2e-4 ┤ ⡸┊           ⠈⠑⠤⣀
     │ ⡇┊               ⠑⠢⢄⡀
1e-4 ┤⢠⠃┊                  ⠑⠢⠤⡀
     │⢸ ┊                     ⠈⠑⠢⢄⡀
   0 ┤⡇ ┊                         ⠈⠙⠒⠢⠤⢄⣀⣀⣀
     └┬───────────┬───────────┬───────────┬
      0         10000       20000     30000
"""

PLOT_LOG = """\
      step_fixed(0.1, [50%, 80%])
3e-4 ┤⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⢹        ┊
1e-4 ┤             ⠘⡄       ┊
3e-5 ┤              ⣇⣀⣀⣀⣀⣀⣀⣀┊
     │                     ⢸┊
1e-5 ┤                     ⠘⡄
     │                      ⣇⣀⣀⣀⣀⣀
     └┬─────────────┬────────────┬
      0             50         100
"""


PLOT = {
    "linear-axis": ("'warmup(5%) then cosine' --total 30k --base 3e-4 --width 43 --height 10", PLOT),
    "logarithmic-axis": ("'step_fixed(0.1, [50%, 80%])' --total 100 --base 3e-4 --width 34 --height 9 --log", PLOT_LOG),
}


@pytest.mark.parametrize(("arguments", "printed"), PLOT.values(), ids=PLOT)
def test_plot(arguments: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A plot has ticks that are exact, and no colours where there is no terminal."""
    assert main(["plot", *shlex.split(arguments)]) == 0
    assert capsys.readouterr().out == printed


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


REFUSES = {
    "text": (
        "format 'cosin(1, 0)'",
        1,
        "error[E201]: unknown name `cosin`\n  |\n1 | cosin(1, 0)\n  | ^^^^^\n  = help: did you mean `cosine`?\n",
    ),
    "text-in-a-config": (
        "format train.yaml:optim.bad",
        1,
        "error[E201]: unknown name `cosin`\n"
        " --> train.yaml:4:8 (optim.bad)\n"
        "  |\n"
        "4 |   bad: cosin(1, 0)\n"
        "  |        ^^^^^\n"
        "  = help: did you mean `cosine`?\n",
    ),
    "no-total": (
        "eval 'warmup(5%) then cosine'",
        1,
        "error[E401]: `5%` needs --total\n  |\n1 | warmup(5%) then cosine\n  |        ^^\n  = help: add `--total …`\n",
    ),
    "no-rate-for-the-total": (
        "plot cosine --total 90ep",
        1,
        "error[E401]: `90ep` needs --steps-per-epoch\n"
        " --> --total:1:1\n"
        "  |\n"
        "1 | 90ep\n"
        "  | ^^^^\n"
        "  = help: add `--steps-per-epoch …`\n",
    ),
    "no-parameter": (
        "explain 'warmup(w) then cosine' --total 10",
        1,
        "error[E402]: parameter `w` is not given\n"
        "  |\n"
        "1 | warmup(w) then cosine\n"
        "  |        ^\n"
        "  = help: add `--param w=…`\n",
    ),
    "unused-definition": (
        "table 'cosine where w = 3' --total 10 --param w=4",
        1,
        "error[E209]: `w` is defined but never used\n"
        "  |\n"
        "1 | cosine where w = 3\n"
        "  |              ^\n"
        "  = help: use it, or remove its definition\n",
    ),
    "parameter-of-a-definition": (
        "table 'w where w = 3' --param w=4",
        1,
        "error[E403]: `w` is defined by the text, so it is not a parameter\n"
        "  = help: remove it from the command line, or its definition from the text\n",
    ),
    "parameter-that-is-no-number": (
        "eval 'warmup(w) then 1' --param 'w=5 +'",
        1,
        "error[E103]: the text ends too early\n"
        " --> --param w:1:4\n"
        "  |\n"
        "1 | 5 +\n"
        "  |    ^\n"
        "  = help: expected a schedule, a number or a name here\n",
    ),
    "parameter-that-is-a-schedule": (
        "eval 'warmup(w) then 1' --param w=cosine",
        1,
        "error[E404]: parameter `w` is 'cosine'\n"
        " --> --param w:1:1\n"
        "  |\n"
        "1 | cosine\n"
        "  | ^^^^^^\n"
        "  = help: give a number, or a duration: `--param w=500`, `--param w=5%`\n",
    ),
    "total-of-nothing": (
        "eval cosine --total 0",
        1,
        "error[E404]: --total is '0', but a run has at least one step\n"
        "  = help: give a whole number of steps, or a duration: `--total 30_000`, `--total 90ep`\n",
    ),
    "nothing-to-plot": (
        "plot 0 --log",
        1,
        "error[E411]: no value is above zero, so a logarithmic axis has nothing to show\n  = help: use a linear one\n",
    ),
    "no-primitive": (
        "primitives cosin",
        1,
        "error[E201]: there is no primitive `cosin`\n  = help: did you mean `cosine`?\n",
    ),
    "no-file": (
        "format trian.yaml:lr",
        3,
        "error[E501]: there is no file `trian.yaml`\n"
        "  |\n"
        "1 | trian.yaml:lr\n"
        "  | ^^^^^^^^^^\n"
        "  = help: did you mean `train.yaml`?\n",
    ),
    "a-name-that-steers-the-terminal": (
        "format '\u001b[31m:lr'",
        1,
        "error[E503]: `\ufffd[31m` is not a config file\n"
        "  |\n"
        "1 |  [31m:lr\n"
        "  | ^^^^^\n"
        "  = help: a reference is `FILE:KEY`, and FILE ends in `.yaml`, `.yml`, `.json` or `.toml`; "
        "the text of a schedule has no `:`\n",
    ),
}


@pytest.mark.parametrize(("arguments", "code", "printed"), REFUSES.values(), ids=REFUSES)
def test_refuses(arguments: str, code: int, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong goes to stderr, in words of the command line, and the exit code says of which sort it is."""
    assert main(shlex.split(arguments)) == code
    assert capsys.readouterr() == ("", printed)


@pytest.mark.parametrize("rate", ["k", "infk", "0k", "500 k", "5e9999k", "5k tok", "500K", "five", ""])
def test_wrong_rates(rate: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is no number above zero is refused as other mistakes in the command line are."""
    assert main(["table", "1", "--tokens-per-step", rate]) == 2
    wrong = f"argument --tokens-per-step: '{rate}' is not a number above zero"
    assert capsys.readouterr().err.rstrip().split("\n")[-1].partition("error: ")[2] == wrong


WRONG_COMMAND_LINES = {
    "nothing": ("", "the following arguments are required: COMMAND"),
    "no-text": ("eval", "the following arguments are required: TEXT"),
    "step": ("eval 1 x", "argument STEP: 'x' is not a step: a whole number of at least 0"),
    "past": ("eval 1 -1", "argument STEP: '-1' is not a step: a whole number of at least 0"),
    "range": ("eval 1 1:2:3:4", "argument STEP: '1:2:3:4' is not STEP, START:STOP or START:STOP:EVERY"),
    "every-0": ("eval 1 0:9:0", "argument STEP: '0' is not a whole number of at least 1"),
    "negative-rate": ("table 1 --steps-per-epoch -3", "argument --steps-per-epoch: '-3' is not a number above zero"),
    "base": ("plot 1 --base nan", "argument --base: 'nan' is not a finite number"),
    "parameter": ("check 1 --param 3e-4", "argument --param: '3e-4' is not NAME=VALUE, such as peak=3e-4 or w=5%"),
    "every-and-points": ("table 1 --every 2 --points 3", "argument --points: not allowed with argument --every"),
    "abbreviation": ("format 1 --tot 3", "unrecognized arguments: --tot 3"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG_COMMAND_LINES.values(), ids=WRONG_COMMAND_LINES)
def test_wrong_command_lines(arguments: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake in the command line itself is exit code 2, and the last line says which."""
    assert main(shlex.split(arguments)) == 2
    assert capsys.readouterr().err.rstrip().split("\n")[-1].partition("error: ")[2] == message


def test_check_tells_all(capsys: pytest.CaptureFixture[str]) -> None:
    """`check` goes on after a mistake, and fails in the end."""
    assert main(["check", "cosin(1, 0)", "cosine", "linear(1)"]) == 1
    printed = capsys.readouterr()
    assert printed.out == "ok  cosine\n"
    assert [line for line in printed.err.split("\n") if line.startswith("error")] == [
        "error[E201]: unknown name `cosin`",
        "error[E206]: `linear` with a single value: is it the start or the end?",
    ]


CHECK_BINDS = {
    "no-run": ([], 0),
    "run-without-the-parameter": (["--total", "10"], 1),
    "run": (["--total", "10", "--param", "w=3"], 0),
}


@pytest.mark.parametrize(("options", "code"), CHECK_BINDS.values(), ids=CHECK_BINDS)
def test_check_binds(options: list[str], code: int) -> None:
    """`check` binds only if there is an option about the run."""
    assert main(["check", "warmup(w) then cosine", *options]) == code


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


JSON = {
    "eval": ("eval 'linear(1, 0)' 0 2 --total 4", {"values": [{"step": 0, "value": 1.0}, {"step": 2, "value": 0.5}]}),
    "table": ("table 'linear(1, 0)' --total 2", {"values": [{"step": 0, "value": 1.0}, {"step": 1, "value": 0.5}]}),
    "plot": (
        "plot 'linear(1, 0)' --total 2",
        {
            "curves": [
                {
                    "argument": "linear(1, 0)",
                    "values": [{"step": 0, "value": 1.0}, {"step": 1, "value": 0.5}, {"step": 2, "value": 0.0}],
                }
            ]
        },
    ),
    "explain": (
        "explain 'linear from 1 to p' --total 2 --steps-per-epoch 0.5 --param p=0",
        {
            "text": "linear from 1 to p",
            "canonical": "linear(1, p)",
            "run": {
                "total_steps": 2,
                "steps_per_epoch": 0.5,
                "samples_per_step": None,
                "tokens_per_step": None,
                "base": 1.0,
                "params": {"p": "0"},
            },
            "phases": [
                {"first": 0, "stop": 2, "start": 1.0, "end": 0.0, "shape": "linear", "text": "linear from 1 to p"}
            ],
            "words": [
                {
                    "first": 0,
                    "stop": 2,
                    "depth": 0,
                    "text": "falls in a straight line from 1 to 0",
                    "piece": "linear from 1 to p",
                    "times": [],
                },
                {
                    "first": 2,
                    "stop": None,
                    "depth": 0,
                    "text": "the run is over, and the value stays at 0",
                    "piece": None,
                    "times": [],
                },
            ],
            "times": [],
            "names": [{"name": "p", "text": "0", "value": 0.0}],
            "facts": {
                "stop": 2,
                "peak": {"step": 0, "value": 1.0},
                "lowest": {"step": 1, "value": 0.5},
                "mean": 0.75,
                "area": 1.5,
                "sampled": None,
            },
            "values": [{"step": 0, "value": 1.0}, {"step": 1, "value": 0.5}],
        },
    ),
    "format": ("format ' cosine '", {"text": "cosine"}),
    "check": (
        "check cosine",
        {"schedules": [{"argument": "cosine", "canonical": "cosine"}], "errors": [], "warnings": []},
    ),
    "primitives": (
        "primitives hold",
        {
            "primitives": [
                {
                    "name": "hold",
                    "aliases": [],
                    "signature": "hold",
                    "summary": "The value handed on by the phase before, at every step.",
                    "doc": inspect.getdoc(PRIMITIVES["hold"]),
                    "arguments": [],
                }
            ]
        },
    ),
}


@pytest.mark.parametrize(("arguments", "printed"), JSON.values(), ids=JSON)
def test_json(arguments: str, printed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """With --json each command prints exactly the object that its help describes."""
    assert main([*shlex.split(arguments), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == printed


def test_json_errors(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json errors are an object on stdout, and nothing goes to stderr."""
    assert main(["eval", "train.yaml:optim.bad", "--json"]) == 1
    printed = capsys.readouterr()
    assert printed.err == ""
    assert json.loads(printed.out) == {
        "errors": [
            {
                "code": "E201",
                "severity": "error",
                "message": "unknown name `cosin`",
                "start": 70,
                "end": 75,
                "line": 4,
                "column": 8,
                "hint": "did you mean `cosine`?",
                "fix": [{"start": 70, "end": 75, "text": "cosine"}],
                "certain": True,
                "source": "train.yaml",
                "key": "optim.bad",
            }
        ]
    }


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
    """Each shell gets a script that knows the subcommands."""
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
    monkeypatch.setattr("schedlang._cli.plots.horizon", lambda bound: 1 // 0)
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
    """The help of the whole has every exit code."""
    assert main(["--help"]) == 0
    printed = capsys.readouterr().out
    assert all(f"\n  {code:<5}" in printed for code in (0, 1, 2, 3, 70, 130, 141))


# In a process of its own.


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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_full_disk() -> None:
    """What cannot be written is an error in one line."""
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
