"""Warnings W5xx: what is allowed, and yet probably not what was meant.

Takes a schedule, bound or not; gives diagnostics. `lint.warnings` is the way in.

Each warning is one class, a `Rule`, declared with its code and its story in one of the `rules_*` modules; it is known
everywhere by being declared: to `schedlang.linting.STORIES`, `explain-error`, the pages, comments that switch it off.
A bound schedule is laid out once more (`layout`). Each rule is shown the nodes it asks for where they come to lie, and
concludes when all are seen. It looks at frames, at bounds and at the phase table, never at every step.

Imports: as `_insight`.
"""
