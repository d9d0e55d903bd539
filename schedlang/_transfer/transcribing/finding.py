"""The texts that have the values of a task."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Final

import attrs

from .chains import chain
from .checking import Candidate, Checker
from .pieces import cut
from .problem import Problem
from .task import ExhaustedError, Task, Work

_LEVELS: Final = (1.0, 30.0, 1000.0)
"""How much more noise there may be than seems to be."""


@attrs.frozen
class Found:
    """What was found: texts that are exact, the most natural first; if there is none, the nearest one.

    Attributes:
        exact: the texts that are equal at every step.
        nearest: the one that is nearest of those that are not, if any was written.
    """

    exact: tuple[Candidate, ...]
    nearest: Candidate | None = None


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
        elif self.nearest is None or (candidate.wrong, candidate.error) < (self.nearest.wrong, self.nearest.error):
            self.nearest = candidate

    @property
    def price(self) -> float:
        """What the cheapest text costs."""
        return min((each.cost for each in self.exact.values()), default=float("inf"))


def find(task: Task, work: Work | None = None) -> Found:
    """The texts that are equal to the values of a task at every step, the most natural first."""
    checker = Checker(task, work or Work())
    stop = Fraction(task.total_steps)
    problem = Problem(checker, task.steps, task.values, stop)
    search = Search(problem)
    try:
        for level in _LEVELS:
            for text in _attempts(attrs.evolve(problem, level=level)):
                search.add(text)
    except ExhaustedError:
        pass
    ordered = sorted(search.exact.values(), key=lambda each: (each.cost, len(each.text), each.text))
    return Found(tuple(ordered), search.nearest)


def _attempts(problem: Problem) -> Iterator[str]:
    pieces = cut(problem.steps, problem.values, problem.near, problem.work)
    if pieces is not None:
        for text in chain(problem, pieces):
            yield problem.wrap(text)


Attempt = Callable[[Problem], Iterator[str]]
