"""What another system's calls, arguments and names mean here, as texts of ours. Asked of texts with mistakes alone.

What could mean two things, or can't be said here, has no text: there the words of the table have to do.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

import attrs

from .._text import syntax
from .._text.errors import Diagnostic, ScheduleError
from .._text.fixes import foreign
from .._text.fixes.foreign import Measure, Parameter
from .._text.numerals import decimal_text
from .._text.run import PERCENT, UNITS
from .._text.source import Source, Span
from .names import HOLE, definitions_of
from .nodes import Apply, Name, Number, Primitive, Product, Schedule, Then, Variable, Warmup
from .nodes.base import Names, Role, children
from .nodes.primitive import declaration_of
from .nodes.scalars import read_decimal

_NO_ARGUMENTS: Final = frozenset(("optimizer", "opt", "optim", "last_epoch", "verbose", "name"))
"""What calls of other systems are given that says nothing of the values."""

_OF_A_SHARE: Final = 9  # digits of a share that was not calculated
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
    if here == ("steps",) and _is_whole(value):
        return Value(tree.text, False)
    return Value(f"{tree.text}{here[0]}" if here == ("ep",) else f"{tree.text} {here[0]}", False) if here else None


def _is_whole(value: Decimal) -> bool:
    return value == value.to_integral_value()  # what is left by `% 1` has only so many digits


def value_of(tree: syntax.Syntax, measure: Measure, source: Source, of: syntax.Syntax | None = None) -> Value | None:
    """What the value of another system's argument is here; None, if that can't be told.

    `of`: what a share is a share of; None: of `base`.
    """
    written, value = source[tree.span], number_of(tree)
    if isinstance(tree, syntax.Quantity):
        if measure is not Measure.SHARE:
            return None if measure is Measure.UNCLEAR else amount_of(tree)
        amount = number_of(syntax.Number(tree.text, tree.span)) if tree.unit.text == PERCENT.symbol else None
        value = None if amount is None else amount / 100
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
            return value is not None and _is_whole(value) and not (value == 1 and "." in tree.text)
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
        of_the_run = " until " in form.text or any(each.takes in ("%", "/") for each in form.parameters)
        if given is not None and (first or not of_the_run):
            return _simple(form.text.format(**given))
    return None


def text_of_word(word: str) -> str | None:
    """The text that has the values of another system's word, alone.

    >>> text_of_word("CosineAnnealingLR"), text_of_word("LinearLR"), text_of_word("StepLR"), text_of_word("cos_decay")
    ('cosine', 'linear(1 / 3 * base, base, 5)', None, 'cosine')
    """
    found = foreign.ALONE.get(word) or foreign.CALLS.get(word)
    if word in foreign.FORMS:
        nowhere = Span(0, 0)
        return text_of(syntax.Call(syntax.Word(word, nowhere), (), nowhere, 1), Source(""), True)
    known = found is not None and found.here and (found.here[0] in _ALONE or word in foreign.ALONE)
    return found.here[0] if found is not None and known else None


_ALONE: Final = frozenset(("cosine", "hold", "one_minus_sqrt"))
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
    for low, high in ((found[each.name], found[each.takes[1:]]) for each in parameters if each.takes[:1] == "<"):
        if not (re.fullmatch(_NUMBER, low) and re.fullmatch(_NUMBER, high) and Decimal(low) <= Decimal(high)) and (
            re.search(r"\d", low + high) and low != "0"
        ):
            return None
    return found


def _taken(value: syntax.Syntax, takes: str, source: Source) -> str | None:
    """What to write for a value, if a parameter takes such."""
    written = source[value.span]
    if takes == "n":
        known = value_of(value, Measure.STEPS, source)
        text = None if known is None else known.text
        return f"({text})" if text is not None and isinstance(value, syntax.Series) else text
    number = number_of(value)
    if takes == "%":
        shares = value.items if isinstance(value, syntax.List) else (value,)
        return written if all(map(_is_share, shares)) else None
    if takes == "/":
        return f"{decimal_text(100 * number)}%" if number and _is_share(value) and _is_whole(1 / number) else None
    if takes[:1] in ("+", ">", "<"):
        if number is not None and (number < 0 or (number == 0 and takes == ">")):
            return None
    elif takes:
        same = written.capitalize() == takes or (number is not None and takes.isdecimal() and number == int(takes))
        return written if same else None
    plain = isinstance(value, syntax.Word) and written not in ("True", "False", "None")
    if isinstance(value, syntax.List):
        return written if all(isinstance(each, (syntax.Number, syntax.Quantity)) for each in value.items) else None
    if isinstance(value, (syntax.Series, syntax.Power)) and all(
        isinstance(each, (syntax.Number, syntax.Word)) for each in _operands(value)
    ):
        return f"({written})"
    return written if number is not None or plain else None


def _is_share(tree: syntax.Syntax) -> bool:
    """Whether something is a share of the run; one with many digits was calculated, and may stand for a fraction."""
    number = number_of(tree)
    if isinstance(tree, syntax.Quantity) and tree.unit.text == PERCENT.symbol:
        number = number_of(syntax.Number(tree.text, tree.span))
        number = None if number is None else number / 100
    return number is not None and 0 < number < 1 and len(number.as_tuple().digits) <= _OF_A_SHARE


def _operands(tree: syntax.Syntax) -> Sequence[syntax.Syntax]:
    """The numbers and names of a calculation."""
    match tree:
        case syntax.Series():
            return [leaf for each in tree.operands for leaf in _operands(each)]
        case syntax.Power():
            return [*_operands(tree.left), *_operands(tree.right)]
        case syntax.Negative():
            return _operands(tree.operand)
    return [tree]


_NUMBER: Final = r"(?<![\w.])(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.])"
_CALCULATED: Final[tuple[tuple[re.Pattern[str], Callable[[Decimal, Decimal], Decimal]], ...]] = (
    (re.compile(rf"(?<![*/] )({_NUMBER}) \* ({_NUMBER})"), operator.mul),
    (re.compile(rf"(?<![*/] )({_NUMBER}) / ({_NUMBER})"), operator.truediv),
    (re.compile(rf"(?<=for |til )({_NUMBER}) - ({_NUMBER})"), operator.sub),
)
_PLAINER: Final = (
    (re.compile(r"(?<![\w.])1(?:\.0*)? \* "), ""),
    (re.compile(r"(?<![\w.])0(?:\.0*)? \* \w+"), "0"),
    (re.compile(r"(?<=[=(])\(([^()]*)\)(?=[,)])"), r"\1"),
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
            return name not in names and name != HOLE
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
