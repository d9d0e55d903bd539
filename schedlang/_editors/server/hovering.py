"""What to tell of the word at a place in a schedule."""

from __future__ import annotations

import inspect
from typing import Final, NamedTuple

from ... import functions
from ..._bound.bound import Bound
from ..._language.describing import about, doc_of, named_by, signature_of
from ..._language.highlight import WordKind, pieces
from ..._language.names import definitions_of
from ..._language.nodes import PRIMITIVES
from ..._language.nodes.base import Argument
from ..._language.nodes.scalars import VARIABLES, read_decimal
from ..._language.parse import parse
from ..._language.program import Row
from ..._text.errors import ScheduleError
from ..._text.numerals import shortened
from ..._text.run import UNITS
from ..._text.source import Span
from .manual import KEYWORD_DOCS, unit_doc

_COPIES: Final = 3  # of a repeated phase that are told
_BETWEEN: Final = (WordKind.BLANK, WordKind.COMMENT, WordKind.ERROR)


class _Word(NamedTuple):
    kind: WordKind
    text: str
    span: Span


class Hover(NamedTuple):
    """What to tell, as Markdown, and of which piece of the text."""

    markdown: str
    span: Span


def hover(text: str, offset: int, bound: Bound | None = None) -> Hover | None:
    """What is known of the word at an offset, and of the phase that it is in if there is a run.

    >>> from schedlang import parse
    >>> text = "warmup(5%) then cosine(1, 0)"
    >>> print(hover(text, 17, parse(text).bind(1000)).markdown.splitlines()[-1])
    Steps 50 to 999 of 1000: `cosine(1, 0)`, from 1 to 0.
    """
    words = [_Word(each.kind, text[slice(*each.span)], each.span) for each in pieces(text) if each.kind not in _BETWEEN]
    index = next((index for index, each in enumerate(words) if each.span.start <= offset < each.span.end), None)
    if index is None:
        return None
    span = words[index].span
    paragraphs = _paragraphs(text, words, index, bound) + _phases_around(text, span, bound)
    return Hover("\n\n".join(paragraphs), span) if paragraphs else None


def _paragraphs(text: str, words: list[_Word], index: int, bound: Bound | None) -> list[str]:
    word = words[index].text
    chosen = _chosen(words, index)
    if chosen is not None:
        return [chosen]
    match words[index].kind:
        case WordKind.PRIMITIVE:
            cls = PRIMITIVES[word]
            summary, _, rest = doc_of(cls).partition("\n\n")
            formula = [] if not rest else [f"```text\n{rest.partition('>>>')[0].strip()}\n```"]
            return [f"```schedlang\n{signature_of(cls)}\n```", " ".join(summary.split()), *formula]
        case WordKind.FUNCTION:
            return [f"```schedlang\n{word}(…)\n```", inspect.getdoc(getattr(functions, word)) or ""]
        case WordKind.KEYWORD:
            return [KEYWORD_DOCS[word]]
        case WordKind.VARIABLE:
            return [VARIABLES[word]]
        case WordKind.UNIT:
            return [unit_doc(word), *_steps_of_time(words[index - 1].text, word, words, bound)]
        case WordKind.NUMBER if index + 1 < len(words) and words[index + 1].kind is WordKind.UNIT:
            return _steps_of_time(word, words[index + 1].text, words, bound)
        case WordKind.LABEL:
            arguments = _arguments_around(words, index)
            if arguments is None:
                return _meaning_of_name(text, word, None)
            return [f"`{argument.name}`: {about(argument)}" for argument in arguments if argument.name == word]
        case WordKind.NAME:
            return _meaning_of_name(text, word, bound)
        case _:
            return []


def _steps_of_time(number: str, word: str, words: list[_Word], bound: Bound | None) -> list[str]:
    """How many steps an amount of time is; of a share in a text with `over` that isn't known."""
    if bound is None:
        return []
    unit, total = UNITS[word], bound.run.total_steps
    if unit.symbol != "%":
        rate = unit.steps(bound.run)
    else:
        over = any(each.kind is WordKind.KEYWORD and each.text == "over" for each in words)
        rate = None if over or total is None else total / 100
    try:
        numerator, denominator = read_decimal(number, None).as_integer_ratio()
    except ScheduleError:
        return []
    if rate is None:
        return []
    return [f"{number} {word} = {float(rate * numerator / denominator):.10g} steps in this run."]


def _chosen(words: list[_Word], index: int) -> str | None:
    """What a word means that an argument is chosen by, such as the `both` of `inclusive=both`."""
    if index < 2 or words[index - 2].kind is not WordKind.LABEL:
        return None
    word, name = words[index].text, words[index - 2].text
    for argument in _arguments_around(words, index) or ():
        if argument.name == name and word in argument.parameter.choices:
            return f"`{word}` for `{name}`: {about(argument)}"
    return None


def _arguments_around(words: list[_Word], index: int) -> tuple[Argument, ...] | None:
    """The arguments that the call around a word takes; None if it stands in no bracket."""
    depth = 0
    for before in range(index - 1, -1, -1):
        if words[before].kind is WordKind.PUNCTUATION and words[before].text != ",":
            depth += (words[before].text in ")]") - (words[before].text in "([")
        if depth < 0:
            name = words[before - 1].text if before else ""
            return PRIMITIVES[name].arguments() if name in PRIMITIVES else named_by(name)
    return None


def _meaning_of_name(text: str, word: str, bound: Bound | None) -> list[str]:
    try:
        names = definitions_of(parse(text))[1]
    except ScheduleError:
        return []
    if word in names:
        return [f"```schedlang\n{word} = {names[word]}\n```"]
    if bound is not None and word in bound.params:
        return [f"A parameter of the run: `{word} = {bound.params[word]}`."]
    return [f"`{word}` is a parameter: whoever binds the schedule gives it."]


def _phases_around(text: str, span: Span, bound: Bound | None) -> list[str]:
    """The phases that a piece of the text is in: of those around it the narrowest, with its first copies."""
    if bound is None:
        return []
    places = [(row, row.place.span) for row in bound.phases if row.place and row.place.source.text == text]
    around = [(row, end - start) for row, (start, end) in places if start <= span.start and span.end <= end]
    least = min((size for _, size in around), default=0)
    rows = [row for row, size in around if size == least]
    more = [f"and {len(rows) - _COPIES} more"] if len(rows) > _COPIES else []
    return ["  \n".join([_phase_in_words(row, bound) for row in rows[:_COPIES]] + more)] if rows else []


def _phase_in_words(row: Row, bound: Bound) -> str:
    written = " ".join(row.text.split()).replace("`", "'")
    end = "" if row.end is None or row.end == row.start else f" to {shortened(row.end)}"
    values = f"from {shortened(row.start)}{end}" if end else f"at {shortened(row.start)}"
    if row.stop is None:
        return f"From step {row.first} on: `{written}`, {values}."
    of = "" if bound.total_steps is None else f" of {bound.total_steps}"
    return f"Steps {row.first} to {row.stop - 1}{of}: `{written}`, {values}."
