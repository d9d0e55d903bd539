"""The package as a whole: what importing it loads, which way its modules import, and what it brings along."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from importlib import resources
from pathlib import Path

import pytest
from helpers import printed

import schedlang
from schedlang._bound import public
from schedlang._language.nodes import PRIMITIVES
from schedlang._text.grammar import grammar_text
from schedlang._transfer.transcribing import answer

PACKAGE = Path(schedlang.__file__).parent

ROOMS = [
    "_text",
    "_text.fixes",
    "_language",
    "_engines",
    "_bound",
    "_pictures",
    "_insight",
    "_transfer",
    "_files",
    "",  # the public modules, which users import: adapters, testing, strategies …
    "_editors",
    "_cli",
]
"""The rooms of the package, in import order: a room imports from those above it, never from those below."""

LAZY = {
    ("_language.nodes.scalars", "_language.parse"): "text given to a node is read as any other text is",
    ("_language.nodes.base", "_bound.bind"): "`Schedule.bind`",
    ("_language.nodes.base", "_bound.bound"): "what it returns, for type checkers",
    ("_bound.bound", "_bound.bind"): "a pickle is bound anew",
    ("_bound.sets", "_files.reading"): "`ScheduleSet.load`",
    ("_bound.stages", "_files.carried"): "its type",
    ("_text.errors", "_pictures.notebook"): "what a notebook shows of an error",
    ("_language.nodes.base", "_pictures.notebook"): "what it shows of a schedule",
    ("_bound.bound", "_pictures.notebook"): "what it shows of a bound one",
    ("_bound.bound", "_pictures.svg"): "and without HTML",
    ("_bound.bound", "_pictures.matplotlib"): "`Bound.plot`",
    ("_bound.bound", "_insight.explain.explanation"): "`Bound.explain`",
    ("_bound.bound", "_insight.why"): "`Bound.why`",
    ("_bound.bound", "_insight.when"): "`Bound.when`",
    ("_bound.bound", "_insight.lint.lint"): "`Bound.warnings`",
    ("_bound.bound", "_insight.changing"): "`Bound.change`",
    ("_bound.bound", "_transfer.compiling.code"): "`Bound.code`",
    ("_bound.sets", "_transfer.compiling.code"): "`BoundSet.code`",
    ("_language.frame", "_language.nodes.base"): "what stands in a frame, for type checkers",
    ("_text.rendering", "_text.errors"): "what is rendered, for type checkers",
}
"""The imports inside functions that run against the order, or in a circle: views of what users hold, and no others."""

DYNAMIC = {
    "_text.extras": "optional packages",
    "_files.importing": "modules of a project's own",
    "_cli": "the subcommand that is run, and no other",
    "_editors.play.bundling": "the packages that the page takes along",
}
"""The modules that import what they have the name of."""

IMPORTED = """
import sys
before = set(sys.modules)
import {module}
names = {{name.partition(".")[0] for name in set(sys.modules) - before}}
print(*sorted(names - set(sys.stdlib_module_names)))
"""


@pytest.mark.parametrize("module", ["schedlang", "schedlang._bound.public"])
def test_import_loads_nothing_heavy(module: str) -> None:
    """A fresh process with schedlang and all its names has loaded attrs and nothing else: no lark, no NumPy."""
    assert set(printed("-c", IMPORTED.format(module=module)).split()) - {"attr", "attrs"} == {"schedlang"}


def test_names_are_loaded_when_asked_for() -> None:
    """Importing schedlang loads none of its modules, asking for a name all that it takes."""
    code = """
import sys
import schedlang
assert not [name for name in sys.modules if name.startswith("schedlang.")]
from schedlang import *
assert cosine is schedlang.cosine is sys.modules["schedlang._bound.public"].cosine
"""
    printed("-c", code)
    with pytest.raises(AttributeError, match="module 'schedlang' has no attribute 'cosin'"):
        schedlang.cosin  # noqa: B018
    assert {*public.__all__, *answer.__all__} == set(schedlang.__all__)


@cache
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


def statements(node: ast.AST, lazy: bool = False) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """Every import below a node, and whether it waits: in a function, or for type checkers."""
    for below in ast.iter_child_nodes(node):
        match below:
            case ast.Import() | ast.ImportFrom():
                yield below, lazy
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from statements(below, True)
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), body=body, orelse=other):
                yield from statements(ast.Module(body, []), True)
                yield from statements(ast.Module(other, []), lazy)
            case _:
                yield from statements(below, lazy)


@cache
def imports(name: str, path: Path) -> dict[str, bool]:
    """The modules of the package that a module imports, and whether that waits."""
    known = modules()
    package = ["schedlang", *name.split(".")]
    if path.name != "__init__.py":
        package.pop()
    found: dict[str, bool] = {}
    for statement, lazy in statements(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(statement, ast.Import):
            targets = [alias.name.split(".") for alias in statement.names]
        else:
            base = package[: len(package) - statement.level + 1] if statement.level else []
            base = base + (statement.module.split(".") if statement.module else [])
            targets = [[*base, alias.name] for alias in statement.names]
        for first, *rest in targets:
            if first != "schedlang" or rest == ["__version__"]:
                continue
            while rest and ".".join(rest) not in known:  # the name of something in a module, not of a module
                rest.pop()
            other = ".".join(rest) or "_bound.public"  # what `schedlang` itself offers
            if other != name:
                found[other] = lazy and found.get(other, True)
    return found


def room(name: str) -> str:
    """The room that a module is in; "" for the public ones, and for nothing that has an underscore."""
    parts = name.split(".")
    within = next((".".join(parts[:depth]) for depth in (2, 1) if ".".join(parts[:depth]) in ROOMS), "")
    assert within or not name.startswith("_") or name == "__main__", f"{name} is in no room"
    return within


def against_the_order() -> set[tuple[str, str]]:
    """The imports of all modules, those in functions and for type checkers too, from a room further down."""
    return {
        (name, other)
        for name, path in modules().items()
        if name != "__main__"  # `python -m schedlang`: the door of the last room
        for other in imports(name, path)
        if ROOMS.index(room(other)) > ROOMS.index(room(name))
    }


def test_imports_run_one_way() -> None:
    """A room imports from the rooms above it, inside functions too; the few exceptions are listed, and lazy."""
    assert against_the_order() <= set(LAZY)


def test_no_import_cycle() -> None:
    """No module imports itself by whatever detour, in functions or not, but for the listed exceptions."""
    graph = {
        name: {other for other in imports(name, path) if (name, other) not in LAZY} for name, path in modules().items()
    }
    assert set(TopologicalSorter(graph).static_order()) == set(graph)


def test_names_of_modules_are_imported_nowhere_else() -> None:
    """No import hides behind a name that is only known when it runs, but for the listed ones."""
    texts = {name: path.read_text(encoding="utf-8") for name, path in modules().items()}
    assert {name for name, text in texts.items() if re.search(r"\bimport_module|__import__", text)} == set(DYNAMIC)


def test_exceptions_are_lazy_and_needed() -> None:
    """Each listed exception is an import that exists, and that waits until it is needed."""
    known = modules()
    assert {pair: imports(pair[0], known[pair[0]]).get(pair[1]) for pair in LAZY} == dict.fromkeys(LAZY, True)


def test_planning_is_sealed() -> None:
    """What is outside of `planning` imports what its `__init__` offers, and nothing else of it."""
    sealed = "_engines.planning"
    outside = {name: path for name, path in modules().items() if not name.startswith(sealed)}
    assert not [
        name for name, path in outside.items() if any(each.startswith(f"{sealed}.") for each in imports(name, path))
    ]
    assert any(sealed in imports(name, path) for name, path in outside.items())


def test_forms_of_the_grammar_are_called_by_their_module() -> None:
    """As some share their names with kinds of schedules, they are `syntax.Number` wherever they are used."""
    for path in modules().values():
        for statement, _ in statements(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(statement, ast.ImportFrom) and (statement.module or "").endswith("syntax"):
                assert [alias.name for alias in statement.names] == ["Syntax"], path


def test_rooms_are_described() -> None:
    """There are no other rooms, and each says what it takes and gives, and from which rooms it imports."""
    takes: dict[str, set[str]] = {each: set() for each in ROOMS}
    for name, path in modules().items():
        takes[room(name)] |= {room(other) for other in imports(name, path) if (name, other) not in LAZY}
    for name in set(ROOMS) - {""}:
        path = PACKAGE.joinpath(*name.split("."), "__init__.py")
        words = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        assert "Takes" in words, name
        listed = words.partition("Imports: ")[2]
        above = set(ROOMS[: ROOMS.index(name)])
        assert takes[name] - {name} == set(re.findall(r"`(_[\w.]+)`", listed)) or "every room above" in listed, name
        assert takes[name] <= above | {name}, name


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
