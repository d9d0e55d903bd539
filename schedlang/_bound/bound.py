"""A bound schedule: a pure function of the step, and what else it can be asked."""

from __future__ import annotations

import hashlib
import json
import math
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, SupportsIndex

import attrs

from .._language.nodes import Schedule
from .._language.nodes.base import children
from .._language.nodes.scalars import is_later
from .._language.program import Part, Row, ask, merge_held
from .._text import limits
from .._text.errors import Diagnostic, Needed, ScheduleError, fail
from .._text.grammar import FIRST, LANGUAGE, warn_of_another
from .._text.libraries import library_of, refuse_dtype
from .._text.run import Rate, Run, as_decimal, as_rational, as_total, plain, shown, whole_number
from .awaiting import marked

if TYPE_CHECKING:
    import numpy as numpy_

    from .._engines.arrays import Evaluator
    from .._engines.expressions import Value
    from .._engines.python import Compiled
    from .._engines.tracing import Tracer
    from .._insight.explain.explanation import Explanation
    from .._insight.when import Crossings
    from .._insight.why import Why


WALKED: Final = 64
"""How many single steps are walked before a schedule is compiled.

Compiling costs as much as a few hundred walks, and a call of what comes out a fortieth of one. Whoever asks for a
handful of values, as tests and command lines do, would never get that back; whoever trains asks a million times. Both
give the same bits, so nobody can tell where one takes over from the other.
"""


_FINEST: Final = 10**40
"""Into how many ticks one of what is counted may be divided for good."""

_BAKED: Final = 10**8
"""How many values a table on another clock may have."""

LOOKED_AT: Final = 1_000_000
"""How many steps are looked at where each has to be."""


@attrs.frozen(eq=False, slots=False)
class Bound:
    """A schedule bound to a run: a pure function of the step.

    Attributes:
        schedule: the schedule.
        run: what was given to bind it.
        params: the parameters given.

    >>> from schedlang import parse
    >>> lr = parse("linear(1, 0)").bind(4)
    >>> [lr(step) for step in range(4)]
    [1.0, 0.75, 0.5, 0.25]
    """

    schedule: Schedule
    run: Run
    params: Mapping[str, Schedule]
    program: Part = attrs.field(repr=False)
    _later: frozenset[str] = attrs.field(default=frozenset(), repr=False)
    _grid: int = attrs.field(default=1, repr=False)  # how many ticks of the axis one of what is asked for is

    @property
    def total_steps(self) -> int | Fraction | None:
        """How many steps the run has, or of what else its clock counts; None if that was not given."""
        end = self.end
        return end if end is None or self._grid == 1 else self.run.place(end)

    @property
    def end(self) -> int | None:
        """How long the run is in ticks of the axis."""
        length = self.run.length
        return None if length is None else math.ceil(length)

    @cached_property
    def ticks(self) -> Bound:
        """The same, asked for ticks of its axis: itself, but where the clock counts what has no next one."""
        return self if self._grid == 1 else attrs.evolve(self, grid=1)

    def place(self, asked: Any) -> int | Fraction:
        """A place of the run that is asked for, exactly.

        Raises:
            ScheduleError: E407, for what is none.
        """
        return as_step(asked, self.run) if self.run.unit.whole else as_place(asked, self.run)

    def exactly(self, place: Any) -> tuple[Bound, int]:
        """What to ask for the value at a place, and with which tick: a finer axis, if it lies between two."""
        if self._grid == 1:
            return self, as_step(place, self.run)
        at = as_place(place, self.run)
        if self._grid % at.denominator == 0:
            return self.ticks, at.numerator * (self._grid // at.denominator)
        finer = self.__dict__.get("_finer")
        if finer is None or finer.run.grid % at.denominator:
            from .bind import bind_to

            grid = math.lcm(self._grid, at.denominator)
            wider = grid if finer is None else math.lcm(grid, finer.run.grid)
            grid = wider if wider <= _FINEST else grid
            finer = bind_to(attrs.evolve(self.run, grid=grid), self.schedule, self.params, self.events).ticks
            self.__dict__["_finer"] = finer
        return finer, at.numerator * (finer.run.grid // at.denominator)

    @property
    def fingerprint(self) -> str:
        """A hash of the canonical text, the run, the parameters, the language's version, and the base where it is used.

        Where it is the same, all values are. It is SHA-256 in hexadecimal digits, the same on every machine.

        >>> from schedlang import parse
        >>> bound = parse("warmup(5%) then cosine").bind(1000)
        >>> bound.fingerprint == parse("warmup(5 %) then cosine()").bind(1000).fingerprint
        True
        >>> bound.fingerprint[:12]
        '6fc0468b77a9'
        """
        from .bind import uses_base

        base = repr(float(self.run.base)) if uses_base(self) else None
        rates = {name: str(rate) for name, rate in self.run.rates().items()}
        params = {name: str(value) for name, value in self.params.items()}
        return digest([LANGUAGE, str(self.schedule), str(as_total(self.run)), base, rates, params])

    @property
    def phases(self) -> tuple[Row, ...]:
        """The phase table: the phases of the run in order, each with its steps, values, shape and text.

        Bodies repeated more than 1024 times are one line. The text of what waits for an event is `hold until cooldown,
        not yet`.

        >>> from schedlang import parse
        >>> [(row.first, row.stop, row.shape) for row in parse("warmup(10%) then cosine").bind(1000).phases]
        [(0, 100, 'warmup'), (100, 1000, 'cosine')]
        """
        end = self.end
        rows = merge_held(self.program.rows(0, end))
        names = awaited(self)
        rows = marked(self.schedule, names, rows) if names else rows
        return tuple(rows if self._grid == 1 else (placed_row(row, self.run) for row in rows))

    def warnings(self, ignore: Iterable[str] = ()) -> tuple[Diagnostic, ...]:
        """What is allowed and yet probably not meant: W5xx, in the order of the text; see `schedlang.linting`.

        Args:
            ignore: codes of warnings that are not wanted.

        >>> from schedlang import parse
        >>> [found.code for found in parse("warmup(2000) then cosine").bind(1000).warnings()]
        ['W504']
        """
        from .._insight.lint.lint import warnings

        return warnings(self, ignore)

    def seen(self, step: SupportsIndex | float) -> dict[str, int | float]:
        """How much the run has seen at a step: steps, and epochs, samples and tokens, as far as their rates are told.

        Raises:
            ScheduleError: E407 for a step that isn't one.

        >>> from schedlang import parse
        >>> lr = parse("cosine").bind("10k tok", tokens_per_step="128 for 10 then 512")
        >>> lr.seen(20), lr.at_time("6400 tok")
        ({'steps': 20, 'tokens': 6400}, 20)
        """
        from .runs import seen_at

        return seen_at(self.run, self.place(step) * self.run.grid)

    def at_time(self, time: str) -> int | Fraction:
        """The first step by which so much of the run has passed: `"469B tok"`, `"30ep"`, `"50%"`.

        Raises:
            ScheduleError: for what is no length of time, and E401 for one of which the run does not say enough.
        """
        from .runs import step_at

        return step_at(self.run, time)

    def plot(self, ax: Any = None, **kwargs: Any) -> Any:
        """Draw the curve into matplotlib axes, or into those of a new figure, and return the axes.

        Args:
            ax: the axes.
            **kwargs: `start`, `stop`, `log`, `phases`, and what `Axes.plot` takes: see `schedlang.figures.plot`, which
                draws several curves, too.

        Raises:
            ScheduleError: E502, if matplotlib is not installed (`schedlang[plot]`).

        >>> from schedlang import parse
        >>> axes = parse("warmup(5%) then cosine").bind(1000).plot()
        >>> axes.get_xlabel()
        'step'
        """
        from .._pictures.matplotlib import plot

        return plot(self, ax, **kwargs)

    def _repr_html_(self) -> str:
        """What a notebook shows: the curve and the phase table."""
        from .._pictures.notebook import bound_html

        return bound_html(self)

    def _repr_svg_(self) -> str:
        """What a notebook shows where it shows no HTML."""
        from .._pictures.svg import draw

        return draw(self, theme="light")

    def explain(self) -> Explanation:
        """What the schedule does: in words, phase by phase, what each time became, peak, mean and area.

        `str()` gives all of it, the attributes each part, `to_dict()` plain data. See `why` for one step, and `when`
        for the steps at which the value is below a number or above.

        >>> from schedlang import parse
        >>> print(parse("warmup(5%) then cosine").bind(10_000, base=3e-4).explain().words)
        Steps 0 – 499: warms up in a straight line from 0 to 3e-4 (`warmup(5%)`; 5% of 10000 = 500).
        Steps 500 – 9999: falls along a cosine from 3e-4 to 0 (`cosine`).
        From step 10000 on: the run is over, and the value stays at 0.
        """
        from .._insight.explain.explanation import explain

        return explain(self)

    def why(self, step: SupportsIndex | float) -> Why:
        """Why the value at a step is what it is: the part of the text in force, and its formula with the numbers in.

        `expression`, evaluated by Python with the names of the module `math`, gives the value to the last bit.

        Raises:
            ScheduleError: E407 for a step that isn't one, E406 if there is no finite value.

        >>> from schedlang import parse
        >>> found = parse("warmup(5%) then cosine").bind(10_000, base=3e-4).why(250)
        >>> found.piece, found.local, found.length
        ('warmup(5%)', 250, 500)
        >>> found.expression, found.value
        ('3e-4 * (250 / 500)', 0.00015)
        """
        from .._insight.why import why

        return why(self, step)

    def when(self, condition: str) -> Crossings:
        """At which steps a condition on the value holds: `"< 1e-5"`, or with `<=`, `>`, `>=`, `==`.

        A number alone asks for the steps at which the value has come to the other side of it. Every step counts: what
        comes out is what looking at all of them gives. It is true if the condition ever holds.

        Raises:
            ScheduleError: E404 for what is no condition, E406 if there is no finite value.

        >>> from schedlang import parse
        >>> found = parse("warmup(5%) then cosine").bind(10_000, base=3e-4).when("< 1e-5")
        >>> found.first, [(each.first, each.stop) for each in found.ranges]
        (0, [(0, 17), (8890, None)])
        """
        from .._insight.when import when

        return when(self, condition)

    @property
    def events(self) -> dict[str, Schedule | None]:
        """The parameters that were given as `later`, and the time that each has come at by now; None: not yet.

        >>> from schedlang import parse
        >>> lr = parse("hold until cooldown then linear to 0 for 20%").bind(1000, cooldown="later")
        >>> lr.events, str(lr.change(cooldown=700).events["cooldown"])
        ({'cooldown': None}, '700')
        """
        return {name: None if is_later(self.params[name]) else self.params[name] for name in sorted(self._later)}

    def change(self, /, step: int | None = None, **times: Any) -> Bound:
        """The schedule once an event has come, or will come at a time that is known now.

        Args:
            step: the last step whose value was applied, if the run has begun: no value up to there may change.
            **times: the events' times, as `bind` takes them. One that has a time already may be given another.

        Raises:
            ScheduleError: E415, if that would alter the past; E403 and E404, for what is no event; and what is wrong
                with a time.

        >>> from schedlang import parse
        >>> lr = parse("hold until cooldown then linear to 0 for 20%").bind(1000, cooldown="later")
        >>> lr(800), lr.change(cooldown=700, step=700)(800)
        (1.0, 0.5)
        >>> lr.change(cooldown=700, step=800)
        Traceback (most recent call last):
        schedlang.ScheduleError: error[E415]: the values would differ from step 701 on, and the run is at step 800
          = help: `cooldown` may come at 800 or later
        """
        from .._insight.changing import change

        return change(self, times, step)

    def __call__(self, step: Any) -> Any:
        """The value at a step: an integer, at least 0. After the end of the run its last value holds.

        A JAX or torch step, traced or not, gives a value of the same library: see `at`.

        Raises:
            ScheduleError: E407 for a step that isn't one, E406 if there is no finite value.
        """
        if type(step) is int and step >= 0:
            try:
                return self._value(step)
            except (ArithmeticError, ValueError):
                pass
            return self.walk(step)  # which tells where in the text there is no value
        if library_of(step):
            return self.at(step)
        if self._grid == 1:
            return self(as_step(step, self.run))
        ticks, tick = self.exactly(step)
        return ticks(tick)

    def walk(self, step: SupportsIndex | float) -> float:
        """The value at a step, by walking the program: what a text means, and what all else is compared with.

        Raises:
            ScheduleError: E407 for a step that isn't one, E406 if there is no finite value.

        >>> from schedlang import parse
        >>> parse("linear(1, 0)").bind(4).walk(3)
        0.25
        """
        if self._grid > 1:
            ticks, tick = self.exactly(step)
            return ticks.walk(tick)
        tick = as_step(step, self.run)
        if self.run.clock is None:
            return ask(self.program, tick)
        with counted(self.run):
            return ask(self.program, tick)

    @cached_property
    def compiled(self) -> Callable[[int], float]:
        """The schedule as one plain Python function of the step: for loops where every nanosecond counts.

        It does not look at its argument, which has to be an int of at least 0; where there is no finite value it raises
        an ArithmeticError or ValueError. It is compiled when it is first asked for.

        >>> from schedlang import parse
        >>> value = parse("linear(1, 0)").bind(4).compiled
        >>> value(3)
        0.25
        """
        return self._compiled.function

    @property
    def source(self) -> str:
        """The Python source of `compiled`: it needs nothing but the standard library, so it can be pasted elsewhere.

        A few schedules have parts that are no closed formula, such as a repeated body whose copies all depend on one
        another: they are functions called `walk_1`, `walk_2` …, which the source says, and which stay here.

        >>> from schedlang import parse
        >>> print(parse("warmup(10%) then cosine(3e-4, 0)").bind(1000).source)
        from math import sin
        <BLANKLINE>
        <BLANKLINE>
        def schedule(step):
            if step < 100:
                return 0.0003 * (step / 100)
            if step < 551:
                x1 = sin((step - 100) / 900 * 1.5707963267948966)
                return 0.0003 - 0.0003 * (x1 * x1)
            if step < 1000:
                x1 = sin((1000 - step) / 900 * 1.5707963267948966)
                return 0.0003 * (x1 * x1)
            return 0.0
        <BLANKLINE>
        """
        return self._compiled.source

    def code(self, language: str, *, name: str | None = None, every: Rate = 1) -> str:
        """The schedule as one function in another language, which needs nothing of ours, or as a table of its values.

        See "Compiling" in the documentation for what each looks like, and does with a step that is none.

        Args:
            language: `"c"` (C99), `"rust"`, `"js"` (an ES module), `"python"`, `"numpy"` (of an array of steps);
                `"csv"` or `"json"`, which have the values of a run, its text, hash and phases.
            name: of the function, which is `schedule` if it isn't said.
            every: of a table: every which step.

        Raises:
            ScheduleError: E404 for another language, a name that cannot be that of a function in it, or one of a table;
                E412, if the schedule is no closed formula on steps without end; E407, for a table without an end, or a
                longer one than 10 million rows; E406 for one with a value that is not finite.

        >>> from schedlang import parse
        >>> print(parse("linear(1, 0)").bind(4).code("js", name="lr").partition("\\n\\n")[2])
        export function lr(step) {
            if (!(Number.isInteger(step) && step >= 0 && step <= 9007199254740991)) {
                throw new RangeError(`a step is a whole number from 0 to 9007199254740991, not ${step}`);
            }
            if (step < 4) {
                return 1 - step / 4;
            }
            return 0;
        }
        <BLANKLINE>
        """
        from .._transfer.compiling.code import code, named

        return code({named(name, language): self}, language, every)

    def values(self, start: int = 0, stop: int | None = None, step: int = 1) -> numpy_.ndarray | array[float]:
        """The values at steps start, start + step, … below stop, which defaults to the end of the run.

        A NumPy array of float64 if NumPy is installed, else an `array('d')`.

        Raises:
            ScheduleError: E407 if the run has no end and `stop` is not given, or `step` is below 1; E406 if there is no
                finite value.

        >>> from schedlang import parse
        >>> [float(value) for value in parse("linear(1, 0)").bind(4).values()]
        [1.0, 0.75, 0.5, 0.25]
        """
        if self._grid > 1:
            return self._ticked_values(start, stop, step)
        stop = self.end if stop is None else as_step(stop, self.run)
        if stop is None:
            fail(None, "E407", "the run has no end, so `values` needs to know where to stop", "call `values(stop=…)`")
        distance = as_rational(step)
        if distance is None or distance < 1 or distance.denominator != 1:
            message = f"the distance between steps is {shown(step)}, but has to be a whole number of at least 1"
            fail(None, "E407", message, "call `values(step=1)`")
        first = as_step(start, self.run)
        every = min(int(distance), max(1, stop - first))
        self._refuse_all((stop - first) // every, stop - first)
        numpy = _numpy()
        if numpy is None:
            return array("d", map(self, range(first, stop, every)))
        if every == 1:
            return self._arrays.values(first, stop)
        if stop >= 2**63:  # which NumPy's arrays of steps cannot hold, and `arange` makes floats of
            walked: numpy_.ndarray = numpy.array([self(each) for each in range(first, stop, every)])
            return walked
        return self._arrays.at(numpy.arange(first, stop, every), first)

    def _ticked_values(self, start: Any, stop: Any, step: Any) -> numpy_.ndarray | array[float]:
        """`values` where the clock counts what has no next one: at places as far apart as `step`."""
        stop = self.total_steps if stop is None else stop
        if stop is None:
            fail(None, "E407", "the run has no end, so `values` needs to know where to stop", "call `values(stop=…)`")
        first, end, every = (as_place(place, self.run) for place in (start, stop, step))
        if every == 0:
            message = f"the distance between {self.run.unit.many} is {shown(step)}, but has to be above 0"
            fail(None, "E407", message, "call `values(step=1)`")
        finest = Fraction(1, math.lcm(first.denominator, end.denominator, every.denominator))
        ticks, one = self.exactly(finest)
        return ticks.values(*(int(place / finest) * one for place in (first, end, every)))

    def at(self, steps: Any, dtype: Any = None) -> Any:
        """The values at an array of integer steps, of any shape and in any order.

        The values come from the library that the steps come from: NumPy (also for lists; float64), torch (on the same
        device; the default dtype) or JAX (float32, or float64 where x64 is switched on; steps may be traced, by `jit`,
        `vmap`, `scan` …; for `torch.compile(fullgraph=True)`, ask once before). Which phase a step is in is decided by
        integers everywhere. NumPy's functions, `exp`, `tanh` and powers above all, may differ from Python's in the last
        bit, and so may what a formula makes of it. On torch and JAX all is within 4 times the dtype's epsilon of the
        phase's largest value where the run has an end, within 2²² steps: without one, formulas of large arguments such
        as `sin(step / 7)` lose more. Without NumPy a list gives an `array('d')`.

        Args:
            steps: integers of at least 0. torch and JAX are not asked for their values: below 0 counts as 0.
            dtype: the values' dtype, if it shall be another one: a floating dtype of that library.

        Raises:
            ScheduleError: E407, for steps that aren't integers of at least 0; E406, if there is no finite value; E412,
                if the schedule cannot be traced; E413, for a dtype that isn't floating.

        >>> from schedlang import parse
        >>> [float(value) for value in parse("linear(1, 0)").bind(4).at([3, 0, 9])]
        [0.25, 1.0, 0.0]
        """
        if library_of(steps):
            if self._grid > 1:
                message = f"arrays of {library_of(steps)} cannot be asked on a clock of {self.run.unit.many}"
                fail(None, "E412", message, "give one number, or a list; or count steps, tokens or samples")
            return self._traced(steps, dtype)
        numpy = _numpy()
        if numpy is None:
            return array(_typecode(dtype), map(self, steps))
        kind = numpy.dtype("float64") if dtype is None else _floating(numpy, dtype)
        try:
            asked = numpy.asarray(steps)
        except ValueError:
            fail(None, "E407", "the steps make no array", "give lists of the same length")
        if asked.dtype.kind == "f" and asked.dtype.itemsize < 8:  # each means the number that it prints as
            asked = numpy.array([plain(each) for each in asked.flat]).reshape(asked.shape)
        elif asked.dtype.kind == "f":  # integers on both sides of 2⁶³ among them
            asked = numpy.asarray(steps, dtype=object)
        if asked.dtype.kind == "u" and asked.dtype.itemsize < 8:
            asked = asked.astype(numpy.int64)
        if asked.size and asked.dtype.kind == "i" and self._grid == 1:
            first = as_step(int(asked.min()), self.run)
            values = self._arrays.at(asked.ravel().astype(numpy.int64, copy=False), first)
        else:
            values = numpy.array([self(step) for step in asked.ravel().tolist()], dtype=numpy.float64)
        return values.reshape(asked.shape).astype(kind, copy=False)

    def bake(self, dtype: Any = "float64") -> numpy_.ndarray | array[float]:
        """The values at the steps 0 … total_steps as a table: `table[min(step, total_steps)]` is the value at a step.

        They are the walk's to the last bit, rounded once to the dtype, on every machine: for runs that must not differ
        in a single bit, and as the cheapest way to ask (`table.tolist()[step]`).

        Args:
            dtype: a floating dtype of NumPy's, or its name. Without NumPy, "float64" or "float32", for an `array`.

        Raises:
            ScheduleError: E407 if the run has no end; E406 if there is no finite value; E413 for a dtype that isn't
                floating, or without NumPy any but these two.

        >>> from schedlang import parse
        >>> parse("linear(1, 0)").bind(4).bake("float32").tolist()
        [1.0, 0.75, 0.5, 0.25, 0.0]
        """
        end = self.end
        if end is None:
            fail(None, "E407", "the run has no end, and so has the table", Needed("total_steps"))
        self._refuse_all(end if self._grid == 1 else math.inf, end)
        numpy = _numpy()
        steps = range(end + 1)
        if numpy is None:
            return array(_typecode(dtype), map(self, steps))
        kind = _floating(numpy, dtype)
        baked: numpy_.ndarray = numpy.array(array("d", map(self, steps)), dtype=kind)
        return baked

    def _refuse_all(self, count: float, length: int) -> None:
        """Raise E407 for a table of what is counted in such numbers that no memory has room for all."""
        if self.run.clock is not None and count > _BAKED:
            message = f"a table of each of {self.run.amount(length)} is not to be had"
            fail(None, "E407", message, "ask for `values(0, stop, distance)`, or bind it on the clock of steps")

    # What is made when it is asked for.

    @cached_property
    def _value(self) -> Callable[[int], float]:
        """What single steps are asked of: the walk for the first few, the compiled function from then on."""
        left, grid = WALKED, self._grid
        if grid > 1:
            of_ticks = self.ticks
            return lambda place: of_ticks(place * grid)

        def value(step: int) -> float:
            nonlocal left
            if left > 0:
                left -= 1
                return self.walk(step)
            self.__dict__["_value"] = self.compiled  # in place of this function: no call asks again how many are left
            return self.compiled(step)

        return value

    @cached_property
    def _lowered(self) -> Value:
        from .._engines.lowering import lowered

        return lowered(self.program)

    @cached_property
    def _shortened(self) -> Value:
        """The same in float64, where numbers are short."""
        from .._engines.quotients import shortened

        return shortened(self._lowered)

    @cached_property
    def _compiled(self) -> Compiled:
        from .._engines.python import compiled

        return compiled(self._shortened)

    @cached_property
    def _arrays(self) -> Evaluator:
        from .._engines.arrays import Evaluator

        return Evaluator(self._shortened, self)

    @cached_property
    def _traced(self) -> Tracer:
        from .._engines.tracing import Tracer

        return Tracer(self._lowered, self.compiled)

    def __reduce__(self) -> tuple[Callable[..., Bound], tuple[Any, ...]]:
        return _rebind, (self.schedule, self.run, self.params, LANGUAGE, self._later)


def _rebind(
    schedule: Schedule,
    run: Run,
    params: Mapping[str, Schedule],
    language: str = FIRST,
    events: frozenset[str] = frozenset(),
) -> Bound:
    """A bound schedule from its pickle."""
    from .bind import bind_to

    if language != LANGUAGE:
        _complete(schedule)
        warn_of_another(language, schedule)
    return bind_to(run, schedule, params, events)


def _complete(node: Schedule) -> None:
    """Give the nodes of another version's pickle the fields that it did not have."""
    for field in attrs.fields(type(node)):
        if not hasattr(node, field.name):
            object.__setattr__(node, field.name, field.default)
    for _, _, child in children(node):
        _complete(child)


def placed_row(row: Row, run: Run) -> Row:
    """A line of the phase table in ticks, its places as they are asked for."""
    return attrs.evolve(row, first=run.place(row.first), stop=None if row.stop is None else run.place(row.stop))


@contextmanager
def counted(run: Run) -> Iterator[None]:
    """Let errors about a step speak of what the run counts, which is something else."""
    try:
        yield
    except ScheduleError as error:
        raise ScheduleError([_at_place(each, run) for each in error.diagnostics]) from None


def _at_place(problem: Diagnostic, run: Run) -> Diagnostic:
    if problem.code != "E406":
        return problem
    return attrs.evolve(problem, message=_AT_STEP.sub(lambda found: f"at {run.at(int(found[1]))}", problem.message))


_AT_STEP: Final = re.compile(r"\bat step (\d+)")


def digest(told: Any) -> str:
    """A hash of plain data."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _numpy() -> Any:
    try:
        import numpy
    except ModuleNotFoundError:  # one that is there and fails, if only as Ctrl-C came meanwhile, is told of
        return None
    return numpy


def _floating(numpy: Any, dtype: Any) -> Any:
    """A floating dtype of NumPy's, or of a package that adds some to it: bfloat16."""
    try:
        kind = numpy.dtype(dtype)
    except Exception:  # TypeError, ValueError, SyntaxError, whatever an attribute `dtype` raises …
        kind = None
    if kind is None or (kind.kind != "f" and "float" not in kind.name):
        refuse_dtype(dtype, 'dtype="float32"')
    return kind


def _typecode(dtype: Any) -> str:
    """What `array` calls one of the two dtypes that there are without NumPy; None is the wider one."""
    known = {"float64": "d", "float32": "f"}
    code = "d" if dtype is None else known.get(dtype) if isinstance(dtype, str) else None
    return code or refuse_dtype(dtype, 'dtype="float32"')


_STEP: Final = "a step is a whole number of at least 0: updates done so far"


def as_step(step: Any, run: Run | None = None) -> int:
    """A step of a run, or another thing that its clock counts one by one.

    Raises:
        ScheduleError: E407.
    """
    whole = step if type(step) is int else whole_number(step)
    if whole is None or whole < 0:
        counted = run is not None and run.clock is not None
        one = run.unit.one if run is not None and counted else "step"
        hint = f"a number of {one}s is a whole number of at least 0: those seen so far" if counted else _STEP
        told = as_decimal(step) if isinstance(step, Fraction) else shown(step)
        wrong = f"{told} is not a {one}" if whole is None else f"{one} {shown(whole)} lies before the run"
        fail(None, "E407", wrong, hint)
    return whole


def as_place(place: Any, run: Run) -> Fraction:
    """A place of a run whose clock counts what has no next one.

    Raises:
        ScheduleError: E407.
    """
    found = as_rational(place)
    if found is None or found < 0 or found.denominator.bit_length() > limits.BITS:
        many = run.unit.many
        wrong = (
            f"{shown(place)} is no number of {many}"
            if found is None or found >= 0
            else f"{shown(place)} {many} lie before the run"
        )
        fail(
            None,
            "E407",
            wrong,
            f"a number of {many} is an int, float, Decimal or Fraction of at least 0: those gone so far",
        )
    return found


def awaited(*bounds: Bound) -> tuple[str, ...]:
    """The events of some schedules of which nobody knows yet when they come."""
    return tuple(dict.fromkeys(name for bound in bounds for name, time in bound.events.items() if time is None))


def first_not_whole(bound: Bound) -> int | None:
    """The first step at which a value is no integer, up to the end of the run, or what is looked at of a longer one."""
    bound = bound.ticks
    stop = LOOKED_AT if bound.end is None else min(bound.end + 1, LOOKED_AT)
    return next((step for step, value in enumerate(bound.values(0, stop).tolist()) if not value.is_integer()), None)
