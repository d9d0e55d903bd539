"""What became of the times in a text, and of its names."""

from ._insight.explain.times import Meaning, Time

__all__ = ["Meaning", "Time"]
