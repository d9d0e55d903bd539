"""When a schedule is below a number, or above: all steps at which that holds.

Every step is looked at, except over stretches for which the bounds of the program prove, with a margin for rounding,
that the answer is the same all along. So a billion steps of a cosine take a few thousand values, and the answer is that
of looking at all of them.
"""

from ._insight.when import Crossings, Range, when

__all__ = ["Crossings", "Range", "when"]
