"""The README says what is so: its picture, its commands, its links, its tables and its terminal sessions."""

import re
import shlex
from pathlib import Path

import pytest
from helpers import ROOT, printed

from schedlang import parse
from schedlang._cli import main
from schedlang._text.grammar import grammar_text

README = (ROOT / "README.md").read_text(encoding="utf-8")
GRAMMAR = (ROOT / "grammar" / "README.md").read_text(encoding="utf-8")
PLOTTING = (ROOT / "docs" / "plotting.md").read_text(encoding="utf-8")
PAGES = ["README.md", "examples/README.md", "grammar/README.md"]


def rows(page: str, first: str) -> list[list[str]]:
    """The rows of the table whose head begins with `first`, each as its cells."""
    table = page[page.index(f"| {first}") :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def command(name: str) -> str:
    """The one line of the shell block between the two comments of that name."""
    block = re.search(rf"<!-- {name} command -->\n```sh\n(.*)\n```\n<!-- end of {name} command -->\n", README)
    assert block is not None
    return block[1]


def test_picture_is_what_its_command_draws(tmp_path: Path) -> None:
    """docs/curve.svg is, to the byte, what the command beside it draws from today's values."""
    [line] = re.findall(r"<!-- picture: schedlang (.*) -->", README)
    *arguments, target = shlex.split(line)
    assert target == "docs/curve.svg"
    assert main([*arguments, str(tmp_path / "curve.svg")]) == 0
    assert (tmp_path / "curve.svg").read_bytes() == (ROOT / target).read_bytes()


def test_two_commands() -> None:
    """There are exactly two commands, each starts from nothing and installs the pinned PyTorch first."""
    commands = re.findall(r"(?m)^.*python3 -m venv .*$", README)
    assert commands == [command("example"), command("test")]
    assert commands[1].startswith(".ci/tools && ")
    for each in commands:
        steps = each.removeprefix(".ci/tools && ").split(" && ")
        assert steps[:2] == ["python3 -m venv .venv", ".venv/bin/pip install -q torch==2.13.0"]
        assert steps[2].startswith(".venv/bin/pip install -q -e ")


def test_ci_runs_the_readme_command() -> None:
    """CI runs the README's test command by reading it from there, and installs no framework of its own."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "'/^<!-- test command -->$/,/^<!-- end of test command -->$/p' README.md" in script
    assert "torch==" not in script
    assert "[" not in " ".join(re.findall(r"pip.*install.*", script))


def test_front_page_text() -> None:
    """The text of the front page stands in the README and in the example's configuration."""
    text = "step_fixed(0.1, [0.01, 0.02]) then interval(0.5, every=100)"
    for page in ("README.md", "examples/train.yaml"):
        assert f"weight_decay: {text}\n" in (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("text", [row[0].strip("`") for row in rows(README, "text |")])
def test_texts_of_the_table(text: str) -> None:
    """Every text in the README's table is a schedule, and gives a value at each step of a run."""
    bound = parse(text).bind(total_steps="100ep", steps_per_epoch=300, tokens_per_step=1_000_000, base=3e-4)
    assert len(bound.at(range(0, bound.total_steps, 100))) == 300


@pytest.mark.parametrize("row", rows(GRAMMAR, "| | grouping"), ids=lambda row: row[0])
def test_precedence(row: list[str]) -> None:
    """In the table of precedences both spellings of a row are the same schedule, written the same way."""
    left, right = (parse(cell.strip("`")) for cell in row[3:5])
    assert left == right
    assert str(left) == str(right)


def test_reserved_words() -> None:
    """The grammar's page lists the reserved words of the grammar, all of them."""
    listed = GRAMMAR.split("## Reserved words\n\n")[1].split(" join and limit phases")[0]
    assert set(listed.replace("`", "").split()) == set(re.findall(r"/([a-z]+)\\b/", grammar_text()))


@pytest.mark.parametrize("page", PAGES)
def test_links(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", (ROOT / page).read_text(encoding="utf-8"))
    files = [link for link in links if not link.startswith("https://")]
    assert files
    assert [link for link in files if not ((ROOT / page).parent / link).exists()] == []


@pytest.mark.parametrize(
    ("line", "output"),
    re.findall(r"(?ms)^\$ schedlang (.*?)\n(.*?)(?=^\$ |^```$)", README + PLOTTING),
    ids=lambda each: each[:20],
)
def test_terminal_sessions(line: str, output: str) -> None:
    """What the README and the page on plots show of the command line is what it prints."""
    assert printed("-m", "schedlang", *shlex.split(line), folder=ROOT).rstrip() == output.rstrip()


def test_commands_of_the_configuration() -> None:
    """The commands in the comments of examples/train.yaml print something."""
    lines = re.findall(r"(?m)^# .*: schedlang (.*)$", (ROOT / "examples" / "train.yaml").read_text(encoding="utf-8"))
    assert lines
    for line in lines:
        assert printed("-m", "schedlang", *shlex.split(line), folder=ROOT)
