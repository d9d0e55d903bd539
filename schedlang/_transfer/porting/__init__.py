"""Configs of Noether and kappaschedules as schedules: what `from_noether` and `from_kappaschedules` share.

Both libraries know the same kinds of schedule. A config is a mapping with a `kind`, a number, a list of numbers, or a
list of phases. Its steps are counted from 0 to T - 1, and inside of a phase from 0 again, T being the phase's length.
So a phase whose text speaks of `%` plays `over` its length, and any other plays `for` it.

`fields` is what may stand in a config, and how each library writes it. `kinds` makes a schedule of one kind from its
fields. `reader` knows both, and reads whole configs, phases one after the other among them.
"""

from .fields import FIELDS, KAPPASCHEDULES, NOETHER
from .reader import ConfigReader

__all__ = ["FIELDS", "KAPPASCHEDULES", "NOETHER", "ConfigReader"]
