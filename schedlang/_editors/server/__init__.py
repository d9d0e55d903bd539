"""The language server: `schedlang lsp`.

`positions` counts lines and columns as editors do, `documents` finds the schedules of a document and what is wrong with
them, `strings` those of Python files, `completing` and `hovering` look at one schedule. None of these knows the
protocol; `protocol` does, and nothing else.
"""
