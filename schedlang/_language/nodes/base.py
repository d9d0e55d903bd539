"""What every schedule node is: a frozen value that prints as canonical text and knows how to lay itself out."""

from __future__ import annotations

import enum
import functools
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, Never, NoReturn, TypeAlias, Unpack, overload

import attrs

from ..._text.errors import fail
from ..._text.run import Rate, Rates, split_rates, takes_rates
from ..._text.source import Place
from ..clocks import Time
from ..frame import Frame
from ..program import Part

if TYPE_CHECKING:
    from ..._bound.bound import Bound

Operand: TypeAlias = "Schedule | int | float | Decimal | str"

CHAIN, CLAUSE, SUM, PRODUCT, SIGN, POWER, ATOM = range(1, 8)
"""How tightly a node's canonical text binds, from `then` to a call."""


class Names(dict[str, "Schedule"]):
    """What names stand for. `memo` keeps what has been found out about them and about nodes, which is asked often."""

    def __init__(self, definitions: Mapping[str, Schedule]) -> None:
        super().__init__(definitions)
        self.memo: dict[tuple[str, str], Any] = {}
        self._known: dict[
            tuple[str, int], tuple[Schedule, bool]
        ] = {}  # with the node, so that its id is not given anew

    def ask(self, what: str, name: str, unknown: Any, find: Callable[[Schedule], Any]) -> Any:
        """What `find` says of the name's definition, asked once; `unknown` if it has none."""
        key = (what, name)
        if key not in self.memo:
            definition = self.get(name)
            self.memo[key] = unknown if definition is None else find(definition)
        return self.memo[key]

    def timeless(self, node: Schedule) -> bool:
        """`node.timeless`, asked once of each node: nested arithmetic asks it of all below it, again and again."""
        return self._asked_once("timeless", node, node.timeless)

    def takes(self, node: Schedule) -> bool:
        """`node.takes`, asked once of each node."""
        return self._asked_once("takes", node, node.takes)

    def of_run(self, node: Schedule) -> bool:
        """`node.of_run`, asked once of each node: repeats in one another ask it of all below them, in each copy."""
        return self._asked_once("of_run", node, node.of_run)

    def of_updates(self, node: Schedule) -> bool:
        """`node.of_updates`, asked once of each node."""
        return self._asked_once("of_updates", node, node.of_updates)

    def _asked_once(self, what: str, node: Schedule, ask: Callable[[Names], bool]) -> bool:
        known = self._known.get((what, id(node)))
        if known is None:
            known = self._known[what, id(node)] = (node, ask(self))
        return known[1]


class Kind(enum.Enum):
    """What a piece of text can be read as."""

    NUMBER = "a number"
    DURATION = "a duration"
    SCHEDULE = "a schedule"
    PARAMETER = "a parameter"  # a number or a duration, unknown until it is bound


class Role(enum.Enum):
    """What an argument of a node is."""

    BODY = "a schedule"
    NUMBER = "a number"
    DURATION = "a duration"
    POSITION = "a place in the run"
    COUNT = "a whole number"
    CHOICE = "a word"
    NUMBERS = "a list of numbers"
    DURATIONS = "a list of durations"
    KEYS = "keys `value @ time`"


class Parameter(NamedTuple):
    """The declaration of one argument: everything about it is derived from here."""

    role: Role
    doc: str  # a line for the reference
    required: bool = False
    handed: bool = False  # whether it is the value handed on by the phase before when it isn't given
    level: bool = True  # for a number: whether values grow with it, as with a start or an end, unlike with a factor
    named: bool = False  # whether canonical text names it (`every=100`) instead of giving it by position
    keyword: bool = False  # whether a text, too, has to name it
    positive: bool = False  # for a duration: whether it has to be above zero
    real: bool = False  # for a duration: whether it may be a number of steps that is not exact, such as `1500 / pi`
    choices: tuple[str, ...] = ()  # for a word: which
    absent: str = ""  # the word that stands in its place in canonical text if it isn't given: `for rest`


PARAMETER: Final = "schedlang"
"""The key of a field's Parameter in its metadata."""


def below(doc: str) -> dict[str, Parameter]:
    """The metadata of a field that holds schedules."""
    return {PARAMETER: Parameter(Role.BODY, doc, required=True)}


class Argument(NamedTuple):
    """One argument of a node class: what it is called in texts and Python calls, and on the node."""

    name: str
    attribute: str
    default: Any
    parameter: Parameter


@functools.cache
def _found_arguments(cls: type[Schedule]) -> tuple[Argument, ...]:
    found = []
    for field in attrs.fields(cls):
        if PARAMETER in field.metadata:
            default = None if field.default is attrs.NOTHING else field.default
            found.append(Argument(field.alias or field.name, field.name, default, field.metadata[PARAMETER]))
    return tuple(sorted(found, key=lambda each: (each.parameter.keyword, each.parameter.role is Role.CHOICE)))


@functools.cache
def _compared(cls: type[Schedule]) -> Callable[[Any], Any]:
    """What nodes of a class are compared by: all they have but their places."""
    names = [field.name for field in attrs.fields(cls) if field.eq]
    return attrgetter(*names) if names else lambda node: ()


@attrs.frozen(eq=False, repr=False)
class Schedule(ABC):
    """A hyperparameter schedule: a pure function of the step, before it is told how long the run is.

    Schedules compare, hash and pickle by what they mean as text; `str(schedule)` is canonical text and
    `parse(str(schedule)) == schedule`. Build them with `parse`, or in Python:

    >>> from schedlang import cosine, linear, parse
    >>> schedule = linear(0, 3e-4).lasting("5%").then(cosine())
    >>> str(schedule)
    'linear(0, 3e-4) for 5% then cosine'
    >>> schedule == parse("linear from 0 to 3e-4 for 5% then cosine to 0")
    True
    >>> str(schedule * 2 + 1e-5)
    '(linear(0, 3e-4) for 5% then cosine) * 2 + 1e-5'
    """

    LEVEL: ClassVar[int] = ATOM

    outermost: ClassVar[bool] = False
    """Whether the node can only stand outermost."""

    own_run: ClassVar[bool] = False
    """Whether the node is the whole run to its body, so that `%` there is none of the run's."""

    place: Place | None = attrs.field(default=None, kw_only=True, eq=False, repr=False)

    # What it is as a value. Written once: methods that attrs makes for each class cost half of what importing it does.

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        values = _compared(type(self))
        return bool(values(self) == values(other))

    def __hash__(self) -> int:
        return hash((type(self), _compared(type(self))(self)))

    def __repr__(self) -> str:
        shown = (field.name for field in attrs.fields(type(self)) if field.repr)
        return f"{type(self).__qualname__}({', '.join([f'{name}={getattr(self, name)!r}' for name in shown])})"

    # What it is as text.

    @abstractmethod
    def text(self) -> str:
        """Canonical text, without parentheses around it."""

    def text_at(self, level: int) -> str:
        """Canonical text where only what binds at least as tightly as `level` stands without parentheses."""
        return f"({self.text()})" if level > self.LEVEL else self.text()

    def __str__(self) -> str:
        return self.text()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(f"<schedule {self}>")

    def _repr_html_(self) -> str:
        """What a notebook shows: the text, and if it needs no run the curve."""
        from ..._pictures.notebook import schedule_html

        return schedule_html(self)

    def written(self) -> str:
        """The text that made the node; canonical if it was made in Python."""
        return self.text() if self.place is None else self.place.text

    @classmethod
    def arguments(cls) -> tuple[Argument, ...]:
        """The declared arguments, in order."""
        return _found_arguments(cls)

    # What it can be read as. `names` are the definitions behind `where`.

    def kind(self, names: Names) -> Kind:
        """As what the node can be read."""
        return Kind.SCHEDULE

    def bounded(self, names: Names) -> bool:
        """Whether the node, as a phase, ends by itself."""
        return False

    def timeless(self, names: Names) -> bool:
        """Whether the node, as an operand, has no say in how long the whole is: numbers, parameters and `hold`."""
        return False

    def irrational(self, names: Names) -> bool:
        """Whether it is calculated from what has no exact value, such as `pi`, so that as a number it is a float."""
        return any(child.irrational(names) for _, _, child in children(self))

    def takes(self, names: Names) -> bool:
        """Whether the node's values may depend on the value that is handed to it."""
        return any(names.takes(child) for role, _, child in children(self) if role is Role.BODY)

    def of_run(self, names: Names) -> bool:
        """Whether it shows how far the run around it is, so that it shows something else wherever it begins."""
        return not self.own_run and any(names.of_run(child) for _, _, child in children(self))

    def of_updates(self, names: Names) -> bool:
        """Whether it changes at whole optimizer steps of the run, on whatever clock."""
        return any(names.of_updates(child) for _, _, child in children(self))

    def exact(self, frame: Frame) -> Fraction:
        """The node as an exact number.

        Raises:
            ScheduleError: E304, if it isn't one.
        """
        hint = "use whole numbers and decimals with `+ - * /`, `min`, `max`, `floor`, `ceil` and `round`"
        fail(self.place, "E304", f"a time has to be exact; `{self.written()}` is not", hint)

    def in_steps(self, frame: Frame, alone: bool = True) -> Time:
        """The node as a length of time, in steps; `alone`: not a term of other arithmetic.

        Raises:
            ScheduleError: E302, if it isn't one.
        """
        hint = "write a length such as `500`, `5%`, `30ep` or `2B tok`"
        fail(self.place, "E302", f"`{self.written()}` is not a duration", hint)

    def number(self, frame: Frame) -> float:
        """The node as a number that is the same at every step."""
        return self.lay(frame).at(frame.first)

    # How it lies on the axis of steps.

    def stops(self, frame: Frame) -> Time | None:
        """Where the node, begun at the frame's start, ends by itself, exactly; None: with the window."""
        return None

    def belongs(self, frame: Frame) -> bool:
        """Whether the node, begun at the frame's start, belongs to the window.

        What would begin at the end of a window does not, unless its own length is no whole step.
        """
        if frame.cut is None or frame.wall is None or frame.first < frame.wall:
            return True
        if frame.start > frame.cut:
            return False
        return frame.empty or (self.stands_alone() and self.is_empty(frame))

    def stands_alone(self) -> bool:
        """Whether the node's length is its own: not that of the window, nor up to a place in the run."""
        return True

    def is_empty(self, frame: Frame) -> bool:
        """Whether the node has a length in which there is no whole step."""
        stop = self.stops(frame)
        return stop is not None and math.ceil(stop) == frame.first

    @abstractmethod
    def lay(self, frame: Frame) -> Part:
        """The class's rule: the node from the frame's start to its stop. Others call `lay_out` and `lay_within`."""

    def lay_out(self, frame: Frame) -> Part:
        """The node laid out to its own end, or if it has none to that of the frame's window."""
        stop = self.stops(frame)
        stop = frame.end if stop is None else stop
        return self.lay_within(frame if frame.stop is stop else frame.but(stop=stop))

    def lay_within(self, frame: Frame) -> Part:
        """The node laid out in a frame whose `stop` is its own end; whoever watches the binding is told."""
        part = self.lay(frame)
        watch = frame.binding.watch
        if watch is not None:
            watch(self, frame, part)
        return part

    # Building in Python. The classes are declared on top of this one, so each says in `BUILD` how it is made.

    def then(self, following: Operand) -> Schedule:
        """This phase, then another: `self then following`."""
        return BUILD["then"](self, following)

    def lasting(self, length: Operand) -> Schedule:
        """This phase for a length of time: `self for length`."""
        return BUILD["lasting"](self, length)

    def rest(self) -> Schedule:
        """This phase for the rest of the window: `self for rest`."""
        return BUILD["for"](self, None)

    def until(self, position: Operand) -> Schedule:
        """This phase until a place in the run: `self until position`."""
        return BUILD["until"](self, position)

    def over(self, length: Operand) -> Schedule:
        """This schedule, played as if `length` were the whole run: `self over length`."""
        return BUILD["over"](self, length)

    def skip(self, length: Operand) -> Schedule:
        """This schedule as if it had begun `length` earlier: `self skip length`."""
        return BUILD["skip"](self, length)

    def every(self, length: Operand) -> Schedule:
        """This schedule's value at the last multiple of `length`: `self every length`."""
        return BUILD["every"](self, length)

    def repeat(
        self, count: Operand | None = None, *, stretch: Operand | None = None, scale: Operand | None = None
    ) -> Schedule:
        """This schedule again and again: `self repeat count stretch … scale …`."""
        return BUILD["repeat"](self, count, stretch, scale)

    def where(self, **definitions: Operand) -> Schedule:
        """This schedule with names given a meaning: `self where name = …`."""
        return BUILD["where"](self, definitions)

    def __add__(self, other: Operand) -> Schedule:
        return BUILD["+"](self, "+", other)

    def __radd__(self, other: Operand) -> Schedule:
        return BUILD["+"](other, "+", self)

    def __sub__(self, other: Operand) -> Schedule:
        return BUILD["+"](self, "-", other)

    def __rsub__(self, other: Operand) -> Schedule:
        return BUILD["+"](other, "-", self)

    def __mul__(self, other: Operand) -> Schedule:
        return BUILD["*"](self, "*", other)

    def __rmul__(self, other: Operand) -> Schedule:
        return BUILD["*"](other, "*", self)

    def __truediv__(self, other: Operand) -> Schedule:
        return BUILD["*"](self, "/", other)

    def __rtruediv__(self, other: Operand) -> Schedule:
        return BUILD["*"](other, "/", self)

    def __pow__(self, other: Operand) -> Schedule:
        return BUILD["**"](self, other)

    def __rpow__(self, other: Operand) -> Schedule:
        return BUILD["**"](other, self)

    def __neg__(self) -> Schedule:
        return BUILD["negative"](self)

    # Meeting a run.

    def __call__(self, *step: Never) -> NoReturn:
        """Refused: there is no value at a step without a run.

        Raises:
            TypeError: that says how to get one.
        """
        given = ", ".join(map(repr, step))
        raise TypeError(f"a schedule has no values before it meets a run: bind it first, `.bind(1000)({given})`")

    @overload
    def bind(self, /, total_steps: Rate | str | None = None, *, base: float = 1.0, **rates: Unpack[Rates]) -> Bound: ...

    @overload
    def bind(
        self, /, total_steps: Rate | str | None = None, *, base: float = 1.0, **rates_and_params: Rate | str | None
    ) -> Bound: ...

    @takes_rates
    def bind(self, /, total_steps: Rate | str | None = None, *, base: float = 1.0, **params: Any) -> Bound:
        """The schedule for one run: a callable from step to value.

        Only what the text uses has to be given.

        Args:
            total_steps: optimizer updates in the run, at least 1; or a duration such as `"90ep"`.
            base: the value before the first phase.
            **params: the rates, such as `steps_per_epoch=1250` (see `Run`), and the text's free names: numbers, or
                durations as int or text.

        Raises:
            ScheduleError: E4xx, for what is missing, unknown or unused, and for values that aren't finite.

        >>> from schedlang import parse
        >>> lr = parse("warmup(500) then cosine(3e-4, 0)").bind(10_000)
        >>> lr(0), lr(500), lr(10_000)
        (0.0, 0.0003, 0.0)
        """
        from ..._bound.bind import bind

        rates, params = split_rates(params)
        return bind(self, total_steps, base=base, params=params, **rates)


BUILD: Final[dict[str, Callable[..., Schedule]]] = {}
"""How a schedule's methods and operators make their nodes, filled by the modules that declare the classes."""


_ALONE: Final = {Role.NUMBERS: Role.NUMBER, Role.DURATIONS: Role.DURATION}
"""The role of each node in a list."""


@functools.cache
def _node_attributes(cls: type[Schedule]) -> tuple[tuple[str, Role, Argument], ...]:
    """The attributes of a class that hold nodes."""
    arguments = (each for each in cls.arguments() if each.parameter.role is not Role.CHOICE)
    return tuple((each.attribute, _ALONE.get(each.parameter.role, each.parameter.role), each) for each in arguments)


def children(node: Schedule) -> list[tuple[Role, Argument, Schedule]]:
    """The nodes below a node, each with its role and its argument."""
    found: list[tuple[Role, Argument, Schedule]] = []
    for attribute, role, argument in _node_attributes(type(node)):
        value = getattr(node, attribute)
        if role is Role.KEYS:
            for key in value:
                found += [(Role.NUMBER, argument, key.value), (Role.DURATION, argument, key.time)]
        elif isinstance(value, tuple):
            found += [(role, argument, item) for item in value]
        elif value is not None:
            found.append((role, argument, value))
    return found


class Atom(NamedTuple):
    """A node without any below it, where it stands in another."""

    node: Schedule
    role: Role
    in_run: bool  # whether `%` there means the run, and not what stands behind `over`


def atoms_of(node: Schedule, role: Role = Role.BODY, in_run: bool = True) -> list[Atom]:
    """The atoms of a node, from left to right."""
    below = children(node)
    if not below:
        return [Atom(node, role, in_run)]
    found: list[Atom] = []
    for child_role, argument, child in below:
        found += atoms_of(child, child_role, in_run and not (node.own_run and argument.name == "body"))
    return found
