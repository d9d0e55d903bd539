"""All that is wrong with a text, with fixes that have been tried: the one place where fixes are tried.

It runs when somebody looks at an error, not when a text is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final

import attrs

from ..errors import Blame, Candidate, Diagnostic, Edit, ScheduleError, blamed, edited, in_order
from ..source import Source, Span
from .recovery import Draft, Recovered, recover

Find = Callable[[Source], "list[Diagnostic] | None"]
"""What is wrong with a text that the grammar allows; None if it does not."""

_TRIALS: Final = 80
_SPARED: Final = 20  # trials for what is wrong besides a refusal
_EFFORT: Final = 40_000  # characters that are read to try fixes


def _key(diagnostic: Diagnostic) -> tuple[str, str]:
    return diagnostic.code, diagnostic.message


def diagnose(source: Source, found: list[Diagnostic] | None, find: Find, callables: frozenset[str]) -> list[Diagnostic]:
    """All that is wrong with a text of which that much was found; None: the grammar refuses it."""
    if found is not None:
        return _Fixer(source, find).fixed(in_order(found), {}, [])
    recovered = recover(source, callables)
    fixer = _Fixer(source, find)
    if len(recovered.found) == 1 and not recovered.others:
        (diagnostic,) = recovered.found
        best, leaves = fixer.best(diagnostic)
        if best is not None and not leaves:
            return [_told(diagnostic, best, edited(source.text, best.edits), guessed=True)]
        if best is not None:  # and the text has other mistakes
            ((start, end), text), *_ = best.edits
            recovered = Recovered({diagnostic: best}, [], Draft.of(source.text).edited(start, end, text), True)
    diagnostics = in_order([*recovered.found, *_behind(recovered, source, find)])
    return fixer.fixed(diagnostics, recovered.found, recovered.others)


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
    """Whether an edit lies in the innermost brackets around an offset, or beside them."""
    text = draft.text
    start, depth = offset, 0
    while start > 0 and depth >= 0:
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

    def __init__(self, source: Source, find: Find) -> None:
        self.source = source
        self.find = find
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
        if best is not None and least == 0 and self._only_bracket(best, diagnostic.candidates):
            best = best._replace(certain=True)
        return best, least

    def _only_bracket(self, best: Candidate, candidates: Sequence[Candidate]) -> bool:
        """Whether a fix closes a bracket that can be closed nowhere else."""
        (edit, *_), others = best.edits, [each for each in candidates if each.edits != best.edits]
        if edit.text not in (")", "]") or edit.span.start != edit.span.end:
            return False
        places = [each.edits for each in others if [added.text for added in each.edits] == [edit.text]]
        return self.trials > _SPARED + len(places) and not any(self._found(edits) == Counter() for edits in places)

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
            return [_told(each, None, None) for each in diagnostics]
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
        whole = None if now else edited(self.source.text, base)
        told = []
        for each in diagnostics:
            told.append(_told(each, chosen.get(each), whole, guessed=each in made))
            whole = whole if told[-1].example is None else None  # once is enough
        return told


def _told(diagnostic: Diagnostic, candidate: Candidate | None, whole: str | None, guessed: bool = False) -> Diagnostic:
    """A diagnostic with what may be meant instead, which was tried: a fix if that is certain, else the whole text.

    What is `guessed` of a text that the grammar refuses is told with a fix or a text, or not at all.
    """
    diagnostic = attrs.evolve(diagnostic, candidates=())
    if candidate is None:
        return diagnostic
    if candidate.certain and not _alone(diagnostic.source):
        return attrs.evolve(diagnostic, hint=candidate.hint, fix=candidate.edits)
    told = attrs.evolve(diagnostic, hint=candidate.hint, example=whole)
    return diagnostic if guessed and told.example is None else told


def _alone(source: Source | None) -> bool:
    """Whether a text is one word: it may be another system's."""
    return source is not None and source.text.strip().isidentifier()
