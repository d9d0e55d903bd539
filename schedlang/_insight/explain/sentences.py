"""What a bound schedule does, told step by step in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from ..._language.frame import earlier
from ..._language.nodes import Number, Repeat
from ..._language.program import Copy, Cycle, Part, Pointwise, Sampled, Segment, Timeline, handed_on, no_rule
from ..._text.numerals import approximated, counted, rounded
from ..._text.source import abridged
from ..relayout import Origins
from ..why import is_plain, unwrapped
from .phrases import LISTED, phrase
from .times import became, times_of

PARTS: Final = 20
"""Up to how many phases in a row are told one by one; of more, the first and the last ones."""

_FIRST, _LAST, _FEW = 12, 3, 4

NESTED: Final = 2
"""Inside of how many repeated bodies a second copy is looked at: each doubles what there is to look at."""

SENTENCES: Final = 500
"""How many sentences are told."""

_QUOTED: Final = 64


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


def sentences_of(origins: Origins) -> Iterator[Sentence]:
    """What a schedule does; what is told twice in a row is told once."""
    total = origins.bound.total_steps
    waiting: Sentence | None = None
    left = SENTENCES
    for each in _Telling(origins).tell(origins.program, 0, None, 0):
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


class _Telling:
    """One schedule being told: `shift` is where a copy of a repeated body lies, `cycles` how many that is inside of."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self.shift = self.cycles = 0

    def tell(self, part: Part, first: int, stop: int | None, depth: int) -> Iterator[Sentence]:
        """What a part does over the steps first … stop - 1, and what it holds when it has ended."""
        ends = earlier(part.last, stop)
        if ends is None or first < ends:
            yield from self.inside(part, first, ends, depth)
        if ends is not None and (stop is None or max(first, ends) < stop):
            begin = max(first, ends)
            over = f", as `{self.aside(part)[0]}` is over" if depth and isinstance(part, Segment) else ""
            yield self.sentence(begin, stop, depth, f"stays at {approximated(part.at(begin))}{over}")

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
                text = phrase(part, first, stop, self.origins.makers(part), self.shift)
                yield self.sentence(first, stop, depth, text, *self.aside(part))
            case Pointwise():
                yield from self.pointwise(part, first, stop, depth)
            case Sampled():
                every = counted(part.every)
                text = f"changes only every {every}, to the value that this has there:"
                yield self.sentence(first, stop, depth, text, *self.aside(part))
                yield from self.tell(part.body, first, stop, depth + 1)
            case _:
                no_rule("explain", part)

    def timeline(self, part: Timeline, first: int, stop: int | None, depth: int) -> Iterator[Sentence]:
        """Phase after phase; of many the first and the last."""
        stops = [*part.starts[1:], stop]
        inside = []
        for each, begin, end in zip(part.parts, part.starts, stops, strict=True):
            begin, end = max(first, begin), earlier(end, stop)
            if end is None or begin < end:
                inside.append((each, begin, end))
        makers = self.origins.makers(part)
        if makers and isinstance(makers[-1][0], Repeat) and len(inside) > 1:
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
            text += f", every {counted(part.length)}"
        else:
            begins = [math.ceil(part.begin(index)) + self.shift for index in range(low, low + min(copies or 4, LISTED))]
            more = " …" if copies is None or copies > len(begins) else ""
            text += f", from steps {', '.join(map(str, begins))}{more}"
        changes = [] if part.steady else [f"{rounded(part.stretch, 4)} times as long"]
        changes += [] if part.scale == 1.0 else [f"{approximated(part.scale)} times as high"]
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
            text = f"{approximated(part.factor)} times the value of this:"
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
                yield self.sentence(first, stop, depth, f"stays at {approximated(begins)}", piece, times)
                return
            ends = math.nan if stop is None else handed_on(part, stop)
            only = f": {approximated(begins)}"
            span = only if math.isnan(ends) else f": from {approximated(begins)} to {approximated(ends)}"
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

    def aside(self, part: Part) -> tuple[str | None, list[str]]:
        """The piece of the text that made a part, and what the times in it became."""
        makers = self.origins.makers(part)
        if not makers:
            return " ".join(part.label()[1].split()), []
        outermost = makers[-1][0]
        times = [became(child, frame) for node, frame in makers for child in times_of(node)]
        piece = None if isinstance(outermost, Number) else unwrapped(abridged(outermost.written(), _QUOTED))
        return piece, [each.how for each in times if each is not None]


def _shapes(part: Part) -> set[str]:
    """The shapes of what a formula is made of."""
    if isinstance(part, Pointwise):
        return set().union(*map(_shapes, part.operands))
    return {part.label()[0]}
