"""Bound schedules as an HTML page that needs nothing else: the picture, the values under the pointer, the phases."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from .._bound.bound import Bound
from .._language.program import COLUMNS, Row
from .._text.run import as_decimal
from .._text.source import on_one_line
from .layout import end_of, in_ticks, named_curves, trace
from .svg import Theme, draw

_POINTS: Final = 1000  # of a curve, that the pointer finds
_ROWS: Final = 200  # of a phase table

_STYLE: Final = """\
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:1000px;margin:2rem auto;padding:0 1rem}
body.light{color-scheme:light}body.dark{color-scheme:dark}
figure{margin:0;position:relative}figure svg{width:100%}
#told{min-height:1.5em;font-family:ui-monospace,Menlo,Consolas,monospace;font-size:13px;white-space:pre-wrap}
table{border-collapse:collapse;font-size:13px;margin:.5rem 0 1.5rem}
th{text-align:left;font-weight:600}td,th{padding:.2rem .9rem .2rem 0;vertical-align:top}
td:nth-child(-n+4){font-variant-numeric:tabular-nums}code{font-family:ui-monospace,Menlo,Consolas,monospace}
.scroll{overflow-x:auto}"""

_SCRIPT: Final = """\
const curves = JSON.parse(document.getElementById("points").textContent);
const svg = document.querySelector("svg"), told = document.getElementById("told");
const [left, right, start, stop] = svg.dataset.frame.split(" ").map(Number);
const line = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
line.setAttribute("class", "axis");
function nearest(points, step) {
  let low = 0, high = points.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (points[middle][0] <= step) low = middle; else high = middle;
  }
  return step - points[low][0] < points[high][0] - step ? points[low] : points[high];
}
svg.addEventListener("pointermove", (event) => {
  const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  const step = start + (stop - start) * Math.min(1, Math.max(0, (place.x - left) / (right - left)));
  const found = Object.entries(curves).map(([name, points]) => [name, ...nearest(points, step)]);
  const x = left + (right - left) * (found[0][1] - start) / (stop - start);
  line.setAttribute("d", `M${x} 0V${svg.viewBox.baseVal.height - 34}`);
  told.textContent = found.map(([name, at, value]) => `${name && name + "   "}step ${at}   ${value}`).join("\\n");
});"""


def page(
    curves: Bound | Mapping[str, Bound],
    *,
    width: int = 960,
    height: int = 400,
    start: int = 0,
    stop: int | None = None,
    log: bool = False,
    theme: Theme = "auto",
) -> str:
    """An HTML page: the curves, their values where the pointer is, their phases; the arguments are `svg.draw`'s.

    Raises:
        ScheduleError: E411, if nothing can be drawn.

    >>> from schedlang import parse
    >>> page(parse("warmup(5%) then cosine").bind(1000))[:15]
    '<!doctype html>'
    """
    named = named_curves(curves)
    ticked, first, last = in_ticks(named, start, stop)
    end = end_of(ticked, first, last)
    points = {name: trace(bound, first, end, _POINTS) for name, bound in ticked.items()}
    unit, grid = ticked[next(iter(ticked))].run.unit, ticked[next(iter(ticked))].run.grid
    at = "{at}" if grid == 1 else f"{{at / {grid}}}"
    script = _SCRIPT.replace("step ${at}", f"{unit.one} ${at}")
    points_json = json.dumps(points).replace("<", "\\u003c")  # which cannot end the element that it stands in
    title = escape(" / ".join(name or on_one_line(bound.schedule.written()) for name, bound in named.items()))
    tables = "".join(
        f"<h2><code>{escape(name)}</code></h2>{phases_html(bound.phases)}" if name else phases_html(bound.phases)
        for name, bound in named.items()
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>\n{_STYLE}\n</style></head>\n'
        f'<body class="{theme}">\n<figure>\n'
        f"{draw(curves, width=width, height=height, start=start, stop=stop, log=log, theme=theme)}\n"
        f'<figcaption id="told">Move over the curve to read values.</figcaption></figure>\n{tables}\n'
        f'<script type="application/json" id="points">{points_json}</script>\n<script>\n{script}\n</script>\n'
        "</body></html>\n"
    )


def phases_html(rows: Sequence[Row]) -> str:
    """A phase table in HTML; of a long one its first lines."""
    head = "".join(f"<th>{name}</th>" for name in COLUMNS)
    more = f'<tr><td colspan="6">… {len(rows) - _ROWS} more</td></tr>' if len(rows) > _ROWS else ""
    return f'<div class="scroll"><table><tr>{head}</tr>{"".join(map(_table_row, rows[:_ROWS]))}{more}</table></div>'


def _table_row(row: Row) -> str:
    cells = (
        as_decimal(row.first),
        "–" if row.stop is None else as_decimal(row.stop),
        repr(row.start),
        "–" if row.end is None else repr(row.end),
        row.shape,
        f"<code>{escape(on_one_line(row.text))}</code>",
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
