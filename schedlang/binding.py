"""Binding: a schedule meets a run, and becomes a callable from step to value."""

from __future__ import annotations

import math
import operator
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, SupportsIndex

import attrs

from .checking import definitions_of, names_in, parse, parse_argument
from .errors import Diagnostic, ScheduleError, fail, nearest
from .foreign import CALLS, says
from .frame import Binding, Frame, slim
from .libraries import library_of, refuse_dtype
from .nodes import PRIMITIVES, Name, Number, Over, Quantity, Schedule
from .nodes.base import Kind, Names, Role, children, place
from .nodes.composition import too_many_looks
from .nodes.scalars import as_node, unknown_rate
from .program import Part, Row, ask, first_not_finite, merged
from .run import PERCENT, Rate, Run, as_rational, as_total, exact, shown
from .spelling import SOUGHT

if TYPE_CHECKING:
    import numpy as numpy_

    from .arrays import Evaluator
    from .compiling import Compiled
    from .crossings import Crossings
    from .explaining import Explanation
    from .expressions import Value
    from .reasons import Why
    from .tracing import Tracer


def bind(
    schedule: Schedule,
    total_steps: Rate | str | None = None,
    *,
    steps_per_epoch: Rate | None = None,
    samples_per_step: Rate | None = None,
    tokens_per_step: Rate | None = None,
    base: float = 1.0,
    params: Mapping[str, Any] | None = None,
) -> Bound:
    """The schedule for one run; see `Schedule.bind`.

    Raises:
        ScheduleError: E4xx.
    """
    if schedule.place is None:
        schedule = parse(str(schedule))
    given = {name: _parameter(name, value) for name, value in (params or {}).items()}
    body, names = _named(schedule, given)
    rates: dict[str, Any] = {
        "steps_per_epoch": steps_per_epoch,
        "samples_per_step": samples_per_step,
        "tokens_per_step": tokens_per_step,
        "base": base,
    }
    total = _total(total_steps, Run(**rates))
    run = Run(total_steps=total, **rates)
    _check_rates(body, names, run)
    program = lay_out(body, Binding(run, names))
    if total is not None:
        first_not_finite(program, 0, math.ceil(total))
    return Bound(schedule, run, given, program)


def lay_out(body: Schedule, binding: Binding) -> Part:
    """The body of a text, laid out from the first step of the run to its end."""
    total = binding.run.total_steps
    zero, end = slim(Fraction(0)), None if total is None else slim(total)
    try:
        part = place(body, Frame(binding, zero, end, zero, end, end, binding.run.base))
    except RecursionError:  # deeper than nesting alone leads
        too_many_looks()
    binding.seal()
    return part


def _parameter(name: str, value: Any) -> Schedule:
    """The value of a parameter as a node: a number, or a duration as int or text.

    Raises:
        ScheduleError: E404.
    """
    if isinstance(value, str):
        node = parse_argument(value, name=f"parameter {name}")
    else:
        try:
            node = as_node(value)
        except ScheduleError as error:
            problem = error.diagnostics[0]
            raise ScheduleError([attrs.evolve(problem, message=f"parameter `{name}`: {problem.message}")]) from None
    if node.kind(Names({})) not in (Kind.NUMBER, Kind.DURATION):
        fail(
            node.place,
            "E404",
            f"parameter `{name}` is {value!r}",
            f'give a number, or a duration: `{name}=500`, `{name}="5%"`',
        )
    return node


RUN_NAMES = frozenset(field.name for field in attrs.fields(Run))
"""What `bind` takes besides parameters."""

_CALLED: Final = {
    **dict.fromkeys(
        ("total", "steps", "num_steps", "max_steps", "training_steps", "num_training_steps"), "total_steps"
    ),
    **dict.fromkeys(("epoch_steps", "iters_per_epoch", "batches_per_epoch"), "steps_per_epoch"),
    **dict.fromkeys(("batch_size", "global_batch_size", "samples"), "samples_per_step"),
    **dict.fromkeys(("tokens", "tokens_per_batch"), "tokens_per_step"),
    **dict.fromkeys(("lr", "base_lr", "initial_lr", "peak_lr", "max_lr"), "base"),
}
"""What others call it."""


def instead_of(name: str, others: Iterable[str], seek: bool = True) -> str | None:
    """What to do about a parameter that no text has, if it's known; `seek`: also by comparing it with other names."""
    if name in RUN_NAMES:
        return "leave it out, or give it with the run: it is no parameter of a text"
    close = _CALLED.get(name)
    if close is None and seek:
        close = nearest(name, [*others, *sorted(RUN_NAMES)])
    return f"did you mean `{close}`?" if close else None


def _named(schedule: Schedule, given: Mapping[str, Schedule]) -> tuple[Schedule, Names]:
    """The body of a text, and what all its names stand for.

    Raises:
        ScheduleError: E402 and E403, for each parameter that is missing, unknown or unused.
    """
    body, names = definitions_of(schedule)
    problems: dict[str, Diagnostic] = {}
    free = set()
    for node in (body, *names.values()):
        for name in names_in(node):
            if name.name in names:
                continue
            free.add(name.name)
            if name.name not in given and name.name not in problems:
                others = [*PRIMITIVES, *(each for each in given if each not in free), *names]
                close = nearest(name.name, others) if len(problems) < SOUGHT else None
                hint = f"did you mean `{close}`?" if close else f"bind the schedule with `{name.name}=…`"
                other = CALLS.get(name.name)
                if other is not None:
                    hint = says(name.name, other, other.here[0]) if other.here else other.note or hint
                if name.name in RUN_NAMES:
                    hint = f"call it something else: `{name.name}=…` tells of the run"
                message = f"parameter `{name.name}` is not given"
                problems[name.name] = Diagnostic.at(name.place, "E402", message, hint)
    for name_given in given:
        if name_given in names:
            message = f"`{name_given}` is defined by the text, so it is not a parameter"
            problems[name_given] = Diagnostic(
                "E403", message, hint="remove it from the call, or its definition from the text"
            )
        elif name_given not in free:
            hint = instead_of(name_given, sorted(free), len(problems) < SOUGHT) or "remove it, or use it in the text"
            problems[name_given] = Diagnostic("E403", f"the text has no parameter `{name_given}`", hint=hint)
    if problems:
        raise ScheduleError(problems.values())
    return body, Names({**names, **given})


def _total(total_steps: Rate | str | None, run: Run) -> Fraction | None:
    """How long the run is.

    Raises:
        ScheduleError: E404, if it isn't a whole number of steps, or a duration, of at least 1.
    """
    if total_steps is None:
        return None
    hint = 'give a whole number of steps, or a duration: `total_steps=30_000`, `total_steps="90ep"`'
    if isinstance(total_steps, str):
        node = parse_argument(total_steps, name="total_steps")
        if node.kind(Names({})) not in (Kind.NUMBER, Kind.DURATION):
            fail(node.place, "E404", f"total_steps is {total_steps!r}, which is not a length of time", hint)
        shares = (part.unit == "%" if isinstance(part, Quantity) else _is_share(part) for part in _parts(node))
        if any(shares):
            fail(node.place, "E404", "the length of the run cannot be a share of itself", hint)
        total = node.in_steps(Frame(Binding(run, Names({})), Fraction(0), None, Fraction(0), None, None, run.base))
    else:
        total = exact(total_steps, "total_steps")
        if total.denominator != 1:
            fail(None, "E404", f"total_steps is {total_steps!r}, not a whole number", hint)
    if total < 1:
        fail(None, "E404", f"total_steps is {total_steps!r}, but a run has at least one step", hint)
    return total


def _is_share(node: Schedule) -> bool:
    """Whether a number is a share of the run where a duration belongs."""
    return isinstance(node, Number) and node.is_fraction()


def _parts(node: Schedule) -> Iterator[Schedule]:
    yield node
    for _, _, child in children(node):
        yield from _parts(child)


def _check_rates(body: Schedule, names: Names, run: Run) -> None:
    """Check that the run tells what the text uses.

    Raises:
        ScheduleError: E401, for each rate that is missing, at the first place that needs it.
    """
    missing: dict[str, Diagnostic] = {}
    seen: set[tuple[str, bool]] = set()

    def visit(node: Schedule, whole: bool, time: bool) -> None:
        """`whole`: the run is the whole run, not what stands behind `over`; `time`: a duration belongs here."""
        if isinstance(node, Name) and (node.name, whole) not in seen:
            seen.add((node.name, whole))
            if node.name in names:
                visit(names[node.name], whole, time)
        unit = node.needs() if isinstance(node, Quantity) else None
        if time and isinstance(node, Number) and node.is_fraction():
            unit = PERCENT
        if (
            unit is not None
            and unit.needs is not None
            and getattr(run, unit.needs) is None
            and (whole or unit is not PERCENT)
        ):
            missing.setdefault(unit.needs, unknown_rate(node, unit))
        for role, argument, child in children(node):
            inside = isinstance(node, Over) and argument.name == "body"
            visit(
                child, whole and not inside, role in (Role.DURATION, Role.POSITION) if role is not Role.BODY else False
            )

    visit(body, True, False)
    if missing:
        raise ScheduleError(missing.values())


WALKED = 64
"""How many single steps are walked before a schedule is compiled, which costs as much as a few hundred walks."""


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

    @property
    def total_steps(self) -> int | None:
        """How many steps the run has; None if that was not given."""
        return None if self.run.total_steps is None else math.ceil(self.run.total_steps)

    @property
    def phases(self) -> tuple[Row, ...]:
        """The phase table: the phases of the run in order, each with its steps, values, shape and text.

        Bodies repeated more than 1024 times are one line.

        >>> from schedlang import parse
        >>> [(row.first, row.stop, row.shape) for row in parse("warmup(10%) then cosine").bind(1000).phases]
        [(0, 100, 'warmup'), (100, 1000, 'cosine')]
        """
        return tuple(merged(self.program.rows(0, self.total_steps)))

    def warnings(self, ignore: Iterable[str] = ()) -> tuple[Diagnostic, ...]:
        """What is allowed and yet probably not meant: W5xx, in the order of the text; see `schedlang.linting`.

        Args:
            ignore: codes of warnings that are not wanted.

        >>> from schedlang import parse
        >>> [found.code for found in parse("warmup(2000) then cosine").bind(1000).warnings()]
        ['W504', 'W503']
        """
        from .linting import warnings

        return warnings(self, ignore)

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
        from .figures import plot

        return plot(self, ax, **kwargs)

    def _repr_html_(self) -> str:
        """What a notebook shows: the curve and the phase table."""
        from .notebooks import bound_html

        return bound_html(self)

    def _repr_svg_(self) -> str:
        """What a notebook shows where it shows no HTML."""
        from .svg import draw

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
        from .explaining import explain

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
        from .reasons import why

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
        from .crossings import when

        return when(self, condition)

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
        return self.at(step) if library_of(step) else self(as_step(step))

    def walk(self, step: SupportsIndex | float) -> float:
        """The value at a step, by walking the program: what a text means, and what all else is compared with.

        Raises:
            ScheduleError: E407 for a step that isn't one, E406 if there is no finite value.

        >>> from schedlang import parse
        >>> parse("linear(1, 0)").bind(4).walk(3)
        0.25
        """
        return ask(self.program, as_step(step))

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
        stop = self.total_steps if stop is None else as_step(stop)
        if stop is None:
            fail(None, "E407", "the run has no end, so `values` needs to know where to stop", "call `values(stop=…)`")
        distance = as_rational(step)
        if distance is None or distance < 1 or distance.denominator != 1:
            message = f"the distance between steps is {shown(step)}, but has to be a whole number of at least 1"
            fail(None, "E407", message, "call `values(step=1)`")
        first = as_step(start)
        every = min(int(distance), max(1, stop - first))
        numpy = _numpy()
        if numpy is None:
            return array("d", map(self, range(first, stop, every)))
        if every == 1:
            return self._arrays.values(first, stop)
        return self._arrays.at(numpy.arange(first, stop, every), first)

    def at(self, steps: Any, dtype: Any = None) -> Any:
        """The values at an array of integer steps, of any shape and in any order.

        The values come from the library that the steps come from: NumPy (also for lists; float64), torch (on the same
        device; the default dtype) or JAX (float32, or float64 where x64 is switched on; steps may be traced, by `jit`,
        `vmap`, `scan` …; for `torch.compile(fullgraph=True)`, ask once before). Which phase a step is in is decided by
        integers everywhere. NumPy's values differ from those of a walk by the last bits of `exp` and `pow`, if at all;
        all are within 4 times the dtype's epsilon of the phase's largest end. Without NumPy a list gives an
        `array('d')`.

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
            return self._traced(steps, dtype)
        numpy = _numpy()
        if numpy is None:
            return array(_typecode(dtype), map(self, steps))
        kind = numpy.dtype("float64") if dtype is None else _floating(numpy, dtype)
        try:
            asked = numpy.asarray(steps)
        except ValueError:
            fail(None, "E407", "the steps make no array", "give lists of the same length")
        if asked.dtype.kind == "u" and asked.dtype.itemsize < 8:
            asked = asked.astype(numpy.int64)
        if asked.size and asked.dtype.kind == "i":
            first = as_step(int(asked.min()))
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
        if self.total_steps is None:
            fail(None, "E407", "the run has no end, and so has the table", "bind the schedule with `total_steps=…`")
        numpy = _numpy()
        steps = range(self.total_steps + 1)
        if numpy is None:
            return array(_typecode(dtype), map(self, steps))
        kind = _floating(numpy, dtype)
        baked: numpy_.ndarray = numpy.array(array("d", map(self, steps)), dtype=kind)
        return baked

    # What is made when it is asked for.

    @cached_property
    def _value(self) -> Callable[[int], float]:
        """What single steps are asked of: the walk for the first few, the compiled function from then on."""
        left = WALKED

        def value(step: int) -> float:
            nonlocal left
            if left > 0:
                left -= 1
                return self.walk(step)
            self.__dict__["_value"] = self.compiled
            return self.compiled(step)

        return value

    @cached_property
    def _lowered(self) -> Value:
        from .lowering import lowered

        return lowered(self.program)

    @cached_property
    def _compiled(self) -> Compiled:
        from .compiling import compiled

        return compiled(self._lowered)

    @cached_property
    def _arrays(self) -> Evaluator:
        from .arrays import Evaluator

        return Evaluator(self._lowered, self)

    @cached_property
    def _traced(self) -> Tracer:
        from .tracing import Tracer

        return Tracer(self._lowered, self)

    def __reduce__(self) -> tuple[Callable[..., Bound], tuple[Schedule, Run, Mapping[str, Schedule]]]:
        return _rebind, (self.schedule, self.run, self.params)


def _rebind(schedule: Schedule, run: Run, params: Mapping[str, Schedule]) -> Bound:
    """A bound schedule from its pickle."""
    given = attrs.asdict(run)
    return bind(schedule, as_total(given.pop("total_steps")), params=params, **given)


def _numpy() -> Any:
    try:
        import numpy
    except ImportError:
        return None
    return numpy


def _floating(numpy: Any, dtype: Any) -> Any:
    """A floating dtype of NumPy's, or of a package that adds some to it: bfloat16.

    Raises:
        ScheduleError: E413.
    """
    try:
        kind = numpy.dtype(dtype)
    except Exception:  # TypeError, ValueError, SyntaxError, whatever an attribute `dtype` raises …
        refuse_dtype(dtype, 'dtype="float32"')
    if kind.kind != "f" and "float" not in kind.name:
        refuse_dtype(dtype, 'dtype="float32"')
    return kind


def _typecode(dtype: Any) -> str:
    """What `array` calls one of the two dtypes that there are without NumPy; None is the wider one.

    Raises:
        ScheduleError: E413.
    """
    if dtype is None:
        return "d"
    if not isinstance(dtype, str) or dtype not in _TYPECODES:
        refuse_dtype(dtype, 'dtype="float32"')
    return _TYPECODES[dtype]


_TYPECODES: Final = {"float64": "d", "float32": "f"}


def as_step(step: Any) -> int:
    """A step of a run.

    Raises:
        ScheduleError: E407.
    """
    try:
        if isinstance(step, bool):
            raise TypeError
        whole = int(step) if isinstance(step, float) and step.is_integer() else operator.index(step)
    except (TypeError, ValueError, OverflowError):
        fail(
            None, "E407", f"{shown(step)} is not a step", "a step is a whole number of at least 0: updates done so far"
        )
    if whole < 0:
        fail(
            None,
            "E407",
            f"step {shown(whole)} lies before the run",
            "a step is a whole number of at least 0: updates done so far",
        )
    return whole


def evaluate(
    schedule: Schedule | str,
    step: SupportsIndex | float,
    /,
    total_steps: Rate | str | None = None,
    *,
    steps_per_epoch: Rate | None = None,
    samples_per_step: Rate | None = None,
    tokens_per_step: Rate | None = None,
    base: float = 1.0,
    **params: Any,
) -> float:
    """The value of a schedule at one step of a run: the plain walk, from text to value.

    Raises:
        ScheduleError: for whatever is wrong with the text, the run or the step.

    >>> evaluate("warmup(5%) then cosine", 50, total_steps=1000)
    1.0
    """
    bound = bind(
        schedule if isinstance(schedule, Schedule) else parse(schedule),
        total_steps,
        steps_per_epoch=steps_per_epoch,
        samples_per_step=samples_per_step,
        tokens_per_step=tokens_per_step,
        base=base,
        params=params,
    )
    return bound.walk(step)
