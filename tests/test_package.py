"""The package as a whole: what importing it loads, which way its modules import, and what it brings along."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib import resources
from pathlib import Path

import pytest

import schedlang
from schedlang import public
from schedlang.nodes import PRIMITIVES
from schedlang.parsing import grammar_text

PACKAGE = Path(schedlang.__file__).parent

ORDER = [
    ["limits"],
    ["source"],
    ["spelling", "rendering"],
    ["errors"],
    ["extras", "references"],
    ["syntax", "lalr", "foreign"],
    ["operations", "scalar", "clocks"],
    ["run"],
    ["libraries"],
    ["parsing"],
    ["repairs"],
    ["recovery"],
    ["diagnosing"],
    ["program"],
    ["expressions"],
    ["lowering"],
    ["compiling", "arrays", "changes"],
    ["planning"],
    ["tracing"],
    ["frame"],
    ["nodes"],
    ["words", "describing"],
    ["reading"],
    ["checking"],
    ["binding"],
    ["findings"],
    ["textual", "observer"],
    ["linter"],
    ["linting"],
    ["building", "functions", "formatting", "carriers"],
    ["configs"],
    ["settings", "sets", "differing"],
    ["finding", "placing"],
    ["public"],
    ["porting"],
    ["axes"],
    ["curves"],
    ["captions"],
    ["plotting", "svg"],
    ["figures", "pages"],
    ["notebooks"],
    ["reasons", "watching", "facts"],
    ["times"],
    ["phrases"],
    ["sentences"],
    ["crossings", "explaining"],
    ["play"],
    ["cli"],
    ["torch"],  # which other adapters build on
]
"""A module imports from its own line and from those above. One that isn't here is at the end, and nobody imports it."""

LAST = len(ORDER)
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names}

IMPORTED = """
import sys
sys.path.insert(0, {path!r})
before = set(sys.modules)
import {module}
names = {{name.partition(".")[0] for name in set(sys.modules) - before}}
print(*sorted(names - set(sys.stdlib_module_names)))
"""


@pytest.mark.parametrize("module", ["schedlang", "schedlang.public"])
def test_import_loads_nothing_heavy(module: str) -> None:
    """A fresh process with schedlang and all its names has loaded attrs and nothing else: no lark, no NumPy."""
    code = IMPORTED.format(path=str(PACKAGE.parent), module=module)
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert set(found.stdout.split()) - {"attr", "attrs"} == {"schedlang"}


def test_names_are_loaded_when_asked_for() -> None:
    """Importing schedlang loads none of its modules, asking for a name all that it takes."""
    code = """
import sys
sys.path.insert(0, {path!r})
import schedlang
assert not [name for name in sys.modules if name.startswith("schedlang.")]
from schedlang import *
assert cosine is schedlang.cosine is sys.modules["schedlang.public"].cosine
"""
    subprocess.run([sys.executable, "-c", code.format(path=str(PACKAGE.parent))], check=True, timeout=60)
    with pytest.raises(AttributeError, match="module 'schedlang' has no attribute 'cosin'"):
        schedlang.cosin  # noqa: B018
    assert set(public.__all__) == set(schedlang.__all__)


def modules() -> dict[str, Path]:
    """Every module of the package by its name below `schedlang.`; a package by its own name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        inside = path.relative_to(PACKAGE)
        if inside.parts[0] == "grammar" or inside == Path("__init__.py"):
            continue
        parts = inside.parent.parts if path.name == "__init__.py" else inside.with_suffix("").parts
        found[".".join(parts)] = path
    return found


def top_level(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports that importing a module runs: not those in functions, nor those for type checkers alone."""
    for statement in body:
        match statement:
            case ast.Import() | ast.ImportFrom():
                yield statement
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                pass
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), orelse=other):
                yield from top_level(other)
            case _:
                for field in ("body", "orelse", "finalbody"):
                    yield from top_level(getattr(statement, field, []))
                for handler in getattr(statement, "handlers", []):
                    yield from top_level(handler.body)


def imports(name: str, path: Path) -> set[str]:
    """The modules of the package that a module imports at its top level."""
    known = modules()
    package = ["schedlang", *name.split(".")]
    if path.name != "__init__.py":
        package.pop()
    found = set()
    for statement in top_level(ast.parse(path.read_text(encoding="utf-8")).body):
        if isinstance(statement, ast.Import):
            targets = [alias.name.split(".") for alias in statement.names]
        else:
            base = package[: len(package) - statement.level + 1] if statement.level else []
            base = base + (statement.module.split(".") if statement.module else [])
            targets = [[*base, alias.name] for alias in statement.names]
        for first, *rest in targets:
            while rest and ".".join(rest) not in known:  # the name of something in a module, not of a module
                rest.pop()
            if first == "schedlang" and rest:
                found.add(".".join(rest))
    return found - {name}


@pytest.mark.parametrize("name", modules())
def test_imports_run_one_way(name: str) -> None:
    """A module imports only what stands on its own line of ORDER or above; what isn't in it is imported by nobody."""
    top = name.partition(".")[0]
    upwards = []
    for other in imports(name, modules()[name]):
        below = other.partition(".")[0]
        if below != top and not RANK.get(below, LAST) <= RANK.get(top, LAST - 1):
            upwards.append(other)
    assert not upwards


def test_no_import_cycle() -> None:
    """No module imports, at its top level and by whatever detour, itself."""
    graph = {name: imports(name, path) for name, path in modules().items()}
    assert set(TopologicalSorter(graph).static_order()) == set(graph)


def test_order_names_modules() -> None:
    """Every name in ORDER is a module."""
    assert set(RANK) <= set(modules())


def test_grammar_knows_no_primitive() -> None:
    """No primitive's name is a word of the grammar's rules, so that adding one doesn't touch the grammar."""
    rules = re.sub(r"(?m)(^|\s)//.*$", "", grammar_text())
    words = set(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", rules))
    assert "chain" in words
    assert not words & set(PRIMITIVES)


def test_typed() -> None:
    """The marker that tells type checkers to read the annotations is there."""
    assert resources.files(schedlang).joinpath("py.typed").is_file()


@pytest.mark.parametrize("name", schedlang.__all__)
def test_public_names_are_documented(name: str) -> None:
    """Every public name exists and has a docstring of its own."""
    assert (getattr(schedlang, name).__doc__ or "").strip()


def test_public_names_are_sorted_and_listed() -> None:
    """`__all__` is sorted, names nothing twice, and is what `dir` shows."""
    assert list(schedlang.__all__) == sorted(set(schedlang.__all__))
    assert dir(schedlang) == sorted(schedlang.__all__)
