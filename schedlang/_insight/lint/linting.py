"""Warnings: what a schedule is allowed to do in its run, and yet probably was not meant to.

A schedule is laid out once more, and each node tells where it came to lie. The rules look at that and at the phase
table, never at every step, so they cost about as much as binding.

>>> from schedlang import parse
>>> for found in warnings(parse("warmup(5%) then cosine(3e-4, 0) for 50%").bind(10_000)):
...     print(found.code, found.message)
W510 the schedule ends at step 5500, and holds 0 for the other 4500 steps, 45 % of the run

Of a schedule that is not bound only that is told which takes no run to see:

>>> for found in warnings(parse("warmup(5%) then cosin")):
...     print(found.code, found.message, "-", found.hint)
W515 `cosin` is a parameter, as no schedule is called so - did you mean `cosine`?

A comment in the text switches warnings off: `# schedlang: ignore W503, W510`, or `# schedlang: ignore` for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from ..._language.nodes import Schedule
from ..._language.parse import parse
from ..._text.errors import Diagnostic, nearest
from ..._text.source import Place, Source, Span
from .linter import JUMP, SHARE, Linter
from .textual import misspelt

if TYPE_CHECKING:
    from ..._bound.bound import Bound


class Story(NamedTuple):
    """What a warning is about.

    Attributes:
        title: what is odd.
        why: what comes of it, and what to do.
        wrong: a text that gets this warning and no other in a run of 1000 steps, 100 an epoch.
        right: one that gets none.
        by_run: whether it takes a run to tell it; else only texts are told of it that have not met one.
    """

    title: str
    why: str
    wrong: str
    right: str
    by_run: bool = True


STORIES: Final = {
    "W501": Story(
        "the first updates have the value 0",
        "An update with a learning rate of 0 changes nothing. One at the foot of a long warm-up is no harm, so this is "
        "told if they are 1 % of the run or more.",
        "warmup(20%) every 5% then cosine",
        "warmup(20%, inclusive=right) every 5% then cosine",
    ),
    "W502": Story(
        "the value jumps where two phases meet",
        "By more than a factor of 10, or from or to 0. A phase that states no start goes on from the value it is "
        "handed. Not told of restarts by `repeat`, of milestones and keys, between two constants, or where a `warmup` "
        "begins.",
        "warmup(5%, end=3e-3) then cosine(3e-5, 0)",
        "warmup(5%) then cosine(3e-3, 0)",
    ),
    "W503": Story(
        "a phase never plays",
        "The run or a window is over before it begins, its place has passed, or no whole step falls into it. Not told "
        "of a length of exactly 0, which is a way to leave a phase out.",
        "warmup(500) then hold until 30% then cosine",
        "warmup(500) then hold until 80% then cosine",
    ),
    "W504": Story(
        "a phase is cut by the end of the run",
        "The schedule is longer than the run. A phase is never squeezed, so the run ends in the middle of it.",
        "warmup(100) then cosine(1, 0) for 2000",
        "warmup(100) then cosine(1, 0)",
    ),
    "W505": Story(
        "a milestone or key past the end",
        "It lies behind the end of the run or of its phase, so it changes nothing.",
        "step_fixed(0.1, [3ep, 6ep, 30ep])",
        "step_fixed(0.1, [3ep, 6ep, 9ep])",
    ),
    "W506": Story(
        "two milestones on one step",
        "The value changes twice at once, or of two keys the first is never seen.",
        "step_fixed(0.1, [30%, 3ep])",
        "step_fixed(0.1, [30%, 6ep])",
    ),
    "W507": Story(
        "a bound that never takes effect",
        "An argument of `min`, `max` or `clip` that the others are always beyond.",
        "max(cosine(1, 0.1), 0.01)",
        "max(cosine(1, 0), 0.01)",
    ),
    "W508": Story(
        "a ramp never reaches its end",
        "Its phase is shorter than the ramp, which is cut and not squeezed.",
        "linear(1, 0.1, 500) for 250 then hold",
        "linear(1, 0.1) for 250 then hold",
    ),
    "W509": Story(
        "the value is negative",
        "Hardly any hyperparameter may be.",
        "linear(1, 0) - 0.1",
        "max(linear(1, 0) - 0.1, 0)",
    ),
    "W510": Story(
        "the schedule is shorter than the run",
        "Its last value is held for more than 1 % of the run. Write `then hold` if that is meant. Not told of "
        "`step_fixed`, which stays where its last milestone brings it.",
        "warmup(5%) then cosine(1, 0.1) for 50%",
        "warmup(5%) then cosine(1, 0.1) for 50% then hold",
    ),
    "W511": Story(
        "a warm-up is longer than what follows it",
        "Often it was meant for a longer run, or in another unit.",
        "warmup(600) then cosine",
        "warmup(60) then cosine",
    ),
    "W512": Story(
        "a fraction where `%` was probably meant",
        "A bare `0.8` is 80 % of the run, but neither `0.8ep` nor `0.8%` is, and in arithmetic it is a number.",
        "warmup(0.05%) then cosine",
        "warmup(0.05) then cosine",
    ),
    "W513": Story(
        "a warning that doesn't exist is switched off",
        "Codes of warnings are W501 and so on.",
        "cosine # schedlang: ignore W999",
        "cosine",
    ),
    "W514": Story(
        "a comment that switches nothing off",
        "What it was written for is gone, so it may go too, before it hides something else.",
        "cosine # schedlang: ignore W503",
        "cosine",
    ),
    "W515": Story(
        "a name that looks like a misspelt schedule",
        "A name that nothing defines is a parameter, and a parameter is a schedule, too: a constant. As the whole of a "
        "phase, and this close to the name of a primitive, it is hardly meant so. Told where there is no run: in one, "
        "a parameter that is not given is an error, and one that is given was meant.",
        "warmup(5%) then cosin",
        "warmup(5%) then cosine",
        by_run=False,
    ),
    "W516": Story(
        "a product takes the value it is handed twice",
        "Both sides of `warmup(5ep) * step_fixed(0.1, [30ep, 60ep])` begin at `base`: with a `base` of 0.1 the product "
        "climbs to 0.01. Let one of them start at 1, or warm up to 1. Not told where 1 is handed to them, whose square "
        "is no other.",
        "0.1 for 10% then cosine * step_fixed(0.5, [50%])",
        "0.1 for 10% then cosine * step_fixed(0.5, [50%], start=1)",
    ),
    "W517": Story(
        "a warm-up that goes nowhere",
        "It starts and ends at the same value, so nothing warms up. Behind a phase that ends at 0 it ends at the 0 "
        "handed on, and what follows it stays there, too, for the rest of the run: say where it ends.",
        "0 for 20% then warmup(5%) then cosine",
        "0 for 20% then warmup(5%, end=base) then cosine",
    ),
}
"""Every warning by its code."""


def warnings(
    schedule: Bound | Schedule, ignore: Iterable[str] = (), *, jump: float = JUMP, share: float = SHARE
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
    if text.place is None:
        text = parse(str(text))
    source = Source("") if text.place is None else text.place.source
    unwanted, comments = frozenset(ignore), _comments(source.text)
    names = misspelt(text)
    seen = names if bound is None else Linter(bound, jump, share).diagnostics()
    found = sorted(seen, key=lambda each: (each.span or Span(0, 0), each.code))
    told = {each.code for each in (*found, *names)}
    if bound is None:
        told |= {code for code, story in STORIES.items() if story.by_run}  # who knows
    noted = [_unknown(code, None) for code in sorted(unwanted - set(STORIES))]
    for span, codes in comments:
        noted += [_unknown(code, Place(source, at)) for code, at in codes if code not in STORIES]
        idle = [(code, at) for code, at in codes if code in STORIES and code not in told]
        if not codes and not told:
            idle = [("warning", span)]
        for code, at in idle:
            noted.append(
                Diagnostic.at(Place(source, at), "W514", f"there is no {code} here to be ignored", "remove it")
            )
    hidden = unwanted.union(*({code for code, _ in codes} for _, codes in comments))
    left = [] if any(not codes for _, codes in comments) else [each for each in found if each.code not in hidden]
    return (*left, *(each for each in noted if each.code not in unwanted))


_COMMENT: Final = re.compile(r"#[^\n]*")
_IGNORE: Final = re.compile(r"\bschedlang:[ \t]*ignore\b[ \t]*([^#\n]*)")


def _comments(text: str) -> list[tuple[Span, list[tuple[str, Span]]]]:
    """The comments that switch warnings off, and the codes in them; no code: all warnings."""
    found = []
    for comment in _COMMENT.finditer(text):
        ignore = _IGNORE.search(text, *comment.span())
        if ignore is not None:
            codes = [(code[0], Span(*code.span())) for code in re.compile(r"[^\s,;]+").finditer(text, *ignore.span(1))]
            found.append((Span(ignore.start(), codes[-1][1].end if codes else ignore.start(1)), codes))
    return found


def _unknown(code: str, place: Place | None) -> Diagnostic:
    close = nearest(code.upper(), STORIES)
    hint = f"did you mean `{close}`?" if close else f"codes of warnings are {min(STORIES)} … {max(STORIES)}"
    return Diagnostic.at(place, "W513", f"there is no warning `{code}`", hint)
