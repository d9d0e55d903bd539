"""Curves to look at: what a picture shows, and those who draw it.

Takes bound schedules; gives text, SVG, HTML and matplotlib axes. What is drawn is decided once, in `layout`: which
points, phases and names; `axes` says where ticks are. `terminal`, `svg` and `matplotlib` draw that, `html` and
`notebook` put a picture beside other things.

Imports: `_text`, `_language`, `_bound`.
"""
