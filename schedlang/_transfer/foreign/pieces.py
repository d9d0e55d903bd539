"""Schedulers that other systems join: phases that know where they begin and end, and in what they count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple, NoReturn

import attrs

from .config import POSITION, Config, of_base, written
from .system import then


class Level(NamedTuple):
    """A value: a share of the base value, or a number.

    >>> print(Level(Fraction(1, 10)), Level(Fraction(3, 1000), of_base=False))
    0.1 * base 3e-3
    """

    amount: Fraction
    of_base: bool = True

    def __str__(self) -> str:
        if self.of_base and abs(self.amount.numerator) == 1 and "/" in written(self.amount):
            return f"{'-' * (self.amount < 0)}base / {self.amount.denominator}"
        return of_base(self.amount) if self.of_base else written(self.amount)

    def times(self, factor: Decimal | Fraction | int) -> Level:
        """A multiple of it."""
        return Level(self.amount * Fraction(factor), self.of_base)

    def same(self, other: Level | None) -> bool:
        """Whether both are one value, whatever the base is."""
        return other is not None and (self == other or self.amount == other.amount == 0)


BASE: Final = Level(Fraction(1))
ONE: Final = Level(Fraction(1), of_base=False)


def number(value: Decimal | Fraction | int) -> Level:
    """A number that is no share of anything."""
    return Level(Fraction(value), of_base=False)


@attrs.frozen
class Ticks:
    """What a scheduler counts: how often it is stepped.

    >>> print(Ticks().time(30), Ticks("ep").time(30), Ticks("ep", 2).time(Fraction(5, 4)), Ticks().time(Fraction(5, 2)))
    30 30ep 2.5ep 2.5 steps
    """

    unit: str = ""
    every: int = 1
    per_epoch: Fraction | None = None
    smooth: bool = False  # whether it is converted to steps: its values change at each of them

    def time(self, ticks: Fraction | int) -> str:
        """So many of them as a duration."""
        amount = Fraction(ticks) * self.every
        if amount.denominator == 1 and not self.unit:
            return str(amount)
        text = written(amount)
        number, slash, divisor = text.partition(" / ")
        unit = self.unit if self.unit else " steps"
        return f"{number}{unit}{slash}{divisor}" if amount else "0"

    @property
    def one(self) -> str:
        """A single one."""
        return self.time(1)

    @property
    def each_step(self) -> bool:
        """Whether it is stepped at each step."""
        return self.smooth or (not self.unit and self.every == 1)

    def held(self, text: str) -> str:
        """A curve that moves once a tick."""
        return text if self.each_step else f"({text}) every {self.one}"

    def counted(self, steps: int | None) -> Fraction | None:
        """How many ticks so many steps have, if that is known."""
        if steps is None or (self.unit and self.per_epoch is None):
            return None
        length = Fraction(self.every) * (self.per_epoch if self.unit and self.per_epoch else 1)
        return Fraction(steps) / length

    def passed(self, step: int, per_epoch: Fraction) -> int:
        """How often it has been stepped before a step, `per_epoch` being what an epoch has if nobody knows."""
        length = Fraction(self.every) * ((self.per_epoch or per_epoch) if self.unit else 1)
        return int(step / length)


@attrs.frozen
class Site:
    """Where a scheduler plays.

    Attributes:
        ticks: what it counts.
        handed: the value before it, if that is known.
        lasts: for how many ticks it is asked; None if nobody knows.
        base: what its factors are factors of.
        last: whether nothing follows it.
        stated: whether each phase says where it begins, as where there is no base.
    """

    ticks: Ticks = Ticks()
    handed: Level | None = BASE
    lasts: Fraction | None = None
    base: Level = BASE
    last: bool = True
    stated: bool = False


@attrs.frozen
class Piece:
    """A scheduler as a phase.

    Attributes:
        text: what it is, without how long it lasts.
        start: the value that it begins at.
        own: how many ticks long it is by itself; None if it has no end.
        ends: the value that it hands on, if that is known.
        stairs: whether it moves at ticks alone, whatever they are.
        climbs: if it is a straight line upwards: how long, from where, and which ends it shows.
        most: for how many ticks it is the scheduler; None: for ever.
    """

    text: str
    start: Level = BASE
    own: Fraction | None = None
    ends: Level | None = None
    stairs: bool = False
    climbs: tuple[str, Level, str] | None = None
    most: Fraction | None = None


def call(name: str, *arguments: Any, **named: Any) -> str:
    """A call without the arguments that are None."""
    given = [str(each) for each in arguments if each is not None]
    given += [f"{key}={value}" for key, value in named.items() if value is not None]
    return f"{name}({', '.join(given)})" if given else name


def ramp(shape: str, start: Level, end: Level, site: Site, duration: Fraction | int | None, **more: Any) -> str:
    """A ramp, without the start that it is handed, and the end that it has by itself."""
    return call(
        shape,
        start=None if start.same(site.handed) else start,
        end=None if end.amount == 0 else end,
        duration=None if duration is None else site.ticks.time(duration),
        **more,
    )


def line(start: Level, end: Level, site: Site, length: Fraction | int, inclusive: str | None = None) -> Piece:
    """A straight line; one that climbs to what follows is a warm-up."""
    text = ramp("linear", start, end, site, length, inclusive=inclusive)
    up = start.of_base == end.of_base and start.amount < end.amount and (site.stated or end.same(site.handed))
    climbs = (site.ticks.time(length), start, inclusive or "") if up else None
    return Piece(text, start, Fraction(length), end, climbs=climbs)


def chained(pieces: Sequence[Piece], lengths: Sequence[Fraction | None], ticks: Ticks) -> str:
    """Phases one after the other, each of them so many ticks long; the last takes the rest."""
    texts = []
    for index, (piece, lasts) in enumerate(zip(pieces, lengths, strict=True)):
        text, following = piece.text, pieces[index + 1] if index + 1 < len(pieces) else None
        if (
            following is not None
            and piece.climbs is not None
            and following.start.same(piece.ends)
            and lasts == piece.own
        ):
            duration, start, inclusive = piece.climbs
            text = call("warmup", duration, None if start.amount == 0 else start, inclusive=inclusive or None)
        if following is not None and lasts is not None and piece.own != lasts:
            text = f"({text}) for {ticks.time(lasts)}"
        texts.append(text)
    text = then(*texts)
    return text if all(piece.stairs for piece in pieces) else ticks.held(text)


NOWHERE: Final = Site(handed=None, stated=True)
"""Where a schedule of a system without a base value plays: it is in numbers alone."""


def constant(level: Level) -> Piece:
    """A value that stays."""
    return Piece(str(level), level, None, level, stairs=True)


def called(config: Config, names: Sequence[str]) -> Config:
    """The arguments of a call by their names, also those that it has by position."""
    positions = [key for key in config.values if key.startswith(POSITION)]
    if not positions:
        return config
    if len(positions) > len(names):
        config.refuse(None, f"has {len(positions)} arguments by position", f"it takes {len(names)}", "E605")
    return config.renamed({key: names[int(key[1:])] for key in positions})


def arguments_of(config: Config, signature: str, of: str) -> Config:
    """The arguments of a call by their names; `signature` has all of them, those before a bar without a default."""
    needed, _, others = signature.partition("|")
    arguments = called(config, [*needed.split(), *others.split()])
    for name in needed.split():
        required(arguments, name, of)
    return arguments


def name_of(value: Any, keys: Sequence[str]) -> tuple[str, str] | None:
    """What a mapping says it is, without and with where that is from."""
    if isinstance(value, Mapping):
        for key in keys:
            name = value.get(key)
            if isinstance(name, str):
                where, _, kind = name.rpartition(".")
                return kind, where
    return None


def unknown(config: Config, title: str) -> NoReturn:
    """Refuse what doesn't say which schedule of a system it is."""
    config.refuse(None, f"is no config of {title}", "name the schedule, with its arguments", "E605")


def required(config: Config, key: str, of: str) -> None:
    """Refuse a config that lacks a key."""
    if key not in config:
        config.refuse(None, f"lacks `{key}`, which `{of}` needs", f"add `{key}`", "E605")


def plain(value: Any) -> Any:
    """A value as the library takes it: numbers that PyYAML or a command line has as texts are numbers."""
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    for read in (int, float) if isinstance(value, str) else ():
        with suppress(ValueError):
            return read(value)
    return value
