"""All that is wrong with a text, with fixes that have been tried: the one place where fixes are tried.

It runs when somebody looks at an error, not when a text is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import attrs

from ..errors import Blame, Candidate, Diagnostic, Edit, ScheduleError, blamed, edited, in_order
from ..run import UNITS
from ..source import Source, Span, abridged
from ..spelling import distance
from .draft import Draft
from .recovery import Recovered, first_refusal, recover
from .slips import SHORT, put_right

Find = Callable[[Source], "list[Diagnostic] | None"]
"""What is wrong with a text that the grammar allows; None if it does not."""

_TRIALS: Final = 80
_SPARED: Final = 20  # trials for what is wrong besides a refusal
_EFFORT: Final = 40_000  # characters that are read to try fixes
_VALUES: Final = {"step", "epoch", "samples", "tokens", "%", "s", "h"}  # units that may be values, or names, as well
_UNIT_ALONE: Final = re.compile(rf"(?:\A|[(,=*/+])\s*(?:{'|'.join(sorted({*UNITS} - _VALUES))})\b(?!\s*[=(])")
_NEAR: Final = 400  # characters to either side that may have to do with a mistake


def _key(diagnostic: Diagnostic) -> tuple[str, str]:
    return diagnostic.code, diagnostic.message


def diagnose(
    source: Source, found: list[Diagnostic] | None, find: Find, callables: frozenset[str], names: frozenset[str]
) -> list[Diagnostic]:
    """All that is wrong with a text of which that much was found; None: the grammar refuses it.

    `callables` are the names that calls begin with, `names` all that mean something by themselves.
    """
    trial = _Trial(find, callables, names)
    return trial.slipped(source, found) or trial.diagnosed(source, found)


class _Trial(NamedTuple):
    """What is known of the language."""

    find: Find
    callables: frozenset[str]
    names: frozenset[str]

    def slipped(self, source: Source, found: list[Diagnostic] | None) -> list[Diagnostic] | None:
        """What is wrong with a text in the words or signs of others; None if it isn't known what is meant."""
        slips = put_right(source.text) if len(source.text) <= SHORT else None
        if slips is None:
            return None
        first = in_order(found)[0] if found else first_refusal(source, self.callables)
        if slips.unknown:
            ((span, hint),) = slips.found
            return [_told_as(first, source, span, hint)]
        try:
            left = self.find(Source(slips.draft.text))
        except ScheduleError:
            return None
        inner = [] if left == [] else self.diagnosed(Source(slips.draft.text), left)
        fixes = {edit for each in inner for edit in each.fix or ()}
        examples = [each.example for each in inner if each.example is not None]
        whole = examples[0] if examples else edited(slips.draft.text, fixes)
        clear = sensible(whole, self.names, bare=True)
        if inner and not (clear and (fixes or examples)):
            return None
        told = [_told_as(first, source, span, hint) for span, hint in dict.fromkeys(slips.found)]
        for each in inner:
            ours = None if each.span is None else slips.draft.span(each.span)
            if ours is not None:
                told.append(attrs.evolve(each, span=ours, source=source, fix=None, example=None, candidates=()))
        told = in_order(told)
        if slips.certain and clear and not inner and not source.text.strip().isidentifier():
            return [
                attrs.evolve(each, fix=slips.draft.edits(source.text) if each is told[0] else None) for each in told
            ]
        return [attrs.evolve(told[0], example=whole if clear else None), *told[1:]]

    def diagnosed(self, source: Source, found: list[Diagnostic] | None) -> list[Diagnostic]:
        """What is wrong with a text, with what may be meant by trying."""
        find = self.find
        if found is not None:
            return _Fixer(source, find, self.names).fixed(in_order(found), {}, [])
        recovered = recover(source, self.callables)
        fixer = _Fixer(source, find, self.names)
        if len(recovered.found) == 1 and not recovered.others:
            (diagnostic,) = recovered.found
            best, leaves = fixer.best(diagnostic)
            if best is not None and not leaves:
                return fixer.told([diagnostic], {diagnostic: best}, edited(source.text, best.edits), True)
            if best is not None:  # and the text has other mistakes
                ((start, end), text), *_ = best.edits
                recovered = Recovered({diagnostic: best}, [], Draft.of(source.text).edited(start, end, text), True)
        diagnostics = in_order([*recovered.found, *_behind(recovered, source, find)])
        return fixer.fixed(diagnostics, recovered.found, recovered.others)


def _told_as(first: Diagnostic, source: Source, span: Span, hint: str) -> Diagnostic:
    """What is said of a slip; of that which was refused first what was said of it."""
    if first.span is not None and span.start <= first.span.start and first.span.end <= span.end:
        return attrs.evolve(first, hint=first.hint if first.code == "E110" else hint, candidates=())
    word = abridged(source[span])
    return Diagnostic("E107", f"unexpected `{word}`" if word else "unexpected end of a line", span, hint, source)


def _behind(recovered: Recovered, source: Source, find: Find) -> list[Diagnostic]:
    """What is wrong with the rest of a text, read with the repairs in it: only what the user wrote."""
    draft = recovered.draft
    if not recovered.complete:
        return []
    try:
        found = find(Source(draft.text, source.name)) or []
    except ScheduleError:
        return []
    kept = []
    for diagnostic in found:
        span = None if diagnostic.span is None else draft.span(diagnostic.span)
        if span is None or diagnostic.span is None:
            continue
        blame = blamed(diagnostic)
        if source[span] not in diagnostic.message and draft.text[slice(*diagnostic.span)] in diagnostic.message:
            continue  # half of a word
        if blame is Blame.UNUSED and source.mentions(span) > 1:
            continue  # deleted words may have used it
        if blame is not Blame.NAME and draft.touched(diagnostic.span):
            continue
        if blame is Blame.ARGUMENTS and _mended(draft, diagnostic.span.start):
            continue  # an edit in the same list may have caused it
        if any(span == each.span for each in recovered.found):
            continue
        moved = [_moved(candidate, draft) for candidate in diagnostic.candidates]
        candidates = tuple(each for each in moved if each is not None)
        kept.append(attrs.evolve(diagnostic, span=span, source=source, candidates=candidates))
    return kept


def _mended(draft: Draft, offset: int) -> bool:
    """Whether an edit lies in the innermost brackets around an offset, or beside them, and not too far away."""
    text = draft.text[: offset + _NEAR]
    start, depth = offset, 0
    while start > max(0, offset - _NEAR) and depth >= 0:
        start -= 1
        depth += (text[start] in ")]") - (text[start] in "([")
    stop, depth = offset, 0
    while stop < len(text) and depth >= 0:
        depth += (text[stop] in "([") - (text[stop] in ")]")
        stop += 1
    return draft.span(Span(start, stop)) is None


def _moved(candidate: Candidate, draft: Draft) -> Candidate | None:
    """A fix of a draft as a fix of the user's text."""
    edits = [Edit(span, edit.text) for edit in candidate.edits if (span := draft.span(edit.span)) is not None]
    return candidate._replace(edits=tuple(edits)) if len(edits) == len(candidate.edits) else None


def _overlap(edits: Sequence[Edit]) -> bool:
    spans = sorted(edit.span for edit in edits)
    return any(one.end > other.start or one == other for one, other in pairwise(spans))


class _Fixer:
    """Tries fixes of a text, as long as that does not take too long."""

    def __init__(self, source: Source, find: Find, names: frozenset[str]) -> None:
        self.source = source
        self.find = find
        self.names = names
        self.trials = min(_TRIALS, _EFFORT // (len(source.text) + 1))

    def _found(self, edits: Sequence[Edit], spare: int = 0) -> Counter[tuple[str, str]] | None:
        """What is wrong with the text with some edits in it; None if the grammar refuses it, or nobody has the time."""
        if self.trials <= spare or _overlap(edits):
            return None
        self.trials -= 1
        try:
            found = self.find(Source(edited(self.source.text, edits)))
        except ScheduleError:
            return None
        return None if found is None else Counter(map(_key, dict.fromkeys(found)))

    def best(self, diagnostic: Diagnostic) -> tuple[Candidate | None, int]:
        """The fix of the only refusal of a text that leaves the least to be said, and how much that is."""
        best, least = None, 0
        for candidate in diagnostic.candidates:
            found = self._found(candidate.edits, spare=_SPARED)
            if found is None:
                continue
            if best is None or found.total() < least:
                best, least = candidate, found.total()
            if least == 0:
                break
        if best is not None and self._only_bracket(best, least, diagnostic.candidates):
            best = best._replace(certain=True)
        return best, least

    def _only_bracket(self, best: Candidate, least: int, candidates: Sequence[Candidate]) -> bool:
        """Whether a fix closes a bracket that can be closed nowhere else."""
        (edit, *_), text = best.edits, self.source.text
        if edit.text not in (")", "]") or edit.span.start != edit.span.end or "#" in text:
            return False
        places = [each.edits for each in candidates if each.edits[0].text == edit.text and each.edits != best.edits]
        found = [self._found(edits) for edits in places] if self.trials > _SPARED + len(places) else [Counter()]
        return not any(each is not None and each.total() <= least for each in found)

    def fixed(
        self,
        diagnostics: list[Diagnostic],
        made: Mapping[Diagnostic, Candidate | None],
        others: Sequence[Candidate | None],
    ) -> list[Diagnostic]:
        """The diagnostics with fixes that go together: each makes one mistake go away and no other come.

        `made` are the repairs of those that the grammar refused, and `others` those of places that nobody is told of.
        """
        repaired = [*made.values(), *others]
        base = [edit for candidate in repaired if candidate is not None for edit in candidate.edits]
        now = None if None in repaired else self._found(base)
        if now is None:  # not even the repairs go together
            return self.told(diagnostics, {}, None, True)
        chosen = {each: candidate for each, candidate in made.items() if candidate is not None and candidate.hint}
        if len(repaired) == 1 and not set(now) <= set(map(_key, diagnostics)):
            chosen = {}  # it leads on, but to something that nobody would understand
        for each in diagnostics:
            for candidate in each.candidates if each not in made else ():
                found = self._found([*base, *candidate.edits])
                if found is not None and found[_key(each)] < now[_key(each)] and found <= now:
                    chosen[each] = candidate
                    base += candidate.edits
                    now = found
                    break
        hidden = [each for each in repaired if each is None or not each.hint]  # they only served to go on
        whole = None if now or hidden else edited(self.source.text, base)
        if whole is None:  # a guess of what the grammar refuses is as good as where it leads
            chosen = {each: candidate for each, candidate in chosen.items() if each not in made}
        return self.told(diagnostics, chosen, whole, bool(made))

    def told(
        self,
        diagnostics: Sequence[Diagnostic],
        chosen: Mapping[Diagnostic, Candidate],
        whole: str | None,
        guessed: bool,
    ) -> list[Diagnostic]:
        """The diagnostics with what was chosen for them: fixes, if each is certain, else once the text with all in it.

        `whole` is that text, None if something is wrong with it.
        """
        if whole is not None and not sensible(whole, self.names, bare=guessed):
            whole, chosen = None, {} if guessed else chosen  # what leads to it is no advice
        sure = all(_sure(self.source.text, each) for each in chosen.values())
        sure = sure and whole is not None and len(chosen) == len(diagnostics)
        told = []
        for each in diagnostics:
            candidate = chosen.get(each)
            hint = each.hint if candidate is None else candidate.hint
            fix = candidate.edits if candidate is not None and sure else None
            told.append(attrs.evolve(each, hint=hint, fix=fix, candidates=()))
        if chosen and not sure:
            first = next(number for number, each in enumerate(diagnostics) if each in chosen)
            told[first] = attrs.evolve(told[first], example=whole)
        return told


def sensible(text: str, names: frozenset[str], bare: bool = False) -> bool:
    """Whether none of the words that mean nothing in a text looks like a slip of one that does.

    In a text that is guessed, `bare`, none is a letter, or stands outside of all brackets.

    >>> names = frozenset(("cosine", "then", "step"))
    >>> [sensible(text, names) for text in ("cosine(peak, 0)", "cosine(ste, 0)", "cosine(r0)", "a * cosin where a = 1")]
    [True, False, False, False]
    """
    body = re.sub(r"#[^\n]*", "", text)
    known = names | set(re.findall(r"(?<!\w)(\w++)\s*=", body))
    unknown = set(re.findall(r"(?<![\w.])[^\W\d]\w*", body)) - known
    if any(
        (bare and len(word) == 1)
        or re.search(r"\d|^_|_$", word)
        or any(distance(word.lower(), each) <= 1 < len(word) for each in known if abs(len(each) - len(word)) <= 1)
        for word in unknown
    ):
        return False
    if bare and _UNIT_ALONE.search(body):
        return False
    while bare and (inner := re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "()", body)) != body:
        body = inner
    return not (bare and unknown & set(re.findall(r"(?<![\w.])[^\W\d]\w*", body.partition("where")[0])))


def _sure(text: str, candidate: Candidate) -> bool:
    """Whether a fix is certain in its text: a word alone may be another system's, and a letter the next word's."""
    return (
        candidate.certain
        and not text.strip().isidentifier()
        and not any(_swapped(text, each) for each in candidate.edits)
    )


def _swapped(text: str, edit: Edit) -> bool:
    """Whether two characters that have changed places, at one end of a word, are all that is wrong with it."""
    for end in edit.span if edit.text.isidentifier() else ():
        for at in range(max(0, end - 2), min(end + 1, len(text) - 1)):
            if at and text[at] == text[at - 1]:
                continue  # doubled
            swapped = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
            if re.search(rf"\b{edit.text}\b", swapped[max(0, edit.span.start - 1) : edit.span.end + 1]):
                return True
    return False
