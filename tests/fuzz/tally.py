"""What is kept of many outcomes; tallies of several processes add up."""

from __future__ import annotations

from collections import Counter
from typing import Any

import attrs

FEW = 20
_COUNTED = ("texts", "whole", "valid", "bound", "values", "late")


@attrs.define
class Finding:
    """What should not have happened: in a word, the shortest text that did it, all that is known, and how often."""

    what: str
    text: str
    detail: str
    count: int = 1


@attrs.define
class Tally:
    """Figures about texts, each one once: sums of their outcomes, the slowest few, and findings by their word."""

    texts: int = 0
    whole: int = 0
    valid: int = 0
    bound: int = 0
    values: int = 0
    late: int = 0
    codes: Counter[str] = attrs.Factory(Counter)
    processor: float = 0.0
    slowest: list[tuple[float, str]] = attrs.Factory(list)
    largest: tuple[float, str] = (0.0, "")
    findings: dict[str, Finding] = attrs.Factory(dict)

    def add(self, outcome: Any, processor: float) -> None:
        self.texts += 1
        for name in _COUNTED[1:]:
            setattr(self, name, getattr(self, name) + getattr(outcome, name))
        self.codes.update(outcome.codes)
        self.processor += processor
        self.slowest = slowest([*self.slowest, (outcome.seconds, outcome.text)])
        self.largest = max(self.largest, (outcome.megabytes, outcome.text))
        for what, detail in outcome.findings:
            self.note(Finding(what, outcome.text, detail))

    def note(self, finding: Finding) -> None:
        """Keep a finding, or the shorter one of its sort."""
        known = self.findings.setdefault(finding.what, finding)
        if known is not finding:
            count = known.count + finding.count
            shorter = finding if len(finding.text) < len(known.text) else known
            self.findings[finding.what] = attrs.evolve(shorter, count=count)

    def __add__(self, other: Tally) -> Tally:
        total = Tally(
            *(getattr(self, name) + getattr(other, name) for name in _COUNTED),
            self.codes + other.codes,
            self.processor + other.processor,
            slowest(self.slowest + other.slowest),
            max(self.largest, other.largest),
            dict(self.findings),
        )
        for finding in other.findings.values():
            total.note(finding)
        return total

    def as_data(self) -> dict[str, Any]:
        return attrs.asdict(self)

    @classmethod
    def of_data(cls, data: dict[str, Any]) -> Tally:
        """The tally that JSON had.

        >>> Tally.of_data(Tally(texts=3).as_data()) == Tally(texts=3)
        True
        """
        findings = {what: Finding(**finding) for what, finding in data["findings"].items()}
        ends = {"slowest": [tuple(each) for each in data["slowest"]], "largest": tuple(data["largest"])}
        return cls(**{**data, **ends, "codes": Counter(data["codes"]), "findings": findings})


def slowest(all_of_them: list[tuple[float, str]]) -> list[tuple[float, str]]:
    return sorted(all_of_them, reverse=True)[:FEW] if len(all_of_them) > 1 else all_of_them
