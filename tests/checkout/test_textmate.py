"""The grammars of the extension for VS Code, run by the engine that VS Code has."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_words import conformance

from schedlang._language.highlight import WordKind, pieces
from schedlang.strategies import texts
from schedlang.textmate import SCOPES, grammars, write

EXTENSION = Path(__file__).parents[2] / "grammar" / "editors" / "vscode"
PACKAGES = ["vscode-textmate@9.3.2", "vscode-oniguruma@2.0.1", "tm-grammars@1.32.22"]
KINDS = {scope: kind for kind, scope in SCOPES.items()}

Paint = Callable[[str, list[str]], list[list[tuple[int, int, int, list[str]]]]]


@pytest.fixture(scope="session")
def paint(tmp_path_factory: pytest.TempPathFactory) -> Paint:
    """The engine, with our grammars and VS Code's of YAML: the scopes of each piece of some texts."""
    folder = tmp_path_factory.mktemp("textmate")
    (folder / "package.json").write_text("{}", encoding="utf-8")
    install = ["npm", "install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", *PACKAGES]
    subprocess.run(install, cwd=folder, check=True, capture_output=True, timeout=300)
    manifest = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    ours = manifest["contributes"]["grammars"]
    known = {each["scopeName"]: str(EXTENSION / each["path"]) for each in ours}
    for path in (folder / "node_modules" / "tm-grammars" / "grammars").glob("yaml*.json"):
        known[json.loads(path.read_text(encoding="utf-8"))["scopeName"]] = str(path)
    injections: dict[str, list[str]] = {}
    for each in ours:
        for scope in each.get("injectTo", ()):
            injections.setdefault(scope, []).append(each["scopeName"])

    def run(scope: str, texts: list[str]) -> Any:
        job = {"scope": scope, "grammars": known, "injections": injections, "texts": texts}
        script = Path(__file__).with_name("textmate.cjs")
        found = subprocess.run(
            ["node", str(script), str(folder)],
            input=json.dumps(job),
            capture_output=True,
            encoding="utf-8",
            timeout=120,
        )
        assert found.returncode == 0, found.stderr
        return json.loads(found.stdout)

    return run


def painted(text: str, found: list[tuple[int, int, int, list[str]]]) -> list[tuple[str, WordKind]]:
    """The words of ours in a text, each with its kind; blanks aside."""
    lines = text.replace("\r\n", "\n").split("\n")
    words = []
    for line, start, end, scopes in found:
        kind = next((KINDS[scope] for scope in reversed(scopes) if scope in KINDS), None)
        raw = lines[line].encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")
        if kind is not None and raw.strip():
            words.append((raw.strip(), kind))
    return words


def expected(text: str) -> list[tuple[str, WordKind]]:
    """The same of the lexer."""
    found = [(text[slice(*each.span)].strip(), each.kind) for each in pieces(text) if each.kind is not WordKind.BLANK]
    return joined(found)


def joined(words: list[tuple[str, WordKind]]) -> list[tuple[str, WordKind]]:
    """Words of one kind side by side as one: the engine doesn't keep `((` apart."""
    out: list[tuple[str, WordKind]] = []
    for word, kind in words:
        if out and out[-1][1] is kind:
            word = out.pop()[0] + word
        out.append((word, kind))
    return out


def test_files_are_those_of_the_language(tmp_path: Path) -> None:
    """The files in the extension are what the module makes; `python -m schedlang.textmate` writes them."""
    write(tmp_path)
    for name in grammars():
        there = (EXTENSION / "syntaxes" / name).read_text(encoding="utf-8")
        assert there == (tmp_path / name).read_text(encoding="utf-8")


def test_extension_is_whole() -> None:
    """Every file that the extension names is there, and is JSON."""
    manifest = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))["contributes"]
    named = [each["path"] for each in manifest["grammars"]] + [each["configuration"] for each in manifest["languages"]]
    assert all(json.loads((EXTENSION / each).read_text(encoding="utf-8")) for each in named)
    scopes = {each["scopeName"] for each in manifest["grammars"]}
    assert scopes == {json.loads(json.dumps(each))["scopeName"] for each in grammars().values()}


def test_words_as_the_lexer_has_them(paint: Paint) -> None:
    """In all texts of the conformance suite the engine sees what the lexer sees."""
    some = [text for text in conformance() if "\r" not in text.replace("\r\n", "") and "\f" not in text]
    for text, found in zip(some, paint("source.schedlang", some), strict=True):
        assert joined(painted(text, found)) == expected(text), text


@settings(max_examples=10, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(some=st.lists(texts(), min_size=1, max_size=8))
def test_words_of_generated_texts(paint: Paint, some: list[str]) -> None:
    """The same of generated texts, spelled in odd ways."""
    some = [text for text in some if not set("\r\f") & set(text) and text.count("\n") == 0]
    for text, found in zip(some, paint("source.schedlang", some), strict=True):
        assert joined(painted(text, found)) == expected(text), text


TEXT = "warmup(5%) then cosine(peak, 0)"

YAML = {
    "plain": f"a: 1\nlr: {TEXT}  # slow\nname: cosine for 3\n",
    "deep": f"a:\n  b:\n  - name: warmup\n    head_lr: {TEXT}\n    x: hold\n  - y: hold\n",
    "item": f"- lr: {TEXT}\n- wd\n- cosine\n",
    "lines": "optim:\n  lr: warmup(5%)\n    then cosine(peak, 0)\n  name: cosine\nb: hold\n",
    "double": f'lr: "{TEXT}"\nname: cosine\n',
    "single": f"'lr': '{TEXT}'  # cosine\nname: cosine\n",
    "quoted lines": 'lr: "warmup(5%)\n  then cosine(peak, 0)"\nname: cosine\n',
    "block": "a:\n  lr: |\n    warmup(5%)\n    then cosine(peak, 0)\n  name: cosine\nb: hold\n",
    "folded": "lr: >-\n  warmup(5%)\n\n  then cosine(peak, 0)\n\nname: cosine\n",
    "ends in a number": "lr: warmup(5%) then cosine(peak, 0)\nsteps: 5\nname: cosine\n",
    "flow": f'{{name: cosine, lr: "{TEXT}", x: hold}}\n',
    "umlauts": f'{{"größe🙂": cosine, "lr": "{TEXT}", x: hold}}\n',
}


@pytest.mark.parametrize("name", YAML)
def test_schedules_in_yaml(paint: Paint, name: str) -> None:
    """In YAML the words of the schedule are painted, and nothing else; a comment is a comment."""
    (found,) = paint("source.yaml", [YAML[name]])
    words = [(word, kind) for word, kind in painted(YAML[name], found) if kind is not WordKind.COMMENT]
    assert joined(words) == expected(TEXT)


def test_yaml_goes_on_behind_a_schedule(paint: Paint) -> None:
    """What follows a schedule is YAML again, whichever word the schedule ends in."""
    ends = ["3", "5 # x", "cosine for 3", "'3'", "|\n  cosine for 3", "warmup(5%"]
    some = [f"a:\n  lr: {end}\n  name: cosine\nb: hold\n" for end in ends] + ["{lr: 3, x: cosine}\nb: hold\n"]
    for text, found in zip(some, paint("source.yaml", some), strict=True):
        assert not {"cosine", "hold"} & {word for word, _ in painted(text, found)[-1:]}, text
        tags = [
            text.split("\n")[line][start:end] for line, start, end, scopes in found if "entity.name.tag.yaml" in scopes
        ]
        assert "b" in tags, text
