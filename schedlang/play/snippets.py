"""A schedule and its run as something to paste: into a config, or into a program."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from typing import Final

import attrs

from ..binding import Bound
from ..carriers.yamls import quoted
from ..nodes import PRIMITIVES
from ..run import Run

_LONGEST: Final = 50_000  # characters of Python that anybody would paste

_TORCH: Final = """\
import torch
from schedlang.torch import Scheduler

optimizer = torch.optim.AdamW(model.parameters(), lr={base})
scheduler = Scheduler(optimizer, {arguments})

for batch in batches:
    ...  # forward and backward
    optimizer.step()
    scheduler.step()
"""

_OPTAX: Final = """\
import optax
import schedlang.optax

lr = schedlang.optax.schedule({arguments})
optimizer = optax.adamw(lr)
"""


def snippets(bound: Bound, settings: Mapping[str, int | float | str]) -> dict[str, str]:
    """A bound schedule as YAML, for PyTorch, for optax, and as plain Python.

    The last is left out if it is too long, or would need what stays here.

    Args:
        bound: the schedule.
        settings: what was given to bind it, durations as texts: arguments of `bind`, parameters among them.

    >>> from schedlang import parse
    >>> made = snippets(parse("warmup(w)").bind(100, base=0.1, w="5%"), {"total_steps": 100, "w": "5%"})
    >>> print(made["yaml"])
    lr: warmup(w)
    <BLANKLINE>
    >>> print(made["optax"])
    import optax
    import schedlang.optax
    <BLANKLINE>
    lr = schedlang.optax.schedule('warmup(w)', total_steps=100, w='5%', base=0.1)
    optimizer = optax.adamw(lr)
    <BLANKLINE>
    """
    text = str(bound.schedule)
    base = repr(bound.run.base)
    rates = attrs.fields_dict(Run)
    given = {name: repr(value) for name, value in settings.items() if name in rates}
    params = {name: repr(value) for name, value in settings.items() if name not in rates}
    words = {name: value for name, value in params.items() if keyword.iskeyword(name)}
    named = [f"{name}={value}" for name, value in (given | params).items() if name not in words]
    if words:
        named.append(f"**{{{', '.join(f'{name!r}: {value}' for name, value in words.items())}}}")
    made = {
        "yaml": f"lr: {_in_yaml(text)}\n",
        "pytorch": _TORCH.format(base=base, arguments=", ".join([repr(text), *named])),
        "optax": _OPTAX.format(arguments=", ".join([repr(text), *named, f"base={base}"])),
    }
    if len(bound.source) <= _LONGEST and "# walk_1" not in bound.source:
        made["python"] = bound.source
    return made


def _in_yaml(text: str) -> str:
    """A text as YAML's plain scalar; in quotes, if it is a single word, which might be `yes`."""
    return quoted(text) if text.isidentifier() and text not in PRIMITIVES else text
