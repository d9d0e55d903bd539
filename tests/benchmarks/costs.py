"""What comes before the first value, what a schedule weighs, and how to get to step 10⁶ from nothing."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from itertools import count
from statistics import median

import schedlang

from .peers import (
    IGNITE_WARM_UP,
    OPTAX_WARM_UP,
    TIMM_WARM_UP,
    TORCH_WARM_UP,
    TRANSFORMERS_WARM_UP,
    WAYS,
    maker,
    optimizer,
    reader,
)
from .report import Table, duration
from .schedules import CASES, TOTAL, WARM_UP, Case
from .timing import ROUNDS, Measure, clock, loop, once, take_turns

AFAR = 1_000_000
"""The step to get to."""

STRIDE = 10_000
"""So many steps are timed of what can only go step by step; the rest would take as long again and again."""

NEW = count(1)


def tables() -> list[Table]:
    return [before_the_first_value(), baked(), positioning()]


def before_the_first_value() -> Table:
    """Bind and compile each schedule; and its weight."""
    rows, data = [], []
    for case in CASES:
        times = take_turns({"parse": _parse(case), "bind": _bind(case), "compile": _compile(case)})
        costs = {name: median(each) for name, each in times.items()}
        bound, compiled = weight(case)
        rows.append((case.name, *map(duration, costs.values()), _size(bound), _size(compiled)))
        data.append({"case": case.name, **costs, "bytes_bound": bound, "bytes_compiled": compiled})
    head = ("schedule", "parse, a new text", "bind", "compile", "memory, bound", "with compiled function")
    return Table("costs", "Before the first value", head, rows, data)


def _text(case: Case) -> str:
    """The text of a case, made new by a comment."""
    return f"{case.text(TOTAL)}  # {next(NEW)}"


def _parse(case: Case) -> Measure:
    def measure() -> float:
        text = _text(case)
        begin = clock()
        schedlang.parse(text)
        return clock() - begin

    return measure


def _bind(case: Case) -> Measure:
    schedule = schedlang.parse(case.text(TOTAL))
    return once(lambda: schedule.bind(None if case.far else TOTAL, base=case.base))


def _compile(case: Case) -> Measure:
    def measure() -> float:
        bound = case.bind()
        begin = clock()
        _ = bound.compiled
        return clock() - begin

    return measure


def weight(case: Case) -> tuple[int, int]:
    """How many bytes a bound schedule keeps, and how many with its compiled function; its text is parsed before."""
    schedule = schedlang.parse(case.text(TOTAL))
    case.bind().compiled(0)
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        bound = schedule.bind(None if case.far else TOTAL, base=case.base)
        gc.collect()
        laid = tracemalloc.get_traced_memory()[0]
        bound.compiled(0)
        gc.collect()
        return laid - before, tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


def _size(size: int) -> str:
    return f"{size / 1024:.1f} KiB"


def baked() -> Table:
    rows, data = [], []
    for case in CASES:
        if case.far:
            continue
        bound = case.bind()
        listed = bound.bake().tolist()
        steps = [step for step in case.steps() if step <= TOTAL]
        measures = {
            "bake": once(bound.bake),
            "table": loop(bound.bake(), steps, "ask[step]"),
            "list": loop(listed, steps, "ask[step]"),
            "compiled": loop(bound.compiled, steps),
        }
        costs = {name: median(times) for name, times in take_turns(measures).items()}
        rows.append((case.name, *map(duration, costs.values())))
        data.append({"case": case.name, **costs})
    head = ("schedule", f"bake {TOTAL:_} steps", "`table[step]`", "`table.tolist()[step]`", "`bound.compiled(step)`")
    return Table("baked", "A baked table, and asking it (the loop around it included)", head, rows, data)


def positioning() -> Table:
    """From nothing to the value at step 10⁶ of a run of twice as many, warm-up + cosine."""
    total = 2 * AFAR
    run = {"first": total // 20, "total": total}
    expected = schedlang.parse("warmup(5%) then cosine").bind(total, base=3e-4)(AFAR)
    resumed = f"opt.param_groups[0].update(initial_lr=3e-4) or {TRANSFORMERS_WARM_UP[:-1]}, last_epoch={AFAR} - 1)"
    optax = maker("optax", f"float({OPTAX_WARM_UP}({AFAR}))")

    def ours() -> float:
        return schedlang.parse(f"warmup(5%) then cosine  # {next(NEW)}").bind(total, base=3e-4)(AFAR)

    def at_once(library: str, code: str) -> Callable[[], float]:
        make = maker(WAYS[library].module, code)

        def set_up() -> float:
            opt = optimizer(WARM_UP)
            make(opt, **run)
            return reader(opt)()

        return set_up

    def by_step(library: str, code: str) -> float:
        way = WAYS[library]
        make = maker(way.module, code)
        asked = (way.ask(make(optimizer(WARM_UP), **run)) for _ in range(3))
        return median(loop(ask, [None] * STRIDE, way.call, repeat=1)() for ask in asked)

    ways: list[tuple[str, Callable[[], float] | float]] = [
        ("schedlang: parse a new text, bind, ask", ours),
        ("torch `SequentialLR`: step by step", by_step("torch", TORCH_WARM_UP)),
        ("ignite: step by step", by_step("ignite", IGNITE_WARM_UP)),
        ("transformers: optimizer, scheduler with `last_epoch`", at_once("transformers", resumed)),
        ("timm: optimizer, scheduler, `step_update(10**6)`", at_once("timm", f"{TIMM_WARM_UP}.step_update({AFAR})")),
        ("optax: build, call eagerly, read back", lambda: optax(**run)),
    ]
    rows, data = [], []
    for name, way in ways:
        if isinstance(way, float):
            cost, note = way * AFAR, f"{STRIDE:_} steps, times {AFAR // STRIDE}"
        else:
            assert abs(way() - expected) <= 1e-9, (name, way(), expected)
            cost, note = median(take_turns({"": once(way)}, ROUNDS)[""]), ""
        rows.append((name, duration(cost), note))
        data.append({"way": name, "nanoseconds": cost})
    head = ("way", "time", "note")
    return Table("positioning", "To step 10⁶ from nothing, warm-up + cosine", head, rows, data)
