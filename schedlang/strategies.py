"""Hypothesis strategies for schedules, their texts, runs and broken texts, derived from the registry of primitives.

Every primitive, one's own included, is generated from its declared arguments. Needs `hypothesis`.

`schedules` makes schedules, `texts` the many ways to write them, `runs` what to bind them with, and `broken_texts` what
has to be refused.

>>> from hypothesis import given
>>> from schedlang import parse
>>> from schedlang.strategies import schedules
>>> @given(schedules())
... def test_round_trip(schedule):
...     assert parse(str(schedule)) == schedule
>>> test_round_trip()
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from ._language.checking import check
from ._language.nodes import (
    CLAUSES,
    PRIMITIVES,
    Apply,
    For,
    Hold,
    Key,
    Negative,
    Number,
    Power,
    Primitive,
    Product,
    Quantity,
    Repeat,
    Schedule,
    Sum,
    Then,
    Variable,
)
from ._language.nodes.base import Argument, Names, Role
from ._language.nodes.scalars import SO_FAR, VARIABLES
from ._language.operations import FUNCTIONS
from ._text import limits
from ._text.errors import ScheduleError
from ._text.keywords import KEYWORDS
from ._text.run import RATES, STEP, UNITS


def _decimals(least: int, most: int, power: int = 0) -> st.SearchStrategy[Decimal]:
    return st.integers(least, most).map(lambda value: Decimal(value).scaleb(power))


def numbers(*, positive: bool = True) -> st.SearchStrategy[Schedule]:
    """Numbers as people write them: few digits, moderate powers of ten; zero and negative ones too if asked."""
    digits = st.integers(1, 999)
    plain = st.builds(lambda figures, power: Number(Decimal(figures).scaleb(power)), digits, st.integers(-6, 0))
    if positive:
        return plain
    return st.one_of(plain, st.just(Number(Decimal(0))), plain.map(Negative))


_ROUNDING: Final = [name for name, each in FUNCTIONS.items() if each.multiple]
"""What rounds."""


def durations(*, units: tuple[str, ...] = tuple(UNITS), most: int = 60) -> st.SearchStrategy[Schedule]:
    """Lengths of time in the given units (words of the language): simple ones, and arithmetic of them."""
    bare = {"%": _decimals(1, 99, -2), "steps": _decimals(0, most)}
    amounts = {"%": _decimals(0, 1000, -1), "steps": st.one_of(_decimals(0, most), _decimals(0, 10 * most, -1))}
    simple: list[st.SearchStrategy[Schedule]] = []
    for symbol in sorted({UNITS[unit].symbol for unit in units}):
        simple.append(st.builds(Quantity, amounts.get(symbol, _decimals(0, 10 * most, -1)), st.just(symbol)))
        simple += [st.builds(Number, bare[symbol])] if symbol in bare else []
    quantities = st.one_of(simple).filter(lambda node: isinstance(node, Quantity))
    if STEP in map(UNITS.get, units):
        simple.append(_quotients(most))
    atoms = st.one_of(simple)
    return st.one_of(
        atoms,
        st.builds(
            lambda left, right: Sum.of(left, "+", right),
            atoms.filter(lambda node: not isinstance(node, Number)),
            quantities,
        ),
        st.builds(lambda left, right: Product.of(left, "/", right), quantities, st.integers(1, 5)),
        st.builds(Apply, st.sampled_from(("min", "max")), st.lists(atoms, min_size=2, max_size=3).map(tuple)),
        st.builds(Apply, st.sampled_from(_ROUNDING), st.tuples(atoms)),
    )


def _quotients(most: int) -> st.SearchStrategy[Schedule]:
    """Arithmetic of whole numbers that comes to a step or more: `60 / 7`, `7 / 2 + 1`."""
    whole, by = _decimals(1, most).map(Number), st.integers(1, 7)
    plain = st.builds(lambda steps, by: Product.of(Number(steps + by), "/", by), _decimals(0, most), by)
    return st.one_of(
        plain,
        st.builds(lambda part, more: Sum.of(part, "+", more), plain, whole),
        st.builds(lambda times, part: Product.of(times, "*", part), st.integers(1, 3), plain),
    )


def _argument(argument: Argument, times: st.SearchStrategy[Schedule]) -> st.SearchStrategy[Any]:
    """Values for one argument of a primitive."""
    parameter = argument.parameter
    found: st.SearchStrategy[Any]
    match parameter.role:
        case Role.NUMBER:
            found = numbers(positive=argument.name not in ("start", "end"))
        case Role.CHOICE:
            found = st.sampled_from(parameter.choices)
        case Role.NUMBERS:
            found = st.lists(numbers(positive=False), min_size=1, max_size=4)
        case Role.DURATIONS:
            found = st.lists(times, min_size=1, max_size=4)
        case Role.KEYS:
            found = st.lists(st.builds(Key, numbers(positive=False), times), min_size=1, max_size=4).map(tuple)
        case _:
            found = times
    return found if parameter.required else st.one_of(st.just(argument.default), found)


def _valid(make: Callable[..., Schedule], values: Mapping[str, Any]) -> Schedule | None:
    """What is made of some arguments; None if it does not pass every check."""
    try:
        node = make(**values)
        check(node)
    except ScheduleError:
        return None
    return node


def primitives(times: st.SearchStrategy[Schedule] | None = None) -> st.SearchStrategy[Schedule]:
    """Calls of every registered primitive with arguments it accepts; `times` generates their durations."""
    lengths = durations() if times is None else times

    def call(cls: type[Primitive]) -> st.SearchStrategy[Any]:
        arguments = {argument.name: _argument(argument, lengths) for argument in cls.arguments()}
        return st.fixed_dictionaries(arguments).map(lambda values: _valid(cls, values))

    calls = [call(cls) for cls in dict.fromkeys(PRIMITIVES.values())]
    return st.one_of(calls).filter(lambda node: node is not None)


def _expressions(inner: st.SearchStrategy[Schedule]) -> st.SearchStrategy[Schedule]:
    """Pointwise arithmetic of schedules, mostly finite."""
    functions = st.sampled_from(
        [name for name, each in FUNCTIONS.items() if each.kernel is not None and each.kernel.total]
    )

    def apply(function: str, operands: list[Schedule]) -> Schedule:
        operation = FUNCTIONS[function]
        count = max(operation.least, min(len(operands), operation.most or len(operands)))
        return Apply(function, tuple((operands * 3)[:count]))

    pairs = st.lists(inner, min_size=2, max_size=3)
    rounding = st.sampled_from(_ROUNDING)
    shares = st.one_of(numbers(), st.just(Variable("progress")))
    return st.one_of(
        st.builds(lambda name, of, multiple: Apply(name, (of,), multiple), rounding, inner, numbers()),
        st.builds(lambda a, b, share: Apply("mix", (a, b, share)), inner, inner, shares),
        st.builds(apply, functions, pairs),
        st.builds(lambda of, low, gap: Apply("clip", (of, low, Sum.of(low, "+", gap))), inner, numbers(), numbers()),
        st.builds(lambda parts: Sum.joined(parts, ["+", "-"][: len(parts) - 1]), pairs),
        st.builds(lambda parts: Product.joined(parts, ["*"] * (len(parts) - 1)), pairs),
        st.builds(lambda part, by: Product.of(part, "/", by), inner, numbers()),
        st.builds(
            lambda part, power: Power(Apply("abs", (part,)), power),
            inner,
            st.sampled_from([Number(Decimal(2)), Number(Decimal("0.5"))]),
        ),
        inner.map(Negative),
    )


def _positive(times: st.SearchStrategy[Schedule]) -> st.SearchStrategy[Schedule]:
    return times.map(lambda time: Apply("max", (time, Quantity(Decimal(1), "%"))))


def _clause_argument(argument: Argument, times: st.SearchStrategy[Schedule]) -> st.SearchStrategy[Any]:
    """Values for what stands behind the word of a clause."""
    parameter = argument.parameter
    found: st.SearchStrategy[Any] = times if parameter.role in (Role.DURATION, Role.POSITION) else numbers()
    if parameter.positive:
        found = _positive(times)
    return found if parameter.required else st.one_of(st.none(), found)


def _compositions(
    inner: st.SearchStrategy[Schedule], times: st.SearchStrategy[Schedule]
) -> st.SearchStrategy[Schedule]:
    """`then` and the clauses around schedules."""
    positive = _positive(times)

    def chain(phases: list[Schedule], lengths: list[Schedule]) -> Schedule:
        pairs = zip(phases[:-1], lengths, strict=False)
        ends = (phase if phase.bounded(Names({})) else For(phase, length) for phase, length in pairs)
        return Then.of(*ends, phases[-1])

    bodies = st.builds(For, inner, positive)  # a repeated body needs a length
    counts = st.builds(Number, _decimals(1, 4))
    return st.one_of(
        st.builds(chain, st.lists(inner, min_size=2, max_size=4), st.lists(times, min_size=3, max_size=3)),
        *(
            st.builds(cls, inner, *(_clause_argument(argument, times) for argument in cls.arguments()[1:]))
            for cls in CLAUSES.values()
            if cls is not Repeat
        ),
        st.builds(Repeat, bodies, st.one_of(st.none(), counts), st.none(), st.one_of(st.none(), numbers())),
        st.builds(Repeat, bodies, st.just(Number(Decimal(3))), numbers()),  # else the copies get too long
    )


def schedules(
    *, times: st.SearchStrategy[Schedule] | None = None, most: int = 6, varying: bool = True
) -> st.SearchStrategy[Schedule]:
    """Schedules of every shape that the language knows and that need no names; they pass every check before binding.

    Args:
        times: generates the durations; by default in every unit.
        most: about how many leaves a schedule has.
        varying: whether `step`, `run_step`, `epoch` … occur.
    """
    return _schedules(times, most, varying, PRIMITIVES.changes)


@lru_cache(maxsize=64)  # a file of tests asks for the same ones again and again, and they are large
def _schedules(
    times: st.SearchStrategy[Schedule] | None, most: int, varying: bool, _: int
) -> st.SearchStrategy[Schedule]:
    lengths = durations() if times is None else times
    variables = [Variable(name) for name in VARIABLES if varying or ("step" not in name and name not in SO_FAR)]
    leaves = st.one_of(primitives(lengths), numbers(positive=False), st.sampled_from([*variables, Hold()]))

    def around(inner: st.SearchStrategy[Schedule]) -> st.SearchStrategy[Schedule]:
        part = _named(inner)
        return st.one_of(_compositions(part, lengths), _compositions(part, lengths), _expressions(part))

    return st.recursive(_named(leaves), around, max_leaves=most).filter(
        lambda node: _valid(lambda: node, {}) is not None
    )


def _named(inner: st.SearchStrategy[Schedule]) -> st.SearchStrategy[Schedule]:
    """The strategy with a short `repr`: Hypothesis writes it down now and then, and nested ones grow to gigabytes."""

    @st.composite
    def schedule(draw: st.DrawFn) -> Schedule:
        return draw(inner)

    return schedule()


def runs(most: int = 80) -> st.SearchStrategy[dict[str, Any]]:
    """The keyword arguments of `Schedule.bind` for short runs that know every rate."""
    rates: dict[str, st.SearchStrategy[Any]] = dict.fromkeys(RATES, st.integers(1, 8))
    del rates["samples_per_epoch"]
    rates["steps_per_epoch"] = st.one_of(st.integers(1, 20), st.sampled_from([2.5, 0.75]))
    total, base = st.integers(1, most), st.sampled_from([1.0, 0.1, 3e-4])
    return st.fixed_dictionaries({"total_steps": total, **rates, "base": base})


# Texts.

_RAMPS: Final = r"(?P<ramp>linear|cosine|poly|exponential|one_minus_sqrt)"
_WORDS: Final = re.compile(
    rf"(?P<before>^|then ){_RAMPS}\((?:(?P<start>[^(),=@\[\]]+), (?P<end>[^(),=@\[\]]+)|end=(?P<only>[^(),=@\[\]]+))\)"
    rf"(?= (?:{'|'.join(KEYWORDS)}) |$)"
)
_TOKEN: Final = re.compile(r"\d[\d.]*(?:e-?\d+)?[kMBT]?(?![\w.])|\d[\d.]*(?:e-?\d+)?|\w+|\*\*|\S")
_NUMBER: Final = re.compile(r"(\d+)(?:\.(\d+))?(?:e(-?\d+))?")
_BLANKS: Final = (" ", "  ", "\t", "\n", "\r\n  ", " # then 5 for 3 ]\n", "\n# \u00b5, \u4e2d: no matter\n")


def spellings(schedule: Schedule) -> st.SearchStrategy[str]:
    """Texts that mean a schedule: with odd blanks, comments, aliases, other words, and other ways to write a number.

    >>> from hypothesis import given
    >>> from schedlang import parse
    >>> @given(spellings(parse("linear(0, 3e-4) for 500 then interval(0.5, every=1ep)")))
    ... def test_one_meaning(text):
    ...     assert parse(text) == parse("linear(0, 3e-4) for 500 then interval(0.5, every=1ep)")
    >>> test_one_meaning()
    """
    return st.builds(_spelled, st.just(str(schedule)), st.randoms(use_true_random=False))


def texts(of: st.SearchStrategy[Schedule] | None = None) -> st.SearchStrategy[str]:
    """Valid texts as people write them, not only canonical ones; see `spellings`.

    Args:
        of: generates the schedules that the texts mean; by default `schedules()`.
    """
    return st.builds(_spelled, (schedules() if of is None else of).map(str), st.randoms(use_true_random=False))


def _spelled(text: str, random: Any) -> str:
    """Another text with the same meaning."""
    if random.random() < 0.2:
        return text
    if random.random() < 0.5:
        text = _WORDS.sub(_in_words, text)
    tokens = _TOKEN.findall(text)
    written = []
    for index, (token, following) in enumerate(pairwise([*tokens, ""])):
        if random.random() < 0.4:
            token = _respelled(token, random)
        ends = following in (")", "]") and token not in ("(", "[", ",") and _is_list(tokens, index + 1)
        if ends and random.random() < 0.2:
            token += ","
        written.append(token)
    pieces = [random.choice(("", "", *_BLANKS)) if random.random() < 0.3 else ""]
    for token, following in pairwise([*written, ""]):
        apart = following and all(end.isalnum() or end in "_." for end in token[-1] + following[0])
        pieces += [token, " " if apart or random.random() >= 0.7 else random.choice(("", " "))]
        if random.random() < 0.1:
            pieces.append(random.choice(_BLANKS))
    return "".join(pieces)


def _in_words(found: re.Match[str]) -> str:
    start = "" if found["start"] is None else f" from {found['start']}"
    return f"{found['before']}{found['ramp']}{start} to {found['end'] or found['only']}"


def _is_list(tokens: list[str], closing: int) -> bool:
    """Whether a closing bracket ends the arguments of a call, or a list; there a comma may stand before it."""
    depth = 0
    for index in range(closing, -1, -1):
        depth += (tokens[index] in (")", "]")) - (tokens[index] in ("(", "["))
        if depth == 0:
            name = tokens[index - 1] if index else ""
            return tokens[index] == "[" or name in PRIMITIVES or name in FUNCTIONS
    return False


def _respelled(token: str, random: Any) -> str:
    """Another word for the same thing."""
    if token in PRIMITIVES:
        return str(random.choice([name for name, cls in PRIMITIVES.items() if cls is PRIMITIVES[token]]))
    if token in UNITS and token not in ("step", "%", "min"):  # words of the language, too
        return str(random.choice(UNITS[token].words))
    number = _NUMBER.fullmatch(token)
    if number is None:
        return token
    whole, decimals, power = number[1], number[2] or "", int(number[3] or 0)
    ways = [token]
    if decimals or number[3]:
        figures = f"{whole}{decimals}".lstrip("0")
        ways.append(f"{figures}e{power - len(decimals)}" if figures else "0e-0")
        if -9 < power < 9:
            plain = f"{Decimal(token):f}"
            ways += [plain, plain.removeprefix("0") if "." in plain else plain]
    elif len(whole) > 3 and not whole.startswith("0"):
        ways.append(f"{whole[:-3]}_{whole[-3:]}")
    if decimals and not number[3]:
        ways.append(f"{token}0")
    return str(random.choice(ways))


# Broken texts.


class Breakage(NamedTuple):
    """A way to break a text.

    Attributes:
        mistake: what is wrong with the result.
        code: the code of the error that it raises.
        make: makes the broken text of a valid one that has no `where`.
    """

    mistake: str
    code: str
    make: Callable[[str], str]


def _around(before: str, behind: str) -> Callable[[str], str]:
    """Put a text in parentheses, its comments included, and something around them."""
    return lambda text: f"{before}({text}\n){behind}"


_DEEP: Final = limits.NESTING + 1

BREAKAGES: Final = (
    Breakage("a comment and nothing else", "E101", lambda text: "# " + " ".join(text.split())),
    Breakage("a character that means nothing", "E102", _around("", " ; 2")),
    Breakage("a full-width sign", "E102", _around("", " \uff0b 2")),
    Breakage("`then` and nothing behind it", "E103", _around("", " for 5 then")),
    Breakage("an operator and nothing behind it", "E103", _around("2 * ", " +")),
    Breakage("a bracket that isn't closed", "E104", _around("max(1, ", "")),
    Breakage("a bracket that isn't opened", "E104", _around("", ")")),
    Breakage("a bracket closed by another one", "E104", lambda text: f"({text}\n]"),
    Breakage("more brackets than are allowed", "E106", lambda text: "(" * _DEEP + text + "\n" + ")" * _DEEP),
    Breakage("`then` and nothing before it", "E107", _around("then ", "")),
    Breakage("two schedules side by side", "E107", _around("", " (cosine)")),
    Breakage("an exponent that is too large", "E108", _around("", " * 1e1000")),
    Breakage("a number with a comma in it", "E110", _around("max(1,000, ", ")")),
    Breakage("a number with a 0 in front", "E110", _around("", " + 05")),
    Breakage("a function that doesn't exist", "E201", _around("", " + sinus(1)")),
    Breakage("an argument that doesn't exist", "E202", _around("cosine(1, 0, stop=2) for 5 then ", "")),
    Breakage("an argument that is missing", "E203", _around("warmup then ", "")),
    Breakage("an argument given twice", "E204", _around("cosine(1, 0, start=2) for 5 then ", "")),
    Breakage("too many arguments", "E205", _around("hold(3) for 5 then ", "")),
    Breakage("a ramp with a single value", "E206", _around("cosine(0.1) for 5 then ", "")),
    Breakage("a reserved word defined", "E207", _around("", " where pi = 3")),
    Breakage("a name defined twice", "E208", _around("", " * a where a = 1, a = 2")),
    Breakage("a definition that nothing uses", "E209", _around("", " where a = 1")),
    Breakage("a definition that uses itself", "E210", _around("", " * a where a = a + 1")),
    Breakage("a unit that doesn't exist", "E211", _around("", " for 5 weeks")),
    Breakage("a duration where a number belongs", "E301", _around("", " + 5%")),
    Breakage("a schedule where a duration belongs", "E302", _around("", " for cosine")),
    Breakage("steps that aren't whole", "E303", _around("", " for 2.5")),
    Breakage("a quotient that is less than a step", "E303", _around("", " for 2 / 7")),
    Breakage("one step or the whole run", "E303", _around("", " for 1.0")),
    Breakage("a duration times a duration", "E304", _around("", " for 5% * 5%")),
    Breakage("a list that is none", "E305", _around("values(3) then ", "")),
    Breakage("a phase without an end", "E306", _around("hold then ", "")),
    Breakage("a place that has always passed", "E307", _around("hold until 50% then ", " until 20%")),
    Breakage("a repeated body without a length", "E308", _around("cosine repeat 3 then ", "")),
    Breakage("`until` in a repeated body", "E309", _around("", " until 50% repeat 3")),
    Breakage("a length below zero", "E312", _around("", " for -5")),
    Breakage("a number too large for a float", "E313", _around("", " + 1e309")),
    Breakage("a value that changes where a number belongs", "E315", _around("cosine(step, 0) for 5 then ", "")),
    Breakage("a factor that cannot share", "E316", _around("hold * linear(end=1) + ", "")),
)
"""Ways to break a text: whatever valid text without names they are given, the result is refused with their code."""


def broken_texts(of: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[str]:
    """Texts with a mistake: each raises a ScheduleError when it is parsed.

    Args:
        of: generates the valid texts that are broken, which must not have `where`; by default `texts()`.

    >>> from hypothesis import given
    >>> import schedlang
    >>> @given(broken_texts())
    ... def test_refused(text):
    ...     try:
    ...         schedlang.parse(text)
    ...     except schedlang.ScheduleError as error:
    ...         assert str(error)
    ...     else:
    ...         raise AssertionError(text)
    >>> test_refused()
    """
    valid = texts() if of is None else of
    return st.builds(lambda text, breakage: breakage.make(text), valid, st.sampled_from(BREAKAGES))
