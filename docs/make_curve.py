"""Draw docs/curve.svg, the picture of the README, from the values that schedlang computes: `python docs/make_curve.py`.

Every phase has a colour, and so has the piece of the text that made it. The picture brings its own background, light or
dark as the reader's system asks, so it can be read on any page.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

import schedlang

TEXT = "warmup(10%) then hold until 30% then cosine(3e-4, 1.5e-4) for 16% repeat 3 scale 0.8 then one_minus_sqrt to 0"
TOTAL = 10_000
TOP = 3e-4
CAPTION = f"schedlang.parse(…).bind(total_steps={TOTAL:_}, base=3e-4)"
TICKS = ("0", "1e-4", "2e-4", "3e-4")

WIDTH, HEIGHT = 960, 380
LEFT, RIGHT, UPPER, LOWER = 70, 930, 110, 320
POINTS = 60  # of a phase's curve, each at a whole step

STYLE = """\
    text { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #57606a }
    .card { fill: #ffffff; stroke: #d0d7de }
    .grid { stroke: #d8dee4; stroke-dasharray: 2 4 }
    .edge { stroke: #8c959f; stroke-dasharray: 1 3 }
    .axis { stroke: #8c959f }
    .ink { fill: currentColor }
    .line { fill: none; stroke: currentColor; stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round }
    .area { fill: currentColor; fill-opacity: 0.13 }
    .p0 { color: #bc4c00 } .p1 { color: #0969da } .p2 { color: #1a7f37 } .p3 { color: #8250df }
    @media (prefers-color-scheme: dark) {
      text { fill: #9198a1 }
      .card { fill: #0d1117; stroke: #3d444d }
      .grid { stroke: #2a313c }
      .edge, .axis { stroke: #656c76 }
      .p0 { color: #f0883e } .p1 { color: #58a6ff } .p2 { color: #3fb950 } .p3 { color: #bc8cff }
    }"""


def horizontal(step: float) -> float:
    """Where a step lies in the picture."""
    return LEFT + (RIGHT - LEFT) * step / TOTAL


def vertical(value: float) -> float:
    """Where a value lies in the picture."""
    return LOWER - (LOWER - UPPER) * value / TOP


def points(schedule: schedlang.Bound, row: schedlang.Row) -> str:
    """A phase's curve: its values at whole steps, and at its end the value it hands on."""
    stop = TOTAL if row.stop is None else row.stop
    dense = (i * i / POINTS**2 for i in range(POINTS))  # where √x is steep
    steps = sorted({row.first + int((stop - row.first) * x) for x in dense})
    curve = [(step, schedule(step)) for step in steps] + [(stop, schedule(stop) if row.end is None else row.end)]
    return " ".join(f"{horizontal(step):.1f},{vertical(value):.1f}" for step, value in curve)


def svg() -> str:
    """The picture."""
    schedule = schedlang.parse(TEXT).bind(total_steps=TOTAL, base=TOP)
    rows = schedule.phases
    pieces = TEXT.split(" then ")
    color = {row.text: next(i for i, piece in enumerate(pieces) if row.text in piece) for row in rows}
    spans = " then ".join(f'<tspan class="p{i} ink">{escape(piece)}</tspan>' for i, piece in enumerate(pieces))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"  <title>{escape(TEXT)}</title>",
        f"  <style>\n{STYLE}\n  </style>",
        f'  <rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="10"/>',
        f'  <text x="{WIDTH / 2:g}" y="44" font-size="13.5" text-anchor="middle" xml:space="preserve">{spans}</text>',
    ]
    for tick in TICKS:
        y = vertical(float(tick))
        lines.append(f'  <path class="grid" d="M{LEFT} {y:.1f}H{RIGHT}"/>')
        lines.append(f'  <text x="{LEFT - 10}" y="{y + 4:.1f}" font-size="11" text-anchor="end">{tick}</text>')
    for row in rows:
        first, stop = horizontal(row.first), horizontal(TOTAL if row.stop is None else row.stop)
        curve = points(schedule, row)
        area = f"{first:.1f},{LOWER} {curve} {stop:.1f},{LOWER}"
        middle, above = (first + stop) / 2, UPPER - 22
        label = f'class="ink" x="{middle:.1f}" y="{above}" font-size="10.5" text-anchor="middle"'
        lines += [
            f'  <g class="p{color[row.text]}">',
            f'    <polygon class="area" points="{area}"/>',
            f'    <polyline class="line" points="{curve}"/>',
            f"    <text {label}>{escape(row.text)}</text>",
            "  </g>",
        ]
    for row in rows[1:]:
        lines.append(f'  <path class="edge" d="M{horizontal(row.first):.1f} {UPPER - 10}V{LOWER}"/>')
    lines.append(f'  <path class="axis" d="M{LEFT} {LOWER}H{RIGHT}"/>')
    for step in [row.first for row in rows] + [TOTAL]:
        x = horizontal(step)
        lines.append(f'  <text x="{x:.1f}" y="{LOWER + 20}" font-size="11" text-anchor="middle">{step}</text>')
    lines.append(f'  <text x="{RIGHT}" y="{LOWER + 42}" font-size="11" text-anchor="end">{CAPTION}</text>')
    return "\n".join([*lines, "</svg>", ""])


if __name__ == "__main__":
    Path(__file__).with_name("curve.svg").write_text(svg(), encoding="utf-8")
