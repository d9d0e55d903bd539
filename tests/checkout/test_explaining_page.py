"""The page on explaining: its commands, run in processes of their own, print what it shows."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explaining.md").read_text(encoding="utf-8")
SESSIONS = re.findall(r"^```console\n\$ schedlang (.*?)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("command", "shown"), SESSIONS, ids=["words", "when", "crossing", "step"])
def test_commands_print_what_is_shown(command: str, shown: str) -> None:
    """Each command of the page prints what stands below it."""
    call = [sys.executable, "-m", "schedlang", *shlex.split(command)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "COLUMNS": "100"}
    found = subprocess.run(call, capture_output=True, encoding="utf-8", check=True, timeout=60, env=environment)
    assert found.stdout == shown


@pytest.mark.parametrize(("condition", "code"), [("< 1e-5", 0), ("> 1", 1), ("> cosine", 2)])
def test_exit_codes(condition: str, code: int) -> None:
    """A script can ask whether a condition ever holds."""
    call = [sys.executable, "-m", "schedlang", "explain", "cosine", "--total", "10k", "--base", "3e-4", "--when"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    found = subprocess.run([*call, condition], capture_output=True, timeout=60, env=environment)
    assert found.returncode == code
