"""Warnings about what is handed on: ramps that go nowhere, warm-ups that hardly climb, what stays at 0."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

import attrs

from ..._language.nodes import For, Hold, Schedule, Then, Variable, Warmup
from ..._language.nodes.arithmetic import Product
from ..._language.nodes.primitive import Primitive
from ..._language.nodes.ramps import Linear, Ramp
from ..._language.program import Part, Search, Segment
from ..._text.numerals import shortened
from ..._text.source import on_one_line
from ..relayout import ByIdentity
from .layout import Layout, Sighting, ends_of, in_force, is_constant, written_zero
from .rule import NOTHING_KNOWN, Instead, Rule, Story, below, ending, quotation
from .rules_levels import without

_BOUNDS: Final = 4000  # how many bounds are asked for, all in all, for one rule
_ROWS: Final = 64  # how many phases are looked at for what stays at 0
_SHORT: Final = 5  # as which part of the run a warm-up may last


class GoesNowhere(Rule):
    code = "W517"
    story = Story(
        "a ramp that goes nowhere",
        "It starts and ends at the same value, so nothing changes. Behind a phase that ends at 0 it starts at the 0 "
        "handed on, or, if it is a warm-up, ends there, and so does all that follows: say where it starts, or where "
        "the warm-up ends. In a `repeat` it may be so from the second cycle on: `cosine for 1ep repeat` falls to 0 "
        "once and stays there, where `cosine(base, 0) for 1ep repeat` begins anew. Not told where the start and the "
        "end are both written, as that is meant; of a ramp from a `base` of 0; and of one to 1 from a `base` of 1, "
        "which a run has that none was given.",
        "0 for 20% then warmup(5%) then cosine",
        "0 for 20% then warmup(5%, end=base) then cosine",
    )
    nodes = (Ramp,)

    def __init__(self, layout: Layout) -> None:
        super().__init__(layout)
        self._alive: ByIdentity[Schedule, tuple[float, float]] = ByIdentity()
        self._dead: ByIdentity[Schedule, float] = ByIdentity()

    def sight(self, sighting: Sighting) -> None:
        node, ends = sighting.node, ends_of(sighting)
        if ends is None:
            return
        start, end = ends
        if start != end:
            self._alive.setdefault(node, ends)
        elif not self._is_meant(node, start) and not (
            isinstance(node, Warmup) and node.time("duration", sighting.frame) == 0
        ):
            self._dead.setdefault(node, start)

    def _is_meant(self, node: Ramp, value: float) -> bool:
        if isinstance(node, Warmup):
            return value != 0  # both are written, or W518 tells of the start
        base = self.layout.run.base
        return node.start is not None or (value == base and base in (0, 1))

    def conclude(self) -> None:
        told: set[float] = set()
        for node, value in sorted(self._dead.items(), key=_where):
            if value not in told:  # the others stay there for the same reason
                told.add(value)
                self._tell(node, value)

    def _tell(self, node: Schedule, value: float) -> None:
        assert isinstance(node, Ramp)
        alive, base = self._alive.get(node), self.layout.run.base
        message = f"{quotation(node)} goes nowhere: it starts and ends at {shortened(value)}"
        if alive is not None:
            where = "in later cycles" if node in self.layout.copied else "where it is played again"
            message = f"{quotation(node)} goes nowhere {where}: there it starts and ends at {shortened(value)}"
        if isinstance(node, Warmup):
            if node.end is not None:
                self.warn(node, message, "let it end at another value, or write `hold`")
            elif base == 0:
                self.warn(
                    node, message, "`base` is 0 in this run: give it one, or say where the warm-up ends by `end=…`"
                )
            else:
                climbs = alive is None or alive[1] == base
                climbing = ending(node, "base")
                hint = "say where it ends by `end=…`"
                self.warn(node, message, hint, instead=[(node, climbing)] if climbs else ())
        elif value != 0 and alive is None:
            self.warn(node, message, "let it end at another value, or write `hold`")
        else:
            hint, instead = self._way_out(node, alive)
            self.warn(node, message, hint, instead=instead)

    def _way_out(self, node: Ramp, alive: tuple[float, float] | None) -> tuple[str, Instead]:
        hint, again = "say where it starts", [(node, _starting_at_base(node))]
        if alive is not None:
            return hint, again if alive[0] == self.layout.run.base else ()
        hint += ", or let what stands before it end above 0"
        before = _phase_before(node, self.layout)
        if before is None:
            return hint, ()
        leaf = self.layout.leaf(before)
        if is_constant(leaf, self.layout):
            return hint, again
        time = before.time if isinstance(before, For) else getattr(before, "duration", None)
        if (
            time is not None
            and isinstance(leaf, Linear)
            and leaf == Linear(duration=leaf.duration)
            and self._is_short(before)
        ):
            climbing = f"warmup({time.written()})"
            return f"{quotation(before)} falls to 0, where it stays; to warm up, write `{climbing}`", [
                (before, climbing)
            ]
        return hint, ()

    def _is_short(self, phase: Schedule) -> bool:
        """Whether a phase at the beginning is as short as warm-ups are."""
        frame, total = self.layout.shown.get(phase), self.layout.total
        if frame is None or frame.last is None or total is None:
            return False
        return frame.first == 0 and _SHORT * frame.last <= total


def _starting_at_base(node: Any) -> str:
    """The text of a piece that says that it starts at `base`."""
    text: str = attrs.evolve(node, start=Variable("base")).text()
    return text


def _where(found: tuple[Schedule, Any]) -> int:
    """Where a node stands: copies of what is repeated are laid out last, and may be the first to blame."""
    place = found[0].place
    return 0 if place is None else place.span.start


def _phase_before(node: Schedule, layout: Layout) -> Schedule | None:
    """The phase before the one that begins with a node."""
    for root in layout.roots:
        for chain in below(root):
            if isinstance(chain, Then):
                for before, phase in pairwise(chain.phases):
                    if layout.leaf(phase) is node:
                        return before
    return None


class HardlyClimbing(Rule):
    code = "W518"
    story = Story(
        "a warm-up that hardly climbs, or falls",
        "Its second argument is where it starts: `warmup(5%, 0.5)` falls from 0.5 to what follows if that is lower, "
        "and `warmup(1,500)` is one step from 500. Told if it starts above half of where it ends. Not told if its "
        "`end` is written, or where it falls to 0.",
        "warmup(5%, 3e-3) then cosine(3e-4, 0)",
        "warmup(5%) then cosine(3e-3, 0)",
    )
    nodes = (Warmup,)

    def sight(self, sighting: Sighting) -> None:
        node, ends = sighting.node, ends_of(sighting)
        if node.end is not None or ends is None:
            return
        start, end = ends
        if not 2 * abs(start) > abs(end) * (1 + 1e-9) > 0:
            self.fine(node)
            return
        written = node.start.written()
        climbing = f"end={written}"
        instead = ending(attrs.evolve(node, start=None, place=None), written)
        hint = f"its second argument is where it starts; did you mean `{climbing}`?"
        grouped = _GROUPED.search(on_one_line(node.written()))
        if grouped is not None:  # `1,500`
            instead = f"warmup({grouped[1]}{grouped[2]})"
            several = f"write `{grouped[1]}{grouped[2]}` for one number, or `{climbing}` to climb there"
            hint = f"its second argument is where it starts: {several}"
        if start == end:
            message = f"{quotation(node)} goes nowhere: it starts and ends at {shortened(start)}"
        else:
            climbs = "climbs only" if abs(start) < abs(end) else "falls,"
            message = f"{quotation(node)} {climbs} from {shortened(start)} to {shortened(end)}"
        self.warn(node, message, hint, instead=[(node, instead)])


_GROUPED: Final = re.compile(r"\((\d{1,3}), ?(\d{3})\)$")


class StaysAtZero(Rule):
    code = "W519"
    story = Story(
        "the value stays at 0 to the end",
        "What begins at the 0 handed on, such as stairs or a decay, is 0 times something for ever. Told if it is 1 % "
        "of the run or more, and of phases that would change another value, such as `base * hold`; so not of `hold` "
        "alone, nor of a 0 that is written.",
        "cosine for 50% then interval(0.5, every=1ep)",
        "cosine(base, 0.1 * base) for 50% then interval(0.5, every=1ep)",
    )

    def conclude(self) -> None:
        total, program = self.layout.total, self.layout.program
        if total is None or self.layout.run.base == 0 or not self.layout.rows:
            return
        try:
            first = _trailing_zeros(program, total)
            found = self._nullified_from(first, total) if total - first >= max(1, self.layout.share * total) else None
        except NOTHING_KNOWN:
            return
        if found is not None:
            self._tell(found, first, total)

    def _nullified_from(self, first: int, total: int) -> Segment | None:
        """The first of the phases behind a step that has to go on from a 0, though it would change another value."""
        begins = [row.first for row in self.layout.rows if first < row.first < total]
        for step in [first, *begins[:_ROWS]]:
            asked = list(in_force(self.layout.program, step))
            found = self._nullified(asked, step)
            if found is not None and not any(written_zero(segment, step) for segment in asked):
                return found
        return None

    def _nullified(self, segments: Sequence[Segment], step: int) -> Segment | None:
        """What would change a value other than the 0 that is handed to it, or to another factor."""
        going = [each for each in segments if each.last is None or step < each.last]
        if not any(each.values[name] == 0 for each in going for name in each.handed):
            return None
        changing = (each for each in going if each.shape not in ("constant", "hold"))
        return next(changing, None) or next((each for each in going if id(each.origin) in self._products), None)

    @cached_property
    def _products(self) -> dict[int, Product]:
        """The products of a `hold` and something else, by the ids of the former, which the layout keeps alive."""
        found = (each for root in self.layout.roots for each in below(root) if isinstance(each, Product))
        begins = ((self.layout.leaf(factor), each) for each in found for factor in each.operands)
        return {id(leaf): each for leaf, each in begins if isinstance(leaf, Hold)}

    def _tell(self, segment: Segment, first: int, total: int) -> None:
        node = segment.origin
        goes_nowhere = isinstance(node, Ramp) and segment.values["start"] == segment.values["end"]
        if goes_nowhere or not isinstance(node, Schedule):
            return  # W517 tells of a ramp that does
        product = self._products.get(id(node))
        message = f"the value is 0 from step {first} to the end, and {quotation(product or node)} does not change that"
        if product is not None:
            twice = any(factor == Variable("base") for factor in product.operands)
            instead = without(product, node) if twice else [(node, "base")]
            self.warn(
                node, message, "`hold` stays at the value handed on; what the run began with is `base`", instead=instead
            )
            return
        hint = "let what stands before it end above 0, or say where it starts"
        before = _phase_before(node, self.layout)
        still = before is not None and is_constant(self.layout.leaf(before), self.layout)
        takes = still and isinstance(node, Primitive) and any(each.name == "start" for each in node.taken())
        instead = [(node, _starting_at_base(node))] if takes else []
        self.warn(node, message, hint, instead=instead)


def _trailing_zeros(program: Part, total: int) -> int:
    """The first step from which on the value stays at 0 to the end of the run: by doubling, then by halving."""
    search, zero, last = Search(_BOUNDS), (0.0, 0.0), total - 1
    back = 1
    while back < total and program.bounds(total - back, last, search) == zero:
        back *= 2
    low, high = max(0, total - back), total - back // 2  # high … are at 0
    if program.at(last) != 0:
        return total
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if program.bounds(middle, last, search) == zero else (middle + 1, high)
    return low
