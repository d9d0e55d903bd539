"""Configs of Noether and kappaschedules as schedules: what `from_noether` and `from_kappaschedules` share.

Both libraries know the same kinds of schedule. A config is a mapping with a `kind`, a number, a list of numbers, or a
list of phases. Its steps are counted from 0 to T - 1, and inside of a phase from 0 again, T being the phase's length.
So a phase whose text speaks of `%` plays `over` its length, and any other plays `for` it.

`dialects` is how each library writes its configs, `values` and `fields` read what stands in one, `kinds` make a
schedule of it; `phases` and `sequences` do the same for lists of phases, and `reader` knows them all. `by_total` is the
other direction: a schedule of ours for those who ask as these libraries do.
"""

from .by_total import ByTotal
from .dialects import KAPPASCHEDULES, NOETHER
from .fields import FIELDS
from .reader import Reader

__all__ = ["FIELDS", "KAPPASCHEDULES", "NOETHER", "ByTotal", "Reader"]
