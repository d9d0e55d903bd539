"""What the page asks, and what it is told: JSON in, JSON out. It runs in the browser, and anywhere else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import accumulate
from typing import Any, Final

import attrs

from ..._bound.bind import bind
from ..._bound.bound import Bound
from ..._bound.sampling import horizon
from ..._language.names import definitions_of, names_in
from ..._language.nodes import PRIMITIVES, Negative, Number, Schedule
from ..._language.nodes.scalars import RESERVED, VARIABLES
from ..._language.operations import FUNCTIONS
from ..._language.parse import parse, parse_argument
from ..._pictures.layout import phases_of, trace
from ..._text import lark_parser, limits
from ..._text.errors import Diagnostic, Edit, Meant, Needed, ScheduleError, edited, fail
from ..._text.parsing import check_limits
from ..._text.rendering import as_json
from ..._text.run import RATES, UNITS, Run
from ..._text.source import Source, Span
from ..._transfer.compiling.fitting import is_closed
from .sliders import sliders
from .snippets import snippets

_LISTED: Final = 64  # lines of the phase table
_LONGEST: Final = 50_000  # characters of JavaScript
_REPORTED: Final = 20  # mistakes and warnings


def answer(request: str) -> str:
    """Everything the page shows of a text.

    Args:
        request: a JSON object of `text`, `run` (`total_steps`, `base` … as texts), `params` (texts by name), `start`
            and `stop` (which steps to look at; null for all), and `columns` (how wide the picture is, in points).
            With `only`, which is `code`, the answer is the schedule in JavaScript alone, as `code`: null if there is a
            mistake, or it is no function, or too long a one.

    The answer is a JSON object, in which offsets count UTF-16 units, as a browser does: `tokens` (start, end, kind),
    `diagnostics`, each with `about` (`text`, or the name of a setting, or `params.` and a name), `fixed` (that text
    with the fix in it) and `example` (another text, to look at), `diagnostics_left_out` (how many more there are),
    `numbers` (the sliders), `params` (the names that the text wants a value for; null if that can't be told), `needs`
    (the settings it uses), `canonical`, and, if nothing is wrong, `curve`, `phases`, `marks` and `snippets`.

    >>> reply = json.loads(answer('{"text": "linear(1, 0)", "run": {"total_steps": "4"}}'))
    >>> reply["curve"]["steps"], reply["curve"]["values"]
    ([0, 1, 2, 3, 4], [1.0, 0.75, 0.5, 0.25, 0.0])
    >>> json.loads(answer('{"text": "cosin(1, 0)"}'))["diagnostics"][0]["fixed"]
    'cosine(1, 0)'
    """
    asked = json.loads(request)
    if asked.get("only") == "code":
        return json.dumps({"code": _code(asked)})
    text, run, params = asked["text"], asked.get("run", {}), asked.get("params", {})
    offset = _offsets(text)
    reply: dict[str, Any] = {
        "canonical": None,
        "params": None,
        "curve": None,
        "phases": [],
        "marks": [],
        "snippets": {},
    }
    needs = _needed([text, run.get("total_steps", ""), *params.values()])
    diagnostics: list[Diagnostic] = []
    try:
        reply |= {"tokens": _tokens(text, offset), "numbers": [each.as_json(offset) for each in sliders(text)]}
        schedule = parse(text)
        reply |= {"canonical": str(schedule), "params": _free_names(schedule)}
        settings = _settings_for_bind(run, needs)
        given = _given(schedule, params)
        bound = bind(schedule, **settings, params=given)
        start, stop = asked.get("start") or 0, asked.get("stop")
        reply |= _curve_and_phases(bound, start, stop, asked.get("columns", 400), offset)
        used = ["total_steps", *_needed([text, run.get("total_steps", ""), *map(str, given.values())])]
        reply["snippets"] = snippets(bound, {name: settings[name] for name in used if name in settings}, given)
        diagnostics += bound.warnings()
    except ScheduleError as error:
        diagnostics += error.diagnostics
    reply.setdefault("tokens", [])
    reply.setdefault("numbers", [])
    reply["needs"] = needs
    reply["diagnostics"] = [_diagnostic_as_json(each, offset) for each in diagnostics[:_REPORTED]]
    reply["diagnostics_left_out"] = max(0, len(diagnostics) - _REPORTED)
    return json.dumps(reply)


def _code(asked: Mapping[str, Any]) -> str | None:
    """The schedule of a request in JavaScript, if there is one that is soon written, and not too long for a page."""
    text, run, params = asked["text"], asked.get("run", {}), asked.get("params", {})
    try:
        settings = _settings_for_bind(run, _needed([text, run.get("total_steps", ""), *params.values()]))
        schedule = parse(text)
        bound = bind(schedule, **settings, params=_given(schedule, params))
        found = bound.code("js") if is_closed(bound.program) else ""
    except ScheduleError:
        return None
    return found if 0 < len(found) <= _LONGEST else None


# What is told of the text.


def _offsets(text: str) -> Callable[[int], int]:
    """From offsets in a text to those that a browser counts, where a character beyond U+FFFF is two."""
    if not text or max(text) < "\U00010000":
        return lambda offset: offset
    units = list(accumulate((1 + (character > "\uffff") for character in text), initial=0))
    return lambda offset: units[min(offset, len(text))]


def _browser_span(span: Span, offset: Callable[[int], int]) -> tuple[int, int]:
    return offset(span.start), offset(span.end)


def _tokens(text: str, offset: Callable[[int], int]) -> list[tuple[int, int, str]]:
    """The words of a text that are shown in a colour of their own."""
    check_limits(Source(text))
    words = list(lark_parser.words(text))
    tokens = [
        (offset(word.start), offset(word.end), kind)
        for before, word in zip([None, *words], words, strict=False)
        if (kind := _token_kind(text[word.start : word.end], word.kind, before is not None and before.kind == "NUMBER"))
    ]
    ends = [0, *(word.end for word in words)]
    begins = [*(word.start for word in words), len(text)]
    for end, begin in zip(ends, begins, strict=True):  # what is between words: blanks and comments
        if "#" in text[end:begin]:
            tokens.append((offset(end + text[end:begin].index("#")), offset(begin), "comment"))
    return sorted(tokens)


def _token_kind(word: str, kind: str, behind_number: bool) -> str | None:
    if kind == "NUMBER":
        return "number"
    if word == "%" or (behind_number and word in UNITS):
        return "unit"
    if word in VARIABLES:
        return "variable"
    if word in RESERVED:
        return "keyword"
    if word in PRIMITIVES or word in FUNCTIONS:
        return "shape"
    return "name" if kind == "NAME" else None


def _given(schedule: Schedule, params: Mapping[str, str]) -> dict[str, Any]:
    """What is given for the names that a schedule wants a value for."""
    return {name: _setting_value(name, params[name]) for name in _free_names(schedule) if params.get(name, "").strip()}


def _free_names(schedule: Schedule) -> list[str]:
    body, names = definitions_of(schedule)
    every = (name.name for node in (body, *names.values()) for name in names_in(node))
    return list(dict.fromkeys(name for name in every if name not in names))


def _needed(texts: Iterable[str]) -> list[str]:
    needs = set()
    for text in texts:
        if len(text) <= limits.SOURCE:
            words = [text[word.start : word.end] for word in lark_parser.words(text)]
            needs |= {UNITS[word].needs for word in words if word in UNITS}
    return [name for name in RATES if name in needs]


# What is told of the run.


def _settings_for_bind(run: Mapping[str, str], needs: Iterable[str]) -> dict[str, Any]:
    """The arguments of `bind` that the texts of the settings mean: of the rates those that are needed.

    Raises:
        ScheduleError: with all that is wrong with them; the sources of its diagnostics are called like the settings.
    """
    problems: list[Diagnostic] = []
    given: dict[str, Any] = {}
    wrong = set()
    for name in (*needs, "base"):
        if run.get(name, "").strip():
            try:
                value = _setting_value(name, run[name])
                Run(**{name: value})
                given[name] = value
            except ScheduleError as error:
                problems += _in_setting(error, run[name], name)
                wrong.add(name)
    total = run.get("total_steps", "")
    if total.strip() and wrong.isdisjoint(_needed([total])):
        try:
            given["total_steps"] = _setting_value("total_steps", total)
            bind(parse("0"), **given)
        except ScheduleError as error:
            problems += _in_setting(error, total, "total_steps")
    if problems:
        raise ScheduleError(problems)
    return given


def _in_setting(error: ScheduleError, text: str, name: str) -> Iterator[Diagnostic]:
    source = Source(text, name)
    for each in error.diagnostics:
        yield each if each.source is not None else attrs.evolve(each, source=source)


def _setting_value(name: str, text: str) -> Any:
    """What a setting says: a number, or for a parameter also a text.

    Raises:
        ScheduleError: for what is neither.
    """
    of_run = name in attrs.fields_dict(Run)
    node = parse_argument(text, name=name if of_run else None, parameter=None if of_run else name)
    match node:
        case Number():
            return _int_or_float(node.value)
        case Negative(operand=Number() as number):
            return -_int_or_float(number.value)
    if name in (*RATES, "base"):
        fail(node.place, "E404", f"{name} is `{text}`, not a number", "write a number, such as 3e-4 or 1250")
    return text


def _int_or_float(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


# What is told of the curve.


def _curve_and_phases(
    bound: Bound, start: int, stop: int | None, columns: int, offset: Callable[[int], int]
) -> dict[str, Any]:
    """The curve from start to stop (None: all of it), the phases in it, and all phases of the run."""
    whole = horizon(bound)
    stop = max(whole if stop is None else stop, start + 1)
    points = trace(bound, start, stop, columns)
    rows = bound.phases
    pieces: dict[object, int] = {}
    listed = []
    for row in rows[:_LISTED]:
        place = row.place if row.place is not None and row.place.source.name is None else None
        listed.append(
            {
                "first": row.first,
                "stop": row.stop,
                "start": row.start,
                "end": row.end,
                "shape": row.shape,
                "text": row.text,
                "span": None if place is None else _browser_span(place.span, offset),
                "piece": pieces.setdefault(row.place or row.text, len(pieces)),
            }
        )
    marks = phases_of(bound, start, stop)
    return {
        "curve": {
            "steps": [step for step, _ in points],
            "values": [value for _, value in points],
            "start": start,
            "stop": stop,
            "whole": whole,
        },
        "phases": listed,
        "phases_left_out": len(rows) - len(listed),
        "marks": [
            {"first": mark.first, "stop": mark.stop, "piece": pieces.get(mark.row.place or mark.row.text, mark.kind)}
            for mark in marks
        ],
    }


# What is told of mistakes.


def _diagnostic_as_json(diagnostic: Diagnostic, offset: Callable[[int], int]) -> dict[str, Any]:
    source = diagnostic.source
    reply = as_json(diagnostic) | {
        "fixed": diagnostic.fixed(),
        "example": diagnostic.example or _renamed(diagnostic),
        "hint": _hint_on_page(diagnostic),
    }
    if source is None or source.name is None:
        if diagnostic.span is not None:
            reply["start"], reply["end"] = _browser_span(diagnostic.span, offset)
        return reply | {"about": "text"}
    return reply | {"about": source.name if source.parameter is None else f"params.{source.parameter}"}


def _renamed(diagnostic: Diagnostic) -> str | None:
    """The text with the name that was probably meant, where a parameter is missing: whoever plays has given none."""
    meant, span, source = diagnostic.way_out, diagnostic.span, diagnostic.source
    if not isinstance(meant, Meant) or span is None or source is None:
        return None
    text = edited(source.text, [Edit(span, meant.name)])
    try:
        parse(text)
    except ScheduleError:
        return None
    return text


def _hint_on_page(diagnostic: Diagnostic) -> str | None:
    """A hint that speaks of the page where the library's speaks of a call."""
    needed = diagnostic.way_out
    return needed.hint("fill it in below the text") if isinstance(needed, Needed) else diagnostic.hint
