"""The language: what a text means, from the syntax tree to the laid-out program and its walk.

Takes syntax trees; gives schedules (`nodes`: what users hold, print, compare) and programs (`program`: integer segments
with one closed formula each, whose walk is the meaning). `parse` is the way in for texts. `reading` makes nodes of
syntax, `checking` has every rule that needs no run, `frame` is where a node stands while it is laid out, `formatting`
and `highlight` go back to text, `translating` and `unknown` make texts of what other systems write.

Imports: `_text`, `_text.fixes`.
"""
