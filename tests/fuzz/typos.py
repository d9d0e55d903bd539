"""Single-character typos in good texts: how many make them invalid, and how many of those a printed fix repairs."""

from collections.abc import Iterable, Iterator

import attrs

from schedlang import Diagnostic, ScheduleError, parse

ROWS = ("1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./")
SHIFTED = dict(zip("1234567890-=[];',./", '!@#$%^&*()_+{}:"<>?', strict=True))
LIKE = {"0": "oO", "1": "lI", "l": "1", "o": "0", "(": "[{9", ")": "]}0", "[": "({", "]": ")}", ",": ".;", ".": ","}
LIKE |= {"*": "x", "%": "5", "@": "2", "=": ":", "-": "_–", "+": "=", " ": "_", "_": "-", "/": "\\", "\n": " "}


def neighbours(character: str) -> str:
    """What a finger hits instead of a character, or an eye takes for it.

    >>> neighbours("g")
    'ftyhvbG'
    """
    found = []
    for row, keys in enumerate(ROWS):
        at = keys.find(character.lower())
        if at < 0:
            continue
        near = [(row, at - 1), (row - 1, at), (row - 1, at + 1), (row, at + 1), (row + 1, at - 1), (row + 1, at)]
        found += [ROWS[r][c] for r, c in near if 0 <= r < len(ROWS) and 0 <= c < len(ROWS[r])]
        if character.isupper():
            found = [each.upper() for each in found]
        found.append(character.swapcase() if character.isalpha() else SHIFTED[character])
    return "".join(dict.fromkeys([*found, *LIKE.get(character, "")]))


def typos(text: str) -> Iterator[tuple[str, str]]:
    """Every single-character typo of a text, each once, and its sort."""
    known = {text}
    for sort, typo in _all(text):
        if typo not in known:
            known.add(typo)
            yield sort, typo


def _all(text: str) -> Iterator[tuple[str, str]]:
    for place, character in enumerate(text):
        before, after = text[:place], text[place + 1 :]
        yield "dropped", before + after
        yield "doubled", before + character * 2 + after
        yield "swapped with the next", before + after[:1] + character + after[1:]
        for other in neighbours(character):
            yield "replaced by a neighbour", before + other + after


@attrs.define
class Typos:
    """Counts: all texts, those the typo makes invalid, of these with a fix, repaired, and repaired as they were."""

    texts: int = 0
    invalid: int = 0
    fixed: int = 0
    valid_again: int = 0
    original: int = 0

    def add(self, other: "Typos") -> None:
        for name in attrs.fields_dict(Typos):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def fixes(diagnostics: Iterable[Diagnostic]) -> list[str]:
    """The texts that the printed fixes give, one for each diagnostic that has one."""
    made = (getattr(diagnostic, "fixed", None) for diagnostic in diagnostics)
    return [text for text in (make() for make in made if make is not None) if text is not None]


def measured(text: str, typo: str) -> Typos:
    """What becomes of one typo: invalid if it does not parse, repaired if a printed fix does."""
    found = Typos(texts=1)
    try:
        parse(typo)
    except ScheduleError as error:
        offered = fixes(error.diagnostics)
        found.invalid = 1
        found.fixed = bool(offered)
        found.valid_again = any(map(_parses, offered))
        found.original = text in offered
    return found


def _parses(text: str) -> bool:
    try:
        parse(text)
    except ScheduleError:
        return False
    return True


def measure(texts: Iterable[str]) -> dict[str, Typos]:
    """The counts by the sort of typo, and of all."""
    found: dict[str, Typos] = {}
    for text in texts:
        for sort, typo in typos(text):
            one = measured(text, typo)
            found.setdefault(sort, Typos()).add(one)
            found.setdefault("all", Typos()).add(one)
    return {sort: found[sort] for sort in sorted(found, key=lambda sort: (sort == "all", sort))}
