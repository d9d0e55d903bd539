"""What a bound schedule does, in words, as a table, and in a few facts."""

from ._insight.explain.explanation import Explanation, explain

__all__ = ["Explanation", "explain"]
