"""The page of primitives, written from their declarations while the site is built.

It asks what `schedlang primitives --json` tells, so it cannot say anything else. What it writes takes the place of the
comment `<!-- primitives -->` on a page.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import re
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from sphinx.application import Sphinx

from schedlang import parse
from schedlang._bound.bound import Bound
from schedlang._cli import main
from schedlang._language.nodes import PRIMITIVES

MARK = "<!-- primitives -->"
SHOWN = 10  # steps of a run whose values are all told
DRAWN = 1000  # steps of the run in a picture, about


class Example(NamedTuple):
    """The first text in a docstring, and the run that it is bound to there."""

    text: str
    total: int

    def bound(self, times: int = 1) -> Bound:
        """The text in its run, or in one that is so many times as long."""
        return parse(self.text).bind(self.total * times)

    @property
    def finer(self) -> int:
        """How many times as long the run in the picture may be: one, unless it shows the same curve."""
        times = max(1, DRAWN // self.total)
        short, long = self.bound(), self.bound(times)
        same = all(abs(short(step) - long(times * step)) < 1e-9 for step in range(self.total + 1))
        return times if same else 1


def example(doc: str) -> Example:
    """The first text of a docstring's examples. If no total is given there, the run lasts up to the last step asked."""
    lines = [line for line in doc.splitlines() if line.startswith(">>> ")]
    text, total = next(
        found.groups() for line in lines if (found := re.search(r'parse\("(.+)"\)\.bind\((\d*)\)', line))
    )
    asked = (int(step) for line in lines if "parse(" not in line for step in re.findall(r"\b\d+\b", line))
    return Example(text, int(total or max(asked)))


def declared() -> list[dict[str, Any]]:
    """What the command line tells of all primitives."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main(["primitives", "--json"])
    found: list[dict[str, Any]] = json.loads(out.getvalue())["primitives"]
    return [each for each in found if PRIMITIVES[each["name"]].__module__.startswith("schedlang.")]


def page() -> str:
    """All sections, in Markdown."""
    lines: list[str] = []
    family = ""
    for each in declared():
        module = sys.modules[PRIMITIVES[each["name"]].__module__]
        if module.__name__ != family:
            family = module.__name__
            title, _, about = (inspect.getdoc(module) or "").partition("\n\n")
            lines += [f"## {title.partition(':')[0].rstrip('.')}", "", about, ""]
        lines += section(each)
    return "\n".join(lines)


def section(each: dict[str, Any]) -> Iterator[str]:
    """One primitive: its signature, picture, formula, arguments, and values."""
    prose, formulas = apart(each["doc"])
    shown = example(each["doc"])
    yield from (f"### {each['name']}", "", "```text", each["signature"], "```", "")
    if each["aliases"]:
        yield from (f"Also called {', '.join(f'`{alias}`' for alias in each['aliases'])}.", "")
    yield from (prose[0], "")
    yield from (
        "```{schedule}",
        f":total: {shown.total * shown.finer}",
        ":height: 220",
        ":bare:",
        "",
        shown.text,
        "```",
        "",
    )
    if formulas:
        yield from ("```{code-block} text", ":class: formula", "", *formulas, "```", "")
    yield from (f"{paragraph}\n" for paragraph in prose[1:])
    if each["arguments"]:
        yield from ("| argument | is | what | if not given |", "|---|---|---|---|")
        yield from map(row, each["arguments"])
        yield ""
    yield from values(shown)
    for argument in each["arguments"]:
        if argument["name"] == "inclusive":
            yield from ends(each["name"], argument["choices"])
    yield from (f"Its rules, with more examples: [the language](language.md#{each['name']}).", "")


def apart(doc: str) -> tuple[list[str], list[str]]:
    """The paragraphs of a docstring, and its formulas; its examples are left out."""
    paragraphs = [part for part in doc.split("\n\n") if not part.startswith(">>> ")]
    formulas = [line for part in paragraphs if part.startswith("value(") for line in part.splitlines()]
    return [part for part in paragraphs if not part.startswith("value(")], formulas


def row(argument: dict[str, Any]) -> str:
    """An argument's row of the table."""
    what = argument["doc"]
    missing = "must be given" if argument["required"] else f"`{argument['default']}`" if argument["default"] else ""
    if argument["choices"]:
        what += ": " + ", ".join(f"`{word}`" for word in argument["choices"])
    if not missing:
        what, _, missing = what.partition("; if not given, ")
    return f"| `{argument['name']}` | {argument['kind']} | {what} | {missing} |"


def values(shown: Example) -> Iterator[str]:
    """What the example is worth at its boundaries, and after its end."""
    bound = shown.bound()
    total = shown.total
    steps = list(range(total + 2)) if total <= SHOWN else [0, 1, 2, total // 2, total - 1, total, total + 1]
    yield from (f"Bound to {total} steps, `{shown.text}` is", "")
    yield from table([("step", steps), ("value", [number(bound(step)) for step in steps])])


def ends(name: str, choices: list[str]) -> Iterator[str]:
    """Which ends of a ramp of four steps each choice of `inclusive` shows."""
    call = f"{name}(4, 0, 1" if name == "warmup" else f"{name}(1, 0.1, 4"
    rows: list[tuple[str, list[Any]]] = [("step", list(range(6)))]
    for word in choices:
        bound = parse(f"{call}, inclusive={word})").bind(6)
        rows.append((f"`{word}`", [number(bound(step)) for step in range(6)]))
    yield from (f"`{call}, inclusive=…)`, a ramp of four steps, shows", "", *table(rows))


def table(rows: list[tuple[str, list[Any]]]) -> Iterator[str]:
    """A table whose first row is its head."""
    (head, *cells), *others = [[title, *map(str, row)] for title, row in rows]
    yield f"| {' | '.join([head, *cells])} |"
    yield f"|---|{'---:|' * len(cells)}"
    yield from (f"| {' | '.join(each)} |" for each in others)
    yield ""


def number(value: float) -> str:
    """A value, to four digits."""
    return f"{value:.4g}"


def write(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the sections where a page asks for them."""
    if MARK in source[0]:
        source[0] = source[0].replace(MARK, page())


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls to load the extension."""
    app.connect("source-read", write)
    return {"parallel_read_safe": True}
