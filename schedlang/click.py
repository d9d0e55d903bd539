"""Click: options that are schedules.

>>> import click
>>> from schedlang.click import SCHEDULE
>>> @click.command()
... @click.option("--lr", type=SCHEDULE, default="warmup(5%) then cosine")
... def train(lr):
...     print(lr)
>>> train(["--lr", "cosine to 0"], standalone_mode=False)
cosine
"""

from __future__ import annotations

import re
from typing import Any

import click
from click.shell_completion import CompletionItem

from ._language.nodes import PRIMITIVES, Schedule
from ._language.parse import parse
from ._text.errors import ScheduleError


class ScheduleType(click.ParamType):  # type: ignore[type-arg]  # older versions take none
    """The type of an option that is a schedule: a text, with the names of primitives completed in a shell."""

    name = "schedule"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Schedule:
        """A schedule from what stands on the command line, or from a default.

        Raises:
            click.BadParameter: with all that is wrong with the text.
        """
        if isinstance(value, Schedule):
            return value
        try:
            return parse(value)
        except ScheduleError as error:
            self.fail(f"\n{error}", param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The text with its last word completed to the name of a primitive."""
        found = re.search(r"[A-Za-z_]\w*$", incomplete)
        word = "" if found is None else found[0]
        before = incomplete[: len(incomplete) - len(word)]
        return [CompletionItem(before + name) for name in sorted(PRIMITIVES) if name.startswith(word)]


SCHEDULE = ScheduleType()
"""The type, for `type=`."""
