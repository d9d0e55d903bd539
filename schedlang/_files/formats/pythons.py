"""Python files as trees: what they say of themselves, without being run."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile
from typing import Any, Final, TypeAlias

from ..._text.source import Span
from ..._transfer.foreign import CALLED, POSITION, SPREAD
from .located import UNKNOWN, Branch, Leaf, Tree

_OPERATORS: Final[dict[type, Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}
_MEMBERS: Final[dict[str, Callable[[str], str]]] = {
    "SchedulerType": lambda member: member.lower().replace("reduce_on", "reduce_lr_on"),  # of transformers
}
_DIGITS: Final = 15  # which a float always keeps
_SHORT: Final = 12
_LED: Final = 3  # names that lead to one another

_Scope: TypeAlias = tuple[ast.AST, ...]
"""The module, and the functions and classes in one another in which something stands."""


def python_trees(text: str) -> list[Tree]:
    """What a Python file assigns at its top, as one mapping, and each call and mapping that is in no other.

    A call is a mapping of its arguments. A name stands for what it is assigned, if that is once.

    Raises:
        SyntaxError: if it is not Python.
    """
    return _Python(text).trees()


class _Python:
    def __init__(self, text: str) -> None:
        self._module = ast.parse(text)
        self._lines = [0]
        self._text = text
        for line in text.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self._encoded = text.isascii()
        self._bound: dict[int, dict[str, list[ast.expr | None]]] = {}
        self._worth: dict[int, Any] = {}  # of the expressions that names stand for
        self._led = 0

    def trees(self) -> list[Tree]:
        top: _Scope = (self._module,)
        entries: list[tuple[str, Span, Tree]] = []
        rest: list[ast.AST] = []
        for statement in self._module.body:
            targets, value = _targets(statement), getattr(statement, "value", None)
            if targets and value is not None:
                entries += [(each.id, self._span(each), self._tree(value, top)) for each in targets]
                rest += _hidden(value)
            else:
                rest.append(statement)
        assigned = Branch(tuple(entries), Span(0, len(self._text)))
        return [assigned, *(self._tree(node, scope) for node, scope in _outermost(rest, top))]

    def _tree(self, node: ast.expr, scope: _Scope) -> Tree:
        span = self._span(node)
        match node:
            case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords):
                spread = [each.value for each in keywords if each.arg is None]
                return Branch((*self._keywords(keywords, scope), *self._spread(spread)), span)
            case ast.Call():
                name = ast.unparse(node.func)
                entries = [(CALLED, self._span(node.func), Leaf(name, self._span(node.func)))]
                written = enumerate(takewhile(lambda each: not isinstance(each, ast.Starred), node.args))
                positional = [
                    (f"{POSITION}{index}", self._span(each), self._tree(each, scope)) for index, each in written
                ]
                spread = [*node.args[len(positional) :], *(each.value for each in node.keywords if each.arg is None)]
                named = self._keywords(node.keywords, scope)
                return Branch((*entries, *positional, *named, *self._spread(spread)), span)
            case ast.Dict():
                pairs = [(key, value) for key, value in zip(node.keys, node.values, strict=True) if key is not None]
                keyed = [
                    (str(self._value(key, scope)), self._span(key), self._tree(value, scope)) for key, value in pairs
                ]
                spread = [value for key, value in zip(node.keys, node.values, strict=True) if key is None]
                return Branch((*keyed, *self._spread(spread)), span)
            case ast.List() | ast.Tuple():
                items = [
                    (str(index), self._span(each), self._tree(each, scope)) for index, each in enumerate(node.elts)
                ]
                return Branch(tuple(items), span, mapping=False)
            case ast.Name():
                leads, where = self._leads(node.id, scope)
                if isinstance(leads, (ast.Call, ast.Dict, ast.List, ast.Tuple)) and self._led < _LED:
                    self._led += 1
                    try:
                        return self._tree(leads, where)
                    finally:
                        self._led -= 1
        return Leaf(self._value(node, scope), span)

    def _spread(self, values: list[ast.expr]) -> Iterator[tuple[str, Span, Tree]]:
        """What is taken over from elsewhere by `*` and `**`: something, of which nothing is known."""
        for each in values[:1]:
            yield SPREAD, self._span(each), Leaf(UNKNOWN, self._span(each))

    def _keywords(self, keywords: list[ast.keyword], scope: _Scope) -> Iterator[tuple[str, Span, Tree]]:
        for each in keywords:
            if each.arg is not None:
                start = self._offset(each.lineno, each.col_offset)
                is_class = each.arg == "type" and isinstance(each.value, (ast.Name, ast.Attribute))  # as in mmengine
                named = Leaf(ast.unparse(each.value), self._span(each.value)) if is_class else None
                yield each.arg, Span(start, start + len(each.arg)), named or self._tree(each.value, scope)

    def _value(self, node: ast.expr, scope: _Scope) -> Any:
        """What an expression is worth, of literals, arithmetic and names that stand for such."""
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                leads, where = self._leads(name, scope)
                if leads is None:
                    return UNKNOWN
                if id(leads) not in self._worth:
                    self._worth[id(leads)] = UNKNOWN  # if it leads to itself
                    self._worth[id(leads)] = self._value(leads, where)
                return self._worth[id(leads)]
            case ast.Attribute(value=ast.Name(id=of) | ast.Attribute(attr=of), attr=member) if of in _MEMBERS:
                return _MEMBERS[of](member)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                value = self._value(operand, scope)
                return -value if _is_number(value) else UNKNOWN
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                one, other = self._value(left, scope), self._value(right, scope)
                try:
                    both = _is_number(one) and _is_number(other)
                    return _shortest(_OPERATORS[type(op)](one, other)) if both else UNKNOWN
                except ArithmeticError:
                    return UNKNOWN
        return UNKNOWN

    def _leads(self, name: str, scope: _Scope) -> tuple[ast.expr | None, _Scope]:
        """What a name is assigned, and where, if that is the same wherever it is assigned something."""
        for depth in range(len(scope), 0, -1):
            within = scope[depth - 1]
            bound = self._bound_in(within).get(name)
            if bound is not None and (depth == len(scope) or not isinstance(within, ast.ClassDef)):
                first = bound[0]
                same = first is not None and all(
                    each is not None and ast.dump(each) == ast.dump(first) for each in bound[1:]
                )
                return first if same else None, scope[:depth]
        return None, scope

    def _bound_in(self, scope: ast.AST) -> dict[str, list[ast.expr | None]]:
        """What each name of a scope is bound to; None where that is no single expression."""
        if id(scope) not in self._bound:
            found: dict[str, list[ast.expr | None]] = {}
            for name, value in _bindings(scope):
                found.setdefault(name, []).append(value)
            self._bound[id(scope)] = found
        return self._bound[id(scope)]

    def _span(self, node: ast.expr) -> Span:
        assert node.end_lineno is not None and node.end_col_offset is not None
        return Span(self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno, node.end_col_offset))

    def _offset(self, line: int, column: int) -> int:
        """Where in the text a place is that Python counts in lines and bytes."""
        start = self._lines[line - 1]
        if self._encoded:
            return start + column
        written = self._text[start : self._lines[line]].encode("utf-8")
        return start + len(written[:column].decode("utf-8", errors="ignore"))


_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def _outermost(nodes: Iterable[ast.AST], scope: _Scope) -> Iterator[tuple[ast.expr, _Scope]]:
    """Calls and mappings that are not inside of another, each with where it stands."""
    for node in nodes:
        if isinstance(node, (ast.Call, ast.Dict)):
            yield node, scope
            yield from _outermost(_hidden(node), scope)
        else:
            inside = (*scope, node) if isinstance(node, _SCOPES) else scope
            yield from _outermost(ast.iter_child_nodes(node), inside)


def _hidden(node: ast.expr) -> Iterator[ast.AST]:
    """What is inside of an expression, and not in its tree."""
    below: list[ast.expr] = []
    match node:
        case ast.Call():
            yield node.func
            below = [*node.args, *(each.value for each in node.keywords)]
        case ast.Dict():
            below = [each for each in (*node.keys, *node.values) if each is not None]
        case ast.List() | ast.Tuple():
            below = node.elts
        case _:
            yield from ast.iter_child_nodes(node)
            return
    for each in below:
        yield from _hidden(each)


def _bindings(scope: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """The names that a module, function or class binds, each with the expression, if it is one."""
    todo = list(ast.iter_child_nodes(scope))
    while todo:
        node = todo.pop()
        match node:
            case ast.Assign() | ast.AnnAssign() if targets := _targets(node):
                yield from ((each.id, node.value) for each in targets)
                todo += [] if node.value is None else [node.value]
                todo += [each for each in getattr(node, "targets", ()) if not isinstance(each, ast.Name)]
                continue
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                yield name, None
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, None
                continue
            case ast.Lambda():
                continue
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((each.asname or each.name.partition(".")[0], None) for each in names)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                yield from ((each, None) for each in names)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name, None
        todo += ast.iter_child_nodes(node)
    if isinstance(scope, ast.Module):
        for each in ast.walk(scope):
            yield from ((name, None) for name in each.names) if isinstance(each, ast.Global) else ()


def _targets(statement: ast.stmt) -> list[ast.Name]:
    targets = getattr(statement, "targets", [getattr(statement, "target", None)])
    return [each for each in targets if isinstance(each, ast.Name) and not isinstance(statement, ast.AugAssign)]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _shortest(value: float) -> float:
    """A result as it would be in decimals, if that has few of them: 3e-4 * 0.1 is 3e-5, and in floats beside it."""
    if isinstance(value, int):
        return value
    written = f"{value:.{_DIGITS}g}"
    digits = written.partition("e")[0].replace(".", "").strip("-0")
    return float(written) if len(digits) <= _SHORT else value
