"""Whole configs: a schedule of ours for whatever a library takes as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ..._bound import public as shapes
from ..._language.nodes import Schedule
from ..._text.errors import fail, listed
from ..._text.extras import load_extra
from ..._text.run import shown
from .dialects import Dialect, Lengths
from .fields import FIELDS, read_fields, read_kind
from .kinds import Piece, make
from .phases import Mode, mode_of, read_phases
from .sequences import Chain
from .sites import Site, need_total, wrong
from .values import read_number, read_numbers

_NESTED: Final = 24  # levels of a config


class Reader:
    """Reads configs of one dialect.

    Args:
        dialect: how they are written.
        updates_per_epoch: optimizer updates in an epoch.
        batch_size: samples in an update.
        described: the config of an object of the library; whatever else it is given it returns.
    """

    def __init__(
        self,
        dialect: Dialect,
        updates_per_epoch: float | None = None,
        batch_size: int | None = None,
        described: Callable[[Any], Any] = lambda config: config,
    ) -> None:
        self._dialect = dialect
        self._lengths = Lengths(dialect.units, updates_per_epoch, batch_size)
        self._described = described

    def schedule(self, config: Any, total_steps: int | None) -> Schedule:
        """The schedule that a config means, or a YAML text with one.

        Raises:
            ScheduleError: E605, E606, E607; E502 or E504, if a text can't be read.
        """
        total = _total(total_steps)
        if isinstance(config, str):
            yaml = load_extra("yaml", "reading YAML")
            try:
                config = yaml.safe_load(config)
            except yaml.YAMLError as error:
                fail(None, "E504", f"this is not YAML: {error}", "give a mapping, or the text of one")
        return self._read(config, Site("", total)).node

    def _read(self, config: Any, site: Site) -> Piece:
        if site.depth > _NESTED:
            fail(None, "E106", "the config is nested too deeply", f"at most {_NESTED} schedules may be in one another")
        site = site._replace(depth=site.depth + 1)
        if isinstance(config, Schedule):
            return Piece(config, relative=True)
        config = self._described(config)
        if isinstance(config, (int, float)) and not isinstance(config, bool):
            return Piece(shapes.constant(read_number(site.path, config)), timeless=True, ended=True)
        if isinstance(config, Mapping):
            return self._mapping(config, site)
        if isinstance(config, Sequence) and not isinstance(config, (str, bytes)) and config:
            if any(isinstance(each, Mapping) for each in config):
                return self._sequence(config, mode_of(config, self._lengths, site), site)
            return Piece(shapes.values(read_numbers(site.path, config)), timeless=True)
        hint = "give a mapping with a `kind`, a number, a list of numbers, or a list of phases"
        return wrong(site.path, f"`{shown(config)}` is not a schedule of {self._dialect.system}", hint)

    # One schedule.

    def _mapping(self, config: Mapping[Any, Any], site: Site) -> Piece:
        if set(config) == {"schedule_config"}:
            return self._read(config["schedule_config"], site._replace(path=site.inside("schedule_config")))
        if "kind" not in config:
            wrong(site.path, "`kind` is missing", f"say which schedule it is: {listed(list(FIELDS)[:3])} …")
        kind = read_kind(config["kind"], self._dialect, site)
        fields = {str(key): value for key, value in config.items() if key != "kind"}
        epochs = self._looked_up_in_epochs(kind, fields, site)
        values = read_fields(kind, fields, self._dialect, self._lengths, site)
        more = _overhang(values, site)
        longer = site if site.total is None else site._replace(total=site.total + (more or 0))
        piece = self._made(kind, values, longer)
        if piece.timeless:
            more = 0
        elif more is None:
            need_total(site.inside("overhang_percent"), values["overhang_percent"])
        if more:
            piece = Piece(piece.node.over(f"100% + {more}"), relative=True)
        return Piece(piece.node.every("1ep"), relative=True) if epochs else piece

    def _looked_up_in_epochs(self, kind: str, fields: dict[str, Any], site: Site) -> bool:
        """Whether the value changes at the beginning of an epoch alone."""
        if not self._dialect.intervals or fields.get("interval") is None:
            return False
        interval = fields.pop("interval")
        if interval not in ("update", "epoch"):
            others = self._dialect.renamed.get(kind, {}).get("interval")
            hint = "write `update` or `epoch`" if others is None else f"its length is called `{others[0]}`"
            wrong(site.inside("interval"), f"`{interval}` is neither `update` nor `epoch`", hint)
        if interval == "epoch" and site.first is not None:
            hint = "put it on the whole, or write `every 1ep` in a text"
            wrong(site.inside("interval"), "`epoch` has no counterpart inside of a sequence", hint, "E606")
        return bool(interval == "epoch")

    def _made(self, kind: str, values: Mapping[str, Any], site: Site) -> Piece:
        match kind:
            case "LinearWarmupCosineDecaySchedule":
                return self._warmup_cosine(values, site)
            case "SequentialStepSchedule" | "SequentialPercentSchedule":
                mode: Mode = "step" if kind == "SequentialStepSchedule" else "percent"
                inside = site._replace(path=site.inside("schedule_configs"))
                return self._sequence(values["schedule_configs"], mode, inside)
            case _:
                return make(kind, values, site)

    def _warmup_cosine(self, values: Mapping[str, Any], site: Site) -> Piece:
        if (values["warmup_steps"] is None) == (values["warmup_percent"] is None):
            wrong(site.path, "it needs either `warmup_steps` or `warmup_percent`", "give one of both")
        mode: Mode = "percent" if values["warmup_steps"] is None else "step"
        start, high, end = values["start_value"], values["max_value"], values["end_value"]
        rise = {"kind": "linear_increasing", "exclude_first": start == 0, "exclude_last": True}
        fall = {"kind": "cosine_decreasing", "max_value": high, "end_value": end}
        until = values["warmup_steps" if mode == "step" else "warmup_percent"]
        warmup = {"schedule": {**rise, "start_value": start, "max_value": high}, f"end_{mode}": until}
        return self._sequence([warmup, {"schedule": fall}], mode, site)

    def _sequence(self, configs: Sequence[Any], mode: Mode, site: Site) -> Piece:
        return Chain(site, self._read).piece(read_phases(configs, mode, self._lengths, site))


def _total(total_steps: Any) -> int | None:
    if total_steps is None:
        return None
    if isinstance(total_steps, bool) or not isinstance(total_steps, int) or total_steps < 1:
        hint = "give how many steps the run has: `total_steps=10_000`"
        wrong("", f"total_steps is {shown(total_steps)}, not a whole number above zero", hint, "E607")
    return total_steps


def _overhang(values: Mapping[str, Any], site: Site) -> int | None:
    """By how many steps the run is prolonged; None if that depends on its length, which isn't known."""
    part, steps = values["overhang_percent"], values["overhang_steps"]
    if part is not None and steps is not None:
        wrong(site.path, "`overhang_percent` and `overhang_steps` exclude each other", "remove one of both")
    if part is None or part == 0:
        return int(steps or 0)
    return None if site.total is None else int(site.total * part)
