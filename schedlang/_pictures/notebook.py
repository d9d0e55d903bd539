"""How schedules, bound ones and errors look in a notebook."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Final

from .._bound.bound import Bound
from .._language.nodes import Schedule
from .._text.errors import ScheduleError
from .._text.rendering import painted
from .html import phases_html
from .svg import draw

_CODE: Final = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap"
_COLORS: Final = {"31": "#cf222e", "33": "#9a6700", "34": "#0969da", "36": "#1b7c83", "32": "#1a7f37"}


def schedule_html(schedule: Schedule) -> str:
    """A schedule: its text, and the curve if it needs no run, else what it needs.

    >>> from schedlang import parse
    >>> schedule_html(parse("warmup(5%) then cosine")).split("<br>")[1]
    '<small>to see the curve: bind the schedule with <code>total_steps=…</code></small></div>'
    """
    text = f'<code style="{_CODE}">{escape(str(schedule))}</code>'
    try:
        bound = schedule.bind()
    except ScheduleError as error:
        hints = [diagnostic.hint or diagnostic.message for diagnostic in error.diagnostics]
        needed = "; ".join(dict.fromkeys(re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(hint)) for hint in hints))
        return f"<div>{text}<br><small>to see the curve: {needed}</small></div>"
    return f"<div>{text}<br>{draw(bound)}{_warnings_html(bound)}</div>"


def bound_html(bound: Bound) -> str:
    """A bound schedule: its curve, what is odd about it, and its phase table, folded."""
    rows = bound.phases
    summary = f"{len(rows)} phase{'' if len(rows) == 1 else 's'}"
    folded = f"<details><summary>{summary}</summary>{phases_html(rows)}</details>"
    return f"<div>{draw(bound)}{_warnings_html(bound)}{folded}</div>"


def error_html(error: ScheduleError) -> str:
    return _excerpts_html(str(error))


def _warnings_html(bound: Bound) -> str:
    found = bound.warnings()
    return _excerpts_html("\n\n".join(map(str, found))) if found else ""


def _excerpts_html(text: str) -> str:
    return f'<pre style="{_CODE};line-height:1.35">{_html_of_terminal(painted(text))}</pre>'


def _html_of_terminal(text: str) -> str:
    pieces: Sequence[str] = re.split(r"\x1b\[([\d;]*)m", text)
    html = escape(pieces[0])
    for codes, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        styles = [f"color:{_COLORS[code]}" for code in codes.split(";") if code in _COLORS]
        styles += ["font-weight:bold"] if "1" in codes.split(";") else []
        html += f'<span style="{";".join(styles)}">{escape(piece)}</span>' if styles else escape(piece)
    return html
