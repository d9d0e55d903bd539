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
from helpers import EXPECTED, cases, refused, told
from hypothesis import example, given
from hypothesis import strategies as st

from schedlang import ScheduleError, parse
from schedlang._files.formats import Branch, ConfigFile, Tree, walk
from schedlang._files.formats.yamls import yaml_trees
from schedlang._files.reading import read_reference as read
from schedlang._files.references import is_reference

TOML = """\
[tool.train]
lr = "warmup(5%) then cosine"
"odd.key" = 1e-3
"""

JSON = """\
{"schedules": [{"lr": "cosine"}, {"lr": 0.001}], "count": 2}
"""


BOMB = [(n, f"b{n - 1}" if n else "a") for n in range(41)]
"""A list of lists of lists, each twice the one before."""


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "train.yaml": (EXPECTED / "configs.yaml").read_text(encoding="utf-8"),
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
        "several.yaml": (EXPECTED / "several.yaml").read_text(encoding="utf-8"),
        "cut.yaml": "lr: cosine\n---\nlr: hold\nb: 5% x: y\n",
        "dashes.yaml": "---\nlr: cosine\n---\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "latin.yaml").write_bytes(b"lr: \xe9\n")
    (tmp_path / "mark.toml").write_bytes(b'\xef\xbb\xbflr = "cosine"\n')
    (tmp_path / "folder.yaml").mkdir()
    return tmp_path


READS_A_VALUE = cases("reads.jsonl")


@pytest.mark.parametrize(("reference", "text"), READS_A_VALUE.values(), ids=READS_A_VALUE)
def test_reads_a_value(reference: str, text: str) -> None:
    """A reference is read as the text at its key, and the reference is the name of the text."""
    source = read(reference)
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


REFUSES = [
    *((reference, lines) for reference, _, lines in told("references.txt")),
    ("x\0.yaml:lr", ["E501: cannot read `x\0.yaml`: embedded null byte"]),
]


@pytest.mark.parametrize(("reference", "lines"), REFUSES, ids=[ascii(reference) for reference, _ in REFUSES])
def test_refuses(reference: str, lines: list[str]) -> None:
    """What is wrong with a file, its key or its value is one error, with a hint where there is one to give."""
    (found,) = refused(read, reference).diagnostics
    assert [f"{found.code}: {found.message}", *([] if found.hint is None else [found.hint])] == lines


def test_points_into_the_reference() -> None:
    """The carets are below the part of the key that isn't there."""
    assert str(refused(read, "train.yaml:optim.lrr")) == (
        "error[E505]: `optim` in `train.yaml` has no key `lrr`\n"
        "  |\n"
        "1 | train.yaml:optim.lrr\n"
        "  |                  ^^^\n"
        "  = help: did you mean `train.yaml:optim.lr`?"
    )


def test_points_into_the_file() -> None:
    """A file that isn't well-formed is shown where it isn't."""
    assert str(refused(read, "bad.toml:b")) == (
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


def test_merged_mappings() -> None:
    """The first of those merged has a key, as YAML says, and own keys come before; PyYAML 6.0.4 takes the last."""
    text = (
        "a: &a {lr: 1, b1: 1}\nb: &b {lr: 2, b2: 2}\nc: &c {<<: [*a, *b], b1: 3}\nd: {b2: 4, <<: [*c, {eps: 5, lr: 5}]}"
    )
    (tree,) = yaml_trees(text)
    assert isinstance(tree, Branch)
    assert tree.plain()["c"] == {"lr": 1, "b1": 3, "b2": 2}
    assert tree.plain()["d"] == {"lr": 1, "b1": 3, "b2": 4, "eps": 5}


def test_a_merge_bomb() -> None:
    """However often a mapping is merged, its keys are kept once: some 10³⁸ entries are three."""
    levels = (f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}], k: {n}}}\n" for n in range(1, 41))
    (tree,) = yaml_trees("a0: &a0 {lr: cosine, x: 1}\n" + "".join(levels))
    assert isinstance(tree, Branch)
    assert tree.plain()["a40"] == {"lr": "cosine", "x": 1, "k": 40}
    assert all(len(below.entries) <= 4 for _, _, below in tree.entries if isinstance(below, Branch))


YAML_PIECES = [
    *(
        "a",
        "b: ",
        "- ",
        "\n",
        "\n  ",
        "\n    ",
        "\r\n",
        "  ",
        "\t",
        "'",
        '"',
        "''",
        "\\n",
        " # c",
        "#c",
        "{",
        "}",
        "[",
        "]",
        ", ",
    ),
    *(
        "|\n  ",
        ">-\n  ",
        "|2\n   ",
        "? ",
        "&x ",
        "*x",
        "!t ",
        "!!str ",
        "<<: *x",
        "---\n",
        "...\n",
        "%",
        "\r",
        "\x85",
        "\u2028",
    ),
    *("\u00e9", "\U0001d518", "\ufeff", "lr: ", "cosine(1, 0)"),
]


@given(st.lists(st.sampled_from(YAML_PIECES), max_size=14).map("".join))
@example((EXPECTED / "configs.yaml").read_text(encoding="utf-8"))
@example((EXPECTED / "mistakes.yaml").read_text(encoding="utf-8"))
@example((EXPECTED / "unformatted.yaml").read_text(encoding="utf-8").replace("\n", "\r\n"))
def test_libyaml_gives_the_same_trees(text: str) -> None:
    """Values, places and styles; where it is more lenient, there is nothing to compare."""
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(yaml, "__with_libyaml__", False)
            slow = yaml_trees(text)
    except yaml.YAMLError:
        return
    assert yaml.__with_libyaml__
    for one, other in zip(slow, yaml_trees(text), strict=True):
        assert [(path, span, _as_written(tree)) for path, span, tree in walk(one)] == [
            (path, span, _as_written(tree)) for path, span, tree in walk(other)
        ]


def _as_written(tree: Tree) -> object:
    if isinstance(tree, Branch):
        return tree.span, tree.mapping
    return tree.value, tree.span, tree.style, tree.pieces, tree.indent, tree.flow


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
    assert str(refused(read, "train.yaml:optim.lr")) == (
        "error[E502]: reading YAML needs the package `yaml`, which is not installed\n"
        "  = help: run `pip install 'schedlang[cli]'`"
    )
    assert read("pyproject.toml:tool.train.lr").text == "warmup(5%) then cosine"


TELLS_REFERENCES_FROM_SCHEDULES = cases("is-reference.jsonl")


@pytest.mark.parametrize(
    ("text", "expected"), TELLS_REFERENCES_FROM_SCHEDULES.values(), ids=TELLS_REFERENCES_FROM_SCHEDULES
)
def test_tells_references_from_schedules(text: str, expected: bool) -> None:
    """A reference has a colon, or the ending of a config file."""
    assert is_reference(text) is expected
