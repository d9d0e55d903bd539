"""Values as one line of text: the line that is equal to them at every step.

Takes a `Task`: the values of a run, how long it is, and what is known of its units. Gives a `Found`: texts that were
bound and compared with every value, the most natural first; if there is none, the nearest one and how far off it is.

The order of attempts, cheap ones first: what moves once in so many steps (`stairs`); a chain of curves (`pieces`),
with copies of one another written as `repeat`; sums and products, one factor of which is such a chain (`peels`). Each
makes texts, `checking` looks at them at a few steps first and at all of them last, and `costs` says which of those that
are equal is the one that people would write. How much is tried is counted in work, never in seconds, so the answer is
the same on every machine. Values of runs of several lengths (`totals`) have a text each, which are put in other words
(`respelled`) until two of them have one form, and then every number that differs is a share of the run. Curves that are
rounded to multiples of something are not found.

Imports: `_text`, `_language`, `_bound`.
"""
