"""A schedule and its run as something to paste: into a config, or into a program."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from typing import Final

import attrs

from ..._bound.bound import Bound
from ..._files.formats.yamls import quoted
from ..._language.names import with_definitions
from ..._language.nodes import PRIMITIVES
from ..._text.run import Run

_LONGEST: Final = 50_000  # characters of Python that anybody would paste

_TAKEN: Final = frozenset(
    [
        *("self", "optimizer", "schedules", "text", "last_epoch", "on_mismatch", "named_parameters", "ignore", "dtype"),
        *attrs.fields_dict(Run),
    ]
)
"""Arguments of the functions that are called here: no argument of theirs can give a parameter with such a name."""

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


def snippets(
    bound: Bound, run: Mapping[str, int | float | str], params: Mapping[str, int | float | str]
) -> dict[str, str]:
    """A bound schedule as YAML, for PyTorch, for optax, and as plain Python.

    In programs parameters are arguments; one whose name cannot be that is defined behind `where`. Plain Python is left
    out if it is too long, or would need what stays here.

    `run` and `params` are what was given to bind it, durations as texts.

    >>> from schedlang import parse
    >>> made = snippets(parse("warmup(w)").bind(100, base=0.1, w="5%"), {"total_steps": 100}, {"w": "5%"})
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
    scalar = quoted(text) if text.isidentifier() and text not in PRIMITIVES else text  # a single word might be `yes`
    base = repr(bound.run.base)
    defined = {name: node for name, node in bound.params.items() if name in _TAKEN or keyword.iskeyword(name)}
    called = repr(str(with_definitions(bound.schedule, defined)))
    named = [f"{name}={value!r}" for name, value in run.items()]
    named += [f"{name}={value!r}" for name, value in params.items() if name not in defined]
    made = {
        "yaml": f"lr: {scalar}\n",
        "pytorch": _TORCH.format(base=base, arguments=", ".join([called, *named])),
        "optax": _OPTAX.format(arguments=", ".join([called, *named, f"base={base}"])),
    }
    if len(bound.source) <= _LONGEST and "# walk_1" not in bound.source:
        made["python"] = bound.source
    return made
