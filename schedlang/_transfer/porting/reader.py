"""Whole configs: a schedule of ours for whatever a library takes as one, phases one after the other among them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import reduce
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from ..._bound import public as shapes
from ..._language.nodes import Name, Schedule
from ..._language.parse import parse
from ..._text.errors import Diagnostic, ScheduleError, fail, listed
from ..._text.extras import load_extra
from ..._text.run import Rate, as_rational, shown
from ..._text.spelling import did_you_mean
from .fields import (
    NUMBER,
    PERCENT,
    Dialect,
    Lengths,
    Site,
    list_of,
    need_total,
    read_fields,
    read_kind,
    read_number,
    read_whole,
    refuse_unresolved,
    spelled,
    wrong,
)
from .kinds import LONGEST, Ported, make, meant, rounded_down, rounded_otherwise, warmed_up

Mode: TypeAlias = Literal["step", "percent"]
"""In what the boundaries of a sequence are given."""

_PERCENT: Final = ("percent",)
_NESTED: Final = 24  # levels of a config


class ConfigReader:
    """Reads configs of one dialect; `described` gives the config of an object of the library, and else what it got."""

    def __init__(
        self,
        dialect: Dialect,
        per_epoch: Rate | None = None,
        batch_size: int | None = None,
        described: Callable[[Any], Any] = lambda config: config,
    ) -> None:
        self._dialect = dialect
        self._lengths = Lengths(dialect, per_epoch, batch_size)
        self._described = described
        self.told: list[Diagnostic] = []
        """What there is to warn of in the config that was read last."""

    def schedule(self, config: Any, total_steps: int | None) -> Schedule:
        """The schedule that a config means, or a YAML text with one.

        Raises:
            ScheduleError: E605, E606, E607; E502 or E504, if a text can't be read.
        """
        total = None if total_steps is None else as_rational(total_steps)
        if total_steps is not None and (total is None or total < 1 or total.denominator > 1):
            hint = "give how many steps the run has: `total_steps=10_000`"
            wrong("", f"total_steps is {shown(total_steps)}, not a whole number above zero", hint, "E607")
        self.told = []
        return self._read(loaded(config), Site("", None if total is None else int(total))).node

    def _read(self, config: Any, site: Site) -> Ported:
        if site.depth > _NESTED:
            fail(None, "E106", "the config is nested too deeply", f"at most {_NESTED} schedules may be in one another")
        site = site._replace(depth=site.depth + 1)
        if isinstance(config, Schedule):
            return Ported(config, relative=True)
        config = self._described(opened(config, site.path))
        refuse_unresolved(site.path, config)
        if isinstance(config, (int, float)) and not isinstance(config, bool):
            return Ported(shapes.constant(read_number(site.path, config)), timeless=True, ended=True)
        if isinstance(config, Mapping):
            return self._mapping(config, site)
        if isinstance(config, Sequence) and not isinstance(config, (str, bytes)) and config:
            if any(isinstance(each, Mapping) for each in config):
                return self._sequence(config, _mode_of(config, self._lengths, site), site)
            return Ported(shapes.values(list_of(NUMBER).read(site.path, config)), timeless=True)
        hint = "give a mapping with a `kind`, a number, a list of numbers, or a list of phases"
        if isinstance(config, str):
            if _is_ours(config):
                wrong(site.path, f"`{config}` is a text of schedlang already", f"use it as it is: `parse({config!r})`")
            hint += "; a text of schedlang goes to `parse`"
        return wrong(site.path, f"`{shown(config)}` is not a schedule of {self._dialect.system}", hint)

    # One schedule.

    def _mapping(self, config: Mapping[Any, Any], site: Site) -> Ported:
        sections = [key for key in self._dialect.sections if key in config]
        if sections and len(config) == 1:
            return self._read(config[sections[0]], site._replace(path=site.inside(sections[0])))
        self._refuse_surroundings(config, site)
        for key, value in config.items():
            refuse_unresolved(site.inside(str(key)), value)
        kind = read_kind(config["kind"], self._dialect, site)
        fields = {str(key): value for key, value in config.items() if key != "kind"}
        values = read_fields(kind, fields, self._dialect, self._lengths, site, self.told)
        epochs = values.get("interval") == "epoch"
        total = self._whole_epochs(site) if epochs else site.total
        more = self._overhang(values, site._replace(total=total))
        if isinstance(more, int):
            longer = site._replace(total=None if total is None else total + more, more=more)
        else:
            longer = site._replace(more=None, fractional=meant(values["overhang_percent"]).denominator > 1)
        piece = self._piece(kind, values, longer)
        if piece.timeless:
            return piece if piece.ended or not epochs else piece._replace(node=piece.node.every("1ep"))
        if longer.fractional and piece.relative:
            need_total(site.inside("overhang_percent"), values["overhang_percent"])
        if total != site.total:
            piece = Ported(piece.node.over(str(longer.total)), relative=True)
        elif more:
            piece = Ported(piece.node.over(f"100% + {more}"), relative=True)
        if epochs:
            self._tell_epochs(total, site)
            piece = Ported(piece.node.every("1ep"), relative=True)
        return piece

    def _refuse_surroundings(self, config: Mapping[Any, Any], site: Site) -> None:
        """Refuse what is no schedule, and may have some in it: an optimizer, a model, all of a config."""
        kind, sections = config.get("kind"), self._dialect.sections
        if isinstance(kind, str) and spelled(kind, [*self._dialect.kinds, *self._dialect.refused]) is not None:
            return
        inside = list(_schedules_in(config, sections))
        optimizer = _is_optimizers(kind, sections) or any("." not in path for path in inside)
        if inside or optimizer:
            what = "the config of an optimizer" if optimizer else "a config with more in it"
            hint = f"give its {listed(inside)}" if inside else "it has no schedule"
            wrong(site.path, f"this is {what}, and not of a schedule", hint)
        if kind is None:
            some = listed(list(self._dialect.kinds)[:3])
            wrong(site.path, "`kind` is missing", f"say which schedule it is: {some} …")

    def _piece(self, kind: str, values: dict[str, Any], site: Site) -> Ported:
        match kind:
            case "LinearWarmupCosineDecaySchedule":
                warm = self._warm(values, site)
                return warmed_up(values, warm, warm, site)
            case "WarmupStableDecaySchedule":
                return self._warmup_stable_decay(values, site)
            case "SequentialStepSchedule" | "SequentialPercentSchedule":
                mode: Mode = "step" if kind == "SequentialStepSchedule" else "percent"
                inside = site._replace(path=site.inside("schedule_configs"))
                return self._sequence(values["schedule_configs"], mode, inside)
            case _:
                return make(kind, values, site)

    def _warm(self, values: Mapping[str, Any], site: Site) -> int | str:
        """The first step behind the warm-up."""
        _either("warmup_steps", "warmup_percent", values, site)
        if values["warmup_steps"] is not None:
            return int(values["warmup_steps"])
        share = values["warmup_percent"]
        return self._boundary("warmup_percent", share, meant(share), 1, site)

    def _warmup_stable_decay(self, values: Mapping[str, Any], site: Site) -> Ported:
        warm = self._warm(values, site)
        _either("cooldown_steps", "cooldown_percent", values, site)
        steps, share = values["cooldown_steps"], values["cooldown_percent"]
        if (steps is None) != (values["warmup_steps"] is None):
            hint = "give both in steps, or both in percent"
            wrong(site.path, "warm-up and cool-down are not in the same unit", hint)
        if steps is None:
            if values["warmup_percent"] + share > 1:
                wrong(site.path, "`warmup_percent` and `cooldown_percent` are more than the run", "at most 1 together")
            left = 1 - meant(share)
            if site.total is None and left < meant(values["warmup_percent"]):  # 1 in floats, and more than 1 exactly
                need_total(site.inside("cooldown_percent"), share)
            return warmed_up(values, warm, self._boundary("cooldown_percent", 1.0 - share, left, 1, site), site)
        if site.total is not None:
            return warmed_up(values, warm, site.total - steps, site)
        if not steps:
            return warmed_up(values, warm, "100%", site)
        return warmed_up(values, warm, f"max(100% - {steps}, 0)", site, f"max({int(warm) + steps} - 100%, 0)")

    def _boundary(self, key: str, share: float, exact: Fraction, less: int, site: Site) -> int | str:
        """The whole steps of a share of so many steps less than the run has, rounded down as there."""
        if site.total is not None:
            return int(share * (site.total - less))
        if not self._dialect.any_length or site.first is not None or site.more is None:
            need_total(site.inside(key), share)
        if exact == 0:
            return 0
        lengths = [length - site.more for length in rounded_otherwise(share, exact, less) if length > site.more]
        if lengths:
            some = ", ".join(map(str, lengths[:3])) + (" …" if len(lengths) > 3 else "")
            message = (
                f"{site.inside(key)}: {self._dialect.system} calculates it in floats, which gives a step less than the "
                f"text in {len(lengths)} of the runs of up to {LONGEST} steps: of {some}"
            )
            self.told.append(Diagnostic("W528", message, None, "give the length of your run: `total_steps=…`"))
        return rounded_down(exact, less)

    def _overhang(self, values: Mapping[str, Any], site: Site) -> int | str:
        """By how many steps the run is prolonged."""
        _not_both("overhang_percent", "overhang_steps", values, site)
        part, steps = values["overhang_percent"], values["overhang_steps"]
        if part is None or part == 0:
            return int(steps or 0)
        return self._boundary("overhang_percent", part, meant(part), 0, site)

    # Values that are looked up at the beginning of an epoch.

    def _whole_epochs(self, site: Site) -> int | None:
        """The steps of the epochs that end before the run does, if both lengths are known."""
        if site.first is not None:
            hint = "put it on the whole, or write `every 1ep` in a text"
            wrong(site.inside("interval"), "`epoch` has no counterpart inside of a sequence", hint, "E606")
        epoch = self._lengths.per_epoch
        if site.total is None or epoch is None:
            return site.total
        hint = f"give the updates of an epoch, as {self._dialect.system} counts them"
        if epoch.denominator != 1:
            wrong("", f"{self._dialect.per_epoch} is {epoch}, not a whole number", hint, "E607")
        if site.total < epoch:
            message = f"the run has {site.total} steps, less than an epoch of {epoch}: its length is 0 there"
            wrong(site.inside("interval"), message, "give a longer run", "E607")
        return site.total - site.total % int(epoch)

    def _tell_epochs(self, total: int | None, site: Site) -> None:
        path = site.inside("interval")
        if total is None or self._lengths.per_epoch is None:
            message = (
                f"{path}: in {self._dialect.system} the run ends with its last whole epoch, and here where it ends"
            )
            hint = "if that is inside of an epoch, give `total_steps=…` and `steps_per_epoch=…`"
        elif total != site.total:
            message = (
                f"{path}: at steps {total} to {(site.total or 0) - 1}, in an epoch that does not end, "
                f"{self._dialect.system} shows what is behind the end, and here the end holds"
            )
            hint = "let the run end with an epoch"
        else:
            return
        self.told.append(Diagnostic("W528", message, None, hint))

    # Phases one after the other.

    def _sequence(self, configs: Sequence[Any], mode: Mode, site: Site) -> Ported:
        given = [_phase(config, mode, self._lengths, site.inside(index)) for index, config in enumerate(configs)]
        phases = _in_steps(_in_order(given), mode, site)
        parts: list[Schedule] = []
        placed = _Placed([])
        if phases[0].start > 0:  # until it begins, the first phase shows its first value
            parts.append(self._first_value(phases[0], site).lasting(phases[0].start))
        for index, phase in enumerate(phases):
            last = index == len(phases) - 1
            lasts = None if last else phases[index + 1].start - phase.start
            if lasts != 0 and not (parts and site.total is not None and phase.start >= site.total):
                placed = self._placed(phase, lasts, mode, site)
                parts += placed.parts
        return Ported(reduce(Schedule.then, parts), placed.relative, ended=placed.ended)

    def _played(self, phase: Phase, length: int | None, first: int, site: Site) -> Ported:
        return self._read(phase.config, Site(f"{phase.path}.schedule", length, first, site.depth))

    def _first_value(self, phase: Phase, site: Site) -> Schedule:
        """What a phase shows at its first step."""
        if phase.length is None:
            need_total(phase.path, phase.start)
        length = max(phase.length, 1)
        return _value(self._played(phase, length, 0, site), length, 0)

    def _placed(self, phase: Phase, lasts: int | None, mode: Mode, site: Site) -> _Placed:
        """A phase that is followed by another after so many steps, or, if None, by nothing."""
        length = phase.length
        if length is not None and length <= 0:
            if mode == "step":  # in percent, rounding makes such phases, which show their first value
                wrong(phase.path, "the phase has no step, and the next does not begin where it does", "remove it")
            return _Placed([_cut(self._first_value(phase, site), lasts)], ended=True)
        piece = self._played(phase, length, phase.start, site)
        if piece.timeless and piece.ended:
            return _Placed([_cut(piece.node, lasts)], ended=True)
        if lasts is None and (length is None or phase.end == site.total):
            if phase.start == 0 or not piece.relative:
                return _Placed([piece.node], piece.relative, piece.ended)
            rest = f"max(100% - {phase.start}, 1)" if length is None else str(length)
            return _Placed([piece.node.over(rest)], relative=length is None)
        if length is None:  # laid out over all of the run, and cut by the next
            return _Placed([_window(piece, "100%").lasting(lasts or 0)], relative=True)
        node = _window(piece, str(length))
        if lasts is not None and lasts <= length:
            return _Placed([node if lasts == length else node.lasting(lasts)])
        kept = shapes.hold() if piece.ended else _value(piece, length, length - 1)  # not what it would have come to
        ended = site.total is not None and site.total > phase.start + length
        return _Placed([node, _cut(kept, None if lasts is None else lasts - length)], ended=ended)


def _is_ours(text: str) -> bool:
    """Whether a text is one of ours; a word that is nothing but a name says nothing of that."""
    try:
        return not isinstance(parse(text), Name)
    except ScheduleError:
        return False


def _either(one: str, other: str, values: Mapping[str, Any], site: Site) -> None:
    _not_both(one, other, values, site)
    if values[one] is None and values[other] is None:
        wrong(site.path, f"it needs either `{one}` or `{other}`", "give one of both")


def _not_both(one: str, other: str, values: Mapping[str, Any], site: Site) -> None:
    if values[one] is not None and values[other] is not None:
        wrong(site.path, f"`{one}` and `{other}` exclude each other", "remove one of both")


def _is_optimizers(kind: object, sections: Collection[str]) -> bool:
    words = kind.split(".")[:-1] if sections and isinstance(kind, str) else []
    return not {"optim", "optimizer"}.isdisjoint(words) and "lr_scheduler" not in words


def _schedules_in(config: Mapping[Any, Any], sections: Collection[str], depth: int = 0) -> Iterator[str]:
    """The paths of the schedules in what is around them."""
    for key, value in config.items():
        value = opened(value)
        if key in sections and value is not None:
            yield key
        elif isinstance(value, Mapping) and depth < _NESTED:
            yield from (f"{key}.{path}" for path in _schedules_in(value, sections, depth + 1))


def loaded(config: Any) -> Any:
    """What the YAML text of a config says, and what is in an object."""
    if not isinstance(config, str):
        return opened(config)
    yaml = load_extra("yaml", "reading YAML")
    try:
        config = yaml.safe_load(config)
    except yaml.YAMLError as error:
        fail(None, "E504", f"this is not YAML: {error}", "give a mapping, or the text of one")
    if isinstance(config, str):
        with suppress(ValueError):  # `3e-4`, a text to PyYAML
            config = float(config)
    return config


def opened(config: Any, path: str = "") -> Any:
    """What is in an object of pydantic's or OmegaConf's; anything else as it is."""
    if hasattr(config, "model_dump") and not isinstance(config, type):
        return config.model_dump()
    if type(config).__module__.startswith("omegaconf."):
        omegaconf = load_extra("omegaconf", "reading its configs")
        try:
            return omegaconf.OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
        except omegaconf.errors.OmegaConfBaseException as error:
            hint = "resolve it in the whole config: `OmegaConf.to_container(config, resolve=True)`, and give its part"
            if isinstance(error, omegaconf.errors.MissingMandatoryValue):
                hint = "write a value in place of its `???`"
            wrong(path, str(error).partition("\n")[0], hint)
    return config


class _Placed(NamedTuple):
    """Phases for a chain; `relative` and `ended` as of a Ported."""

    parts: list[Schedule]
    relative: bool = False
    ended: bool = False


def _cut(node: Schedule, lasts: int | None) -> Schedule:
    return node if lasts is None else node.lasting(lasts)


def _value(piece: Ported, length: int, step: int) -> Schedule:
    """What a piece of some length shows at a step, as a constant."""
    return shapes.constant(piece.node.bind(length)(step))


def _window(piece: Ported, length: str) -> Schedule:
    return piece.node.over(length) if piece.relative else piece.node.lasting(length)


# Where phases begin and end.


class Phase(NamedTuple):
    """A phase of a sequence."""

    path: str
    config: Any  # what it plays
    start: Any  # its first step, or where in the run that is, if that is said
    end: Any  # the step behind its last, likewise; None also if it lasts as long as a run of unknown length

    @property
    def length(self) -> int | None:
        return None if self.end is None else self.end - self.start


def _mode_of(configs: Sequence[Any], lengths: Lengths, site: Site) -> Mode:
    keys = {str(key) for config in configs if isinstance(config, Mapping) for key in config}
    if keys.isdisjoint(_boundaries(_PERCENT)):
        return "step"
    if not keys.isdisjoint(_boundaries(lengths.units)):
        wrong(site.path, "some phases are in percent, some in steps", "write all of them in one of both")
    return "percent"


def _boundaries(units: Collection[str]) -> list[str]:
    return [f"{end}_{unit}" for end in ("start", "end") for unit in units]


def _phase(config: Any, mode: Mode, lengths: Lengths, path: str) -> Phase:
    """A phase and its boundaries, none of which has to be given."""
    config = opened(config, path)
    if not isinstance(config, Mapping) or "schedule" not in config:
        wrong(path, "a phase is a mapping with a `schedule`", "write `{schedule: …, end_step: …}`")
    ends: dict[str, Any] = {"start": None, "end": None}
    known = _boundaries(_PERCENT if mode == "percent" else lengths.units)
    for written, value in config.items():
        if written == "schedule" or value is None:
            continue
        here = f"{path}.{written}"
        if written not in known:
            hint = did_you_mean(str(written), known) or f"it has `schedule`, {listed(known)}"
            wrong(here, f"a phase has no field `{written}`", hint)
        end, _, unit = written.partition("_")
        if ends[end] is not None:
            wrong(here, f"its {end} is given twice", "remove one of both")
        percent = mode == "percent"
        ends[end] = PERCENT.read(here, value) if percent else read_whole(here, lengths.scaled(unit, value, here))
    return Phase(path, config["schedule"], **ends)


def _in_order(given: list[Phase]) -> list[Phase]:
    """The phases, each with a start, and with an end that only the last may lack."""
    phases: list[Phase] = []
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


def _in_steps(phases: list[Phase], mode: Mode, site: Site) -> list[Phase]:
    """The phases in whole steps, rounded as there."""
    if mode == "step":  # where an end of 0 counts as none
        return [phase._replace(end=phase.end or site.total) for phase in phases]
    total = site.total
    if total is None:
        need_total(phases[0].path, phases[0].end)

    last = total - 1
    ends = (total if phase.end in (None, 1.0) else int(last * phase.end) for phase in phases)
    return [phase._replace(start=int(last * phase.start), end=end) for phase, end in zip(phases, ends, strict=True)]
