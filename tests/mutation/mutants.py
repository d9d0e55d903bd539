"""Which mistakes are made: one small change of the syntax tree each."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

PACKAGE = Path(__file__).parent.parent.parent / "schedlang"
JUDGED = ("_language/clocks", "_text/run", "_language/frame", "_bound/bind*", "_language/program*", "_language/nodes/*")
MODULES = sorted(
    path.relative_to(PACKAGE).with_suffix("").as_posix()
    for pattern in JUDGED
    for path in PACKAGE.glob(f"{pattern}.py")
    if path.stem != "__init__"
)
"""The modules about durations, binding and evaluation."""

Change = Callable[[Any], ast.AST | None]
"""What is done to a node: changed in place (None), or another one instead."""


def both_ways(*pairs: tuple[Any, Any]) -> dict[Any, Any]:
    """Each instead of the other."""
    return dict(pairs) | {two: one for one, two in pairs}


COMPARED = both_ways(
    (ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq), (ast.Is, ast.IsNot), (ast.In, ast.NotIn)
)
CALCULATED = both_ways((ast.Add, ast.Sub), (ast.Mult, ast.Div)) | {ast.FloorDiv: ast.Div, ast.Pow: ast.Mult}
CALLED = both_ways(("min", "max"), ("ceil", "floor"), ("all", "any")) | {"bisect_right": "bisect_left"}
MESSAGES = {"fail", "says", "nearest", "refuse", "at_place", "Diagnostic", "Candidate", "Edit"}
"""Calls whose arguments are texts for users: how an error reads is tested elsewhere."""
WRITTEN = {"text", "text_at", "written", "arguments", "label", "shown", "_shown", "decimal_text", "warnings"}
WRITTEN |= {"_plain", "_scientific", "__repr__", "__hash__", "__eq__", "_repr_pretty_", "_argument_text"}
"""Functions about how something is written: not about its meaning."""
SAID = {"hint", "message", "problem", "close", "shown", "wanted", "needed"}
"""Variables that hold what is said."""
KEYWORDS = {"repr", "strict", "eq", "kw_only", "slots", "frozen", "maxsize"}
BUDGETS = {"_WORK", "_EXPANSIONS", "_STRETCH", "_COPY", "_COPIES", "KEPT", "_SEARCH", "WALKED"}
"""Constants that say how much work is enough."""
LARGE = 64
"""Numbers from here on are budgets and limits, where one more or less is nothing."""


class Mutant(NamedTuple):
    """A mistake: its line, the node by its number in `ast.walk`, and which of the changes that it can suffer."""

    line: int
    node: int
    change: int


def _operator(kind: type[ast.AST], index: int | None = None) -> Change:
    def change(node: Any) -> None:
        if index is None:
            node.op = kind()
        else:
            node.ops[index] = kind()

    return change


def _become(value: Any) -> Change:
    return lambda node: ast.Constant(value)


def _test(value: bool) -> Change:
    def change(node: Any) -> None:
        node.test = ast.Constant(value)

    return change


def _call(name: str) -> Change:
    def change(node: Any) -> None:
        if isinstance(node.func, ast.Name):
            node.func.id = name
        else:
            node.func.attr = name

    return change


def _unfiltered(node: Any) -> None:
    node.ifs = []


def _named(node: ast.AST) -> str:
    function = node.func if isinstance(node, ast.Call) else node
    return getattr(function, "id", getattr(function, "attr", ""))


def _textual(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def changes(node: ast.AST) -> list[Change]:
    """What can be done to a node."""
    match node:
        case ast.Compare():
            known = [(index, COMPARED[type(op)]) for index, op in enumerate(node.ops)]
            return [_operator(kind, index) for index, kind in known]
        case ast.BinOp(left, op, right) | ast.AugAssign(left, op, right):
            if type(op) not in CALCULATED or _textual(left) or _textual(right):
                return []
            return [_operator(CALCULATED[type(op)])]
        case ast.BoolOp():
            return [_operator(ast.Or if isinstance(node.op, ast.And) else ast.And)]
        case ast.UnaryOp(ast.Not() | ast.USub()):
            return [lambda node: node.operand]
        case ast.Constant(bool(value)):
            return [_become(not value)]
        case ast.Constant(int(value)) if value < LARGE:
            return [_become(value + 1), *([_become(value - 1)] if value > 0 else [])]
        case ast.Constant(float(value)):
            return [_become(value + 1.0)]
        case ast.If() | ast.IfExp():
            return [_test(True), _test(False)]
        case ast.While():
            return [_test(False)]
        case ast.comprehension() if node.ifs:
            return [_unfiltered]
        case ast.Break():
            return [lambda node: ast.Continue()]
        case ast.Continue():
            return [lambda node: ast.Break()]
        case ast.Expr(ast.Call() | ast.Yield() | ast.YieldFrom()):
            return [lambda node: ast.Pass()]
        case ast.Call() if _named(node) in CALLED:
            return [_call(CALLED[_named(node)])]
    return []


def _spared(tree: ast.Module) -> set[ast.AST]:
    """Nodes that stay: annotations, decorators, docstrings, messages, and functions that write."""
    spared: set[ast.AST] = set()

    def spare(*nodes: ast.AST | None) -> None:
        for node in nodes:
            if node is not None:
                spared.update(ast.walk(node))

    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() if node.name in WRITTEN:
                spare(node)
            case ast.FunctionDef() | ast.ClassDef():
                spare(*node.decorator_list)
                spare(getattr(node, "returns", None))
            case ast.AnnAssign(ast.Name(name)) if name in BUDGETS:
                spare(node)
            case ast.Assign([ast.Name(name)]) if name in BUDGETS:
                spare(node)
            case ast.arg() | ast.AnnAssign():
                spare(node.annotation)
            case ast.Assert():
                spare(node)
            case ast.keyword() if node.arg in KEYWORDS:
                spare(node)
            case ast.Call() if _named(node) in MESSAGES:
                spare(*node.args, *node.keywords)
            case ast.If() if "TYPE_CHECKING" in ast.unparse(node.test):
                spare(node)
            case ast.Assign() if getattr(node.targets[0], "id", "") in SAID:
                spare(node)
            case ast.JoinedStr():
                spare(node)
    return spared


def mutants(source: str) -> Iterator[Mutant]:
    """All mistakes that can be made in a module."""
    tree = ast.parse(source)
    spared = _spared(tree)
    line = 0
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for index, node in enumerate(ast.walk(tree)):
        if node in spared:
            continue
        for change in range(len(changes(node))):
            stands = node
            while not hasattr(stands, "lineno"):
                stands = parents[stands]
            line = stands.lineno
            yield Mutant(line, index, change)


def shown(source: str, mutant: Mutant) -> str:
    """What a report calls a mutant: the part of a line that it changes, before and after."""
    before = ast.unparse(ast.parse(source)).split("\n")
    after = ast.unparse(mutated(source, mutant.node, mutant.change)).split("\n")
    for one, other in zip(before, after, strict=False):
        if one != other:
            return f"`{one.strip()}` → `{other.strip()}`"
    return "nothing"


def mutated(source: str, index: int, change: int) -> ast.Module:
    """The module with one mistake in it."""
    tree = ast.parse(source)
    target = next(node for number, node in enumerate(ast.walk(tree)) if number == index)
    instead = changes(target)[change](target)
    if instead is not None:
        for node in ast.walk(tree):
            for field, value in ast.iter_fields(node):
                if value is target:
                    setattr(node, field, instead)
                elif isinstance(value, list):
                    setattr(node, field, [instead if item is target else item for item in value])
    return ast.fix_missing_locations(tree)
