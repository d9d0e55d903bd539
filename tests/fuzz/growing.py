"""Random texts that the grammar allows, most of which mean something: primitives with arguments they declare."""

from collections.abc import Callable
from random import Random

from schedlang._language.nodes import PRIMITIVES
from schedlang._language.nodes.base import Argument, Role
from schedlang._language.operations import FUNCTIONS

LENGTHS = ["5%", "10%", "0%", "100", "7", "0", "1", "500 steps", "3ep", "0.5ep", "2k tok", "100 samples", "0.01", "w"]
LENGTHS += ["min(2%, 20)", "5% + 3", "100% / 3", "max(1, 1%)", "100% - 10%", "2 * 3ep"]
VALUES = [
    "1",
    "0",
    "0.1",
    "3e-4",
    "2",
    "1e-5",
    "-1",
    "base",
    "peak",
    "pi",
    "10",
    "step",
    "progress",
    "run_step",
    "epoch",
    "1e300",
]
NAMES = ["a", "b", "w", "peak", "floor", "rate"]


class Grower:
    """Grows texts of about `size` parts."""

    def __init__(self, rng: Random, size: int = 6) -> None:
        self.rng = rng
        self.left = size

    def text(self) -> str:
        body = self.chain()
        if self.rng.random() < 0.15:
            count = self.rng.randint(1, 3)
            given = [f"{self.rng.choice(NAMES)} = {self._definition()}" for _ in range(count)]
            body += " where " + ", ".join(given)
        return body

    def _definition(self) -> str:
        kinds: list[Callable[[], str]] = [self.chain, self.length, self.value]
        return self.rng.choice(kinds)()

    def chain(self) -> str:
        phases = [self.phase()]
        while self.left > 0 and self.rng.random() < 0.5:
            if self.rng.random() < 0.7:
                phases[-1] += f" for {self.length()}"
            phases.append(self.phase())
        return " then ".join(phases)

    def phase(self) -> str:
        self.left -= 1
        roll = self.rng.random()
        if roll < 0.1:
            shape = self.rng.choice(["linear", "cosine", "poly", "exponential", "one_minus_sqrt"])
            start = f" from {self.value()}" if self.rng.random() < 0.5 else ""
            body = f"{shape}{start} to {self.value()}"
        else:
            body = self.sum()
        while self.rng.random() < 0.3:
            body = self.clause(body)
        return body

    def clause(self, body: str) -> str:
        word = self.rng.choice(["for", "until", "over", "skip", "every", "repeat", "repeat", "rest"])
        if word == "rest":
            return f"{body} for rest"
        if word != "repeat":
            return f"{body} {word} {self.length()}"
        if self.rng.random() < 0.7:
            body = f"({body} for {self.length()})" if self.rng.random() < 0.5 else f"{body} for {self.length()}"
        count = self.rng.choice(["", " 2", " 3", " 5", " 1", " 1000000000", " 40", " 1025", " a"])
        stretch = self.rng.choice(["", "", "", " stretch 2", " stretch 0.5", " stretch 1.5", " stretch 1"])
        return f"{body} repeat{count}{stretch}{self.rng.choice(['', '', ' scale 0.5', ' scale -1', ' scale 2'])}"

    def sum(self) -> str:
        operands = [self.atom()]
        while self.left > 0 and self.rng.random() < 0.2:
            operands += [self.rng.choice(["+", "-", "*", "*", "/", "**"]), self.atom()]
        sign = "-" if self.rng.random() < 0.05 else ""
        return sign + " ".join(operands)

    def atom(self) -> str:
        roll = self.rng.random()
        if self.left <= 0 or roll < 0.15:
            return self.value()
        self.left -= 1
        if roll < 0.25:
            return f"({self.chain()})"
        if roll < 0.4:
            return self.function()
        return self.call()

    def function(self) -> str:
        name = self.rng.choice(list(FUNCTIONS))
        operation = FUNCTIONS[name]
        count = self.rng.randint(operation.least, operation.most or 3)
        given = [self.sum() for _ in range(count)]
        if operation.multiple and self.rng.random() < 0.4:
            given.append(f"multiple={self.value()}")
        return f"{name}({', '.join(given)})"

    def call(self) -> str:
        name = self.rng.choice(list(PRIMITIVES))
        given: list[str] = []
        named = False
        for argument in PRIMITIVES[name].arguments():
            if not argument.parameter.required and self.rng.random() < 0.5:
                named = True
                continue
            value = self.argument(argument)
            named = named or argument.parameter.keyword or self.rng.random() < 0.2
            given.append(f"{argument.name}={value}" if named and argument.parameter.role is not Role.KEYS else value)
        return f"{name}({', '.join(given)})" if given or self.rng.random() < 0.2 else name

    def argument(self, argument: Argument) -> str:
        count = self.rng.randint(1, 4)
        match argument.parameter.role:
            case Role.CHOICE:
                return self.rng.choice(argument.parameter.choices)
            case Role.NUMBERS:
                return f"[{', '.join(self.value() for _ in range(count))}]"
            case Role.DURATIONS:
                return f"[{', '.join(self.length() for _ in range(count))}]"
            case Role.KEYS:
                return ", ".join(f"{self.value()} @ {self.length()}" for _ in range(count))
            case Role.DURATION | Role.POSITION:
                return self.length()
            case _:
                return self.value()

    def length(self) -> str:
        if self.rng.random() < 0.1:
            return f"{self.rng.randint(0, 10 ** self.rng.randint(1, 12))}{self.rng.choice(['', '%', 'ep', ' tok'])}"
        return self.rng.choice(LENGTHS)

    def value(self) -> str:
        if self.rng.random() < 0.1:
            return f"{self.rng.randint(0, 999)}e{self.rng.randint(-12, 6)}"
        return self.rng.choice(VALUES)
