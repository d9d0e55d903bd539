"""A few facts about the values of a bound schedule: the largest and the smallest one, the mean, the area."""

from ._insight.explain.facts import EXACT, SAMPLES, Facts, Point, facts_of

__all__ = ["EXACT", "SAMPLES", "Facts", "Point", "facts_of"]
