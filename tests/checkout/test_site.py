"""The documentation site: it builds without the network and without a warning, and nothing in it is missing."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import urlopen

import pytest
from browser import served, telephone
from helpers import ROOT, python
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from schedlang._language.nodes import PRIMITIVES

DOCS = ROOT / "docs"
FRONT = "index.html"

BUILD = """
import socket, sys

def refuse(*_):
    raise OSError("building the site asked for the network")

class Missing:  # no framework is installed where only the extra `docs` is
    names = {*"accelerate cattrs click hydra jax jsonargparse kappaschedules keras lightning matplotlib".split()}
    names |= {*"msgspec numpy omegaconf optax optuna pydantic stable_baselines3 torch transformers".split()}

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

socket.socket.connect = refuse
sys.meta_path.insert(0, Missing())
from sphinx.cmd.build import main
sys.exit(main(sys.argv[1:]))
"""


def arguments() -> list[str]:
    """What `docs/contributing.md` gives to sphinx-build, without the two folders."""
    page = (DOCS / "contributing.md").read_text(encoding="utf-8")
    command = re.search(r"<!-- docs command -->\n```sh\n(.+)\n```", page)
    assert command is not None
    name, *given, source, target = shlex.split(command[1].rpartition(" && ")[2])
    assert (Path(name).name, source, target) == ("sphinx-build", "docs", "site")
    return given


def build(*given: str | Path, path: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run sphinx-build in a process that cannot reach the network, and sees no framework."""
    return python("-c", BUILD, *given, PYTHONPATH=os.pathsep.join([str(ROOT), str(path)]))


class Page(HTMLParser):
    """What a page has, and what it asks for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.pictures = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif "href" in given and not given["href"].startswith("#"):
            self.fetched.append(given["href"])
        self.fetched += [given[name] for name in ("src", "srcset", "data", "poster") if name in given]
        self.pictures += tag == "svg" and "schedlang" in given.get("class", "").split()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of the site, and what the build said; it is built once."""
    folder = tmp_path_factory.mktemp("site")
    found = build(*arguments(), "-d", folder / "trees", DOCS, folder / "html")
    assert found.returncode == 0, found.stderr
    return folder, found.stderr


@pytest.fixture(scope="module")
def pages(built: tuple[Path, str]) -> dict[str, Page]:
    site = built[0] / "html"
    return {
        path.relative_to(site).as_posix(): Page(path.read_text(encoding="utf-8"))
        for path in site.rglob("*.html")
        if "_static" not in path.parts and "play" not in path.relative_to(site).parts
    }


def sources() -> Iterator[tuple[str, str]]:
    """Each page of docs/, by the path of what it becomes."""
    for path in DOCS.rglob("*.md"):
        yield path.relative_to(DOCS).with_suffix(".html").as_posix(), path.read_text(encoding="utf-8")


def test_no_warnings(built: tuple[Path, str]) -> None:
    """The build has nothing to say, and is told to fail if it had."""
    assert built[1] == ""
    assert {"-W", "-n"} <= set(arguments())


def test_every_page_is_built(pages: dict[str, Page]) -> None:
    """Every page of docs/ is a page of the site, and can be reached from the front page."""
    expected = {name for name, _ in sources()}
    assert expected <= set(pages)
    reached, waiting = set(), [FRONT]
    while waiting:
        name = waiting.pop()
        if name in pages and name not in reached:
            reached.add(name)
            waiting += [urlsplit(urljoin(name, link)).path for link in pages[name].links]
    assert expected <= reached


def test_links_lead_somewhere(built: tuple[Path, str], pages: dict[str, Page]) -> None:
    """Every link within the site leads to a file, and to an anchor that is in it."""
    dead = []
    for name, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.scheme in ("http", "https", "mailto"), link
                continue
            target = urljoin(name, unquote(parts.path)) if parts.path else name
            anchors = pages[target].anchors if target in pages else set()
            if not (built[0] / "html" / target).exists() or (parts.fragment and unquote(parts.fragment) not in anchors):
                dead.append(f"{name}: {link}")
    assert not [link for link in dead if not link.endswith("#")]


def test_nothing_comes_from_elsewhere(built: tuple[Path, str], pages: dict[str, Page]) -> None:
    """What pages and style sheets load is in the site."""
    site = built[0] / "html"
    for name, page in pages.items():
        for address in page.fetched:
            parts = urlsplit(address)
            assert not parts.netloc and parts.scheme in ("", "data"), f"{name}: {address}"
            if not parts.scheme:
                assert (site / urljoin(name, unquote(parts.path))).exists(), f"{name}: {address}"
    for path in site.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"url\(\s*['\"]?(https?:)?//|@import", text), path.name


def test_pictures_are_drawn(pages: dict[str, Page]) -> None:
    """Every text that is to be drawn is a picture in its page, and so is one of each primitive."""
    drawn = 0
    for name, text in sources():
        expected = len(re.findall(r"(?m)^```\{schedule\}$", re.sub(r"(?s)````.*?````", "", text)))
        if name == "primitives.html":
            built_in = {cls for cls in PRIMITIVES.values() if cls.__module__.startswith("schedlang.")}
            assert {cls.name for cls in built_in} <= pages[name].anchors
            expected = len(built_in)
        assert pages[name].pictures == expected, name
        drawn += expected
    assert drawn > 40


def test_undocumented_names_fail(built: tuple[Path, str], tmp_path: Path) -> None:
    """A public name without a docstring, and one that is on no page, each let the build fail."""
    (tmp_path / "forgetful.py").write_text(
        '''
class Shown:
    """It has a docstring, and is on no page."""

    def silent(self):
        pass

def silent():
    pass

def _private():
    pass
''',
        encoding="utf-8",
    )
    shutil.copytree(built[0] / "trees", tmp_path / "trees")
    given = [*arguments(), "-b", "dummy", "-d", tmp_path / "trees"]
    found = build(*given, "-D", "public_modules=schedlang,forgetful", DOCS, tmp_path / "out", path=tmp_path)
    assert found.returncode != 0
    assert set(re.findall(r"WARNING: (.+?)(?: \[|$)", found.stderr, re.MULTILINE)) == {
        "`forgetful.Shown` is public and on no page",
        "`forgetful.Shown.silent` has no docstring",
        "`forgetful.silent` has no docstring",
    }


def test_pictures_on_a_telephone(built: tuple[Path, str], browser: webdriver.Chrome) -> None:
    """In a narrow window pictures keep a size at which they can be read, and scroll sideways; the page does not."""
    with served(built[0] / "html") as address, telephone(browser):
        browser.get(f"{address}{FRONT}")
        assert browser.execute_script("return document.documentElement.scrollWidth") == 390
        assert browser.find_element(By.CSS_SELECTOR, ".schedule .schedlang").size["width"] == 640
        assert browser.find_element(By.CSS_SELECTOR, ".schedule pre").size["width"] < 390


def test_railroad_diagrams_fit_the_column(built: tuple[Path, str]) -> None:
    """No diagram of the grammar is wider than the column of text, in a window that has room for all of it."""
    page = (built[0] / "html" / "grammar.html").read_text(encoding="utf-8")
    widths = [float(width) for width in re.findall(r'<svg [^>]*class="railroad-diagram"[^>]* width="([\d.]+)"', page)]
    assert widths
    assert max(widths) <= 736


def test_a_rule_without_a_diagram_fails(built: tuple[Path, str], tmp_path: Path) -> None:
    """A rule of the grammar that is on no page lets the build fail."""
    shutil.copytree(DOCS, tmp_path / "docs")
    shutil.copy(ROOT / "CHANGELOG.md", tmp_path)
    page = tmp_path / "docs" / "grammar.md"
    page.write_text(page.read_text(encoding="utf-8").replace("{railroad}\npower\n", "{railroad}\n"), encoding="utf-8")
    only = ["-D", "exclude_patterns=_*,*.py,frameworks,api", "-D", "suppress_warnings=toc,myst,ref,complete"]
    found = build(*arguments(), *only, "-b", "dummy", tmp_path / "docs", tmp_path / "out")
    assert found.returncode != 0
    assert "the rule `power` of the grammar is on no page" in found.stderr


def test_every_adapter_is_in_the_reference() -> None:
    """Each public module, which nobody imports, is in the reference of the interface."""
    listed = "".join(path.read_text(encoding="utf-8") for path in (DOCS / "api").glob("*.md"))
    named = set(re.findall(r"automodule:: schedlang\.(\w+)", listed))
    for path in (ROOT / "docs" / "frameworks").glob("*.md"):
        for module in re.findall(r"from schedlang\.(\w+) import", path.read_text(encoding="utf-8")):
            assert module in named, path.name


def test_a_server_of_files_is_enough(built: tuple[Path, str], pages: dict[str, Page]) -> None:
    """`python -m http.server` serves the front page and all that it loads."""
    with served(built[0] / "html") as address:
        for name in ("", *pages[FRONT].fetched):
            with urlopen(urljoin(address, name), timeout=30) as answer:
                assert answer.status == 200 and answer.read()


def test_the_page_to_play_with_is_there(built: tuple[Path, str], browser: webdriver.Chrome) -> None:
    """From such a server the front page leads to the page to play with, which draws a curve."""
    with served(built[0] / "html") as address:
        browser.get(address)
        link = browser.find_element(By.LINK_TEXT, "the page to play with")
        browser.execute_script("arguments[0].click()", link)
        WebDriverWait(browser, 60).until(lambda driver: driver.execute_script("return document.body.dataset.shown"))
        points = browser.execute_script("return document.getElementById('chart').points.steps.length")
        assert points > 100
