"""The reserved words, read off the grammar without Lark: nowhere else is there a list of them."""

from __future__ import annotations

import re
from typing import Final

from .grammar import grammar_text


def reserved_words(grammar: str) -> tuple[str, ...]:
    r"""The words that a grammar reserves, in its order: the terminals that end where a word ends.

    >>> reserved_words("_THEN.2: /then\\b/\nFOR.2: /for\\b/\nNAME: /[a-z]+/")
    ('then', 'for')
    """
    return tuple(re.findall(r"^_?[A-Z]+(?:\.\d+)?:\s*/([a-z]+)\\b/", grammar, re.MULTILINE))


KEYWORDS: Final = reserved_words(grammar_text())
"""The language's reserved words."""
