"""Warnings: what a schedule is allowed to do in its run, and yet probably was not meant to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from fractions import Fraction
from typing import Final

import attrs

from ..._bound.bound import Bound, awaited
from ..._bound.telling import codes_of
from ..._language.nodes import Schedule, Where
from ..._language.parse import parse, placed
from ..._text.errors import Diagnostic, ScheduleError
from ..._text.source import Place, Source, Span
from . import rules_handed, rules_layout, rules_levels, rules_text, rules_values
from .layout import KEPT, Layout
from .rule import OF_ADAPTERS, RULES, Comment, Story, rules_about

_DECLARING: Final = (rules_handed, rules_layout, rules_levels, rules_text, rules_values)

STORIES: Final[dict[str, Story]] = {code: RULES[code].story for code in sorted(RULES)}
"""Every warning by its code."""


_OF_STEPS: Final = re.compile(r"\bsteps?\b")


def warnings(
    schedule: Bound | Schedule, ignore: Iterable[str] = (), *, jump: float = 10.0, share: float = 0.01
) -> tuple[Diagnostic, ...]:
    """What a schedule is allowed to do, and yet was probably not meant to, in the order of the text.

    Args:
        schedule: a schedule that is bound to its run; of one that isn't, only that is told which takes no run to see.
        ignore: codes that are not wanted.
        jump: from which factor on a jump is told.
        share: which share of the run counts as much, for W501 and W510.

    >>> from schedlang import parse
    >>> print(*warnings(parse("warmup(200) then cosine").bind(300)))
    warning[W511]: the warm-up takes 200 steps, and what follows it only 100
      |
    1 | warmup(200) then cosine
      |        ^^^
      = help: make it shorter, for example `warmup(5%)`
    """
    bound, text = (None, schedule) if isinstance(schedule, Schedule) else (schedule, schedule.schedule)
    text = placed(text)
    unwanted = codes_of(ignore)
    comments = [] if text.place is None else list(_ignoring_comments(text.place.source))
    in_text = [finding for rule in RULES.values() for finding in rule.in_text(text)]
    findings = in_text if bound is None else _whatever_comes(bound, jump, share)
    codes = {finding.code for finding in (*findings, *in_text)}
    if bound is None:
        codes |= {code for code, story in STORIES.items() if story.by_run}  # who knows
    about_comments = [rules_text.UnknownCode.of(code, None) for code in sorted(unwanted - set(STORIES) - OF_ADAPTERS)]
    for comment in comments:
        for rule in RULES.values():
            about_comments += rule.in_comment(comment, frozenset(codes))
    left = []
    if all(comment.codes for comment in comments):
        ignored = unwanted.union(*({code for code, _ in comment.codes} for comment in comments))
        left = [finding for finding in findings if finding.code not in ignored]
    left.sort(key=lambda finding: (finding.span or Span(0, 0), finding.code))
    return (*left, *(finding for finding in about_comments if finding.code not in unwanted))


def is_unwanted(code: str, ignore: Collection[str], schedule: Schedule | None) -> bool:
    """Whether a warning is not wanted: by its code, or by a comment in the text of a schedule."""
    comments = [] if schedule is None or schedule.place is None else _ignoring_comments(schedule.place.source)
    return code in ignore or any(
        not comment.codes or code in {each for each, _ in comment.codes} for comment in comments
    )


def _whatever_comes(bound: Bound, jump: float, share: float) -> list[Diagnostic]:
    """What is found in a run; with events that are not known yet, what is still found once they have come."""
    bound = bound.ticks
    found = list(_in_run(Layout(bound, jump, share)))
    if bound.run.clock is not None:  # what is said of steps holds for those alone
        found = [each for each in found if not _OF_STEPS.search(f"{each.message} {each.hint}")]
    events = awaited(bound)
    if not events:
        return found
    layout = Layout(bound, jump, share)
    layout.binding.rehearsal = dict.fromkeys(events, Fraction(1, 2))
    try:
        stays = {(each.code, each.span) for each in _found(layout)}
    except ScheduleError:  # what is beyond the limits then
        return found
    return [each for each in found if (each.code, each.span) in stays]


def _in_run(layout: Layout) -> Iterator[Diagnostic]:
    found = list(_found(layout))
    codes = {finding.code for finding in found}
    for finding in found:
        example = finding.example
        right = example is None or _is_right(example, finding, codes, layout)
        yield finding if right else attrs.evolve(finding, example=None)


def _found(layout: Layout) -> Iterator[Diagnostic]:
    rules = {rule: rule(layout) for rule in RULES.values()}
    layout.lay_out(lambda kind: [rules[rule].sight for rule in rules_about(kind)])
    for rule in rules.values():
        rule.conclude()
    found = [(rule, finding) for rule in rules.values() for finding in rule.diagnostics()]
    for rule, finding in found:
        if not any(other.code in rule.yields and _overlap(finding, other) for _, other in found):
            yield finding


def _is_right(example: str, finding: Diagnostic, codes: set[str], layout: Layout) -> bool:
    """Whether an example is a schedule in this run, and is told neither of the same mistake nor of another kind."""
    whole = layout.bound.schedule
    try:
        schedule = parse(example)
        if isinstance(whole, Where) and not isinstance(schedule, Where):  # its definitions stand elsewhere
            schedule = attrs.evolve(whole, body=schedule)
        trial = Layout(attrs.evolve(layout.bound, schedule=schedule), layout.jump, layout.share, KEPT)
        left = {(each.code, each.message) for each in _found(trial)}
    except ScheduleError:  # it is none, or none here: then it is not shown
        return False
    return (finding.code, finding.message) not in left and {code for code, _ in left} <= codes


def _overlap(one: Diagnostic, other: Diagnostic) -> bool:
    """Whether two findings are about the same piece of a text."""
    if one.span is None or other.span is None:
        return False
    return one.source == other.source and one.span.start < other.span.end and other.span.start < one.span.end


_COMMENT: Final = re.compile(r"#[^\n]*")
_IGNORE: Final = re.compile(r"\bschedlang:[ \t]*ignore\b[ \t]*([^#\n]*)")
_CODE: Final = re.compile(r"[^\s,;]+")


def _ignoring_comments(source: Source) -> Iterator[Comment]:
    for comment in _COMMENT.finditer(source.text):
        ignore = _IGNORE.search(source.text, *comment.span())
        if ignore is not None:
            found = list(_CODE.finditer(source.text, *ignore.span(1)))
            end = found[-1].end() if found else ignore.start(1)
            codes = [(code[0], Place(source, Span(*code.span()))) for code in found]
            yield Comment(Place(source, Span(ignore.start(), end)), codes)
