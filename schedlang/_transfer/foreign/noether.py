"""Noether and kappaschedules: a mapping with a `kind`, and phases one after the other.

Noether's schedules come from kappaschedules and have its values, so both are compared with that; what Noether alone has
is compared with nothing. `porting` reads the configs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

from ..._text.errors import Diagnostic, ScheduleError
from ..porting import KAPPASCHEDULES, NOETHER, ConfigReader
from ..porting.fields import spelled
from ..porting.of_noether import is_kind
from .config import CALLED, POSITION, Config
from .system import Rule, System, Told, Values

_NAMES: Final = {"weight_decay_schedule": "weight_decay"}
_RENAMED: Final = {"update_interval": "interval", "decreases_interval": "interval"}
_PATH: Final = re.compile(r"((?:\[?\w+\]?\.?)+): ")
_ENDS: Final = re.compile(r"(?:start|end)_(?:step|percent|epoch|update|sample)")
_THEIRS: Final = re.compile(r"(?:kappaschedules\.[\w.]+|[a-z]+(?:_[a-z]+)*_schedule)")


def _kind(value: Any) -> str | None:
    kind = value.get("kind", value.get(CALLED)) if isinstance(value, Mapping) else None
    return kind if isinstance(kind, str) else None


def _is_noethers(value: Any) -> bool:
    kind = _kind(value)
    if kind is None:
        return False
    if CALLED not in value:
        return is_kind(kind)
    name = kind.rpartition(".")[2]
    own = name not in KAPPASCHEDULES.kinds or not _RENAMED.keys().isdisjoint(value)  # the others are kappaschedules's
    return is_kind(name) and own


def _is_kappas(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        phases = [each for each in value if isinstance(each, Mapping) and "schedule" in each]
        return len(phases) == len(value) > 0 and all(_bounded(each) for each in phases[:-1])
    kind = _kind(value)
    if kind is None:
        return False
    called = CALLED in value and kind.rpartition(".")[2] in KAPPASCHEDULES.kinds
    return called or (_THEIRS.fullmatch(kind) is not None and spelled(kind, KAPPASCHEDULES.kinds) is not None)


def _bounded(phase: Mapping[Any, Any]) -> bool:
    return any(_ENDS.fullmatch(str(key)) for key in phase)


def _read_noether(config: Config, told: Told) -> Iterator[Rule]:
    given = _given(config)
    reader = ConfigReader(NOETHER, told.steps_per_epoch)
    values = _values(lambda module: _built(given, module)) if _is_comparable(given) else None
    yield _rule(reader, config, given, told, values)


def _read_kappaschedules(config: Config, told: Told) -> Iterator[Rule]:
    given = _given(config)
    rates = {"updates_per_epoch": told.steps_per_epoch, "batch_size": told.samples_per_step}
    batch = None if told.samples_per_step is None else int(told.samples_per_step)
    reader = ConfigReader(KAPPASCHEDULES, told.steps_per_epoch, batch)
    plain = {name: _as_number(rate) for name, rate in rates.items()}
    values = _values(lambda module: module.object_to_schedule(_in_lower_case(given), **plain))
    yield _rule(reader, config, given, told, values)


def _rule(reader: ConfigReader, config: Config, given: Any, told: Told, values: Values | None) -> Rule:
    try:
        text = str(reader.schedule(given, told.total_steps))
    except ScheduleError as error:
        raise ScheduleError([_placed(each, config) for each in error.diagnostics]) from None
    for each in reader.told:
        config.tell(_placed(each, config))
    kind = given["kind"].rpartition(".")[2] if isinstance(given, Mapping) else "a sequence"
    name = _NAMES.get(config.path[-1], "lr") if config.path else "lr"
    return Rule(text, kind, name, total=told.total_steps, values=values, package="kappaschedules")


def _given(config: Config) -> Any:
    """The config as the library takes it, its kind under `kind` also if it is a call."""
    values = config.everything()
    if isinstance(values, dict) and CALLED in values:
        for key in values:
            if key.startswith(POSITION):
                config.refuse(key, "has no name", "write its name", "E605")
        values["kind"] = str(values.pop(CALLED)).rpartition(".")[2]
    return values


def _placed(problem: Diagnostic, config: Config) -> Diagnostic:
    """What is wrong, at the value that its message begins with the path of."""
    found = _PATH.match(problem.message)
    keys = tuple(re.findall(r"\w+", found[1])) if found else ()
    return Diagnostic.at(config.place(*keys), problem.code, problem.message, problem.hint)


# The library's own values.


def _values(made: Callable[[Any], Any]) -> Values:
    def values(total: int) -> list[float]:
        import kappaschedules  # type: ignore[import-untyped]

        schedule = made(kappaschedules)
        return [float(schedule.get_value(step, total)) for step in range(total)]

    return values


def _is_comparable(given: Any) -> bool:
    """Whether kappaschedules has what a config of Noether's says."""
    if isinstance(given, list):
        return all(_is_comparable(each.get("schedule") if isinstance(each, Mapping) else each) for each in given)
    if not isinstance(given, Mapping):
        return True
    kind = spelled(str(given.get("kind")), NOETHER.kinds)
    inside = given.get("schedule_configs", [])
    return kind in KAPPASCHEDULES.kinds and given.get("interval", "update") != "epoch" and _is_comparable(inside)


def _built(given: Any, module: Any) -> Any:
    """What kappaschedules has in the place of a config of Noether's."""
    if isinstance(given, list) and any(isinstance(each, Mapping) for each in given):
        return module.object_to_schedule([{**each, "schedule": _built(each["schedule"], module)} for each in given])
    if not isinstance(given, Mapping):
        return module.object_to_schedule(given)
    kind = spelled(given["kind"], NOETHER.kinds)
    assert kind is not None
    if "schedule_configs" in given:
        return _built(given["schedule_configs"], module)
    fields = {name: given.get(name, each.default) for name, each in NOETHER.kinds[kind].items() if not each.idle}
    named = {_RENAMED.get(name, name): _as_number(each) for name, each in fields.items() if name != "interval"}
    return getattr(module.schedules, kind)(**{name: each for name, each in named.items() if each is not None})


def _in_lower_case(given: Any) -> Any:
    """A config of kappaschedules with kinds as it takes them."""
    if isinstance(given, list):
        return [_in_lower_case(each) for each in given]
    if not isinstance(given, Mapping):
        return _as_number(given)
    kinds = {"kind": str(spelled(given["kind"], KAPPASCHEDULES.kinds)).lower()} if "kind" in given else {}
    return {key: _in_lower_case(each) for key, each in given.items()} | kinds


def _as_number(value: Any) -> Any:
    """A number as the library takes it, which PyYAML may have as a text."""
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


NOETHER_CONFIGS: Final = System("noether", "Noether", "kappaschedules", _is_noethers, _read_noether, alone=True)
KAPPASCHEDULES_CONFIGS: Final = System(
    "kappaschedules", "kappaschedules", "kappaschedules", _is_kappas, _read_kappaschedules, alone=True
)
