"""The reserved words, read off the grammar without Lark: nowhere else is there a list of them."""

from __future__ import annotations

import re
from typing import Final

from .grammar import grammar_text

KEYWORDS: Final = tuple(re.findall(r"^_?[A-Z]+(?:\.\d+)?:\s*/([a-z]+)\\b/", grammar_text(), re.MULTILINE))
"""The language's reserved words, in the grammar's order: the terminals that end where a word ends."""

_CLAUSES: Final = re.findall(r"^ *\| phase \(?([A-Z |]+[A-Z])\b\)?(.*?) *-> clause$", grammar_text(), re.MULTILINE)

CLAUSE_RULES: Final = {word.lower(): behind.strip() for words, behind in _CLAUSES for word in words.split(" | ")}
"""The words that a clause begins with, and what the grammar lets stand behind each."""
