"""What other systems call things, and what that is called here. The only list of such words.

Each word names where it is from, so that it can be looked up again; signs are common.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Foreign(NamedTuple):
    """A word of other systems."""

    systems: str  # who says so
    here: tuple[str, ...] = ()  # what it is called here, the likeliest first; nothing if there is no such thing
    note: str | None = None  # what to do instead, where another name alone won't do


def _listed(table: str) -> dict[str, Foreign]:
    """The words of a table whose lines begin with what its words are called here, `-` for nothing, and end in a note.

    >>> _listed("end: min_lr (NeMo), floor (levanter)\\n-: verbose (torch) — remove it")["verbose"]
    Foreign(systems='torch', here=(), note='remove it')
    """
    found: dict[str, Foreign] = {}
    for line in re.split(r"\n(?=\S)", table.strip()):
        here, _, words = " ".join(line.split()).partition(": ")
        words, _, note = words.partition(" — ")
        names = () if here == "-" else tuple(here.split(", "))
        for each in re.split(r"(?<=\)), ", words):
            word, systems = re.fullmatch(r"(\S+) \((.*?)\)", each).groups()  # type: ignore[union-attr]  # else it raises
            if word in found:
                raise TypeError(f"`{word}` is listed twice")
            found[word] = Foreign(systems, names, note or None)
    return found


WARMUP: Final = "a warm-up is a phase of its own: `warmup(5%) then …`"
"""What to do with the length of a warm-up that something else is given."""

_COPIES: Final = (
    "copies are a clause: `(…) over 10ep repeat 5`, longer each time with `stretch 2`, lower with `scale 0.5`"
)
_STATELESS: Final = "there is no such thing here: a schedule knows only the step, not a metric"

ARGUMENTS: Final = _listed(f"""
end: eta_min (torch, MMEngine), min_lr (Megatron, nanoGPT, NeMo), lr_min (timm), min_value (ignite, noether),
    lr_end (transformers), end_lr (PaddlePaddle), end_value (optax, noether, fvcore), end_factor (torch),
    end_learning_rate (keras), final_lr (fairseq2), final_value (optax), stop (thinc), stop_value (thinc),
    target (keras, T5X), floor (levanter), alpha (keras, optax), alpha_f (Composer, OLMo),
    min_lr_ratio (levanter, transformers), warmup_target (keras)
start: init_value (optax), initial_value (ignite), start_value (noether, fvcore), start_factor (torch, MMEngine),
    start_lr (PaddlePaddle), base_lr (Caffe, detectron2), init_lr (keras, nanoGPT), initial_lr (torch),
    initial_learning_rate (keras), warmup_lr_init (timm), alpha_i (Composer), learning_rate (keras)
start, value: lr (torch)
start, end: peak (levanter), peak_value (optax), peak_lr (axlearn), max_lr (torch, Megatron), max_value (noether)
duration: T_max (torch, MMEngine), t_max (Composer, OLMo), t_initial (timm), total_iters (torch),
    total_steps (torch, T5X), max_steps (Lightning), max_iters (nanoGPT), num_training_steps (transformers),
    lr_decay_iters (nanoGPT, Megatron), cycle_size (ignite), epochs (torch), num_epochs (transformers),
    num_steps (allennlp), steps (thinc), iters (mmcv), length (detectron2), over (levanter)
duration, every: decay_steps (keras, optax), transition_steps (optax)
duration: num_warmup_steps (transformers), warmup_steps (optax, keras, thinc), warmup_epochs (timm),
    warmup_ratio (transformers), warmup_iters (nanoGPT, mmcv), warmup_t (timm), t_warmup (Composer, OLMo),
    warmup_percent (big_vision), pct_start (torch OneCycleLR) — {WARMUP}
duration, timescale: warmup_updates (fairseq) — {WARMUP}
factor: gamma (torch, Caffe), decay_rate (keras, optax, timm), decay_factor (Composer), multiplier (torch),
    scale_factor (fvcore)
steps: milestones (torch, MMEngine), boundaries (keras, optax)
keys: milestones_values (ignite) — write `keyframes(0 @ 0, 1 @ 5%)`, a value at each time
steps, every: decay_t (timm)
every, steps: decay_epochs (timm)
every: step_size (torch), interval (noether), period (MMEngine)
power: exponent (fvcore), poly_power (fairseq)
power: power (keras, transformers, torch) — only `poly` has a power: `poly(1, 0, power=2)`
shape: anneal_strategy (torch), decay_type (transformers) — the shape is the name: `cosine(…)`, `linear(…)`
-: num_cycles (transformers), cycles (big_vision), cycle_limit (timm), T_mult (torch), cycle_mul (timm),
    cycle_decay (timm), t_mul (keras), m_mul (keras), restart_weights (MMEngine) — {_COPIES}
duration: T_0 (torch) — {_COPIES}
-: last_epoch (torch) — remove it: a schedule has no state, ask it for any step
-: verbose (torch) — remove it
-: optimizer (torch) — remove it: a schedule gives values, and its adapter sets them
-: by_epoch (MMEngine) — remove it: units stand with the numbers, `30ep` or `500`
-: staircase (keras, optax) — `interval` has stairs, `exponential_decay` has none
-: patience (torch), metric (torch) — {_STATELESS}
""")
"""Arguments of schedules."""

CALLS: Final = _listed(f"""
cosine: CosineAnnealingLR (torch), CosineDecay (keras), CosineLRScheduler (timm), CosineParamScheduler (fvcore),
    CosineAnnealingScheduler (ignite), cosine_decay (mlx), cosine_decay_schedule (optax),
    cosine_annealing (Lightning, NeMo), cosine_schedule (transformers), cosine_with_min_lr (transformers),
    half_cosine (Megatron), cos_decay (T5X)
linear: LinearLR (torch, MMEngine), linear_schedule (optax), linear_decay (T5X), LinearParamScheduler (fvcore),
    lerp (keyframed), ramp (praxis)
poly: PolynomialLR (torch), PolyLR (MMEngine), PolynomialDecay (keras), polynomial (transformers, timm),
    polynomial_schedule (optax), polynomial_decay (fairseq), poly_decay (T5X)
exponential_decay, exponential: ExponentialLR (torch), ExponentialDecay (keras), exp_decay (T5X)
constant: ConstantLR (torch), constant_schedule (optax), const (rl-zoo3)
hold: flat (fastai), stable (WSD)
warmup: LinearWarmup (PaddlePaddle), linear_warmup (T5X), warm_up (Keras examples), rampup (praxis), ramp_up (praxis),
    burn_in (Darknet), rewarmup (levanter)
-: constant_with_warmup (transformers) — write `warmup(5%) then hold`
step_fixed: MultiStepLR (torch, MMEngine), multistep (Caffe, timm), multi_step (torch),
    MultiStepParamScheduler (fvcore), PiecewiseConstantDecay (keras), piecewise_constant (PyTorch, TF),
    piecewise_constant_schedule (optax), StepFixed (noether)
interval: StepLR (torch), StepInterval (noether), StepLRScheduler (timm), step_decay (Scenic), staircase (optax)
step_decreasing: StepDecreasing (noether)
inv_sqrt: inverse_sqrt (transformers, fairseq), inverse_square_root (fairseq), rsqrt (T5X, Scenic), rsqrt_decay (T5X),
    noam (OpenNMT, tensor2tensor), NoamLR (allennlp), sqrt_decay (T5X)
one_minus_sqrt: OneMinusSqrt (transformers), minus_sqrt (Megatron)
keyframes: piecewise_linear (ignite), PiecewiseLinear (ignite)
-: join_schedules (optax), SequentialLR (torch) — phases are joined by `then`: `warmup(5%) then cosine`
-: ChainedScheduler (torch) — schedules are multiplied by `*`
-: CosineAnnealingWarmRestarts (torch), CosineDecayRestarts (keras), sgdr (optax) — write `(cosine(1, 0) for 10ep)
    repeat stretch 2`
-: cosine_with_restarts (transformers) — write `(cosine(1, 0) for 10ep) repeat 5`
-: warmup_cosine (transformers), warmup_cosine_decay_schedule (optax), cosine_with_warmup (transformers) — write
    `warmup(5%) then cosine`
-: linear_with_warmup (transformers) — write `warmup(5%) then linear to 0`
-: OneCycleLR (torch), one_cycle (torch, fastai) — write `cosine(0.04, 1) for 30% then cosine to 0`
-: CyclicLR (torch), cyclic (torch), triangular (torch) — write `(linear(0, 1) for 5ep then linear(1, 0) for 5ep)
    repeat`
-: WSD (MiniCPM), wsd (MiniCPM) — write `warmup(5%) then hold until 80% then one_minus_sqrt to 0`
-: warmup_stable_decay (transformers), trapezoidal (modded-nanogpt), trapezoid (modded-nanogpt) — write `warmup(5%)
    then hold until 80% then linear to 0`
-: slanted_triangular (allennlp) — write `linear from 0 to 1 for 10% then linear to 0`
-: tri_stage (fairseq) — write `warmup(10%) then hold until 50% then exponential(1, 0.05)`
-: LambdaLR (torch) — write the formula itself: `1 / sqrt(step + 1)`
-: ReduceLROnPlateau (torch), plateau (torch, timm) — {_STATELESS}
min: minimum (NumPy)
max: maximum (NumPy)
clip: clamp (torch)
-: pow (Python) — a power is written `a ** b`
log: ln (mathematics)
""")
"""What is called: schedules and functions."""

WORDS: Final = _listed("""
then: and (English), next (English), followed_by (English), andthen (English)
for: during (English), lasting (schedlang's Python), across (English)
for, over: within (English)
until: till (English), til (English)
@, until: at (levanter)
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
        ("× ·", "mathematics", (" * ",)),
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
        ("％", "typography", ("%",)),
    )
    for sign in signs.split(" ")
}
"""Signs, and what may be meant by them, the likeliest first."""

ALIKE: Final = frozenset(("^", ":=", "==", "×", "·", "−", "–", "÷", "\u00a0", "，", "（", "）", "％"))
"""Those that mean but one thing."""

UNITS: Final = _listed("""
ep: e (Marian), eps (MMEngine)
-: dur (Composer) — write a share of the run: `10%` for `0.1dur`
steps: ba (Composer), batches (Composer), batch (Composer), it (Composer), iter (Composer), iters (mmcv),
    iterations (Caffe), updates (fairseq), u (Marian)
-: s (clocks), sec (Composer) — time is counted in steps, epochs, samples or tokens, not in seconds
-: min (clocks) — time is counted in steps, epochs, samples or tokens, not in minutes
-: h (clocks), hours (clocks) — time is counted in steps, epochs, samples or tokens, not in hours
samples: sp (Composer), examples (big_vision), ex (big_vision)
tok: t (Marian), toks (olmo-cookbook)
%: percent (English), pct (English)
-: K (Megatron) — thousands are `k`: `10k`
-: m (English) — millions are `M`: `5M`
-: b (English), G (Marian) — billions are `B`: `2B`
""")
"""Units of time."""


def says(word: str, found: Foreign, here: str) -> str:
    """A hint: what the word is called here."""
    return f"`{word}` ({found.systems}) is called `{here}` here"
