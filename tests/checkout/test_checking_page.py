"""The page on checking and formatting: its console sessions run as shown; and the hooks for pre-commit."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from helpers import ROOT

from schedlang._files.settings import KEYS

PAGE = ROOT / "docs" / "formatting-and-checking.md"
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


def run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own; what goes to stdout and stderr in the order in which it goes."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-m", "schedlang", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        cwd=folder,
        env=environment,
        timeout=60,
    )


def test_sessions_run(tmp_path: Path) -> None:
    """Each command prints what the page says; `cat` of a file that isn't there yet makes it."""
    text = PAGE.read_text(encoding="utf-8")
    session = "\n".join(re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    commands = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", session, re.MULTILINE)
    assert len(commands) > 10
    for command, printed in commands:
        program, *arguments = shlex.split(command)
        shown = printed.rstrip("\n")
        if program == "schedlang":
            assert run(arguments, tmp_path).stdout.rstrip("\n") == shown
        else:
            file = tmp_path / arguments[0]
            if not file.exists():
                file.write_text(f"{shown}\n", encoding="utf-8")
            assert file.read_text(encoding="utf-8").rstrip("\n") == shown


def test_keys_are_documented() -> None:
    """The page lists the keys that are looked at by default."""
    listed = re.search(r"found by its key: (.*?)\.\n", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert listed is not None
    assert re.findall(r"`([^`]+)`", listed[1]) == list(KEYS)


@pytest.mark.parametrize("hook", HOOKS, ids=[hook["id"] for hook in HOOKS])
def test_hooks(hook: dict[str, str], tmp_path: Path) -> None:
    """The entry of each hook, run on the files of a sample project as pre-commit runs it, does what its name says."""
    wrong = "# {{ a }}\nlr: cosin(1, 0)\nwd: cosine to 0\n"
    (tmp_path / "a.yaml").write_text(wrong, encoding="utf-8")
    (tmp_path / "b.json").write_text('{"lr": 3e-4}', encoding="utf-8")
    (tmp_path / "template.yaml").write_text("{% if x %}\nx: {{ y }}\n", encoding="utf-8")
    program, *arguments = shlex.split(hook["entry"])
    assert program == "schedlang"
    done = run([*arguments, "a.yaml", "b.json", "template.yaml"], tmp_path)
    after = (tmp_path / "a.yaml").read_text(encoding="utf-8")
    expected = {
        "schedlang-check": (1, wrong),
        "schedlang-fix": (0, wrong.replace("cosin(", "cosine(")),
        "schedlang-format": (1, wrong.replace("cosine to 0", "cosine")),
    }
    assert (done.returncode, after) == expected[hook["id"]]
    assert ("a.yaml:2:5" in done.stdout) is (done.returncode == 1)
