"""Names that nobody gives: what they mean in other systems, and the text with ours instead."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from .._text.errors import Edit, ScheduleError, edited
from .._text.fixes import foreign
from .._text.fixes.foreign import Measure, says
from .._text.fixes.slips import SHORT, put_right
from .._text.run import UNITS
from .._text.source import Span
from .._text.spelling import misspelt
from .names import definitions_of, free_names, names_in
from .nodes import PRIMITIVES, Name, Schedule
from .nodes.base import Role, children
from .parse import parse
from .translating import text_of_word

_STEPS: Final = frozenset(("step", "T", *(word for word, found in foreign.NAMES.items() if found.here[0] == "step")))
_OF_THE_RUN: Final = frozenset(word for word, found in foreign.NAMES.items() if found.here[0] == "run_step")
_QUOTIENT: Final = re.compile(r"(?<![\w.])(\w+) ?/ ?(\w+)(?![\w.]| ?(?:\*\*|\())")
_SHARE: Final = re.compile(  # what is a share, and no count: `1 - t`, `pi * t`
    r"(?<![\w.])1(?:\.0)? ?- ?(\w+)(?![\w.]| ?[/*])"
    r"|\bpi(?: ?/ ?\d)? ?\* ?(\w+)(?![\w.]| ?\*| ?/(?! ?\d(?![\w.])))"
    r"|\b(\w+) ?\* ?pi\b(?! ?\*| ?/(?! ?\d(?![\w.])))"
)
_FACTOR: Final = re.compile(r"(?:\*\*|/) ?$")
_EPOCHS: Final = frozenset(("epoch", *(word for word, found in foreign.NAMES.items() if found.here[0] == "epoch")))
_NAME: Final = re.compile(r"(?<![\w.])[^\W\d]\w*")
_PARTED: Final = re.compile(r"\b(?:then|over|repeat|skip)\b")
_AMOUNTS: Final = {**dict.fromkeys((*foreign.LENGTHS, "end"), "100%"), "steps_per_epoch": "1ep"}
_ABOUT: Final = {
    "total_steps": "`step / total_steps` is `run_progress`, and all of it, as a length of time, `100%`",
    "steps_per_epoch": "`step / steps_per_epoch` is `epoch`, and one, as a length of time, `1ep`",
    "samples_per_step": "`step * samples_per_step` is `samples`, and a length of time is written `512 samples`",
    "tokens_per_step": "`step * tokens_per_step` is `tokens`, and a length of time is written `2B tok`",
}


def about(name: Name, schedule: Schedule) -> str | None:
    """What a name that is another system's, or tells of the run, is in a text; None if nothing is known of it there.

    >>> from schedlang import parse
    >>> [about(each, text) for text in (parse("lr * 0.9 ** n"), parse("hold for n")) for each in names_in(text)][1:]
    ['`n` (papers) is called `step` here, or `run_step` if it counts from where the run begins', None]
    """
    whole = "" if name.place is None else "".join(name.place.source.text.split())
    word = whole if whole in foreign.ALONE else name.name
    if word in _ABOUT:
        return _ABOUT[word]
    body, definitions = definitions_of(schedule)
    roles = {id(each): role for root in (body, *definitions.values()) for each, role in _placed(root, Role.BODY)}
    match roles.get(id(name), Role.BODY):
        case Role.BODY if word in _STEPS and _is_share(name):
            return foreign.NAMES["x"].note
        case Role.BODY:
            return _as_value(word) or _in_english(name)
        case Role.DURATION | Role.POSITION if word in _AMOUNTS:
            return f"all of the run, as a length of time, is `{_AMOUNTS[word]}`"
        case Role.DURATION | Role.POSITION if word in UNITS:
            return f"say how many: `10 {word}`"
        case Role.NUMBER if word in foreign.NAMES and foreign.NAMES[word].here in (("base",), ("0",)):
            return _as_value(word)
    return _in_english(name)


def _is_share(name: Name) -> bool:
    """Whether what is called so is a share, and no count, somewhere in the text."""
    text = "" if name.place is None else name.place.source.text
    return any(name.name in found.groups() for found in _SHARE.finditer(text))


def _in_english(name: Name) -> str | None:
    """What to say of a word of what people type that happens to be a name: `repeat forever`."""
    if name.place is None or len(name.place.source.text) > SHORT:
        return None
    slips, at = put_right(name.place.source.text), name.place.span.start
    return None if slips is None else next((hint for (start, end), hint in slips.found if start <= at < end), None)


def _as_value(word: str) -> str | None:
    """What a name is where a value stands."""
    if word in foreign.NAMES:
        found = foreign.NAMES[word]
        of_the_run = ", or `run_step` if it counts from where the run begins" if found.here == ("step",) else ""
        return found.note or says(word, found, found.here[0]) + of_the_run
    if word in foreign.LENGTHS_IN_EPOCHS:
        return f"the run is told how long it is: `epoch / {word}` is `run_progress`"
    if word in foreign.LENGTHS or word in foreign.SHORT_LENGTHS:
        return f"the run is told how long it is: `step / {word}` is `run_progress`"
    called = foreign.CALLS.get(word) or foreign.ALONE.get(word)
    return None if called is None else called.note or says(word, called, called.here[0])


def with_our_names(schedule: Schedule, given: Collection[str]) -> str | None:
    """The text of a schedule with our names for others', if that leaves none that is neither there nor `given`.

    >>> from schedlang import parse
    >>> with_our_names(parse("1e-3 * (1 - t / N) ** 0.9"), []), with_our_names(parse("peak * (1 - t / N)"), [])
    ('1e-3 * (1 - run_progress) ** 0.9', None)
    """
    if free_names(schedule) <= {*given}:
        return None
    schedule = _put_right(schedule, given)
    body, names = definitions_of(schedule)
    roots = [body, *names.values()]
    unknown = [each for root in roots for each in names_in(root) if each.name not in names and each.name not in given]
    own = schedule.place
    if own is None or any(each.place is None or each.place.source != own.source for each in unknown):
        return None  # or it stands in a shared text
    if not unknown:
        return own.source.text
    placed = [(each.place, role) for root in roots for each, role in _placed(root, Role.BODY)]
    times = [place.span for place, role in placed if place is not None and role in (Role.DURATION, Role.POSITION)]
    text = _renamed(own.source.text, frozenset(each.name for each in unknown), times)
    try:
        left = free_names(parse(text)) - {*names, *given}
    except ScheduleError:  # what stands there is no value
        return None
    return None if left else text


def _put_right(schedule: Schedule, given: Collection[str]) -> Schedule:
    """What is meant by a text whose words are English, and happen to be one, as `halve every 10 epochs`."""
    if schedule.place is None:
        return schedule
    text = schedule.place.source.text
    slips = put_right(text) if len(text) <= SHORT else None
    if slips is None or slips.unknown:
        return schedule
    try:
        meant = parse(slips.draft.text)
    except ScheduleError:  # then it is not what is meant
        return schedule
    before, after = free_names(schedule), free_names(meant)
    return meant if after <= before and before & {*given} <= after else schedule


def _placed(node: Schedule, role: Role) -> Iterator[tuple[Name, Role]]:
    """The names below a node, and what each is part of: a value, a number, or a length of time."""
    if isinstance(node, Name):
        yield node, role
    for below, _, child in children(node):
        yield from _placed(child, below if role is Role.BODY else role)


def _renamed(text: str, unknown: frozenset[str], times: Iterable[Span]) -> str:
    """A text with those of some unknown names changed that have one meaning; `times`: where lengths of time stand."""
    if len(unknown) == 1 and (whole := text_of_word("".join(text.split()))) is not None:
        return whole
    written = [(span, text[slice(*span)]) for span in times]
    text = edited(text, [Edit(span, _AMOUNTS[word]) for span, word in written if word in unknown & _AMOUNTS.keys()])
    for name in unknown:
        shape = text_of_word(name) or misspelt(name, [*PRIMITIVES, "hold"])
        if shape is not None and shape.isidentifier():
            text = re.sub(rf"(?:^|(?<=\bthen ))\s*{re.escape(name)}(?=\s*$| then | for | until )", shape, text)
    steps = _OF_THE_RUN if _PARTED.search(text) else _STEPS | _OF_THE_RUN  # in a phase `step` is another one
    for found in reversed(list(_QUOTIENT.finditer(text))):
        quotient = _quotient(found[1], found[2], steps)
        if quotient is None and found[1] in steps and found[2] in steps:
            unknown -= {found[2]}  # one of the two may be how many there are
        if quotient is not None and found[2] in unknown and not _FACTOR.search(text[: found.start()]):
            text = text[: found.start()] + quotient + text[found.end() :]
    unknown -= {name for found in _SHARE.finditer(text) for name in found.groups() if name in steps}
    ours = {name: _named(name) for name in unknown if name in steps or name not in _STEPS}
    return _NAME.sub(lambda name: ours.get(name[0], name[0]), text)


def _quotient(part: str, whole: str, steps: frozenset[str]) -> str | None:
    """What so many steps or epochs are, divided by how many there are; None, if that can't be told."""
    if part in steps and whole == "steps_per_epoch":
        return "epoch"
    shares = (part in steps and whole in (foreign.LENGTHS | foreign.SHORT_LENGTHS)) or (
        part in _EPOCHS and whole in foreign.LENGTHS_IN_EPOCHS
    )
    return "run_progress" if shares else None


def _named(name: str) -> str:
    known = foreign.NAMES.get(name)
    if known is None or known.measure is Measure.UNCLEAR:
        return name
    return known.here[0] if known.here[0].isalnum() or known.here[0].isidentifier() else f"({known.here[0]})"
