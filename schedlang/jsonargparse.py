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

from typing import Any

from jsonargparse.typing import register_type

from ._language.nodes import Schedule
from ._language.parse import parse


def _schedule(value: Any) -> Schedule:
    return value if isinstance(value, Schedule) else parse(value)


register_type(Schedule, str, _schedule, fail_already_registered=False)
