"""What the hyperparameters are called whose values are often schedules. The only list of such words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

LEARNING_RATES: Final = ("lr", "learning_rate")
WEIGHT_DECAYS: Final = ("wd", "weight_decay")
MOMENTA: Final = ("momentum",)


def spelt(names: Iterable[str]) -> str:
    """A pattern of names as people write them: `weight_decay`, `weight decay` or `weight-decay`."""
    return "|".join(re.sub("_", "[ _-]?", name) for name in names)
