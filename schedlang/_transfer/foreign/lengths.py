"""How long a warm-up or another phase is: told in steps, or as a share of the run that the other system rounds."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Final

from ..porting.kinds import rounded_down
from .config import Config, percent, written
from .system import Told

_LOOKED_AT: Final = 20_000  # lengths of the run in which a share is rounded, to see whether it is rounded as here
_LISTED: Final = 3
_ROUNDED: Final = re.compile(
    r"warmup\((?P<time>max\([^()]*, 0\))\) then (?:hold|(?P<shape>cosine|linear|poly)(?:\((?P<arguments>.*)\))?)"
)


def share_of_run(
    config: Config,
    key: str,
    share: Decimal,
    told: Told,
    rounded: Callable[[int], int],
    down: bool = False,
) -> str:
    """A share of the run that the system rounds to whole steps in its own way, as a duration.

    Ours is rounded up exactly. Where the floats of the system round otherwise in the run at hand, it is written in
    steps; if the run isn't known, the note W528 says in which lengths they do.

    Args:
        rounded: how many steps the system makes of it in a run of so many.
        down: whether it rounds down, which the text for runs of any length then does, too.
    """
    exact = Fraction(share)
    if told.total_steps is not None:
        steps = rounded(told.total_steps)
        return percent(share) if math.ceil(exact * told.total_steps) == steps else str(steps)
    above, below, more = exact.numerator, exact.denominator, 0 if down else exact.denominator - 1
    others = [total for total in range(1, _LOOKED_AT) if (above * total + more) // below != rounded(total)]
    if others:
        some = ", ".join(map(str, others[:_LISTED])) + (" …" if len(others) > _LISTED else "")
        message = f"is {share}, of which its library makes another number of steps in some runs: of {some} steps"
        config.note(key, message, "give the length of your run: the text is then that of this run", "W528")
    return rounded_down(exact, 0) if down else percent(share)


def on_whole_steps(text: str) -> str | None:
    """A text whose warm-up `share_of_run` has rounded down, with what is behind that on whole steps, too.

    None for what cannot be told so.

    >>> on_whole_steps("warmup(max(10% - 0.9 steps, 0)) then cosine(end=1e-5)")
    'warmup(max(10% - 0.9 steps, 0), inclusive=left) then cosine(end=1e-5, inclusive=left)'
    >>> on_whole_steps("warmup(10) then cosine"), on_whole_steps("warmup(max(10% - 0.9 steps, 0)) then inv_sqrt(5)")
    ('warmup(10) then cosine', None)
    """
    if "warmup(max(" not in text:
        return text
    found = _ROUNDED.fullmatch(text)
    if found is None:
        return None
    shape, arguments = found["shape"], f"{found['arguments']}, " if found["arguments"] else ""
    rest = "hold" if shape is None else f"{shape}({arguments}inclusive=left)"
    return f"warmup({found['time']}, inclusive=left) then {rest}"


def total_of(config: Config, told: Told, steps: str, epochs: str | None = None) -> int | str | None:
    """How long the run is: what was told, else what the config says in steps or in epochs, else None.

    The keys stay: the trainer needs them as before.
    """
    limit = config.known(steps)
    if told.total_steps is not None:
        return told.total_steps
    if limit is not None and limit > 0:
        return int(config.whole(steps, stays=True))
    unknown = limit is None and steps in config  # it would come before the epochs
    several = None if epochs is None or unknown else config.known(epochs)
    return None if several is None or several <= 0 else f"{written(several)}ep"
