"""Primitives of a project's own: modules that its settings name, or an option, are imported first."""

import shutil
import sys
from pathlib import Path

import pytest
from helpers import ROOT, python

from schedlang._cli import main

REX = "".join((ROOT / "docs" / "adding-a-primitive.md").read_text(encoding="utf-8").partition("file=rex.py\n")[2:])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a primitive, whose texts use it; what is put on the path goes again."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "rex.py").write_text(REX.partition("```")[0], encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.schedlang]\nimports = ["rex"]\n', encoding="utf-8")
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "a.yaml").write_text("lr: warmup(5%) then rex(3e-4, 0)\n", encoding="utf-8")
    return tmp_path


def test_settings(project: Path) -> None:
    """The nearest settings count, as for everything else, whatever folder a command runs in."""
    assert (
        python("-m", "schedlang", "check", "a.yaml", "--total", 1000, folder=project / "conf").stdout
        == "ok  a.yaml  (1 schedule)\n"
    )
    shutil.move(project / "pyproject.toml", project / "conf")
    shown = python("-m", "schedlang", "check", "a.yaml", folder=project / "conf")
    assert shown.returncode == 3
    assert shown.stderr == (
        "error[E513]: there is no module `rex`\n"
        " --> pyproject.toml:2:1 (tool.schedlang.imports)\n"
        "  |\n"
        '2 | imports = ["rex"]\n'
        "  | ^^^^^^^\n"
        f"  = help: it is looked for in `{project / 'conf'}`, and where Python finds modules\n"
    )


def test_option(project: Path) -> None:
    """For a text as for files; without it the name is unknown."""
    (project / "pyproject.toml").unlink()
    call = ["-m", "schedlang", "eval", "warmup(2) then rex(4, 1)", "6", "--total", "10"]
    assert "unknown name `rex`" in python(*call, folder=project).stderr
    assert python(*call, "--import", "rex", folder=project).stdout == "step  value\n   6  3.0\n"


BROKEN = {
    "": ("", "there is no module `mod`"),
    "x = 1 /0\n": ("mod.py", "`mod` cannot be imported: ZeroDivisionError: division by zero, line 1 of `{}`"),
    "import nothing_there\n": (
        "mod.py",
        "`mod` cannot be imported: ModuleNotFoundError: No module named 'nothing_there', line 1 of `{}`",
    ),
    "import sys; sys.exit(4)\n": ("mod.py", "`mod` cannot be imported: SystemExit: 4, line 1 of `{}`"),
    "x = (\n": ("mod.py", "`mod` cannot be imported: SyntaxError: '(' was never closed (mod.py, line 1)"),
}


@pytest.mark.parametrize("code", BROKEN)
def test_what_cannot_be_imported(
    code: str, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told by its name, with the reason and no traceback."""
    monkeypatch.chdir(project)
    (project / "pyproject.toml").unlink()
    name, message = BROKEN[code]
    if name:
        (project / name).write_text(code, encoding="utf-8")
    assert main(["check", "cosine", "--import", "mod"]) == 3
    first, *_ = capsys.readouterr().err.splitlines()
    assert first == f"error[E513]: {message.format(project / 'mod.py')}"


def test_a_file_is_no_module(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    (project / "pyproject.toml").unlink()  # else this process has the primitive for ever
    assert main(["check", "cosine", "--import", "mod.py"]) == 3
    assert "did you mean `mod`?" in capsys.readouterr().err
