"""What a type checker finds in a user's file, who has the names of `schedlang` through `__getattr__` alone."""

import re
from pathlib import Path

from helpers import ROOT, python

USER = """
import schedlang
from schedlang import *
from schedlang import Bound, cosine

reveal_type(schedlang.parse("1"))  # schedlang._language.nodes.base.Schedule
reveal_type(cosine(3e-4, 0))  # schedlang._language.nodes.ramps.Cosine
reveal_type(evaluate("1", 0))  # float
lr: Bound = schedlang.parse("warmup(w)").bind(1000, steps_per_epoch=12.5, base=3e-4, w="5%")
schedlang.parse("1").bind(1000, steps_per_epoch=[])  # No overload variant
schedlang.cosin  # maybe "cosine"?
schedlang.TYPE_CHECKING  # does not explicitly export
"""


def test_types_of_the_public_names(tmp_path: Path) -> None:
    """mypy knows what each public name is, and no others; rates have types, and there may be other keywords."""
    file = tmp_path / "user.py"
    file.write_text(USER, encoding="utf-8")
    found = python("-m", "mypy", "--strict", "--no-pretty", "--no-error-summary", file, folder=ROOT)
    told: dict[int, str] = {}
    for line, words in re.findall(r"user\.py:(\d+): (.*)", found.stdout):
        told[int(line)] = told.get(int(line), "") + words
    expected = {
        number: line.partition("  # ")[2] for number, line in enumerate(USER.split("\n"), start=1) if "  # " in line
    }
    assert told.keys() == expected.keys(), found.stdout
    assert all(words in told[number] for number, words in expected.items()), found.stdout
