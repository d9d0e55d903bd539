"""Out again: a bound schedule as the source of one function in another language, or as a table of its values.

Takes a bound schedule; gives a text that needs nothing of ours. `fitting` sees to it that all whole numbers are exact
where they are calculated, and makes tables of what only the walk can tell; the languages (`c`, `rust`, `javascript`,
`arrays` for NumPy, `standalone` for Python; `braced`: three share it) say how the lines look that `_engines/writing`
puts in order; `tables` has the values themselves, as CSV and JSON; `code` chooses among them.
"""
