"""The page for those who come from another library: each of its rows gives the library's values, at every step."""

import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax
import kappaschedules
import keras
import optax
import pytest
import torch
import transformers.optimization

from schedlang import ScheduleError, parse
from schedlang._text.fixes.foreign import CALLS, FORMS

PAGE = Path(__file__).parents[2] / "docs" / "coming-from.md"
TOTAL = 100
EPOCH = 10
BASE = 0.1


def pairs() -> Iterator[tuple[str, str, str]]:
    """The rows of the tables `theirs / here`, with the heading that they stand under."""
    system, compared = "", False
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            system = line.removeprefix("## ")
        elif line == "| theirs | here |":
            compared = True
        elif not line.startswith("|"):
            compared = False
        elif compared and not line.startswith("|---"):
            row = re.fullmatch(r"\| `(.+)` \| `(.+)` \|", line)
            assert row is not None, line
            yield system, row[1], row[2]


def of_torch(code: str, names: dict[str, Any], base: float = BASE) -> list[float]:
    """What one of torch's schedulers writes into its optimizer."""
    opt = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=base, momentum=0.9)
    scheduler = eval(code, {**names, "opt": opt})
    found = []
    for step in range(TOTAL):
        found.append(opt.param_groups[0]["lr"])
        opt.step()
        if step < TOTAL - 1:
            scheduler.step()
    return found


def of_function(code: str, names: dict[str, Any]) -> list[float]:
    """What a function of the step returns."""
    schedule = eval(code, dict(names))
    return [float(schedule(step)) for step in range(TOTAL)]


def of_keras(code: str) -> list[float]:
    """The same of one of Keras', compiled, as in a step of training: else its branches are compiled at each step."""
    schedule = jax.jit(eval(code, dict(vars(keras.optimizers.schedules))))
    return [float(schedule(step)) for step in range(TOTAL)]


def of_noether(code: str) -> list[float]:
    """What kappaschedules, from which Noether's schedules come, returns."""
    schedule = eval(re.sub(r"\w+_interval=", "interval=", code), dict(vars(kappaschedules)))
    return [float(schedule.get_value(step, TOTAL)) for step in range(TOTAL)]


def of_drq(code: str) -> list[float]:
    """Strings of DrQ-v2 and DreamerV2, by their formulas."""
    name, numbers = re.fullmatch(r"(\w+)\((.+)\)", code).groups()  # type: ignore[union-attr]
    given = [float(number) for number in numbers.split(",")]

    def line(t: float, start: float, end: float, duration: float) -> float:
        mix = min(max(t / duration, 0.0), 1.0)
        return (1 - mix) * start + mix * end

    def value(t: int) -> float:
        match name:
            case "linear":
                return line(t, *given)
            case "step_linear":
                start, middle, first, end, second = given
                return line(t, start, middle, first) if t <= first else line(t - first, middle, end, second)
            case "warmup":
                return min(t / given[0], 1.0) * given[1]
            case "exp":
                start, end, half = given
                return (start - end) * 0.5 ** (t / half) + end
        return 1 - 1 / line(t, *given)

    return [value(t) for t in range(TOTAL)]


def steps(time: str) -> float:
    """A time string of Composer's in steps."""
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", time).groups()  # type: ignore[union-attr]
    return float(number) * {"ba": 1, "ep": EPOCH, "dur": TOTAL}[unit]


def composer(shape: Callable[[float, float, float], float]) -> Callable[..., Callable[[int], float]]:
    """A scheduler of Composer's that goes from alpha_i to alpha_f along a shape, behind a warm-up if it has one."""

    def made(
        t_warmup: str = "0ba", t_max: str = "1dur", alpha_i: float = 1.0, alpha_f: float = 0.0, power: float = 1.0
    ) -> Callable[[int], float]:
        warm = steps(t_warmup)

        def value(t: int) -> float:
            if t < warm:
                return BASE * alpha_i * t / warm
            x = min(1.0, (t - warm) / (steps(t_max) - warm))
            return BASE * (alpha_f + (alpha_i - alpha_f) * shape(x, power, 0.0))

        return value

    return made


COMPOSER = {
    "ConstantWithWarmupScheduler": composer(lambda x, power, _: 1.0),
    "LinearScheduler": composer(lambda x, power, _: 1 - x),
    "LinearWithWarmupScheduler": composer(lambda x, power, _: 1 - x),
    "CosineAnnealingScheduler": composer(lambda x, power, _: (1 + math.cos(math.pi * x)) / 2),
    "CosineAnnealingWithWarmupScheduler": composer(lambda x, power, _: (1 + math.cos(math.pi * x)) / 2),
    "PolynomialScheduler": composer(lambda x, power, _: (1 - x) ** power),
    "StepScheduler": lambda step_size, gamma: lambda t: BASE * gamma ** (t // steps(step_size)),
    "MultiStepScheduler": lambda milestones, gamma: lambda t: BASE * gamma ** sum(steps(m) <= t for m in milestones),
    "ExponentialScheduler": lambda gamma, decay_period: lambda t: BASE * gamma ** (t / steps(decay_period)),
}

VALUES: dict[str, tuple[Callable[[str], list[float]], float]] = {
    "PyTorch": (lambda code: of_torch(code, vars(torch.optim.lr_scheduler)), 1e-12),
    "Hugging Face": (lambda code: of_torch(code, vars(transformers.optimization)), 1e-12),
    "optax": (lambda code: of_function(code, vars(optax)), 1e-6),
    "Keras": (of_keras, 1e-6),
    "Noether": (of_noether, 1e-12),
    "Composer": (lambda code: of_function(code, COMPOSER), 1e-12),
    "DrQ-v2": (of_drq, 1e-12),
}
"""How the values of each system are found, and to what share of the largest they have to agree."""


@pytest.mark.parametrize(("system", "theirs", "here"), list(pairs()))
def test_row(system: str, theirs: str, here: str) -> None:
    """Their code and our text have the same values, at every step."""
    values, share = VALUES[system]
    expected = values(theirs)
    bound = parse(here).bind(TOTAL, steps_per_epoch=EPOCH, base=BASE)
    assert [bound(step) for step in range(TOTAL)] == pytest.approx(expected, rel=0, abs=share * max(map(abs, expected)))


TYPED = """
CosineAnnealingLR(100)
CosineAnnealingLR(T_max=100, eta_min=1e-5)
CosineAnnealingLR(100, 1e-6, last_epoch=-1)
LinearLR()
LinearLR(0.1)
LinearLR(start_factor=0.1, total_iters=60)
LinearLR(1.0, 0.2, 50)
ConstantLR(0.5, total_iters=20)
PolynomialLR(100)
PolynomialLR(80, 2.0)
StepLR(30)
CosineAnnealingLR(10 * 10, eta_min=0.1 * 1e-4)
StepLR(30, 0.5)
StepLR(gamma=0.5, step_size=25)
MultiStepLR([30, 60], 0.1)
MultiStepLR(gamma=0.5, milestones=[10, 20, 90])
ExponentialLR(0.95)
CosineAnnealingWarmRestarts(25)
CosineAnnealingWarmRestarts(10, 2, 1e-5)
OneCycleLR(1e-3, 100)
OneCycleLR(max_lr=0.1, total_steps=101)
CyclicLR(1e-4, 1e-3, 20)
get_constant_schedule_with_warmup(10)
get_linear_schedule_with_warmup(10, 100)
get_cosine_schedule_with_warmup(num_warmup_steps=10, num_training_steps=100)
get_cosine_with_min_lr_schedule_with_warmup(10, 100, min_lr=1e-5)
get_cosine_with_min_lr_schedule_with_warmup(10, 100, min_lr_rate=0.1)
get_polynomial_decay_schedule_with_warmup(10, 100)
get_polynomial_decay_schedule_with_warmup(10, 100, lr_end=1e-5, power=2.0)
get_inverse_sqrt_schedule(10)
get_inverse_sqrt_schedule(10, 40)
get_wsd_schedule(10, 20, 100)
constant_schedule(0.1)
cosine_decay_schedule(1e-3, 90)
cosine_decay_schedule(init_value=1e-3, decay_steps=90, alpha=0.1)
linear_schedule(1e-3, 1e-5, 50)
linear_schedule(1e-3, 1e-5, 50, 20)
polynomial_schedule(0.1, 0.01, 2, 80)
warmup_cosine_decay_schedule(0.0, 1e-3, 10, 100)
warmup_cosine_decay_schedule(1e-5, 1e-3, 10, 90, 1e-4)
CosineDecay(1e-3, 100)
CosineDecay(1e-3, 80, 0.1)
CosineDecay(0.0, 90, alpha=0.1, warmup_target=1e-3, warmup_steps=10)
PolynomialDecay(0.1, 100)
PolynomialDecay(0.1, 80, 0.001, 2.0)
ExponentialDecay(0.1, 25, 0.5)
ExponentialDecay(0.1, 25, 0.5, staircase=False)
ExponentialDecay(0.1, 25, 0.5, staircase=True)
InverseTimeDecay(0.1, 10, 0.5)
CosineDecayRestarts(0.1, 10, m_mul=0.5)
ConstantSchedule(0.5)
StepFixedSchedule(1.0, 0.1, [0.3, 0.6])
StepIntervalSchedule(start_value=1.0, factor=0.5, interval=0.25)
LinearScheduler(alpha_i=1.0, alpha_f=0.1)
CosineAnnealingScheduler(alpha_f=0.1)
CosineAnnealingScheduler(t_max=50ba, alpha_f=0.1)
CosineAnnealingWithWarmupScheduler(t_warmup=1ep, alpha_f=0.1)
LinearWithWarmupScheduler(0.1dur)
ConstantWithWarmupScheduler(t_warmup=10ba)
StepScheduler(step_size=2ep, gamma=0.5)
MultiStepScheduler(milestones=[3ep, 5ep], gamma=0.1)
ExponentialScheduler(0.9, decay_period=1ep)
PolynomialScheduler(power=2, alpha_f=0.1)
LinearDecreasingSchedule(max_value=1.0, end_value=0.1)
CosineDecreasingSchedule(max_value=0.5)
""".strip().splitlines()
"""Calls as people type them into a text."""


@pytest.mark.parametrize("typed", TYPED)
def test_what_is_typed_is_told_with_its_values(typed: str) -> None:
    """The text that the error shows has the values that the library's call has, whatever the base."""
    name, base = typed.partition("(")[0], 3e-4
    library = next((each for each in LIBRARIES if hasattr(each, name)), None)
    share = 1e-12
    if library is None:
        base, expected = BASE, of_function(re.sub(r"([\d.]+(?:ep|ba|dur))", r'"\1"', typed), COMPOSER)
    elif library in (torch.optim.lr_scheduler, transformers.optimization):
        expected = of_torch(typed.replace("(", "(opt, ", 1).replace(", )", ")"), vars(library), base)
    elif library is kappaschedules:
        expected = of_noether(typed)
    else:
        share = 1e-6
        expected = of_keras(typed) if library is keras.optimizers.schedules else of_function(typed, vars(library))
    with pytest.raises(ScheduleError) as caught:
        parse(typed)
    (found,) = caught.value.diagnostics
    assert found.fix is None
    assert found.example is not None
    bound = parse(found.example).bind(TOTAL, base=base, steps_per_epoch=EPOCH)
    assert [bound(step) for step in range(TOTAL)] == pytest.approx(expected, rel=0, abs=share * max(map(abs, expected)))


LIBRARIES = (
    *(torch.optim.lr_scheduler, transformers.optimization, optax.schedules, keras.optimizers.schedules),
    kappaschedules,
)


def test_every_form_was_typed() -> None:
    """Each form that other systems' calls have in the table is among them; all of Noether's are tried elsewhere."""
    typed = {each.partition("(")[0] for each in TYPED}
    assert {name for name in FORMS if CALLS[name].systems != "noether"} <= typed <= FORMS.keys()


def test_every_system_has_rows() -> None:
    """No system is without a pair, and each is known."""
    assert {system for system, _, _ in pairs()} == set(VALUES)


NAMES = {"a": 0.1, "b": 0.01, "g": 0.5, "m": 15, "n": 25, "p": 2}


def named() -> dict[str, str]:
    """The rows of the table of names on the page about PyTorch, with a formula for `LambdaLR`'s; cosines to the end."""
    page = (PAGE.parent / "frameworks" / "pytorch.md").read_text(encoding="utf-8").partition("\n## Names")[2]
    rows = dict(re.findall(r"^\| `(\w+\([^`]+)` \| `([^`]+)` \|$", page, re.MULTILINE))
    cosine = next(theirs for theirs in rows if theirs.startswith("CosineAnnealingLR"))  # beyond its end torch's rises
    rows[cosine.replace("=n", f"={TOTAL}")] = rows.pop(cosine).replace("for n", f"for {TOTAL}")
    return {**rows, "LambdaLR(lambda step: 1 / (1 + step))": "base * (1 / (1 + step))"}


def same_as_torch(theirs: str, ours: str) -> None:
    code = re.sub(r"\b(?!Chained)([A-Z]\w+)\(", r"\1(opt, ", theirs)
    used = {name: value for name, value in NAMES.items() if re.search(rf"\b{name}\b", ours)}
    bound = parse(ours).bind(TOTAL, base=BASE, **used)
    expected = of_torch(code, {**vars(torch.optim.lr_scheduler), **NAMES})
    assert [bound(step) for step in range(TOTAL)] == pytest.approx(expected, rel=1e-6, abs=1e-9), (theirs, ours)


@pytest.mark.parametrize("form", ["alone", "SequentialLR([a, b], milestones=[n])", "ChainedScheduler([a, b])"])
def test_torchs_names_in_each_other(form: str) -> None:
    """Each row of the table has torch's values alone, and so with each other row in a sequence, and in a product."""
    rows = named()
    forms = {each: rows.pop(each) for each in list(rows) if "[a, b]" in each}
    assert len(forms) == 2 and len(rows) == 9
    chained = form.startswith("Chained")
    if chained:  # what sets values instead of multiplying them, which the page says
        rows = {theirs: ours for theirs, ours in rows.items() if not re.match("Lambda|Cosine", theirs)}
        rows[f"CosineAnnealingLR(T_max={TOTAL})"] = f"cosine(base, 0) for {TOTAL} then hold"
    for one, text in rows.items():
        for other, another in rows.items() if form != "alone" else [("", "")]:
            if form == "alone":
                same_as_torch(one, text)
                continue
            ours = forms[form].replace("(b)", f"({another})").replace("(a)", f"({text})").replace("until n", "until 40")
            same_as_torch(form.replace("[n]", "[40]").replace("[a, b]", f"[{one}, {other}]"), ours)


# A run that changes.


def resumed(before: Any, after: Any, steps: int = 50) -> tuple[Any, list[float]]:
    """A scheduler after a change of the program, that has loaded a checkpoint, and the rates of its updates."""
    found: list[float] = []
    states: tuple[Any, Any] | None = None
    for made, count in ((before, steps), (after, TOTAL)):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=BASE)
        scheduler = made(optimizer)
        if states is not None:
            optimizer.load_state_dict(states[0])
            scheduler.load_state_dict(states[1])
        found = []
        for _ in range(count):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        states = optimizer.state_dict(), scheduler.state_dict()
    return scheduler, found


def cooled_down(start: int, trunk: Any = torch.optim.lr_scheduler.ConstantLR) -> Any:
    """A cool-down behind a trunk."""
    linear = torch.optim.lr_scheduler.LinearLR

    def made(opt: Any) -> Any:
        parts = [trunk(opt, 1.0, 10**9), linear(opt, 1.0, 1e-9, total_iters=20)]
        return torch.optim.lr_scheduler.SequentialLR(opt, parts, [start])

    return made


def test_a_changed_run_in_torch() -> None:
    """What the page says of torch's schedulers: the checkpoint's arguments win, but for functions."""
    from torch.optim.lr_scheduler import ConstantLR, CosineAnnealingLR, LambdaLR

    cosine, rates = resumed(lambda opt: CosineAnnealingLR(opt, 100), lambda opt: CosineAnnealingLR(opt, 200))
    assert cosine.T_max == 100
    assert rates[50] < 1e-9 < rates[70]
    with pytest.raises(KeyError, match="_schedulers"):
        resumed(lambda opt: ConstantLR(opt, 1.0, 10**9), cooled_down(50))
    assert resumed(cooled_down(80), cooled_down(50))[1][:30] == [BASE] * 30
    _, rates = resumed(lambda opt: LambdaLR(opt, lambda step: 1.0), lambda opt: LambdaLR(opt, lambda step: 0.5))
    assert rates[:3] == [BASE, BASE / 2, BASE / 2]


def test_a_changed_run_in_transformers() -> None:
    """What it says of Hugging Face's: the new length is taken, whatever was before."""
    from transformers.optimization import get_cosine_schedule_with_warmup as cosine
    from transformers.optimization import get_wsd_schedule as wsd

    _, rates = resumed(lambda opt: cosine(opt, 10, 100), lambda opt: cosine(opt, 10, 200))
    assert rates[1] > 1.5 * rates[0]
    shorter, longer = ({"num_training_steps": total} for total in (100, 200))
    _, rates = resumed(lambda opt: wsd(opt, 10, 20, **shorter), lambda opt: wsd(opt, 10, 20, **longer), 85)
    assert rates[0] < rates[1] == BASE


def test_a_changed_run_in_optax() -> None:
    """What it says of optax: joined schedules keep the past, and others do not."""
    old, new = (optax.cosine_decay_schedule(BASE, steps) for steps in (100, 200))
    joined = optax.join_schedules([old, optax.linear_schedule(float(old(40)), 0.0, 10)], [40])
    assert float(new(50)) > 1.5 * float(old(50))
    assert [float(joined(step)) for step in range(41)] == [float(old(step)) for step in range(41)]
    assert float(joined(50)) == 0
