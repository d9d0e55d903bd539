"""The tutorial and the front page: their commands run as they stand there."""

import re
import shlex
from pathlib import Path

import pytest
from helpers import printed

DOCS = Path(__file__).parents[2] / "docs"
TUTORIAL = (DOCS / "tutorial.md").read_text(encoding="utf-8")
FRONT = (DOCS / "index.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"(?m)^(?:\$ |\.venv/bin/)schedlang (.+)$", TUTORIAL + FRONT)


def test_there_are_commands() -> None:
    assert [command.split()[0] for command in COMMANDS] == ["plot", "explain", "check", "plot"]


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_run(command: str, tmp_path: Path) -> None:
    """Each command succeeds beside the config file that the tutorial shows, and prints something."""
    config = re.search(r"```yaml\n(.*?)```", TUTORIAL, re.DOTALL)
    assert config is not None
    (tmp_path / "train.yaml").write_text(config[1], encoding="utf-8")
    assert printed("-m", "schedlang", *shlex.split(command), folder=tmp_path)
