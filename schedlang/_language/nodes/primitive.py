"""Primitives: schedules by a closed formula, each declared once.

A primitive is one frozen class decorated with `@primitive`. Its fields, declared with `number`, `duration`, `choice` …,
are its arguments, and to give None for one is not to give it. Its clock says which two integers its formula is asked
with; `at` is the formula. From that, signature, checks, canonical text, reference, strategies and laying out are
derived.
"""

from __future__ import annotations

import functools
import sys
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, NamedTuple, NoReturn, TypeVar, dataclass_transform

import attrs

from ..._text.errors import fail, listed
from ..._text.meters import Unreached
from ..._text.run import Awaited, depends_on, shown
from ..clocks import Clock, Time, bare
from ..easing import Eased
from ..frame import Frame
from ..operations import FUNCTIONS
from ..program import Part, Segment
from . import base
from .base import PARAMETER, Argument, Names, Parameter, Role, Schedule
from .scalars import RESERVED, Number, as_length, as_lengths, as_node, as_nodes, length_of, or_default

START_DOC: Final = "the value at the beginning; if not given, the one handed on"
"""What is said of an argument that is handed on."""


def number(
    doc: str,
    *,
    default: float | None = None,
    required: bool = False,
    handed: bool = False,
    level: bool = True,
    named: bool = False,
    keyword: bool = False,
) -> Any:
    """An argument that is a number. `handed`: if not given, it is the value that the phase before handed on.

    `level`: if all levels are multiplied by a number, all values are; False for a factor or a power. `named`: canonical
    text gives it by name; `keyword`: it cannot be given otherwise.
    """
    parameter = Parameter(Role.NUMBER, doc, required, handed, level, named=named or keyword, keyword=keyword)
    return _field(parameter, default, as_node, kw_only=keyword)


def duration(
    doc: str,
    *,
    default: int | None = None,
    required: bool = False,
    named: bool = False,
    positive: bool = False,
    real: bool = False,
    alias: str | None = None,
) -> Any:
    """An argument that is a length of time, zero or more steps; `positive`: more. `alias`: what a text calls it.

    `real`: it may also be a number of steps that has no exact value, such as `1500 / pi`.
    """
    parameter = Parameter(Role.DURATION, doc, required=required, named=named, positive=positive, real=real)
    return _field(parameter, default, as_length, alias=alias)


def choice(doc: str, *choices: str, default: str | None) -> Any:
    """An argument that is one of a few words; only by name. Without a default it may be none of them."""
    parameter = Parameter(Role.CHOICE, doc, named=True, keyword=True, choices=choices)
    converter = attrs.converters.default_if_none(default)
    return attrs.field(default=default, converter=converter, kw_only=True, metadata={PARAMETER: parameter})


def numbers(doc: str, *, default: tuple[()] = ()) -> Any:
    """An argument that is a list of numbers, at least one."""
    return _field(Parameter(Role.NUMBERS, doc, required=True), default, as_nodes)


def durations(doc: str, *, default: tuple[()] = ()) -> Any:
    """An argument that is a list of lengths of time, at least one."""
    return _field(Parameter(Role.DURATIONS, doc, required=True), default, as_lengths)


def _field(parameter: Parameter, default: Any, read: Callable[[Any], Any], **rest: Any) -> Any:
    given = None if default is None else read(default)
    return attrs.field(default=given, converter=or_default(given, read), metadata={PARAMETER: parameter}, **rest)


@attrs.frozen(eq=False, repr=False)
class Primitive(Schedule):
    """A schedule by a closed formula: abstract."""

    name: ClassVar[str]
    """What it is called in a text."""

    aliases: ClassVar[tuple[str, ...]] = ()
    """Other names for it."""

    monotone: ClassVar[bool] = False
    """Whether the formula only rises or only falls from step to step, so that its bounds are its ends."""

    pair: ClassVar[bool] = False
    """Whether the first two positional arguments are given together: `start, end`."""

    ramp: ClassVar[bool] = False
    """Whether it goes from exactly `start` at k = 0 to exactly `end` at k = n."""

    words: ClassVar[str] = ""
    """What it does, for `explain`: `"{goes} from {start} to {end}"`, with its arguments by name, and with `goes` for
    `rises` or `falls`, and `line` for ` in a straight line`, unless it is eased. Without it, it "follows" its name."""

    formula: ClassVar[str] = ""
    """The formula as people write it, for `why`: `"value(x) = s + (e - s)·x"`, x the progress of a ramp."""

    at: ClassVar[Any]
    """The formula: a static method `at(k, n, xp, *, <the numbers by name>)` over an array namespace."""

    from_start: ClassVar[Any] = None
    from_end: ClassVar[Any] = None
    """`at` calculated from one end, for where an eased ramp is closer to it; None: `at` keeps its precision there."""

    def __attrs_post_init__(self) -> None:
        for argument in declaration_of(type(self)).checked:
            value, parameter = getattr(self, argument.attribute), argument.parameter
            if parameter.required and (value is None or (isinstance(value, tuple) and not value)):
                message = f"`{self._called()}` needs `{argument.name}`: {parameter.doc}"
                fail(self.place, "E203", message, f"write `{self._completed()}`")
            if parameter.choices and value != argument.default and value not in parameter.choices:
                given = value if isinstance(value, str) else shown(value)
                message = f"`{argument.name}` is {listed(parameter.choices)}, not `{given}`"
                fail(self.place, "E213", message, f"write `{argument.name}={parameter.choices[0]}`")

    def _called(self) -> str:
        """The name that stands in the text."""
        word = "" if self.place is None else self.place.text.partition("(")[0].strip()
        return word if word in self.aliases else self.name

    def _completed(self) -> str:
        """The call with the arguments that it has, and samples of those that it needs."""
        given = []
        for argument in self.arguments():
            parameter, value = argument.parameter, getattr(self, argument.attribute)
            missing = value is None or (isinstance(value, tuple) and not value)
            if missing and not parameter.required:
                continue
            if not missing and not parameter.required and value == argument.default:
                continue
            named = parameter.named or not parameter.required or (self.pair and argument.name == "end")
            text = _SAMPLES[parameter.role] if missing else _argument_text(parameter, value)
            given.append((f"{argument.name}=" if named else "") + text)
        return f"{self._called()}({', '.join(given)})"

    @classmethod
    def example(cls) -> str:
        """The call with its required arguments, as a user would write it."""
        given = []
        for argument in cls.arguments():
            if argument.parameter.required:
                named = argument.parameter.named or (cls.pair and argument.name == "end")
                given.append((f"{argument.name}=" if named else "") + _SAMPLES[argument.parameter.role])
        return f"{cls.name}({', '.join(given)})" if given else cls.name

    @classmethod
    def pair_hint(cls, value: str) -> str:
        """What to write instead of a single value that could be the start or the end."""
        needs_end = any(argument.name == "end" and argument.parameter.required for argument in cls.arguments())
        return f"write `{cls.name}(end={value})`, or `{cls.name}({value}, {'1e-6' if needs_end else '0'})`"

    def text(self) -> str:
        written = self._positional()
        for argument in self.arguments():
            value = getattr(self, argument.attribute)
            if argument.name not in written and value is not None and value != argument.default:
                written[argument.name] = f"{argument.name}={_argument_text(argument.parameter, value)}"
        return f"{self.name}({', '.join(written.values())})" if written else self.name

    def _positional(self) -> dict[str, str]:
        """The arguments that canonical text gives by position: all up to the last that is not at its default."""
        given: dict[str, str] = {}
        waiting: dict[str, str] = {}
        for argument in self.arguments():
            value = getattr(self, argument.attribute)
            if argument.parameter.named or value is None:
                break
            waiting[argument.name] = _argument_text(argument.parameter, value)
            if value != argument.default or (self.pair and len(given) == 1):
                given.update(waiting)
                waiting.clear()
        return {} if self.pair and len(given) == 1 else given

    def takes(self, names: Names) -> bool:
        return bool(self.taken())

    def taken(self) -> list[Argument]:
        """The arguments that are not given, so that they are the value handed on."""
        numbers = declaration_of(type(self)).numbers
        return [each for each in numbers if each.parameter.handed and getattr(self, each.attribute) is None]

    @abstractmethod
    def clock(self, frame: Frame) -> Clock:
        """The clock of the formula, for the phase begun at the frame's start."""

    def check(self, values: Mapping[str, float]) -> None:
        """Raise E312 for numbers that the formula is not made for. What is not known yet is NaN: let it pass."""

    def refuse(self, name: str, message: str, hint: str) -> NoReturn:
        """Raise E312 for the argument of that name."""
        argument = getattr(self, name)
        given = argument if isinstance(argument, Schedule) else None
        fail(self.place if given is None else given.place, "E312", message, hint)

    def time(self, attribute: str, frame: Frame) -> Time:
        """The length of time that an argument gives, in steps, exactly."""
        node, declared = getattr(self, attribute), declaration_of(type(self))
        return bare(length_of(node, frame, attribute in declared.positive, attribute in declared.real))

    def numbers(self, frame: Frame) -> tuple[dict[str, float], frozenset[str]]:
        """The numbers the formula takes, and which of them are the value handed on."""
        values: dict[str, float] = {}
        handed: tuple[str, ...] = ()
        for argument in declaration_of(type(self)).numbers:
            node = getattr(self, argument.attribute)
            if type(node) is Number:  # nearly all of them
                values[argument.name] = float(node.value)
            elif node is not None:
                values[argument.name] = node.number(frame)
            elif argument.parameter.handed:
                values[argument.name] = frame.incoming
                handed += (argument.name,)
        return values, _same(handed)

    def lay(self, frame: Frame) -> Part:
        items = sum(len(getattr(self, attribute)) for attribute in declaration_of(type(self)).lists)
        frame.binding.count_phase(self.place, work=1 + items // _ITEMS)
        values, handed = self.numbers(frame)
        self.check(values)
        declared = self.at
        if self.ramp and (ease := values.pop("ease", 1.0)) != 1:
            declared = Eased(self.from_start or self.at, self.from_end or self.at, ease)
        clock, stop = self.clock(frame), frame.stop
        awaited = isinstance(stop, Awaited) and not isinstance(stop, Unreached) and frame.beyond_start
        if awaited and isinstance(stop, Awaited) and clock != self.clock(frame.but(stop=stop + 1)):
            depends_on(stop)
        return Segment(
            frame.first,
            frame.last,
            self,
            declared=declared,
            **frame.reading(clock),
            shape=self.name,
            values=values,
            handed=handed,
            rates=declaration_of(type(self)).rates,
            monotone=self.monotone,
            ends=self.ramp,
        )


class Declaration(NamedTuple):
    """What is asked of a primitive's arguments again and again."""

    checked: tuple[Argument, ...]  # looked at when a node is made
    numbers: tuple[Argument, ...]
    rates: frozenset[str]  # the names of those that are no levels
    lists: tuple[str, ...]  # attributes
    positive: frozenset[str]  # attributes that hold lengths of time which have to be above zero
    real: frozenset[str]  # and which may be numbers of steps without an exact value
    named: dict[str, Argument]  # what a call takes by name
    positional: list[Argument]  # what it also takes by position
    takes_keys: bool  # `value @ time`


@functools.cache
def declaration_of(cls: type[Primitive]) -> Declaration:
    """What is asked of the arguments of a class, found once."""
    arguments = cls.arguments()
    named = {each.name: each for each in arguments if each.parameter.role is not Role.KEYS}
    return Declaration(
        checked=tuple(each for each in arguments if each.parameter.required or each.parameter.choices),
        numbers=tuple(each for each in arguments if each.parameter.role is Role.NUMBER),
        rates=frozenset(each.name for each in arguments if not each.parameter.level),
        lists=tuple(each.attribute for each in arguments if each.parameter.role in (Role.NUMBERS, Role.DURATIONS)),
        positive=frozenset(each.attribute for each in arguments if each.parameter.positive),
        real=frozenset(each.attribute for each in arguments if each.parameter.real),
        named=named,
        positional=[each for each in named.values() if not each.parameter.keyword],
        takes_keys=len(named) < len(arguments),
    )


_ITEMS = 20
"""How many items of a list are as much work to lay out as a phase."""


_same: Final = functools.cache(frozenset[str])
"""A set of names, the same object each time: a program of many phases would hold as many equal ones."""


_SAMPLES: Final = {
    Role.NUMBER: "0.1",
    Role.DURATION: "5%",
    Role.NUMBERS: "[1, 0.5]",
    Role.DURATIONS: "[30%, 60%]",
    Role.KEYS: "0 @ 0, 1 @ 100%",
}
"""Arguments of each role, for examples."""


def _argument_text(parameter: Parameter, value: Any) -> str:
    match parameter.role:
        case Role.NUMBERS | Role.DURATIONS:
            return f"[{', '.join(item.text_at(base.SUM) for item in value)}]"
        case Role.KEYS:
            return ", ".join(f"{key.value.text_at(base.SUM)} @ {key.time.text_at(base.SUM)}" for key in value)
        case Role.CHOICE:
            return str(value)
        case _:
            text: str = value.text_at(base.CHAIN)
            return text


class Registry(dict[str, "type[Primitive]"]):
    """Primitives by their names and aliases; `changes` counts the times that they became others."""

    changes = 0


PRIMITIVES: Final = Registry()
"""Every primitive by its name and its aliases."""

P = TypeVar("P", bound=Primitive)


@dataclass_transform(frozen_default=True, field_specifiers=(number, duration, choice, numbers, durations, attrs.field))
def family(cls: type[P]) -> type[P]:
    """Make a class the abstract base of primitives that have arguments in common."""
    return attrs.frozen(cls, eq=False, repr=False)


@dataclass_transform(frozen_default=True, field_specifiers=(number, duration, choice, numbers, durations, attrs.field))
def primitive(cls: type[P]) -> type[P]:
    """Make a class a primitive of the language, under its `name` and `aliases`.

    Raises:
        ValueError: if a name is taken, reserved or not a word, an argument hides a method, or the docstring is missing.
    """
    frozen: type[P] = attrs.frozen(cls, eq=False, repr=False)
    if not frozen.__doc__ and sys.flags.optimize < 2:
        raise ValueError(f"{cls.__name__} needs a docstring: what it is, its formula, an example")
    for name in (frozen.name, *frozen.aliases):
        if not name.isidentifier() or not name.isascii():
            raise ValueError(f"{name!r} is not a name")
        if name in PRIMITIVES or name in RESERVED or name in FUNCTIONS:
            raise ValueError(f"{name!r} already means something")
    for argument in frozen.arguments():
        if hasattr(Primitive, argument.attribute):
            hint = f"declare it on another attribute with alias={argument.name!r}"
            raise ValueError(f"the argument {argument.name!r} of {frozen.name!r} hides a method: {hint}")
    PRIMITIVES.update(dict.fromkeys((frozen.name, *frozen.aliases), frozen))
    PRIMITIVES.changes += 1
    return frozen


def unregister(cls: type[Primitive]) -> None:
    """Take a primitive out of the language again, as a test may want to."""
    for name in (cls.name, *cls.aliases):
        PRIMITIVES.pop(name, None)
    PRIMITIVES.changes += 1
