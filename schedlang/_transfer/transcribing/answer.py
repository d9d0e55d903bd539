"""`transcribe`: from values to a text, and what is to be known of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from ..._text.errors import fail
from ..._text.extras import load_extra
from ..._text.run import takes_rates

if TYPE_CHECKING:
    from .task import Task


@attrs.frozen
class Transcription:
    """A text that has the values of something else.

    Attributes:
        text: the text; None, if none was found that is near.
        exact: whether it is equal at every step.
        worst_step: the step where it is farthest off.
        error: how far it is off there.
        candidates: other texts that are equal at every step.
    """

    text: str | None
    exact: bool
    worst_step: int
    error: float
    candidates: tuple[str, ...] = attrs.field(default=(), repr=False)


@takes_rates
def transcribe(
    source: Callable[[int], float] | Sequence[float],
    total_steps: int | None = None,
    *,
    base: float | None = None,
    first_step: int = 0,
    **rates: Any,
) -> Transcription:
    """The line of text that is equal to some values at every step.

    Equal means: within 1e-9 of the largest value at each step (1e-6 if the values are of float32), and within 1e-6 of
    the value itself wherever it is not next to nothing.

    Args:
        source: a function of the step, or a value for each step.
        total_steps: how long the run is; as many steps as there are values, if it isn't said.
        base: the value before the first phase, if the text may be told in terms of it.
        first_step: the step of the first value.
        rates: what `bind` takes: `steps_per_epoch`, `tokens_per_step` and so on.

    Raises:
        ScheduleError: E404, if nobody says how long the run is; E502, if NumPy is not installed
            (`schedlang[transcribe]`).

    >>> from schedlang._transfer.transcribing.answer import transcribe
    >>> transcribe(lambda step: 3e-4 * (1 - step / 1000), 1000).text
    'linear(3e-4, 0)'
    """
    load_extra("numpy", "transcribing", "transcribe")
    from .finding import find

    found = find(_task(source, total_steps, base, first_step, rates))
    best, *others = found.exact or (found.nearest,)
    if best is None:
        return Transcription(None, False, first_step, float("inf"))
    return Transcription(
        best.text, best.exact, best.worst_step, best.error, tuple(each.text for each in others if each is not None)
    )


def _task(source: Any, total_steps: int | None, base: float | None, first_step: int, rates: dict[str, Any]) -> Task:
    import numpy

    from .task import Task

    given = {name: rate for name, rate in rates.items() if rate is not None}
    if callable(source):
        if total_steps is None:
            fail(None, "E404", "a function of the step doesn't say how long the run is", "give `total_steps=…`")
        source = [float(source(step)) for step in range(first_step, total_steps)]
    values = numpy.asarray(source)
    single = values.dtype == numpy.float32
    total = len(values) + first_step if total_steps is None else total_steps
    return Task(values.astype(numpy.float64), total, first_step, given, base, single)
