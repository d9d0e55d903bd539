"""A sweep over schedules: Optuna chooses the text, and the numbers in it, with which a small model trains best.

The text is a choice among several. Its free names are parameters, which the sampler fills in.

    python examples/sweep.py --trials 60
"""

import argparse

import numpy
import optuna

from schedlang import parse

STEPS = 300

TEXTS = {  # each text, and whether it has a warm-up of length w
    "peak": False,
    "cosine(peak, 0)": False,
    "step_fixed(0.1, [50%, 75%], start=peak)": False,
    "warmup(w) then cosine(peak, 0)": True,
    "warmup(w, end=peak) then hold until 80% then one_minus_sqrt to 0": True,
}


def final_loss(text: str, params: dict[str, float | str], seed: int) -> float:
    """The loss after gradient descent with noise, on a quadratic function that is steep in some directions."""
    lr = parse(text).bind(STEPS, **params)  # whatever is wrong with the text or its parameters is told here
    rng = numpy.random.default_rng(seed)
    steepness = numpy.logspace(-2, 0, 20)
    weights = numpy.ones(20)
    for step in range(STEPS):
        gradient = steepness * weights + 0.3 * rng.normal(size=20)
        weights = weights - lr(step) * gradient
    return float(0.5 * numpy.sum(steepness * weights**2))


def objective(trial: optuna.Trial) -> float:
    """The loss of one trial, over three seeds."""
    text = trial.suggest_categorical("text", list(TEXTS))
    params: dict[str, float | str] = {"peak": trial.suggest_float("peak", 1e-3, 1.9, log=True)}
    if TEXTS[text]:
        params["w"] = f"{trial.suggest_int('w', 1, 20)}%"
    trial.set_user_attr("params", params)
    return sum(final_loss(text, params, seed) for seed in range(3)) / 3


def main() -> None:
    """Search, and print the best of each text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=60, help="how many (default: 60)")
    parser.add_argument("--seed", type=int, default=0, help="of the sampler (default: 0)")
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=args.seed))
    study.optimize(objective, n_trials=args.trials)
    best: dict[str, optuna.trial.FrozenTrial] = {}
    for trial in sorted(study.trials, key=lambda trial: trial.values[0]):
        best.setdefault(trial.params["text"], trial)
    for text, trial in best.items():
        params = ", ".join(
            f"{name} = {value:.3g}" if isinstance(value, float) else f"{name} = {value}"
            for name, value in trial.user_attrs["params"].items()
        )
        print(f"{trial.values[0]:.4f}  {text} where {params}")


if __name__ == "__main__":
    main()
