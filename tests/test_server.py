"""The language server: its pure parts, and the whole of it as a process that a client talks to."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from helpers import ROOT, lines_of, python
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient
from test_words import conformance

from schedlang import parse
from schedlang._editors.server.completing import complete
from schedlang._editors.server.documents import Document
from schedlang._editors.server.hovering import hover
from schedlang._editors.server.manual import KEYWORD_DOCS, unit_doc
from schedlang._editors.server.positions import Change, Lines, changed
from schedlang._files.settings import Settings
from schedlang._language.highlight import WordKind
from schedlang._language.nodes import CLAUSES, PRIMITIVES
from schedlang._text.keywords import KEYWORDS
from schedlang._text.lark_parser import words as words_of
from schedlang._text.run import UNITS
from schedlang.errors import edited
from schedlang.strategies import broken_texts, texts

ODD = st.text(alphabet="aü€🙂\n\r\x0b\x0c\x85\u2028 ", max_size=20)


@given(ODD, st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_positions_and_back(text: str, encoding: str) -> None:
    """Each offset has a line and a column, which lead back to it; inside of a line end they lead to its beginning."""
    lines = Lines(text, encoding)
    for offset in range(len(text) + 1):
        back = lines.offset(*lines.position(offset))
        inside = text[offset - 1 : offset + 1] == "\r\n"
        assert back == (offset - 1 if inside else offset)


@given(ODD)
def test_columns_are_counted_in_utf16(text: str) -> None:
    """A column is how many units of UTF-16 stand in front of it on its line, as `str.encode` counts them."""
    for offset in range(len(text) + 1):
        _, column = Lines(text).position(offset)
        line = Lines(text).line_until(offset).rstrip("\r\n")
        assert column == len(line.encode("utf-16-le")) // 2


@given(ODD, st.integers(0, 20), st.integers(0, 20), ODD)
def test_a_change_is_a_slice(text: str, start: int, length: int, new: str) -> None:
    lines = Lines(text)
    start = lines.offset(*lines.position(min(start, len(text))))
    end = lines.offset(*lines.position(min(start + length, len(text))))
    change = Change(lines.position(start), lines.position(end), new)
    assert changed(text, [change]) == text[:start] + new + text[end:]


def told(document: Document) -> list[tuple[str, str]]:
    """The codes of what is wrong, each with the text that it is about."""
    return [(each.code, document.text[slice(*span)]) for each, span in document.diagnostics]


CONFIGS = {
    "a.yaml": "größe: 🙂\noptim: {lr: 'warmup(5%) then cosin(1, 0)', name: x}\n",
    "b.yml": "lr: |\n  warmup(5%)\n  then cosin(1, 0)  # slow\n",
    "c.yaml": 'a:\n- lr: "warmup(5%) \\\n    then cosin(1, 0)"\n',
    "d.json": '{"optim": {"lr": "warmup(5%) then cosin(1, 0)"}}',
    "e.toml": 'lr = "warmup(5%) then cosin(1, 0)"\n',
    "f.py": "import schedlang as s\nx = '🙂', s.parse(\n'''warmup(5%) then\n  cosin(1, 0)''')\n",
    "g.py": "from schedlang.torch import Scheduler\nScheduler(opt, {'lr': 'warmup(5%) ' # 🙂\n  'then cosin(1, 0)'})\n",
    "h.sched": "warmup(5%) then cosin(1, 0)",
}


@pytest.mark.parametrize("name", CONFIGS)
def test_mistakes_are_placed_and_mended(name: str) -> None:
    """In each format a mistake has its place in the document, and its fix leaves nothing to be told."""
    document = Document(name, CONFIGS[name])
    assert [text for _, text in told(document)] == ["cosin"]
    ((_, _, fix),) = document.fixable()
    mended = Document(name, edited(document.text, fix))
    assert mended.diagnostics == ()
    assert mended.text == document.text.replace("cosin", "cosine")
    assert len(mended.schedules) == 1
    assert edited(document.text, document.all_fixes()) == mended.text


PYTHON = '''
import schedlang
from schedlang import parse, ScheduleSet as Sets
from schedlang.torch import Scheduler
from other import Scheduler as Another
parse("lr")
parse("train.yaml:lr")
parse(f"{x} then cosine")
parse(b"cosine")
schedlang.parse("""
  cosine
""")
Sets({"lr": "cosine", "wd": {"a": "hold", "b": "no schedule at all"}}, 100, params={"w": "5%"})
Scheduler(opt, "warmup(5%) \\x63osine", total_steps="90ep", name="cosine")
Another(opt, "linear")
open("cosine")
'''


def test_which_strings_are_schedules() -> None:
    """In Python those given to what comes from schedlang: to `parse` any, to others if they look like one."""
    found = [each.schedule.text for each in Document("a.py", PYTHON).schedules if each.schedule is not None]
    assert found == ["lr", "\n  cosine\n", "cosine", "hold", "warmup(5%) cosine"]


def test_other_strings_and_files_are_left_alone() -> None:
    """Nothing is told of what is no schedule, of code without schedlang, and of what can't be parsed."""
    for name, text in [
        ("a.py", "parse('cosin')"),
        ("a.py", "import schedlang\nschedlang.parse('cosin("),
        ("a.py", "import schedlang\n" + "(" * 100_000),
        ("a.py", "import schedlang\0"),
        ("a.yaml", "{% if x %}: {"),
        ("a.yaml", "lr: ${other}\nname: cosin\n"),
        ("a.txt", "lr: cosin"),
        ("Makefile", ""),
    ]:
        assert Document(name, text).diagnostics == ()


def test_a_broken_file_is_told_of() -> None:
    """Where YAML itself refuses a schedule, that is told with its place; the rest of the file waits."""
    (found,) = told(Document("a.yaml", "lr: warmup(5%) then cosine: 3\n"))
    assert found == ("E508", ": ") or found[0] == "E508"
    assert [code for code, _ in told(Document("a.json", '{"lr": "cosin"'))] == ["E504"]


def test_names_that_nothing_declares() -> None:
    """They are mistakes in a config file, as `schedlang check` tells; code may give them values."""
    text = "optim: {lr: warmup(w) then hold until peek, where: {w: 5%, peak: 80%}}\nwd: hold until 80% then cosin\n"
    assert told(Document("a.yaml", text)) == [("E201", "peek"), ("E201", "cosin")]
    assert told(Document("a.yaml", text.replace("peek", "peak").replace("cosin", "cosine"))) == []
    assert told(Document("a.py", "import schedlang\nschedlang.parse('hold until peek')")) == []


def test_the_run_of_the_settings() -> None:
    """With a run in the settings warnings of the run are told, and codes that are not wanted are not."""
    text = "lr: warmup(5%) then cosine(1, 0) for 10\nwd: hold for n\n"
    settings = Settings(run={"total_steps": 1000, "params": {"other": 1}})
    assert [code for code, _ in told(Document("a.yaml", text, settings))] == ["W511", "W510", "E402"]
    quiet = Settings(run={"total_steps": 1000, "params": {"n": 100}}, ignore=("W510", "W511"))
    assert told(Document("a.yaml", text, quiet)) == []


@pytest.mark.parametrize(("name", "before", "after"), list(map(json.loads, lines_of("formatted-documents.jsonl"))))
def test_formatting(name: str, before: str, after: str | None) -> None:
    """The schedules are written as `format` writes them, and nothing else is touched; wrong ones stay."""
    assert edited(before, Document(name, before).formatted()) == (before if after is None else after)


def labels(text: str, kind: WordKind | None = None) -> set[str]:
    """What may be typed at the `|` of a text."""
    offset = text.index("|")
    items = complete(text.replace("|", ""), offset).items
    return {item.label for item in items if kind is None or item.kind is kind}


def test_completion_fits_the_place() -> None:
    """At each place there is what may stand there, and nothing else."""
    assert labels("|", WordKind.PRIMITIVE) == set(PRIMITIVES)
    assert labels("|", WordKind.KEYWORD) == set()
    known = {"then", "for", "until", "over", "skip", "every", "repeat", "from", "to", "where"}
    assert labels("cosine |", WordKind.KEYWORD) == known | set(CLAUSES)
    assert "to" not in labels("hold |")
    assert labels("cosine for |", WordKind.KEYWORD) == {"rest"}
    assert labels("cosine repeat 3 |") >= {"stretch", "scale", "ep"}
    assert labels("warmup(5|") == set(UNITS)
    assert labels("warmup(5e|") == set(UNITS)
    assert labels("warmup(5 |", WordKind.UNIT) == set(UNITS)
    assert labels("cosine(|", WordKind.LABEL) == {"start", "end", "duration", "ease", "inclusive"}
    assert labels("cosine(1, |", WordKind.LABEL) == {"end", "duration", "ease", "inclusive"}
    assert labels("cosine(1, inclusive=left, |", WordKind.LABEL) == {"end", "duration", "ease"}
    assert labels("round(step, |", WordKind.LABEL) == {"multiple"}
    assert labels("round(step, multiple=2, |", WordKind.LABEL) == labels("max(1, |", WordKind.LABEL) == set()
    words = {"left", "right", "both", "neither", "exact"}
    assert labels("cosine(1, 0, inclusive=|") == words & labels("cosine(inclusive=|")
    assert labels("warmup(w) then cosine(pe| where peak = max(1, w), w = 5%", WordKind.NAME) == {"peak", "w"}
    assert labels("cosine # the|") == set()
    assert labels("cosine where |") == set()
    assert labels("cosine ) | then", WordKind.PRIMITIVE) == set(PRIMITIVES)


def test_no_units_of_time_behind_values() -> None:
    """Behind `from` and `to` stand values; units come again with the next clause, argument or definition."""
    for text in ("linear from 0 |", "linear from 0|", "linear to 2 * 3 |", "hold for 5% then linear from 0 to 1 |"):
        assert labels(text, WordKind.UNIT) == set(), text
    assert "to" in labels("linear from 0 |")
    for text in (
        "linear to 0 for 5 |",
        "linear from 0 then warmup(5 |",
        "linear to max(1, (1 for 5 |",
        "(linear to 0) for 5 |",
        "max(linear to 0, 1 for 5 |",
        "warmup(w) then linear to 0, where w = 5 |",
        "x then hold where x = linear to 0, w = 5|",
    ):
        assert labels(text, WordKind.UNIT) == set(UNITS), text


def test_names_behind_where() -> None:
    """A definition may use those before it, and not itself."""
    assert labels("cosine(peak, 0) where peak = |", WordKind.NAME) == set()
    assert labels("cosine(peak, 0) where peak = pe|", WordKind.NAME) == set()
    assert labels("cosine(b, 0) where a = 1, b = |, c = 2", WordKind.NAME) == {"a"}
    assert labels("cosine(b, 0) where a = max(1, |), b = 3, c = 2", WordKind.NAME) == set()
    assert labels("cosine(|) where a = 1, b = 3", WordKind.NAME) == {"a", "b"}
    assert labels("cosine(a, 0) where a = 1, b = linear(start=|", WordKind.NAME) == {"a"}


@given(st.one_of(texts(), broken_texts(), st.text()), st.integers(0, 200))
def test_completion_and_hover_of_anything(text: str, offset: int) -> None:
    """Neither minds what the text is; what was typed of a word stands in front of the place."""
    offset = min(offset, len(text))
    found = complete(text, offset)
    assert text[offset - found.typed : offset].isidentifier() or not found.typed
    told_of = hover(text, offset)
    assert told_of is None or (told_of.markdown and told_of.span.start <= offset < told_of.span.end)


@pytest.mark.parametrize("text", conformance()[::7])
def test_every_word_of_a_text_could_be_completed(text: str) -> None:
    """Where a text has a keyword, a primitive or a unit, that is what completion offers there."""
    words = list(words_of(text))
    for index, word in enumerate(words):
        said = text[word.start : word.end]
        follows_by = text[words[index + 1].start] if index + 1 < len(words) else ""
        if follows_by != "=" and (said in KEYWORDS or said in PRIMITIVES or said in UNITS):
            assert said in {item.label for item in complete(text, word.start).items}, (said, word.start)


def test_manual_is_whole() -> None:
    """Each reserved word of the grammar and each unit is explained."""
    assert all(KEYWORD_DOCS[word] for word in KEYWORDS)
    assert all(unit_doc(word) for word in UNITS)


def test_hover_tells_of_each_word() -> None:
    """Signature, argument, unit, name, keyword, and the phase with its steps if there is a run."""
    text = "warmup(w) then cosine(1, 0, duration=5%) every 2 ep where w = 3ep"
    bound = parse(text).bind(1000, steps_per_epoch=10)

    def at(word: str) -> str:
        found = hover(text, text.index(word), bound)
        assert found is not None
        return found.markdown

    assert "warmup(" in at("warmup")
    assert "Steps 0 to 29 of 1000" in at("warmup")
    assert "w = 3 ep" in at("w)") or "w = 3ep" in at("w)")
    assert "`then`" not in at("then") and "a then b" in at("then")
    assert "`duration`:" in at("duration")
    assert "5 % = 50 steps" in at("5%")
    assert "Epochs" in at("ep where")
    assert "2 ep = 20 steps" in at("ep where")
    without = hover(text, 0)
    assert without is not None
    assert "Steps" not in without.markdown


CHOICES = [
    ("round(step, mul|tiple=8)", "`multiple`: to multiples of what, a number above 0"),
    ("linear(0, 1, inclusive=bo|th)", "`both` for `inclusive`: which ends are shown at whole steps; one of left"),
    ("keyframes(0 @ 0, 1 @ 9, shape=ho|ld)", "`hold` for `shape`: "),
    ("keyframes(0 @ 0, 1 @ 9, shape = lin|ear)", "`linear` for `shape`: "),
    ("x then hold where x = lin|ear", "linear(start=…"),
    ("linear(0, both, 5, inclusive=left) then bo|th where both = 3", "both = 3"),
    ("linear(start=ho|ld)", "hold"),
]


@pytest.mark.parametrize(("text", "expected"), CHOICES)
def test_hover_tells_of_choices(text: str, expected: str) -> None:
    """A word that an argument is chosen by is no name and no primitive."""
    found = hover(text.replace("|", ""), text.index("|"))
    assert found is not None
    assert expected in found.markdown
    assert ("for `" in found.markdown) == ("for `" in expected)


def test_half_typed_documents() -> None:
    """There is something to complete where no schedule is yet, and where the file can't be read."""

    def at(name: str, text: str) -> str | None:
        offset = text.index("|")
        found = Document(name, text.replace("|", "")).inside(offset)
        return None if found is None else found.text[: found.offset]

    assert at("a.yaml", "x: 1\nlr: |\n") == ""
    assert at("a.yaml", "lr: warmup(5%) |\nx: 1\n") == "warmup(5%) "
    assert at("a.yaml", "lr: >\n  warmup(5%)\n  then co|\n") == "warmup(5%) then co"
    assert at("a.yaml", "- {name: x, lr: 'warm|\n") == "warm"
    assert at("a.yaml", 'a: "x\n- lr: "cosine(inclusive=|\n') == "cosine(inclusive="
    assert at("a.yaml", "name: war|\n") is None
    assert at("a.json", '{"lr": "war|') == "war"
    assert at("a.toml", 'lr = "war|') == "war"
    assert at("a.py", "import schedlang\nx = schedlang.parse('warmup(5|") == "warmup(5"
    assert at("a.py", "from schedlang import parse\nx = parse('warmup(5|')") == "warmup(5"
    assert at("a.sched", "war|") == "war"


class Client(LanguageClient):
    """A client that keeps what the server tells of documents."""

    def __init__(self) -> None:
        super().__init__("test", "1")
        self.told: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()
        self.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: self.told.put_nowait(params))
        self.messages: list[Any] = []
        for each in (lsp.WINDOW_SHOW_MESSAGE, lsp.WINDOW_LOG_MESSAGE):
            self.feature(each)(lambda params: self.messages.append(params))

    async def diagnostics(self) -> list[lsp.Diagnostic]:
        """What the server tells next."""
        return list((await asyncio.wait_for(self.told.get(), 60)).diagnostics)

    def open(self, uri: str, text: str, language: str = "yaml") -> None:
        self.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, language, 1, text)))

    def change(self, uri: str, *edits: lsp.TextEdit, version: int = 2) -> None:
        """Change a document piece by piece, from its end to its start."""
        behind = sorted(edits, key=lambda edit: (edit.range.start.line, edit.range.start.character), reverse=True)
        events = [lsp.TextDocumentContentChangePartial(edit.range, edit.new_text) for edit in behind]
        document = lsp.VersionedTextDocumentIdentifier(version, uri)
        self.text_document_did_change(lsp.DidChangeTextDocumentParams(document, events))


def session(talk: Callable[[Client], Awaitable[None]], *encodings: lsp.PositionEncodingKind) -> None:
    """Start the server, talk to it, and say goodbye."""

    async def run() -> None:
        client = Client()
        await client.start_io(sys.executable, "-m", "schedlang", "lsp")
        general = lsp.GeneralClientCapabilities(position_encodings=list(encodings) or None)
        await client.initialize_async(lsp.InitializeParams(lsp.ClientCapabilities(general=general)))
        client.initialized(lsp.InitializedParams())
        await talk(client)
        await client.shutdown_async(None)
        client.exit(None)
        assert client._server is not None
        assert await asyncio.wait_for(client._server.wait(), 60) == 0
        await client.stop()

    asyncio.run(run())


def position(text: str, offset: int) -> lsp.Position:
    return lsp.Position(*Lines(text).position(offset))


@pytest.mark.slow
def test_a_session(tmp_path: Path) -> None:
    """Open, see a mistake, mend it by an action, hover, complete, format, close."""
    (tmp_path / "pyproject.toml").write_text("[tool.schedlang.run]\ntotal_steps = 1000\n", encoding="utf-8")
    uri = (tmp_path / "train.yaml").as_uri()
    text = '{"ü🙂": 1, lr: "warmup(5%)  then cosin(1, 0)"}  # 🙂\n'
    document = lsp.TextDocumentIdentifier(uri)

    async def talk(client: Client) -> None:
        client.open(uri, text)
        (wrong,) = await client.diagnostics()
        start = text.index("cosin")
        assert (wrong.code, wrong.severity) == ("E201", lsp.DiagnosticSeverity.Error)
        assert wrong.range == lsp.Range(position(text, start), position(text, start + 5))
        assert wrong.range.start.character == start + 1  # as UTF-16 has two units for the smile

        context = lsp.CodeActionContext([wrong])
        actions = await client.text_document_code_action_async(lsp.CodeActionParams(document, wrong.range, context))
        quick, everything = actions or []
        assert isinstance(quick, lsp.CodeAction)
        assert quick.title == "Insert `e`" or "cosine" in quick.title
        assert quick.edit is not None and quick.edit.changes is not None
        assert everything.kind == "source.fixAll.schedlang"  # type: ignore[union-attr]
        client.change(uri, *quick.edit.changes[uri])
        assert await client.diagnostics() == []
        mended = text.replace("cosin", "cosine")

        hovered = await client.text_document_hover_async(lsp.HoverParams(document, position(mended, start)))
        assert hovered is not None
        assert "Steps 50 to 999 of 1000" in hovered.contents.value  # type: ignore[union-attr]
        assert hovered.range == lsp.Range(position(mended, start), position(mended, start + 6))

        asked = lsp.CompletionParams(document, position(mended, mended.index("then") + 2))
        items = await client.text_document_completion_async(asked)
        assert isinstance(items, list)
        then = next(item for item in items if item.label == "then")
        assert isinstance(then.text_edit, lsp.TextEdit)
        assert then.text_edit.range.end.character - then.text_edit.range.start.character == 2

        options = lsp.FormattingOptions(2, True)
        edits = await client.text_document_formatting_async(lsp.DocumentFormattingParams(document, options))
        client.change(uri, *(edits or []), version=3)
        assert await client.diagnostics() == []
        again = await client.text_document_formatting_async(lsp.DocumentFormattingParams(document, options))
        assert edits and not again

        (tmp_path / "pyproject.toml").write_text("[tool.schedlang.run]\ntotal_steps = 40\n", encoding="utf-8")
        end = mended.index("1, 0)")
        client.change(uri, lsp.TextEdit(lsp.Range(position(mended, end - 1), position(mended, end - 1)), ""), version=4)
        await client.diagnostics()
        client.text_document_did_save(lsp.DidSaveTextDocumentParams(document))
        await client.diagnostics()
        client.text_document_did_close(lsp.DidCloseTextDocumentParams(document))
        assert await client.diagnostics() == []
        assert client.messages == []

    session(talk)


@pytest.mark.slow
def test_typing_letter_by_letter(tmp_path: Path) -> None:
    """Each letter is a change, and when the last is typed nothing is wrong; the same with other units for columns."""
    uri = (tmp_path / "a.yaml").as_uri()
    typed = "🙂: 'x\u2028y'\nlr: warmup(5%) then cosine(1, 0)"

    async def talk(client: Client) -> None:
        client.open(uri, "")
        await client.diagnostics()
        for index, letter in enumerate(typed):
            here = lsp.Position(*Lines(typed[:index], "utf-8").position(index))
            client.change(uri, lsp.TextEdit(lsp.Range(here, here), letter), version=index + 2)
            found = await client.diagnostics()
            asked = lsp.CompletionParams(lsp.TextDocumentIdentifier(uri), here)
            await client.text_document_completion_async(asked)
        assert found == []
        client.change(uri, lsp.TextEdit(lsp.Range(here, here), "x"), version=99)
        assert [each.code for each in await client.diagnostics()] != []

    session(talk, lsp.PositionEncodingKind.Utf8)


HOSTILE = {
    "broken.yaml": "lr: [\n  a: {b\n\t- ]: 'cosine\n",
    "bomb.yaml": "a: &a [x]\n"
    + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in pairwise("abcdefghijklmnopqrstuvwxyz"))
    + "lr: *z\n",
    "deep.yaml": "lr: " + "[" * 5000,
    "deep.json": '{"lr": ' + "[" * 100_000,
    "long.yaml": "lr: " + "cosine then " * 10_000,
    "nested.yaml": "lr: " + "(" * 200 + "cosine",
    "zero.yaml": "lr: cosine\0",
    "tags.yaml": "lr: !!python/object/apply:os.system ['true']\n",
    "half.yaml": "lr: '\ud83d'\n",
    "deep.py": "import schedlang\nschedlang.parse" + "(" * 5000,
    "zero.py": "import schedlang\nschedlang.parse('\0')",
    "bad.toml": "lr = \n[[",
    "none.txt": "cosine",
}  # fmt: skip


@pytest.mark.slow
def test_hostile_documents(tmp_path: Path) -> None:
    """Nothing that a document may be ends the server, nor is anything but the document's mistakes told."""

    async def talk(client: Client) -> None:
        for name, text in HOSTILE.items():
            uri = (tmp_path / name).as_uri()
            document = lsp.TextDocumentIdentifier(uri)
            text = text.encode("utf-8", "replace").decode()
            client.open(uri, text, "python" if name.endswith(".py") else "yaml" if ".yaml" in name else "")
            await client.diagnostics()
            here = position(text, len(text))
            await client.text_document_hover_async(lsp.HoverParams(document, here))
            await client.text_document_completion_async(lsp.CompletionParams(document, lsp.Position(10**6, 10**6)))
            options = lsp.FormattingOptions(2, True)
            await client.text_document_formatting_async(lsp.DocumentFormattingParams(document, options))
            whole = lsp.Range(lsp.Position(0, 0), here)
            context = lsp.CodeActionContext([])
            await client.text_document_code_action_async(lsp.CodeActionParams(document, whole, context))
        uri = "untitled:Untitled-1"
        client.open(uri, "lr: warmup(5%) then cosin\n")
        assert [each.code for each in await client.diagnostics()] == ["E201"]
        assert client.messages == []

    session(talk)


def test_without_pygls(tmp_path: Path) -> None:
    (tmp_path / "pygls.py").write_text("raise ImportError('not here')\n", encoding="utf-8")
    found = python("-m", "schedlang", "lsp", PYTHONPATH=f"{tmp_path}:{ROOT}")
    assert found.returncode == 3
    assert "E502" in found.stderr
    assert "schedlang[lsp]" in found.stderr


def test_spans_outside_of_pieces() -> None:
    """A question about no schedule has no answer."""
    document = Document("a.yaml", "x: 1\nlr: cosine\n")
    assert document.inside(0) is None
    assert not list(document.fixable())


@pytest.mark.slow
def test_primitives_of_a_project(tmp_path: Path) -> None:
    """The modules that the settings name are imported; one that cannot be is told once, and the rest works."""
    code = "from schedlang.primitives import Ramp, primitive\n\n@primitive\nclass Rex(Ramp):\n    'A line.'\n"
    code += "    name = 'rex'\n"
    code += (
        "    @staticmethod\n    def at(k, n, xp, *, start, end):\n        return end + (start - end) * ((n - k) / n)\n"
    )
    (tmp_path / "rex.py").write_text(code, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.schedlang]\nimports = ["rex", "rux"]\n', encoding="utf-8")
    uri = (tmp_path / "a.yaml").as_uri()

    async def talk(client: Client) -> None:
        client.open(uri, "lr: warmup(5%) then rex(3e-4, 0)\n")
        assert await client.diagnostics() == []
        start = lsp.Position(0, 0)
        client.change(uri, lsp.TextEdit(lsp.Range(start, start), "# rex\n"))
        assert await client.diagnostics() == []
        assert [each.message for each in client.messages] == ["there is no module `rux`"]

    session(talk)
