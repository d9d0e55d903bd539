"""Warnings about levels: what rises far above them all, one times another, one added to another."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import cached_property
from typing import Any, Final, NamedTuple

import attrs

from ..._language.frame import Frame
from ..._language.nodes import Name, Number, Schedule, Variable, Warmup
from ..._language.nodes.arithmetic import Product, Sum
from ..._language.nodes.base import Kind, Role, children
from ..._language.nodes.decays import ExponentialDecay
from ..._language.nodes.ramps import Exponential, Ramp
from ..._language.nodes.scalars import as_node
from ..._language.nodes.steps import Multiplied, StepInterval
from ..._language.program import (
    HANDED,
    Copy,
    Cycle,
    Part,
    Pointwise,
    Sampled,
    Search,
    Segment,
    Timeline,
    handed_on,
    no_rule,
)
from ..._text.errors import ScheduleError
from ..._text.numerals import shortened
from ..._text.source import on_one_line
from ..relayout import ByIdentity, Relayout
from .layout import Layout, Sighting, ends_of
from .rule import NOTHING_KNOWN, Rule, Story, below, ending, quotation

_BOUNDS: Final = 4000  # how many bounds are asked for, all in all
_SAMPLES: Final = 33  # at how many steps a product is looked at
_WORK: Final = 50_000  # how many parts are asked for a value, all in all
_CYCLE: Final = 100  # as how many a repeated body counts
_FAR: Final = 100  # how many times a value is far above another
_FAR_AS_LENGTH: Final = 100_000  # the same, of what is rather a number of steps
_FAR_AT_LAST: Final = 20  # the same, of what looks like a share, and is where the run ends
_SHARE: Final = 0.1  # below it, the highest value of a curve is a learning rate, and hardly a share of one
_TIMES: Final = 4  # up to which factor something may be meant to grow again and again
_BASE: Final = Variable("base")


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9)


class RisesFar(Rule):
    code = "W520"
    story = Story(
        "a value far above all others",
        "A hundred times `base` and all that the text states: an end is a value, and no share of `base`, so with a "
        "`base` of 3e-4 `cosine(end=0.1)` rises; `interval(30, 0.1)` multiplies by 30 each tenth of the run. Twenty "
        "times `base` are enough for the last ramp, if it goes on from `base` to an end of 0.1 or less. Others write "
        "how long before how much: `interval(10, 0.5)` and `cosine(1e-3, 1000)` are told of however far they rise, if "
        "the numbers have no names, the factor is a whole number and the interval a bare share of the run, or the end "
        "is as many steps or epochs as the run has, or 100,000 times the start. Not told of "
        "what is written as a multiple of `base`, nor of a whole schedule that is exponential, which tries out a "
        "range.",
        "interval(30, 0.1)",
        "interval(0.1, every=30)",
    )
    nodes = (Ramp, Multiplied)

    def sight(self, sighting: Sighting) -> None:
        node, part = sighting.node, sighting.part
        if self.settled(node) or not isinstance(part, Segment):
            return
        start, base = part.values.get("start"), self.layout.run.base
        if not isinstance(start, float) or math.isnan(start):
            return
        # From a 0, a value is stated as such; and a base of 1 may be that of a run that none was given.
        far = _FAR if base != 1 and start != 0 else 10 * _FAR
        if isinstance(node, Ramp):
            end = part.values["end"]
            if self._is_a_length(node, start, end):
                self._tell_of_length(node, start, end)
                return
            if base != 1 and start != 0 and self._is_where_it_ends(node, part) and 0 < end <= _SHARE:
                far = _FAR_AT_LAST
            elif node.start is not None:  # also a warm-up, which is hardly wrong by a few orders of magnitude
                far *= 10 * _FAR
            if node.end is not None and self._is_far(end, far, start, node.end):
                self._tell_of_ramp(node, start, end)
        elif part.last is not None and ((swapped := _is_swapped(node)) or part.values.get("factor", 0.0) > _TIMES):
            last = part.last if self.layout.total is None else min(part.last, self.layout.total)
            end = handed_on(part, max(part.first, last - 1))
            if (swapped and end > start) or self._is_far(end, far, start, node.factor):
                self._tell_of_growth(node, start, end)

    def _is_where_it_ends(self, node: Ramp, part: Segment) -> bool:
        """Whether a ramp goes on from what it is handed, or from `base`, to the end of the run."""
        total = self.layout.total
        return node.start in (None, _BASE) and total is not None and part.last is not None and part.last >= total

    def _is_a_length(self, node: Ramp, start: float, end: float) -> bool:
        """Whether the end is rather the number of steps that others have in its place."""
        if isinstance(node, (Warmup, Exponential)) or not (_unnamed(node) and 0 < start <= _SHARE and end % 1 == 0):
            return False
        return end >= max(100, _FAR_AS_LENGTH * start) or (end >= 10 and end in (self.layout.total, self._epochs))

    @property
    def _epochs(self) -> Fraction | None:
        total, epoch = self.layout.run.total_steps, self.layout.run.steps_per_epoch
        return None if total is None or epoch is None else total / epoch

    def _is_far(self, value: float, far: float, start: float, stated: Schedule) -> bool:
        """Whether a value that is stated is so many times all others, and no multiple of `base`."""
        given = max(abs(start), abs(self.layout.run.base))
        if given == 0 or not abs(value) * (1 + 1e-9) >= far * given:
            return False
        meaning = list(self._meaning(stated))
        own = {id(node) for node in meaning}
        other = next((level for level, node in self._levels if id(node) not in own), 0.0)
        return _BASE not in meaning and abs(value) * (1 + 1e-9) >= far * other

    def _meaning(self, stated: Schedule) -> Iterator[Schedule]:
        """A number, and what it is calculated from."""
        seen: set[str] = set()
        todo = [stated]
        while todo:
            node = todo.pop()
            yield node
            todo += [child for _, _, child in children(node)]
            if isinstance(node, Name) and node.name in self.layout.names and node.name not in seen:
                seen.add(node.name)
                todo.append(self.layout.names[node.name])

    @cached_property
    def _levels(self) -> list[tuple[float, Schedule]]:
        """The levels that the text states, the largest first."""
        todo, found = [*self.layout.roots], []
        while todo:
            node = todo.pop()
            if isinstance(node, Number):
                found.append((abs(float(node.value)), node))
            for role, argument, child in children(node):
                if role in (Role.BODY, Role.NUMBER, Role.NUMBERS) and argument.parameter.level:
                    todo.append(child)
        return sorted(found, key=lambda each: -each[0])

    def _tell_of_ramp(self, node: Ramp, start: float, end: float) -> None:
        if isinstance(node, Exponential) and self.layout.leaf(self.layout.body) is node:
            return
        assert node.end is not None
        message = f"{quotation(node)} rises from {shortened(start)} to {shortened(end)}, far above all that is stated"
        written, hint, instead = node.end.written(), "write a smaller end", ""
        if _UNSIGNED.fullmatch(written):
            instead = re.sub("[eE]", "e-", written)
            hint = f"did you mean `{instead}`?"
        elif 0 < end < 1:
            instead = f"{written} * base"
            hint = f"an end is a value, and no share: write `{instead}` for that share of `base`"
        self.warn(node, message, hint, instead=[(node.end, instead)] if instead else ())

    def _tell_of_length(self, node: Ramp, start: float, end: float) -> None:
        message = f"{quotation(node)} rises from {shortened(start)} to {shortened(end)}"
        length = f"{node.end}ep" if end == self._epochs != self.layout.total else f"{node.end}"
        said: Any = node
        instead = attrs.evolve(said, end=as_node(0), duration=as_node(length)).text()
        hint = f"its second argument is where it ends: did you mean `{instead}`?"
        self.warn(node, message, hint, instead=[(node, instead)])

    def _tell_of_growth(self, node: Any, start: float, end: float) -> None:
        message = f"{quotation(node)} grows from {shortened(start)} to {shortened(end)}"
        hint, instead = "its first argument is the factor: make it less than 1 to decay", ""
        if isinstance(node, (StepInterval, ExponentialDecay)) and _is_share(node.period):
            instead = attrs.evolve(node, factor=node.period, every=node.factor).text()
            instead = instead.replace(StepInterval.name, "interval", 1)
            hint = "its first argument is the factor, and the second how often"
        self.warn(node, message, hint, instead=[(node, instead)] if instead else ())


def _is_swapped(node: Any) -> bool:
    """Whether a factor is rather how often, as it is for others: whole, before a share of the run, without names."""
    if not isinstance(node, (StepInterval, ExponentialDecay)) or not (_is_share(node.period) and _unnamed(node)):
        return False
    factor, share = (each.value if isinstance(each, Number) else 0 for each in (node.factor, node.period))
    return factor % 1 == 0 and factor > (1 if share > 0.5 else _TIMES)


def _is_share(time: Schedule) -> bool:
    return isinstance(time, Number) and time.is_fraction()


def _unnamed(node: Schedule) -> bool:
    """Whether the first two arguments are numbers, given by their places."""
    return _TWO.match(node.written()) is not None


_TWO: Final = re.compile(r"\w+\(\s*[\d._eE+-]+\s*,\s*[\d._eE+-]+\s*[,)]")
_UNSIGNED: Final = re.compile(r"[\d.]+[eE]\d+")


class Squared(Rule):
    code = "W516"
    story = Story(
        "a level times another level",
        "What begins at `base` by itself, such as a `warmup`, multiplied by `base`, or two factors with `base`: with a "
        "`base` of 0.1 the product climbs to 0.01. Or by a learning rate that is written: `warmup(5%) * "
        "cosine(3e-4, 0)` climbs to `base` times 3e-4. Or two that are written: `cosine(3e-4, 0) * cosine(3e-4, 0)` "
        "begins at 9e-8. One of several factors is the level, and the others are shares of it, which climb to 1: "
        "`warmup(5%, end=1)`.",
        "base * warmup(5%) then cosine",
        "warmup(5%) then cosine",
    )
    nodes = (Product,)

    def __init__(self, layout: Layout) -> None:
        super().__init__(layout)
        self._search = Search(_BOUNDS)

    def sight(self, sighting: Sighting) -> None:
        if isinstance(sighting.part, Pointwise):
            self.keep(sighting)

    def conclude(self) -> None:
        if self.layout.run.base == 0:
            return
        several = [each for each in self.kept if self._may_be_twice(each)]
        doubled = self._at_twice_the_base() if several else ByIdentity()
        left = _WORK
        for sighting in self.kept:
            left -= _SAMPLES * _size(sighting.part, left // _SAMPLES)
            if left < 0:
                return
            other = doubled.get(sighting.node)
            try:
                if (other is None or not self._twice(sighting, other)) and not self._beside_a_level(sighting):
                    self._several_levels(sighting)
            except ScheduleError:  # beyond the limits
                continue

    def _may_be_twice(self, sighting: Sighting) -> bool:
        """Whether one factor has `base`, and another has it or is handed it."""
        assert isinstance(sighting.part, Pointwise)
        having = [self._has_base(factor) for factor in sighting.node.operands]
        return any(having) and (sum(having) > 1 or any(operand.dependence().depends for operand in _own(sighting.part)))

    def _has_base(self, node: Schedule) -> bool:
        return id(node) in self._with_base

    @cached_property
    def _with_base(self) -> set[int]:
        return self._having(lambda node: node == _BASE)

    @cached_property
    def _formulas(self) -> set[int]:
        return self._having(lambda node: isinstance(node, Variable) and node != _BASE)

    def _having(self, sought: Callable[[Schedule], bool]) -> set[int]:
        """The nodes in which there is a node that is sought, by their ids: the layout keeps them alive."""
        found: set[int] = set()
        named: set[str] = set()
        definitions = {id(root): name for name, root in self.layout.names.items()}
        for root in (*self.layout.roots[1:], self.layout.roots[0]):  # a definition uses those before it alone
            for node in reversed(list(below(root))):
                inside = any(id(child) in found for _, _, child in children(node))
                if inside or sought(node) or (isinstance(node, Name) and node.name in named):
                    found.add(id(node))
            if id(root) in found and id(root) in definitions:
                named.add(definitions[id(root)])
        return found

    def _at_twice_the_base(self) -> ByIdentity[Schedule, Part]:
        """What the products become in a run with twice the `base`."""
        bound = self.layout.bound
        parts: ByIdentity[Schedule, Part] = ByIdentity()

        def see(node: Schedule, _: Frame, part: Part) -> None:
            if isinstance(node, Product):
                parts.setdefault(node, part)

        again = Relayout(attrs.evolve(bound, run=attrs.evolve(bound.run, base=2 * bound.run.base)))
        try:
            again.watched(see)
        except ScheduleError:  # a number that this run allows need not be one there
            return ByIdentity()
        return parts

    def _twice(self, sighting: Sighting, doubled: Part) -> bool:
        """Tell of a product that grows fourfold or more as `base` is doubled, or of `base` times what takes it."""
        node, part = sighting.node, sighting.part
        assert isinstance(part, Pointwise)
        assert isinstance(doubled, Pointwise)
        factors = [
            (factor, operand)
            for sign, factor, operand, again in zip(
                ("*", *node.operators), node.operands, _own(part), _own(doubled), strict=True
            )
            if sign == "*" and (self._grows(operand, again, 2) or operand.dependence().depends)
        ]
        squared = any(self._grows(part, doubled, times) for times in (4, 8, 16))
        handed = any(operand.dependence().depends for _, operand in factors) and self._is_base(sighting)
        if not squared and not (handed and any(factor == _BASE for factor, _ in factors)):
            return False
        base = next((factor for factor, _ in factors if factor == _BASE), None)
        other = next((factor for factor, _ in factors if factor is not base), None)
        if base is not None and other is not None:
            begins = "begins at `base` by itself" if not self._has_base(other) else "has `base` already"
            message = f"{quotation(other)} {begins}, so this product has `base` twice"
            if other == _BASE:
                message = f"{quotation(node)} has `base` twice"
            self.warn(node, message, "remove `base`", place=base.place, instead=without(node, base))
        elif len(factors) > 1:
            (one, _), (other, _) = factors[:2]
            share = one if self._has_base(one) else other
            message = f"{quotation(one)} and {quotation(other)} both have `base`, so this product has it twice"
            instead = [] if share.place is None else [(share, _as_share(share.written()))]
            self.warn(node, message, "let one of them be a share, without `base`", instead=instead)
        else:
            self.warn(node, f"{quotation(node)} has `base` twice", "leave one of them out")
        return True

    def _grows(self, one: Part, other: Part, factor: float) -> bool:
        """Whether a part is so many times itself at each step where it is not 0."""
        found = False
        for step in self._steps(one):
            small, large = handed_on(one, step), handed_on(other, step)
            if small != 0 and not _same(large, factor * small):
                return False
            found = found or small != 0
        return found

    def _steps(self, part: Part) -> list[int]:
        """Some steps that a part shows."""
        ends = [end for end in (part.last, self.layout.total) if end is not None]
        last = max(part.first, min(ends) - 1) if ends else part.first + 1000
        return sorted({part.first + (last - part.first) * index // (_SAMPLES - 1) for index in range(_SAMPLES)})

    def _is_base(self, sighting: Sighting) -> bool:
        """Whether `base` is handed to a piece; another 1 is hardly meant to be it."""
        handed = sighting.frame.incoming
        return _same(handed, self.layout.run.base) and (handed != 1 or sighting.frame.start <= 0)

    def _beside_a_level(self, sighting: Sighting) -> bool:
        """Tell of what begins at `base` beside a learning rate that is written."""
        node, part, base = sighting.node, sighting.part, abs(self.layout.run.base)
        assert isinstance(part, Pointwise)
        if base == 1 or not self._is_base(sighting):
            return False
        pairs = list(zip(("*", *node.operators), node.operands, _own(part), strict=True))
        takes = next((factor for _, factor, operand in pairs if operand.dependence().depends), None)
        level = "is at the level of `base` by itself"
        if takes is None:
            takes, level = _climbing_to(base, pairs), "climbs to the level of `base`"
        if takes is None:
            return False
        for sign, factor, operand in pairs:
            if sign != "*" or factor is takes or operand.dependence().depends or self._has_base(factor):
                continue
            top = max((abs(handed_on(operand, step)) for step in self._steps(operand)), default=0.0)
            still = factor.kind(self.layout.names) is Kind.NUMBER
            small = 0 < top < _SHARE and base <= _SHARE
            if (small and not still) or (_same(top, base) and (not still or 10 * top < _SHARE)):
                peak = self._peak(part)
                if _is_scaled(node, peak, min(top, base)):
                    continue
                message = f"{quotation(takes)} {level}, and {quotation(factor)} is one, too"
                message += f": the product comes to {shortened(peak)}"
                leaf = self.layout.leaf(takes)
                said: Any = leaf
                hint, instead = "let one of them be a share, which begins or ends at 1", ""
                if isinstance(leaf, Warmup):
                    instead = ending(leaf if leaf.end is None else attrs.evolve(said, end=None, place=None), "1")
                    hint = "let the warm-up climb to 1, a share of the other"
                elif isinstance(leaf, Ramp) and leaf.start is None:
                    instead = attrs.evolve(leaf, start=as_node(1)).text()
                self.warn(node, message, hint, place=factor.place, instead=[(leaf, instead)] if instead else ())
                return True
        return False

    def _several_levels(self, sighting: Sighting) -> None:
        """Tell of two factors that each say a learning rate: the same one, or two of one size."""
        node, part = sighting.node, sighting.part
        assert isinstance(part, Pointwise)
        levels: list[_Level] = []
        for sign, factor, operand in zip(("*", *node.operators), node.operands, _own(part), strict=True):
            found = self._level(factor, operand) if sign == "*" else None
            if found is None:
                continue
            other = next(filter(found.is_beside, levels), None)
            scaled = other is not None and _is_scaled(node, self._peak(part), min(found.top, other.top))
            if other is not None and not scaled and not self._is_late(part):
                self._tell_of_levels(sighting, other, found)
                return
            levels.append(found)

    def _level(self, factor: Schedule, operand: Part) -> _Level | None:
        """How high a factor comes, if that is as low as a learning rate, and is no formula's."""
        if operand.dependence().depends:
            return None
        if id(factor) in self._formulas:
            return None
        try:
            low, high = operand.bounds(operand.first, self._steps(operand)[-1] + 1, self._search)
        except NOTHING_KNOWN:
            return None
        top = max(abs(low), abs(high))
        number = factor.kind(self.layout.names) is Kind.NUMBER and not self._has_base(factor)
        return _Level(factor, top, number) if 0 < top <= _SHARE * (0.1 if number else 1) else None

    def _is_late(self, part: Part) -> bool:
        """Whether the value was far above a product before it: so low a value is meant then, or another code tells."""
        peak = self._peak(part)
        before = [max(abs(row.start), abs(row.end or 0.0)) for row in self.layout.rows if row.first < part.first]
        return max(before, default=0.0) > 10 * peak

    def _peak(self, part: Part) -> float:
        return max(abs(handed_on(part, step)) for step in self._steps(part))

    def _tell_of_levels(self, sighting: Sighting, one: _Level, other: _Level) -> None:
        node = sighting.node
        base = next((each.factor for each in (one, other) if each.factor == _BASE), None)
        message = f"{quotation(one.factor)} is a level, and {quotation(other.factor)} is one, too"
        message += f": the product comes to {shortened(self._peak(sighting.part))}"
        hint, instead = "let one of them be a share, which begins or ends at 1", list[tuple[Schedule, str]]()
        if _same(one.top, other.top):  # else nobody knows which of the two is meant
            if base is not None:
                hint = "remove `base`, or let the other be a share, which begins or ends at 1"
                instead = without(node, base)
            else:
                instead = next(filter(None, map(self._as_share_of_one, (one.factor, other.factor))), [])
        self.warn(node, message, hint, place=(base or other.factor).place, instead=instead)

    def _as_share_of_one(self, factor: Schedule) -> list[tuple[Schedule, str]]:
        """A ramp between 0 and a level as one between 0 and 1."""
        leaf = self.layout.leaf(factor)
        if not isinstance(leaf, Ramp) or self._has_base(factor) or not any(each is leaf for each in below(factor)):
            return []
        if isinstance(leaf, Warmup):
            said: Any = leaf
            climbs = leaf.end is not None and leaf.start is None
            return [(leaf, ending(attrs.evolve(said, end=None, place=None), "1"))] if climbs else []
        down = leaf.start is not None and leaf.end in (None, as_node(0))
        return [(leaf, attrs.evolve(leaf, start=as_node(1)).text())] if down else []


class _Level(NamedTuple):
    """A factor that says a level."""

    factor: Schedule
    top: float
    number: bool  # and no more

    def is_beside(self, other: _Level) -> bool:
        """Whether both are learning rates: a number may also be a share of another one, unless it is the same."""
        if self.number and other.number:
            return False
        low, high = sorted((self.top, other.top))
        near = high <= _SHARE / 10 and high <= 10 * low and not (self.number or other.number)
        return near or _same(low, high)


def _is_scaled(node: Product, peak: float, level: float) -> bool:
    """Whether a product that divides by a level is one again: `cosine(3e-4, 0) / 3e-4 * base`."""
    return "/" in node.operators and peak > 0.3 * level


def _climbing_to(base: float, pairs: Iterable[tuple[str, Schedule, Part]]) -> Schedule | None:
    """The factor that is a warm-up whose `end` is written, and is `base`."""
    for sign, factor, operand in pairs:
        ends = operand.values.get("end") if isinstance(operand, Segment) else None
        if sign == "*" and isinstance(factor, Warmup) and isinstance(ends, float) and _same(ends, base):
            return factor
    return None


def _size(part: Part, most: int) -> int:
    """Of how many parts one consists, as far as is asked: about as much work it is to ask it for a value."""
    todo, count = [part], 0
    while todo and count <= most:
        part = todo.pop()
        count += 1
        match part:
            case Pointwise():
                todo += part.operands
            case Timeline():
                todo += part.parts
            case Sampled() | Copy():
                todo.append(part.body)
            case Cycle():
                count += _CYCLE
            case Segment():
                pass
            case _:
                no_rule("lint", part)
    return count


def _own(part: Pointwise) -> list[Part]:
    """The operands that the text has."""
    return [operand for operand in part.operands if operand.origin is not HANDED]


def without(product: Product, factor: Schedule) -> list[tuple[Schedule, str]]:
    """A product without one of its factors."""
    signs = ["*", *product.operators]
    left = [(sign, each) for sign, each in zip(signs, product.operands, strict=True) if each is not factor]
    if not left or left[0][0] != "*":
        return []
    first, *others = left
    text = " ".join([first[1].written(), *(f"{sign} {each.written()}" for sign, each in others)])
    return [(product, _within(product, text))]


def _within(series: Product | Sum, text: str) -> str:
    """A text that takes the place of a series, in brackets if that stands in some."""
    place, first = series.place, series.operands[0].place
    bracketed = place is not None and first is not None and place.span.start < first.span.start
    return f"({text})" if bracketed else text


def _as_share(text: str) -> str:
    """The text of a factor that grows with `base`, as a share of it."""
    text = re.sub(r"\bbase \* | \* base\b(?! \*\*)", "", on_one_line(text))
    return re.sub(r"\bbase\b", "1", text)


class ChainAsSum(Rule):
    code = "W524"
    story = Story(
        "a chain written as a sum",
        "A `+` adds values at each step. A warm-up beside something that begins at the same level comes to twice that, "
        "and holds its end as long as the other lasts. What follows a warm-up stands behind `then`.",
        "warmup(5%) + cosine",
        "warmup(5%) then cosine",
    )
    nodes = (Sum,)

    def sight(self, sighting: Sighting) -> None:
        node = sighting.node
        if not isinstance(sighting.part, Pointwise) or self.settled(node):
            return
        pairs = list(zip(("+", *node.operators), node.operands, sighting.part.operands, strict=True))
        for sign, operand, part in pairs:
            if sign != "+" or not isinstance(operand, Warmup) or operand.end is not None:
                continue
            goal = ends_of(attrs.evolve(sighting, node=operand, part=part))
            for other_sign, other, beside in pairs:
                if other_sign == "+" and other is not operand and goal and self._begins_at(beside, goal[1]):
                    message = f"{quotation(operand)} and {quotation(other)} are added up, to twice {shortened(goal[1])}"
                    chain = _within(node, f"{operand.written()} then {other.written()}")
                    instead = [(node, chain)] if len(pairs) == 2 else ()
                    self.warn(node, message, "write `then` for what follows", instead=instead)
                    return

    def _begins_at(self, part: Part, level: float) -> bool:
        """Whether something that changes begins at a level."""
        if level == 0 or part.shape in ("constant", "hold", "warmup"):
            return False
        try:
            return _same(handed_on(part, part.first), level)
        except ScheduleError:  # beyond the limits
            return False
