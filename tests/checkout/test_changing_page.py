"""The page on changing a run: its commands print what it shows, and its recipes leave the past as it was."""

import re
import shlex
from pathlib import Path

import pytest

from schedlang import parse
from schedlang._cli import main
from schedlang.differing import compare

PAGE = (Path(__file__).parents[2] / "docs" / "changing-a-run.md").read_text(encoding="utf-8")
SESSIONS = re.findall(r"^```console\n\$ schedlang (.*?)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
RECIPES = re.findall(r"^\| ([^|]+) \| `([^`]+)` \| ([\d ]+) \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("command", "shown"), SESSIONS, ids=["past", "whole"])
def test_commands_print_what_is_shown(command: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(shlex.split(command))
    assert capsys.readouterr().out == shown


@pytest.mark.parametrize(("what", "text", "total"), RECIPES, ids=[what for what, _, _ in RECIPES])
def test_recipes_keep_the_past(what: str, text: str, total: str) -> None:
    """Each recipe is the old schedule to the last bit until it says otherwise, and another one then."""
    place = 100_000 if "has ended" in what else 40_000
    old = parse("warmup(5%) then cosine").bind(100_000, base=3e-4)
    found = compare(old, parse(text).bind(int(total.replace(" ", "")), base=3e-4))
    assert found.first is not None
    assert place <= found.first.step <= place + 1


def test_there_are_recipes() -> None:
    assert len(RECIPES) == 7
