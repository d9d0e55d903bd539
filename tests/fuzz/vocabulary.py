"""The words of the language: from the grammar's terminals, the registry of primitives, the functions and the units."""

import json
import re
from collections.abc import Iterator

from schedlang._language.nodes import PRIMITIVES
from schedlang._language.nodes.base import Role
from schedlang._language.operations import FUNCTIONS
from schedlang._text.grammar import grammar_file, grammar_text
from schedlang._text.run import UNITS

from . import FOLDER

CORPUS = FOLDER / "corpus"
CRASHES = FOLDER / "crashes.jsonl"

NUMBERS = re.findall(
    r"\S+",
    """
    0 1 2 3 5 7 10 30 100 500 1000 10_000 100000 0.1 0.5 0.05 0.01 .5 1. 1.0 1.5 2.5 3e-4 1e-5 1e9 1E+3 10k 5M 2B 1T
    1e308 1e309 1e400 11e400 1e401 1e-400 1e-401 4e-324 9007199254740993 18446744073709551616 1_0_0 0e0
    """,
)
"""Numbers people write, and numbers at the limits of something."""

STRANGE = [*"^{}:;|&$!<>\"'\\`~?#_é٣⅔²−–×🙂\u00a0\u200b\u2028\x00\x0b\ufeff\ud800", "->", "# note\n"]
"""What doesn't belong into a text, or hardly."""

TERMINALS = re.findall(r"^([_A-Z]+)(?:\.\d)?:", grammar_text(), re.MULTILINE)
"""What the grammar calls its tokens: for us alone, and never in an error."""


def signs_and_words() -> list[str]:
    """All that the grammar spells out: reserved words, operators, brackets."""
    code = re.sub(r"^//.*$", "", grammar_text(), flags=re.MULTILINE)
    words = re.findall(r"/(\w+)\\b/", code)
    signs = [sign for sign in re.findall(r'"([^"\w]+)"', code) if sign != "."]
    return list(dict.fromkeys([*words, *signs]))


def arguments() -> Iterator[str]:
    """The names of all arguments, with `=`, and the words some of them take."""
    for cls in PRIMITIVES.values():
        for argument in cls.arguments():
            if argument.parameter.role is not Role.KEYS:
                yield f"{argument.name}="
            yield from argument.parameter.choices


SPELLED = signs_and_words()
NAMES = list(dict.fromkeys([*PRIMITIVES, *FUNCTIONS]))
VARIABLES = [
    "base",
    "step",
    "progress",
    "pi",
    "run_step",
    "run_progress",
    "epoch",
    "samples",
    "tokens",
    "peak",
    "w",
    "a",
    "b",
]
ARGUMENTS = list(dict.fromkeys(arguments()))
QUANTITIES = ["5%", "1%", "100%", "33.3%", "0%", "10ep", "0.5ep", "1 epoch", "2B tok", "512k samples", "100 steps"]

WEIGHTED = [*SPELLED * 3, *NAMES, *VARIABLES * 2, *ARGUMENTS, *NUMBERS, *QUANTITIES * 2, *UNITS, *STRANGE, "\n", "\t"]
"""Each word as often as token soup shall have it."""


def dictionary() -> str:
    """All words, as libFuzzer reads them: one a line."""
    words = sorted({*SPELLED, *NAMES, *VARIABLES, *ARGUMENTS, *NUMBERS, *QUANTITIES, *UNITS, "#", "\n"})
    escaped = (re.sub(r"[^A-Za-z0-9%_.=]", lambda found: f"\\x{ord(found[0]):02x}", word) for word in words)
    return "".join(f'"{word}"\n' for word in escaped)


def corpus() -> list[str]:
    """The texts that mutation begins with: those of the corpus, of the crashes, and of the conformance suite."""
    texts = [path.read_bytes().decode("utf-8", "surrogateescape") for path in sorted(CORPUS.glob("*.txt"))]
    return [*texts, *crashes(), *(text for text in suite() if len(text) < 500)]


def suite() -> Iterator[str]:
    for name in ("values", "format", "errors", "limits"):
        for case in map(json.loads, grammar_file(f"conformance/{name}.jsonl").splitlines()):
            yield case["text"] if "text" in case else "".join(piece * times for piece, times in case["pieces"])


def crashes() -> list[str]:
    return [json.loads(line)["text"] for line in CRASHES.read_text(encoding="utf-8").splitlines()]
