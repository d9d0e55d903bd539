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
from itertools import islice

from mpmath import mp, mpf

from . import formulas
from .checking import has_open_rest, is_aside, is_real, operands, stretched
from .reading import RAMPS
from .timing import NOWHEN, Length, Meter, Place, Run, duration, exact, first_step
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
STEP = Place(Fraction(1))

Curve = Callable[[Fraction], mpf]  # of a place: a step, or where a curve is cut between two
Follow = Callable[[Place], "mpf | None"]
Part = tuple[Node, "mpf | None"]  # a part of a sequence and the factor that `scale` gives it


class DependsOnIncomingError(Exception):
    """While looking ahead: the value asked for depends on the value handed on."""


def unknown() -> mpf:
    """The value handed on, while looking ahead."""
    raise DependsOnIncomingError


def nowhere(place: Place) -> mpf | None:
    """What a warm-up sees that looks nowhere."""
    return None


@dataclass(frozen=True)
class Window:
    """A window from an exact place to another; `end` is None in a run without an end."""

    start: Place
    end: Place | None

    @property
    def has_step(self) -> bool:
        """Whether a whole step lies in it."""
        return self.end is None or self.start.first < self.end.first


@dataclass(frozen=True)
class Context:
    """Where a phase stands."""

    run: Run
    start: Place
    incoming: Callable[[], mpf]
    window_end: Place | None
    cuts: tuple[Window, ...]
    follow: Follow
    horizon: int
    looking: Place | None = None
    blind: bool = False

    @property
    def first(self) -> int:
        """The first whole step of the phase: local step 0."""
        return self.start.first

    def over(self, end: Place | None) -> Place | None:
        """Where a phase with this end ends, cut by every window around it. Of several at one place, the innermost."""
        windows = (window.end for window in reversed(self.cuts))
        ends = [place for place in (end, *windows) if place is not None]
        if not ends:
            return None
        over = min(ends, key=lambda place: place.at)
        return over if over.first >= self.first else Place(Fraction(self.first))


@dataclass(frozen=True)
class Piece:
    """A phase on the step axis: it shows from `first` on, and is held at `last`."""

    first: int
    last: Fraction | None
    curve: Curve

    def at(self, place: Fraction) -> mpf:
        """Its value; past its end, its value there."""
        return self.curve(place)


def play(node: Node, context: Context) -> Curve:
    node = unskipped(node, context.run)
    if not isinstance(node, (Chain, Repeat)):
        return phase_curve(node, context)
    pieces = lay_out(node, context)
    firsts = [piece.first for piece in pieces]

    def at(place: Fraction) -> mpf:
        index = bisect_right(firsts, first_step(place)) - 1  # a part in force is in force up to the next whole step
        return context.incoming() if index < 0 else pieces[index].at(place)

    return at


def unskipped(node: Node, run: Run) -> Node:
    """`E skip 0` is E, also where the parts of E are asked and not the whole."""
    while isinstance(node, Skip) and duration(node.duration, run).at == 0:
        node = node.body
    return node


# --- ends ----------------------------------------------------------------------------------------------------------


def end_of(node: Node, context: Context, own: bool = False) -> Place | None:
    """Where a phase that begins at the context's start ends; None if it fills the window.

    With `own`, ends that only the place in the run decides (`until`, `rest`) count as none.
    """
    run, start = context.run, context.start
    match node:
        case For(_, None):
            return None if own or context.window_end is None else later(start, context.window_end)
        case For(_, given, times) | Over(_, given, times):
            assert given is not None
            length = duration(given, run)
            return start + length.times(times)
        case Until(_, place):
            return None if own else later(start, run.origin + duration(place, run))
        case Skip(body, _):
            whole = end_of(body, skipped(node, context), own)
            return None if whole is None else later(start, whole)
        case Every(body, given):
            whole = end_of(body, context, own)
            interval = positive(duration(given, run), "every")
            if whole is None or whole.at == start.at:
                return whole
            if isinstance(interval, Length):
                passed = interval.meter.seen(whole.at) - interval.meter.seen(start.at)
                return start + interval.times(Fraction(first_step(passed / interval.amount)))
            return start + Place(first_step((whole.at - start.at) / interval.at) * interval.at, interval.sharp)
        case Primitive():
            length = natural_length(node, context)
            return None if length is None else start + length
        case Chain(parts):
            return chain_end(parts, context, own)
        case Repeat():
            return repeat_end(node, context, own)
        case Sum() | Product() | Negation() | Power() | Function():
            ends = [end_of(operand, context, own) for operand in operands(node) if not is_aside(operand)]
            known = [end for end in ends if end is not None]
            return latest(known) if known and len(known) == len(ends) else None
    return None


def later(start: Place, end: Place) -> Place:
    """The end, but not before the start."""
    return end if end.at > start.at else start


def latest(places: list[Place]) -> Place:
    """The last of some places, sharp if one of those there is."""
    last = max(place.at for place in places)
    return Place(last, any(place.sharp for place in places if place.at == last))


def skipped(node: Skip, context: Context) -> Context:
    """The context of a body that began earlier."""
    length = duration(node.duration, context.run)
    return replace(context, start=context.start + length.times(Fraction(-1)))


def natural_length(node: Primitive, context: Context) -> Place | None:
    """The length that a primitive has of its own."""
    arguments = node.arguments
    match node.name:
        case "step_fixed":
            return furthest([duration(item, context.run) for item in arguments["steps"].values])
        case "keyframes":
            return furthest([duration(key.time, context.run) for key in arguments["keys"].values])
        case "values":
            return Place(Fraction(len(arguments["values"].values)))
    if node.name in ("warmup", *RAMPS) and "duration" in arguments:
        return duration(arguments["duration"], context.run)
    return None


def furthest(lengths: list[Place | Length]) -> Place | Length:
    """The longest of some lengths."""
    counted = [length for length in lengths if isinstance(length, Length)]
    if not counted:
        return latest(lengths) if lengths else NOWHEN
    return Length(counted[0].meter, Fraction(1), False, choices=("last", tuple(lengths)))


def chain_end(parts: tuple[Node, ...], context: Context, own: bool) -> Place | None:
    place: Place | None = context.start
    for part in parts:
        if place is None:
            return None
        place = end_of(part, replace(context, start=place), own)
    return place


def repeat_end(node: Repeat, context: Context, own: bool) -> Place | None:
    copies = copy_count(node, context.run)
    if copies is None:
        return None
    if (
        node.stretch is None and not has_open_rest(node.body) and not changes(context.run)
    ):  # every copy is as long; a bare `until` is an error
        body = end_of(node.body, replace(context, start=NOWHEN), own)
        return None if body is None else context.start + Place(body.at * copies, body.sharp)
    return chain_end(tuple(copy for copy, _ in copies_of(node, context.run)), context, own)


def changes(run: Run) -> bool:
    """Whether a rate changes."""
    return isinstance(run.rates.samples_per_step, Meter) or isinstance(run.rates.tokens_per_step, Meter)


def positive(steps: Place | Length, what: str) -> Place | Length:
    if isinstance(steps, Length) and not steps.plain:
        raise Rejected(f"{what} is in several units")
    if steps.at <= 0:
        raise Rejected(f"{what} must be longer than nothing")
    return steps


def gone_of(length: Place | Length, start: Fraction, place: Fraction) -> Fraction:
    """How many times a length has passed between two places."""
    if isinstance(length, Length):
        return (length.meter.seen(place) - length.meter.seen(start)) / length.amount
    return (place - start) / length.at


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
        whole = end_of(node.body, replace(context, start=NOWHEN))
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
        if place.first > context.horizon or any(w.end is not None and place.at > w.end.at for w in context.cuts):
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
        end = end_of(part, inside)
        if end is None:  # `for rest` in a run without an end
            break
        place = end
        if added and place.first <= context.horizon:
            incoming = known(added[-1])
    return pieces


def _scaled(piece: Piece, factor: mpf | None) -> Piece:
    if factor is None:
        return piece
    return replace(piece, curve=lambda place: factor * piece.curve(place))


def known(piece: Piece) -> Callable[[], mpf]:
    """The value that a piece hands on."""
    assert piece.last is not None
    try:
        value = piece.at(piece.last)
    except DependsOnIncomingError:
        return unknown
    return lambda: value


def piece_of(node: Node, context: Context) -> Piece:
    over = context.over(end_of(node, context))
    return Piece(context.first, None if over is None else over.boundary, phase_curve(node, context))


def shows_no_step(node: Node, context: Context, own: bool) -> bool:
    """Whether a phase of a length (of its own) has no whole step."""
    end = end_of(node, context, own)
    return end is not None and end.first == context.first


def admit(node: Node, context: Context) -> Context | None:
    """Whether a part belongs to the windows around it, and the context it has then.

    What would begin at the end of a window does not belong to it, unless it has no length; a window without a
    whole step takes everything that begins in it or at its end. A part that has no length at the end of a window is
    not cut by that window any more: it is a window of its own.
    """
    kept: list[Window] = []
    at_an_end: list[Place] = []
    for window in context.cuts:
        if window.end is None or context.first < window.end.first:
            kept.append(window)
        elif context.start.at > window.end.at:
            return None
        elif not window.has_step:
            kept.append(window)
        elif shows_no_step(node, context, own=True):
            at_an_end.append(window.end)
        else:
            return None
    if at_an_end:
        own = end_of(node, context, own=True)
        assert own is not None
        sharp = [place for place in at_an_end if place.sharp]  # between two steps, where it is cut
        kept.append(Window(context.start, min([own, *sharp], key=lambda place: place.at)))
    return replace(context, cuts=tuple(kept))


# --- looking ahead -------------------------------------------------------------------------------------------------


def look(parts: Callable[[], Iterator[Part]], context: Context) -> Follow:
    """What a warm-up sees that ends where these parts begin: the start that they state, or None."""

    def ahead(place: Place) -> mpf | None:
        for index, (member, factor) in enumerate(parts()):
            part = unskipped(member, context.run)
            behind = nowhere if factor is not None else look(partial(from_part, parts, index + 1), context)
            at_place = replace(as_seen(context, place), follow=behind)  # it may be seen amid its own way up
            if isinstance(part, (Chain, Repeat)):
                inner = look(partial(parts_of, part, context.run), replace(context, follow=behind))
                if not passed(part, at_place):
                    return _times(inner(place), factor)
            elif not passed(part, at_place):
                return _times(stated_start(part, at_place), factor)
            place = end_of(part, at_place) or place
        return context.follow(place)

    return ahead


def from_part(parts: Callable[[], Iterator[Part]], first: int) -> Iterator[Part]:
    """The parts from the one of that number on."""
    return islice(parts(), first, None)


def parts_of(node: Chain | Repeat, run: Run, after: int = 0) -> Iterator[Part]:
    """The parts of a sequence from this one on, and their factors."""
    if isinstance(node, Chain):
        return iter([(part, None) for part in node.parts[after:]])
    return copies_of(node, run, after)


def passed(node: Node, context: Context) -> bool:
    """Whether looking ahead passes this phase, because it has no length."""
    return shows_no_step(node, context, own=False)


def as_seen(context: Context, place: Place) -> Context:
    """The context of what begins at this place, to a warm-up before it.

    Nothing is cut, and a window that is over already is seen as if one step of it were left: what a phase would
    begin with does not depend on whether it is reached.
    """
    window_end = context.window_end
    if window_end is not None and window_end.first <= place.first:
        window_end = place + Place(Fraction(1))
    return replace(
        context,
        start=place,
        incoming=unknown,
        window_end=window_end,
        cuts=(),
        follow=nowhere,
        horizon=place.first,
        looking=place,
    )


def stated_start(node: Node, context: Context) -> mpf | None:
    """The value of a phase where it begins, if it does not depend on the value handed on."""
    try:
        return phase_curve(node, context)(context.start.boundary)
    except DependsOnIncomingError:
        return None


def _times(value: mpf | None, factor: mpf | None) -> mpf | None:
    return value if value is None or factor is None else value * factor


# --- phases --------------------------------------------------------------------------------------------------------


def phase_curve(node: Node, context: Context) -> Curve:
    """The curve of a phase, held from its end on."""
    curve = plain_curve(node, context)
    over = context.over(end_of(node, context))
    return curve if over is None else lambda place: curve(over.boundary if place >= over.at else place)


def plain_curve(node: Node, context: Context) -> Curve:
    """The curve of a phase up to its end."""
    match node:
        case Number() | Name("base" | "pi"):
            value = constant(node, context.run)
            return lambda place: value
        case Name("step"):
            return lambda place: mpf(first_step(place) - context.first)
        case Name("progress"):
            return progress(context)
        case Name(name):
            return clock_of_run(name, context)
        case Sum() | Product() | Negation() | Power() | Function():
            return pointwise(node, context)
        case Primitive():
            return primitive_curve(node, context)
        case For(body) | Until(body):
            return play(body, opened(node, context))
        case Over(body):
            inside = opened(node, context)
            end = end_of(node, context)
            assert end is not None
            return play(body, replace(inside, run=run_inside(node, end, context)))
        case Skip(body):
            return play(body, skipped(node, context))
        case Every(body, given):
            return sampled(body, positive(duration(given, context.run), "every"), node, context)
    raise AssertionError(node)


def run_inside(node: Over, end: Place, context: Context) -> Run:
    """The run that `over` is to its body: `%` is a share of it in the unit that it was given in."""
    length = duration(node.duration, context.run)
    total: Fraction | Length = end.at - context.start.at
    if isinstance(length, Length) and length.plain:
        total = replace(length.times(node.times), sharp=False)
    return replace(context.run, origin=context.start, total=total)


def opened(node: Node, context: Context) -> Context:
    """The context inside `for`, `until` and `over`: a window of that length."""
    end = end_of(node, context)
    if end is None:  # `for rest` in a run without an end: the window goes on
        return context
    return replace(
        context,
        window_end=end,
        cuts=(*context.cuts, Window(context.start, end)),
        follow=lambda place: context.follow(end),
    )


def sampled(body: Node, interval: Place, node: Node, context: Context) -> Curve:
    """`every`: the value that the body had at the last multiple of the interval, shown from the whole step there."""
    end = end_of(node, context)
    follow = context.follow if end is None else (lambda place: context.follow(end))
    curve = play(body, replace(context, follow=follow))

    def at(place: Fraction) -> mpf:
        multiples = gone_of(interval, context.start.at, Fraction(first_step(place))) // 1
        return curve(Fraction((context.start + interval.times(Fraction(multiples))).first))

    return at


def pointwise(node: Node, context: Context) -> Curve:
    """Arithmetic and functions: all operands on one clock, with one incoming value; a warm-up looks nowhere."""
    if isinstance(node, Product):
        return product(node, replace(context, follow=nowhere))
    curves = [play(operand, replace(context, follow=nowhere)) for operand in operands(node)]
    multiple = multiple_of(node, context.run)
    return lambda place: formulas.combine(node, [curve(place) for curve in curves], multiple)


def multiple_of(node: Node, run: Run) -> mpf | None:
    """To multiples of what a function rounds."""
    return constant(node.multiple, run) if isinstance(node, Function) and node.multiple is not None else None


def product(node: Product, context: Context) -> Curve:
    """What several factors depend on is taken once: they are handed 1, and the product is multiplied by it.

    A divisor is no factor: both sides of a quotient are handed what the quotient is handed.
    """
    if len(node.factors) == 1:
        return play(node.factors[0][1], context)
    if node.factors[-1][0] == "/":
        sides = [Product(node.factors[:-1]), node.factors[-1][1]]
        return multiplied((("*", node), ("/", node)), [each_factor(side, context) for side in sides])
    factors = factors_of(node)
    plain = multiplied((("*", node),) * len(factors), [each_factor(factor, context) for factor in factors])
    kinds = [kind_of(factor, context) for factor in factors]
    depending = [kind for kind in kinds if kind in ("multiple", "mixed")]
    if len(depending) < 2:
        return plain
    if "mixed" in depending and context.looking is None:
        raise Rejected("a factor that depends on the value handed on beside another, and is no multiple of it")
    ones = [each_factor(factor, replace(context, incoming=lambda: mpf(1))) for factor in factors]
    shared = multiplied((("*", node),) * len(factors), ones)

    def at(place: Fraction) -> mpf:
        if context.looking is not None:  # what does not depend on the value handed on there is the same without it
            try:
                return plain(place)
            except DependsOnIncomingError:
                pass
        return formulas.finite(shared(place) * context.incoming())

    return at


def factors_of(node: Product) -> list[Node]:
    """The factors of a product that does not end with a divisor: the first is all up to the last divisor."""
    head = max((index for index, (sign, _) in enumerate(node.factors) if sign == "/"), default=0)
    first = Product(node.factors[: head + 1]) if head else node.factors[0][1]
    return [first, *(factor for _, factor in node.factors[head + 1 :])]


def each_factor(node: Node, context: Context) -> Curve:
    return product(node, context) if isinstance(node, Product) else play(node, context)


def multiplied(factors: tuple[tuple[str, Node], ...], curves: list[Curve]) -> Curve:
    return lambda place: formulas.combine(Product(factors), [curve(place) for curve in curves])


# --- how a factor depends on what it is handed ---------------------------------------------------------------------

KINDS = {(False, False): "free", (False, True): "zero", (True, True): "multiple", (True, False): "mixed"}


def kind_of(node: Node, context: Context) -> str:
    """How the values of a node depend on what it is handed.

    `free`: they don't; `zero`: they are 0, whatever it is; `multiple`: they are multiples of it; `mixed`: they depend
    on it in another way. It follows from what stands in the text; the numbers only have to be 0 or not.
    """
    node = unskipped(node, context.run)
    match node:
        case Number() | Name("base" | "pi"):
            return "free" if constant(node, context.run) else "zero"
        case Name():
            return "free"
        case Negation(body):
            return kind_of(body, context)
        case Product():
            return kind_of_product(node, replace(context, follow=nowhere))
        case Sum() | Power() | Function():
            inside = replace(context, follow=nowhere)
            depends = any(kind_of(operand, inside) in ("multiple", "mixed") for operand in operands(node))
            return "mixed" if depends else "free"
        case Primitive():
            return kind_of_primitive(node, context)
        case For(body) | Until(body):
            return kind_of(body, opened(node, context))
        case Over(body):
            end = end_of(node, context)
            assert end is not None
            return kind_of(body, replace(opened(node, context), run=run_inside(node, end, context)))
        case Skip(body):
            return kind_of(body, skipped(node, context))
        case Every(body):
            end = end_of(node, context)
            follow = context.follow if end is None else (lambda place: context.follow(end))
            return kind_of(body, replace(context, follow=follow))
        case Chain() | Repeat():
            return kind_of_sequence(node, context)
    raise AssertionError(node)


def kind_of_product(node: Product, context: Context) -> str:
    if len(node.factors) == 1:
        return kind_of(node.factors[0][1], context)
    if node.factors[-1][0] == "/":
        dividend, divisor = kind_of(Product(node.factors[:-1]), context), kind_of(node.factors[-1][1], context)
        return "mixed" if divisor in ("multiple", "mixed") else dividend
    kinds = [kind_of(factor, context) for factor in factors_of(node)]
    for kind in ("mixed", "multiple", "zero"):
        if kind in kinds:
            return kind
    return "free"


def kind_of_primitive(node: Primitive, context: Context) -> str:
    """By its levels, the numbers that its values grow with: each is handed, 0, or another number."""
    levels: list[mpf | None]  # None: handed
    arguments = node.arguments

    def level(name: str) -> mpf | None:
        return constant(arguments[name], context.run) if name in arguments else None

    match node.name:
        case "hold":
            levels = [None]
        case "constant":
            levels = [level("value")]
        case "values":
            levels = [constant(value, context.run) for value in arguments["values"].values]
        case "keyframes":
            levels = [constant(key.value, context.run) for key in arguments["keys"].values]
        case "warmup" if "end" not in arguments:
            levels = [level("start"), context.follow(context.start + duration(arguments["duration"], context.run))]
        case name if name in ("warmup", "step_decreasing", *RAMPS):
            levels = [level("start"), level("end")]
        case _:
            levels = [level("start")]
    return KINDS[None in levels, not any(levels)]


def kind_of_sequence(node: Chain | Repeat, context: Context) -> str:
    """Phases that hand on; one of no length has no say, unless it is the last, which is held."""
    shown: list[str] = []
    handed, empty = "multiple", ""
    place, endless = context.start, isinstance(node, Repeat) and context.window_end is None
    for index, (part, _, follow, is_last) in enumerate(all_members(node, context)):
        over = any(window.end is not None and place.at > window.end.at for window in context.cuts)
        if over or (endless and index > 100):
            break
        follow = nowhere if context.blind or (isinstance(node, Repeat) and node.scale is not None) else follow
        inside = replace(context, start=place, incoming=unknown, follow=follow)
        pieces, end = lay_out(part, inside), end_of(part, inside)
        if pieces:
            own = through(kind_of(part, inside), handed)
            is_void = end is not None and end.at == place.at
            empty = own if is_void else ""
            shown += [] if is_void else [own]
        if is_last or end is None:
            break
        place = end
        if pieces:
            handed = kind_of_end(pieces[-1], own)
    shown += [empty] if empty else []
    if not shown:
        return "multiple"  # it shows what it is handed
    return KINDS[any(kind in ("multiple", "mixed") for kind in shown), not {"free", "mixed"} & set(shown)]


def all_members(node: Chain | Repeat, context: Context) -> Iterator[tuple[Node, mpf | None, Follow, bool]]:
    """The parts of a sequence; those of a chain in a chain one by one, as `then` is associative."""
    for part, factor, follow, is_last in members(node, context):
        if isinstance(node, Chain) and isinstance(part, Chain):
            for inner, _, after, ends in all_members(part, replace(context, follow=follow)):
                yield inner, factor, after, is_last and ends
        else:
            yield part, factor, follow, is_last


def through(kind: str, handed: str) -> str:
    """The kind of something that is handed what itself depends as `handed`."""
    if kind not in ("multiple", "mixed"):
        return kind
    return handed if kind == "multiple" else ("mixed" if handed in ("multiple", "mixed") else "free")


def kind_of_end(piece: Piece, own: str) -> str:
    """What a phase hands on: a number, if it is one whatever the phase is handed."""
    assert piece.last is not None
    try:
        return "free" if piece.at(piece.last) else "zero"
    except DependsOnIncomingError:
        return own


def constant(node: Node, run: Run) -> mpf:
    match node:
        case Number(value):
            return formulas.real(value)
        case Name("base"):
            return formulas.real(run.rates.base)
        case Name("pi"):
            return +mp.pi
    return formulas.combine(node, [constant(operand, run) for operand in operands(node)], multiple_of(node, run))


def window_end(context: Context) -> Place:
    if context.window_end is None:
        raise Rejected("the rest of the run needs total_steps")
    return context.window_end


def shares(start: Place, end: Place, inclusive: str | None = None) -> Callable[[Fraction], Fraction]:
    """How much of a ramp between two places is done: from boundary to boundary."""
    meter = end.meter
    if meter is not None and inclusive in (None, "exact"):
        ends = (start.at, end.at) if inclusive else (start.boundary, end.boundary)
        since, until = map(meter.seen, ends)
        return lambda place: formulas.share(meter.seen(place) - since, until - since)
    match inclusive:
        case None:
            begin, length = start.boundary, end.boundary - start.boundary
        case "exact":
            begin, length = start.at, end.at - start.at
        case _:
            begin, length = Fraction(start.first), Fraction(end.first - start.first)
            return lambda place: formulas.share(first_step(place) - begin, length, inclusive)
    return lambda place: formulas.share(place - begin, length)


def progress(context: Context) -> Curve:
    """How much is done of the phase that a formula is (or is in)."""
    done = shares(context.start, window_end(context))
    return lambda place: formulas.real(done(place))


def clock_of_run(name: str, context: Context) -> Curve:
    """How far the run is, or the nearest `over`: by whole steps from its first, or exactly from where it begins."""
    origin, total, rates = context.run.origin, context.run.total, context.run.rates
    if name == "run_step":
        return lambda place: mpf(first_step(place) - origin.first)
    if name == "run_progress":
        if total is None:
            raise Rejected("run_progress needs total_steps")
        whole = origin + (total if isinstance(total, Length) else Place(total))
        steps = whole.first - origin.first
        if steps == 0:
            return lambda place: mpf(1)
        return lambda place: formulas.real(min(Fraction(1), Fraction(first_step(place) - origin.first, steps)))
    samples = rates.samples_per_step
    meter = {"epoch": samples if rates.samples_per_epoch else None, "samples": samples, "tokens": rates.tokens_per_step}
    counted = meter[name]
    if isinstance(counted, Meter):
        one = rates.samples_per_epoch if name == "epoch" else Fraction(1)
        assert one is not None
        return lambda place: formulas.real((counted.seen(place) - counted.seen(origin.at)) / one)
    per_step = {
        "epoch": rates.steps_per_epoch and 1 / rates.steps_per_epoch,
        "samples": rates.samples_per_step,
        "tokens": rates.tokens_per_step,
    }[name]
    if per_step is None:
        raise Rejected(f"{name} needs a rate")
    return lambda place: formulas.real((place - origin.at) * per_step)


def primitive_curve(node: Primitive, context: Context) -> Curve:
    """The table of section 4."""
    run, arguments, first = context.run, node.arguments, context.first

    def number(name: str) -> mpf:
        return constant(arguments[name], run)

    def start() -> mpf:
        return number("start") if "start" in arguments else context.incoming()

    def passed_at(place: Fraction, since: Place | Length) -> bool:
        return (context.start + since).at <= first_step(place)

    def intervals(place: Fraction) -> int:
        every = positive(duration(arguments["every"], run), "every")
        return int(gone_of(every, context.start.at, Fraction(first_step(place))) // 1)

    def gone(place: Fraction, unit: Place | Length = STEP) -> Fraction:
        return gone_of(unit, context.start.boundary, max(context.start.boundary, place))

    match node.name:
        case "constant":
            return lambda place: number("value")
        case "hold":
            return lambda place: context.incoming()
        case "warmup" | "linear" | "cosine" | "poly" | "exponential" | "one_minus_sqrt":
            return ramp_curve(node, context, start)
        case "step_fixed":
            places = [duration(item, run) for item in arguments["steps"].values]
            return lambda place: start() * number("factor") ** sum(passed_at(place, each) for each in places)
        case "step_interval":
            return lambda place: start() * number("factor") ** intervals(place)
        case "step_decreasing":
            return lambda place: formulas.step_decreasing(start(), number("end"), number("factor"), intervals(place))
        case "exponential_decay":
            every = positive(duration(arguments["every"], run), "every")
            return lambda place: formulas.exponential_decay(start(), number("factor"), gone(place, every))
        case "inv_sqrt":
            given = arguments["timescale"]
            scale = None if is_real(given) else duration(given, run)
            if isinstance(scale, Length):
                unit = positive(scale, "timescale")
                return lambda place: start() / mp.sqrt(1 + formulas.real(gone(place, unit)))
            timescale = constant(given, run) if is_real(given) else formulas.real(duration(given, run).at)
            if timescale <= 0:
                raise Rejected("timescale must be longer than nothing")
            return lambda place: start() * mp.sqrt(timescale / (timescale + formulas.real(gone(place))))
        case "values":
            values = [constant(value, run) for value in arguments["values"].values]
            return lambda place: values[min(first_step(place) - first, len(values) - 1)]
        case "keyframes":
            return keyframes(node, context)
    raise AssertionError(node.name)


def ramp_curve(node: Primitive, context: Context, start: Callable[[], mpf]) -> Curve:
    """The five ramps and `warmup`, over a duration of their own or the rest of the window."""
    arguments = node.arguments
    power = constant(arguments["power"], context.run) if "power" in arguments else None
    ease = constant(arguments["ease"], context.run)
    if ease <= 0:
        raise Rejected("ease must be above 0")
    end_place = (
        context.start + duration(arguments["duration"], context.run) if "duration" in arguments else window_end(context)
    )

    def end() -> mpf:
        if "end" in arguments:
            return constant(arguments["end"], context.run)
        target = context.follow(end_place)
        return context.incoming() if target is None else target

    inclusive = arguments.get("inclusive")
    if context.looking is not None and inclusive not in (None, "exact"):
        inclusive = "left"
    done = shares(context.start, end_place, inclusive)
    shape = "linear" if node.name == "warmup" else node.name
    return lambda place: formulas.ramp(shape, start, end, done(place), power, ease)


def keyframes(node: Primitive, context: Context) -> Curve:
    """Through the keys, whose places are boundaries; where several are at one step, the last one wins."""
    arguments = node.arguments
    keys = [
        (context.start + duration(key.time, context.run), constant(key.value, context.run))
        for key in arguments["keys"].values
    ]
    keys.sort(key=lambda key: key[0].at)  # stable: at one time the later key stays the later
    boundaries = [place.boundary for place, _ in keys]
    values = [value for _, value in keys]

    def at(place: Fraction) -> mpf:
        passed = [index for index, boundary in enumerate(boundaries) if boundary <= place]
        if not passed:
            return values[0]
        index = passed[-1]
        if index == len(keys) - 1:
            return values[-1]
        begin, until = keys[index][0], keys[index + 1][0]
        if begin.meter is not until.meter and begin.at != context.start.at:
            until = replace(until, meter=None)
        done = shares(begin, until)
        return formulas.between(arguments["shape"], values[index], values[index + 1], done(place))

    return at
