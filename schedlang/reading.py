"""From syntax tree to schedule nodes: what names mean and which arguments calls take.

All mistakes are collected: a part that can't be read becomes None, and whoever holds it becomes None too.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar, assert_never

from . import syntax
from .errors import Diagnostic, ScheduleError, listed, nearest
from .nodes import (
    PRIMITIVES,
    Apply,
    Definition,
    Every,
    For,
    Key,
    Keyframes,
    Name,
    Negative,
    Number,
    Over,
    Power,
    Primitive,
    Product,
    Quantity,
    Ramp,
    Repeat,
    Schedule,
    Skip,
    Sum,
    Then,
    Until,
    Variable,
    Where,
)
from .nodes.base import Argument, Role
from .nodes.scalars import RESERVED, VARIABLES, read_decimal
from .operations import FUNCTIONS
from .run import STEP, UNITS
from .source import Place, Source, Span

_CLAUSES: Final[dict[str, type[Until | Over | Skip | Every]]] = {
    "until": Until,
    "over": Over,
    "skip": Skip,
    "every": Every,
}


T = TypeVar("T")


@functools.cache
def _taken(cls: type[Primitive]) -> tuple[dict[str, Argument], list[Argument], bool]:
    """The arguments that calls of a primitive take by name and by position, and whether they take keys."""
    takes = {argument.name: argument for argument in cls.arguments() if argument.parameter.role is not Role.KEYS}
    by_position = [argument for argument in takes.values() if argument.parameter.role is not Role.CHOICE]
    return takes, by_position, len(takes) < len(cls.arguments())


class Reader:
    """Reads the syntax tree of one source; `problems` collects what is wrong."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Diagnostic] = []

    def _problem(self, span: Span, code: str, message: str, hint: str | None = None) -> None:
        self.problems.append(Diagnostic(code, message, span, hint, self.source))

    def _place(self, tree: syntax.Syntax) -> Place:
        return Place(self.source, tree.span)

    def text(self, tree: syntax.Text) -> Schedule | None:
        """The schedule that a whole text means."""
        body = self.node(tree.body)
        if not tree.definitions:
            return body
        definitions = []
        for each in tree.definitions:
            value = self.node(each.value)
            self._check_name(each, tree.definitions)
            if value is not None:
                definitions.append(Definition(each.name.text, value, place=self._place(each.name)))
        if body is None or self.problems:
            return None
        return Where(body, tuple(definitions), place=self._place(tree))

    def _check_name(self, definition: syntax.Named, all_of_them: tuple[syntax.Named, ...]) -> None:
        name = definition.name.text
        if name in RESERVED or name in PRIMITIVES:
            hint = f"choose another name, for example `{name}_value`"
            self._problem(definition.name.span, "E207", f"`{name}` already means something and cannot be defined", hint)
        first = next(each for each in all_of_them if each.name.text == name)
        if first is not definition:
            self._problem(definition.name.span, "E208", f"`{name}` is defined twice", "remove one of the definitions")

    def node(self, tree: syntax.Syntax) -> Schedule | None:
        """The node that a tree means; None if something in it is wrong."""
        place = Place(self.source, tree.span)
        match tree:
            case syntax.Number():
                value = self._tried(read_decimal, tree.text, place)
                return None if value is None else Number(value, place=place)
            case syntax.Quantity():
                return self._quantity(tree, place)
            case syntax.Word():
                return self._name(tree, place)
            case syntax.Call():
                return self._call(tree, place)
            case syntax.Negative():
                operand = self.node(tree.operand)
                return None if operand is None else Negative(operand, place=place)
            case syntax.Power():
                return self._made(place, Power, [tree.left, tree.right])
            case syntax.Series():
                operands = self._all(tree.operands)
                kind = Sum if tree.operators[0] in "+-" else Product
                return None if operands is None else kind.joined(operands, tree.operators, place=place)
            case syntax.Ramp():
                return self._ramp(tree, place)
            case syntax.Clause():
                return self._clause(tree, place)
            case syntax.Repeat():
                return self._repeat(tree, place)
            case syntax.Chain():
                phases = self._all(tree.phases)
                return None if phases is None else Then.of(*phases, place=place)
            case syntax.List():
                self._problem(tree.span, "E305", "a list does not belong here", "write a single value")
            case syntax.Key():
                self._problem(
                    tree.span, "E305", "a key `value @ time` belongs into `keyframes(…)`", "write a single value"
                )
            case syntax.Named() | syntax.Text():
                raise AssertionError(tree)
            case _:
                assert_never(tree)
        return None

    def _all(self, trees: Iterable[syntax.Syntax]) -> list[Schedule] | None:
        """The nodes of some trees, if all of them can be read."""
        nodes = [self.node(tree) for tree in trees]
        found = [node for node in nodes if node is not None]
        return found if len(found) == len(nodes) else None

    def _made(self, place: Place, make: Callable[..., T], trees: Iterable[syntax.Syntax], *rest: Any) -> T | None:
        """`make` called with the nodes of some trees, if they can be read and it agrees."""
        nodes = self._all(trees)
        return None if nodes is None else self._tried(make, *nodes, *rest, place=place)

    def _tried(self, make: Callable[..., T], *given: Any, **named: Any) -> T | None:
        """What `make` returns; None and a problem, if it raises one."""
        try:
            return make(*given, **named)
        except ScheduleError as error:
            self.problems += error.diagnostics
            return None

    def _quantity(self, tree: syntax.Quantity, place: Place) -> Schedule | None:
        word = tree.unit.text
        unit = UNITS.get(word)
        if unit is None:
            close = nearest(word.lower(), UNITS)
            hint = (
                f"did you mean `{tree.text} {close}`?" if close else "units are `%`, `steps`, `ep`, `samples` and `tok`"
            )
            self._problem(tree.unit.span, "E211", f"`{word}` is not a unit of time", hint)
            return None
        value = self._tried(read_decimal, tree.text, place)
        if value is not None and unit is STEP and value != value.to_integral_value():
            self._problem(tree.span, "E303", f"`{place.text}` is not a whole number of steps", "write a whole number")
            return None
        return None if value is None else Quantity(value, unit.symbol, place=place)

    def _name(self, tree: syntax.Word, place: Place) -> Schedule | None:
        if tree.text in VARIABLES:
            return Variable(tree.text, place=place)
        if tree.text in PRIMITIVES:
            return self._primitive(PRIMITIVES[tree.text], syntax.Call(tree, (), tree.span, 1), place)
        return Name(tree.text, place=place)

    def _ramp(self, tree: syntax.Ramp, place: Place) -> Schedule | None:
        cls = PRIMITIVES.get(tree.shape.text)
        if cls is None or not (cls.pair and issubclass(cls, Ramp)):
            shapes = [name for name, each in PRIMITIVES.items() if each.pair and issubclass(each, Ramp)]
            close = nearest(tree.shape.text, shapes)
            hint = f"did you mean `{close}`?" if close else f"write {listed(shapes)}"
            self._problem(
                tree.shape.span, "E201", f"`{tree.shape.text}` is not a ramp that goes from one value to another", hint
            )
            return None
        if tree.end is None:
            end = Span(tree.span.end, tree.span.end)
            self._problem(end, "E203", "the ramp does not say where it goes", f"write `{place.text} to 0`")
            return None
        given = {"start": tree.start, "end": tree.end}
        values = {name: self.node(value) for name, value in given.items() if value is not None}
        if None in values.values():
            return None
        return self._tried(cls, **values, place=place)

    def _clause(self, tree: syntax.Clause, place: Place) -> Schedule | None:
        if tree.argument is None:
            return self._made(place, For, [tree.body], None)
        return self._made(place, _CLAUSES.get(tree.word, For), [tree.body, tree.argument])

    def _repeat(self, tree: syntax.Repeat, place: Place) -> Schedule | None:
        given = {"count": tree.times, "stretch": tree.stretch, "scale": tree.scale}
        values = {name: self.node(value) for name, value in given.items() if value is not None}
        body = self.node(tree.body)
        if body is None or None in values.values():
            return None
        return Repeat(body, **values, place=place)

    # Calls.

    def _call(self, tree: syntax.Call, place: Place) -> Schedule | None:
        name = tree.function.text
        if name in PRIMITIVES:
            return self._primitive(PRIMITIVES[name], tree, place)
        if name in FUNCTIONS:
            return self._function(tree, place)
        known = [*PRIMITIVES, *FUNCTIONS]
        close = nearest(name.lower(), known)
        if name in RESERVED:
            message, hint = f"`{name}` is not a function", f"write `{name}` without parentheses"
        else:
            message, hint = (
                f"unknown name `{name}`",
                f"did you mean `{close}`?" if close else "`schedlang primitives` lists what there is",
            )
        self._problem(tree.function.span, "E201", message, hint)
        for argument in tree.arguments:
            if not isinstance(argument, (syntax.Named, syntax.Key, syntax.List)):
                self.node(argument)
        return None

    def _function(self, tree: syntax.Call, place: Place) -> Schedule | None:
        for argument in tree.arguments:
            if isinstance(argument, syntax.Named):
                message = f"`{tree.function.text}` has no argument `{argument.name.text}`"
                self._problem(argument.name.span, "E202", message, "give its arguments by position")
                return None
        operands = self._all(tree.arguments)
        return None if operands is None else self._tried(Apply, tree.function.text, tuple(operands), place=place)

    def _primitive(self, cls: type[Primitive], tree: syntax.Call, place: Place) -> Schedule | None:
        before = len(self.problems)
        given = self._arguments(cls, tree)
        values: dict[str, Any] = {}
        for argument, value in given.values():
            values[argument.name] = self._value(cls, argument, value)
        if _taken(cls)[2]:
            values["keys"] = self._keys(tree)
        if len(self.problems) > before:
            return None
        return self._tried(cls, **values, place=place)

    def _arguments(self, cls: type[Primitive], tree: syntax.Call) -> dict[str, tuple[Argument, syntax.Syntax]]:
        """The arguments of a call by name."""
        takes, by_position, takes_keys = _taken(cls)
        given: dict[str, tuple[Argument, syntax.Syntax]] = {}
        before = len(self.problems)
        position = 0
        named = False
        for tree_argument in tree.arguments:
            if isinstance(tree_argument, syntax.Named):
                named = True
                self._named_argument(cls, tree_argument, takes, given)
            elif takes_keys and isinstance(tree_argument, syntax.Key):
                continue
            elif named:
                hint = "give it first, or by its name"
                self._problem(tree_argument.span, "E212", "an argument by position stands behind one by name", hint)
            elif position >= len(by_position):
                self._problem(tree_argument.span, "E205", *self._too_many(cls, by_position))
            else:
                given[by_position[position].name] = (by_position[position], tree_argument)
                position += 1
        if cls.pair and position == 1 and "end" not in given and len(self.problems) == before:
            self._single(cls, tree, given["start"][1])
        return given

    def _named_argument(
        self,
        cls: type[Primitive],
        tree: syntax.Named,
        takes: dict[str, Argument],
        given: dict[str, tuple[Argument, syntax.Syntax]],
    ) -> None:
        name = tree.name.text
        if name not in takes:
            close = nearest(name, takes)
            hint = (
                f"did you mean `{close}`?"
                if close
                else f"it takes {listed(takes)}"
                if takes
                else "it takes no arguments"
            )
            self._problem(tree.name.span, "E202", f"`{cls.name}` has no argument `{name}`", hint)
        elif name in given:
            self._problem(tree.span, "E204", f"`{name}` is given twice", "remove one of them")
        else:
            given[name] = (takes[name], tree.value)

    def _too_many(self, cls: type[Primitive], by_position: list[Argument]) -> tuple[str, str]:
        if issubclass(cls, Keyframes):
            return "a keyframe needs a time", "write `value @ time`, for example `0 @ 0, 3e-4 @ 5%`"
        if not by_position:
            return f"`{cls.name}` takes no arguments", f"write `{cls.name}`"
        count = "one argument" if len(by_position) == 1 else f"{len(by_position)} arguments"
        return (
            f"`{cls.name}` takes at most {count} by position",
            f"it takes {listed(each.name for each in by_position)}",
        )

    def _single(self, cls: type[Primitive], tree: syntax.Call, value: syntax.Syntax) -> None:
        """Refuse `cosine(0.1)`: it could be the start or the end."""
        shown = self.source[value.span]
        message = f"`{cls.name}` with a single value: is it the start or the end?"
        self._problem(value.span, "E206", message, cls.pair_hint(shown))

    def _value(self, cls: type[Primitive], argument: Argument, tree: syntax.Syntax) -> Any:
        role = argument.parameter.role
        if role is Role.CHOICE:
            return self._choice(argument, tree)
        if role in (Role.NUMBERS, Role.DURATIONS):
            if not isinstance(tree, syntax.List):
                message = f"`{argument.name}` is {role.value}"
                self._problem(tree.span, "E305", message, f"write `[{self.source[tree.span]}]`")
                return None
            if not tree.items:
                self._problem(tree.span, "E203", f"`{argument.name}` is empty", f"write `{cls.example()}`")
            return self._all(tree.items)
        return self.node(tree)

    def _choice(self, argument: Argument, tree: syntax.Syntax) -> str | None:
        choices = argument.parameter.choices
        if isinstance(tree, syntax.Word) and tree.text in choices:
            return tree.text
        close = nearest(tree.text, choices) if isinstance(tree, syntax.Word) else None
        hint = f"did you mean `{close}`?" if close else f"write `{argument.name}={choices[0]}`"
        shown = self.source[tree.span]
        self._problem(tree.span, "E213", f"`{argument.name}` is {listed(choices)}, not `{shown}`", hint)
        return None

    def _keys(self, tree: syntax.Call) -> tuple[Key, ...]:
        keys = []
        for key in tree.arguments:
            if isinstance(key, syntax.Key):
                pair = self._all([key.value, key.time])
                if pair is not None:
                    keys.append(Key(*pair, place=self._place(key)))
        return tuple(keys)
