"""Arguments of a command line as a mapping."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

_OPTION: Final = re.compile(r"(?P<dashes>-{1,2})(?P<key>[A-Za-z][\w.-]*)(?:=(?P<value>.*))?", re.DOTALL)
_OVERRIDE: Final = re.compile(r"[+~]{0,2}(?P<key>[A-Za-z_][\w.@/-]*)=(?P<value>.*)", re.DOTALL)


class Option(NamedTuple):
    """An option: its key, the number of its word, and its values with the numbers of theirs."""

    key: str
    word: int
    values: list[tuple[str, int]]


def options_in(words: Sequence[str]) -> Iterator[Option]:
    """The options among words: `--key value`, `--key=value`, several values behind one, and Hydra's `key=value`.

    >>> [(each.key, each.values) for each in options_in(["--lr-decay-style", "cosine", "--bf16", "optim.lr=-1"])]
    [('lr_decay_style', [('cosine', 1)]), ('bf16', []), ('optim.lr', [('-1', 3)])]
    """
    current: Option | None = None
    for number, word in enumerate(words):
        option, override = _OPTION.fullmatch(word), _OVERRIDE.fullmatch(word)
        found = option or override
        if found is None:
            if current is not None:
                current.values.append((word, number))
            continue
        if current is not None:
            yield current
        current = Option(found["key"].replace("-", "_"), number, [])
        if found["value"] is not None:
            current.values.append((found["value"], number))
        if override is not None:
            yield current
            current = None
    if current is not None:
        yield current


def value_of(values: Sequence[str]) -> Any:
    """What an option was given: nothing is a flag that is set, several are a list."""
    return True if not values else values[0] if len(values) == 1 else list(values)


def arguments_of(words: Sequence[str]) -> dict[str, Any]:
    """Arguments by their names, with dots as mappings in one another; the last of several wins, as in argparse.

    >>> arguments_of(["--min-lr", "3e-5", "--lr", "1e-3", "--bf16", "optim.sched.name=CosineAnnealing"])
    {'min_lr': '3e-5', 'lr': '1e-3', 'bf16': True, 'optim': {'sched': {'name': 'CosineAnnealing'}}}
    """
    found: dict[str, Any] = {}
    for option in options_in(words):
        *outer, last = option.key.split(".")
        inside = found
        for key in outer:
            below = inside.get(key)
            inside[key] = inside = below if isinstance(below, dict) else {}
        inside[last] = value_of([value for value, _ in option.values])
    return found
