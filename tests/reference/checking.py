"""Names, arguments, kinds and the rules that need no run.

`checked` puts every definition and parameter in the place of its name, binds the arguments of each primitive and
rejects what is wrong in every run. What is left holds only names that the language gives, such as `base` and `epoch`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from .reading import RAMPS, number_value, parse_sum
from .second_parser import RESERVED
from .tree import (
    Amount,
    Call,
    Chain,
    Every,
    For,
    Function,
    Items,
    Key,
    Name,
    Negation,
    Node,
    Number,
    Over,
    Power,
    Primitive,
    Product,
    Rejected,
    Repeat,
    Skip,
    Sum,
    Text,
    Until,
    Words,
    mapped,
)

NEEDED = object()
ABSENT = object()

# name: ((parameter, kind, default), ...). ABSENT means "may be left out and then has a meaning of its own".
_START = ("start", "number", ABSENT)
_DURATION = ("duration", "duration", ABSENT)
_INCLUSIVE = ("inclusive", "inclusive", ABSENT)
_ZERO = Number(Fraction(0), "0")
_ONE = Number(Fraction(1), "1")
_EASE = ("ease", "number", _ONE)
SIGNATURES: dict[str, tuple[tuple[str, str, Any], ...]] = {
    "constant": (("value", "number", NEEDED),),
    "hold": (),
    "linear": (_START, ("end", "number", _ZERO), _DURATION, _EASE, _INCLUSIVE),
    "cosine": (_START, ("end", "number", _ZERO), _DURATION, _EASE, _INCLUSIVE),
    "poly": (_START, ("end", "number", _ZERO), _DURATION, ("power", "number", _ONE), _EASE, _INCLUSIVE),
    "exponential": (_START, ("end", "number", NEEDED), _DURATION, _EASE, _INCLUSIVE),
    "one_minus_sqrt": (_START, ("end", "number", _ZERO), _DURATION, _EASE, _INCLUSIVE),
    "warmup": (
        ("duration", "duration", NEEDED),
        ("start", "number", _ZERO),
        ("end", "number", ABSENT),
        _EASE,
        _INCLUSIVE,
    ),
    "step_fixed": (("factor", "number", NEEDED), ("steps", "durations", NEEDED), _START),
    "step_interval": (("factor", "number", NEEDED), ("every", "duration", NEEDED), _START),
    "step_decreasing": (("factor", "number", NEEDED), ("every", "duration", NEEDED), _START, ("end", "number", _ZERO)),
    "exponential_decay": (("factor", "number", NEEDED), ("every", "duration", _ONE), _START),
    "inv_sqrt": (("timescale", "timescale", NEEDED), _START),
    "keyframes": (("keys", "keys", NEEDED), ("shape", "shape", "linear")),
    "values": (("values", "numbers", NEEDED),),
}
ALIASES = {"interval": "step_interval"}
KEYWORD_ONLY = ("ease", "inclusive", "shape")
WORD_ARGUMENTS = {
    "inclusive": ("left", "both", "right", "neither", "exact"),
    "shape": ("linear", "cosine", "exponential", "hold"),
}
# How many arguments a pointwise function takes: (fewest, most).
# Unsure: the page does not say whether `min(x)` is an error; it is accepted here. `log` has no second argument.
POINTWISE = {
    "min": (1, None),
    "max": (1, None),
    "clip": (3, 3),
    "mix": (3, 3),
    **dict.fromkeys(("abs", "sqrt", "exp", "log", "sin", "cos", "tanh", "floor", "ceil", "round"), (1, 1)),
}
ROUNDING = ("floor", "ceil", "round")
QUANTITIES = ("base", "step", "progress", "pi", "run_step", "run_progress", "epoch", "samples", "tokens")
NOT_NAMES = {*RESERVED, *SIGNATURES, *ALIASES, *QUANTITIES}


def parameter_node(name: str, value: object) -> Node:
    """A parameter as the text it stands for; a number is taken by its decimal digits."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise Rejected(f"the parameter {name} is neither a number nor a duration")
    node = parse_sum(value if isinstance(value, str) else repr(value))
    _check_plain(node, name)
    return node


def _check_plain(node: Node, name: str) -> None:
    """A parameter is made of numbers and durations alone."""
    match node:
        case Number() | Amount():
            return
        case Negation() | Sum() | Product() | Call("min" | "max" | "floor" | "ceil" | "round", _, ()):
            for inner in node.positional if isinstance(node, Call) else operands(node):
                _check_plain(inner, name)
        case _:
            raise Rejected(f"the parameter {name} is neither a number nor a duration")


def exact_number(value: str | int | float) -> Fraction:
    """A number of the host, exactly as its decimal digits say."""
    text = value if isinstance(value, str) else repr(value)
    sign = -1 if text.startswith("-") else 1
    return sign * number_value(text.strip().lstrip("+-"))


class Resolver:
    """Puts definitions and parameters in the place of their names."""

    def __init__(self, params: Mapping[str, object]) -> None:
        self.params = params
        self.used: set[str] = set()
        self.definitions: dict[str, Node] = {}
        self.later: set[str] = set()

    def text(self, text: Text) -> Node:
        """The schedule of a text without any free name."""
        names = [name for name, _ in text.definitions]
        for index, (name, node) in enumerate(text.definitions):
            if name in NOT_NAMES:
                raise Rejected(f"{name} cannot be defined")
            if name in names[:index]:  # Unsure: a name defined twice is taken for an error.
                raise Rejected(f"{name} is defined twice")
            self.later = set(names[index:])
            self.definitions[name] = self.node(node)
        self.later = set()
        schedule = self.node(text.schedule)
        # Unsure: a definition that is never used is accepted (the page speaks of parameters only).
        unused = set(self.params) - self.used
        if unused:
            raise Rejected(f"unused parameters: {sorted(unused)}")
        return schedule

    def name(self, name: str) -> Node:
        """What a bare word means."""
        if name in self.definitions:
            return self.definitions[name]
        if name in QUANTITIES:
            return Name(name)
        if name in SIGNATURES or name in ALIASES:
            return self.primitive(Call(name, (), ()))
        if name in self.later:
            raise Rejected(f"{name} is used before it is defined")
        if name not in self.params:
            raise Rejected(f"unknown name {name}")
        self.used.add(name)
        return self.node(parameter_node(name, self.params[name]))

    def node(self, node: Node) -> Node:
        match node:
            case Name(name):
                return self.name(name)
            case Call(name) if name in POINTWISE:
                return self.function(node)
            case Call(name) if name in SIGNATURES or name in ALIASES:
                return self.primitive(node)
            case Call(name):
                raise Rejected(f"unknown function {name}")
            case Words(ramp, start, end):
                given = (("end", end),) if start is None else (("start", start), ("end", end))
                return self.primitive(Call(ramp, (), given))
        return mapped(node, self.node)

    def function(self, call: Call) -> Function:
        """A pointwise function takes positional arguments only; what rounds takes `multiple` by name."""
        fewest, most = POINTWISE[call.name]
        count = len(call.positional)
        named = [name for name, _ in call.named]
        wrong = named and (named != ["multiple"] or call.name not in ROUNDING)
        if wrong or count < fewest or (most is not None and count > most):
            raise Rejected(f"{call.name} is given the wrong arguments")
        given = tuple(self.node(argument) for argument in call.positional)
        return Function(call.name, given, *(self.node(value) for _, value in call.named))

    def primitive(self, call: Call) -> Primitive:
        """A primitive with its arguments bound as Python binds them."""
        name = ALIASES.get(call.name, call.name)
        signature = SIGNATURES[name]
        positional: tuple[Node, ...] = call.positional
        if name == "keyframes":
            positional = (Items(positional),)
        if name in RAMPS and len(positional) == 1 and "end" not in dict(call.named):
            # Unsure: `linear(1, end=0)` has a single positional value, but nothing is left to offer; accepted.
            raise Rejected(f"{name} is given a single value; write end=")
        places = [parameter for parameter, _, _ in signature if parameter not in KEYWORD_ONLY]
        if len(positional) > len(places):
            raise Rejected(f"{name} is given too many arguments")
        given: dict[str, Node] = dict(zip(places, positional, strict=False))
        for key, value in call.named:
            if key in given or key not in [parameter for parameter, _, _ in signature]:
                raise Rejected(f"{name} has no argument {key}, or it is given twice")
            given[key] = value
        return Primitive(name, self.bound(name, given))

    def bound(self, name: str, given: dict[str, Node]) -> dict[str, Any]:
        arguments: dict[str, Any] = {}
        for parameter, kind, default in SIGNATURES[name]:
            if parameter in given:
                arguments[parameter] = self.argument(kind, given[parameter])
            elif default is NEEDED:
                raise Rejected(f"{name} needs {parameter}")
            elif default is not ABSENT:
                arguments[parameter] = default
        return arguments

    def argument(self, kind: str, node: Node) -> Any:
        """An argument; `inclusive` and `shape` are words, not names."""
        if kind not in WORD_ARGUMENTS:
            return self.node(node)
        if not isinstance(node, Name) or node.name not in WORD_ARGUMENTS[kind]:
            raise Rejected(f"{kind} is one of {WORD_ARGUMENTS[kind]}")
        return node.name


def checked(text: Text, params: Mapping[str, object]) -> Node:
    """The resolved schedule of a text, in which no rule is broken that needs no run to see."""
    schedule = Resolver(params).text(text)
    check_schedule(schedule)
    check_places(schedule, {})
    return schedule


# --- kinds ---------------------------------------------------------------------------------------------------------


def check_schedule(node: Node) -> None:
    match node:
        case Number() | Name():
            return
        case Sum() | Product() | Negation() | Power() | Function():
            if isinstance(node, Function) and node.multiple is not None:
                check_number(node.multiple)
            for operand in operands(node):
                check_schedule(operand)
        case Primitive():
            check_arguments(node)
        case Chain(parts):
            for part in parts:
                check_schedule(part)
            for part in parts[:-1]:
                if not has_length(part):
                    raise Rejected("a phase before `then` needs a length: for ...")
        case For(body, duration):
            check_schedule(body)
            if duration is not None:
                check_duration(duration)
        case Until(body, duration) | Over(body, duration) | Skip(body, duration) | Every(body, duration):
            check_schedule(body)
            check_duration(duration)
        case Repeat():
            check_repeat(node)
        case _:
            raise Rejected(f"a schedule is wanted here, not {type(node).__name__}")


def check_number(node: Node) -> None:
    if isinstance(node, Function) and node.multiple is not None:
        check_number(node.multiple)
    match node:
        case Number() | Name("base" | "pi"):
            return
        case Sum() | Product() | Negation() | Power() | Function():
            for operand in operands(node):
                check_number(operand)
        case _:
            raise Rejected("a number is wanted here")


def check_duration(node: Node) -> None:
    """A duration is wanted here: + - * / of numbers and durations, min, max and what rounds."""
    if isinstance(node, Function) and node.multiple is not None:
        check_number(node.multiple)
    match node:
        case Number() | Amount() | Name("base"):
            return
        case Sum() | Product() | Negation() | Power() | Function("min" | "max" | "floor" | "ceil" | "round"):
            for operand in operands(node):
                check_duration(operand)
        case _:
            raise Rejected("a duration is wanted here")


def check_arguments(node: Primitive) -> None:
    for parameter, kind, _ in SIGNATURES[node.name]:
        value = node.arguments.get(parameter)
        if value is None or kind in WORD_ARGUMENTS:
            continue
        match kind:
            case "number":
                check_number(value)
            case "timescale" if is_real(value):
                check_number(value)
            case "duration" | "timescale":
                check_duration(value)
            case _:
                check_items(kind, value)


def is_real(node: Node) -> bool:
    """Whether bare arithmetic has no exact value, because of `pi`, `base`, a function or a root."""
    match node:
        case Name():
            return True
        case Function(name) if name not in ("min", "max", *ROUNDING):
            return True
        case Power(_, Number(exponent)) if exponent.denominator != 1:
            return True
    return not isinstance(node, Amount) and any(map(is_real, operands(node)))


def check_items(kind: str, value: object) -> None:
    if not isinstance(value, Items):
        raise Rejected("a list is wanted here")
    if not value.values and kind != "durations":  # Unsure: `step_fixed(0.1, [])` is accepted, as torch does.
        raise Rejected("the list is empty")
    for item in value.values:
        if kind == "numbers":
            check_number(item)
        elif kind == "durations":
            check_duration(item)
        elif isinstance(item, Key):
            check_number(item.value)
            check_duration(item.time)
        else:
            raise Rejected("a key `value @ time` is wanted here")


def check_repeat(node: Repeat) -> None:
    """A repeated body has a length; only `for` and `over` can be stretched; a bare `until` is an error."""
    check_schedule(node.body)
    if not has_length(node.body):
        raise Rejected("a repeated body needs a length")
    if has_bare_until(node.body):
        raise Rejected("a repeated body has an `until` in it; `over` would make it a place in the body")
    if node.count is not None:
        check_duration(node.count)  # exact arithmetic; that it is a whole number is asked when it is used
    if node.stretch is not None:
        check_duration(node.stretch)
        if not (isinstance(node.body, Over) or (isinstance(node.body, For) and node.body.duration is not None)):
            raise Rejected("`stretch` wants a body `E for D` or `E over D`")
    if node.scale is not None:
        check_number(node.scale)


def operands(node: Node) -> list[Node]:
    match node:
        case Sum(terms):
            return [term for _, term in terms]
        case Product(factors):
            return [factor for _, factor in factors]
        case Negation(body):
            return [body]
        case Power(base, exponent):
            return [base, exponent]
        case Function(_, arguments):
            return list(arguments)
    return []


# --- lengths -------------------------------------------------------------------------------------------------------


def is_aside(node: Node) -> bool:
    """Numbers, parameters and `hold` (and arithmetic of nothing else) have no say in how long a sum lasts."""
    match node:
        case Number() | Name("base" | "pi") | Primitive("hold" | "constant"):
            return True
        case Sum() | Product() | Negation() | Power() | Function():
            return all(is_aside(operand) for operand in operands(node))
    return False


def has_length(node: Node) -> bool:
    """Whether a phase may stand before `then`."""
    match node:
        case For() | Until() | Over():
            return True
        case Primitive("step_fixed" | "keyframes" | "values" | "warmup"):
            return True
        case Primitive(name, arguments) if name in RAMPS:
            return "duration" in arguments
        case Sum() | Product() | Negation() | Power() | Function():
            voices = [operand for operand in operands(node) if not is_aside(operand)]
            return bool(voices) and all(has_length(voice) for voice in voices)
        case Chain(parts):
            return has_length(parts[-1])
        case Skip(body) | Every(body):
            return has_length(body)
        case Repeat(body, count):
            return count is not None and has_length(body)
    return False


def has_bare_until(node: Node) -> bool:
    """Whether an `until` in this body is a place of the run around it."""
    match node:
        case Until():
            return True
        case For(body) | Skip(body) | Every(body) | Repeat(body):
            return has_bare_until(body)
        case Chain(parts):
            return any(has_bare_until(part) for part in parts)
    return any(has_bare_until(operand) for operand in operands(node))


def has_open_rest(node: Node) -> bool:
    """Whether a `rest` in this node is of the window around it, so that its length depends on where it stands."""
    match node:
        case For(_, None):
            return True
        case Skip(body) | Every(body) | Repeat(body):
            return has_open_rest(body)
        case Chain(parts):
            return any(has_open_rest(part) for part in parts)
    return any(has_open_rest(operand) for operand in operands(node))


# --- places that have passed in every run --------------------------------------------------------------------------

Place = dict[str, Fraction]


def check_places(node: Node, earliest: Place) -> Place:
    """Reject an `until` that has passed in every run; returns the earliest place where the node can end.

    A place is a sum of amounts by unit. Only two places of one and the same unit are compared.
    """
    match node:
        case Chain(parts):
            for part in parts:
                earliest = check_places(part, earliest)
            return earliest
        case Until(body, place):
            check_places(body, earliest)
            return check_place(_amounts(place), earliest)
        case For(body, duration, times):
            check_places(body, earliest)
            return earliest if duration is None else _moved(earliest, _amounts(duration), times)
        case Over(body, duration, times):
            check_places(body, {})
            return _moved(earliest, _amounts(duration), times)
        case Primitive("warmup", arguments):
            return _moved(earliest, _amounts(arguments["duration"]), Fraction(1))
        case Primitive(name, arguments) if name in RAMPS and "duration" in arguments:
            return _moved(earliest, _amounts(arguments["duration"]), Fraction(1))
        case Skip(body) | Every(body):
            check_places(body, earliest)
        case _:
            for operand in operands(node):
                check_places(operand, earliest)
    return earliest


def check_place(place: Place | None, earliest: Place) -> Place:
    """An `until` at this place, where the phase begins at `earliest` or later."""
    if place is None:
        return earliest
    if len(place) == 1 and place.keys() == earliest.keys():
        (unit,) = place
        if place[unit] < earliest[unit]:
            raise Rejected(f"this place has passed in every run: {place[unit]} {unit}")
    return place


def _moved(earliest: Place, length: Place | None, times: Fraction) -> Place:
    """The place this much later; a length that is not known adds nothing."""
    moved = dict(earliest)
    for unit, amount in (length or {}).items():
        moved[unit] = moved.get(unit, Fraction(0)) + amount * times
    return {unit: amount for unit, amount in moved.items() if amount}


def _amounts(node: Node, alone: bool = True) -> Place | None:
    """A duration as a sum of amounts, if it is a plain one."""
    match node:
        case Number(value):
            return {"%": value} if alone and 0 < value < 1 else {"steps": value}
        case Amount(value, unit):
            return {unit: value}
        case Sum(terms):
            total: Place = {}
            for sign, term in terms:
                amounts = _amounts(term, alone=False)
                if amounts is None:
                    return None
                total = _moved(total, amounts, Fraction(sign))
            return total
    return None


def stretched(node: For | Over, times: Fraction) -> For | Over:
    """The body of copy i of a stretched repeat."""
    return replace(node, times=node.times * times)
