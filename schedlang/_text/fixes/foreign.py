"""What other systems call things, and what that is called here. The only list of such words.

Each word names where it is from, so that it can be looked up again; signs are common.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple, TypeVar


class Measure(enum.Enum):
    """What the value of another system's argument is, and so whether it is the same value here."""

    VALUE = "the same value"
    STEPS = "a whole number of steps"
    SHARE = "a share, and no value"
    EPOCHS = "a number of epochs"
    SAMPLES = "a number of samples"
    TOKENS = "a number of tokens"
    PERCENT = "percent of the run"
    PART = "a share of the run"
    TOTAL = "a number of steps, counted from the start of the run"
    UNCLEAR = "one thing or another"


class Foreign(NamedTuple):
    """A word of other systems."""

    systems: str  # who says so
    here: tuple[str, ...] = ()  # what it is called here, the likeliest first; nothing if there is no such thing
    note: str | None = None  # what to do instead, where another name alone won't do
    measure: Measure = Measure.VALUE


def _listed(table: str) -> dict[str, Foreign]:
    """The words of a table whose lines begin with what its words are called here, `-` for nothing, and end in a note.

    What their values are stands in brackets behind the former, unless they are the same here.

    >>> listed = _listed("end [share]: alpha (optax, keras), alpha_f (OLMo)\\n-: verbose (torch) — remove it")
    >>> listed["alpha"].systems, listed["alpha_f"].measure.name, listed["verbose"].note
    ('optax, keras', 'SHARE', 'remove it')
    """
    found: dict[str, Foreign] = {}
    for line in re.split(r"\n(?=\S)", table.strip()):
        head, _, words = " ".join(line.split()).partition(": ")
        here, _, measure = head.removesuffix("]").partition(" [")
        words, _, note = words.partition(" — ")
        names = () if here == "-" else tuple(here.split(", "))
        for each in re.split(r"(?<=\)), ", words):
            word, systems = re.fullmatch(r"(\S+) \((.*?)\)", each).groups()  # type: ignore[union-attr]  # else it raises
            if word in found:
                raise TypeError(f"`{word}` is listed twice")
            found[word] = Foreign(systems, names, note or None, Measure[(measure or "value").upper()])
    return found


WARMUP: Final = "a warm-up is a phase of its own: `warmup(5%) then …`"
"""What to do with the length of a warm-up that something else is given."""

_COPIES: Final = (
    "copies are a clause: `(…) over 10ep repeat 5`, longer each time with `stretch 2`, lower with `scale 0.5`"
)
_STATELESS: Final = "there is no such thing here: a schedule knows only the step, not a metric"
_PEAK: Final = "the highest value is the `start` of what falls, and the `end` of what climbs"

ARGUMENTS: Final = _listed(f"""
end: eta_min (torch, MMEngine), min_lr (Megatron, nanoGPT, NeMo), lr_min (timm), min_value (ignite),
    lr_end (transformers), end_lr (PaddlePaddle), end_value (optax, noether, fvcore), end_learning_rate (keras),
    final_lr (fairseq2), final_value (optax), stop (thinc), stop_value (thinc), target (keras, T5X), floor (levanter)
end [share]: alpha (keras, optax), alpha_f (Composer, OLMo), end_factor (torch), eta_min_ratio (MMEngine),
    min_lr_ratio (levanter, transformers), min_lr_rate (transformers)
start: init_value (optax), initial_value (ignite), start_value (noether, fvcore), start_lr (PaddlePaddle),
    init_lr (keras, nanoGPT), initial_lr (torch), initial_learning_rate (keras)
start: warmup_lr_init (timm), warmup_init_lr (fairseq), warmup_lr (timm), warmup_start_lr (Lightning),
    warmup_min_lr (DeepSpeed) — {WARMUP}
start [share]: warmup_factor (detectron2), warmup_start_factor (torchvision) — {WARMUP}
start [share]: start_factor (torch, MMEngine), alpha_i (Composer)
value [unclear]: lr (torch), learning_rate (keras), base_lr (Caffe, detectron2), peak (levanter), peak_value (optax),
    peak_lr (axlearn), max_lr (torch, Megatron), lr_max (T5X), eta_max (papers), max_value (noether),
    warmup_target (keras) — {_PEAK}
duration [steps]: T_max (torch, MMEngine), t_max (Composer, OLMo), total_iters (torch), cycle_size (ignite),
    num_steps (allennlp), steps (thinc), iters (mmcv)
duration: length (detectron2), over (levanter), duration (ramps)
duration [unclear]: t_initial (timm) — `duration` is how long the ramp is, `100` in steps, `100ep` in epochs
duration [epochs]: epochs (torch), num_epochs (transformers), max_epochs (Lightning)
duration [total]: total_steps (torch, T5X), max_steps (Lightning), max_iters (nanoGPT),
    num_training_steps (transformers), lr_decay_iters (nanoGPT, Megatron), total_num_update (fairseq) — the run is told
    how long it is when it is bound, and a phase that ends earlier has `until 1000`
duration, every [steps]: decay_steps (keras, optax), transition_steps (optax)
duration [steps]: num_warmup_steps (transformers), warmup_steps (optax, keras, thinc), warmup_iters (nanoGPT, mmcv),
    warmup_updates (fairseq) — {WARMUP}
duration: warmup (axlearn, thinc), t_warmup (Composer, OLMo) — {WARMUP}
duration [unclear]: warmup_t (timm) — {WARMUP}
duration [epochs]: warmup_epochs (timm) — {WARMUP}
duration [part]: warmup_ratio (transformers), pct_start (torch OneCycleLR) — {WARMUP}
duration [percent]: warmup_percent (big_vision) — {WARMUP}
factor: gamma (torch, Caffe), decay_rate (keras, optax, timm), decay_factor (Composer), multiplier (torch),
    scale_factor (fvcore)
steps [steps]: milestones (torch, MMEngine), boundaries (keras, optax)
keys: milestones_values (ignite) — write `keyframes(0 @ 0, 1 @ 5%)`, a value at each time
steps, every [unclear]: decay_t (timm) — a time is `30` in steps and `30ep` in epochs
every, steps, duration [epochs]: decay_epochs (timm)
every [steps]: step_size (torch), period (MMEngine)
every: update_interval (noether), decreases_interval (noether), interval (kappaschedules)
power: exponent (fvcore), poly_power (fairseq)
power: power (keras, transformers, torch) — only `poly` has a power: `poly(1, 0, power=2)`
shape: anneal_strategy (torch), decay_type (transformers) — the shape is the name: `cosine(…)`, `linear(…)`
-: num_cycles (transformers), cycles (big_vision), cycle_limit (timm), T_mult (torch), cycle_mul (timm),
    cycle_decay (timm), t_mul (keras), m_mul (keras), restart_weights (MMEngine) — {_COPIES}
duration [unclear]: T_0 (torch) — {_COPIES}
-: num_decay_steps (transformers), cooldown_steps (Megatron), cooldown_epochs (timm), cooldown (MLX),
    cooldown_percent (noether), cooldown_shape (noether) — a cool-down is a
    phase of its own: `… then hold until 80% then linear to 0`
-: last_epoch (torch) — remove it: a schedule has no state, ask it for any step
-: verbose (torch) — remove it
-: optimizer (torch) — remove it: a schedule gives values, and its adapter sets them
-: by_epoch (MMEngine) — remove it: units stand with the numbers, `30ep` or `500`
inclusive [unclear]: exclude_first (noether), exclude_last (noether) — which ends a ramp shows is `inclusive`: `both`,
    `left` without the last, `right` without the first, or `neither`
-: overhang_steps (noether), overhang_percent (noether) — write how long it would be behind it:
    `… over 100% + 10`, `… over 110%`
-: control_points (noether) — write `keyframes(base @ 0, 0.3 * base @ 50%, 0 @ 100%)`, a value at each time
-: staircase (keras, optax) — `interval` has stairs, `exponential_decay` has none
-: patience (torch), metric (torch) — {_STATELESS}
""")
"""Arguments of schedules."""

_COUNTED: Final = {
    **dict.fromkeys(("steps", "step", "iters", "iterations", "its", "updates", "batches"), Measure.STEPS),
    **dict.fromkeys(("epochs", "epoch", "ep"), Measure.EPOCHS),
    **dict.fromkeys(("samples", "examples", "images"), Measure.SAMPLES),
    **dict.fromkeys(("tokens", "toks"), Measure.TOKENS),
    **dict.fromkeys(("percent", "percentage"), Measure.PERCENT),
    **dict.fromkeys(("ratio", "fraction", "frac", "proportion", "portion", "share"), Measure.PART),
}
_UNIT: Final = "|".join(_COUNTED)
_OF_A_WARM_UP: Final = re.compile(rf"(?:num_|n_|lr_)?(?:linear_)?(?:warm_?up|ramp_?up|burn_?in)_(?P<unit>{_UNIT})")
_OF_AN_END: Final = re.compile(
    r"(?:lr_)?(?:(?P<end>min|minimum|end|final|floor)|start|init|initial)"
    r"(?:_(?:lr|learning_rate|value))?_(?:ratio|factor|fraction|frac|scale|share)|(?P<rate>min|end|final)_lr_rate"
)
_OF_A_PHASE: Final = re.compile(r"(?:num_|n_)?(?:decay_|drop_|step_|every_)?(?P<unit>epochs|samples|tokens)")


def argument(word: str) -> Foreign | None:
    """What is known of another system's argument; of one that is not listed, what its parts say.

    >>> argument("num_warmup_updates").measure.name, argument("final_lr_fraction").here, argument("peek")
    ('STEPS', ('end',), None)
    """
    known = ARGUMENTS.get(word) or ARGUMENTS.get(word.lower())
    if known is not None:
        return known
    if found := _OF_A_WARM_UP.fullmatch(word):
        return Foreign("", ("duration",), WARMUP, _COUNTED[found["unit"]])
    if found := _OF_AN_END.fullmatch(word):
        return Foreign("", ("end" if found["end"] or found["rate"] else "start",), None, Measure.SHARE)
    if found := _OF_A_PHASE.fullmatch(word):
        return Foreign("", ("every", "duration"), None, _COUNTED[found["unit"]])
    return None


_RESTARTS: Final = "write `cosine(base, 0) for 10ep repeat 5`"

_T = TypeVar("_T")


def _with_configs(named: dict[str, _T]) -> dict[str, _T]:
    """A table with the classes of Noether's configs, too, which have the names and arguments of its schedules.

    And with the names that documents shorten, but for those of the stairs, which are so called here.
    """
    configs = {f"{name}Config": each for name, each in named.items() if name.endswith("Schedule")}
    return named | configs | {short[1]: each for name, each in named.items() if (short := _SHORTENED.fullmatch(name))}


_SHORTENED: Final = re.compile(r"(?!Step)(\w+(?:creasing|Decay))Schedule")


CALLS: Final = _with_configs(
    _listed(f"""
cosine: CosineAnnealingLR (torch), CosineDecay (keras), CosineLRScheduler (timm),
    CosineDecreasingSchedule (noether), CosineIncreasingSchedule (noether), cosine_decay (mlx),
    cosine_decay_schedule (optax), cosine_annealing (Lightning, NeMo), cosine_schedule (transformers),
    half_cosine (Megatron), cos_decay (T5X), cosine_lr (open_clip)
-: CosineParamScheduler (fvcore), LinearParamScheduler (fvcore) — they are shares of base there: write
    `base * cosine(1, 0)`
-: CosineAnnealingScheduler (Composer, ignite) — write `cosine(end=0.1 * base)`; that of ignite goes there and back
-: cosine_with_min_lr (transformers), get_cosine_with_min_lr_schedule_with_warmup (transformers) — write
    `warmup(5%) then cosine(end=0.1 * base)`, its floor a share of base or a number
linear: LinearLR (torch, MMEngine), LinearScheduler (Composer), linear_schedule (optax), linear_decay (T5X),
    LinearDecreasingSchedule (noether), LinearIncreasingSchedule (noether), lerp (keyframed), ramp (praxis),
    lin (rl-zoo3)
poly: PolynomialLR (torch), PolynomialScheduler (Composer), PolyLR (MMEngine), PolynomialDecay (keras), polynomial
    (transformers, timm), polynomial_schedule (optax), polynomial_decay (fairseq), poly_decay (T5X),
    PolynomialDecreasingSchedule (noether), PolynomialIncreasingSchedule (noether)
exponential_decay, exponential: ExponentialLR (torch), ExponentialScheduler (Composer), ExponentialDecay (keras),
    exp_decay (T5X)
constant: ConstantSchedule (noether), constant_schedule (optax), const (rl-zoo3)
-: ConstantLR (torch) — write `base / 3 for 5 then base`
hold: flat (fastai), stable (WSD)
warmup: LinearWarmup (PaddlePaddle), linear_warmup (T5X), warm_up (Keras examples), rampup (praxis), ramp_up (praxis),
    burn_in (Darknet), rewarmup (levanter), WarmupLR (DeepSpeed)
-: constant_with_warmup (transformers), get_constant_schedule_with_warmup (transformers),
    ConstantWithWarmupScheduler (Composer), WarmupConstantSchedule (transformers) — write `warmup(5%) then hold`
step_fixed: MultiStepLR (torch, MMEngine), MultiStepScheduler (Composer), multistep (Caffe, timm), multi_step (torch),
    MultiStepParamScheduler (fvcore), PiecewiseConstantDecay (keras), piecewise_constant (PyTorch, TF),
    piecewise_constant_schedule (optax), StepFixedSchedule (noether)
interval: StepLR (torch), StepScheduler (Composer), StepIntervalSchedule (noether),
    StepLRScheduler (timm), step_decay (Scenic), staircase (optax)
step_decreasing: StepDecreasingSchedule (noether)
values: CustomSchedule (noether)
inv_sqrt: InverseSqrtDecreasingSchedule (kappaschedules), InverseSqrtIncreasingSchedule (kappaschedules)
inv_sqrt: rsqrt (T5X, Scenic), rsqrt_decay (T5X), sqrt_decay (T5X)
-: inverse_sqrt (transformers, fairseq), inverse_square_root (fairseq), get_inverse_sqrt_schedule (transformers),
    noam (OpenNMT, tensor2tensor), NoamLR (allennlp) — write `warmup(4000) then inv_sqrt(4000)`, which climbs to base;
    the formula of the paper is `d_model ** -0.5` times that, and needs no base
one_minus_sqrt: OneMinusSqrt (transformers), SqrtDecreasingSchedule (noether), minus_sqrt (Megatron)
keyframes: piecewise_linear (ignite), PiecewiseLinear (ignite)
-: PiecewiseLinearSchedule (noether) — write `keyframes(base @ 0, 0.3 * base @ 50%, 0 @ 100%)`, a value at each time
-: PeriodicBoolSchedule (noether) — write `(0 for 10 then base for 10) repeat`
-: join_schedules (optax), SequentialLR (torch), SequentialPercentSchedule (noether),
    SequentialStepSchedule (noether) — phases are joined by `then`: `warmup(5%) then cosine`
-: ChainedScheduler (torch) — schedules are multiplied by `*`
-: CosineAnnealingWarmRestarts (torch), CosineDecayRestarts (keras), sgdr (optax), sgdr_schedule (optax),
    cosine_annealing_warm_restarts (torch), CosineAnnealingWarmupRestarts (katsura) — write `cosine(base, 0) for
    10ep repeat stretch 2`
-: cosine_with_restarts (transformers), cosine_restarts (ML), cosine_hard_restarts (ML),
    get_cosine_with_hard_restarts_schedule_with_warmup (transformers) — {_RESTARTS}
-: warmup_cosine (transformers), warmup_cosine_decay_schedule (optax), cosine_with_warmup (transformers),
    cosine_warmup (ML), linear_warmup_cosine (ML), LinearWarmupCosineAnnealingLR (Lightning),
    WarmupCosineSchedule (transformers), WarmupCosineLR (DeepSpeed),
    CosineAnnealingWithWarmupScheduler (Composer), linear_warmup_cosine_annealing (Lightning),
    get_cosine_schedule_with_warmup (transformers) — write `warmup(5%) then cosine`
-: LinearWarmupCosineDecaySchedule (noether) — write `warmup(5%) then cosine(end=1e-6)`
-: WarmupStableDecaySchedule (noether) — write `warmup(5%) then hold until 80% then one_minus_sqrt`
-: linear_with_warmup (transformers), get_linear_schedule_with_warmup (transformers), WarmupDecayLR (DeepSpeed),
    LinearWithWarmupScheduler (Composer), WarmupLinearSchedule (transformers), linear_warmup_decay (ML) — write
    `warmup(5%) then linear to 0`
-: get_polynomial_decay_schedule_with_warmup (transformers) — write `warmup(5%) then poly(power=2)`
-: get_wsd_schedule (transformers) — write `warmup(5%) then hold until 80% then cosine`
-: OneCycleLR (torch), one_cycle (torch, fastai), onecycle (torch, fastai), OneCycle (fastai, DeepSpeed),
    cosine_onecycle_schedule (optax) — write
    `cosine(base / 25, base) for 30% then cosine to 4e-6 * base`
-: CyclicLR (torch), cyclic (torch), triangular (torch) — write `(linear(0.1 * base, base) for 5ep then
    linear(base, 0.1 * base) for 5ep) repeat`
-: WSD (MiniCPM), wsd (MiniCPM) — write `warmup(5%) then hold until 80% then one_minus_sqrt to 0`
-: warmup_stable_decay (transformers), trapezoidal (modded-nanogpt), trapezoid (modded-nanogpt) — write `warmup(5%)
    then hold until 80% then linear to 0`
-: slanted_triangular (allennlp) — write `linear from 0 to base for 10% then linear to 0`
-: tri_stage (fairseq) — write `warmup(10%) then hold until 50% then exponential(end=0.05 * base)`
-: InverseTimeDecay (keras), inverse_time_decay (keras) — write the formula: `base / (1 + 0.5 * step / 100)`
-: LambdaLR (torch), MultiplicativeLR (torch) — write the formula itself: `base / sqrt(step + 1)`
-: ReduceLROnPlateau (torch), reduce_lr_on_plateau (transformers), reduce_on_plateau (optax), plateau (torch, timm)
    — {_STATELESS}
min: minimum (NumPy)
max: maximum (NumPy)
clip: clamp (torch)
-: pow (Python) — a power is written `a ** b`
log: ln (mathematics)
""")
)
"""What is called: schedules and functions."""

ALONE: Final = _listed("""
cosine: cos (papers), cosine-decay (English), cosine-annealing (English)
linear: linear-decay (English), linear_decay (T5X)
hold: keep (English), stay (English)
one_minus_sqrt: 1-sqrt (nanotron)
-: exp (T5X), decay (English) — the shape is missing: `linear`, `cosine`, or `exponential_decay(0.97)`, each step 0.97
    times as much
-: none (Python), None (Python), null (YAML), off (YAML) — leave it out, or write `hold`, which stays at base
-: auto (transformers), default (English) — nothing is chosen by itself here: write for example `warmup(5%) then cosine`
-: inf (Python), nan (Python) — a value is a finite number
-: freeze (English), frozen (English) — nothing moves while the value is 0: `0 for 2ep then cosine(base, 0)`
-: halve (English), halved (English) — stairs are `interval(0.5, every=10ep)`: half as much each 10 epochs
""")
"""What stands where a schedule does, and is called nowhere."""

_FORMS: Final = """
CosineAnnealingLR(T_max:n, eta_min=0) -> cosine(end={eta_min}, duration={T_max})
CosineAnnealingLR(*, eta_min=0) -> cosine(end={eta_min})
LinearLR(start_factor=1 / 3, end_factor=1, total_iters:n=5)
    -> linear({start_factor} * base, {end_factor} * base, {total_iters})
ConstantLR(factor=1 / 3, total_iters:n=5) -> {factor} * base for {total_iters} then base
PolynomialLR(total_iters:n=5, power=1) -> poly(duration={total_iters}, power={power})
StepLR(step_size:n, gamma=0.1) -> interval({gamma}, every={step_size})
MultiStepLR(milestones:n, gamma=0.1) -> step_fixed({gamma}, {milestones})
ExponentialLR(gamma) -> exponential_decay({gamma})
CosineAnnealingWarmRestarts(T_0:n, T_mult:1=1, eta_min=0) -> cosine(base, {eta_min}) for {T_0} repeat
CosineAnnealingWarmRestarts(T_0:n, T_mult:n=1, eta_min=0) -> cosine(base, {eta_min}) for {T_0} repeat stretch {T_mult}
OneCycleLR(max_lr, total_steps:n) -> cosine({max_lr} / 25, {max_lr}) for 0.3 * {total_steps} - 1
    then cosine to {max_lr} / 250000 until {total_steps} - 1
CyclicLR(base_lr, max_lr, step_size_up:n=2000) -> (linear({base_lr}, {max_lr}) for {step_size_up}
    then linear({max_lr}, {base_lr}) for {step_size_up}) repeat
get_constant_schedule_with_warmup(num_warmup_steps:n) -> warmup({num_warmup_steps}) then hold
get_linear_schedule_with_warmup(num_warmup_steps:n, num_training_steps:n)
    -> warmup({num_warmup_steps}) then linear until {num_training_steps}
get_cosine_schedule_with_warmup(num_warmup_steps:n, num_training_steps:n)
    -> warmup({num_warmup_steps}) then cosine until {num_training_steps}
get_cosine_with_min_lr_schedule_with_warmup(num_warmup_steps:n, num_training_steps:n, *, min_lr)
    -> warmup({num_warmup_steps}) then cosine(end={min_lr}) until {num_training_steps}
get_cosine_with_min_lr_schedule_with_warmup(num_warmup_steps:n, num_training_steps:n, *, min_lr_rate)
    -> warmup({num_warmup_steps}) then cosine(end={min_lr_rate} * base) until {num_training_steps}
get_polynomial_decay_schedule_with_warmup(num_warmup_steps:n, num_training_steps:n, lr_end=1e-7, power=1)
    -> warmup({num_warmup_steps}) then poly(end={lr_end}, power={power}) until {num_training_steps}
get_inverse_sqrt_schedule(num_warmup_steps:n) -> warmup({num_warmup_steps}) then inv_sqrt({num_warmup_steps})
get_inverse_sqrt_schedule(num_warmup_steps:n, timescale:n) -> warmup({num_warmup_steps}) then inv_sqrt({timescale})
get_wsd_schedule(num_warmup_steps:n, num_decay_steps:n, num_training_steps:n) -> warmup({num_warmup_steps})
    then hold until {num_training_steps} - {num_decay_steps} then cosine until {num_training_steps}
constant_schedule(value) -> {value}
cosine_decay_schedule(init_value, decay_steps:n, alpha=0)
    -> cosine({init_value}, {alpha} * {init_value}, {decay_steps})
linear_schedule(init_value, end_value, transition_steps:n) -> linear({init_value}, {end_value}, {transition_steps})
linear_schedule(init_value, end_value, transition_steps:n, transition_begin:n)
    -> {init_value} for {transition_begin} then linear({init_value}, {end_value}, {transition_steps})
polynomial_schedule(init_value, end_value, power, transition_steps:n)
    -> poly({init_value}, {end_value}, {transition_steps}, {power})
warmup_cosine_decay_schedule(init_value, peak_value, warmup_steps:n, decay_steps:n, end_value=0)
    -> warmup({warmup_steps}, {init_value}) then cosine({peak_value}, {end_value}) until {decay_steps}
CosineDecay(initial_learning_rate, decay_steps:n, alpha=0)
    -> cosine({initial_learning_rate}, {alpha} * {initial_learning_rate}, {decay_steps})
CosineDecay(initial_learning_rate, decay_steps:n, alpha=0, *, warmup_target, warmup_steps:n)
    -> warmup({warmup_steps}, {initial_learning_rate})
    then cosine({warmup_target}, {alpha} * {warmup_target}, {decay_steps})
PolynomialDecay(initial_learning_rate, decay_steps:n, end_learning_rate=1e-4, power=1)
    -> poly({initial_learning_rate}, {end_learning_rate}, {decay_steps}, {power})
ExponentialDecay(initial_learning_rate, decay_steps:n, decay_rate, staircase:False=False)
    -> exponential_decay({decay_rate}, every={decay_steps}, start={initial_learning_rate})
ExponentialDecay(initial_learning_rate, decay_steps:n, decay_rate, staircase:True)
    -> interval({decay_rate}, every={decay_steps}, start={initial_learning_rate})
InverseTimeDecay(initial_learning_rate, decay_steps:n, decay_rate, staircase:False=False)
    -> {initial_learning_rate} / (1 + {decay_rate} * step / {decay_steps})
CosineDecayRestarts(initial_learning_rate, first_decay_steps:n, t_mul:n=2, m_mul=1, alpha:0=0)
    -> cosine({initial_learning_rate}, 0) for {first_decay_steps} repeat stretch {t_mul} scale {m_mul}
LinearScheduler(alpha_i=1, alpha_f=0) -> linear({alpha_i} * base, {alpha_f} * base)
CosineAnnealingScheduler(*, alpha_f) -> cosine(base, {alpha_f} * base)
CosineAnnealingScheduler(*, t_max:n, alpha_f=0) -> cosine(base, {alpha_f} * base, {t_max})
CosineAnnealingWithWarmupScheduler(t_warmup:n, *, alpha_f=0) -> warmup({t_warmup}) then cosine(end={alpha_f} * base)
LinearWithWarmupScheduler(t_warmup:n, *, alpha_f=0) -> warmup({t_warmup}) then linear(end={alpha_f} * base)
ConstantWithWarmupScheduler(t_warmup:n) -> warmup({t_warmup}) then hold
StepScheduler(step_size:n, gamma=0.1) -> interval({gamma}, every={step_size})
MultiStepScheduler(milestones:n, gamma=0.1) -> step_fixed({gamma}, {milestones})
ExponentialScheduler(gamma, decay_period:n=1ep) -> exponential_decay({gamma}, every={decay_period})
PolynomialScheduler(power, *, alpha_f=0) -> poly(end={alpha_f} * base, power={power})
"""

_NOETHER: Final = """
ConstantSchedule(value) -> {value}
CustomSchedule(values) -> values({values})
StepFixedSchedule(factor:+, steps:%, *, start_value=1) -> step_fixed({factor}, {steps}, start={start_value})
StepFixedSchedule(start_value, factor:+, steps:%) -> step_fixed({factor}, {steps}, start={start_value})
StepIntervalSchedule(*, factor:+, update_interval:%, start_value=1)
    -> interval({factor}, every={update_interval}, start={start_value})
StepIntervalSchedule(*, factor:+, interval:%, start_value) -> interval({factor}, every={interval}, start={start_value})
StepDecreasingSchedule(*, factor:+, decreases_interval:%, max_value:+, end_value:<max_value=0,
    exclude_first:False=False, exclude_last:False=False)
    -> step_decreasing({factor}, every={decreases_interval}, start={max_value}, end={end_value})
LinearWarmupCosineDecaySchedule(*, warmup_steps:n, max_value:+, start_value:0=0, end_value:<max_value=1e-6)
    -> linear(0, {max_value}, inclusive=neither) for {warmup_steps}
    then cosine({max_value}, {end_value}, inclusive=both)
LinearWarmupCosineDecaySchedule(*, warmup_percent:/, max_value:+, start_value:0=0, end_value:<max_value=1e-6)
    -> linear(0, {max_value}, inclusive=neither) for max({warmup_percent} - 1, 0)
    then cosine({max_value}, {end_value}, inclusive=both)
LinearWarmupCosineDecaySchedule(*, warmup_steps:n, max_value:+, start_value:<max_value, end_value:<max_value=1e-6)
    -> linear({start_value}, {max_value}) for {warmup_steps} then cosine({max_value}, {end_value}, inclusive=both)
"""

_NOETHER_RAMPS: Final = (
    ("LinearDecreasing", "max_value:+, end_value:<max_value=0", "linear({max_value}, {end_value}"),
    ("LinearIncreasing", "start_value:<max_value=0, max_value:+", "linear({start_value}, {max_value}"),
    ("CosineDecreasing", "max_value:+, end_value:<max_value=0", "cosine({max_value}, {end_value}"),
    ("CosineIncreasing", "start_value:<max_value=0, max_value:+", "cosine({start_value}, {max_value}"),
    ("SqrtDecreasing", "max_value:+, end_value:<max_value=0", "one_minus_sqrt({max_value}, {end_value}"),
    (
        "PolynomialDecreasing",
        "max_value:+, end_value:<max_value=0, *, power:>=1",
        "poly({max_value}, {end_value}, power={power}",
    ),
    (
        "PolynomialIncreasing",
        "start_value:<max_value=0, max_value:+, *, power:>=1",
        "poly({start_value}, {max_value}, power={power}",
    ),
)
EXCLUDING: Final = ("exclude_first", "exclude_last")
INCLUSIVE: Final = {(False, False): "both", (True, False): "right", (False, True): "left", (True, True): "neither"}
"""Noether's arguments for the ends that are not shown, and those that are shown by the values of both."""


def _ramps_of_noether() -> Iterator[str]:
    """Noether's ramps, with each choice of the ends that they leave out."""
    for kind, parameters, text in _NOETHER_RAMPS:
        by_name = parameters if "*" in parameters else f"{parameters}, *"
        for excluded, inclusive in INCLUSIVE.items():
            flags = (f"{end}:{out}" + ("" if out else "=False") for end, out in zip(EXCLUDING, excluded, strict=True))
            yield f"{kind}Schedule({by_name}, {', '.join(flags)}) -> {text}, inclusive={inclusive})"


class Parameter(NamedTuple):
    """A parameter of another system's call."""

    name: str
    # `n`: a whole number of steps, or several; `%`: a share of the run, or several; `/`: one that is a half, a third or
    # so on, in percent; `+`: a number of at least 0; `>`: one above 0; `<other`: one of at least 0 that is not above
    # that parameter's; a word: nothing else; empty: a number
    takes: str
    default: str | None
    by_name: bool  # alone


class Form(NamedTuple):
    """One way to call something of another system, and the text that has its values, with the arguments in braces."""

    parameters: tuple[Parameter, ...]
    text: str


def _formed(table: str) -> dict[str, list[Form]]:
    """The forms of a table, by what is called.

    >>> _formed("Step(size:n, gamma=0.1) -> f({gamma}, {size})")["Step"][0].parameters[1]
    Parameter(name='gamma', takes='', default='0.1', by_name=False)
    """
    found: dict[str, list[Form]] = {}
    for line in re.split(r"\n(?=\S)", table.strip()):
        head, _, text = " ".join(line.split()).partition(" -> ")
        name, _, listed = head.removesuffix(")").partition("(")
        parameters = []
        for part, by_name in zip(listed.split("*"), (False, True), strict=False):
            for each in filter(None, part.strip(", ").split(", ")):
                declared, _, default = each.partition("=")
                word, _, takes = declared.partition(":")
                parameters.append(Parameter(word, takes, default or None, by_name))
        found.setdefault(name, []).append(Form(tuple(parameters), text))
    return found


FORMS: Final[Mapping[str, list[Form]]] = _with_configs(_formed("\n".join((_FORMS, _NOETHER, *_ramps_of_noether()))))
"""What calls of other systems are here, of those whose arguments are known."""

NAMES: Final = _listed("""
step: t (papers), i (Python), n (papers), it (PyTorch), iter (PyTorch), iteration (PyTorch), itr (OpenAI),
    step_num (papers), STEP (shells), cur_step (timm), current_step (transformers), cur_iter (mmcv),
    num_updates (fairseq)
run_step: global_step (Lightning, TF), last_epoch (torch)
step [unclear]: x (papers), T (papers), s (papers) — write `step` for the steps of the phase so far, `progress` for
    their share of the phase
epoch: current_epoch (Lightning), cur_epoch (fvcore), epoch_num (Keras)
epoch [unclear]: epochs (English) — write `epoch` for the epochs so far; their share of all is `run_progress`
epoch [unclear]: e (papers) — write `epoch` for the epochs so far; `exp(1)` is the number
base: base_lr (torch), lr (torch), LR (shells), initial_lr (torch), lr0 (YOLO), init_lr (nanoGPT), peak_lr (axlearn),
    learning_rate (keras), base_learning_rate (keras), initial_learning_rate (keras), max_lr (nanoGPT), blr (MAE)
1 - run_progress: progress_remaining (Stable-Baselines3)
0: zero (English)
""")
"""Names in formulas, and what they are here."""

LENGTHS: Final = frozenset((
    *("total_steps", "max_steps", "max_step", "num_training_steps", "train_steps", "training_steps", "total_iters"),
    *("max_iters", "max_iter", "num_iterations", "total_iterations", "max_iterations"),
))  # fmt: skip
"""What the length of the run is called in formulas: `step / total_steps`."""

SHORT_LENGTHS: Final = frozenset((
    *("num_steps", "n_steps", "steps", "last_step", "num_iters", "n_iters", "iters", "iterations", "total", "T_max"),
    *("T", "N", "n"),
))  # fmt: skip
"""The same, if a step is divided by it; elsewhere it may be any length."""

LENGTHS_IN_EPOCHS: Final = frozenset(("epochs", "num_epochs", "n_epochs", "max_epochs", "total_epochs"))
"""The same, in epochs."""

WORDS: Final = _listed("""
then: and (English), next (English), followed_by (English), andthen (English)
for: during (English), lasting (schedlang's Python), across (English)
for, over: within (English)
until: till (English), til (English)
@: at (levanter)
repeat: loop (English), cycle (torch), times (English)
where: with (English), let (ML)
from: starting (English)
to: into (English), down (English)
skip: offset (torch)
rest: remaining (English)
-: mod (Python) — there is no remainder; a cycle is a clause: `… repeat`
-: if (Python) — there are no conditions: phases follow one another by `then`
-: lambda (Python) — write the formula itself, in `step` or `progress`: `0.95 ** step`
-: def (Python) — name a part behind `where`: `… where peak = 3e-4`
-: return (Python) — write the schedule alone
-: dict (Python) — write a schedule, for example `warmup(5%) then cosine`
""")
"""Words between other things."""

SYMBOLS: Final = {
    sign: Foreign(systems, here)
    for signs, systems, here in (
        ("-> => →", "optax docs, Ruby, papers", (", ", " to ", " then ")),
        (".. …", "Ruby, Rust, papers", (", ", " to ")),
        (">> |> || |", "pipes", (" then ",)),
        (">", "pipes", (" then ", " to ")),
        ("&&", "C", (" then ",)),
        ("&", "C", (" then ", " + ")),
        (";", "lists", (" then ", ", ")),
        ("^", "mathematics", (" ** ", "**")),
        (":=", "Python, Pascal", (" = ", "=")),
        ("==", "Python", ("=",)),
        (":", "Deforum, Megatron", ("=", " @ ")),
        ("× · ∗ ⋅ ✕", "mathematics", (" * ",)),
        ("− – —", "typography", ("-",)),
        ("÷", "mathematics", (" / ",)),
        ("//", "Python", (" / ", " # ")),
        ("{", "Rust, YAML", ("(", "[", "")),
        ("}", "Rust, YAML", (")", "]", "")),
        ("@", "levanter, notebooks", (" for ", " until ", " over ")),
        ("$ \\", "shells, Hydra", ("",)),
        ("\" ' ` “ ” ! ? ~ \u200b \ufeff", "Python, Markdown, English, typography, Windows", ("",)),
        ("\u00a0", "typography", (" ",)),
        ("。", "typography", ("", ".")),
        ("，", "typography", (", ",)),
        ("（", "typography", ("(",)),
        ("）", "typography", (")",)),
        ("％ ٪", "typography", ("%",)),
    )
    for sign in signs.split(" ")
}
"""Signs, and what may be meant by them, the likeliest first."""

ALIKE: Final = frozenset(
    ("^", ":=", "==", "×", "·", "∗", "⋅", "✕", "−", "–", "÷", "\u00a0", "，", "（", "）", "％", "٪")
)
"""Those that mean but one thing."""

UNITS: Final = _listed("""
ep: e (Marian), eps (MMEngine)
-: dur (Composer) — write a share of the run: `10%` for `0.1dur`
steps: ba (Composer), batches (Composer), batch (Composer), it (Composer), iter (Composer), iters (mmcv),
    iterations (Caffe), updates (fairseq), u (Marian)
s: sec (Composer), secs (English)
min: mins (English)
h: hr (English), hrs (English)
samples: sp (Composer), examples (big_vision), ex (big_vision)
tok: t (Marian), toks (olmo-cookbook)
%: percent (English), pct (English)
-: K (Megatron) — thousands are `k`: `10k`
-: m (English, clocks) — millions are `M`: `5M`; minutes are `min`
-: b (English), G (Marian) — billions are `B`: `2B`
""")
"""Units of time."""


def says(word: str, found: Foreign, here: str) -> str:
    """A hint: what the word is called here, and what its value is if it is another one."""
    systems = f" ({found.systems})" if found.systems else ""
    same = found.measure in (Measure.VALUE, Measure.STEPS)
    return f"`{word}`{systems} is called `{here}` here" + ("" if same else f", but there it is {found.measure.value}")
