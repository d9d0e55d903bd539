"""What runs beside a person who writes a schedule: the language server, and the page to play with.

Takes documents while they are typed; gives diagnostics, completions, hovers and curves.

Imports: every room above.
"""
