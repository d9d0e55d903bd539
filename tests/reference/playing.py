"""The meaning of a schedule: every node becomes a curve, a function of the step of the run.

A `Context` says where a phase stands: its exact start, the value handed to it, the window it may fill, the windows
that cut it, the run that % and `until` refer to, and what follows it. Steps are those of the whole run throughout; a
phase subtracts the first step of its own to get its local clock.

Two kinds of nodes: a *sequence* (`then`, `repeat`) is laid out as pieces on the step axis; anything else is a phase,
one curve from its start to its end. The parts of a sequence are asked whether they belong to the windows around them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import count as counted

from mpmath import mp, mpf

from . import formulas
from .checking import has_open_rest, is_aside, operands, stretched
from .reading import RAMPS
from .timing import Run, duration, exact, first_step
from .tree import (
    Chain,
    Every,
    For,
    Function,
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
    Until,
)

MOST_COPIES = 20_000

Curve = Callable[[int], mpf]
Follow = Callable[[Fraction], "mpf | None"]
Part = tuple[Node, "mpf | None"]  # a part of a sequence and the factor that `scale` gives it


class DependsOnIncomingError(Exception):
    """While looking ahead: the value asked for depends on the value handed on."""


def unknown() -> mpf:
    """The value handed on, while looking ahead."""
    raise DependsOnIncomingError


def nowhere(place: Fraction) -> mpf | None:
    """What a warm-up sees that looks nowhere."""
    return None


@dataclass(frozen=True)
class Window:
    """A window from an exact place to another; `end` is None in a run without an end."""

    start: Fraction
    end: Fraction | None

    @property
    def has_step(self) -> bool:
        """Whether a whole step lies in it."""
        return self.end is None or first_step(self.start) < first_step(self.end)


@dataclass(frozen=True)
class Context:
    """Where a phase stands."""

    run: Run
    start: Fraction
    incoming: Callable[[], mpf]
    window_end: Fraction | None
    cuts: tuple[Window, ...]
    follow: Follow
    horizon: int
    looking: bool = False
    blind: bool = False

    @property
    def first(self) -> int:
        """The first whole step of the phase: local step 0."""
        return first_step(self.start)

    def last(self, end: Fraction | None) -> int | None:
        """The step that a phase with this exact end ends on, cut by every window around it."""
        ends = [place for place in (end, *(window.end for window in self.cuts)) if place is not None]
        return max(self.first, first_step(min(ends))) if ends else None


@dataclass(frozen=True)
class Piece:
    """A phase on the step axis: it shows from `first` on, and is held at `last`."""

    first: int
    last: int | None
    curve: Curve

    def at(self, step: int) -> mpf:
        """Its value; past its end, its value there."""
        return self.curve(step if self.last is None else min(step, self.last))


def play(node: Node, context: Context) -> Curve:
    node = unskipped(node, context.run)
    if not isinstance(node, (Chain, Repeat)):
        return phase_curve(node, context)
    pieces = lay_out(node, context)
    firsts = [piece.first for piece in pieces]

    def at(step: int) -> mpf:
        index = bisect_right(firsts, step) - 1
        return context.incoming() if index < 0 else pieces[index].at(step)

    return at


def unskipped(node: Node, run: Run) -> Node:
    """`E skip 0` is E, also where the parts of E are asked and not the whole."""
    while isinstance(node, Skip) and duration(node.duration, run) == 0:
        node = node.body
    return node


# --- lengths -------------------------------------------------------------------------------------------------------


def length(node: Node, context: Context, own: bool = False) -> Fraction | None:
    """How long a phase lasts from this start; None if it fills the window.

    With `own`, lengths that only the place in the run decides (`until`, `rest`) count as none.
    """
    run = context.run
    match node:
        case For(_, None):
            if own or context.window_end is None:
                return None
            return max(Fraction(0), context.window_end - context.start)
        case For(_, given, times) | Over(_, given, times):
            assert given is not None
            return duration(given, run) * times
        case Until(_, place):
            return None if own else max(Fraction(0), run.origin + duration(place, run) - context.start)
        case Skip(body, given):
            skipped = duration(given, run)
            whole = length(body, replace(context, start=context.start - skipped), own)
            return None if whole is None else max(Fraction(0), whole - skipped)
        case Every(body, given):
            whole = length(body, context, own)
            interval = positive(duration(given, run), "every")
            return None if whole is None else first_step(whole / interval) * interval
        case Primitive():
            return natural_length(node, context)
        case Chain(parts):
            return chain_length(parts, context, own)
        case Repeat():
            return repeat_length(node, context, own)
        case Sum() | Product() | Negation() | Power() | Function():
            lengths = [length(operand, context, own) for operand in operands(node) if not is_aside(operand)]
            known = [whole for whole in lengths if whole is not None]
            return max(known) if known and len(known) == len(lengths) else None
    return None


def natural_length(node: Primitive, context: Context) -> Fraction | None:
    """The length that a primitive has of its own."""
    arguments = node.arguments
    match node.name:
        case "step_fixed":
            return max((duration(item, context.run) for item in arguments["steps"].values), default=Fraction(0))
        case "keyframes":
            return max(duration(key.time, context.run) for key in arguments["keys"].values)
        case "values":
            return Fraction(len(arguments["values"].values))
    if node.name in ("warmup", *RAMPS) and "duration" in arguments:
        return duration(arguments["duration"], context.run)
    return None


def chain_length(parts: tuple[Node, ...], context: Context, own: bool) -> Fraction | None:
    place = context.start
    for part in parts:
        part_length = length(part, replace(context, start=place), own)
        if part_length is None:
            return None
        place += part_length
    return place - context.start


def repeat_length(node: Repeat, context: Context, own: bool) -> Fraction | None:
    copies = copy_count(node, context.run)
    if copies is None:
        return None
    if node.stretch is None and not has_open_rest(node.body):  # every copy is as long; a bare `until` is an error
        body = length(node.body, context, own)
        return None if body is None else body * copies
    return chain_length(tuple(copy for copy, _ in copies_of(node, context.run)), context, own)


def positive(steps: Fraction, what: str) -> Fraction:
    if steps <= 0:
        raise Rejected(f"{what} must be longer than nothing")
    return steps


# --- sequences -----------------------------------------------------------------------------------------------------


def copy_count(node: Repeat, run: Run) -> int | None:
    """The n of `repeat n`; None if it goes on until the window ends."""
    if node.count is None:
        return None
    copies = exact(node.count, run)
    if copies.denominator != 1 or copies < 1:
        raise Rejected(f"repeat wants a whole number of copies, at least 1: {copies}")
    return int(copies)


def copies_of(node: Repeat, run: Run, after: int = 0) -> Iterator[Part]:
    """The copies of a repeated body from this one on, each with the factor that `scale` gives it."""
    stretch = Fraction(1) if node.stretch is None else exact(node.stretch, run)
    # Unsure: with a number of copies, the page allows any s; a negative one gives negative lengths and is rejected.
    if stretch < 0 or (node.count is None and stretch < 1):
        raise Rejected("stretch must be at least 1 when there is no number of copies")
    scale = None if node.scale is None else constant(node.scale, run)
    copies = copy_count(node, run)
    for index in counted(after) if copies is None else range(after, copies):
        if index >= MOST_COPIES:
            raise NotImplementedError(f"the reference lays out at most {MOST_COPIES} copies")
        body = node.body
        if index and stretch != 1:
            assert isinstance(body, (For, Over))
            body = stretched(body, stretch**index)
        yield body, None if scale is None else scale**index


def members(node: Chain | Repeat, context: Context) -> Iterator[tuple[Node, mpf | None, Follow, bool]]:
    """The parts of a sequence: each with its factor, what follows it, and whether it is the last."""
    copies: int | None
    if isinstance(node, Chain):
        copies = len(node.parts)
    else:
        check_repeat(node, context)
        copies = copy_count(node, context.run)
    for index, (part, factor) in enumerate(parts_of(node, context.run)):
        follow = look(partial(parts_of, node, context.run, index + 1), context)
        yield part, factor, follow, index + 1 == copies


def check_repeat(node: Repeat, context: Context) -> None:
    """What can only be seen in a run: an endless body has a length, a scaled body states its start."""
    if node.count is None:
        whole = length(node.body, context)
        if whole is not None:
            positive(whole, "a body that repeats until the window ends")
    if node.scale is not None:
        ahead = look(lambda: iter([(node.body, None)]), replace(context, blind=False, follow=nowhere))
        shown = not shows_no_step(node.body, as_seen(context, context.start), own=False)
        if shown and ahead(context.start) is None:
            raise Rejected("`scale` wants a body that states its start")


def lay_out(node: Node, context: Context) -> list[Piece]:
    """The pieces of a node on the step axis; empty where nothing of it belongs to the windows around it."""
    node = unskipped(node, context.run)
    if not isinstance(node, (Chain, Repeat)):
        admitted = admit(node, context)
        return [] if admitted is None else [piece_of(node, admitted)]
    pieces: list[Piece] = []
    place, incoming = context.start, context.incoming
    for part, factor, follow, is_last in members(node, context):
        if first_step(place) > context.horizon or any(w.end is not None and place > w.end for w in context.cuts):
            break
        inside = replace(
            context,
            start=place,
            incoming=incoming,
            blind=context.blind or factor is not None,
            follow=nowhere if context.blind or factor is not None else follow,
        )
        added = [_scaled(piece, factor) for piece in lay_out(part, inside)]
        pieces += added
        if is_last:
            break
        part_length = length(part, inside)
        if part_length is None:  # `for rest` in a run without an end
            break
        place += part_length
        if added and first_step(place) <= context.horizon:
            incoming = known(added[-1])
    return pieces


def _scaled(piece: Piece, factor: mpf | None) -> Piece:
    if factor is None:
        return piece
    return replace(piece, curve=lambda step: factor * piece.curve(step))


def known(piece: Piece) -> Callable[[], mpf]:
    """The value that a piece hands on."""
    assert piece.last is not None
    try:
        value = piece.at(piece.last)
    except DependsOnIncomingError:
        return unknown
    return lambda: value


def piece_of(node: Node, context: Context) -> Piece:
    whole = length(node, context)
    last = context.last(None if whole is None else context.start + whole)
    return Piece(context.first, last, phase_curve(node, context))


def shows_no_step(node: Node, context: Context, own: bool) -> bool:
    """Whether a phase of a length (of its own) has no whole step."""
    whole = length(node, context, own)
    return whole is not None and first_step(context.start + whole) == context.first


def admit(node: Node, context: Context) -> Context | None:
    """Whether a part belongs to the windows around it, and the context it has then.

    What would begin at the end of a window does not belong to it, unless it has no length; a window without a
    whole step takes everything that begins in it or at its end. A part that has no length at the end of a window is
    not cut by that window any more: it is a window of its own.
    """
    kept: list[Window] = []
    at_an_end = False
    for window in context.cuts:
        if window.end is None or context.first < first_step(window.end):
            kept.append(window)
        elif context.start > window.end:
            return None
        elif not window.has_step:
            kept.append(window)
        elif shows_no_step(node, context, own=True):
            at_an_end = True
        else:
            return None
    if at_an_end:
        whole = length(node, context, own=True)
        assert whole is not None
        kept.append(Window(context.start, context.start + whole))
    return replace(context, cuts=tuple(kept))


# --- looking ahead -------------------------------------------------------------------------------------------------


def look(parts: Callable[[], Iterator[Part]], context: Context) -> Follow:
    """What a warm-up sees that ends where these parts begin: the start that they state, or None."""

    def ahead(place: Fraction) -> mpf | None:
        for member, factor in parts():
            part = unskipped(member, context.run)
            at_place = as_seen(context, place)
            if isinstance(part, (Chain, Repeat)):
                inner = look(partial(parts_of, part, context.run), context)
                whole = length(part, at_place)
                if whole is None or not passed(part, at_place):
                    return _times(inner(place), factor)
            elif not passed(part, at_place):
                return _times(stated_start(part, at_place), factor)
            place += length(part, at_place) or Fraction(0)
        return context.follow(place)

    return ahead


def parts_of(node: Chain | Repeat, run: Run, after: int = 0) -> Iterator[Part]:
    """The parts of a sequence from this one on, and their factors."""
    if isinstance(node, Chain):
        return iter([(part, None) for part in node.parts[after:]])
    return copies_of(node, run, after)


def passed(node: Node, context: Context) -> bool:
    """Whether looking ahead passes this phase, because it has no length."""
    return shows_no_step(node, context, own=False)


def as_seen(context: Context, place: Fraction) -> Context:
    """The context of what begins at this place, to a warm-up before it.

    Nothing is cut, and a window that is over already is seen as if one step of it were left: what a phase would
    begin with does not depend on whether it is reached.
    """
    window_end = context.window_end
    if window_end is not None and first_step(window_end) <= first_step(place):
        window_end = place + 1
    return replace(
        context,
        start=place,
        incoming=unknown,
        window_end=window_end,
        cuts=(),
        follow=nowhere,
        horizon=first_step(place),
        looking=True,
    )


def stated_start(node: Node, context: Context) -> mpf | None:
    """The value of a phase at its first step, if it does not depend on the value handed on."""
    try:
        return phase_curve(node, context)(context.first)
    except DependsOnIncomingError:
        return None


def _times(value: mpf | None, factor: mpf | None) -> mpf | None:
    return value if value is None or factor is None else value * factor


# --- phases --------------------------------------------------------------------------------------------------------


def phase_curve(node: Node, context: Context) -> Curve:
    """The curve of a phase, held from its end on."""
    curve = plain_curve(node, context)
    whole = length(node, context)
    last = context.last(None if whole is None else context.start + whole)
    return curve if last is None else lambda step: curve(min(step, last))


def plain_curve(node: Node, context: Context) -> Curve:
    """The curve of a phase up to its end."""
    match node:
        case Number() | Name("base" | "pi"):
            value = constant(node, context.run)
            return lambda step: value
        case Name("step"):
            return lambda step: mpf(step - context.first)
        case Name("progress"):
            return progress(context)
        case Sum() | Product() | Negation() | Power() | Function():
            return pointwise(node, context)
        case Primitive():
            return primitive_curve(node, context)
        case For(body) | Until(body):
            return play(body, opened(node, context))
        case Over(body):
            inside = opened(node, context)
            total = length(node, context)
            return play(body, replace(inside, run=replace(context.run, origin=context.start, total=total)))
        case Skip(body, given):
            return play(body, replace(context, start=context.start - duration(given, context.run)))
        case Every(body, given):
            return sampled(body, positive(duration(given, context.run), "every"), node, context)
    raise AssertionError(node)


def opened(node: Node, context: Context) -> Context:
    """The context inside `for`, `until` and `over`: a window of that length."""
    whole = length(node, context)
    if whole is None:  # `for rest` in a run without an end: the window goes on
        return context
    end = context.start + whole
    return replace(
        context,
        window_end=end,
        cuts=(*context.cuts, Window(context.start, end)),
        follow=lambda place: context.follow(end),
    )


def sampled(body: Node, interval: Fraction, node: Node, context: Context) -> Curve:
    """`every`: the value that the body had at the last multiple of the interval, shown from the whole step there."""
    whole = length(node, context)
    follow = context.follow if whole is None else (lambda place: context.follow(context.start + whole))
    curve = play(body, replace(context, follow=follow))

    def at(step: int) -> mpf:
        multiples = (step - context.start) // interval
        return curve(first_step(context.start + multiples * interval))

    return at


def pointwise(node: Node, context: Context) -> Curve:
    """Arithmetic and functions: all operands on one clock, with one incoming value; a warm-up looks nowhere."""
    curves = [play(operand, replace(context, follow=nowhere)) for operand in operands(node)]
    return lambda step: formulas.combine(node, [curve(step) for curve in curves])


def constant(node: Node, run: Run) -> mpf:
    match node:
        case Number(value):
            return formulas.real(value)
        case Name("base"):
            return formulas.real(run.rates.base)
        case Name("pi"):
            return +mp.pi
    return formulas.combine(node, [constant(operand, run) for operand in operands(node)])


def window_steps(context: Context) -> int:
    """The whole steps from the start of a phase to the end of the innermost window."""
    if context.window_end is None:
        raise Rejected("the rest of the run needs total_steps")
    return first_step(context.window_end) - context.first


def progress(context: Context) -> Curve:
    """t/d of the phase that a formula is (or is in)."""
    steps = window_steps(context)
    return lambda step: formulas.real(formulas.share(step - context.first, steps, "left"))


def primitive_curve(node: Primitive, context: Context) -> Curve:
    """The table of section 4."""
    run, arguments, first = context.run, node.arguments, context.first

    def number(name: str) -> mpf:
        return constant(arguments[name], run)

    def start() -> mpf:
        return number("start") if "start" in arguments else context.incoming()

    def steps_since(place: Fraction, step: int) -> bool:
        return context.start + place <= step

    match node.name:
        case "constant":
            return lambda step: number("value")
        case "hold":
            return lambda step: context.incoming()
        case "warmup" | "linear" | "cosine" | "poly" | "exponential" | "one_minus_sqrt":
            return ramp_curve(node, context, start)
        case "step_fixed":
            places = [duration(item, run) for item in arguments["steps"].values]
            return lambda step: start() * number("factor") ** sum(steps_since(place, step) for place in places)
        case "step_interval":
            every = positive(duration(arguments["every"], run), "every")
            return lambda step: start() * number("factor") ** int((step - context.start) // every)
        case "step_decreasing":
            every = positive(duration(arguments["every"], run), "every")
            return lambda step: formulas.step_decreasing(
                start(), number("end"), number("factor"), int((step - context.start) // every)
            )
        case "exponential_decay":
            every = positive(duration(arguments["every"], run), "every")
            return lambda step: formulas.exponential_decay(start(), number("factor"), (step - first) / every)
        case "inv_sqrt":
            timescale = positive(duration(arguments["timescale"], run), "timescale")
            return lambda step: start() * mp.sqrt(formulas.real(timescale / (timescale + step - first)))
        case "values":
            values = [constant(value, run) for value in arguments["values"].values]
            return lambda step: values[min(step - first, len(values) - 1)]
        case "keyframes":
            return keyframes(node, context)
    raise AssertionError(node.name)


def ramp_curve(node: Primitive, context: Context, start: Callable[[], mpf]) -> Curve:
    """The five ramps and `warmup`, over a duration of their own or the rest of the window."""
    arguments = node.arguments
    power = constant(arguments["power"], context.run) if "power" in arguments else None
    inclusive = "left" if context.looking else arguments["inclusive"]
    if "duration" in arguments:
        exact_end = context.start + duration(arguments["duration"], context.run)
        steps = first_step(exact_end) - context.first
    else:
        exact_end = context.start
        steps = window_steps(context)

    def end() -> mpf:
        if "end" in arguments:
            return constant(arguments["end"], context.run)
        target = context.follow(exact_end)
        return context.incoming() if target is None else target

    shape = "linear" if node.name == "warmup" else node.name
    return lambda step: formulas.ramp(shape, start, end, formulas.share(step - context.first, steps, inclusive), power)


def keyframes(node: Primitive, context: Context) -> Curve:
    """Through the keys, whose places are boundaries; where several are at one step, the last one wins."""
    arguments = node.arguments
    keys = [
        (context.start + duration(key.time, context.run), constant(key.value, context.run))
        for key in arguments["keys"].values
    ]
    keys.sort(key=lambda key: key[0])  # stable: at one time the later key stays the later
    steps = [first_step(place) for place, _ in keys]
    values = [value for _, value in keys]

    def at(step: int) -> mpf:
        index = bisect_right(steps, step) - 1
        if index < 0:
            return values[0]
        if index == len(keys) - 1:
            return values[-1]
        x = formulas.share(step - steps[index], steps[index + 1] - steps[index], "left")
        return formulas.between(arguments["shape"], values[index], values[index + 1], x)

    return at
