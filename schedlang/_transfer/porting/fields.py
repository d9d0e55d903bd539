"""What may stand in a config: how fields are declared, and how single values are read.

Whatever is read takes the path of a value, for errors, and the value, and raises a ScheduleError: E605 for what the
library doesn't have, E606 for what has no counterpart here, E607 where more has to be known of the run.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final, NamedTuple, NoReturn, TypeAlias

from ..._text.errors import Diagnostic, ScheduleError, fail, listed, nearest
from ..._text.run import Rate, as_rational, shown
from ..._text.spelling import did_you_mean, near


class Site(NamedTuple):
    """Where in a config something stands, and what is known there."""

    path: str  # the keys that lead to it
    total: int | None  # how many steps it has, if that doesn't depend on the run
    first: int | None = None  # the step of the sequence at which it begins, if it is in one
    depth: int = 0
    more: int | None = 0  # how many of its steps are behind the end of the run, if that doesn't depend on the run
    fractional: bool = False  # whether its end lies between two steps

    def inside(self, key: str | int) -> str:
        if isinstance(key, int):
            return f"{self.path}[{key}]"
        return f"{self.path}.{key}" if self.path else key


def wrong(path: str, message: str, hint: str, code: str = "E605") -> NoReturn:
    """Refuse what stands at a path; E605: the library doesn't have it."""
    fail(None, code, f"{path}: {message}" if path else message, hint)


def need_total(path: str, value: Any) -> NoReturn:
    """Refuse what can't be known without the length of the run."""
    message = f"what `{value}` leads to depends on the length of the run, and on how it is rounded there"
    wrong(path, message, "give how many steps the run has: `total_steps=10_000`", "E607")


def refuse_unresolved(path: str, value: Any) -> None:
    """Refuse an interpolation of OmegaConf's that nobody has resolved; alone, a part of a config cannot be."""
    if isinstance(value, str) and "${" in value:
        hint = "resolve it in the whole config: `OmegaConf.to_container(config, resolve=True)`, and give its part"
        wrong(path, f"`{value}` is not resolved", hint)


_LARGEST: Final = Fraction(sys.float_info.max)


def read_number(path: str, value: Any) -> float:
    """A finite number, as which a text is taken, too, that PyYAML should have taken for one."""
    if type(value) is float and math.isfinite(value):  # nearly all of a long list
        return value
    refuse_unresolved(path, value)
    if isinstance(value, str):
        with suppress(ValueError):  # PyYAML reads `1e-3` as a text
            value = float(value)
    number = as_rational(value)
    if number is None or abs(number) > _LARGEST:
        wrong(path, f"`{shown(value)}` is not a number", "write a number such as `0.1`")
    return float(number) if isinstance(value, float) or number.denominator > 1 else int(number)


class Check(NamedTuple):
    """How a value is read, and which values the library takes, in words."""

    read: Callable[[str, Any], Any]
    words: str


def _number_that(words: str, fits: Callable[[float], bool], problem: str, hint: str, code: str = "E605") -> Check:
    def read(path: str, value: Any) -> float:
        number = read_number(path, value)
        if not fits(number):
            wrong(path, f"`{value}` {problem}", hint, code)
        return number

    return Check(read, words)


def read_whole(path: str, value: Any) -> int:
    number = read_number(path, value)
    if number != int(number) or number < 0:
        wrong(path, f"`{value}` is not a whole number of steps", "write a whole number of at least 0")
    return int(number)


def _read_flag(path: str, value: Any) -> bool:
    if not isinstance(value, bool):
        wrong(path, f"`{shown(value)}` is neither true nor false", "write `true` or `false`")
    return value


def read_list(path: str, value: Any, hint: str = "") -> Sequence[Any]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence) or not value:
        single = isinstance(value, (int, float)) and not isinstance(value, bool)
        hint = hint or (f"write `[{shown(value)}]`" if single else "write a list: `[…]`")
        wrong(path, f"`{shown(value)}` is not a list with something in it", hint)
    return value


def list_of(each: Check) -> Check:
    """A list of values, of at least one."""

    def read(path: str, value: Any) -> list[Any]:
        return [each.read(f"{path}[{index}]", item) for index, item in enumerate(read_list(path, value))]

    return Check(read, f"not empty, each {each.words}")


def one_of(*words: str) -> Check:
    """One of some words."""
    quoted = [f"`{word}`" for word in words]

    def read(path: str, value: Any) -> str:
        if value not in words:
            wrong(path, f"`{value}` is neither {' nor '.join(quoted)}", f"write {' or '.join(quoted)}")
        return str(value)

    return Check(read, " or ".join(quoted))


_SHORTER: Final = ("would make the run shorter", "end the schedule earlier with `for`", "E606")
_NO_SHARE: Final = ("is not between 0 and 1", "write a share of the run: `0.01` for 1 %")

NUMBER: Final = Check(read_number, "a number")
AT_LEAST_0: Final = _number_that("≥ 0", lambda number: number >= 0, "is below 0", "write a number of at least 0")
FACTOR: Final = _number_that(
    "a number",
    lambda factor: factor >= 0,
    "changes the sign at each step",
    "write a text of your own: `keyframes(…)`",
    "E606",
)
SHARE: Final = _number_that("above 0, below 1", lambda share: 0 < share < 1, *_NO_SHARE)
PERCENT: Final = _number_that("0 to 1", lambda share: 0 <= share <= 1, *_NO_SHARE)
OVERHANG: Final = _number_that("a number", lambda share: share >= 0, *_SHORTER)
OVERHANG_STEPS: Final = Check(lambda path, value: read_whole(path, OVERHANG.read(path, value)), "a whole number")
WHOLE: Final = Check(read_whole, "a whole number")
WHOLE_AT_LEAST_0: Final = Check(read_whole, "a whole number ≥ 0")
FLAG: Final = Check(_read_flag, "true or false")


class Field(NamedTuple):
    """A field of a config.

    Attributes:
        check: how its value is read, and what the library demands of it.
        default: its value if it is left out.
        required: whether it may not be left out.
        key: what it is called among the values of a kind, if that isn't its name.
        idle: whether the library does nothing with it.
        here: what becomes of it here; of an idle one, why nothing does.
        missing: what to do if it is required and not there.
    """

    check: Check
    default: Any = None
    required: bool = False
    key: str | None = None
    idle: bool = False
    here: str = ""
    missing: str = "add it"


Fields: TypeAlias = Mapping[str, Field]


class Dialect(NamedTuple):
    """How a library writes its configs: its kinds of schedule and their fields."""

    system: str
    kinds: Mapping[str, Fields]
    units: tuple[str, ...] = ("step",)  # in what fields and boundaries that are in steps may be given, too
    refused: Mapping[str, tuple[str, str]] = MappingProxyType({})  # kinds that lead nowhere there: why, what to do
    checked: Callable[[str, Mapping[str, Any], Site], object] = lambda *_: None  # fields that don't go together
    sections: tuple[str, ...] = ()  # where in an optimizer's config a schedule stands
    any_length: bool = False  # whether a text for all lengths is given where boundaries are rounded
    per_epoch: str = "updates_per_epoch"  # the argument that says how many steps an epoch has


class Lengths:
    """In which units lengths are given, and what is known of the run that turns them into steps."""

    def __init__(self, dialect: Dialect, per_epoch: Rate | None, batch_size: int | None) -> None:
        self.units = dialect.units
        self.per_epoch = None if per_epoch is None else as_rational(per_epoch)
        self._epochs = dialect.per_epoch
        self._rates: dict[str, Any] = {dialect.per_epoch: per_epoch, "batch_size": batch_size}
        for name, rate in self._rates.items():
            if rate is not None and (as_rational(rate) or 0) <= 0:
                wrong("", f"{name} is {shown(rate)}, not a number above zero", f"give it as `{name}=100`", "E607")

    def scaled(self, unit: str, value: Any, path: str) -> Any:
        """A number of epochs or samples as steps, as there: epochs multiplied, samples rounded up."""
        if unit not in ("epoch", "sample"):
            return value
        rate = self._epochs if unit == "epoch" else "batch_size"
        given = self._rates[rate]
        if given is None:
            wrong(path, f"`{value}` {unit}s need {rate}", f"give it: `{rate}=…`", "E607")
        return read_number(path, value) * given if unit == "epoch" else math.ceil(read_number(path, value) / given)


def spelled(kind: str, names: Iterable[str]) -> str | None:
    """Which of `names` a kind is, without its module, its underscores, its case and the ends `Config`, `Schedule`."""
    return {_bare(name): name for name in names}.get(_bare(kind))


def read_kind(written: Any, dialect: Dialect, site: Site) -> str:
    path = site.inside("kind")
    if not isinstance(written, str):
        wrong(path, f"`{shown(written)}` is not the name of a schedule", "write it as a text")
    name = spelled(written, dialect.kinds)
    if name is None:
        refused = spelled(written, dialect.refused)
        if refused is not None:
            why, hint = dialect.refused[refused]
            wrong(path, f"`{written}` {why}", hint)
        close = nearest(_bare(written), map(_bare, dialect.kinds))
        meant = None if close is None else spelled(close, dialect.kinds)
        same = meant is not None and _same_words(written.rpartition(".")[2], meant)
        hint = f"did you mean `{meant}`?" if same else f"it has {listed(dialect.kinds)}"
        wrong(path, f"{dialect.system} has no schedule `{written}`", hint)
    return name


_WORD: Final = re.compile(r"[A-Z]?[a-z\d]+|[A-Z]+")


def _same_words(name: str, other: str) -> bool:
    """Whether one may be a slip of the other; if words are others, something else may be meant.

    >>> _same_words("max_valeu", "max_value"), _same_words("min_value", "max_value")
    (True, False)
    """
    mine, theirs = ({word.lower() for word in _WORD.findall(each)} for each in (name, other))
    left = theirs - mine
    return all(near(word, left, 1) or any(one.startswith(word) for one in left) for word in mine - theirs)


def _bare(text: str) -> str:
    bare = text.rpartition(".")[2].replace("_", "").lower().removesuffix("config").removesuffix("schedule")
    return f"{bare}schedule"


def read_fields(
    kind: str, given: Mapping[str, Any], dialect: Dialect, lengths: Lengths, site: Site, told: list[Diagnostic]
) -> dict[str, Any]:
    """The fields of a config of some kind, each read; what is odd about them is added to `told`.

    What is wrong with several is told at once.
    """
    known = dialect.kinds[kind]
    written: dict[str, Any] = {}
    problems: list[Diagnostic] = []
    for key, value in given.items():
        try:
            word, unit = _field_of(key, kind, dialect, lengths, site)
            if word in written:
                wrong(site.inside(key), f"`{word}` is given twice", "remove one of both")
            if value is not None:
                written[word] = known[word].check.read(site.inside(key), lengths.scaled(unit, value, site.inside(key)))
        except ScheduleError as error:
            problems += error.diagnostics
    if problems:
        raise ScheduleError(problems)
    dialect.checked(kind, written, site)
    values = {}
    for name, field in known.items():
        if field.required and name not in written:
            wrong(site.path, f"`{kind}` lacks its field `{name}`", field.missing)
        if not field.idle:
            values[field.key or name] = written.get(name, field.default)
    for name in written:
        if known[name].idle and written[name] not in (known[name].default, *_levels(values)):
            message = f"{site.inside(name)}: {dialect.system} does nothing with `{name}` of `{kind}`, and so it is here"
            told.append(Diagnostic("W527", message, None, f"remove it: {known[name].here}"))
    return values


def _field_of(key: str, kind: str, dialect: Dialect, lengths: Lengths, site: Site) -> tuple[str, str]:
    """The field that a key is, and the unit in which it has it."""
    known, (head, _, last) = dialect.kinds[kind], key.rpartition("_")
    if key in known:
        return key, "step"
    if f"{head}_steps" in known and last.removesuffix("s") in lengths.units:
        return f"{head}_steps", last.removesuffix("s")
    names = [name for name in known if not known[name].idle]
    hint = did_you_mean(key, [name for name in names if _same_words(key, name)]) or f"it has {listed(names)}"
    wrong(site.inside(key), f"`{kind}` has no field `{key}`", hint)


def _levels(values: Mapping[str, Any]) -> list[float]:
    """Values that a schedule has, which an idle field may say once more."""
    return [value for name, value in values.items() if name.endswith("value") and value is not None]
