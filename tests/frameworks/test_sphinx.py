"""The Sphinx extension in a small project of somebody else's."""

import subprocess
from pathlib import Path

import pytest
from helpers import python

PAGE = """\
Schedules
=========

.. schedule::
   :total: 90ep
   :base: 0.1
   :steps-per-epoch: 10
   :with: w=5ep, low=1e-3

   warmup(w) then cosine(end=low)
"""


def project(folder: Path, page: str, builder: str = "html") -> subprocess.CompletedProcess[str]:
    """Build a project of one page, with warnings as errors."""
    (folder / "conf.py").write_text('extensions = ["schedlang.sphinx"]\nhtml_theme = "basic"\n', encoding="utf-8")
    (folder / "index.rst").write_text(page, encoding="utf-8")
    return python("-m", "sphinx", "-q", "-W", "--keep-going", "-b", builder, folder, folder / "out")


def test_a_text_becomes_a_picture(tmp_path: Path) -> None:
    """The page has the picture, in colours for light and dark, and the text below it."""
    found = project(tmp_path, PAGE)
    assert found.returncode == 0, found.stderr
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert page.count("<svg") == page.count('class="schedlang schedlang-auto"') == 1
    assert '[data-theme="dark"]' in page and "prefers-color-scheme:dark" in page
    assert "step 50: 0.1" in page and "step 900: 0.001" in page
    assert page.count("warmup(w) then cosine(end=low)") > 1


def test_other_builders_show_the_text(tmp_path: Path) -> None:
    found = project(tmp_path, PAGE, "text")
    assert found.returncode == 0, found.stderr
    page = (tmp_path / "out" / "index.txt").read_text(encoding="utf-8")
    assert "warmup(w) then cosine(end=low)" in page and "<" not in page


def test_several_curves(tmp_path: Path) -> None:
    """Lines with names are curves of one picture; `bare` leaves the texts out, `start` and `stop` cut."""
    options = "   :log:\n   :bare:\n   :start: 10\n   :stop: 40\n   :width: 500\n   :height: 200\n"
    page = f"A\n=\n\n.. schedule::\n{options}\n   learning rate: cosine(1, 0.1)\n   decay: linear(0.5, 0.1)\n"
    found = project(tmp_path, page)
    assert found.returncode == 0, found.stderr
    text = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert text.count("<svg") == 1 and 'width="500"' in text
    assert "learning rate" in text and "<pre" not in text


@pytest.mark.parametrize(
    ("text", "option", "told"),
    [
        ("warmup(5%) then cosin(1, 0)", "", "unknown name `cosin`"),
        ("warmup(5ep) then cosine", "", "`5ep` needs steps_per_epoch"),
        ("cosine(peak, 0)", "   :with: peek=1\n", "parameter `peak` is not given"),
        ("cosine", "   :total: many\n", "E40"),
        ("", "", "the text is empty"),
    ],
)
def test_a_mistake_fails_the_build(tmp_path: Path, text: str, option: str, told: str) -> None:
    """What is wrong with a text or its run is told at its place, and the build fails."""
    found = project(tmp_path, f"A\n=\n\n.. schedule::\n{option}\n   {text}\n")
    assert found.returncode != 0
    assert "index.rst:4" in found.stderr and told in found.stderr
