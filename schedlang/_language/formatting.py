"""Canonical text laid out on lines, with the comments that a text has.

What is written is `str(parse(text))`; how it is broken into lines depends on its width and on where comments stand, and
on nothing else, so formatting twice changes nothing. A text that fits stays on one line. Otherwise each phase gets a
line and begins with `then`, and each definition behind `where` gets one; what is still too long is broken at its
brackets.

A comment belongs to a node of the schedule: one behind something on its line to what ends there, one on a line of its
own to what begins next. The canonical text is parsed again, and as both schedules are equal, each node of the one is
known in the other.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from decimal import Decimal
from operator import itemgetter
from typing import Final, NamedTuple, TypeAlias

import attrs

from .._text import limits
from .._text.keywords import KEYWORDS
from .._text.numerals import MAGNITUDES
from .._text.source import Span
from .nodes import CLAUSES, Schedule, Where
from .nodes.base import children
from .parse import parse

WIDTH: Final = 100
"""How long a line may be if nothing else is said."""

_INDENT: Final = 2
_FEW: Final = 16  # brackets of a phase that are broken one by one
_TOKEN: Final = re.compile(r"[()\[\],]|[^()\[\],\s]+")
_LONGEST: Final = max(map(len, KEYWORDS)) + 1
_LARGE: Final = re.compile(rf"(?<![\w.])(\d+(?:\.\d+)?)([{''.join(MAGNITUDES)}])\b")
_NUMBER: Final = re.compile(rf"(?<![\w.])(\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)([{''.join(MAGNITUDES)}]?)")
_COMMENT: Final = re.compile(r"#[^\n]*")
_CLOSING: Final = {word for cls in CLAUSES.values() for word in {*cls.WORDS} - {*cls.opening()}}
_OPENING: Final = [word for word in KEYWORDS if word not in _CLOSING]
_OPEN: Final = re.compile(rf"(?:[(\[=@+\-*/]|(?<![A-Za-z0-9_])(?:{'|'.join(_OPENING)}))\Z")
"""What a text has in front of a comment if what the comment is about has yet to come."""


def format_text(text: str, width: int = WIDTH, *, name: str | None = None, digits: bool = False) -> str:
    """The canonical text, broken into lines where it is longer than `width`, with all comments.

    Args:
        text: the text of a schedule.
        width: how long a line may be.
        name: where the text comes from, for errors.
        digits: whether what is written in digits stays so, and doesn't become `2M`.

    Raises:
        ScheduleError: with everything that is wrong with the text.

    >>> print(format_text("linear from 0 to 3e-4 for 500 then # slowly\\n cosine(3e-4, 0.00001,)"))
    linear(0, 3e-4) for 500
    # slowly
    then cosine(3e-4, 1e-5)
    >>> print(format_text("warmup(w) then cosine(peak, 0) where w = 5%, peak = 3e-4", width=40))
    warmup(w) then cosine(peak, 0)
    where
      w = 5%,
      peak = 3e-4,
    """
    schedule = parse(text, name=name)
    canonical = _in_digits(str(schedule), text) if digits else str(schedule)
    layout = _Layout(_tokenized(canonical), width)
    comments = list(_COMMENT.finditer(text))
    if comments:
        _attach(comments, text, schedule, layout, parse(canonical))
    formatted = "\n".join(layout.lines())
    return canonical if len(formatted) > limits.SOURCE and not comments else formatted


def _in_digits(canonical: str, text: str) -> str:
    """A canonical text whose thousands, millions and so on are in digits where those of the text are."""
    written: dict[Decimal, str] = {Decimal(number): number for number, letter in _NUMBER.findall(text) if not letter}

    def number(found: re.Match[str]) -> str:
        return written.get(Decimal(found[1]).scaleb(MAGNITUDES[found[2]]), found[0])

    return _LARGE.sub(number, canonical)


def without_blank_lines(text: str) -> Span:
    """Where a text stands between the blank lines at its top and its bottom, if there are any.

    >>> text = "\\n\\n  cosine \\n"
    >>> text[slice(*without_blank_lines(text))]
    '  cosine '
    """
    top = re.compile(r"(?:[ \t\f]*\r?\n)*").match(text)
    start, last = 0 if top is None else top.end(), len(text.rstrip(" \t\f\r\n"))
    blanks = re.compile(r"[ \t\f]*").match(text, last)
    return Span(start, max(start, last if blanks is None else blanks.end()))


# The text, taken apart where it can be broken.


class _Token(NamedTuple):
    text: str
    start: int
    spaced: bool  # whether there is a blank in front of it


@attrs.define(eq=False)
class _Phase:
    """What stands on one line if it can: tokens and brackets; with the comments before it and behind it."""

    parts: list[_Token | _Bracket] = attrs.field(factory=list)
    before: list[str] = attrs.field(factory=list)
    behind: list[str] = attrs.field(factory=list)

    def flat(self) -> str:
        text = ""
        for part in self.parts:
            text += (" " if part.spaced and text else "") + (part.text if isinstance(part, _Token) else part.flat())
        return text

    def brackets(self) -> list[_Bracket]:
        return [part for part in self.parts if isinstance(part, _Bracket)]

    def has_comments(self) -> bool:
        return bool(self.before or self.behind) or any(bracket.has_comments() for bracket in self.brackets())


_Chain: TypeAlias = list[_Phase]  # joined by `then`


def _flat(chain: _Chain) -> str:
    return " then ".join(phase.flat() for phase in chain)


def _has_comments(chain: _Chain) -> bool:
    return any(phase.has_comments() for phase in chain)


@attrs.define(eq=False)
class _Bracket:
    """Chains in brackets, with commas between them: arguments, a list, or one chain in parentheses."""

    opening: str
    spaced: bool
    grouping: bool  # parentheses around one chain, which take no comma
    chains: list[_Chain] = attrs.field(factory=list)

    def flat(self) -> str:
        return self.opening + ", ".join(_flat(chain) for chain in self.chains) + self.closing

    @property
    def closing(self) -> str:
        return ")" if self.opening == "(" else "]"

    def only(self) -> _Bracket:
        """The list in it if there is nothing else, so that both are broken as one: `values([`."""
        if len(self.chains) == 1 and len(self.chains[0]) == 1:
            (phase,) = self.chains[0]
            if len(phase.parts) == 1 and isinstance(phase.parts[0], _Bracket) and not phase.before + phase.behind:
                return phase.parts[0]
        return self

    def has_comments(self) -> bool:
        return any(_has_comments(chain) for chain in self.chains)


def _tokenized(canonical: str) -> list[_Token]:
    return [
        _Token(found[0], found.start(), canonical[found.start() - 1 : found.start()] == " ")
        for found in _TOKEN.finditer(canonical)
    ]


class _Layout:
    """A canonical text as a body and definitions, and how they are broken into lines."""

    def __init__(self, tokens: list[_Token], width: int) -> None:
        self._width = width
        self.starts: list[tuple[int, _Phase]] = []  # where each token begins, and the smallest phase it is in
        self.ends: list[tuple[int, _Phase]] = []  # the same of where it ends
        self._left = iter(tokens)
        chains, stop = self._chains()
        self.body = chains[0]
        self.definitions = [] if stop is None else self._chains()[0]
        self.last = (self.definitions[-1] if self.definitions else self.body)[-1]
        self.end: list[str] = []  # comments behind everything
        self.one_line = True  # whether a comment behind the last phase may be one about the whole

    def _chains(self) -> tuple[list[_Chain], _Token | None]:
        """What stands in a bracket, or outside of all, and the token that ends it."""
        chains: list[_Chain] = [[_Phase()]]
        before = ""
        for token in self._left:
            phase = chains[-1][-1]
            if token.text in (")", "]", "where"):
                return chains, token
            if token.text == ",":
                chains.append([_Phase()])
            elif token.text == "then":
                chains[-1].append(_Phase())
            else:
                self.starts.append((token.start, phase))
                if token.text in ("(", "["):
                    called = re.search(r"\w\Z", before) is not None and not token.spaced
                    bracket = _Bracket(token.text, token.spaced, token.text == "(" and not called)
                    phase.parts.append(bracket)
                    bracket.chains, closing = self._chains()
                    token = closing or token
                else:
                    phase.parts.append(token)
                self.ends.append((token.start + len(token.text), phase))
            before = token.text
        return chains, None

    def phase_at(self, offset: int, places: list[tuple[int, _Phase]]) -> _Phase:
        """The smallest phase with the token that begins, or ends, at an offset, or else the next one before it."""
        index = bisect_right(places, offset, key=itemgetter(0))
        return places[index - 1][1] if index else self.body[0]

    # Lines.

    def lines(self) -> list[str]:
        """The whole text."""
        first, last = self.body[0], self.last
        above, behind = first.before, last.behind
        first.before = []
        if self.one_line:
            last.behind = []
        whole = [self.body, *self.definitions]
        flat = _flat(self.body)
        if self.definitions:
            flat += " where " + ", ".join(_flat(chain) for chain in self.definitions)
        fits = len(flat) <= self._width and not any(_has_comments(chain) for chain in whole)
        last.behind = behind
        if fits:
            return [*above, *behind[:-1], flat + _comment(behind), *self.end]
        lines = [*above, *self._chain(self.body, 0)]
        if self.definitions:
            lines.append("where")
            for definition in self.definitions:
                lines += self._chain(definition, _INDENT, ",", _INDENT)
        return [*lines, *self.end]

    def _chain(self, chain: _Chain, indent: int, tail: str = "", hang: int = 0) -> list[str]:
        """The lines of a chain; `tail` stands behind it, and `hang` is how much further its later phases are in."""
        flat = _flat(chain)
        if len(chain) > 1 and not _has_comments(chain) and indent + len(flat + tail) <= self._width:
            return [" " * indent + flat + tail]
        lines = []
        for index, phase in enumerate(chain):
            inside = indent + hang if index else indent
            last = index == len(chain) - 1
            lines += self._phase(phase, inside, "then " if index else "", tail if last else "")
        return lines

    def _phase(self, phase: _Phase, indent: int, head: str, tail: str) -> list[str]:
        """The lines of a phase: as many of its brackets are broken as have comments, or as it takes to fit."""
        broken = [bracket for bracket in phase.brackets() if bracket.has_comments()]
        whole = sorted((each for each in phase.brackets() if each not in broken), key=lambda each: len(each.flat()))
        more = 1
        while True:
            lines = self._broken(phase, broken, indent, head, tail)
            fits = all(len(line) <= self._width for line, own in lines if own)
            if fits or not whole:
                break
            broken += whole[-more:]
            del whole[-more:]
            more += len(broken) // _FEW  # of very many, many at once
        above = [" " * indent + comment for comment in (*phase.before, *phase.behind[:-1])]
        written = [line for line, _ in lines]
        written[-1] += _comment(phase.behind)
        return above + written

    def _broken(
        self, phase: _Phase, broken: list[_Bracket], indent: int, head: str, tail: str
    ) -> list[tuple[str, bool]]:
        """The lines of a phase with these of its brackets broken, and whether each is the phase's own."""
        lines: list[tuple[str, bool]] = []
        line = " " * indent + head
        begun = False
        for part in phase.parts:
            line += " " if part.spaced and begun else ""
            begun = True
            if isinstance(part, _Token):
                line += part.text
            elif part not in broken:
                line += part.flat()
            else:
                inner = part.only()
                lines.append((line + part.opening + ("" if inner is part else inner.opening), True))
                lines += [(each, False) for each in self._inside(inner, indent + _INDENT)]
                line = " " * indent + ("" if inner is part else inner.closing) + part.closing
        return [*lines, (line + tail, True)]

    def _inside(self, bracket: _Bracket, indent: int) -> list[str]:
        """What stands in a broken bracket: as many items of a plain list on a line as fit, else one."""
        if bracket.grouping:
            return self._chain(bracket.chains[0], indent)
        plain = all(len(chain) == 1 and not chain[0].brackets() for chain in bracket.chains)
        if bracket.opening == "[" and plain and not bracket.has_comments():
            lines = [" " * indent]
            for chain in bracket.chains:
                item = f"{_flat(chain)},"
                if lines[-1].strip() and len(lines[-1]) + 1 + len(item) > self._width:
                    lines.append(" " * indent)
                lines[-1] += f" {item}" if lines[-1].strip() else item
            return lines
        return [line for chain in bracket.chains for line in self._chain(chain, indent, ",", _INDENT)]


def _comment(behind: list[str]) -> str:
    """The last of the comments behind something, as it stands there."""
    return f"  {behind[-1]}" if behind else ""


# Comments.


def _attach(comments: list[re.Match[str]], text: str, schedule: Schedule, layout: _Layout, canonical: Schedule) -> None:
    """Give each comment to the phase that has the node it is about."""
    known = sorted(_pairs(schedule, canonical), key=lambda pair: (pair[0].start, -pair[0].end))
    bare = _COMMENT.sub(lambda found: " " * len(found[0]), text)
    layout.one_line = "\n" not in bare.strip()
    begun = 0  # how many of the nodes begin before the comment
    around: list[tuple[Span, Span]] = []  # those of them that end behind it, each inside of the one before
    done: tuple[Span, Span] | None = None  # the one that ended last, of several the outermost
    for found in comments:
        offset = found.start()
        words = found[0].rstrip()
        while begun < len(known) and known[begun][0].start < offset:
            done = _ended(around, known[begun][0].start, done)
            around.append(known[begun])
            begun += 1
        done = _ended(around, offset, done)
        inmost = around[-1] if around else None
        following = known[begun] if begun < len(known) else None
        before = done
        if following is not None and inmost is not None and following[0].start >= inmost[0].end:
            following = None
        if before is not None and inmost is not None and before[0].end <= inmost[0].start:
            before = None
        line = text[text.rfind("\n", 0, offset) + 1 : offset]
        own = not line.strip() or _OPEN.search(bare[:offset].rstrip()[-_LONGEST:]) is not None
        if following is not None and (own or (before is None and inmost is None)):
            layout.phase_at(following[1].start, layout.starts).before.append(words)
        elif own and inmost is None:
            layout.end.append(words)
        else:
            nearest = before or inmost
            phase = layout.last if nearest is None else layout.phase_at(nearest[1].end, layout.ends)
            phase.behind.append(words)


def _ended(around: list[tuple[Span, Span]], offset: int, done: tuple[Span, Span] | None) -> tuple[Span, Span] | None:
    """Take away what has ended at an offset; returns the one that ended last, of several the outermost."""
    while around and around[-1][0].end <= offset:
        pair = around.pop()
        if done is None or (pair[0].end, -pair[0].start) >= (done[0].end, -done[0].start):
            done = pair
    return done


def _pairs(left: Schedule, right: Schedule) -> Iterator[tuple[Span, Span]]:
    """Where each node stands in one text and in another, for schedules that are equal."""
    stack = [(left, right)]
    while stack:
        one, other = stack.pop()
        if one.place is not None and other.place is not None:
            yield one.place.span, other.place.span
        if isinstance(one, Where) and isinstance(other, Where):
            for here, there in zip(one.definitions, other.definitions, strict=True):
                if here.place is not None and there.place is not None:
                    yield here.place.span, there.place.span
                stack.append((here.value, there.value))
        stack += [(here, there) for (_, _, here), (_, _, there) in zip(children(one), children(other), strict=True)]
