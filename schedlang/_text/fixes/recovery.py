"""What is wrong with a text that the grammar refuses, and how to read on behind it.

The first refusal is found by running the parser over the words. Then small edits around it are tried on copies of the
parser: the one that gets furthest for the least is made, and so on from there.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Iterator
from operator import attrgetter
from typing import Final, NamedTuple

import attrs

from ..errors import Candidate, Diagnostic, Edit
from ..keywords import KEYWORDS
from ..lark_parser import END, Progress, Word, words
from ..numerals import Grouped, grouped, why_grouped
from ..parsing import BRACKETS
from ..source import Source, Span
from . import foreign
from .draft import Draft
from .repairs import Around, Repair, repairs, spelled

_MOST: Final = 20  # refusals that are told
_EFFORT: Final = 100_000  # characters that are read again to find them
_AHEAD: Final = 24  # words that count as far enough
_BEHIND: Final = 32  # words behind a refused one that are looked at
_MARKED: Final = 256  # words from one mark to the next
_KEPT: Final = 40  # candidates for a fix
_TRIED: Final = 60  # repairs of a long text
_SHORT: Final = 400  # characters of a text that is tried to its end

_start: Final = attrgetter("start")

_EXPECTED: Final = {
    "NAME": "a name",
    "NUMBER": "a number",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "COMMA": "`,`",
    "EQUAL": "`=`",
    END: "the end",
}
"""How a terminal is called in an error; the rest (`then`, operators) are left out where a phrase below covers them."""


_PARTNERS: Final = {"(": ")", "[": "]", ")": "(", "]": "["}


class _Unpaired(NamedTuple):
    """A bracket without its partner: what is wrong, what to do, and the one that is missing, or belongs there."""

    span: Span
    message: str
    hint: str
    missing: str
    is_open: bool = False


def _unpaired(text: str) -> _Unpaired | None:
    """The first bracket of a text without its partner."""
    opened: list[tuple[str, Span]] = []
    for match in BRACKETS.finditer(text):
        bracket, span = match[0], Span(*match.span())
        if bracket in "([":
            opened.append((bracket, span))
        elif bracket in ")]":
            partner = _PARTNERS[bracket]
            if not opened:
                hint = f"remove it, or add `{partner}` before it"
                return _Unpaired(span, f"`{bracket}` closes nothing", hint, partner)
            wanted = _PARTNERS[opened.pop()[0]]
            if bracket != wanted:
                return _Unpaired(span, f"`{bracket}` closes the wrong bracket", f"write `{wanted}` here", wanted)
    if not opened:
        return None
    bracket, span = opened[-1]
    partner = _PARTNERS[bracket]
    return _Unpaired(span, f"`{bracket}` is never closed", f"add `{partner}` where the list ends", partner, True)


class Recovered(NamedTuple):
    """What is wrong with a text's syntax, and what was done about it."""

    found: dict[Diagnostic, Candidate | None]  # and for each what was done, without a hint if it only serves to go on
    others: list[Candidate | None]  # what was done besides
    draft: Draft  # the text with all of that
    complete: bool  # whether the grammar allows it


def recover(source: Source, callables: frozenset[str]) -> Recovered:
    """All that the grammar refuses in a text. `callables` are the names that calls begin with."""
    text = source.text
    if not re.sub(r"#[^\n]*", "", text).strip():
        hint = "write a schedule, for example `cosine` or `warmup(5%) then cosine`"
        empty = Diagnostic("E101", "the text is empty", Span(0, len(text)), hint, source)
        return Recovered({empty: None}, [], Draft.of(text), False)
    draft = Draft.of(text)
    found: dict[Diagnostic, Candidate | None] = {}
    others: list[Candidate | None] = []
    left = len(text) + 1
    for _ in range(max(1, min(_MOST, _EFFORT // (len(text) + 1)))):
        refusal = _Refusal(draft.text, callables)
        if refusal.index < 0:
            return Recovered(found, others, draft, True)
        remaining = len(draft.text) - refusal.word.start
        if remaining > left or (remaining == left and remaining > 0):
            break  # no way on
        left = remaining
        ways = refusal.ways
        diagnostic = refusal.diagnostic(ways[0] if ways else None)
        assert diagnostic.span is not None
        span = draft.span(diagnostic.span)
        candidates = [_candidate(draft, way) for way in ways[:_KEPT]]
        if span is not None and all(span != each.span for each in found):
            kept = tuple(each for each in candidates if each is not None and each.hint)
            whole = attrs.evolve(diagnostic, span=span, source=source, candidates=kept)
            found[whole] = candidates[0] if candidates else None
        elif candidates:
            others.append(candidates[0])
        if not ways:
            break
        draft = draft.edited(*ways[0][1:4])
    return Recovered(found, others, draft, False)


def first_refusal(source: Source, callables: frozenset[str]) -> Diagnostic:
    """What the grammar refuses first."""
    refusal = _Refusal(source.text, callables)
    return attrs.evolve(refusal.diagnostic(None), source=source)


def _candidate(draft: Draft, way: Repair) -> Candidate | None:
    span = draft.span(Span(way.start, way.end))
    return None if span is None else Candidate((Edit(span, way.text),), way.hint or "", way.certain)


class _Refusal:
    """The first word of a text that the grammar refuses; `index` is -1 if there is none."""

    def __init__(self, text: str, callables: frozenset[str]) -> None:
        self.text = text
        self.words: list[Word] = []
        self.index = -1
        progress = Progress()
        reading = words(text)
        self._marks = [(0, progress.copy())]  # where the parser was, now and then: it keeps all that is open
        for index, word in enumerate(itertools.chain(reading, [Word(END, len(text), len(text))])):
            if index % _MARKED == _MARKED - 1:
                self._marks = [self._marks[0], self._marks[-1], (index, progress.copy())]
            if word.kind != END:
                self.words.append(word)
            if not (word.kind and progress.read(word.kind)):
                self.index = index
                break
        self.words += itertools.islice(reading, _BEHIND)
        self.around = Around(text, self.words, self.index, callables)
        self.word = self.around.at(self.index)
        self.grouped = self._number_with_commas()
        self.ways: list[Repair] = []
        """The repairs that lead on, the best first."""
        self.accepted: set[str] = set()
        if self.grouped is not None:  # what it was meant to be is shown, and never offered as a fix
            self.ways = [Repair(0, *self.grouped.span, self.grouped.written, None)]
        elif self.index >= 0:
            self._try()

    def _number_with_commas(self) -> Grouped | None:
        """The number as people group them that the grammar refuses."""
        piece = self.around.at(self.index + (self.word.kind == "COMMA"))
        whole = grouped(self.text).get(piece.start) if self.index >= 0 else None
        return None if whole is None or piece.start == whole.span.start else whole

    def _try(self) -> None:
        """Try repairs, each from where it begins."""
        tried: dict[int, list[Repair]] = {}
        for repair in repairs(self.around)[: None if len(self.text) <= _SHORT else _TRIED]:
            index = self.index
            while index > 0 and self.around.at(index - 1).end >= repair.start:
                index -= 1
            tried.setdefault(index, []).append(repair)
        ranked = []
        first, mark = next(mark for mark in reversed(self._marks) if mark[0] <= min(tried, default=self.index))
        progress = mark.copy()
        for index in range(first, self.index + 1):
            for repair in tried.get(index, ()):
                start = min(repair.start, self.around.at(index).start)
                further = self._further(progress.copy(), repair, start)
                if further > 0:
                    ranked.append((repair.cost - 0.5 * min(further, 8), repair))
            if index < self.index:
                progress.read(self.words[index].kind)
        self.ways = [repair for _, repair in sorted(ranked)]
        self.accepted = progress.accepts()

    def _further(self, progress: Progress, repair: Repair, start: int) -> int:
        """How many words behind the refused one the parser gets with a repair; many if it gets to the end."""
        end = repair.end + (_SHORT if len(self.text) <= _SHORT else 160)
        further = 0
        for word in self._mended(repair, start, end):
            if len(self.text) > end <= word.end:  # perhaps half of a word
                return max(further, 1)
            if not (word.kind and progress.read(word.kind)):
                return further
            further += word.start >= self.word.end
            if further > _AHEAD:
                return further
        if len(self.text) > end:
            return max(further, 1)
        return _AHEAD if progress.read(END) else further

    def _mended(self, repair: Repair, start: int, end: int) -> Iterator[Word]:
        """The words with a repair, from `start` to `end`; those behind it by their offsets in the text without it."""
        new = self.text[start : repair.start] + repair.text
        shift = repair.end - len(new)
        for word in words(new + self.text[repair.end : end]):
            place = word.start + shift
            if word.start >= len(new):  # Lark's lexer looks at nothing in front of a word: the rest is as it was
                number = bisect_left(self.words, place, key=_start)
                if number < len(self.words) and self.words[number].start == place:
                    yield from self.words[number:]
                    return
            yield Word(word.kind, place, word.end + shift)

    def diagnostic(self, way: Repair | None) -> Diagnostic:
        """What is wrong, in the user's words."""
        if self.grouped is not None:
            span, written = self.grouped
            code, message, hint = why_grouped(self.text[slice(*span)], written)
            return Diagnostic(code, message, span, hint)
        bracket = _unpaired(self.text)
        if bracket is not None and self._concerns(bracket, way):
            return Diagnostic("E104", bracket.message, bracket.span, bracket.hint)
        if not self.word.kind:
            return self._character()
        hint = f"expected {_expected(self.accepted)} here"
        if self.word.kind == END:
            return Diagnostic("E103", "the text ends too early", Span(self.word.start, self.word.start), hint)
        shown = self.around.shown(self.word)
        message = f"unexpected `{shown if len(shown) <= 40 else shown[:39] + '…'}`"
        if shown in KEYWORDS and "NAME" in self.accepted:
            message = f"`{shown}` is a reserved word and cannot be a name"
        span = Span(self.word.start, self.word.end)
        before = self.around.at(self.index - 1).kind if self.index else ""
        if self.word.kind == "PERCENT" and before in ("NAME", "RPAR"):
            hint = "`%` stands behind a number, `5%`; there is no remainder, a cycle is a clause: `… repeat`"
        for word in self.around.near(0, -1, 1):
            other = self.around.shown(word)
            known = foreign.WORDS.get(other)
            if known is not None and known.note is not None:
                return Diagnostic("E107", f"unexpected `{other}`", Span(word.start, word.end), known.note)
        return Diagnostic("E107", message, span, hint)

    def _concerns(self, bracket: _Unpaired, way: Repair | None) -> bool:
        """Whether a bracket without its partner is what the grammar refuses here."""
        if bracket.span == Span(self.word.start, self.word.end):
            return True
        closed = way is not None and way.text == bracket.missing and way.start == way.end
        early = bracket.is_open and bracket.span.start < self.word.start
        return early and (closed or self.word.kind == END)

    def _character(self) -> Diagnostic:
        start = self.word.start
        character = self.text[start]
        around = (self.text[start : start + 2], self.text[max(0, start - 1) : start + 1])
        sign = next((pair for pair in around if pair in foreign.SYMBOLS), character)
        verb = "mean" if sign == "`" else "means"
        hint = _CHARACTER_HINTS.get(character, "remove it")
        if character == "." and re.search(r"[^\W\d]\w*\Z", self.text[:start]):
            hint = "a function is called by its name alone"
        return Diagnostic("E102", f"{spelled(sign)} {verb} nothing here", Span(start, start + 1), hint)


_CHARACTER_HINTS: Final = {
    "^": "a power is written `**`",
    "{": "group with `(` and `)`",
    "}": "group with `(` and `)`",
    "<": "there are no conditions: phases follow one another by `then`",
    ">": "phases are joined by `then`, a ramp goes `from` one value `to` another",
    "|": "phases are joined by `then`",
    ";": "phases are joined by `then`, arguments by `,`",
    ":": "a keyframe is written `value @ time`, an argument `name=value`",
    '"': "a schedule needs no quotes",
    "'": "a schedule needs no quotes",
    ".": "write a number with a digit beside the point: `0.5` or `.5`",
    "$": "a parameter is just its name: `peak`, given as `bind(peak=…)`",
}


def _expected(accepted: set[str]) -> str:
    """What may stand here, in words."""
    if "NUMBER" in accepted and "NAME" in accepted:
        return "a schedule, a number or a name" if "MINUS" in accepted else "a number or a name"
    parts = [words for name, words in _EXPECTED.items() if name in accepted]
    if "PLUS" in accepted or "STAR" in accepted:
        parts.insert(0, "an operator")
    if "_THEN" in accepted:
        parts.insert(0, "`then`")
    if not parts:
        parts = sorted(f"`{name.lstrip('_').lower()}`" for name in accepted)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"
