"""Why a schedule has its value at a step: the walk to it, with each formula and the numbers in it.

The formulas are those that the primitives declare. They are asked with numbers that remember how they were calculated,
in an array namespace that does the same, so what is shown is what is calculated, to the last bit.
"""

from ._insight.why import Reason, Why, why
from ._text.numerals import literal

__all__ = ["Reason", "Why", "literal", "why"]
