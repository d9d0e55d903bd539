"""The texts that have the values of a task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import attrs
import numpy

from .chains import chains, keyframes, plain
from .checking import Candidate, Checker
from .costs import natural
from .numbers import decimal
from .peels import copied, peels
from .pieces import Piece, cut, short_ramp, whole_waves
from .problem import Problem, bodied
from .repeats import repeats, stretched
from .task import BLOCK, ExhaustedError, Task, Work

if TYPE_CHECKING:
    from .task import Floats

_CHEAP: Final = 90.0
"""What a text costs that nobody would write shorter."""

_CHAINED: Final = 40
"""So many pieces are written one after the other."""

_MANY: Final = 12
"""More pieces than these are not written one by one if there is a cheap text of a repeated one."""

_CHANGES: Final = 4
"""So often values change at least that are said to change every so many steps."""

_EACH: Final = 24.0
"""And what it costs for each of its pieces."""

_COARSE: Final = 1e-2
"""How far off a text that is only near may be, as a share of the largest value."""

_SKETCHED: Final = 12
"""So many points are a sketch of the values."""

_FEW: Final = 1 / 8
"""Of how many values, as a share of them, it matters how many are off."""

_MORE: Final = 1 / 16
"""How much more work is allowed for it, as a share of what was allowed at first."""

_ODD: Final = 3
"""So many steps may be told as odd ones."""

_LEVELS: Final = (1.0, 30.0, 1000.0)
"""How much more noise there may be than seems to be."""


@attrs.frozen
class Found:
    """What was found: texts that are exact, the most natural first; if there is none, the nearest one.

    Attributes:
        exact: the texts that are equal at every step.
        nearest: the one that is nearest of those that are not, if any was written.
        odd: the text of all values but one or a few, which are each alone off an otherwise plain line.
    """

    exact: tuple[Candidate, ...]
    nearest: Candidate | None = None
    odd: Candidate | None = None


@attrs.define
class Search:
    """What has been found so far."""

    problem: Problem
    exact: dict[str, Candidate] = attrs.field(factory=dict)
    nearest: Candidate | None = None

    def add(self, text: str) -> None:
        """Compare a text at all steps, and keep it if it is equal."""
        candidate = self.problem.checker.check(text)
        if candidate is None:
            return
        if candidate.exact:
            self.exact[text] = candidate
        elif self.nearest is None or self.apart(candidate) < self.apart(self.nearest):
            self.nearest = candidate

    def apart(self, candidate: Candidate) -> tuple[int, float]:
        """How far off a text is: at how many steps, if that are a few, and by how much."""
        count = len(self.problem.values)
        return (candidate.wrong if candidate.wrong <= count * _FEW else count), candidate.error

    @property
    def natural(self) -> bool:
        """Whether there is a text that has short numbers only: more noise would not make it shorter."""
        return any(natural(text) for text in self.exact)

    @property
    def price(self) -> float:
        """What the cheapest text costs."""
        return min((each.cost for each in self.exact.values()), default=float("inf"))


def find(task: Task, work: Work | None = None) -> Found:
    """The texts that are equal to the values of a task at every step, the most natural first."""
    work = work or Work()
    checker = Checker(task, work)
    stop = Fraction(task.total_steps)
    problem = Problem(checker, task.steps, task.values, stop)
    search = Search(problem)
    more = work.left * _MORE
    try:
        for level in _LEVELS:
            for text in attempts(problem if level == problem.level else attrs.evolve(problem, level=level)):
                search.add(text)
            if search.natural:
                break
    except ExhaustedError:
        pass
    work.left = max(work.left, 0.0) + more
    try:
        for text in () if search.exact else _near(problem):
            search.add(text)
    except ExhaustedError:
        pass
    ordered = sorted(search.exact.values(), key=lambda each: (each.cost, len(each.text), each.text))
    while ordered and not checker.walks(ordered[0].text):
        del ordered[0]
    odd = _odd(checker, problem)
    near = (each for each in (odd, search.nearest) if each is not None)
    return Found(tuple(ordered), min(near, key=search.apart, default=None), odd)


def _near(problem: Problem) -> Iterator[str]:
    """Texts that are only near to the values: the number in the middle, lines between some of them, and pieces."""
    values = problem.values
    middle = float(values.max() / 2 + values.min() / 2)
    yield decimal(middle, 4)[1] if abs(middle) > _COARSE * problem.largest else "0"
    yield _sketch(problem)
    for level in (problem.task.tolerance, _COARSE):
        roughly = attrs.evolve(problem, floor=numpy.full(len(values), level * problem.largest))
        pieces = cut(roughly.steps, roughly.values, roughly.near, roughly.work, thorough=False)
        text = plain(roughly, pieces) if pieces else None
        if text is not None:
            yield text
            return


def _sketch(problem: Problem) -> str:
    """Lines between a few of the values, each of them where the lines without it are farthest off."""
    steps, values = problem.steps, problem.values
    places = sorted({0, len(values) - 1})
    while len(places) < _SKETCHED:
        off = numpy.abs(numpy.interp(steps, steps[places], values[places]) - values)
        problem.work.spend(len(values))
        if off.max() <= _COARSE * problem.largest:
            break
        places = sorted({*places, int(off.argmax())})
    return f"keyframes({', '.join(f'{decimal(float(values[at]), 4)[1]} @ {int(steps[at])}' for at in places)})"


def _odd(checker: Checker, problem: Problem) -> Candidate | None:
    """The text of the values without those that are alone off a line, if there are such."""
    try:
        pieces = problem.pieces or ()
        alone = [
            odd.first for left, odd in pairwise(pieces) if odd.stop - odd.first == 1 and _same(left, problem, odd.stop)
        ]
        if not 0 < len(alone) <= _ODD:
            return None
        values = problem.values.copy()
        for place in alone:
            before = next(piece for piece in pieces if piece.stop == place)
            values[place] = before.curve.at(problem.steps[place : place + 1])[0]
        repaired = find(attrs.evolve(problem.task, values=values), problem.work)
        return checker.check(repaired.exact[0].text) if repaired.exact else None
    except ExhaustedError:
        return None


def _same(piece: Piece, problem: Problem, place: int) -> bool:
    """Whether a piece goes on at a place, or nothing comes there any more."""
    part = slice(place, place + 4)
    off = numpy.abs(piece.curve.at(problem.steps[part]) - problem.values[part])
    return bool(piece.stop - piece.first > piece.curve.free + 2 and (off <= problem.near[part]).all())


def attempts(problem: Problem) -> Iterator[str]:
    """Texts of the values of a problem, which are probably equal, from the plain ones to those that are tried last."""
    sampled = seldom(problem)
    if sampled is not None:
        every = f"every {problem.writer.time(Fraction(sampled.apart))}"
        for text in attempts(sampled):
            yield f"{bodied(text)} {every}"
    pieces = problem.pieces
    done = False
    for text in _of_pieces(problem, pieces) if pieces else ():
        price = problem.cost(text)
        done = done or (natural(text) and price < max(_CHEAP, _EACH * len(pieces or ())))
        yield text
    if sampled is None and not problem.depth and problem.level == 1:
        yield from copied(problem, pieces, attempts) if done and pieces else peels(problem, pieces, attempts)


def _of_pieces(problem: Problem, pieces: Sequence[Piece]) -> Iterator[str]:
    if len(pieces) > 1:
        short = False
        for text in repeats(problem, pieces):
            short = short or (natural(text) and problem.cost(text) < _CHEAP)
            yield text
        if short and len(pieces) > _MANY:
            return
        if not problem.closed:
            yield from stretched(problem, pieces)
        ramp = short_ramp(problem.steps, problem.values, problem.near, pieces)
        yield from repeats(problem, ramp) if ramp else ()
        for others in (whole_waves(pieces), ramp or pieces):
            if len(others) < len(pieces):
                yield from chains(problem, others)
    if len(pieces) <= _CHAINED:
        lines = keyframes(problem, pieces)
        yield from [] if lines is None else [lines]
        yield from chains(problem, pieces)


def _apart(values: Floats) -> int:
    """Of what number all places are multiples at which values change; 0, if these are few."""
    apart = changes = 0
    for first in range(0, len(values), BLOCK):
        block = values[first : first + BLOCK + 1]
        places = numpy.flatnonzero(block[1:] != block[:-1]) + first + 1
        apart, changes = int(numpy.gcd.reduce(places, initial=apart)), changes + len(places)
        if apart == 1:
            break
    return apart if changes >= _CHANGES else 0


def seldom(problem: Problem) -> Problem | None:
    """The values at the only steps where they change, if these are all multiples of some number."""
    if problem.apart > 1 or problem.closed or problem.steps[0] != 0:
        return None
    apart = _apart(problem.values)
    if apart < 2:
        return None
    every = f"every {problem.writer.time(Fraction(apart))}"
    part = slice(None, None, apart)
    return attrs.evolve(
        problem,
        steps=problem.steps[part],
        values=problem.values[part],
        wrap=lambda text: problem.wrap(f"{bodied(text)} {every}"),
        floor=problem.part(part),
    )
