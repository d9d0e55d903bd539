"""Curves to look at: what a picture shows, and those who draw it.

Takes bound schedules; gives text, SVG, HTML and matplotlib axes. What is drawn (which points, ticks,
names of phases) is decided once, for all who draw.

Imports: `_text`, `_language`, `_bound`.
"""
