"""Single values of configs: each is read as what it has to be, or refused.

All of them take the path of a value, for errors, and the value, and raise a ScheduleError, E605 or E606.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from typing import Any, Final, NoReturn

from ..._text.run import as_rational, shown
from .sites import wrong

_LARGEST: Final = Fraction(sys.float_info.max)


def read_number(path: str, value: Any) -> float:
    """A finite number, as which a text is taken, too, that PyYAML should have taken for one."""
    if isinstance(value, str):
        if "${" in value:
            hint = "resolve the config first: `OmegaConf.to_container(config, resolve=True)`"
            wrong(path, f"`{value}` is not a number yet", hint)
        with suppress(ValueError):  # PyYAML reads `1e-3` as a text
            value = float(value)
    number = as_rational(value)
    if number is None or abs(number) > _LARGEST:
        wrong(path, f"`{shown(value)}` is not a number", "write a number such as `0.1`")
    return float(number) if isinstance(value, float) or number.denominator > 1 else int(number)


def read_factor(path: str, value: Any) -> float:
    """What values are multiplied by again and again."""
    factor = read_number(path, value)
    if factor < 0:
        wrong(path, f"`{value}` changes the sign at each step", "write a text of your own: `keyframes(…)`", "E606")
    return factor


def read_share(path: str, value: Any) -> float:
    """A share of the run, neither nothing nor all of it."""
    share = read_number(path, value)
    if not 0 < share < 1:
        _no_share(path, value)
    return share


def read_percent(path: str, value: Any) -> float:
    """A share of the run, which may be nothing or all of it."""
    share = read_number(path, value)
    if not 0 <= share <= 1:
        _no_share(path, value)
    return share


def _no_share(path: str, value: Any) -> NoReturn:
    wrong(path, f"`{value}` is not between 0 and 1", "write a share of the run: `0.01` for 1 %")


def read_overhang(path: str, value: Any) -> float:
    """The share of the run by which it is prolonged."""
    share = read_number(path, value)
    if share < 0:
        wrong(path, f"`{value}` would make the run shorter", "end the schedule earlier with `for`", "E606")
    return share


def read_whole(path: str, value: Any) -> int:
    """A number of steps."""
    number = read_number(path, value)
    if number != int(number) or number < 0:
        wrong(path, f"`{value}` is not a whole number of steps", "write a whole number of at least 0")
    return int(number)


def read_flag(path: str, value: Any) -> bool:
    """Yes or no."""
    if not isinstance(value, bool):
        wrong(path, f"`{shown(value)}` is neither true nor false", "write `true` or `false`")
    return value


def read_list(path: str, value: Any) -> Sequence[Any]:
    """A list with something in it."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence) or not value:
        wrong(path, f"`{shown(value)}` is not a list with something in it", f"write `[{shown(value)}]`")
    return value


def read_numbers(path: str, value: Any) -> list[float]:
    """A list of numbers."""
    return [read_number(f"{path}[{index}]", each) for index, each in enumerate(read_list(path, value))]


def read_shares(path: str, value: Any) -> list[float]:
    """A list of shares."""
    return [read_share(f"{path}[{index}]", each) for index, each in enumerate(read_list(path, value))]
