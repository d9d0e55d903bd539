"""How long a warm-up or another phase is: told in steps, or as a share of the run that the other system rounds."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Final

from .config import Config, percent, written
from .system import Told

_LOOKED_AT: Final = 20_000  # lengths of the run in which a share is rounded, to see whether it is rounded as here
_LISTED: Final = 3


def share_of_run(
    config: Config,
    key: str,
    share: Decimal,
    told: Told,
    rounded: Callable[[int], int],
    down: bool = False,
) -> str:
    """A share of the run that the system rounds to whole steps in its own way, as a duration.

    Ours is rounded exactly. Where the floats of the system round otherwise in the run at hand, it is written in steps;
    if the run isn't known, the note W528 says in which lengths they do.

    Args:
        rounded: how many steps the system makes of it in a run of so many.
        down: whether it rounds down. Up is what ours is by itself, as what begins behind it does so at a whole step.
    """
    exact, text = Fraction(share), f"floor({percent(share)})" if down else percent(share)
    if told.total_steps is not None:
        steps, ours = rounded(told.total_steps), exact * told.total_steps
        if ours == steps:
            return percent(share)
        return text if (math.floor(ours) if down else math.ceil(ours)) == steps else str(steps)
    above, below, more = exact.numerator, exact.denominator, 0 if down else exact.denominator - 1
    others = [total for total in range(1, _LOOKED_AT) if (above * total + more) // below != rounded(total)]
    if others:
        some = ", ".join(map(str, others[:_LISTED])) + (" …" if len(others) > _LISTED else "")
        message = f"is {share}, of which its library makes another number of steps in some runs: of {some} steps"
        config.note(key, message, "give the length of your run: the text is then that of this run", "W528")
    return text


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
