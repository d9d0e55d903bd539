"""What the words mean that no declaration says more of, in a line each."""

from __future__ import annotations

from typing import Final

from ..._language.nodes import CLAUSES
from ..._text.keywords import KEYWORDS
from ..._text.run import UNITS

_LINES: Final = {
    "then": "`a then b`: one phase, and then the next.",
    **{word: line for cls in CLAUSES.values() for word, line in cls.WORDS.items()},
    "from": "`linear from a to b`: where a ramp begins.",
    "to": "`linear to b`: where a ramp ends.",
    "where": "`text where name = value, …`: names for parts of the text.",
}

KEYWORD_DOCS: Final = {word: _LINES.get(word, "") for word in KEYWORDS}
"""The reserved words; one that is new in the grammar has no line until its clause is there."""


def unit_doc(word: str) -> str:
    """What a unit is, and what it needs to know of the run.

    >>> unit_doc("epochs")
    'Epochs. The run has to say `steps_per_epoch`.'
    """
    unit = UNITS[word]
    needs = "" if unit.needs is None else f" The run has to say `{unit.needs}`."
    return unit.meaning + needs
