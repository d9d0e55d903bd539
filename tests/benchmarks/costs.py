"""What comes before the first value, what a schedule weighs, and how to get to step 10⁶ from nothing."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from importlib import import_module
from itertools import count
from statistics import median

import schedlang

from .peers import PEERS, Subject, optimizer, reader
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
    expected = schedlang.parse("warmup(5%) then cosine").bind(total, base=3e-4)(AFAR)
    rows, data = [], []
    for name, set_up, stepped in _ways(total):
        if stepped:
            taken = [_stride(set_up()) for _ in range(3)]
            cost, note = median(taken) * AFAR / STRIDE, f"{STRIDE:_} steps, times {AFAR // STRIDE}"
        else:
            value = set_up().read
            assert value is not None
            assert abs(value() - expected) <= 1e-9, (name, value(), expected)
            cost, note = median(take_turns({"": once(set_up)}, ROUNDS)[""]), ""
        rows.append((name, duration(cost), note))
        data.append({"way": name, "nanoseconds": cost})
    head = ("way", "time", "note")
    return Table("positioning", "To step 10⁶ from nothing, warm-up + cosine", head, rows, data)


def _stride(subject: Subject) -> float:
    begin = clock()
    for _ in range(STRIDE):
        subject.ask()
    return clock() - begin


def _ways(total: int) -> list[tuple[str, Callable[[], Subject], bool]]:
    """Each way: its name, how to get there (or to the start), and whether it then has to go step by step."""
    first = total // 20

    def ours() -> Subject:
        text = f"warmup(5%) then cosine  # {next(NEW)}"
        value = schedlang.parse(text).bind(total, base=3e-4)(AFAR)
        return Subject(lambda: None, lambda: value)

    def torch_sequential() -> Subject:
        from torch.optim import lr_scheduler as lr

        opt = optimizer(WARM_UP)
        parts = [lr.LinearLR(opt, 1e-10, total_iters=first), lr.CosineAnnealingLR(opt, T_max=total - first)]
        return Subject(lr.SequentialLR(opt, parts, milestones=[first]).step, reader(opt))

    def transformers_resumed() -> Subject:
        from transformers.optimization import get_cosine_schedule_with_warmup

        opt = optimizer(WARM_UP)
        opt.param_groups[0]["initial_lr"] = 3e-4
        get_cosine_schedule_with_warmup(opt, first, total, last_epoch=AFAR - 1)
        return Subject(lambda: None, reader(opt))

    def timm() -> Subject:
        opt = optimizer(WARM_UP)
        scheduler = import_module("timm.scheduler")
        made = scheduler.CosineLRScheduler(
            opt, total - first, warmup_t=first, warmup_lr_init=0.0, warmup_prefix=True, t_in_epochs=False
        )
        made.step_update(AFAR)
        return Subject(made.step_update, reader(opt))

    def optax() -> Subject:
        import optax as of

        value = float(of.warmup_cosine_decay_schedule(0.0, 3e-4, first, total)(AFAR))
        return Subject(lambda: None, lambda: value)

    def ignite() -> Subject:
        from ignite import handlers as of

        opt = optimizer(WARM_UP)
        wave = of.CosineAnnealingScheduler(opt, "lr", 3e-4, 0.0, cycle_size=total - first)
        made = of.create_lr_scheduler_with_warmup(wave, 0.0, first + 1)
        return Subject(lambda: made(None), reader(opt))

    return [
        ("schedlang: parse a new text, bind, ask", ours, False),
        ("torch `SequentialLR`: step by step", torch_sequential, True),
        ("ignite: step by step", ignite, True),
        ("transformers: optimizer, scheduler with `last_epoch`", transformers_resumed, False),
        ("timm: optimizer, scheduler, `step_update(10**6)`", timm, False),
        ("optax: build, call eagerly, read back", optax, False),
    ]


assert PEERS, "the set-ups are declared when their module is imported"
