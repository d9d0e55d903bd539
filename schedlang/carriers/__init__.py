"""Config files as texts: which values stand in them, and where each character of each stands.

`located` has what the formats share. `yamls`, `jsons` and `tomls` read one format each: a tree of the values with their
places, and an encoder, which writes a text as a value of the style that the file has there. What is not certain about a
place is left out: a string is read anew from the file, and unless that gives what the format's own parser gave, nothing
is said of its characters.
"""

from .located import Branch, Leaf, Style, Tree

__all__ = ["Branch", "Leaf", "Style", "Tree"]
