"""The figures of a run: for people at a terminal, and for the page on reliability."""

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .tally import Tally
from .target import MEGABYTES, RUNS, SECONDS
from .typos import OUTCOMES, Typos

TITLES = {"fuzzing": "## Fuzzing", "typos": "## Typos"}


def excerpt(text: str, most: int = 60) -> str:
    """A text on one line, shortened, without what a table or a terminal can't show."""
    shown = "".join(character if character.isascii() and character.isprintable() else "·" for character in text)
    return shown if len(shown) <= most else f"{shown[: most - 1]}… ({len(text):,} characters)"


def printed(tallies: Mapping[str, Tally], wall: float) -> str:
    total = sum(tallies.values(), Tally())
    lines = [_sentence(tallies, wall), ""]
    codes = [f"{code} {count:,}" for code, count in sorted(total.codes.items())]
    lines.append(f"errors: {', '.join(codes)}")
    lines.append(f"slowest: {total.slowest[0][0]:.2f} s, `{excerpt(total.slowest[0][1])}`")
    lines.append(f"most memory: {total.largest[0]:.0f} MB, `{excerpt(total.largest[1])}`")
    lines.append(f"values of a run not finite, told when asked: {total.late:,}")
    lines.append(f"findings: {len(total.findings) or 'none'}")
    for finding in total.findings.values():
        lines += ["", f"*** {finding.what} ({finding.count:,} times), for example", f"    {finding.text[:2000]!r}"]
        lines += [f"    {line}" for line in finding.detail.splitlines()]
    return "\n".join(lines)


def _sentence(tallies: Mapping[str, Tally], wall: float) -> str:
    total = sum(tallies.values(), Tally())
    parts = [f"{tally.texts:,} {engine}" for engine, tally in tallies.items()]
    return (
        f"{total.texts:,} texts ({', '.join(parts)}) in {wall / 60:.1f} minutes, "
        f"{1000 * total.processor / max(1, total.texts):.1f} ms of processor time each: {total.whole:,} examined as a "
        f"whole, {total.valid:,} valid, "
        f"bound {total.bound:,} times, {total.values:,} values compared."
    )


def figures(tallies: Mapping[str, Tally], wall: float, seed: int) -> str:
    total = sum(tallies.values(), Tally())
    try:
        engine = f"atheris {version('atheris')}" if "guided" in tallies else "no coverage guidance"
    except PackageNotFoundError:
        engine = "atheris"
    rows = [
        ("texts, each one once", f"{total.texts:,}"),
        *((f"of them {_ENGINES[name]}", f"{tally.texts:,}") for name, tally in tallies.items()),
        ("examined as a whole (the others parsed, bound to one run, and asked for three values)", f"{total.whole:,}"),
        ("valid schedules", f"{total.valid:,}"),
        (f"bound to one of {len(RUNS)} runs", f"{total.bound:,}"),
        ("values compared, walked and compiled", f"{total.values:,}"),
        ("a value or a ScheduleError, and nothing else", "**no**" if total.findings else "yes"),
        (f"slowest text (allowed: {SECONDS:g} s)", f"{total.slowest[0][0]:.2f} s"),
        (f"most memory for a text (allowed: {MEGABYTES:g} MB)", f"{total.largest[0]:.0f} MB"),
        ("processor time for a text, on average", f"{1000 * total.processor / max(1, total.texts):.1f} ms"),
    ]
    table = ["| | |", "|---|---:|", *(f"| {name} | {value} |" for name, value in rows)]
    codes = ", ".join(f"{code} {count:,}" for code, count in sorted(total.codes.items()))
    where = f"Python {platform.python_version()}, {platform.system()}, {engine}, seed {seed}"
    sections = [
        f"{wall / 60:.0f} minutes, {where}.",
        "\n".join(table),
        f"The slowest text was `{excerpt(total.slowest[0][1])}`, the one of most memory `{excerpt(total.largest[1])}`.",
        f"Errors by their codes: {codes}.",
    ]
    if total.findings:
        sections.append(
            "Found: " + ", ".join(f"{each.what} ({each.count:,})" for each in total.findings.values()) + "."
        )
    return "\n\n".join(sections)


_ENGINES = {"guided": "chosen by what they reach", "blind": "made blindly"}


def typo_figures(typos: Mapping[str, Typos]) -> str:
    lines = [
        f"| typo | texts | invalid | {' | '.join(OUTCOMES)} |",
        f"|---|---:|---:|{'---:|' * len(OUTCOMES)}",
    ]
    for sort, found in typos.items():
        counts = (found.outcomes[each] for each in OUTCOMES)
        shares = [f"{count:,} ({count / max(1, found.invalid):.0%})" for count in counts]
        lines.append(f"| {sort} | {found.texts:,} | {found.invalid:,} | {' | '.join(shares)} |")
    return "\n".join(lines)


def write(page: Path, name: str, block: str) -> None:
    """Put a block between its marks in a page; behind all else, if the page has none."""
    text = page.read_text(encoding="utf-8") if page.exists() else "# Reliability\n"
    first, last = f"<!-- {name} -->", f"<!-- end of {name} -->"
    if first not in text:
        text = f"{text.rstrip()}\n\n{TITLES[name]}\n\n{first}\n{last}\n"
    before, rest = text.split(first, 1)
    _, after = rest.split(last, 1)
    page.write_text(f"{before}{first}\n\n{block}\n\n{last}{after}", encoding="utf-8")
