"""Railroad diagrams of the rules of `grammar/schedlang.lark`: the directive `railroad`, which holds names of rules.

The grammar is read with Lark's own grammar of grammars, so that the pictures cannot differ from what is parsed. A rule
that begins with itself is drawn as the loop that it is.
"""

from __future__ import annotations

import io
import re
from typing import Any

import railroad
from docutils import nodes
from lark import Lark, Token, Tree
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from schedlang._text.grammar import grammar_text

LOG = logging.getLogger(__name__)


def read(grammar: str) -> dict[str, Any]:
    """Every rule and token of a grammar by its name, as the tree of its right side."""
    lark = Lark.open_from_package("lark", "lark.lark", ("grammars",), parser="lalr", maybe_placeholders=False)
    found: dict[str, Any] = {}
    for item in lark.parse(re.sub(r"(?m)//.*$", "", grammar) + "\n").children:
        if isinstance(item, Tree) and item.data in ("rule", "token"):
            found[str(item.children[0]).lstrip("!?")] = item.children[-1]
    return found


RULES = read(grammar_text())
DRAWN = {name for name in RULES if name.islower()} | {"NUMBER", "NAME"}
"""What has a diagram of its own; any other token is written out where it is used."""


WIDE = 600  # pixels: what is wider goes on two lines


class Drawing:
    """The diagram of one rule."""

    def __init__(self, name: str) -> None:
        self.name = name
        alternatives = [self.without_alias(each) for each in self.alternatives(RULES[name])]
        again = [each for each in alternatives if self.begins_with_itself(each)]
        first = self.choice([self.item(each) for each in alternatives if each not in again])
        if again:
            rest = self.choice([self.sequence(self.parts(each)[1:]) for each in again])
            both = (first, railroad.ZeroOrMore(rest))
            wide = first.width + rest.width > WIDE
            first = railroad.Stack(*both) if wide else railroad.Sequence(*both)
        self.diagram = railroad.Diagram(first, type="complex").format(10)

    def svg(self) -> str:
        """The picture as an SVG element."""
        out = io.StringIO()
        self.diagram.writeSvg(out.write)
        title = f"<title>The rule {self.name}</title>"
        return re.sub(r"(<svg [^>]*>)", rf"\1{title}", out.getvalue(), count=1).replace("<svg ", '<svg role="img" ', 1)

    @staticmethod
    def alternatives(tree: Any) -> list[Any]:
        return list(tree.children) if isinstance(tree, Tree) and tree.data == "expansions" else [tree]

    @staticmethod
    def without_alias(tree: Any) -> Any:
        """An alternative without the `-> name` behind it, which is for the tree that the parser makes."""
        return tree.children[0] if isinstance(tree, Tree) and tree.data == "alias" else tree

    @staticmethod
    def parts(tree: Any) -> list[Any]:
        return list(tree.children) if isinstance(tree, Tree) and tree.data == "expansion" else [tree]

    def begins_with_itself(self, tree: Any) -> bool:
        first = self.parts(tree)[0]
        return isinstance(first, Tree) and first.data == "name" and first.children[0] == self.name

    @staticmethod
    def choice(items: list[Any]) -> Any:
        return items[0] if len(items) == 1 else railroad.Choice(0, *items)

    def sequence(self, trees: list[Any]) -> Any:
        items = [self.item(tree) for tree in trees]
        if len(items) == 1:
            return items[0]
        whole = railroad.Sequence(*items)
        return whole if whole.width <= WIDE else railroad.Stack(railroad.Sequence(*items[:-1]), items[-1])

    def item(self, tree: Any) -> Any:
        """The drawing of a part of a rule."""
        match tree:
            case Tree(data="alias", children=[inner, _]):
                return self.item(inner)
            case Tree(data="expansions", children=children):
                return self.choice([self.item(child) for child in children])
            case Tree(data="expansion", children=children):
                return self.sequence(children)
            case Tree(data="expr", children=[inner]):
                return self.item(inner)
            case Tree(data="maybe", children=[inner]):
                return railroad.Optional(self.item(inner))
            case Tree(data="expr", children=[inner, Token(value="*")]):
                return railroad.ZeroOrMore(self.item(inner))
            case Tree(data="expr", children=[inner, Token(value="+")]):
                return railroad.OneOrMore(self.item(inner))
            case Tree(data="expr", children=[inner, Token(value="?")]):
                return railroad.Optional(self.item(inner))
            case Tree(data="name", children=[name]):
                return self.named(str(name))
            case Tree(data="literal", children=[text]):
                return railroad.Terminal(readable(str(text)))
        raise ExtensionError(f"{self.name}: no drawing for {tree}")

    def named(self, name: str) -> Any:
        if name in DRAWN:
            return railroad.NonTerminal(name, href=f"#{name.lower()}")
        return self.item(RULES[name])


TERMS = {
    r"[0-9]+(?:_[0-9]+)*": "digits",
    r"[eE][+-]?[0-9]+": "e or E, sign, digits",
    r"[A-Za-z_][A-Za-z0-9_]*": "a letter or _, then letters, digits, _",
}
"""Regular expressions of tokens in words."""


def readable(text: str) -> str:
    """A string or regular expression of the grammar as it is shown."""
    if text.startswith('"'):
        return text[1:-1]
    expression = text.strip("/")
    if word := re.fullmatch(r"(\w+)\\b", expression):
        return word[1]
    if expression.startswith("[kMBT]"):
        return "k, M, B or T"
    return TERMS[expression]


class Railroad(SphinxDirective):
    """The diagrams of some rules."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """One picture for each name."""
        names = " ".join(self.content).split()
        shown = getattr(self.env, "railroads", {})
        shown.setdefault(self.env.docname, []).extend(names)
        self.env.railroads = shown  # type: ignore[attr-defined]
        pictures = [nodes.raw("", Drawing(name).svg(), format="html") for name in names]
        return [nodes.container("", *pictures, classes=["railroad"])]


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget what a page showed, as it is read again."""
    getattr(env, "railroads", {}).pop(docname, None)


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of rules that no page shows."""
    shown = {name for names in getattr(env, "railroads", {}).values() for name in names}
    for name in sorted(DRAWN - shown):
        LOG.warning("the rule `%s` of the grammar is on no page", name, type="railroads")


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls to load the extension."""
    app.add_directive("railroad", Railroad)
    app.connect("env-purge-doc", forget)
    app.connect("env-updated", check)
    return {"parallel_read_safe": False}
