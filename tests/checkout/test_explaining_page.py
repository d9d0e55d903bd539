"""The page on explaining: its commands, run in processes of their own, print what it shows."""

import re
import shlex

import pytest
from helpers import ROOT, printed, python

PAGE = (ROOT / "docs" / "explaining.md").read_text(encoding="utf-8")
SESSIONS = re.findall(r"^```console\n\$ schedlang (.*?)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("command", "shown"), SESSIONS, ids=["words", "when", "crossing", "step"])
def test_commands_print_what_is_shown(command: str, shown: str) -> None:
    assert printed("-m", "schedlang", *shlex.split(command), COLUMNS="100") == shown


@pytest.mark.parametrize(("condition", "code"), [("< 1e-5", 0), ("> 1", 1), ("> cosine", 2)])
def test_exit_codes(condition: str, code: int) -> None:
    """A script can ask whether a condition ever holds."""
    command = ["explain", "cosine", "--total", "10k", "--base", "3e-4", "--when", condition]
    assert python("-m", "schedlang", *command).returncode == code
