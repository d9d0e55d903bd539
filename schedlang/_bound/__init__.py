"""A schedule meets a run: `bind`, `Bound`, sets of schedules, and the names that `import schedlang` offers.

Takes a schedule and what is known of a run; gives a callable from step to value, or all that is missing.
The views of a bound schedule (`explain`, `plot` …) live further below and are imported when they are asked for.

Imports: `_text`, `_text.fixes`, `_language`, `_engines`.
"""
