"""Two bound schedules beside each other: from which step on they differ, where, and by how much.

All steps up to the later end are compared, and the step at which both have ended, whose values are held forever: so
nothing is left out. The values are those of a plain call to the last bit. They are calculated on arrays, except where
a library's `exp` or `pow` might differ from Python's.
"""

from ._insight.diff import Comparison, Difference, Stretch, compare
from ._insight.past import require_same_past

__all__ = ["Comparison", "Difference", "Stretch", "compare", "require_same_past"]
