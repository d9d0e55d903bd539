"""The limits of the language: part of its meaning, each with an error of its own.

They hold the cost of any text, however hostile, under two seconds and 200 MB.
"""

from typing import Final

SOURCE: Final = 65_536
"""Characters in one text."""

NESTING: Final = 100
"""Levels: of brackets, and of the tree that chains, clauses, operators and calls make."""

DIGITS: Final = 400
"""Digits in one number, and the largest power of ten it may stand for."""

PHASES: Final = 100_000
"""Phases after expansion: repeated bodies that had to be copied and definitions used more than once count each time."""

BITS: Final = 14_000
"""Bits in the numerator and in the denominator of an exact time: 4215 digits, as Python writes none of over 4300."""

LOOKS: Final = 50
"""How many warm-ups may look ahead through one another."""
