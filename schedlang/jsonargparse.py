"""jsonargparse: arguments whose type is `Schedule`. Importing this module registers the type.

>>> from jsonargparse import ArgumentParser
>>> from schedlang import Schedule
>>> import schedlang.jsonargparse
>>> parser = ArgumentParser()
>>> _ = parser.add_argument("--lr", type=Schedule, default=None)
>>> str(parser.parse_args(["--lr", "cosine to 0"]).lr)
'cosine'
"""

from __future__ import annotations

from jsonargparse.typing import register_type

from ._language.nodes import Schedule
from ._language.parse import as_schedule

register_type(Schedule, str, as_schedule, fail_already_registered=False)
