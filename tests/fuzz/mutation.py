"""Texts for fuzzing, all from one source of chance: mutations of valid texts, token soup, grown texts, any unicode."""

import json
import re
from collections.abc import Sequence
from random import Random

from . import FOLDER
from .growing import Grower
from .vocabulary import WEIGHTED

_REPEATED = [json.loads(line) for line in (FOLDER / "repeated.jsonl").read_text(encoding="utf-8").splitlines()]
"""What is said often: before, once in the middle, and after."""
_PIECES = re.compile(r"[A-Za-z_]\w*|[0-9][\w.]*|\*\*|\s+|.", re.DOTALL)
CHARACTERS = "0123456789.eE_+-*/%@=,()[] \n#kMBTabcdefstxz"


def pieces(text: str) -> list[str]:
    """The text in tokens and blanks, roughly; together they are the text.

    >>> pieces("warmup(5%) then 2 ** x")
    ['warmup', '(', '5', '%', ')', ' ', 'then', ' ', '2', ' ', '**', ' ', 'x']
    """
    return _PIECES.findall(text)


class Mutator:
    """Makes texts from others; `valid` are the texts to begin with, `rng` decides everything."""

    def __init__(self, rng: Random, valid: Sequence[str], most: int = 66_000) -> None:
        self.rng = rng
        self.valid = valid
        self.most = most

    def text(self) -> str:
        roll = self.rng.random()
        if roll < 0.05:
            return self.rng.choice(self.valid)
        if roll < 0.45:
            return self.mutated(self.rng.choice(self.valid))
        if roll < 0.60:
            return self.mutated(self.grown())
        if roll < 0.80:
            return self.grown()
        if roll < 0.92:
            return self.soup()
        if roll < 0.99:
            return self.unicode()
        return self.large()

    def grown(self) -> str:
        return Grower(self.rng, self.rng.randint(1, 12)).text()

    def soup(self) -> str:
        between = " " if self.rng.random() < 0.8 else ""
        return between.join(self.word() for _ in range(self.rng.randint(0, 25)))

    def word(self) -> str:
        """A word of the language, or a sign that doesn't belong there."""
        return self.rng.choice(WEIGHTED)

    def unicode(self) -> str:
        """Any characters, some of them alone among others of the language."""
        tops = [0x7F, 0xFF, 0x2FFF, 0x10FFFF]
        return "".join(
            chr(self.rng.randint(0, self.rng.choice(tops))) if self.rng.random() < 0.5 else self.word()
            for _ in range(self.rng.randint(0, 20))
        )

    def large(self) -> str:
        """A text with one part said very often, up to the limits and over them."""
        before, part, after = self.rng.choice(_REPEATED) if self.rng.random() < 0.6 else self._any_part()
        count = self.rng.choice([99, 100, 101, 102, 400, 401, 1000, 3000, self.most // max(1, len(part))])
        left, middle, right = before * count, part, after * count
        return (left + middle + right)[: self.most] if len(left) < self.most else left[: self.most]

    def _copied(self) -> str:
        """A body that has to be copied, as each copy begins where the one before ended, with a long list in it."""
        count = self.rng.choice([10, 100, 1000])
        items = [str(place if self.rng.random() < 0.9 else 2 * place) for place in range(1, count)]
        body = self.rng.choice(
            [
                f"step_fixed(0.5, [{', '.join(items)}])",
                f"values([{', '.join(items)}])",
                f"keyframes({', '.join(f'{item} @ {item}' for item in items)})",
                f"({' then '.join(f'hold for {item}' for item in items)})",
                f"max({', '.join(f'{item} * hold' for item in items)})",
                self.grown(),
            ]
        )
        handed = self.rng.choice(["inv_sqrt(6) * ", "hold + ", "base * exponential_decay(0.99) * ", "step * ", ""])
        length = self.rng.choice(["1000", "1", "3.5ep", "0.1%", str(count)])
        return f"({handed}{body} for {length}) repeat{self.rng.choice(['', ' 1000', ' 90000', ' 100001'])}"

    def _any_part(self) -> tuple[str, str, str]:
        found = pieces(self.rng.choice(self.valid)) or [" "]
        start = self.rng.randrange(len(found))
        stop = self.rng.randint(start, len(found))
        return "".join(found[start:stop]) + self.rng.choice(["", " ", " then ", " + ", ", "]), self.grown(), ""

    def mutated(self, text: str) -> str:
        for _ in range(self.rng.choice([1, 1, 1, 2, 2, 3, 4])):
            text = self.changed(text)
        return text[: self.most]

    def changed(self, text: str) -> str:
        roll = self.rng.random()
        if roll < 0.1:
            return self.spliced(text, self.rng.choice(self.valid))
        if roll < 0.5:
            return "".join(self.edited(list(text), CHARACTERS))
        return "".join(self.edited(pieces(text), WEIGHTED))

    def edited(self, parts: list[str], others: Sequence[str]) -> list[str]:
        """The parts with one or a few dropped, doubled, swapped or replaced, or with one more."""
        if not parts:
            return [self.rng.choice(others)]
        at = self.rng.randrange(len(parts))
        to = min(len(parts), at + self.rng.choice([1, 1, 1, 2, 3, 8]))
        other = self.rng.randrange(len(parts))
        match self.rng.randrange(6):
            case 0:
                del parts[at:to]
            case 1:
                parts[at:at] = parts[at:to]
            case 2:
                parts[at], parts[other] = parts[other], parts[at]
            case 3:
                parts[at] = self.rng.choice(others)
            case 4:
                parts.insert(at, self.rng.choice(others))
            case _:
                parts[other:other] = parts[at:to]
        return parts

    def spliced(self, one: str, other: str) -> str:
        """The beginning of one text and the end of another, cut between tokens."""
        left, right = pieces(one), pieces(other)
        cut, joined = self.rng.randint(0, len(left)), self.rng.randint(0, len(right))
        return "".join(left[:cut]) + self.rng.choice(["", " ", " then ", " + "]) + "".join(right[joined:])
