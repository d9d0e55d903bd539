"""The recipes of `docs/architecture.md`, followed to the letter in a copy of the package: what they say is enough."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import schedlang

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"


def copied(folder: Path) -> Path:
    """A copy of the package and the grammar."""
    unwanted = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(schedlang.__file__).parent, folder / "schedlang", ignore=unwanted)
    shutil.copytree(ROOT / "grammar", folder / "grammar")
    return folder


def follow(heading: str, folder: Path) -> list[str]:
    """Make the changes that the `diff` blocks of a section show; the files that were changed.

    `--- FILE` says in which file; what stands between two `@@` is one place in it, found by its lines alone.
    """
    section = re.search(rf"(?ms)^## {heading}$(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"))
    assert section is not None, f"no section {heading}"
    changed = []
    for block in re.findall(r"(?ms)^```diff\n(.*?)^```$", section[1]):
        for part in re.split(r"(?m)^--- ", block)[1:]:
            name, _, changes = part.partition("\n")
            path = folder / name
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            for place in re.split(r"(?m)^@@\n", changes):
                lines = place.splitlines()
                old = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
                new = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
                assert text.count(old) == 1 or not text, f"{name} has not one place with\n{old}"
                text = text.replace(old, new) if text else new
            path.write_text(text, encoding="utf-8")
            changed.append(name)
    return changed


def tried(script: str, folder: Path) -> str:
    """What a script prints in the copy; it fails if the script does, or has imported the package from elsewhere."""
    (folder / "tried.py").write_text(script, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(folder), "KERAS_BACKEND": "jax"}
    found = subprocess.run(
        [sys.executable, "tried.py"], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    assert found.returncode == 0, found.stderr
    return found.stdout


WARNING = """
import contextlib, io
from pathlib import Path

import schedlang
from schedlang import parse
from schedlang._cli import main
from schedlang._insight.stories import page_of_errors, page_of_warnings
from schedlang.linting import STORIES

assert Path(schedlang.__file__).is_relative_to(Path.cwd())
story = STORIES["W518"]
(found,) = parse(story.wrong).bind(1000).warnings()
assert (found.code, found.message, found.source[found.span]) == ("W518", "`warmup(1)` takes a single step", "1")
assert not parse(story.right).bind(1000).warnings()

# Switched off, by its code or not at all.
def codes(text):
    return [each.code for each in parse(text).bind(1000).warnings()]

assert codes(f"{story.wrong}  # schedlang: ignore W518") == []
assert codes(f"{story.right}  # schedlang: ignore W518") == ["W514"]
assert not parse(story.wrong).bind(1000).warnings(ignore=["W518"])
assert "codes of warnings are W501 … W518" in str(parse("1  # schedlang: ignore X").bind(1000).warnings()[0])

# The command line, and the pages.
def printed(*arguments):
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
        main([*arguments])
    return out.getvalue()

assert "warning[W518]" in printed("check", story.wrong, "--total", "1000")
assert "W518" not in printed("check", story.right, "--total", "1000")
assert printed("explain-error", "W518").startswith("W518: a ramp of a single step")
assert "### W518: a ramp of a single step" in page_of_errors()
assert "### W518" in page_of_warnings("### W501\\n\\n## Others")
"""


def test_warning(tmp_path: Path) -> None:
    """A warning takes one file, and is then known wherever warnings are."""
    assert follow("How to add a warning", copied(tmp_path)) == ["schedlang/_insight/lint/rules_layout.py"]
    tried(WARNING, tmp_path)
