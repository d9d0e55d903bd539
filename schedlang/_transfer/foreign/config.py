"""A config of another system, read key by key, so that it is known what was taken, and where a mistake stands."""

from __future__ import annotations

import difflib
import enum
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NoReturn, TypeAlias

import attrs

from ..._text.errors import Diagnostic, fail, listed
from ..._text.numerals import decimal_text
from ..._text.run import as_rational, shown
from ..._text.source import Place

Path: TypeAlias = tuple[str, ...]
"""The keys that lead to a value, and the indices, as texts."""

Where: TypeAlias = Callable[[Path], Place | None]
"""Where the value at a path stands, if the config is from a file."""

CALLED: Final = "()"
"""The key of a call's mapping that has the dotted name of what is called."""

POSITION: Final = "#"
"""What the keys of a call's mapping begin with that have its positional arguments: `#0`, `#1` …"""

SPREAD: Final = "**"
"""The key of what a call or a mapping takes over from elsewhere, by `*` or `**`."""

_INTERPOLATION: Final = re.compile(r"\$\{([A-Za-z_]\w*(?:\.\w+)*)\}")
_FILLED_IN: Final = re.compile(r"\$[\w{(]|\?{3}")
_CHAINED: Final = 10  # interpolations that lead to one another
_LEAST: Final = 0.8  # how like a key another has to be for a slip of it


@attrs.frozen
class Taken:
    """What was read of a config.

    Attributes:
        path: the keys that lead to it.
        value: what stands there.
        stays: whether the config keeps it: a line of ours replaces the schedule, and not the learning rate.
    """

    path: Path
    value: Any
    stays: bool


class Config:
    """A mapping, or a list, of another system.

    Each reader marks its key as taken. A key with nothing behind it, YAML's null, is as one that isn't there. Whatever
    is wrong is a ScheduleError at the place of the value: E605 for what the system doesn't have, E606 for what has no
    counterpart here, E607 where more has to be known of the run.

    >>> config = Config({"lr_scheduler_type": "cosine", "warmup_ratio": "5e-2", "max_steps": None})
    >>> config.word("lr_scheduler_type"), config.number("warmup_ratio"), config.whole("max_steps", 7)
    ('cosine', Decimal('0.05'), 7)
    >>> [each.path for each in config.taken]
    [('lr_scheduler_type',), ('warmup_ratio',)]
    """

    def __init__(
        self,
        values: Mapping[str, Any] | Sequence[Any],
        path: Path = (),
        where: Where = lambda path: None,
        log: _Log | None = None,
    ) -> None:
        self.values: Mapping[str, Any] = (
            values if isinstance(values, Mapping) else {str(index): value for index, value in enumerate(values)}
        )
        self.is_list = not isinstance(values, Mapping)
        self.path = path
        self._where = where
        self._log = _Log() if log is None else log

    # What was read.

    @property
    def taken(self) -> list[Taken]:
        """What was read so far, of this config and of what is in it."""
        return list(self._log.taken.values())

    @property
    def notes(self) -> list[Diagnostic]:
        """What is true but odd."""
        return self._log.notes

    def unread(self) -> Iterator[str]:
        """The keys that nobody has asked for."""
        return (key for key in self.values if key != CALLED and (*self.path, key) not in self._log.asked)

    def renamed(self, names: Mapping[str, str]) -> Config:
        """The same config with other names of keys, such as those of arguments that a call has by position."""
        self.skip(*names)
        self._log.written |= {(*self.path, name): (*self.path, key) for key, name in names.items()}
        values = {names.get(key, key): value for key, value in self.values.items()}
        return Config(values, self.path, self._where, self._log)

    def skip(self, *keys: str) -> None:
        """Mark keys as known that say nothing of the values."""
        self._log.asked.update((*self.path, key) for key in keys)

    # Single values.

    def __contains__(self, key: str) -> bool:
        return self.values.get(key) is not None

    def get(self, key: str, default: Any = None, *, stays: bool = False, calls: bool = False) -> Any:
        """A value as it is; the default if there is none. `calls`: whether it may be a call."""
        path, value = (*self.path, key), self.values.get(key)
        self._log.asked.add(path)
        if value is None:
            return default
        if isinstance(value, enum.Enum) or (isinstance(value, Mapping) and CALLED in value and not calls):
            self.refuse(key, "is not written there as a value", "write the value itself, and import that")
        if _is_open(value):
            self.refuse(key, f"is `{value}`, which is filled in elsewhere", "give the resolved config")
        before = self._log.taken.get(path)
        self._log.taken[path] = Taken(path, value, stays and (before is None or before.stays))
        return value

    def is_written(self, key: str) -> bool:
        """Whether a value stands there that can be read: a variable of a script, or a calculation, can't."""
        value = self.values.get(key)
        called = isinstance(value, Mapping) and CALLED in value
        return value is not None and not called and not isinstance(value, enum.Enum) and not _is_open(value)

    def known(self, key: str) -> Any:
        """A number that the trainer keeps, and without which the text is the same: None if nobody can read it."""
        if self.is_written(key):
            return self.number(key, stays=True)
        self.skip(key)
        return None

    def number(self, key: str, default: Any = None, *, stays: bool = False) -> Any:
        """A finite number, as the decimal that was written; a text that is one, too: PyYAML reads `1e-3` as a text."""
        value = self.get(key, stays=stays)
        return default if value is None else self._decimal(key, value)

    def whole(self, key: str, default: Any = None, *, least: int = 0, stays: bool = False) -> Any:
        """A whole number, at least `least`."""
        number = self.number(key, stays=stays)
        if number is None:
            return default
        if number != int(number) or number < least:
            hint = f"write a whole number of at least {least}"
            self.refuse(key, f"is {number}, not a whole number of at least {least}", hint, "E605")
        return int(number)

    def share(self, key: str, default: Any = None, *, stays: bool = False) -> Any:
        """A number from 0 to 1."""
        number = self.number(key, stays=stays)
        if number is not None and not 0 <= number <= 1:
            self.refuse(key, f"is {number}, which is not between 0 and 1", "write a share: `0.05` for 5 %", "E605")
        return default if number is None else number

    def word(self, key: str, default: Any = None, among: Iterable[str] | None = None, *, stays: bool = False) -> Any:
        """A text; one of some, if these are given."""
        value = self.get(key, stays=stays)
        if value is None:
            return default
        known = None if among is None else list(among)
        if not isinstance(value, str):
            self.refuse(key, f"is {shown(value)}, not a word", "write it as a text", "E605")
        if known is not None and value not in known:
            close = difflib.get_close_matches(value, known, 1, _LEAST)
            hint = f"did you mean `{close[0]}`?" if close else f"there are {listed(known)}"
            self.refuse(key, f"is `{value}`, which does not exist there", hint, "E605")
        return value

    def flag(self, key: str, default: bool = False, *, stays: bool = False) -> bool:
        """True or false."""
        value = self.get(key, default, stays=stays)
        words = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
        value = words.get(value.lower(), value) if isinstance(value, str) else value
        if not isinstance(value, bool):
            self.refuse(key, f"is {shown(value)}, neither true nor false", "write `true` or `false`", "E605")
        return value

    def numbers(self, key: str, default: Any = None, *, stays: bool = False) -> Any:
        """A list of numbers; a single number is one of one."""
        value = self.get(key, stays=stays)
        if value is None:
            return default
        several = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        return [self._decimal(key, each) for each in several]

    def below(self, key: str, *, stays: bool = False) -> Config | None:
        """The mapping, list or call at a key."""
        value = self.get(key, stays=stays, calls=True)
        if value is None:
            return None
        if isinstance(value, str) or not isinstance(value, (Mapping, Sequence)):
            self.refuse(key, f"is {shown(value)}, neither a mapping nor a list", "write it as one", "E605")
        return Config(value, (*self.path, key), self._where, self._log)

    def everything(self) -> Any:
        """All of it as one value, with what stands elsewhere in the file."""
        found = {}
        for key, value in self.values.items():
            inside = isinstance(value, (Mapping, list, tuple))
            below = self.below(key) if inside and value else None
            found[key] = self.get(key) if below is None else below.everything()
        return list(found.values()) if self.is_list else found

    def items(self) -> Iterator[tuple[str, Config]]:
        """What is in a list, each of which has to be a mapping or a list."""
        for key in self.values:
            below = self.below(key)
            if below is not None:
                yield key, below

    def _decimal(self, key: str, value: Any) -> Decimal:
        if isinstance(value, str):
            with suppress(ArithmeticError):
                value = Decimal(value.strip().replace("_", ""))
        rational = None if isinstance(value, str) else as_rational(value)
        if rational is None:
            self.refuse(key, f"is {shown(value)}, not a number", "write a number such as `0.1`", "E605")
        return value if isinstance(value, Decimal) else Decimal(repr(value))

    # What is wrong.

    def refuse(self, key: str | None, message: str, hint: str, code: str = "E606") -> NoReturn:
        """Raise the error for what stands at a key; None: for the whole."""
        place, words = self._told(key, message)
        if key is None and code == "E605" and SPREAD in self:
            place, words = self._where((*self.path, SPREAD)), f"{words}, or it is in what nobody sees here"
        fail(place, code, words, hint)

    def note(self, key: str | None, message: str, hint: str, code: str = "W534") -> None:
        """Tell of something that changes no value, or that only some runs show."""
        place, words = self._told(key, message)
        self.tell(Diagnostic.at(place, code, words, hint))

    def tell(self, note: Diagnostic) -> None:
        """Tell of something that a reader of the system's own has found."""
        self._log.notes.append(note)

    def place(self, *keys: str) -> Place | None:
        """Where something stands, if it is in a file."""
        return self._where(self._log.where((*self.path, *keys)))

    def finish(self, what: str) -> None:
        """Refuse keys that nobody has asked for, where the system knows no others; `what` has them."""
        for key in self.unread():
            if self.values[key] is None:
                continue
            if key == SPREAD:
                self.refuse(
                    key, f"may change `{what.strip('`')}`, and what is in it is not known", "write it out", "E605"
                )
            asked = (path[-1] for path in sorted(self._log.asked) if path[:-1] == self.path)
            known = [each for each in asked if each != CALLED and not each.startswith((POSITION, "_"))]
            close = difflib.get_close_matches(key, known, 1, _LEAST)
            takes = f"it takes {listed(known)}" if known else "remove it"
            self.refuse(key, f"is nothing that {what} has", f"did you mean `{close[0]}`?" if close else takes, "E605")

    def _told(self, key: str | None, message: str) -> tuple[Place | None, str]:
        path = self.path if key is None else (*self.path, key)
        place = self._where(self._log.where(path))
        name = dotted(path)
        return place, f"`{name}` {message}" if name else message


def filled_in(value: Any, root: Any, known: dict[int, Any] | None = None) -> Any:
    """A config with what stands elsewhere in the file, where a value is OmegaConf's name of that."""
    known = {} if known is None else known  # what several of YAML's aliases lead to is one thing
    if id(value) in known:
        return known[id(value)]
    if isinstance(value, Mapping):
        found: dict[Any, Any] = {}
        known[id(value)] = found
        found.update({key: filled_in(each, root, known) for key, each in value.items()})
        return found
    if isinstance(value, (list, tuple)):
        several: list[Any] = []
        known[id(value)] = several
        several += [filled_in(each, root, known) for each in value]
        return several
    for _ in range(_CHAINED):
        named = _INTERPOLATION.fullmatch(value) if isinstance(value, str) else None
        if named is None:
            return value
        leads: Any = root
        for key in named[1].split("."):
            leads = leads.get(key) if isinstance(leads, Mapping) else None
        if leads is None:
            return value
        value = leads
    return value


def _is_open(value: Any) -> bool:
    """Whether something else fills in a text, or a part of it: `${lr}`, `$LR`, `???`."""
    return isinstance(value, str) and _FILLED_IN.search(value) is not None


@attrs.define
class _Log:
    """What was asked for, what was there, what is odd, and what is called otherwise, of a config and all in it."""

    asked: set[Path] = attrs.field(factory=set)
    taken: dict[Path, Taken] = attrs.field(factory=dict)
    notes: list[Diagnostic] = attrs.field(factory=list)
    written: dict[Path, Path] = attrs.field(factory=dict)

    def where(self, path: Path) -> Path:
        """The keys that lead to a value in the file, where some are called otherwise here."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.written:
                return self.where(self.written[path[:length]][:-1]) + self.written[path[:length]][-1:] + path[length:]
        return path


def dotted(path: Iterable[str]) -> str:
    """A path as people write it.

    >>> dotted(("optim", "sched", "0", "min_lr")), dotted(())
    ('optim.sched[0].min_lr', '')
    """
    return re.sub(r"(?:^|\.)(\d+)(?=\.|$)", r"[\1]", ".".join(path))


# How numbers are written in texts.


def written(value: Decimal | Fraction | int) -> str:
    """A number in a text; what has no short decimal is written as a fraction.

    >>> written(Decimal("0.0003")), written(Fraction(1, 4)), written(Fraction(1, 3)), written(20_000)
    ('3e-4', '0.25', '1 / 3', '20000')
    """
    if isinstance(value, Fraction):
        rest = value.denominator
        for prime in (2, 5):
            while rest % prime == 0:
                rest //= prime
        if rest != 1:
            return f"{value.numerator} / {value.denominator}"
        value = Decimal(value.numerator) / Decimal(value.denominator)
    return decimal_text(Decimal(value))


def percent(share: Decimal | Fraction) -> str:
    """A share of the run.

    >>> percent(Decimal("0.03")), percent(Fraction(1, 3))
    ('3%', '100% / 3')
    """
    exact = Fraction(share) * 100
    text = written(exact)
    return f"{exact.numerator}% / {exact.denominator}" if "/" in text else f"{text}%"


def of_base(share: Decimal | Fraction | int) -> str:
    """A share of the base value.

    >>> of_base(Decimal("0.1")), of_base(1), of_base(0)
    ('0.1 * base', 'base', '0')
    """
    return "0" if share == 0 else "base" if share == 1 else f"{written(share)} * base"
