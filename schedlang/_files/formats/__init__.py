"""Config files: which values stand in them, and where each character of each stands.

`files` has the files as a whole, `located` what the formats share. `yamls`, `jsons` and `tomls` read one format each: a
tree of the values with their places, and an encoder, which writes a text as a value of the style that the file has
there. What is not certain about a place is left out: a string is read anew from the file, and unless that gives what
the format's own parser gave, nothing is said of its characters. `yaml_errors` says what YAML's own errors mean to
somebody who has written a schedule.
"""

from .files import ConfigFile, disjoint
from .located import UNKNOWN, Branch, Leaf, Style, Tree, at, finite, leaves, walk

__all__ = [
    "UNKNOWN",
    "Branch",
    "ConfigFile",
    "Leaf",
    "Style",
    "Tree",
    "at",
    "disjoint",
    "finite",
    "leaves",
    "walk",
]
