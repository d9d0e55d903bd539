"""Pages with commands and texts: what they print, and the values that the words around them claim."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from helpers import ROOT, printed, python, told

from schedlang import parse
from schedlang._insight.stories import page_of_warnings
from schedlang.differing import compare
from schedlang.linting import STORIES

CHANGING, COMPILING, EXPLAINING, TUTORIAL, FRONT, RECIPES, WARNINGS = (
    (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    for name in ("changing-a-run", "compiling", "explaining", "tutorial", "index", "recipes", "warnings")
)
SESSIONS = re.findall(r"(?ms)^```console\n\$ schedlang (.*?)\n(.*?)^```$", CHANGING + COMPILING + EXPLAINING)
CHANGES = re.findall(r"(?m)^\| ([^|]+) \| `([^`]+)` \| ([\d ]+) \|$", CHANGING)
COMMANDS = re.findall(r"(?m)^(?:\$ |\.venv/bin/)schedlang (.+)$", TUTORIAL + FRONT)
CLAIMS = told("recipes.txt")
"""Texts of the page with values that they have in a run of 100 000 steps, 10 an epoch."""


def test_all_are_found() -> None:
    assert (len(SESSIONS), len(CHANGES)) == (8, 7)
    assert [command.split()[0] for command in COMMANDS] == ["plot", "explain", "check", "plot"]


@pytest.mark.parametrize(("command", "shown"), SESSIONS, ids=[command for command, _ in SESSIONS])
def test_commands_print_what_is_shown(command: str, shown: str) -> None:
    done = python("-m", "schedlang", *shlex.split(command), COLUMNS="100")
    assert done.stdout == shown
    assert done.returncode == 0 or command.startswith("diff ")


@pytest.mark.parametrize(("condition", "code"), [("< 1e-5", 0), ("> 1", 1), ("> cosine", 2)])
def test_exit_codes(condition: str, code: int) -> None:
    """A script can ask whether a condition ever holds."""
    command = ["explain", "cosine", "--total", "10k", "--base", "3e-4", "--when", condition]
    assert python("-m", "schedlang", *command).returncode == code


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_run(command: str, tmp_path: Path) -> None:
    """Each command succeeds beside the config file that the tutorial shows, and prints something."""
    config = re.search(r"```yaml\n(.*?)```", TUTORIAL, re.DOTALL)
    assert config is not None
    (tmp_path / "train.yaml").write_text(config[1], encoding="utf-8")
    assert printed("-m", "schedlang", *shlex.split(command), folder=tmp_path)


@pytest.mark.parametrize(("what", "text", "total"), CHANGES, ids=[what for what, _, _ in CHANGES])
def test_recipes_keep_the_past(what: str, text: str, total: str) -> None:
    """Each recipe is the old schedule to the last bit until it says otherwise, and another one then."""
    place = 100_000 if "has ended" in what else 40_000
    old = parse("warmup(5%) then cosine").bind(100_000, base=3e-4)
    found = compare(old, parse(text).bind(int(total.replace(" ", "")), base=3e-4))
    assert found.first is not None
    assert place <= found.first.step <= place + 1


@pytest.mark.parametrize(("text", "run", "lines"), CLAIMS, ids=[text for text, _, _ in CLAIMS])
def test_recipes_do_what_they_say(text: str, run: dict[str, Any], lines: list[str]) -> None:
    """The text is on the page, and its values are those that it is there for."""
    assert text in " ".join(RECIPES.split())
    values: dict[int, float] = eval(f"{{{lines[0]}}}")
    bound = parse(text).bind(**{"total_steps": 100_000, "steps_per_epoch": 10, **run})
    assert {step: bound(step) for step in values} == pytest.approx(values, rel=1e-3, abs=1e-9)


def test_warnings_are_documented() -> None:
    """`docs/warnings.md` is what `python -m schedlang._insight.stories` makes of it."""
    assert all(f"\n### {code}\n" in WARNINGS for code in STORIES)
    assert page_of_warnings(WARNINGS) == WARNINGS
