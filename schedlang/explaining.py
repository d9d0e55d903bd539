"""What a bound schedule does, in words, as a table, and in a few facts.

The schedule is laid out once more, and watched, so that each part of the program is known with the node that made it
and the frame it lies in. The words for a shape stand in the declaration of its primitive.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import attrs

from .binding import Bound, lay_out
from .checking import definitions_of
from .curves import horizon
from .differing import BLOCK, exact_values, is_exact
from .errors import ScheduleError
from .findings import count, written
from .frame import Binding, Frame, earlier
from .nodes import PRIMITIVES, Name, Number, Primitive, Quantity, Repeat, Schedule
from .nodes.base import Kind, Names, Role, children
from .nodes.scalars import decimal_text
from .program import Copy, Cycle, Part, Pointwise, Row, Sampled, Segment, Timeline, handed_on
from .reasons import is_plain, literal, unwrapped
from .rendering import columns, elided
from .run import PERCENT

if TYPE_CHECKING:
    from .differing import Floats

EXACT: Final = 4_000_000
"""Up to how many steps all of them are looked at for the facts."""

SAMPLES: Final = 1_000_000
"""About how many evenly spaced steps are looked at in a longer run."""

PARTS: Final = 20
"""Up to how many phases in a row are told one by one; of more, the first and the last ones."""

_FIRST, _LAST, _FEW = 12, 3, 4

NESTED: Final = 2
"""Inside of how many repeated bodies a second copy is looked at: each doubles what there is to look at."""

SENTENCES: Final = 500
"""How many sentences are told."""

_QUOTED: Final = 64
_LISTED: Final = 8
_WIDTH: Final = 100
_ROWS, _ROWS_LAST = 40, 10

_TIMES: Final = (Role.DURATION, Role.POSITION)


# What there is to tell.


@attrs.frozen
class Sentence:
    """What happens over some steps.

    Attributes:
        first: the first of the steps.
        stop: the step behind the last one; None: there is no last one.
        depth: 0, or more for what another sentence is made of: the operands of a sum, the body of a `repeat`.
        text: what happens, without the steps: `falls along a cosine from 3e-4 to 0`.
        piece: the piece of the text that says so; None if nothing does, or the sentence has it.
        times: what the times in that piece became.
    """

    first: int
    stop: int | None
    depth: int
    text: str
    piece: str | None = None
    times: tuple[str, ...] = ()

    def __str__(self) -> str:
        times = list(self.times)
        if len(times) > _FEW:
            times[_FEW - 1 :] = [f"and {len(times) - _FEW + 1} more times"]
        aside = "; ".join([*([] if self.piece is None else [f"`{self.piece}`"]), *times])
        colon = self.text.endswith(":")
        body = self.text.removesuffix(":") + (f" ({aside})" if aside else "")
        return f"{'  ' * self.depth}{steps_of(self.first, self.stop)}: {body}{':' if colon else '.'}"


def steps_of(first: int, stop: int | None) -> str:
    """Some steps in words.

    >>> steps_of(0, 500), steps_of(7, 8), steps_of(500, None)
    ('Steps 0 – 499', 'Step 7', 'From step 500 on')
    """
    if stop is None:
        return f"From step {first} on"
    return f"Step {first}" if stop == first + 1 else f"Steps {first} – {stop - 1}"


@attrs.frozen
class Time:
    """What a time in the text became.

    Attributes:
        text: the time, as written.
        steps: how many steps that is; not whole where it is not.
        how: how it became that: `5% of 10000 = 500`.
    """

    text: str
    steps: int | float
    how: str


@attrs.frozen
class Meaning:
    """What a name in the text stands for: one behind `where`, or a parameter.

    Attributes:
        name: the name.
        text: what it was given as.
        value: the number, or the number of steps; None for a name of a whole schedule.
    """

    name: str
    text: str
    value: int | float | None


@attrs.frozen
class Point:
    """A step and the value there."""

    step: int
    value: float


@attrs.frozen
class Facts:
    """A few facts about the values.

    Attributes:
        stop: the facts are about the steps 0 … stop - 1: the run; or if it has no end, up to where it comes to rest,
            or well inside it.
        peak: the largest value, and the first step that shows it.
        lowest: the smallest value, and the first step that shows it.
        mean: the mean over the steps.
        area: the sum over the steps.
        sampled: at how many steps the values were looked at, evenly spaced and at the ends of phases; None: at all of
            them, so that all facts are exact, the mean and the area rounded once.
    """

    stop: int
    peak: Point
    lowest: Point
    mean: float
    area: float
    sampled: int | None


@attrs.frozen
class Explanation:
    """What a bound schedule does: `str()` is all of it as text.

    Attributes:
        canonical: the schedule's canonical text.
        run: what is known of the run, by the names that `bind` takes; `params` are texts.
        sentences: what happens, in words.
        phases: the phase table.
        times: what each time in the text became.
        names: what the names in the text stand for.
        facts: peak, lowest value, mean and area.
        total: how long the run is, exactly; None: it has no end.
    """

    canonical: str
    run: dict[str, Any]
    sentences: tuple[Sentence, ...]
    phases: tuple[Row, ...]
    times: tuple[Time, ...]
    names: tuple[Meaning, ...]
    facts: Facts
    total: Fraction | None = attrs.field(repr=False)

    @property
    def words(self) -> str:
        """The sentences, one a line."""
        return "\n".join(map(str, self.sentences))

    def table(self, width: int = _WIDTH) -> str:
        """The phase table, its texts shortened to fit the width; of many phases the first and the last."""
        return _table(self.phases, width)

    def to_dict(self) -> dict[str, Any]:
        """The explanation as plain data: dicts, lists, numbers, texts and None."""
        return {
            "canonical": self.canonical,
            "run": self.run,
            "phases": [attrs.asdict(row, filter=lambda field, _: field.name != "place") for row in self.phases],
            "words": [attrs.asdict(each) | {"times": list(each.times)} for each in self.sentences],
            "times": [attrs.asdict(each) for each in self.times],
            "names": [attrs.asdict(each) for each in self.names],
            "facts": attrs.asdict(self.facts),
        }

    def shown(self, width: int = _WIDTH) -> str:
        """The explanation as text of about that width: the words, the phase table, the times, the facts, the run."""
        sections = [self.words, self.table(width)]
        if self.times:
            rows = [(elided(each.text, 40), each.how) for each in self.times[:PARTS]]
            more = len(self.times) - len(rows)
            whole = all(isinstance(each.steps, int) for each in self.times)
            note = f"\n  … {more} more" if more else ""
            note += "" if whole else "\n  what falls between two steps shows at the later one"
            sections.append("times\n" + columns(rows, right=(), indent="  ") + note)
        if self.names:
            sections.append("names\n" + columns([_named(each) for each in self.names], right=(), indent="  "))
        return "\n\n".join([*sections, _facts_table(self.facts), _run_table(self.run, self.total)])

    def __str__(self) -> str:
        return self.shown()


def explain(bound: Bound) -> Explanation:
    """What a bound schedule does: see `Bound.explain`."""
    telling = _Telling(bound)
    return Explanation(
        str(bound.schedule),
        run_of(bound),
        tuple(telling.sentences()),
        bound.phases,
        tuple(telling.times()),
        tuple(telling.meanings()),
        facts_of(bound),
        bound.run.total_steps,
    )


def run_of(bound: Bound) -> dict[str, Any]:
    """What is known of the run of a bound schedule."""
    run = bound.run
    return {
        "total_steps": bound.total_steps,
        "steps_per_epoch": _rate(run.steps_per_epoch),
        "samples_per_step": _rate(run.samples_per_step),
        "tokens_per_step": _rate(run.tokens_per_step),
        "base": run.base,
        "params": {name: str(value) for name, value in bound.params.items()},
    }


def _rate(value: Fraction | None) -> int | float | None:
    """A rate as a number that prints well."""
    return None if value is None else _plain(value)


def _plain(value: Fraction | int) -> int | float:
    return int(value) if value == int(value) else float(value)


# Facts.


def facts_of(bound: Bound) -> Facts:
    """Peak, lowest value, mean and area of a bound schedule over its run."""
    stop = horizon(bound) + (bound.total_steps is None)
    if stop > EXACT:
        return _sampled_facts(bound, stop)
    exact = is_exact(bound)
    blocks = ((first, exact_values(bound, first, min(stop, first + BLOCK), exact)) for first in range(0, stop, BLOCK))
    peak = lowest = Point(0, bound(0))
    sums: list[list[float]] = []
    for first, values in blocks:
        peak = _further(peak, first, values, 1)
        lowest = _further(lowest, first, values, -1)
        sums.append(values if isinstance(values, list) else values.tolist())
    mean, area = _mean(list(chain.from_iterable(sums)))
    return Facts(stop, peak, lowest, mean, area, None)


def _mean(values: list[float]) -> tuple[float, float]:
    """The mean of values, and their sum: infinite if it is larger than a float can be."""
    try:
        area = math.fsum(values)
        return area / len(values), area
    except OverflowError:
        mean = math.fsum(value / len(values) for value in values)
        return mean, mean * len(values)


def _further(point: Point, first: int, values: Floats, sign: int) -> Point:
    """The point, or the first of the values that lies further up, or with `sign` -1 further down."""
    if isinstance(values, (list, array)):
        place = max(range(len(values)), key=lambda index: sign * values[index])
    else:
        place = int(values.argmax() if sign > 0 else values.argmin())
    value = float(values[place])
    return Point(first + place, value) if sign * value > sign * point.value else point


def _sampled_facts(bound: Bound, stop: int) -> Facts:
    even = range(0, stop, -(-stop // SAMPLES))
    edges = {
        edge for row in bound.phases[:1000] for edge in (row.first, (row.stop or row.first + 1) - 1) if edge < stop
    }
    values = [bound(step) for step in even]
    found = [*zip(even, values, strict=True), *((step, bound(step)) for step in sorted(edges - set(even)))]
    top = max(found, key=lambda each: (each[1], -each[0]))
    low = min(found, key=lambda each: (each[1], each[0]))
    mean, _ = _mean(values)
    return Facts(stop, Point(*top), Point(*low), mean, mean * stop, len(found))


# Words.


def number(value: float) -> str:
    """A value as the language writes it, in at most four digits, and `about` if that is not all of it.

    >>> number(0.0003), number(1.23456e-5), number(-0.5)
    ('3e-4', 'about 1.235e-5', '-0.5')
    """
    short = f"{value:.4g}"
    text = "-" * (value < 0) + decimal_text(Decimal(f"{abs(value):.4g}"))
    return text if math.isclose(float(short), value, rel_tol=1e-12) else f"about {text}"


class _Telling:
    """One schedule being told: its nodes by the parts they made, innermost first, with their frames."""

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        body, definitions = definitions_of(bound.schedule)
        self.names = Names({**definitions, **bound.params})
        self.binding = Binding(bound.run, self.names)
        self.nodes: dict[int, list[tuple[Schedule, Frame]]] = {}
        self.parts: list[Part] = []  # so that no other part gets the id of one that is gone
        self.frames: dict[int, tuple[Schedule, Frame]] = {}
        self.binding.watch = self.watch
        self.program = lay_out(body, self.binding)
        self.shift = self.cycles = 0

    def watch(self, node: Schedule, frame: Frame, part: Part) -> None:
        """Notice where a node came to lie."""
        if not frame.peek:
            self.nodes.setdefault(id(part), []).append((node, frame))
            self.parts.append(part)
            self.frames.setdefault(id(node), (node, frame))

    def sentences(self) -> Iterator[Sentence]:
        """What happens, in words."""
        total = self.bound.total_steps
        waiting: Sentence | None = None
        left = SENTENCES
        for each in self.tell(self.program, 0, None, 0):
            if each.depth == 0 and total is not None and each.first >= total:
                each = attrs.evolve(each, text=f"the run is over, and the value {each.text}")
            left -= 1
            if left == 0:
                begin = each.first if waiting is None or waiting.stop is None else waiting.stop
                each = Sentence(begin, None, 0, "more than can be told here: see the phase table")
            if waiting is not None:
                same = (waiting.depth, waiting.text, waiting.piece) == (each.depth, each.text, each.piece)
                if same and waiting.stop == each.first:
                    waiting = attrs.evolve(waiting, stop=each.stop)
                    continue
                yield waiting
            waiting = each
            if left == 0:
                break
        if waiting is not None:
            yield waiting

    def tell(self, part: Part, first: int, stop: int | None, depth: int) -> Iterator[Sentence]:
        """What a part does over the steps first … stop - 1, and what it holds when it has ended."""
        ends = earlier(part.last, stop)
        if ends is None or first < ends:
            yield from self.inside(part, first, ends, depth)
        if ends is not None and (stop is None or max(first, ends) < stop):
            begin = max(first, ends)
            over = f", as `{self.aside(part)[0]}` is over" if depth and isinstance(part, Segment) else ""
            yield self.sentence(begin, stop, depth, f"stays at {number(part.at(begin))}{over}")

    def sentence(
        self, first: int, stop: int | None, depth: int, text: str, piece: str | None = None, times: Iterable[str] = ()
    ) -> Sentence:
        """A sentence about steps of the run, from steps of a copy of a repeated body."""
        stop = None if stop is None else stop + self.shift
        text = text.replace("every 1 step", "every step")
        return Sentence(first + self.shift, stop, depth, text, piece, tuple(dict.fromkeys(times)))

    def inside(self, part: Part, first: int, stop: int | None, depth: int) -> Iterator[Sentence]:
        """What a part does before it has ended."""
        match part:
            case Timeline():
                yield from self.timeline(part, first, stop, depth)
            case Cycle():
                yield from self.cycle(part, first, stop, depth)
            case Copy():
                yield from self.copied(part, first, stop, depth)
            case Segment():
                text = self.words(part, first, stop)
                yield self.sentence(first, stop, depth, text, *self.aside(part))
            case Pointwise():
                yield from self.pointwise(part, first, stop, depth)
            case Sampled():
                every = _counted(part.every)
                text = f"changes only every {every}, to the value that this has there:"
                yield self.sentence(first, stop, depth, text, *self.aside(part))
                yield from self.tell(part.body, first, stop, depth + 1)

    def timeline(self, part: Timeline, first: int, stop: int | None, depth: int) -> Iterator[Sentence]:
        """Phase after phase; of many the first and the last."""
        stops = [*part.starts[1:], stop]
        inside = []
        for each, begin, end in zip(part.parts, part.starts, stops, strict=True):
            begin, end = max(first, begin), earlier(end, stop)
            if end is None or begin < end:
                inside.append((each, begin, end))
        node = self.outermost(part)
        if isinstance(node, Repeat) and len(inside) > 1:
            text = f"plays the same {len(inside)} times, each from the value that the one before ends on:"
            yield self.sentence(first, stop, depth, text, *self.aside(part))
            depth += 1
        many = len(inside) > PARTS
        for each, begin, end in inside[:_FIRST] if many else inside:
            yield from self.tell(each, begin, end, depth)
        if many:
            begin, end = inside[_FIRST][1], inside[-_LAST][1]
            yield self.sentence(begin, end, depth, f"{len(inside) - _FIRST - _LAST} more phases like these")
            for each, begin, end in inside[-_LAST:]:
                yield from self.tell(each, begin, end, depth)

    def cycle(self, part: Cycle, first: int, stop: int | None, depth: int) -> Iterator[Sentence]:
        """How often, and what the first copy does; the second, too, if it does another thing with what it is handed."""
        low = part.index(first)
        last = part.most if stop is None else part.index(stop - 1)
        copies = None if last is None else last - low + 1
        if copies == 1:
            yield from self.tell(part.tabulated(low), first, stop, depth)
            return
        text = f"plays this {'again and again' if copies is None else f'{copies} times'}"
        if part.steady:
            text += f", every {_counted(part.length)}"
        else:
            begins = [
                math.ceil(part.begin(index)) + self.shift for index in range(low, low + min(copies or 4, _LISTED))
            ]
            more = " …" if copies is None or copies > len(begins) else ""
            text += f", from steps {', '.join(map(str, begins))}{more}"
        changes = [] if part.steady else [f"{number(float(part.stretch))} times as long"]
        changes += [] if part.scale == 1.0 else [f"{number(part.scale)} times as high"]
        if changes:
            text += f", each {' and '.join(changes)} as the one before"
        if stop is not None and last is not None and part.begin(last + 1) > stop:
            text += ", the last one cut off"
        yield self.sentence(first, stop, depth, text + ":", *self.aside(part))
        self.cycles += 1
        told = list(self.one(part, low, first, stop, depth + 1))
        yield from told
        if self.cycles <= NESTED:
            second = list(self.one(part, low + 1, first, stop, depth + 1))
            if [each.text for each in second] != [each.text for each in told]:
                yield from second
        self.cycles -= 1

    def one(self, part: Cycle, index: int, first: int, stop: int | None, depth: int) -> Iterator[Sentence]:
        """What one copy does, before it is scaled."""
        copy = part.tabulated(index)
        begin, end = max(first, math.ceil(part.begin(index))), earlier(math.ceil(part.begin(index + 1)), stop)
        if end is None or begin < end:
            yield from self.copied(attrs.evolve(copy, factor=1.0), begin, end, depth)

    def copied(self, part: Copy, first: int, stop: int | None, depth: int) -> Iterator[Sentence]:
        """One copy of a repeated body."""
        if part.factor != 1.0:
            text = f"{number(part.factor)} times the value of this:"
            yield self.sentence(first, stop, depth, text)
            depth += 1
        self.shift += part.shift
        yield from self.tell(part.body, first - part.shift, None if stop is None else stop - part.shift, depth)
        self.shift -= part.shift

    def pointwise(self, part: Pointwise, first: int, stop: int | None, depth: int) -> Iterator[Sentence]:
        """A formula, or what is combined and how."""
        piece, times = self.aside(part)
        if is_plain(part):
            begins = part.at(first)
            if all(shape in ("constant", "hold") for shape in _shapes(part)):
                yield self.sentence(first, stop, depth, f"stays at {number(begins)}", piece, times)
                return
            ends = math.nan if stop is None else handed_on(part, stop)
            span = f": {number(begins)}" if math.isnan(ends) else f": from {number(begins)} to {number(ends)}"
            here = "" if first + self.shift == 0 else f", `step` being 0 at step {part.first + self.shift}"
            text = f"follows the formula `{piece}`{here if 'step' in _shapes(part) else ''}{span}"
            yield self.sentence(first, stop, depth, text, None, times)
            return
        operations = {operation.name: operation for operation in part.operations}
        operation = part.operations[0]
        if len(operations) == 1 and operation.words is not None:
            text = f"is {operation.words} these:"
        else:
            text = "is calculated from these:"
        yield self.sentence(first, stop, depth, text, piece, times)
        many = len(part.operands) > PARTS
        for operand in part.operands[:_FIRST] if many else part.operands:
            yield from self.tell(operand, first, stop, depth + 1)
        if many:
            text = f"and {len(part.operands) - _FIRST} more like these"
            yield self.sentence(first, stop, depth + 1, text)

    def outermost(self, part: Part) -> Schedule | None:
        """The outermost node that made a part."""
        nodes = self.nodes.get(id(part))
        return nodes[-1][0] if nodes else None

    def aside(self, part: Part) -> tuple[str | None, list[str]]:
        """The piece of the text that made a part, and what the times in it became."""
        nodes = self.nodes.get(id(part))
        if not nodes:
            return " ".join(part.label()[1].split()), []
        outermost = nodes[-1][0]
        times = [self.length(child, frame) for node, frame in nodes for child in _times(node)]
        piece = None if isinstance(outermost, Number) else unwrapped(written(outermost, _QUOTED))
        return piece, [each.how for each in times if each is not None]

    def words(self, part: Segment, first: int, stop: int | None) -> str:
        """What a formula does."""
        cls = PRIMITIVES.get(part.shape.rpartition(" ")[2])
        if cls is None:
            of = "the step within its phase" if part.shape == "step" else "the progress through its phase"
            return f"is {of}, from {number(part.at(first))}"
        begins, ends = part.at(first), math.nan if stop is None else handed_on(part, stop)
        if part.ends:
            return self.ramp(cls, part, first, ends)
        text = self.filled(cls, part, stop) or _follows(cls, begins, ends)
        if not cls.monotone or math.isnan(ends) or begins == ends or not cls.words:
            return text
        return f"{text}, {'up' if ends > begins else 'down'} to {number(ends)}"

    def ramp(self, cls: type[Primitive], part: Segment, first: int, ends: float) -> str:
        """What a ramp does; where it is entered late, or cut off, also that."""
        start, end = part.values["start"], part.values["end"]
        if start == end:
            return f"stays at {number(end)}"
        text = self.filled(cls, part, part.last) or _follows(cls, start, end)
        if first > part.first:
            text += f", entered after {count(first - part.first)} at {number(part.at(first))}"
        if not math.isnan(ends) and ends != end:
            text += f", and is cut off at {number(ends)}"
        return text

    def filled(self, cls: type[Primitive], part: Segment, stop: int | None) -> str:
        """A primitive's words with its arguments in."""
        if not cls.words:
            return ""
        fields = {name: _argument(value) for name, value in part.values.items()}
        fields.setdefault("value", fields.get("start", ""))  # of a number alone, which is a constant
        start, end = part.values.get("start"), part.values.get("end")
        if isinstance(start, float) and isinstance(end, float):
            fields["goes"] = "rises" if end > start else "falls"
        node, frame = next(
            ((node, frame) for node, frame in self.nodes.get(id(part), ()) if isinstance(node, cls)), (None, None)
        )
        if node is not None and frame is not None:
            for argument in cls.arguments():
                if argument.parameter.role is Role.DURATION and getattr(node, argument.attribute) is not None:
                    fields[argument.name] = _counted(node.time(argument.attribute, frame))
                elif argument.parameter.role is Role.DURATIONS:
                    fields[argument.name] = self.places(node, argument.attribute, frame, stop)
        return cls.words.format_map(fields)

    def places(self, node: Primitive, attribute: str, frame: Frame, stop: int | None) -> str:
        """The steps of the run at which a list of times lies, as far as they are reached."""
        places = sorted(math.ceil(frame.start + each.in_steps(frame)) for each in getattr(node, attribute))
        steps = [str(place + self.shift) for place in places if stop is None or place <= stop]
        if not steps:
            return "none of its steps"
        return f"step{'s' if len(steps) > 1 else ''} {_enumerated(steps)}"

    # Times and names.

    def times(self) -> Iterator[Time]:
        """What each time in the text became, in the order of the text."""
        found: dict[tuple[int, str, str], Time] = {}
        for node, frame in list(self.frames.values()):
            for child in _times(node):
                length = self.length(child, frame)
                if length is not None:
                    start = -1 if child.place is None else child.place.span.start
                    found.setdefault((start, length.text, length.how), length)
        yield from (found[key] for key in sorted(found, key=lambda key: key[0]))

    def length(self, node: Schedule, frame: Frame) -> Time | None:
        """What a time became; None if it is a plain number of steps."""
        units = list(dict.fromkeys(self.units(node, frame, True)))
        if not units:
            return None
        text, steps = " ".join(node.written().split()), node.in_steps(frame)
        inner = units[0][0] if len(units) == 1 else None
        how = "; ".join(f"{left} = {right}" for left, _, right in units)
        if inner is None or not self.is_unit(node):
            how += f"; {elided(text, 40)} = {_steps(steps)}"
        return Time(text, _plain_steps(steps), how)

    def is_unit(self, node: Schedule) -> bool:
        """Whether a time is a number with a unit, or a share, or the name of such."""
        while isinstance(node, Name) and node.name in self.names:
            node = self.names[node.name]
        return isinstance(node, (Quantity, Number))

    def units(self, node: Schedule, frame: Frame, alone: bool) -> Iterator[tuple[str, str, str]]:
        """The amounts with a unit that a time is made of: how each became steps, its text, and how many."""
        match node:
            case Name() if node.name in self.names:
                yield from self.units(self.names[node.name], frame, alone)
            case Number() if alone and node.is_fraction():
                yield f"{node} of {_steps(frame.hundred)}", str(node), _steps(node.in_steps(frame))
            case Quantity():
                yield from self.quantity(node, frame)
            case _:
                inside = getattr(node, "function", None) in ("min", "max")
                for _, _, child in children(node):
                    yield from self.units(child, frame, inside)

    def quantity(self, node: Quantity, frame: Frame) -> Iterator[tuple[str, str, str]]:
        unit, steps = node.needs(), _steps(node.in_steps(frame))
        if unit is PERCENT:
            yield f"{node} of {_steps(frame.hundred)}", str(node), steps
        elif unit.needs is not None:
            rate = _steps(getattr(self.bound.run, unit.needs))
            symbol = unit.symbol.removesuffix("s") if unit.symbol == "samples" else unit.symbol
            how = f"× {rate} steps/{symbol}" if unit.of_steps else f"÷ {rate} {unit.symbol}/step"
            yield f"{node} {how}", str(node), steps

    def meanings(self) -> Iterator[Meaning]:
        """What the names in the text stand for."""
        frame = next(iter(self.frames.values()))[1]
        for name, node in self.names.items():
            text = " ".join(node.written().split()) if name not in self.bound.params else str(node)
            kind = node.kind(self.names)
            value: int | float | None = None
            try:
                if kind is Kind.DURATION:
                    value = _plain_steps(node.in_steps(frame))
                elif kind is Kind.NUMBER:
                    value = node.number(frame)
            except ScheduleError:  # a number that the text never uses as one, in place of a time
                value = None
            yield Meaning(name, text, value)


def _times(node: Schedule) -> Iterator[Schedule]:
    """The times that a node has."""
    return (child for role, _, child in children(node) if role in _TIMES)


def _shapes(part: Part) -> set[str]:
    """The shapes of what a formula is made of."""
    if isinstance(part, Pointwise):
        return set().union(*map(_shapes, part.operands))
    return {part.label()[0]}


def _follows(cls: type[Primitive], begins: float, ends: float) -> str:
    """The words for a primitive that declares none."""
    to = "" if math.isnan(ends) else f" to {number(ends)}"
    return f"follows `{cls.name}` from {number(begins)}{to}"


def _argument(value: Any) -> str:
    if isinstance(value, tuple):
        shown = [number(each) for each in value[:_LISTED]]
        return ", ".join(shown) + (f" … ({len(value)} in all)" if len(value) > _LISTED else "")
    return number(value)


def _enumerated(words: list[str]) -> str:
    """Words as a list; a long one shortened."""
    if len(words) > _LISTED:
        return f"{', '.join(words[: _LISTED - 1])} … {words[-1]} ({len(words)} in all)"
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]


def _counted(steps: Fraction | int) -> str:
    return f"{_steps(steps)} step{'' if steps == 1 else 's'}"


def _plain_steps(steps: Fraction | int) -> int | float:
    return int(steps) if Fraction(steps).denominator == 1 else float(steps)


def _steps(steps: Fraction | int | None) -> str:
    """A number of steps in digits."""
    if steps is None:
        return "the run"
    return str(int(steps)) if Fraction(steps).denominator == 1 else f"{float(steps):.10g}"


# Tables.


def _table(rows: Sequence[Row], width: int) -> str:
    first, last = (_ROWS - _ROWS_LAST, _ROWS_LAST) if len(rows) > _ROWS else (len(rows), 0)
    cells = [_cells(row) for row in (*rows[:first], *rows[len(rows) - last :])]
    head = ("from", "to", "starts at", "ends at", "shape", "text")
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    room = width - sum(each + 2 for each in widths[:-1])
    lines = columns([head, *((*cell[:-1], elided(cell[-1], max(20, room))) for cell in cells)], right=(0, 1)).split(
        "\n"
    )
    if last:
        lines.insert(first + 1, f"… {len(rows) - _ROWS} more phases (--json lists them all)")
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    stop, end = "–" if row.stop is None else str(row.stop), "–" if row.end is None else literal(row.end)
    return str(row.first), stop, literal(row.start), end, row.shape, " ".join(row.text.split())


def _named(meaning: Meaning) -> tuple[str, str]:
    same = meaning.value is None or meaning.text == literal(meaning.value) or meaning.text == number(meaning.value)
    return meaning.name, elided(meaning.text, 60) + ("" if same else f" = {literal(meaning.value or 0)}")


def _facts_table(facts: Facts) -> str:
    over = f"over steps 0 – {facts.stop - 1}"
    if facts.sampled is not None:
        over += f", from {facts.sampled} of them"
    rows = [
        ("peak", literal(facts.peak.value), f"at step {facts.peak.step}"),
        ("lowest", literal(facts.lowest.value), f"at step {facts.lowest.step}"),
        ("mean", literal(facts.mean), over),
        ("area", literal(facts.area), "the sum over these steps"),
    ]
    return columns(rows, right=())


def _run_table(run: dict[str, Any], total: Fraction | None) -> str:
    rows = []
    for name, value in run.items():
        if name == "params" or value is None:
            continue
        is_total = name == "total_steps"
        exactly = f" (exactly {float(total)})" if is_total and total is not None and total.denominator != 1 else ""
        shown = literal(value) if isinstance(value, float) else value
        rows.append(("total" if is_total else name.replace("_", " "), f"{shown}{exactly}"))
    return "run\n" + columns([*rows, *run["params"].items()], right=(), indent="  ")
