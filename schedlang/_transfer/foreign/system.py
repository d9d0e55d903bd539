"""How another system is declared, and what its configs become."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Literal, TypeAlias

import attrs

from .config import Config

Values: TypeAlias = Callable[[int], Sequence[float]]
"""The values at steps 0 … total - 1 of a run of `total` steps, as the system's own library gives them.

It imports the library when it is called, and lets the ImportError through where there is none.
"""


@attrs.frozen
class Told:
    """What is known of the run besides the config.

    Attributes:
        total_steps: optimizer updates in the run.
        steps_per_epoch: optimizer updates in an epoch.
        samples_per_step: samples in one update.
        tokens_per_step: tokens in one update.
        interval: whether a scheduler is stepped at each step, or once an epoch.
    """

    total_steps: int | None = None
    steps_per_epoch: Fraction | None = None
    samples_per_step: Fraction | None = None
    tokens_per_step: Fraction | None = None
    interval: Literal["step", "epoch"] | None = None


TOLD_RATES: Final = tuple(each.name for each in attrs.fields(Told) if each.name.endswith(("_epoch", "_step")))
"""The rates among what is told."""

INTERVALS: Final = ("step", "epoch")
"""How often a scheduler is stepped."""

RATE: Final = Fraction(10)
"""Updates in an epoch, samples in an update …, if nobody has told and values are compared."""

NOTHING: Final = Told()
"""Nothing is known of the run."""


@attrs.frozen
class Rule:
    """One schedule of a config.

    Attributes:
        text: the schedule.
        kind: what the system calls it.
        name: the hyperparameter that it is of.
        base: the value before the first phase, if the config says it; the text is to be bound with it.
        total: how long the run is, if that was told or the config says it: steps, or a duration, `"3ep"`.
        rates: what the config says of the run besides: `{"samples_per_step": 32}`.
        values: the library's own values, to compare with.
        first_step: the step of the first of these values.
        precision: how near these are, as a share of the largest: 1e-6 of a library that calculates in float32.
        package: the distribution that they are from, if not the system's own.
    """

    text: str
    kind: str
    name: str = "lr"
    base: Decimal | None = None
    total: int | str | None = None
    rates: Mapping[str, Any] = attrs.field(factory=dict)
    values: Values | None = None
    first_step: int = 0
    precision: float = 1e-9
    package: str | None = None


@attrs.frozen
class System:
    """Another system whose configs are read.

    Attributes:
        name: what `system=` and `--system` call it.
        title: what people call it.
        package: the distribution on PyPI whose library the values are compared with.
        recognizes: whether a mapping, or a list, is one of its configs. It is asked of everything in a file.
        read: the schedules of a config that it recognizes, the learning rate's first.
        others: keys that look like those of a schedule, and say nothing of its values.
        alone: whether its configs are schedules and nothing else.
    """

    name: str
    title: str
    package: str
    recognizes: Callable[[Any], bool]
    read: Callable[[Config, Told], Iterable[Rule]]
    others: frozenset[str] = frozenset()
    alone: bool = False


# What several systems share.


def then(*phases: str | None) -> str:
    """Phases one after the other; those that are None or empty are left out.

    >>> then("warmup(5%)", None, "cosine"), then("hold")
    ('warmup(5%) then cosine', 'hold')
    """
    return " then ".join(filter(None, phases))


def multiplied(rule: Callable[[int], float], base: Decimal | None) -> Values:
    """The values of a function of the step that gives multiples of the base value; of 1 if there is none."""
    level = 1.0 if base is None else float(base)
    return lambda total: [level * rule(step) for step in range(total)]
