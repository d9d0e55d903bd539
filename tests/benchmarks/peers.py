"""The other libraries, set up to do what our six schedules do.

Nothing is imported before it is used. Each set-up is checked against our values over the run before it is timed. Where
a library has another convention about ends, the text that means the same as its set-up is given, and it is checked
against that: the work is the same.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import warnings
from bisect import bisect_right
from collections.abc import Callable, Iterator
from math import cos, pi
from typing import Any

import attrs

import schedlang

from .schedules import CASES, CONSTANT, CYCLE, FIVE, HUNDRED, MILESTONES, THREE, TOTAL, WARM_UP, Case
from .timing import ONCE, compiled

FLOAT64 = 1e-12
"""The tolerance for libraries that calculate in float64, relative to the largest value."""

RECURSIVE = 1e-9
"""The same where each value is made from the one before it, or a ramp cannot start at 0 and starts at 10⁻¹⁰ of it."""

FLOAT32 = 2e-6
"""The same where the library calculates in float32."""

TINY = 1e-10
"""The factor at which a warm-up of torch starts, as it may not be 0."""


class WrongValueError(Exception):
    """A library does not give the values of our schedule, so comparing times would not be fair."""


@attrs.frozen
class Subject:
    """What is called, and how to get at the value afterwards, if the call does not return it."""

    ask: Callable[..., Any]
    read: Callable[[], float] | None = None


def optimizer(case: Case) -> Any:
    """An optimizer with one parameter."""
    import torch

    rate = {CONSTANT: 3e-4, CYCLE: 1e-3}.get(case, case.base)
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate)


def reader(optimizer: Any) -> Callable[[], float]:
    """How to get at the learning rate of an optimizer."""
    group = optimizer.param_groups[0]
    return lambda: float(group["lr"])


def factor(case: Case) -> Callable[[int], float]:
    """What `LambdaLR` wants: the hand-written function, divided by the base."""
    by_hand, base = case.by_hand, case.base
    return lambda step: by_hand(step) / base


def begun(made: Any) -> Any:
    """A scheduler of ignite, whose first call sets the value of step 0."""
    made(None)
    return made


def together(made: list[Any]) -> Callable[[], None]:
    """Schedulers of mmengine, which all step together, as its hook does it."""

    def step() -> None:
        for each in made:
            each.step()

    return made[0].step if len(made) == 1 else step


def into_optimizer(made: tuple[Any, Callable[[int], float]]) -> Callable[[int], None]:
    """A function of the step whose value is written into an optimizer, as a training loop does it."""
    opt, value = made

    def ask(step: int) -> None:
        for group in opt.param_groups:
            group["lr"] = value(step)

    return ask


@attrs.frozen
class Way:
    """How a library is asked.

    Attributes:
        module: where its names are.
        call: the expression that is timed; one without `step` goes one step further each time.
        ask: what is called, of what was set up.
        uses: what is said of it, where the name of what is set up is `{}`.
    """

    module: str
    call: str
    ask: Callable[[Any], Callable[..., Any]] = lambda made: made
    uses: str = "{}"
    tolerance: float = FLOAT64
    optimizer: bool = True


WAYS = {
    "torch": Way("torch.optim.lr_scheduler", "ask()", lambda made: made.step),
    "transformers": Way("transformers.optimization", "ask()", lambda made: made.step),
    "timm": Way("timm.scheduler", "ask(step)", lambda made: made.step_update, "{}.step_update"),
    "ignite": Way("ignite.handlers", "ask(None)", begun),
    "mmengine": Way("mmengine.optim.scheduler", "ask()", together, tolerance=RECURSIVE),
    "kappaschedules": Way("kappaschedules", f"ask(step, {TOTAL})", lambda made: made.get_value, optimizer=False),
    "fvcore": Way("fvcore.common.param_scheduler", f"ask(step / {TOTAL})", optimizer=False),
    "optax": Way("optax", "float(ask(step))", tolerance=FLOAT32, optimizer=False),
}
JITTED = attrs.evolve(WAYS["optax"], uses="{}, jitted", ask=lambda made: importlib.import_module("jax").jit(made))
"""The value is read back as a float, as without `jax.jit`."""
WRITTEN = Way("torch", "ask(step)", into_optimizer, "{}, into param_groups")


NAMES = {"TINY": TINY, "TOTAL": TOTAL, "MILESTONES": MILESTONES, "bisect_right": bisect_right, "cos": cos, "pi": pi}
"""What expressions may use, beside the names of their library and what is given."""


def maker(module: str, code: str) -> Callable[..., Any]:
    """An expression, as a function of an optimizer, a case and the run of a warm-up and a cosine."""
    given = "opt=None, case=None, by_hand=None, first=500, total=TOTAL"
    return eval(f"lambda {given}: ({code})", vars(importlib.import_module(module)) | NAMES)


@attrs.frozen
class Peer:
    """One set-up of one library for one schedule.

    Attributes:
        code: sets it up, see `maker`.
        text: what it means in our language, if that is not the text of the case.
    """

    library: str
    case: Case
    code: str
    way: Way = attrs.field(default=attrs.Factory(lambda self: WAYS[self.library], takes_self=True))
    text: str | None = None

    def make(self) -> Subject:
        """Set it up."""
        opt = optimizer(self.case) if self.way.optimizer else None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = maker(self.way.module, self.code)(opt, self.case, factor(self.case))
        if opt is None:
            return Subject(self.way.ask(made))
        opt.step()  # it does nothing, but without it torch warns that the order is wrong
        return Subject(self.way.ask(made), reader(opt))

    @property
    def uses(self) -> str:
        """What of the library is used: the first name, or that of each scheduler in a list."""
        if self.way is WRITTEN:
            return self.way.uses.format("by hand" if "by_hand" in self.code else "schedlang")
        names = re.findall(r"(\w+)\(", self.code)
        return self.way.uses.format(", ".join(names) if self.code.startswith("[") else names[0])

    @property
    def note(self) -> str:
        """What a reader should know."""
        if self.way is WRITTEN:
            return "for comparison with those that write into an optimizer"
        if self.stepped and self.case.far:
            return "from step 0, as it goes step by step"
        return "of the function written by hand" if "by_hand" in self.code else ""

    @property
    def tolerance(self) -> float:
        """How far its values may be from ours."""
        return RECURSIVE if "TINY" in self.code else self.way.tolerance

    @property
    def stepped(self) -> bool:
        """Whether a call goes one step further, and cannot be asked for a step."""
        return "step" not in self.way.call

    @property
    def available(self) -> bool:
        """Whether the library is installed."""
        return importlib.util.find_spec(self.library) is not None

    @property
    def start(self) -> int:
        """The first step it is asked for."""
        return 0 if self.stepped else self.case.start


def verify(each: Peer) -> None:
    """Compare a set-up with our schedule over the run: WrongValueError at the first step at which they differ."""
    bound = each.case.bind() if each.text is None else schedlang.parse(each.text).bind(TOTAL, base=each.case.base)
    steps = range(TOTAL) if each.stepped else checked_steps(each)
    size = max(abs(bound(step)) for step in steps)
    for step, value in zip(steps, values(each, steps), strict=True):
        if not abs(value - bound(step)) <= each.tolerance * size:
            message = f"{each.library} {each.uses}, {each.case.name}: {value!r} at step {step}, ours is {bound(step)!r}"
            raise WrongValueError(message)


def checked_steps(each: Peer) -> list[int]:
    """Steps all over the run, and those around every boundary."""
    edges = (0, 200, 500, 1_000, 2_000, 3_000, 6_000, 8_000, 9_000, TOTAL, *MILESTONES[::7])
    around = {edge + offset for edge in edges for offset in (-1, 0, 1)} | set(range(0, TOTAL, 97))
    return [each.start + step for step in sorted(around) if 0 <= step < TOTAL]


def values(each: Peer, steps: range | list[int]) -> Iterator[float]:
    """Its values at steps; if it goes step by step, at all from 0."""
    subject = each.make()
    ask = compiled(ONCE, each.way.call)
    for step in steps:
        if each.stepped:
            assert subject.read is not None
            yield subject.read()
            ask(subject.ask, None)
        else:
            returned = ask(subject.ask, step)
            yield float(returned) if subject.read is None else subject.read()


TORCH_WARM_UP = """SequentialLR(opt, [
    LinearLR(opt, TINY, total_iters=first), CosineAnnealingLR(opt, T_max=total - first)
], [first])"""
IGNITE_WARM_UP = """create_lr_scheduler_with_warmup(
    CosineAnnealingScheduler(opt, "lr", 3e-4, 0.0, cycle_size=total - first), 0.0, first + 1
)"""
TIMM_WARM_UP = """CosineLRScheduler(
    opt, t_in_epochs=False, t_initial=total - first, warmup_t=first, warmup_lr_init=0.0, warmup_prefix=True
)"""
TRANSFORMERS_WARM_UP = "get_cosine_schedule_with_warmup(opt, first, total)"
OPTAX_FIVE = """join_schedules([
    linear_schedule(0.0, 3e-4, 200), constant_schedule(3e-4), cosine_decay_schedule(3e-4, 3000, alpha=1 / 3),
    constant_schedule(1e-4), linear_schedule(1e-4, 0.0, 2000),
], [200, 3000, 6000, 8000])"""
OPTAX_WARM_UP = "warmup_cosine_decay_schedule(0.0, 3e-4, first, total)"
OPTAX = (
    (CONSTANT, "constant_schedule(3e-4)"),
    (THREE, "piecewise_constant_schedule(0.1, {3000: 0.1, 6000: 0.1, 9000: 0.1})"),
    (WARM_UP, OPTAX_WARM_UP),
    (FIVE, OPTAX_FIVE),
    (HUNDRED, "piecewise_constant_schedule(0.1, dict.fromkeys(MILESTONES, 0.95))"),
)
PEERS = [
    Peer("torch", CONSTANT, "LambdaLR(opt, lambda step: 1.0)"),
    Peer("torch", CONSTANT, "ConstantLR(opt, factor=1.0, total_iters=TOTAL)"),
    Peer("torch", THREE, "MultiStepLR(opt, [3000, 6000, 9000], gamma=0.1)"),
    Peer("torch", THREE, "LambdaLR(opt, by_hand)"),
    Peer("torch", WARM_UP, "LambdaLR(opt, by_hand)"),
    Peer("torch", WARM_UP, TORCH_WARM_UP),
    Peer("torch", FIVE, "LambdaLR(opt, by_hand)"),
    Peer(
        "torch",
        FIVE,
        """SequentialLR(opt, [
            LinearLR(opt, TINY, total_iters=200), ConstantLR(opt, factor=1.0, total_iters=TOTAL),
            CosineAnnealingLR(opt, T_max=3000, eta_min=1e-4), ConstantLR(opt, factor=1 / 3, total_iters=TOTAL),
            LinearLR(opt, 1 / 3, 0.0, total_iters=2000),
        ], [200, 3000, 6000, 8000])""",
    ),
    Peer("torch", HUNDRED, "MultiStepLR(opt, MILESTONES, gamma=0.95)"),
    Peer("torch", HUNDRED, "LambdaLR(opt, lambda step: 0.95 ** bisect_right(MILESTONES, step))"),
    Peer("torch", CYCLE, "CosineAnnealingWarmRestarts(opt, T_0=1000, eta_min=1e-5)"),
    Peer("torch", CYCLE, "LambdaLR(opt, lambda step: 0.01 + 0.5 * 0.99 * (1.0 + cos(pi * (step % 1000) / 1000)))"),
    Peer("transformers", CONSTANT, "get_constant_schedule(opt)"),
    Peer("transformers", WARM_UP, TRANSFORMERS_WARM_UP),
    Peer("timm", THREE, "MultiStepLRScheduler(opt, t_in_epochs=False, decay_t=[3001, 6001, 9001], decay_rate=0.1)"),
    Peer("timm", WARM_UP, TIMM_WARM_UP),
    Peer(
        "timm",
        HUNDRED,
        "MultiStepLRScheduler(opt, t_in_epochs=False, decay_t=[each + 1 for each in MILESTONES], decay_rate=0.95)",
    ),
    Peer("timm", CYCLE, "CosineLRScheduler(opt, t_in_epochs=False, t_initial=1000, lr_min=1e-5, cycle_limit=10**9)"),
    Peer("ignite", WARM_UP, IGNITE_WARM_UP),
    Peer(
        "ignite",
        FIVE,
        """ConcatScheduler([
            PiecewiseLinear(opt, "lr", [(0, 0.0), (200, 3e-4), (3000, 3e-4)]),
            CosineAnnealingScheduler(opt, "lr", 3e-4, 1e-4, cycle_size=3000),
            PiecewiseLinear(opt, "lr", [(0, 1e-4), (2000, 1e-4), (4000, 0.0)]),
        ], durations=[3000, 3000])""",
    ),
    Peer("ignite", CYCLE, 'CosineAnnealingScheduler(opt, "lr", 1e-3, 1e-5, cycle_size=1000)'),
    Peer("mmengine", CONSTANT, "[ConstantLR(opt, factor=1.0, by_epoch=False)]"),
    Peer("mmengine", THREE, "[MultiStepLR(opt, milestones=[3000, 6000, 9000], by_epoch=False)]"),
    Peer(
        "mmengine",
        WARM_UP,
        """[
            LinearLR(opt, start_factor=TINY, end=501, by_epoch=False),
            CosineAnnealingLR(opt, T_max=9500, begin=500, by_epoch=False),
        ]""",
    ),
    Peer(
        "mmengine",
        FIVE,
        """[
            LinearLR(opt, start_factor=TINY, end=201, by_epoch=False),
            CosineAnnealingLR(opt, T_max=3000, eta_min=1e-4, begin=3000, end=6001, by_epoch=False),
            LinearLR(opt, start_factor=1.0, end_factor=0.0, begin=8000, end=10001, by_epoch=False),
        ]""",
    ),
    Peer("mmengine", HUNDRED, "[MultiStepLR(opt, milestones=MILESTONES, gamma=0.95, by_epoch=False)]"),
    Peer(
        "mmengine",
        CYCLE,
        "[CosineRestartLR(opt, periods=[1000] * 11, restart_weights=[1.0] * 11, eta_min=1e-5, by_epoch=False)]",
    ),
    Peer("kappaschedules", CONSTANT, "ConstantSchedule(value=3e-4)"),
    Peer("kappaschedules", THREE, "StepFixedSchedule(start_value=0.1, factor=0.1, steps=[0.3, 0.6, 0.9])"),
    Peer(
        "kappaschedules",
        WARM_UP,
        "LinearWarmupCosineDecaySchedule(warmup_steps=500, max_value=3e-4, end_value=0.0)",
        text="warmup(500, inclusive=neither) then cosine(inclusive=both)",
    ),
    Peer(
        "kappaschedules",
        FIVE,
        """SequentialStepSchedule([SequentialStepScheduleConfig(schedule, end_step=end) for schedule, end in (
            (LinearIncreasingSchedule(start_value=0.0, max_value=3e-4, exclude_last=True), 200),
            (ConstantSchedule(value=3e-4), 3000),
            (CosineDecreasingSchedule(max_value=3e-4, end_value=1e-4, exclude_last=True), 6000),
            (ConstantSchedule(value=1e-4), 8000),
            (LinearDecreasingSchedule(max_value=1e-4, end_value=0.0, exclude_last=True), TOTAL),
        )])""",
    ),
    Peer(
        "kappaschedules",
        HUNDRED,
        "StepFixedSchedule(start_value=0.1, factor=0.95, steps=[each / TOTAL for each in MILESTONES])",
    ),
    Peer("fvcore", CONSTANT, "ConstantParamScheduler(3e-4)"),
    Peer("fvcore", THREE, "MultiStepParamScheduler([0.1, 0.01, 0.001, 0.0001], TOTAL, [3000, 6000, 9000])"),
    Peer(
        "fvcore",
        WARM_UP,
        """CompositeParamScheduler(
            [LinearParamScheduler(0.0, 3e-4), CosineParamScheduler(3e-4, 0.0)], [0.05, 0.95], ["rescaled"] * 2
        )""",
    ),
    Peer(
        "fvcore",
        FIVE,
        """CompositeParamScheduler([
            LinearParamScheduler(0.0, 3e-4), ConstantParamScheduler(3e-4), CosineParamScheduler(3e-4, 1e-4),
            ConstantParamScheduler(1e-4), LinearParamScheduler(1e-4, 0.0),
        ], [0.02, 0.28, 0.3, 0.2, 0.2], ["rescaled"] * 5)""",
    ),
    Peer("fvcore", HUNDRED, "MultiStepParamScheduler([0.1 * 0.95**k for k in range(101)], TOTAL, MILESTONES)"),
    *(Peer("optax", case, code, way) for case, code in OPTAX for way in (WAYS["optax"], JITTED)),
    # What an optimizer itself costs: the fair comparison for those that write into one.
    *(
        Peer("torch", case, code, WRITTEN)
        for case in CASES
        for code in ("opt, case.by_hand", "opt, case.bind().compiled")
    ),
]
"""All set-ups."""
