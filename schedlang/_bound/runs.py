"""Runs: how long one is, what its rates are, and a schedule laid out in it.

A rate may be a schedule: a text such as that of a batch size, followed step by step, makes the meter of a unit. The
value at a step says how much of the unit that step has. It may depend on what was seen before it, so a text with times
in its own unit is laid out as far as those are known, and once more when one of them has been reached.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial
from itertools import count, islice
from typing import Any, Final, NoReturn

import attrs

from .._language.clocks import Time, as_fraction
from .._language.frame import Binding, Frame, program_of
from .._language.names import definitions_of, free_names
from .._language.nodes import Number, Quantity, Schedule
from .._language.nodes.base import Kind, Names, atoms_of
from .._language.nodes.scalars import LATER, SO_FAR, Name, Variable, is_later, length_of
from .._language.parse import as_schedule, parse_argument, placed
from .._language.program import Part, Search, ask
from .._text.errors import Argument, Needed, Phrase, ScheduleError, fail, listed
from .._text.meters import Meter, Metered, own_future
from .._text.numerals import as_plain_number
from .._text.run import (
    CHANGING,
    IN_EPOCHS,
    IN_STEPS,
    PERCENT,
    SETTINGS,
    STEP,
    UNITS,
    Changing,
    Given,
    Rate,
    Run,
    as_rational,
    exact,
    ticked,
)


def run_told(total_steps: Rate | str | None, rates: Mapping[str, Any], base: float = 1.0, grid: int = 1) -> Run:
    """A run of that length and with those rates, which may be texts and schedules.

    `grid`: into how many ticks, at least, one of what its clock counts is to be divided.
    """
    epochs = "steps_per_epoch", "samples_per_epoch"
    if all(rates.get(name) is not None for name in epochs):
        message = Phrase("an epoch is told twice, by ", Argument(epochs[0]), " and ", Argument(epochs[1]))
        fail(None, "E404", message, "give one of them")
    if rates.get("clock") is not None:
        run = Run(base=base, **{name: _read(name, rate) for name, rate in rates.items()})
        if run.clock_rate() is not None:
            counted = _run_with(total_steps, base, {**run.rates(), "clock": None}, least=0)
            run = attrs.evolve(counted, clock=run.clock, total_steps=None)
        run = ticked(run, grid)
        return run if total_steps is None else attrs.evolve(run, total_steps=length_of_run(total_steps, run))
    if any(isinstance(rate, (str, Schedule, Changing)) for rate in rates.values()):
        return _run_with(total_steps, base, rates)
    if not isinstance(total_steps, str):
        return Run(total_steps=length_of_run(total_steps), base=base, **rates)
    run = Run(base=base, **rates)
    return attrs.evolve(run, total_steps=length_of_run(total_steps, run))


_LENGTHS: Final = Phrase("give a whole number of steps, or a duration: ", IN_STEPS, ", ", IN_EPOCHS)


def length_of_run(
    total_steps: Rate | str | None, run: Run | None = None, called: str = "total_steps", least: int = 1
) -> Fraction | None:
    """How long the run is; E404, if it isn't a whole number of steps, or a duration, of at least one that it counts."""
    if total_steps is None:
        return None
    what = Argument(called) if called in SETTINGS else called
    if isinstance(total_steps, str):
        total = as_fraction(told_length(total_steps, run, called))
        if isinstance(total, Metered):
            total = as_fraction(0 + total)
        elif total.denominator == 1:
            total = Fraction(total)  # of whole steps the unit says nothing
    else:
        total = exact(total_steps, called)
        if total.denominator != 1:
            fail(None, "E404", Phrase(what, f" is {total_steps!r}, not a whole number"), _LENGTHS)
        if run is not None and run.clock is not None:
            if (metered := STEP.metered(run)) is not None:
                total = as_fraction(0 + Metered.of(metered[0], total))
            else:
                total *= STEP.steps(run) or _not_in_steps(what, total.numerator, run)
    if run is not None and run.grid > 1:
        total = Fraction(total) / run.grid
    if total * (1 if run is None else run.grid) < least:
        one = (STEP if run is None else run.unit).one
        fail(None, "E404", Phrase(what, f" is {total_steps!r}, but a run has at least one {one}"), _LENGTHS)
    return total


def _not_in_steps(what: str | Argument, total: int | str, run: Run) -> NoReturn:
    """Raise the error for a length in steps, of which nobody said how long they are in what the clock counts."""
    needs, instead = STEP.lacks(run), f"{total} {run.clock}".replace(" ep", "ep")
    assert needs is not None
    told = "once for all" if isinstance(getattr(run, needs), Changing) else ""
    counted = f" is {total}, which counts steps, and the clock {run.unit.many}: it needs "
    hint = f"give the length as `{instead}` if that was meant"
    fail(None, "E401", Phrase(what, counted, Argument(needs), f" {told}".rstrip()), Needed(needs, hint))


def told_length(total_steps: str, run: Run | None, called: str = "total_steps") -> Time:
    """The length of a run that was given as a text."""
    what = Argument(called) if called in SETTINGS else called
    node = parse_argument(total_steps, name="total_steps")
    if node.kind(Names({})) not in (Kind.NUMBER, Kind.DURATION):
        fail(node.place, "E404", Phrase(what, f" is {total_steps!r}, which is not a length of time"), _LENGTHS)
    if any(_is_share(atom.node) for atom in atoms_of(node)):
        fail(node.place, "E404", "the length of the run cannot be a share of itself", _LENGTHS)
    if run is not None and run.clock is not None and STEP.lacks(run) is not None and isinstance(node, Number):
        _not_in_steps(what, node.written(), run)
    return node.in_steps(Frame.of_run(Binding(run or Run(), Names({}))))


def _is_share(node: Schedule) -> bool:
    """Whether what stands where a duration belongs is a share of the run: `5%`, or 0.05."""
    if isinstance(node, Quantity):
        return node.unit == PERCENT.symbol
    return isinstance(node, Number) and node.is_fraction()


def seen_at(run: Run, step: int | Fraction) -> dict[str, int | float]:
    """How much of each unit a run has seen at a step, or another tick of its axis."""
    found: dict[str, int | float] = {}
    for name, unit in {"steps": STEP, **SO_FAR}.items():
        length, counted = unit.steps(run), unit.metered(run)
        if length is not None:
            found[name] = _at_most(step / length)
        elif counted is not None:
            found[name] = _at_most(Fraction(counted[0].seen(step)) / counted[1])
    return found


def _at_most(amount: Fraction) -> int | float:
    """An exact amount as a number that prints as no more: by the step at which it was seen so much was seen."""
    number = as_plain_number(amount)
    if Fraction(repr(number)) <= amount:
        return number
    return math.floor(amount) if isinstance(number, int) else math.nextafter(number, -math.inf)


def step_at(run: Run, time: str) -> int | Fraction:
    """The first step by which a time has passed, or another place of the run."""
    if not isinstance(time, str):
        fail(
            None, "E302", f"{time!r} is not a duration", 'write it as a text, with its unit: `"500 steps"`, `"2B tok"`'
        )
    node = parse_argument(time, name="time")
    if node.kind(Names({})) not in (Kind.NUMBER, Kind.DURATION):
        fail(
            node.place, "E302", f"`{time}` is not a duration", "write a length such as `500`, `5%`, `30ep` or `2B tok`"
        )
    return run.place(math.ceil(0 + length_of(node, Frame.of_run(Binding(run, Names({}))))))


# Rates that are schedules.

_CHUNK: Final = 8192
"""How many rates are asked for at a time."""

_LAYOUTS: Final = 20_000
"""How often a text may be laid out anew, as a time in its own unit has been reached."""

_WALKED: Final = 64
"""How often a rate changes, or how many steps are asked one by one, before it is compiled."""

_TRIED: Final = frozenset(4**power for power in range(12))
"""After how many equal rates it is looked whether more of them follow."""

_SHORTEST: Final = 16
"""For how many steps it is worth to find out that a rate holds."""

_ASKED: Final = 256
"""At how many steps, about, a rate is asked once more that does not depend on what is ahead of it."""

_FOREVER: Final = 1 << 100

_UNITS: Final = {unit.needs: unit for unit in UNITS.values() if unit.needs in CHANGING}
"""The units of rates that may change."""


def _run_with(total_steps: Rate | str | None, base: float, rates: Mapping[str, Any], least: int = 1) -> Run:
    """A run of at least so many steps, of which some rates are texts or schedules.

    Raises:
        ScheduleError: E417 for what cannot be a rate, and whatever is wrong with the texts.
    """
    told = {name: _read(name, rate) for name, rate in rates.items()}
    run = Run(base=base, **told)
    changing = {name: rate for name, rate in told.items() if isinstance(rate, Changing)}
    length = told_length(total_steps, run) if isinstance(total_steps, str) else total_steps
    total = length if isinstance(length, Fraction) else as_rational(length)
    unit = total.meter.unit.symbol if isinstance(total, Metered) else ""
    facts = unit, total and Fraction(total), isinstance(total, Given)
    context = str((facts, {name: str(rate) for name, rate in run.rates().items()}))
    if all(rate.meter.context == context for rate in changing.values()):
        # of another text in the same run
        return attrs.evolve(run, total_steps=length_of_run(total_steps, run, least=least))
    for name, rate in changing.items():
        if rate.meter.context is not None:
            told[name] = changing[name] = rate = Changing(rate.schedule, Meter(rate.meter.unit))
    if any(told[name] is not getattr(run, name) for name in changing):
        return _run_with(total_steps, base, told, least)
    others = {name: [other for other in changing if other != name] for name in changing}
    for name, rate in changing.items():
        rate.meter.context = context
        _check(name, rate.schedule, run, others[name])
        alone = _alone(run, others[name])
        rate.meter.runs = partial(_followed, name, rate.schedule, alone, rate.meter, total)
    total = length_of_run(total_steps, run, least=least)
    run = run if total is None else attrs.evolve(run, total_steps=total)
    stop = 1 if total is None else math.ceil(total) + 1
    for rate in changing.values():
        rate.meter.at(stop)  # above 0 in all of the run
    for name, rate in changing.items():
        _check_followed(rate.schedule, _alone(run, others[name]), rate.meter, stop)
    return run


def _alone(run: Run, others: list[str]) -> Run:
    """What a rate is told of its run: not those that change, too."""
    changes: dict[str, Any] = {**dict.fromkeys(others), "base": 1.0}
    return attrs.evolve(run, **changes)


def _read(name: str, rate: Any) -> Any:
    """A rate as a number, or as a schedule with a meter of its own."""
    if isinstance(rate, Changing) and rate.meter.context is not None:
        return rate
    if isinstance(rate, Changing):
        rate = rate.schedule
    if not isinstance(rate, (str, Schedule)) or name == "clock":
        return rate
    if name not in _UNITS:
        message = Phrase(Argument(name), f" is `{rate}`, and only {listed(_UNITS)} may be schedules")
        fail(None, "E404", message, Phrase("give it as ", SETTINGS[name].hint))
    schedule = as_schedule(rate, name=name) if isinstance(rate, str) else rate
    schedule = placed(schedule) if schedule.place is None else schedule
    body, names = definitions_of(schedule)
    if isinstance(body, Number) and not names:
        _above_zero(name, schedule, float(body.value), 0)
        return Fraction(body.value)
    return Changing(schedule, Meter(_UNITS[name]))


def _check(name: str, schedule: Schedule, run: Run, others: list[str]) -> None:
    """Raise E417 for what no rate may depend on."""
    body, names = definitions_of(schedule)
    free = free_names(schedule) - {LATER, *(each for each, value in names.items() if is_later(value))}
    for node, _, _ in (atom for each in (body, *names.values()) for atom in atoms_of(each)):
        if isinstance(node, Name) and node.name in free:
            fail(node.place, "E402", f"`{node.name}` is not known in {name}", f"define it: `… where {node.name} = 8`")
        unit = node.needs() if isinstance(node, Quantity) else None
        if isinstance(node, Variable):
            unit = SO_FAR.get(node.name)
        if isinstance(node, Variable) and node.name == "base":
            message = f"{name} would depend on `base`, the value before the first phase, and a rate has none"
            fail(node.place, "E417", message, "write a number")
        if is_later(node) or (isinstance(node, Name) and is_later(names.get(node.name))):
            fail(node.place, "E417", f"{name} would depend on an event that is not known yet", "give it a time")
        if unit is None:
            continue
        needs = "samples_per_step" if unit.by_samples(run) else unit.needs
        if needs in others:
            message = f"{name} would depend on {needs}, which changes, too"
            fail(node.place, "E417", message, f"give its times in steps, or in {_UNITS[name].symbol}")


def _followed(name: str, schedule: Schedule, run: Run, meter: Meter, total: Time | None) -> Iterator[None]:
    """Add rate after rate to a meter; once in a while, whoever asked is asked whether that is enough."""
    body, names = definitions_of(schedule)
    if body.kind(Names(names)) is Kind.DURATION:
        fail(
            schedule.place,
            "E301",
            f"{name} is a length of time, but a number belongs here",
            "write `8 for 100 then 16`",
        )
    for layout in count():
        if layout > _LAYOUTS:
            hint = "let it change less often, or give its times in steps"
            fail(schedule.place, "E408", f"{name} is laid out more than {_LAYOUTS} times", hint)
        meter.pending, meter.blame, meter.undecided = (math.inf, math.inf), None, False
        meter.source = None if schedule.place is None else schedule.place.source
        asked = meter.asked
        try:
            program = program_of(body, Binding(run, Names(names), total))
        except ScheduleError:
            if not meter.undecided:
                raise
            yield from _one_guessed(name, schedule, Binding(run, Names(names), total), meter)
            continue
        if layout == 0 and program.dependence().depends:
            message = f"{name} begins with the value before the first phase, and a rate has none"
            fail(schedule.place, "E417", message, "give its first phase a start")
        if meter.asked == asked:
            yield from _independent(name, schedule, program, meter)
            return
        meter.by_itself = True
        if not meter.undecided:
            yield from _as_far_as_known(name, schedule, program, meter)
        if meter.undecided and meter.known < math.inf:
            yield from _one_guessed(name, schedule, Binding(run, Names(names), total), meter)


_GUESSES: Final = (1, 14, 97)
"""What each further step may have of a unit: a rate that is another one then would depend on its own future."""


def _one_guessed(name: str, schedule: Schedule, binding: Binding, meter: Meter) -> Iterator[None]:
    """Add the next rate, where it takes guesses to see that it does not depend on those behind it."""
    values, step = [], int(meter.known)
    body, names = definitions_of(schedule)
    for guess in _GUESSES:
        meter.guess, meter.presumed = guess, True
        try:
            program = program_of(body, Binding(binding.run, Names(names), binding.total))
            values.append(ask(program, step))
        finally:
            meter.guess = None
    if len(set(values)) > 1:
        own_future(meter, meter.blame or schedule.place)
    _above_zero(name, schedule, values[0], step)
    meter.add(values[:1], 1)
    yield


def _check_followed(schedule: Schedule, run: Run, meter: Meter, stop: int) -> None:
    """Raise E417, if a text shows other rates than were followed once all of them are known.

    A warm-up climbs to the first phase with a whole step; whether one has is known when it comes. What looks nowhere
    is asked at some steps.
    """
    from .._engines.lowering import lowered
    from .._engines.python import compiled

    if not meter.by_itself:
        return
    body, names = definitions_of(schedule)
    binding = Binding(run, Names(names))
    program = program_of(body, binding)
    stretches = zip(meter.starts, [*meter.starts[1:], stop], meter.rates, strict=True)
    if not (meter.presumed or binding.looked):
        some = islice(stretches, 0, None, len(meter.starts) // _ASKED + 1)
        alike = all(ask(program, first) == rate / meter.scale for first, _, rate in some if first < stop)
        if not alike:
            own_future(meter, schedule.place)
        return
    function = compiled(lowered(program)).function
    for first, end, rate in stretches:
        last, wanted = min(end, stop) - 1, rate / meter.scale  # the float that prints as that
        alike = last - first > _WALKED and _is_constant(program, first, last, wanted)
        if not alike and any(function(step) != wanted for step in range(first, last + 1)):
            own_future(meter, schedule.place)


def _above_zero(name: str, schedule: Schedule, value: float, step: int) -> None:
    if not value > 0:
        hint = "let it begin and end above 0"
        fail(schedule.place, "E417", f"{name} is {value:g} at step {step}, and has to be above 0", hint)


def _as_far_as_known(name: str, schedule: Schedule, program: Part, meter: Meter) -> Iterator[None]:
    """Rates of a text that depends on what was seen, up to the first place that was not known when it was laid out."""
    first, changes, same, before, steps = int(meter.known), len(meter.rates), 0, math.nan, 1.0
    walked = 0  # steps in a row, one by one
    while True:
        for _ in range(_CHUNK):
            if changes >= 0 and (len(meter.rates) - changes == _WALKED or walked == _WALKED):
                changes = -1
                yield from _recorded(name, schedule, program, meter)
            step, pending = int(meter.known), meter.pending
            if step >= pending[0] or Fraction(meter.amounts[-1], meter.scale) >= pending[1]:
                return
            value = program.at(step)
            if meter.undecided:
                return
            if math.isnan(value):
                own_future(meter, meter.blame or schedule.place)
            _above_zero(name, schedule, value, step)
            same = same + 1 if value == before else 0
            tried = step == first or same in _TRIED or (same and steps > 1)
            steps = _lasting(program, step, value, meter) if tried else 1
            meter.add([value], steps)
            if steps == math.inf:
                yield
                return
            before, walked = value, walked + 1 if steps == 1 else 0
        yield


_SOUGHT: Final = 4
"""How often recording looks for the first step that is not known, before the walk goes on."""


def _recorded(name: str, schedule: Schedule, program: Part, meter: Meter) -> Iterator[None]:
    """The same, faster: the rates as a compiled function of the step and of what has been seen."""
    from .._engines.expressions import SEEN, TurnError, affine
    from .._engines.lowering import lowered
    from .._engines.python import compiled

    sought = 0
    while sought <= _SOUGHT:  # each look at steps ahead may show a nearer one that is not known
        first, scale, pending = int(meter.known), meter.scale, meter.pending
        low, high = meter.amounts[-1], math.inf if pending[1] == math.inf else math.ceil(pending[1] * scale) - 1
        if first >= pending[0] or low > high:
            return
        value = None
        while value is None:
            meter.now = affine(SEEN, 1, 0, low, high)
            try:
                value = lowered(program, first, pending[0])
            except TurnError as turn:
                high = turn.step - 1
            finally:
                meter.now = None
        if meter.pending != pending:
            sought += 1
            continue
        function = compiled(value).function
        while first < pending[0] and meter.amounts[-1] <= high and meter.scale == scale:
            stop = int(min(pending[0], first + _CHUNK))
            try:
                meter.follow(function, function.__globals__, stop, high)
            except (ArithmeticError, ValueError):
                return  # the walk tells what is wrong
            meter.limit()
            if meter.known < stop and meter.amounts[-1] <= high and meter.scale == scale:
                return
            first = int(meter.known)
            yield


def _lasting(program: Part, step: int, value: float, meter: Meter) -> float:
    """For how many steps a rate holds at least, as far as places are known."""
    known = meter.pending
    most = _FOREVER if known[0] == math.inf else int(known[0]) - step
    if known[1] != math.inf:
        left = Fraction(known[1]) - Fraction(meter.amounts[-1], meter.scale)
        most = min(most, math.ceil(left / Fraction(repr(value))))

    def holds(steps: int) -> bool:
        constant = _SHORTEST <= steps <= most and _is_constant(program, step, step + steps - 1, value)
        constant = constant and meter.pending == known
        meter.pending = known
        return constant

    if holds(most):
        return math.inf if most == _FOREVER else most
    steps = _SHORTEST
    while holds(steps):
        steps *= 2
    return steps // 2 if steps > _SHORTEST else 1


def _is_constant(program: Part, first: int, last: int, value: float) -> bool:
    try:
        return program.bounds(first, last, Search(200)) == (value, value)
    except (Search.OverError, ScheduleError, ArithmeticError):
        return False


def _independent(name: str, schedule: Schedule, program: Part, meter: Meter) -> Iterator[None]:
    """All rates of a text that does not depend on what was seen."""
    from .._engines.lowering import lowered
    from .._engines.python import compiled

    function, chunk = compiled(lowered(program)).function, 64
    while True:
        step = int(meter.known)
        try:
            values = list(map(function, range(step, step + chunk)))
        except (ArithmeticError, ValueError):
            values = [ask(program, each) for each in range(step, step + chunk)]  # which tells where there is none
        if not min(values) > 0:
            for each, value in enumerate(values, step):
                _above_zero(name, schedule, value, each)
        last = values[-1]
        constant = values[0] == last and values.count(last) == chunk
        steps = _lasting(program, step + chunk - 1, last, meter) if constant else 1
        meter.add(values, steps)
        yield
        if steps == math.inf:
            return
        chunk = min(2 * chunk, _CHUNK)
