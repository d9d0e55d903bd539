"""A few facts about the values of a bound schedule: the largest and the smallest one, the mean, the area."""

from ._insight.explain.facts import EXACT as EXACT
from ._insight.explain.facts import SAMPLES as SAMPLES
from ._insight.explain.facts import Facts, Point, facts_of

__all__ = ["Facts", "Point", "facts_of"]
