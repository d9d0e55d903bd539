r"""Config files: which values stand in them, and where each character of each stands.

`files` has the files as a whole, `located` what the formats share. `yamls`, `jsons` and `tomls` read one format each: a
tree of the values with their places, and encoders, which write a text as a value of the style that the file has there.
What is not certain about a place is left out: a string is read anew from the file, and unless that gives what the
format's own parser gave, nothing is said of its characters. `yaml_errors` says what YAML's own errors mean to somebody
who has written a schedule.

The readers are our own because none was found that tells where each character of a string stands. ruamel.yaml knows
where a value begins, not where it ends, and quotes anew what it writes; tomlkit keeps everything but has no places;
tree-sitter has the places of all, but does not decode (a block scalar is one opaque piece, `\u0041` in JSON are two),
and its wheels are binary, which the page in the browser cannot load. PyYAML, json and tomllib decide what is a value.
"""

from .files import MARK, ConfigFile, disjoint
from .located import UNKNOWN, Branch, Leaf, ScalarStyle, Tree, at, is_finite_number, walk

__all__ = [
    "MARK",
    "UNKNOWN",
    "Branch",
    "ConfigFile",
    "Leaf",
    "ScalarStyle",
    "Tree",
    "at",
    "disjoint",
    "is_finite_number",
    "walk",
]
