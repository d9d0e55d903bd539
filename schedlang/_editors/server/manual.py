"""What the words mean that no declaration says more of, in a line each."""

from __future__ import annotations

from typing import Final

from ..._text.run import UNITS

KEYWORDS: Final = {
    "then": "`a then b`: one phase, and then the next.",
    "for": "`a for D`: how long a phase lasts; `for rest`: to the end.",
    "rest": "`for rest`: to the end of the run.",
    "until": "`a until P`: where in the run a phase ends.",
    "over": "`a over D`: D is the whole run to what stands in front of it.",
    "skip": "`a skip D`: as if it had begun D earlier, with the same end.",
    "every": "`a every D`: the value is taken at each multiple of D, and held.",
    "repeat": "`a repeat n`: n times one after the other; without n to the end.",
    "stretch": "`repeat n stretch s`: each copy is s times as long as the one before it.",
    "scale": "`repeat n scale c`: each copy's values are c times those of the one before it.",
    "from": "`linear from a to b`: where a ramp begins.",
    "to": "`linear to b`: where a ramp ends.",
    "where": "`text where name = value, …`: names for parts of the text.",
}
"""The reserved words."""

VARIABLE_DOCS: Final = {
    "base": "The value before the first phase, such as the optimizer's learning rate.",
    "pi": "The number π.",
    "step": "The step in the phase, counted from 0.",
    "progress": "How much of the phase has passed, from 0 to 1.",
}
"""The names that need no definition."""


def unit_doc(word: str) -> str:
    """What a unit is, and what it needs to know of the run.

    >>> unit_doc("epochs")
    'Epochs. The run has to say `steps_per_epoch`.'
    """
    unit = UNITS[word]
    needs = "" if unit.needs is None else f" The run has to say `{unit.needs}`."
    return unit.meaning + needs
