"""`transcribe`: from what has values to a text that has the same, and what is to be known of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from ..._bound.runs import run_told
from ..._bound.telling import refuse_clock
from ..._text.errors import Argument, Phrase, fail
from ..._text.extras import load_extra
from ..._text.numerals import literal
from ..._text.run import Rate, split_rates, takes_rates, whole_number

if TYPE_CHECKING:
    from .checking import Candidate
    from .sources import Reading
    from .task import Task, Work

__all__ = ["Transcription", "transcribe"]

_SHORT: Final = 12
"""Fewer values than this prove no shape: three pieces of it explain anything."""

_PROVING: Final = 3
"""And fewer than so many for each number of a text."""

_FEWEST_DIGITS: Final = 4
_MOST_DIGITS: Final = 9
"""Values of so many digits are rounded ones; by fewer no text is known."""

_COSTLY: Final = 2.0
"""Another text is told of that costs at most so many times what the best one does."""

_OTHERS: Final = 12
"""So many others at most."""

_MANY: Final = 1_000_000
_COMPARED: Final = 12
"""With how many texts values beyond the first million may be compared."""


@attrs.frozen
class Transcription:
    """A text that has the values of something else, and how near it is.

    Attributes:
        text: the text; None, if none was found that is near.
        exact: whether it is equal at every step: within 1e-9 of the largest value (1e-6, if the values are of float32),
            and within 1e-6 of the value itself, wherever that is above 1e-12 of the largest.
        worst_step: the step where it is farthest off; None, if there is no text, or if it is equal wherever values
            are known.
        error: how far it is off there, as a difference of values.
        candidates: other texts that are equal at every step, the most natural first.
        notes: what is true but odd.
    """

    text: str | None
    exact: bool
    worst_step: int | None = None
    error: float = math.inf
    candidates: tuple[str, ...] = attrs.field(default=(), repr=False)
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The text, and below it what is to be known.

        >>> from schedlang import Transcription
        >>> print(Transcription("cosine", False, 17, 2.5e-05))
        cosine
        not exact: off by 2.5e-05 at step 17, more than anywhere else
        """
        return "\n".join([self.text or "no text is near", *self.remarks()])

    def remarks(self) -> Iterator[str]:
        """What is to be known of the text, a line each."""
        if self.worst_step is not None and not self.exact:
            yield f"not exact: off by {self.error:.3g} at step {self.worst_step}, more than anywhere else"
        yield from self.notes


@takes_rates
def transcribe(
    source: Any,
    total_steps: Rate | str | None = None,
    *,
    base: float | None = None,
    first_step: int = 0,
    totals: Iterable[Rate | str] | Rate | str = (),
    group: int = 0,
    **rates: Any,
) -> Transcription:
    """The line of text that has the values of something else at every step.

    Args:
        source: a function of the step, as optax's and Keras' schedules are; a scheduler of torch, which is copied and
            stepped; a list, an array or a tensor with a value for each step; or a pair of a CSV file and the name or
            number of a column in it. With `totals` a function that makes one of these for a length of the run, or a
            mapping from lengths to them.
        total_steps: how long the run is, as `bind` takes it; as many steps as there are values, if it isn't said.
        base: the value before the first phase, if the text may be told in terms of it; else all values are absolute.
        first_step: the step of the first value; what is before it isn't known.
        totals: lengths of other runs, or one: the text has the values of them all. Two that have nothing in common,
            such as 1000 and 1370, tell `5%` from 50.
        group: which parameter group of a torch scheduler is meant.
        **rates: what is known of the run, such as `steps_per_epoch=1250`; then lengths may be told in it.

    Returns:
        The text, and whether it is equal at every step; if none is, the nearest one.

    Raises:
        ScheduleError: E419 for what has no values that a schedule could have; E404 if the length is wrong; E501 for a
            file that can't be read; E502 if NumPy is not installed (`schedlang[transcribe]`).

    >>> from schedlang import transcribe
    >>> transcribe(lambda step: min(step / 100, 1.0) * 3e-4, 1000).text
    'warmup(100, end=3e-4)'
    >>> transcribe([0.1] * 30 + [0.01] * 60, base=0.1).exact
    True
    """
    return transcribed(source, total_steps, base, first_step, totals, group, rates)


def transcribed(
    source: Any,
    total_steps: Rate | str | None,
    base: float | None,
    first_step: int,
    totals: Iterable[Rate | str] | Rate | str,
    group: int,
    rates: Mapping[str, Any],
    work: Work | None = None,
) -> Transcription:
    """See `transcribe`; `work` is how much may be tried."""
    load_extra("numpy", "transcribing", "transcribe")
    told, unknown = split_rates(rates)
    if unknown:
        raise TypeError(f"transcribe() got an unexpected keyword argument {next(iter(unknown))!r}")
    refuse_clock(told, "`transcribe`")
    known = {name: rate for name, rate in told.items() if rate is not None}
    run_told(None, known, 1.0 if base is None else base)  # which refuses what can't be a base or a rate
    start = whole_number(first_step)
    if start is None or start < 0:
        message = Phrase(Argument("first_step"), f" is {first_step!r}, not a step")
        fail(None, "E404", message, "give a whole number from 0 on")
    others = list(totals) if isinstance(totals, Iterable) and not isinstance(totals, str) else [totals]
    lengths = {_length(each, known): each for each in [*([] if total_steps is None else [total_steps]), *others]}
    ask = _Asking(source, start, group, base, known)
    if isinstance(source, Mapping):
        if not source:
            fail(None, "E419", "the mapping is empty", "give it values for each length of a run")
        return _of_several(ask, {_length(each, known): each for each in source} | lengths, work)
    if len(lengths) > 1:
        return _of_several(ask, lengths, work)
    total = next(iter(lengths), None)
    if others and total is not None:  # all of them are the same, and the source makes one for it
        ask = attrs.evolve(ask, source=ask.of_total(total, total))
    return _of_one(ask, total, work)


def _length(total_steps: Any, rates: Mapping[str, Any]) -> int:
    length = run_told(total_steps, rates).total_steps
    assert length is not None
    return math.ceil(length)


@attrs.frozen
class _Asking:
    """What is asked for its values."""

    source: Any
    first_step: int
    group: int
    base: float | None
    rates: Mapping[str, Any]

    def task(self, source: Any, total: int | None) -> tuple[Task, Reading]:
        from .sources import read
        from .task import Task

        found = read(source, total, self.first_step, self.group)
        last = found.first_step + (len(found.values) - 1) * found.apart
        length = last + 1 if total is None else total
        if last > length:
            message = f"there are values of {last + 1} steps, and the run has {length}"
            fail(
                None, "E419", message, Phrase("give the length of the run they are of: ", Argument("total_steps", "…"))
            )
        start, single = found.first_step, found.single
        return Task(found.values, length, start, self.rates, self.base, single, apart=found.apart), found

    def of_total(self, total: int, named: Any) -> Any:
        """The source for a run of that length."""
        if isinstance(self.source, Mapping):
            if named not in self.source:
                message = f"there are no values for a run of {total} steps"
                fail(None, "E419", message, f"there are some for {', '.join(map(str, self.source))}")
            return self.source[named]
        if not callable(self.source) or hasattr(self.source, "optimizer"):
            hint = "give a function that makes it for a length of the run, or a mapping from lengths to values"
            fail(None, "E419", "runs of several lengths have a source each", hint)
        try:
            return self.source(total)
        except Exception as error:  # whatever the user's function raises
            said = f"{type(error).__name__}: {error}".rstrip(": ")
            hint = "with several `totals` it is called with the length of the run, and gives what is to be transcribed"
            fail(None, "E419", f"the function fails for a run of {total} steps: {said}", hint)


def _of_one(ask: _Asking, total: int | None, work: Work | None) -> Transcription:
    from .finding import find

    task, reading = ask.task(ask.source, total)
    allowed = _for(task, work)
    much = allowed.left
    found = find(task, allowed)
    digits = None if found.exact else _digits(task)
    if digits is not None:
        allowed.left = max(allowed.left, much / 2)
        rounded = _rounded(task, digits, allowed)
        if rounded is not None:
            said = f"rounded to {digits} digits, which is all that the values have, it is equal at every step"
            return _answer((rounded,), [said, *reading.notes, *_notes(task)])
    texts = found.exact or tuple(each for each in (found.nearest,) if each is not None)
    long = _listed(task, texts[0].text) if found.exact else ()
    told = [*_odd(task, found.odd), *reading.notes, *_notes(task), *long]
    if task.apart == 1 or not found.exact:
        return _answer(texts, told)
    said = f"only one step in {task.apart} is known: it is equal at these, and not known to be at the others"
    return attrs.evolve(_answer(texts, [said, *told]), exact=False, worst_step=None)


def _digits(task: Task) -> int | None:
    """To how many digits all values are rounded, if these are a few, but enough to know a text by."""
    values = task.values.tolist()
    few = range(_FEWEST_DIGITS, _MOST_DIGITS + 1)
    return next((many for many in few if all(_to_digits(value, many) == value for value in values)), None)


def _rounded(task: Task, digits: int, work: Work) -> Candidate | None:
    """The text whose values are those of the task, once they are rounded to so many digits."""
    from .checking import Checker
    from .finding import find

    values = task.values.tolist()
    for each in find(attrs.evolve(task, digits=digits), work).exact:
        own = task.of(task.bind(each.text))
        if all(_to_digits(float(there), digits) == value for there, value in zip(own, values, strict=True)):
            return Checker(task, _for(task, None)).check(each.text)
    return None


def _to_digits(value: float, many: int) -> float:
    """A value rounded to so many digits."""
    return float(f"{value:.{many - 1}e}")


def _for(task: Task, work: Work | None) -> Work:
    """Work for so many values: a few texts have to be compared with all of them, however many there are."""
    from .task import Work

    allowed = work or Work()
    allowed.left += _COMPARED * max(0, len(task.values) - _MANY)
    return allowed


def _of_several(ask: _Asking, lengths: Mapping[int, Any], work: Work | None) -> Transcription:
    from .totals import together

    read = [ask.task(ask.of_total(total, lengths[total]), total) for total in sorted(lengths)]
    tasks = [task for task, _ in read]
    if any(task.apart > 1 for task in tasks):
        fail(None, "E419", "runs of several lengths need the value at each step", "transcribe each of them alone")
    found = together(tasks, work)
    notes = [note for task, reading in read for note in (*reading.notes, *_notes(task))]
    if found.exact:
        return _answer(found.exact, notes)
    if found.nearest is not None and not found.nearest.exact:
        notes.insert(0, f"that is in a run of {found.total} steps")
    for task, each in zip(tasks, found.single, strict=True):
        if each.exact:
            notes.append(f"a run of {task.total_steps} steps alone has {each.exact[0].text}")
    return _answer(tuple(each for each in (found.nearest,) if each is not None), notes)


def _answer(texts: tuple[Candidate, ...], notes: Iterable[str]) -> Transcription:
    told = tuple(dict.fromkeys(notes))
    if not texts:
        return Transcription(None, False, notes=told)
    best, *others = texts
    candidates = [each.text for each in others if each.exact and each.cost <= _COSTLY * best.cost]
    return Transcription(best.text, best.exact, best.worst_step, best.error, tuple(candidates[:_OTHERS]), told)


def _odd(task: Task, odd: Candidate | None) -> Iterator[str]:
    """That the values are one line but for a few steps, each with its value and the line's."""
    if odd is None:
        return
    from .checking import shares

    line = task.of(task.bind(odd.text))
    places = (shares(task, odd.text, line) > 1).nonzero()[0].tolist()
    steps = [(task.step(place), float(task.values[place]), float(line[place])) for place in places]
    off = [f"step {step} ({literal(value)}, the line has {literal(there)})" for step, value, there in steps]
    yield f"one line, `{odd.text}`, except for {' and '.join(off)}"


def _listed(task: Task, text: str) -> Iterator[str]:
    """That a text has about as many numbers as there are values, so that it would have any others as well."""
    from .costs import numbers

    many, count = numbers(text), len(task.values)
    if _PROVING * many > count >= _SHORT:
        yield f"{count} values are too few to prove a shape of {many} numbers"


def _notes(task: Task) -> Iterator[str]:
    count = len(task.values)
    if count < _SHORT and len(set(task.values.tolist())) > 1:
        yield f"{count} values are too few to prove a shape"
