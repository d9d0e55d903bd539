"""What is being written: values at some steps of a run, and what is written around their text."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Final

import attrs
import numpy

from .checking import Candidate, Checker
from .costs import cost
from .numbers import Writer
from .pieces import MOST, Piece, allowance, cut, noise
from .task import LOST, size_of

if TYPE_CHECKING:
    from .task import Floats, Task, Work

_CHAINED: Final = re.compile(r"\b(then|for|until|every|repeat|skip|over|to)\b(?!\w)")

_SUM: Final = re.compile(r" [-+] ")


def enclosed(text: str) -> str:
    """A text in parentheses, if it needs them to be a factor, or to have a clause.

    >>> enclosed("cosine(1, 0)"), enclosed("1 for 5 then 2"), enclosed("1 + step"), enclosed("(1 + step) * 2")
    ('cosine(1, 0)', '(1 for 5 then 2)', '(1 + step)', '(1 + step) * 2')
    """
    bare = _outside(text)
    return f"({text})" if _CHAINED.search(bare) or _SUM.search(bare) or bare.startswith("-") else text


def bodied(text: str) -> str:
    """A text that a clause can stand behind: a chain needs parentheses."""
    return f"({text})" if re.search(r"\bthen\b", _outside(text)) else text


def _outside(text: str) -> str:
    depth, found = 0, []
    for letter in text:
        depth -= letter in ")]"
        found.append(letter if depth == 0 else "")
        depth += letter in "(["
    return "".join(found)


@attrs.frozen(eq=False, slots=False)
class Problem:
    """Values to write, within a text that is whole once they are written.

    Attributes:
        checker: compares whole texts with the task.
        steps: the steps of the values, at equal distances; in the body of a repeat from where that begins.
        values: the values there.
        stop: the place where what is written ends: the end of the run, or of the body.
        wrap: the whole text, for the text of these values.
        level: by how much noise may be more than it seems.
        closed: whether it has to say how long it lasts.
        inner: whether places of the run mean nothing in it.
        depth: how many factors have been taken off.
        floor: how far off each value may be at least, where a factor that was taken off made it uncertain.
        most: into how many pieces they are cut.
    """

    checker: Checker
    steps: Floats
    values: Floats
    stop: Fraction
    wrap: Callable[[str], str] = str
    level: float = 1.0
    closed: bool = False
    inner: bool = False
    depth: int = 0
    floor: Floats | None = None
    most: int = MOST

    @property
    def task(self) -> Task:
        """The task of it all."""
        return self.checker.task

    @property
    def work(self) -> Work:
        """What is left to be done."""
        return self.checker.work

    @cached_property
    def writer(self) -> Writer:
        """Writes its numbers."""
        return Writer(self.task, based=not self.depth)

    @cached_property
    def largest(self) -> float:
        """Its largest absolute value."""
        return size_of(self.values) or 1.0

    @property
    def apart(self) -> int:
        """How many steps are between two of its values."""
        return int(self.steps[1] - self.steps[0]) if len(self.steps) > 1 else 1

    @cached_property
    def near(self) -> Floats:
        """How far off a curve may be."""
        level = self.level * noise(self.values, self.largest, self.task.noise)
        near = allowance(self.values, self.largest, min(level, self.task.tolerance), self._lost)
        return near if self.floor is None else numpy.maximum(near, self.floor)

    def allowed(self, part: slice = slice(None)) -> Floats:
        """How far off each value may be, or those of a part."""
        allowed = allowance(self.values[part], self.largest, self.task.tolerance / 2, self._lost)
        return numpy.maximum(allowed, self.near[part], out=allowed)

    @property
    def _lost(self) -> float:
        """What small values may have lost, as a share of the largest: more is looked for with more noise alone."""
        return LOST if self.level == 1 else self.task.lost

    @cached_property
    def pieces(self) -> list[Piece] | None:
        """Its curves, those that take long to find among them where nothing has been taken off yet."""
        thorough = not self.depth and self.level == 1
        return cut(self.steps, self.values, self.near, self.work, self.most, thorough)

    def part(self, part: slice) -> Floats | None:
        """The uncertainty of some of its values."""
        return None if self.floor is None else self.floor[part]

    def alone(self, values: Floats) -> Problem:
        """Other values from the beginning of the same run on, written for themselves."""
        task = attrs.evolve(self.task, values=values)
        steps = self.steps[: len(values)]
        return attrs.evolve(self, steps=steps, values=values, wrap=str, checker=Checker(task, self.work), floor=None)

    def likely(self, text: str) -> bool:
        """Whether the whole text is equal at some steps."""
        return self.checker.likely(self.wrap(text))

    def check(self, text: str) -> Candidate | None:
        """The whole text, compared at all steps."""
        return self.checker.check(self.wrap(text))

    def cost(self, text: str) -> float:
        """What the whole text costs."""
        return cost(self.wrap(text))
