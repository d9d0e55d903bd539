"""What is done with a text: everything a user could do with it, or the first that they do; watched, timed, weighed."""

import math
import resource
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

import attrs
from reference import second_parser

from schedlang import Bound, Schedule, ScheduleError, Source, parse
from schedlang._text.parsing import parse_syntax

from .contract import violations

SECONDS = 2.0
MEGABYTES = 200.0
"""What no text may take to be read and bound."""

RUNS: list[dict[str, Any]] = [
    {},
    {"total_steps": 1, "steps_per_epoch": 1, "samples_per_step": 1, "tokens_per_step": 1, "base": -2.0},
    {"total_steps": 1003, "steps_per_epoch": 12.5, "samples_per_step": 8, "tokens_per_step": 4096, "base": 3e-4},
    {"total_steps": "90ep", "steps_per_epoch": 1251, "samples_per_step": 1024, "tokens_per_step": 10**6},
    {"total_steps": 10**12, "steps_per_epoch": 7, "samples_per_step": 3, "tokens_per_step": 10**9, "base": 0.0},
]
"""What texts are bound to: nothing known, one step, a crooked run, a usual one, one without an end in sight."""

PARAMETER = 10
"""What every free name is: a length or a number."""


@attrs.define
class Outcome:
    """What happened to one text: how far it came, what it cost, and what should not have happened.

    Attributes:
        whole: whether all was done that can be done.
        codes: of all errors, at most once for each error.
        bound: how many of the runs it could be bound to.
        values: how many were compared.
        late: how often a step of a run with an end had no value, and binding did not say so.
    """

    text: str
    whole: bool = True
    codes: list[str] = attrs.Factory(list)
    valid: bool = False
    bound: int = 0
    values: int = 0
    late: int = 0
    seconds: float = 0.0
    megabytes: float = 0.0
    findings: list[tuple[str, str]] = attrs.Factory(list)

    def found(self, what: str, detail: str) -> None:
        self.findings.append((what, detail))

    def failed(self, error: BaseException) -> None:
        """Note an error that should not have come out."""
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.name}"
        self.found(f"{type(error).__name__} in {where}", "".join(traceback.format_exception(error)[-12:])[-4000:])

    def refused(self, error: ScheduleError) -> None:
        """Note an error that may come, if it is as it should be."""
        self.codes += dict.fromkeys(diagnostic.code for diagnostic in error.diagnostics)
        for violation in violations(error):
            self.found(violation.split(":")[0], violation)


class Scale:
    """Weighs texts by the process's high-water mark: exact if a text raises it, and nothing if it does not."""

    def __init__(self) -> None:
        self.before = self.mark = 0.0

    def start(self) -> None:
        self.mark = _most()
        self.before = _now() or self.mark

    def stop(self) -> float:
        most = _most()
        return most - self.before if most > self.mark else 0.0


def _most() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _now() -> float:
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[1]) * resource.getpagesize() / 2**20
    except OSError:
        return 0.0


SCALE = Scale()


def examine(text: str, whole: bool = True) -> Outcome:
    """Do with a text all that can be done, and note what happens. Time is the processor's: load doesn't matter.

    What is not to be examined as a whole is parsed, bound to one run and asked for three values; no error is explained.

    >>> outcome = examine("warmup(5%) then cosine")
    >>> outcome.valid, outcome.bound, outcome.findings
    (True, 4, [])
    >>> examine("warmup(5%) them cosine").valid
    False
    """
    outcome = Outcome(text, whole)
    SCALE.start()
    with _watched(outcome):
        (_examine if whole else _glance)(text, outcome)
    outcome.megabytes = SCALE.stop()
    if outcome.seconds > SECONDS:
        outcome.found("too slow", f"{outcome.seconds:.1f} s")
    if outcome.megabytes > MEGABYTES:
        outcome.found("too large", f"{outcome.megabytes:.0f} MB")
    if whole:
        with _watched(outcome):
            if not same_tree(text):
                outcome.found("the parsers disagree", "")
    return outcome


@contextmanager
def _watched(outcome: Outcome) -> Iterator[None]:
    """Note what nobody was meant to see."""
    try:
        yield
    except Exception as error:
        outcome.failed(error)


def _glance(text: str, outcome: Outcome) -> None:
    """Parse, bind and ask, as a training script does."""
    start = time.thread_time()
    try:
        schedule = parse(text)
        outcome.valid = True
        bound = schedule.bind(**RUNS[len(text) % len(RUNS)])
        outcome.bound = 1
        total = bound.total_steps or 1000
        for step in (0, total // 2, total):
            value = bound(step)
            if type(value) is not float or not math.isfinite(value):
                outcome.found("not a finite float", f"{bound.run} step {step}: {value!r}")
    except ScheduleError as error:
        if type(error) is not ScheduleError:
            outcome.found("an error of another class", repr(type(error)))
    outcome.seconds = time.thread_time() - start


def _examine(text: str, outcome: Outcome) -> None:
    start = time.thread_time()
    schedule = None
    try:
        schedule = parse(text)
    except ScheduleError as error:
        outcome.refused(error)
        str(error)
    reading = outcome.seconds = time.thread_time() - start
    if schedule is None:
        return
    outcome.valid = True
    with _watched(outcome):
        _print(schedule, outcome)
    for run in RUNS:
        start = time.thread_time()
        bound = None
        with _watched(outcome):
            bound = _bind(schedule, run, outcome)
            if bound is not None:
                _first_and_last(bound, outcome)
        outcome.seconds = max(outcome.seconds, reading + time.thread_time() - start)
        if bound is not None:
            with _watched(outcome):
                _compare_values(bound, outcome)


def _print(schedule: Schedule, outcome: Outcome) -> None:
    """Canonical text means the same, and is its own."""
    canonical = str(schedule)
    try:
        again = parse(canonical)
    except ScheduleError as error:
        if {each.code for each in error.diagnostics} - {"E105", "E106"}:  # a little longer and deeper: at the limit
            outcome.found("canonical text is refused", f"{canonical[:500]}\n{error}")
        return
    if again != schedule:
        outcome.found("canonical text means another", canonical[:500])
    elif str(again) != canonical:
        outcome.found("canonical text has another", canonical[:500])


def _bind(schedule: Schedule, run: dict[str, Any], outcome: Outcome) -> Bound | None:
    """The schedule bound, with its parameters if it has any."""
    try:
        return schedule.bind(**run)
    except ScheduleError as error:
        missing = {each.source[each.span] for each in error.diagnostics if each.code == "E402"}
        refused = error
    if missing and missing.isdisjoint(["total_steps", "steps_per_epoch", "samples_per_step", "tokens_per_step"]):
        try:
            return schedule.bind(**run, **dict.fromkeys(missing, PARAMETER))
        except ScheduleError as error:
            refused = error
    outcome.refused(refused)
    str(refused)
    return None


def _first_and_last(bound: Bound, outcome: Outcome) -> None:
    """What a training loop asks: bound steps have values; those behind the end, too."""
    total = bound.total_steps or 1000
    outcome.bound += 1
    for step in (0, total - 1, total):
        try:
            bound(step)
        except ScheduleError as error:
            outcome.refused(error)
            outcome.late += bound.total_steps is not None


def _compare_values(bound: Bound, outcome: Outcome) -> None:
    """The walk and the compiled function agree to the last bit, and on where there is no value."""
    total = bound.total_steps or 1000
    steps = {0, 1, 2, total // 3, total // 2, total - 1, total, total + 1, 10 * total + 7, 10**15}
    if len(outcome.text) < 500:
        steps |= _borders(bound)
    function = bound.compiled
    for step in sorted(steps):
        outcome.values += 1
        walked = called = None
        try:
            walked = bound.walk(step)
        except ScheduleError as error:
            outcome.refused(error)
        try:
            called = function(step)
        except (ArithmeticError, ValueError) as error:
            if walked is not None:
                outcome.found("compiled raises", f"{bound.run} step {step}: {walked} walked, but {error!r}")
            continue
        if walked is None:
            outcome.found("compiled does not raise", f"{bound.run} step {step}: {called!r}")
        elif type(called) is not float or called.hex() != walked.hex():
            outcome.found("compiled differs", f"{bound.run} step {step}: {walked!r} walked, {called!r} compiled")


def _borders(bound: Bound) -> set[int]:
    """The first steps of the first few phases, and the steps before them."""
    try:
        firsts = [row.first for row in islice(bound.program.rows(0, bound.total_steps), 5)]
    except ScheduleError:  # the table has values in it, and there may be none
        return set()
    return {*firsts, *(first - 1 for first in firsts if first)}


def same_tree(text: str) -> bool:
    """Whether both parsers take a text for the same, or refuse it both.

    Trees are compared as they are shown: named tuples are equal to tuples of other names.
    """
    first = second = None
    with suppress(ScheduleError):
        first = parse_syntax(Source(text))
    with suppress(second_parser.Rejected):
        second = second_parser.parse(text)
    return repr(first) == repr(second)
