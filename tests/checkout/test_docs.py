"""The documentation: its examples run, its links resolve, and it says something about everything there is."""

import json
import re
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from forking import run_forked
from helpers import ROOT

import schedlang
from schedlang import ScheduleError, parse
from schedlang._language.nodes import PRIMITIVES, Primitive
from schedlang._language.nodes.primitive import RESERVED
from schedlang._language.operations import FUNCTIONS
from schedlang._text import limits
from schedlang._text.run import UNITS
from schedlang.sphinx import ScheduleDirective, curves
from schedlang.svg import draw

PACKAGE = Path(schedlang.__file__).parent
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("README.md")])
LANGUAGE = ROOT / "docs" / "language.md"
GUIDE = ROOT / "docs" / "adding-a-primitive.md"

BUILT_IN = [cls for cls in dict.fromkeys(PRIMITIVES.values()) if cls.__module__.startswith("schedlang.")]

every_page = pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])


class Block(NamedTuple):
    """A fenced block: its language, the file it is to be saved as, the number of its first line, and its lines."""

    language: str
    file: str | None
    first: int
    lines: list[str]


def blocks(page: Path, language: str) -> list[Block]:
    """The fenced blocks of a page in one language."""
    found: list[Block] = []
    inside: Block | None = None
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        fence = re.fullmatch(r"```(\w*|\{[\w-]+\})(?: file=(\S+))?", line)
        if inside is not None:
            if line == "```":
                inside = None
            else:
                inside.lines.append(line)
        elif fence is not None:
            inside = Block(fence[1], fence[2], number + 1, [])
            found.append(inside)
    return [block for block in found if block.language == language]


def prose(page: Path) -> list[str]:
    """The lines of a page outside of its blocks."""
    lines, inside = [], False
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            inside = not inside
        elif not inside:
            lines.append(line)
    return lines


def section(page: Path, heading: str) -> list[str]:
    """The lines of the section under a heading, up to the next one of its level or a higher one."""
    lines = prose(page)
    start = lines.index(heading) + 1
    level = heading.split()[0]
    ends = (index for index, line in enumerate(lines) if index >= start and re.match(rf"#{{1,{len(level)}}} ", line))
    return lines[start : next(ends, len(lines))]


def rows(lines: list[str]) -> Iterator[list[str]]:
    """The cells of the rows of the tables in some lines, their headings aside."""
    for line in lines:
        if line.startswith("|") and not re.match(r"\|[-| ]+\|$", line):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def anchors(page: Path) -> list[str]:
    """The anchors of a page's headings, made as GitHub makes them."""
    made: list[str] = []
    for line in prose(page):
        if re.match(r"#{1,6} ", line):
            heading = line.lstrip("#").strip().lower()
            anchor = re.sub(r"[^\w\- ]", "", heading).replace(" ", "-")
            count = sum(1 for each in made if re.fullmatch(rf"{re.escape(anchor)}(-\d+)?", each))
            made.append(f"{anchor}-{count}" if count else anchor)
    return made


def links(page: Path) -> list[str]:
    text = re.sub(r"`[^`]*`", "", "\n".join(prose(page)))
    return re.findall(r"\]\(([^)\s]+)\)", text)


def save_files(page: Path, folder: Path) -> list[str]:
    """Save the blocks that a page says to save; returns the modules' names."""
    saved = [block for block in blocks(page, "python") if block.file is not None]
    for block in saved:
        assert block.file is not None
        (folder / block.file).write_text("\n".join([*block.lines, ""]), encoding="utf-8")
    return [Path(block.file or "").stem for block in saved]


@every_page
def test_python_blocks_run(page: Path, tmp_path: Path) -> None:
    """Every Python block is a file to save, or a session that prints what the page says it prints."""
    lines = [""] * len(page.read_text(encoding="utf-8").splitlines())
    for block in blocks(page, "python"):
        if block.file is None:
            assert any(line.startswith(">>> ") for line in block.lines), f"{page.name}:{block.first} isn't a session"
            lines[block.first - 1 : block.first - 1 + len(block.lines)] = block.lines
    save_files(page, tmp_path)
    session = tmp_path / f"{page.stem}.txt"
    session.write_text("\n".join([*lines, ""]), encoding="utf-8")
    codes, shown = run_forked(["-m", "doctest", session.name], tmp_path, [{"DO_NOT_TRACK": "true"}])
    assert codes == [0], shown


@every_page
def test_text_blocks_parse(page: Path) -> None:
    for block in blocks(page, "text"):
        for number, line in enumerate(block.lines, start=block.first):
            if line and not line.startswith(("#", " ")):
                assert str(parse(line, name=f"{page.name}:{number}"))


@every_page
def test_schedule_fences_draw(page: Path) -> None:
    """What the site draws as a picture is a schedule, or several, bound to the run of its options."""
    for block in blocks(page, "{schedule}"):
        given = re.findall(r"(?m)^:([\w-]+): *(.*)$", "\n".join(block.lines))
        options = {name: ScheduleDirective.option_spec[name](value or None) for name, value in given}
        text = "\n".join(line for line in block.lines if not line.startswith(":"))
        assert draw(curves(text, options)), f"{page.name}:{block.first}"


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    else:
        yield value


@every_page
@pytest.mark.parametrize(
    ("language", "load"), [("yaml", yaml.safe_load), ("json", json.loads), ("toml", tomllib.loads)]
)
def test_config_blocks_hold_schedules(page: Path, language: str, load: Any) -> None:
    """Every value in a YAML, JSON or TOML block is a schedule, as the format's reader gives it, or names a plugin."""
    for block in blocks(page, language):
        config = load("\n".join(block.lines))
        plugins = config.pop("plugins", []) if isinstance(config, dict) else []
        assert all(find_spec(plugin.rpartition(".")[0]) for plugin in plugins)
        for value in leaves(config):
            assert str(parse(value))


def test_guide_can_be_followed(tmp_path: Path) -> None:
    """The guide's primitives parse, bind, print and pickle, in a process that imports the files it says to save."""
    modules = save_files(GUIDE, tmp_path)
    assert len(modules) > 1
    script = f"""
import pickle, {", ".join(modules)}
from schedlang import parse
from schedlang._language.nodes import PRIMITIVES

for name in {modules!r}:
    assert PRIMITIVES[name].__module__ == name and PRIMITIVES[name].__doc__
    schedule = parse(PRIMITIVES[name].example())
    assert parse(str(schedule)) == schedule == pickle.loads(pickle.dumps(schedule))
    bound = schedule.bind(100)
    again = pickle.loads(pickle.dumps(bound))
    assert [again(step) for step in range(120)] == [bound(step) for step in range(120)]
    assert bound.phases[0].shape == name
"""
    (tmp_path / "follow.py").write_text(script, encoding="utf-8")
    codes, shown = run_forked(["follow.py"], tmp_path, [{}])
    assert codes == [0], shown
    assert not set(modules) & set(PRIMITIVES)


@every_page
def test_links_resolve(page: Path) -> None:
    """Every relative link leads to a file, and every anchor to a heading."""
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name} links to {link}"
        if anchor:
            assert anchor in anchors(target), f"{page.name} links to {link}"


def test_contents_are_complete() -> None:
    """Every heading of the reference is in its contents, in order."""
    listed = re.findall(r"\]\(#([^)]+)\)", "\n".join(section(LANGUAGE, "## Contents")))
    own = anchors(LANGUAGE)
    assert listed == own[own.index("contents") + 1 :]


@pytest.mark.parametrize("cls", BUILT_IN, ids=[cls.name for cls in BUILT_IN])
def test_primitives_are_documented(cls: type[Primitive]) -> None:
    """Each primitive has a section, with its other names, and a row for each argument with its default."""
    lines = section(LANGUAGE, f"### {cls.name}")
    table = {cells[0]: cells[-1] for cells in rows(lines)}
    for alias in cls.aliases:
        assert f"`{alias}`" in "\n".join(lines)
    for argument in cls.arguments():
        stated = table[f"`{argument.name}`"].strip("`")
        if argument.parameter.required:
            assert stated == "required"
        elif argument.default is not None:
            assert stated == str(argument.default)
        else:
            assert stated not in ("required", "")
    assert len(table) == len(cls.arguments()) + bool(cls.arguments())


def test_functions_are_documented() -> None:
    calls = " ".join(cells[0] for cells in rows(section(LANGUAGE, "### Functions")))
    assert set(re.findall(r"`(\w+)\(", calls)) == set(FUNCTIONS)


def test_units_are_documented() -> None:
    """Each word for a unit of time is in the table of units."""
    words = " ".join(" ".join(cells[:2]) for cells in rows(section(LANGUAGE, "### Units")))
    assert set(re.findall(r"`([^`]+)`", words)) == set(UNITS)


def test_reserved_words_are_documented() -> None:
    words = "\n".join(section(LANGUAGE, "### Reserved words")).partition("\n\n")[0]
    assert set(re.findall(r"\w+", words)) >= RESERVED


def test_limits_are_documented() -> None:
    numbers = {
        int(cells[1].replace(" ", "")) for cells in rows(section(LANGUAGE, "## Limits")) if cells[1][0].isdigit()
    }
    assert numbers == {limits.SOURCE, limits.NESTING, limits.DIGITS, limits.PHASES, limits.LOOKS, limits.BITS}


def codes() -> dict[str, str]:
    """The table of codes: each with its example."""
    return {cells[0]: cells[-1] for cells in rows(section(LANGUAGE, "### Codes")) if cells[0] != "code"}


def test_codes_are_documented() -> None:
    """Each error code in the sources is in the table of codes, and no other."""
    used: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        used |= set(re.findall(r"\bE\d{3}\b", re.sub(r"# *noqa.*", "", path.read_text(encoding="utf-8"))))
    assert set(codes()) == used


@pytest.mark.parametrize(("code", "example"), [item for item in codes().items() if item[1]])
def test_codes_have_true_examples(code: str, example: str) -> None:
    """The example of a code raises an error with just this code."""
    text = example.strip("`")
    with pytest.raises(ScheduleError) as raised:
        if re.match(r"parse\(|schedlang\.", text):
            eval(text, {"parse": parse, "schedlang": schedlang})
        else:
            parse(text)
    assert {diagnostic.code for diagnostic in raised.value.diagnostics} == {code}
