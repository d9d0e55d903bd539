"""What may have been meant: other systems' words, repairs of what the grammar refuses, and which fix is no guess.

Takes a text that was refused, and the diagnostics that were found on the way; gives all that is wrong with it, each
with the edits that mend it, tried. `diagnosing` is the way in. Nothing here runs for a text that is right.

Imports: `_text`.
"""
