"""What is wrong with a schedule: one class of diagnostics, and one exception that carries them.

Codes are stable: E1xx syntax and limits of the text, E2xx names and arguments, E3xx kinds, units and ranges,
E4xx binding to a run and evaluation, E5xx configuration files,
E6xx frameworks and sets of schedules.
"""

from ._text.errors import Candidate, Diagnostic, Edit, ScheduleError, edited
from ._text.rendering import as_json, render, render_github, render_json, render_line

__all__ = [
    "Candidate",
    "Diagnostic",
    "Edit",
    "ScheduleError",
    "as_json",
    "edited",
    "render",
    "render_github",
    "render_json",
    "render_line",
]
