"""argparse: options that are schedules.

>>> import argparse
>>> from schedlang.argparse import schedule
>>> parser = argparse.ArgumentParser()
>>> _ = parser.add_argument("--lr", type=schedule, default="warmup(5%) then cosine")
>>> str(parser.parse_args(["--lr", "cosine to 0"]).lr)
'cosine'
"""

from __future__ import annotations

from argparse import ArgumentTypeError

from ._language.nodes import Schedule
from ._language.parse import parse
from ._text.errors import ScheduleError


def schedule(text: str) -> Schedule:
    """A schedule from the command line, for `type=`.

    Raises:
        argparse.ArgumentTypeError: with all that is wrong with the text, which argparse prints. Of other errors it
            prints no more than that the value is invalid.
    """
    try:
        return parse(text)
    except ScheduleError as error:
        raise ArgumentTypeError(f"\n{error}") from None
