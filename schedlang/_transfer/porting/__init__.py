"""Configs of Noether and kappaschedules as schedules: what `from_noether` and `from_kappaschedules` share.

Both libraries know the same kinds of schedule, for the most part. A config is a mapping with a `kind`, a number, a list
of numbers, or a list of phases. Its steps are counted from 0 to T - 1, and inside of a phase from 0 again, T being the
phase's length. So a phase whose text speaks of `%` plays `over` its length, and any other plays `for` it.

`of_noether` and `of_kappaschedules` say which kinds and fields each has, `fields` how such are declared and read.
`kinds` makes a schedule of one kind from its fields. `reader` knows both, and reads whole configs, phases one after the
other among them. `page` writes the table in Noether's page.
"""

from .of_kappaschedules import KAPPASCHEDULES
from .of_noether import NOETHER
from .reader import ConfigReader, loaded

__all__ = ["KAPPASCHEDULES", "NOETHER", "ConfigReader", "loaded"]
