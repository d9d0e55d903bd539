"""The other libraries, set up to do what our six schedules do.

Nothing is imported before it is used. Each set-up is checked against our values over the run before it is timed. Where
a library has another convention about ends, the text that means the same as its set-up is given, and it is checked
against that: the work is the same.
"""

from __future__ import annotations

import importlib.util
import warnings
from bisect import bisect_right
from collections.abc import Callable, Iterator
from math import cos, pi
from typing import Any

import attrs

import schedlang

from . import schedules
from .schedules import CONSTANT, CYCLE, FIVE, HUNDRED, MILESTONES, THREE, TOTAL, WARM_UP, Case
from .timing import ONCE, compiled

FLOAT64 = 1e-12
"""The tolerance for libraries that calculate in float64, relative to the largest value."""

RECURSIVE = 1e-9
"""The same where each value is made from the one before it, or a ramp cannot start at 0 and starts at 10⁻¹⁰ of it."""

FLOAT32 = 2e-6
"""The same where the library calculates in float32."""


@attrs.frozen
class Subject:
    """A library, ready to be asked.

    Attributes:
        ask: what is called.
        read: how to get at the value afterwards, if the call does not return it.
    """

    ask: Callable[..., Any]
    read: Callable[[], float] | None = None


@attrs.frozen
class Peer:
    """One set-up of one library for one schedule.

    Attributes:
        library: the module.
        uses: what of it is used.
        case: the schedule.
        make: sets it up.
        call: the expression that is timed; `ask(step)`, or `ask()` if each call goes one step further.
        tolerance: how far its values may be from ours.
        text: what it means in our language, if that is not the text of the case.
        stop: the step behind the last one that is compared.
        note: what a reader should know.
    """

    library: str
    uses: str
    case: Case
    make: Callable[[], Subject]
    call: str
    tolerance: float
    text: str | None
    stop: int
    note: str

    @property
    def stepped(self) -> bool:
        """Whether a call goes one step further, and cannot be asked for a step."""
        return "step" not in self.call

    @property
    def available(self) -> bool:
        """Whether the library is installed."""
        return importlib.util.find_spec(self.library) is not None

    @property
    def start(self) -> int:
        """The first step it is asked for."""
        return 0 if self.stepped else self.case.start


PEERS: list[Peer] = []
"""All set-ups."""


def peer(
    library: str,
    uses: str,
    case: Case,
    call: str = "ask(step)",
    tolerance: float = FLOAT64,
    text: str | None = None,
    stop: int = TOTAL,
    note: str = "",
) -> Callable[[Callable[[], Subject]], Callable[[], Subject]]:
    """Declare a set-up."""

    def declare(make: Callable[[], Subject]) -> Callable[[], Subject]:
        PEERS.append(Peer(library, uses, case, make, call, tolerance, text, stop, note))
        return make

    return declare


class WrongValueError(Exception):
    """A library does not give the values of our schedule, so comparing times would not be fair."""


def verify(each: Peer) -> None:
    """Compare a set-up with our schedule over the run.

    Raises:
        WrongValueError: at the first step at which they differ by more than the tolerance.
    """
    bound = each.case.bind() if each.text is None else schedlang.parse(each.text).bind(TOTAL, base=each.case.base)
    steps = range(each.stop) if each.stepped else checked_steps(each)
    size = max(abs(bound(step)) for step in steps)
    for step, value in zip(steps, values(each, steps), strict=True):
        if not abs(value - bound(step)) <= each.tolerance * size:
            message = f"{each.library} {each.uses}, {each.case.name}: {value!r} at step {step}, ours is {bound(step)!r}"
            raise WrongValueError(message)


def checked_steps(each: Peer) -> list[int]:
    """Steps all over the run, and those around every boundary."""
    edges = (0, 200, 500, 1_000, 2_000, 3_000, 6_000, 8_000, 9_000, TOTAL, *MILESTONES[::7])
    around = {edge + offset for edge in edges for offset in (-1, 0, 1)} | set(range(0, TOTAL, 97))
    return [each.start + step for step in sorted(around) if 0 <= step < each.stop]


def values(each: Peer, steps: range | list[int]) -> Iterator[float]:
    """Its values at steps; if it goes step by step, at all from 0."""
    subject = each.make()
    ask = compiled(ONCE, each.call)
    for step in steps:
        if each.stepped:
            assert subject.read is not None
            yield subject.read()
            ask(subject.ask, None)
        else:
            returned = ask(subject.ask, step)
            yield float(returned) if subject.read is None else subject.read()


# Set-ups that need an optimizer.


def optimizer(case: Case) -> Any:
    """An optimizer with one parameter."""
    import torch

    rate = {CONSTANT: 3e-4, CYCLE: 1e-3}.get(case, case.base)
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate)


def reader(optimizer: Any) -> Callable[[], float]:
    """How to get at the learning rate of an optimizer."""
    group = optimizer.param_groups[0]
    return lambda: float(group["lr"])


def in_torch(
    case: Case, uses: str, make: Callable[[Any, Any], Any], tolerance: float = FLOAT64, note: str = ""
) -> None:
    """Declare a scheduler of torch, made from `torch.optim.lr_scheduler` and an optimizer."""

    def set_up() -> Subject:
        from torch.optim import lr_scheduler

        opt = optimizer(case)
        made = make(lr_scheduler, opt)
        opt.step()  # it does nothing, but without it torch warns that the order is wrong
        return Subject(made.step, reader(opt))

    peer("torch", uses, case, "ask()", tolerance, note=note)(set_up)


def factor(case: Case) -> Callable[[int], float]:
    """What `LambdaLR` wants: the hand-written function, divided by the base."""
    by_hand, base = case.by_hand, case.base
    return lambda step: by_hand(step) / base


TINY = 1e-10
"""The factor at which a warm-up of torch starts, as it may not be 0."""

in_torch(CONSTANT, "LambdaLR", lambda lr, opt: lr.LambdaLR(opt, lambda step: 1.0))
in_torch(CONSTANT, "ConstantLR", lambda lr, opt: lr.ConstantLR(opt, factor=1.0, total_iters=TOTAL))
in_torch(THREE, "MultiStepLR", lambda lr, opt: lr.MultiStepLR(opt, [3000, 6000, 9000], gamma=0.1))
in_torch(THREE, "LambdaLR", lambda lr, opt: lr.LambdaLR(opt, factor(THREE)), note="of the function written by hand")
in_torch(WARM_UP, "LambdaLR", lambda lr, opt: lr.LambdaLR(opt, factor(WARM_UP)), note="of the function written by hand")
in_torch(
    WARM_UP,
    "SequentialLR",
    lambda lr, opt: lr.SequentialLR(
        opt,
        [lr.LinearLR(opt, TINY, total_iters=500), lr.CosineAnnealingLR(opt, T_max=9500)],
        milestones=[500],
    ),
    RECURSIVE,
)
in_torch(FIVE, "LambdaLR", lambda lr, opt: lr.LambdaLR(opt, factor(FIVE)), note="of the function written by hand")
in_torch(
    FIVE,
    "SequentialLR",
    lambda lr, opt: lr.SequentialLR(
        opt,
        [
            lr.LinearLR(opt, TINY, total_iters=200),
            lr.ConstantLR(opt, factor=1.0, total_iters=TOTAL),
            lr.CosineAnnealingLR(opt, T_max=3000, eta_min=1e-4),
            lr.ConstantLR(opt, factor=1 / 3, total_iters=TOTAL),
            lr.LinearLR(opt, 1 / 3, 0.0, total_iters=2000),
        ],
        milestones=[200, 3000, 6000, 8000],
    ),
    RECURSIVE,
)
in_torch(HUNDRED, "MultiStepLR", lambda lr, opt: lr.MultiStepLR(opt, MILESTONES, gamma=0.95))
in_torch(
    HUNDRED,
    "LambdaLR",
    lambda lr, opt: lr.LambdaLR(opt, lambda step: 0.95 ** bisect_right(MILESTONES, step)),
)
in_torch(
    CYCLE,
    "CosineAnnealingWarmRestarts",
    lambda lr, opt: lr.CosineAnnealingWarmRestarts(opt, T_0=1000, eta_min=1e-5),
    note="from step 0, as it goes step by step",
)
in_torch(
    CYCLE,
    "LambdaLR",
    lambda lr, opt: lr.LambdaLR(opt, lambda step: 0.01 + 0.5 * 0.99 * (1.0 + cos(pi * (step % 1000) / 1000))),
    note="from step 0, as it goes step by step",
)


def in_transformers(case: Case, uses: str, **arguments: int) -> None:
    """Declare a scheduler of transformers."""

    def set_up() -> Subject:
        from transformers import optimization

        opt = optimizer(case)
        return Subject(getattr(optimization, uses)(opt, **arguments).step, reader(opt))

    peer("transformers", uses, case, "ask()")(set_up)


in_transformers(CONSTANT, "get_constant_schedule")
in_transformers(WARM_UP, "get_cosine_schedule_with_warmup", num_warmup_steps=500, num_training_steps=TOTAL)


def in_timm(case: Case, uses: str, text: str | None = None, **arguments: Any) -> None:
    """Declare a scheduler of timm."""

    def set_up() -> Subject:
        from timm import scheduler

        opt = optimizer(case)
        made = getattr(scheduler, uses)(opt, t_in_epochs=False, **arguments)
        return Subject(made.step_update, reader(opt))

    peer("timm", f"{uses}.step_update", case, text=text)(set_up)


in_timm(THREE, "MultiStepLRScheduler", decay_t=[3001, 6001, 9001], decay_rate=0.1)
in_timm(
    WARM_UP,
    "CosineLRScheduler",
    t_initial=9500,
    warmup_t=500,
    warmup_lr_init=0.0,
    warmup_prefix=True,
)
in_timm(HUNDRED, "MultiStepLRScheduler", decay_t=[milestone + 1 for milestone in MILESTONES], decay_rate=0.95)
in_timm(CYCLE, "CosineLRScheduler", t_initial=1000, lr_min=1e-5, cycle_limit=10**9)


def in_ignite(case: Case, uses: str, make: Callable[[Any, Any], Any], stop: int = TOTAL, note: str = "") -> None:
    """Declare a scheduler of ignite; its first call sets the value of step 0."""

    def set_up() -> Subject:
        from ignite import handlers

        opt = optimizer(case)
        made = make(handlers, opt)
        made(None)
        return Subject(made, reader(opt))

    peer("ignite", uses, case, "ask(None)", stop=stop, note=note)(set_up)


in_ignite(
    WARM_UP,
    "create_lr_scheduler_with_warmup",
    lambda of, opt: of.create_lr_scheduler_with_warmup(
        of.CosineAnnealingScheduler(opt, "lr", 3e-4, 0.0, cycle_size=9500), 0.0, 501
    ),
)
in_ignite(
    FIVE,
    "ConcatScheduler",
    lambda of, opt: of.ConcatScheduler(
        [
            of.PiecewiseLinear(opt, "lr", [(0, 0.0), (200, 3e-4), (3000, 3e-4)]),
            of.CosineAnnealingScheduler(opt, "lr", 3e-4, 1e-4, cycle_size=3000),
            of.PiecewiseLinear(opt, "lr", [(0, 1e-4), (2000, 1e-4), (4000, 0.0)]),
        ],
        durations=[3000, 3000],
    ),
)
in_ignite(
    CYCLE,
    "CosineAnnealingScheduler",
    lambda of, opt: of.CosineAnnealingScheduler(opt, "lr", 1e-3, 1e-5, cycle_size=1000),
    note="from step 0, as it goes step by step",
)


def in_mmengine(case: Case, uses: str, make: Callable[[Any, Any], list[Any]], note: str = "") -> None:
    """Declare one or more schedulers of mmengine, which all step together, as its hook does it."""

    def set_up() -> Subject:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from mmengine.optim import scheduler

            opt = optimizer(case)
            made = make(scheduler, opt)
            if len(made) == 1:
                return Subject(made[0].step, reader(opt))

        def step() -> None:
            for each in made:
                each.step()

        return Subject(step, reader(opt))

    peer("mmengine", uses, case, "ask()", RECURSIVE, note=note)(set_up)


in_mmengine(CONSTANT, "ConstantLR", lambda of, opt: [of.ConstantLR(opt, factor=1.0, by_epoch=False)])
in_mmengine(THREE, "MultiStepLR", lambda of, opt: [of.MultiStepLR(opt, milestones=[3000, 6000, 9000], by_epoch=False)])
in_mmengine(
    WARM_UP,
    "LinearLR, CosineAnnealingLR",
    lambda of, opt: [
        of.LinearLR(opt, start_factor=TINY, end=501, by_epoch=False),
        of.CosineAnnealingLR(opt, T_max=9500, begin=500, by_epoch=False),
    ],
)
in_mmengine(
    FIVE,
    "LinearLR, CosineAnnealingLR, LinearLR",
    lambda of, opt: [
        of.LinearLR(opt, start_factor=TINY, end=201, by_epoch=False),
        of.CosineAnnealingLR(opt, T_max=3000, eta_min=1e-4, begin=3000, end=6001, by_epoch=False),
        of.LinearLR(opt, start_factor=1.0, end_factor=0.0, begin=8000, end=10001, by_epoch=False),
    ],
)
in_mmengine(
    HUNDRED, "MultiStepLR", lambda of, opt: [of.MultiStepLR(opt, milestones=MILESTONES, gamma=0.95, by_epoch=False)]
)
in_mmengine(
    CYCLE,
    "CosineRestartLR",
    lambda of, opt: [
        of.CosineRestartLR(opt, periods=[1000] * 11, restart_weights=[1.0] * 11, eta_min=1e-5, by_epoch=False)
    ],
    note="from step 0, as it goes step by step",
)


# Functions of the step, or of the progress.


def in_kappaschedules(case: Case, uses: str, make: Callable[[Any], Any], text: str | None = None) -> None:
    """Declare a schedule of kappaschedules, which stands in for Noether."""

    def set_up() -> Subject:
        import kappaschedules

        return Subject(make(kappaschedules).get_value)

    peer("kappaschedules", uses, case, f"ask(step, {TOTAL})", text=text)(set_up)


in_kappaschedules(CONSTANT, "ConstantSchedule", lambda of: of.ConstantSchedule(value=3e-4))
in_kappaschedules(
    THREE,
    "StepFixedSchedule",
    lambda of: of.StepFixedSchedule(start_value=0.1, factor=0.1, steps=[0.3, 0.6, 0.9]),
)
in_kappaschedules(
    WARM_UP,
    "LinearWarmupCosineDecaySchedule",
    lambda of: of.LinearWarmupCosineDecaySchedule(warmup_steps=500, max_value=3e-4, end_value=0.0),
    text="warmup(500, inclusive=neither) then cosine(inclusive=both)",
)
in_kappaschedules(
    FIVE,
    "SequentialStepSchedule",
    lambda of: of.SequentialStepSchedule(
        [
            of.SequentialStepScheduleConfig(schedule, end_step=end)
            for schedule, end in (
                (of.LinearIncreasingSchedule(start_value=0.0, max_value=3e-4, exclude_last=True), 200),
                (of.ConstantSchedule(value=3e-4), 3000),
                (of.CosineDecreasingSchedule(max_value=3e-4, end_value=1e-4, exclude_last=True), 6000),
                (of.ConstantSchedule(value=1e-4), 8000),
                (of.LinearDecreasingSchedule(max_value=1e-4, end_value=0.0, exclude_last=True), TOTAL),
            )
        ]
    ),
)
in_kappaschedules(
    HUNDRED,
    "StepFixedSchedule",
    lambda of: of.StepFixedSchedule(
        start_value=0.1, factor=0.95, steps=[milestone / TOTAL for milestone in MILESTONES]
    ),
)


def in_fvcore(case: Case, uses: str, make: Callable[[Any], Any]) -> None:
    """Declare a schedule of fvcore: a function of the progress."""

    def set_up() -> Subject:
        from fvcore.common import param_scheduler

        return Subject(make(param_scheduler))

    peer("fvcore", uses, case, f"ask(step / {TOTAL})")(set_up)


in_fvcore(CONSTANT, "ConstantParamScheduler", lambda of: of.ConstantParamScheduler(3e-4))
in_fvcore(
    THREE,
    "MultiStepParamScheduler",
    lambda of: of.MultiStepParamScheduler([0.1, 0.01, 0.001, 0.0001], TOTAL, [3000, 6000, 9000]),
)
in_fvcore(
    WARM_UP,
    "CompositeParamScheduler",
    lambda of: of.CompositeParamScheduler(
        [of.LinearParamScheduler(0.0, 3e-4), of.CosineParamScheduler(3e-4, 0.0)],
        lengths=[0.05, 0.95],
        interval_scaling=["rescaled"] * 2,
    ),
)
in_fvcore(
    FIVE,
    "CompositeParamScheduler",
    lambda of: of.CompositeParamScheduler(
        [
            of.LinearParamScheduler(0.0, 3e-4),
            of.ConstantParamScheduler(3e-4),
            of.CosineParamScheduler(3e-4, 1e-4),
            of.ConstantParamScheduler(1e-4),
            of.LinearParamScheduler(1e-4, 0.0),
        ],
        lengths=[0.02, 0.28, 0.3, 0.2, 0.2],
        interval_scaling=["rescaled"] * 5,
    ),
)
in_fvcore(
    HUNDRED,
    "MultiStepParamScheduler",
    lambda of: of.MultiStepParamScheduler([0.1 * 0.95**k for k in range(101)], TOTAL, MILESTONES),
)


def in_optax(case: Case, uses: str, make: Callable[[Any], Any]) -> None:
    """Declare a schedule of optax, called as it is and under `jax.jit`; the value is read back as a float."""

    def set_up() -> Subject:
        import optax

        return Subject(make(optax))

    def jitted() -> Subject:
        import jax
        import optax

        return Subject(jax.jit(make(optax)))

    peer("optax", uses, case, "float(ask(step))", FLOAT32)(set_up)
    peer("optax", f"{uses}, jitted", case, "float(ask(step))", FLOAT32)(jitted)


def optax_five_phases(of: Any) -> Any:
    """The five phases in optax."""
    return of.join_schedules(
        [
            of.linear_schedule(0.0, 3e-4, 200),
            of.constant_schedule(3e-4),
            of.cosine_decay_schedule(3e-4, 3000, alpha=1 / 3),
            of.constant_schedule(1e-4),
            of.linear_schedule(1e-4, 0.0, 2000),
        ],
        [200, 3000, 6000, 8000],
    )


in_optax(CONSTANT, "constant_schedule", lambda of: of.constant_schedule(3e-4))
in_optax(
    THREE,
    "piecewise_constant_schedule",
    lambda of: of.piecewise_constant_schedule(0.1, {3000: 0.1, 6000: 0.1, 9000: 0.1}),
)
in_optax(WARM_UP, "warmup_cosine_decay_schedule", lambda of: of.warmup_cosine_decay_schedule(0.0, 3e-4, 500, TOTAL))
in_optax(FIVE, "join_schedules", optax_five_phases)
in_optax(
    HUNDRED,
    "piecewise_constant_schedule",
    lambda of: of.piecewise_constant_schedule(0.1, dict.fromkeys(MILESTONES, 0.95)),
)


# What an optimizer itself costs: the fair comparison for those that write into one.


def into_optimizer(case: Case, uses: str, function: Callable[[], Callable[[int], float]]) -> None:
    """Declare a function of the step whose value is written into an optimizer, as a training loop does it."""

    def set_up() -> Subject:
        opt = optimizer(case)
        value = function()

        def ask(step: int) -> None:
            for group in opt.param_groups:
                group["lr"] = value(step)

        return Subject(ask, reader(opt))

    peer("torch", uses, case, note="for comparison with those that write into an optimizer")(set_up)


for _case in schedules.CASES:
    into_optimizer(_case, "by hand, into param_groups", lambda case=_case: case.by_hand)  # type: ignore[misc]
    into_optimizer(_case, "schedlang, into param_groups", lambda case=_case: case.bind().compiled)  # type: ignore[misc]
