"""What can be told about a schedule: explanations, warnings, why, when, and differences.

Takes bound schedules; gives data with words. Everything here only reads: it lays the
schedule out once more and watches, walks the program, or looks at values.

Imports: `_text`, `_language`, `_engines`, `_bound`.
"""
