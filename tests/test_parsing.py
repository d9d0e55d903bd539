"""The parser: Lark makes it once; it is kept in the user's cache, which may be missing, broken or another's."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from helpers import python, refused
from hypothesis import given
from hypothesis import strategies as st

import schedlang
from schedlang import Schedule, ScheduleError, Source, parse
from schedlang._language.nodes.scalars import RESERVED
from schedlang._text import lark_parser, parsing, syntax
from schedlang._text.grammar import grammar_file, grammar_text
from schedlang.strategies import schedules

PACKAGE = Path(schedlang.__file__).parent
GRAMMAR = next(each for each in (PACKAGE / "grammar", PACKAGE.parent / "grammar") if each.is_dir())

WORDS = [
    *sorted(RESERVED),
    *("cosine", "warmup", "w", "5", "5%", "1e-3", "10k"),
    *("+", "-", "*", "/", "**", "@", "=", ",", "(", ")", "[", "]", "#", "^"),
]

VALUE = "import schedlang; print(schedlang.parse('warmup(5%) then cosine').bind(1000)(5))"
BUILDS_NOTHING = "import lark; lark.Lark.__init__ = None; "
"""Lark can't make a parser any more, only load one."""


def run(code: str, cache: Path | str, package: Path = PACKAGE.parent) -> subprocess.CompletedProcess[str]:
    """Another process, whose cache lies in that folder."""
    kept = str(cache)
    return python("-c", code, folder=package, XDG_CACHE_HOME=kept, LOCALAPPDATA=kept, PYTHONPATH=str(package))


def gives_a_value(cache: Path | str, before: str = "") -> bool:
    """Whether another process gets its value, and says nothing else."""
    done = run(before + VALUE, cache)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout == "0.1\n"


def kept(cache: Path) -> list[Path]:
    return sorted((cache / "schedlang").iterdir())


def suite() -> Iterator[str]:
    for path in sorted((GRAMMAR / "conformance").glob("*.jsonl")):
        for case in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            yield case["text"] if "text" in case else "".join(piece * times for piece, times in case["pieces"])


def outcome(text: str) -> object:
    """The tree of a text; None if the grammar refuses it, and what is wrong if it is beyond the limits."""
    try:
        return parsing.parse_syntax(Source(text))
    except ScheduleError as error:
        return error.diagnostics


@pytest.mark.slow
def test_kept_parser_is_the_made_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether Lark has just made it or has loaded it: texts have the same trees and are refused alike."""
    texts = list(suite())
    found = [outcome(text) for text in texts]
    made = lark_parser.made_parser(grammar_text(), parsing.Builder)
    monkeypatch.setattr(parsing, "_parser", lambda: made)
    assert [outcome(text) for text in texts] == found
    assert 100 < sum(isinstance(each, syntax.Text) for each in found) < len(texts) - 20


@given(st.lists(st.sampled_from(WORDS), max_size=12))
def test_nothing_of_lark_reaches_the_user(words: list[str]) -> None:
    """Words in any order are a schedule or an error of ours, in words of ours."""
    try:
        parse(" ".join(words))
    except ScheduleError as error:
        for diagnostic in error.diagnostics:
            said = f"{diagnostic.message} {diagnostic.hint}"
            assert not re.search(r"[A-Z]{3,}|\$END|lark", re.sub(r"`[^`]*`", "", said)), said


@given(schedules())
def test_progress_and_parser_agree(schedule: Schedule) -> None:
    """What the parser takes at once is taken word by word, and could end there."""
    progress = lark_parser.Progress()
    for word in lark_parser.words(str(schedule)):
        assert progress.read(word.kind)
    assert lark_parser.END in progress.accepts()
    assert progress.copy().read(lark_parser.END)
    assert not progress.read("RPAR")


def test_parser_is_kept(tmp_path: Path) -> None:
    """The first process keeps the parser for its user alone; the next one makes none."""
    assert gives_a_value(tmp_path)
    (file,) = kept(tmp_path)
    if sys.platform != "win32":
        assert [path.stat().st_mode & 0o777 for path in (file.parent, file)] == [0o700, 0o600]
    assert gives_a_value(tmp_path, BUILDS_NOTHING)


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "foreign"])
def test_damaged_file_is_made_anew(tmp_path: Path, damage: str) -> None:
    """Whatever became of the file, the user gets a value, and the next process a file that is whole."""
    assert gives_a_value(tmp_path)
    (file,) = kept(tmp_path)
    whole = file.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    content = {"empty": b"", "cut": whole[:middle], "flipped": flipped, "foreign": b"x" * 32 + b"{}"}[damage]
    file.write_bytes(content)
    assert gives_a_value(tmp_path)
    assert gives_a_value(tmp_path, BUILDS_NOTHING)


@pytest.mark.slow
def test_file_that_lark_cannot_load_is_made_anew(tmp_path: Path) -> None:
    """A whole file of ours that means nothing to Lark, such as one of a version with the same name, is no error."""
    assert gives_a_value(tmp_path)
    (file,) = kept(tmp_path)
    code = f"from schedlang._text import cache; cache.write({file.name!r}, b'cos\\nsystem\\n(S\\'false\\'\\ntR.')"
    assert run(code, tmp_path).returncode == 0
    assert gives_a_value(tmp_path)
    assert gives_a_value(tmp_path, BUILDS_NOTHING)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps others out of profiles itself")
@pytest.mark.parametrize("part", ["folder", "file"])
def test_what_others_can_write_is_not_read(tmp_path: Path, part: str) -> None:
    """A file is a pickle: it is not even opened where somebody else could have put it."""
    assert gives_a_value(tmp_path)
    (file,) = kept(tmp_path)
    path = file.parent if part == "folder" else file
    path.chmod(0o777)
    assert run(BUILDS_NOTHING + VALUE, tmp_path).returncode != 0  # it wants to make one
    assert gives_a_value(tmp_path)
    if os.geteuid() == 0:
        path.chmod(0o700)
        os.chown(path, 12345, 12345)
        assert run(BUILDS_NOTHING + VALUE, tmp_path).returncode != 0
        assert gives_a_value(tmp_path)


@pytest.mark.slow
def test_no_cache_only_costs_time(tmp_path: Path) -> None:
    """A folder that can't be made is no error, and neither is a user without a home."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert gives_a_value(blocked)
    assert gives_a_value("/dev/null")
    homeless = "import os; os.path.expanduser = lambda path: path; os.environ.pop('XDG_CACHE_HOME'); "
    assert gives_a_value("", homeless + "os.environ.pop('LOCALAPPDATA'); ")
    assert not (PACKAGE.parent / "~").exists()


@pytest.mark.slow
def test_processes_at_once(tmp_path: Path) -> None:
    """Processes that all find no parser each get their value, and leave one whole file."""
    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(gives_a_value, [tmp_path] * 6))
    assert len(kept(tmp_path)) == 1
    assert gives_a_value(tmp_path, BUILDS_NOTHING)


def test_missing_grammar_is_told() -> None:
    (diagnostic,) = refused(grammar_file, "another.lark").diagnostics
    assert diagnostic.code == "E502"
    assert "grammar/another.lark" in diagnostic.message


NEW_WORD = """
import re
from schedlang import ScheduleError, parse, textmate, strategies
from schedlang._editors.server.completing import complete
from schedlang._editors.server.hovering import hover
from schedlang._language import formatting
from schedlang._language.highlight import WordKind, pieces

def told(text):
    try:
        parse(text)
    except ScheduleError as error:
        return str(error)

assert "reserved word" in told("cosine where reversed = 2")
assert "reversed" in {item.label for item in complete("cosine ", 7).items}
assert [piece.kind for piece in pieces("reversed")] == [WordKind.KEYWORD]
assert hover("cosine reversed 5", 8) is not None
assert "reversed" in str(textmate.grammars())
assert formatting._OPEN.search("cosine reversed")
assert strategies._WORDS.search("cosine(1, 0) reversed 3")
try:
    parse("cosine for 5 reversed 2")
except NotImplementedError as error:
    assert "reversed" in str(error)
else:
    raise AssertionError
"""


@pytest.mark.slow
def test_new_word_of_the_grammar_is_known_everywhere(tmp_path: Path) -> None:
    """A reserved word is declared in the grammar and nowhere else; its clause is refused until there is a node."""
    shutil.copytree(PACKAGE, tmp_path / "schedlang", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(GRAMMAR, tmp_path / "schedlang" / "grammar", dirs_exist_ok=True)
    grammar = grammar_text().replace("(UNTIL | OVER", "(REVERSED | UNTIL | OVER") + "\nREVERSED.2: /reversed\\b/\n"
    (tmp_path / "schedlang" / "grammar" / "schedlang.lark").write_text(grammar, encoding="utf-8")
    done = run(NEW_WORD, tmp_path, tmp_path)
    assert done.returncode == 0, done.stderr


def test_texts_are_kept_unless_they_are_long() -> None:
    """A text read again is the same schedule; a thousand texts of the largest size would be too much to keep."""
    short, long = "1 for 5 then 2", " then ".join(["1 for 5"] * 400)
    assert parse(short) is parse(short)
    first, again = parse(long), parse(long)
    assert first == again
    assert first is not again
