"""Warnings: what a schedule is allowed to do in its run, and yet probably was not meant to.

A schedule is laid out once more, and each node tells where it came to lie. The rules look at that and at the phase
table, never at every step, so they cost about as much as binding.

>>> from schedlang import parse
>>> for found in warnings(parse("warmup(5%) then cosine(3e-4, 0) for 50%").bind(10_000)):
...     print(found.code, found.message)
W510 the schedule ends at step 5500, and holds 0 for the other 4500 steps, 45 % of the run

Of a schedule that is not bound only that is told which takes no run to see:

>>> for found in warnings(parse("warmup(5%) then cosin")):
...     print(found.code, found.message, "-", found.hint)
W515 `cosin` is a parameter, as no schedule is called so - did you mean `cosine`?

A comment in the text switches warnings off: `# schedlang: ignore W503, W510`, or `# schedlang: ignore` for all of them.
"""

from ._insight.lint.lint import STORIES as STORIES
from ._insight.lint.lint import warnings
from ._insight.lint.rule import Story

__all__ = ["Story", "warnings"]
