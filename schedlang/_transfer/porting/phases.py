"""The phases of a sequence: where each begins and ends, in whole steps."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from ..._text.errors import listed, nearest
from .dialects import Lengths
from .sites import Site, need_total, wrong
from .values import read_percent, read_whole

Mode: TypeAlias = Literal["step", "percent"]
"""In what the boundaries of a sequence are given."""

_PERCENT: Final = ("percent",)


class Phase(NamedTuple):
    """A phase in whole steps.

    Attributes:
        path: where it stands.
        config: what it plays.
        start: its first step.
        stop: the step behind its last; None if it lasts as long as a run of which the length isn't known.
        kept: whether its first value is shown, if it has no step.
    """

    path: str
    config: Any
    start: int
    stop: int | None
    kept: bool

    @property
    def length(self) -> int | None:
        """How many steps it has."""
        return None if self.stop is None else self.stop - self.start


def mode_of(configs: Sequence[Any], lengths: Lengths, site: Site) -> Mode:
    """Whether a list of phases is in steps or in shares of the run.

    Raises:
        ScheduleError: E605, if it is in both.
    """
    keys = {str(key) for config in configs if isinstance(config, Mapping) for key in config}
    if keys.isdisjoint(_boundaries(_PERCENT)):
        return "step"
    if not keys.isdisjoint(_boundaries(lengths.units)):
        wrong(site.path, "some phases are in percent, some in steps", "write all of them in one of both")
    return "percent"


def read_phases(configs: Sequence[Any], mode: Mode, lengths: Lengths, site: Site) -> list[Phase]:
    """The phases of a sequence, in whole steps.

    Raises:
        ScheduleError: E605 for what is wrong with one of them, E607 if the length of the run is needed.
    """
    given = [_given(config, mode, lengths, site.inside(index)) for index, config in enumerate(configs)]
    return _rounded(_propagated(given), mode, site)


class _Given(NamedTuple):
    """A phase as it is given."""

    path: str
    config: Any
    start: Any
    end: Any


def _boundaries(units: Collection[str]) -> list[str]:
    """What the boundaries of a phase are called."""
    return [f"{end}_{unit}" for end in ("start", "end") for unit in units]


def _given(config: Any, mode: Mode, lengths: Lengths, path: str) -> _Given:
    """A phase and its boundaries, none of which has to be given."""
    if not isinstance(config, Mapping) or "schedule" not in config:
        wrong(path, "a phase is a mapping with a `schedule`", "write `{schedule: …, end_step: …}`")
    ends: dict[str, Any] = {"start": None, "end": None}
    known = _boundaries(_PERCENT if mode == "percent" else lengths.units)
    for written, value in config.items():
        if written == "schedule" or value is None:
            continue
        here = f"{path}.{written}"
        if written not in known:
            close = nearest(str(written), known)
            hint = f"did you mean `{close}`?" if close is not None else f"it has `schedule`, {listed(known)}"
            wrong(here, f"a phase has no field `{written}`", hint)
        end, _, unit = written.partition("_")
        if ends[end] is not None:
            wrong(here, f"its {end} is given twice", "remove one of both")
        ends[end] = (
            read_percent(here, value) if mode == "percent" else read_whole(here, lengths.scaled(unit, value, here))
        )
    return _Given(path, config["schedule"], ends["start"], ends["end"])


def _propagated(given: list[_Given]) -> list[_Given]:
    """The phases, each with a start, and with an end that only the last may lack."""
    phases: list[_Given] = []
    place: Any = 0
    for index, phase in enumerate(given):
        last = index == len(given) - 1
        start = place if phase.start is None else phase.start
        if start is None:
            wrong(phase.path, "where the phase begins is not said", "give it a start, or the one before it an end")
        end = given[index + 1].start if phase.end is None and not last else phase.end
        before = phases[-1].end if phases and phases[-1].end is not None else 0
        if start < before or (end is not None and end < start):
            hint = "let each phase end where the next begins"
            wrong(phase.path, "the boundaries of the phases are not in order", hint)
        phases.append(phase._replace(start=start, end=end))
        place = end
    return phases


def _rounded(given: list[_Given], mode: Mode, site: Site) -> list[Phase]:
    """The phases in whole steps, rounded as there."""
    if mode == "step":  # where an end of 0 counts as none
        return [Phase(*each[:3], each.end or site.total, False) for each in given]
    if site.total is None:
        need_total(given[0].path, given[0].end)
    total = site.total
    phases = []
    for phase in given:
        end = 1.0 if phase.end is None else phase.end
        stop = total if end == 1.0 else int((total - 1) * end)
        phases.append(Phase(phase.path, phase.config, int((total - 1) * phase.start), stop, True))
    return phases
