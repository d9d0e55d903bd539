"""From and to other systems: their configs as schedules, and schedules as functions of other languages.

Takes other systems' configs, and gives schedules with the same values; takes bound schedules, and gives source.

Imports: `_text`, `_text.fixes`, `_language`, `_engines`, `_bound`.
"""
