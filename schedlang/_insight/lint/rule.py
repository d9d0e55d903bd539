"""What a warning is: its code, its story, and the rule that tells when it is due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import ClassVar, Final, NamedTuple, TypeAlias

import attrs

from ..._language.nodes import Schedule, Warmup
from ..._language.nodes.base import children
from ..._language.program import Search
from ..._text.errors import Diagnostic, ScheduleError
from ..._text.source import Place, abridged, on_one_line
from ..relayout import ByIdentity
from .layout import KEPT, Layout, Sighting

RULES: Final[dict[str, type[Rule]]] = {}
"""Every warning by its code."""

OF_ADAPTERS: Final = frozenset({"W521", "W522", "W523", "W527", "W528", "W533", "W534"})
"""What adapters alone can tell, who know more than a text and its run; their stories stand with those of errors."""

NOTHING_KNOWN: Final = (ScheduleError, ArithmeticError, Search.OverError)
"""What asking a part for bounds may raise: there is no value, or it lies beyond the limits; ends that overflow; a
search that takes too long. There is nothing to warn of then. Caught where a part is asked and nowhere else, so that a
mistake in a rule is seen."""


Instead: TypeAlias = Sequence[tuple[Schedule, str]]
"""What a text may have where nodes stand."""


class Story(NamedTuple):
    """What a warning is about.

    Attributes:
        title: what is odd.
        why: what comes of it, and what to do.
        wrong: a text that gets this warning and no other in a run of 1000 steps, 100 an epoch.
        right: one that gets none.
        by_run: whether it takes a run to tell it; else only texts are told of it that have not met one.
    """

    title: str
    why: str
    wrong: str
    right: str
    by_run: bool = True


class Comment(NamedTuple):
    """A comment that switches warnings off."""

    place: Place
    codes: Sequence[tuple[str, Place]]  # the codes in it, each with its place; none: it switches all off


class Rule:
    """A warning, declared by being a subclass. An instance looks at one bound schedule."""

    code: ClassVar[str]
    story: ClassVar[Story]
    nodes: ClassVar[tuple[type[Schedule], ...]] = ()  # the kinds of nodes that it is shown
    yields: ClassVar[tuple[str, ...]] = ()  # codes that tell of the same mistake: told where they stand, this is not

    def __init_subclass__(cls) -> None:
        for needed in ("code", "story", *(("nodes",) if cls.sight is not Rule.sight else ())):
            if not getattr(cls, needed, None):
                raise TypeError(f"the rule {cls.__name__} lacks `{needed}`")
        if cls.code in RULES:
            raise TypeError(f"{cls.code} is declared twice")
        RULES[cls.code] = cls
        rules_about.cache_clear()

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        # A node that is laid out many times is fine, None, if it was fine once.
        self._findings: ByIdentity[Schedule, dict[int, Diagnostic | None]] = ByIdentity()
        self.kept: list[Sighting] = []  # what `conclude` has to see again
        self._looks: Counter[int] = Counter()  # by the ids of nodes, which the layout keeps alive

    def sight(self, sighting: Sighting) -> None:
        """Look at a node of the kinds in `nodes`."""

    def conclude(self) -> None:
        """Look at the whole, when every node was seen."""

    @classmethod
    def in_text(cls, schedule: Schedule) -> Iterable[Diagnostic]:
        """What takes no run to see."""
        return ()

    @classmethod
    def in_comment(cls, comment: Comment, found: frozenset[str]) -> Iterable[Diagnostic]:
        """What is odd about a comment, now that the codes are known of all that was found."""
        return ()

    def warn(
        self,
        node: Schedule,
        message: str,
        hint: str,
        index: int = 0,
        place: Place | None = None,
        instead: Instead = (),
    ) -> None:
        """Tell of a node, or of what has that index in it; each is told of once.

        `instead`: what the whole text may have where a node stands. It is tried out before it is shown.
        """
        diagnostic = Diagnostic.at(place or node.place, self.code, message, hint)
        if instead:
            diagnostic = attrs.evolve(diagnostic, example=self.layout.rewritten(instead))
        self._findings.setdefault(node, {}).setdefault(index, diagnostic)

    def fine(self, node: Schedule, index: int = 0) -> None:
        """Never tell of that: it was fine at least once."""
        self._findings.setdefault(node, {})[index] = None

    def settled(self, node: Schedule) -> bool:
        """Whether a node was told of, or found to be fine."""
        return node in self._findings

    def keep(self, sighting: Sighting) -> None:
        """Keep it for `conclude`; of each node only so many, however often it is laid out."""
        self._looks[id(sighting.node)] += 1
        if self._looks[id(sighting.node)] <= KEPT:
            self.kept.append(sighting)

    def diagnostics(self) -> Iterator[Diagnostic]:
        """Everything found."""
        for told in self.told():
            yield from told

    def told(self) -> Iterator[list[Diagnostic]]:
        """What was told of each node, if anything was."""
        for _, findings in self._findings.items():
            told = list(filter(None, findings.values()))
            if told:
                yield told


@cache
def rules_about(kind: type[Schedule]) -> tuple[type[Rule], ...]:
    """The rules that want to see nodes of a kind."""
    bases = set(kind.__mro__)  # which is quicker to ask than an abstract class
    return tuple(rule for rule in RULES.values() if not bases.isdisjoint(rule.nodes))


def quotation(node: Schedule) -> str:
    """A node's text in one line, shortened if it is long, as a message quotes it."""
    return f"`{abridged(node.written())}`"


def ending(warmup: Warmup, end: str) -> str:
    """A warm-up that says where it ends, otherwise as it is written."""
    written = on_one_line(warmup.written())
    return f"{written[:-1].rstrip()}, end={end})"


def below(node: Schedule) -> Iterator[Schedule]:
    """A node and all nodes below it."""
    todo = [node]
    while todo:
        node = todo.pop()
        yield node
        todo += [child for _, _, child in children(node)]
