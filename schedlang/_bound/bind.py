"""`bind`: a schedule meets a run, and becomes a callable from step to value."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any, Final, SupportsIndex, Unpack

import attrs

from .._language.frame import Binding, program_of
from .._language.names import definitions_of
from .._language.nodes import PRIMITIVES, Name, Number, Quantity, Schedule
from .._language.nodes.base import Atom, Kind, Names, Role, atoms_of
from .._language.nodes.scalars import LATER, VARIABLES, Later, Variable, as_node, is_later, lacking, renamed
from .._language.parse import as_schedule, parse_argument, placed
from .._language.program import beyond_limits, first_not_finite
from .._text.errors import Argument, Diagnostic, Meant, Needed, Phrase, ScheduleError, Unwanted, WayOut, fail
from .._text.fixes.foreign import LENGTHS, SHORT_LENGTHS, Measure, argument, says
from .._text.run import (
    PERCENT,
    SETTINGS,
    TOLD,
    Rate,
    Rates,
    Run,
    as_total,
    takes_rates,
)
from .._text.spelling import SOUGHT, nearest
from .bound import Bound, counted
from .runs import run_told


def bind(
    schedule: Schedule,
    total_steps: Rate | str | None = None,
    *,
    base: float = 1.0,
    params: Mapping[str, Any] | None = None,
    events: Iterable[str] = (),
    grid: int = 1,
    **rates: Unpack[Rates],
) -> Bound:
    """The schedule for one run; see `Schedule.bind`. `events`: parameters that were `later`, and are known by now.

    `grid`: into how many ticks, at least, one of what the clock counts is to be divided.
    """
    if schedule.place is None:  # built in Python: read its text, so that errors can show where in it they are
        schedule = placed(schedule)
    given = {name: _parameter(name, value) for name, value in (params or {}).items()}
    body, names = definitions_of(schedule)
    declared = [name for name, value in names.items() if is_later(value)]
    for name in declared:
        given.setdefault(name, Later())
        del names[name]
    roots = [atoms_of(body), *map(atoms_of, names.values())]
    _check_names(roots, names, given, schedule)
    names.update(given)
    run = run_told(total_steps, rates, base, grid)
    total = run.total_steps
    _check_rates(roots[0], names, run)
    binding = Binding(run, names)
    program = program_of(body, binding)
    if binding.parts > 1:  # places between the ticks
        run = attrs.evolve(run, grid=run.grid * binding.parts)
        program = program_of(body, Binding(run, names))
    later = frozenset(name for name, value in given.items() if isinstance(value, Later))
    if later:
        _rehearse(body, run, names, later)
    if total is not None:
        with nullcontext() if run.clock is None else counted(run):
            first_not_finite(program, 0, math.ceil(total * run.grid))
    return Bound(schedule, run, given, program, later.union(declared, given.keys() & {*events}), run.grid)


def bind_to(run: Run, schedule: Schedule, params: Mapping[str, Any], events: Iterable[str] = ()) -> Bound:
    """The schedule for a run that is known; `events` as of `bind`."""
    given = {name: getattr(run, name) for name in (*TOLD, "base")}
    return bind(schedule, as_total(run), params=params, events=events, grid=run.grid, **given)


def bound_again(bound: Bound, times: Mapping[str, Any]) -> Bound:
    """A bound schedule with other times of events."""
    return bind_to(bound.run, bound.schedule, {**bound.params, **times}, bound.events)


def on_one_axis(*bounds: Bound) -> list[Bound]:
    """Bound schedules as they are asked for ticks of one axis.

    Raises:
        ScheduleError: E418, if their runs do not count the same.
    """
    first, *others = bounds
    for other in others:
        if other.run.clock != first.run.clock:
            counted = f"one run counts {first.run.unit.many}, and the other {other.run.unit.many}"
            fail(None, "E418", f"{counted}: no place of one is one of the other", "bind both on one clock")
    grid = math.lcm(*(bound.run.grid for bound in bounds))
    return [
        bound.ticks
        if bound.run.grid == grid
        else bind_to(attrs.evolve(bound.run, grid=grid), bound.schedule, bound.params, bound.events).ticks
        for bound in bounds
    ]


def _rehearse(body: Schedule, run: Run, names: Names, events: frozenset[str]) -> None:
    """Raise what would be wrong once events have come: at once, so that what follows plays, and amid their windows."""
    alone = [[event] for event in events] if len(events) > 1 else []
    for coming, after in product([events, *alone], (Fraction(0), Fraction(1, 2))):
        binding = Binding(run, names)
        binding.rehearsal = dict.fromkeys(coming, after)
        try:
            program_of(body, binding)
        except ScheduleError as error:
            waiting = error.diagnostics[0].code == "E414"  # its time has to be given together with that of another
            if not (waiting or beyond_limits(error)):
                raise
    _rehearse_times(body, run, names, sorted(events))


_OF_TIMES: Final = ("E303", "E405", "E406", "E416")
"""What may be wrong with a time alone."""


def _rehearse_times(body: Schedule, run: Run, names: Names, events: list[str]) -> None:
    """Raise what would be wrong whenever events came, and factors that could not share what they are handed then."""
    end = run.total_steps
    places = [10**power for power in range(8)] if end is None else [math.floor(end * part / 8) for part in range(1, 8)]
    wrong, right, laid = None, False, 0
    for stride, first in product((0, 1, -1) if len(events) > 1 else (0,), range(len(places))):
        times = {event: places[(first + stride * number) % len(places)] for number, event in enumerate(events)}
        known = {event: Quantity(Decimal(time), run.unit.symbol) for event, time in times.items()}
        binding = Binding(run, Names({**names, **known}))
        try:
            program_of(body, binding)
            right = True
        except ScheduleError as error:
            code = error.diagnostics[0].code
            if code == "E316":
                raise
            wrong = wrong if code in _OF_TIMES or beyond_limits(error) else error
        laid += binding.phases
        if laid > _REHEARSED:
            return
    if wrong is not None and not right:
        raise wrong


_REHEARSED: Final = 5000
"""How many phases are laid out for that."""


def uses_base(bound: Bound) -> bool:
    """Whether its values may depend on the value before the first phase.

    >>> from schedlang import parse
    >>> uses_base(parse("warmup(5%) then cosine").bind(100)), uses_base(parse("1 for 5 then base").bind(100))
    (True, True)
    >>> uses_base(parse("warmup(5%, end=3e-4) then cosine").bind(100))
    False
    """
    body, names = definitions_of(bound.schedule)
    atoms = (atom.node for each in (body, *names.values()) for atom in atoms_of(each))
    return Variable("base") in atoms or bound.program.dependence().depends


def need_base(bound: Bound, hint: str = "give it, `base=3e-4`, or write the values into the text") -> None:
    """Refuse values that depend on the value before the first phase where nobody has said what that is."""
    if uses_base(bound):
        message = "the values depend on base, the value before the first phase, and nothing says what that is"
        fail(bound.schedule.place, "E607", message, hint)


def _awaited(name: str) -> Phrase:
    """How an event is given."""
    return Phrase("a time that is not known yet is ", Argument(name, LATER, quoted=True))


def _parameter(name: str, value: Any) -> Schedule:
    """The value of a parameter as a node: a number, or a duration as int or text."""
    if isinstance(value, str):
        node = parse_argument(value, parameter=name)
        node = Later() if is_later(node) else node
    else:
        try:
            node = as_node(value)
        except ScheduleError as error:
            problem = error.diagnostics[0]
            hint = Phrase(f"{problem.hint}; ", _awaited(name)) if value is None else problem.hint
            told = attrs.evolve(problem, message=f"parameter `{name}`: {problem.message}", hint=hint)
            raise ScheduleError([told]) from None
    if node.kind(Names({})) not in (Kind.NUMBER, Kind.DURATION):
        examples = Argument(name, "500"), ", ", Argument(name, "5%", quoted=True)
        hint = Phrase("give a number, or a duration: ", *examples)
        if isinstance(node, Name) and nearest(node.name, [LATER]):
            hint = _awaited(name)
        fail(node.place, "E404", f"parameter `{name}` is {value!r}", hint)
    return node


_CALLED: Final = {
    **dict.fromkeys(LENGTHS | SHORT_LENGTHS, "total_steps"),
    **{alias: name for name, setting in SETTINGS.items() for alias in (name, *setting.aliases)},
}


def setting_called(name: str) -> str | None:
    """What is told of the run by that name, which may be another system's.

    >>> setting_called("T_max"), setting_called("lr"), setting_called("peak")
    ('total_steps', 'base', None)
    """
    return _CALLED.get(name)


def instead_of(name: str, others: Iterable[str], seek: bool = True) -> str | None:
    """What to do about a parameter that no text has, if it's known; `seek`: also by comparing it with other names."""
    if name in SETTINGS:
        return Phrase(
            "leave it out, or give it with the run, as ", Argument(name, "…"), ": it is no parameter of a text"
        )
    called = setting_called(name)
    meant = None if called is None else Phrase("did you mean `", Argument(called), "`?")
    if name in VARIABLES:
        return Phrase(f"in a text {renamed(name)}", *(() if meant is None else ("; or ", meant)))
    if meant is not None:
        return meant
    close = nearest(name, [*others, *sorted(SETTINGS)]) if seek else None
    if close is not None:
        return Phrase("did you mean `", Argument(close) if close in SETTINGS else close, "`?")
    other = argument(name)
    if other is None or other.measure is Measure.UNCLEAR:
        return None
    return f"that stands in the text: {other.note or says(name, other, other.here[0])}"


def _check_names(roots: list[list[Atom]], names: Names, given: Mapping[str, Schedule], schedule: Schedule) -> None:
    """Check that all names in a text, of whose body and definitions these are the atoms, are known, and all used.

    Raises:
        ScheduleError: E402 and E403, for each parameter that is missing, unknown or unused.
    """
    problems: dict[str, Diagnostic] = {}
    free = set()
    for root in roots:
        for name, _, _ in root:
            if not isinstance(name, Name) or name.name in names:
                continue
            free.add(name.name)
            if name.name not in given and name.name not in problems:
                others = [each for each in given if each not in free]
                problems[name.name] = _not_given(name, schedule, others, names, len(problems))
    for name_given in given:
        if name_given in names:
            message = f"`{name_given}` is defined by the text, so it is not a parameter"
            way_out = Unwanted("its definition from the text")
            problems[name_given] = Diagnostic.at(None, "E403", message, way_out)
        elif name_given not in free:
            away = instead_of(name_given, sorted(free), len(problems) < SOUGHT) or "remove it, or use it in the text"
            problems[name_given] = Diagnostic("E403", f"the text has no parameter `{name_given}`", hint=away)
    if problems:
        from .._language.unknown import with_our_names  # nobody else needs it

        first, *rest = problems.values()
        raise ScheduleError([attrs.evolve(first, example=with_our_names(schedule, given)), *rest])


def _not_given(name: Name, schedule: Schedule, given: list[str], names: Names, before: int) -> Diagnostic:
    """What is wrong with a name that nobody gave: `given` are parameters that may be meant, `before` other mistakes."""
    from .._language.unknown import about  # nobody else needs it

    known, word = about(name, schedule) if before < SOUGHT else None, name.name
    others = given if known else [*PRIMITIVES, *VARIABLES, *given, *names]
    close = nearest(word, others) if before < SOUGHT else None
    if word == LATER:
        known = Phrase("give the time a name; ", _awaited("cooldown"))
    hint: str | WayOut = Meant(close) if close is not None else known or Needed(word)
    message = f"`{word}` is no value in a text" if word in SETTINGS else f"parameter `{word}` is not given"
    return Diagnostic.at(name.place, "E402", message, hint)


def _check_rates(body: list[Atom], names: Names, run: Run) -> None:
    """Raise E401 for each rate that the text uses and the run lacks, at the first place that needs it."""
    missing: dict[str, Diagnostic] = {}
    seen: set[tuple[str, bool]] = set()
    todo = body[::-1]
    while todo:
        node, role, in_run = todo.pop()
        unit = None
        if isinstance(node, Name) and node.name in names and (node.name, in_run) not in seen:
            seen.add((node.name, in_run))
            todo += atoms_of(names[node.name], role, in_run)[::-1]
        elif isinstance(node, Quantity):
            unit = node.needs()
        elif role in (Role.DURATION, Role.POSITION) and isinstance(node, Number) and node.is_fraction():
            unit = PERCENT
        if unit is None or (run.clock is None and (unit.needs is None or getattr(run, unit.needs) is not None)):
            continue
        lacks = unit.lacks(run)
        if lacks is not None and (in_run or unit is not PERCENT):
            missing.setdefault(lacks, lacking(node, lacks, unit, run))
    if missing:
        raise ScheduleError(missing.values())


@takes_rates
def evaluate(
    schedule: Schedule | str,
    step: SupportsIndex | float,
    /,
    total_steps: Rate | str | None = None,
    *,
    base: float = 1.0,
    **params: Any,
) -> float:
    """The value of a schedule at one step of a run, which is told as `Schedule.bind` is: the plain walk.

    Raises:
        ScheduleError: for whatever is wrong with the text, the run or the step.

    >>> evaluate("warmup(5%) then cosine", 50, total_steps=1000)
    1.0
    """
    return as_schedule(schedule).bind(total_steps, base=base, **params).walk(step)
