"""Random texts with times in a unit whose rate changes, and random rates: for comparing the walk with the reference."""

from __future__ import annotations

from random import Random
from typing import Any


def time(random: Random, mixed: bool = True) -> str:
    """A time: mostly in samples or shares, some in steps, a few in several units."""
    kind = random.random()
    if kind < 0.45:
        return f"{random.choice([3, 5, 8, 12, 20, 27.5, 33, 40, 60])} samples"
    if kind < 0.6:
        return f"{random.choice([10, 20, 25, 33, 50, 75])}%"
    if kind < 0.78:
        return str(random.randint(1, 8))
    if kind < 0.83:
        return random.choice(["1.5 steps", "0.5ep", "1ep", "7 steps / 2"])
    if not mixed:
        return f"{random.randint(1, 30)} samples / {random.randint(1, 3)}"
    first, second = time(random, False), time(random, False)
    if kind < 0.88:
        return f"{random.choice(['min', 'max'])}({first}, {second})"
    if kind < 0.93:
        return f"{random.choice([2, 3, 0.5])} * ({first})" if "/" not in first else first
    share = f"{random.choice([50, 75, 100])}%"
    return f"{share} {random.choice('+-')} {random.randint(1, 20)} samples" if kind < 0.97 else f"{first} + {second}"


def number(random: Random, rate: bool) -> str:
    """A level."""
    return str(random.choice([1, 2, 4, 6, 8, 12, 16, 2.5] if rate else [0, 0.5, 1, 2, 3, -1]))


def primitive(random: Random, rate: bool) -> str:
    """A call, or a formula."""

    def level() -> str:
        return number(random, rate)

    def when() -> str:
        return time(random)

    makers: list[Any] = [
        level,
        level,
        lambda: f"linear({level()}, {level()}, {when()})",
        lambda: f"linear({level()}, {level()})",
        lambda: f"linear({level()}, {level()}, {when()}, inclusive={random.choice(['exact', 'left', 'both'])})",
        lambda: f"step_fixed({random.choice([0.5, 2])}, [{when()}, {when()}], start={level()})",
        lambda: f"interval({random.choice([0.5, 2])}, every={when()}, start={level()})",
        lambda: f"keyframes({level()} @ 0, {level()} @ {when()}, {level()} @ {when()})",
        lambda: f"keyframes({level()} @ {when()}, {level()} @ {when()}, shape=hold)",
        lambda: f"values([{level()}, {level()}, {level()}])",
        lambda: f"warmup({when()}, {level()})",
        lambda: "hold",
        lambda: f"({level()} + samples / 8)",
        lambda: f"({level()} + progress)",
        lambda: f"({level()} + step)",
    ]
    if not rate:
        makers += [
            lambda: f"cosine({level()}, {level()}, ease=2)",
            lambda: f"exponential_decay(0.5, every={when()}, start={level()})",
            lambda: f"inv_sqrt({when()}, start={level()})",
            lambda: "epoch",
            lambda: "run_progress",
        ]
    return str(random.choice(makers)())


def phase(random: Random, depth: int, rate: bool) -> str:
    """A phase with clauses."""
    text = f"({chain(random, depth - 1, rate)})" if depth > 0 and random.random() < 0.3 else primitive(random, rate)
    for _ in range(random.choice([0, 0, 1, 1, 2])):
        clause = random.choice(["for", "for", "until", "over", "skip", "every", "repeat"])
        more = "" if clause != "repeat" else random.choice(["", " 2", " 3", " 2 stretch 2"])
        text = f"{text} repeat{more}" if clause == "repeat" else f"{text} {clause} {time(random)}"
    return text


def chain(random: Random, depth: int, rate: bool) -> str:
    """Phases one after the other."""
    phases = [phase(random, depth, rate) for _ in range(random.choice([1, 2, 2, 3]))]
    ended = [f"{each} for {time(random)}" if random.random() < 0.7 else each for each in phases[:-1]]
    return " then ".join([*ended, phases[-1]])


def rate(random: Random) -> str:
    """A rate; values with few digits, so that none differs in its last bit from the reference's."""
    text = chain(random, 1, True)
    return f"round({text}, multiple=0.25)" if random.random() < 0.7 else text


def run(random: Random) -> dict[str, Any]:
    """A run."""
    total: Any = random.choice([8, 12, 15, "100 samples", "131 samples", "77.5 samples", None, "3ep"])
    epochs = {"samples_per_epoch": 40} if random.random() < 0.5 or total == "3ep" else {"steps_per_epoch": 5}
    return {"total_steps": total, **epochs, "samples_per_step": rate(random)}
