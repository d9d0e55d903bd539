"""From and to other systems: their configs as schedules.

Takes other systems' configs; gives schedules with the same values.

Imports: `_text`, `_text.fixes`, `_language`, `_bound`.
"""
