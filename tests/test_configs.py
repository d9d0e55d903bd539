"""References into config files: `train.yaml:optim.lr`."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from helpers import refused

from schedlang import ScheduleError, parse
from schedlang._files.formats import Branch, ConfigFile
from schedlang._files.reading import read_reference as read
from schedlang._files.reading import read_text
from schedlang._files.references import is_reference

YAML = """\
optim:
  name: adam
  lr: warmup(5%) then cosine
  peak: 3e-4
  floor: 0.001
  steps: 500
  wrong: warmup(5%) then cosin(1, 0)
  nesterov: true
  nothing:
  inf: .inf
  since: 2024-01-01
  braces: {linear(1, 2)}
  entry: {lr: keyframes(0 @ 0, 1 @ 100%), wd: 0.1}
  brackets: [linear(0, 1), 2]
  group: {a: cosine, b: [hold, 3]}
a.b:
  c: cosine
  c.d: linear
7: {1: exponential(end=1)}
"""

TOML = """\
[tool.train]
lr = "warmup(5%) then cosine"
"odd.key" = 1e-3
"""

SEVERAL = """\
# the first
optim:
  lr: cosine
  wd: 0.1
---
sgd:
  lr: hold
  flow: {lr: linear(0, 1)}
---
---
optim:
  wd: linear
  wrong: cosin(1, 0)
  flow: {lr: cosine(0, 1)}
"""

JSON = """\
{"schedules": [{"lr": "cosine"}, {"lr": 0.001}], "count": 2}
"""


BOMB = [(n, f"b{n - 1}" if n else "a") for n in range(41)]
"""A list of lists of lists, each twice the one before."""


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with config files, to work in."""
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "train.yaml": YAML,
        "pyproject.toml": TOML,
        "conf.json": JSON,
        "bad.yaml": "optim:\n  lr: 5% x: y\n",
        "percent.yml": "lr: % of it\n",
        "tag.yaml": "lr: !!python/object:os.system x\n",
        "misfit.yaml": "lr: !!bool maybe\n",
        "bomb.yaml": "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*{b}, *{b}]\n" for n, b in BOMB) + "lr: *b40\n",
        "control.yaml": "lr: \x07\n",
        "bad.json": '{"lr": "cosine",}',
        "deep.json": "[" * 100_000,
        "bad.toml": "a = 1\nb == 2\n",
        "open.toml": 'a = "x',
        "empty.yaml": "",
        "several.yaml": SEVERAL,
        "cut.yaml": "lr: cosine\n---\nlr: hold\nb: 5% x: y\n",
        "dashes.yaml": "---\nlr: cosine\n---\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "latin.yaml").write_bytes(b"lr: \xe9\n")
    (tmp_path / "mark.toml").write_bytes(b'\xef\xbb\xbflr = "cosine"\n')
    (tmp_path / "folder.yaml").mkdir()
    return tmp_path


READS_A_VALUE = {
    "yaml-text": ("train.yaml:optim.lr", "warmup(5%) then cosine"),
    "yaml-number-that-is-a-string": ("train.yaml:optim.peak", "3e-4"),
    "yaml-float": ("train.yaml:optim.floor", "0.001"),
    "yaml-int": ("train.yaml:optim.steps", "500"),
    "key-with-a-dot": ("train.yaml:a.b.c", "cosine"),
    "longest-key-first": ("train.yaml:a.b.c.d", "linear"),
    "keys-that-are-numbers": ("train.yaml:7.1", "exponential(end=1)"),
    "list-in-a-mapping": ("train.yaml:optim.group.b.0", "hold"),
    "json-index": ("conf.json:schedules.0.lr", "cosine"),
    "json-number": ("conf.json:schedules.1.lr", "0.001"),
    "toml-text": ("pyproject.toml:tool.train.lr", "warmup(5%) then cosine"),
    "toml-quoted-key": ("pyproject.toml:tool.train.odd.key", "0.001"),
    "byte-order-mark": ("mark.toml:lr", "cosine"),
    "first-document": ("several.yaml:optim.lr", "cosine"),
    "second-document": ("several.yaml:sgd.lr", "hold"),
    "empty-document": ("dashes.yaml:lr", "cosine"),
    "path": ("./train.yaml:optim.lr", "warmup(5%) then cosine"),
}


@pytest.mark.parametrize(("reference", "text"), READS_A_VALUE.values(), ids=READS_A_VALUE)
def test_reads_a_value(reference: str, text: str) -> None:
    """A reference is read as the text at its key, and the reference is the name of the text."""
    source = read_text(reference)
    assert (source.text, source.name) == (text, reference)


def test_errors_in_the_text_name_file_and_key() -> None:
    """A mistake in a schedule that came from a file is shown with the file and the key."""
    carried = read("train.yaml:optim.wrong")
    with pytest.raises(ScheduleError) as caught, carried.places():
        parse(carried.text, name=carried.name)
    assert str(caught.value).startswith(
        "error[E201]: unknown name `cosin`\n"
        " --> train.yaml:7:26 (optim.wrong)\n"
        "  |\n"
        "7 |   wrong: warmup(5%) then cosin(1, 0)\n"
        "  |                          ^^^^^\n"
        "  = help: "
    )


REFUSES = {
    "typo": ("trian.yaml:lr", "E501", "there is no file `trian.yaml`", "did you mean `train.yaml`?"),
    "no-directory": (
        "no/such/train.yaml:lr",
        "E501",
        "there is no file `no/such/train.yaml`",
        "there is no directory `no/such` either",
    ),
    "directory": ("folder.yaml:lr", "E501", "cannot read `folder.yaml`: Is a directory", None),
    "nul": ("x\0.yaml:lr", "E501", "cannot read `x\0.yaml`: embedded null byte", None),
    "ending": (
        "train.txt:lr",
        "E503",
        "`train.txt` is not a config file",
        "a reference is `FILE:KEY`, and FILE ends in `.yaml`, `.yml`, `.json` or `.toml`; "
        "the text of a schedule has no `:`",
    ),
    "a-line-of-yaml": (
        "lr: cosine",
        "E503",
        "`lr` is not a config file",
        "a reference is `FILE:KEY`, and FILE ends in `.yaml`, `.yml`, `.json` or `.toml`; "
        "the text of a schedule has no `:`",
    ),
    "not-utf-8": ("latin.yaml:lr", "E504", "`latin.yaml` is not UTF-8 text (byte 4)", "save it as UTF-8"),
    "yaml-colon": (
        "bad.yaml:optim.lr",
        "E508",
        "YAML takes what stands before `: ` for a key",
        'put the schedule in quotes: `"5% x: y"`',
    ),
    "yaml-percent": (
        "percent.yml:lr",
        "E508",
        "a value of YAML that begins with `%` is a directive",
        'put the schedule in quotes: `"% of it"`',
    ),
    "yaml-tag-is-not-run": (
        "tag.yaml:lr",
        "E504",
        "`tag.yaml` cannot be read: line 1, column 5: could not determine a constructor for the tag "
        "'tag:yaml.org,2002:python/object:os.system'",
        None,
    ),
    "yaml-tag-that-does-not-fit": (
        "misfit.yaml:lr",
        "E504",
        "`misfit.yaml` cannot be read: line 1, column 1: a tag does not fit its value",
        None,
    ),
    "yaml-aliases-of-aliases": (
        "bomb.yaml:lr",
        "E506",
        "`bomb.yaml:lr` is a list of 2, not a schedule",
        'a schedule is text or a number: `"warmup(5%) then cosine"`, `3e-4`',
    ),
    "yaml-control-character": (
        "control.yaml:lr",
        "E504",
        "`control.yaml` cannot be read: line 1, column 5: special characters are not allowed",
        None,
    ),
    "json-trailing-comma": (
        "bad.json:lr",
        "E504",
        "`bad.json` cannot be read: line 1, column 17: expecting property name enclosed in double quotes",
        None,
    ),
    "json-depth": (
        "deep.json:lr",
        "E504",
        "`deep.json` cannot be read: line 1, column 1: it is nested too deeply",
        None,
    ),
    "toml-line": ("bad.toml:a", "E504", "`bad.toml` cannot be read: line 2, column 4: invalid value", None),
    "toml-end": ("open.toml:a", "E504", "`open.toml` cannot be read: line 1, column 7: unterminated string", None),
    "key-typo": (
        "train.yaml:optim.lrr",
        "E505",
        "`optim` in `train.yaml` has no key `lrr`",
        "did you mean `train.yaml:optim.lr`?",
    ),
    "no-key": (
        "train.yaml:quite.else",
        "E505",
        "`train.yaml` has no key `quite.else`",
        "there is `optim`, `a.b` or `7`",
    ),
    "key-in-text": (
        "train.yaml:optim.lr.0",
        "E505",
        "`optim.lr` in `train.yaml` has no key `0`: it is text",
        "did you mean `train.yaml:optim.lr`?",
    ),
    "index-past-the-end": (
        "conf.json:schedules.2.lr",
        "E505",
        "`schedules` in `conf.json` has no key `2.lr`: it is a list of 2",
        "did you mean `conf.json:schedules.1.lr`?",
    ),
    "key-in-two-documents": (
        "several.yaml:optim.wd",
        "E511",
        "`several.yaml` has `optim.wd` in documents 1 and 4 (lines 4 and 12)",
        "put each document into a file of its own, or check all of `several.yaml`",
    ),
    "mapping-in-two-documents": (
        "several.yaml:optim",
        "E511",
        "`several.yaml` has `optim` in documents 1 and 4 (lines 3 and 12)",
        "put each document into a file of its own, or check all of `several.yaml`",
    ),
    "key-in-no-document": (
        "several.yaml:optim.lrr",
        "E505",
        "`optim` in `several.yaml` has no key `lrr`",
        "did you mean `several.yaml:optim.lr`?",
    ),
    "no-key-in-documents": (
        "several.yaml:quite.else",
        "E505",
        "`several.yaml` has no key `quite.else`",
        "there is `optim` or `sgd`",
    ),
    "no-key-given-for-documents": (
        "several.yaml",
        "E505",
        "no key says which schedule of `several.yaml` is meant",
        "write `several.yaml:optim.lr` or `several.yaml:sgd.lr`",
    ),
    "cut-in-the-second-document": (
        "several.yaml:sgd.flow.lr",
        "E507",
        "YAML cut the text of `several.yaml:sgd.flow.lr` at a comma, as it stands in braces or brackets",
        'put the schedule in quotes: `"linear(0, 1)"`',
    ),
    "malformed-second-document": (
        "cut.yaml:lr",
        "E508",
        "YAML takes what stands before `: ` for a key",
        'put the schedule in quotes: `"5% x: y"`',
    ),
    "empty-file": ("empty.yaml:lr", "E505", "`empty.yaml` has no key `lr`: it is empty", None),
    "no-key-given": (
        "conf.json",
        "E505",
        "no key says which schedule of `conf.json` is meant",
        "write `conf.json:schedules.0.lr`, `conf.json:schedules.1.lr` or `conf.json:count`",
    ),
    "no-key-and-no-schedule": (
        "empty.yaml:",
        "E505",
        "no key says which schedule of `empty.yaml` is meant",
        "none of its values is a schedule",
    ),
    "mapping": (
        "train.yaml:optim.group",
        "E506",
        "`train.yaml:optim.group` is a mapping, not a schedule",
        "write `train.yaml:optim.group.a` or `train.yaml:optim.group.b.0`",
    ),
    "list": (
        "conf.json:schedules",
        "E506",
        "`conf.json:schedules` is a list of 2, not a schedule",
        "write `conf.json:schedules.0.lr`",
    ),
    "bool": (
        "train.yaml:optim.nesterov",
        "E506",
        "`train.yaml:optim.nesterov` is true, not a schedule",
        'a schedule is text or a number: `"warmup(5%) then cosine"`, `3e-4`',
    ),
    "null": (
        "train.yaml:optim.nothing",
        "E506",
        "`train.yaml:optim.nothing` is empty, not a schedule",
        'a schedule is text or a number: `"warmup(5%) then cosine"`, `3e-4`',
    ),
    "date": (
        "train.yaml:optim.since",
        "E506",
        "`train.yaml:optim.since` is a date or time, not a schedule",
        'a schedule is text or a number: `"warmup(5%) then cosine"`, `3e-4`',
    ),
    "infinite": (
        "train.yaml:optim.inf",
        "E506",
        "`train.yaml:optim.inf` is inf, not a finite number",
        "use a number that a float can hold",
    ),
    "cut-by-its-own-braces": (
        "train.yaml:optim.braces",
        "E507",
        "YAML cut the text of `train.yaml:optim.braces` at a comma, as it stands in braces or brackets",
        'put the schedule in quotes: `"linear(1, 2)"`',
    ),
    "cut-in-a-flow-mapping": (
        "train.yaml:optim.entry.lr",
        "E507",
        "YAML cut the text of `train.yaml:optim.entry.lr` at a comma, as it stands in braces or brackets",
        'put the schedule in quotes: `"keyframes(0 @ 0, 1 @ 100%)"`',
    ),
    "cut-by-brackets": (
        "train.yaml:optim.brackets",
        "E507",
        "YAML cut the text of `train.yaml:optim.brackets` at a comma, as it stands in braces or brackets",
        'put the schedule in quotes: `"linear(0, 1)"`',
    ),
}


@pytest.mark.parametrize(("reference", "code", "message", "hint"), REFUSES.values(), ids=REFUSES)
def test_refuses(reference: str, code: str, message: str, hint: str | None) -> None:
    """What is wrong with a file, its key or its value is one error, with a hint where there is one to give."""
    (diagnostic,) = refused(read_text, reference).diagnostics
    assert (diagnostic.code, diagnostic.message, diagnostic.hint) == (code, message, hint)


def test_points_into_the_reference() -> None:
    """The carets are below the part of the key that isn't there."""
    assert str(refused(read_text, "train.yaml:optim.lrr")) == (
        "error[E505]: `optim` in `train.yaml` has no key `lrr`\n"
        "  |\n"
        "1 | train.yaml:optim.lrr\n"
        "  |                  ^^^\n"
        "  = help: did you mean `train.yaml:optim.lr`?"
    )


def test_points_into_the_file() -> None:
    """A file that isn't well-formed is shown where it isn't."""
    assert str(refused(read_text, "bad.toml:b")) == (
        "error[E504]: `bad.toml` cannot be read: line 2, column 4: invalid value\n"
        " --> bad.toml:2:4\n"
        "  |\n"
        "2 | b == 2\n"
        "  |    ^"
    )


def test_points_into_the_document() -> None:
    """An error in a text is shown in the document that it stands in."""
    carried = read("several.yaml:optim.wrong")
    with pytest.raises(ScheduleError) as caught, carried.places():
        parse(carried.text, name=carried.name)
    (found,) = caught.value.diagnostics
    assert found.source is not None
    assert found.span is not None
    assert found.source.position(found.span.start) == (13, 10)


def test_documents_do_not_mix(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each document has its own values, even in memory that the one before it has left."""
    documents: list[Any] = [{"a": ["x"] * (n % 5)} if n % 2 else {f"b{n}": {"lr": n, "c": [1, n]}} for n in range(20)]
    compose = yaml.compose_all

    def tidied(*given: Any, **named: Any) -> Iterator[Any]:
        for node in compose(*given, **named):
            yield node
            del node
            gc.collect()

    monkeypatch.setattr(yaml, "compose_all", tidied)
    gc.freeze()  # what is there already need not be looked through three hundred times
    trees = ConfigFile.of("a.yaml", "---\n".join(f"{json.dumps(each)}\n" for each in documents)).documents
    gc.unfreeze()
    assert [tree.plain() for tree in trees if isinstance(tree, Branch)] == documents


def test_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without PyYAML a YAML file is refused with the command that installs it, and TOML still works."""
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert str(refused(read_text, "train.yaml:optim.lr")) == (
        "error[E502]: reading YAML needs the package `yaml`, which is not installed\n"
        "  = help: run `pip install 'schedlang[cli]'`"
    )
    assert read_text("pyproject.toml:tool.train.lr").text == "warmup(5%) then cosine"


TELLS_REFERENCES_FROM_SCHEDULES = {
    "file-and-key": ("train.yaml:optim.lr", True),
    "file": ("train.yaml", True),
    "colon": ("missing.yaml:lr", True),
    "no-such-file": ("missing.yaml", True),
    "directory": ("folder.yaml", True),
    "schedule": ("warmup(5%) then cosine", False),
    "colon-in-a-comment": ("cosine # why: because", False),
}


@pytest.mark.parametrize(
    ("text", "expected"), TELLS_REFERENCES_FROM_SCHEDULES.values(), ids=TELLS_REFERENCES_FROM_SCHEDULES
)
def test_tells_references_from_schedules(text: str, expected: bool) -> None:
    """A reference has a colon, or the ending of a config file."""
    assert is_reference(text) is expected
