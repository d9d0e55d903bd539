"""What another system's calls, arguments and names mean here, as texts of ours. Asked of texts with mistakes alone.

What could mean two things, or can't be said here, has no text: there the words of the table have to do.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

import attrs

from .._text import syntax
from .._text.errors import Diagnostic, Edit, ScheduleError, edited
from .._text.fixes import foreign
from .._text.fixes.foreign import Measure, Parameter, says
from .._text.numerals import decimal_text
from .._text.run import PERCENT, UNITS
from .._text.source import Source, Span
from .names import definitions_of, free_names, names_in
from .nodes import Apply, Name, Number, Primitive, Product, Schedule, Then, Variable, Warmup
from .nodes.base import Names, Role, children
from .nodes.primitive import declaration_of
from .nodes.scalars import read_decimal

_NO_ARGUMENTS: Final = frozenset(("optimizer", "opt", "optim", "last_epoch", "verbose", "name"))
"""What calls of other systems are given that says nothing of the values."""

_HOLE: Final = "?"
_MOST: Final = 15  # digits of a number that was calculated


class Value(NamedTuple):
    """What to write for the value of another system's argument."""

    text: str
    same: bool  # whether it is the same value


def number_of(tree: syntax.Syntax | None) -> Decimal | None:
    """The number that stands there, with its sign."""
    if isinstance(tree, syntax.Negative):
        value = number_of(tree.operand)
        return None if value is None else -value
    try:
        return read_decimal(tree.text, None) if isinstance(tree, syntax.Number) else None
    except ScheduleError:  # it is told where it is read
        return None


def amount_of(tree: syntax.Quantity) -> Value | None:
    """An amount of time, if its unit is known: `100ba` is 100, `0.1dur` is 10%."""
    word = tree.unit.text
    unit, value = UNITS.get(word), number_of(syntax.Number(tree.text, tree.span))
    if value is None:
        return None
    if unit is not None:
        return Value(
            f"{tree.text}{unit.symbol}" if unit in (PERCENT, UNITS["ep"]) else f"{tree.text} {unit.symbol}", True
        )
    if word == "dur":
        return Value(f"{decimal_text(100 * value)}%", False)
    here = foreign.UNITS[word].here if word in foreign.UNITS else ()
    if here == ("steps",) and value % 1 == 0:
        return Value(tree.text, False)
    return Value(f"{tree.text}{here[0]}" if here == ("ep",) else f"{tree.text} {here[0]}", False) if here else None


def value_of(tree: syntax.Syntax, measure: Measure, source: Source, of: syntax.Syntax | None = None) -> Value | None:
    """What the value of another system's argument is here; None, if that can't be told.

    `of`: what a share is a share of; None: of `base`.
    """
    written, value = source[tree.span], number_of(tree)
    if isinstance(tree, syntax.Quantity):
        if measure is not Measure.SHARE:
            return None if measure is Measure.UNCLEAR else amount_of(tree)
        value = Decimal(tree.text) / 100 if tree.unit.text == PERCENT.symbol else None
    match measure:
        case Measure.VALUE:
            return Value(written, True)
        case Measure.STEPS | Measure.TOTAL:
            return Value(written, measure is Measure.STEPS) if _counts(tree) else None
        case Measure.SHARE:
            return None if value is None else _share(value, of, source)
        case Measure.EPOCHS | Measure.SAMPLES | Measure.TOKENS if value is not None and value >= 0:
            unit = {Measure.EPOCHS: "ep", Measure.SAMPLES: " samples"}.get(measure, " tok")
            return Value(written + unit if value else "0", False)
        case Measure.PERCENT | Measure.PART if value is not None and 0 <= value <= 100:
            if value == 1 or (value > 1) > (measure is Measure.PERCENT):
                return None  # all of the run, or a hundredth of it?
            share = value if value > 1 else 100 * value
            return Value(f"{decimal_text(share)}%" if share else "0", False)
    return None


def _counts(tree: syntax.Syntax) -> bool:
    """Whether something is a whole number of steps, or several."""
    match tree:
        case syntax.Number():
            value = number_of(tree)
            return value is not None and value % 1 == 0 and not (value == 1 and "." in tree.text)
        case syntax.List():
            return all(isinstance(each, (syntax.Number, syntax.Quantity)) and _counts(each) for each in tree.items)
        case syntax.Quantity():
            return (amount_of(tree) or Value("", False)).same
        case syntax.Series():
            return set(tree.operators) <= {"*"} and all(map(_counts, tree.operands))
    return isinstance(tree, syntax.Word)


def _share(share: Decimal, of: syntax.Syntax | None, source: Source) -> Value | None:
    whole = number_of(of)
    if share == 0:
        return Value("0", True)
    if whole is not None:
        return Value(decimal_text(share * whole), False)
    if of is None or isinstance(of, syntax.Word):
        name = "base" if of is None else source[of.span]
        return Value(name if share == 1 else f"{decimal_text(share)} * {name}", False)
    return None


def text_of(call: syntax.Call, source: Source, first: bool) -> str | None:
    """The text that has the values of another system's call, if all is known of it; `first`: the run begins with it."""
    for form in foreign.FORMS.get(call.function.text, ()):
        given = _given(form.parameters, call.arguments, source)
        if given is not None and (first or " until " not in form.text):
            return _simple(form.text.format(**given))
    return None


def text_of_word(word: str) -> str | None:
    """The text that has the values of another system's word, alone.

    >>> text_of_word("CosineAnnealingLR"), text_of_word("LinearLR"), text_of_word("StepLR"), text_of_word("cos_decay")
    ('cosine', 'linear(1 / 3 * base, base, 5)', None, 'cosine')
    """
    found = foreign.CALLS.get(word) or foreign.ALONE.get(word)
    if word in foreign.FORMS:
        nowhere = Span(0, 0)
        return text_of(syntax.Call(syntax.Word(word, nowhere), (), nowhere, 1), Source(""), True)
    return found.here[0] if found is not None and found.here and found.here[0] in _ALONE else None


_ALONE: Final = frozenset(("cosine", "linear", "hold", "one_minus_sqrt"))
"""What is of the same values in other systems, if nothing is said of it."""


def _given(
    parameters: Sequence[Parameter], arguments: Iterable[syntax.Syntax], source: Source
) -> dict[str, str] | None:
    """The values of a call's arguments by their names; None, if they are not those of these parameters."""
    known = {each.name: each for each in parameters}
    found: dict[str, str] = {}
    position = [each.name for each in parameters if not each.by_name]
    for number, each in enumerate(arguments):
        named = isinstance(each, syntax.Named)
        value = each.value if isinstance(each, syntax.Named) else each
        if (each.name.text if isinstance(each, syntax.Named) else source[each.span]) in _NO_ARGUMENTS and (
            named or not number
        ):
            continue
        name = each.name.text if isinstance(each, syntax.Named) else position.pop(0) if position else ""
        text = _taken(value, known[name].takes, source) if name in known and name not in found else None
        if text is None:
            return None
        found[name] = text
    for parameter in parameters:
        if parameter.name not in found:
            if parameter.default is None:
                return None
            found[parameter.name] = parameter.default
    return found


def _taken(value: syntax.Syntax, takes: str, source: Source) -> str | None:
    """What to write for a value, if a parameter takes such."""
    written = source[value.span]
    if takes == "n":
        known = value_of(value, Measure.STEPS, source)
        text = None if known is None else known.text
        return f"({text})" if text is not None and isinstance(value, syntax.Series) else text
    number = number_of(value)
    if takes:
        return (
            written if written == takes or (number is not None and takes.isdecimal() and number == int(takes)) else None
        )
    plain = isinstance(value, syntax.Word) and written not in ("True", "False", "None")
    if isinstance(value, syntax.List):
        return written if all(isinstance(each, (syntax.Number, syntax.Quantity)) for each in value.items) else None
    return written if number is not None or plain else None


_NUMBER: Final = r"(?<![\w.])(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.])"
_CALCULATED: Final[tuple[tuple[re.Pattern[str], Callable[[Decimal, Decimal], Decimal]], ...]] = (
    (re.compile(rf"(?<![*/] )({_NUMBER}) \* ({_NUMBER})"), operator.mul),
    (re.compile(rf"(?<![*/] )({_NUMBER}) / ({_NUMBER})"), operator.truediv),
    (re.compile(rf"(?<=for |til )({_NUMBER}) - ({_NUMBER})"), operator.sub),
)
_PLAINER: Final = (
    (re.compile(r"(?<![\w.])1(?:\.0*)? \* "), ""),
    (re.compile(r"(?<![\w.])0(?:\.0*)? \* \w+"), "0"),
    (re.compile(r"\(end=0(?:\.0*)?\)"), ""),
    (re.compile(r"(?<=\()end=0(?:\.0*)?, "), ""),
    (re.compile(r", power=1(?:\.0*)?(?=\))"), ""),
    (re.compile(r" scale 1(?:\.0*)?$"), ""),
    (re.compile(r"(?<=for |til )([0-9]+\.[0-9]+)(?= |$)"), r"\1 steps"),
)


def _simple(text: str) -> str:
    """A text that was put together, with what is calculated from numbers alone as one number."""
    for pattern, calculate in _CALCULATED:
        for found in list(pattern.finditer(text))[::-1]:
            one, other = Decimal(found[1]), Decimal(found[2])
            value = calculate(one, other) if other else None
            if value is not None and len(value.normalize().as_tuple().digits) <= _MOST:
                text = text[: found.start()] + decimal_text(value) + text[found.end() :]
    for pattern, instead in _PLAINER:
        text = pattern.sub(instead, text)
    return text


# Shares of a level.


def without_guesses(problems: list[Diagnostic], schedule: Schedule) -> list[Diagnostic]:
    """What is wrong, without texts that speak of `base` where the schedule has a level of its own: a share of which?"""
    body, names = definitions_of(schedule)
    if not any(_BASE.search(edit.text) for each in problems for guess in each.candidates for edit in guess.edits):
        return problems
    if not any(_states(node, names) for node in (body, *names.values())):
        return problems
    kept = [tuple(each for each in found.candidates if not _BASE.search(each.edits[0].text)) for found in problems]
    return [attrs.evolve(found, candidates=left) for found, left in zip(problems, kept, strict=True)]


_BASE: Final = re.compile(r"\bbase\b")


def _states(node: Schedule, names: Names, last: bool = True) -> bool:
    """Whether a schedule says in numbers or parameters how high it is; where the `last` phase ends says nothing."""
    match node:
        case Number(value):
            return value != 0
        case Name(name):
            return name not in names and name != _HOLE
        case Variable():
            return False
        case Then(phases):
            return any(_states(each, names, last and each is phases[-1]) for each in phases)
        case Product() if any(isinstance(each, Variable) and each.name == "base" for each in node.operands):
            return False
        case Apply(function) if function in ("min", "max", "clip"):
            return any(_states(each, names, last) for each in node.operands if not isinstance(each, Number))
        case Primitive():
            ends = last and getattr(node, "start", 0) is None and not isinstance(node, Warmup)
            rates = declaration_of(type(node)).rates
            levels = [(each.name, value) for role, each, value in children(node) if role is Role.NUMBER]
            return any(
                _states(value, names) for name, value in levels if name not in rates and not (ends and name == "end")
            )
        case _:
            return any(_states(child, names, last) for role, _, child in children(node) if role is Role.BODY)


# Names that nobody has given.

_STEPS: Final = frozenset(("step", "T", *(word for word, found in foreign.NAMES.items() if found.here[0] == "step")))
_OF_THE_RUN: Final = frozenset(word for word, found in foreign.NAMES.items() if found.here[0] == "run_step")
_QUOTIENT: Final = re.compile(r"(?<![\w.])(\w+) ?/ ?(\w+)(?![\w.]| ?(?:\*\*|\())")
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


def about(name: Name) -> str | None:
    """What a name that is another system's, or tells of the run, is in a text; None if nothing is known of it."""
    whole = "" if name.place is None else "".join(name.place.source.text.split())
    return _about(whole if whole in foreign.ALONE else name.name)


def _about(name: str) -> str | None:
    """The same of a word.

    >>> _about("lr"), _about("peak")
    ('`lr` (torch) is called `base` here', None)
    """
    if name in _ABOUT:
        return _ABOUT[name]
    if name in foreign.NAMES:
        found = foreign.NAMES[name]
        of_the_run = ", or `run_step` if it counts from where the run begins" if found.here == ("step",) else ""
        return found.note or says(name, found, found.here[0]) + of_the_run
    if name in foreign.LENGTHS_IN_EPOCHS:
        return f"the run is told how long it is: `epoch / {name}` is `run_progress`"
    if name in foreign.LENGTHS:
        return f"the run is told how long it is: {_ABOUT['total_steps'].replace('total_steps', name)}"
    called = foreign.CALLS.get(name) or foreign.ALONE.get(name)
    return None if called is None else called.note or says(name, called, called.here[0])


def with_our_names(schedule: Schedule, given: Collection[str]) -> str | None:
    """The text of a schedule with our names for others', if that leaves none that is neither there nor `given`.

    >>> from schedlang import parse
    >>> with_our_names(parse("1e-3 * (1 - t / N) ** 0.9"), []), with_our_names(parse("peak * (1 - t / N)"), [])
    ('1e-3 * (1 - run_progress) ** 0.9', None)
    """
    from .parse import parse

    body, names = definitions_of(schedule)
    roots = [body, *names.values()]
    unknown = [each for root in roots for each in names_in(root) if each.name not in names and each.name not in given]
    if not unknown or unknown[0].place is None:
        return None
    times = [span for root in roots for span in _times_in(root, False)]
    text = _renamed(unknown[0].place.source.text, frozenset(each.name for each in unknown), times)
    try:
        left = free_names(parse(text)) - {*names, *given}
    except ScheduleError:  # what stands there is no value
        return None
    return None if left else text


def _times_in(node: Schedule, is_time: bool) -> list[Span]:
    """Where names stand that are lengths of time, or parts of one."""
    if isinstance(node, Name):
        return [node.place.span] if is_time and node.place is not None else []
    below = ((is_time or role in (Role.DURATION, Role.POSITION), child) for role, _, child in children(node))
    return [span for role, child in below for span in _times_in(child, role)]


def _renamed(text: str, unknown: frozenset[str], times: Iterable[Span]) -> str:
    """A text with those of some unknown names changed that have one meaning; `times`: where lengths of time stand."""
    if len(unknown) == 1 and (whole := text_of_word("".join(text.split()))) is not None:
        return whole
    written = [(span, text[slice(*span)]) for span in times]
    text = edited(text, [Edit(span, _AMOUNTS[word]) for span, word in written if word in unknown & _AMOUNTS.keys()])
    for name in unknown:
        shape = text_of_word(name)
        if shape is not None and shape.isidentifier():
            text = re.sub(rf"(?:^|(?<=\bthen ))\s*{re.escape(name)}(?=\s*$| then | for | until )", shape, text)
    steps = _OF_THE_RUN if _PARTED.search(text) else _STEPS | _OF_THE_RUN  # in a phase `step` is another one
    for found in reversed(list(_QUOTIENT.finditer(text))):
        quotient = _quotient(found[1], found[2], steps)
        if quotient is not None and found[2] in unknown and not _FACTOR.search(text[: found.start()]):
            text = text[: found.start()] + quotient + text[found.end() :]
    ours = {name: _named(name) for name in unknown if name in steps or name not in _STEPS}
    return _NAME.sub(lambda name: ours.get(name[0], name[0]), text)


def _quotient(part: str, whole: str, steps: frozenset[str]) -> str | None:
    """What so many steps or epochs are, divided by how many there are; None, if that can't be told."""
    if part in steps and whole == "steps_per_epoch":
        return "epoch"
    shares = (part in steps and whole in foreign.LENGTHS) or (part in _EPOCHS and whole in foreign.LENGTHS_IN_EPOCHS)
    return "run_progress" if shares else None


def _named(name: str) -> str:
    known = foreign.NAMES.get(name)
    if known is None or known.measure is Measure.UNCLEAR:
        return name
    return known.here[0] if known.here[0].isidentifier() else f"({known.here[0]})"
