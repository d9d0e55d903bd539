"""From and to other systems: configs of Noether and kappaschedules as schedules.

Takes other systems' configs; gives schedules with the same values.

Imports: `_text`, `_language`, `_bound`.
"""
