"""What a bound schedule does, step by step in sentences.

A formula is put into the words that its primitive declares, with the arguments and the values filled in.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import islice
from operator import attrgetter
from typing import Any, Final

import attrs

from ..._language.clocks import RampClock, Time, earlier
from ..._language.easing import Eased
from ..._language.nodes import PRIMITIVES, Number, Primitive, Repeat
from ..._language.nodes.base import Role
from ..._language.nodes.scalars import SO_FAR
from ..._language.program import (
    HANDED,
    Copy,
    Cycle,
    Part,
    Pointwise,
    Sampled,
    SampledMetered,
    Segment,
    Timeline,
    handed_on,
    no_rule,
)
from ..._text.meters import Metered
from ..._text.numerals import approximated, counted, period, rounded
from ..._text.run import STEP, Run, Unit, as_decimal
from ..._text.source import abridged
from ..relayout import Origins
from ..why import is_plain, unwrapped
from .times import became, times_of

_PARTS: Final = 20  # up to how many phases in a row are told one by one; of more, the first and the last ones

_FIRST, _LAST, _FEW = 12, 3, 4

_NESTED: Final = 2
"""Inside of how many repeated bodies a second copy is looked at: each doubles what there is to look at."""

SENTENCES: Final = 500
"""How many sentences are told."""

_LISTED: Final = 8  # up to how many numbers are listed; of more, the first ones

_QUOTED: Final = 64


@attrs.frozen
class Sentence:
    """What happens over some steps.

    Attributes:
        first: the first of the steps.
        stop: the step behind the last one; None: there is no last one.
        depth: 0, or more for what another sentence is made of: the operands of a sum, the body of a `repeat`.
        text: what happens, without the steps: `falls along a cosine from 3e-4 to 0`. A colon ends it if the sentences
            behind it say of what it is made.
        piece: the piece of the text that says so; None if nothing does, or the sentence has it.
        times: what the times in that piece became.
        opens: whether the sentences behind it say of what it is made.
    """

    first: int | Any
    stop: int | Any | None
    depth: int
    text: str
    piece: str | None = None
    times: tuple[str, ...] = ()
    opens: bool = attrs.field(default=False, eq=False, repr=False)  # the text shows it
    unit: Unit = attrs.field(default=STEP, eq=False, repr=False)  # what the run counts

    def __str__(self) -> str:
        times = list(self.times)
        if len(times) > _FEW:
            times[_FEW - 1 :] = [f"and {len(times) - _FEW + 1} more times"]
        source = "; ".join(times if self.piece is None else [f"`{self.piece}`", *times])
        text, end = (self.text[:-1], ":") if self.opens else (self.text, ".")
        body = text + (f" ({source})" if source else "")
        steps = self.unit.span(self.first, self.stop)
        return f"{'  ' * self.depth}{steps[0].upper()}{steps[1:]}: {body}{end}"


def sentences_of(origins: Origins) -> list[Sentence]:
    """What a schedule does; what is told twice in a row is told once."""
    run, total = origins.bound.run, origins.bound.end
    found = _Narrator(origins).part(origins.program, 0, None, 0)
    sentences: list[Sentence] = []
    for sentence in islice(found, SENTENCES - 1):
        if sentence.depth == 0 and total is not None and sentence.first >= total:
            sentence = attrs.evolve(sentence, text=f"the run is over, and the value {sentence.text}")
        last = sentences[-1] if sentences else None
        if last is not None and last.stop == sentence.first and _SAYING(last) == _SAYING(sentence):
            sentences[-1] = attrs.evolve(last, stop=sentence.stop)
        else:
            sentences.append(sentence)
    more = next(found, None)
    if more is not None:
        begin = more.first if sentences[-1].stop is None else sentences[-1].stop
        sentences.append(Sentence(begin, None, 0, "more than can be told here: see the phase table"))
    return sentences if run.clock is None else [_placed(each, run) for each in sentences]


def _placed(sentence: Sentence, run: Run) -> Sentence:
    """The same, its places as they are asked for."""
    stop = None if sentence.stop is None else run.place(sentence.stop)
    return attrs.evolve(sentence, first=run.place(sentence.first), stop=stop, unit=run.unit)


_VARIABLES: Final = {
    "step": "step within its phase",
    "progress": "progress through its phase",
    "run_step": "step of the run around it",
    "run_progress": "progress through the run around it",
    **{name: f"number of {name.rstrip('s')}s of the run around it that have passed" for name in SO_FAR},
}
"""What the names are that need no definition and change."""

_SAYING: Final = attrgetter("depth", "text", "piece")


class _Narrator:
    """Sentences about the parts of one schedule."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self.run = origins.bound.run
        self.shift = 0  # where the copy of a repeated body lies that is told of
        self.cycles = 0  # inside of how many repeated bodies that is

    def sentence(
        self,
        first: int,
        stop: int | None,
        depth: int,
        text: str,
        source: tuple[str | None, Iterable[str]] = (None, ()),
        opens: bool = False,
    ) -> Sentence:
        """A sentence about steps of the run, from steps of a copy of a repeated body."""
        stop = None if stop is None else stop + self.shift
        text, times = f"{text}:" if opens else text, tuple(dict.fromkeys(source[1]))
        return Sentence(first + self.shift, stop, depth, text, source[0], times, opens)

    def source(self, part: Part) -> tuple[str | None, list[str]]:
        """The piece of the text that made a part, and what the times in it became."""
        makers = self.origins.makers(part)
        if not makers:
            return " ".join(part.label()[1].split()), []
        outermost = makers[-1][0]
        times = [became(child, frame, role) for node, frame in makers for role, child in times_of(node)]
        piece = None if isinstance(outermost, Number) else unwrapped(abridged(outermost.written(), _QUOTED))
        return piece, [time.how for time in times if time is not None]

    def part(self, part: Part, first: int, stop: int | None, depth: int) -> Iterator[Sentence]:
        """What a part does over the steps first … stop - 1, and what it holds when it has ended."""
        ends = earlier(part.last, stop)
        if ends is None or first < ends:
            yield from self._running(part, first, ends, depth)
        if ends is not None and (stop is None or max(first, ends) < stop):
            begin = max(first, ends)
            over = f", as `{self.source(part)[0]}` is over" if depth and isinstance(part, Segment) else ""
            yield self.sentence(begin, stop, depth, f"stays at {approximated(part.at(begin))}{over}")

    def _running(self, part: Part, first: int, stop: int | None, depth: int) -> Iterator[Sentence]:
        match part:
            case Timeline():
                yield from self._timeline(part, first, stop, depth)
            case Cycle():
                yield from self._cycle(part, first, stop, depth)
            case Copy():
                yield from self._copy(part, first, stop, depth)
            case Segment() if part.origin is HANDED:
                text = f"stays at {approximated(part.at(first))}, {part.text}"
                yield self.sentence(first, stop, depth, text)
            case Segment():
                yield self.sentence(first, stop, depth, self._formula(part, first, stop), self.source(part))
            case Pointwise():
                yield from self._pointwise(part, first, stop, depth)
            case Sampled():
                values = ((each.name, getattr(part, each.name)) for each in attrs.fields(type(part)))
                times = {
                    name: _Duration(value, self.run) for name, value in values if isinstance(value, (int, Fraction))
                }
                if isinstance(part, SampledMetered):
                    times["every"] = _Duration(Metered.of(part.meter, part.every), self.run)
                yield self.sentence(first, stop, depth, part.words.format_map(times), self.source(part), opens=True)
                yield from self.part(part.body, first, stop, depth + 1)
            case _:
                no_rule("explain", part)

    def _timeline(self, part: Timeline, first: int, stop: int | None, depth: int) -> Iterator[Sentence]:
        stops = (earlier(end, stop) for end in (*part.starts[1:], stop))
        spans = zip(part.parts, (max(first, begin) for begin in part.starts), stops, strict=True)
        phases = [(phase, begin, end) for phase, begin, end in spans if end is None or begin < end]
        makers = self.origins.makers(part)
        if makers and isinstance(makers[-1][0], Repeat) and len(phases) > 1:
            text = f"plays the same {len(phases)} times, each from the value that the one before ends on"
            yield self.sentence(first, stop, depth, text, self.source(part), opens=True)
            depth += 1
        few = len(phases) <= _PARTS
        for phase in phases if few else phases[:_FIRST]:
            yield from self.part(*phase, depth)
        if not few:
            text = f"{len(phases) - _FIRST - _LAST} more phases like these"
            yield self.sentence(phases[_FIRST][1], phases[-_LAST][1], depth, text)
            for phase in phases[-_LAST:]:
                yield from self.part(*phase, depth)

    def _cycle(self, part: Cycle, first: int, stop: int | None, depth: int) -> Iterator[Sentence]:
        """How often, and what the first copy does; the second, too, if it does another thing with what it is handed."""
        low = part.index(first)
        last = part.most if stop is None else part.index(stop - 1)
        copies = None if last is None else last - low + 1
        if copies == 1:
            yield from self.part(part.tabulated(low), first, stop, depth)
            return
        text = f"plays this {'again and again' if copies is None else f'{copies} times'}"
        if part.steady:
            text += f", {_Duration(part.metered or part.length, self.run):period}"
        else:
            high = low + min(copies or 4, _LISTED)
            begins = [math.ceil(part.begin(index)) + self.shift for index in range(low, high)]
            more = " …" if copies is None or copies > len(begins) else ""
            text += (
                f", from {self.run.unit.many} {', '.join(as_decimal(self.run.place(each)) for each in begins)}{more}"
            )
        longer = "" if part.steady else f"{rounded(part.stretch, 4)} times as long"
        higher = "" if part.scale == 1.0 else f"{approximated(part.scale)} times as high"
        if longer or higher:
            text += f", each {' and '.join(filter(None, (longer, higher)))} as the one before"
        if stop is not None and last is not None and part.begin(last + 1) > stop:
            text += ", the last one cut off"
        yield self.sentence(first, stop, depth, text, self.source(part), opens=True)
        self.cycles += 1
        one = list(self._unscaled(part, low, first, stop, depth + 1))
        yield from one
        if self.cycles <= _NESTED:
            second = list(self._unscaled(part, low + 1, first, stop, depth + 1))
            if [sentence.text for sentence in second] != [sentence.text for sentence in one]:
                yield from second
        self.cycles -= 1

    def _unscaled(self, part: Cycle, index: int, first: int, stop: int | None, depth: int) -> Iterator[Sentence]:
        """What one copy does, before it is scaled."""
        copy = part.tabulated(index)
        begin, end = max(first, math.ceil(part.begin(index))), earlier(math.ceil(part.begin(index + 1)), stop)
        if end is None or begin < end:
            yield from self._copy(attrs.evolve(copy, factor=1.0), begin, end, depth)

    def _copy(self, part: Copy, first: int, stop: int | None, depth: int) -> Iterator[Sentence]:
        if part.factor != 1.0:
            yield self.sentence(first, stop, depth, f"{approximated(part.factor)} times the value of this", opens=True)
            depth += 1
        self.shift += part.shift
        yield from self.part(part.body, first - part.shift, None if stop is None else stop - part.shift, depth)
        self.shift -= part.shift

    def _pointwise(self, part: Pointwise, first: int, stop: int | None, depth: int) -> Iterator[Sentence]:
        """A formula, or what is combined and how."""
        source = self.source(part)
        if is_plain(part):
            begins, shapes = approximated(part.at(first)), _shapes(part)
            if shapes <= {"constant", "hold"}:
                yield self.sentence(first, stop, depth, f"stays at {begins}", source)
                return
            ends = math.nan if stop is None else handed_on(part, stop)
            span = begins if math.isnan(ends) else f"from {begins} to {approximated(ends)}"
            relative = "step" in shapes and first + self.shift != 0
            here = f", `step` being 0 at {self.run.at(part.first + self.shift)}" if relative else ""
            piece, times = source
            yield self.sentence(first, stop, depth, f"follows the formula `{piece}`{here}: {span}", (None, times))
            return
        operation = part.operations[0]
        one = operation.words is not None and all(each.name == operation.name for each in part.operations)
        text = f"is {operation.words if one else 'calculated from'} these"
        yield self.sentence(first, stop, depth, text, source, opens=True)
        many = len(part.operands) > _PARTS
        for operand in part.operands[:_FIRST] if many else part.operands:
            yield from self.part(operand, first, stop, depth + 1)
        if many:
            yield self.sentence(first, stop, depth + 1, f"and {len(part.operands) - _FIRST} more like these")

    # Formulas.

    def _formula(self, part: Segment, first: int, stop: int | None) -> str:
        """What a formula does; of a ramp that is entered late, or cut off, also that."""
        cls = PRIMITIVES.get(part.shape.rpartition(" ")[2])
        if cls is None:
            return f"is the {_VARIABLES[part.shape]}, from {approximated(part.at(first))}"
        values = _visible_values(part)
        begins, ends = part.at(first), math.nan if stop is None else handed_on(part, stop)
        start, end = (values["start"], values["end"]) if part.ends else (begins, ends)
        if part.ends and start == end:
            return f"stays at {approximated(end)}"
        words = self._filled_words(cls, part, values, part.last if part.ends else stop) if cls.words else ""
        to = "" if math.isnan(end) else f" to {approximated(end)}"
        text = words or f"follows `{cls.name}` from {approximated(start)}{to}"
        if isinstance(part.declared, Eased):
            text += f", its progress to the power of {approximated(part.declared.ease)}"
        if not part.ends:
            turns = words and cls.monotone and not math.isnan(ends) and begins != ends
            return f"{text}, {'up' if ends > begins else 'down'} to {approximated(ends)}" if turns else text
        if first > part.first:
            text += f", entered after {_Duration(first - part.first, self.run)} at {approximated(begins)}"
        if not math.isnan(ends) and ends != end:
            text += f", and is cut off at {approximated(ends)}"
        return text

    def _filled_words(self, cls: type[Primitive], part: Segment, values: Mapping[str, Any], stop: int | None) -> str:
        """A primitive's words with its arguments: those that are times as lengths, or as steps of the run."""
        fields: dict[str, Any] = {name: _argument_text(value) for name, value in values.items()}
        fields.setdefault("value", fields.get("start", ""))  # of a number alone, which is a constant
        start, end = values.get("start"), values.get("end")
        if isinstance(start, float) and isinstance(end, float):
            fields["goes"] = "rises" if end > start else "falls"
        fields["line"] = "" if isinstance(part.declared, Eased) else " in a straight line"
        makers = ((node, frame) for node, frame in self.origins.makers(part) if isinstance(node, cls))
        for node, frame in islice(makers, 1):
            for argument in node.arguments():
                value = getattr(node, argument.attribute)
                if argument.parameter.role is Role.DURATION and value is not None:
                    fields[argument.name] = _Duration(node.time(argument.attribute, frame), self.run)
                elif argument.parameter.role is Role.DURATIONS:
                    places = sorted(math.ceil(frame.start + time.in_steps(frame)) for time in value)
                    shown = [place + self.shift for place in places if stop is None or place <= stop]
                    fields[argument.name] = _step_list(
                        [as_decimal(self.run.place(each)) for each in shown], self.run.unit
                    )
        return cls.words.format_map(fields)


def _shapes(part: Part) -> set[str]:
    return set().union(*map(_shapes, part.operands)) if isinstance(part, Pointwise) else {part.label()[0]}


def _visible_values(part: Segment) -> Mapping[str, Any]:
    """The numbers of a formula; the start of a ramp that doesn't show it is the first value that it shows."""
    if isinstance(part.clock, RampClock) and part.read(part.first)[0] > 0:
        return {**part.values, "start": handed_on(part, part.first)}
    return part.values


def _argument_text(value: Any) -> str:
    if isinstance(value, tuple):
        more = f" … ({len(value)} in all)" if len(value) > _LISTED else ""
        return ", ".join(map(approximated, value[:_LISTED])) + more
    return approximated(value)


@attrs.frozen
class _Duration:
    """A length of time in a primitive's words: `{every}` is `100 steps`, `{every:period}` `every 100 steps`."""

    steps: Time
    run: Run

    def __format__(self, form: str) -> str:
        if isinstance(self.steps, Metered):
            amount, unit = Fraction(self.steps), self.steps.meter.unit
            much = counted(amount, unit.so_far.removesuffix("s"))
            return f"every {much}" if form == "period" else much
        if self.run.clock is None:
            return period(self.steps) if form == "period" else counted(self.steps)
        return ("every " if form == "period" else "") + self.run.amount(self.steps)


def _step_list(places: list[str], unit: Unit) -> str:
    if len(places) < 2:
        return f"{unit.one} {places[0]}" if places else f"none of its {unit.many}"
    if len(places) > _LISTED:
        return f"{unit.many} {', '.join(places[: _LISTED - 1])} … {places[-1]} ({len(places)} in all)"
    return f"{unit.many} {', '.join(places[:-1])} and {places[-1]}"
