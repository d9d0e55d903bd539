"""Plans: a lowered program made ready for libraries whose integers are bounded, and whose floats may be narrow.

Sealed: `plan` and the types of a plan are all that others use. `docs/numerics.md` tells what is promised, and why so.

A plan (`plans`) is a table: one row for each stretch of steps. What is constant for a while becomes rows of numbers,
which are what the walk shows (`pieces`). Every other row is a formula (`formulas`), written so that it can be
calculated with narrow floats: whatever can be known before is calculated before, in float64 (`forms`), and differences
of large numbers are taken in integers (`integers`). How far off it may be is bounded (`estimates`), and what may be too
far is looked up (`planner`). Rows whose formulas have the same form share a template and differ in its numbers only
(`templates`), so that a thousand phases cost what a few do. Nothing here knows a library.
"""

from .planner import plan
from .plans import Column, Instruction, Plan

__all__ = ["Column", "Instruction", "Plan", "plan"]
