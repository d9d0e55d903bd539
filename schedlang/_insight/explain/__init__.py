"""What a schedule does: in words, as a table, and in a few facts.

Takes a bound schedule; gives an `Explanation`. `explanation.explain` is the way in.

Imports: as `_insight`.
"""
