"""Warnings W5xx: what is allowed, and yet probably not what was meant.

Takes a schedule, bound or not; gives diagnostics. `linting` is the way in and has the story of each warning.

Imports: as `_insight`.
"""
